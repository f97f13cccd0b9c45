/* compress.h - gzip and brotli of whole byte strings: static files, answers, uploads.
 *
 * Streams of any length are unpacked by os/reader.h. Pure, thread-safe; the same input gives the
 * same bytes (gzip headers carry no time). RFC 1952, RFC 7932.
 */
#ifndef FORMAT_COMPRESS_H
#define FORMAT_COMPRESS_H

#include "base/buf.h"
#include "base/err.h"

enum compress_level { COMPRESS_FAST, COMPRESS_BEST }; /* per answer; once, at build time */

/* Append to `out`. ERR_LIMIT when `out` is full. */
bool compress_gzip(struct buf *out, Str bytes, enum compress_level level,
                   struct err *err) MUST_CHECK;
bool compress_brotli(struct buf *out, Str bytes, enum compress_level level,
                     struct err *err) MUST_CHECK;
/* One or more members. At most max_bytes are unpacked (ERR_LIMIT); ERR_INPUT for damage. */
bool compress_gunzip(struct buf *out, Str packed, size_t max_bytes, struct err *err) MUST_CHECK;

#endif
