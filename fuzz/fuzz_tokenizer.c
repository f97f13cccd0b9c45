/* Any bytes: tokens lie in the text in order, forms are folded, the fast path equals the rules. */
#include "text/tokenizer.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_token(const struct token *token, const struct token *before, size_t len)
{
    ASSERT(token->from < token->to && token->to <= len);
    ASSERT(token->folded.len > 0 && token->plain.len > 0);
    ASSERT(token->hash_folded == token_hash(token_bare(token, token->folded)));
    ASSERT(token->hash_plain == token_hash(token_bare(token, token->plain)));
    if (!before)
        return;
    ASSERT(token->from >= before->to);
    ASSERT(token->position == before->position + (before->kind != TOKEN_URL));
    ASSERT(token->sentence == before->sentence || token->sentence == before->sentence + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tokenizer *fast, *slow;
    struct err err = {0};
    const struct token *a, *b;
    size_t count, again;
    Str text = {(const char *)data, size};

    if (!fast && (!tokenizer_create(&fast, &err) || !tokenizer_create(&slow, &err)))
        return 0;
    slow->is_ascii_path_off = true;
    if (!tokenizer_run(fast, text, &a, &count, &err) ||
        !tokenizer_run(slow, text, &b, &again, &err))
        return 0;
    ASSERT(count == again);
    for (size_t i = 0; i < count; i++) {
        check_token(&a[i], i > 0 ? &a[i - 1] : NULL, size);
        ASSERT(a[i].from == b[i].from && a[i].to == b[i].to && a[i].kind == b[i].kind);
        ASSERT(str_eq(a[i].folded, b[i].folded) && str_eq(a[i].plain, b[i].plain));
    }
    return 0;
}
