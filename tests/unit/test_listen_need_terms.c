/* Complaint and wish terms of a standing query, over a small import: counts against counting by
 * hand, the search behind a term, the window, the other queries, and the same terms in a topic. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "listen/measure/need_terms.h"
#include "listen/measure/topic_measure.h"
#include "listen/search/search.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

enum { POSTS = 1200, FROM = 1767225600 /* 2026-01-01 */ };

static struct scratch s;
static struct workspace *ws;
static struct arena arena;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* What post i is about: every other one the phone, the others a tablet. Every third complains, that
 * of a phone in every second case about its hinge; every seventh wishes, that of a phone mostly for
 * a torch. "umpf" is in half of the complaints and of the tablets. */
struct script {
    bool is_phone, is_complaint, is_wish, has_hinge, has_torch, has_umpf;
};

static struct script script_of(int i)
{
    return (struct script){.is_phone = i % 2 == 0,
                           .is_complaint = i % 3 == 0,
                           .is_wish = i % 7 == 0,
                           .has_hinge = i % 3 == 0 && i % 4 == 0,
                           .has_torch = i % 14 == 0 && i % 5 != 0,
                           .has_umpf = i % 3 == 0 && i % 8 < 4};
}

/* One post an hour; random words, so that none copies another but for the last, which twenty
 * carry. */
static void put_posts(struct buf *out)
{
    struct random random = {.seed = 5};

    for (int i = 0; i < POSTS; i++) {
        struct script it = script_of(i);
        bool is_umpf = it.is_phone ? it.has_umpf : i % 4 == 1;
        buf_printf(out,
                   "{\"id\":\"%d\",\"source\":\"forum\",\"lang\":\"en\",\"created_at\":%lld,"
                   "\"text\":\"%s %s %s %s%s",
                   i, FROM + 3600LL * i, it.is_phone ? "phone" : "tablet",
                   it.is_complaint ? "awful terrible" : "", it.has_hinge ? "squeaking hinge" : "",
                   it.is_wish ? it.has_torch ? "please torch" : "please" : "",
                   is_umpf ? " umpf" : "");
        for (int w = 0; w < 16; w++)
            buf_printf(out, " word%d", (int)random_below(&random, 100000));
        buf_lit(out, "\"}\n");
    }
    for (int i = 0; i < 20; i++)
        buf_printf(out,
                   "{\"id\":\"copy%d\",\"source\":\"forum\",\"lang\":\"en\",\"created_at\":%lld,"
                   "\"text\":\"phone awful terrible burst pocket yesterday morning\"}\n",
                   i, FROM + 3600LL * i);
}

static void begin(bool has_posts)
{
    static const char *const queries[][2] = {{"phone", "phone"}, {"tablet", "tablet"}};
    struct err err = {0};
    struct db *system = NULL;
    struct import_result result;
    struct buf posts;

    scratch_begin(&s);
    arena_init(&arena, 256 * MIB);
    buf_init(&posts, 4 * MIB);
    Str data = scratch_path(&s, "data"), file = scratch_path(&s, "posts.jsonl");
    put_posts(&posts);
    must(system_db_open(&system, data, &err) &&
             workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err) &&
             workspace_open(&ws, data, S("acme"), &err) &&
             file_write_atomic(file, has_posts ? buf_str(&posts) : S(""), &err),
         &err);
    db_close(&system);
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        struct standing_query query = {.name = str_from_cstr(queries[i][0]),
                                       .text = str_from_cstr(queries[i][1]),
                                       .is_active = true};
        must(standing_query_create(ws->state, &query, S("ann"), 1, &err), &err);
    }
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = STREAM_NOW_MS};
    must(import_run(&job, &result, &err), &err);
    buf_deinit(&posts);
}

static void end(void)
{
    workspace_close(&ws);
    arena_deinit(&arena);
    scratch_end(&s);
}

static void needs_of(int64_t from_ms, int64_t to_ms, struct need_terms *out)
{
    struct err err = {0};

    must(need_terms_of(ws, &arena, 1, from_ms, to_ms, STREAM_NOW_MS, out, &err), &err);
}

static const struct contrast_term *find(const struct need_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->terms[i].text, str_from_cstr(text)))
            return &list->terms[i];
    return NULL;
}

TEST(counts_are_those_of_the_script)
{
    struct need_terms needs;
    int64_t phones = 1, complaints = 1, wishes = 0, hinges = 0, torches = 0; /* 1: the copies */

    begin(true);
    needs_of(0, 0, &needs);
    for (int i = 0; i < POSTS; i++) {
        struct script it = script_of(i);
        phones += it.is_phone;
        complaints += it.is_phone && it.is_complaint;
        wishes += it.is_phone && it.is_wish;
        hinges += it.is_phone && it.has_hinge;
        torches += it.is_phone && it.has_torch;
    }
    CHECK_INT(needs.mentions, phones + 19);
    CHECK_INT(needs.n, phones);
    CHECK_INT(needs.every, 1);
    CHECK_NEAR(needs.coverage, 1, 0);
    CHECK_INT(needs.from_hour, FROM / 3600);
    CHECK_INT(needs.to_hour, FROM / 3600 + POSTS);
    CHECK_INT(needs.lists[NEED_COMPLAINT].base, complaints);
    CHECK_INT(needs.lists[NEED_WISH].base, wishes);
    const struct contrast_term *hinge = find(&needs.lists[NEED_COMPLAINT], "squeaking hinge");
    const struct contrast_term *torch = find(&needs.lists[NEED_WISH], "torch");
    CHECK(hinge && torch);
    CHECK_INT(hinge->count, hinges);
    CHECK_INT(hinge->background, 0);
    CHECK(hinge->lift_low > 1 && hinge->lift > hinge->lift_low && hinge->lift_up > hinge->lift);
    CHECK_INT(torch->count, torches);
    /* What chose the wishes is not told, what one text in twenty copies says neither. */
    CHECK(!find(&needs.lists[NEED_WISH], "please"));
    CHECK(!find(&needs.lists[NEED_COMPLAINT], "burst"));
    end();
}

TEST(the_search_finds_the_posts_that_were_counted)
{
    struct standing_names names = {NULL, &arena};
    struct archive *archive = NULL;
    struct search_result found;
    struct need_terms needs;
    struct err err = {0};
    size_t asked = 0;

    begin(true);
    names.db = ws->state;
    struct query_resolver resolver = standing_resolver(&names);
    needs_of(0, 0, &needs);
    must(archive_open(&archive, ws->posts_dir, ARCHIVE_READ, &err), &err);
    for (int kind = 0; kind < NEED_KIND_COUNT; kind++)
        for (size_t i = 0; i < needs.lists[kind].count; i++) {
            const struct contrast_term *t = &needs.lists[kind].terms[i];
            Str search = need_search(&arena, (enum need_kind)kind, t->text);
            struct search_request wanted = {
                .query = arena_printf(&arena, "@@phone AND (" STR_F ")", STR_A(search)),
                .names = &resolver,
                .has_stems = true,
                .limit = 1};
            must(search_posts(archive, &arena, &wanted, &found, &err), &err);
            /* copies are found too */
            CHECK(found.total == t->count || found.total == t->count + 19);
            asked++;
        }
    CHECK(asked >= 2);
    archive_close(&archive);
    end();
}

TEST(only_the_window_counts)
{
    struct need_terms half, other;
    struct err err = {0};
    int64_t middle = (FROM + 3600LL * POSTS / 2) * 1000;

    begin(true);
    needs_of(FROM * 1000LL, middle, &half);
    needs_of(middle, 0, &other);
    CHECK_INT(half.mentions + other.mentions, POSTS / 2 + 20);
    CHECK_INT(half.to_hour, other.from_hour);
    /* Half of it lies before the first post: nobody heard that. */
    needs_of(FROM * 1000LL - (middle - FROM * 1000LL), middle, &half);
    CHECK_NEAR(half.coverage, 0.5, 1e-9);
    needs_of(1000, 2000, &half);
    CHECK_INT(half.mentions, 0);
    CHECK_NEAR(half.coverage, 0, 0);
    CHECK_INT(half.lists[NEED_COMPLAINT].count, 0);
    CHECK(!need_terms_of(ws, &arena, 1, middle, middle, STREAM_NOW_MS, &half, &err));
    CHECK_INT(err.code, ERR_USAGE);
    end();
}

TEST(an_empty_archive_tells_nothing)
{
    struct need_terms needs;

    begin(false);
    needs_of(0, 0, &needs);
    CHECK_INT(needs.mentions, 0);
    CHECK_INT(needs.n, 0);
    CHECK_INT(needs.to_hour - needs.from_hour, NEED_DAYS_DEFAULT * 24 + 1);
    CHECK_INT(needs.lists[NEED_COMPLAINT].count + needs.lists[NEED_WISH].count, 0);
    end();
}

/* "umpf" is common among tablets, so that it says nothing of phones; without them it would be
 * told. */
TEST(what_other_queries_say_everywhere_is_no_need)
{
    struct need_request request = {
        .query = 1, .from_hour = FROM / 3600, .to_hour = FROM / 3600 + POSTS};
    struct need_terms needs;
    struct archive *archive = NULL;
    struct err err = {0};

    begin(true);
    must(archive_open(&archive, ws->posts_dir, ARCHIVE_READ, &err) &&
             need_terms(archive, &arena, &request, &needs, &err),
         &err);
    CHECK(find(&needs.lists[NEED_COMPLAINT], "umpf"));
    needs_of(0, 0, &needs);
    CHECK(!find(&needs.lists[NEED_COMPLAINT], "umpf"));
    CHECK(find(&needs.lists[NEED_COMPLAINT], "squeaking hinge"));
    archive_close(&archive);
    end();
}

TEST(a_topic_tells_the_same)
{
    static const struct topic_party parties[] = {{2, S_INIT("Tablet"), false}};
    struct topic_request request = {.query = 1,
                                    .from_hour = FROM / 3600,
                                    .to_hour = FROM / 3600 + POSTS,
                                    .parties = parties,
                                    .party_count = 1};
    struct topic_measures topic;
    struct need_terms needs;
    struct archive *archive = NULL;
    struct err err = {0};

    begin(true);
    needs_of(0, 0, &needs);
    must(archive_open(&archive, ws->posts_dir, ARCHIVE_READ, &err) &&
             topic_measure(archive, &arena, &request, &topic, &err),
         &err);
    const struct need_list *lists = needs.lists;
    CHECK(topic.complaint_count > 0 && topic.wish_count > 0);
    CHECK_INT(topic.complaint_count, lists[NEED_COMPLAINT].count);
    CHECK_INT(topic.wish_count, lists[NEED_WISH].count);
    for (size_t i = 0; i < topic.complaint_count; i++) {
        const struct contrast_term *t = &lists[NEED_COMPLAINT].terms[i];
        CHECK(str_eq(topic.complaints[i].text, t->text));
        CHECK_INT(topic.complaints[i].count, t->count);
        CHECK_INT(topic.complaints[i].marked, lists[NEED_COMPLAINT].base);
        CHECK_NEAR(topic.complaints[i].lift, t->lift, 0);
        CHECK(topic.complaints[i].post_count > 0);
    }
    archive_close(&archive);
    end();
}

int main(void)
{
    return RUN(CASE(counts_are_those_of_the_script),
               CASE(the_search_finds_the_posts_that_were_counted), CASE(only_the_window_counts),
               CASE(an_empty_archive_tells_nothing),
               CASE(what_other_queries_say_everywhere_is_no_need), CASE(a_topic_tells_the_same));
}
