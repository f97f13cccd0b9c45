#include "listen/alert/alert_json.h"

#include <math.h>

#include "format/time.h"

bool alert_names_load(struct arena *arena, struct db *db, struct alert_names *out, struct err *err)
{
    struct standing_query *list;

    if (!standing_query_list(arena, db, &list, &out->count, err))
        return false;
    out->queries = list;
    return true;
}

Str alert_query_name(const struct alert_names *names, int64_t id)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->queries[i].id == id)
            return names->queries[i].name;
    return STR_NONE;
}

bool alert_query_find(const struct alert_names *names, const char *field, Str name, int64_t *id,
                      struct err *err)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_eq(names->queries[i].name, name)) {
            *id = names->queries[i].id;
            return true;
        }
    err_set(err, ERR_INPUT, "%s: there is no query '" STR_F "'", field,
            STR_A(str_sub(name, 0, STANDING_QUERY_NAME_BYTES_MAX)));
    return err_hint(err, "Name a standing query.");
}

static void set_time(struct json_writer *w, const char *key, int64_t ms)
{
    json_set_str(w, key, str_from_cstr(time_rfc3339(ms).text));
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void put_effective(struct json_writer *w, const struct alert_settings *settings)
{
    struct alert_settings e = alert_settings_effective(settings);

    json_set_object(w, "effective");
    alert_settings_write(&e, w);
    json_end_object(w);
}

void alert_rule_put(struct json_writer *w, const struct alert_rule *rule,
                    const struct alert_names *names)
{
    json_set_str(w, "name", rule->name);
    json_set_str(w, "title", rule->title);
    json_set_bool(w, "is_on", rule->is_on);
    json_set_str(w, "query", alert_query_name(names, rule->query));
    json_set_str(w, "kind", str_from_cstr(alert_kind_name(rule->settings.kind)));
    json_set_str(w, "period", rule->settings.is_daily ? S("day") : S("hour"));
    alert_settings_write(&rule->settings, w);
    if (rule->settings.kind == ALERT_SHARE) {
        json_set_array(w, "parties");
        for (size_t i = 0; i < rule->party_count; i++)
            json_put_str(w, alert_query_name(names, rule->parties[i]));
        json_end_array(w);
    }
    put_effective(w, &rule->settings);
    json_set_i64(w, "version", rule->version);
    json_set_i64(w, "open_alerts", rule->open_count);
    if (rule->armed_from_ms > INT64_MIN && rule->version > 0)
        set_time(w, "armed_from", rule->armed_from_ms);
    else
        json_set_null(w, "armed_from");
}

static bool read_text(const struct json *object, const char *key, Str *out, struct err *err)
{
    return !json_get(object, key) || json_need_str(object, key, out, err);
}

static bool read_parties(const struct json *object, struct arena *arena,
                         const struct alert_names *names, struct alert_rule *rule, struct err *err)
{
    const struct json *list;
    Str name;

    if (!json_get(object, "parties"))
        return true;
    if (!json_need_array(object, "parties", &list, err))
        return false;
    if (json_len(list) > SHARE_PARTIES_MAX)
        return json_refuse(list, err, "holds more than 60 queries");
    rule->party_count = json_len(list);
    rule->parties = arena_new(arena, int64_t, SHARE_PARTIES_MAX + 1);
    for (size_t i = 0; i < rule->party_count; i++) {
        if (!json_str(json_at(list, i), &name))
            return json_refuse(json_at(list, i), err, "is not the name of a query");
        if (!alert_query_find(names, "parties", name, &rule->parties[i], err))
            return false;
    }
    return true;
}

bool alert_period_from(Str word, enum alert_period *out)
{
    static const char *const words[] = {"auto", "hour", "day"};

    for (int i = 0; i < 3; i++)
        if (str_eq(word, str_from_cstr(words[i]))) {
            *out = (enum alert_period)i;
            return true;
        }
    return false;
}

bool alert_rule_from_json(const struct json *object, struct arena *arena,
                          const struct alert_names *names, struct alert_rule *rule,
                          enum alert_period *period, struct err *err)
{
    Str kind = STR_NONE, query = STR_NONE, word = STR_NONE;

    if (!read_text(object, "title", &rule->title, err) || !read_text(object, "kind", &kind, err) ||
        !read_text(object, "query", &query, err) || !read_text(object, "period", &word, err))
        return false;
    if (kind.len > 0 && !alert_kind_from(kind, &rule->settings.kind))
        return json_refuse(json_get(object, "kind"), err, "is no kind of alert") ||
               err_hint(err, "spike, hour, day, sigma, poisson, growth, absence, share, crossing "
                             "or forecast");
    if (query.len > 0 && !alert_query_find(names, "query", query, &rule->query, err))
        return false;
    if (word.len > 0 && !alert_period_from(word, period))
        return json_refuse(json_get(object, "period"), err, "is no period") ||
               err_hint(err, "auto, hour or day");
    return read_parties(object, arena, names, rule, err) &&
           alert_settings_read(object, &rule->settings, err);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

static void put_acknowledgement(struct json_writer *w, const struct alert *a)
{
    json_set_str(w, "state", str_from_cstr(alert_state_name(a->state)));
    if (a->acknowledged_at_ms == 0)
        return;
    json_set_str(w, "acknowledged_by", a->acknowledged_by);
    set_time(w, "acknowledged_at", a->acknowledged_at_ms);
    json_set_str(w, "note", a->note);
}

void alert_put(struct json_writer *w, const struct alert *a, const struct alert_names *names,
               bool is_whole)
{
    json_set_i64(w, "id", a->id);
    json_set_str(w, "rule", a->rule_name);
    json_set_i64(w, "rule_version", a->version);
    json_set_str(w, "kind", str_from_cstr(alert_kind_name(a->kind)));
    json_set_str(w, "query", alert_query_name(names, a->query));
    json_set_str(w, "cause", str_from_cstr(alert_cause_name(a->cause)));
    put_acknowledgement(w, a);
    json_set_bool(w, "is_over", a->is_over);
    set_time(w, "start", a->start_ms);
    set_time(w, "told_at", a->told_ms);
    set_time(w, "peak", a->peak_ms);
    set_time(w, "end", a->end_ms);
    json_set_i64(w, "severity", a->severity);
    json_set_f64(w, "score", a->score);
    json_set_f64(w, "significance", a->significance);
    json_set_f64(w, "observed", a->observed);
    json_set_f64(w, "expected", a->expected);
    json_set_f64(w, "low", a->low);
    json_set_f64(w, "high", a->high);
    json_set_f64(w, "size", a->size);
    if (!isnan(a->ahead)) {
        json_set_object(w, "forecast");
        json_set_f64(w, "value", a->ahead);
        json_set_f64(w, "low", a->ahead_low);
        json_set_f64(w, "high", a->ahead_high);
        json_end_object(w);
    }
    json_set_i64(w, "tellings", a->tellings);
    set_time(w, "raised_at", a->raised_at_ms);
    if (!is_whole)
        return;
    json_key(w, S("explanation"));
    json_put_raw(w, a->explanation);
    if (a->earlier != 0) {
        json_set_i64(w, "earlier", a->earlier);
        json_key(w, S("likeness"));
        json_put_raw(w, a->likeness);
    }
}

/* ---- backtests ------------------------------------------------------------------------------- */

static void put_event(struct json_writer *w, const struct alert_backtest *b, size_t i,
                      const struct alert_backtest_request *request)
{
    const struct alert_event *e = &b->events[i];
    const struct backtest_alert *alert = &b->judged.alerts[i];

    json_begin_object(w);
    set_time(w, "start", e->start_ms);
    set_time(w, "told_at", alert->told_ms);
    set_time(w, "peak", e->peak_ms);
    set_time(w, "end", e->end_ms);
    json_set_i64(w, "severity", e->severity);
    json_set_str(w, "cause", str_from_cstr(alert_cause_name(e->cause)));
    json_set_f64(w, "score", e->score);
    json_set_f64(w, "expected", e->expected);
    json_set_f64(w, "observed", e->observed);
    json_set_i64(w, "tellings", (int64_t)e->telling_count);
    if (alert->incident >= 0)
        backtest_put_incident_name(w, "incident", &request->incidents[alert->incident]);
    json_end_object(w);
}

static void put_periods(struct json_writer *w, const struct alert_backtest *b)
{
    json_set_array(w, "periods");
    for (size_t i = 0; i < b->judged.point_count; i++) {
        json_begin_object(w);
        set_time(w, "start", b->judged.points[i].start_ms);
        json_set_f64(w, "observed", b->judged.points[i].hits);
        json_set_f64(w, "expected", b->readings[i].expected);
        json_set_f64(w, "low", b->readings[i].low);
        json_set_f64(w, "high", b->readings[i].high);
        json_set_f64(w, "score", b->readings[i].score);
        json_end_object(w);
    }
    json_end_array(w);
}

void alert_backtest_put(struct json_writer *w, const struct alert_backtest *b,
                        const struct alert_backtest_request *request)
{
    const struct backtest *j = &b->judged;

    backtest_put_sums(w, j, "n");
    json_set_array(w, "alerts");
    for (size_t i = 0; i < j->alert_count; i++)
        put_event(w, b, i, request);
    json_end_array(w);
    backtest_put_incidents(w, j, request->incidents, request->incident_count);
    put_periods(w, b);
}
