/* live_hub.h - tells open pages that something changed, by server-sent events.
 *
 * An event says which topic of a workspace moved ("market", "sources", "import" ...), seldom more:
 * the page asks for itself again and puts the new numbers in place. So an event is small, a lost
 * one costs nothing but a resync, and what somebody may see is decided by the page, not here.
 *
 *     live_hub_post() ─► queue of each client of the workspace ─► live_client_read() ─► socket
 *
 * A client that does not read fills its queue (LIVE_QUEUE_BYTES_MAX); then everything that waits is
 * dropped for one "resync", which makes the page ask anew. Nobody waits for a client: whoever posts
 * copies a few bytes under the hub's mutex. A client without anything to send is paused (its
 * connection is taken off the poll set) and woken by the next event or heartbeat, so it costs no
 * thread.
 *
 * Events are numbered within the life of the server ("<epoch>-<number>"). Who reconnects with the
 * last one seen gets what came since, as long as it is among the last LIVE_HISTORY_MAX, else a
 * resync.
 *
 * Threads: any. Memory: the hub copies all it is given.
 */
#ifndef WEB_LIVE_HUB_H
#define WEB_LIVE_HUB_H

#include "base/arena.h"

enum {
    LIVE_CLIENTS_MAX = 400,          /* further ones: ERR_UNAVAILABLE, they ask again later */
    LIVE_CLIENTS_ACCOUNT_MAX = 30,   /* of one account: the same */
    LIVE_WORKSPACES_MAX = 64,        /* watched at a time: the same */
    LIVE_QUEUE_BYTES_MAX = 8 * 1024, /* of a client: dropped for a resync */
    LIVE_EVENT_BYTES_MAX = 1024,     /* one event: a bug beyond */
    LIVE_HISTORY_MAX = 256,          /* events that a reconnect can be given again */
    LIVE_TOPIC_BYTES_MAX = 32,
    LIVE_DRAIN_MS = 1000 /* a stopping server lets clients read their last event */
};

struct live_hub;
struct live_client;

/* `epoch` differs between two starts of the server. */
struct live_hub *live_hub_create(uint64_t epoch);
/* All clients are closed. NULL-safe. */
void live_hub_destroy(struct live_hub **hub);

/* Who listens: asked again while the stream is open. */
struct live_pass {
    Str workspace; /* slug */
    int64_t account;
    Str session_token;
};

/* How the connection of a client stops asking and begins again. Both are called with the hub's
 * mutex held and must not call the hub. */
struct live_line {
    void (*pause)(void *context);
    void (*wake)(void *context);
    void *context;
};

/* `since`: the last event seen, or the one that was the latest when the page was made; empty: from
 * now on. ERR_UNAVAILABLE: too many, or the server is stopping. */
bool live_client_open(struct live_client **out, struct live_hub *hub, const struct live_pass *pass,
                      const struct live_line *line, Str since, struct err *err) MUST_CHECK;
/* The line may be gone afterwards. NULL-safe. */
void live_client_close(struct live_client **client);

enum live_read { LIVE_BYTES, LIVE_PAUSED, LIVE_OVER };
/* Moves what waits into out[0..room); *got is not 0 with LIVE_BYTES. LIVE_PAUSED: nothing waits,
 * line.pause() was called. LIVE_OVER: the stream was ended and everything was read. */
enum live_read live_client_read(struct live_client *client, char *out, size_t room, size_t *got);

/* To every client of the workspace. `data` is JSON without line ends. */
void live_hub_post(struct live_hub *hub, Str workspace, Str topic, Str data);
/* A comment to every client with an empty queue: finds connections that are gone. */
void live_hub_beat(struct live_hub *hub);
/* Tells every client that it is over, and refuses new ones. Before the server stops. */
void live_hub_stop(struct live_hub *hub);
/* After live_hub_stop(): waits until every client was closed, up to `ms`; false when some were not.
 */
bool live_hub_drain(struct live_hub *hub, uint32_t ms);
/* Writes the number of the latest event, for pages: what came later is given to who says it. */
#define LIVE_ID_SIZE 40
void live_hub_latest(struct live_hub *hub, char id[LIVE_ID_SIZE]);

/* ---- for the watcher (live_watch.h) ---- */

/* Workspaces with a client, each once; in the arena. */
size_t live_hub_workspaces(struct live_hub *hub, struct arena *arena, Str **out);
/* Changes of the workspace are (no longer) seen. Who opens a stream before gets a resync. */
void live_hub_set_watched(struct live_hub *hub, Str workspace, bool is_watched);
/* Ends the streams of those who may no longer listen. `may` is asked outside of the mutex. */
void live_hub_recheck(struct live_hub *hub, struct arena *arena,
                      bool (*may)(void *context, const struct live_pass *pass), void *context);
size_t live_hub_client_count(struct live_hub *hub);
/* Sleeps up to `ms`, less when the first client comes; at once when the hub stops: false. */
bool live_hub_wait(struct live_hub *hub, uint32_t ms);

#endif
