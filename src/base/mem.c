#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/fault.h"

#ifdef TRIMTAB_FAULTS
static atomic_long live_blocks;
#define COUNT_BLOCK(change) atomic_fetch_add(&live_blocks, (change))
#else
#define COUNT_BLOCK(change) ((void)0)
#endif

static _Noreturn void out_of_memory(void)
{
    assert_fail("out of memory for a size the program chose", __FILE__, __LINE__);
}

void *mem_try_alloc(size_t count, size_t size)
{
    if (fault_hit())
        return NULL;
    void *block = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (block)
        COUNT_BLOCK(1);
    return block;
}

void *mem_alloc(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (!block)
        out_of_memory();
    COUNT_BLOCK(1);
    return block;
}

static void *resize(void *block, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *moved = realloc(block, bytes > 0 ? bytes : 1);
    if (moved && !block)
        COUNT_BLOCK(1);
    return moved;
}

void *mem_try_realloc(void *block, size_t count, size_t size)
{
    return fault_hit() ? NULL : resize(block, count, size);
}

void *mem_realloc(void *block, size_t count, size_t size)
{
    void *moved = resize(block, count, size);
    if (!moved)
        out_of_memory();
    return moved;
}

void mem_free(void *block)
{
    if (block)
        COUNT_BLOCK(-1);
    free(block);
}

long mem_live_blocks(void)
{
#ifdef TRIMTAB_FAULTS
    return atomic_load(&live_blocks);
#else
    return 0;
#endif
}
