/* test_strategy_risk.c - net benefit against closed forms, threads, versions, bad input. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategy/risk/risk_json.h"

static struct arena arena;

/* The arena itself holds blocks, so it goes first. */
static void check_nothing_left(void)
{
    arena_deinit(&arena);
    CHECK_INT(mem_live_blocks(), 0);
    arena_init(&arena, (size_t)2 << 30);
}

static struct risk_model read_ok(const char *text)
{
    struct risk_model m;
    struct err err = {0};

    if (!risk_model_read(&arena, str_from_cstr(text), &m, NULL, &err)) {
        print_error("%s\n", err.msg);
        CHECK(false);
    }
    return m;
}

static struct risk_result simulate(const struct risk_model *m, uint32_t trials, uint32_t threads,
                                   enum simulate_method method)
{
    const struct risk_settings settings = {
        .trials = trials, .seed = 3, .threads = threads, .method = method};
    struct risk_result r;
    struct err err = {0};

    if (!risk_simulate(&arena, m, &settings, &r, &err)) {
        print_error("%s\n", err.msg);
        CHECK(false);
    }
    return r;
}

/* Twelve months without discount: one year's benefit less effort. */
TEST(sum_of_normals_is_normal)
{
    struct risk_model m =
        read_ok("{\"months\": 12, \"options\": ["
                "{\"id\":\"a\",\"benefit\":{\"normal\":[100,30]},\"effort\":{\"normal\":[20,10]}},"
                "{\"id\":\"b\",\"benefit\":{\"normal\":[50,40]},\"running\":{\"point\":[10]}}]}");
    for (int method = 0; method < SIMULATE_METHOD_COUNT; method++) {
        enum { TRIALS = 200000 };
        struct risk_result r = simulate(&m, TRIALS, 2, (enum simulate_method)method);
        double sd = sqrt(900 + 100 + 1600), band = 4 * sd / sqrt(TRIALS);
        CHECK_NEAR(r.whole.mean, 120, method == SIMULATE_PLAIN ? band : 0.05);
        CHECK_NEAR(r.whole.sd, sd, 0.01 * sd);
        CHECK_NEAR(r.whole.quantiles[3], 120, 1.5 * band);
        CHECK_NEAR(r.whole.quantiles[6], 120 + 1.6448536 * sd, 4 * band);
        CHECK_NEAR(r.whole.probability_of_loss, 0.5 * erfc(120 / sd / sqrt(2)), 0.001);
    }
}

TEST(pert_moments_come_through)
{
    struct risk_model m = read_ok("{\"months\": 12, \"options\": [{\"id\":\"a\","
                                  "\"benefit\":{\"pert\":[10,20,60]}}]}");
    struct risk_result r = simulate(&m, 100000, 1, SIMULATE_LATIN_HYPERCUBE);
    double mean = (10 + 80 + 60) / 6.0;

    CHECK_NEAR(r.whole.mean, mean, 1e-4);
    CHECK_NEAR(r.whole.sd, sqrt((mean - 10) * (60 - mean) / 7), 1e-2);
}

/* Every combination of assumption, reactions and a discrete benefit, by hand. */
TEST(a_tree_of_chances_has_its_exact_mean)
{
    struct risk_model m =
        read_ok("{\"months\": 24, \"discount\": 0.1, \"options\": [{\"id\":\"a\",\"ramp_months\":6,"
                "\"benefit\":{\"discrete\":[[100,0.3],[200,0.7]]},\"effort\":{\"point\":[30]},"
                "\"running\":{\"point\":[5]},\"driver\":\"d\","
                "\"rests_on\":[{\"assumption\":\"m\",\"if_false\":0.25}],"
                "\"reactions\":[{\"probability\":0.4,\"loss\":0.5,\"after_months\":12},"
                "{\"probability\":0.2,\"loss\":0.3,\"after_months\":3}]}],"
                "\"assumptions\":[{\"id\":\"m\",\"probability\":0.8}],"
                "\"drivers\":[{\"id\":\"d\",\"is\":{\"point\":[1.5]}}]}");
    double years = 0, running = 0;
    for (int month = 1; month <= 24; month++) {
        double discount = pow(1.1, -month / 12.0) / 12;
        double kept = (month > 12 ? 1 - 0.4 * 0.5 : 1) * (month > 3 ? 1 - 0.2 * 0.3 : 1);
        years += fmin(1, month / 6.0) * discount * kept;
        running += discount;
    }
    double benefit = 170 * 1.5 * years, mean = benefit * (0.8 + 0.2 * 0.25) - 30 - 5 * running;
    struct risk_result r = simulate(&m, 400000, 2, SIMULATE_LATIN_HYPERCUBE);

    CHECK_NEAR(r.whole.mean, mean, 4 * r.whole.sd / sqrt(400000));
    CHECK_INT(r.whole.assumption_count, 1);
    CHECK_NEAR(r.whole.assumptions[0].mean_if_true, benefit - 30 - 5 * running, 0.5);
    CHECK_NEAR(r.whole.assumptions[0].mean_if_false, benefit * 0.25 - 30 - 5 * running, 0.5);
    CHECK_INT(r.whole.assumptions[0].true_count, 320000);
    CHECK_INT(r.whole.bar_count, 4); /* benefit, assumption, two reactions */
    CHECK_STR(r.whole.bars[0].input, "m");
}

TEST(lognormal_driver_and_correlation_keep_their_moments)
{
    struct risk_model m = read_ok(
        "{\"months\": 12, \"options\": ["
        "{\"id\":\"a\",\"benefit\":{\"normal\":[100,30]},\"driver\":\"d\"},"
        "{\"id\":\"b\",\"benefit\":{\"normal\":[100,30]}}],"
        "\"drivers\":[{\"id\":\"d\",\"is\":{\"lognormal\":[0,0.2]}}],"
        "\"correlations\":[{\"between\":[\"a.benefit\",\"b.benefit\"],\"rank\":0.5}],"
        "\"versions\":[{\"id\":\"a\",\"options\":[\"a\"]},{\"id\":\"b\",\"options\":[\"b\"]}]}");
    struct risk_result r = simulate(&m, 400000, 1, SIMULATE_LATIN_HYPERCUBE);
    double mean = exp(0.02), square = exp(0.08), rho = 2 * sin(M_PI / 12);

    CHECK_NEAR(r.whole.mean, 100 * mean + 100, 0.1);
    double variance_a = square * (10000 + 900) - mean * mean * 10000;
    double covariance = mean * rho * 900;
    CHECK_NEAR(r.whole.sd, sqrt(variance_a + 900 + 2 * covariance), 0.15);
    CHECK_NEAR(r.versions[0].sd, sqrt(variance_a), 0.1);
    CHECK_NEAR(r.beats[1] + r.beats[2], 1, 1e-12); /* no ties */
    CHECK_NEAR(r.beats[0] + r.beats[3], 0, 0);
}

static const char rich[] =
    "{\"months\": 36, \"discount\": 0.08, \"options\": ["
    "{\"id\":\"a\",\"ramp_months\":6,\"benefit\":{\"triangular\":[80,120,200]},"
    "\"effort\":{\"pert\":[40,50,90]},\"running\":{\"uniform\":[3,7]},\"driver\":\"d\","
    "\"rests_on\":[{\"assumption\":\"m\",\"if_false\":0.3}],"
    "\"reactions\":[{\"probability\":0.4,\"loss\":0.5,\"after_months\":12}]},"
    "{\"id\":\"b\",\"benefit\":{\"lognormal\":[3,0.5]},\"effort\":{\"discrete\":[[10,0.5],[20,0.5]]"
    "},"
    "\"rests_on\":[{\"assumption\":\"m\",\"if_false\":0}]},"
    "{\"id\":\"c\",\"benefit\":{\"normal\":[30,9]}}],"
    "\"assumptions\":[{\"id\":\"m\",\"probability\":0.8}],"
    "\"drivers\":[{\"id\":\"d\",\"is\":{\"normal\":[1,0.1]}}],"
    "\"correlations\":[{\"between\":[\"a.benefit\",\"b.benefit\"],\"rank\":0.5},"
    "{\"between\":[\"d\",\"b.benefit\"],\"rank\":-0.2}],"
    "\"versions\":[{\"id\":\"v\",\"options\":[\"b\",\"a\"]},{\"id\":\"w\",\"options\":[\"c\",\"b\"]"
    "},"
    "{\"id\":\"none\",\"options\":[]}],"
    "\"goals\":[{\"id\":\"g\",\"version\":\"v\",\"at_least\":100},{\"id\":\"h\",\"at_least\":0}]}";

TEST(any_number_of_threads_gives_the_same_bytes)
{
    struct risk_model m = read_ok(rich);
    const uint32_t trials[] = {1, 255, 5000, 100001};

    for (int method = 0; method < SIMULATE_METHOD_COUNT; method++)
        for (size_t i = 0; i < COUNT_OF(trials); i++) {
            struct buf first, other;
            buf_init(&first, 1 << 24);
            buf_init(&other, 1 << 24);
            struct risk_result r = simulate(&m, trials[i], 1, (enum simulate_method)method);
            risk_result_write(&first, &m, &r);
            for (uint32_t threads = 2; threads <= 7; threads += threads - 1) {
                buf_reset(&other);
                r = simulate(&m, trials[i], threads, (enum simulate_method)method);
                risk_result_write(&other, &m, &r);
                CHECK(str_eq(buf_str(&first), buf_str(&other)));
            }
            buf_deinit(&first);
            buf_deinit(&other);
        }
    check_nothing_left();
}

TEST(an_input_keeps_its_draws_when_another_option_goes)
{
    struct risk_model m = read_ok(rich);
    struct risk_model alone = read_ok("{\"months\": 36, \"discount\": 0.08, \"options\": ["
                                      "{\"id\":\"c\",\"benefit\":{\"normal\":[30,9]}}]}");
    struct risk_model pair = read_ok("{\"months\": 36, \"discount\": 0.08, \"options\": ["
                                     "{\"id\":\"x\",\"benefit\":{\"normal\":[30,9]}},"
                                     "{\"id\":\"c\",\"benefit\":{\"normal\":[30,9]}}],"
                                     "\"versions\":[{\"id\":\"c\",\"options\":[\"c\"]}]}");
    struct risk_result one = simulate(&alone, 5000, 1, SIMULATE_LATIN_HYPERCUBE);
    struct risk_result two = simulate(&pair, 5000, 1, SIMULATE_LATIN_HYPERCUBE);

    CHECK_NEAR(one.whole.sd, two.versions[0].sd, 0);
    CHECK_NEAR(one.whole.quantiles[0], two.versions[0].quantiles[0], 0);
    CHECK_INT(strlen(m.hash), 64);
}

TEST(summaries_agree_with_each_other)
{
    struct risk_model m = read_ok(rich);
    struct risk_result r = simulate(&m, 50000, 2, SIMULATE_LATIN_HYPERCUBE);
    const struct risk_outcome *v = &r.versions[0];
    size_t sum = v->histogram.below + v->histogram.above;

    for (size_t i = 0; i < v->histogram.bin_count; i++)
        sum += v->histogram.counts[i];
    CHECK_INT(sum, 50000);
    CHECK_NEAR(v->curve[50], v->quantiles[3], 0);
    CHECK_NEAR(v->curve[5], v->quantiles[0], 0);
    for (size_t i = 1; i < RISK_CURVE_POINTS; i++)
        CHECK(v->curve[i] >= v->curve[i - 1]);
    for (size_t i = 1; i < v->bar_count; i++)
        CHECK(fabs(v->bars[i].mean_if_high - v->bars[i].mean_if_low) <=
              fabs(v->bars[i - 1].mean_if_high - v->bars[i - 1].mean_if_low) + 1e-12);
    CHECK(v->goals[0] > 0 && v->goals[0] < 1);
    CHECK_NEAR(r.versions[2].mean, 0, 0); /* nothing chosen */
    CHECK_NEAR(r.versions[2].probability_of_loss, 0, 0);
    CHECK_INT(r.versions[2].bar_count, 0);
}

TEST(hash_minds_content_not_layout)
{
    struct risk_model a = read_ok("{\"months\":12,\"options\":[]}");
    struct risk_model b = read_ok("{ \"options\" : [ ],\n \"months\" : 12 }");
    struct risk_model c = read_ok("{\"months\":13,\"options\":[]}");

    CHECK(strcmp(a.hash, b.hash) == 0 && strcmp(a.hash, c.hash) != 0);
    struct risk_result r = simulate(&a, 10, 1, SIMULATE_LATIN_HYPERCUBE);
    CHECK_NEAR(r.whole.mean, 0, 0);
}

#define OPTION(rest) "{\"months\":12,\"options\":[{\"id\":\"a\"," rest "}]}"
#define OK_OPTION    "{\"months\":12,\"options\":[{\"id\":\"a\",\"benefit\":{\"point\":[1]}}],"

TEST(bad_models_are_refused_with_a_place)
{
    static const struct {
        const char *text, *place;
    } bad[] = {
        {"{", "line 1"},
        {"[1]", "document"},
        {"{\"options\":[]}", "months"},
        {"{\"months\":0,\"options\":[]}", "months"},
        {"{\"months\":1.5,\"options\":[]}", "months"},
        {"{\"months\":12}", "options"},
        {"{\"months\":12,\"discount\":-1,\"options\":[]}", "discount"},
        {"{\"months\":12,\"options\":[{}]}", "options[0]"},
        {"{\"months\":12,\"options\":[{\"id\":\"a\"}]}", "benefit"},
        {OPTION("\"benefit\":5"), "options[0].benefit"},
        {OPTION("\"benefit\":{\"gamma\":[1]}"), "options[0].benefit"},
        {OPTION("\"benefit\":{\"point\":[1],\"normal\":[1,2]}"), "options[0].benefit"},
        {OPTION("\"benefit\":{\"triangular\":[3,2,1]}"), "options[0].benefit"},
        {OPTION("\"benefit\":{\"normal\":[3,\"x\"]}"), "options[0].benefit.normal[1]"},
        {OPTION("\"benefit\":{\"discrete\":[[1,0.5],2]}"), "options[0].benefit.discrete[1]"},
        {OPTION("\"benefit\":{\"point\":[1]},\"driver\":\"d\""), "options[0].driver"},
        {OPTION("\"benefit\":{\"point\":[1]},\"rests_on\":[{\"assumption\":\"x\",\"if_false\":0}]"),
         "options[0].rests_on[0].assumption"},
        {OPTION("\"benefit\":{\"point\":[1]},\"reactions\":[{\"probability\":2,\"loss\":0}]"),
         "options[0].reactions[0].probability"},
        {OPTION("\"benefit\":{\"point\":[1]},\"ramp_months\":-1"), "options[0].ramp_months"},
        {OK_OPTION "\"correlations\":[{\"between\":[\"a.benefit\",\"z\"],\"rank\":0}]}",
         "correlations[0].between[1]"},
        {OK_OPTION "\"correlations\":[{\"between\":[\"a.benefit\",\"a.effort\"],\"rank\":2}]}",
         "correlations[0].rank"},
        {OK_OPTION "\"versions\":[{\"id\":\"v\",\"options\":[\"z\"]}]}", "versions[0].options[0]"},
        {OK_OPTION "\"versions\":[{\"id\":\"v\",\"options\":[]},{\"id\":\"v\",\"options\":[]}]}",
         "versions[1].id"},
        {OK_OPTION "\"goals\":[{\"id\":\"g\",\"version\":\"z\",\"at_least\":1}]}",
         "goals[0].version"},
        {OK_OPTION "\"assumptions\":[{\"id\":\"m\",\"probability\":1.5}]}",
         "assumptions[0].probability"},
        {OK_OPTION "\"drivers\":[{\"id\":\"d\"}]}", "drivers[0]"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct risk_model m;
        struct err err = {0};
        CHECK(!risk_model_read(&arena, str_from_cstr(bad[i].text), &m, NULL, &err));
        CHECK(err.code == ERR_INPUT);
        if (!strstr(err.msg, bad[i].place)) {
            print_error("%s: '%s' lacks '%s'\n", bad[i].text, err.msg, bad[i].place);
            CHECK(false);
        }
    }
}

TEST(impossible_correlations_cancel_and_limits_are_errors)
{
    struct risk_model m =
        read_ok("{\"months\":12,\"options\":[{\"id\":\"a\",\"benefit\":{\"uniform\":[0,1]}},"
                "{\"id\":\"b\",\"benefit\":{\"uniform\":[0,1]}},"
                "{\"id\":\"c\",\"benefit\":{\"uniform\":[0,1]}}],"
                "\"correlations\":[{\"between\":[\"a.benefit\",\"b.benefit\"],\"rank\":0.9},"
                "{\"between\":[\"b.benefit\",\"c.benefit\"],\"rank\":0.9},"
                "{\"between\":[\"a.benefit\",\"c.benefit\"],\"rank\":-0.9}]}");
    struct risk_settings settings = {.trials = 100};
    struct risk_result r;
    struct err err = {0};

    CHECK(!risk_simulate(&arena, &m, &settings, &r, &err) && err.code == ERR_INPUT);
    m = read_ok(rich);
    atomic_bool cancel = true;
    settings.is_cancelled = &cancel;
    err_clear(&err);
    CHECK(!risk_simulate(&arena, &m, &settings, &r, &err) && err.code == ERR_CANCELLED);
    settings = (struct risk_settings){.trials = SIMULATE_TRIALS_MAX + 1};
    err_clear(&err);
    CHECK(!risk_simulate(&arena, &m, &settings, &r, &err) && err.code == ERR_LIMIT);
    check_nothing_left();
}

int main(void)
{
    arena_init(&arena, (size_t)2 << 30);
    int failed = RUN(CASE(sum_of_normals_is_normal), CASE(pert_moments_come_through),
                     CASE(a_tree_of_chances_has_its_exact_mean),
                     CASE(lognormal_driver_and_correlation_keep_their_moments),
                     CASE(any_number_of_threads_gives_the_same_bytes),
                     CASE(an_input_keeps_its_draws_when_another_option_goes),
                     CASE(summaries_agree_with_each_other), CASE(hash_minds_content_not_layout),
                     CASE(bad_models_are_refused_with_a_place),
                     CASE(impossible_correlations_cancel_and_limits_are_errors));
    arena_deinit(&arena);
    return failed;
}
