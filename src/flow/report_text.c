#include "flow/report_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES_MAX = 4096, LABEL_WIDTH = 26 };

void report_text_init(struct report_text *r, void (*write)(void *context, Str text), void *context)
{
    *r = (struct report_text){.write = write, .context = context};
    buf_init(&r->line, LINE_BYTES_MAX);
}

void report_text_deinit(struct report_text *r)
{
    buf_deinit(&r->line);
}

static void end_line(struct report_text *r)
{
    buf_add_byte(&r->line, '\n');
    r->write(r->context, buf_str(&r->line));
    buf_reset(&r->line);
}

static void add_formatted(struct report_text *r, const char *format, va_list args)
{
    char text[LINE_BYTES_MAX - 128];

    vsnprintf(text, sizeof text, format, args);
    buf_add(&r->line, str_from_cstr(text));
}

void report_stage(struct report_text *r, const char *title)
{
    buf_printf(&r->line, "\n%2d  %s", ++r->stage, title);
    end_line(r);
}

void report_line(struct report_text *r, const char *label, const char *format, ...)
{
    va_list args;

    buf_printf(&r->line, "    %-*s  ", LABEL_WIDTH, label);
    va_start(args, format);
    add_formatted(r, format, args);
    va_end(args);
    end_line(r);
}

void report_more(struct report_text *r, const char *format, ...)
{
    va_list args;

    buf_printf(&r->line, "    %-*s  ", LABEL_WIDTH, "");
    va_start(args, format);
    add_formatted(r, format, args);
    va_end(args);
    end_line(r);
}

const char *report_count(struct arena *a, double value)
{
    Str digits = arena_printf(a, "%.0f", fabs(value));
    char *out = arena_new(a, char, digits.len * 2 + 2);
    size_t at = 0;

    if (value < 0)
        out[at++] = '-';
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits.ptr[i];
    }
    return out;
}
