/* option_objects.c - the tables of options for action (step 5). */
#include "strategy/model/object_table.h"

WORDS(option_kind, [OPTION_USER_BENEFIT] = "user_benefit", [OPTION_USAGE_FORMAT] = "usage_format",
      [OPTION_PARTICIPATION] = "participation", [OPTION_MOTIVATION] = "motivation",
      [OPTION_CHANNEL] = "channel");
WORDS(perspective, [PERSPECTIVE_MARKET] = "market", [PERSPECTIVE_COMPETITION] = "competition",
      [PERSPECTIVE_BUSINESS_MODEL] = "business_model", [PERSPECTIVE_GOALS] = "goals",
      [PERSPECTIVE_GROWTH] = "growth");
WORDS(durability, [DURABILITY_NONE] = "none", [DURABILITY_TEMPORARY] = "temporary",
      [DURABILITY_LONGER_TERM] = "longer_term", [DURABILITY_STRUCTURAL] = "structural");

static const struct field fields_cost[] = {
    {F(ID, option_cost, resource), .form = ID_RESOURCE, NEEDED},
    {F(NUMBER, option_cost, amount), RANGE(0, 1e+15, 0), NEEDED},
};
static const struct record record_cost = {fields_cost, COUNT_OF(fields_cost),
                                          sizeof(struct option_cost)};

static const struct field fields_reliance[] = {
    {F(REF, option_reliance, assumption), .targets = TARGET(OBJECT_ASSUMPTION), NEEDED},
    {F(NUMBER, option_reliance, if_false), RANGE(0, 1, 0), NEEDED},
};
static const struct record record_reliance = {fields_reliance, COUNT_OF(fields_reliance),
                                              sizeof(struct option_reliance)};

static const struct field fields_reaction[] = {
    {F(REF, option_reaction, competitor), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(TEXT, option_reaction, text), NEEDED},
    {F(NUMBER, option_reaction, probability), RANGE(0, 1, 0.5)},
    {F(NUMBER, option_reaction, loss), RANGE(0, 1, 0)},
    {F(INTEGER, option_reaction, after_months), RANGE(0, 120, 0)},
    {F(TEXT, option_reaction, answer)},
};
static const struct record record_reaction = {fields_reaction, COUNT_OF(fields_reaction),
                                              sizeof(struct option_reaction)};

static const struct field fields_benefit_driver[] = {
    {F(ID, benefit_driver, id), NEEDED},
    {F(TEXT, benefit_driver, name), NEEDED},
    {F(NUMBER, benefit_driver, sd), RANGE(0, 0.5, 0.1)},
};
CHECK_HEAD(benefit_driver);
const struct object_type object_driver = {
    .record = RECORD(fields_benefit_driver, benefit_driver),
    .list = "drivers",
    .table = "strategy_benefit_driver",
    .label_offset = offsetof(struct benefit_driver, name),
    .model_offset = offsetof(struct strategy_model, drivers),
};

static const struct field fields_strategy_option[] = {
    {F(ID, strategy_option, id), NEEDED},
    {F(REF, strategy_option, topic), .targets = TARGET(OBJECT_TOPIC), NEEDED},
    {F(WORD, strategy_option, kind), .words = &words_option_kind, NEEDED},
    {F(TEXT, strategy_option, name), NEEDED},
    {F(TEXT, strategy_option, text)},
    {F(WORD, strategy_option, perspective), .words = &words_perspective},
    {F(WORD, strategy_option, format), .words = &words_format},
    {F(TEXT, strategy_option, format_reason)},
    {F(TEXTS, strategy_option, benefits)},
    {F(REFS, strategy_option, elements), .targets = TARGET(OBJECT_ELEMENT)},
    {F(REFS, strategy_option, goals), .targets = TARGET(OBJECT_GOAL)},
    {F(TEXTS, strategy_option, potentials)},
    {F(THREE, strategy_option, benefit)},
    {F(INTEGER, strategy_option, ramp_months), RANGE(0, 120, 0)},
    {F(THREE, strategy_option, effort)},
    {F(THREE, strategy_option, running)},
    {F(RECORDS, strategy_option, costs), .record = &record_cost},
    {F(REFS, strategy_option, prerequisites), .targets = TARGET(OBJECT_PREREQUISITE)},
    {F(REFS, strategy_option, requires), .targets = TARGET(OBJECT_OPTION)},
    {F(REFS, strategy_option, excludes), .targets = TARGET(OBJECT_OPTION)},
    {F(BOOL, strategy_option, must)},
    {F(BOOL, strategy_option, must_not)},
    {F(RECORDS, strategy_option, rests_on), .record = &record_reliance},
    {F(RECORDS, strategy_option, reactions), .record = &record_reaction},
    {F(REF, strategy_option, driver), .targets = TARGET(OBJECT_DRIVER)},
    {F(WORD, strategy_option, rating), .words = &words_standing},
    {F(TEXT, strategy_option, rating_reason)},
    {F(WORD, strategy_option, durability), .words = &words_durability},
    {F(BOOL, strategy_option, is_growth)},
    {F(TEXT, strategy_option, note)},
};
CHECK_HEAD(strategy_option);
const struct object_type object_option = {
    .record = RECORD(fields_strategy_option, strategy_option),
    .list = "options",
    .table = "strategy_option",
    .label_offset = offsetof(struct strategy_option, name),
    .model_offset = offsetof(struct strategy_model, options),
};
