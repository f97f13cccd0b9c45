/* embedded.h - the files that are compiled into the program: schema, method, samples, pages'
 * assets.
 *
 * tools/embed.c writes the table at build time. Names are paths from the root of the tree
 * ("schema/state/0101_ledger.sql"); the table is sorted by name, so the files of a folder lie side
 * by side. Constant data: no ownership, any thread.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include "base/str.h"

struct embedded_file {
    Str path;
    Str bytes;
    const char *sha256_hex; /* 64 digits, of the bytes */
};

/* NULL when there is no such file. */
const struct embedded_file *embedded_find(Str path);
/* The files whose path starts with the prefix; returns their number and points *first at the first.
 */
size_t embedded_list(Str prefix, const struct embedded_file **first);

/* Written by tools/embed.c. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;

#endif
