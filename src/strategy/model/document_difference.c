#include "strategy/model/document_difference.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "strategy/model/object.h"

#define VALUE_BYTES_MAX (16u * 1024u * 1024u) /* of one field as JSON: a list of long texts */

WORDS(document_change, [DOCUMENT_CHANGED] = "changed", [DOCUMENT_ADDED] = "added",
      [DOCUMENT_REMOVED] = "removed", [DOCUMENT_REORDERED] = "reordered");

struct comparing {
    struct arena *arena;
    const struct strategy_model *before, *after;
    struct {
        VEC(struct document_change);
    } changes;
    struct buf texts[2];           /* the two values of a field, as JSON */
    struct document_change object; /* what the change is about */
    bool is_full;
};

/* --- texts -------------------------------------------------------------------------------------
 */

static Str join(struct comparing *c, const Str *parts, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *text = arena_try_new(c->arena, char, len + 1);
    if (!text) {
        c->is_full = true;
        return STR_NONE;
    }
    Str out = {text, len};
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0)
            memcpy(text, parts[i].ptr, parts[i].len);
        text += parts[i].len;
    }
    return out;
}
#define JOIN(c, ...)                                                                               \
    join((c), (const Str[]){__VA_ARGS__}, sizeof((const Str[]){__VA_ARGS__}) / sizeof(Str))

/* --- adding ------------------------------------------------------------------------------------
 */

static void add(struct comparing *c, struct document_change change)
{
    if (!vec_try_push(&c->changes, change))
        c->is_full = true;
}

static bool value_json(struct comparing *c, struct buf *text, const struct field *field,
                       const void *object)
{
    struct json_writer writer;

    buf_reset(text);
    json_writer_init(&writer, text, JSON_STYLE_COMPACT);
    field_write(&writer, field, object);
    if (text->is_failed)
        c->is_full = true;
    return !c->is_full;
}

/* One value of the object; NULL: the side has none. */
static void add_value(struct comparing *c, Str path, const struct field *field, const void *before,
                      const void *after)
{
    struct document_change change = c->object;
    bool is_kept = (!before || (value_json(c, &c->texts[0], field, before) &&
                                arena_try_str(c->arena, buf_str(&c->texts[0]), &change.before))) &&
                   (!after || (value_json(c, &c->texts[1], field, after) &&
                               arena_try_str(c->arena, buf_str(&c->texts[1]), &change.after)));

    change.field = path;
    if (is_kept)
        add(c, change);
    else
        c->is_full = true;
}

/* --- fields ------------------------------------------------------------------------------------
 */

#define RANGE_MEMBER(member)                                                                       \
    {                                                                                              \
        .name = #member, .type = FIELD_NUMBER, .offset = offsetof(struct three_point, member)      \
    }
static const struct field fields_range[] = {RANGE_MEMBER(low), RANGE_MEMBER(likely),
                                            RANGE_MEMBER(high)};
static const struct record record_range = {fields_range, COUNT_OF(fields_range),
                                           sizeof(struct three_point)};

static const void *value_at(const struct field *field, const void *object)
{
    return (const char *)object + field->offset;
}

static struct any_list list_at(const struct field *field, const void *object)
{
    struct any_list list;

    memcpy(&list, value_at(field, object), sizeof list);
    return list;
}

static const void *item_at(const struct field *field, const struct any_list *list, size_t index)
{
    return (const char *)list->items + index * field->record->size;
}

/* Where the first member of an item lies. */
static Str key_of(const struct field *field, const struct any_list *list, size_t index)
{
    const struct field *first = &field->record->fields[0];
    Str key;

    memcpy(&key, value_at(first, item_at(field, list, index)), sizeof key);
    return key;
}

static size_t find_key(const struct field *field, const struct any_list *list, Str key)
{
    size_t i = 0;

    while (i < list->count && !str_eq(key_of(field, list, i), key))
        i++;
    return i;
}

static bool has_keys(const struct field *field, const struct any_list *list)
{
    enum field_type type = field->record->fields[0].type;

    if (type != FIELD_ID && type != FIELD_REF)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        Str key = key_of(field, list, i);
        if (key.len == 0 || find_key(field, list, key) != i)
            return false;
    }
    return true;
}

static void compare_record(struct comparing *c, const struct record *record, Str prefix,
                           const void *before, const void *after);

/* One item of a list, as a value of its own; NULL: the side has none. */
static void compare_item(struct comparing *c, const struct field *list, Str path,
                         const void *before, const void *after)
{
    const struct field item = {.name = list->name, .type = FIELD_RECORD, .record = list->record};

    if (before && after)
        compare_record(c, list->record, JOIN(c, path, S(".")), before, after);
    else
        add_value(c, path, &item, before, after);
}

/* True when the items that both lists have follow one another alike. */
static bool same_order(const struct field *field, const struct any_list *before,
                       const struct any_list *after)
{
    size_t last = 0;

    for (size_t i = 0; i < after->count; i++) {
        size_t at = find_key(field, before, key_of(field, after, i));
        if (at == before->count)
            continue;
        if (at < last)
            return false;
        last = at;
    }
    return true;
}

static void compare_by_key(struct comparing *c, const struct field *field, Str path,
                           const void *before, const void *after)
{
    struct any_list was = list_at(field, before), is = list_at(field, after);

    for (size_t i = 0; i < is.count; i++) {
        Str key = key_of(field, &is, i);
        size_t at = find_key(field, &was, key);
        compare_item(c, field, JOIN(c, path, S("["), key, S("]")),
                     at < was.count ? item_at(field, &was, at) : NULL, item_at(field, &is, i));
    }
    for (size_t i = 0; i < was.count; i++) {
        Str key = key_of(field, &was, i);
        if (find_key(field, &is, key) == is.count)
            compare_item(c, field, JOIN(c, path, S("["), key, S("]")), item_at(field, &was, i),
                         NULL);
    }
    if (!same_order(field, &was, &is))
        add_value(c, path, field, before, after);
}

static void compare_by_place(struct comparing *c, const struct field *field, Str path,
                             const void *before, const void *after)
{
    struct any_list was = list_at(field, before), is = list_at(field, after);

    for (size_t i = 0; i < was.count || i < is.count; i++) {
        char place[32];
        int len = snprintf(place, sizeof place, "[%zu]", i);
        compare_item(c, field, JOIN(c, path, (Str){place, (size_t)len}),
                     i < was.count ? item_at(field, &was, i) : NULL,
                     i < is.count ? item_at(field, &is, i) : NULL);
    }
}

static void compare_list(struct comparing *c, const struct field *field, Str path,
                         const void *before, const void *after)
{
    struct any_list was = list_at(field, before), is = list_at(field, after);

    if (has_keys(field, &was) && has_keys(field, &is))
        compare_by_key(c, field, path, before, after);
    else
        compare_by_place(c, field, path, before, after);
}

static bool is_same(struct comparing *c, const struct field *field, const void *before,
                    const void *after)
{
    return value_json(c, &c->texts[0], field, before) &&
           value_json(c, &c->texts[1], field, after) &&
           str_eq(buf_str(&c->texts[0]), buf_str(&c->texts[1]));
}

static void compare_field(struct comparing *c, const struct field *field, Str prefix,
                          const void *before, const void *after)
{
    /* A part may be there or not: the rule of an assumption. */
    bool is_part = field->type == FIELD_RECORD;
    bool was = !is_part || !field_is_preset(field, before);
    bool is = !is_part || !field_is_preset(field, after);

    if ((!was && !is) || (was && is && is_same(c, field, before, after)) || c->is_full)
        return;
    Str path = JOIN(c, prefix, str_from_cstr(field->name));
    if (was && is && field->type == FIELD_THREE)
        compare_record(c, &record_range, JOIN(c, path, S(".")), value_at(field, before),
                       value_at(field, after));
    else if (was && is && is_part)
        compare_record(c, field->record, JOIN(c, path, S(".")), value_at(field, before),
                       value_at(field, after));
    else if (field->type == FIELD_RECORDS)
        compare_list(c, field, path, before, after);
    else
        add_value(c, path, field, was ? before : NULL, is ? after : NULL);
}

static void compare_record(struct comparing *c, const struct record *record, Str prefix,
                           const void *before, const void *after)
{
    for (size_t i = 0; i < record->count && !c->is_full; i++)
        compare_field(c, &record->fields[i], prefix, before, after);
}

/* --- objects -----------------------------------------------------------------------------------
 */

static void begin_object(struct comparing *c, const struct strategy_model *labelled,
                         enum object_kind kind, Str id, enum document_change_kind what)
{
    c->object = (struct document_change){
        .kind = kind, .what = what, .id = id, .label = model_label(labelled, kind, id)};
}

static void compare_objects(struct comparing *c, enum object_kind kind)
{
    struct object_list was = model_objects(c->before, kind), is = model_objects(c->after, kind);

    for (size_t i = 0; i < is.count && !c->is_full; i++) {
        const void *after = object_at(&is, i);
        const void *before = model_find(c->before, kind, object_id(after));
        begin_object(c, c->after, kind, object_id(after),
                     before ? DOCUMENT_CHANGED : DOCUMENT_ADDED);
        if (before)
            compare_record(c, &object_type(kind)->record, STR_NONE, before, after);
        else
            add(c, c->object);
    }
    for (size_t i = 0; i < was.count && !c->is_full; i++) {
        Str id = object_id(object_at(&was, i));
        if (model_find(c->after, kind, id))
            continue;
        begin_object(c, c->before, kind, id, DOCUMENT_REMOVED);
        add(c, c->object);
    }
}

/* The ids of one that the other has too, as a JSON list. */
static Str common_ids(struct comparing *c, const struct object_list *list,
                      const struct strategy_model *other, enum object_kind kind)
{
    struct json_writer writer;
    Str out = STR_NONE;

    buf_reset(&c->texts[0]);
    json_writer_init(&writer, &c->texts[0], JSON_STYLE_COMPACT);
    json_begin_array(&writer);
    for (size_t i = 0; i < list->count; i++) {
        Str id = object_id(object_at(list, i));
        if (model_find(other, kind, id))
            json_put_str(&writer, id);
    }
    json_end_array(&writer);
    if (c->texts[0].is_failed || !arena_try_str(c->arena, buf_str(&c->texts[0]), &out))
        c->is_full = true;
    return out;
}

static void compare_order(struct comparing *c, enum object_kind kind)
{
    struct object_list was = model_objects(c->before, kind), is = model_objects(c->after, kind);
    Str before = common_ids(c, &was, c->after, kind), after = common_ids(c, &is, c->before, kind);

    if (!c->is_full && !str_eq(before, after))
        add(c, (struct document_change){
                   .kind = kind, .what = DOCUMENT_REORDERED, .before = before, .after = after});
}

static bool take_changes(struct comparing *c, DocumentChanges *out, struct err *err)
{
    if (!c->is_full)
        out->items = arena_try_new(c->arena, struct document_change, c->changes.count + 1);
    if (!out->items)
        return err_arena(err, c->arena);
    out->count = c->changes.count;
    if (out->count > 0)
        memcpy(out->items, c->changes.items, out->count * sizeof *out->items);
    return true;
}

bool document_difference(struct arena *arena, const struct strategy_model *before,
                         const struct strategy_model *after, DocumentChanges *out, struct err *err)
{
    struct comparing c = {.arena = arena, .before = before, .after = after};

    *out = (DocumentChanges){0};
    buf_init(&c.texts[0], VALUE_BYTES_MAX);
    buf_init(&c.texts[1], VALUE_BYTES_MAX);
    for (int kind = 0; kind < OBJECT_KIND_COUNT && !c.is_full; kind++) {
        compare_objects(&c, (enum object_kind)kind);
        compare_order(&c, (enum object_kind)kind);
    }
    bool ok = take_changes(&c, out, err);
    buf_deinit(&c.texts[0]);
    buf_deinit(&c.texts[1]);
    vec_deinit(&c.changes);
    return ok;
}

/* --- for people --------------------------------------------------------------------------------
 */

Str document_change_path(const struct document_change *change, char *text, size_t size)
{
    size_t len = 0;
    int depth = 0;

    for (size_t i = 0; i < change->field.len; i++) {
        char byte = change->field.ptr[i];
        depth += byte == '[';
        if (depth == 0 && len < size)
            text[len++] = byte;
        depth -= byte == ']';
    }
    return (Str){text, len};
}

static void value_text(struct buf *out, const struct json *value)
{
    struct json_writer writer;
    Str text;

    if (json_str(value, &text)) {
        buf_add(out, text);
        return;
    }
    if (json_type(value) != JSON_ARRAY && json_type(value) != JSON_OBJECT) {
        json_writer_init(&writer, out, JSON_STYLE_COMPACT);
        json_put_tree(&writer, value);
        return;
    }
    for (size_t i = 0; i < json_len(value); i++) {
        if (i > 0)
            buf_lit(out, ", ");
        if (json_type(value) == JSON_OBJECT)
            buf_printf(out, STR_F ": ", STR_A(json_key_at(value, i)));
        value_text(out, json_at(value, i));
    }
}

Str document_value_text(struct arena *arena, Str json, Str empty)
{
    const struct json *value = NULL;
    struct err ignored = {0};
    struct buf out;
    Str text = json;

    if (json.len == 0 || !json_parse(arena, json, &value, &ignored) ||
        json_type(value) == JSON_NULL)
        return empty;
    buf_init(&out, VALUE_BYTES_MAX);
    value_text(&out, value);
    if (out.is_failed || !arena_try_str(arena, buf_str(&out), &text))
        text = json;
    buf_deinit(&out);
    return text.len > 0 ? text : empty;
}
