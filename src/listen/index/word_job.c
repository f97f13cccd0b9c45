#include "listen/index/word_job.h"

#include <stdio.h>

#include "base/limits.h"

void word_desk_deinit(struct word_desk *desk)
{
    if (!desk->builder)
        return;
    word_builder_destroy(&desk->builder);
    post_tokens_deinit(&desk->tokens);
    arena_deinit(&desk->row);
    *desk = (struct word_desk){0};
}

static bool desk_open(struct word_desk *desk, struct err *err)
{
    if (desk->builder)
        return true;
    if (!post_tokens_init(&desk->tokens, err))
        return false;
    if (!word_builder_create(&desk->builder, err)) {
        post_tokens_deinit(&desk->tokens);
        return false;
    }
    arena_init(&desk->row, BATCH_ARENA_BYTES_MAX);
    return true;
}

Str word_run_path(const struct archive *a, int32_t month, int64_t run,
                  char path[FILE_PATH_BYTES_MAX])
{
    int len = snprintf(path, FILE_PATH_BYTES_MAX, STR_F "/%04d-%02d.%lld.words", STR_A(a->dir),
                       month / 12, month % 12 + 1, (long long)run);

    return (Str){path, (size_t)len};
}

/* ---- of posts -------------------------------------------------------------------------------- */

static bool add_row(struct word_desk *desk, struct archive *a, struct segment *s, struct stmt *stmt,
                    struct err *err)
{
    struct archived_post post;

    arena_reset(&desk->row);
    if (!archived_post_read(a, stmt, &desk->row, s->month, &post, err) ||
        !post_tokens_fill(&desk->tokens, &post.post, err))
        return false;
    archived_post_rate(&post, &desk->tokens);
    return word_builder_add(desk->builder, &post, &desk->tokens, stmt_str(stmt, POST_COLUMN_COUNT),
                            err);
}

bool word_desk_fill(struct word_desk *desk, struct archive *a, struct segment *s,
                    const struct word_part *part, int64_t run, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!desk_open(desk, err))
        return false;
    word_builder_reset(desk->builder);
    /* One statement: one state of the data. */
    if (!db_query(s->db,
                  "SELECT " POST_COLUMNS_LITERAL ", post.queries"
                  " FROM post CROSS JOIN source ON source.id = post.source"
                  " WHERE post.id > ?1 AND post.id <= ?2"
                  " UNION ALL SELECT " POST_COLUMNS_LITERAL ", post.queries"
                  " FROM word_stale CROSS JOIN post ON post.id = word_stale.post"
                  " CROSS JOIN source ON source.id = post.source"
                  " WHERE word_stale.is_waiting = 1 AND word_stale.post <= min(?1, ?3)"
                  " AND word_stale.run < ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, part->from);
    stmt_bind_i64(stmt, 2, part->to);
    stmt_bind_i64(stmt, 3, part->stale_to);
    stmt_bind_i64(stmt, 4, run);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!add_row(desk, a, s, stmt, err)) {
            stmt_reset(stmt);
            return false;
        }
    return ok;
}

static bool build(struct word_desk *desk, struct archive *a, struct segment *s,
                  struct word_job *job)
{
    char path[FILE_PATH_BYTES_MAX];

    if (!word_desk_fill(desk, a, s, &job->part, job->run, &job->err))
        return false;
    job->docs = word_builder_count(desk->builder);
    return job->docs == 0 ||
           word_builder_write(desk->builder, word_run_path(a, job->month, job->run, path),
                              &job->bytes, &job->err);
}

/* ---- of runs --------------------------------------------------------------------------------- */

/* What no longer holds is read before the first file is looked at: a mark that comes later is one
 * of the new run. */
static bool inputs_open(struct archive *a, struct segment *s, struct word_job *job,
                        struct arena *arena, struct word_input *inputs)
{
    struct err *err = &job->err;
    bool is_whole;

    if (!db_begin_read(s->db, err))
        return false;
    bool ok = word_runs_load(a, s, &is_whole, err);
    for (size_t i = 0; ok && !job->is_unreadable && i < job->input_count; i++) {
        uint64_t *gone = NULL;
        inputs[i].run = word_runs_find(&s->runs, job->inputs[i]);
        job->is_unreadable = !inputs[i].run;
        ok = job->is_unreadable || word_runs_gone(s, inputs[i].run, arena, &gone, err);
        inputs[i].gone = gone;
    }
    return db_end(s->db, ok, err);
}

static bool merge(struct archive *a, struct segment *s, struct word_job *job)
{
    struct word_input inputs[WORD_MERGE_MAX];
    char path[FILE_PATH_BYTES_MAX];
    struct arena arena;

    arena_init(&arena, GIB);
    bool ok = inputs_open(a, s, job, &arena, inputs) &&
              (job->is_unreadable ||
               word_merge(inputs, job->input_count, word_run_path(a, job->month, job->run, path),
                          &job->docs, &job->bytes, &job->err));
    arena_deinit(&arena);
    return ok;
}

bool word_job_run(struct word_desk *desk, struct archive *a, struct segment *s,
                  struct word_job *job)
{
    return job->kind == WORD_BUILD ? build(desk, a, s, job) : merge(a, s, job);
}
