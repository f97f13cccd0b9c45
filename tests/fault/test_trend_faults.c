/* Every allocation of the trend finder fails once: it reports, leaks nothing, and goes on. */
#include "base/fault.h"
#include "base/mem.h"
#include "listen/measure/trend.h"
#include "text/similarity.h"
#include "unit/test.h"

enum { POSTS = 400, EVENT = 12 };

/* Three days of posts, then an event; whether it was told. Posts whose adding fails are added
 * again. */
static bool stream(struct trend_finder *f, struct post_tokens *tokens, bool *is_told,
                   struct err *failure)
{
    char id[16], text[80];

    for (int i = 0; i < POSTS + EVENT + 1; i++) {
        bool is_event = i >= POSTS && i < POSTS + EVENT;
        const struct trend *trends;
        struct err err = {0};
        size_t count;
        snprintf(id, sizeof id, "%d", i);
        snprintf(text, sizeof text, is_event ? "w%d harbour fire x%d" : "w%d y%d z%d", i, i * 7, i);
        struct post post = {.id = str_from_cstr(id),
                            .text = str_from_cstr(text),
                            .has_created_at = true,
                            .created_at_ms =
                                (i < POSTS ? i : POSTS + i / (POSTS + EVENT)) * INT64_C(660000)};
        if (!post_tokens_fill(tokens, &post, &err) ||
            !trend_finder_add(f, &post, tokens, &trends, &count, &err)) {
            *failure = err;
            err = (struct err){0};
            CHECK(post_tokens_fill(tokens, &post, &err));
            CHECK(trend_finder_add(f, &post, tokens, &trends, &count, &err));
        }
        *is_told |= count > 0;
    }
    return failure->code == ERR_NONE;
}

TEST(trends_survive_every_failure)
{
    const struct trend_settings settings = {.table_terms = 4096};
    long before = mem_live_blocks();
    bool is_hit = true;

    for (int n = 1; is_hit; n++) {
        struct trend_finder *f = NULL;
        struct post_tokens tokens = {0};
        struct err err = {0}, again = {0};
        bool is_told = false;
        fault_arm(n);
        bool ok = trend_finder_create(&f, &settings, &err) && post_tokens_init(&tokens, &err) &&
                  stream(f, &tokens, &is_told, &err);
        is_hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(ok == !is_hit);
        CHECK(ok || err.code == ERR_NO_MEMORY || err.code == ERR_LIMIT);
        CHECK(f || trend_finder_create(&f, &settings, &again));
        CHECK(!ok || is_told);
        post_tokens_deinit(&tokens);
        trend_finder_destroy(&f);
        CHECK(f == NULL);
        CHECK_INT(mem_live_blocks(), before);
    }
}

TEST(near_duplicates_survive_every_failure)
{
    long before = mem_live_blocks();
    bool is_hit = true;

    for (int n = 1; is_hit; n++) {
        struct similarity *s = NULL;
        struct err err = {0};
        fault_arm(n);
        bool ok = similarity_create(&s, NULL, &err);
        is_hit = fault_disarm();
        CHECK(ok == !is_hit && ok == (s != NULL));
        CHECK(ok == (err.code == ERR_NONE));
        similarity_destroy(&s);
        CHECK_INT(mem_live_blocks(), before);
    }
}

int main(void)
{
    return RUN(CASE(trends_survive_every_failure), CASE(near_duplicates_survive_every_failure));
}
