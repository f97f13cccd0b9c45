#include "strategy/model/store.h"

#include "db/db.h"
#include "ledger/ledger.h"
#include "strategy/model/merge.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"

#define SCRATCH_BYTES_MAX (256u * 1024u * 1024u)

/* --- reading -----------------------------------------------------------------------------------
 */

static bool load_object(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                        struct err *err)
{
    const enum object_kind *kind = context;

    return object_load(stmt, arena, *kind, item, err);
}

static bool read_kind(struct db *db, struct arena *arena, enum object_kind kind,
                      struct strategy_model *out, struct err *err)
{
    struct any_list list = {0};
    struct stmt *stmt = NULL;

    if (!object_query(db, kind, OBJECT_SELECT, &stmt, err) ||
        !stmt_load_rows(stmt, arena, object_type(kind)->record.size, load_object, &kind,
                        &list.items, &list.count, err))
        return false;
    model_set_list(out, kind, list);
    return true;
}

static bool read_objects(struct db *db, struct arena *arena, struct strategy_model *out,
                         struct err *err)
{
    *out = (struct strategy_model){0};
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        if (!read_kind(db, arena, (enum object_kind)kind, out, err))
            return false;
    }
    return true;
}

bool store_read(struct db *db, struct arena *arena, struct strategy_model *out, struct err *err)
{
    if (!db_begin_read(db, err))
        return false;
    bool ok = read_objects(db, arena, out, err) && store_attach_watches(db, out, err) &&
              store_attach_proposals(db, arena, out, err) &&
              store_attach_simulations(db, arena, out, err);
    return db_end(db, ok, err);
}

/* --- JSON of one object ------------------------------------------------------------------------
 */

bool store_object_json(struct arena *arena, enum object_kind kind, const void *object, Str *out,
                       struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    object_write(&writer, kind, object);
    return text_end(&text, arena, out, err);
}

bool store_object_parse(struct arena *arena, enum object_kind kind, Str json, void *object,
                        struct err *err)
{
    struct document_faults faults = {0};
    struct fault_sink sink = {.arena = arena, .faults = &faults};
    struct trail root = {0};
    const struct json *tree = NULL;

    if (!json_parse(arena, json, &tree, err))
        return false;
    object_parse(&sink, kind, tree, object);
    if (faults.total == 0)
        object_check(&sink, kind, object, &root);
    return faults_ok(&sink, err);
}

size_t store_object_size(enum object_kind kind)
{
    return object_type(kind)->record.size;
}

/* --- changing ----------------------------------------------------------------------------------
 */

static bool append_ledger(struct db *db, struct arena *arena, const struct change *change,
                          enum object_kind kind, Str id, Str verb, const void *before,
                          const void *after, struct err *err)
{
    Str name = word_of(&words_object_kind, (int)kind);
    struct ledger_entry entry = {.at_ms = change->at_ms,
                                 .actor = change->actor,
                                 .action =
                                     arena_printf(arena, STR_F "." STR_F, STR_A(name), STR_A(verb)),
                                 .object_kind = name,
                                 .object_id = id,
                                 .reason = change->reason};

    if (before && !store_object_json(arena, kind, before, &entry.before_json, err))
        return false;
    if (after && !store_object_json(arena, kind, after, &entry.after_json, err))
        return false;
    return ledger_append(db, &entry, err);
}

static bool conflict(enum object_kind kind, Str id, int64_t based_on, int64_t stored,
                     struct err *err)
{
    return err_set(err, ERR_CONFLICT,
                   "%s '" STR_F "' was changed by somebody else: revision %lld is now %lld",
                   words_object_kind.words[kind], STR_A(id), (long long)based_on,
                   (long long)stored) ||
           err_hint(err, "look at the present state and enter the change again");
}

static bool check_revision(enum object_kind kind, const void *before, Str id, int64_t based_on,
                           struct err *err)
{
    if (!before && based_on == 0)
        return true;
    if (!before)
        return err_set(err, ERR_NOT_FOUND, "there is no %s '" STR_F "'",
                       words_object_kind.words[kind], STR_A(id));
    if (based_on == 0)
        return err_set(err, ERR_EXISTS, "%s '" STR_F "' exists already",
                       words_object_kind.words[kind], STR_A(id));
    if (object_revision(before) != based_on)
        return conflict(kind, id, based_on, object_revision(before), err);
    return true;
}

bool store_write_object(struct db *db, struct arena *arena, const struct change *change,
                        enum object_kind kind, const void *before, const void *object, Str verb,
                        struct err *err)
{
    int64_t revision = before ? object_revision(before) + 1 : 1;
    struct stmt *stmt = NULL;

    if (!object_query(db, kind, before ? OBJECT_UPDATE : OBJECT_INSERT, &stmt, err))
        return false;
    if (!object_bind(stmt, arena, kind, object, revision, err)) {
        stmt_reset(stmt);
        return false;
    }
    return stmt_run(stmt, err) &&
           append_ledger(db, arena, change, kind, object_id(object), verb, before, object, err);
}

/* The model as it would be with `object` in place of `before` (or added, or taken away). */
static bool model_with(struct arena *arena, const struct strategy_model *model,
                       enum object_kind kind, const void *before, const void *object,
                       struct strategy_model *out, struct err *err)
{
    struct any_list old = model_list(model, kind), list = {0};
    size_t size = object_type(kind)->record.size;

    list.items = arena_try_alloc(arena, size, _Alignof(max_align_t), old.count + 1);
    if (!list.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < old.count; i++) {
        const char *item = (const char *)old.items + i * size;
        const void *kept = item == before ? object : item;
        if (kept)
            memcpy((char *)list.items + list.count++ * size, kept, size);
    }
    if (!before)
        memcpy((char *)list.items + list.count++ * size, object, size);
    *out = *model;
    model_set_list(out, kind, list);
    return true;
}

static bool check_model(struct arena *arena, const struct strategy_model *model,
                        enum object_kind kind, const void *before, const void *object,
                        struct err *err)
{
    struct strategy_model next;
    struct document_faults faults;

    return model_with(arena, model, kind, before, object, &next, err) &&
           model_check(arena, &next, &faults, err);
}

static bool put(struct db *db, struct arena *arena, const struct change *change,
                enum object_kind kind, const void *object, struct err *err)
{
    struct strategy_model model;
    Str id = object_id(object);

    if (!read_objects(db, arena, &model, err))
        return false;
    const void *before = model_find(&model, kind, id);
    return check_revision(kind, before, id, object_revision(object), err) &&
           store_may_change(&model, kind, before, object, err) &&
           store_may_set(kind, object, err) &&
           check_model(arena, &model, kind, before, object, err) &&
           store_write_object(db, arena, change, kind, before, object,
                              before ? S("change") : S("create"), err);
}

bool store_put(struct db *db, const struct change *change, enum object_kind kind,
               const void *object, struct err *err)
{
    struct arena arena;

    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = put(db, &arena, change, kind, object, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}

static bool delete_row(struct db *db, struct arena *arena, const struct change *change,
                       enum object_kind kind, const void *before, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!object_query(db, kind, OBJECT_DELETE, &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, object_id(before));
    stmt_bind_i64(stmt, 2, object_revision(before));
    return stmt_run(stmt, err) && append_ledger(db, arena, change, kind, object_id(before),
                                                S("remove"), before, NULL, err);
}

static bool take_away(struct db *db, struct arena *arena, const struct change *change,
                      enum object_kind kind, Str id, int64_t revision, struct err *err)
{
    struct strategy_model model, next;
    struct document_faults faults;
    struct err why = {0};

    if (!read_objects(db, arena, &model, err))
        return false;
    const void *before = model_find(&model, kind, id);
    if (!before)
        return err_set(err, ERR_NOT_FOUND, "there is no %s '" STR_F "'",
                       words_object_kind.words[kind], STR_A(id));
    if (object_revision(before) != revision)
        return conflict(kind, id, revision, object_revision(before), err);
    if (!store_may_change(&model, kind, before, NULL, err) ||
        !model_with(arena, &model, kind, before, NULL, &next, err))
        return false;
    if (!model_check(arena, &next, &faults, &why))
        return err_set(err, why.code == ERR_INPUT ? ERR_CONFLICT : why.code,
                       "%s '" STR_F "' is still referred to: %s", words_object_kind.words[kind],
                       STR_A(id), why.msg);
    return delete_row(db, arena, change, kind, before, err);
}

bool store_remove(struct db *db, const struct change *change, enum object_kind kind, Str id,
                  int64_t revision, struct err *err)
{
    struct arena arena;

    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = take_away(db, &arena, change, kind, id, revision, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}

/* --- importing a document ----------------------------------------------------------------------
 */

struct import {
    struct db *db;
    struct arena *arena;
    const struct change *change;
    struct strategy_model stored;
    const struct strategy_model *document;
    enum import_mode mode;
    struct import_counts *counts;
};

/* *object becomes a copy that keeps what was decided in the workspace. */
static bool merge_with(const struct import *job, enum object_kind kind, const void *before,
                       const void **object, struct err *err)
{
    size_t size = object_type(kind)->record.size;
    void *merged = arena_try_alloc(job->arena, size, _Alignof(max_align_t), 1);

    if (!merged)
        return err_arena(err, job->arena);
    memcpy(merged, *object, size);
    *object = merged;
    return merge_keep_decided(job->arena, kind, before, merged, err);
}

static bool import_object(const struct import *job, enum object_kind kind, const void *object,
                          struct err *err)
{
    const void *before = model_find(&job->stored, kind, object_id(object));
    Str old = STR_NONE, new = STR_NONE;

    if (before && job->mode == IMPORT_MERGE && !merge_with(job, kind, before, &object, err))
        return false;
    if (before) {
        if (!store_object_json(job->arena, kind, before, &old, err) ||
            !store_object_json(job->arena, kind, object, &new, err))
            return false;
        if (str_eq(old, new)) {
            job->counts->unchanged++;
            return true;
        }
    }
    if (!store_may_change(&job->stored, kind, before, object, err) ||
        (kind == OBJECT_VERSION && !store_may_set(kind, object, err)))
        return false;
    if (before)
        job->counts->changed++;
    else
        job->counts->added++;
    return store_write_object(job->db, job->arena, job->change, kind, before, object, S("import"),
                              err);
}

static bool import_kind(const struct import *job, enum object_kind kind, struct err *err)
{
    size_t size = object_type(kind)->record.size;
    struct any_list list = model_list(job->document, kind), old = model_list(&job->stored, kind);

    for (size_t i = 0; i < list.count; i++) {
        if (!import_object(job, kind, (const char *)list.items + i * size, err))
            return false;
    }
    for (size_t i = 0; i < old.count && job->mode == IMPORT_REPLACE; i++) {
        const void *before = (const char *)old.items + i * size;
        if (model_find(job->document, kind, object_id(before)))
            continue;
        job->counts->removed++;
        if (!store_may_change(&job->stored, kind, before, NULL, err) ||
            !delete_row(job->db, job->arena, job->change, kind, before, err))
            return false;
    }
    return true;
}

static bool is_empty(const struct strategy_model *model)
{
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        if (model_list(model, (enum object_kind)kind).count > 0)
            return false;
    }
    return true;
}

static bool import_all(struct import *job, struct err *err)
{
    struct strategy_model result;
    struct document_faults faults;

    if (!read_objects(job->db, job->arena, &job->stored, err))
        return false;
    if (job->mode == IMPORT_EMPTY && !is_empty(&job->stored))
        return err_set(err, ERR_EXISTS, "the workspace has a strategy already") ||
               err_hint(err, "merge the document into it, or replace it");
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        if (!import_kind(job, (enum object_kind)kind, err))
            return false;
    }
    /* References are proven on what is stored now, before it is committed. */
    return read_objects(job->db, job->arena, &result, err) &&
           model_check(job->arena, &result, &faults, err);
}

bool store_import(struct db *db, const struct change *change, const struct strategy_model *model,
                  enum import_mode mode, struct import_counts *counts, struct err *err)
{
    struct arena arena;
    struct import job = {.db = db,
                         .arena = &arena,
                         .change = change,
                         .document = model,
                         .mode = mode,
                         .counts = counts};

    *counts = (struct import_counts){0};
    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = import_all(&job, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}
