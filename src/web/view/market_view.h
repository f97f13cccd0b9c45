/* market_view.h - standing queries and their published signals, as the pages of the market use
 * them.
 */
#ifndef WEB_MARKET_VIEW_H
#define WEB_MARKET_VIEW_H

#include "listen/standing_query.h"
#include "signal/signal.h"
#include "web/view/chart.h"

/* A day of one query. */
struct market_day {
    int64_t start_ms;
    double mentions, net_sentiment; /* NaN: not measured, not available */
    double positive, negative;
    double coverage; /* 0 to 1 */
};

struct market_series {
    struct market_day *days; /* ascending, without gaps */
    size_t count;
    int64_t from_ms, to_ms;
    Str definition; /* of mentions */
    int version;
    bool is_measured; /* false: no signal was published yet */
};

/* The last `days` days of a query up to the last measured one (0: all), ending at `to_ms` (0: the
 * last measured). */
bool market_series_read(struct request *req, int64_t query, int64_t days, int64_t to_ms,
                        struct market_series *out, struct err *err) MUST_CHECK;

/* What is counted, for people. A definition is JSON with a sentence in it, or plain text. */
Str market_definition_words(struct request *req, Str definition);

struct market_sum {
    double mentions, positive, negative;
    double net_sentiment; /* over the mentions with a mood; NaN: none */
    double coverage;      /* mean */
};
struct market_sum market_sum_of(const struct market_series *series, size_t from, size_t to);

/* The query named, else the company's own brand, else the first; ERR_NOT_FOUND when there is none
 * at all or the name is unknown. */
bool market_query_choose(struct request *req, Str name, const struct standing_query *list,
                         size_t count, const struct standing_query **out,
                         struct err *err) MUST_CHECK;
/* Begins a small chart of posts by day, "area" or "bar", up to the points of its only series; those
 * follow by chart_point() and end with market_posts_end(). */
void market_posts_begin(struct chart *chart, struct request *req, const char *type);
void market_posts_end(struct chart *chart);
/* All days of a series: points, end of the series and the rows of the table. */
void market_posts_series(struct chart *chart, const struct market_series *series);
/* The title for people. */
Str market_query_title(const struct standing_query *query);

#endif
