/* Reads the three dialects into one tree. What differs between them while reading: whether
 * operators need capitals, what {...} and +"..." are, how ~ and words side by side are meant. NOT
 * binds tightest, then NEAR, AND, OR, as Meltwater documents it; where a dialect asks for brackets
 * or leaves it open, that is reported. */
#include <string.h>

#include "base/limits.h"
#include "listen/query/query_import_priv.h"

enum { IMPORT_NODES_MAX = QUERY_NODES_MAX };

enum join { JOIN_NONE, JOIN_AND, JOIN_OR, JOIN_NOT, JOIN_NEAR };

struct join_at {
    enum join kind;
    size_t len;
    bool is_ordered, has_number, is_malformed;
    uint64_t distance;
};

struct foreign *foreign_new(struct importer *m, enum foreign_kind kind, size_t from, size_t to)
{
    struct foreign *node = arena_try_new(m->arena, struct foreign, 1);

    if (!node || ++m->node_count > IMPORT_NODES_MAX) {
        import_fail(m);
        m->spare = (struct foreign){.kind = FOREIGN_NOTHING};
        return &m->spare;
    }
    *node = (struct foreign){
        .kind = kind, .from = (uint32_t)from, .to = (uint32_t)to, .slop = FOREIGN_NO_SLOP};
    return node;
}

/* --- blanks and comments --- */

static void keep_comment(struct importer *m, Str comment)
{
    comment = str_trim(comment);
    if (comment.len == 0)
        return;
    if (m->comment.len == 0) {
        m->comment = comment;
        return;
    }
    char *both = arena_try_new(m->arena, char, m->comment.len + 1 + comment.len);
    if (!both) {
        import_fail(m);
        return;
    }
    memcpy(both, m->comment.ptr, m->comment.len);
    both[m->comment.len] = '\n';
    memcpy(both + m->comment.len + 1, comment.ptr, comment.len);
    m->comment = (Str){both, m->comment.len + 1 + comment.len};
}

static void skip_blanks(struct importer *m)
{
    while (m->at < m->text.len) {
        size_t blank = query_blank_at(m->text, m->at);
        if (blank > 0) {
            m->at += blank;
            continue;
        }
        if (!str_starts(str_sub(m->text, m->at, m->text.len), S("<<<")))
            return;
        Str rest = str_sub(m->text, m->at + 3, m->text.len);
        size_t len = str_find(rest, S(">>>"));
        if (len == rest.len)
            import_report(m, false, QUERY_IMPORT_SAME, m->at, m->at + 3,
                          "the comment is not closed and taken to the end");
        keep_comment(m, str_sub(rest, 0, len));
        m->at = len == rest.len ? m->text.len : m->at + 3 + len + 3;
    }
}

/* --- operators --- */

static bool is_named(const struct importer *m, Str word, Str name)
{
    return m->dialect == QUERY_DIALECT_MELTWATER ? str_eq_nocase(word, name) : str_eq(word, name);
}

/* NEAR, NEAR/4, NEAR/4f, ONEAR, ONEAR/4. */
static bool read_near(const struct importer *m, Str word, struct join_at *out)
{
    Str name, number;
    bool has_number = str_cut(word, '/', &name, &number);

    if (!is_named(m, name, S("NEAR")) && !is_named(m, name, S("ONEAR")))
        return false;
    *out = (struct join_at){.kind = JOIN_NEAR,
                            .len = word.len,
                            .is_ordered = name.len == 5,
                            .has_number = has_number,
                            .distance = QUERY_NEAR_DEFAULT};
    if (!has_number)
        return true;
    if (number.len > 1 && (number.ptr[number.len - 1] | 0x20) == 'f') {
        out->is_ordered = true;
        number.len--;
    }
    out->is_malformed = !str_to_u64(number, &out->distance);
    return true;
}

static struct join_at join_here(const struct importer *m)
{
    static const struct {
        Str name;
        enum join kind;
    } names[] = {{S_INIT("AND"), JOIN_AND}, {S_INIT("OR"), JOIN_OR}, {S_INIT("NOT"), JOIN_NOT}};
    Str word = str_sub(m->text, m->at, query_word_end(m->text, m->at) - m->at);
    struct join_at join = {0};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (is_named(m, word, names[i].name))
            return (struct join_at){.kind = names[i].kind, .len = word.len};
    if (m->at + 1 < m->text.len && m->text.ptr[m->at] == '-' &&
        query_blank_at(m->text, m->at + 1) == 0 && m->text.ptr[m->at + 1] != ')')
        return (struct join_at){.kind = JOIN_NOT, .len = 1};
    (void)read_near(m, word, &join);
    return join;
}

/* --- leaves --- */

static size_t digits_at(Str text, size_t at)
{
    size_t end = at;

    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
        end++;
    return end - at;
}

/* ~n and ^n behind a closing quote or bracket. */
static void read_suffixes(struct importer *m, struct foreign *node)
{
    while (m->at < m->text.len && (m->text.ptr[m->at] == '~' || m->text.ptr[m->at] == '^')) {
        bool is_tilde = m->text.ptr[m->at] == '~';
        size_t len = digits_at(m->text, m->at + 1);
        uint64_t n = 0;
        bool has_number = str_to_u64(str_sub(m->text, m->at + 1, len), &n) && n <= 1000000;
        if (is_tilde) {
            node->has_tilde = true;
            node->slop = has_number ? (int64_t)n : FOREIGN_NO_SLOP;
        } else if (has_number && n >= 1 && n <= 1000) {
            node->boost = (uint32_t)n;
        }
        m->at += 1 + len;
        node->to = (uint32_t)m->at;
    }
}

/* Text to the closing quotation mark; any closes, as they come mixed from word processors. */
static Str read_quoted(struct importer *m)
{
    size_t from = m->at, start = from + query_quote_at(m->text, from), at = start;

    for (; at < m->text.len; at++) {
        size_t quote = query_quote_at(m->text, at);
        if (quote == 0)
            continue;
        m->at = at + quote;
        return str_sub(m->text, start, at - start);
    }
    import_report(m, false, QUERY_IMPORT_SAME, from, start,
                  "the quotation mark is not closed and taken to the end");
    m->at = m->text.len;
    return str_sub(m->text, start, m->text.len);
}

static struct foreign *read_phrase(struct importer *m)
{
    size_t from = m->at;
    Str text = read_quoted(m);
    struct foreign *node = foreign_new(m, FOREIGN_PHRASE, from, m->at);

    node->text = text;
    read_suffixes(m, node);
    return node;
}

/* {BT} */
static struct foreign *read_braces(struct importer *m)
{
    size_t from = m->at, len = str_find_byte(str_sub(m->text, from, m->text.len), '}');
    size_t end = from + len < m->text.len ? from + len : m->text.len;
    struct foreign *node = foreign_new(m, FOREIGN_CASE, from, end);

    node->text = str_sub(m->text, from + 1, end > from ? end - from - 1 : 0);
    m->at = end < m->text.len ? end + 1 : end;
    node->to = (uint32_t)m->at;
    if (m->dialect != QUERY_DIALECT_BRANDWATCH)
        import_lose(m, node, "braces have no meaning in a query of %s",
                    query_dialect_title(m->dialect));
    return node;
}

/* Talkwalker's +"p&t" (signs as written) and ++"ABC" (letters and signs as written). */
static struct foreign *read_exact(struct importer *m)
{
    size_t from = m->at;
    bool is_case = m->text.ptr[from + 1] == '+';

    m->at += is_case ? 2 : 1;
    Str text = read_quoted(m);
    struct foreign *node = foreign_new(m, is_case ? FOREIGN_CASE : FOREIGN_RAW, from, m->at);
    node->text = text;
    return node;
}

static bool is_exact_here(const struct importer *m)
{
    size_t at = m->at;

    if (m->dialect != QUERY_DIALECT_TALKWALKER || m->text.ptr[at] != '+')
        return false;
    at += at + 1 < m->text.len && m->text.ptr[at + 1] == '+' ? 2 : 1;
    return query_quote_at(m->text, at) > 0;
}

static struct foreign *read_word(struct importer *m)
{
    size_t from = m->at, end = query_word_end(m->text, from);
    Str word = str_sub(m->text, from, end > from ? end - from : 1);
    struct foreign *node = foreign_new(m, FOREIGN_WORD, from, from + word.len);
    size_t mark = word.len;
    uint64_t n;

    m->at = from + word.len;
    while (mark > 0 && word.ptr[mark - 1] >= '0' && word.ptr[mark - 1] <= '9')
        mark--;
    if (mark > 1 && word.ptr[mark - 1] == '^' && str_to_u64(str_sub(word, mark, word.len), &n) &&
        n >= 1 && n <= 1000) {
        node->boost = (uint32_t)n;
        word.len = mark - 1;
    } else if (mark > 1 && word.ptr[mark - 1] == '~') {
        node->has_tilde = true;
        if (str_to_u64(str_sub(word, mark, word.len), &n) && n <= 1000000)
            node->slop = (int64_t)n;
        word.len = mark - 1;
    }
    node->text = word;
    return node;
}

/* --- fields --- */

/* Length of a name with a colon behind it; 0: none. */
static size_t field_name_len(const struct importer *m)
{
    size_t end = m->at;

    while (end < m->text.len &&
           ((m->text.ptr[end] >= 'a' && m->text.ptr[end] <= 'z') ||
            (m->text.ptr[end] >= 'A' && m->text.ptr[end] <= 'Z') || m->text.ptr[end] == '_'))
        end++;
    bool is_name = end > m->at && end + 1 < m->text.len && m->text.ptr[end] == ':' &&
                   m->text.ptr[end + 1] != '/' && query_blank_at(m->text, end + 1) == 0 &&
                   m->text.ptr[end + 1] != ')' && m->text.ptr[end + 1] != ':';
    return is_name ? end - m->at : 0;
}

static struct foreign *read_group(struct importer *m);

static struct foreign *read_range(struct importer *m)
{
    size_t from = m->at, len = str_find_byte(str_sub(m->text, from, m->text.len), ']');
    struct foreign *node = foreign_new(m, FOREIGN_RANGE, from, from);

    m->at = from + len < m->text.len ? from + len + 1 : m->text.len;
    node->text = str_sub(m->text, from, m->at - from);
    node->to = (uint32_t)m->at;
    return node;
}

static struct foreign *read_field(struct importer *m, size_t name_len)
{
    struct foreign *node = foreign_new(m, FOREIGN_FIELD, m->at, m->at);

    node->text = str_sub(m->text, m->at, name_len);
    m->at += name_len + 1;
    if (m->text.ptr[m->at] == '(')
        node->first = read_group(m);
    else if (query_quote_at(m->text, m->at) > 0)
        node->first = read_phrase(m);
    else if (m->text.ptr[m->at] == '[')
        node->first = read_range(m);
    else
        node->first = read_word(m);
    node->count = 1;
    node->to = (uint32_t)m->at;
    return node;
}

/* --- groups --- */

static void adopt(struct foreign *parent, struct foreign **tail, struct foreign *child)
{
    if (*tail)
        (*tail)->next = child;
    else
        parent->first = child;
    *tail = child;
    parent->count++;
}

static struct foreign *read_or(struct importer *m);

static struct foreign *read_group(struct importer *m)
{
    size_t from = m->at;
    struct foreign *node;

    m->at++;
    if (m->depth >= QUERY_DEPTH_MAX / 2) { /* the translation may need a bracket for each of ours */
        size_t open = 1;
        for (; m->at < m->text.len && open > 0; m->at++)
            open += (size_t)(m->text.ptr[m->at] == '(') - (size_t)(m->text.ptr[m->at] == ')');
        node = foreign_new(m, FOREIGN_NOTHING, from, m->at);
        import_lose(m, node, "brackets are nested deeper than %d levels", QUERY_DEPTH_MAX / 2);
        return node;
    }
    m->depth++;
    node = read_or(m);
    m->depth--;
    if (m->at < m->text.len)
        m->at++; /* read_or() stops at ")" or the end */
    else
        import_report(m, false, QUERY_IMPORT_SAME, from, from + 1,
                      "the bracket is not closed; closed at the end");
    if (!node) {
        node = foreign_new(m, FOREIGN_NOTHING, from, m->at);
        import_lose(m, node, "empty brackets");
    }
    node->is_bracketed = true;
    if (node->kind == FOREIGN_AND || node->kind == FOREIGN_OR || node->kind == FOREIGN_NEAR)
        node->from = (uint32_t)from;
    read_suffixes(m, node);
    node->to = (uint32_t)m->at;
    return node;
}

static struct foreign *read_part(struct importer *m)
{
    Str comment = m->comment;
    struct foreign *node;
    size_t name_len = field_name_len(m);

    m->comment = STR_NONE;
    if (m->text.ptr[m->at] == '(')
        node = read_group(m);
    else if (is_exact_here(m))
        node = read_exact(m);
    else if (query_quote_at(m->text, m->at) > 0)
        node = read_phrase(m);
    else if (m->text.ptr[m->at] == '{')
        node = read_braces(m);
    else if (name_len > 0)
        node = read_field(m, name_len);
    else
        node = read_word(m);
    if (comment.len > 0)
        node->comment = comment;
    return node;
}

static bool is_end(const struct importer *m)
{
    return m->at >= m->text.len || m->text.ptr[m->at] == ')' || m->is_failed;
}

/* Passes over operators without anything to join. */
static bool skip_stray(struct importer *m)
{
    for (;;) {
        skip_blanks(m);
        if (is_end(m))
            return false;
        struct join_at join = join_here(m);
        if (join.kind != JOIN_AND && join.kind != JOIN_OR && join.kind != JOIN_NEAR)
            return true;
        import_report(m, false, QUERY_IMPORT_SAME, m->at, m->at + join.len,
                      "'" STR_F "' joins nothing and is passed over", (int)join.len,
                      m->text.ptr + m->at);
        m->at += join.len;
    }
}

/* NOT NOT a, -a. NULL at the end. */
static struct foreign *read_operand(struct importer *m)
{
    bool is_negated = false;
    size_t from = m->at;

    for (;;) {
        if (!skip_stray(m)) {
            if (m->at > from && is_negated)
                import_report(m, true, QUERY_IMPORT_WIDER, from, m->at, "NOT excludes nothing");
            return NULL;
        }
        struct join_at join = join_here(m);
        if (join.kind != JOIN_NOT)
            break;
        is_negated = !is_negated;
        m->at += join.len;
    }
    struct foreign *part = read_part(m);
    if (!is_negated)
        return part;
    struct foreign *node = foreign_new(m, FOREIGN_NOT, from, part->to);
    node->first = part;
    node->count = 1;
    return node;
}

static void report_near(struct importer *m, const struct join_at *join, unsigned chain)
{
    size_t at = m->at, to = at + join->len;

    if (join->is_malformed)
        import_report(m, true, QUERY_IMPORT_WIDER, at, to,
                      "'" STR_F "' is not understood and read as AND", (int)join->len,
                      m->text.ptr + at);
    else if (!join->has_number && m->dialect != QUERY_DIALECT_MELTWATER)
        import_report(m, false, QUERY_IMPORT_EITHER, at, to,
                      "NEAR without a number is read as NEAR/%d", QUERY_NEAR_DEFAULT);
    if (chain == 1)
        import_report(m, false, QUERY_IMPORT_EITHER, at, to,
                      "several NEAR in a row: the first two belong together");
}

static struct foreign *read_near_chain(struct importer *m)
{
    struct foreign *left = read_operand(m);

    for (unsigned chain = 0; left; chain++) {
        skip_blanks(m);
        if (is_end(m))
            break;
        struct join_at join = join_here(m);
        if (join.kind != JOIN_NEAR)
            break;
        report_near(m, &join, chain);
        m->at += join.len;
        struct foreign *right = read_operand(m);
        if (!right)
            break;
        struct foreign *node =
            foreign_new(m, join.is_malformed ? FOREIGN_AND : FOREIGN_NEAR, left->from, right->to);
        struct foreign *tail = NULL;
        node->distance = join.distance;
        node->is_ordered = join.is_ordered;
        adopt(node, &tail, left);
        adopt(node, &tail, right);
        left = node;
        if (chain > QUERY_DEPTH_MAX / 4) { /* a chain is as deep as long */
            import_lose(m, left, "more than %d NEAR in a row", QUERY_DEPTH_MAX / 4);
            left->first = NULL;
            left->count = 0;
        }
    }
    return left;
}

/* Operands joined by AND, or side by side. */
static struct foreign *read_and(struct importer *m, bool *has_and)
{
    struct foreign *node = NULL, *first = read_near_chain(m), *tail = NULL;
    size_t beside = 0;

    while (first && !m->is_failed) {
        skip_blanks(m);
        if (is_end(m))
            break;
        struct join_at join = join_here(m);
        if (join.kind == JOIN_OR)
            break;
        bool is_beside = join.kind == JOIN_NONE;
        if (join.kind == JOIN_AND)
            m->at += join.len;
        struct foreign *operand = read_near_chain(m);
        if (!operand)
            break;
        if (!node) {
            node = foreign_new(m, FOREIGN_AND, first->from, first->to);
            adopt(node, &tail, first);
        }
        adopt(node, &tail, operand);
        node->to = operand->to;
        beside += is_beside;
    }
    if (!node)
        return first;
    *has_and = true;
    node->is_beside = beside == node->count - 1;
    node->has_beside = beside > 0;
    return node;
}

static struct foreign *read_or(struct importer *m)
{
    bool has_and = false;
    struct foreign *node = NULL, *tail = NULL, *first = read_and(m, &has_and);

    while (first && !m->is_failed) {
        skip_blanks(m);
        if (is_end(m))
            break;
        m->at += join_here(m).len; /* OR: read_and() stops at nothing else */
        struct foreign *operand = read_and(m, &has_and);
        if (!operand)
            break;
        if (!node) {
            node = foreign_new(m, FOREIGN_OR, first->from, first->to);
            adopt(node, &tail, first);
        }
        adopt(node, &tail, operand);
        node->to = operand->to;
    }
    if (!node)
        return first;
    if (has_and && m->dialect != QUERY_DIALECT_MELTWATER)
        import_report(m, false, QUERY_IMPORT_EITHER, node->from, node->to,
                      "AND and OR are mixed without brackets; read as AND before OR");
    return node;
}

struct foreign *import_read(struct importer *m)
{
    struct foreign *root = read_or(m);

    while (m->at < m->text.len && !m->is_failed) { /* a ")" too many: what follows belongs to it */
        import_report(m, false, QUERY_IMPORT_EITHER, m->at, m->at + 1,
                      "this bracket closes nothing; what follows is joined by AND");
        m->at++;
        struct foreign *more = read_or(m), *tail = NULL, *both;
        if (!more || !root) {
            root = root ? root : more;
            continue;
        }
        both = foreign_new(m, FOREIGN_AND, root->from, more->to);
        if (root->kind == FOREIGN_AND && !root->is_bracketed) {
            for (tail = root->first; tail->next;)
                tail = tail->next;
            adopt(root, &tail, more);
            continue;
        }
        adopt(both, &tail, root);
        adopt(both, &tail, more);
        root = both;
    }
    return root;
}
