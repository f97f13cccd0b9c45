/* strategy_workspace.h - a database with a small strategy in it, for the tests of the store. */
#ifndef TESTS_UNIT_STRATEGY_WORKSPACE_H
#define TESTS_UNIT_STRATEGY_WORKSPACE_H

#include "db/db.h"
#include "db/migration.h"
#include "strategy/method/method.h"
#include "strategy/model/document.h"
#include "strategy/model/store.h"
#include "unit/scratch.h"

/* Two rivals, three topics, five options, two assumptions; written with ' for ". */
static const char strategy_text[] =
    "{'format': 'trimtab-strategy', 'version': 1,"
    " 'company': {'name': 'Acme', 'query': 'acme', 'months': 24, 'direction': 'bottom_up',"
    "  'direction_reason': 'the whole potential is wanted'},"
    " 'team': [{'id': 'c', 'name': 'C', 'constituency': 'customer'},"
    "  {'id': 'p', 'name': 'P', 'constituency': 'partner'}],"
    " 'elements': [{'id': 'owners', 'block': 'customer_segments', 'text': 'Owners'},"
    "  {'id': 'phones', 'block': 'value_propositions', 'text': 'Phones'},"
    "  {'id': 'care', 'block': 'customer_relationships', 'text': 'Care'},"
    "  {'id': 'shop', 'block': 'channels', 'text': 'Shop'}],"
    " 'goals': [{'id': 'service', 'text': 'Cheaper service', 'measure': 'cost per case',"
    "   'target': 4, 'due': '2027-12-31', 'owner': 'Service'}],"
    " 'competitors': [{'id': 'kelvo', 'name': 'Kelvo', 'kinds': ['performance']},"
    "  {'id': 'tube', 'name': 'Tube', 'kinds': ['attention', 'topic']}],"
    " 'topics': [{'id': 'phone', 'name': 'Phone', 'size': 'basic', 'origins': ['market']},"
    "  {'id': 'battery', 'name': 'Battery', 'parent': 'phone', 'origins': ['owners'],"
    "   'query': 'battery', 'priority': 'A', 'affinity': 3, 'affinity_reason': 'much talk'},"
    "  {'id': 'camera', 'name': 'Camera', 'parent': 'phone', 'origins': ['phones'],"
    "   'query': 'camera', 'priority': 'B', 'affinity': 2, 'affinity_reason': 'some talk'}],"
    " 'activities': [{'id': 'a1', 'competitor': 'kelvo', 'topic': 'battery'},"
    "  {'id': 'a2', 'competitor': 'tube', 'topic': 'camera'}],"
    " 'assumptions': [{'id': 'talk', 'statement': 'Owners talk about batteries',"
    "   'query': 'battery', 'certainty': 2, 'probability': 0.8,"
    "   'rule': {'metric': 'mentions', 'aggregate': 'per_day', 'window_days': 2,"
    "    'comparator': 'at_least', 'threshold': 10, 'persistence': 2, 'minimum_sample': 1}},"
    "  {'id': 'mood', 'statement': 'They like us', 'certainty': 3, 'probability': 0.7}],"
    " 'prerequisites': [{'id': 'staff', 'statement': 'Two editors', 'owner': 'HR',"
    "   'due': '2026-12-31'}],"
    " 'options': [{'id': 'help', 'topic': 'battery', 'kind': 'user_benefit', 'name': 'Help',"
    "   'goals': ['service'], 'elements': ['care'], 'rating': 'leading',"
    "   'durability': 'structural', 'benefit': {'low': 80, 'likely': 120, 'high': 200},"
    "   'effort': {'low': 40, 'likely': 50, 'high': 60}, 'costs': [{'resource': 'money',"
    "   'amount': 50}], 'rests_on': [{'assumption': 'talk', 'if_false': 0.2}],"
    "   'prerequisites': ['staff'], 'reactions': [{'competitor': 'kelvo', 'text': 'copies',"
    "   'probability': 0.5, 'loss': 0.3, 'after_months': 12, 'answer': 'be better'}]},"
    "  {'id': 'forum', 'topic': 'battery', 'kind': 'usage_format', 'name': 'Forum',"
    "   'format': 'community', 'goals': ['service'], 'elements': ['owners'],"
    "   'rating': 'equal', 'benefit': {'low': 60, 'likely': 100, 'high': 110},"
    "   'effort': {'low': 40, 'likely': 50, 'high': 60}, 'costs': [{'resource': 'money',"
    "   'amount': 50}], 'rests_on': [{'assumption': 'mood', 'if_false': 0.5}]},"
    "  {'id': 'school', 'topic': 'camera', 'kind': 'participation', 'name': 'School',"
    "   'goals': ['service'], 'elements': ['phones'], 'rating': 'equal',"
    "   'benefit': {'low': 70, 'likely': 90, 'high': 100},"
    "   'effort': {'low': 10, 'likely': 20, 'high': 30}, 'costs': [{'resource': 'money',"
    "   'amount': 20}]},"
    "  {'id': 'badges', 'topic': 'camera', 'kind': 'motivation', 'name': 'Badges',"
    "   'goals': ['service'], 'elements': ['shop'], 'rating': 'leading', 'durability': 'temporary',"
    "   'requires': ['school'], 'benefit': {'low': 10, 'likely': 30, 'high': 90},"
    "   'effort': {'low': 10, 'likely': 20, 'high': 30}, 'costs': [{'resource': 'money',"
    "   'amount': 20}], 'reactions': [{'text': 'none likely', 'probability': 0.1}]}],"
    " 'limits': [{'id': 'money', 'amount': 100, 'secured': 60}],"
    " 'coverage': [{'id': 'service', 'at_least': 1}],"
    " 'versions': [{'id': 'one', 'name': 'One', 'focus': 'own', 'verdict': 'pursue',"
    "   'verdict_reason': 'strong', 'options': [{'option': 'help', 'reason': 'leads'},"
    "   {'option': 'forum', 'reason': 'serves'},"
    "   {'option': 'school', 'is_chosen': false, 'reason': 'later'},"
    "   {'option': 'badges', 'is_chosen': false, 'reason': 'needs the school'}]},"
    "  {'id': 'two', 'name': 'Two', 'focus': 'own', 'verdict': 'pursue',"
    "   'verdict_reason': 'light', 'options': [{'option': 'school', 'reason': 'light'},"
    "   {'option': 'badges', 'reason': 'with the school'},"
    "   {'option': 'help', 'is_chosen': false, 'reason': 'dear'},"
    "   {'option': 'forum', 'is_chosen': false, 'reason': 'dear'}]}],"
    " 'waivers': [{'id': '2', 'reason': 'measured instead', 'by': 'ann'},"
    "  {'id': '3', 'reason': 'a small test'}]}";

/* A document written with ' for ". */
static inline void strategy_model_read(struct arena *arena, Str text, struct strategy_model *model)
{
    char *bytes = arena_new(arena, char, text.len + 1);
    struct document_faults faults;
    struct err err = {0};

    for (size_t i = 0; i < text.len; i++)
        bytes[i] = text.ptr[i] == '\'' ? '"' : text.ptr[i];
    if (!document_read(arena, (Str){bytes, text.len}, model, &faults, &err))
        print_error("%s\n", err.msg);
    CHECK(err.code == ERR_NONE);
}

static inline void strategy_model_make(struct arena *arena, struct strategy_model *model)
{
    strategy_model_read(arena, str_from_cstr(strategy_text), model);
}

static const struct change strategy_change = {
    .actor = S_INIT("ann"), .reason = S_INIT("because"), .at_ms = INT64_C(1800000000000)};

#endif
