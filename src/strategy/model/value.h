/* value.h - what the structs of the model are made of: bounds, lists, words.
 *
 * Pure; memory belongs to the arena a model was read into.
 */
#ifndef STRATEGY_VALUE_H
#define STRATEGY_VALUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define STRATEGY_ID_BYTES_MAX   64
#define STRATEGY_TEXT_BYTES_MAX 8192 /* one text field: reject */
#define STRATEGY_OBJECTS_MAX    5000 /* objects of one kind: reject */
#define STRATEGY_LIST_MAX       500  /* items of one list inside an object: reject */

#define STRATEGY_LIST(T)                                                                           \
    struct {                                                                                       \
        T *items;                                                                                  \
        size_t count;                                                                              \
    }

typedef STRATEGY_LIST(Str) StrList;

/* Words of an enumeration as they stand in documents, SQL and the ledger: "leading". */
struct word_list {
    const char *const *words; /* index = value; NULL entries are values without a word */
    size_t count;
};
/* Defines one beside its enumeration: WORDS(priority, [PRIORITY_A] = "A", ...). */
#define WORDS(name, ...)                                                                           \
    static const char *const name##_table[] = {__VA_ARGS__};                                       \
    const struct word_list words_##name = {name##_table, COUNT_OF(name##_table)}

/* The word of a value; "" for one without. The value must be inside the list. */
Str word_of(const struct word_list *list, int value);
/* False: no such word; *value is untouched. */
bool word_find(const struct word_list *list, Str word, int *value) MUST_CHECK;

#endif
