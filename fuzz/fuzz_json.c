/* Any bytes: what is read can be written and reads back as the same text. */
#include "base/limits.h"
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_tree(const struct json *root, enum json_style style, struct buf *out)
{
    struct json_writer w;

    json_writer_init(&w, out, style);
    json_put_tree(&w, root);
    ASSERT(json_writer_is_complete(&w) && !out->is_failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct err err = {0};
    const struct json *root, *back;
    struct buf once, twice;

    arena_init(&arena, 256 * MIB);
    buf_init(&once, 64 * MIB);
    buf_init(&twice, 64 * MIB);
    if (json_parse(&arena, (Str){(const char *)data, size}, &root, &err)) {
        write_tree(root, JSON_STYLE_PRETTY, &once);
        ASSERT(str_utf8_invalid_at(buf_str(&once)) == once.len);
        ASSERT(json_parse(&arena, buf_str(&once), &back, &err));
        write_tree(back, JSON_STYLE_PRETTY, &twice);
        ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
    } else
        ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
    buf_deinit(&once);
    buf_deinit(&twice);
    arena_deinit(&arena);
    return 0;
}
