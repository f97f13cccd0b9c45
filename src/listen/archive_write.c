/* One batch into the archive: what goes where, in which order, each segment in one transaction. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "listen/archive_priv.h"

#define BATCH_ITEMS_MAX (1 << 20) /* reject */

struct planned {
    int segment;    /* where the change happens */
    uint32_t index; /* of the item in the batch; keeps the order within a segment */
    bool is_known, is_moved;
};

struct plan {
    struct archive *a;
    const struct archive_batch *batch;
    struct map seen; /* identity -> segment + 1, of the part at hand */
    struct {
        VEC(struct planned);
    } departs, upserts;
};

void archive_words(const struct post_tokens *tokens, struct buf *out)
{
    const struct token *lists[] = {tokens->title, tokens->body};
    const size_t counts[] = {tokens->title_count, tokens->body_count};

    for (size_t list = 0; list < COUNT_OF(lists); list++) {
        for (size_t i = 0; i < counts[list]; i++) {
            const struct token *token = &lists[list][i];
            if (token->kind == TOKEN_URL)
                continue;
            buf_add(out, token->plain);
            buf_add_byte(out, ' ');
            Str bare = token_bare(token, token->plain);
            if (bare.len == token->plain.len)
                continue;
            buf_add(out, bare);
            buf_add_byte(out, ' ');
        }
    }
}

static int64_t event_ms(const struct archive_batch *batch, const struct post *post)
{
    if (post->has_created_at)
        return post->created_at_ms;
    return batch->imported_at_ms - batch->imported_at_ms % HOUR_MS;
}

/* Decides where an item goes. *is_split: it does not fit into this part, because the same post
 * already went to another month within it. */
static bool plan_item(struct plan *p, uint32_t index, bool *is_split, struct err *err)
{
    const struct archive_item *item = &p->batch->items[index];
    Str key = {(const char *)&item->identity, sizeof item->identity};
    int stored = directory_get(&p->a->directory, item->identity), target;
    bool is_new, is_tombstone = stored != DIRECTORY_NONE && (stored & DIRECTORY_TOMBSTONE);
    bool may_move = item->post->event == POST_UPSERT && item->post->has_created_at;

    *is_split = false;
    if (is_tombstone) {
        stored -= DIRECTORY_TOMBSTONE;
        may_move = false;
    }
    if (!segment_at(p->a, month_of_ms(event_ms(p->batch, item->post)), true, &target, err))
        return false;
    uint64_t *seen = map_at(&p->seen, key, &is_new);
    if (!seen)
        return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    if (!is_new) {
        if (may_move && target != (int)*seen - 1) {
            *is_split = true;
            return true;
        }
        target = (int)*seen - 1;
        stored = target;
    } else if (stored != DIRECTORY_NONE && !may_move) {
        target = stored;
    }
    *seen = (uint64_t)target + 1;
    bool is_moved = stored != DIRECTORY_NONE && stored != target;
    struct planned planned = {target, index, stored != DIRECTORY_NONE, is_moved};
    if (!vec_try_push(&p->upserts, planned))
        return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    planned.segment = stored;
    if (is_moved && !vec_try_push(&p->departs, planned))
        return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    return true;
}

static int planned_cmp(const void *a, const void *b)
{
    const struct planned *left = a, *right = b;

    if (left->segment != right->segment)
        return left->segment < right->segment ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* ---- one segment, one transaction ------------------------------------------------------------ */

static bool applied_read(struct segment *s, const struct archive_batch *batch, int64_t step,
                         struct archive_counts *counts, bool *is_applied, struct err *err)
{
    struct stmt *stmt;

    *is_applied = false;
    if (batch->import == 0)
        return true;
    if (!db_query(s->db,
                  "SELECT added, updated, duplicate, deleted FROM applied"
                  " WHERE import = ?1 AND input = ?2 AND block = ?3 AND step = ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, batch->import);
    stmt_bind_i64(stmt, 2, batch->input);
    stmt_bind_i64(stmt, 3, batch->block);
    stmt_bind_i64(stmt, 4, step);
    if (!stmt_step(stmt, is_applied, err) || !*is_applied)
        return err->code == ERR_NONE;
    counts->added += (uint64_t)stmt_i64(stmt, 0);
    counts->updated += (uint64_t)stmt_i64(stmt, 1);
    counts->duplicate += (uint64_t)stmt_i64(stmt, 2);
    counts->deleted += (uint64_t)stmt_i64(stmt, 3);
    stmt_reset(stmt);
    return true;
}

static bool applied_write(struct segment *s, const struct archive_batch *batch, int64_t step,
                          const struct archive_counts *counts, struct err *err)
{
    const int64_t values[] = {batch->import,
                              batch->input,
                              batch->block,
                              step,
                              (int64_t)counts->added,
                              (int64_t)counts->updated,
                              (int64_t)counts->duplicate,
                              (int64_t)counts->deleted};
    struct stmt *stmt;

    if (batch->import == 0)
        return true;
    if (!db_query(s->db,
                  "INSERT INTO applied (import, input, block, step, added, updated, duplicate,"
                  " deleted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                  &stmt, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        stmt_bind_i64(stmt, (int)i + 1, values[i]);
    return stmt_run(stmt, err);
}

static bool group_apply(struct plan *p, struct segment *s, const struct planned *group,
                        size_t count, bool is_depart, struct archive_counts *counts,
                        struct err *err)
{
    const struct archive_batch *batch = p->batch;

    if (!change_begin(p->a, s, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct archive_item *item = &batch->items[group[i].index];
        struct change change = {.item = item,
                                .is_known = group[i].is_known,
                                .is_moved = group[i].is_moved,
                                .at_ms = event_ms(batch, item->post),
                                .imported_at_ms = batch->imported_at_ms};
        bool ok = is_depart ? change_depart(p->a, s, &change, err)
                            : change_upsert(p->a, s, &change, batch->query_set, counts, err);
        if (!ok)
            return false;
    }
    return change_flush(p->a, s, err);
}

/* A tombstone stays one: only a delete event makes it, nothing unmakes it. */
static bool directory_note(struct plan *p, const struct planned *planned, struct err *err)
{
    const struct archive_item *item = &p->batch->items[planned->index];
    int stored = directory_get(&p->a->directory, item->identity);
    bool is_tombstone = item->post->event == POST_DELETE ||
                        (stored != DIRECTORY_NONE && (stored & DIRECTORY_TOMBSTONE));

    return directory_put(&p->a->directory, item->identity,
                         planned->segment + (is_tombstone ? DIRECTORY_TOMBSTONE : 0), false, err);
}

/* All changes of one part to one segment. */
static bool group_write(struct plan *p, const struct planned *group, size_t count, bool is_depart,
                        int64_t step, struct archive_counts *total, struct err *err)
{
    struct archive_counts counts = {0};
    struct segment *s;
    bool is_applied = false;

    if (!segment_use(p->a, group[0].segment, &s, err))
        return false;
    if (!db_begin(s->db, err))
        return false;
    bool ok = applied_read(s, p->batch, step, &counts, &is_applied, err) &&
              (is_applied || (group_apply(p, s, group, count, is_depart, &counts, err) &&
                              applied_write(s, p->batch, step, &counts, err)));
    if (!db_end(s->db, ok, err)) {
        segment_close(s); /* what it remembers may have been rolled back */
        return false;
    }
    for (size_t i = 0; i < count && !is_depart; i++)
        if (!directory_note(p, &group[i], err))
            return false;
    total->added += counts.added;
    total->updated += counts.updated;
    total->duplicate += counts.duplicate;
    total->deleted += counts.deleted;
    return true;
}

static bool groups_write(struct plan *p, struct planned *planned, size_t count, bool is_depart,
                         int64_t step, struct archive_counts *counts, struct err *err)
{
    if (count > 1)
        qsort(planned, count, sizeof *planned, planned_cmp);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && planned[to].segment == planned[from].segment;)
            to++;
        if (!group_write(p, planned + from, to - from, is_depart, step, counts, err))
            return false;
    }
    return true;
}

/* Departures are committed before arrivals: between the two a moved post is counted nowhere, which
 * a repetition mends, and never twice. */
static bool part_write(struct plan *p, int64_t part, struct archive_counts *counts, struct err *err)
{
    return groups_write(p, p->departs.items, p->departs.count, true, part * 2, counts, err) &&
           groups_write(p, p->upserts.items, p->upserts.count, false, part * 2 + 1, counts, err);
}

static bool batch_write(struct plan *p, struct archive_counts *counts, struct err *err)
{
    int64_t part = 0;

    for (uint32_t at = 0; at < p->batch->count; part++) {
        bool is_split = false;
        map_reset(&p->seen);
        vec_reset(&p->departs);
        vec_reset(&p->upserts);
        for (; at < p->batch->count && !is_split; at += is_split ? 0 : 1)
            if (!plan_item(p, at, &is_split, err))
                return false;
        if (!part_write(p, part, counts, err))
            return false;
    }
    return true;
}

bool archive_write(struct archive *a, const struct archive_batch *batch,
                   struct archive_counts *counts, struct err *err)
{
    struct plan p = {.a = a, .batch = batch};

    ASSERT(a->mode == ARCHIVE_WRITE);
    if (batch->count > BATCH_ITEMS_MAX)
        return err_set(err, ERR_LIMIT, "a batch of %zu posts is larger than %d", batch->count,
                       BATCH_ITEMS_MAX);
    if (!archive_directory(a, err))
        return err_wrap(err, "could not read the identities of the archive");
    map_init(&p.seen, MAP_COPY_KEYS, 1);
    bool ok = batch_write(&p, counts, err);
    map_deinit(&p.seen);
    vec_deinit(&p.departs);
    vec_deinit(&p.upserts);
    return ok || err_wrap(err, "could not write to the archive");
}

bool archive_forget_import(struct archive *a, int64_t import, struct err *err)
{
    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s;
        struct stmt *stmt;
        if (!segment_use(a, (int)i, &s, err) ||
            !db_query(s->db, "DELETE FROM applied WHERE import <= ?1", &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, import);
        if (!stmt_run(stmt, err))
            return false;
    }
    return true;
}
