#include "unit/test.h"

#include <string.h>

#include "listen/archive/archive_priv.h"
#include "listen/measure/spike_store.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

static void import_ok(Str data, Str file, unsigned workers, struct import_result *result)
{
    struct err err = {0};
    bool ok = stream_import(data, file, workers, result, &err);

    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
}

static void digest_ok(Str data, DigestHex *digest, uint64_t *rows)
{
    struct err err = {0};
    bool ok = digest_archive(data, digest, rows, &err);

    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
}

TEST(import_does_not_depend_on_the_number_of_workers)
{
    static const unsigned workers[] = {1, 2, 5};
    struct scratch s;
    struct err err = {0};
    struct import_result results[COUNT_OF(workers)];
    DigestHex digests[COUNT_OF(workers)];
    uint64_t rows = 0;

    scratch_begin(&s);
    Str file = scratch_path(&s, "posts.jsonl");
    CHECK(stream_write(file, 12000, &err));
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        char name[8];
        snprintf(name, sizeof name, "w%zu", i);
        CHECK(stream_workspace(scratch_path(&s, name), &err));
        import_ok(scratch_path(&s, name), file, workers[i], &results[i]);
        digest_ok(scratch_path(&s, name), &digests[i], &rows);
        CHECK(memcmp(&digests[i], &digests[0], sizeof digests[0]) == 0);
        CHECK(memcmp(&results[i].counts, &results[0].counts, sizeof results[0].counts) == 0);
    }
    const struct intake_counts *c = &results[0].counts;
    CHECK_INT(c->read, 12000);
    CHECK(c->updated > 0 && c->duplicate > 0 && c->deleted > 0 && c->rejected > 0);
    CHECK_INT(c->read, c->added + c->updated + c->duplicate + c->deleted + c->rejected);
    scratch_end(&s);
}

TEST(import_again_counts_nothing_twice)
{
    struct scratch s;
    struct err err = {0};
    struct import_result first, second;
    struct workspace *ws = NULL;
    struct archive *a = NULL;
    struct archive_stats before, after;

    scratch_begin(&s);
    Str file = scratch_path(&s, "posts.jsonl");
    Str lines = S("{\"id\":\"1\",\"text\":\"late train\",\"created_at\":1770000000}\n"
                  "{\"id\":\"2\",\"text\":\"nothing\",\"created_at\":1770000000}\nnonsense\n");
    CHECK(file_write_atomic(file, lines, &err));
    CHECK(stream_workspace(scratch_path(&s, "w"), &err));
    import_ok(scratch_path(&s, "w"), file, 1, &first);
    CHECK_INT(first.counts.added, 2);
    CHECK_INT(first.counts.matched, 1);
    CHECK_INT(first.counts.rejected, 1);
    CHECK(workspace_open(&ws, scratch_path(&s, "w"), S("acme"), &err));
    CHECK(archive_open(&a, ws->posts_dir, ARCHIVE_READ, &err));
    CHECK(archive_stats(a, &before, &err));
    archive_close(&a);
    import_ok(scratch_path(&s, "w"), file, 1, &second);
    CHECK(!second.is_resumed);
    CHECK_INT(second.counts.duplicate, 2);
    CHECK_INT(second.points, 0);
    CHECK(archive_open(&a, ws->posts_dir, ARCHIVE_READ, &err));
    CHECK(archive_stats(a, &after, &err));
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    archive_close(&a);
    workspace_close(&ws);
    scratch_end(&s);
}

struct seen {
    int rejects;
    char last[100];
};

static void see_reject(void *context, const struct import_reject *reject)
{
    struct seen *seen = context;

    seen->rejects++;
    snprintf(seen->last, sizeof seen->last, "%llu: " STR_F, (unsigned long long)reject->line,
             STR_A(reject->reason));
}

TEST(import_keeps_rejected_rows_for_another_try)
{
    struct scratch s;
    struct err err = {0};
    struct import_result result;
    struct workspace *ws = NULL;
    struct seen seen = {0};
    Str rows;

    scratch_begin(&s);
    Str file = scratch_path(&s, "posts.jsonl");
    CHECK(file_write_atomic(file, S("{\"id\":\"1\",\"text\":\"a\"}\n{\"text\":\"b\"}\n"), &err));
    CHECK(stream_workspace(scratch_path(&s, "w"), &err));
    CHECK(workspace_open(&ws, scratch_path(&s, "w"), S("acme"), &err));
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .now_ms = STREAM_NOW_MS,
                             .rejected = see_reject,
                             .context = &seen};
    CHECK(import_run(&job, &result, &err));
    CHECK_INT(seen.rejects, 1);
    CHECK_STR(str_from_cstr(seen.last), "2: no id");
    Str kept = path_join(&s.arena, ws->dir, S("rejects/import-1-0.txt"));
    CHECK(file_read_all(&s.arena, kept, KIB, &rows, &err));
    CHECK_STR(rows, "{\"text\":\"b\"}\n");
    kept = path_join(&s.arena, ws->dir, S("rejects/import-1-0.reasons.txt"));
    CHECK(file_read_all(&s.arena, kept, KIB, &rows, &err));
    CHECK(str_starts(rows, file) && str_ends(rows, S(":2: no id\n")));
    workspace_close(&ws);
    scratch_end(&s);
}

/* A page is one line of many posts: each refused one is kept, and those that are no posts counted.
 */
TEST(import_keeps_every_refused_post_of_a_page)
{
    struct scratch s;
    struct workspace *ws = NULL;
    struct import_result result;
    struct err err = {0};
    Str rows;

    scratch_begin(&s);
    Str file = scratch_path(&s, "page.json");
    CHECK(file_write_atomic(
        file,
        S("{\"data\":[{\"id\":\"1\",\"text\":\"a\"},{\"id\":\"2\"},{\"id\":\"3\"}]}\n"
          "{\"data\":{\"withheld\":{\"tweet\":{\"id\":\"1\"}}}}\n"),
        &err));
    CHECK(stream_workspace(scratch_path(&s, "w"), &err));
    CHECK(workspace_open(&ws, scratch_path(&s, "w"), S("acme"), &err));
    struct import_job job = {
        .workspace = ws, .paths = &file, .path_count = 1, .now_ms = STREAM_NOW_MS};
    CHECK(import_run(&job, &result, &err));
    CHECK_INT(result.counts.read, 3);
    CHECK_INT(result.counts.rejected, 2);
    CHECK_INT(result.counts.ignored, 1);
    Str kept = path_join(&s.arena, ws->dir, S("rejects/import-1-0.txt"));
    CHECK(file_read_all(&s.arena, kept, KIB, &rows, &err));
    CHECK_STR(rows, "{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
    workspace_close(&ws);
    scratch_end(&s);
}

TEST(import_refuses_what_is_not_there)
{
    struct scratch s;
    struct err err = {0};
    struct import_result result;

    scratch_begin(&s);
    CHECK(stream_workspace(scratch_path(&s, "w"), &err));
    CHECK(!stream_import(scratch_path(&s, "w"), scratch_path(&s, "no.jsonl"), 1, &result, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    Str file = scratch_path(&s, "odd.txt");
    CHECK(file_write_atomic(file, S("once upon a time\n"), &err));
    CHECK(!stream_import(scratch_path(&s, "w"), file, 2, &result, &err));
    CHECK_INT(err.code, ERR_INPUT);
    scratch_end(&s);
}

enum { STEP_COUNT = 4, STEP_POSTS = 3000 };

/* One file of the stream in steps: 0 is all of it, 1 to STEP_COUNT a part each. */
static Str step_write(struct scratch *s, unsigned step)
{
    struct err err = {0};
    struct buf out;
    uint64_t state = 7;
    char name[24];
    size_t from = 0;

    buf_init(&out, 64 * MIB);
    for (uint32_t i = 0; i < STEP_COUNT * STEP_POSTS; i++) {
        if (step > 0 && i == (step - 1) * STEP_POSTS)
            from = out.len;
        if (step == 0 || i < step * STEP_POSTS)
            stream_line(&out, &state, i);
    }
    snprintf(name, sizeof name, "step-%u.jsonl", step);
    Str path = scratch_path(s, name);
    CHECK(file_write_atomic(path, str_sub(buf_str(&out), from, out.len), &err));
    buf_deinit(&out);
    return path;
}

/* Imports steps [from, to], each followed by publication and alerts. A shared archive keeps at most
 * `open_max` segments open. */
static void steps_import(struct scratch *s, const char *name, unsigned from, unsigned to,
                         int open_max)
{
    Str data = scratch_path(s, name);
    struct archive *shared = NULL, *own = NULL;
    struct workspace *ws = NULL;
    struct err err = {0};
    uint64_t found;

    CHECK(stream_workspace(data, &err) && workspace_open(&ws, data, S("acme"), &err));
    if (open_max > 0) {
        CHECK(archive_open(&shared, ws->posts_dir, ARCHIVE_WRITE, &err));
        shared->open_max = open_max;
        shared->warm_max = open_max > 1 ? open_max - 1 : 1;
    }
    for (unsigned step = from; step <= to; step++) {
        Str file = step_write(s, step);
        struct import_job job = {.workspace = ws,
                                 .archive = shared,
                                 .paths = &file,
                                 .path_count = 1,
                                 .worker_count = 2,
                                 .now_ms = STREAM_NOW_MS};
        struct import_result result;
        struct measure_publication published = {0};
        CHECK(import_run(&job, &result, &err));
        CHECK(shared || archive_open(&own, ws->posts_dir, ARCHIVE_WRITE, &err));
        struct archive *a = shared ? shared : own;
        CHECK(measure_publish(ws->state, a, STREAM_NOW_MS, &published, &err));
        CHECK(spikes_find(ws->state, a, STREAM_NOW_MS, &found, &err));
        archive_close(&own);
        CHECK(!shared || step < to || shared->segments.count >= 3);
    }
    archive_close(&shared);
    workspace_close(&ws);
}

/* What people see: every point of every signal, and with `has_spikes` every alert. */
static DigestHex signals_digest(struct scratch *s, const char *name, bool has_spikes)
{
    struct workspace *ws = NULL;
    struct digest_state digest;
    struct err err = {0};
    uint64_t rows = 0;

    digest_begin(&digest);
    CHECK(workspace_open(&ws, scratch_path(s, name), S("acme"), &err));
    CHECK(digest_rows(&digest, ws->state,
                      "SELECT key, start_ms, value, n, coverage FROM signal"
                      " JOIN signal_point AS p ON p.signal_id = signal.id ORDER BY key, start_ms",
                      5, &rows, &err));
    CHECK(rows > 1000);
    CHECK(!has_spikes ||
          digest_rows(&digest, ws->state,
                      "SELECT signal, start_ms, end_ms, severity, observed, expected,"
                      " explanation, earlier, likeness FROM spike"
                      " ORDER BY signal, start_ms",
                      9, &rows, &err));
    workspace_close(&ws);
    return digest_hex(digest_end(&digest));
}

TEST(steps_give_what_one_import_gives_however_few_segments_are_open)
{
    static const char *const names[] = {"own", "wide", "narrow", "one"};
    static const int open_max[] = {0, ARCHIVE_OPEN_WRITER_MAX, 2, 1};
    struct scratch s;
    uint64_t rows = 0;
    DigestHex archives[COUNT_OF(names)], signals[COUNT_OF(names)];

    scratch_begin(&s);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        steps_import(&s, names[i], 1, STEP_COUNT, open_max[i]);
        digest_ok(scratch_path(&s, names[i]), &archives[i], &rows);
        signals[i] = signals_digest(&s, names[i], true);
        CHECK(memcmp(&archives[i], &archives[0], sizeof archives[0]) == 0);
        CHECK(memcmp(&signals[i], &signals[0], sizeof signals[0]) == 0);
    }
    steps_import(&s, "batch", 0, 0, 0);
    signals[0] = signals_digest(&s, "own", false);
    signals[1] = signals_digest(&s, "batch", false);
    CHECK(memcmp(&signals[0], &signals[1], sizeof signals[0]) == 0);
    scratch_end(&s);
}

int main(void)
{
    return RUN(
        CASE(import_does_not_depend_on_the_number_of_workers),
        CASE(import_again_counts_nothing_twice), CASE(import_keeps_rejected_rows_for_another_try),
        CASE(import_keeps_every_refused_post_of_a_page), CASE(import_refuses_what_is_not_there),
        CASE(steps_give_what_one_import_gives_however_few_segments_are_open));
}
