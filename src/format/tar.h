/* tar.h - heads of an archive of files, to be sent as it is made (POSIX.1-1988 ustar).
 *
 *     head | the file's bytes | zeros up to a whole block | ... | two blocks of zeros
 *
 * Sizes of 8 GiB and more are written in base 256, as GNU tar and libarchive read them. Pure.
 */
#ifndef FORMAT_TAR_H
#define FORMAT_TAR_H

#include "base/err.h"
#include "base/str.h"

enum { TAR_BLOCK_BYTES = 512, TAR_NAME_BYTES_MAX = 100, TAR_FOLDER_BYTES_MAX = 155 };

/* Of a plain file that its owner alone may read. ERR_LIMIT: the last part of the name is longer
 * than TAR_NAME_BYTES_MAX, or what stands before it than TAR_FOLDER_BYTES_MAX. */
bool tar_head(Str name, uint64_t bytes, int64_t changed_s, char out[TAR_BLOCK_BYTES],
              struct err *err) MUST_CHECK;
/* Zeros that follow a file of that size. */
size_t tar_padding(uint64_t bytes);

#endif
