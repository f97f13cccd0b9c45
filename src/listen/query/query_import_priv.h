/* query_import_priv.h - what reading, fields and writing of an import share. Not for others. */
#ifndef LISTEN_QUERY_IMPORT_PRIV_H
#define LISTEN_QUERY_IMPORT_PRIV_H

#include "listen/query/query_import.h"
#include "listen/query/query_priv.h"

enum foreign_kind {
    FOREIGN_NOTHING, /* left out, reported */
    FOREIGN_WORD,
    FOREIGN_PHRASE,
    FOREIGN_CASE,  /* as written, letters */
    FOREIGN_RAW,   /* as written, signs */
    FOREIGN_RANGE, /* [a TO b], value of a field */
    FOREIGN_AND,
    FOREIGN_OR,
    FOREIGN_NOT,
    FOREIGN_NEAR,
    FOREIGN_FIELD, /* text is its name, the operand its value */
};

enum { FOREIGN_NO_SLOP = -1 };

struct foreign {
    enum foreign_kind kind;
    uint32_t from, to; /* bytes of the original */
    Str text;          /* leaves: without frame and suffixes */
    struct foreign *first, *next;
    size_t count;
    int64_t slop;      /* ~n behind a phrase, word or group */
    bool has_tilde;    /* a ~, with or without a number */
    uint32_t boost;    /* ^n; 0: none */
    uint64_t distance; /* NEAR */
    bool is_ordered;
    bool is_bracketed;
    bool is_beside, has_beside; /* AND: all, some operands only stand side by side */
    Str comment;
    struct query_import_loss *loss; /* NOTHING: tells what its absence does */
    Str ours;                       /* leaves, once translated; FIELD: title, lead, body */
    bool is_placed;                 /* leaves, once translated: may stand inside NEAR */
};

struct importer {
    struct arena *arena;
    struct tokenizer *words;
    enum query_dialect dialect;
    Str text;
    size_t at;
    unsigned depth;
    size_t node_count;
    Str comment; /* met, not yet attached */
    struct {
        VEC(struct query_import_loss *);
    } losses;
    size_t lost_count, approximate_count;
    bool is_failed; /* for memory; err is set */
    struct err *err;
    /* Stand in when the memory is gone or there are too many; nobody reads them. */
    struct foreign spare;
    struct query_import_loss unseen;
};

struct foreign *foreign_new(struct importer *m, enum foreign_kind kind, size_t from, size_t to);
/* Never NULL: beyond the limit a loss that nobody sees. */
struct query_import_loss *import_report(struct importer *m, bool is_lost,
                                        enum query_import_effect effect, size_t from, size_t to,
                                        const char *format, ...) PRINTF_LIKE(6, 7);
/* Reports and makes the node NOTHING; what its absence does is found when it is dropped. */
void import_lose(struct importer *m, struct foreign *node, const char *format, ...)
    PRINTF_LIKE(3, 4);
void import_fail(struct importer *m);
Str import_shown(Str text); /* its first characters, for messages */

/* query_import_read.c: the tree of the whole text; NULL when nothing is there. */
struct foreign *import_read(struct importer *m);

/* query_import_field.c: the value leaf of a field as text of ours, ready to be parsed
 * ("site:x.org"); false: it has no counterpart, reported, the leaf is NOTHING. */
bool import_field_value(struct importer *m, const struct foreign *field, struct foreign *leaf,
                        struct buf *out);
/* Which of title:, lead:, body: the field is; NULL: none of them. */
const char *import_field_scope(struct importer *m, const struct foreign *field);

#endif
