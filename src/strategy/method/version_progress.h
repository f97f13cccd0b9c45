/* version_progress.h - how far a version is worked out, and which states it may take.
 *
 * The method (section 9.2, validations 6 and 11): "core drafted" requires the sheets of the seven
 * core components, "elaborated" all fifteen, and an open conflict of two components blocks it.
 * Adopted, rejected and superseded are given by decisions alone. Pure.
 */
#ifndef STRATEGY_VERSION_PROGRESS_H
#define STRATEGY_VERSION_PROGRESS_H

#include "strategy/model/model.h"

/* NULL when the component has no sheet in the version. */
const struct component_sheet *version_component_sheet(const struct strategy_model *model,
                                                      Str version, enum component component);
/* Components without a sheet among the first `count` (the core, or all). */
size_t version_missing_sheets(const struct strategy_model *model, Str version, size_t count,
                              enum component missing[COMPONENT_COUNT]);
/* The texts of the common template, and how many of them are written. */
#define SHEET_TEXTS 8
size_t sheet_written(const struct component_sheet *sheet);
/* A conflict (-2) that nobody accepted with a reason. */
bool interaction_is_open(const struct interaction *interaction);
size_t version_open_conflicts(const struct strategy_model *model, Str version);

enum progress_obstacle {
    PROGRESS_FREE,
    PROGRESS_BY_DECISION,   /* the state, or leaving it, belongs to the decision */
    PROGRESS_CORE_SHEETS,   /* core sheets are missing */
    PROGRESS_NOT_EVALUATED, /* no verdict, or never simulated */
    PROGRESS_ALL_SHEETS,    /* a sheet is missing, not called complete, or has empty texts */
    PROGRESS_CONFLICT       /* an open conflict */
};
/* What a social media goal lacks to be SMART beside its text, a word of the method's list "smart";
 * NULL: nothing. */
const char *social_goal_gap(const struct social_goal *goal);

/* What stands between the version and a state. Going back to an earlier one is always free. */
enum progress_obstacle version_obstacle(const struct strategy_model *model,
                                        const struct strategy_version *version,
                                        enum version_state to);

#endif
