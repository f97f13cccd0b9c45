/* similarity.h - near-duplicates among short posts: which earlier post is this one a copy of?
 *
 * A post is the set of its shingles: adjacent pairs of words, without accents and upper case (of a
 * text of one word: the word). Two posts are near-duplicates when the Jaccard coefficient of their
 * sets, common / united, reaches the threshold. At 0.6 a text of ten words stays the same with one
 * word exchanged, and of three words none may differ. Left out before, because copies differ in
 * them: the "RT @ann:" (or MT, via) before a passed-on text, web addresses, emoji, and the hashtags
 * at the end; a text of nothing but hashtags, or of an address, is compared by those. Title and
 * body give shingles each on its own.
 *
 * The index is exact, not a sketch: prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo,
 * Ma and Srikant 2007) proposes, a signature of 64 bits refuses, merging decides. In all sets the
 * shingles stand in one order, the longest first, since long pairs are rare; two sets that reach
 * the threshold share one of their first few. In a flood of posts that share words without being
 * copies only the SIMILARITY_PROBES_MAX likeliest are looked at. It forgets posts outside the time
 * window, and the oldest when `posts_max` or the room for shingles is used up, so that memory is
 * fixed when it is created (about 450 bytes a post).
 *
 * A story is a post with its copies, copies of copies included; its number is the ordinal of its
 * first post. Pure: times arrive as arguments. One thread at a time.
 */
#ifndef TEXT_SIMILARITY_H
#define TEXT_SIMILARITY_H

#include "base/byte_stream.h"
#include "text/tokenizer.h"

#define SIMILARITY_THRESHOLD    0.6
#define SIMILARITY_WINDOW_MS    (INT64_C(7) * 86400 * 1000)
#define SIMILARITY_POSTS        100000
#define SIMILARITY_POSTS_MAX    10000000
#define SIMILARITY_SHINGLES_MAX 256 /* of a post: words behind them are not compared */
/* Places looked at per post: of rare shingles first, of late posts first. */
#define SIMILARITY_PROBES_MAX 256
/* Copies after which the nearest of them will do: in a flood of copies more would be of the same
 * story. */
#define SIMILARITY_COPIES_ENOUGH 16

struct similarity_settings {
    double threshold;  /* above 0, at most 1; 0: SIMILARITY_THRESHOLD */
    int64_t window_ms; /* since the last exact copy of a post; 0: SIMILARITY_WINDOW_MS */
    size_t posts_max;  /* distinct posts remembered; 0: SIMILARITY_POSTS */
};

/* One part of a post, as the tokenizer cut it. */
struct similarity_part {
    const struct token *tokens;
    size_t count;
};

struct similarity_answer {
    uint64_t story;    /* ordinal of its first post, from 0 in the order of similarity_add() */
    bool is_first;     /* nothing like it is known: it begins the story */
    double similarity; /* to the nearest known post; 0 when it is the first */
};

struct similarity;

/* `settings` may be NULL. ERR_INPUT when one is out of range, ERR_NO_MEMORY. */
bool similarity_create(struct similarity **out, const struct similarity_settings *settings,
                       struct err *err) MUST_CHECK;
void similarity_destroy(struct similarity **s); /* NULL-safe */

/* Looks the post up and remembers it. Times should rise; an earlier one is allowed. Cannot fail and
 * allocates nothing. A post without any shingle is a story of its own. */
struct similarity_answer similarity_add(struct similarity *s, const struct similarity_part *parts,
                                        size_t part_count, int64_t time_ms);

/* Writes down what is remembered; reads it into an index that was just created with the same
 * settings. It then answers as the one that was written, but for what either forgets when its room
 * is used up. ERR_CORRUPT: the index is as good as new, or holds a part of what was written. */
bool similarity_save(const struct similarity *s, struct byte_sink *sink) MUST_CHECK;
bool similarity_load(struct similarity *s, struct byte_source *source) MUST_CHECK;

/* The set itself, for whoever compares otherwise: distinct keys in falling order, at most
 * SIMILARITY_SHINGLES_MAX; the count is returned. Equal shingles have equal keys on every machine.
 */
size_t similarity_shingles(const struct similarity_part *parts, size_t part_count, uint64_t *keys);

/* Jaccard coefficient of two such sets; 0 when one is empty. */
double similarity_jaccard(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count);

#endif
