/* bench_match.c - how many posts a second are matched against 1k, 10k, 100k standing queries?
 *
 * Peer: batch inversion in SQLite FTS5, contentless and in memory: a batch of posts is indexed,
 * then every query is run against it. It is tuned to its best: ASCII tokenizer, no merging, a hash
 * that holds the whole batch (twice as fast as its defaults). Both sides see the same posts and
 * queries in the same run, alternating, one thread; both include cutting the text into words; the
 * numbers of matches are compared. Times are those of the thread (others at work on the machine
 * count less), medians of the rounds; spread is (max - min) / median. hard and long alternate with
 * the mix.
 *
 *   family A    +w +w -w -w
 *   family B    (("w w") OR w) AND (w OR w OR w) NOT w
 *   mix         40 % words and phrases, 30 % brand AND group of 3-10, 20 % with NOT, 5 % prefixes,
 *               5 % slop phrases
 *   hard        the mix with NEAR, wildcards, fuzzy words, SENTENCE, COUNT and fields (no peer)
 *   long        the mix with 20 queries of 100,000 characters among them (no peer)
 *   curve       the mix with 1,000 to 225,000 queries (no peer)
 *
 * Second peer, where libvectorscan-dev is installed: Vectorscan as a front end. It scans each post
 * for the words of all queries, any case, checks that they stand alone and notes which are there;
 * no query is answered by that, so it bounds a matcher built on it from above.
 *
 * Posts: seeded, words of a vocabulary of 50,000 by Zipf's law, mean 112 bytes. Query words are
 * drawn log-uniformly over ranks 200 to 30,000, so frequent and rare ones both occur.
 *
 *     bench_match [--quick] [--only NAME]      table on standard output, JSON lines with --json
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#ifdef WITH_VECTORSCAN
#include <hs/hs.h>
#endif

#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "base/vec.h"
#include "listen/match/match.h"
#include "os/clock.h"
#include "row.h"

enum {
    VOCABULARY = 50000,
    POSTS = 50000,
    PRIOR_POSTS = 5000,
    ROUNDS_MAX = 5,
    QUERY_RANK_LOW = 200,
    QUERY_RANK_HIGH = 30000
};

struct world {
    struct arena arena;
    Str words[VOCABULARY];
    double cumulative[VOCABULARY];
    struct post posts[POSTS];
    size_t post_bytes;
    bool *is_asked; /* [VOCABULARY] words of the queries made last */
};

struct queries {
    struct query_set_item *items;
    Str *fts; /* the same for the peer; NULL without one */
    size_t count;
};

struct measure {
    double seconds[ROUNDS_MAX];
    size_t rounds;
    uint64_t matches;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_match: %s: %s\n", what, why);
    exit(1);
}

static void must(bool ok, const struct err *err)
{
    if (!ok)
        die("failed", err->msg);
}

static uint64_t thread_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        die("clock", "cannot be read");
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double thread_seconds_since(uint64_t start)
{
    return (double)(thread_ns() - start) / 1e9;
}

/* --- posts --- */

/* Distinct pronounceable words, short ones for the frequent ranks. */
static Str make_word(struct world *w, size_t rank, struct random *r)
{
    static const char onsets[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";
    char text[32];
    size_t len = 0,
           syllables = 1 + (size_t)(rank > 60) + (size_t)(rank > 3000) + random_below(r, 2);

    for (size_t i = 0; i < syllables; i++) {
        text[len++] = onsets[random_below(r, sizeof onsets - 1)];
        text[len++] = vowels[random_below(r, sizeof vowels - 1)];
        if (random_below(r, 3) == 0)
            text[len++] = onsets[random_below(r, sizeof onsets - 1)];
    }
    /* The rank in letters keeps them distinct. */
    for (size_t n = rank; n > 0; n /= 18)
        text[len++] = onsets[n % 18];
    return arena_str(&w->arena, (Str){text, len > 12 && rank < 3000 ? 12 : len});
}

static size_t zipf_rank(const struct world *w, double u)
{
    size_t low = 0, high = VOCABULARY - 1;

    u *= w->cumulative[VOCABULARY - 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->cumulative[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_world(struct world *w)
{
    struct random r = {.seed = 2026, .stream = 1};
    struct buf text;
    double sum = 0;

    arena_init(&w->arena, (size_t)1 << 30);
    w->is_asked = arena_new(&w->arena, bool, VOCABULARY);
    for (size_t i = 0; i < VOCABULARY; i++) {
        w->words[i] = make_word(w, i, &r);
        w->cumulative[i] = sum += 1.0 / (double)(i + 3);
    }
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < POSTS; i++) {
        size_t count = 5 + random_below(&r, 15);
        buf_reset(&text);
        for (size_t k = 0; k < count; k++) {
            buf_add(&text, k > 0 ? S(" ") : STR_NONE);
            buf_add(&text, w->words[zipf_rank(w, random_next_unit(&r))]);
        }
        w->posts[i] = (struct post){.id = S("1"), .source = S("bench"), .kind = S("post")};
        w->posts[i].lang = random_below(&r, 4) == 0 ? S("de") : S("en");
        w->posts[i].author.followers = (int64_t)random_below(&r, 5000);
        w->posts[i].rating = NAN;
        w->posts[i].text = arena_str(&w->arena, buf_str(&text));
        w->post_bytes += text.len;
    }
    buf_deinit(&text);
}

/* --- queries --- */

static Str query_word(const struct world *w, struct random *r)
{
    double low = log(QUERY_RANK_LOW), high = log(QUERY_RANK_HIGH);

    size_t rank = (size_t)exp(low + (high - low) * random_next_unit(r));
    w->is_asked[rank] = true;
    return w->words[rank];
}

#define W STR_A(query_word(w, r))

static void family_a(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    Str a = query_word(w, r), b = query_word(w, r), c = query_word(w, r), d = query_word(w, r);

    buf_printf(ours, STR_F " AND " STR_F " AND NOT " STR_F " AND NOT " STR_F, STR_A(a), STR_A(b),
               STR_A(c), STR_A(d));
    buf_printf(fts, "(" STR_F " AND " STR_F ") NOT (" STR_F " OR " STR_F ")", STR_A(a), STR_A(b),
               STR_A(c), STR_A(d));
}

static void family_b(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    Str x[7];

    for (size_t i = 0; i < COUNT_OF(x); i++)
        x[i] = query_word(w, r);
    buf_printf(ours,
               "(\"" STR_F " " STR_F "\" OR " STR_F ") AND (" STR_F " OR " STR_F " OR " STR_F
               ") AND NOT " STR_F,
               STR_A(x[0]), STR_A(x[1]), STR_A(x[2]), STR_A(x[3]), STR_A(x[4]), STR_A(x[5]),
               STR_A(x[6]));
    buf_printf(fts,
               "((\"" STR_F " " STR_F "\" OR " STR_F ") AND (" STR_F " OR " STR_F " OR " STR_F
               ")) NOT " STR_F,
               STR_A(x[0]), STR_A(x[1]), STR_A(x[2]), STR_A(x[3]), STR_A(x[4]), STR_A(x[5]),
               STR_A(x[6]));
}

static void both(struct buf *ours, struct buf *fts, Str text)
{
    buf_add(ours, text);
    buf_add(fts, text);
}

static void add_group(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    size_t count = 3 + random_below(r, 8);

    both(ours, fts, S("("));
    for (size_t i = 0; i < count; i++) {
        both(ours, fts, i > 0 ? S(" OR ") : STR_NONE);
        both(ours, fts, query_word(w, r));
    }
    both(ours, fts, S(")"));
}

static void mix(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    uint64_t kind = random_below(r, 100);
    Str a = query_word(w, r), b = query_word(w, r), c = query_word(w, r);

    while (str_eq(a, b)) /* "a a"~5 means two of them to us, one to the peer */
        b = query_word(w, r);
    if (kind < 25) {
        both(ours, fts, a);
    } else if (kind < 40) {
        buf_printf(ours, "\"" STR_F " " STR_F "\"", STR_A(a), STR_A(b));
        buf_printf(fts, "\"" STR_F " " STR_F "\"", STR_A(a), STR_A(b));
    } else if (kind < 70) {
        both(ours, fts, a);
        both(ours, fts, S(" AND "));
        add_group(w, r, ours, fts);
    } else if (kind < 90) {
        buf_printf(ours, STR_F " AND " STR_F " AND NOT " STR_F, STR_A(a), STR_A(b), STR_A(c));
        buf_printf(fts, "(" STR_F " AND " STR_F ") NOT " STR_F, STR_A(a), STR_A(b), STR_A(c));
    } else if (kind < 95) {
        buf_printf(ours, "%.*s*", (int)(a.len > 4 ? 4 : a.len), a.ptr);
        buf_printf(fts, "%.*s*", (int)(a.len > 4 ? 4 : a.len), a.ptr);
    } else {
        buf_printf(ours, "\"" STR_F " " STR_F "\"~5", STR_A(a), STR_A(b));
        buf_printf(fts, "NEAR(" STR_F " " STR_F ", 5)", STR_A(a), STR_A(b));
    }
}

static void hard(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    Str a = query_word(w, r), b = query_word(w, r), c = query_word(w, r);

    switch (random_below(r, 20)) {
    case 0:
        buf_printf(ours, "(" STR_F " OR " STR_F ") NEAR/4 " STR_F, STR_A(a), STR_A(b), STR_A(c));
        break;
    case 1:
        buf_printf(ours, "%.*s?%.*s", 3, a.ptr, (int)(a.len > 4 ? a.len - 4 : 0), a.ptr + 4);
        break;
    case 2:
        buf_printf(ours, STR_F " AND lang:de AND followers:>100", STR_A(a));
        break;
    case 3:
        buf_printf(ours, "SENTENCE(" STR_F " AND " STR_F ")", STR_A(a), STR_A(b));
        break;
    case 4:
        buf_printf(ours, "COUNT(" STR_F ")>=2", STR_A(a));
        break;
    case 5:
        buf_printf(ours, "{" STR_F "} AND " STR_F "~1", STR_A(a), STR_A(b));
        break;
    default:
        mix(w, r, ours, fts);
        break;
    }
}
#undef W

enum { LONG_BYTES = 100000, LONG_ONE_IN = 1000 };

static void long_ones(const struct world *w, struct random *r, struct buf *ours, struct buf *fts)
{
    if (random_below(r, LONG_ONE_IN) != 0) {
        mix(w, r, ours, fts);
        return;
    }
    buf_printf(ours, STR_F " AND (" STR_F, STR_A(query_word(w, r)), STR_A(query_word(w, r)));
    while (ours->len < LONG_BYTES - 40)
        buf_printf(ours, " OR " STR_F, STR_A(query_word(w, r)));
    buf_lit(ours, ")");
}

typedef void family(const struct world *, struct random *, struct buf *, struct buf *);

static void make_queries(struct world *w, struct queries *q, size_t count, family *make)
{
    struct random r = {.seed = 2026, .stream = 100 + count};
    struct buf ours, fts;

    buf_init(&ours, 1 << 20);
    buf_init(&fts, 1 << 20);
    memset(w->is_asked, 0, VOCABULARY * sizeof *w->is_asked);
    q->count = count;
    q->items = arena_new(&w->arena, struct query_set_item, count);
    q->fts = arena_new(&w->arena, Str, count);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&ours);
        buf_reset(&fts);
        make(w, &r, &ours, &fts);
        q->items[i].id = arena_printf(&w->arena, "q%zu", i);
        q->items[i].text = arena_str(&w->arena, buf_str(&ours));
        q->fts[i] = arena_str(&w->arena, buf_str(&fts));
    }
    buf_deinit(&ours);
    buf_deinit(&fts);
}

/* One for each word of the queries made last; none matches, as no post holds the other word. */
static void make_front_queries(struct world *w, struct queries *q)
{
    q->items = arena_new(&w->arena, struct query_set_item, VOCABULARY);
    q->count = 0;
    for (size_t i = 0; i < VOCABULARY; i++)
        if (w->is_asked[i])
            q->items[q->count++].text =
                arena_printf(&w->arena, STR_F " AND inexistent", STR_A(w->words[i]));
}

/* --- ours --- */

struct ours {
    struct query_set *set;
    struct match_scratch *scratch;
    struct post_tokens tokens;
    double compile_seconds;
};

static void ours_prepare(const struct world *w, const struct queries *q, struct ours *o)
{
    struct err err = {0};
    struct match_prior *prior;
    uint64_t start = thread_ns();

    must(post_tokens_init(&o->tokens, &err) && match_prior_create(&prior, &err), &err);
    for (size_t i = 0; i < PRIOR_POSTS; i++) {
        must(post_tokens_fill(&o->tokens, &w->posts[i], &err), &err);
        match_prior_add(prior, &o->tokens);
    }
    struct query_set_options options = {.prior = prior};
    must(query_set_create(&o->set, q->items, q->count, &options, NULL, NULL, &err) &&
             match_scratch_create(&o->scratch, o->set, &err),
         &err);
    o->compile_seconds = thread_seconds_since(start);
    match_prior_destroy(&prior);
    if (query_set_stats(o->set)->refused_count > 0)
        die("a generated query was refused", "");
}

static void ours_release(struct ours *o)
{
    match_scratch_destroy(&o->scratch);
    query_set_release(&o->set);
    post_tokens_deinit(&o->tokens);
}

static void ours_run(const struct world *w, struct ours *o, struct measure *m)
{
    struct err err = {0};
    uint64_t matches = 0, start = thread_ns();

    for (size_t i = 0; i < POSTS; i++) {
        const uint32_t *ordinals;
        size_t count;
        must(post_tokens_fill(&o->tokens, &w->posts[i], &err) &&
                 match_post(o->scratch, &w->posts[i], &o->tokens, &ordinals, &count, &err),
             &err);
        matches += count;
    }
    m->seconds[m->rounds++] = thread_seconds_since(start);
    m->matches = matches;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* 99th percentile of the time of one post by the wall clock, microseconds. */
static double ours_p99(const struct world *w, struct ours *o)
{
    uint32_t *ns = calloc(POSTS, sizeof *ns);
    struct err err = {0};

    if (!ns)
        die("latency", "no memory");
    for (size_t i = 0; i < POSTS; i++) {
        const uint32_t *ordinals;
        size_t count;
        uint64_t start = clock_monotonic_ns();
        must(post_tokens_fill(&o->tokens, &w->posts[i], &err) &&
                 match_post(o->scratch, &w->posts[i], &o->tokens, &ordinals, &count, &err),
             &err);
        ns[i] = (uint32_t)(clock_monotonic_ns() - start);
    }
    qsort(ns, POSTS, sizeof *ns, compare_u32);
    double p99 = ns[POSTS / 100 * 99] / 1000.0;
    free(ns);
    return p99;
}

/* --- peer --- */

static void run_sql(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        die(sql, why ? why : "failed");
}

static void fts_index(const struct world *w, sqlite3 *db)
{
    sqlite3_stmt *insert;

    run_sql(
        db,
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
        "CREATE VIRTUAL TABLE batch USING fts5(text, content='', columnsize=0, tokenize='ascii');"
        "INSERT INTO batch(batch, rank) VALUES('automerge', 0);"
        "INSERT INTO batch(batch, rank) VALUES('hashsize', 67108864);"
        "BEGIN");
    sqlite3_prepare_v2(db, "INSERT INTO batch(rowid, text) VALUES(?, ?)", -1, &insert, NULL);
    for (size_t i = 0; i < POSTS; i++) {
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_text(insert, 2, w->posts[i].text.ptr, (int)w->posts[i].text.len,
                          SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE)
            die("insert", sqlite3_errmsg(db));
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    run_sql(db, "COMMIT");
}

static void fts_run(const struct world *w, const struct queries *q, struct measure *m)
{
    sqlite3 *db;
    sqlite3_stmt *match;
    uint64_t matches = 0, start = thread_ns();

    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        die("sqlite", "cannot open");
    fts_index(w, db);
    sqlite3_prepare_v2(db, "SELECT rowid FROM batch WHERE batch MATCH ?", -1, &match, NULL);
    for (size_t i = 0; i < q->count; i++) {
        sqlite3_bind_text(match, 1, q->fts[i].ptr, (int)q->fts[i].len, SQLITE_STATIC);
        int state;
        while ((state = sqlite3_step(match)) == SQLITE_ROW)
            matches++;
        if (state != SQLITE_DONE)
            die(q->fts[i].ptr, sqlite3_errmsg(db));
        sqlite3_reset(match);
    }
    sqlite3_finalize(match);
    sqlite3_close(db);
    m->seconds[m->rounds++] = thread_seconds_since(start);
    m->matches = matches;
}

/* --- Vectorscan --- */

#ifdef WITH_VECTORSCAN
struct vectorscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
    unsigned *lengths; /* [literal] */
    uint64_t *present; /* bit per literal */
    unsigned *noted;   /* literals of the post at hand */
    size_t noted_count;
    Str text;
    uint64_t found;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static int vectorscan_note(unsigned id, unsigned long long from, unsigned long long to,
                           unsigned flags, void *context)
{
    struct vectorscan *v = context;

    (void)from, (void)flags;
    size_t start = (size_t)to - v->lengths[id];
    if ((start > 0 && is_letter(v->text.ptr[start - 1])) ||
        (to < v->text.len && is_letter(v->text.ptr[to])) || v->present[id >> 6] >> (id & 63) & 1)
        return 0;
    v->present[id >> 6] |= UINT64_C(1) << (id & 63);
    v->noted[v->noted_count++] = id;
    return 0;
}

static void vectorscan_prepare(struct world *w, struct vectorscan *v)
{
    const char **literals = arena_new(&w->arena, const char *, VOCABULARY);
    size_t *sizes = arena_new(&w->arena, size_t, VOCABULARY);
    unsigned *flags = arena_new(&w->arena, unsigned, VOCABULARY),
             *ids = arena_new(&w->arena, unsigned, VOCABULARY), count = 0;
    hs_compile_error_t *why = NULL;

    *v = (struct vectorscan){.lengths = arena_new(&w->arena, unsigned, VOCABULARY),
                             .present = arena_new(&w->arena, uint64_t, VOCABULARY / 64 + 1),
                             .noted = arena_new(&w->arena, unsigned, VOCABULARY)};
    for (size_t i = 0; i < VOCABULARY; i++) {
        if (!w->is_asked[i])
            continue;
        literals[count] = arena_printf(&w->arena, STR_F, STR_A(w->words[i])).ptr;
        sizes[count] = v->lengths[count] = (unsigned)w->words[i].len;
        flags[count] = HS_FLAG_CASELESS;
        ids[count] = count;
        count++;
    }
    if (hs_compile_lit_multi(literals, flags, ids, sizes, count, HS_MODE_BLOCK, NULL, &v->database,
                             &why) != HS_SUCCESS)
        die("vectorscan", why ? why->message : "cannot compile");
    if (hs_alloc_scratch(v->database, &v->scratch) != HS_SUCCESS)
        die("vectorscan", "no scratch");
}

static void vectorscan_run(const struct world *w, struct vectorscan *v, struct measure *m)
{
    uint64_t start = thread_ns();

    for (size_t i = 0; i < POSTS; i++) {
        v->text = w->posts[i].text;
        if (hs_scan(v->database, v->text.ptr, (unsigned)v->text.len, 0, v->scratch, vectorscan_note,
                    v) != HS_SUCCESS)
            die("vectorscan", "cannot scan");
        v->found += v->noted_count;
        while (v->noted_count > 0)
            v->present[v->noted[--v->noted_count] >> 6] = 0;
    }
    m->seconds[m->rounds++] = thread_seconds_since(start);
}

static void vectorscan_release(struct vectorscan *v)
{
    hs_free_scratch(v->scratch);
    hs_free_database(v->database);
}
#else
struct vectorscan {
    char nothing;
};
static void vectorscan_prepare(struct world *w, struct vectorscan *v)
{
    (void)w, (void)v;
}
static void vectorscan_run(const struct world *w, struct vectorscan *v, struct measure *m)
{
    (void)w, (void)v, (void)m;
}
static void vectorscan_release(struct vectorscan *v)
{
    (void)v;
}
#endif

/* --- report --- */

static int compare_f64(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(const struct measure *m)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, m->seconds, m->rounds * sizeof *sorted);
    qsort(sorted, m->rounds, sizeof *sorted, compare_f64);
    return sorted[m->rounds / 2];
}

static double spread(const struct measure *m)
{
    double low = m->seconds[0], high = low;

    for (size_t i = 1; i < m->rounds; i++) {
        low = fmin(low, m->seconds[i]);
        high = fmax(high, m->seconds[i]);
    }
    return (high - low) / median(m);
}

static double peak_mib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

struct scenario {
    const char *name;
    family *make;
    size_t count;
    enum { PEERS, BESIDE_MIX, ALONE } company; /* BESIDE_MIX: ours with as many of the mix */
};

struct outcome {
    struct measure ours, fts, vectorscan, front, mix;
    double our_rate, fts_rate, front_rate, mix_rate, vectorscan_rate, p99, compile_seconds,
        peak_ours;
    const struct query_set_stats *set;
    struct match_stats stats;
};

static double rate(const struct measure *m)
{
    return m->rounds > 0 ? POSTS / median(m) : 0;
}

static void print_json(const struct scenario *s, const struct outcome *o, bool agree)
{
    printf("{\"scenario\":\"%s\",\"queries\":%zu,\"posts\":%d,\"ours_posts_per_second\":%.0f,"
           "\"ours_spread\":%.3f,\"fts5_posts_per_second\":%.0f,\"fts5_spread\":%.3f,"
           "\"front_posts_per_second\":%.0f,\"vectorscan_front_posts_per_second\":%.0f,\"p99_us\":%"
           ".1f,\"compile_seconds\":%.3f,"
           "\"mix_posts_per_second\":%.0f,\"set_bytes\":%zu,\"matches\":%llu,\"agree\":%s}\n",
           s->name, s->count, POSTS, o->our_rate, spread(&o->ours), o->fts_rate,
           s->company == PEERS ? spread(&o->fts) : 0, o->front_rate, o->vectorscan_rate, o->p99,
           o->compile_seconds, o->mix_rate, o->set->memory_bytes,
           (unsigned long long)o->ours.matches, agree ? "true" : "false");
}

static void print_row(const struct scenario *s, const struct outcome *o, bool agree)
{
    double posts = (double)o->stats.posts;

    printf(
        "%-6s %7zu %8.0fk ±%4.1f%% %7.0fk ±%4.1f%% %6.1fx %6.0fk %6.0fk %7.1f %8.3f %7.1f %6.0f ",
        s->name, s->count, o->our_rate / 1000, spread(&o->ours) * 50, o->fts_rate / 1000,
        s->company == PEERS ? spread(&o->fts) * 50 : 0,
        s->company == PEERS ? o->our_rate / o->fts_rate : 0, o->front_rate / 1000,
        o->vectorscan_rate / 1000, o->p99, o->compile_seconds,
        (double)o->set->memory_bytes / 1048576, o->peak_ours);
    printf("%8.1f %7.1f %8llu %s\n", (double)o->stats.touched / posts,
           (double)o->stats.verified / posts, (unsigned long long)o->ours.matches,
           agree ? "" : "MATCHES DIFFER FROM THE PEER");
    if (s->company == BESIDE_MIX)
        printf("%14s %8.0fk ±%4.1f%%   the mix beside it: %s takes %.2f times as long\n", "",
               o->mix_rate / 1000, spread(&o->mix) * 50, s->name, o->mix_rate / o->our_rate);
}

/* Bars and reach of design: three (the mix five) times FTS5; 150k posts/s at 100,000 queries; hard
 * and long within twice the time of the mix. */
static void put_peer_row(const struct scenario *s, const struct outcome *o)
{
    static const char peer[] = "SQLite " SQLITE_VERSION " FTS5, batch";
    bool is_mix = s->make == mix;
    char work[64], count[16];

    snprintf(count, sizeof count, "%zu,000", s->count / 1000);
    snprintf(work, sizeof work, "match %s%s%s queries", is_mix ? "a mix of " : s->name,
             is_mix ? "" : ", ", count);
    double front = o->vectorscan_rate, wanted = is_mix ? 600e3 : s->count >= 100000 ? 150e3 : front;
    bench_row_put(&(struct bench_row){.work = work,
                                      .unit = "posts/s",
                                      .ours = o->our_rate,
                                      .spread = spread(&o->ours),
                                      .peer = peer,
                                      .peer_figure = o->fts_rate,
                                      .peer_spread = spread(&o->fts),
                                      .bar = {BENCH_TIMES_PEER, is_mix ? 5 : 3},
                                      .reach = {wanted > 0 ? BENCH_FIGURE : BENCH_NONE, wanted}});
}

static void put_beside_row(const struct scenario *s, const struct outcome *o)
{
    bench_row_put(&(struct bench_row){
        .work = s->make == hard ? "match the hard mix, time beside the mix"
                                : "match with queries of 100,000 characters, time beside the mix",
        .unit = "times",
        .ours = o->mix_rate / o->our_rate,
        .spread = spread(&o->ours),
        .less_is_better = true,
        .bar = {BENCH_FIGURE, 2}});
}

static void put_alone_row(const struct scenario *s, const struct outcome *o)
{
    char work[64];

    snprintf(work, sizeof work, "match curve, %zu,000 queries", s->count / 1000);
    bench_row_put(
        &(struct bench_row){.work = work,
                            .unit = "posts/s",
                            .ours = o->our_rate,
                            .spread = spread(&o->ours),
                            .reach = {s->count == 100000 ? BENCH_FIGURE : BENCH_NONE, 150e3}});
    if (s->count == 10000)
        bench_row_put(&(struct bench_row){.work = "match p99 at 10,000 queries",
                                          .unit = "us",
                                          .ours = o->p99,
                                          .less_is_better = true,
                                          .reach = {BENCH_FIGURE, 100}});
    if (s->count == 100000)
        bench_row_put(&(struct bench_row){.work = "compile 100,000 queries",
                                          .unit = "s",
                                          .ours = o->compile_seconds,
                                          .less_is_better = true,
                                          .bar = {BENCH_FIGURE, 1}});
}

static void put_rows(const struct scenario *s, const struct outcome *o)
{
    switch (s->company) {
    case PEERS:
        put_peer_row(s, o);
        break;
    case BESIDE_MIX:
        put_beside_row(s, o);
        break;
    case ALONE:
        put_alone_row(s, o);
        break;
    }
}

static void run_scenario(struct world *w, const struct scenario *s, size_t rounds, bool is_json)
{
    struct queries q, mix_queries, front_queries;
    struct ours ours = {0}, beside = {0}, front = {0};
    struct vectorscan vectorscan;
    struct outcome o = {0};

    if (s->company == BESIDE_MIX) {
        make_queries(w, &mix_queries, s->count, mix);
        ours_prepare(w, &mix_queries, &beside);
    }
    make_queries(w, &q, s->count, s->make);
    ours_prepare(w, &q, &ours);
    o.peak_ours = peak_mib();
    if (s->company == PEERS) {
        make_front_queries(w, &front_queries);
        ours_prepare(w, &front_queries, &front);
        vectorscan_prepare(w, &vectorscan);
    }
    for (size_t i = 0; i < rounds; i++) {
        ours_run(w, &ours, &o.ours);
        if (s->company == BESIDE_MIX)
            ours_run(w, &beside, &o.mix);
        if (s->company == PEERS) {
            fts_run(w, &q, &o.fts);
            ours_run(w, &front, &o.front);
            vectorscan_run(w, &vectorscan, &o.vectorscan);
        }
    }
    if (s->company == PEERS) {
        ours_release(&front);
        vectorscan_release(&vectorscan);
    }
    o.p99 = ours_p99(w, &ours);
    o.our_rate = rate(&o.ours);
    o.fts_rate = rate(&o.fts);
    o.mix_rate = rate(&o.mix);
    o.front_rate = rate(&o.front);
    o.vectorscan_rate = rate(&o.vectorscan);
    o.compile_seconds = ours.compile_seconds;
    o.set = query_set_stats(ours.set);
    o.stats = match_scratch_stats(ours.scratch);
    bool agree = s->company != PEERS || o.ours.matches == o.fts.matches;
    if (is_json)
        print_json(s, &o, agree);
    else
        print_row(s, &o, agree);
    put_rows(s, &o);
    fflush(stdout);
    ours_release(&ours);
    if (s->company == BESIDE_MIX)
        ours_release(&beside);
    if (!agree)
        exit(1);
}

int main(int argc, char **argv)
{
    static const struct scenario scenarios[] = {
        {"A", family_a, 1000, PEERS},
        {"A", family_a, 10000, PEERS},
        {"A", family_a, 100000, PEERS},
        {"B", family_b, 1000, PEERS},
        {"B", family_b, 10000, PEERS},
        {"B", family_b, 100000, PEERS},
        {"mix", mix, 20000, PEERS},
        {"hard", hard, 20000, BESIDE_MIX},
        {"long", long_ones, 20000, BESIDE_MIX},
        {"curve", mix, 1000, ALONE},
        {"curve", mix, 10000, ALONE},
        {"curve", mix, 50000, ALONE},
        {"curve", mix, 100000, ALONE},
        {"curve", mix, 225000, ALONE},
    };
    bool is_quick = false, is_json = false;
    const char *only = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            is_quick = true;
        else if (strcmp(argv[i], "--json") == 0)
            is_json = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else
            die(argv[i], "flags are --quick, --json, --only NAME");
    }
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        die("world", "no memory");
    make_world(w);
    if (!is_json) {
        printf("match: %d generated posts, mean %.0f bytes, one thread; peer SQLite %s FTS5, "
               "contentless batch of %d\n",
               POSTS, (double)w->post_bytes / POSTS, sqlite3_libversion(), POSTS);
        printf("%-6s %7s %9s %5s %9s %5s %6s %7s %7s %7s %8s %7s %6s %8s %7s %8s\n", "family",
               "queries", "posts/s", "", "FTS5", "", "ratio", "front", "Vscan", "p99 us", "compile",
               "set MiB", "peak", "touched", "verify", "matches");
    }
    for (size_t i = 0; i < COUNT_OF(scenarios); i++) {
        if (only && strcmp(only, scenarios[i].name) != 0)
            continue;
        if (is_quick && scenarios[i].count > 20000)
            continue;
        run_scenario(w, &scenarios[i],
                     is_quick                     ? 1
                     : scenarios[i].count > 50000 ? 2
                                                  : ROUNDS_MAX,
                     is_json);
    }
    arena_deinit(&w->arena);
    free(w);
    return 0;
}
