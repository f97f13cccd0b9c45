/* Builds a query set. Pass one parses each query, interns its terms, writes its program and a
 * *cover expression*: which terms have to be present, as AND / OR / TERM / OPEN (something that is
 * no term) in prefix form. Pass two, when all terms are known, picks for every alternative of a
 * query the conjunct expected to be rarest, files the query under its terms and keeps the next
 * rarest conjunct of at most three terms as filter. */
#include "listen/match/match_priv.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "listen/query/query_member.h"
#include "listen/query/query_priv.h"

enum cover_op { COVER_TERM, COVER_AND, COVER_OR, COVER_OPEN };

struct filing {
    uint32_t term;
    struct posting posting;
};

struct builder {
    struct query_set *set;
    const struct query_set_item *items;
    size_t item_count;
    const struct query_set_options *options;
    struct arena arena; /* of one query */
    struct tokenizer *words;
    struct map names;    /* item ids, built when the first @@ is met */
    struct map patterns; /* spelling of a pattern to its term */
    bool has_names;
    struct {
        VEC(uint32_t);
    } cover;
    struct build_slot *slots; /* [slot_mask + 1] */
    uint64_t slot_mask;
    uint32_t *cover_start; /* [ordinal] */
    double *expected;      /* [term] per post */
    uint32_t *uses;        /* [term], grown with terms */
    size_t uses_capacity;
    struct {
        VEC(struct filing);
    } filings;
    struct {
        VEC(uint32_t);
    } conjuncts, chosen;
    bool is_failed;
};

static uint32_t code_word(unsigned op, uint32_t argument)
{
    return op | argument << 8;
}

static void emit(struct builder *b, uint32_t word)
{
    if (!vec_try_push(&b->set->code, word))
        b->is_failed = true;
}

static void cover(struct builder *b, enum cover_op op, uint32_t argument)
{
    if (!vec_try_push(&b->cover, code_word(op, argument)))
        b->is_failed = true;
}

/* --- terms --- */

static uint32_t keep_key(struct builder *b, Str key)
{
    size_t at = b->set->key_bytes.len;

    buf_add(&b->set->key_bytes, key);
    b->is_failed = b->is_failed || b->set->key_bytes.is_failed;
    return (uint32_t)at;
}

static uint32_t new_term(struct builder *b, unsigned space, Str key, bool is_sigil)
{
    struct query_set *set = b->set;
    struct term term = {.key_at = keep_key(b, key),
                        .key_len = (uint32_t)key.len,
                        .first_case = MATCH_NONE,
                        .space = (uint16_t)space,
                        .is_sigil = is_sigil};

    if (set->terms.count >= MATCH_TERMS_MAX || b->is_failed || !vec_try_push(&set->terms, term)) {
        b->is_failed = true;
        return TERM_NEVER;
    }
    if (b->uses_capacity < set->terms.capacity) {
        uint32_t *uses = mem_try_realloc(b->uses, set->terms.capacity, sizeof *uses);
        if (!uses) {
            b->is_failed = true;
            return TERM_NEVER;
        }
        b->uses = uses;
        b->uses_capacity = set->terms.capacity;
    }
    b->uses[set->terms.count - 1] = 0;
    return (uint32_t)set->terms.count - 1;
}

static bool grow_slots(struct builder *b)
{
    size_t count = b->slots ? (b->slot_mask + 1) * 2 : 1024;
    struct build_slot *slots = mem_try_alloc(count, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < count; i++)
        slots[i].term = MATCH_NONE;
    for (size_t i = 0; b->slots && i <= b->slot_mask; i++) {
        if (b->slots[i].term == MATCH_NONE)
            continue;
        size_t at = b->slots[i].hash >> 20 & (count - 1);
        while (slots[at].term != MATCH_NONE)
            at = (at + 1) & (count - 1);
        slots[at] = b->slots[i];
    }
    mem_free(b->slots);
    b->slots = slots;
    b->slot_mask = count - 1;
    return true;
}

/* Finds or makes the term of a space with this key. */
static uint32_t intern(struct builder *b, unsigned space, Str key, uint64_t hash, bool is_sigil)
{
    struct query_set *set = b->set;

    if ((!b->slots || set->terms.count * 2 > b->slot_mask) && !grow_slots(b)) {
        b->is_failed = true;
        return TERM_NEVER;
    }
    size_t at = hash >> 20 & b->slot_mask;
    for (; b->slots[at].term != MATCH_NONE; at = (at + 1) & b->slot_mask) {
        const struct term *term = &set->terms.items[b->slots[at].term];
        if (b->slots[at].hash == hash && term->space == space && term->is_sigil == is_sigil &&
            str_eq(match_key(set, term->key_at, term->key_len), key))
            return b->slots[at].term;
    }
    uint32_t id = new_term(b, space, key, is_sigil);
    if (!b->is_failed)
        b->slots[at] = (struct build_slot){hash, id};
    return id;
}

static uint64_t word_hash(const struct query_node *node)
{
    if (!node->is_sigil)
        return token_hash(node->key);
    return token_hash_sigil(token_hash(str_sub(node->key, 1, node->key.len)), node->token);
}

static uint32_t exact_term(struct builder *b, const struct query_node *node)
{
    return intern(b, node->is_accented ? SPACE_ACCENTED : SPACE_PLAIN, node->key, word_hash(node),
                  node->is_sigil);
}

static uint32_t case_term(struct builder *b, const struct query_node *node)
{
    struct query_set *set = b->set;
    uint32_t base = exact_term(b, node);

    if (b->is_failed)
        return TERM_NEVER;
    for (uint32_t i = set->terms.items[base].first_case; i != MATCH_NONE;
         i = set->cases.items[i].next)
        if (str_eq(match_key(set, set->cases.items[i].key_at, set->cases.items[i].key_len),
                   node->text))
            return set->cases.items[i].term;
    uint32_t term = new_term(b, SPACE_PLAIN, node->text, node->is_sigil);
    if (b->is_failed)
        return TERM_NEVER;
    struct case_form form = {.term = term,
                             .next = set->terms.items[base].first_case,
                             .key_at = set->terms.items[term].key_at,
                             .key_len = (uint32_t)node->text.len};
    if (!vec_try_push(&set->cases, form)) {
        b->is_failed = true;
        return TERM_NEVER;
    }
    set->terms.items[base].first_case = (uint32_t)set->cases.count - 1;
    return term;
}

static uint32_t pattern_term(struct builder *b, const struct query_node *node)
{
    struct query_set *set = b->set;
    bool is_new;
    Str spelling = arena_printf(&b->arena, "%d%d%d%u " STR_F, node->form, node->is_accented,
                                node->is_sigil, node->distance, STR_A(node->key));
    uint64_t *known = map_at(&b->patterns, spelling, &is_new);

    if (!known || !is_new) {
        b->is_failed = b->is_failed || !known;
        return known ? (uint32_t)*known : TERM_NEVER;
    }
    uint32_t term = new_term(b, SPACE_PLAIN, node->key, node->is_sigil);
    *known = term;
    if (b->is_failed)
        return TERM_NEVER;
    struct pattern pattern = {.term = term,
                              .key_at = set->terms.items[term].key_at,
                              .key_len = (uint32_t)node->key.len,
                              .form = (uint8_t)node->form,
                              .distance = (uint8_t)node->distance,
                              .is_accented = node->is_accented,
                              .is_sigil = node->is_sigil};
    if (!vec_try_push(&set->patterns, pattern))
        b->is_failed = true;
    return term;
}

static uint32_t word_term(struct builder *b, const struct query_node *node)
{
    uint32_t term = node->form == QUERY_EXACT  ? exact_term(b, node)
                    : node->form == QUERY_CASE ? case_term(b, node)
                                               : pattern_term(b, node);

    if (!b->is_failed)
        b->uses[term]++;
    return term;
}

uint64_t match_member_hash(enum query_field field, Str key)
{
    return hash_bytes(key, 0x6D656D62ULL + (uint64_t)field);
}

static uint32_t member_term(struct builder *b, const struct query_node *node)
{
    b->set->fields_used |= UINT32_C(1) << node->field;
    if (node->field == QUERY_FIELD_LANG)
        b->set->stats.needs |= QUERY_SET_NEEDS_LANG;
    if (node->field == QUERY_FIELD_SENTIMENT)
        b->set->stats.needs |= QUERY_SET_NEEDS_SENTIMENT;
    return intern(b, SPACE_MEMBER + (unsigned)node->field, node->key,
                  match_member_hash(node->field, node->key), false);
}

/* --- text parts --- */

static uint32_t add_part(struct builder *b, const struct query_node *node, unsigned zones);

/* Parts of the operands first, so that their indices can lie side by side. */
static void add_operands(struct builder *b, const struct query_node *node, unsigned zones,
                         struct part *part)
{
    uint32_t *indices = arena_try_new(&b->arena, uint32_t, (size_t)node->count + 1);

    if (!indices) {
        b->is_failed = true;
        return;
    }
    for (const struct query_node *child = node->first; child; child = child->next)
        indices[part->count++] = add_part(b, child, zones);
    part->first_operand = (uint32_t)b->set->operands.count;
    for (uint32_t i = 0; i < part->count; i++)
        if (!vec_try_push(&b->set->operands, indices[i]))
            b->is_failed = true;
}

static enum part_kind part_kind_of(const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_WORD:
        return PART_TERM;
    case QUERY_PHRASE:
        return node->slop < 0 ? PART_PHRASE : PART_SLOP;
    case QUERY_NEAR:
        return PART_NEAR;
    case QUERY_OR:
        return PART_OR;
    case QUERY_AND:
        return PART_AND;
    case QUERY_NOT:
        return PART_NOT;
    default:
        return PART_NOTHING;
    }
}

static uint32_t add_part(struct builder *b, const struct query_node *node, unsigned zones)
{
    while (node->kind == QUERY_REFERENCE && node->first)
        node = node->first;
    struct part part = {.kind = (uint8_t)part_kind_of(node),
                        .zones = (uint8_t)zones,
                        .is_ordered = node->is_ordered,
                        .distance = node->kind == QUERY_PHRASE && node->slop >= 0
                                        ? (uint32_t)node->slop
                                        : node->distance};
    if (part.kind == PART_TERM)
        part.term = word_term(b, node);
    else if (part.kind != PART_NOTHING)
        add_operands(b, node, zones, &part);
    if (!vec_try_push(&b->set->parts, part))
        b->is_failed = true;
    return (uint32_t)b->set->parts.count - 1;
}

/* --- cover expressions --- */

static void cover_node(struct builder *b, const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_WORD:
        cover(b, COVER_TERM, word_term(b, node));
        return;
    case QUERY_AND:
    case QUERY_OR:
        cover(b, node->kind == QUERY_AND ? COVER_AND : COVER_OR, node->count);
        break;
    case QUERY_PHRASE:
    case QUERY_NEAR:
    case QUERY_SENTENCE:
        cover(b, COVER_AND, node->count + 1);
        cover(b, COVER_OPEN, 0);
        break;
    case QUERY_SCOPE:
        cover(b, COVER_AND, 2);
        cover(b, COVER_OPEN, 0);
        break;
    case QUERY_REFERENCE:
        break;
    case QUERY_COUNT:
        if (query_is_negative(node)) {
            cover(b, COVER_OPEN, 0);
            return;
        }
        cover(b, COVER_AND, 2);
        cover(b, COVER_OPEN, 0);
        break;
    case QUERY_FIELD:
        if (query_member_is_keyed(node->field, node->key))
            cover(b, COVER_TERM, member_term(b, node));
        else
            cover(b, COVER_OPEN, 0);
        return;
    case QUERY_NOTHING:
    case QUERY_NOT:
    case QUERY_RAW:
        cover(b, COVER_OPEN, 0);
        return;
    }
    for (const struct query_node *child = node->first; child; child = child->next)
        cover_node(b, child);
}

/* --- programs --- */

static void compile(struct builder *b, const struct query_node *node, unsigned zones);

/* A part that is just the presence of one term. */
static bool plain_term(struct builder *b, const struct query_node *node, unsigned zones,
                       uint32_t *term)
{
    while (node->kind == QUERY_REFERENCE && node->first)
        node = node->first;
    if (node->kind == QUERY_WORD && zones == QUERY_IN_ANYWHERE)
        *term = word_term(b, node);
    else if (node->kind == QUERY_FIELD && query_member_is_keyed(node->field, node->key))
        *term = member_term(b, node);
    else
        return false;
    return true;
}

static bool is_plain(const struct query_node *node, unsigned zones)
{
    while (node->kind == QUERY_REFERENCE && node->first)
        node = node->first;
    return (node->kind == QUERY_WORD && zones == QUERY_IN_ANYWHERE) ||
           (node->kind == QUERY_FIELD && query_member_is_keyed(node->field, node->key));
}

/* One instruction for all operands that are plain terms (or, negated, NOT of them). */
static size_t compile_terms(struct builder *b, const struct query_node *node, unsigned zones,
                            enum op op, bool is_negated)
{
    size_t at = b->set->code.count, count = 0;
    uint32_t term;

    emit(b, 0);
    for (const struct query_node *child = node->first; child; child = child->next) {
        const struct query_node *inner = child;
        if (is_negated && child->kind != QUERY_NOT)
            continue;
        if (is_negated)
            inner = child->first;
        if (plain_term(b, inner, zones, &term)) {
            emit(b, term);
            count++;
        }
    }
    if (b->is_failed)
        return 0;
    if (count == 0)
        b->set->code.count = at;
    else
        b->set->code.items[at] = code_word(op, (uint32_t)count);
    return count;
}

struct jumps {
    VEC(uint32_t); /* places of instructions to be patched */
};

static void add_jump(struct builder *b, struct jumps *jumps, enum op op)
{
    if (!vec_try_push(jumps, (uint32_t)b->set->code.count))
        b->is_failed = true;
    emit(b, op);
}

static void land_jumps(struct builder *b, struct jumps *jumps)
{
    size_t here = b->set->code.count;

    vec_each (uint32_t, at, jumps) {
        size_t skipped = here - *at - 1;
        if (skipped >= MATCH_TERMS_MAX)
            b->is_failed = true;
        if (!b->is_failed)
            b->set->code.items[*at] |= (uint32_t)skipped << 8;
    }
    vec_deinit(jumps);
}

/* Cheap tests of presence first, then the others in their order, leaving at the first that
 * decides. */
static void compile_joined(struct builder *b, const struct query_node *node, unsigned zones)
{
    bool is_and = node->kind == QUERY_AND;
    enum op leave = is_and ? OP_IF_FALSE : OP_IF_TRUE;
    struct jumps jumps = {0};
    bool has_code = compile_terms(b, node, zones, is_and ? OP_ALL : OP_ANY, false) > 0;

    if (is_and) {
        size_t at = b->set->code.count;
        if (has_code)
            add_jump(b, &jumps, leave);
        if (compile_terms(b, node, zones, OP_NONE, true) > 0) {
            has_code = true;
        } else if (has_code && !b->is_failed) {
            b->set->code.count = at;
            jumps.count = 0;
        }
    }
    for (const struct query_node *child = node->first; child && !b->is_failed;
         child = child->next) {
        bool is_done = is_plain(child, zones) ||
                       (is_and && child->kind == QUERY_NOT && is_plain(child->first, zones));
        if (is_done)
            continue;
        if (has_code)
            add_jump(b, &jumps, leave);
        compile(b, child, zones);
        has_code = true;
    }
    land_jumps(b, &jumps);
}

static void compile_test(struct builder *b, const struct query_node *node, unsigned zones)
{
    struct member_test test = {.field = (uint8_t)node->field,
                               .zones = (uint8_t)zones,
                               .key_at = keep_key(b, node->key),
                               .key_len = (uint32_t)node->key.len,
                               .low = node->low,
                               .high = node->high};

    if (!vec_try_push(&b->set->tests, test))
        b->is_failed = true;
    emit(b,
         code_word(node->kind == QUERY_RAW ? OP_RAW : OP_TEST, (uint32_t)b->set->tests.count - 1));
}

static void compile(struct builder *b, const struct query_node *node, unsigned zones)
{
    uint32_t term;

    switch (node->kind) {
    case QUERY_NOTHING:
        emit(b, OP_FALSE);
        break;
    case QUERY_WORD:
    case QUERY_FIELD:
        if (plain_term(b, node, zones, &term))
            emit(b, code_word(OP_TERM, term));
        else if (node->kind == QUERY_WORD)
            emit(b, code_word(OP_TEXT, add_part(b, node, zones)));
        else
            compile_test(b, node, zones);
        break;
    case QUERY_PHRASE:
    case QUERY_NEAR:
        emit(b, code_word(OP_TEXT, add_part(b, node, zones)));
        break;
    case QUERY_AND:
    case QUERY_OR:
        compile_joined(b, node, zones);
        break;
    case QUERY_NOT:
        compile(b, node->first, zones);
        emit(b, OP_FLIP);
        break;
    case QUERY_REFERENCE:
        compile(b, node->first, zones);
        break;
    case QUERY_SCOPE:
        compile(b, node->first, zones & node->zones);
        break;
    case QUERY_SENTENCE:
        emit(b, code_word(OP_SENTENCE, add_part(b, node->first, zones)));
        break;
    case QUERY_COUNT:
        emit(b, code_word(OP_COUNT, add_part(b, node->first, zones)));
        emit(b, code_word(node->compare, (uint32_t)node->low));
        break;
    case QUERY_RAW:
        compile_test(b, node, zones);
        break;
    }
}

/* --- pass one --- */

static bool find_item(void *context, Str name, Str *text)
{
    struct builder *b = context;

    if (!b->has_names) {
        b->has_names = true;
        for (size_t i = 0; i < b->item_count; i++)
            if (!map_get(&b->names, b->items[i].id) && !map_put(&b->names, b->items[i].id, i))
                b->is_failed = true;
    }
    const uint64_t *index = map_get(&b->names, name);
    if (index) {
        *text = b->items[*index].text;
        return true;
    }
    const struct query_resolver *next = b->options ? b->options->resolver : NULL;
    return next && next->find(next->context, name, text);
}

static bool add_item(struct builder *b, size_t ordinal, query_set_report *report, void *context,
                     struct err *err)
{
    struct query_set *set = b->set;
    struct query_resolver resolver = {find_item, b};
    struct query_problems problems = {0};
    struct query query;

    arena_reset(&b->arena);
    bool ok = query_parse(&b->arena, b->words, b->items[ordinal].text, b->items[ordinal].id,
                          &resolver, &query, &problems, err);
    if (ok)
        query_check_negative(&b->arena, &query, &problems);
    set->program_start[ordinal] = MATCH_NONE;
    if (ok && problems.error_count == 0) {
        set->program_start[ordinal] = (uint32_t)set->code.count;
        b->cover_start[ordinal] = (uint32_t)b->cover.count;
        emit(b, (uint32_t)ordinal);
        compile(b, query.root, QUERY_IN_ANYWHERE);
        emit(b, OP_END);
        cover_node(b, query.root);
        set->stats.query_count++;
    } else {
        set->stats.refused_count++;
    }
    if (ok && report && problems.count > 0)
        report(context, ordinal, &problems);
    query_problems_deinit(&problems);
    if (ok && (b->is_failed || set->code.count > MATCH_CODE_MAX))
        return err_set(err, ERR_LIMIT, "the query set is too large: no room at query %zu",
                       ordinal + 1);
    return ok;
}

/* --- pass two --- */

static double member_expectation(unsigned field)
{
    switch (field) {
    case QUERY_FIELD_LANG:
    case QUERY_FIELD_SOURCE:
    case QUERY_FIELD_KIND:
    case QUERY_FIELD_DATASET:
    case QUERY_FIELD_VERIFIED:
    case QUERY_FIELD_SENTIMENT:
        return 0.5;
    case QUERY_FIELD_TLD:
    case QUERY_FIELD_COUNTRY:
        return 0.2;
    case QUERY_FIELD_SITE:
    case QUERY_FIELD_LINKS:
    case QUERY_FIELD_CHANNEL:
        return 0.02;
    default:
        return 0.0005;
    }
}

/* Without counts: short words are frequent, and so are words that many queries ask for. */
static double guess(const struct builder *b, uint32_t term, size_t len)
{
    static const double by_length[] = {0.05, 0.05, 0.04, 0.02, 0.008, 0.004};

    return (len < COUNT_OF(by_length) ? by_length[len] : 0.002) * (1 + 0.05 * b->uses[term]);
}

static void expect_terms(struct builder *b)
{
    struct query_set *set = b->set;
    struct match_prior *prior = b->options ? b->options->prior : NULL;

    b->expected[TERM_ALWAYS] = 1;
    for (uint32_t i = TERM_FIRST; i < set->terms.count; i++) {
        const struct term *term = &set->terms.items[i];
        Str key = match_key(set, term->key_at, term->key_len);
        b->expected[i] = term->space >= SPACE_MEMBER
                             ? member_expectation(term->space - SPACE_MEMBER)
                         : prior ? match_prior_word(prior, key)
                                 : guess(b, i, key.len);
    }
    for (uint32_t i = 0; i < set->terms.count; i++) /* a spelling is no likelier than its word */
        for (uint32_t c = set->terms.items[i].first_case; c != MATCH_NONE;
             c = set->cases.items[c].next)
            b->expected[set->cases.items[c].term] = b->expected[i] * 0.5;
    vec_each (struct pattern, p, &set->patterns) {
        Str key = match_key(set, p->key_at, p->key_len);
        size_t literal = 0;
        while (literal < key.len && key.ptr[literal] != '*' && key.ptr[literal] != '?')
            literal++;
        double by_word = b->expected[p->term];
        b->expected[p->term] = p->form == QUERY_FUZZY ? by_word * 3 + 0.0005
                               : prior ? match_prior_prefix(prior, str_sub(key, 0, literal))
                                       : 0.1 / (double)(literal > 1 ? literal - 1 : 1);
    }
}

/* Expected posts with one of the terms of the cheapest cover; *at moves behind the expression. */
static double cover_cost(const struct builder *b, size_t *at)
{
    uint32_t word = b->cover.items[(*at)++], argument = word >> 8;
    double best = INFINITY, sum = 0;

    switch ((enum cover_op)(word & 0xFF)) {
    case COVER_TERM:
        return b->expected[argument];
    case COVER_OPEN:
        return INFINITY;
    case COVER_AND:
    case COVER_OR:
        for (uint32_t i = 0; i < argument; i++) {
            double cost = cover_cost(b, at);
            best = cost < best ? cost : best;
            sum += cost;
        }
        break;
    }
    return (word & 0xFF) == COVER_AND ? best : sum;
}

static void skip_cover(const struct builder *b, size_t *at)
{
    for (size_t open = 1; open > 0; open--) {
        uint32_t word = b->cover.items[(*at)++];
        if ((word & 0xFF) == COVER_AND || (word & 0xFF) == COVER_OR)
            open += word >> 8;
    }
}

/* Appends the terms of the cheapest cover to b->chosen. */
static void collect_cover(struct builder *b, size_t at)
{
    uint32_t word = b->cover.items[at], argument = word >> 8;
    size_t next = at + 1, best_at = next;
    double best = INFINITY;

    switch ((enum cover_op)(word & 0xFF)) {
    case COVER_TERM:
        if (!vec_try_push(&b->chosen, argument))
            b->is_failed = true;
        break;
    case COVER_OPEN:
        break;
    case COVER_OR:
        for (uint32_t i = 0; i < argument; i++) {
            collect_cover(b, next);
            skip_cover(b, &next);
        }
        break;
    case COVER_AND:
        for (uint32_t i = 0; i < argument; i++) {
            size_t from = next;
            double cost = cover_cost(b, &next);
            if (cost < best) {
                best = cost;
                best_at = from;
            }
        }
        collect_cover(b, best_at);
        break;
    }
}

/* Flattens nested AND; true when one conjunct is open. */
static bool add_conjuncts(struct builder *b, size_t *at)
{
    uint32_t word = b->cover.items[*at];
    bool is_open = (word & 0xFF) == COVER_OPEN;

    if ((word & 0xFF) != COVER_AND) {
        if (!is_open && !vec_try_push(&b->conjuncts, (uint32_t)*at))
            b->is_failed = true;
        skip_cover(b, at);
        return is_open;
    }
    ++*at;
    for (uint32_t i = 0; i < word >> 8; i++)
        is_open = add_conjuncts(b, at) || is_open;
    return is_open;
}

/* A term, or OR of terms: the cover says all there is. */
static bool is_exact_cover(const struct builder *b, size_t at)
{
    uint32_t word = b->cover.items[at];

    if ((word & 0xFF) == COVER_TERM)
        return true;
    if ((word & 0xFF) != COVER_OR)
        return false;
    for (uint32_t i = 0; i < word >> 8; i++)
        if ((b->cover.items[at + 1 + i] & 0xFF) != COVER_TERM)
            return false;
    return true;
}

/* The filter: terms of a second conjunct, at most three. */
static bool fill_filter(struct builder *b, size_t at, struct posting *posting)
{
    size_t before = b->chosen.count;

    collect_cover(b, at);
    size_t count = b->chosen.count - before;
    b->chosen.count = before;
    if (count == 0 || count > COUNT_OF(posting->any))
        return false;
    for (size_t i = 0; i < COUNT_OF(posting->any); i++)
        posting->any[i] = i < count ? b->chosen.items[before + i] : TERM_NEVER;
    return true;
}

static void file_conjunction(struct builder *b, uint32_t ordinal, size_t at)
{
    struct posting posting = {ordinal, {TERM_ALWAYS, TERM_NEVER, TERM_NEVER}};
    size_t best = 0, second = SIZE_MAX;
    double best_cost = INFINITY, second_cost = INFINITY;

    b->conjuncts.count = b->chosen.count = 0;
    bool is_open = add_conjuncts(b, &at);
    if (b->is_failed || b->conjuncts.count == 0)
        return;
    for (size_t i = 0; i < b->conjuncts.count; i++) {
        size_t from = b->conjuncts.items[i];
        double cost = cover_cost(b, &from);
        if (cost < best_cost) {
            best_cost = cost;
            best = i;
        }
    }
    for (size_t i = 0; i < b->conjuncts.count; i++) {
        size_t from = b->conjuncts.items[i];
        struct posting trial;
        double cost = cover_cost(b, &from);
        if (i != best && cost < second_cost && fill_filter(b, b->conjuncts.items[i], &trial)) {
            second_cost = cost;
            second = i;
        }
    }
    bool is_certain = !is_open && b->conjuncts.count <= 2 &&
                      is_exact_cover(b, b->conjuncts.items[best]) &&
                      (b->conjuncts.count == 1 ||
                       (second != SIZE_MAX && is_exact_cover(b, b->conjuncts.items[second])));
    if (second != SIZE_MAX && !fill_filter(b, b->conjuncts.items[second], &posting))
        UNREACHABLE("it fitted before");
    posting.query = is_certain ? ordinal | POSTING_IS_CERTAIN : b->set->program_start[ordinal];
    collect_cover(b, b->conjuncts.items[best]);
    for (size_t i = 0; i < b->chosen.count; i++)
        if (!vec_try_push(&b->filings, (struct filing){b->chosen.items[i], posting}))
            b->is_failed = true;
}

/* Each alternative of a query is filed on its own. */
static void file_alternatives(struct builder *b, uint32_t ordinal, size_t at)
{
    uint32_t word = b->cover.items[at];

    if ((word & 0xFF) != COVER_OR) {
        file_conjunction(b, ordinal, at);
        return;
    }
    at++;
    for (uint32_t i = 0; i < word >> 8; i++) {
        file_alternatives(b, ordinal, at);
        skip_cover(b, &at);
    }
}

static void file_queries(struct builder *b)
{
    struct query_set *set = b->set;

    for (uint32_t i = 0; i < set->ordinal_count && !b->is_failed; i++) {
        if (set->program_start[i] == MATCH_NONE)
            continue;
        size_t at = b->cover_start[i], first = b->filings.count;
        if (isinf(cover_cost(b, &at))) {
            set->unindexed[set->unindexed_count++] = i;
            continue;
        }
        file_alternatives(b, i, b->cover_start[i]);
        if (b->filings.count - first > 1)
            for (size_t k = first; k < b->filings.count; k++)
                b->filings.items[k].posting.query |= POSTING_IS_MULTI;
    }
}

/* Counting sort by term keeps the order of the queries. */
static bool lay_postings(struct builder *b)
{
    struct query_set *set = b->set;
    size_t terms = set->terms.count;

    set->posting_start = mem_try_alloc(terms + 2, sizeof *set->posting_start);
    set->postings = mem_try_alloc(b->filings.count + 1, sizeof *set->postings);
    if (!set->posting_start || !set->postings || b->filings.count >= UINT32_MAX)
        return false;
    vec_each (struct filing, f, &b->filings)
        set->posting_start[f->term + 2]++;
    for (size_t i = 2; i < terms + 2; i++)
        set->posting_start[i] += set->posting_start[i - 1];
    vec_each (struct filing, f, &b->filings)
        set->postings[set->posting_start[f->term + 1]++] = f->posting;
    return true;
}

static void measure_set(struct query_set *set, const struct builder *b)
{
    set->stats.term_count = set->terms.count - TERM_FIRST;
    set->stats.pattern_count = set->patterns.count;
    set->stats.unindexed_count = set->unindexed_count;
    set->stats.memory_bytes =
        sizeof *set + (set->filter.mask + 1) * 8 + set->slot_count * sizeof *set->slots +
        set->terms.capacity * sizeof(struct term) + set->key_bytes.capacity +
        b->filings.count * sizeof(struct posting) + set->terms.count * 4 + set->code.capacity * 4 +
        set->parts.capacity * sizeof(struct part) + set->operands.capacity * 4 +
        set->tests.capacity * sizeof(struct member_test) + set->ordinal_count * 8 +
        set->patterns.capacity * sizeof(struct pattern) + match_fuzzy_bytes(set);
    for (unsigned class = 0; class < PATTERN_CLASSES; class ++)
        if (set->wildcards.slots[class])
            set->stats.memory_bytes +=
                (set->wildcards.mask[class] + 1) * (sizeof(struct wildcard_slot) + 1);
}

static bool build(struct builder *b, query_set_report *report, void *context, struct err *err)
{
    struct query_set *set = b->set;

    for (size_t i = 0; i < b->item_count; i++)
        if (!add_item(b, i, report, context, err))
            return false;
    b->expected = mem_try_alloc(set->terms.count + 1, sizeof *b->expected);
    if (b->expected) {
        expect_terms(b);
        file_queries(b);
    }
    if (!b->expected || b->is_failed || !lay_postings(b) || !match_wildcard_build(set) ||
        !match_fuzzy_build(set) || (!b->slots && !grow_slots(b)) ||
        !match_lay_slots(set, b->slots, b->slot_mask + 1))
        return err_set(err, ERR_NO_MEMORY, "no memory left for a set of %zu queries",
                       b->item_count);
    measure_set(set, b);
    return true;
}

static void take_numbers(struct builder *b)
{
    const struct query_set_options *options = b->options;

    for (size_t i = 0; i < b->item_count; i++)
        b->set->numbers[i] = options && options->numbers ? options->numbers[i] : (int64_t)i;
    b->set->mark = options ? options->mark : 0;
}

static bool builder_init(struct builder *b, struct err *err)
{
    struct query_set *set = mem_try_alloc(1, sizeof *set);

    b->set = set;
    arena_init(&b->arena, BATCH_ARENA_BYTES_MAX);
    map_init(&b->names, MAP_BORROW_KEYS, 0);
    map_init(&b->patterns, MAP_COPY_KEYS, 0);
    if (!set)
        return err_set(err, ERR_NO_MEMORY, "no memory left for a query set");
    set->magic = QUERY_SET_MAGIC;
    atomic_init(&set->references, 1);
    buf_init(&set->key_bytes, UINT32_MAX - 1);
    set->ordinal_count = b->item_count;
    set->numbers = mem_try_alloc(b->item_count + 1, sizeof *set->numbers);
    set->program_start = mem_try_alloc(b->item_count + 1, sizeof *set->program_start);
    set->unindexed = mem_try_alloc(b->item_count + 1, sizeof *set->unindexed);
    b->cover_start = mem_try_alloc(b->item_count + 1, sizeof *b->cover_start);
    buf_lit(&set->key_bytes, " ");
    (void)new_term(b, SPACE_PLAIN, STR_NONE, false);        /* TERM_ALWAYS */
    (void)new_term(b, SPACE_PLAIN, STR_NONE, false);        /* TERM_NEVER */
    bool has_operands = vec_try_reserve(&set->operands, 1); /* never NULL, when parts index it */
    if (!set->numbers || !set->program_start || !set->unindexed || !b->cover_start ||
        !has_operands || b->is_failed)
        return err_set(err, ERR_NO_MEMORY, "no memory left for a query set");
    take_numbers(b);
    return tokenizer_create(&b->words, err);
}

static void builder_deinit(struct builder *b)
{
    tokenizer_destroy(&b->words);
    arena_deinit(&b->arena);
    map_deinit(&b->names);
    map_deinit(&b->patterns);
    vec_deinit(&b->cover);
    vec_deinit(&b->filings);
    vec_deinit(&b->conjuncts);
    vec_deinit(&b->chosen);
    mem_free(b->slots);
    mem_free(b->cover_start);
    mem_free(b->expected);
    mem_free(b->uses);
}

bool query_set_create(struct query_set **out, const struct query_set_item *items, size_t count,
                      const struct query_set_options *options, query_set_report *report,
                      void *context, struct err *err)
{
    struct builder b = {.items = items, .item_count = count, .options = options};

    *out = NULL;
    if (count > QUERY_SET_COUNT_MAX)
        return err_set(err, ERR_LIMIT, "%zu queries are more than %d", count, QUERY_SET_COUNT_MAX);
    bool ok = builder_init(&b, err) && build(&b, report, context, err);
    builder_deinit(&b);
    if (ok)
        *out = b.set;
    else
        query_set_release(&b.set);
    return ok;
}
