/* fault.h - make the n-th fallible call fail, so that every failure path is walked by a test.
 *
 * Allocation, file, thread, clock and SQL wrappers ask fault_hit() before they do their work. In
 * profiles without TRIMTAB_FAULTS the question is a constant and costs nothing. One counter for the
 * process: arm it only in single-threaded tests.
 *
 *     for (int n = 1;; n++) {
 *         fault_arm(n);
 *         bool ok = thing_open(&thing, &err);
 *         bool hit = fault_disarm();
 *         ... ok == (thing != NULL), no block leaked (mem_live_blocks()) ...
 *         if (!hit) break;
 *     }
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef TRIMTAB_FAULTS
void fault_arm(int n);   /* the n-th fallible call from now on fails, n >= 1 */
bool fault_disarm(void); /* true: the fault was reached */
bool fault_hit(void);    /* true: this call has to fail */
#else
#define fault_hit() false
#endif

#endif
