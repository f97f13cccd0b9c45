#include "flow/restate.h"

#include "listen/measure/measure.h"
#include "listen/measure/spike_store.h"

bool restate_history(struct workspace *workspace, int64_t posts_max, int64_t now_ms,
                     struct rematch_result *out, struct err *err)
{
    struct measure_publication published;
    struct archive *archive = NULL;
    struct archive_stats stats;
    uint64_t found;

    *out = (struct rematch_result){0};
    bool ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_WRITE, err) &&
              archive_stats(archive, &stats, err);
    if (ok && stats.posts > posts_max) {
        err_set(err, ERR_LIMIT, "%lld posts are stored, too many to be matched while you wait",
                (long long)stats.posts);
        ok = err_hint(err, "trimtab post rematch --workspace " STR_F, STR_A(workspace->slug));
    }
    ok = ok && rematch_run(workspace->state, archive, out, err) &&
         measure_restate(workspace->state, archive, now_ms, &published, err) &&
         spikes_find(workspace->state, archive, now_ms, &found, err);
    archive_close(&archive);
    return ok;
}
