/* server.h - the HTTP server: pages and API on libmicrohttpd.
 *
 * A pool of threads on epoll; each request is answered by the thread that read it. Loopback by
 * default. Limits: REQUEST_TARGET_BYTES_MAX, BODY_BYTES_MAX, header memory, connections, time
 * without traffic. Handlers are found by the route table (route.h).
 *
 * Threads: open and close from one thread; everything else happens in the pool.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "base/err.h"
#include "base/str.h"

enum {
    SERVER_CONNECTIONS_MAX = 1000, /* further ones are closed at once */
    SERVER_HEADER_BYTES_MAX =
        64 * 1024,            /* 431; answers too, with a Location of three times the target */
    SERVER_IDLE_SECONDS = 60, /* a silent connection is closed */
    SERVER_THREADS_MAX = 64,
    SERVER_BODIES_BYTES_MAX = 256 * 1024 * 1024 /* all bodies being read or answered: 503 */
};

struct web_server;

struct web_options {
    Str listen;              /* "127.0.0.1:8080", "[::1]:8080", "host:port"; empty: the default */
    Str data_dir;            /* resolved */
    unsigned threads;        /* 0: twice the processors, at least 4 */
    size_t bodies_bytes_max; /* 0: SERVER_BODIES_BYTES_MAX */
    bool is_https; /* a proxy in front speaks TLS: cookies are marked Secure, HSTS is sent */
};

bool web_server_open(struct web_server **out, const struct web_options *options,
                     struct err *err) MUST_CHECK;
/* Waits for requests in flight. NULL-safe. */
void web_server_close(struct web_server **server);
/* The port that was bound, also when 0 was asked for. */
unsigned web_server_port(const struct web_server *server);

#endif
