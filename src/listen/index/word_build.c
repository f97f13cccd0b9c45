#include "listen/index/word_build.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "listen/index/word_run_priv.h"
#include "listen/query/query_member.h"
#include "os/file.h"

#define NO_PLACE UINT32_MAX

/* One occurrence. */
struct tuple {
    uint32_t term, doc, place;
};

struct word_builder {
    struct run_columns columns;
    struct map terms; /* term -> its number in order of appearance */
    struct {
        VEC(struct tuple); /* document by document */
    } tuples;
    bool is_unordered;      /* a post is earlier than one before it */
    struct buf key, member; /* scratch */
    bool is_failed;         /* memory, while in a callback */
};

bool word_builder_create(struct word_builder **out, struct err *err)
{
    struct word_builder *b = mem_try_alloc(1, sizeof *b);

    if (!b)
        return err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
    map_init(&b->terms, MAP_COPY_KEYS, 1);
    buf_init(&b->key, 8 * MIB);
    buf_init(&b->member, 8 * MIB);
    if (!run_columns_init(&b->columns, WORD_BUILD_DOCS_MAX, err)) {
        word_builder_destroy(&b);
        return false;
    }
    *out = b;
    return true;
}

void word_builder_destroy(struct word_builder **p)
{
    struct word_builder *b = *p;

    if (!b)
        return;
    run_columns_deinit(&b->columns);
    map_deinit(&b->terms);
    vec_deinit(&b->tuples);
    buf_deinit(&b->key);
    buf_deinit(&b->member);
    mem_free(b);
    *p = NULL;
}

void word_builder_reset(struct word_builder *b)
{
    b->columns.doc_count = 0;
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        map_reset(&b->columns.values[i]);
    map_reset(&b->terms);
    vec_reset(&b->tuples);
    b->is_failed = b->is_unordered = false;
}

uint32_t word_builder_count(const struct word_builder *b)
{
    return b->columns.doc_count;
}

/* ---- terms ----------------------------------------------------------------------------------- */

static void add_tuple(struct word_builder *b, Str term, uint32_t place)
{
    bool is_new;
    uint64_t *number = map_at(&b->terms, term, &is_new);

    if (number && is_new)
        *number = b->terms.count - 1;
    struct tuple tuple = {number ? (uint32_t)*number : 0, b->columns.doc_count, place};
    if (!number || !vec_try_push(&b->tuples, tuple))
        b->is_failed = true;
}

static void add_term(struct word_builder *b, enum run_term kind, Str text, uint32_t place)
{
    char term[RUN_TERM_BYTES_MAX];

    if (text.len + 1 > sizeof term) {
        add_tuple(b, (Str){(const char[]){RUN_LONG}, 1}, NO_PLACE);
        return;
    }
    term[0] = (char)kind;
    memcpy(term + 1, text.ptr, text.len);
    add_tuple(b, (Str){term, text.len + 1}, place);
}

static bool has_sigil(const struct token *token)
{
    return token->kind == TOKEN_HASHTAG || token->kind == TOKEN_MENTION ||
           token->kind == TOKEN_CASHTAG;
}

/* *last: position of the last word, as the evaluator sees it; none: unchanged. */
static void add_tokens(struct word_builder *b, const struct token *tokens, size_t count,
                       uint32_t base, uint32_t *last, uint32_t *words)
{
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token->kind == TOKEN_URL)
            continue;
        bool is_accented =
            token->plain.ptr != token->folded.ptr && !str_eq(token->plain, token->folded);
        uint32_t place = base + token->position;
        *last = place;
        ++*words;
        add_term(b, RUN_PLAIN, token_bare(token, token->plain), place);
        if (is_accented)
            add_term(b, RUN_ACCENTED, token_bare(token, token->folded), place);
        if (!has_sigil(token))
            continue;
        add_term(b, RUN_SIGIL, token->plain, place);
        if (is_accented)
            add_term(b, RUN_SIGIL_ACCENT, token->folded, place);
    }
}

struct field_of {
    struct word_builder *b;
    enum query_field field;
};

static bool add_key(void *context, Str key)
{
    struct field_of *of = context;
    char term[RUN_TERM_BYTES_MAX];

    /* Of links only the hosts: each path would be a term. */
    if (of->field == QUERY_FIELD_LINKS &&
        (str_find_byte(key, '/') < key.len || str_find_byte(key, '?') < key.len))
        return false;
    if (key.len + 2 > sizeof term) {
        add_tuple(of->b, (Str){(const char[]){RUN_LONG}, 1}, NO_PLACE);
        return false;
    }
    term[0] = RUN_FIELD;
    term[1] = (char)(of->field + 1);
    memcpy(term + 2, key.ptr, key.len);
    add_tuple(of->b, (Str){term, key.len + 2}, NO_PLACE);
    return false;
}

static void add_fields(struct word_builder *b, const struct post *post,
                       const struct post_tokens *tokens)
{
    static const enum query_field fields[] = {
        QUERY_FIELD_AUTHOR,  QUERY_FIELD_LANG,    QUERY_FIELD_SITE,     QUERY_FIELD_TLD,
        QUERY_FIELD_LINKS,   QUERY_FIELD_SOURCE,  QUERY_FIELD_CHANNEL,  QUERY_FIELD_KIND,
        QUERY_FIELD_COUNTRY, QUERY_FIELD_DATASET, QUERY_FIELD_THREAD,   QUERY_FIELD_REPLY_TO,
        QUERY_FIELD_PRODUCT, QUERY_FIELD_MENTION, QUERY_FIELD_VERIFIED, QUERY_FIELD_SENTIMENT,
    };

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct field_of of = {b, fields[i]};
        (void)query_member_keys(fields[i], post, tokens, &b->member, add_key, &of);
    }
}

/* ---- columns --------------------------------------------------------------------------------- */

static uint32_t number_of(int64_t value)
{
    if (value < 0)
        return value == POST_UNKNOWN ? 0 : RUN_NUMBER_OTHER;
    return value < RUN_NUMBER_OTHER - 1 ? (uint32_t)value + 1 : RUN_NUMBER_OTHER;
}

static uint32_t rating_number(double rating)
{
    if (isnan(rating))
        return 0;
    double thousands = rating * 1000;
    bool is_whole = thousands >= 0 && thousands < 1e6 && rint(thousands) / 1000 == rating;
    return is_whole ? (uint32_t)lrint(thousands) + 1 : RUN_NUMBER_OTHER;
}

static int64_t engagement_of(const struct post_metrics *m)
{
    const int64_t parts[] = {m->likes, m->replies, m->reposts};
    int64_t sum = POST_UNKNOWN;

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i] != POST_UNKNOWN)
            sum = (sum == POST_UNKNOWN ? 0 : sum) + parts[i];
    return sum;
}

static bool add_columns(struct word_builder *b, const struct archived_post *stored, Str queries,
                        struct err *err)
{
    static const char *const moods[] = {"negative", "neutral", "positive", ""};
    struct run_columns *c = &b->columns;
    const struct post *post = &stored->post;
    uint64_t author = post_author_hash(post);
    Str lang = post->lang.len > 0 ? post->lang : stored->lang_found;
    const Str values[RUN_COLUMN_COUNT] = {
        [RUN_SOURCE] = post->source,
        [RUN_LANG] = lang.len > 0 ? lang : S("und"),
        [RUN_KIND] = post_kind(post),
        [RUN_COUNTRY] = post->country,
        [RUN_MOOD] = str_from_cstr(moods[stored->polarity + 1]),
        [RUN_QUERIES] = queries,
        [RUN_AUTHOR] = author != 0 ? (Str){(const char *)&author, sizeof author} : STR_NONE,
    };
    uint32_t doc = c->doc_count;

    c->ids[doc] = (uint32_t)stored->id;
    c->times[doc] = post->created_at_ms;
    c->flags[doc] = post->has_created_at ? RUN_HAS_TIME : 0;
    c->numbers[RUN_FOLLOWERS][doc] = number_of(post->author.followers);
    c->numbers[RUN_ENGAGEMENT][doc] = number_of(engagement_of(&post->metrics));
    c->numbers[RUN_VIEWS][doc] = number_of(post->metrics.views);
    c->numbers[RUN_RATING][doc] = rating_number(post->rating);
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        if (!run_columns_code(c, (enum run_column)i, values[i], &c->codes[i][doc], err))
            return false;
    return true;
}

static bool is_before(const struct run_columns *c, uint32_t x, uint32_t y)
{
    return c->times[x] != c->times[y] ? c->times[x] < c->times[y] : c->ids[x] < c->ids[y];
}

bool word_builder_add(struct word_builder *b, const struct archived_post *post,
                      const struct post_tokens *tokens, Str queries, struct err *err)
{
    struct run_columns *c = &b->columns;
    uint32_t last = UINT32_MAX, words = 0, doc = c->doc_count;

    ASSERT(doc < WORD_BUILD_DOCS_MAX && post->id > 0 && post->id <= UINT32_MAX);
    add_tokens(b, tokens->title, tokens->title_count, 0, &last, &words);
    c->bases[doc] = last != UINT32_MAX ? last + RUN_BODY_GAP : 0;
    add_tokens(b, tokens->body, tokens->body_count, c->bases[doc], &last, &words);
    c->lengths[doc] = words < UINT16_MAX ? (uint16_t)words : UINT16_MAX;
    add_fields(b, &post->post, tokens);
    if (b->is_failed)
        return err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
    if (!add_columns(b, post, queries, err))
        return false;
    b->is_unordered |= doc > 0 && is_before(c, doc, doc - 1);
    c->doc_count++;
    return true;
}

/* ---- order ----------------------------------------------------------------------------------- */

struct arrival {
    int64_t time;
    uint32_t id, doc;
};

static int arrival_cmp(const void *left, const void *right)
{
    const struct arrival *a = left, *b = right;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* values[i] becomes what values[order[i].doc] was. `scratch`: as long as the values. */
static void permute(void *values, size_t size, const struct arrival *order, size_t count,
                    char *scratch)
{
    const char *from = values;

    for (size_t i = 0; i < count; i++)
        memcpy(scratch + i * size, from + order[i].doc * size, size);
    memcpy(values, scratch, count * size);
}

static void permute_columns(struct run_columns *c, const struct arrival *order, char *scratch)
{
    size_t n = c->doc_count;

    permute(c->ids, sizeof *c->ids, order, n, scratch);
    permute(c->times, sizeof *c->times, order, n, scratch);
    permute(c->lengths, sizeof *c->lengths, order, n, scratch);
    permute(c->bases, sizeof *c->bases, order, n, scratch);
    permute(c->flags, sizeof *c->flags, order, n, scratch);
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        permute(c->numbers[i], sizeof *c->numbers[i], order, n, scratch);
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        permute(c->codes[i], sizeof *c->codes[i], order, n, scratch);
}

/* Occurrences in the new order of their documents. */
static void permute_tuples(struct word_builder *b, const struct arrival *order, size_t *starts,
                           struct tuple *out)
{
    size_t n = b->columns.doc_count, at = 0;

    for (size_t i = 0, doc = 0; doc <= n; doc++) {
        while (i < b->tuples.count && b->tuples.items[i].doc < doc)
            i++;
        starts[doc] = i;
    }
    for (uint32_t doc = 0; doc < n; doc++)
        for (size_t i = starts[order[doc].doc]; i < starts[order[doc].doc + 1]; i++) {
            out[at] = b->tuples.items[i];
            out[at++].doc = doc;
        }
    memcpy(b->tuples.items, out, at * sizeof *out);
}

/* Documents by time and id, as a run has them. */
static bool order_documents(struct word_builder *b, struct err *err)
{
    struct run_columns *c = &b->columns;
    size_t n = c->doc_count;

    if (!b->is_unordered)
        return true;
    struct arrival *order = mem_try_alloc(n, sizeof *order);
    size_t *starts = mem_try_alloc(n + 1, sizeof *starts);
    struct tuple *tuples = mem_try_alloc(b->tuples.count + 1, sizeof *tuples);
    char *scratch = mem_try_alloc(n, sizeof(int64_t));
    bool ok = order && starts && tuples && scratch;
    for (uint32_t doc = 0; ok && doc < n; doc++)
        order[doc] = (struct arrival){c->times[doc], c->ids[doc], doc};
    if (ok) {
        qsort(order, n, sizeof *order, arrival_cmp);
        permute_columns(c, order, scratch);
        permute_tuples(b, order, starts, tuples);
        b->is_unordered = false;
    }
    mem_free(order);
    mem_free(starts);
    mem_free(tuples);
    mem_free(scratch);
    return ok || err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A term and its first bytes, which tell most of them apart without going to the term. */
struct ordered_term {
    uint64_t head;
    const struct map_entry *entry;
};

static uint64_t head_of(Str term)
{
    uint64_t head = 0;

    for (size_t i = 0; i < sizeof head; i++)
        head = head << 8 | (i < term.len ? (uint8_t)term.ptr[i] : 0);
    return head;
}

static int term_cmp(const void *left, const void *right)
{
    const struct ordered_term *a = left, *b = right;

    if (a->head != b->head)
        return a->head < b->head ? -1 : 1;
    return str_cmp(a->entry->key, b->entry->key);
}

static void write_term(struct run_writer *w, Str term, const struct tuple *tuples, size_t count,
                       struct buf *places)
{
    for (size_t i = 0; i < count;) {
        uint32_t doc = tuples[i].doc, times = 0, last = 0;
        buf_reset(places);
        for (; i < count && tuples[i].doc == doc; i++) {
            if (tuples[i].place == NO_PLACE)
                continue;
            buf_add_varint(places, tuples[i].place - last);
            last = tuples[i].place;
            times++;
        }
        run_write_doc(w, doc, times, buf_str(places));
    }
    run_write_term(w, term);
}

/* Tuples by term, each still by document and place: a counting sort. starts: of each term, one
 * more than there are. */
static struct tuple *tuples_by_term(const struct word_builder *b, size_t *starts)
{
    struct tuple *sorted = mem_try_alloc(b->tuples.count + 1, sizeof *sorted);

    if (!sorted)
        return NULL;
    for (size_t i = 0; i < b->tuples.count; i++)
        starts[b->tuples.items[i].term + 1]++;
    for (size_t i = 0; i < b->terms.count; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < b->tuples.count; i++)
        sorted[starts[b->tuples.items[i].term]++] = b->tuples.items[i];
    for (size_t i = b->terms.count; i > 0; i--) /* they have moved by one */
        starts[i] = starts[i - 1];
    starts[0] = 0;
    return sorted;
}

static bool write_terms(struct word_builder *b, struct run_writer *w, struct err *err)
{
    size_t count = b->terms.count;
    size_t *starts = mem_try_alloc(count + 2, sizeof *starts);
    struct ordered_term *order = mem_try_alloc(count + 1, sizeof *order);
    struct tuple *sorted = starts && order ? tuples_by_term(b, starts) : NULL;

    for (size_t i = 0; sorted && i < count; i++)
        order[i] = (struct ordered_term){head_of(b->terms.entries[i].key), &b->terms.entries[i]};
    if (sorted && count > 1)
        qsort(order, count, sizeof *order, term_cmp);
    for (size_t i = 0; sorted && i < count; i++) {
        size_t term = (size_t)order[i].entry->value;
        write_term(w, order[i].entry->key, sorted + starts[term], starts[term + 1] - starts[term],
                   &b->key);
    }
    bool ok = sorted || err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
    mem_free(starts);
    mem_free(order);
    mem_free(sorted);
    return ok && buf_ok(&b->key, err);
}

bool word_builder_write(struct word_builder *b, Str path, uint64_t *bytes, struct err *err)
{
    struct run_writer w;
    struct arena paths;

    ASSERT(b->columns.doc_count > 0);
    arena_init(&paths, 4 * FILE_PATH_BYTES_MAX);
    bool is_ordered = order_documents(b, err);
    bool ok = is_ordered && run_write_begin(&w, &paths, path, &b->columns, err) &&
              write_terms(b, &w, err) && run_write_end(&w, bytes, err);
    if (!ok && is_ordered)
        run_write_abandon(&w);
    arena_deinit(&paths);
    return ok;
}

bool word_builder_run(struct word_builder *b, struct word_run *run, struct err *err)
{
    struct run_writer w;
    uint64_t bytes;

    ASSERT(b->columns.doc_count > 0);
    if (!order_documents(b, err))
        return false;
    if (!run_write_begin(&w, NULL, STR_NONE, &b->columns, err) || !write_terms(b, &w, err) ||
        !run_write_end(&w, &bytes, err)) {
        run_write_abandon(&w);
        return false;
    }
    return run_open_memory(run, &w.out.pending, err);
}
