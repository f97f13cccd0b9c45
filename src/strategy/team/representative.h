/* representative.h - people from outside in the strategy team: invited by a signed link, heard,
 * answered.
 *
 * What people/contributor.h and people/contribution.h keep, joined to the strategy: a link shows
 * objects that exist, a vote is on the revision the person saw, and every change stands in the
 * ledger within its transaction. Entries name numbers ("contributor:3"), never people, and hold no
 * text of contributors: erasing one needs no change there.
 *
 * Memory and threads: as store.h.
 */
#ifndef STRATEGY_REPRESENTATIVE_H
#define STRATEGY_REPRESENTATIVE_H

#include "people/contribution.h"
#include "strategy/model/store.h"

/* Makes the link; its token is appended to *token, and is nowhere else. ERR_INPUT: see
 * contributor_create(); an object that does not exist. */
bool representative_invite(struct db *db, const struct change *change,
                           const struct contributor_key *key, Str workspace,
                           struct contributor *wanted, struct buf *token,
                           struct err *err) MUST_CHECK;
bool representative_revoke(struct db *db, const struct change *change, int64_t id,
                           struct err *err) MUST_CHECK;
bool representative_erase(struct db *db, const struct change *change, int64_t id,
                          struct err *err) MUST_CHECK;

/* By the person who holds the link. */
bool representative_agree(struct db *db, const struct contributor *by, Str name, int64_t now_ms,
                          struct err *err) MUST_CHECK;
/* As contribution_add(); c->object_revision is the one the form showed: ERR_CONFLICT when the
 * object moved on, ERR_NOT_FOUND when it is gone. */
bool representative_send(struct db *db, const struct contributor *by, struct contribution *c,
                         Str once, int64_t now_ms, struct err *err) MUST_CHECK;

/* As contribution_dispose(), by change->actor with change->reason; an effect_entry has to be in the
 * ledger (ERR_INPUT). */
bool representative_answer(struct db *db, const struct change *change,
                           const struct contribution *answer, struct err *err) MUST_CHECK;

/* Have the market's representatives approved this revision of a version? Counts people. */
struct approval {
    int64_t customers, partners, others; /* that approve it */
    int64_t refusals;                    /* that refuse it, of any side */
    int64_t outdated;                    /* votes on an earlier revision */
    bool is_met;                         /* at least one customer and one partner approve */
};
bool representative_approval(struct db *db, Str version, int64_t revision, struct approval *out,
                             struct err *err) MUST_CHECK;

#endif
