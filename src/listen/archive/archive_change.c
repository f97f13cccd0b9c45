/* What one post does to one segment. Everything here runs inside the segment's transaction. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/json_text.h"
#include "listen/archive/archive_priv.h"

/* ---- sums ------------------------------------------------------------------------------------ */

bool change_begin(struct archive *a, struct segment *s, struct err *err)
{
    struct stmt *stmt;
    bool has_row = false;

    ASSERT(db_is_writing(s->db));
    s->is_published = false;
    map_reset(&a->delta_index);
    vec_reset(&a->deltas);
    vec_reset(&a->new_mentions);
    if (!db_query(s->db, "SELECT next_post FROM word_state", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    s->next_post = has_row ? stmt_i64(stmt, 0) : 0;
    s->first_post = s->next_post;
    stmt_reset(stmt);
    return has_row || err_set(err, ERR_CORRUPT, "a segment has no state of its words");
}

static bool next_post_write(struct segment *s, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "UPDATE word_state SET next_post = ?1 WHERE next_post <> ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->next_post);
    s->has_news = s->has_words_due = true;
    return stmt_run(stmt, err);
}

static bool mentions_flush(struct archive *a, struct segment *s, struct err *err) MUST_CHECK;

static bool delta_at(struct archive *a, const struct rollup_key *key, struct rollup_delta **out,
                     struct err *err)
{
    bool is_new;
    Str bytes = {(const char *)key, sizeof *key};
    uint64_t *slot = map_at(&a->delta_index, bytes, &is_new);

    if (!slot)
        return err_set(err, ERR_NO_MEMORY, "no memory for the sums of a batch");
    if (is_new) {
        *slot = a->deltas.count;
        vec_push(&a->deltas, (struct rollup_delta){.key = *key});
    }
    *out = &a->deltas.items[*slot];
    return true;
}

static bool total_add(struct archive *a, int64_t hour, int64_t source, int64_t posts,
                      struct err *err)
{
    struct rollup_key key;
    struct rollup_delta *delta;

    memset(&key, 0, sizeof key);
    key.hour = hour;
    key.source = source;
    if (!delta_at(a, &key, &delta, err))
        return false;
    delta->mentions += posts;
    return true;
}

/* The row of one mention, as stored. */
struct mention_row {
    int64_t query, hour, source;
    Str lang;
    int64_t polarity; /* POST_POLARITY_UNKNOWN when not rated */
    int64_t flags, engagement;
};

/* `is_rewritten`: more than a mention of a new post came. */
static bool rollup_add(struct archive *a, const struct mention_row *row, int64_t sign,
                       bool is_rewritten, struct err *err)
{
    struct rollup_key key;
    struct rollup_delta *delta;

    memset(&key, 0, sizeof key); /* the key is compared by its bytes */
    key.query = row->query;
    key.hour = row->hour;
    key.source = row->source;
    memcpy(key.lang, row->lang.ptr, row->lang.len < sizeof key.lang ? row->lang.len : 7);
    if (!delta_at(a, &key, &delta, err))
        return false;
    delta->is_rewritten |= is_rewritten;
    delta->mentions += sign;
    delta->positive += row->polarity == POST_POSITIVE ? sign : 0;
    delta->neutral += row->polarity == POST_NEUTRAL ? sign : 0;
    delta->negative += row->polarity == POST_NEGATIVE ? sign : 0;
    delta->replies += row->flags & MENTION_REPLY ? sign : 0;
    delta->reposts += row->flags & MENTION_REPOST ? sign : 0;
    delta->engagement += row->engagement > 0 ? sign * row->engagement : 0;
    return true;
}

static bool total_write(struct segment *s, const struct rollup_delta *delta, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "INSERT INTO total (hour, source, posts) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT DO UPDATE SET posts = posts + excluded.posts",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, delta->key.hour);
    stmt_bind_i64(stmt, 2, delta->key.source);
    stmt_bind_i64(stmt, 3, delta->mentions);
    if (!stmt_run(stmt, err) || delta->mentions >= 0)
        return err->code == ERR_NONE;
    if (!db_query(s->db, "DELETE FROM total WHERE hour = ?1 AND source = ?2 AND posts = 0", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, delta->key.hour);
    stmt_bind_i64(stmt, 2, delta->key.source);
    return stmt_run(stmt, err);
}

static bool rollup_drop_empty(struct segment *s, const struct rollup_key *key, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "DELETE FROM rollup WHERE query = ?1 AND hour = ?2 AND source = ?3 AND lang = ?4"
                  " AND mentions = 0",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, key->query);
    stmt_bind_i64(stmt, 2, key->hour);
    stmt_bind_i64(stmt, 3, key->source);
    stmt_bind_str(stmt, 4, str_from_cstr(key->lang));
    return stmt_run(stmt, err);
}

static bool rollup_write(struct segment *s, const struct rollup_delta *delta, struct err *err)
{
    struct stmt *stmt;
    const int64_t sums[] = {delta->mentions, delta->positive, delta->neutral,   delta->negative,
                            delta->replies,  delta->reposts,  delta->engagement};

    if (!db_query(s->db,
                  "INSERT INTO rollup (query, hour, source, lang, mentions, positive, neutral,"
                  " negative, replies, reposts, engagement)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
                  " ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions,"
                  " positive = positive + excluded.positive, neutral = neutral + excluded.neutral,"
                  " negative = negative + excluded.negative, replies = replies + excluded.replies,"
                  " reposts = reposts + excluded.reposts,"
                  " engagement = engagement + excluded.engagement",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, delta->key.query);
    stmt_bind_i64(stmt, 2, delta->key.hour);
    stmt_bind_i64(stmt, 3, delta->key.source);
    stmt_bind_str(stmt, 4, str_from_cstr(delta->key.lang));
    for (size_t i = 0; i < COUNT_OF(sums); i++)
        stmt_bind_i64(stmt, (int)i + 5, sums[i]);
    return stmt_run(stmt, err) && (delta->mentions > 0 || rollup_drop_empty(s, &delta->key, err));
}

/* `rewritten` 0: mentions only came. What a publication has at hand is on the list again. */
static bool dirty_mark(struct segment *s, const struct rollup_key *key, int64_t rewritten,
                       struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "INSERT INTO dirty (query, hour, rewritten) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT DO UPDATE SET taken = 0,"
                  " rewritten = max(rewritten, excluded.rewritten)"
                  " WHERE taken <> 0 OR rewritten < excluded.rewritten",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, key->query);
    stmt_bind_i64(stmt, 2, key->hour);
    stmt_bind_i64(stmt, 3, rewritten);
    return stmt_run(stmt, err);
}

bool segment_rewrites_next(struct segment *s, int64_t *rewrites, struct err *err)
{
    struct stmt *stmt;

    return db_run(s->db, "UPDATE word_state SET rewrites = rewrites + 1", err) &&
           db_query(s->db, "SELECT rewrites FROM word_state", &stmt, err) &&
           stmt_one_i64(stmt, rewrites, err);
}

/* The hours of `deltas`, which are in order. */
static bool dirty_mark_all(struct archive *a, struct segment *s, struct err *err)
{
    int64_t rewrites = 0;

    for (size_t from = 0, to; from < a->deltas.count; from = to) {
        const struct rollup_key *key = &a->deltas.items[from].key;
        bool is_rewritten = false;
        for (to = from; to < a->deltas.count && a->deltas.items[to].key.query == key->query &&
                        a->deltas.items[to].key.hour == key->hour;
             to++)
            is_rewritten |= a->deltas.items[to].is_rewritten;
        if (key->query == 0)
            continue;
        if ((is_rewritten && rewrites == 0 && !segment_rewrites_next(s, &rewrites, err)) ||
            !dirty_mark(s, key, is_rewritten ? rewrites : 0, err))
            return false;
    }
    return true;
}

/* Taken out and put back alike: no sum changes, but authors or reach may have. */
static bool delta_is_none(const struct rollup_delta *delta)
{
    return (delta->mentions | delta->positive | delta->neutral | delta->negative | delta->replies |
            delta->reposts | delta->engagement) == 0;
}

static int delta_cmp(const void *left, const void *right)
{
    const struct rollup_key *a = &((const struct rollup_delta *)left)->key;
    const struct rollup_key *b = &((const struct rollup_delta *)right)->key;

    if (a->query != b->query)
        return a->query < b->query ? -1 : 1;
    if (a->hour != b->hour)
        return a->hour < b->hour ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return memcmp(a->lang, b->lang, sizeof a->lang);
}

bool change_flush(struct archive *a, struct segment *s, struct err *err)
{
    /* In the order of the tables: their pages are each gone to once. */
    if (a->deltas.count > 1)
        qsort(a->deltas.items, a->deltas.count, sizeof *a->deltas.items, delta_cmp);
    vec_each (struct rollup_delta, delta, &a->deltas)
        if (!delta_is_none(delta) &&
            !(delta->key.query == 0 ? total_write(s, delta, err) : rollup_write(s, delta, err)))
            return false;
    if (!dirty_mark_all(a, s, err))
        return false;
    map_reset(&a->delta_index); /* its indices mean nothing in the new order */
    vec_reset(&a->deltas);
    return mentions_flush(a, s, err) && next_post_write(s, err);
}

/* ---- mentions -------------------------------------------------------------------------------- */

static Str lang_of(const struct archive_item *item)
{
    if (item->post->lang.len > 0)
        return item->post->lang;
    return item->lang_found.len > 0 ? item->lang_found : S("und");
}

static int64_t flags_of(const struct archive_item *item)
{
    const struct post *post = item->post;
    int64_t flags = 0;

    Str kind = post_kind(post);

    if (post->reply_to.len > 0 || str_eq(kind, S("reply")) || str_eq(kind, S("comment")))
        flags |= MENTION_REPLY;
    if (post->repost_of.len > 0 || str_eq(kind, S("repost")))
        flags |= MENTION_REPOST;
    if (post->metrics.replies > 0 || post->metrics.reposts > 0)
        flags |= MENTION_ANSWERED;
    if ((flags & MENTION_REPLY) || post->reply_to_author.len > 0 || post->mention_count > 0 ||
        item->addresses_person)
        flags |= MENTION_ADDRESSED;
    return flags;
}

static int64_t engagement_of(const struct post *post)
{
    const int64_t counts[] = {post->metrics.likes, post->metrics.replies, post->metrics.reposts};
    int64_t sum = POST_UNKNOWN;

    for (size_t i = 0; i < COUNT_OF(counts); i++)
        if (counts[i] != POST_UNKNOWN)
            sum = (sum == POST_UNKNOWN ? 0 : sum) + counts[i];
    return sum;
}

static void bind_count(struct stmt *stmt, int parameter, int64_t count)
{
    if (count == POST_UNKNOWN)
        stmt_bind_null(stmt, parameter);
    else
        stmt_bind_i64(stmt, parameter, count);
}

static bool mention_insert(struct segment *s, const struct new_mention *m, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "INSERT INTO mention (query, hour, post, source, author, lang, polarity, flags,"
                  " engagement, followers, country)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, m->query);
    stmt_bind_i64(stmt, 2, m->hour);
    stmt_bind_i64(stmt, 3, m->post);
    stmt_bind_i64(stmt, 4, m->source);
    if (m->author != 0)
        stmt_bind_i64(stmt, 5, (int64_t)m->author);
    stmt_bind_str(stmt, 6, str_from_cstr(m->lang));
    if (m->polarity != POST_POLARITY_UNKNOWN)
        stmt_bind_i64(stmt, 7, m->polarity);
    stmt_bind_i64(stmt, 8, m->flags);
    bind_count(stmt, 9, m->engagement);
    bind_count(stmt, 10, m->followers);
    stmt_bind_str(stmt, 11, str_from_cstr(m->country));
    return stmt_run(stmt, err);
}

static int mention_cmp(const void *left, const void *right)
{
    const struct new_mention *a = left, *b = right;

    if (a->query != b->query)
        return a->query < b->query ? -1 : 1;
    if (a->hour != b->hour)
        return a->hour < b->hour ? -1 : 1;
    return a->post < b->post ? -1 : a->post > b->post;
}

/* Mentions into their table, in its order. Before anything reads or removes some. */
static bool mentions_flush(struct archive *a, struct segment *s, struct err *err)
{
    if (a->new_mentions.count > 1)
        qsort(a->new_mentions.items, a->new_mentions.count, sizeof *a->new_mentions.items,
              mention_cmp);
    vec_each (struct new_mention, m, &a->new_mentions)
        if (!mention_insert(s, m, err))
            return false;
    vec_reset(&a->new_mentions);
    return true;
}

enum post_polarity change_mood(const struct archive_item *item, size_t query)
{
    return item->moods && item->moods[query] != POST_POLARITY_UNKNOWN ? item->moods[query]
                                                                      : item->polarity;
}

static bool mentions_insert(struct archive *a, const struct segment *s, int64_t post, int64_t hour,
                            int64_t source, const struct archive_item *item, struct err *err)
{
    struct mention_row row = {.hour = hour,
                              .source = source,
                              .lang = lang_of(item),
                              .polarity = item->polarity,
                              .flags = flags_of(item),
                              .engagement = engagement_of(item->post)};
    uint64_t author = post_author_hash(item->post);
    Str country = item->post->country;

    for (size_t i = 0; i < item->query_count; i++) {
        row.query = item->queries[i];
        row.polarity = change_mood(item, i);
        struct new_mention m = {.query = row.query,
                                .hour = hour,
                                .post = post,
                                .source = source,
                                .author = author,
                                .polarity = row.polarity,
                                .flags = row.flags,
                                .engagement = row.engagement,
                                .followers = item->post->author.followers};
        memcpy(m.lang, row.lang.ptr, row.lang.len < sizeof m.lang ? row.lang.len : 7);
        if (country.len > 0 && country.len < sizeof m.country)
            memcpy(m.country, country.ptr, country.len);
        if (!vec_try_push(&a->new_mentions, m))
            return err_set(err, ERR_NO_MEMORY, "no memory for the mentions of a batch");
        if (!rollup_add(a, &row, 1, post < s->first_post, err))
            return false;
    }
    return true;
}

/* Takes one mention out of the table and of the sums. */
static bool mention_remove(struct archive *a, struct segment *s, int64_t query, int64_t hour,
                           int64_t post, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db,
                  "DELETE FROM mention WHERE query = ?1 AND hour = ?2 AND post = ?3"
                  " RETURNING source, lang, polarity, flags, engagement",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, hour);
    stmt_bind_i64(stmt, 3, post);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "the post %lld is no mention of its query %lld",
                       (long long)post, (long long)query);
    struct mention_row row = {
        .query = query,
        .hour = hour,
        .source = stmt_i64(stmt, 0),
        .lang = stmt_str(stmt, 1),
        .polarity = stmt_is_null(stmt, 2) ? POST_POLARITY_UNKNOWN : stmt_i64(stmt, 2),
        .flags = stmt_i64(stmt, 3),
        .engagement = stmt_is_null(stmt, 4) ? POST_UNKNOWN : stmt_i64(stmt, 4),
    };
    bool ok = rollup_add(a, &row, -1, true, err);
    if (ok)
        return stmt_run(stmt, err);
    stmt_reset(stmt);
    return false;
}

/* `queries` as in post.queries. */
static bool mentions_remove(struct archive *a, struct segment *s, int64_t post, int64_t hour,
                            Str queries, struct err *err)
{
    Str rest = queries, text;
    int64_t query;

    if (!mentions_flush(a, s, err))
        return false;
    while (rest.len > 0) {
        str_cut(rest, ',', &text, &rest);
        if (!str_to_i64(text, &query))
            return err_set(err, ERR_CORRUPT, "the post %lld has the queries '" STR_F "'",
                           (long long)post, STR_A(str_sub(queries, 0, 60)));
        if (!mention_remove(a, s, query, hour, post, err))
            return false;
    }
    return true;
}

bool change_queries(struct archive *a, const struct archive_item *item, Str *out, struct err *err)
{
    buf_reset(&a->queries);
    for (size_t i = 0; i < item->query_count; i++)
        buf_printf(&a->queries, i == 0 ? "%lld" : ",%lld", (long long)item->queries[i]);
    *out = buf_str(&a->queries);
    return buf_ok(&a->queries, err);
}

static bool post_queries_read(struct archive *a, struct segment *s, int64_t post, Str *out,
                              struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db, "SELECT queries FROM post WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, post);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "the post %lld is kept but not there", (long long)post);
    buf_reset(&a->queries);
    buf_add(&a->queries, stmt_str(stmt, 0));
    stmt_reset(stmt);
    *out = buf_str(&a->queries);
    return buf_ok(&a->queries, err);
}

static bool post_queries_write(struct archive *a, struct segment *s, int64_t post,
                               const struct archive_item *item, struct err *err)
{
    struct stmt *stmt;
    Str queries;

    if (!change_queries(a, item, &queries, err) ||
        !db_query(s->db, "UPDATE post SET queries = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, post);
    stmt_bind_str(stmt, 2, queries);
    return stmt_run(stmt, err);
}

bool change_mentions(struct archive *a, struct segment *s, int64_t post, int64_t hour,
                     int64_t source, const struct archive_item *item, struct err *err)
{
    Str queries;

    return post_queries_read(a, s, post, &queries, err) &&
           mentions_remove(a, s, post, hour, queries, err) &&
           mentions_insert(a, s, post, hour, source, item, err) &&
           post_queries_write(a, s, post, item, err);
}

/* An identity as it is stored in the segment. */
struct identity_row {
    int64_t id; /* 0: not there */
    int64_t content, post, hour, source, query_set, import, position;
    enum identity_state state;
};

/* ---- posts ----------------------------------------------------------------------------------- */

static Str json_list(struct buf *out, const Str *texts, size_t count)
{
    buf_reset(out);
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(out, i == 0 ? '[' : ',');
        json_text_str(out, texts[i]);
    }
    if (count == 0)
        return STR_NONE;
    buf_add_byte(out, ']');
    return buf_str(out);
}

static void bind_text(struct stmt *stmt, int parameter, Str text)
{
    if (text.len == 0)
        stmt_bind_null(stmt, parameter);
    else
        stmt_bind_str(stmt, parameter, text);
}

static void bind_author(struct stmt *stmt, const struct archive_item *item)
{
    const struct post_author *author = &item->post->author;
    uint64_t hash = post_author_hash(item->post);

    if (hash != 0)
        stmt_bind_i64(stmt, 8, (int64_t)hash);
    bind_text(stmt, 9, author->id);
    bind_text(stmt, 10, author->handle);
    bind_text(stmt, 11, author->name);
    bind_count(stmt, 12, author->followers);
    bind_count(stmt, 13, author->verified);
}

static void bind_content(struct archive *a, struct stmt *stmt, const struct archive_item *item)
{
    const struct post *post = item->post;

    bind_text(stmt, 14, post->lang);
    bind_text(stmt, 15, item->lang_found);
    if (item->polarity != POST_POLARITY_UNKNOWN) {
        stmt_bind_i64(stmt, 16, item->polarity);
        stmt_bind_f64(stmt, 17, item->compound);
    }
    stmt_bind_str(stmt, 18, post->title.len > 0 ? post->title : S(""));
    stmt_bind_str(stmt, 19, post->text.len > 0 ? post->text : S(""));
    bind_text(stmt, 20, post->url);
    bind_text(stmt, 21, json_list(&a->links, post->links, post->link_count));
    bind_text(stmt, 22, json_list(&a->mentions, post->mentions, post->mention_count));
    bind_text(stmt, 23, post->reply_to);
    bind_text(stmt, 24, post->reply_to_author);
    bind_text(stmt, 25, post->thread);
    bind_text(stmt, 26, post->repost_of);
    bind_text(stmt, 27, post->repost_of_author);
    bind_count(stmt, 28, post->metrics.likes);
    bind_count(stmt, 29, post->metrics.replies);
    bind_count(stmt, 30, post->metrics.reposts);
    bind_count(stmt, 31, post->metrics.views);
    stmt_bind_f64(stmt, 32, post->rating); /* NAN is stored as NULL */
    bind_text(stmt, 33, post->country);
    bind_text(stmt, 34, post->dataset);
    bind_text(stmt, 35, post->extra);
}

static bool post_insert(struct archive *a, struct segment *s, const struct change *change,
                        int64_t source, int64_t *id, struct err *err)
{
    const struct archive_item *item = change->item;
    struct stmt *stmt;
    int64_t maker = 0;
    Str queries;

    if (item->maker.len > 0 && !segment_maker(s, item->maker, &maker, err))
        return false;
    if (!change_queries(a, item, &queries, err) ||
        !db_query(s->db,
                  "INSERT INTO post (identity, source, post_id, kind, created_at_ms,"
                  " has_created_at, imported_at_ms, author, author_id, author_handle, author_name,"
                  " followers, verified, lang, lang_found, polarity, compound, title, body, url,"
                  " links, mentions, reply_to, reply_to_author, thread, repost_of,"
                  " repost_of_author, likes, replies, reposts, views, rating, country, dataset,"
                  " extra, queries, maker, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                  " ?11, ?12, ?13, ?14,"
                  " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29,"
                  " ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)item->identity);
    stmt_bind_i64(stmt, 2, source);
    stmt_bind_str(stmt, 3, item->post->id);
    stmt_bind_str(stmt, 4, item->post->kind);
    stmt_bind_i64(stmt, 5, change->at_ms);
    stmt_bind_i64(stmt, 6, item->post->has_created_at ? 1 : 0);
    stmt_bind_i64(stmt, 7, change->imported_at_ms);
    bind_author(stmt, item);
    bind_content(a, stmt, item);
    stmt_bind_str(stmt, 36, queries);
    if (maker != 0)
        stmt_bind_i64(stmt, 37, maker);
    *id = s->next_post++;
    stmt_bind_i64(stmt, 38, *id);
    return stmt_run(stmt, err);
}

static bool edit_keep(struct segment *s, const struct change *change, int64_t content, Str title,
                      Str body, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "INSERT INTO edit (identity, content, replaced_at_ms, title, body)"
                  " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)change->item->identity);
    stmt_bind_i64(stmt, 2, content);
    stmt_bind_i64(stmt, 3, change->imported_at_ms);
    stmt_bind_str(stmt, 4, title);
    stmt_bind_str(stmt, 5, body);
    return stmt_run(stmt, err);
}

/* A version that is current again is no history; with `content` 0 all of it goes. */
static bool edit_drop(struct segment *s, uint64_t identity, int64_t content, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "DELETE FROM edit WHERE identity = ?1 AND (?2 = 0 OR content = ?2)", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)identity);
    stmt_bind_i64(stmt, 2, content);
    return stmt_run(stmt, err);
}

static bool post_delete(struct segment *s, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "DELETE FROM post WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_run(stmt, err);
}

/* Takes a kept post out of the segment: mentions, words and row. `next` is the version that
 * replaces it: where the text differs the old one becomes history. NULL: nothing is kept. */
static bool post_take(struct archive *a, struct segment *s, const struct change *change,
                      const struct identity_row *row, const struct post *next, struct err *err)
{
    int64_t id = row->post;
    struct stmt *stmt;
    bool has_row, ok;

    if (!db_query(s->db, "SELECT title, body, queries FROM post WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "the post %lld is kept but not there", (long long)id);
    Str title = stmt_str(stmt, 0), body = stmt_str(stmt, 1);
    ok = mentions_remove(a, s, id, row->hour, stmt_str(stmt, 2), err);
    if (ok && next && (!str_eq(title, next->title) || !str_eq(body, next->text)))
        ok = edit_keep(s, change, row->content, title, body, err);
    stmt_reset(stmt);
    return ok && post_delete(s, id, err);
}

/* ---- identities ------------------------------------------------------------------------------ */

static bool identity_step(struct stmt *stmt, struct identity_row *row, struct err *err)
{
    bool has_row;

    if (!stmt_step(stmt, &has_row, err) || !has_row)
        return err->code == ERR_NONE;
    row->id = stmt_i64(stmt, 0);
    row->content = stmt_i64(stmt, 1);
    row->state = (enum identity_state)stmt_i64(stmt, 2);
    row->post = stmt_i64(stmt, 3);
    row->hour = stmt_i64(stmt, 4);
    row->source = stmt_i64(stmt, 5);
    row->query_set = stmt_i64(stmt, 6);
    row->import = stmt_i64(stmt, 7);
    row->position = stmt_i64(stmt, 8);
    stmt_reset(stmt);
    return true;
}

#define IDENTITY_COLUMNS "id, content, state, post, hour, source, query_set, import, position"

/* By the row that the directory knows; else the place that it left when it moved away, if it was
 * here before. */
static bool identity_read(struct segment *s, const struct change *change, struct identity_row *row,
                          struct err *err)
{
    struct stmt *stmt;

    *row = (struct identity_row){0};
    if (change->row == 0 && !change->is_moved)
        return true;
    if (change->row == 0) {
        if (!db_query(s->db,
                      "SELECT " IDENTITY_COLUMNS " FROM identity WHERE hash = ?1 AND state = 3",
                      &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, (int64_t)change->item->identity);
        return identity_step(stmt, row, err);
    }
    if (!db_query(s->db, "SELECT " IDENTITY_COLUMNS " FROM identity WHERE id = ?1 AND hash = ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, change->row);
    stmt_bind_i64(stmt, 2, (int64_t)change->item->identity);
    return identity_step(stmt, row, err) &&
           (row->id != 0 || err_set(err, ERR_CORRUPT, "the identity %lld of a segment is not there",
                                    (long long)change->row));
}

static bool identity_write(struct segment *s, const struct change *change, struct identity_row *row,
                           struct err *err)
{
    struct stmt *stmt;
    bool ok =
        row->id == 0
            ? db_query(s->db,
                       "INSERT INTO identity"
                       " (hash, content, state, post, hour, source, query_set, import, position)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                       &stmt, err)
            : db_query(s->db,
                       "UPDATE identity SET content = ?2, state = ?3, post = ?4, hour = ?5,"
                       " source = ?6, query_set = ?7, import = ?8, position = ?9"
                       " WHERE id = ?10 AND hash = ?1",
                       &stmt, err);

    if (!ok)
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)change->item->identity);
    stmt_bind_i64(stmt, 2, row->content);
    stmt_bind_i64(stmt, 3, row->state);
    if (row->state == IDENTITY_KEPT)
        stmt_bind_i64(stmt, 4, row->post);
    stmt_bind_i64(stmt, 5, row->hour);
    stmt_bind_i64(stmt, 6, row->source);
    stmt_bind_i64(stmt, 7, row->query_set);
    stmt_bind_i64(stmt, 8, change->import);
    stmt_bind_i64(stmt, 9, change->position);
    if (row->id != 0)
        stmt_bind_i64(stmt, 10, row->id);
    if (!stmt_run(stmt, err))
        return false;
    row->id = row->id != 0 ? row->id : db_last_id(s->db);
    return true;
}

/* A row of an import that is repeated after a kill, while a later row of it was already here. */
static bool is_superseded(const struct change *change, const struct identity_row *row)
{
    return row->id != 0 && change->import != 0 && row->import == change->import &&
           row->position > change->position;
}

static bool identity_is_live(const struct identity_row *row)
{
    return row->id != 0 && (row->state == IDENTITY_COUNTED || row->state == IDENTITY_KEPT);
}

/* Takes out what a version contributed. */
static bool identity_subtract(struct archive *a, struct segment *s, const struct change *change,
                              const struct identity_row *row, const struct post *next,
                              struct err *err)
{
    if (!identity_is_live(row))
        return true;
    return total_add(a, row->hour, row->source, -1, err) &&
           (row->state != IDENTITY_KEPT || post_take(a, s, change, row, next, err));
}

static bool version_enter(struct archive *a, struct segment *s, const struct change *change,
                          struct identity_row *row, struct err *err)
{
    const struct archive_item *item = change->item;

    row->content = (int64_t)item->content;
    row->state = item->query_count > 0 ? IDENTITY_KEPT : IDENTITY_COUNTED;
    row->hour = change->at_ms / HOUR_MS;
    if (!segment_source(a, s, item->post->source, post_facets(item->post), &row->source, err) ||
        !total_add(a, row->hour, row->source, 1, err))
        return false;
    if (row->state == IDENTITY_KEPT &&
        (!post_insert(a, s, change, row->source, &row->post, err) ||
         !mentions_insert(a, s, row->post, row->hour, row->source, item, err)))
        return false;
    return identity_write(s, change, row, err);
}

/* The text is removed with its history, what it counted too; the identity stays for good. */
static bool change_delete(struct archive *a, struct segment *s, const struct change *change,
                          struct identity_row *row, struct archive_counts *counts, struct err *err)
{
    if (row->id != 0 && row->state == IDENTITY_DELETED) {
        counts->duplicate++;
        return true;
    }
    counts->deleted++;
    if (!identity_subtract(a, s, change, row, NULL, err) ||
        !edit_drop(s, change->item->identity, 0, err) ||
        (row->id == 0 && !segment_source(a, s, change->item->post->source, 0, &row->source, err)))
        return false;
    if (row->id == 0)
        row->hour = change->at_ms / HOUR_MS;
    row->state = IDENTITY_DELETED;
    row->content = 0;
    return identity_write(s, change, row, err);
}

/* The same content again. Another query set may see something else in it. */
static bool change_repeat(struct archive *a, struct segment *s, const struct change *change,
                          struct identity_row *row, int64_t query_set, struct err *err)
{
    const struct archive_item *item = change->item;

    if (row->query_set == query_set)
        return true;
    row->query_set = query_set;
    if (row->state == IDENTITY_KEPT)
        return change_mentions(a, s, row->post, row->hour, row->source, item, err) &&
               identity_write(s, change, row, err);
    if (item->query_count == 0)
        return identity_write(s, change, row, err);
    return total_add(a, row->hour, row->source, -1, err) && version_enter(a, s, change, row, err);
}

/* `row` is the identity as it was and becomes what it is. */
static bool upsert(struct archive *a, struct segment *s, const struct change *change,
                   struct identity_row *row, int64_t set, struct archive_counts *counts,
                   struct err *err)
{
    const struct archive_item *item = change->item;
    struct change settled = *change;

    if (!item->post->has_created_at && identity_is_live(row))
        settled.at_ms = row->hour * HOUR_MS;
    if (item->post->event == POST_DELETE) {
        row->query_set = row->id != 0 ? row->query_set : set;
        return change_delete(a, s, &settled, row, counts, err);
    }
    if (row->id != 0 && row->state == IDENTITY_DELETED) {
        counts->duplicate++;
        return true;
    }
    if (identity_is_live(row) && row->content == (int64_t)item->content) {
        counts->duplicate++;
        return change_repeat(a, s, &settled, row, set, err);
    }
    if (row->id != 0 || change->is_moved) /* here, or here once and elsewhere since */
        counts->updated++;
    else
        counts->added++;
    row->query_set = set;
    return identity_subtract(a, s, &settled, row, item->post, err) &&
           (row->id == 0 || edit_drop(s, item->identity, (int64_t)item->content, err)) &&
           version_enter(a, s, &settled, row, err);
}

bool change_upsert(struct archive *a, struct segment *s, struct change *change, uint64_t query_set,
                   struct archive_counts *counts, struct err *err)
{
    struct identity_row row;
    int64_t set;

    if (!segment_query_set(s, query_set, &set, err) || !identity_read(s, change, &row, err))
        return false;
    change->is_stale = is_superseded(change, &row);
    if (!change->is_stale && !upsert(a, s, change, &row, set, counts, err))
        return false;
    change->row = row.id;
    return true;
}

bool change_depart(struct archive *a, struct segment *s, struct change *change, struct err *err)
{
    struct identity_row row;

    if (!identity_read(s, change, &row, err))
        return false;
    change->is_stale = is_superseded(change, &row);
    if (change->is_stale || !identity_is_live(&row))
        return true;
    if (!identity_subtract(a, s, change, &row, change->item->post, err))
        return false;
    row.state = IDENTITY_MOVED;
    return identity_write(s, change, &row, err);
}

/* ---- retention ------------------------------------------------------------------------------- */

/* The rows alone: what they added to the sums stays. */
static bool mentions_forget(struct segment *s, const struct expired *post, struct err *err)
{
    Str rest = post->queries, text;
    struct stmt *stmt;
    int64_t query;

    while (rest.len > 0) {
        str_cut(rest, ',', &text, &rest);
        if (!str_to_i64(text, &query))
            return err_set(err, ERR_CORRUPT, "the post %lld has the queries '" STR_F "'",
                           (long long)post->id, STR_A(str_sub(post->queries, 0, 60)));
        if (!db_query(s->db, "DELETE FROM mention WHERE query = ?1 AND hour = ?2 AND post = ?3",
                      &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, query);
        stmt_bind_i64(stmt, 2, post->hour);
        stmt_bind_i64(stmt, 3, post->id);
        if (!stmt_run(stmt, err))
            return false;
    }
    return true;
}

bool change_erase(struct archive *a, struct segment *s, const struct expired *post, struct err *err)
{
    struct place place = directory_get(&a->directory, post->identity);
    struct stmt *stmt;

    if (!mentions_forget(s, post, err) || !edit_drop(s, post->identity, 0, err) ||
        !post_delete(s, post->id, err) ||
        !db_query(s->db,
                  "UPDATE identity SET state = 2, content = 0, post = NULL"
                  " WHERE hash = ?1 AND state = 1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)post->identity);
    if (!stmt_run(stmt, err))
        return false;
    place.is_tombstone = true;
    return place.segment == DIRECTORY_NONE ||
           directory_put(&a->directory, post->identity, place, false, err);
}

bool change_expire(struct archive *a, struct segment *s, const struct expired *post,
                   struct err *err)
{
    struct place place = directory_get(&a->directory, post->identity);
    struct stmt *stmt;

    if (!mentions_forget(s, post, err) || !edit_drop(s, post->identity, 0, err) ||
        !post_delete(s, post->id, err) ||
        !db_query(s->db,
                  "UPDATE identity SET state = 0, post = NULL WHERE id = ?1 AND hash = ?2"
                  " AND state = 1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, place.row);
    stmt_bind_i64(stmt, 2, (int64_t)post->identity);
    if (!stmt_run(stmt, err))
        return false;
    return db_changes(s->db) == 1 ||
           err_set(err, ERR_CORRUPT, "the post %lld has no identity", (long long)post->id);
}
