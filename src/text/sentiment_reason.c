#include "text/sentiment_reason.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LEAN_MIN 0.1

struct parts {
    struct sentiment_reason items[SENTIMENT_PARTS_MAX];
    size_t count;
};

static void add_part(struct parts *parts, size_t from, size_t to)
{
    if (parts->count < SENTIMENT_PARTS_MAX)
        parts->items[parts->count++] =
            (struct sentiment_reason){.from = (uint32_t)from, .to = (uint32_t)to};
}

/* Runs of what is neither token nor blank. */
static void add_gap(struct parts *parts, Str text, size_t from, size_t to)
{
    while (from < to) {
        size_t end = from;
        while (end < to && (unsigned char)text.ptr[end] > ' ')
            end++;
        if (end > from)
            add_part(parts, from, end);
        from = end + 1;
    }
}

static void find_parts(Str text, const struct token *tokens, size_t count, struct parts *parts)
{
    size_t at = 0;

    parts->count = 0;
    for (size_t i = 0; i < count; i++) {
        add_gap(parts, text, at, tokens[i].from);
        if (tokens[i].kind == TOKEN_WORD || tokens[i].kind == TOKEN_HASHTAG ||
            tokens[i].kind == TOKEN_EMOJI)
            add_part(parts, tokens[i].from, tokens[i].to);
        at = tokens[i].to;
    }
    add_gap(parts, text, at, text.len);
}

static bool rate(struct tokenizer *tokenizer, Str text, Str language, double *lean, struct err *err)
{
    const struct token *tokens;
    struct sentiment s;
    size_t count;

    if (!tokenizer_run(tokenizer, text, &tokens, &count, err))
        return false;
    sentiment_score(text, tokens, count, language, &s);
    *lean = s.scores[2] - s.scores[0];
    return true;
}

/* The text with one part blanked: a blank parts words as the part did. */
static bool rate_without(struct tokenizer *tokenizer, Str text, Str language, char *copy,
                         const struct sentiment_reason *part, double *lean, struct err *err)
{
    size_t behind = text.len - part->to;

    memcpy(copy, text.ptr, part->from);
    copy[part->from] = ' ';
    memcpy(copy + part->from + 1, text.ptr + part->to, behind);
    return rate(tokenizer, (Str){copy, part->from + 1 + behind}, language, lean, err);
}

static int compare_reasons(const void *a, const void *b)
{
    const struct sentiment_reason *x = a, *y = b;

    if (fabs(x->lean) != fabs(y->lean))
        return fabs(x->lean) > fabs(y->lean) ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

bool sentiment_reasons(struct tokenizer *tokenizer, Str text, Str language,
                       struct sentiment_reason *out, size_t max, size_t *count, struct err *err)
{
    const struct token *tokens;
    struct parts parts;
    size_t token_count;
    double whole, without;

    *count = 0;
    if (!tokenizer_run(tokenizer, text, &tokens, &token_count, err))
        return false;
    find_parts(text, tokens, token_count, &parts);
    if (!rate(tokenizer, text, language, &whole, err))
        return false;
    char *copy = mem_try_alloc(text.len + 1, 1);
    if (!copy)
        return err_set(err, ERR_NO_MEMORY, "no memory to explain a text");
    bool ok = true;
    for (size_t i = 0; ok && i < parts.count; i++) {
        ok = rate_without(tokenizer, text, language, copy, &parts.items[i], &without, err);
        parts.items[i].lean = ok ? whole - without : 0;
    }
    mem_free(copy);
    if (!ok)
        return false;
    qsort(parts.items, parts.count, sizeof parts.items[0], compare_reasons);
    for (size_t i = 0; i < parts.count && *count < max && fabs(parts.items[i].lean) >= LEAN_MIN;
         i++)
        out[(*count)++] = parts.items[i];
    return true;
}
