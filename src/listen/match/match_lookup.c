/* What of the set is present in a post. The words that the filter lets through are gathered and
 * their slots fetched ahead, so that the lines of several words are on their way at once; then they
 * are compared. */
#include <string.h>

#include "listen/match/match_priv.h"
#include "listen/query/query_member.h"

/* --- laying the table --- */

/* Multiplication instead of a remainder (Lemire 2016): the table need not be a power of two. */
static inline size_t slot_of(const struct query_set *set, uint64_t hash)
{
    return (size_t)(((hash >> 32) * set->slot_count) >> 32);
}

static void lay_slot(struct query_set *set, const struct build_slot *from)
{
    const struct term *term = &set->terms.items[from->term];
    size_t at = slot_of(set, from->hash);

    while (set->slots[at].term != MATCH_NONE)
        at = at + 1 < set->slot_count ? at + 1 : 0;
    struct term_slot *slot = &set->slots[at];
    *slot = (struct term_slot){.hash = from->hash,
                               .term = from->term,
                               .key_len = SLOT_KEY_BYTES + 1,
                               .space = (uint8_t)term->space,
                               .is_sigil = term->is_sigil,
                               .has_cases = term->first_case != MATCH_NONE};
    if (term->key_len <= SLOT_KEY_BYTES) {
        slot->key_len = (uint8_t)term->key_len;
        memcpy(slot->key, set->key_bytes.ptr + term->key_at, term->key_len);
    }
    match_filter_add(&set->filter, from->hash);
}

bool match_filter_init(struct match_filter *filter, size_t count)
{
    size_t words = 8;

    while (words * 64 < count * 8)
        words *= 2;
    filter->mask = words - 1;
    filter->words = mem_try_alloc(words, sizeof *filter->words);
    return filter->words != NULL;
}

bool match_lay_slots(struct query_set *set, const struct build_slot *slots, size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += slots[i].term != MATCH_NONE;
    set->slot_count = used + used / 2 + 16; /* two thirds full */
    set->slots = mem_try_alloc(set->slot_count, sizeof *set->slots);
    if (!set->slots || !match_filter_init(&set->filter, used))
        return false;
    for (size_t i = 0; i < set->slot_count; i++)
        set->slots[i].term = MATCH_NONE;
    for (size_t i = 0; i < count; i++)
        if (slots[i].term != MATCH_NONE)
            lay_slot(set, &slots[i]);
    return true;
}

/* --- finding --- */

static void mark_present(struct match_scratch *s, uint32_t term)
{
    if (match_is_present(s, term))
        return;
    s->present[term >> 6] |= UINT64_C(1) << (term & 63);
    s->present_terms.items[s->present_terms.count++] = term; /* room for every term of the set */
    __builtin_prefetch(&s->set->posting_start[term]);
}

void match_add_hit(struct match_scratch *s, uint32_t term, uint32_t unit)
{
    mark_present(s, term);
    if (!vec_try_push(&s->hits, (struct hit){.term = term, .unit = unit}))
        s->is_failed = true;
}

static bool is_slot_of(const struct query_set *set, const struct term_slot *slot, unsigned space,
                       Str key, bool is_sigil)
{
    if (slot->space != space || slot->is_sigil != is_sigil)
        return false;
    if (slot->key_len <= SLOT_KEY_BYTES)
        return slot->key_len == key.len && match_same_bytes(slot->key, key.ptr, key.len);
    const struct term *term = &set->terms.items[slot->term];
    return term->key_len == key.len &&
           memcmp(set->key_bytes.ptr + term->key_at, key.ptr, key.len) == 0;
}

static const struct term_slot *find_slot(const struct query_set *set, uint64_t hash, unsigned space,
                                         Str key, bool is_sigil)
{
    for (size_t at = slot_of(set, hash); set->slots[at].term != MATCH_NONE;
         at = at + 1 < set->slot_count ? at + 1 : 0)
        if (set->slots[at].hash == hash && is_slot_of(set, &set->slots[at], space, key, is_sigil))
            return &set->slots[at];
    return NULL;
}

/* --- words --- */

static inline bool has_sigil(const struct token *token)
{
    return token->kind == TOKEN_HASHTAG || token->kind == TOKEN_MENTION ||
           token->kind == TOKEN_CASHTAG;
}

/* token_bare() without the call. */
static inline Str bare(const struct token *token, Str form)
{
    return has_sigil(token) ? (Str){form.ptr + 1, form.len - 1} : form;
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
            match_add_hit(s, set->cases.items[i].term, unit);
}

/* A spelling of a word that the filter let through. */
struct candidate {
    uint64_t hash;
    const struct token *token;
    uint32_t unit;
    bool is_accented, is_sigil;
};

enum { CANDIDATES_MAX = 64, CANDIDATES_PER_TOKEN = 4 };

struct candidates {
    struct candidate items[CANDIDATES_MAX];
    size_t count;
};

static inline void gather(const struct match_scratch *s, struct candidates *c, uint64_t hash,
                          const struct token *token, uint32_t unit, bool is_accented, bool is_sigil)
{
    if (!match_filter_has(&s->set->filter, hash))
        return;
    c->items[c->count++] = (struct candidate){hash, token, unit, is_accented, is_sigil};
    __builtin_prefetch(&s->set->slots[slot_of(s->set, hash)]);
}

/* The plain word; accents and sigils give more spellings, at most CANDIDATES_PER_TOKEN in all. */
static inline void gather_token(const struct match_scratch *s, struct candidates *c,
                                const struct token *token, uint32_t unit)
{
    bool is_accented = token->plain.ptr != token->folded.ptr, sigil = has_sigil(token);

    gather(s, c, token->hash_plain, token, unit, false, false);
    if (is_accented)
        gather(s, c, token->hash_folded, token, unit, true, false);
    if (!sigil)
        return;
    gather(s, c, token_hash_sigil(token->hash_plain, token->kind), token, unit, false, true);
    if (is_accented)
        gather(s, c, token_hash_sigil(token->hash_folded, token->kind), token, unit, true, true);
}

static void look_up_candidates(struct match_scratch *s, struct candidates *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct candidate *it = &c->items[i];
        Str key = it->is_accented ? it->token->folded : it->token->plain;
        if (!it->is_sigil)
            key = bare(it->token, key);
        const struct term_slot *slot = find_slot(
            s->set, it->hash, it->is_accented ? SPACE_ACCENTED : SPACE_PLAIN, key, it->is_sigil);
        if (!slot)
            continue;
        match_add_hit(s, slot->term, it->unit);
        if (slot->has_cases)
            add_cases(s, &s->set->terms.items[slot->term], it->token, it->unit);
    }
    c->count = 0;
}

/* --- patterns --- */

static void search_fuzzy(struct match_scratch *s, const struct token *token, uint32_t unit)
{
    unsigned classes = s->set->fuzzy_classes;

    if (classes & 1u << 0)
        match_fuzzy_search(s, bare(token, token->plain), 0, unit);
    if (classes & 1u << CLASS_ACCENTED)
        match_fuzzy_search(s, bare(token, token->folded), CLASS_ACCENTED, unit);
}

static struct fuzzy_cache_entry *cache_line(const struct match_scratch *s, uint64_t hash)
{
    return &s->cache[hash & (CACHE_ENTRIES - 2)];
}

static bool answer_from_cache(struct match_scratch *s, const struct fuzzy_cache_entry *entry,
                              Str form, uint32_t unit)
{
    if (entry->key_len != form.len || !match_same_bytes(entry->key, form.ptr, form.len))
        return false;
    for (unsigned i = 0; i < entry->count; i++)
        match_add_hit(s, entry->terms[i], unit);
    return true;
}

/* A word without accents, both of whose forms are the same bytes: answered from the cache, or
 * searched and remembered in place of the older of its line. */
static void search_fuzzy_cached(struct match_scratch *s, const struct token *token, uint32_t unit)
{
    Str form = bare(token, token->plain);
    struct fuzzy_cache_entry *entry = cache_line(s, token->hash_plain);

    if (answer_from_cache(s, entry, form, unit) || answer_from_cache(s, entry + 1, form, unit))
        return;
    size_t before = s->hits.count;
    search_fuzzy(s, token, unit);
    if (form.len > CACHE_KEY_BYTES || s->hits.count - before > CACHE_TERMS || s->is_failed)
        return;
    entry[1] = entry[0];
    entry->key_len = (uint8_t)form.len;
    memcpy(entry->key, form.ptr, form.len);
    entry->count = (uint8_t)(s->hits.count - before);
    for (unsigned i = 0; i < entry->count; i++)
        entry->terms[i] = s->hits.items[before + i].term;
}

static inline void look_up_wildcards(struct match_scratch *s, const struct token *token,
                                     uint32_t unit)
{
    unsigned classes = s->set->wildcard_classes;

    if (classes & 1u << 0)
        match_wildcard_gather(s, bare(token, token->plain), 0, unit);
    if (classes & 1u << CLASS_ACCENTED)
        match_wildcard_gather(s, bare(token, token->folded), CLASS_ACCENTED, unit);
    if (!has_sigil(token))
        return;
    if (classes & 1u << CLASS_SIGIL)
        match_wildcard_gather(s, token->plain, CLASS_SIGIL, unit);
    if (classes & 1u << (CLASS_SIGIL | CLASS_ACCENTED))
        match_wildcard_gather(s, token->folded, CLASS_SIGIL | CLASS_ACCENTED, unit);
}

/* A fuzzy #tag may miss its sigil by one edit, so every word is compared with it. */
static inline void look_up_fuzzy(struct match_scratch *s, const struct token *token, uint32_t unit)
{
    unsigned classes = s->set->fuzzy_classes;

    if (token->plain.ptr == token->folded.ptr)
        search_fuzzy_cached(s, token, unit);
    else
        search_fuzzy(s, token, unit);
    if (classes & 1u << CLASS_SIGIL)
        match_fuzzy_search(s, token->plain, CLASS_SIGIL, unit);
    if (classes & 1u << (CLASS_SIGIL | CLASS_ACCENTED))
        match_fuzzy_search(s, token->folded, CLASS_SIGIL | CLASS_ACCENTED, unit);
}

static void look_up_patterns(struct match_scratch *s, const struct token *tokens, size_t count,
                             uint32_t first_unit)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tokens[i].kind == TOKEN_URL)
            continue;
        if (s->cache)
            __builtin_prefetch(cache_line(s, tokens[i].hash_plain));
        look_up_wildcards(s, &tokens[i], first_unit + i);
    }
    match_wildcard_settle(s);
    for (uint32_t i = 0; s->set->fuzzy && i < count; i++)
        if (tokens[i].kind != TOKEN_URL)
            look_up_fuzzy(s, &tokens[i], first_unit + i);
}

static void look_up_tokens(struct match_scratch *s, const struct token *tokens, size_t count,
                           uint32_t first_unit)
{
    struct candidates c;

    c.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (tokens[i].kind == TOKEN_URL)
            continue;
        gather_token(s, &c, &tokens[i], first_unit + i);
        if (c.count > CANDIDATES_MAX - CANDIDATES_PER_TOKEN)
            look_up_candidates(s, &c);
    }
    look_up_candidates(s, &c);
    if (s->set->patterns.count > 0)
        look_up_patterns(s, tokens, count, first_unit);
}

/* --- members --- */

struct member_seeker {
    struct match_scratch *scratch;
    enum query_field field;
};

static bool seek_member(void *context, Str key)
{
    const struct member_seeker *seeker = context;
    uint64_t hash = match_member_hash(seeker->field, key);

    if (!match_filter_has(&seeker->scratch->set->filter, hash))
        return false;
    const struct term_slot *slot =
        find_slot(seeker->scratch->set, hash, SPACE_MEMBER + (unsigned)seeker->field, key, false);
    if (slot)
        mark_present(seeker->scratch, slot->term);
    return false;
}

void match_look_up(struct match_scratch *s)
{
    const struct post_tokens *tokens = s->tokens;

    look_up_tokens(s, tokens->title, tokens->title_count, 0);
    look_up_tokens(s, tokens->body, tokens->body_count, (uint32_t)tokens->title_count);
    for (uint32_t left = s->set->fields_used; left != 0; left &= left - 1) {
        struct member_seeker seeker = {s, (enum query_field)__builtin_ctz(left)};
        (void)query_member_keys(seeker.field, s->post, tokens, &s->member, seek_member, &seeker);
    }
}
