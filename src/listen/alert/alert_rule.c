#include "listen/alert/alert_rule.h"

#include <math.h>

#include "base/limits.h"
#include "ledger/ledger.h"
#include "listen/measure/spike_moments.h"
#include "listen/standing_query.h"
#include "signal/signal.h"

#define SETTINGS_BYTES_MAX 4096

/* ---- settings as JSON ------------------------------------------------------------------------ */

void alert_settings_write(const struct alert_settings *s, struct json_writer *w)
{
    json_set_str(w, "sensitivity", str_from_cstr(alert_sensitivity_name(s->sensitivity)));
    if (s->k > 0)
        json_set_f64(w, "k", s->k);
    if (s->floor > 0)
        json_set_f64(w, "floor", s->floor);
    if (s->window > 0)
        json_set_i64(w, "window", s->window);
    if (s->span > 0)
        json_set_i64(w, "span", s->span);
    if (s->threshold < 0 || s->threshold > 0)
        json_set_f64(w, "threshold", s->threshold);
    if (s->kind == ALERT_SHARE || s->kind == ALERT_CROSSING)
        json_set_str(w, "direction", str_from_cstr(alert_direction_name(s->direction)));
    if (s->persistence > 0)
        json_set_i64(w, "persistence", s->persistence);
    if (s->cool_down > 0)
        json_set_i64(w, "cool_down", s->cool_down);
    if (s->severity_least > 0)
        json_set_i64(w, "severity", s->severity_least);
}

static bool read_number(const struct json *object, const char *key, double *out, struct err *err)
{
    const struct json *member = json_get(object, key);

    if (!member)
        return true;
    if (json_type(member) == JSON_NULL) {
        *out = 0;
        return true;
    }
    return json_need_f64(object, key, -1e9, 1e9, out, err);
}

static bool read_count(const struct json *object, const char *key, uint32_t *out, struct err *err)
{
    int64_t value = *out;

    if (!json_get(object, key))
        return true;
    if (json_type(json_get(object, key)) == JSON_NULL)
        value = 0;
    else if (!json_need_i64(object, key, 0, INT32_MAX, &value, err))
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool read_words(const struct json *object, struct alert_settings *s, struct err *err)
{
    const struct json *sensitivity = json_get(object, "sensitivity");
    const struct json *direction = json_get(object, "direction");
    Str word;

    if (sensitivity &&
        (!json_str(sensitivity, &word) || !alert_sensitivity_from(word, &s->sensitivity)))
        return json_refuse(sensitivity, err, "is no sensitivity") ||
               err_hint(err, "low, medium or high");
    if (direction && (!json_str(direction, &word) || !alert_direction_from(word, &s->direction)))
        return json_refuse(direction, err, "is no direction") ||
               err_hint(err, "fall, rise or either");
    return true;
}

bool alert_settings_read(const struct json *object, struct alert_settings *s, struct err *err)
{
    uint32_t severity = (uint32_t)s->severity_least;

    if (!read_words(object, s, err) || !read_number(object, "k", &s->k, err) ||
        !read_number(object, "floor", &s->floor, err) ||
        !read_number(object, "threshold", &s->threshold, err) ||
        !read_count(object, "window", &s->window, err) ||
        !read_count(object, "span", &s->span, err) ||
        !read_count(object, "persistence", &s->persistence, err) ||
        !read_count(object, "cool_down", &s->cool_down, err) ||
        !read_count(object, "severity", &severity, err))
        return false;
    s->severity_least = (int)severity;
    return true;
}

static void settings_put(const struct alert_settings *s, struct json_writer *w)
{
    json_begin_object(w);
    json_set_str(w, "period", s->is_daily ? S("day") : S("hour"));
    alert_settings_write(s, w);
    json_end_object(w);
}

static Str settings_json(struct buf *out, const struct alert_settings *s)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    settings_put(s, &w);
    return buf_str(out);
}

static Str parties_json(struct buf *out, const struct alert_rule *rule)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < rule->party_count; i++)
        json_put_i64(&w, rule->parties[i]);
    json_end_array(&w);
    return buf_str(out);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool alert_refuse(struct err *err, const char *field, const char *what, const char *remedy)
{
    err_set(err, ERR_INPUT, "%s %s", field, what);
    return err_hint(err, "%s", remedy);
}

static bool name_check(Str name, struct err *err)
{
    bool is_good = name.len > 0 && name.len <= ALERT_NAME_BYTES_MAX && name.ptr[0] != '-' &&
                   !str_eq(name, S("new"));

    for (size_t i = 0; i < name.len && is_good; i++) {
        char c = name.ptr[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return is_good || alert_refuse(err, "name:", "cannot be the name of an alert rule",
                                   "Give 1 to 60 of a-z, 0-9 and hyphens, not beginning with one.");
}

static bool parties_check(const struct alert_rule *rule, struct err *err)
{
    bool has_other = false;

    for (size_t i = 0; i < rule->party_count; i++)
        has_other |= rule->parties[i] != rule->query;
    if (rule->settings.kind != ALERT_SHARE)
        return rule->party_count == 0 ||
               alert_refuse(err, "parties:", "are for kind share alone", "Leave the list empty.");
    if (rule->party_count > SHARE_PARTIES_MAX)
        return alert_refuse(err, "parties:", "are more than 60", "Name fewer.");
    return has_other ||
           alert_refuse(err, "parties:", "are missing", "Name the queries of the competitors.");
}

/* Mentions an hour of what is published by day decide, as they do for spikes. */
static bool is_busy(struct db *db, int64_t query, bool *out, struct err *err)
{
    struct signal_point *points;
    struct signal signal;
    struct arena arena;
    struct err absent = {0};
    double mentions = 0;
    size_t count = 0;
    bool ok = true;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    Str key = arena_printf(&arena, "query:%lld:mentions:day", (long long)query);
    if (signal_find(&arena, db, key, &signal, &absent))
        ok = signal_read(&arena, db, signal.id, INT64_MIN / 2, INT64_MAX / 2, &points, &count, err);
    else if (absent.code != ERR_NOT_FOUND)
        ok = (*err = absent, false);
    for (size_t i = 0; ok && i < count; i++)
        mentions += isfinite(points[i].value) ? points[i].value : 0;
    *out = count == 0 || spike_is_hourly(mentions, (int64_t)count * 24);
    arena_deinit(&arena);
    return ok;
}

static bool period_set(struct db *db, struct alert_rule *rule, enum alert_period period,
                       struct err *err)
{
    enum alert_kind kind = rule->settings.kind;
    bool is_hourly = true;

    if (kind == ALERT_HOUR || kind == ALERT_DAY) {
        bool is_daily = kind == ALERT_DAY;
        if (period != ALERT_PERIOD_AUTO && is_daily != (period == ALERT_PERIOD_DAY))
            return alert_refuse(err, "period:", "is not that of the kind",
                                "hour looks at hours, day at days.");
        rule->settings.is_daily = is_daily;
        return true;
    }
    if (period == ALERT_PERIOD_AUTO && kind == ALERT_SHARE) {
        rule->settings.is_daily = true;
        return true;
    }
    if (period == ALERT_PERIOD_AUTO && !is_busy(db, rule->query, &is_hourly, err))
        return false;
    rule->settings.is_daily = period == ALERT_PERIOD_DAY || !is_hourly;
    return true;
}

bool alert_rule_complete(struct db *db, struct alert_rule *rule, enum alert_period period,
                         struct err *err)
{
    if (rule->title.len == 0)
        rule->title = rule->name;
    if (rule->query <= 0)
        return alert_refuse(err, "query:", "is missing",
                            "Name the standing query that is watched.");
    if (rule->title.len > ALERT_TITLE_BYTES_MAX)
        return alert_refuse(err, "title:", "is longer than 200 bytes", "Shorten it.");
    if (str_utf8_invalid_at(rule->title) < rule->title.len)
        return alert_refuse(err, "title:", "is not UTF-8", "Send UTF-8.");
    return period_set(db, rule, period, err) && parties_check(rule, err) &&
           alert_settings_check(&rule->settings, err);
}

/* ---- writing --------------------------------------------------------------------------------- */

struct change {
    const char *action;
    Str actor, reason;
    int64_t now_ms;
};

static Str ledger_json(struct buf *out, struct buf *scratch, const struct alert_rule *rule)
{
    struct json_writer w;

    buf_reset(scratch);
    Str parties = parties_json(scratch, rule);
    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "title", rule->title);
    json_set_i64(&w, "query", rule->query);
    json_key(&w, S("parties"));
    json_put_raw(&w, parties.len > 0 ? parties : S("[]")); /* no memory: the caller looks */
    json_set_str(&w, "kind", str_from_cstr(alert_kind_name(rule->settings.kind)));
    json_key(&w, S("settings"));
    settings_put(&rule->settings, &w);
    json_set_i64(&w, "version", rule->version);
    json_set_bool(&w, "is_on", rule->is_on);
    json_end_object(&w);
    return buf_str(out);
}

static bool ledger_note(struct db *db, const struct change *change, const struct alert_rule *before,
                        const struct alert_rule *after, struct err *err)
{
    struct buf old, new, scratch;

    buf_init(&old, LEDGER_JSON_BYTES_MAX);
    buf_init(&new, LEDGER_JSON_BYTES_MAX);
    buf_init(&scratch, SETTINGS_BYTES_MAX);
    struct ledger_entry entry = {.at_ms = change->now_ms,
                                 .actor = change->actor,
                                 .action = str_from_cstr(change->action),
                                 .object_kind = S("alert_rule"),
                                 .object_id = after->name,
                                 .reason = change->reason};
    if (before)
        entry.before_json = ledger_json(&old, &scratch, before);
    entry.after_json = ledger_json(&new, &scratch, after);
    bool ok = buf_ok(&old, err) && buf_ok(&new, err) && buf_ok(&scratch, err) &&
              ledger_append(db, &entry, err);
    buf_deinit(&old);
    buf_deinit(&new);
    buf_deinit(&scratch);
    return ok;
}

static bool queries_write(struct db *db, const struct alert_rule *rule, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "DELETE FROM alert_rule_query WHERE rule = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, rule->id);
    if (!stmt_run(stmt, err))
        return false;
    for (size_t i = 0; i <= rule->party_count; i++) {
        if (!db_query(db, "INSERT OR IGNORE INTO alert_rule_query (rule, query) VALUES (?1, ?2)",
                      &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, rule->id);
        stmt_bind_i64(stmt, 2, i < rule->party_count ? rule->parties[i] : rule->query);
        if (!stmt_run(stmt, err))
            return false;
    }
    return true;
}

/* Parameters 2 to 6 of both statements: title, query, parties, kind, settings. */
static bool bind_and_run(struct stmt *stmt, const struct alert_rule *rule, struct err *err)
{
    struct buf settings, parties;

    buf_init(&settings, SETTINGS_BYTES_MAX);
    buf_init(&parties, SETTINGS_BYTES_MAX);
    stmt_bind_str(stmt, 2, rule->title);
    stmt_bind_i64(stmt, 3, rule->query);
    stmt_bind_str(stmt, 4, parties_json(&parties, rule));
    stmt_bind_str(stmt, 5, str_from_cstr(alert_kind_name(rule->settings.kind)));
    stmt_bind_str(stmt, 6, settings_json(&settings, &rule->settings));
    bool ok = buf_ok(&settings, err) && buf_ok(&parties, err);
    if (ok)
        ok = stmt_run(stmt, err);
    else
        stmt_reset(stmt);
    buf_deinit(&settings);
    buf_deinit(&parties);
    return ok;
}

static bool version_insert(struct db *db, const struct alert_rule *rule,
                           const struct change *change, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO alert_rule_version (rule, version, title, query, parties, kind,"
                  " settings, actor, at_ms) VALUES (?1, ?7, ?2, ?3, ?4, ?5, ?6, ?8, ?9)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, rule->id);
    stmt_bind_i64(stmt, 7, rule->version);
    stmt_bind_str(stmt, 8, change->actor);
    stmt_bind_i64(stmt, 9, change->now_ms);
    return bind_and_run(stmt, rule, err);
}

static bool rule_insert(struct db *db, struct alert_rule *rule, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO alert_rule (name, title, query, parties, kind, settings, version,"
                  " is_on, armed_from_ms, is_due, created_at_ms, changed_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, 1, ?9, ?9)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, rule->name);
    stmt_bind_i64(stmt, 7, rule->is_on ? 1 : 0);
    stmt_bind_i64(stmt, 8, rule->armed_from_ms);
    stmt_bind_i64(stmt, 9, rule->created_at_ms);
    if (!bind_and_run(stmt, rule, err)) {
        if (err->code != ERR_EXISTS)
            return false;
        err_clear(err);
        err_set(err, ERR_EXISTS, "name: there is an alert rule '" STR_F "'", STR_A(rule->name));
        return err_hint(err, "Give another name.");
    }
    rule->id = db_last_id(db);
    return true;
}

static bool count_check(struct db *db, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    if (!db_query(db, "SELECT count(*) FROM alert_rule", &stmt, err) ||
        !stmt_one_i64(stmt, &count, err))
        return false;
    return count < ALERT_RULES_MAX ||
           err_set(err, ERR_LIMIT, "a workspace has at most %d alert rules", ALERT_RULES_MAX);
}

bool alert_rule_create(struct db *db, struct alert_rule *rule, enum alert_period period,
                       int64_t horizon_ms, Str actor, int64_t now_ms, struct err *err)
{
    struct change change = {"alert_rule.create", actor, S(""), now_ms};

    if (!name_check(rule->name, err) || !alert_rule_complete(db, rule, period, err) ||
        !db_begin(db, err))
        return false;
    rule->version = 1;
    rule->armed_from_ms = horizon_ms;
    rule->created_at_ms = rule->changed_at_ms = now_ms;
    bool ok = count_check(db, err) && rule_insert(db, rule, err) && queries_write(db, rule, err) &&
              version_insert(db, rule, &change, err) && ledger_note(db, &change, NULL, rule, err);
    return db_end(db, ok, err);
}

static bool rule_update(struct db *db, const struct alert_rule *rule, int64_t now_ms,
                        struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE alert_rule SET title = ?2, query = ?3, parties = ?4, kind = ?5,"
                  " settings = ?6, version = ?7, is_on = ?8, armed_from_ms = ?9, is_due = 1,"
                  " changed_at_ms = ?10 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, rule->id);
    stmt_bind_i64(stmt, 7, rule->version);
    stmt_bind_i64(stmt, 8, rule->is_on ? 1 : 0);
    stmt_bind_i64(stmt, 9, rule->armed_from_ms);
    stmt_bind_i64(stmt, 10, now_ms);
    return bind_and_run(stmt, rule, err);
}

static bool is_same_json(const struct alert_rule *a, const struct alert_rule *b)
{
    struct buf one, two;

    buf_init(&one, 2 * SETTINGS_BYTES_MAX);
    buf_init(&two, 2 * SETTINGS_BYTES_MAX);
    settings_json(&one, &a->settings);
    settings_json(&two, &b->settings);
    parties_json(&one, a);
    parties_json(&two, b);
    bool is_same = str_eq(buf_str(&one), buf_str(&two));
    buf_deinit(&one);
    buf_deinit(&two);
    return is_same;
}

static bool is_same(const struct alert_rule *a, const struct alert_rule *b)
{
    return a->query == b->query && a->settings.kind == b->settings.kind &&
           str_eq(a->title, b->title) && is_same_json(a, b);
}

static bool change_write(struct db *db, const struct alert_rule *before, struct alert_rule *after,
                         const struct change *change, struct err *err)
{
    if (after->version != 0 && after->version != before->version) {
        err_set(err, ERR_CONFLICT, "the alert rule was changed by somebody else meanwhile");
        return err_hint(err, "Load it again and repeat the change.");
    }
    after->name = before->name;
    after->is_on = before->is_on;
    after->version = before->version;
    if (is_same(before, after))
        return true;
    after->version++;
    return rule_update(db, after, change->now_ms, err) && queries_write(db, after, err) &&
           version_insert(db, after, change, err) && ledger_note(db, change, before, after, err);
}

bool alert_rule_change(struct db *db, struct alert_rule *rule, enum alert_period period,
                       int64_t horizon_ms, Str actor, Str reason, int64_t now_ms, struct err *err)
{
    struct change change = {"alert_rule.change", actor, reason, now_ms};
    struct alert_rule before;
    struct arena arena;

    if (!alert_rule_complete(db, rule, period, err) || !db_begin(db, err))
        return false;
    rule->armed_from_ms = horizon_ms;
    arena_init(&arena, MIB);
    bool ok = alert_rule_read(&arena, db, rule->id, &before, err) &&
              change_write(db, &before, rule, &change, err);
    if (ok)
        rule->name = STR_NONE; /* the arena's: read it again */
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool alert_rule_switch(struct db *db, int64_t id, bool is_on, int64_t horizon_ms, Str actor,
                       Str reason, int64_t now_ms, struct err *err)
{
    struct change change = {is_on ? "alert_rule.on" : "alert_rule.off", actor, reason, now_ms};
    struct alert_rule before, after;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = alert_rule_read(&arena, db, id, &before, err);
    if (ok && before.is_on != is_on) {
        after = before;
        after.is_on = is_on;
        after.armed_from_ms = is_on ? horizon_ms : before.armed_from_ms;
        ok = rule_update(db, &after, now_ms, err) && ledger_note(db, &change, &before, &after, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool alert_rules_due(struct db *db, int64_t query, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE alert_rule SET is_due = 1 WHERE is_on = 1 AND id IN"
                  " (SELECT rule FROM alert_rule_query WHERE query = ?1)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    return stmt_run(stmt, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

#define RULE_COLUMNS                                                                               \
    "r.id, r.name, r.title, r.query, r.parties, r.kind, r.settings, r.version, r.is_on,"           \
    " r.armed_from_ms, r.created_at_ms, r.changed_at_ms,"                                          \
    " (SELECT count(*) FROM alert AS a WHERE a.rule = r.id AND a.state = 'open'),"                 \
    " r.is_due"

static bool parties_read(struct arena *arena, Str text, struct alert_rule *out, struct err *err)
{
    const struct json *list;

    if (!json_parse(arena, text, &list, err))
        return false;
    out->party_count = json_len(list);
    out->parties = arena_try_new(arena, int64_t, out->party_count + 1);
    if (!out->parties)
        return err_arena(err, arena);
    for (size_t i = 0; i < out->party_count; i++)
        if (!json_i64(json_at(list, i), &out->parties[i]))
            return err_set(err, ERR_CORRUPT, "a party of an alert rule is no number");
    return true;
}

static bool settings_load(struct arena *arena, Str kind, Str text, struct alert_settings *out,
                          struct err *err)
{
    const struct json *object;

    if (!alert_kind_from(kind, &out->kind))
        return err_set(err, ERR_CORRUPT, "'" STR_F "' is no kind of alert", STR_A(kind));
    out->sensitivity = ALERT_MEDIUM;
    if (!json_parse(arena, text, &object, err) || !alert_settings_read(object, out, err))
        return false;
    out->is_daily = str_eq(json_str_or(object, "period", STR_NONE), S("day"));
    return true;
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct alert_rule *out = item;
    Str parties, kind, settings;

    (void)context;
    *out = (struct alert_rule){.id = stmt_i64(stmt, 0),
                               .query = stmt_i64(stmt, 3),
                               .version = (int)stmt_i64(stmt, 7),
                               .is_on = stmt_i64(stmt, 8) != 0,
                               .armed_from_ms = stmt_i64(stmt, 9),
                               .created_at_ms = stmt_i64(stmt, 10),
                               .changed_at_ms = stmt_i64(stmt, 11),
                               .open_count = stmt_i64(stmt, 12),
                               .is_due = stmt_i64(stmt, 13) != 0};
    return stmt_copy_str(stmt, 1, arena, &out->name, err) &&
           stmt_copy_str(stmt, 2, arena, &out->title, err) &&
           stmt_copy_str(stmt, 4, arena, &parties, err) &&
           stmt_copy_str(stmt, 5, arena, &kind, err) &&
           stmt_copy_str(stmt, 6, arena, &settings, err) &&
           parties_read(arena, parties, out, err) &&
           settings_load(arena, kind, settings, &out->settings, err);
}

bool alert_rule_find(struct arena *arena, struct db *db, Str name, struct alert_rule *out,
                     struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db, "SELECT " RULE_COLUMNS " FROM alert_rule AS r WHERE r.name = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found ||
           err_set(err, ERR_NOT_FOUND, "there is no alert rule '" STR_F "'", STR_A(name));
}

bool alert_rule_read(struct arena *arena, struct db *db, int64_t id, struct alert_rule *out,
                     struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db, "SELECT " RULE_COLUMNS " FROM alert_rule AS r WHERE r.id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "there is no alert rule %lld", (long long)id);
}

bool alert_rule_list(struct arena *arena, struct db *db, struct alert_rule **out, size_t *count,
                     struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db, "SELECT " RULE_COLUMNS " FROM alert_rule AS r ORDER BY r.name", &stmt, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}
