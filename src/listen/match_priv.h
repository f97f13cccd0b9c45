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

#include "listen/match.h"
#include "listen/query.h"

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

struct term_slot {
    uint64_t hash;
    uint32_t term; /* MATCH_NONE: free */
};

/* {Case}: a spelling of the term it hangs on. */
struct case_form {
    uint32_t term, next, key_at, key_len;
};

struct pattern {
    uint32_t term, key_at, key_len;
    uint8_t form, distance; /* query_word_form */
    bool is_accented, is_sigil;
    uint8_t rune_count; /* fuzzy: length, at most 255 */
};

#define POSTING_IS_MULTI   (UINT32_C(1) << 31) /* the query has several postings */
#define POSTING_IS_CERTAIN (UINT32_C(1) << 30) /* passing the filter is a match */
#define POSTING_ORDINAL    (POSTING_IS_CERTAIN - 1)

struct posting {
    uint32_t query;
    uint32_t any[3]; /* terms of which one has to be present */
};

/* A program is a row of instructions over one truth value. Low 8 bits: the operation, high 24 its
 * argument; ALL, NONE and ANY are followed by that many terms. */
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

struct query_set {
    uint32_t magic;
    atomic_uint references;
    struct query_set_stats stats;
    size_t ordinal_count; /* items given */

    uint64_t *filter; /* one bit per hash: most words are in no query */
    uint64_t filter_mask;
    struct term_slot *slots;
    uint64_t slot_mask;
    struct {
        VEC(struct term);
    } terms;
    struct {
        VEC(struct case_form);
    } cases;
    struct buf key_bytes;

    struct {
        VEC(struct pattern);
    } patterns; /* wildcards in order of their first two bytes, then fuzzy words */
    size_t wildcard_count;
    uint32_t *wildcard_start; /* [65537] by first two bytes, or NULL */
    bool has_sigil_pattern, has_accented_pattern, has_long_fuzzy;
    struct fuzzy_slot *fuzzy_slots; /* match_fuzzy.c; NULL without fuzzy words */
    uint64_t fuzzy_mask;
    unsigned fuzzy_max; /* most edits of any */

    uint32_t *posting_start; /* [terms + 1] */
    struct posting *postings;
    uint32_t *unindexed; /* ordinals, ascending */
    size_t unindexed_count;

    uint32_t *program_start; /* [ordinal], MATCH_NONE: refused */
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

#define CACHE_ENTRIES 4096
enum { CACHE_KEY_BYTES = 22, CACHE_TERMS = 8 };

/* Patterns that a word fulfils, remembered: one cache line. */
struct pattern_cache_entry {
    uint64_t hash;
    uint8_t key_len, count;
    char key[CACHE_KEY_BYTES];
    uint32_t terms[CACHE_TERMS];
};

struct match_scratch {
    struct query_set *set;
    uint64_t *present;     /* bit per term */
    uint32_t *head;        /* first hit of a present term, valid once chained */
    uint32_t *verified_at; /* [ordinal] number of the post it was last verified for */
    uint32_t post_number;
    struct pattern_cache_entry *cache;
    struct {
        VEC(uint32_t);
    } present_terms;
    struct {
        VEC(struct hit);
    } hits;
    struct {
        VEC(uint32_t);
    } found;
    struct {
        VEC(struct match_span);
    } spans;
    struct {
        VEC(struct match_slop);
    } slops;
    struct buf member, raw_title, raw_body, raw_lead;
    bool is_chained, is_raw_folded, is_failed;
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

/* match_fuzzy.c */
bool match_fuzzy_build(struct query_set *set);
/* Calls found for the fuzzy words within reach of this form of a word; the same one may come more
 * than once. */
void match_fuzzy_search(const struct query_set *set, Str form, bool is_accented, bool is_sigil,
                        void (*found)(void *context, uint32_t term), void *context);

/* match_text.c */
bool match_text_occurs(struct match_scratch *s, uint32_t part);
size_t match_text_count(struct match_scratch *s, uint32_t part);
bool match_in_sentence(struct match_scratch *s, uint32_t part);

#endif
