/* What each construct of the three dialects becomes, what is reported, and that the translation
 * finds what the original was meant to find. */
#include "unit/test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "listen/query/query.h"
#include "listen/query/query_eval.h"
#include "listen/query/query_import.h"
#include "listen_samples.h"

struct bench {
    struct arena arena;
    struct tokenizer *words;
    struct query_import import;
};

static void setup(struct bench *b)
{
    struct err err = {0};

    arena_init(&b->arena, GIB);
    CHECK(tokenizer_create(&b->words, &err));
}

static void teardown(struct bench *b)
{
    tokenizer_destroy(&b->words);
    arena_deinit(&b->arena);
}

#define BW QUERY_DIALECT_BRANDWATCH
#define MW QUERY_DIALECT_MELTWATER
#define TW QUERY_DIALECT_TALKWALKER

struct conversion {
    enum query_dialect dialect;
    const char *text, *ours;
    size_t lost, approximate;
    const char *report; /* a part of the first report with its place; NULL: none is looked at */
};

static void show_import(const struct conversion *c, const struct query_import *import)
{
    struct buf out;

    buf_init(&out, MIB);
    for (size_t i = 0; i < import->count; i++) {
        query_import_print(&import->losses[i], &out);
        buf_lit(&out, "\n");
    }
    print_error("%s: %s\nwanted %s\ngot    " STR_F "\n" STR_F, query_dialect_name(c->dialect),
                c->text, c->ours, STR_A(import->text), STR_A(buf_str(&out)));
    buf_deinit(&out);
}

static void check_conversions(const struct conversion *cases, size_t count)
{
    struct bench b;
    struct err err = {0};

    setup(&b);
    for (size_t i = 0; i < count; i++) {
        const struct conversion *c = &cases[i];
        struct buf first;
        CHECK(query_import(&b.arena, b.words, str_from_cstr(c->text), c->dialect, &b.import, &err));
        buf_init(&first, MIB);
        if (b.import.count > 0)
            query_import_print(&b.import.losses[0], &first);
        Str report = buf_str(&first);
        bool is_good = str_eq(b.import.text, str_from_cstr(c->ours)) &&
                       b.import.lost_count == c->lost &&
                       b.import.approximate_count == c->approximate &&
                       (!c->report || str_find(report, str_from_cstr(c->report)) < report.len);
        if (!is_good)
            show_import(c, &b.import);
        CHECK(is_good);
        buf_deinit(&first);
    }
    teardown(&b);
}

TEST(brandwatch_constructs)
{
    static const struct conversion cases[] = {
        {BW, "apple AND juice", "apple AND juice", 0, 0, NULL},
        {BW, "apple juice", "apple AND juice", 0, 0, NULL},
        {BW, "apple OR juice", "apple OR juice", 0, 0, NULL},
        {BW, "apple NOT juice", "apple AND NOT juice", 0, 0, NULL},
        {BW, "apple AND -juice", "apple AND NOT juice", 0, 0, NULL},
        {BW, "apple AND NOT (juice OR pie)", "apple AND NOT (juice OR pie)", 0, 0, NULL},
        {BW, "(a AND b) OR c", "(a AND b) OR c", 0, 0, NULL},
        {BW, "a AND b OR c", "(a AND b) OR c", 0, 1, "1:1: approximate: AND and OR are mixed"},
        {BW, "salt and pepper", "salt AND \"and\" AND pepper", 0, 1, "1:6: approximate: taken as"},
        {BW, "\"apple juice\"", "\"apple juice\"", 0, 0, NULL},
        {BW,
         "\xE2\x80\x9C"
         "apple juice\xE2\x80\x9D",
         "\"apple juice\"", 0, 0, NULL},
        {BW, "\"apple juice\"~5", "\"apple juice\"~5", 0, 0, NULL},
        {BW, "\"apple\"~5", "\"apple\"", 1, 0, "~ needs a phrase"},
        {BW, "apple~2", "apple", 1, 0, "~ behind a single word is left out (the query finds less)"},
        {BW, "(a OR b) NEAR/5 (c OR d)", "(a OR b) NEAR/5 (c OR d)", 0, 0, NULL},
        {BW, "logitech NEAR/2f keyboard", "logitech ONEAR/2 keyboard", 0, 0, NULL},
        {BW, "x NEAR/0f y", "x ONEAR/0 y", 0, 0, NULL},
        {BW, "a NEAR b", "a NEAR/4 b", 0, 1, "1:3: approximate: NEAR without a number"},
        {BW, "a NEAR/2 b NEAR/3 c", "(a NEAR/2 b) NEAR/3 c", 0, 1, "1:12: approximate: several"},
        {BW, "a NEAR/3 (b AND c)", "a AND (b AND c)", 0, 1, "NEAR takes words"},
        {BW, "a NEAR/3 (b OR title:c)", "a AND (b OR title:c)", 0, 1, "NEAR takes words"},
        {BW, "a NEAR/5000 b", "a AND b", 0, 1, "at most 1000 words"},
        {BW, "a NEAR/x b", "a AND b", 1, 0, "'NEAR/x' is not understood"},
        {BW, "((a OR b) AND (c OR d))~5", "(a OR b) NEAR/5 (c OR d)", 0, 0, NULL},
        {BW, "(a AND b AND c)~3", "(a NEAR/3 b) NEAR/3 c", 0, 1, "~ over several groups"},
        {BW, "(a OR b)~3", "a OR b", 1, 0, "~ behind a group is left out"},
        {BW, "complain*", "complain*", 0, 0, NULL},
        {BW, "customi?e", "customi?e", 0, 0, NULL},
        {BW, "\"apple orchard*\"", "\"apple orchard*\"", 0, 0, NULL},
        {BW, "x AND *end", "x", 1, 0, "1:7: lost: '*end': a word begins with two letters"},
        {BW, "x OR *end", "x", 1, 0, "(the query finds less)"},
        {BW, "x NOT *end", "x", 1, 0, "(the query finds more)"},
        {BW, "x NOT (y OR *end)", "x AND NOT y", 1, 0, "(the query finds more)"},
        {BW, "x NOT (y AND *end)", "x AND NOT y", 1, 0, "(the query finds less)"},
        {BW, "{BT}", "{BT}", 0, 0, NULL},
        {BW, "raw:Google+", "raw:\"Google+\"", 0, 1, "capitals do not matter"},
        {BW, "ni\xC3\xB1o NOT nino", "ni\xC3\xB1o AND NOT nino", 0, 0, NULL},
        {BW, "#tag @name \xF0\x9F\x98\x80", "#tag AND @name AND \xF0\x9F\x98\x80", 0, 0, NULL},
        {BW, "<<< why >>> a AND b", "<<< why >>> a AND b", 0, 0, NULL},
        {BW, "a AND <<< two\nlines >>> b", "a AND <<< two >>> <<< lines >>> b", 0, 0, NULL},
        {BW, "title:\"apple juice\"", "title:\"apple juice\"", 0, 0, NULL},
        {BW, "title:(a OR \"b c\")", "title:(a OR \"b c\")", 0, 0, NULL},
        {BW, "author:ladygaga", "author:ladygaga", 0, 0, NULL},
        {BW, "x AND author:*gaga", "x", 1, 0, "'author:' takes no wildcard"},
        {BW, "authorFollowers:[500 TO 100000]", "followers:[500 TO 100000]", 0, 0, NULL},
        {BW, "authorVerified:true", "verified:yes", 0, 0, NULL},
        {BW, "x authorVerifiedType:blue", "x", 1, 0, "kinds of verification"},
        {BW, "x AND authorGender:F", "x", 1, 0, "1:7: lost: 'authorGender:': gender"},
        {BW, "site:twitter.com", "site:twitter.com", 0, 0, NULL},
        {BW, "url:\"msn.com/news\"", "url:msn.com/news*", 0, 0, NULL},
        {BW, "links:msn.com", "links:msn.com", 0, 0, NULL},
        {BW, "topLevelDomain:org", "tld:org", 0, 0, NULL},
        {BW, "subreddit:(nba OR Ballers)", "channel:nba OR channel:Ballers", 0, 0, NULL},
        {BW, "channelId:\"141\"", "channel:141", 0, 1, "'channelId:' becomes channel:"},
        {BW, "language:en", "lang:en", 0, 0, NULL},
        {BW, "country:gbr", "country:gbr", 0, 0, NULL},
        {BW, "x continent:europe", "x", 1, 0, "places are known by country only"},
        {BW, "x region:usa.fl", "x", 1, 0, "places are known by country only"},
        {BW, "x city:\"deu.berlin.berlin\"", "x", 1, 0, "places are known by country only"},
        {BW, "x latitude:[41 TO 44] longitude:[-73 TO -69]", "x", 2, 0, "country only"},
        {BW, "engagementType:COMMENT", "kind:comment", 0, 0, NULL},
        {BW, "engagementType:(REPLY OR RETWEET OR QUOTE)",
         "kind:reply OR kind:repost OR kind:quote", 0, 0, NULL},
        {BW, "engagementType:(REPLY OR SHARE)", "kind:reply", 1, 0, "'SHARE'"},
        {BW, "engagingWith:brandwatch", "replyto:brandwatch", 0, 1, "only replies"},
        {BW, "guid:857284431631011841", "id:857284431631011841", 0, 0, NULL},
        {BW, "rootPostId:1295", "thread:1295", 0, 1, "reposts are not"},
        {BW, "hashtags:fun", "#fun", 0, 0, NULL},
        {BW, "tags:photography", "#photography", 0, 1, "hashtags"},
        {BW, "at_mentions:ann", "mention:ann", 0, 0, NULL},
        {BW, "rating:[3 TO 5]", "rating:[3 TO 5]", 0, 0, NULL},
        {BW, "rating:3", "rating:3", 0, 0, NULL},
        {BW, "itemReview:(\"Xbox One\")", "product:\"Xbox One\"", 0, 0, NULL},
        {BW, "minuteOfDay:[1110 TO 1140]", "minute:[1110 TO 1140]", 0, 0, NULL},
        {BW, "pubType:MY_MENTIONS", "dataset:MY_MENTIONS", 0, 0, NULL},
        {BW, "x brandIds:12 objects:3902 imageType:image", "x", 3, 0, "pictures"},
        {BW, "x redditSpoiler:true", "x", 1, 0, "'redditSpoiler:' has no counterpart"},
        {BW, "a site:", "a AND \"site\"", 0, 0, NULL},
    };

    check_conversions(cases, COUNT_OF(cases));
}

TEST(meltwater_constructs)
{
    static const struct conversion cases[] = {
        {MW, "apple and watch", "apple AND watch", 0, 0, NULL},
        {MW, "a OR b AND c NOT d", "a OR (b AND c AND NOT d)", 0, 0, NULL},
        {MW, "apple watch", "apple AND watch", 0, 1, "side by side is read as AND"},
        {MW, "\"apple watch\"", "\"apple watch\"", 0, 0, NULL},
        {MW, "apple NEAR watch", "apple NEAR/4 watch", 0, 0, NULL},
        {MW, "apple near/10 watch", "apple NEAR/10 watch", 0, 0, NULL},
        {MW, "apple ONEAR watch", "apple ONEAR/4 watch", 0, 0, NULL},
        {MW, "apple ONEAR/2 watch", "apple ONEAR/2 watch", 0, 0, NULL},
        {MW, "shop* NEAR center*", "shop* NEAR/4 center*", 0, 0, NULL},
        {MW, "colo?r", "colo?r", 0, 0, NULL},
        {MW, "x AND D*C*", "x", 1, 0, "two letters"},
        {MW, "title:apple", "title:apple", 0, 0, NULL},
        {MW, "ingress:(a OR b)", "lead:(a OR b)", 0, 0, NULL},
        {MW, "iphone^9", "iphone^9", 0, 0, NULL},
        {MW, "(watch OR ipad)^9 AND apple^8", "(watch^9 OR ipad^9) AND apple^8", 0, 0, NULL},
        {MW, "\"a b\"~3", "\"a b\"~3", 0, 1, "not documented"},
        {MW, "x {BT}", "x", 1, 1, NULL},
        {MW, "x AND gender:f", "x", 1, 0, "'gender:' has no counterpart"},
        {MW, "x AND lang:en", "x AND lang:en", 0, 1, "not documented for Meltwater"},
    };

    check_conversions(cases, COUNT_OF(cases));
}

TEST(talkwalker_constructs)
{
    static const struct conversion cases[] = {
        {TW, "chocolate AND NOT swiss", "chocolate AND NOT swiss", 0, 0, NULL},
        {TW, "chocolate -swiss", "chocolate AND NOT swiss", 0, 0, NULL},
        {TW, "bike OR car", "bike OR car", 0, 0, NULL},
        {TW, "new bike", "\"new bike\"~10", 0, 1, "at most 10 words between"},
        {TW, "new blue bike", "\"new blue bike\"~20", 0, 1, "at most 20 words between"},
        {TW, "new \"blue bike\"", "new AND \"blue bike\"", 0, 1,
         "read as AND (the query finds more"},
        {TW, "\"obama merkel\"~5", "\"obama merkel\"~5", 0, 1, "counts jumps"},
        {TW, "a NEAR/5 b", "a NEAR/5 b", 0, 0, NULL},
        {TW, "a ONEAR/5 b", "a ONEAR/5 b", 0, 0, NULL},
        {TW, "luxemb*", "luxemb*", 0, 0, NULL},
        {TW, "reali?ation", "reali?ation", 0, 0, NULL},
        {TW, "word~0", "word", 0, 0, NULL},
        {TW, "word~1", "word~1", 0, 0, NULL},
        {TW, "word~2", "word~2", 0, 0, NULL},
        {TW, "word~", "word", 0, 1, "split and hyphenated"},
        {TW, "++\"ABC\"", "{ABC}", 0, 0, NULL},
        {TW, "++\"A&B\"", "raw:\"A&B\"", 0, 1, "capitals do not matter"},
        {TW, "+\"p&t\"", "raw:\"p&t\"", 0, 0, NULL},
        {TW, "x NEAR/3 +\"p&t\"", "x NEAR/3 \"p&t\"", 0, 1, "signs do not count"},
        {TW, "AT&T", "raw:\"AT&T\"", 0, 0, NULL},
        {TW, "co-op", "raw:\"co-op\"", 0, 0, NULL},
        {TW, "BMW", "{BMW}", 0, 1, "in capitals as written"},
        {TW, "#tag OR $BA OR @ann", "#tag OR $BA OR @ann", 0, 0, NULL},
        {TW, "title:bike", "title:bike", 0, 0, NULL},
        {TW, "content:bike", "body:bike", 0, 0, NULL},
        {TW, "author:ann", "author:ann", 0, 0, NULL},
        {TW, "mention:@ann", "mention:ann", 0, 0, NULL},
        {TW, "lang:en", "lang:en", 0, 0, NULL},
        {TW, "sourcecountry:de", "country:de", 0, 0, NULL},
        {TW, "site:\"http://www.wort.lu\"", "site:wort.lu", 0, 0, NULL},
        {TW, "x -site:\"bild.de\"", "x AND NOT site:bild.de", 0, 0, NULL},
        {TW, "domainurl:reddit.com", "site:reddit.com", 0, 0, NULL},
        {TW, "sourcetype:SOCIALMEDIA_TWITTER", "source:twitter", 0, 1, "names given here"},
        {TW, "x AND sourcetype:BLOG", "x", 1, 0, "there is no source type 'BLOG'"},
        {TW, "x AND gender:female", "x", 1, 0, "gender is not inferred"},
        {TW, "x AND is:retweet", "x", 1, 0, "kind:repost"},
        {TW, "x AND engagement:>5", "x AND engagement:>5", 0, 1, "likes, replies and reposts"},
    };

    check_conversions(cases, COUNT_OF(cases));
}

/* Mistakes of the original never stop the rest. */
TEST(broken_queries)
{
    static const struct conversion cases[] = {
        {BW, "", "", 1, 0, "1:1: lost: the query is empty"},
        {BW, "()", "", 1, 0, "empty brackets"},
        {BW, "(a AND b", "a AND b", 0, 1, "the bracket is not closed"},
        {BW, "a) AND b", "a AND b", 0, 2, "this bracket closes nothing"},
        {BW, "\"a b", "\"a b\"", 0, 1, "quotation mark is not closed"},
        {BW, "a AND AND b", "a AND b", 0, 1, "'AND' joins nothing"},
        {BW, "OR a", "a", 0, 1, "'OR' joins nothing"},
        {BW, "a NOT", "a", 1, 0, "NOT excludes nothing"},
        {BW, "<<< open a", "", 1, 1, NULL},
        {BW, "NOT a", "NOT a", 1, 0, "only excludes"},
        {BW, "authorGender:F", "", 1, 0, "gender"},
        {BW, "a\nAND\n  authorGender:M", "a", 1, 0, "3:3: lost"},
        {BW, "x AND ...", "x", 1, 0, "no word in '...'"},
        {BW, "x AND http://a.org/b", "x AND links:a.org/b", 0, 1, "among the links"},
        {TW, "a \xC3\xA4 AND gender:f", "a AND \xC3\xA4", 1, 1, NULL},
    };

    check_conversions(cases, COUNT_OF(cases));
}

/* Found by the translation as the original is documented to find it. */
TEST(meanings_survive)
{
    static const struct {
        enum query_dialect dialect;
        const char *query, *text;
        bool matches;
    } cases[] = {
        {BW, "logitech NEAR/2f keyboard", "a Logitech Solar Keyboard", true},
        {BW, "logitech NEAR/2f keyboard", "a keyboard by Logitech", false},
        {BW, "((cake OR cookie) AND birthday)~5", "birthday with a lot of cake", true},
        {BW, "((cake OR cookie) AND birthday)~1", "birthday with a lot of cake", false},
        {BW, "{BT} NOT raw:\"B&T\"", "BT is down", true},
        {BW, "{BT}", "bt is down", false},
        {BW, "nino", "el ni\xC3\xB1o", true},
        {BW, "ni\xC3\xB1o", "el nino", false},
        {MW, "apple NEAR watch", "watch the new big red apple", true},
        {MW, "apple NEAR watch", "watch the new big red ripe apple", false},
        {MW, "apple ONEAR watch", "watch an apple", false},
        {MW, "a OR b AND c", "a", true},
        {TW, "new bike", "a bike that is really quite new", true},
        {TW, "reali?ation", "a realization", true},
        {TW, "+\"p&t\"", "P&T said", true},
        {TW, "+\"p&t\"", "p t said", false},
        {TW, "++\"ABC\"", "abc", false},
    };
    struct bench b;
    struct post_tokens tokens;
    struct err err = {0};

    setup(&b);
    CHECK(post_tokens_init(&tokens, &err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct post post = {.id = S("1"), .text = str_from_cstr(cases[i].text), .rating = NAN};
        struct query_problems problems = {0};
        struct query query;
        bool matches;
        CHECK(query_import(&b.arena, b.words, str_from_cstr(cases[i].query), cases[i].dialect,
                           &b.import, &err));
        CHECK(b.import.is_usable);
        CHECK(
            query_parse(&b.arena, b.words, b.import.text, STR_NONE, NULL, &query, &problems, &err));
        CHECK(post_tokens_fill(&tokens, &post, &err));
        CHECK(query_matches(&b.arena, &query, &post, &tokens, &matches, &err));
        if (matches != cases[i].matches)
            print_error("%s on '%s'\n", cases[i].query, cases[i].text);
        CHECK_INT(matches, cases[i].matches);
        query_problems_deinit(&problems);
    }
    post_tokens_deinit(&tokens);
    teardown(&b);
}

/* Our own queries read as Brandwatch's: nothing usable may be refused, whatever comes in. */
TEST(random_queries_import)
{
    const struct sample_words words = {sample_vocabulary, COUNT_OF(sample_vocabulary)};
    struct random r = {.seed = 12};
    struct bench b;
    struct buf text;
    struct err err = {0};
    size_t usable = 0;

    setup(&b);
    buf_init(&text, MIB);
    for (int i = 0; i < 1500; i++) {
        struct query_problems problems = {0};
        struct query query;
        arena_reset(&b.arena);
        buf_reset(&text);
        sample_query(&r, &words, 1 + (unsigned)sample_below(&r, 3), false, &text);
        if (str_utf8_invalid_at(buf_str(&text)) < text.len) /* a pattern cut inside a letter */
            continue;
        CHECK(query_import(&b.arena, b.words, buf_str(&text),
                           (enum query_dialect)(i % QUERY_DIALECT_COUNT), &b.import, &err));
        CHECK(b.import.is_usable || b.import.lost_count > 0);
        if (!b.import.is_usable)
            continue;
        usable++;
        CHECK(
            query_parse(&b.arena, b.words, b.import.text, STR_NONE, NULL, &query, &problems, &err));
        CHECK_INT(problems.error_count, 0);
        query_problems_deinit(&problems);
    }
    CHECK(usable > 700);
    buf_deinit(&text);
    teardown(&b);
}

TEST(sizes_and_memory)
{
    struct bench b;
    struct buf text;
    struct err err = {0};

    setup(&b);
    buf_init(&text, 4 * MIB);
    for (unsigned i = 0; text.len < 100000; i++)
        buf_printf(&text, "%sword%u", i > 0 ? " OR " : "", i);
    CHECK(query_import(&b.arena, b.words, buf_str(&text), BW, &b.import, &err));
    CHECK(b.import.is_usable && b.import.count == 0);
    buf_reset(&text);
    for (unsigned i = 0; i < 50000; i++)
        buf_add(&text, i % 3 == 0 ? S("(") : i % 3 == 1 ? S("NOT ") : S("a NEAR "));
    CHECK(query_import(&b.arena, b.words, buf_str(&text), BW, &b.import, &err));
    buf_reset(&text);
    for (unsigned i = 0; i < 3000; i++)
        buf_lit(&text, "*x ");
    CHECK(query_import(&b.arena, b.words, buf_str(&text), BW, &b.import, &err));
    CHECK_INT(b.import.count, QUERY_IMPORT_LOSSES_MAX);
    CHECK_INT(b.import.lost_count, 3000);
    CHECK(!query_import(&b.arena, b.words, S("a\xFF"), BW, &b.import, &err));
    CHECK_INT(err.code, ERR_INPUT);
    for (size_t cap = 64; cap < 1 << 16; cap += 517) {
        struct arena small;
        struct err why = {0};
        arena_init(&small, cap);
        bool ok = query_import(&small, b.words,
                               S("<<< c >>> (a OR \"b c\"~3) NEAR/3 d NOT site:(x OR y) AND *e"),
                               BW, &b.import, &why);
        CHECK(ok == (why.code == ERR_NONE));
        arena_deinit(&small);
    }
    buf_deinit(&text);
    teardown(&b);
}

int main(void)
{
    return RUN(CASE(brandwatch_constructs), CASE(meltwater_constructs), CASE(talkwalker_constructs),
               CASE(broken_queries), CASE(meanings_survive), CASE(random_queries_import),
               CASE(sizes_and_memory));
}
