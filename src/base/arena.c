/* A chunk is a header followed by its room; `next` and `end` delimit the newest chunk's free part.
 * The room doubles with chunks from 4 KiB to 1 MiB; a larger request gets a chunk of its own size.
 * A reset lays chunks aside as spare, from where they are taken first. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct arena_chunk {
    struct arena_chunk *older;
    size_t room;
    _Alignas(max_align_t) char data[];
};

struct arena_cleanup {
    struct arena_cleanup *older;
    void (*close)(void *object);
    void *object;
};

enum { CHUNK_MIN = 4096, CHUNK_MAX = 1024 * 1024 };

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_BLOCK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_BLOCK_EACH 1
#endif
#endif
#ifndef ARENA_BLOCK_EACH
#define ARENA_BLOCK_EACH 0
#endif

void arena_init(struct arena *a, size_t cap_bytes)
{
    ASSERT(cap_bytes > 0);
    *a = (struct arena){.cap_bytes = cap_bytes};
}

void arena_keep_back(struct arena *a, size_t bytes)
{
    ASSERT(bytes < a->cap_bytes);
    a->kept_back_bytes = bytes;
}

static void run_cleanups(struct arena *a)
{
    struct arena_cleanup *list = a->cleanups;

    a->cleanups = NULL;
    for (; list; list = list->older)
        list->close(list->object);
}

static void free_list(struct arena_chunk **list)
{
    while (*list) {
        struct arena_chunk *chunk = *list;
        *list = chunk->older;
        mem_free(chunk);
    }
}

static void lay_aside(struct arena *a, struct arena_chunk *chunk)
{
    struct arena_chunk **at = &a->spare;

    while (*at && (*at)->room > chunk->room)
        at = &(*at)->older;
    chunk->older = *at;
    *at = chunk;
}

void arena_reset(struct arena *a)
{
    size_t kept = 0;

    run_cleanups(a);
    free_list(&a->spare); /* not needed this time */
    while (a->chunks) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->older;
        if (ARENA_BLOCK_EACH || chunk->room > ARENA_SPARE_BYTES_MAX - kept) {
            mem_free(chunk);
        } else {
            kept += chunk->room;
            lay_aside(a, chunk);
        }
    }
    a->next = a->end = NULL;
    a->used_bytes = 0;
}

void arena_deinit(struct arena *a)
{
    run_cleanups(a);
    free_list(&a->chunks);
    free_list(&a->spare);
    *a = (struct arena){.cap_bytes = a->cap_bytes, .kept_back_bytes = a->kept_back_bytes};
}

static size_t chunk_room(const struct arena *a, size_t wanted)
{
    size_t room = a->used_bytes < CHUNK_MIN ? CHUNK_MIN : a->used_bytes;

    if (ARENA_BLOCK_EACH)
        return wanted;
    if (room > CHUNK_MAX)
        room = CHUNK_MAX;
    return room > wanted ? room : wanted;
}

/* The largest spare one, if that does. */
static struct arena_chunk *take_spare(struct arena *a, size_t wanted)
{
    struct arena_chunk *chunk = a->spare;

    if (!chunk || chunk->room < wanted)
        return NULL;
    a->spare = chunk->older;
    return chunk;
}

/* Which of the two doors of mem.h: only the try door may fail in a fault test. */
enum door { DOOR_ABORT, DOOR_TRY };

static bool add_chunk(struct arena *a, size_t wanted, enum door door)
{
    struct arena_chunk *chunk = take_spare(a, wanted);

    if (!chunk) {
        size_t room = chunk_room(a, wanted);
        chunk = door == DOOR_TRY ? mem_try_alloc(1, sizeof *chunk + room)
                                 : mem_alloc(1, sizeof *chunk + room);
        if (!chunk)
            return false;
        chunk->room = room;
    }
    chunk->older = a->chunks;
    a->chunks = chunk;
    a->next = chunk->data;
    a->end = chunk->data + chunk->room;
    return true;
}

static void *allocate(struct arena *a, size_t size, size_t align, size_t count, enum door door)
{
    size_t bytes;

    ASSERT(align > 0 && (align & (align - 1)) == 0 && align <= _Alignof(max_align_t));
    if (__builtin_mul_overflow(size, count, &bytes))
        return NULL;
    size_t pad = -(uintptr_t)a->next & (align - 1);
    size_t room = (size_t)(a->end - a->next);
    size_t cap = a->cap_bytes - (door == DOOR_TRY ? a->kept_back_bytes : 0);
    if (bytes > cap || a->used_bytes > cap - bytes)
        return NULL;
    if (ARENA_BLOCK_EACH || pad > room || bytes > room - pad) {
        if (!add_chunk(a, bytes, door))
            return NULL;
        pad = 0;
    }
    char *p = a->next + pad;
    a->next = p + bytes;
    a->used_bytes += bytes + pad;
    return memset(p, 0, bytes);
}

void *arena_try_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
    return allocate(a, size, align, count, DOOR_TRY);
}

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
    void *p = allocate(a, size, align, count, DOOR_ABORT);

    if (!p)
        assert_fail("arena cap reached by a size the program chose", __FILE__, __LINE__);
    return p;
}

void arena_on_reset(struct arena *a, void (*close)(void *object), void *object)
{
    struct arena_cleanup *cleanup = arena_new(a, struct arena_cleanup, 1);

    *cleanup = (struct arena_cleanup){a->cleanups, close, object};
    a->cleanups = cleanup;
}

bool err_arena(struct err *err, const struct arena *a)
{
    err_set(err, ERR_LIMIT, "out of room: more than %zu bytes for one piece of work",
            a->cap_bytes - a->kept_back_bytes);
    return err_hint(err, "Split the input into smaller pieces.");
}

bool arena_try_str(struct arena *a, Str s, Str *out)
{
    char *copy = arena_try_new(a, char, s.len + 1);

    if (!copy)
        return false;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    *out = (Str){copy, s.len};
    return true;
}

Str arena_str(struct arena *a, Str s)
{
    char *copy = arena_new(a, char, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return (Str){copy, s.len};
}

Str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(len >= 0);
    char *text = arena_new(a, char, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (Str){text, (size_t)len};
}

/* vsnprintf that never cuts inside a character; the bytes written. */
static size_t print_whole(char *out, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(out, size, format, args);

    ASSERT(len >= 0);
    if ((size_t)len < size)
        return (size_t)len;
    size_t whole = str_utf8_invalid_at((Str){out, size - 1});
    return whole + 4 > size - 1 ? whole : size - 1; /* a cut character has at most 3 bytes left */
}

bool arena_try_phrase(struct arena *a, Str *text, struct phrase *phrase, const char *format,
                      va_list args)
{
    char words[ARENA_PHRASE_BYTES + 1], values[ARENA_PHRASE_BYTES];
    size_t used;
    va_list again;

    va_copy(again, args);
    size_t len = print_whole(words, sizeof words, format, args);
    bool is_kept = phrase_values(values, sizeof values, &used, format, again);
    va_end(again);
    *phrase = (struct phrase){0};
    if (is_kept && !arena_try_str(a, (Str){values, used}, &phrase->values))
        return false;
    phrase->format = is_kept ? format : NULL;
    return arena_try_str(a, (Str){words, len}, text);
}

bool str_to_cstr(struct arena *a, Str s, const char **out, struct err *err)
{
    Str copy;

    if (str_find_byte(s, '\0') < s.len)
        return err_set(err, ERR_INPUT, "text holds a NUL byte at offset %zu",
                       str_find_byte(s, '\0'));
    if (!arena_try_str(a, s, &copy))
        return err_arena(err, a);
    *out = copy.ptr;
    return true;
}
