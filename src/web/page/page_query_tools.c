/* page_query_tools.c - queries written for other systems, and the earlier wordings of a query. */
#include <string.h>

#include "base/limits.h"
#include "listen/query/query_import.h"
#include "listen/standing_query.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"

/* ---- other systems --------------------------------------------------------------------------- */

static void fill_dialects(struct request *req, enum query_dialect chosen,
                          struct tpl_query_import *c)
{
    struct tpl_query_import_choice *items =
        arena_new(&req->arena, struct tpl_query_import_choice, QUERY_DIALECT_COUNT);

    for (size_t i = 0; i < QUERY_DIALECT_COUNT; i++)
        items[i] = (struct tpl_query_import_choice){
            .value = str_from_cstr(query_dialect_name((enum query_dialect)i)),
            .label = str_from_cstr(query_dialect_title((enum query_dialect)i)),
            .is_chosen = i == (size_t)chosen};
    c->dialects.items = items;
    c->dialects.count = QUERY_DIALECT_COUNT;
}

static Str effect_words(struct request *req, enum query_import_effect effect)
{
    static const char *const words[] = {
        [QUERY_IMPORT_SAME] = "",
        [QUERY_IMPORT_WIDER] = TR("The query now finds more."),
        [QUERY_IMPORT_NARROWER] = TR("The query now finds less."),
        [QUERY_IMPORT_EITHER] = TR("The query now finds more of some, less of others."),
    };

    return words[effect][0] ? request_tr(req, words[effect]) : STR_NONE;
}

static void fill_import(struct request *req, Str text, const struct query_import *import,
                        struct tpl_query_import *c)
{
    struct tpl_query_import_loss *items =
        arena_new(&req->arena, struct tpl_query_import_loss, import->count + 1);

    for (size_t i = 0; i < import->count; i++) {
        const struct query_import_loss *loss = &import->losses[i];
        size_t len = loss->to - loss->from;
        items[i] = (struct tpl_query_import_loss){
            .is_lost = loss->is_lost,
            .line = loss->line,
            .column = loss->column,
            .message = loss->message,
            .effect = effect_words(req, loss->effect),
            .part = len > 0 && len <= 60 ? str_sub(text, loss->from, len) : STR_NONE,
        };
    }
    c->is_asked = true;
    c->is_usable = import->is_usable;
    c->translated = import->text;
    c->losses.items = items;
    c->losses.count = import->count;
    c->lost = (int64_t)import->lost_count;
    c->approximate = (int64_t)import->approximate_count;
}

static bool translate(struct request *req, Str text, enum query_dialect dialect,
                      struct tpl_query_import *c, struct err *err)
{
    struct tokenizer *words = NULL;
    struct query_import import;

    if (text.len == 0)
        return err_set(err, ERR_INPUT, "no query was given");
    bool ok = tokenizer_create(&words, err) &&
              query_import(&req->arena, words, text, dialect, &import, err);
    tokenizer_destroy(&words);
    if (ok)
        fill_import(req, text, &import, c);
    return ok;
}

static bool show_import(struct request *req, Str text, enum query_dialect dialect, bool is_asked,
                        struct err *err)
{
    struct err problem = {0};
    struct tpl_query_import *c = arena_new(&req->arena, struct tpl_query_import, 1);

    *c = (struct tpl_query_import){.text = text,
                                   .action = request_url(req, "queries/import"),
                                   .use = request_url(req, "queries/new"),
                                   .back = request_url(req, "queries"),
                                   .csrf = page_csrf(req),
                                   .may_edit = request_may(req, MAY_EDIT_QUERIES)};
    fill_dialects(req, dialect, c);
    if (is_asked && !translate(req, text, dialect, c, &problem)) {
        if (problem.code != ERR_INPUT && problem.code != ERR_LIMIT) {
            *err = problem;
            return false;
        }
        req->status = status_of(problem.code);
        c->problem = error_sentence(req, &problem);
    }
    struct page_crumb crumbs[] = {{request_tr(req, TR("Queries")), request_url(req, "queries")},
                                  {request_tr(req, TR("Bring one from another system")), STR_NONE}};
    struct page_head head = {
        .current = "queries", .title_text = crumbs[1].label, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, query_import, c);
    return true;
}

bool page_query_import(struct request *req, struct err *err)
{
    return show_import(req, STR_NONE, QUERY_DIALECT_BRANDWATCH, false, err);
}

bool page_query_import_send(struct request *req, struct err *err)
{
    enum query_dialect dialect = QUERY_DIALECT_BRANDWATCH;

    if (!query_dialect_from(request_form(req, S("dialect")), &dialect))
        dialect = QUERY_DIALECT_BRANDWATCH;
    return show_import(req, request_form(req, S("foreign")), dialect, true, err);
}

/* ---- wordings -------------------------------------------------------------------------------- */

/* A word with the blanks behind it. */
struct words {
    Str *items;
    size_t count;
};

enum {
    DIFF_CELLS_MAX = 4 * 1000 * 1000, /* of the table; beyond, the texts are shown apart */
    WORDINGS_SHOWN = 20               /* the latest */
};

static struct words cut_words(struct arena *arena, Str text)
{
    struct words out = {.items = arena_new(arena, Str, text.len + 1)};

    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        while (at < text.len && !strchr(" \n\t()\"", text.ptr[at]))
            at++;
        at += at == from; /* a bracket, quote or blank by itself */
        while (at < text.len && strchr(" \n\t", text.ptr[at]))
            at++;
        out.items[out.count++] = str_sub(text, from, at - from);
    }
    return out;
}

static void add_piece(struct tpl_query_versions_wording *v, struct tpl_query_versions_piece *items,
                      Str text, const char *mark)
{
    struct tpl_query_versions_piece *last =
        v->pieces.count > 0 ? &items[v->pieces.count - 1] : NULL;

    if (last && str_eq(last->mark, str_from_cstr(mark)) &&
        last->text.ptr + last->text.len == text.ptr) {
        last->text.len += text.len;
        return;
    }
    items[v->pieces.count++] = (struct tpl_query_versions_piece){text, str_from_cstr(mark)};
}

/* Length of the longest common subsequence of the words from i and j on, for all i, j. */
static uint16_t *common_lengths(struct arena *arena, const struct words *a, const struct words *b)
{
    size_t width = b->count + 1;
    uint16_t *table = arena_try_new(arena, uint16_t, (a->count + 1) * width);

    for (size_t i = a->count; table && i-- > 0;)
        for (size_t j = b->count; j-- > 0;) {
            uint16_t skip_a = table[(i + 1) * width + j], skip_b = table[i * width + j + 1];
            table[i * width + j] = str_eq(a->items[i], b->items[j])
                                       ? (uint16_t)(table[(i + 1) * width + j + 1] + 1)
                                   : skip_a > skip_b ? skip_a
                                                     : skip_b;
        }
    return table;
}

static void compare(struct request *req, Str before, Str after,
                    struct tpl_query_versions_wording *v)
{
    struct arena scratch;
    arena_init(&scratch, 64 * MIB);
    struct words a = cut_words(&scratch, before), b = cut_words(&scratch, after);
    struct tpl_query_versions_piece *items =
        arena_new(&req->arena, struct tpl_query_versions_piece, a.count + b.count + 2);
    size_t width = b.count + 1, i = 0, j = 0;
    bool is_small = a.count < UINT16_MAX && (a.count + 1) * width <= DIFF_CELLS_MAX;
    const uint16_t *table = is_small ? common_lengths(&scratch, &a, &b) : NULL;

    v->pieces.items = items;
    while (i < a.count || j < b.count) {
        if (table && i < a.count && j < b.count && str_eq(a.items[i], b.items[j])) {
            add_piece(v, items, b.items[j++], "");
            i++;
        } else if (j == b.count || (i < a.count && (!table || table[(i + 1) * width + j] >=
                                                                  table[i * width + j + 1]))) {
            add_piece(v, items, a.items[i++], "del");
            v->removed++;
        } else {
            add_piece(v, items, b.items[j++], "add");
            v->added++;
        }
    }
    arena_deinit(&scratch);
}

bool page_query_versions(struct request *req, struct err *err)
{
    struct standing_query q;
    struct standing_query_version *list;
    size_t count;

    if (!standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                             &q, err) ||
        !standing_query_versions(&req->arena, req->workspace->state, q.id, &list, &count, err))
        return false;
    if (count > WORDINGS_SHOWN)
        count = WORDINGS_SHOWN;
    struct tpl_query_versions_wording *items =
        arena_new(&req->arena, struct tpl_query_versions_wording, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct tpl_query_versions_wording){.version = list[i].version,
                                                       .at = list[i].at_ms,
                                                       .actor = list[i].actor,
                                                       .is_present = list[i].version == q.version,
                                                       .is_first = list[i].version == 1,
                                                       .text = list[i].text};
        compare(req, i + 1 < count ? list[i + 1].text : list[i].text, list[i].text, &items[i]);
    }
    struct tpl_query_versions c = {.versions = {items, count},
                                   .name = q.name,
                                   .title = q.title.len > 0 ? q.title : q.name,
                                   .action = request_url(req, "queries/" STR_F, STR_A(q.name)),
                                   .csrf = page_csrf(req),
                                   .may_edit = request_may(req, MAY_EDIT_QUERIES)};
    struct page_crumb crumbs[] = {{request_tr(req, TR("Queries")), request_url(req, "queries")},
                                  {q.name, c.action},
                                  {request_tr(req, TR("Versions")), STR_NONE}};
    struct page_head head = {
        .current = "queries", .title_text = crumbs[2].label, .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, query_versions, &c);
    return true;
}
