/* Any bytes as a file of queries, the same bytes as posts: the set of the queries without mistakes
 * finds in each post what the naive evaluator finds. */
#include "base/limits.h"
#include "cli/query_file.h"
#include "listen/match/match.h"
#include "listen/query/query_eval.h"
#include "listen/query/query_priv.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POSTS_MAX = 12, QUERIES_MAX = 200 };

struct world {
    struct arena arena;
    struct tokenizer *words;
    struct post_tokens tokens;
    struct query_file queries;
    struct query_resolver resolver;
    struct query_set *set;
    struct match_scratch *scratch;
};

/* Of one query by itself, false also for one with mistakes, which the set leaves out. */
static bool is_found(struct world *w, size_t ordinal, const struct post *post)
{
    const struct query_set_item *item = &w->queries.items.items[ordinal];
    struct query_problems problems = {0};
    struct query query;
    struct err err = {0};
    bool matches = false;

    ASSERT(query_parse(&w->arena, w->words, item->text, item->id, &w->resolver, &query, &problems,
                       &err));
    query_check_negative(&w->arena, &query, &problems);
    if (problems.error_count == 0)
        ASSERT(query_matches(&w->arena, &query, post, &w->tokens, &matches, &err));
    query_problems_deinit(&problems);
    return matches;
}

static void check_post(struct world *w, const struct post *post)
{
    const uint32_t *ordinals;
    size_t count, at = 0;
    struct err err = {0};

    if (!post_tokens_fill(&w->tokens, post, &err))
        return;
    w->tokens.polarity = post->text.len % 2 ? POST_NEGATIVE : POST_POSITIVE;
    ASSERT(match_post(w->scratch, post, &w->tokens, &ordinals, &count, &err));
    for (uint32_t i = 0; i < w->queries.items.count; i++) {
        bool in_set = at < count && ordinals[at] == i;
        at += in_set;
        ASSERT(is_found(w, i, post) == in_set);
    }
    ASSERT(at == count);
}

/* Posts of one to four lines of the input, so that the words of queries occur; the set is asked
 * twice, as scratch and caches stay. */
static void check_posts(struct world *w, Str bytes)
{
    static const Str people[] = {{"ann", 3}, {"bo", 2}};

    for (int i = 0; i < POSTS_MAX; i++) {
        struct post post = {.id = S("1"), .source = S("a"), .kind = S("post"), .lang = S("en")};
        Str line, rest = str_sub(bytes, bytes.len * (size_t)(i / 2) / POSTS_MAX, bytes.len);
        (void)str_cut(rest, '\n', &line, &rest);
        post.title = i % 3 == 0 ? line : STR_NONE;
        post.text = i % 4 == 0 ? rest : line;
        if (str_utf8_invalid_at(post.title) < post.title.len ||
            str_utf8_invalid_at(post.text) < post.text.len)
            continue;
        post.author.handle = people[i % 2];
        post.author.followers = i * 1000;
        post.rating = i;
        check_post(w, &post);
    }
}

static bool set_up(struct world *w, const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct memory_file file;

    arena_init(&w->arena, GIB);
    memory_file_open(&file, data, size);
    bool ok = query_file_read(&w->queries, file.path, &w->arena, &err);
    memory_file_close(&file);
    w->resolver = (struct query_resolver){query_file_find, &w->queries};
    struct query_set_options options = {.resolver = &w->resolver};
    return ok && w->queries.items.count <= QUERIES_MAX && tokenizer_create(&w->words, &err) &&
           post_tokens_init(&w->tokens, &err) &&
           query_set_create(&w->set, w->queries.items.items, w->queries.items.count, &options, NULL,
                            NULL, &err) &&
           match_scratch_create(&w->scratch, w->set, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {0};

    if (size > 1 << 13)
        return 0;
    if (set_up(&w, data, size))
        check_posts(&w, (Str){(const char *)data, size});
    match_scratch_destroy(&w.scratch);
    query_set_release(&w.set);
    post_tokens_deinit(&w.tokens);
    tokenizer_destroy(&w.words);
    query_file_deinit(&w.queries);
    arena_deinit(&w.arena);
    return 0;
}
