/* The page of a search: which posts, in which order, with the parts that matched. */
#include <stdlib.h>

#include "listen/search/search_priv.h"

#define RELEVANCE_UNIT 1e6 /* of a sort key */

static const char order_letters[] = {'n', 'o', 'r'};

/* "n:<key>:<month>:<id>" of the last hit of the page before. */
static bool cursor_read(const struct search *s, struct found *last, struct err *err)
{
    Str order, key, month, id, rest = s->request->cursor;
    int64_t number;

    bool ok = str_cut(rest, ':', &order, &rest) && str_cut(rest, ':', &key, &rest) &&
              str_cut(rest, ':', &month, &id) && order.len == 1 &&
              order.ptr[0] == order_letters[s->request->order] && str_to_i64(key, &last->key) &&
              str_to_i64(month, &number) && number >= 0 && number < INT32_MAX &&
              str_to_i64(id, &last->id);
    if (!ok)
        return err_set(err, ERR_USAGE, "'" STR_F "' is no place in these results",
                       STR_A(str_sub(s->request->cursor, 0, 60)));
    last->month = (int32_t)number;
    return true;
}

static bool add_found(struct search *s, struct found found)
{
    return vec_try_push(&s->found, found) ||
           err_set(s->err, ERR_NO_MEMORY, "no memory for the hits");
}

/* ---- by time --------------------------------------------------------------------------------- */

/* Documents of a run in the order of the page, both sets as one. */
struct cursor {
    const struct found_run *found;
    uint32_t at; /* not yet passed: below (newest first) or from here on */
    bool is_upwards;
};

static bool cursor_next(struct cursor *c, uint32_t *doc, bool *is_sure)
{
    uint32_t sure, maybe;
    bool has_sure, has_maybe;

    if (c->is_upwards) {
        struct docset_iter a = docset_from(c->found->sure, c->at);
        struct docset_iter b = docset_from(c->found->maybe, c->at);
        has_sure = docset_next(&a, &sure);
        has_maybe = docset_next(&b, &maybe);
    } else {
        has_sure = docset_before(c->found->sure, c->at, &sure);
        has_maybe = docset_before(c->found->maybe, c->at, &maybe);
    }
    if (!has_sure && !has_maybe)
        return false;
    *is_sure = has_sure && (!has_maybe || (sure < maybe) == c->is_upwards);
    *doc = *is_sure ? sure : maybe;
    c->at = c->is_upwards ? *doc + 1 : *doc;
    return true;
}

static struct cursor cursor_begin(const struct search *s, const struct found_run *found,
                                  const struct found *last)
{
    bool is_upwards = s->request->order == SEARCH_OLDEST;
    struct cursor c = {found, is_upwards ? 0 : found->run->doc_count, is_upwards};

    if (last && is_upwards)
        c.at = run_first_at(found->run, -last->key);
    else if (last)
        c.at = run_first_at(found->run, last->key + 1);
    return c;
}

static bool gather_run(struct search *s, const struct found_run *found, const struct found *last)
{
    struct cursor cursor = cursor_begin(s, found, last);
    const struct word_run *run = found->run;
    size_t count = 0;
    uint32_t doc;
    bool is_sure;

    while (count <= s->request->limit && cursor_next(&cursor, &doc, &is_sure)) {
        struct found hit = {cursor.is_upwards ? -run->times[doc] : run->times[doc], found->month,
                            run->ids[doc]};
        if (last && found_cmp(&hit, last) <= 0)
            continue;
        if (!is_sure) {
            if (s->looks++ >= SEARCH_LOOK_MAX) {
                s->out->is_complete = false;
                return true;
            }
            if (!search_look(s, found->month, run->ids[doc], &is_sure))
                return false;
        }
        if (!is_sure)
            continue;
        if (!add_found(s, hit))
            return false;
        count++;
    }
    return true;
}

/* Enough of every run of a segment, so that the first ones of them all are among them. */
bool search_page_gather(struct search *s, size_t from, const struct found *last)
{
    for (size_t i = from; i < s->runs.count; i++)
        if (!gather_run(s, &s->runs.items[i], last))
            return false;
    return true;
}

/* Segments follow one another in time: the page is full when one of them has filled it. */
static bool gather_segments(struct search *s, const struct found *last)
{
    bool is_upwards = s->request->order == SEARCH_OLDEST;

    for (size_t i = 0; i < s->runs.count;) {
        size_t to = i, at;
        for (at = i; to < s->runs.count; to++) {
            size_t a = is_upwards ? s->runs.count - 1 - to : to;
            size_t b = is_upwards ? s->runs.count - 1 - at : at;
            if (s->runs.items[a].segment != s->runs.items[b].segment)
                break;
            if (!gather_run(s, &s->runs.items[a], last))
                return false;
        }
        if (s->found.count > s->request->limit)
            return true;
        i = to;
    }
    return true;
}

/* ---- by relevance ---------------------------------------------------------------------------- */

/* The best of all runs are kept in a heap whose root is the worst of them. */
struct best {
    struct found hit;
    const struct found_run *found;
    bool is_sure;
};
struct heap {
    VEC(struct best);
};

static bool is_worse(const struct best *a, const struct best *b)
{
    return found_cmp(&a->hit, &b->hit) > 0;
}

static void heap_down(struct heap *h)
{
    for (size_t at = 0, child; (child = at * 2 + 1) < h->count; at = child) {
        if (child + 1 < h->count && is_worse(&h->items[child + 1], &h->items[child]))
            child++;
        if (!is_worse(&h->items[child], &h->items[at]))
            return;
        struct best moved = h->items[at];
        h->items[at] = h->items[child];
        h->items[child] = moved;
    }
}

static bool heap_add(struct heap *h, size_t max, struct best one)
{
    if (h->count == max) {
        if (is_worse(&h->items[0], &one)) {
            h->items[0] = one;
            heap_down(h);
        }
        return true;
    }
    if (!vec_try_push(h, one))
        return false;
    for (size_t at = h->count - 1; at > 0;) {
        size_t parent = (at - 1) / 2;
        if (!is_worse(&h->items[at], &h->items[parent]))
            break;
        struct best moved = h->items[at];
        h->items[at] = h->items[parent];
        h->items[parent] = moved;
        at = parent;
    }
    return true;
}

static bool score_run(struct search *s, const struct found_run *found,
                      const struct search_word *words, size_t word_count, const struct found *last,
                      size_t max, struct heap *best)
{
    const struct word_run *run = found->run;

    arena_reset(&s->scratch);
    const struct docset *docs = docset_or(&s->scratch, found->sure, found->maybe);
    float *scores = docs ? arena_try_new(&s->scratch, float, (size_t)docs->count + 1) : NULL;
    if (!scores)
        return err_arena(s->err, &s->scratch);
    if (!search_score(run, &s->scratch, words, word_count, (uint64_t)s->docs_total, docs, scores,
                      s->err))
        return false;
    struct docset_iter it = docset_from(docs, 0);
    size_t rank = 0;
    for (uint32_t doc; docset_next(&it, &doc); rank++) {
        struct best one = {
            {(int64_t)((double)scores[rank] * RELEVANCE_UNIT), found->month, run->ids[doc]},
            found,
            true};
        if (last && found_cmp(&one.hit, last) <= 0)
            continue;
        one.is_sure = found->maybe->count == 0 || docset_has(found->sure, doc);
        if (!heap_add(best, max, one))
            return err_set(s->err, ERR_NO_MEMORY, "no memory for the hits");
    }
    return true;
}

static int best_cmp(const void *a, const void *b)
{
    return found_cmp(&((const struct best *)a)->hit, &((const struct best *)b)->hit);
}

/* The best ones that match, at most one more than the page holds. */
static bool take_best(struct search *s, struct heap *best, size_t max)
{
    bool is_cut = best->count == max;

    if (best->count > 1)
        qsort(best->items, best->count, sizeof *best->items, best_cmp);
    vec_each (struct best, one, best) {
        bool matches = one->is_sure;
        if (s->found.count > s->request->limit)
            return true;
        if (!matches && !search_look(s, one->hit.month, one->hit.id, &matches))
            return false;
        if (matches && !add_found(s, one->hit))
            return false;
    }
    if (is_cut && s->found.count <= s->request->limit)
        s->out->is_complete = false; /* more may match than were looked at */
    return true;
}

static bool gather_best(struct search *s, const struct found *last)
{
    struct search_word *words;
    struct heap best = {0};
    size_t count;
    /* Undecided ones may fall out again. */
    size_t max = s->request->limit + 1 + (s->undecided > 0 ? SEARCH_VERIFY_MAX : 0);
    bool ok = search_words(s->arena, s->query.root, &words, &count, s->err);

    vec_each (struct found_run, found, &s->runs) {
        arena_reset(&s->scratch);
        ok = ok && search_words_count(found->run, words, count, &s->scratch, s->err);
    }
    vec_each (struct found_run, found, &s->runs)
        ok = ok && score_run(s, found, words, count, last, max, &best);
    ok = ok && take_best(s, &best, max);
    vec_deinit(&best);
    return ok;
}

/* ---- hits ------------------------------------------------------------------------------------ */

static bool hit_ranges(struct search *s, struct search_hit *hit)
{
    struct query_explanation why;

    arena_reset(&s->row_memory);
    if (!search_fill_tokens(s, &hit->post) ||
        !query_explain(&s->row_memory, &s->query, &hit->post.post, &s->tokens, &why, s->err))
        return false;
    struct search_range *ranges = arena_try_new(s->arena, struct search_range, SEARCH_RANGES_MAX);
    if (!ranges)
        return err_arena(s->err, s->arena);
    for (size_t i = 0; i < why.span_count && hit->range_count < SEARCH_RANGES_MAX; i++) {
        const struct query_span *span = &why.spans[i];
        if (span->place != QUERY_PLACE_MEMBER && span->to > span->from)
            ranges[hit->range_count++] =
                (struct search_range){span->place == QUERY_PLACE_TITLE, span->from, span->to};
    }
    hit->ranges = ranges;
    return true;
}

static bool is_inside_rune(Str text, size_t at)
{
    return at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80;
}

/* A piece of the text around its first matched part. */
static void hit_snippet(struct search_hit *hit)
{
    Str text = hit->post.post.text;
    size_t first = 0, from, to;

    for (size_t i = 0; i < hit->range_count && first == 0; i++)
        first = hit->ranges[i].is_title ? 0 : hit->ranges[i].from;
    from = first > SEARCH_SNIPPET_BYTES / 3 ? first - SEARCH_SNIPPET_BYTES / 3 : 0;
    to = from + SEARCH_SNIPPET_BYTES < text.len ? from + SEARCH_SNIPPET_BYTES : text.len;
    while (from > 0 && is_inside_rune(text, from))
        from--;
    while (to < text.len && is_inside_rune(text, to))
        to++;
    hit->snippet_from = (uint32_t)from;
    hit->snippet_to = (uint32_t)to;
}

/* A post that was deleted meanwhile is left out; the place of the next page stays the same. */
static bool hit_fill(struct search *s, const struct found *found)
{
    struct search_hit *hit = &s->out->hits[s->out->count];
    struct err missing = {0};

    if (!archive_post(s->a, s->arena, found->month, found->id, &hit->post, &missing)) {
        if (missing.code != ERR_NOT_FOUND)
            *s->err = missing;
        return missing.code == ERR_NOT_FOUND;
    }
    s->out->count++;
    if (!hit_ranges(s, hit))
        return false;
    hit_snippet(hit);
    hit->relevance = s->request->order == SEARCH_RELEVANT ? (double)found->key / RELEVANCE_UNIT : 0;
    return true;
}

static bool page_fill(struct search *s)
{
    size_t limit = s->request->limit, count = s->found.count < limit ? s->found.count : limit;

    s->out->hits = arena_try_new(s->arena, struct search_hit, count + 1);
    if (!s->out->hits)
        return err_arena(s->err, s->arena);
    for (size_t i = 0; i < count; i++)
        if (!hit_fill(s, &s->found.items[i]))
            return false;
    if (count > 0 && s->found.count > count) {
        const struct found *last = &s->found.items[count - 1];
        s->out->next = arena_printf(s->arena, "%c:%lld:%d:%lld", order_letters[s->request->order],
                                    (long long)last->key, last->month, (long long)last->id);
    }
    return true;
}

bool search_page(struct search *s)
{
    struct found last = {0};
    const struct found *after = s->request->cursor.len > 0 ? &last : NULL;
    bool ok = true;

    if (after && !cursor_read(s, &last, s->err))
        return false;
    if (!s->request->is_page_enough)
        ok = s->request->order == SEARCH_RELEVANT ? gather_best(s, after)
                                                  : gather_segments(s, after);
    if (s->found.count > 1)
        qsort(s->found.items, s->found.count, sizeof *s->found.items, found_cmp);
    return ok && page_fill(s);
}
