#include "web/server.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/thread.h"
#include "people/contributor.h"
#include "strategy/method/method.h"
#include "web/asset.h"
#include "web/download.h"
#include "web/live/live_stream.h"
#include "web/live/live_watch.h"
#include "web/operation.h"
#include "web/request.h"
#include "web/server_priv.h"
#include "web/upload_body.h"
#include "web/upload_job.h"

#define DEFAULT_LISTEN          "127.0.0.1:8080"
#define SERVER_MEMORY_BYTES_MAX (16 * MIB)

struct web_server {
    struct MHD_Daemon *daemon;
    struct pool *pool;
    struct live_hub *hub;
    struct live_watch *watch;
    struct upload_jobs *jobs;
    struct operations *operations;
    struct downloads *downloads;
    struct login_limit *login_limit, *link_limit;
    struct contributor_key contributor_key; /* read once, at the start */
    struct arena memory;                    /* holds what lives as long as the server */
    const struct method *method;            /* shared, immutable */
    bool is_https;
    size_t bodies_bytes_max;
    atomic_uint_fast64_t request_count;
    atomic_size_t body_bytes; /* held by all requests that are being read or answered */
};

uint64_t web_server_next_number(struct web_server *server)
{
    return atomic_fetch_add(&server->request_count, 1) + 1;
}

struct pool *web_server_pool(struct web_server *server)
{
    return server->pool;
}

struct live_hub *web_server_hub(struct web_server *server)
{
    return server->hub;
}

struct upload_jobs *web_server_jobs(struct web_server *server)
{
    return server->jobs;
}

struct operations *web_server_operations(struct web_server *server)
{
    return server->operations;
}

struct downloads *web_server_downloads(struct web_server *server)
{
    return server->downloads;
}

struct login_limit *web_server_login_limit(struct web_server *server)
{
    return server->login_limit;
}

struct login_limit *web_server_link_limit(struct web_server *server)
{
    return server->link_limit;
}

const struct contributor_key *web_server_contributor_key(const struct web_server *server)
{
    return &server->contributor_key;
}

const struct method *web_server_method(const struct web_server *server)
{
    return server->method;
}

bool web_server_is_https(const struct web_server *server)
{
    return server->is_https;
}

/* ---- the response ---- */

static const struct {
    const char *name, *value;
} fixed_headers[] = {
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"},
};

static void free_body(void *body)
{
    mem_free(body);
}

/* A value of the arena as libmicrohttpd wants it. */
static void add_header(struct MHD_Response *response, struct request *req, Str name, Str value)
{
    struct err err = {0};
    const char *c_name, *c_value;

    if (str_to_cstr(&req->arena, name, &c_name, &err) &&
        str_to_cstr(&req->arena, value, &c_value, &err))
        (void)MHD_add_response_header(response, c_name, c_value);
}

/* gzip of the page when it is worth it; NULL: send it as it is. */
static char *packed_body(struct request *req, Str body, size_t *packed_len)
{
    z_stream z = {0};

    if (body.len < 1400 || str_find(request_header(req, "Accept-Encoding"), S("gzip")) ==
                               request_header(req, "Accept-Encoding").len)
        return NULL;
    if (deflateInit2(&z, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t room = deflateBound(&z, body.len);
    char *packed = mem_try_alloc(room, 1);
    union {
        const char *from;
        Bytef *to;
    } input = {.from = body.ptr}; /* zlib reads through a pointer without const */
    z.next_in = input.to;
    z.avail_in = (uInt)body.len;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)room;
    bool ok = packed && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *packed_len = z.total_out;
    deflateEnd(&z);
    if (!ok)
        mem_free(packed);
    return ok ? packed : NULL;
}

/* The built page leaves the request: its buffer is freed when it has been sent. */
static struct MHD_Response *take_page(struct request *req)
{
    Str body = html_str(&req->html);
    size_t packed_len;
    char *packed = packed_body(req, body, &packed_len);

    if (packed) {
        struct MHD_Response *response =
            MHD_create_response_from_buffer_with_free_callback(packed_len, packed, free_body);
        if (response) {
            (void)MHD_add_response_header(response, "Content-Encoding", "gzip");
            (void)MHD_add_response_header(response, "Vary",
                                          "Accept-Encoding, Cookie, Accept-Language");
        }
        return response;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        body.len, req->html.out.ptr, req->html.out.ptr ? free_body : NULL);
    if (response)
        req->html.out = (struct buf){0};
    return response;
}

static struct MHD_Response *make_response(struct request *req)
{
    if (req->live)
        return live_stream_response(req);
    if (req->download)
        return download_response(req);
    if (!req->fixed_body.ptr)
        return take_page(req);
    union {
        const char *from;
        void *to;
    } body = {.from = req->fixed_body.ptr}; /* MHD_RESPMEM_PERSISTENT only reads */
    return MHD_create_response_from_buffer(req->fixed_body.len, body.to, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result respond(struct request *req)
{
    struct MHD_Response *response = make_response(req);

    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < COUNT_OF(fixed_headers); i++)
        (void)MHD_add_response_header(response, fixed_headers[i].name, fixed_headers[i].value);
    if (req->server->is_https)
        (void)MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    bool has_cache_rule = false;
    vec_each (struct header, header, &req->headers) {
        has_cache_rule |= str_eq(header->name, S("Cache-Control"));
        add_header(response, req, header->name, header->value);
    }
    if (!has_cache_rule)
        (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    if (req->status != MHD_HTTP_NOT_MODIFIED && req->status != MHD_HTTP_NO_CONTENT)
        add_header(response, req, S("Content-Type"), req->content_type);
    enum MHD_Result result = MHD_queue_response(req->connection, req->status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- libmicrohttpd's callbacks ---- */

/* First of all, with the undecoded target: the request begins. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct request *req = request_create(context, str_from_cstr(target));

    req->connection = connection;
    return req;
}

static void set_method(struct request *req, const char *method)
{
    static const struct {
        const char *name;
        enum http_method method;
    } methods[] = {{"GET", HTTP_GET},
                   {"HEAD", HTTP_GET},
                   {"POST", HTTP_POST},
                   {"PUT", HTTP_PUT},
                   {"DELETE", HTTP_DELETE}};

    req->method = HTTP_OTHER;
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (strcmp(method, methods[i].name) == 0)
            req->method = methods[i].method;
    req->is_head = strcmp(method, "HEAD") == 0;
}

/* Anybody may send a body, so what all of them hold together has a limit too. */
static void take_body(struct request *req, Str data)
{
    atomic_size_t *held = &req->server->body_bytes;

    if (req->is_too_large || req->is_memory_short)
        return;
    req->is_memory_short =
        atomic_fetch_add(held, data.len) + data.len > req->server->bodies_bytes_max;
    if (!req->is_memory_short)
        buf_add(&req->body, data);
    req->is_too_large = req->body.is_failed;
    if (req->is_memory_short || req->is_too_large) {
        atomic_fetch_sub(held, data.len + req->body.len);
        buf_deinit(&req->body);
    }
}

static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_len, void **state)
{
    struct request *req = *state;

    (void)context, (void)connection, (void)url, (void)version;
    if (req->method == 0) { /* headers are complete; the body, if any, follows */
        set_method(req, method);
        upload_body_begin(req);
        return MHD_YES;
    }
    if (*data_len > 0) {
        if (req->upload)
            upload_body_take(req, (Str){data, *data_len});
        else
            take_body(req, (Str){data, *data_len});
        *data_len = 0;
        return MHD_YES;
    }
    uint64_t statements = db_thread_statement_count();
    route_answer(req);
    req->statement_count = db_thread_statement_count() - statements;
    return respond(req);
}

/* A contributor's address is the key to it. */
static Str path_for_log(const struct request *req)
{
    return str_starts(req->path, S("/c/")) ? S("/c/...") : req->path;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how)
{
    struct request *req = *state;

    (void)context, (void)connection, (void)how;
    if (req)
        log_event(LOG_DEBUG, "web.request", log_i64("request", (int64_t)req->number),
                  log_str("path", path_for_log(req)), log_i64("status", req->status),
                  log_f64("ms", clock_seconds_since(req->started_ns) * 1000),
                  log_i64("statements", (int64_t)req->statement_count));
    if (req)
        atomic_fetch_sub(&req->server->body_bytes, req->body.len);
    request_destroy(&req);
    *state = NULL;
}

/* ---- opening and closing ---- */

static bool resolve(Str listen, struct addrinfo **out, struct err *err)
{
    char host[256], port[16];
    size_t colon = listen.len;
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};

    while (colon > 0 && listen.ptr[colon - 1] != ':')
        colon--;
    Str name = str_sub(listen, 0, colon > 0 ? colon - 1 : 0),
        number = str_sub(listen, colon, listen.len);
    if (str_starts(name, S("[")) && str_ends(name, S("]")))
        name = str_sub(name, 1, name.len - 2);
    if (colon == 0 || name.len == 0 || name.len >= sizeof host || number.len == 0 ||
        number.len >= sizeof port)
        return err_set(err, ERR_USAGE, "cannot listen on '" STR_F "'", STR_A(listen)) ||
               err_hint(err, "Give host:port, for example 127.0.0.1:8080 or [::1]:8080.");
    (void)snprintf(host, sizeof host, STR_F, STR_A(name));
    (void)snprintf(port, sizeof port, STR_F, STR_A(number));
    int code = getaddrinfo(host, port, &hints, out);
    if (code != 0)
        return err_set(err, ERR_USAGE, "cannot listen on '" STR_F "': %s", STR_A(listen),
                       gai_strerror(code));
    return true;
}

static unsigned thread_count(unsigned wanted)
{
    unsigned count = wanted > 0 ? wanted : 2 * thread_cpu_count();

    if (wanted == 0 && count < 4)
        count = 4;
    return count > SERVER_THREADS_MAX ? SERVER_THREADS_MAX : count;
}

static bool start(struct web_server *server, const struct web_options *options, struct err *err)
{
    struct addrinfo *address = NULL;
    Str listen = options->listen.len > 0 ? options->listen : S(DEFAULT_LISTEN);

    if (!resolve(listen, &address, err))
        return false;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     (address->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_access, server, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_THREAD_POOL_SIZE, thread_count(options->threads), MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)SERVER_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)SERVER_HEADER_BYTES_MAX, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_END);
    freeaddrinfo(address);
    return server->daemon ||
           err_set(err, ERR_IO, "could not listen on '" STR_F "'", STR_A(listen)) ||
           err_hint(err, "Is another program using the port? Choose one with --listen.");
}

static bool read_contributor_key(struct web_server *server, struct err *err)
{
    struct db *system = NULL;

    bool ok = pool_system_acquire(server->pool, &system, err) &&
              contributor_key_read(system, clock_now_ms(), &server->contributor_key, err);
    pool_system_release(server->pool, &system);
    return ok;
}

bool web_server_open(struct web_server **out, const struct web_options *options, struct err *err)
{
    if (!assets_init(err) || !i18n_init(err))
        return false;
    struct web_server *server = mem_alloc(1, sizeof *server);
    server->pool = pool_create(options->data_dir);
    server->hub = live_hub_create(entropy_u64());
    server->downloads = downloads_create();
    server->operations = operations_create(server->hub, server->pool);
    server->login_limit = login_limit_create();
    server->link_limit = login_limit_create();
    server->is_https = options->is_https;
    server->bodies_bytes_max =
        options->bodies_bytes_max > 0 ? options->bodies_bytes_max : (size_t)SERVER_BODIES_BYTES_MAX;
    arena_init(&server->memory, SERVER_MEMORY_BYTES_MAX);
    bool ok =
        read_contributor_key(server, err) && method_read(&server->memory, &server->method, err);
    server->jobs = upload_jobs_create(server->hub, server->pool, server->method);
    if (!ok || !start(server, options, err) ||
        !live_watch_start(&server->watch, server->hub, server->pool, err)) {
        web_server_close(&server);
        return false;
    }
    *out = server;
    return true;
}

void web_server_close(struct web_server **server)
{
    struct web_server *s = *server;

    if (!s)
        return;
    upload_jobs_stop(s->jobs);
    operations_stop(s->operations);
    downloads_stop(s->downloads);
    live_hub_stop(s->hub); /* suspended connections go on to their end */
    live_watch_stop(&s->watch);
    (void)live_hub_drain(s->hub, LIVE_DRAIN_MS); /* who does not read is cut off */
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    upload_jobs_destroy(&s->jobs);
    operations_destroy(&s->operations);
    downloads_destroy(&s->downloads);
    live_hub_destroy(&s->hub);
    pool_destroy(&s->pool);
    login_limit_destroy(&s->login_limit);
    login_limit_destroy(&s->link_limit);
    arena_deinit(&s->memory);
    mem_free(s);
    *server = NULL;
}

unsigned web_server_port(const struct web_server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
