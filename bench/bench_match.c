/* bench_match.c - how many posts a second are matched against 1k, 10k, 100k standing queries?
 *
 * Peer: batch inversion in SQLite FTS5, contentless and in memory: a batch of posts is indexed,
 * then every query is run against it. It is tuned to its best: ASCII tokenizer, no merging, a hash
 * that holds the whole batch (twice as fast as its defaults). Both sides see the same posts and
 * queries in the same run, alternating, one thread; both include cutting the text into words; the
 * numbers of matches are compared. Times are medians of the rounds, spread is (max - min) / median.
 *
 *   family A    +w +w -w -w
 *   family B    (("w w") OR w) AND (w OR w OR w) NOT w
 *   mix         40 % words and phrases, 30 % brand AND group of 3-10, 20 % with NOT, 5 % prefixes,
 *               5 % slop phrases
 *   hard        the mix with NEAR, wildcards, fuzzy words, SENTENCE, COUNT and fields (no peer)
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

#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "base/vec.h"
#include "listen/match.h"
#include "os/clock.h"

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

    return w->words[(size_t)exp(low + (high - low) * random_next_unit(r))];
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

typedef void family(const struct world *, struct random *, struct buf *, struct buf *);

static void make_queries(struct world *w, struct queries *q, size_t count, family *make)
{
    struct random r = {.seed = 2026, .stream = 100 + count};
    struct buf ours, fts;

    buf_init(&ours, 1 << 20);
    buf_init(&fts, 1 << 20);
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
    uint64_t start = clock_monotonic_ns();

    must(post_tokens_init(&o->tokens, &err) && match_prior_create(&prior, &err), &err);
    for (size_t i = 0; i < PRIOR_POSTS; i++) {
        must(post_tokens_fill(&o->tokens, &w->posts[i], &err), &err);
        match_prior_add(prior, &o->tokens);
    }
    struct query_set_options options = {.prior = prior};
    must(query_set_create(&o->set, q->items, q->count, &options, NULL, NULL, &err) &&
             match_scratch_create(&o->scratch, o->set, &err),
         &err);
    o->compile_seconds = clock_seconds_since(start);
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
    uint64_t matches = 0, start = clock_monotonic_ns();

    for (size_t i = 0; i < POSTS; i++) {
        const uint32_t *ordinals;
        size_t count;
        must(post_tokens_fill(&o->tokens, &w->posts[i], &err) &&
                 match_post(o->scratch, &w->posts[i], &o->tokens, &ordinals, &count, &err),
             &err);
        matches += count;
    }
    m->seconds[m->rounds++] = clock_seconds_since(start);
    m->matches = matches;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* 99th percentile of the time of one post, microseconds. */
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
    uint64_t matches = 0, start = clock_monotonic_ns();

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
    m->seconds[m->rounds++] = clock_seconds_since(start);
    m->matches = matches;
}

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
    bool has_peer;
};

static void run_scenario(struct world *w, const struct scenario *s, size_t rounds, bool is_json)
{
    struct queries q;
    struct ours o = {0};
    struct measure ours = {0}, fts = {0};

    make_queries(w, &q, s->count, s->make);
    ours_prepare(w, &q, &o);
    double peak_ours = peak_mib();
    for (size_t i = 0; i < rounds; i++) {
        ours_run(w, &o, &ours);
        if (s->has_peer)
            fts_run(w, &q, &fts);
    }
    double p99 = ours_p99(w, &o);
    double our_rate = POSTS / median(&ours), fts_rate = s->has_peer ? POSTS / median(&fts) : 0;
    bool agree = !s->has_peer || ours.matches == fts.matches;
    struct match_stats stats = match_scratch_stats(o.scratch);
    double posts = (double)stats.posts;
    if (is_json)
        printf("{\"scenario\":\"%s\",\"queries\":%zu,\"posts\":%d,\"ours_posts_per_second\":%.0f,"
               "\"ours_spread\":%.3f,\"fts5_posts_per_second\":%.0f,\"fts5_spread\":%.3f,"
               "\"p99_us\":%.1f,\"compile_seconds\":%.3f,\"set_bytes\":%zu,\"matches\":%llu,"
               "\"agree\":%s}\n",
               s->name, s->count, POSTS, our_rate, spread(&ours), fts_rate,
               s->has_peer ? spread(&fts) : 0, p99, o.compile_seconds,
               query_set_stats(o.set)->memory_bytes, (unsigned long long)ours.matches,
               agree ? "true" : "false");
    else
        printf("%-6s %7zu %9.0fk ±%4.1f%% %8.0fk ±%4.1f%% %6.1fx %7.1f %8.3f %7.1f %6.0f %8.1f "
               "%7.1f %8llu %s\n",
               s->name, s->count, our_rate / 1000, spread(&ours) * 50, fts_rate / 1000,
               s->has_peer ? spread(&fts) * 50 : 0, s->has_peer ? our_rate / fts_rate : 0, p99,
               o.compile_seconds, (double)query_set_stats(o.set)->memory_bytes / 1048576, peak_ours,
               (double)stats.touched / posts, (double)stats.verified / posts,
               (unsigned long long)ours.matches, agree ? "" : "MATCHES DIFFER FROM THE PEER");
    fflush(stdout);
    ours_release(&o);
    if (!agree)
        exit(1);
}

int main(int argc, char **argv)
{
    static const struct scenario scenarios[] = {
        {"A", family_a, 1000, true}, {"A", family_a, 10000, true}, {"A", family_a, 100000, true},
        {"B", family_b, 1000, true}, {"B", family_b, 10000, true}, {"B", family_b, 100000, true},
        {"mix", mix, 20000, true},   {"hard", hard, 20000, false},
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
        printf("%-6s %7s %10s %5s %10s %5s %7s %7s %8s %7s %6s %8s %7s %8s\n", "family", "queries",
               "posts/s", "", "FTS5", "", "ratio", "p99 us", "compile", "set MiB", "peak",
               "touched", "verify", "matches");
    }
    for (size_t i = 0; i < COUNT_OF(scenarios); i++) {
        if (only && strcmp(only, scenarios[i].name) != 0)
            continue;
        if (is_quick && scenarios[i].count > 20000)
            continue;
        run_scenario(w, &scenarios[i], is_quick ? 1 : scenarios[i].count > 50000 ? 1 : 3, is_json);
    }
    arena_deinit(&w->arena);
    free(w);
    return 0;
}
