/* Retention: posts of one dataset that were kept long enough. */
#include "base/limits.h"
#include "base/vec.h"
#include "listen/archive/archive_priv.h"

struct expired_posts {
    VEC(struct expired);
};

static bool expired_read(struct stmt *stmt, struct arena *arena, struct expired *out,
                         struct err *err)
{
    *out = (struct expired){.id = stmt_i64(stmt, 0),
                            .identity = (uint64_t)stmt_i64(stmt, 1),
                            .hour = stmt_i64(stmt, 2) / HOUR_MS};
    return stmt_copy_str(stmt, 3, arena, &out->title, err) &&
           stmt_copy_str(stmt, 4, arena, &out->body, err) &&
           stmt_copy_str(stmt, 5, arena, &out->queries, err);
}

static bool expired_list(struct segment *s, struct arena *arena, Str dataset, int64_t before_ms,
                         size_t max, struct expired_posts *posts, struct err *err)
{
    struct stmt *stmt;
    struct expired post;
    bool has_row = true, ok;

    if (!db_query(s->db,
                  "SELECT id, identity, created_at_ms, title, body, queries FROM post"
                  " WHERE created_at_ms < ?1 AND dataset = ?2 ORDER BY created_at_ms LIMIT ?3",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, before_ms);
    stmt_bind_str(stmt, 2, dataset);
    stmt_bind_i64(stmt, 3, (int64_t)max);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ok = expired_read(stmt, arena, &post, err) &&
             (vec_try_push(posts, post) || err_set(err, ERR_NO_MEMORY, "no memory for posts"));
        if (!ok) {
            stmt_reset(stmt);
            break;
        }
    }
    return ok;
}

static bool expire_segment(struct archive *a, struct segment *s, struct arena *arena, Str dataset,
                           int64_t before_ms, size_t max, size_t *count, struct err *err)
{
    struct expired_posts posts = {0};
    bool ok = expired_list(s, arena, dataset, before_ms, max, &posts, err);

    if (ok && posts.count > 0 && (ok = db_begin(s->db, err))) {
        ok = change_begin(a, s, err);
        for (size_t i = 0; ok && i < posts.count; i++)
            ok = change_expire(a, s, &posts.items[i], err);
        ok = db_end(s->db, ok && change_flush(a, s, err), err);
        if (!ok)
            segment_close(s);
    }
    *count += ok ? posts.count : 0;
    /* The words go as well, not only when runs happen to be merged. */
    ok = ok && (posts.count == 0 || word_index_purge(a, s, err));
    vec_deinit(&posts);
    return ok;
}

bool archive_expire(struct archive *a, Str dataset, int64_t before_ms, size_t max, size_t *count,
                    struct err *err)
{
    struct arena arena;
    bool ok = archive_directory(a, err);

    ASSERT(a->mode == ARCHIVE_WRITE && dataset.len > 0);
    *count = 0;
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    for (size_t i = 0; ok && i < a->segments.count && *count < max; i++) {
        struct segment *s;
        if (month_start_ms(a->segments.items[i].month) >= before_ms)
            continue;
        ok = segment_use(a, (int)i, &s, err) &&
             expire_segment(a, s, &arena, dataset, before_ms, max - *count, count, err);
    }
    arena_deinit(&arena);
    return ok || err_wrap(err, "could not drop posts that were kept long enough");
}
