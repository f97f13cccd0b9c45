#include "listen/measure/share_of_voice.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "quant/confusion.h"
#include "text/similarity.h"

/* ---- sets of posts --------------------------------------------------------------------------- */

static uint64_t key_of(int32_t month, int64_t post)
{
    return (uint64_t)month << 40 | (uint64_t)post;
}

static uint64_t *set_slot(uint64_t *slots, size_t count, uint64_t key)
{
    size_t at = (size_t)hash_u64(key, 0) & (count - 1);

    while (slots[at] != 0 && slots[at] != key)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool set_grow(struct post_set *set)
{
    size_t count = set->slot_count == 0 ? 1024 : set->slot_count * 2;
    uint64_t *slots = mem_try_alloc(count, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < set->slot_count; i++)
        if (set->slots[i] != 0)
            *set_slot(slots, count, set->slots[i]) = set->slots[i];
    mem_free(set->slots);
    set->slots = slots;
    set->slot_count = count;
    return true;
}

bool post_set_add(struct post_set *set, int32_t month, int64_t post)
{
    if ((set->count + 1) * 2 > set->slot_count && !set_grow(set))
        return false;
    uint64_t *slot = set_slot(set->slots, set->slot_count, key_of(month, post));
    set->count += *slot == 0 ? 1 : 0;
    *slot = key_of(month, post);
    return true;
}

static bool set_visit(void *context, const struct mention_fact *fact)
{
    struct post_set *set = context;

    if (post_set_add(set, fact->month, fact->post))
        return true;
    set->count = SIZE_MAX;
    return false;
}

bool post_set_fill(struct post_set *set, struct archive *a, int64_t query, int64_t from_hour,
                   int64_t to_hour, struct err *err)
{
    *set = (struct post_set){0};
    bool ok = archive_mentions(a, query, from_hour, to_hour, set_visit, set, err);
    if (set->count != SIZE_MAX && ok)
        return true;
    post_set_deinit(set);
    return ok ? err_set(err, ERR_NO_MEMORY, "no memory for the posts of a query") : false;
}

bool post_set_has(const struct post_set *set, int32_t month, int64_t post)
{
    return set->slot_count > 0 && *set_slot(set->slots, set->slot_count, key_of(month, post)) != 0;
}

void post_set_deinit(struct post_set *set)
{
    mem_free(set->slots);
    *set = (struct post_set){0};
}

/* ---- shares ---------------------------------------------------------------------------------- */

static const char *const basis_names[SHARE_BASIS_COUNT] = {"mentions", "authors", "engagement",
                                                           "reach"};

const char *share_basis_name(enum share_basis basis)
{
    ASSERT(basis < SHARE_BASIS_COUNT);
    return basis_names[basis];
}

bool share_basis_from(Str name, enum share_basis *out)
{
    for (int i = 0; i < SHARE_BASIS_COUNT; i++)
        if (str_eq(name, str_from_cstr(basis_names[i]))) {
            *out = (enum share_basis)i;
            return true;
        }
    return false;
}

struct share_walk {
    const struct archive *a;
    const struct post_set *topic; /* NULL: no restriction */
    struct measure_sum *sum;
    struct err *err;
    bool ok;
    struct similarity *stories; /* NULL: copies count */
    struct post_tokens *tokens;
    int64_t copies;
};

static bool share_visit(void *context, const struct mention_fact *fact)
{
    struct share_walk *walk = context;
    const struct archive_source *sources;

    if (walk->topic && !post_set_has(walk->topic, fact->month, fact->post))
        return true;
    archive_sources(walk->a, &sources);
    walk->ok = measure_sum_add(walk->sum, fact, sources[fact->source].facets, walk->err);
    return walk->ok;
}

static bool fold_visit(void *context, const struct mention_fact *fact,
                       const struct archived_post *post)
{
    struct share_walk *walk = context;
    const struct post_tokens *tokens = walk->tokens;

    if (walk->topic && !post_set_has(walk->topic, fact->month, fact->post))
        return true;
    if (!(walk->ok = post_tokens_fill(walk->tokens, &post->post, walk->err)))
        return false;
    const struct similarity_part parts[] = {{tokens->title, tokens->title_count},
                                            {tokens->body, tokens->body_count}};
    if (similarity_add(walk->stories, parts, 2, post->post.created_at_ms).is_first)
        return share_visit(walk, fact);
    walk->copies++;
    return true;
}

static double amount_of(const struct measure_sum *sum, enum share_basis basis, uint32_t facets)
{
    static const enum measure measures[SHARE_BASIS_COUNT] = {MEASURE_MENTIONS, MEASURE_AUTHORS,
                                                             MEASURE_ENGAGEMENT, MEASURE_REACH};

    return measure_of(sum, measures[basis], facets).value;
}

static void shares_settle(struct share_of_voice *sov, uint32_t facets)
{
    double whole = 0;

    for (size_t i = 0; i < sov->count; i++) {
        struct share *party = &sov->parties[i];
        party->amount = amount_of(&party->sum, sov->basis, facets);
        party->n = party->sum.mentions;
        sov->n += party->n;
        whole += isnan(party->amount) ? 0 : party->amount;
    }
    for (size_t i = 0; i < sov->count; i++)
        sov->parties[i].share = whole > 0 ? sov->parties[i].amount / whole : NAN;
}

static bool shares_sum(struct archive *a, const struct post_set *topic, const int64_t *parties,
                       struct share_of_voice *out, struct err *err)
{
    for (size_t i = 0; i < out->count; i++) {
        struct share *party = &out->parties[i];
        struct share_walk walk = {
            .a = a, .topic = topic, .sum = &party->sum, .err = err, .ok = true};
        party->query = parties[i];
        if (!archive_mentions(a, party->query, out->from_hour, out->to_hour, share_visit, &walk,
                              err) ||
            !walk.ok)
            return false;
    }
    return true;
}

static bool party_fold(struct archive *a, const struct post_set *topic, struct post_tokens *tokens,
                       struct share *party, const struct share_of_voice *sov, struct err *err)
{
    struct share_walk walk = {
        .a = a, .topic = topic, .sum = &party->sum, .err = err, .ok = true, .tokens = tokens};

    if (!similarity_create(&walk.stories, NULL, err))
        return false;
    bool ok = archive_mention_posts(a, party->query, sov->from_hour, sov->to_hour, 1, fold_visit,
                                    &walk, err) &&
              walk.ok;
    party->copies = walk.copies;
    similarity_destroy(&walk.stories);
    return ok;
}

static bool shares_fold(struct archive *a, const struct post_set *topic, const int64_t *parties,
                        struct share_of_voice *out, struct err *err)
{
    struct post_tokens tokens = {0};
    int64_t mentions = 0, count = 0;

    for (size_t i = 0; i < out->count; i++) {
        out->parties[i].query = parties[i];
        if (!archive_mention_count(a, parties[i], out->from_hour, out->to_hour, &count, err))
            return false;
        mentions += count;
    }
    if (mentions > SHARE_FOLD_MAX)
        return err_set(err, ERR_LIMIT, "copies of more than %d posts cannot be folded at once",
                       SHARE_FOLD_MAX) ||
               err_hint(err, "choose a shorter window");
    bool ok = post_tokens_init(&tokens, err);
    for (size_t i = 0; ok && i < out->count; i++)
        ok = party_fold(a, topic, &tokens, &out->parties[i], out, err);
    post_tokens_deinit(&tokens);
    return ok;
}

void share_interval(double share, int64_t n, double coverage, double *low, double *high)
{
    struct confusion_share wilson = {NAN, NAN, NAN, 0};

    if (n > 0 && !isnan(share))
        wilson = confusion_share(share, (double)n);
    *low = wilson.low * coverage;
    *high = wilson.high * coverage + (1 - coverage);
}

bool share_of_voice(struct archive *a, int64_t topic, const int64_t *parties, size_t count,
                    enum share_basis basis, bool is_folded, int64_t from_hour, int64_t to_hour,
                    struct share_of_voice *out, struct err *err)
{
    struct post_set set = {0};

    *out = (struct share_of_voice){.basis = basis,
                                   .is_folded = is_folded,
                                   .from_hour = from_hour,
                                   .to_hour = to_hour,
                                   .count = count};
    if (count > SHARE_PARTIES_MAX)
        return err_set(err, ERR_LIMIT, "a share of voice has at most %d parties",
                       SHARE_PARTIES_MAX);
    out->parties = mem_try_alloc(count + 1, sizeof *out->parties);
    bool ok = out->parties || err_set(err, ERR_NO_MEMORY, "no memory for a share of voice");
    ok = ok && archive_sources_load(a, err);
    ok = ok && (topic == 0 || post_set_fill(&set, a, topic, from_hour, to_hour, err));
    ok = ok &&
         (is_folded ? shares_fold : shares_sum)(a, topic == 0 ? NULL : &set, parties, out, err);
    post_set_deinit(&set);
    if (!ok) {
        share_of_voice_deinit(out);
        return false;
    }
    shares_settle(out, measure_facets(a));
    return true;
}

void share_of_voice_deinit(struct share_of_voice *sov)
{
    for (size_t i = 0; sov->parties && i < sov->count; i++)
        measure_sum_deinit(&sov->parties[i].sum);
    mem_free(sov->parties);
    *sov = (struct share_of_voice){0};
}
