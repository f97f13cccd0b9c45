/* alert_store.h - alerts that were raised: found, told once, explained, acknowledged.
 *
 * alerts_find() runs the rules that are due over the published series, in import and while sources
 * are read. An event becomes one row however often it is looked at: an event that overlaps a stored
 * one of the same rule is that one, and goes on. It is told again only when it got worse
 * (ALERT_WORSE), which opens an acknowledged alert again. What was raised stays, also when posts
 * that made it are deleted later.
 *
 * All reading of posts happens before the transaction of a rule, which writes its alerts, their
 * tellings and that it is not due any more together: killed in between, the next call finds the
 * same and raises nothing twice.
 *
 * Threads: as the connection. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_ALERT_STORE_H
#define LISTEN_ALERT_STORE_H

#include "listen/alert/alert_event.h"
#include "listen/alert/alert_rule.h"
#include "listen/archive/archive.h"

#define ALERT_NOTE_BYTES_MAX 2000 /* reject */
#define ALERT_LIST_MAX       1000 /* a page: clamped */
#define ALERT_CANDIDATES_MAX 200  /* earlier alerts of the query that are compared */

enum alert_state { ALERT_OPEN, ALERT_ACKNOWLEDGED, ALERT_STATE_COUNT };

struct alert {
    int64_t id, rule, query, earlier; /* earlier: 0 for none */
    Str rule_name, rule_title;
    int version; /* of the rule */
    enum alert_kind kind;
    bool is_daily;
    enum alert_cause cause;
    int64_t start_ms, told_ms, peak_ms, end_ms;
    bool is_over;
    int severity;
    double score, significance, observed, expected, low, high, size;
    double ahead, ahead_low, ahead_high; /* NaN: not a forecast */
    int64_t tellings, raised_at_ms;
    enum alert_state state;
    Str acknowledged_by, note;
    int64_t acknowledged_at_ms;
    Str explanation; /* JSON (event_explain.h) */
    Str likeness;    /* JSON {"all", "terms", "sources", "size", "length"}; empty for none */
};

struct alert_found {
    uint64_t raised, worse; /* new ones; told again */
};

const char *alert_state_name(enum alert_state state); /* "open" "acknowledged" */
bool alert_state_from(Str name, enum alert_state *out) MUST_CHECK;

/* Over all rules that are on and due. Needs the archive as its writer, so that nothing is published
 * meanwhile; to be repeated after a failure. */
bool alerts_find(struct db *state, struct archive *a, int64_t now_ms, struct alert_found *found,
                 struct err *err) MUST_CHECK;

/* The same at once, for a rule that was made to tell of stored posts too. *is_done false: something
 * else writes; the rule stays due, and its alerts come with what is being written. */
bool alerts_find_stored(struct db *state, Str posts_dir, int64_t now_ms, struct alert_found *found,
                        bool *is_done, struct err *err) MUST_CHECK;

struct alert_filter {
    int64_t rule, query; /* 0: all */
    bool has_state;
    enum alert_state state;
    int64_t from_ms, to_ms; /* from <= start < to; 0, 0: all */
    size_t max;             /* 0: 100 */
};
/* Newest start first. */
bool alert_list(struct arena *arena, struct db *state, const struct alert_filter *filter,
                struct alert **out, size_t *count, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool alert_read(struct arena *arena, struct db *state, int64_t id, struct alert *out,
                struct err *err) MUST_CHECK;
struct alert_told { /* a stored telling */
    int64_t number, told_ms, at_ms;
    int severity;
    double observed;
};
bool alert_tellings(struct arena *arena, struct db *state, int64_t alert, struct alert_told **out,
                    size_t *count, struct err *err) MUST_CHECK;
bool alert_open_count(struct db *state, int64_t *count, struct err *err) MUST_CHECK;
/* Ledgered. Again: the note is replaced. ERR_NOT_FOUND, ERR_LIMIT. */
bool alert_acknowledge(struct db *state, int64_t id, Str note, Str actor, int64_t now_ms,
                       struct err *err) MUST_CHECK;

#endif
