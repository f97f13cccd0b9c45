/* phrase.h - a formatted message that can be said again in another language.
 *
 * The rooms below the pages write their messages in English and know no language. A phrase keeps
 * the format beside the values that were put into it, as text: a page looks the format's pattern up
 * in its catalogue and fills the same values in. In a pattern the values are %1 to %9, in the order
 * of the format's conversions; a translation may order them anew. `%%` is an ordinary percent sign
 * in a format and in a pattern. Pure; any thread.
 */
#ifndef BASE_PHRASE_H
#define BASE_PHRASE_H

#include <stdarg.h>

#include "base/str.h"

enum {
    PHRASE_VALUES_MAX = 9,
    PHRASE_PATTERN_MAX = 512,
    PHRASE_VALUE_END = 0x1f,
    PHRASE_END = 0x1e
};

/* Marks a literal for the catalogue of these messages (tools/phrases) where no call does. */
#define PHRASE(text) text

struct phrase {
    const char *format; /* NULL: there is no phrase, only a finished text */
    Str values;         /* each ended by PHRASE_VALUE_END */
};

/* Writes the values of a format, each ended by PHRASE_VALUE_END, and returns their bytes. False:
 * they do not fit, there are more than PHRASE_VALUES_MAX, or one holds the end mark itself.
 * `args` is left undefined, as after vsnprintf. */
bool phrase_values(char *out, size_t size, size_t *used, const char *format,
                   va_list args) MUST_CHECK;

/* "cannot find the %s '%.*s'" gives "cannot find the %1 '%2'". False: it does not fit. */
bool phrase_pattern(char *out, size_t size, const char *format) MUST_CHECK;

/* The pattern with the values in their places; a number without a value stays as it is. Writes at
 * most `size` bytes, which phrase_size() suffices for, and returns how many. */
size_t phrase_fill(char *out, size_t size, Str pattern, Str values);
size_t phrase_size(Str pattern, Str values);

/* What a wording keeps of one phrase; its bytes, or 0 when it cannot be kept. `args` is left
 * undefined. */
size_t phrase_keep(char *out, size_t size, const char *format, va_list args);
/* Takes the first phrase off what a wording kept (base/wording.h): its pattern and its values, each
 * ended by PHRASE_VALUE_END. False: there is none, or it is damaged. */
bool phrase_take(Str *kept, Str *pattern, Str *values);

#endif
