/* Measures that are published as posts come against the same published from scratch. */
#include "unit/test.h"

#include <math.h>

#include "base/limits.h"
#include "base/random.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/archive/rematch.h"
#include "listen/measure/measure.h"
#include "listen/source/live.h"
#include "listen/source/source.h"
#include "unit/scratch.h"

#define NOW_MS INT64_C(1790035200000) /* 2026-09-22T00:00:00Z */

enum { LEFT, RIGHT, SIDES };

/* The same posts twice: on the left measures remember and follow a list that was taken while posts
 * went on coming, on the right all of it is read again each time. */
struct side {
    struct workspace *ws;
    struct query_set_holder holder;
    struct live *live;
    struct measure_memory *memory;
    int64_t source;
};

static struct scratch s;
static struct side sides[SIDES];
static struct random r, places;
static struct err err;

static void must(bool ok)
{
    if (!ok)
        printf("note: %s (%s)\n", err.msg, err.origin);
    CHECK(ok);
}

static void query_add(struct workspace *ws, Str name, Str text)
{
    struct standing_query query = {.name = name, .text = text};

    must(standing_query_create(ws->state, &query, S("ann"), 1, &err));
}

static void take(const struct buf *lines, int64_t now_ms)
{
    struct live_counts counts;
    struct live_parcel parcel = {.bytes = buf_str(lines),
                                 .name = S("micro"),
                                 .source = S("micro"),
                                 .format = DECODE_NATIVE,
                                 .now_ms = now_ms};

    for (int i = 0; i < SIDES; i++) {
        must(live_take(sides[i].live, &parcel, &counts, &err));
        CHECK_INT(counts.posts.rejected, 0);
    }
}

static void begin(uint64_t seed)
{
    static const char *const names[SIDES] = {"left", "right"};
    struct db *system = NULL;

    err_clear(&err);
    scratch_begin(&s);
    r = (struct random){.seed = seed};
    places = (struct random){.seed = seed + 100};
    Str data = scratch_path(&s, "data");
    must(system_db_open(&system, data, &err));
    for (int i = 0; i < SIDES; i++) {
        struct side *side = &sides[i];
        struct source source = {.name = S("micro"),
                                .kind = SOURCE_FEED,
                                .address = S("https://example.org/feed.xml"),
                                .expected_ms = 10 * TIME_MINUTE_MS,
                                .is_on = true};
        *side = (struct side){0};
        must(workspace_create(system, data, str_from_cstr(names[i]), S("A"), S("ann"), 1, &err) &&
             workspace_open(&side->ws, data, str_from_cstr(names[i]), &err));
        query_add(side->ws, S("phone"), S("phone"));
        query_add(side->ws, S("late"), S("late OR great"));
        query_add(side->ws, S("rare"), S("phone AND late AND awful"));
        query_set_holder_init(&side->holder);
        must(source_create(side->ws->state, &source, S("ann"), NOW_MS - TIME_HOUR_MS, &err) &&
             standing_set_publish(&side->holder, side->ws->state, &err) &&
             live_open(&side->live, side->ws, &side->holder, &err) &&
             measure_memory_create(&side->memory, &err));
        side->source = source.id;
    }
    db_close(&system);
    /* What is told of quiet times begins here: no late post makes the archive reach farther back.
     */
    struct buf first;
    buf_init(&first, MIB);
    buf_printf(&first,
               "{\"id\":\"first\",\"source\":\"micro\",\"created_at\":%lld,\"text\":\"phone\"}\n",
               (long long)(NOW_MS - 50 * TIME_HOUR_MS));
    take(&first, NOW_MS);
    buf_deinit(&first);
}

static void end(void)
{
    for (int i = 0; i < SIDES; i++) {
        measure_memory_destroy(&sides[i].memory);
        live_close(&sides[i].live);
        query_set_holder_deinit(&sides[i].holder);
        workspace_close(&sides[i].ws);
    }
    scratch_end(&s);
}

/* A post of about now, a late one, another version of an earlier one, or a deletion. */
static void post_write(struct buf *out, int64_t now_ms, uint32_t *next)
{
    static const char *const words[] = {"phone", "late", "great", "awful", "train", "the", "and"};
    static const char *const langs[] = {"en", "de", "fr"};
    static const char *const countries[] = {"", "", "\"country\":\"DE\",", "\"country\":\"at\",",
                                            "\"country\":\"US\","};
    uint32_t kind = (uint32_t)random_below(&r, 20), id = *next;
    uint64_t back_ms = kind < 16 ? random_below(&r, 90000) : random_below(&r, 40 * TIME_HOUR_MS);

    if (kind == 0 && *next > 0) {
        buf_printf(out, "{\"id\":\"p%u\",\"source\":\"micro\",\"event\":\"delete\"}\n",
                   (uint32_t)random_below(&r, *next));
        return;
    }
    if (kind <= 2 && *next > 0)
        id = (uint32_t)random_below(&r, *next);
    *next += id == *next;
    buf_printf(out,
               "{\"id\":\"p%u\",\"source\":\"%s\",\"created_at\":%lld,\"lang\":\"%s\",\"author\":{"
               "\"handle\":\"u%u\"%s},\"metrics\":{\"likes\":%u},%s%s\"text\":\"",
               id, id % 5 == 0 ? "board" : "micro", (long long)(now_ms - (int64_t)back_ms),
               langs[id % 3], (uint32_t)random_below(&r, 3000),
               id % 5 == 0   ? ""
               : id % 2 == 0 ? ",\"followers\":12"
                             : ",\"followers\":300",
               (uint32_t)random_below(&r, 9),
               random_below(&r, 4) == 0 ? "\"reply_to\":\"p1\"," : "",
               countries[random_below(&places, COUNT_OF(countries))]);
    for (int w = 0; w < 5; w++)
        buf_printf(out, "%s ", words[random_below(&r, COUNT_OF(words))]);
    buf_lit(out, "\"}\n");
}

static void posts_come(int count, int64_t now_ms, uint32_t *next)
{
    struct buf lines;

    buf_init(&lines, 16 * MIB);
    for (int i = 0; i < count; i++)
        post_write(&lines, now_ms, next);
    take(&lines, now_ms);
    buf_deinit(&lines);
}

static bool rows_same(const char *sql, size_t *rows)
{
    struct stmt *stmts[SIDES];
    bool has_row[SIDES] = {true, true};

    *rows = 0;
    for (int i = 0; i < SIDES; i++)
        must(db_query_(sides[i].ws->state, sql, strlen(sql), &stmts[i], &err));
    for (;; ++*rows) {
        for (int i = 0; i < SIDES; i++)
            must(stmt_step(stmts[i], &has_row[i], &err));
        if (!has_row[LEFT] || !has_row[RIGHT])
            break;
        Str left = stmt_str(stmts[LEFT], 0), right = stmt_str(stmts[RIGHT], 0);
        if (!str_eq(left, right)) {
            printf("note: " STR_F " | " STR_F "\n", STR_A(left), STR_A(right));
            break;
        }
    }
    for (int i = 0; i < SIDES; i++)
        if (has_row[i]) {
            printf("note: side %d has " STR_F "\n", i, STR_A(stmt_str(stmts[i], 0)));
            stmt_reset(stmts[i]);
        }
    return !has_row[LEFT] && !has_row[RIGHT];
}

#define POINTS(version)                                                                            \
    "SELECT s.key || ' ' || p.start_ms || ' ' || coalesce(p.value, 'none') || ' ' || p.n || ' ' "  \
    "||"                                                                                           \
    " p.coverage || ' ' || " version " FROM signal AS s JOIN signal_point AS p"                    \
    " ON p.signal_id = s.id ORDER BY s.key, p.start_ms"
#define SKETCHES                                                                                   \
    "SELECT query || ' ' || hours || ' ' || start || ' ' || hex(sketch) FROM author_sketch"        \
    " ORDER BY query, hours, start"
#define VERSIONS                                                                                   \
    "SELECT s.key || ' ' || v.version || ' ' || coalesce(v.from_ms, 'ever') || ' ' ||"             \
    " v.definition FROM signal AS s JOIN signal_version AS v ON v.signal_id = s.id"                \
    " ORDER BY s.key, v.version"

static void sides_agree(void)
{
    size_t points, sketches, versions;

    CHECK(rows_same(POINTS("p.version"), &points));
    CHECK(rows_same(SKETCHES, &sketches));
    CHECK(rows_same(VERSIONS, &versions));
    CHECK(points > 100 && sketches > 3 && versions > 20);
}

/* ---- countries, counted over the posts themselves ---------------------------------------------
 */

enum { DAYS = 8, COUNTRIES = 3 };

static const char *const country_codes[COUNTRIES] = {"DE", "AT", "US"};

struct country_day {
    int64_t mentions, stated, of[COUNTRIES];
};

static bool country_visit(void *context, const struct mention_fact *fact,
                          const struct archived_post *post)
{
    struct country_day *days = context;
    int64_t at = fact->hour / 24 - (NOW_MS / DAY_MS - 4);

    CHECK(at >= 0 && at < DAYS);
    days[at].mentions++;
    days[at].stated += post->post.country.len > 0;
    for (int c = 0; c < COUNTRIES; c++)
        days[at].of[c] += str_eq(post->post.country, str_from_cstr(country_codes[c]));
    return true;
}

/* The point of a signal of the right side that begins at that time; false where there is none. */
static bool point_of(const char *key, int64_t start_ms, struct signal_point *out)
{
    struct err missing = {0};
    struct signal signal;
    struct signal_point *points;
    size_t count;

    if (!signal_find(&s.arena, sides[RIGHT].ws->state, str_from_cstr(key), &signal, &missing))
        return false;
    must(signal_read(&s.arena, sides[RIGHT].ws->state, signal.id, start_ms, start_ms + 1, &points,
                     &count, &err));
    if (count > 0)
        *out = points[0];
    return count > 0;
}

/* Of every mention of the day a language is known, so that those points tell what was heard. */
static double heard_share(int64_t query, int64_t day)
{
    static const char *const langs[] = {"en", "de", "fr"};
    struct signal_point point = {0};
    char key[SIGNAL_KEY_BYTES_MAX];

    for (size_t i = 0; i < COUNT_OF(langs); i++) {
        snprintf(key, sizeof key, "query:%lld:mentions:day:lang:%s", (long long)query, langs[i]);
        if (point_of(key, day * DAY_MS, &point))
            break;
    }
    return point.coverage;
}

static size_t countries_of_query(struct archive *a, int64_t query)
{
    static const char *const names[COUNTRIES] = {"de", "at", "us"};
    struct country_day days[DAYS] = {{0}};
    size_t points = 0;

    must(archive_mention_posts(a, query, 0, INT64_MAX / 2, 1, country_visit, days, &err));
    for (int c = 0; c < COUNTRIES; c++)
        for (int i = 0; i < DAYS; i++) {
            int64_t day = NOW_MS / DAY_MS - 4 + i;
            struct signal_point point = {0};
            char key[SIGNAL_KEY_BYTES_MAX];
            snprintf(key, sizeof key, "query:%lld:mentions:day:country:%s", (long long)query,
                     names[c]);
            bool has_point = point_of(key, day * DAY_MS, &point);
            CHECK_INT(has_point, days[i].of[c] > 0);
            if (!has_point)
                continue;
            points++;
            CHECK_NEAR(point.value, (double)days[i].of[c], 0);
            CHECK_INT(point.n, days[i].of[c]);
            CHECK_NEAR(point.coverage,
                       heard_share(query, day) * (double)days[i].stated / (double)days[i].mentions,
                       1e-12);
        }
    return points;
}

static void countries_are_those_of_the_posts(void)
{
    struct archive *a;
    size_t points = 0;

    must(live_archive(sides[RIGHT].live, &a, &err));
    for (int64_t query = 1; query <= 3; query++)
        points += countries_of_query(a, query);
    CHECK(points >= 3);
}

static void publish_right(int64_t now_ms)
{
    struct measure_publication published;
    struct archive *a;

    must(live_archive(sides[RIGHT].live, &a, &err) &&
         measure_publish(sides[RIGHT].ws->state, a, now_ms, &published, &err));
}

/* Takes the list, lets posts come, and publishes what the list has through a reader. */
static uint64_t publish_left(int64_t now_ms, int posts, uint32_t *next)
{
    struct side *side = &sides[LEFT];
    struct measure_publication published;
    struct archive_taken taken;
    struct archive *writer, *reader = NULL;

    must(live_archive(side->live, &writer, &err) && archive_dirty_take(writer, &taken, &err));
    publish_right(now_ms);
    if (posts > 0)
        posts_come(posts, now_ms, next);
    must(archive_open(&reader, side->ws->posts_dir, ARCHIVE_READ, &err) &&
         measure_publish_taken(side->ws->state, reader, &taken, side->memory, now_ms, &published,
                               &err) &&
         live_archive(side->live, &writer, &err) && archive_dirty_done(writer, &taken, &err));
    archive_close(&reader);
    archive_taken_deinit(&taken);
    return published.points;
}

static void heard(int64_t at_ms, enum source_trouble trouble)
{
    for (int i = 0; i < SIDES; i++) {
        struct source_contact c = {.source = sides[i].source,
                                   .at_ms = at_ms,
                                   .is_whole = true,
                                   .trouble = trouble,
                                   .read = trouble == SOURCE_WELL,
                                   .message = S("")};
        must(source_record(sides[i].ws->state, &c, &err));
    }
}

static void query_change(int step)
{
    Str text = arena_printf(&s.arena, "late OR great OR w%d", step);

    for (int i = 0; i < SIDES; i++) {
        must(standing_query_change(sides[i].ws->state, 2, text, S("ann"), S("wider"), step, &err) &&
             standing_set_publish(&sides[i].holder, sides[i].ws->state, &err));
        if (step % 8 == 0) {
            Str name = arena_printf(&s.arena, "new%d", step);
            query_add(sides[i].ws, name, S("train AND great"));
            must(standing_set_publish(&sides[i].holder, sides[i].ws->state, &err));
        }
    }
}

static void rematch(void)
{
    for (int i = 0; i < SIDES; i++) {
        struct rematch_result result;
        struct archive *a;
        must(live_archive(sides[i].live, &a, &err) &&
             rematch_run(sides[i].ws->state, a, NULL, &result, &err));
    }
}

TEST(what_is_published_step_by_step_is_what_is_published_from_scratch)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        int64_t now_ms = NOW_MS;
        uint32_t next = 0;

        begin(seed);
        for (int step = 1; step <= 30; step++) {
            /* Half a minute mostly, sometimes more than an hour: minutes, hours and days end. */
            now_ms += step % 9 == 0 ? 3 * TIME_HOUR_MS : (int64_t)random_below(&r, 60000);
            if (step % 13 != 0)
                heard(now_ms, step % 17 == 0 ? SOURCE_UNREACHABLE : SOURCE_WELL);
            posts_come(step % 10 == 0 ? 1500 : (int)random_below(&r, 80), now_ms, &next);
            if (step % 7 == 0)
                query_change(step);
            if (step % 25 == 0)
                rematch();
            if (step % 20 == 0)
                live_rest(sides[LEFT].live); /* and opened anew */
            /* What is edited or deleted while it is being published is published again. */
            publish_left(now_ms, (int)random_below(&r, 30), &next);
            publish_left(now_ms, 0, &next);
            sides_agree();
            if (step > 5)
                countries_are_those_of_the_posts();
        }
        end();
    }
}

TEST(somebody_else_who_published_is_noticed)
{
    struct side *side = &sides[LEFT];
    struct measure_publication published;
    struct archive_taken taken;
    struct archive *writer;
    uint32_t next = 0;

    begin(5);
    posts_come(300, NOW_MS, &next);
    publish_left(NOW_MS, 0, &next);
    /* Edits that another process publishes: what is remembered no longer holds. */
    posts_come(300, NOW_MS, &next);
    must(live_archive(side->live, &writer, &err) &&
         measure_publish(side->ws->state, writer, NOW_MS, &published, &err));
    publish_right(NOW_MS);
    posts_come(300, NOW_MS, &next);
    publish_left(NOW_MS, 0, &next);
    sides_agree();
    /* What is not crossed off is on the next list. */
    posts_come(50, NOW_MS, &next);
    must(archive_dirty_take(writer, &taken, &err));
    CHECK(taken.hours.count > 0);
    archive_taken_deinit(&taken);
    must(archive_dirty_take(writer, &taken, &err));
    CHECK(taken.hours.count > 0);
    must(archive_dirty_done(writer, &taken, &err));
    archive_taken_deinit(&taken);
    must(archive_dirty_take(writer, &taken, &err));
    CHECK_INT(taken.hours.count, 0);
    archive_taken_deinit(&taken);
    end();
}

/* A minute's worth of posts on a busy day costs the points of its hour, its day and its minutes,
 * not those of all minutes. */
TEST(a_publication_costs_what_changed)
{
    uint32_t next = 0;

    begin(9);
    for (int i = 0; i < 6; i++) {
        heard(NOW_MS + i * TIME_MINUTE_MS, SOURCE_WELL);
        posts_come(400, NOW_MS + TIME_HOUR_MS / 2 + i * TIME_MINUTE_MS, &next);
        publish_left(NOW_MS + TIME_HOUR_MS / 2 + i * TIME_MINUTE_MS, 0, &next);
    }
    struct buf line;
    buf_init(&line, MIB);
    buf_lit(&line, "{\"id\":\"last\",\"source\":\"micro\",\"created_at\":1790037300000,"
                   "\"text\":\"phone\"}\n");
    take(&line, NOW_MS + TIME_HOUR_MS / 2 + 6 * TIME_MINUTE_MS);
    buf_deinit(&line);
    uint64_t points = publish_left(NOW_MS + TIME_HOUR_MS / 2 + 6 * TIME_MINUTE_MS, 0, &next);
    CHECK(points > 0 && points <= 2 * MEASURE_COUNT + 8 + 4 * MEASURE_COUNT);
    sides_agree();
    end();
}

/* A post of the hour, which answers another or not. */
static void one_comes(const char *id, const char *source, int64_t at_ms, bool is_reply)
{
    struct buf line;

    buf_init(&line, MIB);
    buf_printf(&line,
               "{\"id\":\"%s\",\"source\":\"%s\",\"created_at\":%lld,%s\"text\":\"phone\"}\n", id,
               source, (long long)at_ms, is_reply ? "\"reply_to\":\"x\"," : "");
    take(&line, NOW_MS);
    buf_deinit(&line);
}

static struct signal_point replies_of(int64_t day)
{
    struct signal_point point = {.coverage = -1};

    CHECK(point_of("query:1:replies_share:day", day * DAY_MS, &point));
    return point;
}

static void everything_again(void)
{
    uint32_t next = 0;
    size_t points;

    publish_left(NOW_MS, 0, &next);
    CHECK(rows_same(POINTS("p.version"), &points));
}

/* A source that is later seen to say whom its posts answer could always tell, and so its earlier
 * days are, and the quiet ones. */
TEST(what_a_source_begins_to_say_holds_for_what_is_published)
{
    int64_t today = NOW_MS / DAY_MS;
    uint32_t next = 0;

    begin(11);
    one_comes("a", "micro", NOW_MS - 30 * TIME_HOUR_MS, false);
    one_comes("b", "board", NOW_MS - 30 * TIME_HOUR_MS, false);
    one_comes("c", "micro", NOW_MS, false);
    everything_again();
    CHECK(isnan(replies_of(today - 2).value) && isnan(replies_of(today).value));
    CHECK_NEAR(replies_of(today - 1).coverage, 0, 0);
    double heard_of_quiet = replies_of(today - 1).coverage;
    one_comes("d", "micro", NOW_MS, true);
    everything_again();
    CHECK_NEAR(replies_of(today).value, 0.5, 1e-12);
    CHECK_NEAR(replies_of(today - 2).value, 0, 0); /* of one post that could have been a reply */
    CHECK_INT(replies_of(today - 2).n, 1);
    CHECK(replies_of(today - 1).coverage > heard_of_quiet);
    /* Another source gains what the first one has: only its own days change. */
    CHECK(replies_of(today - 2).coverage < 0.75);
    one_comes("e", "board", NOW_MS, true);
    everything_again();
    CHECK_INT(replies_of(today - 2).n, 2);
    /* Nothing is published again when nothing was gained. */
    CHECK_INT(publish_left(NOW_MS, 0, &next), 0);
    end();
}

int main(void)
{
    RUN(CASE(what_is_published_step_by_step_is_what_is_published_from_scratch),
        CASE(somebody_else_who_published_is_noticed), CASE(a_publication_costs_what_changed),
        CASE(what_a_source_begins_to_say_holds_for_what_is_published));
}
