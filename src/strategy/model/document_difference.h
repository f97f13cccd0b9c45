/* document_difference.h - what differs between two strategies, by object and field.
 *
 * Objects are the same when kind and id are; their fields come from the tables of object.h, so that
 * a new kind or field needs nothing here. Ranges, records and lists of records are compared member
 * by member: "benefit.high", "rule.threshold", "costs[money].amount". An item of a list goes by its
 * first member where that is an id which no other item of either list has, else by its place:
 * "reactions[1].loss". Lists of ids and of texts are one value.
 *
 * There is no change exactly when document_write() gives the same bytes for both, order included.
 * What is not in documents (revisions, watches, proposals, simulations) is not compared.
 *
 * Pure; texts lie in the arena or belong to the models. Quadratic in the objects of a kind.
 */
#ifndef STRATEGY_DOCUMENT_DIFFERENCE_H
#define STRATEGY_DOCUMENT_DIFFERENCE_H

#include "strategy/model/model.h"

enum document_change_kind {
    DOCUMENT_CHANGED,
    DOCUMENT_ADDED,
    DOCUMENT_REMOVED,
    DOCUMENT_REORDERED /* objects of a kind stand in another order: no id; before and after are
                          lists of the ids that both have */
};

struct document_change {
    enum object_kind kind;
    enum document_change_kind what;
    Str id, label;     /* the label of today; of a removed object, the one it had */
    Str field;         /* path inside the object; empty: the object as a whole */
    Str before, after; /* JSON of the value, default included; empty: was not, is not there */
};

typedef STRATEGY_LIST(struct document_change) DocumentChanges;

/* In the order of the kinds, per kind what changed and was added in today's order, then what was
 * removed, then the order. ERR_LIMIT: the arena is full. */
bool document_difference(struct arena *arena, const struct strategy_model *before,
                         const struct strategy_model *after, DocumentChanges *out,
                         struct err *err) MUST_CHECK;

/* The field without keys and places of list items: "costs[money].amount" is "costs.amount". In
 * `text`, cut to fit. */
Str document_change_path(const struct document_change *change, char *text, size_t size);

/* A value for people: a text without quotes, a list as "a, b", empty ones as the given word. */
Str document_value_text(struct arena *arena, Str json, Str empty);

extern const struct word_list words_document_change;

#endif
