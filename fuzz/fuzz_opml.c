/* Any bytes as OPML: what is read is valid and, written, reads back the same. */
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "format/opml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opml list, again;
    struct err err = {0};
    struct arena arena;
    struct buf out;

    arena_init(&arena, 64 * MIB);
    buf_init(&out, 64 * MIB);
    if (opml_parse(&arena, (Str){(const char *)data, size}, &list, &err)) {
        opml_write(&list, 0, &out);
        ASSERT(str_utf8_invalid_at(buf_str(&out)) == out.len);
        ASSERT(opml_parse(&arena, buf_str(&out), &again, &err));
        ASSERT(again.count == list.count && again.refused_count == 0 && !again.is_truncated);
        for (size_t i = 0; i < list.count; i++)
            ASSERT(str_eq(again.feeds[i].url, list.feeds[i].url) &&
                   str_eq(again.feeds[i].folder, list.feeds[i].folder));
    }
    buf_deinit(&out);
    arena_deinit(&arena);
    return 0;
}
