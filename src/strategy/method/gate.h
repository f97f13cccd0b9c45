/* gate.h - may the next step begin? The gates of the steps 0 to 9 with what is still missing.
 *
 * A gate is met, waived with a reason (a stored waiver), or open with the list of what is missing.
 * Pure; memory belongs to the arena.
 */
#ifndef STRATEGY_GATE_H
#define STRATEGY_GATE_H

#include "strategy/method/method.h"

enum gate_state { GATE_OPEN, GATE_MET, GATE_WAIVED };
extern const struct word_list words_gate_state;

struct gate {
    int64_t step;
    Str name, demand; /* in the language asked for */
    enum gate_state state;
    StrList missing; /* what is not there, one sentence each; empty when met */
    Str waiver_reason, waiver_by;
};

struct gate_facts {
    bool has_decision; /* a signed decision exists */
};

bool gates_check(struct arena *arena, const struct strategy_model *model,
                 const struct method *method, const struct gate_facts *facts,
                 enum method_language language, const struct gate **out, size_t *count,
                 struct err *err) MUST_CHECK;

#endif
