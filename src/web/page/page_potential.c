/* page_potential.c - the potential matrix: catalogue against business model and goals. */
#include <stdio.h>

#include "web/page/pages.h"
#include "web/view/strategy_view.h"

enum { HIGH_RELEVANCE = 3 };
enum filter { FILTER_ALL, FILTER_USED, FILTER_OPEN, FILTER_COUNT };

static const char *const filter_words[] = {"all", "used", "open"};

/* One column: a block (its elements together), one element, or one goal. */
struct matrix_column {
    bool is_goal, is_block;
    enum business_block block;
    Str id; /* of the element or goal */
    Str label, title;
};

struct matrix {
    struct request *req;
    struct strategy_view view;
    struct matrix_column *columns;
    size_t count, group_count; /* goals begin at group_count */
    bool by_element;
    enum filter filter;
    Str open;                            /* code of the row with its form */
    const struct potential_decision *of; /* decision of the row at hand, NULL: none */
    const struct potential *row;
};

static const struct potential_decision *decision_of(const struct strategy_model *model, Str code)
{
    for (size_t i = 0; i < model->potentials.count; i++)
        if (str_eq(model->potentials.items[i].id, code))
            return &model->potentials.items[i];
    return NULL;
}

/* ---- columns ---- */

static void make_columns(struct matrix *m)
{
    const struct strategy_model *model = &m->view.model;

    m->columns = arena_new(&m->req->arena, struct matrix_column,
                           (size_t)BLOCK_COUNT + model->elements.count + model->goals.count + 1);
    for (int b = 0; b < BLOCK_COUNT && !m->by_element; b++) {
        Str name = strategy_word(&m->view, "block", &words_block, b);
        m->columns[m->count++] = (struct matrix_column){
            .is_block = true, .block = (enum business_block)b, .label = name, .title = name};
    }
    for (size_t i = 0; i < model->elements.count && m->by_element; i++) {
        const struct business_element *e = &model->elements.items[i];
        m->columns[m->count++] = (struct matrix_column){
            .id = e->id,
            .label = e->text,
            .title =
                arena_printf(&m->req->arena, STR_F " · " STR_F,
                             STR_A(strategy_word(&m->view, "block", &words_block, (int)e->block)),
                             STR_A(e->text)),
        };
    }
    m->group_count = m->count;
    for (size_t i = 0; i < model->goals.count; i++)
        m->columns[m->count++] = (struct matrix_column){.is_goal = true,
                                                        .id = model->goals.items[i].id,
                                                        .label = model->goals.items[i].text,
                                                        .title = model->goals.items[i].text};
}

static void fill_columns(struct matrix *m, struct tpl_potential *c)
{
    struct tpl_potential_column *items =
        arena_new(&m->req->arena, struct tpl_potential_column, m->count + 1);

    for (size_t i = 0; i < m->count; i++)
        items[i] = (struct tpl_potential_column){m->columns[i].label, m->columns[i].title,
                                                 m->columns[i].is_goal, i == m->group_count};
    c->columns.items = items;
    c->columns.count = m->count;
    c->span = (int64_t)m->count + 3;
}

/* ---- cells ---- */

/* Is one of these elements or goals what the column stands for? */
static bool column_has(const struct matrix *m, const struct matrix_column *column, StrList ids)
{
    if (!column->is_block)
        return str_list_has(ids, column->id);
    for (size_t i = 0; i < ids.count; i++) {
        const struct business_element *e = model_element(&m->view.model, ids.items[i]);
        if (e && e->block == column->block)
            return true;
    }
    return false;
}

static int64_t options_in(const struct matrix *m, const struct matrix_column *column)
{
    int64_t count = 0;

    for (size_t i = 0; i < m->view.model.options.count; i++) {
        const struct strategy_option *o = &m->view.model.options.items[i];
        if (str_list_has(o->potentials, m->row->code) &&
            (!column || column_has(m, column, column->is_goal ? o->goals : o->elements)))
            count++;
    }
    return count;
}

static Str row_address(struct request *req, const struct matrix *m, Str code)
{
    return request_url(req, "potential?columns=%s&show=%s&open=" STR_F "#" STR_F,
                       m->by_element ? "elements" : "blocks", filter_words[m->filter], STR_A(code),
                       STR_A(code));
}

static Str closed_address(struct request *req, const struct matrix *m, Str code)
{
    return request_url(req, "potential?columns=%s&show=%s#" STR_F,
                       m->by_element ? "elements" : "blocks", filter_words[m->filter], STR_A(code));
}

static Str cell_title(const struct matrix *m, const struct matrix_column *column,
                      const struct tpl_potential_cell *cell)
{
    struct request *req = m->req;
    Str relevance =
        cell->is_judged ? arena_printf(&req->arena, "%lld", (long long)cell->relevance) : S("–");

    return arena_printf(&req->arena, STR_F " × " STR_F ": " STR_F " " STR_F ", " STR_F " %lld",
                        STR_A(m->row->name.in[m->view.language]), STR_A(column->label),
                        STR_A(request_tr(req, TR("relevance"))), STR_A(relevance),
                        STR_A(request_tr(req, TR("options"))), (long long)cell->options);
}

static void fill_cells(struct matrix *m, struct tpl_potential_entry *entry)
{
    struct tpl_potential_cell *items =
        arena_new(&m->req->arena, struct tpl_potential_cell, m->count + 1);

    for (size_t i = 0; i < m->count; i++) {
        const struct matrix_column *column = &m->columns[i];
        bool is_judged = m->of && column_has(m, column, m->of->origins);
        int64_t relevance = is_judged ? m->of->relevance : 0;
        items[i] = (struct tpl_potential_cell){
            .is_judged = is_judged,
            .relevance = relevance,
            .options = options_in(m, column),
            .link = row_address(m->req, m, m->row->code),
            .h1 = relevance == 1,
            .h2 = relevance == 2,
            .h3 = relevance == 3,
            .h4 = relevance >= 4,
            .is_first_goal = i == m->group_count,
        };
        items[i].title = cell_title(m, column, &items[i]);
    }
    entry->cells.items = items;
    entry->cells.count = m->count;
}

/* ---- the form of the open row ---- */

static void fill_relevances(struct matrix *m, struct tpl_potential_entry *entry)
{
    struct tpl_potential_choice *items = arena_new(&m->req->arena, struct tpl_potential_choice, 5);

    for (int i = 0; i <= 4; i++) {
        Str digit = arena_printf(&m->req->arena, "%d", i);
        items[i] = (struct tpl_potential_choice){digit, digit, m->of && m->of->relevance == i};
    }
    entry->relevances.items = items;
    entry->relevances.count = 5;
}

static void fill_origins(struct matrix *m, struct tpl_potential_entry *entry)
{
    const struct strategy_model *model = &m->view.model;
    struct tpl_potential_choice *elements =
        arena_new(&m->req->arena, struct tpl_potential_choice, model->elements.count + 1);
    struct tpl_potential_choice *goals =
        arena_new(&m->req->arena, struct tpl_potential_choice, model->goals.count + 1);

    for (size_t i = 0; i < model->elements.count; i++)
        elements[i] = (struct tpl_potential_choice){
            model->elements.items[i].id, model->elements.items[i].text,
            m->of && str_list_has(m->of->origins, model->elements.items[i].id)};
    for (size_t i = 0; i < model->goals.count; i++)
        goals[i] = (struct tpl_potential_choice){
            model->goals.items[i].id, model->goals.items[i].text,
            m->of && str_list_has(m->of->origins, model->goals.items[i].id)};
    entry->elements.items = elements;
    entry->elements.count = model->elements.count;
    entry->goals.items = goals;
    entry->goals.count = model->goals.count;
}

static struct tpl_potential_entry entry_of(struct matrix *m)
{
    const struct potential *p = m->row;
    const struct potential_decision *d = m->of;
    int64_t relevance = d ? d->relevance : 0;
    struct tpl_potential_entry out = {
        .code = p->code,
        .name = p->name.in[m->view.language],
        .effect = p->effect.in[m->view.language],
        .prerequisites = p->prerequisites.in[m->view.language],
        .quality = p->quality.in[m->view.language],
        .risks = p->risks.in[m->view.language],
        .is_decided = d != NULL,
        .is_used = d && d->is_used,
        .reason = d ? d->reason : STR_NONE,
        .benefit = d ? d->benefit : STR_NONE,
        .relevance = relevance,
        .h1 = relevance == 1,
        .h2 = relevance == 2,
        .h3 = relevance == 3,
        .h4 = relevance >= 4,
        .options = options_in(m, NULL),
        .options_link = request_url(m->req, "options"),
        .edit = row_address(m->req, m, p->code),
        .close = closed_address(m->req, m, p->code),
        .action = request_url(m->req, "edit/potential/" STR_F, STR_A(p->code)),
        .revision = d ? d->revision : 0,
        .is_open = str_eq(p->code, m->open),
    };

    fill_cells(m, &out);
    if (out.is_open) {
        fill_relevances(m, &out);
        fill_origins(m, &out);
    }
    return out;
}

/* ---- rows ---- */

static bool is_shown(const struct matrix *m)
{
    return m->filter == FILTER_ALL || str_eq(m->row->code, m->open) ||
           (m->filter == FILTER_USED && m->of && m->of->is_used) ||
           (m->filter == FILTER_OPEN && !m->of);
}

static void count_entry(const struct matrix *m, struct tpl_potential *c)
{
    c->total++;
    if (!m->of)
        return;
    c->decided++;
    c->used += m->of->is_used;
    c->not_used += !m->of->is_used;
    c->unused_high +=
        m->of->is_used && m->of->relevance >= HIGH_RELEVANCE && options_in(m, NULL) == 0;
}

/* Entries of a kind stand together in the catalogue. */
static void fill_rows(struct matrix *m, struct tpl_potential *c)
{
    size_t total = m->view.method->potentials.count;
    struct tpl_potential_kind *kinds =
        arena_new(&m->req->arena, struct tpl_potential_kind, total + 1);
    struct tpl_potential_entry *entries =
        arena_new(&m->req->arena, struct tpl_potential_entry, total + 1);
    size_t used = 0;
    Str last = STR_NONE;

    for (size_t i = 0; i < total; i++) {
        m->row = &m->view.method->potentials.items[i];
        m->of = decision_of(&m->view.model, m->row->code);
        count_entry(m, c);
        if (!is_shown(m))
            continue;
        if (c->kinds.count == 0 || !str_eq(last, m->row->kind)) {
            kinds[c->kinds.count].name =
                method_word(m->view.method, S("potential_kind"), m->row->kind, m->view.language);
            kinds[c->kinds.count++].entries.items = &entries[used];
            last = m->row->kind;
        }
        entries[used++] = entry_of(m);
        kinds[c->kinds.count - 1].entries.count++;
    }
    c->kinds.items = kinds;
}

/* ---- the head ---- */

static void fill_views(struct matrix *m, struct tpl_potential *c)
{
    static const char *const filters[] = {TR("All"), TR("Used"), TR("Undecided")};
    struct request *req = m->req;
    struct tpl_potential_view *views = arena_new(&req->arena, struct tpl_potential_view, 2);
    struct tpl_potential_view *shown =
        arena_new(&req->arena, struct tpl_potential_view, FILTER_COUNT);

    for (int i = 0; i < 2; i++)
        views[i] = (struct tpl_potential_view){
            .label = request_tr(req, i == 0 ? TR("Blocks and goals") : TR("Elements and goals")),
            .link = request_url(req, "potential?columns=%s&show=%s", i == 0 ? "blocks" : "elements",
                                filter_words[m->filter]),
            .is_current = m->by_element == (i == 1),
        };
    for (int i = 0; i < FILTER_COUNT; i++)
        shown[i] = (struct tpl_potential_view){
            .label = request_tr(req, filters[i]),
            .link = request_url(req, "potential?columns=%s&show=%s",
                                m->by_element ? "elements" : "blocks", filter_words[i]),
            .is_current = (int)m->filter == i,
        };
    c->views.items = views;
    c->views.count = 2;
    c->filters.items = shown;
    c->filters.count = FILTER_COUNT;
}

static void read_choices(struct matrix *m)
{
    Str show = request_query(m->req, S("show"));

    m->by_element = str_eq(request_query(m->req, S("columns")), S("elements"));
    m->open = request_query(m->req, S("open"));
    for (int i = 0; i < FILTER_COUNT; i++)
        if (str_eq(show, str_from_cstr(filter_words[i])))
            m->filter = (enum filter)i;
}

bool page_potential(struct request *req, struct err *err)
{
    struct matrix *m = arena_new(&req->arena, struct matrix, 1);
    struct tpl_potential *c = arena_new(&req->arena, struct tpl_potential, 1);
    c->benefits = request_url(req, "benefits");
    struct page_head head = {.current = "potential", .title = TR("Potential matrix")};

    m->req = req;
    if (!strategy_view_read(req, &m->view, err))
        return false;
    read_choices(m);
    make_columns(m);
    fill_columns(m, c);
    fill_views(m, c);
    fill_rows(m, c);
    for (size_t i = 0; i < m->view.gate_count; i++)
        if (m->view.gates[i].step == 3 && m->view.gates[i].state == GATE_OPEN) {
            c->missing.items = m->view.gates[i].missing.items;
            c->missing.count = m->view.gates[i].missing.count;
        }
    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->csrf = page_csrf(req);
    strategy_steps(req, &m->view, 3, &head);
    PAGE(req, &head, potential, c);
    return true;
}
