#include "listen/archive/archive.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "db/migration.h"
#include "format/time.h"
#include "listen/archive/archive_priv.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/file.h"

#define IDENTITY_SEED UINT64_C(0x7472696d74616201) /* fixed: identities are stored */
#define CONTENT_SEED  UINT64_C(0x7472696d74616202)
#define AUTHOR_SEED   UINT64_C(0x7472696d74616203)
#define SOURCES_MAX   10000 /* distinct sources of one archive: reject */

/* ---- identity -------------------------------------------------------------------------------- */

uint64_t post_identity(Str source, Str id)
{
    return hash_combine(hash_bytes(source, IDENTITY_SEED), hash_bytes(id, IDENTITY_SEED));
}

uint64_t post_author_hash(const struct post *post)
{
    const struct post_author *author = &post->author;
    Str who =
        author->id.len > 0 ? author->id : (author->handle.len > 0 ? author->handle : author->name);

    if (who.len == 0)
        return 0;
    uint64_t hash =
        hash_combine(hash_bytes(post->source, AUTHOR_SEED), hash_bytes(who, AUTHOR_SEED));
    return hash == 0 ? 1 : hash;
}

static uint64_t mix_text(uint64_t hash, Str text)
{
    return hash_combine(hash, hash_bytes(text, CONTENT_SEED));
}

static uint64_t mix_texts(uint64_t hash, const Str *texts, size_t count)
{
    hash = hash_combine(hash, hash_u64(count, CONTENT_SEED));
    for (size_t i = 0; i < count; i++)
        hash = mix_text(hash, texts[i]);
    return hash;
}

static uint64_t mix_number(uint64_t hash, int64_t number)
{
    return hash_combine(hash, hash_u64((uint64_t)number, CONTENT_SEED));
}

uint64_t post_content(const struct post *post)
{
    const Str texts[] = {post->kind,
                         post->author.id,
                         post->author.handle,
                         post->author.name,
                         post->lang,
                         post->title,
                         post->text,
                         post->url,
                         post->reply_to,
                         post->thread,
                         post->reply_to_author,
                         post->repost_of,
                         post->country,
                         post->dataset,
                         post->repost_of_author,
                         post->extra};
    const int64_t numbers[] = {post->event,
                               post->has_created_at ? post->created_at_ms : INT64_MIN,
                               post->author.followers,
                               post->author.verified,
                               post->metrics.likes,
                               post->metrics.replies,
                               post->metrics.reposts,
                               post->metrics.views};
    uint64_t hash = CONTENT_SEED, rating;

    hash = mix_texts(hash, texts, COUNT_OF(texts));
    hash = mix_texts(hash, post->links, post->link_count);
    hash = mix_texts(hash, post->mentions, post->mention_count);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        hash = mix_number(hash, numbers[i]);
    _Static_assert(sizeof rating == sizeof post->rating, "a double is 64 bits");
    memcpy(&rating, &post->rating, sizeof rating);
    return mix_number(hash, post->rating >= 0 ? (int64_t)rating : -1);
}

/* ---- months ---------------------------------------------------------------------------------- */

int32_t month_of_ms(int64_t ms)
{
    Civil civil = time_to_civil(ms);

    return civil.year * 12 + civil.month - 1;
}

int64_t month_start_ms(int32_t month)
{
    return time_days_from_civil(month / 12, (unsigned)(month % 12) + 1, 1) * TIME_DAY_MS;
}

/* ---- segments -------------------------------------------------------------------------------- */

static int segment_find(const struct archive *a, int32_t month)
{
    for (size_t i = a->segments.count; i > 0; i--)
        if (a->segments.items[i - 1].month == month)
            return (int)(i - 1);
    return DIRECTORY_NONE;
}

bool segment_at(struct archive *a, int32_t month, bool create, int *index, struct err *err)
{
    *index = segment_find(a, month);
    if (*index != DIRECTORY_NONE || !create)
        return true;
    if (a->segments.count >= ARCHIVE_SEGMENTS_MAX)
        return err_set(err, ERR_LIMIT, "the archive has %d monthly segments, the most it can",
                       ARCHIVE_SEGMENTS_MAX);
    if (!vec_try_push(&a->segments, (struct segment){.month = month}))
        return err_set(err, ERR_NO_MEMORY, "no memory for a segment of the archive");
    *index = (int)a->segments.count - 1;
    return true;
}

void segment_close(struct segment *s)
{
    db_close(&s->db);
    vec_deinit(&s->local_sources);
    vec_deinit(&s->source_of);
    s->query_set = s->maker = 0;
    s->is_warm = false;
}

/* The longest unused open segment (with `only_warm`, that keeps pages) once there are `max`. */
static struct segment *longest_unused(struct archive *a, bool only_warm, int max)
{
    struct segment *oldest = NULL;
    int count = 0;

    vec_each (struct segment, s, &a->segments) {
        if (!s->db || (only_warm && !s->is_warm))
            continue;
        count++;
        if (!db_is_writing(s->db) && (!oldest || s->used_at < oldest->used_at))
            oldest = s;
    }
    return count >= max ? oldest : NULL;
}

static void make_room(struct archive *a)
{
    struct segment *gone = longest_unused(a, false, a->open_max);

    if (gone)
        segment_close(gone);
}

static void warm(struct archive *a, struct segment *s)
{
    struct segment *cold = s->is_warm ? NULL : longest_unused(a, true, a->warm_max);

    if (cold) {
        db_release_memory(cold->db);
        cold->is_warm = false;
    }
    s->is_warm = true;
}

static bool segment_migrate(struct segment *s, struct err *err)
{
    struct stmt *stmt;

    if (!db_migrate(s->db, S("schema/posts/"), err) ||
        !db_query(s->db, "INSERT OR IGNORE INTO segment (only, text_version) VALUES (1, ?1)", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, ARCHIVE_TEXT_VERSION);
    return stmt_run(stmt, err);
}

static void source_enter(struct archive *a, struct segment *s, uint32_t index, int64_t id,
                         uint32_t facets)
{
    while (s->local_sources.count <= index)
        vec_push(&s->local_sources, (struct local_source){0});
    while (s->source_of.count <= (size_t)id)
        vec_push(&s->source_of, UINT32_MAX);
    s->local_sources.items[index] = (struct local_source){id, facets};
    s->source_of.items[id] = index;
    a->sources.items[index].facets |= facets;
}

static bool segment_sources(struct archive *a, struct segment *s, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(s->db, "SELECT id, name, facets FROM source ORDER BY id", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        uint32_t index, facets = (uint32_t)stmt_i64(stmt, 2);
        int64_t id = stmt_i64(stmt, 0);
        ok = (id >= 1 && id <= SOURCES_MAX) ||
             err_set(err, ERR_CORRUPT, "a segment has a source with the id %lld", (long long)id);
        if (!ok || !archive_source_index(a, stmt_str(stmt, 1), &index, err)) {
            stmt_reset(stmt);
            return false;
        }
        source_enter(a, s, index, id, facets);
    }
    s->has_sources = ok;
    return ok;
}

bool segment_source_of(struct archive *a, struct segment *s, int64_t id, uint32_t *index,
                       struct err *err)
{
    bool is_known = id >= 1 && (size_t)id < s->source_of.count;

    if ((!is_known || s->source_of.items[id] == UINT32_MAX) && !segment_sources(a, s, err))
        return false;
    if (id < 1 || (size_t)id >= s->source_of.count || s->source_of.items[id] == UINT32_MAX)
        return err_set(err, ERR_CORRUPT, "a post has the source %lld, which is not there",
                       (long long)id);
    *index = s->source_of.items[id];
    return true;
}

static Str segment_path(const struct archive *a, int32_t month, char path[FILE_PATH_BYTES_MAX])
{
    int len = snprintf(path, FILE_PATH_BYTES_MAX, STR_F "/%04d-%02d.db", STR_A(a->dir), month / 12,
                       month % 12 + 1);

    return (Str){path, (size_t)len};
}

/* A month that an earlier version wrote: a reader takes it over too, since the writer opens a month
 * only when it has something for it. */
static bool segment_take_over(struct segment *s, Str path, struct err *err)
{
    struct err behind = {0};
    struct segment writer = {.month = s->month};

    if (db_migrate(s->db, S("schema/posts/"), &behind))
        return true;
    if (behind.code != ERR_CONFLICT) {
        *err = behind;
        return false;
    }
    bool ok =
        db_open(&writer.db, path, DB_READ_WRITE | DB_BULK, err) && segment_migrate(&writer, err);
    db_close(&writer.db);
    return ok;
}

static bool segment_open(struct archive *a, struct segment *s, struct err *err)
{
    char path[FILE_PATH_BYTES_MAX];
    Str name = segment_path(a, s->month, path);
    unsigned flags = a->mode == ARCHIVE_WRITE ? DB_CREATE | DB_BULK : DB_READ_ONLY | DB_BULK;

    make_room(a);
    if (!db_open(&s->db, name, flags, err) ||
        !(a->mode == ARCHIVE_WRITE ? segment_migrate(s, err) : segment_take_over(s, name, err)) ||
        !segment_sources(a, s, err)) {
        segment_close(s);
        return err_wrap(err, "could not open the segment " STR_F, STR_A(name));
    }
    return true;
}

bool segment_use(struct archive *a, int index, struct segment **out, struct err *err)
{
    struct segment *s = &a->segments.items[index];

    ASSERT(index >= 0 && (size_t)index < a->segments.count);
    s->used_at = ++a->clock;
    if (!s->db && !segment_open(a, s, err))
        return false;
    warm(a, s);
    *out = s;
    return true;
}

/* ---- sources and query sets ------------------------------------------------------------------ */

bool archive_source_index(struct archive *a, Str name, uint32_t *index, struct err *err)
{
    struct archive_source source = {0};

    for (size_t i = 0; i < a->sources.count; i++) {
        if (str_eq(a->sources.items[i].name, name)) {
            *index = (uint32_t)i;
            return true;
        }
    }
    if (a->sources.count >= SOURCES_MAX)
        return err_set(err, ERR_LIMIT, "the archive has %d sources, the most it can", SOURCES_MAX);
    if (!arena_try_str(&a->memory, name, &source.name))
        return err_arena(err, &a->memory);
    vec_push(&a->sources, source);
    *index = (uint32_t)a->sources.count - 1;
    return true;
}

static bool source_insert(struct segment *s, Str name, uint32_t facets, int64_t *id,
                          struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(s->db,
                  "INSERT INTO source (name, facets) VALUES (?1, ?2)"
                  " ON CONFLICT (name) DO UPDATE SET facets = facets | excluded.facets"
                  " RETURNING id",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    stmt_bind_i64(stmt, 2, facets);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    ASSERT(has_row);
    *id = stmt_i64(stmt, 0);
    return stmt_run(stmt, err);
}

bool segment_source(struct archive *a, struct segment *s, Str name, uint32_t facets, int64_t *id,
                    struct err *err)
{
    uint32_t index;

    if (!archive_source_index(a, name, &index, err))
        return false;
    if (index < s->local_sources.count) {
        const struct local_source *local = &s->local_sources.items[index];
        facets |= local->facets;
        *id = local->id;
        if (local->id != 0 && local->facets == facets)
            return true;
    }
    if (!source_insert(s, name, facets, id, err))
        return false;
    source_enter(a, s, index, *id, facets);
    return true;
}

bool segment_query_set(struct segment *s, uint64_t hash, int64_t *id, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (s->query_set != 0 && s->query_set_hash == hash) {
        *id = s->query_set;
        return true;
    }
    if (!db_query(s->db,
                  "INSERT INTO query_set (hash) VALUES (?1)"
                  " ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING id",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, (int64_t)hash);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    ASSERT(has_row);
    *id = s->query_set = stmt_i64(stmt, 0);
    s->query_set_hash = hash;
    return stmt_run(stmt, err);
}

bool segment_maker(struct segment *s, Str name, int64_t *id, struct err *err)
{
    uint64_t hash = hash_bytes(name, 0);
    struct stmt *stmt;
    bool has_row;

    if (s->maker != 0 && s->maker_hash == hash) {
        *id = s->maker;
        return true;
    }
    if (!db_query(s->db,
                  "INSERT INTO maker (name) VALUES (?1)"
                  " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    ASSERT(has_row);
    *id = s->maker = stmt_i64(stmt, 0);
    s->maker_hash = hash;
    return stmt_run(stmt, err);
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool month_of_name(Str name, int32_t *month)
{
    int64_t year, number;

    if (name.len != 10 || !str_ends(name, S(".db")) || name.ptr[4] != '-' ||
        !str_to_i64(str_sub(name, 0, 4), &year) || !str_to_i64(str_sub(name, 5, 2), &number) ||
        year < 1900 || number < 1 || number > 12)
        return false;
    *month = (int32_t)(year * 12 + number - 1);
    return true;
}

static bool segments_list(struct archive *a, struct err *err)
{
    struct arena scratch;
    struct dir_entry *entries = NULL;
    size_t count = 0;
    bool ok;

    arena_init(&scratch, REQUEST_ARENA_BYTES_MAX);
    ok = dir_list(&scratch, a->dir, &entries, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        int32_t month;
        int index;
        if (!entries[i].is_dir && month_of_name(entries[i].name, &month))
            ok = segment_at(a, month, true, &index, err);
    }
    arena_deinit(&scratch);
    return ok;
}

static bool directory_load(struct archive *a, int index, struct err *err)
{
    struct segment *s;
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!segment_use(a, index, &s, err) ||
        !db_query(s->db, "SELECT id, hash, state FROM identity", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        int64_t state = stmt_i64(stmt, 2);
        struct place place = {index, state == IDENTITY_DELETED, stmt_i64(stmt, 0)};
        if (!directory_put(&a->directory, (uint64_t)stmt_i64(stmt, 1), place,
                           state == IDENTITY_MOVED, err)) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

bool archive_sources_load(struct archive *a, struct err *err)
{
    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s;
        if (!a->segments.items[i].has_sources && !segment_use(a, (int)i, &s, err))
            return err_wrap(err, "could not read the sources of the archive");
    }
    return true;
}

bool archive_directory(struct archive *a, struct err *err)
{
    if (a->has_directory)
        return true;
    for (size_t i = 0; i < a->segments.count; i++)
        if (!directory_load(a, (int)i, err))
            return false;
    a->has_directory = true;
    return true;
}

#define WANTED_PREFIX "writer.wanted."

/* The lock is an open write transaction on a file of its own: it goes with the process. The note
 * asks a writer that holds it for long, as the live one does, to let go for a moment. */
static bool writer_lock(struct archive *a, struct err *err)
{
    struct err ignored = {0};
    struct arena scratch;

    arena_init(&scratch, KIB * 64);
    Str note =
        path_join(&scratch, a->dir,
                  arena_printf(&scratch, WANTED_PREFIX "%llx", (unsigned long long)entropy_u64()));
    bool ok = dir_ensure(a->dir, err) &&
              db_open(&a->lock, path_join(&scratch, a->dir, S("writer.lock")), DB_CREATE, err);
    (void)!(ok && file_append(note, S("."), &ignored));
    ok = ok && db_begin(a->lock, err);
    (void)!file_remove(note, &ignored);
    arena_deinit(&scratch);
    return ok || err_wrap(err, "could not become the writer of the archive");
}

bool archive_is_wanted(Str posts_dir)
{
    struct err ignored = {0};
    struct arena scratch;
    struct dir_entry *entries;
    size_t count = 0;
    bool is_wanted = false;

    arena_init(&scratch, 4 * MIB);
    if (dir_list(&scratch, posts_dir, &entries, &count, &ignored))
        for (size_t i = 0; i < count && !is_wanted; i++)
            is_wanted = str_starts(entries[i].name, S(WANTED_PREFIX)) &&
                        clock_now_ms() - entries[i].changed_ms < ARCHIVE_WANTED_MS;
    arena_deinit(&scratch);
    return is_wanted;
}

bool archive_open(struct archive **out, Str posts_dir, enum archive_mode mode, struct err *err)
{
    struct archive *a = mem_try_alloc(1, sizeof *a);
    bool ok = true;

    if (!a)
        return err_set(err, ERR_NO_MEMORY, "no memory for the archive");
    a->mode = mode;
    a->open_max = mode == ARCHIVE_WRITE ? ARCHIVE_OPEN_WRITER_MAX : ARCHIVE_OPEN_READER_MAX;
    a->warm_max = ARCHIVE_WARM_SEGMENTS_MAX;
    arena_init(&a->memory, 64 * MIB);
    map_init(&a->delta_index, MAP_COPY_KEYS, 1);
    map_init(&a->replay_index, MAP_COPY_KEYS, 1);
    buf_init(&a->links, 4 * MIB);
    buf_init(&a->mentions, 4 * MIB);
    buf_init(&a->queries, 64 * MIB);
    ok = arena_try_str(&a->memory, posts_dir, &a->dir) || err_arena(err, &a->memory);
    ok = ok && (mode == ARCHIVE_READ || writer_lock(a, err));
    ok = ok && (!dir_exists(a->dir) || segments_list(a, err));
    if (!ok) {
        archive_close(&a);
        return false;
    }
    *out = a;
    return true;
}

void archive_close(struct archive **p)
{
    struct archive *a = *p;

    if (!a)
        return;
    word_index_close(a);
    vec_each (struct segment, s, &a->segments) {
        segment_close(s);
        word_runs_close(&s->runs);
        word_runs_close(&s->tail);
    }
    vec_deinit(&a->segments);
    vec_deinit(&a->sources);
    vec_deinit(&a->deltas);
    vec_deinit(&a->new_mentions);
    directory_deinit(&a->directory);
    map_deinit(&a->delta_index);
    map_deinit(&a->replay_index);
    vec_deinit(&a->replays);
    buf_deinit(&a->links);
    buf_deinit(&a->mentions);
    buf_deinit(&a->queries);
    json_bulk_destroy(&a->json);
    if (a->lock && db_is_writing(a->lock))
        db_rollback(a->lock);
    db_close(&a->lock);
    arena_deinit(&a->memory);
    mem_free(a);
    *p = NULL;
}

size_t archive_sources(const struct archive *a, const struct archive_source **out)
{
    *out = a->sources.items;
    return a->sources.count;
}
