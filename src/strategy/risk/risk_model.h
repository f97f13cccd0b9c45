/* risk_model.h - options with uncertain benefit and effort, what they rest on, and how they are
 * grouped into versions: the model of `trimtab risk simulate`.
 *
 * Plain data, made by risk_model_read() (risk_json.h) or by code; everything it points to lives in
 * an arena of the caller and is not changed afterwards, so any number of threads may read it.
 */
#ifndef STRATEGY_RISK_MODEL_H
#define STRATEGY_RISK_MODEL_H

#include "base/arena.h"
#include "quant/distribution.h"

#define RISK_OPTIONS_MAX  5000 /* reject */
#define RISK_VERSIONS_MAX 100  /* reject */
#define RISK_MONTHS_MAX   1200 /* reject */

struct risk_rest {
    uint32_t assumption;
    double if_false; /* factor on the benefit, 0 to 1 */
};

struct risk_reaction {
    double probability, loss; /* 0 to 1 */
    double after_months;      /* 0 or more; the loss holds in later months */
};

struct risk_option {
    Str id;
    double ramp_months;
    struct distribution benefit, effort, running; /* per year, at the start, per year */
    bool has_driver;
    uint32_t driver;
    size_t rest_count, reaction_count;
    const struct risk_rest *rests;
    const struct risk_reaction *reactions;
};

struct risk_assumption {
    Str id;
    double probability;
};

struct risk_driver {
    Str id;
    struct distribution is;
};

enum risk_part { RISK_BENEFIT, RISK_EFFORT, RISK_RUNNING, RISK_DRIVER };

struct risk_input {
    enum risk_part part;
    uint32_t index; /* of the option or driver */
};

struct risk_correlation {
    struct risk_input first, second;
    double rank;
};

struct risk_version {
    Str id;
    size_t option_count;
    const uint32_t *options; /* rising, each once */
};

#define RISK_WHOLE UINT32_MAX /* as a goal's version: all options together */

struct risk_goal {
    Str id;
    uint32_t version;
    double at_least;
};

struct risk_model {
    uint32_t months;
    double discount; /* yearly, above -1 */
    size_t option_count, assumption_count, driver_count, correlation_count, version_count,
        goal_count;
    struct risk_option *options;
    struct risk_assumption *assumptions;
    struct risk_driver *drivers;
    struct risk_correlation *correlations;
    struct risk_version *versions;
    struct risk_goal *goals;
    char hash[65]; /* SHA-256 of the model's canonical JSON, hexadecimal; empty when made by code */
};

#endif
