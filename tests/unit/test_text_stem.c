/* Stems: what the algorithms give for known words, and the property that searching relies on. */
#include "unit/test.h"

#include "base/buf.h"
#include "base/random.h"
#include "text/stem.h"

static void check_stem(struct stemmer *s, const char *lang, const char *word, const char *stem)
{
    size_t language = stem_language_find(str_from_cstr(lang));

    CHECK(language < stem_language_count());
    CHECK_STR(stemmer_run(s, language, str_from_cstr(word)), stem);
}

TEST(words_lose_their_inflection)
{
    struct stemmer *s;
    struct err err = {0};

    CHECK(stemmer_create(&s, &err));
    check_stem(s, "en", "delays", "delay");
    check_stem(s, "en", "delayed", "delay");
    check_stem(s, "en", "batteries", "batteri");
    check_stem(s, "en", "battery", "batteri");
    check_stem(s, "en", "dying", "die");
    check_stem(s, "de", "akkus", "akkus");
    check_stem(s, "de", "hauser", "haus");
    check_stem(s, "de", "h\xc3\xa4user", "haus");
    check_stem(s, "de", "entt\xc3\xa4uschten", "enttauscht");
    check_stem(s, "fr", "retards", "retard");
    check_stem(s, "ru", "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb8",
               "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3");
    check_stem(s, "en", "", "");
    stemmer_destroy(&s);
    CHECK(s == NULL);
    CHECK_INT(stem_language_find(S("ja")), stem_language_count());
    CHECK_INT(stem_language_find(S("")), stem_language_count());
}

/* An index is walked from the first letter of a word on: no algorithm here may change it, nor leave
 * nothing. Words of random syllables with the endings of these languages. */
TEST(the_first_letter_stays)
{
    static const char *const parts[] = {"a",   "be",  "chi", "dy",  "er",   "est", "fu",   "ing",
                                        "ies", "isk", "lje", "men", "ness", "oni", "sa",   "ski",
                                        "te",  "ung", "ved", "y",   "zz",   "ed",  "heit", "lar"};
    struct random r = {.seed = 11};
    struct stemmer *s;
    struct err err = {0};
    struct buf word;

    CHECK(stemmer_create(&s, &err));
    buf_init(&word, 256);
    for (int i = 0; i < 40000; i++) {
        buf_reset(&word);
        buf_add_byte(&word, (char)('a' + random_below(&r, 26)));
        for (uint64_t n = random_below(&r, 5); n > 0; n--)
            buf_printf(&word, "%s", parts[random_below(&r, COUNT_OF(parts))]);
        for (size_t language = 0; language < stem_language_count(); language++) {
            Str stem = stemmer_run(s, language, buf_str(&word));
            if (stem.len == 0 || stem.ptr[0] != word.ptr[0]) {
                print_error(STR_F " in " STR_F " becomes " STR_F "\n", STR_A(buf_str(&word)),
                            STR_A(stem_language(language)), STR_A(stem));
                fail();
            }
        }
    }
    buf_deinit(&word);
    stemmer_destroy(&s);
}

int main(void)
{
    return RUN(CASE(words_lose_their_inflection), CASE(the_first_letter_stays));
}
