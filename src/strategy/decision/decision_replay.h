/* decision_replay.h - a decision proven years later, or what changed since named.
 *
 * Three questions about a stored decision: is the frozen document the one that was signed (its
 * hash); does its simulation give the stored result again, byte for byte, from that document, with
 * the stored seed and trials; and which inputs of the version it adopted are other ones today.
 *
 * Reading only; memory belongs to the arena. What a decision itself changed, the states of the
 * versions, is no change since.
 */
#ifndef STRATEGY_DECISION_REPLAY_H
#define STRATEGY_DECISION_REPLAY_H

#include "strategy/decision/decision.h"
#include "strategy/model/document_difference.h"
#include "strategy/risk/simulation.h"

struct decision_replay {
    struct decision decision;
    bool is_proven;
    struct err document_fault;     /* why the frozen document cannot be taken; no code: intact */
    struct simulation_proof proof; /* unless there is a document_fault */
    Str program_version;           /* of now */
    DocumentChanges inputs;        /* since then, of the adopted version (version_input.h) */
    DocumentChanges others;        /* all else in the strategy */
};

/* `id` 0: the decision in force. ERR_NOT_FOUND: there is none. `threads` 0: 1. */
bool decision_replay(struct db *db, struct arena *arena, int64_t id, Str program_version,
                     int threads, struct decision_replay *out, struct err *err) MUST_CHECK;

/* As one JSON object (docs/risk.md, "Proving a decision"). */
bool decision_replay_json(struct arena *arena, const struct decision_replay *replay, Str *out,
                          struct err *err) MUST_CHECK;

#endif
