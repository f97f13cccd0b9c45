/* Any bytes: both JSON readers agree, but for what only one of them refuses (names given twice,
 * large integers, half surrogates), and what is read can be written and reads back the same. */
#include "base/limits.h"
#include "format/json.h"
#include "format/json_bulk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_read(JsonNode root)
{
    static struct json_bulk *second;
    struct buf once, twice;
    struct err err = {0};
    JsonNode back;

    if (!second)
        ASSERT(json_bulk_create(&second, &err));
    buf_init(&once, 64 * MIB);
    buf_init(&twice, 64 * MIB);
    json_node_write(root, &once);
    ASSERT(str_utf8_invalid_at(buf_str(&once)) == once.len);
    ASSERT(json_bulk_parse(second, buf_str(&once), &back, &err));
    json_node_write(back, &twice);
    ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
    buf_deinit(&once);
    buf_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_bulk *parser;
    struct err err = {0}, other = {0};
    const struct json *tree;
    struct arena arena;
    Str text = {(const char *)data, size};
    JsonNode root;

    if (!parser)
        ASSERT(json_bulk_create(&parser, &err));
    arena_init(&arena, 256 * MIB);
    bool ok = json_bulk_parse(parser, text, &root, &err);
    if (ok)
        check_read(root);
    else
        ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
    if (json_parse(&arena, text, &tree, &other))
        ASSERT(ok);
    arena_deinit(&arena);
    return 0;
}
