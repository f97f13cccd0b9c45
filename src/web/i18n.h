/* i18n.h - the pages' languages: messages by request, not by process.
 *
 * libintl keeps its locale for the whole process; a server answers two people in two languages at
 * once. So the compiled gettext catalogues (.mo, GNU gettext manual, "The Format of GNU MO Files")
 * are embedded and looked up directly: a binary search over the sorted originals. English is the
 * language of the sources and has no catalogue; a message without translation is shown in English.
 * Catalogues are constant after i18n_init(); any thread may look up.
 */
#ifndef WEB_I18N_H
#define WEB_I18N_H

#include "base/err.h"
#include "base/str.h"

/* Marks a text of a C source for extraction and translates it: TR(language, "Log in"). The
 * extractor reads the literal, so it has to be one. TRN picks the plural form for a number. */
#define TR_MARK(text)       S(text)
#define TR(text)            (text)
#define TRN(single, plural) (single), (plural)

struct i18n_language {
    Str code;                 /* "en", "de" */
    Str name;                 /* in itself: "Deutsch" */
    Str decimal, group;       /* separators of numbers */
    bool is_day_first_dotted; /* 22.11.2026 instead of 22 Nov 2026 */
    Str catalogue;            /* bytes of the .mo file; empty for English */
};

/* Finds and checks the embedded catalogues. Once, before other threads. */
bool i18n_init(struct err *err) MUST_CHECK;

size_t i18n_language_count(void);
const struct i18n_language *i18n_language_at(size_t index);
/* NULL: not one of ours. */
const struct i18n_language *i18n_find(Str code);
const struct i18n_language *i18n_default(void);
/* The best match for an Accept-Language header (RFC 9110, 12.5.4); the default when none fits. */
const struct i18n_language *i18n_negotiate(Str accept_language);

/* The translation, or the message itself. `context` may be empty. */
Str i18n_text(const struct i18n_language *language, Str context, Str message);
/* The form for n; all our languages know "one" and "other". */
Str i18n_plural(const struct i18n_language *language, Str single, Str plural, int64_t n);

#endif
