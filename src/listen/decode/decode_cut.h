/* decode_cut.h - where records begin and end in a run of bytes: JSON values, server-sent events.
 *
 * Both cutters are told what came so far and go on where they stopped, so an input that grows is
 * looked at once. They judge nothing: what they hand out may still be no JSON at all.
 *
 * Pure; slices point into the bytes given (events of several data lines: into `joined`).
 */
#ifndef LISTEN_DECODE_CUT_H
#define LISTEN_DECODE_CUT_H

#include "base/buf.h"

/* JSON objects that lie in no other object, with or without arrays, commas and line ends around
 * them: "[ {..}, {..} ]", objects over several lines, `window.YTD.tweets.part0 = [ {..} ]`.
 * Anything else between them is handed out as a stray. */
enum value_state { VALUE_BETWEEN, VALUE_OBJECT, VALUE_STRING, VALUE_STRAY, VALUE_STRAY_STRING };

struct value_cut {
    size_t at;          /* bytes looked at */
    uint64_t lines;     /* line ends among them */
    size_t from;        /* where the value at hand begins */
    uint64_t from_line; /* line ends before it */
    size_t depth;       /* open brackets of the object at hand */
    enum value_state state;
};

struct value_found {
    Str text;
    uint64_t line; /* line ends before it */
    bool is_object;
};

/* The next whole value; false when there is none (any more) in `bytes`, which has to begin with the
 * bytes of the calls before. A stray ends at a comma, bracket or line end, so the last one may be
 * incomplete: see value_cut_rest(). */
bool value_cut_next(struct value_cut *cut, Str bytes, struct value_found *out);
/* Behind the last value: what is left of an incomplete one; empty when there is none. */
Str value_cut_rest(const struct value_cut *cut, Str bytes);
/* Bytes and line ends up to the incomplete value, or to the end. */
size_t value_cut_whole(const struct value_cut *cut, uint64_t *lines);

/* Server-sent events (WHATWG HTML, 9.2.6): lines "event:", "data:", ended by an empty line. Line
 * ends are LF or CRLF; CR alone is not taken for one. */
struct event_cut {
    size_t at;
    uint64_t lines;
};

struct event_found {
    Str name;      /* of the last "event:" line, empty when there is none */
    Str data;      /* data lines joined by LF */
    uint64_t line; /* line ends before the event */
    bool is_whole; /* ended by an empty line */
};

/* The next event with data, whole or, at the end of `bytes`, not. */
bool event_cut_next(struct event_cut *cut, Str bytes, struct buf *joined, struct event_found *out);
/* Length of the whole events in front of `bytes` and their line ends. */
size_t event_cut_whole(Str bytes, uint64_t *lines);
/* The bytes begin as a stream of events does. */
bool event_cut_looks_like(Str bytes);

#endif
