/* topic_objects.c - the tables of potential, topics and what competitors do in them (steps 3 and
 * 4). */
#include "strategy/model/object_table.h"

WORDS(topic_size, [TOPIC_BASIC] = "basic", [TOPIC_AREA] = "area", [TOPIC_SINGLE] = "single");
WORDS(standing, [STANDING_LEADING] = "leading", [STANDING_EQUAL] = "equal",
      [STANDING_WEAKER] = "weaker");
WORDS(
    position, [POSITION_OPEN] = "open", [POSITION_OCCUPIED] = "occupied", [POSITION_OURS] = "ours");
WORDS(format, [FORMAT_AUDIENCE] = "audience", [FORMAT_NETWORK] = "network",
      [FORMAT_COMMUNITY] = "community", [FORMAT_COMBINATION] = "combination");

static const struct field fields_topic[] = {
    {F(ID, topic, id), NEEDED},
    {F(TEXT, topic, name), NEEDED},
    {F(WORD, topic, size), .words = &words_topic_size, .preset = TOPIC_SINGLE},
    {F(REF, topic, parent), .targets = TARGET(OBJECT_TOPIC)},
    {F(REFS, topic, origins), .targets = TARGET(OBJECT_ELEMENT) | TARGET(OBJECT_GOAL) |
                                         TARGET(OBJECT_COMPETITOR) | TARGET_MARKET},
    {F(TEXT, topic, query)},
    {F(WORD, topic, priority), .words = &words_priority},
    {F(TEXT, topic, priority_reason)},
    {F(INTEGER, topic, affinity), RANGE(-1, 4, -1)},
    {F(TEXT, topic, affinity_reason)},
    {F(TEXT, topic, low_cause)},
    {F(REF, topic, detour_to), .targets = TARGET(OBJECT_TOPIC)},
    {F(TEXT, topic, detour_reason)},
    {F(WORD, topic, standing), .words = &words_standing},
    {F(WORD, topic, position), .words = &words_position},
    {F(REF, topic, holder), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(TEXT, topic, position_reason)},
    {F(BOOL, topic, no_competitor_found)},
    {F(TEXTS, topic, evidence)},
    {F(TEXT, topic, note)},
};
CHECK_HEAD(topic);
const struct object_type object_topic = {
    .record = RECORD(fields_topic, topic),
    .list = "topics",
    .table = "strategy_topic",
    .order = "place",
    .label_offset = offsetof(struct topic, name),
    .model_offset = offsetof(struct strategy_model, topics),
};

static const struct field fields_competitor_activity[] = {
    {F(ID, competitor_activity, id), NEEDED},
    {F(REF, competitor_activity, competitor), .targets = TARGET(OBJECT_COMPETITOR), NEEDED},
    {F(REF, competitor_activity, topic), .targets = TARGET(OBJECT_TOPIC), NEEDED},
    {F(TEXT, competitor_activity, user_benefit)},
    {F(WORD, competitor_activity, format), .words = &words_format},
    {F(TEXT, competitor_activity, participation)},
    {F(TEXT, competitor_activity, motivation)},
    {F(TEXT, competitor_activity, channels)},
    {F(TEXT, competitor_activity, reach)},
    {F(INTEGER, competitor_activity, strength), RANGE(0, 4, 2)},
    {F(TEXT, competitor_activity, evidence)},
};
CHECK_HEAD(competitor_activity);
const struct object_type object_activity = {
    .record = RECORD(fields_competitor_activity, competitor_activity),
    .list = "activities",
    .table = "strategy_competitor_activity",
    .model_offset = offsetof(struct strategy_model, activities),
};

static const struct field fields_potential_decision[] = {
    {F(ID, potential_decision, id), .form = ID_CODE, NEEDED},
    {F(INTEGER, potential_decision, relevance), RANGE(0, 4, 0)},
    {F(BOOL, potential_decision, is_used), NEEDED},
    {F(TEXT, potential_decision, reason), NEEDED},
    {F(TEXT, potential_decision, benefit)},
    {F(REFS, potential_decision, origins),
     .targets = TARGET(OBJECT_ELEMENT) | TARGET(OBJECT_GOAL) | TARGET_MARKET},
};
CHECK_HEAD(potential_decision);
const struct object_type object_potential = {
    .record = RECORD(fields_potential_decision, potential_decision),
    .list = "potentials",
    .table = "strategy_potential_decision",
    .model_offset = offsetof(struct strategy_model, potentials),
};
