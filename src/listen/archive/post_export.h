/* post_export.h - posts as CSV or JSON lines, as they are or under pseudonyms.
 *
 * Pseudonyms: an author is "a_" and 16 hexadecimal digits, of HMAC-SHA256 with the workspace's key
 * over the source and the author's id (else handle, else name), the same in every export of the
 * workspace and of no use in another. Handles that a text or a list names get "a_" of the same
 * rule, by handle. Names, the post's address, links, unknown members and the ids of posts, answers
 * and threads are left out or replaced by "p_" and 16 digits.
 *
 * This keeps apart who wrote what without saying who. It does not keep out what a text itself
 * tells: whoever looks for a sentence on the web finds its author. Therefore the wording of a text
 * can be left out as well (EXPORT_NO_TEXT).
 *
 * Threads: one. Memory: what one post needs.
 */
#ifndef LISTEN_POST_EXPORT_H
#define LISTEN_POST_EXPORT_H

#include "listen/archive/archive.h"

enum export_format { EXPORT_JSONL, EXPORT_CSV };

struct post_export {
    enum export_format format;
    bool is_pseudonymous;
    bool has_no_text;
    Str key; /* of the pseudonyms, 32 bytes */
    struct buf out, scratch;
    struct tokenizer *words;
    struct arena memory; /* of the post at hand */
    uint64_t posts;
};

bool post_export_init(struct post_export *x, struct err *err) MUST_CHECK;
void post_export_deinit(struct post_export *x);
/* The heading of CSV; nothing for JSON lines. Into x->out, as all. */
void post_export_begin(struct post_export *x);
/* Appends one post. The caller empties x->out. */
bool post_export_add(struct post_export *x, const struct archived_post *post,
                     struct err *err) MUST_CHECK;

/* The workspace's key, made at its first use: <dir>/secrets/pseudonym, for the owner alone. Without
 * it earlier exports cannot be joined with later ones; with it authors can be found by trying. */
bool export_key(struct arena *arena, Str workspace_dir, Str *key, struct err *err) MUST_CHECK;

#endif
