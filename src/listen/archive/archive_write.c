/* One batch into the archive: what goes where, in which order, each segment in one transaction. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "listen/archive/archive_priv.h"
#include "os/clock.h"

#define BATCH_ITEMS_MAX (1 << 20) /* reject */

struct planned {
    int segment;    /* where the change happens */
    uint32_t index; /* of the item in the batch; keeps the order within a segment */
    uint32_t seen;  /* index of its identity in plan->identities */
    bool is_moved;  /* leaves another segment before */
    bool is_stale;  /* out: see struct change */
};

/* An identity that the part at hand touches. */
struct seen {
    int segment;        /* where it is when the part is written */
    uint64_t nominal;   /* month that its items say */
    int64_t row;        /* of the table identity there; 0: none that is known */
    int64_t row_before; /* where it was before */
};

struct plan {
    struct archive *a;
    const struct archive_batch *batch;
    struct map seen; /* identity -> index into identities, of the part at hand */
    struct {
        VEC(struct seen);
    } identities;
    struct {
        VEC(struct planned);
    } departs, upserts;
};

static int64_t event_ms(const struct archive_batch *batch, const struct post *post)
{
    if (post->has_created_at)
        return post->created_at_ms;
    return batch->imported_at_ms - batch->imported_at_ms % HOUR_MS;
}

#define MONTH_UNSAID 0xffff /* a delete notice, or a post without a time */

/* What the item itself says about where it goes: the same on every repetition. */
static uint64_t nominal_month(const struct post *post)
{
    bool is_said = post->event == POST_UPSERT && post->has_created_at;

    return is_said ? (uint64_t)month_of_ms(post->created_at_ms) : MONTH_UNSAID;
}

/* Whether an item fits into this part: a post that already occurred in it must say the same month
 * again. Parts depend on the items alone, so that their numbers mean the same on a repetition. */
static bool plan_split(struct plan *p, const struct archive_item *item, uint32_t *index,
                       bool *is_new, bool *is_split, struct err *err)
{
    Str key = {(const char *)&item->identity, sizeof item->identity};
    uint64_t *at = map_at(&p->seen, key, is_new);

    if (!at)
        return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    if (*is_new) {
        *at = p->identities.count;
        if (!vec_try_push(&p->identities, (struct seen){.nominal = nominal_month(item->post)}))
            return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    }
    *index = (uint32_t)*at;
    *is_split = p->identities.items[*index].nominal != nominal_month(item->post);
    return true;
}

/* Decides where the first item of an identity goes: where it says; else where the post is; else the
 * month of the import. A tombstone stays where it is. */
static bool plan_place(struct plan *p, const struct archive_item *item, struct seen *seen,
                       int *stored, struct err *err)
{
    struct place place = directory_get(&p->a->directory, item->identity);

    *stored = place.segment;
    if (!segment_at(p->a, month_of_ms(event_ms(p->batch, item->post)), true, &seen->segment, err))
        return false;
    if (*stored != DIRECTORY_NONE && (place.is_tombstone || seen->nominal == MONTH_UNSAID))
        seen->segment = *stored;
    seen->row_before = place.row;
    seen->row = *stored == seen->segment ? place.row : 0;
    return true;
}

static bool plan_item(struct plan *p, uint32_t index, bool *is_split, struct err *err)
{
    const struct archive_item *item = &p->batch->items[index];
    struct planned planned = {.index = index};
    bool is_new;

    if (!plan_split(p, item, &planned.seen, &is_new, is_split, err) || *is_split)
        return err->code == ERR_NONE;
    struct seen *seen = &p->identities.items[planned.seen];
    int stored = seen->segment;
    if (is_new && !plan_place(p, item, seen, &stored, err))
        return false;
    planned.segment = seen->segment;
    planned.is_moved = stored != DIRECTORY_NONE && stored != seen->segment;
    if (!vec_try_push(&p->upserts, planned))
        return err_set(err, ERR_NO_MEMORY, "no memory for planning a batch");
    planned.segment = stored;
    if (planned.is_moved && !vec_try_push(&p->departs, planned))
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

static void counts_add(struct archive_counts *sum, const struct archive_counts *part)
{
    sum->added += part->added;
    sum->updated += part->updated;
    sum->duplicate += part->duplicate;
    sum->deleted += part->deleted;
}

struct replay_key {
    int64_t input, block;
};

/* What every block of an unfinished import counted so far, over all segments. */
static bool replay_segment(struct archive *a, struct segment *s, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, is_new, ok;

    if (!db_query(s->db,
                  "SELECT input, block, added, updated, duplicate, deleted FROM applied"
                  " WHERE import = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, a->replay_import);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        struct replay_key key = {stmt_i64(stmt, 0), stmt_i64(stmt, 1)};
        uint64_t *index = map_at(&a->replay_index, (Str){(const char *)&key, sizeof key}, &is_new);
        if (!index || (is_new && !vec_try_push(&a->replays, (struct archive_counts){0}))) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for going on with an import");
        }
        *index = is_new ? a->replays.count - 1 : *index;
        struct archive_counts *counts = &a->replays.items[*index];
        counts->added += (uint64_t)stmt_i64(stmt, 2);
        counts->updated += (uint64_t)stmt_i64(stmt, 3);
        counts->duplicate += (uint64_t)stmt_i64(stmt, 4);
        counts->deleted += (uint64_t)stmt_i64(stmt, 5);
    }
    return ok;
}

static bool replay_load(struct archive *a, int64_t import, struct err *err)
{
    if (import == 0 || a->replay_import == import)
        return true;
    map_reset(&a->replay_index);
    vec_reset(&a->replays);
    a->replay_import = import;
    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        if (s->is_unmarked)
            continue;
        if (!segment_use(a, (int)i, &s, err) || !replay_segment(a, s, err)) {
            a->replay_import = 0;
            return false;
        }
    }
    return true;
}

static bool applied_read(struct segment *s, const struct archive_batch *batch, int64_t step,
                         bool *is_applied, struct err *err)
{
    struct stmt *stmt;

    *is_applied = false;
    if (batch->import == 0)
        return true;
    if (!db_query(s->db,
                  "SELECT 1 FROM applied"
                  " WHERE import = ?1 AND input = ?2 AND block = ?3 AND step = ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, batch->import);
    stmt_bind_i64(stmt, 2, batch->input);
    stmt_bind_i64(stmt, 3, batch->block);
    stmt_bind_i64(stmt, 4, step);
    if (!stmt_step(stmt, is_applied, err))
        return false;
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
    s->is_unmarked = false;
    if (!db_query(s->db,
                  "INSERT INTO applied (import, input, block, step, added, updated, duplicate,"
                  " deleted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                  &stmt, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        stmt_bind_i64(stmt, (int)i + 1, values[i]);
    return stmt_run(stmt, err);
}

/* Where a row stands in its import: input, block, row. */
static int64_t position_of(const struct archive_batch *batch, uint32_t index)
{
    ASSERT(batch->input < 1 << 17 && batch->block < 1 << 26);
    return batch->input << 46 | batch->block << 20 | index;
}

static bool group_apply(struct plan *p, struct segment *s, struct planned *group, size_t count,
                        bool is_depart, struct archive_counts *counts, struct err *err)
{
    const struct archive_batch *batch = p->batch;

    if (!change_begin(p->a, s, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct archive_item *item = &batch->items[group[i].index];
        struct seen *seen = &p->identities.items[group[i].seen];
        struct change change = {.item = item,
                                .row = is_depart ? seen->row_before : seen->row,
                                .import = batch->import,
                                .position = position_of(batch, group[i].index),
                                .is_moved = group[i].is_moved,
                                .at_ms = event_ms(batch, item->post),
                                .imported_at_ms = batch->imported_at_ms};
        uint64_t added = counts->added;
        bool ok = is_depart ? change_depart(p->a, s, &change, err)
                            : change_upsert(p->a, s, &change, batch->query_set, counts, err);
        if (!ok)
            return false;
        group[i].is_stale = change.is_stale;
        if (batch->is_added)
            batch->is_added[group[i].index] |= counts->added > added;
        if (!is_depart)
            seen->row = change.row;
    }
    return change_flush(p->a, s, err);
}

/* A tombstone stays one: only a delete event makes it, nothing unmakes it. */
static bool directory_note(struct plan *p, const struct planned *planned, struct err *err)
{
    const struct archive_item *item = &p->batch->items[planned->index];
    struct place place = directory_get(&p->a->directory, item->identity);

    place.is_tombstone |= item->post->event == POST_DELETE;
    place.segment = planned->segment;
    place.row = p->identities.items[planned->seen].row;
    return directory_put(&p->a->directory, item->identity, place, false, err);
}

/* All changes of one part to one segment. */
static bool group_write(struct plan *p, struct planned *group, size_t count, bool is_depart,
                        int64_t step, struct archive_counts *total, struct err *err)
{
    struct archive_counts counts = {0};
    struct segment *s;
    bool is_applied = false;

    if (!segment_use(p->a, group[0].segment, &s, err))
        return false;
    if (!db_begin(s->db, err))
        return false;
    bool ok = applied_read(s, p->batch, step, &is_applied, err) &&
              (is_applied || (group_apply(p, s, group, count, is_depart, &counts, err) &&
                              applied_write(s, p->batch, step, &counts, err)));
    if (!db_end(s->db, ok, err)) {
        segment_close(s); /* what it remembers may have been rolled back */
        return false;
    }
    /* What was here before stands in the directory already, or something later does. */
    for (size_t i = 0; i < count && !is_depart && !is_applied; i++)
        if (!group[i].is_stale && !directory_note(p, &group[i], err))
            return false;
    counts_add(total, &counts);
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
        vec_reset(&p->identities);
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
    if (!archive_directory(a, err) || !replay_load(a, batch->import, err))
        return err_wrap(err, "could not read the identities of the archive");
    struct replay_key key = {batch->input, batch->block};
    const uint64_t *replay = map_get(&a->replay_index, (Str){(const char *)&key, sizeof key});
    if (batch->import != 0 && replay)
        counts_add(counts, &a->replays.items[*replay]);
    map_init(&p.seen, MAP_COPY_KEYS, 1);
    bool ok = batch_write(&p, counts, err) && word_index_step(a, false, err);
    map_deinit(&p.seen);
    vec_deinit(&p.identities);
    vec_deinit(&p.departs);
    vec_deinit(&p.upserts);
    return ok || err_wrap(err, "could not write to the archive");
}

bool archive_forget_import(struct archive *a, int64_t import, struct err *err)
{
    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        struct stmt *stmt;
        if (s->is_unmarked)
            continue;
        if (!segment_use(a, (int)i, &s, err) ||
            !db_query(s->db, "DELETE FROM applied WHERE import <= ?1", &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, import);
        if (!stmt_run(stmt, err))
            return false;
        s->is_unmarked = true;
    }
    return archive_purge_words(a, clock_now_ms() - ARCHIVE_STALE_MS, err) &&
           word_index_step(a, true, err);
}

bool archive_purge_words(struct archive *a, int64_t before_ms, struct err *err)
{
    ASSERT(a->mode == ARCHIVE_WRITE);
    return word_index_purge_old(a, before_ms / 1000, err);
}
