/* store_check.h - are the files of a workspace sound, while people work with it?
 *
 * Every database is read page by page with its indices and foreign keys, the chain of the ledger is
 * walked. What is wrong is a finding, and the check goes on with the next file.
 *
 * Threads: one; others may read and write meanwhile. Memory: the arena.
 */
#ifndef LEDGER_STORE_CHECK_H
#define LEDGER_STORE_CHECK_H

#include "ledger/backup.h"

#define STORE_FINDINGS_MAX 100 /* listed; further ones are counted */

struct store_finding {
    Str file; /* below the workspace: "posts/2026-11.db" */
    Str what; /* the sentence of an error, in English */
};

struct store_check {
    int64_t files;
    uint64_t bytes;
    int64_t ledger_entries; /* confirmed */
    struct store_finding *findings;
    size_t count;
    int64_t further;
};

/* False: the check itself could not go on (ERR_NO_MEMORY, ERR_CANCELLED). */
bool store_check_run(struct workspace *workspace, struct arena *arena,
                     const struct backup_watch *watch, struct store_check *out,
                     struct err *err) MUST_CHECK;

#endif
