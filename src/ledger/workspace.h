/* workspace.h - one company's data, and where the data of all of them lies.
 *
 *     <data>/system.db                     accounts, sessions, tokens, list of workspaces, ledger
 *     <data>/workspaces/<slug>/state.db    everything people decided or did
 *     <data>/workspaces/<slug>/posts/      archive segments, one a month
 *     <data>/workspaces/<slug>/files/      uploads and generated documents, by content hash
 *
 * Isolation between companies is a file boundary. A `struct workspace` holds one connection, so it
 * belongs to one thread; each thread opens its own.
 */
#ifndef LEDGER_WORKSPACE_H
#define LEDGER_WORKSPACE_H

#include "db/db.h"

#define WORKSPACE_SLUG_BYTES_MAX 63
#define WORKSPACE_NAME_BYTES_MAX 200

struct workspace {
    Str slug, name;
    Str dir;          /* <data>/workspaces/<slug> */
    Str posts_dir;    /* exists */
    Str files_dir;    /* exists */
    struct db *state; /* state.db, migrated */
    struct arena memory;
};

struct workspace_entry {
    Str slug, name;
    int64_t created_at_ms;
};

/* `wanted` (a --data flag) if not empty, else $TRIMTAB_DATA, else $XDG_DATA_HOME/trimtab, else
 * ~/.local/share/trimtab. Nothing is created. ERR_USAGE when none of them is set. */
bool data_dir_resolve(struct arena *arena, Str wanted, Str *out, struct err *err) MUST_CHECK;

/* Opens (creates when absent: the folder too, for its owner alone) system.db, migrated. Close with
 * db_close(). */
bool system_db_open(struct db **out, Str data_dir, struct err *err) MUST_CHECK;
/* For looking only: ERR_NOT_FOUND when there is no data directory yet. */
bool system_db_open_read(struct db **out, Str data_dir, struct err *err) MUST_CHECK;

/* 1 to 63 of a-z 0-9 and single hyphens between them; "system" and "new" are taken. ERR_INPUT. */
bool workspace_slug_check(Str slug, struct err *err) MUST_CHECK;

/* Makes the folders and state.db, writes "workspace.create" as the first entry of its ledger and
 * enters it into system.db. Repeating it after a crash in the middle completes it. ERR_EXISTS. */
bool workspace_create(struct db *system, Str data_dir, Str slug, Str name, Str actor,
                      int64_t now_ms, struct err *err) MUST_CHECK;
/* Removes it with everything in it, roles and keys for it included; the ledger of the system keeps
 * "workspace.remove" with the reason. Nobody may have it open. Repeating it after a crash in the
 * middle completes it. ERR_NOT_FOUND. */
bool workspace_remove(struct db *system, Str data_dir, Str slug, Str actor, Str reason,
                      int64_t now_ms, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND names the slug and hints at those that exist. */
bool workspace_open(struct workspace **out, Str data_dir, Str slug, struct err *err) MUST_CHECK;
/* Neither creates nor migrates anything. */
bool workspace_open_read(struct workspace **out, Str data_dir, Str slug,
                         struct err *err) MUST_CHECK;
void workspace_close(struct workspace **workspace); /* NULL-safe */
/* In order of the slug. */
bool workspace_list(struct arena *arena, struct db *system, struct workspace_entry **out,
                    size_t *count, struct err *err) MUST_CHECK;

#endif
