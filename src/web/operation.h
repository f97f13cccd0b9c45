/* operation.h - long work on the data of a workspace beside the pages: matching stored posts again,
 * erasing an author, backing up, checking. With progress, and its result until the next of its
 * kind or the end of the server; the ledger keeps what was changed for good.
 *
 * A thread for each; a workspace has one at a time, as most of them need the archive for
 * themselves. How far it is is told to open pages as "progress" events, its beginning and end as
 * "operations" (live/live_hub.h).
 *
 *     none ─► running ─► done
 *                ├─────► failed    (problem says why)
 *                └─────► stopped   (by a person, or with the server)
 *
 * Threads: any.
 */
#ifndef WEB_OPERATION_H
#define WEB_OPERATION_H

#include "flow/restate.h"
#include "ledger/store_check.h"
#include "listen/erase/erase.h"
#include "web/live/live_hub.h"
#include "web/pool.h"

enum { OPERATIONS_MAX = 4 }; /* running, of all workspaces: ERR_BUSY */

enum operation_kind {
    OPERATION_REMATCH, /* counted in posts */
    OPERATION_ERASE,   /* in months */
    OPERATION_BACKUP,  /* in bytes */
    OPERATION_CHECK,   /* in bytes: of the workspace, or of a backup */
    OPERATION_KIND_COUNT
};

enum operation_state {
    OPERATION_NONE, /* not since the server began */
    OPERATION_RUNNING,
    OPERATION_DONE,
    OPERATION_FAILED,
    OPERATION_STOPPED
};

struct operation_wish {
    enum operation_kind kind;
    Str workspace, actor, reason;
    Str who, source; /* erase */
    Str backup;      /* check: its name; empty: the workspace */
};

struct operation_view {
    enum operation_state state;
    int64_t started_ms, finished_ms;
    uint64_t done, total; /* total 0: not known yet */
    double rate;          /* a second */
    double seconds_left;  /* below 0: not known */
    struct err problem;   /* failed */
    Str backup;           /* check: of which backup */
    /* Of the kind that it is, when done. */
    struct restate_result rematch;
    struct erase_report erase; /* without posts and person */
    struct backup_entry made;
    struct store_check check; /* of a backup up to its first finding */
};

const char *operation_kind_name(enum operation_kind kind); /* "rematch" "erase" "backup" "check" */
const char *operation_state_name(enum operation_state state); /* "none" "running" ... */

struct operations;

/* Hub and pool have to outlive it. */
struct operations *operations_create(struct live_hub *hub, struct pool *pool);
/* Stops what runs and waits for it; takes nothing more (ERR_UNAVAILABLE). */
void operations_stop(struct operations *operations);
/* After operations_stop(), when nobody asks any more. NULL-safe. */
void operations_destroy(struct operations **operations);

/* ERR_CONFLICT: another one of the workspace is under way. ERR_BUSY. */
bool operations_begin(struct operations *operations, const struct operation_wish *wish,
                      struct err *err) MUST_CHECK;
/* The latest of its kind; texts are copied into the arena. */
bool operations_find(struct operations *operations, Str workspace, enum operation_kind kind,
                     struct arena *arena, struct operation_view *out, struct err *err) MUST_CHECK;
/* An erasure cannot be stopped: it has to be finished in any case. */
void operations_cancel(struct operations *operations, Str workspace, enum operation_kind kind);

#endif
