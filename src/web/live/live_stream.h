/* live_stream.h - GET /w/{workspace}/live: the events of a workspace as a stream.
 *
 * The handler opens a client of the hub and gives its databases back; the server then answers with
 * the stream (live_stream_response()) instead of a body. A client without anything to send is
 * suspended, so a stream holds a connection and a few kilobytes, never a thread.
 *
 * Threads: the request's; the hub wakes from any.
 */
#ifndef WEB_LIVE_STREAM_H
#define WEB_LIVE_STREAM_H

#include "web/request.h"

struct MHD_Response;

bool page_live(struct request *req, struct err *err);

/* The answer to a request with req->live set. NULL: no memory. */
struct MHD_Response *live_stream_response(struct request *req);

/* The number of the latest event, for the page being built. */
Str live_stream_since(struct request *req);

#endif
