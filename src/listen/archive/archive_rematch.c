/* Stored posts against another query set. */
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
    struct stmt *stmt;
    int64_t rewrites;

    if (!segment_rewrites_next(s, &rewrites, err) ||
        !db_query(s->db,
                  "INSERT INTO dirty (query, hour, rewritten)"
                  " SELECT DISTINCT query, hour, ?1 FROM rollup WHERE true"
                  " ON CONFLICT DO UPDATE SET rewritten = excluded.rewritten, taken = 0",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, rewrites);
    return stmt_run(stmt, err);
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
