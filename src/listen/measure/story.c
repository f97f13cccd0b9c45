#include "listen/measure/story.h"

#include <stdlib.h>

#include "text/similarity.h"

struct walk {
    struct stories *out;
    struct similarity *index;
    struct post_tokens tokens;
    struct err *err;
    bool ok;
};

static bool visit(void *context, const struct mention_fact *fact, const struct archived_post *post)
{
    struct walk *w = context;
    const struct post_tokens *t = &w->tokens;

    if (!(w->ok = post_tokens_fill(&w->tokens, &post->post, w->err)))
        return false;
    const struct similarity_part parts[] = {{t->title, t->title_count}, {t->body, t->body_count}};
    struct similarity_answer answer =
        similarity_add(w->index, parts, COUNT_OF(parts), post->post.created_at_ms);
    struct story_post item = {.ref = {fact->month, fact->post},
                              .story = (size_t)answer.story,
                              .engagement = fact->engagement > 0 ? fact->engagement : 0};
    w->ok = vec_try_push(&w->out->posts, item) ||
            err_set(w->err, ERR_NO_MEMORY, "no memory for the stories of a query");
    return w->ok;
}

static int story_cmp(const void *left, const void *right)
{
    const struct story *a = left, *b = right;

    if (a->engagement != b->engagement)
        return a->engagement > b->engagement ? -1 : 1;
    if (a->posts != b->posts)
        return a->posts > b->posts ? -1 : 1;
    return a->first < b->first ? -1 : 1;
}

/* Stories stand in the order of their first posts while they are counted. */
static bool gather(struct stories *s, struct err *err)
{
    size_t *places = mem_try_alloc(s->posts.count + 1, sizeof *places);
    bool ok = places != NULL;

    for (size_t i = 0; ok && i < s->posts.count; i++) {
        const struct story_post *p = &s->posts.items[i];
        if (p->story == i) {
            places[i] = s->items.count;
            ok = vec_try_push(&s->items, (struct story){i, p->ref, p->engagement, 1});
            continue;
        }
        struct story *story = &s->items.items[places[p->story]];
        story->posts++;
        if (p->engagement > story->engagement) {
            story->engagement = p->engagement;
            story->best = p->ref;
        }
    }
    mem_free(places);
    if (!ok)
        return err_set(err, ERR_NO_MEMORY, "no memory for the stories of a query");
    if (s->items.count > 1)
        qsort(s->items.items, s->items.count, sizeof *s->items.items, story_cmp);
    return true;
}

bool stories_read(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                  struct stories *out, struct err *err)
{
    struct walk w = {.out = out, .err = err, .ok = true};
    int64_t mentions;

    *out = (struct stories){.every = 1};
    if (!archive_mention_count(a, query, from_hour, to_hour, &mentions, err))
        return false;
    out->every = (uint64_t)(mentions / STORY_POSTS_MAX) + 1;
    /* Windows are told as a whole: a copy counts however late it comes. */
    struct similarity_settings settings = {
        .window_ms = (to_hour - from_hour + 1) * HOUR_MS,
        .posts_max = mentions < STORY_POSTS_MAX ? (size_t)mentions + 1 : STORY_POSTS_MAX};
    bool ok = similarity_create(&w.index, &settings, err) && post_tokens_init(&w.tokens, err) &&
              archive_mention_posts(a, query, from_hour, to_hour, out->every, visit, &w, err) &&
              w.ok && gather(out, err);
    post_tokens_deinit(&w.tokens);
    similarity_destroy(&w.index);
    if (!ok)
        stories_deinit(out);
    return ok;
}

void stories_deinit(struct stories *stories)
{
    vec_deinit(&stories->posts);
    vec_deinit(&stories->items);
}
