/* query_field.h - the table of fields: names, aliases and what their values look like.
 *
 * One table feeds the parser, the formatter, the messages and the documentation. Pure, const.
 */
#ifndef LISTEN_QUERY_FIELD_H
#define LISTEN_QUERY_FIELD_H

#include "listen/query/query.h"

enum query_value {
    QUERY_VALUE_KEY,     /* compared whole, folded */
    QUERY_VALUE_PART,    /* a part of it, folded */
    QUERY_VALUE_ADDRESS, /* scheme and www. dropped, lower case */
    QUERY_VALUE_CHOICE,  /* one of a list */
    QUERY_VALUE_NUMBER,  /* a range */
    QUERY_VALUE_TIME,    /* a date or RFC 3339 time */
    QUERY_VALUE_TEXT,    /* title: body: lead: hold text parts */
    QUERY_VALUE_WORD,    /* hashtag: is another spelling of #tag */
};

struct query_field_info {
    const char *name; /* "lang"; the canonical spelling of its field comes first in the table */
    enum query_value value;
    enum query_field field; /* not for TEXT and WORD */
    uint8_t zones;          /* TEXT */
    const char *expects;    /* for messages: "a language code such as en" */
    const char *choices;    /* CHOICE: separated by blanks */
};

/* NULL: no such field. Case does not matter. */
const struct query_field_info *query_field_find(Str name);
/* The canonical row of a field. */
const struct query_field_info *query_field_row(enum query_field field);
/* The field name nearest to a misspelt one, or NULL when none is near. */
const struct query_field_info *query_field_suggest(Str name);

/* Parses "2026-11-22" or RFC 3339 to ms since the epoch, UTC. */
bool query_time_parse(Str text, int64_t *ms) MUST_CHECK;
/* Appends the shortest form that query_time_parse() reads back. */
void query_time_print(int64_t ms, struct buf *out);
/* Appends a number of a range: digits without an exponent where exact; * for an infinite end. */
void query_number_print(double number, struct buf *out);

/* The address without scheme, "www.", fragment and trailing slash, ASCII lower case in the host.
 * Appends to out. */
void query_address_fold(Str address, struct buf *out);
/* Host of an address without port and "www."; a slice of the argument, case as written. */
Str query_address_host(Str address);

#endif
