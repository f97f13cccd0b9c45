/* Any text in any dialect: the import survives, its losses lie in the text and in order, and what
 * it calls usable is a query of ours without mistakes. */
#include "listen/query/query.h"
#include "listen/query/query_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_usable(struct arena *a, struct tokenizer *words, Str text)
{
    struct query_problems problems = {0};
    struct query query;
    struct err err = {0};

    if (query_parse(a, words, text, STR_NONE, NULL, &query, &problems, &err))
        ASSERT(problems.error_count == 0);
    query_problems_deinit(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct tokenizer *words;
    struct query_import import;
    struct err err = {0};

    if (size < 1 || size > 1 << 14 || !tokenizer_create(&words, &err))
        return 0;
    arena_init(&arena, (size_t)1 << 28);
    Str text = {(const char *)data + 1, size - 1};
    enum query_dialect dialect = (enum query_dialect)(data[0] % QUERY_DIALECT_COUNT);
    if (query_import(&arena, words, text, dialect, &import, &err)) {
        ASSERT(import.is_usable || import.lost_count > 0);
        ASSERT(import.count <= QUERY_IMPORT_LOSSES_MAX);
        ASSERT(import.count <= import.lost_count + import.approximate_count);
        for (size_t i = 0; i < import.count; i++) {
            const struct query_import_loss *loss = &import.losses[i];
            ASSERT(loss->from <= loss->to && loss->to <= text.len);
            ASSERT(loss->line >= 1 && loss->column >= 1 && loss->message.len > 0);
            ASSERT(i == 0 || import.losses[i - 1].from <= loss->from);
        }
        if (import.is_usable)
            check_usable(&arena, words, import.text);
    }
    arena_deinit(&arena);
    tokenizer_destroy(&words);
    return 0;
}
