#include "listen/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

#define SMOOTHING 0.5 /* added to the background's count, so that a new word has a finite lift */

struct entry {
    uint32_t count, background;
    uint32_t last_post; /* ordinal of the last post that counted it, from 1 */
    uint8_t example_count;
    struct post_ref examples[TERM_EXAMPLES];
};

struct term_table {
    struct map index; /* text -> index into entries */
    struct {
        VEC(struct entry);
    } entries;
    uint32_t posts, foreground;
};

bool term_table_create(struct term_table **out, struct err *err)
{
    struct term_table *table = mem_try_alloc(1, sizeof *table);

    if (!table)
        return err_set(err, ERR_NO_MEMORY, "no memory for counting terms");
    map_init(&table->index, MAP_COPY_KEYS, 1);
    *out = table;
    return true;
}

void term_table_destroy(struct term_table **p)
{
    struct term_table *table = *p;

    if (!table)
        return;
    map_deinit(&table->index);
    vec_deinit(&table->entries);
    mem_free(table);
    *p = NULL;
}

static bool is_term(const struct token *token)
{
    switch (token->kind) {
    case TOKEN_WORD:
        return token->folded.len >= TERM_BYTES_MIN && token->folded.len <= 64;
    case TOKEN_HASHTAG:
    case TOKEN_CASHTAG:
        return token->folded.len <= 64;
    default:
        return false;
    }
}

static bool count_token(struct term_table *table, const struct token *token, bool is_foreground,
                        struct post_ref ref, struct err *err)
{
    bool is_new = false;
    uint64_t *index = map_get(&table->index, token->folded);

    if (!index && table->entries.count >= TERMS_MAX)
        return true;
    if (!index && !(index = map_at(&table->index, token->folded, &is_new)))
        return err_set(err, ERR_NO_MEMORY, "no memory for counting terms");
    if (is_new) {
        *index = table->entries.count;
        if (!vec_try_push(&table->entries, (struct entry){0}))
            return err_set(err, ERR_NO_MEMORY, "no memory for counting terms");
    }
    struct entry *entry = &table->entries.items[*index];
    if (entry->last_post == table->posts)
        return true;
    entry->last_post = table->posts;
    if (!is_foreground) {
        entry->background++;
        return true;
    }
    entry->count++;
    if (entry->example_count < TERM_EXAMPLES)
        entry->examples[entry->example_count++] = ref;
    return true;
}

bool term_table_add(struct term_table *table, const struct post_tokens *tokens, bool is_foreground,
                    struct post_ref ref, struct err *err)
{
    const struct token *lists[] = {tokens->title, tokens->body};
    const size_t counts[] = {tokens->title_count, tokens->body_count};

    table->posts++;
    table->foreground += is_foreground ? 1 : 0;
    for (size_t list = 0; list < COUNT_OF(lists); list++)
        for (size_t i = 0; i < counts[list]; i++)
            if (is_term(&lists[list][i]) &&
                !count_token(table, &lists[list][i], is_foreground, ref, err))
                return false;
    return true;
}

static double part(double observed, double expected)
{
    return observed > 0 ? observed * log(observed / expected) : 0;
}

/* G2 of the 2 x 2 table of posts with and without the word, in and outside the foreground. */
static double log_likelihood(double a, double b, double with_a, double with_b)
{
    double all = a + b, with = with_a + with_b, without = all - with;

    return 2 * (part(with_a, a * with / all) + part(with_b, b * with / all) +
                part(a - with_a, a * without / all) + part(b - with_b, b * without / all));
}

static int term_cmp(const void *left, const void *right)
{
    const struct term *a = left, *b = right;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return str_cmp(a->text, b->text);
}

static void term_fill(const struct term_table *table, size_t i, struct term *term)
{
    const struct entry *entry = &table->entries.items[i];
    double a = table->foreground, b = (double)table->posts - a;

    *term = (struct term){.text = table->index.entries[i].key,
                          .count = entry->count,
                          .background = entry->background,
                          .example_count = entry->example_count};
    term->lift = (entry->count / a) / ((entry->background + SMOOTHING) / (b + 2 * SMOOTHING));
    term->score =
        b > 0 ? log_likelihood(a, b, entry->count, entry->background) : (double)entry->count;
    memcpy(term->examples, entry->examples, sizeof term->examples);
}

bool term_table_top(const struct term_table *table, struct arena *arena, size_t max,
                    struct term **out, size_t *count, struct err *err)
{
    struct {
        VEC(struct term);
    } found = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < table->entries.count; i++) {
        struct term term;
        if (table->entries.items[i].count < TERM_POSTS_MIN)
            continue;
        term_fill(table, i, &term);
        if (term.lift > 1 && term.score >= TERM_SCORE_MIN)
            ok = vec_try_push(&found, term);
    }
    if (!ok) {
        vec_deinit(&found);
        return err_set(err, ERR_NO_MEMORY, "no memory for ranking terms");
    }
    if (found.count > 1)
        qsort(found.items, found.count, sizeof *found.items, term_cmp);
    *count = found.count < max ? found.count : max;
    *out = arena_try_new(arena, struct term, *count + 1);
    for (size_t i = 0; *out && i < *count; i++) {
        (*out)[i] = found.items[i];
        if (!arena_try_str(arena, found.items[i].text, &(*out)[i].text))
            *out = NULL;
    }
    vec_deinit(&found);
    return *out || err_arena(err, arena);
}

/* ---- rising ---------------------------------------------------------------------------------- */

struct rising {
    struct term_table *table;
    struct post_tokens tokens;
    int64_t from_hour;
    struct err *err;
    bool ok;
};

static bool rising_visit(void *context, const struct mention_fact *fact,
                         const struct archived_post *post)
{
    struct rising *rising = context;

    rising->ok = post_tokens_fill(&rising->tokens, &post->post, rising->err) &&
                 term_table_add(rising->table, &rising->tokens, fact->hour >= rising->from_hour,
                                (struct post_ref){post->month, post->id}, rising->err);
    return rising->ok;
}

static uint64_t thinning(int64_t posts)
{
    return posts > TERM_SAMPLE_POSTS ? (uint64_t)(posts / TERM_SAMPLE_POSTS) + 1 : 1;
}

static bool rising_count(struct archive *a, struct rising *rising, int64_t query,
                         int64_t history_from, int64_t from_hour, int64_t to_hour, struct err *err)
{
    int64_t now, before;

    return archive_mention_count(a, query, from_hour, to_hour, &now, err) &&
           archive_mention_count(a, query, history_from, from_hour, &before, err) &&
           archive_mention_posts(a, query, history_from, from_hour, thinning(before), rising_visit,
                                 rising, err) &&
           rising->ok &&
           archive_mention_posts(a, query, from_hour, to_hour, thinning(now), rising_visit, rising,
                                 err) &&
           rising->ok;
}

bool terms_rising(struct archive *a, struct arena *arena, int64_t query, int64_t history_from,
                  int64_t from_hour, int64_t to_hour, size_t max, struct term **out, size_t *count,
                  struct err *err)
{
    struct rising rising = {.from_hour = from_hour, .err = err, .ok = true};
    bool ok = term_table_create(&rising.table, err) && post_tokens_init(&rising.tokens, err) &&
              rising_count(a, &rising, query, history_from, from_hour, to_hour, err) &&
              term_table_top(rising.table, arena, max, out, count, err);

    post_tokens_deinit(&rising.tokens);
    term_table_destroy(&rising.table);
    return ok;
}
