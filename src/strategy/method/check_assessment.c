/* check_assessment.c - the rules on the yearly assessment: the latest one; earlier years are past.
 */
#include "strategy/assessment/assessment.h"
#include "strategy/method/check_run.h"

#define FRESH_MONTHS 12 /* practice: the assessment is made anew every year */

/* Runs `claim` for every object of a list that belongs to the latest assessment. */
#define EACH_OF_LATEST(run, list, item, kind, claim)                                               \
    const struct assessment *latest = assessment_latest((run)->model);                             \
    for (size_t i = 0; latest && i < (run)->model->list.count; i++) {                              \
        item = &(run)->model->list.items[i];                                                       \
        if (str_eq(of->assessment, latest->id) && (claim))                                         \
            check_find((run), kind, of->id);                                                       \
    }

static void assessment_exists(struct check_run *run)
{
    if (!assessment_latest(run->model))
        check_find_whole(run, STR_NONE, STR_NONE);
}

static void quadrants_are_complete(struct check_run *run)
{
    const struct assessment *latest = assessment_latest(run->model);

    for (int q = 0; latest && q < QUADRANT_COUNT; q++)
        if (!quadrant_is_complete(run->model, latest, (enum quadrant_kind)q))
            check_find_with(run, OBJECT_ASSESSMENT, latest->id,
                            check_word(run, "quadrant", &words_quadrant, q), STR_NONE);
}

static void swot_follows_quadrants(struct check_run *run)
{
    EACH_OF_LATEST(run, swot, const struct swot_item *of, OBJECT_SWOT_ITEM,
                   !assessment_is_gathered(run->model, latest))
}

static bool cites_own(const struct strategy_model *model, const struct swot_item *item)
{
    for (size_t i = 0; i < item->findings.count; i++) {
        const struct finding *finding = model_finding(model, item->findings.items[i]);
        if (finding && str_eq(finding->assessment, item->assessment))
            return true;
    }
    return false;
}

static void swot_cites_findings(struct check_run *run)
{
    EACH_OF_LATEST(run, swot, const struct swot_item *of, OBJECT_SWOT_ITEM,
                   !cites_own(run->model, of))
}

static bool follows_from_own(const struct strategy_model *model, const struct recommendation *of)
{
    for (size_t i = 0; i < of->swot.count; i++) {
        const struct swot_item *item = model_swot_item(model, of->swot.items[i]);
        if (item && str_eq(item->assessment, of->assessment))
            return true;
    }
    return false;
}

static void recommendation_cites_swot(struct check_run *run)
{
    EACH_OF_LATEST(run, recommendations, const struct recommendation *of, OBJECT_RECOMMENDATION,
                   !follows_from_own(run->model, of))
}

static void finding_has_evidence(struct check_run *run)
{
    EACH_OF_LATEST(run, findings, const struct finding *of, OBJECT_FINDING, of->evidence.count == 0)
}

static bool has_finding(const struct strategy_model *model, const struct assessment_quadrant *of)
{
    for (size_t i = 0; i < model->findings.count; i++)
        if (str_eq(model->findings.items[i].assessment, of->assessment) &&
            model->findings.items[i].quadrant == of->quadrant)
            return true;
    return false;
}

static void quadrant_has_findings(struct check_run *run)
{
    EACH_OF_LATEST(run, quadrants, const struct assessment_quadrant *of, OBJECT_QUADRANT,
                   of->is_complete && !has_finding(run->model, of))
}

static void assessment_is_concluded(struct check_run *run)
{
    const struct assessment *latest = assessment_latest(run->model);

    if (latest && (latest->conclusion == CONCLUSION_OPEN || latest->conclusion_reason.len == 0))
        check_find(run, OBJECT_ASSESSMENT, latest->id);
}

static void search_term_is_reviewed(struct check_run *run)
{
    EACH_OF_LATEST(run, search_terms, const struct search_term *of, OBJECT_SEARCH_TERM,
                   of->retired.len == 0 && of->reviewed == 0)
}

static void assessment_is_fresh(struct check_run *run)
{
    const struct assessment *latest = assessment_latest(run->model);

    if (latest && latest->frozen_on.len > 0 &&
        months_between(latest->frozen_on, run->scope->today) >= FRESH_MONTHS)
        check_find_with(run, OBJECT_ASSESSMENT, latest->id, check_number(run, FRESH_MONTHS),
                        STR_NONE);
}

static const struct checker checkers[] = {
    {"assessment_exists", assessment_exists, false},
    {"quadrants_are_complete", quadrants_are_complete, false},
    {"swot_follows_quadrants", swot_follows_quadrants, false},
    {"swot_cites_findings", swot_cites_findings, false},
    {"recommendation_cites_swot", recommendation_cites_swot, false},
    {"finding_has_evidence", finding_has_evidence, false},
    {"quadrant_has_findings", quadrant_has_findings, false},
    {"assessment_is_concluded", assessment_is_concluded, false},
    {"search_term_is_reviewed", search_term_is_reviewed, false},
    {"assessment_is_fresh", assessment_is_fresh, true},
};
const struct checker_list check_assessment = {checkers, COUNT_OF(checkers)};
