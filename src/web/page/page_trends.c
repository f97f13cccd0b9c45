/* page_trends.c - the board of what suddenly rose, and one trend with its course and posts. */
#include "listen/measure/trend_store.h"
#include "listen/standing_query.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/chart.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"

enum { TRENDS_SHOWN = 40, EXAMPLES_SHOWN = 2, QUERY_TERMS = 4, SPARK_SLOTS = 144 };

struct window {
    int64_t days; /* 0: all */
    const char *label;
};
static const struct window windows[] = {
    {1, TR("24 hours")}, {7, TR("7 days")}, {30, TR("30 days")}, {0, TR("All")}};

struct board {
    struct trend_filter filter;
    int64_t days, now_ms; /* the board's present: when the latest trend rose, at most now */
    Str lang, query;
    struct standing_query *queries;
    size_t query_count;
};

/* ---- words ----------------------------------------------------------------------------------- */

static Str title_of(struct request *req, const struct stored_trend *t)
{
    Str out = t->term_count > 0 ? t->terms[0] : STR_NONE;

    for (size_t i = 1; i < t->term_count && i < 3; i++)
        out = arena_printf(&req->arena, STR_F ", " STR_F, STR_A(out), STR_A(t->terms[i]));
    return out;
}

static bool is_link(Str term)
{
    return str_find_byte(term, '/') < term.len;
}

/* A query that finds it: its strongest terms, phrases in quotes. */
static Str query_text(struct request *req, const struct stored_trend *t)
{
    Str out = STR_NONE;

    for (size_t i = 0, n = 0; i < t->term_count && n < QUERY_TERMS; i++) {
        Str term = t->terms[i];
        bool is_phrase = str_find_byte(term, ' ') < term.len;
        if (is_link(term) && (n > 0 || t->term_count > i + 1))
            continue;
        Str part = is_link(term) ? arena_printf(&req->arena, "links:\"" STR_F "\"", STR_A(term))
                   : is_phrase   ? arena_printf(&req->arena, "\"" STR_F "\"", STR_A(term))
                                 : term;
        out = n++ == 0 ? part
                       : arena_printf(&req->arena, STR_F " OR " STR_F, STR_A(out), STR_A(part));
    }
    return out;
}

static struct tpl_chart course_chart(struct request *req, const struct stored_trend *t,
                                     const struct trend_point *points, size_t count,
                                     const char *kind)
{
    struct chart chart;
    size_t at = 0;
    bool is_spark = str_eq(str_from_cstr(kind), S("spark"));
    int64_t from = count > 0 ? points[0].start_ms : 0;
    int64_t to = count > 0 ? points[count - 1].start_ms : -1;

    chart_begin(&chart, req, kind, title_of(req, t), request_tr(req, TR("Time")));
    if (is_spark) {
        chart_size(&chart, "spark");
        to = to - from > SPARK_SLOTS * TREND_SLOT_MS ? from + SPARK_SLOTS * TREND_SLOT_MS : to;
    }
    chart_column(&chart, request_tr(req, TR("Posts")), true);
    if (!is_spark) {
        json_set_array(&chart.json, "series");
        json_begin_object(&chart.json);
        json_set_str(&chart.json, "name", request_tr(req, TR("Posts")));
        json_set_str(&chart.json, "type", S("bar"));
        json_set_str(&chart.json, "unit", S("posts"));
    }
    json_set_array(&chart.json, "points");
    for (int64_t ms = from; ms <= to; ms += TREND_SLOT_MS) {
        bool has_point = at < count && points[at].start_ms == ms;
        double stories = has_point ? (double)points[at++].stories : 0;
        chart_point(&chart, (double)ms, stories);
        if (!has_point)
            continue;
        struct html h;
        html_init(&h, 128);
        render_time_words(&h, &req->env, ms, RENDER_MINUTE);
        chart_row(&chart, arena_str(&req->arena, html_str(&h)), STR_NONE);
        html_deinit(&h);
        chart_cell_number(&chart, stories, 0, 0);
    }
    json_end_array(&chart.json);
    if (is_spark) {
        json_set_str(&chart.json, "unit", S("posts"));
    } else {
        json_end_object(&chart.json);
        json_end_array(&chart.json);
        json_set_i64(&chart.json, "step", TREND_SLOT_MS);
    }
    return *chart_end(&chart);
}

static Str languages_of(struct request *req, const struct stored_trend *t)
{
    Str out = STR_NONE;

    for (size_t i = 0; i < t->language_count && i < 4; i++)
        out = arena_printf(&req->arena, STR_F "%s%s %u", STR_A(out), i > 0 ? ", " : "",
                           t->languages[i].code, t->languages[i].posts);
    return out;
}

static void fill_post(struct request *req, const struct trend_example *post, struct tpl_post *out)
{
    Str lang = arena_str(&req->arena, str_from_cstr(post->lang));

    *out = (struct tpl_post){.author = post->author,
                             .source = post->source,
                             .at = post->created_at_ms,
                             .has_time = true,
                             .lang = str_eq(lang, S("und")) ? STR_NONE : lang,
                             .link = post->url};
    if (post->copies > 0)
        out->why = arena_printf(&req->arena, STR_F ": %u",
                                STR_A(request_tr(req, TR("copies left out"))), post->copies);
    if (post->text.len > 0)
        post_view_text(req, post->text, out);
    else
        out->is_erased = true;
}

/* ---- the board ------------------------------------------------------------------------------- */

static bool read_board(struct request *req, struct board *b, struct err *err)
{
    struct db *state = req->workspace->state;

    b->days = request_query_i64(req, S("days"), 30, 0, 4000);
    b->lang = request_query(req, S("lang"));
    b->query = request_query(req, S("query"));
    if (!standing_query_list(&req->arena, state, &b->queries, &b->query_count, err) ||
        !trend_store_last(state, &b->now_ms, err))
        return false;
    b->filter.lang = str_sub(b->lang, 0, 3);
    b->filter.limit = TRENDS_SHOWN;
    b->filter.from_ms = b->days > 0 ? b->now_ms - b->days * DAY_MS : 0;
    for (size_t i = 0; i < b->query_count; i++)
        if (str_eq(b->queries[i].name, b->query))
            b->filter.query = b->queries[i].id;
    return b->query.len == 0 || b->filter.query != 0 ||
           err_set(err, ERR_NOT_FOUND, "there is no query '" STR_F "'", STR_A(b->query));
}

static Str board_address(struct request *req, const struct board *b, int64_t days)
{
    return request_url(req, "trends?days=%lld&lang=" STR_F "&query=" STR_F, (long long)days,
                       STR_A(request_part(req, b->lang)), STR_A(request_part(req, b->query)));
}

static void fill_choices(struct request *req, const struct board *b, struct tpl_trends *c)
{
    static const char *const codes[] = {"en", "de", "fr", "es", "it", "pt", "nl", "pl",
                                        "ru", "uk", "tr", "ar", "hi", "ja", "ko", "zh"};
    struct tpl_trends_window *items =
        arena_new(&req->arena, struct tpl_trends_window, COUNT_OF(windows));
    struct tpl_trends_choice *langs =
        arena_new(&req->arena, struct tpl_trends_choice, COUNT_OF(codes));
    struct tpl_trends_choice *queries =
        arena_new(&req->arena, struct tpl_trends_choice, b->query_count + 1);

    for (size_t i = 0; i < COUNT_OF(windows); i++)
        items[i] = (struct tpl_trends_window){request_tr(req, windows[i].label),
                                              board_address(req, b, windows[i].days),
                                              windows[i].days == b->days};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        langs[i] = (struct tpl_trends_choice){str_from_cstr(codes[i]), str_from_cstr(codes[i]),
                                              str_eq(b->lang, str_from_cstr(codes[i]))};
    for (size_t i = 0; i < b->query_count; i++)
        queries[i] =
            (struct tpl_trends_choice){b->queries[i].name, market_query_title(&b->queries[i]),
                                       str_eq(b->queries[i].name, b->query)};
    c->windows.items = items;
    c->windows.count = COUNT_OF(windows);
    c->langs.items = langs;
    c->langs.count = COUNT_OF(codes);
    c->queries.items = queries;
    c->queries.count = b->query_count;
    c->days = b->days;
}

static bool fill_examples(struct request *req, const struct stored_trend *t, size_t limit,
                          struct tpl_post **out, size_t *out_count, struct err *err)
{
    struct trend_example *posts;
    size_t count;

    if (!trend_store_posts(&req->arena, req->workspace->state, t->id, limit, &posts, &count, err))
        return false;
    *out = arena_new(&req->arena, struct tpl_post, count + 1);
    *out_count = count;
    for (size_t i = 0; i < count; i++)
        fill_post(req, &posts[i], &(*out)[i]);
    return true;
}

static bool fill_trend(struct request *req, const struct board *b, const struct stored_trend *t,
                       struct tpl_trends_trend *out, struct err *err)
{
    struct trend_point *points;
    size_t count, post_count;
    struct tpl_post *posts;

    if (!trend_store_course(&req->arena, req->workspace->state, t->id, &points, &count, err) ||
        !fill_examples(req, t, EXAMPLES_SHOWN, &posts, &post_count, err))
        return false;
    *out = (struct tpl_trends_trend){
        .title = title_of(req, t),
        .link = request_url(req, "trends/%lld", (long long)t->id),
        .course = request_url(req, "trends/%lld#course", (long long)t->id),
        .kept = request_url(req, "trends/%lld#posts", (long long)t->id),
        .began = t->began_ms,
        .risen = t->risen_ms,
        .is_now = b->now_ms - t->risen_ms < TREND_NOW_MS,
        .score = t->score,
        .stories = t->stories,
        .expected = t->expected,
        .copies = t->copies,
        .minutes = (t->to_ms - t->from_ms) / 60000,
        .languages = languages_of(req, t),
        .spark = course_chart(req, t, points, count, "spark"),
        .to_query = request_url(req, "queries/new?text=" STR_F,
                                STR_A(request_part(req, query_text(req, t)))),
        .to_topic = request_url(req, "edit/topic/new?name=" STR_F,
                                STR_A(request_part(req, title_of(req, t)))),
    };
    out->posts.items = posts;
    out->posts.count = post_count;
    return true;
}

bool page_trends(struct request *req, struct err *err)
{
    struct board b = {0};
    struct tpl_trends *c = arena_new(&req->arena, struct tpl_trends, 1);
    struct page_head head = {.current = "trends", .title = TR("Trends")};
    struct stored_trend *list;
    size_t count;

    if (!read_board(req, &b, err) || !trend_store_list(&req->arena, req->workspace->state,
                                                       &b.filter, &list, &count, &c->total, err))
        return false;
    struct tpl_trends_trend *items = arena_new(&req->arena, struct tpl_trends_trend, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!fill_trend(req, &b, &list[i], &items[i], err))
            return false;
        c->rising += items[i].is_now;
    }
    c->trends.items = items;
    c->trends.count = count;
    c->shown = (int64_t)count;
    c->is_cut = c->total > c->shown;
    c->has_any = b.now_ms != 0;
    c->now = b.now_ms;
    c->may_query = request_may(req, MAY_EDIT_QUERIES);
    c->may_topic = request_may(req, MAY_EDIT_MODEL);
    c->all = request_url(req, "trends?days=0");
    c->sources = request_url(req, "sources");
    fill_choices(req, &b, c);
    PAGE(req, &head, trends, c);
    return true;
}

/* ---- one trend ------------------------------------------------------------------------------- */

static bool fill_queries(struct request *req, const struct stored_trend *t, struct tpl_trend *c,
                         struct err *err)
{
    struct trend_query *found;
    size_t count, n = 0;

    if (!trend_store_queries(&req->arena, req->workspace->state, t->id, &found, &count, err))
        return false;
    struct tpl_trend_query *items = arena_new(&req->arena, struct tpl_trend_query, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct standing_query q;
        struct err gone = {0};
        if (!standing_query_read(&req->arena, req->workspace->state, found[i].query, &q, &gone))
            continue;
        items[n++] = (struct tpl_trend_query){
            market_query_title(&q),
            request_url(req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(q.name),
                        (long long)t->from_ms, (long long)t->to_ms),
            found[i].posts};
    }
    c->queries.items = items;
    c->queries.count = n;
    c->behind = n == 0 ? S("#posts") /* the archive has none of them */
                       : request_url(req, "search?q=" STR_F "&from=%lld&to=%lld",
                                     STR_A(request_part(req, query_text(req, t))),
                                     (long long)t->from_ms, (long long)t->to_ms);
    return true;
}

static void fill_terms(struct request *req, const struct stored_trend *t, struct tpl_trend *c)
{
    struct tpl_trend_term *items = arena_new(&req->arena, struct tpl_trend_term, t->term_count + 1);

    for (size_t i = 0; i < t->term_count; i++) {
        Str q = str_find_byte(t->terms[i], ' ') < t->terms[i].len
                    ? arena_printf(&req->arena, "\"" STR_F "\"", STR_A(t->terms[i]))
                    : t->terms[i];
        items[i] = (struct tpl_trend_term){t->terms[i],
                                           request_url(req, "search?q=" STR_F "&from=%lld&to=%lld",
                                                       STR_A(request_part(req, q)),
                                                       (long long)t->from_ms, (long long)t->to_ms)};
    }
    c->terms.items = items;
    c->terms.count = t->term_count;
}

bool page_trend(struct request *req, struct err *err)
{
    struct tpl_trend *c = arena_new(&req->arena, struct tpl_trend, 1);
    struct stored_trend t;
    struct trend_point *points;
    struct tpl_post *posts;
    size_t count, post_count;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("trend")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such trend");
    if (!trend_store_read(&req->arena, req->workspace->state, id, &t, err) ||
        !trend_store_course(&req->arena, req->workspace->state, id, &points, &count, err) ||
        !fill_examples(req, &t, TREND_POSTS_MAX, &posts, &post_count, err) ||
        !fill_queries(req, &t, c, err))
        return false;
    c->title = title_of(req, &t);
    c->began = t.began_ms;
    c->told = t.told_ms;
    c->from = t.from_ms;
    c->to = t.to_ms;
    c->last = t.last_ms;
    c->score = t.score;
    c->stories = t.stories;
    c->expected = t.expected;
    c->copies = t.copies;
    c->tellings = t.tellings;
    c->languages = languages_of(req, &t);
    c->course = course_chart(req, &t, points, count, "time");
    c->posts.items = posts;
    c->posts.count = post_count;
    c->shown = (int64_t)post_count;
    c->may_query = request_may(req, MAY_EDIT_QUERIES);
    c->may_topic = request_may(req, MAY_EDIT_MODEL);
    c->to_query =
        request_url(req, "queries/new?text=" STR_F, STR_A(request_part(req, query_text(req, &t))));
    c->to_topic =
        request_url(req, "edit/topic/new?name=" STR_F, STR_A(request_part(req, c->title)));
    fill_terms(req, &t, c);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Trends")), request_url(req, "trends")},
                                  {c->title, STR_NONE}};
    struct page_head head = {
        .current = "trends", .title_text = c->title, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, trend, c);
    return true;
}
