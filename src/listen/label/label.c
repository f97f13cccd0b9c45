/* Rounds, their posts and what people said of them. */
#include "listen/label/label.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/label/label_priv.h"

/* ---- words ----------------------------------------------------------------------------------- */

static const struct {
    enum label_verdict verdict;
    const char *name;
} verdicts[] = {{LABEL_NEGATIVE, "negative"},
                {LABEL_NEUTRAL, "neutral"},
                {LABEL_POSITIVE, "positive"},
                {LABEL_OFF_TOPIC, "off-topic"},
                {LABEL_UNSURE, "unsure"}};

const char *label_verdict_name(enum label_verdict verdict)
{
    for (size_t i = 0; i < COUNT_OF(verdicts); i++)
        if (verdicts[i].verdict == verdict)
            return verdicts[i].name;
    UNREACHABLE("verdict");
}

bool label_verdict_from(Str name, enum label_verdict *out)
{
    for (size_t i = 0; i < COUNT_OF(verdicts); i++)
        if (str_eq(name, str_from_cstr(verdicts[i].name))) {
            *out = verdicts[i].verdict;
            return true;
        }
    return false;
}

const char *label_design_name(enum label_design design)
{
    return design == LABEL_STRATIFIED ? "stratified" : "uniform";
}

/* ---- rounds ---------------------------------------------------------------------------------- */

#define ROUND_COLUMNS                                                                              \
    "id, query, query_version, design, seed, from_ms, to_ms, drawn, erased, opened_by,"            \
    " opened_at_ms, coalesce(closed_by, ''), coalesce(closed_at_ms, 0),"                           \
    " (SELECT count(DISTINCT ordinal) FROM label WHERE label.round = label_round.id),"             \
    " (SELECT count(DISTINCT labeller) FROM label WHERE label.round = label_round.id)"

static bool round_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct label_round *out = item;

    (void)context;
    *out = (struct label_round){
        .id = stmt_i64(stmt, 0),
        .query = stmt_i64(stmt, 1),
        .query_version = (int)stmt_i64(stmt, 2),
        .design = str_eq(stmt_str(stmt, 3), S("stratified")) ? LABEL_STRATIFIED : LABEL_UNIFORM,
        .seed = (uint64_t)stmt_i64(stmt, 4),
        .from_ms = stmt_i64(stmt, 5),
        .to_ms = stmt_i64(stmt, 6),
        .drawn = stmt_i64(stmt, 7),
        .erased = stmt_i64(stmt, 8),
        .opened_at_ms = stmt_i64(stmt, 10),
        .closed_at_ms = stmt_i64(stmt, 12),
        .judged = stmt_i64(stmt, 13),
        .labellers = stmt_i64(stmt, 14),
    };
    return stmt_copy_str(stmt, 9, arena, &out->opened_by, err) &&
           stmt_copy_str(stmt, 11, arena, &out->closed_by, err);
}

bool label_rounds(struct arena *arena, struct db *state, int64_t query, struct label_round **out,
                  size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT " ROUND_COLUMNS " FROM label_round WHERE ?1 = 0 OR query = ?1"
                  " ORDER BY id DESC",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, round_load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool label_round_read(struct arena *arena, struct db *state, int64_t round, struct label_round *out,
                      struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state, "SELECT " ROUND_COLUMNS " FROM label_round WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "there is no labelling round %lld", (long long)round);
    bool ok = round_load(stmt, arena, NULL, out, err);
    stmt_reset(stmt);
    return ok;
}

/* How often each verdict was given in a round. */
struct verdict_counts {
    int64_t of[COUNT_OF(verdicts)];
};

static bool verdicts_count(struct db *state, int64_t round, struct verdict_counts *out,
                           struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    *out = (struct verdict_counts){0};
    if (!db_query(state, "SELECT verdict, count(*) FROM label WHERE round = ?1 GROUP BY verdict",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        for (size_t i = 0; i < COUNT_OF(verdicts); i++)
            if (verdicts[i].verdict == (enum label_verdict)stmt_i64(stmt, 0))
                out->of[i] = stmt_i64(stmt, 1);
    return ok;
}

static bool round_note(struct db *state, const struct label_round *round, const char *action,
                       Str actor, Str reason, int64_t now_ms, struct err *err)
{
    struct verdict_counts counts;
    struct json_writer w;
    struct buf after;
    char id[24];

    if (!verdicts_count(state, round->id, &counts, err))
        return false;
    snprintf(id, sizeof id, "%lld", (long long)round->id);
    buf_init(&after, 64 * KIB);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "query", round->query);
    json_set_str(&w, "design", str_from_cstr(label_design_name(round->design)));
    json_set_i64(&w, "drawn", round->drawn);
    json_set_i64(&w, "judged", round->judged);
    json_set_i64(&w, "labellers", round->labellers);
    for (size_t i = 0; i < COUNT_OF(verdicts); i++)
        json_set_i64(&w, verdicts[i].name, counts.of[i]);
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = str_from_cstr(action),
                                 .object_kind = S("label_round"),
                                 .object_id = str_from_cstr(id),
                                 .reason = reason,
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && ledger_append(state, &entry, err);
    buf_deinit(&after);
    return ok;
}

static bool round_is_open(struct arena *arena, struct db *state, int64_t id,
                          struct label_round *round, struct err *err)
{
    if (!label_round_read(arena, state, id, round, err))
        return false;
    return round->closed_at_ms == 0 ||
           err_set(err, ERR_CONFLICT, "labelling round %lld is closed", (long long)id);
}

static bool close_write(struct db *state, const struct label_round *round, Str actor,
                        int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "UPDATE label_round SET closed_by = ?2, closed_at_ms = ?3 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round->id);
    stmt_bind_str(stmt, 2, actor);
    stmt_bind_i64(stmt, 3, now_ms);
    return stmt_run(stmt, err) &&
           round_note(state, round, "label_round.close", actor, S(""), now_ms, err);
}

bool label_close(struct db *state, int64_t id, Str actor, int64_t now_ms, struct err *err)
{
    struct label_round round;
    struct arena arena;

    if (!db_begin(state, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = round_is_open(&arena, state, id, &round, err) &&
              (round.judged > 0 ||
               err_set(err, ERR_CONFLICT, "nobody has judged a post of labelling round %lld",
                       (long long)id)) &&
              close_write(state, &round, actor, now_ms, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}

static bool round_delete(struct db *state, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "DELETE FROM label_round WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_run(stmt, err);
}

bool label_discard(struct db *state, int64_t id, Str actor, Str reason, int64_t now_ms,
                   struct err *err)
{
    struct label_round round;
    struct arena arena;

    if (!db_begin(state, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = round_is_open(&arena, state, id, &round, err) &&
              round_note(state, &round, "label_round.discard", actor, reason, now_ms, err) &&
              round_delete(state, id, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}

/* ---- items ----------------------------------------------------------------------------------- */

/* Of an item with its last reading. */
#define ITEM_COLUMNS                                                                               \
    "i.round, i.ordinal, i.source, i.post_id, i.weight, i.content, i.created_at_ms, m.reading,"    \
    " m.mood, m.maker, m.corrections"
#define ITEM_TABLES                                                                                \
    " FROM label_item AS i JOIN label_round AS r ON r.id = i.round"                                \
    " JOIN label_machine AS m ON m.round = i.round AND m.ordinal = i.ordinal"                      \
    " AND m.reading = (SELECT max(reading) FROM label_machine AS l"                                \
    " WHERE l.round = i.round AND l.ordinal = i.ordinal)"

static bool item_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    struct label_item *out = item;

    (void)context;
    *out = (struct label_item){
        .round = stmt_i64(stmt, 0),
        .ordinal = stmt_i64(stmt, 1),
        .weight = stmt_f64(stmt, 4),
        .content = (uint64_t)stmt_i64(stmt, 5),
        .created_at_ms = stmt_i64(stmt, 6),
        .reading = stmt_i64(stmt, 7),
        .mood =
            stmt_is_null(stmt, 8) ? POST_POLARITY_UNKNOWN : (enum post_polarity)stmt_i64(stmt, 8),
        .corrections = stmt_i64(stmt, 10),
    };
    return stmt_copy_str(stmt, 2, arena, &out->source, err) &&
           stmt_copy_str(stmt, 3, arena, &out->post_id, err) &&
           stmt_copy_str(stmt, 9, arena, &out->maker, err);
}

struct judgement_row {
    int64_t round, ordinal;
    struct label_judgement judgement;
};

static bool judgement_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                           struct err *err)
{
    struct judgement_row *out = item;

    (void)context;
    out->round = stmt_i64(stmt, 0);
    out->ordinal = stmt_i64(stmt, 1);
    out->judgement.verdict = (enum label_verdict)stmt_i64(stmt, 3);
    out->judgement.at_ms = stmt_i64(stmt, 4);
    return stmt_copy_str(stmt, 2, arena, &out->judgement.labeller, err);
}

/* Both lists are in order of round and ordinal. */
static bool judgements_attach(struct arena *arena, struct label_item *items, size_t count,
                              const struct judgement_row *rows, size_t row_count, struct err *err)
{
    struct label_judgement *all = arena_try_new(arena, struct label_judgement, row_count + 1);
    size_t at = 0;

    if (!all)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++) {
        items[i].judgements = all + at;
        for (; at < row_count && rows[at].round == items[i].round &&
               rows[at].ordinal == items[i].ordinal;
             at++)
            all[at] = rows[at].judgement;
        items[i].judgement_count = (size_t)(all + at - items[i].judgements);
    }
    return true;
}

bool label_items(struct arena *arena, struct db *state, int64_t query, int64_t round,
                 struct label_item **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *items, *rows;
    size_t row_count;

    if (!db_query(state,
                  "SELECT " ITEM_COLUMNS ITEM_TABLES
                  " WHERE CASE WHEN ?2 = 0 THEN r.query = ?1 ELSE i.round = ?2 END"
                  " ORDER BY i.round, i.ordinal",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, round);
    if (!stmt_load_rows(stmt, arena, sizeof **out, item_load, NULL, &items, count, err) ||
        !db_query(state,
                  "SELECT l.round, l.ordinal, l.labeller, l.verdict, l.at_ms FROM label AS l"
                  " JOIN label_round AS r ON r.id = l.round"
                  " WHERE CASE WHEN ?2 = 0 THEN r.query = ?1 ELSE l.round = ?2 END"
                  " ORDER BY l.round, l.ordinal, l.labeller",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, round);
    if (!stmt_load_rows(stmt, arena, sizeof(struct judgement_row), judgement_load, NULL, &rows,
                        &row_count, err))
        return false;
    *out = items;
    return judgements_attach(arena, items, *count, rows, row_count, err);
}

static bool item_judgements(struct arena *arena, struct db *state, struct label_item *item,
                            struct err *err)
{
    struct stmt *stmt;
    void *rows;
    size_t count;

    if (!db_query(state,
                  "SELECT round, ordinal, labeller, verdict, at_ms FROM label"
                  " WHERE round = ?1 AND ordinal = ?2 ORDER BY labeller",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, item->round);
    stmt_bind_i64(stmt, 2, item->ordinal);
    return stmt_load_rows(stmt, arena, sizeof(struct judgement_row), judgement_load, NULL, &rows,
                          &count, err) &&
           judgements_attach(arena, item, 1, rows, count, err);
}

bool label_item_read(struct arena *arena, struct db *state, int64_t round, int64_t ordinal,
                     struct label_item *out, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state,
                  "SELECT " ITEM_COLUMNS ITEM_TABLES " WHERE i.round = ?1 AND i.ordinal = ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    stmt_bind_i64(stmt, 2, ordinal);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "labelling round %lld has no post %lld",
                       (long long)round, (long long)ordinal);
    bool ok = item_load(stmt, arena, NULL, out, err);
    stmt_reset(stmt);
    return ok && item_judgements(arena, state, out, err);
}

uint64_t label_text_hash(const struct post *post)
{
    return hash_combine(hash_bytes(post->title, 0), hash_bytes(post->text, 0));
}

bool label_item_post(struct archive *a, struct arena *arena, const struct label_item *item,
                     struct archived_post *out, bool *is_there, struct err *err)
{
    uint64_t identity = post_identity(item->source, item->post_id);

    if (!archive_post_at(a, arena, item->created_at_ms, identity, out, is_there, err))
        return false;
    *is_there = *is_there && label_text_hash(&out->post) == item->content;
    return true;
}

/* ---- judging --------------------------------------------------------------------------------- */

bool label_next(struct db *state, int64_t round, Str labeller, int64_t after, int64_t *ordinal,
                int64_t *left, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state,
                  "SELECT min(CASE WHEN ordinal > ?3 THEN ordinal END), min(ordinal), count(*)"
                  " FROM label_item AS i WHERE round = ?1 AND NOT EXISTS (SELECT 1 FROM label"
                  " WHERE label.round = i.round AND label.ordinal = i.ordinal AND labeller = ?2)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    stmt_bind_str(stmt, 2, labeller);
    stmt_bind_i64(stmt, 3, after);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    ASSERT(has_row);
    *ordinal = stmt_is_null(stmt, 0) ? stmt_i64(stmt, 1) : stmt_i64(stmt, 0);
    *left = stmt_i64(stmt, 2);
    stmt_reset(stmt);
    return true;
}

bool label_put(struct db *state, int64_t round, int64_t ordinal, Str labeller,
               enum label_verdict verdict, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO label (round, ordinal, labeller, verdict, at_ms, sequence)"
                  " SELECT round, ordinal, ?3, ?4, ?5,"
                  " (SELECT coalesce(max(sequence), 0) + 1 FROM label WHERE round = ?1)"
                  " FROM label_item WHERE round = ?1 AND ordinal = ?2"
                  " ON CONFLICT (round, ordinal, labeller) DO UPDATE SET"
                  " verdict = excluded.verdict, at_ms = excluded.at_ms,"
                  " sequence = excluded.sequence",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    stmt_bind_i64(stmt, 2, ordinal);
    stmt_bind_str(stmt, 3, labeller);
    stmt_bind_i64(stmt, 4, verdict);
    stmt_bind_i64(stmt, 5, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    return db_changes(state) == 1 ||
           err_set(err, ERR_NOT_FOUND, "labelling round %lld has no post %lld", (long long)round,
                   (long long)ordinal);
}

bool label_judge(struct db *state, int64_t id, int64_t ordinal, Str labeller,
                 enum label_verdict verdict, int64_t now_ms, struct err *err)
{
    struct label_round round;
    struct arena arena;

    if (!db_begin(state, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = round_is_open(&arena, state, id, &round, err) &&
              label_put(state, id, ordinal, labeller, verdict, now_ms, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}

static bool last_take(struct db *state, int64_t round, Str labeller, int64_t *ordinal,
                      struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state,
                  "DELETE FROM label WHERE round = ?1 AND labeller = ?2 AND sequence ="
                  " (SELECT max(sequence) FROM label WHERE round = ?1 AND labeller = ?2)"
                  " RETURNING ordinal",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, round);
    stmt_bind_str(stmt, 2, labeller);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    *ordinal = has_row ? stmt_i64(stmt, 0) : 0;
    return !has_row || stmt_run(stmt, err);
}

bool label_undo(struct db *state, int64_t id, Str labeller, int64_t *ordinal, struct err *err)
{
    struct label_round round;
    struct arena arena;

    if (!db_begin(state, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = round_is_open(&arena, state, id, &round, err) &&
              last_take(state, id, labeller, ordinal, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}

/* ---- erasure --------------------------------------------------------------------------------- */

/* Either of one author or of one post. */
static bool erase_run(struct stmt *stmt, uint64_t author, Str source, Str post_id, struct err *err)
{
    if (source.len > 0) {
        stmt_bind_str(stmt, 1, source);
        stmt_bind_str(stmt, 2, post_id);
    } else
        stmt_bind_i64(stmt, 1, (int64_t)author);
    return stmt_run(stmt, err);
}

bool label_erase_author(struct db *state, uint64_t author, int64_t *erased, struct err *err)
{
    struct stmt *stmt;

    ASSERT(author != 0);
    if (!db_query(state,
                  "UPDATE label_round SET erased = erased + (SELECT count(*) FROM label_item"
                  " WHERE round = label_round.id AND author = ?1)"
                  " WHERE id IN (SELECT round FROM label_item WHERE author = ?1)",
                  &stmt, err) ||
        !erase_run(stmt, author, S(""), S(""), err) ||
        !db_query(state, "DELETE FROM label_item WHERE author = ?1", &stmt, err) ||
        !erase_run(stmt, author, S(""), S(""), err))
        return false;
    *erased = db_changes(state);
    return true;
}

bool label_erase_post(struct db *state, Str source, Str post_id, int64_t *erased, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "UPDATE label_round SET erased = erased + 1 WHERE id IN"
                  " (SELECT round FROM label_item WHERE source = ?1 AND post_id = ?2)",
                  &stmt, err) ||
        !erase_run(stmt, 0, source, post_id, err) ||
        !db_query(state, "DELETE FROM label_item WHERE source = ?1 AND post_id = ?2", &stmt, err) ||
        !erase_run(stmt, 0, source, post_id, err))
        return false;
    *erased = db_changes(state);
    return true;
}
