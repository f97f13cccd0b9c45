/* feed_priv.h - what the XML and the JSON reader of feed.h share: the item under construction. */
#ifndef FORMAT_FEED_PRIV_H
#define FORMAT_FEED_PRIV_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "format/feed.h"

/* Higher ranks win; among equals the first. */
enum feed_date_rank { DATE_NONE, DATE_MODIFIED, DATE_CREATED, DATE_ISSUED, DATE_PUBLISHED };

struct feed_draft {
    struct feed_item item;
    Str content, summary; /* texts */
    Str permalink;        /* a guid that may serve as address */
    enum feed_date_rank date_rank;
    bool has_alternate; /* url is a real link, not a guess */
    struct {
        VEC(Str);
    } links;
};

struct feed_builder {
    struct arena *arena;
    struct feed *feed;
    Str url;    /* of the document */
    Str author; /* of the feed: items without one inherit it */
    struct {
        VEC(struct feed_item);
    } items;
    struct feed_draft draft;
    struct buf markup, text; /* scratch */
    struct err *err;
    bool is_failed; /* err is set: stop */
};

/* Texts are copied into the arena. `base`: what addresses in them are relative to. */
Str feed_text_of_html(struct feed_builder *b, Str html, Str base, bool wants_links);
Str feed_text_of_plain(struct feed_builder *b, Str plain); /* blanks collapsed at the ends */
Str feed_line(struct feed_builder *b, Str text);           /* line feeds become blanks */
Str feed_keep(struct feed_builder *b, Str bytes);
/* Absolute web address in the arena, or empty. */
Str feed_address(struct feed_builder *b, Str href, Str base);
void feed_set_date(struct feed_builder *b, Str text, enum feed_date_rank rank);
/* "me@example.org (Ann)", "Ann <me@example.org>": the name. */
Str feed_author_name(Str text);
/* The draft becomes an item, unless it says nothing at all. */
void feed_end_item(struct feed_builder *b);

bool feed_read_xml(struct feed_builder *b, Str bytes, Str content_type);
bool feed_read_json(struct feed_builder *b, Str bytes);

#endif
