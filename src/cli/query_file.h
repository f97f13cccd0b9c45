/* query_file.h - files of queries: `id TAB query`, one a line.
 *
 * Empty lines and lines that begin with # are passed over. A line without a tab, without an id, or
 * with an id used before is a bad row: it is reported, the others are read. Memory lives in the
 * arena given. One owner.
 */
#ifndef CLI_QUERY_FILE_H
#define CLI_QUERY_FILE_H

#include "base/arena.h"
#include "base/vec.h"
#include "listen/match/match.h"

struct query_file {
    Str path; /* as given, "-" = standard input */
    struct {
        VEC(struct query_set_item);
    } items;
    struct {
        VEC(uint64_t);
    } lines; /* line number of each item, from 1 */
    size_t bad_row_count;
};

/* Reads the file and names bad rows on standard error as file:line: reason. */
bool query_file_read(struct query_file *file, Str path, struct arena *a,
                     struct err *err) MUST_CHECK;
void query_file_deinit(struct query_file *file);
/* One query over any number of lines, "-" = standard input; the line ends behind it are dropped. */
bool query_text_read(struct arena *a, Str path, Str *out, struct err *err) MUST_CHECK;
/* Resolves @@name to the query with that id (struct query_file as context). */
bool query_file_find(void *context, Str name, Str *text);

#endif
