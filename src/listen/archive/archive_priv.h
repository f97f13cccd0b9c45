/* archive_priv.h - what the parts of the archive share. Private to listen/archive and to the
 * index of words and the search, which read its segments. */
#ifndef LISTEN_ARCHIVE_PRIV_H
#define LISTEN_ARCHIVE_PRIV_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "format/json_bulk.h"
#include "listen/archive/archive.h"
#include "listen/index/word_index.h"

#define ARCHIVE_SEGMENTS_MAX 2000 /* files in one archive: reject */
/* Connections of one archive kept open, three descriptors each; beyond, the longest unused is
 * closed. A writer walks through all months (identities, what is dirty) and would open and close
 * each of them again and again; a reader stays within its window, and there are many readers. */
#define ARCHIVE_OPEN_WRITER_MAX   160
#define ARCHIVE_OPEN_READER_MAX   32
#define ARCHIVE_WARM_SEGMENTS_MAX 24 /* open ones that keep their page caches */
#define ARCHIVE_TEXT_VERSION      1  /* of the tokenizer that made the runs of words */

/* ---- directory: identity -> segment and row -------------------------------------------------- */

/* A hash table of 14 bytes an entry, in three columns: a post that is new looks at the first. */
struct directory {
    uint64_t *keys;     /* the identity; 0 = free */
    uint32_t *rows;     /* of the table identity of its segment */
    uint16_t *segments; /* index, with DIRECTORY_TOMBSTONE added */
    size_t count, capacity;
};

struct place {
    int segment;       /* index, or DIRECTORY_NONE */
    bool is_tombstone; /* deleted, and never to move again */
    int64_t row;
};

#define DIRECTORY_NONE      (-1)
#define DIRECTORY_TOMBSTONE 0x4000

void directory_deinit(struct directory *d);
struct place directory_get(const struct directory *d, uint64_t identity);
/* With `only_new` an entry that exists stays as it is. ERR_LIMIT: too many posts in one month. */
bool directory_put(struct directory *d, uint64_t identity, struct place place, bool only_new,
                   struct err *err) MUST_CHECK;

/* ---- segments -------------------------------------------------------------------------------- */

enum identity_state {
    IDENTITY_COUNTED, /* seen, matched nothing */
    IDENTITY_KEPT,
    IDENTITY_DELETED, /* tombstone */
    IDENTITY_MOVED    /* lives in another segment */
};

struct local_source {
    int64_t id;      /* row id in the segment; 0 = not there */
    uint32_t facets; /* as stored there */
};

struct segment {
    int32_t month;    /* years * 12 + month - 1 */
    struct db *db;    /* NULL: not open at the moment */
    uint64_t used_at; /* archive->clock of its last use */
    bool is_warm;     /* its connection may hold pages */
    bool has_sources; /* its sources were read once: they are among archive->sources */
    /* What this archive knows as the only writer; false: has to be looked up. */
    bool is_published;  /* nothing is dirty */
    bool is_unmarked;   /* no marks of imports */
    bool is_settled;    /* files of words were compared with the table of runs */
    bool has_news;      /* posts were written since the end of an import */
    bool has_words_due; /* posts were written, or a run was made, since runs were looked at */
    bool has_stale;     /* some entries of runs no longer hold: as of the last word_runs_load() */
    int64_t next_post;  /* id of the next post, inside a transaction */
    int64_t first_post; /* the same at its beginning */
    int64_t build_run, merge_run; /* ids of runs that are being made; 0: none */
    int64_t indexed_to;           /* while one is built: posts up to here are in runs */
    struct word_runs runs;
    struct word_runs tail; /* in memory: posts that are in no run */
    int64_t tail_version;  /* of the file they were made from; 0: not made */
    struct {
        VEC(struct local_source); /* by index into archive->sources */
    } local_sources;
    struct {
        VEC(uint32_t); /* index into archive->sources by row id */
    } source_of;
    uint64_t query_set_hash; /* of the row below */
    int64_t query_set;       /* its row id; 0 = not looked up */
    uint64_t maker_hash;     /* of the name of the row below */
    int64_t maker;           /* row id of who rated posts last; 0 = not looked up */
};

/* What one transaction changes in rollups and totals, summed before it is written. */
struct rollup_key {
    int64_t query; /* 0: the total of all posts */
    int64_t hour;
    int64_t source; /* row id in the segment */
    char lang[8];
};

struct rollup_delta {
    struct rollup_key key;
    int64_t mentions, positive, neutral, negative, replies, reposts, engagement;
    bool is_rewritten; /* not only mentions of new posts came */
};

/* A mention of the transaction at hand that is not yet in its table. */
struct new_mention {
    int64_t query, hour, post, source;
    uint64_t author; /* 0: not known */
    char lang[8];
    char country[4];  /* "" where the post states none */
    int64_t polarity; /* POST_POLARITY_UNKNOWN when not rated */
    int64_t flags, engagement, followers;
};

struct archive {
    enum archive_mode mode;
    int open_max, warm_max; /* segments, see above; less in tests */
    Str dir;
    struct arena memory;
    struct db *lock; /* held while writing */
    struct {
        VEC(struct segment);
    } segments; /* in order of appearance; indices are stable */
    struct {
        VEC(struct archive_source);
    } sources;
    struct directory directory; /* filled before the first write */
    bool has_directory;
    /* Steps of an unfinished import that were there when this archive was opened: what its blocks
     * counted, by replay_key. */
    int64_t replay_import; /* 0: not loaded */
    struct map replay_index;
    struct {
        VEC(struct archive_counts);
    } replays;
    struct map delta_index; /* rollup_key bytes -> index into deltas */
    struct {
        VEC(struct rollup_delta);
    } deltas;
    struct {
        VEC(struct new_mention);
    } new_mentions;
    struct buf links, mentions; /* scratch: JSON lists being bound */
    struct buf queries;         /* scratch: ids being bound or read */
    struct json_bulk *json;     /* reads them back; made when first needed */
    uint64_t clock;
    struct word_making words;
};

/* Fills the directory from all segments, once. */
bool archive_directory(struct archive *a, struct err *err) MUST_CHECK;

int32_t month_of_ms(int64_t ms);
int64_t month_start_ms(int32_t month);

/* Index of the segment, made when `create`; DIRECTORY_NONE when it does not exist. */
bool segment_at(struct archive *a, int32_t month, bool create, int *index,
                struct err *err) MUST_CHECK;
/* Opens its file if it is not. */
bool segment_use(struct archive *a, int index, struct segment **out, struct err *err) MUST_CHECK;
/* Forgets what was read from the file: after a rollback. */
void segment_close(struct segment *s);
/* Index into archive->sources of a row id, reading the table again when it is new. */
bool segment_source_of(struct archive *a, struct segment *s, int64_t id, uint32_t *index,
                       struct err *err) MUST_CHECK;
/* Index into archive->sources, added when new. */
bool archive_source_index(struct archive *a, Str name, uint32_t *index, struct err *err) MUST_CHECK;
/* Row id of a source in the segment, added when new, facets joined in. */
bool segment_source(struct archive *a, struct segment *s, Str name, uint32_t facets, int64_t *id,
                    struct err *err) MUST_CHECK;
bool segment_query_set(struct segment *s, uint64_t hash, int64_t *id, struct err *err) MUST_CHECK;
/* Row id of a maker of moods, added when new. */
bool segment_maker(struct segment *s, Str name, int64_t *id, struct err *err) MUST_CHECK;

/* ---- changes to one segment, inside its transaction (archive_change.c) ------------------------
 */

struct change {
    const struct archive_item *item;
    int64_t import;   /* 0: not repeatable */
    int64_t position; /* of the item within the import; rises */
    int64_t row;      /* in, out: of its identity in this segment; 0: none that is known */
    bool is_stale;    /* out: a later row of the same import was here before; nothing was done */
    bool is_moved;    /* it was taken out of another segment for this */
    int64_t at_ms;    /* event time, import time when there is none */
    int64_t imported_at_ms;
};

bool change_begin(struct archive *a, struct segment *s, struct err *err) MUST_CHECK;
bool change_upsert(struct archive *a, struct segment *s, struct change *change, uint64_t query_set,
                   struct archive_counts *counts, struct err *err) MUST_CHECK;
/* Takes a post out because it moves to another segment; its earlier texts stay here. */
bool change_depart(struct archive *a, struct segment *s, struct change *change,
                   struct err *err) MUST_CHECK;
/* A kept post whose time to be kept is over. */
struct expired {
    int64_t id, hour;
    uint64_t identity;
    Str title, body, queries; /* as stored */
    Str source, post_id;      /* only of an author that is erased */
};
/* Text, author and mentions go; sums stay, and the identity as one that was only counted. */
/* The same, and a tombstone stays: copies of the post are not taken again. */
bool change_erase(struct archive *a, struct segment *s, const struct expired *post,
                  struct err *err) MUST_CHECK;
bool change_expire(struct archive *a, struct segment *s, const struct expired *post,
                   struct err *err) MUST_CHECK;
/* The next number of a change to what was there already (table dirty). */
bool segment_rewrites_next(struct segment *s, int64_t *rewrites, struct err *err) MUST_CHECK;
/* Writes the sums; the caller commits. */
bool change_flush(struct archive *a, struct segment *s, struct err *err) MUST_CHECK;
/* The ids of an item's queries as the column post.queries has them; lives in the archive until the
 * next call. */
bool change_queries(struct archive *a, const struct archive_item *item, Str *out,
                    struct err *err) MUST_CHECK;
/* What the item is under one of its queries. */
enum post_polarity change_mood(const struct archive_item *item, size_t query);
/* Replaces the mentions of a kept post. */
bool change_mentions(struct archive *a, struct segment *s, int64_t post, int64_t hour,
                     int64_t source, const struct archive_item *item, struct err *err) MUST_CHECK;

/* Reads the columns of post_columns (archive_read.c) from a row. */
#define POST_COLUMN_COUNT 35
#define POST_COLUMNS_LITERAL                                                                       \
    "post.id, post.identity, source.name, post.post_id, post.kind, post.created_at_ms, "           \
    "post.has_created_at, post.author_id, post.author_handle, post.author_name, "                  \
    "post.followers, post.verified, post.lang, post.lang_found, post.polarity, "                   \
    "post.compound, post.title, post.body, post.url, post.links, post.mentions, "                  \
    "post.reply_to, post.reply_to_author, post.thread, post.repost_of, "                           \
    "post.repost_of_author, post.likes, post.replies, post.reposts, post.views, "                  \
    "post.rating, post.country, post.dataset, post.extra, "                                        \
    "(SELECT maker.name FROM maker WHERE maker.id = post.maker)"
bool archived_post_read(struct archive *a, struct stmt *stmt, struct arena *arena, int32_t month,
                        struct archived_post *out, struct err *err) MUST_CHECK;
/* The mood of a mention; not one at all: *is_mention false. */
bool segment_mood(struct segment *s, int64_t query, int64_t hour, int64_t post, bool *is_mention,
                  enum post_polarity *mood, struct err *err) MUST_CHECK;
/* What the evaluator has to know of a stored post beside its words. */
void archived_post_rate(const struct archived_post *post, struct post_tokens *tokens);
/* Indices of the segments whose month touches the hours [from, to), by month. Lives in the arena.
 */
bool segments_between(struct archive *a, struct arena *arena, int64_t from_hour, int64_t to_hour,
                      int **out, size_t *count, struct err *err) MUST_CHECK;
/* Calls `each` for every segment of the hours [from, to), by month. */
typedef bool each_segment(struct archive *a, struct segment *s, void *context, struct err *err);
bool for_segments(struct archive *a, int64_t from_hour, int64_t to_hour, each_segment *each,
                  void *context, struct err *err) MUST_CHECK;

/* A walk through the mentions of a query in the hours [from, to). */
struct mention_span {
    int64_t query, from_hour, to_hour;
    bool is_over; /* whoever looks has enough: no further row, no further month */
};
/* Calls `each` for the rows of a statement whose first parameters are query, from_hour and to_hour,
 * until one sets is_over; it is reset. */
typedef bool each_mention(struct archive *a, struct segment *s, struct stmt *stmt, void *walk,
                          struct err *err);
bool for_mentions(struct archive *a, struct segment *s, struct stmt *stmt,
                  const struct mention_span *span, each_mention *each, void *walk,
                  struct err *err) MUST_CHECK;

#endif
