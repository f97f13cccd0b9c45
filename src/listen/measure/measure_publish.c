/* Changed hours and days of queries become points of signals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/phrase.h"
#include "base/vec.h"
#include "format/json.h"
#include "listen/alert/alert_rule.h"
#include "listen/measure/author_sketch.h"
#include "listen/measure/correction.h"
#include "listen/measure/measure.h"
#include "listen/measure/measure_dimension.h"
#include "listen/measure/source_coverage.h"
#include "listen/measure/source_gain.h"
#include "listen/measure/spike_store.h"
#include "listen/standing_query.h"
#include "os/clock.h"

/* Several small queries share a commit, which waits for the disk; a large one has its own, so that
 * other writers are not kept waiting for long. */
#define PUBLISH_POINTS_AT_ONCE 20000
/* Beside a writer that keeps its records in the same file: short ones, and his turn in between. */
#define PUBLISH_POINTS_BESIDE 2000
#define PUBLISH_PAUSE_MS      4
#define MINUTE_MS             INT64_C(60000)

struct publisher {
    struct db *state;
    struct archive *a;
    const struct archive_taken *taken;
    struct measure_days *days;
    struct measure_publication *out;
    int64_t now_ms;
    bool is_beside;             /* a writer goes on meanwhile */
    int64_t revision;           /* of measure_publication, as we left it */
    bool is_restated;           /* definitions of today apply to all of history */
    uint32_t facets;            /* of all sources */
    int64_t from_hour, to_hour; /* span of the archive */
    int64_t hours_from;         /* first hour that is published as such */
    int64_t minutes_from;       /* first hour whose minutes are */
    bool is_writing;            /* queries before the one at hand are not committed yet */
    uint64_t points_committed;
    int64_t hours_to; /* behind the last one: live, hours to come are not published */
    const struct source_coverage *coverage; /* how much of each hour was heard */
    struct source_stale stale;              /* hours whose coverage changed, for every query */
    struct source_gain gain;                /* what sources can say that they could not */
    bool is_live;
    struct arena names; /* scratch of one query */
    /* The query at hand. */
    const struct standing_query *query;
    int64_t corrections; /* version of what words mean under it, 0: none */
    uint64_t wording;    /* of what its signals are defined as */
    struct {
        VEC(struct archive_dirty);
    } changed; /* its hours with changed posts or coverage, and of sources that gained, ascending */
    struct measure_starts gained; /* hours with mentions of sources that gained, ascending */
    int64_t restate_from; /* first hour that was published or is now: a change of it is told */
    struct measure_starts emptied; /* hours that lost their last mention, or never had one */
    struct measure_points hourly[MEASURE_COUNT], daily[MEASURE_COUNT], minutely[MEASURE_COUNT];
    struct measure_starts silent_minutes; /* of changed hours: what was said of them is withdrawn */
    struct measure_points ordered;        /* scratch of one signal */
    struct measure_dimensions dimensions;
    struct author_sketches authors; /* what is to be stored of the query */
    struct measure_day *day;        /* at hand */
    struct err *err;
};

/* ---- points ---------------------------------------------------------------------------------- */

static bool point_add(struct publisher *p, struct measure_points *points, int64_t start_ms,
                      struct measured_value value)
{
    struct signal_point point = {
        .start_ms = start_ms, .value = value.value, .n = value.n, .coverage = value.coverage};

    return vec_try_push(points, point) ||
           err_set(p->err, ERR_NO_MEMORY, "no memory for the points of a signal");
}

static bool start_add(struct publisher *p, struct measure_starts *starts, int64_t start_ms)
{
    return vec_try_push(starts, start_ms) ||
           err_set(p->err, ERR_NO_MEMORY, "no memory for the points of a signal");
}

/* Coverage is that of the sources that could tell and of the time that was heard. A time of which
 * nothing was heard and nothing is known is not available; it never looks like a quiet market. */
static struct measured_value heard(double share, int64_t mentions, struct measured_value value)
{
    value.coverage *= share;
    if (share <= 0 && mentions == 0)
        value.value = (double)NAN;
    return value;
}

/* Authors are published as the sketches have them, so that a day agrees with its hours however many
 * there are; `hour` -1 is the day at hand. */
static struct measured_value value_of(struct publisher *p, const struct measure_sum *sum,
                                      enum measure measure, int hour)
{
    struct measured_value value = measure_of(sum, measure, p->facets);

    if (measure == MEASURE_AUTHORS && sum->mentions > 0 && !isnan(value.value))
        value.value = author_day_count(&p->day->authors, hour);
    return value;
}

static bool hour_points(struct publisher *p, int64_t hour, const struct measure_sum *sum)
{
    double share = source_coverage_of(p->coverage, hour, hour + 1);

    if (hour >= p->hours_to)
        return true;
    for (int m = 0; m < MEASURE_COUNT; m++) {
        /* An hour without mentions has their number, nothing else. */
        if (sum->mentions == 0 && m != MEASURE_MENTIONS)
            continue;
        struct measured_value value = value_of(p, sum, (enum measure)m, (int)(hour % 24));
        if (!point_add(p, &p->hourly[m], hour * HOUR_MS, heard(share, sum->mentions, value)))
            return false;
    }
    return true;
}

static bool day_points(struct publisher *p, int64_t day, const struct measure_sum *sum)
{
    double share = source_coverage_of(p->coverage, day * 24, day * 24 + 24);

    for (int m = 0; m < MEASURE_COUNT; m++) {
        struct measured_value value = value_of(p, sum, (enum measure)m, -1);
        if (!point_add(p, &p->daily[m], day * DAY_MS, heard(share, sum->mentions, value)))
            return false;
    }
    return true;
}

/* ---- minutes --------------------------------------------------------------------------------- */

static bool minute_points(struct publisher *p, int64_t start_ms, double share,
                          const struct day_minute *minute)
{
    int64_t mentions = minute->values[MEASURE_MENTIONS].n;

    for (int m = 0; m < MEASURE_COUNT; m++)
        if ((mentions > 0 || m == MEASURE_MENTIONS) &&
            !point_add(p, &p->minutely[m], start_ms, heard(share, mentions, minute->values[m])))
            return false;
    return mentions > 0 || start_add(p, &p->silent_minutes, start_ms);
}

/* A minute without mentions has their number, 0, where its hour has some. Those that are published
 * already, with the same share of the hour heard and under the same definition, are passed over. */
static bool minutes_publish(struct publisher *p, int64_t hour)
{
    struct day_minutes *minutes = p->day->minutes[hour % 24];
    double share = source_coverage_of(p->coverage, hour, hour + 1);
    bool is_all = p->is_restated || share < minutes->share || share > minutes->share ||
                  minutes->wording != p->wording;
    int i = 0;

    for (; i < 60; i++) {
        struct day_minute *minute = &minutes->at[i];
        int64_t start_ms = hour * HOUR_MS + i * MINUTE_MS;
        if (start_ms > p->now_ms && p->is_live)
            break;
        if (!is_all && !minute->is_changed && i < minutes->published_to)
            continue;
        if (!minute_points(p, start_ms, share, minute))
            return false;
        minute->is_changed = false;
    }
    minutes->share = share;
    minutes->wording = p->wording;
    minutes->published_to = i;
    return true;
}

/* ---- a day ----------------------------------------------------------------------------------- */

static bool hour_publish(struct publisher *p, int64_t hour)
{
    int i = (int)(hour % 24);
    const struct measure_sum *sum = &p->day->hours[i];

    return hour_points(p, hour, sum) &&
           author_sketches_keep(&p->authors, &p->day->authors, hour - i, i, p->err) &&
           (sum->mentions > 0 || start_add(p, &p->emptied, hour * HOUR_MS)) &&
           (hour < p->minutes_from || minutes_publish(p, hour));
}

/* The changed hours of one day. */
static bool day_publish(struct publisher *p, const struct archive_dirty *changed, size_t count)
{
    int64_t day = changed[0].hour / 24;
    struct day_wish wish = {
        .query = p->query->id, .day = day, .mark = archive_taken_mark(p->taken, day * 24)};

    for (size_t i = 0; i < count; i++) {
        int64_t hour = changed[i].hour;
        uint32_t bit = UINT32_C(1) << (hour - day * 24);
        wish.hours |= bit;
        wish.with_minutes |= hour >= p->minutes_from && hour >= p->restate_from ? bit : 0;
        wish.rewritten =
            changed[i].rewritten > wish.rewritten ? changed[i].rewritten : wish.rewritten;
    }
    if (!measure_day_get(p->days, p->a, &wish, &p->day, p->err) ||
        !author_sketches_keep(&p->authors, &p->day->authors, day * 24, -1, p->err) ||
        !day_points(p, day, &p->day->sum) ||
        !measure_dimensions_add(&p->dimensions, p->day,
                                source_coverage_of(p->coverage, day * 24, day * 24 + 24), p->err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (changed[i].hour >= p->restate_from && !hour_publish(p, changed[i].hour))
            return false;
    return true;
}

/* ---- quiet periods --------------------------------------------------------------------------- */

struct span {
    int64_t from_hour, to_hour;
};

static bool span_read(struct publisher *p, struct span *span, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    *span = (struct span){0};
    if (!db_query(p->state, "SELECT from_hour, to_hour FROM measure_span WHERE query = ?1", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, p->query->id);
    if (!stmt_step(stmt, &has_row, err) || !has_row)
        return err->code == ERR_NONE;
    *span = (struct span){stmt_i64(stmt, 0), stmt_i64(stmt, 1)};
    stmt_reset(stmt);
    return true;
}

static bool span_write(struct publisher *p, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(p->state,
                  "INSERT INTO measure_span (query, from_hour, to_hour) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (query) DO UPDATE SET from_hour = excluded.from_hour,"
                  " to_hour = excluded.to_hour",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, p->query->id);
    stmt_bind_i64(stmt, 2, p->from_hour);
    stmt_bind_i64(stmt, 3, p->to_hour);
    return stmt_run(stmt, err);
}

/* Zeros for what the archive's span has gained; hours and days with mentions overwrite them. */
static bool quiet_hours(struct publisher *p, int64_t from_hour, int64_t to_hour)
{
    const struct measure_sum none = {0};

    for (int64_t day = from_hour / 24; day * 24 < to_hour; day++)
        if (!day_points(p, day, &none))
            return false;
    from_hour = from_hour > p->hours_from ? from_hour : p->hours_from;
    for (int64_t hour = from_hour; hour < to_hour; hour++)
        if (!hour_points(p, hour, &none))
            return false;
    return true;
}

static bool quiet_publish(struct publisher *p, const struct span *known)
{
    if (known->from_hour >= known->to_hour)
        return quiet_hours(p, p->from_hour, p->to_hour);
    return (p->from_hour >= known->from_hour || quiet_hours(p, p->from_hour, known->from_hour)) &&
           (p->to_hour <= known->to_hour || quiet_hours(p, known->to_hour, p->to_hour));
}

/* ---- order ----------------------------------------------------------------------------------- */

/* Zeros of quiet periods come first, ascending, then what was measured, ascending: one ascending
 * run of both, in which a measured point stands for the zero of its period. `merged` is scratch. */
static bool points_order(const struct measure_points *points, struct measure_points *merged)
{
    size_t count = points->count, middle = 1, zero = 0, measured;
    const struct signal_point *items = points->items;

    vec_reset(merged);
    if (!vec_try_reserve(merged, count))
        return false;
    while (middle < count && items[middle - 1].start_ms < items[middle].start_ms)
        middle++;
    measured = middle;
    while (zero < middle || measured < count) {
        bool is_zero =
            measured == count || (zero < middle && items[zero].start_ms < items[measured].start_ms);
        if (!is_zero && zero < middle && items[zero].start_ms == items[measured].start_ms)
            zero++;
        merged->items[merged->count++] = items[is_zero ? zero++ : measured++];
    }
    return true;
}

/* ---- signals --------------------------------------------------------------------------------- */

/* Does it depend on what the mentions are rated as? */
static bool is_of_moods(const struct measure_info *info)
{
    return info == measure_info(MEASURE_POSITIVE) || info == measure_info(MEASURE_NEUTRAL) ||
           info == measure_info(MEASURE_NEGATIVE) || info == measure_info(MEASURE_NET_SENTIMENT);
}

/* Where a definition begins if it is a new one. What is measured first under it may be a late
 * post's hour, before the beginning of the present definition: a new one cannot begin there. */
static bool definition_from(struct publisher *p, Str key, int64_t *from_ms, struct err *err)
{
    struct err absent = {0};
    struct signal present;

    if (!signal_find(&p->names, p->state, key, &present, &absent))
        return absent.code == ERR_NOT_FOUND || (*err = absent, false);
    if (*from_ms < present.version_from_ms)
        *from_ms = present.version_from_ms;
    return true;
}

static bool signal_write(struct publisher *p, const char *key, const char *name,
                         const struct measure_info *info, enum signal_period period,
                         const char *narrowed, const struct measure_points *points, struct err *err)
{
    struct json_writer w;
    struct buf definition;

    if (points->count == 0)
        return true;
    if (!points_order(points, &p->ordered))
        return err_set(err, ERR_NO_MEMORY, "no memory for the points of a signal");
    points = &p->ordered;
    buf_init(&definition, SIGNAL_DEFINITION_BYTES_MAX);
    json_writer_init(&w, &definition, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "measure", str_from_cstr(info->definition));
    if (narrowed[0] != '\0')
        json_set_str(&w, "only", str_from_cstr(narrowed));
    json_set_str(&w, "query", p->query->name);
    json_set_i64(&w, "query_version", p->query->version);
    if (p->corrections > 0 && is_of_moods(info))
        json_set_i64(&w, "corrections", p->corrections);
    json_end_object(&w);
    struct signal signal = {.key = str_from_cstr(key),
                            .name = str_from_cstr(name),
                            .unit = str_from_cstr(info->unit),
                            .definition = buf_str(&definition),
                            .period = period,
                            .aggregate = info->aggregate,
                            .source = S("listen"),
                            .is_measured = true};
    int64_t from_ms = points->items[0].start_ms;
    bool ok =
        buf_ok(&definition, err) && definition_from(p, signal.key, &from_ms, err) &&
        signal_define(p->state, &signal, from_ms, S(PHRASE("the query or its measure changed")),
                      p->now_ms, err) &&
        signal_put_points(p->state, signal.id, points->items, points->count, p->is_restated, err);
    buf_deinit(&definition);
    p->out->points += points->count;
    return ok || err_wrap(err, "could not publish '%s'", key);
}

static bool withdraw(struct publisher *p, const char *key, const struct measure_starts *starts,
                     struct err *err)
{
    return starts->count == 0 ||
           signal_withdraw_points(p->state, str_from_cstr(key), starts->items, starts->count, err);
}

static bool measures_write(struct publisher *p, enum signal_period period,
                           const struct measure_points *points, struct err *err)
{
    for (int m = 0; m < MEASURE_COUNT; m++) {
        const struct measure_info *info = measure_info((enum measure)m);
        char key[SIGNAL_KEY_BYTES_MAX], name[STANDING_QUERY_TITLE_BYTES_MAX + 64];
        snprintf(key, sizeof key, "query:%lld:%s:%s", (long long)p->query->id, info->key,
                 signal_period_name(period));
        snprintf(name, sizeof name, STR_F ": %s", STR_A(p->query->title), info->name);
        const struct measure_starts *empty =
            period == SIGNAL_HOUR ? &p->emptied : &p->silent_minutes;
        if (!signal_write(p, key, name, info, period, "", &points[m], err) ||
            (period != SIGNAL_DAY && m != MEASURE_MENTIONS && !withdraw(p, key, empty, err)) ||
            (period == SIGNAL_MINUTE && points[m].count > 0 &&
             !signal_drop_before(p->state, str_from_cstr(key), p->minutes_from * HOUR_MS, err)))
            return false;
    }
    return true;
}

static bool dimension_write(struct publisher *p, enum day_dimension_kind kind,
                            const struct measure_dimension *d, struct err *err)
{
    const struct measure_info *info = measure_info(MEASURE_MENTIONS);
    char key[SIGNAL_KEY_BYTES_MAX], name[STANDING_QUERY_TITLE_BYTES_MAX + 128], only[80];

    measure_dimension_key(key, p->query->id, kind, d->name);
    snprintf(only, sizeof only, "%s %s", day_dimension_name(kind), d->name);
    snprintf(name, sizeof name, STR_F ": %s, %s", STR_A(p->query->title), info->name, only);
    return signal_write(p, key, name, info, SIGNAL_DAY, only, &d->points, err) &&
           withdraw(p, key, &d->silent, err);
}

static bool dimensions_write(struct publisher *p, struct err *err)
{
    for (int kind = 0; kind < DAY_DIMENSION_COUNT; kind++)
        vec_each (const struct measure_dimension, d, &p->dimensions.of[kind])
            if (!dimension_write(p, (enum day_dimension_kind)kind, d, err))
                return false;
    return true;
}

static void query_reset(struct publisher *p)
{
    for (int m = 0; m < MEASURE_COUNT; m++) {
        vec_reset(&p->hourly[m]);
        vec_reset(&p->daily[m]);
        vec_reset(&p->minutely[m]);
    }
    vec_reset(&p->silent_minutes);
    measure_dimensions_reset(&p->dimensions);
    vec_reset(&p->emptied);
    author_sketches_reset(&p->authors);
    arena_reset(&p->names);
}

/* An hour that left the window of MEASURE_HOUR_DAYS keeps the points it had: they stay true. */
static bool restate_from_read(struct publisher *p)
{
    char key[SIGNAL_KEY_BYTES_MAX];
    int64_t first_ms = 0;
    bool has_point;

    snprintf(key, sizeof key, "query:%lld:%s:hour", (long long)p->query->id,
             measure_info(MEASURE_MENTIONS)->key);
    if (!signal_first_ms(p->state, str_from_cstr(key), &first_ms, &has_point, p->err))
        return false;
    p->restate_from = p->hours_from;
    if (has_point && first_ms / HOUR_MS < p->restate_from)
        p->restate_from = first_ms / HOUR_MS;
    return true;
}

static bool query_days(struct publisher *p, const struct archive_dirty *dirty, size_t count)
{
    if (count > 0 &&
        (!restate_from_read(p) ||
         !measure_dimensions_load(&p->dimensions, &p->names, p->state, p->query->id, p->err)))
        return false;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && dirty[to].hour / 24 == dirty[from].hour / 24;)
            to++;
        if (!day_publish(p, dirty + from, to - from))
            return false;
    }
    return true;
}

static bool revision_read(struct publisher *p, int64_t *revision)
{
    struct stmt *stmt;

    return db_query(p->state, "SELECT coalesce(max(revision), 0) FROM measure_publication", &stmt,
                    p->err) &&
           stmt_one_i64(stmt, revision, p->err);
}

/* Somebody who took the list later publishes what is on ours too, and newer: we would put old
 * values over it. */
static bool begin(struct publisher *p)
{
    int64_t revision = 0;

    if (p->is_writing)
        return true;
    if (!db_begin(p->state, p->err))
        return false;
    p->is_writing = true;
    if (!revision_read(p, &revision))
        return false;
    return revision == p->revision ||
           err_set(p->err, ERR_BUSY, "measures were published by somebody else meanwhile");
}

/* For whoever shows what was published: one number to ask for. */
static bool revision_write(struct publisher *p)
{
    struct stmt *stmt;

    if (!db_query(p->state,
                  "INSERT INTO measure_publication (only, revision, at_ms) VALUES (1, 1, ?1)"
                  " ON CONFLICT (only) DO UPDATE SET revision = revision + 1, at_ms = ?1",
                  &stmt, p->err))
        return false;
    stmt_bind_i64(stmt, 1, p->now_ms);
    p->revision++;
    return stmt_run(stmt, p->err);
}

static bool query_publish(struct publisher *p, const struct archive_dirty *dirty, size_t count)
{
    struct span known;

    query_reset(p);
    if (!span_read(p, &known, p->err) ||
        !correction_latest(p->state, p->query->id, &p->corrections, p->err))
        return false;
    p->wording =
        hash_bytes(p->query->name, (uint64_t)p->query->version << 32 ^ (uint64_t)p->corrections);
    /* Quiet hours too: else the break stays before them, or they are not available for ever. */
    if (p->is_restated || p->gain.is_first)
        known = (struct span){0};
    bool is_wider = known.from_hour >= known.to_hour || p->from_hour < known.from_hour ||
                    p->to_hour > known.to_hour;
    if (count == 0 && !is_wider)
        return true;
    p->out->queries++;
    bool is_silence =
        count == 0 && known.from_hour < known.to_hour && p->from_hour >= known.from_hour;
    if (!quiet_publish(p, &known) || !query_days(p, dirty, count) || !begin(p))
        return false;
    return measures_write(p, SIGNAL_HOUR, p->hourly, p->err) &&
           measures_write(p, SIGNAL_DAY, p->daily, p->err) &&
           measures_write(p, SIGNAL_MINUTE, p->minutely, p->err) && dimensions_write(p, p->err) &&
           author_sketches_store(&p->authors, p->state, p->query->id, p->err) &&
           span_write(p, p->err) && revision_write(p) &&
           spikes_due(p->state, p->query->id, is_silence, p->err) &&
           alert_rules_due(p->state, p->query->id, p->err);
}

/* Ends the transaction at hand once it is large enough, or when `is_last`. */
static bool publish_commit(struct publisher *p, bool ok, bool is_last)
{
    uint64_t at_once = p->is_beside ? PUBLISH_POINTS_BESIDE : PUBLISH_POINTS_AT_ONCE;

    if (!p->is_writing || (ok && !is_last && p->out->points - p->points_committed < at_once))
        return ok;
    p->is_writing = false;
    p->points_committed = p->out->points;
    if (!db_end(p->state, ok, p->err))
        return false;
    if (p->is_beside && !is_last)
        clock_sleep_ms(PUBLISH_PAUSE_MS);
    return true;
}

static bool gained_visit(void *context, const struct mention_fact *fact)
{
    struct publisher *p = context;
    struct measure_starts *hours = &p->gained;

    if ((!p->gain.is_first && !p->gain.has_gained[fact->source]) ||
        (hours->count > 0 && hours->items[hours->count - 1] == fact->hour))
        return true;
    return vec_try_push(hours, fact->hour) ||
           err_set(p->err, ERR_NO_MEMORY, "no memory for the hours to publish");
}

/* Hours of the query that are published and now say more. Where zeros are written anew
 * (gain.is_first), all with mentions, which overwrite them. */
static bool gained_read(struct publisher *p)
{
    struct span known;

    vec_reset(&p->gained);
    if (!p->gain.is_any && !p->gain.is_first)
        return true;
    return span_read(p, &known, p->err) &&
           (known.from_hour >= known.to_hour ||
            archive_mentions(p->a, p->query->id, p->from_hour, p->to_hour, gained_visit, p,
                             p->err)) &&
           p->err->code == ERR_NONE;
}

/* The first hour that a list still has; INT64_MAX: none. */
static int64_t hour_at(const int64_t *hours, size_t count, size_t at)
{
    return at < count ? hours[at] : INT64_MAX;
}

/* Hours whose posts changed, whose coverage changed, and of sources that gained, all ascending, as
 * one list. */
static bool changed_merge(struct publisher *p, const struct archive_dirty *dirty, size_t count)
{
    const struct source_stale *stale = &p->stale;
    size_t at = 0, next = 0, more = 0;

    vec_reset(&p->changed);
    if (!gained_read(p))
        return false;
    if (!vec_try_reserve(&p->changed, count + stale->count + p->gained.count + 1))
        return err_set(p->err, ERR_NO_MEMORY, "no memory for the hours to publish");
    for (;;) {
        int64_t changed = at < count ? dirty[at].hour : INT64_MAX;
        int64_t silent = hour_at(stale->hours, stale->count, next);
        int64_t gained = hour_at(p->gained.items, p->gained.count, more);
        int64_t hour = silent < gained ? silent : gained;
        hour = changed < hour ? changed : hour;
        if (hour == INT64_MAX)
            return true;
        p->changed.items[p->changed.count++] =
            (struct archive_dirty){p->query->id, hour, changed == hour ? dirty[at].rewritten : 0};
        at += changed == hour;
        next += silent == hour;
        more += gained == hour;
    }
}

/* The span to publish: whole days, so that days and hours agree; live, up to today. */
static bool extent_read(struct publisher *p, struct arena *arena)
{
    int64_t live_hour = p->now_ms / HOUR_MS;

    if (!archive_span(p->a, &p->from_hour, &p->to_hour, p->err) ||
        !source_coverage_load(arena, p->state, p->now_ms, &p->coverage, p->err))
        return false;
    p->hours_to = INT64_MAX;
    p->is_live = source_coverage_is_live(p->coverage, p->to_hour);
    if (p->is_live) {
        p->to_hour = p->to_hour > live_hour + 1 ? p->to_hour : live_hour + 1;
        p->hours_to = p->to_hour;
    }
    p->minutes_from = p->to_hour - MEASURE_MINUTE_HOURS;
    p->from_hour -= p->from_hour % 24;
    p->to_hour += (24 - p->to_hour % 24) % 24;
    p->hours_from = p->to_hour - MEASURE_HOUR_DAYS * 24;
    return source_stale_load(arena, p->state, p->from_hour, p->to_hour, p->is_live, p->now_ms,
                             &p->stale, p->err);
}

/* The hours of `taken` that are the query's; *at goes behind them. */
static size_t hours_of(const struct archive_taken *taken, int64_t query, size_t *at)
{
    size_t from = *at;

    while (from < taken->hours.count && taken->hours.items[from].query < query)
        from++;
    *at = from;
    while (*at < taken->hours.count && taken->hours.items[*at].query == query)
        ++*at;
    return from;
}

static bool queries_publish(struct publisher *p, struct arena *arena)
{
    struct standing_query *queries;
    size_t query_count, to = 0;

    if (!standing_query_list(arena, p->state, &queries, &query_count, p->err) ||
        !archive_sources_load(p->a, p->err) || !extent_read(p, arena) ||
        !source_gain_load(arena, p->state, p->a, &p->gain, p->err))
        return false;
    p->facets = measure_facets(p->a);
    measure_days_begin(p->days, p->a);
    for (size_t i = 0; i < query_count; i++) { /* both lists ascend by query */
        size_t from = hours_of(p->taken, queries[i].id, &to);
        p->query = &queries[i];
        if (!publish_commit(p,
                            changed_merge(p, p->taken->hours.items + from, to - from) &&
                                query_publish(p, p->changed.items, p->changed.count),
                            false))
            return false;
    }
    return publish_commit(p, true, true) && source_gain_done(p->state, p->a, p->err) &&
           source_stale_clear(p->state, &p->stale, p->is_live, p->err);
}

static void publisher_deinit(struct publisher *p)
{
    query_reset(p);
    for (int m = 0; m < MEASURE_COUNT; m++) {
        vec_deinit(&p->hourly[m]);
        vec_deinit(&p->daily[m]);
        vec_deinit(&p->minutely[m]);
    }
    vec_deinit(&p->silent_minutes);
    measure_dimensions_deinit(&p->dimensions);
    vec_deinit(&p->emptied);
    vec_deinit(&p->ordered);
    vec_deinit(&p->changed);
    vec_deinit(&p->gained);
    author_sketches_deinit(&p->authors);
}

static bool run(struct publisher *p)
{
    struct arena arena;

    author_sketches_init(&p->authors);
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    arena_init(&p->names, REQUEST_ARENA_BYTES_MAX);
    bool ok = queries_publish(p, &arena);
    publisher_deinit(p);
    arena_deinit(&p->names);
    arena_deinit(&arena);
    return ok;
}

bool measure_waits(struct db *state, bool *waits, struct err *err)
{
    struct stmt *stmt;
    int64_t count = 0;

    if (!db_query(state,
                  "SELECT count(*) FROM standing_query AS q"
                  " WHERE NOT EXISTS (SELECT 1 FROM measure_span AS s WHERE s.query = q.id)",
                  &stmt, err) ||
        !stmt_one_i64(stmt, &count, err))
        return false;
    *waits = count > 0;
    return true;
}

/* ---- what the header has --------------------------------------------------------------------- */

struct measure_memory {
    struct measure_days *days;
    int64_t revision; /* of measure_publication when it was last right */
};

bool measure_memory_create(struct measure_memory **out, struct err *err)
{
    struct measure_memory *memory = mem_try_alloc(1, sizeof *memory);

    *out = NULL;
    if (!memory)
        return err_set(err, ERR_NO_MEMORY, "no memory for publishing measures");
    if (!measure_days_create(&memory->days, err)) {
        mem_free(memory);
        return false;
    }
    *out = memory;
    return true;
}

void measure_memory_destroy(struct measure_memory **memory)
{
    if (*memory)
        measure_days_destroy(&(*memory)->days);
    mem_free(*memory);
    *memory = NULL;
}

void measure_memory_forget(struct measure_memory *memory)
{
    measure_days_forget(memory->days);
}

static bool publish(struct publisher *p, struct measure_memory *memory,
                    const struct archive_taken *taken)
{
    int64_t revision = 0;

    p->taken = taken;
    *p->out = (struct measure_publication){0};
    p->days = memory->days;
    if (!revision_read(p, &revision))
        return false;
    if (revision != memory->revision)
        measure_days_forget(p->days);
    p->revision = revision;
    bool ok = run(p);
    if (ok)
        measure_days_end(p->days);
    else
        measure_days_forget(p->days);
    memory->revision = p->revision;
    return ok;
}

bool measure_publish_taken(struct db *state, struct archive *a, const struct archive_taken *taken,
                           struct measure_memory *memory, int64_t now_ms,
                           struct measure_publication *out, struct err *err)
{
    struct publisher p = {
        .state = state, .a = a, .is_beside = true, .now_ms = now_ms, .out = out, .err = err};

    return publish(&p, memory, taken);
}

/* As the writer: what is on the list, without remembering anything. */
static bool publish_all(struct publisher *p)
{
    struct measure_memory *memory = NULL;
    struct archive_taken taken;

    if (!archive_dirty_take(p->a, &taken, p->err))
        return false;
    bool ok = measure_memory_create(&memory, p->err) && publish(p, memory, &taken) &&
              archive_dirty_done(p->a, &taken, p->err);
    measure_memory_destroy(&memory);
    archive_taken_deinit(&taken);
    return ok;
}

bool measure_publish(struct db *state, struct archive *a, int64_t now_ms,
                     struct measure_publication *out, struct err *err)
{
    struct publisher p = {.state = state, .a = a, .now_ms = now_ms, .out = out, .err = err};

    return publish_all(&p);
}

bool measure_restate(struct db *state, struct archive *a, int64_t now_ms,
                     struct measure_publication *out, struct err *err)
{
    struct publisher p = {
        .state = state, .a = a, .now_ms = now_ms, .is_restated = true, .out = out, .err = err};

    return publish_all(&p);
}
