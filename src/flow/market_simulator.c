/* Hour by hour: draw how many posts each topic and event gives (Poisson), put them into the order
 * of their seconds, then let somebody write each. A ring of the last posts of every topic is what
 * can be answered.
 *
 *   rate(topic, hour) = per_hour * day curve * week curve * (1 + growth * elapsed)
 *   rate(event, hour) = per_hour(topic) * factor * wave(hours since its start)
 */
#include "flow/market_simulator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "base/vec.h"
#include "flow/market_truth.h"
#include "format/json.h"
#include "format/time.h"

enum {
    RING = 256,
    RECENT_TEXT_MAX = 400,
    FOLLOW_MAX = 40,
    CANDIDATES = 5,
    HOUR_MS = 3600000,
    LINE_BYTES_MAX = 16384
};
enum { STREAM_PEOPLE = 1, STREAM_HOURS = 2, STREAM_TEXT = 3 };
enum { LATE_NIGHT_UTC_SHIFT = 1 }; /* the people live one hour east of UTC */

static const double day_curve[24] = {0.30, 0.18, 0.12, 0.10, 0.12, 0.25, 0.55, 0.95,
                                     1.10, 1.10, 1.10, 1.15, 1.30, 1.20, 1.10, 1.10,
                                     1.20, 1.35, 1.55, 1.75, 1.80, 1.60, 1.10, 0.60};
static const double week_curve[7] = {1.00, 1.02, 1.03, 1.02, 0.98, 0.92, 1.03}; /* from Monday */

struct person {
    uint32_t id;
    uint32_t follows[FOLLOW_MAX];
    uint16_t follow_count;
    uint16_t brand;
    uint8_t lang;
    uint8_t is_forum;
    int8_t shift_hours; /* wakes earlier or later than the others */
    double activity;    /* relative; a few write most */
    int64_t followers;
};

struct recent {
    char id[16], thread[16];
    uint32_t author; /* number + 1; 0 is nobody */
    uint8_t is_forum, lang, brand, mood;
    uint16_t text_len;
    char text[RECENT_TEXT_MAX]; /* what a repost passes on */
};

struct ring {
    struct recent items[RING];
    size_t written;
};

enum spec_kind { SPEC_TOPIC, SPEC_EVENT, SPEC_COPY, SPEC_OFFICIAL, SPEC_NOISE };

/* A post that is going to be written, before anybody is chosen. */
struct spec {
    int64_t at_ms;
    enum spec_kind kind;
    size_t topic, event, brand;
};

struct simulator {
    const struct market_script *script;
    const struct market_sink *sink;
    struct market_truth *truth;
    struct random people_random, hour_random, text_random;
    struct person *people;
    double *cumulative; /* of activity */
    struct ring *rings; /* per topic */
    struct {
        VEC(struct spec);
    } hour;
    struct buf line, text;
    struct arena arena;   /* lives as long as the run */
    struct arena scratch; /* of one post */
    uint64_t next_id;
};

/* What is known of a post while it is written. */
struct draft {
    const struct spec *spec;
    char id[16];
    const struct person *author; /* NULL: an account of its own (brand, outlet, bot) */
    enum market_lang lang;
    enum market_mood mood;
    const struct recent *parent;
    bool is_repost;
    const char *kind; /* truth */
    uint64_t account; /* number of an outlet or bot */
};

static double unit(struct random *r)
{
    return random_next_unit(r);
}

static size_t pick(struct random *r, size_t count)
{
    return (size_t)random_below(r, count);
}

static Str pick_phrase(struct random *r, struct phrase_list list)
{
    return list.count > 0 ? list.items[pick(r, list.count)] : STR_NONE;
}

static size_t poisson(struct random *r, double mean)
{
    double limit = exp(-mean), product = unit(r);
    size_t count = 0;

    for (; product > limit; count++)
        product *= unit(r);
    return count;
}

static size_t pick_weighted(struct random *r, const double *share, size_t count)
{
    double at = unit(r);

    for (size_t i = 0; i + 1 < count; i++) {
        if (at < share[i])
            return i;
        at -= share[i];
    }
    return count - 1;
}

/* ---- people ---- */

static void follow_some(struct simulator *sim, struct person *person)
{
    struct random *r = &sim->people_random;
    size_t wanted = 3 + pick(r, FOLLOW_MAX - 3);

    for (size_t i = 0; i < wanted; i++) {
        /* Preferential attachment: the square favours low numbers, who have the followers. */
        double at = unit(r);
        uint32_t other = (uint32_t)(at * at * (double)sim->script->people);
        if (sim->people[other].lang == person->lang && other != person->id)
            person->follows[person->follow_count++] = other;
    }
}

static void create_people(struct simulator *sim)
{
    const struct market_script *script = sim->script;
    struct random *r = &sim->people_random;
    double shares[MARKET_BRANDS_MAX], sum = 0;

    for (size_t i = 0; i < script->brand_count; i++)
        shares[i] = script->brands[i].share;
    sim->people = arena_new(&sim->arena, struct person, script->people);
    sim->cumulative = arena_new(&sim->arena, double, script->people);
    for (size_t i = 0; i < script->people; i++) {
        struct person *person = &sim->people[i];
        double rank = (double)(i + 1) / (double)script->people;
        person->id = (uint32_t)i;
        person->lang = unit(r) < script->german_share ? MARKET_DE : MARKET_EN;
        person->brand = (uint16_t)pick_weighted(r, shares, script->brand_count);
        person->is_forum = unit(r) < 0.30;
        person->shift_hours = (int8_t)((int)pick(r, 6) - 2);
        person->activity = 0.05 + pow(unit(r), -0.45) - 1.0; /* Pareto with a light foot */
        person->followers = (int64_t)(20.0 + 60.0 * pow(rank, -0.75) * (0.3 + unit(r)));
        sum += person->activity;
        sim->cumulative[i] = sum;
    }
    for (size_t i = 0; i < script->people; i++)
        follow_some(sim, &sim->people[i]);
}

static const struct person *pick_by_activity(struct simulator *sim)
{
    size_t count = sim->script->people, low = 0, high = count - 1;
    double at = unit(&sim->hour_random) * sim->cumulative[count - 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sim->cumulative[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return &sim->people[low];
}

/* Among a few candidates the one who is awake and owns the brand writes. */
static const struct person *pick_author(struct simulator *sim, size_t local_hour, size_t brand)
{
    const struct person *best = NULL;
    double best_score = -1;

    for (int i = 0; i < CANDIDATES; i++) {
        const struct person *person = pick_by_activity(sim);
        size_t hour = (local_hour + 24 - (size_t)(person->shift_hours + 24)) % 24;
        double score =
            day_curve[hour] * (person->brand == brand ? 2.0 : 0.7) * unit(&sim->hour_random);
        if (score > best_score) {
            best_score = score;
            best = person;
        }
    }
    return best;
}

/* ---- the hour's posts ---- */

static double wave(const struct market_event *event, double hours)
{
    double shape;

    if (hours < 0)
        return 0;
    if (hours < event->ramp_hours)
        shape = (hours / event->ramp_hours) * (hours / event->ramp_hours);
    else if (hours < event->ramp_hours + event->hold_hours)
        shape = 1;
    else
        shape = exp2(-(hours - event->ramp_hours - event->hold_hours) / event->half_life_hours);
    return shape < 0.01 ? 0 : shape;
}

static void add_specs(struct simulator *sim, double mean, int64_t hour_ms, struct spec spec)
{
    size_t count = poisson(&sim->hour_random, mean);

    for (size_t i = 0; i < count; i++) {
        spec.at_ms = hour_ms + (int64_t)pick(&sim->hour_random, HOUR_MS);
        vec_push(&sim->hour, spec);
    }
}

static void add_topics(struct simulator *sim, double curve, double elapsed, int64_t hour_ms)
{
    const struct market_script *script = sim->script;

    for (size_t i = 0; i < script->topic_count; i++) {
        const struct market_topic *topic = &script->topics[i];
        double mean = topic->per_hour * curve * (1 + topic->growth * elapsed);
        add_specs(sim, mean, hour_ms, (struct spec){.kind = SPEC_TOPIC, .topic = i});
    }
    for (size_t i = 0; i < script->brand_count; i++)
        add_specs(sim, 0.12 * curve, hour_ms, (struct spec){.kind = SPEC_OFFICIAL, .brand = i});
    add_specs(sim, script->noise_per_hour * curve, hour_ms, (struct spec){.kind = SPEC_NOISE});
}

static void add_events(struct simulator *sim, double curve, size_t hour, int64_t hour_ms)
{
    const struct market_script *script = sim->script;

    for (size_t i = 0; i < script->event_count; i++) {
        const struct market_event *event = &script->events[i];
        double hours = (double)hour - (double)event->start_hour;
        struct spec spec = {.topic = event->topic, .event = i, .brand = event->brand};
        if (event->copies > 0) {
            spec.kind = SPEC_COPY;
            if (hours >= 0 && hours < event->hold_hours)
                add_specs(sim, (double)event->copies / event->hold_hours, hour_ms, spec);
            continue;
        }
        spec.kind = SPEC_EVENT;
        double mean = script->topics[event->topic].per_hour * event->factor * wave(event, hours);
        add_specs(sim, mean * sqrt(curve), hour_ms, spec);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct spec *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    return (x->topic > y->topic) - (x->topic < y->topic);
}

/* ---- one post ---- */

static const struct recent *pick_parent(struct simulator *sim, const struct draft *draft)
{
    struct ring *ring = &sim->rings[draft->spec->topic];
    size_t filled = ring->written < RING ? ring->written : RING;
    const struct recent *any = NULL;

    for (int i = 0; i < 8 && filled > 0; i++) {
        const struct recent *candidate = &ring->items[pick(&sim->hour_random, filled)];
        if (candidate->lang != draft->lang || candidate->author == draft->author->id + 1 ||
            candidate->is_forum != draft->author->is_forum)
            continue;
        any = candidate;
        for (size_t f = 0; f < draft->author->follow_count; f++)
            if (draft->author->follows[f] + 1 == candidate->author)
                return candidate;
    }
    return any;
}

static void remember(struct simulator *sim, const struct draft *draft)
{
    struct ring *ring = &sim->rings[draft->spec->topic];
    struct recent *slot = &ring->items[ring->written++ % RING];

    memcpy(slot->id, draft->id, sizeof slot->id);
    memcpy(slot->thread, draft->parent ? draft->parent->thread : draft->id, sizeof slot->thread);
    slot->author = draft->author ? draft->author->id + 1 : 0;
    slot->is_forum = draft->author ? draft->author->is_forum : 0;
    slot->lang = (uint8_t)draft->lang;
    slot->brand = (uint8_t)draft->spec->brand;
    slot->mood = (uint8_t)draft->mood;
    slot->text_len = (uint16_t)(sim->text.len < RECENT_TEXT_MAX ? sim->text.len : RECENT_TEXT_MAX);
    memcpy(slot->text, sim->text.ptr, slot->text_len);
}

static void add_phrase(struct simulator *sim, Str phrase, Str product)
{
    size_t at;

    while ((at = str_find(phrase, S("{b}"))) < phrase.len) {
        buf_add(&sim->text, str_sub(phrase, 0, at));
        buf_add(&sim->text, product);
        phrase = str_sub(phrase, at + 3, phrase.len);
    }
    buf_add(&sim->text, phrase);
}

static Str product_name(struct simulator *sim, const struct draft *draft)
{
    const struct market_brand *brand = &sim->script->brands[draft->spec->brand];

    if (draft->spec->kind == SPEC_EVENT)
        return sim->script->events[draft->spec->event].product;
    if (str_eq(sim->script->topics[draft->spec->topic].id, S("service")) ||
        brand->products.count == 0)
        return brand->name;
    return unit(&sim->text_random) < 0.25 ? brand->name
                                          : pick_phrase(&sim->text_random, brand->products);
}

/* Opener or reply words, one or two phrases of the mood, closer, now and then a hashtag. */
static void write_text(struct simulator *sim, const struct draft *draft)
{
    const struct market_script *script = sim->script;
    const struct market_topic *topic = &script->topics[draft->spec->topic];
    struct random *r = &sim->text_random;
    bool is_event = draft->spec->kind == SPEC_EVENT;
    struct phrase_list own =
        (is_event ? &script->events[draft->spec->event].phrases : &topic->phrases)
            ->by[draft->lang][draft->mood];
    Str product = product_name(sim, draft);

    if (draft->parent && !draft->author->is_forum)
        buf_printf(&sim->text, "@user%u ", (unsigned)draft->parent->author - 1);
    if (draft->parent)
        buf_add(&sim->text, pick_phrase(r, script->replies.by[draft->lang][draft->mood]));
    else
        buf_add(&sim->text, pick_phrase(r, script->openers[draft->lang]));
    Str first = pick_phrase(r, own);
    Str second = pick_phrase(r, topic->phrases.by[draft->lang][draft->mood]);
    add_phrase(sim, first, product);
    if (unit(r) < 0.30 && !str_eq(first, second)) {
        buf_add(&sim->text, str_ends(first, S("?")) ? S(" ") : S(". "));
        add_phrase(sim, second, product);
    }
    buf_add(&sim->text, pick_phrase(r, script->closers.by[draft->lang][draft->mood]));
    if (unit(r) < 0.22) {
        buf_add_byte(&sim->text, ' ');
        buf_add(&sim->text, pick_phrase(r, topic->hashtags));
    }
}

static void choose_mood(struct simulator *sim, struct draft *draft)
{
    const struct market_script *script = sim->script;
    const struct mood_mix *mix = draft->spec->kind == SPEC_EVENT
                                     ? &script->events[draft->spec->event].mood
                                     : &script->topics[draft->spec->topic].mood[draft->spec->brand];

    draft->mood = (enum market_mood)pick_weighted(&sim->hour_random, mix->share, MOOD_COUNT);
}

static void choose_relation(struct simulator *sim, struct draft *draft)
{
    const struct market_script *script = sim->script;
    const struct market_topic *topic = &script->topics[draft->spec->topic];
    bool is_event = draft->spec->kind == SPEC_EVENT;
    const struct market_event *event = is_event ? &script->events[draft->spec->event] : NULL;
    double reply = is_event ? event->reply : topic->reply;
    double repost = is_event ? event->repost : topic->repost;
    double at = unit(&sim->hour_random);

    draft->kind = "original";
    if (at >= reply + repost)
        return;
    draft->is_repost = at >= reply && !draft->author->is_forum;
    draft->parent = pick_parent(sim, draft);
    if (!draft->parent)
        draft->is_repost = false;
    else
        draft->kind = draft->is_repost ? "repost" : "reply";
}

static void put_author(struct simulator *sim, struct json_writer *w, const struct draft *draft)
{
    const struct market_brand *brand = &sim->script->brands[draft->spec->brand];
    Str id = STR_NONE, handle = STR_NONE;
    int64_t followers = 150 + (int64_t)draft->account * 37 % 4000;
    bool is_verified = draft->spec->kind == SPEC_OFFICIAL;

    if (draft->author) {
        id = arena_printf(&sim->scratch, "p%u", (unsigned)draft->author->id);
        handle = arena_printf(&sim->scratch, "user%u", (unsigned)draft->author->id);
        followers = draft->author->followers;
    } else if (is_verified) {
        id = arena_printf(&sim->scratch, "brand-" STR_F, STR_A(brand->handle));
        handle = brand->handle;
        followers = 180000;
    } else {
        id = arena_printf(&sim->scratch, "%s%llu", draft->kind, (unsigned long long)draft->account);
        handle = id;
    }
    json_set_object(w, "author");
    json_set_str(w, "id", id);
    json_set_str(w, "handle", handle);
    json_set_i64(w, "followers", followers);
    json_set_bool(w, "verified", is_verified);
    json_end_object(w);
}

static void put_relation(struct json_writer *w, const struct draft *draft)
{
    if (!draft->parent) {
        json_set_str(w, "thread", str_from_cstr(draft->id));
        return;
    }
    Str parent = str_from_cstr(draft->parent->id);
    json_set_str(w, draft->is_repost ? "repost_of" : "reply_to", parent);
    json_set_str(w, "thread", str_from_cstr(draft->parent->thread));
}

static Str source_of(const struct draft *draft)
{
    if (draft->spec->kind == SPEC_COPY && draft->kind[0] == 'c')
        return S("news");
    return draft->author && draft->author->is_forum ? S("forum") : S("micro");
}

static bool emit(struct simulator *sim, const struct draft *draft, struct err *err)
{
    struct json_writer w;
    struct random *r = &sim->text_random;
    int64_t reach = draft->author ? draft->author->followers : 400;

    buf_reset(&sim->line);
    json_writer_init(&w, &sim->line, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "id", str_from_cstr(draft->id));
    json_set_str(&w, "source", source_of(draft));
    json_set_str(&w, "kind",
                 draft->parent && !draft->is_repost    ? S("reply")
                 : str_eq(source_of(draft), S("news")) ? S("article")
                                                       : S("post"));
    json_set_str(&w, "created_at", str_from_cstr(time_rfc3339(draft->spec->at_ms).text));
    put_author(sim, &w, draft);
    json_set_str(&w, "lang", draft->lang == MARKET_DE ? S("de") : S("en"));
    json_set_str(&w, "text", buf_str(&sim->text));
    put_relation(&w, draft);
    json_set_object(&w, "metrics");
    json_set_i64(&w, "likes", (int64_t)(pow(unit(r), 4) * (double)reach * 0.05));
    json_set_i64(&w, "views", (int64_t)((0.1 + 0.5 * unit(r)) * (double)reach));
    json_end_object(&w);
    json_end_object(&w);
    if (!buf_ok(&sim->line, err) || !buf_ok(&sim->text, err))
        return false;
    size_t day = (size_t)((draft->spec->at_ms - sim->script->start_ms) / (24 * (int64_t)HOUR_MS));
    return sim->sink->post(sim->sink->context, day, buf_str(&sim->line), err);
}

static bool tell_truth(struct simulator *sim, const struct draft *draft, struct err *err)
{
    bool has_topic = draft->spec->kind != SPEC_NOISE && draft->spec->kind != SPEC_OFFICIAL;
    bool has_event = draft->spec->kind == SPEC_EVENT || draft->spec->kind == SPEC_COPY;
    struct market_truth_row row = {
        .id = str_from_cstr(draft->id),
        .at_ms = draft->spec->at_ms,
        .topic = has_topic ? draft->spec->topic : MARKET_NONE,
        .brand = draft->spec->kind == SPEC_NOISE ? MARKET_NONE : draft->spec->brand,
        .event = has_event ? draft->spec->event : MARKET_NONE,
        .mood = draft->mood,
        .lang = draft->lang,
        .kind = str_from_cstr(draft->kind),
    };

    return market_truth_add(sim->truth, &row, sim->sink, err);
}

/* ---- the kinds of posts ---- */

static void write_person_post(struct simulator *sim, struct draft *draft, size_t local_hour,
                              struct spec *spec)
{
    const struct market_topic *topic = &sim->script->topics[spec->topic];

    if (spec->kind == SPEC_TOPIC)
        spec->brand =
            pick_weighted(&sim->hour_random, topic->brand_share, sim->script->brand_count);
    draft->author = pick_author(sim, local_hour, spec->brand);
    draft->lang = (enum market_lang)draft->author->lang;
    choose_mood(sim, draft);
    choose_relation(sim, draft);
    if (draft->parent && spec->kind == SPEC_TOPIC)
        spec->brand = draft->parent->brand; /* an answer stays with what it answers */
    if (draft->is_repost) {
        draft->mood = (enum market_mood)draft->parent->mood;
        spec->brand = draft->parent->brand;
        buf_printf(&sim->text, "RT @user%u: ", (unsigned)draft->parent->author - 1);
        buf_add(&sim->text, (Str){draft->parent->text, draft->parent->text_len});
    } else {
        write_text(sim, draft);
    }
}

static void write_copy(struct simulator *sim, struct draft *draft)
{
    const struct market_event *event = &sim->script->events[draft->spec->event];
    struct random *r = &sim->text_random;

    draft->lang = unit(r) < 0.3 ? MARKET_DE : MARKET_EN;
    draft->mood = event->accounts > 0 ? MOOD_POSITIVE : MOOD_NEUTRAL;
    draft->kind = event->accounts > 0 ? "bot" : "copy";
    draft->account = pick(r, event->accounts > 0 ? event->accounts : 300);
    buf_add(&sim->text, pick_phrase(r, event->phrases.by[draft->lang][draft->mood]));
    if (event->accounts == 0)
        buf_printf(&sim->text, " (Outlet %llu)", (unsigned long long)draft->account);
}

static void write_official(struct simulator *sim, struct draft *draft)
{
    draft->lang = unit(&sim->text_random) < 0.4 ? MARKET_DE : MARKET_EN;
    draft->mood = MOOD_NEUTRAL;
    draft->kind = "official";
    add_phrase(sim, pick_phrase(&sim->text_random, sim->script->official[draft->lang]),
               sim->script->brands[draft->spec->brand].name);
}

static void write_noise(struct simulator *sim, struct draft *draft, size_t local_hour)
{
    draft->author = pick_author(sim, local_hour, 0);
    draft->lang = (enum market_lang)draft->author->lang;
    draft->mood = MOOD_NEUTRAL;
    draft->kind = "noise";
    buf_add(&sim->text, pick_phrase(&sim->text_random, sim->script->noise[draft->lang]));
    if (unit(&sim->text_random) < 0.5)
        buf_printf(&sim->text, " %llu", (unsigned long long)sim->next_id % 97);
}

static bool write_post(struct simulator *sim, struct spec *spec, struct err *err)
{
    size_t local_hour = (size_t)(spec->at_ms / HOUR_MS + LATE_NIGHT_UTC_SHIFT) % 24;
    struct draft draft = {.spec = spec};

    snprintf(draft.id, sizeof draft.id, "h%07llu", (unsigned long long)sim->next_id++);
    arena_reset(&sim->scratch);
    buf_reset(&sim->text);
    switch (spec->kind) {
    case SPEC_TOPIC:
    case SPEC_EVENT:
        write_person_post(sim, &draft, local_hour, spec);
        break;
    case SPEC_COPY:
        write_copy(sim, &draft);
        break;
    case SPEC_OFFICIAL:
        write_official(sim, &draft);
        break;
    case SPEC_NOISE:
        write_noise(sim, &draft, local_hour);
        break;
    }
    if (!emit(sim, &draft, err) || !tell_truth(sim, &draft, err))
        return false;
    if (draft.author && spec->kind != SPEC_NOISE && !draft.is_repost)
        remember(sim, &draft);
    return true;
}

/* ---- the run ---- */

static bool run_hour(struct simulator *sim, size_t hour, struct err *err)
{
    const struct market_script *script = sim->script;
    int64_t hour_ms = script->start_ms + (int64_t)hour * HOUR_MS;
    size_t local_hour = (size_t)(hour_ms / HOUR_MS + LATE_NIGHT_UTC_SHIFT) % 24;
    size_t weekday =
        (size_t)(hour_ms / (24 * (int64_t)HOUR_MS) + 3) % 7; /* 1970-01-01 was a Thursday */
    double curve = day_curve[local_hour] * week_curve[weekday];
    double elapsed = (double)hour / (double)(script->days * 24);

    vec_reset(&sim->hour);
    add_topics(sim, curve, elapsed, hour_ms);
    add_events(sim, curve, hour, hour_ms);
    if (sim->hour.count > 0)
        qsort(sim->hour.items, sim->hour.count, sizeof *sim->hour.items, by_time);
    for (size_t i = 0; i < sim->hour.count; i++)
        if (!write_post(sim, &sim->hour.items[i], err))
            return false;
    return true;
}

static void create_simulator(struct simulator *sim, const struct market_script *script,
                             uint64_t seed, const struct market_sink *sink)
{
    *sim = (struct simulator){
        .script = script,
        .sink = sink,
        .truth = market_truth_create(script),
        .people_random = {seed, STREAM_PEOPLE, 0},
        .hour_random = {seed, STREAM_HOURS, 0},
        .text_random = {seed, STREAM_TEXT, 0},
        .next_id = 1,
    };
    arena_init(&sim->arena, 1 * GIB);
    arena_init(&sim->scratch, 1 * MIB);
    buf_init(&sim->line, LINE_BYTES_MAX);
    buf_init(&sim->text, LINE_BYTES_MAX / 2);
    sim->rings = arena_new(&sim->arena, struct ring, script->topic_count);
    create_people(sim);
}

static void destroy_simulator(struct simulator *sim)
{
    market_truth_destroy(&sim->truth);
    vec_deinit(&sim->hour);
    buf_deinit(&sim->line);
    buf_deinit(&sim->text);
    arena_deinit(&sim->scratch);
    arena_deinit(&sim->arena);
}

bool market_simulate(const struct market_script *script, uint64_t seed,
                     const struct market_sink *sink, struct buf *truth_json, struct err *err)
{
    struct simulator sim;
    bool ok = true;

    create_simulator(&sim, script, seed, sink);
    for (size_t hour = 0; ok && hour < script->days * 24; hour++)
        ok = run_hour(&sim, hour, err);
    if (ok) {
        market_truth_write(sim.truth, seed, truth_json);
        ok = buf_ok(truth_json, err);
    }
    destroy_simulator(&sim);
    return ok;
}
