/* term_window.h - the rising terms of a query, over one window after another.
 *
 * Compares the posts of some hours with those of the hours before (terms.h). Alerts of one query
 * follow one another and their histories overlap, so a window keeps the words of the posts it has
 * read, as numbers, and reads only what the next one needs beside them. The answer is the same as
 * that of a fresh one: it depends on the hours asked for alone.
 *
 * Memory is bounded: where one side of the comparison has more than TERM_SAMPLE_POSTS posts it is
 * thinned by the identity of the post to half as many, a quarter, ... until it fits.
 */
#ifndef LISTEN_TERM_WINDOW_H
#define LISTEN_TERM_WINDOW_H

#include "listen/archive/archive.h"
#include "listen/measure/terms.h"

struct term_window;

bool term_window_create(struct term_window **out, struct err *err) MUST_CHECK;
void term_window_destroy(struct term_window **w); /* NULL-safe */

/* Rising terms of a query: the hours [from, to) against [history_from, from), the best first. In
 * any order; cheap when each of the three rises from call to call of one query. */
bool term_window_rising(struct term_window *w, struct archive *a, struct arena *arena,
                        int64_t query, int64_t history_from, int64_t from_hour, int64_t to_hour,
                        size_t max, struct term **out, size_t *count, struct err *err) MUST_CHECK;

/* The same for a single window. */
bool terms_rising(struct archive *a, struct arena *arena, int64_t query, int64_t history_from,
                  int64_t from_hour, int64_t to_hour, size_t max, struct term **out, size_t *count,
                  struct err *err) MUST_CHECK;

#endif
