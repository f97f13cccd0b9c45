#include "listen/source/source_folder.h"

#include "base/hash.h"
#include "base/limits.h"
#include "format/digest.h"
#include "os/file.h"
#include "os/reader.h"

#define PIECE_BYTES (256 * KIB)

void folder_watch_deinit(struct folder_watch *watch)
{
    vec_deinit(&watch->files);
}

static bool is_below(struct arena *arena, Str path, Str root)
{
    struct err ignored = {0};
    Str real;

    if (root.len == 0 || !path_real(arena, root, &real, &ignored))
        return false;
    return str_starts(path, real) &&
           (path.len == real.len || path.ptr[real.len] == '/' || real.len == 1);
}

bool folder_is_allowed(struct arena *arena, const struct workspace *workspace, Str root,
                       const struct source *source)
{
    struct err ignored = {0};
    Str real;

    if (!path_real(arena, source->address, &real, &ignored))
        return true; /* what is not there is said otherwise */
    return is_below(arena, real, path_join(arena, workspace->dir, S("inbox"))) ||
           is_below(arena, real, root);
}

static bool is_left_alone(const struct dir_entry *entry)
{
    return entry->is_dir || str_ends(entry->name, S(".part")) ||
           str_ends(entry->name, S(".partial")) || str_ends(entry->name, S(".tmp")) ||
           str_ends(entry->name, S(".crdownload"));
}

/* Its place in the watch; a file that changed begins to wait anew. */
static bool seen_at(struct folder_watch *watch, const struct dir_entry *entry, int64_t now_ms,
                    size_t *at, struct err *err)
{
    uint64_t name = hash_bytes(entry->name, 0);
    struct folder_seen now = {name, entry->size, entry->changed_ms, now_ms, false, true};

    for (*at = 0; *at < watch->files.count; ++*at) {
        struct folder_seen *seen = &watch->files.items[*at];
        if (seen->name != name)
            continue;
        if (seen->size != now.size || seen->changed_ms != now.changed_ms)
            *seen = now;
        seen->is_there = true;
        return true;
    }
    return vec_try_push(&watch->files, now) ||
           err_set(err, ERR_NO_MEMORY, "no memory for watching a folder");
}

static void forget_gone(struct folder_watch *watch, size_t *keep)
{
    for (size_t i = watch->files.count; i-- > 0;) {
        if (watch->files.items[i].is_there)
            continue;
        watch->files.items[i] = watch->files.items[--watch->files.count];
        if (*keep == watch->files.count)
            *keep = i;
    }
}

bool folder_look(struct arena *arena, struct folder_watch *watch, const struct source *source,
                 int64_t now_ms, struct folder_file *out, bool *has_file, struct err *err)
{
    struct dir_entry *entries;
    size_t count, at;

    *has_file = false;
    if (!dir_list(arena, source->address, &entries, &count, err))
        return false;
    vec_each (struct folder_seen, seen, &watch->files)
        seen->is_there = false;
    for (size_t i = 0; i < count; i++) {
        if (is_left_alone(&entries[i]))
            continue;
        if (!seen_at(watch, &entries[i], now_ms, &at, err))
            return false;
        const struct folder_seen *seen = &watch->files.items[at];
        bool is_ready = !seen->is_handled &&
                        (now_ms - seen->since_ms >= FOLDER_STABLE_MS || now_ms < seen->since_ms);
        if (*has_file || !is_ready)
            continue;
        *has_file = true;
        *out = (struct folder_file){entries[i].name,
                                    path_join(arena, source->address, entries[i].name), at};
    }
    forget_gone(watch, &out->seen);
    return true;
}

/* Of what is in it, unpacked: the same posts packed otherwise are the same. */
static bool digest_file(Str path, DigestHex *out, struct err *err)
{
    struct os_reader *reader = NULL;
    struct digest_state digest;
    Str piece = STR_NONE;
    bool ok = os_reader_open(&reader, path, err);

    digest_begin(&digest);
    while (ok && (ok = os_reader_read(reader, PIECE_BYTES, &piece, err)) && piece.len > 0)
        digest_add(&digest, piece);
    os_reader_close(&reader);
    *out = digest_hex(digest_end(&digest));
    return ok;
}

static bool is_known(struct db *db, int64_t source, DigestHex digest, bool *known, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "SELECT 1 FROM folder_file WHERE source = ?1 AND digest = ?2", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_str(stmt, 2, str_from_cstr(digest.text));
    if (!stmt_step(stmt, known, err))
        return false;
    if (*known)
        stmt_reset(stmt);
    return true;
}

static bool remember(struct db *db, int64_t source, DigestHex digest, Str name, int64_t now_ms,
                     struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT OR IGNORE INTO folder_file (source, digest, name, taken_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_str(stmt, 2, str_from_cstr(digest.text));
    stmt_bind_str(stmt, 3, name);
    stmt_bind_i64(stmt, 4, now_ms);
    return stmt_run(stmt, err);
}

/* Where nothing may be moved the file stays; it is known by its contents. */
static void move_to(struct arena *arena, const struct source *source,
                    const struct folder_file *file, const char *where, DigestHex digest)
{
    struct err ignored = {0};
    Str folder = path_join(arena, source->address, str_from_cstr(where));
    Str target = path_join(arena, folder, file->name);

    if (!dir_ensure(folder, &ignored))
        return;
    if (file_exists(target))
        target = path_join(arena, folder,
                           arena_printf(arena, "%.8s-" STR_F, digest.text, STR_A(file->name)));
    (void)!file_rename(file->path, target, &ignored);
}

static bool import_file(struct workspace *workspace, struct archive *archive,
                        struct trend_watch *trends, const struct source *source,
                        const struct folder_file *file, int64_t now_ms, const atomic_bool *stop,
                        struct folder_outcome *out, struct err *err)
{
    struct import_job job = {.workspace = workspace,
                             .archive = archive,
                             .trends = trends,
                             .paths = &file->path,
                             .path_count = 1,
                             .options = {.source = source->name, .dataset = source->name},
                             .worker_count = 1,
                             .now_ms = now_ms,
                             .actor = S("system"),
                             .stop = stop};

    return decode_format_from(source->format, &job.options.format) &&
           import_run(&job, &out->import, err);
}

bool folder_take(struct arena *arena, struct folder_watch *watch, struct workspace *workspace,
                 struct archive *archive, struct trend_watch *trends, const struct source *source,
                 const struct folder_file *file, int64_t now_ms, const atomic_bool *stop,
                 struct folder_outcome *out, struct err *err)
{
    struct db *db = workspace->state;
    DigestHex digest;
    struct err problem = {0};

    *out = (struct folder_outcome){0};
    if (!digest_file(file->path, &digest, err) ||
        !is_known(db, source->id, digest, &out->is_known, err))
        return false;
    if (!out->is_known &&
        !import_file(workspace, archive, trends, source, file, now_ms, stop, out, &problem)) {
        out->is_failed = problem.code == ERR_INPUT;
        out->why = problem;
        if (!out->is_failed) {
            *err = problem;
            return false;
        }
    }
    const struct intake_counts *counts = &out->import.counts;
    if (!out->is_known && !out->is_failed && counts->read > 0 && counts->rejected == counts->read) {
        out->is_failed = true;
        err_set(&out->why, ERR_INPUT, "no row of '" STR_F "' is a post", STR_A(file->name));
    }
    if (!out->is_known && !remember(db, source->id, digest, file->name, now_ms, err))
        return false;
    watch->files.items[file->seen].is_handled = true;
    move_to(arena, source, file, out->is_failed ? "failed" : "done", digest);
    return true;
}
