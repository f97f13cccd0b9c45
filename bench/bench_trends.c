/* bench_trends.c - are crises found among other posts, how soon, and how much else is told?
 *
 * One stream: the mixed posts of the shared data from March 2012 on, and laid over them the
 * labelled tweets of twelve crises at their own times (those that go on after the posts end, in
 * August 2013, 52 weeks earlier). A trend is right for a crisis when at least half of its posts are
 * tweets labelled as related to it, false when fewer than half are of any crisis. Times run from
 * the first related tweet, and from the fifth, before which nobody could tell (the floor is five
 * posts), to the moment the trend is told. Beside ours, per hour:
 *
 *   top    a word enters the ten most frequent that was not among them for a day
 *   lift   a word has five posts and three times its hourly mean (half-life a week) plus two, and
 *          had not for a day
 *
 *     bench_trends [--quick]
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/map.h"
#include "format/csv.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "listen/measure/trend.h"
#include "os/reader.h"
#include "row.h"
#include "text/similarity.h"

enum { CRISES_MAX = 16, SHOWN = TREND_POSTS_SHOWN, TOP = 10, HOURS_QUIET = 24, FLOOR = 5 };
#define FROM_MS   INT64_C(1330560000000) /* 2012-03-01 */
#define END_MS    INT64_C(1376956800000) /* 2013-08-20 */
#define SHIFT_MS  (INT64_C(364) * 86400000)
#define MINUTE_MS 60000.0
#define HOUR_MS   INT64_C(3600000)

struct item {
    struct post post;
    int crisis; /* -1: of the background */
    bool is_related;
};
static struct {
    VEC(struct item);
} items;
static struct {
    char name[80];
    int64_t first_ms, fifth_ms; /* related tweets */
    size_t related;
} crises[CRISES_MAX];
static size_t crisis_count;
static struct arena texts;

struct outcome {
    int64_t told_ms[CRISES_MAX]; /* first right trend, 0: none */
    size_t right, wrong;
};

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_trends: %s\n", err->msg);
    exit(1);
}

/* Of this thread, so that others at work on the machine count less. */
static uint64_t processor_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- the stream --- */

static Str read_whole(const char *path)
{
    struct os_reader *reader;
    struct err err = {0};
    struct buf all;
    Str piece;

    buf_init(&all, 256 * MIB);
    must(os_reader_open(&reader, str_from_cstr(path), &err), &err);
    do {
        must(os_reader_read(reader, 1 << 20, &piece, &err), &err);
        buf_add(&all, piece);
    } while (piece.len > 0);
    os_reader_close(&reader);
    Str copy = arena_str(&texts, buf_str(&all));
    buf_deinit(&all);
    return copy;
}

static void each_row(const char *path, void (*take)(const struct csv_row *row, void *context),
                     void *context)
{
    Str bytes = read_whole(path);
    struct csv_reader *csv;
    struct csv_row row;
    struct err err = {0};
    bool has_row = true;

    must(csv_open(&csv, (struct csv_options){0}, csv_more_text, &bytes, &err), &err);
    while (has_row) {
        err = (struct err){0};
        if (!csv_next(csv, &row, &has_row, &err) || !has_row)
            continue;
        take(&row, context);
    }
    csv_close(&csv);
}

static void take_time(const struct csv_row *row, void *context)
{
    int64_t ms;

    if (row->count >= 2 && time_parse(row->fields[0], &ms) &&
        !map_put(context, row->fields[1], (uint64_t)ms))
        exit(1);
}

static void take_tweet(const struct csv_row *row, void *context)
{
    const uint64_t *ms = row->count >= 5 ? map_get(context, row->fields[0]) : NULL;
    bool is_related = row->count >= 5 && str_starts(str_trim(row->fields[4]), S("Related"));

    if (!ms)
        return;
    struct item item = {.crisis = (int)crisis_count, .is_related = is_related};
    item.post =
        (struct post){.id = arena_printf(&texts, "%zu%c", crisis_count, is_related ? '+' : '-'),
                      .source = S("tweet"),
                      .created_at_ms = (int64_t)*ms,
                      .has_created_at = true,
                      .text = arena_str(&texts, row->fields[1])};
    vec_push(&items, item);
}

static void load_crisis(const char *folder, const char *name)
{
    char path[600];
    size_t first = items.count;
    int64_t last_ms = 0;
    struct map times;

    map_init(&times, MAP_COPY_KEYS, 1);
    snprintf(path, sizeof path, "%s/%s/timestamps.csv.gz", folder, name);
    each_row(path, take_time, &times);
    snprintf(path, sizeof path, "%s/%s/tweets.csv.gz", folder, name);
    each_row(path, take_tweet, &times);
    map_deinit(&times);
    for (size_t i = first; i < items.count; i++)
        if (items.items[i].post.created_at_ms > last_ms)
            last_ms = items.items[i].post.created_at_ms;
    for (size_t i = first; last_ms >= END_MS && i < items.count; i++)
        items.items[i].post.created_at_ms -= SHIFT_MS;
    snprintf(crises[crisis_count++].name, sizeof crises[0].name, "%s", name);
}

static void take_posts(const struct decode_batch *batch)
{
    vec_each (struct decoded, it, &batch->posts) {
        struct post post = it->post;
        if (!post.has_created_at || post.created_at_ms < FROM_MS || post.created_at_ms >= END_MS)
            continue;
        Str *links = arena_new(&texts, Str, post.link_count + 1);
        for (size_t i = 0; i < post.link_count; i++)
            links[i] = arena_str(&texts, post.links[i]);
        post = (struct post){.id = S("."),
                             .source = S("reddit"),
                             .created_at_ms = post.created_at_ms,
                             .has_created_at = true,
                             .title = arena_str(&texts, post.title),
                             .text = arena_str(&texts, post.text),
                             .links = links,
                             .link_count = post.link_count};
        vec_push(&items, (struct item){.post = post, .crisis = -1});
    }
}

static void load_background(const char *path)
{
    struct decode_input *in;
    struct decoder *decoder;
    struct decode_block block;
    struct decode_batch batch;
    struct arena plan;
    struct err err = {0};
    bool has_block = true;

    arena_init(&plan, MIB);
    decode_block_init(&block);
    decode_batch_init(&batch);
    must(decoder_create(&decoder, &err), &err);
    must(decode_input_open(&in, str_from_cstr(path), &(struct decode_options){0}, &plan, &err),
         &err);
    for (;;) {
        must(decode_input_next(in, &block, &has_block, &err), &err);
        if (!has_block)
            break;
        must(decoder_run(decoder, &block, &batch, &err), &err);
        take_posts(&batch);
    }
    decode_input_close(&in);
    decoder_destroy(&decoder);
    decode_block_deinit(&block);
    decode_batch_deinit(&batch);
    arena_deinit(&plan);
}

static int item_cmp(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    return a->post.created_at_ms < b->post.created_at_ms
               ? -1
               : a->post.created_at_ms > b->post.created_at_ms;
}

static int name_cmp(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool load(void)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    char folder[500], path[560], names[CRISES_MAX][80];
    size_t count = 0;

    arena_init(&texts, 2 * GIB);
    snprintf(folder, sizeof folder, "%s/data/crisis", shared ? shared : "../shared");
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) && count < CRISES_MAX;)
        if (e->d_name[0] == '2')
            snprintf(names[count++], sizeof names[0], "%.79s", e->d_name);
    if (!dir)
        return false;
    closedir(dir);
    qsort(names, count, sizeof names[0], name_cmp);
    for (size_t i = 0; i < count; i++)
        load_crisis(folder, names[i]);
    snprintf(path, sizeof path, "%s/data/posts/reddit-mixed.jsonl.gz",
             shared ? shared : "../shared");
    load_background(path);
    qsort(items.items, items.count, sizeof *items.items, item_cmp);
    vec_each (struct item, it, &items)
        if (it->is_related) {
            size_t n = ++crises[it->crisis].related;
            if (n == 1)
                crises[it->crisis].first_ms = it->post.created_at_ms;
            if (n == FLOOR)
                crises[it->crisis].fifth_ms = it->post.created_at_ms;
        }
    return true;
}

/* --- judging --- */

/* `of[c]`: related tweets of a crisis among `count` posts; `any`: tweets of crises. */
static void judge(struct outcome *o, const size_t of[CRISES_MAX], size_t any, size_t count,
                  int64_t told_ms)
{
    for (size_t c = 0; c < crisis_count; c++)
        if (2 * of[c] >= count) {
            o->right++;
            if (o->told_ms[c] == 0)
                o->told_ms[c] = told_ms;
            return;
        }
    o->wrong += 2 * any < count;
}

static void judge_trend(struct outcome *o, const struct trend *trend)
{
    size_t of[CRISES_MAX] = {0}, any = 0;

    for (size_t i = 0; i < trend->post_count; i++) {
        Str id = trend->posts[i];
        any += id.len > 1;
        if (id.len > 1 && str_ends(id, S("+")))
            of[strtoul(id.ptr, NULL, 10)]++;
    }
    judge(o, of, any, trend->post_count, trend->to_ms);
}

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median_minutes(const struct outcome *o, bool from_fifth)
{
    double minutes[CRISES_MAX];
    size_t count = 0;

    for (size_t c = 0; c < crisis_count; c++)
        if (o->told_ms[c] > 0)
            minutes[count++] =
                (double)(o->told_ms[c] - (from_fifth ? crises[c].fifth_ms : crises[c].first_ms)) /
                MINUTE_MS;
    qsort(minutes, count, sizeof *minutes, double_cmp);
    return count == 0 ? NAN : (minutes[(count - 1) / 2] + minutes[count / 2]) / 2;
}

static void print_row(const char *name, const struct outcome *o, double seconds)
{
    double days = (double)(END_MS - FROM_MS) / 86400000.0;
    size_t found = 0;

    for (size_t c = 0; c < crisis_count; c++)
        found += o->told_ms[c] > 0;
    printf("%-12s %2zu of %zu %11.0f %11.0f %9zu %12.2f", name, found, crisis_count,
           median_minutes(o, false), median_minutes(o, true), o->right, (double)o->wrong / days);
    if (seconds > 0)
        printf(" %9.0fk", (double)items.count / seconds / 1000);
    puts("");
}

/* --- ours --- */

static void run_ours(double score_min, struct outcome *o)
{
    struct trend_settings settings = {.score_min = score_min};
    const struct trend *trends;
    struct trend_finder *finder;
    struct post_tokens tokens;
    struct err err = {0};
    size_t count;

    must(trend_finder_create(&finder, &settings, &err) && post_tokens_init(&tokens, &err), &err);
    vec_each (struct item, it, &items) {
        must(post_tokens_fill(&tokens, &it->post, &err), &err);
        must(trend_finder_add(finder, &it->post, &tokens, &trends, &count, &err), &err);
        for (size_t i = 0; i < count; i++)
            if (trends[i].is_new)
                judge_trend(o, &trends[i]);
    }
    post_tokens_deinit(&tokens);
    trend_finder_destroy(&finder);
}

/* --- the plain ones --- */

struct plain_word {
    uint32_t hour, count, any; /* of the hour; posts with it, tweets of crises among them */
    uint16_t of[CRISES_MAX];
    uint32_t told_hour; /* last hour it stood out; 0 = never */
    uint32_t mean_hour; /* of mean */
    double mean;        /* per hour, decaying, before `hour` */
    uint64_t last_post;
};
static struct {
    VEC(struct plain_word);
} words;

static void word_to_hour(struct plain_word *w, uint32_t hour)
{
    if (w->hour == hour)
        return;
    double factor = exp2(-(double)(hour - w->hour) / (7 * 24));
    w->mean = w->mean * factor + w->count * (1 - exp2(-1.0 / (7 * 24))) * factor;
    w->hour = hour;
    w->count = w->any = 0;
    memset(w->of, 0, sizeof w->of);
}

static void stands_out(struct plain_word *w, uint32_t hour, struct outcome *o)
{
    size_t of[CRISES_MAX];

    for (size_t c = 0; c < CRISES_MAX; c++)
        of[c] = w->of[c];
    if (w->told_hour == 0 || hour - w->told_hour > HOURS_QUIET)
        judge(o, of, w->any, w->count, ((int64_t)hour + 1) * HOUR_MS);
    w->told_hour = hour;
}

static void end_hour(uint32_t hour, bool is_top, struct outcome *o)
{
    struct plain_word *top[TOP] = {0};

    vec_each (struct plain_word, w, &words) {
        if (w->hour != hour || w->count < FLOOR)
            continue;
        if (!is_top && w->count >= 3 * w->mean + 2)
            stands_out(w, hour, o);
        struct plain_word *in = w;
        for (size_t i = 0; is_top && in && i < TOP; i++)
            if (!top[i] || in->count > top[i]->count) {
                struct plain_word *out = top[i];
                top[i] = in;
                in = out;
            }
    }
    for (size_t i = 0; i < TOP && top[i]; i++)
        stands_out(top[i], hour, o);
}

static void count_words(struct map *index, const struct item *it, const struct token *tokens,
                        size_t count, uint32_t hour, uint64_t serial)
{
    for (size_t i = 0; i < count; i++) {
        bool is_new;
        if (tokens[i].kind != TOKEN_WORD && tokens[i].kind != TOKEN_HASHTAG)
            continue;
        uint64_t *at = map_at(index, tokens[i].plain, &is_new);
        if (is_new) {
            *at = words.count;
            vec_push(&words, (struct plain_word){.hour = hour});
        }
        struct plain_word *w = &words.items[*at];
        if (w->last_post == serial)
            continue;
        word_to_hour(w, hour);
        w->last_post = serial;
        w->count++;
        w->any += it->crisis >= 0;
        if (it->is_related)
            w->of[it->crisis]++;
    }
}

static void run_plain(bool is_top, struct outcome *o)
{
    struct post_tokens tokens;
    struct map index;
    struct err err = {0};
    uint32_t hour = 0;
    uint64_t serial = 0;

    map_init(&index, MAP_COPY_KEYS, 1);
    vec_reset(&words);
    must(post_tokens_init(&tokens, &err), &err);
    vec_each (struct item, it, &items) {
        uint32_t now = (uint32_t)(it->post.created_at_ms / HOUR_MS);
        if (hour != 0 && now != hour)
            end_hour(hour, is_top, o);
        hour = now;
        must(post_tokens_fill(&tokens, &it->post, &err), &err);
        serial++;
        count_words(&index, it, tokens.title, tokens.title_count, hour, serial);
        count_words(&index, it, tokens.body, tokens.body_count, hour, serial);
    }
    post_tokens_deinit(&tokens);
    map_deinit(&index);
}

/* --- near-duplicates --- */

static void run_copies(void)
{
    struct similarity *s;
    struct post_tokens tokens;
    struct err err = {0};
    size_t copies = 0;
    uint64_t spent = 0;

    must(similarity_create(&s, NULL, &err) && post_tokens_init(&tokens, &err), &err);
    vec_each (struct item, it, &items) {
        must(post_tokens_fill(&tokens, &it->post, &err), &err);
        const struct similarity_part parts[] = {{tokens.title, tokens.title_count},
                                                {tokens.body, tokens.body_count}};
        uint64_t start = processor_ns();
        copies += !similarity_add(s, parts, 2, it->post.created_at_ms).is_first;
        spent += processor_ns() - start;
    }
    printf("near-duplicates: %zu of %zu posts are copies; %.0fk posts/s\n", copies, items.count,
           (double)items.count * 1e6 / (double)spent);
    post_tokens_deinit(&tokens);
    similarity_destroy(&s);
}

/* The tweets of the crises, many of them passed on: every earlier one within the window compared.
 */
static void run_copies_oracle(void)
{
    struct set {
        uint64_t keys[SIMILARITY_SHINGLES_MAX];
        size_t count;
        int64_t time_ms;
    } *sets = mem_alloc(items.count, sizeof *sets);
    struct similarity *s;
    struct post_tokens tokens;
    struct err err = {0};
    size_t n = 0, truth = 0, found = 0, both = 0;

    must(similarity_create(&s, NULL, &err) && post_tokens_init(&tokens, &err), &err);
    vec_each (struct item, it, &items) {
        if (it->crisis < 0)
            continue;
        must(post_tokens_fill(&tokens, &it->post, &err), &err);
        const struct similarity_part part = {tokens.body, tokens.body_count};
        struct set *set = &sets[n++];
        bool is_copy = false;
        set->count = similarity_shingles(&part, 1, set->keys);
        set->time_ms = it->post.created_at_ms;
        for (struct set *old = set; !is_copy && old-- > sets;)
            is_copy = set->time_ms - old->time_ms <= SIMILARITY_WINDOW_MS &&
                      similarity_jaccard(set->keys, set->count, old->keys, old->count) >=
                          SIMILARITY_THRESHOLD - 1e-9;
        bool is_found = !similarity_add(s, &part, 1, set->time_ms).is_first;
        truth += is_copy;
        found += is_found;
        both += is_copy && is_found;
    }
    printf("near-duplicates against comparing all, %zu tweets: %zu copies, recall %.4f, precision "
           "%.4f\n",
           n, truth, (double)both / (double)truth, (double)both / (double)found);
    const struct bench_row row = {.unit = "share", .bar = {BENCH_FIGURE, 0.99}};
    struct bench_row recall = row, precision = row;
    recall.work = "near-duplicates, recall";
    recall.ours = (double)both / (double)truth;
    precision.work = "near-duplicates, precision";
    precision.ours = (double)both / (double)found;
    bench_row_put(&recall);
    bench_row_put(&precision);
    mem_free(sets);
    post_tokens_deinit(&tokens);
    similarity_destroy(&s);
}

int main(int argc, char **argv)
{
    static const double scores[] = {TREND_SCORE_MIN, 5, 6, 7, 10, 12};
    bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct outcome ours = {0}, plain = {0};

    if (!load()) {
        puts("skipped: the crises are not here (set TRIMTAB_SHARED)");
        return 0;
    }
    printf("%zu posts of %.0f days, twelve crises within\n", items.count,
           (double)(END_MS - FROM_MS) / 86400000.0);
    run_copies();
    run_copies_oracle();
    puts("             found    min. from first  from fifth  right  false a day  posts/s");
    for (size_t i = 0; i < (is_quick ? 1 : sizeof scores / sizeof *scores); i++) {
        struct outcome o = {0};
        char name[32];
        uint64_t start = processor_ns();
        run_ours(scores[i], &o);
        snprintf(name, sizeof name, "score %g", scores[i]);
        print_row(name, &o, (double)(processor_ns() - start) / 1e9);
        if (i == 0)
            bench_row_put(&(struct bench_row){.work = "trends of a stream",
                                              .unit = "posts/s",
                                              .ours = (double)items.count * 1e9 /
                                                      (double)(processor_ns() - start)});
        ours = i == 0 ? o : ours;
    }
    for (int is_top = 1; is_top >= 0; is_top--) {
        plain = (struct outcome){0};
        run_plain(is_top, &plain);
        print_row(is_top ? "top" : "lift", &plain, 0);
    }
    puts("\ncrisis                          related  ours, minutes from first, fifth     lift");
    for (size_t c = 0; c < crisis_count; c++)
        printf("%-32s %6zu %12.0f %8.0f %24.0f\n", crises[c].name, crises[c].related,
               ours.told_ms[c] ? (double)(ours.told_ms[c] - crises[c].first_ms) / MINUTE_MS : NAN,
               ours.told_ms[c] ? (double)(ours.told_ms[c] - crises[c].fifth_ms) / MINUTE_MS : NAN,
               plain.told_ms[c] ? (double)(plain.told_ms[c] - crises[c].fifth_ms) / MINUTE_MS
                                : NAN);
    vec_deinit(&items);
    vec_deinit(&words);
    arena_deinit(&texts);
    return 0;
}
