#include "listen/post.h"

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
    if (post->repost_of.len > 0)
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
