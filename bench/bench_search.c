/* bench_search.c - how long does a search of the archive take, as the archive grows?
 *
 *   archive   mentions into month segments with their index of words, in steps: does the rate hold?
 *   search    a page of 25, the exact total and all facets, for every form of query; the archive
 * stays open, as it does in a server.    peer: one FTS5 table of the same texts with places, and a
 * table for one facet: page, total and posts by language (and no other facet)
 *
 * The same posts in the same run. Processor time of this process, so that other work on the machine
 * does not count; p50 and p95 of the queries of a form. Posts: seeded, twelve months, words of a
 * vocabulary of 200,000 by a power law, mean 22 words (at least 3, at most 90), 300,000 authors by
 * a power law, six sources, five languages, 40 queries. Words and phrases of queries are taken from
 * posts, so all of them occur. Totals of both sides are compared where both can say the query.
 *
 *     bench_search [--quick] [--archive] [--posts N] [--peer N] [--dir DIR]
 *     bench_search --large [--dir DIR]
 *
 * --posts: the largest archive, made in steps (1,000,000); --peer: the largest table of the peer;
 * --archive: no search. --large: only the archive of ten millions, which is kept as
 * DIR/trimtab-bench-search-large (6 GB): made when it is not there, which takes minutes, else
 * asked as it is. Where it lies already, a run without --large asks it at its end.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/limits.h"
#include "listen/search/search.h"
#include "os/file.h"
#include "os/queue.h"
#include "os/thread.h"
#include "row.h"

enum {
    VOCABULARY = 200000,
    AUTHORS = 300000,
    BATCH = 8192,
    MONTHS = 12,
    QUERIES_PER_FORM = 24,
    QUERY_BYTES = 400
};
#define FIRST_MS INT64_C(1735689600000) /* 2025-01-01 */

static char (*words)[14];
static uint64_t state = 42;

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_search: %s (%s)\n", err->msg, err->origin ? err->origin : "?");
    exit(1);
}

static void must_sql(sqlite3 *db, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return;
    fprintf(stderr, "bench_search: peer: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double processor_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- the world ------------------------------------------------------------------------------- */

static uint64_t next_random(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return state >> 33;
}

static double next_unit(void)
{
    return (double)next_random() / 2147483648.0;
}

/* Rank with a density falling as 1 / rank. */
static size_t next_rank(size_t count)
{
    size_t rank = (size_t)exp(next_unit() * log((double)count + 1)) - 1;

    return rank < count ? rank : count - 1;
}

static void make_words(void)
{
    words = calloc(VOCABULARY, sizeof *words);
    for (size_t i = 0; i < VOCABULARY; i++) {
        static const char syllables[][3] = {"ba", "re", "ti", "no", "ku", "la", "se", "mo",
                                            "pi", "da", "ve", "gu", "fa", "ne", "to", "ri"};
        size_t at = 0, rest = i;
        do {
            memcpy(words[i] + at, syllables[rest % 16], 2);
            at += 2;
            rest /= 16;
        } while (rest > 0);
        words[i][at] = 'x'; /* no word begins another by chance */
    }
}

/* What is kept of every post for the peer and for queries: its text is made again from its seed. */
static size_t make_text(uint64_t seed, char *out)
{
    uint64_t before = state;
    size_t at = 0;

    state = seed;
    size_t count = (size_t)(exp(next_unit() * 2.2 + 1.6 + next_unit()) * 0.75);
    count = count < 3 ? 3 : count > 90 ? 90 : count;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[next_rank(VOCABULARY)];
        size_t len = strlen(word);
        memcpy(out + at, word, len);
        at += len;
        out[at++] = i % 9 == 8 ? '.' : ' ';
        if (i % 9 == 8)
            out[at++] = ' ';
    }
    state = before;
    return at;
}

static uint64_t seed_of(size_t post)
{
    return (post + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

struct world {
    size_t total; /* of the whole run: posts spread evenly over the months */
    bool is_large;
    struct archive *archive;
    Str dir;
    int64_t block;
    bool is_archive_only;
};

static int64_t time_of(const struct world *w, size_t post)
{
    return FIRST_MS + (int64_t)((double)post / (double)w->total * MONTHS * 30.4 * 86400000.0);
}

static void make_post(const struct world *w, size_t number, struct arena *a,
                      struct archive_item *item)
{
    static const char *const sources[] = {"forum", "micro", "video", "review", "news", "photo"};
    static const char *const langs[] = {"en", "de", "fr", "es", "it"};
    static const char *const countries[] = {"DE", "US", "FR", "GB", "IT", "ES", "AT", "CH", "", ""};
    uint64_t seed = seed_of(number);
    struct post *post = arena_new(a, struct post, 1);
    int64_t *queries = arena_new(a, int64_t, 3);
    char text[2000];

    *post = (struct post){.id = arena_printf(a, "%zu", number),
                          .source = str_from_cstr(sources[next_rank(6)]),
                          .kind = next_unit() < 0.7 ? S("post") : S("reply"),
                          .created_at_ms = time_of(w, number) + (int64_t)(next_random() % 3600000),
                          .has_created_at = true,
                          .lang = str_from_cstr(langs[next_rank(5)]),
                          .country = str_from_cstr(countries[next_random() % 10]),
                          .rating = NAN};
    post->text = arena_str(a, (Str){text, make_text(seed, text)});
    post->author.handle = arena_printf(a, "user%zu", next_rank(AUTHORS));
    post->author.followers = (int64_t)(next_random() % 5000);
    post->author.verified = POST_UNKNOWN;
    post->metrics = (struct post_metrics){(int64_t)next_rank(200), (int64_t)next_rank(20),
                                          (int64_t)next_rank(30), POST_UNKNOWN};
    *item = (struct archive_item){.post = post,
                                  .identity = post_identity(post->source, post->id),
                                  .content = post_content(post),
                                  .polarity = (enum post_polarity)((int)(next_random() % 3) - 1),
                                  .compound = 0.25,
                                  .queries = queries,
                                  .query_count = 1 + next_random() % 2};
    queries[0] = 1 + (int64_t)next_rank(20);
    queries[1] = 21 + (int64_t)next_rank(20);
}

/* ---- archive --------------------------------------------------------------------------------- */

/* Posts are made by a thread of their own, as an import decodes them beside its writer. */
struct load {
    struct arena arena;
    struct archive_item *items;
    size_t count;
};

struct maker {
    const struct world *w;
    size_t from, to;
    struct load loads[4];
    struct queue *idle, *full;
    double seconds; /* of the processor */
};

static void maker_main(void *context)
{
    struct maker *m = context;
    void *item, *dropped;

    for (size_t at = m->from; at < m->to; at += BATCH) {
        if (queue_pop(m->idle, &item) != QUEUE_OK)
            return;
        struct load *load = item;
        arena_reset(&load->arena);
        load->count = m->to - at < BATCH ? m->to - at : BATCH;
        for (size_t i = 0; i < load->count; i++)
            make_post(m->w, at + i, &load->arena, &load->items[i]);
        if (queue_push(m->full, load, &dropped) != QUEUE_OK)
            return;
    }
    m->seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    queue_close(m->full);
}

static void maker_start(struct maker *m, struct thread *thread)
{
    struct err err = {0};
    void *dropped;

    must(queue_create(&m->idle, COUNT_OF(m->loads), QUEUE_BLOCK, &err), &err);
    must(queue_create(&m->full, COUNT_OF(m->loads), QUEUE_BLOCK, &err), &err);
    for (size_t i = 0; i < COUNT_OF(m->loads); i++) {
        arena_init(&m->loads[i].arena, GIB);
        m->loads[i].items = calloc(BATCH, sizeof *m->loads[i].items);
        (void)!queue_push(m->idle, &m->loads[i], &dropped);
    }
    must(thread_create(thread, "maker", maker_main, m, &err), &err);
}

static void maker_end(struct maker *m, struct thread *thread)
{
    thread_join(thread);
    for (size_t i = 0; i < COUNT_OF(m->loads); i++) {
        arena_deinit(&m->loads[i].arena);
        free(m->loads[i].items);
    }
    queue_destroy(&m->idle);
    queue_destroy(&m->full);
}

static void write_load(struct world *w, const struct load *load)
{
    struct archive_counts counts = {0};
    struct err err = {0};
    struct archive_batch batch = {.items = load->items,
                                  .count = load->count,
                                  .import = 1,
                                  .block = w->block++,
                                  .imported_at_ms = FIRST_MS,
                                  .query_set = 1};

    must(archive_write(w->archive, &batch, &counts, &err), &err);
}

/* Clocks of a stretch of writing. */
struct clocks {
    double elapsed, processor, writer;
};

static struct clocks clocks_now(void)
{
    return (struct clocks){seconds_of(CLOCK_MONOTONIC), processor_seconds(),
                           seconds_of(CLOCK_THREAD_CPUTIME_ID)};
}

static void report_rate(const char *what, size_t from, size_t to, struct clocks c)
{
    double posts = (double)(to - from);

    printf("  %-8s %9zu to %9zu  %8.0f posts/s elapsed; %8.0f a second of one processor, %8.0f a "
           "second of the writing thread\n",
           what, from, to, posts / c.elapsed, posts / c.processor, posts / c.writer);
    fflush(stdout);
}

/* From opening to closing, everything made and indexed; in parts of a million, to see whether the
 * rate holds. */
static void archive_posts(struct world *w, size_t from, size_t to)
{
    struct maker maker = {.w = w, .from = from, .to = to};
    struct thread thread = {0};
    struct err err = {0};
    void *item, *dropped;
    struct clocks began = clocks_now(), last = began, now;
    size_t at = from, part = from;

    must(archive_open(&w->archive, w->dir, ARCHIVE_WRITE, &err), &err);
    maker_start(&maker, &thread);
    while (queue_pop(maker.full, &item) == QUEUE_OK) {
        struct load *load = item;
        write_load(w, load);
        at += load->count;
        (void)!queue_push(maker.idle, load, &dropped);
        if (at - part < 1000000 || at >= to)
            continue;
        now = clocks_now();
        report_rate("  of it", part, at, /* with the making of the posts */
                    (struct clocks){now.elapsed - last.elapsed, now.processor - last.processor,
                                    now.writer - last.writer});
        last = now;
        part = at;
    }
    must(archive_forget_import(w->archive, 1, &err), &err);
    archive_close(&w->archive);
    maker_end(&maker, &thread);
    now = clocks_now();
    double elapsed = now.elapsed - began.elapsed;
    report_rate("archive", from, to,
                (struct clocks){elapsed, now.processor - began.processor - maker.seconds,
                                now.writer - began.writer});
    if (to == w->total)
        bench_row_put(
            &(struct bench_row){.work = w->is_large ? "archive with its index of words, to 10 M"
                                                    : "archive with its index of words, sustained",
                                .unit = "posts/s",
                                .ours = (double)(to - from) / elapsed,
                                .bar = {BENCH_FIGURE, 60000}});
}

/* ---- queries --------------------------------------------------------------------------------- */

enum form {
    FORM_RARE,
    FORM_COMMON,
    FORM_PHRASE,
    FORM_PHRASE_COMMON,
    FORM_NEAR,
    FORM_BOOLEAN,
    FORM_GROUPS,
    FORM_FILTER,
    FORM_PREFIX,
    FORM_COUNTED,
    FORM_SENTENCE,
    FORM_COUNT_
};
static const char *const form_names[] = {
    "rare word",      "common word",  "phrase", "frequent phrase", "NEAR",    "a AND b NOT c",
    "OR of ten, AND", "word, fields", "prefix", "COUNT, title:",   "SENTENCE"};

struct asked {
    char ours[QUERY_BYTES], peer[QUERY_BYTES]; /* peer empty: it cannot say that */
};

/* Some words of one post, one behind the other, the first of a rank in [low, high). */
static bool pick(size_t posts, size_t low, size_t high, char (*out)[14], size_t count)
{
    char text[2000], copy[2000], *rest_of;

    for (int tries = 0; tries < 2000; tries++) {
        size_t len = make_text(seed_of(next_random() % posts), text), n = 0;
        text[len] = '\0';
        memcpy(copy, text, len + 1);
        for (char *word = strtok_r(copy, " ", &rest_of); word;
             word = strtok_r(NULL, " ", &rest_of)) {
            size_t rank = 0, place = 1;
            bool ends = strchr(word, '.') != NULL;
            if (ends)
                *strchr(word, '.') = '\0';
            if (n == 0) {
                for (size_t i = 0; word[i] != 'x' && word[i]; i += 2, place *= 16)
                    for (size_t s = 0; s < 16; s++)
                        if (strncmp(words[s], word + i, 2) == 0)
                            rank += s * place;
                if (rank < low || rank >= high)
                    continue;
            }
            snprintf(out[n++], 14, "%s", word);
            if (n == count)
                return true;
        }
    }
    return false;
}

static void make_query(enum form form, size_t posts, struct asked *q)
{
    char w[10][14];

    q->peer[0] = '\0';
#define BOTH(...)                                                                                  \
    (snprintf(q->ours, QUERY_BYTES, __VA_ARGS__), snprintf(q->peer, QUERY_BYTES, __VA_ARGS__))
    switch (form) {
    case FORM_RARE:
        pick(posts, 20000, VOCABULARY, w, 1);
        BOTH("%s", w[0]);
        break;
    case FORM_COMMON:
        pick(posts, 20, 300, w, 1);
        BOTH("%s", w[0]);
        break;
    case FORM_PHRASE:
        pick(posts, 300, 20000, w, 2);
        BOTH("\"%s %s\"", w[0], w[1]);
        break;
    case FORM_PHRASE_COMMON:
        pick(posts, 0, 40, w, 2);
        BOTH("\"%s %s\"", w[0], w[1]);
        break;
    case FORM_NEAR:
        pick(posts, 40, 2000, w, 3);
        snprintf(q->ours, QUERY_BYTES, "%s NEAR/5 %s", w[0], w[2]);
        snprintf(q->peer, QUERY_BYTES, "NEAR(%s %s, 5)", w[0], w[2]);
        break;
    case FORM_BOOLEAN:
        pick(posts, 20, 2000, w, 3);
        snprintf(q->ours, QUERY_BYTES, "%s AND %s AND NOT %s", w[0], w[1], w[2]);
        snprintf(q->peer, QUERY_BYTES, "(%s AND %s) NOT %s", w[0], w[1], w[2]);
        break;
    case FORM_GROUPS:
        for (size_t i = 0; i < 8; i++)
            pick(posts, 100, 20000, w + i, 1);
        pick(posts, 20, 200, w + 8, 1);
        pick(posts, 20, 200, w + 9, 1);
        BOTH("(%s OR %s OR %s OR %s OR %s OR %s OR %s OR %s) AND (%s OR %s)", w[0], w[1], w[2],
             w[3], w[4], w[5], w[6], w[7], w[8], w[9]);
        break;
    case FORM_FILTER:
        pick(posts, 20, 2000, w, 1);
        snprintf(q->ours, QUERY_BYTES,
                 "%s AND lang:de AND sentiment:negative AND followers:[1000 TO 4000]", w[0]);
        break;
    case FORM_PREFIX:
        pick(posts, 300, 20000, w, 1);
        w[0][4] = '\0';
        BOTH("%s*", w[0]);
        break;
    case FORM_COUNTED:
        pick(posts, 20, 300, w, 1);
        snprintf(q->ours, QUERY_BYTES, "COUNT(%s) >= 2", w[0]);
        break;
    case FORM_SENTENCE:
        pick(posts, 40, 2000, w, 2);
        snprintf(q->ours, QUERY_BYTES, "SENTENCE(%s AND %s)", w[0], w[1]);
        break;
    case FORM_COUNT_:
        break;
    }
}

/* ---- ours ------------------------------------------------------------------------------------ */

struct measured {
    double ms[QUERIES_PER_FORM];
    int64_t totals[QUERIES_PER_FORM];
};

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double quantile(const struct measured *m, double share)
{
    double sorted[QUERIES_PER_FORM];

    memcpy(sorted, m->ms, sizeof sorted);
    qsort(sorted, QUERIES_PER_FORM, sizeof *sorted, double_cmp);
    return sorted[(size_t)ceil(share * QUERIES_PER_FORM) - 1];
}

static void ask_ours(struct archive *a, const struct asked *queries, enum search_order order,
                     struct measured *out)
{
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, GIB);
    for (size_t i = 0; i < QUERIES_PER_FORM; i++) {
        struct search_request request = {.query = str_from_cstr(queries[i].ours),
                                         .limit = 25,
                                         .has_facets = true,
                                         .order = order};
        struct search_result found;
        arena_reset(&arena);
        double started = processor_seconds();
        must(search_posts(a, &arena, &request, &found, &err), &err);
        out->ms[i] = (processor_seconds() - started) * 1000;
        out->totals[i] = found.sampled > 0 ? -1 : found.total;
    }
    arena_deinit(&arena);
}

/* ---- the peer -------------------------------------------------------------------------------- */

static void run_sql(sqlite3 *db, const char *sql)
{
    must_sql(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void peer_add(sqlite3 *db, size_t from, size_t to)
{
    sqlite3_stmt *text = NULL, *meta = NULL;
    char bytes[2000];
    double started = processor_seconds();

    run_sql(db, "BEGIN");
    must_sql(db, sqlite3_prepare_v2(db, "INSERT INTO post (rowid, text) VALUES (?1, ?2)", -1, &text,
                                    NULL));
    must_sql(
        db, sqlite3_prepare_v2(db, "INSERT INTO meta (id, lang) VALUES (?1, ?2)", -1, &meta, NULL));
    for (size_t i = from; i < to; i++) {
        size_t len = make_text(seed_of(i), bytes);
        sqlite3_bind_int64(text, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_text(text, 2, bytes, (int)len, SQLITE_STATIC);
        must_sql(db, sqlite3_step(text));
        sqlite3_reset(text);
        sqlite3_bind_int64(meta, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_int64(meta, 2, (sqlite3_int64)(i % 5));
        must_sql(db, sqlite3_step(meta));
        sqlite3_reset(meta);
        if (i % BATCH == BATCH - 1) {
            run_sql(db, "COMMIT");
            run_sql(db, "BEGIN");
        }
    }
    run_sql(db, "COMMIT");
    sqlite3_finalize(text);
    sqlite3_finalize(meta);
    printf("  FTS5     %9zu to %9zu  %8.0f texts/s (words alone)\n", from, to,
           (double)(to - from) / (processor_seconds() - started));
    fflush(stdout);
}

static void ask_peer(sqlite3 *db, const struct asked *queries, struct measured *out)
{
    sqlite3_stmt *page = NULL, *facet = NULL;

    must_sql(db, sqlite3_prepare_v2(db,
                                    "SELECT rowid, text FROM post WHERE post MATCH ?1"
                                    " ORDER BY rowid DESC LIMIT 25",
                                    -1, &page, NULL));
    must_sql(db,
             sqlite3_prepare_v2(db,
                                "SELECT lang, count(*) FROM post JOIN meta ON meta.id = post.rowid"
                                " WHERE post MATCH ?1 GROUP BY lang",
                                -1, &facet, NULL));
    for (size_t i = 0; i < QUERIES_PER_FORM; i++) {
        double started = processor_seconds();
        sqlite3_bind_text(page, 1, queries[i].peer, -1, SQLITE_STATIC);
        while (sqlite3_step(page) == SQLITE_ROW)
            continue;
        sqlite3_reset(page);
        sqlite3_bind_text(facet, 1, queries[i].peer, -1, SQLITE_STATIC);
        out->totals[i] = 0;
        while (sqlite3_step(facet) == SQLITE_ROW)
            out->totals[i] += sqlite3_column_int64(facet, 1);
        sqlite3_reset(facet);
        out->ms[i] = (processor_seconds() - started) * 1000;
    }
    sqlite3_finalize(page);
    sqlite3_finalize(facet);
}

/* ---- the table ------------------------------------------------------------------------------- */

static double mean_hits(const struct measured *m)
{
    double sum = 0;

    for (size_t i = 0; i < QUERIES_PER_FORM; i++)
        sum += (double)(m->totals[i] > 0 ? m->totals[i] : 0);
    return sum / QUERIES_PER_FORM;
}

static void compare_totals(enum form form, const struct asked *queries, const struct measured *ours,
                           const struct measured *peer)
{
    for (size_t i = 0; i < QUERIES_PER_FORM; i++)
        if (ours->totals[i] != peer->totals[i]) {
            fprintf(stderr, "bench_search: %s: '%s': %lld, the peer %lld\n", form_names[form],
                    queries[i].ours, (long long)ours->totals[i], (long long)peer->totals[i]);
            exit(1);
        }
}

/* Of the largest archive, in the summary of bench/run. */
static void put_row(enum form form, const struct measured *ours, const struct measured *theirs,
                    bool is_large)
{
    char work[100];

    snprintf(work, sizeof work, "search %s, %s, p95", is_large ? "10 M" : "1 M", form_names[form]);
    bench_row_put(&(struct bench_row){.work = work,
                                      .unit = "ms",
                                      .ours = quantile(ours, 0.95),
                                      .peer = theirs ? "SQLite FTS5 " SQLITE_VERSION : NULL,
                                      .peer_figure = theirs ? quantile(theirs, 0.95) : 0,
                                      .less_is_better = true,
                                      .bar = {BENCH_FIGURE, 50},
                                      .reach = {BENCH_FIGURE, 10}});
}

/* is_row: in the summary. The same questions whether the archive was made by this run or before. */
static void search_all(const struct world *w, sqlite3 *peer, size_t posts, bool is_row)
{
    static struct asked queries[QUERIES_PER_FORM];
    static struct measured ours, relevant, theirs;
    struct archive *a = w->archive;

    state = seed_of(posts);
    printf("  %-16s %10s  %8s %8s  %8s  %8s %8s\n", "search", "mean hits", "p50 ms", "p95 ms",
           "relevant", "FTS5 p50", "FTS5 p95");
    for (int form = 0; form < FORM_COUNT_; form++) {
        for (size_t i = 0; i < QUERIES_PER_FORM; i++)
            make_query((enum form)form, posts, &queries[i]);
        ask_ours(a, queries, SEARCH_NEWEST, &ours); /* once to warm up: a server is warm */
        ask_ours(a, queries, SEARCH_NEWEST, &ours);
        ask_ours(a, queries, SEARCH_RELEVANT, &relevant);
        printf("  %-16s %10.0f  %8.2f %8.2f  %8.2f", form_names[form], mean_hits(&ours),
               quantile(&ours, 0.5), quantile(&ours, 0.95), quantile(&relevant, 0.95));
        if (peer && queries[0].peer[0] != '\0') {
            ask_peer(peer, queries, &theirs);
            compare_totals((enum form)form, queries, &ours, &theirs);
            printf("  %8.2f %8.2f", quantile(&theirs, 0.5), quantile(&theirs, 0.95));
        }
        if (is_row)
            put_row((enum form)form, &ours, peer && queries[0].peer[0] != '\0' ? &theirs : NULL,
                    w->is_large);
        printf("\n");
        fflush(stdout);
    }
}

static long memory_mib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static uint64_t directory_bytes(Str dir, const char *ending)
{
    struct dir_entry *entries;
    struct arena arena;
    struct err err = {0};
    size_t count;
    uint64_t sum = 0;

    arena_init(&arena, 4 * MIB);
    must(dir_list(&arena, dir, &entries, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        sum += str_ends(entries[i].name, str_from_cstr(ending)) ? entries[i].size : 0;
    arena_deinit(&arena);
    return sum;
}

static void ask_stage(struct world *w, sqlite3 *peer, size_t posts, bool is_row)
{
    struct err err = {0};

    must(archive_open(&w->archive, w->dir, ARCHIVE_READ, &err), &err);
    search_all(w, peer, posts, is_row);
    archive_close(&w->archive);
    printf("  %zu posts: segments %.0f MB, words %.0f MB, peak memory %ld MiB\n\n", posts,
           (double)directory_bytes(w->dir, ".db") / 1e6,
           (double)directory_bytes(w->dir, ".words") / 1e6, memory_mib());
    fflush(stdout);
}

/* ---- ten millions ---------------------------------------------------------------------------- */

/* Stands in the folder when the archive is whole. */
static Str large_mark(struct arena *arena, const struct world *w)
{
    return arena_printf(arena, STR_F "/whole", STR_A(w->dir));
}

static void run_large(const char *root, bool is_wanted, bool is_archive_only)
{
    enum { POSTS = 10000000 };
    struct world w = {.total = POSTS, .is_large = true, .is_archive_only = is_archive_only};
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, MIB);
    w.dir = arena_printf(&arena, "%s/trimtab-bench-search-large", root);
    bool is_there = file_exists(large_mark(&arena, &w));
    if (!is_there && is_wanted) {
        must(dir_remove_all(w.dir, &err) && dir_ensure(w.dir, &err), &err);
        archive_posts(&w, 0, POSTS);
        must(file_write_atomic(large_mark(&arena, &w), S("10000000\n"), &err), &err);
        is_there = true;
    } else if (is_there && is_wanted) { /* an index of an older form is made anew */
        must(archive_open(&w.archive, w.dir, ARCHIVE_WRITE, &err), &err);
        must(archive_forget_import(w.archive, 1, &err), &err);
        archive_close(&w.archive);
    }
    if (is_there && !is_archive_only)
        ask_stage(&w, NULL, POSTS, true);
    arena_deinit(&arena);
}

/* ---- in steps -------------------------------------------------------------------------------- */

static void run_steps(struct world *w, const char *root, size_t peer_max)
{
    struct err err = {0};
    struct arena arena;
    sqlite3 *peer = NULL;

    arena_init(&arena, MIB);
    w->dir = arena_printf(&arena, "%s/trimtab-bench-search", root);
    must(dir_remove_all(w->dir, &err) && dir_ensure(w->dir, &err), &err);
    Str table = arena_printf(&arena, STR_F "/peer.sqlite", STR_A(w->dir));
    must_sql(peer, sqlite3_open(table.ptr, &peer));
    run_sql(peer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                  "CREATE VIRTUAL TABLE post USING fts5(text);"
                  "CREATE TABLE meta (id INTEGER PRIMARY KEY, lang INTEGER)");
    for (size_t from = 0, to = 10000; from < w->total; from = to, to *= 10) {
        to = to < w->total ? to : w->total;
        archive_posts(w, from, to);
        if (w->is_archive_only)
            continue;
        if (to <= peer_max)
            peer_add(peer, from, to);
        ask_stage(w, to <= peer_max ? peer : NULL, to, to == w->total);
    }
    sqlite3_close(peer);
    must(dir_remove_all(w->dir, &err), &err);
    arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    struct world w = {.total = 1000000};
    size_t peer_max = 1000000;
    const char *root = "/tmp";
    bool is_large = false, is_quick = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            is_quick = true;
        else if (strcmp(argv[i], "--archive") == 0)
            w.is_archive_only = true;
        else if (strcmp(argv[i], "--large") == 0)
            is_large = true;
        else if (strcmp(argv[i], "--posts") == 0 && i + 1 < argc)
            w.total = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--peer") == 0 && i + 1 < argc)
            peer_max = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
            root = argv[++i];
    }
    if (is_quick)
        w.total = 50000;
    make_words();
    if (!is_large)
        run_steps(&w, root, peer_max);
    if (!is_quick && (is_large || !w.is_archive_only))
        run_large(root, is_large, w.is_archive_only);
    free(words);
    return 0;
}
