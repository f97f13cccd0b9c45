#include "web/view/version_choice.h"

bool version_choose(const struct strategy_view *view, Str named,
                    const struct strategy_version **out, struct err *err)
{
    const struct strategy_model *m = &view->model;

    *out = named.len > 0 ? model_version(m, named) : NULL;
    if (named.len > 0 && !*out)
        return err_set(err, ERR_NOT_FOUND, "there is no version '" STR_F "'", STR_A(named));
    if (!*out && view->decision.id != 0)
        *out = model_version(m, view->decision.version);
    for (size_t i = 0; !*out && i < m->versions.count; i++)
        if (m->versions.items[i].verdict == VERDICT_PURSUE)
            *out = &m->versions.items[i];
    if (!*out && m->versions.count > 0)
        *out = &m->versions.items[0];
    return true;
}

void version_links(struct request *req, const struct strategy_view *view,
                   const struct strategy_version *chosen, const char *page,
                   struct tpl_version_links *out)
{
    const struct strategy_model *m = &view->model;
    struct tpl_version_links_link *items =
        arena_new(&req->arena, struct tpl_version_links_link, m->versions.count + 1);

    for (size_t i = 0; i < m->versions.count; i++) {
        const struct strategy_version *v = &m->versions.items[i];
        items[i] = (struct tpl_version_links_link){
            .name = v->name,
            .link = request_url(req, "%s?version=" STR_F, page, STR_A(v->id)),
            .is_current = v == chosen,
        };
    }
    out->links.items = items;
    out->links.count = m->versions.count;
}
