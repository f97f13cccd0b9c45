#include "web/operation.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "os/clock.h"
#include "os/thread.h"

enum { TELL_MS = 250 };

struct operation {
    struct operations *all;
    struct arena memory; /* the wish, the result */
    struct operation_wish wish;
    struct thread thread;
    atomic_bool is_stopped;
    uint64_t started_ns, told_ns;
    struct operation_view view; /* guarded by the mutex; written by its thread alone */
};

struct operations {
    struct live_hub *hub;
    struct pool *pool;
    struct mutex mutex; /* guards what follows */
    bool is_stopping;
    struct {
        VEC(struct operation *);
    } latest; /* one of each workspace and kind */
};

const char *operation_kind_name(enum operation_kind kind)
{
    static const char *const names[] = {[OPERATION_REMATCH] = "rematch",
                                        [OPERATION_ERASE] = "erase",
                                        [OPERATION_BACKUP] = "backup",
                                        [OPERATION_CHECK] = "check"};

    return names[kind];
}

const char *operation_state_name(enum operation_state state)
{
    static const char *const names[] = {[OPERATION_NONE] = "none",
                                        [OPERATION_RUNNING] = "running",
                                        [OPERATION_DONE] = "done",
                                        [OPERATION_FAILED] = "failed",
                                        [OPERATION_STOPPED] = "stopped"};

    return names[state];
}

/* ---- progress -------------------------------------------------------------------------------- */

static void tell(const struct operation *o)
{
    char data[256];

    (void)snprintf(
        data, sizeof data,
        "{\"operation\":\"%s\",\"done\":%llu,\"total\":%llu,\"rate\":%.1f,\"left\":%.0f}",
        operation_kind_name(o->wish.kind), (unsigned long long)o->view.done,
        (unsigned long long)o->view.total, o->view.rate, o->view.seconds_left);
    live_hub_post(o->all->hub, o->wish.workspace, S("progress"), str_from_cstr(data));
}

static void on_progress(void *context, uint64_t done, uint64_t total)
{
    struct operation *o = context;
    uint64_t now_ns = clock_monotonic_ns();
    double seconds = clock_seconds_since(o->started_ns);

    if (done < total && now_ns - o->told_ns < TELL_MS * UINT64_C(1000000))
        return;
    o->told_ns = now_ns;
    mutex_lock(&o->all->mutex);
    o->view.done = done;
    o->view.total = total;
    o->view.rate = seconds > 0 ? (double)done / seconds : 0;
    o->view.seconds_left =
        o->view.rate > 0 && done < total ? (double)(total - done) / o->view.rate : -1;
    mutex_unlock(&o->all->mutex);
    tell(o);
}

/* ---- the work -------------------------------------------------------------------------------- */

static bool rematch(struct operation *o, struct workspace *w, struct operation_view *result,
                    struct err *err)
{
    struct restate_job job = {.workspace = w,
                              .actor = o->wish.actor,
                              .reason = o->wish.reason,
                              .watch = {on_progress, o, &o->is_stopped},
                              .now_ms = clock_now_ms()};

    return restate_history(&job, &result->rematch, err);
}

static bool erase(struct operation *o, struct workspace *w, struct operation_view *result,
                  struct err *err)
{
    struct archive *archive = NULL;
    struct erase_job job = {.workspace = w,
                            .who = o->wish.who,
                            .source = o->wish.source,
                            .actor = o->wish.actor,
                            .reason = o->wish.reason,
                            .now_ms = clock_now_ms(),
                            .progress = on_progress,
                            .context = o};
    bool ok = archive_open(&archive, w->posts_dir, ARCHIVE_WRITE, err);

    job.archive = archive;
    ok = ok && erase_author(&job, &o->memory, &result->erase, err);
    archive_close(&archive);
    erase_report_deinit(&result->erase);
    memset(&result->erase.archive.person, 0, sizeof result->erase.archive.person);
    result->erase.archive.who = result->erase.archive.source = STR_NONE;
    return ok;
}

static bool back_up(struct operation *o, struct workspace *w, struct operation_view *result,
                    struct err *err)
{
    struct backup_origin origin = {o->wish.actor, o->wish.reason, clock_now_ms()};
    struct backup_watch watch = {on_progress, o, &o->is_stopped};

    return backup_make(w, pool_data_dir(o->all->pool), &origin, &watch, &o->memory, &result->made,
                       err);
}

/* Where the data lies on the machine is nothing for a page. */
static Str without_folder(struct operation *o, const struct err *fault, Str folder)
{
    Str text = str_from_cstr(fault->msg), out = STR_NONE;

    for (size_t at; (at = str_find(text, folder)) < text.len;) {
        out = arena_printf(&o->memory, STR_F STR_F, STR_A(out), STR_A(str_sub(text, 0, at)));
        text = str_sub(text, at + folder.len, text.len);
        text = str_starts(text, S("/")) ? str_sub(text, 1, text.len) : text;
    }
    return arena_printf(&o->memory, STR_F STR_F, STR_A(out), STR_A(text));
}

static bool check(struct operation *o, struct workspace *w, struct operation_view *result,
                  struct err *err)
{
    struct backup_watch watch = {on_progress, o, &o->is_stopped};
    struct backup_report report = {0};
    struct backup_entry entry;

    if (o->wish.backup.len == 0)
        return store_check_run(w, &o->memory, &watch, &result->check, err);
    struct err fault = {0};

    if (!backup_find(&o->memory, pool_data_dir(o->all->pool), w->slug, o->wish.backup, &entry, err))
        return false;
    bool is_whole = backup_check(entry.folder, &watch, &report, &fault);
    result->check = (struct store_check){
        .files = report.files, .bytes = report.bytes, .ledger_entries = report.ledger_entries};
    if (is_whole || fault.code == ERR_CANCELLED) {
        *err = fault;
        return is_whole;
    }
    result->check.findings = arena_new(&o->memory, struct store_finding, 1);
    result->check.findings[0].file = entry.name;
    result->check.findings[0].what = without_folder(o, &fault, entry.folder);
    result->check.count = 1;
    return true;
}

typedef bool operation_work(struct operation *o, struct workspace *w, struct operation_view *result,
                            struct err *err);
static operation_work *const works[OPERATION_KIND_COUNT] = {[OPERATION_REMATCH] = rematch,
                                                            [OPERATION_ERASE] = erase,
                                                            [OPERATION_BACKUP] = back_up,
                                                            [OPERATION_CHECK] = check};

static void operation_main(void *context)
{
    struct operation *o = context;
    struct operation_view result = {0};
    struct workspace *w = NULL;
    struct err err = {0};

    bool ok = workspace_open(&w, pool_data_dir(o->all->pool), o->wish.workspace, &err) &&
              works[o->wish.kind](o, w, &result, &err);
    workspace_close(&w);
    if (!ok && err.code != ERR_CANCELLED)
        log_err(LOG_WARN, "operation.failed", &err);
    mutex_lock(&o->all->mutex);
    result.state = ok                          ? OPERATION_DONE
                   : err.code == ERR_CANCELLED ? OPERATION_STOPPED
                                               : OPERATION_FAILED;
    result.started_ms = o->view.started_ms;
    result.done = o->view.done;
    result.total = o->view.total;
    result.finished_ms = clock_now_ms();
    result.seconds_left = -1;
    result.backup = o->wish.backup;
    result.problem = err;
    o->wish.who = o->wish.source = STR_NONE; /* nobody's name is kept longer than it is needed */
    o->view = result;
    mutex_unlock(&o->all->mutex);
    live_hub_post(o->all->hub, o->wish.workspace, S("operations"), S("{}"));
}

/* ---- all of them ----------------------------------------------------------------------------- */

struct operations *operations_create(struct live_hub *hub, struct pool *pool)
{
    struct operations *all = mem_alloc(1, sizeof *all);

    all->hub = hub;
    all->pool = pool;
    mutex_init(&all->mutex);
    return all;
}

static void operation_destroy(struct operation *o)
{
    thread_join(&o->thread);
    arena_deinit(&o->memory);
    mem_free(o);
}

/* Threads need the mutex to end, so they are waited for without it. */
void operations_stop(struct operations *all)
{
    mutex_lock(&all->mutex);
    all->is_stopping = true; /* nothing is added or dropped from here on */
    vec_each (struct operation *, o, &all->latest)
        atomic_store(&(*o)->is_stopped, true);
    mutex_unlock(&all->mutex);
    vec_each (struct operation *, o, &all->latest)
        thread_join(&(*o)->thread);
}

void operations_destroy(struct operations **p)
{
    struct operations *all = *p;

    if (!all)
        return;
    vec_each (struct operation *, o, &all->latest)
        operation_destroy(*o);
    vec_deinit(&all->latest);
    mutex_deinit(&all->mutex);
    mem_free(all);
    *p = NULL;
}

static struct operation **find(struct operations *all, Str workspace, enum operation_kind kind)
{
    ASSERT(mutex_held(&all->mutex));
    vec_each (struct operation *, o, &all->latest)
        if ((*o)->wish.kind == kind && str_eq((*o)->wish.workspace, workspace))
            return o;
    return NULL;
}

static bool check_room(struct operations *all, Str workspace, struct err *err)
{
    size_t running = 0;

    ASSERT(mutex_held(&all->mutex));
    if (all->is_stopping)
        return err_set(err, ERR_UNAVAILABLE, "the server is stopping");
    vec_each (struct operation *, o, &all->latest) {
        if ((*o)->view.state != OPERATION_RUNNING)
            continue;
        running++;
        if (str_eq((*o)->wish.workspace, workspace))
            return err_set(err, ERR_CONFLICT, "something else is under way in this workspace") ||
                   err_hint(err, "Wait for its end, or stop it.");
    }
    return running < OPERATIONS_MAX ||
           err_set(err, ERR_BUSY, "%d operations are under way", OPERATIONS_MAX) ||
           err_hint(err, "Try again when some are done.");
}

static struct operation *operation_create(struct operations *all, const struct operation_wish *wish)
{
    struct operation *o = mem_alloc(1, sizeof *o);

    o->all = all;
    arena_init(&o->memory, GIB);
    o->wish = (struct operation_wish){
        .kind = wish->kind,
        .workspace = arena_str(&o->memory, wish->workspace),
        .actor = arena_str(&o->memory, wish->actor),
        .reason = arena_str(&o->memory, wish->reason),
        .who = arena_str(&o->memory, wish->who),
        .source = arena_str(&o->memory, wish->source),
        .backup = arena_str(&o->memory, wish->backup),
    };
    o->started_ns = clock_monotonic_ns();
    o->view = (struct operation_view){
        .state = OPERATION_RUNNING, .started_ms = clock_now_ms(), .seconds_left = -1};
    return o;
}

bool operations_begin(struct operations *all, const struct operation_wish *wish, struct err *err)
{
    struct operation *o = operation_create(all, wish), *old = NULL;

    mutex_lock(&all->mutex);
    bool ok = check_room(all, wish->workspace, err) &&
              thread_create(&o->thread, "web.operation", operation_main, o, err);
    if (ok) {
        struct operation **place = find(all, wish->workspace, wish->kind);
        if (place) {
            old = *place;
            *place = o;
        } else {
            vec_push(&all->latest, o);
        }
    }
    mutex_unlock(&all->mutex);
    if (!ok)
        operation_destroy(o);
    if (old)
        operation_destroy(old);
    if (ok)
        live_hub_post(all->hub, wish->workspace, S("operations"), S("{}"));
    return ok;
}

/* ---- looking --------------------------------------------------------------------------------- */

static bool copy_erase(struct arena *arena, struct erase_report *r, struct err *err)
{
    Str *files = arena_try_new(arena, Str, r->file_count + 1);
    struct erase_place *places = arena_try_new(arena, struct erase_place, r->place_count + 1);
    bool ok = files && places;

    for (size_t i = 0; ok && i < r->file_count; i++)
        ok = arena_try_str(arena, r->files[i], &files[i]);
    for (size_t i = 0; ok && i < r->place_count; i++) {
        places[i] = r->places[i];
        ok = arena_try_str(arena, r->places[i].name, &places[i].name) &&
             arena_try_str(arena, r->places[i].owner, &places[i].owner);
    }
    r->files = files;
    r->places = places;
    return ok || err_arena(err, arena);
}

static bool copy_view(struct arena *arena, struct operation_view *v, struct err *err)
{
    struct store_finding *findings = arena_try_new(arena, struct store_finding, v->check.count + 1);
    bool ok = findings && arena_try_str(arena, v->backup, &v->backup) &&
              arena_try_str(arena, v->made.name, &v->made.name) &&
              arena_try_str(arena, v->made.folder, &v->made.folder);

    for (size_t i = 0; ok && i < v->check.count; i++)
        ok = arena_try_str(arena, v->check.findings[i].file, &findings[i].file) &&
             arena_try_str(arena, v->check.findings[i].what, &findings[i].what);
    v->check.findings = findings;
    return (ok || err_arena(err, arena)) && copy_erase(arena, &v->erase, err);
}

bool operations_find(struct operations *all, Str workspace, enum operation_kind kind,
                     struct arena *arena, struct operation_view *out, struct err *err)
{
    bool ok = true;

    *out = (struct operation_view){.seconds_left = -1};
    mutex_lock(&all->mutex);
    struct operation **o = find(all, workspace, kind);
    if (o) {
        *out = (*o)->view;
        ok = copy_view(arena, out, err);
    }
    mutex_unlock(&all->mutex);
    return ok;
}

void operations_cancel(struct operations *all, Str workspace, enum operation_kind kind)
{
    mutex_lock(&all->mutex);
    struct operation **o = find(all, workspace, kind);
    if (o && kind != OPERATION_ERASE)
        atomic_store(&(*o)->is_stopped, true);
    mutex_unlock(&all->mutex);
}
