/* Authors of any window, merged from sketches, against counting them over the mentions. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "listen/measure/author_sketch.h"
#include "signal/signal.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

static struct scratch s;
static struct err err;

static void must(bool ok)
{
    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
}

static bool visit(void *context, const struct mention_fact *fact)
{
    /* The mood and the rest of the facets do not matter here. */
    CHECK(measure_sum_add(context, fact, 0, &err));
    return true;
}

static double counted(struct archive *a, int64_t query, int64_t from, int64_t to)
{
    struct measure_sum sum = {0};

    must(archive_mentions(a, query, from, to, visit, &sum, &err));
    double authors = (double)sum.author_count;
    measure_sum_deinit(&sum);
    return authors;
}

static void check_windows(Str data, double tolerance)
{
    struct workspace *ws;
    struct archive *a;
    struct author_count merged;
    struct random r = {.seed = 3};
    int64_t first, last;
    double most = 0;

    must(workspace_open(&ws, data, S("acme"), &err));
    must(archive_open(&a, ws->posts_dir, ARCHIVE_READ, &err));
    must(archive_span(a, &first, &last, &err));
    for (int i = 0; i < 60; i++) {
        int64_t from = first - 30 + (int64_t)random_below(&r, (uint64_t)(last - first) + 40);
        int64_t to = from + (int64_t)random_below(&r, i % 2 ? 30 : 2000);
        int64_t query = 1 + i % 3;
        must(author_count(ws->state, query, from, to, &merged, &err));
        double want = counted(a, query, from, to);
        most = want > most ? want : most;
        CHECK_NEAR(merged.authors, want, merged.is_exact ? 0 : tolerance * want);
    }
    CHECK(most > 300); /* windows had something to count */
    must(author_count(ws->state, 99, first, last, &merged, &err));
    CHECK_NEAR(merged.authors, 0, 0);
    archive_close(&a);
    workspace_close(&ws);
}

/* The stream repeats, edits, moves and deletes posts: what left an hour is no longer counted. */
TEST(merged_windows_are_what_counting_gives)
{
    struct import_result result;

    scratch_begin(&s);
    Str data = scratch_path(&s, "data"), file = scratch_path(&s, "posts.jsonl");
    must(stream_workspace(data, &err));
    must(stream_write(file, 3000, &err));
    must(stream_import(data, file, 1, &result, &err));
    must(stream_write(file, 9000, &err));
    must(stream_import(data, file, 1, &result, &err));
    check_windows(data, 0);
    scratch_end(&s);
}

/* Beyond 1,024 authors of a window the count is an estimate, and hours, days and windows agree. */
TEST(many_authors_are_estimated)
{
    struct import_result result;
    struct buf posts;
    struct workspace *ws;
    struct author_count day, window;
    struct signal signal;
    struct signal_point *points;
    size_t count;

    scratch_begin(&s);
    buf_init(&posts, 64 * MIB);
    for (int i = 0; i < 12000; i++) /* 6,000 authors, each at two hours of ten days */
        buf_printf(&posts,
                   "{\"id\":\"%d\",\"created_at\":%lld,\"author\":{\"id\":\"u%d\"},"
                   "\"text\":\"late phone battery why the\"}\n",
                   i, (long long)(INT64_C(1770000000000) + (int64_t)i * 72000), i % 6000);
    Str data = scratch_path(&s, "data"), file = scratch_path(&s, "posts.jsonl");
    must(stream_workspace(data, &err) && file_write_atomic(file, buf_str(&posts), &err));
    must(stream_import(data, file, 1, &result, &err));
    check_windows(data, 3 * CARDINALITY_STANDARD_ERROR);
    must(workspace_open(&ws, data, S("acme"), &err));
    int64_t hour = INT64_C(1770000000000) / HOUR_MS / 24 * 24 + 24;
    must(author_count(ws->state, 1, hour, hour + 24, &day, &err));
    must(author_count(ws->state, 1, hour, hour + 240, &window, &err));
    CHECK(!day.is_exact && day.authors > 1100 && window.authors > 5000);
    must(signal_find(&s.arena, ws->state, S("query:1:authors:day"), &signal, &err));
    must(signal_read(&s.arena, ws->state, signal.id, hour * HOUR_MS, hour * HOUR_MS + 1, &points,
                     &count, &err));
    CHECK(count == 1);
    CHECK_NEAR(points[0].value, day.authors, 0);
    /* a damaged sketch is told, not counted */
    must(db_run(ws->state, "UPDATE author_sketch SET sketch = x'02ff'", &err));
    CHECK(!author_count(ws->state, 1, hour, hour + 24, &day, &err) && err.code == ERR_CORRUPT);
    workspace_close(&ws);
    buf_deinit(&posts);
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(merged_windows_are_what_counting_gives), CASE(many_authors_are_estimated));
}
