#include "os/http_client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/mem.h"
#include "os/clock.h"

#define USER_AGENT "trimtab/0.1"

struct http_client {
    CURL *curl;
    char why[CURL_ERROR_SIZE]; /* filled by libcurl */
};

/* One request on its way. */
struct exchange {
    const struct http_request *request;
    struct arena *arena;
    struct curl_slist *headers;
    struct buf head, body;            /* head: the lines of the last answer */
    size_t head_bytes;                /* of all answers, redirects included */
    const struct http_stream *stream; /* or NULL */
    uint64_t heard_ns;                /* a stream: when bytes last came */
    bool is_open;                     /* a stream: the status is 200 and `opened` was called */
    bool is_ended;                    /* a stream: the caller had enough */
    bool is_silent;                   /* a stream: nothing came for silence_ms */
    unsigned redirects, permanent;    /* answers that redirect; those of them for good */
    bool is_refused;                  /* the address was not public */
    bool is_too_large;
    bool is_cancelled;
};

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static bool is_initialised;

static void init(void)
{
    is_initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool http_client_create(struct http_client **out, struct err *err)
{
    *out = NULL;
    pthread_once(&init_once, init);
    struct http_client *c = is_initialised ? mem_try_alloc(1, sizeof *c) : NULL;
    if (c)
        c->curl = fault_hit() ? NULL : curl_easy_init();
    if (!c || !c->curl) {
        mem_free(c);
        return err_set(err, ERR_NO_MEMORY, "could not create an HTTP client: no memory");
    }
    *out = c;
    return true;
}

void http_client_destroy(struct http_client **c)
{
    if (!*c)
        return;
    curl_easy_cleanup((*c)->curl);
    mem_free(*c);
    *c = NULL;
}

/* Addresses. The ranges are those of the special-purpose registries (RFC 6890). */

struct range {
    uint8_t bytes[4];
    unsigned bits;
};

static bool is_in(const uint8_t *address, const uint8_t *range, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    uint8_t mask = (uint8_t)(0xff00 >> rest);

    return memcmp(address, range, whole) == 0 &&
           (rest == 0 || (address[whole] & mask) == (range[whole] & mask));
}

static bool is_public_v4(const uint8_t a[4])
{
    static const struct range special[] = {
        {{0}, 8},
        {{10}, 8},
        {{100, 64}, 10},
        {{127}, 8},
        {{169, 254}, 16},
        {{172, 16}, 12},
        {{192, 0, 0}, 24},
        {{192, 0, 2}, 24},
        {{192, 88, 99}, 24},
        {{192, 168}, 16},
        {{198, 18}, 15},
        {{198, 51, 100}, 24},
        {{203, 0, 113}, 24},
        {{224}, 4},
        {{240}, 4},
    };

    for (size_t i = 0; i < COUNT_OF(special); i++)
        if (is_in(a, special[i].bytes, special[i].bits))
            return false;
    return true;
}

/* Global unicast is 2000::/3; inside of it and beside it some prefixes wrap IPv4 addresses. */
static bool is_public_v6(const uint8_t a[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};     /* ::ffff:0:0/96 */
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};        /* 64:ff9b::/96 */
    static const uint8_t six_to_four[2] = {0x20, 0x02};               /* 2002::/16 */
    static const uint8_t protocols[3] = {0x20, 0x01, 0x00};           /* 2001::/23: Teredo */
    static const uint8_t documentation[4] = {0x20, 0x01, 0x0d, 0xb8}; /* 2001:db8::/32 */
    static const uint8_t documentation_2[3] = {0x3f, 0xff, 0x00};     /* 3fff::/20 */

    if (is_in(a, mapped, 96) || is_in(a, nat64, 96))
        return is_public_v4(a + 12);
    if (is_in(a, six_to_four, 16))
        return is_public_v4(a + 2);
    return (a[0] & 0xe0) == 0x20 && !is_in(a, protocols, 23) && !is_in(a, documentation, 32) &&
           !is_in(a, documentation_2, 20);
}

bool http_address_is_public(const struct sockaddr *address)
{
    union {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    uint8_t bytes[4];

    if (address->sa_family == AF_INET) {
        memcpy(&at.v4, address, sizeof at.v4);
        memcpy(bytes, &at.v4.sin_addr, sizeof bytes);
        return is_public_v4(bytes);
    }
    if (address->sa_family == AF_INET6) {
        memcpy(&at.v6, address, sizeof at.v6);
        return is_public_v6(at.v6.sin6_addr.s6_addr);
    }
    return false;
}

/* Callbacks of libcurl */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *x = context;

    (void)purpose;
    if (!x->request->allows_private && !http_address_is_public(&address->addr)) {
        x->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static long status_of_head(Str head)
{
    Str version, rest, status;
    int64_t number = 0;

    (void)str_cut(head, ' ', &version, &rest);
    (void)str_cut(rest, ' ', &status, &rest);
    return str_to_i64(str_trim(status), &number) ? (long)number : 0;
}

/* A stream that is answered with 200 is handed on; anything else is an answer like any other. */
static size_t take_stream(struct exchange *x, Str bytes)
{
    const struct http_stream *s = x->stream;

    x->heard_ns = clock_monotonic_ns();
    if (!x->is_open) {
        x->is_open = true;
        x->is_ended = s->opened && !s->opened(s->context);
    }
    x->is_ended = x->is_ended || !s->bytes(s->context, bytes);
    return x->is_ended ? 0 : bytes.len;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *context)
{
    struct exchange *x = context;

    if (x->stream && status_of_head(buf_str(&x->head)) == 200)
        return take_stream(x, (Str){bytes, one * count});
    buf_add(&x->body, (Str){bytes, one * count});
    x->is_too_large |= x->body.is_failed;
    return x->body.is_failed ? 0 : one * count;
}

static size_t take_head(char *bytes, size_t one, size_t count, void *context)
{
    struct exchange *x = context;
    Str line = {bytes, one * count};

    if (str_starts(line, S("HTTP/"))) {
        long status = status_of_head(line);
        buf_reset(&x->head); /* another answer: a redirect or 100 Continue came before */
        x->redirects += status > 300 && status < 400 && status != 304;
        x->permanent += status == 301 || status == 308;
    }
    x->head_bytes += line.len;
    buf_add(&x->head, line);
    if (x->head.is_failed || x->head_bytes > HTTP_HEAD_BYTES_MAX)
        x->is_too_large = true;
    return x->is_too_large ? 0 : line.len;
}

static int look_at_cancel(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct exchange *x = context;

    (void)a, (void)b, (void)c, (void)d;
    x->is_cancelled = x->request->cancel && atomic_load(x->request->cancel);
    x->is_silent = x->stream && x->stream->silence_ms > 0 &&
                   clock_monotonic_ns() - x->heard_ns > (uint64_t)x->stream->silence_ms * 1000000U;
    if (x->stream && x->is_open && x->stream->idle && !x->is_ended)
        x->is_ended = !x->stream->idle(x->stream->context);
    return x->is_cancelled || x->is_silent || x->is_ended;
}

/* The request */

static bool is_clean(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool check_url(Str url, struct err *err)
{
    bool is_web = str_eq_nocase(str_sub(url, 0, 7), S("http://")) ||
                  str_eq_nocase(str_sub(url, 0, 8), S("https://"));

    if (is_web && url.len <= HTTP_URL_BYTES_MAX && is_clean(url) && !memchr(url.ptr, ' ', url.len))
        return true;
    err_set(err, ERR_USAGE, "'%.*s' is not a web address", (int)(url.len < 200 ? url.len : 200),
            url.len > 0 ? url.ptr : "");
    return err_hint(err, "An address begins with http:// or https://.");
}

static bool add_header(struct exchange *x, Str name, Str value, struct err *err)
{
    if (!is_clean(name) || !is_clean(value))
        return err_set(err, ERR_USAGE, "HTTP header '" STR_F "' holds a control character",
                       STR_A(name));
    Str line = arena_printf(x->arena, STR_F ": " STR_F, STR_A(name), STR_A(value));
    const char *text;
    if (!str_to_cstr(x->arena, line, &text, err))
        return false;
    struct curl_slist *longer = fault_hit() ? NULL : curl_slist_append(x->headers, text);
    if (!longer)
        return err_set(err, ERR_NO_MEMORY, "could not prepare an HTTP request: no memory");
    x->headers = longer;
    return true;
}

static bool add_headers(struct exchange *x, bool has_body, struct err *err)
{
    const struct http_request *q = x->request;
    const struct http_header usual[] = {
        {S("If-None-Match"), q->etag},
        {S("If-Modified-Since"), q->last_modified},
        {S("Accept"), q->accept.len > 0 ? q->accept : S("*/*")},
        {S("Content-Type"), has_body ? q->content_type : STR_NONE},
    };

    ASSERT(q->header_count <= HTTP_HEADERS_MAX);
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (usual[i].value.len > 0 && !add_header(x, usual[i].name, usual[i].value, err))
            return false;
    for (size_t i = 0; i < q->header_count; i++)
        if (!add_header(x, q->headers[i].name, q->headers[i].value, err))
            return false;
    return true;
}

static void set_limits(CURL *curl, const struct http_request *q, bool is_stream)
{
    long timeout_ms = q->timeout_ms > 0 ? (long)q->timeout_ms : HTTP_TIMEOUT_MS;

    timeout_ms = is_stream ? 0 : timeout_ms; /* 0: none */

    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* behind a proxy no address could be checked */
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
}

static void set_callbacks(CURL *curl, struct exchange *x)
{
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_cancel);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static bool prepare(struct http_client *c, struct exchange *x, bool is_post, struct err *err)
{
    const struct http_request *q = x->request;
    const char *url, *agent;

    if (!check_url(q->url, err) || !str_to_cstr(x->arena, q->url, &url, err) ||
        !str_to_cstr(x->arena, q->user_agent.len > 0 ? q->user_agent : S(USER_AGENT), &agent,
                     err) ||
        !add_headers(x, is_post, err))
        return false;
    curl_easy_reset(c->curl); /* keeps connections and names */
    c->why[0] = '\0';
    set_limits(c->curl, q, x->stream != NULL);
    set_callbacks(c->curl, x);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, agent);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->why);
    curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, is_post ? 0L : 1L);
    /* A connection opened for a caller who may reach private addresses is not for the others. */
    curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, 0L);
    curl_easy_setopt(c->curl, CURLOPT_FORBID_REUSE, q->allows_private ? 1L : 0L);
    if (is_post) {
        curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, q->body.len > 0 ? q->body.ptr : "");
    }
    return true;
}

/* The answer */

static Str header_value(Str head, Str name)
{
    Str line, key, value, found = STR_NONE;

    while (head.len > 0) {
        (void)str_cut(head, '\n', &line, &head);
        if (str_cut(line, ':', &key, &value) && str_eq_nocase(str_trim(key), name))
            found = str_trim(value);
    }
    return found;
}

static bool keep_answer(struct http_client *c, struct exchange *x, struct http_response *response,
                        struct err *err)
{
    Str head = buf_str(&x->head);
    const char *url = NULL;
    long status = 0;

    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->curl, CURLINFO_EFFECTIVE_URL, &url);
    curl_easy_getinfo(c->curl, CURLINFO_TOTAL_TIME, &response->seconds);
    response->status = (int)status;
    response->is_moved = x->redirects > 0 && x->redirects == x->permanent;
    if (!str_to_i64(header_value(head, S("retry-after")), &response->retry_after_s) ||
        response->retry_after_s < 0)
        response->retry_after_s = -1;
    return (arena_try_str(x->arena, str_from_cstr(url), &response->final_url) &&
            arena_try_str(x->arena, header_value(head, S("content-type")),
                          &response->content_type) &&
            arena_try_str(x->arena, header_value(head, S("etag")), &response->etag) &&
            arena_try_str(x->arena, header_value(head, S("retry-after")), &response->retry_after) &&
            arena_try_str(x->arena, header_value(head, S("last-modified")),
                          &response->last_modified) &&
            arena_try_str(x->arena, buf_str(&x->body), &response->body)) ||
           err_arena(err, x->arena);
}

static bool report(const struct http_client *c, const struct exchange *x, CURLcode code,
                   struct err *err)
{
    const char *why = c->why[0] ? c->why : curl_easy_strerror(code);

    if (x->is_cancelled)
        return err_set(err, ERR_CANCELLED, "the request was cancelled");
    if (x->is_silent)
        return err_set(err, ERR_IO, "nothing came for %u ms", x->stream->silence_ms);
    if (x->is_refused)
        return err_set(err, ERR_DENIED, "the address is not public");
    if (x->is_too_large)
        return err_set(err, ERR_LIMIT, "the answer is larger than %zu bytes", x->body.max_bytes);
    if (code == CURLE_TOO_MANY_REDIRECTS)
        return err_set(err, ERR_LIMIT, "more than %d redirects", HTTP_REDIRECTS_MAX);
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
        return err_set_sys(err, ERR_USAGE, (int)code, "not a web address: %s", why);
    if (code == CURLE_OUT_OF_MEMORY)
        return err_set_sys(err, ERR_NO_MEMORY, (int)code, "no memory");
    return err_set_sys(err, ERR_IO, (int)code, "%s", why);
}

static bool exchange(struct http_client *c, struct arena *a, const struct http_request *request,
                     bool is_post, const struct http_stream *stream, struct http_response *response,
                     struct err *err)
{
    struct exchange x = {
        .request = request, .arena = a, .stream = stream, .heard_ns = clock_monotonic_ns()};

    *response = (struct http_response){.retry_after_s = -1};
    buf_init(&x.head, HTTP_HEAD_BYTES_MAX);
    buf_init(&x.body,
             request->body_bytes_max > 0 ? request->body_bytes_max : (size_t)HTTP_BODY_BYTES_MAX);
    bool ok = prepare(c, &x, is_post, err);
    if (ok) {
        CURLcode code = fault_hit() ? CURLE_RECV_ERROR : curl_easy_perform(c->curl);
        ok = code == CURLE_OK || x.is_ended
                 ? keep_answer(c, &x, response, err)
                 : report(c, &x, code, err) ||
                       err_wrap(err, "could not fetch '%.*s'",
                                (int)(request->url.len < 120 ? request->url.len : 120),
                                request->url.ptr);
    }
    curl_easy_reset(c->curl); /* nothing of this call may be referred to later */
    curl_slist_free_all(x.headers);
    buf_deinit(&x.head);
    buf_deinit(&x.body);
    return ok;
}

bool http_get(struct http_client *c, struct arena *a, const struct http_request *request,
              struct http_response *response, struct err *err)
{
    return exchange(c, a, request, false, NULL, response, err);
}

bool http_get_stream(struct http_client *c, struct arena *a, const struct http_request *request,
                     const struct http_stream *stream, struct http_response *response,
                     struct err *err)
{
    return exchange(c, a, request, false, stream, response, err);
}

bool http_post(struct http_client *c, struct arena *a, const struct http_request *request,
               struct http_response *response, struct err *err)
{
    return exchange(c, a, request, true, NULL, response, err);
}
