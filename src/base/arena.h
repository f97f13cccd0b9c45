/* arena.h - memory owned by a lifetime: process, worker, batch, request, job.
 *
 * Allocate freely, free nothing singly, reset or deinit the whole. Memory is zeroed. An arena grows
 * in chunks up to its cap. Two doors: arena_alloc() aborts at the cap and is for sizes we chose;
 * arena_try_alloc() returns NULL and is mandatory where the size comes from input (answer
 * ERR_LIMIT, err_arena() words it). One owner, not thread-safe. With the address sanitizer each
 * allocation is a block of its own, so that overruns and use after reset are found.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct arena_chunk;
struct arena_cleanup;

struct arena {
    struct arena_chunk *chunks;     /* newest first */
    struct arena_chunk *spare;      /* of before the last reset, not used since; largest first */
    struct arena_cleanup *cleanups; /* newest first */
    char *next, *end;               /* free part of the newest chunk */
    size_t used_bytes;              /* handed out since the last reset, padding included */
    size_t cap_bytes;
    size_t kept_back_bytes; /* of the cap: only for arena_alloc() */
};

void arena_init(struct arena *a, size_t cap_bytes);
/* The try door answers NULL already when only `bytes` of the cap are left, less than the cap
 * itself. So whoever filled the arena with input can still be answered: without it, the next
 * arena_alloc() would end the program. */
void arena_keep_back(struct arena *a, size_t bytes);
/* Runs the clean-ups. Keeps up to ARENA_SPARE_BYTES_MAX of what was used since the last reset, so
 * that a batch as large as the one before allocates nothing; frees the rest. */
#define ARENA_SPARE_BYTES_MAX ((size_t)4 << 20)
void arena_reset(struct arena *a);
void arena_deinit(struct arena *a);

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count);
void *arena_try_alloc(struct arena *a, size_t size, size_t align, size_t count) MUST_CHECK;
#define arena_new(a, T, n)     ((T *)arena_alloc((a), sizeof(T), _Alignof(T), (n)))
#define arena_try_new(a, T, n) ((T *)arena_try_alloc((a), sizeof(T), _Alignof(T), (n)))

/* Calls close(object) at reset or deinit, newest first: for resources other than memory. */
void arena_on_reset(struct arena *a, void (*close)(void *object), void *object);

/* Sets ERR_LIMIT: the arena's cap was reached. */
bool err_arena(struct err *err, const struct arena *a);

/* Copies; the try form returns false at the cap. */
Str arena_str(struct arena *a, Str s);
bool arena_try_str(struct arena *a, Str s, Str *out) MUST_CHECK;
Str arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
/* A formatted text of at most ARENA_PHRASE_BYTES, cut at a character's end, and its phrase. Without
 * a format when the values cannot be kept. False at the cap. */
enum { ARENA_PHRASE_BYTES = 512 };
bool arena_try_phrase(struct arena *a, Str *text, struct phrase *phrase, const char *format,
                      va_list args) MUST_CHECK;
/* NUL-terminated copy for libc and libraries; a NUL inside is refused with ERR_INPUT. */
bool str_to_cstr(struct arena *a, Str s, const char **out, struct err *err) MUST_CHECK;

#endif
