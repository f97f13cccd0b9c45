#include "listen/measure/topic_measure.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/wording.h"
#include "listen/measure/need_terms.h"

/* The posts with the largest weight, the earlier one first among equals. */
struct best {
    struct post_ref refs[TOPIC_EXAMPLES];
    int64_t weights[TOPIC_EXAMPLES];
    size_t count;
};

/* One party, its mentions in the topic split into the halves of the window. */
struct party_sums {
    struct measure_sum half[2];
    struct best best;
};

struct work {
    struct archive *a;
    struct arena *arena; /* of the results */
    const struct topic_request *request;
    struct topic_measures *out;
    struct err *err;
    bool ok;
    int64_t middle_hour;
    struct measure_sum sum;
    int64_t half_mentions[2];
    int64_t last_day; /* the last one counted as active */
    int64_t can_response, responded;
    struct post_set linked; /* posts of the topic that a link of another post answers */
    struct best loud, answered, addressed, recent;
    struct post_set posts;    /* of the topic */
    struct party_sums *party; /* the one being summed */
    int64_t can_users, users; /* counted in the pass over the texts */
};

static void best_add(struct best *best, struct post_ref ref, int64_t weight)
{
    size_t at = best->count;

    while (at > 0 && best->weights[at - 1] < weight)
        at--;
    if (at >= TOPIC_EXAMPLES)
        return;
    size_t last = best->count < TOPIC_EXAMPLES ? best->count : TOPIC_EXAMPLES - 1;
    memmove(&best->refs[at + 1], &best->refs[at], (last - at) * sizeof best->refs[0]);
    memmove(&best->weights[at + 1], &best->weights[at], (last - at) * sizeof best->weights[0]);
    best->refs[at] = ref;
    best->weights[at] = weight;
    best->count = last + 1;
}

static uint32_t facets_of(const struct work *w, const struct mention_fact *fact)
{
    const struct archive_source *sources;

    archive_sources(w->a, &sources);
    return sources[fact->source].facets;
}

/* ---- response -------------------------------------------------------------------------------- */

/* A source that counts replies or reposts is believed; else links between its posts tell. */
static bool counts_response(uint32_t facets)
{
    return (facets & (POST_HAS_REPLY_COUNT | POST_HAS_REPOST_COUNT)) != 0;
}

static bool can_tell_response(uint32_t facets)
{
    return counts_response(facets) || (facets & (POST_HAS_REPLY | POST_HAS_REPOST)) != 0;
}

static bool linked_visit(void *context, int32_t month, int64_t post)
{
    struct work *w = context;

    w->ok = post_set_add(&w->linked, month, post) ||
            err_set(w->err, ERR_NO_MEMORY, "no memory for the posts of a topic");
    return w->ok;
}

/* Reads links only where some source has nothing better. */
static bool linked_fill(struct work *w)
{
    const struct archive_source *sources;
    size_t count = archive_sources(w->a, &sources);
    int64_t from = w->request->from_hour, to = w->request->to_hour;
    bool is_needed = false;

    for (size_t i = 0; i < count; i++)
        is_needed |= can_tell_response(sources[i].facets) && !counts_response(sources[i].facets);
    return !is_needed || (archive_answered(w->a, w->request->query, from, to,
                                           to + TOPIC_ANSWER_HOURS, linked_visit, w, w->err) &&
                          w->ok);
}

/* ---- numbers of the topic -------------------------------------------------------------------- */

static bool topic_visit(void *context, const struct mention_fact *fact)
{
    struct work *w = context;
    struct post_ref ref = {fact->month, fact->post};
    uint32_t facets = facets_of(w, fact);
    int64_t weight = fact->engagement > 0 ? fact->engagement : 0;

    w->half_mentions[fact->hour >= w->middle_hour]++;
    if (fact->hour / 24 != w->last_day) {
        w->last_day = fact->hour / 24;
        w->out->active_days++;
    }
    best_add(&w->loud, ref, weight);
    if (fact->hour >= w->middle_hour)
        best_add(&w->recent, ref, weight);
    if (can_tell_response(facets)) {
        bool is_answered = counts_response(facets)
                               ? (fact->flags & MENTION_ANSWERED) != 0
                               : post_set_has(&w->linked, fact->month, fact->post);
        w->can_response++;
        w->responded += is_answered;
        if (is_answered)
            best_add(&w->answered, ref, weight);
    }
    w->ok = measure_sum_add(&w->sum, fact, facets, w->err);
    return w->ok;
}

/* ---- parties --------------------------------------------------------------------------------- */

static bool party_visit(void *context, const struct mention_fact *fact)
{
    struct work *w = context;
    int64_t weight = fact->engagement > 0 ? fact->engagement : 0;

    if (!post_set_has(&w->posts, fact->month, fact->post))
        return true;
    best_add(&w->party->best, (struct post_ref){fact->month, fact->post}, weight);
    w->ok = measure_sum_add(&w->party->half[fact->hour >= w->middle_hour], fact, facets_of(w, fact),
                            w->err);
    return w->ok;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool is_brand(const struct topic_request *request, Str who)
{
    if (who.len > 0 && who.ptr[0] == '@')
        who = str_sub(who, 1, who.len);
    for (size_t i = 0; who.len > 0 && i < request->brand_count; i++)
        if (str_eq_nocase(request->brand_handles[i], who))
            return true;
    return false;
}

/* Does a post speak to somebody who is no brand? */
static bool speaks_to_user(const struct topic_request *request, const struct mention_fact *fact,
                           const struct post *post)
{
    if (!(fact->flags & MENTION_ADDRESSED))
        return false;
    for (size_t i = 0; i < post->mention_count; i++)
        if (!is_brand(request, post->mentions[i]))
            return true;
    if (post->reply_to_author.len > 0)
        return !is_brand(request, post->reply_to_author);
    return post->mention_count == 0;
}

static void text_visit(void *context, const struct mention_fact *fact,
                       const struct archived_post *post)
{
    struct work *w = context;
    const struct post_author *author = &post->post.author;
    const uint32_t needed = POST_HAS_AUTHOR | POST_HAS_REPLY;

    if ((facets_of(w, fact) & needed) != needed)
        return;
    w->can_users++;
    if (is_brand(w->request, author->handle) || is_brand(w->request, author->id) ||
        !speaks_to_user(w->request, fact, &post->post))
        return;
    w->users++;
    best_add(&w->addressed, (struct post_ref){fact->month, fact->post},
             fact->engagement > 0 ? fact->engagement : 0);
}

/* ---- results --------------------------------------------------------------------------------- */

static bool post_write(struct work *w, struct post_ref ref, const char *why, struct topic_post *out)
{
    struct archived_post post;
    struct wording wording;

    if (!archive_post(w->a, w->arena, ref.month, ref.id, &post, w->err))
        return false;
    const struct post_author *author = &post.post.author;
    const struct post_metrics *m = &post.post.metrics;
    *out = (struct topic_post){.source = post.post.source,
                               .id = post.post.id,
                               .author = author->handle.len > 0 ? author->handle
                                         : author->id.len > 0   ? author->id
                                                                : author->name,
                               .created_at_ms = post.post.created_at_ms,
                               .title = post.post.title,
                               .text = post.post.text,
                               .url = post.post.url};
    int64_t interactions = (m->likes > 0 ? m->likes : 0) + (m->replies > 0 ? m->replies : 0) +
                           (m->reposts > 0 ? m->reposts : 0);
    wording_init(&wording, 200);
    wording_add(&wording, "%s", why);
    if (interactions > 0)
        wording_add(&wording, ", %lld interactions", (long long)interactions);
    return wording_end(&wording, w->arena, &out->why, &out->why_kept) ||
           err_arena(w->err, w->arena);
}

static bool posts_write(struct work *w, const struct post_ref *refs, size_t count, const char *why,
                        const struct topic_post **out, size_t *out_count)
{
    struct topic_post *posts = arena_try_new(w->arena, struct topic_post, count + 1);

    if (!posts)
        return err_arena(w->err, w->arena);
    for (size_t i = 0; i < count; i++)
        if (!post_write(w, refs[i], why, &posts[i]))
            return false;
    *out = posts;
    *out_count = count;
    return true;
}

/* NaN is not available. */
static bool number_write(struct work *w, double value, int64_t n, const struct best *best,
                         const char *why, struct topic_number *out)
{
    *out = (struct topic_number){.is_available = !isnan(value), .value = value, .n = n};
    if (isnan(value)) {
        out->value = 0;
        return true;
    }
    return posts_write(w, best->refs, best->count, why, &out->posts, &out->post_count);
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static bool numbers_write(struct work *w)
{
    struct topic_measures *out = w->out;
    const struct measure_sum *sum = &w->sum;
    double days = (double)(out->to_hour - out->from_hour) / 24;
    double first = (double)w->half_mentions[0], second = (double)w->half_mentions[1];
    double authors = sum->can_author > 0 ? (double)sum->author_count * 30 / days : NAN;

    out->mentions = sum->mentions;
    return number_write(w, ratio((double)sum->mentions, (double)out->active_days), sum->mentions,
                        &w->loud, PHRASE("in the topic"), &out->volume) &&
           number_write(w, authors, sum->can_author, &w->loud, PHRASE("in the topic"),
                        &out->authors) &&
           number_write(w, ratio((double)w->responded, (double)w->can_response), w->can_response,
                        &w->answered, PHRASE("answered or passed on"), &out->response) &&
           number_write(w, ratio((double)w->users, (double)w->can_users), w->can_users,
                        &w->addressed, PHRASE("addresses another user"), &out->users) &&
           number_write(w, ratio(second - first, first), sum->mentions, &w->recent,
                        PHRASE("in the second half of the window"), &out->growth);
}

/* Whole and halves of one basis over all parties. */
struct basis_sums {
    double whole, half[2];
    int64_t able; /* mentions that the basis can be measured on */
};

static double party_amount(const struct party_sums *p, bool is_engagement, int half)
{
    const struct measure_sum *sum = &p->half[half];

    return is_engagement ? (double)sum->engagement : (double)sum->mentions;
}

static struct basis_sums basis_sum(const struct party_sums *parties, size_t count,
                                   bool is_engagement)
{
    struct basis_sums out = {0};

    for (size_t i = 0; i < count; i++) {
        for (int half = 0; half < 2; half++) {
            const struct measure_sum *sum = &parties[i].half[half];
            double amount = party_amount(&parties[i], is_engagement, half);
            out.half[half] += amount;
            out.whole += amount;
            out.able += is_engagement ? sum->can_engagement : sum->mentions;
        }
    }
    return out;
}

static bool share_write(struct work *w, const struct party_sums *p, const struct basis_sums *all,
                        bool is_engagement, const char *why, struct topic_number *share,
                        struct topic_number *trend)
{
    double halves[2] = {party_amount(p, is_engagement, 0), party_amount(p, is_engagement, 1)};
    int64_t n = p->half[0].mentions + p->half[1].mentions;
    double change = ratio(halves[1], all->half[1]) - ratio(halves[0], all->half[0]);

    if (is_engagement && all->able == 0)
        change = NAN;
    return number_write(
               w, is_engagement && all->able == 0 ? NAN : ratio(halves[0] + halves[1], all->whole),
               n, &p->best, why, share) &&
           number_write(w, change, n, &p->best, why, trend);
}

static bool party_write(struct work *w, const struct topic_party *party, const struct party_sums *p,
                        const struct basis_sums *voice, const struct basis_sums *engagement,
                        struct topic_party_measures *out)
{
    int64_t positive = p->half[0].positive + p->half[1].positive;
    int64_t negative = p->half[0].negative + p->half[1].negative;

    out->query = party->query;
    out->is_own = party->is_own;
    return (arena_try_str(w->arena, party->label, &out->label) || err_arena(w->err, w->arena)) &&
           share_write(w, p, voice, false, PHRASE("names the party in the topic"), &out->voice,
                       &out->voice_trend) &&
           share_write(w, p, engagement, true, PHRASE("names the party in the topic"),
                       &out->engagement, &out->engagement_trend) &&
           number_write(w, ratio((double)(positive - negative), (double)(positive + negative)),
                        positive + negative, &p->best, PHRASE("names the party in the topic"),
                        &out->net_sentiment);
}

static bool parties_write(struct work *w, const struct party_sums *sums)
{
    size_t count = w->request->party_count;
    struct basis_sums voice = basis_sum(sums, count, false);
    struct basis_sums engagement = basis_sum(sums, count, true);

    w->out->parties = arena_try_new(w->arena, struct topic_party_measures, count + 1);
    if (!w->out->parties)
        return err_arena(w->err, w->arena);
    w->out->party_count = count;
    for (size_t i = 0; i < count; i++)
        if (!party_write(w, &w->request->parties[i], &sums[i], &voice, &engagement,
                         &w->out->parties[i]))
            return false;
    return true;
}

static bool terms_write(struct work *w, const struct need_list *list, const char *why,
                        struct topic_term **out, size_t *out_count)
{
    *out = arena_try_new(w->arena, struct topic_term, list->count + 1);
    if (!*out)
        return err_arena(w->err, w->arena);
    for (size_t i = 0; i < list->count; i++) {
        const struct contrast_term *found = &list->terms[i];
        struct topic_term *term = &(*out)[i];
        *term = (struct topic_term){.text = found->text,
                                    .count = found->count,
                                    .marked = list->base,
                                    .lift = found->lift,
                                    .lift_low = found->lift_low,
                                    .lift_up = found->lift_up};
        if (!posts_write(w, found->examples, found->example_count, why, &term->posts,
                         &term->post_count))
            return false;
    }
    *out_count = list->count;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool coverage_of(struct work *w)
{
    int64_t from, to;

    if (!archive_span(w->a, &from, &to, w->err))
        return false;
    from = from > w->out->from_hour ? from : w->out->from_hour;
    to = to < w->out->to_hour ? to : w->out->to_hour;
    w->out->coverage =
        to > from ? (double)(to - from) / (double)(w->out->to_hour - w->out->from_hour) : 0;
    return true;
}

/* The parties' other posts tell function words. */
static bool texts_measure(struct work *w, struct need_terms *needs)
{
    const struct topic_request *r = w->request;
    struct need_request request = {.query = r->query,
                                   .from_hour = r->from_hour,
                                   .to_hour = r->to_hour,
                                   .other_count = r->party_count,
                                   .visit = text_visit,
                                   .context = w};
    int64_t *others = arena_try_new(w->arena, int64_t, r->party_count + 1);

    if (!others)
        return err_arena(w->err, w->arena);
    for (size_t i = 0; i < r->party_count; i++)
        others[i] = r->parties[i].query;
    request.others = others;
    return need_terms(w->a, w->arena, &request, needs, w->err);
}

static bool measure_all(struct work *w, struct party_sums *parties)
{
    const struct topic_request *r = w->request;
    struct need_terms needs;

    if (!archive_sources_load(w->a, w->err) || !coverage_of(w) || !linked_fill(w) ||
        !archive_mentions(w->a, r->query, r->from_hour, r->to_hour, topic_visit, w, w->err) ||
        !w->ok || !post_set_fill(&w->posts, w->a, r->query, r->from_hour, r->to_hour, w->err))
        return false;
    for (size_t i = 0; i < r->party_count; i++) {
        w->party = &parties[i];
        if (!archive_mentions(w->a, r->parties[i].query, r->from_hour, r->to_hour, party_visit, w,
                              w->err) ||
            !w->ok)
            return false;
    }
    return texts_measure(w, &needs) && numbers_write(w) && parties_write(w, parties) &&
           terms_write(w, &needs.lists[NEED_COMPLAINT], PHRASE("a negative post with the term"),
                       &w->out->complaints, &w->out->complaint_count) &&
           terms_write(w, &needs.lists[NEED_WISH], PHRASE("a wish with the term"), &w->out->wishes,
                       &w->out->wish_count);
}

bool topic_measure(struct archive *a, struct arena *arena, const struct topic_request *request,
                   struct topic_measures *out, struct err *err)
{
    struct work w = {.a = a,
                     .arena = arena,
                     .request = request,
                     .out = out,
                     .err = err,
                     .ok = true,
                     .last_day = INT64_MIN,
                     .middle_hour =
                         request->from_hour + (request->to_hour - request->from_hour) / 2};

    *out = (struct topic_measures){.from_hour = request->from_hour, .to_hour = request->to_hour};
    if (request->to_hour - request->from_hour < 48)
        return err_set(err, ERR_USAGE, "a topic is measured over at least two days");
    if (request->party_count > SHARE_PARTIES_MAX)
        return err_set(err, ERR_LIMIT, "a topic has at most %d parties", SHARE_PARTIES_MAX);
    struct party_sums *parties = mem_try_alloc(request->party_count + 1, sizeof *parties);
    bool ok = parties ? measure_all(&w, parties)
                      : err_set(err, ERR_NO_MEMORY, "no memory for measuring a topic");
    for (size_t i = 0; parties && i < request->party_count; i++)
        for (int half = 0; half < 2; half++)
            measure_sum_deinit(&parties[i].half[half]);
    mem_free(parties);
    measure_sum_deinit(&w.sum);
    post_set_deinit(&w.posts);
    post_set_deinit(&w.linked);
    return ok;
}
