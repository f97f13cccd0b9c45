/* Golden tables of the published rating rules: numbers in, proposal out. */
#include "unit/test.h"

#include <math.h>

#include "base/limits.h"
#include "strategy/method/method.h"
#include "strategy/rating/rating.h"

static struct arena arena;
static const struct method *method;

static void begin(void)
{
    struct err err = {0};

    arena_init(&arena, 64 * MIB);
    CHECK(method_read(&arena, &method, &err));
}

static void end(void)
{
    arena_deinit(&arena);
}

/* -1 in a column: not available. */
static struct topic_evidence conversation(const double values[CRITERION_COUNT])
{
    struct topic_evidence evidence = {.topic = S("battery"),
                                      .to_ms = INT64_C(2592000000),
                                      .mentions = 400,
                                      .active_days = 30,
                                      .coverage = 1};

    for (int i = 0; i < CRITERION_COUNT; i++)
        evidence.criteria[i] = (struct measured){
            .is_available = values[i] > -1, .value = values[i], .sample = 400, .evidence = i + 1};
    return evidence;
}

static struct topic_proposal propose(const struct topic_evidence *evidence)
{
    struct topic_proposal proposal;
    struct err err = {0};

    CHECK(rating_propose(&arena, &method->rating, evidence, &proposal, &err));
    return proposal;
}

TEST(affinity_is_the_lower_median_of_what_is_available)
{
    static const struct {
        double values[CRITERION_COUNT]; /* volume, authors, response, users, growth */
        int64_t scores[CRITERION_COUNT];
        int64_t affinity;
    } rows[] = {
        {{2.5, 900, 0.45, 0.75, 0.4}, {4, 4, 4, 4, 4}, 4},
        {{2.0, 800, 0.40, 0.70, 0.3}, {4, 4, 4, 4, 4}, 4}, /* thresholds are reached, not passed */
        {{1.99, 799, 0.39, 0.69, 0.29}, {3, 3, 3, 3, 3}, 3},
        {{0.05, 5, 0.01, 0.05, -0.5}, {0, 0, 0, 0, 0}, 0},
        {{1.2, 60, 0.25, 0.20, 0.0}, {3, 2, 3, 1, 2}, 2},
        {{1.2, 60, 0.25, 0.75, -1}, {3, 2, 3, 4, -1}, 3},  /* four: 2 3 3 4, the lower middle */
        {{1.2, -1, 0.25, 0.35, -1}, {3, -1, 3, 2, -1}, 3}, /* three: the minimum */
        {{1.2, -1, -1, 0.35, -1}, {3, -1, -1, 2, -1}, -1}, /* two: not enough */
        {{-1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1}, -1},
    };

    begin();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct topic_evidence evidence = conversation(rows[i].values);
        struct topic_proposal proposal = propose(&evidence);
        for (int c = 0; c < CRITERION_COUNT; c++)
            CHECK_INT(proposal.affinity_reasons[c].score, rows[i].scores[c]);
        CHECK_INT(proposal.affinity, rows[i].affinity);
    }
    end();
}

TEST(too_little_conversation_is_never_a_zero)
{
    const double values[CRITERION_COUNT] = {2.5, 900, 0.45, 0.75, 0.4};
    struct topic_evidence few, short_lived, deaf, thin;

    begin();
    few = short_lived = deaf = thin = conversation(values);
    few.mentions = 49;
    short_lived.active_days = 6;
    deaf.coverage = 0.49;
    for (int i = 0; i < CRITERION_COUNT; i++)
        thin.criteria[i].sample = 49;
    CHECK_INT(propose(&few).affinity, -1);
    CHECK_INT(propose(&short_lived).affinity, -1);
    CHECK_INT(propose(&deaf).affinity, -1);
    CHECK_INT(propose(&thin).affinity, -1);
    CHECK(propose(&thin).affinity_reasons[0].is_too_few);
    CHECK_INT(propose(&few).standing, STANDING_UNSET);
    CHECK_INT(propose(&deaf).position, POSITION_UNSET);
    end();
}

static struct party_evidence party(const char *id, bool is_own, double voice, double engagement,
                                   double sentiment)
{
    return (struct party_evidence){
        .competitor = is_own ? STR_NONE : str_from_cstr(id),
        .name = str_from_cstr(id),
        .is_own = is_own,
        .voice = {.is_available = voice >= 0, .value = voice, .sample = 200, .evidence = 7},
        .engagement = {.is_available = engagement >= 0, .value = engagement, .sample = 200},
        .sentiment = {.is_available = sentiment >= -1, .value = sentiment, .sample = 200}};
}

TEST(position_by_strength_sentiment_and_holder)
{
    enum { UNKNOWN = -2 };
    static const struct {
        double own[3], rival[3]; /* voice, engagement, sentiment */
        enum standing standing;
        enum position_state position;
    } rows[] = {
        {{0.50, 0.50, 0}, {0.20, 0.20, 0}, STANDING_LEADING, POSITION_OURS},
        {{0.25, 0.25, 0}, {0.20, 0.20, 0}, STANDING_LEADING, POSITION_OPEN},
        {{0.24, 0.24, 0}, {0.20, 0.20, 0}, STANDING_EQUAL, POSITION_OPEN},
        {{0.20, 0.20, 0}, {0.24, 0.24, 0}, STANDING_EQUAL, POSITION_OPEN},
        {{0.20, 0.20, 0}, {0.60, 0.60, 0}, STANDING_WEAKER, POSITION_OCCUPIED},
        {{0.60, 0.60, 0}, {0.40, 0.40, 0}, STANDING_LEADING, POSITION_OURS},
        {{0.59, 0.59, 0}, {0.41, 0.41, 0}, STANDING_LEADING, POSITION_OPEN}, /* below 1.5 times */
        {{0.50, 0.50, -0.3}, {0.20, 0.20, 0.1}, STANDING_EQUAL, POSITION_OURS},
        {{0.22, 0.22, 0.3}, {0.20, 0.20, 0}, STANDING_LEADING, POSITION_OPEN},
        {{0.20, 0.20, 0.3}, {0.60, 0.60, 0}, STANDING_EQUAL, POSITION_OCCUPIED},
        {{0.50, UNKNOWN, UNKNOWN}, {0.20, UNKNOWN, UNKNOWN}, STANDING_LEADING, POSITION_OURS},
        {{0, 0, UNKNOWN}, {0.60, 0.60, 0}, STANDING_WEAKER, POSITION_OCCUPIED},
        {{0, 0, UNKNOWN}, {0, 0, UNKNOWN}, STANDING_UNSET, POSITION_UNSET},
    };
    const double none[CRITERION_COUNT] = {-1, -1, -1, -1, -1};

    begin();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct party_evidence parties[] = {
            party("us", true, rows[i].own[0], rows[i].own[1], rows[i].own[2]),
            party("them", false, rows[i].rival[0], rows[i].rival[1], rows[i].rival[2])};
        struct topic_evidence evidence = conversation(none);
        evidence.parties.items = parties;
        evidence.parties.count = 2;
        struct topic_proposal proposal = propose(&evidence);
        CHECK_INT(proposal.standing, rows[i].standing);
        CHECK_INT(proposal.position, rows[i].position);
        CHECK_STR(proposal.holder, rows[i].position == POSITION_OCCUPIED ? "them" : "");
    }
    end();
}

TEST(every_number_is_named_in_both_languages)
{
    const double values[CRITERION_COUNT] = {1.25, 1234, 0.25, -1, -0.1};
    struct party_evidence parties[] = {party("us", true, 0.3, 0.3, 0.1),
                                       party("Kelvo", false, 0.5, 0.5, -0.25)};
    struct topic_evidence evidence = conversation(values);
    ReasonList lines;
    struct err err = {0};

    begin();
    evidence.parties.items = parties;
    evidence.parties.count = 2;
    struct topic_proposal proposal = propose(&evidence);
    CHECK(rating_affinity_lines(&arena, &method->rating, &proposal, METHOD_EN, &lines, &err));
    CHECK_INT(lines.count, CRITERION_COUNT);
    CHECK_STR(lines.items[0].text, "Volume: 1.25 times the median topic's mentions per active day "
                                   "(400 posts) gives 3 of 4");
    CHECK_STR(lines.items[1].text,
              "Authors: 1,234 different people in 30 days (400 posts) gives 4 of 4");
    CHECK_STR(lines.items[3].text,
              "Exchange between users: not available, the sources do not say it");
    CHECK_INT(lines.items[1].evidence, 2);
    CHECK(rating_affinity_lines(&arena, &method->rating, &proposal, METHOD_DE, &lines, &err));
    CHECK_STR(lines.items[1].text,
              "Autoren: 1.234 verschiedene Personen in 30 Tagen (400 Beiträge) ergibt 4 von 4");
    CHECK_STR(lines.items[4].text, "Wachstum: \u221210 % von der ersten zur zweiten Hälfte des "
                                   "Zeitraums (400 Beiträge) ergibt 1 von 4");
    CHECK(rating_position_lines(&arena, &method->rating, &proposal, METHOD_EN, &lines, &err));
    CHECK_STR(lines.items[0].text, "Share of voice: ours 30.0 %, Kelvo 50.0 % (400 posts)");
    CHECK_STR(lines.items[2].text, "Net sentiment: ours 0.10, Kelvo \u22120.25 (400 posts)");
    CHECK_STR(lines.items[3].text,
              "Occupied: Kelvo holds 50.0 % of the conversation, clearly ahead of the next");
    end();
}

TEST(drift_needs_a_confirmed_rating)
{
    struct topic topic = {.affinity = 3, .standing = STANDING_LEADING};
    struct topic_proposal proposal = {.affinity = 1, .standing = STANDING_EQUAL};

    begin();
    struct rating_drift drift = rating_drift(&method->rating, &topic, &proposal);
    CHECK(drift.is_affinity && drift.is_standing && !drift.is_position);
    CHECK_INT(drift.affinity_difference, -2);
    proposal.affinity = 2;
    CHECK(!rating_drift(&method->rating, &topic, &proposal).is_affinity);
    proposal.affinity = -1;
    CHECK(!rating_drift(&method->rating, &topic, &proposal).is_affinity);
    topic.affinity = -1;
    topic.standing = STANDING_UNSET;
    drift = rating_drift(&method->rating, &topic, &proposal);
    CHECK(!drift.is_affinity && !drift.is_standing);
    end();
}

TEST(numbers_are_spelt_by_language)
{
    begin();
    CHECK_STR(method_number(&arena, 1234567.891, 2, METHOD_EN), "1,234,567.89");
    CHECK_STR(method_number(&arena, -1234.5, 1, METHOD_DE), "\u22121.234,5");
    CHECK_STR(method_number(&arena, -999, 0, METHOD_EN), "\u2212999");
    CHECK_STR(method_number(&arena, -0.001, 1, METHOD_EN), "0.0");
    CHECK_STR(method_number(&arena, 999, 0, METHOD_EN), "999");
    CHECK_STR(method_number(&arena, NAN, 0, METHOD_EN), "–");
    CHECK_STR(method_fill(&arena, S("{a} of {b}, {c"),
                          (struct text_argument[]){{"a", S("1")}, {"b", S("2")}}, 2),
              "1 of 2, {c");
    end();
}

int main(void)
{
    return RUN(CASE(affinity_is_the_lower_median_of_what_is_available),
               CASE(too_little_conversation_is_never_a_zero),
               CASE(position_by_strength_sentiment_and_holder),
               CASE(every_number_is_named_in_both_languages), CASE(drift_needs_a_confirmed_rating),
               CASE(numbers_are_spelt_by_language));
}
