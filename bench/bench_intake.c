/* bench_intake.c - how many posts a second come in: decoded, matched, rated, stored?
 *
 *   decode    JSON lines to posts                 peer: simdjson alone on the same lines
 *   intake    decode, words, 10,000 queries, language and mood of what matched (no archive)
 *                                                 peer: batch inversion in SQLite FTS5 of the texts
 *                                                 (index a batch, run every query against it)
 *   all rated the same with two more queries, which ask for the mood and the language of every post
 *   two cores the same lines in two halves by two threads with one set: posts by the time of the
 *             thread that took longest
 *   archive   posts that all matched one query into a month segment: identity, row, mention, sums,
 *             full-text index                     peer: the same texts into one FTS5 table on disk
 *   sustained the same for a million posts into one month, in slices: does the rate hold?
 *
 * One thread on both sides, the same posts and queries in the same run, alternating. Processor
 * time, so that neither other work on the machine nor waiting for the disk counts; medians of the
 * rounds, spread is (max - min) / median. Posts: seeded, native form, words of a vocabulary of
 * 20,000 by a power law, mean text 110 bytes. Queries: word AND (word OR word) NOT word.
 *
 *     bench_intake [--quick]
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "format/json_bulk.h"
#include "listen/archive/archive.h"
#include "listen/decode/decode.h"
#include "listen/intake.h"
#include "listen/match/match.h"
#include "os/file.h"
#include "os/thread.h"
#include "row.h"

enum { VOCABULARY = 20000, QUERIES = 10000, ROUNDS_MAX = 5, WORKERS_MAX = 2, RATING_QUERIES = 2 };

struct bench {
    size_t posts, rounds;
    size_t first;     /* number of the first post */
    struct buf lines; /* native JSON, one a line */
    char words[VOCABULARY][12];
    struct query_set_item items[QUERIES + RATING_QUERIES];
    int64_t ids[QUERIES + RATING_QUERIES];
    Str fts[QUERIES];
    struct arena arena;
    struct decode_batch *batches; /* all posts, decoded once, for the archive and the peers */
    size_t batch_count;
    uint64_t ours_matches, peer_matches;
};

struct times {
    double ours[ROUNDS_MAX], peer[ROUNDS_MAX];
};

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_intake: %s (%s)\n", err->msg, err->origin ? err->origin : "?");
    exit(1);
}

static void must_sql(sqlite3 *db, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return;
    fprintf(stderr, "bench_intake: peer: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static uint64_t processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double seconds_since(uint64_t started_ns)
{
    return (double)(processor_ns() - started_ns) / 1e9;
}

/* ---- the world ------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Rank r with a density falling as 1 / r. */
static size_t zipf_rank(uint64_t *state)
{
    double u = (double)next_random(state) / 2147483648.0, rank = 1;

    for (double span = 1; u > 0.0665 && span < VOCABULARY; span *= 2)
        if ((u -= 0.07) > 0)
            rank = span * 2;
    size_t index = (size_t)(rank * (1 + (double)next_random(state) / 2147483648.0));
    return index < VOCABULARY ? index : VOCABULARY - 1;
}

static void make_words(struct bench *b)
{
    static const char onsets[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";

    for (size_t i = 0; i < VOCABULARY; i++) {
        size_t n = i + 97, at = 0;
        for (; n > 0 && at < 10; n /= 90) {
            b->words[i][at++] = onsets[n % 18];
            b->words[i][at++] = vowels[n / 18 % 5];
        }
    }
}

/* Posts from b->first on, one a second: a million stay within a month. */
static void make_posts(struct bench *b)
{
    uint64_t state = 11 + b->first;

    buf_reset(&b->lines);
    for (size_t i = b->first; i < b->first + b->posts; i++) {
        buf_printf(&b->lines,
                   "{\"id\":\"%zu\",\"source\":\"bench\",\"created_at\":%zu,\"author\":{\"handle\":"
                   "\"u%zu\",\"followers\":%zu},\"text\":\"",
                   i, 1788220800 + i, (size_t)next_random(&state) % 5000,
                   (size_t)next_random(&state) % 1000);
        for (size_t w = 0, n = 8 + next_random(&state) % 19; w < n; w++)
            buf_printf(&b->lines, "%s ", b->words[zipf_rank(&state)]);
        buf_lit(&b->lines, "\",\"metrics\":{\"likes\":3}}\n");
    }
}

static void make_queries(struct bench *b)
{
    uint64_t state = 5;

    for (size_t i = 0; i < QUERIES; i++) {
        const char *w[4];
        for (int k = 0; k < 4; k++)
            w[k] = b->words[100 + next_random(&state) % 10000];
        b->ids[i] = (int64_t)i + 1;
        b->items[i].id = arena_printf(&b->arena, "%zu", i);
        b->items[i].text =
            arena_printf(&b->arena, "%s AND (%s OR %s) AND NOT %s", w[0], w[1], w[2], w[3]);
        b->fts[i] = arena_printf(&b->arena, "(%s AND (%s OR %s)) NOT %s", w[0], w[1], w[2], w[3]);
    }
    /* Nobody has so many followers; the mood and the language have to be known all the same. */
    for (size_t i = QUERIES; i < QUERIES + RATING_QUERIES; i++) {
        b->ids[i] = (int64_t)i + 1;
        b->items[i].id = arena_printf(&b->arena, "%zu", i);
        b->items[i].text = i == QUERIES ? S("sentiment:negative AND followers:>1000000")
                                        : S("lang:en AND followers:>1000000");
    }
}

/* ---- decode ---------------------------------------------------------------------------------- */

static double run_decode(struct bench *b, bool keep)
{
    struct decode_options options = {.format = DECODE_NATIVE};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct decode_block block;
    struct decode_batch scratch;
    struct err err = {0};
    bool has_block = true;
    uint64_t started = processor_ns(), posts = 0;

    decode_block_init(&block);
    decode_batch_init(&scratch);
    must(decode_input_open_bytes(&in, S("bench"), buf_str(&b->lines), &options, &b->arena, &err),
         &err);
    must(decoder_create(&d, &err), &err);
    for (;;) {
        must(decode_input_next(in, &block, &has_block, &err), &err);
        if (!has_block)
            break;
        struct decode_batch *batch = keep ? &b->batches[b->batch_count++] : &scratch;
        if (keep)
            decode_batch_init(batch);
        must(decoder_run(d, &block, batch, &err), &err);
        posts += batch->posts.count;
    }
    double seconds = seconds_since(started);
    if (posts != b->posts) {
        fprintf(stderr, "bench_intake: %llu posts decoded\n", (unsigned long long)posts);
        exit(1);
    }
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    decode_batch_deinit(&scratch);
    return seconds;
}

static double run_simdjson(struct bench *b)
{
    struct json_bulk *json = NULL;
    struct err err = {0};
    Str rest = buf_str(&b->lines), line;
    JsonNode root;
    uint64_t started = processor_ns();

    must(json_bulk_create(&json, &err), &err);
    while (rest.len > 256) { /* the last lines lack the padding */
        str_cut(rest, '\n', &line, &rest);
        must(json_bulk_parse_padded(json, line, &root, &err), &err);
    }
    json_bulk_destroy(&json);
    return seconds_since(started);
}

/* ---- intake ---------------------------------------------------------------------------------- */

/* What one worker does with its share of the lines. */
struct worker {
    Str lines;
    struct query_set *set;
    double seconds; /* of its thread */
    uint64_t posts, matches;
};

static double thread_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void work(void *context)
{
    struct worker *w = context;
    struct decode_options options = {.format = DECODE_NATIVE};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct intake *intake = NULL;
    struct decode_block block;
    struct decode_batch batch;
    struct intake_items items = {0};
    struct arena arena;
    struct err err = {0};
    bool has_block = true;

    arena_init(&arena, GIB);
    must(intake_create(&intake, w->set, &err) && decoder_create(&d, &err), &err);
    decode_block_init(&block);
    decode_batch_init(&batch);
    double started = thread_seconds();
    must(decode_input_open_bytes(&in, S("bench"), w->lines, &options, &arena, &err), &err);
    while (decode_input_next(in, &block, &has_block, &err) && has_block) {
        must(decoder_run(d, &block, &batch, &err) && intake_batch(intake, &batch, &items, &err),
             &err);
        w->posts += items.count;
        vec_each (struct archive_item, item, &items)
            w->matches += item->query_count;
    }
    w->seconds = thread_seconds() - started;
    intake_destroy(&intake);
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    decode_batch_deinit(&batch);
    vec_deinit(&items);
    arena_deinit(&arena);
}

/* Seconds of the worker that took longest; each has its share of the lines, and the set is shared.
 */
static double run_intake(struct bench *b, struct query_set *set, size_t count)
{
    struct worker workers[WORKERS_MAX] = {0};
    struct thread threads[WORKERS_MAX] = {0};
    struct err err = {0};
    Str rest = buf_str(&b->lines);
    double longest = 0;
    uint64_t posts = 0;

    for (size_t i = 0; i < count; i++) {
        size_t cut = rest.len / (count - i);
        cut += str_find_byte(str_sub(rest, cut, rest.len), '\n');
        workers[i] = (struct worker){.lines = str_sub(rest, 0, cut + 1), .set = set};
        rest = str_sub(rest, workers[i].lines.len, rest.len);
        must(thread_create(&threads[i], "intake", work, &workers[i], &err), &err);
    }
    b->ours_matches = 0;
    for (size_t i = 0; i < count; i++) {
        thread_join(&threads[i]);
        b->ours_matches += workers[i].matches;
        posts += workers[i].posts;
        longest = workers[i].seconds > longest ? workers[i].seconds : longest;
    }
    if (posts != b->posts) {
        fprintf(stderr, "bench_intake: %llu posts taken in\n", (unsigned long long)posts);
        exit(1);
    }
    return longest;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    must_sql(db, sqlite3_prepare_v2(db, sql, -1, &stmt, NULL));
    return stmt;
}

static void run_sql(sqlite3 *db, const char *sql)
{
    must_sql(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void insert_texts(struct bench *b, sqlite3 *db, size_t rows_a_commit)
{
    sqlite3_stmt *insert = prepare(db, "INSERT INTO batch (rowid, text) VALUES (?1, ?2)");
    sqlite3_int64 row = 0;

    run_sql(db, "BEGIN");
    for (size_t i = 0; i < b->batch_count; i++) {
        vec_each (struct decoded, decoded, &b->batches[i].posts) {
            Str text = decoded->post.text;
            sqlite3_bind_int64(insert, 1, ++row);
            sqlite3_bind_text(insert, 2, text.ptr, (int)text.len, SQLITE_STATIC);
            must_sql(db, sqlite3_step(insert));
            sqlite3_reset(insert);
            if (rows_a_commit > 0 && row % (sqlite3_int64)rows_a_commit == 0)
                run_sql(db, "COMMIT; BEGIN");
        }
    }
    run_sql(db, "COMMIT");
    sqlite3_finalize(insert);
}

static double run_inversion(struct bench *b)
{
    sqlite3 *db = NULL;
    uint64_t started = processor_ns();

    must_sql(db, sqlite3_open(":memory:", &db));
    run_sql(db, "CREATE VIRTUAL TABLE batch USING fts5(text, content='', columnsize=0,"
                " tokenize='ascii');"
                "INSERT INTO batch(batch, rank) VALUES('hashsize', 268435456);"
                "INSERT INTO batch(batch, rank) VALUES('automerge', 0)");
    insert_texts(b, db, 0);
    sqlite3_stmt *count = prepare(db, "SELECT count(*) FROM batch WHERE batch MATCH ?1");
    b->peer_matches = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        sqlite3_bind_text(count, 1, b->fts[i].ptr, (int)b->fts[i].len, SQLITE_STATIC);
        must_sql(db, sqlite3_step(count));
        b->peer_matches += (uint64_t)sqlite3_column_int64(count, 0);
        sqlite3_reset(count);
    }
    sqlite3_finalize(count);
    sqlite3_close(db);
    return seconds_since(started);
}

/* ---- archive --------------------------------------------------------------------------------- */

static Str temp_dir(struct bench *b)
{
    char name[] = "/tmp/trimtab-bench-XXXXXX";

    if (!mkdtemp(name))
        exit(1);
    return arena_printf(&b->arena, "%s", name);
}

/* An archive whose only query is satisfied by every post. */
struct store {
    Str dir;
    struct query_set *set;
    struct intake *intake;
    struct archive *archive;
    struct intake_items items;
    int64_t blocks;
};

static void store_open(struct bench *b, struct store *s)
{
    static const struct query_set_item all = {{"all", 3}, {"source:bench", 12}};
    static const int64_t one = 1;
    struct err err = {0};

    *s = (struct store){.dir = temp_dir(b)};
    must(query_set_create(&s->set, &all, 1, &(struct query_set_options){.numbers = &one}, NULL,
                          NULL, &err),
         &err);
    must(intake_create(&s->intake, s->set, &err), &err);
    must(archive_open(&s->archive, s->dir, ARCHIVE_WRITE, &err), &err);
}

static void store_close(struct store *s)
{
    struct err err = {0};

    archive_close(&s->archive);
    intake_destroy(&s->intake);
    query_set_release(&s->set);
    vec_deinit(&s->items);
    must(dir_remove_all(s->dir, &err), &err);
}

/* Writes all batches; seconds of the writing alone. */
static double store_write(struct bench *b, struct store *s)
{
    struct archive_counts counts = {0};
    struct err err = {0};
    uint64_t spent = 0;

    for (size_t i = 0; i < b->batch_count; i++) {
        must(intake_batch(s->intake, &b->batches[i], &s->items, &err), &err);
        struct archive_batch batch = {.items = s->items.items,
                                      .count = s->items.count,
                                      .import = 1,
                                      .block = s->blocks++,
                                      .imported_at_ms = 1,
                                      .query_set = 1};
        uint64_t started = processor_ns();
        must(archive_write(s->archive, &batch, &counts, &err), &err);
        spent += processor_ns() - started;
    }
    if (counts.added != b->posts) {
        fprintf(stderr, "bench_intake: %llu posts added\n", (unsigned long long)counts.added);
        exit(1);
    }
    return (double)spent / 1e9;
}

static double run_archive(struct bench *b)
{
    struct store s;

    store_open(b, &s);
    double seconds = store_write(b, &s);
    store_close(&s);
    return seconds;
}

static void run_sustained(struct bench *b, size_t posts)
{
    struct store s;
    double first = 0, last = 0;

    store_open(b, &s);
    printf("sustained ours, posts/s after so many posts:");
    while (b->first < posts) {
        for (size_t i = 0; i < b->batch_count; i++)
            decode_batch_deinit(&b->batches[i]);
        b->batch_count = 0;
        make_posts(b);
        (void)run_decode(b, true);
        double seconds = store_write(b, &s);
        first = first > 0 ? first : seconds;
        last = seconds;
        b->first += b->posts;
        printf("  %zuk %.0f", b->first / 1000, (double)b->posts / seconds);
        fflush(stdout);
    }
    printf("\n");
    store_close(&s);
    bench_row_put(
        &(struct bench_row){.work = "archive after 1,000,000 posts, against its beginning",
                            .unit = "times",
                            .ours = first / last,
                            .bar = {BENCH_FIGURE, 0.9}});
}

static double run_fts_disk(struct bench *b)
{
    Str dir = temp_dir(b), path = path_join(&b->arena, dir, S("peer.db"));
    sqlite3 *db = NULL;
    struct err err = {0};

    must_sql(db, sqlite3_open(path.ptr, &db));
    run_sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "CREATE VIRTUAL TABLE batch USING fts5(text)");
    uint64_t started = processor_ns();
    insert_texts(b, db, 5000);
    double seconds = seconds_since(started);
    sqlite3_close(db);
    must(dir_remove_all(dir, &err), &err);
    return seconds;
}

/* ---- table ----------------------------------------------------------------------------------- */

static int f64_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(const struct bench *b, double *seconds)
{
    qsort(seconds, b->rounds, sizeof *seconds, f64_cmp);
    return seconds[b->rounds / 2];
}

static double spread(const struct bench *b, const double *sorted)
{
    return (sorted[b->rounds - 1] - sorted[0]) / sorted[b->rounds / 2];
}

/* Takes the rates of both sides into the row, prints it and hands it to the summary. */
static void put_row(const struct bench *b, const char *name, struct bench_row row,
                    struct times *times)
{
    row.unit = "posts/s";
    row.ours = (double)b->posts / median(b, times->ours);
    row.spread = spread(b, times->ours);
    printf("%-9s  ours %9.0f posts/s (spread %4.1f %%)", name, row.ours, 100 * row.spread);
    if (row.peer) {
        row.peer_figure = (double)b->posts / median(b, times->peer);
        row.peer_spread = spread(b, times->peer);
        printf("   %-26s %9.0f posts/s (%4.1f %%)   %6.2f x", row.peer, row.peer_figure,
               100 * row.peer_spread, bench_times_peer(&row));
    }
    printf("\n");
    fflush(stdout);
    bench_row_put(&row);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void bench_decode(struct bench *b)
{
    struct times times;

    for (size_t i = 0; i < b->rounds; i++) {
        times.ours[i] = run_decode(b, false);
        times.peer[i] = run_simdjson(b);
    }
    put_row(b, "decode",
            (struct bench_row){.work = "decode native lines", .peer = "simdjson alone"}, &times);
}

static struct query_set *make_set(struct bench *b, size_t count)
{
    struct query_set_options options = {.numbers = b->ids};
    struct query_set *set = NULL;
    struct err err = {0};

    must(query_set_create(&set, b->items, count, &options, NULL, NULL, &err), &err);
    return set;
}

static bool bench_intakes(struct bench *b)
{
    struct query_set *set = make_set(b, QUERIES), *rating = make_set(b, QUERIES + RATING_QUERIES);
    struct times one, two, rated;

    for (size_t i = 0; i < b->rounds; i++) {
        rated.ours[i] = run_intake(b, rating, 1);
        two.ours[i] = run_intake(b, set, WORKERS_MAX);
        one.ours[i] = run_intake(b, set, 1);
        one.peer[i] = run_inversion(b);
    }
    put_row(b, "intake",
            (struct bench_row){.work = "intake, 10,000 queries",
                               .peer = "SQLite " SQLITE_VERSION " FTS5, batch",
                               .bar = {BENCH_FIGURE, 250e3},
                               .reach = {BENCH_FIGURE, 500e3}},
            &one);
    put_row(b, "all rated",
            (struct bench_row){.work = "intake, language and mood of every post",
                               .bar = {BENCH_FIGURE, 250e3}},
            &rated);
    put_row(b, "two cores", (struct bench_row){.work = "intake on two cores"}, &two);
    bench_row_put(&(struct bench_row){.work = "intake on two cores, against one",
                                      .unit = "times",
                                      .ours = median(b, one.ours) / median(b, two.ours),
                                      .spread = spread(b, two.ours),
                                      .bar = {BENCH_FIGURE, 1.8}});
    printf("matches: ours %llu, peer %llu\n", (unsigned long long)b->ours_matches,
           (unsigned long long)b->peer_matches);
    query_set_release(&set);
    query_set_release(&rating);
    return b->ours_matches == b->peer_matches;
}

static void bench_archive(struct bench *b)
{
    struct times times;

    for (size_t i = 0; i < b->rounds; i++) {
        times.ours[i] = run_archive(b);
        times.peer[i] = run_fts_disk(b);
    }
    put_row(b, "archive",
            (struct bench_row){.work = "archive",
                               .peer = "SQLite " SQLITE_VERSION " FTS5 table on disk",
                               .bar = {BENCH_FIGURE, 60e3}},
            &times);
}

int main(int argc, char **argv)
{
    static struct bench b;
    bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;

    b.posts = is_quick ? 30000 : 150000;
    b.rounds = is_quick ? 1 : 3;
    arena_init(&b.arena, 4 * GIB);
    buf_init(&b.lines, 4 * GIB);
    make_words(&b);
    make_posts(&b);
    make_queries(&b);
    b.batches = calloc(b.lines.len / (DECODE_BLOCK_BYTES / 2) + 2, sizeof *b.batches);
    (void)run_decode(&b, true);
    printf("%zu posts, %.1f MB of JSON lines, %d queries, SQLite %s\n", b.posts,
           (double)b.lines.len / 1e6, QUERIES, sqlite3_libversion());
    bench_decode(&b);
    bool agree = bench_intakes(&b);
    bench_archive(&b);
    run_sustained(&b, is_quick ? 300000 : 1000000);
    return agree ? 0 : 1;
}
