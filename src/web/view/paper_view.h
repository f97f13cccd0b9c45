/* paper_view.h - the decision paper of a request: what page and API show.
 *
 * ?decision=N asks for the paper of an earlier decision; otherwise it is that of the decision in
 * force, or of the open question. Everything lives in the request's arena.
 */
#ifndef WEB_PAPER_VIEW_H
#define WEB_PAPER_VIEW_H

#include "strategy/decision/decision_paper.h"
#include "web/view/strategy_view.h"

struct paper_view {
    struct request *req;
    struct strategy_view view;   /* as it is now: links and words; figures come from `model` */
    struct strategy_model model; /* as frozen by the decision, or as it is now */
    struct decision decision;    /* id 0: none yet */
    struct simulation_result simulation; /* id 0: none */
    struct decision_paper paper;
};

/* _now: the open question as it stands, whatever was decided.
 * ERR_NOT_FOUND: no such decision. ERR_CORRUPT: its frozen document was altered. */
bool paper_view_read_now(struct request *req, struct paper_view *out, struct err *err) MUST_CHECK;
bool paper_view_read(struct request *req, struct paper_view *out, struct err *err) MUST_CHECK;

#endif
