/* saved_view.h - searches that are kept by name: words, window, order, and who may see them.
 *
 * A view belongs to who made it. It is private until it is shared with the workspace; only its
 * owner, and of shared ones whoever manages the workspace, changes or removes it. What is done to
 * shared views stands in the ledger; private ones are nobody's business.
 *
 * A window is either fixed or the last so many days, counted when the view is opened. Facets that
 * were chosen are parts of the query.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection.
 */
#ifndef LISTEN_SAVED_VIEW_H
#define LISTEN_SAVED_VIEW_H

#include "db/db.h"
#include "format/json.h"
#include "listen/search/search.h"

#define SAVED_VIEW_NAME_BYTES_MAX 100   /* reject */
#define SAVED_VIEW_DAYS_MAX       36500 /* reject */
#define SAVED_VIEWS_MAX           500   /* of one owner: reject */

struct saved_view {
    int64_t id;
    Str name;  /* for people; one owner has it once */
    Str owner; /* login */
    bool is_shared;
    Str query;              /* as typed; may be empty where `within` is not */
    Str within;             /* name of a standing query; empty: all posts */
    int64_t days;           /* the last so many; 0: the fixed window */
    int64_t from_ms, to_ms; /* [from, to); 0, 0: all; to 0: without an end */
    enum search_order order;
    bool has_stems;
    int64_t created_at_ms, changed_at_ms;
};

/* Who looks or changes. */
struct saved_view_reader {
    Str login; /* for owners */
    Str actor; /* for the ledger */
    bool is_manager;
};

/* Sets id, owner and times. ERR_EXISTS: the owner has a view of that name. ERR_INPUT: name, query
 * or window is wrong, with its place. */
bool saved_view_create(struct db *db, struct saved_view *view,
                       const struct saved_view_reader *reader, int64_t now_ms,
                       struct err *err) MUST_CHECK;
/* Everything but id, owner and creation is taken from *view. ERR_NOT_FOUND: none that the reader
 * sees; ERR_DENIED: it is somebody else's. */
bool saved_view_change(struct db *db, const struct saved_view *view,
                       const struct saved_view_reader *reader, int64_t now_ms,
                       struct err *err) MUST_CHECK;
bool saved_view_remove(struct db *db, int64_t id, const struct saved_view_reader *reader,
                       int64_t now_ms, struct err *err) MUST_CHECK;

bool saved_view_may_change(const struct saved_view *view, const struct saved_view_reader *reader);
/* ERR_NOT_FOUND: there is none, or it is somebody's private one. */
bool saved_view_read(struct arena *arena, struct db *db, int64_t id,
                     const struct saved_view_reader *reader, struct saved_view *out,
                     struct err *err) MUST_CHECK;
/* The reader's own of that name, else the shared one; ERR_CONFLICT: several people share one. */
bool saved_view_find(struct arena *arena, struct db *db, Str name,
                     const struct saved_view_reader *reader, struct saved_view *out,
                     struct err *err) MUST_CHECK;
/* By its number or, where none has it, by its name. */
bool saved_view_look_up(struct arena *arena, struct db *db, Str name_or_number,
                        const struct saved_view_reader *reader, struct saved_view *out,
                        struct err *err) MUST_CHECK;
/* The reader's own by name, then those that others share by name. */
bool saved_view_list(struct arena *arena, struct db *db, const struct saved_view_reader *reader,
                     struct saved_view **out, size_t *count, struct err *err) MUST_CHECK;

/* Do both search for the same? Name, owner and readers aside. */
bool saved_view_is_same(const struct saved_view *a, const struct saved_view *b);
/* What is searched for becomes that of `from`. */
void saved_view_search_copy(struct saved_view *to, const struct saved_view *from);
/* Members of an open object, for the ledger and the command line; without the number. */
void saved_view_put(struct json_writer *w, const struct saved_view *view);
/* What a search asks for: the words inside the standing query. */
Str search_text_within(struct arena *arena, Str within, Str query);
/* [*from_ms, *to_ms) as of now. */
void saved_view_window(const struct saved_view *view, int64_t now_ms, int64_t *from_ms,
                       int64_t *to_ms);
const char *search_order_name(enum search_order order);
bool search_order_from(Str name, enum search_order *out) MUST_CHECK; /* "newest" ... */

#endif
