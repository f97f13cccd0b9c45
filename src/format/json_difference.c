#include "format/json_difference.h"

#include "base/buf.h"

static bool found(const struct json *a, const struct json *b, struct json_difference *out)
{
    *out = (struct json_difference){.a = a, .b = b, .place = json_place(a ? a : b)};
    return true;
}

static bool same_number(const struct json *a, const struct json *b)
{
    return a->is_integer && b->is_integer ? a->whole == b->whole
                                          : a->real >= b->real && a->real <= b->real;
}

static bool same_value(const struct json *a, const struct json *b)
{
    switch (json_type(a)) {
    case JSON_BOOL:
        return a->truth == b->truth;
    case JSON_NUMBER:
        return same_number(a, b);
    case JSON_STRING:
        return str_eq(a->text, b->text);
    case JSON_MISSING:
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        return true;
    }
    UNREACHABLE("a type of JSON");
}

static bool in_array(const struct json *a, const struct json *b, struct json_difference *out)
{
    for (size_t i = 0; i < json_len(a) || i < json_len(b); i++) {
        if (json_first_difference(json_at(a, i), json_at(b, i), out))
            return true;
    }
    return false;
}

static bool in_object(const struct json *a, const struct json *b, struct json_difference *out)
{
    for (size_t i = 0; i < json_len(a); i++) {
        if (json_first_difference(json_at(a, i), json_find(b, json_key_at(a, i)), out))
            return true;
    }
    for (size_t i = 0; i < json_len(b); i++) {
        if (!json_find(a, json_key_at(b, i)))
            return found(NULL, json_at(b, i), out);
    }
    return false;
}

bool json_first_difference(const struct json *a, const struct json *b, struct json_difference *out)
{
    if (!a && !b)
        return false;
    if (json_type(a) != json_type(b) || !same_value(a, b))
        return found(a, b, out);
    if (json_type(a) == JSON_ARRAY)
        return in_array(a, b, out);
    return json_type(a) == JSON_OBJECT && in_object(a, b, out);
}
