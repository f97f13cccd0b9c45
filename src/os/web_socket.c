#include "os/web_socket.h"

#include <libwebsockets.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/http_client.h"

#define SERVICE_MS     100 /* how fast a stop is noticed */
#define HOST_BYTES_MAX 255

struct place {
    char host[HOST_BYTES_MAX + 1];  /* as written, for TLS and the request */
    char name[HOST_BYTES_MAX + 16]; /* with the port where it is not the usual one */
    char address[INET6_ADDRSTRLEN];
    char path[HTTP_URL_BYTES_MAX + 2];
    int port;
    bool is_tls;
};

struct socket_run {
    const struct web_socket_options *options;
    const struct web_socket_handler *handler;
    struct buf message;
    bool was_open, is_over, is_failed, is_too_large;
    char why[160];
};

/* ---- the address ----------------------------------------------------------------------------- */

static bool copy(char *out, size_t size, Str text)
{
    if (text.len >= size)
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool split(Str url, struct place *at, struct err *err)
{
    Str rest, host, path, port = STR_NONE;
    int64_t number;

    at->is_tls = str_eq_nocase(str_sub(url, 0, 6), S("wss://"));
    if (!at->is_tls && !str_eq_nocase(str_sub(url, 0, 5), S("ws://")))
        goto wrong;
    rest = str_sub(url, at->is_tls ? 6 : 5, url.len);
    bool has_path = str_cut(rest, '/', &host, &path);
    if (str_starts(host, S("["))) {
        size_t end = str_find_byte(host, ']');
        port = str_sub(host, end + 2, host.len);
        host = str_sub(host, 1, end - 1);
    } else
        (void)str_cut(host, ':', &host, &port);
    at->port = at->is_tls ? 443 : 80;
    if (port.len > 0) {
        if (!str_to_i64(port, &number) || number < 1 || number > 65535)
            goto wrong;
        at->port = (int)number;
    }
    if (host.len == 0 || !copy(at->host, sizeof at->host, host) ||
        !copy(at->path + 1, sizeof at->path - 1, has_path ? path : STR_NONE))
        goto wrong;
    at->path[0] = '/';
    bool is_usual = at->port == (at->is_tls ? 443 : 80);
    if (is_usual)
        snprintf(at->name, sizeof at->name, "%s", at->host);
    else
        snprintf(at->name, sizeof at->name, "%s:%d", at->host, at->port);
    return true;
wrong:
    err_set(err, ERR_USAGE, "'%.*s' is not the address of a stream",
            (int)(url.len < 200 ? url.len : 200), url.len > 0 ? url.ptr : "");
    return err_hint(err, "An address begins with wss:// or ws://.");
}

/* The first address that may be used, as text: what was checked is what is connected to. */
static bool resolve(struct place *at, bool allows_private, struct err *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
    bool is_found = false;
    int code = getaddrinfo(at->host, NULL, &hints, &list);

    if (code != 0)
        return err_set(err, ERR_IO, "could not find '%s': %s", at->host, gai_strerror(code));
    for (const struct addrinfo *a = list; a && !is_found; a = a->ai_next)
        is_found = (allows_private || http_address_is_public(a->ai_addr)) &&
                   getnameinfo(a->ai_addr, a->ai_addrlen, at->address, sizeof at->address, NULL, 0,
                               NI_NUMERICHOST) == 0;
    freeaddrinfo(list);
    return is_found || err_set(err, ERR_DENIED, "the address is not public");
}

/* ---- what libwebsockets tells ---------------------------------------------------------------- */

static int end(struct socket_run *run)
{
    run->is_over = true;
    return -1; /* closes the connection */
}

static int receive(struct socket_run *run, struct lws *wsi, Str bytes)
{
    if (lws_is_first_fragment(wsi))
        buf_reset(&run->message);
    buf_add(&run->message, bytes);
    if (run->message.is_failed) {
        run->is_too_large = true;
        return end(run);
    }
    if (!lws_is_final_fragment(wsi))
        return 0;
    return run->handler->message(run->handler->context, buf_str(&run->message)) ? 0 : end(run);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct socket_run *run = user;

    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        run->was_open = true;
        if (run->handler->opened && !run->handler->opened(run->handler->context))
            return end(run);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(run, wsi, (Str){in, len});
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        snprintf(run->why, sizeof run->why, "%.*s", (int)(in ? len : 0),
                 in ? (const char *)in : "");
        run->is_failed = run->is_over = true;
        break;
    case LWS_CALLBACK_CLIENT_CLOSED:
        run->is_over = true;
        break;
    default:
        break;
    }
    return 0;
}

static const struct lws_protocols protocols[] = {{.name = "", .callback = on_event}, {0}};

/* ---- the run --------------------------------------------------------------------------------- */

static void silence(int level, const char *line)
{
    (void)level, (void)line; /* what matters is in the error */
}

/* lws_service() sleeps until something is due: this is, a few times a second. */
struct waker {
    lws_sorted_usec_list_t timer;
    struct lws_context *context;
};

static void wake(lws_sorted_usec_list_t *timer)
{
    struct waker *waker = lws_container_of(timer, struct waker, timer);

    lws_sul_schedule(waker->context, 0, timer, wake, SERVICE_MS * LWS_US_PER_MS);
}

static bool service(struct lws_context *context, struct socket_run *run)
{
    const struct web_socket_options *o = run->options;
    uint64_t started_ns = clock_monotonic_ns();

    while (!run->is_over) {
        if (o->cancel && atomic_load(o->cancel))
            return false;
        if (!run->was_open &&
            clock_monotonic_ns() - started_ns > WEB_SOCKET_CONNECT_MS * 1000000ULL) {
            snprintf(run->why, sizeof run->why, "no answer within %d s",
                     WEB_SOCKET_CONNECT_MS / 1000);
            run->is_failed = true;
            return true;
        }
        if (lws_service(context, 0) < 0)
            break;
        if (run->was_open && run->handler->idle && !run->handler->idle(run->handler->context))
            break;
    }
    return true;
}

static bool connect_and_read(struct lws_context *context, const struct place *at,
                             struct socket_run *run, struct err *err)
{
    struct lws_client_connect_info info = {
        .context = context,
        .address = at->address,
        .port = at->port,
        .ssl_connection = at->is_tls ? LCCSCF_USE_SSL : 0,
        .path = at->path,
        .host = at->name,
        .origin = at->host,
        .protocol = NULL,
        .local_protocol_name = protocols[0].name,
        .userdata = run,
    };

    struct waker waker = {.context = context};

    if (!lws_client_connect_via_info(&info) && !run->is_failed)
        return err_set(err, ERR_IO, "could not connect to '%s'", at->name);
    wake(&waker.timer);
    bool was_cancelled = !service(context, run);
    lws_sul_cancel(&waker.timer);
    if (was_cancelled)
        return err_set(err, ERR_CANCELLED, "the stream was cancelled");
    if (run->is_too_large)
        return err_set(err, ERR_LIMIT, "a message is larger than %d bytes",
                       WEB_SOCKET_MESSAGE_BYTES_MAX);
    if (run->is_failed)
        return err_set(err, ERR_IO, "could not read '%s': %s", at->name,
                       run->why[0] ? run->why : "the connection failed");
    return true;
}

bool web_socket_run(const struct web_socket_options *options,
                    const struct web_socket_handler *handler, struct err *err)
{
    struct socket_run run = {.options = options, .handler = handler};
    struct place at = {0};
    uint32_t silence_s = options->silence_ms >= 2000 ? options->silence_ms / 1000 : 2;
    lws_retry_bo_t liveness = {.secs_since_valid_ping = (uint16_t)(silence_s / 2),
                               .secs_since_valid_hangup = (uint16_t)silence_s};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .protocols = protocols,
                                             .gid = -1,
                                             .uid = -1,
                                             .fd_limit_per_thread = 16,
                                             .retry_and_idle_policy = &liveness,
                                             .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT};

    if (!split(options->url, &at, err) || !resolve(&at, options->allows_private, err))
        return false;
    lws_set_log_level(0, silence);
    struct lws_context *context = lws_create_context(&info);
    if (!context)
        return err_set(err, ERR_NO_MEMORY, "could not prepare a stream: no memory");
    buf_init(&run.message, WEB_SOCKET_MESSAGE_BYTES_MAX);
    bool ok = connect_and_read(context, &at, &run, err);
    run.is_over = true;
    lws_context_destroy(context);
    buf_deinit(&run.message);
    return ok;
}
