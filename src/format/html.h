/* html.h - build HTML; every value is escaped for the place it stands in.
 *
 * The builder is sticky like struct buf: append freely, check html_ok() once. Literal markup goes
 * in with html_lit(), which accepts string literals only; everything that is not literal goes
 * through the function named after its place:
 *
 *     <p>HERE</p>                                  html_text
 *     <p title="HERE">                             html_attr      always inside quotes
 *     <a href="HERE">                              html_url       allow-list of schemes
 *     <a href="/posts?q=HERE&amp;page=2">          html_url_part  one path segment or value
 *     <script type="application/json">HERE</...>   html_json      a JSON text
 *     markup made by markdown.h or a template      html_put
 *
 * There is no escaper for unquoted attributes, scripts, styles, event handlers and comments: values
 * never go there. Input may be any bytes; invalid UTF-8 and forbidden control characters come out
 * as U+FFFD, so output is always valid UTF-8. Rules: WHATWG HTML (serialising), RFC 3986, OWASP's
 * prevention rules for cross-site scripting. Owned by the caller, one thread at a time.
 */
#ifndef FORMAT_HTML_H
#define FORMAT_HTML_H

#include "base/arena.h"
#include "base/buf.h"

struct html {
    struct buf out;
};

/* Markup that is safe already. Only markdown.h and templates make it. */
typedef struct {
    Str markup;
} Html;

void html_init(struct html *h, size_t max_bytes);
void html_deinit(struct html *h); /* safe on a zeroed struct */
void html_reset(struct html *h);  /* keeps the capacity */
bool html_ok(const struct html *h, struct err *err) MUST_CHECK;
Str html_str(const struct html *h); /* valid until the next change */

#define html_lit(h, literal) html_raw_((h), "" literal, sizeof(literal) - 1)
void html_raw_(struct html *h, const char *literal, size_t len); /* html_lit() only */

void html_text(struct html *h, Str s);
void html_attr(struct html *h, Str s);
/* A whole address. Relative ones and http, https, mailto, tel pass, with unsafe bytes
 * percent-encoded; anything else, and anything with control characters, becomes HTML_URL_REFUSED.
 */
#define HTML_URL_REFUSED "about:invalid"
void html_url(struct html *h, Str url);
/* Percent-encodes all but letters, digits and -._~ */
void html_url_part(struct html *h, Str s);
/* `json` has to be valid JSON; < > & are written as \u escapes, so no tag can end the island. */
void html_json(struct html *h, Str json);
void html_i64(struct html *h, int64_t value);
/* Plain decimal; "–" when not finite. `decimals` 0 to 9. */
void html_f64(struct html *h, double value, int decimals);
void html_put(struct html *h, Html markup);

/* What html_url() would let through. */
bool html_url_is_safe(Str url);

#endif
