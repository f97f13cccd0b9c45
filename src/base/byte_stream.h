/* byte_stream.h - where bytes go to and come from, said by whoever has them.
 *
 * So that pure code can write its state down and take it up again without knowing of files. Sticky:
 * after the first failure further calls do nothing; the error is that of the first one. One thread.
 * What is written is read on machines of the same byte order only; files say theirs (trend_file.c).
 */
#ifndef BASE_BYTE_STREAM_H
#define BASE_BYTE_STREAM_H

#include <string.h>

#include "base/err.h"
#include "base/str.h"

struct byte_sink {
    bool (*write)(void *context, Str bytes, struct err *err);
    void *context;
    struct err *err;
    bool is_failed;
};

struct byte_source {
    /* Exactly `size` bytes into `out`. ERR_CORRUPT when there are less. */
    bool (*read)(void *context, void *out, size_t size, struct err *err);
    void *context;
    struct err *err;
    bool is_failed;
};

static inline void byte_put(struct byte_sink *sink, const void *bytes, size_t size)
{
    if (!sink->is_failed && size > 0)
        sink->is_failed = !sink->write(sink->context, (Str){bytes, size}, sink->err);
}

static inline void byte_put_u64(struct byte_sink *sink, uint64_t value)
{
    byte_put(sink, &value, sizeof value);
}

static inline void byte_get(struct byte_source *source, void *out, size_t size)
{
    if (!source->is_failed && size > 0)
        source->is_failed = !source->read(source->context, out, size, source->err);
    if (source->is_failed && size > 0)
        memset(out, 0, size);
}

static inline uint64_t byte_get_u64(struct byte_source *source)
{
    uint64_t value = 0;

    byte_get(source, &value, sizeof value);
    return value;
}

/* A number that has to be at most `most`; fails with ERR_CORRUPT and gives 0 otherwise. */
static inline uint64_t byte_get_count(struct byte_source *source, uint64_t most, const char *what)
{
    uint64_t value = byte_get_u64(source);

    if (!source->is_failed && value > most)
        source->is_failed = !err_set(source->err, ERR_CORRUPT, "%s: %llu is more than there can be",
                                     what, (unsigned long long)value);
    return source->is_failed ? 0 : value;
}

#endif
