#include "listen/label/correction_effect.h"

#include <string.h>

#include "base/limits.h"

struct trial {
    struct corrector *corrector; /* NULL: nothing is corrected */
    struct post_tokens tokens;
    struct arena scratch;
    int64_t query;
    struct correction_effect *out;
    struct {
        int32_t month;
        int64_t post;
    } examples[CORRECTION_EXAMPLES_MAX];
    struct err *err;
    bool ok;
};

/* What a post would count as under the query. */
static bool mood_of(struct trial *t, const struct archived_post *post, enum post_polarity *mood,
                    struct err *err)
{
    const enum post_polarity *moods = NULL;

    *mood = post->polarity;
    if (!t->corrector)
        return true;
    arena_reset(&t->scratch);
    if (!post_tokens_fill(&t->tokens, &post->post, err))
        return false;
    t->tokens.lang = post->lang_found;
    t->tokens.polarity = post->polarity;
    if (!corrector_run(t->corrector, &post->post, &t->tokens,
                       post_tokens_lang(&t->tokens, &post->post), &t->query, 1, &t->scratch, &moods,
                       err))
        return false;
    if (moods && moods[0] != POST_POLARITY_UNKNOWN)
        *mood = moods[0];
    return true;
}

static bool try_post(void *context, const struct mention_fact *fact,
                     const struct archived_post *post)
{
    struct trial *t = context;
    enum post_polarity mood;

    t->ok = mood_of(t, post, &mood, t->err);
    if (!t->ok || fact->polarity == POST_POLARITY_UNKNOWN)
        return t->ok;
    t->out->looked_at++;
    if (mood == fact->polarity)
        return true;
    t->out->changed++;
    t->out->moved[fact->polarity + 1][mood + 1]++;
    if (t->out->example_count < CORRECTION_EXAMPLES_MAX) {
        size_t at = t->out->example_count++;
        t->examples[at].month = fact->month;
        t->examples[at].post = fact->post;
        t->out->example_moods[at] = mood;
    }
    return true;
}

static bool try_mentions(struct trial *t, struct archive *a, struct arena *arena, struct err *err)
{
    int64_t from_hour, to_hour, mentions;

    if (!archive_span(a, &from_hour, &to_hour, err))
        return false;
    if (to_hour - from_hour > CORRECTION_EFFECT_DAYS * 24)
        from_hour = to_hour - CORRECTION_EFFECT_DAYS * 24;
    if (!archive_mention_count(a, t->query, from_hour, to_hour, &mentions, err))
        return false;
    uint64_t every = (uint64_t)mentions / CORRECTION_EFFECT_POSTS + 1;
    t->ok = true;
    if (!archive_mention_posts(a, t->query, from_hour, to_hour, every, try_post, t, err) || !t->ok)
        return false;
    for (size_t i = 0; i < t->out->example_count; i++)
        if (!archive_post(a, arena, t->examples[i].month, t->examples[i].post, &t->out->examples[i],
                          err))
            return false;
    return true;
}

static bool try_labels(struct trial *t, struct db *state, struct archive *a, struct arena *arena,
                       struct err *err)
{
    struct label_item *items;
    size_t count;

    if (!label_items(arena, state, t->query, 0, &items, &count, err) ||
        !label_report_of(arena, items, count, LABEL_HELD_HALF, &t->out->before, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct archived_post post;
        struct arena one;
        bool is_there;
        if (items[i].judgement_count == 0 || items[i].mood == POST_POLARITY_UNKNOWN ||
            !label_is_held(&items[i]))
            continue;
        arena_init(&one, BATCH_ARENA_BYTES_MAX);
        bool ok = label_item_post(a, &one, &items[i], &post, &is_there, err) &&
                  (!is_there || mood_of(t, &post, &items[i].mood, err));
        arena_deinit(&one);
        if (!ok)
            return false;
    }
    return label_report_of(arena, items, count, LABEL_HELD_HALF, &t->out->after, err);
}

bool correction_effect(struct db *state, struct archive *a, struct arena *arena, int64_t query,
                       const struct correction *items, size_t count, struct correction_effect *out,
                       struct err *err)
{
    struct trial t = {.query = query, .out = out, .err = err};
    struct correction_set *set = NULL;

    memset(out, 0, sizeof *out);
    arena_init(&t.scratch, BATCH_ARENA_BYTES_MAX);
    bool ok = correction_set_make(&set, state, query, items, count, err) &&
              (!set || corrector_create(&t.corrector, set, err)) &&
              post_tokens_init(&t.tokens, err) && try_mentions(&t, a, arena, err) &&
              try_labels(&t, state, a, arena, err);
    corrector_destroy(&t.corrector);
    correction_set_release(&set);
    post_tokens_deinit(&t.tokens);
    arena_deinit(&t.scratch);
    return ok;
}

bool correction_mistakes(struct db *state, struct archive *a, struct arena *arena, int64_t query,
                         struct correction_mistake *out, size_t *count, struct err *err)
{
    struct label_item *items;
    size_t item_count;

    *count = 0;
    if (!label_items(arena, state, query, 0, &items, &item_count, err))
        return false;
    for (size_t i = 0; i < item_count && *count < CORRECTION_MISTAKES_MAX; i++) {
        struct correction_mistake *m = &out[*count];
        bool has_truth, is_disputed, is_there;
        m->people = label_truth(&items[i], &has_truth, &is_disputed);
        m->machine = items[i].mood;
        if (!has_truth || m->people == LABEL_OFF_TOPIC || m->machine == POST_POLARITY_UNKNOWN ||
            (int)m->people == (int)m->machine || label_is_held(&items[i]))
            continue;
        if (!label_item_post(a, arena, &items[i], &m->post, &is_there, err))
            return false;
        *count += is_there;
    }
    return true;
}
