/* object.c - the kinds, and what is alike in all of them. */
#include <string.h>

#include "strategy/model/object_table.h"

static const struct object_type *const types[OBJECT_KIND_COUNT] = {
    [OBJECT_COMPANY] = &object_company,
    [OBJECT_TEAM_MEMBER] = &object_team_member,
    [OBJECT_PLAN_STEP] = &object_plan_step,
    [OBJECT_SOURCE] = &object_source,
    [OBJECT_ELEMENT] = &object_element,
    [OBJECT_CHANGE_NOTE] = &object_change_note,
    [OBJECT_GOAL] = &object_goal,
    [OBJECT_COMPETITOR] = &object_competitor,
    [OBJECT_SEGMENT_FIT] = &object_segment_fit,
    [OBJECT_NEED] = &object_need,
    [OBJECT_CHANNEL_TASK] = &object_channel_task,
    [OBJECT_OWN_RESOURCE] = &object_own_resource,
    [OBJECT_ASSESSMENT] = &object_assessment,
    [OBJECT_QUADRANT] = &object_quadrant,
    [OBJECT_SEARCH_TERM] = &object_search_term,
    [OBJECT_PLACE] = &object_place,
    [OBJECT_KEY_PERSON] = &object_key_person,
    [OBJECT_FINDING] = &object_finding,
    [OBJECT_SWOT_ITEM] = &object_swot_item,
    [OBJECT_RECOMMENDATION] = &object_recommendation,
    [OBJECT_TOPIC] = &object_topic,
    [OBJECT_ACTIVITY] = &object_activity,
    [OBJECT_POTENTIAL] = &object_potential,
    [OBJECT_BENEFIT] = &object_benefit,
    [OBJECT_ASSUMPTION] = &object_assumption,
    [OBJECT_PREREQUISITE] = &object_prerequisite,
    [OBJECT_FRAMEWORK_CONDITION] = &object_framework_condition,
    [OBJECT_DRIVER] = &object_driver,
    [OBJECT_OPTION] = &object_option,
    [OBJECT_LIMIT] = &object_limit,
    [OBJECT_COVERAGE] = &object_coverage,
    [OBJECT_VERSION] = &object_version,
    [OBJECT_STRATEGY_GOAL] = &object_strategy_goal,
    [OBJECT_SOCIAL_GOAL] = &object_social_goal,
    [OBJECT_SHEET] = &object_sheet,
    [OBJECT_INTERACTION] = &object_interaction,
    [OBJECT_RISK] = &object_risk,
    [OBJECT_SITUATION] = &object_situation,
    [OBJECT_JOURNEY_POINT] = &object_journey_point,
    [OBJECT_ADVANTAGE] = &object_advantage,
    [OBJECT_EVALUATION] = &object_evaluation,
    [OBJECT_WAIVER] = &object_waiver,
};

const struct object_type *object_type(enum object_kind kind)
{
    ASSERT(kind < OBJECT_KIND_COUNT);
    return types[kind];
}

struct any_list model_list(const struct strategy_model *model, enum object_kind kind)
{
    struct any_list list;

    memcpy(&list, (const char *)model + object_type(kind)->model_offset, sizeof list);
    return list;
}

void model_set_list(struct strategy_model *model, enum object_kind kind, struct any_list list)
{
    memcpy((char *)model + object_type(kind)->model_offset, &list, sizeof list);
}

Str object_id(const void *object)
{
    Str id;

    memcpy(&id, object, sizeof id);
    return id;
}

int64_t object_revision(const void *object)
{
    int64_t revision;

    memcpy(&revision, (const char *)object + sizeof(Str), sizeof revision);
    return revision;
}

void object_set_revision(void *object, int64_t revision)
{
    memcpy((char *)object + sizeof(Str), &revision, sizeof revision);
}

Str object_assessment_of(enum object_kind kind, const void *object)
{
    const struct record *record = &object_type(kind)->record;
    Str id = STR_NONE;

    if (kind == OBJECT_ASSESSMENT)
        return object_id(object);
    for (size_t i = 1; i < record->count; i++)
        if (record->fields[i].targets == TARGET(OBJECT_ASSESSMENT))
            memcpy(&id, (const char *)object + record->fields[i].offset, sizeof id);
    return id;
}

static Str preset_text(struct arena *arena, const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOL:
        return field->preset > 0 ? S("1") : STR_NONE;
    case FIELD_WORD:
        return word_of(field->words, (int)field->preset);
    case FIELD_TEXT:
        return field->preset_text ? str_from_cstr(field->preset_text) : STR_NONE;
    case FIELD_NUMBER:
    case FIELD_INTEGER:
        return field->preset > 0 ? arena_printf(arena, "%.15g", field->preset) : STR_NONE;
    default:
        return STR_NONE;
    }
}

static const struct field *field_of(const struct record *record, Str name)
{
    for (size_t i = 0; i < record->count; i++)
        if (str_eq(name, str_from_cstr(record->fields[i].name)))
            return &record->fields[i];
    return NULL;
}

Str object_preset(struct arena *arena, enum object_kind kind, Str path)
{
    Str name, rest;
    bool is_inner = str_cut(path, '.', &name, &rest);
    const struct field *field = field_of(&object_type(kind)->record, name);

    if (field && is_inner)
        field = field->type == FIELD_RECORDS ? field_of(field->record, rest) : NULL;
    return field ? preset_text(arena, field) : STR_NONE;
}
