#include "base/fault.h"

#include "base/assert.h"

#ifdef TRIMTAB_FAULTS
#include <stdatomic.h>

/* Calls left until the fault; 0 = not armed; negative = it was hit. */
static atomic_int calls_left;

void fault_arm(int n)
{
    ASSERT(n >= 1);
    atomic_store(&calls_left, n);
}

bool fault_disarm(void)
{
    return atomic_exchange(&calls_left, 0) < 0;
}

bool fault_hit(void)
{
    if (atomic_load(&calls_left) <= 0)
        return false;
    if (atomic_fetch_sub(&calls_left, 1) != 1)
        return false;
    atomic_store(&calls_left, -1);
    return true;
}
#else
typedef int fault_unit_is_not_empty;
#endif
