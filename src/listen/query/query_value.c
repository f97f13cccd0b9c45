/* Fields with their values and ranges, COUNT, SENTENCE and @@name. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "listen/query/query_country.h"
#include "listen/query/query_priv.h"
#include "text/fold.h"

const struct query_field_info *query_field_at(const struct query_parser *p, size_t *name_len)
{
    size_t end = p->at;

    *name_len = 0;
    while (end < p->text.len &&
           ((p->text.ptr[end] >= 'a' && p->text.ptr[end] <= 'z') ||
            (p->text.ptr[end] >= 'A' && p->text.ptr[end] <= 'Z') || p->text.ptr[end] == '_'))
        end++;
    if (end == p->at || end >= p->text.len || p->text.ptr[end] != ':' ||
        str_starts(str_sub(p->text, end, 3), S("://")))
        return NULL;
    *name_len = end - p->at;
    return query_field_find(str_sub(p->text, p->at, *name_len));
}

static struct query_node *report_value(struct query_parser *p, const struct query_field_info *info,
                                       size_t from)
{
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                          "expected %s directly behind %s:", info->expects, info->name);

    if (info->value == QUERY_VALUE_NUMBER)
        query_problem_fix(p->arena, problem, "write %s:[1 TO 5], %s:>3 or %s:3", info->name,
                          info->name, info->name);
    else if (info->value == QUERY_VALUE_TIME)
        query_problem_fix(p->arena, problem, "write %s:2026-11-22 or %s:2026-11-22T08:15:00Z",
                          info->name, info->name);
    else if (info->choices)
        query_problem_fix(p->arena, problem, "write one of: %s", info->choices);
    else
        query_problem_fix(p->arena, problem, "write %s:value, or %s:\"a value\" with blanks",
                          info->name, info->name);
    return query_new_node(p, QUERY_NOTHING, from, p->at);
}

static Str read_value(struct query_parser *p)
{
    if (p->at >= p->text.len)
        return STR_NONE;
    if (query_quote_at(p->text, p->at) > 0)
        return str_trim(query_read_quoted(p));
    size_t from = p->at;
    p->at = query_word_end(p->text, from);
    return str_sub(p->text, from, p->at - from);
}

/* --- ranges --- */

static bool read_number(Str text, double open_end, double *out)
{
    text = str_trim(text);
    if (str_eq(text, S("*"))) {
        *out = open_end;
        return true;
    }
    return str_to_f64(text, out);
}

/* "[a TO b]": the text in the brackets. */
static bool read_interval(Str inner, struct query_node *node)
{
    for (size_t at = 0; at + 4 <= inner.len; at++)
        if (str_eq_nocase(str_sub(inner, at, 4), S(" TO ")))
            return read_number(str_sub(inner, 0, at), -INFINITY, &node->low) &&
                   read_number(str_sub(inner, at + 4, inner.len), INFINITY, &node->high);
    return false;
}

/* ">n", ">=n", "<n", "<=n", "=n", "n". */
static bool read_comparison(Str text, struct query_node *node)
{
    static const char *const operators[] = {">=", "<=", ">", "<", "="};
    size_t which = 0;
    double n;

    while (which < COUNT_OF(operators) && !str_starts(text, str_from_cstr(operators[which])))
        which++;
    size_t len = which < COUNT_OF(operators) ? strlen(operators[which]) : 0;
    if (!str_to_f64(str_trim(str_sub(text, len, text.len)), &n))
        return false;
    bool is_open_above = which == 0 || which == 2, is_open_below = which == 1 || which == 3;
    node->low = is_open_below ? -INFINITY : which == 2 ? nextafter(n, INFINITY) : n;
    node->high = is_open_above ? INFINITY : which == 3 ? nextafter(n, -INFINITY) : n;
    return true;
}

/* The canonical spelling, for the formatter. */
static Str print_range(struct query_parser *p, Str written, const struct query_node *node)
{
    struct buf out;

    buf_init(&out, 256);
    if (written.ptr[0] == '[') {
        buf_lit(&out, "[");
        query_number_print(node->low, &out);
        buf_lit(&out, " TO ");
        query_number_print(node->high, &out);
        buf_lit(&out, "]");
    } else {
        size_t len = 0;
        while (len < written.len && strchr("<>=", written.ptr[len]))
            len++;
        if (!(len == 1 && written.ptr[0] == '='))
            buf_add(&out, str_sub(written, 0, len));
        double n = 0;
        if (str_to_f64(str_trim(str_sub(written, len, written.len)), &n))
            query_number_print(n, &out);
    }
    Str text = query_copy(p, buf_str(&out));
    buf_deinit(&out);
    return text;
}

static struct query_node *parse_range(struct query_parser *p, const struct query_field_info *info,
                                      size_t from)
{
    size_t start = p->at;
    struct query_node *node = query_new_node(p, QUERY_FIELD, from, from);
    bool ok = false;

    if (p->is_failed)
        return node;
    if (start < p->text.len && p->text.ptr[start] == '[') {
        size_t close = str_find_byte(str_sub(p->text, start, p->text.len), ']') + start;
        bool is_closed = close < p->text.len && close - start < 200;
        p->at = is_closed ? close + 1 : query_word_end(p->text, start);
        ok = is_closed && read_interval(str_sub(p->text, start + 1, close - start - 1), node);
    } else {
        ok = read_comparison(read_value(p), node);
    }
    node->field = info->field;
    node->to = (uint32_t)p->at;
    if (!ok)
        return report_value(p, info, from);
    Str written = str_sub(p->text, start, p->at - start);
    if (query_quote_at(written, 0) > 0)
        written = str_sub(written, 1, written.len - 2);
    node->text = print_range(p, written, node);
    if (node->low > node->high) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, start, p->at,
                              "the range ends before it begins");
        struct buf out;
        buf_init(&out, 256);
        buf_lit(&out, "[");
        query_number_print(node->high, &out);
        buf_lit(&out, " TO ");
        query_number_print(node->low, &out);
        buf_lit(&out, "]");
        query_problem_edit(p->arena, problem, start, p->at, buf_str(&out));
        buf_deinit(&out);
    }
    return node;
}

static struct query_node *parse_time(struct query_parser *p, const struct query_field_info *info,
                                     size_t from)
{
    Str value = read_value(p);
    int64_t ms;

    if (!query_time_parse(value, &ms))
        return report_value(p, info, from);
    struct query_node *node = query_new_node(p, QUERY_FIELD, from, p->at);
    if (p->is_failed)
        return node;
    bool is_after = info->name[0] == 'a';
    node->field = QUERY_FIELD_TIME;
    node->low = is_after ? (double)ms : -INFINITY;
    node->high = is_after ? INFINITY : (double)(ms - 1);
    return node;
}

/* --- values compared whole or in part --- */

static bool is_choice(Str value, const char *choices)
{
    Str head, rest = str_from_cstr(choices);

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &head, &rest);
        if (str_eq_nocase(head, value))
            return true;
    }
    return false;
}

static Str fold_value(struct query_parser *p, const struct query_field_info *info, Str value)
{
    struct buf out;
    char alpha2[2];

    buf_init(&out, value.len * FOLD_GROWTH_MAX + 64);
    if (info->value == QUERY_VALUE_ADDRESS)
        query_address_fold(value, &out);
    else if (info->field == QUERY_FIELD_COUNTRY && query_country_alpha2(value, alpha2))
        text_fold((Str){alpha2, 2}, FOLD_KEEP_ACCENTS, &out);
    else
        text_fold(value, FOLD_KEEP_ACCENTS, &out);
    if (out.is_failed)
        query_fail_memory(p);
    Str key = out.is_failed ? STR_NONE : query_copy(p, buf_str(&out));
    buf_deinit(&out);
    return key;
}

/* A brace or the like where a value of a group has to begin, lang:( { ), is stepped over. */
static bool skip_stray(struct query_parser *p, size_t from)
{
    if (p->at != from || query_quote_at(p->text, from) > 0 || query_word_end(p->text, from) > from)
        return false;
    p->at++;
    return true;
}

struct query_node *query_parse_value(struct query_parser *p, const struct query_field_info *info,
                                     size_t from)
{
    if (skip_stray(p, from))
        return report_value(p, info, from);
    if (info->value == QUERY_VALUE_NUMBER)
        return parse_range(p, info, from);
    if (info->value == QUERY_VALUE_TIME)
        return parse_time(p, info, from);
    Str value = read_value(p);
    if (info->value == QUERY_VALUE_WORD)
        return query_make_tag(p, value, from, p->at);
    bool is_handle = info->field == QUERY_FIELD_AUTHOR || info->field == QUERY_FIELD_MENTION ||
                     info->field == QUERY_FIELD_AUTHOR_LIKE;
    while (is_handle && value.len > 1 && value.ptr[0] == '@')
        value = str_trim(str_sub(value, 1, value.len));
    while (info->field == QUERY_FIELD_TLD && value.len > 1 && value.ptr[0] == '.')
        value = str_sub(value, 1, value.len);
    if (info->choices && str_eq_nocase(value, S("true")))
        value = S("yes");
    if (info->choices && str_eq_nocase(value, S("false")))
        value = S("no");
    if (value.len == 0 || value.len > QUERY_WORD_BYTES_MAX * 8 ||
        (info->choices && !is_choice(value, info->choices)))
        return report_value(p, info, from);
    struct query_node *node = query_new_node(p, QUERY_FIELD, from, p->at);
    if (p->is_failed)
        return node;
    node->field = info->field;
    node->text = value;
    node->key = fold_value(p, info, value);
    if (node->key.len == 0 && !p->is_failed)
        return report_value(p, info, from);
    return node;
}

/* --- name: --- */

static struct query_node *skip_unknown_field(struct query_parser *p, size_t name_len)
{
    size_t from = p->at;
    Str name = str_sub(p->text, from, name_len);
    const struct query_field_info *near = query_field_suggest(name);

    p->at += name_len + 1;
    struct query_problem *problem = query_problem_add(
        p->arena, p->problems, p->text, QUERY_ERROR, from, p->at, "there is no field '" STR_F ":'",
        (int)(name.len < 60 ? name.len : 60), name.ptr);
    if (near)
        query_problem_edit(p->arena, problem, from, from + name_len, str_from_cstr(near->name));
    query_problem_fix(p->arena, problem,
                      near ? "write %s:" : "put it in quotes if the word is meant%.0s",
                      near ? near->name : "");
    if (p->at < p->text.len && p->text.ptr[p->at] == '(')
        (void)query_parse_group(p);
    else
        (void)read_value(p);
    return query_new_node(p, QUERY_NOTHING, from, p->at);
}

/* title:, body:, lead: hold one part of the text. */
static struct query_node *parse_scope(struct query_parser *p, const struct query_field_info *info,
                                      size_t from)
{
    struct query_node *node = query_new_node(p, QUERY_SCOPE, from, p->at);

    if (p->depth >= QUERY_DEPTH_MAX) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                              "fields are nested deeper than %d levels", QUERY_DEPTH_MAX);
        query_problem_fix(p->arena, problem, "name the field once");
        p->at = query_word_end(p->text, p->at);
        node->kind = QUERY_NOTHING;
        return node;
    }
    p->depth++;
    const struct query_field_info *outer = p->field;
    p->field = NULL;
    Str comment = p->comment;
    p->comment = STR_NONE;
    bool is_group = p->text.ptr[p->at] == '(';
    struct query_node *inner = is_group ? query_parse_group(p) : NULL;
    if (!inner) {
        size_t name_len;
        if (query_field_at(p, &name_len) || name_len > 0)
            inner = query_parse_field(p);
        else if (query_quote_at(p->text, p->at) > 0)
            inner = query_parse_quoted(p);
        else if (p->text.ptr[p->at] == '{')
            inner = query_parse_case(p);
        else if (str_starts(str_sub(p->text, p->at, 2), S("@@")))
            inner = query_parse_reference(p);
        else
            inner = query_parse_word(p);
    }
    query_settle_comment(p, inner);
    p->comment = comment;
    p->field = outer;
    p->depth--;
    if (p->is_failed)
        return node;
    node->zones = info->zones;
    node->first = inner;
    node->count = 1;
    node->to = (uint32_t)p->at;
    return node;
}

struct query_node *query_parse_field(struct query_parser *p)
{
    size_t from = p->at, name_len;
    const struct query_field_info *info = query_field_at(p, &name_len);
    Str name = str_sub(p->text, from, name_len);

    if (str_eq_nocase(name, S("raw"))) {
        p->at += name_len + 1;
        return query_parse_raw(p, from);
    }
    if (!info)
        return skip_unknown_field(p, name_len);
    p->at += name_len + 1;
    if (p->at >= p->text.len || query_blank_at(p->text, p->at) > 0 || p->text.ptr[p->at] == ')')
        return report_value(p, info, from);
    if (info->value == QUERY_VALUE_TEXT)
        return parse_scope(p, info, from);
    if (p->text.ptr[p->at] != '(')
        return query_parse_value(p, info, from);
    const struct query_field_info *outer = p->field;
    p->field = info;
    struct query_node *group = query_parse_group(p);
    p->field = outer;
    if (!p->is_failed)
        group->from = (uint32_t)from;
    return group;
}

/* --- calls --- */

/* Reads the bracket behind COUNT or SENTENCE as operand of `node`. */
static struct query_node *
parse_call(struct query_parser *p, struct query_node *node, Str name,
           const struct query_node *(*find_bad)(const struct query_node *), const char *expected)
{
    p->at += name.len;
    Str comment = p->comment;
    p->comment = STR_NONE;
    struct query_node *inner = query_parse_group(p);
    query_settle_comment(p, inner);
    if (p->comment.len == 0)
        p->comment = comment;
    if (p->is_failed)
        return node;
    node->first = inner;
    node->count = 1;
    node->to = (uint32_t)p->at;
    const struct query_node *bad = find_bad(inner);
    if (!bad)
        return node;
    bool is_own = bad->from >= inner->from && bad->to <= inner->to;
    struct query_problem *problem = query_problem_add(
        p->arena, p->problems, p->text, QUERY_ERROR, is_own ? bad->from : inner->from,
        is_own ? bad->to : inner->to, "%s cannot stand inside " STR_F ", expected %s",
        query_kind_words(bad), STR_A(name), expected);
    query_problem_fix(p->arena, problem, "ask for it outside of the brackets");
    return node;
}

struct query_node *query_parse_sentence(struct query_parser *p, size_t from)
{
    struct query_node *node = query_new_node(p, QUERY_SENTENCE, from, from);

    if (p->is_failed)
        return node;
    parse_call(p, node, S("SENTENCE"), query_find_unsentenced,
               "words, phrases, NEAR, AND, OR and NOT");
    if (!p->is_failed && query_is_negative(node)) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                              "SENTENCE needs a word that has to be in the sentence");
        query_problem_fix(p->arena, problem, "write SENTENCE(a NOT b)");
    }
    return node;
}

/* Reads ">=n" behind COUNT(...). */
static bool read_count_limit(struct query_parser *p, struct query_node *node)
{
    static const struct {
        const char *text;
        enum query_compare compare;
        int offset;
    } operators[] = {{">=", QUERY_AT_LEAST, 0},
                     {"<=", QUERY_AT_MOST, 0},
                     {">", QUERY_AT_LEAST, 1},
                     {"<", QUERY_AT_MOST, -1},
                     {"=", QUERY_EQUAL, 0}};
    size_t which = 0, end;
    uint64_t n;

    while (p->at < p->text.len && query_blank_at(p->text, p->at) > 0)
        p->at += query_blank_at(p->text, p->at);
    Str rest = str_sub(p->text, p->at, p->text.len);
    while (which < COUNT_OF(operators) && !str_starts(rest, str_from_cstr(operators[which].text)))
        which++;
    if (which == COUNT_OF(operators))
        return false;
    p->at += strlen(operators[which].text);
    while (p->at < p->text.len && query_blank_at(p->text, p->at) > 0)
        p->at += query_blank_at(p->text, p->at);
    for (end = p->at; end < p->text.len && p->text.ptr[end] >= '0' && p->text.ptr[end] <= '9';)
        end++;
    bool ok = str_to_u64(str_sub(p->text, p->at, end - p->at), &n) && n <= 1000000 &&
              (n > 0 || operators[which].offset >= 0);
    p->at = end;
    node->compare = operators[which].compare;
    node->low = ok ? (double)n + operators[which].offset : 1;
    return ok;
}

struct query_node *query_parse_count(struct query_parser *p, size_t from)
{
    struct query_node *node = query_new_node(p, QUERY_COUNT, from, from);

    if (p->is_failed)
        return node;
    parse_call(p, node, S("COUNT"), query_find_unplaced, "a word, a phrase, NEAR or OR of them");
    if (p->is_failed)
        return node;
    if (!read_count_limit(p, node)) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                              "expected >=n, >n, <=n, <n or =n behind COUNT(...)");
        query_problem_fix(p->arena, problem, "write COUNT(word)>=2");
    }
    node->to = (uint32_t)p->at;
    return node;
}

/* --- @@name --- */

static bool is_in_chain(const struct query_name_chain *chain, Str name)
{
    for (; chain; chain = chain->outer)
        if (chain->name.len > 0 && str_eq(chain->name, name))
            return true;
    return false;
}

/* Parses the other query with a parser of its own; its first mistake is reported here. */
static void parse_target(struct query_parser *p, struct query_node *node, Str text)
{
    struct query_name_chain chain = {.name = node->text, .outer = p->names};
    struct query_problems problems = {0};
    struct query inner = {0};
    struct query_parser other = *p;

    other.names = &chain;
    other.problems = &problems;
    other.text = text;
    other.at = 0;
    other.field = NULL;
    other.comment = STR_NONE;
    other.depth = p->depth + 1;
    inner.root = query_parse_root(&other);
    if (other.is_failed) {
        p->is_failed = true;
        p->at = p->text.len;
    } else {
        node->first = inner.root;
        node->count = 1;
        p->is_too_large_reported = p->is_too_large_reported || other.is_too_large_reported;
    }
    for (size_t i = 0; i < problems.count && !p->is_failed; i++)
        if (problems.items[i].severity == QUERY_ERROR) {
            struct query_problem *problem = query_problem_add(
                p->arena, p->problems, p->text, QUERY_ERROR, node->from, node->to,
                "@@" STR_F " has a mistake at %u:%u: " STR_F, STR_A(node->text),
                problems.items[i].line, problems.items[i].column, STR_A(problems.items[i].message));
            query_problem_fix(p->arena, problem, "correct that query first");
            break;
        }
    query_problems_deinit(&problems);
}

struct query_node *query_parse_reference(struct query_parser *p)
{
    size_t from = p->at;
    Str text = STR_NONE;

    p->at += 2;
    Str name = read_value(p);
    struct query_node *node = query_new_node(p, QUERY_REFERENCE, from, p->at);
    struct query_problem *problem = NULL;
    if (p->is_failed)
        return node;
    node->text = name;
    if (name.len == 0) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                                    "expected the name of a query directly behind @@");
        query_problem_fix(p->arena, problem, "write @@name, or @@\"a name\" with blanks");
    } else if (is_in_chain(p->names, name)) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                                    "@@" STR_F " comes back to itself", STR_A(name));
        query_problem_fix(p->arena, problem, "take one of the @@names out of the circle");
    } else if (!p->resolver || !p->resolver->find(p->resolver->context, name, &text)) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                                    "there is no query named '" STR_F "'", STR_A(name));
        query_problem_fix(p->arena, problem, "save it first, or write its words here");
    } else if (p->depth + 1 >= QUERY_DEPTH_MAX) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
                                    "@@names and brackets are nested deeper than %d levels",
                                    QUERY_DEPTH_MAX);
        query_problem_fix(p->arena, problem, "join fewer queries");
    } else {
        parse_target(p, node, text);
    }
    if (!node->first)
        node->kind = QUERY_NOTHING;
    return node;
}
