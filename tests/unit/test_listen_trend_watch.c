/* Trends of a workspace: written down and taken up, killed, repeated, out of order, forgotten. */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/random.h"
#include "ledger/workspace.h"
#include "listen/measure/trend_watch.h"
#include "os/file.h"
#include "unit/scratch.h"
#include "unit/test.h"

enum { QUIET = 1600, EVENT = 10, POSTS = QUIET + 2 * EVENT + 40, BATCH = 50 };
#define MINUTE_MS INT64_C(60000)
#define NOW_MS    (INT64_C(40) * 86400000)

static struct scratch s;
static struct workspace *ws;
static struct arena arena;

static struct made {
    struct post post;
    struct archive_item item;
    char id[16], text[160];
} made[POSTS];
static int64_t query_ids[] = {7, 9};

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

static void begin(void)
{
    struct err err = {0};
    struct db *system = NULL;

    scratch_begin(&s);
    arena_init(&arena, 64 * MIB);
    Str data = scratch_path(&s, "data");
    must(system_db_open(&system, data, &err) &&
             workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err) &&
             workspace_open(&ws, data, S("acme"), &err),
         &err);
    db_close(&system);
}

static void end(void)
{
    workspace_close(&ws);
    arena_deinit(&arena);
    scratch_end(&s);
}

/* Days of rising words by a power law, and two events near the end, one of them copied. */
static void make_posts(int64_t from_ms)
{
    struct random r = {.seed = 5};

    for (int i = 0; i < POSTS; i++) {
        struct made *m = &made[i];
        int e = i - QUIET;
        bool is_fire = e >= 0 && e < 2 * EVENT && e % 2 == 0;
        bool is_strike = e >= 0 && e < 2 * EVENT && e % 2 == 1;
        snprintf(m->id, sizeof m->id, "p%d", i);
        int64_t minute = i < QUIET ? i * 3 : QUIET * 3 + (e < 2 * EVENT + 3 ? e / 8 : 15 + e);
        size_t len = 0;
        for (int w = 0; w < 6; w++)
            len += (size_t)snprintf(m->text + len, sizeof m->text - len, "w%d ",
                                    (int)random_below(&r, 1 + random_below(&r, 2000)));
        if (is_fire || is_strike)
            snprintf(m->text + len, sizeof m->text - len,
                     is_fire ? "harbour fire w%d" : "Streik der Piloten w%d", 3000 + i);
        m->post = (struct post){
            .id = str_from_cstr(m->id),
            .source = S("made"),
            .text = str_from_cstr(m->text),
            .author = {.handle = is_fire ? S("ann") : S("bob"), .followers = POST_UNKNOWN},
            .lang = is_strike ? S("de") : S("en"),
            .url = S("https://posts.example/1"),
            .created_at_ms = from_ms + minute * MINUTE_MS,
            .has_created_at = true};
        m->item = (struct archive_item){.post = &m->post,
                                        .queries = query_ids,
                                        .query_count = is_fire     ? 2
                                                       : is_strike ? 1
                                                                   : 0};
    }
    /* Three copies of the first post of the fire. */
    for (int i = 0; i < 3; i++)
        made[QUIET + 2 * EVENT + i].post.text = made[QUIET].post.text;
}

/* Adds the posts of the order as batches. */
static void add(struct trend_watch *w, const int *order, int from, int to, bool is_stream)
{
    struct archive_item items[BATCH];
    bool is_added[BATCH];
    struct err err = {0};

    for (int at = from; at < to; at += BATCH) {
        struct archive_batch batch = {.items = items, .is_added = is_added};
        for (int i = at; i < to && i < at + BATCH; i++) {
            items[batch.count] = made[order ? order[i] : i].item;
            is_added[batch.count++] = true;
        }
        must(trend_watch_add(w, &batch, is_stream, NOW_MS, &err) &&
                 trend_watch_flush(w, ws->state, NOW_MS, &err),
             &err);
    }
}

/* Everything the store knows, as one text: equal texts, equal boards. */
static Str board(void)
{
    struct trend_filter all = {0};
    struct stored_trend *trends;
    struct trend_point *points;
    struct trend_example *posts;
    struct trend_query *queries;
    struct err err = {0};
    size_t count, n;
    int64_t total;
    struct buf out;

    buf_init(&out, MIB);
    must(trend_store_list(&arena, ws->state, &all, &trends, &count, &total, &err), &err);
    CHECK_INT(total, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct stored_trend *t = &trends[i];
        buf_printf(&out, "%lld %lld %lld %.6f %lld %lld %lld:", (long long)t->began_ms,
                   (long long)t->risen_ms, (long long)t->last_ms, t->score, (long long)t->stories,
                   (long long)t->copies, (long long)t->tellings);
        for (size_t k = 0; k < t->term_count; k++)
            buf_printf(&out, STR_F "|", STR_A(t->terms[k]));
        for (size_t k = 0; k < t->language_count; k++)
            buf_printf(&out, " %s=%u", t->languages[k].code, t->languages[k].posts);
        must(trend_store_course(&arena, ws->state, t->id, &points, &n, &err), &err);
        for (size_t k = 0; k < n; k++)
            buf_printf(&out, " %lld:%lld", (long long)points[k].start_ms / 60000,
                       (long long)points[k].stories);
        must(trend_store_posts(&arena, ws->state, t->id, 50, &posts, &n, &err), &err);
        for (size_t k = 0; k < n; k++)
            buf_printf(&out, " " STR_F "," STR_F "," STR_F ",%u", STR_A(posts[k].id),
                       STR_A(posts[k].author), STR_A(posts[k].text), posts[k].copies);
        must(trend_store_queries(&arena, ws->state, t->id, &queries, &n, &err), &err);
        for (size_t k = 0; k < n; k++)
            buf_printf(&out, " q%lld=%u", (long long)queries[k].query, queries[k].posts);
        buf_lit(&out, "\n");
    }
    Str copy = arena_str(&arena, buf_str(&out));
    buf_deinit(&out);
    return copy;
}

static struct trend_watch *open_watch(void)
{
    struct trend_watch *w = NULL;
    struct err err = {0};

    must(trend_watch_open(&w, ws->dir, &err), &err);
    return w;
}

static struct trend_watched finish(struct trend_watch *w)
{
    struct trend_watched out;
    struct err err = {0};

    must(trend_watch_finish(w, ws->state, NOW_MS, &out, &err), &err);
    return out;
}

/* The board of an undisturbed stream; lives longer than the arena. */
static char undisturbed[64 * 1024];

static void keep_undisturbed(bool is_stream)
{
    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    add(w, NULL, 0, POSTS, is_stream);
    if (!is_stream)
        CHECK_INT(finish(w).posts, POSTS);
    trend_watch_close(&w);
    Str text = board();
    CHECK(text.len > 100 && text.len < sizeof undisturbed);
    memcpy(undisturbed, text.ptr, text.len);
    undisturbed[text.len] = '\0';
    end();
}

TEST(what_is_told_is_kept_with_its_course_posts_languages_and_queries)
{
    struct stored_trend *trends;
    struct trend_filter filter = {0};
    struct err err = {0};
    size_t count;
    int64_t total;

    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    add(w, NULL, 0, POSTS, true);
    must(trend_store_list(&arena, ws->state, &filter, &trends, &count, &total, &err), &err);
    CHECK_INT(count, 2);
    filter.lang = S("de");
    must(trend_store_list(&arena, ws->state, &filter, &trends, &count, &total, &err), &err);
    CHECK_INT(count, 1);
    CHECK_STR(trends[0].terms[0], "streik der piloten");
    CHECK_INT(trends[0].languages[0].posts, EVENT);
    filter = (struct trend_filter){.query = 9};
    must(trend_store_list(&arena, ws->state, &filter, &trends, &count, &total, &err), &err);
    CHECK_INT(count, 1);
    CHECK_STR(trends[0].terms[0], "harbour fire");
    CHECK_INT(trends[0].copies, 3);
    CHECK(trends[0].stories >= EVENT && trends[0].expected < 1);
    CHECK_INT(trends[0].told_ms % TREND_SLOT_MS, 0);
    filter = (struct trend_filter){.to_ms = trends[0].risen_ms - 1};
    must(trend_store_list(&arena, ws->state, &filter, &trends, &count, &total, &err), &err);
    CHECK_INT(count, 0);
    trend_watch_close(&w);
    end();
}

/* Killed without warning after any batch: what is read again tells the same. */
TEST(a_killed_stream_goes_on_as_if_nothing_had_happened)
{
    struct random r = {.seed = 2};
    struct err err = {0};

    keep_undisturbed(true);
    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    for (int at = 0; at < POSTS;) {
        int to = at + BATCH * (1 + (int)random_below(&r, 6));
        to = to < POSTS ? to : POSTS;
        add(w, NULL, at, to, true);
        at = to;
        if (random_below(&r, 2))
            must(trend_watch_rest(w, NOW_MS + at * TREND_REST_MS, &err), &err);
        trend_watch_close(&w);
        w = open_watch();
    }
    trend_watch_close(&w);
    CHECK_STR(board(), undisturbed);
    end();
}

/* An import killed before its end, its journal torn: the rest is looked at by the next one. */
TEST(a_torn_journal_loses_no_more_than_its_torn_record)
{
    struct err err = {0};

    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    add(w, NULL, 0, QUIET + EVENT, false);
    trend_watch_close(&w);
    Str path = path_join(&arena, ws->dir, S("trends/journal")), bytes;
    must(file_read_all(&arena, path, 64 * MIB, &bytes, &err) &&
             file_write_atomic(path, str_sub(bytes, 0, bytes.len - 7), &err),
         &err);
    w = open_watch();
    add(w, NULL, QUIET + EVENT, POSTS, false);
    CHECK_INT(finish(w).posts, POSTS - 1);
    trend_watch_close(&w);
    CHECK(str_find(board(), S("harbour fire")) < board().len);
    CHECK(!file_exists(path));
    end();
}

TEST(an_import_is_looked_at_in_the_order_of_time)
{
    int order[POSTS];

    keep_undisturbed(false);
    begin();
    make_posts(86400000);
    for (int i = 0; i < POSTS; i++)
        order[i] = POSTS - 1 - i;
    struct trend_watch *w = open_watch();
    add(w, order, 0, POSTS, false);
    struct trend_watched watched = finish(w);
    CHECK_INT(watched.posts, POSTS);
    CHECK_INT(watched.late, 0);
    CHECK_INT(watched.told, 2);
    trend_watch_close(&w);
    /* Posts of the same minute stand in another order: the same trends, other examples. */
    CHECK(str_find(board(), S("harbour fire")) < board().len);
    CHECK(str_find(board(), S("streik der piloten")) < board().len);
    end();
}

/* Last year's file after this year's: a stream of its own, told beside the other, once. */
TEST(the_past_is_a_stream_of_its_own)
{
    struct stored_trend *trends;
    struct trend_filter filter = {0};
    struct err err = {0};
    size_t count;
    int64_t total;

    begin();
    struct trend_watch *w = open_watch();
    make_posts(20 * INT64_C(86400000));
    add(w, NULL, 0, POSTS, false);
    CHECK_INT(finish(w).told, 2);
    make_posts(86400000);
    add(w, NULL, 0, POSTS, false);
    CHECK_INT(finish(w).told, 2);
    must(trend_store_list(&arena, ws->state, &filter, &trends, &count, &total, &err), &err);
    CHECK_INT(count, 4);
    add(w, NULL, 0, 20, false); /* too few to be a stream */
    CHECK_INT(finish(w).late, 20);
    trend_watch_close(&w);
    end();
}

TEST(deleted_posts_and_erased_authors_are_forgotten)
{
    struct err err = {0};
    bool is_added = false;

    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    add(w, NULL, 0, POSTS, true);
    CHECK(str_find(board(), S("p1600,ann")) < board().len);
    struct post gone = {.event = POST_DELETE, .source = S("made"), .id = S("p1600")};
    struct archive_item item = {.post = &gone};
    struct archive_batch batch = {.items = &item, .count = 1, .is_added = &is_added};
    must(trend_watch_add(w, &batch, true, NOW_MS, &err) &&
             trend_watch_flush(w, ws->state, NOW_MS, &err),
         &err);
    CHECK(str_find(board(), S("p1600,,,")) < board().len);
    CHECK(str_find(board(), S("p1602,ann,w")) < board().len);
    trend_watch_close(&w);
    uint64_t ann = post_author_hash(&made[QUIET].post);
    must(trend_watch_erase(ws->dir, ws->state, ann, NOW_MS, &err), &err);
    CHECK(str_find(board(), S(",ann,")) == board().len);
    CHECK(str_find(board(), S(",bob,")) < board().len);
    Str written;
    must(file_read_all(&arena, path_join(&arena, ws->dir, S("trends/state")), 64 * MIB, &written,
                       &err),
         &err);
    CHECK(str_find(written, S("ann")) == written.len);
    CHECK(str_find(written, S("bob")) < written.len);
    end();
}

/* A damaged state costs the history, never the posts that come. */
TEST(a_damaged_state_starts_anew)
{
    struct err err = {0};
    struct trend_watched watched;

    begin();
    make_posts(86400000);
    struct trend_watch *w = open_watch();
    add(w, NULL, 0, QUIET, false);
    (void)finish(w);
    trend_watch_close(&w);
    Str path = path_join(&arena, ws->dir, S("trends/state")), bytes;
    must(file_read_all(&arena, path, 64 * MIB, &bytes, &err), &err);
    for (size_t at = 30; at < bytes.len; at += bytes.len / 9) {
        char *copy = arena_try_alloc(&arena, 1, 1, bytes.len);
        memcpy(copy, bytes.ptr, bytes.len);
        copy[at] = (char)(copy[at] ^ 0x40);
        must(file_write_atomic(path, (Str){copy, at % 2 ? bytes.len : at}, &err), &err);
        w = open_watch();
        add(w, NULL, QUIET, POSTS, false);
        watched = finish(w);
        CHECK_INT(watched.posts + watched.late, POSTS - QUIET);
        trend_watch_close(&w);
    }
    end();
}

/* --- the finder itself --- */

static bool buf_write(void *context, Str bytes, struct err *err)
{
    buf_add(context, bytes);
    return buf_ok(context, err);
}

static bool str_read(void *context, void *out, size_t size, struct err *err)
{
    Str *rest = context;

    if (rest->len < size)
        return err_set(err, ERR_CORRUPT, "too short");
    memcpy(out, rest->ptr, size);
    *rest = str_sub(*rest, size, rest->len);
    return true;
}

static struct trend_finder *copy_of(const struct trend_finder *f, struct buf *bytes)
{
    const struct trend_settings small = {.table_terms = 1 << 14};
    struct trend_finder *copy = NULL;
    struct err err = {0};
    struct byte_sink sink = {buf_write, bytes, &err, false};

    buf_reset(bytes);
    must(trend_finder_save(f, &sink), &err);
    Str rest = buf_str(bytes);
    struct byte_source source = {str_read, &rest, &err, false};
    must(trend_finder_create(&copy, &small, &err) && trend_finder_load(copy, &source), &err);
    CHECK_INT(rest.len, 0);
    return copy;
}

TEST(a_finder_taken_up_again_is_written_down_the_same)
{
    const struct trend_settings small = {.table_terms = 1 << 14};
    struct trend_finder *f = NULL, *copy;
    struct post_tokens tokens = {0};
    struct err err = {0};
    struct buf first, second;

    begin();
    make_posts(86400000);
    buf_init(&first, 64 * MIB);
    buf_init(&second, 64 * MIB);
    must(trend_finder_create(&f, &small, &err) && post_tokens_init(&tokens, &err), &err);
    for (int i = 0; i < POSTS; i++) {
        struct trend_input input = {&made[i].post, &tokens, query_ids, made[i].item.query_count};
        struct trend_news news;
        must(post_tokens_fill(&tokens, &made[i].post, &err) &&
                 trend_finder_take(f, &input, &news, &err),
             &err);
        if (i % 331 != 0)
            continue;
        copy = copy_of(f, &first);
        trend_finder_destroy(&f);
        f = copy_of(copy, &second);
        trend_finder_destroy(&copy);
        CHECK(str_eq(buf_str(&first), buf_str(&second)));
    }
    /* Cut anywhere it is refused, never believed. */
    for (size_t len = 0; len < first.len; len += 1 + first.len / 97) {
        Str rest = str_sub(buf_str(&first), 0, len);
        struct byte_source source = {str_read, &rest, &err, false};
        must(trend_finder_create(&copy, &small, &err), &err);
        CHECK(!trend_finder_load(copy, &source));
        CHECK(err.code == ERR_CORRUPT || err.code == ERR_CONFLICT);
        err_clear(&err);
        trend_finder_destroy(&copy);
    }
    buf_deinit(&first);
    buf_deinit(&second);
    post_tokens_deinit(&tokens);
    trend_finder_destroy(&f);
    end();
}

int main(void)
{
    return RUN(
        CASE(what_is_told_is_kept_with_its_course_posts_languages_and_queries),
        CASE(a_killed_stream_goes_on_as_if_nothing_had_happened),
        CASE(a_torn_journal_loses_no_more_than_its_torn_record),
        CASE(an_import_is_looked_at_in_the_order_of_time), CASE(the_past_is_a_stream_of_its_own),
        CASE(deleted_posts_and_erased_authors_are_forgotten), CASE(a_damaged_state_starts_anew),
        CASE(a_finder_taken_up_again_is_written_down_the_same));
}
