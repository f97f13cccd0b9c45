/* spike_score.h - scoring of spike detectors on labelled series, after the description that lies
 * beside the series (series/scoreboard.md of the shared data).
 *
 * For the bench and the unit test; header only. Everything is kept until the process ends.
 */
#ifndef BENCH_SPIKE_SCORE_H
#define BENCH_SPIKE_SCORE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "format/json.h"
#include "os/reader.h"

enum { SCORE_SERIES_MAX = 64, SCORE_WINDOWS_MAX = 8, SCORE_ROWS_MAX = 30000, SCORE_PROFILES = 3 };

struct score_profile {
    const char *name;
    double hit, false_alarm, miss;
};

static const struct score_profile score_profiles[SCORE_PROFILES] = {
    {"standard", 1.0, 0.11, 1.0},
    {"reward_low_FP_rate", 1.0, 0.22, 1.0},
    {"reward_low_FN_rate", 1.0, 0.11, 2.0},
};

struct score_series {
    Str name; /* "realTweets/Twitter_volume_AAPL.csv" */
    size_t row_count, window_count;
    Str *stamps;
    double *values, *scores;
    size_t first[SCORE_WINDOWS_MAX], last[SCORE_WINDOWS_MAX]; /* rows, inclusive */
};

static inline size_t score_probation(const struct score_series *s)
{
    size_t share = (size_t)(0.15 * (double)s->row_count);

    return share < 750 ? share : 750;
}

static inline double score_sigmoid(double x)
{
    return x > 3.0 ? -1.0 : 2.0 / (1.0 + exp(5.0 * x)) - 1.0;
}

/* Worth of a detection at `row`; *window is the one it lies in, or SIZE_MAX. */
static inline double score_worth(const struct score_series *s, const struct score_profile *p,
                                 size_t row, size_t *window)
{
    size_t ended = SIZE_MAX;

    *window = SIZE_MAX;
    for (size_t w = 0; w < s->window_count; w++) {
        if (row >= s->first[w] && row <= s->last[w])
            *window = w;
        if (s->last[w] < row)
            ended = w;
    }
    if (*window != SIZE_MAX) {
        double width = (double)(s->last[*window] - s->first[*window] + 1);
        double x = -(double)(s->last[*window] - row + 1) / width;
        return p->hit * score_sigmoid(x) / score_sigmoid(-1.0);
    }
    if (ended == SIZE_MAX)
        return -p->false_alarm;
    double width = (double)(s->last[ended] - s->first[ended] + 1);
    return p->false_alarm * score_sigmoid((double)(row - s->last[ended]) / (width - 1.0));
}

static inline bool score_window_counts(const struct score_series *s, size_t window)
{
    return s->last[window] >= score_probation(s);
}

/* Raw score of one series at a threshold. */
static inline double score_at(const struct score_series *s, const struct score_profile *p,
                              double threshold)
{
    double best[SCORE_WINDOWS_MAX], sum = 0.0;

    for (size_t w = 0; w < s->window_count; w++)
        best[w] = -p->miss;
    for (size_t row = score_probation(s); row < s->row_count; row++) {
        size_t window;
        if (s->scores[row] < threshold)
            continue;
        double worth = score_worth(s, p, row, &window);
        if (window == SIZE_MAX)
            sum += worth;
        else if (worth > best[window])
            best[window] = worth;
    }
    for (size_t w = 0; w < s->window_count; w++)
        sum += score_window_counts(s, w) ? best[w] : 0.0;
    return sum;
}

/* 0 for a detector that never speaks, 100 for a perfect one. */
static inline double score_normalised(const struct score_series *list, size_t count,
                                      const struct score_profile *p, double threshold)
{
    double sum = 0.0, windows = 0.0;

    for (size_t i = 0; i < count; i++) {
        sum += score_at(&list[i], p, threshold);
        for (size_t w = 0; w < list[i].window_count; w++)
            windows += score_window_counts(&list[i], w);
    }
    return 100.0 * (sum + p->miss * windows) / ((p->hit + p->miss) * windows);
}

struct score_point {
    double score;
    const struct score_series *series;
    size_t series_index, row;
};

static inline int score_compare(const void *a, const void *b)
{
    const struct score_point *x = a, *y = b;

    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

/* The threshold with the largest sum over all series: one pass over all rows, highest score first.
 */
static inline double score_best_threshold(const struct score_series *list, size_t count,
                                          const struct score_profile *p)
{
    static struct score_point points[SCORE_SERIES_MAX * 8000];
    static double best[SCORE_SERIES_MAX][SCORE_WINDOWS_MAX];
    size_t n = 0;
    double sum = 0.0, best_sum = 0.0, threshold = 1.1;

    for (size_t i = 0; i < count; i++) {
        for (size_t row = score_probation(&list[i]); row < list[i].row_count; row++)
            points[n++] = (struct score_point){list[i].scores[row], &list[i], i, row};
        for (size_t w = 0; w < list[i].window_count; w++)
            best[i][w] = -p->miss;
    }
    qsort(points, n, sizeof *points, score_compare);
    for (size_t i = 0; i < n;) {
        double score = points[i].score;
        for (; i < n && !(points[i].score < score); i++) {
            size_t window;
            double worth = score_worth(points[i].series, p, points[i].row, &window);
            if (window == SIZE_MAX) {
                sum += worth;
            } else if (worth > best[points[i].series_index][window]) {
                sum += worth - best[points[i].series_index][window];
                best[points[i].series_index][window] = worth;
            }
        }
        if (sum > best_sum) {
            best_sum = sum;
            threshold = score;
        }
    }
    return threshold;
}

/* --- loading ------------------------------------------------------------------------------- */

static inline bool score_read_all(struct arena *a, const char *name, struct buf *text)
{
    const char *root = getenv("TRIMTAB_SHARED");
    Str path = arena_printf(a, "%s/data/series/%s", root ? root : "../shared", name);
    struct os_reader *reader = NULL;
    struct err err = {0};
    Str part = STR_NONE;

    if (!os_reader_open(&reader, path, &err))
        return false;
    while (os_reader_read(reader, 1 << 16, &part, &err) && part.len > 0)
        buf_add(text, part);
    os_reader_close(&reader);
    return err.code == ERR_NONE;
}

static inline bool score_load_rows(struct arena *a, struct score_series *s)
{
    struct buf text;
    Str line, rest, stamp;

    buf_init(&text, 64 << 20);
    const char *file = arena_printf(a, STR_F ".gz%c", STR_A(s->name), '\0').ptr;
    if (!score_read_all(a, file, &text))
        return false;
    rest = arena_str(a, buf_str(&text));
    buf_deinit(&text);
    s->stamps = arena_new(a, Str, SCORE_ROWS_MAX);
    s->values = arena_new(a, double, SCORE_ROWS_MAX);
    s->scores = arena_new(a, double, SCORE_ROWS_MAX);
    str_cut(rest, '\n', &line, &rest);
    while (rest.len > 0 && s->row_count < SCORE_ROWS_MAX) {
        str_cut(rest, '\n', &line, &rest);
        str_cut(str_trim(line), ',', &stamp, &line);
        s->stamps[s->row_count] = stamp;
        if (str_to_f64(line, &s->values[s->row_count]))
            s->row_count++;
    }
    return true;
}

/* All labelled series, in the order of the labels. 0: the data is not here. */
static inline size_t score_load(struct arena *a, struct score_series list[SCORE_SERIES_MAX])
{
    struct buf text;
    const struct json *root;
    struct err err = {0};
    size_t count = 0;

    buf_init(&text, 1 << 20);
    if (!score_read_all(a, "windows.json", &text) || !json_parse(a, buf_str(&text), &root, &err))
        return 0;
    buf_deinit(&text);
    for (size_t i = 0; i < json_len(root) && count < SCORE_SERIES_MAX; i++) {
        struct score_series *s = &list[count++];
        *s = (struct score_series){.name = json_key_at(root, i)};
        if (!score_load_rows(a, s))
            return 0;
        for (size_t w = 0; w < json_len(json_at(root, i)); w++) {
            const struct json *window = json_at(json_at(root, i), w);
            Str from = STR_NONE, to = STR_NONE;
            json_str(json_at(window, 0), &from);
            json_str(json_at(window, 1), &to);
            size_t at = s->window_count++;
            for (size_t row = s->row_count; row-- > 0;) {
                if (str_cmp(s->stamps[row], str_sub(from, 0, 19)) >= 0)
                    s->first[at] = row;
                if (s->last[at] == 0 && str_cmp(s->stamps[row], str_sub(to, 0, 19)) <= 0)
                    s->last[at] = row;
            }
        }
    }
    return count;
}

/* "2015-02-26 21:42:53" as milliseconds; the data has no other form. */
static inline int64_t score_time_ms(Str stamp)
{
    int64_t n[6] = {0};
    size_t field = 0;

    for (size_t i = 0; i < stamp.len && field < 6; i++)
        if (stamp.ptr[i] >= '0' && stamp.ptr[i] <= '9')
            n[field] = n[field] * 10 + (stamp.ptr[i] - '0');
        else
            field++;
    int64_t y = n[0] - (n[1] <= 2), m = n[1] + (n[1] > 2 ? -3 : 9);
    int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + n[2] - 1 - 719468;
    return (((days * 24 + n[3]) * 60 + n[4]) * 60 + n[5]) * 1000;
}

#endif
