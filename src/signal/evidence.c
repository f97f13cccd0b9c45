#include "signal/evidence.h"

static const char *const kind_names[EVIDENCE_ITEM_KIND_COUNT] = {
    [EVIDENCE_POST] = "post", [EVIDENCE_SIGNAL] = "signal", [EVIDENCE_DOCUMENT] = "document"};

static Str or_empty(Str s)
{
    return s.ptr ? s : S("");
}

/* Creating ------------------------------------------------------------------------------------ */

static bool check_evidence(const struct evidence *e, struct err *err)
{
    if (str_trim(e->statement).len == 0 || e->kind.len == 0 || e->created_by.len == 0)
        return err_set(err, ERR_INPUT, "evidence needs a statement, a kind and who made it");
    if (e->statement.len > EVIDENCE_STATEMENT_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the statement has more than %d bytes",
                       EVIDENCE_STATEMENT_BYTES_MAX);
    if (e->measures_json.len > EVIDENCE_MEASURES_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the measures have more than %d bytes",
                       EVIDENCE_MEASURES_BYTES_MAX);
    if (e->item_count > EVIDENCE_ITEMS_MAX)
        return err_set(err, ERR_LIMIT, "evidence has %zu items, at most %d", e->item_count,
                       EVIDENCE_ITEMS_MAX);
    if (e->to_ms < e->from_ms)
        return err_set(err, ERR_INPUT, "the window of the evidence ends before it begins");
    for (size_t i = 0; i < e->item_count; i++) {
        ASSERT(e->items[i].kind < EVIDENCE_ITEM_KIND_COUNT);
        if (e->items[i].ref.len == 0)
            return err_set(err, ERR_INPUT, "item %zu of the evidence refers to nothing", i + 1);
    }
    return true;
}

static bool insert_evidence(struct db *db, struct evidence *e, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO evidence (statement, kind, object_kind, object_id, from_ms, to_ms,"
                  " measures_json, created_by, created_at_ms, statement_kept)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, e->statement);
    stmt_bind_str(stmt, 2, e->kind);
    stmt_bind_str(stmt, 3, or_empty(e->object_kind));
    stmt_bind_str(stmt, 4, or_empty(e->object_id));
    stmt_bind_i64(stmt, 5, e->from_ms);
    stmt_bind_i64(stmt, 6, e->to_ms);
    stmt_bind_str(stmt, 7, or_empty(e->measures_json));
    stmt_bind_str(stmt, 8, e->created_by);
    stmt_bind_i64(stmt, 9, e->created_at_ms);
    stmt_bind_str(stmt, 10, or_empty(e->statement_kept));
    if (!stmt_run(stmt, err))
        return false;
    e->id = db_last_id(db);
    return true;
}

static bool insert_item(struct db *db, int64_t id, size_t ordinal, const struct evidence_item *item,
                        struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO evidence_item (evidence_id, ordinal, kind, source, ref, author,"
                  " created_at_ms, text, url, why, why_kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                  " ?7, ?8, ?9, ?10, ?11)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, (int64_t)ordinal);
    stmt_bind_str(stmt, 3, str_from_cstr(kind_names[item->kind]));
    stmt_bind_str(stmt, 4, or_empty(item->source));
    stmt_bind_str(stmt, 5, item->ref);
    stmt_bind_str(stmt, 6, or_empty(item->author));
    stmt_bind_i64(stmt, 7, item->created_at_ms);
    stmt_bind_str(stmt, 8, or_empty(item->text));
    stmt_bind_str(stmt, 9, or_empty(item->url));
    stmt_bind_str(stmt, 10, or_empty(item->why));
    stmt_bind_str(stmt, 11, or_empty(item->why_kept));
    return stmt_run(stmt, err);
}

bool evidence_create(struct db *db, struct evidence *evidence, struct err *err)
{
    if (!check_evidence(evidence, err) || !db_begin(db, err))
        return false;
    bool ok = insert_evidence(db, evidence, err);
    for (size_t i = 0; ok && i < evidence->item_count; i++)
        ok = insert_item(db, evidence->id, i, &evidence->items[i], err);
    return db_end(db, ok, err);
}

/* Reading ------------------------------------------------------------------------------------- */

#define EVIDENCE_COLUMNS                                                                           \
    "e.id, e.statement, e.kind, e.object_kind, e.object_id, e.from_ms, e.to_ms, e.measures_json,"  \
    " e.created_by, e.created_at_ms,"                                                              \
    " (SELECT count(*) FROM evidence_item i WHERE i.evidence_id = e.id), e.statement_kept"

static bool read_head(struct stmt *stmt, struct arena *arena, struct evidence *out, struct err *err)
{
    *out = (struct evidence){.id = stmt_i64(stmt, 0),
                             .from_ms = stmt_i64(stmt, 5),
                             .to_ms = stmt_i64(stmt, 6),
                             .created_at_ms = stmt_i64(stmt, 9),
                             .item_count = (size_t)stmt_i64(stmt, 10)};
    return stmt_copy_str(stmt, 1, arena, &out->statement, err) &&
           stmt_copy_str(stmt, 2, arena, &out->kind, err) &&
           stmt_copy_str(stmt, 3, arena, &out->object_kind, err) &&
           stmt_copy_str(stmt, 4, arena, &out->object_id, err) &&
           stmt_copy_str(stmt, 7, arena, &out->measures_json, err) &&
           stmt_copy_str(stmt, 8, arena, &out->created_by, err) &&
           stmt_copy_str(stmt, 11, arena, &out->statement_kept, err);
}

static bool read_item(struct stmt *stmt, struct arena *arena, struct evidence_item *out,
                      struct err *err)
{
    Str kind = stmt_str(stmt, 0);

    *out = (struct evidence_item){.created_at_ms = stmt_i64(stmt, 4),
                                  .erased_at_ms = stmt_i64(stmt, 8)};
    for (size_t i = 0; i < COUNT_OF(kind_names); i++)
        if (str_eq(kind, str_from_cstr(kind_names[i])))
            out->kind = (enum evidence_item_kind)i;
    return stmt_copy_str(stmt, 1, arena, &out->source, err) &&
           stmt_copy_str(stmt, 2, arena, &out->ref, err) &&
           stmt_copy_str(stmt, 3, arena, &out->author, err) &&
           stmt_copy_str(stmt, 5, arena, &out->text, err) &&
           stmt_copy_str(stmt, 6, arena, &out->url, err) &&
           stmt_copy_str(stmt, 7, arena, &out->why, err) &&
           stmt_copy_str(stmt, 9, arena, &out->why_kept, err);
}

static bool read_items(struct arena *arena, struct db *db, struct evidence *e, struct err *err)
{
    struct evidence_item *items = arena_try_new(arena, struct evidence_item, e->item_count);
    struct stmt *stmt;
    bool has_row, ok;
    size_t n = 0;

    if (!items)
        return err_arena(err, arena);
    if (!db_query(db,
                  "SELECT kind, source, ref, author, created_at_ms, text, url, why, erased_at_ms,"
                  " why_kept"
                  " FROM evidence_item WHERE evidence_id = ?1 ORDER BY ordinal",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, e->id);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ASSERT(n < e->item_count);
        if (!read_item(stmt, arena, &items[n++], err)) {
            stmt_reset(stmt);
            return false;
        }
    }
    e->items = items;
    return ok;
}

static bool read_evidence(struct arena *arena, struct db *db, int64_t id, struct evidence *out,
                          struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    if (!db_query(db, "SELECT " EVIDENCE_COLUMNS " FROM evidence e WHERE e.id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &is_found, err))
        return false;
    if (!is_found)
        return err_set(err, ERR_NOT_FOUND, "no evidence with number %lld", (long long)id);
    bool ok = read_head(stmt, arena, out, err);
    stmt_reset(stmt);
    return ok && read_items(arena, db, out, err);
}

bool evidence_read(struct arena *arena, struct db *db, int64_t id, struct evidence *out,
                   struct err *err)
{
    if (!db_begin_read(db, err))
        return false;
    bool ok = read_evidence(arena, db, id, out, err);
    return db_end(db, ok, err);
}

bool evidence_list(struct arena *arena, struct db *db, Str object_kind, Str object_id,
                   size_t count_max, struct evidence **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    bool has_row, ok;

    *count = 0;
    *out = arena_try_new(arena, struct evidence, count_max);
    if (!*out)
        return err_arena(err, arena);
    if (!db_query(db,
                  "SELECT " EVIDENCE_COLUMNS " FROM evidence e WHERE (?1 = '' OR"
                  " (e.object_kind = ?1 AND (?2 = '' OR e.object_id = ?2)))"
                  " ORDER BY e.id DESC LIMIT ?3",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, object_kind);
    stmt_bind_str(stmt, 2, object_id);
    stmt_bind_i64(stmt, 3, (int64_t)count_max);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!read_head(stmt, arena, &(*out)[(*count)++], err)) {
            stmt_reset(stmt);
            return false;
        }
    return ok;
}

/* Erasing ------------------------------------------------------------------------------------- */

bool evidence_erase_author(struct db *db, Str source, Str author, int64_t now_ms, int64_t *count,
                           struct err *err)
{
    struct stmt *stmt;

    *count = 0;
    if (author.len == 0)
        return true;
    if (!db_query(db,
                  "UPDATE evidence_item SET author = '', text = '', url = '', erased_at_ms = ?3"
                  " WHERE source = ?1 AND author = ?2 AND author <> '' AND kind = 'post'",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, source);
    stmt_bind_str(stmt, 2, author);
    stmt_bind_i64(stmt, 3, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    *count = db_changes(db);
    return true;
}

bool evidence_erase_post(struct db *db, Str source, Str post_id, int64_t now_ms, int64_t *count,
                         struct err *err)
{
    struct stmt *stmt;

    *count = 0;
    if (!db_query(db,
                  "UPDATE evidence_item SET author = '', text = '', url = '', erased_at_ms = ?3"
                  " WHERE source = ?1 AND ref = ?2 AND kind = 'post' AND erased_at_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, source);
    stmt_bind_str(stmt, 2, post_id);
    stmt_bind_i64(stmt, 3, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    *count = db_changes(db);
    return true;
}
