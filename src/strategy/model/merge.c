#include "strategy/model/merge.h"

static void keep_text(Str stored, Str *text)
{
    if (text->len == 0)
        *text = stored;
}

static bool keep_affinity(const struct topic *stored, struct topic *topic)
{
    if (topic->affinity >= 0 || stored->affinity < 0)
        return false;
    topic->affinity = stored->affinity;
    topic->affinity_reason = stored->affinity_reason;
    keep_text(stored->low_cause, &topic->low_cause);
    if (topic->detour_to.len == 0) {
        topic->detour_to = stored->detour_to;
        keep_text(stored->detour_reason, &topic->detour_reason);
    }
    return true;
}

/* Standing and position are two decisions with one reason: the document's, when it decides one. */
static bool keep_position(const struct topic *stored, struct topic *topic)
{
    bool is_standing = topic->standing == STANDING_UNSET && stored->standing != STANDING_UNSET;
    bool is_position = topic->position == POSITION_UNSET && stored->position != POSITION_UNSET;

    if (is_standing)
        topic->standing = stored->standing;
    if (is_position) {
        topic->position = stored->position;
        topic->holder = stored->holder;
    }
    if (is_standing || is_position)
        keep_text(stored->position_reason, &topic->position_reason);
    return is_standing || is_position;
}

static void keep_priority(const struct topic *stored, struct topic *topic)
{
    if (topic->priority != PRIORITY_UNSET || stored->priority == PRIORITY_UNSET)
        return;
    topic->priority = stored->priority;
    topic->priority_reason = stored->priority_reason;
}

/* The stored evidence, oldest first, then what the document adds; the oldest give way. */
static bool join_evidence(struct arena *arena, StrList stored, StrList *list, struct err *err)
{
    StrList joined = {.items = arena_try_new(arena, Str, stored.count + list->count + 1)};

    if (!joined.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < stored.count; i++)
        joined.items[joined.count++] = stored.items[i];
    for (size_t i = 0; i < list->count; i++)
        if (!str_list_has(stored, list->items[i]))
            joined.items[joined.count++] = list->items[i];
    if (joined.count > STRATEGY_LIST_MAX) {
        joined.items += joined.count - STRATEGY_LIST_MAX;
        joined.count = STRATEGY_LIST_MAX;
    }
    *list = joined;
    return true;
}

static bool keep_topic(struct arena *arena, const struct topic *stored, struct topic *topic,
                       struct err *err)
{
    bool is_affinity = keep_affinity(stored, topic), is_position = keep_position(stored, topic);

    keep_priority(stored, topic);
    return (!is_affinity && !is_position) ||
           join_evidence(arena, stored->evidence, &topic->evidence, err);
}

static void keep_option(const struct strategy_option *stored, struct strategy_option *option)
{
    if (option->rating == STANDING_UNSET && stored->rating != STANDING_UNSET) {
        option->rating = stored->rating;
        option->rating_reason = stored->rating_reason;
    }
    if (option->durability == DURABILITY_NONE)
        option->durability = stored->durability;
}

static void keep_version(const struct strategy_version *stored, struct strategy_version *version)
{
    if (version->verdict != VERDICT_OPEN || stored->verdict == VERDICT_OPEN)
        return;
    version->verdict = stored->verdict;
    version->verdict_reason = stored->verdict_reason;
}

bool merge_keep_decided(struct arena *arena, enum object_kind kind, const void *stored,
                        void *object, struct err *err)
{
    if (kind == OBJECT_TOPIC)
        return keep_topic(arena, stored, object, err);
    if (kind == OBJECT_OPTION)
        keep_option(stored, object);
    else if (kind == OBJECT_VERSION)
        keep_version(stored, object);
    return true;
}
