/* WebSocket addresses and refusals; the protocol itself is driven by tests/sources. */
#include "unit/test.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/thread.h"
#include "os/web_socket.h"

static struct err err;

static bool on_message(void *context, Str bytes)
{
    (void)context, (void)bytes;
    return true;
}

static const struct web_socket_handler handler = {.message = on_message};

static void check_run(const char *url, bool allows_private, enum err_code code)
{
    struct web_socket_options options = {
        .url = str_from_cstr(url), .allows_private = allows_private, .silence_ms = 2000};

    err_clear(&err);
    if (web_socket_run(&options, &handler, &err) || err.code != code)
        fail_msg("%s: %s: %s", url, err_code_name(err.code), err.msg);
    err_clear(&err);
}

TEST(only_addresses_of_streams_are_taken)
{
    static const char *const wrong[] = {
        "",          "https://example.org/", "ws://",    "ws:///path",
        "ws://a:0/", "ws://a:70000/",        "ws://a:b/"};

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        check_run(wrong[i], true, ERR_USAGE);
}

TEST(addresses_inside_are_refused)
{
    static const char *const inside[] = {"ws://127.0.0.1:9/", "ws://[::1]:9/", "wss://10.0.0.1/",
                                         "ws://169.254.169.254/latest", "ws://[::ffff:127.0.0.1]/"};

    for (size_t i = 0; i < COUNT_OF(inside); i++)
        check_run(inside[i], false, ERR_DENIED);
}

TEST(nobody_there_is_an_error)
{
    check_run("ws://127.0.0.1:1/", true, ERR_IO);
}

struct refusing {
    int fd, port;
    const char *answer; /* NULL: none at all */
    struct thread thread;
};

static void refuse(void *context)
{
    struct refusing *s = context;
    char asked[2048];
    int fd = accept(s->fd, NULL, NULL);

    if (fd < 0)
        return;
    ssize_t n = recv(fd, asked, sizeof asked, 0);
    if (n > 0 && s->answer)
        n = send(fd, s->answer, strlen(s->answer), MSG_NOSIGNAL);
    clock_sleep_ms(s->answer ? 100 : 1500);
    close(fd);
}

static void refusing_start(struct refusing *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(s->fd >= 0 && bind(s->fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(listen(s->fd, 8) == 0 && getsockname(s->fd, (struct sockaddr *)&at, &len) == 0);
    s->port = ntohs(at.sin_port);
    CHECK(thread_create(&s->thread, "server", refuse, s, &err));
}

static void refusing_stop(struct refusing *s)
{
    thread_join(&s->thread);
    close(s->fd);
}

TEST(a_refused_upgrade_is_an_error)
{
    struct refusing s = {.answer = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"};
    char url[64];

    refusing_start(&s);
    snprintf(url, sizeof url, "ws://127.0.0.1:%d/", s.port);
    check_run(url, true, ERR_IO);
    refusing_stop(&s);
}

TEST(a_cancelled_run_ends_at_once)
{
    struct refusing s = {0};
    atomic_bool cancel = true;
    char url[64];

    refusing_start(&s);
    snprintf(url, sizeof url, "ws://127.0.0.1:%d/", s.port);
    struct web_socket_options options = {
        .url = str_from_cstr(url), .allows_private = true, .silence_ms = 2000, .cancel = &cancel};
    uint64_t began = clock_monotonic_ns();
    err_clear(&err);
    CHECK(!web_socket_run(&options, &handler, &err));
    CHECK_INT(err.code, ERR_CANCELLED);
    CHECK(clock_seconds_since(began) < 1);
    shutdown(s.fd, SHUT_RDWR);
    refusing_stop(&s);
}

int main(void)
{
    return RUN(CASE(only_addresses_of_streams_are_taken), CASE(addresses_inside_are_refused),
               CASE(nobody_there_is_an_error), CASE(a_refused_upgrade_is_an_error),
               CASE(a_cancelled_run_ends_at_once));
}
