/* row.h - a row of the summary that bench/run prints at its end.
 *
 * A scenario prints its own table, and says with bench_row_put() what of it belongs to a row of the
 * bars: ours beside its peer, what has to be met and what is reached for. The row is appended to
 * the file that the environment names BENCH_ROWS (bench/run does), one line of tab-separated
 * fields; without it nothing happens.
 */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* How a bar is meant: so many times as good as the peer, or a figure of ours. */
enum bench_kind { BENCH_NONE, BENCH_TIMES_PEER, BENCH_FIGURE };

struct bench_bar {
    enum bench_kind kind;
    double value;
};

struct bench_row {
    const char *work;   /* "match A, 10,000 queries" */
    const char *unit;   /* of ours and peer: "posts/s", "s", "F1" */
    double ours;        /* median of the rounds */
    double spread;      /* (largest - smallest) / median; 0 when measured once or exact */
    const char *peer;   /* with its version; NULL: there is none to compare with */
    double peer_figure; /* 0: not installed or not measured */
    double peer_spread;
    bool less_is_better; /* times, sizes */
    struct bench_bar bar, reach;
};

/* How many times as good as the peer; NaN without one. */
static inline double bench_times_peer(const struct bench_row *row)
{
    if (!(row->peer_figure > 0) || !(row->ours > 0))
        return NAN;
    return row->less_is_better ? row->peer_figure / row->ours : row->ours / row->peer_figure;
}

/* "met", "short", "-" where nothing is asked, "?" where the peer is missing. */
static inline const char *bench_verdict(const struct bench_row *row, struct bench_bar bar)
{
    double times = bench_times_peer(row);

    switch (bar.kind) {
    case BENCH_NONE:
        return "-";
    case BENCH_TIMES_PEER:
        return isnan(times) ? "?" : times >= bar.value ? "met" : "short";
    case BENCH_FIGURE:
        return (row->less_is_better ? row->ours <= bar.value : row->ours >= bar.value) ? "met"
                                                                                       : "short";
    }
    return "-";
}

static inline void bench_put_bar(FILE *out, const struct bench_row *row, struct bench_bar bar)
{
    fprintf(out, "\t");
    if (bar.kind == BENCH_TIMES_PEER)
        fprintf(out, "%.4g x", bar.value);
    else if (bar.kind == BENCH_FIGURE)
        fprintf(out, "%s%.9g", row->less_is_better ? "<=" : ">=", bar.value);
    fprintf(out, "\t%s", bench_verdict(row, bar));
}

static inline void bench_row_put(const struct bench_row *row)
{
    const char *path = getenv("BENCH_ROWS");
    FILE *out = path ? fopen(path, "a") : NULL;
    struct rusage usage;

    if (!out)
        return;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(out, "%s\t%s\t%.6g\t%.3g\t%s\t%.6g\t%.3g\t%.4g", row->work, row->unit, row->ours,
            100 * row->spread, row->peer ? row->peer : "", row->peer_figure, 100 * row->peer_spread,
            bench_times_peer(row));
    bench_put_bar(out, row, row->bar);
    bench_put_bar(out, row, row->reach);
    fprintf(out, "\t%.0f\n", (double)usage.ru_maxrss / 1024);
    fclose(out);
}

#endif
