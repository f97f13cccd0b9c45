/* Which posts were answered or passed on, told by the links of other posts. */
#include "base/hash.h"
#include "base/limits.h"
#include "listen/archive/archive_priv.h"

struct answer_walk {
    struct mention_span span; /* of the query; links are looked for until until_hour */
    int64_t until_hour;
    struct map targets; /* identities that a post names, the post itself not */
    archive_visit_answered *visit;
    void *context;
};

static bool target_add(struct answer_walk *walk, Str source, uint64_t own, Str id, struct err *err)
{
    uint64_t identity;

    if (id.len == 0)
        return true;
    identity = post_identity(source, id);
    return identity == own || map_put(&walk->targets, (Str){(const char *)&identity, 8}, 1) ||
           err_set(err, ERR_NO_MEMORY, "no memory for the links of posts");
}

static bool links_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct answer_walk *walk = context;
    struct stmt *stmt;
    bool has_row = true, ok;

    (void)a;
    if (!db_query(s->db,
                  "SELECT source.name, post.identity, post.reply_to, post.repost_of"
                  " FROM post CROSS JOIN source ON source.id = post.source"
                  " WHERE post.created_at_ms >= ?1 AND post.created_at_ms < ?2"
                  " AND (post.reply_to IS NOT NULL OR post.repost_of IS NOT NULL)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, walk->span.from_hour * HOUR_MS);
    stmt_bind_i64(stmt, 2, walk->until_hour * HOUR_MS);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        uint64_t own = (uint64_t)stmt_i64(stmt, 1);
        if (!target_add(walk, stmt_str(stmt, 0), own, stmt_str(stmt, 2), err) ||
            !target_add(walk, stmt_str(stmt, 0), own, stmt_str(stmt, 3), err)) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

static bool answered_row(struct archive *a, struct segment *s, struct stmt *stmt, void *context,
                         struct err *err)
{
    struct answer_walk *walk = context;
    uint64_t identity = (uint64_t)stmt_i64(stmt, 1);

    (void)a;
    (void)err;
    if (map_get(&walk->targets, (Str){(const char *)&identity, sizeof identity}))
        walk->span.is_over = !walk->visit(walk->context, s->month, stmt_i64(stmt, 0));
    return true;
}

static bool answered_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct answer_walk *walk = context;
    struct stmt *stmt;

    if (walk->span.is_over)
        return true;
    return db_query(s->db,
                    "SELECT m.post, post.identity FROM mention AS m"
                    " CROSS JOIN post ON post.id = m.post"
                    " WHERE m.query = ?1 AND m.hour >= ?2 AND m.hour < ?3"
                    " ORDER BY m.hour, m.post",
                    &stmt, err) &&
           for_mentions(a, s, stmt, &walk->span, answered_row, walk, err);
}

bool archive_answered(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                      int64_t until_hour, archive_visit_answered *visit, void *context,
                      struct err *err)
{
    struct answer_walk walk = {.span = {query, from_hour, to_hour, false},
                               .until_hour = until_hour,
                               .visit = visit,
                               .context = context};

    ASSERT(until_hour >= to_hour);
    map_init(&walk.targets, MAP_COPY_KEYS, 1);
    bool ok = for_segments(a, from_hour, until_hour, links_segment, &walk, err);
    ok = ok && (walk.targets.count == 0 ||
                for_segments(a, from_hour, to_hour, answered_segment, &walk, err));
    map_deinit(&walk.targets);
    return ok;
}
