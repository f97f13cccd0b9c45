#include "web/view/label_view.h"

#include <math.h>

#include "listen/archive/archive.h"

static const char *const dots[LABEL_MOODS] = {"negative", "neutral", "positive"};

Str label_view_verdict(struct request *req, enum label_verdict verdict)
{
    switch (verdict) {
    case LABEL_NEGATIVE:
        return request_tr(req, TR("negative"));
    case LABEL_NEUTRAL:
        return request_tr(req, TR("neutral"));
    case LABEL_POSITIVE:
        return request_tr(req, TR("positive"));
    case LABEL_OFF_TOPIC:
        return request_tr(req, TR("not about this"));
    case LABEL_UNSURE:
        return request_tr(req, TR("cannot tell"));
    }
    UNREACHABLE("verdict");
}

Str label_view_mood(struct request *req, enum post_polarity mood)
{
    return mood == POST_POLARITY_UNKNOWN ? request_tr(req, TR("nothing"))
                                         : label_view_verdict(req, (enum label_verdict)mood);
}

static Str why_not(struct request *req, enum prevalence_answer answer)
{
    switch (answer) {
    case PREVALENCE_TOO_FEW:
        return request_tr(req, TR("Too few labels to correct the shares: at least 50 are needed."));
    case PREVALENCE_CLASS_FEW:
        return request_tr(req, TR("Too few labels of one mood to correct the shares: at least 5 of "
                                  "each are needed. A stratified sample finds rare moods."));
    case PREVALENCE_INDISTINCT:
        return request_tr(req, TR("The machine's moods say too little about these posts to correct "
                                  "the shares."));
    case PREVALENCE_UNCOUNTED:
        return request_tr(req, TR("No posts in this window."));
    case PREVALENCE_GOOD:
        break;
    }
    return STR_NONE;
}

static void fill_shares(struct request *req, const struct prevalence *p, const double *counted,
                        double all, struct tpl_measured *out)
{
    struct tpl_measured_share *items =
        arena_new(&req->arena, struct tpl_measured_share, LABEL_MOODS);

    for (int c = 0; c < LABEL_MOODS; c++)
        items[c] = (struct tpl_measured_share){
            .name = label_view_verdict(req, (enum label_verdict)(c - 1)),
            .dot = str_from_cstr(dots[c]),
            .counted = counted[c] / all,
            .value = p->shares[c].value,
            .low = p->shares[c].low,
            .high = p->shares[c].high,
        };
    out->is_corrected = true;
    out->shares.items = items;
    out->shares.count = LABEL_MOODS;
    out->net = p->net.value;
    out->net_low = p->net.low;
    out->net_high = p->net.high;
    double moods = counted[0] + counted[2];
    out->net_counted = moods > 0 ? (counted[2] - counted[0]) / moods : (double)NAN;
}

void label_view_fill(struct request *req, const struct standing_query *query,
                     const struct label_report *r, const double counted[LABEL_MOODS],
                     struct tpl_measured *out)
{
    double all = counted[0] + counted[1] + counted[2];
    struct prevalence p;

    *out = (struct tpl_measured){
        .is_measured = r->usable > 0,
        .labels = (int64_t)r->usable,
        .accuracy = r->confusion.accuracy.value,
        .low = r->confusion.accuracy.low,
        .high = r->confusion.accuracy.high,
        .maker = r->maker,
        .corrections = r->corrections,
        .is_stale = !r->is_current,
        .mentions = (int64_t)all,
        .report = request_url(req, "queries/" STR_F "/labels", STR_A(query->name)),
    };
    if (!out->is_measured)
        return;
    enum prevalence_answer answer = label_shares(r, counted, &p);
    if (answer == PREVALENCE_GOOD)
        fill_shares(req, &p, counted, all, out);
    else
        out->why = why_not(req, answer);
}

bool label_view_measured(struct request *req, const struct standing_query *query,
                         const double counted[LABEL_MOODS], struct tpl_measured *out,
                         struct err *err)
{
    struct label_report report;

    if (!label_report_read(&req->arena, req->workspace->state, query->id, 0, &report, err))
        return false;
    label_view_fill(req, query, &report, counted, out);
    return true;
}

void label_view_counts(const struct market_sum *sum, double counted[LABEL_MOODS])
{
    counted[0] = sum->negative;
    counted[1] = fmax(0, sum->mentions - sum->negative - sum->positive);
    counted[2] = sum->positive;
}

bool label_view_window(struct request *req, Str name, int64_t from_ms, int64_t to_ms,
                       struct tpl_measured **out, struct err *err)
{
    int64_t days = (to_ms - from_ms + DAY_MS - 1) / DAY_MS;
    struct market_series series;
    struct standing_query query;
    struct err missing = {0};
    double counted[LABEL_MOODS];

    *out = NULL;
    if (!standing_query_find(&req->arena, req->workspace->state, name, &query, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    if (!market_series_read(req, query.id, days, to_ms, &series, err))
        return false;
    struct market_sum sum = market_sum_of(&series, 0, series.count);
    label_view_counts(&sum, counted);
    *out = arena_new(&req->arena, struct tpl_measured, 1);
    return label_view_measured(req, &query, counted, *out, err);
}

static bool explain(struct request *req, struct tokenizer *words, struct post_tokens *tokens,
                    const struct standing_query *query, const struct archived_post *post,
                    struct query_explanation *out, struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct query_problems problems = {0};
    struct query parsed;
    bool ok = post_tokens_fill(tokens, &post->post, err) &&
              query_parse(&req->arena, words, query->text, query->name, &resolver, &parsed,
                          &problems, err) &&
              problems.error_count == 0;

    query_problems_deinit(&problems);
    tokens->lang = post->lang_found;
    tokens->polarity = post->polarity;
    return ok && query_explain(&req->arena, &parsed, &post->post, tokens, out, err);
}

const struct query_explanation *label_view_explain(struct request *req,
                                                   const struct standing_query *query,
                                                   const struct archived_post *post)
{
    struct query_explanation *out = arena_new(&req->arena, struct query_explanation, 1);
    struct tokenizer *words = NULL;
    struct post_tokens tokens = {0};
    struct err ignored = {0};

    bool ok = tokenizer_create(&words, &ignored) && post_tokens_init(&tokens, &ignored) &&
              explain(req, words, &tokens, query, post, out, &ignored);
    post_tokens_deinit(&tokens);
    tokenizer_destroy(&words);
    return ok ? out : NULL;
}
