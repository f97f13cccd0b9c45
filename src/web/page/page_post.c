/* page_post.c - one stored post: which parts made its mood, and what it counts as under each query.
 */
#include <math.h>

#include "listen/archive/archive.h"
#include "listen/measure/correction.h"
#include "text/sentiment_reason.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/label_view.h"
#include "web/view/post_view.h"

enum { REASONS_SHOWN = 10 };

static Str lang_of(const struct archived_post *post)
{
    return post->post.lang.len > 0 ? post->post.lang : post->lang_found;
}

/* Of title and text, the strongest first. */
static bool fill_reasons(struct request *req, struct tokenizer *words,
                         const struct archived_post *post, struct tpl_post_why *c, struct err *err)
{
    const Str texts[] = {post->post.title, post->post.text};
    struct tpl_post_why_reason *items =
        arena_new(&req->arena, struct tpl_post_why_reason, COUNT_OF(texts) * REASONS_SHOWN);
    size_t count = 0;

    for (size_t t = 0; t < COUNT_OF(texts); t++) {
        struct sentiment_reason reasons[REASONS_SHOWN];
        size_t found = 0;
        if (texts[t].len > 0 &&
            !sentiment_reasons(words, texts[t], lang_of(post), reasons, REASONS_SHOWN, &found, err))
            return false;
        for (size_t i = 0; i < found; i++) {
            size_t at = count++;
            for (; at > 0 && fabs(items[at - 1].lean) < fabs(reasons[i].lean); at--)
                items[at] = items[at - 1];
            bool is_good = reasons[i].lean > 0;
            items[at] = (struct tpl_post_why_reason){
                .text = str_sub(texts[t], reasons[i].from, reasons[i].to - reasons[i].from),
                .sign = is_good ? S("+") : S("−"),
                .kind = is_good ? S("positive") : S("negative"),
                .lean = reasons[i].lean,
                .words = request_tr(req, is_good ? TR("positive") : TR("negative")),
            };
        }
    }
    c->reasons.items = items;
    c->reasons.count = count < REASONS_SHOWN ? count : REASONS_SHOWN;
    return true;
}

/* The parts of the post that corrections of the query read otherwise: "sick". */
static bool corrected_by(struct request *req, struct corrector *corrector,
                         struct post_tokens *tokens, const struct archived_post *post,
                         int64_t query, Str *out, bool *is_corrected, struct err *err)
{
    struct corrected_text read;

    *out = STR_NONE;
    *is_corrected = false;
    if (!corrector)
        return true;
    if (!corrector_read(corrector, &post->post, tokens, lang_of(post), query, &req->arena, &read,
                        err))
        return false;
    *is_corrected = read.part_count > 0 || read.is_whole;
    for (size_t i = 0; i < read.part_count; i++) {
        const struct corrected_part *part = &read.parts[i];
        Str text = part->is_title ? post->post.title : post->post.text;
        Str word = str_sub(text, part->from, part->to - part->from);
        *out = arena_printf(&req->arena, STR_F "%s" STR_F " %s", STR_A(*out), i > 0 ? ", " : "",
                            STR_A(word),
                            part->lean > 0   ? "(+)"
                            : part->lean < 0 ? "(−)"
                                             : "(0)");
    }
    return true;
}

static bool fill_queries(struct request *req, struct archive *archive, struct corrector *corrector,
                         struct post_tokens *tokens, const struct archived_post *post,
                         struct tpl_post_why *c, struct err *err)
{
    struct standing_query *list;
    size_t count, shown = 0;

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_post_why_query *items = arena_new(&req->arena, struct tpl_post_why_query, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct tpl_post_why_query *item = &items[shown];
        enum post_polarity mood;
        bool is_mention;
        if (!archive_mood(archive, post, list[i].id, &is_mention, &mood, err))
            return false;
        if (!is_mention)
            continue;
        if (!corrected_by(req, corrector, tokens, post, list[i].id, &item->corrected_by,
                          &item->is_corrected, err))
            return false;
        item->title = market_query_title(&list[i]);
        item->link = request_url(req, "market?query=" STR_F, STR_A(list[i].name));
        item->mood = label_view_mood(req, mood);
        item->corrections = request_url(req, "queries/" STR_F "/corrections", STR_A(list[i].name));
        shown++;
    }
    c->queries.items = items;
    c->queries.count = shown;
    return true;
}

static bool fill_all(struct request *req, struct archive *archive, const struct archived_post *post,
                     struct tpl_post_why *c, struct err *err)
{
    struct correction_set *set = NULL;
    struct corrector *corrector = NULL;
    struct tokenizer *words = NULL;
    struct post_tokens tokens = {0};

    bool ok = tokenizer_create(&words, err) && post_tokens_init(&tokens, err) &&
              post_tokens_fill(&tokens, &post->post, err) &&
              correction_set_load(&set, req->workspace->state, err) &&
              (!set || corrector_create(&corrector, set, err));
    if (ok) {
        tokens.lang = post->lang_found;
        tokens.polarity = post->polarity;
        ok = fill_reasons(req, words, post, c, err) &&
             fill_queries(req, archive, corrector, &tokens, post, c, err);
    }
    corrector_destroy(&corrector);
    correction_set_release(&set);
    post_tokens_deinit(&tokens);
    tokenizer_destroy(&words);
    return ok;
}

bool page_post(struct request *req, struct err *err)
{
    struct tpl_post_why *c = arena_new(&req->arena, struct tpl_post_why, 1);
    struct archived_post *post = arena_new(&req->arena, struct archived_post, 1);
    struct archive *archive = NULL;
    int64_t month, id;

    if (!str_to_i64(request_capture(req, S("month")), &month) || month < 0 || month > 400000 ||
        !str_to_i64(request_capture(req, S("post")), &id))
        return err_set(err, ERR_NOT_FOUND, "no such post in the archive");
    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = archive_post(archive, &req->arena, (int32_t)month, id, post, err) &&
              fill_all(req, archive, post, c, err);
    archive_close(&archive);
    if (!ok)
        return false;
    c->is_rated = post->polarity != POST_POLARITY_UNKNOWN;
    c->mood = label_view_mood(req, post->polarity);
    c->compound = post->compound;
    c->maker = post->maker;
    post_view_fill(req, &post->post, post->polarity, lang_of(post), NULL, &c->item);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Archive")), request_url(req, "search")},
                                  {request_tr(req, TR("Post")), STR_NONE}};
    struct page_head head = {
        .current = "search", .title = TR("Post"), .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, post_why, c);
    return true;
}
