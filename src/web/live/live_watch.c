#include "web/live/live_watch.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "listen/standing_query.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/thread.h"
#include "people/account.h"
#include "people/session.h"

#define MARK_SEED UINT64_C(0x7472696d6c697665)

/* ---- topics ---------------------------------------------------------------------------------- */

/* Folds the numbers of the first row of a statement into the mark. */
static bool fold_row(struct stmt *stmt, int columns, uint64_t *mark, struct err *err)
{
    bool has_row = false;

    if (!stmt_step(stmt, &has_row, err))
        return false;
    *mark = MARK_SEED;
    for (int i = 0; has_row && i < columns; i++)
        *mark = hash_combine(*mark, hash_u64((uint64_t)stmt_i64(stmt, i), MARK_SEED));
    if (has_row)
        stmt_reset(stmt);
    return true;
}

static bool mark_market(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state, "SELECT revision FROM measure_publication", &stmt, err) &&
           fold_row(stmt, 1, mark, err);
}

static bool mark_spikes(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state, "SELECT count(*), max(id), sum(end_ms), sum(severity) FROM spike", &stmt,
                    err) &&
           fold_row(stmt, 4, mark, err);
}

static bool mark_sources(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state,
                    "SELECT count(*), sum(s.revision + s.is_on * 7919 + s.is_removed),"
                    " sum(h.last_try_ms + h.last_good_ms), sum(h.posts_read + h.posts_lost),"
                    " (SELECT count(*) + coalesce(sum(to_ms), 0) FROM source_gap)"
                    " FROM source AS s LEFT JOIN source_health AS h ON h.source = s.id",
                    &stmt, err) &&
           fold_row(stmt, 5, mark, err);
}

static bool mark_imports(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state,
                    "SELECT count(*), sum(state = 'running'), sum(coalesce(finished_at_ms, 0))"
                    " FROM import",
                    &stmt, err) &&
           fold_row(stmt, 3, mark, err);
}

static bool mark_alerts(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state,
                    "SELECT count(*), max(id), sum(tellings), sum(state = 'open'), sum(is_over)"
                    " FROM alert",
                    &stmt, err) &&
           fold_row(stmt, 5, mark, err);
}

static bool mark_trends(struct db *state, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;

    return db_query(state, "SELECT count(*), max(id), max(last_ms), sum(tellings) FROM trend",
                    &stmt, err) &&
           fold_row(stmt, 4, mark, err);
}

static const struct topic {
    const char *name;
    bool (*mark)(struct db *state, uint64_t *mark, struct err *err);
} topics[] = {
    {"market", mark_market}, /* measures were published */
    {"spikes", mark_spikes},
    {"alerts", mark_alerts},
    {"trends", mark_trends},
    {"sources", mark_sources},
    {"queries", standing_set_revision},
    {"imports", mark_imports},
};

/* ---- workspaces ------------------------------------------------------------------------------ */

struct watched {
    Str slug;
    struct arena memory;
    struct workspace *workspace;
    int64_t version; /* of state.db, as last seen */
    uint64_t marks[COUNT_OF(topics)];
    uint64_t posts; /* of the files of the archive */
    int64_t wanted_ms;
};

struct live_watch {
    struct live_hub *hub;
    struct pool *pool;
    struct thread thread;
    struct {
        VEC(struct watched *);
    } watched;
    struct db *system;
    int64_t system_version;
    int64_t beat_ms;
};

static bool version_read(struct db *db, int64_t *version, struct err *err)
{
    struct stmt *stmt;

    return db_query(db, "PRAGMA data_version", &stmt, err) && stmt_one_i64(stmt, version, err);
}

/* Commits of the archive grow or touch its files. */
static bool posts_mark(struct watched *w, struct arena *arena, uint64_t *mark, struct err *err)
{
    struct dir_entry *entries;
    size_t count;

    if (!dir_list(arena, w->workspace->posts_dir, &entries, &count, err))
        return false;
    *mark = MARK_SEED;
    for (size_t i = 0; i < count; i++) {
        if (str_ends(entries[i].name, S("-shm")))
            continue; /* readers touch it as well */
        *mark = hash_combine(*mark, hash_u64(entries[i].size, MARK_SEED));
        *mark = hash_combine(*mark, hash_u64((uint64_t)entries[i].changed_ms, MARK_SEED));
    }
    return true;
}

static void watched_close(struct watched *w)
{
    workspace_close(&w->workspace);
    arena_deinit(&w->memory);
    mem_free(w);
}

/* The marks as they are now: what changes from here on is told. */
static bool watched_begin(struct watched *w, struct pool *pool, struct arena *arena,
                          struct err *err)
{
    bool ok = workspace_open_read(&w->workspace, pool_data_dir(pool), w->slug, err) &&
              version_read(w->workspace->state, &w->version, err) &&
              posts_mark(w, arena, &w->posts, err);

    for (size_t t = 0; ok && t < COUNT_OF(topics); t++)
        ok = topics[t].mark(w->workspace->state, &w->marks[t], err);
    return ok;
}

static void watched_add(struct live_watch *watch, Str slug, struct arena *arena, int64_t now_ms)
{
    struct watched *w = mem_try_alloc(1, sizeof *w);
    struct err err = {0};

    if (!w)
        return;
    arena_init(&w->memory, 4096);
    w->slug = arena_str(&w->memory, slug);
    w->wanted_ms = now_ms;
    if (!watched_begin(w, watch->pool, arena, &err) || !vec_try_push(&watch->watched, w)) {
        log_err(LOG_WARN, "live.not_watched", &err);
        watched_close(w);
        return;
    }
    live_hub_set_watched(watch->hub, slug, true);
    /* What changed before the first look is not known: pages that came meanwhile ask anew. */
    live_hub_post(watch->hub, slug, S("resync"), S("{}"));
}

static bool look(struct live_watch *watch, struct watched *w, struct arena *arena, struct err *err)
{
    uint64_t mark;
    int64_t version;

    if (!posts_mark(w, arena, &mark, err) || !version_read(w->workspace->state, &version, err))
        return false;
    if (mark != w->posts) {
        w->posts = mark;
        live_hub_post(watch->hub, w->slug, S("posts"), S("{}"));
    }
    if (version == w->version)
        return true;
    w->version = version;
    for (size_t t = 0; t < COUNT_OF(topics); t++) {
        if (!topics[t].mark(w->workspace->state, &mark, err))
            return false;
        if (mark == w->marks[t])
            continue;
        w->marks[t] = mark;
        live_hub_post(watch->hub, w->slug, str_from_cstr(topics[t].name), S("{}"));
    }
    return true;
}

static struct watched *watched_find(struct live_watch *watch, Str slug)
{
    vec_each (struct watched *, w, &watch->watched)
        if (str_eq((*w)->slug, slug))
            return *w;
    return NULL;
}

static void forget(struct live_watch *watch, size_t i)
{
    struct watched *w = watch->watched.items[i];

    live_hub_set_watched(watch->hub, w->slug, false);
    watched_close(w);
    watch->watched.items[i] = watch->watched.items[--watch->watched.count];
}

static void look_at_all(struct live_watch *watch, struct arena *arena, int64_t now_ms)
{
    Str *wanted;
    size_t count = live_hub_workspaces(watch->hub, arena, &wanted);

    for (size_t i = 0; i < count; i++) {
        struct watched *w = watched_find(watch, wanted[i]);
        if (w)
            w->wanted_ms = now_ms;
        else if (watch->watched.count < LIVE_WORKSPACES_MAX)
            watched_add(watch, wanted[i], arena, now_ms);
    }
    for (size_t i = 0; i < watch->watched.count; i++) {
        struct watched *w = watch->watched.items[i];
        struct err err = {0};
        bool ok = look(watch, w, arena, &err);
        if (!ok)
            log_err(LOG_WARN, "live.not_watched", &err);
        if (!ok || now_ms - w->wanted_ms > LIVE_LINGER_MS || now_ms < w->wanted_ms)
            forget(watch, i--); /* begun anew by the next look when somebody is there */
    }
}

/* ---- who may listen -------------------------------------------------------------------------- */

struct judge {
    struct db *system;
    struct arena arena;
    int64_t now_ms;
};

static bool may_listen(void *context, const struct live_pass *pass)
{
    struct judge *judge = context;
    struct session session;
    struct account account;
    struct access access;
    struct err err = {0};

    arena_reset(&judge->arena);
    bool is_known =
        session_find(judge->system, pass->session_token, judge->now_ms, &session, &err) &&
        account_find_id(&judge->arena, judge->system, pass->account, &account, &err) &&
        account_access(judge->system, pass->account, pass->workspace, &access, &err);
    if (!is_known) /* a database that fails says nothing about the person */
        return err.code != ERR_DENIED && err.code != ERR_NOT_FOUND;
    return session.account_id == pass->account && !account.is_disabled &&
           access_may(access, MAY_VIEW);
}

static void recheck(struct live_watch *watch, struct arena *arena, bool is_due, int64_t now_ms)
{
    struct judge judge = {.now_ms = now_ms};
    struct err err = {0};
    int64_t version = 0;

    if (!watch->system && !system_db_open_read(&watch->system, pool_data_dir(watch->pool), &err)) {
        log_err(LOG_WARN, "live.not_watched", &err);
        return;
    }
    if (!version_read(watch->system, &version, &err)) {
        log_err(LOG_WARN, "live.not_watched", &err);
        db_close(&watch->system);
        return;
    }
    if (version == watch->system_version && !is_due)
        return;
    watch->system_version = version;
    judge.system = watch->system;
    arena_init(&judge.arena, MIB);
    live_hub_recheck(watch->hub, arena, may_listen, &judge);
    arena_deinit(&judge.arena);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void watch_main(void *context)
{
    struct live_watch *watch = context;
    struct arena arena;

    arena_init(&arena, 64 * MIB);
    while (live_hub_wait(watch->hub, LIVE_LOOK_MS)) {
        int64_t now_ms = clock_now_ms();
        bool is_beat = now_ms - watch->beat_ms >= LIVE_BEAT_MS || now_ms < watch->beat_ms;
        if (live_hub_client_count(watch->hub) == 0 && watch->watched.count == 0)
            continue;
        look_at_all(watch, &arena, now_ms);
        recheck(watch, &arena, is_beat, now_ms);
        if (is_beat) {
            live_hub_beat(watch->hub);
            watch->beat_ms = now_ms;
        }
        arena_reset(&arena);
    }
    while (watch->watched.count > 0)
        forget(watch, 0);
    db_close(&watch->system);
    arena_deinit(&arena);
}

bool live_watch_start(struct live_watch **out, struct live_hub *hub, struct pool *pool,
                      struct err *err)
{
    struct live_watch *watch = mem_try_alloc(1, sizeof *watch);

    if (!watch)
        return err_set(err, ERR_NO_MEMORY, "no memory for live pages");
    watch->hub = hub;
    watch->pool = pool;
    if (!thread_create(&watch->thread, "web.live", watch_main, watch, err)) {
        mem_free(watch);
        return false;
    }
    *out = watch;
    return true;
}

void live_watch_stop(struct live_watch **p)
{
    struct live_watch *watch = *p;

    if (!watch)
        return;
    thread_join(&watch->thread);
    vec_deinit(&watch->watched);
    mem_free(watch);
    *p = NULL;
}
