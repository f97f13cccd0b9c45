/* process.h - run another program and wait for it: the solver, the browser that prints.
 *
 * No shell is involved: argv goes to the program as it is. It inherits the environment and no open
 * file but its standard ones. It runs in a process group of its own, and the whole group is killed
 * when the time limit passes, the cancel flag is raised, or it says more than the cap. Any thread
 * may call; the call blocks.
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"

#define PROCESS_ARGS_MAX         256
#define PROCESS_OUTPUT_BYTES_MAX (64 * 1024 * 1024) /* of each stream: killed, ERR_LIMIT */

struct process_result {
    int exit_code; /* 128 + signal when a signal ended it */
    bool is_timed_out;
    Str out, errors; /* standard output and error; in the arena */
    double seconds;  /* wall time */
};

/* argv ends with NULL; argv[0] without a slash is looked up in PATH. True: it ran, whatever its
 * exit code, or the time limit ended it (is_timed_out; what it had said until then is there).
 * ERR_UNAVAILABLE: no such program. ERR_CANCELLED: *cancel became true (cancel may be NULL).
 * time_limit_ms 0 = none. */
bool process_run(struct arena *a, const char *const argv[], Str input, uint32_t time_limit_ms,
                 const atomic_bool *cancel, struct process_result *result,
                 struct err *err) MUST_CHECK;

/* The program can be found (in PATH when the name has no slash). */
bool process_exists(const char *program);

#endif
