/* file.h - whole files and directories, by path.
 *
 * Use it for what fits in memory; streams of records go through reader.h. Writing is atomic and
 * durable: after a crash a file holds the old or the new bytes, never a mixture. Paths are byte
 * strings without NUL of at most FILE_PATH_BYTES_MAX. Files and directories are created for the
 * owner alone (0600, 0700) less the umask. Any thread may call; no state is kept.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/arena.h"
#include "base/err.h"

#define FILE_PATH_BYTES_MAX   4000   /* reject */
#define FILE_LIST_COUNT_MAX   100000 /* entries of one directory: reject */
#define FILE_REMOVE_DEPTH_MAX 64     /* nested directories: reject */

/* ERR_NOT_FOUND, ERR_IO, or ERR_LIMIT beyond max_bytes. The bytes live in the arena and are
 * followed by INPUT_PADDING_BYTES zero bytes. */
bool file_read_all(struct arena *a, Str path, size_t max_bytes, Str *out,
                   struct err *err) MUST_CHECK;
/* Writes beside the target, syncs, renames over it, syncs the directory. */
bool file_write_atomic(Str path, Str bytes, struct err *err) MUST_CHECK;
/* Appends without syncing; creates the file when absent. For logs and reject files. */
bool file_append(Str path, Str bytes, struct err *err) MUST_CHECK;

/* Waits until what was appended has reached the disk. */
bool file_sync(Str path, struct err *err) MUST_CHECK;

bool file_exists(Str path); /* anything: file, directory, socket */
bool dir_exists(Str path);
bool file_size(Str path, uint64_t *bytes, struct err *err) MUST_CHECK;
/* Replaces an existing target. Same file system only. */
bool file_rename(Str from, Str to, struct err *err) MUST_CHECK;
/* A file that is not there counts as removed. */
bool file_remove(Str path, struct err *err) MUST_CHECK;

/* Creates it with all parents; one that exists already is fine. */
bool dir_ensure(Str path, struct err *err) MUST_CHECK;
/* Makes a new one for the owner alone under $TMPDIR, else /tmp: "<name>-XXXXXX". Its path lives in
 * the arena. */
bool dir_temporary(struct arena *a, Str name, Str *path, struct err *err) MUST_CHECK;
/* Removes it with everything in it, without following links. Absent counts as removed. */
bool dir_remove_all(Str path, struct err *err) MUST_CHECK;

struct dir_entry {
    Str name; /* without the directory; also NUL-terminated */
    bool is_dir;
    uint64_t size;      /* bytes; 0 for directories */
    int64_t changed_ms; /* last change of the contents, UTC epoch */
};

/* Sorted by name bytewise; "." and ".." and hidden names are left out. Lives in the arena. */
bool dir_list(struct arena *a, Str path, struct dir_entry **entries, size_t *count,
              struct err *err) MUST_CHECK;

/* Where it really lies: absolute, without links, "." and "..". ERR_NOT_FOUND, ERR_IO. */
bool path_real(struct arena *a, Str path, Str *out, struct err *err) MUST_CHECK;
/* "a" and "b" give "a/b"; an absolute b replaces a. */
Str path_join(struct arena *a, Str directory, Str name);
Str path_base(Str path); /* behind the last '/' */

#endif
