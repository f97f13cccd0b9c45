/* word_build.h - make a run from posts, and one run of several.
 *
 * Threads: a builder belongs to one thread. Memory: about 12 bytes for every word and field of the
 * posts of one run while it is built; merging needs 4 bytes a document, the columns and the
 * dictionary.
 */
#ifndef LISTEN_WORD_BUILD_H
#define LISTEN_WORD_BUILD_H

#include "listen/archive/archive.h"
#include "listen/index/word_run.h"

#define WORD_BUILD_DOCS_MAX 32768 /* posts of one builder */

struct word_builder;

bool word_builder_create(struct word_builder **out, struct err *err) MUST_CHECK;
void word_builder_destroy(struct word_builder **b); /* NULL-safe */
void word_builder_reset(struct word_builder *b);
uint32_t word_builder_count(const struct word_builder *b);

/* In any order. `queries` as in post.queries. */
bool word_builder_add(struct word_builder *b, const struct archived_post *post,
                      const struct post_tokens *tokens, Str queries, struct err *err) MUST_CHECK;
bool word_builder_write(struct word_builder *b, Str path, uint64_t *bytes,
                        struct err *err) MUST_CHECK;
/* The same in memory. */
bool word_builder_run(struct word_builder *b, struct word_run *run, struct err *err) MUST_CHECK;

/* The documents of several runs that are not in their set of void ones (bits, NULL: none is), as
 * one run. At most WORD_MERGE_MAX. *docs 0: none is left and no file was written. */
#define WORD_MERGE_MAX 64
struct word_input {
    const struct word_run *run;
    const uint64_t *gone;
};
bool word_merge(const struct word_input *inputs, size_t count, Str path, uint64_t *docs,
                uint64_t *bytes, struct err *err) MUST_CHECK;

#endif
