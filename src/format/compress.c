#include "format/compress.h"

#include <brotli/encode.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

enum {
    GZIP_WINDOW_BITS = 15 + 16,
    GZIP_MEMORY_LEVEL = 8,
    GZIP_FAST = 5,
    BROTLI_FAST = 4,
    CHUNK_BYTES = 64 * 1024
};

static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_try_alloc(count, size);
}

static void zlib_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

/* zlib's next_in is not const but is only read. */
static Bytef *input_of(Str bytes)
{
    return (Bytef *)(uintptr_t)bytes.ptr;
}

static bool no_memory(struct err *err, const char *what)
{
    return err_set(err, ERR_NO_MEMORY, "could not %s: no memory", what);
}

/* Runs deflate or inflate over all input in steps that avail_in and avail_out can count. Ends at
 * the end of the stream, when the input is used up, or on failure. */
static int run(z_stream *z, int (*turn)(z_stream *, int), Str *rest, struct buf *out,
               size_t max_bytes)
{
    int code = Z_OK;
    size_t from = out->len;

    do {
        Str piece = str_sub(*rest, 0, CHUNK_BYTES);
        z->next_in = input_of(piece);
        z->avail_in = (unsigned)piece.len;
        char *room = buf_reserve(out, CHUNK_BYTES);
        if (!room || out->len - from > max_bytes)
            return Z_BUF_ERROR;
        z->next_out = (Bytef *)room;
        z->avail_out = CHUNK_BYTES;
        code = turn(z, piece.len == rest->len ? Z_FINISH : Z_NO_FLUSH);
        out->len += CHUNK_BYTES - z->avail_out;
        *rest = str_sub(*rest, piece.len - z->avail_in, rest->len);
        if (code == Z_BUF_ERROR && z->avail_out == 0)
            code = Z_OK; /* more room is needed, not more input */
    } while (code == Z_OK);
    return code;
}

bool compress_gzip(struct buf *out, Str bytes, enum compress_level level, struct err *err)
{
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    int zlib_level = level == COMPRESS_BEST ? Z_BEST_COMPRESSION : GZIP_FAST;

    if (deflateInit2(&z, zlib_level, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return no_memory(err, "compress");
    int code = run(&z, deflate, &bytes, out, SIZE_MAX);
    deflateEnd(&z);
    if (code == Z_STREAM_END)
        return true;
    out->is_failed = true;
    return !buf_ok(out, err) && err_wrap(err, "could not compress");
}

static void *brotli_alloc(void *unused, size_t size)
{
    (void)unused;
    return mem_try_alloc(1, size);
}

static void brotli_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

static bool brotli_run(BrotliEncoderState *state, struct buf *out, Str bytes)
{
    const uint8_t *next_in = (const uint8_t *)bytes.ptr;
    size_t left_in = bytes.len;

    while (!BrotliEncoderIsFinished(state)) {
        char *room = buf_reserve(out, CHUNK_BYTES);
        uint8_t *next_out = (uint8_t *)room;
        size_t left_out = CHUNK_BYTES;
        if (!room || !BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &left_in,
                                                  &next_in, &left_out, &next_out, NULL))
            return false;
        out->len += CHUNK_BYTES - left_out;
    }
    return true;
}

bool compress_brotli(struct buf *out, Str bytes, enum compress_level level, struct err *err)
{
    BrotliEncoderState *state = BrotliEncoderCreateInstance(brotli_alloc, brotli_free, NULL);

    if (!state)
        return no_memory(err, "compress");
    BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY,
                              level == COMPRESS_BEST ? BROTLI_MAX_QUALITY : BROTLI_FAST);
    BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT,
                              (uint32_t)(bytes.len < UINT32_MAX ? bytes.len : UINT32_MAX));
    bool ok = brotli_run(state, out, bytes);
    BrotliEncoderDestroyInstance(state);
    if (ok)
        return true;
    return out->is_failed ? !buf_ok(out, err) && err_wrap(err, "could not compress")
                          : no_memory(err, "compress");
}

bool compress_gunzip(struct buf *out, Str packed, size_t max_bytes, struct err *err)
{
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    size_t from = out->len;
    int code = Z_STREAM_END;

    if (packed.len == 0)
        return err_set(err, ERR_INPUT, "cannot unpack: no gzip data");
    if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
        return no_memory(err, "unpack");
    while (code == Z_STREAM_END && packed.len > 0) {
        code = inflateReset(&z);
        if (code == Z_OK)
            code = run(&z, inflate, &packed, out, max_bytes - (out->len - from));
        if (out->len - from > max_bytes || out->is_failed)
            code = Z_BUF_ERROR;
    }
    inflateEnd(&z);
    if (out->len - from > max_bytes || out->is_failed)
        return err_set(err, ERR_LIMIT, "cannot unpack: more than %zu bytes", max_bytes);
    if (code == Z_MEM_ERROR)
        return no_memory(err, "unpack");
    return code == Z_STREAM_END || err_set(err, ERR_INPUT, "cannot unpack: damaged gzip data");
}
