/* opml.h - lists of feeds as programs exchange them: OPML 1.0 and 2.0 (opml.org), read and written.
 *
 * Of a document the outlines with an xmlUrl are kept; those around them, which have none, are
 * folders. Reading is as lenient as for feeds (feed.h): libxml2's reader without network, DTDs and
 * entity expansion, almost-XML is mended, and what cannot be read to its end is read as far as it
 * goes. Pure, any thread; all slices live in the arena.
 */
#ifndef FORMAT_OPML_H
#define FORMAT_OPML_H

#include "base/arena.h"
#include "base/buf.h"

#define OPML_BYTES_MAX      (8 * 1024 * 1024) /* reject */
#define OPML_FEEDS_MAX      10000             /* further ones are left out */
#define OPML_DEPTH_MAX      32                /* folders in folders; deeper ones are left out */
#define OPML_NAME_BYTES_MAX 200               /* of a folder: cut */

struct opml_feed {
    Str url;    /* of the feed: http or https; never empty */
    Str title;  /* may be empty */
    Str page;   /* of the site; may be empty */
    Str folder; /* names of the folders around it, outermost first, joined by '/'; may be empty */
};

struct opml {
    Str title;
    struct opml_feed *feeds; /* in document order, each url once: the first place counts */
    size_t count;
    size_t refused_count; /* outlines whose xmlUrl is no address of the web */
    bool is_truncated;    /* one of the limits, or the XML broke off */
};

/* ERR_INPUT: no OPML. ERR_LIMIT: longer than OPML_BYTES_MAX. */
bool opml_parse(struct arena *a, Str bytes, struct opml *out, struct err *err) MUST_CHECK;

/* Appends an OPML 2.0 document. Feeds of one folder that follow each other share its outline; what
 * opml_parse() gives is written so that reading it again gives the same. */
void opml_write(const struct opml *list, int64_t created_ms, struct buf *out);

#endif
