/* query_priv.h - what the files of the query parser share. Not for other modules. */
#ifndef LISTEN_QUERY_PRIV_H
#define LISTEN_QUERY_PRIV_H

#include "listen/query/query.h"
#include "listen/query/query_field.h"

/* The names being resolved, innermost first, to find cycles. */
struct query_name_chain {
    Str name;
    const struct query_name_chain *outer;
};

/* State of one parse. The first resource failure sets is_failed and err; the parse then runs dry
 * quickly, as every function sees the end of the text. */
struct query_parser {
    struct arena *arena;
    struct tokenizer *words;
    const struct query_resolver *resolver;
    const struct query_name_chain *names;
    struct query_problems *problems;
    struct err *err;
    Str text;
    size_t at;                            /* next byte */
    unsigned depth;                       /* open brackets, outer queries included */
    uint32_t *node_count;                 /* shared with the outer queries */
    const struct query_field_info *field; /* inside lang:( ... ) words are values */
    Str comment;                          /* met, not yet attached to a part */
    bool is_failed;
    bool is_too_large_reported, is_bare_noted;
};

/* query_parse.c */
/* Reads the whole text of p, checks included. */
struct query_node *query_parse_root(struct query_parser *p);
struct query_node *query_new_node(struct query_parser *p, enum query_kind kind, size_t from,
                                  size_t to);
void query_fail_memory(struct query_parser *p);
/* Appends a copy; the arena runs dry softly. */
Str query_copy(struct query_parser *p, Str s);
struct query_node *query_parse_group(struct query_parser *p); /* at "(" */
/* Where a group is printed without brackets, its comment belongs to its first operand. */
void query_settle_comment(struct query_parser *p, struct query_node *node);
void query_skip_blanks(struct query_parser *p);
struct query_node *query_parse_operand(struct query_parser *p);

/* Problems (query_problem.c). Gives NULL when the list is full or the memory is. */
struct query_problem *query_problem_add(struct arena *a, struct query_problems *problems, Str text,
                                        enum query_severity severity, size_t from, size_t to,
                                        const char *format, ...) PRINTF_LIKE(7, 8);
void query_problem_fix(struct arena *a, struct query_problem *problem, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* One click: `text` replaces from..to; also words the fix as "write ..." when there is none. */
void query_problem_edit(struct arena *a, struct query_problem *problem, size_t from, size_t to,
                        Str text);
void query_problems_sort(struct query_problems *problems, size_t from_index);

/* query_word.c: single words, phrases and what is in quotes and braces. */
size_t query_word_end(Str text, size_t at);
size_t query_quote_at(Str text, size_t at); /* length of a quotation mark there, or 0 */
struct query_node *query_parse_word(struct query_parser *p);
struct query_node *query_parse_quoted(struct query_parser *p);
struct query_node *query_parse_case(struct query_parser *p);
struct query_node *query_parse_raw(struct query_parser *p, size_t from);
struct query_node *query_make_tag(struct query_parser *p, Str tag, size_t from, size_t to);
/* Reads the text in quotes at p->at, to the closing quote or the end (a problem). */
Str query_read_quoted(struct query_parser *p);
void query_parse_suffixes(struct query_parser *p, struct query_node *node);
size_t query_rune_count(Str s);
size_t query_blank_at(Str text, size_t at); /* length of a blank there, or 0 */

/* query_value.c: fields and their values, COUNT, ranges. */
/* The field whose name and colon stand at p->at; *name_len is the length of the name, 0 when there
 * is no name with a colon. */
const struct query_field_info *query_field_at(const struct query_parser *p, size_t *name_len);
struct query_node *query_parse_field(struct query_parser *p);
struct query_node *query_parse_value(struct query_parser *p, const struct query_field_info *info,
                                     size_t from);
struct query_node *query_parse_count(struct query_parser *p, size_t from);
struct query_node *query_parse_sentence(struct query_parser *p, size_t from);
struct query_node *query_parse_reference(struct query_parser *p);

/* query_lint.c: adds an error when a post without any word would satisfy the query. */
void query_check_negative(struct arena *a, const struct query *query,
                          struct query_problems *problems);

/* query_lint_value.c: warns when no post can have the value of a FIELD. */
void query_lint_value(struct arena *a, const struct query *query, const struct query_node *node,
                      struct query_problems *problems);

/* query_check.c: what may stand where. */
/* The first part below `node` that has no place in the text, or NULL: NEAR and COUNT take only
 * words, phrases, NEAR and OR of them. */
const struct query_node *query_find_unplaced(const struct query_node *node);
/* The same for SENTENCE, which also takes AND and NOT. */
const struct query_node *query_find_unsentenced(const struct query_node *node);
const char *query_kind_words(const struct query_node *node); /* "AND", "a field" for messages */

#endif
