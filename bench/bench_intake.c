/* bench_intake.c - how many posts a second come in: decoded, matched, rated, stored?
 *
 *   decode    JSON lines to posts                 peer: simdjson alone on the same lines
 *   intake    decode, words, 10,000 queries, language and mood of what matched (no archive)
 *                                                 peer: batch inversion in SQLite FTS5 of the texts
 *                                                 (index a batch, run every query against it)
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

enum { VOCABULARY = 20000, QUERIES = 10000, ROUNDS_MAX = 5 };

struct bench {
    size_t posts, rounds;
    size_t first;     /* number of the first post */
    struct buf lines; /* native JSON, one a line */
    char words[VOCABULARY][12];
    struct query_set_item items[QUERIES];
    int64_t ids[QUERIES];
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

static double run_intake(struct bench *b, struct query_set *set)
{
    struct decode_options options = {.format = DECODE_NATIVE};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct intake *intake = NULL;
    struct decode_block block;
    struct decode_batch batch;
    struct intake_items items = {0};
    struct err err = {0};
    bool has_block = true;

    must(intake_create(&intake, set, &err), &err);
    must(decoder_create(&d, &err), &err);
    decode_block_init(&block);
    decode_batch_init(&batch);
    b->ours_matches = 0;
    uint64_t started = processor_ns();
    must(decode_input_open_bytes(&in, S("bench"), buf_str(&b->lines), &options, &b->arena, &err),
         &err);
    for (;;) {
        must(decode_input_next(in, &block, &has_block, &err), &err);
        if (!has_block)
            break;
        must(decoder_run(d, &block, &batch, &err), &err);
        must(intake_batch(intake, &batch, &items, &err), &err);
        vec_each (struct archive_item, item, &items)
            b->ours_matches += item->query_count;
    }
    double seconds = seconds_since(started);
    intake_destroy(&intake);
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    decode_batch_deinit(&batch);
    vec_deinit(&items);
    return seconds;
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

    store_open(b, &s);
    printf("sustained ours, posts/s after so many posts:");
    while (b->first < posts) {
        for (size_t i = 0; i < b->batch_count; i++)
            decode_batch_deinit(&b->batches[i]);
        b->batch_count = 0;
        make_posts(b);
        (void)run_decode(b, true);
        double seconds = store_write(b, &s);
        b->first += b->posts;
        printf("  %zuk %.0f", b->first / 1000, (double)b->posts / seconds);
        fflush(stdout);
    }
    printf("\n");
    store_close(&s);
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

static void print_row(const struct bench *b, const char *name, const char *peer,
                      struct times *times)
{
    size_t n = b->rounds;

    qsort(times->ours, n, sizeof(double), f64_cmp);
    qsort(times->peer, n, sizeof(double), f64_cmp);
    double ours = times->ours[n / 2], other = times->peer[n / 2];
    printf(
        "%-8s  ours %9.0f posts/s (spread %4.1f %%)   %-22s %9.0f posts/s (%4.1f %%)   %6.2f x\n",
        name, (double)b->posts / ours, 100 * (times->ours[n - 1] - times->ours[0]) / ours, peer,
        (double)b->posts / other, 100 * (times->peer[n - 1] - times->peer[0]) / other,
        other / ours);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct query_set *set = NULL;
    struct times times;
    struct err err = {0};
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
    must(query_set_create(&set, b.items, QUERIES, &(struct query_set_options){.numbers = b.ids},
                          NULL, NULL, &err),
         &err);
    printf("%zu posts, %.1f MB of JSON lines, %d queries, SQLite %s\n", b.posts,
           (double)b.lines.len / 1e6, QUERIES, sqlite3_libversion());
    for (size_t i = 0; i < b.rounds; i++) {
        times.ours[i] = run_decode(&b, false);
        times.peer[i] = run_simdjson(&b);
    }
    print_row(&b, "decode", "simdjson alone", &times);
    for (size_t i = 0; i < b.rounds; i++) {
        times.ours[i] = run_intake(&b, set);
        times.peer[i] = run_inversion(&b);
    }
    print_row(&b, "intake", "FTS5 batch inversion", &times);
    for (size_t i = 0; i < b.rounds; i++) {
        times.ours[i] = run_archive(&b);
        times.peer[i] = run_fts_disk(&b);
    }
    print_row(&b, "archive", "FTS5 table on disk", &times);
    printf("matches: ours %llu, peer %llu\n", (unsigned long long)b.ours_matches,
           (unsigned long long)b.peer_matches);
    run_sustained(&b, is_quick ? 300000 : 1000000);
    query_set_release(&set);
    return b.ours_matches == b.peer_matches ? 0 : 1;
}
