/* risk_simulation.h - what a strategy may yield: the distribution of its net benefit.
 *
 * Options with uncertain benefit and effort, assumptions they rest on, reactions of competitors,
 * shared drivers, rank correlations, versions (sets of options) and goals. All versions see the
 * same draws (common random numbers). RISK.md has the formula; the JSON forms are in risk_json.h.
 *
 * The result is the same, byte for byte, for the same model, trials, seed and method: for any
 * number of threads, from any build, on any machine. Everything lives in the caller's arena but the
 * draws, which are on the heap during the call.
 */
#ifndef STRATEGY_RISK_SIMULATION_H
#define STRATEGY_RISK_SIMULATION_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"
#include "quant/simulate.h"
#include "quant/stats.h"
#include "strategy/risk/risk_model.h"

#define RISK_TRIALS    100000                      /* default */
#define RISK_BYTES_MAX (4ULL * 1024 * 1024 * 1024) /* draws kept: trials x (versions + 1) x 8 */

struct risk_settings {
    uint32_t trials; /* 0: RISK_TRIALS */
    uint64_t seed;
    uint32_t threads; /* 0: one */
    enum simulate_method method;
    const atomic_bool *is_cancelled; /* may be NULL */
};

enum { RISK_QUANTILES = 7, RISK_CURVE_POINTS = 101 };
extern const double risk_quantile_levels[RISK_QUANTILES]; /* 0.05 0.1 0.25 0.5 0.75 0.9 0.95 */

enum risk_bar_kind {
    RISK_BAR_BENEFIT,
    RISK_BAR_EFFORT,
    RISK_BAR_RUNNING,
    RISK_BAR_DRIVER,
    RISK_BAR_ASSUMPTION,
    RISK_BAR_REACTION
};

/* One bar of the tornado: an input, assumption or reaction that bears on the version. */
struct risk_bar {
    enum risk_bar_kind kind;
    uint32_t index; /* of the option, driver or assumption */
    Str input;      /* "help-first.benefit", "market-size", "market", "help-first.reactions[0]" */
    double input_low,
        input_high; /* the input's P10 and P90; 0 and 1 for assumptions and reactions */
    double mean_if_low, mean_if_high; /* net benefit where the input is at or below, at or above */
    uint32_t low_count, high_count;   /* trials behind the two; 0: the mean is not available */
};

struct risk_assumption_value {
    uint32_t assumption;
    double mean_if_true, mean_if_false;
    uint32_t true_count, false_count; /* 0: that mean is not available */
};

struct risk_outcome {
    double mean, sd;
    double quantiles[RISK_QUANTILES];
    double probability_of_loss; /* net benefit below 0 */
    struct stats_histogram histogram;
    double curve[RISK_CURVE_POINTS]; /* quantiles 0 %, 1 % .. 100 %: the S-curve */
    size_t bar_count;                /* widest first */
    struct risk_bar *bars;
    size_t assumption_count; /* those that bear on it */
    struct risk_assumption_value *assumptions;
    double *
        goals; /* per goal of the model, probability; meaningful where the goal is this version's */
};

struct risk_result {
    struct risk_settings settings; /* as used */
    struct risk_outcome whole;
    struct risk_outcome *versions; /* per version */
    double *beats; /* [a * version_count + b]: probability that a's net benefit exceeds b's */
    double correlation_changed; /* see quant/correlation.h */
};

/* ERR_INPUT (impossible correlations), ERR_LIMIT, ERR_CANCELLED, ERR_NO_MEMORY. */
bool risk_simulate(struct arena *a, const struct risk_model *model,
                   const struct risk_settings *settings, struct risk_result *result,
                   struct err *err) MUST_CHECK;

#endif
