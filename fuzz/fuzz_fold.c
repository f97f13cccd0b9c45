/* Any bytes: the result is valid UTF-8 and folding it again changes nothing. */
#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once, twice;

    if (size > 900) /* one chunk: a cut between unusual marks may be seen by the second pass */
        return 0;
    buf_init(&once, 1 << 16);
    buf_init(&twice, 1 << 16);
    for (int accents = 0; accents < 2; accents++) {
        buf_reset(&once);
        buf_reset(&twice);
        text_fold((Str){(const char *)data, size}, (enum fold_accents)accents, &once);
        ASSERT(str_utf8_invalid_at(buf_str(&once)) == once.len);
        text_fold(buf_str(&once), (enum fold_accents)accents, &twice);
        ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
    }
    buf_deinit(&once);
    buf_deinit(&twice);
    return 0;
}
