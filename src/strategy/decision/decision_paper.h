/* decision_paper.h - what management decides on, as one struct that web, report and API render.
 *
 * One head, one comparison, one page per version, conditions, what is missing, and the decision
 * when there is one. Sentences come in the language asked for; numbers stay numbers. Built from the
 * model and its stored simulation; byte-stable for equal input.
 */
#ifndef STRATEGY_DECISION_PAPER_H
#define STRATEGY_DECISION_PAPER_H

#include "strategy/choice/comparison.h"
#include "strategy/decision/decision.h"
#include "strategy/method/check.h"
#include "strategy/method/gate.h"
#include "strategy/steering/assumption.h"

struct paper_option {
    const struct strategy_option *option;
    Str topic_label, reason;
    bool is_chosen;
};

struct paper_assumption {
    const struct assumption *assumption;
    Str rule;                           /* as a sentence */
    double benefit_share;               /* of the version resting on it */
    double mean_if_true, mean_if_false; /* net benefit; NAN when not simulated */
};

struct paper_version {
    const struct strategy_version *version;
    Str focus_name, focus_aim;
    const struct evaluation *evaluation;
    const struct simulated_version *simulated;  /* NULL: not simulated */
    STRATEGY_LIST(struct paper_option) options; /* chosen first */
    STRATEGY_LIST(struct paper_assumption) assumptions;
    STRATEGY_LIST(struct check_finding) findings; /* of the structural check */
};

struct decision_paper {
    Str title, question;
    const struct company *company;
    STRATEGY_LIST(struct paper_version) versions; /* pursued ones */
    struct comparison comparison;
    const struct gate *gates;
    size_t gate_count;
    STRATEGY_LIST(struct topic) top_topics;     /* priority A, then B */
    const struct simulation_result *simulation; /* NULL: none */
    struct decision decision;                   /* id 0: open */
    StrList
        limits_of_this; /* what the paper does not know: unrated topics, missing simulation ... */
};

/* `simulation` may be NULL, `decision` may be NULL. Versions shown: those in `versions`, else all
 * not abandoned. Pure. */
bool decision_paper_make(struct arena *arena, const struct strategy_model *model,
                         const struct method *method, StrList versions,
                         const struct simulation_result *simulation,
                         const struct decision *decision, enum method_language language,
                         struct decision_paper *out, struct err *err) MUST_CHECK;

/* Everything in it as one JSON object, for the API and the report. */
bool decision_paper_json(struct arena *arena, const struct decision_paper *paper, Str *out,
                         struct err *err) MUST_CHECK;

/* Its tables as a workbook (format/xlsx.h) into `fd`: comparison, options, assumptions, gates.
 * Dated by the decision, else by the simulation: equal papers give equal bytes. */
bool decision_paper_xlsx(struct arena *arena, const struct decision_paper *paper, int fd,
                         Str scratch, struct err *err) MUST_CHECK;

struct json_writer;
/* One evaluation as a JSON value. */
void evaluation_json(struct json_writer *writer, const struct evaluation *evaluation);

#endif
