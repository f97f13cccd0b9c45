/* page_sources.c - where posts come from: list with health and gaps, one source, its settings. */
#include <math.h>
#include <string.h>

#include "format/time.h"
#include "listen/measure/source_coverage.h"
#include "listen/source/source.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"

enum { GAPS_SHOWN = 20 };

static const char *const kind_words[SOURCE_KIND_COUNT] = {
    [SOURCE_FEED] = TR("Feed"),
    [SOURCE_MASTODON] = TR("Mastodon timeline"),
    [SOURCE_JETSTREAM] = TR("Bluesky stream"),
    [SOURCE_WEBHOOK] = TR("Webhook"),
    [SOURCE_FOLDER] = TR("Folder"),
};

/* ---- words ----------------------------------------------------------------------------------- */

struct state {
    const char *label; /* wrapped in TR() */
    const char *badge;
    bool is_heard;
};

static struct state state_of(const struct source *s)
{
    if (!s->is_on)
        return (struct state){TR("off"), "off", false};
    if (s->health.trouble != SOURCE_WELL)
        return (struct state){TR("in trouble"), "red", false};
    if (s->gap_open_ms != 0)
        return (struct state){TR("silent"), "amber", false};
    if (s->health.last_good_ms == 0)
        return (struct state){TR("waiting"), "amber", s->expected_ms == 0};
    return (struct state){TR("heard"), "green", true};
}

static Str outcome_of(struct request *req, const struct source_gap *gap, Str *badge)
{
    *badge = gap->is_filled ? S("green") : gap->to_ms == 0 ? S("red") : S("amber");
    return request_tr(req, gap->is_filled    ? TR("fetched later")
                           : gap->to_ms == 0 ? TR("open")
                           : gap->share < 1  ? TR("partly lost")
                                             : TR("lost"));
}

static Str source_address(struct request *req, Str name, const char *rest)
{
    return request_url(req, "sources/" STR_F "%s", STR_A(name), rest);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void fill_row(struct request *req, const struct source *s, struct tpl_sources_source *row)
{
    struct state state = state_of(s);

    *row = (struct tpl_sources_source){
        .title = s->title,
        .link = source_address(req, s->name, ""),
        .kind = request_tr(req, kind_words[s->kind]),
        .state = request_tr(req, state.label),
        .state_word = str_from_cstr(state.badge),
        .trouble = s->is_on && s->health.trouble != SOURCE_WELL
                       ? request_tr(req, source_trouble_text(s->health.trouble))
                       : STR_NONE,
        .is_on = s->is_on,
        .heard = s->health.last_good_ms,
        .was_heard = s->health.last_good_ms != 0,
        .post = s->health.last_post_ms,
        .had_post = s->health.last_post_ms != 0,
        .posts = s->health.posts_new,
        .lost = s->health.posts_lost,
        .toggle = source_address(req, s->name, "/switch"),
        .toggle_label = arena_printf(
            &req->arena, STR_F ": " STR_F,
            STR_A(request_tr(req, s->is_on ? TR("Switch off") : TR("Switch on"))), STR_A(s->title)),
    };
}

static bool fill_gaps(struct request *req, struct tpl_sources *c, struct err *err)
{
    struct source_gap *gaps;
    size_t count;

    if (!source_gaps(&req->arena, req->workspace->state, 0, GAPS_SHOWN, &gaps, &count, err))
        return false;
    struct tpl_sources_gap *rows = arena_new(&req->arena, struct tpl_sources_gap, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct tpl_sources_gap){
            .source = gaps[i].source_name,
            .link = source_address(req, gaps[i].source_name, ""),
            .from = gaps[i].from_ms,
            .to = gaps[i].to_ms,
            .is_open = gaps[i].to_ms == 0,
            .cause = request_tr(req, source_trouble_text(gaps[i].cause)),
            .lost = gaps[i].lost,
        };
        rows[i].outcome = outcome_of(req, &gaps[i], &rows[i].outcome_word);
    }
    c->gaps.items = rows;
    c->gaps.count = count;
    return true;
}

static bool fill_coverage(struct request *req, struct tpl_sources *c, struct err *err)
{
    const struct source_coverage *coverage;
    int64_t hour = req->now_ms / TIME_HOUR_MS + 1;

    if (!source_coverage_load(&req->arena, req->workspace->state, req->now_ms, &coverage, err))
        return false;
    c->day_coverage = source_coverage_of(coverage, hour - 24, hour);
    c->week_coverage = source_coverage_of(coverage, hour - 7 * 24, hour);
    return true;
}

bool page_sources(struct request *req, struct err *err)
{
    struct source *list;
    size_t count;
    struct page_head head = {.current = "sources", .title = TR("Sources")};

    if (!source_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_sources c = {.may_edit = request_may(req, MAY_IMPORT),
                            .add = request_url(req, "sources/new"),
                            .csrf = page_csrf(req)};
    struct tpl_sources_source *rows = arena_new(&req->arena, struct tpl_sources_source, count + 1);
    c.sources.items = rows;
    c.sources.count = count;
    for (size_t i = 0; i < count; i++) {
        fill_row(req, &list[i], &rows[i]);
        c.on += list[i].is_on;
        c.heard += state_of(&list[i]).is_heard;
        c.open_gaps += list[i].gap_open_ms != 0;
        c.posts += list[i].health.posts_new;
    }
    if (!fill_gaps(req, &c, err) || !fill_coverage(req, &c, err))
        return false;
    PAGE(req, &head, sources, &c);
    return true;
}

/* ---- one source ------------------------------------------------------------------------------ */

struct typed {
    Str name, title, kind, address, format, expected, retention, legal_note;
};

static Str number_text(struct request *req, int64_t number)
{
    return arena_printf(&req->arena, "%lld", (long long)number);
}

/* Whole minutes where they are; a shorter interval must survive saving the form. */
static Str minutes_text(struct request *req, int64_t ms)
{
    return ms % TIME_MINUTE_MS == 0
               ? number_text(req, ms / TIME_MINUTE_MS)
               : arena_printf(&req->arena, "%.6g", (double)ms / TIME_MINUTE_MS);
}

static struct typed typed_of(struct request *req, const struct source *s)
{
    return (struct typed){.name = s->name,
                          .title = s->title,
                          .kind = str_from_cstr(source_kind_name(s->kind)),
                          .address = s->address,
                          .format = s->format,
                          .expected = minutes_text(req, s->expected_ms),
                          .retention = number_text(req, s->retention_days),
                          .legal_note = s->legal_note};
}

static struct typed typed_form(struct request *req)
{
    return (struct typed){.name = request_form(req, S("name")),
                          .title = request_form(req, S("title")),
                          .kind = request_form(req, S("kind")),
                          .address = request_form(req, S("address")),
                          .format = request_form(req, S("format")),
                          .expected = request_form(req, S("expected")),
                          .retention = request_form(req, S("retention")),
                          .legal_note = request_form(req, S("legal_note"))};
}

static void fill_health(struct request *req, const struct source *s, struct tpl_source *c)
{
    const struct source_health *h = &s->health;
    struct state state = state_of(s);

    c->state = request_tr(req, state.label);
    c->state_word = str_from_cstr(state.badge);
    c->has_trouble = h->trouble != SOURCE_WELL;
    c->trouble = request_tr(req, source_trouble_text(h->trouble));
    if (c->has_trouble)
        c->advice = request_tr(req, source_trouble_advice(h->trouble));
    c->message = h->message;
    c->trouble_at = h->trouble_ms;
    c->failures = h->failures;
    c->was_heard = h->last_good_ms != 0;
    c->heard = h->last_good_ms;
    c->can_poll = s->is_on && s->kind == SOURCE_FEED;
    c->has_next = s->is_on && h->next_try_ms != 0;
    c->next = h->next_try_ms;
    c->posts_read = h->posts_read;
    c->posts_new = h->posts_new;
    c->posts_rejected = h->posts_rejected;
    c->posts_lost = h->posts_lost;
    c->moved_to = h->moved_to;
}

static bool fill_own_gaps(struct request *req, const struct source *s, struct tpl_source *c,
                          struct err *err)
{
    struct source_gap *gaps;
    size_t count;

    if (!source_gaps(&req->arena, req->workspace->state, s->id, GAPS_SHOWN, &gaps, &count, err))
        return false;
    struct tpl_source_gap *rows = arena_new(&req->arena, struct tpl_source_gap, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] =
            (struct tpl_source_gap){.from = gaps[i].from_ms,
                                    .to = gaps[i].to_ms,
                                    .is_open = gaps[i].to_ms == 0,
                                    .cause = request_tr(req, source_trouble_text(gaps[i].cause)),
                                    .lost = gaps[i].lost};
        rows[i].outcome = outcome_of(req, &gaps[i], &rows[i].outcome_word);
    }
    c->gaps.items = rows;
    c->gaps.count = count;
    return true;
}

static void fill_kinds(struct request *req, Str chosen, struct tpl_source *c)
{
    struct tpl_source_choice *kinds =
        arena_new(&req->arena, struct tpl_source_choice, SOURCE_KIND_COUNT);

    for (int i = 0; i < SOURCE_KIND_COUNT; i++) {
        Str value = str_from_cstr(source_kind_name((enum source_kind)i));
        kinds[i] = (struct tpl_source_choice){.value = value,
                                              .label = request_tr(req, kind_words[i]),
                                              .is_chosen = chosen.len > 0 ? str_eq(chosen, value)
                                                                          : i == SOURCE_FEED};
    }
    c->kinds.items = kinds;
    c->kinds.count = SOURCE_KIND_COUNT;
}

/* The field an error of source.h names in front. */
static Str field_of(const struct err *problem)
{
    Str field, rest;

    return problem && str_cut(str_from_cstr(problem->msg), ':', &field, &rest) ? field : STR_NONE;
}

static void fill_form(struct request *req, const struct source *s, const struct typed *typed,
                      const struct err *problem, struct tpl_source *c)
{
    c->name = typed->name;
    c->title = typed->title;
    c->kind = typed->kind;
    c->address = typed->address;
    c->format = typed->format;
    c->expected = typed->expected;
    c->retention = typed->retention;
    c->legal_note = typed->legal_note;
    c->revision = s->revision;
    if (problem) {
        c->problem = error_sentence(req, problem);
        c->hint = error_hint(req, problem);
        c->bad = arena_str(&req->arena, field_of(problem));
    }
}

/* `s` with id 0: a new one. */
static bool show(struct request *req, const struct source *s, const struct typed *typed,
                 const struct err *problem, Str made_secret, struct err *err)
{
    struct tpl_source *c = arena_new(&req->arena, struct tpl_source, 1);
    bool is_new = s->id == 0;

    *c = (struct tpl_source){
        .is_new = is_new,
        .is_on = s->is_on,
        .made_secret = made_secret,
        .may_edit = request_may(req, MAY_IMPORT),
        .csrf = page_csrf(req),
        .back = request_url(req, "sources"),
        .action = is_new ? request_url(req, "sources/new") : source_address(req, s->name, ""),
    };
    fill_form(req, s, typed, problem, c);
    fill_kinds(req, typed->kind, c);
    if (!is_new) {
        c->kind_word = request_tr(req, kind_words[s->kind]);
        c->has_secret = source_secret_exists(req->workspace, s->name);
        c->toggle = source_address(req, s->name, "/switch");
        c->poll = source_address(req, s->name, "/poll");
        c->remove = source_address(req, s->name, "/remove");
        c->posts_link = request_url(req, "search?q=dataset:%%22" STR_F "%%22", STR_A(s->name));
        c->hook = arena_printf(&req->arena, "/hook/" STR_F "/" STR_F, STR_A(req->workspace->slug),
                               STR_A(s->name));
        fill_health(req, s, c);
        if (!fill_own_gaps(req, s, c, err))
            return false;
    }
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Sources")), request_url(req, "sources")},
        {is_new ? request_tr(req, TR("New source")) : s->title, STR_NONE}};
    struct page_head head = {
        .current = "sources", .title_text = crumbs[1].label, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, source, c);
    return true;
}

static bool find(struct request *req, struct source *out, struct err *err)
{
    Str name = request_capture(req, S("source"));

    *out = (struct source){0};
    return str_eq(name, S("new")) ||
           source_find(&req->arena, req->workspace->state, name, out, err);
}

bool page_source(struct request *req, struct err *err)
{
    struct source s;

    if (!find(req, &s, err))
        return false;
    struct typed typed =
        s.id == 0 ? (struct typed){.kind = request_query(req, S("kind"))} : typed_of(req, &s);
    return show(req, &s, &typed, NULL, STR_NONE, err);
}

/* ---- changing -------------------------------------------------------------------------------- */

/* Empty: `absent`. */
static bool need_number(Str text, const char *field, double absent, double *out, struct err *err)
{
    *out = absent;
    if (text.len == 0 || (str_to_f64(text, out) && *out >= 0 && *out <= SOURCE_DAYS_MAX * 1440.0))
        return true;
    err_set(err, ERR_INPUT, "%s: is not a number", field);
    return err_hint(err, "Give digits only.");
}

static bool read_settings(struct request *req, const struct typed *typed, struct source *out,
                          struct err *err)
{
    double minutes, days;

    out->title = typed->title;
    out->address = typed->address;
    out->format = typed->format;
    out->legal_note = typed->legal_note;
    if (!need_number(typed->expected, "expected", -1, &minutes, err) ||
        !need_number(typed->retention, "retention", 0, &days, err))
        return false;
    out->retention_days = (int64_t)days;
    out->expected_ms = minutes < 0 ? -1 : llround(minutes * TIME_MINUTE_MS);
    if (out->id != 0)
        return str_to_i64(request_form(req, S("revision")), &out->revision) ||
               err_set(err, ERR_INPUT, "the form lacks its revision");
    out->name = typed->name;
    out->is_on = true;
    return source_kind_from(typed->kind, &out->kind) ||
           err_set(err, ERR_INPUT, "kind: is not one of those offered");
}

/* A webhook without a given key gets one; *made is then shown this once. */
static bool keep_secret(struct request *req, const struct source *s, bool is_new, Str *made,
                        struct err *err)
{
    Str given = request_form(req, S("secret"));

    if (given.len > 0)
        return source_secret_write(req->workspace, s->name, given, err);
    return !is_new || s->kind != SOURCE_WEBHOOK ||
           source_secret_make(&req->arena, req->workspace, s->name, made, err);
}

static bool save(struct request *req, const struct typed *typed, struct source *s, Str *made,
                 struct err *err)
{
    struct db *db = req->workspace->state;
    bool is_new = s->id == 0;

    return read_settings(req, typed, s, err) &&
           (is_new ? source_create(db, s, request_actor(req), req->now_ms, err)
                   : source_change(db, s, request_actor(req), req->now_ms, err)) &&
           keep_secret(req, s, is_new, made, err);
}

bool page_source_send(struct request *req, struct err *err)
{
    struct typed typed = typed_form(req);
    struct source s;
    struct err problem = {0};
    Str made = STR_NONE;

    if (!find(req, &s, err))
        return false;
    struct source stored = s;
    if (!save(req, &typed, &s, &made, &problem)) {
        if (problem.code != ERR_INPUT && problem.code != ERR_EXISTS &&
            problem.code != ERR_CONFLICT && problem.code != ERR_LIMIT) {
            *err = problem;
            return false;
        }
        req->status = status_of(problem.code);
        if (stored.id != 0)
            typed.kind = str_from_cstr(source_kind_name(stored.kind));
        return show(req, &stored, &typed, &problem, STR_NONE, err);
    }
    if (made.len == 0)
        return request_redirect_notice(req, source_address(req, s.name, ""),
                                       request_tr(req, TR("Saved.")));
    /* Shown in this answer alone: a key must not travel in a notice. */
    if (!source_read(&req->arena, req->workspace->state, s.id, &stored, err))
        return false;
    typed = typed_of(req, &stored);
    return show(req, &stored, &typed, NULL, made, err);
}

bool page_source_switch_send(struct request *req, struct err *err)
{
    struct source s;

    if (!source_find(&req->arena, req->workspace->state, request_capture(req, S("source")), &s,
                     err) ||
        !source_switch(req->workspace->state, s.id, !s.is_on, request_actor(req), STR_NONE,
                       req->now_ms, err))
        return false;
    return request_redirect_notice(
        req, source_address(req, s.name, ""),
        request_tr(req, s.is_on ? TR("It is read no more.") : TR("It is read from now on.")));
}

bool page_source_poll_send(struct request *req, struct err *err)
{
    struct source s;

    if (!source_find(&req->arena, req->workspace->state, request_capture(req, S("source")), &s,
                     err) ||
        !source_ask_poll(req->workspace->state, s.id, req->now_ms, err))
        return false;
    return request_redirect_notice(req, source_address(req, s.name, ""),
                                   request_tr(req, TR("It is looked at now; load the page again in "
                                                      "a moment.")));
}

bool page_source_remove_send(struct request *req, struct err *err)
{
    struct source s;

    if (!source_find(&req->arena, req->workspace->state, request_capture(req, S("source")), &s,
                     err) ||
        !source_remove(req->workspace->state, s.id, request_actor(req), req->now_ms, err) ||
        !source_secret_write(req->workspace, s.name, STR_NONE, err))
        return false;
    return request_redirect_notice(req, request_url(req, "sources"),
                                   request_tr(req, TR("The source was removed.")));
}
