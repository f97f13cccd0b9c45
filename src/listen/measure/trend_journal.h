/* trend_journal.h - posts on their way to the trend finder, as records of a file.
 *
 * A record is its length and a hash of the rest (32 bits each), then kind, time and texts. A file
 * that was being written when the program was killed ends in a part of a record: reading stops
 * there. Numbers stand in the machine's order of bytes, which the head of the file names.
 */
#ifndef LISTEN_TREND_JOURNAL_H
#define LISTEN_TREND_JOURNAL_H

#include "base/buf.h"
#include "listen/archive/archive.h"
#include "listen/measure/trend.h"
#include "os/reader.h"

#define JOURNAL_LINKS_MAX 8

enum journal_kind {
    JOURNAL_STREAM, /* a post to be looked at at once */
    JOURNAL_IMPORT, /* a post that waits for others */
    JOURNAL_DELETE, /* a post was deleted: source and id */
    JOURNAL_CLOCK,  /* the clock went on */
    JOURNAL_KIND_COUNT
};

/* Of both files (trend_watch.c). The journal follows the state of the same generation. */
struct journal_head {
    uint64_t form; /* JOURNAL_FORM or STATE_FORM, which tell the order of bytes too */
    uint64_t generation;
    int64_t series; /* under which trends are stored */
};

struct journal_record {
    enum journal_kind kind;
    int64_t time_ms;
    struct post post; /* slices point into the record */
    Str links[JOURNAL_LINKS_MAX];
    int64_t queries[TREND_POST_QUERIES];
    size_t query_count;
};

/* Appends a record; fails only as the buffer does. */
void journal_put_post(struct buf *out, enum journal_kind kind, const struct archive_item *item,
                      size_t text_bytes_max);
void journal_put_clock(struct buf *out, int64_t time_ms);

/* The first record of the bytes; *used tells how long it is. False: there is no whole one. The
 * payload is what journal_read() takes. */
bool journal_next(Str bytes, Str *payload, size_t *used);
bool journal_read(Str payload, struct journal_record *out) MUST_CHECK;
/* Kind and time alone: cheap. */
enum journal_kind journal_peek(Str payload, int64_t *time_ms);

#endif
