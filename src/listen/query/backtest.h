/* backtest.h - what a query would have raised on stored data, before it is armed.
 *
 * Counts the stored posts that a query finds by hour or day, as the publication of measures would,
 * and runs the detector of alerts over them as it runs over what is published (spike_moments.h): so
 * for a query that was standing when the posts came, a backtest gives the alerts that were found.
 * No look-ahead: an alert is told at the end of the period in which it started.
 *
 * With labelled incidents it says how many alerts belong to one (precision), how many incidents
 * were noticed (recall) and how long it took. Alerts a week come with their exact Poisson interval.
 *
 * The archive keeps the posts that some standing query matched; a query about something else finds
 * less here than it will find. `posts_seen` and the span say what the answer rests on.
 *
 *     struct backtest_request request = {.query = text, .names = &resolver};
 *     backtest_run(archive, &arena, &request, &result, &err);
 *
 * Memory: the result lives in the arena. Threads: as the archive.
 */
#ifndef LISTEN_BACKTEST_H
#define LISTEN_BACKTEST_H

#include "listen/archive/archive.h"
#include "listen/measure/spike_moments.h"
#include "listen/query/query.h"

struct json_writer;

#define BACKTEST_INCIDENTS_MAX 10000 /* reject */

/* A labelled window, both ends included. */
struct backtest_incident {
    Str name;
    int64_t from_ms, to_ms;
};

enum backtest_period { BACKTEST_AUTO, BACKTEST_HOUR, BACKTEST_DAY };

/* Another way to turn points into alerts, for presets; the default is spike_moments_find(). */
typedef bool backtest_detect(void *context, const struct signal_point *points, size_t count,
                             int64_t period_ms, struct spike_reading *readings,
                             struct spike_moments *out, struct err *err);

struct backtest_request {
    Str query;
    const struct query_resolver *names; /* for @@name; may be NULL */
    /* Only alerts that start and incidents that begin in [from, to) count; 0, 0: all. What lies
     * before still warms the detector up. */
    int64_t from_ms, to_ms;
    enum backtest_period period; /* AUTO: as the query would be watched */
    int severity_min;            /* 1 to 10; alerts below are not counted; 0: all */
    const struct backtest_incident *incidents;
    size_t incident_count;
    backtest_detect *detect; /* NULL: the default */
    void *detect_context;
    /* A series that is known already, instead of counting what the query finds: periods without
     * gaps. NULL: count. */
    const struct signal_point *points;
    size_t point_count;
    int64_t point_period_ms;
};

struct backtest_point {
    int64_t start_ms;
    double hits;
    struct spike_reading reading;
};

struct backtest_alert {
    struct spike_moment moment;
    int64_t told_ms;  /* end of the period in which it started: not earlier */
    int64_t incident; /* index of the first one it belongs to; -1: none */
};

struct backtest_found {
    int64_t alert;    /* index of the first alert that belongs to it; -1: missed */
    int64_t delay_ms; /* from its begin to the telling; 0 when told before it began */
};

struct backtest {
    bool is_hourly;
    int64_t period_ms;
    int64_t from_ms, to_ms;        /* of the window that counts, within the archive's span */
    int64_t hits;                  /* in the window */
    int64_t posts_seen;            /* posts in the archive */
    struct backtest_point *points; /* of the window, ascending */
    size_t point_count;
    struct backtest_alert *alerts;
    size_t alert_count;
    double alerts_a_week, alerts_a_week_low, alerts_a_week_high; /* 95 % */
    /* With incidents: those that begin in the window. */
    struct backtest_found *found; /* [incident_count]; alert -1 for those outside the window too */
    size_t incidents_inside, incidents_found, alerts_true;
    double precision, recall; /* NaN: no alert, no incident */
    int64_t median_delay_ms;  /* of the found ones; 0 without any */
};

/* ERR_INPUT: the query is wrong, with its place; ERR_USAGE: the window is empty. */
bool backtest_run(struct archive *a, struct arena *arena, const struct backtest_request *request,
                  struct backtest *out, struct err *err) MUST_CHECK;

/* Reads labelled windows: CSV with a heading that names start and end (RFC 3339 or YYYY-MM-DD; a
 * day as end means the whole day) and perhaps name. `source` names the file in messages. ERR_INPUT
 * with the line. */
bool backtest_incidents_read(struct arena *arena, Str source, Str text,
                             struct backtest_incident **out, size_t *count,
                             struct err *err) MUST_CHECK;

/* Members of an open JSON object, for the command line and the interface alike: period, from, to,
 * posts_seen, the hits under their key and alerts_a_week; "incidents" with precision and recall,
 * when there are some; the name of an incident, its begin when it has none. */
void backtest_put_sums(struct json_writer *w, const struct backtest *b, const char *hits_key);
void backtest_put_incidents(struct json_writer *w, const struct backtest *b,
                            const struct backtest_incident *incidents, size_t count);
void backtest_put_incident_name(struct json_writer *w, const char *key,
                                const struct backtest_incident *incident);

#endif
