/* stream.h - the standard streams of commands: what they write, files and standard input they read.
 */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include "base/buf.h"
#include "base/str.h"

/* Hands what the buffer holds to whoever reads standard output, and empties it. ERR_LIMIT: the
 * buffer had no room; ERR_IO. */
bool cli_flush(struct buf *out, struct err *err) MUST_CHECK;

/* Appends a whole file, plain, gzip or zstd; "-" is standard input. ERR_LIMIT: more than fits. */
bool cli_read_all(Str path, struct buf *out, struct err *err) MUST_CHECK;

/* What to call it in messages: the path, or "standard input". */
Str cli_file_name(Str path);

/* Names a row that cannot be used on standard error, as file:line: reason. */
void cli_reject(Str path, uint64_t line, Str reason);

#endif
