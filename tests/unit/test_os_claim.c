/* Claims: one process at a time; what was not finished is found. */
#include "unit/test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "os/claim.h"
#include "os/file.h"
#include "unit/scratch.h"

TEST(a_finished_claim_leaves_nothing)
{
    struct scratch s;
    struct claim *claim = NULL;
    struct err err = {0};
    bool was_left = true;

    scratch_begin(&s);
    Str path = scratch_path(&s, "work");
    CHECK(claim_open(&claim, path, &was_left, &err));
    CHECK(!was_left);
    CHECK(file_exists(path));
    claim_close(&claim, true);
    CHECK(claim == NULL);
    CHECK(!file_exists(path));
    CHECK(claim_open(&claim, path, &was_left, &err));
    CHECK(!was_left);
    claim_close(&claim, false);
    CHECK(claim_open(&claim, path, &was_left, &err));
    CHECK(was_left);
    claim_close(&claim, true);
    CHECK(!file_exists(path));
    claim_close(&claim, true);
    scratch_end(&s);
}

TEST(a_claim_is_held_by_one)
{
    struct scratch s;
    struct claim *first = NULL, *second = NULL;
    struct err err = {0};
    bool was_left;

    scratch_begin(&s);
    Str path = scratch_path(&s, "work");
    CHECK(claim_open(&first, path, &was_left, &err));
    CHECK(!claim_open(&second, path, &was_left, &err));
    CHECK_INT(err.code, ERR_BUSY);
    CHECK(second == NULL);
    CHECK(file_exists(path));
    claim_close(&first, true);
    err_clear(&err);
    CHECK(!claim_open(&second, scratch_path(&s, "no/where"), &was_left, &err));
    CHECK_INT(err.code, ERR_IO);
    scratch_end(&s);
}

TEST(a_killed_process_leaves_its_claim)
{
    struct scratch s;
    struct claim *claim = NULL;
    struct err err = {0};
    bool was_left = false;
    int status;

    scratch_begin(&s);
    Str path = scratch_path(&s, "work");
    pid_t child = fork();
    if (child == 0) {
        bool ok = claim_open(&claim, path, &was_left, &err);
        _exit(ok ? 0 : 1); /* as a kill: nothing is closed */
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK(claim_open(&claim, path, &was_left, &err));
    CHECK(was_left);
    claim_close(&claim, true);
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(a_finished_claim_leaves_nothing), CASE(a_claim_is_held_by_one),
               CASE(a_killed_process_leaves_its_claim));
}
