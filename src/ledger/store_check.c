#include "ledger/store_check.h"

#include "base/limits.h"
#include "ledger/ledger.h"
#include "os/file.h"

struct checking {
    struct workspace *workspace;
    struct arena *arena;
    const struct backup_watch *watch;
    struct store_check *out;
    uint64_t total;
    struct err *err;
};

static bool find(struct checking *c, Str file, const char *what)
{
    struct store_check *out = c->out;

    if (out->count == STORE_FINDINGS_MAX) {
        out->further++;
        return true;
    }
    struct store_finding *f = &out->findings[out->count++];
    return (arena_try_str(c->arena, file, &f->file) &&
            arena_try_str(c->arena, str_from_cstr(what), &f->what)) ||
           err_arena(c->err, c->arena);
}

static bool check_ledger(struct checking *c, struct db *db, Str file)
{
    struct ledger_report report = {0};
    struct err problem = {0};

    if (!ledger_verify(db, NULL, &report, &problem))
        return find(c, file, problem.msg);
    c->out->ledger_entries = report.entries;
    return report.fault == LEDGER_SOUND || find(c, file, report.what);
}

static bool check_file(struct checking *c, Str file, uint64_t bytes)
{
    struct err problem = {0};
    struct db *db = NULL;
    bool ok = true;

    if (c->watch && c->watch->stop && atomic_load(c->watch->stop))
        return err_set(c->err, ERR_CANCELLED, "the check was stopped");
    if (!db_open(&db, path_join(c->arena, c->workspace->dir, file), DB_READ_ONLY, &problem) ||
        !db_check(db, &problem))
        ok = find(c, file, problem.msg);
    if (ok && db && str_eq(file, S("state.db")))
        ok = check_ledger(c, db, file);
    db_close(&db);
    c->out->files++;
    c->out->bytes += bytes;
    if (c->watch && c->watch->progress)
        c->watch->progress(c->watch->context, c->out->bytes, c->total);
    return ok;
}

static bool is_segment(const struct dir_entry *entry)
{
    return !entry->is_dir && entry->name.len == 10 && str_ends(entry->name, S(".db"));
}

bool store_check_run(struct workspace *workspace, struct arena *arena,
                     const struct backup_watch *watch, struct store_check *out, struct err *err)
{
    struct checking c = {workspace, arena, watch, out, 0, err};
    struct dir_entry *entries;
    uint64_t state_bytes;
    size_t count;

    *out = (struct store_check){.findings =
                                    arena_new(arena, struct store_finding, STORE_FINDINGS_MAX)};
    if (!file_size(path_join(arena, workspace->dir, S("state.db")), &state_bytes, err) ||
        !dir_list(arena, workspace->posts_dir, &entries, &count, err))
        return err_wrap(err, "could not check workspace '" STR_F "'", STR_A(workspace->slug));
    c.total = state_bytes;
    for (size_t i = 0; i < count; i++)
        c.total += is_segment(&entries[i]) ? entries[i].size : 0;
    bool ok = check_file(&c, S("state.db"), state_bytes);
    for (size_t i = 0; ok && i < count; i++)
        ok = !is_segment(&entries[i]) ||
             check_file(&c, arena_printf(arena, "posts/" STR_F, STR_A(entries[i].name)),
                        entries[i].size);
    return ok;
}
