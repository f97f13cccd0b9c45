#include "os/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/mem.h"
#include "os/file.h"

struct claim {
    char path[FILE_PATH_BYTES_MAX + 1];
    int fd;
};

static bool fail(struct err *err, const char *what, const char *path)
{
    int sys = errno;

    if (sys == EWOULDBLOCK)
        return err_set(err, ERR_BUSY, "another process is at work on '%s'", path) ||
               err_hint(err, "wait until it is done");
    return err_set_sys(err, sys == EACCES || sys == EROFS ? ERR_DENIED : ERR_IO, sys,
                       "could not %s '%s': %s", what, path, strerror(sys));
}

static bool lock(int fd)
{
    int result;

    if (fault_hit()) {
        errno = ENOLCK;
        return false;
    }
    do
        result = flock(fd, LOCK_EX | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* A claim that another process finished meanwhile is emptied before its name goes, so that whoever
 * opened it by then finds nothing left. */
static bool take(struct claim *claim, bool *was_left, struct err *err)
{
    struct stat status;

    claim->fd = open(claim->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (claim->fd < 0)
        return fail(err, "open", claim->path);
    if (!lock(claim->fd))
        return fail(err, "lock", claim->path);
    if (fstat(claim->fd, &status) != 0)
        return fail(err, "examine", claim->path);
    *was_left = status.st_size > 0;
    if (*was_left)
        return true;
    if (fault_hit() || write(claim->fd, "unfinished\n", 11) != 11)
        return fail(err, "write", claim->path);
    return true;
}

bool claim_open(struct claim **out, Str path, bool *was_left, struct err *err)
{
    *out = NULL;
    *was_left = false;
    if (path.len > FILE_PATH_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "path is longer than %d bytes", FILE_PATH_BYTES_MAX);
    struct claim *claim = mem_try_alloc(1, sizeof *claim);
    if (!claim)
        return err_set(err, ERR_NO_MEMORY, "no memory to claim a file");
    memcpy(claim->path, path.ptr, path.len);
    claim->path[path.len] = '\0';
    claim->fd = -1;
    *out = claim;
    if (take(claim, was_left, err))
        return true;
    claim_close(out, false);
    return false;
}

void claim_close(struct claim **claim, bool is_finished)
{
    struct claim *gone = *claim;

    if (!gone)
        return;
    if (is_finished && ftruncate(gone->fd, 0) == 0)
        (void)unlink(gone->path);
    if (gone->fd >= 0)
        close(gone->fd);
    mem_free(gone);
    *claim = NULL;
}
