/* html_to_text.h - what a reader would see of a piece of HTML: for bodies of feeds and posts.
 *
 * One pass over the tokens of WHATWG HTML (tags, comments, raw text, character references) without
 * building a tree: text needs no nesting, so broken and hostile markup costs the same linear time.
 * Scripts, styles and other invisible parts vanish; paragraphs, list items, line breaks and table
 * rows become line feeds; blanks collapse (not inside <pre>); references are resolved. Output is
 * valid UTF-8 without control characters. It is text: whoever puts it into a page escapes it again.
 * Pure, any thread.
 */
#ifndef FORMAT_HTML_TO_TEXT_H
#define FORMAT_HTML_TO_TEXT_H

#include "base/buf.h"
#include "base/err.h"

/* Called with each address of an <a href>, references resolved, in order, and with the link's class
 * attribute as written, which may be empty. The slices die at return. */
typedef void html_link(void *context, Str href, Str classes);

/* Appends the text of `html` (UTF-8; invalid bytes become U+FFFD) to `out`, which gets at most as
 * many bytes as `html` has times 3. `link` may be NULL. */
void html_to_text(Str html, struct buf *out, html_link *link, void *context);

/* Text with character references but without tags: "AT&amp;T &#8211; x". Unknown ones stay. */
void html_unescape(Str text, struct buf *out);

#endif
