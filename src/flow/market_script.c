#include "flow/market_script.h"

#include <math.h>

#include "format/json.h"
#include "format/time.h"

enum { HOUR_MS = 3600000 };

static const char *const lang_names[MARKET_LANG_COUNT] = {"en", "de"};
static const char *const mood_names[MOOD_COUNT] = {"negative", "neutral", "positive"};

struct loader {
    struct arena *arena;
    struct market_script *script;
    struct err *err;
};

static bool load_phrases(struct loader *l, const struct json *list, struct phrase_list *out)
{
    size_t count = json_len(list);

    if (!list)
        return true;
    if (list->type != JSON_ARRAY || count > MARKET_PHRASES_MAX)
        return json_refuse(list, l->err, "has to be a list of at most 1000 texts");
    Str *items = arena_try_new(l->arena, Str, count);
    if (!items)
        return err_arena(l->err, l->arena);
    for (size_t i = 0; i < count; i++)
        if (!json_str(json_at(list, i), &items[i]))
            return json_refuse(json_at(list, i), l->err, "has to be a text");
    *out = (struct phrase_list){items, count};
    return true;
}

/* {"en": {"positive": [...], ...}, "de": {...}} */
static bool load_book(struct loader *l, const struct json *object, struct phrase_book *out)
{
    for (size_t lang = 0; lang < MARKET_LANG_COUNT; lang++) {
        const struct json *moods = json_get(object, lang_names[lang]);
        for (size_t mood = 0; mood < MOOD_COUNT; mood++)
            if (!load_phrases(l, json_get(moods, mood_names[mood]), &out->by[lang][mood]))
                return false;
    }
    return true;
}

static bool load_by_lang(struct loader *l, const char *name, const struct json *root,
                         struct phrase_list out[MARKET_LANG_COUNT])
{
    const struct json *object;

    if (!json_need_object(root, name, &object, l->err))
        return false;
    for (size_t lang = 0; lang < MARKET_LANG_COUNT; lang++)
        if (!load_phrases(l, json_get(object, lang_names[lang]), &out[lang]))
            return false;
    return true;
}

static bool load_mood(struct loader *l, const struct json *list, struct mood_mix *out)
{
    double sum = 0;

    if (json_len(list) != MOOD_COUNT)
        return json_refuse(list, l->err, "has to be three shares: negative, neutral, positive");
    for (size_t i = 0; i < MOOD_COUNT; i++) {
        if (!json_f64(json_at(list, i), &out->share[i]) || out->share[i] < 0)
            return json_refuse(json_at(list, i), l->err, "has to be a share of at least 0");
        sum += out->share[i];
    }
    return fabs(sum - 1) < 1e-6 || json_refuse(list, l->err, "has to add up to 1");
}

static bool load_brand(struct loader *l, const struct json *object, struct market_brand *out)
{
    return json_need_str(object, "name", &out->name, l->err) &&
           json_need_str(object, "handle", &out->handle, l->err) &&
           json_need_f64(object, "share", 0, 1, &out->share, l->err) &&
           load_phrases(l, json_get(object, "products"), &out->products);
}

static size_t find_brand(const struct market_script *script, Str name)
{
    for (size_t i = 0; i < script->brand_count; i++)
        if (str_eq(script->brands[i].name, name))
            return i;
    return script->brand_count;
}

static size_t find_topic(const struct market_script *script, Str id)
{
    for (size_t i = 0; i < script->topic_count; i++)
        if (str_eq(script->topics[i].id, id))
            return i;
    return script->topic_count;
}

static bool load_topic_brands(struct loader *l, const struct json *object, struct market_topic *out)
{
    const struct json *shares;
    double sum = 0;

    if (!json_need_object(object, "brands", &shares, l->err))
        return false;
    for (size_t i = 0; i < json_len(shares); i++) {
        size_t brand = find_brand(l->script, json_key_at(shares, i));
        if (brand == l->script->brand_count)
            return json_refuse(json_at(shares, i), l->err, "names no brand of the script");
        if (!json_f64(json_at(shares, i), &out->brand_share[brand]))
            return json_refuse(json_at(shares, i), l->err, "has to be a share");
        sum += out->brand_share[brand];
    }
    return fabs(sum - 1) < 1e-6 || json_refuse(shares, l->err, "has to add up to 1");
}

/* "*" is the mood of every brand that has none of its own. */
static bool load_topic_moods(struct loader *l, const struct json *object, struct market_topic *out)
{
    const struct json *moods;

    if (!json_need_object(object, "mood", &moods, l->err))
        return false;
    for (size_t i = 0; i < l->script->brand_count; i++) {
        const struct json *own = json_find(moods, l->script->brands[i].name);
        if (!load_mood(l, own ? own : json_get(moods, "*"), &out->mood[i]))
            return false;
    }
    return true;
}

static bool load_topic(struct loader *l, const struct json *object, struct market_topic *out)
{
    if (!json_need_str(object, "id", &out->id, l->err) ||
        !json_need_str(object, "name", &out->name, l->err) ||
        !json_need_f64(object, "per_hour", 0, 1000, &out->per_hour, l->err) ||
        !json_need_f64(object, "reply", 0, 1, &out->reply, l->err) ||
        !json_need_f64(object, "repost", 0, 1, &out->repost, l->err) ||
        !json_need_f64(object, "growth", -1, 10, &out->growth, l->err))
        return false;
    return load_topic_brands(l, object, out) && load_topic_moods(l, object, out) &&
           load_phrases(l, json_get(object, "hashtags"), &out->hashtags) &&
           load_book(l, object, &out->phrases);
}

static bool load_event_wave(struct loader *l, const struct json *object, struct market_event *out)
{
    const struct json *mood;

    if (json_get(object, "copies")) {
        int64_t copies;
        if (!json_need_i64(object, "copies", 1, 1000000, &copies, l->err))
            return false;
        out->copies = (size_t)copies;
        out->accounts = (size_t)json_i64_or(object, "accounts", 0);
        return true;
    }
    if (!json_need_f64(object, "ramp_hours", 0.1, 1000, &out->ramp_hours, l->err) ||
        !json_need_f64(object, "half_life_hours", 0.1, 1000, &out->half_life_hours, l->err) ||
        !json_need_f64(object, "factor", 0, 1000, &out->factor, l->err) ||
        !json_need_f64(object, "reply", 0, 1, &out->reply, l->err) ||
        !json_need_f64(object, "repost", 0, 1, &out->repost, l->err) ||
        !json_need_array(object, "mood", &mood, l->err))
        return false;
    return load_mood(l, mood, &out->mood);
}

static bool load_event_place(struct loader *l, const struct json *object, struct market_event *out)
{
    Str topic, brand;
    int64_t day, hour;

    if (!json_need_str(object, "topic", &topic, l->err) ||
        !json_need_str(object, "brand", &brand, l->err) ||
        !json_need_str(object, "product", &out->product, l->err) ||
        !json_need_i64(object, "day", 0, MARKET_DAYS_MAX, &day, l->err) ||
        !json_need_i64(object, "hour", 0, 23, &hour, l->err))
        return false;
    out->topic = find_topic(l->script, topic);
    out->brand = find_brand(l->script, brand);
    if (out->topic == l->script->topic_count)
        return json_refuse(json_get(object, "topic"), l->err, "names no topic of the script");
    if (out->brand == l->script->brand_count)
        return json_refuse(json_get(object, "brand"), l->err, "names no brand of the script");
    out->start_hour = day * 24 + hour;
    return true;
}

static bool load_event(struct loader *l, const struct json *object, struct market_event *out)
{
    return json_need_str(object, "id", &out->id, l->err) &&
           json_need_str(object, "kind", &out->kind, l->err) &&
           json_need_str(object, "title", &out->title, l->err) &&
           json_need_f64(object, "hold_hours", 0, 1000, &out->hold_hours, l->err) &&
           load_event_place(l, object, out) && load_event_wave(l, object, out) &&
           load_book(l, object, &out->phrases);
}

/* A list member whose length is checked before room is made for it. */
static bool list_of(struct loader *l, const struct json *root, const char *name, size_t most,
                    const struct json **list)
{
    if (!json_need_array(root, name, list, l->err))
        return false;
    if (json_len(*list) == 0 || json_len(*list) > most)
        return json_refuse(*list, l->err, "is empty or too long");
    return true;
}

static bool load_brands(struct loader *l, const struct json *root)
{
    const struct json *list;

    if (!list_of(l, root, "brands", MARKET_BRANDS_MAX, &list))
        return false;
    l->script->brand_count = json_len(list);
    l->script->brands = arena_new(l->arena, struct market_brand, json_len(list));
    for (size_t i = 0; i < json_len(list); i++)
        if (!load_brand(l, json_at(list, i), &l->script->brands[i]))
            return false;
    return true;
}

static bool load_topics(struct loader *l, const struct json *root)
{
    const struct json *list;

    if (!list_of(l, root, "topics", MARKET_TOPICS_MAX, &list))
        return false;
    l->script->topic_count = json_len(list);
    l->script->topics = arena_new(l->arena, struct market_topic, json_len(list));
    for (size_t i = 0; i < json_len(list); i++)
        if (!load_topic(l, json_at(list, i), &l->script->topics[i]))
            return false;
    return true;
}

static bool load_events(struct loader *l, const struct json *root)
{
    const struct json *list;

    if (!list_of(l, root, "events", MARKET_EVENTS_MAX, &list))
        return false;
    l->script->event_count = json_len(list);
    l->script->events = arena_new(l->arena, struct market_event, json_len(list));
    for (size_t i = 0; i < json_len(list); i++)
        if (!load_event(l, json_at(list, i), &l->script->events[i]))
            return false;
    return true;
}

static bool load_head(struct loader *l, const struct json *root)
{
    struct market_script *script = l->script;
    int64_t days, decision_day, people;
    Str start;

    if (!json_need_str(root, "name", &script->name, l->err) ||
        !json_need_str(root, "start", &start, l->err) ||
        !json_need_i64(root, "days", 1, MARKET_DAYS_MAX, &days, l->err) ||
        !json_need_i64(root, "decision_day", 0, days, &decision_day, l->err) ||
        !json_need_i64(root, "people", 10, MARKET_PEOPLE_MAX, &people, l->err) ||
        !json_need_f64(root, "german_share", 0, 1, &script->german_share, l->err) ||
        !json_need_f64(root, "noise_per_hour", 0, 1000, &script->noise_per_hour, l->err))
        return false;
    if (!time_parse(start, &script->start_ms) || script->start_ms % HOUR_MS != 0)
        return json_refuse(json_get(root, "start"), l->err, "has to be a full hour, RFC 3339");
    script->days = (size_t)days;
    script->decision_day = (size_t)decision_day;
    script->people = (size_t)people;
    return true;
}

bool market_script_load(struct arena *a, Str text, struct market_script **out, struct err *err)
{
    const struct json *root;

    if (!json_parse(a, text, &root, err))
        return err_wrap(err, "market script");
    struct loader l = {a, arena_new(a, struct market_script, 1), err};
    if (!load_head(&l, root) || !load_brands(&l, root) || !load_topics(&l, root) ||
        !load_events(&l, root) || !load_by_lang(&l, "openers", root, l.script->openers) ||
        !load_by_lang(&l, "noise", root, l.script->noise) ||
        !load_by_lang(&l, "official", root, l.script->official) ||
        !load_book(&l, json_get(root, "closers"), &l.script->closers) ||
        !load_book(&l, json_get(root, "replies"), &l.script->replies))
        return err_wrap(err, "market script");
    *out = l.script;
    return true;
}

/* ---- a part of it ---- */

static void keep_events(struct market_script *script, int64_t first_hour, int64_t hours)
{
    size_t kept = 0;

    for (size_t i = 0; i < script->event_count; i++) {
        struct market_event *event = &script->events[i];
        event->start_hour -= first_hour;
        if (event->start_hour >= 0 && event->start_hour < hours)
            script->events[kept++] = *event;
    }
    script->event_count = kept;
}

bool market_script_cut(struct market_script *script, size_t days, struct err *err)
{
    if (days == 0 || days > script->days)
        return err_set(err, ERR_INPUT, "the script has 1 to %zu days, not %zu", script->days, days);
    size_t before = script->decision_day * days / script->days;
    size_t first = script->decision_day - before;
    double part = (double)days / (double)script->days;

    /* The rate changes as much a day as in the whole script, from where it has got to. */
    for (size_t i = 0; i < script->topic_count; i++) {
        struct market_topic *topic = &script->topics[i];
        double begun = 1 + topic->growth * (double)first / (double)script->days;
        topic->per_hour *= begun;
        topic->growth = begun > 0 ? topic->growth * part / begun : 0;
    }
    keep_events(script, (int64_t)first * 24, (int64_t)days * 24);
    script->start_ms += (int64_t)first * TIME_DAY_MS;
    script->decision_day = before;
    script->days = days;
    return true;
}
