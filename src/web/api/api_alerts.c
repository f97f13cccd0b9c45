/* api_alerts.c - alert rules and alerts over the API: settings, tests, what was raised. */
#include <microhttpd.h>

#include "format/time.h"
#include "listen/alert/alert_json.h"
#include "listen/alert/alert_series.h"
#include "web/api/api.h"
#include "web/view/alert_view.h"

static bool names_load(struct request *req, struct alert_names *names, struct err *err)
{
    return alert_names_load(&req->arena, req->workspace->state, names, err);
}

static bool rule_find(struct request *req, struct alert_rule *out, struct err *err)
{
    return alert_rule_find(&req->arena, req->workspace->state, request_capture(req, S("rule")), out,
                           err);
}

static bool rule_answer(struct request *req, Str name, struct err *err)
{
    struct alert_names names;
    struct alert_rule rule;
    struct json_writer w;

    if (!names_load(req, &names, err) ||
        !alert_rule_find(&req->arena, req->workspace->state, name, &rule, err))
        return false;
    api_begin(req, &w);
    alert_rule_put(&w, &rule, &names);
    return api_end(req, &w);
}

bool api_alert_rules(struct request *req, struct err *err)
{
    struct alert_names names;
    struct alert_rule *list;
    struct json_writer w;
    size_t count;

    if (!names_load(req, &names, err) ||
        !alert_rule_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        alert_rule_put(&w, &list[i], &names);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

bool api_alert_rule(struct request *req, struct err *err)
{
    return rule_answer(req, request_capture(req, S("rule")), err);
}

/* A rule of the body alone: poisson at medium sensitivity unless it says otherwise. */
static bool rule_from_body(struct request *req, struct alert_rule *rule, enum alert_period *period,
                           const struct json **body, struct err *err)
{
    struct alert_names names;

    *rule = (struct alert_rule){.settings = {.kind = ALERT_POISSON, .sensitivity = ALERT_MEDIUM}};
    return names_load(req, &names, err) && api_body(req, body, err) &&
           alert_rule_from_json(*body, &req->arena, &names, rule, period, err);
}

bool api_alert_rule_create(struct request *req, struct err *err)
{
    enum alert_period period = ALERT_PERIOD_AUTO;
    const struct json *body;
    struct alert_rule rule;
    struct alert_found found;
    int64_t horizon_ms;

    if (!rule_from_body(req, &rule, &period, &body, err) ||
        !json_need_str(body, "name", &rule.name, err) ||
        !alert_horizon_end(req->workspace->state, req->workspace->posts_dir, req->now_ms,
                           &horizon_ms, err))
        return false;
    rule.is_on = json_bool_or(body, "is_on", true);
    bool has_past = rule.is_on && json_bool_or(body, "has_past", false), is_done;
    if (!alert_rule_create(req->workspace->state, &rule, period, has_past ? 0 : horizon_ms,
                           request_actor(req), req->now_ms, err) ||
        (has_past && !alerts_find_stored(req->workspace->state, req->workspace->posts_dir,
                                         req->now_ms, &found, &is_done, err)))
        return false;
    req->status = MHD_HTTP_CREATED;
    return rule_answer(req, rule.name, err);
}

bool api_alert_rule_change(struct request *req, struct err *err)
{
    struct alert_names names;
    const struct json *body;
    struct alert_rule rule;
    int64_t horizon_ms, version;

    if (!rule_find(req, &rule, err) || !names_load(req, &names, err) || !api_body(req, &body, err))
        return false;
    enum alert_period period = json_get(body, "kind")   ? ALERT_PERIOD_AUTO
                               : rule.settings.is_daily ? ALERT_PERIOD_DAY
                                                        : ALERT_PERIOD_HOUR;
    version = rule.version;
    if (json_get(body, "version") && !json_need_i64(body, "version", 1, INT32_MAX, &version, err))
        return false;
    rule.version = (int)version;
    return alert_rule_from_json(body, &req->arena, &names, &rule, &period, err) &&
           alert_horizon_end(req->workspace->state, req->workspace->posts_dir, req->now_ms,
                             &horizon_ms, err) &&
           alert_rule_change(req->workspace->state, &rule, period, horizon_ms, request_actor(req),
                             json_str_or(body, "reason", STR_NONE), req->now_ms, err) &&
           rule_answer(req, request_capture(req, S("rule")), err);
}

bool api_alert_rule_switch(struct request *req, struct err *err)
{
    const struct json *body;
    struct alert_rule rule;
    int64_t horizon_ms;
    bool is_on;

    return rule_find(req, &rule, err) && api_body(req, &body, err) &&
           json_need_bool(body, "is_on", &is_on, err) &&
           alert_horizon_end(req->workspace->state, req->workspace->posts_dir, req->now_ms,
                             &horizon_ms, err) &&
           alert_rule_switch(req->workspace->state, rule.id, is_on, horizon_ms, request_actor(req),
                             json_str_or(body, "reason", STR_NONE), req->now_ms, err) &&
           rule_answer(req, rule.name, err);
}

/* "incidents": [{"start", "end", "name"}] */
static bool read_incidents(struct request *req, const struct json *body,
                           struct alert_backtest_request *test, struct err *err)
{
    const struct json *list;

    if (!json_get(body, "incidents"))
        return true;
    if (!json_need_array(body, "incidents", &list, err))
        return false;
    struct backtest_incident *out =
        arena_try_new(&req->arena, struct backtest_incident, json_len(list) + 1);
    if (!out)
        return err_arena(err, &req->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *item = json_at(list, i);
        Str start, end;
        if (!json_need_str(item, "start", &start, err) || !json_need_str(item, "end", &end, err))
            return false;
        if (!time_parse(start, &out[i].from_ms) || !time_parse(end, &out[i].to_ms) ||
            out[i].to_ms < out[i].from_ms)
            return json_refuse(item, err, "is no window of time") ||
                   err_hint(err, "2026-11-22T08:15:00Z for start and end");
        out[i].name = json_str_or(item, "name", STR_NONE);
    }
    test->incidents = out;
    test->incident_count = json_len(list);
    return true;
}

bool api_alert_rule_test(struct request *req, struct err *err)
{
    enum alert_period period = ALERT_PERIOD_AUTO;
    struct alert_backtest *b = arena_new(&req->arena, struct alert_backtest, 1);
    struct alert_rule rule;
    struct alert_backtest_request test = {.rule = &rule, .now_ms = req->now_ms};
    struct archive *archive = NULL;
    const struct json *body;
    struct json_writer w;

    if (!rule_from_body(req, &rule, &period, &body, err) ||
        !alert_rule_complete(req->workspace->state, &rule, period, err) ||
        !read_incidents(req, body, &test, err))
        return false;
    bool ok = archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err) &&
              alert_backtest_run(req->workspace->state, archive, &req->arena, &test, b, err);
    archive_close(&archive);
    if (!ok)
        return false;
    api_begin(req, &w);
    alert_backtest_put(&w, b, &test);
    return api_end(req, &w);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

bool api_alerts(struct request *req, struct err *err)
{
    struct alert_filter filter = {
        .max = (size_t)request_query_i64(req, S("limit"), 100, 1, ALERT_LIST_MAX)};
    Str state = request_query(req, S("state")), rule_name = request_query(req, S("rule"));
    struct alert_names names;
    struct alert_rule rule;
    struct alert *list;
    struct json_writer w;
    size_t count;

    filter.has_state = state.len > 0;
    if (filter.has_state && !alert_state_from(state, &filter.state))
        return err_set(err, ERR_INPUT, "state: is not open or acknowledged");
    if (rule_name.len > 0) {
        if (!alert_rule_find(&req->arena, req->workspace->state, rule_name, &rule, err))
            return false;
        filter.rule = rule.id;
    }
    if (!names_load(req, &names, err) ||
        !alert_list(&req->arena, req->workspace->state, &filter, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        alert_put(&w, &list[i], &names, false);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static bool alert_find(struct request *req, struct alert *out, struct err *err)
{
    int64_t id;

    if (!str_to_i64(request_capture(req, S("alert")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such alert");
    return alert_read(&req->arena, req->workspace->state, id, out, err);
}

bool api_alert(struct request *req, struct err *err)
{
    struct alert_names names;
    struct json_writer w;
    struct alert alert;

    if (!alert_find(req, &alert, err) || !names_load(req, &names, err))
        return false;
    api_begin(req, &w);
    alert_put(&w, &alert, &names, true);
    return api_end(req, &w);
}

bool api_alert_acknowledge(struct request *req, struct err *err)
{
    const struct json *body;
    struct alert alert;

    if (!alert_may_acknowledge(req))
        return err_set(err, ERR_DENIED, "your role may not acknowledge alerts");
    return alert_find(req, &alert, err) && api_body(req, &body, err) &&
           alert_acknowledge(req->workspace->state, alert.id, json_str_or(body, "note", STR_NONE),
                             request_actor(req), req->now_ms, err) &&
           api_alert(req, err);
}
