/* page_ledger.c - the record of every decision and change, and whether its chain is sound. */
#include "ledger/ledger.h"

#include "web/page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/action_name.h"
#include "web/view/strategy_view.h"

enum { ENTRIES_PER_PAGE = 100 };

/* "Topic battery": a kind by the method's name for it, another thing by its own word. */
static Str object_name(struct request *req, const struct ledger_entry *e)
{
    Str kind = strategy_kind_name(req, e->object_kind);

    if (kind.len == 0)
        kind = say_word(req, e->object_kind);
    return e->object_id.len == 0
               ? kind
               : arena_printf(&req->arena, STR_F " " STR_F, STR_A(kind), STR_A(e->object_id));
}

static void fill_entries(struct request *req, const struct ledger_entry *entries, size_t count,
                         struct tpl_ledger *c)
{
    struct tpl_ledger_entry *items = arena_new(&req->arena, struct tpl_ledger_entry, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct ledger_entry *e = &entries[i];
        items[i] = (struct tpl_ledger_entry){
            .number = e->seq,
            .at = e->at_ms,
            .actor = e->actor,
            .action = action_name(req, e->action),
            .code = e->action,
            .object = object_name(req, e),
            .reason = say_text(req, e->reason),
            .before = e->before_json,
            .after = e->after_json,
            .hash = arena_str(&req->arena, (Str){e->hash_hex, 16}),
        };
    }
    c->list.items = items;
    c->list.count = count;
}

/* The actions that can be asked for, by name. */
static void fill_actions(struct request *req, struct tpl_ledger *c)
{
    size_t count = 0;
    Str action;

    while (action_name_nth(count, &action))
        count++;
    struct tpl_ledger_choice *items = arena_new(&req->arena, struct tpl_ledger_choice, count + 1);
    for (size_t i = 0; i < count && action_name_nth(i, &action); i++)
        items[i] = (struct tpl_ledger_choice){action, action_name(req, action)};
    c->actions.items = items;
    c->actions.count = count;
}

static Str older_address(struct request *req, const struct ledger_filter *filter, int64_t last)
{
    struct html h;

    html_init(&h, 8192);
    html_lit(&h, "?before=");
    html_i64(&h, last);
    html_lit(&h, "&actor=");
    html_url_part(&h, filter->actor);
    html_lit(&h, "&kind=");
    html_url_part(&h, filter->object_kind);
    html_lit(&h, "&action=");
    html_url_part(&h, filter->action_prefix);
    Str out = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return out;
}

bool page_ledger(struct request *req, struct err *err)
{
    struct ledger_filter filter = {
        .actor = request_query(req, S("actor")),
        .object_kind = request_query(req, S("kind")),
        .action_prefix = request_query(req, S("action")),
        .before_seq = request_query_i64(req, S("before"), 0, 1, INT64_MAX),
        .count_max = ENTRIES_PER_PAGE,
    };
    struct ledger_entry *entries;
    struct ledger_report report = {0};
    size_t count;

    if (!ledger_list(&req->arena, req->workspace->state, &filter, &entries, &count, err) ||
        !ledger_verify(req->workspace->state, NULL, &report, err))
        return false;
    struct tpl_ledger c = {
        .entries = report.entries,
        .is_verified = true,
        .is_sound = report.fault == LEDGER_SOUND,
        .what = report.why ? say_text(req, str_from_cstr(report.why)) : STR_NONE,
        .fault_at = report.first_bad_seq,
        .head_number = report.head.seq,
        .head_hash = str_from_cstr(report.head.hash_hex),
        .actor = filter.actor,
        .kind = filter.object_kind,
        .action = filter.action_prefix,
        .is_filtered = filter.actor.len + filter.object_kind.len + filter.action_prefix.len > 0,
        .all = request_url(req, "ledger"),
    };
    fill_entries(req, entries, count, &c);
    fill_actions(req, &c);
    if (count == ENTRIES_PER_PAGE)
        c.older = older_address(req, &filter, entries[count - 1].seq);
    struct page_head head = {.current = "ledger", .title = TR("Ledger")};
    PAGE(req, &head, ledger, &c);
    return true;
}
