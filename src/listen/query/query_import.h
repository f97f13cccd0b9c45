/* query_import.h - read a query written for another system and say it in ours, with its losses.
 *
 * Three dialects: Brandwatch, Meltwater, Talkwalker. docs/query-import.md lists each construct with
 * what becomes of it. The translation is honest rather than complete: whatever has no counterpart
 * is left out and reported with its place and whether the query now finds more or less; whatever
 * means nearly the same is reported as approximate; what is not reported means the same.
 *
 *     struct query_import import;
 *     query_import(&arena, words, text, QUERY_DIALECT_BRANDWATCH, &import, &err)
 *     show(import.text); for each import.losses ...
 *
 * Memory: everything lives in the arena. `words` is scratch. Threads: pure.
 */
#ifndef LISTEN_QUERY_IMPORT_H
#define LISTEN_QUERY_IMPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "text/tokenizer.h"

#define QUERY_IMPORT_LOSSES_MAX 1000 /* further ones are only counted */

enum query_dialect {
    QUERY_DIALECT_BRANDWATCH,
    QUERY_DIALECT_MELTWATER,
    QUERY_DIALECT_TALKWALKER,
    QUERY_DIALECT_COUNT
};

/* "brandwatch", "meltwater", "talkwalker"; case does not matter. */
bool query_dialect_from(Str name, enum query_dialect *out) MUST_CHECK;
const char *query_dialect_name(enum query_dialect dialect);  /* "brandwatch" */
const char *query_dialect_title(enum query_dialect dialect); /* "Brandwatch", for people */

/* What the translation finds, compared with the original. */
enum query_import_effect {
    QUERY_IMPORT_SAME,     /* about the same posts */
    QUERY_IMPORT_WIDER,    /* more */
    QUERY_IMPORT_NARROWER, /* fewer */
    QUERY_IMPORT_EITHER,   /* more of some, fewer of others */
};
const char *query_import_effect_words(enum query_import_effect effect); /* "finds more"; or "" */

struct query_import_loss {
    bool is_lost; /* left out; else said nearly the same */
    enum query_import_effect effect;
    uint32_t from, to;     /* bytes of the original */
    uint32_t line, column; /* of `from`, counted from 1; columns count characters */
    Str message;           /* lower case, no full stop */
};

struct query_import {
    Str text;       /* canonical, on one line; empty when nothing could be translated */
    bool is_usable; /* may be saved and matched */
    struct query_import_loss *losses;            /* in the order of their place */
    size_t count, lost_count, approximate_count; /* the last two count those beyond the limit too */
};

/* Losses are no errors: false means ERR_LIMIT or ERR_NO_MEMORY, or a text that is not UTF-8 or too
 * long (ERR_INPUT). */
bool query_import(struct arena *a, struct tokenizer *words, Str text, enum query_dialect dialect,
                  struct query_import *out, struct err *err) MUST_CHECK;

/* Appends "line:column: lost: message; the query finds more" without a line end. */
void query_import_print(const struct query_import_loss *loss, struct buf *out);

#endif
