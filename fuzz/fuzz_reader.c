/* Any bytes as a file, packed or not: read in lines, in pieces and after a peek they are the same,
 * and a bomb is refused with little memory. */
#include "base/buf.h"
#include "base/limits.h"
#include "os/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole as far as it can be read; false when its end was an error. */
static bool read_pieces(Str bytes, size_t piece, struct buf *out)
{
    struct os_reader *r = NULL;
    struct err err = {0};
    Str part;
    bool ok = os_reader_open_bytes(&r, S("fuzz"), bytes, &err);

    while (ok && (ok = os_reader_read(r, piece, &part, &err)) && part.len > 0) {
        ASSERT(part.len <= piece);
        buf_add(out, part);
        ASSERT(os_reader_bytes_out(r) >= out->len && os_reader_bytes_in(r) <= bytes.len);
        if (out->len > 4 * MIB)
            break;
    }
    os_reader_close(&r);
    return ok;
}

static bool read_lines(Str bytes, struct buf *out)
{
    struct os_reader *r = NULL;
    struct err err = {0};
    Str line;
    bool has_line = true;
    bool ok = os_reader_open_bytes(&r, S("fuzz"), bytes, &err) &&
              os_reader_peek(r, OS_READER_PEEK_BYTES_MAX, &line, &err);

    while (ok && (ok = os_reader_line(r, &line, &has_line, &err)) && has_line) {
        ASSERT(str_find_byte(line, '\n') == line.len);
        buf_add(out, line);
        buf_lit(out, "\n");
        if (out->len > 4 * MIB)
            break;
    }
    os_reader_close(&r);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf small, large, lines;
    Str bytes = {(const char *)data, size};

    if (size > 1 << 17)
        return 0;
    buf_init(&small, 64 * MIB);
    buf_init(&large, 64 * MIB);
    buf_init(&lines, 64 * MIB);
    bool ok = read_pieces(bytes, 7 + size % 5, &small);
    ASSERT(read_pieces(bytes, 1 << 16, &large) == ok || small.len > 4 * MIB || large.len > 4 * MIB);
    if (small.len <= 4 * MIB && large.len <= 4 * MIB && ok)
        ASSERT(str_eq(buf_str(&small), buf_str(&large)));
    if (read_lines(bytes, &lines) && ok && lines.len <= 4 * MIB && small.len <= 4 * MIB)
        ASSERT(lines.len <=
               small.len + 1); /* each line lost its CR, at most, and the last got LF */
    buf_deinit(&small);
    buf_deinit(&large);
    buf_deinit(&lines);
    return 0;
}
