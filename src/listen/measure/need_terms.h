/* need_terms.h - what the mentions of a query complain about and wish for.
 *
 * Complaint terms are words and phrases that the negative mentions of a window have more often than
 * its other mentions; wish terms those of mentions with a word of wishing (English and German:
 * need_wish_words()) against the others. Posts are compared like with like, near-duplicates count
 * once, function words are left out: contrast.h. A post may be both a complaint and a wish.
 *
 * What is common in the posts that only the other queries of the workspace keep counts as function
 * words too, and so do the words of text/common_words.h.
 *
 * need_terms() is asked with everything given; need_terms_of() looks up the rest of a standing
 * query: its window, the other queries, and how much of the window was heard.
 *
 * Memory: results live in the arena. Threads: as the archive. Every answer depends on the stored
 * posts, the hours and the queries asked for alone.
 */
#ifndef LISTEN_NEED_TERMS_H
#define LISTEN_NEED_TERMS_H

#include "format/json.h"
#include "ledger/workspace.h"
#include "listen/archive/archive.h"
#include "listen/measure/contrast.h"
#include "listen/standing_query.h"

#define NEED_TERMS_MAX    12
#define NEED_DAYS_DEFAULT 60
#define NEED_OTHERS_MAX   60 /* other queries that are read for function words: the oldest ones */

enum need_kind { NEED_COMPLAINT, NEED_WISH, NEED_KIND_COUNT };
const char *need_kind_name(enum need_kind kind); /* "complaint" "wish" */

/* Sees every post that is compared, before its near-duplicates are left out. */
typedef void need_visit_post(void *context, const struct mention_fact *fact,
                             const struct archived_post *post);

struct need_request {
    int64_t query;
    int64_t from_hour, to_hour; /* [from, to) */
    const int64_t *others;      /* queries whose other posts tell function words */
    size_t other_count;
    need_visit_post *visit; /* may be NULL */
    void *context;
};

struct need_list {
    int64_t base;                /* complaints (wishes) compared, copies left out */
    struct contrast_term *terms; /* the best first, at most NEED_TERMS_MAX */
    size_t count;
};

struct need_terms {
    int64_t from_hour, to_hour;
    int64_t mentions; /* of the query in the window */
    int64_t every;    /* one mention in so many was read: 1 is all */
    int64_t n;        /* mentions compared, copies left out */
    double coverage;  /* 0 to 1: share of the window that was heard; 1 of need_terms() */
    struct need_list lists[NEED_KIND_COUNT];
};

bool need_terms(struct archive *a, struct arena *arena, const struct need_request *request,
                struct need_terms *out, struct err *err) MUST_CHECK;

/* The same of a standing query with the window [from_ms, to_ms), widened to whole hours. 0 for
 * `to_ms`: up to the end of the last day with a stored post, now when there is none; 0 for
 * `from_ms`: NEED_DAYS_DEFAULT days. ERR_USAGE: the window is empty. `now_ms`: the time of day, for
 * what was heard. */
bool need_terms_of(struct workspace *workspace, struct arena *arena, int64_t query, int64_t from_ms,
                   int64_t to_ms, int64_t now_ms, struct need_terms *out,
                   struct err *err) MUST_CHECK;

/* What to search for among the mentions of the query to see the posts of a term, as
 * `sentiment:negative AND "battery"`; of all complaints (wishes) with an empty term. The search
 * shows copies too. */
Str need_search(struct arena *arena, enum need_kind kind, Str term);
/* Members of an object: window, sample, coverage, definition and both lists. */
void need_terms_put(struct json_writer *w, struct arena *arena, const struct need_terms *needs);
/* What is counted, in English words to be translated (base/wording.h). */
extern const char *const need_definitions[NEED_KIND_COUNT];

#endif
