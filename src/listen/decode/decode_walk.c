#include "base/limits.h"
#include "listen/decode/decode.h"

#define PLAN_BYTES_MAX (16 * MIB) /* names of columns, the mapping */

/* The input is closed in any case. */
static bool walk(struct decode_input **in, decode_visit *visit, void *context, struct err *err)
{
    struct decoder *decoder = NULL;
    struct decode_block block;
    struct decode_batch batch;
    bool has_block = false;

    decode_block_init(&block);
    decode_batch_init(&batch);
    bool ok = decoder_create(&decoder, err);
    while (ok && (ok = decode_input_next(*in, &block, &has_block, err)) && has_block)
        ok = decoder_run(decoder, &block, &batch, err) && visit(context, &batch, err);
    decoder_destroy(&decoder);
    decode_batch_deinit(&batch);
    decode_block_deinit(&block);
    decode_input_close(in);
    return ok;
}

bool decode_walk(Str path, const struct decode_options *options, decode_visit *visit, void *context,
                 struct err *err)
{
    struct decode_input *in = NULL;
    struct arena plan;

    arena_init(&plan, PLAN_BYTES_MAX);
    bool ok = decode_input_open(&in, path, options, &plan, err) && walk(&in, visit, context, err);
    arena_deinit(&plan);
    return ok;
}

bool decode_walk_bytes(Str name, Str bytes, const struct decode_options *options,
                       decode_visit *visit, void *context, struct err *err)
{
    struct decode_input *in = NULL;
    struct arena plan;

    arena_init(&plan, PLAN_BYTES_MAX);
    bool ok = decode_input_open_bytes(&in, name, bytes, options, &plan, err) &&
              walk(&in, visit, context, err);
    arena_deinit(&plan);
    return ok;
}
