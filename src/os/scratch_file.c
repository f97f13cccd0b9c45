#include "os/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "os/file.h"

bool scratch_open(struct scratch_file *f, Str folder, struct err *err)
{
    struct buf path;

    if (str_find_byte(folder, '\0') < folder.len)
        return err_set(err, ERR_INPUT, "the path of a folder holds a NUL");
    buf_init(&path, FILE_PATH_BYTES_MAX);
    buf_add(&path, folder);
    buf_lit(&path, "/.scratch-XXXXXX");
    buf_add_byte(&path, '\0');
    if (!buf_ok(&path, err)) {
        buf_deinit(&path);
        return false;
    }
    errno = EIO;
    f->fd = fault_hit() ? -1 : mkostemp(path.ptr, O_CLOEXEC);
    f->is_open = f->fd >= 0;
    if (f->is_open)
        (void)unlink(path.ptr);
    int sys = errno;
    buf_deinit(&path);
    return f->is_open ||
           err_set_sys(err, ERR_IO, sys, "could not make a temporary file in '" STR_F "': %s",
                       STR_A(folder), strerror(sys));
}

bool scratch_read(const struct scratch_file *f, uint64_t at, size_t most, struct buf *out,
                  struct err *err)
{
    char *room = buf_reserve(out, most);
    ssize_t got = -1;

    if (!room)
        return buf_ok(out, err);
    errno = EIO;
    if (!fault_hit())
        do
            got = pread(f->fd, room, most, (off_t)at);
        while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set_sys(err, ERR_IO, errno, "could not read a temporary file: %s",
                           strerror(errno));
    out->len += (size_t)got;
    return true;
}

void scratch_close(struct scratch_file *f)
{
    if (f->is_open)
        (void)close(f->fd);
    f->is_open = false;
}
