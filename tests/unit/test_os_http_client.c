#include "unit/test.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/clock.h"
#include "os/http_client.h"
#include "os/thread.h"

/* A server that answers each connection with the next prepared text and keeps what was asked. */
struct server {
    int fd;
    int port;
    const char *answers[8];
    size_t served;
    char asked[8][4096];
    struct thread thread;
};

static struct arena arena;
static struct err err;
static struct http_response response;
static struct http_client *client;

static void serve(void *context)
{
    struct server *s = context;

    for (s->served = 0; s->answers[s->served]; s->served++) {
        int fd = accept(s->fd, NULL, NULL);
        size_t len = 0;
        char *asked = s->asked[s->served];
        ssize_t n;
        if (fd < 0)
            return;
        while (len + 1 < sizeof s->asked[0] &&
               (n = recv(fd, asked + len, sizeof s->asked[0] - 1 - len, 0)) > 0) {
            len += (size_t)n;
            asked[len] = '\0';
            if (strstr(asked, "\r\n\r\n") && (asked[0] != 'P' || strstr(asked, "body!")))
                break;
        }
        const char *answer = s->answers[s->served];
        if (strcmp(answer, "hang") == 0)
            clock_sleep_ms(3000);
        else if (strcmp(answer, "flood") == 0) {
            static char flood[100000];
            memset(flood, 'x', sizeof flood);
            send(fd, "HTTP/1.1 200 OK\r\n\r\n", 19, MSG_NOSIGNAL);
            send(fd, flood, sizeof flood, MSG_NOSIGNAL);
        } else
            send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        close(fd);
    }
}

static void server_start(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(s->fd >= 0 && bind(s->fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(listen(s->fd, 8) == 0 && getsockname(s->fd, (struct sockaddr *)&at, &len) == 0);
    s->port = ntohs(at.sin_port);
    CHECK(thread_create(&s->thread, "server", serve, s, &err));
}

static void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    thread_join(&s->thread);
    close(s->fd);
}

static struct http_request local(const struct server *s, const char *path)
{
    err_clear(&err);
    return (struct http_request){.url =
                                     arena_printf(&arena, "http://127.0.0.1:%d%s", s->port, path),
                                 .allows_private = true,
                                 .timeout_ms = 10000};
}

static void check_fails(bool ok, enum err_code code)
{
    if (ok || err.code != code)
        fail_msg("%s: %s", err_code_name(err.code), err.msg);
    err_clear(&err);
}

TEST(http_get_reads_the_answer)
{
    static struct server s = {
        .answers = {
            "HTTP/1.1 200 OK\r\nETag: \"e1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 "
            "GMT\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 304 Not Modified\r\n\r\n",
            "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"}};

    server_start(&s);
    struct http_request q = local(&s, "/feed");
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK_INT(response.status, 200);
    CHECK_STR(response.body, "hello");
    CHECK_STR(response.etag, "\"e1\"");
    CHECK_STR(response.content_type, "text/xml; charset=utf-8");
    CHECK(strstr(s.asked[0], "GET /feed HTTP/1.1\r\n") &&
          strstr(s.asked[0], "User-Agent: trimtab"));
    CHECK_INT(response.retry_after_s, -1);
    q.etag = response.etag;
    q.last_modified = response.last_modified;
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK_INT(response.status, 304);
    CHECK(strstr(s.asked[1], "If-None-Match: \"e1\"\r\n"));
    CHECK(strstr(s.asked[1], "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    q = local(&s, "/");
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK_INT(response.status, 503);
    CHECK_INT(response.retry_after_s, 120);
    server_stop(&s);
}

TEST(http_post_sends_the_body)
{
    static struct server s = {.answers = {"HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n"}};
    struct http_header header = {S("X-Key"), S("v")};

    server_start(&s);
    struct http_request q = local(&s, "/hook");
    q.body = S("{\"a\":1} body!");
    q.content_type = S("application/json");
    q.headers = &header;
    q.header_count = 1;
    CHECK(http_post(client, &arena, &q, &response, &err));
    CHECK_INT(response.status, 302); /* not followed */
    CHECK(strstr(s.asked[0], "POST /hook") && strstr(s.asked[0], "{\"a\":1} body!"));
    CHECK(strstr(s.asked[0], "X-Key: v\r\n") && strstr(s.asked[0], "application/json\r\n"));
    header.value = S("v\r\nX-Evil: 1");
    check_fails(http_post(client, &arena, &q, &response, &err), ERR_USAGE);
    server_stop(&s);
}

TEST(http_limits_hold)
{
    static struct server s = {.answers = {"flood", "hang", "hang"}};
    atomic_bool cancel = true;

    server_start(&s);
    struct http_request q = local(&s, "/");
    q.body_bytes_max = 1000;
    check_fails(http_get(client, &arena, &q, &response, &err), ERR_LIMIT);
    q = local(&s, "/");
    q.timeout_ms = 100;
    check_fails(http_get(client, &arena, &q, &response, &err), ERR_IO);
    q = local(&s, "/");
    q.cancel = &cancel;
    check_fails(http_get(client, &arena, &q, &response, &err), ERR_CANCELLED);
    server_stop(&s);
}

TEST(http_refuses_addresses_that_are_not_public)
{
    static struct server s = {
        .answers = {
            "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"}};
    static const char *const urls[] = {"http://127.0.0.1:%d/",  "http://localhost:%d/",
                                       "http://[::1]:%d/",      "http://[::ffff:127.0.0.1]:%d/",
                                       "http://2130706433:%d/", "http://0x7f.1:%d/"};

    server_start(&s);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        char url[100];
        snprintf(url, sizeof url, urls[i], s.port);
        struct http_request q = {.url = str_from_cstr(url), .timeout_ms = 5000};
        CHECK(!http_get(client, &arena, &q, &response, &err));
        if (err.code != ERR_DENIED && err.code != ERR_IO) /* IO: the name does not resolve here */
            fail_msg("%s: %s", url, err.msg);
        err_clear(&err);
    }
    CHECK_INT(s.served, 0);
    struct http_request q = local(&s, "/");
    check_fails(http_get(client, &arena, &q, &response, &err), ERR_USAGE);
    server_stop(&s);
}

TEST(http_refuses_what_is_no_web_address)
{
    static const Str urls[] = {STR_NONE,
                               S_INIT("ftp://a/"),
                               S_INIT("file:///etc/passwd"),
                               S_INIT("a.example"),
                               S_INIT("http://a/\r\nX: y"),
                               S_INIT("http://a b/"),
                               S_INIT("gopher://a/")};

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct http_request q = {.url = urls[i]};
        check_fails(http_get(client, &arena, &q, &response, &err), ERR_USAGE);
    }
}

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return http_address_is_public((struct sockaddr *)&v4);
    CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return http_address_is_public((struct sockaddr *)&v6);
}

TEST(http_knows_public_addresses)
{
    static const char *const no[] = {"0.0.0.0",
                                     "10.1.2.3",
                                     "100.64.0.1",
                                     "100.127.255.255",
                                     "127.9.9.9",
                                     "169.254.169.254",
                                     "172.16.0.1",
                                     "172.31.255.255",
                                     "192.168.0.1",
                                     "198.19.0.1",
                                     "203.0.113.9",
                                     "224.0.0.1",
                                     "255.255.255.255",
                                     "::",
                                     "::1",
                                     "fe80::1",
                                     "fc00::1",
                                     "fd12:3456::1",
                                     "ff02::1",
                                     "::ffff:10.0.0.1",
                                     "64:ff9b::7f00:1",
                                     "2002:7f00:1::",
                                     "2002:0a00:1::1",
                                     "2001:db8::1",
                                     "2001::1",
                                     "fec0::1",
                                     "100::1",
                                     "::127.0.0.1",
                                     "3fff:1::1"};
    static const char *const yes[] = {"8.8.8.8",        "100.63.0.1",       "100.128.0.1",
                                      "172.15.0.1",     "172.32.0.1",       "2606:4700::1111",
                                      "::ffff:8.8.8.8", "64:ff9b::808:808", "2001:4860:4860::8888"};

    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (is_public(no[i]))
            fail_msg("%s is not public", no[i]);
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (!is_public(yes[i]))
            fail_msg("%s is public", yes[i]);
}

/* ---- streams --------------------------------------------------------------------------------- */

struct heard {
    char text[256];
    size_t len;
    int opened;
    bool has_enough;
};

static bool stream_opened(void *context)
{
    struct heard *h = context;

    h->opened++;
    return true;
}

static bool stream_bytes(void *context, Str bytes)
{
    struct heard *h = context;

    CHECK(h->len + bytes.len < sizeof h->text);
    memcpy(h->text + h->len, bytes.ptr, bytes.len);
    h->len += bytes.len;
    return !h->has_enough;
}

static struct http_stream stream_to(struct heard *h, uint32_t silence_ms)
{
    return (struct http_stream){
        .opened = stream_opened, .bytes = stream_bytes, .context = h, .silence_ms = silence_ms};
}

TEST(a_stream_hands_on_what_comes)
{
    static struct server s = {.answers = {"HTTP/1.1 200 OK\r\n\r\ndata: 1\n\ndata: 2\n\n",
                                          "HTTP/1.1 200 OK\r\n\r\ndata: 3\n\n",
                                          "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno"}};
    struct heard h = {0};
    struct http_stream stream = stream_to(&h, 5000);

    server_start(&s);
    struct http_request q = local(&s, "/stream");
    CHECK(http_get_stream(client, &arena, &q, &stream, &response, &err));
    CHECK_INT(response.status, 200);
    CHECK_INT(h.opened, 1);
    CHECK_STR(((Str){h.text, h.len}), "data: 1\n\ndata: 2\n\n");
    h = (struct heard){.has_enough = true}; /* ends the stream, which is no failure */
    CHECK(http_get_stream(client, &arena, &q, &stream, &response, &err));
    CHECK_STR(((Str){h.text, h.len}), "data: 3\n\n");
    h = (struct heard){0};
    CHECK(http_get_stream(client, &arena, &q, &stream, &response, &err));
    CHECK_INT(response.status, 401);
    CHECK_INT(h.opened, 0);
    CHECK_STR(response.body, "no");
    server_stop(&s);
}

TEST(a_silent_stream_is_left)
{
    static struct server s = {.answers = {"hang"}};
    struct heard h = {0};
    struct http_stream stream = stream_to(&h, 1000);

    server_start(&s);
    struct http_request q = local(&s, "/stream");
    uint64_t began = clock_monotonic_ns();
    check_fails(http_get_stream(client, &arena, &q, &stream, &response, &err), ERR_IO);
    CHECK(clock_seconds_since(began) < 2.9);
    server_stop(&s);
}

TEST(permanent_redirects_are_told)
{
    static struct server s = {
        .answers = {"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 308 Moved\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                    "HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 302 Found\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}};

    server_start(&s);
    struct http_request q = local(&s, "/a");
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK(response.is_moved && str_ends(response.final_url, S("/c")));
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK(!response.is_moved && str_ends(response.final_url, S("/c")));
    CHECK(http_get(client, &arena, &q, &response, &err));
    CHECK(!response.is_moved);
    server_stop(&s);
}

int main(void)
{
    arena_init(&arena, 64 * MIB);
    if (!http_client_create(&client, &err))
        return 1;
    int failed = RUN(CASE(http_get_reads_the_answer), CASE(http_post_sends_the_body),
                     CASE(http_limits_hold), CASE(http_refuses_addresses_that_are_not_public),
                     CASE(http_refuses_what_is_no_web_address), CASE(http_knows_public_addresses),
                     CASE(a_stream_hands_on_what_comes), CASE(a_silent_stream_is_left),
                     CASE(permanent_redirects_are_told));
    http_client_destroy(&client);
    arena_deinit(&arena);
    return failed;
}
