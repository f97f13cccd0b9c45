/* rating_text.c - the numbers behind a proposal as sentences, in the words of method/ratings.json.
 */
#include "strategy/rating/rating.h"

#define LINES_MAX 8

static Str show(struct arena *arena, enum affinity_criterion criterion, double value,
                enum method_language language)
{
    switch (criterion) {
    case CRITERION_RESPONSE:
    case CRITERION_USERS:
    case CRITERION_GROWTH:
        return arena_printf(arena, STR_F " %%",
                            STR_A(method_number(arena, value * 100, 0, language)));
    case CRITERION_AUTHORS:
        return method_number(arena, value, 0, language);
    case CRITERION_VOLUME:
    case CRITERION_COUNT:
        break;
    }
    return method_number(arena, value, 2, language);
}

static Str affinity_line(struct arena *arena, const struct rating_rules *rules,
                         const struct affinity_reason *reason, enum method_language language)
{
    const struct rating_criterion *criterion = &rules->affinity[reason->criterion];
    struct text_argument arguments[] = {
        {"name", criterion->name.in[language]},
        {"value", show(arena, reason->criterion, reason->number.value, language)},
        {"sample", method_number(arena, (double)reason->number.sample, 0, language)},
        {"minimum", method_number(arena, (double)criterion->minimum_sample, 0, language)},
        {"score", arena_printf(arena, "%lld", (long long)reason->score)},
    };

    Str text = criterion->sentence.in[language];
    if (!reason->number.is_available)
        text = rules->not_available.in[language];
    else if (reason->is_too_few)
        text = rules->too_few.in[language];
    return method_fill(arena, text, arguments, COUNT_OF(arguments));
}

static bool lines_new(struct arena *arena, ReasonList *out, struct err *err)
{
    *out = (ReasonList){.items = arena_try_new(arena, struct reason_line, LINES_MAX)};
    return out->items || err_arena(err, arena);
}

static void add_line(ReasonList *lines, Str text, int64_t evidence, int64_t score)
{
    ASSERT(lines->count < LINES_MAX);
    lines->items[lines->count++] =
        (struct reason_line){.text = text, .evidence = evidence, .score = score};
}

static Str not_enough(struct arena *arena, const struct rating_rules *rules,
                      const struct topic_proposal *proposal, enum method_language language)
{
    struct text_argument arguments[] = {
        {"mentions", method_number(arena, (double)proposal->mentions, 0, language)},
        {"days", method_number(arena, proposal->active_days, 0, language)},
        {"coverage", method_number(arena, proposal->coverage * 100, 0, language)},
        {"minimum", method_number(arena, (double)rules->minimum_mentions, 0, language)},
    };

    return method_fill(arena, rules->not_enough.in[language], arguments, COUNT_OF(arguments));
}

bool rating_affinity_lines(struct arena *arena, const struct rating_rules *rules,
                           const struct topic_proposal *proposal, enum method_language language,
                           ReasonList *out, struct err *err)
{
    if (!lines_new(arena, out, err))
        return false;
    if (proposal->affinity < 0)
        add_line(out, not_enough(arena, rules, proposal, language), 0, -1);
    for (int i = 0; i < CRITERION_COUNT; i++) {
        const struct affinity_reason *reason = &proposal->affinity_reasons[i];
        add_line(out, affinity_line(arena, rules, reason, language), reason->number.evidence,
                 reason->score);
    }
    return true;
}

static Str share_text(struct arena *arena, bool is_known, double value, bool is_share,
                      enum method_language language)
{
    if (!is_known)
        return language == METHOD_DE ? S("nicht verfügbar") : S("not available");
    if (!is_share)
        return method_number(arena, value, 2, language);
    return arena_printf(arena, STR_F " %%", STR_A(method_number(arena, value * 100, 1, language)));
}

static Str position_line(struct arena *arena, const struct rating_rules *rules,
                         const struct topic_proposal *proposal,
                         const struct position_reason *reason, enum method_language language)
{
    bool is_share = reason->kind != REASON_SENTIMENT;
    double held = reason->has_own ? reason->own : reason->rival;
    struct text_argument arguments[] = {
        {"own", share_text(arena, reason->has_own, reason->own, is_share, language)},
        {"rival", share_text(arena, reason->has_rival, reason->rival, is_share, language)},
        {"name", reason->rival_name.len > 0 ? reason->rival_name : S("–")},
        {"share", share_text(arena, true, held, true, language)},
        {"sample",
         method_number(arena, (double)(reason->own_sample + reason->rival_sample), 0, language)},
    };
    const struct method_text *texts[] = {&rules->voice, &rules->engagement, &rules->sentiment,
                                         &rules->trend, &rules->open_position};
    const struct method_text *text = texts[reason->kind];

    if (reason->kind == REASON_HOLDER && proposal->position == POSITION_OCCUPIED)
        text = &rules->held_by;
    if (reason->kind == REASON_HOLDER && proposal->position == POSITION_OURS)
        text = &rules->ours;
    return method_fill(arena, text->in[language], arguments, COUNT_OF(arguments));
}

bool rating_position_lines(struct arena *arena, const struct rating_rules *rules,
                           const struct topic_proposal *proposal, enum method_language language,
                           ReasonList *out, struct err *err)
{
    if (!lines_new(arena, out, err))
        return false;
    if (proposal->position == POSITION_UNSET)
        add_line(out, not_enough(arena, rules, proposal, language), 0, -1);
    for (size_t i = 0; i < proposal->position_reasons.count; i++) {
        const struct position_reason *reason = &proposal->position_reasons.items[i];
        if (reason->kind == REASON_HOLDER && proposal->position == POSITION_UNSET)
            continue;
        add_line(out, position_line(arena, rules, proposal, reason, language),
                 reason->has_own ? reason->own_evidence : reason->rival_evidence, -1);
    }
    return true;
}
