/* source.h - where posts come from while the program serves, how each is doing, what was missed.
 *
 * Settings are people's (every change with its ledger entry); health is the scheduler's. From the
 * health follow the gaps: times when a source was on and was not heard. A gap opens when nothing
 * was heard for longer than the source's expected interval, it closes with the next contact, and it
 * counts as filled when that contact brought everything that was missed (a feed that still holds
 * what was known before, a stream that went on from our cursor). Coverage (source_coverage.h)
 * counts gaps that were not filled.
 *
 * A secret (webhook key, access token) is a file <workspace>/secrets/<name>, readable by the owner
 * alone; it is never shown again, printed or logged.
 *
 * Threads: as the connection. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_SOURCE_H
#define LISTEN_SOURCE_H

#include "ledger/workspace.h"

#define SOURCE_NAME_BYTES_MAX    60
#define SOURCE_TITLE_BYTES_MAX   200
#define SOURCE_ADDRESS_BYTES_MAX 2000
#define SOURCE_NOTE_BYTES_MAX    2000
#define SOURCE_SECRET_BYTES_MAX  4096
#define SOURCE_COUNT_MAX         5000 /* of a workspace: reject */
#define SOURCE_GAPS_LIST_MAX     1000 /* of one answer: clamped */
#define SOURCE_DAYS_MAX          36500

enum source_kind {
    SOURCE_FEED,      /* RSS, Atom, JSON Feed */
    SOURCE_MASTODON,  /* a timeline of a server: its stream, else its pages */
    SOURCE_JETSTREAM, /* Bluesky's stream of JSON events */
    SOURCE_WEBHOOK,   /* others send to us */
    SOURCE_FOLDER,    /* files put into a folder of this machine */
    SOURCE_KIND_COUNT
};
const char *source_kind_name(enum source_kind kind); /* "feed" */
bool source_kind_from(Str name, enum source_kind *out) MUST_CHECK;

/* Why a contact failed or a time was not heard. */
enum source_trouble {
    SOURCE_WELL,
    SOURCE_UNREACHABLE,    /* no connection, it broke, or no answer in time */
    SOURCE_NOT_PUBLIC,     /* the address lies inside, which is not allowed */
    SOURCE_NOT_ALLOWED,    /* the folder is none of those that may be read */
    SOURCE_REFUSED,        /* 401, 403: access */
    SOURCE_NOT_FOUND,      /* 404 */
    SOURCE_GONE,           /* 410: it will not come back; switched off */
    SOURCE_RATE_LIMITED,   /* 429 */
    SOURCE_SERVER_ERROR,   /* 5xx and other statuses */
    SOURCE_NOT_UNDERSTOOD, /* the answer is not what the kind of source promises */
    SOURCE_TOO_LARGE,      /* more than the cap */
    SOURCE_SILENT,         /* connected or not: nothing came */
    SOURCE_NOT_RUNNING,    /* this program did not run */
    SOURCE_OVERLOAD,       /* more came than could be taken */
    SOURCE_OURS,           /* disk, database, memory: on our side */
    SOURCE_TROUBLE_COUNT
};
const char *source_trouble_name(enum source_trouble trouble); /* "rate_limited"; "" for well */
enum source_trouble source_trouble_from(Str name);            /* unknown: SOURCE_OURS */
/* In words: what happened, and what to do. */
const char *source_trouble_text(enum source_trouble trouble);
const char *source_trouble_advice(enum source_trouble trouble);

struct source_health {
    int64_t last_try_ms, last_good_ms; /* 0: never */
    int64_t last_post_ms;              /* when a post last came that was new; 0: never */
    int64_t next_try_ms;
    int64_t poll_wanted_ms; /* somebody asked for a poll at that time */
    int64_t interval_ms;    /* between polls, as adapted; 0: not yet */
    int64_t failures;       /* in a row */
    enum source_trouble trouble;
    Str message; /* of the last failure */
    int64_t trouble_ms;
    int64_t posts_read, posts_new, posts_rejected, posts_lost;
    Str cursor, etag, last_modified, moved_to;
};

struct source {
    int64_t id;
    Str name; /* a-z 0-9 and hyphens; part of a webhook's address, file name of the secret */
    enum source_kind kind;
    Str title;              /* for people; the name when empty */
    Str address;            /* of the feed, the server, the stream; the folder */
    Str format;             /* decoder; set by kind where that decides it */
    int64_t expected_ms;    /* heard at least so often; 0: nothing is expected */
    int64_t retention_days; /* its posts are dropped that long after they were written; 0: never */
    Str legal_note;         /* on which ground it is read */
    bool is_on;
    int64_t revision;
    int64_t created_at_ms, changed_at_ms;
    int64_t on_since_ms; /* 0: off */
    int64_t gap_open_ms; /* start of the open gap; 0: none */
    struct source_health health;
};

/* The interval a kind is expected at when nobody says otherwise. */
int64_t source_expected_default_ms(enum source_kind kind);

/* Needs name, kind and, but for webhooks, an address; expected_ms below 0 takes the default of the
 * kind. Sets id and times. Begins switched on when `is_on`. ERR_INPUT: a field, named; ERR_EXISTS;
 * ERR_LIMIT: SOURCE_COUNT_MAX. */
bool source_create(struct db *db, struct source *source, Str actor, int64_t now_ms,
                   struct err *err) MUST_CHECK;
/* Title, address, format, expected interval, retention, note. The revision given has to be the
 * stored one, else ERR_CONFLICT; 0 takes any. Another address forgets cursor and marks. */
bool source_change(struct db *db, const struct source *source, Str actor, int64_t now_ms,
                   struct err *err) MUST_CHECK;
bool source_switch(struct db *db, int64_t id, bool is_on, Str actor, Str reason, int64_t now_ms,
                   struct err *err) MUST_CHECK;
/* Off for good; posts stay, and so does what is known about gaps. */
bool source_remove(struct db *db, int64_t id, Str actor, int64_t now_ms,
                   struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool source_find(struct arena *arena, struct db *db, Str name, struct source *out,
                 struct err *err) MUST_CHECK;
bool source_read(struct arena *arena, struct db *db, int64_t id, struct source *out,
                 struct err *err) MUST_CHECK;
/* In order of the name. */
bool source_list(struct arena *arena, struct db *db, struct source **out, size_t *count,
                 struct err *err) MUST_CHECK;
/* How many are on. */
bool source_count_on(struct db *db, int64_t *count, struct err *err) MUST_CHECK;
/* The scheduler polls it at its next look. */
bool source_ask_poll(struct db *db, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;

/* ---- secrets --------------------------------------------------------------------------------- */

/* Empty when it has none. ERR_IO. */
bool source_secret_read(struct arena *arena, const struct workspace *workspace, Str name, Str *out,
                        struct err *err) MUST_CHECK;
bool source_secret_exists(const struct workspace *workspace, Str name);
/* Trims blanks at the ends; an empty one removes the file. */
bool source_secret_write(const struct workspace *workspace, Str name, Str secret,
                         struct err *err) MUST_CHECK;
/* A new random one, base64url of 32 bytes, written and returned. */
bool source_secret_make(struct arena *arena, const struct workspace *workspace, Str name, Str *out,
                        struct err *err) MUST_CHECK;

/* ---- health ---------------------------------------------------------------------------------- */

/* One contact with a source: what came of it. */
struct source_contact {
    int64_t source, at_ms;
    enum source_trouble trouble; /* SOURCE_WELL: it was heard */
    Str message;                 /* of a failure; lower case, no full stop */
    bool is_whole; /* heard: nothing since the contact before was missed, or it was fetched now */
    bool is_final; /* failed for good: switched off */
    int64_t next_try_ms, interval_ms;
    int64_t read, added, rejected;
    Str cursor, etag, last_modified, moved_to; /* a NULL pointer leaves what is stored */
};
/* Counts, marks, health, and gaps that open or close. One transaction. A source that was removed
 * meanwhile is passed over. */
bool source_record(struct db *db, const struct source_contact *contact, struct err *err) MUST_CHECK;
/* `lost` of `lost + kept` posts were dropped between the times: reduced coverage. */
bool source_record_loss(struct db *db, int64_t source, int64_t from_ms, int64_t to_ms, int64_t lost,
                        int64_t kept, struct err *err) MUST_CHECK;
/* Opens the gaps of all sources that were not heard for longer than expected. `is_start`: the
 * program was not running until now, which is then the cause. */
bool source_check_silence(struct db *db, bool is_start, int64_t now_ms, struct err *err) MUST_CHECK;

struct source_gap {
    int64_t id, source;
    Str source_name;
    int64_t from_ms, to_ms; /* to 0: still open */
    enum source_trouble cause;
    double share; /* of that time that was not heard */
    int64_t lost; /* posts known to be lost */
    bool is_filled;
};
/* Newest first; source 0: of all. */
bool source_gaps(struct arena *arena, struct db *db, int64_t source, size_t max,
                 struct source_gap **out, size_t *count, struct err *err) MUST_CHECK;

#endif
