/* object_form_spec.c - the fields of every kind's form, as tables. */
#include "web/view/object_form.h"

#define CHOICE(path, label, name, hint)                                                            \
    {                                                                                              \
        path, label, FORM_CHOICE, hint, #name, &words_##name, 0, NULL, false                       \
    }
#define TEXT(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_TEXT, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define LONG(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_LONG, hint, NULL, NULL, 0, NULL, true                                    \
    }
#define NUMBER(path, label, hint)                                                                  \
    {                                                                                              \
        path, label, FORM_NUMBER, hint, NULL, NULL, 0, NULL, false                                 \
    }
#define DATE(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_DATE, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define BOOL(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_BOOL, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define REF(path, label, kind, hint)                                                               \
    {                                                                                              \
        path, label, FORM_REF, hint, NULL, NULL, kind, NULL, false                                 \
    }
#define REFS(path, label, kind, hint)                                                              \
    {                                                                                              \
        path, label, FORM_REFS, hint, NULL, NULL, kind, NULL, true                                 \
    }
#define ORIGINS(path, label, hint)                                                                 \
    {                                                                                              \
        path, label, FORM_ORIGINS, hint, NULL, NULL, OBJECT_ELEMENT, NULL, true                    \
    }
#define CATALOGUE(path, label, kind)                                                               \
    {                                                                                              \
        path, label, kind, NULL, NULL, NULL, 0, NULL, true                                         \
    }
#define CHOICES(path, label, name, hint)                                                           \
    {                                                                                              \
        path, label, FORM_WORDS, hint, #name, &words_##name, 0, NULL, true                         \
    }
#define TABLE(path, label, cols, hint)                                                             \
    {                                                                                              \
        path, label, FORM_TABLE, hint, NULL, NULL, 0, cols, true                                   \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, false                                            \
    }

static const struct field_spec cost_columns[] = {
    REF("resource", TR("Resource"), OBJECT_LIMIT, NULL),
    NUMBER("amount", TR("Amount"), NULL),
    END,
};
static const struct field_spec reliance_columns[] = {
    REF("assumption", TR("Assumption"), OBJECT_ASSUMPTION, NULL),
    NUMBER("if_false", TR("Factor if it fails"), NULL),
    END,
};
static const struct field_spec reaction_columns[] = {
    REF("competitor", TR("Competitor"), OBJECT_COMPETITOR, NULL),
    TEXT("text", TR("What they would do"), NULL),
    NUMBER("probability", TR("Probability"), NULL),
    NUMBER("loss", TR("Benefit lost"), NULL),
    NUMBER("after_months", TR("After months"), NULL),
    TEXT("answer", TR("Our answer"), NULL),
    END,
};

static const struct field_spec option_fields[] = {
    TEXT("name", TR("Name"), NULL),
    REF("topic", TR("Topic"), OBJECT_TOPIC, NULL),
    CHOICE("kind", TR("Kind"), option_kind, NULL),
    LONG("text", TR("What would be done"), NULL),
    CHOICE("rating", TR("Against competition"), standing,
           TR("Leading, equal or weaker than what competitors do in this topic.")),
    CHOICE("durability", TR("How long the advantage lasts"), durability, NULL),
    LONG("rating_reason", TR("Reason of the rating"), NULL),
    CHOICE("perspective", TR("Perspective"), perspective, NULL),
    CHOICE("format", TR("Usage format"), format, NULL),
    LONG("format_reason", TR("Why this format in spite of the affinity"),
         TR("Only needed where the topic's affinity does not permit the format.")),
    NUMBER("ramp_months", TR("Months until full effect"), NULL),
    NUMBER("benefit.low", TR("Benefit a year: low"), NULL),
    NUMBER("benefit.likely", TR("Benefit a year: likely"), NULL),
    NUMBER("benefit.high", TR("Benefit a year: high"), NULL),
    NUMBER("effort.low", TR("Effort once: low"), NULL),
    NUMBER("effort.likely", TR("Effort once: likely"), NULL),
    NUMBER("effort.high", TR("Effort once: high"), NULL),
    NUMBER("running.low", TR("Running cost a year: low"), NULL),
    NUMBER("running.likely", TR("Running cost a year: likely"), NULL),
    NUMBER("running.high", TR("Running cost a year: high"), NULL),
    TABLE("costs", TR("Use of limited resources"), cost_columns,
          TR("Money, or person-days by role and period.")),
    TABLE("rests_on", TR("Rests on assumptions"), reliance_columns,
          TR("The factor is what remains of the benefit when the assumption fails: 0 nothing, 1 "
             "all.")),
    TABLE("reactions", TR("Reactions of competitors"), reaction_columns,
          TR("Probability and benefit lost between 0 and 1.")),
    REFS("goals", TR("Goals it serves"), OBJECT_GOAL, NULL),
    REFS("elements", TR("Parts of the business model it serves"), OBJECT_ELEMENT, NULL),
    CATALOGUE("benefits", TR("What the company gains"), FORM_BENEFITS),
    CATALOGUE("potentials", TR("Potentials it puts to work"), FORM_POTENTIALS),
    REF("driver", TR("Shared driver of the benefit"), OBJECT_DRIVER,
        TR("Benefits with the same driver rise and fall together in the simulation.")),
    REFS("prerequisites", TR("Prerequisites"), OBJECT_PREREQUISITE, NULL),
    REFS("requires", TR("Needs these options"), OBJECT_OPTION, NULL),
    REFS("excludes", TR("Excludes these options"), OBJECT_OPTION, NULL),
    BOOL("must", TR("Has to be part of every alternative"), NULL),
    BOOL("must_not", TR("May not be part of any alternative"), NULL),
    BOOL("is_growth", TR("Counts for growth"), NULL),
    LONG("note", TR("Note"), NULL),
    END,
};
static const struct field_spec topic_fields[] = {
    TEXT("name", TR("Name"), NULL),
    CHOICE("size", TR("Size"), topic_size, NULL),
    REF("parent", TR("Part of"), OBJECT_TOPIC, NULL),
    TEXT("query", TR("Saved query"),
         TR("The name of the query that finds the topic's conversation.")),
    CHOICE("priority", TR("Priority"), priority, NULL),
    LONG("priority_reason", TR("Reason of the priority"), NULL),
    REF("detour_to", TR("Detour through"), OBJECT_TOPIC,
        TR("For low affinity: the topic through which the users are reached instead.")),
    LONG("note", TR("Note"), NULL),
    END,
};
static const struct field_spec goal_fields[] = {
    TEXT("text", TR("Goal"), NULL),
    TEXT("measure", TR("Measure"), TR("What is counted.")),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("baseline", TR("Today"), NULL),
    NUMBER("target", TR("Target"), NULL),
    DATE("due", TR("Due"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    CHOICE("priority", TR("Priority"), priority, NULL),
    END,
};
static const struct field_spec competitor_fields[] = {
    TEXT("name", TR("Name"), NULL),
    CHOICES("kinds", TR("Competes for"), competitor_kind, NULL),
    TEXT("query", TR("Saved query"), NULL),
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
static const struct field_spec element_fields[] = {
    CHOICE("block", TR("Block"), block, NULL),
    LONG("text", TR("Element"), NULL),
    LONG("requirement", TR("What it needs from social media"), NULL),
    BOOL("is_supported", TR("The strategy shall support it"), NULL),
    LONG("note", TR("Note"), NULL),
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
static const struct field_spec assumption_fields[] = {
    LONG("statement", TR("What has to stay true"), NULL),
    TEXT("query", TR("Saved query"), NULL),
    TEXT("rule.metric", TR("Measure"),
         TR("Last part of the signal's key: mentions, net_sentiment ...")),
    CHOICE("rule.aggregate", TR("Condensed by"), aggregate, NULL),
    NUMBER("rule.window_days", TR("Window in days"), NULL),
    CHOICE("rule.comparator", TR("Has to be"), comparator, NULL),
    NUMBER("rule.threshold", TR("Threshold"), NULL),
    NUMBER("rule.margin", TR("At risk within"), NULL),
    NUMBER("rule.persistence", TR("Broken after days in a row"), NULL),
    NUMBER("rule.minimum_sample", TR("Posts needed in the window"), NULL),
    NUMBER("rule.minimum_coverage", TR("Coverage needed, 0 to 1"), NULL),
    NUMBER("cadence_hours", TR("Looked at every hours"), NULL),
    NUMBER("certainty", TR("Certainty 1 to 4"), NULL),
    NUMBER("probability", TR("Probability that it holds"), NULL),
    NUMBER("test_cost", TR("Cost of finding out"), NULL),
    LONG("answer", TR("Prepared answer if it breaks"), NULL),
    END,
};
static const struct field_spec prerequisite_fields[] = {
    LONG("statement", TR("What has to be there"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    DATE("due", TR("Due"), NULL),
    CHOICE("state", TR("State"), condition_state, NULL),
    NUMBER("certainty", TR("Certainty 1 to 4"), NULL),
    NUMBER("probability", TR("Probability to be in time"), NULL),
    NUMBER("delay_months", TR("Delay in months if not"), NULL),
    END,
};
static const struct field_spec limit_fields[] = {
    NUMBER("amount", TR("Limit"), NULL),
    NUMBER("secured", TR("Of it already granted"), NULL),
    END,
};
static const struct field_spec version_fields[] = {
    TEXT("name", TR("Name"), NULL),
    LONG("text", TR("The idea in a few sentences"), NULL),
    CHOICE("verdict", TR("Verdict"), verdict, NULL),
    LONG("verdict_reason", TR("Reason of the verdict"), NULL),
    END,
};

static const struct field_spec company_fields[] = {
    TEXT("name", TR("Name"), NULL),
    TEXT("industry", TR("Industry"), NULL),
    TEXT("query", TR("Saved query"), TR("The name of the query that finds the own brand.")),
    LONG("mandate", TR("Mandate"), TR("What shall be decided, by whom, until when.")),
    CHOICE("direction", TR("Direction"), direction, NULL),
    LONG("direction_reason", TR("Reason of the direction"), NULL),
    TEXT("currency", TR("Currency"), TR("Three letters: EUR")),
    NUMBER("months", TR("Horizon in months"), NULL),
    NUMBER("discount", TR("Discount rate a year, 0 to 1"), NULL),
    NUMBER("day_rate", TR("Cost of a person-day"), NULL),
    BOOL("is_growth_goal", TR("Growth is a goal of its own"), NULL),
    END,
};
static const struct field_spec team_fields[] = {
    TEXT("name", TR("Name"), NULL),
    TEXT("role", TR("Task in the team"), NULL),
    TEXT("department", TR("Department"), NULL),
    CHOICE("constituency", TR("Stands for"), constituency, NULL),
    END,
};
static const struct field_spec change_fields[] = {
    REF("element", TR("Element"), OBJECT_ELEMENT, NULL),
    CHOICE("lever", TR("Lever"), lever, TR("By what social media changes it.")),
    CHOICE("kind", TR("Chance or threat"), chance, NULL),
    LONG("effect", TR("What changes"), NULL),
    NUMBER("strength", TR("Strength 0 to 4"), NULL),
    END,
};
static const struct field_spec framework_fields[] = {
    LONG("statement", TR("What has to stay or become so"), NULL),
    CHOICE("kind", TR("Kind"), condition_kind, NULL),
    DATE("check_date", TR("Look again on"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    CHOICE("state", TR("State"), condition_state, NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_COMPANY, TR("Describe the company"), TR("Company"), "model", "model", 0,
     company_fields},
    {OBJECT_TEAM_MEMBER, TR("Add a person to the team"), TR("Member of the team"), "model", "model",
     0, team_fields},
    {OBJECT_CHANGE_NOTE, TR("Add a change by social media"), TR("Change by social media"),
     "model#changes", "model", 1, change_fields},
    {OBJECT_FRAMEWORK_CONDITION, TR("Add a framework condition"), TR("Framework condition"),
     "steering#conditions", "steering", 9, framework_fields},
    {OBJECT_OPTION, TR("Add an option"), TR("Option"), "options", "options", 5, option_fields},
    {OBJECT_TOPIC, TR("Add a topic"), TR("Topic"), "topics", "topics", 4, topic_fields},
    {OBJECT_GOAL, TR("Add a goal"), TR("Goal"), "model#goals", "model", 1, goal_fields},
    {OBJECT_COMPETITOR, TR("Add a competitor"), TR("Competitor"), "model#competitors", "model", 1,
     competitor_fields},
    {OBJECT_ACTIVITY, TR("Add a competitor's activity"), TR("Competitor's activity"), "topics",
     "topics", 5, activity_fields},
    {OBJECT_ELEMENT, TR("Add an element"), TR("Element of the business model"), "model", "model", 1,
     element_fields},
    {OBJECT_POTENTIAL, TR("Decide a potential"), TR("Potential"), "potential", "potential", 3,
     potential_fields},
    {OBJECT_ASSUMPTION, TR("Add an assumption"), TR("Assumption"), "steering", "steering", 9,
     assumption_fields},
    {OBJECT_PREREQUISITE, TR("Add a prerequisite"), TR("Prerequisite"), "steering", "steering", 9,
     prerequisite_fields},
    {OBJECT_LIMIT, TR("Add a resource limit"), TR("Resource limit"), "versions", "versions", 6,
     limit_fields},
    {OBJECT_VERSION, TR("Add an alternative"), TR("Alternative"), "versions", "versions", 6,
     version_fields},
};

const struct object_form_spec *object_form_spec(Str kind_word)
{
    for (size_t i = 0; i < COUNT_OF(specs); i++)
        if (str_eq(word_of(&words_object_kind, (int)specs[i].kind), kind_word))
            return &specs[i];
    return NULL;
}
