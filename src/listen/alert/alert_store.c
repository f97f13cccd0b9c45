#include "listen/alert/alert_store.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "listen/alert/alert_series.h"
#include "listen/measure/event_explain.h"

/* A stored alert of the rule at hand, as far as finding needs it. */
struct known {
    int64_t id, start_ms, end_ms, tellings;
    int severity;
    bool is_over;
    double observed, explained; /* now, and when it was explained */
    bool is_taken;              /* an event was found to be it */
};

struct raise {
    struct alert_event event;
    struct known *known; /* NULL: a new one */
    bool is_explained;
    Str explanation;
};

struct finder {
    struct db *state;
    struct archive *a;
    struct event_explainer *explainer; /* made when first needed */
    struct arena arena;                /* of the rule at hand */
    struct arena scratch;
    const struct alert_rule *rule;
    struct alert_series series;
    struct alert_horizon horizon;
    int64_t now_ms;
    struct known *known;
    size_t known_count;
    struct {
        VEC(struct raise);
    } raises;
    struct alert_found *found;
    struct err *err;
};

static const char *const state_names[] = {"open", "acknowledged"};

const char *alert_state_name(enum alert_state state)
{
    ASSERT(state < ALERT_STATE_COUNT);
    return state_names[state];
}

bool alert_state_from(Str name, enum alert_state *out)
{
    for (int i = 0; i < ALERT_STATE_COUNT; i++)
        if (str_eq(name, str_from_cstr(state_names[i]))) {
            *out = (enum alert_state)i;
            return true;
        }
    return false;
}

/* ---- what is stored -------------------------------------------------------------------------- */

static bool known_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    (void)arena;
    (void)context;
    (void)err;
    *(struct known *)item = (struct known){.id = stmt_i64(stmt, 0),
                                           .start_ms = stmt_i64(stmt, 1),
                                           .end_ms = stmt_i64(stmt, 2),
                                           .tellings = stmt_i64(stmt, 3),
                                           .severity = (int)stmt_i64(stmt, 4),
                                           .is_over = stmt_i64(stmt, 5) != 0,
                                           .observed = stmt_f64(stmt, 6),
                                           .explained = stmt_f64(stmt, 7)};
    return true;
}

static bool known_read(struct finder *f)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(f->state,
                  "SELECT id, start_ms, end_ms, tellings, severity, is_over, observed,"
                  " explained_observed"
                  " FROM alert WHERE rule = ?1 ORDER BY start_ms",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, f->rule->id);
    bool ok = stmt_load_rows(stmt, &f->arena, sizeof *f->known, known_load, NULL, &rows,
                             &f->known_count, f->err);
    f->known = ok ? rows : NULL;
    return ok;
}

/* Late posts may move an event's edges; the event stays the same one. */
static struct known *known_of(struct finder *f, const struct alert_event *event)
{
    for (size_t i = 0; i < f->known_count; i++) {
        struct known *k = &f->known[i];
        if (!k->is_taken && k->start_ms < event->end_ms && event->start_ms < k->end_ms)
            return k;
    }
    return NULL;
}

static bool is_same(const struct known *k, const struct alert_event *event)
{
    return k->start_ms == event->start_ms && k->end_ms == event->end_ms &&
           k->severity == event->severity && k->is_over == event->is_over &&
           fabs(k->observed - event->observed) < 1e-9;
}

/* ---- explaining ------------------------------------------------------------------------------ */

/* Hours that the event rests on: a mean, a share, a block reach back behind its first period. */
static void event_hours(const struct finder *f, const struct alert_event *event, int64_t *from_hour,
                        int64_t *to_hour)
{
    struct alert_settings s = alert_settings_effective(&f->rule->settings);
    int64_t back = s.kind == ALERT_FORECAST || s.span == 0 ? 0 : (int64_t)s.span - 1;

    *from_hour = (event->start_ms - back * f->series.period_ms) / HOUR_MS;
    *to_hour = event->end_ms / HOUR_MS;
}

/* A share moves as much by what the others do. */
static struct event_parties parties_of(struct finder *f, const struct alert_rule *rule)
{
    int64_t *queries = arena_new(&f->arena, int64_t, rule->party_count + 1);
    size_t count = 0;

    queries[count++] = rule->query;
    for (size_t i = 0; i < rule->party_count; i++)
        if (rule->parties[i] != rule->query)
            queries[count++] = rule->parties[i];
    return (struct event_parties){queries, count};
}

static bool raise_explain(struct finder *f, struct raise *raise)
{
    bool is_share = f->rule->settings.kind == ALERT_SHARE;
    struct event_parties parties = {0};
    int64_t from_hour, to_hour;

    if (!f->explainer && !event_explainer_create(&f->explainer, f->a, f->err))
        return false;
    if (is_share)
        parties = parties_of(f, f->rule);
    event_hours(f, &raise->event, &from_hour, &to_hour);
    raise->is_explained = true;
    return event_explain(f->explainer, &f->arena, f->rule->query, from_hour, to_hour,
                         is_share ? &parties : NULL, &raise->explanation, f->err);
}

static bool needs_words(const struct raise *raise)
{
    const struct known *k = raise->known;

    return !k || k->end_ms != raise->event.end_ms || k->start_ms != raise->event.start_ms ||
           event_is_stale(raise->event.observed, k->explained);
}

static bool event_take(struct finder *f, const struct alert_event *event)
{
    struct raise raise = {.event = *event, .known = known_of(f, event)};

    if (raise.known)
        raise.known->is_taken = true;
    /* What was told before the rule was armed was known to who armed it. */
    if (!raise.known && event->tellings[0].told_ms <= f->rule->armed_from_ms)
        return true;
    if (raise.known && is_same(raise.known, event))
        return true;
    if (needs_words(&raise) && !raise_explain(f, &raise))
        return false;
    return vec_try_push(&f->raises, raise) ||
           err_set(f->err, ERR_NO_MEMORY, "no memory for alerts");
}

/* ---- the nearest earlier event --------------------------------------------------------------- */

/* The same event under another rule of the query is no earlier one: it does not end before. */
static bool nearest_find(struct finder *f, const struct raise *raise, struct event_nearest *out)
{
    struct alert_filter filter = {.query = f->rule->query,
                                  .from_ms = INT64_MIN,
                                  .to_ms = raise->event.start_ms,
                                  .max = ALERT_CANDIDATES_MAX};
    struct event_record event = {.id = raise->known ? raise->known->id : 0,
                                 .start_ms = raise->event.start_ms,
                                 .end_ms = raise->event.end_ms,
                                 .size = raise->event.size,
                                 .explanation = raise->explanation};
    struct alert *list;
    size_t count;

    arena_reset(&f->scratch);
    if (!alert_list(&f->scratch, f->state, &filter, &list, &count, f->err))
        return false;
    struct event_record *earlier = arena_new(&f->scratch, struct event_record, count + 1);
    for (size_t i = 0; i < count; i++)
        earlier[i] = (struct event_record){list[i].id, list[i].start_ms, list[i].end_ms,
                                           list[i].size, list[i].explanation};
    return event_nearest(&f->scratch, &event, earlier, count, out, f->err);
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* Parameters 1 to 17 of both statements. */
static void bind_event(struct stmt *stmt, const struct alert_event *e, Str explanation)
{
    stmt_bind_i64(stmt, 1, e->start_ms);
    stmt_bind_i64(stmt, 2, e->tellings[0].told_ms);
    stmt_bind_i64(stmt, 3, e->peak_ms);
    stmt_bind_i64(stmt, 4, e->end_ms);
    stmt_bind_i64(stmt, 5, e->is_over ? 1 : 0);
    stmt_bind_i64(stmt, 6, e->severity);
    stmt_bind_f64(stmt, 7, e->score);
    stmt_bind_f64(stmt, 8, e->significance);
    stmt_bind_f64(stmt, 9, e->observed);
    stmt_bind_f64(stmt, 10, e->expected);
    stmt_bind_f64(stmt, 11, e->low);
    stmt_bind_f64(stmt, 12, e->high);
    stmt_bind_f64(stmt, 13, e->size);
    stmt_bind_f64(stmt, 14, e->ahead);
    stmt_bind_f64(stmt, 15, e->ahead_low);
    stmt_bind_f64(stmt, 16, e->ahead_high);
    stmt_bind_str_or_null(stmt, 17, explanation);
}

static bool alert_insert(struct finder *f, const struct raise *raise, int64_t *id)
{
    struct stmt *stmt;

    if (!db_query(f->state,
                  "INSERT INTO alert (start_ms, told_ms, peak_ms, end_ms, is_over, severity, score,"
                  " significance, observed, expected, low, high, size, ahead, ahead_low,"
                  " ahead_high, explanation, rule, version, query, cause, tellings, raised_at_ms,"
                  " state, explained_observed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                  " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, 0, ?22, 'open', ?9)",
                  &stmt, f->err))
        return false;
    bind_event(stmt, &raise->event, raise->explanation);
    stmt_bind_i64(stmt, 18, f->rule->id);
    stmt_bind_i64(stmt, 19, f->rule->version);
    stmt_bind_i64(stmt, 20, f->rule->query);
    stmt_bind_str(stmt, 21, str_from_cstr(alert_cause_name(raise->event.cause)));
    stmt_bind_i64(stmt, 22, f->now_ms);
    if (!stmt_run(stmt, f->err))
        return false;
    *id = db_last_id(f->state);
    f->found->raised++;
    return true;
}

/* When it was told first stays: that is what people saw. */
static bool alert_update(struct finder *f, const struct raise *raise)
{
    struct stmt *stmt;

    if (!db_query(f->state,
                  "UPDATE alert SET start_ms = ?1, told_ms = min(told_ms, ?2), peak_ms = ?3,"
                  " end_ms = ?4, is_over = ?5, severity = max(severity, ?6), score = ?7,"
                  " significance = ?8, observed = ?9, expected = ?10, low = ?11, high = ?12,"
                  " size = ?13, ahead = ?14, ahead_low = ?15, ahead_high = ?16,"
                  " explanation = coalesce(?17, explanation), explained_observed ="
                  " CASE WHEN ?17 IS NULL THEN explained_observed ELSE ?9 END WHERE id = ?18",
                  &stmt, f->err))
        return false;
    bind_event(stmt, &raise->event, raise->explanation);
    stmt_bind_i64(stmt, 18, raise->known->id);
    return stmt_run(stmt, f->err);
}

static bool telling_insert(struct finder *f, int64_t id, int64_t number,
                           const struct alert_telling *telling)
{
    struct stmt *stmt;

    if (!db_query(f->state,
                  "INSERT INTO alert_telling (alert, number, told_ms, severity, observed, at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, number);
    stmt_bind_i64(stmt, 3, telling->told_ms);
    stmt_bind_i64(stmt, 4, telling->severity);
    stmt_bind_f64(stmt, 5, telling->observed);
    stmt_bind_i64(stmt, 6, f->now_ms);
    return stmt_run(stmt, f->err);
}

/* Told again: whoever had acknowledged it has to look again. */
static bool tell(struct finder *f, const struct raise *raise, int64_t id)
{
    int64_t known = raise->known ? raise->known->tellings : 0;
    struct stmt *stmt;

    if ((int64_t)raise->event.telling_count <= known)
        return true;
    for (size_t i = (size_t)known; i < raise->event.telling_count; i++)
        if (!telling_insert(f, id, (int64_t)i + 1, &raise->event.tellings[i]))
            return false;
    if (!db_query(f->state,
                  "UPDATE alert SET tellings = ?2, raised_at_ms = ?3, state = 'open' WHERE id = ?1",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, (int64_t)raise->event.telling_count);
    stmt_bind_i64(stmt, 3, f->now_ms);
    f->found->worse += raise->known ? 1 : 0;
    return stmt_run(stmt, f->err);
}

static bool earlier_write(struct finder *f, const struct raise *raise, int64_t id)
{
    struct event_nearest nearest;
    struct stmt *stmt;

    if (!raise->is_explained)
        return true;
    if (!nearest_find(f, raise, &nearest))
        return false;
    if (!db_query(f->state, "UPDATE alert SET earlier = ?2, likeness = ?3 WHERE id = ?1", &stmt,
                  f->err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (nearest.id != 0) {
        stmt_bind_i64(stmt, 2, nearest.id);
        stmt_bind_str(stmt, 3, nearest.likeness);
    }
    return stmt_run(stmt, f->err);
}

static bool raise_write(struct finder *f, const struct raise *raise)
{
    int64_t id = raise->known ? raise->known->id : 0;

    return (raise->known ? alert_update(f, raise) : alert_insert(f, raise, &id)) &&
           tell(f, raise, id) && earlier_write(f, raise, id);
}

static bool settle(struct finder *f)
{
    struct stmt *stmt;

    if (!db_query(f->state, "UPDATE alert_rule SET is_due = 0 WHERE id = ?1 AND version = ?2",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, f->rule->id);
    stmt_bind_i64(stmt, 2, f->rule->version);
    return stmt_run(stmt, f->err);
}

/* A rule that was changed since it was read is looked at again by its new wording. */
static bool rule_keep(struct finder *f)
{
    struct alert_found before = *f->found;
    bool ok = true;

    if (!db_begin(f->state, f->err))
        return false;
    for (size_t i = 0; ok && i < f->raises.count; i++)
        ok = raise_write(f, &f->raises.items[i]);
    ok = db_end(f->state, ok && settle(f), f->err);
    if (!ok)
        *f->found = before;
    return ok;
}

static void rule_log(const struct finder *f)
{
    for (size_t i = 0; i < f->raises.count; i++) {
        const struct raise *raise = &f->raises.items[i];
        if (!raise->known || (int64_t)raise->event.telling_count > raise->known->tellings)
            log_event(LOG_INFO, "alert.raised", log_str("rule", f->rule->name),
                      log_i64("severity", raise->event.severity),
                      log_i64("start_ms", raise->event.start_ms),
                      log_i64("tellings", (int64_t)raise->event.telling_count));
    }
}

/* ---- a rule ---------------------------------------------------------------------------------- */

static bool rule_find(struct finder *f)
{
    struct alert_events events = {0};

    vec_reset(&f->raises);
    bool ok = alert_series_load(&f->arena, f->state, f->rule, &f->horizon, &f->series, f->err) &&
              alert_events_find(&f->rule->settings, f->series.points, f->series.count,
                                f->series.period_ms, NULL, &events, f->err) &&
              known_read(f);
    for (size_t i = 0; ok && i < events.count; i++)
        ok = event_take(f, &events.items[i]);
    ok = ok && rule_keep(f);
    if (ok)
        rule_log(f);
    vec_deinit(&events);
    return ok || err_wrap(f->err, "could not look for alerts of '" STR_F "'", STR_A(f->rule->name));
}

static bool due_list(struct finder *f, struct arena *arena, struct alert_rule **out, size_t *count)
{
    struct stmt *stmt;
    bool has_row;

    *count = 0;
    *out = NULL;
    if (!db_query(f->state, "SELECT 1 FROM alert_rule WHERE is_on = 1 AND is_due = 1 LIMIT 1",
                  &stmt, f->err) ||
        !stmt_step(stmt, &has_row, f->err))
        return false;
    if (!has_row)
        return true;
    stmt_reset(stmt);
    return alert_rule_list(arena, f->state, out, count, f->err);
}

bool alerts_find(struct db *state, struct archive *a, int64_t now_ms, struct alert_found *found,
                 struct err *err)
{
    struct finder f = {.state = state, .a = a, .now_ms = now_ms, .found = found, .err = err};
    struct arena rules_memory;
    struct alert_rule *rules;
    size_t count;

    *found = (struct alert_found){0};
    arena_init(&rules_memory, BATCH_ARENA_BYTES_MAX);
    arena_init(&f.arena, BATCH_ARENA_BYTES_MAX);
    arena_init(&f.scratch, BATCH_ARENA_BYTES_MAX);
    bool ok = due_list(&f, &rules_memory, &rules, &count) &&
              (count == 0 || alert_horizon_read(state, a, now_ms, &f.horizon, err));
    for (size_t i = 0; ok && i < count; i++) {
        if (!rules[i].is_on || !rules[i].is_due)
            continue;
        arena_reset(&f.arena);
        f.rule = &rules[i];
        ok = rule_find(&f);
    }
    vec_deinit(&f.raises);
    event_explainer_destroy(&f.explainer);
    arena_deinit(&f.scratch);
    arena_deinit(&f.arena);
    arena_deinit(&rules_memory);
    return ok;
}

bool alerts_find_stored(struct db *state, Str posts_dir, int64_t now_ms, struct alert_found *found,
                        bool *is_done, struct err *err)
{
    struct archive *archive = NULL;
    struct err problem = {0};

    *found = (struct alert_found){0};
    *is_done = archive_open(&archive, posts_dir, ARCHIVE_WRITE, &problem) &&
               alerts_find(state, archive, now_ms, found, &problem);
    archive_close(&archive);
    if (*is_done || problem.code == ERR_BUSY)
        return true;
    *err = problem;
    return false;
}

/* ---- reading --------------------------------------------------------------------------------- */

#define ALERT_COLUMNS                                                                              \
    "a.id, a.rule, a.query, a.earlier, r.name, v.title, v.kind, a.version, a.cause, a.start_ms,"   \
    " a.told_ms, a.peak_ms, a.end_ms, a.is_over, a.severity, a.score, a.significance, a.observed," \
    " a.expected, a.low, a.high, a.size, a.ahead, a.ahead_low, a.ahead_high, a.tellings,"          \
    " a.raised_at_ms, a.state, a.acknowledged_by, a.acknowledged_at_ms, a.note, a.explanation,"    \
    " a.likeness, v.settings"
#define ALERT_TABLES                                                                               \
    " FROM alert AS a JOIN alert_rule AS r ON r.id = a.rule"                                       \
    " JOIN alert_rule_version AS v ON v.rule = a.rule AND v.version = a.version"

static double f64_or_nan(struct stmt *stmt, int column)
{
    return stmt_is_null(stmt, column) ? (double)NAN : stmt_f64(stmt, column);
}

static bool row_texts(struct stmt *stmt, struct arena *arena, struct alert *out, struct err *err)
{
    return stmt_copy_str(stmt, 4, arena, &out->rule_name, err) &&
           stmt_copy_str(stmt, 5, arena, &out->rule_title, err) &&
           stmt_copy_str(stmt, 28, arena, &out->acknowledged_by, err) &&
           stmt_copy_str(stmt, 30, arena, &out->note, err) &&
           stmt_copy_str(stmt, 31, arena, &out->explanation, err) &&
           stmt_copy_str(stmt, 32, arena, &out->likeness, err);
}

static bool row_read(struct stmt *stmt, struct arena *arena, struct alert *out, struct err *err)
{
    *out = (struct alert){.id = stmt_i64(stmt, 0),
                          .rule = stmt_i64(stmt, 1),
                          .query = stmt_i64(stmt, 2),
                          .earlier = stmt_i64(stmt, 3),
                          .version = (int)stmt_i64(stmt, 7),
                          .start_ms = stmt_i64(stmt, 9),
                          .told_ms = stmt_i64(stmt, 10),
                          .peak_ms = stmt_i64(stmt, 11),
                          .end_ms = stmt_i64(stmt, 12),
                          .is_over = stmt_i64(stmt, 13) != 0,
                          .severity = (int)stmt_i64(stmt, 14),
                          .score = stmt_f64(stmt, 15),
                          .significance = stmt_f64(stmt, 16),
                          .observed = stmt_f64(stmt, 17),
                          .expected = f64_or_nan(stmt, 18),
                          .low = f64_or_nan(stmt, 19),
                          .high = f64_or_nan(stmt, 20),
                          .size = stmt_f64(stmt, 21),
                          .ahead = f64_or_nan(stmt, 22),
                          .ahead_low = f64_or_nan(stmt, 23),
                          .ahead_high = f64_or_nan(stmt, 24),
                          .tellings = stmt_i64(stmt, 25),
                          .raised_at_ms = stmt_i64(stmt, 26),
                          .acknowledged_at_ms = stmt_i64(stmt, 29)};
    out->cause = str_eq(stmt_str(stmt, 8), S("source")) ? ALERT_OF_SOURCE : ALERT_OF_MARKET;
    Str settings = stmt_str(stmt, 33);
    out->is_daily = str_find(settings, S("\"period\":\"day\"")) < settings.len;
    if (!alert_kind_from(stmt_str(stmt, 6), &out->kind) ||
        !alert_state_from(stmt_str(stmt, 27), &out->state))
        return err_set(err, ERR_CORRUPT, "an alert is of no known kind or state");
    return row_texts(stmt, arena, out, err);
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    (void)context;
    return row_read(stmt, arena, item, err);
}

bool alert_list(struct arena *arena, struct db *state, const struct alert_filter *filter,
                struct alert **out, size_t *count, struct err *err)
{
    bool is_all = filter->from_ms == 0 && filter->to_ms == 0;
    size_t max = filter->max == 0 ? 100 : filter->max;
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT " ALERT_COLUMNS ALERT_TABLES
                  " WHERE (?1 = 0 OR a.rule = ?1) AND (?2 = 0 OR a.query = ?2)"
                  " AND (?3 IS NULL OR a.state = ?3) AND a.start_ms >= ?4 AND a.start_ms < ?5"
                  " ORDER BY a.start_ms DESC, a.id DESC LIMIT ?6",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, filter->rule);
    stmt_bind_i64(stmt, 2, filter->query);
    if (filter->has_state)
        stmt_bind_str(stmt, 3, str_from_cstr(state_names[filter->state]));
    stmt_bind_i64(stmt, 4, is_all ? INT64_MIN : filter->from_ms);
    stmt_bind_i64(stmt, 5, is_all ? INT64_MAX : filter->to_ms);
    stmt_bind_i64(stmt, 6, (int64_t)(max < ALERT_LIST_MAX ? max : ALERT_LIST_MAX));
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool alert_read(struct arena *arena, struct db *state, int64_t id, struct alert *out,
                struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state, "SELECT " ALERT_COLUMNS ALERT_TABLES " WHERE a.id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "there is no alert %lld", (long long)id);
    bool ok = row_read(stmt, arena, out, err);
    stmt_reset(stmt);
    return ok;
}

static bool told_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    (void)arena;
    (void)context;
    (void)err;
    *(struct alert_told *)item = (struct alert_told){.number = stmt_i64(stmt, 0),
                                                     .told_ms = stmt_i64(stmt, 1),
                                                     .severity = (int)stmt_i64(stmt, 2),
                                                     .observed = stmt_f64(stmt, 3),
                                                     .at_ms = stmt_i64(stmt, 4)};
    return true;
}

bool alert_tellings(struct arena *arena, struct db *state, int64_t alert, struct alert_told **out,
                    size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT number, told_ms, severity, observed, at_ms FROM alert_telling"
                  " WHERE alert = ?1 ORDER BY number",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, alert);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, told_load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool alert_open_count(struct db *state, int64_t *count, struct err *err)
{
    struct stmt *stmt;

    return db_query(state, "SELECT count(*) FROM alert WHERE state = 'open'", &stmt, err) &&
           stmt_one_i64(stmt, count, err);
}

/* ---- acknowledging --------------------------------------------------------------------------- */

static bool acknowledge_write(struct arena *arena, struct db *state, int64_t id, Str note,
                              Str actor, int64_t now_ms, struct err *err)
{
    struct alert alert;
    struct stmt *stmt;

    if (!alert_read(arena, state, id, &alert, err) ||
        !db_query(state,
                  "UPDATE alert SET state = 'acknowledged', acknowledged_by = ?2,"
                  " acknowledged_at_ms = ?3, note = ?4 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, actor);
    stmt_bind_i64(stmt, 3, now_ms);
    stmt_bind_str(stmt, 4, note.len > 0 ? note : S(""));
    struct ledger_entry entry = {
        .at_ms = now_ms,
        .actor = actor,
        .action = S("alert.acknowledge"),
        .object_kind = S("alert"),
        .object_id = arena_printf(arena, "%lld", (long long)id),
        .reason = note,
        .before_json = arena_printf(arena, "{\"state\":\"%s\"}", state_names[alert.state]),
        .after_json = arena_printf(
            arena,
            "{\"state\":\"acknowledged\",\"rule\":\"" STR_F "\",\"severity\":%d,\"start_ms\":%lld}",
            STR_A(alert.rule_name), alert.severity, (long long)alert.start_ms)};
    return stmt_run(stmt, err) && ledger_append(state, &entry, err);
}

bool alert_acknowledge(struct db *state, int64_t id, Str note, Str actor, int64_t now_ms,
                       struct err *err)
{
    struct arena arena;

    if (note.len > ALERT_NOTE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "note: is longer than %d bytes", ALERT_NOTE_BYTES_MAX);
    if (!db_begin(state, err))
        return false;
    arena_init(&arena, 4 * MIB);
    bool ok = acknowledge_write(&arena, state, id, note, actor, now_ms, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}
