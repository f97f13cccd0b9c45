/* page_bridge.c - home: is the strategy still true, what changed, what is next. */
#include <math.h>

#include "ledger/ledger.h"
#include "listen/measure/spike_store.h"
#include "strategy/rating/rating.h"
#include "strategy/steering/assumption.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/action_name.h"
#include "web/view/break_view.h"
#include "web/view/explained_view.h"
#include "web/view/market_view.h"
#include "web/view/search_view.h"
#include "web/view/steering_view.h"

enum {
    ASSUMPTIONS_SHOWN = 6,
    SPIKES_SHOWN = 3,
    CHANGES_SHOWN = 3,
    CHANGES_READ = 200,
    REVIEWS_SHOWN = 2,
    GATES_SHOWN = 3,
    TOPICS_SHOWN = 4,
    WEEKS_SHOWN = 10
};

/* Worst first: what needs somebody stands on top. */
static int urgency(enum assumption_state state)
{
    static const int order[] = {[ASSUMPTION_BROKEN] = 0,
                                [ASSUMPTION_AT_RISK] = 1,
                                [ASSUMPTION_NO_DATA] = 2,
                                [ASSUMPTION_HOLDING] = 3,
                                [ASSUMPTION_UNARMED] = 4};

    return order[state];
}

static Str state_class(enum assumption_state state)
{
    static const char *const words[] = {[ASSUMPTION_UNARMED] = "unarmed",
                                        [ASSUMPTION_HOLDING] = "holding",
                                        [ASSUMPTION_AT_RISK] = "at-risk",
                                        [ASSUMPTION_BROKEN] = "broken",
                                        [ASSUMPTION_NO_DATA] = "no-data"};

    return str_from_cstr(words[state]);
}

static void fill_assumptions(struct request *req, const struct strategy_view *view,
                             struct tpl_bridge *c)
{
    size_t count = view->model.assumptions.count, shown = 0;
    struct tpl_bridge_assumption *items =
        arena_new(&req->arena, struct tpl_bridge_assumption, count + 1);

    for (int level = 0; level <= 4; level++)
        for (size_t i = 0; i < count && shown < ASSUMPTIONS_SHOWN; i++) {
            const struct assumption *a = &view->model.assumptions.items[i];
            if (urgency(a->state) != level)
                continue;
            items[shown++] = (struct tpl_bridge_assumption){
                .statement = a->statement,
                .state =
                    strategy_word(view, "assumption_state", &words_assumption_state, (int)a->state),
                .state_word = state_class(a->state),
                .link = request_url(req, "steering#assumption-" STR_F, STR_A(a->id)),
                .rule = a->has_rule ? steering_rule(req, a) : STR_NONE,
                .since = a->since_ms,
                .has_since = a->since_ms != 0,
            };
        }
    for (size_t i = 0; i < count; i++) {
        enum assumption_state state = view->model.assumptions.items[i].state;
        c->holding += state == ASSUMPTION_HOLDING;
        c->at_risk += state == ASSUMPTION_AT_RISK;
        c->broken += state == ASSUMPTION_BROKEN;
        c->no_data += state == ASSUMPTION_NO_DATA;
        c->unarmed += state == ASSUMPTION_UNARMED;
    }
    c->assumptions.items = items;
    c->assumptions.count = shown;
}

static void set_verdict(struct request *req, struct tpl_bridge *c)
{
    bool is_bad = c->broken > 0, is_shaky = c->at_risk > 0 || c->review_count > 0;

    if (!c->has_decision) {
        c->verdict = request_tr(req, TR("open"));
        c->verdict_word = S("open");
        return;
    }
    c->verdict = request_tr(req, is_bad           ? TR("no longer")
                                 : c->at_risk > 0 ? TR("at risk")
                                 : is_shaky       ? TR("look again")
                                                  : TR("holds"));
    c->verdict_word = is_bad ? S("bad") : is_shaky ? S("shaky") : S("good");
}

static bool fill_decision(struct request *req, const struct strategy_view *view,
                          struct tpl_bridge *c)
{
    c->has_decision = view->decision.id != 0;
    c->has_strategy = view->model.companies.count > 0;
    c->version_name = view->decision.version_name;
    c->decided_at = view->decision.signed_at_ms;
    c->signed_by = view->decision.signed_name;
    c->market = request_url(req, "market");
    c->steering = request_url(req, "steering");
    c->decision = request_url(req, "decision");
    c->topics_link = request_url(req, "topics");
    c->ledger = request_url(req, "ledger");
    c->may_view_ledger = request_may(req, MAY_VIEW_LEDGER);
    return true;
}

static bool fill_reviews(struct request *req, const struct strategy_view *view,
                         struct tpl_bridge *c, struct err *err)
{
    const struct review_note *notes;
    size_t count;

    if (!review_list(req->workspace->state, &req->arena, true, 100, &notes, &count, err))
        return false;
    size_t shown = count < REVIEWS_SHOWN ? count : REVIEWS_SHOWN;
    struct tpl_bridge_review *items = arena_new(&req->arena, struct tpl_bridge_review, shown + 1);
    for (size_t i = 0; i < shown; i++)
        items[i] = (struct tpl_bridge_review){
            .text = model_label(&view->model, notes[i].object, notes[i].object_id),
            .at = notes[i].opened_at_ms,
            .link = notes[i].kind == REVIEW_RATING_DRIFT
                        ? request_url(req, "topics/" STR_F, STR_A(notes[i].object_id))
                        : request_url(req, "steering#review-%lld", (long long)notes[i].id),
            .kind = request_tr(req, notes[i].kind == REVIEW_RATING_DRIFT ? TR("rating")
                                                                         : TR("assumption")),
        };
    c->reviews.items = items;
    c->reviews.count = shown;
    c->review_count = (int64_t)count;
    return true;
}

static void fill_gates(struct request *req, const struct strategy_view *view, struct tpl_bridge *c)
{
    struct tpl_bridge_gate *items =
        arena_new(&req->arena, struct tpl_bridge_gate, view->gate_count + 1);
    size_t shown = 0;

    for (size_t i = 0; i < view->gate_count && shown < GATES_SHOWN; i++) {
        const struct gate *g = &view->gates[i];
        if (g->state != GATE_OPEN || g->step < 0 || g->step > 9)
            continue;
        items[shown++] = (struct tpl_bridge_gate){
            .name = g->name,
            .missing = g->missing.count > 0 ? g->missing.items[0] : g->demand,
            .link = strategy_step_address(req, g->step),
            .number = g->step,
        };
    }
    c->gates.items = items;
    c->gates.count = shown;
}

static void fill_topics(struct request *req, const struct strategy_view *view, struct tpl_bridge *c)
{
    struct tpl_bridge_topic *items = arena_new(&req->arena, struct tpl_bridge_topic, TOPICS_SHOWN);
    size_t shown = 0;

    for (size_t i = 0; i < view->model.topics.count && shown < TOPICS_SHOWN; i++) {
        const struct topic *t = &view->model.topics.items[i];
        if (t->affinity < 0 && t->proposal && t->proposal->affinity >= 0)
            items[shown++] = (struct tpl_bridge_topic){
                .name = t->name,
                .link = request_url(req, "topics/" STR_F, STR_A(t->id)),
                .proposed = strategy_affinity(req, view, t->proposal->affinity),
            };
    }
    c->topics.items = items;
    c->topics.count = shown;
}

/* ---- the market ---- */

static bool volume_chart(struct request *req, const struct standing_query *q,
                         const struct market_series *s, struct tpl_chart *out, struct err *err)
{
    struct chart chart;

    market_posts_begin(&chart, req, "area");
    market_posts_series(&chart, s);
    json_set_i64(&chart.json, "step", DAY_MS);
    json_set_str(&chart.json, "open",
                 request_url(req, "search?query=" STR_F "&from={from}&to={to}", STR_A(q->name)));
    bool ok = chart_breaks_of(&chart, q->id, "mentions", "day", s->from_ms, s->to_ms, err);
    *out = *chart_end(&chart);
    return ok;
}

static bool fill_market(struct request *req, struct tpl_bridge *c,
                        const struct standing_query *list, size_t count, struct err *err)
{
    const struct standing_query *own;
    struct market_series s;

    if (count == 0)
        return true;
    if (!market_query_choose(req, STR_NONE, list, count, &own, err) ||
        !market_series_read(req, own->id, WEEKS_SHOWN * 7, 0, &s, err))
        return false;
    c->net = NAN;
    c->has_posts = s.is_measured;
    if (!s.is_measured)
        return true;
    size_t week = s.count > 7 ? s.count - 7 : 0, before = week > 7 ? week - 7 : 0;
    struct market_sum now = market_sum_of(&s, week, s.count),
                      then = market_sum_of(&s, before, week);
    c->posts_week = (int64_t)now.mentions;
    c->has_posts_change = then.mentions > 0;
    c->posts_change = then.mentions > 0 ? now.mentions / then.mentions - 1 : (double)NAN;
    c->net = now.net_sentiment;
    c->posts_to = s.to_ms - DAY_MS;
    return volume_chart(req, own, &s, &c->volume, err);
}

static Str query_title(const struct standing_query *list, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return market_query_title(&list[i]);
    return STR_NONE;
}

static bool fill_spikes(struct request *req, struct tpl_bridge *c,
                        const struct standing_query *list, size_t query_count, struct err *err)
{
    struct spike *spikes;
    size_t count;

    if (!spikes_list(&req->arena, req->workspace->state, 0, INT64_MIN / 2, INT64_MAX / 2,
                     SPIKES_SHOWN, &spikes, &count, err))
        return false;
    struct tpl_bridge_spike *items = arena_new(&req->arena, struct tpl_bridge_spike, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_bridge_spike){
            .at = spikes[i].start_ms,
            .severity = spikes[i].severity,
            .query = query_title(list, query_count, spikes[i].query),
            .terms = explained_words(req, spikes[i].explanation),
            .link = request_url(req, "spikes/%lld", (long long)spikes[i].id),
        };
    c->spikes.items = items;
    c->spikes.count = count;
    return true;
}

/* People know a thing by its title; what has none is named by kind and id. */
static Str changed_object(struct request *req, const struct strategy_view *view,
                          const struct ledger_entry *entry)
{
    int kind;

    if (entry->object_id.len == 0)
        return say_word(req, entry->object_kind);
    if (word_find(&words_object_kind, entry->object_kind, &kind))
        return model_label(&view->model, (enum object_kind)kind, entry->object_id);
    return arena_printf(&req->arena, STR_F " " STR_F, STR_A(say_word(req, entry->object_kind)),
                        STR_A(entry->object_id));
}

static bool fill_changes(struct request *req, const struct strategy_view *view,
                         struct tpl_bridge *c, struct err *err)
{
    struct ledger_filter filter = {.count_max = CHANGES_READ};
    struct ledger_entry *entries;
    size_t count;

    if (!c->may_view_ledger)
        return true;
    if (!ledger_list(&req->arena, req->workspace->state, &filter, &entries, &count, err))
        return false;
    struct tpl_bridge_change *items =
        arena_new(&req->arena, struct tpl_bridge_change, CHANGES_SHOWN);
    size_t shown = 0;
    for (size_t i = 0; i < count && shown < CHANGES_SHOWN; i++) {
        if (str_starts(entries[i].action, S("import.")) || str_eq(entries[i].actor, S("system")))
            continue; /* what the program does by itself is in the ledger, not here */
        items[shown++] = (struct tpl_bridge_change){
            .at = entries[i].at_ms,
            .actor = entries[i].actor,
            .action = action_name(req, entries[i].action),
            .object = changed_object(req, view, &entries[i]),
            .link = request_url(req, "ledger#entry-%lld", (long long)entries[i].seq),
        };
    }
    c->changes.items = items;
    c->changes.count = shown;
    return true;
}

/* A workspace without a query hears nothing: what to do first. */
static void fill_first_steps(struct request *req, size_t query_count, struct tpl_bridge *c)
{
    c->is_fresh = query_count == 0 && request_may(req, MAY_IMPORT);
    c->imports = request_url(req, "imports");
    c->new_query = request_url(req, "queries/new");
    c->sources = request_url(req, "sources");
}

bool page_bridge(struct request *req, struct err *err)
{
    struct strategy_view *view = arena_new(&req->arena, struct strategy_view, 1);
    struct tpl_bridge *c = arena_new(&req->arena, struct tpl_bridge, 1);
    struct page_head head = {.current = "bridge", .title = TR("Bridge")};
    struct standing_query *list;
    size_t count;

    if (!strategy_view_read(req, view, err) || !fill_decision(req, view, c) ||
        !standing_query_list(&req->arena, req->workspace->state, &list, &count, err) ||
        !fill_reviews(req, view, c, err) || !fill_market(req, c, list, count, err) ||
        !fill_spikes(req, c, list, count, err) || !fill_changes(req, view, c, err))
        return false;
    fill_assumptions(req, view, c);
    fill_topics(req, view, c);
    if (!c->has_decision)
        fill_gates(req, view, c);
    set_verdict(req, c);
    head.notice_count = c->review_count;
    fill_first_steps(req, count, c);
    PAGE(req, &head, bridge, c);
    return true;
}

/* ---- the command palette ---- */

static void put_entry(struct request *req, struct json_writer *w, Str label, const char *kind,
                      Str link)
{
    if (label.len == 0)
        return;
    json_begin_object(w);
    json_set_str(w, "label", label);
    json_set_str(w, "kind", request_tr(req, kind));
    json_set_str(w, "link", link);
    json_end_object(w);
}

bool page_palette(struct request *req, struct err *err)
{
    struct strategy_model model;
    struct standing_query *list;
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view *views;
    struct json_writer w;
    size_t count, view_count;

    if (!store_read(req->workspace->state, &req->arena, &model, err) ||
        !standing_query_list(&req->arena, req->workspace->state, &list, &count, err) ||
        !saved_view_list(&req->arena, req->workspace->state, &reader, &views, &view_count, err))
        return false;
    req->content_type = S("application/json");
    json_writer_init(&w, &req->html.out, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < model.topics.count; i++)
        put_entry(req, &w, model.topics.items[i].name, TR("Topic"),
                  request_url(req, "topics/" STR_F, STR_A(model.topics.items[i].id)));
    for (size_t i = 0; i < model.options.count; i++)
        put_entry(req, &w, model.options.items[i].name, TR("Option"),
                  request_url(req, "edit/option/" STR_F, STR_A(model.options.items[i].id)));
    for (size_t i = 0; i < model.versions.count; i++)
        put_entry(req, &w, model.versions.items[i].name, TR("Alternative"),
                  request_url(req, "versions/" STR_F, STR_A(model.versions.items[i].id)));
    for (size_t i = 0; i < count; i++)
        put_entry(req, &w, market_query_title(&list[i]), TR("Query"),
                  request_url(req, "queries/" STR_F, STR_A(list[i].name)));
    for (size_t i = 0; i < view_count; i++)
        put_entry(req, &w, views[i].name, TR("View"),
                  request_url(req, "search?view=%lld", (long long)views[i].id));
    json_end_array(&w);
    return true;
}
