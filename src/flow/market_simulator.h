/* market_simulator.h - posts of a scripted market, with the truth written beside them.
 *
 * People have a language, a brand, a home (a microblog or a forum), an activity, waking hours and
 * people they follow; they answer and pass on what those they follow wrote a short while ago.
 * Topics have rates by hour and weekday and a mood per brand; events add waves, syndicated copies
 * or bots. Everything follows from the script and the seed: the same bytes every time. Pure but for
 * the sink.
 *
 * Truth, one tab-separated line a post: id, topic, brand, mood, language, kind (original, reply,
 * repost, copy, bot, official, noise), event. Empty fields are "-".
 */
#ifndef FLOW_MARKET_SIMULATOR_H
#define FLOW_MARKET_SIMULATOR_H

#include <stdatomic.h>

#include "base/buf.h"
#include "flow/market_script.h"

struct market_sink {
    /* One post as native JSON without a line end; `day` counts from 0. */
    bool (*post)(void *context, size_t day, Str json, struct err *err);
    bool (*truth)(void *context, Str line, struct err *err);
    void *context;
};

/* Writes the summary of the truth as JSON: posts, per topic and brand counts, moods, events with
 * their begin, top and end. */
bool market_simulate(const struct market_script *script, uint64_t seed,
                     const struct market_sink *sink, struct buf *truth_json,
                     struct err *err) MUST_CHECK;

/* The simulation into files: <dir>/posts.jsonl (before the decision day),
 * <dir>/after-YYYY-MM-DD.jsonl (one for each day from it on, to be replayed like a stream),
 * <dir>/truth.tsv and <dir>/truth.json. Existing files are replaced. `stop` may be NULL; set, the
 * simulation ends with ERR_CANCELLED. */
bool market_simulate_to_directory(const struct market_script *script, uint64_t seed, Str directory,
                                  const atomic_bool *stop, struct err *err) MUST_CHECK;

#endif
