/* strategy_view.h - what every page of the strategy needs: model, method, gates, words.
 *
 * Reads the workspace's whole strategy (a millisecond) into the request's arena. The method is read
 * once per process and shared.
 */
#ifndef WEB_STRATEGY_VIEW_H
#define WEB_STRATEGY_VIEW_H

#include "strategy/decision/decision.h"
#include "strategy/method/gate.h"
#include "strategy/model/store.h"
#include "strategy/steering/review.h"
#include "web/page.h"

struct strategy_view {
    struct strategy_model model;
    const struct method *method;
    enum method_language language;
    const struct gate *gates;
    size_t gate_count;
    struct decision decision; /* in force; id 0: none */
    int64_t open_reviews;
};

bool strategy_view_read(struct request *req, struct strategy_view *out, struct err *err) MUST_CHECK;

/* The step strip of the page's head; `step` is the page's own, 0 to 9. Also the notice count. */
void strategy_steps(struct request *req, const struct strategy_view *view, int64_t step,
                    struct page_head *head);

/* The page on which the work of a step, 0 to 9, is done. */
Str strategy_step_address(struct request *req, int64_t step);

/* The name of a value for people: strategy_word(view, "standing", &words_standing,
 * topic->standing). Empty for a value without a word. */
Str strategy_word(const struct strategy_view *view, const char *list, const struct word_list *words,
                  int value);
/* The same of a word that is stored as text; a text that the method does not name, such as one that
 * somebody typed, comes back as it is. */
Str strategy_name(const struct strategy_view *view, const char *list, Str word);
/* "Topic" for the kind "topic"; empty when the strategy has no such kind. */
Str strategy_kind_name(struct request *req, Str kind);
/* "3 · strong" for an affinity; "not rated" below 0. */
Str strategy_affinity(struct request *req, const struct strategy_view *view, int64_t affinity);
/* "12,300 EUR" */
Str strategy_money(struct request *req, const struct strategy_view *view, double amount);
/* actor, reason, time of a change by this request */
struct change strategy_change(struct request *req, Str reason);

#endif
