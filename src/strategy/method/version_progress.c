#include "strategy/method/version_progress.h"

#include <math.h>

const struct component_sheet *version_component_sheet(const struct strategy_model *model,
                                                      Str version, enum component component)
{
    for (size_t i = 0; i < model->sheets.count; i++)
        if (model->sheets.items[i].component == component &&
            str_eq(model->sheets.items[i].version, version))
            return &model->sheets.items[i];
    return NULL;
}

size_t version_missing_sheets(const struct strategy_model *model, Str version, size_t count,
                              enum component missing[COMPONENT_COUNT])
{
    size_t found = 0;

    ASSERT(count <= COMPONENT_COUNT);
    for (size_t c = 0; c < count; c++)
        if (!version_component_sheet(model, version, (enum component)c))
            missing[found++] = (enum component)c;
    return found;
}

size_t sheet_written(const struct component_sheet *s)
{
    const Str texts[SHEET_TEXTS] = {s->definition,       s->ways,
                                    s->measures,         s->sizes,
                                    s->target_relevance, s->effect_performance,
                                    s->effect_attention, s->contribution};
    size_t written = 0;

    for (size_t i = 0; i < SHEET_TEXTS; i++)
        written += texts[i].len > 0;
    return written;
}

bool interaction_is_open(const struct interaction *x)
{
    return x->value == -2 && !(x->is_accepted && x->accepted_reason.len > 0);
}

const char *social_goal_gap(const struct social_goal *g)
{
    return g->measure.len == 0 || isnan(g->target) ? "measurable"
           : g->attainable.len == 0                ? "attainable"
           : g->relevant.len == 0                  ? "relevant"
           : g->due.len == 0                       ? "dated"
                                                   : NULL;
}

size_t version_open_conflicts(const struct strategy_model *model, Str version)
{
    size_t count = 0;

    for (size_t i = 0; i < model->interactions.count; i++) {
        const struct interaction *x = &model->interactions.items[i];
        count += interaction_is_open(x) && str_eq(x->version, version);
    }
    return count;
}

static bool all_complete(const struct strategy_model *model, Str version)
{
    for (int c = 0; c < COMPONENT_COUNT; c++) {
        const struct component_sheet *sheet =
            version_component_sheet(model, version, (enum component)c);
        if (!sheet || !sheet->is_complete || sheet_written(sheet) < SHEET_TEXTS)
            return false;
    }
    return true;
}

enum progress_obstacle version_obstacle(const struct strategy_model *model,
                                        const struct strategy_version *version,
                                        enum version_state to)
{
    enum component missing[COMPONENT_COUNT];

    if (to > VERSION_PROPOSED || version->state > VERSION_PROPOSED)
        return PROGRESS_BY_DECISION;
    if (to <= version->state)
        return PROGRESS_FREE;
    if (to >= VERSION_CORE_DRAFTED &&
        version_missing_sheets(model, version->id, COMPONENT_CORE_COUNT, missing) > 0)
        return PROGRESS_CORE_SHEETS;
    if (to >= VERSION_EVALUATED &&
        (version->verdict == VERDICT_OPEN || version->simulation.id == 0))
        return PROGRESS_NOT_EVALUATED;
    if (to >= VERSION_ELABORATED && !all_complete(model, version->id))
        return PROGRESS_ALL_SHEETS;
    if (to >= VERSION_ELABORATED && version_open_conflicts(model, version->id) > 0)
        return PROGRESS_CONFLICT;
    return PROGRESS_FREE;
}
