#include "web/view/query_view.h"

#include "base/limits.h"
#include "format/time.h"
#include "listen/query/backtest.h"
#include "listen/query/query_eval.h"
#include "listen/upload.h"
#include "os/clock.h"
#include "web/error_page.h"
#include "web/say.h"
#include "web/view/chart.h"
#include "web/view/post_view.h"

bool query_view_search(struct request *req, const struct search_request *wanted,
                       struct search_result *out, double *ms, struct err *err)
{
    struct archive *archive = NULL;
    uint64_t started = clock_monotonic_ns();

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = search_posts(archive, &req->arena, wanted, out, err);
    archive_close(&archive);
    *ms = clock_seconds_since(started) * 1000;
    return ok;
}

bool query_view_span(struct request *req, int64_t *from_ms, int64_t *to_ms, struct err *err)
{
    struct archive *archive = NULL;
    int64_t from = 0, to = 0;

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = archive_span(archive, &from, &to, err);
    archive_close(&archive);
    *from_ms = from * HOUR_MS;
    *to_ms = to * HOUR_MS;
    return ok;
}

/* ---- problems ---- */

static Str severity_label(struct request *req, enum query_severity severity)
{
    return request_tr(req, severity == QUERY_ERROR     ? TR("error")
                           : severity == QUERY_WARNING ? TR("warning")
                                                       : TR("note"));
}

static void fill_problems(struct request *req, const struct query_problems *problems,
                          struct tpl_query_check *out)
{
    struct tpl_query_check_problem *items =
        arena_new(&req->arena, struct tpl_query_check_problem, problems->count + 1);

    for (size_t i = 0; i < problems->count; i++) {
        const struct query_problem *p = &problems->items[i];
        items[i] = (struct tpl_query_check_problem){
            .severity = str_from_cstr(query_severity_name(p->severity)),
            .severity_label = severity_label(req, p->severity),
            .line = p->line,
            .column = p->column,
            .message = say_phrase(req, p->message_phrase, p->message),
            .fix = say_phrase(req, p->fix_phrase, p->fix),
            .has_edit = p->has_edit,
            .edit_from = p->edit_from,
            .edit_to = p->edit_to,
            .edit_text = p->edit_text,
        };
        out->warnings += p->severity == QUERY_WARNING;
        out->has_marks |= p->severity != QUERY_NOTE;
    }
    out->problems.items = items;
    out->problems.count = problems->count;
    out->errors = (int64_t)problems->error_count;
}

/* The text cut at the problems; where two overlap the first wins. */
static void fill_pieces(struct request *req, Str text, const struct query_problems *problems,
                        struct tpl_query_check *out)
{
    struct tpl_query_check_piece *items =
        arena_new(&req->arena, struct tpl_query_check_piece, 2 * problems->count + 1);
    size_t count = 0, at = 0;

    for (size_t i = 0; i < problems->count; i++) {
        const struct query_problem *p = &problems->items[i];
        size_t to = p->to > p->from ? p->to : p->from + 1;
        if (p->from < at || p->from >= text.len)
            continue;
        to = to > text.len ? text.len : to;
        if (p->from > at)
            items[count++] =
                (struct tpl_query_check_piece){.text = str_sub(text, at, p->from - at)};
        items[count++] = (struct tpl_query_check_piece){
            .text = str_sub(text, p->from, to - p->from),
            .mark = str_from_cstr(query_severity_name(p->severity)),
            .hint = say_phrase(req, p->message_phrase, p->message),
        };
        at = to;
    }
    if (at < text.len)
        items[count++] = (struct tpl_query_check_piece){.text = str_sub(text, at, text.len)};
    out->pieces.items = items;
    out->pieces.count = count;
}

/* ---- the sample ---- */

static bool fill_sample(struct request *req, Str text, struct tpl_query_check *out, struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request wanted = {.query = text, .names = &resolver, .limit = QUERY_VIEW_SAMPLE};
    struct search_result found;

    if (!query_view_span(req, &wanted.from_ms, &wanted.to_ms, err))
        return false;
    if (wanted.to_ms == 0)
        return true;
    if (wanted.to_ms - wanted.from_ms > QUERY_VIEW_DAYS * DAY_MS)
        wanted.from_ms = wanted.to_ms - QUERY_VIEW_DAYS * DAY_MS;
    if (!query_view_search(req, &wanted, &found, &out->milliseconds, err))
        return false;
    struct tpl_post *posts = arena_new(&req->arena, struct tpl_post, found.count + 1);
    for (size_t i = 0; i < found.count; i++)
        post_view_hit(req, &found.hits[i], &posts[i]);
    out->sample.items = posts;
    out->sample.count = found.count;
    out->has_sample = true;
    out->days = QUERY_VIEW_DAYS;
    out->total = found.total;
    out->is_complete = found.is_complete;
    out->all = request_url(req, "search?q=" STR_F, STR_A(request_part(req, text)));
    return true;
}

static Str cost_label(struct request *req, enum query_cost cost)
{
    return request_tr(req, cost == QUERY_CHEAP      ? TR("low")
                           : cost == QUERY_MODERATE ? TR("medium")
                                                    : TR("high"));
}

/* What the class means and what would lower it. */
static Str cost_words(struct request *req, enum query_cost cost)
{
    return request_tr(
        req,
        cost == QUERY_CHEAP
            ? TR("A word or member that must be there finds it: most posts never touch it.")
        : cost == QUERY_MODERATE
            ? TR("A broad beginning or a long list of words finds it: many posts touch it. A word "
                 "that must be there would make it cheap.")
            : TR("Every post has to be looked at. Add a word or member that must be there."));
}

static bool parse(struct request *req, Str text, Str name, struct query_problems *problems,
                  struct query *query, struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct tokenizer *words = NULL;

    if (!tokenizer_create(&words, err))
        return false;
    bool ok = query_parse(&req->arena, words, text, name, &resolver, query, problems, err) &&
              query_lint(&req->arena, query, problems, err);
    tokenizer_destroy(&words);
    return ok;
}

/* What the query language says; *query is only to be used when *out is good. */
static bool check_text(struct request *req, Str text, Str name, struct query *query,
                       struct tpl_query_check *out, struct err *err)
{
    struct query_problems problems = {0};
    struct buf formatted;

    bool ok = parse(req, text, name, &problems, query, err);
    if (ok) {
        fill_problems(req, &problems, out);
        fill_pieces(req, text, &problems, out);
        out->is_good = problems.error_count == 0;
    }
    if (ok && out->is_good) {
        enum query_cost cost = query_cost_class(query);
        buf_init(&formatted, 4 * QUERY_BYTES_MAX);
        query_format(query, 80, &formatted);
        out->formatted = arena_str(&req->arena, buf_str(&formatted));
        buf_deinit(&formatted);
        out->cost_word = str_from_cstr(query_cost_name(cost));
        out->cost = cost_label(req, cost);
        out->cost_words = cost_words(req, cost);
        out->cost_level = (int64_t)cost + 1;
    }
    query_problems_deinit(&problems);
    return ok;
}

bool query_view_check(struct request *req, Str text, Str name, bool has_sample,
                      struct tpl_query_check *out, struct err *err)
{
    struct query query;

    *out = (struct tpl_query_check){.is_empty = text.len == 0};
    return out->is_empty || (check_text(req, text, name, &query, out, err) &&
                             (!out->is_good || !has_sample || fill_sample(req, text, out, err)));
}

/* ---- on a file that is not imported ---------------------------------------------------------- */

/* The rows are shown from copies: those of the look die with it. */
static void show_row(struct request *req, const struct post *post,
                     const struct query_explanation *explanation, struct tpl_post *out)
{
    struct post copy = *post;

    copy.title = arena_str(&req->arena, post->title);
    copy.text = arena_str(&req->arena, post->text);
    copy.source = arena_str(&req->arena, post->source);
    copy.lang = arena_str(&req->arena, post->lang);
    copy.url = arena_str(&req->arena, post->url);
    copy.author.handle = arena_str(&req->arena, post->author.handle);
    copy.author.name = arena_str(&req->arena, post->author.name);
    copy.author.id = arena_str(&req->arena, post->author.id);
    post_view_fill(req, &copy, POST_POLARITY_UNKNOWN, copy.lang, explanation, out);
}

static bool try_rows(struct request *req, const struct query *query, const struct upload_look *look,
                     struct tpl_query_check *out, struct err *err)
{
    struct tpl_post *posts = arena_new(&req->arena, struct tpl_post, QUERY_VIEW_SAMPLE);
    struct post_tokens tokens;
    struct arena scratch;
    bool ok = post_tokens_init(&tokens, err);

    arena_init(&scratch, REQUEST_ARENA_BYTES_MAX);
    for (size_t i = 0; ok && i < look->batch.posts.count && i < UPLOAD_LOOK_POSTS; i++) {
        const struct post *post = &look->batch.posts.items[i].post;
        struct query_explanation explanation;
        bool matches;
        arena_reset(&scratch);
        out->sample_read++;
        ok = post_tokens_fill(&tokens, post, err) &&
             query_matches(&scratch, query, post, &tokens, &matches, err);
        if (!ok || !matches || out->total++ >= QUERY_VIEW_SAMPLE)
            continue;
        ok = query_explain(&req->arena, query, post, &tokens, &explanation, err);
        if (ok)
            show_row(req, post, &explanation, &posts[out->sample.count++]);
    }
    out->sample.items = posts;
    post_tokens_deinit(&tokens);
    arena_deinit(&scratch);
    return ok;
}

bool query_view_check_upload(struct request *req, Str text, Str name, int64_t id,
                             struct tpl_query_check *out, struct err *err)
{
    struct upload upload;
    struct upload_look look;
    struct query query;
    struct err problem = {0};

    *out = (struct tpl_query_check){.is_empty = text.len == 0};
    if (out->is_empty)
        return true;
    if (!check_text(req, text, name, &query, out, err))
        return false;
    if (!out->is_good || !upload_read(&req->arena, req->workspace->state, id, &upload, &problem))
        return true;
    bool is_read = upload_look(&req->arena, req->workspace, &upload, &look, &problem);
    bool ok = !is_read || try_rows(req, &query, &look, out, err);
    out->sample_of = is_read ? upload.name : STR_NONE;
    upload_look_close(&look);
    return ok;
}

/* ---- on stored posts ------------------------------------------------------------------------- */

static void put_course(struct chart *chart, const struct backtest *b, bool is_expected)
{
    struct json_writer *w = &chart->json;

    json_begin_object(w);
    json_set_str(w, "name",
                 is_expected ? request_tr(chart->req, TR("Expected"))
                             : request_tr(chart->req, TR("Posts")));
    json_set_str(w, "type", is_expected ? S("line") : S("bar"));
    json_set_str(w, "unit", S("posts"));
    json_set_str(w, "color", is_expected ? S("c3") : S("c1"));
    json_set_array(w, "points");
    for (size_t i = 0; i < b->point_count; i++)
        chart_point(chart, (double)b->points[i].start_ms,
                    is_expected ? b->points[i].reading.expected : b->points[i].hits);
    json_end_array(w);
    json_end_object(w);
}

static void put_alerts(struct chart *chart, const struct backtest *b)
{
    struct json_writer *w = &chart->json;

    json_set_array(w, "marks");
    for (size_t i = 0; i < b->alert_count; i++) {
        json_begin_object(w);
        json_set_i64(w, "at", b->alerts[i].moment.peak_ms);
        json_set_f64(w, "value", b->alerts[i].moment.observed);
        json_set_str(w, "short",
                     arena_printf(&chart->req->arena, "%d", b->alerts[i].moment.severity));
        json_set_str(w, "link", S("#backtest"));
        json_set_str(w, "label",
                     arena_printf(&chart->req->arena, STR_F " %d",
                                  STR_A(request_tr(chart->req, TR("severity"))),
                                  b->alerts[i].moment.severity));
        json_end_object(w);
    }
    json_end_array(w);
}

static Str moment_words(struct request *req, int64_t at_ms, bool is_hourly)
{
    struct html h;

    html_init(&h, 256);
    render_time_words(&h, &req->env, at_ms, is_hourly ? RENDER_HOUR : RENDER_DATE);
    Str words = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return words;
}

enum { TABLE_ROWS = 400 }; /* the latest periods; the chart has all */

static struct tpl_chart course_chart(struct request *req, Str text, const struct backtest *b)
{
    struct chart chart;

    chart_begin(&chart, req, "time", request_tr(req, TR("Posts that the query finds")),
                request_tr(req, b->is_hourly ? TR("Hour") : TR("Day")));
    chart_legend(&chart, request_tr(req, TR("Posts")), "1");
    chart_legend(&chart, request_tr(req, TR("Expected")), "3");
    chart_column(&chart, request_tr(req, TR("Posts")), true);
    chart_column(&chart, request_tr(req, TR("Expected")), true);
    json_set_array(&chart.json, "series");
    put_course(&chart, b, false);
    put_course(&chart, b, true);
    json_end_array(&chart.json);
    put_alerts(&chart, b);
    json_set_i64(&chart.json, "step", b->period_ms);
    json_set_str(&chart.json, "open",
                 request_url(req, "search?q=" STR_F "&from={from}&to={to}",
                             STR_A(request_part(req, str_sub(text, 0, 2000)))));
    size_t first = b->point_count > TABLE_ROWS ? b->point_count - TABLE_ROWS : 0;
    for (size_t i = b->point_count; i-- > first;) {
        chart_row(&chart, moment_words(req, b->points[i].start_ms, b->is_hourly), STR_NONE);
        chart_cell_number(&chart, b->points[i].hits, 0, 0);
        chart_cell_number(&chart, b->points[i].reading.expected, 1, 0);
    }
    return *chart_end(&chart);
}

static void fill_backtest(struct request *req, Str text, const struct backtest *b,
                          struct tpl_query_backtest *out)
{
    enum { ALERTS_SHOWN = 12 };
    size_t count = b->alert_count < ALERTS_SHOWN ? b->alert_count : ALERTS_SHOWN;
    struct tpl_query_backtest_alert *alerts =
        arena_new(&req->arena, struct tpl_query_backtest_alert, count + 1);
    Str part = request_part(req, str_sub(text, 0, 2000));

    for (size_t i = 0; i < count; i++) { /* the latest first */
        const struct spike_moment *m = &b->alerts[b->alert_count - 1 - i].moment;
        Str from = str_from_cstr(time_rfc3339(m->start_ms).text),
            to = str_from_cstr(time_rfc3339(m->end_ms + DAY_MS - 1).text);
        alerts[i] = (struct tpl_query_backtest_alert){
            .at = m->start_ms,
            .severity = m->severity,
            .observed = (int64_t)m->observed,
            .expected = m->expected,
            .link = request_url(req, "search?q=" STR_F "&from=" STR_F "&to=" STR_F, STR_A(part),
                                STR_A(arena_str(&req->arena, str_sub(from, 0, 10))),
                                STR_A(arena_str(&req->arena, str_sub(to, 0, 10))))};
    }
    *out = (struct tpl_query_backtest){.is_asked = true,
                                       .is_empty = b->posts_seen == 0,
                                       .is_hourly = b->is_hourly,
                                       .hits = b->hits,
                                       .posts = b->posts_seen,
                                       .from = b->from_ms,
                                       .to = b->to_ms,
                                       .a_week = b->alerts_a_week,
                                       .a_week_low = b->alerts_a_week_low,
                                       .a_week_high = b->alerts_a_week_high,
                                       .alerts = {alerts, count},
                                       .alert_count = (int64_t)b->alert_count};
    if (b->posts_seen > 0)
        out->course = course_chart(req, text, b);
}

bool query_view_backtest(struct request *req, Str text, struct tpl_query_backtest *out,
                         struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct backtest_request request = {.query = text, .names = &resolver};
    struct archive *archive = NULL;
    struct backtest result;
    struct err problem = {0};

    *out = (struct tpl_query_backtest){.is_asked = true};
    if (text.len == 0) {
        out->problem = request_tr(req, TR("Write a query first."));
        return true;
    }
    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = backtest_run(archive, &req->arena, &request, &result, &problem);
    archive_close(&archive);
    if (ok)
        fill_backtest(req, text, &result, out);
    else if (problem.code == ERR_INPUT || problem.code == ERR_USAGE)
        out->problem = error_sentence(req, &problem);
    else
        *err = problem;
    return ok || out->problem.len > 0;
}

/* ---- completion ------------------------------------------------------------------------------ */

bool query_view_words(struct request *req, Str *json, struct err *err)
{
    static const char *const fields[] = {
        "title:",  "body:",     "lead:",       "author:",    "lang:",    "site:",   "url:",
        "links:",  "source:",   "kind:",       "country:",   "dataset:", "thread:", "followers:",
        "rating:", "views:",    "engagement:", "sentiment:", "after:",   "before:", "verified:",
        "COUNT(",  "SENTENCE(", "NEAR/",       "ONEAR/",     "raw:"};
    struct standing_query *list;
    struct json_writer w;
    struct buf out;
    size_t count;

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    buf_init(&out, 4 * MIB);
    json_writer_init(&w, &out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_array(&w, "names");
    for (size_t i = 0; i < count; i++)
        json_put_str(&w, list[i].name);
    json_end_array(&w);
    json_set_array(&w, "fields");
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        json_put_str(&w, str_from_cstr(fields[i]));
    json_end_array(&w);
    json_end_object(&w);
    bool ok = buf_ok(&out, err);
    *json = arena_str(&req->arena, buf_str(&out));
    buf_deinit(&out);
    return ok;
}
