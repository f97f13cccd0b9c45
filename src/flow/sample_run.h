/* sample_run.h - a sample company goes the whole way once, and says what it found at each stage.
 *
 * Posts in, matched and measured; spikes; topics rated on that evidence; options, alternatives,
 * simulation; the decision; its assumptions armed; the posts that came afterwards replayed day by
 * day through the same import until one breaks and names what depends on it; the ledger verified.
 * Everything goes through the functions that pages and commands call; nothing is computed for the
 * report alone.
 *
 * A workspace that already went the way is left as it is, and so are accounts that are there. A run
 * that fails or is told to stop removes the workspace it made; what a killed one left is recognised
 * by its claim (<data>/sample-run-<slug>) and made anew, unless people worked in it since.
 */
#ifndef FLOW_SAMPLE_RUN_H
#define FLOW_SAMPLE_RUN_H

#include <stdatomic.h>

#include "base/arena.h"

struct sample_options {
    Str data_dir; /* resolved; created when absent */
    Str posts;    /* a file of real posts for the makers of 2013; empty: Halden's scripted market */
    uint64_t seed;
    size_t days;      /* of Halden's script, around its decision; 0: all */
    unsigned threads; /* of import and simulation; 0: one for each processor */
    Str program_version;
    int64_t now_ms;
    const atomic_bool *stop; /* may be NULL; set: the run ends with ERR_CANCELLED */
    /* Whole lines of the report. */
    void (*write)(void *context, Str text);
    void *context;
};

struct sample_outcome {
    Str slug;
    bool is_new; /* false: the workspace was there already and nothing was done */
    Str login, management;
    /* Was there before, with a password of its own; the accounts made now have `password`. */
    bool is_login_kept, is_management_kept;
    char password[64];
};

bool sample_run(struct arena *a, const struct sample_options *options, struct sample_outcome *out,
                struct err *err) MUST_CHECK;

#endif
