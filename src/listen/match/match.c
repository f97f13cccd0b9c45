/* Looks a post's words up, walks the postings of what is present, verifies what passes. */
#include "listen/match/match.h"

#include <string.h>

#include "listen/match/match_priv.h"
#include "listen/query/query_glob.h"
#include "listen/query/query_member.h"
#include "text/fold.h"

struct query_set *query_set_acquire(struct query_set *set)
{
    ASSERT(set->magic == QUERY_SET_MAGIC);
    atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void query_set_release(struct query_set **set_at)
{
    struct query_set *set = *set_at;

    *set_at = NULL;
    if (!set)
        return;
    ASSERT(set->magic == QUERY_SET_MAGIC);
    if (atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
        return;
    if (set->attachment)
        set->release(set->attachment);
    mem_free(set->numbers);
    mem_free(set->filter.words);
    mem_free(set->slots);
    vec_deinit(&set->terms);
    vec_deinit(&set->cases);
    buf_deinit(&set->key_bytes);
    vec_deinit(&set->patterns);
    match_wildcard_deinit(set);
    match_fuzzy_deinit(set);
    mem_free(set->posting_start);
    mem_free(set->postings);
    mem_free(set->unindexed);
    mem_free(set->program_start);
    vec_deinit(&set->code);
    vec_deinit(&set->parts);
    vec_deinit(&set->operands);
    vec_deinit(&set->tests);
    set->magic = 0;
    mem_free(set);
}

const struct query_set_stats *query_set_stats(const struct query_set *set)
{
    return &set->stats;
}

const int64_t *query_set_numbers(const struct query_set *set)
{
    return set->numbers;
}

uint64_t query_set_mark(const struct query_set *set)
{
    return set->mark;
}

void query_set_attach(struct query_set *set, void *attachment, void (*release)(void *attachment))
{
    ASSERT(set->magic == QUERY_SET_MAGIC && !set->attachment);
    set->attachment = attachment;
    set->release = release;
}

void *query_set_attachment(const struct query_set *set)
{
    return set->attachment;
}

bool match_scratch_create(struct match_scratch **out, struct query_set *set, struct err *err)
{
    struct match_scratch *s = mem_try_alloc(1, sizeof *s);
    size_t terms = set->terms.count;

    *out = NULL;
    if (!s)
        return err_set(err, ERR_NO_MEMORY, "no memory left for match scratch");
    s->set = query_set_acquire(set);
    s->present = mem_try_alloc(terms / 64 + 1, sizeof *s->present);
    s->head = mem_try_alloc(terms, sizeof *s->head);
    s->verified_at = mem_try_alloc(set->ordinal_count + 1, sizeof *s->verified_at);
    if (set->fuzzy) {
        s->cache = mem_try_alloc(CACHE_ENTRIES, sizeof *s->cache);
        s->fuzzy_seen =
            mem_try_alloc(set->patterns.count - set->wildcard_count, sizeof *s->fuzzy_seen);
    }
    buf_init(&s->member, UINT32_MAX);
    buf_init(&s->raw_title, UINT32_MAX);
    buf_init(&s->raw_body, UINT32_MAX);
    buf_init(&s->raw_lead, UINT32_MAX);
    if (!s->present || !s->head || !s->verified_at ||
        (set->fuzzy && (!s->cache || !s->fuzzy_seen))) {
        match_scratch_destroy(&s);
        return err_set(err, ERR_NO_MEMORY, "no memory left for match scratch");
    }
    *out = s;
    return true;
}

void match_scratch_destroy(struct match_scratch **scratch)
{
    struct match_scratch *s = *scratch;

    *scratch = NULL;
    if (!s)
        return;
    query_set_release(&s->set);
    mem_free(s->present);
    mem_free(s->head);
    mem_free(s->verified_at);
    mem_free(s->cache);
    mem_free(s->fuzzy_seen);
    vec_deinit(&s->present_terms);
    vec_deinit(&s->hits);
    vec_deinit(&s->heads);
    vec_deinit(&s->passed);
    vec_deinit(&s->found);
    vec_deinit(&s->spans);
    vec_deinit(&s->slops);
    buf_deinit(&s->member);
    buf_deinit(&s->raw_title);
    buf_deinit(&s->raw_body);
    buf_deinit(&s->raw_lead);
    mem_free(s);
}

const struct query_set *match_scratch_set(const struct match_scratch *scratch)
{
    return scratch->set;
}

struct match_stats match_scratch_stats(const struct match_scratch *scratch)
{
    return scratch->stats;
}

/* --- verification --- */

static void fold_raw(struct match_scratch *s)
{
    s->is_raw_folded = true;
    buf_reset(&s->raw_title);
    buf_reset(&s->raw_body);
    buf_reset(&s->raw_lead);
    text_fold(s->post->title, FOLD_KEEP_ACCENTS, &s->raw_title);
    text_fold(s->post->text, FOLD_KEEP_ACCENTS, &s->raw_body);
    text_fold(str_sub(s->post->text, 0, s->tokens->lead_end), FOLD_KEEP_ACCENTS, &s->raw_lead);
    s->is_failed =
        s->is_failed || s->raw_title.is_failed || s->raw_body.is_failed || s->raw_lead.is_failed;
}

static bool raw_holds(struct match_scratch *s, const struct member_test *test)
{
    Str key = match_key(s->set, test->key_at, test->key_len);

    if (!s->is_raw_folded)
        fold_raw(s);
    if ((test->zones & QUERY_IN_TITLE) && query_raw_stands_in(buf_str(&s->raw_title), key))
        return true;
    if (test->zones & QUERY_IN_REST)
        return query_raw_stands_in(buf_str(&s->raw_body), key);
    return (test->zones & QUERY_IN_LEAD) && query_raw_stands_in(buf_str(&s->raw_lead), key);
}

static bool test_holds(struct match_scratch *s, const struct member_test *test)
{
    return query_member_test((enum query_field)test->field,
                             match_key(s->set, test->key_at, test->key_len), test->low, test->high,
                             s->post, s->tokens, &s->member);
}

static bool count_holds(struct match_scratch *s, uint32_t part, uint32_t limit)
{
    double count = (double)match_text_count(s, part), wanted = limit >> 8;

    switch (limit & 0xFF) {
    case QUERY_AT_LEAST:
        return count >= wanted;
    case QUERY_AT_MOST:
        return count <= wanted;
    default:
        return count == wanted;
    }
}

static bool all_present(const struct match_scratch *s, const uint32_t *terms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!match_is_present(s, terms[i]))
            return false;
    return true;
}

static bool any_present(const struct match_scratch *s, const uint32_t *terms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (match_is_present(s, terms[i]))
            return true;
    return false;
}

/* Runs the instructions of a program, as in match_priv.h. */
static bool verify(struct match_scratch *s, const uint32_t *pc)
{
    bool truth = false;

    for (;;) {
        uint32_t word = *pc++, n = word >> 8;
        switch ((enum op)(word & 0xFF)) {
        case OP_END:
            return truth;
        case OP_TERM:
            truth = match_is_present(s, n);
            break;
        case OP_ALL:
            truth = all_present(s, pc, n);
            pc += n;
            break;
        case OP_NONE:
            truth = !any_present(s, pc, n);
            pc += n;
            break;
        case OP_ANY:
            truth = any_present(s, pc, n);
            pc += n;
            break;
        case OP_FALSE:
            truth = false;
            break;
        case OP_FLIP:
            truth = !truth;
            break;
        case OP_IF_FALSE:
            pc += truth ? 0 : n;
            break;
        case OP_IF_TRUE:
            pc += truth ? n : 0;
            break;
        case OP_TEXT:
            truth = match_text_occurs(s, n);
            break;
        case OP_COUNT:
            truth = count_holds(s, n, *pc++);
            break;
        case OP_SENTENCE:
            truth = match_in_sentence(s, n);
            break;
        case OP_TEST:
            truth = test_holds(s, &s->set->tests.items[n]);
            break;
        case OP_RAW:
            truth = raw_holds(s, &s->set->tests.items[n]);
            break;
        }
    }
}

static void found(struct match_scratch *s, uint32_t ordinal)
{
    if (!vec_try_push(&s->found, ordinal))
        s->is_failed = true;
}

/* Several postings of one query may pass; the first settles it, as a program covers them all. */
static bool is_settled(struct match_scratch *s, uint32_t query, uint32_t ordinal)
{
    if (!(query & POSTING_IS_MULTI))
        return false;
    if (s->verified_at[ordinal] == s->post_number)
        return true;
    s->verified_at[ordinal] = s->post_number;
    return false;
}

static void run_program(struct match_scratch *s, uint32_t query)
{
    const uint32_t *program = s->set->code.items + (query & POSTING_QUERY);

    if (is_settled(s, query, *program))
        return;
    s->stats.verified++;
    if (verify(s, program + 1))
        found(s, *program);
}

/* 0 or 1, without a branch. */
static inline uint64_t bit(const uint64_t *bits, uint32_t at)
{
    return bits[at >> 6] >> (at & 63) & 1;
}

/* Queries of which a posting passes go to `passed`; the branch would be a coin's toss. Their
 * programs are fetched while the next postings are walked. */
static bool walk_postings(struct match_scratch *s)
{
    const struct query_set *set = s->set;
    const uint64_t *present = s->present;

    for (size_t i = 0; i < s->present_terms.count; i++)
        __builtin_prefetch(set->postings + set->posting_start[s->present_terms.items[i]]);
    for (size_t i = 0; i < s->present_terms.count; i++) {
        uint32_t term = s->present_terms.items[i];
        const struct posting *p = set->postings + set->posting_start[term];
        const struct posting *end = set->postings + set->posting_start[term + 1];
        size_t count = s->passed.count;
        if (!vec_try_reserve(&s->passed, count + (size_t)(end - p)))
            return false;
        s->stats.touched += (uint64_t)(end - p);
        for (; p < end; p++) {
            s->passed.items[count] = p->query;
            count += bit(present, p->any[0]) | bit(present, p->any[1]) | bit(present, p->any[2]);
        }
        for (size_t k = s->passed.count; k < count; k++)
            __builtin_prefetch(set->code.items + (s->passed.items[k] & POSTING_QUERY));
        s->passed.count = count;
    }
    return true;
}

static void verify_passed(struct match_scratch *s)
{
    const struct query_set *set = s->set;
    size_t count = s->passed.count;

    for (size_t i = 0; i < count; i++) {
        uint32_t query = s->passed.items[i];
        if (!(query & POSTING_IS_CERTAIN))
            run_program(s, query);
        else if (!is_settled(s, query, query & POSTING_QUERY))
            found(s, query & POSTING_QUERY);
    }
    for (size_t i = 0; i < set->unindexed_count; i++)
        run_program(s, set->program_start[set->unindexed[i]]);
}

/* Heapsort: in place, no allocation, no bad case. Small results by insertion. */
static void sift_down(uint32_t *items, size_t at, size_t count)
{
    uint32_t moving = items[at];

    for (size_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && items[child + 1] > items[child])
            child++;
        if (items[child] <= moving)
            break;
        items[at] = items[child];
    }
    items[at] = moving;
}

static void sort_ordinals(uint32_t *items, size_t count)
{
    if (count > 32) {
        for (size_t i = count / 2; i-- > 0;)
            sift_down(items, i, count);
        for (size_t end = count; end-- > 1;) {
            uint32_t largest = items[0];
            items[0] = items[end];
            items[end] = largest;
            sift_down(items, 0, end);
        }
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t moving = items[i];
        size_t j = i;
        for (; j > 0 && items[j - 1] > moving; j--)
            items[j] = items[j - 1];
        items[j] = moving;
    }
}

static void begin_post(struct match_scratch *s, const struct post *post,
                       const struct post_tokens *tokens)
{
    s->post = post;
    s->tokens = tokens;
    s->hits.count = s->found.count = s->passed.count = s->present_terms.count = 0;
    s->is_placed = s->is_chained = s->is_raw_folded = s->is_failed = false;
    if (++s->post_number == 0) { /* wrapped: no old number may look new */
        memset(s->verified_at, 0, s->set->ordinal_count * sizeof *s->verified_at);
        s->post_number = 1;
    }
}

static void forget_present(struct match_scratch *s)
{
    for (size_t i = 0; i < s->present_terms.count; i++)
        s->present[s->present_terms.items[i] >> 6] = 0;
    s->present[0] |= UINT64_C(1) << TERM_ALWAYS;
}

bool match_post(struct match_scratch *s, const struct post *post, const struct post_tokens *tokens,
                const uint32_t **ordinals, size_t *count, struct err *err)
{
    begin_post(s, post, tokens);
    if (!vec_try_reserve(&s->present_terms, s->set->terms.count))
        return err_set(err, ERR_NO_MEMORY, "no memory left to match a post");
    s->present[0] |= UINT64_C(1) << TERM_ALWAYS;
    match_look_up(s);
    bool is_walked = walk_postings(s);
    if (is_walked)
        verify_passed(s);
    forget_present(s);
    if (!is_walked || s->is_failed || s->member.is_failed)
        return err_set(err, ERR_NO_MEMORY, "no memory left to match a post");
    sort_ordinals(s->found.items, s->found.count);
    s->stats.posts++;
    s->stats.matched += s->found.count;
    *ordinals = s->found.items;
    *count = s->found.count;
    return true;
}
