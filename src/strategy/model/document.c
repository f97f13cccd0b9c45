#include "strategy/model/document.h"

#include <stdio.h>

#include "base/map.h"
#include "strategy/model/object.h"

#define DOCUMENT_FORMAT  "trimtab-strategy"
#define DOCUMENT_VERSION 1

/* --- where a path stands -----------------------------------------------------------------------
 *
 * The tree knows no lines. A fault is rare, so its place is found again in the text, which is known
 * to be valid JSON by then: a walk down the path, skipping what lies beside it.
 */

struct cursor {
    Str text;
    size_t at;
};

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->text.len && memchr(" \t\r\n,:", c->text.ptr[c->at], 6))
        c->at++;
}

static Str skip_string(struct cursor *c)
{
    size_t from = ++c->at;

    while (c->at < c->text.len && c->text.ptr[c->at] != '"')
        c->at += c->text.ptr[c->at] == '\\' ? 2 : 1;
    Str inside = str_sub(c->text, from, c->at - from);
    c->at++;
    return inside;
}

static void skip_value(struct cursor *c)
{
    size_t depth = 0;

    skip_blanks(c);
    while (c->at < c->text.len) {
        char byte = c->text.ptr[c->at];
        if (byte == '"') {
            (void)skip_string(c);
        } else if (byte == '[' || byte == '{') {
            depth++;
            c->at++;
        } else if (byte == ']' || byte == '}') {
            if (depth == 0)
                return;
            depth--;
            c->at++;
        } else if (depth == 0 && memchr(" \t\r\n,", byte, 5)) {
            return;
        } else {
            c->at++;
            continue;
        }
        if (depth == 0)
            return;
    }
}

/* Moves to the member's value; false and unmoved when there is none. */
static bool enter_member(struct cursor *c, Str name)
{
    struct cursor inside = *c;

    skip_blanks(&inside);
    if (inside.at >= inside.text.len || inside.text.ptr[inside.at] != '{')
        return false;
    inside.at++;
    for (;;) {
        skip_blanks(&inside);
        if (inside.at >= inside.text.len || inside.text.ptr[inside.at] != '"')
            return false;
        bool is_found = str_eq(skip_string(&inside), name);
        skip_blanks(&inside);
        if (is_found) {
            *c = inside;
            return true;
        }
        skip_value(&inside);
    }
}

static bool enter_item(struct cursor *c, size_t index)
{
    struct cursor inside = *c;

    skip_blanks(&inside);
    if (inside.at >= inside.text.len || inside.text.ptr[inside.at] != '[')
        return false;
    inside.at++;
    for (size_t i = 0;; i++) {
        skip_blanks(&inside);
        if (inside.at >= inside.text.len || inside.text.ptr[inside.at] == ']')
            return false;
        if (i == index) {
            *c = inside;
            return true;
        }
        skip_value(&inside);
    }
}

/* Enters one step of "a.b[3].c"; false at the end or when the step does not exist. */
static bool enter_step(struct cursor *c, Str *path)
{
    Str rest = *path;
    uint64_t index = 0;

    if (rest.len > 0 && rest.ptr[0] == '.')
        rest = str_sub(rest, 1, rest.len);
    if (rest.len == 0)
        return false;
    if (rest.ptr[0] == '[') {
        size_t end = str_find_byte(rest, ']');
        if (!str_to_u64(str_sub(rest, 1, end - 1), &index))
            return false;
        *path = str_sub(rest, end + 1, rest.len);
        return enter_item(c, (size_t)index);
    }
    size_t dot = str_find_byte(rest, '.'), bracket = str_find_byte(rest, '[');
    size_t end = dot < bracket ? dot : bracket;
    *path = str_sub(rest, end, rest.len);
    return enter_member(c, str_sub(rest, 0, end));
}

static void locate(Str text, struct document_fault *fault)
{
    struct cursor c = {.text = text};
    Str path = fault->path;

    while (enter_step(&c, &path))
        continue;
    skip_blanks(&c);
    fault->line = 1;
    fault->column = 1;
    for (size_t i = 0; i < c.at && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            fault->line++;
            fault->column = 1;
        } else if (((unsigned char)text.ptr[i] & 0xC0) != 0x80) {
            fault->column++;
        }
    }
}

/* --- references --------------------------------------------------------------------------------
 */

struct id_maps {
    struct map by_kind[OBJECT_KIND_COUNT];
    struct fault_sink *sink;
    Str own_id; /* of the object being walked */
    enum object_kind own_kind;
};

static void kinds_say(uint64_t targets, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (int i = 0; i < OBJECT_KIND_COUNT && len < size; i++) {
        if (targets & TARGET(i))
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? " or " : "",
                                    words_object_kind.words[i]);
    }
}

static void check_reference(void *user, const struct trail *trail, Str id, uint64_t targets)
{
    struct id_maps *maps = user;
    char kinds[200];

    if ((targets & TARGET_MARKET) && str_eq(id, S("market")))
        return;
    for (int i = 0; i < OBJECT_KIND_COUNT; i++) {
        if ((targets & TARGET(i)) && map_get(&maps->by_kind[i], id)) {
            if ((targets & TARGET(maps->own_kind)) && i == (int)maps->own_kind &&
                str_eq(id, maps->own_id))
                fault_at(maps->sink, trail, "refers to itself");
            return;
        }
    }
    kinds_say(targets, kinds, sizeof kinds);
    fault_at(maps->sink, trail, "there is no %s '" STR_F "'", kinds, STR_A(str_sub(id, 0, 80)));
}

static void check_ids(struct id_maps *maps, const struct strategy_model *model,
                      enum object_kind kind, const struct trail *list_trail)
{
    struct any_list list = model_list(model, kind);
    size_t size = object_type(kind)->record.size;

    map_init(&maps->by_kind[kind], MAP_BORROW_KEYS, 0);
    for (size_t i = 0; i < list.count; i++) {
        Str id = object_id((const char *)list.items + i * size);
        struct trail item = {.up = list_trail, .index = i};
        bool is_new = false;
        if (!map_at(&maps->by_kind[kind], id, &is_new))
            maps->sink->is_failed = true;
        else if (!is_new)
            fault_at(maps->sink, &item, "the id '" STR_F "' is taken already", STR_A(id));
    }
}

/* A topic above itself would make the tree a ring. */
static void check_tree(struct fault_sink *sink, const struct strategy_model *model)
{
    struct trail root = {0}, list = {.up = &root, .name = "topics"};

    for (size_t i = 0; i < model->topics.count; i++) {
        const struct topic *above = &model->topics.items[i];
        size_t steps = 0;
        while (above && above->parent.len > 0 && steps++ <= model->topics.count)
            above = model_topic(model, above->parent);
        struct trail item = {.up = &list, .index = i}, member = {.up = &item, .name = "parent"};
        bool is_own = str_eq(model->topics.items[i].parent, model->topics.items[i].id);
        if (steps > model->topics.count && !is_own) /* its own parent: reported already */
            fault_at(sink, &member, "its parents form a ring");
    }
}

static void check_limits(struct fault_sink *sink, const struct strategy_model *model)
{
    struct trail root = {0}, list = {.up = &root, .name = "limits"};

    for (size_t i = 0; i < model->limits.count; i++) {
        struct trail item = {.up = &list, .index = i}, member = {.up = &item, .name = "secured"};
        if (model->limits.items[i].secured > model->limits.items[i].amount)
            fault_at(sink, &member, "must not be larger than the amount");
    }
}

static void check_kind(struct id_maps *maps, const struct strategy_model *model,
                       enum object_kind kind)
{
    struct any_list list = model_list(model, kind);
    size_t size = object_type(kind)->record.size;
    struct trail root = {0}, list_trail = {.up = &root, .name = object_type(kind)->list};

    for (size_t i = 0; i < list.count; i++) {
        const void *object = (const char *)list.items + i * size;
        struct trail item = {.up = &list_trail, .index = i};
        maps->own_id = object_id(object);
        maps->own_kind = kind;
        object_check(maps->sink, kind, object, kind == OBJECT_COMPANY ? &list_trail : &item);
        object_each_reference(kind, object, &item, check_reference, maps);
    }
}

bool model_check(struct arena *arena, const struct strategy_model *model,
                 struct document_faults *faults, struct err *err)
{
    struct fault_sink sink = {.arena = arena, .faults = faults};
    struct id_maps maps = {.sink = &sink};
    struct trail root = {0};

    *faults = (struct document_faults){0};
    for (int i = 0; i < OBJECT_KIND_COUNT; i++) {
        struct trail list = {.up = &root, .name = object_type((enum object_kind)i)->list};
        check_ids(&maps, model, (enum object_kind)i, &list);
    }
    for (int i = 0; i < OBJECT_KIND_COUNT; i++)
        check_kind(&maps, model, (enum object_kind)i);
    check_tree(&sink, model);
    check_limits(&sink, model);
    for (int i = 0; i < OBJECT_KIND_COUNT; i++)
        map_deinit(&maps.by_kind[i]);
    return faults_ok(&sink, err);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static int kind_of_list(Str name)
{
    for (int i = 0; i < OBJECT_KIND_COUNT; i++) {
        if (str_eq(name, str_from_cstr(object_type((enum object_kind)i)->list)))
            return i;
    }
    return -1;
}

static void read_list(struct fault_sink *sink, enum object_kind kind, const struct json *json,
                      struct strategy_model *out)
{
    size_t size = object_type(kind)->record.size;
    bool is_single = kind == OBJECT_COMPANY;
    Str name = str_from_cstr(object_type(kind)->list);
    struct any_list list = {.count = is_single ? 1 : json_len(json)};

    if (!is_single && json_type(json) != JSON_ARRAY) {
        fault_add(sink, name, "must be a list, not %s", json_type_name(json));
        return;
    }
    if (list.count > STRATEGY_OBJECTS_MAX) {
        fault_add(sink, name, "has %zu objects, at most %d are allowed", list.count,
                  STRATEGY_OBJECTS_MAX);
        return;
    }
    list.items = arena_try_alloc(sink->arena, size, _Alignof(max_align_t), list.count + 1);
    if (!list.items) {
        sink->is_failed = true;
        return;
    }
    for (size_t i = 0; i < list.count; i++)
        object_parse(sink, kind, is_single ? json : json_at(json, i),
                     (char *)list.items + i * size);
    model_set_list(out, kind, list);
}

static void read_head(struct fault_sink *sink, const struct json *root)
{
    Str format = json_str_or(root, "format", STR_NONE);

    if (!str_eq(format, S(DOCUMENT_FORMAT)))
        fault_add(sink, S("format"), "must be '%s'", DOCUMENT_FORMAT);
    if (json_i64_or(root, "version", 0) != DOCUMENT_VERSION)
        fault_add(sink, S("version"), "must be %d", DOCUMENT_VERSION);
    if (!json_get(root, "company"))
        fault_add(sink, STR_NONE, "lacks 'company'");
}

static void read_members(struct fault_sink *sink, const struct json *root,
                         struct strategy_model *out)
{
    if (json_type(root) != JSON_OBJECT) {
        fault_add(sink, STR_NONE, "must be an object, not %s", json_type_name(root));
        return;
    }
    read_head(sink, root);
    for (size_t i = 0; i < json_len(root); i++) {
        Str key = json_key_at(root, i);
        int kind = kind_of_list(key);
        if (kind >= 0)
            read_list(sink, (enum object_kind)kind, json_at(root, i), out);
        else if (!str_eq(key, S("format")) && !str_eq(key, S("version")))
            fault_add(sink, key, "is not a member of a strategy document");
    }
}

bool document_read(struct arena *arena, Str text, struct strategy_model *out,
                   struct document_faults *faults, struct err *err)
{
    struct fault_sink sink = {.arena = arena, .faults = faults};
    const struct json *root = NULL;

    *out = (struct strategy_model){0};
    *faults = (struct document_faults){0};
    if (text.len > DOCUMENT_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the document has %zu bytes, at most %u are allowed",
                       text.len, DOCUMENT_BYTES_MAX);
    if (!json_parse(arena, text, &root, err))
        return false;
    read_members(&sink, root, out);
    bool ok = faults_ok(&sink, err);
    if (ok)
        ok = model_check(arena, out, faults, err);
    for (size_t i = 0; i < faults->count; i++)
        locate(text, &faults->items[i]);
    return ok;
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void write_list(struct json_writer *writer, const struct strategy_model *model,
                       enum object_kind kind)
{
    struct any_list list = model_list(model, kind);
    size_t size = object_type(kind)->record.size;

    if (list.count == 0)
        return;
    json_key(writer, str_from_cstr(object_type(kind)->list));
    if (kind == OBJECT_COMPANY) {
        object_write(writer, kind, list.items);
        return;
    }
    json_begin_array(writer);
    for (size_t i = 0; i < list.count; i++)
        object_write(writer, kind, (const char *)list.items + i * size);
    json_end_array(writer);
}

bool document_write(struct arena *arena, const struct strategy_model *model, Str *out,
                    struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &text, JSON_STYLE_PRETTY);
    json_begin_object(&writer);
    json_set_str(&writer, "format", S(DOCUMENT_FORMAT));
    json_set_i64(&writer, "version", DOCUMENT_VERSION);
    for (int i = 0; i < OBJECT_KIND_COUNT; i++)
        write_list(&writer, model, (enum object_kind)i);
    json_end_object(&writer);
    buf_add_byte(&text, '\n');
    return text_end(&text, arena, out, err);
}
