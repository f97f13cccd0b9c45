/* lexicon_priv.h - words with a mood, one table per language, compiled in.
 *
 * tools/lexicon.c makes the tables from the lexicon packages and from lexicon/<code>.tsv. An entry
 * is found by hash alone: of the 64 bits the low ones choose the slot, the high ones are compared,
 * so that a text without moods touches few cache lines. A wrong hit has a chance of about 2^-32 per
 * word looked up. Pure and thread-safe.
 */
#ifndef TEXT_LEXICON_PRIV_H
#define TEXT_LEXICON_PRIV_H

#include "base/hash.h"
#include "base/str.h"

enum lexicon_role {
    LEXICON_VALENCE = 1 << 0,       /* valence: mood in 1/1000, -4000 to 4000 */
    LEXICON_BOOST = 1 << 1,         /* modifier: what it adds to the mood after it, in 1/100 */
    LEXICON_NEGATION = 1 << 2,      /* modifier: factor on the moods after it, in 1/100 */
    LEXICON_CONTRAST = 1 << 3,      /* "but": what follows weighs more */
    LEXICON_PHRASE_START = 1 << 4,  /* may begin a phrase of two words ... */
    LEXICON_PHRASE_MORE = 1 << 5,   /* these two may go on to a third or fourth */
    LEXICON_FIRST_PERSON = 1 << 6,  /* I, my */
    LEXICON_SECOND_PERSON = 1 << 7, /* you, your */
};

struct lexicon_entry {
    uint32_t tag;    /* high half of the hash */
    int16_t valence; /* LEXICON_VALENCE */
    uint8_t roles;   /* 0: free slot */
    int8_t modifier; /* LEXICON_BOOST, LEXICON_NEGATION */
};

struct lexicon {
    char code[4];   /* ISO 639-1 */
    bool has_rules; /* our own lists and rules; false: a small translated lexicon */
    bool has_stems; /* look the stem up when the word is not found */
    uint32_t mask;  /* slots - 1 */
    const struct lexicon_entry *slots;
    /* A bit per LEXICON_FILTER_BITS'th of a slot, set for the hashes that are there: most words of
     * a text are not, and this much fits into the first-level cache. */
    const uint64_t *filter;
    /* The same without the words that do nothing but begin a phrase: of those the phrase is here.
     */
    const uint64_t *acting;
};

struct lexicon_emoticon {
    char text[8]; /* padded with NUL */
    uint8_t len;
    int16_t valence;
};

enum { LEXICON_FILTER_BITS = 8 }; /* per slot */
enum { LEXICON_PHRASE_WORDS_MAX = 4, LEXICON_EMOTICON_BYTES_MAX = 8, LEXICON_STEM_BYTES_MIN = 3 };

extern const struct lexicon lexicons[]; /* sorted by code */
extern const size_t lexicon_count;
extern const struct lexicon lexicon_emoji; /* keyed by the plain form of the token */
/* Emoticons with punctuation at the front, sorted by their bytes, longer before its own prefix. */
extern const struct lexicon_emoticon lexicon_emoticons[];
/* First emoticon of a first byte; [256] is the count. */
extern const uint16_t lexicon_emoticon_first[257];
/* Of a second byte the first bytes that an emoticon has before it: a bit per first byte % 32. */
extern const uint32_t lexicon_emoticon_second[256];
/* Bytes that begin an emoticon, and "!" and "?": others between two words say nothing. */
extern const bool lexicon_telling[256];

#define LEXICON_STEM_SALT   UINT64_C(0x5851f42d4c957f2d)
#define LEXICON_PHRASE_SALT UINT64_C(0x14057b7ef767814f)

static inline uint32_t lexicon_filter_bit(uint64_t hash, uint32_t mask)
{
    return (uint32_t)(hash >> 20) & (mask * LEXICON_FILTER_BITS | (LEXICON_FILTER_BITS - 1));
}

static inline uint64_t lexicon_may_have(const uint64_t *filter, uint64_t hash, uint32_t mask)
{
    uint32_t bit = lexicon_filter_bit(hash, mask);

    return filter[bit / 64] >> bit % 64 & 1;
}

/* Without asking the filter, for what is most likely there. */
static inline const struct lexicon_entry *lexicon_find(const struct lexicon *lexicon, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);

    for (uint32_t at = (uint32_t)hash & lexicon->mask;; at = (at + 1) & lexicon->mask) {
        const struct lexicon_entry *entry = &lexicon->slots[at];
        if (entry->roles == 0)
            return NULL;
        if (entry->tag == tag)
            return entry;
    }
}

static inline const struct lexicon_entry *lexicon_get(const struct lexicon *lexicon, uint64_t hash)
{
    return lexicon_may_have(lexicon->filter, hash, lexicon->mask) ? lexicon_find(lexicon, hash)
                                                                  : NULL;
}

/* Key of a phrase from the key of its beginning (or of its first word) and its next word. */
static inline uint64_t lexicon_phrase_hash(uint64_t beginning, uint64_t word)
{
    return hash_combine(beginning ^ LEXICON_PHRASE_SALT, word);
}

/* Length of a German word without its ending of declension or comparison; word.len when it has
 * none or too little would remain. */
size_t lexicon_stem_len(Str word);

/* "sooo", "looove": three and more equal bytes in a row. */
bool lexicon_has_long_run(Str word);
/* False only when no word of the text, folded, can have such a run: told at once for all of a text
 * in ASCII. */
bool lexicon_may_have_runs(Str text);
/* Copies the word with every such run cut to `keep` bytes (at most 3); returns the length. `out`
 * holds word.len bytes. */
size_t lexicon_cut_runs(Str word, size_t keep, char *out);

#endif
