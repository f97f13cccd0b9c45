/* page_assessment.c - the yearly assessment: plan, four quadrants, SWOT, advice, baseline. */
#include <math.h>

#include "format/time.h"
#include "strategy/assessment/assessment.h"
#include "strategy/assessment/baseline.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/strategy_view.h"

enum { STEP = 2, LINK_TEXT_BYTES = 60 };

struct assessment_page {
    struct request *req;
    struct strategy_view view;
    const struct assessment *assessment; /* NULL: none yet */
    const struct assessment *before;     /* last year's, NULL: none */
    bool may_edit;
};

static Str edit_address(struct request *req, enum object_kind kind, Str id)
{
    return request_url(req, "edit/" STR_F "/" STR_F, STR_A(word_of(&words_object_kind, (int)kind)),
                       STR_A(id));
}

/* The form of a new object of this assessment; `more` presets further fields: "&quadrant=brand". */
static Str add_address(struct assessment_page *p, enum object_kind kind, Str more)
{
    return request_url(p->req, "edit/" STR_F "/new?assessment=" STR_F STR_F,
                       STR_A(word_of(&words_object_kind, (int)kind)), STR_A(p->assessment->id),
                       STR_A(more));
}

static bool is_own(const struct assessment_page *p, Str assessment)
{
    return p->assessment && str_eq(p->assessment->id, assessment);
}

static Str quadrant_name(const struct assessment_page *p, enum quadrant_kind quadrant)
{
    return strategy_word(&p->view, "quadrant", &words_quadrant, (int)quadrant);
}

/* A statement as the text of a link. */
static Str short_text(struct request *req, Str text)
{
    Str head = str_utf8_head(text, LINK_TEXT_BYTES);

    return head.len == text.len ? text : arena_printf(&req->arena, STR_F "…", STR_A(head));
}

/* ---- years, plan, terms ---- */

static void fill_years(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_year *items =
        arena_new(&p->req->arena, struct tpl_assessment_year, m->assessments.count + 1);

    for (size_t i = 0; i < m->assessments.count; i++) {
        const struct assessment *a = &m->assessments.items[i];
        items[i] = (struct tpl_assessment_year){
            .label = arena_printf(&p->req->arena, "%lld", (long long)a->year),
            .link = request_url(p->req, "assessment?id=" STR_F, STR_A(a->id)),
            .is_current = a == p->assessment,
            .is_frozen = a->frozen_on.len > 0,
        };
    }
    c->years.items = items;
    c->years.count = m->assessments.count;
}

static void fill_plan(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct assessment *a = p->assessment;
    double hours = a->gathering_hours + a->analysis_hours;

    c->year = a->year;
    c->objectives = a->objectives;
    c->scope = a->scope;
    c->owner = a->owner;
    c->started = a->started;
    c->due = a->due;
    c->gathering = a->gathering_hours;
    c->analysis = a->analysis_hours;
    c->has_hours = hours > 0;
    c->analysis_share = hours > 0 ? a->analysis_hours / hours : 0;
    c->summary = a->summary;
    c->limits = a->limits;
    c->conclusion = strategy_word(&p->view, "conclusion", &words_conclusion, (int)a->conclusion);
    c->conclusion_reason = a->conclusion_reason;
    c->is_frozen = a->frozen_on.len > 0;
    c->frozen_on = a->frozen_on;
    c->is_gathered = assessment_is_gathered(&p->view.model, a);
    c->revision = arena_printf(&p->req->arena, "%lld", (long long)a->revision);
    if (p->before) {
        c->has_before = true;
        c->title_before = arena_printf(&p->req->arena, "%lld", (long long)p->before->year);
        c->before_link = request_url(p->req, "assessment?id=" STR_F, STR_A(p->before->id));
    }
}

static void fill_terms(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_term *items =
        arena_new(&p->req->arena, struct tpl_assessment_term, m->search_terms.count + 1);

    for (size_t i = 0; i < m->search_terms.count; i++) {
        const struct search_term *t = &m->search_terms.items[i];
        struct term_precision precision = search_term_precision(t);
        if (!is_own(p, t->assessment))
            continue;
        items[c->terms.count++] = (struct tpl_assessment_term){
            .text = t->text,
            .link = edit_address(p->req, OBJECT_SEARCH_TERM, t->id),
            .quadrant = quadrant_name(p, t->quadrant),
            .language = t->language,
            .query = t->query,
            .query_link =
                request_url(p->req, "search?query=" STR_F, STR_A(request_part(p->req, t->query))),
            .is_reviewed = t->reviewed > 0,
            .reviewed = t->reviewed,
            .share = precision.share,
            .low = precision.low,
            .high = precision.high,
            .is_retired = t->retired.len > 0,
        };
    }
    c->terms.items = items;
}

/* ---- quadrants ---- */

static void fill_evidence(struct assessment_page *p, const struct finding *f,
                          struct tpl_assessment_finding *out)
{
    struct tpl_assessment_link *items =
        arena_new(&p->req->arena, struct tpl_assessment_link, f->evidence.count + 1);
    int64_t id;

    for (size_t i = 0; i < f->evidence.count; i++) {
        Str text = f->evidence.items[i];
        if (str_to_i64(text, &id))
            items[i] = (struct tpl_assessment_link){
                arena_printf(&p->req->arena, STR_F " %lld",
                             STR_A(request_tr(p->req, TR("Evidence"))), (long long)id),
                request_url(p->req, "evidence/%lld", (long long)id)};
        else if (str_starts(text, S("search?"))) /* an address in this workspace */
            items[i] = (struct tpl_assessment_link){request_tr(p->req, TR("Posts")),
                                                    request_url(p->req, STR_F, STR_A(text))};
        else
            items[i] = (struct tpl_assessment_link){short_text(p->req, text), text};
    }
    out->evidence.items = items;
    out->evidence.count = f->evidence.count;
}

static Str number_of(struct assessment_page *p, double value)
{
    return isfinite(value) ? render_double_str(&p->req->arena, p->req->env.language, value, -1, 0)
                           : STR_NONE;
}

static struct tpl_assessment_finding finding_of(struct assessment_page *p,
                                                const struct finding_change *change)
{
    const struct finding *f = change->now ? change->now : change->before;
    struct tpl_assessment_finding out = {
        .statement = f->statement,
        .link = edit_address(p->req, OBJECT_FINDING, f->id),
        .category =
            strategy_word(&p->view, "finding_category", &words_finding_category, (int)f->category),
        .measure = f->measure,
        .has_value = isfinite(f->value),
        .value = number_of(p, f->value),
        .sample = f->sample,
        .from = f->from,
        .to = f->to,
        .confidence = f->confidence,
        .is_new = p->before && change->now && !change->before,
        .is_gone = !change->now,
        .has_change = isfinite(change->difference),
        .difference = number_of(p, change->difference),
        .before = change->before ? number_of(p, change->before->value) : STR_NONE,
    };

    fill_evidence(p, f, &out);
    return out;
}

static void count_change(const struct assessment_page *p, const struct finding_change *change,
                         struct tpl_assessment_quadrant *out)
{
    out->found += change->now != NULL;
    out->with_evidence += change->now && change->now->evidence.count > 0;
    out->fresh += p->before && change->now && !change->before;
    out->changed += isfinite(change->difference) && change->difference != 0;
    out->gone += !change->now;
}

static int64_t count_places(const struct assessment_page *p, enum quadrant_kind quadrant)
{
    int64_t count = 0;

    for (size_t i = 0; i < p->view.model.places.count; i++)
        count += is_own(p, p->view.model.places.items[i].assessment) &&
                 p->view.model.places.items[i].quadrant == quadrant;
    return count;
}

static int64_t count_people(const struct assessment_page *p, enum quadrant_kind quadrant)
{
    int64_t count = 0;

    for (size_t i = 0; i < p->view.model.key_persons.count; i++)
        count += is_own(p, p->view.model.key_persons.items[i].assessment) &&
                 p->view.model.key_persons.items[i].quadrant == quadrant;
    return count;
}

static void describe_quadrant(struct assessment_page *p, enum quadrant_kind quadrant,
                              struct tpl_assessment_quadrant *out)
{
    const struct assessment_quadrant *of =
        assessment_quadrant_of(&p->view.model, p->assessment, quadrant);
    Str word = word_of(&words_quadrant, (int)quadrant);
    Str preset = arena_printf(&p->req->arena, "&quadrant=" STR_F, STR_A(word));

    *out = (struct tpl_assessment_quadrant){
        .word = word,
        .name = quadrant_name(p, quadrant),
        .add = add_address(p, OBJECT_FINDING, preset),
        .edit = of ? edit_address(p->req, OBJECT_QUADRANT, of->id)
                   : add_address(p, OBJECT_QUADRANT, preset),
        .is_described = of != NULL,
        .places = count_places(p, quadrant),
        .people = count_people(p, quadrant),
    };
    if (!of)
        return;
    Str digit = arena_printf(&p->req->arena, "%d", (int)of->depth);
    out->depth = method_word(p->view.method, S("depth"), digit, p->view.language);
    out->owner = of->owner;
    out->summary = of->summary;
    out->is_complete = of->is_complete;
}

static bool fill_quadrants(struct assessment_page *p, struct tpl_assessment *c, struct err *err)
{
    struct tpl_assessment_quadrant *items =
        arena_new(&p->req->arena, struct tpl_assessment_quadrant, QUADRANT_COUNT);

    for (int q = 0; q < QUADRANT_COUNT; q++) {
        struct finding_change *changes;
        size_t count = 0;
        describe_quadrant(p, (enum quadrant_kind)q, &items[q]);
        if (!assessment_changes(&p->req->arena, &p->view.model, p->assessment, p->before,
                                (enum quadrant_kind)q, &changes, &count, err))
            return false;
        struct tpl_assessment_finding *findings =
            arena_new(&p->req->arena, struct tpl_assessment_finding, count + 1);
        for (size_t i = 0; i < count; i++) {
            findings[i] = finding_of(p, &changes[i]);
            count_change(p, &changes[i], &items[q]);
        }
        items[q].findings.items = findings;
        items[q].findings.count = count;
    }
    c->quadrants.items = items;
    c->quadrants.count = QUADRANT_COUNT;
    return true;
}

/* ---- places and people ---- */

static void fill_places(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_place *items =
        arena_new(&p->req->arena, struct tpl_assessment_place, m->places.count + 1);

    for (size_t i = 0; i < m->places.count; i++) {
        const struct market_place *of = &m->places.items[i];
        if (!is_own(p, of->assessment))
            continue;
        items[c->places.count++] = (struct tpl_assessment_place){
            .name = of->name,
            .link = edit_address(p->req, OBJECT_PLACE, of->id),
            .quadrant = quadrant_name(p, of->quadrant),
            .platform = of->platform,
            .address = of->address,
            .access = of->access,
            .has_people = isfinite(of->people),
            .people = of->people,
            .activity = of->activity,
        };
    }
    c->places.items = items;
}

static void fill_people(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_person *items =
        arena_new(&p->req->arena, struct tpl_assessment_person, m->key_persons.count + 1);

    for (size_t i = 0; i < m->key_persons.count; i++) {
        const struct key_person *of = &m->key_persons.items[i];
        if (!is_own(p, of->assessment))
            continue;
        items[c->people.count++] = (struct tpl_assessment_person){
            .name = of->name,
            .link = edit_address(p->req, OBJECT_KEY_PERSON, of->id),
            .quadrant = quadrant_name(p, of->quadrant),
            .role = strategy_word(&p->view, "person_role", &words_person_role, (int)of->role),
            .organisation = of->organisation,
            .place = of->place.len > 0 ? model_label(m, OBJECT_PLACE, of->place) : STR_NONE,
        };
    }
    c->people.items = items;
}

/* ---- SWOT and advice ---- */

static struct tpl_assessment_link *links_of(struct assessment_page *p, enum object_kind kind,
                                            StrList ids)
{
    struct tpl_assessment_link *items =
        arena_new(&p->req->arena, struct tpl_assessment_link, ids.count + 1);

    for (size_t i = 0; i < ids.count; i++)
        items[i] = (struct tpl_assessment_link){
            short_text(p->req, model_label(&p->view.model, kind, ids.items[i])),
            edit_address(p->req, kind, ids.items[i])};
    return items;
}

static void fill_letter(struct assessment_page *p, enum swot_letter letter,
                        struct tpl_assessment_letter *out)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_swot *items =
        arena_new(&p->req->arena, struct tpl_assessment_swot, m->swot.count + 1);
    Str word = word_of(&words_swot, (int)letter);

    *out = (struct tpl_assessment_letter){
        .word = word,
        .name = strategy_word(&p->view, "swot", &words_swot, (int)letter),
        .add = add_address(p, OBJECT_SWOT_ITEM,
                           arena_printf(&p->req->arena, "&letter=" STR_F, STR_A(word))),
    };
    for (size_t i = 0; i < m->swot.count; i++) {
        const struct swot_item *of = &m->swot.items[i];
        if (!is_own(p, of->assessment) || of->letter != letter)
            continue;
        struct tpl_assessment_swot *item = &items[out->items.count++];
        *item = (struct tpl_assessment_swot){
            .statement = of->statement,
            .link = edit_address(p->req, OBJECT_SWOT_ITEM, of->id),
            .impact = of->impact,
            .likelihood = of->likelihood,
        };
        item->findings.items = links_of(p, OBJECT_FINDING, of->findings);
        item->findings.count = of->findings.count;
    }
    out->items.items = items;
}

static void fill_swot(struct assessment_page *p, struct tpl_assessment *c)
{
    struct tpl_assessment_letter *items =
        arena_new(&p->req->arena, struct tpl_assessment_letter, SWOT_COUNT);

    for (int l = 0; l < SWOT_COUNT; l++)
        fill_letter(p, (enum swot_letter)l, &items[l]);
    c->letters.items = items;
    c->letters.count = SWOT_COUNT;
}

static void fill_advice(struct assessment_page *p, struct tpl_assessment *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_assessment_advice *items =
        arena_new(&p->req->arena, struct tpl_assessment_advice, m->recommendations.count + 1);

    for (size_t i = 0; i < m->recommendations.count; i++) {
        const struct recommendation *of = &m->recommendations.items[i];
        if (!is_own(p, of->assessment))
            continue;
        struct tpl_assessment_advice *item = &items[c->advices.count++];
        *item = (struct tpl_assessment_advice){
            .statement = of->statement,
            .link = edit_address(p->req, OBJECT_RECOMMENDATION, of->id),
            .kind = strategy_word(&p->view, "recommendation_kind", &words_recommendation_kind,
                                  (int)of->kind),
            .department = of->department,
            .owner = of->owner,
            .due = of->due,
            .has_effort = isfinite(of->effort),
            .effort = of->effort,
            .state = strategy_word(&p->view, "recommendation_state", &words_recommendation_state,
                                   (int)of->state),
        };
        item->swot.items = links_of(p, OBJECT_SWOT_ITEM, of->swot);
        item->swot.count = of->swot.count;
    }
    c->advices.items = items;
}

/* ---- the page ---- */

static bool fill_baseline(struct assessment_page *p, struct tpl_assessment *c, struct err *err)
{
    struct baseline baseline;

    if (!c->is_frozen)
        return true;
    if (!baseline_read(p->req->workspace->state, &p->req->arena, p->assessment->id, &baseline, err))
        return false;
    c->hash = baseline.hash;
    c->frozen_by = baseline.actor;
    c->frozen_reason = baseline.reason;
    c->document = request_url(p->req, "assessment/" STR_F "/baseline", STR_A(p->assessment->id));
    return true;
}

static void fill_addresses(struct assessment_page *p, struct tpl_assessment *c)
{
    c->edit = edit_address(p->req, OBJECT_ASSESSMENT, p->assessment->id);
    c->add_term = add_address(p, OBJECT_SEARCH_TERM, STR_NONE);
    c->add_place = add_address(p, OBJECT_PLACE, STR_NONE);
    c->add_person = add_address(p, OBJECT_KEY_PERSON, STR_NONE);
    c->add_advice = add_address(p, OBJECT_RECOMMENDATION, STR_NONE);
    c->freeze = request_url(p->req, "assessment/" STR_F "/freeze", STR_A(p->assessment->id));
}

static void fill_missing(const struct assessment_page *p, struct tpl_assessment *c)
{
    for (size_t i = 0; i < p->view.gate_count; i++)
        if (p->view.gates[i].step == STEP && p->view.gates[i].state == GATE_OPEN) {
            c->missing.items = p->view.gates[i].missing.items;
            c->missing.count = p->view.gates[i].missing.count;
        }
}

static bool fill(struct assessment_page *p, struct tpl_assessment *c, struct err *err)
{
    fill_plan(p, c);
    fill_terms(p, c);
    if (!fill_quadrants(p, c, err) || !fill_baseline(p, c, err))
        return false;
    fill_places(p, c);
    fill_people(p, c);
    fill_swot(p, c);
    fill_advice(p, c);
    fill_addresses(p, c);
    if (p->assessment == assessment_latest(&p->view.model))
        fill_missing(p, c);
    return true;
}

static bool read_page(struct request *req, Str id, struct assessment_page *p, struct err *err)
{
    *p = (struct assessment_page){.req = req, .may_edit = request_may(req, MAY_EDIT_MODEL)};
    if (!strategy_view_read(req, &p->view, err))
        return false;
    p->assessment =
        id.len > 0 ? model_assessment(&p->view.model, id) : assessment_latest(&p->view.model);
    if (id.len > 0 && !p->assessment)
        return err_set(err, ERR_NOT_FOUND, "there is no assessment '" STR_F "'", STR_A(id));
    if (p->assessment)
        p->before = assessment_before(&p->view.model, p->assessment);
    return true;
}

static bool show(struct assessment_page *p, const struct err *problem, struct err *err)
{
    struct tpl_assessment *c = arena_new(&p->req->arena, struct tpl_assessment, 1);
    struct page_head head = {.current = "assessment", .title = TR("Assessment")};

    c->has_assessment = p->assessment != NULL;
    c->plan = request_url(p->req, "edit/assessment/new?year=%.4s", time_date(p->req->now_ms).text);
    c->may_edit = p->may_edit;
    c->csrf = page_csrf(p->req);
    if (problem) {
        c->problem = error_sentence(p->req, problem);
        c->hint = error_hint(p->req, problem);
        c->reason = request_form(p->req, S("reason"));
    }
    fill_years(p, c);
    if (p->assessment && !fill(p, c, err))
        return false;
    strategy_steps(p->req, &p->view, STEP, &head);
    PAGE(p->req, &head, assessment, c);
    return true;
}

bool page_assessment(struct request *req, struct err *err)
{
    struct assessment_page *p = arena_new(&req->arena, struct assessment_page, 1);

    return read_page(req, request_query(req, S("id")), p, err) && show(p, NULL, err);
}

bool page_assessment_freeze_send(struct request *req, struct err *err)
{
    struct assessment_page *p = arena_new(&req->arena, struct assessment_page, 1);
    struct change change = strategy_change(req, request_form(req, S("reason")));
    Str id = request_capture(req, S("assessment"));
    struct err problem = {0};
    int64_t revision = 0;

    (void)!str_to_i64(request_form(req, S("revision")), &revision);
    if (assessment_freeze(req->workspace->state, &change, id, revision, &problem))
        return request_redirect_notice(
            req, request_url(req, "assessment?id=" STR_F, STR_A(request_part(req, id))),
            request_tr(req, TR("Frozen as a baseline, and recorded in the ledger.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return read_page(req, id, p, err) && show(p, &problem, err);
}

bool page_assessment_baseline(struct request *req, struct err *err)
{
    Str id = request_capture(req, S("assessment"));
    struct baseline baseline;

    if (!baseline_read(req->workspace->state, &req->arena, id, &baseline, err))
        return false;
    if (baseline.document.len == 0)
        return err_set(err, ERR_NOT_FOUND, "assessment '" STR_F "' has no kept baseline",
                       STR_A(id));
    req->content_type = S("application/json");
    req->fixed_body = baseline.document;
    return true;
}
