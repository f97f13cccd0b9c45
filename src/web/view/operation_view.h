/* operation_view.h - long work on a workspace as a part of a page (operation.html) and as JSON. */
#ifndef WEB_OPERATION_VIEW_H
#define WEB_OPERATION_VIEW_H

#include "format/json.h"
#include "web/operation.h"
#include "web/page.h"

/* The latest of its kind. `back`: where the page goes when it is stopped. */
bool operation_view_fill(struct request *req, enum operation_kind kind, struct tpl_operation *out,
                         struct err *err) MUST_CHECK;
/* What still names a person, for pages: each with its address. */
void operation_view_places(struct request *req, const struct erase_place *places, size_t count,
                           struct tpl_operation_line *lines);
/* Begins one for whoever asks. */
bool operation_view_begin(struct request *req, struct operation_wish wish,
                          struct err *err) MUST_CHECK;
/* Members of an open object. */
bool operation_view_put(struct request *req, enum operation_kind kind, struct json_writer *w,
                        struct err *err) MUST_CHECK;
void operation_view_put_places(struct json_writer *w, const struct erase_place *places,
                               size_t count);

#endif
