/* listen_decode.h - what the tests of the decoders share: a text decoded, its only post, its only
 * refusal. */
#ifndef TESTS_UNIT_LISTEN_DECODE_H
#define TESTS_UNIT_LISTEN_DECODE_H

#include <string.h>

#include "base/limits.h"
#include "listen/decode/decode.h"

/* Everything decoded from one text, kept until the next call. */
static struct arena plans;
static struct decode_batch batch;

static inline bool decode(Str bytes, const struct decode_options *options, struct err *err)
{
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct decode_block block;
    bool has_block, ok;

    decode_batch_deinit(&batch);
    decode_batch_init(&batch);
    decode_block_init(&block);
    ok = decode_input_open_bytes(&in, S("test"), bytes, options, &plans, err) &&
         decoder_create(&d, err) && decode_input_next(in, &block, &has_block, err) &&
         (!has_block || decoder_run(d, &block, &batch, err));
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    return ok;
}

static inline const struct post *one(Str line, enum decode_format format)
{
    struct decode_options options = {.format = format};
    struct err err = {0};

    CHECK(decode(line, &options, &err));
    CHECK_INT(batch.posts.count, 1);
    CHECK_INT(batch.rejects.count, 0);
    return &batch.posts.items[0].post;
}

static inline Str refused(Str line, enum decode_format format)
{
    struct decode_options options = {.format = format};
    struct err err = {0};

    CHECK(decode(line, &options, &err));
    CHECK_INT(batch.posts.count, 0);
    CHECK_INT(batch.rejects.count, 1);
    return batch.rejects.items[0].reason;
}

/* All blocks of a text; the reasons of the rejects, one a line. */
static inline uint64_t decode_all(Str bytes, enum decode_format format, struct buf *reasons)
{
    struct decode_options options = {.format = format};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct decode_block block;
    struct err err = {0};
    uint64_t posts = 0;
    bool has_block = true;

    decode_block_init(&block);
    CHECK(decode_input_open_bytes(&in, S("t"), bytes, &options, &plans, &err));
    CHECK(decoder_create(&d, &err));
    while (decode_input_next(in, &block, &has_block, &err) && has_block) {
        CHECK(decoder_run(d, &block, &batch, &err));
        posts += batch.posts.count;
        vec_each (struct decode_reject, reject, &batch.rejects)
            buf_printf(reasons, "%d: " STR_F "\n", (int)reject->line, STR_A(reject->reason));
    }
    CHECK_INT(err.code, ERR_NONE);
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    return posts;
}

/* For main(). */
static inline void decode_tests_begin(void)
{
    arena_init(&plans, 16 * MIB);
    decode_batch_init(&batch);
}

#endif
