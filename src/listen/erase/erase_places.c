#include "listen/erase/erase_places.h"

#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "listen/query/query.h"

const char *erase_place_name(enum erase_place_kind kind)
{
    static const char *const names[] = {
        [ERASE_IN_QUERY] = "query", [ERASE_IN_WORDING] = "wording", [ERASE_IN_VIEW] = "view"};

    return names[kind];
}

/* ---- one text -------------------------------------------------------------------------------- */

struct looking {
    struct arena *arena; /* of the answer */
    struct arena scratch;
    struct tokenizer *words;
    const struct erase_person *person;
    struct err *err;
};

static bool holds(Str text, Str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++)
        if (str_eq_nocase(str_sub(text, i, part.len), part))
            return true;
    return false;
}

/* author_like: asks for a part of a handle or name. */
static bool is_part_of_person(const struct erase_person *p, Str part)
{
    for (size_t i = 0; i < p->handle_count; i++)
        if (holds(p->handles[i], part))
            return true;
    for (size_t i = 0; i < p->name_count; i++)
        if (holds(p->names[i], part))
            return true;
    return false;
}

static bool node_names(const struct erase_person *p, const struct query_node *node)
{
    if (node->kind == QUERY_FIELD) {
        if (node->field == QUERY_FIELD_AUTHOR_LIKE)
            return is_part_of_person(p, node->text);
        if (node->field == QUERY_FIELD_AUTHOR || node->field == QUERY_FIELD_REPLY_TO ||
            node->field == QUERY_FIELD_MENTION)
            return erase_is_person(p, node->text);
    }
    /* What @@name stands for is looked at under its own name. */
    if (node->kind == QUERY_REFERENCE)
        return false;
    for (const struct query_node *part = node->first; part; part = part->next)
        if (node_names(p, part))
            return true;
    return false;
}

/* Mistakes in a text are of no matter here: what can be read is looked at. */
static bool query_names(struct looking *l, Str text, bool *names)
{
    struct query_problems problems = {0};
    struct query query;

    *names = erase_names_person(l->person, text);
    if (*names || text.len == 0)
        return true;
    arena_reset(&l->scratch);
    bool ok = query_parse(&l->scratch, l->words, text, STR_NONE, NULL, &query, &problems, l->err);
    if (ok)
        *names = node_names(l->person, query.root);
    query_problems_deinit(&problems);
    return ok;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Columns: kind, id, name, owner, version, title, text. */
static bool look_at_row(struct looking *l, struct stmt *stmt, struct erase_place *place,
                        bool *names)
{
    Str name = stmt_str(stmt, 2), title = stmt_str(stmt, 5);

    *names = erase_is_person(l->person, name) || erase_is_person(l->person, title) ||
             erase_names_person(l->person, title);
    if (!*names && !query_names(l, stmt_str(stmt, 6), names))
        return false;
    if (!*names)
        return true;
    *place = (struct erase_place){.kind = (enum erase_place_kind)stmt_i64(stmt, 0),
                                  .id = stmt_i64(stmt, 1),
                                  .version = stmt_i64(stmt, 4)};
    return stmt_copy_str(stmt, 2, l->arena, &place->name, l->err) &&
           stmt_copy_str(stmt, 3, l->arena, &place->owner, l->err);
}

struct places {
    VEC(struct erase_place);
};

static bool look_at_all(struct looking *l, struct db *state, struct places *found)
{
    struct erase_place place;
    struct stmt *stmt;
    bool has_row = true, names, ok;

    if (!db_query(state,
                  "SELECT 0 AS kind, id, name, '', version, title, text FROM standing_query"
                  " WHERE removed_at_ms IS NULL"
                  " UNION ALL SELECT 1, q.id, q.name, '', v.version, '', v.text"
                  " FROM standing_query_version AS v JOIN standing_query AS q ON q.id = v.query"
                  " WHERE v.version <> q.version OR q.removed_at_ms IS NOT NULL"
                  " UNION ALL SELECT 2, id, name, owner, 0, name, query FROM saved_view"
                  " ORDER BY 1, 2, 5",
                  &stmt, l->err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, l->err)) && has_row) {
        ok = look_at_row(l, stmt, &place, &names) &&
             (!names || vec_try_push(found, place) ||
              err_set(l->err, ERR_NO_MEMORY, "no memory for places that name an author"));
        if (!ok) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

bool erase_places_find(struct arena *arena, struct db *state, const struct erase_person *person,
                       struct erase_place **out, size_t *count, struct err *err)
{
    struct looking l = {.arena = arena, .person = person, .err = err};
    struct places found = {0};

    *out = NULL;
    *count = 0;
    arena_init(&l.scratch, REQUEST_ARENA_BYTES_MAX);
    bool ok = tokenizer_create(&l.words, err) && look_at_all(&l, state, &found);
    if (ok && found.count > 0) {
        *out = arena_try_new(arena, struct erase_place, found.count);
        ok = *out || err_arena(err, arena);
    }
    if (ok && found.count > 0) {
        memcpy(*out, found.items, found.count * sizeof **out);
        *count = found.count;
    }
    vec_deinit(&found);
    tokenizer_destroy(&l.words);
    arena_deinit(&l.scratch);
    return ok || err_wrap(err, "could not look for an author in queries");
}
