#include "unit/test.h"

#include <string.h>

#include "base/random.h"
#include "format/time.h"

static void check_time(const char *text, const char *want)
{
    int64_t ms = 0;

    if (!time_parse(str_from_cstr(text), &ms))
        fail_msg("'%s' is a time", text);
    TimeText got = time_rfc3339(ms);
    if (strcmp(got.text, want) != 0)
        fail_msg("'%s' gives %s, not %s", text, got.text, want);
}

static void refuse(const char *text)
{
    int64_t ms = 42;

    if (time_parse(str_from_cstr(text), &ms) || ms != 42)
        fail_msg("'%s' is no time but gives %s", text, time_rfc3339(ms).text);
}

TEST(time_reads_iso)
{
    check_time("2026-11-22T08:15:00Z", "2026-11-22T08:15:00Z");
    check_time("2026-11-22t08:15:00.25z", "2026-11-22T08:15:00.250Z");
    check_time("2026-11-22T08:15:00.123456789+01:30", "2026-11-22T06:45:00.123Z");
    check_time("2026-11-22 08:15:00-0500", "2026-11-22T13:15:00Z");
    check_time("2026-11-22 08:15:00 +0100", "2026-11-22T07:15:00Z");
    check_time("2026-11-22T08:15", "2026-11-22T08:15:00Z");
    check_time("2026-11-22T08:15+01", "2026-11-22T07:15:00Z");
    check_time("2026-11-22", "2026-11-22T00:00:00Z");
    check_time("20261122", "2026-11-22T00:00:00Z");
    check_time("2026-11", "2026-11-01T00:00:00Z");
    check_time("2026", "2026-01-01T00:00:00Z");
    check_time("  2024-02-29T23:59:60Z ", "2024-03-01T00:00:00Z");
    check_time("0001-01-01", "0001-01-01T00:00:00Z");
    check_time("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z");
}

TEST(time_reads_rfc822)
{
    check_time("Sat, 14 Sep 2013 19:34:05 +0000", "2013-09-14T19:34:05Z");
    check_time("14 Sep 2013 19:34 EST", "2013-09-15T00:34:00Z");
    check_time("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z");
    check_time("Sun, 06 Nov 94 08:49:37 GMT", "1994-11-06T08:49:37Z");
    check_time("Saturday, 14-Sep-13 19:34:05 GMT", "2013-09-14T19:34:05Z");
    check_time("Thu, 1 January 2004 19:48:21 PDT", "2004-01-02T02:48:21Z");
    check_time("Sep 14, 2013 19:34:05", "2013-09-14T19:34:05Z");
    check_time("Mon, 14 Sep 2013", "2013-09-14T00:00:00Z");
    check_time("Sun, 22 Nov 2026 08:15:00 GMT+0100", "2026-11-22T07:15:00Z");
}

TEST(time_reads_asctime)
{
    check_time("Sat Sep 14 19:34:05 +0000 2013", "2013-09-14T19:34:05Z");
    check_time("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z");
    check_time("Sat Sep 14 19:34:05 CEST 2013", "2013-09-14T17:34:05Z");
}

TEST(time_reads_epochs)
{
    check_time("1379187245", "2013-09-14T19:34:05Z");
    check_time("1379187245.5", "2013-09-14T19:34:05.500Z");
    check_time("1379187245123", "2013-09-14T19:34:05.123Z");
    check_time("1379187245123456", "2013-09-14T19:34:05.123Z");
    check_time("1.379187245e9", "2013-09-14T19:34:05Z");
    check_time("0", "1970-01-01T00:00:00Z");
    check_time("-1", "1969-12-31T23:59:59Z");
    int64_t ms = 0;
    CHECK(!time_from_epoch(1e300, &ms) && !time_from_epoch(-9e13, &ms));
    CHECK(time_from_epoch(99999999999.0, &ms));
    CHECK_STR(str_from_cstr(time_rfc3339(ms).text), "5138-11-16T09:46:39Z");
}

TEST(time_refuses_the_rest)
{
    static const char *const texts[] = {"",
                                        "soon",
                                        "2026-13-01",
                                        "2026-02-30",
                                        "2025-02-29",
                                        "2026-11-22T24:00:00",
                                        "2026-11-22T08:60",
                                        "2026-11-22T08:15:00X",
                                        "2026-11-22T08:15:00+25:00",
                                        "2026-11-22 x",
                                        "2026-11-22T",
                                        "0000-01-01",
                                        "Sat, 31 Sep 2013 10:00:00 GMT",
                                        "14 Foo 2013",
                                        "2013-09-14T10:00:00Z and more",
                                        "Sat Sep 14 19:34:05 QQQ 2013",
                                        "9999-12-31T23:59:59-01:00",
                                        "nan",
                                        "inf",
                                        "1e400",
                                        "--1"};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        refuse(texts[i]);
}

TEST(time_civil_and_back_for_every_day)
{
    int64_t ms, first = time_days_from_civil(1, 1, 1), last = time_days_from_civil(9999, 12, 31);
    unsigned weekday = 0; /* 0001-01-01 was a Monday */

    CHECK_INT(first * TIME_DAY_MS, TIME_MIN_MS);
    CHECK_INT((last + 1) * TIME_DAY_MS - 1, TIME_MAX_MS);
    for (int64_t day = first; day <= last; day++) {
        Civil c = time_to_civil(day * TIME_DAY_MS + 12345678);
        CHECK(time_from_civil(c, &ms) && ms == day * TIME_DAY_MS + 12345678);
        CHECK(c.weekday == weekday);
        weekday = (weekday + 1) % 7;
    }
}

TEST(time_floors)
{
    CHECK_INT(time_floor(-1, TIME_HOUR_MS), -TIME_HOUR_MS);
    CHECK_INT(time_floor(TIME_HOUR_MS, TIME_HOUR_MS), TIME_HOUR_MS);
    int64_t sunday = 0, monday = 0, first = 0;
    CHECK(time_parse_iso(S("2026-11-22T23:59:59Z"), &sunday));
    CHECK(time_parse_iso(S("2026-11-16"), &monday) && time_parse_iso(S("2026-11-01"), &first));
    CHECK_INT(time_floor_week(sunday), monday);
    CHECK_INT(time_floor_week(monday), monday);
    CHECK_INT(time_floor_week(monday - 1), monday - TIME_WEEK_MS);
    CHECK_INT(time_floor_month(sunday), first);
}

TEST(time_writes_and_reads_back)
{
    struct random r = {.seed = 3};
    int64_t ms = 0, back = 0;

    for (int i = 0; i < 20000; i++) {
        ms = TIME_MIN_MS + (int64_t)random_below(&r, (uint64_t)(TIME_MAX_MS - TIME_MIN_MS));
        CHECK(time_parse_iso(str_from_cstr(time_rfc3339(ms).text), &back) && back == ms);
        ms = time_floor(ms, TIME_SECOND_MS);
        CHECK(time_parse_rfc822(str_from_cstr(time_http(ms).text), &back) && back == ms);
        ms = time_floor(ms, TIME_MINUTE_MS);
        CHECK(time_parse(str_from_cstr(time_minute(ms).text), &back) && back == ms);
        ms = time_floor(ms, TIME_DAY_MS);
        CHECK(time_parse(str_from_cstr(time_date(ms).text), &back) && back == ms);
    }
    CHECK_STR(str_from_cstr(time_http(784111777000).text), "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK_STR(str_from_cstr(time_rfc3339(INT64_MAX).text), "9999-12-31T23:59:59.999Z");
}

TEST(time_reads_written_dates)
{
    static const struct {
        const char *text;
        enum time_order order;
        const char *want; /* empty: refused */
    } cases[] = {
        {"22.11.2026 08:15", TIME_ORDER_NONE, "2026-11-22T08:15:00Z"},
        {"22.11.2026", TIME_ORDER_MDY, "2026-11-22T00:00:00Z"},
        {"1. 2. 26", TIME_ORDER_NONE, "2026-02-01T00:00:00Z"},
        {"1.2.50", TIME_ORDER_NONE, "1950-02-01T00:00:00Z"},
        {"11/22/2026", TIME_ORDER_MDY, "2026-11-22T00:00:00Z"},
        {"11/22/2026", TIME_ORDER_DMY, ""},
        {"01/02/2026", TIME_ORDER_OPEN, ""},
        {"01/02/2026 12:05 AM", TIME_ORDER_DMY, "2026-02-01T00:05:00Z"},
        {"01/02/2026 12:05 PM", TIME_ORDER_DMY, "2026-02-01T12:05:00Z"},
        {"01/02/2026 13:05 PM", TIME_ORDER_DMY, ""},
        {"26/11/22", TIME_ORDER_YMD, "2026-11-22T00:00:00Z"},
        {"2026/11/22 08:15", TIME_ORDER_NONE, "2026-11-22T08:15:00Z"},
        {"Nov 22 2026 8:15 PM", TIME_ORDER_NONE, "2026-11-22T20:15:00Z"},
        {"22. November 2026", TIME_ORDER_NONE, "2026-11-22T00:00:00Z"},
        {"3. M\xc3\xa4rz 2026, 8:15 Uhr", TIME_ORDER_NONE, "2026-03-03T08:15:00Z"},
        {"31. Dez. 2026", TIME_ORDER_NONE, "2026-12-31T00:00:00Z"},
        {"30.2.2026", TIME_ORDER_NONE, ""},
        {"22.11.2026x", TIME_ORDER_NONE, ""},
        {"22.11.202", TIME_ORDER_NONE, ""},
        {"", TIME_ORDER_DMY, ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = 0;
        bool is_read = time_parse_written(str_from_cstr(cases[i].text), cases[i].order, &ms);
        CHECK_STR(is_read ? str_from_cstr(time_rfc3339(ms).text) : STR_NONE, cases[i].want);
    }
    CHECK_INT(time_order_shown(S("22/11/2026 08:15")), TIME_ORDER_DMY);
    CHECK_INT(time_order_shown(S("11/22/2026")), TIME_ORDER_MDY);
    CHECK_INT(time_order_shown(S("01-02-2026")), TIME_ORDER_OPEN);
    CHECK_INT(time_order_shown(S("01.02.2026")), TIME_ORDER_NONE);
    CHECK_INT(time_order_shown(S("2026-11-22")), TIME_ORDER_NONE);
}

int main(void)
{
    return RUN(CASE(time_reads_iso), CASE(time_reads_rfc822), CASE(time_reads_asctime),
               CASE(time_reads_epochs), CASE(time_refuses_the_rest),
               CASE(time_civil_and_back_for_every_day), CASE(time_floors),
               CASE(time_writes_and_reads_back), CASE(time_reads_written_dates));
}
