/* sample_priv.h - what the parts of a sample run share. Only for flow/sample_*.c. */
#ifndef FLOW_SAMPLE_PRIV_H
#define FLOW_SAMPLE_PRIV_H

#include "flow/market_script.h"
#include "flow/report_text.h"
#include "flow/sample_plan.h"
#include "flow/sample_run.h"
#include "flow/sample_strategy.h"
#include "flow/steer.h"

/* One of the two samples: where its files are and how its posts are replayed. */
struct sample_kind {
    Str slug, name, folder; /* "samples/halden" in the embedded files */
    bool is_scripted;
    int64_t rating_days; /* window of the ratings, before the decision */
    int64_t step_days;   /* of the replay after it */
};

struct sample {
    struct arena *arena;
    const struct sample_options *options;
    const struct sample_kind *kind;
    struct report_text report;
    const struct method *method;
    struct sample_plan plan;
    struct market_script *script; /* NULL: real posts */
    struct workspace *workspace;
    Str posts_dir;  /* where the posts to be imported lie */
    int64_t cut_ms; /* event time of the decision */
    struct import_result before;
    struct alternatives found;
    struct simulation_result simulated;
    uint64_t replayed_posts, replayed_days;
};

/* sample_market.c: the market half. */
bool sample_make_posts(struct sample *s, struct err *err) MUST_CHECK;
bool sample_add_queries(struct sample *s, struct err *err) MUST_CHECK;
bool sample_import_before(struct sample *s, struct err *err) MUST_CHECK;
bool sample_tell_spikes(struct sample *s, int64_t from_ms, int64_t to_ms,
                        struct err *err) MUST_CHECK;

/* sample_steer.c: what happens after the decision. */
bool sample_replay(struct sample *s, struct err *err) MUST_CHECK;
bool sample_tell_breaks(struct sample *s, struct err *err) MUST_CHECK;
bool sample_tell_ledger(struct sample *s, struct err *err) MUST_CHECK;

/* sample_accounts.c: the two logins and their roles in out->slug. */
bool sample_make_accounts(struct arena *a, struct db *system, struct sample_outcome *out,
                          int64_t now_ms, struct err *err) MUST_CHECK;

/* ERR_CANCELLED once the run is told to stop. */
bool sample_goes_on(const struct sample *s, struct err *err) MUST_CHECK;

/* An embedded file of the sample; it has to be there. */
Str sample_file(const struct sample *s, const char *name);

#endif
