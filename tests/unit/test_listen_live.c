#include "unit/test.h"

#include "listen/source/live.h"

#include <stdatomic.h>
#include <string.h>

#include "base/limits.h"
#include "db/db.h"
#include "listen/archive/archive.h"
#include "os/clock.h"
#include "os/thread.h"
#include "unit/scratch.h"

enum { PARCELS = 60, PARCEL_POSTS = 50, POSTS = PARCELS * PARCEL_POSTS };

/* Two sets: one asks for every post by one query, the other by two. */
struct stage {
    struct scratch scratch;
    struct workspace *workspace;
    struct query_set *sets[2];
    struct query_set_holder holder;
    atomic_bool is_over;
    unsigned swaps; /* the swapper's, until it is joined */
};

static void stage_begin(struct stage *s)
{
    static const struct query_set_item items[] = {{{"late", 4}, {"late", 4}},
                                                  {{"train", 5}, {"train", 5}}};
    static const int64_t numbers[] = {3, 7};
    struct db *system = NULL;
    struct err err = {0};

    *s = (struct stage){0};
    scratch_begin(&s->scratch);
    Str data = str_from_cstr(s->scratch.dir);
    CHECK(system_db_open(&system, data, &err));
    CHECK(workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err));
    CHECK(workspace_open(&s->workspace, data, S("acme"), &err));
    db_close(&system);
    for (size_t k = 0; k < 2; k++) {
        struct query_set_options options = {.numbers = numbers, .mark = 100 + k};
        CHECK(query_set_create(&s->sets[k], items, k + 1, &options, NULL, NULL, &err));
    }
    query_set_holder_init(&s->holder);
}

static void stage_end(struct stage *s)
{
    for (size_t k = 0; k < 2; k++)
        query_set_release(&s->sets[k]);
    query_set_holder_deinit(&s->holder);
    workspace_close(&s->workspace);
    scratch_end(&s->scratch);
}

static void swapper(void *context)
{
    struct stage *s = context;

    while (!atomic_load(&s->is_over)) {
        query_set_holder_swap(&s->holder, s->sets[++s->swaps % 2]);
        clock_sleep_ms(2);
    }
}

static void take_parcel(struct live *live, int number, struct live_counts *counts)
{
    struct buf lines;
    struct err err = {0};

    buf_init(&lines, MIB);
    for (int i = 0; i < PARCEL_POSTS; i++)
        buf_printf(&lines,
                   "{\"id\":\"p%d\",\"source\":\"forum\",\"created_at\":1790000000000,"
                   "\"text\":\"the train is late again\"}\n",
                   number * PARCEL_POSTS + i);
    struct live_parcel parcel = {.bytes = buf_str(&lines),
                                 .name = S("forum"),
                                 .format = DECODE_NATIVE,
                                 .now_ms = INT64_C(1790000000000)};
    CHECK(live_take(live, &parcel, counts, &err));
    buf_deinit(&lines);
}

static int64_t number_of(struct stage *s, const char *sql)
{
    struct db *db = NULL;
    struct stmt *stmt;
    struct err err = {0};
    bool has_row;

    CHECK(db_open(&db, path_join(&s->scratch.arena, s->workspace->posts_dir, S("2026-09.db")),
                  DB_READ_WRITE, &err));
    CHECK(db_query_(db, sql, strlen(sql), &stmt, &err));
    CHECK(stmt_step(stmt, &has_row, &err) && has_row);
    int64_t number = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    db_close(&db);
    return number;
}

TEST(live_needs_a_published_set)
{
    struct stage s;
    struct live *live = NULL;
    struct err err = {0};

    stage_begin(&s);
    CHECK(!live_open(&live, s.workspace, &s.holder, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    CHECK(live == NULL);
    stage_end(&s);
}

/* Every post is a mention of the first query once, and of the second exactly where the set that it
 * is said to be matched against has that query. */
static void check_stored(struct stage *s)
{
    CHECK_INT(number_of(s, "SELECT count(*) FROM post"), POSTS);
    CHECK_INT(number_of(s, "SELECT count(*) FROM mention WHERE query = 3"), POSTS);
    CHECK_INT(number_of(s, "SELECT sum(mentions) FROM rollup WHERE query = 3"), POSTS);
    CHECK_INT(number_of(s, "SELECT sum(posts) FROM total"), POSTS);
    CHECK_INT(number_of(s, "SELECT count(*) FROM identity JOIN query_set AS q ON q.id = query_set"
                           " JOIN post AS p ON p.id = identity.post"
                           " WHERE (q.hash = 101) <> (p.queries = '3,7')"),
              0);
    CHECK_INT(number_of(s, "SELECT count(*) FROM mention WHERE query = 7"),
              number_of(s, "SELECT count(*) FROM post WHERE queries = '3,7'"));
}

TEST(queries_are_swapped_while_posts_stream)
{
    struct stage s;
    struct live *live = NULL;
    struct thread thread = {0};
    struct live_counts counts;
    struct err err = {0};
    uint64_t added = 0, again = 0;

    stage_begin(&s);
    query_set_holder_swap(&s.holder, s.sets[0]);
    CHECK(live_open(&live, s.workspace, &s.holder, &err));
    CHECK(thread_create(&thread, "swap", swapper, &s, &err));
    for (int i = 0; i < PARCELS; i++) {
        take_parcel(live, i, &counts);
        added += counts.posts.added;
        take_parcel(live, i / 2, &counts); /* delivered again, perhaps under the other set */
        again += counts.posts.added;
    }
    atomic_store(&s.is_over, true);
    thread_join(&thread);
    CHECK_INT(added, POSTS);
    CHECK_INT(again, 0);
    CHECK(s.swaps > 2);
    check_stored(&s);
    int64_t by_second = number_of(&s, "SELECT count(*) FROM mention WHERE query = 7");
    CHECK(by_second > 0 && by_second < POSTS);
    live_close(&live);
    stage_end(&s);
}

/* A set that was swapped in holds for the very next parcel. */
TEST(a_swapped_set_holds_at_once)
{
    struct stage s;
    struct live *live = NULL;
    struct live_counts counts;
    struct err err = {0};

    stage_begin(&s);
    query_set_holder_swap(&s.holder, s.sets[0]);
    CHECK(live_open(&live, s.workspace, &s.holder, &err));
    take_parcel(live, 0, &counts);
    query_set_holder_swap(&s.holder, s.sets[1]);
    take_parcel(live, 1, &counts);
    live_close(&live);
    CHECK_INT(number_of(&s, "SELECT count(*) FROM mention WHERE query = 7"), PARCEL_POSTS);
    CHECK_INT(number_of(&s, "SELECT count(*) FROM mention WHERE query = 3"), 2 * PARCEL_POSTS);
    stage_end(&s);
}

int main(void)
{
    return RUN(CASE(live_needs_a_published_set), CASE(queries_are_swapped_while_posts_stream),
               CASE(a_swapped_set_holds_at_once));
}
