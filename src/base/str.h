/* str.h - a slice of bytes that someone else owns.
 *
 * Str is a copyable value: pointer and length, not NUL-terminated, never freed. It may hold any
 * bytes; UTF-8 is validated once, at ingest. `char *` appears only at the edges to libc and
 * libraries, through str_to_cstr() in arena.h, which refuses an embedded NUL. An empty Str may have
 * a NULL pointer. Every function here is pure and thread-safe.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"

typedef struct {
    const char *ptr;
    size_t len; /* bytes */
} Str;

#define S(literal) ((Str){"" literal, sizeof(literal) - 1})
#define S_INIT(literal)                                                                            \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    } /* for static initialisers */
#define STR_F    "%.*s"
#define STR_A(s) (int)(s).len, (s).ptr /* messages only */
#define STR_NONE ((Str){0})

Str str_from_cstr(const char *text);         /* NULL gives the empty slice */
Str str_sub(Str s, size_t from, size_t len); /* clamped to s */
Str str_trim(Str s);                         /* without ASCII blanks at both ends */

bool str_eq(Str a, Str b);
bool str_eq_nocase(Str a, Str b); /* ASCII letters only */
int str_cmp(Str a, Str b);        /* bytewise, <0 0 >0 */
/* Levenshtein distance (1966) of two short names in bytes, ASCII letters alike. SIZE_MAX when one
 * is longer than STR_DISTANCE_BYTES_MAX: too long for a slip of the finger. */
#define STR_DISTANCE_BYTES_MAX 63
size_t str_distance_nocase(Str a, Str b);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);

/* Offset of the first occurrence, or s.len when there is none. */
size_t str_find(Str s, Str needle);
size_t str_find_byte(Str s, char byte);

/* Splits at the first `separator`. False: it is absent, *head is all of `in`, *tail is empty. */
bool str_cut(Str in, char separator, Str *head, Str *tail);

/* Decimal numbers that fill the whole slice. False: anything else, including overflow, inf and nan;
 * *out is then untouched. A Str longer than 63 bytes is no number. */
bool str_to_i64(Str s, int64_t *out) MUST_CHECK;
bool str_to_u64(Str s, uint64_t *out) MUST_CHECK;
bool str_to_f64(Str s, double *out) MUST_CHECK;

/* Decodes one code point at *at (which must be < s.len) and moves *at behind it. An invalid
 * sequence gives U+FFFD and moves by one byte. */
uint32_t str_next_rune(Str s, size_t *at);
/* Appends a code point as UTF-8 to out[4]; returns its length, 1 to 4. */
size_t str_put_rune(char out[4], uint32_t rune);
/* A name for machines: "Survey 2026.csv" to "survey-2026-csv": a-z, 0-9 and single hyphens between
 * them, at most `room` bytes. Returns its length, 0 when nothing is left. */
size_t str_slug(Str s, char *out, size_t room);
/* Offset of the first byte that is not valid UTF-8 (overlong, surrogate and > U+10FFFF included),
 * or s.len when all is well. */
size_t str_utf8_invalid_at(Str s);
/* The first bytes, at most `most`, that do not end inside a character. */
Str str_utf8_head(Str s, size_t most);

#endif
