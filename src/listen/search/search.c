#include "listen/search/search.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "listen/query/query_stem.h"
#include "listen/search/search_priv.h"

#define SETS_BYTES_MAX    (2 * GIB) /* sets of documents of one search */
#define SCRATCH_BYTES_MAX (4 * GIB) /* the same while one run is asked */

/* ---- looking at posts ------------------------------------------------------------------------ */

bool search_fill_tokens(struct search *s, const struct archived_post *post)
{
    if (!post_tokens_fill(&s->tokens, &post->post, s->err))
        return false;
    archived_post_rate(post, &s->tokens);
    return true;
}

/* A post that is gone meanwhile does not match. */
bool search_look(struct search *s, int32_t month, int64_t id, bool *matches)
{
    struct archived_post post;
    struct err missing = {0};

    *matches = false;
    arena_reset(&s->row_memory);
    if (!archive_post(s->a, &s->row_memory, month, id, &post, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *s->err = missing;
        return false;
    }
    return search_fill_tokens(s, &post) &&
           query_matches(&s->row_memory, &s->query, &post.post, &s->tokens, matches, s->err);
}

/* ---- asking runs ----------------------------------------------------------------------------- */

static const struct docset *copy_set(struct search *s, const struct docset *from)
{
    struct docset *to = arena_try_new(&s->sets, struct docset, 1);
    size_t words = docset_words(from->universe);

    if (!to)
        return NULL;
    *to = *from;
    if (from->list) {
        to->list = arena_try_new(&s->sets, uint32_t, (size_t)from->count + 1);
        if (to->list && from->count > 0)
            memcpy(to->list, from->list, from->count * sizeof *to->list);
        return to->list ? to : NULL;
    }
    to->bits = arena_try_new(&s->sets, uint64_t, words + 1);
    if (to->bits)
        memcpy(to->bits, from->bits, words * sizeof *to->bits);
    return to->bits ? to : NULL;
}

/* Documents of the run in the window that still hold. */
static const struct docset *live_docs(struct search *s, struct segment *segment,
                                      const struct word_run *run, bool is_tail)
{
    uint64_t *gone = NULL;
    uint32_t from = run_first_at(run, s->from_ms), to = run_first_at(run, s->to_ms);
    const struct docset *all = docset_range(&s->scratch, run->doc_count, from, to);

    if (!all || is_tail)
        return all;
    if (!word_runs_gone(segment, run, &s->scratch, &gone, s->err))
        return NULL;
    if (!gone)
        return all;
    const struct docset *void_docs = docset_of_bits(&s->scratch, run->doc_count, gone);
    return void_docs ? docset_minus(&s->scratch, all, void_docs) : NULL;
}

static bool ask_run(struct search *s, int index, struct segment *segment,
                    const struct word_run *run, bool is_tail)
{
    struct search_answer answer;
    struct found_run found = {.run = run, .segment = index, .month = segment->month};

    arena_reset(&s->scratch);
    const struct docset *live = live_docs(s, segment, run, is_tail);
    if (!live)
        return s->err->code != ERR_NONE ? false : err_arena(s->err, &s->scratch);
    s->docs_total += live->count;
    if (live->count == 0)
        return true;
    if (!search_eval(run, &s->scratch, s->query.root, live, &answer, s->err))
        return false;
    if (answer.upper->count == 0)
        return true;
    const struct docset *maybe = answer.lower == answer.upper
                                     ? docset_none(&s->scratch, run->doc_count)
                                     : docset_minus(&s->scratch, answer.upper, answer.lower);
    found.sure = copy_set(s, answer.lower);
    found.maybe = maybe ? copy_set(s, maybe) : NULL;
    if (!found.sure || !found.maybe)
        return err_arena(s->err, &s->sets);
    s->undecided += found.maybe->count;
    return vec_try_push(&s->runs, found) ||
           err_set(s->err, ERR_NO_MEMORY, "no memory for the hits");
}

static bool load_runs(struct search *s, struct segment *segment)
{
    bool is_whole;

    if (!db_begin_read(segment->db, s->err))
        return false;
    bool ok = word_runs_load(s->a, segment, &is_whole, s->err);
    /* A merge took files away between the table and the look at them: look again. */
    if (ok && !is_whole && db_end(segment->db, true, s->err) && db_begin_read(segment->db, s->err))
        ok = word_runs_load(s->a, segment, &is_whole, s->err);
    if (ok && !is_whole)
        word_runs_close(&segment->runs);
    ok = ok && word_tail_load(s->a, segment, is_whole, &s->out->is_complete, s->err);
    return db_end(segment->db, ok, s->err);
}

static bool ask_segment(struct search *s, int index)
{
    struct segment *segment;

    if (!segment_use(s->a, index, &segment, s->err) || !load_runs(s, segment))
        return false;
    for (size_t i = 0; i < segment->runs.count; i++)
        if (!ask_run(s, index, segment, segment->runs.items[i], false))
            return false;
    for (size_t i = 0; i < segment->tail.count; i++)
        if (!ask_run(s, index, segment, segment->tail.items[i], true))
            return false;
    return true;
}

static bool segments_of(struct search *s, int **indices, size_t *count)
{
    bool is_all = s->request->from_ms == 0 && s->request->to_ms == 0;

    s->from_ms = is_all ? INT64_MIN / 2 : s->request->from_ms;
    s->to_ms = is_all ? INT64_MAX / 2 : s->request->to_ms;
    return segments_between(s->a, s->arena, s->from_ms / HOUR_MS - 1, s->to_ms / HOUR_MS + 1,
                            indices, count, s->err);
}

/* Newest segment first. */
static bool ask_segments(struct search *s)
{
    int *indices;
    size_t count;

    if (!segments_of(s, &indices, &count))
        return false;
    s->out->is_complete = true;
    for (size_t i = count; i > 0; i--) {
        size_t before = s->runs.count;
        if (!ask_segment(s, indices[i - 1]))
            return false;
        if (!s->request->is_page_enough)
            continue;
        if (!search_page_gather(s, before, NULL))
            return false;
        if (s->found.count > s->request->limit) {
            s->out->is_complete = false;
            return true;
        }
    }
    return true;
}

/* ---- what the runs could not decide ---------------------------------------------------------- */

/* Looks at the undecided documents, all or every step-th of all runs in a row. */
static bool look_at(struct search *s, struct found_run *found, double *next, double step,
                    uint32_t *looked, const struct docset **matching)
{
    uint32_t *list = arena_try_new(&s->sets, uint32_t, (size_t)found->maybe->count + 1), n = 0;
    struct docset_iter it = docset_from(found->maybe, 0);
    bool matches;

    if (!list)
        return err_arena(s->err, &s->sets);
    for (uint32_t doc; docset_next(&it, &doc); *next -= 1) {
        if (*next >= 1)
            continue;
        *next += step;
        if (!search_look(s, found->month, found->run->ids[doc], &matches))
            return false;
        ++*looked;
        if (matches)
            list[n++] = doc;
    }
    *matching = docset_of_list(&s->sets, found->run->doc_count, list, n);
    return *matching || err_arena(s->err, &s->sets);
}

static bool decide_all(struct search *s)
{
    const struct docset *matching;
    uint32_t looked = 0;

    vec_each (struct found_run, found, &s->runs) {
        double next = 0;
        if (found->maybe->count == 0)
            continue;
        if (!look_at(s, found, &next, 1, &looked, &matching))
            return false;
        found->sure = docset_or(&s->sets, found->sure, matching);
        found->maybe = docset_none(&s->sets, found->run->doc_count);
        if (!found->sure || !found->maybe)
            return err_arena(s->err, &s->sets);
    }
    s->undecided = 0;
    return true;
}

/* Share of the sample that matches, with the interval of Wilson (1927) for 95 %. */
static void estimate(struct search *s, int64_t sure, uint32_t matching, uint32_t looked)
{
    double n = looked, p = matching / n, z = 1.96, all = (double)s->undecided;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

    s->out->total = sure + (int64_t)llround(all * p);
    s->out->total_low = sure + (int64_t)floor(all * fmax(middle - half, 0));
    s->out->total_high = sure + (int64_t)ceil(all * fmin(middle + half, 1));
    if (s->out->total_low < sure + (int64_t)matching)
        s->out->total_low = sure + (int64_t)matching;
    s->out->sampled = looked;
    s->out->is_complete = false;
    s->sample_weight = all / n;
}

static bool decide_sample(struct search *s, int64_t sure)
{
    double next = 0, step = (double)s->undecided / SEARCH_SAMPLE;
    uint32_t looked = 0, matching = 0;

    vec_each (struct found_run, found, &s->runs) {
        if (found->maybe->count == 0)
            continue;
        if (!look_at(s, found, &next, step, &looked, &found->sampled))
            return false;
        matching += found->sampled->count;
    }
    estimate(s, sure, matching, looked);
    return true;
}

static bool decide(struct search *s)
{
    int64_t sure = 0;
    bool is_sampled = s->undecided > SEARCH_VERIFY_MAX;

    if (!is_sampled && !decide_all(s))
        return false;
    vec_each (struct found_run, found, &s->runs)
        sure += found->sure->count;
    s->out->total = s->out->total_low = s->out->total_high = sure;
    return !is_sampled || decide_sample(s, sure);
}

int found_cmp(const void *left, const void *right)
{
    const struct found *a = left, *b = right;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->month != b->month)
        return a->month > b->month ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool parse(struct search *s)
{
    struct query_problems problems = {0};

    bool ok = query_parse(s->arena, s->words, s->request->query, STR_NONE, s->request->names,
                          &s->query, &problems, s->err);
    vec_each (struct query_problem, problem, &problems) {
        if (!ok || problem->severity != QUERY_ERROR)
            continue;
        ok = query_problem_refuse(problem, s->err);
    }
    query_problems_deinit(&problems);
    if (ok && s->request->has_stems)
        query_stem_words(s->query.root);
    return ok;
}

static bool search_init(struct search *s, struct err *err)
{
    arena_init(&s->row_memory, BATCH_ARENA_BYTES_MAX);
    arena_init(&s->sets, SETS_BYTES_MAX);
    arena_init(&s->scratch, SCRATCH_BYTES_MAX);
    return tokenizer_create(&s->words, err) && post_tokens_init(&s->tokens, err) && parse(s);
}

static void search_deinit(struct search *s)
{
    vec_deinit(&s->found);
    vec_deinit(&s->runs);
    post_tokens_deinit(&s->tokens);
    tokenizer_destroy(&s->words);
    arena_deinit(&s->row_memory);
    arena_deinit(&s->sets);
    arena_deinit(&s->scratch);
}

bool search_posts(struct archive *a, struct arena *arena, const struct search_request *request,
                  struct search_result *out, struct err *err)
{
    struct search s = {.a = a, .arena = arena, .request = request, .out = out, .err = err};

    *out = (struct search_result){0};
    if (request->limit < 1 || request->limit > SEARCH_PAGE_MAX)
        return err_set(err, ERR_USAGE, "a page has 1 to %d posts", SEARCH_PAGE_MAX);
    bool ok = search_init(&s, err) && ask_segments(&s);
    if (ok && request->is_page_enough)
        out->total = out->total_low = out->total_high = (int64_t)s.found.count;
    else
        ok = ok && decide(&s);
    ok = ok && search_page(&s) && (!request->has_facets || search_facets(&s));
    search_deinit(&s);
    return ok;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool visit_times(struct search *s, search_visit *visit, void *context, bool *is_over)
{
    vec_each (struct found_run, found, &s->runs) {
        struct docset_iter it = docset_from(found->sure, 0);
        for (uint32_t doc; !*is_over && docset_next(&it, &doc);)
            *is_over = !visit(context, found->run->times[doc]);
    }
    return true;
}

/* One segment after the other, so that the sets of one are all that is held. */
bool search_times(struct archive *a, struct arena *arena, const struct search_request *request,
                  search_visit *visit, void *context, struct err *err)
{
    struct search_result unused = {0};
    struct search s = {.a = a, .arena = arena, .request = request, .out = &unused, .err = err};
    bool is_over = false;
    int *indices;
    size_t count = 0;
    bool ok = search_init(&s, err) && segments_of(&s, &indices, &count);

    for (size_t i = 0; ok && i < count && !is_over; i++) {
        arena_reset(&s.sets);
        vec_reset(&s.runs);
        ok = ask_segment(&s, indices[i]) && decide_all(&s) &&
             visit_times(&s, visit, context, &is_over);
    }
    search_deinit(&s);
    return ok;
}

/* The next document of a run, of those that are sure or may be. */
struct walk {
    const struct found_run *found;
    struct docset_iter sure, maybe;
    uint32_t next_sure, next_maybe; /* UINT32_MAX: none */
};

static uint32_t iter_next(struct docset_iter *it)
{
    uint32_t doc;

    return docset_next(it, &doc) ? doc : UINT32_MAX;
}

static uint32_t back(const struct docset *set, uint32_t before)
{
    uint32_t doc;

    return docset_before(set, before, &doc) ? doc : UINT32_MAX;
}

static void walk_begin(struct walk *w, const struct found_run *found, bool is_upwards)
{
    *w = (struct walk){.found = found};
    w->sure = docset_from(found->sure, 0);
    w->maybe = docset_from(found->maybe, 0);
    w->next_sure = is_upwards ? iter_next(&w->sure) : back(found->sure, UINT32_MAX);
    w->next_maybe = is_upwards ? iter_next(&w->maybe) : back(found->maybe, UINT32_MAX);
}

static uint32_t walk_doc(const struct walk *w, bool is_upwards)
{
    bool both = w->next_sure != UINT32_MAX && w->next_maybe != UINT32_MAX;

    if (!both)
        return w->next_sure != UINT32_MAX ? w->next_sure : w->next_maybe;
    return (w->next_sure < w->next_maybe) == is_upwards ? w->next_sure : w->next_maybe;
}

static void walk_step(struct walk *w, bool is_upwards)
{
    uint32_t doc = walk_doc(w, is_upwards);

    if (doc == w->next_sure)
        w->next_sure = is_upwards ? iter_next(&w->sure) : back(w->found->sure, doc);
    else
        w->next_maybe = is_upwards ? iter_next(&w->maybe) : back(w->found->maybe, doc);
}

/* The run whose next document comes first; count: none is left. */
static size_t walk_first(const struct walk *walks, size_t count, bool is_upwards)
{
    size_t best = count;

    for (size_t i = 0; i < count; i++) {
        uint32_t doc = walk_doc(&walks[i], is_upwards);
        if (doc == UINT32_MAX)
            continue;
        if (best == count) {
            best = i;
            continue;
        }
        const struct word_run *a = walks[i].found->run, *b = walks[best].found->run;
        uint32_t other = walk_doc(&walks[best], is_upwards);
        bool is_before = a->times[doc] != b->times[other] ? a->times[doc] < b->times[other]
                                                          : a->ids[doc] < b->ids[other];
        best = is_before == is_upwards ? i : best;
    }
    return best;
}

static bool give_post(struct search *s, const struct found_run *found, uint32_t doc, bool is_sure,
                      search_visit_post *visit, void *context, bool *is_over)
{
    struct archived_post post;
    struct err missing = {0};
    bool matches = is_sure;

    arena_reset(&s->row_memory);
    if (!archive_post(s->a, &s->row_memory, found->month, found->run->ids[doc], &post, &missing)) {
        if (missing.code != ERR_NOT_FOUND)
            *s->err = missing;
        return missing.code == ERR_NOT_FOUND;
    }
    if (!is_sure &&
        (!search_fill_tokens(s, &post) ||
         !query_matches(&s->row_memory, &s->query, &post.post, &s->tokens, &matches, s->err)))
        return false;
    if (matches)
        *is_over = !visit(context, &post, s->err);
    return s->err->code == ERR_NONE;
}

static bool each_of_segment(struct search *s, search_visit_post *visit, void *context,
                            bool *is_over)
{
    bool is_upwards = s->request->order == SEARCH_OLDEST, ok = true;
    struct walk *walks = arena_try_new(&s->sets, struct walk, s->runs.count + 1);

    if (!walks)
        return err_arena(s->err, &s->sets);
    for (size_t i = 0; i < s->runs.count; i++)
        walk_begin(&walks[i], &s->runs.items[i], is_upwards);
    while (ok && !*is_over) {
        size_t best = walk_first(walks, s->runs.count, is_upwards);
        if (best == s->runs.count)
            break;
        uint32_t doc = walk_doc(&walks[best], is_upwards);
        bool is_sure = doc == walks[best].next_sure;
        ok = give_post(s, walks[best].found, doc, is_sure, visit, context, is_over);
        walk_step(&walks[best], is_upwards);
    }
    return ok;
}

bool search_each(struct archive *a, struct arena *arena, const struct search_request *request,
                 search_visit_post *visit, void *context, struct err *err)
{
    struct search_result unused = {0};
    struct search s = {.a = a, .arena = arena, .request = request, .out = &unused, .err = err};
    bool is_over = false, is_upwards = request->order == SEARCH_OLDEST;
    int *indices;
    size_t count = 0;
    bool ok = search_init(&s, err) && segments_of(&s, &indices, &count);

    for (size_t i = 0; ok && i < count && !is_over; i++) {
        arena_reset(&s.sets);
        vec_reset(&s.runs);
        ok = ask_segment(&s, indices[is_upwards ? i : count - 1 - i]) &&
             each_of_segment(&s, visit, context, &is_over);
    }
    search_deinit(&s);
    return ok;
}
