#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/vec.h"

enum { READ_CHUNK = 64 * 1024 };

/* A path as the kernel wants it, on the stack. */
struct c_path {
    char text[FILE_PATH_BYTES_MAX + 1];
};

static bool c_path(struct c_path *out, Str path, struct err *err)
{
    if (path.len == 0)
        return err_set(err, ERR_USAGE, "empty path");
    if (path.len > FILE_PATH_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "path is longer than %d bytes", FILE_PATH_BYTES_MAX);
    if (memchr(path.ptr, '\0', path.len))
        return err_set(err, ERR_USAGE, "path holds a NUL byte");
    memcpy(out->text, path.ptr, path.len);
    out->text[path.len] = '\0';
    return true;
}

static bool fail(struct err *err, const char *what, const char *path)
{
    int sys = errno;
    enum err_code code = ERR_IO;

    if (sys == ENOENT || sys == ENOTDIR)
        code = ERR_NOT_FOUND;
    else if (sys == EACCES || sys == EPERM || sys == EROFS)
        code = ERR_DENIED;
    else if (sys == ENOMEM)
        code = ERR_NO_MEMORY;
    return err_set_sys(err, code, sys, "could not %s '%s': %s", what, path, strerror(sys));
}

/* System calls through the fault hook. EINTR is retried. */

static int sys_open(const char *path, int flags, mode_t mode)
{
    int fd;

    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t sys_read(int fd, void *out, size_t bytes)
{
    ssize_t n;

    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    do
        n = read(fd, out, bytes);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool sys_write_all(int fd, Str bytes)
{
    if (fault_hit()) {
        errno = ENOSPC;
        return false;
    }
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static int sys_check(int result)
{
    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    return result;
}

static bool read_rest(struct arena *a, int fd, const char *path, size_t max_bytes, Str *out,
                      struct err *err)
{
    struct buf bytes;
    ssize_t n = 0;

    buf_init(&bytes, max_bytes + READ_CHUNK);
    do {
        char *room = buf_reserve(&bytes, READ_CHUNK);
        if (!room) {
            buf_deinit(&bytes);
            return err_set(err, ERR_NO_MEMORY, "could not read '%s': no memory", path);
        }
        n = sys_read(fd, room, READ_CHUNK);
        if (n > 0)
            bytes.len += (size_t)n;
    } while (n > 0 && bytes.len <= max_bytes);
    bool ok = n >= 0 || fail(err, "read", path);
    if (ok && bytes.len > max_bytes)
        ok = err_set(err, ERR_LIMIT, "file '%s' is larger than %zu bytes", path, max_bytes);
    if (ok) {
        char *kept = arena_try_alloc(a, 1, 1, bytes.len + INPUT_PADDING_BYTES);
        ok = kept || err_arena(err, a);
        if (kept && bytes.len > 0)
            memcpy(kept, bytes.ptr, bytes.len);
        if (kept)
            *out = (Str){kept, bytes.len};
    }
    buf_deinit(&bytes);
    return ok;
}

bool file_read_all(struct arena *a, Str path, size_t max_bytes, Str *out, struct err *err)
{
    struct c_path name;
    struct stat info;

    if (!c_path(&name, path, err))
        return false;
    int fd = sys_open(name.text, O_RDONLY, 0);
    if (fd < 0)
        return fail(err, "open", name.text);
    bool ok = true;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
        ok = err_set(err, ERR_USAGE, "'%s' is a directory, not a file", name.text);
    ok = ok && read_rest(a, fd, name.text, max_bytes, out, err);
    close(fd);
    return ok;
}

/* After a rename or removal: the directory's own entry has to reach the disk. */
static bool sync_parent(const char *path, struct err *err)
{
    struct c_path parent;
    size_t len = strlen(path);

    while (len > 0 && path[len - 1] != '/')
        len--;
    memcpy(parent.text, path, len);
    parent.text[len] = '\0';
    const char *name = len > 0 ? parent.text : ".";
    int fd = sys_open(name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fail(err, "open directory", name);
    /* Some file systems cannot sync directories and say EINVAL: nothing more can be done there. */
    bool ok = sys_check(fsync(fd)) == 0 || errno == EINVAL || fail(err, "sync directory", name);
    close(fd);
    return ok;
}

static bool write_temporary(char *temporary, Str bytes, struct err *err)
{
    int fd = fault_hit() ? (errno = EIO, -1) : mkostemp(temporary, O_CLOEXEC);

    if (fd < 0)
        return fail(err, "create", temporary);
    bool ok = sys_write_all(fd, bytes) || fail(err, "write", temporary);
    ok = ok && (sys_check(fsync(fd)) == 0 || fail(err, "sync", temporary));
    ok = (close(fd) == 0 || !ok || fail(err, "close", temporary)) && ok;
    if (!ok)
        unlink(temporary);
    return ok;
}

bool file_write_atomic(Str path, Str bytes, struct err *err)
{
    struct c_path name, temporary;

    if (!c_path(&name, path, err))
        return false;
    Str base = path_base(path); /* the temporary's name is hidden, so dir_list() leaves it out */
    int len = snprintf(temporary.text, sizeof temporary.text, "%.*s." STR_F ".XXXXXX",
                       (int)(path.len - base.len), path.ptr, STR_A(base));
    if (len < 0 || (size_t)len >= sizeof temporary.text)
        return err_set(err, ERR_LIMIT, "path is longer than %d bytes", FILE_PATH_BYTES_MAX - 8);
    if (!write_temporary(temporary.text, bytes, err))
        return false;
    int result = fault_hit() ? (errno = EIO, -1) : rename(temporary.text, name.text);
    if (result != 0) {
        fail(err, "replace", name.text);
        unlink(temporary.text);
        return false;
    }
    return sync_parent(name.text, err);
}

bool file_append(Str path, Str bytes, struct err *err)
{
    struct c_path name;

    if (!c_path(&name, path, err))
        return false;
    int fd = sys_open(name.text, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (fd < 0)
        return fail(err, "open", name.text);
    bool ok = sys_write_all(fd, bytes) || fail(err, "append to", name.text);
    return (close(fd) == 0 || !ok || fail(err, "close", name.text)) && ok;
}

bool file_sync(Str path, struct err *err)
{
    struct c_path name;

    if (!c_path(&name, path, err))
        return false;
    int fd = sys_open(name.text, O_WRONLY, 0);
    if (fd < 0)
        return fail(err, "open", name.text);
    bool ok = sys_check(fsync(fd)) == 0 || fail(err, "sync", name.text);
    close(fd);
    return ok;
}

static bool look(Str path, struct stat *info)
{
    struct c_path name;
    struct err ignored = {0};

    return c_path(&name, path, &ignored) && stat(name.text, info) == 0;
}

bool file_exists(Str path)
{
    struct stat info;

    return look(path, &info);
}

bool dir_exists(Str path)
{
    struct stat info;

    return look(path, &info) && S_ISDIR(info.st_mode);
}

bool file_size(Str path, uint64_t *bytes, struct err *err)
{
    struct c_path name;
    struct stat info;

    if (!c_path(&name, path, err))
        return false;
    if (sys_check(stat(name.text, &info)) != 0)
        return fail(err, "look at", name.text);
    *bytes = (uint64_t)info.st_size;
    return true;
}

bool path_real(struct arena *a, Str path, Str *out, struct err *err)
{
    struct c_path name;
    char real[PATH_MAX];

    if (!c_path(&name, path, err))
        return false;
    if (sys_check(realpath(name.text, real) ? 0 : -1) != 0)
        return fail(err, "look at", name.text);
    *out = arena_str(a, str_from_cstr(real));
    return true;
}

bool file_rename(Str from, Str to, struct err *err)
{
    struct c_path source, target;

    if (!c_path(&source, from, err) || !c_path(&target, to, err))
        return false;
    int result = fault_hit() ? (errno = EIO, -1) : rename(source.text, target.text);
    if (result != 0)
        return fail(err, "rename", source.text);
    return sync_parent(target.text, err);
}

bool file_remove(Str path, struct err *err)
{
    struct c_path name;

    if (!c_path(&name, path, err))
        return false;
    int result = fault_hit() ? (errno = EIO, -1) : unlink(name.text);
    return result == 0 || errno == ENOENT || fail(err, "remove", name.text);
}

bool dir_ensure(Str path, struct err *err)
{
    struct c_path name;
    struct stat info;

    if (!c_path(&name, path, err))
        return false;
    for (char *at = name.text + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char kept = *at;
        *at = '\0';
        int result = fault_hit() ? (errno = EIO, -1) : mkdir(name.text, 0700);
        int why = errno; /* the reason to report: looking changes errno */
        if (result != 0 && why != EEXIST &&
            !(stat(name.text, &info) == 0 && S_ISDIR(info.st_mode))) {
            errno = why;
            return fail(err, "create directory", name.text);
        }
        *at = kept;
        if (kept == '\0')
            break;
    }
    if (stat(name.text, &info) != 0)
        return fail(err, "look at", name.text);
    return S_ISDIR(info.st_mode) ||
           err_set(err, ERR_EXISTS, "'%s' exists and is not a directory", name.text);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Works on descriptors, so a directory swapped for a link meanwhile is not followed. Takes fd. */
static bool empty_dir(int fd, int depth, struct err *err)
{
    DIR *dir = fdopendir(fd);
    bool ok = true;

    if (!dir) {
        fail(err, "open", "directory");
        close(fd);
        return false;
    }
    for (struct dirent *entry; ok && (entry = readdir(dir));) {
        if (is_dots(entry->d_name) || unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            continue;
        if (errno != EISDIR && errno != EPERM) {
            ok = errno == ENOENT || fail(err, "remove", entry->d_name);
            continue;
        }
        int inner =
            openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (depth >= FILE_REMOVE_DEPTH_MAX) {
            ok = err_set(err, ERR_LIMIT, "directories are nested deeper than %d",
                         FILE_REMOVE_DEPTH_MAX);
            if (inner >= 0)
                close(inner);
            continue;
        }
        ok = inner >= 0 || fail(err, "open", entry->d_name);
        ok = ok && empty_dir(inner, depth + 1, err);
        ok = ok && (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) == 0 ||
                    fail(err, "remove", entry->d_name));
    }
    closedir(dir);
    return ok;
}

bool dir_temporary(struct arena *a, Str name, Str *path, struct err *err)
{
    const char *parent = getenv("TMPDIR");
    struct c_path template;
    Str wanted =
        arena_printf(a, "%s/" STR_F "-XXXXXX", parent && *parent ? parent : "/tmp", STR_A(name));

    if (!c_path(&template, wanted, err))
        return false;
    if (!mkdtemp(template.text))
        return fail(err, "make a directory like", template.text);
    *path = arena_str(a, str_from_cstr(template.text));
    return true;
}

bool dir_remove_all(Str path, struct err *err)
{
    struct c_path name;

    if (!c_path(&name, path, err))
        return false;
    int fd = sys_open(name.text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0)
        return errno == ENOENT || fail(err, "open directory", name.text);
    return (empty_dir(fd, 1, err) &&
            (rmdir(name.text) == 0 || fail(err, "remove directory", name.text))) ||
           err_wrap(err, "in '%s'", name.text);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct dir_entry *)a)->name, ((const struct dir_entry *)b)->name);
}

static bool entry_fill(struct arena *a, int dir_fd, const char *name, struct dir_entry *out,
                       bool *is_gone, struct err *err)
{
    struct stat info;
    Str text = str_from_cstr(name);

    *is_gone = fstatat(dir_fd, name, &info, 0) != 0;
    if (*is_gone)
        return true;
    char *kept = arena_try_alloc(a, 1, 1, text.len + 1);
    if (!kept)
        return err_arena(err, a);
    memcpy(kept, text.ptr, text.len);
    out->name = (Str){kept, text.len};
    out->is_dir = S_ISDIR(info.st_mode);
    out->size = out->is_dir ? 0 : (uint64_t)info.st_size;
    out->changed_ms = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
    return true;
}

bool dir_list(struct arena *a, Str path, struct dir_entry **entries, size_t *count, struct err *err)
{
    struct c_path name;
    struct {
        VEC(struct dir_entry);
    } found = {0};
    bool ok = true;

    if (!c_path(&name, path, err))
        return false;
    DIR *dir = fault_hit() ? (errno = EIO, NULL) : opendir(name.text);
    if (!dir)
        return fail(err, "open directory", name.text);
    for (struct dirent *entry; ok && (entry = readdir(dir));) {
        struct dir_entry one;
        bool is_gone = false;
        if (entry->d_name[0] == '.')
            continue;
        ok = entry_fill(a, dirfd(dir), entry->d_name, &one, &is_gone, err);
        if (!ok || is_gone)
            continue;
        if (found.count >= FILE_LIST_COUNT_MAX || !vec_try_push(&found, one))
            ok = err_set(err, ERR_LIMIT, "directory '%s' holds more than %d entries", name.text,
                         FILE_LIST_COUNT_MAX);
    }
    closedir(dir);
    struct dir_entry *kept = ok ? arena_try_new(a, struct dir_entry, found.count + 1) : NULL;
    ok = ok && (kept || err_arena(err, a));
    if (ok && found.count > 0) {
        memcpy(kept, found.items, found.count * sizeof *kept);
        qsort(kept, found.count, sizeof *kept, by_name);
    }
    if (ok) {
        *entries = kept;
        *count = found.count;
    }
    vec_deinit(&found);
    return ok;
}

Str path_join(struct arena *a, Str directory, Str name)
{
    if (directory.len == 0 || str_starts(name, S("/")))
        return arena_str(a, name);
    const char *between = directory.ptr[directory.len - 1] == '/' ? "" : "/";
    return arena_printf(a, STR_F "%s" STR_F, STR_A(directory), between, STR_A(name));
}

Str path_base(Str path)
{
    size_t from = path.len;

    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return str_sub(path, from, path.len);
}
