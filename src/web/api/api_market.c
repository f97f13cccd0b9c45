/* api_market.c - queries, posts, signals, spikes and evidence over the API. */
#include <math.h>
#include <microhttpd.h>

#include "listen/decode/decode.h"
#include "listen/measure/need_terms.h"
#include "listen/measure/spike_store.h"
#include "listen/measure/trend_store.h"
#include "signal/evidence.h"
#include "signal/signal.h"
#include "web/api/api.h"
#include "web/view/query_view.h"

enum { POINTS_MAX = 20000 }; /* of one answer: ask for a shorter window */

static void put_query(struct request *req, struct json_writer *w, const struct standing_query *q)
{
    json_set_i64(w, "id", q->id);
    json_set_str(w, "name", q->name);
    json_set_str(w, "title", q->title);
    json_set_str(w, "text", q->text);
    json_set_i64(w, "version", q->version);
    json_set_bool(w, "is_active", q->is_active);
    api_set_time(req, w, "changed_at", q->changed_at_ms);
}

bool api_queries(struct request *req, struct err *err)
{
    struct standing_query *list;
    struct json_writer w;
    size_t count;

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        put_query(req, &w, &list[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static bool answer_query(struct request *req, Str name, struct err *err)
{
    struct standing_query q;
    struct json_writer w;

    if (!standing_query_find(&req->arena, req->workspace->state, name, &q, err))
        return false;
    api_begin(req, &w);
    put_query(req, &w, &q);
    return api_end(req, &w);
}

bool api_query(struct request *req, struct err *err)
{
    return answer_query(req, request_capture(req, S("query")), err);
}

bool api_query_create(struct request *req, struct err *err)
{
    const struct json *body;
    struct standing_query q = {.is_active = true};

    if (!api_body(req, &body, err) || !json_need_str(body, "name", &q.name, err) ||
        !json_need_str(body, "text", &q.text, err))
        return false;
    q.title = json_str_or(body, "title", STR_NONE);
    if (!standing_query_create(req->workspace->state, &q, request_actor(req), req->now_ms, err))
        return false;
    req->status = MHD_HTTP_CREATED;
    return answer_query(req, q.name, err);
}

bool api_query_change(struct request *req, struct err *err)
{
    const struct json *body;
    struct standing_query q;
    Str text;

    if (!api_body(req, &body, err) || !json_need_str(body, "text", &text, err) ||
        !standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                             &q, err) ||
        !standing_query_change(req->workspace->state, q.id, text, request_actor(req),
                               json_str_or(body, "reason", STR_NONE), req->now_ms, err))
        return false;
    return answer_query(req, q.name, err);
}

bool api_query_check(struct request *req, struct err *err)
{
    const struct json *body;
    struct tpl_query_check check;
    struct json_writer w;
    Str text;

    if (!api_body(req, &body, err) || !json_need_str(body, "text", &text, err) ||
        !query_view_check(req, text, json_str_or(body, "name", STR_NONE), false, &check, err))
        return false;
    api_begin(req, &w);
    json_set_bool(&w, "is_good", check.is_good);
    json_set_str(&w, "formatted", check.formatted);
    json_set_str(&w, "cost", check.cost_word);
    json_set_array(&w, "problems");
    for (size_t i = 0; i < check.problems.count; i++) {
        const struct tpl_query_check_problem *p = &check.problems.items[i];
        json_begin_object(&w);
        json_set_str(&w, "severity", p->severity);
        json_set_i64(&w, "line", p->line);
        json_set_i64(&w, "column", p->column);
        json_set_str(&w, "message", p->message);
        json_set_str(&w, "fix", p->fix);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

/* ---- needs ---- */

bool api_query_needs(struct request *req, struct err *err)
{
    struct standing_query q;
    struct need_terms needs;
    struct json_writer w;

    if (!standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                             &q, err) ||
        !need_terms_of(req->workspace, &req->arena, q.id,
                       request_query_i64(req, S("from"), 0, 0, DECODE_TIME_MAX_MS),
                       request_query_i64(req, S("to"), 0, 0, DECODE_TIME_MAX_MS), req->now_ms,
                       &needs, err))
        return false;
    api_begin(req, &w);
    json_set_str(&w, "query", q.name);
    need_terms_put(&w, &req->arena, &needs);
    return api_end(req, &w);
}

/* ---- signals ---- */

static void put_signal(struct json_writer *w, const struct signal *s)
{
    json_set_str(w, "key", s->key);
    json_set_str(w, "name", s->name);
    json_set_str(w, "unit", s->unit);
    json_set_str(w, "definition", s->definition);
    json_set_i64(w, "version", s->version);
    json_set_str(w, "period", str_from_cstr(signal_period_name(s->period)));
    json_set_str(w, "source", s->source);
}

bool api_signals(struct request *req, struct err *err)
{
    struct signal *list;
    struct json_writer w;
    size_t count;

    if (!signal_list(&req->arena, req->workspace->state, request_query(req, S("prefix")), &list,
                     &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        put_signal(&w, &list[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

bool api_signal_points(struct request *req, struct err *err)
{
    struct signal s;
    struct signal_point *points;
    struct json_writer w;
    size_t count;
    int64_t from = request_query_i64(req, S("from"), INT64_MIN / 2, INT64_MIN / 2, INT64_MAX / 2);
    int64_t to = request_query_i64(req, S("to"), INT64_MAX / 2, INT64_MIN / 2, INT64_MAX / 2);

    if (!signal_find(&req->arena, req->workspace->state, request_capture(req, S("key")), &s, err) ||
        !signal_read(&req->arena, req->workspace->state, s.id, from, to, &points, &count, err))
        return false;
    if (count > POINTS_MAX)
        return err_set(err, ERR_LIMIT, "the window holds %zu points, at most %d are answered",
                       count, POINTS_MAX);
    api_begin(req, &w);
    put_signal(&w, &s);
    json_set_array(&w, "points");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        api_set_time(req, &w, "start", points[i].start_ms);
        json_set_f64(&w, "value", points[i].value);
        json_set_i64(&w, "n", points[i].n);
        json_set_f64(&w, "coverage", points[i].coverage);
        json_set_i64(&w, "version", points[i].version);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

/* The rest of an explanation is told of one event, not of a list. */
static bool put_spike_terms(struct request *req, struct json_writer *w, Str explanation,
                            struct err *err)
{
    const struct json *root, *terms;

    if (!json_parse(&req->arena, explanation, &root, err))
        return false;
    terms = json_get(root, "terms");
    json_set_array(w, "terms");
    for (size_t i = 0; i < json_len(terms); i++)
        json_put_tree(w, json_at(terms, i));
    json_end_array(w);
    return true;
}

bool api_spikes(struct request *req, struct err *err)
{
    struct spike *list;
    struct json_writer w;
    size_t count;

    if (!spikes_list(&req->arena, req->workspace->state,
                     request_query_i64(req, S("query"), 0, 0, INT64_MAX), INT64_MIN / 2,
                     INT64_MAX / 2, (size_t)request_query_i64(req, S("limit"), 100, 1, 1000), &list,
                     &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_i64(&w, "id", list[i].id);
        json_set_i64(&w, "query", list[i].query);
        json_set_str(&w, "signal", list[i].signal);
        api_set_time(req, &w, "start", list[i].start_ms);
        api_set_time(req, &w, "peak", list[i].peak_ms);
        api_set_time(req, &w, "end", list[i].end_ms);
        json_set_i64(&w, "severity", list[i].severity);
        json_set_f64(&w, "expected", list[i].expected);
        json_set_f64(&w, "observed", list[i].observed);
        if (list[i].earlier != 0)
            json_set_i64(&w, "earlier", list[i].earlier);
        if (!put_spike_terms(req, &w, list[i].explanation, err))
            return false;
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static void put_trend(struct request *req, struct json_writer *w, const struct stored_trend *t)
{
    json_set_i64(w, "id", t->id);
    json_set_array(w, "terms");
    for (size_t i = 0; i < t->term_count; i++)
        json_put_str(w, t->terms[i]);
    json_end_array(w);
    api_set_time(req, w, "began", t->began_ms);
    api_set_time(req, w, "told", t->told_ms);
    api_set_time(req, w, "rose", t->risen_ms);
    api_set_time(req, w, "last", t->last_ms);
    api_set_time(req, w, "from", t->from_ms);
    api_set_time(req, w, "to", t->to_ms);
    json_set_f64(w, "score", t->score);
    json_set_i64(w, "stories", t->stories);
    json_set_f64(w, "expected", t->expected);
    json_set_i64(w, "copies", t->copies);
    json_set_i64(w, "tellings", t->tellings);
    json_set_object(w, "languages");
    for (size_t i = 0; i < t->language_count; i++)
        json_set_i64(w, t->languages[i].code, t->languages[i].posts);
    json_end_object(w);
}

bool api_trends(struct request *req, struct err *err)
{
    struct trend_filter filter = {
        .from_ms = request_query_i64(req, S("from"), 0, 0, INT64_MAX),
        .to_ms = request_query_i64(req, S("to"), 0, 0, INT64_MAX),
        .lang = request_query(req, S("lang")),
        .query = request_query_i64(req, S("query"), 0, 0, INT64_MAX),
        .limit = (size_t)request_query_i64(req, S("limit"), 100, 1, TREND_LIST_MAX)};
    struct stored_trend *list;
    struct json_writer w;
    size_t count;
    int64_t total;

    if (!trend_store_list(&req->arena, req->workspace->state, &filter, &list, &count, &total, err))
        return false;
    api_begin(req, &w);
    json_set_i64(&w, "total", total);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        put_trend(req, &w, &list[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static void put_example(struct request *req, struct json_writer *w, const struct trend_example *p)
{
    json_begin_object(w);
    json_set_str(w, "source", p->source);
    json_set_str(w, "id", p->id);
    json_set_str(w, "author", p->author);
    json_set_str(w, "lang", str_from_cstr(p->lang));
    api_set_time(req, w, "created_at", p->created_at_ms);
    json_set_str(w, "text", p->text);
    json_set_str(w, "url", p->url);
    json_set_i64(w, "copies", p->copies);
    json_end_object(w);
}

bool api_trend(struct request *req, struct err *err)
{
    struct db *state = req->workspace->state;
    struct stored_trend t;
    struct trend_point *points;
    struct trend_example *posts;
    struct trend_query *queries;
    struct json_writer w;
    size_t point_count, post_count, query_count;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("trend")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such trend");
    if (!trend_store_read(&req->arena, state, id, &t, err) ||
        !trend_store_course(&req->arena, state, id, &points, &point_count, err) ||
        !trend_store_posts(&req->arena, state, id, TREND_POSTS_MAX, &posts, &post_count, err) ||
        !trend_store_queries(&req->arena, state, id, &queries, &query_count, err))
        return false;
    api_begin(req, &w);
    put_trend(req, &w, &t);
    json_set_array(&w, "course");
    for (size_t i = 0; i < point_count; i++) {
        json_begin_object(&w);
        api_set_time(req, &w, "start", points[i].start_ms);
        json_set_i64(&w, "stories", points[i].stories);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_set_array(&w, "queries");
    for (size_t i = 0; i < query_count; i++) {
        json_begin_object(&w);
        json_set_i64(&w, "query", queries[i].query);
        json_set_i64(&w, "posts", queries[i].posts);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_set_array(&w, "posts");
    for (size_t i = 0; i < post_count; i++)
        put_example(req, &w, &posts[i]);
    json_end_array(&w);
    return api_end(req, &w);
}

bool api_evidence(struct request *req, struct err *err)
{
    struct evidence e;
    struct json_writer w;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("evidence")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such evidence");
    if (!evidence_read(&req->arena, req->workspace->state, id, &e, err))
        return false;
    api_begin(req, &w);
    json_set_i64(&w, "id", e.id);
    json_set_str(&w, "statement", e.statement);
    json_set_str(&w, "kind", e.kind);
    api_set_time(req, &w, "from", e.from_ms);
    api_set_time(req, &w, "to", e.to_ms);
    json_key(&w, S("measures"));
    json_put_raw(&w, e.measures_json.len > 0 ? e.measures_json : S("{}"));
    json_set_array(&w, "items");
    for (size_t i = 0; i < e.item_count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "source", e.items[i].source);
        json_set_str(&w, "ref", e.items[i].ref);
        json_set_str(&w, "author", e.items[i].author);
        api_set_time(req, &w, "created_at", e.items[i].created_at_ms);
        json_set_str(&w, "text", e.items[i].text);
        json_set_str(&w, "url", e.items[i].url);
        json_set_str(&w, "why", e.items[i].why);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}
