/* page_corrections.c - what words mean under one query: edited, tried, saved, applied. */
#include <math.h>

#include "listen/label/correction_effect.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/label_view.h"
#include "web/view/market_view.h"
#include "web/view/operation_view.h"
#include "web/view/post_view.h"

enum { EMPTY_ROWS = 4, ROWS_MAX = CORRECTIONS_MAX + EMPTY_ROWS };

/* What the form holds. */
struct form {
    struct correction items[ROWS_MAX];
    size_t count;
    size_t wrong;       /* row that was refused; ROWS_MAX: none */
    bool is_typed;      /* as sent, not as stored */
    bool wants_preview; /* tried on stored posts */
};

static const char *const mood_values[LABEL_MOODS] = {"-1", "0", "1"};

static void form_read(struct request *req, struct form *f)
{
    *f = (struct form){.wrong = ROWS_MAX, .is_typed = true};
    for (size_t i = 0; i < ROWS_MAX && f->count < CORRECTIONS_MAX; i++) {
        Str name = arena_printf(&req->arena, "term%zu", i + 1);
        Str term = request_form(req, name);
        Str mood = request_form(req, arena_printf(&req->arena, "mood%zu", i + 1));
        if (term.len == 0)
            continue;
        f->items[f->count++] = (struct correction){
            .term = term,
            .context = request_form(req, arena_printf(&req->arena, "context%zu", i + 1)),
            .mood = str_eq(mood, S("1"))   ? POST_POSITIVE
                    : str_eq(mood, S("0")) ? POST_NEUTRAL
                                           : POST_NEGATIVE,
        };
    }
}

static void fill_rows(struct request *req, const struct form *f, bool may_edit,
                      struct tpl_corrections *c)
{
    size_t count = f->count + (may_edit ? EMPTY_ROWS : 0);
    struct tpl_corrections_row *rows =
        arena_new(&req->arena, struct tpl_corrections_row, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct tpl_corrections_mood *moods =
            arena_new(&req->arena, struct tpl_corrections_mood, LABEL_MOODS);
        for (int m = 0; m < LABEL_MOODS; m++)
            moods[m] = (struct tpl_corrections_mood){
                str_from_cstr(mood_values[m]), label_view_verdict(req, (enum label_verdict)(m - 1)),
                i < f->count ? (int)f->items[i].mood == m - 1 : m == 0};
        rows[i] = (struct tpl_corrections_row){
            .number = (int64_t)i + 1, .moods = {moods, LABEL_MOODS}, .is_bad = i == f->wrong};
        if (i < f->count) {
            rows[i].term = f->items[i].term;
            rows[i].only = f->items[i].context;
        }
    }
    c->rows.items = rows;
    c->rows.count = count;
    c->rows_count = (int64_t)count;
}

/* ---- what they change ------------------------------------------------------------------------ */

static void fill_moved(struct request *req, const struct correction_effect *effect,
                       struct tpl_corrections *c)
{
    struct tpl_corrections_change *items =
        arena_new(&req->arena, struct tpl_corrections_change, LABEL_MOODS * LABEL_MOODS);
    size_t count = 0;

    for (int from = 0; from < LABEL_MOODS; from++)
        for (int to = 0; to < LABEL_MOODS; to++)
            if (effect->moved[from][to] > 0)
                items[count++] = (struct tpl_corrections_change){
                    label_view_verdict(req, (enum label_verdict)(from - 1)),
                    label_view_verdict(req, (enum label_verdict)(to - 1)), effect->moved[from][to]};
    c->changes.items = items;
    c->changes.count = count;
}

static Str lang_of(const struct archived_post *post)
{
    return post->post.lang.len > 0 ? post->post.lang : post->lang_found;
}

static bool fill_effect(struct request *req, struct archive *archive,
                        const struct standing_query *q, const struct form *f,
                        struct tpl_corrections *c, struct err *err)
{
    struct correction_effect *effect = arena_new(&req->arena, struct correction_effect, 1);

    if (!f->wants_preview)
        return true;
    if (!correction_effect(req->workspace->state, archive, &req->arena, q->id, f->items, f->count,
                           effect, err))
        return false;
    c->has_preview = true;
    c->looked_at = effect->looked_at;
    c->changed = effect->changed;
    fill_moved(req, effect, c);
    c->has_held = effect->before.usable > 0;
    c->held = (int64_t)effect->before.usable;
    c->before = effect->before.confusion.accuracy.value;
    c->before_low = effect->before.confusion.accuracy.low;
    c->before_high = effect->before.confusion.accuracy.high;
    c->after = effect->after.confusion.accuracy.value;
    c->after_low = effect->after.confusion.accuracy.low;
    c->after_high = effect->after.confusion.accuracy.high;
    struct tpl_post *posts = arena_new(&req->arena, struct tpl_post, CORRECTION_EXAMPLES_MAX);
    for (size_t i = 0; i < effect->example_count; i++)
        post_view_fill(req, &effect->examples[i].post, effect->example_moods[i],
                       lang_of(&effect->examples[i]), NULL, &posts[i]);
    c->examples.items = posts;
    c->examples.count = effect->example_count;
    return true;
}

static bool fill_mistakes(struct request *req, struct archive *archive,
                          const struct standing_query *q, struct tpl_corrections *c,
                          struct err *err)
{
    struct correction_mistake *list =
        arena_new(&req->arena, struct correction_mistake, CORRECTION_MISTAKES_MAX);
    struct tpl_corrections_mistake *items =
        arena_new(&req->arena, struct tpl_corrections_mistake, CORRECTION_MISTAKES_MAX);
    size_t count;

    if (!correction_mistakes(req->workspace->state, archive, &req->arena, q->id, list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        items[i].people = label_view_verdict(req, list[i].people);
        items[i].machine = label_view_mood(req, list[i].machine);
        post_view_fill(req, &list[i].post.post, POST_POLARITY_UNKNOWN, lang_of(&list[i].post), NULL,
                       &items[i].item);
    }
    c->mistakes.items = items;
    c->mistakes.count = count;
    return true;
}

static bool fill_versions(struct request *req, int64_t query, struct tpl_corrections *c,
                          struct err *err)
{
    struct correction_list *list;
    size_t count;

    if (!correction_versions(&req->arena, req->workspace->state, query, &list, &count, err))
        return false;
    struct tpl_corrections_version *items =
        arena_new(&req->arena, struct tpl_corrections_version, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_corrections_version){
            .number = list[i].version,
            .at = list[i].at_ms,
            .actor = list[i].actor,
            .reason = list[i].reason,
            .is_applied = list[i].applied_at_ms != 0,
            .applied = list[i].applied_at_ms,
        };
    c->versions.items = items;
    c->versions.count = count;
    c->version = count > 0 ? list[0].version : 0;
    c->is_waiting = count > 0 && list[0].applied_at_ms == 0;
    return true;
}

static bool show(struct request *req, const struct standing_query *q, const struct form *f,
                 const struct err *problem, struct err *err)
{
    struct tpl_corrections *c = arena_new(&req->arena, struct tpl_corrections, 1);
    struct archive *archive = NULL;
    bool may_edit = request_may(req, MAY_EDIT_QUERIES);

    *c = (struct tpl_corrections){
        .title = market_query_title(q),
        .name = q->name,
        .query_link = request_url(req, "queries/" STR_F, STR_A(q->name)),
        .labels_link = request_url(req, "queries/" STR_F "/labels", STR_A(q->name)),
        .action = request_url(req, "queries/" STR_F "/corrections", STR_A(q->name)),
        .restate = request_url(req, "queries/" STR_F "/corrections/restate", STR_A(q->name)),
        .csrf = page_csrf(req),
        .may_edit = may_edit,
        .may_restate = may_edit,
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
        .reason = f->is_typed ? request_form(req, S("reason")) : STR_NONE,
        .is_unsaved = f->is_typed,
    };
    fill_rows(req, f, may_edit, c);
    if (!fill_versions(req, q->id, c, err) ||
        !archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = fill_effect(req, archive, q, f, c, err) && fill_mistakes(req, archive, q, c, err);
    archive_close(&archive);
    if (!ok)
        return false;
    struct page_crumb crumbs[] = {{request_tr(req, TR("Queries")), request_url(req, "queries")},
                                  {c->title, c->query_link},
                                  {request_tr(req, TR("Corrections")), STR_NONE}};
    struct page_head head = {
        .current = "queries", .title = TR("Corrections"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, corrections, c);
    return true;
}

static bool query_find(struct request *req, struct standing_query *q, struct err *err)
{
    return standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                               q, err);
}

bool page_corrections(struct request *req, struct err *err)
{
    struct form *f = arena_new(&req->arena, struct form, 1);
    struct correction_list list;
    struct standing_query q;

    if (!query_find(req, &q, err) ||
        !correction_read(&req->arena, req->workspace->state, q.id, &list, err))
        return false;
    f->wrong = ROWS_MAX;
    f->count = list.count;
    for (size_t i = 0; i < list.count; i++)
        f->items[i] = list.items[i];
    return show(req, &q, f, NULL, err);
}

static bool refused(struct request *req, const struct standing_query *q, struct form *f,
                    const struct err *problem, struct err *err)
{
    if (problem->code != ERR_INPUT) {
        *err = *problem;
        return false;
    }
    f->wants_preview = false;
    req->status = status_of(problem->code);
    return show(req, q, f, problem, err);
}

bool page_corrections_send(struct request *req, struct err *err)
{
    struct form *f = arena_new(&req->arena, struct form, 1);
    struct standing_query q;
    struct err problem = {0};
    struct db *state = req->workspace->state;

    if (!query_find(req, &q, err))
        return false;
    form_read(req, f);
    if (!correction_check(state, f->items, f->count, &f->wrong, &problem))
        return refused(req, &q, f, &problem, err);
    f->wrong = ROWS_MAX;
    f->wants_preview = true;
    if (!str_eq(request_form(req, S("do")), S("save")))
        return show(req, &q, f, NULL, err);
    if (!request_may(req, MAY_EDIT_QUERIES))
        return err_set(err, ERR_DENIED, "your role may not change queries");
    if (!correction_save(state, q.id, f->items, f->count, request_actor(req),
                         request_form(req, S("reason")), req->now_ms, &problem))
        return refused(req, &q, f, &problem, err);
    return request_redirect_notice(
        req, request_url(req, "queries/" STR_F "/corrections", STR_A(q.name)),
        request_tr(req, TR("Saved. Posts that come from now on are read with them.")));
}

bool page_corrections_restate_send(struct request *req, struct err *err)
{
    struct standing_query q;

    return query_find(req, &q, err) &&
           operation_view_begin(req, (struct operation_wish){.kind = OPERATION_REMATCH}, err) &&
           request_redirect(req, request_url(req, "queries"));
}
