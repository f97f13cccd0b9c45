/* label_priv.h - what the parts of labelling share. Private to listen/label. */
#ifndef LISTEN_LABEL_PRIV_H
#define LISTEN_LABEL_PRIV_H

#include "listen/label/label.h"

/* Writes a judgement inside the caller's transaction; the round is known to be open. */
bool label_put(struct db *state, int64_t round, int64_t ordinal, Str labeller,
               enum label_verdict verdict, int64_t now_ms, struct err *err) MUST_CHECK;

/* One reading of one item. */
struct label_machine {
    int64_t round, ordinal, reading;
    enum post_polarity mood; /* POST_POLARITY_UNKNOWN: no mention of the query */
    Str maker;
    int64_t corrections;
};
bool label_machine_add(struct db *state, const struct label_machine *machine, int64_t now_ms,
                       struct err *err) MUST_CHECK;

#endif
