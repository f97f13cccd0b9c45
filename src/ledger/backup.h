/* backup.h - a copy of one workspace while people work with it, and back again.
 *
 * A backup is a folder: state.db, posts/YYYY-MM.db and files/ as of one moment each, and MANIFEST
 * with the SHA-256 of every file. state.db is copied first: what the archive has beyond it is known
 * when it comes again, so both fit. The index of words is not in it (it is made anew), nor are
 * secrets (keys of sources): they are set again after a restore.
 *
 * Backups made from within lie in <data>/backups/<slug>/<time>, named by the UTC time of their
 * making: 20261122T200102Z. They stay when the workspace is removed.
 *
 * Threads: one; others may read and write the workspace meanwhile.
 */
#ifndef LEDGER_BACKUP_H
#define LEDGER_BACKUP_H

#include <stdatomic.h>

#include "ledger/workspace.h"

struct backup_report {
    int64_t files;
    uint64_t bytes;
    int64_t ledger_entries; /* of the copy, chain verified; by backup_check() */
};

struct backup_watch {
    void (*progress)(void *context, uint64_t done, uint64_t total); /* bytes; after every file */
    void *context;
    const atomic_bool *stop; /* may be NULL: ERR_CANCELLED, nothing is left of it */
};

/* The folder must not exist; it appears whole or not at all. `watch` may be NULL. ERR_EXISTS,
 * ERR_IO. */
bool backup_write(struct workspace *workspace, Str folder, const struct backup_watch *watch,
                  struct backup_report *out, struct err *err) MUST_CHECK;
/* Every file against MANIFEST, every database page by page, the chain of the ledger. ERR_CORRUPT
 * names the first finding. */
bool backup_check(Str folder, const struct backup_watch *watch, struct backup_report *out,
                  struct err *err) MUST_CHECK;

struct backup_origin {
    Str actor, reason; /* the reason must not be empty: ERR_INPUT */
    int64_t now_ms;
};
/* After backup_check(): a new workspace of this slug from it. The ledgers of the system and of the
 * workspace note it with the reason. ERR_EXISTS. */
bool backup_restore(struct db *system, Str data_dir, Str folder, Str slug, Str name,
                    const struct backup_origin *origin, struct backup_report *out,
                    struct err *err) MUST_CHECK;

/* ---- those of the data directory ------------------------------------------------------------- */

struct backup_entry {
    Str name;        /* "20261122T200102Z" */
    Str folder;      /* where it lies */
    int64_t made_ms; /* from the name */
    int64_t files;   /* of MANIFEST, which is not counted */
    uint64_t bytes;  /* of the files that are there */
};

#define BACKUP_NAME_BYTES 16

/* backup_write() to its place, noted in the ledger as "workspace.backup". Texts of *out live in
 * the arena. */
bool backup_make(struct workspace *workspace, Str data_dir, const struct backup_origin *origin,
                 const struct backup_watch *watch, struct arena *arena, struct backup_entry *out,
                 struct err *err) MUST_CHECK;
/* Newest first. */
bool backup_list(struct arena *arena, Str data_dir, Str slug, struct backup_entry **out,
                 size_t *count, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND, also for a name that is none. */
bool backup_find(struct arena *arena, Str data_dir, Str slug, Str name, struct backup_entry *out,
                 struct err *err) MUST_CHECK;
/* Noted in the ledger as "workspace.backup_remove". */
bool backup_remove(struct workspace *workspace, Str data_dir, Str name,
                   const struct backup_origin *origin, struct err *err) MUST_CHECK;
/* Somebody took it away: "workspace.backup_download". */
bool backup_note_download(struct workspace *workspace, Str name, const struct backup_origin *origin,
                          struct err *err) MUST_CHECK;

#endif
