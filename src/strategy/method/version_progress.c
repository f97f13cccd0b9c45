#include "strategy/method/version_progress.h"

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

size_t version_open_conflicts(const struct strategy_model *model, Str version)
{
    size_t count = 0;

    for (size_t i = 0; i < model->interactions.count; i++) {
        const struct interaction *x = &model->interactions.items[i];
        count += x->value == -2 && !(x->is_accepted && x->accepted_reason.len > 0) &&
                 str_eq(x->version, version);
    }
    return count;
}

static bool all_complete(const struct strategy_model *model, Str version)
{
    for (int c = 0; c < COMPONENT_COUNT; c++) {
        const struct component_sheet *sheet =
            version_component_sheet(model, version, (enum component)c);
        if (!sheet || !sheet->is_complete)
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
