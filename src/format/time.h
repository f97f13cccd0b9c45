/* time.h - points in time as text and as numbers: UTC milliseconds since 1970-01-01.
 *
 * No clock and no time zone database in here: text names its offset or means UTC. The calendar is
 * the proleptic Gregorian one, years 1 to 9999, without leap seconds (a second 60 counts as the
 * first of the next minute). Day arithmetic after Hinnant, "chrono-compatible low-level date
 * algorithms" (2013). Pure, thread-safe.
 */
#ifndef FORMAT_TIME_H
#define FORMAT_TIME_H

#include "base/str.h"

#define TIME_SECOND_MS INT64_C(1000)
#define TIME_MINUTE_MS (60 * TIME_SECOND_MS)
#define TIME_HOUR_MS   (60 * TIME_MINUTE_MS)
#define TIME_DAY_MS    (24 * TIME_HOUR_MS)
#define TIME_WEEK_MS   (7 * TIME_DAY_MS)
#define TIME_MIN_MS    INT64_C(-62135596800000) /* 0001-01-01T00:00:00Z */
#define TIME_MAX_MS    INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

typedef struct {
    int32_t year;                 /* 1 to 9999 */
    uint8_t month, day;           /* from 1 */
    uint8_t hour, minute, second; /* from 0 */
    uint16_t ms;                  /* 0 to 999 */
    uint8_t weekday;              /* 0 Monday to 6 Sunday; not read by time_from_civil() */
} Civil;

/* `ms` is clamped to TIME_MIN_MS .. TIME_MAX_MS. */
Civil time_to_civil(int64_t ms);
/* False: no such date or hour. */
bool time_from_civil(Civil c, int64_t *ms) MUST_CHECK;
int64_t time_days_from_civil(int64_t year, unsigned month, unsigned day); /* since 1970-01-01 */
unsigned time_days_in_month(int64_t year, unsigned month);                /* month 1 to 12 */

/* Largest multiple of `period` not after ms: periods of hours and days count from 1970-01-01 UTC,
 * so a TIME_WEEK_MS would begin on a Thursday; use time_floor_week() for Mondays. */
int64_t time_floor(int64_t ms, int64_t period_ms);
int64_t time_floor_week(int64_t ms);
int64_t time_floor_month(int64_t ms);

/* Readers: the text has to be a time from end to end, blanks at the ends aside. False: it is not,
 * *ms is untouched. */

/* RFC 3339 and its relatives: 2026-11-22T08:15:00.25+01:00, blank or t for T, seconds, fraction and
 * zone optional (none = UTC), +0100 and +01 too; date only, year-month, year (W3C-DTF), 20261122.
 */
bool time_parse_iso(Str text, int64_t *ms) MUST_CHECK;
/* RFC 822 and 5322: [Sat,] 14 Sep 2013 19:34[:05] [zone], two-digit years, names of North American
 * zones and the military Z; month name before the day is accepted. */
bool time_parse_rfc822(Str text, int64_t *ms) MUST_CHECK;
/* C's asctime with an optional zone in front of the year: Sat Sep 14 19:34:05 +0000 2013. */
bool time_parse_asctime(Str text, int64_t *ms) MUST_CHECK;
/* A decimal count since 1970 in seconds (fraction allowed), milliseconds or microseconds; which one
 * is told by its size (time_from_epoch). */
bool time_parse_epoch(Str text, int64_t *ms) MUST_CHECK;
/* The order of a date's three numbers. A point between them (22.11.2026) always means day first, a
 * year of four digits in front always year first; between "/" or "-" it has to be told. */
enum time_order {
    TIME_ORDER_NONE, /* nothing to be told */
    TIME_ORDER_OPEN, /* 01/02/2026: day or month first */
    TIME_ORDER_DMY,
    TIME_ORDER_MDY,
    TIME_ORDER_YMD
};
/* What one date shows: 22/11/2026 day first, 11/22/2026 month first, 01/02/2026 nothing (open);
 * NONE for every other text. */
enum time_order time_order_shown(Str text);
/* Dates as people and spreadsheets write them: 22.11.2026, 11/22/2026, 2026/11/22, Nov 22 2026,
 * 22. November 2026 (English and German names), with or without 8:15[:30] [AM|PM]; in UTC. Years of
 * two digits as in RFC 5322: 00 to 49 are 2000 to 2049. False, too, where the order is needed and
 * `order` tells none. */
bool time_parse_written(Str text, enum time_order order, int64_t *ms) MUST_CHECK;
/* Any of the first four. Eight digits are read as a date. */
bool time_parse(Str text, int64_t *ms) MUST_CHECK;

/* |value| below 1e11 are seconds (to the year 5138), below 1e14 milliseconds, else microseconds. */
bool time_from_epoch(double value, int64_t *ms) MUST_CHECK;

/* Writers: NUL-terminated. */
typedef struct {
    char text[32];
} TimeText;

TimeText time_rfc3339(int64_t ms); /* 2026-11-22T08:15:00Z, with .250 only when not zero */
TimeText time_date(int64_t ms);    /* 2026-11-22 */
TimeText time_minute(int64_t ms);  /* 2026-11-22 08:15 */
TimeText time_http(int64_t ms);    /* Sun, 22 Nov 2026 08:15:00 GMT (RFC 9110) */

#endif
