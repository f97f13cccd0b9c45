#include "listen/measure/term_window.h"

#include <string.h>

#include "text/common_words.h"

/* A post that was read. */
struct windowed {
    int64_t hour;
    uint64_t identity;
    struct post_ref ref;
    size_t from, count; /* of the numbers of its terms */
    size_t list;        /* common_words_list() of its language */
};

/* Posts of the hours [from, to) of one query, by hour. Those of sparse hours are all there, others
 * thinned, nowhere further than to one in 2^level. */
struct term_window {
    int64_t query;
    int64_t from_hour, to_hour; /* equal: nothing was read */
    unsigned level;
    int64_t sample_posts; /* TERM_SAMPLE_POSTS; less in tests */
    struct {
        VEC(struct windowed);
    } posts;
    size_t first; /* posts before it have left the window */
    struct term_numbers numbers;
    struct term_table *table;
    struct post_tokens tokens;
    bool has_tokens;
    struct err *err; /* of the walk at hand */
    bool ok;
};

bool term_window_create(struct term_window **out, struct err *err)
{
    struct term_window *w = mem_try_alloc(1, sizeof *w);

    if (!w)
        return err_set(err, ERR_NO_MEMORY, "no memory for counting terms");
    w->sample_posts = TERM_SAMPLE_POSTS;
    if (!term_table_create(&w->table, err) ||
        !(w->has_tokens = post_tokens_init(&w->tokens, err))) {
        term_window_destroy(&w);
        return false;
    }
    *out = w;
    return true;
}

void term_window_destroy(struct term_window **p)
{
    struct term_window *w = *p;

    if (!w)
        return;
    vec_deinit(&w->posts);
    vec_deinit(&w->numbers);
    term_table_destroy(&w->table);
    if (w->has_tokens)
        post_tokens_deinit(&w->tokens);
    mem_free(w);
    *p = NULL;
}

static bool window_clear(struct term_window *w, int64_t query, int64_t from_hour, struct err *err)
{
    term_table_destroy(&w->table);
    vec_reset(&w->posts);
    vec_reset(&w->numbers);
    w->first = 0;
    w->level = 0;
    w->query = query;
    w->from_hour = w->to_hour = from_hour;
    return term_table_create(&w->table, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

static unsigned level_of(const struct term_window *w, int64_t posts)
{
    unsigned level = 0;

    while (posts >> level > w->sample_posts)
        level++;
    return level;
}

static uint64_t mask_of(unsigned level)
{
    return (UINT64_C(1) << level) - 1;
}

static bool window_visit(void *context, const struct mention_text *text)
{
    struct term_window *w = context;
    struct post post = {.title = text->title, .text = text->body};
    struct windowed fresh = {.hour = text->hour,
                             .identity = text->identity,
                             .ref = {text->month, text->post},
                             .from = w->numbers.count,
                             .list = common_words_list(text->lang)};

    w->ok = post_tokens_fill(&w->tokens, &post, w->err) &&
            term_table_numbers(w->table, &w->tokens, &w->numbers, w->err);
    fresh.count = w->numbers.count - fresh.from;
    if (w->ok && !vec_try_push(&w->posts, fresh))
        w->ok = err_set(w->err, ERR_NO_MEMORY, "no memory for counting terms");
    return w->ok;
}

/* The hours behind those read so far, up to `to_hour`. */
static bool window_extend(struct term_window *w, struct archive *a, int64_t to_hour, unsigned level,
                          struct err *err)
{
    if (to_hour <= w->to_hour)
        return true;
    w->err = err;
    w->ok = true;
    if (!archive_mention_texts(a, w->query, w->to_hour, to_hour, mask_of(level), window_visit, w,
                               err) ||
        !w->ok)
        return false;
    w->level = level > w->level ? level : w->level;
    w->to_hour = to_hour;
    return true;
}

/* Lets go of the hours before; moves the rest down once half of the memory is behind it. */
static void window_leave(struct term_window *w, int64_t from_hour)
{
    while (w->first < w->posts.count && w->posts.items[w->first].hour < from_hour)
        w->first++;
    w->from_hour = from_hour;
    if (w->first * 2 <= w->posts.count)
        return;
    size_t posts = w->posts.count - w->first;
    size_t from = posts > 0 ? w->posts.items[w->first].from : w->numbers.count;
    size_t numbers = w->numbers.count - from;
    if (posts > 0)
        memmove(w->posts.items, w->posts.items + w->first, posts * sizeof *w->posts.items);
    if (numbers > 0)
        memmove(w->numbers.items, w->numbers.items + from, numbers * sizeof *w->numbers.items);
    w->posts.count = posts;
    w->numbers.count = numbers;
    w->first = 0;
    vec_each (struct windowed, post, &w->posts)
        post->from -= from;
}

struct window_request {
    int64_t query, history_from, from_hour, to_hour;
    unsigned before, now; /* levels of history and foreground */
};

static bool can_go_on(const struct term_window *w, const struct window_request *r)
{
    return w->query == r->query && w->from_hour < w->to_hour && r->history_from >= w->from_hour &&
           r->history_from <= w->to_hour && w->level <= r->before &&
           (r->from_hour >= w->to_hour || w->level <= r->now) && !term_table_is_full(w->table);
}

static bool window_fill(struct term_window *w, struct archive *a, const struct window_request *r,
                        struct err *err)
{
    if (!can_go_on(w, r) && !window_clear(w, r->query, r->history_from, err))
        return false;
    bool is_fresh = w->from_hour == w->to_hour;
    window_leave(w, r->history_from);
    if (!window_extend(w, a, r->from_hour, r->before, err) ||
        !window_extend(w, a, r->to_hour, r->now, err))
        return false;
    /* Words were left out for those of hours that are gone: once more, without them. */
    return is_fresh || !term_table_is_full(w->table) ||
           (window_clear(w, r->query, r->history_from, err) &&
            window_extend(w, a, r->from_hour, r->before, err) &&
            window_extend(w, a, r->to_hour, r->now, err));
}

/* ---- counting -------------------------------------------------------------------------------- */

static void window_count(struct term_window *w, const struct window_request *r)
{
    term_table_forget_posts(w->table);
    for (size_t i = w->first; i < w->posts.count; i++) {
        const struct windowed *post = &w->posts.items[i];
        bool is_foreground = post->hour >= r->from_hour;
        uint64_t mask = mask_of(is_foreground ? r->now : r->before);
        if (post->hour < r->to_hour && (post->identity & mask) == 0)
            term_table_count(w->table, w->numbers.items + post->from, post->count, is_foreground,
                             post->ref, post->list);
    }
}

bool term_window_rising(struct term_window *w, struct archive *a, struct arena *arena,
                        int64_t query, int64_t history_from, int64_t from_hour, int64_t to_hour,
                        size_t max, struct term **out, size_t *count, struct err *err)
{
    struct window_request r = {query, history_from, from_hour, to_hour, 0, 0};
    int64_t before, now;

    ASSERT(history_from <= from_hour && from_hour <= to_hour);
    if (!archive_mention_count(a, query, history_from, from_hour, &before, err) ||
        !archive_mention_count(a, query, from_hour, to_hour, &now, err))
        return false;
    r.before = level_of(w, before);
    r.now = level_of(w, now);
    if (!window_fill(w, a, &r, err))
        return false;
    window_count(w, &r);
    return term_table_top(w->table, arena, max, out, count, err);
}

bool terms_rising(struct archive *a, struct arena *arena, int64_t query, int64_t history_from,
                  int64_t from_hour, int64_t to_hour, size_t max, struct term **out, size_t *count,
                  struct err *err)
{
    struct term_window *w = NULL;
    bool ok =
        term_window_create(&w, err) && term_window_rising(w, a, arena, query, history_from,
                                                          from_hour, to_hour, max, out, count, err);

    term_window_destroy(&w);
    return ok;
}
