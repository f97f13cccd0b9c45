/* review.h - notes that ask people to look again: a rating drifted, an assumption broke.
 *
 * Opened by the program inside the transaction of what caused it, closed by a person with what was
 * done about it. At most one open note per kind and object: a further cause is added to it.
 */
#ifndef STRATEGY_REVIEW_H
#define STRATEGY_REVIEW_H

#include "strategy/steering/assumption.h"

enum review_kind { REVIEW_RATING_DRIFT, REVIEW_ASSUMPTION_BROKEN };
extern const struct word_list words_review_kind;

struct review_note {
    int64_t id;
    enum review_kind kind;
    enum object_kind object;
    Str object_id;
    Str text;                           /* what happened, with the numbers */
    Str text_kept;                      /* the same to be said again (base/wording.h) */
    Str proposal;                       /* word of enum steering_response, or empty */
    Str details;                        /* JSON: dependants, numbers */
    int64_t opened_at_ms, closed_at_ms; /* 0: open */
    Str closed_by, resolution;
};

bool review_open(struct db *db, const struct change *change, struct review_note *note,
                 struct err *err) MUST_CHECK;
/* change->reason says what was done; compulsory. */
bool review_close(struct db *db, const struct change *change, int64_t id,
                  struct err *err) MUST_CHECK;
/* Newest first. */
bool review_list(struct db *db, struct arena *arena, bool only_open, int64_t limit,
                 const struct review_note **out, size_t *count, struct err *err) MUST_CHECK;

#endif
