/* label_report.h - how good the machine's moods are on a query's labelled posts, and what that
 * makes of the shares it counts.
 *
 * Truth of a post is what most of its labellers say, "cannot tell" aside; where as many say one as
 * say another it is in dispute and left out. Posts that are not about what the query is for are
 * left out of the matrix and make the relevance. What the machine says is its last reading
 * (label.h). Several rounds of a query are taken together, each post with its weight in units of
 * the round's mean. Pure but for reading.
 */
#ifndef LISTEN_LABEL_REPORT_H
#define LISTEN_LABEL_REPORT_H

#include "format/json.h"
#include "listen/label/label.h"
#include "quant/agreement.h"
#include "quant/confusion.h"
#include "quant/prevalence.h"

enum { LABEL_MOODS = 3 }; /* negative, neutral, positive */

struct label_report {
    int64_t query;
    size_t items;                       /* posts drawn and not erased */
    size_t judged;                      /* by at least one person */
    size_t usable;                      /* in the matrix */
    size_t off_topic, unsure, disputed; /* of those judged, left out of it */
    size_t gone;                        /* judged, and no mention any more, or edited since */
    struct confusion confusion;         /* classes negative, neutral, positive */
    double
        off_topic_calls[LABEL_MOODS]; /* what off-topic posts are called, as prevalence.h has it */
    struct confusion_share relevance; /* share of the mentions that is about it */
    struct agreement agreement;       /* between people: moods and off-topic */
    Str maker;                        /* of the moods; empty: not known, or several */
    bool has_makers;                  /* several */
    int64_t corrections;              /* version under which the moods were read */
    bool is_current;                  /* that is the last version of the query's corrections */
};

/* Half of the posts, always the same ones, may be looked at while correcting; the other half is
 * held back, so that what corrections gain is measured on posts they were not made from. */
enum label_half { LABEL_BOTH_HALVES, LABEL_SHOWN_HALF, LABEL_HELD_HALF };
bool label_is_held(const struct label_item *item);

/* *has_truth false: unjudged, in dispute or unsure. May be LABEL_OFF_TOPIC. */
enum label_verdict label_truth(const struct label_item *item, bool *has_truth, bool *is_disputed);

/* Of items as label_items() gives them; whoever wants to know what other moods would be worth
 * changes items[i].mood before. Needs scratch for as many confusion items. */
bool label_report_of(struct arena *arena, const struct label_item *items, size_t count,
                     enum label_half half, struct label_report *out, struct err *err) MUST_CHECK;
/* Of all rounds of a query, or (round not 0) of one. A query without labels has judged 0. */
bool label_report_read(struct arena *arena, struct db *state, int64_t query, int64_t round,
                       struct label_report *out, struct err *err) MUST_CHECK;

/* Mentions of the query in the hours of [from, to) by mood, those without a mood left out. */
bool label_count(struct archive *a, int64_t query, int64_t from_ms, int64_t to_ms,
                 double counted[LABEL_MOODS], struct err *err) MUST_CHECK;
/* The shares behind moods that were counted (negative, neutral, positive). */
enum prevalence_answer label_shares(const struct label_report *report,
                                    const double counted[LABEL_MOODS], struct prevalence *out);
/* "good", "too_few", "class_few", "indistinct", "uncounted" */
const char *label_answer_name(enum prevalence_answer answer);

/* Members of an object that is open: of the report, and of shares with what they were computed
 * from.
 */
void label_report_put(struct json_writer *w, const struct label_report *report);
void label_shares_put(struct json_writer *w, enum prevalence_answer answer,
                      const struct prevalence *shares, const double counted[LABEL_MOODS]);

#endif
