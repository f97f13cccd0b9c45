#include "ledger/ledger.h"

#include <stdio.h>
#include <string.h>

#include "format/digest.h"

/* The chain ----------------------------------------------------------------------------------- */

static void add_u64(struct digest_state *state, uint64_t value)
{
    char bytes[8];

    for (int i = 7; i >= 0; i--, value >>= 8)
        bytes[i] = (char)(value & 0xff);
    digest_add(state, (Str){bytes, sizeof bytes});
}

static void add_text(struct digest_state *state, Str text)
{
    digest_add(state, text.ptr ? S("\x01") : (Str){"", 1});
    if (!text.ptr)
        return;
    add_u64(state, text.len);
    digest_add(state, text);
}

/* The bytes of ledger.h, in its order. */
static Digest entry_hash(const struct ledger_entry *e, Str previous)
{
    struct digest_state state;

    ASSERT(previous.len == LEDGER_HASH_BYTES);
    digest_begin(&state);
    digest_add(&state, S("trimtab ledger 1\n"));
    digest_add(&state, previous);
    add_u64(&state, (uint64_t)e->seq);
    add_u64(&state, (uint64_t)e->at_ms);
    add_text(&state, e->actor);
    add_text(&state, e->action);
    add_text(&state, e->object_kind);
    add_text(&state, e->object_id);
    add_text(&state, e->reason);
    add_text(&state, e->before_json);
    add_text(&state, e->after_json);
    return digest_end(&state);
}

static Str digest_str(const Digest *d)
{
    return (Str){(const char *)d->bytes, LEDGER_HASH_BYTES};
}

static void put_hex(char out[LEDGER_HEX_BYTES + 1], Str hash)
{
    Digest d;

    ASSERT(hash.len == LEDGER_HASH_BYTES);
    memcpy(d.bytes, hash.ptr, sizeof d.bytes);
    DigestHex hex = digest_hex(d);
    memcpy(out, hex.text, LEDGER_HEX_BYTES + 1);
}

/* Appending ----------------------------------------------------------------------------------- */

static bool check_text(const char *what, Str text, size_t bytes_max, bool is_required,
                       struct err *err)
{
    if (is_required && text.len == 0)
        return err_set(err, ERR_INPUT, "a ledger entry needs %s", what);
    if (text.len > bytes_max)
        return err_set(err, ERR_LIMIT, "%s of a ledger entry has %zu bytes, at most %zu", what,
                       text.len, bytes_max);
    if (str_utf8_invalid_at(text) != text.len)
        return err_set(err, ERR_INPUT, "%s of a ledger entry is not valid UTF-8", what);
    return true;
}

static bool check_entry(const struct ledger_entry *e, struct err *err)
{
    return check_text("an actor", e->actor, LEDGER_NAME_BYTES_MAX, true, err) &&
           check_text("an action", e->action, LEDGER_NAME_BYTES_MAX, true, err) &&
           check_text("an object kind", e->object_kind, LEDGER_NAME_BYTES_MAX, true, err) &&
           check_text("an object id", e->object_id, LEDGER_NAME_BYTES_MAX, false, err) &&
           check_text("a reason", e->reason, LEDGER_REASON_BYTES_MAX, false, err) &&
           check_text("the state before", e->before_json, LEDGER_JSON_BYTES_MAX, false, err) &&
           check_text("the state after", e->after_json, LEDGER_JSON_BYTES_MAX, false, err);
}

/* The head record as it is stored; *has_head false when the row is gone. */
static bool read_head(struct db *db, int64_t *seq, Digest *hash, bool *has_head, struct err *err)
{
    struct stmt *stmt;

    *seq = 0;
    *hash = (Digest){0};
    if (!db_query(db, "SELECT seq, hash FROM ledger_head WHERE id = 1", &stmt, err) ||
        !stmt_step(stmt, has_head, err))
        return false;
    if (!*has_head)
        return true;
    Str stored = stmt_blob(stmt, 1);
    *has_head = stored.len == LEDGER_HASH_BYTES;
    if (*has_head) {
        *seq = stmt_i64(stmt, 0);
        memcpy(hash->bytes, stored.ptr, sizeof hash->bytes);
    }
    stmt_reset(stmt);
    return true;
}

static bool insert(struct db *db, const struct ledger_entry *e, const Digest *previous,
                   const Digest *hash, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO ledger_entry (seq, at_ms, actor, action, object_kind, object_id,"
                  " reason, before_json, after_json, previous_hash, hash)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, e->seq);
    stmt_bind_i64(stmt, 2, e->at_ms);
    stmt_bind_str(stmt, 3, e->actor);
    stmt_bind_str(stmt, 4, e->action);
    stmt_bind_str(stmt, 5, e->object_kind);
    stmt_bind_str(stmt, 6, e->object_id);
    stmt_bind_str(stmt, 7, e->reason);
    stmt_bind_str_or_null(stmt, 8, e->before_json);
    stmt_bind_str_or_null(stmt, 9, e->after_json);
    stmt_bind_blob(stmt, 10, digest_str(previous));
    stmt_bind_blob(stmt, 11, digest_str(hash));
    return stmt_run(stmt, err);
}

static bool write_head(struct db *db, int64_t seq, const Digest *hash, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "UPDATE ledger_head SET seq = ?1, hash = ?2 WHERE id = 1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, seq);
    stmt_bind_blob(stmt, 2, digest_str(hash));
    return stmt_run(stmt, err);
}

bool ledger_append(struct db *db, const struct ledger_entry *entry, struct err *err)
{
    struct ledger_entry e = *entry;
    Digest previous, hash;
    bool has_head;

    ASSERT(db_is_writing(db));
    if (!e.object_id.ptr)
        e.object_id = S("");
    if (!e.reason.ptr)
        e.reason = S("");
    if (!check_entry(&e, err) || !read_head(db, &e.seq, &previous, &has_head, err))
        return false;
    if (!has_head) {
        err_set(err, ERR_CORRUPT, "the ledger has no head record");
        return err_hint(err, "Run trimtab ledger verify.");
    }
    e.seq++;
    hash = entry_hash(&e, digest_str(&previous));
    if (insert(db, &e, &previous, &hash, err) && write_head(db, e.seq, &hash, err))
        return true;
    return err_wrap(err, "could not append to the ledger");
}

bool ledger_head_read(struct db *db, struct ledger_head *out, struct err *err)
{
    Digest hash;
    bool has_head;

    if (!read_head(db, &out->seq, &hash, &has_head, err))
        return false;
    put_hex(out->hash_hex, digest_str(&hash));
    return has_head || err_set(err, ERR_CORRUPT, "the ledger has no head record");
}

bool ledger_head_parse(Str text, struct ledger_head *out, struct err *err)
{
    Str number, hex;
    Digest hash;
    int64_t seq;

    if (str_cut(text, ':', &number, &hex) && str_to_i64(number, &seq) && seq >= 1 &&
        digest_from_hex(hex, &hash)) {
        out->seq = seq;
        put_hex(out->hash_hex, digest_str(&hash));
        return true;
    }
    err_set(err, ERR_USAGE, "'" STR_F "' is no ledger head", STR_A(text));
    return err_hint(err, "It looks like 12:9f86d0... with 64 hexadecimal digits.");
}

/* Verifying ----------------------------------------------------------------------------------- */

/* What the walk carries from one entry to the next. One entry of look-back is enough to tell which
 * of two contradicting parts was altered: the suspect waits for its successor's word. */
struct walk {
    struct ledger_report *report;
    const struct ledger_head *anchor; /* may be NULL */
    int64_t seq;                      /* of the entry before */
    Digest stored;                    /* its stored hash */
    Digest computed;                  /* its hash computed from its content */
    bool is_suspect;                  /* the two differ */
    bool is_anchor_seen;
};

static bool found(struct walk *w, enum ledger_fault fault, int64_t seq, const char *what)
{
    w->report->fault = fault;
    w->report->first_bad_seq = seq;
    w->report->why = what;
    if (seq > 0)
        snprintf(w->report->what, sizeof w->report->what, "entry %lld: %s", (long long)seq, what);
    else
        snprintf(w->report->what, sizeof w->report->what, "%s", what);
    return false;
}

/* Types as they are stored, not as they convert: a number where a text belongs is tampering too.
 * Column 11 holds the answers of typeof() for the columns from 1 on. */
static bool form_is_right(struct walk *w, struct stmt *stmt, int64_t seq)
{
    static const char *const names[] = {"at_ms",         "actor",  "action",      "object_kind",
                                        "object_id",     "reason", "before_json", "after_json",
                                        "previous_hash", "hash"};
    Str types = stmt_str(stmt, 11), type;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str wanted = i == 0 ? S("integer") : i >= 8 ? S("blob") : S("text");
        bool is_nullable = i == 6 || i == 7;
        str_cut(types, ' ', &type, &types);
        bool is_right = str_eq(type, wanted) || (is_nullable && str_eq(type, S("null")));
        if (is_right && i >= 8)
            is_right = stmt_blob(stmt, (int)i + 1).len == LEDGER_HASH_BYTES;
        if (!is_right) {
            (void)found(w, LEDGER_FORM, seq, PHRASE("a column has the wrong type or length"));
            snprintf(w->report->what, sizeof w->report->what,
                     "entry %lld: column %s has the wrong type or length", (long long)seq,
                     names[i]);
            return false;
        }
    }
    return true;
}

static Str text_or_none(struct stmt *stmt, int column)
{
    return stmt_is_null(stmt, column) ? STR_NONE : stmt_str(stmt, column);
}

static void read_entry(struct stmt *stmt, struct ledger_entry *e)
{
    *e = (struct ledger_entry){.seq = stmt_i64(stmt, 0),
                               .at_ms = stmt_i64(stmt, 1),
                               .actor = stmt_str(stmt, 2),
                               .action = stmt_str(stmt, 3),
                               .object_kind = stmt_str(stmt, 4),
                               .object_id = stmt_str(stmt, 5),
                               .reason = stmt_str(stmt, 6),
                               .before_json = text_or_none(stmt, 7),
                               .after_json = text_or_none(stmt, 8)};
}

/* The successor (or the head) says which hash the entry before had when it was appended. */
static bool settle_suspect(struct walk *w, Str expected)
{
    if (!w->is_suspect)
        return true;
    if (str_eq(expected, digest_str(&w->stored)))
        return found(w, LEDGER_CONTENT, w->seq,
                     PHRASE("its content was altered; its hash is the original"));
    if (str_eq(expected, digest_str(&w->computed)))
        return found(w, LEDGER_HASH, w->seq,
                     PHRASE("its hash was altered; its content is the original"));
    return found(w, LEDGER_ENTRY, w->seq, PHRASE("its content does not give its hash"));
}

static bool check_link(struct walk *w, const struct ledger_entry *e, Str previous, Str stored)
{
    if (e->seq != w->seq + 1)
        return found(w, LEDGER_MISSING, w->seq + 1, PHRASE("it is missing"));
    if (!settle_suspect(w, previous))
        return false;
    if (str_eq(previous, digest_str(&w->stored)))
        return true;
    Digest with_right_link = entry_hash(e, digest_str(&w->stored));
    if (str_eq(digest_str(&with_right_link), stored))
        return found(w, LEDGER_LINK, e->seq, PHRASE("its hash of the entry before was altered"));
    if (w->seq == 0)
        return found(w, LEDGER_LINK, e->seq,
                     PHRASE("it is the first but names an entry before it"));
    return found(w, LEDGER_REWRITTEN, w->seq,
                 PHRASE("it was rewritten: the next entry was appended to another one"));
}

/* One entry: form, number, link, content. False: a fault was found. */
static bool walk_entry(struct walk *w, struct stmt *stmt)
{
    struct ledger_entry e;

    if (!form_is_right(w, stmt, stmt_i64(stmt, 0)))
        return false;
    read_entry(stmt, &e);
    Str previous = stmt_blob(stmt, 9), stored = stmt_blob(stmt, 10);
    if (!check_link(w, &e, previous, stored))
        return false;
    if (w->seq > 0)
        w->report->entries++;
    w->seq = e.seq;
    w->computed = entry_hash(&e, previous);
    memcpy(w->stored.bytes, stored.ptr, sizeof w->stored.bytes);
    w->is_suspect = !str_eq(digest_str(&w->computed), stored);
    if (w->anchor && w->anchor->seq == e.seq && !w->is_suspect) {
        DigestHex hex = digest_hex(w->stored);
        w->is_anchor_seen = str_eq(str_from_cstr(hex.text), str_from_cstr(w->anchor->hash_hex));
    }
    return true;
}

/* After the last entry: the head record speaks for it. */
static bool check_head(struct walk *w, int64_t head_seq, const Digest *head, bool has_head)
{
    if (!settle_suspect(w, has_head && head_seq == w->seq ? digest_str(head) : STR_NONE))
        return false;
    if (!has_head)
        return found(w, LEDGER_HEAD, w->seq,
                     PHRASE("the head record after it is absent or damaged"));
    if (head_seq > w->seq)
        return found(w, LEDGER_MISSING, w->seq + 1, PHRASE("it and what follows is missing"));
    if (head_seq < w->seq || !str_eq(digest_str(head), digest_str(&w->stored)))
        return found(w, LEDGER_HEAD, w->seq,
                     PHRASE("it is the last, but the head record names another"));
    w->report->entries = w->seq;
    if (w->anchor && !w->is_anchor_seen)
        return found(w, LEDGER_ANCHOR, w->anchor->seq,
                     PHRASE("it is absent or is not the one that the given head names"));
    return true;
}

/* False only when reading failed; faults go to the report. */
static bool walk_entries(struct db *db, struct walk *w, bool *is_sound, struct err *err)
{
    struct stmt *stmt;
    bool has_row, ok;

    *is_sound = true;
    if (!db_query(
            db,
            "SELECT seq, at_ms, actor, action, object_kind, object_id, reason, before_json,"
            " after_json, previous_hash, hash, typeof(at_ms) || ' ' || typeof(actor) || ' ' ||"
            " typeof(action) || ' ' || typeof(object_kind) || ' ' || typeof(object_id) ||"
            " ' ' || typeof(reason) || ' ' || typeof(before_json) || ' ' ||"
            " typeof(after_json) || ' ' || typeof(previous_hash) || ' ' || typeof(hash)"
            " FROM ledger_entry ORDER BY seq",
            &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!walk_entry(w, stmt)) {
            *is_sound = false;
            stmt_reset(stmt);
            break;
        }
    return ok;
}

bool ledger_verify(struct db *db, const struct ledger_head *anchor, struct ledger_report *report,
                   struct err *err)
{
    struct walk w = {.report = report, .anchor = anchor};
    Digest head;
    int64_t head_seq;
    bool has_head, is_sound;

    *report = (struct ledger_report){.fault = LEDGER_SOUND};
    if (!db_begin_read(db, err))
        return false;
    bool ok =
        read_head(db, &head_seq, &head, &has_head, err) && walk_entries(db, &w, &is_sound, err);
    if (ok) {
        report->head.seq = head_seq;
        put_hex(report->head.hash_hex, digest_str(&head));
        if (is_sound)
            (void)check_head(&w, head_seq, &head, has_head);
    }
    return db_end(db, ok, err);
}

/* Listing ------------------------------------------------------------------------------------- */

static bool copy_entry(struct stmt *stmt, struct arena *arena, struct ledger_entry *e,
                       struct err *err)
{
    *e = (struct ledger_entry){.seq = stmt_i64(stmt, 0), .at_ms = stmt_i64(stmt, 1)};
    Str hash = stmt_blob(stmt, 9);
    if (hash.len == LEDGER_HASH_BYTES)
        put_hex(e->hash_hex, hash);
    return stmt_copy_str(stmt, 2, arena, &e->actor, err) &&
           stmt_copy_str(stmt, 3, arena, &e->action, err) &&
           stmt_copy_str(stmt, 4, arena, &e->object_kind, err) &&
           stmt_copy_str(stmt, 5, arena, &e->object_id, err) &&
           stmt_copy_str(stmt, 6, arena, &e->reason, err) &&
           stmt_copy_str(stmt, 7, arena, &e->before_json, err) &&
           stmt_copy_str(stmt, 8, arena, &e->after_json, err);
}

static void bind_filter(struct stmt *stmt, const struct ledger_filter *f, size_t count_max)
{
    const Str texts[] = {f->actor, f->object_kind, f->object_id, f->action_prefix};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].len > 0)
            stmt_bind_str(stmt, (int)i + 1, texts[i]);
    stmt_bind_i64(stmt, 5, f->from_ms != 0 ? f->from_ms : INT64_MIN);
    stmt_bind_i64(stmt, 6, f->to_ms != 0 ? f->to_ms : INT64_MAX);
    stmt_bind_i64(stmt, 7, f->before_seq != 0 ? f->before_seq : INT64_MAX);
    stmt_bind_i64(stmt, 8, (int64_t)count_max);
}

bool ledger_list(struct arena *arena, struct db *db, const struct ledger_filter *filter,
                 struct ledger_entry **out, size_t *count, struct err *err)
{
    size_t count_max = filter->count_max == 0                      ? 100
                       : filter->count_max > LEDGER_LIST_COUNT_MAX ? LEDGER_LIST_COUNT_MAX
                                                                   : filter->count_max;
    struct ledger_entry *entries = arena_try_new(arena, struct ledger_entry, count_max);
    struct stmt *stmt;
    bool has_row, ok;
    size_t n = 0;

    if (!entries)
        return err_arena(err, arena);
    if (!db_query(db,
                  "SELECT seq, at_ms, actor, action, object_kind, object_id, reason, before_json,"
                  " after_json, hash FROM ledger_entry"
                  " WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR object_kind = ?2)"
                  " AND (?3 IS NULL OR object_id = ?3)"
                  " AND (?4 IS NULL OR substr(action, 1, length(?4)) = ?4)"
                  " AND at_ms >= ?5 AND at_ms < ?6 AND seq < ?7 ORDER BY seq DESC LIMIT ?8",
                  &stmt, err))
        return false;
    bind_filter(stmt, filter, count_max);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ASSERT(n < count_max);
        if (!copy_entry(stmt, arena, &entries[n++], err)) {
            stmt_reset(stmt);
            return false;
        }
    }
    *out = entries;
    *count = n;
    return ok;
}
