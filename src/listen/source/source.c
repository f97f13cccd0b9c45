#include "listen/source/source.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "format/digest.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "listen/decode/decode.h"
#include "os/entropy.h"
#include "os/file.h"

/* ---- words ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *format; /* what it speaks; NULL: the setting decides */
    int64_t expected_ms;
} kinds[SOURCE_KIND_COUNT] = {
    [SOURCE_FEED] = {"feed", "feed", 6 * TIME_HOUR_MS},
    [SOURCE_MASTODON] = {"mastodon", "mastodon", 5 * TIME_MINUTE_MS},
    [SOURCE_JETSTREAM] = {"jetstream", "bluesky", 2 * TIME_MINUTE_MS},
    [SOURCE_WEBHOOK] = {"webhook", NULL, 0},
    [SOURCE_FOLDER] = {"folder", NULL, 0},
};

const char *source_kind_name(enum source_kind kind)
{
    ASSERT(kind < SOURCE_KIND_COUNT);
    return kinds[kind].name;
}

bool source_kind_from(Str name, enum source_kind *out)
{
    for (int i = 0; i < SOURCE_KIND_COUNT; i++) {
        if (str_eq(name, str_from_cstr(kinds[i].name))) {
            *out = (enum source_kind)i;
            return true;
        }
    }
    return false;
}

int64_t source_expected_default_ms(enum source_kind kind)
{
    ASSERT(kind < SOURCE_KIND_COUNT);
    return kinds[kind].expected_ms;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool source_refuse(struct err *err, const char *field, const char *what, const char *remedy)
{
    err_set(err, ERR_INPUT, "%s %s", field, what);
    return err_hint(err, "%s", remedy);
}

static bool name_check(Str name, struct err *err)
{
    bool is_good = name.len > 0 && name.len <= SOURCE_NAME_BYTES_MAX && name.ptr[0] != '-';

    for (size_t i = 0; i < name.len && is_good; i++) {
        char c = name.ptr[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return is_good ||
           source_refuse(err, "name:", "cannot be the name of a source",
                         "Give 1 to 60 of a-z, 0-9 and hyphens, not beginning with one.");
}

static bool is_scheme(Str address, const char *scheme)
{
    Str wanted = str_from_cstr(scheme);

    return address.len > wanted.len && str_eq_nocase(str_sub(address, 0, wanted.len), wanted);
}

static bool address_check(const struct source *s, struct err *err)
{
    Str a = s->address;

    if (a.len > SOURCE_ADDRESS_BYTES_MAX)
        return source_refuse(err, "address:", "is longer than 2000 bytes",
                             "Give a shorter address.");
    for (size_t i = 0; i < a.len; i++)
        if ((unsigned char)a.ptr[i] <= 0x20 && !(a.ptr[i] == ' ' && s->kind == SOURCE_FOLDER))
            return source_refuse(err, "address:", "holds a blank or a control character",
                                 "Copy the address again, without line breaks.");
    switch (s->kind) {
    case SOURCE_WEBHOOK:
        return a.len == 0 || source_refuse(err, "address:", "is not for webhooks",
                                           "Leave it empty: others send to this program.");
    case SOURCE_FOLDER:
        return (a.len > 0 && a.ptr[0] == '/') ||
               source_refuse(err, "address:", "is not a folder of this machine",
                             "Give the whole path, beginning with /.");
    case SOURCE_JETSTREAM:
        return is_scheme(a, "wss://") || is_scheme(a, "ws://") ||
               source_refuse(err, "address:", "is not the address of a stream",
                             "It begins with wss:// and ends with /subscribe, filters may follow.");
    case SOURCE_FEED:
    case SOURCE_MASTODON:
    case SOURCE_KIND_COUNT:
        break;
    }
    return is_scheme(a, "https://") || is_scheme(a, "http://") ||
           source_refuse(err, "address:", "is not a web address",
                         "It begins with https:// or http://.");
}

static bool settings_check(struct source *s, struct err *err)
{
    enum decode_format format;

    if (s->title.len == 0)
        s->title = s->name;
    if (s->expected_ms < 0)
        s->expected_ms = kinds[s->kind].expected_ms;
    if (kinds[s->kind].format)
        s->format = str_from_cstr(kinds[s->kind].format);
    else if (s->format.len == 0)
        s->format = s->kind == SOURCE_WEBHOOK ? S("native") : S("auto");
    if (!kinds[s->kind].format && !decode_format_from(s->format, &format))
        return source_refuse(err, "format:", "is not one of the formats that are read",
                             "See trimtab post decode --help; auto recognises it.");
    if (s->title.len > SOURCE_TITLE_BYTES_MAX)
        return source_refuse(err, "title:", "is longer than 200 bytes", "Shorten it.");
    if (s->legal_note.len > SOURCE_NOTE_BYTES_MAX)
        return source_refuse(err, "legal_note:", "is longer than 2000 bytes", "Shorten it.");
    if (str_utf8_invalid_at(s->title) < s->title.len ||
        str_utf8_invalid_at(s->legal_note) < s->legal_note.len)
        return source_refuse(err, "title:", "is not UTF-8", "Send UTF-8.");
    if (s->expected_ms > SOURCE_DAYS_MAX * TIME_DAY_MS)
        return source_refuse(err, "expected:", "is longer than 100 years",
                             "Give minutes; 0 for none.");
    if (s->retention_days < 0 || s->retention_days > SOURCE_DAYS_MAX)
        return source_refuse(err, "retention:", "is not between 0 and 36500 days",
                             "0 keeps posts as long as the archive.");
    return address_check(s, err);
}

/* ---- writing --------------------------------------------------------------------------------- */

static Str settings_json(struct buf *out, const struct source *s)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "kind", str_from_cstr(kinds[s->kind].name));
    json_set_str(&w, "title", s->title);
    json_set_str(&w, "address", s->address);
    json_set_str(&w, "format", s->format);
    json_set_i64(&w, "expected_ms", s->expected_ms);
    json_set_i64(&w, "retention_days", s->retention_days);
    json_set_str(&w, "legal_note", s->legal_note);
    json_set_bool(&w, "is_on", s->is_on);
    json_end_object(&w);
    return buf_str(out);
}

struct change {
    const char *action;
    Str actor, reason;
    int64_t now_ms;
};

static bool ledger_note(struct db *db, const struct change *change, const struct source *before,
                        const struct source *after, struct err *err)
{
    struct buf old, new;

    ASSERT(before || after); /* a source is added, changed or removed */
    buf_init(&old, LEDGER_JSON_BYTES_MAX);
    buf_init(&new, LEDGER_JSON_BYTES_MAX);
    struct ledger_entry entry = {.at_ms = change->now_ms,
                                 .actor = change->actor,
                                 .action = str_from_cstr(change->action),
                                 .object_kind = S("source"),
                                 /* cppcheck-suppress nullPointerRedundantCheck ; asserted */
                                 .object_id = after ? after->name : before->name,
                                 .reason = change->reason};
    if (before)
        entry.before_json = settings_json(&old, before);
    if (after)
        entry.after_json = settings_json(&new, after);
    bool ok = buf_ok(&old, err) && buf_ok(&new, err) && ledger_append(db, &entry, err);
    buf_deinit(&old);
    buf_deinit(&new);
    return ok;
}

static bool span_begin(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO source_span (source, from_ms) VALUES (?1, ?2)"
                  " ON CONFLICT (source, from_ms) DO UPDATE SET to_ms = NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

/* Off: the span ends, and with it an open gap; nothing is expected from here on. */
static bool span_end(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "UPDATE source_span SET to_ms = ?2 WHERE source = ?1 AND to_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    if (!stmt_run(stmt, err) ||
        !db_query(db,
                  "UPDATE source_gap SET to_ms = max(from_ms, ?2) WHERE source = ?1 AND"
                  " to_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

/* What switching changes: the hour at hand is measured anew. */
static bool stale_note(struct db *db, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "INSERT INTO coverage_stale (from_ms, to_ms) VALUES (?1, ?1 + 1)", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, now_ms);
    return stmt_run(stmt, err);
}

static bool count_check(struct db *db, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    if (!db_query(db, "SELECT count(*) FROM source WHERE is_removed = 0", &stmt, err) ||
        !stmt_one_i64(stmt, &count, err))
        return false;
    return count < SOURCE_COUNT_MAX ||
           err_set(err, ERR_LIMIT, "a workspace has at most %d sources", SOURCE_COUNT_MAX);
}

static bool source_insert(struct db *db, struct source *s, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO source (name, kind, title, address, format, expected_ms,"
                  " retention_days, legal_note, is_on, revision, created_at_ms, changed_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?10)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, s->name);
    stmt_bind_str(stmt, 2, str_from_cstr(kinds[s->kind].name));
    stmt_bind_str(stmt, 3, s->title);
    stmt_bind_str(stmt, 4, s->address.len > 0 ? s->address : S(""));
    stmt_bind_str(stmt, 5, s->format);
    stmt_bind_i64(stmt, 6, s->expected_ms);
    stmt_bind_i64(stmt, 7, s->retention_days);
    stmt_bind_str(stmt, 8, s->legal_note.len > 0 ? s->legal_note : S(""));
    stmt_bind_i64(stmt, 9, s->is_on ? 1 : 0);
    stmt_bind_i64(stmt, 10, now_ms);
    if (!stmt_run(stmt, err)) {
        if (err->code != ERR_EXISTS)
            return false;
        err_clear(err);
        return err_set(err, ERR_EXISTS, "name: there is a source '" STR_F "'", STR_A(s->name)) ||
               err_hint(err, "Give another name.");
    }
    s->id = db_last_id(db);
    if (!db_query(db, "INSERT INTO source_health (source) VALUES (?1)", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    return stmt_run(stmt, err);
}

bool source_create(struct db *db, struct source *source, Str actor, int64_t now_ms, struct err *err)
{
    struct change change = {"source.create", actor, S(""), now_ms};

    if (!name_check(source->name, err) || !settings_check(source, err) || !db_begin(db, err))
        return false;
    source->revision = 1;
    source->created_at_ms = source->changed_at_ms = now_ms;
    bool ok = count_check(db, err) && source_insert(db, source, now_ms, err) &&
              (!source->is_on ||
               (span_begin(db, source->id, now_ms, err) && stale_note(db, now_ms, err))) &&
              ledger_note(db, &change, NULL, source, err);
    return db_end(db, ok, err);
}

static bool source_update(struct db *db, const struct source *s, bool is_removed, int64_t now_ms,
                          struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE source SET title = ?2, address = ?3, format = ?4, expected_ms = ?5,"
                  " retention_days = ?6, legal_note = ?7, is_on = ?8, is_removed = ?9,"
                  " revision = revision + 1, changed_at_ms = ?10 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_str(stmt, 2, s->title);
    stmt_bind_str(stmt, 3, s->address.len > 0 ? s->address : S(""));
    stmt_bind_str(stmt, 4, s->format);
    stmt_bind_i64(stmt, 5, s->expected_ms);
    stmt_bind_i64(stmt, 6, s->retention_days);
    stmt_bind_str(stmt, 7, s->legal_note.len > 0 ? s->legal_note : S(""));
    stmt_bind_i64(stmt, 8, s->is_on ? 1 : 0);
    stmt_bind_i64(stmt, 9, is_removed ? 1 : 0);
    stmt_bind_i64(stmt, 10, now_ms);
    return stmt_run(stmt, err);
}

/* Where it went on belongs to the old address. The next try is at once. */
static bool marks_forget(struct db *db, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE source_health SET cursor = '', etag = '', last_modified = '',"
                  " moved_to = '', next_try_ms = 0, failures = 0, interval_ms = 0"
                  " WHERE source = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_run(stmt, err);
}

static bool change_write(struct db *db, const struct source *before, struct source *after,
                         const struct change *change, struct err *err)
{
    if (after->revision != 0 && after->revision != before->revision)
        return err_set(err, ERR_CONFLICT, "the source was changed by somebody else meanwhile") ||
               err_hint(err, "Load it again and repeat the change.");
    after->name = before->name;
    after->kind = before->kind;
    after->is_on = before->is_on;
    return settings_check(after, err) && source_update(db, after, false, change->now_ms, err) &&
           (str_eq(before->address, after->address) || marks_forget(db, before->id, err)) &&
           ledger_note(db, change, before, after, err);
}

bool source_change(struct db *db, const struct source *source, Str actor, int64_t now_ms,
                   struct err *err)
{
    struct change change = {"source.change", actor, S(""), now_ms};
    struct source before, after = *source;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = source_read(&arena, db, source->id, &before, err) &&
              change_write(db, &before, &after, &change, err);
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool source_switch(struct db *db, int64_t id, bool is_on, Str actor, Str reason, int64_t now_ms,
                   struct err *err)
{
    struct change change = {is_on ? "source.on" : "source.off", actor, reason, now_ms};
    struct source before, after;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = source_read(&arena, db, id, &before, err);
    if (ok && before.is_on != is_on) {
        after = before;
        after.is_on = is_on;
        ok = source_update(db, &after, false, now_ms, err) &&
             (is_on ? span_begin(db, id, now_ms, err) : span_end(db, id, now_ms, err)) &&
             (!is_on || source_ask_poll(db, id, now_ms, err)) && stale_note(db, now_ms, err) &&
             ledger_note(db, &change, &before, &after, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool source_remove(struct db *db, int64_t id, Str actor, int64_t now_ms, struct err *err)
{
    struct change change = {"source.remove", actor, S(""), now_ms};
    struct source before, after;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, MIB);
    bool ok = source_read(&arena, db, id, &before, err);
    if (ok) {
        after = before;
        after.is_on = false;
        ok = source_update(db, &after, true, now_ms, err) && span_end(db, id, now_ms, err) &&
             stale_note(db, now_ms, err) && ledger_note(db, &change, &before, NULL, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool source_ask_poll(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "UPDATE source_health SET poll_wanted_ms = ?2 WHERE source = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

#define SOURCE_COLUMNS                                                                             \
    "SELECT s.id, s.name, s.kind, s.title, s.address, s.format, s.expected_ms, s.retention_days,"  \
    " s.legal_note, s.is_on, s.revision, s.created_at_ms, s.changed_at_ms, h.last_try_ms,"         \
    " h.last_good_ms, h.last_post_ms, h.next_try_ms, h.poll_wanted_ms, h.interval_ms, h.failures," \
    " h.trouble, h.message, h.trouble_ms, h.posts_read, h.posts_new, h.posts_rejected,"            \
    " h.posts_lost, h.cursor, h.etag, h.last_modified, h.moved_to,"                                \
    " (SELECT from_ms FROM source_span WHERE source = s.id AND to_ms IS NULL),"                    \
    " (SELECT min(from_ms) FROM source_gap WHERE source = s.id AND to_ms IS NULL)"                 \
    " FROM source AS s JOIN source_health AS h ON h.source = s.id WHERE s.is_removed = 0"

static void row_numbers(struct stmt *stmt, struct source *out)
{
    struct source_health *h = &out->health;

    out->expected_ms = stmt_i64(stmt, 6);
    out->retention_days = stmt_i64(stmt, 7);
    out->is_on = stmt_i64(stmt, 9) != 0;
    out->revision = stmt_i64(stmt, 10);
    out->created_at_ms = stmt_i64(stmt, 11);
    out->changed_at_ms = stmt_i64(stmt, 12);
    int64_t *const numbers[] = {&h->last_try_ms, &h->last_good_ms,   &h->last_post_ms,
                                &h->next_try_ms, &h->poll_wanted_ms, &h->interval_ms,
                                &h->failures};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        *numbers[i] = stmt_i64(stmt, 13 + (int)i);
    h->trouble = source_trouble_from(stmt_str(stmt, 20));
    h->trouble_ms = stmt_i64(stmt, 22);
    h->posts_read = stmt_i64(stmt, 23);
    h->posts_new = stmt_i64(stmt, 24);
    h->posts_rejected = stmt_i64(stmt, 25);
    h->posts_lost = stmt_i64(stmt, 26);
    out->on_since_ms = stmt_i64(stmt, 31);
    out->gap_open_ms = stmt_i64(stmt, 32);
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct source *out = item;
    const struct {
        int column;
        Str *text;
    } texts[] = {{1, &out->name},
                 {3, &out->title},
                 {4, &out->address},
                 {5, &out->format},
                 {8, &out->legal_note},
                 {21, &out->health.message},
                 {27, &out->health.cursor},
                 {28, &out->health.etag},
                 {29, &out->health.last_modified},
                 {30, &out->health.moved_to}};

    (void)context;
    *out = (struct source){.id = stmt_i64(stmt, 0)};
    if (!source_kind_from(stmt_str(stmt, 2), &out->kind))
        return err_set(err, ERR_CORRUPT, "a source has an unknown kind");
    row_numbers(stmt, out);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!stmt_copy_str(stmt, texts[i].column, arena, texts[i].text, err))
            return false;
    return true;
}

bool source_find(struct arena *arena, struct db *db, Str name, struct source *out, struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db, SOURCE_COLUMNS " AND s.name = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "there is no source '" STR_F "'", STR_A(name));
}

bool source_read(struct arena *arena, struct db *db, int64_t id, struct source *out,
                 struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db, SOURCE_COLUMNS " AND s.id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "there is no source %lld", (long long)id);
}

bool source_list(struct arena *arena, struct db *db, struct source **out, size_t *count,
                 struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db, SOURCE_COLUMNS " ORDER BY s.name", &stmt, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool source_count_on(struct db *db, int64_t *count, struct err *err)
{
    struct stmt *stmt;

    *count = 0;
    return db_query(db, "SELECT count(*) FROM source WHERE is_on = 1 AND is_removed = 0", &stmt,
                    err) &&
           stmt_one_i64(stmt, count, err);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static Str secret_path(struct arena *arena, const struct workspace *workspace, Str name)
{
    return path_join(arena, path_join(arena, workspace->dir, S("secrets")), name);
}

bool source_secret_exists(const struct workspace *workspace, Str name)
{
    struct arena scratch;

    arena_init(&scratch, 64 * KIB);
    bool exists = file_exists(secret_path(&scratch, workspace, name));
    arena_deinit(&scratch);
    return exists;
}

bool source_secret_read(struct arena *arena, const struct workspace *workspace, Str name, Str *out,
                        struct err *err)
{
    Str path = secret_path(arena, workspace, name);

    *out = STR_NONE;
    if (!file_exists(path))
        return true;
    if (!file_read_all(arena, path, SOURCE_SECRET_BYTES_MAX, out, err))
        return err_wrap(err, "could not read the secret of the source");
    *out = str_trim(*out);
    return true;
}

bool source_secret_write(const struct workspace *workspace, Str name, Str secret, struct err *err)
{
    struct arena scratch;

    secret = str_trim(secret);
    if (secret.len > SOURCE_SECRET_BYTES_MAX)
        return source_refuse(err, "secret:", "is longer than 4096 bytes", "Give a shorter one.");
    arena_init(&scratch, 64 * KIB);
    Str path = secret_path(&scratch, workspace, name);
    bool ok = secret.len == 0
                  ? file_remove(path, err)
                  : dir_ensure(path_join(&scratch, workspace->dir, S("secrets")), err) &&
                        file_write_atomic(path, secret, err);
    arena_deinit(&scratch);
    return ok || err_wrap(err, "could not keep the secret of the source");
}

bool source_secret_make(struct arena *arena, const struct workspace *workspace, Str name, Str *out,
                        struct err *err)
{
    uint8_t bytes[32];
    struct buf text;

    entropy_fill(bytes, sizeof bytes);
    buf_init(&text, KIB);
    digest_add_base64url(&text, (Str){(const char *)bytes, sizeof bytes});
    bool ok = buf_ok(&text, err) && source_secret_write(workspace, name, buf_str(&text), err);
    if (ok)
        *out = arena_str(arena, buf_str(&text));
    buf_deinit(&text);
    return ok;
}
