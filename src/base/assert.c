#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void assert_fail(const char *claim, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, claim);
    fflush(stderr);
    abort();
}
