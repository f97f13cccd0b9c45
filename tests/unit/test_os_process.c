#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/process.h"
#include "os/thread.h"

static struct arena arena;
static struct err err;
static struct process_result result;

#define RUN_ARGS(input, limit_ms, cancel, ...)                                                     \
    process_run(&arena, (const char *const[]){__VA_ARGS__, NULL}, (input), (limit_ms), (cancel),   \
                &result, (err_clear(&err), &err))

TEST(process_passes_input_output_and_code)
{
    CHECK(RUN_ARGS(S("hello"), 10000, NULL, "cat"));
    CHECK_STR(result.out, "hello");
    CHECK_INT(result.exit_code, 0);
    CHECK(RUN_ARGS(STR_NONE, 10000, NULL, "sh", "-c", "echo out; echo bad >&2; exit 7"));
    CHECK_STR(result.out, "out\n");
    CHECK_STR(result.errors, "bad\n");
    CHECK_INT(result.exit_code, 7);
    CHECK(RUN_ARGS(STR_NONE, 10000, NULL, "sh", "-c", "kill -TERM $$"));
    CHECK_INT(result.exit_code, 128 + 15);
}

TEST(process_needs_no_shell)
{
    CHECK(RUN_ARGS(STR_NONE, 10000, NULL, "echo", "$HOME; `id` \"q\" *"));
    CHECK_STR(result.out, "$HOME; `id` \"q\" *\n");
}

TEST(process_moves_much_data_both_ways)
{
    size_t size = 4 * MIB;
    char *bytes = mem_alloc(size, 1);

    memset(bytes, 'x', size);
    CHECK(RUN_ARGS(((Str){bytes, size}), 60000, NULL, "sh", "-c", "cat; cat /dev/null >&2"));
    CHECK_INT(result.out.len, size);
    CHECK(memcmp(result.out.ptr, bytes, size) == 0);
    mem_free(bytes);
}

TEST(process_is_stopped_at_its_time_limit_with_its_children)
{
    uint64_t began = clock_monotonic_ns();

    CHECK(RUN_ARGS(STR_NONE, 100, NULL, "sh", "-c", "echo first; sleep 30 & sleep 30"));
    CHECK(result.is_timed_out);
    CHECK_STR(result.out, "first\n");
    CHECK_INT(result.exit_code, 128 + 9);
    /* The output is closed at once, the program goes on. */
    CHECK(RUN_ARGS(STR_NONE, 100, NULL, "sh", "-c", "exec >/dev/null 2>&1; sleep 30"));
    CHECK(result.is_timed_out);
    CHECK(clock_seconds_since(began) < 10);
}

static void raise_flag(void *context)
{
    clock_sleep_ms(50);
    atomic_store((atomic_bool *)context, true);
}

TEST(process_is_cancelled)
{
    atomic_bool cancel = false;
    struct thread t = {0};
    uint64_t began = clock_monotonic_ns();

    CHECK(thread_create(&t, "cancel", raise_flag, &cancel, &err));
    CHECK(!RUN_ARGS(STR_NONE, 0, &cancel, "sleep", "30"));
    CHECK_INT(err.code, ERR_CANCELLED);
    thread_join(&t);
    CHECK(clock_seconds_since(began) < 10);
}

TEST(process_says_when_it_cannot_be_found)
{
    CHECK(!RUN_ARGS(STR_NONE, 1000, NULL, "no-such-program-here"));
    CHECK_INT(err.code, ERR_UNAVAILABLE);
    CHECK(err.hint[0] != '\0');
    CHECK(process_exists("sh") && process_exists("/bin/sh"));
    CHECK(!process_exists("no-such-program-here"));
}

TEST(process_output_is_capped)
{
    CHECK(!RUN_ARGS(STR_NONE, 60000, NULL, "sh", "-c", "cat /dev/zero"));
    CHECK_INT(err.code, ERR_LIMIT);
}

TEST(entropy_differs)
{
    CHECK(entropy_u64() != entropy_u64());
}

int main(void)
{
    arena_init(&arena, 256 * MIB);
    int failed = RUN(CASE(process_passes_input_output_and_code), CASE(process_needs_no_shell),
                     CASE(process_moves_much_data_both_ways),
                     CASE(process_is_stopped_at_its_time_limit_with_its_children),
                     CASE(process_is_cancelled), CASE(process_says_when_it_cannot_be_found),
                     CASE(process_output_is_capped), CASE(entropy_differs));
    arena_deinit(&arena);
    return failed;
}
