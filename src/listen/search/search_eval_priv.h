/* search_eval_priv.h - what the parts of search_eval share. */
#ifndef LISTEN_SEARCH_EVAL_PRIV_H
#define LISTEN_SEARCH_EVAL_PRIV_H

#include "listen/search/search_eval.h"

struct evaluation {
    const struct word_run *run;
    struct arena *arena;
    struct err *err;
};

/* Where text parts have to stand. */
struct eval_place {
    unsigned zones; /* query_zone */
    bool in_sentence;
};

/* Terms of the run that a word of the query stands for. */
struct word_terms {
    struct run_posting *postings;
    size_t count;
    uint64_t docs;  /* sum of their documents */
    bool is_unsure; /* some of their places may not count: {Case} */
    bool is_short;  /* there may be longer terms that are not in the run */
};
/* `max`: stop after so many terms (is_unsure is set and count is 0). */
bool eval_word_terms(struct evaluation *e, const struct query_node *word, size_t max,
                     struct word_terms *out);

/* Union, within a set. NULL: e->err is set. */
const struct docset *eval_union(struct evaluation *e, const struct run_posting *postings,
                                size_t count, const struct docset *within);

static inline const struct docset *eval_set(struct evaluation *e, const struct docset *s)
{
    if (!s)
        err_arena(e->err, e->arena);
    return s;
}

/* Part of the body only: places cannot tell. */
static inline bool zones_are_unsure(unsigned zones)
{
    return (zones & QUERY_IN_BODY) != 0 && (zones & QUERY_IN_BODY) != QUERY_IN_BODY;
}

/* Documents of `within` where a text part has as many places as `keep` asks for. For PHRASE, NEAR,
 * words in a zone, and COUNT. *is_unsure: nothing was decided, the answer is where its words are.
 */
typedef bool eval_keep(const struct query_node *node, size_t count);
bool eval_places(struct evaluation *e, const struct query_node *node, struct eval_place place,
                 const struct docset *within, eval_keep *keep, const struct query_node *keeper,
                 const struct docset **out, bool *is_unsure);

#endif
