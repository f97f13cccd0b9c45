#include "flow/steer.h"

#include "format/time.h"
#include "listen/standing_query.h"

static bool find_key(void *user, struct arena *arena, Str query, Str metric, Str *key)
{
    struct standing_query found;
    struct err err = {0};

    if (!standing_query_find(arena, user, query, &found, &err))
        return false;
    *key = arena_printf(arena, "query:%lld:" STR_F ":day", (long long)found.id, STR_A(metric));
    return true;
}

struct signal_key_source steer_signal_keys(struct db *state)
{
    return (struct signal_key_source){state, find_key};
}

/* Event time up to which the archive holds whole days. */
static bool complete_until(struct archive *archive, int64_t *to_ms, struct err *err)
{
    int64_t from_hour, to_hour;

    if (!archive_span(archive, &from_hour, &to_hour, err))
        return false;
    *to_ms = time_floor(to_hour * TIME_HOUR_MS, TIME_DAY_MS);
    return true;
}

/* What follows from measures that are published. */
static bool look_at_measures(struct arena *a, struct workspace *workspace, struct archive *archive,
                             const struct method *method, Str actor, int64_t now_ms,
                             struct steer_result *out, struct err *err)
{
    struct signal_key_source keys = steer_signal_keys(workspace->state);
    struct change change = {actor, S(PHRASE("new posts")), now_ms};
    int64_t to_ms;

    return spikes_find(workspace->state, archive, now_ms, &out->new_spikes, err) &&
           alerts_find(workspace->state, archive, now_ms, &out->alerts, err) &&
           complete_until(archive, &to_ms, err) &&
           assumption_evaluate(workspace->state, a, method, &change, &keys, to_ms,
                               &out->assumptions, err);
}

bool steer_evaluate_open(struct arena *a, struct workspace *workspace, struct archive *archive,
                         const struct method *method, Str actor, int64_t now_ms,
                         struct steer_result *out, struct err *err)
{
    return measure_publish(workspace->state, archive, now_ms, &out->published, err) &&
           look_at_measures(a, workspace, archive, method, actor, now_ms, out, err);
}

bool steer_evaluate_taken(struct arena *a, struct workspace *workspace, struct archive *archive,
                          const struct archive_taken *taken, struct measure_memory *memory,
                          const struct method *method, Str actor, int64_t now_ms,
                          struct steer_result *out, struct err *err)
{
    return measure_publish_taken(workspace->state, archive, taken, memory, now_ms, &out->published,
                                 err) &&
           look_at_measures(a, workspace, archive, method, actor, now_ms, out, err);
}

bool steer_evaluate(struct arena *a, struct workspace *workspace, const struct method *method,
                    Str actor, int64_t now_ms, struct steer_result *out, struct err *err)
{
    struct archive *archive = NULL;

    bool ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_WRITE, err) &&
              steer_evaluate_open(a, workspace, archive, method, actor, now_ms, out, err);
    archive_close(&archive);
    return ok;
}

bool steer_import(struct arena *a, const struct method *method, const struct import_job *job,
                  struct steer_result *out, struct err *err)
{
    struct import_job shared = *job; /* one archive for the import and what follows */

    *out = (struct steer_result){0};
    bool ok = (shared.archive ||
               archive_open(&shared.archive, job->workspace->posts_dir, ARCHIVE_WRITE, err)) &&
              import_run(&shared, &out->import, err) &&
              steer_evaluate_open(a, job->workspace, shared.archive, method, job->actor,
                                  job->now_ms, out, err);
    if (!job->archive)
        archive_close(&shared.archive);
    return ok;
}
