#include "web/view/steering_view.h"

#include <math.h>

#include "flow/steer.h"
#include "signal/signal.h"
#include "strategy/steering/review.h"
#include "web/view/break_view.h"

const struct strategy_version *steering_adopted(const struct strategy_view *view)
{
    return view->decision.id == 0 ? NULL : model_version(&view->model, view->decision.version);
}

/* ---- words ---- */

Str steering_measure(struct request *req, const struct assumption *assumption)
{
    static const struct {
        const char *metric, *words;
    } names[] = {
        {"mentions", TR("posts")},
        {"authors", TR("different authors")},
        {"positive", TR("positive posts")},
        {"neutral", TR("neutral posts")},
        {"negative", TR("negative posts")},
        {"net_sentiment", TR("net sentiment")},
        {"replies_share", TR("share of replies")},
        {"engagement", TR("reactions")},
        {"reach", TR("reach")},
        {"share_of_voice", TR("share of voice")},
    };
    Str metric = assumption->rule.metric;

    if (assumption->rule.signal.len > 0)
        return assumption->rule.signal;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(metric, str_from_cstr(names[i].metric)))
            return request_tr(req, names[i].words);
    return metric;
}

static bool is_share(const struct assumption *assumption)
{
    Str metric = assumption->rule.metric;

    return assumption->rule.aggregate == AGGREGATE_GROWTH || str_eq(metric, S("replies_share")) ||
           str_eq(metric, S("share_of_voice"));
}

static bool is_net(const struct assumption *assumption)
{
    return str_eq(assumption->rule.metric, S("net_sentiment"));
}

Str steering_value(struct request *req, const struct assumption *assumption, double value)
{
    unsigned flags = is_share(assumption) ? RENDER_PERCENT : 0;

    if (!isfinite(value))
        return S("–");
    if (assumption->rule.aggregate == AGGREGATE_GROWTH)
        flags |= RENDER_SIGN;
    return render_double_str(&req->arena, req->env.language, value,
                             is_net(assumption)     ? 2
                             : is_share(assumption) ? 0
                             : fabs(value) < 10     ? -1
                                                    : 0,
                             is_net(assumption) ? RENDER_SIGN : flags);
}

Str steering_money(struct request *req, const struct strategy_view *view, double amount)
{
    const struct company *company = model_company(&view->model);
    Str number = render_double_str(&req->arena, req->env.language, amount, 1, RENDER_SHORT);

    return isfinite(amount) ? arena_printf(&req->arena, STR_F "\u00a0" STR_F, STR_A(number),
                                           STR_A(company ? company->currency : S("EUR")))
                            : S("–");
}

static Str whole(struct request *req, int64_t number)
{
    return render_double_str(&req->arena, req->env.language, (double)number, 0, 0);
}

Str steering_rule(struct request *req, const struct assumption *a)
{
    static const char *const least[] = {
        [AGGREGATE_MEAN] = TR("Mean {measure} of {days} days at least {threshold}; broken after "
                              "{persistence} days in a row"),
        [AGGREGATE_PER_DAY] = TR("At least {threshold} {measure} a day over {days} days; broken "
                                 "after {persistence} days in a row"),
        [AGGREGATE_SUM] = TR("At least {threshold} {measure} in {days} days; broken after "
                             "{persistence} days in a row"),
        [AGGREGATE_GROWTH] = TR("Growth of {measure} against the {days} days before at least "
                                "{threshold}; broken after {persistence} days in a row"),
    };
    static const char *const most[] = {
        [AGGREGATE_MEAN] = TR("Mean {measure} of {days} days at most {threshold}; broken after "
                              "{persistence} days in a row"),
        [AGGREGATE_PER_DAY] = TR("At most {threshold} {measure} a day over {days} days; broken "
                                 "after {persistence} days in a row"),
        [AGGREGATE_SUM] = TR("At most {threshold} {measure} in {days} days; broken after "
                             "{persistence} days in a row"),
        [AGGREGATE_GROWTH] = TR("Growth of {measure} against the {days} days before at most "
                                "{threshold}; broken after {persistence} days in a row"),
    };
    const struct assumption_rule *r = &a->rule;
    const struct text_argument arguments[] = {
        {"measure", steering_measure(req, a)},
        {"days", whole(req, r->window_days)},
        {"threshold", steering_value(req, a, r->threshold)},
        {"persistence", whole(req, r->persistence)},
    };

    if (!a->has_rule)
        return request_tr(req, TR("No rule yet: nobody can see when it breaks."));
    return method_fill(&req->arena,
                       request_tr(req, r->comparator == COMPARE_AT_LEAST ? least[r->aggregate]
                                                                         : most[r->aggregate]),
                       arguments, COUNT_OF(arguments));
}

Str steering_address(struct request *req, Str assumption)
{
    return request_url(req, "steering/" STR_F, STR_A(assumption));
}

Str steering_posts(struct request *req, const struct assumption *a, int64_t to_ms)
{
    int64_t from_ms = to_ms - a->rule.window_days * ASSUMPTION_STEP_MS;

    return a->query.len == 0 ? STR_NONE
                             : request_url(req, "search?query=" STR_F "&from=%lld&to=%lld",
                                           STR_A(a->query), (long long)from_ms, (long long)to_ms);
}

/* ---- the rule over stored days ---- */

static bool find_signal(struct request *req, const struct assumption *a, struct signal *out,
                        bool *is_there, struct err *err)
{
    struct db *db = req->workspace->state;
    struct signal_key_source keys = steer_signal_keys(db);
    Str key = a->rule.signal;
    struct err missing = {0};

    *is_there = false;
    if (key.len == 0 &&
        (a->query.len == 0 || !keys.find(keys.user, &req->arena, a->query, a->rule.metric, &key)))
        return true;
    *is_there = signal_find(&req->arena, db, key, out, &missing);
    if (*is_there || missing.code == ERR_NOT_FOUND)
        return true;
    *err = missing;
    return false;
}

static bool read_readings(struct request *req, int64_t days, struct watched *w, struct err *err)
{
    struct db *db = req->workspace->state;
    struct signal_key_source keys = steer_signal_keys(db);
    struct signal signal;
    struct signal_point last;
    bool is_there, has_point;

    if (!w->assumption->has_rule)
        return true;
    if (!find_signal(req, w->assumption, &signal, &is_there, err))
        return false;
    if (!is_there)
        return true;
    w->signal = signal.key;
    if (!signal_read_last(db, signal.id, &last, &has_point, err))
        return false;
    if (!has_point)
        return true;
    /* Only whole days: an armed assumption is not looked at further than that either. */
    int64_t to_ms = w->assumption->evaluated_to_ms > 0 ? w->assumption->evaluated_to_ms
                                                       : last.start_ms + ASSUMPTION_STEP_MS;
    if (!assumption_backtest(db, &req->arena, w->assumption, &keys,
                             to_ms - days * ASSUMPTION_STEP_MS, to_ms, &w->readings, &w->count,
                             err))
        return false;
    for (size_t i = w->count; i-- > 0 && !w->last;)
        if (isfinite(w->readings[i].value))
            w->last = &w->readings[i];
    return true;
}

static bool find_review(struct request *req, Str assumption, int64_t *id, struct err *err)
{
    const struct review_note *notes;
    size_t count;

    if (!review_list(req->workspace->state, &req->arena, true, 200, &notes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (notes[i].kind == REVIEW_ASSUMPTION_BROKEN && str_eq(notes[i].object_id, assumption))
            *id = notes[i].id;
    return true;
}

bool steering_watch(struct request *req, const struct strategy_view *view,
                    const struct assumption *assumption, int64_t days, struct watched *out,
                    struct err *err)
{
    *out = (struct watched){.assumption = assumption, .rule = steering_rule(req, assumption)};
    return assumption_dependants(&req->arena, &view->model, view->method, steering_adopted(view),
                                 assumption->id, &out->dependants, err) &&
           read_readings(req, days, out, err) &&
           find_review(req, assumption->id, &out->open_review, err);
}

static int urgency(const struct watched *w)
{
    static const int order[] = {[ASSUMPTION_BROKEN] = 0,
                                [ASSUMPTION_AT_RISK] = 1,
                                [ASSUMPTION_NO_DATA] = 2,
                                [ASSUMPTION_HOLDING] = 3,
                                [ASSUMPTION_UNARMED] = 4};

    return order[w->assumption->state] * 2 + (w->open_review == 0);
}

bool steering_watch_all(struct request *req, const struct strategy_view *view, int64_t days,
                        struct watched **out, size_t *count, struct err *err)
{
    size_t total = view->model.assumptions.count;

    *out = arena_new(&req->arena, struct watched, total + 1);
    *count = total;
    for (size_t i = 0; i < total; i++)
        if (!steering_watch(req, view, &view->model.assumptions.items[i], days, &(*out)[i], err))
            return false;
    for (size_t i = 1; i < total; i++) /* a handful: insertion keeps equal ones in order */
        for (size_t j = i; j > 0 && urgency(&(*out)[j]) < urgency(&(*out)[j - 1]); j--) {
            struct watched swap = (*out)[j];
            (*out)[j] = (*out)[j - 1];
            (*out)[j - 1] = swap;
        }
    return true;
}

/* ---- the line ---- */

static void put_points(struct chart *chart, const struct watched *w)
{
    json_set_array(&chart->json, "points");
    for (size_t i = 0; i < w->count; i++)
        chart_point(chart, (double)w->readings[i].at_ms, w->readings[i].value);
    json_end_array(&chart->json);
}

static void put_broken(struct json_writer *json, const struct watched *w)
{
    json_set_array(json, "shade");
    for (size_t i = 0; i < w->count; i++) {
        size_t from = i;
        while (i < w->count && w->readings[i].state == ASSUMPTION_BROKEN)
            i++;
        if (i == from)
            continue;
        json_begin_object(json);
        json_set_i64(json, "from", w->readings[from].at_ms);
        json_set_i64(json, "to", w->readings[i - 1].at_ms);
        json_end_object(json);
    }
    json_end_array(json);
}

static const char *line_color(enum assumption_state state)
{
    return state == ASSUMPTION_BROKEN    ? "red"
           : state == ASSUMPTION_AT_RISK ? "c3"
           : state == ASSUMPTION_HOLDING ? "c1"
                                         : "c8";
}

bool steering_breaks(struct chart *chart, const struct watched *w, struct err *err)
{
    return w->count == 0 || w->signal.len == 0 ||
           chart_breaks(chart, &w->signal, 1, w->readings[0].at_ms - ASSUMPTION_STEP_MS,
                        w->readings[w->count - 1].at_ms, err);
}

bool steering_spark(struct request *req, const struct watched *w, struct tpl_chart *out,
                    struct err *err)
{
    struct chart chart;

    chart_begin(&chart, req, "spark", w->assumption->statement, request_tr(req, TR("Day")));
    chart_size(&chart, "spark");
    chart_column(&chart, steering_measure(req, w->assumption), true);
    put_points(&chart, w);
    json_set_str(&chart.json, "color", str_from_cstr(line_color(w->assumption->state)));
    json_set_str(&chart.json, "unit",
                 is_net(w->assumption)     ? S("net")
                 : is_share(w->assumption) ? S("share")
                                           : S("posts"));
    json_set_f64(&chart.json, "line", w->assumption->rule.threshold);
    put_broken(&chart.json, w);
    bool ok = steering_breaks(&chart, w, err);
    *out = *chart_end(&chart);
    return ok;
}

/* ---- stress ---- */

bool steering_stress(struct request *req, const struct strategy_view *view, Str assumption,
                     struct stress *out, struct err *err)
{
    struct db *db = req->workspace->state;
    const struct strategy_version *adopted = steering_adopted(view);
    struct simulation_result failed;

    *out = (struct stress){.p50 = NAN, .p50_failed = NAN, .loss = NAN, .loss_failed = NAN};
    if (!adopted)
        return true;
    if (adopted->simulation.id != 0) {
        out->p50 = adopted->simulation.p50;
        out->loss = adopted->simulation.probability_of_loss;
    }
    if (!simulation_latest_failed(db, &req->arena, adopted->id, assumption, &failed, err))
        return false;
    const struct simulated_version *v =
        failed.id != 0 ? simulation_version(&failed, adopted->id) : NULL;
    if (v) {
        out->p50_failed = v->p50;
        out->loss_failed = v->probability_of_loss;
        out->id_failed = failed.id;
        out->at_ms = failed.at_ms;
        out->trials = failed.trials;
    }
    return true;
}
