/* log.h - events, not prose: a stable dotted name and fields, one line each, to standard error.
 *
 *     log_event(LOG_WARN, "db.blocked", log_str("database", path), log_i64("waited_ms", 12));
 *
 * logfmt by default, JSON lines after log_init(.., true). Thread-safe. No secrets; user text never
 * above LOG_DEBUG. The names are listed in docs/events.md. Needs no heap.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key; /* NULL ends the list */
    enum { LOG_FIELD_STR, LOG_FIELD_I64, LOG_FIELD_F64 } kind;
    Str text;
    int64_t integer;
    double real;
};

/* Before other threads start. Events below `least` are dropped. Default: LOG_INFO, logfmt. */
void log_init(enum log_level least, bool is_json);
bool log_level_from(Str name, enum log_level *out) MUST_CHECK; /* debug info warn error */

struct log_field log_str(const char *key, Str value);
struct log_field log_i64(const char *key, int64_t value);
struct log_field log_f64(const char *key, double value);

/* At least one field. */
#define log_event(level, name, ...)                                                                \
    log_event_((level), (name), (const struct log_field[]){__VA_ARGS__, {0}})
void log_event_(enum log_level level, const char *name, const struct log_field *fields);
/* The error's code, message and origin as fields. */
void log_err(enum log_level level, const char *name, const struct err *err);

#endif
