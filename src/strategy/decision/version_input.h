/* version_input.h - which changes of a strategy touch what a version's figures were made from.
 *
 * Inputs of a version are the horizon and discount rate, the options it chose, the numbers of these
 * options, the assumptions, prerequisites and drivers they rest on, and what bounds the choice:
 * limits of resources and coverage of goals. Names, texts and reasons are not. Every field that
 * changes the model of the simulation is one (test_strategy_difference.c).
 *
 * Pure.
 */
#ifndef STRATEGY_VERSION_INPUT_H
#define STRATEGY_VERSION_INPUT_H

#include "strategy/model/document_difference.h"

/* `change` is one of those between `before` and `after`; the version is in one of them or both. */
bool version_input_is(struct arena *arena, const struct strategy_model *before,
                      const struct strategy_model *after, Str version,
                      const struct document_change *change);

#endif
