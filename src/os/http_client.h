/* http_client.h - fetch from and post to the web: feeds, hooks, other services.
 *
 * libcurl inside. http and https only, also after redirects; certificates are checked. Addresses
 * that are not public (loopback, private, link-local, shared, multicast, reserved, and IPv4 ones
 * wrapped in IPv6) are refused when the connection is made, so a name that resolves to one is
 * refused too, whatever it resolved to before. Answers are unpacked and capped.
 *
 * One client per thread; it keeps connections open between calls. The call blocks until the answer
 * is whole, a limit strikes or *cancel becomes true.
 */
#ifndef OS_HTTP_CLIENT_H
#define OS_HTTP_CLIENT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"

#define HTTP_URL_BYTES_MAX  8192               /* reject */
#define HTTP_REDIRECTS_MAX  5                  /* ERR_LIMIT */
#define HTTP_HEADERS_MAX    32                 /* of a request: a bug beyond */
#define HTTP_HEAD_BYTES_MAX (64 * 1024)        /* all header lines of an answer: ERR_LIMIT */
#define HTTP_BODY_BYTES_MAX (64 * 1024 * 1024) /* default cap of an answer: ERR_LIMIT */
#define HTTP_TIMEOUT_MS     30000              /* default, for the whole exchange */
#define HTTP_CONNECT_MS     10000

struct http_client;

bool http_client_create(struct http_client **out, struct err *err) MUST_CHECK;
void http_client_destroy(struct http_client **c); /* NULL-safe */

struct http_header {
    Str name, value;
};

struct http_request {
    Str url;
    Str etag, last_modified;           /* of the copy we have; empty: unconditional */
    Str accept, user_agent;            /* empty: anything; the product's name */
    const struct http_header *headers; /* further ones */
    size_t header_count;
    Str body, content_type;    /* http_post() */
    size_t body_bytes_max;     /* of the answer; 0 = HTTP_BODY_BYTES_MAX */
    uint32_t timeout_ms;       /* 0 = HTTP_TIMEOUT_MS */
    bool allows_private;       /* tests and services on this machine */
    const atomic_bool *cancel; /* or NULL */
};

/* Slices live in the arena. */
struct http_response {
    int status;    /* 304: not modified, the body is empty */
    Str final_url; /* after redirects */
    bool is_moved; /* there were redirects, all of them permanent (301, 308) */
    Str content_type, etag, last_modified;
    int64_t retry_after_s; /* -1: not said, or said as a date */
    Str retry_after;       /* as said */
    Str body;              /* unpacked */
    double seconds;
};

/* True: an answer came, whatever its status. ERR_DENIED: the address is not public; ERR_LIMIT:
 * larger, more redirects; ERR_CANCELLED; ERR_USAGE: not a web address; ERR_IO: everything else. */
bool http_get(struct http_client *c, struct arena *a, const struct http_request *request,
              struct http_response *response, struct err *err) MUST_CHECK;
/* Follows no redirect. */
bool http_post(struct http_client *c, struct arena *a, const struct http_request *request,
               struct http_response *response, struct err *err) MUST_CHECK;

/* An answer without an end, read as it comes: server-sent events. */
struct http_stream {
    /* The status is 200; false ends the stream. May be NULL. */
    bool (*opened)(void *context);
    /* Called by the calling thread with what arrived; false ends the stream. */
    bool (*bytes)(void *context, Str bytes);
    bool (*idle)(void *context); /* at least once a second; may be NULL */
    void *context;
    uint32_t silence_ms; /* not a byte for so long: it ends with ERR_IO; 0 = never */
};
/* As http_get(), but bytes go to the stream and there is no limit to size and time but silence_ms.
 * True: the other side ended it, `stream` did, or the status was not 200 (the body is kept then).
 */
bool http_get_stream(struct http_client *c, struct arena *a, const struct http_request *request,
                     const struct http_stream *stream, struct http_response *response,
                     struct err *err) MUST_CHECK;

struct sockaddr;
/* What the client asks before it connects. */
bool http_address_is_public(const struct sockaddr *address);

#endif
