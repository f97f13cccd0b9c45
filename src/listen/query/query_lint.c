/* What a parse cannot see: queries that match everything, parts that cannot matter. Parts are
 * compared by a hash of their canonical form, so that a AND b equals b AND a. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "listen/query/query_glob.h"
#include "listen/query/query_member.h"
#include "listen/query/query_priv.h"

struct linter {
    struct arena *arena;
    const struct query *query;
    struct query_problems *problems;
    bool is_failed;
};

/* --- pure negatives --- */

/* The part to blame: of OR the first negative operand, of AND with one operand left that one. */
static const struct query_node *find_negative(const struct query_node *node)
{
    while (node->kind == QUERY_OR || node->kind == QUERY_SCOPE) {
        const struct query_node *child = node->first;
        while (child && !query_is_negative(child))
            child = child->next;
        if (!child)
            break;
        node = child;
    }
    return node;
}

void query_check_negative(struct arena *a, const struct query *query,
                          struct query_problems *problems)
{
    if (problems->error_count > 0 || !query_is_negative(query->root))
        return;
    const struct query_node *node = find_negative(query->root);
    bool is_whole = node == query->root;
    struct query_problem *problem = query_problem_add(
        a, problems, query->text, QUERY_ERROR, node->from, node->to,
        is_whole ? "the query only excludes, so nearly every post would match"
                 : "this alternative only excludes, so nearly every post would match");
    query_problem_fix(a, problem, "add a word or field that has to be there: a AND NOT b");
}

/* --- equal parts --- */

static uint64_t hash_node(const struct query_node *node)
{
    uint64_t hash = hash_u64((uint64_t)node->kind, 7);
    bool any_order = node->kind == QUERY_AND || node->kind == QUERY_OR ||
                     (node->kind == QUERY_NEAR && !node->is_ordered);
    uint64_t sum = 0;

    hash = hash_combine(hash, hash_bytes(node->kind == QUERY_PHRASE ? STR_NONE
                                         : node->form == QUERY_CASE ? node->text
                                                                    : node->key,
                                         (uint64_t)node->form));
    hash = hash_combine(hash, (uint64_t)node->field << 32 | node->distance);
    hash = hash_combine(hash, (uint64_t)node->slop << 16 | (uint64_t)node->compare << 8 |
                                  (uint64_t)node->zones);
    if (node->kind == QUERY_FIELD || node->kind == QUERY_COUNT) {
        uint64_t bits[2];
        memcpy(&bits[0], &node->low, 8);
        memcpy(&bits[1], &node->high, 8);
        hash = hash_combine(hash, hash_combine(bits[0], bits[1]));
    }
    if (node->kind == QUERY_REFERENCE)
        return hash_combine(hash, hash_bytes(node->text, 0));
    for (const struct query_node *child = node->first; child; child = child->next) {
        uint64_t part = hash_node(child);
        sum += part;
        if (!any_order)
            hash = hash_combine(hash, part);
    }
    return any_order ? hash_combine(hash, sum) : hash;
}

struct operand {
    uint64_t hash; /* of what stands under NOT, for excluded ones */
    const struct query_node *node;
    bool is_excluded;
    uint32_t index;
};

static int compare_operands(const void *a, const void *b)
{
    const struct operand *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void lint_warn(struct linter *l, const struct query_node *node, const char *message,
                      const char *fix)
{
    struct query_problem *problem = query_problem_add(
        l->arena, l->problems, l->query->text, QUERY_WARNING, node->from, node->to, "%s", message);
    query_problem_fix(l->arena, problem, "%s", fix);
}

/* Neighbours with the same hash are equal parts. */
static void compare_neighbours(struct linter *l, const struct query_node *parent,
                               const struct operand *operands, size_t count)
{
    bool is_and = parent->kind == QUERY_AND;

    for (size_t i = 1; i < count; i++) {
        const struct operand *a = &operands[i - 1], *b = &operands[i];
        if (a->hash != b->hash)
            continue;
        if (a->is_excluded == b->is_excluded)
            lint_warn(l, b->node, "this part stands here twice", "remove one of them");
        else if (is_and)
            lint_warn(l, b->node, "asked for and excluded at once, so no post can match",
                      "remove one of them");
        else
            lint_warn(l, b->node, "a part or its opposite: every post matches",
                      "remove one of them");
    }
}

static bool has_operand(const struct operand *operands, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (operands[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && operands[low].hash == hash && !operands[low].is_excluded;
}

/* a OR (a AND b): the second changes nothing; a AND (a OR b) likewise. */
static void find_absorbed(struct linter *l, const struct query_node *parent,
                          const struct operand *operands, size_t count)
{
    enum query_kind inner = parent->kind == QUERY_AND ? QUERY_OR : QUERY_AND;

    for (const struct query_node *child = parent->first; child; child = child->next) {
        if (child->kind != inner)
            continue;
        for (const struct query_node *part = child->first; part; part = part->next)
            if (part->kind != QUERY_NOT && has_operand(operands, count, hash_node(part))) {
                lint_warn(l, child,
                          inner == QUERY_AND
                              ? PHRASE("a dead branch: one of its words alone matches already")
                              : PHRASE("a dead branch: one of its words is asked for anyway"),
                          "remove it");
                break;
            }
    }
}

/* Two values that a post can have together: en and en-gb, uk and co.uk. */
static bool may_go_together(const struct query_node *a, const struct query_node *b)
{
    Str less = a->key.len < b->key.len ? a->key : b->key;
    Str more = a->key.len < b->key.len ? b->key : a->key;

    if (less.len == more.len)
        return str_eq(less, more);
    if (a->field == QUERY_FIELD_LANG)
        return str_starts(more, less) && strchr("-_", more.ptr[less.len]);
    if (a->field == QUERY_FIELD_TLD)
        return str_eq(str_sub(more, more.len - less.len, less.len), less) &&
               more.ptr[more.len - less.len - 1] == '.';
    return false;
}

/* lang:en AND lang:de, followers:>10 AND followers:<5. */
static void find_contradicting_fields(struct linter *l, const struct query_node *parent)
{
    const struct query_node *seen[QUERY_FIELD_COUNT] = {0};
    double low[QUERY_FIELD_COUNT], high[QUERY_FIELD_COUNT];
    static const uint32_t single = 1U << QUERY_FIELD_LANG | 1U << QUERY_FIELD_SOURCE |
                                   1U << QUERY_FIELD_KIND | 1U << QUERY_FIELD_COUNTRY |
                                   1U << QUERY_FIELD_DATASET | 1U << QUERY_FIELD_ID |
                                   1U << QUERY_FIELD_THREAD | 1U << QUERY_FIELD_TLD |
                                   1U << QUERY_FIELD_VERIFIED | 1U << QUERY_FIELD_SENTIMENT;

    for (const struct query_node *node = parent->first; node; node = node->next) {
        if (node->kind != QUERY_FIELD)
            continue;
        unsigned f = node->field;
        bool is_range = f >= QUERY_FIELD_FOLLOWERS;
        bool contradicts = false;
        if (seen[f] && is_range) {
            low[f] = fmax(low[f], node->low);
            high[f] = fmin(high[f], node->high);
            contradicts = low[f] > high[f];
        } else if (seen[f]) {
            contradicts = (single >> f & 1) && !may_go_together(seen[f], node);
        } else {
            low[f] = node->low;
            high[f] = node->high;
        }
        if (contradicts)
            lint_warn(l, node, "contradicts another value asked for, so no post can match",
                      "join the values by OR, or remove one");
        seen[f] = node;
    }
}

/* The word `wide` is in every post that has the word `narrow`: delay* and delayed, delay and
 * #delay. */
static bool word_covers(const struct query_node *wide, const struct query_node *narrow)
{
    Str key = narrow->key;

    if (narrow->form == QUERY_CASE || narrow->form == QUERY_FUZZY || narrow->is_stemmed ||
        wide->is_accented || narrow->is_accented || (wide->is_sigil && !narrow->is_sigil))
        return false;
    if (narrow->is_sigil && !wide->is_sigil && key.len > 1)
        key = str_sub(key, 1, key.len);
    if (wide->form == QUERY_EXACT)
        return narrow->form == QUERY_EXACT && str_eq(wide->key, key);
    if (wide->form != QUERY_PATTERN)
        return false;
    size_t star = str_find_byte(wide->key, '*');
    bool is_prefix = star + 1 == wide->key.len && str_find_byte(wide->key, '?') == wide->key.len;
    if (narrow->form == QUERY_EXACT)
        return query_glob_matches(wide->key, key);
    return is_prefix && str_starts(key, str_sub(wide->key, 0, star));
}

enum { COVER_WORK_MAX = 20000 }; /* comparisons of one level, so that long lists stay linear */

/* A post that satisfies `part` has the word or one of the words `excluded`. */
static bool is_covered(const struct query_node *part, const struct query_node *excluded,
                       unsigned *work)
{
    if (++*work > COVER_WORK_MAX)
        return false;
    if (excluded->kind == QUERY_OR && part->kind != QUERY_OR) {
        for (const struct query_node *one = excluded->first; one; one = one->next)
            if (is_covered(part, one, work))
                return true;
        return false;
    }
    if (part->kind == QUERY_OR) {
        for (const struct query_node *one = part->first; one; one = one->next)
            if (!is_covered(one, excluded, work))
                return false;
        return true;
    }
    if (part->kind == QUERY_PHRASE || part->kind == QUERY_AND || part->kind == QUERY_NEAR ||
        part->kind == QUERY_SCOPE) {
        for (const struct query_node *one = part->first; one; one = one->next)
            if (is_covered(one, excluded, work))
                return true;
        return false;
    }
    return part->kind == QUERY_WORD && excluded->kind == QUERY_WORD && word_covers(excluded, part);
}

/* (delay OR delayed) AND NOT delay*; of a group that is excluded in part, the part. */
static void find_excluded(struct linter *l, const struct query_node *parent)
{
    unsigned work = 0;

    for (const struct query_node *not = parent->first; not ; not = not ->next) {
        if (not ->kind != QUERY_NOT)
            continue;
        uint64_t hash = hash_node(not ->first);
        for (const struct query_node *part = parent->first; part; part = part->next) {
            if (part->kind == QUERY_NOT || hash_node(part) == hash) /* equal parts are told apart */
                continue;
            if (is_covered(part, not ->first, &work)) {
                lint_warn(l, part, "asked for and excluded at once, so no post can match",
                          "remove one of them");
                continue;
            }
            if (part->kind != QUERY_OR)
                continue;
            for (const struct query_node *one = part->first; one; one = one->next)
                if (is_covered(one, not ->first, &work))
                    lint_warn(l, one, "a dead branch: it is excluded anyway", "remove it");
        }
    }
}

static void lint_joined(struct linter *l, const struct query_node *node)
{
    struct operand *operands = arena_try_new(l->arena, struct operand, node->count);
    size_t count = 0;

    if (!operands) {
        l->is_failed = true;
        return;
    }
    for (const struct query_node *child = node->first; child; child = child->next) {
        bool excluded = child->kind == QUERY_NOT;
        operands[count] = (struct operand){hash_node(excluded ? child->first : child), child,
                                           excluded, (uint32_t)count};
        count++;
    }
    qsort(operands, count, sizeof *operands, compare_operands);
    compare_neighbours(l, node, operands, count);
    find_absorbed(l, node, operands, count);
    if (node->kind == QUERY_AND) {
        find_contradicting_fields(l, node);
        find_excluded(l, node);
    }
}

static void lint_word(struct linter *l, const struct query_node *node)
{
    size_t letters = 0;

    if (node->form == QUERY_PATTERN) {
        size_t at = node->is_sigil ? 1 : 0, end = at;
        while (end < node->key.len && node->key.ptr[end] != '*' && node->key.ptr[end] != '?')
            end++;
        Str head = str_sub(node->key, at, end - at);
        for (size_t i = 0; i < head.len; i++) /* a syllable or a Chinese character says more */
            letters += ((unsigned char)head.ptr[i] & 0xC0) == 0x80 ? 0
                       : (unsigned char)head.ptr[i] >= 0xE0        ? 2
                                                                   : 1;
        bool is_open = str_find_byte(node->key, '*') < node->key.len;
        if (letters < 3 && is_open)
            lint_warn(l, node, "a very broad prefix: many unrelated words begin so",
                      "write at least three letters before *");
    } else if (node->form == QUERY_FUZZY) {
        letters = query_rune_count(node->key);
        if (letters <= node->distance * 2 + 1)
            lint_warn(l, node, "so many edits of so short a word meet unrelated words",
                      "allow fewer edits, or write the spellings out");
    }
}

static void lint_node(struct linter *l, const struct query_node *node)
{
    if (node->kind == QUERY_WORD)
        lint_word(l, node);
    if (node->kind == QUERY_FIELD)
        query_lint_value(l->arena, l->query, node, l->problems);
    if (node->kind == QUERY_AND || node->kind == QUERY_OR)
        lint_joined(l, node);
    if (node->kind == QUERY_REFERENCE) /* linted under its own name */
        return;
    const struct query_node *before = NULL;
    for (const struct query_node *child = node->first; child; before = child, child = child->next)
        if (node->kind != QUERY_PHRASE || !before || before->to != child->from)
            lint_node(l, child); /* what touches the word before it, as in Chinese, is not broad */
}

/* --- cost --- */

enum { MODERATE_WORDS = 50 };

struct cost {
    enum query_cost class;
    size_t words; /* of which one has to be there */
};

static struct cost cost_of(const struct query_node *node)
{
    struct cost best = {QUERY_EXPENSIVE, 0}, sum = {QUERY_CHEAP, 0};

    switch (node->kind) {
    case QUERY_WORD:
        if (node->form == QUERY_FUZZY || node->form == QUERY_PATTERN)
            return (struct cost){QUERY_MODERATE, 1};
        return (struct cost){QUERY_CHEAP, 1};
    case QUERY_FIELD:
        return (struct cost){
            query_member_is_keyed(node->field, node->key) ? QUERY_CHEAP : QUERY_EXPENSIVE, 1};
    case QUERY_COUNT:
        if (query_is_negative(node))
            return best;
        break;
    case QUERY_NOT:
    case QUERY_RAW:
    case QUERY_NOTHING:
        return best;
    default:
        break;
    }
    for (const struct query_node *child = node->first; child; child = child->next) {
        struct cost cost = cost_of(child);
        sum.words += cost.words;
        sum.class = cost.class > sum.class ? cost.class : sum.class;
        if (cost.class < best.class || (cost.class == best.class && cost.words < best.words))
            best = cost;
    }
    if (node->kind != QUERY_OR)
        return best;
    if (sum.class == QUERY_CHEAP && sum.words > MODERATE_WORDS)
        sum.class = QUERY_MODERATE;
    return sum;
}

enum query_cost query_cost_class(const struct query *query)
{
    return cost_of(query->root).class;
}

const char *query_cost_name(enum query_cost cost)
{
    static const char *const names[] = {"cheap", "moderate", "expensive"};

    ASSERT((size_t)cost < COUNT_OF(names));
    return names[cost];
}

static void note_cost(struct linter *l)
{
    static const char *const why[] = {
        PHRASE("cost: cheap, found by a word or member that has to be there"),
        PHRASE("cost: moderate, found by a broad pattern or one of many words"),
        PHRASE("cost: expensive, every post has to be looked at")};
    enum query_cost cost = query_cost_class(l->query);
    struct query_problem *problem =
        query_problem_add(l->arena, l->problems, l->query->text, QUERY_NOTE, 0, 0, "%s", why[cost]);

    if (cost == QUERY_EXPENSIVE)
        query_problem_fix(l->arena, problem, "ask for a word or a member beside it");
}

bool query_lint(struct arena *a, const struct query *query, struct query_problems *problems,
                struct err *err)
{
    struct linter l = {a, query, problems, false};

    if (problems->error_count > 0)
        return true; /* first things first: the tree has holes */
    query_check_negative(a, query, problems);
    lint_node(&l, query->root);
    if (problems->error_count == 0)
        note_cost(&l);
    query_problems_sort(problems, 0);
    return !l.is_failed || err_arena(err, a);
}
