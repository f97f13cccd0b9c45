/* entropy.h - secret random bytes from the kernel: tokens, salts, keys, table seeds.
 *
 * Any thread may call. Numbers that a run has to repeat come from base/random.h instead.
 */
#ifndef OS_ENTROPY_H
#define OS_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Aborts when the kernel has none to give: a predictable secret would be worse. */
void entropy_fill(void *out, size_t bytes);
uint64_t entropy_u64(void);

#endif
