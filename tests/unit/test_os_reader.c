#include "unit/test.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "os/reader.h"

static struct err err;

static struct os_reader *open_bytes(Str bytes)
{
    struct os_reader *r;

    err_clear(&err);
    CHECK(os_reader_open_bytes(&r, S("test"), bytes, &err));
    return r;
}

static void check_line(struct os_reader *r, const char *want)
{
    Str line;
    bool has_line;

    CHECK(os_reader_line(r, &line, &has_line, &err) && has_line);
    CHECK_STR(line, want);
}

static void check_end(struct os_reader *r)
{
    Str line;
    bool has_line;

    for (int i = 0; i < 2; i++)
        CHECK(os_reader_line(r, &line, &has_line, &err) && !has_line);
}

static void pack_gzip(struct buf *out, Str in)
{
    z_stream z = {0};

    CHECK(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)in.ptr;
    z.avail_in = (uInt)in.len;
    uLong bound = deflateBound(&z, in.len) + 64;
    z.next_out = (Bytef *)buf_reserve(out, bound);
    z.avail_out = (uInt)bound;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

static void pack_zstd(struct buf *out, Str in)
{
    size_t bound = ZSTD_compressBound(in.len);
    size_t size = ZSTD_compress(buf_reserve(out, bound), bound, in.ptr, in.len, 3);

    CHECK(!ZSTD_isError(size));
    out->len += size;
}

TEST(reader_splits_lines)
{
    struct os_reader *r = open_bytes(S("\xef\xbb\xbf"
                                       "one\r\ntwo\n\nfour\rx"));

    check_line(r, "one");
    CHECK_INT(os_reader_line_number(r), 1);
    check_line(r, "two");
    check_line(r, "");
    check_line(r, "four\rx");
    CHECK_INT(os_reader_line_number(r), 4);
    check_end(r);
    CHECK_INT(os_reader_bytes_out(r), 16);
    CHECK_INT(os_reader_bytes_in(r), 19);
    os_reader_close(&r);
    r = open_bytes(STR_NONE);
    check_end(r);
    os_reader_close(&r);
    r = open_bytes(S("\n"));
    check_line(r, "");
    check_end(r);
    os_reader_close(&r);
    CHECK(r == NULL);
    os_reader_close(&r);
}

TEST(reader_peeks_without_taking)
{
    struct os_reader *r = open_bytes(S("abcdef\nx"));
    Str peeked, taken;

    CHECK(os_reader_peek(r, 3, &peeked, &err));
    CHECK_STR(peeked, "abc");
    CHECK(os_reader_peek(r, 100, &peeked, &err));
    CHECK_STR(peeked, "abcdef\nx");
    CHECK(os_reader_read(r, 2, &taken, &err));
    CHECK_STR(taken, "ab");
    check_line(r, "cdef");
    CHECK(os_reader_read(r, 100, &taken, &err));
    CHECK_STR(taken, "x");
    CHECK(os_reader_read(r, 100, &taken, &err) && taken.len == 0);
    os_reader_close(&r);
}

/* Lines of growing length over several chunks, with the sum of lengths as proof. */
static void check_long_input(Str bytes, size_t lines)
{
    struct os_reader *r = open_bytes(bytes);
    Str line;
    bool has_line = true;
    size_t n = 0;

    while (os_reader_line(r, &line, &has_line, &err) && has_line) {
        CHECK_INT(line.len, n % 5000);
        for (size_t i = 0; i < line.len; i++)
            CHECK(line.ptr[i] == (char)('a' + n % 26));
        n++;
    }
    CHECK_INT(err.code, ERR_NONE);
    CHECK_INT(n, lines);
    os_reader_close(&r);
}

TEST(reader_unpacks_gzip_and_zstd)
{
    struct buf plain, packed;

    buf_init(&plain, 64 * MIB);
    buf_init(&packed, 64 * MIB);
    for (size_t n = 0; n < 3000; n++) {
        char *room = buf_reserve(&plain, n % 5000 + 1);
        memset(room, 'a' + (int)(n % 26), n % 5000);
        room[n % 5000] = '\n';
        plain.len += n % 5000 + 1;
    }
    check_long_input(buf_str(&plain), 3000);
    pack_gzip(&packed, str_sub(buf_str(&plain), 0, 1000000));
    pack_gzip(&packed, str_sub(buf_str(&plain), 1000000, plain.len));
    check_long_input(buf_str(&packed), 3000);
    char *zeros = buf_reserve(&packed, 600);
    memset(zeros, 0, 600);
    packed.len += 600; /* tapes and some tools pad */
    check_long_input(buf_str(&packed), 3000);
    buf_reset(&packed);
    pack_zstd(&packed, str_sub(buf_str(&plain), 0, 1000000));
    pack_zstd(&packed, str_sub(buf_str(&plain), 1000000, plain.len));
    check_long_input(buf_str(&packed), 3000);
    buf_deinit(&plain);
    buf_deinit(&packed);
}

TEST(reader_reports_damaged_archives_for_good)
{
    struct buf packed;
    bool has_line = true;
    Str line;

    buf_init(&packed, MIB);
    pack_gzip(&packed, S("some text that packs\nsecond line\n"));
    for (int kind = 0; kind < 3; kind++) {
        Str bytes = buf_str(&packed);
        if (kind == 0)
            bytes.len -= 5; /* cut */
        if (kind == 1)
            buf_lit(&packed, "rubbish"); /* followed by something else */
        if (kind == 2)
            packed.ptr[15] ^= 0x55; /* altered */
        bytes = kind == 0 ? bytes : buf_str(&packed);
        struct os_reader *r = open_bytes(bytes);
        while (os_reader_line(r, &line, &has_line, &err) && has_line)
            continue;
        CHECK_INT(err.code, ERR_INPUT);
        struct err again = {0};
        CHECK(!os_reader_line(r, &line, &has_line, &again));
        CHECK_INT(again.code, ERR_INPUT);
        os_reader_close(&r);
    }
    buf_reset(&packed);
    pack_zstd(&packed, S("some text that packs\nsecond line\n"));
    struct os_reader *r = open_bytes(str_sub(buf_str(&packed), 0, packed.len - 1));
    while (os_reader_line(r, &line, &has_line, &err) && has_line)
        continue;
    CHECK_INT(err.code, ERR_INPUT);
    os_reader_close(&r);
    buf_deinit(&packed);
}

TEST(reader_refuses_bombs)
{
    struct buf packed;
    size_t size = 64 * MIB, read = 0;
    char *zeros = mem_alloc(size, 1);
    Str piece = STR_NONE;

    buf_init(&packed, 2 * size);
    pack_zstd(&packed, (Str){zeros, size}); /* far beyond 1000 to 1 */
    mem_free(zeros);
    struct os_reader *r = open_bytes(buf_str(&packed));
    while (os_reader_read(r, MIB, &piece, &err) && piece.len > 0)
        read += piece.len;
    CHECK_INT(err.code, ERR_INPUT);
    CHECK(read < 8 * MIB);
    os_reader_close(&r);
    buf_deinit(&packed);
}

TEST(reader_skips_overlong_lines_and_goes_on)
{
    size_t size = INPUT_LINE_BYTES_MAX * 2 + 100, at = 0;
    char *text = mem_alloc(size, 1);
    bool has_line;
    Str line;

    memset(text, 'x', size);
    text[1] = '\n';
    at = 2 + INPUT_LINE_BYTES_MAX; /* exactly the limit */
    text[at] = '\n';
    at += 2 + INPUT_LINE_BYTES_MAX; /* one more */
    text[at] = '\n';
    text[at + 2] = '\n';
    struct os_reader *r = open_bytes((Str){text, at + 3});
    check_line(r, "x");
    CHECK(os_reader_line(r, &line, &has_line, &err) && has_line);
    CHECK(line.len == INPUT_LINE_BYTES_MAX);
    CHECK(!os_reader_line(r, &line, &has_line, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    CHECK_INT(os_reader_line_number(r), 3);
    err_clear(&err);
    check_line(r, "x");
    CHECK_INT(os_reader_line_number(r), 4);
    check_end(r);
    os_reader_close(&r);
    mem_free(text);
}

TEST(reader_opens_files_and_says_why_not)
{
    struct os_reader *r;
    char path[] = "/tmp/trimtab-reader-XXXXXX";
    int fd = mkstemp(path);

    err_clear(&err);
    CHECK(fd >= 0 && write(fd, "a\nb", 3) == 3 && close(fd) == 0);
    CHECK(os_reader_open(&r, str_from_cstr(path), &err));
    CHECK_INT(os_reader_size_hint(r), 3);
    CHECK_STR(os_reader_name(r), path);
    check_line(r, "a");
    check_line(r, "b");
    check_end(r);
    os_reader_close(&r);
    unlink(path);
    CHECK(!os_reader_open(&r, str_from_cstr(path), &err) && r == NULL);
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(!os_reader_open(&r, S("/tmp"), &err));
    CHECK_INT(err.code, ERR_USAGE);
    err_clear(&err);
    CHECK(!os_reader_open(&r, S("a\0b"), &err));
    CHECK_INT(err.code, ERR_USAGE);
}

TEST(reader_knows_when_it_would_wait)
{
    struct os_reader *r;
    char path[40];
    int ends[2];
    Str head;

    err_clear(&err);
    CHECK(pipe(ends) == 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    CHECK(os_reader_open(&r, str_from_cstr(path), &err));
    CHECK(os_reader_would_wait(r)); /* an empty pipe */
    CHECK(write(ends[1], "\xef\xbb\xbfone\ntwo\nth", 13) == 13);
    CHECK(!os_reader_would_wait(r));
    CHECK(os_reader_peek_live(r, 1000, &head, &err)); /* does not wait for 1000 bytes */
    CHECK(str_eq(head, S("one\ntwo\nth")));
    CHECK(!os_reader_would_wait(r));
    check_line(r, "one");
    CHECK(!os_reader_would_wait(r)); /* a line is there */
    check_line(r, "two");
    CHECK(os_reader_would_wait(r)); /* half a line is none */
    CHECK(close(ends[1]) == 0);
    CHECK(!os_reader_would_wait(r)); /* the end is news, too */
    check_line(r, "th");
    check_end(r);
    CHECK(!os_reader_would_wait(r));
    os_reader_close(&r);
    close(ends[0]);
    r = open_bytes(S("a\n"));
    CHECK(!os_reader_would_wait(r));
    CHECK(os_reader_peek_live(r, 1000, &head, &err) && str_eq(head, S("a\n")));
    os_reader_close(&r);
}

int main(void)
{
    return RUN(CASE(reader_splits_lines), CASE(reader_peeks_without_taking),
               CASE(reader_unpacks_gzip_and_zstd), CASE(reader_reports_damaged_archives_for_good),
               CASE(reader_refuses_bombs), CASE(reader_skips_overlong_lines_and_goes_on),
               CASE(reader_opens_files_and_says_why_not), CASE(reader_knows_when_it_would_wait));
}
