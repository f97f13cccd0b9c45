/* object_list.h - the objects of a kind as a table, from the same description as their form.
 *
 * One row per object, columns by member ("from", "owner"); the first column opens the form. Words,
 * references and catalogue entries are shown by their names, an absent value as a dash.
 */
#ifndef WEB_OBJECT_LIST_H
#define WEB_OBJECT_LIST_H

#include "web/view/object_form.h"

struct object_list_spec {
    enum object_kind kind;
    const char *title, *none; /* wrapped in TR(); `none`: what an empty list says */
    const char *id;           /* anchor on the page */
    const char *columns;      /* members, separated by blanks: "title address date" */
};

/* The objects whose member `by` equals `value`; every one when `by` is NULL. `add`: the address of
 * the form of a new one, empty when there is none or the person may not. */
void object_list_fill(struct request *req, const struct strategy_view *view,
                      const struct object_list_spec *spec, const char *by, Str value, Str add,
                      struct tpl_object_list *out);

/* The text of one member for people. */
Str object_member_text(struct request *req, const struct strategy_view *view, enum object_kind kind,
                       const void *object, const char *member);

#endif
