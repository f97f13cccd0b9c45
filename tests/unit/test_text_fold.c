/* Folding: known values, idempotence, chunk borders. */
#include "text/fold.h"

#include <string.h>

#include "base/random.h"
#include "unit/test.h"

static Str fold(Str in, enum fold_accents accents, struct buf *out)
{
    buf_reset(out);
    text_fold(in, accents, out);
    CHECK(!out->is_failed);
    return buf_str(out);
}

static const struct {
    const char *in, *folded, *plain;
} cases[] = {
    {"", "", ""},
    {"Hello World 1", "hello world 1", "hello world 1"},
    {"\xc3\x84rger", "\xc3\xa4rger", "arger"},
    {"A\xcc\x88rger", "\xc3\xa4rger", "arger"},
    {"Stra\xc3\x9f"
     "e STRA\xe1\xba\x9e"
     "E",
     "strasse strasse", "strasse strasse"},
    {"\xef\xac\x81n", "fin", "fin"},          /* fi ligature */
    {"\xef\xbc\xa1\xef\xbd\x82", "ab", "ab"}, /* full width */
    {"\xc3\x98re \xc5\x81"
     "ód\xc5\xba",
     "\xc3\xb8re \xc5\x82\xc3\xb3"
     "d\xc5\xba",
     "ore lodz"},
    {"\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0", "\xd1\x91\xd0\xbb\xd0\xba\xd0\xb0",
     "\xd0\xb5\xd0\xbb\xd0\xba\xd0\xb0"}, /* yo */
    {"\xd0\x9c\xd0\xbe\xd0\xb9", "\xd0\xbc\xd0\xbe\xd0\xb9", "\xd0\xbc\xd0\xbe\xd0\xb9"},
    {"\xce\xa3\xce\x91\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83",
     "\xcf\x83\xce\xb1\xcf\x83"},                        /* sigma */
    {"\xc4\xb0stanbul", "i\xcc\x87stanbul", "istanbul"}, /* dotted capital I */
    {"don\xe2\x80\x99t", "don't", "don't"},
    {"co\xc2\xad"
     "op",
     "coop", "coop"},                                 /* soft hyphen */
    {"\xe3\x81\x8c", "\xe3\x81\x8c", "\xe3\x81\x8c"}, /* ga keeps its voicing */
    {"\xe2\x91\xa0", "1", "1"},
};

TEST(fold_cases)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CHECK_STR(fold(str_from_cstr(cases[i].in), FOLD_KEEP_ACCENTS, &out), cases[i].folded);
        CHECK_STR(fold(str_from_cstr(cases[i].in), FOLD_STRIP_ACCENTS, &out), cases[i].plain);
    }
    buf_deinit(&out);
}

/* Every code point, alone and between letters: folding twice changes nothing more. */
TEST(fold_is_idempotent)
{
    struct buf once, twice;
    char text[16];

    buf_init(&once, 1 << 12);
    buf_init(&twice, 1 << 12);
    for (uint32_t rune = 1; rune < 0x20000; rune++) {
        if (rune >= 0xd800 && rune <= 0xdfff)
            continue;
        text[0] = 'E';
        size_t len = 1 + str_put_rune(text + 1, rune);
        text[len++] = 'X';
        for (int strip = 0; strip < 2; strip++) {
            Str first = fold((Str){text, len}, (enum fold_accents)strip, &once);
            Str second = fold(first, (enum fold_accents)strip, &twice);
            if (!str_eq(first, second))
                print_error("U+%04X\n", rune);
            CHECK(str_eq(first, second));
        }
    }
    buf_deinit(&once);
    buf_deinit(&twice);
}

/* A long text gives the same as its parts: no letter is parted from its accent. */
TEST(fold_long_text)
{
    struct buf in, out;

    buf_init(&in, 1 << 16);
    buf_init(&out, 1 << 16);
    for (int i = 0; i < 3000; i++)
        buf_add(&in, i % 7 == 0 ? S(" ") : S("e\xcc\x81"));
    Str folded = fold(buf_str(&in), FOLD_KEEP_ACCENTS, &out);
    CHECK(str_find(folded, S("\xcc\x81")) == folded.len);
    CHECK(str_find(folded, S("e")) == folded.len);
    folded = fold(buf_str(&in), FOLD_STRIP_ACCENTS, &out);
    CHECK_INT(folded.len, 3000);
    buf_deinit(&in);
    buf_deinit(&out);
}

TEST(fold_stops_at_the_maximum)
{
    struct buf out;
    struct err err = {0};

    buf_init(&out, 8);
    text_fold(S("aaaaaaaaaaaaaaaaaaa\xc3\x84"), FOLD_KEEP_ACCENTS, &out);
    CHECK(!buf_ok(&out, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    buf_deinit(&out);
}

int main(void)
{
    return RUN(CASE(fold_cases), CASE(fold_is_idempotent), CASE(fold_long_text),
               CASE(fold_stops_at_the_maximum));
}
