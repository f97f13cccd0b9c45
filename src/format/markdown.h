/* markdown.h - GitHub-flavoured Markdown to safe HTML: lessons, briefs, reports, comments.
 *
 * cmark-gfm with tables, strikethrough, autolinks and task lists. Raw HTML in the text
 * is left out, and links and images keep their address only when html_url_is_safe() says so, so the
 * result may be put into any page. Pure, any thread.
 */
#ifndef FORMAT_MARKDOWN_H
#define FORMAT_MARKDOWN_H

#include "format/html.h"

#define MARKDOWN_BYTES_MAX (4 * 1024 * 1024) /* reject */

/* `heading_shift` is added to the level of every heading (at most to 6): 1 makes # an <h2>, for
 * text that stands below a title. The markup lives in the arena. */
bool markdown_to_html(struct arena *a, Str text, unsigned heading_shift, Html *out,
                      struct err *err) MUST_CHECK;

#endif
