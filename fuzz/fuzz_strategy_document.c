/* Any bytes: a document that is taken reads back to the same text; faults have a place inside it.
 */
#include "base/limits.h"
#include "strategy/model/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strategy_model model, again;
    struct document_faults faults;
    struct err err = {0};
    struct arena arena;
    Str once, twice;

    arena_init(&arena, 256 * MIB);
    if (document_read(&arena, (Str){(const char *)data, size}, &model, &faults, &err)) {
        ASSERT(document_write(&arena, &model, &once, &err));
        ASSERT(document_read(&arena, once, &again, &faults, &err));
        ASSERT(document_write(&arena, &again, &twice, &err));
        ASSERT(str_eq(once, twice));
    } else {
        ASSERT(err.code != ERR_NONE);
        for (size_t i = 0; i < faults.count; i++)
            ASSERT(faults.items[i].line >= 1 && faults.items[i].column >= 1 &&
                   faults.items[i].column <= size + 1);
    }
    arena_deinit(&arena);
    return 0;
}
