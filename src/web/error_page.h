/* error_page.h - a failed request as a page, or as problem details (RFC 9457) for the API. */
#ifndef WEB_ERROR_PAGE_H
#define WEB_ERROR_PAGE_H

#include "web/request.h"

/* Replaces whatever the handler has written. Messages of status 500 and above are not shown: they
 * are in the log under the request's number. */
void error_answer(struct request *req, unsigned status, const struct err *err);

/* The message as a sentence for people: capital at the start, full stop at the end. */
Str error_sentence(struct arena *arena, const struct err *err);

#endif
