/* Kill -9 at random moments of an import: after the restarts everything equals an undisturbed one.
 *
 *     test_import_kill                           bounded
 *     TRIMTAB_KILL_POSTS=300000 test_import_kill the promise of the documentation
 */
#include "unit/test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/entropy.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

#ifdef __SANITIZE_ADDRESS__
#define POSTS_DEFAULT 12000
#else
#define POSTS_DEFAULT 60000
#endif
#define KILLS_WANTED 10
#define ROUNDS_MAX   20

static uint32_t posts_wanted(void)
{
    const char *text = getenv("TRIMTAB_KILL_POSTS");
    uint64_t posts;

    return text && str_to_u64(str_from_cstr(text), &posts) && posts > 0 ? (uint32_t)posts
                                                                        : POSTS_DEFAULT;
}

static _Noreturn void child(Str data, Str file)
{
    struct import_result result;
    struct err err = {0};

    if (stream_import(data, file, 2, &result, &err))
        _exit(0);
    fprintf(stderr, "import: %s (%s)\n", err.msg, err.origin);
    _exit(1);
}

/* True: killed; false: it came to its end first, or failed (*failed). */
static bool start_and_kill(Str data, Str file, uint32_t after_ms, bool *failed)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        child(data, file);
    CHECK(pid > 0);
    for (uint32_t waited = 0; waited < after_ms; waited++) {
        clock_sleep_ms(1);
        if (waitpid(pid, &status, WNOHANG) == pid) {
            *failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            return false;
        }
    }
    CHECK_INT(kill(pid, SIGKILL), 0);
    CHECK_INT(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status);
}

struct outcome {
    struct import_result result;
    DigestHex digest;
    uint64_t rows;
    double ms;
};

static void look(Str data, struct outcome *out)
{
    struct err err = {0};
    bool ok = digest_archive(data, &out->digest, &out->rows, &err);

    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
}

static void calm_import(Str data, Str file, struct outcome *out)
{
    struct err err = {0};
    uint64_t started;

    bool ok = stream_workspace(data, &err);
    started = clock_monotonic_ns();
    ok = ok && stream_import(data, file, 2, &out->result, &err);
    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
    out->ms = clock_seconds_since(started) * 1000;
    look(data, out);
}

/* Killed while it was only tidying up: the import itself is done. */
static bool is_finished(Str data)
{
    struct err err = {0};
    struct workspace *ws = NULL;
    struct stmt *stmt;
    bool has_row = false;

    CHECK(workspace_open(&ws, data, S("acme"), &err));
    CHECK(db_query(ws->state, "SELECT 1 FROM import WHERE state = 'finished'", &stmt, &err));
    CHECK(stmt_step(stmt, &has_row, &err));
    workspace_close(&ws);
    return has_row;
}

/* One import, killed until it comes to its end between two kills. Returns the kills. */
static int killed_import(Str data, Str file, const struct outcome *calm, uint64_t *seed)
{
    struct outcome out = {0};
    struct err err = {0};
    int kills = 0;
    bool failed = false;

    CHECK(stream_workspace(data, &err));
    /* On a busy machine a life may be too short to get anywhere: lives grow slowly. */
    while (start_and_kill(
        data, file, stream_pick(seed, (uint32_t)(calm->ms * (0.25 + 0.01 * kills)) + 2), &failed)) {
        kills++;
        if (is_finished(data))
            break;
    }
    CHECK(!failed);
    look(data, &out);
    printf("note: %d kills, %llu rows compared\n", kills, (unsigned long long)out.rows);
    CHECK_INT(calm->rows, out.rows);
    CHECK(memcmp(&calm->digest, &out.digest, sizeof out.digest) == 0);
    return kills;
}

/* The counts that the last start recorded. */
static void check_counts(Str data, const struct intake_counts *calm)
{
    struct err err = {0};
    struct workspace *ws = NULL;
    struct stmt *stmt;
    bool has_row;
    const uint64_t wanted[] = {calm->read,     calm->added,   calm->updated, calm->duplicate,
                               calm->rejected, calm->matched, calm->deleted};

    CHECK(workspace_open(&ws, data, S("acme"), &err));
    CHECK(db_query(ws->state,
                   "SELECT read, added, updated, duplicate, rejected, matched, deleted FROM import",
                   &stmt, &err));
    CHECK(stmt_step(stmt, &has_row, &err) && has_row);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (stmt_i64(stmt, (int)i) != (int64_t)wanted[i])
            printf("note: count %zu is %lld, undisturbed %llu\n", i,
                   (long long)stmt_i64(stmt, (int)i), (unsigned long long)wanted[i]);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        CHECK_INT(stmt_i64(stmt, (int)i), wanted[i]);
    CHECK(stmt_step(stmt, &has_row, &err) && !has_row); /* one import, however many starts */
    workspace_close(&ws);
}

TEST(import_survives_kills_at_any_moment)
{
    struct scratch s;
    struct err err = {0};
    struct outcome calm = {0};
    uint64_t seed = 0;
    uint32_t posts = posts_wanted();

    entropy_fill(&seed, sizeof seed);
    scratch_begin(&s);
    Str file = scratch_path(&s, "posts.jsonl");
    CHECK(stream_write(file, posts, &err));
    calm_import(scratch_path(&s, "calm"), file, &calm);
    CHECK_INT(calm.result.counts.read, posts);
    printf("note: %u posts, seed %llu, undisturbed %.0f ms\n", posts, (unsigned long long)seed,
           calm.ms);
    for (int kills = 0, round = 0; kills < KILLS_WANTED; round++) {
        char name[32];
        CHECK(round < ROUNDS_MAX);
        snprintf(name, sizeof name, "killed-%d", round);
        kills += killed_import(scratch_path(&s, name), file, &calm, &seed);
        check_counts(scratch_path(&s, name), &calm.result.counts);
    }
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(import_survives_kills_at_any_moment));
}
