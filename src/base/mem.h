/* mem.h - the one entry to the heap: accounting and fault injection come with it.
 *
 * mem_alloc and mem_realloc abort when memory runs out and are for sizes we chose. The try forms
 * return NULL and are mandatory where the size comes from input. All are thread-safe; memory is
 * zeroed by mem_alloc and mem_try_alloc. Most code wants an arena instead (arena.h).
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/assert.h"

/* count * size bytes; an overflowing product counts as memory run out. */
void *mem_alloc(size_t count, size_t size) MUST_CHECK;
void *mem_try_alloc(size_t count, size_t size) MUST_CHECK;
/* The added part is not zeroed. */
void *mem_realloc(void *block, size_t count, size_t size) MUST_CHECK;
void *mem_try_realloc(void *block, size_t count, size_t size) MUST_CHECK;
void mem_free(void *block); /* NULL-safe */

/* Blocks not yet freed; counted only with TRIMTAB_FAULTS, else always 0. */
long mem_live_blocks(void);

#endif
