#include "flow/market_truth.h"

#include <string.h>

#include "base/mem.h"
#include "flow/market_simulator.h"
#include "format/json.h"
#include "format/time.h"

enum { HOUR_MS = 3600000 };

static const char *const mood_names[MOOD_COUNT] = {"negative", "neutral", "positive"};
static const char *const lang_names[MARKET_LANG_COUNT] = {"en", "de"};

struct event_truth {
    uint64_t posts, top_posts, hour_posts;
    int64_t first_ms, last_ms, top_hour, hour;
};

struct market_truth {
    const struct market_script *script;
    uint64_t posts, noise, replies, reposts;
    uint64_t by_topic_brand[MARKET_TOPICS_MAX][MARKET_BRANDS_MAX];
    uint64_t by_topic_mood[MARKET_TOPICS_MAX][MOOD_COUNT];
    uint64_t by_lang[MARKET_LANG_COUNT];
    struct event_truth events[MARKET_EVENTS_MAX];
    struct buf line;
};

struct market_truth *market_truth_create(const struct market_script *script)
{
    struct market_truth *truth = mem_alloc(1, sizeof *truth);

    truth->script = script;
    buf_init(&truth->line, 4096);
    return truth;
}

void market_truth_destroy(struct market_truth **truth)
{
    if (*truth)
        buf_deinit(&(*truth)->line);
    mem_free(*truth);
    *truth = NULL;
}

static void count_event(struct event_truth *event, int64_t at_ms)
{
    int64_t hour = at_ms / HOUR_MS;

    if (event->posts++ == 0)
        event->first_ms = at_ms;
    event->last_ms = at_ms;
    if (hour != event->hour) {
        event->hour = hour;
        event->hour_posts = 0;
    }
    if (++event->hour_posts > event->top_posts) {
        event->top_posts = event->hour_posts;
        event->top_hour = hour;
    }
}

static void count(struct market_truth *truth, const struct market_truth_row *row)
{
    truth->posts++;
    truth->by_lang[row->lang]++;
    truth->replies += str_eq(row->kind, S("reply"));
    truth->reposts += str_eq(row->kind, S("repost"));
    truth->noise += str_eq(row->kind, S("noise"));
    if (row->topic != MARKET_NONE) {
        truth->by_topic_brand[row->topic][row->brand]++;
        truth->by_topic_mood[row->topic][row->mood]++;
    }
    if (row->event != MARKET_NONE)
        count_event(&truth->events[row->event], row->at_ms);
}

bool market_truth_add(struct market_truth *truth, const struct market_truth_row *row,
                      const struct market_sink *sink, struct err *err)
{
    const struct market_script *script = truth->script;
    Str none = S("-");
    Str topic = row->topic != MARKET_NONE ? script->topics[row->topic].id : none;
    Str brand = row->brand != MARKET_NONE ? script->brands[row->brand].name : none;
    Str event = row->event != MARKET_NONE ? script->events[row->event].id : none;

    count(truth, row);
    buf_reset(&truth->line);
    buf_printf(&truth->line, STR_F "\t" STR_F "\t" STR_F "\t%s\t%s\t" STR_F "\t" STR_F,
               STR_A(row->id), STR_A(topic), STR_A(brand), mood_names[row->mood],
               lang_names[row->lang], STR_A(row->kind), STR_A(event));
    return buf_ok(&truth->line, err) && sink->truth(sink->context, buf_str(&truth->line), err);
}

static void write_topics(const struct market_truth *truth, struct json_writer *w)
{
    const struct market_script *script = truth->script;

    json_set_array(w, "topics");
    for (size_t t = 0; t < script->topic_count; t++) {
        uint64_t posts = 0;
        json_begin_object(w);
        json_set_str(w, "id", script->topics[t].id);
        json_set_object(w, "brands");
        for (size_t b = 0; b < script->brand_count; b++) {
            json_key(w, script->brands[b].name);
            json_put_u64(w, truth->by_topic_brand[t][b]);
            posts += truth->by_topic_brand[t][b];
        }
        json_end_object(w);
        json_set_i64(w, "posts", (int64_t)posts);
        for (size_t m = 0; m < MOOD_COUNT; m++)
            json_set_i64(w, mood_names[m], (int64_t)truth->by_topic_mood[t][m]);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_events(const struct market_truth *truth, struct json_writer *w)
{
    const struct market_script *script = truth->script;

    json_set_array(w, "events");
    for (size_t e = 0; e < script->event_count; e++) {
        const struct market_event *event = &script->events[e];
        const struct event_truth *seen = &truth->events[e];
        json_begin_object(w);
        json_set_str(w, "id", event->id);
        json_set_str(w, "kind", event->kind);
        json_set_str(w, "title", event->title);
        json_set_str(w, "topic", script->topics[event->topic].id);
        json_set_str(w, "brand", script->brands[event->brand].name);
        json_set_i64(w, "posts", (int64_t)seen->posts);
        json_set_str(w, "first", str_from_cstr(time_rfc3339(seen->first_ms).text));
        json_set_str(w, "last", str_from_cstr(time_rfc3339(seen->last_ms).text));
        json_set_str(w, "top_hour", str_from_cstr(time_rfc3339(seen->top_hour * HOUR_MS).text));
        json_set_i64(w, "top_hour_posts", (int64_t)seen->top_posts);
        json_end_object(w);
    }
    json_end_array(w);
}

void market_truth_write(const struct market_truth *truth, uint64_t seed, struct buf *json)
{
    struct json_writer w;

    json_writer_init(&w, json, JSON_STYLE_PRETTY);
    json_begin_object(&w);
    json_set_str(&w, "script", truth->script->name);
    json_set_i64(&w, "seed", (int64_t)seed);
    json_set_i64(&w, "posts", (int64_t)truth->posts);
    json_set_i64(&w, "noise", (int64_t)truth->noise);
    json_set_i64(&w, "replies", (int64_t)truth->replies);
    json_set_i64(&w, "reposts", (int64_t)truth->reposts);
    for (size_t l = 0; l < MARKET_LANG_COUNT; l++)
        json_set_i64(&w, lang_names[l], (int64_t)truth->by_lang[l]);
    write_topics(truth, &w);
    write_events(truth, &w);
    json_end_object(&w);
}
