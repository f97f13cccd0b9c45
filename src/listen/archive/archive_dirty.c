/* The hours of queries whose measures have to be published: taken, and crossed off. */
#include <stdlib.h>

#include "listen/archive/archive_priv.h"
#include "os/clock.h"

static int dirty_cmp(const void *a, const void *b)
{
    const struct archive_dirty *left = a, *right = b;

    if (left->query != right->query)
        return left->query < right->query ? -1 : 1;
    return left->hour < right->hour ? -1 : left->hour > right->hour;
}

void archive_taken_deinit(struct archive_taken *taken)
{
    vec_deinit(&taken->hours);
    vec_deinit(&taken->marks);
    taken->number = 0;
}

static bool hours_read(struct segment *s, struct archive_taken *out, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(s->db, "SELECT query, hour, rewritten FROM dirty", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        struct archive_dirty dirty = {stmt_i64(stmt, 0), stmt_i64(stmt, 1), stmt_i64(stmt, 2)};
        if (!vec_try_push(&out->hours, dirty)) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for the list of changed hours");
        }
    }
    return ok;
}

static bool mark_read(struct segment *s, struct archive_taken *out, struct err *err)
{
    struct archive_mark mark = {.month = s->month};
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db, "SELECT next_post, rewrites FROM word_state", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "a segment has no state of its words");
    mark.posts_to = stmt_i64(stmt, 0);
    mark.rewrites = stmt_i64(stmt, 1);
    stmt_reset(stmt);
    return vec_try_push(&out->marks, mark) ||
           err_set(err, ERR_NO_MEMORY, "no memory for the list of changed hours");
}

static bool segment_take(struct segment *s, struct archive_taken *out, struct err *err)
{
    size_t before = out->hours.count;
    struct stmt *stmt;

    if (!hours_read(s, out, err) || !mark_read(s, out, err))
        return false;
    if (out->hours.count == before)
        return true;
    if (!db_query(s->db, "UPDATE dirty SET taken = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, out->number);
    return stmt_run(stmt, err);
}

bool archive_dirty_take(struct archive *a, struct archive_taken *out, struct err *err)
{
    bool ok = true;

    ASSERT(a->mode == ARCHIVE_WRITE);
    *out = (struct archive_taken){0};
    /* There is one writer at a time, so that a moment is a number of its own. */
    out->number = clock_now_ms() << 20 | (int64_t)(clock_monotonic_ns() & 0xfffff);
    for (size_t i = 0; ok && i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        size_t before = out->hours.count;
        if (s->is_published)
            continue;
        ok = segment_use(a, (int)i, &s, err) && db_begin(s->db, err);
        if (!ok)
            break;
        ok = db_end(s->db, segment_take(s, out, err), err);
        s->is_published = ok && out->hours.count == before;
    }
    if (ok && out->hours.count > 1)
        qsort(out->hours.items, out->hours.count, sizeof *out->hours.items, dirty_cmp);
    if (!ok)
        archive_taken_deinit(out);
    return ok;
}

const struct archive_mark *archive_taken_mark(const struct archive_taken *taken, int64_t hour)
{
    int32_t month = month_of_ms(hour * HOUR_MS);

    for (size_t i = 0; i < taken->marks.count; i++)
        if (taken->marks.items[i].month == month)
            return &taken->marks.items[i];
    return NULL;
}

static bool segment_cross_off(struct segment *s, int64_t number, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db, "DELETE FROM dirty WHERE taken = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, number);
    if (!stmt_run(stmt, err) || !db_query(s->db, "SELECT 1 FROM dirty LIMIT 1", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    s->is_published = !has_row;
    stmt_reset(stmt);
    return true;
}

bool archive_dirty_done(struct archive *a, const struct archive_taken *taken, struct err *err)
{
    int index;

    ASSERT(a->mode == ARCHIVE_WRITE);
    vec_each (const struct archive_mark, mark, &taken->marks) {
        struct segment *s;
        if (!segment_at(a, mark->month, false, &index, err))
            return false;
        if (index == DIRECTORY_NONE || a->segments.items[index].is_published)
            continue;
        if (!segment_use(a, index, &s, err) || !segment_cross_off(s, taken->number, err))
            return false;
    }
    return true;
}
