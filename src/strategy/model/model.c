#include "strategy/model/model.h"

#define FIND(list, wanted)                                                                         \
    for (size_t i = 0; i < (list).count; i++) {                                                    \
        if (str_eq((list).items[i].id, wanted))                                                    \
            return &(list).items[i];                                                               \
    }                                                                                              \
    return NULL

const struct company *model_company(const struct strategy_model *model)
{
    return model->companies.count > 0 ? &model->companies.items[0] : NULL;
}

const struct business_element *model_element(const struct strategy_model *model, Str id)
{
    FIND(model->elements, id);
}

const struct corporate_goal *model_goal(const struct strategy_model *model, Str id)
{
    FIND(model->goals, id);
}

const struct competitor *model_competitor(const struct strategy_model *model, Str id)
{
    FIND(model->competitors, id);
}

const struct topic *model_topic(const struct strategy_model *model, Str id)
{
    FIND(model->topics, id);
}

const struct assumption *model_assumption(const struct strategy_model *model, Str id)
{
    FIND(model->assumptions, id);
}

const struct prerequisite *model_prerequisite(const struct strategy_model *model, Str id)
{
    FIND(model->prerequisites, id);
}

const struct strategy_option *model_option(const struct strategy_model *model, Str id)
{
    FIND(model->options, id);
}

const struct strategy_version *model_version(const struct strategy_model *model, Str id)
{
    FIND(model->versions, id);
}

const struct resource_limit *model_limit(const struct strategy_model *model, Str id)
{
    FIND(model->limits, id);
}

const struct version_option *version_find_option(const struct strategy_version *version, Str option)
{
    for (size_t i = 0; i < version->options.count; i++) {
        if (str_eq(version->options.items[i].option, option))
            return &version->options.items[i];
    }
    return NULL;
}

bool version_has(const struct strategy_version *version, Str option)
{
    const struct version_option *found = version_find_option(version, option);
    return found && found->is_chosen;
}

bool str_list_has(StrList list, Str item)
{
    for (size_t i = 0; i < list.count; i++) {
        if (str_eq(list.items[i], item))
            return true;
    }
    return false;
}

double option_factor_if_false(const struct strategy_option *option, Str assumption)
{
    for (size_t i = 0; i < option->rests_on.count; i++) {
        if (str_eq(option->rests_on.items[i].assumption, assumption))
            return option->rests_on.items[i].if_false;
    }
    return 1;
}

static Str name_or_id(Str name, Str id)
{
    return name.len > 0 ? name : id;
}

#define LABEL(find, member)                                                                        \
    do {                                                                                           \
        const typeof(*find(model, id)) *object = find(model, id);                                  \
        return object ? name_or_id(object->member, id) : id;                                       \
    } while (0)

static Str driver_label(const struct strategy_model *model, Str id)
{
    for (size_t i = 0; i < model->drivers.count; i++)
        if (str_eq(model->drivers.items[i].id, id))
            return name_or_id(model->drivers.items[i].name, id);
    return id;
}

Str model_label(const struct strategy_model *model, enum object_kind kind, Str id)
{
    switch (kind) {
    case OBJECT_COMPANY:
        return model_company(model) ? model_company(model)->name : id;
    case OBJECT_ELEMENT:
        LABEL(model_element, text);
    case OBJECT_GOAL:
        LABEL(model_goal, text);
    case OBJECT_COMPETITOR:
        LABEL(model_competitor, name);
    case OBJECT_TOPIC:
        LABEL(model_topic, name);
    case OBJECT_ASSUMPTION:
        LABEL(model_assumption, statement);
    case OBJECT_PREREQUISITE:
        LABEL(model_prerequisite, statement);
    case OBJECT_OPTION:
        LABEL(model_option, name);
    case OBJECT_VERSION:
        LABEL(model_version, name);
    case OBJECT_DRIVER:
        return driver_label(model, id);
    case OBJECT_TEAM_MEMBER:
    case OBJECT_CHANGE_NOTE:
    case OBJECT_ACTIVITY:
    case OBJECT_POTENTIAL:
    case OBJECT_FRAMEWORK_CONDITION:
    case OBJECT_LIMIT:
    case OBJECT_COVERAGE:
    case OBJECT_WAIVER:
    case OBJECT_KIND_COUNT:
        break;
    }
    return id;
}

static bool is_id_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

bool strategy_id_is_valid(Str id)
{
    if (id.len == 0 || id.len > STRATEGY_ID_BYTES_MAX || !is_id_byte(id.ptr[0]))
        return false;
    for (size_t i = 1; i < id.len; i++) {
        if (!is_id_byte(id.ptr[i]) && id.ptr[i] != '-')
            return false;
    }
    return true;
}

bool resource_id_is_valid(Str id)
{
    if (id.len == 0 || id.len > STRATEGY_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char byte = id.ptr[i];
        bool is_letter = is_id_byte(byte) || (byte >= 'A' && byte <= 'Z');
        bool is_mark = byte == '-' || byte == '/' || byte == '_' || byte == '.';
        if (!is_letter && (i == 0 || !is_mark))
            return false;
    }
    return true;
}

/* What a letter outside a-z becomes in an id; NULL: a separator. */
static const char *letters_of(uint32_t rune)
{
    switch (rune) {
    case 0xE4:
    case 0xC4:
        return "ae";
    case 0xF6:
    case 0xD6:
        return "oe";
    case 0xFC:
    case 0xDC:
        return "ue";
    case 0xDF:
        return "ss";
    default:
        return NULL;
    }
}

Str strategy_id_from(struct arena *arena, Str name)
{
    char id[STRATEGY_ID_BYTES_MAX];
    size_t len = 0;
    bool is_gap = false;

    for (size_t at = 0; at < name.len && len + 3 < sizeof id;) {
        uint32_t rune = str_next_rune(name, &at);
        char one[2] = {0};
        if (rune < 0x80)
            one[0] = (char)(rune >= 'A' && rune <= 'Z' ? rune + 32 : rune);
        const char *letters = rune < 0x80 && is_id_byte(one[0]) ? one : letters_of(rune);
        if (!letters) {
            is_gap = len > 0;
            continue;
        }
        if (is_gap)
            id[len++] = '-';
        is_gap = false;
        for (; *letters; letters++)
            id[len++] = *letters;
    }
    return len > 0 ? arena_str(arena, (Str){id, len}) : S("object");
}
