/* portfolio_conflict.c - a smallest set of conditions that cannot hold together.
 *
 * First the set of all conditions is thinned by leaving out chunks of halving size, until every
 * single one is needed. That set is irreducible but another may be smaller; so the smallest is
 * looked for by implicit hitting sets (Ignatiev, Previti, Liffiton, Marques-Silva: Smallest MUS
 * extraction with minimal hitting set dualization, CP 2015): every maximal set of conditions that
 * can hold leaves out at least one member of any contradiction; a smallest set that hits all those
 * left-out parts and is itself contradictory is the answer. When time runs out, the irreducible set
 * is. */
#include <string.h>

#include "base/vec.h"
#include "os/clock.h"
#include "strategy/choice/portfolio.h"
#include "strategy/choice/portfolio_priv.h"

enum verdict { CAN_HOLD, CANNOT_HOLD, NOT_KNOWN };

#define EXPLAIN_SECONDS_MIN 2.0 /* given to the explanation even when the search used all time */

struct explain {
    struct portfolio_search *search;
    double seconds; /* since started_ns */
    uint64_t started_ns;
    size_t count;
    bool *is_in;      /* conditions that are looked at */
    bool *chosen;     /* after CAN_HOLD: a choice that obeys them */
    signed char *fix; /* per option: 1 in, 0 out, -1 open */
    double *zeros;
};

static double time_left(const struct explain *e)
{
    return e->seconds - clock_seconds_since(e->started_ns);
}

/* --- cheap reasoning ----------------------------------------------------------------------- */

/* 1: something was fixed, 0: nothing, -1: contradiction. */
static int fix(struct explain *e, uint32_t option, signed char value)
{
    if (e->fix[option] == value)
        return 0;
    if (e->fix[option] != -1)
        return -1;
    e->fix[option] = value;
    return 1;
}

static int propagate(struct explain *e, const struct portfolio_condition *c)
{
    switch (c->kind) {
    case PORTFOLIO_MUST:
        return fix(e, c->index, 1);
    case PORTFOLIO_MUST_NOT:
        return fix(e, c->index, 0);
    case PORTFOLIO_REQUIRES:
        return e->fix[c->index] == 1   ? fix(e, c->other, 1)
               : e->fix[c->other] == 0 ? fix(e, c->index, 0)
                                       : 0;
    case PORTFOLIO_EXCLUDES:
        return e->fix[c->index] == 1   ? fix(e, c->other, 0)
               : e->fix[c->other] == 1 ? fix(e, c->index, 0)
                                       : 0;
    case PORTFOLIO_LIMIT:
    case PORTFOLIO_COVER:
        return 0;
    }
    UNREACHABLE("kind of condition");
}

static bool obeys(const struct explain *e, const bool *chosen)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i] && !portfolio_holds(e->search->problem, &e->search->conditions[i], chosen))
            return false;
    return true;
}

/* Follows must, must not, requires and excludes to their end. Then: the least that has to be in
 * breaks a budget, or the most that can be in misses a goal, or one of the two obeys everything. */
static enum verdict reason(struct explain *e)
{
    const struct portfolio_search *s = e->search;
    size_t n = s->problem->option_count;

    memset(e->fix, -1, n);
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        for (size_t i = 0; i < e->count; i++) {
            int step = e->is_in[i] ? propagate(e, &s->conditions[i]) : 0;
            if (step < 0)
                return CANNOT_HOLD;
            is_moving |= step > 0;
        }
    }
    for (size_t i = 0; i < n; i++)
        e->chosen[i] = e->fix[i] != 0;
    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i] && s->conditions[i].kind == PORTFOLIO_COVER &&
            !portfolio_holds(s->problem, &s->conditions[i], e->chosen))
            return CANNOT_HOLD;
    if (obeys(e, e->chosen))
        return CAN_HOLD;
    for (size_t i = 0; i < n; i++)
        e->chosen[i] = e->fix[i] == 1;
    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i] && s->conditions[i].kind == PORTFOLIO_LIMIT &&
            !portfolio_holds(s->problem, &s->conditions[i], e->chosen))
            return CANNOT_HOLD;
    return obeys(e, e->chosen) ? CAN_HOLD : NOT_KNOWN;
}

/* --- the solver's word --------------------------------------------------------------------- */

static bool ask_solver(struct explain *e, enum verdict *verdict, struct err *err)
{
    struct portfolio_search *s = e->search;
    struct mip_answer answer;
    size_t rows = 0;

    arena_reset(&s->scratch);
    struct mip_row *row = arena_try_new(&s->scratch, struct mip_row, e->count);
    if (!row)
        return err_arena(err, &s->scratch);
    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i] &&
            !portfolio_condition_row(&s->scratch, s->problem, &s->conditions[i], &row[rows++], err))
            return false;
    const struct mip_model model = {.column_count = (uint32_t)s->problem->option_count,
                                    .values = e->zeros,
                                    .row_count = rows,
                                    .rows = row};
    if (!portfolio_solve(s, &model, PORTFOLIO_FULL, time_left(e), &answer, err))
        return false;
    *verdict = answer.status == MIP_INFEASIBLE ? CANNOT_HOLD : answer.chosen ? CAN_HOLD : NOT_KNOWN;
    if (answer.chosen)
        memcpy(e->chosen, answer.chosen, s->problem->option_count * sizeof(bool));
    return true;
}

static bool ask(struct explain *e, enum verdict *verdict, struct err *err)
{
    if (portfolio_is_cancelled(e->search, err))
        return false;
    *verdict = reason(e);
    if (*verdict != NOT_KNOWN || time_left(e) <= 0.0)
        return true;
    return ask_solver(e, verdict, err);
}

/* --- thinning ------------------------------------------------------------------------------ */

static size_t members(const struct explain *e, size_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i])
            out[n++] = i;
    return n;
}

/* Leaves out what can be left out. *is_thin: every condition left is proven to be needed. */
static bool thin(struct explain *e, bool *is_thin, struct err *err)
{
    size_t *list = arena_try_new(e->search->arena, size_t, e->count);
    if (!list)
        return err_arena(err, e->search->arena);
    size_t n = members(e, list);
    *is_thin = true;
    for (size_t chunk = (n + 1) / 2; chunk >= 1; chunk = chunk == 1 ? 0 : (chunk + 1) / 2) {
        for (size_t at = 0; at < n;) {
            size_t part = n - at < chunk ? n - at : chunk;
            enum verdict verdict;
            for (size_t i = at; i < at + part; i++)
                e->is_in[list[i]] = false;
            if (!ask(e, &verdict, err))
                return false;
            if (verdict == CANNOT_HOLD) { /* without them too: they are gone */
                memmove(list + at, list + at + part, (n - at - part) * sizeof *list);
                n -= part;
                continue;
            }
            *is_thin &= chunk > 1 || verdict == CAN_HOLD;
            for (size_t i = at; i < at + part; i++)
                e->is_in[list[i]] = true;
            at += part;
        }
    }
    return true;
}

/* --- the smallest -------------------------------------------------------------------------- */

struct hitting {
    struct mip_row *rows; /* one per maximal set: hit what it leaves out */
    size_t count, capacity;
    double *costs; /* -1 per condition: as few as possible */
};

/* Adds conditions to the set in e->is_in as long as it can hold; the rest becomes a row. */
static bool add_left_out(struct explain *e, struct hitting *h, struct err *err)
{
    const struct portfolio_search *s = e->search;
    enum verdict verdict;

    for (size_t i = 0; i < e->count; i++) {
        if (e->is_in[i])
            continue;
        bool *kept = e->chosen;
        e->is_in[i] = true;
        if (portfolio_holds(s->problem, &s->conditions[i], kept))
            continue;
        if (!ask(e, &verdict, err))
            return false;
        if (verdict == CAN_HOLD)
            continue;
        e->is_in[i] = false;
        if (!ask(e, &verdict, err)) /* a choice for the set as it was */
            return false;
    }
    size_t left_out = 0;
    struct mip_entry *entries = arena_try_new(s->arena, struct mip_entry, e->count);
    if (!entries)
        return err_arena(err, s->arena);
    for (uint32_t i = 0; i < e->count; i++)
        if (!e->is_in[i])
            entries[left_out++] = (struct mip_entry){i, 1.0};
    h->rows[h->count++] = (struct mip_row){MIP_AT_LEAST, 1.0, (uint32_t)left_out, entries};
    return true;
}

/* A smallest set that hits every row, into e->is_in. */
static bool smallest_hit(struct explain *e, const struct hitting *h, size_t *size, struct err *err)
{
    struct mip_answer answer;
    const struct mip_model model = {.column_count = (uint32_t)e->count,
                                    .values = h->costs,
                                    .row_count = h->count,
                                    .rows = h->rows};

    memset(e->is_in, 0, e->count * sizeof(bool));
    *size = 0;
    if (h->count == 0)
        return true;
    arena_reset(&e->search->scratch);
    if (!portfolio_solve(e->search, &model, PORTFOLIO_FULL, time_left(e), &answer, err))
        return false;
    if (answer.status != MIP_OPTIMAL) {
        *size = SIZE_MAX;
        return true;
    }
    memcpy(e->is_in, answer.chosen, e->count * sizeof(bool));
    for (size_t i = 0; i < e->count; i++)
        *size += e->is_in[i];
    return true;
}

/* *is_found: e->is_in is a smallest contradiction. Not found: none is smaller than `best`, which is
 * then a smallest one (*is_proven), or time ran out. */
static bool find_smallest(struct explain *e, size_t best, bool *is_found, bool *is_proven,
                          struct err *err)
{
    struct hitting h = {.capacity = 2000};

    *is_found = *is_proven = false;
    h.rows = arena_try_new(e->search->arena, struct mip_row, h.capacity);
    h.costs = arena_try_new(e->search->arena, double, e->count);
    if (!h.rows || !h.costs)
        return err_arena(err, e->search->arena);
    for (size_t i = 0; i < e->count; i++)
        h.costs[i] = -1.0;
    while (h.count < h.capacity && time_left(e) > 0.0) {
        size_t size;
        enum verdict verdict;
        if (!smallest_hit(e, &h, &size, err))
            return false;
        if (size == SIZE_MAX)
            return true;
        if (size >= best) {
            *is_proven = true;
            return true;
        }
        if (!ask(e, &verdict, err))
            return false;
        if (verdict == CANNOT_HOLD) {
            *is_found = *is_proven = true;
            return true;
        }
        if (verdict == NOT_KNOWN)
            return true;
        if (!add_left_out(e, &h, err))
            return false;
    }
    return true;
}

static bool report(struct explain *e, struct portfolio_answer *answer, struct err *err)
{
    const struct portfolio_search *s = e->search;

    answer->conflict = arena_try_new(s->arena, struct portfolio_condition, e->count);
    if (!answer->conflict)
        return err_arena(err, s->arena);
    answer->conflict_count = 0;
    for (size_t i = 0; i < e->count; i++)
        if (e->is_in[i])
            answer->conflict[answer->conflict_count++] = s->conditions[i];
    return true;
}

bool portfolio_find_conflict(struct portfolio_search *s, struct portfolio_answer *answer,
                             struct err *err)
{
    size_t n = s->problem->option_count + 1;
    struct explain e = {.search = s, .count = s->condition_count};

    e.started_ns = clock_monotonic_ns();
    e.seconds = portfolio_seconds_left(s);
    e.seconds = e.seconds < EXPLAIN_SECONDS_MIN ? EXPLAIN_SECONDS_MIN : e.seconds;
    e.is_in = arena_try_new(s->arena, bool, e.count + 1);
    e.chosen = arena_try_new(s->arena, bool, n);
    e.fix = arena_try_new(s->arena, signed char, n);
    e.zeros = arena_try_new(s->arena, double, n);
    if (!e.is_in || !e.chosen || !e.fix || !e.zeros)
        return err_arena(err, s->arena);
    memset(e.is_in, 1, e.count * sizeof(bool));
    bool is_thin = false, is_found = false, is_proven = false;
    if (!thin(&e, &is_thin, err) || !report(&e, answer, err))
        return false;
    if (answer->conflict_count <= 1) {
        answer->is_conflict_smallest = is_thin;
        return true;
    }
    if (!find_smallest(&e, answer->conflict_count, &is_found, &is_proven, err))
        return false;
    answer->is_conflict_smallest = is_proven;
    return !is_found || report(&e, answer, err);
}
