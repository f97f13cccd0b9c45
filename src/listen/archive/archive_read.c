/* Reading the archive: mentions as facts, stored posts, totals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "listen/archive/archive_priv.h"

/* ---- which segments -------------------------------------------------------------------------- */

struct month_index {
    int32_t month;
    int index;
};

static int month_cmp(const void *a, const void *b)
{
    const struct month_index *left = a, *right = b;

    return left->month < right->month ? -1 : left->month > right->month;
}

bool segments_between(struct archive *a, struct arena *arena, int64_t from_hour, int64_t to_hour,
                      int **out, size_t *count, struct err *err)
{
    size_t n = 0, all = a->segments.count + 1;
    struct month_index *found = arena_try_new(arena, struct month_index, all);
    int *indices = arena_try_new(arena, int, all);

    if (!found || !indices)
        return err_arena(err, arena);
    for (size_t i = 0; i < a->segments.count; i++) {
        int32_t month = a->segments.items[i].month;
        if (month_start_ms(month + 1) / HOUR_MS > from_hour &&
            month_start_ms(month) / HOUR_MS < to_hour)
            found[n++] = (struct month_index){month, (int)i};
    }
    qsort(found, n, sizeof *found, month_cmp);
    for (size_t i = 0; i < n; i++)
        indices[i] = found[i].index;
    *out = indices;
    *count = n;
    return true;
}

bool for_segments(struct archive *a, int64_t from_hour, int64_t to_hour, each_segment *each,
                  void *context, struct err *err)
{
    struct arena scratch;
    int *indices;
    size_t count = 0;

    arena_init(&scratch, MIB);
    bool ok = segments_between(a, &scratch, from_hour, to_hour, &indices, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct segment *s;
        ok = segment_use(a, indices[i], &s, err) && each(a, s, context, err);
    }
    arena_deinit(&scratch);
    return ok;
}

/* ---- mentions -------------------------------------------------------------------------------- */

bool for_mentions(struct archive *a, struct segment *s, struct stmt *stmt,
                  const struct mention_span *span, each_mention *each, void *walk, struct err *err)
{
    bool has_row = true, ok;

    stmt_bind_i64(stmt, 1, span->query);
    stmt_bind_i64(stmt, 2, span->from_hour);
    stmt_bind_i64(stmt, 3, span->to_hour);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ok = each(a, s, stmt, walk, err);
        if (!ok || span->is_over) {
            stmt_reset(stmt);
            return ok;
        }
    }
    return ok;
}

struct fact_walk {
    struct mention_span span;
    archive_visit *visit;
    void *context;
    int64_t from_post, to_post;
};

/* Columns from `at` on: hour, post, source, author, lang, polarity, flags, engagement, followers,
 * country. */
static bool fact_read(struct archive *a, struct segment *s, struct stmt *stmt, int at,
                      struct mention_fact *fact, struct err *err)
{
    Str lang = stmt_str(stmt, at + 4), country = stmt_str(stmt, at + 9);

    *fact = (struct mention_fact){
        .hour = stmt_i64(stmt, at),
        .post = stmt_i64(stmt, at + 1),
        .month = s->month,
        .author = (uint64_t)stmt_i64(stmt, at + 3),
        .polarity = stmt_is_null(stmt, at + 5) ? POST_POLARITY_UNKNOWN
                                               : (enum post_polarity)stmt_i64(stmt, at + 5),
        .flags = (uint32_t)stmt_i64(stmt, at + 6),
        .engagement = stmt_is_null(stmt, at + 7) ? POST_UNKNOWN : stmt_i64(stmt, at + 7),
        .followers = stmt_is_null(stmt, at + 8) ? POST_UNKNOWN : stmt_i64(stmt, at + 8),
    };
    memcpy(fact->lang, lang.ptr, lang.len < sizeof fact->lang ? lang.len : sizeof fact->lang - 1);
    if (country.len > 0 && country.len < sizeof fact->country)
        memcpy(fact->country, country.ptr, country.len);
    return segment_source_of(a, s, stmt_i64(stmt, at + 2), &fact->source, err);
}

static bool fact_row(struct archive *a, struct segment *s, struct stmt *stmt, void *context,
                     struct err *err)
{
    struct fact_walk *walk = context;
    struct mention_fact fact;

    if (!fact_read(a, s, stmt, 0, &fact, err))
        return false;
    fact.query = walk->span.query;
    walk->span.is_over = !walk->visit(walk->context, &fact);
    return true;
}

static bool fact_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct fact_walk *walk = context;
    struct stmt *stmt;

    if (walk->span.is_over)
        return true;
    if (!db_query(s->db,
                  "SELECT hour, post, source, author, lang, polarity, flags, engagement,"
                  " followers, country FROM mention WHERE query = ?1 AND hour >= ?2 AND hour < ?3"
                  " AND post < ?4 ORDER BY hour, post",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 4, walk->to_post);
    return for_mentions(a, s, stmt, &walk->span, fact_row, walk, err);
}

bool archive_mentions_until(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                            int64_t to_post, archive_visit *visit, void *context, struct err *err)
{
    struct fact_walk walk = {{query, from_hour, to_hour, false}, visit, context, 0, to_post};

    return for_segments(a, from_hour, to_hour, fact_segment, &walk, err);
}

bool archive_mentions(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                      archive_visit *visit, void *context, struct err *err)
{
    return archive_mentions_until(a, query, from_hour, to_hour, INT64_MAX, visit, context, err);
}

static bool timed_row(struct archive *a, struct segment *s, struct stmt *stmt, void *context,
                      struct err *err)
{
    struct fact_walk *walk = context;
    struct mention_fact fact;

    if (!fact_read(a, s, stmt, 0, &fact, err))
        return false;
    fact.query = walk->span.query;
    fact.created_at_ms = stmt_i64(stmt, 10);
    walk->span.is_over = !walk->visit(walk->context, &fact);
    return true;
}

static bool hour_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct fact_walk *walk = context;
    struct stmt *stmt;

    if (walk->span.is_over)
        return true;
    if (!db_query(s->db,
                  "SELECT m.hour, m.post, m.source, m.author, m.lang, m.polarity, m.flags,"
                  " m.engagement, m.followers, m.country, post.created_at_ms"
                  " FROM mention AS m CROSS JOIN post ON post.id = m.post"
                  " WHERE m.query = ?1 AND m.hour = ?2 AND ?2 < ?3 AND m.post >= ?4 AND m.post < ?5"
                  " ORDER BY m.post",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 4, walk->from_post);
    stmt_bind_i64(stmt, 5, walk->to_post);
    return for_mentions(a, s, stmt, &walk->span, timed_row, walk, err);
}

bool archive_hour_mentions(struct archive *a, int64_t query, int64_t hour, int64_t from_post,
                           int64_t to_post, archive_visit *visit, void *context, struct err *err)
{
    struct fact_walk walk = {{query, hour, hour + 1, false}, visit, context, from_post, to_post};

    return for_segments(a, hour, hour + 1, hour_segment, &walk, err);
}

/* ---- totals ---------------------------------------------------------------------------------- */

struct total_walk {
    int64_t from_hour, to_hour, posts;
    int64_t first_hour, last_hour;
};

static bool total_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct total_walk *walk = context;
    struct stmt *stmt;
    bool has_row;

    (void)a;
    if (!db_query(s->db,
                  "SELECT sum(posts), min(hour), max(hour) FROM total"
                  " WHERE hour >= ?1 AND hour < ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, walk->from_hour);
    stmt_bind_i64(stmt, 2, walk->to_hour);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (has_row && !stmt_is_null(stmt, 1)) {
        int64_t first = stmt_i64(stmt, 1), last = stmt_i64(stmt, 2);
        walk->posts += stmt_i64(stmt, 0);
        walk->first_hour = first < walk->first_hour ? first : walk->first_hour;
        walk->last_hour = last > walk->last_hour ? last : walk->last_hour;
    }
    stmt_reset(stmt);
    return true;
}

/* The hours of a segment lie in its month: the outermost segments that saw a post say it all. */
static bool span_ends(struct archive *a, const int *indices, size_t count, struct total_walk *walk,
                      struct err *err)
{
    struct segment *s;
    size_t first = 0;

    for (; first < count && walk->posts == 0; first++)
        if (!segment_use(a, indices[first], &s, err) || !total_segment(a, s, walk, err))
            return false;
    walk->posts = 0;
    for (size_t last = count; last > first && walk->posts == 0; last--)
        if (!segment_use(a, indices[last - 1], &s, err) || !total_segment(a, s, walk, err))
            return false;
    return true;
}

bool archive_span(struct archive *a, int64_t *from_hour, int64_t *to_hour, struct err *err)
{
    struct total_walk walk = {INT64_MIN / 2, INT64_MAX / 2, 0, INT64_MAX, INT64_MIN};
    struct arena scratch;
    int *indices;
    size_t count = 0;

    arena_init(&scratch, MIB);
    bool ok = segments_between(a, &scratch, walk.from_hour, walk.to_hour, &indices, &count, err) &&
              span_ends(a, indices, count, &walk, err);
    arena_deinit(&scratch);
    if (!ok)
        return false;
    bool is_empty = walk.first_hour > walk.last_hour;
    *from_hour = is_empty ? 0 : walk.first_hour;
    *to_hour = is_empty ? 0 : walk.last_hour + 1;
    return true;
}

/* ---- posts ----------------------------------------------------------------------------------- */

static int64_t count_read(struct stmt *stmt, int column)
{
    return stmt_is_null(stmt, column) ? POST_UNKNOWN : stmt_i64(stmt, column);
}

static bool list_read(struct archive *a, struct stmt *stmt, int column, struct arena *arena,
                      const Str **out, size_t *count, struct err *err)
{
    JsonNode root;

    if (stmt_is_null(stmt, column))
        return true;
    if ((!a->json && !json_bulk_create(&a->json, err)) ||
        !json_bulk_parse(a->json, stmt_str(stmt, column), &root, err))
        return err_wrap(err, "a list of a stored post cannot be read");
    size_t n = 0;
    Str *texts = arena_try_new(arena, Str, json_node_count(root) + 1), text;
    if (!texts)
        return err_arena(err, arena);
    for (JsonIter it = json_node_iter(root); json_iter_next(&it);)
        if (json_node_str(it.value, &text) && !arena_try_str(arena, text, &texts[n++]))
            return err_arena(err, arena);
    *out = texts;
    *count = n;
    return true;
}

static bool texts_read(struct stmt *stmt, struct arena *arena, struct archived_post *out,
                       struct err *err)
{
    struct post *post = &out->post;
    const struct {
        int column;
        Str *text;
    } texts[] = {
        {2, &post->source},
        {3, &post->id},
        {4, &post->kind},
        {7, &post->author.id},
        {8, &post->author.handle},
        {9, &post->author.name},
        {12, &post->lang},
        {13, &out->lang_found},
        {16, &post->title},
        {17, &post->text},
        {18, &post->url},
        {21, &post->reply_to},
        {22, &post->reply_to_author},
        {23, &post->thread},
        {24, &post->repost_of},
        {25, &post->repost_of_author},
        {31, &post->country},
        {32, &post->dataset},
        {33, &post->extra},
        {34, &out->maker},
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!stmt_copy_str(stmt, texts[i].column, arena, texts[i].text, err))
            return false;
    return true;
}

bool archived_post_read(struct archive *a, struct stmt *stmt, struct arena *arena, int32_t month,
                        struct archived_post *out, struct err *err)
{
    struct post *post = &out->post;

    *out = (struct archived_post){.month = month, .id = stmt_i64(stmt, 0)};
    out->identity = (uint64_t)stmt_i64(stmt, 1);
    post->created_at_ms = stmt_i64(stmt, 5);
    post->has_created_at = stmt_i64(stmt, 6) != 0;
    post->author.followers = count_read(stmt, 10);
    post->author.verified = (int8_t)count_read(stmt, 11);
    out->polarity =
        stmt_is_null(stmt, 14) ? POST_POLARITY_UNKNOWN : (enum post_polarity)stmt_i64(stmt, 14);
    out->compound = stmt_f64(stmt, 15);
    post->metrics = (struct post_metrics){count_read(stmt, 26), count_read(stmt, 27),
                                          count_read(stmt, 28), count_read(stmt, 29)};
    post->rating = stmt_is_null(stmt, 30) ? NAN : stmt_f64(stmt, 30);
    return texts_read(stmt, arena, out, err) &&
           list_read(a, stmt, 19, arena, &post->links, &post->link_count, err) &&
           list_read(a, stmt, 20, arena, &post->mentions, &post->mention_count, err);
}

void archived_post_rate(const struct archived_post *post, struct post_tokens *tokens)
{
    tokens->polarity = post->polarity;
    tokens->lang = str_eq(post->lang_found, S("und")) ? STR_NONE : post->lang_found;
}

bool archive_post(struct archive *a, struct arena *arena, int32_t month, int64_t id,
                  struct archived_post *out, struct err *err)
{
    struct segment *s;
    struct stmt *stmt;
    bool has_row = false;
    int index;

    if (!segment_at(a, month, false, &index, err))
        return false;
    if (index == DIRECTORY_NONE)
        return err_set(err, ERR_NOT_FOUND, "no such post in the archive");
    if (!segment_use(a, index, &s, err) ||
        !db_query(s->db,
                  "SELECT " POST_COLUMNS_LITERAL
                  " FROM post JOIN source ON source.id = post.source WHERE post.id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "no such post in the archive");
    bool ok = archived_post_read(a, stmt, arena, month, out, err);
    stmt_reset(stmt);
    return ok;
}

bool segment_mood(struct segment *s, int64_t query, int64_t hour, int64_t post, bool *is_mention,
                  enum post_polarity *mood, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "SELECT polarity FROM mention WHERE query = ?1 AND hour = ?2 AND post = ?3",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, hour);
    stmt_bind_i64(stmt, 3, post);
    if (!stmt_step(stmt, is_mention, err))
        return false;
    *mood = !*is_mention || stmt_is_null(stmt, 0) ? POST_POLARITY_UNKNOWN
                                                  : (enum post_polarity)stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return true;
}

bool archive_mood(struct archive *a, const struct archived_post *post, int64_t query,
                  bool *is_mention, enum post_polarity *mood, struct err *err)
{
    struct segment *s;
    int index;

    *is_mention = false;
    *mood = POST_POLARITY_UNKNOWN;
    if (!segment_at(a, post->month, false, &index, err))
        return false;
    return index == DIRECTORY_NONE || (segment_use(a, index, &s, err) &&
                                       segment_mood(s, query, post->post.created_at_ms / HOUR_MS,
                                                    post->id, is_mention, mood, err));
}

bool archive_post_at(struct archive *a, struct arena *arena, int64_t created_at_ms,
                     uint64_t identity, struct archived_post *out, bool *is_there, struct err *err)
{
    struct segment *s;
    struct stmt *stmt;
    int index;

    *is_there = false;
    if (!segment_at(a, month_of_ms(created_at_ms), false, &index, err))
        return false;
    if (index == DIRECTORY_NONE)
        return true;
    if (!segment_use(a, index, &s, err) ||
        !db_query(s->db,
                  "SELECT " POST_COLUMNS_LITERAL " FROM post JOIN source ON source.id = post.source"
                  " WHERE post.created_at_ms = ?1 AND post.identity = ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, created_at_ms);
    stmt_bind_i64(stmt, 2, (int64_t)identity);
    if (!stmt_step(stmt, is_there, err))
        return false;
    if (!*is_there)
        return true;
    bool ok = archived_post_read(a, stmt, arena, s->month, out, err);
    stmt_reset(stmt);
    return ok;
}

/* ---- mentions with their posts --------------------------------------------------------------- */

struct post_walk {
    struct mention_span span;
    uint64_t every;
    archive_visit_post *visit;
    void *context;
    struct arena arena; /* of the post at hand */
};

static bool post_row(struct archive *a, struct segment *s, struct stmt *stmt, void *context,
                     struct err *err)
{
    struct post_walk *walk = context;
    struct mention_fact fact;
    struct archived_post post;

    arena_reset(&walk->arena);
    if (!fact_read(a, s, stmt, POST_COLUMN_COUNT, &fact, err) ||
        !archived_post_read(a, stmt, &walk->arena, s->month, &post, err))
        return false;
    fact.query = walk->span.query;
    walk->span.is_over = !walk->visit(walk->context, &fact, &post);
    return true;
}

static bool post_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct post_walk *walk = context;
    struct stmt *stmt;

    if (walk->span.is_over)
        return true;
    if (!db_query(s->db,
                  "SELECT " POST_COLUMNS_LITERAL ", m.hour, m.post, m.source, m.author, m.lang,"
                  " m.polarity, m.flags, m.engagement, m.followers, m.country"
                  " FROM mention AS m CROSS JOIN post ON post.id = m.post"
                  " CROSS JOIN source ON source.id = post.source"
                  " WHERE m.query = ?1 AND m.hour >= ?2 AND m.hour < ?3"
                  " AND (?4 = 1 OR abs(post.identity % ?4) = 0) ORDER BY m.hour, m.post",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 4, (int64_t)walk->every);
    return for_mentions(a, s, stmt, &walk->span, post_row, walk, err);
}

bool archive_mention_posts(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           uint64_t every, archive_visit_post *visit, void *context,
                           struct err *err)
{
    struct post_walk walk = {.span = {query, from_hour, to_hour, false},
                             .every = every > 0 ? every : 1,
                             .visit = visit,
                             .context = context};

    arena_init(&walk.arena, BATCH_ARENA_BYTES_MAX);
    bool ok = for_segments(a, from_hour, to_hour, post_segment, &walk, err);
    arena_deinit(&walk.arena);
    return ok;
}

struct text_walk {
    struct mention_span span;
    uint64_t mask;
    archive_visit_text *visit;
    void *context;
};

static bool text_row(struct archive *a, struct segment *s, struct stmt *stmt, void *context,
                     struct err *err)
{
    struct text_walk *walk = context;
    struct mention_text text = {.hour = stmt_i64(stmt, 0),
                                .post = stmt_i64(stmt, 1),
                                .month = s->month,
                                .identity = (uint64_t)stmt_i64(stmt, 2),
                                .title = stmt_str(stmt, 3),
                                .body = stmt_str(stmt, 4),
                                .lang = stmt_str(stmt, 5)};

    (void)a;
    (void)err;
    walk->span.is_over = !walk->visit(walk->context, &text);
    return true;
}

static bool text_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct text_walk *walk = context;
    struct stmt *stmt;

    if (walk->span.is_over)
        return true;
    if (!db_query(s->db,
                  "SELECT m.hour, m.post, post.identity, post.title, post.body, m.lang"
                  " FROM mention AS m CROSS JOIN post ON post.id = m.post"
                  " WHERE m.query = ?1 AND m.hour >= ?2 AND m.hour < ?3"
                  " AND post.identity & ?4 = 0 ORDER BY m.hour, m.post",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 4, (int64_t)walk->mask);
    return for_mentions(a, s, stmt, &walk->span, text_row, walk, err);
}

bool archive_mention_texts(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           uint64_t mask, archive_visit_text *visit, void *context, struct err *err)
{
    struct text_walk walk = {{query, from_hour, to_hour, false}, mask, visit, context};

    return for_segments(a, from_hour, to_hour, text_segment, &walk, err);
}

struct count_walk {
    int64_t query, from_hour, to_hour, mentions;
};

static bool count_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct count_walk *walk = context;
    struct stmt *stmt;
    int64_t mentions;

    (void)a;
    if (!db_query(s->db,
                  "SELECT coalesce(sum(mentions), 0) FROM rollup"
                  " WHERE query = ?1 AND hour >= ?2 AND hour < ?3",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, walk->query);
    stmt_bind_i64(stmt, 2, walk->from_hour);
    stmt_bind_i64(stmt, 3, walk->to_hour);
    if (!stmt_one_i64(stmt, &mentions, err))
        return false;
    walk->mentions += mentions;
    return true;
}

bool archive_mention_count(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           int64_t *mentions, struct err *err)
{
    struct count_walk walk = {query, from_hour, to_hour, 0};

    if (!for_segments(a, from_hour, to_hour, count_segment, &walk, err))
        return false;
    *mentions = walk.mentions;
    return true;
}

/* ---- authors --------------------------------------------------------------------------------- */

struct author_walk {
    int64_t from_hour, to_hour;
    archive_visit_author *visit;
    void *context;
};

static bool author_walk_segment(struct archive *a, struct segment *s, void *context,
                                struct err *err)
{
    struct author_walk *walk = context;
    struct stmt *stmt;
    bool has_row = true, ok;

    (void)a;
    if (!db_query(s->db,
                  "SELECT author, created_at_ms FROM post"
                  " WHERE created_at_ms >= ?1 AND created_at_ms < ?2 AND author IS NOT NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, walk->from_hour * HOUR_MS);
    stmt_bind_i64(stmt, 2, walk->to_hour * HOUR_MS);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        walk->visit(walk->context, (uint64_t)stmt_i64(stmt, 0), stmt_i64(stmt, 1) / HOUR_MS);
    return ok;
}

bool archive_authors(struct archive *a, int64_t from_hour, int64_t to_hour,
                     archive_visit_author *visit, void *context, struct err *err)
{
    struct author_walk walk = {from_hour, to_hour, visit, context};

    return for_segments(a, from_hour, to_hour, author_walk_segment, &walk, err);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool stats_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct archive_stats *stats = context;
    struct stmt *stmt;
    bool has_row;

    (void)a;
    if (!db_query(s->db,
                  "SELECT (SELECT count(*) FROM identity WHERE state <> 3),"
                  " (SELECT count(*) FROM post), (SELECT count(*) FROM mention),"
                  " (SELECT count(*) FROM identity WHERE state = 2),"
                  " (SELECT count(*) FROM edit), (SELECT coalesce(sum(posts), 0) FROM total)",
                  &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    stats->segments++;
    stats->identities += stmt_i64(stmt, 0);
    stats->posts += stmt_i64(stmt, 1);
    stats->mentions += stmt_i64(stmt, 2);
    stats->tombstones += stmt_i64(stmt, 3);
    stats->edits += stmt_i64(stmt, 4);
    stats->totals += stmt_i64(stmt, 5);
    stmt_reset(stmt);
    return true;
}

bool archive_stats(struct archive *a, struct archive_stats *out, struct err *err)
{
    *out = (struct archive_stats){0};
    return for_segments(a, INT64_MIN / 2, INT64_MAX / 2, stats_segment, out, err);
}
