/* The lists of common words: as they are, and without accents. */
#include "unit/test.h"

#include "text/common_words.c"

/* Every word of every list, against the folding that makes the words it is held against. */
TEST(accents_go_as_folding_takes_them)
{
    for (size_t i = 0; i < COMMON_LANGUAGES; i++) {
        Str rest = lists[i].words, word;
        while (rest.len > 0) {
            struct buf plain, same;
            (void)str_cut(rest, ' ', &word, &rest);
            buf_init(&plain, 256);
            buf_init(&same, 256);
            text_fold(word, FOLD_STRIP_ACCENTS, &plain);
            text_fold(word, FOLD_KEEP_ACCENTS, &same);
            CHECK(is_without_accents(word, buf_str(&plain)));
            CHECK(str_eq(buf_str(&same), word)); /* the lists are folded */
            CHECK(word.len == 0 || has_without_accents(i, buf_str(&plain)));
            CHECK(word.len == 0 || common_words_has(i, word));
            buf_deinit(&plain);
            buf_deinit(&same);
        }
    }
}

TEST(parts_of_words_are_not_words)
{
    size_t german = common_words_list(S("de"));

    CHECK(has_without_accents(german, S("fur")));
    CHECK(!has_without_accents(german, S("fu")));
    CHECK(!has_without_accents(german, S("furs und")));
    CHECK(!has_without_accents(german, S("")));
    CHECK(!has_without_accents(german, S("f\303\274r"))); /* with its accent it is another text */
}

int main(void)
{
    return RUN(CASE(accents_go_as_folding_takes_them), CASE(parts_of_words_are_not_words));
}
