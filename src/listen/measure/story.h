/* story.h - the mentions of a query in some hours, with near-duplicates folded into stories.
 *
 * A story is a post with its copies (text/similarity.h): syndication, reposts by hand, floods of
 * one text. Whoever shows examples shows a story once and says how many copies it has; the copies
 * are found again by the same call.
 *
 * At most STORY_POSTS_MAX posts are read: of more, every n-th by identity, the same ones every
 * time. Pure but for the archive; the order of the archive decides which post is first.
 * Memory: stories_deinit(). Threads: as the archive.
 */
#ifndef LISTEN_STORY_H
#define LISTEN_STORY_H

#include "listen/archive/archive.h"
#include "listen/measure/terms.h"

#define STORY_POSTS_MAX 20000 /* thinned beyond */

struct story_post {
    struct post_ref ref;
    size_t story; /* index of the first post of its story */
    int64_t engagement;
};

struct story {
    size_t first;         /* index of its first post */
    struct post_ref best; /* the post with most engagement, among equals the first */
    int64_t engagement;   /* of that */
    int64_t posts;        /* read of it: 1 and its copies */
};

struct stories {
    struct {
        VEC(struct story_post);
    } posts; /* by hour */
    struct {
        VEC(struct story);
    } items;        /* most engagement first, then most posts, then the earliest */
    uint64_t every; /* 1: all posts were read */
};

bool stories_read(struct archive *a, int64_t query, int64_t from_hour, int64_t to_hour,
                  struct stories *out, struct err *err) MUST_CHECK;
void stories_deinit(struct stories *stories);

#endif
