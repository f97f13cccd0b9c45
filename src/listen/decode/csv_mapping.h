/* csv_mapping.h - remember, per workspace, which columns of a CSV file hold what.
 *
 * A mapping that was said for a file (decode.h) serves every later file with the same heading,
 * until another one is said for it. The caller's connection, the caller's transaction.
 */
#ifndef LISTEN_CSV_MAPPING_H
#define LISTEN_CSV_MAPPING_H

#include "db/db.h"
#include "listen/decode/decode.h"

/* *mapping in `memory`; empty: nothing was said for such a heading. */
bool csv_mapping_recall(struct db *state, const struct decode_columns *columns,
                        struct arena *memory, Str *mapping, struct err *err) MUST_CHECK;
bool csv_mapping_remember(struct db *state, const struct decode_columns *columns, Str mapping,
                          int64_t now_ms, struct err *err) MUST_CHECK;

#endif
