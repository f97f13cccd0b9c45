#include <string.h>

#include "test.h"

TEST(cut_splits_at_the_first_separator)
{
    Str head, tail;

    CHECK(str_cut(S("a=b=c"), '=', &head, &tail));
    CHECK_STR(head, "a");
    CHECK_STR(tail, "b=c");
}

TEST(cut_without_separator_gives_all_and_nothing)
{
    Str head, tail;

    CHECK(!str_cut(S("abc"), '=', &head, &tail));
    CHECK_STR(head, "abc");
    CHECK_INT(tail.len, 0);
    CHECK(!str_cut(STR_NONE, '=', &head, &tail));
    CHECK_INT(head.len, 0);
}

TEST(sub_is_clamped)
{
    CHECK_STR(str_sub(S("abc"), 1, 99), "bc");
    CHECK_INT(str_sub(S("abc"), 4, 1).len, 0);
    CHECK_INT(str_sub(STR_NONE, 0, 5).len, 0);
}

TEST(find_finds_the_first_or_the_end)
{
    CHECK_INT(str_find(S("hello"), S("l")), 2);
    CHECK_INT(str_find(S("hello"), S("z")), 5);
    CHECK_INT(str_find(S("hello"), STR_NONE), 0);
    CHECK_INT(str_find(STR_NONE, S("x")), 0);
}

TEST(numbers_fill_the_slice_or_are_refused)
{
    int64_t i = 7;
    uint64_t u = 7;
    double d = 7;

    CHECK(str_to_i64(S("-42"), &i) && i == -42);
    CHECK(str_to_i64(S("9223372036854775807"), &i) && i == INT64_MAX);
    CHECK(!str_to_i64(S("9223372036854775808"), &i));
    CHECK(!str_to_i64(S(""), &i) && !str_to_i64(S(" 1"), &i) && !str_to_i64(S("1x"), &i));
    CHECK(!str_to_i64((Str){"1\0002", 3}, &i));
    CHECK(str_to_u64(S("18446744073709551615"), &u) && u == UINT64_MAX);
    CHECK(!str_to_u64(S("-1"), &u));
    CHECK(str_to_f64(S("-1.5e3"), &d) && d == -1500);
    CHECK(!str_to_f64(S("inf"), &d) && !str_to_f64(S("nan"), &d) && !str_to_f64(S("0x10"), &d));
    CHECK(!str_to_f64(S("1e999"), &d));
    CHECK(d == -1500);
}

TEST(runes_round_trip)
{
    const uint32_t runes[] = {0,      'a',    0x7F,   0x80,    0x7FF,   0x800,
                              0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};

    for (size_t i = 0; i < COUNT_OF(runes); i++) {
        char bytes[4];
        size_t at = 0, len = str_put_rune(bytes, runes[i]);
        Str s = {bytes, len};
        CHECK_INT(str_next_rune(s, &at), runes[i]);
        CHECK_INT(at, len);
        CHECK_INT(str_utf8_invalid_at(s), len);
    }
}

TEST(invalid_utf8_is_located)
{
    static const struct {
        Str bytes;
        size_t at;
    } cases[] = {
        {S_INIT("abcdefgh\xff"), 8},     {S_INIT("\xc0\x80"), 0},     {S_INIT("\xed\xa0\x80"), 0},
        {S_INIT("\xf4\x90\x80\x80"), 0}, {S_INIT("ok\xe2\x82"), 2},   {S_INIT("\x80"), 0},
        {S_INIT("\xf5\x80\x80\x80"), 0}, {S_INIT("\xe0\x9f\xbf"), 0}, {S_INIT("\xc3\xa4\xc3"), 2},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_INT(str_utf8_invalid_at(cases[i].bytes), cases[i].at);
}

TEST(an_invalid_byte_is_one_replacement_rune)
{
    size_t at = 0;

    CHECK_INT(str_next_rune(S("\xff"
                              "a"),
                            &at),
              0xFFFD);
    CHECK_INT(at, 1);
    CHECK_INT(str_next_rune(S("\xff"
                              "a"),
                            &at),
              'a');
}

TEST(comparison_is_bytewise)
{
    CHECK(str_cmp(S("a"), S("b")) < 0);
    CHECK(str_cmp(S("ab"), S("a")) > 0);
    CHECK(str_cmp(S("a"), S("a")) == 0);
    CHECK(str_cmp(S("\x7f"), S("\x80")) < 0);
    CHECK(str_eq_nocase(S("HeLLo"), S("hEllO")));
    CHECK(!str_eq_nocase(S("a"), S("ab")));
    CHECK_STR(str_trim(S("  \t a b \n")), "a b");
}

TEST(a_slug_has_letters_digits_and_single_hyphens)
{
    static const struct {
        Str text;
        const char *slug;
    } cases[] = {{S_INIT("Survey 2026.csv"), "survey-20"},
                 {S_INIT("--a  b--"), "a-b"},
                 {S_INIT("\xc3\xa4rger"), "rger"},
                 {S_INIT("..."), ""},
                 {S_INIT(""), ""},
                 {S_INIT("abcdefgh-ijk"), "abcdefgh"},
                 {S_INIT("abcdefghijklmnop"), "abcdefghi"}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[9];
        size_t len = str_slug(cases[i].text, out, sizeof out);
        CHECK_STR(((Str){out, len}), cases[i].slug);
    }
}

int main(void)
{
    return RUN(CASE(cut_splits_at_the_first_separator),
               CASE(cut_without_separator_gives_all_and_nothing), CASE(sub_is_clamped),
               CASE(find_finds_the_first_or_the_end), CASE(numbers_fill_the_slice_or_are_refused),
               CASE(runes_round_trip), CASE(invalid_utf8_is_located),
               CASE(an_invalid_byte_is_one_replacement_rune), CASE(comparison_is_bytewise),
               CASE(a_slug_has_letters_digits_and_single_hyphens));
}
