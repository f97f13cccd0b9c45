/* page_object.c - add, change or remove one object of the strategy; every change is in the ledger.
 */
#include <string.h>

#include "strategy/rating/rating_change.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/object_form.h"

struct editing {
    const struct object_form_spec *spec;
    struct strategy_view view;
    Str id;
    bool is_new;
    const void *object;      /* of the kind's struct; NULL when new */
    const struct json *json; /* of the object; NULL when new */
    int64_t revision;
};

/* What an object with a given id is about has to be there. */
static bool may_be_given(const struct editing *e)
{
    switch (e->spec->kind) {
    case OBJECT_POTENTIAL:
        return method_potential(e->view.method, e->id) != NULL;
    case OBJECT_COVERAGE:
        return model_goal(&e->view.model, e->id) != NULL;
    case OBJECT_WAIVER:
        return e->id.len == 1 && e->id.ptr[0] >= '0' && e->id.ptr[0] <= '7';
    case OBJECT_PLAN_STEP:
        return e->id.len == 1 && e->id.ptr[0] >= '0' && e->id.ptr[0] <= '9';
    default:
        return false;
    }
}

static bool read_editing(struct request *req, struct editing *e, struct err *err)
{
    Str kind = request_capture(req, S("kind")), text;

    *e = (struct editing){.spec = object_form_spec(kind), .id = request_capture(req, S("id"))};
    if (!e->spec)
        return err_set(err, ERR_NOT_FOUND, "there is no form for '" STR_F "'", STR_A(kind));
    if (!strategy_view_read(req, &e->view, err))
        return false;
    e->object = model_find(&e->view.model, e->spec->kind, e->id);
    e->revision = e->object ? object_revision(e->object) : 0;
    e->is_new = str_eq(e->id, S("new")) || (e->spec->id == FORM_ID_GIVEN && !e->object);
    if (e->is_new && e->spec->id == FORM_ID_GIVEN && !may_be_given(e))
        return err_set(err, ERR_NOT_FOUND,
                       "there is nothing '" STR_F "' to which a " STR_F " could belong",
                       STR_A(e->id), STR_A(kind));
    if (e->is_new)
        return true;
    if (!e->object)
        return err_set(err, ERR_NOT_FOUND, "there is no " STR_F " '" STR_F "'", STR_A(kind),
                       STR_A(e->id));
    return store_object_json(&req->arena, e->spec->kind, e->object, &text, err) &&
           json_parse(&req->arena, text, &e->json, err);
}

/* What a link may preset: ?topic=repair&rating=leading. */
static const struct json *presets(struct request *req)
{
    struct buf text;
    struct json_writer w;
    const struct json *root = NULL;
    struct err ignored = {0};

    buf_init(&text, 65536);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    for (size_t i = 0; i < req->query.count; i++)
        if (!params_has(&(struct params){req->query.items, i}, req->query.items[i].name)) {
            json_key(&w, req->query.items[i].name);
            json_put_str(&w, req->query.items[i].value);
        }
    json_end_object(&w);
    (void)!json_parse(&req->arena, buf_str(&text), &root, &ignored);
    buf_deinit(&text);
    return root;
}

static Str gate_name(const struct editing *e)
{
    for (size_t i = 0; i < e->view.gate_count; i++)
        if (e->view.gates[i].step == e->id.ptr[0] - '0')
            return e->view.gates[i].name;
    return e->id;
}

static Str title_of(struct request *req, const struct editing *e)
{
    const struct potential *p = method_potential(e->view.method, e->id);

    if (e->spec->kind == OBJECT_WAIVER || e->spec->kind == OBJECT_PLAN_STEP)
        return gate_name(e);
    if (e->spec->kind == OBJECT_COVERAGE)
        return model_label(&e->view.model, OBJECT_GOAL, e->id);
    if (e->spec->kind == OBJECT_POTENTIAL)
        return p ? p->name.in[e->view.language] : e->id;
    return e->is_new ? request_tr(req, e->spec->title_new)
                     : model_label(&e->view.model, e->spec->kind, e->id);
}

/* The page that lists the object; of the one it belongs to, where every version has its own:
 * "sheets?version=lean#matrix". */
static Str home_address(struct request *req, const struct editing *e)
{
    Str page, mark, by = STR_NONE;

    if (!e->spec->home_by)
        return request_url(req, "%s", e->spec->home);
    Str member = str_from_cstr(e->spec->home_by);
    if (params_has(&req->form, member))
        by = request_form(req, member);
    else if (!json_str(json_get(e->json, e->spec->home_by), &by))
        by = request_query(req, member);
    bool is_marked = str_cut(str_from_cstr(e->spec->home), '#', &page, &mark);
    return request_url(req, STR_F "?%s=" STR_F "%s" STR_F, STR_A(page), e->spec->home_by,
                       STR_A(request_part(req, by)), is_marked ? "#" : "", STR_A(mark));
}

/* `typed`: the fields show what was sent; else the object as it is stored. */
static bool show(struct request *req, const struct editing *e, const struct err *problem,
                 bool is_typed)
{
    Str bad = STR_NONE, message = STR_NONE;
    Str kind = word_of(&words_object_kind, (int)e->spec->kind), part = request_part(req, e->id);

    if (problem) {
        Str path, rest;
        if (str_cut(str_from_cstr(problem->msg), ':', &path, &rest))
            bad = path;
        message = error_sentence(req, problem);
    }
    struct tpl_object *c = arena_new(&req->arena, struct tpl_object, 1);
    *c = (struct tpl_object){
        .title = title_of(req, e),
        .kind = request_tr(req, e->spec->title),
        .is_new = e->is_new,
        .id = e->is_new ? STR_NONE : e->id,
        .revision_text = is_typed ? request_form(req, S("revision"))
                                  : arena_printf(&req->arena, "%lld", (long long)e->revision),
        .action = request_url(req, "edit/" STR_F "/" STR_F, STR_A(kind), STR_A(part)),
        .remove = request_url(req, "edit/" STR_F "/" STR_F "/remove", STR_A(kind), STR_A(part)),
        .back = home_address(req, e),
        .problem = message,
        .hint = problem ? error_hint(req, problem) : STR_NONE,
        .is_bad_reason = str_eq(bad, S("reason")),
        .csrf = page_csrf(req),
        .reason = is_typed ? request_form(req, S("change_reason")) : STR_NONE,
        .may_edit = request_may(req, MAY_EDIT_MODEL),
        .has_new_id = e->is_new && e->spec->id == FORM_ID_TYPED,
        .new_id = request_form(req, S("new_id")),
    };
    object_form_fill(req, &e->view, e->spec, e->is_new && !is_typed ? presets(req) : e->json,
                     is_typed, bad, c);
    struct page_crumb crumbs[] = {{request_tr(req, e->spec->title), c->back}, {c->title, STR_NONE}};
    struct page_head head = {
        .current = e->spec->current, .title_text = c->title, .crumbs = crumbs, .crumb_count = 2};
    strategy_steps(req, &e->view, e->spec->step, &head);
    PAGE(req, &head, object, c);
    return true;
}

bool page_object(struct request *req, struct err *err)
{
    struct editing *e = arena_new(&req->arena, struct editing, 1);

    return read_editing(req, e, err) && show(req, e, NULL, false);
}

/* The id of a new object comes from its name; taken ones get a number. */
static Str new_id(struct request *req, const struct editing *e)
{
    static const char *const sources[] = {"new_id",    "name",         "text",
                                          "statement", "user_benefit", "effect",
                                          "title",     "quadrant",     "year"};
    Str name = STR_NONE;

    if (e->spec->id == FORM_ID_GIVEN)
        return e->id;
    for (size_t i = 0; i < COUNT_OF(sources) && name.len == 0; i++)
        name = request_form(req, str_from_cstr(sources[i]));
    if (e->spec->id == FORM_ID_TYPED)
        return name;
    if (name.len == 0)
        name = word_of(&words_object_kind, (int)e->spec->kind);
    Str base = str_sub(strategy_id_from(&req->arena, str_sub(name, 0, 80)), 0, 40), id = base;
    for (int n = 2; n < 1000 && model_find(&e->view.model, e->spec->kind, id); n++)
        id = arena_printf(&req->arena, STR_F "-%d", STR_A(base), n);
    return id;
}

static bool save(struct request *req, struct editing *e, struct err *err)
{
    struct change change = strategy_change(req, request_form(req, S("change_reason")));
    Str id = e->is_new ? new_id(req, e) : e->id, json;
    void *object = arena_alloc(&req->arena, store_object_size(e->spec->kind), 16, 1);
    int64_t revision = 0;

    if (!object_form_json(req, e->spec, e->json, id, &json, err) ||
        !store_object_parse(&req->arena, e->spec->kind, json, object, err))
        return false;
    (void)!str_to_i64(request_form(req, S("revision")), &revision);
    object_set_revision(object, e->is_new ? 0 : revision);
    if (e->spec->kind == OBJECT_WAIVER)
        ((struct gate_waiver *)object)->by = request_actor(req);
    return rating_change_put(req->workspace->state, &change, e->spec->kind, object, err);
}

bool page_object_send(struct request *req, struct err *err)
{
    struct editing *e = arena_new(&req->arena, struct editing, 1);
    struct err problem = {0};

    if (!read_editing(req, e, err))
        return false;
    if (save(req, e, &problem))
        return request_redirect_notice(req, home_address(req, e),
                                       request_tr(req, TR("Saved, and recorded in the ledger.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT && problem.code != ERR_EXISTS) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show(req, e, &problem, true);
}

/* Only what was looked at is removed: the form says which revision it showed. */
static bool take_away(struct request *req, const struct editing *e, struct err *err)
{
    struct change change = strategy_change(req, request_form(req, S("change_reason")));
    int64_t revision = 0;

    if (!str_to_i64(request_form(req, S("revision")), &revision) || revision <= 0)
        return err_set(err, ERR_INPUT, "revision: the form was not complete") ||
               err_hint(err, "Load the page again, look at what it shows and repeat.");
    return store_remove(req->workspace->state, &change, e->spec->kind, e->id, revision, err);
}

bool page_object_remove_send(struct request *req, struct err *err)
{
    struct editing *e = arena_new(&req->arena, struct editing, 1);
    struct err problem = {0};

    if (!read_editing(req, e, err))
        return false;
    if (e->is_new)
        return request_redirect(req, home_address(req, e));
    if (take_away(req, e, &problem))
        return request_redirect_notice(req, home_address(req, e),
                                       request_tr(req, TR("Removed, and recorded in the ledger.")));
    if (problem.code != ERR_CONFLICT && problem.code != ERR_INPUT) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show(req, e, &problem, false);
}
