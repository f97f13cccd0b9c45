/* simulation_proof.c - a stored simulation run again, and what it differs in. */
#include "db/db.h"
#include "format/digest.h"
#include "format/json_difference.h"
#include "strategy/model/store_priv.h"

#define VALUE_BYTES_MAX (64u * 1024u * 1024u)
#define SHOWN_BYTES_MAX 200 /* of a text that is not JSON */

WORDS(simulation_fault, [SIMULATION_PROVEN] = "proven", [SIMULATION_MODEL_DIFFERS] = "model",
      [SIMULATION_RESULT_DIFFERS] = "result");

/* The row as it lies there: what is proven here must not be believed before. */
struct stored_run {
    StrList versions, failed;
    Str model, answer;
};

static bool read_run(struct db *db, struct arena *arena, int64_t id, struct stored_run *run,
                     struct simulation_proof *out, struct err *err)
{
    struct stmt *stmt = NULL;
    Str versions = STR_NONE, failed = STR_NONE;
    Str *const texts[] = {&out->method, &out->program_version, &out->model_hash, &versions,
                          &failed,      &run->model,           &run->answer};
    bool has_row = false, ok = true;

    if (!db_query(db,
                  "SELECT at_ms, trials, seed, method, program_version, model_hash, versions, "
                  "failed, model, answer FROM strategy_simulation WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "there is no simulation %lld", (long long)id);
    out->id = id;
    out->at_ms = stmt_i64(stmt, 0);
    out->trials = stmt_i64(stmt, 1);
    out->seed = (uint64_t)stmt_i64(stmt, 2);
    for (size_t i = 0; i < COUNT_OF(texts) && ok; i++)
        ok = stmt_copy_str(stmt, (int)i + 3, arena, texts[i], err);
    stmt_reset(stmt);
    return ok && texts_read(arena, versions, &run->versions, err) &&
           texts_read(arena, failed, &run->failed, err);
}

static bool sha256_of(struct arena *arena, Str bytes, Str *out, struct err *err)
{
    DigestHex hex = digest_sha256_hex(bytes);

    return arena_try_str(arena, str_from_cstr(hex.text), out) || err_arena(err, arena);
}

static bool value_json(struct arena *arena, const struct json *value, Str *out, struct err *err)
{
    struct json_writer writer;
    struct buf text;

    *out = STR_NONE;
    if (!value)
        return true;
    buf_init(&text, VALUE_BYTES_MAX);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_put_tree(&writer, value);
    return text_end(&text, arena, out, err);
}

/* Names the first member in which two texts of JSON differ. */
static bool name_difference(struct arena *arena, Str stored, Str now, struct simulation_proof *out,
                            struct err *err)
{
    const struct json *a = NULL, *b = NULL;
    struct json_difference difference;
    struct err unreadable = {0};

    if (!json_parse(arena, now, &b, err))
        return false;
    if (!json_parse(arena, stored, &a, &unreadable)) {
        out->member = S("the document");
        out->stored = str_sub(stored, 0, SHOWN_BYTES_MAX);
        out->now = str_sub(now, 0, SHOWN_BYTES_MAX);
        return true;
    }
    if (!json_first_difference(a, b, &difference))
        return true;
    return (arena_try_str(arena, str_from_cstr(difference.place.text), &out->member) ||
            err_arena(err, arena)) &&
           value_json(arena, difference.a, &out->stored, err) &&
           value_json(arena, difference.b, &out->now, err);
}

static bool has_versions(const struct strategy_model *frozen, StrList versions)
{
    for (size_t i = 0; i < versions.count; i++) {
        if (!model_version(frozen, versions.items[i]))
            return false;
    }
    return true;
}

/* The run and the frozen strategy are not of one another: the model cannot even be made. */
static bool name_versions(struct arena *arena, const struct stored_run *run,
                          struct simulation_proof *out, struct err *err)
{
    out->fault = SIMULATION_MODEL_DIFFERS;
    out->member = S("versions");
    return texts_write(arena, run->versions, &out->stored, err);
}

bool simulation_prove(struct db *db, struct arena *arena, int64_t id,
                      const struct strategy_model *frozen, int threads,
                      struct simulation_proof *out, struct err *err)
{
    struct stored_run run = {0};
    Str model = STR_NONE, answer = STR_NONE;

    *out = (struct simulation_proof){0};
    if (!read_run(db, arena, id, &run, out, err) ||
        !sha256_of(arena, run.answer, &out->result_then, err))
        return false;
    if (!has_versions(frozen, run.versions))
        return name_versions(arena, &run, out, err);
    if (!simulation_model_json(arena, frozen, run.versions, run.failed, &model, err))
        return false;
    if (!str_eq(model, run.model)) {
        out->fault = SIMULATION_MODEL_DIFFERS;
        return name_difference(arena, run.model, model, out, err);
    }
    const struct simulation_order order = {
        .trials = out->trials, .seed = out->seed, .threads = threads};
    if (!simulation_answer(arena, model, &order, &answer, err) ||
        !sha256_of(arena, answer, &out->result_now, err))
        return false;
    if (str_eq(answer, run.answer))
        return true;
    out->fault = SIMULATION_RESULT_DIFFERS;
    return name_difference(arena, run.answer, answer, out, err);
}
