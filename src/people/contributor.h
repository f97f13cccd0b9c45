/* contributor.h - people from outside who take part by a signed link, without an account.
 *
 * One person, one workspace, one link: whose side the person speaks for, which objects the link
 * shows, what may be done there, until when, and the agreement that has to be signed first. The
 * workspace's database holds the hash of the link's secret (contributor_token.h). The caller writes
 * the ledger entry of a change in the same transaction; entries name the number, never the person,
 * so that erasing somebody needs no change there.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection (db.h).
 */
#ifndef PEOPLE_CONTRIBUTOR_H
#define PEOPLE_CONTRIBUTOR_H

#include "db/db.h"
#include "people/contributor_token.h"

enum {
    CONTRIBUTOR_NAME_BYTES_MAX = 200,            /* name, organisation, contact: reject */
    CONTRIBUTOR_AGREEMENT_BYTES_MAX = 16 * 1024, /* reject */
    CONTRIBUTOR_OBJECTS_MAX = 200,               /* of one link: reject */
    CONTRIBUTORS_MAX = 1000,                     /* of a workspace: reject */
    CONTRIBUTOR_DAYS_MAX = 366                   /* life of a link: reject */
};

enum contributor_side {
    SIDE_CUSTOMER,
    SIDE_PARTNER,
    SIDE_INFLUENCER,
    SIDE_ADVISORY_BOARD,
    SIDE_COUNT
};
enum contributor_right { RIGHT_COMMENT = 1, RIGHT_VOTE = 2, RIGHT_PROPOSE = 4, RIGHT_ALL = 7 };

struct contributor_object {
    Str kind; /* "version", "topic", "option" */
    Str id;   /* of the strategy's object */
};

struct contributor {
    int64_t id;
    Str name, organisation, contact; /* empty when erased; the latter two may be */
    enum contributor_side side;
    unsigned rights; /* of enum contributor_right */
    Str agreement;
    int64_t agreed_at_ms; /* 0: not signed */
    Str agreed_by;        /* the name as signed */
    Str created_by;       /* login */
    int64_t created_at_ms, expires_at_ms;
    int64_t revoked_at_ms, erased_at_ms; /* 0: not */
    int64_t last_used_ms;                /* 0: never; at most a minute old */
    struct contributor_object *objects;
    size_t object_count;
};

const char *contributor_side_name(enum contributor_side side); /* "advisory_board" */
bool contributor_side_from(Str name, enum contributor_side *out) MUST_CHECK;
const char *contributor_right_name(enum contributor_right right); /* "vote" */
/* "comment,vote"; false for an unknown word or none. */
bool contributor_rights_from(Str text, unsigned *out) MUST_CHECK;

/* The key of the installation, from system.db; made when there is none yet. */
bool contributor_key_read(struct db *system, int64_t now_ms, struct contributor_key *out,
                          struct err *err) MUST_CHECK;

/* `wanted` gives name to agreement, created_by, expires_at_ms and objects; its id is set. The
 * secret is drawn and written into *token, the only place where it ever is, together with number
 * and end; token->workspace is the caller's. ERR_INPUT names the field. ERR_LIMIT. */
bool contributor_create(struct db *state, struct contributor *wanted, int64_t now_ms,
                        struct contributor_token *token, struct err *err) MUST_CHECK;
/* Who holds this link. ERR_DENIED: unknown or another secret in the words of an invalid token;
 * over, or withdrawn, in words that say so. Notes the use. */
bool contributor_open(struct arena *arena, struct db *state, const struct contributor_token *token,
                      int64_t now_ms, struct contributor *out, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool contributor_read(struct arena *arena, struct db *state, int64_t id, struct contributor *out,
                      struct err *err) MUST_CHECK;
/* Newest first. */
bool contributor_list(struct arena *arena, struct db *state, struct contributor **out,
                      size_t *count, struct err *err) MUST_CHECK;
bool contributor_may(const struct contributor *contributor, enum contributor_right right);
bool contributor_sees(const struct contributor *contributor, Str kind, Str id);

/* Signs the agreement with a name; signing again changes nothing. ERR_INPUT: no name. */
bool contributor_agree(struct db *state, int64_t id, Str name, int64_t now_ms,
                       struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND; ERR_CONFLICT: it is revoked already. */
bool contributor_revoke(struct db *state, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;
/* Blanks name, organisation, contact and signature, and the texts the person wrote; the link is
 * dead. Votes, sides and dispositions stay as facts without a name. ERR_NOT_FOUND. */
bool contributor_erase(struct db *state, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;

#endif
