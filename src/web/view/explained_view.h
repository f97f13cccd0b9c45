/* explained_view.h - what made the difference in an event, as alerts and spikes show it
 * (listen/measure/event_explain.h).
 *
 * A page fills a struct tpl_explained and shows it by {wrap explained e}: words, authors, sources
 * and moods with their shares and lifts, the nearest earlier event, example posts. Memory: the
 * request's arena.
 */
#ifndef WEB_EXPLAINED_VIEW_H
#define WEB_EXPLAINED_VIEW_H

#include "web/request.h"

#include "templates.h"

struct explained_event {
    Str explanation; /* JSON */
    Str query;       /* its name */
    int64_t start_ms, end_ms;
};
bool explained_fill(struct request *req, const struct explained_event *event,
                    struct tpl_explained *out, struct err *err) MUST_CHECK;

struct explained_earlier {
    Str link, observed; /* of the nearest earlier event */
    int64_t start_ms, end_ms;
    Str likeness; /* JSON (struct event_nearest) */
};
bool explained_earlier_fill(struct request *req, const struct explained_earlier *earlier,
                            struct tpl_explained *out, struct err *err) MUST_CHECK;

/* Of a share: how the parties moved. `title` names a query for people and says where it leads. */
typedef bool explained_name(void *context, int64_t query, Str *title, Str *link);
bool explained_parties_fill(struct request *req, Str explanation, explained_name *name,
                            void *context, struct tpl_explained *out, struct err *err) MUST_CHECK;

/* Its first words: "battery, recall, burns". */
Str explained_words(struct request *req, Str explanation);

#endif
