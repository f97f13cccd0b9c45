/* alert_world.h - for tests of alerts: a workspace with two queries, and sixty days of posts with a
 * rhythm, two bursts of another kind of talk and a day of silence, given in pieces.
 */
#ifndef TESTS_UNIT_ALERT_WORLD_H
#define TESTS_UNIT_ALERT_WORLD_H

#include "listen/alert/alert_store.h"
#include "unit/listen_import.h"

enum { WORLD_DAYS = 60, WORLD_HOURS = WORLD_DAYS * 24 };

static const int64_t world_begin_s = 1772323200; /* 2026-03-01 */

/* Posts of the hours [from, to); the same ones however the hours are cut. */
static inline void world_posts(struct buf *out, int from, int to, int scale)
{
    static const char *const calm[] = {"my phone works", "a phone again", "great phone",
                                       "bad phone"};
    static const char *const angry[] = {"phone battery exploded", "recall the battery of my phone",
                                        "the phone battery burns"};

    for (int hour = from; hour < to; hour++) {
        struct random r = {.seed = 77 + (uint64_t)hour};
        int day = hour / 24, of_day = hour % 24;
        int count = of_day < 6 ? 1 : 4 + (int)random_below(&r, 5);
        int burst = day == 48 && of_day >= 10 && of_day < 14 ? 60
                    : day == 55 && of_day >= 3 && of_day < 6 ? 40
                                                             : 0;
        if (day == 50)
            count = 0;
        for (int i = 0; i < (count + burst) * scale; i++) {
            bool is_burst = i >= count * scale;
            buf_printf(out,
                       "{\"id\":\"%d-%d\",\"source\":\"%s\",\"created_at\":%lld,\"author\":"
                       "{\"handle\":\"%c%u\"},\"metrics\":{\"likes\":%d},\"text\":\"%s\"}\n",
                       hour, i, !is_burst && i % 2 == 0 ? "blog" : "forum",
                       (long long)(world_begin_s + (int64_t)hour * 3600 + i * 7 % 3600),
                       is_burst ? 'v' : 'u', (unsigned)random_below(&r, is_burst ? 20 : 200), i % 5,
                       is_burst ? angry[i % 3] : calm[i % 4]);
        }
    }
}

static inline bool world_open(struct workspace **ws, Str data, struct err *err)
{
    static const char *const queries[][2] = {{"phone", "phone"}, {"battery", "battery"}};
    struct db *system = NULL;

    bool ok = system_db_open(&system, data, err) &&
              workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, err) &&
              workspace_open(ws, data, S("acme"), err);
    db_close(&system);
    for (size_t i = 0; ok && i < COUNT_OF(queries); i++) {
        struct standing_query query = {.name = str_from_cstr(queries[i][0]),
                                       .text = str_from_cstr(queries[i][1])};
        ok = standing_query_create((*ws)->state, &query, S("ann"), 1, err);
    }
    return ok;
}

static inline bool world_import(struct workspace *ws, Str file, int from, int to, int scale,
                                struct alert_found *found, struct err *err)
{
    struct measure_publication published;
    struct import_result result;
    struct archive *a = NULL;
    struct buf posts;

    buf_init(&posts, 64 * MIB);
    world_posts(&posts, from, to, scale);
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = STREAM_NOW_MS};
    bool ok = buf_ok(&posts, err) && file_write_atomic(file, buf_str(&posts), err) &&
              import_run(&job, &result, err) &&
              archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, err) &&
              measure_publish(ws->state, a, STREAM_NOW_MS, &published, err) &&
              alerts_find(ws->state, a, STREAM_NOW_MS, found, err);
    archive_close(&a);
    buf_deinit(&posts);
    return ok;
}

static inline bool world_rule(struct workspace *ws, const char *name, enum alert_kind kind,
                              struct err *err)
{
    struct alert_rule rule = {.name = str_from_cstr(name),
                              .query = kind == ALERT_SHARE ? 2 : 1,
                              .is_on = true,
                              .settings = {.kind = kind, .sensitivity = ALERT_MEDIUM}};
    int64_t parties[] = {1};

    if (kind == ALERT_SHARE) {
        rule.parties = parties;
        rule.party_count = 1;
        rule.settings.direction = ALERT_RISE;
    }
    return alert_rule_create(ws->state, &rule, ALERT_PERIOD_AUTO, INT64_MIN, S("ann"), 5, err);
}

#endif
