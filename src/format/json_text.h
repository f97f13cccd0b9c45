/* json_text.h - the bytes of single JSON values: what both writers share.
 *
 * Most code wants the writer of json.h, which minds commas and nesting. Pure, thread-safe.
 */
#ifndef FORMAT_JSON_TEXT_H
#define FORMAT_JSON_TEXT_H

#include "base/buf.h"

/* A quoted string. Invalid UTF-8 becomes U+FFFD, so the result is always valid JSON; U+2028 and
 * U+2029 are escaped, so it is also valid JavaScript. */
void json_text_str(struct buf *out, Str s);
void json_text_i64(struct buf *out, int64_t value);
void json_text_u64(struct buf *out, uint64_t value);
void json_text_f64(struct buf *out,
                   double value); /* null when not finite: JSON has no word for it */

/* Replaces, in place, every \u escape of half a surrogate pair by \ufffd. Returns how many. */
size_t json_text_mend_surrogates(char *text, size_t len);

#endif
