#include "listen/index/word_index.h"

#include "base/limits.h"
#include "base/log.h"
#include "listen/index/word_worker.h"
#include "os/file.h"

enum { RUN_CLASS_FACTOR = WORD_MERGE_RUNS };

/* ---- runs in force --------------------------------------------------------------------------- */

static void run_free(struct word_run **run)
{
    run_close(*run);
    mem_free(*run);
    *run = NULL;
}

void word_runs_close(struct word_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        run_free(&runs->items[i]);
    runs->count = 0;
}

struct run_ids {
    VEC(int64_t);
};

static bool run_ids_read(struct segment *s, struct run_ids *ids, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(s->db, "SELECT id FROM word_run ORDER BY id", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!vec_try_push(ids, stmt_i64(stmt, 0))) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for the runs of a segment");
        }
    return ok;
}

static bool is_in(const struct run_ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->items[i] == id)
            return true;
    return false;
}

struct word_run *word_runs_find(const struct word_runs *runs, int64_t id)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->items[i]->id == id)
            return runs->items[i];
    return NULL;
}

static bool run_load(struct archive *a, struct segment *s, int64_t id, bool *is_whole,
                     struct err *err)
{
    struct err found = {0};
    char path[FILE_PATH_BYTES_MAX];
    struct word_run *run = mem_try_alloc(1, sizeof *run);

    if (!run || s->runs.count == COUNT_OF(s->runs.items)) {
        mem_free(run);
        return err_set(err, run ? ERR_LIMIT : ERR_NO_MEMORY, "a month has too many runs of words");
    }
    if (!run_open(run, word_run_path(a, s->month, id, path), id, &found)) {
        mem_free(run);
        *is_whole = false;
        return true;
    }
    s->runs.items[s->runs.count++] = run;
    return true;
}

static bool stale_exist(struct segment *s, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "SELECT 1 FROM word_stale LIMIT 1", &stmt, err) ||
        !stmt_step(stmt, &s->has_stale, err))
        return false;
    stmt_reset(stmt);
    return true;
}

bool word_runs_load(struct archive *a, struct segment *s, bool *is_whole, struct err *err)
{
    struct run_ids ids = {0};
    size_t kept = 0;
    bool ok = run_ids_read(s, &ids, err) && stale_exist(s, err);

    *is_whole = true;
    for (size_t i = 0; ok && i < s->runs.count; i++) {
        if (is_in(&ids, s->runs.items[i]->id))
            s->runs.items[kept++] = s->runs.items[i];
        else
            run_free(&s->runs.items[i]);
    }
    if (ok)
        s->runs.count = kept;
    for (size_t i = 0; ok && *is_whole && i < ids.count; i++)
        if (!word_runs_find(&s->runs, ids.items[i]))
            ok = run_load(a, s, ids.items[i], is_whole, err);
    vec_deinit(&ids);
    return ok;
}

/* Marks the documents of the posts that the statement gives. */
static bool mark_gone(struct stmt *stmt, const struct word_run *run, struct arena *arena,
                      uint64_t **out, struct err *err)
{
    uint64_t *posts = NULL;
    bool has_row = true, ok;
    int64_t most = 0;

    /* The posts by id, then one pass over the ids of the run: they are in no order. */
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        int64_t id = stmt_i64(stmt, 0);
        if (!posts) {
            most = stmt_i64(stmt, 1);
            posts = arena_try_new(arena, uint64_t, (size_t)most / 64 + 1);
            if (!posts) {
                stmt_reset(stmt);
                return err_arena(err, arena);
            }
        }
        bits_set(posts, (uint32_t)id);
    }
    if (!ok || !posts)
        return ok;
    *out = arena_try_new(arena, uint64_t, docset_words(run->doc_count) + 1);
    if (!*out)
        return err_arena(err, arena);
    for (uint32_t doc = 0; doc < run->doc_count; doc++)
        if (run->ids[doc] <= most && bits_have(posts, run->ids[doc]))
            bits_set(*out, doc);
    return true;
}

bool word_runs_gone(struct segment *s, const struct word_run *run, struct arena *arena,
                    uint64_t **out, struct err *err)
{
    struct stmt *stmt;

    *out = NULL;
    if (!s->has_stale)
        return true;
    if (!db_query(s->db,
                  "SELECT post, (SELECT max(post) FROM word_stale) FROM word_stale WHERE run >= ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, run->id);
    return mark_gone(stmt, run, arena, out, err);
}

/* ---- what is due ----------------------------------------------------------------------------- */

bool word_part_count(struct segment *s, struct word_part *part, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db,
                  "SELECT indexed_to, next_post - 1,"
                  " (SELECT count(*) FROM word_stale WHERE is_waiting = 1 AND post <= indexed_to)"
                  " FROM word_state",
                  &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "a segment has no state of its words");
    int64_t waiting = stmt_i64(stmt, 2);
    *part = (struct word_part){.from = stmt_i64(stmt, 0), .to = stmt_i64(stmt, 1)};
    stmt_reset(stmt);
    part->posts = part->to - part->from + waiting;
    part->stale_to = INT64_MAX;
    if (waiting <= WORD_BUILD_DOCS_MAX / 2)
        return true;
    if (!db_query(
            s->db,
            "SELECT post FROM word_stale WHERE is_waiting = 1 ORDER BY post LIMIT 1 OFFSET ?1",
            &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, WORD_BUILD_DOCS_MAX / 2 - 1);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    part->stale_to = has_row ? stmt_i64(stmt, 0) : INT64_MAX;
    stmt_reset(stmt);
    return true;
}

static unsigned class_of(uint32_t docs)
{
    unsigned size = 0;

    for (; docs >= WORD_SEAL_LAST_POSTS * RUN_CLASS_FACTOR; docs /= RUN_CLASS_FACTOR)
        size++;
    return size;
}

/* Runs of the lowest class of which there are enough, as the inputs of the job. */
static bool merge_plan(const struct word_runs *runs, size_t enough, struct word_job *job)
{
    for (unsigned size = 0; size < 16; size++) {
        job->input_count = 0;
        job->part.posts = 0;
        for (size_t i = 0; i < runs->count && job->input_count < WORD_MERGE_MAX; i++) {
            if (class_of(runs->items[i]->doc_count) > size)
                continue;
            job->inputs[job->input_count++] = runs->items[i]->id;
            job->part.posts += runs->items[i]->doc_count;
        }
        if (job->input_count >= enough)
            return true;
    }
    return false;
}

/* ---- giving the id --------------------------------------------------------------------------- */

/* From here on what is deleted or changed is marked with this id: in the run or not, its entry does
 * not hold. Marks of posts that no run has, from a run that was never finished, mean nothing. */
static bool job_reserve(struct segment *s, struct word_job *job, struct err *err)
{
    struct stmt *stmt;
    bool has_row = false;

    if (!db_begin(s->db, err))
        return false;
    bool ok =
        job->kind == WORD_MERGE ||
        db_run(s->db, "DELETE FROM word_stale WHERE post > (SELECT indexed_to FROM word_state)",
               err);
    ok = ok && db_query(s->db,
                        "UPDATE word_state SET last_run = last_run + 1,"
                        " making_to = CASE WHEN ?1 THEN ?2 ELSE making_to END RETURNING last_run",
                        &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, job->kind == WORD_BUILD);
        stmt_bind_i64(stmt, 2, job->part.to);
        ok = stmt_step(stmt, &has_row, err);
    }
    if (ok && has_row) {
        job->run = stmt_i64(stmt, 0);
        ok = stmt_run(stmt, err);
    } else if (ok)
        ok = err_set(err, ERR_CORRUPT, "a segment has no state of its words");
    return db_end(s->db, ok, err);
}

/* ---- putting in force ------------------------------------------------------------------------ */

static bool run_insert(struct segment *s, const struct word_job *job, struct err *err)
{
    struct stmt *stmt;

    if (job->docs == 0)
        return true;
    if (!db_query(s->db, "INSERT INTO word_run (id, docs, bytes) VALUES (?1, ?2, ?3)", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, job->run);
    stmt_bind_i64(stmt, 2, (int64_t)job->docs);
    stmt_bind_i64(stmt, 3, (int64_t)job->bytes);
    return stmt_run(stmt, err);
}

/* Posts of the part are in the run from now on, but for those marked since. */
static bool build_settle(struct segment *s, const struct word_job *job, struct err *err)
{
    struct stmt *stmt;

    if (!run_insert(s, job, err) ||
        !db_query(s->db, "UPDATE word_state SET indexed_to = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, job->part.to);
    if (!stmt_run(stmt, err) ||
        !db_query(s->db,
                  "UPDATE word_stale SET is_waiting = 0 WHERE is_waiting = 1 AND post <= ?1"
                  " AND run < ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, job->part.stale_to);
    stmt_bind_i64(stmt, 2, job->run);
    return stmt_run(stmt, err);
}

/* The new run takes the place of its inputs. Marks older than all runs, one that is being made
 * included, mean nothing any more. */
static bool merge_settle(struct segment *s, const struct word_job *job, struct err *err)
{
    struct stmt *stmt;
    bool ok = run_insert(s, job, err);

    for (size_t i = 0; ok && i < job->input_count; i++) {
        ok = db_query(s->db, "DELETE FROM word_run WHERE id = ?1", &stmt, err);
        if (ok) {
            stmt_bind_i64(stmt, 1, job->inputs[i]);
            ok = stmt_run(stmt, err);
        }
    }
    if (!ok || !db_query(s->db,
                         "DELETE FROM word_stale WHERE is_waiting = 0 AND run <"
                         " min(?1, coalesce((SELECT min(id) FROM word_run), ?1))",
                         &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->build_run != 0 ? s->build_run : INT64_MAX);
    return stmt_run(stmt, err);
}

static void inputs_remove(struct archive *a, const struct word_job *job)
{
    char path[FILE_PATH_BYTES_MAX];
    struct err ignored = {0};

    for (size_t i = 0; i < job->input_count; i++)
        (void)!file_remove(word_run_path(a, job->month, job->inputs[i], path), &ignored);
}

static bool job_settle(struct archive *a, struct segment *s, const struct word_job *job,
                       struct err *err)
{
    if (!db_begin(s->db, err))
        return false;
    bool ok = job->kind == WORD_BUILD ? build_settle(s, job, err) : merge_settle(s, job, err);
    if (!db_end(s->db, ok, err))
        return false;
    if (job->kind == WORD_MERGE)
        inputs_remove(a, job);
    return true;
}

/* Takes over a job that is done: one that could not be done fails the writer as if he had done it.
 */
static bool job_finish(struct archive *a, struct word_job *job, struct err *err)
{
    struct segment *s = &a->segments.items[job->segment];

    *(job->kind == WORD_BUILD ? &s->build_run : &s->merge_run) = 0;
    s->has_words_due = true;
    if (job->err.code != ERR_NONE) {
        *err = job->err;
        return false;
    }
    if (job->is_unreadable) {
        s->is_settled = false; /* looks again which are there */
        return true;
    }
    return segment_use(a, job->segment, &s, err) && job_settle(a, s, job, err);
}

/* ---- doing it -------------------------------------------------------------------------------- */

/* Small ones are done here and now: handing them over would cost more. */
static bool job_start(struct archive *a, struct segment *s, struct word_job *job, bool is_beside,
                      struct err *err)
{
    job->segment = (int)(s - a->segments.items);
    job->month = s->month;
    if (!job_reserve(s, job, err))
        return false;
    *(job->kind == WORD_BUILD ? &s->build_run : &s->merge_run) = job->run;
    if (!is_beside || job->part.posts < WORD_BESIDE_POSTS) {
        if (!a->words.desk && !(a->words.desk = mem_try_alloc(1, sizeof *a->words.desk)))
            err_set(&job->err, ERR_NO_MEMORY, "no memory for an index of words");
        else
            (void)!word_job_run(a->words.desk, a, s, job); /* the failure is in the job */
        return job_finish(a, job, err);
    }
    struct word_job *beside = mem_try_alloc(1, sizeof *beside);
    if (!beside)
        return err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
    *beside = *job;
    return (a->words.workers || word_workers_create(&a->words.workers, a->dir, err)) &&
           word_workers_push(a->words.workers, beside, err);
}

static bool take_finished(struct archive *a, bool wait, bool *is_any, struct err *err)
{
    struct word_job *job = a->words.workers ? word_workers_take(a->words.workers, wait) : NULL;

    *is_any = job != NULL;
    bool ok = !job || job_finish(a, job, err);
    mem_free(job);
    return ok;
}

/* How much has to be there. */
struct limits {
    int64_t posts;
    size_t runs;
    bool is_beside;
};

static bool build_start(struct archive *a, struct segment *s, const struct limits *limits,
                        bool *is_started, struct err *err)
{
    struct word_job job = {.kind = WORD_BUILD};
    struct word_part *part = &job.part;

    *is_started = false;
    if (s->build_run != 0)
        return true;
    if (!word_part_count(s, part, err))
        return false;
    s->indexed_to = part->from;
    if (part->posts < limits->posts || part->posts <= 0)
        return true;
    if (part->to > part->from + WORD_BUILD_DOCS_MAX / 2)
        part->to = part->from + WORD_BUILD_DOCS_MAX / 2;
    *is_started = true;
    return job_start(a, s, &job, limits->is_beside, err);
}

static bool merge_start(struct archive *a, struct segment *s, const struct limits *limits,
                        bool *is_started, struct err *err)
{
    struct word_job job = {.kind = WORD_MERGE};
    bool is_whole;

    *is_started = false;
    if (s->merge_run != 0)
        return true;
    if (!word_runs_load(a, s, &is_whole, err))
        return false;
    *is_started = is_whole && merge_plan(&s->runs, limits->runs, &job);
    return !*is_started || job_start(a, s, &job, limits->is_beside, err);
}

/* Files of this month that are no run in force: a kill left them. */
static bool remove_strays(struct archive *a, struct segment *s, struct err *err)
{
    struct run_ids ids = {0};
    struct dir_entry *entries;
    struct arena scratch;
    size_t count = 0;
    char prefix[16];
    int64_t id;

    int len = snprintf(prefix, sizeof prefix, "%04d-%02d.", s->month / 12, s->month % 12 + 1);
    Str begin = {prefix, (size_t)len};
    arena_init(&scratch, REQUEST_ARENA_BYTES_MAX);
    bool ok = run_ids_read(s, &ids, err) && dir_list(&scratch, a->dir, &entries, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        Str name = entries[i].name;
        if (!str_starts(name, begin) ||
            !(str_ends(name, S(".words")) || str_ends(name, S(".words.part"))))
            continue;
        Str number = str_sub(name, begin.len, str_find(name, S(".words")) - begin.len);
        if (str_ends(name, S(".words")) && str_to_i64(number, &id) && is_in(&ids, id))
            continue;
        ok = file_remove(path_join(&scratch, a->dir, name), err);
    }
    arena_deinit(&scratch);
    vec_deinit(&ids);
    return ok;
}

/* Everything is to be put into runs again. */
static bool forget_runs(struct segment *s, struct err *err)
{
    log_event(LOG_WARN, "archive.words_rebuilt", log_i64("month", s->month));
    if (!db_begin(s->db, err))
        return false;
    bool ok = db_run(s->db, "DELETE FROM word_run", err) &&
              db_run(s->db, "DELETE FROM word_stale", err) &&
              db_run(s->db, "UPDATE word_state SET indexed_to = 0, making_to = 0", err);
    return db_end(s->db, ok, err);
}

static bool settle_first(struct archive *a, struct segment *s, struct err *err)
{
    bool is_whole;

    if (s->is_settled || s->build_run != 0 || s->merge_run != 0)
        return true;
    if (!word_runs_load(a, s, &is_whole, err) || (!is_whole && !forget_runs(s, err)) ||
        !remove_strays(a, s, err))
        return false;
    s->is_settled = true;
    return true;
}

/* Starts what is due in one segment, until nothing is or it is being done beside. */
static bool segment_step(struct archive *a, int index, const struct limits *limits, struct err *err)
{
    struct segment *s;
    bool is_built = true, is_merged = true;

    while (is_built || is_merged) {
        if (!segment_use(a, index, &s, err) || !settle_first(a, s, err) ||
            !build_start(a, s, limits, &is_built, err) ||
            !merge_start(a, s, limits, &is_merged, err))
            return false;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* In runs that are being made, and behind them. */
static int64_t posts_waiting(const struct archive *a)
{
    int64_t posts = 0;

    vec_each (struct segment, s, &a->segments)
        posts += s->build_run != 0 ? s->next_post - s->indexed_to : 0;
    return posts;
}

bool word_index_step(struct archive *a, bool is_last, struct err *err)
{
    const struct limits limits = {is_last ? WORD_SEAL_LAST_POSTS : WORD_SEAL_POSTS,
                                  is_last ? WORD_MERGE_LAST_RUNS : WORD_MERGE_RUNS, true};
    bool is_any = true, ok = true;

    ASSERT(a->mode == ARCHIVE_WRITE);
    a->words.is_last = is_last;
    while (ok && is_any)
        ok = take_finished(a, posts_waiting(a) > WORD_WAITING_POSTS_MAX, &is_any, err);
    for (size_t i = 0; ok && i < a->segments.count; i++) {
        struct segment *s = &a->segments.items[i];
        bool is_due = is_last ? s->has_news || s->has_words_due : s->has_words_due;
        if (!is_due)
            continue;
        s->has_words_due = false;
        s->has_news = s->has_news && !is_last;
        ok = segment_step(a, (int)i, &limits, err);
    }
    return ok || err_wrap(err, "could not make an index of words");
}

static bool is_busy(const struct archive *a)
{
    vec_each (struct segment, s, &a->segments)
        if (s->build_run != 0 || s->merge_run != 0)
            return true;
    return false;
}

bool word_index_drain(struct archive *a, struct err *err)
{
    bool is_any = true, ok = true;

    while (ok && is_any && is_busy(a)) {
        ok = take_finished(a, true, &is_any, err);
        ok = ok && (!a->words.is_last || word_index_step(a, true, err));
    }
    return ok;
}

void word_index_close(struct archive *a)
{
    struct err err = {0};

    /* A failure costs the next writer some work. */
    if (a->words.is_last && !word_index_drain(a, &err))
        log_err(LOG_WARN, "archive.words_unfinished", &err);
    word_workers_destroy(&a->words.workers);
    if (a->words.desk)
        word_desk_deinit(a->words.desk);
    mem_free(a->words.desk);
    a->words.desk = NULL;
}

/* ---- what was deleted ------------------------------------------------------------------------ */

/* The first run that holds entries of deleted or changed posts, as a job. */
static bool purge_plan(struct segment *s, struct word_job *job, struct err *err)
{
    struct arena arena;
    bool ok = true;

    job->input_count = 0;
    arena_init(&arena, GIB);
    for (size_t i = 0; ok && job->input_count == 0 && i < s->runs.count; i++) {
        const struct word_run *run = s->runs.items[i];
        uint64_t *gone = NULL, any = 0;
        arena_reset(&arena);
        ok = word_runs_gone(s, run, &arena, &gone, err);
        /* Marks of posts that are in other runs do not count. */
        for (size_t w = 0; ok && gone && w < docset_words(run->doc_count); w++)
            any |= gone[w];
        if (any != 0) {
            job->inputs[job->input_count++] = run->id;
            job->part.posts = run->doc_count;
        }
    }
    arena_deinit(&arena);
    return ok;
}

bool word_index_purge(struct archive *a, struct segment *s, struct err *err)
{
    const struct limits limits = {1, WORD_MERGE_RUNS, false};
    int index = (int)(s - a->segments.items);
    bool is_whole, ok = word_index_drain(a, err) && segment_step(a, index, &limits, err);

    while (ok) {
        struct word_job job = {.kind = WORD_MERGE};
        ok = word_runs_load(a, s, &is_whole, err) && purge_plan(s, &job, err);
        if (!ok || job.input_count == 0)
            break;
        ok = job_start(a, s, &job, false, err);
    }
    /* No run has anything of them any more. */
    ok = ok && db_run(s->db, "DELETE FROM word_stale WHERE is_waiting = 0", err);
    return ok || err_wrap(err, "could not take deleted words out of the index");
}

static bool is_purge_due(struct segment *s, int64_t before_s, bool *is_due, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "SELECT 1 FROM word_stale WHERE since_s < ?1 LIMIT 1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, before_s);
    if (!stmt_step(stmt, is_due, err))
        return false;
    stmt_reset(stmt);
    return true;
}

bool word_index_purge_old(struct archive *a, int64_t before_s, struct err *err)
{
    bool ok = true, is_due = false;

    for (size_t i = 0; ok && i < a->segments.count; i++) {
        struct segment *s;
        ok = segment_use(a, (int)i, &s, err) && is_purge_due(s, before_s, &is_due, err) &&
             (!is_due || word_index_purge(a, s, err));
    }
    return ok;
}
