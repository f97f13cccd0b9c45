#include "text/stem.h"

#include <libstemmer.h>

#include "base/mem.h"

static const struct {
    const char *code, *algorithm;
} languages[] = {
    {"da", "danish"},     {"de", "german"},   {"en", "english"},   {"es", "spanish"},
    {"fi", "finnish"},    {"fr", "french"},   {"hu", "hungarian"}, {"it", "italian"},
    {"nb", "norwegian"},  {"nl", "dutch"},    {"nn", "norwegian"}, {"no", "norwegian"},
    {"pt", "portuguese"}, {"ro", "romanian"}, {"ru", "russian"},   {"sv", "swedish"},
    {"tr", "turkish"},
};

struct stemmer {
    struct sb_stemmer *of[COUNT_OF(languages)]; /* made when first asked for */
};

size_t stem_language_count(void)
{
    return COUNT_OF(languages);
}

Str stem_language(size_t index)
{
    ASSERT(index < COUNT_OF(languages));
    return str_from_cstr(languages[index].code);
}

size_t stem_language_find(Str code)
{
    size_t i = 0;

    while (i < COUNT_OF(languages) && !str_eq(code, str_from_cstr(languages[i].code)))
        i++;
    return i;
}

bool stemmer_create(struct stemmer **out, struct err *err)
{
    *out = mem_try_alloc(1, sizeof **out);
    return *out || err_set(err, ERR_NO_MEMORY, "no memory for stems");
}

void stemmer_destroy(struct stemmer **p)
{
    struct stemmer *s = *p;

    if (!s)
        return;
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        sb_stemmer_delete(s->of[i]);
    mem_free(s);
    *p = NULL;
}

/* Where memory runs out the word stands for itself: then it finds nothing but itself. */
Str stemmer_run(struct stemmer *s, size_t language, Str word)
{
    ASSERT(language < COUNT_OF(languages));
    if (!s->of[language])
        s->of[language] = sb_stemmer_new(languages[language].algorithm, "UTF_8");
    if (!s->of[language] || word.len == 0 || word.len > INT32_MAX)
        return word;
    const sb_symbol *stem =
        sb_stemmer_stem(s->of[language], (const sb_symbol *)word.ptr, (int)word.len);
    if (!stem)
        return word;
    return (Str){(const char *)stem, (size_t)sb_stemmer_length(s->of[language])};
}
