#include "web/params.h"

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool is_allowed(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return str_utf8_invalid_at(text) == text.len;
}

bool params_decode(struct arena *arena, Str text, bool is_form, Str *out, struct err *err)
{
    char *bytes = arena_try_new(arena, char, text.len + 1);
    size_t len = 0;

    if (!bytes)
        return err_arena(err, arena);
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte == '+' && is_form)
            byte = ' ';
        else if (byte == '%') {
            int high = i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
            if (low < 0)
                return err_set(err, ERR_INPUT, "cannot decode a percent sign without two digits");
            byte = (char)(high * 16 + low);
            i += 2;
        }
        if (byte != '\r')
            bytes[len++] = byte;
    }
    *out = (Str){bytes, len};
    return is_allowed(*out) ||
           err_set(err, ERR_INPUT,
                   "the request holds text that is not UTF-8 or has control characters");
}

bool params_parse(struct arena *arena, Str text, struct params *out, struct err *err)
{
    size_t pairs = 1;
    Str pair, name, value;

    *out = (struct params){0};
    if (text.len == 0)
        return true;
    for (size_t i = 0; i < text.len; i++)
        pairs += text.ptr[i] == '&';
    if (pairs > PARAM_COUNT_MAX)
        return err_set(err, ERR_LIMIT, "the form has more than %d fields", PARAM_COUNT_MAX);
    out->items = arena_try_new(arena, struct param, pairs);
    if (!out->items)
        return err_arena(err, arena);
    for (bool more = true; more;) {
        more = str_cut(text, '&', &pair, &text);
        if (pair.len == 0)
            continue;
        (void)str_cut(pair, '=', &name, &value);
        struct param *param = &out->items[out->count];
        if (!params_decode(arena, name, true, &param->name, err) ||
            !params_decode(arena, value, true, &param->value, err))
            return false;
        out->count++;
    }
    return true;
}

bool params_nth(const struct params *params, Str name, size_t n, Str *value)
{
    for (size_t i = 0; i < params->count; i++)
        if (str_eq(params->items[i].name, name) && n-- == 0) {
            *value = params->items[i].value;
            return true;
        }
    return false;
}

Str params_get(const struct params *params, Str name)
{
    Str value = STR_NONE;

    (void)params_nth(params, name, 0, &value);
    return value;
}

bool params_has(const struct params *params, Str name)
{
    Str value;

    return params_nth(params, name, 0, &value);
}

Str params_cookie(Str header, Str name)
{
    Str pair, key, value;

    for (bool more = true; more;) {
        more = str_cut(header, ';', &pair, &header);
        (void)str_cut(pair, '=', &key, &value);
        value = str_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = str_sub(value, 1, value.len - 2);
        if (value.len > 0 && str_eq(str_trim(key), name))
            return value;
    }
    return STR_NONE;
}
