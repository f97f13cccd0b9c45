/* The canonical layout. A part that fits into the rest of its line stays on it; else its operands
 * go one to a line, two columns further in. The recursion is bounded by QUERY_DEPTH_MAX. */
#include <math.h>
#include <string.h>

#include "listen/query/query_priv.h"

enum { INDENT = 2 };

struct layout {
    struct buf *out;
    size_t width; /* 0: one line */
};

static void print_node(const struct layout *l, const struct query_node *node, size_t indent,
                       bool in_brackets);

/* The same without its comment. */
static void print_bare(const struct layout *l, const struct query_node *node, size_t indent);

static bool is_joined(const struct query_node *node)
{
    return node->kind == QUERY_AND || node->kind == QUERY_OR || node->kind == QUERY_NEAR;
}

/* A word that would be read as something else without quotes. */
static bool needs_quotes(const struct query_node *node)
{
    static const char *const reserved[] = {"and", "or", "not"};
    Str s = node->text;

    if (node->is_quoted)
        return true;
    for (size_t i = 0; i < COUNT_OF(reserved); i++)
        if (str_eq_nocase(s, str_from_cstr(reserved[i])))
            return true;
    if (str_eq(s, S("NEAR")) || str_eq(s, S("ONEAR")))
        return true;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\0' && strchr(":~^\"(){}[]<>-+|&!", s.ptr[i]))
            return true;
    return false;
}

static void print_suffixes(const struct query_node *node, struct buf *out)
{
    if (node->kind == QUERY_WORD && node->form == QUERY_FUZZY)
        buf_printf(out, "~%u", node->distance);
    if (node->kind == QUERY_PHRASE && node->slop >= 0)
        buf_printf(out, "~%d", node->slop);
    if (node->boost > 0)
        buf_printf(out, "^%u", node->boost);
}

static void print_words(const struct query_node *node, struct buf *out)
{
    bool is_case = node->form == QUERY_CASE;
    bool is_pattern =
        node->kind == QUERY_WORD && (node->form == QUERY_PATTERN || node->form == QUERY_FUZZY);
    bool quotes = node->kind == QUERY_PHRASE || is_pattern ? node->is_quoted : needs_quotes(node);

    if (is_case || quotes)
        buf_add_byte(out, is_case ? '{' : '"');
    buf_add(out, node->text);
    if (is_case || quotes)
        buf_add_byte(out, is_case ? '}' : '"');
    print_suffixes(node, out);
}

/* A value in quotes where it would not be read whole without. */
static void print_value(Str value, struct buf *out)
{
    bool plain = query_word_end(value, 0) == value.len && query_quote_at(value, 0) == 0 &&
                 !str_starts(value, S("//")); /* name:// is an address */

    if (plain && value.len > 0) {
        buf_add(out, value);
        return;
    }
    buf_lit(out, "\"");
    buf_add(out, value);
    buf_lit(out, "\"");
}

static void print_field(const struct query_node *node, struct buf *out)
{
    if (node->field == QUERY_FIELD_TIME) {
        bool is_after = isinf(node->high);
        buf_add(out, is_after ? S("after:") : S("before:"));
        query_time_print((int64_t)(is_after ? node->low : node->high + 1), out);
        return;
    }
    buf_add(out, str_from_cstr(query_field_row(node->field)->name));
    buf_lit(out, ":");
    if (query_field_row(node->field)->value == QUERY_VALUE_NUMBER)
        buf_add(out, node->text);
    else
        print_value(node->text, out);
}

static void print_count_limit(const struct query_node *node, struct buf *out)
{
    static const char *const signs[] = {">=", "<=", "="};

    buf_add(out, str_from_cstr(signs[node->compare]));
    query_number_print(node->low, out);
}

static size_t flat_width(const struct query_node *node)
{
    struct buf out;
    struct layout flat = {.out = &out};

    buf_init(&out, 4096);
    print_node(&flat, node, 0, false);
    size_t width = out.is_failed ? SIZE_MAX : query_rune_count(buf_str(&out));
    buf_deinit(&out);
    return width;
}

static bool is_broken(const struct layout *l, const struct query_node *node, size_t indent)
{
    return l->width > 0 && flat_width(node) + indent > l->width;
}

static void new_line(const struct layout *l, size_t indent)
{
    buf_lit(l->out, "\n");
    for (size_t i = 0; i < indent; i++)
        buf_add_byte(l->out, ' ');
}

/* A comment a line, so that it does not matter which of them were read as one. */
static void print_comment(Str comment, struct buf *out)
{
    Str line;
    bool is_first = true;

    while (comment.len > 0) {
        (void)str_cut(comment, '\n', &line, &comment);
        line = str_trim(line);
        if (line.len == 0)
            continue;
        buf_add(out, is_first ? S("<<< ") : S(" <<< "));
        buf_add(out, line);
        buf_lit(out, " >>>");
        is_first = false;
    }
}

static void print_joined(const struct layout *l, const struct query_node *node, size_t indent)
{
    bool broken = is_broken(l, node, indent);

    for (const struct query_node *child = node->first; child; child = child->next) {
        if (child != node->first) {
            if (broken)
                new_line(l, indent);
            else
                buf_lit(l->out, " ");
            if (node->kind == QUERY_NEAR)
                buf_printf(l->out, "%sNEAR/%u ", node->is_ordered ? "O" : "", node->distance);
            else
                buf_add(l->out, node->kind == QUERY_AND ? S("AND ") : S("OR "));
        }
        print_node(l, child, indent, is_joined(child));
    }
}

/* An operand in brackets; its comment stands in front of them. */
static void print_bracketed(const struct layout *l, const struct query_node *node, size_t indent)
{
    bool broken = is_broken(l, node, indent + 2);

    buf_lit(l->out, "(");
    if (broken)
        new_line(l, indent + INDENT);
    print_bare(l, node, broken ? indent + INDENT : indent);
    if (broken)
        new_line(l, indent);
    buf_lit(l->out, ")");
}

/* The bracket of a call or field stands directly behind the name, so a comment goes inside. */
static void print_call(const struct layout *l, const struct query_node *node, size_t indent)
{
    bool broken = is_broken(l, node, indent + 2);

    buf_lit(l->out, "(");
    if (broken)
        new_line(l, indent + INDENT);
    print_node(l, node, broken ? indent + INDENT : indent, false);
    if (broken)
        new_line(l, indent);
    buf_lit(l->out, ")");
}

static void print_scope(const struct layout *l, const struct query_node *node, size_t indent)
{
    const char *name = node->zones == QUERY_IN_TITLE  ? "title:"
                       : node->zones == QUERY_IN_LEAD ? "lead:"
                                                      : "body:";
    const struct query_node *inner = node->first;
    bool bare =
        inner->comment.len == 0 && (inner->kind == QUERY_WORD || inner->kind == QUERY_PHRASE);

    buf_add(l->out, str_from_cstr(name));
    if (bare)
        print_node(l, inner, indent, false);
    else
        print_call(l, inner, indent);
}

static void print_node(const struct layout *l, const struct query_node *node, size_t indent,
                       bool in_brackets)
{
    if (node->comment.len > 0) {
        print_comment(node->comment, l->out);
        buf_lit(l->out, " ");
    }
    if (in_brackets)
        print_bracketed(l, node, indent);
    else
        print_bare(l, node, indent);
}

static void print_bare(const struct layout *l, const struct query_node *node, size_t indent)
{
    switch (node->kind) {
    case QUERY_NOTHING:
        buf_lit(l->out, "()");
        break;
    case QUERY_WORD:
    case QUERY_PHRASE:
        print_words(node, l->out);
        break;
    case QUERY_AND:
    case QUERY_OR:
    case QUERY_NEAR:
        print_joined(l, node, indent);
        break;
    case QUERY_NOT:
        buf_lit(l->out, "NOT ");
        print_node(l, node->first, indent,
                   is_joined(node->first) || node->first->kind == QUERY_NOT);
        break;
    case QUERY_SENTENCE:
    case QUERY_COUNT:
        buf_add(l->out, node->kind == QUERY_COUNT ? S("COUNT") : S("SENTENCE"));
        print_call(l, node->first, indent);
        if (node->kind == QUERY_COUNT)
            print_count_limit(node, l->out);
        break;
    case QUERY_SCOPE:
        print_scope(l, node, indent);
        break;
    case QUERY_FIELD:
        print_field(node, l->out);
        break;
    case QUERY_RAW:
        buf_lit(l->out, "raw:\"");
        buf_add(l->out, node->text);
        buf_lit(l->out, "\"");
        break;
    case QUERY_REFERENCE:
        buf_lit(l->out, "@@");
        print_value(node->text, l->out);
        break;
    }
}

void query_format(const struct query *query, size_t width, struct buf *out)
{
    struct layout l = {.out = out, .width = width};

    print_node(&l, query->root, 0, false);
    if (query->trailing_comment.len > 0) {
        buf_lit(out, " ");
        print_comment(query->trailing_comment, out);
    }
}

void query_format_node(const struct query_node *node, struct buf *out)
{
    struct layout l = {.out = out};

    print_node(&l, node, 0, false);
}
