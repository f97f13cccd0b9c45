/* erase.h - one person out of a workspace: archive, evidence, spikes, alerts, trends, labels,
 * rejects.
 *
 * What is left: sums and published measures (numbers without persons), hashes of the erased posts'
 * identities (so that copies are not taken again), sketches of how many authors there were (from
 * which nobody can be named), and the ledger, which never held them. The ledger gets an entry that
 * says how much went where, under a number, without who it was.
 *
 * Files that people put or made (inbox, files) are not changed, nor are queries and saved views;
 * those that name the person are listed, for somebody to change them.
 *
 * Killed at any moment: nothing is half in a database; call it again and it goes on.
 *
 * Threads: as the workspace. Needs the archive as its writer.
 */
#ifndef LISTEN_ERASE_H
#define LISTEN_ERASE_H

#include "ledger/workspace.h"
#include "listen/archive/archive.h"
#include "listen/erase/erase_places.h"

#define ERASE_FILES_MAX 1000 /* listed; further ones are counted */

struct erase_report {
    /* The person as found: before anything is changed, for whoever confirms. */
    struct archive_erasure archive;
    int64_t evidence, spikes, alerts, trends, labels, rejects; /* places changed */
    int64_t waiting;  /* deliveries not yet stored that name them: call again afterwards */
    bool is_log_held; /* a reader kept the log of state.db from being emptied: call again */
    Str *files;       /* under the workspace, that name them */
    size_t file_count, files_more;
    struct erase_place *places; /* queries and views that name them: also before the erasure */
    size_t place_count;
};

/* Nothing is changed. ERR_NOT_FOUND: no post of such an author. */
bool erase_look(struct workspace *workspace, struct arena *arena, Str who, Str source,
                struct erase_report *out, struct err *err) MUST_CHECK;

struct erase_job {
    struct workspace *workspace;
    struct archive *archive; /* a writer */
    Str who, source;         /* source empty: in every source */
    Str actor, reason;       /* the reason must not be empty: ERR_INPUT */
    int64_t now_ms;
    archive_progress *progress; /* may be NULL: months that are done, of how many */
    void *context;
};
/* Also where no post is found: what is left elsewhere is looked for. */
bool erase_author(const struct erase_job *job, struct arena *arena, struct erase_report *out,
                  struct err *err) MUST_CHECK;
void erase_report_deinit(struct erase_report *report);

#endif
