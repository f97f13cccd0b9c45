/* source_fetch.h - one look at a source that is polled: feeds, and the pages of Mastodon timelines.
 *
 * A look never fails as a call: what went wrong is in its contact (source.h). Feeds are asked
 * conditionally (ETag, Last-Modified), permanent redirects are remembered, 410 ends the source,
 * Retry-After is honoured. Mastodon's pages go on from the last known id (min_id), oldest first, so
 * a cut of any length is caught up with as long as the server has the posts.
 *
 * The caller writes what came (live.h), completes the contact with the counts
 * (source_catch_settle()) and records it. Blocking; one client a thread. Slices live in the arena.
 */
#ifndef LISTEN_SOURCE_FETCH_H
#define LISTEN_SOURCE_FETCH_H

#include "listen/source/live.h"
#include "listen/source/source.h"
#include "listen/source/source_schedule.h"
#include "os/http_client.h"

#define SOURCE_BODY_BYTES_MAX  (16 * 1024 * 1024) /* of one answer: reject */
#define SOURCE_PAGES_MAX       25 /* of one look at a timeline; the next look is at once then */
#define SOURCE_PAGE_POSTS      40 /* what Mastodon gives at most */
#define SOURCE_POLL_TIMEOUT_MS 30000

struct source_fetcher {
    struct http_client *http;
    struct source_pace pace;
    bool allows_private; /* addresses inside the network */
    const atomic_bool *cancel;
};

struct source_catch {
    struct source_contact contact;
    Str body; /* for live_take(); empty: nothing came */
    enum decode_format format;
    bool decides_whole; /* whether something was missed shows when the body is compared with what is
                           known */
};

/* `source` is a feed or a Mastodon timeline; `secret` its access token, or empty. */
void source_look(struct source_fetcher *fetcher, struct arena *arena, const struct source *source,
                 Str secret, int64_t now_ms, struct source_catch *out);
/* What the body held: counts, whether a feed still held known posts, the next interval. A body of
 * rejects alone is a failure, worded by a slice of *counts. */
void source_catch_settle(const struct source_fetcher *fetcher, const struct source *source,
                         const struct live_counts *counts, struct source_catch *c);
/* The body could not be taken: a failure of theirs (ERR_INPUT) or ours. */
void source_catch_refuse(const struct source_fetcher *fetcher, struct arena *arena,
                         const struct source *source, const struct err *why,
                         struct source_catch *c);

/* Mastodon: pages behind `cursor` up to the newest, joined in *body; *cursor becomes the last id.
 * False: the contact says why. */
bool source_mastodon_pages(struct source_fetcher *fetcher, struct arena *arena,
                           const struct source *source, Str secret, int64_t now_ms, Str *cursor,
                           struct source_catch *out);
/* The larger of two ids of statuses: digits, compared by length first. */
Str source_mastodon_later(Str a, Str b);

/* What an answer or an error means. */
enum source_trouble source_trouble_of_status(int status);
enum source_trouble source_trouble_of_error(const struct err *err);
/* Fills in a failed contact, with the time of the next try. `retry_after` as the header says. */
void source_contact_fail(const struct source_fetcher *fetcher, const struct source *source,
                         enum source_trouble trouble, Str message, Str retry_after, int64_t now_ms,
                         struct source_contact *out);

#endif
