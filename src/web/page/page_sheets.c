/* page_sheets.c - step 6: the fifteen component sheets of a version, how they act on each other,
 * its risks, the three difficult situations, the customer journey. */
#include "strategy/method/version_progress.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/object_list.h"
#include "web/view/version_choice.h"

enum { STEP = 6 };

struct sheets_page {
    struct request *req;
    struct strategy_view view;
    const struct strategy_version *version; /* NULL: none yet */
    bool may_edit;
    const struct err *problem; /* why a state was refused; NULL: nothing was */
};

static bool is_own(const struct sheets_page *p, Str version)
{
    return str_eq(version, p->version->id);
}

static Str new_address(const struct sheets_page *p, const char *kind, const char *member, Str word)
{
    return p->may_edit ? request_url(p->req, "edit/%s/new?version=" STR_F "&%s=" STR_F, kind,
                                     STR_A(p->version->id), member, STR_A(word))
                       : STR_NONE;
}

static Str edit_address(const struct sheets_page *p, const char *kind, Str id)
{
    return request_url(p->req, "edit/%s/" STR_F, kind, STR_A(id));
}

/* ---- sheets ---- */

static struct tpl_sheets_sheet sheet_row(const struct sheets_page *p, int component)
{
    const struct component_sheet *sheet =
        version_component_sheet(&p->view.model, p->version->id, (enum component)component);
    Str word = word_of(&words_component, component);
    struct tpl_sheets_sheet row = {
        .number = component + 1,
        .name = strategy_name(&p->view, "component", word),
        .holds = strategy_name(&p->view, "component_holds", word),
        .is_core = component < COMPONENT_CORE_COUNT,
        .is_there = sheet != NULL,
        .fields = SHEET_TEXTS,
        .link = sheet ? edit_address(p, "sheet", sheet->id)
                      : new_address(p, "sheet", "component", word),
    };

    if (sheet) {
        row.definition = sheet->definition;
        row.filled = (int64_t)sheet_written(sheet);
        row.is_complete = sheet->is_complete;
        row.reactions = (int64_t)sheet->reactions.count;
        row.resources = (int64_t)sheet->resources.count;
        row.options = (int64_t)sheet->options.count;
    }
    return row;
}

static void fill_sheets(const struct sheets_page *p, struct tpl_sheets *c)
{
    struct tpl_sheets_sheet *rows =
        arena_new(&p->req->arena, struct tpl_sheets_sheet, COMPONENT_COUNT);

    for (int i = 0; i < COMPONENT_COUNT; i++) {
        rows[i] = sheet_row(p, i);
        c->there += rows[i].is_there;
        c->complete += rows[i].is_complete;
    }
    c->sheets.items = rows;
    c->sheets.count = COMPONENT_COUNT;
    c->all = COMPONENT_COUNT;
}

/* ---- what the sheets take together, by unit ---- */

static void add_resource(const struct sheet_resource *r, struct tpl_sheets *c,
                         struct tpl_sheets_sum *sums)
{
    size_t i = 0;

    while (i < c->sums.count && !str_eq(sums[i].unit, r->unit))
        i++;
    if (i == c->sums.count)
        sums[c->sums.count++] = (struct tpl_sheets_sum){.unit = r->unit};
    sums[i].amount += r->amount;
    sums[i].secured += r->secured < r->amount ? r->secured : r->amount;
    sums[i].open = sums[i].amount - sums[i].secured;
}

static void fill_resources(const struct sheets_page *p, struct tpl_sheets *c)
{
    const struct strategy_model *m = &p->view.model;
    size_t most = 1;

    for (size_t i = 0; i < m->sheets.count; i++)
        most += m->sheets.items[i].resources.count;
    struct tpl_sheets_sum *sums = arena_new(&p->req->arena, struct tpl_sheets_sum, most);
    for (size_t i = 0; i < m->sheets.count; i++)
        for (size_t r = 0;
             is_own(p, m->sheets.items[i].version) && r < m->sheets.items[i].resources.count; r++)
            add_resource(&m->sheets.items[i].resources.items[r], c, sums);
    c->sums.items = sums;
}

/* ---- the matrix: each pair once ---- */

static const struct interaction *interaction_of(const struct sheets_page *p, int a, int b)
{
    const struct strategy_model *m = &p->view.model;

    for (size_t i = 0; i < m->interactions.count; i++) {
        const struct interaction *x = &m->interactions.items[i];
        bool is_pair = ((int)x->first == a && (int)x->second == b) ||
                       ((int)x->first == b && (int)x->second == a);
        if (is_pair && is_own(p, x->version))
            return x;
    }
    return NULL;
}

static struct tpl_sheets_cell matrix_cell(const struct sheets_page *p, int a, int b)
{
    const struct interaction *x = interaction_of(p, a, b);
    Str first = word_of(&words_component, a), second = word_of(&words_component, b);
    struct tpl_sheets_cell cell = {
        .is_shown = true,
        .label = arena_printf(&p->req->arena, STR_F " × " STR_F,
                              STR_A(strategy_name(&p->view, "component", first)),
                              STR_A(strategy_name(&p->view, "component", second))),
        .link =
            x ? edit_address(p, "interaction", x->id)
              : request_url(p->req,
                            "edit/interaction/new?version=" STR_F "&first=" STR_F "&second=" STR_F,
                            STR_A(p->version->id), STR_A(first), STR_A(second)),
    };

    if (x) {
        cell.is_judged = true;
        cell.value = x->value;
        cell.note = x->note;
        cell.is_conflict = interaction_is_open(x);
        cell.is_good = x->value > 0;
        cell.is_bad = x->value < 0;
    }
    return cell;
}

static void fill_matrix(const struct sheets_page *p, struct tpl_sheets *c)
{
    struct request *req = p->req;
    struct tpl_sheets_line *lines = arena_new(&req->arena, struct tpl_sheets_line, COMPONENT_COUNT);

    for (int a = 0; a < COMPONENT_COUNT; a++) {
        struct tpl_sheets_cell *cells =
            arena_new(&req->arena, struct tpl_sheets_cell, COMPONENT_COUNT);
        for (int b = a + 1; b < COMPONENT_COUNT; b++) {
            cells[b] = matrix_cell(p, a, b);
            c->judged += cells[b].is_judged;
            c->conflicts += cells[b].is_conflict;
        }
        lines[a] = (struct tpl_sheets_line){
            .number = a + 1, .name = strategy_word(&p->view, "component", &words_component, a)};
        lines[a].cells.items = cells;
        lines[a].cells.count = COMPONENT_COUNT;
    }
    c->matrix.items = lines;
    c->matrix.count = COMPONENT_COUNT;
    c->pairs = COMPONENT_COUNT * (COMPONENT_COUNT - 1) / 2;
}

/* ---- risks by source ---- */

static void fill_source(const struct sheets_page *p, int source, struct tpl_sheets_source *out)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_sheets_risk *items =
        arena_new(&p->req->arena, struct tpl_sheets_risk, m->risks.count + 1);

    *out = (struct tpl_sheets_source){
        .name = strategy_word(&p->view, "risk_source", &words_risk_source, source),
        .add = new_address(p, "risk", "source", word_of(&words_risk_source, source)),
    };
    for (size_t i = 0; i < m->risks.count; i++) {
        const struct listed_risk *r = &m->risks.items[i];
        if ((int)r->source != source || !is_own(p, r->version))
            continue;
        items[out->risks.count++] = (struct tpl_sheets_risk){
            .text = r->text,
            .link = edit_address(p, "risk", r->id),
            .is_none = r->is_none,
            .probability = r->probability,
            .effect = r->effect,
            .weight = r->probability * r->effect,
            .treatment = r->treatment,
            .owner = r->owner,
        };
    }
    out->risks.items = items;
}

static void fill_risks(const struct sheets_page *p, struct tpl_sheets *c)
{
    struct tpl_sheets_source *sources =
        arena_new(&p->req->arena, struct tpl_sheets_source, RISK_SOURCE_COUNT);

    for (int s = 0; s < RISK_SOURCE_COUNT; s++)
        fill_source(p, s, &sources[s]);
    c->sources.items = sources;
    c->sources.count = RISK_SOURCE_COUNT;
}

/* ---- situations and journey ---- */

static void fill_situations(const struct sheets_page *p, struct tpl_sheets *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_sheets_situation *rows =
        arena_new(&p->req->arena, struct tpl_sheets_situation, SITUATION_COUNT);

    for (int k = 0; k < SITUATION_COUNT; k++) {
        Str word = word_of(&words_situation_kind, k);
        rows[k] = (struct tpl_sheets_situation){
            .name = strategy_name(&p->view, "situation_kind", word),
            .advice = strategy_name(&p->view, "situation_advice", word),
            .link = new_address(p, "situation", "kind", word),
        };
        for (size_t i = 0; i < m->situations.count; i++) {
            const struct starting_situation *s = &m->situations.items[i];
            if ((int)s->kind != k || !is_own(p, s->version))
                continue;
            rows[k].is_answered = true;
            rows[k].applies = s->applies;
            rows[k].response = s->response;
            rows[k].topics = object_member_text(p->req, &p->view, OBJECT_SITUATION, s, "topics");
            rows[k].link = edit_address(p, "situation", s->id);
        }
    }
    c->situations.items = rows;
    c->situations.count = SITUATION_COUNT;
}

static void fill_journey(const struct sheets_page *p, struct tpl_sheets *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_sheets_phase *rows =
        arena_new(&p->req->arena, struct tpl_sheets_phase, JOURNEY_COUNT);

    for (int k = 0; k < JOURNEY_COUNT; k++) {
        Str word = word_of(&words_journey_phase, k);
        rows[k] = (struct tpl_sheets_phase){
            .name = strategy_name(&p->view, "journey_phase", word),
            .link = new_address(p, "journey_point", "phase", word),
        };
        for (size_t i = 0; i < m->journey.count; i++) {
            const struct journey_point *j = &m->journey.items[i];
            if ((int)j->phase != k || !is_own(p, j->version))
                continue;
            rows[k].is_worked = j->options.count > 0;
            rows[k].options =
                object_member_text(p->req, &p->view, OBJECT_JOURNEY_POINT, j, "options");
            rows[k].note = j->note;
            rows[k].link = edit_address(p, "journey_point", j->id);
        }
    }
    c->journey.items = rows;
    c->journey.count = JOURNEY_COUNT;
}

/* ---- how far it is ---- */

static Str obstacle_text(const struct sheets_page *p, enum progress_obstacle obstacle)
{
    static const char *const texts[] = {
        [PROGRESS_BY_DECISION] = TR("Given by a decision alone."),
        [PROGRESS_CORE_SHEETS] = TR("Needs a sheet for each of the seven core components."),
        [PROGRESS_NOT_EVALUATED] = TR("Needs a simulation and a verdict."),
        [PROGRESS_ALL_SHEETS] = TR("Needs all fifteen sheets, each complete."),
        [PROGRESS_CONFLICT] = TR("Needs every conflict settled or accepted with a reason."),
    };

    return obstacle == PROGRESS_FREE ? STR_NONE : request_tr(p->req, texts[obstacle]);
}

static void fill_states(const struct sheets_page *p, struct tpl_sheets *c)
{
    struct tpl_sheets_state *items =
        arena_new(&p->req->arena, struct tpl_sheets_state, VERSION_PROPOSED + 1);

    for (int s = 0; s <= VERSION_PROPOSED; s++)
        items[s] = (struct tpl_sheets_state){
            .word = word_of(&words_version_state, s),
            .name = strategy_word(&p->view, "version_state", &words_version_state, s),
            .is_current = s == (int)p->version->state,
            .obstacle = obstacle_text(
                p, version_obstacle(&p->view.model, p->version, (enum version_state)s)),
        };
    c->states.items = items;
    c->states.count = VERSION_PROPOSED + 1;
    c->action = request_url(p->req, "versions/" STR_F "/state", STR_A(p->version->id));
    c->csrf = page_csrf(p->req);
    c->revision = p->version->revision;
    c->may_state = p->may_edit && p->version->state <= VERSION_PROPOSED;
    if (p->problem) {
        c->problem = error_sentence(p->req, p->problem);
        c->hint = error_hint(p->req, p->problem);
        c->reason = request_form(p->req, S("reason"));
    }
}

static bool show(struct sheets_page *p)
{
    struct request *req = p->req;
    struct tpl_sheets *c = arena_new(&req->arena, struct tpl_sheets, 1);

    version_links(req, &p->view, p->version, "sheets", &c->versions);
    c->has_version = p->version != NULL;
    c->add_version = request_url(req, "versions");
    c->may_edit = p->may_edit;
    if (p->version) {
        c->name = p->version->name;
        c->link = request_url(req, "versions/" STR_F, STR_A(p->version->id));
        c->state =
            strategy_word(&p->view, "version_state", &words_version_state, (int)p->version->state);
        fill_states(p, c);
        fill_sheets(p, c);
        fill_resources(p, c);
        fill_matrix(p, c);
        fill_risks(p, c);
        fill_situations(p, c);
        fill_journey(p, c);
    }
    struct page_head head = {.current = "sheets", .title = TR("Components")};
    strategy_steps(req, &p->view, STEP, &head);
    PAGE(req, &head, sheets, c);
    return true;
}

static bool read_page(struct request *req, Str version, struct sheets_page *p, struct err *err)
{
    *p = (struct sheets_page){.req = req, .may_edit = request_may(req, MAY_EDIT_MODEL)};
    return strategy_view_read(req, &p->view, err) &&
           version_choose(&p->view, version, &p->version, err);
}

bool page_sheets(struct request *req, struct err *err)
{
    struct sheets_page p;

    return read_page(req, request_query(req, S("version")), &p, err) && show(&p);
}

static bool set_state(const struct sheets_page *p, struct err *err)
{
    struct change change = strategy_change(p->req, request_form(p->req, S("reason")));
    struct strategy_version version = *p->version;
    enum progress_obstacle obstacle;
    int state;

    if (!word_find(&words_version_state, request_form(p->req, S("state")), &state))
        return err_set(err, ERR_INPUT, "state: there is no such state");
    obstacle = version_obstacle(&p->view.model, p->version, (enum version_state)state);
    if (obstacle != PROGRESS_FREE)
        return err_set(err, ERR_CONFLICT, STR_F, STR_A(obstacle_text(p, obstacle)));
    if (!str_to_i64(request_form(p->req, S("revision")), &version.revision))
        return err_set(err, ERR_INPUT, "revision: the form was not complete");
    version.state = (enum version_state)state;
    return version_put(p->req->workspace->state, &change, &version, err);
}

bool page_version_state_send(struct request *req, struct err *err)
{
    struct err problem = {0};
    struct sheets_page p;

    if (!read_page(req, request_capture(req, S("version")), &p, err))
        return false;
    if (set_state(&p, &problem))
        return request_redirect_notice(
            req, request_url(req, "sheets?version=" STR_F, STR_A(p.version->id)),
            request_tr(req, TR("Saved, and recorded in the ledger.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    req->status = problem.code == ERR_CONFLICT ? 409 : 422;
    p.problem = &problem;
    return show(&p);
}
