/* request.h - one HTTP request and the response being built for it.
 *
 * Made when the request line arrives, dropped when the response has been sent. A handler reads
 * what was asked through the accessors, writes into request->html (or sets a body), and answers
 * true; on false and an error the server builds the error page from the error's code. All memory
 * that a handler needs comes from request->arena and lives as long as the request. One thread.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/limits.h"
#include "base/vec.h"
#include "format/html.h"
#include "people/account.h"
#include "people/session.h"
#include "people/token.h"
#include "web/params.h"
#include "web/pool.h"
#include "web/render.h"

struct MHD_Connection;
struct web_server;
struct route;
struct tpl_frame;
struct live_client;
struct download;
struct upload_body;

enum http_method {
    HTTP_GET = 1,
    HTTP_POST = 2,
    HTTP_PUT = 4,
    HTTP_DELETE = 8,
    HTTP_OTHER = 16,
    HTTP_UPLOAD = 32 /* of a route with HTTP_POST: takes a file (upload_body.h) */
};
enum theme { THEME_AUTO, THEME_LIGHT, THEME_DARK };

enum {
    REQUEST_TARGET_BYTES_MAX = 16 * 1024,  /* path and query: 414 */
    RESPONSE_BYTES_MAX = 32 * 1024 * 1024, /* reject with 413 */
    CAPTURE_COUNT_MAX = 6
};

struct header {
    Str name, value;
};

struct request {
    struct web_server *server;
    struct MHD_Connection *connection;
    struct arena arena;
    uint64_t number; /* of this process; shown on error pages and in the log */
    uint64_t started_ns;
    uint64_t statement_count; /* of SQL, by the thread of the request */
    int64_t now_ms;           /* one moment for the whole request */

    enum http_method method;
    bool is_head;
    Str path;   /* as received, without the query; captures are decoded */
    Str target; /* as received */
    struct params query, form, captured;
    struct buf body;
    struct upload_body *upload;                             /* NULL: the route takes no file */
    bool is_too_large, is_target_too_long, is_memory_short; /* refused before any handler */
    const struct route *route;

    struct db *system;           /* lent for the request */
    struct workspace *workspace; /* NULL outside of /w/{workspace} */
    bool is_signed_in, is_by_token;
    struct account account;
    struct session session;
    Str session_token; /* from the cookie */
    struct api_token token;
    struct access access; /* to the workspace */

    struct render_env env;
    enum theme theme;
    const struct tpl_frame *frame; /* between page_begin() and page_end() */

    unsigned status;
    Str content_type;
    struct html html;          /* the body being built */
    Str fixed_body;            /* constant bytes instead, when ptr is set */
    struct live_client *live;  /* the stream of events instead (live/live_stream.h) */
    struct download *download; /* what is made while it is sent, instead (download.h) */
    struct {
        VEC(struct header);
    } headers;
};

/* What was asked. */
Str request_header(struct request *req, const char *name); /* empty when absent */
/* The first one that is not empty, of all Cookie headers. */
Str request_cookie(struct request *req, const char *name);
Str request_address(struct request *req); /* the client's, for limits and the log */
Str request_query(const struct request *req, Str name);
Str request_form(const struct request *req, Str name); /* trimmed */
Str request_capture(const struct request *req, Str name);
bool request_is_api(const struct request *req);
/* Numbers from the query: the fallback when absent, malformed or out of range. */
int64_t request_query_i64(const struct request *req, Str name, int64_t fallback, int64_t least,
                          int64_t most);
bool request_may(const struct request *req, enum permission permission);
/* Login of the account, or "token:<name>": for the ledger. */
Str request_actor(struct request *req);

/* What is answered. */
void request_set_header(struct request *req, const char *name, Str value);
/* HttpOnly, SameSite=Lax; seconds 0 ends it, -1: with the browser session. */
void request_set_cookie(struct request *req, const char *name, Str value, int64_t seconds);
/* 303 to an address of this site; another one is replaced by "/". Always true. */
bool request_redirect(struct request *req, Str address);
/* 303 with a notice that the next page shows once. */
bool request_redirect_notice(struct request *req, Str address, Str notice);
/* "/w/<slug>/<rest>": an address in the current workspace. */
Str request_url(struct request *req, const char *format, ...) PRINTF_LIKE(2, 3);
/* One segment or value of an address, percent-encoded. */
Str request_part(struct request *req, Str text);
/* Translated text of the request's language; the literal has to be wrapped in TR(). */
Str request_tr(const struct request *req, const char *message);

/* The HTTP status that belongs to an error. */
unsigned status_of(enum err_code code);

struct request *request_create(struct web_server *server, Str target);
void request_destroy(struct request **request);

#endif
