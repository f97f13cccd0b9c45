#include "web/view/query_view.h"

#include "os/clock.h"
#include "web/say.h"
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

bool query_view_check(struct request *req, Str text, Str name, bool has_sample,
                      struct tpl_query_check *out, struct err *err)
{
    struct query_problems problems = {0};
    struct query query;
    struct buf formatted;

    *out = (struct tpl_query_check){.is_empty = text.len == 0};
    if (out->is_empty)
        return true;
    bool ok = parse(req, text, name, &problems, &query, err);
    if (ok) {
        fill_problems(req, &problems, out);
        fill_pieces(req, text, &problems, out);
        out->is_good = problems.error_count == 0;
    }
    if (ok && out->is_good) {
        buf_init(&formatted, 4 * QUERY_BYTES_MAX);
        query_format(&query, 80, &formatted);
        out->formatted = arena_str(&req->arena, buf_str(&formatted));
        buf_deinit(&formatted);
        out->cost_word = str_from_cstr(query_cost_name(query_cost_class(&query)));
        out->cost = cost_label(req, query_cost_class(&query));
    }
    query_problems_deinit(&problems);
    return ok && (!out->is_good || !has_sample || fill_sample(req, text, out, err));
}
