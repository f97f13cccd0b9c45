/* signal.h - a named number over time, whoever measured it.
 *
 * The two rivers meet here: listening writes signals, strategy reads them. A signal carries its
 * definition with a version; changing the definition starts a new version and marks the break in
 * the series, so nobody compares unlike with like unnoticed. Each point carries its sample size and
 * the coverage of its sources: a dead source never looks like a quiet market.
 *
 * Keys are paths with colons, from the general to the special: "query:17:mentions:hour",
 * "query:17:net_sentiment:day", "sov:3:handset-a:day", "entered:returns:day".
 *
 * Points of a measured signal (is_measured) are derived: they can be dropped and computed again
 * from the archive. Points that people entered are canonical.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection (db.h).
 */
#ifndef SIGNAL_SIGNAL_H
#define SIGNAL_SIGNAL_H

#include "db/db.h"

enum {
    SIGNAL_KEY_BYTES_MAX = 200,          /* reject */
    SIGNAL_DEFINITION_BYTES_MAX = 65536, /* reject */
    SIGNAL_POINTS_READ_MAX = 4000000     /* points of one read: ERR_LIMIT (a minute for 7 years) */
};

enum signal_period { SIGNAL_MINUTE, SIGNAL_HOUR, SIGNAL_DAY, SIGNAL_PERIOD_COUNT };

/* How points of a shorter period join into a longer one. */
enum signal_aggregate {
    SIGNAL_SUM,  /* counts */
    SIGNAL_MEAN, /* weighted by n: shares, sentiment */
    SIGNAL_LAST, /* levels */
    SIGNAL_NONE, /* cannot be joined: unique authors */
    SIGNAL_AGGREGATE_COUNT
};

struct signal {
    int64_t id;
    Str key;                 /* unique in the workspace; a-z 0-9 . _ - and colons */
    Str name;                /* for people */
    Str unit;                /* "posts", "share", "score"; may be empty */
    Str definition;          /* JSON or text that says exactly how it is computed */
    int version;             /* of the definition, from 1 */
    int64_t version_from_ms; /* points from here on follow this version; INT64_MIN for version 1 */
    enum signal_period period;
    enum signal_aggregate aggregate;
    Str source;       /* who measures: "listen", "entered", a connector's name */
    bool is_measured; /* points can be computed again from the archive */
};

struct signal_point {
    int64_t start_ms; /* UTC, a multiple of the period */
    double value;     /* NaN: measured, but not available (a source without authors, say) */
    int64_t n;        /* sample size: posts, records; >= 0 */
    double coverage;  /* 0..1, share of the expected sources and time that was heard */
    int version;      /* of the definition it was computed by; set by the reader */
};

struct signal_break {
    int version;     /* that begins here, from 2 */
    int64_t from_ms; /* start of the first point under it */
    int64_t at_ms;   /* when it was marked */
    Str definition;
    Str reason;
};

int64_t signal_period_ms(enum signal_period period);
const char *signal_period_name(enum signal_period period);          /* "minute" "hour" "day" */
const char *signal_aggregate_name(enum signal_aggregate aggregate); /* "sum" "mean" "last" "none" */

/* Makes the signal with signal->key, or changes it. When the definition differs from the stored
 * one, a new version begins at `from_ms` (the break); name, unit and source may change freely,
 * period and aggregate may not (ERR_CONFLICT: another signal, another key). `reason` says why; it
 * may be empty for the first version. Sets id and version in *signal. Opens its own transaction
 * (nests). */
bool signal_define(struct db *db, struct signal *signal, int64_t from_ms, Str reason,
                   int64_t now_ms, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool signal_find(struct arena *arena, struct db *db, Str key, struct signal *out,
                 struct err *err) MUST_CHECK;
bool signal_find_id(struct arena *arena, struct db *db, int64_t id, struct signal *out,
                    struct err *err) MUST_CHECK;
/* Those whose key starts with the prefix, in order of the key. */
bool signal_list(struct arena *arena, struct db *db, Str key_prefix, struct signal **out,
                 size_t *count, struct err *err) MUST_CHECK;

/* Inserts or replaces by start_ms: the same points again change nothing. Points before the current
 * version's break are stored under the version that was in force then, unless `is_restated`: then
 * all are stored under the current version, and where they replace every older point the break is
 * gone. ERR_INPUT: start not on the period, coverage outside 0..1, n < 0, value infinite. All or
 * none (own transaction, nests). */
bool signal_put_points(struct db *db, int64_t signal_id, const struct signal_point *points,
                       size_t count, bool is_restated, struct err *err) MUST_CHECK;
/* Takes back the points that start at the times given (ascending, each once), from the signal with
 * the key: what they said is not true any more, and nothing else is. Neither signal nor points need
 * be there. All or none (own transaction, nests). */
bool signal_withdraw_points(struct db *db, Str key, const int64_t *starts_ms, size_t count,
                            struct err *err) MUST_CHECK;
/* Drops the points of the signal with the key that start before the time given: they were kept long
 * enough. The signal need not be there. Own transaction (nests). */
bool signal_drop_before(struct db *db, Str key, int64_t before_ms, struct err *err) MUST_CHECK;
/* Points with from_ms <= start < to_ms, ascending. A period without a point was not measured. */
bool signal_read(struct arena *arena, struct db *db, int64_t signal_id, int64_t from_ms,
                 int64_t to_ms, struct signal_point **out, size_t *count,
                 struct err *err) MUST_CHECK;
/* The same joined to a longer period by the signal's aggregate (SIGNAL_NONE: ERR_USAGE). n adds up,
 * coverage is the mean over the periods expected inside the range, a point absent counts 0. A
 * joined value is NaN when no part has one. */
bool signal_read_joined(struct arena *arena, struct db *db, int64_t signal_id,
                        enum signal_period period, int64_t from_ms, int64_t to_ms,
                        struct signal_point **out, size_t *count, struct err *err) MUST_CHECK;
/* False in *has_point when there is none. */
bool signal_read_last(struct db *db, int64_t signal_id, struct signal_point *out, bool *has_point,
                      struct err *err) MUST_CHECK;
/* Start of the first point of the signal with the key; false in *has_point when there is none. */
bool signal_first_ms(struct db *db, Str key, int64_t *start_ms, bool *has_point,
                     struct err *err) MUST_CHECK;
/* Breaks inside the range that still separate points of different versions, ascending. */
bool signal_breaks(struct arena *arena, struct db *db, int64_t signal_id, int64_t from_ms,
                   int64_t to_ms, struct signal_break **out, size_t *count,
                   struct err *err) MUST_CHECK;

/* The mark of the version that every point follows although it is not the first: history was stated
 * again under it, or what was older is gone. False in *is_restated otherwise. */
bool signal_restated(struct arena *arena, struct db *db, int64_t signal_id,
                     struct signal_break *out, bool *is_restated, struct err *err) MUST_CHECK;

/* How many signals have a key with the prefix, and how many points they hold. */
bool signal_count(struct db *db, Str key_prefix, int64_t *signals, int64_t *points,
                  struct err *err) MUST_CHECK;

/* For `rebuild`: drops the points of all measured signals whose key starts with the prefix (empty:
 * all). What people entered stays. */
bool signal_drop_measured(struct db *db, Str key_prefix, struct err *err) MUST_CHECK;

#endif
