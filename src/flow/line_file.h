/* line_file.h - a file that is written line by line and appended by the megabyte.
 *
 * One owner. begin replaces an existing file; end writes what is pending. After a failure the file
 * is incomplete and the error says so.
 */
#ifndef FLOW_LINE_FILE_H
#define FLOW_LINE_FILE_H

#include "base/arena.h"
#include "base/buf.h"

struct line_file {
    Str path; /* lives in the arena given to begin */
    struct buf pending;
};

bool line_file_begin(struct line_file *file, struct arena *a, Str directory, Str name,
                     struct err *err) MUST_CHECK;
bool line_file_add(struct line_file *file, Str line, struct err *err) MUST_CHECK;
/* Safe on a file that was never begun. */
bool line_file_end(struct line_file *file, struct err *err) MUST_CHECK;
void line_file_deinit(struct line_file *file);

#endif
