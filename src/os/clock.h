/* clock.h - what time it is, and waiting. The only door to the machine's clocks.
 *
 * Pure rooms get the time as an argument; whoever owns the event calls this. Wall time is UTC
 * milliseconds since 1970 and may jump; durations come from the monotonic clock. Any thread may
 * call. In profiles with TRIMTAB_FAULTS a test can hold the wall clock still.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);        /* UTC, milliseconds since 1970-01-01 */
uint64_t clock_monotonic_ns(void); /* nanoseconds since some fixed moment */
double clock_seconds_since(uint64_t monotonic_ns);
void clock_sleep_ms(uint32_t ms); /* at least so long, signals notwithstanding */

#ifdef TRIMTAB_FAULTS
/* From now on clock_now_ms() answers this; INT64_MIN gives it back to the machine. */
void clock_hold_ms(int64_t now_ms);
#endif

#endif
