/* simulation_store.c - simulations kept with all it takes to run them again. */
#include <stdio.h>

#include "db/db.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"

bool texts_write(struct arena *arena, StrList texts, Str *out, struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 16u * 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_array(&writer);
    for (size_t i = 0; i < texts.count; i++)
        json_put_str(&writer, texts.items[i]);
    json_end_array(&writer);
    return text_end(&text, arena, out, err);
}

bool texts_read(struct arena *arena, Str text, StrList *out, struct err *err)
{
    const struct json *json = NULL;

    if (!json_parse(arena, text, &json, err))
        return false;
    *out = (StrList){.items = arena_try_new(arena, Str, json_len(json) + 1)};
    if (!out->items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(json); i++) {
        if (!json_str(json_at(json, i), &out->items[out->count++]))
            return err_set(err, ERR_CORRUPT, "a list of texts holds something else");
    }
    return true;
}

/* --- storing -----------------------------------------------------------------------------------
 */

static bool insert_run(struct db *db, struct arena *arena, const struct change *change,
                       const struct simulation_order *order, struct simulation_result *result,
                       struct err *err)
{
    struct stmt *stmt = NULL;
    Str failed = STR_NONE, versions = STR_NONE;
    StrList ids = {.items = arena_try_new(arena, Str, result->versions.count + 1)};

    if (!ids.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < result->versions.count; i++)
        ids.items[ids.count++] = result->versions.items[i].version;
    if (!texts_write(arena, order->failed, &failed, err) ||
        !texts_write(arena, ids, &versions, err) ||
        !db_query(db,
                  "INSERT INTO strategy_simulation (at_ms, actor, model_hash, seed, trials, "
                  "method, program_version, versions, failed, model, answer) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, change->at_ms);
    stmt_bind_str(stmt, 2, change->actor);
    stmt_bind_str(stmt, 3, result->model_hash);
    stmt_bind_i64(stmt, 4, (int64_t)result->seed);
    stmt_bind_i64(stmt, 5, result->trials);
    stmt_bind_str(stmt, 6, result->method);
    stmt_bind_str(stmt, 7, result->program_version.ptr ? result->program_version : S(""));
    stmt_bind_str(stmt, 8, versions);
    stmt_bind_str(stmt, 9, failed);
    stmt_bind_str(stmt, 10, result->model_json);
    stmt_bind_str(stmt, 11, result->answer_json);
    if (!stmt_run(stmt, err))
        return false;
    result->id = db_last_id(db);
    result->at_ms = change->at_ms;
    return true;
}

static bool insert_summary(struct db *db, int64_t id, const struct simulated_version *version,
                           struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "INSERT INTO strategy_simulated_version (simulation_id, version_id, mean, p10, "
                  "p50, p90, probability_of_loss) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, version->version);
    stmt_bind_f64(stmt, 3, version->mean);
    stmt_bind_f64(stmt, 4, version->p10);
    stmt_bind_f64(stmt, 5, version->p50);
    stmt_bind_f64(stmt, 6, version->p90);
    stmt_bind_f64(stmt, 7, version->probability_of_loss);
    return stmt_run(stmt, err);
}

static bool describe(struct arena *arena, const struct simulation_result *result, Str *out,
                     struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_set_str(&writer, "model_hash", result->model_hash);
    json_key(&writer, S("seed"));
    json_put_u64(&writer, result->seed);
    json_set_i64(&writer, "trials", result->trials);
    json_set_str(&writer, "method", result->method);
    json_set_str(&writer, "program_version", result->program_version);
    json_set_array(&writer, "failed");
    for (size_t i = 0; i < result->failed.count; i++)
        json_put_str(&writer, result->failed.items[i]);
    json_end_array(&writer);
    json_set_object(&writer, "p50");
    for (size_t i = 0; i < result->versions.count; i++) {
        json_key(&writer, result->versions.items[i].version);
        json_put_f64(&writer, result->versions.items[i].p50);
    }
    json_end_object(&writer);
    json_end_object(&writer);
    return text_end(&text, arena, out, err);
}

static bool append(struct db *db, struct arena *arena, const struct change *change,
                   const struct simulation_result *result, struct err *err)
{
    struct ledger_entry entry = {.at_ms = change->at_ms,
                                 .actor = change->actor,
                                 .action = S("simulation.run"),
                                 .object_kind = S("simulation"),
                                 .object_id = arena_printf(arena, "%lld", (long long)result->id),
                                 .reason = change->reason};

    return describe(arena, result, &entry.after_json, err) && ledger_append(db, &entry, err);
}

static bool store_all(struct db *db, struct arena *arena, const struct change *change,
                      const struct simulation_order *order, struct simulation_result *result,
                      struct err *err)
{
    if (!insert_run(db, arena, change, order, result, err))
        return false;
    for (size_t i = 0; i < result->versions.count && order->failed.count == 0; i++) {
        if (!insert_summary(db, result->id, &result->versions.items[i], err))
            return false;
    }
    return append(db, arena, change, result, err);
}

bool simulation_store(struct db *db, const struct change *change,
                      const struct simulation_order *order, struct simulation_result *result,
                      struct err *err)
{
    struct arena arena;

    arena_init(&arena, 64u * 1024u * 1024u);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = store_all(db, &arena, change, order, result, err);
        ok = db_end(db, ok, err);
    }
    if (!ok)
        result->id = 0;
    arena_deinit(&arena);
    return ok;
}

/* --- reading back ------------------------------------------------------------------------------
 */

static bool load(struct stmt *stmt, struct arena *arena, struct simulation_result *out,
                 struct err *err)
{
    Str failed = STR_NONE, answer = STR_NONE;

    *out = (struct simulation_result){
        .id = stmt_i64(stmt, 0), .at_ms = stmt_i64(stmt, 1), .seed = (uint64_t)stmt_i64(stmt, 2)};
    if (!stmt_copy_str(stmt, 3, arena, &out->program_version, err) ||
        !stmt_copy_str(stmt, 4, arena, &failed, err) ||
        !stmt_copy_str(stmt, 5, arena, &out->model_json, err) ||
        !stmt_copy_str(stmt, 6, arena, &answer, err))
        return false;
    return texts_read(arena, failed, &out->failed, err) &&
           simulation_answer_read(arena, answer, out, err);
}

/* Reads the one row of a bound statement; id 0 when there is none. */
static bool load_one(struct stmt *stmt, struct arena *arena, struct simulation_result *out,
                     struct err *err)
{
    bool has_row = false;

    *out = (struct simulation_result){0};
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    bool ok = load(stmt, arena, out, err);
    stmt_reset(stmt);
    return ok;
}

bool simulation_latest(struct db *db, struct arena *arena, Str version,
                       struct simulation_result *out, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "SELECT s.id, s.at_ms, s.seed, s.program_version, s.failed, s.model, s.answer "
                  "FROM strategy_simulation s JOIN strategy_simulated_version v "
                  "ON v.simulation_id = s.id WHERE v.version_id = ?1 ORDER BY s.id DESC LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, version);
    return load_one(stmt, arena, out, err);
}

/* A run with failed assumptions leaves no summary, so its list of versions is looked into. */
bool simulation_latest_failed(struct db *db, struct arena *arena, Str version, Str assumption,
                              struct simulation_result *out, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "SELECT s.id, s.at_ms, s.seed, s.program_version, s.failed, s.model, s.answer "
                  "FROM strategy_simulation s WHERE s.failed = json_array(?2) AND EXISTS "
                  "(SELECT 1 FROM json_each(s.versions) v WHERE v.value = ?1) "
                  "ORDER BY s.id DESC LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, version);
    stmt_bind_str(stmt, 2, assumption);
    return load_one(stmt, arena, out, err);
}

bool simulation_read(struct db *db, struct arena *arena, int64_t id, struct simulation_result *out,
                     struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "SELECT id, at_ms, seed, program_version, failed, model, answer "
                  "FROM strategy_simulation WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!load_one(stmt, arena, out, err))
        return false;
    return out->id > 0 || err_set(err, ERR_NOT_FOUND, "there is no simulation %lld", (long long)id);
}

/* --- what the model shows of it ----------------------------------------------------------------
 */

/* The inputs of the stored run are still the model's: its model document, written now, is the same.
 */
static bool is_current(struct db *db, struct arena *arena, const struct strategy_model *model,
                       int64_t id, bool *current, struct err *err)
{
    struct stmt *stmt = NULL;
    StrList versions = {0};
    Str stored = STR_NONE, now = STR_NONE;
    struct err gone = {0};
    bool has_row = false;

    *current = false;
    if (!db_query(db, "SELECT versions, model FROM strategy_simulation WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    bool ok = texts_read(arena, stmt_str(stmt, 0), &versions, err) &&
              stmt_copy_str(stmt, 1, arena, &stored, err);
    stmt_reset(stmt);
    if (!ok)
        return false;
    /* A version of the run that was removed since also makes it stale. */
    *current = simulation_model_json(arena, model, versions, (StrList){0}, &now, &gone) &&
               str_eq(stored, now);
    return true;
}

static bool attach_one(struct db *db, struct arena *arena, struct strategy_model *model,
                       struct strategy_version *version, struct err *err)
{
    struct simulation_summary *summary = &version->simulation;
    struct stmt *stmt = NULL;
    bool has_row = false, current = false;

    if (!db_query(db,
                  "SELECT s.id, s.at_ms, v.mean, v.p10, v.p50, v.p90, v.probability_of_loss "
                  "FROM strategy_simulated_version v JOIN strategy_simulation s "
                  "ON s.id = v.simulation_id WHERE v.version_id = ?1 ORDER BY s.id DESC LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, version->id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    *summary = (struct simulation_summary){.id = stmt_i64(stmt, 0),
                                           .at_ms = stmt_i64(stmt, 1),
                                           .mean = stmt_f64(stmt, 2),
                                           .p10 = stmt_f64(stmt, 3),
                                           .p50 = stmt_f64(stmt, 4),
                                           .p90 = stmt_f64(stmt, 5),
                                           .probability_of_loss = stmt_f64(stmt, 6)};
    stmt_reset(stmt);
    if (!is_current(db, arena, model, summary->id, &current, err))
        return false;
    summary->is_stale = !current;
    return true;
}

bool store_attach_simulations(struct db *db, struct arena *arena, struct strategy_model *model,
                              struct err *err)
{
    for (size_t i = 0; i < model->versions.count; i++) {
        if (!attach_one(db, arena, model, &model->versions.items[i], err))
            return false;
    }
    return true;
}
