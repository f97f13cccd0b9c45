/* claim.h - a piece of work that one process at a time does, and whether the last one finished it.
 *
 * The claim is a file. It is locked while the work goes on, so that a second process is refused;
 * the kernel frees the lock when the process ends, however it ends. A claim that is closed as not
 * finished, or never closed, is found unfinished by the next process.
 *
 * One owner. Works on file systems with flock(2), which those over a network may lack.
 */
#ifndef OS_CLAIM_H
#define OS_CLAIM_H

#include "base/err.h"
#include "base/str.h"

struct claim;

/* Its directory has to exist. *was_left: somebody claimed it before and did not finish. ERR_BUSY:
 * another process holds it. */
bool claim_open(struct claim **out, Str path, bool *was_left, struct err *err) MUST_CHECK;
/* A finished claim leaves no file. NULL-safe; sets *claim = NULL. */
void claim_close(struct claim **claim, bool is_finished);

#endif
