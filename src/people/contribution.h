/* contribution.h - what contributors say: comments, votes, proposals, and what came of each.
 *
 * A vote is +1, 0 or -1 and stands once for each person and object; it can be changed, naming the
 * revision of the vote that was seen, so that a form sent again cannot undo a later vote. Comments
 * and proposals carry a text drawn for their form (`once`): sent twice they count once. Every
 * contribution ends with a disposition; a vote that changes is open again.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection (db.h). The caller
 * writes the ledger entry in the same transaction.
 */
#ifndef PEOPLE_CONTRIBUTION_H
#define PEOPLE_CONTRIBUTION_H

#include "people/contributor.h"

/* A disposition is due this long after the contribution. */
#define CONTRIBUTION_DUE_MS (30LL * 24 * 3600 * 1000)

enum {
    CONTRIBUTION_TEXT_BYTES_MAX = 8000,      /* reject */
    CONTRIBUTION_ONCE_BYTES_MAX = 64,        /* reject */
    CONTRIBUTION_WINDOW_MS = 15 * 60 * 1000, /* of the next limit */
    CONTRIBUTIONS_PER_WINDOW_MAX = 60,       /* of one link, changes of votes too: wait */
    CONTRIBUTIONS_PER_LINK_MAX = 2000,       /* likewise, ever: reject */
    CONTRIBUTION_LIST_MAX = 10000            /* of one answer: the newest */
};

enum contribution_kind {
    CONTRIBUTION_COMMENT,
    CONTRIBUTION_VOTE,
    CONTRIBUTION_PROPOSAL,
    CONTRIBUTION_KIND_COUNT
};
enum disposition {
    DISPOSITION_OPEN,
    DISPOSITION_ACCEPTED,
    DISPOSITION_CHANGED, /* taken up in another form */
    DISPOSITION_DECLINED,
    DISPOSITION_COUNT
};

struct contribution {
    int64_t id, contributor_id;
    enum contribution_kind kind;
    Str object_kind; /* of a proposal: "topic", "option", "need" */
    Str object_id;   /* of a proposal: empty */
    int64_t object_revision;
    int64_t value; /* of a vote: -1, 0, 1 */
    Str text;      /* empty when erased */
    int64_t revision;
    int64_t created_at_ms, changed_at_ms, due_at_ms;
    enum disposition disposition;
    Str reason, effect;   /* why, and what it changed */
    int64_t effect_entry; /* number in the ledger; 0: none */
    Str disposed_by;
    int64_t disposed_at_ms;
};

const char *contribution_kind_name(enum contribution_kind kind);
bool contribution_kind_from(Str name, enum contribution_kind *out) MUST_CHECK;
const char *disposition_name(enum disposition disposition);        /* "accepted" */
bool disposition_from(Str name, enum disposition *out) MUST_CHECK; /* not "open" */
bool contribution_is_overdue(const struct contribution *c, int64_t now_ms);

/* Writes what `by` sent: kind, object, value and text of *c; of a vote also the revision it was
 * based on (0: the first one). Sets id and revision. Inside db_begin(), so that nothing is written
 * for a link that was withdrawn meanwhile.
 * ERR_DENIED: the agreement is not signed, the right is missing, the object is not shown, the link
 * ended. ERR_CONFLICT: the vote moved on. ERR_EXISTS: sent already. ERR_INPUT: text or value.
 * ERR_BUSY: too much in CONTRIBUTION_WINDOW_MS. ERR_LIMIT: too much altogether. */
bool contribution_add(struct db *state, const struct contributor *by, struct contribution *c,
                      Str once, int64_t now_ms, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool contribution_read(struct arena *arena, struct db *state, int64_t id, struct contribution *out,
                       struct err *err) MUST_CHECK;

struct contribution_filter {
    int64_t contributor_id; /* 0: of all */
    bool only_open;         /* without a disposition */
    int64_t due_before_ms;  /* 0: whenever */
};
/* Those without a disposition first, the longest due first of these; then the newest. */
bool contribution_list(struct arena *arena, struct db *state,
                       const struct contribution_filter *filter, struct contribution **out,
                       size_t *count, struct err *err) MUST_CHECK;

/* Answers one: disposition, reason, effect and effect_entry of *answer, given by
 * answer->disposed_by. A disposition may be given again. ERR_INPUT: no reason, or nothing said to
 * have changed although it was accepted or changed. ERR_CONFLICT: it is another revision than
 * answer->revision by now. */
bool contribution_dispose(struct db *state, const struct contribution *answer, int64_t now_ms,
                          struct err *err) MUST_CHECK;

/* Votes of contributors on one object, by side, as far as they are on this revision of it and were
 * not declined. A link that ended or a person who was erased does not undo a vote. */
struct vote_count {
    int64_t approve[SIDE_COUNT], abstain[SIDE_COUNT], refuse[SIDE_COUNT];
    int64_t outdated; /* on another revision: not in the others */
};
bool contribution_votes(struct db *state, Str object_kind, Str object_id, int64_t object_revision,
                        struct vote_count *out, struct err *err) MUST_CHECK;

#endif
