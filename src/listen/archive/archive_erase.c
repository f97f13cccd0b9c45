/* Erasing one author: posts, history, mentions, what others' posts say of them, and the files. */
#include "base/limits.h"
#include "base/vec.h"
#include "listen/archive/archive_priv.h"
#include "listen/archive/erase_text.h"

/* ---- who it is ------------------------------------------------------------------------------- */

struct collect {
    struct archive_erasure *e;
    struct arena *arena;
    struct err *err;
};

static bool note(struct collect *c, Str *list, size_t *count, Str text)
{
    for (size_t i = 0; i < *count; i++)
        if (str_eq_nocase(list[i], text))
            return true;
    if (text.len == 0)
        return true;
    if (*count == ERASE_NAMES_MAX)
        return err_set(c->err, ERR_LIMIT, "an author has more than %d names", ERASE_NAMES_MAX);
    return arena_try_str(c->arena, text, &list[(*count)++]) || err_arena(c->err, c->arena);
}

static bool note_hash(struct collect *c, uint64_t hash)
{
    for (size_t i = 0; i < c->e->hash_count; i++)
        if (c->e->hashes[i] == hash)
            return true;
    if (c->e->hash_count == ERASE_NAMES_MAX)
        return err_set(c->err, ERR_LIMIT, "the author is %d authors of several sources",
                       ERASE_NAMES_MAX);
    c->e->hashes[c->e->hash_count++] = hash;
    return true;
}

static bool note_row(struct collect *c, struct stmt *stmt)
{
    struct erase_person *p = &c->e->person;

    return (stmt_is_null(stmt, 0) || note_hash(c, (uint64_t)stmt_i64(stmt, 0))) &&
           note(c, p->ids, &p->id_count, stmt_str(stmt, 1)) &&
           note(c, p->handles, &p->handle_count, stmt_str(stmt, 2)) &&
           note(c, p->names, &p->name_count, stmt_str(stmt, 3));
}

static bool collect_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct collect *c = context;
    struct stmt *stmt;
    bool has_row = true, ok;

    (void)a;
    if (!db_query(s->db,
                  "SELECT DISTINCT author, author_id, author_handle, author_name FROM post"
                  " JOIN source ON source.id = post.source"
                  " WHERE (author_id = ?1 OR author_handle = ?1 COLLATE NOCASE)"
                  " AND (?2 = '' OR source.name = ?2)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, c->e->who);
    stmt_bind_str(stmt, 2, c->e->source.len > 0 ? c->e->source : S(""));
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!note_row(c, stmt)) {
            stmt_reset(stmt);
            return false;
        }
    return ok;
}

/* ---- own posts ------------------------------------------------------------------------------- */

struct erased_posts {
    VEC(struct expired);
};

static bool own_posts(struct segment *s, uint64_t author, struct collect *c,
                      struct erased_posts *posts)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(s->db,
                  "SELECT post.id, identity, created_at_ms, queries, source.name, post_id FROM post"
                  " JOIN source ON source.id = post.source WHERE author = ?1 ORDER BY post.id",
                  &stmt, c->err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)author);
    while ((ok = stmt_step(stmt, &has_row, c->err)) && has_row) {
        struct expired post = {.id = stmt_i64(stmt, 0),
                               .identity = (uint64_t)stmt_i64(stmt, 1),
                               .hour = stmt_i64(stmt, 2) / HOUR_MS};
        ok = stmt_copy_str(stmt, 3, c->arena, &post.queries, c->err) &&
             stmt_copy_str(stmt, 4, c->arena, &post.source, c->err) &&
             stmt_copy_str(stmt, 5, c->arena, &post.post_id, c->err) &&
             (vec_try_push(posts, post) ||
              err_set(c->err, ERR_NO_MEMORY, "no memory for the posts of an author"));
        if (!ok) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

static bool erase_own(struct archive *a, struct segment *s, struct collect *c)
{
    struct erased_posts posts = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < c->e->hash_count; i++)
        ok = own_posts(s, c->e->hashes[i], c, &posts);
    for (size_t i = 0; ok && i < posts.count; i++)
        ok = change_erase(a, s, &posts.items[i], c->err);
    c->e->erased += ok ? (int64_t)posts.count : 0;
    vec_deinit(&posts);
    return ok;
}

/* ---- what others say ------------------------------------------------------------------------- */

enum {
    TEXT_COLUMNS = 9
}; /* title, body, url, links, mentions, extra, replied to, passed on, words */

struct changed_post {
    int64_t id;
    Str texts[TEXT_COLUMNS];
};
struct changed_posts {
    VEC(struct changed_post);
};

static bool change_texts(struct collect *c, struct stmt *stmt, struct changed_post *post, bool *any)
{
    struct buf out;
    bool changed = false, ok = true;

    *any = false;
    buf_init(&out, 64 * MIB);
    for (int i = 0; ok && i < TEXT_COLUMNS; i++) {
        Str text = stmt_str(stmt, i + 1);
        bool is_author = (i == 6 || i == 7) && erase_is_person(&c->e->person, text);
        post->texts[i] = STR_NONE;
        if (stmt_is_null(stmt, i + 1) || is_author) {
            *any |= is_author;
            continue;
        }
        buf_reset(&out);
        erase_from_text(&c->e->person, text, &out, &changed);
        *any |= changed;
        ok = buf_ok(&out, c->err) && (arena_try_str(c->arena, buf_str(&out), &post->texts[i]) ||
                                      err_arena(c->err, c->arena));
    }
    buf_deinit(&out);
    return ok;
}

/* Every post is looked at: erasing is rare, and an index might lead past something. */
static bool others_posts(struct segment *s, struct collect *c, struct changed_posts *posts)
{
    struct stmt *stmt;
    bool has_row = true, ok, any;

    if (!db_query(s->db,
                  "SELECT id, title, body, url, links, mentions, extra, reply_to_author,"
                  " repost_of_author, thread FROM post",
                  &stmt, c->err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, c->err)) && has_row) {
        struct changed_post post = {.id = stmt_i64(stmt, 0)};
        bool names = false;
        for (int i = 1; i <= TEXT_COLUMNS && !names; i++)
            names = erase_names_person(&c->e->person, stmt_str(stmt, i));
        if (!names)
            continue;
        ok = change_texts(c, stmt, &post, &any) &&
             (!any || vec_try_push(posts, post) ||
              err_set(c->err, ERR_NO_MEMORY, "no memory for posts that name an author"));
        if (!ok) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

static bool others_write(struct segment *s, const struct changed_post *post, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(s->db,
                  "UPDATE post SET title = ?2, body = ?3, url = ?4, links = ?5, mentions = ?6,"
                  " extra = ?7, reply_to_author = ?8, repost_of_author = ?9, thread = ?10"
                  " WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, post->id);
    for (int i = 0; i < TEXT_COLUMNS; i++) {
        Str text = i < 2 && !post->texts[i].ptr ? S("") : post->texts[i];
        stmt_bind_str_or_null(stmt, i + 2, text);
    }
    return stmt_run(stmt, err);
}

static bool erase_in_others(struct segment *s, struct collect *c)
{
    struct changed_posts posts = {0};
    bool ok = others_posts(s, c, &posts);

    for (size_t i = 0; ok && i < posts.count; i++)
        ok = others_write(s, &posts.items[i], c->err);
    c->e->others += (int64_t)posts.count;
    vec_deinit(&posts);
    return ok;
}

/* Earlier texts of others that name the person are not worth keeping changed: they go. */
static bool erase_in_history(struct segment *s, struct collect *c)
{
    struct stmt *stmt, *drop;
    bool has_row = true, ok;
    struct {
        VEC(int64_t);
    } keys = {0};

    if (!db_query(s->db, "SELECT identity, content, title, body FROM edit", &stmt, c->err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, c->err)) && has_row)
        if (erase_names_person(&c->e->person, stmt_str(stmt, 2)) ||
            erase_names_person(&c->e->person, stmt_str(stmt, 3))) {
            vec_push(&keys, stmt_i64(stmt, 0));
            vec_push(&keys, stmt_i64(stmt, 1));
        }
    for (size_t i = 0; ok && i < keys.count; i += 2) {
        ok =
            db_query(s->db, "DELETE FROM edit WHERE identity = ?1 AND content = ?2", &drop, c->err);
        if (!ok)
            break;
        stmt_bind_i64(drop, 1, keys.items[i]);
        stmt_bind_i64(drop, 2, keys.items[i + 1]);
        ok = stmt_run(drop, c->err);
    }
    c->e->edits += (int64_t)keys.count / 2;
    vec_deinit(&keys);
    return ok;
}

/* ---- files ----------------------------------------------------------------------------------- */

bool archive_scrub_file(struct db *db, bool *is_log_empty, struct err *err)
{
    struct stmt *stmt;
    bool has_row = false;

    /* Freed pages and the ends of pages still hold what was deleted: the file is written anew, and
     * the log, which holds older states of pages, is emptied. */
    if (!db_run(db, "VACUUM", err) ||
        !db_query(db, "PRAGMA wal_checkpoint(TRUNCATE)", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    *is_log_empty = has_row && stmt_i64(stmt, 0) == 0;
    stmt_reset(stmt);
    return true;
}

static bool erase_segment(struct archive *a, struct segment *s, struct collect *c)
{
    int64_t before = c->e->erased + c->e->others + c->e->edits;
    bool is_log_empty = true;

    if (!db_begin(s->db, c->err))
        return false;
    bool ok = change_begin(a, s, c->err) && erase_own(a, s, c) && erase_in_others(s, c) &&
              erase_in_history(s, c) && change_flush(a, s, c->err);
    if (!db_end(s->db, ok, c->err)) {
        segment_close(s);
        return false;
    }
    /* Also where nothing was found now: an erasure that was killed may have got this far. */
    c->e->segments += c->e->erased + c->e->others + c->e->edits != before ? 1 : 0;
    ok = word_index_purge(a, s, c->err) && archive_scrub_file(s->db, &is_log_empty, c->err);
    c->e->logs_held += is_log_empty ? 0 : 1;
    return ok;
}

bool archive_erase(struct archive *a, struct arena *arena, struct archive_erasure *e,
                   struct err *err)
{
    struct collect c = {e, arena, err};
    bool ok = archive_directory(a, err);

    ASSERT(a->mode == ARCHIVE_WRITE && e->who.len > 0);
    for (size_t i = 0; ok && i < a->segments.count; i++) {
        struct segment *s;
        ok = segment_use(a, (int)i, &s, err) && erase_segment(a, s, &c);
        if (ok && e->progress)
            e->progress(e->context, i + 1, a->segments.count);
    }
    return ok || err_wrap(err, "could not erase the author from the archive; call it again");
}

static bool list_segment(struct archive *a, struct segment *s, void *context, struct err *err)
{
    struct collect *c = context;
    struct erased_posts posts = {0};
    bool ok = true;

    (void)a;
    for (size_t i = 0; ok && i < c->e->hash_count; i++)
        ok = own_posts(s, c->e->hashes[i], c, &posts);
    for (size_t i = 0; ok && i < posts.count; i++)
        ok = vec_try_push(&c->e->posts, (struct archive_erased_post){posts.items[i].source,
                                                                     posts.items[i].post_id}) ||
             err_set(err, ERR_NO_MEMORY, "no memory for the posts of an author");
    vec_deinit(&posts);
    return ok;
}

bool archive_author_find(struct archive *a, struct arena *arena, struct archive_erasure *e,
                         struct err *err)
{
    struct collect c = {e, arena, err};

    return for_segments(a, INT64_MIN / 2, INT64_MAX / 2, collect_segment, &c, err) &&
           for_segments(a, INT64_MIN / 2, INT64_MAX / 2, list_segment, &c, err) &&
           /* What was asked for is looked for even where no post is left of it. */
           note(&c, e->person.handles, &e->person.handle_count, e->who);
}
