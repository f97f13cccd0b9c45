/* check.h - the structural check of a strategy: every rule of the method as a compiler's message.
 *
 * Rules are data (method/rules.json): id, severity, texts, course unit; each names its checker in
 * check_<step>.c. Output is in the order of rules, then of objects. Pure; memory belongs to the
 * arena.
 */
#ifndef STRATEGY_CHECK_H
#define STRATEGY_CHECK_H

#include "strategy/method/method.h"

struct check_finding {
    const struct check_rule *rule;
    enum object_kind kind;
    Str id;      /* of the object it is about */
    Str place;   /* 'version "Help first" › option "Forum"': for people */
    Str message; /* in the language asked for */
    Str fix;
};

struct check_report {
    STRATEGY_LIST(struct check_finding) findings;
    int64_t errors, warnings, notes;
    int64_t rules_run; /* rules with a checker */
};

struct check_scope {
    Str version; /* only this version's findings beside those of the pool; empty: all */
    Str today;   /* YYYY-MM-DD: for due dates; empty: those rules are left out */
};

bool strategy_check(struct arena *arena, const struct strategy_model *model,
                    const struct method *method, const struct check_scope *scope,
                    enum method_language language, struct check_report *out,
                    struct err *err) MUST_CHECK;

/* "S014 error  version "Help first": no considered reaction (fix: ...)" with a line feed. */
void check_line(struct buf *out, const struct check_finding *finding);

/* An activity of a competitor is recorded in the topic, or that none was found. */
bool topic_has_rivals_recorded(const struct strategy_model *model, Str topic);

#endif
