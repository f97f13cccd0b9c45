/* object_form_topic.c - the forms of the kinds in strategy/model/topic_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec topic_fields[] = {
    TEXT("name", TR("Name"), NULL),
    CHOICE("size", TR("Size"), topic_size, NULL),
    REF("parent", TR("Part of"), OBJECT_TOPIC, NULL),
    TEXT("query", TR("Saved query"),
         TR("The name of the query that finds the topic's conversation.")),
    CATALOGUE("origins", TR("Comes from"), FORM_TOPIC_ORIGINS),
    CHOICE("priority", TR("Priority"), priority, NULL),
    LONG("priority_reason", TR("Reason of the priority"), NULL),
    REF("detour_to", TR("Detour through"), OBJECT_TOPIC,
        TR("For low affinity: the topic through which the users are reached instead.")),
    LONG("detour_reason", TR("Why the detour reaches them"), NULL),
    BOOL("no_competitor_found", TR("Looked for competitors, none found"),
         TR("Options of a topic without competitors can be rated only then.")),
    TEXTS("evidence", TR("Evidence, one a line"), TR("Addresses or documents that show the need.")),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec activity_fields[] = {
    REF("competitor", TR("Competitor"), OBJECT_COMPETITOR, NULL),
    REF("topic", TR("Topic"), OBJECT_TOPIC, NULL),
    CHOICE("format", TR("Usage format"), format, NULL),
    TEXT("user_benefit", TR("User benefit"), NULL),
    TEXT("participation", TR("Participation"), NULL),
    TEXT("motivation", TR("Motivation"), NULL),
    TEXT("channels", TR("Channels"), NULL),
    TEXT("reach", TR("Reach"), NULL),
    NUMBER("strength", TR("Strength 0 to 4"), NULL),
    TEXT("evidence", TR("Evidence or address"), NULL),
    END,
};

static const struct field_spec potential_fields[] = {
    NUMBER("relevance", TR("Relevance 0 to 4"), NULL),
    BOOL("is_used", TR("Used"), NULL),
    LONG("reason", TR("Reason"), NULL),
    LONG("benefit", TR("What the company could gain"), NULL),
    ORIGINS("origins", TR("Judged for these elements and goals"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_TOPIC, TR("Add a topic"), TR("Topic"), "topics", "topics", 4, topic_fields,
     FORM_ID_NAME, NULL},
    {OBJECT_ACTIVITY, TR("Add a competitor's activity"), TR("Competitor's activity"), "topics",
     "topics", 5, activity_fields, FORM_ID_NAME, NULL},
    {OBJECT_POTENTIAL, TR("Decide a potential"), TR("Potential"), "potential", "potential", 3,
     potential_fields, FORM_ID_GIVEN, NULL},
};
const struct object_form_list object_form_topic = {specs, COUNT_OF(specs)};
