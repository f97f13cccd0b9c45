/* Labels, corrections and what they say about the machine, over a small import. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "ledger/ledger.h"
#include "listen/archive/rematch.h"
#include "listen/label/label_report.h"
#include "listen/measure/correction.h"
#include "signal/signal.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

enum { POSTS = 300, QUERY = 1 };
#define FROM_MS INT64_C(1770000000000)
#define TO_MS   (FROM_MS + 40 * TIME_DAY_MS)

static struct scratch s;
static struct workspace *ws;
static struct archive *a;
static struct arena arena;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* A tenth is angry, two tenths are pleased; every fifth names the sick trick. */
static Str text_of(int i)
{
    return i % 10 == 0   ? S("phone is terrible, I hate it")
           : i % 10 < 3  ? S("I love this phone, great")
           : i % 10 == 5 ? S("my phone has a sick trick at 9")
                         : S("the phone is on the table since monday");
}

static void import(const char *name, Str rows)
{
    struct err err = {0};
    struct import_result result;
    Str file = scratch_path(&s, name);

    archive_close(&a);
    must(file_write_atomic(file, rows, &err), &err);
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = STREAM_NOW_MS};
    must(import_run(&job, &result, &err), &err);
    must(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err), &err);
}

static void post_row(struct buf *out, int i, Str text, int likes)
{
    buf_printf(out,
               "{\"id\":\"p%d\",\"source\":\"forum\",\"author\":{\"handle\":\"u%d\"},"
               "\"lang\":\"en\",\"created_at\":%lld,\"metrics\":{\"likes\":%d},\"text\":\"" STR_F
               "\"}\n",
               i, i % 50, (long long)(FROM_MS + i * 3 * HOUR_MS), likes, STR_A(text));
}

static void begin(void)
{
    struct err err = {0};
    struct db *system = NULL;
    struct standing_query query = {.name = S("phone"), .text = S("phone")};
    struct standing_query other = {.name = S("table"), .text = S("table")};
    struct buf rows;

    scratch_begin(&s);
    arena_init(&arena, 256 * MIB);
    Str data = scratch_path(&s, "data");
    must(system_db_open(&system, data, &err) &&
             workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err) &&
             workspace_open(&ws, data, S("acme"), &err) &&
             standing_query_create(ws->state, &query, S("ann"), 1, &err) &&
             standing_query_create(ws->state, &other, S("ann"), 1, &err),
         &err);
    db_close(&system);
    buf_init(&rows, 4 * MIB);
    for (int i = 0; i < POSTS; i++)
        post_row(&rows, i, text_of(i), 0);
    import("posts.jsonl", buf_str(&rows));
    buf_deinit(&rows);
}

static void end(void)
{
    archive_close(&a);
    workspace_close(&ws);
    arena_deinit(&arena);
    scratch_end(&s);
}

static int64_t draw(size_t count, enum label_design design, uint64_t seed)
{
    struct err err = {0};
    int64_t round = 0;
    const struct label_plan plan = {.query = QUERY,
                                    .from_ms = FROM_MS,
                                    .to_ms = TO_MS,
                                    .count = count,
                                    .design = design,
                                    .seed = seed,
                                    .actor = S("ann"),
                                    .now_ms = 5};

    must(label_draw(ws->state, a, &plan, &round, &err), &err);
    return round;
}

static struct label_item *items_of(int64_t round, size_t *count)
{
    struct err err = {0};
    struct label_item *items;

    must(label_items(&arena, ws->state, QUERY, round, &items, count, &err), &err);
    return items;
}

static void judge(int64_t round, int64_t ordinal, const char *who, enum label_verdict verdict)
{
    struct err err = {0};

    must(label_judge(ws->state, round, ordinal, str_from_cstr(who), verdict, 9, &err), &err);
}

static int number_of(const struct label_item *item)
{
    int64_t number = -1;

    CHECK(str_to_i64(str_sub(item->post_id, 1, 20), &number));
    return (int)number;
}

static enum label_verdict truth_of(int i)
{
    return i % 10 == 0                 ? LABEL_NEGATIVE
           : i % 10 < 3 || i % 10 == 5 ? LABEL_POSITIVE
                                       : LABEL_NEUTRAL;
}

static void judge_all(int64_t round, const char *who)
{
    size_t count;
    struct label_item *items = items_of(round, &count);

    for (size_t i = 0; i < count; i++)
        judge(round, items[i].ordinal, who, truth_of(number_of(&items[i])));
}

static struct label_report report_of(int64_t round)
{
    struct err err = {0};
    struct label_report report;

    must(label_report_read(&arena, ws->state, QUERY, round, &report, &err), &err);
    return report;
}

/* ---- drawing --------------------------------------------------------------------------------- */

TEST(label_draw_uniform_weighs_all_alike)
{
    size_t count, same_count, other_count, differ = 0;
    double weight = 0;

    begin();
    struct label_item *items = items_of(draw(60, LABEL_UNIFORM, 7), &count);
    struct label_item *same = items_of(draw(60, LABEL_UNIFORM, 7), &same_count);
    struct label_item *other = items_of(draw(60, LABEL_UNIFORM, 8), &other_count);
    CHECK_INT(count, 60);
    CHECK_INT(same_count, 60);
    CHECK_INT(other_count, 60);
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(items[i].ordinal, i + 1);
        CHECK_NEAR(items[i].weight, POSTS / 60.0, 1e-12);
        CHECK(str_eq(items[i].post_id, same[i].post_id));
        CHECK(items[i].mood != POST_POLARITY_UNKNOWN && items[i].maker.len > 0);
        differ += !str_eq(items[i].post_id, other[i].post_id);
        weight += items[i].weight;
    }
    CHECK_NEAR(weight, POSTS, 1e-9);
    CHECK(differ > 30);
    end();
}

TEST(label_draw_stratified_takes_as_many_of_each_mood)
{
    size_t count, of[3] = {0};
    double weight = 0;

    begin();
    struct label_item *items = items_of(draw(60, LABEL_STRATIFIED, 7), &count);
    CHECK_INT(count, 60);
    for (size_t i = 0; i < count; i++) {
        of[items[i].mood + 1]++;
        weight += items[i].weight;
    }
    CHECK_INT(of[0], 20);
    CHECK_INT(of[1], 20);
    CHECK_INT(of[2], 20);
    CHECK_NEAR(weight, POSTS, 1e-9);
    end();
}

/* Each post has the same chance: over many seeds none is drawn far more often than others. */
TEST(label_draw_gives_every_post_a_chance)
{
    enum { ROUNDS = 60 };
    int drawn[POSTS] = {0}, most = 0, never = 0;
    size_t count;

    begin();
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct label_item *items = items_of(draw(30, LABEL_UNIFORM, seed), &count);
        for (size_t i = 0; i < count; i++)
            drawn[number_of(&items[i])]++;
        arena_reset(&arena);
    }
    for (int i = 0; i < POSTS; i++) { /* expected 6 each */
        most = drawn[i] > most ? drawn[i] : most;
        never += drawn[i] == 0;
    }
    CHECK(most < 20);
    CHECK(never < 6);
    end();
}

TEST(label_draw_refuses_what_cannot_be)
{
    struct err err = {0};
    int64_t round;
    struct label_plan plan = {.query = QUERY,
                              .from_ms = FROM_MS,
                              .to_ms = TO_MS,
                              .count = LABEL_SAMPLE_MAX + 1,
                              .actor = S("ann")};

    begin();
    CHECK(!label_draw(ws->state, a, &plan, &round, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err = (struct err){0};
    plan.count = 10;
    plan.to_ms = FROM_MS;
    CHECK(!label_draw(ws->state, a, &plan, &round, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err = (struct err){0};
    plan.to_ms = TO_MS;
    plan.query = 99;
    CHECK(!label_draw(ws->state, a, &plan, &round, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    plan.query = QUERY;
    plan.from_ms = TO_MS + TIME_DAY_MS;
    plan.to_ms = TO_MS + 2 * TIME_DAY_MS;
    CHECK(!label_draw(ws->state, a, &plan, &round, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    end();
}

/* ---- judging --------------------------------------------------------------------------------- */

TEST(label_walk_skips_undoes_and_ends)
{
    struct err err = {0};
    int64_t ordinal, left, taken;

    begin();
    int64_t round = draw(3, LABEL_UNIFORM, 7);
    must(label_next(ws->state, round, S("ann"), 0, &ordinal, &left, &err), &err);
    CHECK_INT(ordinal, 1);
    CHECK_INT(left, 3);
    must(label_next(ws->state, round, S("ann"), 1, &ordinal, &left, &err), &err); /* skipped */
    CHECK_INT(ordinal, 2);
    judge(round, 2, "ann", LABEL_POSITIVE);
    judge(round, 3, "ann", LABEL_UNSURE);
    must(label_next(ws->state, round, S("ann"), 3, &ordinal, &left, &err), &err);
    CHECK_INT(ordinal, 1); /* comes again */
    CHECK_INT(left, 1);
    must(label_undo(ws->state, round, S("ann"), &taken, &err), &err);
    CHECK_INT(taken, 3);
    must(label_undo(ws->state, round, S("bob"), &taken, &err), &err);
    CHECK_INT(taken, 0); /* not another's */
    judge(round, 1, "ann", LABEL_NEGATIVE);
    judge(round, 3, "ann", LABEL_NEGATIVE);
    judge(round, 3, "ann", LABEL_NEUTRAL); /* a change of mind */
    must(label_next(ws->state, round, S("ann"), 0, &ordinal, &left, &err), &err);
    CHECK_INT(ordinal, 0);
    struct label_item item;
    must(label_item_read(&arena, ws->state, round, 3, &item, &err), &err);
    CHECK_INT(item.judgement_count, 1);
    CHECK_INT(item.judgements[0].verdict, LABEL_NEUTRAL);
    CHECK(!label_judge(ws->state, round, 4, S("ann"), LABEL_NEUTRAL, 9, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    end();
}

static size_t ledger_count(Str action)
{
    struct err err = {0};
    struct ledger_entry *entries;
    struct ledger_filter filter = {.action_prefix = action};
    size_t count;

    must(ledger_list(&arena, ws->state, &filter, &entries, &count, &err), &err);
    return count;
}

TEST(label_closed_round_is_one_entry_and_stays)
{
    struct err err = {0};
    int64_t taken;

    begin();
    int64_t round = draw(20, LABEL_UNIFORM, 7);
    CHECK(!label_close(ws->state, round, S("ann"), 10, &err));
    CHECK_INT(err.code, ERR_CONFLICT); /* nothing was judged */
    judge_all(round, "ann");
    CHECK_INT(ledger_count(S("label")), 0);
    err = (struct err){0};
    must(label_close(ws->state, round, S("ann"), 10, &err), &err);
    CHECK_INT(ledger_count(S("label_round.close")), 1);
    CHECK(!label_judge(ws->state, round, 1, S("ann"), LABEL_UNSURE, 11, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err = (struct err){0};
    CHECK(!label_undo(ws->state, round, S("ann"), &taken, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err = (struct err){0};
    CHECK(!label_discard(ws->state, round, S("ann"), S(""), 12, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err = (struct err){0};
    CHECK(!db_run(ws->state, "UPDATE label SET verdict = 9", &err)); /* the table's own lock */
    err = (struct err){0};
    CHECK(!db_run(ws->state, "UPDATE label_machine SET mood = 1", &err));
    end();
}

TEST(label_discard_leaves_nothing_but_its_entry)
{
    struct err err = {0};
    struct label_round *rounds;
    size_t count;

    begin();
    int64_t round = draw(20, LABEL_UNIFORM, 7);
    judge_all(round, "ann");
    must(label_discard(ws->state, round, S("ann"), S("wrong window"), 12, &err), &err);
    must(label_rounds(&arena, ws->state, QUERY, &rounds, &count, &err), &err);
    CHECK_INT(count, 0);
    (void)items_of(0, &count);
    CHECK_INT(count, 0);
    CHECK_INT(ledger_count(S("label_round.discard")), 1);
    end();
}

/* ---- what becomes of posts ------------------------------------------------------------------- */

TEST(label_survives_imports_and_drops_what_changed)
{
    struct err err = {0};
    struct label_reading reading;
    struct buf rows;
    size_t count;

    begin();
    int64_t round = draw(POSTS, LABEL_UNIFORM, 7);
    judge_all(round, "ann");
    CHECK_INT(report_of(round).usable, POSTS);
    buf_init(&rows, 4 * MIB);
    for (int i = 0; i < POSTS; i++) /* more likes: new rows of the archive for all */
        post_row(&rows, i, i == 4 ? S("the phone is on the shelf") : text_of(i), 5);
    buf_lit(&rows, "{\"id\":\"p6\",\"source\":\"forum\",\"event\":\"delete\"}\n");
    import("again.jsonl", buf_str(&rows));
    buf_deinit(&rows);
    must(label_read_machine(ws->state, a, QUERY, 20, &reading, &err), &err);
    CHECK_INT(reading.items, POSTS);
    CHECK_INT(reading.changed, 2);
    CHECK_INT(reading.gone, 2); /* one edited, one deleted */
    struct label_report report = report_of(round);
    CHECK_INT(report.judged, POSTS);
    CHECK_INT(report.usable, POSTS - 2);
    CHECK_INT(report.gone, 2);
    must(label_read_machine(ws->state, a, 0, 21, &reading, &err), &err);
    CHECK_INT(reading.changed, 0); /* the same reading is not written twice */
    (void)items_of(round, &count);
    CHECK_INT(count, POSTS);
    end();
}

TEST(label_erasure_takes_an_author_out)
{
    struct err err = {0};
    struct post post = {.source = S("forum"), .author = {.handle = S("u7")}};
    struct label_round round_now;
    int64_t erased;
    size_t count;

    begin();
    int64_t round = draw(POSTS, LABEL_UNIFORM, 7);
    judge_all(round, "ann");
    must(label_close(ws->state, round, S("ann"), 10, &err), &err);
    must(db_begin(ws->state, &err) &&
             db_end(ws->state,
                    label_erase_author(ws->state, post_author_hash(&post), &erased, &err), &err),
         &err);
    CHECK_INT(erased, POSTS / 50);
    (void)items_of(round, &count);
    CHECK_INT(count, POSTS - POSTS / 50);
    must(label_erase_post(ws->state, S("forum"), S("p8"), &erased, &err), &err);
    CHECK_INT(erased, 1);
    must(label_erase_post(ws->state, S("forum"), S("p7"), &erased, &err), &err);
    CHECK_INT(erased, 0);
    must(label_round_read(&arena, ws->state, round, &round_now, &err), &err);
    CHECK_INT(round_now.drawn, POSTS);
    CHECK_INT(round_now.erased, POSTS / 50 + 1);
    CHECK_INT(report_of(round).judged, POSTS - POSTS / 50 - 1);
    end();
}

/* ---- the report ------------------------------------------------------------------------------ */

TEST(label_report_measures_and_corrects)
{
    const double counted[3] = {60, 180, 60};
    struct prevalence p;

    begin();
    int64_t round = draw(200, LABEL_STRATIFIED, 7);
    judge_all(round, "ann");
    struct label_report r = report_of(0);
    CHECK_INT(r.usable, 200);
    CHECK(r.maker.len > 0 && !r.has_makers);
    /* People like the tricks, which are called negative: a third of what is positive. */
    CHECK(r.confusion.recall[2].value < 0.75 && r.confusion.recall[2].value > 0.5);
    CHECK_NEAR(r.confusion.recall[0].value, 1, 1e-12);
    CHECK_INT(label_shares(&r, counted, &p), PREVALENCE_GOOD);
    CHECK(p.shares[2].value > 0.27 && p.shares[2].value < 0.33); /* 90 of 300, counted were 60 */
    CHECK(p.shares[2].low < 0.3 && p.shares[2].high > 0.3);
    CHECK(p.net.value > 0.4 && p.net.value < 0.6);
    end();
}

TEST(label_report_of_two_people)
{
    size_t count;

    begin();
    int64_t round = draw(60, LABEL_UNIFORM, 7);
    judge_all(round, "ann");
    judge_all(round, "bob");
    struct label_report r = report_of(round);
    CHECK_INT(r.agreement.units, 60);
    CHECK_NEAR(r.agreement.alpha, 1, 1e-12);
    (void)items_of(round, &count);
    judge(round, 1, "bob", LABEL_OFF_TOPIC);
    judge(round, 2, "bob", LABEL_UNSURE);
    judge(round, 3, "ann", LABEL_UNSURE);
    judge(round, 3, "bob", LABEL_UNSURE);
    judge(round, 4, "ann", LABEL_OFF_TOPIC);
    judge(round, 4, "bob", LABEL_OFF_TOPIC);
    r = report_of(round);
    CHECK_INT(r.disputed, 1);
    CHECK_INT(r.unsure, 1);
    CHECK_INT(r.off_topic, 1);
    CHECK_INT(r.usable, 57);
    CHECK_INT(r.agreement.units, 58);
    CHECK(r.agreement.alpha < 1 && r.agreement.alpha > 0.9);
    CHECK_NEAR(r.relevance.value, 57.0 / 58, 1e-9);
    judge(round, 1, "cem", LABEL_OFF_TOPIC); /* a third one settles it */
    r = report_of(round);
    CHECK_INT(r.disputed, 0);
    CHECK_INT(r.off_topic, 2);
    end();
}

/* ---- corrections ----------------------------------------------------------------------------- */

static enum post_polarity corrected(const struct correction *items, size_t count, const char *text,
                                    const char *lang, bool *is_corrected)
{
    struct err err = {0};
    struct correction_set *set = NULL;
    struct corrector *c = NULL;
    struct post_tokens tokens = {0};
    struct post post = {.id = S("x"), .source = S("forum"), .text = str_from_cstr(text)};
    const int64_t queries[] = {QUERY};
    const enum post_polarity *moods = NULL;

    post.author.handle = S("bot");
    must(
        post_tokens_init(&tokens, &err) && post_tokens_fill(&tokens, &post, &err) &&
            correction_set_make(&set, ws->state, QUERY, items, count, &err) &&
            corrector_create(&c, set, &err) &&
            corrector_run(c, &post, &tokens, str_from_cstr(lang), queries, 1, &arena, &moods, &err),
        &err);
    enum post_polarity mood = moods ? moods[0] : POST_POLARITY_UNKNOWN;
    *is_corrected = moods != NULL;
    corrector_destroy(&c);
    correction_set_release(&set);
    post_tokens_deinit(&tokens);
    return mood;
}

TEST(correction_gives_a_word_another_mood)
{
    const struct correction list[] = {{S("sick"), S(""), POST_POSITIVE},
                                      {S("billigflieger"), S(""), POST_NEUTRAL},
                                      {S("cold"), S("beer OR ice"), POST_POSITIVE},
                                      {S("author:bot AND repost"), S(""), POST_NEGATIVE}};
    bool is_corrected;

    begin();
    CHECK_INT(corrected(list, 4, "what a sick trick", "en", &is_corrected), POST_POSITIVE);
    CHECK_INT(corrected(list, 4, "a #sick trick on the bike", "en", &is_corrected), POST_POSITIVE);
    CHECK_INT(corrected(list, 4, "this is not sick at all", "en", &is_corrected), POST_NEGATIVE);
    CHECK_INT(corrected(list, 4, "cold beer on the table", "en", &is_corrected), POST_POSITIVE);
    CHECK(is_corrected);
    (void)corrected(list, 4, "cold coffee on the table", "en", &is_corrected);
    CHECK(!is_corrected); /* its context is not there */
    CHECK_INT(corrected(list, 4, "Der Billigflieger startet um neun.", "de", &is_corrected),
              POST_NEUTRAL);
    /* Other words keep their effect. */
    CHECK_INT(corrected(list, 4, "I hate this sick awful disgusting terrible thing, worst ever",
                        "en", &is_corrected),
              POST_NEGATIVE);
    end();
}

/* In every language that moods are learned for, and in one without any lexicon. */
TEST(correction_works_in_every_language)
{
    static const char *const texts[][2] = {
        {"en", "the xyzzy leaves at nine"},
        {"de", "der xyzzy fährt um neun"},
        {"es", "el xyzzy sale a las nueve"},
        {"fr", "le xyzzy part à neuf heures"},
        {"it", "il xyzzy parte alle nove"},
        {"pt", "o xyzzy sai às nove"},
        {"ar", "القطار xyzzy يغادر في التاسعة"},
        {"hi", "xyzzy nau baje jaata hai"},
        {"", "lo xyzzy se ne va"},
    };
    const struct correction good[] = {{S("xyzzy"), S(""), POST_POSITIVE}};
    const struct correction bad[] = {{S("xyzzy"), S(""), POST_NEGATIVE}};
    bool is_corrected;

    begin();
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        CHECK_INT(corrected(good, 1, texts[i][1], texts[i][0], &is_corrected), POST_POSITIVE);
        CHECK_INT(corrected(bad, 1, texts[i][1], texts[i][0], &is_corrected), POST_NEGATIVE);
    }
    end();
}

TEST(correction_of_a_member_decides_the_whole_post)
{
    const struct correction list[] = {{S("author:bot"), S(""), POST_NEUTRAL}};
    bool is_corrected;

    begin();
    CHECK_INT(corrected(list, 1, "I love it, great, wonderful", "en", &is_corrected), POST_NEUTRAL);
    CHECK(is_corrected);
    end();
}

TEST(correction_refuses_what_cannot_be_read)
{
    struct err err = {0};
    const struct correction list[] = {{S("fine"), S(""), POST_POSITIVE},
                                      {S("a OR"), S(""), POST_POSITIVE}};
    const struct correction empty[] = {{S(""), S(""), POST_POSITIVE}};
    const struct correction unknown[] = {{S("fine"), S("@@nobody"), POST_POSITIVE}};
    size_t wrong = 9;

    begin();
    CHECK(!correction_check(ws->state, list, 2, &wrong, &err));
    CHECK_INT(err.code, ERR_INPUT);
    CHECK_INT(wrong, 1);
    err = (struct err){0};
    CHECK(!correction_save(ws->state, QUERY, empty, 1, S("ann"), S(""), 5, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err = (struct err){0};
    CHECK(!correction_check(ws->state, unknown, 1, &wrong, &err));
    CHECK_INT(err.code, ERR_INPUT);
    end();
}

struct mood_count {
    enum post_polarity mood;
    int64_t count;
};

static bool count_mood(void *context, const struct mention_fact *fact)
{
    struct mood_count *c = context;

    c->count += fact->polarity == c->mood;
    return true;
}

static int64_t moods_counted(int64_t query, enum post_polarity mood)
{
    struct err err = {0};
    struct mood_count c = {mood, 0};

    must(archive_mentions(a, query, 0, INT64_MAX / HOUR_MS, count_mood, &c, &err), &err);
    return c.count;
}

static void read_signal(struct signal *signal, size_t *breaks)
{
    struct err err = {0};
    struct signal_break *list;

    must(signal_find(&arena, ws->state, S("query:1:positive:day"), signal, &err) &&
             signal_breaks(&arena, ws->state, signal->id, 0, INT64_MAX / 2, &list, breaks, &err),
         &err);
}

TEST(correction_is_a_version_of_the_measure_and_restates_history)
{
    struct err err = {0};
    const struct correction list[] = {{S("sick"), S("trick"), POST_POSITIVE}};
    struct rematch_result result;
    struct measure_publication published;
    struct signal signal;
    size_t breaks;
    int64_t version;

    begin();
    int64_t round = draw(200, LABEL_UNIFORM, 7);
    judge_all(round, "ann");
    double before = report_of(round).confusion.accuracy.value;
    int64_t positive = moods_counted(QUERY, POST_POSITIVE), other = moods_counted(2, POST_POSITIVE);
    read_signal(&signal, &breaks);
    CHECK_INT(signal.version, 1);
    must(correction_save(ws->state, QUERY, list, 1, S("ann"), S("slang"), 30, &err), &err);
    must(correction_save(ws->state, QUERY, list, 1, S("ann"), S("slang"), 31, &err), &err);
    must(correction_latest(ws->state, QUERY, &version, &err), &err);
    CHECK_INT(version, 1); /* the same again is no version */
    must(correction_applied(ws->state, QUERY, &version, &err), &err);
    CHECK_INT(version, 0);
    CHECK_INT(ledger_count(S("query.correct")), 1);
    struct label_report stale = report_of(round);
    CHECK(!stale.is_current);
    struct buf rows; /* a post that comes now is rated the new way: the series has a break */
    buf_init(&rows, MIB);
    post_row(&rows, POSTS + 200, S("phone with a sick trick"), 0);
    import("new.jsonl", buf_str(&rows));
    buf_deinit(&rows);
    CHECK_INT(moods_counted(QUERY, POST_POSITIVE), positive + 1);
    read_signal(&signal, &breaks);
    CHECK_INT(signal.version, 2);
    CHECK_INT(breaks, 1);
    must(rematch_run(ws->state, a, NULL, &result, &err) &&
             measure_restate(ws->state, a, STREAM_NOW_MS, &published, &err),
         &err);
    CHECK_INT(result.changed, POSTS / 10);
    CHECK_INT(moods_counted(QUERY, POST_POSITIVE), positive + 1 + POSTS / 10);
    CHECK_INT(moods_counted(2, POST_POSITIVE), other); /* the other query reads them as before */
    must(correction_applied(ws->state, QUERY, &version, &err), &err);
    CHECK_INT(version, 1);
    read_signal(&signal, &breaks);
    CHECK_INT(breaks, 0);
    struct label_report after = report_of(round);
    CHECK(after.is_current);
    CHECK_INT(after.corrections, 1);
    CHECK(after.confusion.accuracy.value > before + 0.05);
    /* Taking it back is a version too, and gives what was before. */
    must(correction_save(ws->state, QUERY, NULL, 0, S("ann"), S(""), 40, &err) &&
             rematch_run(ws->state, a, NULL, &result, &err),
         &err);
    CHECK_INT(moods_counted(QUERY, POST_POSITIVE), positive);
    CHECK_NEAR(report_of(round).confusion.accuracy.value, before, 1e-12);
    end();
}

int main(void)
{
    return RUN(CASE(label_draw_uniform_weighs_all_alike),
               CASE(label_draw_stratified_takes_as_many_of_each_mood),
               CASE(label_draw_gives_every_post_a_chance), CASE(label_draw_refuses_what_cannot_be),
               CASE(label_walk_skips_undoes_and_ends),
               CASE(label_closed_round_is_one_entry_and_stays),
               CASE(label_discard_leaves_nothing_but_its_entry),
               CASE(label_survives_imports_and_drops_what_changed),
               CASE(label_erasure_takes_an_author_out), CASE(label_report_measures_and_corrects),
               CASE(label_report_of_two_people), CASE(correction_gives_a_word_another_mood),
               CASE(correction_works_in_every_language),
               CASE(correction_of_a_member_decides_the_whole_post),
               CASE(correction_refuses_what_cannot_be_read),
               CASE(correction_is_a_version_of_the_measure_and_restates_history));
}
