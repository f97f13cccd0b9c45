#include "strategy/rating/rating.h"

#include <math.h>

/* At least, with room for what adding and dividing shares rounds away. */
static bool reaches(double value, double bound)
{
    return value >= bound - 1e-9;
}

int64_t rating_score(const struct rating_criterion *criterion, double value)
{
    int64_t score = 0;

    while (score < 4 && reaches(value, criterion->thresholds[score]))
        score++;
    return score;
}

static bool is_enough_conversation(const struct rating_rules *rules,
                                   const struct topic_evidence *evidence)
{
    return evidence->mentions >= rules->minimum_mentions &&
           evidence->active_days >= rules->minimum_active_days &&
           evidence->coverage >= rules->minimum_coverage;
}

/* Of an even number the lower middle one: a doubt never lifts a rating. */
static int64_t lower_median(int64_t *scores, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = i; j > 0 && scores[j - 1] > scores[j]; j--) {
            int64_t higher = scores[j - 1];
            scores[j - 1] = scores[j];
            scores[j] = higher;
        }
    }
    return scores[(count - 1) / 2];
}

static void propose_affinity(const struct rating_rules *rules,
                             const struct topic_evidence *evidence, struct topic_proposal *out)
{
    int64_t scores[CRITERION_COUNT];
    size_t count = 0;

    for (int i = 0; i < CRITERION_COUNT; i++) {
        const struct rating_criterion *criterion = &rules->affinity[i];
        const struct measured *number = &evidence->criteria[i];
        struct affinity_reason *reason = &out->affinity_reasons[i];
        *reason = (struct affinity_reason){
            .criterion = (enum affinity_criterion)i, .number = *number, .score = -1};
        if (!number->is_available || isnan(number->value)) {
            reason->number.is_available = false;
        } else if (number->sample < criterion->minimum_sample) {
            reason->is_too_few = true;
        } else {
            reason->score = rating_score(criterion, number->value);
            scores[count++] = reason->score;
        }
    }
    bool is_enough = is_enough_conversation(rules, evidence) &&
                     (int64_t)count >= rules->minimum_criteria && count > 0;
    out->affinity = is_enough ? lower_median(scores, count) : -1;
}

/* Mean of the shares of voice and engagement, of those available; negative when none is. */
static double strength(const struct party_evidence *party)
{
    double sum = 0;
    int count = 0;

    if (party->voice.is_available) {
        sum += party->voice.value;
        count++;
    }
    if (party->engagement.is_available) {
        sum += party->engagement.value;
        count++;
    }
    return count > 0 ? sum / count : -1;
}

/* The strongest party that is not `except`; NULL when nobody has a share. The first of equals. */
static const struct party_evidence *strongest(const struct topic_evidence *evidence,
                                              const struct party_evidence *except)
{
    const struct party_evidence *best = NULL;

    for (size_t i = 0; i < evidence->parties.count; i++) {
        const struct party_evidence *party = &evidence->parties.items[i];
        if (party != except && strength(party) > 0 && (!best || strength(party) > strength(best)))
            best = party;
    }
    return best;
}

static const struct party_evidence *own_party(const struct topic_evidence *evidence)
{
    for (size_t i = 0; i < evidence->parties.count; i++) {
        if (evidence->parties.items[i].is_own)
            return &evidence->parties.items[i];
    }
    return NULL;
}

static enum standing move_standing(enum standing standing, int step)
{
    int moved = (int)standing - step; /* leading is the smallest */

    if (moved < STANDING_LEADING)
        moved = STANDING_LEADING;
    return moved > STANDING_WEAKER ? STANDING_WEAKER : (enum standing)moved;
}

static enum standing propose_standing(const struct rating_rules *rules,
                                      const struct party_evidence *own,
                                      const struct party_evidence *rival)
{
    double ours = strength(own), theirs = rival ? strength(rival) : 0;
    enum standing standing = STANDING_EQUAL;

    if (reaches(ours, theirs * rules->leading_ratio) && ours > 0)
        standing = STANDING_LEADING;
    else if (reaches(theirs, ours * rules->leading_ratio))
        standing = STANDING_WEAKER;
    if (!rival || !own->sentiment.is_available || !rival->sentiment.is_available)
        return standing;
    double difference = own->sentiment.value - rival->sentiment.value;
    if (reaches(difference, rules->sentiment_step))
        return move_standing(standing, 1);
    return reaches(-difference, rules->sentiment_step) ? move_standing(standing, -1) : standing;
}

static enum position_state propose_state(const struct rating_rules *rules,
                                         const struct topic_evidence *evidence, Str *holder)
{
    const struct party_evidence *first = strongest(evidence, NULL);
    const struct party_evidence *second = first ? strongest(evidence, first) : NULL;

    if (!first || !reaches(strength(first), rules->holder_share) ||
        (second && !reaches(strength(first), strength(second) * rules->holder_ratio)))
        return POSITION_OPEN;
    if (first->is_own)
        return POSITION_OURS;
    *holder = first->competitor;
    return POSITION_OCCUPIED;
}

static void add_reason(struct topic_proposal *out, enum position_reason_kind kind,
                       const struct measured *own, const struct measured *rival, Str rival_name)
{
    bool has_own = own && own->is_available, has_rival = rival && rival->is_available;

    if (!has_own && !has_rival)
        return;
    out->position_reasons.items[out->position_reasons.count++] =
        (struct position_reason){.kind = kind,
                                 .has_own = has_own,
                                 .has_rival = has_rival,
                                 .own = has_own ? own->value : 0,
                                 .rival = has_rival ? rival->value : 0,
                                 .own_sample = has_own ? own->sample : 0,
                                 .rival_sample = has_rival ? rival->sample : 0,
                                 .own_evidence = has_own ? own->evidence : 0,
                                 .rival_evidence = has_rival ? rival->evidence : 0,
                                 .rival_name = rival_name};
}

static void explain_position(const struct rating_rules *rules,
                             const struct topic_evidence *evidence,
                             const struct party_evidence *own, const struct party_evidence *rival,
                             struct topic_proposal *out)
{
    Str name = rival ? rival->name : STR_NONE;
    const struct party_evidence *first = strongest(evidence, NULL);

    add_reason(out, REASON_VOICE, own ? &own->voice : NULL, rival ? &rival->voice : NULL, name);
    add_reason(out, REASON_ENGAGEMENT, own ? &own->engagement : NULL,
               rival ? &rival->engagement : NULL, name);
    if (own && rival)
        add_reason(out, REASON_SENTIMENT, &own->sentiment, &rival->sentiment, name);
    if (own && rival && own->voice_trend.is_available && rival->voice_trend.is_available &&
        fabs(own->voice_trend.value - rival->voice_trend.value) >= rules->trend_note)
        add_reason(out, REASON_TREND, &own->voice_trend, &rival->voice_trend, name);
    if (first)
        add_reason(out, REASON_HOLDER, first->is_own ? &first->voice : NULL,
                   first->is_own ? NULL : &first->voice, first->name);
}

bool rating_propose(struct arena *arena, const struct rating_rules *rules,
                    const struct topic_evidence *evidence, struct topic_proposal *out,
                    struct err *err)
{
    const struct party_evidence *own = own_party(evidence);
    const struct party_evidence *rival = strongest(evidence, own);

    *out = (struct topic_proposal){.topic = evidence->topic,
                                   .rules_version = rules->version,
                                   .from_ms = evidence->from_ms,
                                   .to_ms = evidence->to_ms,
                                   .mentions = evidence->mentions,
                                   .active_days = evidence->active_days,
                                   .coverage = evidence->coverage};
    propose_affinity(rules, evidence, out);
    out->position_reasons.items = arena_try_new(arena, struct position_reason, REASON_HOLDER + 1);
    if (!out->position_reasons.items)
        return err_arena(err, arena);
    explain_position(rules, evidence, own, rival, out);
    if (evidence->mentions < rules->position_minimum_mentions ||
        evidence->coverage < rules->minimum_coverage || !strongest(evidence, NULL))
        return true;
    out->position = propose_state(rules, evidence, &out->holder);
    if (own && strength(own) >= 0)
        out->standing = propose_standing(rules, own, rival);
    return true;
}

struct rating_drift rating_drift(const struct rating_rules *rules, const struct topic *confirmed,
                                 const struct topic_proposal *proposal)
{
    struct rating_drift drift = {0};

    if (confirmed->affinity >= 0 && proposal->affinity >= 0) {
        drift.affinity_difference = proposal->affinity - confirmed->affinity;
        drift.is_affinity = drift.affinity_difference >= rules->affinity_drift ||
                            drift.affinity_difference <= -rules->affinity_drift;
    }
    drift.is_standing = confirmed->standing != STANDING_UNSET &&
                        proposal->standing != STANDING_UNSET &&
                        confirmed->standing != proposal->standing;
    drift.is_position = confirmed->position != POSITION_UNSET &&
                        proposal->position != POSITION_UNSET &&
                        (confirmed->position != proposal->position ||
                         (confirmed->position == POSITION_OCCUPIED &&
                          !str_eq(confirmed->holder, proposal->holder)));
    return drift;
}
