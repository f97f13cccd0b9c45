#include "strategy/steering/review.h"

#include "db/db.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "strategy/model/store_priv.h"

static bool find_open(struct db *db, const struct review_note *note, int64_t *id, struct err *err)
{
    struct stmt *stmt = NULL;
    bool has_row = false;

    *id = 0;
    if (!db_query(db,
                  "SELECT id FROM strategy_review WHERE kind = ?1 AND object_kind = ?2 AND "
                  "object_id = ?3 AND closed_at_ms = 0",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, word_of(&words_review_kind, (int)note->kind));
    stmt_bind_str(stmt, 2, word_of(&words_object_kind, (int)note->object));
    stmt_bind_str(stmt, 3, note->object_id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (has_row) {
        *id = stmt_i64(stmt, 0);
        stmt_reset(stmt);
    }
    return true;
}

static Str text_or_empty(Str text)
{
    return text.ptr ? text : S("");
}

static bool insert(struct db *db, struct review_note *note, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "INSERT INTO strategy_review (kind, object_kind, object_id, text, proposal, "
                  "details, opened_at_ms, closed_at_ms, closed_by, resolution, text_kept) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, '', '', ?8)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, word_of(&words_review_kind, (int)note->kind));
    stmt_bind_str(stmt, 2, word_of(&words_object_kind, (int)note->object));
    stmt_bind_str(stmt, 3, note->object_id);
    stmt_bind_str(stmt, 4, note->text);
    stmt_bind_str(stmt, 5, text_or_empty(note->proposal));
    stmt_bind_str(stmt, 6, text_or_empty(note->details));
    stmt_bind_i64(stmt, 7, note->opened_at_ms);
    stmt_bind_str(stmt, 8, text_or_empty(note->text_kept));
    if (!stmt_run(stmt, err))
        return false;
    note->id = db_last_id(db);
    return true;
}

/* The note shows the latest cause; earlier ones are in the ledger. */
static bool add_to(struct db *db, struct review_note *note, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "UPDATE strategy_review SET text = ?2, proposal = ?3, details = ?4, "
                  "text_kept = ?5 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, note->id);
    stmt_bind_str(stmt, 2, note->text);
    stmt_bind_str(stmt, 3, text_or_empty(note->proposal));
    stmt_bind_str(stmt, 4, text_or_empty(note->details));
    stmt_bind_str(stmt, 5, text_or_empty(note->text_kept));
    return stmt_run(stmt, err);
}

static bool append(struct db *db, const struct change *change, const char *action, int64_t id,
                   Str reason, Str key, Str text, struct err *err)
{
    char name[32];
    struct buf after;
    struct json_writer writer;

    snprintf(name, sizeof name, "%lld", (long long)id);
    buf_init(&after, 64u * 1024u);
    json_writer_init(&writer, &after, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_key(&writer, key);
    json_put_str(&writer, text);
    json_end_object(&writer);
    const struct ledger_entry entry = {.at_ms = change->at_ms,
                                       .actor = change->actor,
                                       .action = str_from_cstr(action),
                                       .object_kind = S("review"),
                                       .object_id = str_from_cstr(name),
                                       .reason = reason,
                                       .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && ledger_append(db, &entry, err);
    buf_deinit(&after);
    return ok;
}

static bool open_note(struct db *db, const struct change *change, struct review_note *note,
                      struct err *err)
{
    note->opened_at_ms = change->at_ms;
    if (!find_open(db, note, &note->id, err))
        return false;
    bool is_new = note->id == 0;
    return (is_new ? insert(db, note, err) : add_to(db, note, err)) &&
           append(db, change, is_new ? "review.open" : "review.add", note->id, STR_NONE, S("text"),
                  note->text, err);
}

bool review_open(struct db *db, const struct change *change, struct review_note *note,
                 struct err *err)
{
    if (!db_begin(db, err))
        return false;
    bool ok = open_note(db, change, note, err);
    return db_end(db, ok, err);
}

static bool close_note(struct db *db, const struct change *change, int64_t id, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "UPDATE strategy_review SET closed_at_ms = ?2, closed_by = ?3, resolution = ?4 "
                  "WHERE id = ?1 AND closed_at_ms = 0",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, change->at_ms);
    stmt_bind_str(stmt, 3, change->actor);
    stmt_bind_str(stmt, 4, change->reason);
    if (!stmt_run(stmt, err))
        return false;
    if (db_changes(db) == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no open review %lld", (long long)id);
    return append(db, change, "review.close", id, change->reason, S("resolution"), change->reason,
                  err);
}

bool review_close(struct db *db, const struct change *change, int64_t id, struct err *err)
{
    if (str_trim(change->reason).len == 0)
        return err_set(err, ERR_INPUT, "closing a review needs a word on what was done");
    if (!db_begin(db, err))
        return false;
    bool ok = close_note(db, change, id, err);
    return db_end(db, ok, err);
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct review_note *out = item;
    int kind = 0, object = 0;

    (void)context;
    if (!word_find(&words_review_kind, stmt_str(stmt, 1), &kind) ||
        !word_find(&words_object_kind, stmt_str(stmt, 2), &object))
        return err_set(err, ERR_CORRUPT, "a stored review has an unknown kind");
    *out = (struct review_note){.id = stmt_i64(stmt, 0),
                                .kind = (enum review_kind)kind,
                                .object = (enum object_kind)object,
                                .opened_at_ms = stmt_i64(stmt, 7),
                                .closed_at_ms = stmt_i64(stmt, 8)};
    return stmt_copy_str(stmt, 3, arena, &out->object_id, err) &&
           stmt_copy_str(stmt, 4, arena, &out->text, err) &&
           stmt_copy_str(stmt, 5, arena, &out->proposal, err) &&
           stmt_copy_str(stmt, 6, arena, &out->details, err) &&
           stmt_copy_str(stmt, 9, arena, &out->closed_by, err) &&
           stmt_copy_str(stmt, 10, arena, &out->resolution, err) &&
           stmt_copy_str(stmt, 11, arena, &out->text_kept, err);
}

bool review_list(struct db *db, struct arena *arena, bool only_open, int64_t limit,
                 const struct review_note **out, size_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t most = limit > 0 && limit < 1000 ? (size_t)limit : 1000;
    struct any_list list = {0};

    *count = 0;
    *out = NULL;
    if (!db_query(db,
                  "SELECT id, kind, object_kind, object_id, text, proposal, details, opened_at_ms, "
                  "closed_at_ms, closed_by, resolution, text_kept FROM strategy_review "
                  "WHERE closed_at_ms = 0 OR ?1 = 0 ORDER BY id DESC LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, only_open);
    stmt_bind_i64(stmt, 2, (int64_t)most);
    bool ok = stmt_load_rows(stmt, arena, sizeof(struct review_note), load, NULL, &list.items,
                             &list.count, err);
    *out = list.items;
    *count = list.count;
    return ok;
}
