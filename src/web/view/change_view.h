/* change_view.h - a change of the strategy (strategy/model/document_difference.h) as a reader sees
 * it: the name of the object with its address, the field as its form calls it, values in words.
 */
#ifndef WEB_CHANGE_VIEW_H
#define WEB_CHANGE_VIEW_H

#include "strategy/model/document_difference.h"
#include "web/view/strategy_view.h"

/* What the form of the kind, or the page that sets it, calls the field; empty where neither does:
 * then the path in the document is its name. */
Str change_view_field(struct request *req, const struct strategy_view *view,
                      const struct document_change *change);
/* One of the two values: words, names of objects and numbers in the reader's language. "–" where
 * there is none. */
Str change_view_value(struct request *req, const struct strategy_view *view,
                      const struct document_change *change, Str json);
/* The object's form; empty for one that is gone, and for the order of a kind. */
Str change_view_address(struct request *req, const struct document_change *change);

#endif
