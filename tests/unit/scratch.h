/* scratch.h - a directory of its own for one test, gone afterwards. In memory where there is such a
 * place: these tests are about calls that fail, not about waiting for a disk.
 *
 *     struct scratch s;
 *     scratch_begin(&s);
 *     ... scratch_path(&s, "state.db") ...
 *     scratch_end(&s);
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "os/file.h"

struct scratch {
    char dir[64];
    struct arena arena;
};

static inline void scratch_begin(struct scratch *s)
{
    snprintf(s->dir, sizeof s->dir, "%s/trimtab-test-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ASSERT(mkdtemp(s->dir));
    arena_init(&s->arena, 64 * MIB);
}

static inline Str scratch_path(struct scratch *s, const char *name)
{
    return path_join(&s->arena, str_from_cstr(s->dir), str_from_cstr(name));
}

static inline void scratch_end(struct scratch *s)
{
    struct err err = {0};
    bool ok = dir_remove_all(str_from_cstr(s->dir), &err);

    ASSERT(ok);
    arena_deinit(&s->arena);
}

#endif
