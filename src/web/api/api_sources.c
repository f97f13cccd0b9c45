/* api_sources.c - sources over the API: settings, health, gaps, switching, polling. */
#include <microhttpd.h>

#include "listen/source/source.h"
#include "web/api/api.h"

static void set_moment(struct request *req, struct json_writer *w, const char *key, int64_t at_ms)
{
    if (at_ms == 0)
        json_set_null(w, key);
    else
        api_set_time(req, w, key, at_ms);
}

static void put_health(struct request *req, struct json_writer *w, const struct source *s)
{
    const struct source_health *h = &s->health;

    json_set_object(w, "health");
    json_set_str(w, "trouble", str_from_cstr(source_trouble_name(h->trouble)));
    if (h->trouble != SOURCE_WELL) {
        json_set_str(w, "what", str_from_cstr(source_trouble_text(h->trouble)));
        json_set_str(w, "advice", str_from_cstr(source_trouble_advice(h->trouble)));
        json_set_str(w, "message", h->message);
    }
    set_moment(req, w, "last_try_at", h->last_try_ms);
    set_moment(req, w, "last_good_at", h->last_good_ms);
    set_moment(req, w, "last_post_at", h->last_post_ms);
    set_moment(req, w, "next_try_at", h->next_try_ms);
    set_moment(req, w, "gap_open_since", s->gap_open_ms);
    json_set_i64(w, "failures", h->failures);
    json_set_i64(w, "posts_read", h->posts_read);
    json_set_i64(w, "posts_new", h->posts_new);
    json_set_i64(w, "posts_rejected", h->posts_rejected);
    json_set_i64(w, "posts_lost", h->posts_lost);
    json_end_object(w);
}

static void put_source(struct request *req, struct json_writer *w, const struct source *s)
{
    json_set_str(w, "name", s->name);
    json_set_str(w, "kind", str_from_cstr(source_kind_name(s->kind)));
    json_set_str(w, "title", s->title);
    json_set_str(w, "address", s->address);
    json_set_str(w, "format", s->format);
    json_set_i64(w, "expected_seconds", s->expected_ms / 1000);
    json_set_i64(w, "retention_days", s->retention_days);
    json_set_str(w, "legal_note", s->legal_note);
    json_set_bool(w, "is_on", s->is_on);
    json_set_bool(w, "has_secret", source_secret_exists(req->workspace, s->name));
    json_set_i64(w, "revision", s->revision);
    put_health(req, w, s);
}

bool api_sources(struct request *req, struct err *err)
{
    struct source *list;
    struct json_writer w;
    size_t count;

    if (!source_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        put_source(req, &w, &list[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static bool find(struct request *req, struct source *out, struct err *err)
{
    return source_find(&req->arena, req->workspace->state, request_capture(req, S("source")), out,
                       err);
}

/* `secret`: a key that was just made, shown this once; or empty. */
static bool answer_with(struct request *req, Str name, Str secret, struct err *err)
{
    struct source s;
    struct json_writer w;

    if (!source_find(&req->arena, req->workspace->state, name, &s, err))
        return false;
    api_begin(req, &w);
    put_source(req, &w, &s);
    if (secret.len > 0)
        json_set_str(&w, "secret", secret);
    return api_end(req, &w);
}

static bool answer(struct request *req, Str name, struct err *err)
{
    return answer_with(req, name, STR_NONE, err);
}

bool api_source(struct request *req, struct err *err)
{
    return answer(req, request_capture(req, S("source")), err);
}

static bool read_settings(const struct json *body, struct source *s, struct err *err)
{
    int64_t seconds = s->expected_ms / 1000;

    s->title = json_str_or(body, "title", s->title);
    s->address = json_str_or(body, "address", s->address);
    s->format = json_str_or(body, "format", s->format);
    s->legal_note = json_str_or(body, "legal_note", s->legal_note);
    if ((json_get(body, "expected_seconds") &&
         !json_need_i64(body, "expected_seconds", 0, SOURCE_DAYS_MAX * INT64_C(86400), &seconds,
                        err)) ||
        (json_get(body, "retention_days") &&
         !json_need_i64(body, "retention_days", 0, SOURCE_DAYS_MAX, &s->retention_days, err)))
        return false;
    if (json_get(body, "expected_seconds"))
        s->expected_ms = seconds * 1000;
    return true;
}

bool api_source_create(struct request *req, struct err *err)
{
    const struct json *body;
    struct source s = {.expected_ms = -1};
    Str kind, secret;

    if (!api_body(req, &body, err) || !json_need_str(body, "name", &s.name, err) ||
        !json_need_str(body, "kind", &kind, err))
        return false;
    if (!source_kind_from(kind, &s.kind))
        return json_refuse(json_get(body, "kind"), err, "is no kind of source") ||
               err_hint(err, "feed, mastodon, jetstream, webhook or folder");
    s.is_on = json_bool_or(body, "is_on", true);
    if (!read_settings(body, &s, err) ||
        !source_create(req->workspace->state, &s, request_actor(req), req->now_ms, err))
        return false;
    secret = json_str_or(body, "secret", STR_NONE);
    if (secret.len > 0 && !source_secret_write(req->workspace, s.name, secret, err))
        return false;
    Str made = STR_NONE;
    if (secret.len == 0 && s.kind == SOURCE_WEBHOOK &&
        !source_secret_make(&req->arena, req->workspace, s.name, &made, err))
        return false;
    req->status = MHD_HTTP_CREATED;
    return answer_with(req, s.name, made, err);
}

bool api_source_change(struct request *req, struct err *err)
{
    const struct json *body;
    struct source s;

    if (!find(req, &s, err) || !api_body(req, &body, err))
        return false;
    s.revision = json_i64_or(body, "revision", 0);
    if (!read_settings(body, &s, err) ||
        !source_change(req->workspace->state, &s, request_actor(req), req->now_ms, err))
        return false;
    Str secret = json_str_or(body, "secret", STR_NONE);
    if (secret.len > 0 && !source_secret_write(req->workspace, s.name, secret, err))
        return false;
    return answer(req, s.name, err);
}

bool api_source_switch(struct request *req, struct err *err)
{
    const struct json *body;
    struct source s;
    bool is_on;

    return find(req, &s, err) && api_body(req, &body, err) &&
           json_need_bool(body, "is_on", &is_on, err) &&
           source_switch(req->workspace->state, s.id, is_on, request_actor(req),
                         json_str_or(body, "reason", STR_NONE), req->now_ms, err) &&
           answer(req, s.name, err);
}

bool api_source_poll(struct request *req, struct err *err)
{
    struct source s;

    if (!find(req, &s, err) || !source_ask_poll(req->workspace->state, s.id, req->now_ms, err))
        return false;
    req->status = MHD_HTTP_ACCEPTED;
    return answer(req, s.name, err);
}

bool api_source_remove(struct request *req, struct err *err)
{
    struct source s;

    if (!find(req, &s, err) ||
        !source_remove(req->workspace->state, s.id, request_actor(req), req->now_ms, err) ||
        !source_secret_write(req->workspace, s.name, STR_NONE, err))
        return false;
    req->status = MHD_HTTP_NO_CONTENT;
    return true;
}

bool api_source_gaps(struct request *req, struct err *err)
{
    struct source_gap *gaps;
    struct json_writer w;
    struct source s;
    size_t count;

    if (!find(req, &s, err) ||
        !source_gaps(&req->arena, req->workspace->state, s.id,
                     (size_t)request_query_i64(req, S("limit"), 100, 1, SOURCE_GAPS_LIST_MAX),
                     &gaps, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        api_set_time(req, &w, "from", gaps[i].from_ms);
        set_moment(req, &w, "to", gaps[i].to_ms);
        json_set_str(&w, "cause", str_from_cstr(source_trouble_name(gaps[i].cause)));
        json_set_f64(&w, "share", gaps[i].share);
        json_set_i64(&w, "lost", gaps[i].lost);
        json_set_bool(&w, "is_filled", gaps[i].is_filled);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}
