/* memory_file.h - the bytes of a fuzz input under a path, for what reads files by name. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/str.h"

struct memory_file {
    int fd;
    char name[40];
    Str path; /* NUL-terminated */
};

static void memory_file_open(struct memory_file *file, const uint8_t *data, size_t size)
{
    file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    ASSERT(file->fd >= 0 && write(file->fd, data, size) == (ssize_t)size);
    int len = snprintf(file->name, sizeof file->name, "/proc/self/fd/%d", file->fd);
    file->path = (Str){file->name, (size_t)len};
}

static void memory_file_close(struct memory_file *file)
{
    (void)close(file->fd);
}

#endif
