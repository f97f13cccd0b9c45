/* backup.h - a copy of one workspace while people work with it, and back again.
 *
 * A backup is a folder: state.db, posts/YYYY-MM.db and files/ as of one moment each, and MANIFEST
 * with the SHA-256 of every file. state.db is copied first: what the archive has beyond it is known
 * when it comes again, so both fit. The index of words is not in it (it is made anew), nor are
 * secrets (keys of sources): they are set again after a restore.
 *
 * Threads: one; others may read and write the workspace meanwhile.
 */
#ifndef LEDGER_BACKUP_H
#define LEDGER_BACKUP_H

#include "ledger/workspace.h"

struct backup_report {
    int64_t files;
    uint64_t bytes;
    int64_t ledger_entries; /* of the copy, chain verified; by backup_check() */
};

/* The folder must not exist; it appears whole or not at all. ERR_EXISTS, ERR_IO. */
bool backup_write(struct workspace *workspace, Str folder, struct backup_report *out,
                  struct err *err) MUST_CHECK;
/* Every file against MANIFEST, every database page by page, the chain of the ledger. ERR_CORRUPT
 * names the first finding. */
bool backup_check(Str folder, struct backup_report *out, struct err *err) MUST_CHECK;
/* After backup_check(): a new workspace of this slug from it. ERR_EXISTS. */
bool backup_restore(struct db *system, Str data_dir, Str folder, Str slug, Str name, Str actor,
                    int64_t now_ms, struct backup_report *out, struct err *err) MUST_CHECK;

#endif
