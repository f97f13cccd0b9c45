/* buf.h - a growable byte string with a maximum set at the start.
 *
 * Sticky: append freely, check buf_ok() once at the end. After the maximum or the memory is reached
 * further appends do nothing and the contents stay a prefix of what was wanted. Owned by the
 * caller, not thread-safe. The bytes are always followed by a NUL that buf_str() does not count.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/err.h"
#include "base/str.h"

struct buf {
    char *ptr;
    size_t len, capacity, max_bytes;
    bool is_failed;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_deinit(struct buf *b); /* safe on a zeroed struct */
void buf_reset(struct buf *b);  /* keeps the capacity */

void buf_add(struct buf *b, Str s);
void buf_add_byte(struct buf *b, char byte);
void buf_add_rune(struct buf *b, uint32_t rune);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
#define buf_lit(b, literal) buf_add((b), S(literal))
/* Room for n more bytes at b->ptr + b->len, to be filled by the caller who then adds to b->len.
 * NULL when it failed. */
char *buf_reserve(struct buf *b, size_t n);
/* Drops bytes from the front. */
void buf_consume(struct buf *b, size_t n);
void buf_truncate(struct buf *b, size_t len);

Str buf_str(const struct buf *b);                             /* valid until the next change */
bool buf_ok(const struct buf *b, struct err *err) MUST_CHECK; /* ERR_LIMIT */

#endif
