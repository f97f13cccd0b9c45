#include "web/view/backup_view.h"

#include "format/tar.h"
#include "ledger/backup.h"
#include "os/file.h"
#include "os/mapped_file.h"
#include "web/download.h"
#include "web/server_priv.h"

#define BACKUP_CHUNK_BYTES (256 * KIB)

/* Everything the thread needs, of its own. */
struct backup_job {
    struct arena memory;
    Str folder; /* where the backup lies */
    Str name;   /* of the folder inside the archive */
};

static bool put_file(struct download *d, Str name, Str path, const struct dir_entry *entry,
                     struct err *err)
{
    static const char zeros[TAR_BLOCK_BYTES];
    struct mapped_file file = {{0}};
    char head[TAR_BLOCK_BYTES];

    if (!tar_head(name, entry->size, entry->changed_ms / 1000, head, err) ||
        (entry->size > 0 && !mapped_open(&file, path, err)))
        return false;
    bool ok = file.bytes.len == entry->size ||
              err_set(err, ERR_CONFLICT, "'" STR_F "' changed while it was sent", STR_A(path));
    ok = ok && download_put(d, (Str){head, sizeof head}, err);
    for (uint64_t at = 0; ok && at < entry->size; at += BACKUP_CHUNK_BYTES)
        ok = download_put(d, str_sub(file.bytes, at, BACKUP_CHUNK_BYTES), err);
    ok = ok && download_put(d, (Str){zeros, tar_padding(entry->size)}, err);
    mapped_close(&file);
    return ok;
}

static bool put_folder(struct download *d, struct arena *arena, Str folder, Str name,
                       struct err *err)
{
    struct dir_entry *entries;
    size_t count;

    if (!dir_list(arena, folder, &entries, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Str inner = arena_printf(arena, STR_F "/" STR_F, STR_A(name), STR_A(entries[i].name));
        Str path = path_join(arena, folder, entries[i].name);
        bool ok = entries[i].is_dir ? put_folder(d, arena, path, inner, err)
                                    : put_file(d, inner, path, &entries[i], err);
        if (!ok)
            return false;
    }
    return true;
}

static bool work(struct download *d, void *context, struct err *err)
{
    static const char end[2 * TAR_BLOCK_BYTES];
    struct backup_job *job = context;

    return put_folder(d, &job->memory, job->folder, job->name, err) &&
           download_put(d, (Str){end, sizeof end}, err);
}

static void drop(void *context)
{
    struct backup_job *job = context;

    arena_deinit(&job->memory);
    mem_free(job);
}

bool backup_answer(struct request *req, Str name, struct err *err)
{
    struct backup_origin origin = {.actor = request_actor(req), .now_ms = req->now_ms};
    struct pool *pool = web_server_pool(req->server);
    struct backup_entry entry;

    if (!backup_find(&req->arena, pool_data_dir(pool), req->workspace->slug, name, &entry, err) ||
        !backup_note_download(req->workspace, name, &origin, err))
        return false;
    struct backup_job *job = mem_alloc(1, sizeof *job);
    arena_init(&job->memory, 256 * MIB);
    job->folder = arena_str(&job->memory, entry.folder);
    job->name =
        arena_printf(&job->memory, STR_F "-" STR_F, STR_A(req->workspace->slug), STR_A(entry.name));
    Str file =
        arena_printf(&req->arena, "attachment; filename=\"" STR_F ".tar\"", STR_A(job->name));
    if (!download_open(req, (struct download_job){work, drop, job}, err))
        return false;
    req->content_type = S("application/x-tar");
    request_set_header(req, "Content-Disposition", file);
    pool_workspace_release(pool, &req->workspace);
    pool_system_release(pool, &req->system);
    return true;
}
