/* match_priv.h - the compiled set, shared by the files of the matcher. Not for other modules.
 *
 * A *term* is anything that can be present in a post and is looked up, not searched: a folded word
 * with or without sigil, a {Case} spelling, a pattern or fuzzy word, a key of a member. Terms are
 * numbered; what a post holds is a set of numbers (a bit array that fits the first-level cache)
 * with the places of the words behind it.
 *
 *     tokens ──hash──► filter bit ──► slot ──► term ──► bit set, hit (term, token)
 *     terms present ──► postings {query, up to 3 alternatives of which one must be present too}
 *     postings that pass ──► program of the query (or certain) ──► ordinals
 */
#ifndef LISTEN_MATCH_PRIV_H
#define LISTEN_MATCH_PRIV_H

#include <stdatomic.h>
#include <string.h>

#include "listen/match/match.h"
#include "listen/query/query.h"

#define QUERY_SET_MAGIC    UINT32_C(0x51534554)
#define MATCH_TERMS_MAX    (UINT32_C(1) << 24) /* an instruction holds 24 bits; reject: ERR_LIMIT */
#define MATCH_BODY_GAP     (2 * QUERY_DISTANCE_MAX) /* positions between title and body */
#define MATCH_NONE         UINT32_MAX
#define MATCH_ANY_SENTENCE UINT32_MAX

/* The first two terms exist in every set. */
enum { TERM_ALWAYS = 0, TERM_NEVER = 1, TERM_FIRST = 2 };

enum term_space { SPACE_PLAIN, SPACE_ACCENTED, SPACE_MEMBER /* + field */ };

struct term {
    uint32_t key_at, key_len; /* in key_bytes */
    uint32_t first_case;      /* index into cases, or MATCH_NONE */
    uint16_t space;
    bool is_sigil; /* the key begins with # @ $ */
};

/* While building. */
struct build_slot {
    uint64_t hash;
    uint32_t term; /* MATCH_NONE: free */
};

enum { SLOT_KEY_BYTES = 16 };

/* Two lie in one cache line, and a short key inside: finding a word usually costs one line. */
struct term_slot {
    uint64_t hash;
    uint32_t term;   /* MATCH_NONE: free */
    uint8_t key_len; /* SLOT_KEY_BYTES + 1: longer, the key is found by its term */
    uint8_t space;   /* term_space */
    bool is_sigil, has_cases;
    char key[SLOT_KEY_BYTES];
};

/* {Case}: a spelling of the term it hangs on. */
struct case_form {
    uint32_t term, next, key_at, key_len;
};

struct pattern {
    uint32_t term, key_at, key_len;
    uint8_t form, distance; /* query_word_form */
    bool is_accented, is_sigil;
    bool is_prefix; /* letters and one * at the end, all of them in the head */
    uint8_t least;  /* bytes that a word has at least, up to 255 */
    char last;      /* its last byte, or 0 when a wildcard stands there */
};

/* Classes of patterns: with which form of a word they are compared. */
enum { CLASS_ACCENTED = 1, CLASS_SIGIL = 2, PATTERN_CLASSES = 4 };

static inline unsigned match_class(const struct pattern *pattern)
{
    return (pattern->is_accented ? CLASS_ACCENTED : 0u) | (pattern->is_sigil ? CLASS_SIGIL : 0u);
}

#define POSTING_IS_MULTI   (UINT32_C(1) << 31) /* the query has several postings */
#define POSTING_IS_CERTAIN (UINT32_C(1) << 30) /* passing the filter is a match */
#define POSTING_QUERY      (POSTING_IS_CERTAIN - 1)
#define MATCH_CODE_MAX     POSTING_QUERY /* words of all programs: reject: ERR_LIMIT */

struct posting {
    uint32_t query;  /* certain: its ordinal; else where its program begins */
    uint32_t any[3]; /* terms of which one has to be present */
};

/* A program is the ordinal of its query and a row of instructions over one truth value. Low 8 bits:
 * the operation, high 24 its argument; ALL, NONE and ANY are followed by that many terms. */
enum op {
    OP_END,
    OP_TERM,     /* is the term present? */
    OP_ALL,      /* n terms: all present? */
    OP_NONE,     /* n terms: none present? */
    OP_ANY,      /* n terms: one present? */
    OP_FALSE,    /* never */
    OP_FLIP,     /* not */
    OP_IF_FALSE, /* skip n instructions when false */
    OP_IF_TRUE,  /* skip n instructions when true */
    OP_TEXT,     /* does the text part n occur? */
    OP_COUNT,    /* n: text part, followed by compare and number */
    OP_SENTENCE, /* does text part n hold within one sentence? */
    OP_TEST,     /* does the member test n hold? */
    OP_RAW,      /* does the raw text n stand there? */
};

enum part_kind {
    PART_TERM,
    PART_PHRASE,
    PART_SLOP,
    PART_NEAR,
    PART_OR,
    PART_AND,
    PART_NOT,
    PART_NOTHING
};

/* A text part with positions: a node whose operands follow each other in `operands`. */
struct part {
    uint8_t kind, zones;
    bool is_ordered;
    uint32_t term;                 /* TERM */
    uint32_t distance;             /* NEAR: words between; SLOP: words between in all */
    uint32_t first_operand, count; /* in operands */
};

/* A member test or a raw text. */
struct member_test {
    uint8_t field, zones;
    uint32_t key_at, key_len;
    double low, high;
};

/* May this hash be known? Two bits of one word for each hash (a Bloom filter in blocks of a word,
 * Putze, Sanders and Singler 2007): with 8 bits for each hash it is wrong for one in thirty. */
struct match_filter {
    uint64_t *words;
    uint64_t mask; /* of the index of a word */
};

static inline uint64_t match_filter_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63);
}

static inline bool match_filter_has(const struct match_filter *filter, uint64_t hash)
{
    uint64_t bits = match_filter_bits(hash);

    return (filter->words[hash >> 12 & filter->mask] & bits) == bits;
}

static inline void match_filter_add(struct match_filter *filter, uint64_t hash)
{
    filter->words[hash >> 12 & filter->mask] |= match_filter_bits(hash);
}

bool match_filter_init(struct match_filter *filter, size_t count); /* match_lookup.c */

/* --- wildcards (match_wildcard.c) --- */

enum { WILDCARD_HEAD_BYTES = 8 };

/* Wildcards that begin with the same letters, up to WILDCARD_HEAD_BYTES of them. */
struct wildcard_slot {
    uint64_t head;        /* padded with zeros */
    uint32_t first, last; /* patterns [first, last); equal: free */
};

/* For each class of words (accents or not, sigil or not) which lengths of heads there are; so a
 * word is looked up as often as there are lengths, whatever the number of patterns. */
struct wildcard_index {
    struct wildcard_slot *slots[PATTERN_CLASSES];
    uint64_t mask[PATTERN_CLASSES];
    struct match_filter filter[PATTERN_CLASSES];
    uint32_t lengths[PATTERN_CLASSES]; /* bit n: there are heads of n bytes */
};

struct query_set {
    uint32_t magic;
    atomic_uint references;
    struct query_set_stats stats;
    size_t ordinal_count; /* items given */
    int64_t *numbers;     /* [ordinal] */
    uint64_t mark;
    void *attachment; /* the caller's */
    void (*release)(void *attachment);

    struct match_filter filter; /* most words are in no query */
    struct term_slot *slots;
    size_t slot_count;
    struct {
        VEC(struct term);
    } terms;
    struct {
        VEC(struct case_form);
    } cases;
    struct buf key_bytes;

    struct {
        VEC(struct pattern);
    } patterns; /* wildcards in order of class and head, then fuzzy words */
    size_t wildcard_count;
    unsigned wildcard_classes, fuzzy_classes; /* bit per class: there are some */
    struct wildcard_index wildcards;
    struct fuzzy_index *fuzzy; /* match_fuzzy.c; NULL without fuzzy words */

    uint32_t *posting_start; /* [terms + 1] */
    struct posting *postings;
    uint32_t *unindexed; /* ordinals, ascending */
    size_t unindexed_count;

    uint32_t *program_start; /* [ordinal] at its ordinal in code; MATCH_NONE: refused */
    struct {
        VEC(uint32_t);
    } code;
    struct {
        VEC(struct part);
    } parts;
    struct {
        VEC(uint32_t);
    } operands;
    struct {
        VEC(struct member_test);
    } tests;
    uint32_t fields_used; /* bit per query_field that is looked up */
};

static inline Str match_key(const struct query_set *set, uint32_t at, uint32_t len)
{
    return (Str){set->key_bytes.ptr + at, len};
}

uint64_t match_member_hash(enum query_field field, Str key);

/* match_prior.c: how often a term is expected per post, 0 when unknown. */
double match_prior_word(const struct match_prior *prior, Str bare_key);
double match_prior_prefix(struct match_prior *prior, Str prefix);

/* --- scratch --- */

struct hit {
    uint32_t term;
    uint32_t unit; /* index of the token: title first, then body */
    uint32_t next; /* hit of the same term further on; valid once chained */
};

struct match_span {
    uint32_t from, to;
};

struct match_slop {
    uint32_t position;
    uint32_t words; /* bit per word of the phrase that stands there */
};

/* The beginning of a word that is the head of wildcards, by the filter at least. */
struct head_found {
    uint64_t head;
    Str form;
    uint32_t slot, unit, class;
};

#define CACHE_ENTRIES 32768 /* pairs of them lie in one cache line; 1 MiB a scratch */
enum { CACHE_KEY_BYTES = 18, CACHE_TERMS = 3 };

/* Fuzzy words that a word is near to, remembered. A word is in one of the two of its line. */
struct fuzzy_cache_entry {
    uint32_t terms[CACHE_TERMS];
    uint8_t key_len, count; /* key_len 0: free */
    char key[CACHE_KEY_BYTES];
};

struct match_scratch {
    struct query_set *set;
    uint64_t version;      /* of the holder it follows (match_swap.h); 0: none */
    uint64_t *present;     /* bit per term */
    uint32_t *head;        /* first hit of a present term, valid once chained */
    uint32_t *verified_at; /* [ordinal] number of the post it was last verified for */
    uint32_t post_number;
    struct fuzzy_cache_entry *cache; /* NULL without fuzzy words */
    uint32_t *fuzzy_seen;            /* [fuzzy word] number of the search that met it last */
    uint32_t fuzzy_search;
    struct {
        VEC(uint32_t);
    } present_terms;
    struct {
        VEC(struct hit);
    } hits;
    struct {
        VEC(struct head_found);
    } heads;
    struct {
        VEC(uint32_t);
    } passed, found; /* queries whose postings passed; ordinals that match */
    struct {
        VEC(struct match_span);
    } spans;
    struct {
        VEC(struct match_slop);
    } slops;
    struct buf member, raw_title, raw_body, raw_lead;
    bool is_placed, is_chained, is_raw_folded, is_failed;
    const struct post *post;
    const struct post_tokens *tokens;
    uint32_t body_base; /* position of the body's first word */
    uint32_t body_sentence;
    struct match_stats stats;
};

static inline bool match_is_present(const struct match_scratch *s, uint32_t term)
{
    return s->present[term >> 6] >> (term & 63) & 1;
}

/* memcmp() == 0 for a few bytes, without the call; the two loads overlap. */
static inline bool match_same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t a8[2], b8[2];
    uint32_t a4[2], b4[2];

    if (len > 16)
        return memcmp(a, b, len) == 0;
    if (len >= 8) {
        memcpy(&a8[0], a, 8);
        memcpy(&a8[1], a + len - 8, 8);
        memcpy(&b8[0], b, 8);
        memcpy(&b8[1], b + len - 8, 8);
        return ((a8[0] ^ b8[0]) | (a8[1] ^ b8[1])) == 0;
    }
    if (len >= 4) {
        memcpy(&a4[0], a, 4);
        memcpy(&a4[1], a + len - 4, 4);
        memcpy(&b4[0], b, 4);
        memcpy(&b4[1], b + len - 4, 4);
        return ((a4[0] ^ b4[0]) | (a4[1] ^ b4[1])) == 0;
    }
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* match_lookup.c: what of the set is present in the post. Fills present, present_terms, hits. */
bool match_lay_slots(struct query_set *set, const struct build_slot *slots, size_t count);
void match_look_up(struct match_scratch *s);
void match_add_hit(struct match_scratch *s, uint32_t term, uint32_t unit);

/* match_wildcard.c */
bool match_wildcard_build(struct query_set *set);
void match_wildcard_deinit(struct query_set *set);
/* Notes the heads of this form of a word that wildcards of the class (of which there are some)
 * have, and fetches them ahead; settling adds a hit for each wildcard that its word fulfils. */
void match_wildcard_gather(struct match_scratch *s, Str form, unsigned class, uint32_t unit);
void match_wildcard_settle(struct match_scratch *s);

/* match_fuzzy.c */
bool match_fuzzy_build(struct query_set *set);
void match_fuzzy_deinit(struct query_set *set);
size_t match_fuzzy_bytes(const struct query_set *set);
/* Adds a hit for each fuzzy word of the class (of which there are some) within reach of this form.
 */
void match_fuzzy_search(struct match_scratch *s, Str form, unsigned class, uint32_t unit);

/* match_text.c */
bool match_text_occurs(struct match_scratch *s, uint32_t part);
size_t match_text_count(struct match_scratch *s, uint32_t part);
bool match_in_sentence(struct match_scratch *s, uint32_t part);

#endif
