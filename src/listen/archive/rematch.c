#include "listen/archive/rematch.h"

#include "base/limits.h"
#include "listen/intake.h"
#include "listen/standing_query.h"
#include "os/clock.h"

struct rematcher {
    struct intake *intake;
    struct arena arena; /* of the post at hand */
};

/* Language and mood stay as they were stored: they belong to the post, not to the query. */
static bool rematch_one(void *context, struct archive_item *item, struct err *err)
{
    struct rematcher *r = context;
    struct archive_item fresh;

    arena_reset(&r->arena);
    if (!intake_post(r->intake, item->post, &r->arena, &fresh, err))
        return false;
    item->queries = fresh.queries;
    item->query_count = fresh.query_count;
    item->addresses_person = fresh.addresses_person;
    return true;
}

bool rematch_run(struct db *state, struct archive *a, struct rematch_result *result,
                 struct err *err)
{
    struct rematcher r = {0};
    struct query_set *set = NULL;
    struct archive_rematch_counts counts = {0};
    uint64_t started_ns = clock_monotonic_ns();

    arena_init(&r.arena, BATCH_ARENA_BYTES_MAX);
    bool ok = standing_set_create(&set, state, err) && intake_create(&r.intake, set, err) &&
              archive_rematch(a, query_set_mark(set), rematch_one, &r, &counts, err);
    *result =
        (struct rematch_result){counts.posts, counts.changed, clock_seconds_since(started_ns)};
    intake_destroy(&r.intake);
    query_set_release(&set);
    arena_deinit(&r.arena);
    return ok;
}
