/* assessment.h - the yearly assessment: which one counts, how far it is, what changed since last
 * year.
 *
 * The order of work is the method's: plan, findings in four quadrants, SWOT from them, advice from
 * the SWOT, conclusion, baseline. Pure; results belong to the arena or point into the model.
 */
#ifndef STRATEGY_ASSESSMENT_H
#define STRATEGY_ASSESSMENT_H

#include "strategy/model/model.h"

/* The one of the latest year, of one year the last entered; NULL when there is none. */
const struct assessment *assessment_latest(const struct strategy_model *model);
/* Last year's: the named predecessor, else the latest frozen one of an earlier year; or NULL. */
const struct assessment *assessment_before(const struct strategy_model *model,
                                           const struct assessment *assessment);

const struct assessment_quadrant *assessment_quadrant_of(const struct strategy_model *model,
                                                         const struct assessment *assessment,
                                                         enum quadrant_kind quadrant); /* or NULL */
bool quadrant_is_complete(const struct strategy_model *model, const struct assessment *assessment,
                          enum quadrant_kind quadrant);
/* All four quadrants are complete: the SWOT may begin. */
bool assessment_is_gathered(const struct strategy_model *model,
                            const struct assessment *assessment);

/* The assessment and everything that belongs to it, as a model of its own, under the company. */
bool assessment_extract(struct arena *arena, const struct strategy_model *model,
                        const struct assessment *assessment, struct strategy_model *out,
                        struct err *err) MUST_CHECK;

/* Share of reviewed hits that were relevant, with the 95 % Wilson score interval. */
struct term_precision {
    double share, low, high; /* 0 to 1; NAN when nothing was reviewed */
};
struct term_precision search_term_precision(const struct search_term *term);

/* One finding beside its predecessor. */
struct finding_change {
    const struct finding *now;    /* NULL: not found again */
    const struct finding *before; /* NULL: new this year */
    double difference;            /* of the values; NAN when one of them has none */
};
/* Findings of one quadrant, this year's in their order, then last year's that no finding follows. A
 * finding follows the one it names, else one of the same category and measure. `before` may be
 * NULL: then all are new. */
bool assessment_changes(struct arena *arena, const struct strategy_model *model,
                        const struct assessment *now, const struct assessment *before,
                        enum quadrant_kind quadrant, struct finding_change **out, size_t *count,
                        struct err *err) MUST_CHECK;

/* Whole months from one YYYY-MM-DD to the other; negative when it lies before. */
int64_t months_between(Str from, Str to);

#endif
