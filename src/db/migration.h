/* migration.h - brings the tables of a database to the state that this program knows.
 *
 * A migration is one embedded file "<prefix><number>_<name>.sql": one change, forward only, with a
 * comment that says why. Numbers are unique below a prefix; ranges belong to rooms (01xx ledger,
 * people, signal; 02xx listen; 03xx strategy ...), so a lower number may arrive after a higher one
 * of another room. What was applied is kept in schema_migration with the SHA-256 of the file.
 * All missing ones are applied in order of their number inside one transaction.
 *
 * Refused with a hint, before anything is changed: a recorded migration whose file has changed
 * (ERR_CORRUPT), one that this program does not have (ERR_CONFLICT: newer or unknown).
 * A file may come as "<name>.sqlite.sql" and "<name>.postgres.sql" where one text cannot serve both
 * engines; the other engine's file is passed over.
 */
#ifndef DB_MIGRATION_H
#define DB_MIGRATION_H

#include "base/embedded.h"
#include "db/db.h"

/* The embedded files below the prefix, "schema/state/". A read-only connection is only compared:
 * ERR_CONFLICT when something is missing. */
bool db_migrate(struct db *db, Str prefix, struct err *err) MUST_CHECK;
/* The same with a table of the caller's, sorted by path. */
bool db_migrate_files(struct db *db, const struct embedded_file *files, size_t count,
                      struct err *err) MUST_CHECK;

#endif
