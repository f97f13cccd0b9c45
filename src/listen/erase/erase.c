#include "listen/erase/erase.h"

#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/label/label.h"
#include "listen/measure/trend_watch.h"
#include "os/file.h"
#include "signal/evidence.h"

#define FILE_LOOK_BYTES_MAX (256 * MIB) /* of a file that is searched; larger ones are listed */

struct erasing {
    struct workspace *workspace;
    struct db *state;
    struct arena *arena;
    struct erase_report *report;
    const struct erase_person *person;
    int64_t now_ms;
    struct err *err;
};

/* ---- JSON ------------------------------------------------------------------------------------ */

static bool is_erased_post(const struct erasing *e, const struct json *object)
{
    Str source, id;

    if (!json_str(json_get(object, "source"), &source) || !json_str(json_get(object, "id"), &id))
        return false;
    vec_each (struct archive_erased_post, post, &e->report->archive.posts) {
        if (str_eq(post->source, source) && str_eq(post->id, id))
            return true;
    }
    return false;
}

/* An element of a list that is about the person: it goes as a whole. */
static bool is_about(const struct erasing *e, const struct json *item)
{
    Str text;

    if (json_str(item, &text))
        return erase_is_person(e->person, text);
    if (json_type(item) != JSON_OBJECT)
        return false;
    for (size_t i = 0; i < json_len(item); i++)
        if (json_str(json_at(item, i), &text) && erase_is_person(e->person, text))
            return true;
    return is_erased_post(e, item);
}

static void scrub(struct erasing *e, struct json_writer *w, const struct json *value,
                  struct buf *scratch, bool *any)
{
    Str text;
    bool changed = false;

    if (json_str(value, &text)) {
        buf_reset(scratch);
        erase_from_text(e->person, text, scratch, &changed);
        *any |= changed;
        json_put_str(w, buf_str(scratch));
        return;
    }
    if (json_type(value) == JSON_ARRAY) {
        json_begin_array(w);
        for (size_t i = 0; i < json_len(value); i++) {
            bool goes = is_about(e, json_at(value, i));
            *any |= goes;
            if (!goes)
                scrub(e, w, json_at(value, i), scratch, any);
        }
        json_end_array(w);
    } else if (json_type(value) == JSON_OBJECT) {
        json_begin_object(w);
        for (size_t i = 0; i < json_len(value); i++) {
            json_key(w, value->keys[i]);
            scrub(e, w, json_at(value, i), scratch, any);
        }
        json_end_object(w);
    } else {
        json_put_tree(w, value);
    }
}

/* *any false: nothing of the person is in it. */
static bool scrub_json(struct erasing *e, Str text, Str *out, bool *any)
{
    const struct json *root;
    struct json_writer w;
    struct buf bytes, scratch;
    bool ok;

    *any = false;
    *out = text;
    if (text.len == 0)
        return true;
    if (!json_parse(e->arena, text, &root, e->err))
        return err_wrap(e->err, "a stored list cannot be read");
    buf_init(&bytes, 64 * MIB);
    buf_init(&scratch, 64 * MIB);
    json_writer_init(&w, &bytes, JSON_STYLE_COMPACT);
    scrub(e, &w, root, &scratch, any);
    ok = buf_ok(&bytes, e->err) && buf_ok(&scratch, e->err) &&
         (arena_try_str(e->arena, buf_str(&bytes), out) || err_arena(e->err, e->arena));
    buf_deinit(&bytes);
    buf_deinit(&scratch);
    return ok;
}

/* ---- rows of state.db ------------------------------------------------------------------------ */

struct row {
    int64_t id, second;
    Str texts[3];
};
struct rows {
    VEC(struct row);
};

/* Columns: id, second, then up to three texts. */
static bool rows_read(struct erasing *e, struct stmt *stmt, size_t texts, struct rows *rows)
{
    bool has_row = true, ok;

    while ((ok = stmt_step(stmt, &has_row, e->err)) && has_row) {
        struct row row = {stmt_i64(stmt, 0), stmt_i64(stmt, 1), {STR_NONE}};
        for (size_t i = 0; ok && i < texts; i++)
            ok = stmt_copy_str(stmt, (int)i + 2, e->arena, &row.texts[i], e->err);
        ok = ok && (vec_try_push(rows, row) ||
                    err_set(e->err, ERR_NO_MEMORY, "no memory for what is to be erased"));
        if (!ok) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

static bool clean_text(struct erasing *e, Str *text, bool *any)
{
    struct buf out;
    bool changed;

    buf_init(&out, 64 * MIB);
    erase_from_text(e->person, *text, &out, &changed);
    bool ok = buf_ok(&out, e->err);
    if (ok && changed) {
        *any = true;
        ok = arena_try_str(e->arena, buf_str(&out), text) || err_arena(e->err, e->arena);
    }
    buf_deinit(&out);
    return ok;
}

static bool run_row(struct erasing *e, struct stmt *stmt, const struct row *row, size_t texts)
{
    stmt_bind_i64(stmt, 1, row->id);
    stmt_bind_i64(stmt, 2, row->second);
    for (size_t i = 0; i < texts; i++)
        stmt_bind_str(stmt, (int)i + 3, row->texts[i].len > 0 ? row->texts[i] : S(""));
    return stmt_run(stmt, e->err);
}

static bool erase_evidence_texts(struct erasing *e)
{
    struct rows rows = {0};
    struct stmt *stmt;
    bool ok = db_query(e->state, "SELECT evidence_id, ordinal, text, url, why FROM evidence_item",
                       &stmt, e->err) &&
              rows_read(e, stmt, 3, &rows);

    for (size_t i = 0; ok && i < rows.count; i++) {
        bool any = false;
        struct row *row = &rows.items[i];
        for (size_t t = 0; ok && t < 3; t++)
            ok = clean_text(e, &row->texts[t], &any);
        if (!ok || !any)
            continue;
        ok = db_query(e->state,
                      "UPDATE evidence_item SET text = ?3, url = ?4, why = ?5,"
                      " why_kept = CASE WHEN why = ?5 THEN why_kept ELSE '' END"
                      " WHERE evidence_id = ?1 AND ordinal = ?2",
                      &stmt, e->err) &&
             run_row(e, stmt, row, 3);
        e->report->evidence++;
    }
    vec_deinit(&rows);
    return ok;
}

/* Snapshots of their posts become empty places; what others' snapshots say of them is replaced. */
static bool erase_evidence(struct erasing *e)
{
    const struct erase_person *p = e->person;
    int64_t count;

    vec_each (struct archive_erased_post, post, &e->report->archive.posts) {
        if (!evidence_erase_post(e->state, post->source, post->id, e->now_ms, &count, e->err))
            return false;
        e->report->evidence += count;
    }
    for (size_t i = 0; i < p->id_count + p->handle_count + p->name_count; i++) {
        Str name = i < p->id_count ? p->ids[i]
                   : i < p->id_count + p->handle_count
                       ? p->handles[i - p->id_count]
                       : p->names[i - p->id_count - p->handle_count];
        struct stmt *stmt;
        if (!db_query(e->state,
                      "UPDATE evidence_item SET author = '', text = '', url = '', erased_at_ms = ?2"
                      " WHERE author = ?1 COLLATE NOCASE AND author <> '' AND kind = 'post'"
                      " AND (?3 = '' OR source = ?3)",
                      &stmt, e->err))
            return false;
        stmt_bind_str(stmt, 1, name);
        stmt_bind_i64(stmt, 2, e->now_ms);
        stmt_bind_str(stmt, 3,
                      e->report->archive.source.len > 0 ? e->report->archive.source : S(""));
        if (!stmt_run(stmt, e->err))
            return false;
        e->report->evidence += db_changes(e->state);
    }
    return erase_evidence_texts(e);
}

static bool erase_spikes(struct erasing *e)
{
    struct rows rows = {0};
    struct stmt *stmt;
    bool ok = db_query(e->state, "SELECT id, 0, explanation FROM spike", &stmt, e->err) &&
              rows_read(e, stmt, 1, &rows);

    for (size_t i = 0; ok && i < rows.count; i++) {
        struct row *row = &rows.items[i];
        bool any;
        ok = scrub_json(e, row->texts[0], &row->texts[0], &any);
        if (!ok || !any)
            continue;
        ok = db_query(e->state, "UPDATE spike SET explanation = ?3 WHERE id = ?1 AND ?2 = 0", &stmt,
                      e->err) &&
             run_row(e, stmt, row, 1);
        e->report->spikes++;
    }
    vec_deinit(&rows);
    return ok;
}

static bool erase_alerts(struct erasing *e)
{
    struct rows rows = {0};
    struct stmt *stmt;
    bool ok = db_query(e->state, "SELECT id, 0, explanation, coalesce(note, '') FROM alert", &stmt,
                       e->err) &&
              rows_read(e, stmt, 2, &rows);

    for (size_t i = 0; ok && i < rows.count; i++) {
        struct row *row = &rows.items[i];
        bool any, note = false;
        ok = scrub_json(e, row->texts[0], &row->texts[0], &any) &&
             clean_text(e, &row->texts[1], &note);
        if (!ok || (!any && !note))
            continue;
        ok = db_query(e->state,
                      "UPDATE alert SET explanation = ?3, note = nullif(?4, '')"
                      " WHERE id = ?1 AND ?2 = 0",
                      &stmt, e->err) &&
             run_row(e, stmt, row, 2);
        e->report->alerts++;
    }
    vec_deinit(&rows);
    return ok;
}

static bool erase_trend_texts(struct erasing *e)
{
    struct rows rows = {0};
    struct stmt *stmt;
    bool ok = db_query(e->state, "SELECT id, 0, terms FROM trend", &stmt, e->err) &&
              rows_read(e, stmt, 1, &rows);

    for (size_t i = 0; ok && i < rows.count; i++) {
        bool any;
        ok = scrub_json(e, rows.items[i].texts[0], &rows.items[i].texts[0], &any);
        if (!ok || !any)
            continue;
        ok = db_query(e->state, "UPDATE trend SET terms = ?3 WHERE id = ?1 AND ?2 = 0", &stmt,
                      e->err) &&
             run_row(e, stmt, &rows.items[i], 1);
        e->report->trends++;
    }
    vec_deinit(&rows);
    return ok;
}

/* Example posts of others that name the person go: a trend has others. */
static bool erase_trend_posts(struct erasing *e)
{
    struct rows rows = {0};
    struct stmt *stmt;
    bool ok = db_query(e->state,
                       "SELECT rowid_of, 0, source, post_id, author || ' ' || text || ' ' || url"
                       " FROM (SELECT trend AS rowid_of, * FROM trend_post)",
                       &stmt, e->err) &&
              rows_read(e, stmt, 3, &rows);

    for (size_t i = 0; ok && i < rows.count; i++) {
        const struct row *row = &rows.items[i];
        if (!erase_names_person(e->person, row->texts[2]))
            continue;
        ok = db_query(e->state,
                      "DELETE FROM trend_post WHERE trend = ?1 AND ?2 = 0 AND source = ?3"
                      " AND post_id = ?4",
                      &stmt, e->err) &&
             run_row(e, stmt, row, 2);
        e->report->trends++;
    }
    vec_deinit(&rows);
    return ok;
}

/* A rejected row is kept as it came: one that names the person goes, its reason stays. */
static bool erase_rejects(struct erasing *e)
{
    struct stmt *stmt, *clear;
    bool has_row = true, ok;
    struct {
        VEC(int64_t);
    } keys = {0};

    if (!db_query(e->state, "SELECT import, input, line, item, raw, reason FROM import_reject",
                  &stmt, e->err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, e->err)) && has_row)
        if (erase_names_person(e->person, stmt_blob(stmt, 4)) ||
            erase_names_person(e->person, stmt_str(stmt, 5)))
            for (int i = 0; i < 4; i++)
                vec_push(&keys, stmt_i64(stmt, i));
    for (size_t i = 0; ok && i < keys.count; i += 4) {
        ok = db_query(
            e->state,
            "UPDATE import_reject SET raw = NULL, is_retryable = 0, reason = 'erased',"
            " reason_kept = '' WHERE import = ?1 AND input = ?2 AND line = ?3 AND item = ?4",
            &clear, e->err);
        for (int k = 0; ok && k < 4; k++)
            stmt_bind_i64(clear, k + 1, keys.items[i + (size_t)k]);
        ok = ok && stmt_run(clear, e->err);
    }
    e->report->rejects += (int64_t)keys.count / 4;
    vec_deinit(&keys);
    return ok;
}

static bool count_waiting(struct erasing *e)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(e->state, "SELECT body FROM hook_delivery WHERE body IS NOT NULL", &stmt, e->err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, e->err)) && has_row)
        e->report->waiting += erase_names_person(e->person, stmt_blob(stmt, 0)) ? 1 : 0;
    return ok;
}

static bool erase_labels(struct erasing *e)
{
    const struct archive_erasure *a = &e->report->archive;
    int64_t count;

    for (size_t i = 0; i < a->hash_count; i++) {
        if (!label_erase_author(e->state, a->hashes[i], &count, e->err))
            return false;
        e->report->labels += count;
    }
    return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool list_files(struct erasing *e, Str dir, struct arena *scratch, int depth)
{
    struct dir_entry *entries;
    size_t count = 0;

    if (depth > 8 || !dir_exists(dir))
        return true;
    if (!dir_list(scratch, dir, &entries, &count, e->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Str path = path_join(scratch, dir, entries[i].name), bytes = STR_NONE;
        struct err unread = {0};
        struct arena one;
        if (entries[i].is_dir) {
            if (!list_files(e, path, scratch, depth + 1))
                return false;
            continue;
        }
        arena_init(&one, FILE_LOOK_BYTES_MAX + MIB);
        bool is_read = file_read_all(&one, path, FILE_LOOK_BYTES_MAX, &bytes, &unread);
        bool names = !is_read || erase_names_person(e->person, bytes);
        arena_deinit(&one);
        if (!names)
            continue;
        if (e->report->file_count < ERASE_FILES_MAX)
            e->report->files[e->report->file_count++] = arena_str(e->arena, path);
        else
            e->report->files_more++;
    }
    return true;
}

/* The files of rejected rows hold them as they came: lines that name the person go. */
static bool clean_lines(struct erasing *e, Str path, struct arena *scratch)
{
    Str bytes, rest, line;
    struct buf kept;
    int64_t gone = 0;

    if (!file_read_all(scratch, path, FILE_LOOK_BYTES_MAX, &bytes, e->err))
        return false;
    buf_init(&kept, FILE_LOOK_BYTES_MAX + MIB);
    for (rest = bytes; rest.len > 0;) {
        bool is_ended = str_cut(rest, '\n', &line, &rest);
        if (erase_names_person(e->person, line)) {
            gone++;
            continue;
        }
        buf_add(&kept, line);
        if (is_ended)
            buf_add_byte(&kept, '\n');
    }
    bool ok =
        buf_ok(&kept, e->err) && (gone == 0 || file_write_atomic(path, buf_str(&kept), e->err));
    e->report->rejects += gone;
    buf_deinit(&kept);
    return ok;
}

static bool clean_reject_files(struct erasing *e)
{
    struct dir_entry *entries = NULL;
    struct arena names, scratch;
    size_t count = 0;
    bool ok = true;

    arena_init(&names, 64 * MIB);
    arena_init(&scratch, FILE_LOOK_BYTES_MAX + MIB);
    Str dir = path_join(&names, e->workspace->dir, S("rejects"));
    if (dir_exists(dir))
        ok = dir_list(&names, dir, &entries, &count, e->err);
    for (size_t i = 0; ok && i < count; i++) {
        arena_reset(&scratch);
        if (!entries[i].is_dir)
            ok = clean_lines(e, path_join(&names, dir, entries[i].name), &scratch);
    }
    arena_deinit(&scratch);
    arena_deinit(&names);
    return ok;
}

static bool look_into_files(struct erasing *e)
{
    struct arena scratch;

    e->report->files = arena_new(e->arena, Str, ERASE_FILES_MAX);
    arena_init(&scratch, 256 * MIB);
    bool ok = list_files(e, e->workspace->files_dir, &scratch, 0) &&
              list_files(e, path_join(&scratch, e->workspace->dir, S("inbox")), &scratch, 0);
    arena_deinit(&scratch);
    return ok;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* How much went where, under a number; not who. */
static bool note_in_ledger(struct erasing *e, Str actor, Str reason)
{
    const struct erase_report *r = e->report;
    struct json_writer w;
    struct buf after;

    buf_init(&after, 64 * KIB);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "posts", r->archive.erased);
    json_set_i64(&w, "posts_of_others", r->archive.others);
    json_set_i64(&w, "earlier_texts", r->archive.edits);
    json_set_i64(&w, "months", r->archive.segments);
    json_set_i64(&w, "evidence", r->evidence);
    json_set_i64(&w, "spikes", r->spikes);
    json_set_i64(&w, "alerts", r->alerts);
    json_set_i64(&w, "trends", r->trends);
    json_set_i64(&w, "labels", r->labels);
    json_set_i64(&w, "rejected_rows", r->rejects);
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = e->now_ms,
                                 .actor = actor,
                                 .action = S("author.erase"),
                                 .object_kind = S("author"),
                                 .reason = reason,
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, e->err) && ledger_append(e->state, &entry, e->err);
    buf_deinit(&after);
    return ok;
}

static bool erase_state(struct erasing *e)
{
    if (!db_begin(e->state, e->err))
        return false;
    bool ok = erase_evidence(e) && erase_spikes(e) && erase_alerts(e) && erase_trend_texts(e) &&
              erase_trend_posts(e) && erase_rejects(e) && erase_labels(e) && count_waiting(e);
    return db_end(e->state, ok, e->err);
}

static bool enter_ledger(struct erasing *e, Str actor, Str reason)
{
    if (!db_begin(e->state, e->err))
        return false;
    return db_end(e->state, note_in_ledger(e, actor, reason), e->err);
}

static bool forget_trends(struct erasing *e)
{
    const struct archive_erasure *a = &e->report->archive;

    for (size_t i = 0; i < a->hash_count; i++)
        if (!trend_watch_erase(e->workspace->dir, e->state, a->hashes[i], e->now_ms, e->err))
            return false;
    return true;
}

bool erase_look(struct workspace *workspace, struct arena *arena, Str who, Str source,
                struct erase_report *out, struct err *err)
{
    struct archive *archive = NULL;

    *out = (struct erase_report){.archive = {.who = who, .source = source}};
    bool ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err) &&
              archive_author_find(archive, arena, &out->archive, err);
    archive_close(&archive);
    ok = ok && erase_places_find(arena, workspace->state, &out->archive.person, &out->places,
                                 &out->place_count, err);
    if (ok && out->archive.posts.count == 0 && out->place_count == 0) {
        err_set(err, ERR_NOT_FOUND, "the archive has no post by '" STR_F "'%s" STR_F, STR_A(who),
                source.len > 0 ? " in " : "", STR_A(source));
        return err_hint(err, "give the id or the handle as the source writes it, without @");
    }
    return ok;
}

bool erase_author(const struct erase_job *job, struct arena *arena, struct erase_report *out,
                  struct err *err)
{
    struct workspace *w = job->workspace;
    struct erasing e = {w, w->state, arena, out, NULL, job->now_ms, err};
    bool is_log_empty = true;

    *out = (struct erase_report){.archive = {.who = job->who,
                                             .source = job->source,
                                             .progress = job->progress,
                                             .context = job->context}};
    if (job->reason.len == 0)
        return err_set(err, ERR_INPUT, "reason: is missing; the ledger keeps it") ||
               err_hint(err, "without the name of the person, as in 'request of 2026-11-20'");
    e.person = &out->archive.person;
    /* The archive last: killed in between, it still tells who that is. */
    bool ok = archive_author_find(job->archive, arena, &out->archive, err) && forget_trends(&e) &&
              erase_state(&e) && clean_reject_files(&e) &&
              archive_erase(job->archive, arena, &out->archive, err) &&
              enter_ledger(&e, job->actor, job->reason) &&
              archive_scrub_file(w->state, &is_log_empty, err) && look_into_files(&e) &&
              erase_places_find(arena, w->state, e.person, &out->places, &out->place_count, err);
    out->is_log_held = !is_log_empty;
    return ok || err_wrap(err, "could not erase an author");
}

void erase_report_deinit(struct erase_report *report)
{
    vec_deinit(&report->archive.posts);
}
