/* steer.h - posts come in, signals move, assumptions are looked at: the two rivers' one meeting.
 *
 * steer_import() is what `post import`, the pages and the sample run call: posts into the archive,
 * measures published as signals, spikes noted, alerts raised by their rules, armed assumptions
 * evaluated up to the last complete day. Each part commits by itself and is idempotent, so a kill
 * between two is mended by the next call.
 *
 * Threads: the workspace's owner. Results live in the arena.
 */
#ifndef FLOW_STEER_H
#define FLOW_STEER_H

#include "listen/alert/alert_store.h"
#include "listen/import.h"
#include "listen/measure/measure.h"
#include "listen/measure/spike_store.h"
#include "strategy/steering/assumption.h"

struct steer_result {
    struct import_result import;
    struct measure_publication published;
    uint64_t new_spikes;
    struct alert_found alerts;
    struct assumption_outcome assumptions;
};

/* Import, then steer_evaluate(). `job->workspace` has to be open for writing. Several imports in a
 * row do best with one archive in `job->archive`; after a failure it is closed and opened again. */
bool steer_import(struct arena *a, const struct method *method, const struct import_job *job,
                  struct steer_result *out, struct err *err) MUST_CHECK;

/* Measures, spikes, alerts and assumptions over what is in the archive; `now_ms` is the time of
 * noticing.
 */
bool steer_evaluate(struct arena *a, struct workspace *workspace, const struct method *method,
                    Str actor, int64_t now_ms, struct steer_result *out,
                    struct err *err) MUST_CHECK;

/* The same over an archive that is open for writing. */
bool steer_evaluate_open(struct arena *a, struct workspace *workspace, struct archive *archive,
                         const struct method *method, Str actor, int64_t now_ms,
                         struct steer_result *out, struct err *err) MUST_CHECK;

/* The same of what a writer took from the list and beside him: `archive` is a reader, the workspace
 * a connection of its own. measure_publish_taken() says what the caller owes. */
bool steer_evaluate_taken(struct arena *a, struct workspace *workspace, struct archive *archive,
                          const struct archive_taken *taken, struct measure_memory *memory,
                          const struct method *method, Str actor, int64_t now_ms,
                          struct steer_result *out, struct err *err) MUST_CHECK;

/* The strategy names queries, the market wing numbers them: "query:<id>:<metric>:day". */
struct signal_key_source steer_signal_keys(struct db *state);

#endif
