/* live_watch.h - sees what changes in the workspaces that somebody looks at, and tells the hub.
 *
 * One thread looks once a second, and only while a page is open: what writers of any process
 * commit is seen alike, imports of the command line as well as the sources of this one. A look at a
 * workspace in which nothing was written costs one read of its version; else each topic has one
 * cheap number that differs once it changed (live_watch.c has the table: a new topic is a row).
 *
 * It also ends the streams of those who logged out, lost their role or were disabled: at the next
 * look after system.db changed, and every LIVE_BEAT_MS for what merely ran out.
 */
#ifndef WEB_LIVE_WATCH_H
#define WEB_LIVE_WATCH_H

#include "web/live/live_hub.h"
#include "web/pool.h"

enum {
    LIVE_LOOK_MS = 1000,   /* between two looks */
    LIVE_BEAT_MS = 15000,  /* between two heartbeats */
    LIVE_LINGER_MS = 60000 /* a workspace without a client is still watched */
};

struct live_watch;

/* Hub and pool have to outlive it. */
bool live_watch_start(struct live_watch **out, struct live_hub *hub, struct pool *pool,
                      struct err *err) MUST_CHECK;
/* After live_hub_stop(). NULL-safe. */
void live_watch_stop(struct live_watch **watch);

#endif
