/* wording.h - a text put together from phrases, kept so that it can be said again.
 *
 * What the program notes down for people (why a review was opened, what a piece of evidence says)
 * is stored in English, as the ledger and the API have it. Beside it lies how it was made: for each
 * phrase its pattern, PHRASE_VALUE_END, its values each with that end, and PHRASE_END. A page says
 * the phrases in its reader's language and joins them as they are (web/say.h); a phrase without
 * letters ("%s: ") joins others, and its values may be messages of ours. Texts stored without
 * phrases stay English.
 *
 * Sticky like a buf: add freely, check once in wording_end(). Not thread-safe.
 */
#ifndef BASE_WORDING_H
#define BASE_WORDING_H

#include "base/arena.h"
#include "base/buf.h"

struct wording {
    struct buf text, kept;
    bool is_lost; /* a phrase could not be kept: only the text is left */
};

/* What does not fit into `text_bytes_max` is left out, and then only the text is kept. */
void wording_init(struct wording *w, size_t text_bytes_max);
void wording_deinit(struct wording *w);

/* `format` may hold at most PHRASE_VALUES_MAX values. */
void wording_add(struct wording *w, const char *format, ...) PRINTF_LIKE(2, 3);
/* A name that people gave, as it is: never looked up. */
void wording_name(struct wording *w, Str name);
/* A text with what another wording kept of it; the text alone when that is empty. */
void wording_add_kept(struct wording *w, Str text, Str kept);
/* The message of an error with its contexts. */
void wording_add_error(struct wording *w, const struct err *err);

/* What is kept so far: empty when it was lost. Valid until the next change. */
Str wording_kept(const struct wording *w);
/* Copies both into the arena and ends the wording. `kept` is empty when it was lost. False: the
 * arena is full. */
bool wording_end(struct wording *w, struct arena *arena, Str *text, Str *kept) MUST_CHECK;

#endif
