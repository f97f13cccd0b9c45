/* decode.h - turn files of posts into struct post: native JSON Lines and what platforms hand out.
 *
 * Two halves, so that one thread can read while others decode. An *input* cuts one file (plain,
 * gzip or zstd) into blocks of whole records; where the cuts lie depends on the bytes alone, so a
 * block's ordinal names the same records on every run. A *decoder*, one per thread, turns a block
 * into a batch of posts. A bad row never stops a file: it becomes a reject with its line and
 * reason.
 *
 *     struct decode_input *in; struct decoder *d; struct decode_block block; struct decode_batch
 * batch; decode_input_open(&in, path, &options, plan_memory, &err); decoder_create(&d, &err);
 *     decode_block_init(&block); decode_batch_init(&batch);
 *     while ((ok = decode_input_next(in, &block, &has_block, &err)) && has_block) {
 *         if (!decoder_run(d, &block, &batch, &err)) break;
 *         vec_each(struct decoded, it, &batch.posts) use(&it->post, it->line);
 *         vec_each(struct decode_reject, it, &batch.rejects) report(it);
 *     }
 *
 * Formats (--format, or recognised from the first bytes):
 *   native           one JSON object a post as docs/posts.md has it; unknown members go to `extra`
 *   twitter          tweets of v1.1 and v2, pages of either, the account archive, delete notices
 *   mastodon         statuses and the events of the streams
 *   bluesky          Jetstream events; post views and pages of them
 *   reddit           submissions and comments, flat or in listings
 *   hackernews       items of the Firebase and Algolia interfaces
 *   activitystreams  activities, objects and collections
 *   feed             an RSS, RDF, Atom or JSON Feed document; rows are numbered by item
 *   csv              a heading line and rows; columns by name, or by `mapping`
 * CSV may be in UTF-8, Windows-1252 or, with a byte order mark, UTF-16; so may JSON in UTF-16. It
 * is made into UTF-8 before it is cut: posts, rejects and samples never show which it was. JSON may
 * come as one value a line, as objects over several lines, in lists, behind the assignment of an
 * archive's script, or as the data of server-sent events, whatever the format is.
 *
 * Memory: everything in a batch lives in its arena and dies at the next decoder_run() on that
 * batch; in steady state a post costs no allocation beside it. Purity: nothing here knows the
 * clock, so a post without a time keeps has_created_at == false and created_at_ms == 0.
 */
#ifndef LISTEN_DECODE_H
#define LISTEN_DECODE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "format/charset.h"
#include "listen/post.h"

#define DECODE_BLOCK_BYTES     (1024 * 1024)      /* a block ends at the last record before that */
#define DECODE_DOCUMENT_MAX    (64 * 1024 * 1024) /* bytes of a feed document: reject the file */
#define DECODE_ID_BYTES_MAX    1024               /* an id or handle: the row is rejected */
#define DECODE_URL_BYTES_MAX   8192               /* an address: see docs/posts.md */
#define DECODE_CSV_COLUMNS_MAX 512                /* reject the file */
/* Of a CSV file without a byte order mark: looked at to tell Windows-1252 from UTF-8. */
#define DECODE_CHARSET_BYTES_MAX (64 * 1024 * 1024)
#define DECODE_TIME_MIN_MS       INT64_C(631152000000) /* 1990-01-01; outside: the row is rejected */
#define DECODE_TIME_MAX_MS       INT64_C(4102444800000) /* 2100-01-01, exclusive */

enum decode_format {
    DECODE_AUTO,
    DECODE_TWITTER,
    DECODE_MASTODON,
    DECODE_BLUESKY,
    DECODE_REDDIT,
    DECODE_HACKERNEWS,
    DECODE_ACTIVITY,
    DECODE_FEED,
    DECODE_CSV,
    DECODE_NATIVE,
    DECODE_FORMAT_COUNT
};

#define DECODE_FORMAT_NAMES                                                                        \
    "native, twitter, mastodon, bluesky, reddit, hackernews, activitystreams, feed or csv"

/* One of DECODE_FORMAT_NAMES, or "auto". */
bool decode_format_from(Str name, enum decode_format *out) MUST_CHECK;
const char *decode_format_name(enum decode_format format);

struct decode_options {
    enum decode_format format; /* DECODE_AUTO recognises */
    Str source;  /* for posts that name none; empty: the format's own ("reddit", "import", ...) */
    Str dataset; /* for posts that name none */
    /* CSV only: "text=Full Text,created_at=Date,title="; names the column of a member, or that it
     * has none. "dates=dmy" (mdy, ymd) says the order of dates like 01/02/2026. */
    Str mapping;
    /* A block ends early when the input, a pipe, has nothing more at this moment: its posts can be
     * answered before the next ones come. Where blocks are cut then depends on time, so not for
     * whoever counts blocks to go on later. */
    bool is_live;
};

/* What is known about a file once it is open. Immutable, shared by all decoders of its blocks. */
struct decode_plan;

/* Whole records of one file. The bytes are the caller's, so blocks can be queued. */
struct decode_block {
    const struct decode_plan *plan;
    struct buf bytes;       /* followed by INPUT_PADDING_BYTES readable bytes */
    uint64_t ordinal;       /* within its input, from 0 */
    uint64_t first_line;    /* line number of its first byte, from 1 */
    uint64_t too_long_line; /* not 0: this line was longer than INPUT_LINE_BYTES_MAX and skipped */
};

void decode_block_init(struct decode_block *block);
void decode_block_deinit(struct decode_block *block);

struct decode_input;

/* The plan is allocated in plan_memory, which has to outlive every block of this input. The slices
 * of `options` are copied there too. ERR_INPUT: not recognisable as any format; the hint says what
 * is allowed. */
bool decode_input_open(struct decode_input **out, Str path, const struct decode_options *options,
                       struct arena *plan_memory, struct err *err) MUST_CHECK;
/* Over bytes the caller keeps alive; `name` stands in messages. */
bool decode_input_open_bytes(struct decode_input **out, Str name, Str bytes,
                             const struct decode_options *options, struct arena *plan_memory,
                             struct err *err) MUST_CHECK;
void decode_input_close(struct decode_input **in); /* NULL-safe */

#define DECODE_SAMPLE_ROWS 3

/* What a CSV file's heading says, which member of a post each column would fill with these options,
 * and its first rows. */
struct decode_columns {
    bool is_csv; /* else nothing below is set */
    enum charset charset;
    char separator;
    bool has_text;
    size_t count;
    const Str *names;
    const char *const *members;          /* NULL: the column is kept beside the post */
    const Str *rows[DECODE_SAMPLE_ROWS]; /* fields, `count` each */
    size_t row_count;
    const char
        *date_order; /* dmy, mdy, ymd: how dates like 01/02/2026 are read; NULL: no such date */
    bool is_date_order_said; /* in the mapping; else the first rows show it */
    bool is_date_order_open; /* such dates, but neither */
};

/* Looks at the beginning of a file; never fails for what a row holds. Slices live in `memory`. */
bool decode_columns_read(Str path, const struct decode_options *options, struct arena *memory,
                         struct decode_columns *out, struct err *err) MUST_CHECK;

/* The members that a column can fill, in the order of docs/posts.md; NULL behind the last. */
const char *decode_csv_member(size_t i);

bool decode_input_next(struct decode_input *in, struct decode_block *block, bool *has_block,
                       struct err *err) MUST_CHECK;

/* The next block will have to be waited for: the time to hand on what came so far. */
bool decode_input_would_wait(const struct decode_input *in);

enum decode_format decode_input_format(const struct decode_input *in);
uint64_t decode_input_bytes_in(const struct decode_input *in); /* of the file as it lies there */
Str decode_plan_path(const struct decode_plan *plan);

struct decoded {
    struct post post;
    uint64_t line; /* where its record starts, from 1 */
};

struct decode_reject {
    uint64_t line; /* where its record starts */
    uint64_t item; /* of a record of several posts: which one, from 1; else 0 */
    Str reason;    /* lower case, no full stop */
    Str kept;      /* the reason to be said again (base/wording.h); may be empty */
    Str raw;       /* the record as it came; may be any bytes; empty when it was too long */
};

struct decode_batch {
    struct arena arena;
    struct {
        VEC(struct decoded);
    } posts; /* in the order of the file */
    struct {
        VEC(struct decode_reject);
    } rejects;
    uint64_t row_count;     /* posts and rejects; blank lines are no rows */
    uint64_t ignored_count; /* records understood that are no posts: likes, follows, notices */
    enum charset charset;   /* of the file; posts and rejects are in UTF-8 */
    int64_t cursor_us;      /* Bluesky: the latest time_us met, to go on from; 0 = none */
};

void decode_batch_init(struct decode_batch *batch);
void decode_batch_deinit(struct decode_batch *batch);

struct decoder;

bool decoder_create(struct decoder **out, struct err *err) MUST_CHECK;
void decoder_destroy(struct decoder **d); /* NULL-safe */

/* Replaces the batch's contents. Fails only for lack of memory (ERR_LIMIT, ERR_NO_MEMORY). */
bool decoder_run(struct decoder *d, const struct decode_block *block, struct decode_batch *batch,
                 struct err *err) MUST_CHECK;

/* The two halves on one thread, for whoever takes a whole file in its order: each batch goes to
 * `visit`, which may end the walk with an error. */
typedef bool decode_visit(void *context, const struct decode_batch *batch, struct err *err);
bool decode_walk(Str path, const struct decode_options *options, decode_visit *visit, void *context,
                 struct err *err) MUST_CHECK;
bool decode_walk_bytes(Str name, Str bytes, const struct decode_options *options,
                       decode_visit *visit, void *context, struct err *err) MUST_CHECK;

/* Appends one native JSON object, no line end: what decoding it as native gives back unchanged. */
void post_write_native(const struct post *post, struct buf *out);

#endif
