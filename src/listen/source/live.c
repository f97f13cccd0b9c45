#include "listen/source/live.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "listen/archive/archive.h"
#include "listen/intake.h"

struct live {
    struct workspace *workspace;
    struct query_set_holder *queries;
    struct intake *intake;
    struct decoder *decoder;
    struct decode_block block;
    struct decode_batch batch;
    struct intake_items items;
    struct arena plan; /* of the parcel at hand */
    struct archive *archive;
    struct trend_watch *trends;
    int64_t looked_ms; /* when something was last looked at for trends */
    bool is_dirty;
};

void live_close(struct live **p)
{
    struct live *live = *p;

    if (!live)
        return;
    live_rest(live);
    trend_watch_close(&live->trends);
    intake_destroy(&live->intake);
    decoder_destroy(&live->decoder);
    decode_block_deinit(&live->block);
    decode_batch_deinit(&live->batch);
    vec_deinit(&live->items);
    arena_deinit(&live->plan);
    mem_free(live);
    *p = NULL;
}

static bool intake_open(struct live *live, struct err *err)
{
    struct query_set *set = query_set_holder_acquire(live->queries);

    if (!set)
        return err_set(err, ERR_NOT_FOUND, "no query set was published yet");
    bool ok = intake_create(&live->intake, set, err);
    query_set_release(&set);
    return ok;
}

bool live_open(struct live **out, struct workspace *workspace, struct query_set_holder *queries,
               struct err *err)
{
    struct live *live = mem_try_alloc(1, sizeof *live);

    if (!live)
        return err_set(err, ERR_NO_MEMORY, "no memory for listening");
    live->workspace = workspace;
    live->queries = queries;
    decode_block_init(&live->block);
    decode_batch_init(&live->batch);
    arena_init(&live->plan, 16 * MIB);
    if (!decoder_create(&live->decoder, err) ||
        !trend_watch_open(&live->trends, workspace->dir, err) || !intake_open(live, err)) {
        live_close(&live);
        return false;
    }
    *out = live;
    return true;
}

bool live_archive(struct live *live, struct archive **out, struct err *err)
{
    if (!live->archive &&
        !archive_open(&live->archive, live->workspace->posts_dir, ARCHIVE_WRITE, err))
        return false;
    *out = live->archive;
    return true;
}

bool live_is_dirty(const struct live *live)
{
    return live->is_dirty;
}

void live_set_dirty(struct live *live)
{
    live->is_dirty = true;
}

void live_set_clean(struct live *live)
{
    live->is_dirty = false;
}

void live_rest(struct live *live)
{
    struct err err = {0};

    if (live->archive && live->trends && !trend_watch_rest(live->trends, live->looked_ms, &err))
        log_err(LOG_WARN, "trends.not_written", &err);
    archive_close(&live->archive);
}

void live_idle(struct live *live, int64_t now_ms)
{
    struct err err = {0};

    if (live->archive && !trend_watch_tick(live->trends, live->workspace->state, now_ms, &err))
        log_err(LOG_WARN, "trends.not_looked", &err);
    if (!live->archive && now_ms - live->looked_ms > LIVE_TRENDS_IDLE_MS)
        trend_watch_release(live->trends);
}

struct trend_watch *live_trends(struct live *live)
{
    return live->trends;
}

bool live_is_resting(const struct live *live)
{
    return live->archive == NULL;
}

bool live_is_wanted(const struct live *live)
{
    return archive_is_wanted(live->workspace->posts_dir);
}

static void note_reject(struct live_counts *counts, const struct decode_batch *batch)
{
    counts->posts.rejected += batch->rejects.count;
    if (counts->first_reject[0] == '\0' && batch->rejects.count > 0)
        snprintf(counts->first_reject, sizeof counts->first_reject, "line %llu: " STR_F,
                 (unsigned long long)batch->rejects.items[0].line,
                 STR_A(str_sub(batch->rejects.items[0].reason, 0, 200)));
}

/* Trends are a view of what came: that they cannot be looked at is told, and nothing is held up. */
static void look_for_trends(struct live *live, const struct archive_batch *batch, int64_t now_ms)
{
    struct err err = {0};

    live->looked_ms = now_ms;
    if (!trend_watch_add(live->trends, batch, true, now_ms, &err) ||
        !trend_watch_flush(live->trends, live->workspace->state, now_ms, &err))
        log_err(LOG_WARN, "trends.not_looked", &err);
}

/* One transaction for each month the block touches. The set is the same for all of the block: what
 * is stored says which set it was matched against. */
static bool take_block(struct live *live, const struct live_parcel *parcel,
                       struct live_counts *counts, struct err *err)
{
    struct archive_counts changed = {0};
    struct archive *archive;

    if (!decoder_run(live->decoder, &live->block, &live->batch, err))
        return false;
    vec_each (struct decoded, it, &live->batch.posts)
        it->post.dataset = parcel->name;
    note_reject(counts, &live->batch);
    counts->posts.read += live->batch.row_count;
    if (live->batch.posts.count == 0)
        return true;
    if (!intake_follow(live->intake, live->queries, err) ||
        !intake_batch(live->intake, &live->batch, &live->items, err) ||
        !live_archive(live, &archive, err))
        return false;
    struct archive_batch batch = {.items = live->items.items,
                                  .count = live->items.count,
                                  .imported_at_ms = parcel->now_ms,
                                  .query_set = query_set_mark(intake_set(live->intake))};
    batch.is_added = arena_try_new(&live->batch.arena, bool, batch.count + 1);
    if (!batch.is_added)
        return err_arena(err, &live->batch.arena);
    if (!archive_write(archive, &batch, &changed, err)) {
        live_rest(live); /* opened anew, it reads what is there */
        return false;
    }
    look_for_trends(live, &batch, parcel->now_ms);
    counts->posts.matched += live->items.matched_count;
    counts->posts.added += changed.added;
    counts->posts.updated += changed.updated;
    counts->posts.duplicate += changed.duplicate;
    counts->posts.deleted += changed.deleted;
    live->is_dirty |= changed.added + changed.updated + changed.deleted > 0;
    return true;
}

bool live_take(struct live *live, const struct live_parcel *parcel, struct live_counts *counts,
               struct err *err)
{
    struct decode_options options = {
        .format = parcel->format, .source = parcel->source, .dataset = parcel->name};
    struct decode_input *in = NULL;
    bool has_block = true;

    *counts = (struct live_counts){0};
    arena_reset(&live->plan);
    bool ok = decode_input_open_bytes(&in, parcel->name, parcel->bytes, &options, &live->plan, err);
    while (ok && (ok = decode_input_next(in, &live->block, &has_block, err)) && has_block)
        ok = take_block(live, parcel, counts, err);
    decode_input_close(&in);
    return ok;
}
