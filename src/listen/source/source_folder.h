/* source_folder.h - files that somebody puts into a folder: read once, whole, and moved away.
 *
 * A file is taken when its size and time of change have stayed the same for FOLDER_STABLE_MS, so
 * one that is still being written is left alone; so are names that begin with a dot or end with
 * .part, .partial or .tmp, and directories. What was imported goes to done/, what cannot be read as
 * posts to failed/; the same contents are not imported again, under whatever name they come, even
 * where the folder allows no moving.
 *
 * A watch is the memory of one folder between two looks. One thread.
 */
#ifndef LISTEN_SOURCE_FOLDER_H
#define LISTEN_SOURCE_FOLDER_H

#include "base/vec.h"
#include "listen/archive/archive.h"
#include "listen/import.h"
#include "listen/source/source.h"

#define FOLDER_STABLE_MS 1500

struct folder_seen {
    uint64_t name; /* hash */
    uint64_t size;
    int64_t changed_ms, since_ms; /* since: when it was first seen like this */
    bool is_handled;
    bool is_there; /* at the look at hand */
};

struct folder_watch {
    int64_t source;
    struct {
        VEC(struct folder_seen);
    } files;
};
void folder_watch_deinit(struct folder_watch *watch);

/* Whoever may edit sources must not thereby read any folder of the machine: only those below
 * <workspace>/inbox and below `root` (empty: none) are watched. False: it lies elsewhere. */
bool folder_is_allowed(struct arena *arena, const struct workspace *workspace, Str root,
                       const struct source *source);

/* What a look found to do. */
struct folder_file {
    Str name, path; /* in the arena */
    size_t seen;    /* its place in the watch, until the next look */
};
/* The first file in order of the name that is ready. ERR_NOT_FOUND, ERR_IO: the folder cannot be
 * read. */
bool folder_look(struct arena *arena, struct folder_watch *watch, const struct source *source,
                 int64_t now_ms, struct folder_file *out, bool *has_file,
                 struct err *err) MUST_CHECK;

struct folder_outcome {
    bool is_known;  /* its contents were imported before */
    bool is_failed; /* not readable as posts: moved to failed/, `why` says it */
    struct err why;
    struct import_result import;
};
/* Imports it (import.h) into the archive and trends given and moves it. False: nothing was moved,
 * it can be tried again; the archive has to be closed then. */
bool folder_take(struct arena *arena, struct folder_watch *watch, struct workspace *workspace,
                 struct archive *archive, struct trend_watch *trends, const struct source *source,
                 const struct folder_file *file, int64_t now_ms, const atomic_bool *stop,
                 struct folder_outcome *out, struct err *err) MUST_CHECK;

#endif
