/* Hash, random numbers, errors, embedded files. */
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/random.h"
#include "test.h"

/* Known answers of Philox 4x32-10 as published with Random123 (kat_vectors). */
TEST(philox_known_answers)
{
    struct random_block zero = random_at(0, 0, 0);
    struct random_block ones = random_at(UINT64_MAX, UINT64_MAX, UINT64_MAX);

    CHECK_INT(zero.words[0], 0x6627e8d5);
    CHECK_INT(zero.words[1], 0xe169c58d);
    CHECK_INT(zero.words[2], 0xbc57ac4c);
    CHECK_INT(zero.words[3], 0x9b00dbd8);
    CHECK_INT(ones.words[0], 0x408f276d);
    CHECK_INT(ones.words[1], 0x41c83b0e);
    CHECK_INT(ones.words[2], 0xa20bc7c6);
    CHECK_INT(ones.words[3], 0x6d5451fd);
}

TEST(unit_numbers_are_open_and_even)
{
    double sum = 0, least = 1, most = 0;
    enum { DRAWS = 100000 };

    for (uint64_t i = 0; i < DRAWS; i++) {
        double u = random_unit(42, 7, i);
        sum += u;
        least = u < least ? u : least;
        most = u > most ? u : most;
    }
    CHECK(least > 0 && most < 1);
    CHECK_NEAR(sum / DRAWS, 0.5, 0.005); /* five standard errors */
}

TEST(below_is_even_over_its_range)
{
    struct random r = {1, 2, 0};
    int seen[7] = {0};

    for (int i = 0; i < 70000; i++)
        seen[random_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        CHECK(seen[i] > 9500 && seen[i] < 10500);
    CHECK_INT(random_below(&r, 1), 0);
}

TEST(hash_depends_on_every_byte_and_the_seed)
{
    char text[64];

    for (size_t len = 1; len <= sizeof text; len++) {
        memset(text, 'a', sizeof text);
        uint64_t before = hash_bytes((Str){text, len}, 1);
        CHECK(before != hash_bytes((Str){text, len}, 2));
        CHECK(before != hash_bytes((Str){text, len - 1}, 1));
        for (size_t i = 0; i < len; i++) {
            text[i] ^= 1;
            CHECK(before != hash_bytes((Str){text, len}, 1));
            text[i] ^= 1;
        }
    }
    CHECK(hash_combine(1, 2) != hash_combine(2, 1));
}

TEST(hash_padded_is_the_hash)
{
    char text[2 * HASH_PADDED_MAX];

    for (int rest = 0; rest < 256; rest += 85)
        for (size_t len = 0; len <= HASH_PADDED_MAX; len++) {
            memset(text, rest, sizeof text);
            for (size_t i = 0; i < len; i++)
                text[i] = (char)(i * 37 + len);
            Str s = {text, len};
            CHECK(hash_padded(s, 7) == hash_bytes(s, 7));
            CHECK(hash_padded(s, 7) != hash_bytes(s, 8));
            uint64_t low = 0;
            memcpy(&low, s.ptr, s.len < sizeof low ? s.len : sizeof low);
            CHECK(s.len > sizeof low || hash_short(low, s.len, 7) == hash_bytes(s, 7));
        }
}

TEST(errors_are_one_line_with_context_in_front)
{
    struct err err = {0};

    CHECK(!err_set(&err, ERR_NOT_FOUND, "no topic '%s'", "a\nb"));
    CHECK_STR(str_from_cstr(err.msg), "no topic 'a b'");
    CHECK(strstr(err.origin, "test_base_numbers.c:") != NULL);
    CHECK(!err_wrap(&err, "could not rate"));
    CHECK_STR(str_from_cstr(err.msg), "could not rate: no topic 'a b'");
    err_hint(&err, "Name a topic.");
    err_hint(&err, "A second hint is dropped.");
    CHECK_STR(str_from_cstr(err.hint), "Name a topic.");
    CHECK_INT(err.code, ERR_NOT_FOUND);
    char longer[600];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(!err_wrap(&err, "%s", longer));
    CHECK(strlen(err.msg) < sizeof err.msg);
}

TEST(embedded_files_are_found_by_name_and_prefix)
{
    const struct embedded_file *first;
    size_t count = embedded_list(S("samples/halden/"), &first);

    CHECK(count >= 2);
    for (size_t i = 0; i < count; i++) {
        CHECK(str_starts(first[i].path, S("samples/halden/")));
        CHECK(embedded_find(first[i].path) == &first[i]);
        CHECK_INT(strlen(first[i].sha256_hex), 64);
    }
    CHECK(embedded_find(S("samples/nowhere")) == NULL);
    CHECK_INT(embedded_list(S("zzz/"), &first), 0);
}

int main(void)
{
    return RUN(CASE(philox_known_answers), CASE(unit_numbers_are_open_and_even),
               CASE(below_is_even_over_its_range), CASE(hash_depends_on_every_byte_and_the_seed),
               CASE(hash_padded_is_the_hash), CASE(errors_are_one_line_with_context_in_front),
               CASE(embedded_files_are_found_by_name_and_prefix));
}
