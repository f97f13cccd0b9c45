#include "unit/test.h"

#include <string.h>

#include "format/charset.h"

/* The same bytes in pieces of any size. */
static void check_stream(enum charset charset, Str bytes, Str want)
{
    for (size_t piece = 1; piece <= bytes.len + 1; piece++) {
        struct charset_stream stream = {.charset = charset};
        struct buf out;

        buf_init(&out, 1000);
        for (size_t at = 0; at < bytes.len; at += piece) {
            size_t before = out.len, n = bytes.len - at < piece ? bytes.len - at : piece;
            charset_add(&stream, str_sub(bytes, at, n), &out);
            CHECK(out.len - before <= (n == 1 ? 4 : 3 * n));
        }
        charset_end(&stream, &out);
        CHECK(str_eq(buf_str(&out), want));
        buf_deinit(&out);
    }
}

TEST(charset_windows_1252_becomes_utf_8)
{
    check_stream(CHARSET_WINDOWS_1252,
                 S("Stra\xdf"
                   "e, 20 \x80 \x84gut\x93\x81 and plain text"),
                 S("Straße, 20 € „gut“\xc2\x81 and plain text"));
    CHECK_INT(windows_1252_rune(0x9f), 0x178);
    CHECK_INT(windows_1252_rune(0x7f), 0x7f);
    CHECK_INT(windows_1252_rune(0xff), 0xff);
}

TEST(charset_utf_16_becomes_utf_8)
{
    check_stream(CHARSET_UTF_16_LE,
                 S("\xff\xfe"
                   "a\0\xe4\0\xac\x20\x3d\xd8\x00\xde"
                   "b\0"),
                 S("\xef\xbb\xbf"
                   "aä€😀b"));
    check_stream(CHARSET_UTF_16_BE, S("\0a\0\xe4\x20\xac\xd8\x3d\xde\0\0b"), S("aä€😀b"));
}

/* Halves of pairs that stand alone, and what breaks off, become what no reader takes for text. */
TEST(charset_utf_16_halves_are_refused)
{
    check_stream(CHARSET_UTF_16_BE, S("\xd8\x3d\0a"),
                 S("\xff"
                   "a"));
    check_stream(CHARSET_UTF_16_BE, S("\xd8\x3d\xd8\x3d\xde\0"),
                 S("\xff"
                   "😀"));
    check_stream(CHARSET_UTF_16_BE, S("\xde\0\0a"),
                 S("\xff"
                   "a"));
    check_stream(CHARSET_UTF_16_BE, S("\0a\xd8\x3d"), S("a\xff"));
    check_stream(CHARSET_UTF_16_BE, S("\0a\0"), S("a\xff"));
}

TEST(charset_is_told_by_its_mark)
{
    enum charset charset = CHARSET_WINDOWS_1252;

    CHECK(!charset_of_mark(S("abc"), &charset));
    CHECK(!charset_of_mark(S("\xef\xbb"), &charset));
    CHECK_INT(charset, CHARSET_WINDOWS_1252);
    CHECK(charset_of_mark(S("\xef\xbb\xbf"
                            "a"),
                          &charset) &&
          charset == CHARSET_UTF_8);
    CHECK(charset_of_mark(S("\xff\xfe"
                            "a"),
                          &charset) &&
          charset == CHARSET_UTF_16_LE);
    CHECK(charset_of_mark(S("\xfe\xff"
                            "a"),
                          &charset) &&
          charset == CHARSET_UTF_16_BE);
    CHECK_STR(str_from_cstr(charset_name(CHARSET_UTF_16_BE)), "UTF-16");
}

static void check_weight(Str bytes, uint64_t characters, uint64_t bad_bytes)
{
    for (size_t piece = 1; piece <= bytes.len + 1; piece++) {
        struct charset_weight weight = {0};
        for (size_t at = 0; at < bytes.len; at += piece)
            charset_weigh(&weight, str_sub(bytes, at, piece));
        charset_weigh_end(&weight);
        CHECK_INT(weight.characters, characters);
        CHECK_INT(weight.bad_bytes, bad_bytes);
    }
}

TEST(charset_weighs_characters_against_bad_bytes)
{
    check_weight(S("nothing but plain letters"), 0, 0);
    check_weight(S("aä€😀 and so on"), 3, 0);
    check_weight(S("sp\xe4t, Stra\xdf"
                   "e und \x80"),
                 0, 3);
    check_weight(S("ä \xf6 ü"), 2, 1);
    check_weight(S("ab\xc3"), 0, 1);
    check_weight(S("\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe0\x80\x80"), 0, 12);
    check_weight(S("\xc3\xc3\xa4"), 1, 1);
}

/* Some broken rows leave a text in UTF-8 what it is. */
TEST(charset_weighed_tells_the_two_apart)
{
    struct charset_weight weight = {.characters = 5, .bad_bytes = 5};

    CHECK_INT(charset_weighed(&weight), CHARSET_UTF_8);
    weight.bad_bytes = 6;
    CHECK_INT(charset_weighed(&weight), CHARSET_WINDOWS_1252);
}

int main(void)
{
    return RUN(CASE(charset_windows_1252_becomes_utf_8), CASE(charset_utf_16_becomes_utf_8),
               CASE(charset_utf_16_halves_are_refused), CASE(charset_is_told_by_its_mark),
               CASE(charset_weighs_characters_against_bad_bytes),
               CASE(charset_weighed_tells_the_two_apart));
}
