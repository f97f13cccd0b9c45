/* params.h - names and values of a query string or a form (application/x-www-form-urlencoded).
 *
 * Values are decoded into the arena and are valid UTF-8 without control characters except tab and
 * line feed (CR LF, which browsers send, becomes LF); anything else is refused with ERR_INPUT. The
 * first value of a name counts, params_each_named() walks repeated ones.
 */
#ifndef WEB_PARAMS_H
#define WEB_PARAMS_H

#include "base/arena.h"

struct param {
    Str name, value;
};

struct params {
    struct param *items; /* in the arena */
    size_t count;
};

enum { PARAM_COUNT_MAX = 2000 }; /* names in one form: reject */

bool params_parse(struct arena *arena, Str text, struct params *out, struct err *err) MUST_CHECK;
/* Empty when absent. */
Str params_get(const struct params *params, Str name);
bool params_has(const struct params *params, Str name);
/* The n-th value of a name; false behind the last. */
bool params_nth(const struct params *params, Str name, size_t n, Str *value);
/* The first value of a name in one Cookie header (RFC 6265) that is not empty, without quotes. */
Str params_cookie(Str header, Str name);
/* Decodes %XX, and + as a blank where `is_form`. */
bool params_decode(struct arena *arena, Str text, bool is_form, Str *out,
                   struct err *err) MUST_CHECK;

#endif
