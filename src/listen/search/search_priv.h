/* search_priv.h - what the parts of a search share. Private to listen/search. */
#ifndef LISTEN_SEARCH_PRIV_H
#define LISTEN_SEARCH_PRIV_H

#include "base/map.h"
#include "base/vec.h"
#include "listen/archive/archive_priv.h"
#include "listen/search/search.h"
#include "listen/search/search_eval.h"

/* One run of one segment, with what was found in it. */
struct found_run {
    const struct word_run *run;
    int segment;
    int32_t month;
    const struct docset *sure, *maybe; /* apart from one another */
    const struct docset *sampled;      /* of maybe: looked at and found to match; or NULL */
};

/* A post that matches, before its page is cut out. Sorted by key, month and id, descending. */
struct found {
    int64_t key;
    int32_t month;
    int64_t id;
};

struct search {
    struct archive *a;
    struct arena *arena; /* of the results */
    const struct search_request *request;
    struct search_result *out;
    struct err *err;
    struct query query;
    struct post_tokens tokens;
    struct tokenizer *words;
    struct arena row_memory; /* of the post at hand */
    struct arena sets;       /* of found_run */
    struct arena scratch;    /* of the run at hand */
    struct {
        VEC(struct found_run);
    } runs; /* newest segment first */
    struct {
        VEC(struct found);
    } found;
    int64_t from_ms, to_ms; /* the window; everything when it has no ends */
    int64_t docs_total;     /* documents of all runs looked at */
    int64_t undecided;      /* documents in maybe of all runs */
    double sample_weight;   /* undecided posts that each sampled one stands for */
    int64_t looks;          /* posts read to decide, for this page */
};

/* search.c */
bool search_look(struct search *s, int32_t month, int64_t id, bool *matches) MUST_CHECK;
bool search_fill_tokens(struct search *s, const struct archived_post *post) MUST_CHECK;
int found_cmp(const void *left, const void *right);

/* search_page.c: the page of the request from s->runs. */
bool search_page(struct search *s) MUST_CHECK;
/* Adds the newest hits of the runs from index `from` on. */
bool search_page_gather(struct search *s, size_t from, const struct found *last) MUST_CHECK;

/* search_facets.c */
bool search_facets(struct search *s) MUST_CHECK;

#endif
