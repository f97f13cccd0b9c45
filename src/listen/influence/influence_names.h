/* influence_names.h - which names are one author. Private to listen/influence*.c.
 *
 * A name is an id, a handle or a display name of one source; its case does not matter. Names that
 * are said of one person are joined (union by size, Tarjan 1975), unless both already belong to
 * authors whose ids differ: a handle that changed hands does not make two people one.
 *
 * Zeroed by names_init(); one thread.
 */
#ifndef LISTEN_INFLUENCE_NAMES_H
#define LISTEN_INFLUENCE_NAMES_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

#define NAME_NONE UINT32_MAX

struct influence_name {
    uint32_t parent, size;
    Str source, text; /* as first written */
    Str id;           /* of a root: the id of its author, when known */
    Str handle;       /* of a root: for people */
};

struct influence_names {
    struct {
        VEC(struct influence_name);
    } items;
    struct map index; /* source, tab, folded text -> item */
    struct buf key;
    struct arena memory;
};

void names_init(struct influence_names *n, size_t cap_bytes);
void names_deinit(struct influence_names *n);

/* The name's number, made when new. An empty text is NAME_NONE. */
bool names_at(struct influence_names *n, Str source, Str text, uint32_t *out,
              struct err *err) MUST_CHECK;
/* Says that an author with this id or handle goes by the name. Empty ones say nothing; what he
 * writes himself stands before what others call him. */
void names_describe(struct influence_names *n, uint32_t name, Str id, Str handle, bool is_own);
void names_join(struct influence_names *n, uint32_t a, uint32_t b);
/* The one that stands for all of an author's names. */
uint32_t names_root(struct influence_names *n, uint32_t name);

#endif
