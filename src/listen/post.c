#include "listen/post.h"

Str post_kind(const struct post *post)
{
    if (post->kind.len > 0 && !str_eq(post->kind, S("post")))
        return post->kind;
    if (post->repost_of.len > 0 || post->repost_of_author.len > 0)
        return S("repost");
    return post->reply_to.len > 0 ? S("reply") : S("post");
}

static const Str kinds[] = {S_INIT("post"),    S_INIT("comment"), S_INIT("reply"), S_INIT("review"),
                            S_INIT("article"), S_INIT("repost"),  S_INIT("quote")};

bool post_kind_is_known(Str kind)
{
    return str_eq(kind, post_kind_read(kind));
}

Str post_kind_read(Str text)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_eq_nocase(text, kinds[i]))
            return kinds[i];
    return kinds[0];
}

uint32_t post_facets(const struct post *post)
{
    const struct post_metrics *metrics = &post->metrics;
    uint32_t facets = 0;

    if (post->author.id.len > 0 || post->author.handle.len > 0 || post->author.name.len > 0)
        facets |= POST_HAS_AUTHOR;
    if (post->author.followers != POST_UNKNOWN)
        facets |= POST_HAS_FOLLOWERS;
    if (post->reply_to.len > 0)
        facets |= POST_HAS_REPLY;
    if (post->repost_of.len > 0 || post->repost_of_author.len > 0)
        facets |= POST_HAS_REPOST;
    if (metrics->replies != POST_UNKNOWN)
        facets |= POST_HAS_REPLY_COUNT;
    if (metrics->reposts != POST_UNKNOWN)
        facets |= POST_HAS_REPOST_COUNT;
    if (metrics->likes != POST_UNKNOWN || metrics->replies != POST_UNKNOWN ||
        metrics->reposts != POST_UNKNOWN)
        facets |= POST_HAS_ENGAGEMENT;
    if (post->country.len > 0)
        facets |= POST_HAS_COUNTRY;
    return facets;
}
