/* page_label.c - one labelling round, post by post, by keyboard. */
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/label_view.h"
#include "web/view/post_view.h"

struct desk {
    struct label_round round;
    struct standing_query query;
    int64_t ordinal, left; /* ordinal 0: all are judged */
    bool is_repeat;        /* a post that was judged before is judged anew */
};

static bool round_find(struct request *req, struct desk *d, struct err *err)
{
    struct db *state = req->workspace->state;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("round")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such labelling round");
    return label_round_read(&req->arena, state, id, &d->round, err) &&
           standing_query_read(&req->arena, state, d->round.query, &d->query, err);
}

static void fill_choices(struct request *req, const struct label_item *item, struct tpl_label *c)
{
    static const struct {
        enum label_verdict verdict;
        const char *key, *kind;
    } choices[] = {{LABEL_NEGATIVE, "1", "negative"},
                   {LABEL_NEUTRAL, "2", "neutral"},
                   {LABEL_POSITIVE, "3", "positive"},
                   {LABEL_OFF_TOPIC, "4", "off"},
                   {LABEL_UNSURE, "5", "unsure"}};
    struct tpl_label_choice *items =
        arena_new(&req->arena, struct tpl_label_choice, COUNT_OF(choices));
    Str actor = request_actor(req);

    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        items[i] = (struct tpl_label_choice){
            .value = str_from_cstr(label_verdict_name(choices[i].verdict)),
            .label = label_view_verdict(req, choices[i].verdict),
            .key = str_from_cstr(choices[i].key),
            .kind = str_from_cstr(choices[i].kind),
        };
        for (size_t j = 0; j < item->judgement_count; j++)
            items[i].is_chosen |= str_eq(item->judgements[j].labeller, actor) &&
                                  item->judgements[j].verdict == choices[i].verdict;
    }
    c->choices.items = items;
    c->choices.count = COUNT_OF(choices);
}

static bool fill_post(struct request *req, const struct desk *d, struct tpl_label *c,
                      struct err *err)
{
    struct archived_post *post = arena_new(&req->arena, struct archived_post, 1);
    struct archive *archive = NULL;
    struct label_item item;
    bool is_there = false;

    if (!label_item_read(&req->arena, req->workspace->state, d->round.id, d->ordinal, &item, err) ||
        !archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = label_item_post(archive, &req->arena, &item, post, &is_there, err);
    archive_close(&archive);
    if (!ok)
        return false;
    fill_choices(req, &item, c);
    c->is_gone = !is_there;
    if (is_there) /* without its mood: nobody is to be led */
        post_view_fill(req, &post->post, POST_POLARITY_UNKNOWN,
                       post->post.lang.len > 0 ? post->post.lang : post->lang_found,
                       label_view_explain(req, &d->query, post), &c->item);
    return true;
}

/* What was said just before, and what the machine says of it. */
static bool fill_last(struct request *req, const struct desk *d, struct tpl_label *c,
                      struct err *err)
{
    int64_t ordinal = request_query_i64(req, S("last"), 0, 1, INT64_MAX);
    struct label_item item;
    struct err missing = {0};
    Str actor = request_actor(req);

    if (ordinal == 0)
        return true;
    if (!label_item_read(&req->arena, req->workspace->state, d->round.id, ordinal, &item,
                         &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    for (size_t i = 0; i < item.judgement_count; i++) {
        if (!str_eq(item.judgements[i].labeller, actor))
            continue;
        c->has_last = true;
        c->last_said = label_view_verdict(req, item.judgements[i].verdict);
        c->last_machine = label_view_mood(req, item.mood);
        c->is_last_same = (int)item.judgements[i].verdict == (int)item.mood;
    }
    return true;
}

static bool place_find(struct request *req, struct desk *d, struct err *err)
{
    int64_t again = request_query_i64(req, S("post"), 0, 1, INT64_MAX);
    int64_t after = request_query_i64(req, S("at"), 0, 0, INT64_MAX);

    if (!label_next(req->workspace->state, d->round.id, request_actor(req), after, &d->ordinal,
                    &d->left, err))
        return false;
    d->is_repeat = again > 0;
    d->ordinal = again > 0 ? again : d->ordinal;
    return true;
}

bool page_label(struct request *req, struct err *err)
{
    struct tpl_label *c = arena_new(&req->arena, struct tpl_label, 1);
    struct desk d = {.ordinal = 0};

    if (!round_find(req, &d, err) || !place_find(req, &d, err))
        return false;
    int64_t total = d.round.drawn - d.round.erased;
    *c = (struct tpl_label){
        .round = d.round.id,
        .title = d.query.title.len > 0 ? d.query.title : d.query.name,
        .query_text = str_sub(d.query.text, 0, 400),
        .report = request_url(req, "queries/" STR_F "/labels", STR_A(d.query.name)),
        .action = request_url(req, "labels/%lld", (long long)d.round.id),
        .csrf = page_csrf(req),
        .may_edit = request_may(req, MAY_EDIT_QUERIES),
        .is_closed = d.round.closed_at_ms != 0,
        .is_done = d.ordinal == 0,
        .ordinal = d.ordinal,
        .total = total,
        .judged = total - d.left,
        .left = d.left,
        .skip =
            request_url(req, "labels/%lld?at=%lld", (long long)d.round.id, (long long)d.ordinal),
        .is_repeat = d.is_repeat,
    };
    if (!fill_last(req, &d, c, err) ||
        (!c->is_closed && !c->is_done && !fill_post(req, &d, c, err)))
        return false;
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Labels")), request_url(req, "labels")},
        {c->title, c->report},
        {arena_printf(&req->arena, "%lld", (long long)c->round), STR_NONE}};
    struct page_head head = {
        .current = "labels", .title = TR("Labelling"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, label, c);
    return true;
}

static bool judge_send(struct request *req, const struct desk *d, struct err *err)
{
    enum label_verdict verdict;
    int64_t ordinal = 0;

    if (!label_verdict_from(request_form(req, S("verdict")), &verdict) ||
        !str_to_i64(request_form(req, S("post")), &ordinal))
        return err_set(err, ERR_INPUT, "the judgement is not understood");
    if (!label_judge(req->workspace->state, d->round.id, ordinal, request_actor(req), verdict,
                     req->now_ms, err))
        return false;
    return request_redirect(req, request_url(req, "labels/%lld?at=%lld&last=%lld",
                                             (long long)d->round.id, (long long)ordinal,
                                             (long long)ordinal));
}

static bool undo_send(struct request *req, const struct desk *d, struct err *err)
{
    int64_t ordinal;

    if (!label_undo(req->workspace->state, d->round.id, request_actor(req), &ordinal, err))
        return false;
    return request_redirect(req, request_url(req, "labels/%lld?post=%lld", (long long)d->round.id,
                                             (long long)(ordinal > 0 ? ordinal : 1)));
}

/* What the machine says at the end is what the round is measured against. */
static bool close_send(struct request *req, const struct desk *d, struct err *err)
{
    struct archive *archive = NULL;
    struct label_reading reading;
    struct db *state = req->workspace->state;

    bool ok = archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err) &&
              label_read_machine(state, archive, d->round.query, req->now_ms, &reading, err) &&
              label_close(state, d->round.id, request_actor(req), req->now_ms, err);
    archive_close(&archive);
    return ok && request_redirect_notice(
                     req, request_url(req, "queries/" STR_F "/labels", STR_A(d->query.name)),
                     request_tr(req, TR("The round is closed; its labels stay.")));
}

bool page_label_send(struct request *req, struct err *err)
{
    struct desk d = {.ordinal = 0};
    Str wanted = request_form(req, S("do"));

    if (!round_find(req, &d, err))
        return false;
    if (str_eq(wanted, S("undo")))
        return undo_send(req, &d, err);
    if (str_eq(wanted, S("close")))
        return close_send(req, &d, err);
    return judge_send(req, &d, err);
}
