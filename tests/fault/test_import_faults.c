/* Every fallible call on the way of an import fails once: nothing leaks, the error says so, and the
 * same import afterwards gives what an undisturbed one gives. */
#include "unit/test.h"

#include <string.h>

#include "base/fault.h"
#include "base/mem.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

enum { POSTS = 60, FAULTS_MAX = 60000, EACH = 300, STEP_COARSE = 7 };

/* The first EACH calls one by one; test_import_faults_late.c goes on behind them, coarsely, as a
 * program of its own, so that both run at a time. */
#ifndef FAULTS_FROM
#define FAULTS_FROM 1
#define FAULTS_TO   EACH
#endif

struct counts {
    DigestHex digest;
    uint64_t rows;
};

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* A failed call may have been a clean-up whose loss is harmless, so success is allowed; then
 * everything has to be there. */
static bool import_with_fault(Str data, Str file, int n, bool *hit)
{
    struct import_result result;
    struct err err = {0};

    fault_arm(n);
    bool ok = stream_import(data, file, 1, &result, &err);
    *hit = fault_disarm();
    CHECK(ok == (err.code == ERR_NONE));
    return ok;
}

/* After the fault the import is called again until it is through. */
static void mend_and_compare(Str data, Str file, bool was_ok, const struct counts *calm)
{
    struct import_result result;
    struct counts now = {0};
    struct err err = {0};

    if (!was_ok)
        must(stream_import(data, file, 1, &result, &err), &err);
    must(digest_archive(data, &now.digest, &now.rows, &err), &err);
    CHECK_INT(now.rows, calm->rows);
    CHECK(memcmp(&now.digest, &calm->digest, sizeof now.digest) == 0);
}

TEST(import_survives_every_failing_call)
{
    struct scratch s;
    struct err err = {0};
    struct import_result result;
    struct counts calm = {0};
    int tried = 0;

    scratch_begin(&s);
    Str file = scratch_path(&s, "posts.jsonl");
    must(stream_write(file, POSTS, &err), &err);
    must(stream_workspace(scratch_path(&s, "calm"), &err), &err);
    must(stream_import(scratch_path(&s, "calm"), file, 1, &result, &err), &err);
    must(digest_archive(scratch_path(&s, "calm"), &calm.digest, &calm.rows, &err), &err);
    Str data = scratch_path(&s, "faulty");
    bool hit = true;
    for (int n = FAULTS_FROM; n <= FAULTS_TO && hit; n += n < EACH ? 1 : STEP_COARSE + n / 100) {
        must(stream_workspace(data, &err), &err);
        long before = mem_live_blocks();
        bool ok = import_with_fault(data, file, n, &hit);
        if (getenv("VERBOSE"))
            fprintf(stderr, "n %d ok %d hit %d\n", n, ok, hit);
        CHECK_INT(mem_live_blocks(), before);
        mend_and_compare(data, file, ok, &calm);
        must(dir_remove_all(data, &err), &err);
        tried++;
    }
    CHECK(hit == (FAULTS_TO == EACH)); /* behind the last call nothing fails */
    printf("note: %d failing calls tried\n", tried);
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(import_survives_every_failing_call));
}
