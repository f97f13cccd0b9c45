/* Stored posts against another query set; and the list of what has to be published. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "listen/archive/archive_priv.h"

struct rematch {
    struct archive *a;
    struct segment *s;
    archive_rematch_post *rematch;
    void *context;
    struct archive_rematch_counts *counts;
};

/* Are the post's mentions, whose queries are those of the item, rated as the item says? */
static bool moods_are(struct segment *s, int64_t post, int64_t hour,
                      const struct archive_item *item, bool *are, struct err *err)
{
    enum post_polarity mood;
    bool is_mention;

    *are = true;
    for (size_t i = 0; *are && i < item->query_count; i++) {
        if (!segment_mood(s, item->queries[i], hour, post, &is_mention, &mood, err))
            return false;
        *are = is_mention && mood == change_mood(item, i);
    }
    return true;
}

/* `queries` as the post has them now. */
static bool rematch_post(struct rematch *r, struct archived_post *stored, int64_t source,
                         Str queries, struct err *err)
{
    Str found;
    int64_t hour = stored->post.created_at_ms / HOUR_MS;
    bool are_same = false;
    struct archive_item item = {.post = &stored->post,
                                .identity = stored->identity,
                                .lang_found = stored->lang_found,
                                .polarity = stored->polarity,
                                .compound = stored->compound};

    if (!r->rematch(r->context, &item, err) || !change_queries(r->a, &item, &found, err))
        return false;
    r->counts->posts++;
    if (str_eq(found, queries) && !moods_are(r->s, stored->id, hour, &item, &are_same, err))
        return false;
    if (are_same)
        return true;
    r->counts->changed++;
    return change_mentions(r->a, r->s, stored->id, hour, source, &item, err);
}

static bool rematch_posts(struct rematch *r, struct err *err)
{
    struct arena arena;
    struct archived_post stored;
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(r->s->db,
                  "SELECT " POST_COLUMNS_LITERAL ", post.source, post.queries"
                  " FROM post JOIN source ON source.id = post.source ORDER BY post.id",
                  &stmt, err))
        return false;
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        arena_reset(&arena);
        ok = archived_post_read(r->a, stmt, &arena, r->s->month, &stored, err) &&
             rematch_post(r, &stored, stmt_i64(stmt, POST_COLUMN_COUNT),
                          stmt_str(stmt, POST_COLUMN_COUNT + 1), err);
        if (!ok) {
            stmt_reset(stmt);
            break;
        }
    }
    arena_deinit(&arena);
    return ok;
}

static bool identities_settle(struct segment *s, uint64_t query_set, struct err *err)
{
    struct stmt *stmt;
    int64_t set;

    if (!segment_query_set(s, query_set, &set, err) ||
        !db_query(s->db, "UPDATE identity SET query_set = ?1 WHERE state = 1 AND query_set <> ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, set);
    return stmt_run(stmt, err);
}

/* Every hour is measured again, also where no mention changed: a new wording or definition then
 * holds for all of history. */
static bool all_dirty(struct segment *s, struct err *err)
{
    return db_run(s->db, "INSERT OR IGNORE INTO dirty SELECT DISTINCT query, hour FROM rollup",
                  err);
}

bool archive_rematch(struct archive *a, uint64_t query_set, archive_rematch_post *rematch,
                     void *context, struct archive_rematch_counts *counts, struct err *err)
{
    ASSERT(a->mode == ARCHIVE_WRITE);
    for (size_t i = 0; i < a->segments.count; i++) {
        struct rematch r = {a, NULL, rematch, context, counts};
        if (!segment_use(a, (int)i, &r.s, err) || !db_begin(r.s->db, err))
            return false;
        bool ok = change_begin(a, r.s, err) && rematch_posts(&r, err) &&
                  identities_settle(r.s, query_set, err) && change_flush(a, r.s, err) &&
                  all_dirty(r.s, err);
        if (!db_end(r.s->db, ok, err)) {
            segment_close(r.s);
            return err_wrap(err, "could not match the stored posts again");
        }
    }
    return true;
}

/* ---- dirty ----------------------------------------------------------------------------------- */

static int dirty_cmp(const void *a, const void *b)
{
    const struct archive_dirty *left = a, *right = b;

    if (left->query != right->query)
        return left->query < right->query ? -1 : 1;
    return left->hour < right->hour ? -1 : left->hour > right->hour;
}

struct dirty_rows {
    VEC(struct archive_dirty);
};

static bool dirty_read(struct segment *s, struct dirty_rows *rows, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(s->db, "SELECT query, hour FROM dirty", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!vec_try_push(rows, (struct archive_dirty){stmt_i64(stmt, 0), stmt_i64(stmt, 1)})) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for the list of changed hours");
        }
    return ok;
}

bool archive_dirty_list(struct archive *a, struct arena *arena, struct archive_dirty **out,
                        size_t *count, struct err *err)
{
    struct dirty_rows rows = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        size_t before = rows.count;
        if (s->is_published)
            continue;
        ok = segment_use(a, (int)i, &s, err) && dirty_read(s, &rows, err);
        s->is_published = ok && a->mode == ARCHIVE_WRITE && rows.count == before;
    }
    if (ok && rows.count > 1)
        qsort(rows.items, rows.count, sizeof *rows.items, dirty_cmp);
    *out = ok ? arena_try_new(arena, struct archive_dirty, rows.count + 1) : NULL;
    if (*out && rows.count > 0)
        memcpy(*out, rows.items, rows.count * sizeof *rows.items);
    *count = rows.count;
    ok = ok && (*out || err_arena(err, arena));
    vec_deinit(&rows);
    return ok;
}

bool archive_dirty_clear(struct archive *a, struct err *err)
{
    ASSERT(a->mode == ARCHIVE_WRITE);
    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        if (s->is_published)
            continue;
        if (!segment_use(a, (int)i, &s, err) || !db_run(s->db, "DELETE FROM dirty", err))
            return false;
        s->is_published = true;
    }
    return true;
}
