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
static void flatten(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ')
            *text = ' ';
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
    va_start(args, format);
    vsnprintf(err->msg, sizeof err->msg, format, args);
    va_end(args);
    flatten(err->msg);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char inner[sizeof err->msg];
    va_list args;

    ASSERT(err->code != ERR_NONE);
    memcpy(inner, err->msg, sizeof inner);
    va_start(args, format);
    int used = vsnprintf(err->msg, sizeof err->msg, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->msg)
        snprintf(err->msg + used, sizeof err->msg - (size_t)used, ": %s", inner);
    flatten(err->msg);
    return false;
}

bool err_hint(struct err *err, const char *format, ...)
{
    va_list args;

    if (err->hint[0] != '\0')
        return false;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    flatten(err->hint);
    return false;
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
