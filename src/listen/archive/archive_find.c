/* Posts by source and id. Identities lie in the order of arrival, without an index by hash, which
 * would cost a page for nearly every post that arrives (schema/posts/0002); so all that are wanted
 * are looked for in one pass. */
#include "base/limits.h"
#include "listen/archive/archive_priv.h"

struct find_walk {
    struct map wanted; /* identity -> index */
    struct {
        VEC(struct found_post {
            size_t index;
            int64_t post;
            int32_t month;
        });
    } found;
};

static bool find_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct find_walk *walk = context;
    struct stmt *stmt;
    bool has_row = true, ok;

    (void)a;
    if (!db_query(s->db, "SELECT hash, post FROM identity WHERE state = 1", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        uint64_t identity = (uint64_t)stmt_i64(stmt, 0);
        const uint64_t *index = map_get(&walk->wanted, (Str){(const char *)&identity, 8});
        if (index && !vec_try_push(&walk->found,
                                   ((struct found_post){*index, stmt_i64(stmt, 1), s->month}))) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for the posts that were found");
        }
    }
    return ok;
}

static bool want(struct find_walk *walk, const uint64_t *identities, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!map_put(&walk->wanted, (Str){(const char *)&identities[i], 8}, i))
            return err_set(err, ERR_NO_MEMORY, "no memory for the posts to find");
    return true;
}

static bool visit_found(struct archive *a, const struct find_walk *walk, archive_visit_found *visit,
                        void *context, struct err *err)
{
    struct arena arena;
    bool ok = true, is_wanted = true;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    for (size_t i = 0; ok && is_wanted && i < walk->found.count; i++) {
        const struct found_post *at = &walk->found.items[i];
        struct archived_post post;
        arena_reset(&arena);
        ok = archive_post(a, &arena, at->month, at->post, &post, err);
        is_wanted = ok && visit(context, at->index, &post);
    }
    arena_deinit(&arena);
    return ok;
}

bool archive_find_all(struct archive *a, const uint64_t *identities, size_t count,
                      archive_visit_found *visit, void *context, struct err *err)
{
    struct find_walk walk = {0};

    if (count == 0)
        return true;
    map_init(&walk.wanted, MAP_COPY_KEYS, 0);
    bool ok = want(&walk, identities, count, err) &&
              for_segments(a, INT64_MIN / 2, INT64_MAX / 2, find_segment, &walk, err) &&
              visit_found(a, &walk, visit, context, err);
    map_deinit(&walk.wanted);
    vec_deinit(&walk.found);
    return ok;
}

struct first_post {
    int32_t month;
    int64_t id;
};

static bool take_first(void *context, size_t index, const struct archived_post *post)
{
    struct first_post *first = context;

    (void)index;
    *first = (struct first_post){post->month, post->id};
    return false;
}

bool archive_find(struct archive *a, struct arena *arena, Str source, Str id,
                  struct archived_post *out, struct err *err)
{
    uint64_t identity = post_identity(source, id);
    struct first_post first = {0};

    if (!archive_find_all(a, &identity, 1, take_first, &first, err))
        return false;
    if (first.id == 0)
        return err_set(err, ERR_NOT_FOUND, "the archive has no post '" STR_F "' of '" STR_F "'",
                       STR_A(id), STR_A(source));
    return archive_post(a, arena, first.month, first.id, out, err);
}
