/* Any bytes: items have an id, texts are UTF-8, addresses are web addresses. */
#include "base/limits.h"
#include "format/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(Str s)
{
    ASSERT(str_utf8_invalid_at(s) == s.len);
}

static void check_url(Str s)
{
    check_text(s);
    ASSERT(s.len == 0 || str_eq_nocase(str_sub(s, 0, 4), S("http")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct err err = {0};
    struct feed feed;

    arena_init(&arena, 256 * MIB);
    if (feed_parse(&arena, (Str){(const char *)data, size}, S("https://a.example/f"), STR_NONE,
                   &feed, &err)) {
        check_text(feed.title);
        check_text(feed.description);
        check_url(feed.url);
        for (size_t i = 0; i < feed.count; i++) {
            const struct feed_item *item = &feed.items[i];
            ASSERT(item->id.len > 0);
            check_text(item->title);
            check_text(item->text);
            check_text(item->author);
            check_url(item->url);
            ASSERT(item->link_count <= POST_LINKS_MAX);
            for (size_t l = 0; l < item->link_count; l++)
                check_url(item->links[l]);
        }
    } else
        ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
    arena_deinit(&arena);
    return 0;
}
