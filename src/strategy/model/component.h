/* component.h - the fifteen components of a strategy.
 *
 * Source: the method, section 4 (the union of its two lists). The first seven are the core: they
 * shape market effect and competitiveness, and suffice to sketch a version.
 */
#ifndef STRATEGY_COMPONENT_H
#define STRATEGY_COMPONENT_H

#include "strategy/model/value.h"

enum component {
    COMPONENT_TOPICS,
    COMPONENT_USER_BENEFIT,
    COMPONENT_CORPORATE_BENEFIT,
    COMPONENT_USAGE_FORMAT,
    COMPONENT_PARTICIPATION,
    COMPONENT_MOTIVATION,
    COMPONENT_CHANNEL,
    COMPONENT_COMMUNICATION,
    COMPONENT_TARGET_GROUPS,
    COMPONENT_REACH,
    COMPONENT_COMPETITION,
    COMPONENT_GOALS,
    COMPONENT_RESOURCES,
    COMPONENT_CONDITIONS,
    COMPONENT_RISKS,
    COMPONENT_COUNT
};
#define COMPONENT_CORE_COUNT 7

extern const struct word_list words_component;

#endif
