#include "listen/archive/rematch.h"

#include "base/limits.h"
#include "listen/intake.h"
#include "listen/label/label.h"
#include "listen/measure/correction.h"
#include "listen/standing_query.h"
#include "os/clock.h"

struct rematcher {
    struct intake *intake;
    struct arena arena; /* of the post at hand */
    struct rematch_watch watch;
    uint64_t done, total;
};

enum { WATCH_EVERY = 256 }; /* posts */

static bool watch_one(struct rematcher *r, struct err *err)
{
    if (r->done++ % WATCH_EVERY != 0)
        return true;
    if (r->watch.progress)
        r->watch.progress(r->watch.context, r->done - 1, r->total);
    return !r->watch.stop || !atomic_load(r->watch.stop) ||
           err_set(err, ERR_CANCELLED, "matching again was stopped");
}

/* Language and mood stay as they were stored: they belong to the post, not to the query. What the
 * query's corrections make of the mood is the query's. */
static bool rematch_one(void *context, struct archive_item *item, struct err *err)
{
    struct rematcher *r = context;
    struct archive_item fresh;

    arena_reset(&r->arena);
    if (!watch_one(r, err) || !intake_post(r->intake, item->post, &r->arena, &fresh, err))
        return false;
    item->queries = fresh.queries;
    item->query_count = fresh.query_count;
    item->moods = fresh.moods;
    item->addresses_person = fresh.addresses_person;
    return true;
}

bool rematch_run(struct db *state, struct archive *a, const struct rematch_watch *watch,
                 struct rematch_result *result, struct err *err)
{
    struct rematcher r = {.watch = watch ? *watch : (struct rematch_watch){0}};
    struct archive_stats stats;
    struct query_set *set = NULL;
    struct archive_rematch_counts counts = {0};
    struct label_reading reading;
    uint64_t started_ns = clock_monotonic_ns();
    int64_t started_ms = clock_now_ms();

    arena_init(&r.arena, BATCH_ARENA_BYTES_MAX);
    bool ok = archive_stats(a, &stats, err) && standing_set_create(&set, state, err) &&
              intake_create(&r.intake, set, err);
    r.total = ok ? (uint64_t)stats.posts : 0;
    ok = ok && archive_rematch(a, query_set_mark(set), rematch_one, &r, &counts, err) &&
         correction_set_applied(state, started_ms, clock_now_ms(), err) &&
         label_read_machine(state, a, 0, clock_now_ms(), &reading, err);
    *result =
        (struct rematch_result){counts.posts, counts.changed, clock_seconds_since(started_ns)};
    intake_destroy(&r.intake);
    query_set_release(&set);
    arena_deinit(&r.arena);
    return ok;
}
