/* decode_any.h - the body of the decoders' fuzz targets; FUZZ_FORMAT is the format. */
#ifndef FUZZ_DECODE_ANY_H
#define FUZZ_DECODE_ANY_H

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "listen/archive/archive.h"
#include "listen/decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All blocks; calls check for every batch. */
static void decode_any(Str bytes, enum decode_format format, struct decoder *decoder,
                       struct decode_batch *batch, void (*check)(const struct decode_batch *batch))
{
    struct decode_options options = {.format = format};
    struct decode_input *in = NULL;
    struct decode_block block;
    struct arena plans;
    struct err err = {0};
    bool has_block = true;

    arena_init(&plans, 16 * MIB);
    decode_block_init(&block);
    if (decode_input_open_bytes(&in, S("fuzz"), bytes, &options, &plans, &err))
        while (decode_input_next(in, &block, &has_block, &err) && has_block) {
            if (!decoder_run(decoder, &block, batch, &err))
                break;
            check(batch);
        }
    decode_input_close(&in);
    decode_block_deinit(&block);
    arena_deinit(&plans);
}

static void check_text(Str text)
{
    ASSERT(str_utf8_invalid_at(text) == text.len);
    ASSERT(text.len == 0 || !memchr(text.ptr, '\0', text.len));
}

static struct buf written;
static uint64_t contents[64];
static size_t content_count, content_at;

static void check_batch(const struct decode_batch *batch)
{
    ASSERT(batch->row_count == batch->posts.count + batch->rejects.count);
    for (size_t i = 0; i < batch->rejects.count; i++)
        ASSERT(batch->rejects.items[i].reason.len > 0 && batch->rejects.items[i].line > 0);
    for (size_t i = 0; i < batch->posts.count; i++) {
        const struct post *post = &batch->posts.items[i].post;
        ASSERT(post->id.len > 0 && post->source.len > 0 && post->kind.len > 0);
        check_text(post->id);
        check_text(post->title);
        check_text(post->text);
        check_text(post->author.handle);
        ASSERT(post->metrics.likes >= POST_UNKNOWN && post->author.followers >= POST_UNKNOWN);
        if (content_count < COUNT_OF(contents) && post->text.len + post->title.len > 0) {
            contents[content_count++] = post_content(post);
            post_write_native(post, &written);
            buf_add_byte(&written, '\n');
        }
    }
}

static void check_again(const struct decode_batch *batch)
{
    ASSERT(batch->rejects.count == 0);
    for (size_t i = 0; i < batch->posts.count; i++)
        ASSERT(post_content(&batch->posts.items[i].post) == contents[content_at++]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    static struct decode_batch batch;
    struct err err = {0};

    if (!decoder) {
        if (!decoder_create(&decoder, &err))
            return 0;
        decode_batch_init(&batch);
        buf_init(&written, 256 * MIB);
    }
    buf_reset(&written);
    content_count = content_at = 0;
    decode_any((Str){(const char *)data, size}, FUZZ_FORMAT, decoder, &batch, check_batch);
    decode_any(buf_str(&written), DECODE_NATIVE, decoder, &batch, check_again);
    return 0;
}

#endif
