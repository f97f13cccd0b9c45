/* post_tokens.h - the words of a post, cut once and shared by matching, sentiment and archive.
 *
 * post_tokens_fill() runs the tokenizer over title and text; everything behind it (naive
 * evaluation, set matching, explanation, sentiment) reads the same tokens. Beside the words stand
 * the two measures that queries may ask for (lang:, sentiment:): whoever computes them for the
 * post sets them here before matching. Unset, they match no value.
 *
 * Scratch of one thread: create once, fill for any number of posts, no allocation in the steady
 * state. The tokens die at the next fill.
 */
#ifndef LISTEN_POST_TOKENS_H
#define LISTEN_POST_TOKENS_H

#include "listen/post.h"
#include "text/tokenizer.h"

enum post_polarity {
    POST_NEGATIVE = -1,
    POST_NEUTRAL = 0,
    POST_POSITIVE = 1,
    POST_POLARITY_UNKNOWN = 2
};

struct post_tokens {
    const struct token *title, *body;
    size_t title_count, body_count;
    uint32_t lead_end; /* byte in the text where its first paragraph ends (an empty line or end) */
    /* Set by the caller; reset to unknown by each fill. */
    enum post_polarity polarity;
    Str lang; /* identified language, for posts that name none; empty = not identified */
    struct tokenizer *title_words, *body_words; /* own the tokens */
};

bool post_tokens_init(struct post_tokens *pt, struct err *err) MUST_CHECK;
void post_tokens_deinit(struct post_tokens *pt); /* safe on a zeroed struct */

/* Fails as tokenizer_run() does; the post is then best treated as a rejected row. */
bool post_tokens_fill(struct post_tokens *pt, const struct post *post, struct err *err) MUST_CHECK;

/* What the post says, else what was identified. */
Str post_tokens_lang(const struct post_tokens *pt, const struct post *post);

#endif
