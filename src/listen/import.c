#include "listen/import.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "format/digest.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/archive/archive.h"
#include "listen/decode/csv_mapping.h"
#include "listen/intake.h"
#include "listen/measure/measure.h"
#include "listen/standing_query.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/queue.h"
#include "os/reader.h"
#include "os/thread.h"

#define CHECKPOINT_MS         250
#define CHECKPOINT_BYTES      (8 * MIB) /* of rejected rows waiting for one */
#define PROGRESS_MS           100
#define FINGERPRINT_BYTES     (64 * KIB)  /* of each file's beginning */
#define REJECT_RAW_BYTES_KEPT (256 * KIB) /* a longer row is named but not kept */

/* A block on its way through the pipeline. Owned by whoever took it out of a queue last. */
struct unit {
    uint64_t sequence; /* over all inputs, from 0: the order of writing */
    size_t input;
    struct decode_block block;
    struct decode_batch batch;
    struct intake_items items;
    uint64_t bytes_done; /* of the files, when this block was read */
    bool is_input_end;   /* no block: its input is through */
    bool is_last;        /* no block: all inputs are through */
    struct err err;      /* set by reader or worker: the import ends here */
};

struct input_state {
    int64_t blocks_done; /* the writer's */
    bool is_done;
    int64_t resume_blocks; /* as they were at the start: for the reader */
    bool was_done;
    Str mapping; /* CSV: as said for this import, or for a file with this heading before */
};

struct kept_reject {
    size_t input;
    uint64_t line, item;
    Str reason, reason_kept, raw;
};

struct import {
    const struct import_job *job;
    struct db *state;
    int64_t id;
    int64_t imported_at_ms;
    char fingerprint[65];
    bool is_resumed;
    uint64_t bytes_total;
    struct input_state *inputs; /* by index of the path */
    struct archive *archive;
    struct trend_watch *trends;
    struct trend_watched watched;
    struct query_set *set;
    struct arena plans; /* the reader's until it has ended */
    /* Every unit is in one of these queues or in one thread's hands; each queue can hold them all,
     * so only popping waits: an empty `idle` holds the reader back. */
    struct unit *units;
    size_t unit_count;
    struct queue *idle, *todo, *done;
    atomic_bool is_stopping;
    struct thread reader;
    struct thread workers[IMPORT_WORKERS_MAX];
    unsigned worker_count;
    /* Writer. */
    struct unit **pending; /* by sequence % unit_count: done, but not yet their turn */
    uint64_t next;         /* sequence to be written */
    struct intake_counts counts;
    uint64_t bytes_done;
    struct arena reject_memory; /* since the last checkpoint */
    struct {
        VEC(struct kept_reject);
    } rejects;
    uint64_t rejects_kept;
    uint64_t started_ns, checkpoint_ns, progress_ns;
    uint64_t points; /* published */
    bool is_published;
    uint64_t read_before; /* rows of earlier calls of a resumed import */
};

/* ---- reader ---------------------------------------------------------------------------------- */

/* NULL: the import is being stopped. */
static struct unit *take_idle(struct import *im)
{
    void *item = NULL;

    if (atomic_load(&im->is_stopping) || queue_pop(im->idle, &item) != QUEUE_OK)
        return NULL;
    struct unit *unit = item;
    unit->is_input_end = unit->is_last = false;
    err_clear(&unit->err);
    return unit;
}

static bool hand_on(struct queue *queue, struct unit *unit)
{
    void *dropped;

    return queue_push(queue, unit, &dropped) == QUEUE_OK;
}

static bool read_input(struct import *im, size_t input, uint64_t bytes_before, uint64_t *sequence,
                       struct unit **unit)
{
    struct decode_input *in = NULL;
    struct decode_options options = im->job->options;
    bool has_block = true;
    struct err *err = &(*unit)->err;

    options.mapping = im->inputs[input].mapping;
    bool ok = decode_input_open(&in, im->job->paths[input], &options, &im->plans, err);
    while (ok && (ok = decode_input_next(in, &(*unit)->block, &has_block, err)) && has_block) {
        if ((int64_t)(*unit)->block.ordinal < im->inputs[input].resume_blocks)
            continue;
        (*unit)->input = input;
        (*unit)->sequence = (*sequence)++;
        (*unit)->bytes_done = bytes_before + decode_input_bytes_in(in);
        if (!hand_on(im->todo, *unit) || !(*unit = take_idle(im))) {
            decode_input_close(&in);
            return false;
        }
        err = &(*unit)->err;
    }
    if (!ok)
        err_wrap(err, "could not read '" STR_F "'", STR_A(im->job->paths[input]));
    decode_input_close(&in);
    return ok;
}

static uint64_t size_of(Str path)
{
    struct err ignored = {0};
    uint64_t bytes = 0;

    return !str_eq(path, S("-")) && file_size(path, &bytes, &ignored) ? bytes : 0;
}

static void reader_main(void *context)
{
    struct import *im = context;
    uint64_t sequence = 0, bytes = 0;
    struct unit *unit = take_idle(im);
    bool ok = unit != NULL;

    for (size_t i = 0; ok && i < im->job->path_count; i++) {
        ok = im->inputs[i].was_done || read_input(im, i, bytes, &sequence, &unit);
        bytes += size_of(im->job->paths[i]);
        if (!ok)
            break;
        unit->is_input_end = true;
        unit->input = i;
        unit->sequence = sequence++;
        unit->bytes_done = bytes;
        ok = hand_on(im->todo, unit) && (unit = take_idle(im));
    }
    if (!unit)
        return;
    /* The end, or the error that the unit carries. */
    unit->is_last = true;
    unit->sequence = sequence;
    unit->bytes_done = bytes;
    (void)hand_on(im->todo, unit);
}

/* ---- workers --------------------------------------------------------------------------------- */

static void work(struct decoder *decoder, struct intake *intake, struct unit *unit)
{
    if (unit->is_input_end || unit->is_last)
        return;
    if (decoder_run(decoder, &unit->block, &unit->batch, &unit->err))
        (void)!intake_batch(intake, &unit->batch, &unit->items, &unit->err);
}

static void worker_main(void *context)
{
    struct import *im = context;
    struct decoder *decoder = NULL;
    struct intake *intake = NULL;
    struct err err = {0};
    void *item = NULL;
    bool ok = decoder_create(&decoder, &err) && intake_create(&intake, im->set, &err);

    while (queue_pop(im->todo, &item) == QUEUE_OK) {
        struct unit *unit = item;
        if (ok)
            work(decoder, intake, unit);
        else
            unit->err = err;
        if (!hand_on(im->done, unit))
            break;
    }
    intake_destroy(&intake);
    decoder_destroy(&decoder);
}

static bool open_archive(struct import *im, struct err *err)
{
    return im->archive ||
           archive_open(&im->archive, im->job->workspace->posts_dir, ARCHIVE_WRITE, err);
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static bool reject_insert(struct import *im, const struct kept_reject *reject, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(im->state,
                  "INSERT OR IGNORE INTO import_reject"
                  " (import, input, line, item, reason, is_retryable, raw, reason_kept)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    stmt_bind_i64(stmt, 2, (int64_t)reject->input);
    stmt_bind_i64(stmt, 3, (int64_t)reject->line);
    stmt_bind_i64(stmt, 4, (int64_t)reject->item);
    stmt_bind_str(stmt, 5, reject->reason);
    stmt_bind_i64(stmt, 6, reject->raw.len > 0 ? 1 : 0);
    if (reject->raw.len > 0)
        stmt_bind_blob(stmt, 7, reject->raw);
    stmt_bind_str(stmt, 8, reject->reason_kept);
    return stmt_run(stmt, err);
}

static bool counts_update(struct import *im, struct err *err)
{
    const struct intake_counts *counts = &im->counts;
    const uint64_t values[] = {counts->read,      counts->added,   counts->updated,
                               counts->duplicate, counts->deleted, counts->rejected,
                               counts->matched,   counts->ignored};
    struct stmt *stmt;

    if (!db_query(im->state,
                  "UPDATE import SET read = ?2, added = ?3, updated = ?4, duplicate = ?5,"
                  " deleted = ?6, rejected = ?7, matched = ?8, ignored = ?9 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        stmt_bind_i64(stmt, (int)i + 2, (int64_t)values[i]);
    return stmt_run(stmt, err);
}

static bool input_update(struct import *im, size_t input, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(im->state,
                  "UPDATE import_input SET blocks_done = ?3, is_done = ?4"
                  " WHERE import = ?1 AND input = ?2 AND (blocks_done <> ?3 OR is_done <> ?4)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    stmt_bind_i64(stmt, 2, (int64_t)input);
    stmt_bind_i64(stmt, 3, im->inputs[input].blocks_done);
    stmt_bind_i64(stmt, 4, im->inputs[input].is_done ? 1 : 0);
    return stmt_run(stmt, err);
}

static bool checkpoint(struct import *im, struct err *err)
{
    bool ok = true;

    im->checkpoint_ns = clock_monotonic_ns();
    if (!db_begin(im->state, err))
        return false;
    for (size_t i = 0; ok && i < im->rejects.count; i++)
        ok = reject_insert(im, &im->rejects.items[i], err);
    for (size_t i = 0; ok && i < im->job->path_count; i++)
        ok = input_update(im, i, err);
    if (!db_end(im->state, ok && counts_update(im, err), err))
        return err_wrap(err, "could not record how far the import came");
    vec_reset(&im->rejects);
    arena_reset(&im->reject_memory);
    return true;
}

/* ---- writer ---------------------------------------------------------------------------------- */

static bool keep_rejects(struct import *im, const struct unit *unit, struct err *err)
{
    vec_each (struct decode_reject, it, &unit->batch.rejects) {
        struct kept_reject kept = {.input = unit->input, .line = it->line, .item = it->item};
        Str raw = it->raw.len <= REJECT_RAW_BYTES_KEPT ? it->raw : STR_NONE;
        if (im->job->rejected)
            im->job->rejected(im->job->context, &(struct import_reject){im->job->paths[unit->input],
                                                                        it->line, it->reason});
        if (im->rejects_kept >= IMPORT_REJECTS_KEPT_MAX)
            continue;
        im->rejects_kept++;
        if (!arena_try_str(&im->reject_memory, it->reason, &kept.reason) ||
            !arena_try_str(&im->reject_memory, it->kept, &kept.reason_kept) ||
            !arena_try_str(&im->reject_memory, raw, &kept.raw))
            return err_arena(err, &im->reject_memory);
        if (!vec_try_push(&im->rejects, kept))
            return err_set(err, ERR_NO_MEMORY, "no memory for rejected rows");
    }
    return true;
}

static void report_charset(struct import *im, const struct unit *unit)
{
    bool is_first = (int64_t)unit->block.ordinal == im->inputs[unit->input].resume_blocks;

    if (is_first && unit->batch.charset != CHARSET_UTF_8 && im->job->converted)
        im->job->converted(im->job->context, im->job->paths[unit->input], unit->batch.charset);
}

static bool write_block(struct import *im, struct unit *unit, struct err *err)
{
    struct archive_counts counts = {0};
    struct archive_batch batch = {.items = unit->items.items,
                                  .count = unit->items.count,
                                  .import = im->id,
                                  .input = (int64_t)unit->input,
                                  .block = (int64_t)unit->block.ordinal,
                                  .imported_at_ms = im->imported_at_ms,
                                  .query_set = query_set_mark(im->set)};

    batch.is_added = arena_try_new(&unit->batch.arena, bool, batch.count + 1);
    if (!batch.is_added)
        return err_arena(err, &unit->batch.arena);
    report_charset(im, unit);
    if (!open_archive(im, err) || !archive_write(im->archive, &batch, &counts, err) ||
        !keep_rejects(im, unit, err) ||
        !trend_watch_add(im->trends, &batch, false, im->job->now_ms, err) ||
        !trend_watch_flush(im->trends, im->state, im->job->now_ms, err))
        return false;
    im->counts.read += unit->batch.row_count;
    im->counts.rejected += unit->batch.rejects.count;
    im->counts.matched += unit->items.matched_count;
    im->counts.ignored += unit->batch.ignored_count;
    im->counts.added += counts.added;
    im->counts.updated += counts.updated;
    im->counts.duplicate += counts.duplicate;
    im->counts.deleted += counts.deleted;
    im->inputs[unit->input].blocks_done = (int64_t)unit->block.ordinal + 1;
    return true;
}

static void report_progress(struct import *im, bool is_final)
{
    uint64_t now = clock_monotonic_ns();

    if (!im->job->progress || (!is_final && now - im->progress_ns < PROGRESS_MS * 1000000ULL))
        return;
    im->progress_ns = now;
    struct import_progress progress = {.counts = im->counts,
                                       .bytes_done = im->bytes_done,
                                       .bytes_total = im->bytes_total,
                                       .seconds = clock_seconds_since(im->started_ns),
                                       .seconds_left = -1,
                                       .is_resumed = im->is_resumed};
    uint64_t rows = im->counts.read - im->read_before;
    if (progress.seconds > 0)
        progress.posts_per_second = (double)rows / progress.seconds;
    if (im->bytes_total > 0 && im->bytes_done > 0 && progress.seconds > 0.2)
        progress.seconds_left =
            progress.seconds *
            (double)(im->bytes_total -
                     (im->bytes_done < im->bytes_total ? im->bytes_done : im->bytes_total)) /
            (double)im->bytes_done;
    im->job->progress(im->job->context, &progress);
}

/* *is_over: this was the last one. */
static bool write_unit(struct import *im, struct unit *unit, bool *is_over, struct err *err)
{
    *is_over = unit->is_last;
    if (unit->err.code != ERR_NONE) {
        *err = unit->err;
        return false;
    }
    im->bytes_done = unit->bytes_done;
    if (unit->is_input_end)
        im->inputs[unit->input].is_done = true;
    else if (!unit->is_last && !write_block(im, unit, err))
        return false;
    if ((clock_monotonic_ns() - im->checkpoint_ns > CHECKPOINT_MS * 1000000ULL ||
         im->reject_memory.used_bytes > CHECKPOINT_BYTES) &&
        !checkpoint(im, err))
        return false;
    report_progress(im, unit->is_last);
    return true;
}

static bool write_all(struct import *im, struct err *err)
{
    bool is_over = false;
    void *item;

    while (!is_over) {
        if (queue_pop(im->done, &item) != QUEUE_OK)
            return err_set(err, ERR_CANCELLED, "the import was stopped");
        struct unit *unit = item;
        im->pending[unit->sequence % im->unit_count] = unit;
        while (!is_over && (unit = im->pending[im->next % im->unit_count]) &&
               unit->sequence == im->next) {
            im->pending[im->next % im->unit_count] = NULL;
            im->next++;
            if (!write_unit(im, unit, &is_over, err))
                return false;
            if (im->job->stop && atomic_load(im->job->stop) && !is_over)
                return err_set(err, ERR_CANCELLED,
                               "the import was stopped; start it again to go "
                               "on");
            if (!hand_on(im->idle, unit))
                return err_set(err, ERR_CANCELLED, "the import was stopped");
        }
    }
    return true;
}

/* ---- the job's record ------------------------------------------------------------------------ */

/* Name, size and first bytes: enough to tell another file, cheap for a large one. */
static bool fingerprint_file(struct digest_state *digest, Str path, struct err *err)
{
    struct os_reader *reader = NULL;
    char size[32];
    Str head;

    if (str_eq(path, S("-"))) {
        snprintf(size, sizeof size, "%llu", (unsigned long long)clock_monotonic_ns());
        digest_add_framed(digest, str_from_cstr(size));
        return true;
    }
    if (!os_reader_open(&reader, path, err))
        return false;
    snprintf(size, sizeof size, "%llu", (unsigned long long)os_reader_size_hint(reader));
    bool ok = os_reader_peek(reader, FINGERPRINT_BYTES, &head, err);
    if (ok) {
        digest_add_framed(digest, path);
        digest_add_framed(digest, str_from_cstr(size));
        digest_add_framed(digest, head);
    }
    os_reader_close(&reader);
    return ok;
}

static bool fingerprint_job(struct import *im, struct err *err)
{
    const struct decode_options *options = &im->job->options;
    struct digest_state digest;
    char numbers[64];

    digest_begin(&digest);
    snprintf(numbers, sizeof numbers, "1 %d %llx", (int)options->format,
             (unsigned long long)query_set_mark(im->set));
    digest_add_framed(&digest, str_from_cstr(numbers));
    digest_add_framed(&digest, options->source);
    digest_add_framed(&digest, options->dataset);
    for (size_t i = 0; i < im->job->path_count; i++)
        digest_add_framed(&digest, im->inputs[i].mapping);
    for (size_t i = 0; i < im->job->path_count; i++)
        if (!fingerprint_file(&digest, im->job->paths[i], err))
            return false;
    DigestHex hex = digest_hex(digest_end(&digest));
    _Static_assert(sizeof hex.text == sizeof im->fingerprint, "a digest in hexadecimal");
    memcpy(im->fingerprint, hex.text, sizeof hex.text);
    return true;
}

static bool resume_inputs(struct import *im, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(im->state,
                  "SELECT input, blocks_done, is_done FROM import_input WHERE import = ?1", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        uint64_t input = (uint64_t)stmt_i64(stmt, 0);
        if (input >= im->job->path_count) {
            stmt_reset(stmt);
            return err_set(err, ERR_CORRUPT, "import %lld has an input too many",
                           (long long)im->id);
        }
        struct input_state *state = &im->inputs[input];
        state->blocks_done = state->resume_blocks = stmt_i64(stmt, 1);
        state->is_done = state->was_done = stmt_i64(stmt, 2) != 0;
    }
    return ok;
}

/* *is_found: an import of this fingerprint is unfinished and goes on. */
static bool resume(struct import *im, bool *is_found, struct err *err)
{
    struct intake_counts *counts = &im->counts;
    struct stmt *stmt;

    if (!db_query(im->state,
                  "SELECT id, imported_at_ms, read, added, updated, duplicate, deleted, rejected,"
                  " matched, ignored, (SELECT count(*) FROM import_reject WHERE import = import.id)"
                  " FROM import WHERE state = 'running' AND fingerprint = ?1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, str_from_cstr(im->fingerprint));
    if (!stmt_step(stmt, is_found, err) || !*is_found)
        return err->code == ERR_NONE;
    im->id = stmt_i64(stmt, 0);
    im->imported_at_ms = stmt_i64(stmt, 1);
    uint64_t *const values[] = {&counts->read,      &counts->added,   &counts->updated,
                                &counts->duplicate, &counts->deleted, &counts->rejected,
                                &counts->matched,   &counts->ignored, &im->rejects_kept};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        *values[i] = (uint64_t)stmt_i64(stmt, (int)i + 2);
    stmt_reset(stmt);
    im->is_resumed = true;
    im->read_before = counts->read;
    return resume_inputs(im, err);
}

static bool record_inputs(struct import *im, struct err *err)
{
    for (size_t i = 0; i < im->job->path_count; i++) {
        struct stmt *stmt;
        if (!db_query(im->state,
                      "INSERT INTO import_input (import, input, path)"
                      " VALUES (?1, ?2, ?3)",
                      &stmt, err))
            return false;
        stmt_bind_i64(stmt, 1, im->id);
        stmt_bind_i64(stmt, 2, (int64_t)i);
        stmt_bind_str(stmt, 3, im->job->paths[i]);
        if (!stmt_run(stmt, err))
            return false;
    }
    return true;
}

static bool record_new(struct import *im, struct err *err)
{
    struct stmt *stmt;

    if (!db_run(im->state, "UPDATE import SET state = 'abandoned' WHERE state = 'running'", err) ||
        !db_query(im->state,
                  "INSERT INTO import (state, fingerprint, dataset, imported_at_ms)"
                  " VALUES ('running', ?1, ?2, ?3)",
                  &stmt, err))
        return false;
    im->imported_at_ms = im->job->now_ms;
    stmt_bind_str(stmt, 1, str_from_cstr(im->fingerprint));
    stmt_bind_str(stmt, 2, im->job->options.dataset.len > 0 ? im->job->options.dataset : S(""));
    stmt_bind_i64(stmt, 3, im->imported_at_ms);
    if (!stmt_run(stmt, err))
        return false;
    im->id = db_last_id(im->state);
    return record_inputs(im, err);
}

static bool record_begin(struct import *im, struct err *err)
{
    bool is_found = false;

    if (!fingerprint_job(im, err) || !db_begin(im->state, err))
        return false;
    bool ok = resume(im, &is_found, err) && (is_found || record_new(im, err));
    return db_end(im->state, ok, err);
}

static void counts_write(struct json_writer *w, const struct intake_counts *counts)
{
    json_begin_object(w);
    json_set_i64(w, "read", (int64_t)counts->read);
    json_set_i64(w, "new", (int64_t)counts->added);
    json_set_i64(w, "updated", (int64_t)counts->updated);
    json_set_i64(w, "duplicate", (int64_t)counts->duplicate);
    json_set_i64(w, "deleted", (int64_t)counts->deleted);
    json_set_i64(w, "rejected", (int64_t)counts->rejected);
    json_set_i64(w, "matched", (int64_t)counts->matched);
    json_set_i64(w, "ignored", (int64_t)counts->ignored);
    json_end_object(w);
}

static bool record_ledger(struct import *im, struct err *err)
{
    struct json_writer w;
    struct buf after;
    char id[24];

    snprintf(id, sizeof id, "%lld", (long long)im->id);
    buf_init(&after, 64 * KIB);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    counts_write(&w, &im->counts);
    struct ledger_entry entry = {.at_ms = im->job->now_ms,
                                 .actor = im->job->actor.len > 0 ? im->job->actor : S("system"),
                                 .action = S("import.finish"),
                                 .object_kind = S("import"),
                                 .object_id = str_from_cstr(id),
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && ledger_append(im->state, &entry, err);
    buf_deinit(&after);
    return ok;
}

static bool record_finish(struct import *im, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(im->state, err))
        return false;
    bool ok = db_query(im->state,
                       "UPDATE import SET state = 'finished', finished_at_ms = ?2 WHERE id = ?1",
                       &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, im->id);
        stmt_bind_i64(stmt, 2, im->job->now_ms);
        ok = stmt_run(stmt, err) && record_ledger(im, err);
    }
    return db_end(im->state, ok, err);
}

/* ---- the file of rejected rows --------------------------------------------------------------- */

static bool reject_file_fill(struct import *im, size_t input, struct buf *rows, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(im->state,
                  "SELECT raw FROM import_reject WHERE import = ?1 AND input = ?2 AND"
                  " is_retryable = 1 ORDER BY line, item",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    stmt_bind_i64(stmt, 2, (int64_t)input);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        buf_add(rows, stmt_blob(stmt, 0));
        buf_add_byte(rows, '\n');
    }
    return ok;
}

/* "file:line: reason", one a rejected row, those that were not kept included. */
static bool reject_reasons_fill(struct import *im, size_t input, struct buf *rows, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(im->state,
                  "SELECT line, reason FROM import_reject WHERE import = ?1 AND input = ?2"
                  " ORDER BY line, item",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, im->id);
    stmt_bind_i64(stmt, 2, (int64_t)input);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        Str reason = stmt_str(stmt, 1);
        buf_add(rows, im->job->paths[input]);
        buf_printf(rows, ":%lld: " STR_F "\n", (long long)stmt_i64(stmt, 0), STR_A(reason));
    }
    return ok;
}

static bool reject_file_write(struct import *im, Str dir, size_t input, const char *ending,
                              const struct buf *rows, struct err *err)
{
    struct arena scratch;
    char name[64];

    if (rows->len == 0)
        return true;
    snprintf(name, sizeof name, "import-%lld-%zu%s", (long long)im->id, input, ending);
    arena_init(&scratch, MIB);
    bool ok = buf_ok(rows, err) &&
              file_write_atomic(path_join(&scratch, dir, str_from_cstr(name)), buf_str(rows), err);
    arena_deinit(&scratch);
    return ok;
}

static bool reject_files_write(struct import *im, struct err *err)
{
    struct arena scratch;
    struct buf rows;

    if (im->rejects_kept == 0)
        return true;
    arena_init(&scratch, MIB);
    buf_init(&rows, GIB);
    Str dir = path_join(&scratch, im->job->workspace->dir, S("rejects"));
    bool ok = dir_ensure(dir, err);
    for (size_t i = 0; ok && i < im->job->path_count; i++) {
        buf_reset(&rows);
        ok = reject_file_fill(im, i, &rows, err) &&
             reject_file_write(im, dir, i, ".txt", &rows, err);
        buf_reset(&rows);
        ok = ok && reject_reasons_fill(im, i, &rows, err) &&
             reject_file_write(im, dir, i, ".reasons.txt", &rows, err);
    }
    buf_deinit(&rows);
    arena_deinit(&scratch);
    return ok || err_wrap(err, "could not keep the rejected rows");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool pool_create(struct import *im, struct err *err)
{
    unsigned workers = im->job->worker_count > 0 ? im->job->worker_count : thread_cpu_count();

    im->worker_count = workers < IMPORT_WORKERS_MAX ? workers : IMPORT_WORKERS_MAX;
    im->unit_count = 2 * (size_t)im->worker_count + 3;
    im->units = mem_try_alloc(im->unit_count, sizeof *im->units);
    im->pending = mem_try_alloc(im->unit_count, sizeof *im->pending);
    if (!im->units || !im->pending)
        return err_set(err, ERR_NO_MEMORY, "no memory for an import");
    for (size_t i = 0; i < im->unit_count; i++) {
        decode_block_init(&im->units[i].block);
        decode_batch_init(&im->units[i].batch);
    }
    if (!queue_create(&im->idle, im->unit_count, QUEUE_BLOCK, err) ||
        !queue_create(&im->todo, im->unit_count, QUEUE_BLOCK, err) ||
        !queue_create(&im->done, im->unit_count, QUEUE_BLOCK, err))
        return false;
    for (size_t i = 0; i < im->unit_count; i++)
        if (!hand_on(im->idle, &im->units[i]))
            UNREACHABLE("the queue was just made for them");
    return true;
}

static void pool_destroy(struct import *im)
{
    for (size_t i = 0; im->units && i < im->unit_count; i++) {
        decode_block_deinit(&im->units[i].block);
        decode_batch_deinit(&im->units[i].batch);
        vec_deinit(&im->units[i].items);
    }
    queue_destroy(&im->idle);
    queue_destroy(&im->todo);
    queue_destroy(&im->done);
    mem_free(im->units);
    mem_free(im->pending);
}

static bool threads_start(struct import *im, struct err *err)
{
    if (!thread_create(&im->reader, "import.read", reader_main, im, err))
        return false;
    for (unsigned i = 0; i < im->worker_count; i++)
        if (!thread_create(&im->workers[i], "import.work", worker_main, im, err))
            return false;
    return true;
}

static void threads_stop(struct import *im)
{
    atomic_store(&im->is_stopping, true);
    if (im->idle)
        queue_close(im->idle);
    if (im->todo)
        queue_close(im->todo);
    if (im->done)
        queue_close(im->done);
    thread_join(&im->reader);
    for (unsigned i = 0; i < im->worker_count; i++)
        thread_join(&im->workers[i]);
}

/* A mapping that is said is remembered for the heading of each CSV file; where none is said, the
 * remembered one holds. Standard input cannot be looked at before it is read. */
static bool find_mapping(struct import *im, size_t input, struct err *err)
{
    const struct decode_options *options = &im->job->options;
    Str path = im->job->paths[input];
    struct decode_columns columns;

    im->inputs[input].mapping = options->mapping;
    if (str_eq(path, S("-")) || (options->format != DECODE_AUTO && options->format != DECODE_CSV))
        return true;
    if (!decode_columns_read(path, options, &im->plans, &columns, err))
        return false;
    if (!columns.is_csv)
        return true;
    return options->mapping.len > 0
               ? csv_mapping_remember(im->state, &columns, options->mapping, im->job->now_ms, err)
               : csv_mapping_recall(im->state, &columns, &im->plans, &im->inputs[input].mapping,
                                    err);
}

static bool find_mappings(struct import *im, struct err *err)
{
    bool ok = true;

    if (!db_begin(im->state, err))
        return false;
    for (size_t i = 0; ok && i < im->job->path_count; i++)
        ok = find_mapping(im, i, err);
    return db_end(im->state, ok, err);
}

bool import_is_empty(const Str *paths, size_t count)
{
    bool is_empty = true;

    for (size_t i = 0; is_empty && i < count; i++)
        is_empty = !str_eq(paths[i], S("-")) && file_exists(paths[i]) && size_of(paths[i]) == 0;
    return is_empty;
}

static bool import_begin(struct import *im, struct err *err)
{
    if (im->job->path_count == 0 || im->job->path_count > IMPORT_INPUTS_MAX)
        return err_set(err, ERR_USAGE, "an import takes 1 to %d files", IMPORT_INPUTS_MAX);
    im->inputs = mem_try_alloc(im->job->path_count, sizeof *im->inputs);
    if (!im->inputs)
        return err_set(err, ERR_NO_MEMORY, "no memory for an import");
    for (size_t i = 0; i < im->job->path_count; i++)
        im->bytes_total += size_of(im->job->paths[i]);
    return find_mappings(im, err) && standing_set_create(&im->set, im->state, err) &&
           (import_is_empty(im->job->paths, im->job->path_count) || open_archive(im, err)) &&
           (im->trends || trend_watch_open(&im->trends, im->job->workspace->dir, err)) &&
           record_begin(im, err) && pool_create(im, err);
}

static bool publish(struct import *im, struct err *err)
{
    struct measure_publication published = {0};
    bool waits = true;

    /* Nothing came: what others left on the list is theirs, a live writer's most of all. */
    if (im->counts.read + im->read_before == 0 && !measure_waits(im->state, &waits, err))
        return false;
    im->is_published = waits;
    if (!waits)
        return true;
    if (!open_archive(im, err) ||
        !measure_publish(im->state, im->archive, im->job->now_ms, &published, err))
        return err_wrap(err, "could not publish the measures");
    im->points = published.points;
    return true;
}

static bool import_all(struct import *im, struct err *err)
{
    im->checkpoint_ns = clock_monotonic_ns();
    if (!import_begin(im, err))
        return false;
    bool ok = threads_start(im, err) && write_all(im, err);
    threads_stop(im);
    /* Each of these can be repeated after a kill; the last one ends the import for good. */
    return ok && checkpoint(im, err) && publish(im, err) &&
           trend_watch_finish(im->trends, im->state, im->job->now_ms, &im->watched, err) &&
           reject_files_write(im, err) &&
           (!im->archive || archive_forget_import(im->archive, im->id, err)) &&
           record_finish(im, err);
}

static void import_end(struct import *im)
{
    pool_destroy(im);
    if (!im->job->archive)
        archive_close(&im->archive);
    if (!im->job->trends)
        trend_watch_close(&im->trends);
    query_set_release(&im->set);
    arena_deinit(&im->plans);
    arena_deinit(&im->reject_memory);
    vec_deinit(&im->rejects);
    mem_free(im->inputs);
}

bool import_run(const struct import_job *job, struct import_result *result, struct err *err)
{
    struct import *im = mem_try_alloc(1, sizeof *im);

    if (!im)
        return err_set(err, ERR_NO_MEMORY, "no memory for an import");
    im->job = job;
    im->state = job->workspace->state;
    im->archive = job->archive;
    im->trends = job->trends;
    im->started_ns = clock_monotonic_ns();
    arena_init(&im->plans, GIB);
    arena_init(&im->reject_memory, BATCH_ARENA_BYTES_MAX);
    bool ok = import_all(im, err);
    *result = (struct import_result){.id = im->id,
                                     .counts = im->counts,
                                     .points = im->points,
                                     .is_published = im->is_published,
                                     .trends = im->watched,
                                     .seconds = clock_seconds_since(im->started_ns),
                                     .is_resumed = im->is_resumed};
    import_end(im);
    mem_free(im);
    return ok;
}
