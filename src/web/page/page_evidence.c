/* page_evidence.c - a statement with the numbers and posts behind it, as they were then. */
#include "signal/evidence.h"

#include "format/json.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/post_view.h"

/* A measure is a number, or an object with value, n, definition and the like. */
static Str json_words(struct request *req, const struct json *j)
{
    double real;
    Str text;

    if (json_f64(j, &real))
        return render_double_str(&req->arena, req->env.language, real, -1, 0);
    if (json_str(j, &text))
        return say_text(req, text);
    if (json_type(j) == JSON_BOOL)
        return j->truth ? request_tr(req, TR("yes")) : request_tr(req, TR("no"));
    return S("–");
}

static Str detail_of(struct request *req, const struct json *object)
{
    Str out = STR_NONE;

    for (size_t i = 0; i < json_len(object); i++) {
        Str key = json_key_at(object, i);
        const struct json *value = json_at(object, i);
        if (str_eq(key, S("value")) || str_eq(key, S("kept")) || json_type(value) == JSON_OBJECT ||
            json_type(value) == JSON_ARRAY)
            continue;
        Str words = json_words(req, value), name = say_word(req, key);
        out = arena_printf(&req->arena, STR_F "%s" STR_F " " STR_F, STR_A(out),
                           out.len > 0 ? " · " : "", STR_A(name), STR_A(words));
    }
    return out;
}

static void fill_measures(struct request *req, Str json, struct tpl_evidence *c)
{
    const struct json *root;
    struct err ignored = {0};

    if (json.len == 0 || !json_parse(&req->arena, json, &root, &ignored) ||
        json_type(root) != JSON_OBJECT)
        return;
    struct tpl_evidence_measure *items =
        arena_new(&req->arena, struct tpl_evidence_measure, json_len(root) + 1);
    for (size_t i = 0; i < json_len(root); i++) {
        const struct json *value = json_at(root, i);
        bool is_object = json_type(value) == JSON_OBJECT;
        Str key = json_key_at(root, i);
        Str kept = is_object ? json_str_or(value, "kept", STR_NONE) : STR_NONE;
        items[i] = (struct tpl_evidence_measure){
            .name = kept.len > 0 ? say_kept(req, kept, key) : say_word(req, key),
            .value = json_words(req, is_object ? json_get(value, "value") : value),
            .detail = is_object ? detail_of(req, value) : STR_NONE,
        };
    }
    c->measures.items = items;
    c->measures.count = json_len(root);
}

static struct tpl_post item_view(struct request *req, const struct evidence_item *item)
{
    struct tpl_post post = {
        .author = item->author,
        .source = item->source,
        .at = item->created_at_ms,
        .has_time = item->created_at_ms != 0,
        .link = item->url,
        .why = say_kept(req, item->why_kept, item->why),
        .is_erased = item->erased_at_ms != 0,
    };

    post_view_text(req, item->text, &post);
    return post;
}

bool page_evidence(struct request *req, struct err *err)
{
    struct evidence evidence;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("evidence")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such evidence");
    if (!evidence_read(&req->arena, req->workspace->state, id, &evidence, err))
        return false;
    struct tpl_post *posts = arena_new(&req->arena, struct tpl_post, evidence.item_count + 1);
    for (size_t i = 0; i < evidence.item_count; i++)
        posts[i] = item_view(req, &evidence.items[i]);
    struct tpl_evidence c = {
        .statement = say_kept(req, evidence.statement_kept, evidence.statement),
        .from = evidence.from_ms,
        .to = evidence.to_ms,
        .has_window = evidence.to_ms != 0,
        .at = evidence.created_at_ms,
        .by = evidence.created_by,
        .posts = {posts, evidence.item_count},
        .count = (int64_t)evidence.item_count,
    };
    fill_measures(req, evidence.measures_json, &c);
    bool is_topic = str_eq(evidence.object_kind, S("topic"));
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Topics")), request_url(req, "topics")},
        {evidence.object_id,
         is_topic ? request_url(req, "topics/" STR_F, STR_A(evidence.object_id)) : STR_NONE},
        {request_tr(req, TR("Evidence")), STR_NONE},
    };
    struct page_head head = {.current = "topics",
                             .title = TR("Evidence"),
                             .crumbs = is_topic ? crumbs : crumbs + 2,
                             .crumb_count = is_topic ? 3 : 1};
    PAGE(req, &head, evidence, &c);
    return true;
}
