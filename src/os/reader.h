/* reader.h - a stream of bytes or lines out of a file, standard input or memory, unpacked as
 * needed.
 *
 * gzip (several members too) and zstd are recognised by their first bytes and unpacked while
 * reading; anything else is passed on as it is, but for a UTF-8 byte order mark at its start.
 * Memory stays bounded: one line of at most INPUT_LINE_BYTES_MAX, and the unpacker's window. An
 * archive that unpacks to more than INFLATE_RATIO_MAX times its size is refused.
 *
 *     while ((ok = os_reader_line(r, &line, &has_line, &err)) && has_line) use(line);
 *
 * A reader belongs to one thread at a time. Slices it hands out point into it and die at its next
 * call; behind each of them INPUT_PADDING_BYTES bytes are readable (their values mean nothing), as
 * json_bulk_parse_padded() wants.
 */
#ifndef OS_READER_H
#define OS_READER_H

#include "base/err.h"
#include "base/str.h"

#define OS_READER_PEEK_BYTES_MAX (64 * 1024) /* more is not held back for peeking */

struct os_reader;

/* `path` "-" is standard input. Nothing is read yet beyond opening. */
bool os_reader_open(struct os_reader **out, Str path, struct err *err) MUST_CHECK;
/* Over bytes that the caller keeps alive until close: uploads, downloads, tests. `name` is for
 * messages and is copied. */
bool os_reader_open_bytes(struct os_reader **out, Str name, Str bytes, struct err *err) MUST_CHECK;
void os_reader_close(struct os_reader **r); /* NULL-safe */

/* The next line without its line end (LF or CRLF). has_line false: the end. A last line without
 * line end counts.
 * ERR_LIMIT: the line is longer than INPUT_LINE_BYTES_MAX and was skipped; os_reader_line_number()
 * names it and the next call goes on behind it. Any other error is final and returned again. */
bool os_reader_line(struct os_reader *r, Str *line, bool *has_line, struct err *err) MUST_CHECK;
/* Between 1 and max_bytes of what comes next; empty at the end. */
bool os_reader_read(struct os_reader *r, size_t max_bytes, Str *out, struct err *err) MUST_CHECK;
/* The next bytes without taking them: as many as asked for (at most OS_READER_PEEK_BYTES_MAX)
 * unless the input ends before. For recognising formats. */
bool os_reader_peek(struct os_reader *r, size_t bytes, Str *out, struct err *err) MUST_CHECK;
/* The same, but content with less once a line is there and the next byte would have to be waited
 * for: for an input that arrives line by line. */
bool os_reader_peek_live(struct os_reader *r, size_t bytes, Str *out, struct err *err) MUST_CHECK;
/* Every line that has arrived was handed out, and a pipe, socket or terminal has nothing more at
 * this moment: the next call would wait. The time to flush what was made of the lines so far.
 * Never true for a regular file, memory, or at the end. */
bool os_reader_would_wait(const struct os_reader *r);

uint64_t os_reader_line_number(const struct os_reader *r); /* of the last line, from 1 */
uint64_t os_reader_bytes_in(const struct os_reader *r);    /* read from the file, packed */
uint64_t os_reader_bytes_out(const struct os_reader *r);   /* handed out, unpacked */
uint64_t os_reader_size_hint(const struct os_reader *r);   /* size of the file, 0 = not known */
bool os_reader_had_mark(
    const struct os_reader *r);                /* of UTF-8; known once something was looked at */
Str os_reader_name(const struct os_reader *r); /* path as given, "-" as is */

#endif
