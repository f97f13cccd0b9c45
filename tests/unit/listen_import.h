/* listen_import.h - for tests of the whole intake: a workspace of its own, a scripted stream with
 * edits, repetitions, deletions and moves, and a digest of everything an import leaves behind. */
#ifndef TESTS_UNIT_LISTEN_IMPORT_H
#define TESTS_UNIT_LISTEN_IMPORT_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/random.h"
#include "format/digest.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/archive/archive.h"
#include "listen/import.h"
#include "listen/measure/measure.h"
#include "listen/standing_query.h"
#include "os/file.h"

#define STREAM_NOW_MS INT64_C(1790000000000)

static inline uint32_t stream_pick(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % below);
}

/* Four months of posts; one in eight repeats, changes, moves or deletes an earlier one. */
static inline void stream_line(struct buf *out, uint64_t *state, uint32_t i)
{
    static const char *const words[] = {"late",  "train",  "battery", "phone", "great", "awful",
                                        "happy", "broken", "please",  "why",   "the",   "and",
                                        "spaet", "zug",    "gut",     "angry", "screen"};
    uint32_t kind = stream_pick(state, 8), id = i;
    int64_t at = INT64_C(1770000000000) + (int64_t)i * 300000 % (110 * TIME_DAY_MS);

    if (kind == 0 && i > 10)
        id = stream_pick(state, i); /* another version of an earlier post, maybe another month */
    if (stream_pick(state, 100) == 0 && i > 10) {
        buf_printf(out, "{\"id\":\"p%u\",\"source\":\"forum\",\"event\":\"delete\"}\n",
                   stream_pick(state, i));
        return;
    }
    if (stream_pick(state, 200) == 0) {
        buf_printf(out, "{\"id\":\"p%u\",\"text\":5}\n", i);
        return;
    }
    buf_printf(out,
               "{\"id\":\"p%u\",\"source\":\"%s\",\"author\":{\"handle\":\"u%u\",\"followers\":%u}",
               id, id % 3 ? "forum" : "micro", stream_pick(state, 500), stream_pick(state, 1000));
    if (stream_pick(state, 50) != 0)
        buf_printf(out, ",\"created_at\":%lld", (long long)at);
    buf_printf(out, ",\"metrics\":{\"likes\":%u},\"text\":\"", stream_pick(state, 20));
    for (uint32_t w = 0, n = 4 + stream_pick(state, 12); w < n; w++)
        buf_printf(out, "%s ", words[stream_pick(state, COUNT_OF(words))]);
    buf_lit(out, "\"}\n");
}

static inline bool stream_write(Str path, uint32_t posts, struct err *err)
{
    struct buf out;
    uint64_t state = 7;

    buf_init(&out, 4 * GIB);
    for (uint32_t i = 0; i < posts; i++)
        stream_line(&out, &state, i);
    bool ok = buf_ok(&out, err) && file_write_atomic(path, buf_str(&out), err);
    buf_deinit(&out);
    return ok;
}

static inline bool stream_workspace(Str data, struct err *err)
{
    static const char *const queries[][2] = {
        {"late", "late OR spaet"},
        {"phone", "phone AND (battery OR screen)"},
        {"angry", "\"why the\" OR (sentiment:negative AND train)"}};
    struct db *system = NULL;
    struct workspace *ws = NULL;
    bool ok = system_db_open(&system, data, err) &&
              workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, err) &&
              workspace_open(&ws, data, S("acme"), err);

    for (size_t i = 0; ok && i < COUNT_OF(queries); i++) {
        struct standing_query query = {.name = str_from_cstr(queries[i][0]),
                                       .text = str_from_cstr(queries[i][1])};
        ok = standing_query_create(ws->state, &query, S("ann"), 1, err);
    }
    workspace_close(&ws);
    db_close(&system);
    return ok;
}

static inline bool stream_import(Str data, Str file, unsigned workers, struct import_result *result,
                                 struct err *err)
{
    struct workspace *ws = NULL;

    if (!workspace_open(&ws, data, S("acme"), err))
        return false;
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = workers,
                             .now_ms = STREAM_NOW_MS,
                             .actor = S("ann")};
    bool ok = import_run(&job, result, err);
    workspace_close(&ws);
    return ok;
}

/* Adds every row of a table to the digest. */
static inline bool digest_rows(struct digest_state *digest, struct db *db, const char *sql,
                               int columns, uint64_t *rows, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    digest_add_framed(digest, str_from_cstr(sql));
    if (!db_query_(db, sql, strlen(sql), &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ++*rows;
        for (int i = 0; i < columns; i++)
            digest_add_framed(digest, stmt_str(stmt, i));
    }
    return ok;
}

/* Everything in one segment that must not depend on how the import went. */
static inline bool digest_segment(struct digest_state *digest, Str path, uint64_t *rows,
                                  struct err *err)
{
    static const struct {
        const char *sql;
        int columns;
    } tables[] = {
        {"SELECT hash, content, state, post, hour, source, query_set FROM identity ORDER BY hash",
         7},
        {"SELECT id, name, facets FROM source ORDER BY id", 3},
        {"SELECT hour, source, posts FROM total ORDER BY hour, source", 3},
        {"SELECT id, identity, post_id, created_at_ms, author, polarity, title, body, likes,"
         " lang_found FROM post ORDER BY id",
         10},
        {"SELECT identity, content, body FROM edit ORDER BY identity, content", 3},
        {"SELECT query, hour, post, author, flags, engagement FROM mention"
         " ORDER BY query, hour, post",
         6},
        {"SELECT query, hour, source, lang, mentions, positive, neutral, negative, replies,"
         " reposts, engagement FROM rollup ORDER BY query, hour, source, lang",
         11},
        {"SELECT query, hour FROM dirty", 2},
        {"SELECT import FROM applied", 1},
        {"SELECT next_post FROM word_state", 1},
    };
    struct db *db = NULL;
    bool ok = db_open(&db, path, DB_READ_WRITE, err) && db_check(db, err);

    for (size_t i = 0; ok && i < COUNT_OF(tables); i++)
        ok = digest_rows(digest, db, tables[i].sql, tables[i].columns, rows, err);
    db_close(&db);
    return ok;
}

static inline bool digest_archive(Str data, DigestHex *out, uint64_t *rows, struct err *err)
{
    struct digest_state digest;
    struct workspace *ws = NULL;
    struct dir_entry *entries;
    struct arena arena;
    size_t count = 0;

    digest_begin(&digest);
    arena_init(&arena, 16 * MIB);
    bool ok = workspace_open(&ws, data, S("acme"), err) &&
              dir_list(&arena, ws->posts_dir, &entries, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        if (!str_ends(entries[i].name, S(".db")))
            continue;
        digest_add_framed(&digest, entries[i].name);
        ok = digest_segment(&digest, path_join(&arena, ws->posts_dir, entries[i].name), rows, err);
    }
    ok = ok && digest_rows(&digest, ws->state,
                           "SELECT key, start_ms, value, n, coverage, p.version FROM signal"
                           " JOIN signal_point AS p ON p.signal_id = signal.id"
                           " ORDER BY key, start_ms",
                           6, rows, err);
    ok = ok && digest_rows(&digest, ws->state,
                           "SELECT input, line, reason, raw FROM import_reject"
                           " ORDER BY input, line",
                           4, rows, err);
    workspace_close(&ws);
    arena_deinit(&arena);
    *out = digest_hex(digest_end(&digest));
    return ok;
}

#endif
