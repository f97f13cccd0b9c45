#include "os/entropy.h"

#include <errno.h>
#include <sys/random.h>

#include "base/assert.h"

void entropy_fill(void *out, size_t bytes)
{
    char *at = out;

    while (bytes > 0) {
        ssize_t n = getrandom(at, bytes, 0);
        if (n < 0 && errno == EINTR)
            continue;
        ASSERT(n > 0);
        at += n;
        bytes -= (size_t)n;
    }
}

uint64_t entropy_u64(void)
{
    uint64_t value;

    entropy_fill(&value, sizeof value);
    return value;
}
