/* decode_priv.h - what the decoders share. Private to listen/decode*.c.
 *
 * A *family* is one form of posts: a row of decode_families, a file decode_<family>.c. How a file
 * is cut into records (the framing) is told apart from what a record means: a tweet may come as a
 * line, as an element of an array, or in a page of an API answer.
 */
#ifndef LISTEN_DECODE_PRIV_H
#define LISTEN_DECODE_PRIV_H

#include <stddef.h>

#include "base/limits.h"
#include "base/map.h"
#include "format/json_bulk.h"
#include "format/time.h"
#include "listen/decode/decode.h"

#define DECODE_REASON_BYTES_MAX 256
#define DECODE_KEPT_BYTES_MAX   512
#define DECODE_CSV_MEMBERS      25 /* csv_members in decode_csv.c */

enum decode_framing {
    FRAMING_LINES,   /* one JSON value a line */
    FRAMING_VALUES,  /* JSON objects over several lines or in an array longer than a line */
    FRAMING_EVENTS,  /* server-sent events whose data is JSON */
    FRAMING_CSV,     /* rows */
    FRAMING_DOCUMENT /* the whole file */
};

struct decode_plan {
    enum decode_format format;
    enum decode_framing framing;
    enum charset charset;
    Str path, source, dataset;
    bool is_source_default;     /* nobody named the source */
    char separator;             /* CSV, from here on */
    enum time_order date_order; /* said, or shown by the first rows; NONE, OPEN: neither */
    bool is_date_order_said;
    int16_t column_of[DECODE_CSV_MEMBERS]; /* by member; -1 = the file has no such column */
    size_t column_count;
    const Str *columns; /* names from the heading */
    bool *is_used;      /* by column: it fills a member */
};

struct page_index; /* of what the posts of a page refer to: decode_twitter_v2.c */

struct decoder {
    struct json_bulk *json, *inner; /* inner: JSON inside a text of JSON; made when first needed */
    struct buf scratch;             /* text being rewritten */
    struct buf extra;               /* unknown members of the row; a part of a page written again */
    struct buf joined;              /* an event of several lines, padded */
    struct map row_counts;          /* CSV without ids: how often a row stood in this block */
    const struct decode_plan *plan;
    struct decode_batch *batch;
    uint64_t line; /* of the record at hand */
    Str raw;       /* its bytes */
    JsonNode root; /* what they parse to */
    uint64_t item; /* of a record of several posts: number of the post, from 1; 0 = of one */
    struct page_index *index; /* X/Twitter v2: users, places and posts a page's posts refer to */
    uint64_t expanded_bytes;  /* copied out of it into posts of the record at hand */
    Str links[POST_LINKS_MAX], mentions[POST_LINKS_MAX]; /* of the row, collected one by one */
    size_t link_count, mention_count;
    char reason[DECODE_REASON_BYTES_MAX]; /* why the row at hand is refused */
    char kept[DECODE_KEPT_BYTES_MAX];     /* the same to be said again: base/wording.h */
    size_t kept_len;
    bool is_ignored;   /* the row at hand is understood and no post */
    bool is_exhausted; /* the batch's memory ran out */
};

struct decode_family {
    const char *name; /* of --format */
    Str source;       /* of posts that name none */
    /* The object is of this form. Asked in the order of the table, native last. */
    bool (*is_mine)(JsonNode root);
    /* One object to one post. False: refused or ignored. */
    bool (*post)(struct decoder *d, JsonNode node, struct post *post);
    /* A record of several posts: calls row_decode() for each. NULL: every record is one post.
     * False: out of memory. */
    bool (*record)(struct decoder *d, JsonNode root);
    /* A server-sent event whose data need not be JSON. *is_done false: the data is a record. NULL:
     * it always is. */
    bool (*event)(struct decoder *d, Str name, Str data, bool *is_done);
};

extern const struct decode_family decode_families[DECODE_FORMAT_COUNT];

/* Sets the reason; returns false. The first one stays. */
bool row_refuse(struct decoder *d, const char *format, ...) PRINTF_LIKE(2, 3);
bool row_refuse_error(struct decoder *d, const struct err *why);
/* The record is understood and is no post: a like, a follow, a notice. Returns false. */
bool row_ignore(struct decoder *d);
/* The batch has no memory left. Returns false. */
bool row_exhausted(struct decoder *d);
/* Copies into the batch. Refuses a NUL and more than max_bytes; `what` names the member. */
bool row_text(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out) MUST_CHECK;
/* The same with character references resolved. */
bool row_markup(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out) MUST_CHECK;
/* The text of a piece of HTML; its links are collected, but for those of mentions and hashtags. */
bool row_html(struct decoder *d, const char *what, Str html, Str *out) MUST_CHECK;
/* Collects an address, or a handle without its @. Doubles, and those beyond POST_LINKS_MAX, are
 * dropped; so is an address longer than DECODE_URL_BYTES_MAX. row_end() hands them to the post. */
bool row_link(struct decoder *d, Str address) MUST_CHECK;
bool row_mention(struct decoder *d, Str handle) MUST_CHECK;
bool row_time(struct decoder *d, struct post *post, int64_t ms) MUST_CHECK;
/* RFC 3339, RFC 822, the form of X/Twitter, "YYYY-MM-DD HH:MM:SS", or a number of seconds or
 * milliseconds since 1970. An empty text leaves the post without a time. */
bool row_time_text(struct decoder *d, struct post *post, Str text) MUST_CHECK;
bool row_time_number(struct decoder *d, struct post *post, double value) MUST_CHECK;
/* Lower case, without region: "en-US" gives "en"; "und" and what is no code give empty. */
bool row_lang(struct decoder *d, Str in, Str *out) MUST_CHECK;
bool row_country(struct decoder *d, Str in, Str *out) MUST_CHECK;
/* Of the post's id, when nobody named the source: posts of the fediverse and of feeds. */
bool row_source_of_host(struct decoder *d, Str address, struct post *post) MUST_CHECK;
/* An empty post: unknown counts, no rating, kind "post", the plan's source and dataset. */
void row_begin(struct decoder *d, struct post *post);
/* Hands over what was collected; checks what every post has to have. */
bool row_end(struct decoder *d, struct post *post) MUST_CHECK;
/* Puts the post or, when !is_good, the reject into the batch, or counts it as ignored. False: out
 * of memory. */
bool row_keep(struct decoder *d, bool is_good, const struct post *post, uint64_t line,
              Str raw) MUST_CHECK;
/* The whole way of one object of the family at hand, from row_begin() to row_keep(). */
bool row_decode(struct decoder *d, JsonNode node) MUST_CHECK;
/* Each element of a list, counted from 1 in the reasons of rejects. */
bool row_decode_each(struct decoder *d, JsonNode list) MUST_CHECK;
/* The record at hand as a whole is refused (for that reason), or ignored. */
bool row_keep_refused(struct decoder *d, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
bool row_keep_refused_error(struct decoder *d, const struct err *why) MUST_CHECK;
bool row_keep_ignored(struct decoder *d) MUST_CHECK;

/* ---- JSON (decode_node.c): absent and null leave *out alone; any other type refuses the row ---
 */

bool node_text(struct decoder *d, JsonNode node, const char *what, size_t max_bytes,
               Str *out) MUST_CHECK;
bool node_id(struct decoder *d, JsonNode node, const char *what, Str *out) MUST_CHECK;
/* Counts; negative ones count as 0, fractions are cut. */
bool node_count(struct decoder *d, JsonNode node, const char *what, int64_t *out) MUST_CHECK;
bool node_time(struct decoder *d, JsonNode node, struct post *post) MUST_CHECK;
bool node_flag(struct decoder *d, JsonNode node, const char *what, int8_t *out) MUST_CHECK;
/* An array of texts; those beyond POST_LINKS_MAX are dropped. */
bool node_texts(struct decoder *d, JsonNode node, const char *what, const Str **out,
                size_t *count) MUST_CHECK;
/* The text, or empty. */
Str node_str(JsonNode node);
Str node_str_at(JsonNode object, Str key);
bool node_has(JsonNode object, Str key); /* neither absent nor null */

/* One member of an object and what it fills: an object is read in one pass over its members. */
enum member_kind {
    MEMBER_ID,       /* Str: text or whole number */
    MEMBER_ID_SPARE, /* the same, only where nothing is yet; what is neither is left out */
    MEMBER_TEXT,     /* Str */
    MEMBER_MARKUP,   /* Str, character references resolved */
    MEMBER_HTML,     /* Str, and links */
    MEMBER_COUNT,    /* int64_t */
    MEMBER_FLAG,     /* int8_t */
    MEMBER_TIME,     /* created_at of the post */
    MEMBER_LANG,     /* Str */
    MEMBER_COUNTRY,  /* Str */
    MEMBER_NODE,     /* nodes[max_bytes]: for the decoder itself */
};

struct member {
    Str key;
    enum member_kind kind;
    size_t offset;    /* into struct post */
    size_t max_bytes; /* of texts; of nodes the index */
    const char *what; /* its name in reasons */
};

/* Rows of such a table: fills `at` of the post (named `what` in reasons); is kept as nodes[index].
 */
#define FILL(key, kind, at, max_bytes) FILL_AS(key, kind, at, max_bytes, key)
#define FILL_AS(key, kind, at, max_bytes, what)                                                    \
    {                                                                                              \
        S_INIT(key), MEMBER_##kind, offsetof(struct post, at), max_bytes, what                     \
    }
#define KEEP(key, index)                                                                           \
    {                                                                                              \
        S_INIT(key), MEMBER_NODE, 0, index, key                                                    \
    }

const struct member *member_find(const struct member *table, size_t count, Str key);
bool member_read(struct decoder *d, const struct member *member, JsonNode node, struct post *post,
                 JsonNode *nodes) MUST_CHECK;
/* All members of an object that the table names. Nodes not met are missing. */
bool members_read(struct decoder *d, JsonNode object, const struct member *table, size_t count,
                  struct post *post, JsonNode *nodes, size_t node_count) MUST_CHECK;

/* The row's further members, written as JSON. */
void extra_add(struct buf *extra, Str key, JsonNode value);
bool extra_keep(struct decoder *d, struct post *post) MUST_CHECK;

/* ---- families -------------------------------------------------------------------------------- */

bool native_is_mine(JsonNode root);
bool decode_native(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool is_native_member(Str name);

bool reddit_is_mine(JsonNode root);
bool decode_reddit(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool reddit_record(struct decoder *d, JsonNode root) MUST_CHECK;

bool twitter_is_mine(JsonNode root);
bool decode_twitter(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool twitter_record(struct decoder *d, JsonNode root) MUST_CHECK;
bool twitter_url(struct decoder *d, struct post *post) MUST_CHECK;
bool twitter_v2_is_mine(JsonNode root);
bool decode_twitter_v2(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool twitter_v2_record(struct decoder *d, JsonNode root) MUST_CHECK;
void page_index_clear(struct page_index *index);    /* before its document goes; NULL-safe */
void page_index_destroy(struct page_index **index); /* NULL-safe */

bool mastodon_is_mine(JsonNode root);
bool decode_mastodon(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool mastodon_record(struct decoder *d, JsonNode root) MUST_CHECK;
bool mastodon_event(struct decoder *d, Str name, Str data, bool *is_done) MUST_CHECK;

bool bluesky_is_mine(JsonNode root);
bool decode_bluesky(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool bluesky_record(struct decoder *d, JsonNode root) MUST_CHECK;

bool hackernews_is_mine(JsonNode root);
bool decode_hackernews(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool hackernews_record(struct decoder *d, JsonNode root) MUST_CHECK;

bool activity_is_mine(JsonNode root);
bool decode_activity(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool activity_record(struct decoder *d, JsonNode root) MUST_CHECK;

/* The first object of a known form in the text decides; DECODE_AUTO: there is none. */
bool sniff_json(Str head, enum decode_framing framing, enum decode_format *out,
                struct err *err) MUST_CHECK;

/* CSV: reads the heading into the plan; rows of a block. */
bool csv_plan(struct decode_plan *plan, Str head, Str mapping, struct arena *memory,
              struct err *err) MUST_CHECK;
bool csv_looks_like(Str head);
bool csv_preview(struct decode_columns *out, Str head, const struct decode_options *options,
                 Str path, struct arena *memory, struct err *err) MUST_CHECK;
bool csv_run(struct decoder *d, const struct decode_block *block, struct err *err) MUST_CHECK;
bool feed_run(struct decoder *d, const struct decode_block *block, struct err *err) MUST_CHECK;

#endif
