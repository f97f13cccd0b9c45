#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "os/clock.h"

extern char **environ;

enum { READ_CHUNK = 64 * 1024, LOOK_EVERY_MS = 50, REAP_WAIT_MS = 5 };

#define NS_PER_MS UINT64_C(1000000)

/* Everything one run holds; fds are -1 when closed. */
struct run {
    const char *name;
    pid_t pid; /* 0: not started or reaped */
    int input, out[2], errors[2];
    struct buf texts[2]; /* standard output, standard error */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool fail(struct err *err, const char *what, const char *name)
{
    return err_set_sys(err, ERR_IO, errno, "could not %s for '%s': %s", what, name,
                       strerror(errno));
}

/* Standard input as a file in memory: the program can neither block us nor be blocked. */
static bool put_input(struct run *r, Str input, struct err *err)
{
    r->input = fault_hit() ? (errno = EMFILE, -1) : memfd_create("stdin", MFD_CLOEXEC);
    if (r->input < 0)
        return fail(err, "create the input", r->name);
    while (input.len > 0) {
        ssize_t n = write(r->input, input.ptr, input.len);
        if (n < 0 && errno != EINTR)
            return fail(err, "write the input", r->name);
        if (n > 0)
            input = str_sub(input, (size_t)n, input.len);
    }
    return lseek(r->input, 0, SEEK_SET) == 0 || fail(err, "rewind the input", r->name);
}

static bool make_pipe(struct run *r, int ends[2], struct err *err)
{
    int result = fault_hit() ? (errno = EMFILE, -1) : pipe2(ends, O_CLOEXEC);

    return result == 0 || fail(err, "create a pipe", r->name);
}

/* posix_spawn's attributes: own process group, default signals, nothing blocked. */
static int spawn_child(struct run *r, const char *const argv[])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    union {
        const char *const *in;
        char *const *out;
    } args = {.in = argv}; /* posix_spawn does not write to them */

    sigemptyset(&none);
    sigfillset(&all);
    if (fault_hit() || posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int sys = posix_spawn_file_actions_adddup2(&files, r->input, STDIN_FILENO);
    if (sys == 0)
        sys = posix_spawn_file_actions_adddup2(&files, r->out[1], STDOUT_FILENO);
    if (sys == 0)
        sys = posix_spawn_file_actions_adddup2(&files, r->errors[1], STDERR_FILENO);
    if (sys == 0)
        sys = posix_spawnp(&r->pid, argv[0], &files, &attributes, args.out, environ);
    if (sys != 0)
        r->pid = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return sys;
}

static bool start(struct run *r, const char *const argv[], Str input, struct err *err)
{
    if (!put_input(r, input, err) || !make_pipe(r, r->out, err) || !make_pipe(r, r->errors, err))
        return false;
    int sys = spawn_child(r, argv);
    if (sys == ENOENT || sys == EACCES) {
        err_set_sys(err, ERR_UNAVAILABLE, sys, "program '%s' cannot be run: %s", r->name,
                    strerror(sys));
        return err_hint(err, "Install it, or put its directory into PATH.");
    }
    if (sys != 0)
        return err_set_sys(err, ERR_IO, sys, "could not start '%s': %s", r->name, strerror(sys));
    close_fd(&r->input);
    close_fd(&r->out[1]);
    close_fd(&r->errors[1]);
    return true;
}

static bool read_stream(struct run *r, int *fd, struct buf *text, struct err *err)
{
    char *room = buf_reserve(text, READ_CHUNK);

    if (!room)
        return err_set(err, ERR_LIMIT, "'%s' wrote more than %d bytes", r->name,
                       PROCESS_OUTPUT_BYTES_MAX);
    ssize_t n = fault_hit() ? (errno = EIO, -1) : read(*fd, room, READ_CHUNK);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return fail(err, "read the output", r->name);
    if (n == 0)
        close_fd(fd);
    if (n > 0)
        text->len += (size_t)n;
    return true;
}

/* Until both streams end, or the limits strike. */
static bool collect(struct run *r, uint64_t until_ns, const atomic_bool *cancel, bool *is_timed_out,
                    struct err *err)
{
    while (r->out[0] >= 0 || r->errors[0] >= 0) {
        struct pollfd polled[2] = {{.fd = r->out[0], .events = POLLIN},
                                   {.fd = r->errors[0], .events = POLLIN}};
        uint64_t now = clock_monotonic_ns();
        if (cancel && atomic_load(cancel))
            return err_set(err, ERR_CANCELLED, "'%s' was cancelled", r->name);
        if (now >= until_ns) {
            *is_timed_out = true;
            return true;
        }
        uint64_t wait_ms = (until_ns - now) / NS_PER_MS + 1;
        if (cancel && wait_ms > LOOK_EVERY_MS)
            wait_ms = LOOK_EVERY_MS;
        if (poll(polled, 2, wait_ms > INT_MAX ? INT_MAX : (int)wait_ms) < 0 && errno != EINTR)
            return fail(err, "wait", r->name);
        if (polled[0].revents && !read_stream(r, &r->out[0], &r->texts[0], err))
            return false;
        if (polled[1].revents && !read_stream(r, &r->errors[0], &r->texts[1], err))
            return false;
    }
    return true;
}

/* Kills the group while its leader, living or zombie, still keeps the number from being reused. */
static void stop(struct run *r, int *status)
{
    if (r->pid == 0)
        return;
    (void)kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, status, 0) < 0 && errno == EINTR)
        continue;
    r->pid = 0;
}

/* It closed its output but may still run: wait for it under the same limits. */
static bool reap(struct run *r, uint64_t until_ns, const atomic_bool *cancel, int *status,
                 bool *is_timed_out, struct err *err)
{
    for (;;) {
        siginfo_t info = {0};
        int sys = waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT);
        ASSERT(sys == 0 || errno == EINTR);
        if (info.si_pid == r->pid) {
            stop(r, status); /* also what it left behind in its group */
            return true;
        }
        if (cancel && atomic_load(cancel))
            return err_set(err, ERR_CANCELLED, "'%s' was cancelled", r->name);
        if (clock_monotonic_ns() >= until_ns) {
            *is_timed_out = true;
            return true;
        }
        clock_sleep_ms(REAP_WAIT_MS);
    }
}

static void run_deinit(struct run *r)
{
    close_fd(&r->input);
    for (int i = 0; i < 2; i++) {
        close_fd(&r->out[i]);
        close_fd(&r->errors[i]);
        buf_deinit(&r->texts[i]);
    }
}

static bool keep_texts(struct arena *a, const struct run *r, struct process_result *result,
                       struct err *err)
{
    return (arena_try_str(a, buf_str(&r->texts[0]), &result->out) &&
            arena_try_str(a, buf_str(&r->texts[1]), &result->errors)) ||
           err_arena(err, a);
}

bool process_run(struct arena *a, const char *const argv[], Str input, uint32_t time_limit_ms,
                 const atomic_bool *cancel, struct process_result *result, struct err *err)
{
    struct run r = {.name = argv[0], .input = -1, .out = {-1, -1}, .errors = {-1, -1}};
    uint64_t began = clock_monotonic_ns();
    uint64_t until = time_limit_ms > 0 ? began + time_limit_ms * NS_PER_MS : UINT64_MAX;
    int status = 0;

    *result = (struct process_result){0};
    for (size_t count = 0; argv[count]; count++)
        ASSERT(count < PROCESS_ARGS_MAX);
    for (int i = 0; i < 2; i++)
        buf_init(&r.texts[i], PROCESS_OUTPUT_BYTES_MAX + READ_CHUNK);
    bool ok =
        start(&r, argv, input, err) && collect(&r, until, cancel, &result->is_timed_out, err) &&
        (result->is_timed_out || reap(&r, until, cancel, &status, &result->is_timed_out, err));
    stop(&r, &status);
    if (ok) {
        result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        result->seconds = clock_seconds_since(began);
        ok = keep_texts(a, &r, result, err);
    }
    run_deinit(&r);
    return ok;
}

bool process_exists(const char *program)
{
    const char *list = getenv("PATH");
    Str rest = str_from_cstr(list ? list : "/usr/local/bin:/usr/bin:/bin"), dir;
    char path[PATH_MAX];

    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    while (rest.len > 0) {
        (void)str_cut(rest, ':', &dir, &rest);
        int len = snprintf(path, sizeof path, STR_F "/%s", STR_A(dir), program);
        if (len > 0 && (size_t)len < sizeof path && access(path, X_OK) == 0)
            return true;
    }
    return false;
}
