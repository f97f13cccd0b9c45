#include "listen/archive/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "format/time.h"
#include "listen/archive/archive_priv.h"
#include "text/fold.h"

#define EXPRESSION_BYTES_MAX (4 * MIB)
#define FACET_VALUES_MAX     1000 /* of one facet: further ones are left out */
#define RELEVANCE_UNIT       1e6  /* of a sort key */

/* A post that matches, before its page is cut out. Sorted by key, month and id, descending. */
struct found {
    int64_t key;
    int32_t month;
    int64_t id;
};

struct facet {
    struct map index; /* value -> count */
};

struct search {
    struct archive *a;
    struct arena *arena; /* of the results */
    const struct search_request *request;
    struct search_result *out;
    struct err *err;
    struct query query;
    struct post_tokens tokens;
    struct tokenizer *words;
    struct buf expression;   /* for the index; empty: every post */
    struct arena row_memory; /* of the post at hand */
    struct {
        VEC(struct found);
    } found;
    int64_t candidates;
    search_visit *visit; /* search_times(): gets every match; then nothing is kept */
    void *context;
    bool is_over; /* visit wants no more */
    struct map sources, langs, moods, days;
};

/* ---- candidates ------------------------------------------------------------------------------ */

static bool add_word(struct search *s, Str folded, bool is_prefix)
{
    size_t at = s->expression.len;

    buf_add_byte(&s->expression, '"');
    size_t from = s->expression.len;
    text_fold(folded, FOLD_STRIP_ACCENTS, &s->expression);
    Str word = str_sub(buf_str(&s->expression), from, s->expression.len);
    if (word.len == 0 || str_find_byte(word, '"') < word.len) {
        buf_truncate(&s->expression, at);
        return false;
    }
    buf_add(&s->expression, is_prefix ? S("\" *") : S("\""));
    return true;
}

/* The part of a pattern before its first wildcard. */
static bool add_pattern(struct search *s, Str pattern)
{
    size_t len = 0;

    while (len < pattern.len && pattern.ptr[len] != '*' && pattern.ptr[len] != '?')
        len++;
    return len > 0 && add_word(s, str_sub(pattern, 0, len), true);
}

static bool add_node(struct search *s, const struct query_node *node);

/* Children joined; with `all` (an OR) every one has to give something, else the whole gives none.
 */
static bool add_children(struct search *s, const struct query_node *node, Str joint, bool all)
{
    size_t at = s->expression.len, given = 0;

    buf_add_byte(&s->expression, '(');
    for (const struct query_node *child = node->first; child; child = child->next) {
        size_t before = s->expression.len;
        if (given > 0)
            buf_add(&s->expression, joint);
        if (add_node(s, child)) {
            given++;
            continue;
        }
        buf_truncate(&s->expression, before);
        if (all) {
            given = 0;
            break;
        }
    }
    if (given == 0) {
        buf_truncate(&s->expression, at);
        return false;
    }
    buf_add_byte(&s->expression, ')');
    return true;
}

/* Appends what a matching post must hold; false: nothing can be said. */
static bool add_node(struct search *s, const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_WORD:
        if (node->token == TOKEN_EMOJI || node->token == TOKEN_URL || node->key.len == 0)
            return false;
        if (node->form == QUERY_PATTERN)
            return add_pattern(s, node->key);
        return node->form == QUERY_EXACT && add_word(s, node->key, false);
    case QUERY_PHRASE:
    case QUERY_AND:
    case QUERY_NEAR:
        return add_children(s, node, S(" AND "), false);
    case QUERY_OR:
        return add_children(s, node, S(" OR "), true);
    case QUERY_SENTENCE:
    case QUERY_SCOPE:
    case QUERY_REFERENCE:
        return node->first && add_node(s, node->first);
    case QUERY_COUNT:
        return node->compare != QUERY_AT_MOST && node->low >= 1 && node->first &&
               add_node(s, node->first);
    case QUERY_NOTHING:
    case QUERY_NOT:
    case QUERY_FIELD:
    case QUERY_RAW:
        return false;
    }
    UNREACHABLE("kind of a query node");
}

/* ---- verifying ------------------------------------------------------------------------------- */

static bool facet_count(struct search *s, struct map *facet, Str value)
{
    uint64_t *count = map_get(facet, value);
    bool is_new;

    if (!count && facet->count >= FACET_VALUES_MAX)
        return true;
    if (!count && !(count = map_at(facet, value, &is_new)))
        return err_set(s->err, ERR_NO_MEMORY, "no memory for counting facets");
    ++*count;
    return true;
}

static bool facets_count(struct search *s, const struct archived_post *post)
{
    static const char *const moods[] = {"negative", "neutral", "positive"};
    Str lang = post->post.lang.len > 0 ? post->post.lang : post->lang_found;
    TimeText day = time_date(post->post.created_at_ms);

    if (!s->request->has_facets)
        return true;
    return facet_count(s, &s->sources, post->post.source) &&
           facet_count(s, &s->langs, lang.len > 0 ? lang : S("und")) &&
           (post->polarity == POST_POLARITY_UNKNOWN ||
            facet_count(s, &s->moods, str_from_cstr(moods[post->polarity + 1]))) &&
           facet_count(s, &s->days, str_from_cstr(day.text));
}

static bool fill_tokens(struct search *s, const struct archived_post *post)
{
    if (!post_tokens_fill(&s->tokens, &post->post, s->err))
        return false;
    s->tokens.polarity = post->polarity;
    s->tokens.lang = str_eq(post->lang_found, S("und")) ? STR_NONE : post->lang_found;
    return true;
}

/* Parts found, those in the title thrice, against the length of the post. */
static bool relevance_of(struct search *s, const struct archived_post *post, double *relevance)
{
    struct query_explanation why;
    double weight = 0;

    if (!query_explain(&s->row_memory, &s->query, &post->post, &s->tokens, &why, s->err))
        return false;
    for (size_t i = 0; i < why.span_count; i++)
        weight += why.spans[i].place == QUERY_PLACE_TITLE  ? 3
                  : why.spans[i].place == QUERY_PLACE_BODY ? 1
                                                           : 0.5;
    *relevance = weight / log2(8 + (double)(s->tokens.title_count + s->tokens.body_count));
    return true;
}

static bool verify(struct search *s, const struct archived_post *post)
{
    bool matches;
    double relevance = 0;
    struct found found = {post->post.created_at_ms, post->month, post->id};

    if (!fill_tokens(s, post) ||
        !query_matches(&s->row_memory, &s->query, &post->post, &s->tokens, &matches, s->err))
        return false;
    if (!matches)
        return true;
    if (s->visit) {
        s->is_over = !s->visit(s->context, post->post.created_at_ms);
        return true;
    }
    if (s->request->order == SEARCH_OLDEST)
        found.key = -found.key;
    if (s->request->order == SEARCH_RELEVANT) {
        if (!relevance_of(s, post, &relevance))
            return false;
        found.key = (int64_t)(relevance * RELEVANCE_UNIT);
    }
    return facets_count(s, post) && (vec_try_push(&s->found, found) ||
                                     err_set(s->err, ERR_NO_MEMORY, "no memory for the hits"));
}

/* One hit more than the page holds tells whether there is a next page. */
static bool is_enough(const struct search *s)
{
    return s->is_over || (s->request->is_page_enough && s->found.count > s->request->limit);
}

static bool walk_rows(struct search *s, struct segment *segment, struct stmt *stmt)
{
    struct archived_post post;
    bool has_row = true, ok;

    while ((ok = stmt_step(stmt, &has_row, s->err)) && has_row) {
        arena_reset(&s->row_memory);
        if ((s->candidates++ >= SEARCH_CANDIDATES_MAX && !s->visit) || is_enough(s)) {
            s->out->is_complete = false;
            stmt_reset(stmt);
            return true;
        }
        if (!archived_post_read(s->a, stmt, &s->row_memory, segment->month, &post, s->err) ||
            !verify(s, &post)) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

/* Newest first, along the index of time; the words only say which posts to pass over. Numbers of
 * posts follow time more or less, so the window's least and largest spare most of the index. */
static bool prepare_newest(struct search *s, struct segment *segment, struct stmt **stmt)
{
    return s->expression.len > 0
               ? db_query(segment->db,
                          "SELECT " POST_COLUMNS_LITERAL
                          " FROM post CROSS JOIN source ON source.id = post.source"
                          " WHERE post.created_at_ms >= ?1 AND post.created_at_ms < ?2"
                          " AND post.id IN (SELECT rowid FROM post_words WHERE post_words MATCH ?3"
                          " AND rowid >= (SELECT min(id) FROM post WHERE created_at_ms >= ?1"
                          " AND created_at_ms < ?2)"
                          " AND rowid <= (SELECT max(id) FROM post WHERE created_at_ms >= ?1"
                          " AND created_at_ms < ?2))"
                          " ORDER BY post.created_at_ms DESC, post.id DESC",
                          stmt, s->err)
               : db_query(segment->db,
                          "SELECT " POST_COLUMNS_LITERAL
                          " FROM post CROSS JOIN source ON source.id = post.source"
                          " WHERE post.created_at_ms >= ?1 AND post.created_at_ms < ?2"
                          " ORDER BY post.created_at_ms DESC, post.id DESC",
                          stmt, s->err);
}

static bool search_segment(struct search *s, struct segment *segment, int64_t from_ms,
                           int64_t to_ms)
{
    struct stmt *stmt;
    bool has_index = s->expression.len > 0;

    bool ok = s->request->is_page_enough ? prepare_newest(s, segment, &stmt)
              : has_index
                  ? db_query(segment->db,
                             "SELECT " POST_COLUMNS_LITERAL
                             " FROM post_words CROSS JOIN post ON post.id = post_words.rowid"
                             " CROSS JOIN source ON source.id = post.source"
                             " WHERE post_words MATCH ?3 AND post.created_at_ms >= ?1"
                             " AND post.created_at_ms < ?2",
                             &stmt, s->err)
                  : db_query(segment->db,
                             "SELECT " POST_COLUMNS_LITERAL
                             " FROM post CROSS JOIN source ON source.id = post.source"
                             " WHERE post.created_at_ms >= ?1 AND post.created_at_ms < ?2",
                             &stmt, s->err);
    if (!ok)
        return false;
    stmt_bind_i64(stmt, 1, from_ms);
    stmt_bind_i64(stmt, 2, to_ms);
    if (has_index)
        stmt_bind_str(stmt, 3, buf_str(&s->expression));
    return walk_rows(s, segment, stmt);
}

static bool search_segments(struct search *s)
{
    bool is_all = s->request->from_ms == 0 && s->request->to_ms == 0;
    int64_t from_ms = is_all ? INT64_MIN / 2 : s->request->from_ms;
    int64_t to_ms = is_all ? INT64_MAX / 2 : s->request->to_ms;
    int *indices;
    size_t count;

    if (!segments_between(s->a, s->arena, from_ms / HOUR_MS - 1, to_ms / HOUR_MS + 1, &indices,
                          &count, s->err))
        return false;
    s->out->is_complete = true;
    for (size_t i = count; i > 0 && s->out->is_complete; i--) {
        struct segment *segment;
        if (!segment_use(s->a, indices[i - 1], &segment, s->err) ||
            !search_segment(s, segment, from_ms, to_ms))
            return false;
    }
    s->out->total = (int64_t)s->found.count;
    return true;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static int found_cmp(const void *left, const void *right)
{
    const struct found *a = left, *b = right;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->month != b->month)
        return a->month > b->month ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

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

static bool hit_ranges(struct search *s, struct search_hit *hit)
{
    struct query_explanation why;

    arena_reset(&s->row_memory);
    if (!fill_tokens(s, &hit->post) ||
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

static bool page_fill(struct search *s, size_t from)
{
    size_t left = s->found.count - from, limit = s->request->limit;
    size_t count = left < limit ? left : limit;

    s->out->hits = arena_try_new(s->arena, struct search_hit, count + 1);
    if (!s->out->hits)
        return err_arena(s->err, s->arena);
    for (size_t i = 0; i < count; i++) {
        const struct found *found = &s->found.items[from + i];
        struct search_hit *hit = &s->out->hits[s->out->count++];
        if (!archive_post(s->a, s->arena, found->month, found->id, &hit->post, s->err) ||
            !hit_ranges(s, hit))
            return false;
        hit_snippet(hit);
        hit->relevance =
            s->request->order == SEARCH_RELEVANT ? (double)found->key / RELEVANCE_UNIT : 0;
    }
    if (count > 0 && left > count) {
        const struct found *last = &s->found.items[from + count - 1];
        s->out->next = arena_printf(s->arena, "%c:%lld:%d:%lld", order_letters[s->request->order],
                                    (long long)last->key, last->month, (long long)last->id);
    }
    return true;
}

static bool page_cut(struct search *s)
{
    struct found last;
    size_t from = 0;

    if (s->found.count > 1)
        qsort(s->found.items, s->found.count, sizeof *s->found.items, found_cmp);
    if (s->request->cursor.len > 0) {
        if (!cursor_read(s, &last, s->err))
            return false;
        while (from < s->found.count && found_cmp(&s->found.items[from], &last) <= 0)
            from++;
    }
    return page_fill(s, from);
}

/* ---- facets ---------------------------------------------------------------------------------- */

static int facet_cmp(const void *left, const void *right)
{
    const struct search_facet *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_cmp(a->value, b->value);
}

static bool facet_write(struct search *s, const struct map *facet, struct search_facet **out,
                        size_t *count)
{
    *out = arena_try_new(s->arena, struct search_facet, facet->count + 1);
    if (!*out)
        return err_arena(s->err, s->arena);
    for (size_t i = 0; i < facet->count; i++) {
        (*out)[i].count = (int64_t)facet->entries[i].value;
        if (!arena_try_str(s->arena, facet->entries[i].key, &(*out)[i].value))
            return err_arena(s->err, s->arena);
    }
    if (facet->count > 1)
        qsort(*out, facet->count, sizeof **out, facet_cmp);
    *count = facet->count;
    return true;
}

static bool facets_write(struct search *s)
{
    struct search_result *out = s->out;

    return !s->request->has_facets ||
           (facet_write(s, &s->sources, &out->sources, &out->source_count) &&
            facet_write(s, &s->langs, &out->langs, &out->lang_count) &&
            facet_write(s, &s->moods, &out->moods, &out->mood_count) &&
            facet_write(s, &s->days, &out->days, &out->day_count));
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool parse(struct search *s)
{
    struct query_problems problems = {0};

    bool ok = query_parse(s->arena, s->words, s->request->query, STR_NONE, s->request->names,
                          &s->query, &problems, s->err);
    vec_each (struct query_problem, problem, &problems) {
        if (!ok || problem->severity != QUERY_ERROR)
            continue;
        err_set(s->err, ERR_INPUT, "the query is wrong at %u:%u: " STR_F, problem->line,
                problem->column, STR_A(problem->message));
        if (problem->fix.len > 0)
            err_hint(s->err, STR_F, STR_A(problem->fix));
        ok = false;
    }
    query_problems_deinit(&problems);
    if (ok && !add_node(s, s->query.root))
        buf_reset(&s->expression);
    return ok && buf_ok(&s->expression, s->err);
}

static bool search_init(struct search *s, struct err *err)
{
    arena_init(&s->row_memory, BATCH_ARENA_BYTES_MAX);
    buf_init(&s->expression, EXPRESSION_BYTES_MAX);
    return tokenizer_create(&s->words, err) && post_tokens_init(&s->tokens, err) && parse(s);
}

static void search_deinit(struct search *s)
{
    vec_deinit(&s->found);
    buf_deinit(&s->expression);
    post_tokens_deinit(&s->tokens);
    tokenizer_destroy(&s->words);
    arena_deinit(&s->row_memory);
}

bool search_times(struct archive *a, struct arena *arena, const struct search_request *request,
                  search_visit *visit, void *context, struct err *err)
{
    struct search_result unused = {0};
    struct search_request plain = {.query = request->query,
                                   .names = request->names,
                                   .from_ms = request->from_ms,
                                   .to_ms = request->to_ms};
    struct search s = {.a = a,
                       .arena = arena,
                       .request = &plain,
                       .out = &unused,
                       .visit = visit,
                       .context = context,
                       .err = err};
    bool ok = search_init(&s, err) && search_segments(&s);

    search_deinit(&s);
    return ok;
}

bool search_posts(struct archive *a, struct arena *arena, const struct search_request *request,
                  struct search_result *out, struct err *err)
{
    struct search s = {.a = a, .arena = arena, .request = request, .out = out, .err = err};
    struct map *const facets[] = {&s.sources, &s.langs, &s.moods, &s.days};

    *out = (struct search_result){0};
    if (request->limit < 1 || request->limit > SEARCH_PAGE_MAX)
        return err_set(err, ERR_USAGE, "a page has 1 to %d posts", SEARCH_PAGE_MAX);
    for (size_t i = 0; i < COUNT_OF(facets); i++)
        map_init(facets[i], MAP_COPY_KEYS, 1);
    bool ok = search_init(&s, err) && search_segments(&s) && page_cut(&s) && facets_write(&s);
    for (size_t i = 0; i < COUNT_OF(facets); i++)
        map_deinit(facets[i]);
    search_deinit(&s);
    return ok;
}
