/* The index of words while it is made beside the writer: posts arrive, change and are deleted in
 * the midst of it, the writer is closed at any moment, and every search in between finds exactly
 * the posts that stand there. And words of deleted posts leave the files. */
#include "unit/test.h"

#include <math.h>

#include "base/random.h"
#include "listen/archive/archive_priv.h"
#include "listen/search/search.h"
#include "os/clock.h"
#include "unit/scratch.h"

enum { POSTS_MAX = 24000, WORDS = 40, BATCH = 3500, MONTHS = 3, RESTLESS = 300, AUTHORS = 4000 };
#define FIRST_MS INT64_C(1767225600000) /* 2026-01-01 */

static struct random generator;
static struct scratch place;
static struct arena memory;
static struct archive *writer;
static int64_t block;

/* What every post says now: one of the words; -1: deleted. */
static int word_of[POSTS_MAX];
static bool is_second[POSTS_MAX + 2]; /* a mention of the second query too */
static int64_t counts[WORDS], second_counts[WORDS];
static size_t post_count;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        print_error("%s (%s)\n", err->msg, err->origin ? err->origin : "?");
    CHECK(ok);
}

static int64_t time_of(size_t post)
{
    return FIRST_MS + (int64_t)(post % MONTHS) * 31 * DAY_MS + (int64_t)(post * 7919 % 2000000000);
}

/* Who wrote a post: a few wrote many, thousands wrote some; a seventh says nothing of it. */
static int author_of(size_t number)
{
    double share = (double)(number * 2654435761u % 100003) / 100003;

    return number % 7 == 0 ? -1 : (int)(AUTHORS * share * share * share);
}

/* Empty: a delete event. */
static void make_item(size_t number, Str text, struct archive_item *item)
{
    static const int64_t queries[] = {1, 2};
    struct post *post = arena_new(&memory, struct post, 1);

    *post = (struct post){.id = arena_printf(&memory, "p%zu", number),
                          .source = S("forum"),
                          .kind = S("post"),
                          .created_at_ms = time_of(number),
                          .has_created_at = true,
                          .event = text.len == 0 ? POST_DELETE : POST_UPSERT,
                          .text = text,
                          .rating = NAN};
    if (author_of(number) >= 0)
        post->author.handle = arena_printf(&memory, "user%d", author_of(number));
    post->author.followers = post->author.verified = POST_UNKNOWN;
    post->metrics = (struct post_metrics){POST_UNKNOWN, POST_UNKNOWN, POST_UNKNOWN, POST_UNKNOWN};
    *item = (struct archive_item){.post = post,
                                  .identity = post_identity(post->source, post->id),
                                  .content = post_content(post),
                                  .queries = queries,
                                  .query_count = text.len == 0       ? 0
                                                 : is_second[number] ? 2
                                                                     : 1,
                                  .polarity = POST_NEUTRAL};
}

static void say(size_t number, int word, struct archive_item *item)
{
    if (number < post_count && word_of[number] >= 0) {
        counts[word_of[number]]--;
        second_counts[word_of[number]] -= is_second[number];
    }
    is_second[number] = random_below(&generator, 2) == 0;
    if (word >= 0) {
        counts[word]++;
        second_counts[word] += is_second[number];
    }
    word_of[number] = word;
    Str text =
        word < 0 ? STR_NONE : arena_printf(&memory, "said wordnumber%d and other things", word);
    make_item(number, text, item);
}

/* Restless posts say the same or something else, others are deleted as well. */
static int next_word(size_t number)
{
    uint64_t chance = random_below(&generator, 3);

    if (chance == 0)
        return number < RESTLESS ? word_of[number] : -1;
    return number < RESTLESS / 2 ? word_of[number] : (int)random_below(&generator, WORDS);
}

/* New posts, and changes and deletions of some of the earlier ones, each post once; some change
 * every time, while the run that has their last change is still being made. */
static void write_batch(void)
{
    struct archive_item *items = arena_new(&memory, struct archive_item, BATCH);
    struct archive_counts done = {0};
    struct err err = {0};
    size_t before = post_count, step = 1 + before / 300, n = 0; /* about 300 of them */

    for (size_t i = 0; i < before; i += i < RESTLESS ? 1 : 1 + random_below(&generator, 2 * step))
        if (word_of[i] >= 0)
            say(i, next_word(i), &items[n++]);
    for (; n < BATCH && post_count < POSTS_MAX; post_count++)
        say(post_count, (int)random_below(&generator, WORDS), &items[n++]);
    struct archive_batch batch = {
        .items = items, .count = n, .import = 1, .block = block, .query_set = (uint64_t)block + 1};
    block++;
    must(archive_write(writer, &batch, &done, &err), &err);
}

static int64_t count_of(const struct search_facets *facets, Str value)
{
    for (size_t i = 0; i < facets->count; i++)
        if (str_eq(facets->items[i].value, value))
            return facets->items[i].count;
    return 0;
}

static int descending(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*y > *x) - (*y < *x);
}

/* Of the posts that say the word: nobody but nobody wrote more than those who are shown, unless
 * the answer says that somebody might have. */
static void check_authors(const struct search_facets *shown, int word)
{
    static int64_t written[AUTHORS];

    memset(written, 0, sizeof written);
    for (size_t i = 0; i < post_count; i++)
        if (word_of[i] == word && author_of(i) >= 0)
            written[author_of(i)]++;
    for (size_t i = 0; i < shown->count; i++) {
        int64_t author;
        Str value = shown->items[i].value;
        CHECK(str_starts(value, S("user")) && str_to_i64(str_sub(value, 4, value.len), &author));
        CHECK_INT(shown->items[i].count, written[author]);
    }
    qsort(written, AUTHORS, sizeof *written, descending);
    for (size_t i = 0; i < shown->count; i++)
        CHECK(shown->items[i].count == written[i] ||
              (shown->is_partial && written[i] <= shown->unseen_max));
    CHECK(shown->count == 20 || written[shown->count] == 0);
}

static void check_all(void)
{
    struct archive *reader = NULL;
    struct err err = {0};

    must(archive_open(&reader, str_from_cstr(place.dir), ARCHIVE_READ, &err), &err);
    for (int word = 0; word < WORDS; word++) {
        struct search_request request = {
            .query = arena_printf(&memory, "wordnumber%d", word), .limit = 10, .has_facets = true};
        struct search_result found;
        must(search_posts(reader, &memory, &request, &found, &err), &err);
        CHECK(found.is_complete && found.sampled == 0);
        CHECK_INT(found.total, counts[word]);
        CHECK_INT(count_of(&found.facets[SEARCH_BY_QUERY], S("2")), second_counts[word]);
        check_authors(&found.facets[SEARCH_BY_AUTHOR], word);
    }
    archive_close(&reader);
}

static void begin(uint64_t seed)
{
    struct err err = {0};

    generator = (struct random){.seed = seed};
    scratch_begin(&place);
    arena_init(&memory, GIB);
    memset(counts, 0, sizeof counts);
    memset(second_counts, 0, sizeof second_counts);
    memset(is_second, 0, sizeof is_second);
    post_count = 0;
    block = 0;
    must(archive_open(&writer, str_from_cstr(place.dir), ARCHIVE_WRITE, &err), &err);
}

static void end(void)
{
    archive_close(&writer);
    arena_deinit(&memory);
    scratch_end(&place);
}

static void reopen(bool is_import_over)
{
    struct err err = {0};

    if (is_import_over)
        must(archive_forget_import(writer, 1, &err), &err);
    archive_close(&writer);
    must(archive_open(&writer, str_from_cstr(place.dir), ARCHIVE_WRITE, &err), &err);
}

TEST(every_search_finds_what_stands_there)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        begin(seed);
        for (int i = 0; post_count < POSTS_MAX; i++) {
            write_batch();
            check_all();
            if (i % 3 == 2)
                reopen(random_below(&generator, 2) == 0);
        }
        reopen(true);
        check_all();
        CHECK(!writer->words.workers); /* only ever needed by the writers before */
        end();
    }
}

/* Files of the index that hold the bytes. */
static size_t files_with(Str needle)
{
    struct dir_entry *entries;
    struct err err = {0};
    size_t count, found = 0;

    must(dir_list(&memory, str_from_cstr(place.dir), &entries, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        Str bytes;
        if (!str_ends(entries[i].name, S(".words")))
            continue;
        must(file_read_all(&memory, path_join(&memory, str_from_cstr(place.dir), entries[i].name),
                           64 * MIB, &bytes, &err),
             &err);
        found += str_find(bytes, needle) < bytes.len ? 1 : 0;
    }
    return found;
}

static void write_one(size_t number, Str text)
{
    struct archive_item item;
    struct archive_counts done = {0};
    struct err err = {0};

    make_item(number, text, &item);
    struct archive_batch batch = {.items = &item, .count = 1, .import = 1, .block = block++};
    must(archive_write(writer, &batch, &done, &err), &err);
}

TEST(words_of_deleted_posts_leave_the_files)
{
    struct err err = {0};

    begin(9);
    write_one(POSTS_MAX, S("a quixoticsecret was told"));
    write_one(POSTS_MAX + 1, S("another zanysecret was told"));
    write_batch();
    reopen(true);
    CHECK_INT(files_with(S("quixoticsecret")), 1);
    CHECK_INT(files_with(S("zanysecret")), 1);
    write_one(POSTS_MAX, STR_NONE);
    write_one(POSTS_MAX + 1, S("it says something else now"));
    must(archive_purge_words(writer, clock_now_ms() - ARCHIVE_STALE_MS, &err), &err);
    CHECK_INT(files_with(S("quixoticsecret")), 1); /* not yet due */
    must(archive_purge_words(writer, clock_now_ms() + 2000, &err), &err);
    CHECK_INT(files_with(S("quixoticsecret")), 0);
    CHECK_INT(files_with(S("zanysecret")), 0);
    check_all();
    end();
}

int main(void)
{
    return RUN(CASE(every_search_finds_what_stands_there),
               CASE(words_of_deleted_posts_leave_the_files));
}
