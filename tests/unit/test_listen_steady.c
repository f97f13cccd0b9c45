/* What a post costs once everything has found its size: no allocation, from its line of JSON to
 * the sums of the queries it matched. Counted under the thread sanitizer, which tells of every
 * malloc() of every library; under the address sanitizer arenas are made of single blocks, so
 * there only the answers are compared. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/limits.h"
#include "listen/decode/decode.h"
#include "listen/intake.h"
#include "listen/measure/measure.h"

#if defined(__SANITIZE_THREAD__) && defined(TRIMTAB_FAULTS)
#define COUNTS_ALLOCATIONS 1
/* Of the sanitizer's allocator_interface.h, which not every compiler brings. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
#endif

enum { POSTS_A_ROUND = 240, ROUNDS = 90, WARM_BLOCKS = 2, AUTHORS = 50 };

/* All forms of the grammar; lang: and sentiment: have every post identified and rated. */
static const char *const queries[] = {
    "delay AND NOT refund",
    "\"late flight\" OR (train AND (late OR cancel*))",
    "\"late flight\"~5",
    "(late OR delay) NEAR/4 (flight OR train)",
    "SENTENCE(flight AND late)",
    "COUNT(late)>=2",
    "de?ay OR servic~1",
    "{BT} OR raw:\"C++\"",
    "#delay OR @ann",
    "title:news AND body:flight",
    "author:u7 AND followers:[10 TO 5000]",
    "lang:de AND sentiment:negative",
    "sentiment:positive AND lang:en",
    "site:example.org OR links:example.com",
    "zug* AND versp\xC3\xA4tung AND NOT flight",
    "after:2026-01-01 AND engagement:>2 AND country:DE",
};

static const char *const texts[] = {
    "The late flight was late again, I hate this #delay @ann https://example.com/a?b=c",
    "Der Zug hatte wieder Versp\xC3\xA4tung, furchtbarer Service. Nie wieder!",
    "What a wonderful trip, thank you BT for the great service and the nice people",
    "Le train \xC3\xA9tait en retard mais le personnel \xC3\xA9tait tr\xC3\xA8s gentil "
    "\\ud83d\\ude00",
    "El vuelo sali\xC3\xB3 tarde y nadie nos dijo nada, una verg\xC3\xBC"
    "enza",
    "C++ and the delay of a flight. The train was on time, though; no refund needed.",
    "\xD0\x9F\xD0\xBE\xD0\xB5\xD0\xB7\xD0\xB4 "
    "\xD0\xBE\xD0\xBF\xD0\xBE\xD0\xB7\xD0\xB4\xD0\xB0\xD0\xBB",
    "\xE3\x81\x82\xE3\x82\x8A\xE3\x81\x8C\xE3\x81\xA8\xE3\x81\x86 news flight servise "
    "\\u00dc\\n\\nb",
};

struct steady {
    struct arena arena;
    struct buf lines;
    struct query_set *set;
    struct intake *intake;
    struct decoder *decoder;
    struct decode_input *input;
    struct decode_block block;
    struct decode_batch batch;
    struct intake_items items;
    struct measure_sum sums[COUNT_OF(queries)];
    uint64_t posts, matches;
};

static void make_lines(struct buf *out)
{
    for (int i = 0; i < POSTS_A_ROUND * ROUNDS; i++) {
        int n = i % POSTS_A_ROUND;
        buf_printf(out,
                   "{\"id\":\"%d\",\"source\":\"forum\",\"created_at\":\"2026-03-0%dT08:15:00Z\","
                   "\"author\":{\"id\":\"u%d\",\"followers\":%d},\"title\":\"%s\",\"text\":\"%s\","
                   "\"links\":[\"https://example.org/%d\"],\"metrics\":{\"likes\":%d},"
                   "\"country\":\"DE\",\"own\":{\"a\":[1,2]}}\n",
                   i, 1 + n % 9, n % AUTHORS, n, n % 5 == 0 ? "news" : "",
                   texts[(size_t)n % COUNT_OF(texts)], n % 3, n % 7);
    }
}

static void set_up(struct steady *s)
{
    struct decode_options options = {.format = DECODE_NATIVE};
    struct query_set_item items[COUNT_OF(queries)];
    struct err err = {0};

    *s = (struct steady){0};
    arena_init(&s->arena, GIB);
    buf_init(&s->lines, GIB);
    make_lines(&s->lines);
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        items[i] = (struct query_set_item){S("q"), str_from_cstr(queries[i])};
    CHECK(query_set_create(&s->set, items, COUNT_OF(queries), NULL, NULL, NULL, &err));
    CHECK_INT(query_set_stats(s->set)->refused_count, 0);
    CHECK(intake_create(&s->intake, s->set, &err) && decoder_create(&s->decoder, &err));
    CHECK(decode_input_open_bytes(&s->input, S("steady"), buf_str(&s->lines), &options, &s->arena,
                                  &err));
    decode_block_init(&s->block);
    decode_batch_init(&s->batch);
}

static void tear_down(struct steady *s)
{
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        measure_sum_deinit(&s->sums[i]);
    vec_deinit(&s->items);
    decode_batch_deinit(&s->batch);
    decode_block_deinit(&s->block);
    decode_input_close(&s->input);
    decoder_destroy(&s->decoder);
    intake_destroy(&s->intake);
    query_set_release(&s->set);
    buf_deinit(&s->lines);
    arena_deinit(&s->arena);
}

static bool add_up(struct steady *s, const struct archive_item *item, struct err *err)
{
    const struct post *post = item->post;
    struct mention_fact fact = {.author = hash_bytes(post->author.id, 1),
                                .polarity = item->polarity,
                                .engagement = post->metrics.likes,
                                .followers = post->author.followers};

    for (size_t i = 0; i < item->query_count; i++)
        if (!measure_sum_add(&s->sums[item->queries[i]], &fact, post_facets(post), err))
            return false;
    s->matches += item->query_count;
    return true;
}

/* False at the end. */
static bool take_block(struct steady *s)
{
    struct err err = {0};
    bool has_block = true;
    bool ok = decode_input_next(s->input, &s->block, &has_block, &err) &&
              (!has_block || (decoder_run(s->decoder, &s->block, &s->batch, &err) &&
                              intake_batch(s->intake, &s->batch, &s->items, &err)));

    CHECK(ok);
    if (!has_block)
        return false;
    vec_each (struct archive_item, item, &s->items)
        CHECK(add_up(s, item, &err));
    s->posts += s->items.count;
    return true;
}

#ifdef COUNTS_ALLOCATIONS
static long allocations;

static void note_allocation(const volatile void *block, size_t size)
{
    (void)block, (void)size;
    allocations++;
}

static void note_free(const volatile void *block)
{
    (void)block;
}
#endif

TEST(a_post_allocates_nothing_in_the_steady_state)
{
    struct steady s;
    uint64_t before = 0;
    long warm = 0;
    int blocks = 0;

    set_up(&s);
#ifdef COUNTS_ALLOCATIONS
    CHECK(__sanitizer_install_malloc_and_free_hooks(note_allocation, note_free) > 0);
    CHECK(mem_alloc(1, 1) != NULL); /* does it count? leaked on purpose: one byte */
    CHECK(allocations > 0);
#endif
    for (; take_block(&s); blocks++)
        if (blocks == WARM_BLOCKS) {
            before = s.posts;
#ifdef COUNTS_ALLOCATIONS
            warm = allocations;
#endif
        }
    CHECK_INT(s.posts, POSTS_A_ROUND * ROUNDS);
    CHECK(blocks > 2 * WARM_BLOCKS && before > 0);
#ifdef COUNTS_ALLOCATIONS
    CHECK_INT(allocations - warm, 0);
#else
    (void)warm;
#endif
    /* Rounds are alike, so every query found the same in each of them, and each found something. */
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        if (s.sums[i].mentions == 0)
            print_error("nothing for %s\n", queries[i]);
        CHECK(s.sums[i].mentions > 0);
        CHECK_INT(s.sums[i].mentions % ROUNDS, 0);
        CHECK(s.sums[i].author_count <= AUTHORS);
    }
    tear_down(&s);
}

int main(void)
{
    return RUN(CASE(a_post_allocates_nothing_in_the_steady_state));
}
