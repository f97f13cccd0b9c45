/* charset.h - bytes of other character sets made into UTF-8, as spreadsheets and shells write them.
 *
 * UTF-16 is told by its byte order mark. Windows-1252 has no mark: *weighing* the bytes tells it
 * from UTF-8, because letters of Windows-1252 beyond ASCII hardly ever stand so that they are valid
 * UTF-8. A file that holds more bytes that are no UTF-8 than characters of UTF-8 beyond ASCII is
 * taken for Windows-1252; a file in UTF-8 with some broken rows therefore stays one.
 *
 * Both go through a stream in pieces of any size. Pure; one owner each.
 */
#ifndef FORMAT_CHARSET_H
#define FORMAT_CHARSET_H

#include "base/buf.h"

enum charset { CHARSET_UTF_8, CHARSET_UTF_16_LE, CHARSET_UTF_16_BE, CHARSET_WINDOWS_1252 };
const char *charset_name(enum charset charset); /* "UTF-8", "UTF-16", "Windows-1252" */

/* What the mark at the beginning says; false: there is none, which leaves *out alone. */
bool charset_of_mark(Str head, enum charset *out);

/* What a byte means there, after the Encoding Standard: the five that mean nothing are the control
 * characters of their number. */
uint32_t windows_1252_rune(unsigned char byte);

/* Begins zeroed. */
struct charset_weight {
    uint64_t characters;     /* valid ones beyond ASCII */
    uint64_t bad_bytes;      /* that belong to no valid character */
    unsigned due;            /* bytes that the character at hand still lacks */
    unsigned char low, high; /* between which its next one lies */
};
void charset_weigh(struct charset_weight *weight, Str part);
void charset_weigh_end(struct charset_weight *weight); /* what broke off at the end is bad */
enum charset charset_weighed(const struct charset_weight *weight); /* UTF_8 or WINDOWS_1252 */

/* Begins zeroed but for the charset. */
struct charset_stream {
    enum charset charset;
    uint32_t high;      /* UTF-16: the first half of a pair; 0: none */
    unsigned char half; /* UTF-16: the first byte of a unit */
    bool has_half;
};
/* Appends what `part` says in UTF-8; UTF-8 passes as it is. A half of a pair that stands alone
 * becomes the byte FF, which no UTF-8 has: the record it stands in can be refused. One byte gives
 * at most 4, a part of n > 1 bytes at most 3n. Marks are passed on as U+FEFF. */
void charset_add(struct charset_stream *stream, Str part, struct buf *out);
void charset_end(struct charset_stream *stream, struct buf *out); /* what broke off: FF */

#endif
