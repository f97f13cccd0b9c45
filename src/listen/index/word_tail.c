/* Posts that are in no run, indexed in memory by whoever searches. */
#include "base/limits.h"
#include "listen/index/word_job.h"

/* Changes with every commit of another connection. */
static bool data_version(struct segment *s, int64_t *version, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db, "PRAGMA data_version", &stmt, err) || !stmt_step(stmt, &has_row, err))
        return false;
    *version = has_row ? stmt_i64(stmt, 0) + 1 : 0;
    stmt_reset(stmt);
    return true;
}

/* Posts with ids (from, to], the waiting ones with the first of them, as a run in memory. */
static bool tail_part(struct word_desk *desk, struct archive *a, struct segment *s,
                      const struct word_part *part, struct err *err)
{
    if (!word_desk_fill(desk, a, s, part, INT64_MAX, err))
        return false;
    if (word_builder_count(desk->builder) == 0)
        return true;
    struct word_run *run = mem_try_alloc(1, sizeof *run);
    if (!run)
        return err_set(err, ERR_NO_MEMORY, "no memory for the words of new posts");
    if (!word_builder_run(desk->builder, run, err)) {
        mem_free(run);
        return false;
    }
    s->tail.items[s->tail.count++] = run;
    return true;
}

static bool tail_build(struct word_desk *desk, struct archive *a, struct segment *s, bool is_whole,
                       bool *is_complete, struct err *err)
{
    const int64_t step = WORD_BUILD_DOCS_MAX / 2;
    struct word_part all, part;

    if (!word_part_count(s, &all, err))
        return false;
    if (!is_whole)
        all = (struct word_part){.from = 0, .to = all.to, .stale_to = -1};
    *is_complete &= !is_whole || all.stale_to == INT64_MAX;
    part = all;
    for (int64_t from = all.from; from < all.to || from == all.from; from += step) {
        if (from - all.from >= WORD_TAIL_POSTS_MAX) {
            *is_complete = false;
            break;
        }
        part.from = from;
        part.to = from + step < all.to ? from + step : all.to;
        part.stale_to = from == all.from ? all.stale_to : -1;
        if (!tail_part(desk, a, s, &part, err))
            return false;
    }
    return true;
}

bool word_tail_load(struct archive *a, struct segment *s, bool is_whole, bool *is_complete,
                    struct err *err)
{
    struct word_desk desk = {0};
    int64_t version;

    if (!data_version(s, &version, err))
        return false;
    if (a->mode == ARCHIVE_READ && s->tail_version == version)
        return true;
    word_runs_close(&s->tail);
    s->tail_version = 0;
    bool ok = tail_build(&desk, a, s, is_whole, is_complete, err);
    word_desk_deinit(&desk);
    s->tail_version = ok && *is_complete && is_whole ? version : 0;
    return ok;
}
