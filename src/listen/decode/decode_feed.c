/* RSS, RDF, Atom and JSON Feed documents: one article an item. */
#include <stdio.h>

#include "base/limits.h"
#include "format/feed.h"
#include "listen/decode/decode_priv.h"

static bool feed_post(struct decoder *d, const struct feed *feed, const struct feed_item *item,
                      struct post *post)
{
    post->kind = S("article");
    if (!row_source_of_host(d, feed->url.len > 0 ? feed->url : item->url, post) ||
        !row_text(d, "id", item->id, DECODE_ID_BYTES_MAX, &post->id) ||
        !row_text(d, "title", item->title, POST_TEXT_BYTES_MAX, &post->title) ||
        !row_text(d, "text", item->text, POST_TEXT_BYTES_MAX, &post->text) ||
        !row_text(d, "url", item->url, DECODE_URL_BYTES_MAX, &post->url) ||
        !row_text(d, "author", item->author, DECODE_ID_BYTES_MAX, &post->author.name) ||
        !row_lang(d, item->language, &post->lang) ||
        (item->has_published && !row_time(d, post, item->published_ms)))
        return false;
    if (post->title.len == 0 && post->text.len == 0)
        return row_refuse(d, "no text");
    for (size_t i = 0; i < item->link_count; i++)
        if (!row_link(d, item->links[i]))
            return false;
    return true;
}

/* A feed has no lines to name: rows are told by the number of the item. */
bool feed_run(struct decoder *d, const struct decode_block *block, struct err *err)
{
    struct err problem = {0};
    struct feed feed;
    struct post post;

    row_begin(d, &post);
    if (!feed_parse(&d->batch->arena, buf_str(&block->bytes), STR_NONE, STR_NONE, &feed,
                    &problem)) {
        if (problem.code == ERR_NO_MEMORY)
            return err_pass(err, &problem);
        row_refuse_error(d, &problem);
        return row_keep(d, false, &post, block->first_line, STR_NONE) ||
               err_arena(err, &d->batch->arena);
    }
    for (size_t i = 0; i < feed.count; i++) {
        row_begin(d, &post);
        bool is_good = feed_post(d, &feed, &feed.items[i], &post) && row_end(d, &post);
        if (!row_keep(d, is_good, &post, i + 1, STR_NONE))
            return err_arena(err, &d->batch->arena);
    }
    if (!feed.is_truncated)
        return true;
    row_begin(d, &post);
    row_refuse(d, "the document breaks off behind item %zu", feed.count);
    return row_keep(d, false, &post, feed.count + 1, STR_NONE) || err_arena(err, &d->batch->arena);
}
