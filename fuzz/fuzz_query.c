/* Any text: the parser reports and survives, and the canonical text of a query without mistakes is
 * a fixed point: it parses without mistakes and formats to itself, broken over lines or not. */
#include "listen/query/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool find(void *context, Str name, Str *text)
{
    static const char *const texts[] = {"a OR b", "@@a AND @@b", "(c", "NOT d"};

    (void)context;
    if (name.len != 1 || name.ptr[0] < 'a' || name.ptr[0] > 'd')
        return false;
    *text = str_from_cstr(texts[name.ptr[0] - 'a']);
    return true;
}

static bool is_good(struct arena *a, struct tokenizer *words, Str text, size_t width,
                    struct buf *out)
{
    static const struct query_resolver resolver = {find, NULL};
    struct query query;
    struct query_problems problems = {0};
    struct err err = {0};

    bool ok = query_parse(a, words, text, S("c"), &resolver, &query, &problems, &err);
    size_t parse_errors = problems.error_count;
    vec_each (struct query_problem, p, &problems) {
        ASSERT(p->from <= p->to && p->to <= text.len && p->line >= 1 && p->column >= 1);
        ASSERT(p->message.len > 0);
        ASSERT(!p->has_edit || (p->edit_from <= p->edit_to && p->edit_to <= text.len));
    }
    ok = ok && query_lint(a, &query, &problems, &err) && parse_errors == 0;
    if (ok)
        query_format(&query, width, out);
    query_problems_deinit(&problems);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct tokenizer *words;
    struct buf flat, again;
    struct err err = {0};

    if (size > 1 << 16 || !tokenizer_create(&words, &err))
        return 0;
    arena_init(&arena, (size_t)1 << 29);
    buf_init(&flat, (size_t)1 << 28);
    buf_init(&again, (size_t)1 << 28);
    if (is_good(&arena, words, (Str){(const char *)data, size}, 0, &flat)) {
        ASSERT(is_good(&arena, words, buf_str(&flat), 30, &again));
        Str broken = arena_str(&arena, buf_str(&again));
        buf_reset(&again);
        ASSERT(is_good(&arena, words, broken, 0, &again));
        ASSERT(str_eq(buf_str(&flat), buf_str(&again)));
    }
    buf_deinit(&flat);
    buf_deinit(&again);
    arena_deinit(&arena);
    tokenizer_destroy(&words);
    return 0;
}
