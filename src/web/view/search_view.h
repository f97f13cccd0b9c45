/* search_view.h - what a search asks for: read from an address, written into one.
 *
 * Parameters, all optional: q (words or query), query (name of the standing query to search
 * within), from and to (a day, RFC 3339 or milliseconds; a day given as `to` is inside), days (the
 * last so many, instead of from and to), order (newest, oldest, relevant), stems (1: bare words
 * find their inflected forms too), cursor, and view: the number of a saved view that gives
 * everything which is not said.
 */
#ifndef WEB_SEARCH_VIEW_H
#define WEB_SEARCH_VIEW_H

#include "listen/search/saved_view.h"
#include "listen/standing_query.h"
#include "web/request.h"

struct search_ask {
    struct saved_view is; /* what is asked; id and name of the view it began with, if any */
    Str cursor;
    bool is_changed; /* differs from the view it began with */
    Str text;        /* what is searched; empty: nothing is asked */
    int64_t from_ms, to_ms;
    struct standing_names names;
    struct query_resolver resolver;
};

/* ERR_INPUT: a parameter is malformed; ERR_NOT_FOUND: no such view for who asks. *out lives as long
 * as the request, and does not move. */
bool search_ask_read(struct request *req, struct search_ask *out, struct err *err) MUST_CHECK;
/* The same of a view that was read otherwise. */
void search_ask_of(struct request *req, const struct saved_view *is, struct search_ask *out);
/* The window of *v from its parts as text; days win over from and to. ERR_INPUT. */
bool search_window_read(Str from, Str to, int64_t days, struct saved_view *v,
                        struct err *err) MUST_CHECK;
/* Facets, limit and the like are the caller's. */
struct search_request search_ask_request(const struct search_ask *ask);
/* "/w/x/<path>?q=..." of a search; without the cursor. The window is as asked, or with days 0 the
 * fixed one of *is. */
Str search_ask_url(struct request *req, const char *path, const struct saved_view *is);

struct saved_view_reader saved_view_reader_of(struct request *req);
/* A token needs the scope to write for it; sharing needs the right to edit queries. */
bool saved_view_may_keep(struct request *req, bool is_shared, struct err *err) MUST_CHECK;

#endif
