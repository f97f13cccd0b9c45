#include "listen/measure/measure.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static const struct measure_info infos[MEASURE_COUNT] = {
    [MEASURE_MENTIONS] = {"mentions", "Mentions", "posts", PHRASE("posts that satisfy the query"),
                          SIGNAL_SUM},
    [MEASURE_AUTHORS] = {"authors", "Authors", "authors",
                         PHRASE("distinct authors of the mentions within the period, over sources "
                                "that name authors: exact up to 1024, beyond by HyperLogLog with a "
                                "standard error of 0.8 %; a day merges its hours"),
                         SIGNAL_NONE},
    [MEASURE_POSITIVE] = {"positive", "Positive mentions", "posts",
                          PHRASE("mentions rated positive by lexicon, rules and words learned from "
                                 "labelled posts"),
                          SIGNAL_SUM},
    [MEASURE_NEUTRAL] = {"neutral", "Neutral mentions", "posts",
                         PHRASE("mentions rated neutral by lexicon, rules and words learned from "
                                "labelled posts"),
                         SIGNAL_SUM},
    [MEASURE_NEGATIVE] = {"negative", "Negative mentions", "posts",
                          PHRASE("mentions rated negative by lexicon, rules and words learned from "
                                 "labelled posts"),
                          SIGNAL_SUM},
    [MEASURE_NET_SENTIMENT] = {"net_sentiment", "Net sentiment", "score",
                               PHRASE("(positive - negative) / (positive + negative); n counts "
                                      "both"),
                               SIGNAL_MEAN},
    [MEASURE_REPLIES_SHARE] = {"replies_share", "Share of replies", "share",
                               PHRASE("replies and comments / mentions, over sources that say what "
                                      "a post answers"),
                               SIGNAL_MEAN},
    [MEASURE_ENGAGEMENT] = {"engagement", "Engagement", "interactions",
                            PHRASE("likes + replies + reposts of the mentions, over sources that "
                                   "count them, as of the last import of each post"),
                            SIGNAL_SUM},
    [MEASURE_REACH] = {"reach", "Potential reach", "followers",
                       PHRASE("sum over distinct authors of their largest number of followers "
                              "within the period, over sources that count followers"),
                       SIGNAL_NONE},
};

const struct measure_info *measure_info(enum measure measure)
{
    ASSERT(measure < MEASURE_COUNT);
    return &infos[measure];
}

/* ---- sums ------------------------------------------------------------------------------------ */

void measure_sum_reset(struct measure_sum *sum)
{
    struct author_slot *slots = sum->slots;
    size_t slot_count = sum->slot_count;

    if (sum->author_count > 0)
        memset(slots, 0, slot_count * sizeof *slots);
    *sum = (struct measure_sum){.slots = slots, .slot_count = slot_count};
}

void measure_sum_deinit(struct measure_sum *sum)
{
    mem_free(sum->slots);
    *sum = (struct measure_sum){0};
}

static struct author_slot *author_slot(struct author_slot *slots, size_t count, uint64_t author)
{
    size_t at = (size_t)hash_u64(author, 0) & (count - 1);

    while (slots[at].author != 0 && slots[at].author != author)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool authors_grow(struct measure_sum *sum, struct err *err)
{
    size_t count = sum->slot_count == 0 ? 64 : sum->slot_count * 2;
    struct author_slot *slots = mem_try_alloc(count, sizeof *slots);

    if (!slots)
        return err_set(err, ERR_NO_MEMORY, "no memory for counting authors");
    for (size_t i = 0; i < sum->slot_count; i++)
        if (sum->slots[i].author != 0)
            *author_slot(slots, count, sum->slots[i].author) = sum->slots[i];
    mem_free(sum->slots);
    sum->slots = slots;
    sum->slot_count = count;
    return true;
}

static bool author_add(struct measure_sum *sum, const struct mention_fact *fact, struct err *err)
{
    if ((sum->author_count + 1) * 2 > sum->slot_count && !authors_grow(sum, err))
        return false;
    struct author_slot *slot = author_slot(sum->slots, sum->slot_count, fact->author);
    if (slot->author == 0) {
        *slot = (struct author_slot){fact->author, 0};
        sum->author_count++;
    }
    if (fact->followers > slot->followers)
        slot->followers = fact->followers;
    return true;
}

bool measure_sum_add(struct measure_sum *sum, const struct mention_fact *fact, uint32_t facets,
                     struct err *err)
{
    sum->mentions++;
    sum->positive += fact->polarity == POST_POSITIVE;
    sum->neutral += fact->polarity == POST_NEUTRAL;
    sum->negative += fact->polarity == POST_NEGATIVE;
    sum->can_author += (facets & POST_HAS_AUTHOR) != 0;
    sum->can_followers += (facets & POST_HAS_FOLLOWERS) != 0;
    sum->can_reply += (facets & POST_HAS_REPLY) != 0;
    sum->can_repost += (facets & POST_HAS_REPOST) != 0;
    sum->can_engagement += (facets & POST_HAS_ENGAGEMENT) != 0;
    sum->replies += (fact->flags & MENTION_REPLY) != 0;
    sum->reposts += (fact->flags & MENTION_REPOST) != 0;
    sum->engagement += fact->engagement > 0 ? fact->engagement : 0;
    return fact->author == 0 || author_add(sum, fact, err);
}

static double reach_of(const struct measure_sum *sum)
{
    double reach = 0;

    for (size_t i = 0; i < sum->slot_count; i++)
        if (sum->slots[i].author != 0)
            reach += (double)sum->slots[i].followers;
    return reach;
}

/* A measure over the `able` mentions whose source supports it. */
static struct measured_value supported(const struct measure_sum *sum, double value, int64_t able,
                                       bool could_be)
{
    struct measured_value out = {.value = value, .n = able, .coverage = 1};

    if (sum->mentions > 0)
        out.coverage = (double)able / (double)sum->mentions;
    if (sum->mentions > 0 ? able == 0 : !could_be) {
        out.value = NAN;
        out.coverage = 0;
    }
    return out;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

struct measured_value measure_of(const struct measure_sum *sum, enum measure measure,
                                 uint32_t facets)
{
    int64_t moods = sum->positive + sum->negative, rated = moods + sum->neutral;

    switch (measure) {
    case MEASURE_MENTIONS:
        return supported(sum, (double)sum->mentions, sum->mentions, true);
    case MEASURE_AUTHORS:
        return supported(sum, (double)sum->author_count, sum->can_author, facets & POST_HAS_AUTHOR);
    case MEASURE_POSITIVE:
        return supported(sum, (double)sum->positive, rated, true);
    case MEASURE_NEUTRAL:
        return supported(sum, (double)sum->neutral, rated, true);
    case MEASURE_NEGATIVE:
        return supported(sum, (double)sum->negative, rated, true);
    case MEASURE_NET_SENTIMENT:
        return (struct measured_value){
            ratio((double)(sum->positive - sum->negative), (double)moods), moods,
            sum->mentions > 0 ? (double)rated / (double)sum->mentions : 1};
    case MEASURE_REPLIES_SHARE:
        return supported(sum, ratio((double)sum->replies, (double)sum->can_reply), sum->can_reply,
                         facets & POST_HAS_REPLY);
    case MEASURE_ENGAGEMENT:
        return supported(sum, (double)sum->engagement, sum->can_engagement,
                         facets & POST_HAS_ENGAGEMENT);
    case MEASURE_REACH:
        return supported(sum, reach_of(sum), sum->can_followers, facets & POST_HAS_FOLLOWERS);
    case MEASURE_COUNT:
        break;
    }
    UNREACHABLE("measure");
}

/* ---- over the archive ------------------------------------------------------------------------ */

uint32_t measure_facets(const struct archive *a)
{
    const struct archive_source *sources;
    size_t count = archive_sources(a, &sources);
    uint32_t facets = 0;

    for (size_t i = 0; i < count; i++)
        facets |= sources[i].facets;
    return facets;
}
