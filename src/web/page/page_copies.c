/* page_copies.c - the near-duplicates of one post among the mentions of a query. */
#include "listen/measure/story.h"
#include "listen/standing_query.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"

enum { COPIES_SHOWN = 100, WINDOW_HOURS_MAX = 400 * 24 /* alerts are shorter */ };

struct copies_page {
    struct standing_query query;
    int64_t from_hour, to_hour;
    struct archived_post post;
    struct archive *archive;
    struct stories stories;
};

static bool read_window(struct request *req, struct copies_page *p, struct err *err)
{
    p->from_hour = request_query_i64(req, S("from"), 0, 0, INT32_MAX);
    p->to_hour = request_query_i64(req, S("to"), 0, 0, INT32_MAX);
    if (p->to_hour <= p->from_hour || p->to_hour - p->from_hour > WINDOW_HOURS_MAX)
        return err_set(err, ERR_NOT_FOUND, "there is no such window");
    return standing_query_find(&req->arena, req->workspace->state, request_query(req, S("query")),
                               &p->query, err);
}

static bool is_same(struct post_ref ref, const struct archived_post *post)
{
    return ref.month == post->month && ref.id == post->id;
}

/* The story of the post; SIZE_MAX: it was not read. */
static size_t story_of(const struct copies_page *p)
{
    for (size_t i = 0; i < p->stories.posts.count; i++)
        if (is_same(p->stories.posts.items[i].ref, &p->post))
            return p->stories.posts.items[i].story;
    return SIZE_MAX;
}

static bool fill_copies(struct request *req, struct copies_page *p, struct tpl_copies *c,
                        struct err *err)
{
    struct tpl_post *items = arena_new(&req->arena, struct tpl_post, COPIES_SHOWN);
    size_t story = story_of(p);
    struct archived_post copy;

    c->is_unread = story == SIZE_MAX;
    for (size_t i = 0; i < p->stories.posts.count; i++) {
        const struct story_post *s = &p->stories.posts.items[i];
        if (s->story != story || is_same(s->ref, &p->post) || ++c->count > COPIES_SHOWN)
            continue;
        if (!archive_post(p->archive, &req->arena, s->ref.month, s->ref.id, &copy, err))
            return false;
        post_view_fill(req, &copy.post, copy.polarity, copy.post.lang, NULL,
                       &items[c->posts.count++]);
    }
    c->posts.items = items;
    c->has_more = c->count > COPIES_SHOWN;
    c->every = (int64_t)p->stories.every;
    return true;
}

static bool fill_page(struct request *req, struct copies_page *p, struct tpl_copies *c,
                      struct err *err)
{
    struct err missing = {0};

    if (!archive_open(&p->archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    if (!archive_find(p->archive, &req->arena, request_query(req, S("source")),
                      request_query(req, S("id")), &p->post, &missing)) {
        c->is_gone = missing.code == ERR_NOT_FOUND;
        if (!c->is_gone)
            *err = missing;
        return c->is_gone;
    }
    post_view_fill(req, &p->post.post, p->post.polarity, p->post.post.lang, NULL, &c->head);
    return stories_read(p->archive, p->query.id, p->from_hour, p->to_hour, &p->stories, err) &&
           fill_copies(req, p, c, err);
}

bool page_copies(struct request *req, struct err *err)
{
    struct tpl_copies *c = arena_new(&req->arena, struct tpl_copies, 1);
    struct copies_page p = {0};

    bool ok = read_window(req, &p, err) && fill_page(req, &p, c, err);
    stories_deinit(&p.stories);
    archive_close(&p.archive);
    if (!ok)
        return false;
    c->query_title = market_query_title(&p.query);
    c->from = p.from_hour * HOUR_MS;
    c->to = p.to_hour * HOUR_MS;
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Market")), request_url(req, "market")},
        {c->query_title, request_url(req, "market?query=" STR_F, STR_A(p.query.name))},
        {request_tr(req, TR("Copies")), STR_NONE}};
    struct page_head head = {
        .current = "market", .title = TR("Copies"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, copies, c);
    return true;
}
