/* upload_body.h - a form with a file, written to disk as it comes.
 *
 * Routes marked HTTP_UPLOAD take multipart/form-data. Who may send is asked before the first byte
 * is kept; the form's token has to come before its file. The file goes in pieces to a part under
 * the workspace's files/uploads, so its size is no question of memory; what the handler does not
 * take is removed with the request. Other fields are those of request_form().
 *
 * A refusal in the middle (too large, disk full, no right) lets the rest pass by unread and is
 * what the handler's check answers with.
 *
 * Threads: the request's.
 */
#ifndef WEB_UPLOAD_BODY_H
#define WEB_UPLOAD_BODY_H

#include "web/request.h"

enum {
    UPLOADS_AT_ONCE_MAX = 8,       /* of the server: 503 */
    UPLOAD_FIELDS_MAX = 16,        /* beside the file: further ones are dropped */
    UPLOAD_FIELD_BYTES_MAX = 4096, /* cut: refused by what reads it */
};

/* The headers are complete. Sets req->upload when the route takes files. */
void upload_body_begin(struct request *req);
void upload_body_take(struct request *req, Str data);
/* The body is complete: fills req->form. False: what was wrong with it. */
bool upload_body_finish(struct request *req, struct err *err) MUST_CHECK;

/* The file that came, for handlers: where it lies, what it was called, how long it is. False: none
 * was chosen. */
bool upload_body_file(const struct request *req, Str *part, Str *name, int64_t *size);
/* Gives everything back; removes the part if it is still there. NULL-safe. */
void upload_body_close(struct request *req);

#endif
