/* query_member.h - the members of a post that fields ask for.
 *
 * A field whose value is compared whole holds when one of the keys that the post offers for it
 * equals the key of the query. So the evaluator compares, and the set matcher looks the same keys
 * up. The others (parts, prefixes, ranges) are tests. Pure; `scratch` is reused memory.
 */
#ifndef LISTEN_QUERY_MEMBER_H
#define LISTEN_QUERY_MEMBER_H

#include "listen/post_tokens.h"
#include "listen/query/query.h"

/* True: the field with this key is decided by query_member_keys(). */
bool query_member_is_keyed(enum query_field field, Str key);

/* Calls emit for each key of the post, folded; stops and returns true when emit does. */
bool query_member_keys(enum query_field field, const struct post *post,
                       const struct post_tokens *tokens, struct buf *scratch,
                       bool (*emit)(void *context, Str key), void *context);

/* A field that is not keyed. `low` and `high` are for ranges. */
bool query_member_test(enum query_field field, Str key, double low, double high,
                       const struct post *post, const struct post_tokens *tokens,
                       struct buf *scratch);

/* raw: does the key stand in the folded text? Where it begins or ends with a letter or digit, none
 * may be next to it. */
bool query_raw_stands_in(Str folded, Str key);
/* True: between these bytes of folded text there is no word boundary that raw: asks for. */
bool query_raw_is_cut_at(Str folded, size_t at);

#endif
