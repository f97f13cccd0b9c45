/* render.h - what compiled templates call: typed values written for a place and a language.
 *
 * tools/template decides which of these stands where; pages rarely call them. Numbers, dates and
 * messages follow the language of the request, which arrives as struct render_env. Same ownership
 * and threading as struct html; the environment is read only.
 */
#ifndef WEB_RENDER_H
#define WEB_RENDER_H

#include "format/html.h"
#include "web/i18n.h"

struct render_env {
    const struct i18n_language *language;
    int64_t now_ms; /* UTC, for "today" */
};

enum render_number { RENDER_SIGN = 1, RENDER_PERCENT = 2, RENDER_SHORT = 4 };
enum render_moment { RENDER_MINUTE, RENDER_HOUR, RENDER_DAY, RENDER_DATE, RENDER_MONTH };
enum render_place { RENDER_IN_TEXT, RENDER_IN_ATTR, RENDER_IN_JSON };

/* For readers: grouped digits, "12.3 k" with RENDER_SHORT, "+5" with RENDER_SIGN. */
void render_int(struct html *h, const struct render_env *env, int64_t value, unsigned flags);
/* `decimals` -1: up to four significant digits. Not a number: an en dash, "not available". */
void render_double(struct html *h, const struct render_env *env, double value, int decimals,
                   unsigned flags);
/* The same as text in the arena, for messages built in C. */
Str render_double_str(struct arena *arena, const struct i18n_language *language, double value,
                      int decimals, unsigned flags);
/* For machines: digits; the shortest text that reads back to the same number. */
void render_digits(struct html *h, int64_t value);
void render_real(struct html *h, double value);
bool render_is_number(double value);

/* <time> with RFC 3339 inside; a static script shows the viewer's zone, UTC on hover. */
void render_time(struct html *h, const struct render_env *env, int64_t at_ms,
                 enum render_moment moment);
void render_time_words(struct html *h, const struct render_env *env, int64_t at_ms,
                       enum render_moment moment);
void render_rfc3339(struct html *h, int64_t at_ms);

void render_json_str(struct html *h, Str text);
void render_json_real(struct html *h, double value); /* null when not a number */
void render_json(struct html *h, Str json);

/* Writes the address of an asset, with its content hash (asset.h). */
void render_asset(struct html *h, Str name);

/* Walks a translated message: writes literal text up to the next placeholder and returns its
 * number, 0 at the end. */
struct render_message {
    Str rest;
    enum render_place place;
};
struct render_message render_message(const struct render_env *env, Str context, Str single,
                                     Str plural, int64_t n, enum render_place place);
int render_message_next(struct html *h, struct render_message *message);

#endif
