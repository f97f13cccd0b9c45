/* report_text.h - lines of a run's report for a terminal: numbered stages, labels, grouped digits.
 *
 * Sticky over a struct buf that is handed to `write` after each line, so a reader sees every stage
 * when it is done. One owner.
 */
#ifndef FLOW_REPORT_TEXT_H
#define FLOW_REPORT_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

struct report_text {
    void (*write)(void *context, Str text); /* whole lines */
    void *context;
    int stage;
    struct buf line;
};

void report_text_init(struct report_text *r, void (*write)(void *context, Str text), void *context);
void report_text_deinit(struct report_text *r);

/* "3  Ratings" with an empty line before it. */
void report_stage(struct report_text *r, const char *title);
/* "   label ............ text" */
void report_line(struct report_text *r, const char *label, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* A line that belongs to the one above. */
void report_more(struct report_text *r, const char *format, ...) PRINTF_LIKE(2, 3);

/* 1234567.2 as "1,234,567"; lives in the arena. */
const char *report_count(struct arena *a, double value);

#endif
