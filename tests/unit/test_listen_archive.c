#include "unit/test.h"

#include "listen/archive/archive.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "db/migration.h"
#include "format/time.h"
#include "listen/archive/archive_priv.h"
#include "os/file.h"

static char dir[64];
static struct archive *a;
static struct arena memory;
static int64_t next_block;

static void fresh(void)
{
    struct err err = {0};

    snprintf(dir, sizeof dir, "/tmp/trimtab-archive-XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    CHECK(archive_open(&a, str_from_cstr(dir), ARCHIVE_WRITE, &err));
    arena_init(&memory, 64 * MIB);
    next_block = 0;
}

static void reopen(void)
{
    struct err err = {0};

    archive_close(&a);
    CHECK(archive_open(&a, str_from_cstr(dir), ARCHIVE_WRITE, &err));
}

static void gone(void)
{
    struct err err = {0};

    archive_close(&a);
    arena_deinit(&memory);
    CHECK(dir_remove_all(str_from_cstr(dir), &err));
}

static int64_t at(const char *time)
{
    int64_t ms = 0;

    CHECK(time_parse(str_from_cstr(time), &ms));
    return ms;
}

static struct post post_of(const char *id, const char *time, const char *text)
{
    struct post post = {.id = str_from_cstr(id),
                        .source = S("forum"),
                        .kind = S("post"),
                        .text = str_from_cstr(text),
                        .rating = NAN,
                        .author = {.handle = S("ann"), .followers = 10, .verified = POST_UNKNOWN},
                        .metrics = {3, 1, POST_UNKNOWN, POST_UNKNOWN}};
    if (time) {
        post.created_at_ms = at(time);
        post.has_created_at = true;
    }
    return post;
}

static struct archive_item item_of(const struct post *post, const int64_t *queries, size_t count)
{
    struct archive_item item = {.post = post,
                                .identity = post_identity(post->source, post->id),
                                .content = post_content(post),
                                .queries = queries,
                                .query_count = count,
                                .lang_found = S("en"),
                                .polarity = POST_POSITIVE,
                                .compound = 0.5};

    return item;
}

static struct archive_counts write_set(const struct archive_item *items, size_t count, uint64_t set)
{
    struct err err = {0};
    struct archive_counts counts = {0};
    struct archive_batch batch = {.items = items,
                                  .count = count,
                                  .import = 1,
                                  .block = next_block++,
                                  .imported_at_ms = at("2026-03-05T10:20:00Z"),
                                  .query_set = set};

    CHECK(archive_write(a, &batch, &counts, &err));
    return counts;
}

static struct archive_counts write_one(struct post post, size_t query_count)
{
    static const int64_t queries[] = {1, 2, 3};
    struct archive_item item = item_of(&post, queries, query_count);

    return write_set(&item, 1, 77);
}

static struct archive_stats stats(void)
{
    struct archive_stats out;
    struct err err = {0};

    CHECK(archive_stats(a, &out, &err));
    return out;
}

struct sum {
    int64_t mentions, engagement;
    int64_t hour;
};

static bool add(void *context, const struct mention_fact *fact)
{
    struct sum *sum = context;

    sum->mentions++;
    sum->engagement += fact->engagement;
    sum->hour = fact->hour;
    return true;
}

static struct sum mentions_of(int64_t query)
{
    struct sum sum = {0};
    struct err err = {0};

    CHECK(archive_mentions(a, query, INT64_MIN / 2, INT64_MAX / 2, add, &sum, &err));
    return sum;
}

/* Sums kept beside must be what the mentions say. */
static void check_sums(int64_t query)
{
    struct err err = {0};
    int64_t mentions = 0, engagement = 0;

    for (size_t i = 0; i < a->segments.count; i++) {
        struct segment *s;
        struct stmt *stmt;
        bool has_row;
        CHECK(segment_use(a, (int)i, &s, &err));
        CHECK(db_query(s->db,
                       "SELECT coalesce(sum(mentions), 0), coalesce(sum(engagement), 0),"
                       " coalesce(min(mentions), 1) FROM rollup WHERE query = ?1",
                       &stmt, &err));
        stmt_bind_i64(stmt, 1, query);
        CHECK(stmt_step(stmt, &has_row, &err));
        mentions += stmt_i64(stmt, 0);
        engagement += stmt_i64(stmt, 1);
        CHECK(stmt_i64(stmt, 2) > 0);
        stmt_reset(stmt);
    }
    struct sum facts = mentions_of(query);
    CHECK_INT(mentions, facts.mentions);
    CHECK_INT(engagement, facts.engagement);
}

TEST(archive_counts_a_post_once)
{
    fresh();
    struct archive_counts counts = write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    CHECK_INT(counts.added, 1);
    counts = write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    CHECK_INT(counts.added, 0);
    CHECK_INT(counts.duplicate, 1);
    reopen();
    counts = write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    CHECK_INT(counts.duplicate, 1);
    CHECK_INT(stats().posts, 1);
    CHECK_INT(stats().totals, 1);
    CHECK_INT(mentions_of(1).mentions, 1);
    CHECK_INT(mentions_of(3).mentions, 0);
    check_sums(1);
    gone();
}

TEST(archive_counts_what_no_query_matched)
{
    fresh();
    CHECK_INT(write_one(post_of("1", "2026-03-01T08:00:00Z", "x"), 0).added, 1);
    CHECK_INT(write_one(post_of("1", "2026-03-01T08:00:00Z", "x"), 0).duplicate, 1);
    CHECK_INT(write_one(post_of("1", "2026-03-01T09:00:00Z", "x"), 0).updated, 1);
    CHECK_INT(stats().posts, 0);
    CHECK_INT(stats().totals, 1);
    CHECK_INT(stats().identities, 1);
    /* now it matches */
    CHECK_INT(write_one(post_of("1", "2026-03-01T09:00:00Z", "y"), 1).updated, 1);
    CHECK_INT(stats().posts, 1);
    CHECK_INT(stats().totals, 1);
    gone();
}

TEST(archive_update_replaces_contributions_and_keeps_history)
{
    fresh();
    write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    struct post edited = post_of("1", "2026-03-01T09:00:00Z", "train on time");
    edited.metrics.likes = 10;
    CHECK_INT(write_one(edited, 1).updated, 1);
    CHECK_INT(mentions_of(1).mentions, 1);
    CHECK_INT(mentions_of(1).engagement, 11);
    CHECK_INT(mentions_of(1).hour, at("2026-03-01T09:00:00Z") / HOUR_MS);
    CHECK_INT(mentions_of(2).mentions, 0);
    CHECK_INT(stats().edits, 1);
    check_sums(1);
    check_sums(2);
    /* metrics alone are no edit */
    edited.metrics.likes = 11;
    CHECK_INT(write_one(edited, 1).updated, 1);
    CHECK_INT(stats().edits, 1);
    /* back to an earlier text: that one is current, the other is history */
    CHECK_INT(write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2).updated, 1);
    CHECK_INT(stats().edits, 1);
    CHECK_INT(stats().posts, 1);
    check_sums(1);
    gone();
}

TEST(archive_moves_between_months)
{
    fresh();
    write_one(post_of("1", "2026-03-31T23:00:00Z", "late train"), 2);
    CHECK_INT(write_one(post_of("1", "2026-04-01T01:00:00Z", "late train"), 2).updated, 1);
    CHECK_INT(stats().segments, 2);
    CHECK_INT(stats().posts, 1);
    CHECK_INT(stats().identities, 1);
    CHECK_INT(stats().totals, 1);
    CHECK_INT(mentions_of(1).mentions, 1);
    reopen();
    CHECK_INT(write_one(post_of("1", "2026-04-01T01:00:00Z", "late train"), 2).duplicate, 1);
    CHECK_INT(write_one(post_of("1", "2026-03-31T23:00:00Z", "late train"), 2).updated, 1);
    CHECK_INT(stats().posts, 1);
    CHECK_INT(mentions_of(2).mentions, 1);
    check_sums(1);
    gone();
}

TEST(archive_moves_within_one_batch)
{
    static const int64_t queries[] = {1};
    fresh();
    struct post versions[] = {
        post_of("1", "2026-03-31T23:00:00Z", "a"), post_of("2", "2026-03-31T23:00:00Z", "b"),
        post_of("1", "2026-04-01T01:00:00Z", "a"), post_of("1", "2026-03-30T01:00:00Z", "a")};
    struct archive_item items[4];
    for (int i = 0; i < 4; i++)
        items[i] = item_of(&versions[i], queries, 1);
    struct archive_counts counts = write_set(items, 4, 77);
    CHECK_INT(counts.added, 2);
    CHECK_INT(counts.updated, 2);
    CHECK_INT(stats().posts, 2);
    CHECK_INT(mentions_of(1).mentions, 2);
    check_sums(1);
    /* the same block again changes nothing and counts the same */
    next_block = 0;
    reopen();
    struct archive_counts again = write_set(items, 4, 77);
    CHECK_INT(again.added, counts.added);
    CHECK_INT(again.updated, counts.updated);
    CHECK_INT(stats().posts, 2);
    gone();
}

TEST(archive_delete_leaves_a_tombstone)
{
    struct err err = {0};
    struct archived_post found;

    fresh();
    write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    struct post notice = {.event = POST_DELETE, .id = S("1"), .source = S("forum"), .rating = NAN};
    CHECK_INT(write_one(notice, 0).deleted, 1);
    CHECK_INT(stats().posts, 0);
    CHECK_INT(stats().tombstones, 1);
    CHECK_INT(stats().totals, 0);
    CHECK_INT(mentions_of(1).mentions, 0);
    CHECK(!archive_find(a, &memory, S("forum"), S("1"), &found, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    /* copies that arrive later do not undo it */
    CHECK_INT(write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2).duplicate, 1);
    CHECK_INT(write_one(post_of("1", "2026-05-01T08:00:00Z", "other"), 2).duplicate, 1);
    CHECK_INT(write_one(notice, 0).duplicate, 1);
    reopen();
    CHECK_INT(write_one(post_of("1", "2026-05-01T08:00:00Z", "other"), 2).duplicate, 1);
    CHECK_INT(stats().posts, 0);
    gone();
}

struct found_ids {
    char text[64];
    size_t stop_after;
};

static bool note_found(void *context, size_t index, const struct archived_post *found)
{
    struct found_ids *ids = context;
    size_t used = strlen(ids->text);

    snprintf(ids->text + used, sizeof ids->text - used, "%zu=" STR_F " ", index,
             STR_A(found->post.id));
    return --ids->stop_after > 0;
}

TEST(archive_finds_many_in_one_pass)
{
    struct err err = {0};

    fresh();
    write_one(post_of("1", "2026-03-01T08:00:00Z", "late train"), 2);
    write_one(post_of("2", "2026-04-01T08:00:00Z", "late bus"), 2);
    write_one(post_of("3", "2026-04-02T08:00:00Z", "late boat"), 2);
    struct post notice = {.event = POST_DELETE, .id = S("3"), .source = S("forum"), .rating = NAN};
    write_one(notice, 0);
    uint64_t wanted[] = {
        post_identity(S("forum"), S("2")), post_identity(S("forum"), S("3")),
        post_identity(S("forum"), S("4")), post_identity(S("forum"), S("1")),
        post_identity(S("blog"), S("1")),
    };
    struct found_ids all = {.stop_after = 9}, first = {.stop_after = 1}, none = {.stop_after = 9};
    CHECK(archive_find_all(a, wanted, COUNT_OF(wanted), note_found, &all, &err));
    CHECK_STR(str_from_cstr(all.text), "3=1 0=2 ");
    CHECK(archive_find_all(a, wanted, COUNT_OF(wanted), note_found, &first, &err));
    CHECK_STR(str_from_cstr(first.text), "3=1 ");
    CHECK(archive_find_all(a, wanted, 0, note_found, &none, &err));
    CHECK_STR(str_from_cstr(none.text), "");
    gone();
}

TEST(archive_post_without_time_stays_where_it_is)
{
    struct err err = {0};
    struct archived_post found;

    fresh();
    CHECK_INT(write_one(post_of("1", NULL, "late"), 1).added, 1);
    CHECK_INT(write_one(post_of("1", NULL, "late"), 1).duplicate, 1);
    struct post edited = post_of("1", NULL, "later");
    int64_t queries[] = {1};
    struct archive_item item = item_of(&edited, queries, 1);
    struct archive_counts counts = {0};
    struct archive_batch batch = {
        .items = &item, .count = 1, .imported_at_ms = at("2026-09-09T00:00:00Z"), .query_set = 77};
    CHECK(archive_write(a, &batch, &counts, &err));
    CHECK_INT(counts.updated, 1);
    CHECK(archive_find(a, &memory, S("forum"), S("1"), &found, &err));
    CHECK_INT(found.post.created_at_ms, at("2026-03-05T10:00:00Z"));
    CHECK(!found.post.has_created_at);
    CHECK_STR(found.post.text, "later");
    gone();
}

TEST(archive_repeat_with_another_query_set_matches_again)
{
    static const int64_t two[] = {1, 5};
    fresh();
    struct post post = post_of("1", "2026-03-01T08:00:00Z", "late train");
    write_one(post, 1);
    struct post other = post_of("2", "2026-03-01T08:00:00Z", "early");
    write_one(other, 0);
    struct archive_item items[] = {item_of(&post, two, 2), item_of(&other, two, 1)};
    struct archive_counts counts = write_set(items, 2, 78);
    CHECK_INT(counts.duplicate, 2);
    CHECK_INT(mentions_of(5).mentions, 1);
    CHECK_INT(mentions_of(1).mentions, 2);
    CHECK_INT(stats().posts, 2);
    CHECK_INT(stats().totals, 2);
    check_sums(1);
    check_sums(5);
    gone();
}

TEST(archive_gives_back_what_it_got)
{
    struct err err = {0};
    struct archived_post found;
    static const Str links[] = {S_INIT("https://a.example/\"x\""), S_INIT("https://b.example")};

    fresh();
    struct post post = post_of("1", "2026-03-01T08:00:00Z", "late #train");
    post.links = links;
    post.link_count = 2;
    post.rating = 4.5;
    post.country = S("DE");
    post.extra = S("{\"a\":1}");
    write_one(post, 1);
    CHECK(archive_find(a, &memory, S("forum"), S("1"), &found, &err));
    CHECK_INT(post_content(&found.post), post_content(&post));
    CHECK_STR(found.post.links[0], "https://a.example/\"x\"");
    CHECK_STR(found.lang_found, "en");
    CHECK_INT(found.polarity, POST_POSITIVE);
    const struct archive_source *sources;
    CHECK_INT(archive_sources(a, &sources), 1);
    CHECK(sources[0].facets & POST_HAS_AUTHOR);
    CHECK(!(sources[0].facets & POST_HAS_REPLY));
    gone();
}

TEST(archive_has_one_writer)
{
    struct err err = {0};
    struct archive *reader = NULL;

    fresh();
    write_one(post_of("1", "2026-03-01T08:00:00Z", "late"), 1);
    CHECK(archive_open(&reader, str_from_cstr(dir), ARCHIVE_READ, &err));
    struct archive_stats seen;
    CHECK(archive_stats(reader, &seen, &err));
    CHECK_INT(seen.posts, 1);
    archive_close(&reader);
    gone();
}

static void run_sql(struct db *db, const char *sql, const int64_t *values, size_t count, Str text)
{
    struct err err = {0};
    struct stmt *stmt = NULL;

    CHECK(db_query_(db, sql, strlen(sql), &stmt, &err));
    for (size_t i = 0; i < count; i++)
        stmt_bind_i64(stmt, (int)i + 1, values[i]);
    if (text.len > 0)
        stmt_bind_str(stmt, (int)count + 1, text);
    CHECK(stmt_run(stmt, &err));
}

/* A segment as the first migration left it: one post of the queries 2, 3 and 10, one only counted,
 * one that moved away. */
static void old_segment(const struct post *kept, const struct post *counted,
                        const struct post *moved)
{
    const struct embedded_file *files;
    struct err err = {0};
    struct db *db = NULL;
    int64_t hour = kept->created_at_ms / HOUR_MS;

    CHECK(embedded_list(S("schema/posts/"), &files) >= 2);
    CHECK(db_open(&db, path_join(&memory, str_from_cstr(dir), S("2026-03.db")), DB_CREATE, &err));
    CHECK(db_migrate_files(db, files, 1, &err));
    CHECK(db_run(db, "INSERT INTO segment VALUES (1, 1)", &err));
    CHECK(db_run(db, "INSERT INTO source VALUES (1, 'forum', 0)", &err));
    CHECK(db_run(db, "INSERT INTO query_set VALUES (1, 77)", &err));
    run_sql(db, "INSERT INTO identity VALUES (?1, ?2, 1, 1, ?3, 1, 1, 1, 0)",
            (int64_t[]){(int64_t)post_identity(kept->source, kept->id), (int64_t)post_content(kept),
                        hour},
            3, STR_NONE);
    run_sql(db, "INSERT INTO identity VALUES (?1, ?2, 0, NULL, ?3, 1, 1, 1, 1)",
            (int64_t[]){(int64_t)post_identity(counted->source, counted->id),
                        (int64_t)post_content(counted), hour},
            3, STR_NONE);
    run_sql(db, "INSERT INTO identity VALUES (?1, ?2, 3, NULL, ?3, 1, 1, 1, 2)",
            (int64_t[]){(int64_t)post_identity(moved->source, moved->id),
                        (int64_t)post_content(moved), hour},
            3, STR_NONE);
    run_sql(db,
            "INSERT INTO post (id, identity, source, post_id, kind, created_at_ms, has_created_at,"
            " imported_at_ms, title, body, country)"
            " VALUES (1, ?1, 1, '1', 'post', ?2, 1, 1, '', ?3, 'DE')",
            (int64_t[]){(int64_t)post_identity(kept->source, kept->id), kept->created_at_ms}, 2,
            kept->text);
    run_sql(db, "INSERT INTO total VALUES (?1, 1, 2)", &hour, 1, STR_NONE);
    static const int64_t queries[] = {2, 3, 10};
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        run_sql(db, "INSERT INTO mention VALUES (?1, ?2, 1, 1, 5, 'en', 1, 0, 4, 10)",
                (int64_t[]){queries[i], hour}, 2, STR_NONE);
        run_sql(db, "INSERT INTO rollup VALUES (?1, ?2, 1, 'en', 1, 1, 0, 0, 0, 0, 4)",
                (int64_t[]){queries[i], hour}, 2, STR_NONE);
    }
    db_close(&db);
}

static bool country_visit(void *context, const struct mention_fact *fact)
{
    int *count = context;

    CHECK_STR(str_from_cstr(fact->country), "DE");
    ++*count;
    return true;
}

/* Mentions have the country of their post, and their day is published again. */
static void countries_are_taken_over(const int64_t *queries, size_t count, int64_t hour)
{
    struct archive_taken taken;
    struct err err = {0};

    for (size_t i = 0; i < count; i++) {
        int seen = 0;
        CHECK(archive_mentions(a, queries[i], hour, hour + 1, country_visit, &seen, &err));
        CHECK_INT(seen, 1);
    }
    CHECK(archive_dirty_take(a, &taken, &err));
    CHECK_INT(taken.hours.count, count);
    for (size_t i = 0; i < taken.hours.count; i++) {
        CHECK_INT(taken.hours.items[i].query, queries[i]);
        CHECK_INT(taken.hours.items[i].hour, hour);
        CHECK(taken.hours.items[i].rewritten > 0);
    }
    archive_taken_deinit(&taken);
}

TEST(a_segment_of_the_first_layout_is_taken_over)
{
    static const int64_t queries[] = {2, 3, 10};
    struct post kept = post_of("1", "2026-03-01T08:10:00Z", "late train"),
                counted = post_of("2", "2026-03-01T08:20:00Z", "rain"),
                moved = post_of("3", "2026-03-01T08:30:00Z", "snow");
    struct archived_post found;
    struct err err = {0};

    fresh();
    archive_close(&a);
    old_segment(&kept, &counted, &moved);
    /* a reader takes it over too */
    CHECK(archive_open(&a, str_from_cstr(dir), ARCHIVE_READ, &err));
    CHECK_INT(stats().posts, 1);
    CHECK(archive_find(a, &memory, S("forum"), S("1"), &found, &err));
    archive_close(&a);
    CHECK(archive_open(&a, str_from_cstr(dir), ARCHIVE_WRITE, &err));
    countries_are_taken_over(queries, 3, kept.created_at_ms / TIME_HOUR_MS);
    struct archive_item items[] = {item_of(&kept, queries, 3), item_of(&counted, queries, 0),
                                   item_of(&moved, queries, 1)};
    struct archive_counts counts = write_set(items, 3, 77);
    CHECK_INT(counts.duplicate, 2);
    CHECK_INT(counts.updated, 1); /* came back to the place it had left */
    CHECK_INT(stats().identities, 3);
    CHECK_INT(stats().mentions, 4);
    CHECK_INT(stats().totals, 3);
    /* an edit takes out what the queries named by the migration counted */
    kept.text = S("early train");
    items[0] = item_of(&kept, queries + 1, 1);
    counts = write_set(items, 1, 77);
    CHECK_INT(counts.updated, 1);
    CHECK_INT(stats().mentions, 2);
    CHECK(archive_find(a, &memory, S("forum"), S("1"), &found, &err));
    CHECK_STR(found.post.text, "early train");
    int64_t mentions;
    for (int64_t query = 1; query <= 10; query++) {
        CHECK(archive_mention_count(a, query, 0, INT64_MAX / 2, &mentions, &err));
        CHECK_INT(mentions, query == 2 || query == 3);
    }
    reopen();
    counts = write_set(items, 1, 77);
    CHECK_INT(counts.duplicate, 1);
    gone();
}

TEST(directory_finds_what_was_put)
{
    struct directory d = {0};
    struct err err = {0};

    for (uint64_t i = 0; i < 100000; i++) {
        struct place place = {(int)(i % 50), i % 7 == 0, (int64_t)i + 1};
        CHECK(directory_put(&d, post_identity(S("s"), (Str){(const char *)&i, 8}), place, false,
                            &err));
    }
    for (uint64_t i = 0; i < 100000; i++) {
        struct place place = directory_get(&d, post_identity(S("s"), (Str){(const char *)&i, 8}));
        CHECK_INT(place.segment, i % 50);
        CHECK_INT(place.row, i + 1);
        CHECK(place.is_tombstone == (i % 7 == 0));
    }
    uint64_t other = post_identity(S("t"), S("x"));
    CHECK_INT(directory_get(&d, other).segment, DIRECTORY_NONE);
    CHECK(directory_put(&d, other, (struct place){3, false, 8}, true, &err));
    CHECK(directory_put(&d, other, (struct place){4, true, 9}, true, &err));
    CHECK_INT(directory_get(&d, other).segment, 3);
    CHECK(directory_put(&d, other, (struct place){4, true, 9}, false, &err));
    CHECK_INT(directory_get(&d, other).row, 9);
    CHECK(!directory_put(&d, other, (struct place){4, true, (int64_t)UINT32_MAX + 1}, false, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    /* the value that marks a free slot is an identity like any other */
    err_clear(&err);
    CHECK(directory_put(&d, 0, (struct place){5, false, 2}, false, &err));
    CHECK_INT(directory_get(&d, 0).segment, 5);
    directory_deinit(&d);
}

int main(void)
{
    int failed =
        RUN(CASE(archive_counts_a_post_once), CASE(archive_counts_what_no_query_matched),
            CASE(archive_update_replaces_contributions_and_keeps_history),
            CASE(archive_moves_between_months), CASE(archive_moves_within_one_batch),
            CASE(archive_delete_leaves_a_tombstone), CASE(archive_finds_many_in_one_pass),
            CASE(archive_post_without_time_stays_where_it_is),
            CASE(archive_repeat_with_another_query_set_matches_again),
            CASE(archive_gives_back_what_it_got), CASE(archive_has_one_writer),
            CASE(a_segment_of_the_first_layout_is_taken_over), CASE(directory_finds_what_was_put));
    return failed;
}
