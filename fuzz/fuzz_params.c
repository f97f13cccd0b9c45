/* Any bytes as a query string, a form or a Cookie header: what is taken is text without control
 * characters, and written again it reads the same. */
#include <string.h>

#include "base/limits.h"
#include "format/html.h"
#include "web/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(Str text)
{
    ASSERT(str_utf8_invalid_at(text) == text.len);
    for (size_t i = 0; i < text.len; i++)
        ASSERT((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n' || text.ptr[i] == '\t');
}

static void write_encoded(Str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
}

static void check_again(struct arena *arena, const struct params *params)
{
    struct params again;
    struct err err = {0};
    struct buf out;

    buf_init(&out, 64 * MIB);
    for (size_t i = 0; i < params->count; i++) {
        buf_lit(&out, "&");
        write_encoded(params->items[i].name, &out);
        buf_lit(&out, "=");
        write_encoded(params->items[i].value, &out);
    }
    ASSERT(params_parse(arena, str_sub(buf_str(&out), 1, out.len), &again, &err));
    for (size_t i = 0; i < params->count; i++)
        ASSERT(str_eq(params_get(params, params->items[i].name),
                      params_get(&again, params->items[i].name)));
    buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str text = {(const char *)data, size};
    struct arena arena;
    struct params params;
    struct err err = {0};
    Str value;

    if (size > 1 << 14)
        return 0;
    arena_init(&arena, 64 * MIB);
    if (params_parse(&arena, text, &params, &err)) {
        ASSERT(params.count <= PARAM_COUNT_MAX);
        for (size_t i = 0; i < params.count; i++) {
            check_text(params.items[i].name);
            check_text(params.items[i].value);
            ASSERT(params_has(&params, params.items[i].name));
            ASSERT(params_nth(&params, params.items[i].name, 0, &value));
        }
        check_again(&arena, &params);
    } else
        ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
    value = params_cookie(text, S("trimtab"));
    ASSERT(value.len < size + 1 && str_find_byte(value, ';') == value.len);
    struct err other = {0};
    if (params_decode(&arena, text, false, &value, &other))
        check_text(value);
    arena_deinit(&arena);
    return 0;
}
