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

struct strategy_option;

/* What the version chose in either strategy; belongs to the arena, points into the models. */
struct version_inputs {
    Str version;
    const struct strategy_option **options;
    size_t option_count;
};

/* The version is in one of the two or in both. ERR_LIMIT: the arena is full. */
bool version_inputs_find(struct arena *arena, const struct strategy_model *before,
                         const struct strategy_model *after, Str version,
                         struct version_inputs *out, struct err *err) MUST_CHECK;

/* `change` is one of those between the two. */
bool version_input_is(const struct version_inputs *inputs, const struct document_change *change);

#endif
