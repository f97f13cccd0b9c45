/* The one writer of a workspace that listens: what came goes into the archive, then into the
 * records of its source, then into the measures. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "flow/listening_evaluator.h"
#include "flow/listening_priv.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "listen/measure/source_coverage.h"
#include "listen/source/source_folder.h"
#include "listen/source/source_hook.h"
#include "os/clock.h"

#define POP_MS       50   /* longest wait for a parcel: what else is due is looked at then */
#define CHORES_MS    250  /* between two looks at deliveries, folders, losses */
#define REST_MS      1500 /* idle so long: others may write */
#define EXPIRE_POSTS 1000 /* dropped in one transaction */
#define MEASURE_REST 2    /* times as long as an evaluation took, before the next one */
#define YIELD_MS     20   /* between two looks whether one that waits has got the archive */
#define YIELD_MS_MAX 2000 /* given to it between two parcels */
#define HOOKS_A_LOOK 64   /* deliveries of webhooks taken before something else has its turn */
#define BUSY_TRIES   6    /* of DB_BUSY_WAIT_MS each, for a parcel: then it counts as failed */

struct writer {
    struct runner *r;
    struct workspace *workspace;
    struct live *live;
    struct source_fetcher fetcher; /* for its pace */
    struct {
        VEC(struct folder_watch);
    } watches;
    int64_t chores_ms;
    int64_t active_ms; /* when a parcel was done: the first one reads all identities, for long */
    struct evaluator *evaluator;
    struct evaluation ended; /* an evaluation that succeeded and is to be crossed off */
    bool has_ended;
    int64_t measured_ms;  /* when the last evaluation ended */
    int64_t measuring_ms; /* how long it took */
    int64_t retained_ms;  /* when posts that are too old were last looked for; 0: never */
};

static bool is_stopping(const struct writer *w)
{
    return atomic_load(&w->r->is_stopping) || atomic_load(&w->r->listening->is_stopping);
}

/* ---- deliveries ------------------------------------------------------------------------------ */

/* Another process may be writing, for minutes even: what came is kept and tried again. */
static bool take(struct writer *w, struct delivery *d, struct live_counts *counts, struct err *err)
{
    struct live_parcel parcel = {.bytes = d->caught.body,
                                 .name = d->source.name,
                                 .format = d->caught.format,
                                 .now_ms = d->received_ms != 0 ? d->received_ms : clock_now_ms()};

    for (int i = 0; i < BUSY_TRIES && !is_stopping(w); i++) {
        err_clear(err);
        if (live_take(w->live, &parcel, counts, err))
            return true;
        if (err->code != ERR_BUSY)
            return false;
    }
    return err->code == ERR_NONE ? err_set(err, ERR_CANCELLED, "the program is stopping") : false;
}

static void settle_stream(const struct live_counts *counts, struct delivery *d)
{
    struct source_contact *c = &d->caught.contact;

    c->read = (int64_t)counts->posts.read;
    c->added = (int64_t)counts->posts.added;
    c->rejected = (int64_t)counts->posts.rejected;
}

static void stream_lost(struct writer *w, const struct delivery *d)
{
    struct err err = {0};

    if (d->rows > 0 && !source_record_loss(w->workspace->state, d->source.id, d->received_ms,
                                           clock_now_ms(), d->rows, 0, &err))
        log_err(LOG_ERROR, "source.not_recorded", &err);
}

static void handle(struct writer *w, struct delivery *d)
{
    struct source_catch *c = &d->caught;
    struct live_counts counts = {0};
    struct err err = {0};

    if (c->body.len > 0) {
        bool is_taken = take(w, d, &counts, &err);
        w->active_ms = clock_now_ms();
        if (!is_taken) {
            if (err.code == ERR_CANCELLED)
                return;
            if (d->is_stream) /* a stream does not give it again */
                stream_lost(w, d);
            source_catch_refuse(&w->fetcher, &d->arena, &d->source, &err, c);
        } else if (d->is_stream)
            settle_stream(&counts, d);
        else
            source_catch_settle(&w->fetcher, &d->source, &counts, c);
    }
    if (c->contact.trouble != SOURCE_WELL)
        log_event(LOG_WARN, "source.trouble", log_str("source", d->source.name),
                  log_str("trouble", str_from_cstr(source_trouble_name(c->contact.trouble))),
                  log_str("message", c->contact.message));
    err_clear(&err);
    if (!source_record(w->workspace->state, &c->contact, &err))
        log_err(LOG_ERROR, "source.not_recorded", &err);
}

/* ---- webhooks: what was kept when it came ---------------------------------------------------- */

static bool hook_take(struct writer *w, struct arena *arena, const struct hook_delivery *delivery,
                      struct err *err)
{
    struct source source;
    struct live_counts counts = {0};
    struct err gone = {0};

    if (!source_read(arena, w->workspace->state, delivery->source, &source, &gone))
        return gone.code == ERR_NOT_FOUND
                   ? hook_done(w->workspace->state, delivery, clock_now_ms(), err)
                   : (*err = gone, false);
    struct live_parcel parcel = {.bytes = delivery->body,
                                 .name = source.name,
                                 .source = source.name,
                                 .now_ms = delivery->received_ms};
    if (!decode_format_from(source.format, &parcel.format))
        return false;
    bool is_taken = live_take(w->live, &parcel, &counts, err);
    w->active_ms = clock_now_ms();
    if (!is_taken && err->code != ERR_INPUT)
        return false;
    err_clear(err);
    struct source_contact contact = {.source = source.id,
                                     .at_ms = delivery->received_ms,
                                     .is_whole = true,
                                     .read = (int64_t)counts.posts.read,
                                     .added = (int64_t)counts.posts.added,
                                     .rejected = (int64_t)counts.posts.rejected};
    return source_record(w->workspace->state, &contact, err) &&
           hook_done(w->workspace->state, delivery, clock_now_ms(), err);
}

static void take_hooks(struct writer *w)
{
    struct arena arena;

    arena_init(&arena, 64 * MIB);
    for (int i = 0; i < HOOKS_A_LOOK && !is_stopping(w); i++) {
        struct hook_delivery delivery;
        struct err err = {0};
        bool has_one = false;
        arena_reset(&arena);
        if (!hook_waiting(&arena, w->workspace->state, &delivery, &has_one, &err) ||
            (has_one && !hook_take(w, &arena, &delivery, &err))) {
            log_err(LOG_WARN, "source.hook_waits", &err);
            break;
        }
        if (!has_one)
            break;
    }
    arena_deinit(&arena);
}

/* ---- folders --------------------------------------------------------------------------------- */

static struct folder_watch *watch_of(struct writer *w, int64_t source)
{
    struct folder_watch fresh = {.source = source};

    vec_each (struct folder_watch, watch, &w->watches)
        if (watch->source == source)
            return watch;
    return vec_try_push(&w->watches, fresh) ? &w->watches.items[w->watches.count - 1] : NULL;
}

/* A look that found nothing to take is a contact too, noted once a minute. */
#define FOLDER_NOTE_MS 60000

static void folder_note(struct writer *w, const struct source *s, struct source_contact *contact)
{
    struct err err = {0};
    bool is_news = contact->read > 0 || contact->trouble != s->health.trouble ||
                   contact->at_ms - s->health.last_try_ms > FOLDER_NOTE_MS;

    if (contact->trouble != SOURCE_WELL)
        contact->next_try_ms =
            contact->at_ms + source_backoff_wait(&w->fetcher.pace, s->id, s->health.failures + 1);
    if (is_news && !source_record(w->workspace->state, contact, &err))
        log_err(LOG_ERROR, "source.not_recorded", &err);
}

static void folder_fail(struct writer *w, const struct source *s, enum source_trouble trouble,
                        const char *message, int64_t now_ms)
{
    struct source_contact contact = {
        .source = s->id, .at_ms = now_ms, .trouble = trouble, .message = str_from_cstr(message)};

    log_event(LOG_WARN, "source.trouble", log_str("source", s->name),
              log_str("trouble", str_from_cstr(source_trouble_name(trouble))),
              log_str("message", contact.message));
    folder_note(w, s, &contact);
}

static void folder_import(struct writer *w, struct arena *arena, struct folder_watch *watch,
                          const struct source *s, const struct folder_file *file, int64_t now_ms)
{
    struct folder_outcome outcome;
    struct archive *archive;
    struct err err = {0};

    bool is_taken = live_archive(w->live, &archive, &err) &&
                    folder_take(arena, watch, w->workspace, archive, live_trends(w->live), s, file,
                                now_ms, &w->r->is_stopping, &outcome, &err);
    w->active_ms = clock_now_ms();
    if (!is_taken) {
        live_rest(w->live);
        if (err.code != ERR_BUSY && err.code != ERR_CANCELLED)
            folder_fail(w, s, SOURCE_OURS, err.msg, now_ms);
        return;
    }
    if (outcome.is_failed) {
        folder_fail(w, s, SOURCE_NOT_UNDERSTOOD, outcome.why.msg, now_ms);
        return;
    }
    struct source_contact contact = {.source = s->id,
                                     .at_ms = now_ms,
                                     .is_whole = true,
                                     .read = (int64_t)outcome.import.counts.read,
                                     .added = (int64_t)outcome.import.counts.added,
                                     .rejected = (int64_t)outcome.import.counts.rejected};
    live_set_dirty(w->live);
    folder_note(w, s, &contact);
}

static void folder_look_at(struct writer *w, struct arena *arena, const struct source *s,
                           int64_t now_ms)
{
    struct folder_watch *watch = watch_of(w, s->id);
    struct source_contact contact = {.source = s->id, .at_ms = now_ms, .is_whole = true};
    struct folder_file file = {0};
    struct err err = {0};
    bool has_file = false;

    if (!watch)
        return;
    if (!folder_is_allowed(arena, w->workspace, w->r->listening->options.folder_root, s))
        folder_fail(w, s, SOURCE_NOT_ALLOWED, "the folder is not below one that may be read",
                    now_ms);
    else if (!folder_look(arena, watch, s, now_ms, &file, &has_file, &err))
        folder_fail(w, s, SOURCE_NOT_FOUND, err.msg, now_ms);
    else if (has_file)
        folder_import(w, arena, watch, s, &file, now_ms);
    else if (s->expected_ms == 0 && s->health.trouble != SOURCE_NOT_UNDERSTOOD)
        /* Where something is expected only a file is heard; a file that could not be read is told
         * until another one could. */
        folder_note(w, s, &contact);
}

static void look_at_folders(struct writer *w, int64_t now_ms)
{
    struct source *list;
    struct arena arena;
    struct err err = {0};
    size_t count;

    arena_init(&arena, 64 * MIB);
    if (!source_list(&arena, w->workspace->state, &list, &count, &err)) {
        log_err(LOG_WARN, "source.failed", &err);
        count = 0;
    }
    for (size_t i = 0; i < count && !is_stopping(w); i++)
        if (list[i].kind == SOURCE_FOLDER && list[i].is_on && list[i].health.next_try_ms <= now_ms)
            folder_look_at(w, &arena, &list[i], now_ms);
    arena_deinit(&arena);
}

/* ---- retention ------------------------------------------------------------------------------- */

static bool retention_note(struct writer *w, const struct source *s, size_t posts, int64_t now_ms,
                           struct err *err)
{
    char after[64];

    snprintf(after, sizeof after, "{\"posts\":%zu,\"days\":%lld}", posts,
             (long long)s->retention_days);
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = S("system"),
                                 .action = S("source.expire"),
                                 .object_kind = S("source"),
                                 .object_id = s->name,
                                 .after_json = str_from_cstr(after)};
    return db_begin(w->workspace->state, err) &&
           db_end(w->workspace->state, ledger_append(w->workspace->state, &entry, err), err);
}

static bool expire(struct writer *w, const struct source *s, int64_t now_ms, struct err *err)
{
    int64_t before_ms = now_ms - s->retention_days * TIME_DAY_MS;
    struct archive *archive;
    size_t dropped = 0, count = EXPIRE_POSTS;

    if (!live_archive(w->live, &archive, err))
        return false;
    while (count == EXPIRE_POSTS && !is_stopping(w)) {
        if (!archive_expire(archive, s->name, before_ms, EXPIRE_POSTS, &count, err)) {
            live_rest(w->live);
            return false;
        }
        dropped += count;
    }
    w->active_ms = clock_now_ms();
    return dropped == 0 || retention_note(w, s, dropped, now_ms, err);
}

/* Words of posts that were deleted some time ago. */
static bool purge(struct writer *w, int64_t now_ms, struct err *err)
{
    struct archive *archive;

    if (!live_archive(w->live, &archive, err))
        return false;
    if (archive_purge_words(archive, now_ms - ARCHIVE_STALE_MS, err))
        return true;
    live_rest(w->live);
    return false;
}

/* Once an hour: posts of sources that are not to be kept any longer, and what is left of others. */
static void look_at_retention(struct writer *w, int64_t now_ms)
{
    struct source *list;
    struct arena arena;
    struct err err = {0};
    size_t count;

    if (w->retained_ms != 0 && now_ms - w->retained_ms < TIME_HOUR_MS && now_ms >= w->retained_ms)
        return;
    w->retained_ms = now_ms;
    arena_init(&arena, 64 * MIB);
    bool ok = source_list(&arena, w->workspace->state, &list, &count, &err);
    for (size_t i = 0; ok && i < count && !is_stopping(w); i++)
        if (list[i].retention_days > 0)
            ok = expire(w, &list[i], now_ms, &err);
    ok = ok && purge(w, now_ms, &err);
    if (!ok) {
        w->retained_ms = err.code == ERR_BUSY ? 0 : w->retained_ms;
        log_err(LOG_WARN, "source.not_expired", &err);
    }
    arena_deinit(&arena);
}

/* ---- what is due between deliveries ---------------------------------------------------------- */

static void record_losses(struct writer *w)
{
    struct {
        VEC(struct stream_loss);
    } losses = {0};
    int64_t now_ms = clock_now_ms();
    struct err err = {0};

    mutex_lock(&w->r->mutex);
    losses.items = w->r->losses.items;
    losses.count = w->r->losses.count;
    losses.capacity = w->r->losses.capacity;
    memset(&w->r->losses, 0, sizeof w->r->losses);
    mutex_unlock(&w->r->mutex);
    vec_each (struct stream_loss, loss, &losses)
        if (loss->lost > 0 &&
            !source_record_loss(w->workspace->state, loss->source, loss->from_ms, now_ms,
                                loss->lost, loss->kept > 0 ? loss->kept : 0, &err)) {
            log_err(LOG_ERROR, "source.not_recorded", &err);
            err_clear(&err);
        }
    vec_deinit(&losses);
}

/* The evaluator publishes what the list had; what changed meanwhile is on it again. */
static void cross_off(struct writer *w)
{
    struct archive *archive;
    struct err err = {0};

    if (!w->has_ended)
        return;
    if (!live_archive(w->live, &archive, &err) ||
        !archive_dirty_done(archive, &w->ended.taken, &err)) {
        if (err.code == ERR_BUSY)
            return; /* at the next look */
        log_err(LOG_ERROR, "source.not_measured", &err);
        live_set_dirty(w->live);
    }
    w->has_ended = false;
    archive_taken_deinit(&w->ended.taken);
}

/* What an evaluation that has ended came to. */
static void settle_evaluation(struct writer *w, int64_t now_ms)
{
    cross_off(w);
    if (w->has_ended || !evaluator_poll(w->evaluator, &w->ended))
        return;
    w->measured_ms = now_ms;
    w->measuring_ms = w->ended.took_ms;
    w->has_ended = w->ended.is_good;
    if (!w->ended.is_good) {
        live_set_dirty(w->live);
        if (w->ended.err.code != ERR_BUSY)
            log_err(LOG_ERROR, "source.not_measured", &w->ended.err);
        archive_taken_deinit(&w->ended.taken);
    }
    log_event(LOG_DEBUG, "source.measured", log_i64("ms", w->measuring_ms),
              log_i64("points", (int64_t)w->ended.result.published.points));
    cross_off(w);
}

/* Measures, spikes, assumptions: when posts came, an hour passed, or a gap opened or was filled. */
static void measure(struct writer *w, int64_t now_ms)
{
    struct listening *l = w->r->listening;
    struct archive_taken taken;
    struct archive *archive;
    struct err err = {0};
    bool waits = false;

    settle_evaluation(w, now_ms);
    /* At most a third of a processor goes into it: pages and posts want theirs. */
    int64_t every_ms = l->options.measure_ms > MEASURE_REST * w->measuring_ms
                           ? l->options.measure_ms
                           : MEASURE_REST * w->measuring_ms;
    if (w->has_ended || evaluator_is_busy(w->evaluator) ||
        (now_ms - w->measured_ms < every_ms && now_ms >= w->measured_ms))
        return;
    w->measured_ms = now_ms;
    if (!live_is_dirty(w->live) &&
        (!source_stale_waits(w->workspace->state, true, now_ms, &waits, &err) || !waits))
        return;
    if (live_archive(w->live, &archive, &err) && archive_dirty_take(archive, &taken, &err)) {
        live_set_clean(w->live);
        evaluator_start(w->evaluator, &taken, now_ms);
    } else if (err.code != ERR_BUSY)
        log_err(LOG_ERROR, "source.not_measured", &err);
}

/* Lets one that waits for the archive have it. A moment would do on an idle machine; on a busy one
 * he may miss it, and each time it would cost us reading the identities again. */
static void yield(struct writer *w)
{
    int64_t began_ms = clock_now_ms();

    live_rest(w->live);
    do
        clock_sleep_ms(YIELD_MS);
    while (live_is_wanted(w->live) && !is_stopping(w) && clock_now_ms() - began_ms < YIELD_MS_MAX);
}

static void chores(struct writer *w)
{
    int64_t now_ms = clock_now_ms();

    if (now_ms - w->chores_ms < CHORES_MS && now_ms >= w->chores_ms)
        return;
    w->chores_ms = now_ms;
    record_losses(w);
    take_hooks(w);
    look_at_folders(w, now_ms);
    look_at_retention(w, now_ms);
    measure(w, now_ms);
    live_idle(w->live, now_ms);
    if (live_is_resting(w->live))
        return;
    if (now_ms - w->active_ms > REST_MS)
        live_rest(w->live);
    else if (live_is_wanted(w->live))
        yield(w);
}

static struct delivery *next_delivery(struct writer *w)
{
    void *item = NULL;

    if (queue_pop_ms(w->r->polled, &item, 0) != QUEUE_OK &&
        queue_pop_ms(w->r->streamed, &item, POP_MS) != QUEUE_OK)
        return NULL;
    return item;
}

static void write_all(struct writer *w)
{
    while (!is_stopping(w)) {
        struct delivery *d = next_delivery(w);
        if (d) {
            int64_t source = d->source.id;
            bool is_stream = d->is_stream;
            handle(w, d);
            delivery_destroy(&d);
            if (!is_stream)
                runner_set_idle(w->r, source);
        }
        chores(w);
    }
}

void writer_main(void *context)
{
    struct runner *r = context;
    struct writer w = {.r = r, .fetcher = {.pace = r->listening->options.pace}};
    struct err err = {0};

    bool ok = workspace_open(&w.workspace, r->listening->options.data_dir, r->slug, &err) &&
              live_open(&w.live, w.workspace, &r->queries, &err);
    ok = ok && evaluator_create(&w.evaluator, r->listening->options.data_dir, r->slug,
                                r->listening->method, &err);
    if (ok)
        write_all(&w);
    else
        log_err(LOG_ERROR, "source.workspace_failed", &err);
    evaluator_destroy(&w.evaluator);
    archive_taken_deinit(&w.ended.taken);
    live_close(&w.live);
    vec_each (struct folder_watch, watch, &w.watches)
        folder_watch_deinit(watch);
    vec_deinit(&w.watches);
    workspace_close(&w.workspace);
}
