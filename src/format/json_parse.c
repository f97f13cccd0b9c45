/* json_parse() alone: here jansson's names and ours meet. */
#include "format/json.h"

/* jansson calls its kinds as we do; its own get another name. */
#define json_type    jansson_type
#define JSON_OBJECT  JANSSON_OBJECT
#define JSON_ARRAY   JANSSON_ARRAY
#define JSON_STRING  JANSSON_STRING
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL    JANSSON_REAL
#define JSON_TRUE    JANSSON_TRUE
#define JSON_FALSE   JANSSON_FALSE
#define JSON_NULL    JANSSON_NULL
#include <jansson.h>
#undef json_type
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#include <string.h>

#include "base/limits.h"

struct building {
    struct arena *arena;
    struct err *err;
    unsigned depth;
};

static bool build(struct building *b, json_t *from, const struct json *parent, struct json *to);

static bool build_text(struct building *b, const char *bytes, size_t len, Str *out)
{
    char *kept = arena_try_alloc(b->arena, 1, 1, len + 1);

    if (!kept)
        return err_arena(b->err, b->arena);
    memcpy(kept, bytes, len);
    *out = (Str){kept, len};
    return true;
}

static bool build_array(struct building *b, json_t *from, struct json *to)
{
    to->count = json_array_size(from);
    to->items = arena_try_new(b->arena, struct json, to->count);
    if (!to->items && to->count > 0)
        return err_arena(b->err, b->arena);
    for (size_t i = 0; i < to->count; i++)
        if (!build(b, json_array_get(from, i), to, &to->items[i]))
            return false;
    return true;
}

static bool build_object(struct building *b, json_t *from, struct json *to)
{
    size_t count = json_object_size(from), i = 0;
    Str *keys = arena_try_new(b->arena, Str, count);
    const char *key;
    json_t *value;

    to->items = arena_try_new(b->arena, struct json, count);
    if (count > 0 && (!keys || !to->items))
        return err_arena(b->err, b->arena);
    to->keys = keys;
    json_object_foreach(from, key, value)
    {
        if (!build_text(b, key, strlen(key), &keys[i]))
            return false;
        to->count = i + 1; /* its place can be named while it is built */
        if (!build(b, value, to, &to->items[i]))
            return false;
        i++;
    }
    return true;
}

static bool build(struct building *b, json_t *from, const struct json *parent, struct json *to)
{
    bool ok = true;

    to->parent = parent;
    switch (json_typeof(from)) {
    case JANSSON_OBJECT:
    case JANSSON_ARRAY:
        if (b->depth == JSON_DEPTH_MAX)
            return err_set(b->err, ERR_LIMIT, "JSON is nested deeper than %d levels",
                           JSON_DEPTH_MAX);
        b->depth++;
        to->type = json_typeof(from) == JANSSON_OBJECT ? JSON_OBJECT : JSON_ARRAY;
        ok = to->type == JSON_OBJECT ? build_object(b, from, to) : build_array(b, from, to);
        b->depth--;
        return ok;
    case JANSSON_STRING:
        to->type = JSON_STRING;
        return build_text(b, json_string_value(from), json_string_length(from), &to->text);
    case JANSSON_INTEGER:
        to->type = JSON_NUMBER;
        to->is_integer = true;
        to->whole = json_integer_value(from);
        to->real = (double)to->whole;
        return true;
    case JANSSON_REAL:
        to->type = JSON_NUMBER;
        to->real = json_real_value(from);
        return true;
    case JANSSON_TRUE:
    case JANSSON_FALSE:
        to->type = JSON_BOOL;
        to->truth = json_typeof(from) == JANSSON_TRUE;
        return true;
    case JANSSON_NULL:
        to->type = JSON_NULL;
        return true;
    }
    UNREACHABLE("all kinds are listed");
}

bool json_parse(struct arena *a, Str text, const struct json **root, struct err *err)
{
    struct building b = {.arena = a, .err = err};
    json_error_t why;

    *root = NULL;
    if (text.len > JSON_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "JSON text is longer than %d bytes", JSON_BYTES_MAX);
    if (str_find_byte(text, '\0') < text.len) /* behind a number, jansson would pass over it */
        return err_set(err, ERR_INPUT, "cannot read JSON: a NUL byte at offset %zu",
                       str_find_byte(text, '\0'));
    json_t *parsed = json_loadb(text.ptr ? text.ptr : "", text.len,
                                JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!parsed)
        return err_set(err, ERR_INPUT, "cannot read JSON: line %d, column %d: %s", why.line,
                       why.column, why.text);
    struct json *top = arena_try_new(a, struct json, 1);
    bool ok = top ? build(&b, parsed, NULL, top) : err_arena(err, a);
    json_decref(parsed);
    if (ok)
        *root = top;
    return ok;
}
