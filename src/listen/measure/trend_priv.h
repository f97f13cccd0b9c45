/* trend_priv.h - the parts of trend.h: terms of a post, histories of terms, grouping. */
#ifndef LISTEN_TREND_PRIV_H
#define LISTEN_TREND_PRIV_H

#include "base/vec.h"
#include "listen/decode/decode.h"
#include "listen/measure/trend.h"

#define TREND_TEXT_BYTES 1536 /* id and words of a kept post; terms behind are not shown */
#define TREND_KEPT       (TREND_SAMPLE + TREND_WITNESSES)
#define TREND_RISING_MAX 256 /* terms of one slot's end, the strongest */

/* --- terms of a post: trend_terms.c --- */

struct trend_term {
    uint64_t hash;     /* never 0 */
    uint16_t from, to; /* its text in bytes[]; equal: not kept */
};

/* A post as it is kept: its terms, each once, and their texts. */
struct trend_post {
    uint16_t id_len, byte_count, term_count;
    struct trend_term terms[TREND_POST_TERMS];
    char bytes[TREND_TEXT_BYTES]; /* id, then texts */
};

/* What else is kept of a post, to be shown. */
struct trend_details {
    int64_t created_at_ms;
    uint64_t story, author;
    uint16_t source_len, author_len, url_len, text_len; /* of bytes[], in this order */
    uint16_t query_count;
    char lang[4];
    int64_t queries[TREND_POST_QUERIES];
    char bytes[TREND_DETAIL_BYTES];
};

void trend_details_fill(struct trend_details *out, const struct trend_input *input, uint64_t story);
/* What it is written in: said, else found; "und" when not known. */
void trend_details_lang(const struct trend_details *details, char code[4]);
/* Slices point into the details; the id is not among them. */
struct trend_example trend_details_example(const struct trend_details *details);

void trend_post_fill(struct trend_post *out, const struct post *post,
                     const struct post_tokens *tokens);
Str trend_post_text(const struct trend_post *post, const struct trend_term *term);

/* --- histories: trend_history.c --- */

/* Counts of the last TREND_SLOTS slots, and what left them: sums over blocks of as many slots,
 * halved every half-life. A block counts when its slots have left. */
struct trend_entry {
    uint64_t hash;
    float sum, square; /* of counts per block before `block`, as of `block` */
    uint32_t block;    /* of what left last */
    uint32_t block_count;
    uint32_t last_slot;
    uint16_t recent[TREND_SLOTS]; /* by slot % TREND_SLOTS */
};

#define TREND_BLOCKS_KEPT 1024

struct trend_history {
    struct trend_entry *entries;
    uint64_t *hashes; /* of the entries: a set is one cache line; 0 = free */
    size_t set_mask;
    double block_factor;          /* of the decay per block */
    uint32_t slot;                /* the current one; the first is TREND_SLOTS */
    uint32_t block;               /* of the slot that left last */
    double posts, blocks;         /* before `block`, decayed, as of `block` */
    uint32_t recent[TREND_SLOTS]; /* posts by slot */
    uint32_t block_posts[TREND_BLOCKS_KEPT];
};

bool trend_history_init(struct trend_history *h, size_t terms, struct err *err) MUST_CHECK;
void trend_history_deinit(struct trend_history *h);
void trend_history_advance(struct trend_history *h, uint32_t slot);
/* Fetches what counting the term will need. */
void trend_history_prefetch(const struct trend_history *h, uint64_t hash);
/* A guess, from this slot alone, made at 1, 2, 4 ... times count_min posts. */
bool trend_history_seems_to_rise(const struct trend_history *h, const struct trend_entry *e,
                                 uint32_t count_min);
/* One more post with the term in the current slot. NULL: its set is full of terms of this slot. */
struct trend_entry *trend_history_count(struct trend_history *h, uint64_t hash, bool *is_first);

/* The entry of a term, brought up to the current slot; NULL: it has none. */
struct trend_entry *trend_history_peek(struct trend_history *h, uint64_t hash);

struct trend_reading {
    double score, expected;
    uint32_t count, slots; /* posts in the best window, its length */
};
/* The window in which the term stands out most. */
struct trend_reading trend_history_read(const struct trend_history *h, struct trend_entry *entry,
                                        uint32_t count_min);

/* --- grouping: trend_group.c --- */

struct trend_rising {
    uint64_t hash;
    struct trend_reading reading;
};

/* How many copies the latest stories had; a story's place is its number modulo the size, so that
 * one old story makes room for one new one. */
#define TREND_COPY_PLACES (1 << 15)
struct trend_copies {
    uint64_t story; /* + 1; 0: free */
    uint64_t count;
};

struct trend_kept {
    struct trend_post posts[TREND_KEPT];
    struct trend_details details[TREND_KEPT];
    uint32_t count, seen; /* by lot: how many there are, of how many */
    uint32_t witnesses;   /* so far; the latest ones stand behind TREND_SAMPLE */
};

/* Told before: its terms, to know it again. */
struct trend_active {
    uint64_t terms[2 * TREND_TERMS_SHOWN];
    uint64_t term_count;
    uint64_t number, lead; /* its strongest term when it was told last */
    double score;
    uint32_t last_slot, reserved;
};

struct trend_groups;

bool trend_groups_create(struct trend_groups **out, struct err *err) MUST_CHECK;
void trend_groups_destroy(struct trend_groups **g);
struct trend_kept *trend_groups_slot(struct trend_groups *g, uint32_t slot);
bool trend_kept_has(const struct trend_kept *kept, size_t i); /* of TREND_KEPT places */
/* Trends that live, told ones: at most TREND_ACTIVE_MAX. */
size_t trend_groups_living(const struct trend_groups *g, uint32_t slot,
                           const struct trend_active **out);
bool trend_groups_save(const struct trend_groups *g, struct byte_sink *sink) MUST_CHECK;
bool trend_groups_load(struct trend_groups *g, struct byte_source *source) MUST_CHECK;
bool trend_history_save(const struct trend_history *h, struct byte_sink *sink) MUST_CHECK;
bool trend_history_load(struct trend_history *h, struct byte_source *source) MUST_CHECK;
/* Groups rising terms (sorted, the strongest first) by common posts; trends in the arena. */
bool trend_groups_run(struct trend_groups *g, struct arena *arena, uint32_t slot,
                      const struct trend_rising *rising, size_t rising_count,
                      const struct trend_copies *copies, struct trend **trends, size_t *count,
                      struct err *err) MUST_CHECK;

#endif
