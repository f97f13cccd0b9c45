#include "flow/sample_plan.h"

#include "format/json.h"
#include "format/time.h"

static bool load_word(const struct json *object, const char *key, const struct word_list *words,
                      int *value, struct err *err)
{
    Str word = json_str_or(object, key, STR_NONE);

    if (word.len == 0 || word_find(words, word, value))
        return true;
    return json_refuse(json_get(object, key), err, "is no word of its list");
}

static bool load_override(const struct json *object, struct sample_override *out, struct err *err)
{
    int standing = STANDING_UNSET, position = POSITION_UNSET;

    if (!json_need_str(object, "topic", &out->topic, err) ||
        !json_need_str(object, "reason", &out->reason, err) ||
        !load_word(object, "standing", &words_standing, &standing, err) ||
        !load_word(object, "position", &words_position, &position, err))
        return false;
    out->choice = (struct rating_choice){
        .affinity = json_i64_or(object, "affinity", -1),
        .standing = (enum standing)standing,
        .position = (enum position_state)position,
        .holder = json_str_or(object, "holder", STR_NONE),
    };
    return true;
}

static bool load_overrides(struct arena *a, const struct json *root, struct sample_plan *out,
                           struct err *err)
{
    const struct json *list;

    if (!json_need_array(root, "overrides", &list, err))
        return false;
    if (json_len(list) > SAMPLE_OVERRIDES_MAX)
        return json_refuse(list, err, "is longer than 100");
    out->override_count = json_len(list);
    out->overrides = arena_new(a, struct sample_override, json_len(list));
    for (size_t i = 0; i < json_len(list); i++)
        if (!load_override(json_at(list, i), &out->overrides[i], err))
            return false;
    return true;
}

static bool load_rejected(struct arena *a, const struct json *root, struct sample_plan *out,
                          struct err *err)
{
    const struct json *object;

    if (!json_need_object(root, "rejected", &object, err))
        return false;
    if (json_len(object) > SAMPLE_OVERRIDES_MAX)
        return json_refuse(object, err, "is longer than 100");
    out->rejected_count = json_len(object);
    out->rejected = arena_new(a, struct sample_rejection, json_len(object));
    for (size_t i = 0; i < json_len(object); i++) {
        out->rejected[i].focus = json_key_at(object, i);
        if (!json_str(json_at(object, i), &out->rejected[i].reason))
            return json_refuse(json_at(object, i), err, "has to be a text");
    }
    return true;
}

bool sample_plan_load(struct arena *a, Str text, struct sample_plan *out, struct err *err)
{
    const struct json *root;

    *out = (struct sample_plan){0};
    if (!json_parse(a, text, &root, err))
        return err_wrap(err, "sample plan");
    Str date = json_str_or(root, "decision_date", STR_NONE);
    if (date.len > 0 && !time_parse_iso(date, &out->decision_at_ms))
        return json_refuse(json_get(root, "decision_date"), err, "has to be a date");
    out->low_cause = json_str_or(root, "low_cause", STR_NONE);
    out->conditions = json_str_or(root, "conditions", STR_NONE);
    out->resources_granted = json_str_or(root, "resources_granted", STR_NONE);
    bool ok = json_need_str(root, "focus", &out->focus, err) &&
              json_need_str(root, "reason", &out->reason, err) &&
              json_need_str(root, "reopening", &out->reopening, err) &&
              load_overrides(a, root, out, err) && load_rejected(a, root, out, err);
    return ok || err_wrap(err, "sample plan");
}

Str sample_plan_rejection(const struct sample_plan *plan, Str focus)
{
    for (size_t i = 0; i < plan->rejected_count; i++)
        if (str_eq(plan->rejected[i].focus, focus))
            return plan->rejected[i].reason;
    return S("Another version fits the goals better.");
}
