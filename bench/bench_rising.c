/* bench_rising.c - do rising terms say what rises?
 *
 * Over the stored posts of a workspace: the rising terms of every query with posts enough, as the
 * market page tells them (a week against 28 days) and as explanations do (a day against 28 days).
 *
 *   told      terms of all windows
 *   ordinary  of them, how many are ordinary words: in at least 1 % of the English or of the German
 *             sentences of the shared data (language/, sentences of news, books and parliaments),
 *             which have nothing to do with these posts nor with the product's own lists
 *
 *     bench_rising WORKSPACE/posts ...
 */
#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "bench_tsv.h"
#include "listen/archive/archive.h"
#include "listen/measure/term_window.h"

enum { QUERIES = 64, WEEK_TOLD = 12, DAY_TOLD = 8, HISTORY_HOURS = 28 * 24, POSTS_MIN = 20 };

struct tally {
    size_t windows, empty, told, ordinary;
};

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_rising: %s\n", err->msg);
    exit(1);
}

/* Words of the sentences: the last one they were in, and in how many. */
static void read_ordinary(struct map *ordinary, const struct tsv *rows, Str code)
{
    struct post_tokens tokens = {0};
    struct map seen;
    struct err err = {0};
    uint64_t sentences = 0;

    map_init(&seen, MAP_COPY_KEYS, 1);
    must(post_tokens_init(&tokens, &err), &err);
    vec_each (struct tsv_row, row, rows) {
        struct post post = {.text = row->text};
        if (!str_eq(row->id, code) || !str_eq(row->label, S("sentences")))
            continue;
        must(post_tokens_fill(&tokens, &post, &err), &err);
        sentences++;
        for (size_t i = 0; i < tokens.body_count; i++) {
            bool is_new;
            uint64_t *state = map_at(&seen, tokens.body[i].folded, &is_new);
            *state = is_new ? 0 : *state;
            if (*state >> 32 != sentences)
                *state = sentences << 32 | ((*state & UINT32_MAX) + 1);
        }
    }
    for (size_t i = 0; i < seen.count; i++) {
        bool is_new;
        uint64_t in = seen.entries[i].value & UINT32_MAX;
        if (in * 100 >= sentences)
            *map_at(ordinary, seen.entries[i].key, &is_new) = in;
    }
    map_deinit(&seen);
    post_tokens_deinit(&tokens);
}

static void look(struct archive *a, struct term_window *w, int64_t query, int64_t from, int64_t to,
                 size_t max, struct map *ordinary, struct tally *tally, bool is_shown)
{
    struct arena arena;
    struct term *terms;
    struct err err = {0};
    size_t count;

    arena_init(&arena, 4 * MIB);
    must(term_window_rising(w, a, &arena, query, from - HISTORY_HOURS, from, to, max, &terms,
                            &count, &err),
         &err);
    tally->windows++;
    tally->empty += count == 0;
    for (size_t i = 0; i < count; i++) {
        bool is_out = map_get(ordinary, terms[i].text) != NULL;
        tally->told++;
        tally->ordinary += is_out;
        if (is_shown)
            printf("%s\t%lld\t%lld\t" STR_F "\t%lld\t%lld\t%.2f\t%.2f\t%.1f\n",
                   is_out ? "ordinary" : "term", (long long)query, (long long)from,
                   STR_A(terms[i].text), (long long)terms[i].count, (long long)terms[i].background,
                   terms[i].lift, terms[i].lift_low, terms[i].score);
    }
    arena_deinit(&arena);
}

static void walk(struct archive *a, int64_t hours, size_t max, struct map *ordinary,
                 struct tally *tally, bool is_shown)
{
    struct err err = {0};
    struct term_window *w = NULL;
    int64_t first, last, mentions;

    must(archive_span(a, &first, &last, &err) && term_window_create(&w, &err), &err);
    for (int64_t query = 1; query <= QUERIES; query++)
        for (int64_t at = first / 24 * 24 + HISTORY_HOURS; at + hours <= last; at += 7 * 24) {
            must(archive_mention_count(a, query, at, at + hours, &mentions, &err), &err);
            if (mentions >= POSTS_MIN)
                look(a, w, query, at, at + hours, max, ordinary, tally, is_shown);
        }
    term_window_destroy(&w);
}

static void print(const char *posts, const char *window, const struct tally *t)
{
    printf("| %s | %s | %zu | %zu | %zu | %zu | %.1f %% |\n", posts, window, t->windows, t->empty,
           t->told, t->ordinary, t->told > 0 ? 100 * (double)t->ordinary / (double)t->told : 0);
}

int main(int argc, char **argv)
{
    bool is_shown = getenv("RISING_TERMS") != NULL; /* each term, with what stands behind it */
    struct tsv rows = {0};
    struct map ordinary;

    if (argc < 2) {
        puts(
            "skip: names the posts of workspaces to look at: bench_rising DATA/workspaces/W/posts");
        return 0;
    }
    map_init(&ordinary, MAP_COPY_KEYS, 1);
    if (!tsv_read("language/lingua-odd-lines.tsv.gz", "kind", &rows))
        return 0;
    read_ordinary(&ordinary, &rows, S("en"));
    read_ordinary(&ordinary, &rows, S("de"));
    printf("| Posts | Window | Windows | Without terms | Told | Ordinary | Share |\n"
           "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 1; i < argc; i++) {
        struct archive *a = NULL;
        struct err err = {0};
        struct tally week = {0}, day = {0};
        must(archive_open(&a, str_from_cstr(argv[i]), ARCHIVE_READ, &err), &err);
        walk(a, 7 * 24, WEEK_TOLD, &ordinary, &week, is_shown);
        walk(a, 24, DAY_TOLD, &ordinary, &day, is_shown);
        print(argv[i], "a week against 28 days", &week);
        print(argv[i], "a day against 28 days", &day);
        archive_close(&a);
    }
    map_deinit(&ordinary);
    return 0;
}
