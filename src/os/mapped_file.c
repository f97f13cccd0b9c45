#include "os/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "os/file.h"

#define OUTPUT_PENDING_BYTES (256 * KIB)

static bool fail(struct err *err, const char *what, Str path)
{
    int sys = errno;

    return err_set_sys(err, sys == ENOENT ? ERR_NOT_FOUND : ERR_IO, sys,
                       "could not %s '" STR_F "': %s", what, STR_A(path), strerror(sys));
}

static int sys_open(const char *path, int flags)
{
    int fd;

    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    do
        fd = open(path, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool output_open(struct output_file *f, struct arena *a, Str path, struct err *err)
{
    const char *name;

    *f = (struct output_file){.fd = -1};
    f->path = arena_str(a, path);
    f->temporary = arena_printf(a, STR_F ".part", STR_A(path));
    if (!str_to_cstr(a, f->temporary, &name, err))
        return false;
    f->fd = sys_open(name, O_WRONLY | O_CREAT | O_TRUNC);
    if (f->fd < 0)
        return fail(err, "create", path);
    buf_init(&f->pending, 2 * OUTPUT_PENDING_BYTES);
    return true;
}

void output_open_memory(struct output_file *f, size_t max_bytes)
{
    *f = (struct output_file){.fd = -1, .is_memory = true};
    buf_init(&f->pending, max_bytes);
}

static void output_fail(struct output_file *f)
{
    if (!f->is_failed)
        (void)!fail(&f->failure, "write", f->path);
    f->is_failed = true;
}

static void write_at(struct output_file *f, const char *bytes, size_t len, uint64_t at)
{
    while (len > 0 && !f->is_failed) {
        ssize_t n = -1;
        if (fault_hit())
            errno = EIO;
        else
            n = pwrite(f->fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            output_fail(f);
            return;
        }
        bytes += n;
        len -= (size_t)n;
        at += (uint64_t)n;
    }
}

static void output_flush(struct output_file *f)
{
    write_at(f, f->pending.ptr, f->pending.len, f->written);
    f->written += f->pending.len;
    buf_reset(&f->pending);
}

void output_add(struct output_file *f, Str bytes)
{
    if (bytes.len == 0)
        return;
    if (f->is_memory) {
        buf_add(&f->pending, bytes);
        return;
    }
    if (f->pending.len + bytes.len > OUTPUT_PENDING_BYTES)
        output_flush(f);
    if (bytes.len > OUTPUT_PENDING_BYTES) {
        write_at(f, bytes.ptr, bytes.len, f->written);
        f->written += bytes.len;
        return;
    }
    buf_add(&f->pending, bytes);
    if (f->pending.is_failed) {
        errno = ENOMEM;
        output_fail(f);
    }
}

uint64_t output_size(const struct output_file *f)
{
    return f->written + f->pending.len;
}

void output_patch(struct output_file *f, uint64_t at, Str bytes)
{
    ASSERT(at + bytes.len <= output_size(f));
    if (f->is_memory) {
        if (!f->pending.is_failed)
            memcpy(f->pending.ptr + at, bytes.ptr, bytes.len);
        return;
    }
    output_flush(f);
    write_at(f, bytes.ptr, bytes.len, at);
}

bool output_finish(struct output_file *f, bool is_durable, struct err *err)
{
    if (f->is_memory)
        return buf_ok(&f->pending, err);
    output_flush(f);
    if (!f->is_failed && is_durable && (fault_hit() || fdatasync(f->fd) != 0))
        output_fail(f);
    if (f->is_failed) {
        *err = f->failure;
        output_abandon(f);
        return false;
    }
    (void)close(f->fd);
    f->fd = -1;
    buf_deinit(&f->pending);
    if (file_rename(f->temporary, f->path, err))
        return true;
    struct err ignored = {0};
    (void)!file_remove(f->temporary, &ignored);
    return false;
}

void output_abandon(struct output_file *f)
{
    struct err ignored = {0};

    if (f->is_memory)
        buf_deinit(&f->pending);
    if (f->fd < 0)
        return;
    (void)close(f->fd);
    f->fd = -1;
    buf_deinit(&f->pending);
    (void)!file_remove(f->temporary, &ignored);
}

bool mapped_open(struct mapped_file *m, Str path, struct err *err)
{
    struct arena scratch;
    struct stat info;
    const char *name;
    int fd = -1;
    bool ok = false;

    *m = (struct mapped_file){0};
    arena_init(&scratch, 2 * FILE_PATH_BYTES_MAX);
    if (!str_to_cstr(&scratch, path, &name, err))
        goto out;
    fd = sys_open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &info) != 0) {
        (void)!fail(err, "open", path);
        goto out;
    }
    if (info.st_size <= 0) {
        err_set(err, ERR_CORRUPT, "'" STR_F "' is empty", STR_A(path));
        goto out;
    }
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        (void)!fail(err, "map", path);
        goto out;
    }
    m->bytes = (Str){bytes, (size_t)info.st_size};
    ok = true;
out:
    if (fd >= 0)
        (void)close(fd);
    arena_deinit(&scratch);
    return ok;
}

void mapped_close(struct mapped_file *m)
{
    if (m->bytes.ptr) {
        union {
            const char *read_only;
            void *bytes;
        } u = {m->bytes.ptr};
        (void)munmap(u.bytes, m->bytes.len);
    }
    *m = (struct mapped_file){0};
}
