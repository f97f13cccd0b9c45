/* scratch_file.h - bytes that wait on the disk and belong to nobody else: a file without a name.
 *
 * It is gone when it is closed, also by the end of the process. Close-on-exec. One thread at a
 * time.
 */
#ifndef OS_SCRATCH_FILE_H
#define OS_SCRATCH_FILE_H

#include "base/buf.h"
#include "base/err.h"

struct scratch_file {
    bool is_open;
    int fd; /* for those who write */
};

/* In that folder, which has to be there. ERR_IO, ERR_INPUT: the path holds a NUL. */
bool scratch_open(struct scratch_file *f, Str folder, struct err *err) MUST_CHECK;
/* Appends at most `most` bytes from `at` on to `out`; none at the end. ERR_IO, ERR_LIMIT. */
bool scratch_read(const struct scratch_file *f, uint64_t at, size_t most, struct buf *out,
                  struct err *err) MUST_CHECK;
void scratch_close(struct scratch_file *f); /* safe on a zeroed struct */

#endif
