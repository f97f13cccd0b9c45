/* The scripted market: same seed, same bytes; planted shares are found again; faults are located.
 */
#include <string.h>

#include "base/embedded.h"
#include "base/hash.h"
#include "base/limits.h"
#include "flow/market_simulator.h"
#include "format/json.h"
#include "test.h"

struct gathered {
    uint64_t hash;
    size_t posts, truths;
};

static bool add_post(void *context, size_t day, Str json, struct err *err)
{
    struct gathered *g = context;

    (void)err;
    g->hash = hash_combine(g->hash, hash_bytes(json, day));
    g->posts++;
    return true;
}

static bool add_truth(void *context, Str line, struct err *err)
{
    struct gathered *g = context;

    (void)err;
    g->hash = hash_combine(g->hash, hash_bytes(line, 0));
    g->truths++;
    return true;
}

static struct market_script *load(struct arena *a)
{
    struct market_script *script = NULL;
    struct err err = {0};

    CHECK(market_script_load(a, embedded_find(S("samples/halden/market.json"))->bytes, &script,
                             &err));
    script->days = 6; /* enough for the habits, quick under the sanitizers */
    script->people = 900;
    return script;
}

static struct gathered simulate(const struct market_script *script, uint64_t seed,
                                struct buf *truth)
{
    struct gathered g = {0};
    struct market_sink sink = {add_post, add_truth, &g};
    struct err err = {0};

    CHECK(market_simulate(script, seed, &sink, truth, &err));
    CHECK_INT(g.posts, g.truths);
    return g;
}

TEST(same_seed_gives_the_same_bytes)
{
    struct arena a;
    struct buf truth;

    arena_init(&a, 64 * MIB);
    buf_init(&truth, 1 * MIB);
    struct market_script *script = load(&a);
    struct gathered one = simulate(script, 5, &truth), two = simulate(script, 5, &truth);
    struct gathered other = simulate(script, 6, &truth);
    CHECK(one.hash == two.hash && one.posts == two.posts);
    CHECK(one.hash != other.hash);
    buf_deinit(&truth);
    arena_deinit(&a);
}

TEST(rates_and_shares_are_those_of_the_script)
{
    struct arena a;
    struct buf truth;
    struct err err = {0};
    const struct json *root;

    arena_init(&a, 64 * MIB);
    buf_init(&truth, 1 * MIB);
    struct market_script *script = load(&a);
    simulate(script, 5, &truth);
    CHECK(json_parse(&a, buf_str(&truth), &root, &err));
    const struct json *camera = json_at(json_get(root, "topics"), 1);
    double posts = json_f64_or(camera, "posts", 0);
    CHECK_NEAR(posts, script->topics[1].per_hour * 24 * 6,
               6 * 34 + 60); /* six standard errors, growth */
    CHECK_NEAR(json_f64_or(json_get(camera, "brands"), "Mirabo", 0) / posts, 0.51, 0.08);
    buf_deinit(&truth);
    arena_deinit(&a);
}

TEST(a_cut_keeps_the_days_around_the_decision)
{
    struct market_script *script = NULL;
    struct arena a;
    struct err err = {0};

    arena_init(&a, 64 * MIB);
    CHECK(market_script_load(&a, embedded_find(S("samples/halden/market.json"))->bytes, &script,
                             &err));
    size_t days = script->days, decision = script->decision_day, events = script->event_count;
    int64_t decided_ms = script->start_ms + (int64_t)decision * 86400000;
    double last_day = script->topics[0].per_hour *
                      (1 + script->topics[0].growth * (double)(decision + 10) / (double)days);
    CHECK(market_script_cut(script, 30, &err));
    CHECK_INT(script->days, 30);
    CHECK_INT(script->decision_day, 30 * decision / days);
    CHECK_INT(script->start_ms + (int64_t)script->decision_day * 86400000, decided_ms);
    CHECK(script->event_count < events);
    for (size_t i = 0; i < script->event_count; i++)
        CHECK(script->events[i].start_hour >= 0 && script->events[i].start_hour < 30 * 24);
    /* day 30 of the part is the decision plus ten days of the whole, at the same rate */
    double same_day = script->topics[0].per_hour * (1 + script->topics[0].growth);
    CHECK(same_day > last_day - 1e-9 && same_day < last_day + 1e-9);
    CHECK(!market_script_cut(script, 31, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err = (struct err){0};
    CHECK(!market_script_cut(script, 0, &err));
    arena_deinit(&a);
}

TEST(a_fault_in_the_script_is_located)
{
    struct arena a;
    struct market_script *script = NULL;
    struct err err = {0};
    Str good = embedded_find(S("samples/halden/market.json"))->bytes;

    arena_init(&a, 64 * MIB);
    char *bad = arena_new(&a, char, good.len);
    memcpy(bad, good.ptr, good.len);
    size_t at = str_find(good, S("\"mood\": {\"Halden\": [0.22"));
    CHECK(at < good.len);
    bad[at + 23] = '9'; /* 0.22 becomes 0.92: the shares no longer add up */
    CHECK(!market_script_load(&a, (Str){bad, good.len}, &script, &err));
    CHECK_INT(err.code, ERR_INPUT);
    CHECK(strstr(err.msg, "topics[0].mood.Halden") != NULL);
    arena_deinit(&a);
}

int main(void)
{
    return RUN(CASE(same_seed_gives_the_same_bytes), CASE(rates_and_shares_are_those_of_the_script),
               CASE(a_cut_keeps_the_days_around_the_decision),
               CASE(a_fault_in_the_script_is_located));
}
