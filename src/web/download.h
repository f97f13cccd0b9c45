/* download.h - answers that are made while they are sent, however large: a thread of their own
 * writes, the connection reads.
 *
 * At most DOWNLOAD_WAITING_BYTES_MAX lie between the two: a slow reader holds the writer back. A
 * reader that goes away ends the writer at its next piece. Where the work fails behind its first
 * byte the connection is cut without the end of the answer, so that nobody takes half for the
 * whole.
 *
 * Threads: any; the work runs in one of its own and must not touch the request.
 */
#ifndef WEB_DOWNLOAD_H
#define WEB_DOWNLOAD_H

#include "base/limits.h"
#include "web/request.h"

#define DOWNLOAD_WAITING_BYTES_MAX (1 * MIB) /* back-pressure */
enum { DOWNLOADS_MAX = 8 };                  /* at the same time: ERR_BUSY */

struct download;
struct downloads;
struct MHD_Response;

struct downloads *downloads_create(void);
/* Ends what is under way and waits for it; takes nothing more (ERR_UNAVAILABLE). */
void downloads_stop(struct downloads *downloads);
/* After downloads_stop(), when no connection reads any more. NULL-safe. */
void downloads_destroy(struct downloads **downloads);

struct download_job {
    bool (*work)(struct download *d, void *context, struct err *err);
    void (*drop)(void *context); /* when nobody needs the context any more, also if open fails */
    void *context;
};
/* The answer of the request is what the work puts. */
bool download_open(struct request *req, struct download_job job, struct err *err) MUST_CHECK;
/* For the work. ERR_CANCELLED: nobody reads any more. */
bool download_put(struct download *d, Str bytes, struct err *err) MUST_CHECK;

/* For the server: the answer to a request with req->download set. NULL: no memory. */
struct MHD_Response *download_response(struct request *req);
/* A download that never became an answer. NULL-safe. */
void download_abandon(struct download **download);

#endif
