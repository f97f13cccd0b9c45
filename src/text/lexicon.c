/* Only what the generator needs too: the tables themselves are compiled apart. */
#include "text/lexicon_priv.h"

#include <string.h>

static const struct {
    Str ending;
    size_t stem_bytes_min;
} endings[] = {
    /* longest first */
    {S_INIT("esten"), 4}, {S_INIT("ester"), 4}, {S_INIT("estes"), 4}, {S_INIT("estem"), 4},
    {S_INIT("este"), 4},  {S_INIT("eren"), 4},  {S_INIT("erer"), 4},  {S_INIT("eres"), 4},
    {S_INIT("erem"), 4},  {S_INIT("sten"), 4},  {S_INIT("ster"), 4},  {S_INIT("stes"), 4},
    {S_INIT("stem"), 4},  {S_INIT("ere"), 4},   {S_INIT("ste"), 4},   {S_INIT("em"), 3},
    {S_INIT("en"), 3},    {S_INIT("er"), 3},    {S_INIT("es"), 3},    {S_INIT("e"), 3},
    {S_INIT("n"), 4},     {S_INIT("s"), 4},
};

const char *const judge_feature_names[JUDGE_FEATURE_COUNT] = {
    "one",           "compound",         "positive",
    "negative",      "positive-density", "negative-density",
    "no-hit",        "exclamations",     "questions",
    "url",           "mention",          "hashtag",
    "number",        "length",           "first-person",
    "second-person", "negation",         "contrast"};

size_t lexicon_stem_len(Str word)
{
    if (word.len <= LEXICON_STEM_BYTES_MIN || !strchr("ensrm", word.ptr[word.len - 1]))
        return word.len;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (word.len >= endings[i].ending.len + endings[i].stem_bytes_min &&
            str_ends(word, endings[i].ending))
            return word.len - endings[i].ending.len;
    return word.len;
}
