/* post_view.h - a post as pages show it, with the parts marked that a query matched. */
#ifndef WEB_POST_VIEW_H
#define WEB_POST_VIEW_H

#include "listen/post_tokens.h"
#include "listen/query/query_eval.h"
#include "listen/search/search.h"
#include "web/request.h"

#include "templates.h"

enum { POST_VIEW_TEXT_BYTES_MAX = 1200 }; /* shown of a long text; the rest is cut */

/* `explanation` may be NULL: nothing is marked. */
void post_view_fill(struct request *req, const struct post *post, enum post_polarity polarity,
                    Str lang, const struct query_explanation *explanation, struct tpl_post *out);
/* A search's find, with its matched parts. */
void post_view_hit(struct request *req, const struct search_hit *hit, struct tpl_post *out);
/* Only the text, without marks. */
void post_view_text(struct request *req, Str text, struct tpl_post *out);

#endif
