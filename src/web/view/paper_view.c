#include "web/view/paper_view.h"

/* A decided paper shows the strategy as it was frozen, an open one as it is. */
static bool read_decision(struct paper_view *p, struct err *err)
{
    struct request *req = p->req;
    int64_t id = request_query_i64(req, S("decision"), p->view.decision.id, 0, INT64_MAX);

    p->model = p->view.model;
    if (id == 0)
        return true;
    return decision_read(req->workspace->state, &req->arena, id, &p->decision, err) &&
           decision_model(&req->arena, &p->decision, &p->model, err);
}

static bool read_simulation(struct paper_view *p, struct err *err)
{
    struct db *db = p->req->workspace->state;

    if (p->decision.id != 0 && p->decision.simulation_id != 0)
        return simulation_read(db, &p->req->arena, p->decision.simulation_id, &p->simulation, err);
    for (size_t i = 0; i < p->model.versions.count && p->simulation.id == 0; i++)
        if (p->model.versions.items[i].verdict != VERDICT_ABANDON &&
            !simulation_latest(db, &p->req->arena, p->model.versions.items[i].id, &p->simulation,
                               err))
            return false;
    return true;
}

/* Documents hold no results, so a frozen model gets back the summaries of the run it was decided
 * on. */
static void attach_summaries(struct paper_view *p)
{
    for (size_t i = 0; p->decision.id != 0 && i < p->model.versions.count; i++) {
        struct strategy_version *v = &p->model.versions.items[i];
        const struct simulated_version *s = simulation_version(&p->simulation, v->id);
        if (s)
            v->simulation =
                (struct simulation_summary){.id = p->simulation.id,
                                            .at_ms = p->simulation.at_ms,
                                            .mean = s->mean,
                                            .p10 = s->p10,
                                            .p50 = s->p50,
                                            .p90 = s->p90,
                                            .probability_of_loss = s->probability_of_loss};
    }
}

static bool make(struct paper_view *p, struct err *err)
{
    if (!read_simulation(p, err))
        return false;
    attach_summaries(p);
    return decision_paper_make(&p->req->arena, &p->model, p->view.method, (StrList){0},
                               p->simulation.id != 0 ? &p->simulation : NULL,
                               p->decision.id != 0 ? &p->decision : NULL, p->view.language,
                               &p->paper, err);
}

bool paper_view_read(struct request *req, struct paper_view *out, struct err *err)
{
    out->req = req;
    return strategy_view_read(req, &out->view, err) && read_decision(out, err) && make(out, err);
}

bool paper_view_read_now(struct request *req, struct paper_view *out, struct err *err)
{
    out->req = req;
    if (!strategy_view_read(req, &out->view, err))
        return false;
    out->model = out->view.model;
    return make(out, err);
}
