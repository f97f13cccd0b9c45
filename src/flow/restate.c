#include "flow/restate.h"

#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/alert/alert_store.h"
#include "listen/measure/measure.h"
#include "listen/measure/spike_store.h"
#include "os/clock.h"

static bool note_in_ledger(const struct restate_job *job, const struct restate_result *r,
                           struct err *err)
{
    struct db *state = job->workspace->state;
    struct json_writer w;
    struct buf after;

    buf_init(&after, 4 * KIB);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "posts", (int64_t)r->rematch.posts);
    json_set_i64(&w, "changed", (int64_t)r->rematch.changed);
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = job->now_ms,
                                 .actor = job->actor,
                                 .action = S("posts.rematch"),
                                 .object_kind = S("posts"),
                                 .reason = job->reason,
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && db_begin(state, err);
    ok = ok && db_end(state, ledger_append(state, &entry, err), err);
    buf_deinit(&after);
    return ok;
}

bool restate_history(const struct restate_job *job, struct restate_result *out, struct err *err)
{
    struct db *state = job->workspace->state;
    struct measure_publication published = {0};
    struct alert_found alerts = {0};
    struct archive *archive = NULL;
    uint64_t started_ns = clock_monotonic_ns();

    *out = (struct restate_result){0};
    bool ok = archive_open(&archive, job->workspace->posts_dir, ARCHIVE_WRITE, err) &&
              rematch_run(state, archive, &job->watch, &out->rematch, err);
    if (ok && job->watch.progress)
        job->watch.progress(job->watch.context, out->rematch.posts, out->rematch.posts);
    ok = ok && note_in_ledger(job, out, err) &&
         measure_restate(state, archive, job->now_ms, &published, err) &&
         spikes_find(state, archive, job->now_ms, &out->spikes, err) &&
         alerts_find(state, archive, job->now_ms, &alerts, err);
    out->points = published.points;
    out->alerts = alerts.raised;
    out->seconds = clock_seconds_since(started_ns);
    archive_close(&archive);
    return ok;
}
