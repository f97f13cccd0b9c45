/* version_choice.h - which version a page about one version shows, and the way to the others. */
#ifndef WEB_VERSION_CHOICE_H
#define WEB_VERSION_CHOICE_H

#include "web/view/strategy_view.h"

/* The version that `?version=` names; else the adopted one, else the first that is pursued, else
 * the first. NULL when there is none; a name that no version has is ERR_NOT_FOUND. */
bool version_choose(const struct strategy_view *view, Str named,
                    const struct strategy_version **out, struct err *err) MUST_CHECK;

/* The versions as a row of links to `page`. */
void version_links(struct request *req, const struct strategy_view *view,
                   const struct strategy_version *chosen, const char *page,
                   struct tpl_version_links *out);

#endif
