/* The hub of live pages alone, then a server in this process with clients that read, dawdle and
 * vanish. */
#include "unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "ledger/workspace.h"
#include "os/clock.h"
#include "os/thread.h"
#include "people/account.h"
#include "people/session.h"
#include "unit/scratch.h"
#include "web/live/live_hub.h"
#include "web/server.h"
#include "web/server_priv.h"

/* ---- the hub alone --------------------------------------------------------------------------- */

struct line_log {
    int pauses, wakes;
};

static void note_pause(void *context)
{
    ((struct line_log *)context)->pauses++;
}

static void note_wake(void *context)
{
    ((struct line_log *)context)->wakes++;
}

static struct live_client *join(struct live_hub *hub, const char *workspace, int64_t account,
                                struct line_log *log, const char *since)
{
    struct live_pass pass = {str_from_cstr(workspace), account, S("token")};
    struct live_line line = {note_pause, note_wake, log};
    struct live_client *c = NULL;
    struct err err = {0};

    bool ok = live_client_open(&c, hub, &pass, &line, str_from_cstr(since), &err);
    CHECK(ok == (c != NULL));
    CHECK(ok || err.code == ERR_UNAVAILABLE);
    return c;
}

/* All that waits; the client is paused afterwards, or over. */
static Str drain(struct live_client *c, char *out, size_t size, enum live_read *last)
{
    size_t len = 0, got;

    while ((*last = live_client_read(c, out + len, size - len, &got)) == LIVE_BYTES)
        len += got;
    return (Str){out, len};
}

static bool holds(Str text, const char *part)
{
    return str_find(text, str_from_cstr(part)) < text.len;
}

static char bytes[64 * 1024];

TEST(events_reach_their_workspace_only)
{
    struct live_hub *hub = live_hub_create(0xabc);
    struct line_log log = {0}, other_log = {0};
    struct live_client *c = join(hub, "acme", 1, &log, ""),
                       *other = join(hub, "rival", 2, &other_log, "");
    enum live_read last;

    CHECK(holds(drain(c, bytes, sizeof bytes, &last), "retry: 4000\n\n"));
    CHECK_INT(last, LIVE_PAUSED);
    CHECK_INT(log.pauses, 1);
    drain(other, bytes, sizeof bytes, &last);
    live_hub_post(hub, S("acme"), S("market"), S("{\"n\":1}"));
    CHECK_INT(log.wakes, 1);
    CHECK_INT(other_log.wakes, 0);
    CHECK_STR(drain(c, bytes, sizeof bytes, &last),
              "id: abc-1\nevent: market\ndata: {\"n\":1}\n\n");
    CHECK_INT(drain(other, bytes, sizeof bytes, &last).len, 0);
    live_client_close(&c);
    live_client_close(&other);
    live_hub_destroy(&hub);
}

TEST(a_slow_client_gets_a_resync_and_whole_events)
{
    struct live_hub *hub = live_hub_create(1);
    struct line_log log = {0};
    struct live_client *c = join(hub, "acme", 1, &log, "");
    char part[10];
    size_t got;
    enum live_read last;

    drain(c, bytes, sizeof bytes, &last);
    live_hub_post(hub, S("acme"), S("first"), S("{}"));
    CHECK_INT(live_client_read(c, part, sizeof part, &got), LIVE_BYTES); /* cut inside the event */
    for (int i = 0; i < 5000; i++)
        live_hub_post(hub, S("acme"), S("market"), S("{}"));
    Str rest = drain(c, bytes, sizeof bytes, &last);
    CHECK(rest.len <= LIVE_QUEUE_BYTES_MAX + LIVE_EVENT_BYTES_MAX);
    CHECK(str_starts(rest, S("ent: first\ndata: {}\n\nevent: resync\ndata: {}\n\n")));
    CHECK(holds(rest, "id: 1-5001\n")); /* the latest is among what is told */
    CHECK_INT(last, LIVE_PAUSED);
    live_client_close(&c);
    live_hub_destroy(&hub);
}

TEST(who_comes_back_gets_what_came_since)
{
    struct live_hub *hub = live_hub_create(0x2a);
    struct line_log log = {0};
    enum live_read last;
    char latest[LIVE_ID_SIZE];

    live_hub_set_watched(hub, S("acme"), true);
    live_hub_post(hub, S("acme"), S("market"), S("{}"));
    live_hub_post(hub, S("rival"), S("market"), S("{}"));
    live_hub_post(hub, S("acme"), S("sources"), S("{}"));
    live_hub_latest(hub, latest);
    CHECK_STR(str_from_cstr(latest), "2a-3");
    struct live_client *c = join(hub, "acme", 1, &log, "2a-1");
    CHECK_STR(drain(c, bytes, sizeof bytes, &last),
              "retry: 4000\n\nid: 2a-3\nevent: sources\ndata: {}\n\n");
    live_client_close(&c);
    /* another life of the server, nonsense, a future number, too long ago: ask anew */
    for (int i = 0; i < LIVE_HISTORY_MAX; i++)
        live_hub_post(hub, S("acme"), S("posts"), S("{}"));
    static const char *const unknown[] = {"2b-1", "2a-", "2a-999999", "x", "2a-2"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        c = join(hub, "acme", 1, &log, unknown[i]);
        CHECK_STR(drain(c, bytes, sizeof bytes, &last),
                  "retry: 4000\n\nevent: resync\ndata: {}\n\n");
        live_client_close(&c);
    }
    /* nobody looked at it meanwhile */
    c = join(hub, "rival", 1, &log, "2a-3");
    CHECK(holds(drain(c, bytes, sizeof bytes, &last), "resync"));
    live_client_close(&c);
    live_hub_destroy(&hub);
}

TEST(clients_are_limited_and_a_stopping_hub_takes_none)
{
    struct live_hub *hub = live_hub_create(1);
    struct line_log log = {0};
    struct live_client *all[LIVE_CLIENTS_MAX];
    enum live_read last;

    for (int i = 0; i < LIVE_CLIENTS_ACCOUNT_MAX; i++)
        CHECK((all[i] = join(hub, "acme", 1, &log, "")) != NULL);
    CHECK(join(hub, "acme", 1, &log, "") == NULL);
    for (int i = LIVE_CLIENTS_ACCOUNT_MAX; i < LIVE_CLIENTS_MAX; i++)
        CHECK((all[i] = join(hub, "acme", 2 + i, &log, "")) != NULL);
    CHECK(join(hub, "acme", 1000000, &log, "") == NULL);
    live_client_close(&all[0]);
    CHECK((all[0] = join(hub, "acme", 1000000, &log, "")) != NULL);
    live_hub_stop(hub);
    CHECK(join(hub, "acme", 2000000, &log, "") == NULL);
    for (int i = 0; i < LIVE_CLIENTS_MAX; i++) {
        CHECK(holds(drain(all[i], bytes, sizeof bytes, &last), "event: over\n"));
        CHECK_INT(last, LIVE_OVER);
        live_client_close(&all[i]);
    }
    live_hub_destroy(&hub);
}

static bool may_only_first(void *context, const struct live_pass *pass)
{
    ++*(int *)context;
    return pass->account == 1;
}

TEST(who_may_no_longer_listen_is_ended)
{
    struct live_hub *hub = live_hub_create(1);
    struct line_log log = {0};
    struct live_client *first = join(hub, "acme", 1, &log, ""),
                       *second = join(hub, "acme", 2, &log, "");
    struct arena arena;
    enum live_read last;
    int asked = 0;

    arena_init(&arena, 1024 * 1024);
    live_hub_recheck(hub, &arena, may_only_first, &asked);
    live_hub_post(hub, S("acme"), S("market"), S("{}"));
    CHECK(holds(drain(first, bytes, sizeof bytes, &last), "market"));
    CHECK_INT(last, LIVE_PAUSED);
    Str told = drain(second, bytes, sizeof bytes, &last);
    CHECK(holds(told, "event: over\n") && !holds(told, "market"));
    CHECK_INT(last, LIVE_OVER);
    live_hub_recheck(hub, &arena, may_only_first, &asked);
    CHECK_INT(asked, 3);
    arena_deinit(&arena);
    live_client_close(&first);
    live_client_close(&second);
    live_hub_destroy(&hub);
}

/* ---- a server with clients ------------------------------------------------------------------- */

enum { READERS = 24, EVENTS = 300, PATIENCE_MS = 20000 };

static struct scratch scratch;
static struct web_server *server;
static char token[SESSION_TOKEN_BYTES];
static int64_t account;

static void begin(void)
{
    struct web_options options = {.listen = S("127.0.0.1:0"), .threads = 2};
    struct db *system = NULL;
    struct err err = {0};

    scratch_begin(&scratch);
    options.data_dir = str_from_cstr(scratch.dir);
    CHECK(system_db_open(&system, options.data_dir, &err));
    CHECK(workspace_create(system, options.data_dir, S("acme"), S("Acme"), S("ann"), 1, &err));
    CHECK(account_create(system, S("ann"), S("Ann"), S("a long enough passphrase"), false,
                         &password_cost_least, clock_now_ms(), &account, &err));
    CHECK(account_set_role(system, account, S("acme"), ROLE_STRATEGIST, &err));
    CHECK(session_create(system, account, S("test"), clock_now_ms(), token, &err));
    db_close(&system);
    CHECK(web_server_open(&server, &options, &err));
}

static void end(void)
{
    web_server_close(&server);
    scratch_end(&scratch);
}

static int ask(const char *path, int receive_bytes)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)web_server_port(server))};
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char head[512];

    CHECK(fd >= 0);
    if (receive_bytes > 0)
        CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes) == 0);
    CHECK(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    int len = snprintf(head, sizeof head,
                       "GET %s HTTP/1.1\r\nHost: test\r\nCookie: trimtab_session=%s\r\n\r\n", path,
                       token);
    CHECK(send(fd, head, (size_t)len, MSG_NOSIGNAL) == len);
    return fd;
}

/* Reads until `wanted` was seen or the stream ended. */
static bool await(int fd, const char *wanted)
{
    char seen[8192];
    size_t len = 0;

    for (;;) {
        ssize_t got = recv(fd, seen + len, sizeof seen - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        if (holds((Str){seen, len}, wanted))
            return true;
        if (len > sizeof seen / 2) { /* keep the tail: what is wanted may be cut */
            memmove(seen, seen + len - 256, 256);
            len = 256;
        }
    }
}

static void await_clients(size_t wanted)
{
    for (int i = 0; live_hub_client_count(web_server_hub(server)) != wanted; i++) {
        CHECK(i < PATIENCE_MS / 10);
        live_hub_beat(web_server_hub(server)); /* finds those that went */
        clock_sleep_ms(10);
    }
}

struct reader {
    struct thread thread;
    int fd;
    bool saw_last;
};

static void read_all(void *context)
{
    struct reader *r = context;

    r->saw_last = await(r->fd, "\"n\":299");
}

TEST(streams_of_many_slow_and_vanishing_clients)
{
    struct reader readers[READERS] = {0};
    struct live_hub *hub;
    struct err err = {0};
    char data[40];

    begin();
    hub = web_server_hub(server);
    int slow = ask("/w/acme/live", 2048);
    for (int i = 0; i < READERS; i++) {
        readers[i].fd = ask("/w/acme/live", 0);
        CHECK(await(readers[i].fd, "retry: 4000"));
        CHECK(thread_create(&readers[i].thread, "reader", read_all, &readers[i], &err));
    }
    await_clients(READERS + 1);
    for (int i = 0; i < EVENTS; i++) {
        (void)snprintf(data, sizeof data, "{\"n\":%d}", i);
        live_hub_post(hub, S("acme"), S("market"), str_from_cstr(data));
        if (i % 60 == 0) { /* others come, say nothing and go while events are under way */
            int gone = ask("/w/acme/live", 0);
            CHECK(await(gone, "retry:"));
            close(gone);
        }
        clock_sleep_ms(1);
    }
    for (int i = 0; i < READERS; i++) {
        thread_join(&readers[i].thread);
        CHECK(readers[i].saw_last);
        close(readers[i].fd);
    }
    /* no thread hangs on the slow one: pages are answered beside it */
    int page = ask("/healthz", 0);
    CHECK(await(page, "200 OK"));
    close(page);
    await_clients(1);
    close(slow);
    end();
}

TEST(a_revoked_session_ends_its_stream)
{
    struct db *system = NULL;
    struct err err = {0};

    begin();
    int fd = ask("/w/acme/live", 0);
    CHECK(await(fd, "event: resync")); /* the watcher is there */
    CHECK(system_db_open(&system, str_from_cstr(scratch.dir), &err));
    CHECK(session_end_all(system, account, &err));
    db_close(&system);
    CHECK(await(fd, "event: over"));
    CHECK(!await(fd, "anything")); /* and closed */
    close(fd);
    fd = ask("/w/acme/live", 0);
    CHECK(await(fd, "HTTP/1.1 303"));
    close(fd);
    end();
}

TEST(a_lost_role_ends_the_stream)
{
    struct db *system = NULL;
    struct err err = {0};

    begin();
    int fd = ask("/w/acme/live", 0);
    CHECK(await(fd, "event: resync"));
    CHECK(system_db_open(&system, str_from_cstr(scratch.dir), &err));
    CHECK(account_set_role(system, account, S("acme"), ROLE_NONE, &err));
    db_close(&system);
    CHECK(await(fd, "event: over"));
    close(fd);
    end();
}

/* Closing the server with streams open, some of them suspended, ends them and does not hang. */
TEST(a_stopping_server_ends_its_streams)
{
    begin();
    int first = ask("/w/acme/live", 0), second = ask("/w/acme/live", 0);
    CHECK(await(first, "retry:") && await(second, "retry:"));
    web_server_close(&server);
    CHECK(await(first, "event: over"));
    close(first);
    close(second);
    scratch_end(&scratch);
}

int main(void)
{
    return RUN(
        CASE(events_reach_their_workspace_only), CASE(a_slow_client_gets_a_resync_and_whole_events),
        CASE(who_comes_back_gets_what_came_since),
        CASE(clients_are_limited_and_a_stopping_hub_takes_none),
        CASE(who_may_no_longer_listen_is_ended), CASE(streams_of_many_slow_and_vanishing_clients),
        CASE(a_revoked_session_ends_its_stream), CASE(a_lost_role_ends_the_stream),
        CASE(a_stopping_server_ends_its_streams));
}
