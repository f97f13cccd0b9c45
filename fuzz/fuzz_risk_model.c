/* fuzz_risk_model.c - the model of `risk simulate`: reading any bytes is an answer or an error, and
 * what was read can be simulated and written. */
#include <stddef.h>
#include <stdint.h>

#include "strategy/risk/risk_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf notes, text;
    struct risk_model model;
    struct risk_result result;
    const struct risk_settings settings = {.trials = 300, .seed = 1};
    struct err err = {0};

    arena_init(&arena, (size_t)512 << 20);
    buf_init(&notes, 1 << 20);
    buf_init(&text, 64 << 20);
    if (risk_model_read(&arena, (Str){(const char *)data, size}, &model, &notes, &err) &&
        risk_simulate(&arena, &model, &settings, &result, &err))
        risk_result_write(&text, &model, &result);
    else
        ASSERT(err.code != ERR_NONE && err.msg[0] != '\0');
    buf_deinit(&text);
    buf_deinit(&notes);
    arena_deinit(&arena);
    return 0;
}
