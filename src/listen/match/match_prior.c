#include "listen/match/match_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { PRIOR_WORDS_MAX = 1 << 18 };

struct match_prior {
    struct map counts; /* folded words, with and without sigil */
    uint64_t posts;
    const struct map_entry **sorted; /* by word; built on first use for prefixes */
    uint64_t *sums;                  /* [count + 1] running totals of sorted */
    size_t sorted_count;
};

bool match_prior_create(struct match_prior **out, struct err *err)
{
    *out = mem_try_alloc(1, sizeof **out);
    if (!*out)
        return err_set(err, ERR_NO_MEMORY, "no memory left to count words");
    map_init(&(*out)->counts, MAP_COPY_KEYS, 0);
    return true;
}

static void drop_sorted(struct match_prior *prior)
{
    mem_free(prior->sorted);
    mem_free(prior->sums);
    prior->sorted = NULL;
    prior->sums = NULL;
    prior->sorted_count = 0;
}

void match_prior_destroy(struct match_prior **prior)
{
    if (!*prior)
        return;
    drop_sorted(*prior);
    map_deinit(&(*prior)->counts);
    mem_free(*prior);
    *prior = NULL;
}

static void count_word(struct match_prior *prior, Str word)
{
    bool is_new;
    uint64_t *count = prior->counts.count < PRIOR_WORDS_MAX ? map_at(&prior->counts, word, &is_new)
                                                            : map_get(&prior->counts, word);

    if (count)
        ++*count;
}

static void count_tokens(struct match_prior *prior, const struct token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Str bare = token_bare(&tokens[i], tokens[i].plain);
        if (tokens[i].kind == TOKEN_URL)
            continue;
        count_word(prior, bare);
        if (bare.len != tokens[i].plain.len)
            count_word(prior, tokens[i].plain);
        if (tokens[i].plain.ptr != tokens[i].folded.ptr)
            count_word(prior, token_bare(&tokens[i], tokens[i].folded));
    }
}

void match_prior_add(struct match_prior *prior, const struct post_tokens *tokens)
{
    drop_sorted(prior);
    prior->posts++;
    count_tokens(prior, tokens->title, tokens->title_count);
    count_tokens(prior, tokens->body, tokens->body_count);
}

double match_prior_word(const struct match_prior *prior, Str key)
{
    const uint64_t *count = map_get(&prior->counts, key);

    /* A word never seen is put a little below one seen once. */
    return ((count ? (double)*count : 0) + 0.3) / ((double)prior->posts + 1);
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp((*(const struct map_entry *const *)a)->key,
                   (*(const struct map_entry *const *)b)->key);
}

static bool sort_words(struct match_prior *prior)
{
    size_t count = prior->counts.count;

    if (prior->sorted || count == 0)
        return prior->sorted != NULL;
    prior->sorted = mem_try_alloc(count, sizeof *prior->sorted);
    prior->sums = mem_try_alloc(count + 1, sizeof *prior->sums);
    if (!prior->sorted || !prior->sums) {
        drop_sorted(prior);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        prior->sorted[i] = &prior->counts.entries[i];
    qsort(prior->sorted, count, sizeof(struct map_entry *), compare_entries);
    for (size_t i = 0; i < count; i++)
        prior->sums[i + 1] = prior->sums[i] + prior->sorted[i]->value;
    prior->sorted_count = count;
    return true;
}

/* Index of the first word that is not below the prefix; past_all: not below any word with it. */
static size_t lower_bound(const struct match_prior *prior, Str prefix, bool past_all)
{
    size_t low = 0, high = prior->sorted_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        Str word = str_sub(prior->sorted[middle]->key, 0, prefix.len);
        int order = str_cmp(word, prefix);
        if (order < 0 || (order == 0 && past_all))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double match_prior_prefix(struct match_prior *prior, Str prefix)
{
    if (!sort_words(prior))
        return 0.01;
    size_t from = lower_bound(prior, prefix, false), to = lower_bound(prior, prefix, true);
    return ((double)(prior->sums[to] - prior->sums[from]) + 0.3) / ((double)prior->posts + 1);
}
