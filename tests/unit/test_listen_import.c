#include "unit/test.h"

#include <string.h>

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

int main(void)
{
    return RUN(CASE(import_does_not_depend_on_the_number_of_workers),
               CASE(import_again_counts_nothing_twice),
               CASE(import_keeps_rejected_rows_for_another_try),
               CASE(import_refuses_what_is_not_there));
}
