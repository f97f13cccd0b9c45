/* page_worksheets.c - step 1 in depth: what segments, value propositions, relationships and
 * channels are asked, the four levers, and what the company has. */
#include "web/page/pages.h"
#include "web/view/object_list.h"

enum { STEP = 1, LEVER_COUNT = LEVER_DISTRIBUTION + 1 };

struct worksheets {
    struct request *req;
    struct strategy_view view;
    bool may_edit;
};

static const struct object_list_spec need_list = {
    OBJECT_NEED, TR("Needs"),
    TR("No need yet. What do people want behind the services and the relationship, and how could "
       "social media meet it better?"),
    "needs", "text element kind strength today better_by"};
static const struct object_list_spec task_list = {
    OBJECT_CHANNEL_TASK, TR("Channels and their tasks"),
    TR("No task yet. What changes in the channel is one level of result, what social media does "
       "for it the other."),
    "channels", "text element function adaptation support goals"};
static const struct object_list_spec resource_list = {
    OBJECT_OWN_RESOURCE, TR("What the company has"),
    TR("Nothing counted yet: staff, money, technology, skills, content, and what users' activity "
       "yields."),
    "resources", "name kind amount unit secured from until owner reliability purpose"};

static Str add_address(const struct worksheets *w, const char *kind)
{
    return w->may_edit ? request_url(w->req, "edit/%s/new", kind) : STR_NONE;
}

/* ---- segments: each pair once, and the topics through which a segment is worked ---- */

static struct tpl_worksheets_fit fit_cell(const struct worksheets *w,
                                          const struct business_element *a,
                                          const struct business_element *b)
{
    const struct segment_fit *fit = model_segment_fit(&w->view.model, a->id, b->id);
    struct tpl_worksheets_fit cell = {
        .label = arena_printf(&w->req->arena, STR_F " × " STR_F, STR_A(a->text), STR_A(b->text)),
        .link = fit ? request_url(w->req, "edit/segment_fit/" STR_F, STR_A(fit->id))
                    : request_url(w->req, "edit/segment_fit/new?first=" STR_F "&second=" STR_F,
                                  STR_A(a->id), STR_A(b->id)),
        .is_shown = fit || w->may_edit,
    };

    if (fit) {
        cell.word = word_of(&words_segment_fit_kind, (int)fit->fit);
        cell.name =
            strategy_word(&w->view, "segment_fit_kind", &words_segment_fit_kind, (int)fit->fit);
        cell.note = fit->note;
    }
    return cell;
}

static void fill_topics(const struct worksheets *w, Str element, struct tpl_worksheets_segment *out)
{
    const struct strategy_model *m = &w->view.model;
    struct tpl_worksheets_link *items =
        arena_new(&w->req->arena, struct tpl_worksheets_link, m->topics.count + 1);

    for (size_t i = 0; i < m->topics.count; i++)
        if (str_list_has(m->topics.items[i].origins, element))
            items[out->topics.count++] = (struct tpl_worksheets_link){
                m->topics.items[i].name,
                request_url(w->req, "topics/" STR_F, STR_A(m->topics.items[i].id))};
    out->topics.items = items;
    out->derive = w->may_edit ? request_url(w->req, "edit/topic/new?origins=" STR_F, STR_A(element))
                              : STR_NONE;
}

static void fill_segments(const struct worksheets *w, struct tpl_worksheets *c)
{
    const struct strategy_model *m = &w->view.model;
    struct request *req = w->req;
    struct tpl_worksheets_segment *rows =
        arena_new(&req->arena, struct tpl_worksheets_segment, m->elements.count + 1);
    const struct business_element **segments =
        arena_new(&req->arena, const struct business_element *, m->elements.count + 1);
    size_t count = 0;

    for (size_t i = 0; i < m->elements.count; i++)
        if (m->elements.items[i].block == BLOCK_CUSTOMER_SEGMENTS)
            segments[count++] = &m->elements.items[i];
    for (size_t r = 0; r < count; r++) {
        struct tpl_worksheets_fit *cells = arena_new(&req->arena, struct tpl_worksheets_fit, count);
        for (size_t k = r + 1; k < count; k++)
            cells[k] = fit_cell(w, segments[r], segments[k]);
        rows[r] = (struct tpl_worksheets_segment){
            .text = segments[r]->text,
            .link = request_url(req, "edit/element/" STR_F, STR_A(segments[r]->id)),
        };
        rows[r].fits.items = cells;
        rows[r].fits.count = count;
        fill_topics(w, segments[r]->id, &rows[r]);
    }
    c->segments.items = rows;
    c->segments.count = count;
    c->add_segment =
        w->may_edit ? request_url(req, "edit/element/new?block=customer_segments") : STR_NONE;
}

/* ---- relationships ---- */

static void fill_relationships(const struct worksheets *w, struct tpl_worksheets *c)
{
    const struct strategy_model *m = &w->view.model;
    struct tpl_worksheets_relationship *items =
        arena_new(&w->req->arena, struct tpl_worksheets_relationship, m->elements.count + 1);

    for (size_t i = 0; i < m->elements.count; i++) {
        const struct business_element *e = &m->elements.items[i];
        if (e->block != BLOCK_CUSTOMER_RELATIONSHIPS)
            continue;
        items[c->relationships.count++] = (struct tpl_worksheets_relationship){
            .text = e->text,
            .link = request_url(w->req, "edit/element/" STR_F, STR_A(e->id)),
            .kind = e->relation_type,
            .accepted_word = word_of(&words_acceptance, (int)e->relation_accepted),
            .accepted =
                strategy_word(&w->view, "acceptance", &words_acceptance, (int)e->relation_accepted),
            .requirement = e->requirement,
        };
    }
    c->relationships.items = items;
    c->add_relationship = w->may_edit
                              ? request_url(w->req, "edit/element/new?block=customer_relationships")
                              : STR_NONE;
}

/* ---- the four levers ---- */

static void fill_lever_cell(const struct worksheets *w, const struct business_element *e, int lever,
                            struct tpl_worksheets_lever *cell)
{
    const struct strategy_model *m = &w->view.model;
    struct tpl_worksheets_note *notes =
        arena_new(&w->req->arena, struct tpl_worksheets_note, m->change_notes.count + 1);

    for (size_t i = 0; i < m->change_notes.count; i++) {
        const struct change_note *n = &m->change_notes.items[i];
        if ((int)n->lever == lever && str_eq(n->element, e->id))
            notes[cell->notes.count++] = (struct tpl_worksheets_note){
                .text = n->effect,
                .link = request_url(w->req, "edit/change_note/" STR_F, STR_A(n->id)),
                .word = word_of(&words_chance, (int)n->kind),
                .kind = strategy_word(&w->view, "chance", &words_chance, (int)n->kind),
                .strength = n->strength,
            };
    }
    cell->notes.items = notes;
    cell->add = w->may_edit
                    ? request_url(w->req, "edit/change_note/new?element=" STR_F "&lever=" STR_F,
                                  STR_A(e->id), STR_A(word_of(&words_lever, lever)))
                    : STR_NONE;
}

static void fill_levers(const struct worksheets *w, struct tpl_worksheets *c)
{
    const struct strategy_model *m = &w->view.model;
    struct request *req = w->req;
    Str *levers = arena_new(&req->arena, Str, LEVER_COUNT);
    struct tpl_worksheets_change *rows =
        arena_new(&req->arena, struct tpl_worksheets_change, m->elements.count + 1);

    for (int l = 0; l < LEVER_COUNT; l++)
        levers[l] = strategy_word(&w->view, "lever", &words_lever, l);
    for (size_t i = 0; i < m->elements.count; i++) {
        const struct business_element *e = &m->elements.items[i];
        if (e->block >= BLOCK_WORKED_COUNT)
            continue;
        struct tpl_worksheets_change *row = &rows[c->changes.count++];
        struct tpl_worksheets_lever *cells =
            arena_new(&req->arena, struct tpl_worksheets_lever, LEVER_COUNT);
        for (int l = 0; l < LEVER_COUNT; l++)
            fill_lever_cell(w, e, l, &cells[l]);
        *row = (struct tpl_worksheets_change){
            .text = e->text,
            .block = strategy_word(&w->view, "block", &words_block, (int)e->block)};
        row->levers.items = cells;
        row->levers.count = LEVER_COUNT;
    }
    c->levers.items = levers;
    c->levers.count = LEVER_COUNT;
    c->changes.items = rows;
}

bool page_worksheets(struct request *req, struct err *err)
{
    struct tpl_worksheets *c = arena_new(&req->arena, struct tpl_worksheets, 1);
    struct worksheets w = {.req = req, .may_edit = request_may(req, MAY_EDIT_MODEL)};

    if (!strategy_view_read(req, &w.view, err))
        return false;
    c->model = request_url(req, "model");
    fill_segments(&w, c);
    fill_relationships(&w, c);
    fill_levers(&w, c);
    object_list_fill(req, &w.view, &need_list, NULL, STR_NONE, add_address(&w, "need"), &c->needs);
    object_list_fill(req, &w.view, &task_list, NULL, STR_NONE, add_address(&w, "channel_task"),
                     &c->tasks);
    object_list_fill(req, &w.view, &resource_list, NULL, STR_NONE, add_address(&w, "own_resource"),
                     &c->resources);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Business model")), c->model},
                                  {request_tr(req, TR("Worksheets")), STR_NONE}};
    struct page_head head = {
        .current = "model", .title = TR("Worksheets"), .crumbs = crumbs, .crumb_count = 2};
    strategy_steps(req, &w.view, STEP, &head);
    PAGE(req, &head, worksheets, c);
    return true;
}
