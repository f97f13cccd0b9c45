#include "format/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "format/json_text.h"

_Static_assert(JSON_DEPTH_MAX <= 64, "one bit a level in the writer's masks");

const struct json *json_find(const struct json *object, Str key)
{
    if (json_type(object) != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (str_eq(object->keys[i], key))
            return &object->items[i];
    return NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return json_find(object, str_from_cstr(key));
}

size_t json_len(const struct json *container)
{
    return container ? container->count : 0;
}

const struct json *json_at(const struct json *container, size_t index)
{
    return container && index < container->count ? &container->items[index] : NULL;
}

Str json_key_at(const struct json *object, size_t index)
{
    return json_type(object) == JSON_OBJECT && index < object->count ? object->keys[index]
                                                                     : STR_NONE;
}

enum json_type json_type(const struct json *j)
{
    return j ? j->type : JSON_MISSING;
}

const char *json_type_name(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "true or false";
    case JSON_NUMBER:
        return "a number";
    case JSON_STRING:
        return "text";
    case JSON_ARRAY:
        return "a list";
    case JSON_OBJECT:
        return "an object";
    case JSON_MISSING:
        break;
    }
    return "nothing";
}

bool json_str(const struct json *j, Str *out)
{
    if (json_type(j) != JSON_STRING)
        return false;
    *out = j->text;
    return true;
}

bool json_i64(const struct json *j, int64_t *out)
{
    if (json_type(j) != JSON_NUMBER || !j->is_integer)
        return false;
    *out = j->whole;
    return true;
}

bool json_f64(const struct json *j, double *out)
{
    if (json_type(j) != JSON_NUMBER)
        return false;
    *out = j->real;
    return true;
}

bool json_bool(const struct json *j, bool *out)
{
    if (json_type(j) != JSON_BOOL)
        return false;
    *out = j->truth;
    return true;
}

Str json_str_or(const struct json *object, const char *key, Str otherwise)
{
    (void)json_str(json_get(object, key), &otherwise);
    return otherwise;
}

int64_t json_i64_or(const struct json *object, const char *key, int64_t otherwise)
{
    (void)json_i64(json_get(object, key), &otherwise);
    return otherwise;
}

double json_f64_or(const struct json *object, const char *key, double otherwise)
{
    (void)json_f64(json_get(object, key), &otherwise);
    return otherwise;
}

bool json_bool_or(const struct json *object, const char *key, bool otherwise)
{
    (void)json_bool(json_get(object, key), &otherwise);
    return otherwise;
}

/* Places are written from the end to the front, while climbing. */
static void put_front(char *text, size_t *from, Str s)
{
    size_t len = s.len < *from ? s.len : *from;

    *from -= len;
    memcpy(text + *from, s.ptr + (s.len - len), len);
}

struct json_place json_place(const struct json *j)
{
    struct json_place place;
    size_t from = sizeof place.text - 1;
    char index[32];

    if (!j || !j->parent) {
        snprintf(place.text, sizeof place.text, "the document");
        return place;
    }
    for (; j->parent; j = j->parent) {
        size_t at = (size_t)(j - j->parent->items);
        if (j->parent->type == JSON_ARRAY) {
            int len = snprintf(index, sizeof index, "[%zu]", at);
            put_front(place.text, &from, (Str){index, (size_t)len});
        } else {
            put_front(place.text, &from, j->parent->keys[at]);
            if (j->parent->parent)
                put_front(place.text, &from, S("."));
        }
    }
    size_t len = sizeof place.text - 1 - from;
    memmove(place.text, place.text + from, len);
    place.text[len] = '\0';
    return place;
}

bool json_refuse(const struct json *j, struct err *err, const char *what)
{
    return err_set(err, ERR_INPUT, "%s: %s", json_place(j).text, what);
}

void json_note_unknown(const struct json *object, const char *const known[], struct buf *notes)
{
    for (size_t i = 0; notes && i < json_len(object); i++) {
        Str key = json_key_at(object, i);
        bool is_known = false;
        for (size_t k = 0; known[k]; k++)
            is_known |= str_eq(key, str_from_cstr(known[k]));
        if (!is_known)
            buf_printf(notes, "%s: the member is not known and is ignored\n",
                       json_place(json_at(object, i)).text);
    }
}

/* "<object>: member 'key' has to be <wanted>, is <found>" */
static bool need(const struct json *object, const char *key, const char *wanted, struct err *err)
{
    struct json_place place = json_place(object);
    const struct json *found = json_get(object, key);

    if (json_type(object) != JSON_OBJECT)
        return err_set(err, ERR_INPUT, "%s: has to be an object, is %s", place.text,
                       json_type_name(object));
    if (!found)
        return err_set(err, ERR_INPUT, "%s: member '%s' is missing (%s)", place.text, key, wanted);
    return err_set(err, ERR_INPUT, "%s: has to be %s, is %s", json_place(found).text, wanted,
                   json_type_name(found));
}

bool json_need_str(const struct json *object, const char *key, Str *out, struct err *err)
{
    return json_str(json_get(object, key), out) || need(object, key, "text", err);
}

bool json_need_bool(const struct json *object, const char *key, bool *out, struct err *err)
{
    return json_bool(json_get(object, key), out) || need(object, key, "true or false", err);
}

bool json_need_i64(const struct json *object, const char *key, int64_t least, int64_t most,
                   int64_t *out, struct err *err)
{
    const struct json *found = json_get(object, key);
    int64_t value;

    if (!json_i64(found, &value))
        return need(object, key, "a whole number", err);
    if (value < least || value > most)
        return err_set(err, ERR_INPUT, "%s: has to be from %" PRId64 " to %" PRId64 ", is %" PRId64,
                       json_place(found).text, least, most, value);
    *out = value;
    return true;
}

bool json_need_f64(const struct json *object, const char *key, double least, double most,
                   double *out, struct err *err)
{
    const struct json *found = json_get(object, key);
    double value;

    if (!json_f64(found, &value))
        return need(object, key, "a number", err);
    if (!(value >= least && value <= most))
        return err_set(err, ERR_INPUT, "%s: has to be from %g to %g, is %g", json_place(found).text,
                       least, most, value);
    *out = value;
    return true;
}

static bool need_container(const struct json *object, const char *key, enum json_type type,
                           const char *wanted, const struct json **out, struct err *err)
{
    const struct json *found = json_get(object, key);

    if (json_type(found) != type)
        return need(object, key, wanted, err);
    *out = found;
    return true;
}

bool json_need_array(const struct json *object, const char *key, const struct json **out,
                     struct err *err)
{
    return need_container(object, key, JSON_ARRAY, "a list", out, err);
}

bool json_need_object(const struct json *object, const char *key, const struct json **out,
                      struct err *err)
{
    return need_container(object, key, JSON_OBJECT, "an object", out, err);
}

/* Writer. Depth d uses bit d - 1 of the masks. */

void json_writer_init(struct json_writer *w, struct buf *out, enum json_style style)
{
    *w = (struct json_writer){.out = out, .style = style};
}

bool json_writer_is_complete(const struct json_writer *w)
{
    return w->depth == 0 && !w->is_key_pending;
}

static uint64_t level_bit(const struct json_writer *w)
{
    return UINT64_C(1) << (w->depth - 1);
}

static bool in_object(const struct json_writer *w)
{
    return w->depth > 0 && (w->is_object & level_bit(w)) != 0;
}

static void new_line(struct json_writer *w)
{
    if (w->style != JSON_STYLE_PRETTY)
        return;
    buf_add_byte(w->out, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        buf_lit(w->out, "  ");
}

/* Comma and line break in front of an element or a name. */
static void separate(struct json_writer *w)
{
    if (w->depth == 0)
        return;
    if (w->has_members & level_bit(w))
        buf_add_byte(w->out, ',');
    w->has_members |= level_bit(w);
    new_line(w);
}

static void before_value(struct json_writer *w)
{
    ASSERT(in_object(w) == w->is_key_pending);
    if (w->is_key_pending)
        w->is_key_pending = false;
    else
        separate(w);
}

static void open_container(struct json_writer *w, bool is_object)
{
    before_value(w);
    ASSERT(w->depth < JSON_DEPTH_MAX);
    w->depth++;
    w->has_members &= ~level_bit(w);
    w->is_object &= ~level_bit(w);
    if (is_object)
        w->is_object |= level_bit(w);
    buf_add_byte(w->out, is_object ? '{' : '[');
}

static void close_container(struct json_writer *w, bool is_object)
{
    ASSERT(w->depth > 0 && in_object(w) == is_object && !w->is_key_pending);
    bool has_members = (w->has_members & level_bit(w)) != 0;
    w->depth--;
    if (has_members)
        new_line(w);
    buf_add_byte(w->out, is_object ? '}' : ']');
}

void json_begin_object(struct json_writer *w)
{
    open_container(w, true);
}

void json_end_object(struct json_writer *w)
{
    close_container(w, true);
}

void json_begin_array(struct json_writer *w)
{
    open_container(w, false);
}

void json_end_array(struct json_writer *w)
{
    close_container(w, false);
}

void json_key(struct json_writer *w, Str key)
{
    ASSERT(in_object(w) && !w->is_key_pending);
    separate(w);
    json_text_str(w->out, key);
    buf_add_byte(w->out, ':');
    if (w->style == JSON_STYLE_PRETTY)
        buf_add_byte(w->out, ' ');
    w->is_key_pending = true;
}

void json_put_str(struct json_writer *w, Str value)
{
    before_value(w);
    json_text_str(w->out, value);
}

void json_put_i64(struct json_writer *w, int64_t value)
{
    before_value(w);
    json_text_i64(w->out, value);
}

void json_put_u64(struct json_writer *w, uint64_t value)
{
    before_value(w);
    json_text_u64(w->out, value);
}

void json_put_f64(struct json_writer *w, double value)
{
    before_value(w);
    json_text_f64(w->out, value);
}

void json_put_bool(struct json_writer *w, bool value)
{
    before_value(w);
    buf_add(w->out, value ? S("true") : S("false"));
}

void json_put_null(struct json_writer *w)
{
    before_value(w);
    buf_lit(w->out, "null");
}

void json_put_raw(struct json_writer *w, Str json)
{
    ASSERT(json.len > 0);
    before_value(w);
    buf_add(w->out, json);
}

static void put_container(struct json_writer *w, const struct json *j)
{
    bool is_object = j->type == JSON_OBJECT;

    open_container(w, is_object);
    for (size_t i = 0; i < j->count; i++) {
        if (is_object)
            json_key(w, j->keys[i]);
        json_put_tree(w, &j->items[i]);
    }
    close_container(w, is_object);
}

void json_put_tree(struct json_writer *w, const struct json *j)
{
    switch (json_type(j)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        put_container(w, j);
        break;
    case JSON_STRING:
        json_put_str(w, j->text);
        break;
    case JSON_NUMBER:
        if (j->is_integer)
            json_put_i64(w, j->whole);
        else
            json_put_f64(w, j->real);
        break;
    case JSON_BOOL:
        json_put_bool(w, j->truth);
        break;
    case JSON_NULL:
    case JSON_MISSING:
        json_put_null(w);
        break;
    }
}

void json_set_str(struct json_writer *w, const char *key, Str value)
{
    json_key(w, str_from_cstr(key));
    json_put_str(w, value);
}

void json_set_i64(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, str_from_cstr(key));
    json_put_i64(w, value);
}

void json_set_f64(struct json_writer *w, const char *key, double value)
{
    json_key(w, str_from_cstr(key));
    json_put_f64(w, value);
}

void json_set_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, str_from_cstr(key));
    json_put_bool(w, value);
}

void json_set_null(struct json_writer *w, const char *key)
{
    json_key(w, str_from_cstr(key));
    json_put_null(w);
}

void json_set_object(struct json_writer *w, const char *key)
{
    json_key(w, str_from_cstr(key));
    json_begin_object(w);
}

void json_set_array(struct json_writer *w, const char *key)
{
    json_key(w, str_from_cstr(key));
    json_begin_array(w);
}
