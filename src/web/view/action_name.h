/* action_name.h - what the ledger's actions are called on pages.
 *
 * The ledger and the interfaces for machines keep "object.verb"; people read a name in their
 * language. tools/lint/actions holds the table and the calls of ledger_append() together.
 */
#ifndef WEB_VIEW_ACTION_NAME_H
#define WEB_VIEW_ACTION_NAME_H

#include "web/request.h"

/* "Decided" for "version.decide". An action of a newer program, which has no name here, comes back
 * as it is. */
Str action_name(struct request *req, Str action);

/* Walks the actions that have a name of their own; false behind the last. */
bool action_name_nth(size_t n, Str *action);

#endif
