#include "strategy/steering/assumption.h"

#include <math.h>

#include "base/wording.h"
#include "db/db.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "signal/evidence.h"
#include "signal/signal.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"
#include "strategy/steering/review.h"

#define EVENTS_MAX 10000 /* of one evaluation; further ones are stored, not listed */

/* --- watches -----------------------------------------------------------------------------------
 */

struct watch {
    int64_t armed_at_ms, since_ms;
    struct rule_memory memory;
};

static bool load_state(Str word, enum assumption_state *out, struct err *err)
{
    int state = 0;

    if (!word_find(&words_assumption_state, word, &state))
        return err_set(err, ERR_CORRUPT, "unknown state '" STR_F "' of an assumption", STR_A(word));
    *out = (enum assumption_state)state;
    return true;
}

bool store_attach_watches(struct db *db, struct strategy_model *model, struct err *err)
{
    struct stmt *stmt = NULL;
    bool has_row = false;

    if (!db_query(db,
                  "SELECT assumption_id, armed_at_ms, evaluated_to_ms, state, since_ms "
                  "FROM strategy_watch",
                  &stmt, err))
        return false;
    for (;;) {
        if (!stmt_step(stmt, &has_row, err))
            return false;
        if (!has_row)
            return true;
        Str id = stmt_str(stmt, 0);
        for (size_t i = 0; i < model->assumptions.count; i++) {
            struct assumption *assumption = &model->assumptions.items[i];
            if (!str_eq(assumption->id, id))
                continue;
            assumption->armed_at_ms = stmt_i64(stmt, 1);
            assumption->evaluated_to_ms = stmt_i64(stmt, 2);
            assumption->since_ms = stmt_i64(stmt, 4);
            if (!load_state(stmt_str(stmt, 3), &assumption->state, err)) {
                stmt_reset(stmt);
                return false;
            }
        }
    }
}

static bool watch_read(struct db *db, Str id, struct watch *out, bool *is_armed, struct err *err)
{
    struct stmt *stmt = NULL;

    *out = (struct watch){0};
    if (!db_query(db,
                  "SELECT armed_at_ms, evaluated_to_ms, state, since_ms, violated_days, kept_days "
                  "FROM strategy_watch WHERE assumption_id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, id);
    if (!stmt_step(stmt, is_armed, err))
        return false;
    if (!*is_armed)
        return true;
    out->armed_at_ms = stmt_i64(stmt, 0);
    out->memory.evaluated_to_ms = stmt_i64(stmt, 1);
    out->since_ms = stmt_i64(stmt, 3);
    out->memory.violated_days = stmt_i64(stmt, 4);
    out->memory.kept_days = stmt_i64(stmt, 5);
    bool ok = load_state(stmt_str(stmt, 2), &out->memory.state, err);
    stmt_reset(stmt);
    return ok;
}

static bool watch_write(struct db *db, Str id, const struct watch *watch, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "INSERT INTO strategy_watch (assumption_id, armed_at_ms, evaluated_to_ms, state, "
                  "since_ms, violated_days, kept_days) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                  "ON CONFLICT (assumption_id) DO UPDATE SET armed_at_ms = ?2, "
                  "evaluated_to_ms = ?3, state = ?4, since_ms = ?5, violated_days = ?6, "
                  "kept_days = ?7",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, id);
    stmt_bind_i64(stmt, 2, watch->armed_at_ms);
    stmt_bind_i64(stmt, 3, watch->memory.evaluated_to_ms);
    stmt_bind_str(stmt, 4, word_of(&words_assumption_state, (int)watch->memory.state));
    stmt_bind_i64(stmt, 5, watch->since_ms);
    stmt_bind_i64(stmt, 6, watch->memory.violated_days);
    stmt_bind_i64(stmt, 7, watch->memory.kept_days);
    return stmt_run(stmt, err);
}

static bool append(struct db *db, const struct change *change, const char *action, Str id,
                   Str after, struct err *err)
{
    const struct ledger_entry entry = {.at_ms = change->at_ms,
                                       .actor = change->actor,
                                       .action = str_from_cstr(action),
                                       .object_kind = S("assumption"),
                                       .object_id = id,
                                       .reason = change->reason,
                                       .after_json = after};

    return ledger_append(db, &entry, err);
}

/* --- arming ------------------------------------------------------------------------------------
 */

/* Days are the step: watching begins at the day's start at or before the time given. */
static int64_t day_start(int64_t at_ms)
{
    int64_t rest = at_ms % ASSUMPTION_STEP_MS;
    return at_ms - (rest < 0 ? rest + ASSUMPTION_STEP_MS : rest);
}

static bool arm(struct db *db, struct arena *arena, const struct change *change, Str id,
                int64_t from_ms, struct err *err)
{
    struct strategy_model model;

    if (!store_read(db, arena, &model, err))
        return false;
    const struct assumption *assumption = model_assumption(&model, id);
    if (!assumption)
        return err_set(err, ERR_NOT_FOUND, "there is no assumption '" STR_F "'", STR_A(id));
    if (!assumption->has_rule || (assumption->query.len == 0 && assumption->rule.signal.len == 0))
        return err_set(err, ERR_INPUT, "assumption '" STR_F "' has no rule on a query or signal",
                       STR_A(id)) ||
               err_hint(err, "give it a query, a metric, a threshold and a window");
    const struct watch watch = {
        .armed_at_ms = from_ms,
        .since_ms = from_ms,
        .memory = {.state = ASSUMPTION_NO_DATA, .evaluated_to_ms = day_start(from_ms)}};
    return watch_write(db, id, &watch, err) &&
           append(db, change, "assumption.arm", id,
                  arena_printf(arena, "{\"from_ms\":%lld}", (long long)from_ms), err);
}

bool assumption_arm(struct db *db, const struct change *change, Str id, int64_t from_ms,
                    struct err *err)
{
    struct arena arena;

    arena_init(&arena, 256u * 1024u * 1024u);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = arm(db, &arena, change, id, from_ms, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}

static bool disarm(struct db *db, const struct change *change, Str id, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db, "DELETE FROM strategy_watch WHERE assumption_id = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, id);
    if (!stmt_run(stmt, err))
        return false;
    if (db_changes(db) == 0)
        return err_set(err, ERR_NOT_FOUND, "assumption '" STR_F "' is not armed", STR_A(id));
    return append(db, change, "assumption.disarm", id, STR_NONE, err);
}

bool assumption_disarm(struct db *db, const struct change *change, Str id, struct err *err)
{
    if (!db_begin(db, err))
        return false;
    bool ok = disarm(db, change, id, err);
    return db_end(db, ok, err);
}

/* --- points ------------------------------------------------------------------------------------
 */

struct series {
    Str key;
    int64_t definition_version; /* 0: no such signal */
    struct rule_point *points;
    size_t count;
};

static bool series_read(struct db *db, struct arena *arena, const struct assumption *assumption,
                        const struct signal_key_source *keys, int64_t from_ms, int64_t to_ms,
                        struct series *out, struct err *err)
{
    struct signal signal;
    struct signal_point *points = NULL;
    struct err absent = {0};
    size_t count = 0;

    *out = (struct series){.key = assumption_signal_key(arena, assumption)};
    if (keys && assumption->rule.signal.len == 0 &&
        !keys->find(keys->user, arena, assumption->query, assumption->rule.metric, &out->key))
        return true; /* no such query: nothing was measured */
    if (!signal_find(arena, db, out->key, &signal, &absent)) {
        if (absent.code == ERR_NOT_FOUND)
            return true;
        *err = absent;
        return false;
    }
    if (!signal_read(arena, db, signal.id, from_ms, to_ms, &points, &count, err))
        return false;
    out->points = arena_try_new(arena, struct rule_point, count + 1);
    if (!out->points)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++)
        out->points[i] = (struct rule_point){.start_ms = points[i].start_ms,
                                             .value = points[i].value,
                                             .sample = points[i].n,
                                             .coverage = points[i].coverage};
    out->count = count;
    out->definition_version = signal.version;
    return true;
}

/* --- evaluating --------------------------------------------------------------------------------
 */

struct evaluating {
    struct db *db;
    struct arena *arena;
    const struct method *method;
    const struct change *change;
    struct strategy_model model;
    const struct strategy_version *adopted; /* NULL: none */
    struct assumption_outcome *out;
};

struct transition {
    enum assumption_state before;
    struct rule_reading reading;
};

/* Only changes of state are kept. */
struct transitions {
    struct transition *items;
    size_t count, capacity;
};

static void on_reading(void *user, enum assumption_state before, const struct rule_reading *reading)
{
    struct transitions *kept = user;

    if (before == reading->state)
        return;
    ASSERT(kept->count < kept->capacity);
    kept->items[kept->count++] = (struct transition){.before = before, .reading = *reading};
}

static bool measures_json(struct arena *arena, const struct assumption_event *event, Str *out,
                          struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 64u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_set_str(&writer, "signal", event->signal);
    json_set_i64(&writer, "definition_version", event->definition_version);
    json_set_f64(&writer, "value", event->value);
    json_set_f64(&writer, "threshold", event->threshold);
    json_set_i64(&writer, "n", event->sample);
    json_set_f64(&writer, "coverage", event->coverage);
    json_set_i64(&writer, "from_ms", event->window_from_ms);
    json_set_i64(&writer, "to_ms", event->at_ms);
    json_set_str(&writer, "from", word_of(&words_assumption_state, (int)event->from));
    json_set_str(&writer, "to", word_of(&words_assumption_state, (int)event->to));
    json_end_object(&writer);
    return text_end(&text, arena, out, err);
}

static bool break_text(const struct evaluating *work, const struct assumption *assumption,
                       const struct assumption_event *event, const struct dependants *dependants,
                       struct review_note *note, struct err *err)
{
    struct wording text;

    wording_init(&text, EVIDENCE_STATEMENT_BYTES_MAX);
    wording_add(&text, "assumption \"");
    wording_name(&text, assumption->statement);
    wording_add(&text,
                "\" is broken: " STR_F
                " is %g, the threshold is %g (%lld posts, coverage %.0f %%); "
                "%zu options and %.0f %% of the likely benefit rest on it",
                STR_A(event->signal), event->value, event->threshold, (long long)event->sample,
                event->coverage * 100, dependants->options.count, dependants->benefit_share * 100);
    return wording_end(&text, work->arena, &note->text, &note->text_kept) ||
           err_arena(err, work->arena);
}

static bool keep_evidence(const struct evaluating *work, const struct assumption *assumption,
                          struct assumption_event *event, const struct review_note *note,
                          struct err *err)
{
    struct wording why;
    struct evidence_item item = {.kind = EVIDENCE_SIGNAL,
                                 .ref = event->signal,
                                 .text = assumption_rule_text(work->arena, assumption)};
    struct evidence evidence = {.statement = note->text,
                                .statement_kept = note->text_kept,
                                .kind = S("assumption.break"),
                                .object_kind = S("assumption"),
                                .object_id = assumption->id,
                                .from_ms = event->window_from_ms,
                                .to_ms = event->at_ms,
                                .created_by = work->change->actor,
                                .created_at_ms = work->change->at_ms,
                                .items = &item,
                                .item_count = 1};

    wording_init(&why, 200);
    wording_add(&why, "the rule of the assumption on this signal");
    if (!wording_end(&why, work->arena, &item.why, &item.why_kept))
        return err_arena(err, work->arena);
    if (!measures_json(work->arena, event, &evidence.measures_json, err) ||
        !evidence_create(work->db, &evidence, err))
        return false;
    event->evidence = evidence.id;
    return true;
}

static bool open_review(const struct evaluating *work, const struct assumption *assumption,
                        struct assumption_event *event, struct err *err)
{
    struct dependants dependants;
    struct review_note note = {
        .kind = REVIEW_ASSUMPTION_BROKEN, .object = OBJECT_ASSUMPTION, .object_id = assumption->id};

    if (!assumption_dependants(work->arena, &work->model, work->method, work->adopted,
                               assumption->id, &dependants, err) ||
        !dependants_json(work->arena, &dependants, &note.details, err))
        return false;
    note.proposal = word_of(&words_response, (int)dependants.response);
    if (!break_text(work, assumption, event, &dependants, &note, err) ||
        !keep_evidence(work, assumption, event, &note, err) ||
        !review_open(work->db, work->change, &note, err))
        return false;
    event->review_id = note.id;
    return true;
}

static bool insert_event(struct db *db, struct assumption_event *event, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db,
                  "INSERT INTO strategy_assumption_event (assumption_id, statement, from_state, "
                  "to_state, at_ms, noticed_ms, value, threshold, sample, coverage, "
                  "window_from_ms, signal, definition_version, evidence_id, review_id) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, event->assumption);
    stmt_bind_str(stmt, 2, event->statement);
    stmt_bind_str(stmt, 3, word_of(&words_assumption_state, (int)event->from));
    stmt_bind_str(stmt, 4, word_of(&words_assumption_state, (int)event->to));
    stmt_bind_i64(stmt, 5, event->at_ms);
    stmt_bind_i64(stmt, 6, event->noticed_ms);
    stmt_bind_f64(stmt, 7, event->value);
    stmt_bind_f64(stmt, 8, event->threshold);
    stmt_bind_i64(stmt, 9, event->sample);
    stmt_bind_f64(stmt, 10, event->coverage);
    stmt_bind_i64(stmt, 11, event->window_from_ms);
    stmt_bind_str(stmt, 12, event->signal);
    stmt_bind_i64(stmt, 13, event->definition_version);
    stmt_bind_i64(stmt, 14, event->evidence);
    stmt_bind_i64(stmt, 15, event->review_id);
    if (!stmt_run(stmt, err))
        return false;
    event->id = db_last_id(db);
    return true;
}

static bool record(const struct evaluating *work, const struct assumption *assumption,
                   const struct series *series, const struct transition *transition,
                   struct err *err)
{
    const struct rule_reading *reading = &transition->reading;
    struct assumption_event event = {
        .assumption = assumption->id,
        .statement = assumption->statement,
        .from = transition->before,
        .to = reading->state,
        .at_ms = reading->at_ms,
        .noticed_ms = work->change->at_ms,
        .value = reading->value,
        .threshold = assumption->rule.threshold,
        .sample = reading->sample,
        .coverage = reading->coverage,
        .window_from_ms = reading->at_ms - assumption->rule.window_days * ASSUMPTION_STEP_MS,
        .signal = series->key,
        .definition_version = series->definition_version};
    Str measures = STR_NONE;

    if (event.to == ASSUMPTION_BROKEN && !open_review(work, assumption, &event, err))
        return false;
    if (!insert_event(work->db, &event, err) ||
        !measures_json(work->arena, &event, &measures, err) ||
        !append(work->db, work->change, "assumption.state", assumption->id, measures, err))
        return false;
    if (work->out->events.count < EVENTS_MAX)
        work->out->events.items[work->out->events.count++] = event;
    return true;
}

static bool evaluate_one(const struct evaluating *work, const struct assumption *assumption,
                         const struct signal_key_source *keys, int64_t to_ms, struct err *err)
{
    struct series series;
    struct watch watch;
    struct transitions kept = {0};
    bool is_armed = false;

    if (!watch_read(work->db, assumption->id, &watch, &is_armed, err))
        return false;
    if (!is_armed || !assumption->has_rule)
        return true;
    work->out->evaluated++;
    int64_t from_ms = watch.memory.evaluated_to_ms,
            reach = assumption_rule_reach_ms(&assumption->rule);
    int64_t steps = to_ms > from_ms ? (to_ms - from_ms) / ASSUMPTION_STEP_MS : 0;
    if (steps == 0) {
        work->out->counts[watch.memory.state]++;
        return true;
    }
    kept.capacity = (size_t)steps;
    kept.items = arena_try_new(work->arena, struct transition, kept.capacity);
    if (!kept.items)
        return err_arena(err, work->arena);
    if (!series_read(work->db, work->arena, assumption, keys, from_ms - reach, to_ms, &series, err))
        return false;
    assumption_rule_run(&assumption->rule, series.points, series.count, to_ms, &watch.memory,
                        on_reading, &kept);
    for (size_t i = 0; i < kept.count; i++) {
        if (!record(work, assumption, &series, &kept.items[i], err))
            return false;
        watch.since_ms = kept.items[i].reading.at_ms;
    }
    work->out->counts[watch.memory.state]++;
    return watch_write(work->db, assumption->id, &watch, err);
}

static void sort_events(struct assumption_outcome *out)
{
    struct assumption_event *items = out->events.items;

    for (size_t i = 1; i < out->events.count; i++) {
        struct assumption_event event = items[i];
        size_t j = i;
        for (; j > 0 && items[j - 1].at_ms > event.at_ms; j--)
            items[j] = items[j - 1];
        items[j] = event;
    }
}

static const struct strategy_version *adopted_version(const struct strategy_model *model)
{
    for (size_t i = 0; i < model->versions.count; i++) {
        if (model->versions.items[i].state == VERSION_ADOPTED)
            return &model->versions.items[i];
    }
    return NULL;
}

/* Counts the armed ones by state as they stand. *is_due: a step of one of them lies before to_ms.
 * Steps are time, not points: silence breaks a rule too. Without one the model is not even read. */
static bool count_watches(const struct evaluating *work, int64_t to_ms, bool *is_due,
                          struct err *err)
{
    struct stmt *stmt = NULL;
    bool has_row = true, ok;

    *is_due = false;
    if (!db_query(work->db,
                  "SELECT w.state, w.evaluated_to_ms FROM strategy_watch w"
                  " JOIN strategy_assumption a ON a.id = w.assumption_id WHERE a.rule IS NOT NULL",
                  &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        enum assumption_state state = ASSUMPTION_NO_DATA;
        if (!load_state(stmt_str(stmt, 0), &state, err)) {
            stmt_reset(stmt);
            return false;
        }
        work->out->evaluated++;
        work->out->counts[state]++;
        *is_due |= to_ms - stmt_i64(stmt, 1) >= ASSUMPTION_STEP_MS;
    }
    return ok;
}

static bool evaluate_all(struct evaluating *work, const struct signal_key_source *keys,
                         int64_t to_ms, struct err *err)
{
    bool is_due;

    if (!count_watches(work, to_ms, &is_due, err) || !is_due)
        return err->code == ERR_NONE;
    *work->out = (struct assumption_outcome){0};
    if (!store_read(work->db, work->arena, &work->model, err))
        return false;
    work->adopted = adopted_version(&work->model);
    work->out->events.items = arena_try_alloc(work->arena, sizeof(struct assumption_event),
                                              _Alignof(struct assumption_event), EVENTS_MAX);
    if (!work->out->events.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < work->model.assumptions.count; i++) {
        if (!evaluate_one(work, &work->model.assumptions.items[i], keys, to_ms, err))
            return false;
    }
    sort_events(work->out);
    return true;
}

bool assumption_evaluate(struct db *db, struct arena *arena, const struct method *method,
                         const struct change *change, const struct signal_key_source *keys,
                         int64_t to_ms, struct assumption_outcome *out, struct err *err)
{
    struct evaluating work = {
        .db = db, .arena = arena, .method = method, .change = change, .out = out};

    *out = (struct assumption_outcome){0};
    if (!db_begin(db, err))
        return false;
    bool ok = evaluate_all(&work, keys, to_ms, err);
    return db_end(db, ok, err);
}

/* --- looking back ------------------------------------------------------------------------------
 */

static bool load_event(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct assumption_event *out = item;

    (void)context;
    *out = (struct assumption_event){.id = stmt_i64(stmt, 0),
                                     .at_ms = stmt_i64(stmt, 5),
                                     .noticed_ms = stmt_i64(stmt, 6),
                                     .value = stmt_is_null(stmt, 7) ? NAN : stmt_f64(stmt, 7),
                                     .threshold = stmt_f64(stmt, 8),
                                     .sample = stmt_i64(stmt, 9),
                                     .coverage = stmt_f64(stmt, 10),
                                     .window_from_ms = stmt_i64(stmt, 11),
                                     .definition_version = stmt_i64(stmt, 13),
                                     .evidence = stmt_i64(stmt, 14),
                                     .review_id = stmt_i64(stmt, 15)};
    return load_state(stmt_str(stmt, 3), &out->from, err) &&
           load_state(stmt_str(stmt, 4), &out->to, err) &&
           stmt_copy_str(stmt, 1, arena, &out->assumption, err) &&
           stmt_copy_str(stmt, 2, arena, &out->statement, err) &&
           stmt_copy_str(stmt, 12, arena, &out->signal, err);
}

bool assumption_events(struct db *db, struct arena *arena, Str id, int64_t limit,
                       const struct assumption_event **out, size_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t most = limit > 0 && limit < EVENTS_MAX ? (size_t)limit : EVENTS_MAX;
    struct any_list list = {0};

    *count = 0;
    *out = NULL;
    if (!db_query(db,
                  "SELECT id, assumption_id, statement, from_state, to_state, at_ms, noticed_ms, "
                  "value, threshold, sample, coverage, window_from_ms, signal, "
                  "definition_version, evidence_id, review_id FROM strategy_assumption_event "
                  "WHERE ?1 = '' OR assumption_id = ?1 ORDER BY id DESC LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, id.ptr ? id : S(""));
    stmt_bind_i64(stmt, 2, (int64_t)most);
    bool ok = stmt_load_rows(stmt, arena, sizeof(struct assumption_event), load_event, NULL,
                             &list.items, &list.count, err);
    *out = list.items;
    *count = list.count;
    return ok;
}

struct readings {
    struct rule_reading *items;
    size_t count, capacity;
};

static void keep_reading(void *user, enum assumption_state before,
                         const struct rule_reading *reading)
{
    struct readings *kept = user;

    (void)before;
    ASSERT(kept->count < kept->capacity);
    kept->items[kept->count++] = *reading;
}

bool assumption_backtest(struct db *db, struct arena *arena, const struct assumption *assumption,
                         const struct signal_key_source *keys, int64_t from_ms, int64_t to_ms,
                         const struct rule_reading **out, size_t *count, struct err *err)
{
    struct series series;
    struct rule_memory memory = {.evaluated_to_ms = day_start(from_ms)};
    struct readings kept = {0};
    int64_t reach = assumption_rule_reach_ms(&assumption->rule);

    *count = 0;
    if (!assumption->has_rule || to_ms < from_ms)
        return err_set(err, ERR_INPUT, "a backtest needs a rule and a range of time");
    kept.capacity = (size_t)((to_ms - memory.evaluated_to_ms) / ASSUMPTION_STEP_MS) + 1;
    kept.items = arena_try_new(arena, struct rule_reading, kept.capacity);
    if (!kept.items)
        return err_arena(err, arena);
    if (!series_read(db, arena, assumption, keys, memory.evaluated_to_ms - reach, to_ms, &series,
                     err))
        return false;
    assumption_rule_run(&assumption->rule, series.points, series.count, to_ms, &memory,
                        keep_reading, &kept);
    *out = kept.items;
    *count = kept.count;
    return true;
}
