#include "strategy/assessment/baseline.h"

#include "db/db.h"
#include "format/digest.h"
#include "format/time.h"
#include "strategy/assessment/assessment.h"
#include "strategy/model/document.h"
#include "strategy/model/store_priv.h"

#define SCRATCH_BYTES_MAX (256u * 1024u * 1024u)

static bool is_ready(const struct strategy_model *model, const struct assessment *assessment,
                     const struct change *change, int64_t based_on, struct err *err)
{
    if (change->reason.len == 0)
        return err_set(err, ERR_INPUT, "reason: a baseline needs a reason");
    if (assessment->revision != based_on)
        return err_set(err, ERR_CONFLICT,
                       "assessment '" STR_F "' was changed by somebody else: revision %lld is "
                       "now %lld",
                       STR_A(assessment->id), (long long)based_on, (long long)assessment->revision);
    if (assessment->frozen_on.len > 0)
        return err_set(err, ERR_CONFLICT, "assessment '" STR_F "' is frozen since " STR_F,
                       STR_A(assessment->id), STR_A(assessment->frozen_on));
    if (!assessment_is_gathered(model, assessment))
        return err_set(err, ERR_CONFLICT, "a quadrant of assessment '" STR_F "' is still open",
                       STR_A(assessment->id)) ||
               err_hint(err, "mark all four quadrants complete first");
    if (assessment->conclusion == CONCLUSION_OPEN)
        return err_set(err, ERR_CONFLICT, "assessment '" STR_F "' has no conclusion",
                       STR_A(assessment->id)) ||
               err_hint(err, "conclude it first: proceed, or another round");
    return true;
}

static bool keep_document(struct db *db, const struct change *change, Str assessment, Str document,
                          struct err *err)
{
    DigestHex hash = digest_sha256_hex(document);
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO strategy_baseline (assessment_id, at_ms, actor, reason, document, "
                  "document_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, assessment);
    stmt_bind_i64(stmt, 2, change->at_ms);
    stmt_bind_str(stmt, 3, change->actor);
    stmt_bind_str(stmt, 4, change->reason);
    stmt_bind_str(stmt, 5, document);
    stmt_bind_str(stmt, 6, str_from_cstr(hash.text));
    return stmt_run(stmt, err);
}

static bool freeze(struct db *db, struct arena *arena, const struct change *change, Str id,
                   int64_t based_on, struct err *err)
{
    struct strategy_model model, own;
    Str document;

    if (!store_read(db, arena, &model, err))
        return false;
    const struct assessment *before = model_assessment(&model, id);
    if (!before)
        return err_set(err, ERR_NOT_FOUND, "there is no assessment '" STR_F "'", STR_A(id));
    if (!is_ready(&model, before, change, based_on, err))
        return false;
    struct assessment frozen = *before;
    frozen.frozen_on = arena_str(arena, str_from_cstr(time_date(change->at_ms).text));
    if (!assessment_extract(arena, &model, &frozen, &own, err))
        return false;
    own.assessments.items[0].frozen_on = frozen.frozen_on;
    return document_write(arena, &own, &document, err) &&
           store_write_object(db, arena, change, OBJECT_ASSESSMENT, before, &frozen, S("freeze"),
                              err) &&
           keep_document(db, change, id, document, err);
}

bool assessment_freeze(struct db *db, const struct change *change, Str assessment, int64_t based_on,
                       struct err *err)
{
    struct arena arena;

    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = freeze(db, &arena, change, assessment, based_on, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}

static bool read_row(struct stmt *stmt, struct arena *arena, struct baseline *out, struct err *err)
{
    out->at_ms = stmt_i64(stmt, 0);
    return stmt_copy_str(stmt, 1, arena, &out->actor, err) &&
           stmt_copy_str(stmt, 2, arena, &out->reason, err) &&
           stmt_copy_str(stmt, 3, arena, &out->document, err) &&
           stmt_copy_str(stmt, 4, arena, &out->hash, err);
}

bool baseline_read(struct db *db, struct arena *arena, Str assessment, struct baseline *out,
                   struct err *err)
{
    struct stmt *stmt;
    bool has_row = false;

    *out = (struct baseline){0};
    if (!db_query(db,
                  "SELECT at_ms, actor, reason, document, document_hash FROM strategy_baseline "
                  "WHERE assessment_id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, assessment);
    bool ok = stmt_step(stmt, &has_row, err) && (!has_row || read_row(stmt, arena, out, err));
    stmt_reset(stmt);
    if (!ok || !has_row)
        return ok;
    out->assessment = assessment;
    DigestHex hash = digest_sha256_hex(out->document);
    if (!str_eq(out->hash, str_from_cstr(hash.text)))
        return err_set(err, ERR_CORRUPT,
                       "the baseline of assessment '" STR_F "' does not match its hash",
                       STR_A(assessment));
    return true;
}
