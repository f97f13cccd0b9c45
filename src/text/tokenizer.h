/* tokenizer.h - cut a text into words, hashtags, mentions, cashtags, numbers, emoji, addresses.
 *
 * Words follow UAX #29 (Unicode 15, default word boundaries) with the departures listed in
 * text/README.md; hashtags, mentions and cashtags follow the conformance suite of twitter-text. Use
 * the same tokenizer for texts and for query words, then both agree by construction: a query word
 * that gives several tokens ("late-flight", an ideographic word) means the phrase.
 *
 * A tokenizer is scratch memory of one thread: create it once, run it on any number of texts. In
 * steady state a run allocates nothing. Tokens and the bytes they point to belong to the tokenizer
 * and die at its next run or destroy; they never point into the source text, which may go away.
 * Give each field of a post that must live at the same time a tokenizer of its own.
 */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include "base/err.h"
#include "base/str.h"

#define TOKENIZER_TEXT_BYTES_MAX (UINT32_C(16) << 20) /* reject: ERR_LIMIT */
#define TOKEN_BYTES_MAX          1024 /* a longer word is cut into several (addresses are not) */

enum token_kind {
    TOKEN_WORD,
    TOKEN_NUMBER,  /* digits only, with inner separators: 3.5 1,000 */
    TOKEN_HASHTAG, /* #delay */
    TOKEN_MENTION, /* @ann, @ann@example.social */
    TOKEN_CASHTAG, /* $BA */
    TOKEN_URL,     /* no word: occupies no position */
    TOKEN_EMOJI,   /* a whole sequence: flag, family, skin tone, keycap */
};
#define TOKEN_KIND_COUNT (TOKEN_EMOJI + 1)

struct token {
    /* NFKC, full case folding, accents kept, ' for every apostrophe. Hashtags, mentions and
     * cashtags begin with their ASCII sigil. An address is as written. An emoji is without
     * variation selectors. */
    Str folded;
    /* The same without accents; of an emoji without skin tone. Where there are none it is the very
     * same slice as folded (equal pointer), so that `plain.ptr == folded.ptr` tells. */
    Str plain;
    /* token_hash() of folded and of plain, both WITHOUT the sigil, so that one look-up finds a word
     * under both spellings. token_hash_sigil() derives the hash of the spelling with sigil. */
    uint64_t hash_folded, hash_plain;
    uint32_t from, to; /* bytes in the source, sigil included */
    /* Counts the words before it, from 0. An address has the position of the next word. */
    uint32_t position;
    uint32_t sentence; /* from 0; rises at . ! ? and their like, and at line breaks */
    enum token_kind kind;
};

struct tokenizer;

bool tokenizer_create(struct tokenizer **out, struct err *err) MUST_CHECK;
void tokenizer_destroy(struct tokenizer **t); /* NULL-safe; sets *t = NULL */

/* Tokens of `text`, in source order, not overlapping. Invalid UTF-8 separates words, it is no
 * error. Fails with ERR_LIMIT above TOKENIZER_TEXT_BYTES_MAX and ERR_NO_MEMORY. *tokens may be NULL
 * when *count is 0. */
bool tokenizer_run(struct tokenizer *t, Str text, const struct token **tokens, size_t *count,
                   struct err *err) MUST_CHECK;

/* Pure, the same on every machine and in every release of the same archive format. Not seeded:
 * compare the bytes where equality decides. */
uint64_t token_hash(Str bare);
/* Hash of a hashtag, mention or cashtag WITH its sigil, from the hash without. Other kinds: the
 * hash itself. */
uint64_t token_hash_sigil(uint64_t bare_hash, enum token_kind kind);
/* folded or plain of a token without its sigil. */
Str token_bare(const struct token *token, Str folded_or_plain);
const char *token_kind_name(enum token_kind kind); /* "word", "hashtag": stable, for JSON */

#endif
