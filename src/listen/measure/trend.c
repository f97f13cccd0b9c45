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
    struct trend_copies *copies_had;
    struct trend_pulse pulses[TREND_ACTIVE_MAX];
    struct arena arena; /* of the answers */
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
    f->copies_had = mem_try_alloc(TREND_COPY_PLACES, sizeof *f->copies_had);
    if (!f->copies_had) {
        trend_finder_destroy(&f);
        return err_set(err, ERR_NO_MEMORY, "no memory for trends");
    }
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
    mem_free(f->copies_had);
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

static void fill_course(struct trend_finder *f, struct trend *trend, uint64_t lead)
{
    const struct trend_entry *e = trend_history_peek(&f->history, lead);

    for (uint32_t i = 0; e && i < TREND_SLOTS; i++)
        trend->slots[i] = e->recent[(f->history.slot + 1 + i) % TREND_SLOTS];
}

/* Trends told at this end or before, with what their strongest terms have in the slot. */
static void follow_living(struct trend_finder *f, struct trend *found, size_t count,
                          struct trend_news *news)
{
    const struct trend_active *living[TREND_ACTIVE_MAX];
    size_t living_count = trend_groups_living(f->groups, f->history.slot, living);

    for (size_t a = 0; a < living_count; a++) {
        const struct trend_entry *e = trend_history_peek(&f->history, living[a]->lead);
        uint32_t stories = e ? e->recent[f->history.slot % TREND_SLOTS] : 0;
        for (size_t i = 0; i < count; i++)
            if (found[i].number == living[a]->number)
                fill_course(f, &found[i], living[a]->lead);
        if (stories > 0)
            f->pulses[news->pulse_count++] = (struct trend_pulse){
                living[a]->number, (int64_t)f->history.slot * TREND_SLOT_MS, stories};
    }
    news->pulses = f->pulses;
}

static bool end_slot(struct trend_finder *f, struct trend_news *news, struct err *err)
{
    struct trend *found = NULL;
    int64_t shift = (f->first_slot - TREND_SLOTS) * TREND_SLOT_MS;

    arena_reset(&f->arena);
    if (!find_rising(f, err))
        return false;
    if (f->rising.count > 0 &&
        !trend_groups_run(f->groups, &f->arena, f->history.slot, f->rising.items, f->rising.count,
                          f->copies_had, &found, &news->count, err))
        return false;
    follow_living(f, found, news->count, news);
    for (size_t i = 0; i < news->count; i++) {
        found[i].slot_ms += shift;
        found[i].from_ms += shift;
        found[i].to_ms += shift;
    }
    for (size_t i = 0; i < news->pulse_count; i++)
        f->pulses[i].slot_ms += shift;
    news->trends = found;
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

static void keep_at(struct trend_finder *f, struct trend_kept *kept, size_t at,
                    const struct trend_input *input, uint64_t story)
{
    kept->posts[at] = f->post;
    trend_details_fill(&kept->details[at], input, story);
}

/* Every post of a slot has the same chance to be kept (reservoir sampling), by its ordinal. */
static void keep_post(struct trend_finder *f, const struct trend_input *input, uint64_t story,
                      bool is_witness)
{
    struct trend_kept *kept = trend_groups_slot(f->groups, f->history.slot);
    uint64_t at = kept->seen++;

    if (at >= TREND_SAMPLE)
        at = hash_u64(f->added, 1) % kept->seen;
    if (at >= TREND_SAMPLE && is_witness)
        keep_at(f, kept, TREND_SAMPLE + kept->witnesses++ % TREND_WITNESSES, input, story);
    if (at >= TREND_SAMPLE)
        return;
    if (at == kept->count)
        kept->count++;
    keep_at(f, kept, at, input, story);
}

static void count_copy(struct trend_finder *f, uint64_t story)
{
    struct trend_copies *place = &f->copies_had[story % TREND_COPY_PLACES];

    if (place->story < story + 1)
        *place = (struct trend_copies){.story = story + 1};
    place->count += place->story == story + 1;
}

static bool count_post(struct trend_finder *f, const struct trend_input *input, struct err *err)
{
    const struct post_tokens *tokens = input->tokens;
    const struct similarity_part parts[] = {{tokens->title, tokens->title_count},
                                            {tokens->body, tokens->body_count}};
    struct similarity_answer like = {.story = f->added, .is_first = true};
    bool is_first, is_witness = false;

    f->added++;
    if (!f->settings.keeps_copies)
        like = similarity_add(f->copies, parts, 2, input->post->created_at_ms);
    if (!like.is_first) {
        count_copy(f, like.story);
        return true;
    }
    trend_post_fill(&f->post, input->post, tokens);
    for (size_t i = 0; i < f->post.term_count; i++)
        trend_history_prefetch(&f->history, f->post.terms[i].hash);
    for (size_t i = 0; i < f->post.term_count; i++) {
        struct trend_entry *e = trend_history_count(&f->history, f->post.terms[i].hash, &is_first);
        if (is_first && !vec_try_push(&f->touched, e))
            return err_set(err, ERR_NO_MEMORY, "no memory for the terms of a slot");
        is_witness |= e && trend_history_seems_to_rise(&f->history, e, f->settings.stories_min);
    }
    f->history.recent[f->history.slot % TREND_SLOTS]++;
    keep_post(f, input, like.story, is_witness);
    return true;
}

/* Slots from the one at hand to that of the time. */
static int64_t slots_ahead(const struct trend_finder *f, int64_t time_ms)
{
    return time_ms / TREND_SLOT_MS - f->first_slot + TREND_SLOTS - f->history.slot;
}

static bool go_on(struct trend_finder *f, int64_t ahead, struct trend_news *news, struct err *err)
{
    if (ahead <= 0)
        return true;
    if (!end_slot(f, news, err))
        return false;
    begin_slot(f, (uint32_t)(f->history.slot + ahead));
    return true;
}

bool trend_finder_take(struct trend_finder *f, const struct trend_input *input,
                       struct trend_news *news, struct err *err)
{
    const struct post *post = input->post;

    *news = (struct trend_news){0};
    if (!post->has_created_at)
        return err_set(err, ERR_INPUT, "the post has no time");
    if (!f->has_posts)
        f->first_slot = post->created_at_ms / TREND_SLOT_MS;
    f->has_posts = true;
    int64_t ahead = slots_ahead(f, post->created_at_ms);
    if (ahead <= -TREND_SLOTS)
        return err_set(err, ERR_INPUT,
                       "the post is more than four hours earlier than one before it") ||
               err_hint(err, "sort the posts by time");
    return go_on(f, ahead, news, err) && count_post(f, input, err);
}

bool trend_finder_add(struct trend_finder *f, const struct post *post,
                      const struct post_tokens *tokens, const struct trend **trends, size_t *count,
                      struct err *err)
{
    struct trend_input input = {.post = post, .tokens = tokens};
    struct trend_news news = {0};
    bool ok = trend_finder_take(f, &input, &news, err);

    *trends = news.trends;
    *count = news.count;
    return ok;
}

bool trend_finder_advance(struct trend_finder *f, int64_t now_ms, struct trend_news *news,
                          struct err *err)
{
    *news = (struct trend_news){0};
    return !f->has_posts || go_on(f, slots_ahead(f, now_ms), news, err);
}

bool trend_finder_time(const struct trend_finder *f, int64_t *slot_ms)
{
    *slot_ms = (f->first_slot - TREND_SLOTS + f->history.slot) * TREND_SLOT_MS;
    return f->has_posts;
}

bool trend_finder_end(struct trend_finder *f, const struct trend **trends, size_t *count,
                      struct err *err)
{
    struct trend_news news = {0};
    bool ok = end_slot(f, &news, err);

    *trends = news.trends;
    *count = news.count;
    return ok;
}

bool trend_finder_forget(struct trend_finder *f, Str source, Str id, uint64_t author_hash)
{
    bool is_found = false;

    for (uint32_t slot = 0; slot < TREND_SLOTS; slot++) {
        struct trend_kept *kept = trend_groups_slot(f->groups, slot);
        for (size_t i = 0; i < TREND_KEPT; i++) {
            struct trend_details *d = &kept->details[i];
            const struct trend_post *post = &kept->posts[i];
            bool is_it = source.len > 0 ? str_eq((Str){d->bytes, d->source_len}, source) &&
                                              str_eq((Str){post->bytes, post->id_len}, id)
                                        : author_hash != 0 && d->author == author_hash;
            if (!trend_kept_has(kept, i) || !is_it)
                continue;
            is_found = true;
            d->author = 0;
            d->author_len = d->url_len = d->text_len = 0;
            memset(d->bytes + d->source_len, 0, sizeof d->bytes - d->source_len);
        }
    }
    return is_found;
}

/* --- written down --- */

#define STATE_FORM UINT64_C(0x31646e657274) /* "trend1" */

static void copies_save(const struct trend_finder *f, struct byte_sink *sink)
{
    uint64_t used = 0;

    for (size_t i = 0; i < TREND_COPY_PLACES; i++)
        used += f->copies_had[i].story != 0;
    byte_put_u64(sink, used);
    for (size_t i = 0; i < TREND_COPY_PLACES; i++)
        if (f->copies_had[i].story != 0)
            byte_put(sink, &f->copies_had[i], sizeof f->copies_had[i]);
}

static void copies_load(struct trend_finder *f, struct byte_source *source)
{
    uint64_t used = byte_get_count(source, TREND_COPY_PLACES, "copied stories");

    for (uint64_t n = 0; n < used && !source->is_failed; n++) {
        struct trend_copies had;
        byte_get(source, &had, sizeof had);
        if (had.story != 0)
            f->copies_had[(had.story - 1) % TREND_COPY_PLACES] = had;
    }
}

bool trend_finder_save(const struct trend_finder *f, struct byte_sink *sink)
{
    byte_put_u64(sink, STATE_FORM);
    byte_put_u64(sink, f->has_posts);
    byte_put_u64(sink, (uint64_t)f->first_slot);
    byte_put_u64(sink, f->added);
    copies_save(f, sink);
    return !sink->is_failed && trend_history_save(&f->history, sink) &&
           trend_groups_save(f->groups, sink) && similarity_save(f->copies, sink);
}

/* The terms of the slot at hand are known by their histories. */
static bool touched_restore(struct trend_finder *f, struct err *err)
{
    vec_reset(&f->touched);
    for (size_t i = 0; i < f->settings.table_terms; i++)
        if (f->history.hashes[i] != 0 && f->history.entries[i].last_slot == f->history.slot &&
            f->history.entries[i].recent[f->history.slot % TREND_SLOTS] > 0 &&
            !vec_try_push(&f->touched, &f->history.entries[i]))
            return err_set(err, ERR_NO_MEMORY, "no memory for the terms of a slot");
    return true;
}

bool trend_finder_load(struct trend_finder *f, struct byte_source *source)
{
    ASSERT(!f->has_posts);
    if (byte_get_u64(source) != STATE_FORM && !source->is_failed)
        source->is_failed =
            !err_set(source->err, ERR_CONFLICT, "trends were written in another form");
    f->has_posts = byte_get_count(source, 1, "posts") == 1;
    f->first_slot = (int64_t)byte_get_u64(source);
    f->added = byte_get_u64(source);
    copies_load(f, source);
    return !source->is_failed && trend_history_load(&f->history, source) &&
           trend_groups_load(f->groups, source) && similarity_load(f->copies, source) &&
           touched_restore(f, source->err);
}
