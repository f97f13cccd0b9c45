/* export_view.h - all posts that a search finds, as a file that is made while it is sent.
 *
 * The route asks for MAY_EDIT_QUERIES, which is enough under pseudonyms; names need MAY_ERASE, as
 * everything that is done with personal data, so no token exports them. Every export is an entry
 * of the ledger before its first byte.
 */
#ifndef WEB_EXPORT_VIEW_H
#define WEB_EXPORT_VIEW_H

#include "listen/archive/post_export.h"
#include "web/view/search_view.h"

struct export_wish {
    enum export_format format;
    bool is_pseudonymous, has_no_text;
};

/* The answer of the request is the file; the header Trimtab-Posts says how many posts it will hold,
 * with a ~ where that is an estimate. ERR_DENIED, ERR_INPUT, ERR_BUSY,
 * ERR_LIMIT: a workbook does not hold so many. */
bool export_answer(struct request *req, const struct search_ask *ask, struct export_wish wish,
                   struct err *err) MUST_CHECK;

#endif
