/* Phrases: formats, their patterns and values, and errors that are said in another language. */
#include "base/arena.h"
#include "base/err.h"
#include "base/phrase.h"
#include "test.h"

static bool values(char *out, size_t size, size_t *used, const char *format, ...) PRINTF_LIKE(4, 5);

static bool values(char *out, size_t size, size_t *used, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bool ok = phrase_values(out, size, used, format, args);
    va_end(args);
    return ok;
}

static Str filled(char *out, size_t size, const char *pattern, Str kept)
{
    return (Str){out, phrase_fill(out, size, str_from_cstr(pattern), kept)};
}

TEST(phrase_pattern_numbers_the_values)
{
    char pattern[64];

    CHECK(phrase_pattern(pattern, sizeof pattern, "cannot find the %s '" STR_F "' in %5.2f %%"));
    CHECK_STR(str_from_cstr(pattern), "cannot find the %1 '%2' in %3 %%");
    CHECK(phrase_pattern(pattern, sizeof pattern, "%zu of %lld, %-*d and %c"));
    CHECK_STR(str_from_cstr(pattern), "%1 of %2, %3 and %4");
    CHECK(!phrase_pattern(pattern, 8, "too long for it"));
    CHECK(!phrase_pattern(pattern, sizeof pattern, "%d%d%d%d%d%d%d%d%d%d"));
    CHECK(phrase_pattern(pattern, sizeof pattern, "ends in %"));
}

TEST(phrase_values_stand_in_the_order_of_the_format)
{
    char bytes[64], out[64];
    size_t used;

    CHECK(values(bytes, sizeof bytes, &used, "%s has " STR_F " at %5.2f %%", "one", 3, "twofold",
                 3.14159));
    CHECK_STR(((Str){bytes, used}), "one\x1ftwo\x1f 3.14\x1f");
    CHECK_STR(filled(out, sizeof out, "%2 vor %1: %% %3 %4", (Str){bytes, used}),
              "two vor one: %  3.14 %4");
    CHECK_STR(filled(out, 5, "%2 vor %1", (Str){bytes, used}), "two v");
    CHECK(values(bytes, sizeof bytes, &used, "nothing in it"));
    CHECK(used == 0);
}

TEST(phrase_values_that_cannot_be_told_apart_are_refused)
{
    char bytes[16];
    size_t used;

    CHECK(!values(bytes, sizeof bytes, &used, "%s and %s", "a\x1f", "b"));
    CHECK(!values(bytes, sizeof bytes, &used, "%s", "longer than the room for it"));
    CHECK(
        !values(bytes, sizeof bytes, &used, "%d%d%d%d%d%d%d%d%d%d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
}

TEST(err_keeps_the_phrases_of_message_contexts_and_hint)
{
    struct err err = {0};
    struct phrase parts[ERR_PHRASES_MAX];

    err_set(&err, ERR_NOT_FOUND, "cannot find the query '%s'", "air\nlines");
    err_hint(&err, "one of %d", 3);
    err_wrap(&err, "row %d", 7);
    CHECK_STR(str_from_cstr(err.msg), "row 7: cannot find the query 'air lines'");
    CHECK(err_phrases(&err, parts) == 2);
    CHECK_STR(str_from_cstr(parts[0].format), "row %d");
    CHECK_STR(parts[0].values, "7\x1f");
    CHECK_STR(parts[1].values, "air lines\x1f");
    CHECK_STR(err_hint_phrase(&err).values, "3\x1f");

    struct err copy = err;
    CHECK(err_phrases(&copy, parts) == 2);
    CHECK_STR(parts[1].values, "air lines\x1f");
}

TEST(err_with_more_contexts_than_it_keeps_has_its_english_text)
{
    struct err err = {0};
    struct phrase parts[ERR_PHRASES_MAX];

    err_set(&err, ERR_INPUT, "wrong");
    for (int i = 0; i < ERR_PHRASES_MAX; i++)
        err_wrap(&err, "level %d", i);
    CHECK(err_phrases(&err, parts) == 0);
    CHECK_STR(str_from_cstr(err.msg), "level 3: level 2: level 1: level 0: wrong");
    err_set(&err, ERR_INPUT, "anew");
    CHECK(err_phrases(&err, parts) == 1);
    CHECK(err_hint_phrase(&err).format == NULL);
}

static bool said(struct arena *a, Str *text, struct phrase *phrase, const char *format, ...)
    PRINTF_LIKE(4, 5);

static bool said(struct arena *a, Str *text, struct phrase *phrase, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bool ok = arena_try_phrase(a, text, phrase, format, args);
    va_end(args);
    return ok;
}

TEST(arena_phrase_is_cut_between_characters)
{
    struct arena a;
    struct phrase phrase;
    struct err err = {0};
    struct phrase parts[ERR_PHRASES_MAX];
    Str text;

    arena_init(&a, 1 << 16);
    CHECK(said(&a, &text, &phrase, "%0*d%s", ARENA_PHRASE_BYTES - 1, 0, "\u00fc"));
    CHECK_INT(text.len, ARENA_PHRASE_BYTES - 1);
    CHECK(phrase.format == NULL);

    CHECK(said(&a, &text, &phrase, "at %d", 4));
    err_set_phrase(&err, ERR_LIMIT, text, phrase);
    CHECK_STR(str_from_cstr(err.msg), "at 4");
    CHECK_INT(err_phrases(&err, parts), 1);
    CHECK_STR(parts[0].values, "4\x1f");
    arena_deinit(&a);
}

int main(void)
{
    return RUN(CASE(phrase_pattern_numbers_the_values),
               CASE(phrase_values_stand_in_the_order_of_the_format),
               CASE(phrase_values_that_cannot_be_told_apart_are_refused),
               CASE(err_keeps_the_phrases_of_message_contexts_and_hint),
               CASE(err_with_more_contexts_than_it_keeps_has_its_english_text),
               CASE(arena_phrase_is_cut_between_characters));
}
