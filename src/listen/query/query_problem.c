#include <stdarg.h>

#include "listen/query/query_priv.h"

static const char *const severity_names[] = {"note", "warning", "error"};

const char *query_severity_name(enum query_severity severity)
{
    ASSERT((size_t)severity < COUNT_OF(severity_names));
    return severity_names[severity];
}

void query_problems_deinit(struct query_problems *problems)
{
    vec_deinit(problems);
}

static void find_place(Str text, size_t at, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text.ptr[i] & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

struct query_problem *query_problem_add(struct arena *a, struct query_problems *problems, Str text,
                                        enum query_severity severity, size_t from, size_t to,
                                        const char *format, ...)
{
    struct query_problem problem = {
        .severity = severity, .from = (uint32_t)from, .to = (uint32_t)to};
    va_list args;

    if (severity == QUERY_ERROR)
        problems->error_count++;
    if (problems->count >= QUERY_PROBLEMS_MAX) {
        problems->dropped_count++;
        return NULL;
    }
    find_place(text, from, &problem.line, &problem.column);
    va_start(args, format);
    if (!arena_try_phrase(a, &problem.message, &problem.message_phrase, format, args))
        problem.message = STR_NONE; /* the arena is full: the place is still told */
    va_end(args);
    if (!vec_try_push(problems, problem)) {
        problems->dropped_count++;
        return NULL;
    }
    return &problems->items[problems->count - 1];
}

void query_problem_fix(struct arena *a, struct query_problem *problem, const char *format, ...)
{
    va_list args;

    if (!problem)
        return;
    va_start(args, format);
    if (!arena_try_phrase(a, &problem->fix, &problem->fix_phrase, format, args))
        problem->fix = STR_NONE;
    va_end(args);
}

enum { FIX_SHOWN_BYTES = 200 };

void query_problem_edit(struct arena *a, struct query_problem *problem, size_t from, size_t to,
                        Str text)
{
    if (!problem || !arena_try_str(a, text, &problem->edit_text))
        return;
    problem->has_edit = true;
    problem->edit_from = (uint32_t)from;
    problem->edit_to = (uint32_t)to;
    if (problem->fix.len > 0)
        return;
    if (text.len == 0)
        query_problem_fix(a, problem, "remove it");
    else if (text.len <= FIX_SHOWN_BYTES)
        query_problem_fix(a, problem, "write " STR_F, STR_A(text));
    else
        query_problem_fix(a, problem, "put the brackets in");
}

/* Insertion sort, stable: lists are short and nearly sorted. */
void query_problems_sort(struct query_problems *problems, size_t from_index)
{
    for (size_t i = from_index + 1; i < problems->count; i++) {
        struct query_problem moving = problems->items[i];
        size_t j = i;
        for (; j > from_index && problems->items[j - 1].from > moving.from; j--)
            problems->items[j] = problems->items[j - 1];
        problems->items[j] = moving;
    }
}

void query_problem_print(const struct query_problem *problem, struct buf *out)
{
    buf_printf(out, "%u:%u: %s: ", problem->line, problem->column,
               query_severity_name(problem->severity));
    buf_add(out, problem->message);
    if (problem->fix.len > 0) {
        buf_lit(out, " (fix: ");
        buf_add(out, problem->fix);
        buf_lit(out, ")");
    }
}

bool query_problem_refuse(const struct query_problem *problem, struct err *err)
{
    err_set_phrase(err, ERR_INPUT, problem->message, problem->message_phrase);
    err_wrap(err, "the query is wrong at %u:%u", problem->line, problem->column);
    return err_hint_said(err, problem->fix, problem->fix_phrase);
}
