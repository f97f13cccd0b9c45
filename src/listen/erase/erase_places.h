/* erase_places.h - where people wrote somebody's name into a query, for people to change.
 *
 * Erasing an author (erase.h) takes them out of posts and of what was made of posts. Queries and
 * saved views are words of those who listen: taking a name out of `author:ann OR late` would change
 * what is counted, without anybody having decided so. They are listed instead. Looked at are the
 * names, titles and texts of standing queries, earlier wordings of them, and saved views, those
 * that nobody shares included.
 *
 * A name is found as a field of the language (author:, author_like:, replyto:, @name), and
 * wherever erase_names_person() sees it in the text.
 *
 * Threads: as the connection. Memory: the arena.
 */
#ifndef LISTEN_ERASE_PLACES_H
#define LISTEN_ERASE_PLACES_H

#include "db/db.h"
#include "listen/archive/erase_text.h"

enum erase_place_kind {
    ERASE_IN_QUERY,   /* as it stands */
    ERASE_IN_WORDING, /* an earlier version, that nobody can change: it stays with its query */
    ERASE_IN_VIEW
};

struct erase_place {
    enum erase_place_kind kind;
    int64_t id;      /* of the query or view */
    Str name, owner; /* owner: of a view */
    int64_t version; /* of a query */
};

const char *erase_place_name(enum erase_place_kind kind); /* "query", "wording", "view" */

/* In order of kind and id. */
bool erase_places_find(struct arena *arena, struct db *state, const struct erase_person *person,
                       struct erase_place **out, size_t *count, struct err *err) MUST_CHECK;

#endif
