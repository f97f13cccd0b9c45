/* web_socket.h - read a WebSocket (RFC 6455) as a client: messages as they come.
 *
 * libwebsockets inside, one context for each run. ws and wss only; certificates are checked; the
 * address is resolved here and refused when it is not public, as in http_client.h. Pings tell a
 * quiet peer from a dead one. Redirects are not followed.
 *
 * The call blocks its thread until the other side closes, the handler has enough, *cancel becomes
 * true, or the connection fails.
 */
#ifndef OS_WEB_SOCKET_H
#define OS_WEB_SOCKET_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define WEB_SOCKET_MESSAGE_BYTES_MAX (4 * 1024 * 1024) /* of one message: ERR_LIMIT */
#define WEB_SOCKET_CONNECT_MS        10000

struct web_socket_options {
    Str url;             /* "wss://host[:port]/path?query" */
    bool allows_private; /* tests and services on this machine */
    uint32_t
        silence_ms; /* neither message nor answer to a ping for so long: ERR_IO; at least 2000 */
    const atomic_bool *cancel; /* or NULL */
};

/* Called by the calling thread; false ends the run. */
struct web_socket_handler {
    bool (*opened)(void *context);             /* may be NULL */
    bool (*message)(void *context, Str bytes); /* text or binary, whole */
    bool (*idle)(void *context);               /* a few times a second; may be NULL */
    void *context;
};

/* True: it was open, and the other side closed it or the handler ended it. ERR_USAGE: not such an
 * address; ERR_DENIED: the address is not public; ERR_LIMIT: a message was too large;
 * ERR_CANCELLED; ERR_IO: everything else, a refused upgrade included. */
bool web_socket_run(const struct web_socket_options *options,
                    const struct web_socket_handler *handler, struct err *err) MUST_CHECK;

#endif
