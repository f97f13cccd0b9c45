#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One line is built on the stack and written at once, so lines of different threads never mix. */
enum { LINE_BYTES_MAX = 2048 };

struct line {
    char bytes[LINE_BYTES_MAX];
    size_t len;
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static atomic_int least_level = LOG_INFO;
static atomic_bool json_lines;

void log_init(enum log_level least, bool is_json)
{
    atomic_store(&least_level, (int)least);
    atomic_store(&json_lines, is_json);
}

bool log_level_from(Str name, enum log_level *out)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++)
        if (str_eq(name, str_from_cstr(level_names[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

struct log_field log_str(const char *key, Str value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_STR, .text = value};
}

struct log_field log_i64(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_I64, .integer = value};
}

struct log_field log_f64(const char *key, double value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_F64, .real = value};
}

static void add(struct line *line, const char *text, size_t len)
{
    size_t room = sizeof line->bytes - 2 - line->len; /* the newline always fits */

    if (len > room)
        len = room;
    memcpy(line->bytes + line->len, text, len);
    line->len += len;
}

static void add_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

static void add_quoted(struct line *line, Str s)
{
    add(line, "\"", 1);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        char escape[8];
        if (c == '"' || c == '\\') {
            escape[0] = '\\';
            escape[1] = (char)c;
            add(line, escape, 2);
        } else if (c < ' ') {
            add(line, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        } else {
            add(line, (const char *)&s.ptr[i], 1);
        }
    }
    add(line, "\"", 1);
}

static bool is_plain(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || strchr("\"=\\", s.ptr[i]))
            return false;
    return s.len > 0;
}

static void add_value(struct line *line, const struct log_field *field, bool is_json)
{
    char number[40];

    switch (field->kind) {
    case LOG_FIELD_I64:
        snprintf(number, sizeof number, "%lld", (long long)field->integer);
        add_text(line, number);
        break;
    case LOG_FIELD_F64:
        snprintf(number, sizeof number, "%.6g", field->real);
        add_text(line, number);
        break;
    case LOG_FIELD_STR:
        if (!is_json && is_plain(field->text))
            add(line, field->text.ptr, field->text.len);
        else
            add_quoted(line, field->text);
        break;
    }
}

static void add_field(struct line *line, const struct log_field *field, bool is_json)
{
    add_text(line, is_json ? ",\"" : " ");
    add_text(line, field->key);
    add_text(line, is_json ? "\":" : "=");
    add_value(line, field, is_json);
}

static void add_head(struct line *line, enum log_level level, const char *name, bool is_json)
{
    char stamp[40];
    struct timespec now;
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp + len, sizeof stamp - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
    if (is_json) {
        add_text(line, "{\"time\":\"");
        add_text(line, stamp);
        add_text(line, "\",\"level\":\"");
        add_text(line, level_names[level]);
        add_text(line, "\",\"event\":\"");
        add_text(line, name);
        add_text(line, "\"");
        return;
    }
    add_text(line, stamp);
    add_text(line, " ");
    add_text(line, level_names[level]);
    add_text(line, " ");
    add_text(line, name);
}

void log_event_(enum log_level level, const char *name, const struct log_field *fields)
{
    struct line line = {.len = 0};
    bool is_json = atomic_load(&json_lines);

    if ((int)level < atomic_load(&least_level))
        return;
    add_head(&line, level, name, is_json);
    for (; fields->key; fields++)
        add_field(&line, fields, is_json);
    if (is_json)
        add_text(&line, "}");
    line.bytes[line.len++] = '\n';
    if (write(STDERR_FILENO, line.bytes, line.len) < 0)
        return; /* nowhere left to report to */
}

void log_err(enum log_level level, const char *name, const struct err *err)
{
    log_event(level, name, log_str("code", str_from_cstr(err_code_name(err->code))),
              log_str("error", str_from_cstr(err->msg)),
              log_str("origin", str_from_cstr(err->origin)));
}
