/* references.h - resolve the character references of HTML: &amp; &#39; &#x1F600; &eacute;
 *
 * For texts that a platform escaped once on the way out. Resolves once: "&amp;lt;" gives "&lt;".
 * The named ones are those of HTML 4; what is not a reference stays as it is. Numeric references
 * follow the HTML standard: 128 to 159 mean windows-1252, NUL, surrogates and what lies beyond
 * Unicode give U+FFFD. Pure, thread-safe.
 */
#ifndef LISTEN_REFERENCES_H
#define LISTEN_REFERENCES_H

#include "base/buf.h"

void references_resolve(Str in, struct buf *out); /* appends; sticky like every buf */

#endif
