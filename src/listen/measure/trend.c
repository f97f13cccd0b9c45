#include "listen/measure/trend.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "listen/measure/trend_priv.h"
#include "text/similarity.h"

struct trend_finder {
    struct trend_settings settings;
    struct similarity *copies;
    struct trend_history history;
    struct trend_groups *groups;
    struct {
        VEC(struct trend_entry *);
    } touched; /* entries of the current slot, each once */
    struct {
        VEC(struct trend_rising);
    } rising;
    struct trend_post post; /* scratch */
    struct arena arena;     /* of the answers */
    bool has_posts;
    int64_t first_slot; /* since 1970, of slot TREND_SLOTS */
    uint64_t added;
};

bool trend_finder_create(struct trend_finder **out, const struct trend_settings *settings,
                         struct err *err)
{
    struct trend_finder *f = mem_try_alloc(1, sizeof *f);

    if (!f)
        return err_set(err, ERR_NO_MEMORY, "no memory for trends");
    f->settings = settings ? *settings : (struct trend_settings){0};
    if (f->settings.score_min == 0)
        f->settings.score_min = TREND_SCORE_MIN;
    if (f->settings.stories_min == 0)
        f->settings.stories_min = TREND_STORIES_MIN;
    if (f->settings.table_terms == 0)
        f->settings.table_terms = TREND_TABLE_TERMS;
    arena_init(&f->arena, 16 * MIB);
    if (!trend_history_init(&f->history, f->settings.table_terms, err) ||
        !similarity_create(&f->copies, NULL, err) || !trend_groups_create(&f->groups, err)) {
        trend_finder_destroy(&f);
        return false;
    }
    *out = f;
    return true;
}

void trend_finder_destroy(struct trend_finder **p)
{
    struct trend_finder *f = *p;

    if (!f)
        return;
    similarity_destroy(&f->copies);
    trend_history_deinit(&f->history);
    trend_groups_destroy(&f->groups);
    vec_deinit(&f->touched);
    vec_deinit(&f->rising);
    arena_deinit(&f->arena);
    mem_free(f);
    *p = NULL;
}

/* --- the end of a slot --- */

static int rising_cmp(const void *left, const void *right)
{
    const struct trend_rising *a = left, *b = right;

    if (a->reading.score != b->reading.score)
        return a->reading.score > b->reading.score ? -1 : 1;
    if (a->reading.count != b->reading.count)
        return a->reading.count > b->reading.count ? -1 : 1;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static bool find_rising(struct trend_finder *f, struct err *err)
{
    const struct trend_history *h = &f->history;

    vec_reset(&f->rising);
    if (h->posts + h->block_posts[h->block % TREND_BLOCKS_KEPT] < TREND_HISTORY_MIN)
        return true;
    vec_each (struct trend_entry *, entry, &f->touched) {
        struct trend_rising found = {.hash = (*entry)->hash,
                                     .reading =
                                         trend_history_read(h, *entry, f->settings.stories_min)};
        if (found.reading.score >= f->settings.score_min && !vec_try_push(&f->rising, found))
            return err_set(err, ERR_NO_MEMORY, "no memory for rising terms");
    }
    if (f->rising.count > 1)
        qsort(f->rising.items, f->rising.count, sizeof *f->rising.items, rising_cmp);
    if (f->rising.count > TREND_RISING_MAX)
        f->rising.count = TREND_RISING_MAX;
    return true;
}

static bool end_slot(struct trend_finder *f, const struct trend **trends, size_t *count,
                     struct err *err)
{
    struct trend *found = NULL;
    int64_t shift = (f->first_slot - TREND_SLOTS) * TREND_SLOT_MS;

    arena_reset(&f->arena);
    if (!find_rising(f, err))
        return false;
    if (f->rising.count > 0 &&
        !trend_groups_run(f->groups, &f->arena, f->history.slot, f->rising.items, f->rising.count,
                          &found, count, err))
        return false;
    for (size_t i = 0; i < *count; i++) {
        found[i].slot_ms += shift;
        found[i].from_ms += shift;
        found[i].to_ms += shift;
    }
    *trends = found;
    vec_reset(&f->touched);
    return true;
}

static void begin_slot(struct trend_finder *f, uint32_t slot)
{
    for (uint32_t s = f->history.slot + 1; s <= slot && s <= f->history.slot + TREND_SLOTS; s++) {
        struct trend_kept *kept = trend_groups_slot(f->groups, s);
        kept->count = kept->seen = kept->witnesses = 0;
    }
    trend_history_advance(&f->history, slot);
}

/* --- posts --- */

/* Every post of a slot has the same chance to be kept (reservoir sampling), by its ordinal. */
static void keep_post(struct trend_finder *f, bool is_witness)
{
    struct trend_kept *kept = trend_groups_slot(f->groups, f->history.slot);
    uint64_t at = kept->seen++;

    if (at >= TREND_SAMPLE)
        at = hash_u64(f->added, 1) % kept->seen;
    if (at >= TREND_SAMPLE && is_witness)
        kept->posts[TREND_SAMPLE + kept->witnesses++ % TREND_WITNESSES] = f->post;
    if (at >= TREND_SAMPLE)
        return;
    if (at == kept->count)
        kept->count++;
    kept->posts[at] = f->post;
}

static bool count_post(struct trend_finder *f, const struct post *post,
                       const struct post_tokens *tokens, struct err *err)
{
    const struct similarity_part parts[] = {{tokens->title, tokens->title_count},
                                            {tokens->body, tokens->body_count}};
    bool is_first, is_witness = false;

    f->added++;
    if (!f->settings.keeps_copies &&
        !similarity_add(f->copies, parts, 2, post->created_at_ms).is_first)
        return true;
    trend_post_fill(&f->post, post, tokens);
    for (size_t i = 0; i < f->post.term_count; i++)
        trend_history_prefetch(&f->history, f->post.terms[i].hash);
    for (size_t i = 0; i < f->post.term_count; i++) {
        struct trend_entry *e = trend_history_count(&f->history, f->post.terms[i].hash, &is_first);
        if (is_first && !vec_try_push(&f->touched, e))
            return err_set(err, ERR_NO_MEMORY, "no memory for the terms of a slot");
        is_witness |= e && trend_history_seems_to_rise(&f->history, e, f->settings.stories_min);
    }
    f->history.recent[f->history.slot % TREND_SLOTS]++;
    keep_post(f, is_witness);
    return true;
}

bool trend_finder_add(struct trend_finder *f, const struct post *post,
                      const struct post_tokens *tokens, const struct trend **trends, size_t *count,
                      struct err *err)
{
    int64_t slot = post->created_at_ms / TREND_SLOT_MS;

    *trends = NULL;
    *count = 0;
    if (!post->has_created_at)
        return err_set(err, ERR_INPUT, "the post has no time");
    if (!f->has_posts)
        f->first_slot = slot;
    f->has_posts = true;
    int64_t ahead = slot - f->first_slot + TREND_SLOTS - f->history.slot;
    if (ahead <= -TREND_SLOTS)
        return err_set(err, ERR_INPUT,
                       "the post is more than four hours earlier than one before it") ||
               err_hint(err, "sort the posts by time");
    if (ahead > 0) {
        if (!end_slot(f, trends, count, err))
            return false;
        begin_slot(f, (uint32_t)(f->history.slot + ahead));
    }
    return count_post(f, post, tokens, err);
}

bool trend_finder_end(struct trend_finder *f, const struct trend **trends, size_t *count,
                      struct err *err)
{
    *trends = NULL;
    *count = 0;
    return end_slot(f, trends, count, err);
}
