/* decode_priv.h - what the decoders share. Private to listen/decode*.c. */
#ifndef LISTEN_DECODE_PRIV_H
#define LISTEN_DECODE_PRIV_H

#include "format/json_bulk.h"
#include "listen/decode.h"

#define DECODE_REASON_BYTES_MAX 256

#define DECODE_CSV_MEMBERS 27 /* csv_members in decode_csv.c */

struct decode_plan {
    enum decode_format format;
    Str path, source, dataset;
    bool is_source_default;                /* nobody named the source */
    char separator;                        /* CSV, from here on */
    int16_t column_of[DECODE_CSV_MEMBERS]; /* by member; -1 = the file has no such column */
    size_t column_count;
    const Str *columns; /* names from the heading */
    bool *is_used;      /* by column: it fills a member */
};

struct decoder {
    struct json_bulk *json;
    struct buf scratch; /* text being rewritten */
    struct buf extra;   /* unknown members of the row */
    const struct decode_plan *plan;
    struct decode_batch *batch;
    char reason[DECODE_REASON_BYTES_MAX]; /* why the row at hand is refused */
    bool is_exhausted;                    /* the batch's memory ran out */
};

/* Sets the reason; returns false. The first one stays. */
bool row_refuse(struct decoder *d, const char *format, ...) PRINTF_LIKE(2, 3);
/* Copies into the batch. Refuses a NUL and more than max_bytes; `what` names the member. */
bool row_text(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out) MUST_CHECK;
/* The same with character references resolved. */
bool row_markup(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out) MUST_CHECK;
bool row_time(struct decoder *d, struct post *post, int64_t ms) MUST_CHECK;
/* RFC 3339, RFC 822, the form of X/Twitter, "YYYY-MM-DD HH:MM:SS", or a number of seconds or
 * milliseconds since 1970. An empty text leaves the post without a time. */
bool row_time_text(struct decoder *d, struct post *post, Str text) MUST_CHECK;
bool row_time_number(struct decoder *d, struct post *post, double value) MUST_CHECK;
/* Lower case, without region: "en-US" gives "en"; "und" and what is no code give empty. */
bool row_lang(struct decoder *d, Str in, Str *out) MUST_CHECK;
/* An empty post: unknown counts, no rating, kind "post", the plan's source and dataset. */
void row_begin(struct decoder *d, struct post *post);
/* Checks what every post has to have. */
bool row_end(struct decoder *d, const struct post *post) MUST_CHECK;
/* Puts the post or, when !is_good, the reject into the batch. False: out of memory. */
bool row_keep(struct decoder *d, bool is_good, const struct post *post, uint64_t line,
              Str raw) MUST_CHECK;

bool decode_native(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool decode_reddit(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
bool decode_twitter(struct decoder *d, JsonNode root, struct post *post) MUST_CHECK;
/* JSON helpers: absent and null leave *out alone; any other type refuses the row. */
bool node_text(struct decoder *d, JsonNode node, const char *what, size_t max_bytes,
               Str *out) MUST_CHECK;
bool node_id(struct decoder *d, JsonNode node, const char *what, Str *out) MUST_CHECK;
/* Counts; negative ones count as 0, fractions are cut. */
bool node_count(struct decoder *d, JsonNode node, const char *what, int64_t *out) MUST_CHECK;
bool node_time(struct decoder *d, JsonNode node, struct post *post) MUST_CHECK;

bool is_native_member(Str name);
enum decode_format sniff_json(struct json_bulk *json, Str head);

/* CSV: reads the heading into the plan; rows of a block. */
bool csv_plan(struct decode_plan *plan, Str head, Str mapping, struct arena *memory,
              struct err *err) MUST_CHECK;
bool csv_looks_like(Str head);
/* Length of the whole records at the front of `bytes`, 0 when there is none, and their lines. */
size_t csv_whole_records(Str bytes, uint64_t *lines);
bool row_country(struct decoder *d, Str in, Str *out) MUST_CHECK;
bool csv_run(struct decoder *d, const struct decode_block *block, struct err *err) MUST_CHECK;
bool feed_run(struct decoder *d, const struct decode_block *block, struct err *err) MUST_CHECK;

#endif
