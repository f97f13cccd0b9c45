/* Contacts with sources, and the gaps between them. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "listen/source/source.h"

/* ---- words ----------------------------------------------------------------------------------- */

/* Shown by the pages in the reader's language: marked for the catalogue, as in web/i18n.h. */
#define TR(text) text

static const struct {
    const char *name, *text, *advice;
} troubles[SOURCE_TROUBLE_COUNT] = {
    [SOURCE_WELL] = {"", TR("It is heard."), ""},
    [SOURCE_UNREACHABLE] = {"unreachable", TR("The other side could not be reached."),
                            TR("It is tried again by itself. If it lasts, open the address in a "
                               "browser: has it moved?")},
    [SOURCE_NOT_PUBLIC] = {"not_public", TR("The address lies inside the network."),
                           TR("Only public addresses are read. An administrator may allow others: "
                              "serve --allow-private-sources.")},
    [SOURCE_NOT_ALLOWED] = {"not_allowed", TR("The folder may not be read."),
                            TR("Put the files into the workspace's own folder inbox/, or have an "
                               "administrator allow it: serve --folder-root.")},
    [SOURCE_REFUSED] = {"refused", TR("The other side refused access."),
                        TR("Does it need an access token, or is the one given out of date? Enter "
                           "a new one.")},
    [SOURCE_NOT_FOUND] = {"not_found", TR("There is nothing at this address."),
                          TR("Look up the address again; the site may have moved it.")},
    [SOURCE_GONE] = {"gone", TR("The other side has removed it for good."),
                     TR("It was switched off. Enter another address, or remove the source.")},
    [SOURCE_RATE_LIMITED] = {"rate_limited", TR("The other side asks us to come less often."),
                             TR("Nothing to do: we wait as long as it asked.")},
    [SOURCE_SERVER_ERROR] = {"server_error", TR("The other side has a fault of its own."),
                             TR("It is tried again by itself.")},
    [SOURCE_NOT_UNDERSTOOD] = {"not_understood", TR("What came is not what was expected."),
                               TR("Is it the address of the feed or stream itself, not of a page "
                                  "about it?")},
    [SOURCE_TOO_LARGE] = {"too_large", TR("More came at once than is taken."),
                          TR("Look for a shorter feed, or cut the files into smaller ones.")},
    [SOURCE_SILENT] = {"silent", TR("Nothing was heard for longer than expected."),
                       TR("Does anybody still write there? If silence is normal, enter a longer "
                          "interval.")},
    [SOURCE_NOT_RUNNING] = {"not_running", TR("The program was not running."),
                            TR("Nothing to do: what can still be had is fetched.")},
    [SOURCE_OVERLOAD] = {"overload", TR("More came than could be taken in time."),
                         TR("Narrow the stream by a filter, or give the program more "
                            "processors.")},
    [SOURCE_OURS] = {"ours", TR("We could not store what came."),
                     TR("Look at the program's log: is the disk full?")},
};

const char *source_trouble_name(enum source_trouble trouble)
{
    ASSERT(trouble < SOURCE_TROUBLE_COUNT);
    return troubles[trouble].name;
}

enum source_trouble source_trouble_from(Str name)
{
    for (int i = 0; i < SOURCE_TROUBLE_COUNT; i++)
        if (str_eq(name, str_from_cstr(troubles[i].name)))
            return (enum source_trouble)i;
    return SOURCE_OURS;
}

const char *source_trouble_text(enum source_trouble trouble)
{
    ASSERT(trouble < SOURCE_TROUBLE_COUNT);
    return troubles[trouble].text;
}

const char *source_trouble_advice(enum source_trouble trouble)
{
    ASSERT(trouble < SOURCE_TROUBLE_COUNT);
    return troubles[trouble].advice;
}

/* ---- gaps ------------------------------------------------------------------------------------ */

struct gap_row {
    int64_t source, from_ms, to_ms; /* to 0: open */
    enum source_trouble cause;
    double share;
    int64_t lost;
    bool is_filled;
};

static bool gap_insert(struct db *db, const struct gap_row *gap, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO source_gap (source, from_ms, to_ms, cause, share, lost, is_filled)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, gap->source);
    stmt_bind_i64(stmt, 2, gap->from_ms);
    if (gap->to_ms != 0)
        stmt_bind_i64(stmt, 3, gap->to_ms);
    stmt_bind_str(stmt, 4, str_from_cstr(source_trouble_name(gap->cause)));
    stmt_bind_f64(stmt, 5, gap->share);
    stmt_bind_i64(stmt, 6, gap->lost);
    stmt_bind_i64(stmt, 7, gap->is_filled ? 1 : 0);
    return stmt_run(stmt, err);
}

static bool stale_add(struct db *db, int64_t from_ms, int64_t to_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "INSERT INTO coverage_stale (from_ms, to_ms) VALUES (?1, ?2)", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, from_ms);
    stmt_bind_i64(stmt, 2, to_ms);
    return stmt_run(stmt, err);
}

/* When it was last heard in this span: before that nothing was expected, or all was heard. */
static int64_t heard_until(const struct source *s)
{
    return s->health.last_good_ms > s->on_since_ms ? s->health.last_good_ms : s->on_since_ms;
}

/* A gap opens once the silence is longer than expected; it then began with the silence. */
static bool gap_open(struct db *db, const struct source *s, enum source_trouble cause,
                     int64_t now_ms, struct err *err)
{
    int64_t from = heard_until(s);

    if (s->gap_open_ms != 0 || s->on_since_ms == 0 || s->expected_ms == 0 ||
        now_ms - from <= s->expected_ms)
        return true;
    struct gap_row gap = {.source = s->id, .from_ms = from, .cause = cause, .share = 1};
    return gap_insert(db, &gap, err) && stale_add(db, from, now_ms, err);
}

static bool gap_close(struct db *db, const struct source *s, bool is_whole, int64_t now_ms,
                      struct err *err)
{
    struct stmt *stmt;

    if (s->gap_open_ms == 0)
        return true;
    if (!db_query(db,
                  "UPDATE source_gap SET to_ms = max(from_ms, ?2), is_filled = ?3"
                  " WHERE source = ?1 AND to_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_i64(stmt, 2, now_ms);
    stmt_bind_i64(stmt, 3, is_whole ? 1 : 0);
    return stmt_run(stmt, err) && stale_add(db, s->gap_open_ms, now_ms, err);
}

/* Heard again: a silence nobody had noted yet is a gap like any other. */
static bool gap_settle(struct db *db, struct source *s, bool is_whole, int64_t now_ms,
                       struct err *err)
{
    enum source_trouble cause =
        s->health.trouble == SOURCE_WELL ? SOURCE_SILENT : s->health.trouble;
    int64_t from = heard_until(s);

    if (!gap_open(db, s, cause, now_ms, err))
        return false;
    if (s->gap_open_ms == 0 && s->on_since_ms != 0 && s->expected_ms != 0 &&
        now_ms - from > s->expected_ms)
        s->gap_open_ms = from;
    return gap_close(db, s, is_whole, now_ms, err);
}

/* ---- contacts -------------------------------------------------------------------------------- */

static Str kept(Str given, Str stored)
{
    return given.ptr ? given : stored;
}

static bool health_update(struct db *db, const struct source *s, const struct source_contact *c,
                          struct err *err)
{
    const struct source_health *h = &s->health;
    bool is_good = c->trouble == SOURCE_WELL;
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE source_health SET last_try_ms = ?2, last_good_ms = ?3,"
                  " last_post_ms = ?4, next_try_ms = ?5, interval_ms = ?6, failures = ?7,"
                  " trouble = ?8, message = ?9, trouble_ms = ?10, posts_read = posts_read + ?11,"
                  " posts_new = posts_new + ?12, posts_rejected = posts_rejected + ?13,"
                  " cursor = ?14, etag = ?15, last_modified = ?16, moved_to = ?17"
                  " WHERE source = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_i64(stmt, 2, c->at_ms);
    stmt_bind_i64(stmt, 3, is_good && c->at_ms > h->last_good_ms ? c->at_ms : h->last_good_ms);
    stmt_bind_i64(stmt, 4, c->added > 0 ? c->at_ms : h->last_post_ms);
    stmt_bind_i64(stmt, 5, c->next_try_ms);
    stmt_bind_i64(stmt, 6, c->interval_ms > 0 ? c->interval_ms : h->interval_ms);
    stmt_bind_i64(stmt, 7, is_good ? 0 : h->failures + 1);
    stmt_bind_str(stmt, 8, str_from_cstr(source_trouble_name(c->trouble)));
    stmt_bind_str(stmt, 9, is_good || !c->message.ptr ? S("") : c->message);
    stmt_bind_i64(stmt, 10, is_good ? h->trouble_ms : c->at_ms);
    stmt_bind_i64(stmt, 11, c->read);
    stmt_bind_i64(stmt, 12, c->added);
    stmt_bind_i64(stmt, 13, c->rejected);
    stmt_bind_str(stmt, 14, kept(c->cursor, h->cursor));
    stmt_bind_str(stmt, 15, kept(c->etag, h->etag));
    stmt_bind_str(stmt, 16, kept(c->last_modified, h->last_modified));
    stmt_bind_str(stmt, 17, kept(c->moved_to, h->moved_to));
    return stmt_run(stmt, err);
}

static bool record_write(struct db *db, struct source *s, const struct source_contact *c,
                         struct err *err)
{
    bool is_good = c->trouble == SOURCE_WELL;

    return (is_good ? gap_settle(db, s, c->is_whole, c->at_ms, err)
                    : gap_open(db, s, c->trouble, c->at_ms, err)) &&
           health_update(db, s, c, err) &&
           (!c->is_final || !s->is_on ||
            source_switch(db, s->id, false, S("system"),
                          str_from_cstr(source_trouble_text(c->trouble)), c->at_ms, err));
}

bool source_record(struct db *db, const struct source_contact *contact, struct err *err)
{
    struct err absent = {0};
    struct source s;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, MIB);
    bool is_there = source_read(&arena, db, contact->source, &s, &absent), ok = is_there;
    if (is_there)
        ok = record_write(db, &s, contact, err);
    else if (absent.code == ERR_NOT_FOUND)
        ok = true;
    else
        *err = absent;
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

static bool lost_count(struct db *db, int64_t source, int64_t lost, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "UPDATE source_health SET posts_lost = posts_lost + ?2 WHERE source = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_i64(stmt, 2, lost);
    return stmt_run(stmt, err);
}

bool source_record_loss(struct db *db, int64_t source, int64_t from_ms, int64_t to_ms, int64_t lost,
                        int64_t kept_count, struct err *err)
{
    struct gap_row gap = {.source = source,
                          .from_ms = from_ms,
                          .to_ms = to_ms > from_ms ? to_ms : from_ms + 1,
                          .cause = SOURCE_OVERLOAD,
                          .share = (double)lost / (double)(lost + kept_count),
                          .lost = lost};

    ASSERT(lost > 0 && kept_count >= 0);
    if (!db_begin(db, err))
        return false;
    bool ok = gap_insert(db, &gap, err) && stale_add(db, gap.from_ms, gap.to_ms, err) &&
              lost_count(db, source, lost, err);
    return db_end(db, ok, err);
}

bool source_check_silence(struct db *db, bool is_start, int64_t now_ms, struct err *err)
{
    struct source *list;
    struct arena arena;
    size_t count;

    arena_init(&arena, 64 * MIB);
    bool ok = source_list(&arena, db, &list, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct source *s = &list[i];
        enum source_trouble cause = s->health.trouble;
        if (!s->is_on || s->expected_ms == 0 || s->gap_open_ms != 0 ||
            now_ms - heard_until(s) <= s->expected_ms)
            continue;
        if (cause == SOURCE_WELL)
            cause = is_start ? SOURCE_NOT_RUNNING : SOURCE_SILENT;
        ok = db_begin(db, err) && db_end(db, gap_open(db, s, cause, now_ms, err), err);
    }
    arena_deinit(&arena);
    return ok;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool gap_read(struct stmt *stmt, struct arena *arena, struct source_gap *out,
                     struct err *err)
{
    *out = (struct source_gap){.id = stmt_i64(stmt, 0),
                               .source = stmt_i64(stmt, 1),
                               .from_ms = stmt_i64(stmt, 3),
                               .to_ms = stmt_i64(stmt, 4),
                               .cause = source_trouble_from(stmt_str(stmt, 5)),
                               .share = stmt_f64(stmt, 6),
                               .lost = stmt_i64(stmt, 7),
                               .is_filled = stmt_i64(stmt, 8) != 0};
    return stmt_copy_str(stmt, 2, arena, &out->source_name, err);
}

bool source_gaps(struct arena *arena, struct db *db, int64_t source, size_t max,
                 struct source_gap **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    max = max < SOURCE_GAPS_LIST_MAX ? max : SOURCE_GAPS_LIST_MAX;
    *count = 0;
    *out = arena_try_new(arena, struct source_gap, max + 1);
    if (!*out)
        return err_arena(err, arena);
    if (!db_query(db,
                  "SELECT g.id, g.source, s.name, g.from_ms, coalesce(g.to_ms, 0), g.cause,"
                  " g.share, g.lost, g.is_filled FROM source_gap AS g"
                  " JOIN source AS s ON s.id = g.source"
                  " WHERE ?1 = 0 OR g.source = ?1 ORDER BY g.from_ms DESC, g.id DESC LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_i64(stmt, 2, (int64_t)max);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        if (!gap_read(stmt, arena, &(*out)[*count], err)) {
            stmt_reset(stmt);
            return false;
        }
        ++*count;
    }
    return ok;
}
