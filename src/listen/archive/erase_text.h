/* erase_text.h - take what names a person out of texts that others wrote or that were stored.
 *
 * Replaced are: the handle behind an @ and as the last part of an address, handles, ids and names
 * in quotation marks (members of JSON), and names of at least two words wherever they stand; always
 * as whole words, and whatever the case of ASCII letters. Ids of fewer than five characters are
 * left, as they stand for anything. Pure, thread-safe.
 */
#ifndef LISTEN_ERASE_TEXT_H
#define LISTEN_ERASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

#define ERASE_NAMES_MAX 64 /* of one person: reject */

/* Everything a person is called in the archive. */
struct erase_person {
    Str handles[ERASE_NAMES_MAX], ids[ERASE_NAMES_MAX], names[ERASE_NAMES_MAX];
    size_t handle_count, id_count, name_count;
};

/* Whole, whatever the case: one of the person's ids, handles (with or without @) or names. */
bool erase_is_person(const struct erase_person *p, Str text);
/* Appends the text without the person; *changed true when something was replaced. */
void erase_from_text(const struct erase_person *p, Str text, struct buf *out, bool *changed);
/* Anything of the person in these bytes, as a whole word. */
bool erase_names_person(const struct erase_person *p, Str text);

#endif
