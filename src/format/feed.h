/* feed.h - read what sites publish: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed.
 *
 * libxml2's reader, without network, DTDs and entity expansion; broken XML is read as far as it
 * makes sense, because that is what feeds are like. Every text comes out as plain UTF-8: markup is
 * taken out, references are resolved. Addresses are made absolute with xml:base and the feed's own
 * address. Pure (libxml2 initialises itself once), any thread; all slices live in the arena.
 */
#ifndef FORMAT_FEED_H
#define FORMAT_FEED_H

#include "base/arena.h"

#define FEED_BYTES_MAX (16 * 1024 * 1024) /* reject */
#define FEED_ITEMS_MAX 10000              /* further ones are left out */

enum feed_kind { FEED_RSS, FEED_RDF, FEED_ATOM, FEED_JSON };

struct feed_item {
    Str id;    /* guid, id, rdf:about; else the url; else a digest. Not empty */
    Str title; /* one line */
    Str text;  /* content, else summary or description */
    Str url;   /* of the page */
    Str author;
    Str language; /* as written, "de-AT"; the feed's when the item says none */
    int64_t published_ms;
    bool has_published; /* false: no readable date */
    const Str *links;   /* addresses inside the text, absolute, at most POST_LINKS_MAX */
    size_t link_count;
};

struct feed {
    enum feed_kind kind;
    Str title, url, description, language;
    struct feed_item *items; /* in document order */
    size_t count;
    bool is_truncated; /* FEED_ITEMS_MAX, or the XML broke off */
};

/* `url`: where it came from, for relative addresses; may be empty. `content_type`: as the server
 * said, used for its charset where the document names none; may be empty. ERR_INPUT: no feed. */
bool feed_parse(struct arena *a, Str bytes, Str url, Str content_type, struct feed *out,
                struct err *err) MUST_CHECK;

#endif
