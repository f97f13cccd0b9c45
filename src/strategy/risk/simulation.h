/* simulation.h - versions simulated, stored with all it takes to run them again.
 *
 * Builds the risk model of the contract (docs/contracts.md, risk simulate) from options,
 * assumptions, prerequisites, reactions, drivers and goals; runs all versions in one model, so that
 * they share random numbers and can be compared; stores answer, model, hash, seed, trials, method
 * and program version. A later run proves the stored answer or names what changed.
 */
#ifndef STRATEGY_SIMULATION_H
#define STRATEGY_SIMULATION_H

#include "strategy/model/store.h"

#define SIMULATION_TRIALS 20000
#define SIMULATION_SEED   20260101

/* The model document of `risk simulate`; byte-stable. A prerequisite appears as an assumption
 * "prerequisite:<id>" whose failure costs the share of the benefit that the delay costs. `failed`
 * names assumptions taken as false (re-run after a break); may be empty. */
bool simulation_model_json(struct arena *arena, const struct strategy_model *model,
                           StrList versions, StrList failed, Str *out, struct err *err) MUST_CHECK;

struct simulation_order {
    StrList versions; /* empty: all that are not abandoned */
    StrList failed;   /* assumptions taken as false */
    int64_t trials;   /* 0: SIMULATION_TRIALS */
    uint64_t seed;    /* 0: SIMULATION_SEED */
    int threads;      /* 0: 1; changes the time, never the result */
    Str program_version;
};

struct assumption_value {
    Str assumption;
    double mean_if_true, mean_if_false; /* NAN: no trial had it so */
};
struct beats_line {
    Str a, b;
    double probability; /* that a's net benefit is above b's in the same trial */
};
struct histogram_bar {
    double from, to;
    int64_t count;
};
struct tornado_bar {
    Str input; /* "help-first.benefit", an assumption, a driver, "help-first.reactions[0]" */
    Str kind;
    double input_low, input_high; /* its P10 and P90; 0 and 1 for what is true or not */
    double low, high;             /* mean net benefit where it is at or below, at or above; NAN */
};
struct simulated_version {
    Str version;
    double mean, sd, p5, p10, p25, p50, p75, p90, p95, probability_of_loss;
    const double *curve; /* S-curve: quantiles 0 %, 1 % .. 100 %, curve_count of them */
    size_t curve_count;
    STRATEGY_LIST(struct histogram_bar) histogram;
    STRATEGY_LIST(struct tornado_bar) tornado;
    STRATEGY_LIST(struct assumption_value) assumptions;
};
struct simulation_result {
    int64_t id;    /* stored id, 0 when not stored */
    int64_t at_ms; /* of storing */
    int64_t trials;
    uint64_t seed;
    Str method, model_hash, program_version, model_json, answer_json;
    StrList failed; /* assumptions taken as false */
    STRATEGY_LIST(struct simulated_version) versions;
    STRATEGY_LIST(struct beats_line) beats;
};

/* Runs without storing. */
bool simulation_run(struct arena *arena, const struct strategy_model *model,
                    const struct simulation_order *order, struct simulation_result *out,
                    struct err *err) MUST_CHECK;
/* Stores a run and its summary per version; sets result->id. A result of a run with failed
 * assumptions is stored as such and does not become a version's summary. */
bool simulation_store(struct db *db, const struct change *change,
                      const struct simulation_order *order, struct simulation_result *result,
                      struct err *err) MUST_CHECK;
/* The newest stored run that covers the version (without failed assumptions), or id 0. */
bool simulation_latest(struct db *db, struct arena *arena, Str version,
                       struct simulation_result *out, struct err *err) MUST_CHECK;
/* The newest stored run that covers the version with exactly this assumption taken as false, or
 * id 0. */
bool simulation_latest_failed(struct db *db, struct arena *arena, Str version, Str assumption,
                              struct simulation_result *out, struct err *err) MUST_CHECK;
bool simulation_read(struct db *db, struct arena *arena, int64_t id, struct simulation_result *out,
                     struct err *err) MUST_CHECK;
/* What running a stored simulation again shows. */
enum simulation_fault {
    SIMULATION_PROVEN,
    SIMULATION_MODEL_DIFFERS, /* the strategy gives another model than was stored */
    SIMULATION_RESULT_DIFFERS /* the model gives another result */
};
struct simulation_proof {
    int64_t id, at_ms, trials;
    uint64_t seed;
    Str method, program_version; /* of then */
    Str model_hash;              /* as stored */
    Str result_then, result_now; /* sha256 of the bytes, hex; `now` empty: not run */
    enum simulation_fault fault;
    /* The first difference: a path as json_place() gives, and both values as JSON, empty where one
     * side has none. An empty path: the bytes differ, not what they say. */
    Str member, stored, now;
};
/* Makes the model of a stored simulation anew from `frozen`, the strategy it was run on, runs it
 * with the stored seed and trials, and compares the bytes of model and result with the stored ones.
 * `threads` 0: 1. A difference is no error: *out names it. */
bool simulation_prove(struct db *db, struct arena *arena, int64_t id,
                      const struct strategy_model *frozen, int threads,
                      struct simulation_proof *out, struct err *err) MUST_CHECK;
extern const struct word_list words_simulation_fault;

const struct simulated_version *simulation_version(const struct simulation_result *result,
                                                   Str version);

#endif
