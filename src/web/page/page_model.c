/* page_model.c - the business model: canvas, requirement profile, change profile, goals, rivals. */
#include <math.h>

#include "listen/archive/archive.h"
#include "web/page/pages.h"
#include "web/view/market_view.h"
#include "web/view/strategy_view.h"

enum { RIVAL_WINDOW_DAYS = 60 };

struct model_page {
    struct request *req;
    struct strategy_view view;
    const struct strategy_version *adopted; /* NULL: nothing decided */
    bool may_edit;
};

static Str edit_address(struct request *req, const char *kind, Str id)
{
    return request_url(req, "edit/%s/" STR_F, kind, STR_A(id));
}

static Str block_name(const struct model_page *p, enum business_block block)
{
    return strategy_word(&p->view, "block", &words_block, (int)block);
}

/* ---- what refers to an element ---- */

static int64_t options_of(const struct model_page *p, Str element)
{
    int64_t count = 0;

    for (size_t i = 0; i < p->view.model.options.count; i++)
        count += str_list_has(p->view.model.options.items[i].elements, element);
    return count;
}

static int64_t topics_of(const struct model_page *p, Str element)
{
    int64_t count = 0;

    for (size_t i = 0; i < p->view.model.topics.count; i++)
        count += str_list_has(p->view.model.topics.items[i].origins, element);
    return count;
}

static bool is_adopted(const struct model_page *p, Str element)
{
    for (size_t i = 0; p->adopted && i < p->view.model.options.count; i++) {
        const struct strategy_option *o = &p->view.model.options.items[i];
        if (str_list_has(o->elements, element) && version_has(p->adopted, o->id))
            return true;
    }
    return false;
}

/* ---- the canvas ---- */

static void fill_marks(struct model_page *p, Str element, struct tpl_model_element *out)
{
    size_t count = p->view.model.change_notes.count;
    struct tpl_model_mark *items = arena_new(&p->req->arena, struct tpl_model_mark, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct change_note *n = &p->view.model.change_notes.items[i];
        if (str_eq(n->element, element))
            items[out->marks.count++] =
                (struct tpl_model_mark){word_of(&words_chance, (int)n->kind), n->strength};
    }
    out->marks.items = items;
}

static void fill_choices(struct model_page *p, enum business_block chosen,
                         struct tpl_model_element *out)
{
    struct tpl_model_block_choice *items =
        arena_new(&p->req->arena, struct tpl_model_block_choice, BLOCK_COUNT);

    for (int b = 0; b < BLOCK_COUNT; b++)
        items[b] = (struct tpl_model_block_choice){
            word_of(&words_block, b), block_name(p, (enum business_block)b), b == (int)chosen};
    out->blocks.items = items;
    out->blocks.count = BLOCK_COUNT;
}

static struct tpl_model_element element_of(struct model_page *p, const struct business_element *e)
{
    struct tpl_model_element out = {
        .id = e->id,
        .text = e->text,
        .requirement = e->requirement,
        .note = e->note,
        .is_supported = e->is_supported,
        .revision = e->revision,
        .options = options_of(p, e->id),
        .topics = topics_of(p, e->id),
        .action = edit_address(p->req, "element", e->id),
        .edit = edit_address(p->req, "element", e->id),
    };

    out.has_gap = e->is_supported && out.options == 0;
    fill_marks(p, e->id, &out);
    fill_choices(p, e->block, &out);
    return out;
}

static void fill_canvas(struct model_page *p, struct tpl_model *c)
{
    struct request *req = p->req;
    struct tpl_model_block *blocks = arena_new(&req->arena, struct tpl_model_block, BLOCK_COUNT);
    struct tpl_model_element *elements[BLOCK_COUNT];
    size_t total = p->view.model.elements.count;

    for (int b = 0; b < BLOCK_COUNT; b++) {
        Str word = word_of(&words_block, b);
        blocks[b] = (struct tpl_model_block){
            .word = word,
            .name = block_name(p, (enum business_block)b),
            .is_worked = b < BLOCK_WORKED_COUNT,
            .add = request_url(req, "edit/element/new?block=" STR_F "&is_supported=1", STR_A(word)),
        };
        elements[b] = arena_new(&req->arena, struct tpl_model_element, total + 1);
        blocks[b].elements.items = elements[b];
    }
    for (size_t i = 0; i < total; i++) {
        const struct business_element *e = &p->view.model.elements.items[i];
        elements[e->block][blocks[e->block].elements.count++] = element_of(p, e);
        c->worked_count += e->block < BLOCK_WORKED_COUNT;
    }
    c->blocks.items = blocks;
    c->blocks.count = BLOCK_COUNT;
    c->elements_count = (int64_t)total;
}

/* ---- requirement profile ---- */

static void fill_need_links(struct model_page *p, Str element, struct tpl_model_need *out)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_model_link *topics =
        arena_new(&p->req->arena, struct tpl_model_link, m->topics.count + 1);
    struct tpl_model_link *options =
        arena_new(&p->req->arena, struct tpl_model_link, m->options.count + 1);

    for (size_t i = 0; i < m->topics.count; i++)
        if (str_list_has(m->topics.items[i].origins, element))
            topics[out->topics.count++] = (struct tpl_model_link){
                m->topics.items[i].name,
                request_url(p->req, "topics/" STR_F, STR_A(m->topics.items[i].id))};
    for (size_t i = 0; i < m->options.count; i++)
        if (str_list_has(m->options.items[i].elements, element))
            options[out->options.count++] = (struct tpl_model_link){
                m->options.items[i].name, edit_address(p->req, "option", m->options.items[i].id)};
    out->topics.items = topics;
    out->options.items = options;
}

static void fill_needs(struct model_page *p, struct tpl_model *c)
{
    size_t total = p->view.model.elements.count;
    struct tpl_model_need *items = arena_new(&p->req->arena, struct tpl_model_need, total + 1);

    for (size_t i = 0; i < total; i++) {
        const struct business_element *e = &p->view.model.elements.items[i];
        if (e->requirement.len == 0)
            continue;
        struct tpl_model_need *need = &items[c->needs.count++];
        *need = (struct tpl_model_need){
            .element = e->text,
            .block = block_name(p, e->block),
            .text = e->requirement,
            .link = edit_address(p->req, "element", e->id),
            .is_gap = e->is_supported && options_of(p, e->id) == 0,
            .is_adopted = is_adopted(p, e->id),
        };
        fill_need_links(p, e->id, need);
        c->gaps += need->is_gap;
    }
    c->needs.items = items;
}

/* ---- change profile ---- */

static void fill_notes(struct model_page *p, Str element, int lever,
                       struct tpl_model_change_cell *cell)
{
    size_t total = p->view.model.change_notes.count;
    struct tpl_model_note *items = arena_new(&p->req->arena, struct tpl_model_note, total + 1);

    for (size_t i = 0; i < total; i++) {
        const struct change_note *n = &p->view.model.change_notes.items[i];
        if ((int)n->lever != lever || !str_eq(n->element, element))
            continue;
        items[cell->notes.count++] = (struct tpl_model_note){
            .effect = n->effect,
            .kind = strategy_word(&p->view, "chance", &words_chance, (int)n->kind),
            .kind_word = word_of(&words_chance, (int)n->kind),
            .strength = n->strength,
            .s1 = n->strength >= 1,
            .s2 = n->strength >= 2,
            .s3 = n->strength >= 3,
            .s4 = n->strength >= 4,
            .link = edit_address(p->req, "change_note", n->id),
        };
    }
    cell->notes.items = items;
}

static bool is_changed(const struct model_page *p, const struct business_element *e)
{
    for (size_t i = 0; i < p->view.model.change_notes.count; i++)
        if (str_eq(p->view.model.change_notes.items[i].element, e->id))
            return true;
    return false;
}

static void fill_changes(struct model_page *p, struct tpl_model *c)
{
    size_t levers = words_lever.count, total = p->view.model.elements.count;
    struct tpl_model_lever *names = arena_new(&p->req->arena, struct tpl_model_lever, levers);
    struct tpl_model_change_row *rows =
        arena_new(&p->req->arena, struct tpl_model_change_row, total + 1);

    for (size_t l = 0; l < levers; l++)
        names[l].name = strategy_word(&p->view, "lever", &words_lever, (int)l);
    for (size_t i = 0; i < total; i++) {
        const struct business_element *e = &p->view.model.elements.items[i];
        if (!is_changed(p, e))
            continue;
        struct tpl_model_change_row *row = &rows[c->changes.count++];
        struct tpl_model_change_cell *cells =
            arena_new(&p->req->arena, struct tpl_model_change_cell, levers);
        for (size_t l = 0; l < levers; l++) {
            Str lever = word_of(&words_lever, (int)l);
            cells[l].add =
                request_url(p->req, "edit/change_note/new?element=" STR_F "&lever=" STR_F,
                            STR_A(e->id), STR_A(lever));
            fill_notes(p, e->id, (int)l, &cells[l]);
        }
        *row = (struct tpl_model_change_row){.element = e->text,
                                             .link = edit_address(p->req, "element", e->id)};
        row->cells.items = cells;
        row->cells.count = levers;
    }
    c->levers.items = names;
    c->levers.count = levers;
    c->changes.items = rows;
}

/* ---- goals ---- */

static Str number_text(const struct model_page *p, double value)
{
    return isfinite(value) ? render_double_str(&p->req->arena, p->req->env.language, value, -1, 0)
                           : S("–");
}

static struct tpl_model_goal goal_of(struct model_page *p, const struct corporate_goal *g)
{
    struct tpl_model_goal out = {
        .text = g->text,
        .link = edit_address(p->req, "goal", g->id),
        .measure = g->measure,
        .baseline = number_text(p, g->baseline),
        .target = number_text(p, g->target),
        .unit = g->unit,
        .due = g->due,
        .owner = g->owner,
        .priority = word_of(&words_priority, (int)g->priority),
        .options_link = request_url(p->req, "options"),
    };
    double adopted = 0, all = 0;

    for (size_t i = 0; i < p->view.model.options.count; i++) {
        const struct strategy_option *o = &p->view.model.options.items[i];
        bool is_in = p->adopted && version_has(p->adopted, o->id);
        all += is_in ? o->benefit.likely : 0;
        if (!str_list_has(o->goals, g->id))
            continue;
        out.options++;
        adopted += is_in ? o->benefit.likely : 0;
        out.is_served = out.is_served || is_in;
    }
    if (out.is_served)
        out.adopted = strategy_money(p->req, &p->view, adopted);
    out.share = all > 0 ? adopted / all : 0;
    return out;
}

static void fill_goals(struct model_page *p, struct tpl_model *c)
{
    size_t count = p->view.model.goals.count;
    struct tpl_model_goal *items = arena_new(&p->req->arena, struct tpl_model_goal, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = goal_of(p, &p->view.model.goals.items[i]);
    c->goals.items = items;
    c->goals.count = count;
}

/* ---- competitors ---- */

static Str kinds_text(const struct model_page *p, unsigned kinds)
{
    Str out = STR_NONE;

    for (size_t i = 0; i < words_competitor_kind.count; i++)
        if (kinds & (1u << i)) {
            Str word = strategy_word(&p->view, "competitor_kind", &words_competitor_kind, (int)i);
            out = out.len == 0
                      ? word
                      : arena_printf(&p->req->arena, STR_F ", " STR_F, STR_A(out), STR_A(word));
        }
    return out;
}

static bool fill_posts(struct model_page *p, Str query, struct tpl_model_rival *out,
                       struct tpl_model *c, struct err *err)
{
    struct standing_query found;
    struct market_series series;
    struct err missing = {0};

    if (query.len == 0)
        return true;
    if (!standing_query_find(&p->req->arena, p->req->workspace->state, query, &found, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    if (!market_series_read(p->req, found.id, RIVAL_WINDOW_DAYS, 0, &series, err))
        return false;
    if (!series.is_measured)
        return true;
    struct market_sum sum = market_sum_of(&series, 0, series.count);
    out->is_measured = c->is_measured = true;
    out->posts = (int64_t)sum.mentions;
    out->net = sum.net_sentiment;
    out->coverage = sum.coverage;
    out->posts_link = request_url(p->req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(query),
                                  (long long)series.from_ms, (long long)series.to_ms);
    c->from = series.from_ms;
    c->to = series.to_ms - DAY_MS;
    return true;
}

static bool fill_rivals(struct model_page *p, struct tpl_model *c, struct err *err)
{
    size_t count = p->view.model.competitors.count;
    struct tpl_model_rival *items = arena_new(&p->req->arena, struct tpl_model_rival, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct competitor *r = &p->view.model.competitors.items[i];
        items[i] = (struct tpl_model_rival){
            .name = r->name,
            .link = edit_address(p->req, "competitor", r->id),
            .kinds = kinds_text(p, r->kinds),
            .note = r->note,
        };
        if (!fill_posts(p, r->query, &items[i], c, err))
            return false;
    }
    c->rivals.items = items;
    c->rivals.count = count;
    return true;
}

static Str activity_title(const struct model_page *p, const struct competitor_activity *a)
{
    Str reach = strategy_name(&p->view, "activity_reach", a->reach);
    const Str parts[] = {a->participation, a->motivation, a->channels,
                         reach.len > 0
                             ? arena_printf(&p->req->arena, STR_F ": " STR_F,
                                            STR_A(request_tr(p->req, TR("Reach"))), STR_A(reach))
                             : reach};
    Str out = strategy_word(&p->view, "format", &words_format, (int)a->format);

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].len > 0)
            out = out.len == 0 ? parts[i]
                               : arena_printf(&p->req->arena, STR_F " · " STR_F, STR_A(out),
                                              STR_A(parts[i]));
    return out;
}

static void fill_acts(struct model_page *p, Str topic, Str rival, struct tpl_model_act_cell *cell)
{
    size_t total = p->view.model.activities.count;
    struct tpl_model_act *items = arena_new(&p->req->arena, struct tpl_model_act, total + 1);

    for (size_t i = 0; i < total; i++) {
        const struct competitor_activity *a = &p->view.model.activities.items[i];
        if (!str_eq(a->topic, topic) || !str_eq(a->competitor, rival))
            continue;
        items[cell->acts.count++] = (struct tpl_model_act){
            .text = a->user_benefit,
            .strength = a->strength,
            .title = activity_title(p, a),
            .link = edit_address(p->req, "activity", a->id),
            .h1 = a->strength == 1,
            .h2 = a->strength == 2,
            .h3 = a->strength == 3,
            .h4 = a->strength >= 4,
        };
    }
    cell->acts.items = items;
    cell->add = request_url(p->req, "edit/activity/new?topic=" STR_F "&competitor=" STR_F,
                            STR_A(topic), STR_A(rival));
}

/* Basic topics and areas only group; rivals act in single topics. */
static void fill_activities(struct model_page *p, struct tpl_model *c)
{
    size_t topics = p->view.model.topics.count, rivals = p->view.model.competitors.count;
    struct tpl_model_act_row *rows =
        arena_new(&p->req->arena, struct tpl_model_act_row, topics + 1);

    for (size_t i = 0; i < topics; i++) {
        const struct topic *t = &p->view.model.topics.items[i];
        if (t->size != TOPIC_SINGLE)
            continue;
        struct tpl_model_act_row *row = &rows[c->activities.count++];
        struct tpl_model_act_cell *cells =
            arena_new(&p->req->arena, struct tpl_model_act_cell, rivals + 1);
        for (size_t r = 0; r < rivals; r++)
            fill_acts(p, t->id, p->view.model.competitors.items[r].id, &cells[r]);
        *row = (struct tpl_model_act_row){
            .topic = t->name,
            .link = request_url(p->req, "topics/" STR_F, STR_A(t->id)),
            .none_found = t->no_competitor_found,
        };
        row->cells.items = cells;
        row->cells.count = rivals;
    }
    c->activities.items = rows;
}

/* ---- company and team ---- */

static void fill_company(struct model_page *p, struct tpl_model *c)
{
    const struct company *company = model_company(&p->view.model);

    c->company_link = edit_address(p->req, "company", company ? S("company") : S("new"));
    if (!company)
        return;
    c->has_company = true;
    c->company = company->name;
    c->industry = company->industry;
    c->mandate = company->mandate;
    c->direction = strategy_word(&p->view, "direction", &words_direction, (int)company->direction);
    c->direction_reason = company->direction_reason;
    c->months = company->months;
    c->currency = company->currency;
}

static void fill_team(struct model_page *p, struct tpl_model *c)
{
    size_t count = p->view.model.team.count;
    struct tpl_model_person *items = arena_new(&p->req->arena, struct tpl_model_person, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct team_member *m = &p->view.model.team.items[i];
        items[i] = (struct tpl_model_person){
            .name = m->name,
            .role = m->role,
            .side =
                strategy_word(&p->view, "constituency", &words_constituency, (int)m->constituency),
            .side_word = word_of(&words_constituency, (int)m->constituency),
            .link = edit_address(p->req, "team_member", m->id),
        };
    }
    c->team.items = items;
    c->team.count = count;
}

/* What still stands before the step after this one. */
static void fill_missing(struct model_page *p, struct tpl_model *c)
{
    for (size_t i = 0; i < p->view.gate_count; i++)
        if (p->view.gates[i].step == 1 && p->view.gates[i].state == GATE_OPEN) {
            c->missing.items = p->view.gates[i].missing.items;
            c->missing.count = p->view.gates[i].missing.count;
        }
}

static void fill_addresses(struct model_page *p, struct tpl_model *c)
{
    c->add = request_url(p->req, "edit/element/new");
    c->add_person = request_url(p->req, "edit/team_member/new");
    c->add_change = request_url(p->req, "edit/change_note/new");
    c->add_goal = request_url(p->req, "edit/goal/new");
    c->add_rival = request_url(p->req, "edit/competitor/new");
    c->add_activity = request_url(p->req, "edit/activity/new");
    c->csrf = page_csrf(p->req);
    c->may_edit = p->may_edit;
    c->has_decision = p->adopted != NULL;
}

bool page_model(struct request *req, struct err *err)
{
    struct model_page *p = arena_new(&req->arena, struct model_page, 1);
    struct tpl_model *c = arena_new(&req->arena, struct tpl_model, 1);
    struct page_head head = {.current = "model", .title = TR("Business model")};

    p->req = req;
    p->may_edit = request_may(req, MAY_EDIT_MODEL);
    if (!strategy_view_read(req, &p->view, err))
        return false;
    if (p->view.decision.id != 0)
        p->adopted = model_version(&p->view.model, p->view.decision.version);
    fill_company(p, c);
    fill_team(p, c);
    fill_missing(p, c);
    fill_canvas(p, c);
    fill_needs(p, c);
    fill_changes(p, c);
    fill_goals(p, c);
    if (!fill_rivals(p, c, err))
        return false;
    fill_activities(p, c);
    fill_addresses(p, c);
    c->worksheets = request_url(req, "worksheets");
    strategy_steps(req, &p->view, 1, &head);
    PAGE(req, &head, model, c);
    return true;
}
