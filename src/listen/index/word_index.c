#include "listen/index/word_index.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "listen/archive/archive_priv.h"
#include "listen/index/word_build.h"
#include "os/file.h"

enum { RUN_CLASS_FACTOR = WORD_MERGE_RUNS };

static Str run_path(const struct archive *a, int32_t month, int64_t run,
                    char path[FILE_PATH_BYTES_MAX])
{
    int len = snprintf(path, FILE_PATH_BYTES_MAX, STR_F "/%04d-%02d.%lld.words", STR_A(a->dir),
                       month / 12, month % 12 + 1, (long long)run);

    return (Str){path, (size_t)len};
}

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

static struct word_run *run_loaded(const struct word_runs *runs, int64_t id)
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
    if (!run_open(run, run_path(a, s->month, id, path), id, &found)) {
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
        if (!run_loaded(&s->runs, ids.items[i]))
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

/* ---- making runs ----------------------------------------------------------------------------- */

struct settle {
    struct archive *a;
    struct segment *s;
    struct word_builder *builder;
    struct post_tokens tokens;
    struct arena row;
    struct err *err;
};

static bool next_run(struct segment *s, int64_t *id, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db, "SELECT last_run + 1 FROM word_state", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    *id = has_row ? stmt_i64(stmt, 0) : 0;
    stmt_reset(stmt);
    return has_row || err_set(err, ERR_CORRUPT, "a segment has no state of its words");
}

static bool run_insert(struct segment *s, int64_t id, uint64_t docs, uint64_t bytes,
                       struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db, "UPDATE word_state SET last_run = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_run(stmt, err))
        return false;
    if (docs == 0)
        return true;
    if (!db_query(s->db, "INSERT INTO word_run (id, docs, bytes) VALUES (?1, ?2, ?3)", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, (int64_t)docs);
    stmt_bind_i64(stmt, 3, (int64_t)bytes);
    return stmt_run(stmt, err);
}

static bool add_row(struct settle *t, struct stmt *stmt)
{
    struct archived_post post;

    arena_reset(&t->row);
    if (!archived_post_read(t->a, stmt, &t->row, t->s->month, &post, t->err) ||
        !post_tokens_fill(&t->tokens, &post.post, t->err))
        return false;
    archived_post_rate(&post, &t->tokens);
    return word_builder_add(t->builder, &post, &t->tokens, stmt_str(stmt, POST_COLUMN_COUNT),
                            t->err);
}

/* Posts of the ids (from, to] and the waiting ones, by time. */
static bool add_rows(struct settle *t, int64_t from, int64_t to, int64_t stale_to)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(t->s->db,
                  "SELECT " POST_COLUMNS_LITERAL ", post.queries"
                  " FROM post JOIN source ON source.id = post.source"
                  " WHERE (post.id > ?1 AND post.id <= ?2) OR post.id IN"
                  " (SELECT post FROM word_stale WHERE is_waiting = 1 AND post <= ?3)"
                  " ORDER BY post.created_at_ms, post.id",
                  &stmt, t->err))
        return false;
    stmt_bind_i64(stmt, 1, from);
    stmt_bind_i64(stmt, 2, to);
    stmt_bind_i64(stmt, 3, stale_to);
    while ((ok = stmt_step(stmt, &has_row, t->err)) && has_row)
        if (!add_row(t, stmt)) {
            stmt_reset(stmt);
            return false;
        }
    return ok;
}

/* What the next run is made of. */
struct part {
    int64_t from, to; /* ids of posts (from, to] */
    int64_t stale_to; /* waiting posts up to this id */
    int64_t posts;
};

static bool part_count(struct segment *s, struct part *part, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db,
                  "SELECT indexed_to, next_post - 1,"
                  " (SELECT count(*) FROM word_stale WHERE is_waiting = 1) FROM word_state",
                  &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CORRUPT, "a segment has no state of its words");
    int64_t waiting = stmt_i64(stmt, 2);
    *part = (struct part){.from = stmt_i64(stmt, 0), .to = stmt_i64(stmt, 1)};
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

/* Posts of the part are in the run from now on. */
static bool part_settle(struct segment *s, const struct part *part, int64_t run, uint64_t docs,
                        uint64_t bytes, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(s->db, err))
        return false;
    bool ok = run_insert(s, run, docs, bytes, err) &&
              db_query(s->db, "UPDATE word_state SET indexed_to = ?1", &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, part->to);
        ok = stmt_run(stmt, err) &&
             db_query(s->db,
                      "UPDATE word_stale SET is_waiting = 0 WHERE is_waiting = 1 AND post <= ?1",
                      &stmt, err);
    }
    if (ok) {
        stmt_bind_i64(stmt, 1, part->stale_to);
        ok = stmt_run(stmt, err);
    }
    return db_end(s->db, ok, err);
}

static bool part_build(struct settle *t, struct part *part)
{
    char path[FILE_PATH_BYTES_MAX];
    uint64_t bytes = 0;
    int64_t run;

    if (part->to > part->from + WORD_BUILD_DOCS_MAX / 2)
        part->to = part->from + WORD_BUILD_DOCS_MAX / 2;
    word_builder_reset(t->builder);
    if (!next_run(t->s, &run, t->err) || !add_rows(t, part->from, part->to, part->stale_to))
        return false;
    uint64_t docs = word_builder_count(t->builder);
    return (docs == 0 || word_builder_write(t->builder, run_path(t->a, t->s->month, run, path),
                                            &bytes, t->err)) &&
           part_settle(t->s, part, run, docs, bytes, t->err);
}

static bool build_all(struct settle *t, int64_t min_posts)
{
    struct part part;

    for (;;) {
        if (!part_count(t->s, &part, t->err))
            return false;
        if (part.posts < min_posts || part.posts <= 0)
            return true;
        if (!t->builder &&
            (!post_tokens_init(&t->tokens, t->err) || !word_builder_create(&t->builder, t->err)))
            return false;
        if (!part_build(t, &part))
            return false;
    }
}

/* ---- posts that are in no run ---------------------------------------------------------------- */

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

static bool tail_part(struct settle *t, const struct part *part, int64_t from, int64_t to)
{
    struct word_run *run;

    if (!t->builder &&
        (!post_tokens_init(&t->tokens, t->err) || !word_builder_create(&t->builder, t->err)))
        return false;
    word_builder_reset(t->builder);
    if (!add_rows(t, from, to, from == part->from ? part->stale_to : -1))
        return false;
    if (word_builder_count(t->builder) == 0)
        return true;
    run = mem_try_alloc(1, sizeof *run);
    if (!run)
        return err_set(t->err, ERR_NO_MEMORY, "no memory for the words of new posts");
    if (!word_builder_run(t->builder, run, t->err)) {
        mem_free(run);
        return false;
    }
    t->s->tail.items[t->s->tail.count++] = run;
    return true;
}

static bool tail_build(struct settle *t, bool is_whole, bool *is_complete)
{
    const int64_t step = WORD_BUILD_DOCS_MAX / 2;
    struct part part;
    bool ok = part_count(t->s, &part, t->err);

    if (!ok)
        return false;
    if (!is_whole)
        part = (struct part){.from = 0, .to = part.to, .stale_to = -1};
    for (int64_t from = part.from; ok && (from < part.to || from == part.from); from += step) {
        int64_t to = from + step < part.to ? from + step : part.to;
        if (from - part.from >= WORD_TAIL_POSTS_MAX) {
            *is_complete = false;
            break;
        }
        ok = tail_part(t, &part, from, to);
    }
    return ok;
}

bool word_tail_load(struct archive *a, struct segment *s, bool is_whole, bool *is_complete,
                    struct err *err)
{
    struct settle t = {.a = a, .s = s, .err = err};
    int64_t version;

    if (!data_version(s, &version, err))
        return false;
    if (a->mode == ARCHIVE_READ && s->tail_version == version)
        return true;
    word_runs_close(&s->tail);
    s->tail_version = 0;
    arena_init(&t.row, BATCH_ARENA_BYTES_MAX);
    bool ok = tail_build(&t, is_whole, is_complete);
    arena_deinit(&t.row);
    post_tokens_deinit(&t.tokens);
    word_builder_destroy(&t.builder);
    s->tail_version = ok && *is_complete && is_whole ? version : 0;
    return ok;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* The new run takes the place of the old ones, whose files go. */
static bool replace_runs(struct archive *a, struct segment *s, struct word_run **old, size_t count,
                         int64_t run, uint64_t docs, uint64_t bytes, struct err *err)
{
    char path[FILE_PATH_BYTES_MAX];
    struct err ignored = {0};
    struct stmt *stmt;

    if (!db_begin(s->db, err))
        return false;
    bool ok = run_insert(s, run, docs, bytes, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = db_query(s->db, "DELETE FROM word_run WHERE id = ?1", &stmt, err);
        if (ok) {
            stmt_bind_i64(stmt, 1, old[i]->id);
            ok = stmt_run(stmt, err);
        }
    }
    ok = ok && db_run(s->db,
                      "DELETE FROM word_stale WHERE is_waiting = 0 AND run <"
                      " coalesce((SELECT min(id) FROM word_run), 9223372036854775807)",
                      err);
    if (!db_end(s->db, ok, err))
        return false;
    for (size_t i = 0; i < count; i++)
        (void)!file_remove(run_path(a, s->month, old[i]->id, path), &ignored);
    return true;
}

static bool merge_runs(struct archive *a, struct segment *s, struct word_run **runs, size_t count,
                       struct err *err)
{
    struct word_input inputs[WORD_MERGE_MAX];
    char path[FILE_PATH_BYTES_MAX];
    uint64_t docs = 0, bytes = 0, *gone;
    struct arena arena;
    int64_t id;
    bool ok = next_run(s, &id, err);

    arena_init(&arena, GIB);
    for (size_t i = 0; ok && i < count; i++) {
        ok = word_runs_gone(s, runs[i], &arena, &gone, err);
        inputs[i] = (struct word_input){runs[i], gone};
    }
    ok = ok && word_merge(inputs, count, run_path(a, s->month, id, path), &docs, &bytes, err) &&
         replace_runs(a, s, runs, count, id, docs, bytes, err);
    arena_deinit(&arena);
    return ok;
}

static unsigned class_of(uint32_t docs)
{
    unsigned size = 0;

    for (; docs >= WORD_SEAL_LAST_POSTS * RUN_CLASS_FACTOR; docs /= RUN_CLASS_FACTOR)
        size++;
    return size;
}

/* Runs of the lowest class of which there are enough; 0: of none. */
static size_t runs_to_merge(const struct word_runs *runs, size_t enough, struct word_run **out)
{
    for (unsigned size = 0; size < 16; size++) {
        size_t count = 0;
        for (size_t i = 0; i < runs->count && count < WORD_MERGE_MAX; i++)
            if (class_of(runs->items[i]->doc_count) <= size)
                out[count++] = runs->items[i];
        if (count >= enough)
            return count;
    }
    return 0;
}

static bool merge_all(struct archive *a, struct segment *s, size_t enough, struct err *err)
{
    struct word_run *chosen[WORD_MERGE_MAX];
    bool is_whole;
    size_t count;

    for (;;) {
        if (!word_runs_load(a, s, &is_whole, err))
            return false;
        count = is_whole ? runs_to_merge(&s->runs, enough, chosen) : 0;
        if (count == 0)
            return true;
        if (!merge_runs(a, s, chosen, count, err))
            return false;
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

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
              db_run(s->db, "UPDATE word_state SET indexed_to = 0", err);
    return db_end(s->db, ok, err);
}

static bool settle_first(struct archive *a, struct segment *s, struct err *err)
{
    bool is_whole;

    if (s->is_settled)
        return true;
    if (!word_runs_load(a, s, &is_whole, err) || (!is_whole && !forget_runs(s, err)) ||
        !remove_strays(a, s, err))
        return false;
    s->is_settled = true;
    return true;
}

bool word_index_settle(struct archive *a, struct segment *s, int64_t min_posts, struct err *err)
{
    struct settle t = {.a = a, .s = s, .err = err};

    ASSERT(a->mode == ARCHIVE_WRITE && !db_is_writing(s->db));
    if (!settle_first(a, s, err))
        return err_wrap(err, "could not read the index of words");
    arena_init(&t.row, BATCH_ARENA_BYTES_MAX);
    size_t enough = min_posts < WORD_SEAL_POSTS ? WORD_MERGE_LAST_RUNS : WORD_MERGE_RUNS;
    bool ok = build_all(&t, min_posts) && merge_all(a, s, enough, err);
    arena_deinit(&t.row);
    post_tokens_deinit(&t.tokens);
    word_builder_destroy(&t.builder);
    return ok || err_wrap(err, "could not make an index of words");
}

bool word_index_purge(struct archive *a, struct segment *s, struct err *err)
{
    struct arena arena;
    bool is_whole, ok;

    if (!word_index_settle(a, s, 1, err) || !word_runs_load(a, s, &is_whole, err))
        return false;
    arena_init(&arena, GIB);
    for (;;) {
        struct word_run *old = NULL;
        uint64_t *gone;
        ok = true;
        for (size_t i = 0; ok && !old && i < s->runs.count; i++) {
            arena_reset(&arena);
            ok = word_runs_gone(s, s->runs.items[i], &arena, &gone, err);
            old = ok && gone ? s->runs.items[i] : NULL;
            /* Marks of posts that are in other runs do not count. */
            size_t marked = 0;
            for (size_t w = 0; old && w < docset_words(old->doc_count); w++)
                marked += gone[w] != 0 ? 1 : 0;
            old = marked > 0 ? old : NULL;
        }
        if (!ok || !old || !(ok = merge_runs(a, s, &old, 1, err)) ||
            !(ok = word_runs_load(a, s, &is_whole, err)))
            break;
    }
    arena_deinit(&arena);
    return ok;
}
