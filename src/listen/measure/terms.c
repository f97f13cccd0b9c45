#include "listen/measure/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "quant/stats.h"
#include "text/common_words.h"

struct entry {
    uint32_t background;
    uint32_t last_post;       /* serial of the last post that had it, from 1 */
    struct common_count with; /* posts of the foreground that have it */
    uint8_t example_count;
    struct post_ref examples[TERM_EXAMPLES];
};

struct term_table {
    struct map index; /* text -> index into entries */
    struct {
        VEC(struct entry);
    } entries;
    uint32_t posts, foreground;
    uint32_t serial;             /* of posts cut into numbers */
    struct term_numbers numbers; /* scratch of term_table_add() */
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
    vec_deinit(&table->numbers);
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

static bool number_of(struct term_table *table, const struct token *token, struct term_numbers *out,
                      struct err *err)
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
    if (entry->last_post == table->serial)
        return true;
    entry->last_post = table->serial;
    return vec_try_push(out, (uint32_t)*index) ||
           err_set(err, ERR_NO_MEMORY, "no memory for counting terms");
}

bool term_table_numbers(struct term_table *table, const struct post_tokens *tokens,
                        struct term_numbers *out, struct err *err)
{
    const struct token *lists[] = {tokens->title, tokens->body};
    const size_t counts[] = {tokens->title_count, tokens->body_count};

    table->serial++;
    for (size_t list = 0; list < COUNT_OF(lists); list++)
        for (size_t i = 0; i < counts[list]; i++)
            if (is_term(&lists[list][i]) && !number_of(table, &lists[list][i], out, err))
                return false;
    return true;
}

void term_table_count(struct term_table *table, const uint32_t *numbers, size_t count,
                      bool is_foreground, struct post_ref ref, size_t list)
{
    table->posts++;
    table->foreground += is_foreground ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &table->entries.items[numbers[i]];
        entry->background += is_foreground ? 0 : 1;
        if (is_foreground)
            common_count_add(&entry->with, list);
        if (is_foreground && entry->example_count < TERM_EXAMPLES)
            entry->examples[entry->example_count++] = ref;
    }
}

void term_table_forget_posts(struct term_table *table)
{
    table->posts = table->foreground = 0;
    vec_each (struct entry, entry, &table->entries)
        *entry = (struct entry){.last_post = entry->last_post};
}

bool term_table_is_full(const struct term_table *table)
{
    return table->entries.count >= TERMS_MAX;
}

bool term_table_add(struct term_table *table, const struct post_tokens *tokens, Str lang,
                    bool is_foreground, struct post_ref ref, struct err *err)
{
    vec_reset(&table->numbers);
    if (!term_table_numbers(table, tokens, &table->numbers, err))
        return false;
    term_table_count(table, table->numbers.items, table->numbers.count, is_foreground, ref,
                     common_words_list(lang));
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
                          .count = entry->with.all,
                          .background = entry->background,
                          .example_count = entry->example_count};
    struct stats_lift lift = stats_lift(entry->with.all, a, entry->background, b);
    term->lift = lift.value;
    term->lift_low = lift.low;
    term->lift_high = lift.high;
    term->score =
        b > 0 ? log_likelihood(a, b, entry->with.all, entry->background) : (double)entry->with.all;
    memcpy(term->examples, entry->examples, sizeof term->examples);
}

/* Without a background a word stands out that most posts have. */
static bool is_over(const struct term_table *table, const struct term *term)
{
    return isnan(term->lift) ? 2 * term->count > (int64_t)table->foreground : term->lift_low > 1;
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
        if (table->entries.items[i].with.all < TERM_POSTS_MIN)
            continue;
        term_fill(table, i, &term);
        if (term.score >= TERM_SCORE_MIN && is_over(table, &term) &&
            !common_count_is_common(&table->entries.items[i].with, term.text, FOLD_KEEP_ACCENTS))
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
