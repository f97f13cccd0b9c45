/* document.h - a whole strategy as one JSON document, read and written.
 *
 * The format is docs/strategy-document.md: one object with a list per kind of object; texts,
 * numbers and ids as there. Reading checks every member (name, type, range, known word, resolvable
 * reference) and reports all faults, each with line, column and path, not only the first. Writing
 * gives the same model back: read(write(read(x))) equals read(x), and write is byte-stable.
 *
 * Pure: text in, model out; memory belongs to the arena. Thread-safe.
 */
#ifndef STRATEGY_DOCUMENT_H
#define STRATEGY_DOCUMENT_H

#include "strategy/model/model.h"

#define DOCUMENT_BYTES_MAX  (16u * 1024u * 1024u) /* reject */
#define DOCUMENT_FAULTS_MAX 100                   /* further ones are counted, not listed */

struct document_fault {
    uint32_t line, column; /* from 1; 0 when the fault has no place */
    Str path;              /* "options[3].benefit.likely" */
    Str message;           /* lower case, no full stop, names what is allowed */
    struct phrase phrase;  /* the message, to be said in another language */
};

struct document_faults {
    struct document_fault *items;
    size_t count, total;
};

/* True with *faults empty when the document is good. False with ERR_INPUT and all faults (the
 * first one also in err), or ERR_LIMIT. */
bool document_read(struct arena *arena, Str text, struct strategy_model *out,
                   struct document_faults *faults, struct err *err) MUST_CHECK;

/* Pretty-printed, members in the order of the documentation, defaults left out. */
bool document_write(struct arena *arena, const struct strategy_model *model, Str *out,
                    struct err *err) MUST_CHECK;

/* Every reference resolves, ids are unique, topics form a tree, numbers are in order. Faults with
 * path and message but without a place. True when there is none. */
bool model_check(struct arena *arena, const struct strategy_model *model,
                 struct document_faults *faults, struct err *err) MUST_CHECK;

#endif
