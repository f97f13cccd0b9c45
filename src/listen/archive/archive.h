/* archive.h - the posts that matter, by month, with everything measured about them.
 *
 * One segment file a month, <posts_dir>/YYYY-MM.db: posts that a query matched, their mentions
 * (post x query), hourly rollups, and the identity of every post ever seen, matched or not; beside
 * it the files of the index of words (listen/index/word_index.h). What one batch does to one
 * segment is one transaction, so a kill at any moment leaves them in step. docs/archive.md has the
 * tables and the life of a post.
 *
 * Identity is (source, id), kept as a 64-bit hash. The same post with the same content is a
 * duplicate and changes nothing; with other content it is an update: what the old version
 * contributed is taken out, the new one put in, an edited text is kept as history. A delete event
 * removes text, author and contributions and leaves a tombstone that later copies do not undo. A
 * post whose time moved to another month leaves the old segment before it enters the new one. A
 * post without a time keeps the hour of the import that first brought it.
 *
 * Threads: an archive belongs to one thread; a writer's has two of its own, which index words. One
 * writer per folder at a time (ERR_BUSY for a second one); any number of readers, which open an
 * archive each.
 */
#ifndef LISTEN_ARCHIVE_H
#define LISTEN_ARCHIVE_H

#include "base/buf.h"
#include "base/vec.h"
#include "db/db.h"
#include "listen/archive/erase_text.h"
#include "listen/post.h"
#include "listen/post_tokens.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  INT64_C(86400000)

enum archive_mode { ARCHIVE_READ, ARCHIVE_WRITE };

struct archive;

/* Writing creates the folder; its first archive_write() reads the identities of all segments (19 to
 * 37 bytes of memory each). Reading sees what was committed when each of its calls began. */
bool archive_open(struct archive **out, Str posts_dir, enum archive_mode mode,
                  struct err *err) MUST_CHECK;
void archive_close(struct archive **a); /* NULL-safe */
/* For a writer that holds the archive for long: another one waits for it. Who waits leaves a note
 * in the folder; one older than ARCHIVE_WANTED_MS was left by a killed process. */
#define ARCHIVE_WANTED_MS 15000
bool archive_is_wanted(Str posts_dir);

/* Identity of a post, and of what it says (metrics included; a time only if the source gave it).
 * Pure; the same on every machine. */
uint64_t post_identity(Str source, Str id);
uint64_t post_content(const struct post *post);
/* 0 when the author is not known. */
uint64_t post_author_hash(const struct post *post);

/* ---- writing --------------------------------------------------------------------------------- */

struct archive_item {
    const struct post *post;
    uint64_t identity, content;
    const int64_t *queries; /* ids of the standing queries it satisfies, ascending */
    size_t query_count;
    Str lang_found; /* identified language when the post names none; may be empty */
    enum post_polarity polarity;
    double compound; /* sentiment -1 to 1; ignored when the polarity is unknown */
    Str maker;       /* of polarity and compound: sentiment_maker(); empty: not known */
    /* Under each of its queries, where corrections make it differ, else POST_POLARITY_UNKNOWN;
     * NULL: the same under all (listen/measure/correction.h). */
    const enum post_polarity *moods;
    bool addresses_person;
};

struct archive_batch {
    const struct archive_item *items;
    size_t count;
    /* Names the batch among all of an import, so that repeating it is harmless and counts the
     * same; import 0: not repeatable. */
    int64_t import, input, block;
    int64_t imported_at_ms; /* stands in for times that the source does not give */
    uint64_t query_set;     /* hash of the queries matched against */
    /* Out, may be NULL: as many as items, false before; true for posts seen for the first time. An
     * item of a repeated step is not told so again. */
    bool *is_added;
};

struct archive_counts {
    uint64_t added, updated, duplicate, deleted;
};

/* Adds to *counts. On failure nothing of the segment at hand is changed; segments before it are
 * committed, and the same batch can be written again. */
bool archive_write(struct archive *a, const struct archive_batch *batch,
                   struct archive_counts *counts, struct err *err) MUST_CHECK;
/* The import is finished: its marks (and those of earlier ones) are no longer needed. Its last
 * words are indexed by the time the archive is closed. */
bool archive_forget_import(struct archive *a, int64_t import, struct err *err) MUST_CHECK;

/* Takes the words of posts that were deleted or changed before the time given out of the files of
 * the index; until then searches pass over them. Costs a rewriting of the files that hold some.
 * archive_forget_import() does it for what is older than ARCHIVE_STALE_MS, the live writer every
 * hour. archive_erase() and archive_expire() leave nothing to wait for. */
#define ARCHIVE_STALE_MS DAY_MS
bool archive_purge_words(struct archive *a, int64_t before_ms, struct err *err) MUST_CHECK;

/* Matches stored posts again: `rematch` fills in the queries of an item (whose post, language and
 * mood are as stored), and posts whose queries differ get new mentions. All hours are to be
 * published again. One transaction a segment. Only posts that some query once matched are stored,
 * so a new query finds what it shares with earlier ones. */
struct archive_rematch_counts {
    uint64_t posts, changed;
};
typedef bool archive_rematch_post(void *context, struct archive_item *item, struct err *err);
bool archive_rematch(struct archive *a, uint64_t query_set, archive_rematch_post *rematch,
                     void *context, struct archive_rematch_counts *counts,
                     struct err *err) MUST_CHECK;

/* Drops up to `max` stored posts of a dataset that were written before the time given: text,
 * author, history and mentions. What they were counted as stays in the sums and in published
 * measures; their identities stay, so that copies are known. One transaction a segment. *count
 * below max: none is left. */
bool archive_expire(struct archive *a, Str dataset, int64_t before_ms, size_t max, size_t *count,
                    struct err *err) MUST_CHECK;

/* ---- erasing a person ------------------------------------------------------------------------ */

/* Months or posts that are done, of how many. */
typedef void archive_progress(void *context, uint64_t done, uint64_t total);

struct archive_erased_post {
    Str source, id;
};

struct archive_erasure {
    Str who;    /* id or handle, whatever the case of ASCII letters */
    Str source; /* empty: in every source */
    /* What they are called, found from their posts. */
    struct erase_person person;
    uint64_t hashes[ERASE_NAMES_MAX]; /* post_author_hash() in each source */
    size_t hash_count;
    struct {
        VEC(struct archive_erased_post);
    } posts;                    /* theirs; the caller frees it */
    archive_progress *progress; /* may be NULL: after every month */
    void *context;
    /* What archive_erase() did. */
    int64_t erased;
    int64_t others, edits; /* posts of others that named them, earlier texts dropped */
    int64_t segments;      /* months with any of it */
    int64_t logs_held;     /* write-ahead logs that a reader kept from being emptied */
};

/* Who that is and which posts there are; nothing is changed. Texts live in the arena. */
bool archive_author_find(struct archive *a, struct arena *arena, struct archive_erasure *e,
                         struct err *err) MUST_CHECK;
/* After archive_author_find(). Removes every post of the author with its history and mentions, and
 * their names from posts of others; tombstones keep the posts from being taken again. What was
 * counted stays in sums. Then words are indexed anew and every file is rewritten, so that nothing
 * is left in freed pages and logs. One transaction a segment: killed in between, the call is
 * repeated. */
bool archive_erase(struct archive *a, struct arena *arena, struct archive_erasure *e,
                   struct err *err) MUST_CHECK;
/* Rewrites a database file without what was deleted and empties its log. */
bool archive_scrub_file(struct db *db, bool *is_log_empty, struct err *err) MUST_CHECK;

/* An hour of a query whose measures have to be published. */
struct archive_dirty {
    int64_t query, hour;
    int64_t rewritten; /* at which archive_mark.rewrites more than new posts last came; 0: never */
};
/* How far a month was when its hours were taken. */
struct archive_mark {
    int32_t month;
    int64_t posts_to; /* posts from this id on came later */
    int64_t rewrites; /* number of the last change to what was there already */
};
/* What is to be published, as of one moment in each month; zeroed is empty. */
struct archive_taken {
    int64_t number; /* of this taking */
    struct {
        VEC(struct archive_dirty); /* by query and hour */
    } hours;
    struct {
        VEC(struct archive_mark); /* of every month that was looked at */
    } marks;
};
/* All of them; needs the writer, who may go on meanwhile. What changes behind it, and what was
 * taken and never done, is on the next list. The caller frees it. */
bool archive_dirty_take(struct archive *a, struct archive_taken *out, struct err *err) MUST_CHECK;
/* They are published: those that did not change since they were taken are crossed off. */
bool archive_dirty_done(struct archive *a, const struct archive_taken *taken,
                        struct err *err) MUST_CHECK;
void archive_taken_deinit(struct archive_taken *taken);
/* Of the month of an hour; NULL: it was not looked at, because nothing in it had changed. */
const struct archive_mark *archive_taken_mark(const struct archive_taken *taken, int64_t hour);

/* ---- reading --------------------------------------------------------------------------------- */

/* A source in the archive and what it can say (enum post_facet). Those of all months are known
 * after archive_sources_load(), else those of the months read so far. */
struct archive_source {
    Str name;
    uint32_t facets;
};
bool archive_sources_load(struct archive *a, struct err *err) MUST_CHECK;
size_t archive_sources(const struct archive *a, const struct archive_source **out);

/* Epoch hours of the first post seen and behind the last one; 0, 0 when empty. */
bool archive_span(struct archive *a, int64_t *from_hour, int64_t *to_hour,
                  struct err *err) MUST_CHECK;

enum mention_flag {
    MENTION_REPLY = 1,
    MENTION_REPOST = 2,
    MENTION_ANSWERED = 4, /* has replies or reposts */
    MENTION_ADDRESSED = 8 /* speaks to a person: answers or names one */
};

/* One post under one query, as measures need it. */
struct mention_fact {
    int64_t query, hour, post; /* post: id within the segment */
    int32_t month;             /* of the segment, years * 12 + month - 1; with `post` a reference */
    uint32_t source;           /* index into archive_sources() */
    uint64_t author;           /* hash, 0 = not known */
    char lang[4];              /* "en", "und" */
    char country[4];           /* "DE", as the post states it; "" where it states none */
    enum post_polarity polarity;
    uint32_t flags;        /* mention_flag */
    int64_t engagement;    /* or POST_UNKNOWN */
    int64_t followers;     /* or POST_UNKNOWN */
    int64_t created_at_ms; /* of archive_hour_mentions() only, else 0 */
};

/* Calls visit for every mention of the query in the hours [from, to), by hour; returning false ends
 * the walk. */
typedef bool archive_visit(void *context, const struct mention_fact *fact);
bool archive_mentions(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                      archive_visit *visit, void *context, struct err *err) MUST_CHECK;
/* The same for the posts with ids below `to_post`: what was there when archive_dirty_take() said
 * so.
 */
bool archive_mentions_until(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                            int64_t to_post, archive_visit *visit, void *context,
                            struct err *err) MUST_CHECK;
/* The mentions of one hour by posts with ids in [from, to), with their times; costs what it visits.
 */
bool archive_hour_mentions(struct archive *a, int64_t query, int64_t hour, int64_t from_post,
                           int64_t to_post, archive_visit *visit, void *context,
                           struct err *err) MUST_CHECK;
/* Calls visit for every mention of the query in the hours [from, to) that another stored post of
 * the same source, written in the hours [from, until), names in reply_to or repost_of; by hour.
 * until
 * >= to. Returning false ends the walk. */
typedef bool archive_visit_answered(void *context, int32_t month, int64_t post);
bool archive_answered(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                      int64_t until_hour, archive_visit_answered *visit, void *context,
                      struct err *err) MUST_CHECK;

/* A stored post. Slices live in the arena given. */
struct archived_post {
    struct post post; /* created_at_ms is always set; has_created_at says whether by the source */
    int32_t month;
    int64_t id;
    Str lang_found;
    enum post_polarity polarity;
    double compound;
    Str maker; /* of the two; empty: stored before makers were noted */
    uint64_t identity;
};
/* Mentions of a query with their posts, by hour; the post dies when visit returns. `every` n > 1
 * thins them to the posts whose identity is a multiple of n: the same ones every time. */
typedef bool archive_visit_post(void *context, const struct mention_fact *fact,
                                const struct archived_post *post);
bool archive_mention_posts(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           uint64_t every, archive_visit_post *visit, void *context,
                           struct err *err) MUST_CHECK;
/* What the words of a mention need; slices die when visit returns. Of the posts whose identity has
 * none of the bits of `mask`. */
struct mention_text {
    int64_t hour, post;
    int32_t month;
    uint64_t identity;
    Str title, body;
    Str lang; /* said or found; "und" when neither */
};
typedef bool archive_visit_text(void *context, const struct mention_text *text);
bool archive_mention_texts(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           uint64_t mask, archive_visit_text *visit, void *context,
                           struct err *err) MUST_CHECK;
/* Calls visit for every stored post with an author in the hours [from, to), whichever query it
 * matched. */
typedef void archive_visit_author(void *context, uint64_t author, int64_t hour);
bool archive_authors(struct archive *a, int64_t from_hour, int64_t to_hour,
                     archive_visit_author *visit, void *context, struct err *err) MUST_CHECK;
/* How many there are, from the hourly sums. */
bool archive_mention_count(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                           int64_t *mentions, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND. archive_find() reads through the identities of every month, 50 ns each: whoever
 * looks for several asks archive_find_all() once. */
bool archive_post(struct archive *a, struct arena *arena, int32_t month, int64_t id,
                  struct archived_post *out, struct err *err) MUST_CHECK;
bool archive_find(struct archive *a, struct arena *arena, Str source, Str id,
                  struct archived_post *out, struct err *err) MUST_CHECK;
/* The stored post of that identity written at that time; *is_there false: none. Through the index
 * of times, so that it costs little. */
bool archive_post_at(struct archive *a, struct arena *arena, int64_t created_at_ms,
                     uint64_t identity, struct archived_post *out, bool *is_there,
                     struct err *err) MUST_CHECK;
/* The kept ones of `identities` (post_identity(), each once), oldest month first, in the order they
 * arrived; `index` of identities. The post lives until visit returns false to stop. */
typedef bool archive_visit_found(void *context, size_t index, const struct archived_post *post);
bool archive_find_all(struct archive *a, const uint64_t *identities, size_t count,
                      archive_visit_found *visit, void *context, struct err *err) MUST_CHECK;
/* What a stored post is under one query: its mood there, or that it is no mention of it. */
bool archive_mood(struct archive *a, const struct archived_post *post, int64_t query,
                  bool *is_mention, enum post_polarity *mood, struct err *err) MUST_CHECK;

/* Numbers of the whole archive, for reports and tests. */
struct archive_stats {
    int64_t segments, identities, posts, mentions, tombstones, edits, totals;
};
bool archive_stats(struct archive *a, struct archive_stats *out, struct err *err) MUST_CHECK;

#endif
