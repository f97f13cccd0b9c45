/* object_table.h - how the tables of object.h are written down: for the files <step>_objects.c and
 * object.c.
 *
 * A kind is added by its struct in <step>_objects.h, a list in struct strategy_model, a value of
 * enum object_kind, its fields and its object_type here, and a table in a migration with columns
 * id, revision, position and one per field, in this order. test_strategy_object.c compares them.
 */
#ifndef STRATEGY_OBJECT_TABLE_H
#define STRATEGY_OBJECT_TABLE_H

#include <stddef.h>

#include "strategy/model/object.h"

/* The start of a row: name, type, place. */
#define F(kind, in, member)                                                                        \
    .name = #member, .type = FIELD_##kind, .offset = offsetof(struct in, member)
#define RANGE(low, high, default_value) .least = (low), .most = (high), .preset = (default_value)
#define NEEDED                          .is_required = true

#define RECORD(fields, in)                                                                         \
    {                                                                                              \
        fields, COUNT_OF(fields), sizeof(struct in)                                                \
    }
/* Every object begins with its id and its revision. */
#define CHECK_HEAD(in)                                                                             \
    _Static_assert(offsetof(struct in, id) == 0, "the id comes first");                            \
    _Static_assert(offsetof(struct in, revision) == sizeof(Str), "then the revision")

extern const struct object_type object_company, object_team_member, object_plan_step, object_source,
    object_element, object_change_note, object_goal, object_competitor, object_segment_fit,
    object_need, object_channel_task, object_own_resource, object_assessment, object_quadrant,
    object_search_term, object_place, object_key_person, object_finding, object_swot_item,
    object_recommendation, object_topic, object_activity, object_potential, object_benefit,
    object_assumption, object_prerequisite, object_framework_condition, object_driver,
    object_option, object_limit, object_coverage, object_version, object_strategy_goal,
    object_social_goal, object_sheet, object_interaction, object_risk, object_situation,
    object_journey_point, object_advantage, object_evaluation, object_waiver;

#endif
