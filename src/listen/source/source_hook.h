/* source_hook.h - posts that others send: signed, once, kept before they are acknowledged.
 *
 * A delivery is a POST to /hook/<workspace>/<source> with the posts as its body and three headers:
 *
 *     X-Trimtab-Timestamp   seconds since 1970, at most HOOK_TOLERANCE_MS from our clock
 *     X-Trimtab-Signature   "sha256=" and the hexadecimal HMAC-SHA256 of timestamp "." body
 *     Idempotency-Key       1 to HOOK_KEY_BYTES_MAX bytes, another one for every delivery
 *
 * The timestamp is signed with the body, so an old delivery cannot be played again later than the
 * tolerance, and within it the key makes it harmless. What is answered with 202 lies in state.db
 * until the writer has it in the archive; a kill in between loses nothing. A key is remembered for
 * HOOK_KEY_DAYS; with another body it is refused.
 *
 * Threads: receive and take on connections of their own.
 */
#ifndef LISTEN_SOURCE_HOOK_H
#define LISTEN_SOURCE_HOOK_H

#include "listen/decode/decode.h"
#include "listen/source/source.h"

#define HOOK_TOLERANCE_MS      300000
#define HOOK_KEY_BYTES_MAX     200
#define HOOK_KEY_DAYS          30
#define HOOK_WAITING_BYTES_MAX (256 * 1024 * 1024) /* not yet in the archive: 503 */

struct hook_request {
    Str timestamp, signature, key, body;
    int64_t now_ms;
};

enum hook_verdict {
    HOOK_TAKEN,      /* 202: kept */
    HOOK_KNOWN,      /* 202: the same was kept before */
    HOOK_UNSIGNED,   /* 401: signature or timestamp absent, wrong, or too old */
    HOOK_CONFLICT,   /* 409: the key was used for another body, or the source is off */
    HOOK_UNREADABLE, /* 422: no post in it can be read, or no key */
    HOOK_FULL        /* 503: too much waits */
};

struct hook_answer {
    enum hook_verdict verdict;
    const char *message; /* for the sender: a sentence */
    int64_t posts, rejected;
    char first_reject[256];
};

/* `secret` must not be empty, else nothing is accepted. False: the database failed. */
bool hook_receive(struct db *db, const struct source *source, Str secret,
                  const struct hook_request *request, struct hook_answer *answer,
                  struct err *err) MUST_CHECK;

/* The delivery that has waited longest. Slices live in the arena. */
struct hook_delivery {
    int64_t source;
    Str key, body;
    int64_t received_ms;
};
bool hook_waiting(struct arena *arena, struct db *db, struct hook_delivery *out, bool *has_one,
                  struct err *err) MUST_CHECK;
/* It is in the archive: its body goes, and keys that are too old with it. */
bool hook_done(struct db *db, const struct hook_delivery *delivery, int64_t now_ms,
               struct err *err) MUST_CHECK;

#endif
