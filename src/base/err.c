#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_names[ERR_CODE_COUNT] = {
    [ERR_NONE] = "none",
    [ERR_USAGE] = "usage",
    [ERR_INPUT] = "input",
    [ERR_NOT_FOUND] = "not_found",
    [ERR_EXISTS] = "exists",
    [ERR_CONFLICT] = "conflict",
    [ERR_DENIED] = "denied",
    [ERR_LIMIT] = "limit",
    [ERR_NO_MEMORY] = "no_memory",
    [ERR_IO] = "io",
    [ERR_DB] = "db",
    [ERR_BUSY] = "busy",
    [ERR_UNAVAILABLE] = "unavailable",
    [ERR_CANCELLED] = "cancelled",
    [ERR_CORRUPT] = "corrupt",
};

/* A message is one line, whatever a library put into it. */
static void flatten(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' && text[i] != PHRASE_VALUE_END)
            text[i] = ' ';
}

static void print(char *out, size_t size, const char *format, va_list args)
{
    vsnprintf(out, size, format, args);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

/* Keeps the values of a format behind those that are there. */
static bool keep(struct err *err, struct err_phrase *phrase, const char *format, va_list args)
{
    char *out = err->values + err->values_used;
    size_t used;

    phrase->format = NULL;
    if (!phrase_values(out, sizeof err->values - err->values_used, &used, format, args))
        return false;
    flatten(out, used);
    *phrase = (struct err_phrase){format, err->values_used, (uint16_t)(err->values_used + used)};
    err->values_used = phrase->to;
    return true;
}

static void keep_part(struct err *err, const char *format, va_list args)
{
    if (err->phrase_count < ERR_PHRASES_MAX &&
        keep(err, &err->phrases[err->phrase_count], format, args))
        err->phrase_count++;
    else
        err->phrase_count = 0;
}

bool err_set_(struct err *err, enum err_code code, int sys, const char *origin, const char *format,
              ...)
{
    va_list args;

    ASSERT(code != ERR_NONE);
    err->code = code;
    err->sys = sys;
    err->origin = origin;
    err->hint[0] = '\0';
    err->hint_phrase.format = NULL;
    err->phrase_count = err->values_used = 0;
    va_start(args, format);
    print(err->msg, sizeof err->msg, format, args);
    va_end(args);
    va_start(args, format);
    keep_part(err, format, args);
    va_end(args);
    return false;
}

bool err_set_phrase_(struct err *err, enum err_code code, const char *origin, Str text,
                     struct phrase phrase)
{
    err_set_(err, code, 0, origin, STR_F, STR_A(text));
    err->phrase_count = err->values_used = 0;
    if (!phrase.format || phrase.values.len > sizeof err->values)
        return false;
    memcpy(err->values, phrase.values.len > 0 ? phrase.values.ptr : "", phrase.values.len);
    err->values_used = (uint16_t)phrase.values.len;
    err->phrases[err->phrase_count++] = (struct err_phrase){phrase.format, 0, err->values_used};
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char inner[sizeof err->msg];
    va_list args;

    ASSERT(err->code != ERR_NONE);
    memcpy(inner, err->msg, sizeof inner);
    va_start(args, format);
    print(err->msg, sizeof err->msg, format, args);
    va_end(args);
    size_t used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s", inner);
    if (err->phrase_count == 0)
        return false;
    va_start(args, format);
    keep_part(err, format, args);
    va_end(args);
    return false;
}

bool err_hint(struct err *err, const char *format, ...)
{
    va_list args;

    if (err->hint[0] != '\0')
        return false;
    va_start(args, format);
    print(err->hint, sizeof err->hint, format, args);
    va_end(args);
    va_start(args, format);
    (void)keep(err, &err->hint_phrase, format, args);
    va_end(args);
    return false;
}

bool err_hint_said(struct err *err, Str text, struct phrase phrase)
{
    size_t used = err->values_used, len = phrase.values.len;

    if (err->hint[0] != '\0' || text.len == 0)
        return false;
    err_hint(err, STR_F, STR_A(text));
    err->values_used = (uint16_t)used;
    err->hint_phrase.format = NULL;
    if (!phrase.format || len > sizeof err->values - used)
        return false;
    memcpy(err->values + used, len > 0 ? phrase.values.ptr : "", len);
    err->values_used = (uint16_t)(used + len);
    err->hint_phrase = (struct err_phrase){phrase.format, (uint16_t)used, err->values_used};
    return false;
}

bool err_pass(struct err *err, const struct err *from)
{
    ASSERT(from->code != ERR_NONE);
    *err = *from;
    return false;
}

static struct phrase phrase_of(const struct err *err, const struct err_phrase *p)
{
    return (struct phrase){p->format, {err->values + p->from, (size_t)(p->to - p->from)}};
}

size_t err_phrases(const struct err *err, struct phrase phrases[ERR_PHRASES_MAX])
{
    for (size_t i = 0; i < err->phrase_count; i++)
        phrases[i] = phrase_of(err, &err->phrases[err->phrase_count - 1 - i]);
    return err->phrase_count;
}

struct phrase err_hint_phrase(const struct err *err)
{
    return err->hint_phrase.format ? phrase_of(err, &err->hint_phrase) : (struct phrase){0};
}

void err_clear(struct err *err)
{
    *err = (struct err){0};
}

const char *err_code_name(enum err_code code)
{
    ASSERT(code < ERR_CODE_COUNT);
    return code_names[code];
}
