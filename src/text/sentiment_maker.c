#include "text/sentiment_maker.h"

#include <stdio.h>

#include "text/judge_priv.h"
#include "text/lexicon_priv.h"

#define SEED UINT64_C(0x6d61646562796d65)

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
    return hash_combine(hash, hash_bytes((Str){bytes, size}, SEED));
}

static uint64_t add_table(uint64_t hash, const struct judge_table *table)
{
    if (!table)
        return hash;
    hash = add_bytes(hash, &table->unit, sizeof table->unit);
    return add_bytes(hash, table->buckets, ((size_t)table->mask + 1) * sizeof *table->buckets);
}

static uint64_t add_judge(uint64_t hash, const struct judge *judge)
{
    hash = add_bytes(hash, judge->code, sizeof judge->code);
    hash = add_bytes(hash, judge->weights, sizeof judge->weights);
    return add_table(add_table(hash, judge->own), judge->shared);
}

static uint64_t add_lexicon(uint64_t hash, const struct lexicon *lexicon)
{
    hash = add_bytes(hash, lexicon->code, sizeof lexicon->code);
    return add_bytes(hash, lexicon->slots, ((size_t)lexicon->mask + 1) * sizeof *lexicon->slots);
}

void sentiment_maker(char out[SENTIMENT_MAKER_BYTES])
{
    uint64_t hash = add_lexicon(SEED, &lexicon_emoji);

    for (size_t i = 0; i < lexicon_count; i++)
        hash = add_lexicon(hash, &lexicons[i]);
    for (size_t i = 0; i < judge_count; i++)
        hash = add_judge(hash, &judges[i]);
    hash =
        add_bytes(hash, lexicon_emoticons, lexicon_emoticon_first[256] * sizeof *lexicon_emoticons);
    snprintf(out, SENTIMENT_MAKER_BYTES, "trimtab-%d-%08x", SENTIMENT_RULES_VERSION,
             (unsigned)(hash >> 32));
}
