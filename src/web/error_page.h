/* error_page.h - a failed request as a page, or as problem details (RFC 9457) for the API. */
#ifndef WEB_ERROR_PAGE_H
#define WEB_ERROR_PAGE_H

#include "web/request.h"

/* Replaces whatever the handler has written, with the status that belongs to the error. What is our
 * fault (status 500, or error_is_internal()) goes to the log with the request's number, and only a
 * general message to the person. */
void error_answer(struct request *req, unsigned status, const struct err *err);

/* Did the machine fail rather than the person? Set by the system or a library (err->sys), or naming
 * a file of the data directory. Such a message holds paths and stays in the log. Pure. */
bool error_is_internal(Str data_dir, const struct err *err);
/* status_of(), but 500 for an internal error that looks like a refusal: a file that may not be
 * written is no lack of rights. */
unsigned error_status(struct request *req, const struct err *err);

/* The message as a sentence for people: capital at the start, full stop at the end. An internal
 * error is logged, and its sentence general with the request's number. */
Str error_sentence(struct request *req, const struct err *err);
/* The hint; empty when it names a file of the data directory. */
Str error_hint(struct request *req, const struct err *err);

#endif
