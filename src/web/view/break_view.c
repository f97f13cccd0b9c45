#include "web/view/break_view.h"

#include "signal/signal.h"
#include "web/say.h"

static bool is_told(const struct chart *chart, int64_t from_ms)
{
    vec_each (struct tpl_chart_break, b, &chart->breaks)
        if (b->from == from_ms && !b->is_restated)
            return true;
    return false;
}

static void put_break(struct chart *chart, const struct signal *signal,
                      const struct signal_break *b)
{
    struct json_writer *w = &chart->json;

    if (is_told(chart, b->from_ms))
        return;
    vec_push(&chart->breaks, (struct tpl_chart_break){.version = b->version,
                                                      .from = b->from_ms,
                                                      .is_hourly = signal->period != SIGNAL_DAY,
                                                      .name = say_text(chart->req, signal->name),
                                                      .reason = say_text(chart->req, b->reason)});
    json_begin_object(w);
    json_set_i64(w, "at", b->from_ms);
    json_set_str(w, "short", arena_printf(&chart->req->arena, "v%d", b->version));
    json_set_str(w, "label",
                 arena_printf(&chart->req->arena, STR_F " %d",
                              STR_A(request_tr(chart->req, TR("definition changed, version"))),
                              b->version));
    json_end_object(w);
}

/* History was computed again: nothing is drawn by an older definition any more. */
static void put_restated(struct chart *chart, const struct signal *signal,
                         const struct signal_break *last)
{
    vec_push(&chart->breaks,
             (struct tpl_chart_break){.version = last->version,
                                      .from = last->at_ms,
                                      .is_restated = true,
                                      .name = say_text(chart->req, signal->name),
                                      .reason = say_text(chart->req, last->reason)});
}

static bool put_signal(struct chart *chart, Str key, int64_t from_ms, int64_t to_ms,
                       struct err *err)
{
    struct db *db = chart->req->workspace->state;
    struct arena *arena = &chart->req->arena;
    struct err missing = {0};
    struct signal_break *breaks, last;
    struct signal signal;
    size_t count;
    bool has_last = false;

    if (!signal_find(arena, db, key, &signal, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    if (signal.version == 1)
        return true;
    if (!signal_breaks(arena, db, signal.id, from_ms, to_ms, &breaks, &count, err) ||
        !signal_restated(arena, db, signal.id, &last, &has_last, err))
        return false;
    for (size_t i = 0; i < count; i++)
        put_break(chart, &signal, &breaks[i]);
    if (has_last && chart->breaks.count == 0)
        put_restated(chart, &signal, &last);
    return true;
}

bool chart_breaks(struct chart *chart, const Str *keys, size_t count, int64_t from_ms,
                  int64_t to_ms, struct err *err)
{
    bool ok = true;

    json_set_array(&chart->json, "breaks");
    for (size_t i = 0; ok && i < count; i++)
        ok = put_signal(chart, keys[i], from_ms, to_ms, err);
    json_end_array(&chart->json);
    return ok;
}

bool chart_breaks_of(struct chart *chart, int64_t query, const char *measure, const char *period,
                     int64_t from_ms, int64_t to_ms, struct err *err)
{
    Str key =
        arena_printf(&chart->req->arena, "query:%lld:%s:%s", (long long)query, measure, period);

    return chart_breaks(chart, &key, 1, from_ms, to_ms, err);
}
