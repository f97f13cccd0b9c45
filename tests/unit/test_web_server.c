/* A server in this process: what all requests together may hold. */
#include "unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ledger/workspace.h"
#include "os/clock.h"
#include "unit/scratch.h"
#include "web/server.h"

enum { BODY = 600 * 1000, BODIES_MAX = 1000 * 1000, PATIENCE_MS = 10000 };

static struct scratch scratch;
static struct web_server *server;
static char body[BODY];

static void begin(void)
{
    struct web_options options = {
        .listen = S("127.0.0.1:0"), .threads = 2, .bodies_bytes_max = BODIES_MAX};
    struct db *system = NULL;
    struct err err = {0};

    memset(body, 'x', sizeof body);
    scratch_begin(&scratch);
    options.data_dir = str_from_cstr(scratch.dir);
    CHECK(system_db_open(&system, options.data_dir, &err));
    db_close(&system);
    CHECK(web_server_open(&server, &options, &err));
}

static void end(void)
{
    web_server_close(&server);
    scratch_end(&scratch);
}

static void put(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        CHECK(sent > 0);
        bytes += sent;
        len -= (size_t)sent;
    }
}

/* A request whose body of BODY bytes is sent by the caller. */
static int ask(void)
{
    static const char head[] = "POST /preferences HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                               "Content-Type: text/plain\r\nContent-Length: 600000\r\n\r\n";
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)web_server_port(server))};
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    put(fd, head, sizeof head - 1);
    return fd;
}

/* Closes. */
static int status_of_answer(int fd)
{
    char answer[13] = "";
    size_t len = 0;
    ssize_t got;

    while (len < sizeof answer - 1 &&
           (got = recv(fd, answer + len, sizeof answer - 1 - len, 0)) > 0)
        len += (size_t)got;
    close(fd);
    CHECK_INT(len, sizeof answer - 1);
    int64_t status = 0;
    CHECK(str_to_i64(str_sub((Str){answer, len}, sizeof "HTTP/1.1 " - 1, 3), &status));
    return (int)status;
}

static int send_all(void)
{
    int fd = ask();

    put(fd, body, sizeof body);
    return status_of_answer(fd);
}

/* An answered request gives its body back a moment after the answer, so what has to happen may take
 * a few attempts; what was leaked stays, and no attempt helps. */
static bool soon(bool (*happens)(void))
{
    int64_t began_ms = clock_now_ms();

    while (clock_now_ms() - began_ms < PATIENCE_MS)
        if (happens())
            return true;
    return false;
}

static bool is_served(void)
{
    return send_all() == 303;
}

static bool is_refused(void)
{
    return send_all() == 503;
}

/* While one request holds most of it a second one is refused, and the first one is served. */
static bool is_first_come_first_served(void)
{
    int slow = ask();

    put(slow, body, sizeof body - 1);
    bool is_second_refused = soon(is_refused);
    put(slow, body, 1);
    return status_of_answer(slow) == 303 && is_second_refused;
}

TEST(all_bodies_together_have_a_limit)
{
    begin();
    for (int round = 0; round < 3; round++)
        CHECK(soon(is_first_come_first_served));
    for (int i = 0; i < 5; i++)
        CHECK(soon(is_served));
    end();
}

int main(void)
{
    return RUN(CASE(all_bodies_together_have_a_limit));
}
