/* mapped_file.h - large files that are written once, front to back, and then read in place.
 *
 * struct output_file writes beside the target and renames when all is written, so a reader sees the
 * whole file or none. struct mapped_file shows its bytes without copying; pages come and go with
 * the memory of the machine. A mapping stays good when the file is removed meanwhile; a file that
 * somebody shortens under it ends the process, so only files that are never changed are mapped.
 *
 * Threads: an output belongs to one thread; mapped bytes may be read by any number.
 */
#ifndef OS_MAPPED_FILE_H
#define OS_MAPPED_FILE_H

#include "base/buf.h"

struct output_file {
    int fd; /* -1: not open */
    uint64_t written;
    struct buf pending;
    Str temporary, path; /* in the arena given */
    bool is_memory;      /* nothing is written: `pending` is the file */
    bool is_failed;      /* sticky; the first failure is in `failure` */
    struct err failure;
};

struct arena;

/* Writes to "<path>.part", replacing a left-over one. The paths live in the arena. */
bool output_open(struct output_file *f, struct arena *a, Str path, struct err *err) MUST_CHECK;
/* A file in memory of at most max_bytes: afterwards `pending` holds it and is the caller's to free
 * with buf_deinit(). */
void output_open_memory(struct output_file *f, size_t max_bytes);
/* Sticky: output_finish() tells. */
void output_add(struct output_file *f, Str bytes);
uint64_t output_size(const struct output_file *f); /* bytes added so far */
/* Replaces bytes that were added before: for headers that are known last. */
void output_patch(struct output_file *f, uint64_t at, Str bytes);
/* Renames into place; with `is_durable` after the bytes are on the disk. Closes in any case. */
bool output_finish(struct output_file *f, bool is_durable, struct err *err) MUST_CHECK;
void output_abandon(struct output_file *f); /* safe after output_finish() */

struct mapped_file {
    Str bytes;
};

/* ERR_NOT_FOUND, ERR_IO; an empty file is ERR_CORRUPT. */
bool mapped_open(struct mapped_file *m, Str path, struct err *err) MUST_CHECK;
void mapped_close(struct mapped_file *m); /* safe on a zeroed struct */

#endif
