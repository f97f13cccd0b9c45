/* listen_samples.h - random queries of every form and random posts that answer them, from a seed.
 * Words come from a small vocabulary, so that many queries match. */
#ifndef TESTS_UNIT_LISTEN_SAMPLES_H
#define TESTS_UNIT_LISTEN_SAMPLES_H

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "listen/post.h"

struct sample_words {
    const char *const *items;
    size_t count;
};

static const char *const sample_vocabulary[] = {
    "late",    "flight",  "delay",    "delays", "delayed", "phone", "phones",   "screen",
    "battery", "camera",  "apple",    "iphone", "htc",     "one",   "nokia",    "great",
    "awful",   "bad",     "broken",   "cafe",   "café",    "CAFÉ",  "Zürich",   "zurich",
    "straße",  "BT",      "bt",       "Bt",     "don't",   "co-op", "e-mail",   "3.5",
    "2026",    "C++",     "AT&T",     "naïve",  "naive",   "😀",     "👍🏽", "👍",
    "the",     "a",       "to",       "and",    "not",     "or",    "color",    "colour",
    "cancel",  "cancels", "日本",     "Ωmega",  "don’t",   "ﬁne",   "AAPL",     "東京タワー",
    "東京タ*", "日本*",   "你好世界", "你好*"};

static inline size_t sample_below(struct random *r, size_t bound)
{
    return (size_t)random_below(r, bound);
}

static inline bool sample_chance(struct random *r, unsigned percent)
{
    return sample_below(r, 100) < percent;
}

static inline const char *sample_word(struct random *r, const struct sample_words *words)
{
    /* The first words are frequent. */
    size_t a = sample_below(r, words->count), b = sample_below(r, words->count);

    return words->items[a < b ? a : b];
}

static inline void sample_value(struct random *r, struct buf *out)
{
    static const char *const fields[] = {"author:ann",
                                         "author:@Bob",
                                         "author:(ann OR bob)",
                                         "author_like:an",
                                         "author:\"ann klein\"",
                                         "author:\"Ann Kléin\"",
                                         "author_like:klein",
                                         "author_like:kléin",
                                         "lang:en",
                                         "lang:de",
                                         "lang:(en OR fr)",
                                         "language:(en OR NOT de)",
                                         "language:EN",
                                         "site:example.org",
                                         "site:blog.example.org",
                                         "tld:org",
                                         "tld:co.uk",
                                         "kind:repost",
                                         "url:example.org/a",
                                         "url:example.org/*",
                                         "links:x.org",
                                         "links:x.org/news",
                                         "links:x.org/ne*",
                                         "link:y.de",
                                         "source:forum",
                                         "source:twitter",
                                         "kind:reply",
                                         "type:post",
                                         "country:DEU",
                                         "country:us",
                                         "dataset:one",
                                         "thread:t1",
                                         "id:7",
                                         "replyto:5",
                                         "replyto:ann",
                                         "channel:phones",
                                         "product:\"htc one\"",
                                         "mention:ann",
                                         "mentions:@Ann",
                                         "hashtag:late",
                                         "hashtags:(phone OR #delay)",
                                         "verified:yes",
                                         "verified:no",
                                         "verified:true",
                                         "sentiment:negative",
                                         "sentiment:(positive OR neutral)",
                                         "followers:[10 TO 500]",
                                         "followers:>100",
                                         "followers:<=10",
                                         "rating:[3 TO 5]",
                                         "rating:>4",
                                         "rating:(1 OR 5)",
                                         "rating:<3",
                                         "engagement:>3",
                                         "engagement:[* TO 5]",
                                         "views:>=10",
                                         "minute:[0 TO 719]",
                                         "followers:0",
                                         "after:2026-01-10",
                                         "after:2026-01-12T06:30+02:00",
                                         "before:2026-01-20T12:00:00Z"};

    buf_add(out, str_from_cstr(fields[sample_below(r, COUNT_OF(fields))]));
}

static inline void sample_atom(struct random *r, const struct sample_words *words, struct buf *out)
{
    const char *word = sample_word(r, words);
    size_t len = str_from_cstr(word).len, kind = sample_below(r, 100);

    if (kind < 50) {
        buf_printf(out, "\"%s\"", word);
    } else if (kind < 60) {
        size_t keep = len > 3 ? 3 : len;
        while (keep < len && ((unsigned char)word[keep] & 0xC0) == 0x80)
            keep++;
        buf_printf(out, "%.*s*", (int)keep, word);
    } else if (kind < 64 && len > 4 && (unsigned char)word[3] < 0x80 &&
               ((unsigned char)word[4] & 0xC0) != 0x80) {
        buf_printf(out, "%.*s?%s", 3, word, word + 4);
    } else if (kind < 67 && len > 4) {
        buf_printf(out, "%.*s*%s", 3, word, word + len - 1);
    } else if (kind < 74 && len > 3) {
        buf_printf(out, "%s~%zu", word, 1 + sample_below(r, 2));
    } else if (kind < 78) {
        buf_printf(out, "{%s}", word);
    } else if (kind < 80) {
        buf_printf(out, "{%s %s}", word, sample_word(r, words));
    } else if (kind < 86) {
        buf_printf(out, "#%s", word);
    } else if (kind < 89) {
        buf_printf(out, "@%s", word);
    } else if (kind < 91) {
        buf_printf(out, "#%.*s*", 3, word);
    } else if (kind < 93) {
        buf_printf(out, "$%s", word);
    } else if (kind < 95) {
        buf_printf(out, "\"%s\"^%zu", word, 1 + sample_below(r, 20));
    } else if (kind < 96) {
        buf_printf(out, "%s-%s", word, sample_word(r, words));
    } else {
        buf_printf(out, "%s", word);
    }
}

static inline void sample_phrase(struct random *r, const struct sample_words *words,
                                 struct buf *out)
{
    size_t count = 2 + sample_below(r, 3);

    buf_lit(out, "\"");
    for (size_t i = 0; i < count; i++) {
        const char *word = sample_word(r, words);
        buf_printf(out, "%s%s", i > 0 ? " " : "", word);
        if (sample_chance(r, 8) && str_from_cstr(word).len > 3)
            buf_lit(out, "*");
    }
    buf_lit(out, "\"");
    if (sample_chance(r, 40))
        buf_printf(out, "~%zu", sample_below(r, 8));
}

/* One of two spellings, sometimes in lower case: operators are read in both. */
static inline const char *sample_operator(struct random *r, const char *one, const char *other)
{
    static const char *const lower[][2] = {
        {"NEAR", "near"}, {"ONEAR", "onear"}, {"AND", "and"}, {"OR", "or"}, {"NOT", "not"}};
    const char *chosen = sample_chance(r, 60) ? one : other;

    for (size_t i = 0; i < COUNT_OF(lower); i++)
        if (str_eq(str_from_cstr(chosen), str_from_cstr(lower[i][0])) && sample_chance(r, 15))
            return lower[i][1];
    return chosen;
}

/* A part that has places: words, phrases, OR and NEAR of them. */
static inline void sample_placed(struct random *r, const struct sample_words *words, unsigned depth,
                                 struct buf *out)
{
    size_t kind = sample_below(r, depth == 0 ? 70 : 100);

    if (kind < 50) {
        sample_atom(r, words, out);
    } else if (kind < 70) {
        sample_phrase(r, words, out);
    } else if (kind < 85) {
        size_t count = 2 + sample_below(r, 3);
        buf_lit(out, "(");
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                buf_lit(out, " OR ");
            sample_placed(r, words, depth - 1, out);
        }
        buf_lit(out, ")");
    } else {
        buf_lit(out, "(");
        sample_placed(r, words, depth - 1, out);
        if (sample_chance(r, 20))
            buf_add(out, sample_chance(r, 50) ? S(" NEAR ") : S(" ONEAR "));
        else
            buf_printf(out, " %s/%zu%s ", sample_operator(r, "NEAR", "ONEAR"), sample_below(r, 6),
                       sample_chance(r, 20) ? "f" : "");
        sample_placed(r, words, depth - 1, out);
        buf_lit(out, ")");
    }
}

static inline void sample_query(struct random *r, const struct sample_words *words, unsigned depth,
                                bool in_sentence, struct buf *out);

static inline void sample_joined(struct random *r, const struct sample_words *words, unsigned depth,
                                 bool in_sentence, struct buf *out)
{
    bool is_and = sample_chance(r, 60);
    size_t count = 2 + sample_below(r, 3);

    buf_lit(out, "(");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_printf(out, " %s ",
                       !is_and                ? sample_operator(r, "OR", "OR")
                       : sample_chance(r, 20) ? ""
                                              : sample_operator(r, "AND", "AND"));
        if (is_and && i > 0 && sample_chance(r, 25))
            buf_printf(out, "%s", sample_chance(r, 50) ? "-" : "NOT ");
        if (is_and && i > 0 && sample_chance(r, 3))
            buf_lit(out, "not NOT ");
        sample_query(r, words, depth - 1, in_sentence, out);
    }
    buf_lit(out, ")");
}

/* Any form of the grammar. */
static inline void sample_query(struct random *r, const struct sample_words *words, unsigned depth,
                                bool in_sentence, struct buf *out)
{
    static const char *const operators[] = {">=", ">", "=", "<=", "<"};
    static const char *const scopes[] = {"title:", "body:", "lead:"};
    static const char *const raws[] = {"raw:\"C++\"", "raw:AT&T",  "raw:\"late flight\"",
                                       "raw:\"caf\"", "raw:\"é\"", "raw:\"!\""};
    size_t kind = sample_below(r, 100);

    if (sample_chance(r, 3))
        buf_lit(out, "<<< a note >>> ");
    if (depth > 0 && kind < 45) {
        sample_joined(r, words, depth, in_sentence, out);
    } else if (kind < 65 || in_sentence) {
        sample_placed(r, words, depth, out);
    } else if (kind < 78) {
        sample_value(r, out);
    } else if (kind < 83) {
        bool is_bare = sample_chance(r, 25);
        buf_printf(out, "%s%s", scopes[sample_below(r, 3)], is_bare ? "" : "(");
        if (is_bare)
            sample_atom(r, words, out);
        else
            sample_query(r, words, depth > 0 ? depth - 1 : 0, false, out);
        buf_add(out, is_bare ? STR_NONE : S(")"));
    } else if (kind < 88) {
        buf_lit(out, "SENTENCE(");
        sample_query(r, words, depth > 0 ? depth - 1 : 0, true, out);
        buf_lit(out, ")");
    } else if (kind < 94) {
        buf_lit(out, "COUNT(");
        sample_placed(r, words, depth, out);
        buf_printf(out, ")%s%zu", operators[sample_below(r, COUNT_OF(operators))],
                   1 + sample_below(r, 3));
    } else if (kind < 97) {
        buf_printf(out, "@@q%zu", sample_below(r, 40));
    } else {
        buf_add(out, str_from_cstr(raws[sample_below(r, COUNT_OF(raws))]));
    }
}

static inline Str sample_text(struct random *r, const struct sample_words *words, size_t count,
                              struct arena *a)
{
    static const char *const ends[] = {" ",  " ",  " ",  " ",  " ",   " ",
                                       ", ", ". ", "! ", "\n", "\n\n"};
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        if (sample_chance(r, 8))
            buf_add(&out, sample_chance(r, 60) ? S("#") : sample_chance(r, 70) ? S("@") : S("$"));
        buf_add(&out, str_from_cstr(sample_word(r, words)));
        if (sample_chance(r, 3))
            buf_lit(&out, " https://x.org/news/1");
        buf_add(&out, str_from_cstr(ends[sample_below(r, COUNT_OF(ends))]));
    }
    Str text = arena_str(a, buf_str(&out));
    buf_deinit(&out);
    return text;
}

static inline Str sample_one(struct random *r, const char *const *items, size_t count)
{
    return str_from_cstr(items[sample_below(r, count)]);
}
#define SAMPLE_ONE(r, ...)                                                                         \
    sample_one((r), (const char *const[]){__VA_ARGS__},                                            \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline struct post sample_post(struct random *r, const struct sample_words *words,
                                      struct arena *a)
{
    static const Str links[] = {S_INIT("http://www.x.org/news/a?b=1"), S_INIT("https://y.de")};
    static const Str mentions[] = {S_INIT("Ann")};
    struct post post = {.id = SAMPLE_ONE(r, "7", "8"),
                        .source = SAMPLE_ONE(r, "forum", "twitter"),
                        .kind = SAMPLE_ONE(r, "post", "reply"),
                        .lang = SAMPLE_ONE(r, "en", "de", "en-GB", ""),
                        .url =
                            SAMPLE_ONE(r, "https://www.example.org/a", "http://blog.example.org/b/",
                                       "", "https://other.de/x", "https://news.example.co.uk/c"),
                        .links = links,
                        .link_count = sample_below(r, 3),
                        .mentions = mentions,
                        .mention_count = sample_below(r, 2),
                        .reply_to = SAMPLE_ONE(r, "", "5"),
                        .reply_to_author = SAMPLE_ONE(r, "", "ann"),
                        .thread = SAMPLE_ONE(r, "", "t1"),
                        .country = SAMPLE_ONE(r, "", "DE", "US"),
                        .dataset = SAMPLE_ONE(r, "", "one"),
                        .extra = SAMPLE_ONE(r, "", "{\"subreddit\":\"phones\",\"n\":1}",
                                            "{\"x\":{\"product\":\"no\"},\"product\":\"HTC One\"}"),
                        .rating = sample_chance(r, 50) ? NAN : (double)sample_below(r, 6)};
    post.author.handle = SAMPLE_ONE(r, "ann", "Bob", "");
    post.author.name = SAMPLE_ONE(r, "Ann Smith", "Ann Kléin", "Ann Klein", "Stefan", "");
    post.author.followers = sample_chance(r, 30) ? POST_UNKNOWN : (int64_t)sample_below(r, 1000);
    post.author.verified = (int8_t)((int)sample_below(r, 3) - 1);
    post.metrics.likes = (int64_t)sample_below(r, 8) - 1;
    post.metrics.replies = (int64_t)sample_below(r, 3) - 1;
    post.metrics.reposts = (int64_t)sample_below(r, 3) - 1;
    post.metrics.views = (int64_t)sample_below(r, 30) - 1;
    post.has_created_at = sample_chance(r, 80);
    if (post.has_created_at)
        post.created_at_ms = INT64_C(1767225600000) + (int64_t)sample_below(r, 30 * 86400) * 1000;
    if (sample_chance(r, 50))
        post.title = sample_text(r, words, 1 + sample_below(r, 6), a);
    if (sample_chance(r, 95))
        post.text = sample_text(r, words, sample_below(r, 40), a);
    return post;
}

#endif
