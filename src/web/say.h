/* say.h - messages of the rooms below in the language of a request.
 *
 * Rooms word their messages in English and keep the format beside the values (base/phrase.h). Here
 * the format's pattern is looked up in the catalogue; what has no translation stays English as it
 * was written. `make pot` collects the patterns from the calls of err_set, err_wrap, err_hint and
 * the like in the rooms named in tools/generate.mk.
 */
#ifndef WEB_SAY_H
#define WEB_SAY_H

#include "base/phrase.h"
#include "web/request.h"

/* `english`: the finished text that belongs to the phrase. Lives in the request's arena, or is
 * `english` itself. */
Str say_phrase(struct request *req, struct phrase phrase, Str english);

/* A text that was stored with its phrases (base/wording.h); `english` when `kept` is empty. */
Str say_kept(struct request *req, Str kept, Str english);

/* A text of ours that was stored without values: a definition, a reason of the ledger. What people
 * wrote is not in the catalogue and comes back as it is. */
Str say_text(struct request *req, Str english);
/* A word that stands as a value in messages and tables: the kind of an object. */
Str say_word(struct request *req, Str english);

Str say_error(struct request *req, const struct err *err);
Str say_hint(struct request *req, const struct err *err); /* empty: there is none */

#endif
