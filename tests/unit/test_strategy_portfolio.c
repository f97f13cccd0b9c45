/* test_strategy_portfolio.c - CBC against enumeration, alternatives, contradictions, bad input,
 * published knapsacks. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "os/process.h"
#include "os/reader.h"
#include "strategy/choice/portfolio_json.h"

static struct arena arena;

static struct portfolio_problem read_ok(const char *text)
{
    struct portfolio_problem p;
    struct err err = {0};

    if (!portfolio_read(&arena, str_from_cstr(text), &p, NULL, &err)) {
        print_error("%s\n", err.msg);
        CHECK(false);
    }
    return p;
}

static struct portfolio_answer choose(const struct portfolio_problem *p, uint32_t alternatives,
                                      double distance)
{
    const struct portfolio_settings settings = {
        .seconds = 10, .alternatives = alternatives, .distance = distance};
    struct portfolio_answer answer;
    struct err err = {0};

    if (!portfolio_choose(&arena, p, &settings, &answer, &err)) {
        print_error("%s\n", err.msg);
        CHECK(false);
    }
    return answer;
}

/* A random model as JSON: 3 to 10 options, every kind of condition. */
static void random_model(struct random *r, struct buf *out)
{
    size_t n = 3 + random_below(r, 8);

    buf_lit(out, "{\"options\": [");
    for (size_t i = 0; i < n; i++) {
        bool is_odd = random_below(r, 2);
        buf_printf(out, "%s{\"id\": \"o%zu\", \"value\": %g, \"cost\": {\"a\": %g, \"b\": %g}",
                   i ? ", " : "", i, (double)random_below(r, 1000) / (is_odd ? 8 : 7) - 20,
                   (double)random_below(r, 100) / 10, (double)random_below(r, 50));
        if (random_below(r, 4) == 0)
            buf_printf(out, ", \"requires\": [\"o%zu\"]",
                       (i + 1 + (size_t)random_below(r, n - 1)) % n);
        if (random_below(r, 4) == 0)
            buf_printf(out, ", \"excludes\": [\"o%zu\"]",
                       (i + 1 + (size_t)random_below(r, n - 1)) % n);
        if (random_below(r, 20) == 0)
            buf_lit(out, ", \"must\": true");
        if (random_below(r, 20) == 0)
            buf_lit(out, ", \"must_not\": true");
        if (random_below(r, 2) == 0)
            buf_printf(out, ", \"goals\": [\"g%d\"]", (int)random_below(r, 2));
        buf_lit(out, "}");
    }
    buf_printf(out, "], \"limits\": {\"a\": %g, \"b\": %d}, \"cover\": {\"g0\": %d, \"g1\": %d}}",
               (double)random_below(r, 400) / 10, (int)random_below(r, 250),
               (int)random_below(r, 2), (int)random_below(r, 2));
}

static void decode(const struct portfolio_problem *p, unsigned set, bool *chosen)
{
    for (size_t i = 0; i < p->option_count; i++)
        chosen[i] = set >> i & 1;
}

/* Every kind of condition written out again, from the options: a third opinion. */
static bool enumerated_ok(const struct portfolio_problem *p, const bool *x)
{
    for (size_t r = 0; r < p->resource_count; r++) {
        double sum = 0;
        for (size_t i = 0; i < p->option_count; i++)
            sum += x[i] ? p->options[i].cost[r] : 0;
        if (sum > p->resources[r].limit + 1e-9)
            return false;
    }
    for (size_t g = 0; g < p->goal_count; g++) {
        unsigned carriers = 0;
        for (size_t i = 0; i < p->option_count; i++)
            for (size_t k = 0; x[i] && k < p->options[i].goal_count; k++)
                carriers += p->options[i].goals[k] == g;
        if (carriers < p->goals[g].at_least)
            return false;
    }
    for (size_t i = 0; i < p->option_count; i++) {
        const struct portfolio_option *o = &p->options[i];
        if ((o->is_must && !x[i]) || (o->is_must_not && x[i]))
            return false;
        for (size_t k = 0; k < o->require_count; k++)
            if (x[i] && !x[o->requires[k]])
                return false;
        for (size_t k = 0; k < o->exclude_count; k++)
            if (x[i] && x[o->excludes[k]])
                return false;
    }
    return true;
}

static double value_of(const struct portfolio_problem *p, const bool *x)
{
    double sum = 0;

    for (size_t i = 0; i < p->option_count; i++)
        sum += x[i] ? p->options[i].value : 0;
    return sum;
}

/* The best set that differs from `earlier`; -INFINITY when there is none. */
static double enumerate(const struct portfolio_problem *p, const struct portfolio_choice *earlier,
                        size_t count, double distance)
{
    double best = -INFINITY;
    bool x[16];

    for (unsigned set = 0; set < 1U << p->option_count; set++) {
        decode(p, set, x);
        bool ok = enumerated_ok(p, x);
        for (size_t k = 0; k < count && ok; k++)
            ok = portfolio_differs(p, x, earlier[k].chosen, distance);
        if (ok)
            best = fmax(best, value_of(p, x));
    }
    return best;
}

/* Can the conditions of the list hold together? By enumeration. */
static bool can_hold(const struct portfolio_problem *p, const struct portfolio_condition *list,
                     size_t count, size_t without)
{
    bool x[16];

    for (unsigned set = 0; set < 1U << p->option_count; set++) {
        decode(p, set, x);
        bool ok = true;
        for (size_t i = 0; i < count && ok; i++)
            ok = i == without || portfolio_holds(p, &list[i], x);
        if (ok)
            return true;
    }
    return false;
}

static void check_choices(const struct portfolio_problem *p, const struct portfolio_answer *answer,
                          size_t wanted)
{
    struct portfolio_choice all[8];

    all[0] = answer->best;
    memcpy(all + 1, answer->alternatives, answer->alternative_count * sizeof *all);
    for (size_t k = 0; k <= answer->alternative_count; k++) {
        CHECK(all[k].status == PORTFOLIO_OPTIMAL && enumerated_ok(p, all[k].chosen));
        CHECK_NEAR(all[k].value, enumerate(p, all, k, 0.3), 1e-7);
        CHECK_NEAR(all[k].bound, all[k].value, 1e-7);
        for (size_t j = 0; j < k; j++)
            CHECK(portfolio_differs(p, all[k].chosen, all[j].chosen, 0.3));
    }
    if (answer->alternative_count < wanted)
        CHECK(isinf(enumerate(p, all, answer->alternative_count + 1, 0.3)));
}

TEST(agrees_with_enumeration_on_random_models)
{
    struct random r = {.seed = 20};
    int infeasible = 0;

    for (int round = 0; round < 40; round++) {
        struct buf text;
        buf_init(&text, 1 << 20);
        random_model(&r, &text);
        struct portfolio_problem p = read_ok(buf_str(&text).ptr);
        struct portfolio_answer answer = choose(&p, 2, 0.3);
        if (isinf(enumerate(&p, NULL, 0, 0))) {
            infeasible++;
            CHECK(answer.best.status == PORTFOLIO_INFEASIBLE && !answer.best.chosen);
            CHECK(answer.conflict_count > 0 && answer.is_conflict_smallest);
            CHECK(!can_hold(&p, answer.conflict, answer.conflict_count, SIZE_MAX));
            for (size_t i = 0; i < answer.conflict_count; i++)
                CHECK(can_hold(&p, answer.conflict, answer.conflict_count, i));
        } else {
            check_choices(&p, &answer, 2);
        }
        buf_deinit(&text);
        arena_reset(&arena);
    }
    CHECK(infeasible >= 3 && infeasible < 30);
}

TEST(names_the_smallest_of_several_contradictions)
{
    /* a chain of four beside a pair: the pair is smaller */
    struct portfolio_problem p =
        read_ok("{\"options\": [{\"id\":\"a\",\"value\":1,\"must\":true,\"requires\":[\"b\"]},"
                "{\"id\":\"b\",\"value\":1,\"requires\":[\"c\"]},"
                "{\"id\":\"c\",\"value\":1,\"must_not\":true},"
                "{\"id\":\"d\",\"value\":1,\"must\":true,\"cost\":{\"money\":9}}],"
                "\"limits\": {\"money\": 5}}");
    struct portfolio_answer answer = choose(&p, 0, 0.3);

    CHECK(answer.best.status == PORTFOLIO_INFEASIBLE && answer.is_conflict_smallest);
    CHECK_INT(answer.conflict_count, 2);
    CHECK(answer.conflict[0].kind == PORTFOLIO_LIMIT);
    CHECK(answer.conflict[1].kind == PORTFOLIO_MUST && answer.conflict[1].index == 3);
}

TEST(one_condition_can_contradict_itself)
{
    struct portfolio_problem p =
        read_ok("{\"options\": [{\"id\":\"a\",\"value\":1}], \"limits\": {\"money\": -1}}");
    struct portfolio_answer answer = choose(&p, 2, 0.3);

    CHECK(answer.best.status == PORTFOLIO_INFEASIBLE && answer.conflict_count == 1);
    p = read_ok("{\"options\": [], \"limits\": {}, \"cover\": {\"g\": 1}}");
    answer = choose(&p, 2, 0.3);
    CHECK(answer.best.status == PORTFOLIO_INFEASIBLE && answer.conflict_count == 1);
}

TEST(no_options_and_no_limits_are_fine)
{
    struct portfolio_problem p = read_ok("{\"options\": [], \"limits\": {}}");
    struct portfolio_answer answer = choose(&p, 2, 0.3);
    CHECK(answer.best.status == PORTFOLIO_OPTIMAL && answer.best.value == 0);

    p = read_ok("{\"options\": [{\"id\":\"a\",\"value\":2.5},{\"id\":\"b\",\"value\":-1}],"
                "\"limits\": {}}");
    answer = choose(&p, 3, 0.3);
    CHECK_NEAR(answer.best.value, 2.5, 0);
    CHECK_INT(answer.alternative_count, 3);
}

/* Money in euros, months in thousandths: tolerances of the solver must not leak through. */
TEST(budgets_of_very_different_size_hold_exactly)
{
    struct portfolio_problem p =
        read_ok("{\"options\": [{\"id\":\"a\",\"value\":3,\"cost\":{\"x\":1e-9,\"y\":5e12}},"
                "{\"id\":\"b\",\"value\":2,\"cost\":{\"x\":1.0000001e-9}},"
                "{\"id\":\"c\",\"value\":2.5,\"cost\":{\"y\":5.0000001e12}}],"
                "\"limits\": {\"x\": 2e-9, \"y\": 1e13}}");
    struct portfolio_answer answer = choose(&p, 0, 0.3);

    CHECK_NEAR(answer.best.value, 4.5, 0); /* b and c: a with either is just too much */
    for (size_t r = 0; r < p.resource_count; r++) {
        const struct portfolio_condition limit = {PORTFOLIO_LIMIT, (uint32_t)r, 0};
        CHECK(portfolio_holds(&p, &limit, answer.best.chosen));
    }
}

TEST(bad_models_are_refused_with_a_place)
{
    static const struct {
        const char *text, *place;
    } bad[] = {
        {"", "line 1"},
        {"{\"options\": [}", "line 1"},
        {"[]", "document"},
        {"{\"limits\": {}}", "options"},
        {"{\"options\": []}", "limits"},
        {"{\"options\": [3], \"limits\": {}}", "options[0]"},
        {"{\"options\": [{\"value\": 3}], \"limits\": {}}", "options[0]"},
        {"{\"options\": [{\"id\": \"a\"}], \"limits\": {}}", "value"},
        {"{\"options\": [{\"id\": \"a\", \"value\": \"3\"}], \"limits\": {}}", "options[0].value"},
        {"{\"options\": [{\"id\": \"\", \"value\": 3}], \"limits\": {}}", "options[0].id"},
        {"{\"options\": [{\"id\": \"a\", \"value\": 1e300}], \"limits\": {}}", "options[0].value"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1},{\"id\":\"a\",\"value\":1}], \"limits\": {}}",
         "options[1].id"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"cost\":{\"m\":-1}}], \"limits\": {}}",
         "options[0].cost.m"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"cost\":5}], \"limits\": {}}",
         "options[0].cost"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"requires\":[\"b\"]}], \"limits\": {}}",
         "options[0].requires[0]"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"excludes\":[\"a\"]}], \"limits\": {}}",
         "options[0].excludes[0]"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"requires\":\"b\"}], \"limits\": {}}",
         "options[0].requires"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"must\":1}], \"limits\": {}}",
         "options[0].must"},
        {"{\"options\": [{\"id\":\"a\",\"value\":1,\"goals\":[1]}], \"limits\": {}}",
         "options[0].goals[0]"},
        {"{\"options\": [], \"limits\": {\"m\": \"x\"}}", "limits.m"},
        {"{\"options\": [], \"limits\": {}, \"cover\": {\"g\": -1}}", "cover.g"},
        {"{\"options\": [], \"limits\": {}, \"cover\": {\"g\": 1.5}}", "cover.g"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct portfolio_problem p;
        struct err err = {0};
        CHECK(!portfolio_read(&arena, str_from_cstr(bad[i].text), &p, NULL, &err));
        CHECK(err.code == ERR_INPUT);
        if (!strstr(err.msg, bad[i].place)) {
            print_error("%s: '%s' lacks '%s'\n", bad[i].text, err.msg, bad[i].place);
            CHECK(false);
        }
    }
}

TEST(a_cancelled_search_ends_with_an_error)
{
    struct portfolio_problem p = read_ok(
        "{\"options\": [{\"id\":\"a\",\"value\":1,\"cost\":{\"m\":1}}], \"limits\": {\"m\": 1}}");
    atomic_bool cancel = true;
    const struct portfolio_settings settings = {.seconds = 10, .is_cancelled = &cancel};
    struct portfolio_answer answer;
    struct err err = {0};

    CHECK(!portfolio_choose(&arena, &p, &settings, &answer, &err));
    CHECK(err.code == ERR_CANCELLED);
}

/* --- the published knapsacks ---------------------------------------------------------------- */

struct numbers {
    Str rest;
};

static double next_number(struct numbers *n)
{
    double value = NAN;

    n->rest = str_trim(n->rest);
    size_t end = 0;
    while (end < n->rest.len && n->rest.ptr[end] > ' ')
        end++;
    CHECK(str_to_f64(str_sub(n->rest, 0, end), &value));
    n->rest = str_sub(n->rest, end, n->rest.len);
    return value;
}

static bool read_shared(const char *name, struct buf *text)
{
    const char *root = getenv("TRIMTAB_SHARED");
    struct os_reader *reader = NULL;
    struct err err = {0};
    Str part = STR_NONE;
    Str path = arena_printf(&arena, "%s/data/portfolio/%s", root ? root : "../shared", name);

    if (!os_reader_open(&reader, path, &err))
        return false;
    while (os_reader_read(reader, 1 << 16, &part, &err) && part.len > 0)
        buf_add(text, part);
    os_reader_close(&reader);
    return true;
}

static struct portfolio_problem read_knapsack(struct numbers *n)
{
    struct portfolio_problem p = {.option_count = (size_t)next_number(n),
                                  .resource_count = (size_t)next_number(n)};

    next_number(n);
    p.options = arena_new(&arena, struct portfolio_option, p.option_count);
    p.resources = arena_new(&arena, struct portfolio_resource, p.resource_count);
    double *costs = arena_new(&arena, double, p.option_count *p.resource_count);
    for (size_t i = 0; i < p.option_count; i++) {
        p.options[i].value = next_number(n);
        p.options[i].cost = costs + i * p.resource_count;
    }
    for (size_t r = 0; r < p.resource_count; r++)
        for (size_t i = 0; i < p.option_count; i++)
            costs[i * p.resource_count + r] = next_number(n);
    for (size_t r = 0; r < p.resource_count; r++)
        p.resources[r] = (struct portfolio_resource){S("budget"), next_number(n), true};
    return p;
}

/* Value between the best known of 1997 and the bound of the relaxation. */
static void check_knapsacks(const char *name, const char *prefix, int problems, double seconds)
{
    struct buf text, best;
    buf_init(&text, 1 << 26);
    buf_init(&best, 1 << 20);
    if (!read_shared(name, &text) || !read_shared("mknapcb-best.tsv", &best)) {
        print_message("skipped: %s is not here\n", name);
        goto out;
    }
    struct numbers n = {buf_str(&text)};
    Str lines = buf_str(&best), line;
    next_number(&n);
    for (int done = 0; done < problems && str_cut(lines, '\n', &line, &lines);) {
        if (!str_starts(line, str_from_cstr(prefix)))
            continue;
        Str field[5], rest = line;
        for (int i = 0; i < 5; i++)
            str_cut(rest, '\t', &field[i], &rest);
        double known = 0, relaxed = 0;
        CHECK(str_to_f64(field[3], &known) && str_to_f64(field[4], &relaxed));
        struct portfolio_problem p = read_knapsack(&n);
        const struct portfolio_settings settings = {.seconds = seconds};
        struct portfolio_answer answer;
        struct err err = {0};
        CHECK(portfolio_choose(&arena, &p, &settings, &answer, &err));
        CHECK(answer.best.value <= relaxed && answer.best.bound <= relaxed + 1 + 1e-6);
        CHECK(answer.best.bound >= known);
        if (answer.best.status == PORTFOLIO_OPTIMAL)
            CHECK(answer.best.value >= known);
        else
            CHECK(answer.best.value >= 0.98 * known && answer.best.gap > 0);
        done++;
    }
out:
    buf_deinit(&text);
    buf_deinit(&best);
}

TEST(published_knapsacks_lie_between_best_known_and_relaxation)
{
    check_knapsacks("mknapcb1.txt.gz", "mknapcb1", 3, 20);
    check_knapsacks("mknapcb7.txt.gz", "mknapcb7", 1, 1); /* cannot be proven in a second */
}

int main(void)
{
    if (!process_exists("cbc")) {
        print_message("skipped: the solver cbc is not installed\n");
        return 0;
    }
    arena_init(&arena, (size_t)1 << 30);
    int failed =
        RUN(CASE(agrees_with_enumeration_on_random_models),
            CASE(names_the_smallest_of_several_contradictions),
            CASE(one_condition_can_contradict_itself), CASE(no_options_and_no_limits_are_fine),
            CASE(budgets_of_very_different_size_hold_exactly),
            CASE(bad_models_are_refused_with_a_place), CASE(a_cancelled_search_ends_with_an_error),
            CASE(published_knapsacks_lie_between_best_known_and_relaxation));
    arena_deinit(&arena);
    return failed;
}
