#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { CAPACITY_MIN = 64 };

void buf_init(struct buf *b, size_t max_bytes)
{
    ASSERT(max_bytes > 0);
    *b = (struct buf){.max_bytes = max_bytes};
}

void buf_deinit(struct buf *b)
{
    mem_free(b->ptr);
    *b = (struct buf){.max_bytes = b->max_bytes};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->is_failed = false;
    if (b->ptr)
        b->ptr[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->is_failed || n > b->max_bytes || b->len > b->max_bytes - n) {
        b->is_failed = true;
        return NULL;
    }
    if (b->len + n >= b->capacity) { /* one byte stays free for the NUL */
        size_t capacity = b->capacity < CAPACITY_MIN ? CAPACITY_MIN : b->capacity * 2;
        if (capacity < b->len + n + 1)
            capacity = b->len + n + 1;
        char *moved = mem_try_realloc(b->ptr, capacity, 1);
        if (!moved) {
            b->is_failed = true;
            return NULL;
        }
        b->ptr = moved;
        b->capacity = capacity;
    }
    b->ptr[b->len + n] = '\0';
    return b->ptr + b->len;
}

void buf_add(struct buf *b, Str s)
{
    char *room = buf_reserve(b, s.len);

    if (!room)
        return;
    if (s.len > 0)
        memcpy(room, s.ptr, s.len);
    b->len += s.len;
}

void buf_add_byte(struct buf *b, char byte)
{
    char *room = buf_reserve(b, 1);

    if (!room)
        return;
    *room = byte;
    b->len++;
}

void buf_add_rune(struct buf *b, uint32_t rune)
{
    char bytes[4];
    size_t len = str_put_rune(bytes, rune);

    buf_add(b, (Str){bytes, len});
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    char *room = buf_reserve(b, (size_t)len);
    if (room) {
        vsnprintf(room, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_consume(struct buf *b, size_t n)
{
    ASSERT(n <= b->len);
    if (n == 0)
        return;
    memmove(b->ptr, b->ptr + n, b->len - n);
    b->len -= n;
    b->ptr[b->len] = '\0';
}

void buf_truncate(struct buf *b, size_t len)
{
    ASSERT(len <= b->len);
    b->len = len;
    if (b->ptr)
        b->ptr[len] = '\0';
}

Str buf_str(const struct buf *b)
{
    return (Str){b->ptr, b->len};
}

bool buf_ok(const struct buf *b, struct err *err)
{
    if (!b->is_failed)
        return true;
    return err_set(err, ERR_LIMIT, "text grew beyond %zu bytes", b->max_bytes);
}
