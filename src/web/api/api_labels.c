/* api_labels.c - what labels say about the moods of a query, and its corrections, over the API. */
#include "listen/label/label_report.h"
#include "listen/measure/correction.h"
#include "listen/standing_query.h"
#include "web/api/api.h"

static bool query_find(struct request *req, struct standing_query *q, struct err *err)
{
    return standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                               q, err);
}

/* The window asked for, else all that is stored. */
static bool count_window(struct request *req, const struct standing_query *q,
                         double counted[LABEL_MOODS], struct err *err)
{
    struct archive *archive = NULL;
    int64_t from_hour, to_hour;

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = archive_span(archive, &from_hour, &to_hour, err) &&
              label_count(archive, q->id,
                          request_query_i64(req, S("from"), from_hour * HOUR_MS, 0, INT64_MAX / 2),
                          request_query_i64(req, S("to"), to_hour * HOUR_MS, 0, INT64_MAX / 2),
                          counted, err);
    archive_close(&archive);
    return ok;
}

bool api_labels(struct request *req, struct err *err)
{
    double counted[LABEL_MOODS];
    struct label_report report;
    struct prevalence shares;
    struct standing_query q;
    struct json_writer w;

    if (!query_find(req, &q, err) ||
        !label_report_read(&req->arena, req->workspace->state, q.id, 0, &report, err) ||
        !count_window(req, &q, counted, err))
        return false;
    enum prevalence_answer answer = label_shares(&report, counted, &shares);
    api_begin(req, &w);
    json_set_str(&w, "query", q.name);
    label_report_put(&w, &report);
    label_shares_put(&w, answer, &shares, counted);
    return api_end(req, &w);
}

static const char *const moods[] = {"negative", "neutral", "positive"};

static bool answer_corrections(struct request *req, const struct standing_query *q, struct err *err)
{
    struct correction_list list;
    struct json_writer w;

    if (!correction_read(&req->arena, req->workspace->state, q->id, &list, err))
        return false;
    api_begin(req, &w);
    json_set_str(&w, "query", q->name);
    json_set_i64(&w, "version", list.version);
    json_set_bool(&w, "is_applied", list.version == 0 || list.applied_at_ms != 0);
    json_set_array(&w, "items");
    for (size_t i = 0; i < list.count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "term", list.items[i].term);
        json_set_str(&w, "context", list.items[i].context);
        json_set_str(&w, "mood", str_from_cstr(moods[list.items[i].mood + 1]));
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

bool api_corrections(struct request *req, struct err *err)
{
    struct standing_query q;

    return query_find(req, &q, err) && answer_corrections(req, &q, err);
}

static bool item_read(const struct json *json, struct correction *out, struct err *err)
{
    Str mood;

    if (!json_need_str(json, "term", &out->term, err) || !json_need_str(json, "mood", &mood, err))
        return false;
    out->context = json_str_or(json, "context", STR_NONE);
    for (size_t m = 0; m < COUNT_OF(moods); m++)
        if (str_eq(mood, str_from_cstr(moods[m]))) {
            out->mood = (enum post_polarity)((int)m - 1);
            return true;
        }
    return err_set(err, ERR_INPUT, "mood '" STR_F "' is none of negative, neutral, positive",
                   STR_A(str_sub(mood, 0, 40)));
}

bool api_corrections_put(struct request *req, struct err *err)
{
    const struct json *body, *items;
    struct correction *list;
    struct standing_query q;

    if (!query_find(req, &q, err) || !api_body(req, &body, err))
        return false;
    items = json_get(body, "items");
    size_t count = items ? json_len(items) : 0;
    if (!items || count > CORRECTIONS_MAX)
        return err_set(err, ERR_INPUT, "items has to be a list of at most %d corrections",
                       CORRECTIONS_MAX);
    list = arena_new(&req->arena, struct correction, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!item_read(json_at(items, i), &list[i], err))
            return false;
    return correction_save(req->workspace->state, q.id, list, count, request_actor(req),
                           json_str_or(body, "reason", STR_NONE), req->now_ms, err) &&
           answer_corrections(req, &q, err);
}
