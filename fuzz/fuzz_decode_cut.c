/* Any bytes cut into JSON values and events: what an input that grows byte by byte gives is what
 * the whole gives; every byte outside the blanks belongs to one value, in order. */
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "listen/decode/decode_cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut_values(Str bytes)
{
    struct value_cut whole = {0}, growing = {0};
    struct value_found a, b;
    size_t held = 0, behind = 0;
    uint64_t lines = 0;

    while (value_cut_next(&whole, bytes, &a)) {
        while (!value_cut_next(&growing, str_sub(bytes, 0, held), &b)) {
            ASSERT(held < bytes.len);
            held++;
        }
        ASSERT(a.text.ptr == b.text.ptr && a.text.len == b.text.len && a.line == b.line);
        ASSERT(a.is_object == b.is_object && a.text.len > 0);
        ASSERT(a.is_object == (a.text.ptr[0] == '{'));
        for (; bytes.ptr + behind < a.text.ptr; behind++)
            ASSERT(memchr("\n\r\t ,;[]", bytes.ptr[behind], 8));
        behind += a.text.len;
    }
    Str rest = value_cut_rest(&whole, bytes);
    ASSERT(value_cut_whole(&whole, &lines) + rest.len == bytes.len);
    ASSERT(lines <= bytes.len);
}

static void cut_events(Str bytes)
{
    struct event_cut cut = {0};
    struct event_found event;
    struct buf joined;
    uint64_t lines;
    size_t count = 0, count_whole = 0;

    buf_init(&joined, 64 * MIB);
    while (event_cut_next(&cut, bytes, &joined, &event)) {
        count += event.is_whole ? 1 : 0;
        ASSERT(event.line <= bytes.len);
    }
    Str front = str_sub(bytes, 0, event_cut_whole(bytes, &lines));
    ASSERT(lines <= front.len);
    for (cut = (struct event_cut){0}; event_cut_next(&cut, front, &joined, &event); count_whole++)
        ASSERT(event.is_whole);
    ASSERT(count == count_whole);
    buf_deinit(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str bytes = {(const char *)data, size};

    cut_values(bytes);
    cut_events(bytes);
    return 0;
}
