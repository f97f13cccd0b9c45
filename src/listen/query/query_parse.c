/* Recursive descent over the bytes of the query. A level is one pair of brackets:
 *
 *   level    = operand { [AND | OR] operand }        AND and OR not mixed
 *   operand  = { NOT | - } place
 *   place    = part [ NEAR part ]
 *   part     = ( level ) | "phrase" | {Case} | word | field:value | raw:"..." | @@name
 *            | SENTENCE(level) | COUNT(level)>=n
 *
 * Only brackets, fields and @@names recurse, and all of them count towards QUERY_DEPTH_MAX. The
 * parser never gives up: what cannot be read becomes QUERY_NOTHING and reading goes on behind it.
 */
#include <string.h>

#include "base/limits.h"
#include "listen/query/query_priv.h"

enum operator_kind { OP_NONE, OP_AND, OP_OR, OP_NOT, OP_NEAR };

/* An operator at the cursor and how long it is. */
struct operator_at {
    enum operator_kind kind;
    size_t len;
    const char *wrong; /* the operator that was meant: && for AND */
    bool is_ordered, is_malformed;
    uint32_t distance;
};

/* Stands in when the memory is gone; never written to. */
static struct query_node nothing = {.kind = QUERY_NOTHING};

void query_fail_memory(struct query_parser *p)
{
    if (!p->is_failed) {
        p->is_failed = true;
        (void)err_arena(p->err, p->arena);
    }
    p->at = p->text.len;
}

Str query_copy(struct query_parser *p, Str s)
{
    Str copy;

    if (arena_try_str(p->arena, s, &copy))
        return copy;
    query_fail_memory(p);
    return STR_NONE;
}

struct query_node *query_new_node(struct query_parser *p, enum query_kind kind, size_t from,
                                  size_t to)
{
    if (++*p->node_count > QUERY_NODES_MAX) {
        if (!p->is_too_large_reported) {
            p->is_too_large_reported = true;
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, to,
                              "the query is too large: more than %d parts with all its @@names",
                              QUERY_NODES_MAX);
        }
        p->at = p->text.len;
    }
    struct query_node *node = arena_try_new(p->arena, struct query_node, 1);
    if (!node) {
        query_fail_memory(p);
        return &nothing;
    }
    node->kind = kind;
    node->from = (uint32_t)from;
    node->to = (uint32_t)to;
    node->slop = -1;
    node->zones = QUERY_IN_ANYWHERE;
    return node;
}

/* One above the other. */
static Str join_comments(struct query_parser *p, Str first, Str second)
{
    if (first.len == 0 || second.len == 0)
        return first.len == 0 ? second : first;
    char *both = arena_try_new(p->arena, char, first.len + 1 + second.len);
    if (!both) {
        query_fail_memory(p);
        return STR_NONE;
    }
    memcpy(both, first.ptr, first.len);
    both[first.len] = '\n';
    memcpy(both + first.len + 1, second.ptr, second.len);
    return (Str){both, first.len + 1 + second.len};
}

/* Puts a comment in front of those that the part has. It stands behind NOT, as it is read there. */
static void put_comment(struct query_parser *p, struct query_node *node, Str comment)
{
    while (node->kind == QUERY_NOT && node->first)
        node = node->first;
    if (comment.len > 0 && node != &nothing)
        node->comment = join_comments(p, comment, node->comment);
}

void query_settle_comment(struct query_parser *p, struct query_node *node)
{
    bool is_joined = node->kind == QUERY_AND || node->kind == QUERY_OR || node->kind == QUERY_NEAR;

    if (!is_joined || node->comment.len == 0 || !node->first)
        return;
    put_comment(p, node->first, node->comment);
    node->comment = STR_NONE;
}

/* Keeps the text of <<< ... >>> for the part that follows. */
static void read_comment(struct query_parser *p)
{
    size_t from = p->at;
    Str rest = str_sub(p->text, from + 3, p->text.len);
    size_t len = str_find(rest, S(">>>"));

    if (len == rest.len) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->text.len,
                              "the comment is not closed, expected >>>");
        query_problem_edit(p->arena, problem, p->text.len, p->text.len, S(" >>>"));
        query_problem_fix(p->arena, problem, "close it with >>>");
        p->at = p->text.len;
        return;
    }
    Str comment = str_trim(str_sub(rest, 0, len));
    p->at = from + 3 + len + 3;
    if (comment.len == 0)
        return;
    p->comment = join_comments(p, p->comment, comment);
}

void query_skip_blanks(struct query_parser *p)
{
    while (p->at < p->text.len) {
        size_t blank = query_blank_at(p->text, p->at);
        if (blank > 0)
            p->at += blank;
        else if (str_starts(str_sub(p->text, p->at, 3), S("<<<")))
            read_comment(p);
        else
            return;
    }
}

/* --- operators --- */

/* "NEAR", "ONEAR", "NEAR/4", "NEAR/4f"; lower case only with the number, as near is a word. */
static bool read_near(Str word, struct operator_at *op)
{
    bool is_ordered = word.len > 0 && (word.ptr[0] == 'O' || word.ptr[0] == 'o');
    Str rest = str_sub(word, is_ordered ? 1 : 0, word.len);
    Str name = str_sub(rest, 0, 4);
    uint64_t distance = 0;

    if (!str_eq_nocase(name, S("NEAR")) || (rest.len > 4 && rest.ptr[4] != '/'))
        return false;
    if (rest.len == 4) {
        if (!str_eq(name, S("NEAR")) || (is_ordered && word.ptr[0] != 'O'))
            return false;
        *op = (struct operator_at){OP_NEAR, word.len, NULL, is_ordered, false, QUERY_NEAR_DEFAULT};
        return true;
    }
    Str number = str_sub(rest, 5, rest.len);
    if (number.len > 1 &&
        (number.ptr[number.len - 1] == 'f' || number.ptr[number.len - 1] == 'F')) {
        is_ordered = true;
        number.len--;
    }
    bool is_number = str_to_u64(number, &distance) && distance <= QUERY_DISTANCE_MAX;
    *op = (struct operator_at){OP_NEAR,    word.len,   NULL,
                               is_ordered, !is_number, is_number ? (uint32_t)distance : 4};
    return true;
}

static struct operator_at operator_here(const struct query_parser *p)
{
    static const struct {
        Str text;
        enum operator_kind kind;
        const char *wrong;
    } words[] = {
        {S_INIT("and"), OP_AND, NULL}, {S_INIT("or"), OP_OR, NULL},  {S_INIT("not"), OP_NOT, NULL},
        {S_INIT("&&"), OP_AND, "AND"}, {S_INIT("&"), OP_AND, "AND"}, {S_INIT("+"), OP_AND, "AND"},
        {S_INIT("||"), OP_OR, "OR"},   {S_INIT("|"), OP_OR, "OR"},   {S_INIT("!"), OP_NOT, "NOT"}};
    Str word = str_sub(p->text, p->at, query_word_end(p->text, p->at) - p->at);
    struct operator_at op = {0};

    if (word.len > 1 && word.ptr[0] == '-')
        return (struct operator_at){.kind = OP_NOT, .len = 1};
    if (word.len == 1 && word.ptr[0] == '-' && p->at + 1 < p->text.len &&
        query_blank_at(p->text, p->at + 1) == 0 && p->text.ptr[p->at + 1] != ')')
        return (struct operator_at){.kind = OP_NOT, .len = 1}; /* -"a b", -(a) */
    for (size_t i = 0; word.len <= 3 && i < COUNT_OF(words); i++)
        if (str_eq_nocase(word, words[i].text))
            return (struct operator_at){
                .kind = words[i].kind, .len = word.len, .wrong = words[i].wrong};
    (void)read_near(word, &op);
    return op;
}

static void report_wrong_operator(struct query_parser *p, const struct operator_at *op)
{
    if (op->wrong) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, p->at, p->at + op->len,
                              "'" STR_F "' is no operator, expected %s", (int)op->len,
                              p->text.ptr + p->at, op->wrong);
        query_problem_edit(p->arena, problem, p->at, p->at + op->len, str_from_cstr(op->wrong));
    }
    if (op->is_malformed) {
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_ERROR, p->at, p->at + op->len,
            "'" STR_F "': expected a number of words from 0 to %d after the slash", (int)op->len,
            p->text.ptr + p->at, QUERY_DISTANCE_MAX);
        query_problem_edit(p->arena, problem, p->at, p->at + op->len,
                           op->is_ordered ? S("ONEAR/4") : S("NEAR/4"));
    }
}

/* --- parts --- */

/* Skips to behind the bracket that closes the one at p->at, quotes and comments respected. */
static void skip_group(struct query_parser *p)
{
    size_t open = 0;

    while (p->at < p->text.len) {
        char c = p->text.ptr[p->at];
        if (c == '"') {
            p->at++;
            while (p->at < p->text.len && p->text.ptr[p->at] != '"')
                p->at++;
        }
        p->at++;
        if (c == '(')
            open++;
        else if (c == ')' && --open == 0)
            break;
    }
    if (p->at > p->text.len)
        p->at = p->text.len;
}

static struct query_node *parse_level(struct query_parser *p);

struct query_node *query_parse_group(struct query_parser *p)
{
    size_t from = p->at;

    ASSERT(p->text.ptr[p->at] == '(');
    if (p->depth >= QUERY_DEPTH_MAX) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, from + 1,
                              "brackets are nested deeper than %d levels", QUERY_DEPTH_MAX);
        query_problem_fix(p->arena, problem, "move the inner part into a query of its own: @@name");
        skip_group(p);
        return query_new_node(p, QUERY_NOTHING, from, p->at);
    }
    p->depth++;
    p->at++;
    struct query_node *node = parse_level(p);
    p->depth--;
    if (p->at < p->text.len) {
        p->at++; /* parse_level() stops only at ")" or the end */
    } else if (!p->is_failed && !p->is_too_large_reported) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, from + 1,
                              "the bracket is not closed, expected )");
        query_problem_edit(p->arena, problem, p->text.len, p->text.len, S(")"));
        query_problem_fix(p->arena, problem, "add ) at the end of the group");
    }
    if (node != &nothing) {
        node->from = (uint32_t)from;
        node->to = (uint32_t)p->at;
    }
    return node;
}

/* SENTENCE( and COUNT( stand directly before their bracket, else they are words. */
static bool is_call(const struct query_parser *p, Str name)
{
    return str_eq_nocase(str_sub(p->text, p->at, name.len), name) &&
           p->at + name.len < p->text.len && p->text.ptr[p->at + name.len] == '(';
}

static struct query_node *parse_part(struct query_parser *p)
{
    Str text = p->text;
    size_t from = p->at, name_len;

    if (p->field) {
        if (text.ptr[from] == '(')
            return query_parse_group(p);
        return query_parse_value(p, p->field, from);
    }
    if (text.ptr[from] == '(')
        return query_parse_group(p);
    if (query_quote_at(text, from) > 0)
        return query_parse_quoted(p);
    if (text.ptr[from] == '{')
        return query_parse_case(p);
    if (str_starts(str_sub(text, from, 2), S("@@")))
        return query_parse_reference(p);
    if (is_call(p, S("SENTENCE")))
        return query_parse_sentence(p, from);
    if (is_call(p, S("COUNT")))
        return query_parse_count(p, from);
    if (query_field_at(p, &name_len) || name_len > 0)
        return query_parse_field(p);
    return query_parse_word(p);
}

/* What may follow a group or a call by mistake: (a b)~5 belongs to a phrase. */
static void refuse_suffix(struct query_parser *p)
{
    size_t from = p->at;

    if (p->at == 0 || p->at >= p->text.len || p->text.ptr[p->at - 1] != ')' ||
        (p->text.ptr[p->at] != '~' && p->text.ptr[p->at] != '^'))
        return;
    bool is_slop = p->text.ptr[p->at] == '~';
    p->at = query_word_end(p->text, p->at);
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                          "'" STR_F "' belongs to a phrase or word, not to a group",
                          (int)(p->at - from), p->text.ptr + from);
    query_problem_fix(p->arena, problem,
                      is_slop ? "write a NEAR/5 b for words close together"
                              : "put it behind the words it is meant for");
}

static struct query_node *take_part(struct query_parser *p)
{
    Str comment = p->comment;
    p->comment = STR_NONE;
    struct query_node *node = parse_part(p);

    refuse_suffix(p);
    put_comment(p, node, comment);
    return node;
}

static void adopt(struct query_node *parent, struct query_node *child)
{
    struct query_node **end = &parent->first;

    if (parent == &nothing || child == &nothing)
        return;
    while (*end)
        end = &(*end)->next;
    *end = child;
    parent->count++;
}

/* --- NEAR --- */

static void check_near_side(struct query_parser *p, const struct query_node *side)
{
    const struct query_node *bad = query_find_unplaced(side);

    if (!bad)
        return;
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, side->from, side->to,
                          "%s cannot stand inside NEAR, expected words, phrases or OR of them",
                          query_kind_words(bad));
    if (bad->kind == QUERY_AND)
        query_problem_fix(p->arena, problem, "join the words by OR, or by a NEAR of their own");
    else if (bad->kind == QUERY_NOT)
        query_problem_fix(p->arena, problem, "exclude outside: (a NEAR b) AND NOT c");
    else
        query_problem_fix(p->arena, problem, "ask for it outside: (a NEAR b) AND c");
}

/* Reads the right side; p->at stands behind the operator. */
static struct query_node *parse_near_side(struct query_parser *p, const struct operator_at *near,
                                          size_t near_at)
{
    query_skip_blanks(p);
    if (p->at < p->text.len && p->text.ptr[p->at] != ')') {
        struct operator_at op = operator_here(p);
        if (op.kind == OP_NONE)
            return take_part(p);
        if (op.kind == OP_NOT) {
            struct query_problem *problem =
                query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, p->at,
                                  p->at + op.len, "NOT cannot stand inside NEAR");
            query_problem_fix(p->arena, problem, "exclude outside: (a NEAR b) AND NOT c");
            p->at += op.len;
            return query_new_node(p, QUERY_NOTHING, p->at, p->at);
        }
    }
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, near_at, near_at + near->len,
                          "expected a word, phrase or group behind NEAR");
    query_problem_fix(p->arena, problem, "add what has to be near, or put \"near\" in quotes");
    return query_new_node(p, QUERY_NOTHING, p->at, p->at);
}

/* `ends` are those of the NEAR read so far, from `from`: "a NEAR b NEAR c" becomes "(a NEAR b) NEAR
 * c". */
static void report_chained_near(struct query_parser *p, size_t from, size_t at,
                                const uint32_t *ends, size_t count)
{
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at,
                          "several NEAR in a row need brackets to say what belongs together");
    struct buf fixed;

    buf_init(&fixed, QUERY_BYTES_MAX * 2);
    for (size_t i = 1; i < count; i++)
        buf_lit(&fixed, "(");
    for (size_t i = 0, done = from; i < count; done = ends[i++]) {
        buf_add(&fixed, str_sub(p->text, done, ends[i] - done));
        if (i + 1 < count)
            buf_lit(&fixed, ")");
    }
    if (!fixed.is_failed)
        query_problem_edit(p->arena, problem, from, ends[count - 1], buf_str(&fixed));
    buf_deinit(&fixed);
}

/* A NEAR b [NEAR c], refused when there is a second. */
struct near_chain {
    VEC(uint32_t); /* where each NEAR ends */
    size_t second_at;
};

static void end_near_chain(struct query_parser *p, struct near_chain *chain, size_t from)
{
    if (chain->count > 1 && !p->is_failed)
        report_chained_near(p, from, chain->second_at, chain->items, chain->count);
    vec_deinit(chain);
}

static struct query_node *parse_place(struct query_parser *p)
{
    struct query_node *left = take_part(p);
    struct near_chain ends = {0};
    size_t from = left->from;

    for (unsigned chain = 0;; chain++) {
        query_skip_blanks(p);
        bool is_end = p->at >= p->text.len || p->text.ptr[p->at] == ')';
        struct operator_at op = is_end ? (struct operator_at){0} : operator_here(p);
        if (op.kind != OP_NEAR || p->field) {
            end_near_chain(p, &ends, from);
            return left;
        }
        size_t near_at = p->at;
        report_wrong_operator(p, &op);
        if (chain == 1)
            ends.second_at = near_at;
        p->at += op.len;
        struct query_node *right = parse_near_side(p, &op, near_at);
        struct query_node *node = query_new_node(p, QUERY_NEAR, left->from, right->to);
        if (node == &nothing || !vec_try_push(&ends, right->to)) {
            query_fail_memory(p);
            vec_deinit(&ends);
            return &nothing;
        }
        node->distance = op.distance;
        node->is_ordered = op.is_ordered;
        check_near_side(p, left);
        check_near_side(p, right);
        adopt(node, left);
        adopt(node, right);
        if (chain > 0 && p->depth + chain >= QUERY_DEPTH_MAX)
            node->kind = QUERY_NOTHING; /* refused already; keeps the tree shallow */
        if (node->kind == QUERY_NOTHING)
            node->first = NULL, node->count = 0;
        left = node;
    }
}

static void report_missing(struct query_parser *p, size_t at, const struct operator_at *op,
                           bool is_before)
{
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at + op->len,
                          "expected a word, phrase or group %s '" STR_F "'",
                          is_before ? "before" : "behind", (int)op->len, p->text.ptr + at);
    query_problem_edit(p->arena, problem, at, at + op->len, STR_NONE);
    query_problem_fix(p->arena, problem, "remove the operator or add what is missing");
}

struct query_node *query_parse_operand(struct query_parser *p)
{
    bool is_negated = false;
    size_t from = p->at;
    Str comment = STR_NONE;

    for (;;) {
        query_skip_blanks(p);
        if (p->at >= p->text.len || p->text.ptr[p->at] == ')') {
            struct query_problem *problem =
                query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                                  "expected what to exclude behind NOT");
            query_problem_fix(p->arena, problem,
                              "add a word, phrase or group, or put \"not\" in quotes");
            return query_new_node(p, QUERY_NOTHING, from, p->at);
        }
        struct operator_at op = operator_here(p);
        if (op.kind == OP_NONE)
            break;
        if (op.kind != OP_NOT) {
            report_missing(p, p->at, &op, true);
            p->at += op.len;
            return query_new_node(p, QUERY_NOTHING, from, p->at);
        }
        report_wrong_operator(p, &op);
        is_negated = !is_negated;
        comment = join_comments(p, comment, p->comment);
        p->comment = STR_NONE;
        p->at += op.len;
    }
    struct query_node *inner = parse_place(p);
    put_comment(p, inner, comment);
    if (!is_negated)
        return inner;
    struct query_node *node = query_new_node(p, QUERY_NOT, from, inner->to);
    adopt(node, inner);
    return node;
}

/* --- one level: operands with AND or OR between --- */

struct level {
    struct {
        VEC(struct query_node *);
    } operands;
    struct {
        VEC(enum operator_kind);
    } joins; /* joins.items[i] stands before operands.items[i]; the first is OP_NONE */
    size_t and_count, or_count, bare_count;
    size_t bare_at;                      /* of the first operand that follows without an operator */
    const struct query_node *small_near; /* the operand before is the bare word near */
};

/* Reads the join before the next operand; false at the end of the level. */
static bool read_join(struct query_parser *p, struct level *level, enum operator_kind *join)
{
    bool has_join = false;
    struct operator_at pending = {0};
    size_t pending_at = 0;

    *join = OP_NONE;
    for (;;) {
        query_skip_blanks(p);
        bool is_end = p->at >= p->text.len || p->text.ptr[p->at] == ')';
        struct operator_at op = is_end ? (struct operator_at){0} : operator_here(p);
        if (op.kind == OP_AND || op.kind == OP_OR) {
            report_wrong_operator(p, &op);
            if (has_join || level->operands.count == 0)
                report_missing(p, p->at, &op, true);
            else
                *join = op.kind;
            has_join = true;
            pending = op;
            pending_at = p->at;
            p->at += op.len;
            continue;
        }
        if (op.kind == OP_NEAR) { /* not behind an operand, so nothing stands before it */
            report_missing(p, p->at, &op, true);
            p->at += op.len;
            continue;
        }
        if (is_end && has_join && level->operands.count > 0)
            report_missing(p, pending_at, &pending, false);
        return !is_end;
    }
}

/* The alternatives before exclusions that follow bare: 2 of "a OR b -c". 0: it is not such. */
static size_t count_alternatives(const struct query_parser *p, const struct level *level)
{
    size_t count = level->operands.count, alternatives = 1;
    struct query_node *const *nodes = level->operands.items;

    while (alternatives < count && level->joins.items[alternatives] == OP_OR)
        alternatives++;
    for (size_t i = alternatives; i < count; i++) {
        Str gap = str_sub(p->text, nodes[i - 1]->to, nodes[i]->from - nodes[i - 1]->to);
        if (level->joins.items[i] == OP_OR || nodes[i]->kind != QUERY_NOT || str_trim(gap).len > 0)
            return 0;
    }
    return alternatives;
}

/* "a AND b OR c" with the brackets that the usual precedence gives: (a AND b) OR c; what
 * is excluded at the end is meant for all: (a OR b) -c. */
static void report_mixed(struct query_parser *p, const struct level *level)
{
    size_t count = level->operands.count;
    struct query_node *const *nodes = level->operands.items;
    size_t from = nodes[0]->from, to = nodes[count - 1]->to;
    size_t alternatives = count_alternatives(p, level);
    struct buf fixed;

    buf_init(&fixed, QUERY_BYTES_MAX * 2);
    for (size_t i = 0; i < count; i++) {
        bool starts = i == 0 || level->joins.items[i] == OP_OR;
        bool is_run = i + 1 < count && level->joins.items[i + 1] != OP_OR;
        bool ends = i + 1 == count || level->joins.items[i + 1] == OP_OR;
        if (alternatives > 1) {
            starts = i == 0 || i >= alternatives;
            is_run = i == 0;
            ends = i + 1 == alternatives;
        }
        if (i > 0)
            buf_add(&fixed, str_sub(p->text, nodes[i - 1]->to, nodes[i]->from - nodes[i - 1]->to));
        if (starts && is_run)
            buf_lit(&fixed, "(");
        buf_add(&fixed, str_sub(p->text, nodes[i]->from, nodes[i]->to - nodes[i]->from));
        if (ends && !starts)
            buf_lit(&fixed, ")");
    }
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, to,
                          "AND and OR are mixed, expected brackets to say what belongs together");
    if (!fixed.is_failed)
        query_problem_edit(p->arena, problem, from, to, buf_str(&fixed));
    buf_deinit(&fixed);
}

static struct query_node *join_run(struct query_parser *p, enum query_kind kind,
                                   struct query_node **nodes, size_t count)
{
    if (count == 1)
        return nodes[0];
    struct query_node *node = query_new_node(p, kind, nodes[0]->from, nodes[count - 1]->to);
    if (node == &nothing)
        return node;
    for (size_t i = 0; i < count; i++)
        if (nodes[i] == &nothing)
            return nodes[i];
    node->first = nodes[0];
    for (size_t i = 0; i + 1 < count; i++)
        nodes[i]->next = nodes[i + 1];
    node->count = (uint32_t)count;
    return node;
}

/* AND binds tighter; only a refused query has both. */
static struct query_node *join_level(struct query_parser *p, struct level *level)
{
    size_t runs = 0;

    for (size_t i = 0; i < level->operands.count;) {
        size_t end = i + 1;
        while (end < level->operands.count && level->joins.items[end] != OP_OR)
            end++;
        struct query_node *run = join_run(p, QUERY_AND, level->operands.items + i, end - i);
        level->operands.items[runs++] = run;
        i = end;
    }
    return join_run(p, QUERY_OR, level->operands.items, runs);
}

static void note_bare(struct query_parser *p, const struct level *level)
{
    if (p->is_bare_noted || p->names->outer)
        return;
    p->is_bare_noted = true;
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_NOTE, level->bare_at,
                          level->bare_at, "words side by side mean AND");
    query_problem_fix(p->arena, problem, "write AND, or quotes for a phrase");
}

/* In small letters near is a word as others are; between two words it may have been meant. */
static void warn_small_near(struct query_parser *p, struct level *level,
                            const struct query_node *node, bool is_bare)
{
    const struct query_node *near = level->small_near;

    level->small_near = NULL;
    if (!is_bare || p->field || level->operands.count == 0)
        return;
    if (near && node->kind != QUERY_NOT) {
        bool is_ordered = near->text.len == 5;
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_WARNING, near->from, near->to,
            "'" STR_F "' in small letters is a word that has to be there", STR_A(near->text));
        query_problem_edit(p->arena, problem, near->from, near->to,
                           is_ordered ? S("ONEAR") : S("NEAR"));
        return;
    }
    if (node->kind == QUERY_WORD && !node->is_quoted && node->form == QUERY_EXACT &&
        (str_eq(node->key, S("near")) || str_eq(node->key, S("onear"))))
        level->small_near = node;
}

static struct query_node *parse_level(struct query_parser *p)
{
    struct level level = {0};
    size_t from = p->at;
    enum operator_kind join;

    while (read_join(p, &level, &join)) {
        size_t before = p->at;
        struct query_node *node = query_parse_operand(p);
        ASSERT(p->at > before);
        warn_small_near(p, &level, node, join == OP_NONE);
        if (level.operands.count > 0 && join == OP_NONE) {
            join = OP_AND;
            if (level.bare_count++ == 0)
                level.bare_at = before;
            if (node->kind == QUERY_NOT)
                level.bare_count--; /* "a NOT b" and "a -b" are no bare words */
        }
        level.and_count += join == OP_AND;
        level.or_count += join == OP_OR;
        if (!vec_try_push(&level.operands, node) || !vec_try_push(&level.joins, join)) {
            query_fail_memory(p);
            break;
        }
    }
    struct query_node *node;
    if (p->is_failed) {
        node = &nothing;
    } else if (level.operands.count == 0) {
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_ERROR, from > 0 ? from - 1 : 0, p->at,
            from > 0 ? "empty brackets, expected a word, phrase or group"
                     : "the query is empty, expected a word, phrase or group");
        query_problem_fix(p->arena, problem,
                          from > 0 ? "remove them or fill them" : "write what to look for");
        node = query_new_node(p, QUERY_NOTHING, from, p->at);
    } else {
        if (level.and_count > 0 && level.or_count > 0)
            report_mixed(p, &level);
        else if (level.bare_count > 0 && !p->field)
            note_bare(p, &level);
        node = join_level(p, &level);
    }
    vec_deinit(&level.operands);
    vec_deinit(&level.joins);
    return node;
}

/* --- entry --- */

static bool check_text(struct query_parser *p)
{
    Str text = p->text;
    size_t bad = str_utf8_invalid_at(text);

    if (text.len > QUERY_BYTES_MAX) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, STR_NONE, QUERY_ERROR, 0, 0,
                              "the query has %zu bytes, more than %llu", text.len,
                              (unsigned long long)QUERY_BYTES_MAX);
        query_problem_fix(p->arena, problem, "split it into several queries joined by @@name");
        return false;
    }
    if (bad < text.len) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, text, QUERY_ERROR, bad, bad + 1,
                              "byte %zu is not valid UTF-8", bad + 1);
        query_problem_fix(p->arena, problem, "save the query as UTF-8");
        return false;
    }
    return true;
}

struct query_node *query_parse_root(struct query_parser *p)
{
    if (!check_text(p))
        return &nothing;
    struct query_node *root = parse_level(p);

    while (p->at < p->text.len && !p->is_failed) { /* a ")" too many */
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, p->at, p->at + 1,
                              "this bracket closes nothing");
        query_problem_edit(p->arena, problem, p->at, p->at + 1, STR_NONE);
        p->at++;
        query_skip_blanks(p);
        if (p->at < p->text.len && p->text.ptr[p->at] != ')')
            (void)parse_level(p); /* for its problems */
    }
    return root;
}

bool query_parse(struct arena *a, struct tokenizer *words, Str text, Str name,
                 const struct query_resolver *resolver, struct query *out,
                 struct query_problems *problems, struct err *err)
{
    struct query_name_chain own_name = {.name = name};
    uint32_t node_count = 0;
    size_t first_problem = problems->count;
    struct query_parser p = {.arena = a,
                             .words = words,
                             .resolver = resolver,
                             .names = &own_name,
                             .problems = problems,
                             .err = err,
                             .text = text,
                             .node_count = &node_count};

    *out = (struct query){.root = &nothing, .text = text};
    struct query_node *root = query_parse_root(&p);
    query_settle_comment(&p, root);
    if (p.is_failed)
        return false;
    out->root = root;
    out->trailing_comment = p.comment;
    out->node_count = node_count;
    query_problems_sort(problems, first_problem);
    return true;
}
