/* post_export.h - posts as CSV, JSON lines or a workbook, as they are or under pseudonyms.
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
 * A workbook comes as a whole at the end; until then its rows lie in unnamed files of `scratch`. It
 * says that it was made when its last post was written, so the same posts give the same bytes. What
 * it cannot hold (a text beyond XLSX_CELL_UNITS_MAX, posts beyond EXPORT_XLSX_POSTS_MAX) is
 * ERR_LIMIT: nothing is cut off silently.
 *
 * Threads: one. Memory: what one post needs.
 */
#ifndef LISTEN_POST_EXPORT_H
#define LISTEN_POST_EXPORT_H

#include "format/table.h"
#include "listen/archive/archive.h"
#include "os/scratch_file.h"

enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_XLSX, EXPORT_FORMAT_COUNT };
enum { EXPORT_XLSX_POSTS_MAX = XLSX_ROWS_MAX - 1 };
#define EXPORT_FORMAT_NAMES "jsonl, csv or xlsx" /* in the order of the enum */

/* "csv": the name it is asked for by and how its files end. */
Str export_format_name(enum export_format format);
Str export_content_type(enum export_format format);
/* ERR_INPUT: there is none of that name. */
bool export_format_from(Str name, enum export_format *out, struct err *err) MUST_CHECK;
/* ERR_LIMIT: so many posts do not fit. */
bool export_fits(enum export_format format, uint64_t posts, struct err *err) MUST_CHECK;

struct post_export {
    enum export_format format;
    bool is_pseudonymous;
    bool has_no_text;
    Str key;     /* of the pseudonyms, 32 bytes */
    Str scratch; /* folder, of the same disk as much as the posts take; EXPORT_XLSX only */
    struct buf out, text;
    struct tokenizer *words;
    struct arena memory; /* of the post at hand */
    struct table_writer table;
    struct scratch_file book; /* EXPORT_XLSX */
    int64_t last_ms;          /* when the post that was added last was written */
    uint64_t posts;
};

/* Sends x->out on and empties it. */
typedef bool export_flush(void *context, struct err *err);

bool post_export_init(struct post_export *x, struct err *err) MUST_CHECK;
void post_export_deinit(struct post_export *x);
/* The heading, where the format has one. Into x->out, as all. */
bool post_export_begin(struct post_export *x, struct err *err) MUST_CHECK;
/* Appends one post. The caller empties x->out. */
bool post_export_add(struct post_export *x, const struct archived_post *post,
                     struct err *err) MUST_CHECK;
/* Behind the last post: sends on what is left, a workbook as a whole. */
bool post_export_end(struct post_export *x, export_flush *flush, void *context,
                     struct err *err) MUST_CHECK;

/* The workspace's key, made at its first use: <dir>/secrets/pseudonym, for the owner alone. Without
 * it earlier exports cannot be joined with later ones; with it authors can be found by trying. */
bool export_key(struct arena *arena, Str workspace_dir, Str *key, struct err *err) MUST_CHECK;

#endif
