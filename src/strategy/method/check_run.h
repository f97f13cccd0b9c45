/* check_run.h - what the rules of one step need: the files check_<step>.c and check.c.
 *
 * A rule of method/rules.json names its checker; a checker looks through the model and calls
 * check_find*() for every object that breaks the rule. Message and fix come from the rule, with
 * {0}, {1} and {2} filled in. Pure; texts belong to the arena of the run.
 */
#ifndef STRATEGY_CHECK_RUN_H
#define STRATEGY_CHECK_RUN_H

#include "strategy/method/check.h"

struct check_run {
    struct arena *arena;
    const struct strategy_model *model;
    const struct method *method;
    const struct check_scope *scope;
    enum method_language language;
    const struct check_rule *rule; /* the one that runs */
    struct check_report *out;
    const struct evaluation *figures; /* per version; index as in the model */
};

struct checker {
    const char *name;
    void (*run)(struct check_run *run);
    bool needs_today; /* left out when the scope has no date */
};
struct checker_list {
    const struct checker *items;
    size_t count;
};
extern const struct checker_list check_company, check_assessment, check_topic, check_option,
    check_condition, check_version, check_worksheet, check_component;

/* About one object. */
void check_find(struct check_run *run, enum object_kind kind, Str id);
/* With texts for {0} and {1}. */
void check_find_with(struct check_run *run, enum object_kind kind, Str id, Str first, Str second);
/* About a place inside or above the object. */
void check_find_at(struct check_run *run, enum object_kind kind, Str id, Str place, Str first,
                   Str second, Str third);
/* About the strategy as a whole. */
void check_find_whole(struct check_run *run, Str first, Str second);

/* The object by kind and name: version "Help first". */
Str check_quoted(struct check_run *run, enum object_kind kind, Str id);
/* Values as texts in the language of the run. */
Str check_word(struct check_run *run, const char *list, const struct word_list *words, int value);
Str check_percent(struct check_run *run, double share); /* 0.25: "25 %" */
Str check_number(struct check_run *run, double value);

#endif
