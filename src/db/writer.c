#include "base/log.h"
#include "db/db_priv.h"
#include "os/clock.h"
#include "os/thread.h"

/* All connections of the process that are inside a write transaction. Guarded by `mutex`. */
static struct mutex mutex = {.raw = PTHREAD_MUTEX_INITIALIZER};
static struct writer *writers;

void writer_enter(struct db *db, const char *site)
{
    ASSERT(!db->writer.db);
    mutex_lock(&mutex);
    db->writer =
        (struct writer){.db = db, .site = site, .since_ns = clock_monotonic_ns(), .next = writers};
    writers = &db->writer;
    mutex_unlock(&mutex);
}

void writer_leave(struct db *db)
{
    if (!db->writer.db)
        return;
    mutex_lock(&mutex);
    for (struct writer **at = &writers; *at; at = &(*at)->next)
        if (*at == &db->writer) {
            *at = db->writer.next;
            break;
        }
    db->writer = (struct writer){0};
    mutex_unlock(&mutex);
}

/* The engine's absolute name, so that two spellings of a path are one file. */
static bool is_same_file(const struct db *a, const struct db *b)
{
    return strcmp(sqlite3_db_filename(a->handle, "main"), sqlite3_db_filename(b->handle, "main")) ==
           0;
}

bool writer_find(const struct db *db, const char **site, int64_t *held_ms)
{
    bool is_found = false;

    mutex_lock(&mutex);
    for (const struct writer *w = writers; w && !is_found; w = w->next)
        if (w->db != db && is_same_file(w->db, db)) {
            *site = w->site;
            *held_ms = (int64_t)((clock_monotonic_ns() - w->since_ns) / 1000000);
            is_found = true;
        }
    mutex_unlock(&mutex);
    return is_found;
}

static void log_blocked(const struct db *db, int64_t waited_ms)
{
    const char *site = "another process";
    int64_t held_ms = 0;
    bool is_ours = writer_find(db, &site, &held_ms);

    log_event(LOG_WARN, "db.blocked", log_str("database", db->path),
              log_i64("waited_ms", waited_ms), log_str("holder", str_from_cstr(site)),
              log_i64("held_ms", is_ours ? held_ms : -1));
}

/* Short naps first: most writers are done within a millisecond. The sum of naps is bounded by
 * busy_wait_ms, the count of attempts by that. */
int writer_wait(void *context, int attempt)
{
    static const uint8_t naps_ms[] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 50};
    struct db *db = context;
    uint64_t now_ns = clock_monotonic_ns();

    if (attempt == 0) {
        db->busy_since_ns = now_ns;
        db->is_blocked_logged = false;
    }
    int64_t waited_ms = (int64_t)((now_ns - db->busy_since_ns) / 1000000);
    if (waited_ms >= db->blocked_log_ms && !db->is_blocked_logged) {
        db->is_blocked_logged = true;
        log_blocked(db, waited_ms);
    }
    if (waited_ms >= db->busy_wait_ms)
        return 0;
    size_t at = attempt < (int)COUNT_OF(naps_ms) ? (size_t)attempt : COUNT_OF(naps_ms) - 1;
    clock_sleep_ms(naps_ms[at]);
    return 1;
}
