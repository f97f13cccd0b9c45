/* Drawing a sample, and reading again what the machine says of it. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/vec.h"
#include "listen/label/label_priv.h"
#include "listen/measure/correction.h"
#include "listen/standing_query.h"

enum { MOODS = 3 };

/* ---- choice ---------------------------------------------------------------------------------- */

/* A mention that may be drawn; the smallest ranks are. */
struct candidate {
    uint64_t rank;
    int32_t month;
    int64_t post;
    enum post_polarity mood;
};

/* The `max` candidates of smallest rank seen so far, the largest of them first: a heap. Equal
 * chances for all, one pass, memory of the sample alone (bottom-k). */
struct pick {
    struct candidate *items;
    size_t count, max;
    int64_t population;
};

struct draw {
    uint64_t seed;
    struct pick picks[MOODS]; /* uniform: the first has all */
    int64_t population[MOODS];
    bool is_stratified;
};

static void sift_down(struct pick *pick, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < pick->count; at = child) {
        if (child + 1 < pick->count && pick->items[child + 1].rank > pick->items[child].rank)
            child++;
        if (pick->items[at].rank >= pick->items[child].rank)
            return;
        struct candidate swap = pick->items[at];
        pick->items[at] = pick->items[child];
        pick->items[child] = swap;
    }
}

static void sift_up(struct pick *pick, size_t at)
{
    while (at > 0 && pick->items[(at - 1) / 2].rank < pick->items[at].rank) {
        struct candidate swap = pick->items[at];
        pick->items[at] = pick->items[(at - 1) / 2];
        pick->items[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

static void pick_offer(struct pick *pick, const struct candidate *candidate)
{
    pick->population++;
    if (pick->count < pick->max) {
        pick->items[pick->count++] = *candidate;
        sift_up(pick, pick->count - 1);
    } else if (pick->max > 0 && candidate->rank < pick->items[0].rank) {
        pick->items[0] = *candidate;
        sift_down(pick, 0);
    }
}

static bool offer(void *context, const struct mention_fact *fact)
{
    struct draw *d = context;
    struct candidate c = {.month = fact->month, .post = fact->post, .mood = fact->polarity};

    if (fact->polarity == POST_POLARITY_UNKNOWN)
        return true;
    c.rank = hash_combine(hash_u64((uint64_t)fact->month, d->seed),
                          hash_u64((uint64_t)fact->post, d->seed));
    d->population[fact->polarity + 1]++;
    pick_offer(&d->picks[d->is_stratified ? fact->polarity + 1 : 0], &c);
    return true;
}

static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Of the strata as many each as possible: what a small one lacks goes to the others. */
static void share_out(struct draw *d, size_t count)
{
    size_t takes[MOODS] = {0}, left = count;

    for (bool is_moving = true; is_moving && left > 0;) {
        is_moving = false;
        for (size_t m = 0; m < MOODS && left > 0; m++) {
            if (takes[m] >= d->picks[m].count)
                continue;
            takes[m]++;
            left--;
            is_moving = true;
        }
    }
    for (size_t m = 0; m < MOODS; m++) {
        if (d->picks[m].count > 0)
            qsort(d->picks[m].items, d->picks[m].count, sizeof *d->picks[m].items, by_rank);
        d->picks[m].count = takes[m];
    }
}

/* ---- storing --------------------------------------------------------------------------------- */

struct drawing {
    struct db *state;
    struct archive *a;
    const struct label_plan *plan;
    int64_t round, ordinal;
    int64_t corrections; /* version that history was rated under */
};

static bool round_insert(struct drawing *dr, const struct standing_query *query, size_t drawn,
                         struct err *err)
{
    const struct label_plan *plan = dr->plan;
    struct stmt *stmt;

    if (!db_query(dr->state,
                  "INSERT INTO label_round (query, query_version, design, seed, from_ms, to_ms,"
                  " drawn, opened_by, opened_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query->id);
    stmt_bind_i64(stmt, 2, query->version);
    stmt_bind_str(stmt, 3, str_from_cstr(label_design_name(plan->design)));
    stmt_bind_i64(stmt, 4, (int64_t)plan->seed);
    stmt_bind_i64(stmt, 5, plan->from_ms);
    stmt_bind_i64(stmt, 6, plan->to_ms);
    stmt_bind_i64(stmt, 7, (int64_t)drawn);
    stmt_bind_str(stmt, 8, plan->actor);
    stmt_bind_i64(stmt, 9, plan->now_ms);
    if (!stmt_run(stmt, err))
        return false;
    dr->round = db_last_id(dr->state);
    return true;
}

static bool stratum_insert(struct drawing *dr, int mood, int64_t population, int64_t drawn,
                           struct err *err)
{
    struct stmt *stmt;

    if (!db_query(dr->state,
                  "INSERT INTO label_stratum (round, mood, population, drawn)"
                  " VALUES (?1, ?2, ?3, ?4)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, dr->round);
    stmt_bind_i64(stmt, 2, mood);
    stmt_bind_i64(stmt, 3, population);
    stmt_bind_i64(stmt, 4, drawn);
    return stmt_run(stmt, err);
}

static bool item_insert(struct drawing *dr, const struct archived_post *post, double weight,
                        struct err *err)
{
    uint64_t author = post_author_hash(&post->post);
    struct stmt *stmt;

    if (!db_query(
            dr->state,
            "INSERT INTO label_item (round, ordinal, source, post_id, author, content, weight,"
            " created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, dr->round);
    stmt_bind_i64(stmt, 2, dr->ordinal);
    stmt_bind_str(stmt, 3, post->post.source);
    stmt_bind_str(stmt, 4, post->post.id);
    if (author != 0)
        stmt_bind_i64(stmt, 5, (int64_t)author);
    stmt_bind_i64(stmt, 6, (int64_t)label_text_hash(&post->post));
    stmt_bind_f64(stmt, 7, weight);
    stmt_bind_i64(stmt, 8, post->post.created_at_ms);
    return stmt_run(stmt, err);
}

bool label_machine_add(struct db *state, const struct label_machine *machine, int64_t now_ms,
                       struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO label_machine (round, ordinal, reading, mood, maker, corrections,"
                  " at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, machine->round);
    stmt_bind_i64(stmt, 2, machine->ordinal);
    stmt_bind_i64(stmt, 3, machine->reading);
    if (machine->mood != POST_POLARITY_UNKNOWN)
        stmt_bind_i64(stmt, 4, machine->mood);
    stmt_bind_str(stmt, 5, machine->maker.len > 0 ? machine->maker : S(""));
    stmt_bind_i64(stmt, 6, machine->corrections);
    stmt_bind_i64(stmt, 7, now_ms);
    return stmt_run(stmt, err);
}

static bool candidate_store(struct drawing *dr, const struct candidate *c, double weight,
                            struct err *err)
{
    struct archived_post post;
    struct arena arena;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    dr->ordinal++;
    bool ok = archive_post(dr->a, &arena, c->month, c->post, &post, err) &&
              item_insert(dr, &post, weight, err) &&
              label_machine_add(dr->state,
                                &(struct label_machine){dr->round, dr->ordinal, 1, c->mood,
                                                        post.maker, dr->corrections},
                                dr->plan->now_ms, err);
    arena_deinit(&arena);
    return ok;
}

/* Strata are mixed by rank, so that nobody can tell the machine's mood from the order. */
static bool picks_store(struct drawing *dr, const struct draw *d, struct err *err)
{
    size_t at[MOODS] = {0};

    for (;;) {
        int least = -1;
        for (int m = 0; m < MOODS; m++)
            if (at[m] < d->picks[m].count &&
                (least < 0 ||
                 d->picks[m].items[at[m]].rank < d->picks[least].items[at[least]].rank))
                least = m;
        if (least < 0)
            return true;
        const struct pick *pick = &d->picks[least];
        double weight = (double)pick->population / (double)pick->count;
        if (!candidate_store(dr, &pick->items[at[least]++], weight, err))
            return false;
    }
}

static bool strata_store(struct drawing *dr, const struct draw *d, struct err *err)
{
    int64_t drawn[MOODS] = {0};

    for (size_t p = 0; p < MOODS; p++)
        for (size_t i = 0; i < d->picks[p].count; i++)
            drawn[d->picks[p].items[i].mood + 1]++;
    for (int m = 0; m < MOODS; m++)
        if (!stratum_insert(dr, m - 1, d->population[m], drawn[m], err))
            return false;
    return true;
}

static bool drawn_store(struct drawing *dr, const struct draw *d,
                        const struct standing_query *query, struct err *err)
{
    size_t drawn = 0;

    for (size_t m = 0; m < MOODS; m++)
        drawn += d->picks[m].count;
    if (!db_begin(dr->state, err))
        return false;
    bool ok =
        round_insert(dr, query, drawn, err) && strata_store(dr, d, err) && picks_store(dr, d, err);
    return db_end(dr->state, ok, err);
}

/* ---- the draw -------------------------------------------------------------------------------- */

static bool plan_check(struct arena *arena, struct db *state, const struct label_plan *plan,
                       struct standing_query *query, struct err *err)
{
    struct label_round *rounds;
    int64_t drawn = 0;
    size_t count;

    if (plan->count < 1 || plan->count > LABEL_SAMPLE_MAX)
        return err_set(err, ERR_INPUT, "a sample has 1 to %d posts, not %zu", LABEL_SAMPLE_MAX,
                       plan->count);
    if (plan->to_ms <= plan->from_ms)
        return err_set(err, ERR_INPUT, "the window of a sample ends before it begins");
    if (!standing_query_read(arena, state, plan->query, query, err) ||
        !label_rounds(arena, state, plan->query, &rounds, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        drawn += rounds[i].drawn;
    return drawn + (int64_t)plan->count <= LABEL_ITEMS_MAX ||
           err_set(err, ERR_LIMIT, "the query has %lld drawn posts already, at most %d are kept",
                   (long long)drawn, LABEL_ITEMS_MAX);
}

static bool picks_create(struct arena *arena, struct draw *d, size_t count, struct err *err)
{
    size_t lists = d->is_stratified ? MOODS : 1;

    for (size_t m = 0; m < lists; m++) {
        d->picks[m].items = arena_try_new(arena, struct candidate, count);
        d->picks[m].max = count;
        if (!d->picks[m].items)
            return err_arena(err, arena);
    }
    return true;
}

static bool draw_all(struct drawing *dr, struct arena *arena, struct err *err)
{
    const struct label_plan *plan = dr->plan;
    struct draw d = {.seed = plan->seed, .is_stratified = plan->design == LABEL_STRATIFIED};
    int64_t from_hour = plan->from_ms / HOUR_MS, to_hour = (plan->to_ms + HOUR_MS - 1) / HOUR_MS;
    struct standing_query query;

    if (!plan_check(arena, dr->state, plan, &query, err) ||
        !correction_applied(dr->state, plan->query, &dr->corrections, err) ||
        !picks_create(arena, &d, plan->count, err) ||
        !archive_mentions(dr->a, plan->query, from_hour, to_hour, offer, &d, err))
        return false;
    share_out(&d, plan->count);
    if (d.picks[0].count + d.picks[1].count + d.picks[2].count == 0)
        return err_set(err, ERR_NOT_FOUND, "the query '" STR_F "' has no mention in the window",
                       STR_A(query.name));
    return drawn_store(dr, &d, &query, err);
}

bool label_draw(struct db *state, struct archive *a, const struct label_plan *plan, int64_t *round,
                struct err *err)
{
    struct drawing dr = {.state = state, .a = a, .plan = plan};
    struct arena arena;

    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    bool ok = draw_all(&dr, &arena, err);
    arena_deinit(&arena);
    *round = dr.round;
    return ok;
}

/* ---- reading the machine --------------------------------------------------------------------- */

/* A post that left the archive or was edited is no longer what was judged: nothing is said of it.
 */
static bool item_read_machine(struct db *state, struct archive *a, int64_t query,
                              int64_t corrections, const struct label_item *item, int64_t now_ms,
                              struct label_reading *out, struct err *err)
{
    struct label_machine now = {item->round,           item->ordinal, item->reading + 1,
                                POST_POLARITY_UNKNOWN, item->maker,   corrections};
    struct archived_post post;
    struct arena arena;
    bool is_there, is_mention = false;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = label_item_post(a, &arena, item, &post, &is_there, err);
    if (ok && is_there) {
        ok = archive_mood(a, &post, query, &is_mention, &now.mood, err);
        now.maker = post.maker;
    }
    out->items++;
    out->gone += !is_mention;
    if (ok && (now.mood != item->mood || now.corrections != item->corrections ||
               !str_eq(now.maker, item->maker))) {
        out->changed++;
        ok = label_machine_add(state, &now, now_ms, err);
    }
    arena_deinit(&arena);
    return ok;
}

static bool query_read_machine(struct db *state, struct archive *a, int64_t query, int64_t now_ms,
                               struct label_reading *out, struct err *err)
{
    struct label_item *items;
    struct arena arena;
    int64_t corrections;
    size_t count = 0;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = correction_applied(state, query, &corrections, err) &&
              label_items(&arena, state, query, 0, &items, &count, err);
    if (ok && count > 0 && (ok = db_begin(state, err))) {
        for (size_t i = 0; ok && i < count; i++)
            ok = item_read_machine(state, a, query, corrections, &items[i], now_ms, out, err);
        ok = db_end(state, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}

bool label_read_machine(struct db *state, struct archive *a, int64_t query, int64_t now_ms,
                        struct label_reading *out, struct err *err)
{
    struct standing_query *queries;
    struct arena arena;
    size_t count = 0;

    *out = (struct label_reading){0};
    if (query != 0)
        return query_read_machine(state, a, query, now_ms, out, err);
    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    bool ok = standing_query_list(&arena, state, &queries, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = query_read_machine(state, a, queries[i].id, now_ms, out, err);
    arena_deinit(&arena);
    return ok;
}
