/* Histories of terms against plain lists of what was counted; trends planted in made streams. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "listen/measure/trend_history.c"
#include "unit/test.h"

enum { TERMS = 300, SLOTS_RUN = 800 };

/* --- histories --- */

static uint16_t counted[TERMS][SLOTS_RUN + TREND_SLOTS];
static uint32_t posts_of[SLOTS_RUN + TREND_SLOTS];

/* By adding up the list; the decay goes by blocks of slots. */
static void oracle(size_t term, uint32_t now, uint32_t windows_of[3], double *history)
{
    uint32_t block = (now - TREND_SLOTS) / TREND_SLOTS;
    double half_life = (double)TREND_HALF_LIFE_MS / (double)(TREND_SLOT_MS * TREND_SLOTS);

    *history = 0;
    memset(windows_of, 0, 3 * sizeof *windows_of);
    for (uint32_t slot = 0; slot <= now; slot++) {
        uint32_t count = counted[term][slot];
        for (size_t w = 0; w < 3; w++)
            windows_of[w] += slot + windows[w] > now ? count : 0;
        if (slot + TREND_SLOTS <= now)
            *history += count * exp2(-(double)(block - slot / TREND_SLOTS) / half_life);
    }
}

static void check_entry(struct trend_history *h, size_t term)
{
    struct trend_entry *e = find(h, hash_u64(term, 4));
    uint32_t expected[3], count = 0, slots = 0;
    double history;

    catch_up(h, e);
    oracle(term, h->slot, expected, &history);
    for (size_t w = 0; w < 3; w++) {
        for (; slots < windows[w]; slots++)
            count += e->recent[(h->slot - slots) % TREND_SLOTS];
        CHECK_INT(count, expected[w]);
    }
    CHECK_NEAR(((double)e->sum + e->block_count) * decay(h, h->block - e->block), history,
               1e-4 * (1 + history));
}

TEST(histories_as_by_adding_up)
{
    struct trend_history h = {0};
    struct random r = {.seed = 3};
    struct err err = {0};
    bool is_first;

    CHECK(trend_history_init(&h, 4096, &err));
    for (uint32_t slot = TREND_SLOTS; slot < SLOTS_RUN;
         slot += random_below(&r, 20) < 18 ? 1 : 31) {
        trend_history_advance(&h, slot);
        for (size_t n = random_below(&r, 40); n > 0; n--) {
            size_t term =
                random_below(&r, 1 + random_below(&r, TERMS)); /* some often, some never */
            CHECK(trend_history_count(&h, hash_u64(term, 4), &is_first));
            CHECK(is_first == (counted[term][slot] == 0));
            counted[term][slot]++;
            posts_of[slot]++;
            h.recent[slot % TREND_SLOTS]++;
        }
        check_entry(&h, random_below(&r, TERMS));
    }
    for (size_t term = 0; term < TERMS; term++)
        check_entry(&h, term);
    double posts = 0;
    for (uint32_t slot = 0; slot + TREND_SLOTS <= h.slot; slot++)
        posts += posts_of[slot] * pow(h.block_factor, h.block - slot / TREND_SLOTS);
    CHECK_NEAR(h.posts + h.block_posts[h.block % TREND_BLOCKS_KEPT], posts, 1e-6 * posts);
    trend_history_deinit(&h);
}

/* More terms than room: what is kept is never less than what was counted. */
TEST(a_full_table_never_underestimates)
{
    static uint32_t truth[20000];
    struct trend_history h = {0};
    struct random r = {.seed = 5};
    struct err err = {0};
    bool is_first;
    size_t kept = 0;

    CHECK(trend_history_init(&h, 1024, &err));
    for (uint32_t slot = TREND_SLOTS; slot < 300; slot++) {
        trend_history_advance(&h, slot);
        for (int n = 0; n < 500; n++) {
            size_t term = random_below(&r, 1 + random_below(&r, 20000));
            if (trend_history_count(&h, hash_u64(term, 9), &is_first))
                truth[term]++;
        }
    }
    h.block_factor = 1; /* without the decay of reading */
    for (size_t term = 0; term < 20000; term++)
        for (size_t i = 0; i < 1024; i++)
            if (h.entries[i].hash == hash_u64(term, 9)) {
                double lost = pow(0.5, 300.0 * (double)TREND_SLOT_MS / (double)TREND_HALF_LIFE_MS);
                CHECK(weight_of(&h, &h.entries[i]) >= truth[term] * lost * 0.999);
                kept++;
            }
    CHECK(kept > 900);
    trend_history_deinit(&h);
}

/* The chance against adding up the negative binomial distribution. */
TEST(the_score_is_the_tail_of_the_count)
{
    struct trend_history h = {.slot = 100, .posts = 500};
    struct trend_entry e = {.sum = 4, .last_slot = 100};

    h.block = e.block = (h.slot - TREND_SLOTS) / TREND_SLOTS;
    h.recent[h.slot % TREND_SLOTS] = 60;
    e.recent[h.slot % TREND_SLOTS] = 7;
    struct trend_reading reading = trend_history_read(&h, &e, 5);
    double p = 60.0 / 560.0, below = 0;
    for (int k = 0; k < 7; k++)
        below += exp(lgamma(k + 5.0) - lgamma(5) - lgamma(k + 1.0) + k * log(p) + 5 * log(1 - p));
    CHECK_NEAR(reading.score, -log10(1 - below), 1e-6);
    CHECK_NEAR(reading.expected, 5 * 60.0 / 500, 1e-12);
    CHECK_INT(reading.count, 7);
    CHECK_INT(reading.slots, 1);
    CHECK(trend_history_read(&h, &e, 8).score == 0);
}

/* A word that comes in bursts has to burst higher. */
TEST(bursts_of_the_past_lower_the_score)
{
    struct trend_history h = {.slot = 100, .posts = 5000, .blocks = 50};
    struct trend_entry steady = {.sum = 10, .square = 10, .last_slot = 100}, bursty = steady;

    h.block = steady.block = bursty.block = (h.slot - TREND_SLOTS) / TREND_SLOTS;
    h.recent[h.slot % TREND_SLOTS] = 60;
    steady.recent[h.slot % TREND_SLOTS] = bursty.recent[h.slot % TREND_SLOTS] = 7;
    bursty.square = 100; /* all ten in one block */
    double a = trend_history_read(&h, &steady, 5).score,
           b = trend_history_read(&h, &bursty, 5).score;
    CHECK(a > 8 && b < a / 5 && b > 0);
}

/* --- trends in made streams --- */

struct stream {
    struct trend_finder *finder;
    struct post_tokens tokens;
    struct random random;
    int posts;
    size_t told;
    struct trend last;
    char terms[400];
    size_t harbour_posts; /* of trends that say harbour */
};

static void put_in(struct stream *s, int64_t minute, const char *text, const char *lang)
{
    char id[16];
    const struct trend *trends;
    struct err err = {0};
    size_t count;

    snprintf(id, sizeof id, "p%d", s->posts++);
    struct post post = {.id = str_from_cstr(id),
                        .text = str_from_cstr(text),
                        .lang = str_from_cstr(lang),
                        .created_at_ms = minute * 60000,
                        .has_created_at = true};
    CHECK(post_tokens_fill(&s->tokens, &post, &err));
    CHECK(trend_finder_add(s->finder, &post, &s->tokens, &trends, &count, &err));
    for (size_t i = 0; i < count; i++) {
        s->told++;
        s->last = trends[i];
        s->terms[0] = '\0';
        for (size_t t = 0; t < trends[i].term_count; t++)
            snprintf(s->terms + strlen(s->terms), sizeof s->terms - strlen(s->terms), STR_F "|",
                     STR_A(trends[i].terms[t]));
        s->harbour_posts += strstr(s->terms, "harbour") ? trends[i].post_count : 0;
    }
}

static void put(struct stream *s, int64_t minute, const char *text)
{
    put_in(s, minute, text, "");
}

/* Words by a power law, behind a stop word that is everywhere. */
static void quiet(struct stream *s, int64_t from, int64_t to)
{
    char text[200];

    for (int64_t minute = from; minute < to; minute += 2) {
        size_t len = (size_t)snprintf(text, sizeof text, "the");
        for (int w = 0; w < 9; w++)
            len += (size_t)snprintf(text + len, sizeof text - len, " w%d",
                                    (int)pow(3000, random_next_unit(&s->random)));
        put(s, minute, text);
    }
}

static void stream_open(struct stream *s)
{
    struct err err = {0};

    *s = (struct stream){.random = {.seed = 11}};
    CHECK(trend_finder_create(&s->finder, NULL, &err));
    CHECK(post_tokens_init(&s->tokens, &err));
}

static void stream_close(struct stream *s)
{
    post_tokens_deinit(&s->tokens);
    trend_finder_destroy(&s->finder);
}

enum { DAY = 1440 };

TEST(a_quiet_stream_has_no_trends)
{
    struct stream s;

    stream_open(&s);
    quiet(&s, 0, 6 * DAY);
    CHECK_INT(s.told, 0);
    long blocks = mem_live_blocks();
    quiet(&s, 6 * DAY, 12 * DAY);
    CHECK_INT(s.told, 0);
    CHECK_INT(mem_live_blocks(), blocks);
    stream_close(&s);
}

TEST(a_planted_trend_is_found_once_with_its_terms)
{
    struct stream s;
    char text[200];

    stream_open(&s);
    quiet(&s, 0, 4 * DAY);
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text, "w%d w%d harbour fire w%d #burning w%d", i * 7, i * 3 + 1,
                 i * 11 + 2, i * 5 + 900);
        put(&s, 4 * DAY + i, text);
    }
    CHECK_INT(s.told, 0);
    put(&s, 4 * DAY + 11, "the w1 w2");
    CHECK_INT(s.told, 1);
    CHECK_STR(str_from_cstr(s.terms), "harbour fire|#burning|");
    CHECK_INT(s.last.slot_ms, 4 * DAY * INT64_C(60000));
    CHECK_INT(s.last.stories, 8);
    CHECK_INT(s.last.post_count, 8);
    CHECK(s.last.is_new && s.last.score > TREND_SCORE_MIN);
    quiet(&s, 4 * DAY + 12, 5 * DAY);
    CHECK_INT(s.told, 1);
    stream_close(&s);
}

/* Everybody suddenly says "über die" of a harbour fire: the trend is the fire. Words without
 * accents are known too. */
TEST(common_words_do_not_name_a_trend)
{
    struct stream s;
    char text[200];

    stream_open(&s);
    quiet(&s, 0, 4 * DAY);
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text,
                 "über die w%d w%d. Über die hafenbrand w%d. könnte w%d nicht über die", i * 7,
                 i * 3 + 1, i * 11 + 2, i * 5 + 900);
        put_in(&s, 4 * DAY + i, text, "de");
    }
    put(&s, 4 * DAY + 11, "the w1 w2");
    CHECK_INT(s.told, 1);
    CHECK_STR(str_from_cstr(s.terms), "hafenbrand|");
    /* And without it there is none. */
    for (int i = 0; i < 30; i++) {
        snprintf(text, sizeof text, "w%d vielleicht w%d während w%d", i * 7, i * 3 + 1, i * 11 + 2);
        put_in(&s, 5 * DAY + i / 4, text, "de");
    }
    put(&s, 5 * DAY + 11, "the w1 w2");
    CHECK_INT(s.told, 1);
    stream_close(&s);
}

TEST(two_events_are_two_trends)
{
    struct stream s;
    char text[200];

    stream_open(&s);
    quiet(&s, 0, 4 * DAY);
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text, "w%d w%d harbour w%d http://news.example/fire/ w%d", i * 7,
                 i * 3 + 1, i * 11 + 2, i * 5 + 900);
        put(&s, 4 * DAY + i, text);
        snprintf(text, sizeof text, "w%d w%d election w%d w%d", i * 13, i * 2 + 1, i + 2, i + 700);
        put(&s, 4 * DAY + i, text);
    }
    put(&s, 4 * DAY + 11, "the w1 w2");
    CHECK_INT(s.told, 2);
    stream_close(&s);
}

/* Passed on a hundred times by bots: one story. */
TEST(copies_count_once)
{
    struct stream s;

    stream_open(&s);
    quiet(&s, 0, 4 * DAY);
    for (int i = 0; i < 100; i++)
        put(&s, 4 * DAY + i / 10,
            i % 2 ? "RT @bot: win a free voyage now http://spam.example/1"
                  : "Win a free voyage now #lucky");
    put(&s, 4 * DAY + 11, "the w1 w2");
    CHECK_INT(s.told, 0);
    stream_close(&s);
}

/* Three times as many posts as usual, about the same things. */
TEST(more_posts_alone_are_no_trend)
{
    struct stream s;

    stream_open(&s);
    quiet(&s, 0, 5 * DAY);
    for (int i = 0; i < 3; i++) {
        int64_t from = 5 * DAY;
        quiet(&s, from, from + 120);
    }
    CHECK_INT(s.told, 0);
    stream_close(&s);
}

/* A thousand posts in each slot, then twelve thousand, of which one in thirty is kept: of the
 * twenty that matter some are among them. */
TEST(a_small_trend_of_a_large_stream_has_its_posts)
{
    struct stream s;
    char text[200];

    stream_open(&s);
    for (int i = 0; i < 56000; i++) {
        bool is_event = i >= 44000 && i % 600 == 0;
        snprintf(text, sizeof text, is_event ? "w%d harbour w%d fire" : "the w%d w%d",
                 (int)random_below(&s.random, 3000), (int)random_below(&s.random, 3000));
        put(&s, i < 44000 ? i / 100 : 440 + (i - 44000) / 1300, text);
    }
    CHECK_INT(s.harbour_posts, 0);
    put(&s, 451, "the w1 w2");
    CHECK(s.harbour_posts >= 2);
    stream_close(&s);
}

TEST(bad_times_are_refused)
{
    struct stream s;
    const struct trend *trends;
    struct err err = {0};
    size_t count;

    stream_open(&s);
    put(&s, 10 * DAY, "one");
    put(&s, 10 * DAY - 200, "a little late");
    struct post post = {.id = S("x"), .text = S("y"), .created_at_ms = 1, .has_created_at = true};
    CHECK(!trend_finder_add(s.finder, &post, &s.tokens, &trends, &count, &err));
    CHECK_INT(err.code, ERR_INPUT);
    post.has_created_at = false;
    err = (struct err){0};
    CHECK(!trend_finder_add(s.finder, &post, &s.tokens, &trends, &count, &err));
    CHECK_INT(err.code, ERR_INPUT);
    put(&s, 4000 * DAY, "years later");
    stream_close(&s);
}

int main(void)
{
    return RUN(CASE(histories_as_by_adding_up), CASE(a_full_table_never_underestimates),
               CASE(the_score_is_the_tail_of_the_count), CASE(bursts_of_the_past_lower_the_score),
               CASE(a_quiet_stream_has_no_trends),
               CASE(a_planted_trend_is_found_once_with_its_terms),
               CASE(common_words_do_not_name_a_trend), CASE(two_events_are_two_trends),
               CASE(copies_count_once), CASE(more_posts_alone_are_no_trend),
               CASE(a_small_trend_of_a_large_stream_has_its_posts), CASE(bad_times_are_refused));
}
