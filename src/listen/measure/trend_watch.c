#include "listen/measure/trend_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "listen/measure/trend_journal.h"
#include "os/file.h"

#define JOURNAL_FORM  UINT64_C(0x314c4e524a545454) /* "TTTJRNL1" */
#define STATE_FORM    UINT64_C(0x3145544154535454) /* "TTSTATE1" */
#define PENDING_BYTES (256 * MIB)                  /* of posts that are added before a flush */
#define PIECE_BYTES   (256 * KIB)                  /* of the state that are written at once */

struct trend_watch {
    Str dir, journal, state_path, fresh_path;
    struct arena memory;         /* of the paths */
    struct trend_finder *finder; /* NULL: not read, or given back */
    struct post_tokens tokens;
    bool has_tokens;
    uint64_t generation;
    int64_t series;
    uint64_t journal_bytes; /* as this owner left it */
    uint64_t fed_bytes;     /* of it, seen by the finder */
    int64_t written_ms;     /* of the state */
    bool is_known;          /* false: another owner may have written */
    struct buf pending;     /* records that are not in the journal yet */
    bool has_waiting;       /* records of an import among what was added */
    bool is_own;            /* the journal was begun by this owner: its end is whole */
    struct trend_watched watched;
};

bool trend_watch_open(struct trend_watch **out, Str dir, struct err *err)
{
    struct trend_watch *w = mem_try_alloc(1, sizeof *w);

    if (!w)
        return err_set(err, ERR_NO_MEMORY, "no memory for trends");
    arena_init(&w->memory, MIB);
    buf_init(&w->pending, PENDING_BYTES);
    w->dir = path_join(&w->memory, dir, S("trends"));
    w->journal = path_join(&w->memory, w->dir, S("journal"));
    w->state_path = path_join(&w->memory, w->dir, S("state"));
    w->fresh_path = path_join(&w->memory, w->dir, S("state.new"));
    *out = w;
    return true;
}

void trend_watch_release(struct trend_watch *w)
{
    trend_finder_destroy(&w->finder);
    if (w->has_tokens)
        post_tokens_deinit(&w->tokens);
    w->has_tokens = false;
}

void trend_watch_close(struct trend_watch **p)
{
    struct trend_watch *w = *p;

    if (!w)
        return;
    trend_watch_release(w);
    buf_deinit(&w->pending);
    arena_deinit(&w->memory);
    mem_free(w);
    *p = NULL;
}

/* ---- the state: head, finder, hash of all before it ------------------------------------------ */

struct state_writer {
    struct trend_watch *w;
    struct buf piece;
    uint64_t hash;
};

static bool piece_write(struct state_writer *s, struct err *err)
{
    if (s->piece.len == 0)
        return true;
    s->hash = hash_bytes(buf_str(&s->piece), s->hash);
    bool ok = buf_ok(&s->piece, err) && file_append(s->w->fresh_path, buf_str(&s->piece), err);
    buf_reset(&s->piece);
    return ok;
}

static bool state_write_bytes(void *context, Str bytes, struct err *err)
{
    struct state_writer *s = context;

    while (bytes.len > 0) {
        size_t room = PIECE_BYTES - s->piece.len;
        size_t len = bytes.len < room ? bytes.len : room;
        buf_add(&s->piece, str_sub(bytes, 0, len));
        bytes = str_sub(bytes, len, bytes.len);
        if (s->piece.len == PIECE_BYTES && !piece_write(s, err))
            return false;
    }
    return true;
}

static bool state_put(struct trend_watch *w, struct err *err)
{
    struct journal_head head = {STATE_FORM, w->generation + 1, w->series};
    struct state_writer s = {.w = w};
    struct byte_sink sink = {state_write_bytes, &s, err, false};

    buf_init(&s.piece, PIECE_BYTES + 1);
    byte_put(&sink, &head, sizeof head);
    bool ok = !sink.is_failed && trend_finder_save(w->finder, &sink) && piece_write(&s, err);
    if (ok) {
        buf_add(&s.piece, (Str){(const char *)&s.hash, sizeof s.hash});
        ok = buf_ok(&s.piece, err) && file_append(w->fresh_path, buf_str(&s.piece), err);
    }
    buf_deinit(&s.piece);
    return ok && file_sync(w->fresh_path, err) && file_rename(w->fresh_path, w->state_path, err);
}

/* The new state stands for the journal, which names the generation before and is no longer read. */
static bool state_write(struct trend_watch *w, int64_t now_ms, struct err *err)
{
    if (!dir_ensure(w->dir, err) || !file_remove(w->fresh_path, err) || !state_put(w, err))
        return err_wrap(err, "could not write down the trends");
    w->generation++;
    w->written_ms = now_ms;
    w->journal_bytes = w->fed_bytes = 0;
    return file_remove(w->journal, err);
}

/* Hashes as the writer did: in pieces, which the head and the finder do not end with. */
struct state_reader {
    struct os_reader *reader;
    struct buf piece; /* being hashed */
    uint64_t hash;
};

static void hash_add(struct state_reader *s, Str bytes)
{
    while (bytes.len > 0) {
        size_t room = PIECE_BYTES - s->piece.len;
        size_t len = bytes.len < room ? bytes.len : room;
        buf_add(&s->piece, str_sub(bytes, 0, len));
        bytes = str_sub(bytes, len, bytes.len);
        if (s->piece.len == PIECE_BYTES) {
            s->hash = hash_bytes(buf_str(&s->piece), s->hash);
            buf_reset(&s->piece);
        }
    }
}

static bool state_read_bytes(void *context, void *out, size_t size, struct err *err)
{
    struct state_reader *s = context;
    char *at = out;
    Str bytes;

    while (size > 0) {
        if (!os_reader_read(s->reader, size, &bytes, err))
            return false;
        if (bytes.len == 0)
            return err_set(err, ERR_CORRUPT, "the file of trends ends too early");
        memcpy(at, bytes.ptr, bytes.len);
        hash_add(s, bytes);
        at += bytes.len;
        size -= bytes.len;
    }
    return true;
}

static bool state_check_end(struct state_reader *s, struct err *err)
{
    uint64_t hash = 0;

    if (s->piece.len > 0)
        s->hash = hash_bytes(buf_str(&s->piece), s->hash);
    buf_reset(&s->piece);
    uint64_t expected = s->hash;
    return state_read_bytes(s, &hash, sizeof hash, err) &&
           (hash == expected || err_set(err, ERR_CORRUPT, "the file of trends is damaged"));
}

static bool state_get(struct trend_watch *w, struct err *err)
{
    struct journal_head head = {0};
    struct state_reader s = {0};
    struct byte_source source = {state_read_bytes, &s, err, false};

    if (!os_reader_open(&s.reader, w->state_path, err))
        return false;
    buf_init(&s.piece, PIECE_BYTES + 1);
    byte_get(&source, &head, sizeof head);
    if (!source.is_failed && head.form != STATE_FORM)
        source.is_failed = !err_set(err, ERR_CONFLICT, "the file of trends has another form");
    bool ok =
        !source.is_failed && trend_finder_load(w->finder, &source) && state_check_end(&s, err);
    if (ok) {
        w->generation = head.generation;
        w->series = head.series;
    }
    buf_deinit(&s.piece);
    os_reader_close(&s.reader);
    return ok;
}

/* ---- looking at posts ------------------------------------------------------------------------ */

struct look {
    struct trend_watch *w;
    struct trend_finder *finder;
    struct db *state;
    int64_t series, now_ms;
};

static bool look_store(const struct look *l, const struct trend_news *news, struct err *err)
{
    l->w->watched.told += news->count;
    return trend_store_put(l->state, l->series, news, l->now_ms, err);
}

static bool look_at_post(const struct look *l, const struct journal_record *record, struct err *err)
{
    struct trend_input input = {.post = &record->post,
                                .tokens = &l->w->tokens,
                                .queries = record->queries,
                                .query_count = record->query_count};
    struct trend_news news;

    if (!post_tokens_fill(&l->w->tokens, &record->post, err)) {
        bool is_post = err->code == ERR_INPUT || err->code == ERR_LIMIT;
        if (is_post)
            err_clear(err);
        return is_post;
    }
    if (!trend_finder_take(l->finder, &input, &news, err)) {
        if (err->code != ERR_INPUT)
            return false;
        err_clear(err);
        l->w->watched.late++;
        return true;
    }
    l->w->watched.posts++;
    return look_store(l, &news, err);
}

static bool look_at(const struct look *l, Str payload, struct err *err)
{
    struct journal_record record;
    struct trend_news news;

    if (!journal_read(payload, &record))
        return err_set(err, ERR_CORRUPT, "a record of the trends' journal cannot be read");
    switch (record.kind) {
    case JOURNAL_STREAM:
    case JOURNAL_IMPORT:
        return look_at_post(l, &record, err);
    case JOURNAL_CLOCK:
        return trend_finder_advance(l->finder, record.time_ms, &news, err) &&
               look_store(l, &news, err);
    case JOURNAL_DELETE:
        (void)trend_finder_forget(l->finder, record.post.source, record.post.id, 0);
        return trend_store_forget(l->state, record.post.source, record.post.id, 0, err);
    case JOURNAL_KIND_COUNT:
        break;
    }
    UNREACHABLE("kind of a record");
}

/* ---- posts of an import: by time ------------------------------------------------------------- */

struct waiting {
    int64_t time_ms;
    size_t from, len; /* payload in the portion */
};

/* Records of the journal that lie side by side and wait for one another. */
struct portion {
    struct buf bytes;
    struct {
        VEC(struct waiting);
    } posts, deletes;
    uint64_t number; /* within the journal: names the stream of what is too early */
};

static int waiting_cmp(const void *left, const void *right)
{
    const struct waiting *a = left, *b = right;

    if (a->time_ms != b->time_ms)
        return a->time_ms < b->time_ms ? -1 : 1;
    return a->from < b->from ? -1 : a->from > b->from;
}

static Str payload_of(const struct portion *p, const struct waiting *it)
{
    return str_sub(buf_str(&p->bytes), it->from, it->len);
}

static bool portion_look(const struct look *l, const struct portion *p, size_t from, size_t to,
                         struct err *err)
{
    for (size_t i = from; i < to; i++)
        if (!look_at(l, payload_of(p, &p->posts.items[i]), err))
            return false;
    return true;
}

/* Posts before the stream at hand, as a stream of their own. */
static bool look_at_past(const struct look *now, const struct portion *p, size_t count,
                         struct err *err)
{
    struct look past = *now;
    const struct trend *trends = NULL;
    struct trend_news news = {0};

    past.finder = NULL;
    past.series =
        (int64_t)(hash_combine(hash_u64((uint64_t)now->series, now->w->generation), p->number) >>
                  1);
    if (!trend_finder_create(&past.finder, NULL, err))
        return false;
    bool ok = portion_look(&past, p, 0, count, err) &&
              trend_finder_end(past.finder, &trends, &news.count, err);
    news.trends = trends;
    ok = ok && look_store(&past, &news, err);
    trend_finder_destroy(&past.finder);
    return ok;
}

static bool portion_end(const struct look *l, struct portion *p, struct err *err)
{
    int64_t slot_ms;
    size_t past = 0;
    bool ok = true;

    if (p->posts.count > 1)
        qsort(p->posts.items, p->posts.count, sizeof *p->posts.items, waiting_cmp);
    if (trend_finder_time(l->finder, &slot_ms))
        while (past < p->posts.count &&
               p->posts.items[past].time_ms < slot_ms - (TREND_SLOTS - 1) * TREND_SLOT_MS)
            past++;
    if (past > TREND_HISTORY_MIN)
        ok = look_at_past(l, p, past, err);
    else
        l->w->watched.late += past;
    ok = ok && portion_look(l, p, past, p->posts.count, err);
    vec_each (struct waiting, it, &p->deletes)
        ok = ok && look_at(l, payload_of(p, it), err);
    buf_reset(&p->bytes);
    vec_reset(&p->posts);
    vec_reset(&p->deletes);
    p->number++;
    return ok;
}

static bool portion_add(struct portion *p, enum journal_kind kind, int64_t time_ms, Str payload,
                        struct err *err)
{
    struct waiting it = {time_ms, p->bytes.len, payload.len};

    buf_add(&p->bytes, payload);
    return buf_ok(&p->bytes, err) && ((kind == JOURNAL_DELETE ? vec_try_push(&p->deletes, it)
                                                              : vec_try_push(&p->posts, it)) ||
                                      err_set(err, ERR_NO_MEMORY, "no memory for trends"));
}

static bool take_record(const struct look *l, struct portion *p, Str payload, struct err *err)
{
    int64_t time_ms;
    enum journal_kind kind = journal_peek(payload, &time_ms);
    bool waits = kind == JOURNAL_IMPORT || (kind == JOURNAL_DELETE && p->bytes.len > 0);

    if ((!waits || p->bytes.len + payload.len > TREND_PORTION_BYTES) && p->bytes.len > 0 &&
        !portion_end(l, p, err))
        return false;
    return waits ? portion_add(p, kind, time_ms, payload, err) : look_at(l, payload, err);
}

/* ---- the journal ----------------------------------------------------------------------------- */

/* Everything in the journal that the finder has not seen. A torn end is cut off: what stood there
 * was never looked at. */
struct journal_walk {
    struct os_reader *reader;
    struct buf bytes; /* read, not used up */
    uint64_t used;    /* of the file */
};

static bool walk_more(struct journal_walk *walk, bool *is_end, struct err *err)
{
    Str piece;

    if (!os_reader_read(walk->reader, MIB, &piece, err))
        return false;
    buf_add(&walk->bytes, piece);
    *is_end = piece.len == 0;
    return buf_ok(&walk->bytes, err);
}

static bool walk_records(struct trend_watch *w, const struct look *l, struct portion *p,
                         struct journal_walk *walk, struct err *err)
{
    bool is_end = false;
    size_t len, at = 0;
    Str payload;

    while (true) {
        Str rest = str_sub(buf_str(&walk->bytes), at, walk->bytes.len);
        if (!journal_next(rest, &payload, &len)) {
            buf_consume(&walk->bytes, at);
            at = 0;
            if (is_end)
                return true;
            if (!walk_more(walk, &is_end, err))
                return false;
            continue;
        }
        bool is_seen = walk->used < w->fed_bytes;
        at += len;
        walk->used += len;
        if (!is_seen && !take_record(l, p, payload, err))
            return false;
    }
}

static bool walk_head(struct trend_watch *w, struct journal_walk *walk, bool *is_ours,
                      struct err *err)
{
    struct journal_head head;
    bool is_end = false;

    while (walk->bytes.len < sizeof head && !is_end)
        if (!walk_more(walk, &is_end, err))
            return false;
    *is_ours = walk->bytes.len >= sizeof head;
    if (!*is_ours)
        return true;
    memcpy(&head, walk->bytes.ptr, sizeof head);
    buf_consume(&walk->bytes, sizeof head);
    walk->used = sizeof head;
    *is_ours = head.form == JOURNAL_FORM && head.generation == w->generation;
    if (*is_ours && w->series == 0)
        w->series = head.series;
    return true;
}

static bool journal_drain(struct trend_watch *w, struct db *state, int64_t now_ms, struct err *err)
{
    struct journal_walk walk = {0};
    struct portion p = {0};
    bool is_ours = false;
    uint64_t size = 0;

    if (!file_exists(w->journal))
        return true;
    if (!file_size(w->journal, &size, err) || !os_reader_open(&walk.reader, w->journal, err))
        return false;
    buf_init(&walk.bytes, 4 * MIB);
    buf_init(&p.bytes, TREND_PORTION_BYTES + MIB);
    bool ok = walk_head(w, &walk, &is_ours, err);
    struct look l = {w, w->finder, state, w->series, now_ms};
    ok = ok && (!is_ours || walk_records(w, &l, &p, &walk, err)) &&
         (p.bytes.len == 0 || portion_end(&l, &p, err));
    w->fed_bytes = walk.used;
    w->journal_bytes = size;
    os_reader_close(&walk.reader);
    buf_deinit(&walk.bytes);
    buf_deinit(&p.bytes);
    vec_deinit(&p.posts);
    vec_deinit(&p.deletes);
    /* Behind a torn end nothing may follow. */
    return ok && ((is_ours && walk.used == size) || state_write(w, now_ms, err));
}

static bool journal_append(struct trend_watch *w, int64_t now_ms, struct err *err)
{
    struct journal_head head = {JOURNAL_FORM, w->generation, w->series};

    if (!buf_ok(&w->pending, err))
        return false;
    if (w->pending.len == 0)
        return true;
    if (w->journal_bytes == 0) {
        if (w->series == 0)
            head.series = w->series = now_ms;
        if (!dir_ensure(w->dir, err) ||
            !file_append(w->journal, (Str){(const char *)&head, sizeof head}, err))
            return false;
        w->journal_bytes = w->fed_bytes = sizeof head;
        w->is_own = true;
    }
    if (!file_append(w->journal, buf_str(&w->pending), err))
        return err_wrap(err, "could not note posts for the trends");
    w->journal_bytes += w->pending.len;
    return true;
}

/* ---- taking up ------------------------------------------------------------------------------- */

static bool head_read(Str path, uint64_t form, struct journal_head *head, struct err *err)
{
    struct os_reader *reader = NULL;
    Str bytes = {0};

    *head = (struct journal_head){0};
    if (!file_exists(path))
        return true;
    if (!os_reader_open(&reader, path, err))
        return false;
    bool ok = os_reader_peek(reader, sizeof *head, &bytes, err);
    if (ok && bytes.len == sizeof *head)
        memcpy(head, bytes.ptr, sizeof *head);
    if (head->form != form)
        *head = (struct journal_head){0};
    os_reader_close(&reader);
    return ok;
}

/* What lies on the disk is what this owner left. */
static bool is_unchanged(const struct trend_watch *w)
{
    struct journal_head head;
    struct err ignored = {0};
    uint64_t size = 0;

    if (!head_read(w->state_path, STATE_FORM, &head, &ignored) ||
        (file_exists(w->journal) && !file_size(w->journal, &size, &ignored)))
        return false;
    return head.generation == w->generation && size == w->journal_bytes;
}

/* Generation and series of what lies there, without reading the finder: for appending. A journal
 * of another generation is in the state already. */
static bool look_up(struct trend_watch *w, struct err *err)
{
    struct journal_head state, journal;

    if (w->is_known)
        return true;
    if (w->finder && is_unchanged(w)) {
        w->is_known = true;
        return true;
    }
    trend_finder_destroy(&w->finder);
    w->journal_bytes = w->fed_bytes = 0;
    w->is_own = false;
    if (!head_read(w->state_path, STATE_FORM, &state, err) ||
        !head_read(w->journal, JOURNAL_FORM, &journal, err))
        return false;
    w->generation = state.generation;
    w->series = state.series != 0 ? state.series : journal.series;
    w->is_known = true;
    if (journal.form == 0 || journal.generation != state.generation)
        return file_remove(w->journal, err);
    return file_size(w->journal, &w->journal_bytes, err);
}

/* A state that cannot be read costs the history, not what came after it. */
static bool start_anew(struct trend_watch *w, int64_t now_ms, const struct err *why,
                       struct err *err)
{
    log_err(LOG_ERROR, "trends.state_lost", why);
    trend_finder_destroy(&w->finder);
    w->series = now_ms;
    return trend_finder_create(&w->finder, NULL, err);
}

static bool take_up(struct trend_watch *w, struct db *state, int64_t now_ms, struct err *err)
{
    struct err why = {0};

    if (!look_up(w, err))
        return false;
    if (w->finder)
        return true;
    w->written_ms = now_ms;
    if (!w->has_tokens && !post_tokens_init(&w->tokens, err))
        return false;
    w->has_tokens = true;
    w->fed_bytes = 0;
    if (!trend_finder_create(&w->finder, NULL, err))
        return false;
    if (file_exists(w->state_path) && !state_get(w, &why)) {
        if (why.code != ERR_CORRUPT && why.code != ERR_CONFLICT) {
            *err = why;
            trend_finder_destroy(&w->finder);
            return false;
        }
        if (!start_anew(w, now_ms, &why, err))
            return false;
    }
    if (w->series == 0)
        w->series = now_ms;
    if (journal_drain(w, state, now_ms, err))
        return true;
    trend_finder_destroy(&w->finder);
    return false;
}

/* ---- the owner's calls ----------------------------------------------------------------------- */

bool trend_watch_add(struct trend_watch *w, const struct archive_batch *batch, bool is_stream,
                     int64_t now_ms, struct err *err)
{
    enum journal_kind kind = is_stream ? JOURNAL_STREAM : JOURNAL_IMPORT;

    for (size_t i = 0; i < batch->count; i++) {
        const struct post *post = batch->items[i].post;
        bool is_delete = post->event == POST_DELETE;
        if (!is_delete && (!batch->is_added[i] || !post->has_created_at ||
                           post->created_at_ms > now_ms + TREND_AHEAD_MS))
            continue;
        journal_put_post(&w->pending, is_delete ? JOURNAL_DELETE : kind, &batch->items[i],
                         TREND_JOURNAL_TEXT);
    }
    w->has_waiting |= !is_stream && w->pending.len > 0;
    return buf_ok(&w->pending, err);
}

/* Records that were just appended, without reading them again. */
static bool look_at_pending(struct trend_watch *w, struct db *state, int64_t now_ms,
                            struct err *err)
{
    struct look l = {w, w->finder, state, w->series, now_ms};
    Str rest = buf_str(&w->pending), payload;
    size_t len;

    while (journal_next(rest, &payload, &len)) {
        if (!look_at(&l, payload, err))
            return false;
        rest = str_sub(rest, len, rest.len);
    }
    w->fed_bytes = w->journal_bytes;
    return true;
}

static bool flush(struct trend_watch *w, struct db *state, int64_t now_ms, struct err *err)
{
    if (!look_up(w, err))
        return false;
    bool is_stream = !w->has_waiting, is_left = !w->finder && w->journal_bytes > 0;
    /* What was left there is seen first, and a torn end of it is mended. */
    if (((is_stream || (is_left && !w->is_own)) && !take_up(w, state, now_ms, err)) ||
        !journal_append(w, now_ms, err))
        return false;
    return !is_stream || look_at_pending(w, state, now_ms, err);
}

bool trend_watch_flush(struct trend_watch *w, struct db *state, int64_t now_ms, struct err *err)
{
    if (w->pending.len == 0)
        return buf_ok(&w->pending, err);
    bool ok = flush(w, state, now_ms, err);
    buf_reset(&w->pending);
    if (!ok) {
        w->is_known = false; /* part of it may have been done: read again what lies there */
        trend_finder_destroy(&w->finder);
        return false;
    }
    return w->has_waiting || w->journal_bytes < TREND_JOURNAL_BYTES || state_write(w, now_ms, err);
}

bool trend_watch_finish(struct trend_watch *w, struct db *state, int64_t now_ms,
                        struct trend_watched *out, struct err *err)
{
    bool is_read = w->finder != NULL;
    bool ok = trend_watch_flush(w, state, now_ms, err) && look_up(w, err);
    is_read = is_read && w->finder;
    if (ok && w->journal_bytes > w->fed_bytes)
        ok = is_read ? journal_drain(w, state, now_ms, err) : take_up(w, state, now_ms, err);
    w->has_waiting = false;
    ok = ok && (!w->finder || w->journal_bytes == 0 || state_write(w, now_ms, err));
    if (!ok) {
        w->is_known = false;
        trend_finder_destroy(&w->finder);
    }
    *out = w->watched;
    w->watched = (struct trend_watched){0};
    return ok || err_wrap(err, "could not look for trends");
}

bool trend_watch_tick(struct trend_watch *w, struct db *state, int64_t now_ms, struct err *err)
{
    int64_t slot_ms;

    if (!w->finder || !w->is_known || !trend_finder_time(w->finder, &slot_ms) ||
        now_ms < slot_ms + TREND_SLOT_MS || now_ms > slot_ms + TREND_SLOTS * TREND_SLOT_MS)
        return true;
    journal_put_clock(&w->pending, now_ms);
    return trend_watch_flush(w, state, now_ms, err);
}

bool trend_watch_rest(struct trend_watch *w, int64_t now_ms, struct err *err)
{
    bool is_due = w->finder && w->journal_bytes > 0 && w->fed_bytes == w->journal_bytes &&
                  (w->journal_bytes > TREND_REST_BYTES || now_ms - w->written_ms > TREND_REST_MS ||
                   now_ms < w->written_ms);
    bool ok = !w->is_known || !is_due || state_write(w, now_ms, err);

    w->is_known = false;
    return ok;
}

bool trend_watch_erase(Str dir, struct db *state, uint64_t author_hash, int64_t now_ms,
                       struct err *err)
{
    struct trend_watch *w = NULL;

    if (!trend_watch_open(&w, dir, err))
        return false;
    bool ok = look_up(w, err) &&
              (w->generation == 0 && w->journal_bytes == 0 ? true : take_up(w, state, now_ms, err));
    if (ok && w->finder) {
        (void)trend_finder_forget(w->finder, STR_NONE, STR_NONE, author_hash);
        ok = state_write(w, now_ms, err);
    }
    ok = ok && trend_store_forget(state, STR_NONE, STR_NONE, author_hash, err);
    trend_watch_close(&w);
    return ok || err_wrap(err, "could not forget the author among the trends");
}
