#include "listen/query/query_stem.h"

#include <string.h>

#include "base/buf.h"
#include "text/fold.h"

static bool is_bare(const struct query_node *word)
{
    return word->form == QUERY_EXACT && word->token == TOKEN_WORD && !word->is_quoted &&
           !word->is_sigil && !word->is_accented && word->key.len > 0;
}

/* Depth is bounded by QUERY_DEPTH_MAX. */
void query_stem_words(struct query_node *node)
{
    if (node->kind == QUERY_WORD)
        node->is_stemmed = is_bare(node);
    if (node->kind != QUERY_AND && node->kind != QUERY_OR && node->kind != QUERY_NOT)
        return;
    for (struct query_node *child = node->first; child; child = child->next)
        query_stem_words(child);
}

void word_stem_init(struct word_stem *w, struct stemmer *stemmer, size_t language, Str word)
{
    Str stem = stemmer_run(stemmer, language, word);

    w->language = language;
    w->is_known = stem.len <= sizeof w->stem;
    w->len = w->is_known ? stem.len : 0;
    memcpy(w->stem, stem.ptr, w->len);
}

bool word_stem_fits(const struct word_stem *w, struct stemmer *stemmer, Str form)
{
    return w->is_known && str_eq(stemmer_run(stemmer, w->language, form), (Str){w->stem, w->len});
}

size_t query_stem_language(Str lang)
{
    size_t end = 0;
    struct buf folded;

    while (end < lang.len && lang.ptr[end] != '-' && lang.ptr[end] != '_')
        end++;
    buf_init(&folded, 64);
    text_fold(str_sub(lang, 0, end), FOLD_KEEP_ACCENTS, &folded);
    size_t found = folded.is_failed ? stem_language_count() : stem_language_find(buf_str(&folded));
    buf_deinit(&folded);
    return found;
}
