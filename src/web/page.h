/* page.h - the frame around every page, and the one way to send one.
 *
 *     struct tpl_market c = {...};
 *     struct page_head head = {.wing = S("market"), .title = TR("What is said about us?")};
 *     PAGE(req, &head, market, &c);
 *     return true;
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "web/request.h"

#include "templates.h"

struct page_crumb {
    Str label;
    Str link;
};

struct page_head {
    const char *current; /* entry of the rail: "market", "queries" ... */
    const char *title;   /* wrapped in TR(); or: */
    Str title_text;      /* already in the reader's language */
    Str subtitle;
    const struct page_crumb *crumbs;
    size_t crumb_count;
    const struct tpl_frame_step *steps; /* page_steps() fills them on pages of the strategy */
    size_t step_count;
    int64_t notice_count; /* open reviews */
};

void page_begin(struct request *req, const struct page_head *head);
void page_end(struct request *req);

#define PAGE(req, head, name, context)                                                             \
    (page_begin((req), (head)), tpl_##name(&(req)->html, &(req)->env, (context)), page_end(req))

/* The token that a form of this page carries, under a pad of its own; empty without a session. */
Str page_csrf(struct request *req);
/* Is it the session's token, whatever the pad? In constant time. */
bool page_csrf_matches(const struct request *req, Str given);
/* The role in the reader's language; empty for ROLE_NONE. */
Str page_role_name(const struct request *req, enum role role);
/* The workspaces in which the account has a role, in order of the slug. */
bool page_workspaces(struct request *req, struct workspace_entry **out, size_t *count,
                     struct err *err) MUST_CHECK;

#endif
