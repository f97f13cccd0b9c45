/* Looks a post's words up, walks the postings of what is present, verifies what passes. */
#include "listen/match.h"

#include <string.h>

#include "listen/match_priv.h"
#include "listen/query_glob.h"
#include "listen/query_member.h"
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
    mem_free(set->filter);
    mem_free(set->slots);
    vec_deinit(&set->terms);
    vec_deinit(&set->cases);
    buf_deinit(&set->key_bytes);
    vec_deinit(&set->patterns);
    mem_free(set->wildcard_start);
    mem_free(set->fuzzy_slots);
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
    if (set->patterns.count > 0)
        s->cache = mem_try_alloc(CACHE_ENTRIES, sizeof *s->cache);
    buf_init(&s->member, UINT32_MAX);
    buf_init(&s->raw_title, UINT32_MAX);
    buf_init(&s->raw_body, UINT32_MAX);
    buf_init(&s->raw_lead, UINT32_MAX);
    if (!s->present || !s->head || !s->verified_at || (set->patterns.count > 0 && !s->cache)) {
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
    vec_deinit(&s->present_terms);
    vec_deinit(&s->hits);
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

/* --- what is present --- */

static void mark_present(struct match_scratch *s, uint32_t term)
{
    if (match_is_present(s, term))
        return;
    s->present[term >> 6] |= UINT64_C(1) << (term & 63);
    s->present_terms.items[s->present_terms.count++] = term; /* room for every term of the set */
}

static void add_hit(struct match_scratch *s, uint32_t term, uint32_t unit)
{
    mark_present(s, term);
    if (!vec_try_push(&s->hits, (struct hit){.term = term, .unit = unit}))
        s->is_failed = true;
}

static bool has_sigil(const struct token *token)
{
    return token->kind == TOKEN_HASHTAG || token->kind == TOKEN_MENTION ||
           token->kind == TOKEN_CASHTAG;
}

/* The bytes of the post behind a token, without its sigil unless that is wanted. */
static Str source_of(const struct match_scratch *s, const struct token *token, uint32_t unit,
                     bool with_sigil)
{
    Str text = unit < s->tokens->title_count ? s->post->title : s->post->text;
    Str source = str_sub(text, token->from, token->to - token->from);
    size_t at = 0;

    if (!with_sigil && has_sigil(token)) {
        (void)str_next_rune(source, &at);
        source = str_sub(source, at, source.len);
    }
    return source;
}

static void add_cases(struct match_scratch *s, const struct term *term, const struct token *token,
                      uint32_t unit)
{
    const struct query_set *set = s->set;
    Str source = source_of(s, token, unit, term->is_sigil);

    for (uint32_t i = term->first_case; i != MATCH_NONE; i = set->cases.items[i].next)
        if (str_eq(match_key(set, set->cases.items[i].key_at, set->cases.items[i].key_len), source))
            add_hit(s, set->cases.items[i].term, unit);
}

static uint32_t find_term(const struct query_set *set, uint64_t hash, unsigned space, Str key,
                          bool is_sigil)
{
    for (size_t at = hash >> 20 & set->slot_mask; set->slots[at].term != MATCH_NONE;
         at = (at + 1) & set->slot_mask) {
        if (set->slots[at].hash != hash)
            continue;
        const struct term *term = &set->terms.items[set->slots[at].term];
        if (term->space == space && term->is_sigil == is_sigil && term->key_len == key.len &&
            memcmp(set->key_bytes.ptr + term->key_at, key.ptr, key.len) == 0)
            return set->slots[at].term;
    }
    return MATCH_NONE;
}

static inline bool may_be_known(const struct query_set *set, uint64_t hash)
{
    uint64_t bit = hash & set->filter_mask;

    return set->filter[bit >> 6] >> (bit & 63) & 1;
}

static void look_up(struct match_scratch *s, const struct token *token, uint32_t unit,
                    uint64_t hash, unsigned space, Str key, bool is_sigil)
{
    const struct query_set *set = s->set;
    uint32_t id = find_term(set, hash, space, key, is_sigil);

    if (id == MATCH_NONE)
        return;
    add_hit(s, id, unit);
    if (set->terms.items[id].first_case != MATCH_NONE)
        add_cases(s, &set->terms.items[id], token, unit);
}

/* --- patterns --- */

static void search_wildcards(struct match_scratch *s, Str form, bool is_accented, bool is_sigil,
                             uint32_t unit)
{
    const struct query_set *set = s->set;
    unsigned first = (unsigned)(unsigned char)form.ptr[0] << 8 | (unsigned char)form.ptr[1];

    for (uint32_t i = set->wildcard_start[first]; i < set->wildcard_start[first + 1]; i++) {
        const struct pattern *p = &set->patterns.items[i];
        if (p->is_accented == is_accented && p->is_sigil == is_sigil &&
            query_glob_matches(match_key(set, p->key_at, p->key_len), form))
            add_hit(s, p->term, unit);
    }
}

struct fuzzy_hits {
    struct match_scratch *scratch;
    uint32_t unit;
    size_t first; /* hits of this search begin here */
};

static void add_fuzzy(void *context, uint32_t term)
{
    const struct fuzzy_hits *f = context;

    for (size_t i = f->first; i < f->scratch->hits.count; i++)
        if (f->scratch->hits.items[i].term == term)
            return;
    add_hit(f->scratch, term, f->unit);
}

/* Appends the hits of all patterns that compare with this form of the token. */
static void search_patterns(struct match_scratch *s, Str form, bool is_accented, bool is_sigil,
                            uint32_t unit)
{
    if (is_accented && !s->set->has_accented_pattern)
        return;
    if (form.len >= 2)
        search_wildcards(s, form, is_accented, is_sigil, unit);
    if (s->set->wildcard_count < s->set->patterns.count)
        match_fuzzy_search(s->set, form, is_accented, is_sigil, add_fuzzy,
                           &(struct fuzzy_hits){s, unit, s->hits.count});
}

/* A word without accents: answered from the cache, or searched and remembered. Both kinds of
 * pattern look at it, as its two forms are the same bytes. */
static void cached_patterns(struct match_scratch *s, const struct token *token, Str form,
                            uint32_t unit)
{
    struct pattern_cache_entry *entry = &s->cache[token->hash_plain & (CACHE_ENTRIES - 1)];

    if (entry->hash == token->hash_plain && entry->key_len == form.len &&
        memcmp(entry->key, form.ptr, form.len) == 0) {
        for (unsigned i = 0; i < entry->count; i++)
            add_hit(s, entry->terms[i], unit);
        return;
    }
    size_t before = s->hits.count;
    search_patterns(s, form, false, false, unit);
    search_patterns(s, form, true, false, unit);
    if (form.len > CACHE_KEY_BYTES || s->hits.count - before > CACHE_TERMS || s->is_failed)
        return;
    entry->hash = token->hash_plain;
    entry->key_len = (uint8_t)form.len;
    memcpy(entry->key, form.ptr, form.len);
    entry->count = (uint8_t)(s->hits.count - before);
    for (unsigned i = 0; i < entry->count; i++)
        entry->terms[i] = s->hits.items[before + i].term;
}

static void look_up_patterns(struct match_scratch *s, const struct token *token, uint32_t unit)
{
    Str plain = token_bare(token, token->plain);

    if (token->plain.ptr == token->folded.ptr) {
        cached_patterns(s, token, plain, unit);
    } else {
        search_patterns(s, plain, false, false, unit);
        search_patterns(s, token_bare(token, token->folded), true, false, unit);
    }
    if (s->set->has_sigil_pattern) {
        search_patterns(s, token->plain, false, true, unit);
        search_patterns(s, token->folded, true, true, unit);
    }
}

/* --- the words of a post --- */

/* Spellings beside the plain word: accents, sigils. */
static void look_up_variants(struct match_scratch *s, const struct token *token, uint32_t unit)
{
    bool is_accented = token->plain.ptr != token->folded.ptr, sigil = has_sigil(token);
    uint64_t hash;

    if (is_accented && may_be_known(s->set, token->hash_folded))
        look_up(s, token, unit, token->hash_folded, SPACE_ACCENTED,
                token_bare(token, token->folded), false);
    if (!sigil)
        return;
    hash = token_hash_sigil(token->hash_plain, token->kind);
    if (may_be_known(s->set, hash))
        look_up(s, token, unit, hash, SPACE_PLAIN, token->plain, true);
    hash = token_hash_sigil(token->hash_folded, token->kind);
    if (is_accented && may_be_known(s->set, hash))
        look_up(s, token, unit, hash, SPACE_ACCENTED, token->folded, true);
}

static void look_up_tokens(struct match_scratch *s, const struct token *tokens, size_t count,
                           uint32_t first_unit)
{
    const struct query_set *set = s->set;
    bool has_patterns = set->patterns.count > 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token->kind == TOKEN_URL)
            continue;
        if (may_be_known(set, token->hash_plain))
            look_up(s, token, first_unit + i, token->hash_plain, SPACE_PLAIN,
                    token_bare(token, token->plain), false);
        if (token->plain.ptr != token->folded.ptr || has_sigil(token))
            look_up_variants(s, token, first_unit + i);
        if (has_patterns)
            look_up_patterns(s, token, first_unit + i);
    }
}

struct member_seeker {
    struct match_scratch *scratch;
    enum query_field field;
};

static bool seek_member(void *context, Str key)
{
    const struct member_seeker *seeker = context;
    uint32_t term = find_term(seeker->scratch->set, match_member_hash(seeker->field, key),
                              SPACE_MEMBER + (unsigned)seeker->field, key, false);

    if (term != MATCH_NONE)
        mark_present(seeker->scratch, term);
    return false;
}

static void look_up_members(struct match_scratch *s)
{
    for (uint32_t left = s->set->fields_used; left != 0; left &= left - 1) {
        struct member_seeker seeker = {s, (enum query_field)__builtin_ctz(left)};
        (void)query_member_keys(seeker.field, s->post, s->tokens, &s->member, seek_member, &seeker);
    }
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

/* Runs the program of a query. Instructions as in match_priv.h. */
static bool verify(struct match_scratch *s, uint32_t ordinal)
{
    const uint32_t *pc = s->set->code.items + s->set->program_start[ordinal];
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

static void visit(struct match_scratch *s, uint32_t query)
{
    uint32_t ordinal = query & POSTING_ORDINAL;

    if (query & POSTING_IS_MULTI) {
        if (s->verified_at[ordinal] == s->post_number)
            return;
        s->verified_at[ordinal] = s->post_number;
    }
    if (query & POSTING_IS_CERTAIN) {
        found(s, ordinal);
        return;
    }
    s->stats.verified++;
    if (verify(s, ordinal))
        found(s, ordinal);
}

/* 0 or 1, without a branch. */
static inline uint64_t bit(const uint64_t *bits, uint32_t at)
{
    return bits[at >> 6] >> (at & 63) & 1;
}

static void walk_postings(struct match_scratch *s)
{
    const struct query_set *set = s->set;

    for (size_t i = 0; i < s->present_terms.count; i++) {
        uint32_t term = s->present_terms.items[i];
        const struct posting *p = set->postings + set->posting_start[term];
        const struct posting *end = set->postings + set->posting_start[term + 1];
        s->stats.touched += (uint64_t)(end - p);
        for (; p < end; p++)
            if (bit(s->present, p->any[0]) | bit(s->present, p->any[1]) |
                bit(s->present, p->any[2]))
                visit(s, p->query);
    }
    for (size_t i = 0; i < set->unindexed_count; i++)
        visit(s, set->unindexed[i]);
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
    s->hits.count = s->found.count = s->present_terms.count = 0;
    s->is_chained = s->is_raw_folded = s->is_failed = false;
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
    look_up_tokens(s, tokens->title, tokens->title_count, 0);
    look_up_tokens(s, tokens->body, tokens->body_count, (uint32_t)tokens->title_count);
    if (s->set->fields_used != 0)
        look_up_members(s);
    walk_postings(s);
    forget_present(s);
    if (s->is_failed || s->member.is_failed)
        return err_set(err, ERR_NO_MEMORY, "no memory left to match a post");
    sort_ordinals(s->found.items, s->found.count);
    s->stats.posts++;
    s->stats.matched += s->found.count;
    *ordinals = s->found.items;
    *count = s->found.count;
    return true;
}
