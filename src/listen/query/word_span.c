#include "listen/query/word_span.h"

#include <stdlib.h>

#include "listen/query/query_eval.h"

static int span_cmp(const void *a, const void *b)
{
    const struct word_span *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to != y->to ? (x->to < y->to ? -1 : 1) : 0;
}

void word_spans_sort(struct word_spans *spans)
{
    size_t kept = 0;

    if (spans->count < 2)
        return;
    qsort(spans->items, spans->count, sizeof *spans->items, span_cmp);
    for (size_t i = 0; i < spans->count; i++)
        if (i == 0 || span_cmp(&spans->items[kept - 1], &spans->items[i]) != 0)
            spans->items[kept++] = spans->items[i];
    spans->count = kept;
}

bool word_span_is_near(const struct query_node *near, struct word_span a, struct word_span b)
{
    if (a.to < b.from)
        return b.from - a.to - 1 <= near->distance;
    return !near->is_ordered && b.to < a.from && a.from - b.to - 1 <= near->distance;
}

struct word_span word_span_join(struct word_span a, struct word_span b)
{
    return (struct word_span){a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to};
}
