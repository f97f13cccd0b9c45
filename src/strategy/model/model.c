#include "strategy/model/model.h"

#include <string.h>

#include "strategy/model/object.h"

const struct company *model_company(const struct strategy_model *model)
{
    return model->companies.count > 0 ? &model->companies.items[0] : NULL;
}

struct object_list model_objects(const struct strategy_model *model, enum object_kind kind)
{
    struct any_list list = model_list(model, kind);

    return (struct object_list){list.items, list.count, object_type(kind)->record.size};
}

const void *object_at(const struct object_list *list, size_t index)
{
    ASSERT(index < list->count);
    return (const char *)list->items + index * list->size;
}

const void *model_find(const struct strategy_model *model, enum object_kind kind, Str id)
{
    struct object_list list = model_objects(model, kind);

    for (size_t i = 0; i < list.count; i++)
        if (str_eq(object_id(object_at(&list, i)), id))
            return object_at(&list, i);
    return NULL;
}

const struct segment_fit *model_segment_fit(const struct strategy_model *model, Str a, Str b)
{
    for (size_t i = 0; i < model->segment_fits.count; i++) {
        const struct segment_fit *fit = &model->segment_fits.items[i];
        if ((str_eq(fit->first, a) && str_eq(fit->second, b)) ||
            (str_eq(fit->first, b) && str_eq(fit->second, a)))
            return fit;
    }
    return NULL;
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

Str model_label(const struct strategy_model *model, enum object_kind kind, Str id)
{
    const void *object = model_find(model, kind, id);
    size_t offset = object_type(kind)->label_offset;
    Str label = STR_NONE;

    if (object && offset > 0)
        memcpy(&label, (const char *)object + offset, sizeof label);
    return label.len > 0 ? label : id;
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
