/* Parser, formatter, linter: what is accepted, what is refused, where and with which fix. */
#include "unit/test.h"

#include "base/limits.h"
#include "base/mem.h"
#include "listen/query/query.h"
#include "listen/query/query_eval.h"
#include "listen/query/query_field.h"
#include "listen/query/query_glob.h"
#include "listen_samples.h"
#include "os/file.h"

enum { OUT_MAX = 1 << 24 };

static bool find_query(void *context, Str name, Str *text)
{
    static const struct {
        const char *name, *text;
    } queries[] = {{"brand", "apple OR iphone"},   {"loop", "x AND @@loop2"},
                   {"loop2", "y AND @@loop"},      {"bad", "y AND ("},
                   {"both", "late AND flight"},    {"two words", "late"},
                   {"double", "@@half OR @@half"}, {"half", "@@quarter OR @@quarter"}};

    (void)context;
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        if (str_eq(name, str_from_cstr(queries[i].name))) {
            *text = str_from_cstr(queries[i].text);
            return true;
        }
    return false;
}

struct bench {
    struct arena arena;
    struct tokenizer *words;
    struct query query;
    struct query_problems problems;
    struct buf out;
};

static void setup(struct bench *b)
{
    struct err err = {0};

    *b = (struct bench){0};
    arena_init(&b->arena, GIB);
    buf_init(&b->out, OUT_MAX);
    CHECK(tokenizer_create(&b->words, &err));
}

static void teardown(struct bench *b)
{
    query_problems_deinit(&b->problems);
    tokenizer_destroy(&b->words);
    buf_deinit(&b->out);
    arena_deinit(&b->arena);
}

static void parse(struct bench *b, Str text, bool with_lint)
{
    static const struct query_resolver resolver = {find_query, NULL};
    struct err err = {0};

    query_problems_deinit(&b->problems);
    CHECK(query_parse(&b->arena, b->words, text, S("self"), &resolver, &b->query, &b->problems,
                      &err));
    if (with_lint)
        CHECK(query_lint(&b->arena, &b->query, &b->problems, &err));
    buf_reset(&b->out);
    query_format(&b->query, 0, &b->out);
}

static void check_canonical(struct bench *b, const char *text, const char *canonical)
{
    parse(b, str_from_cstr(text), false);
    CHECK_INT(b->problems.error_count, 0);
    CHECK_STR(buf_str(&b->out), canonical);
    Str once = arena_str(&b->arena, buf_str(&b->out));
    parse(b, once, false);
    CHECK_INT(b->problems.error_count, 0);
    CHECK_STR(buf_str(&b->out), canonical);
}

TEST(query_canonical_forms)
{
    static const char *const cases[][2] = {
        {"late flight", "late AND flight"},
        {"late and flight", "late AND flight"},
        {"a or b OR c", "a OR b OR c"},
        {"late -train", "late AND NOT train"},
        {"late not train", "late AND NOT train"},
        {"late AND NOT NOT train", "late AND train"},
        {"-\"a b\" c", "NOT \"a b\" AND c"},
        {"((late))", "late"},
        {"(a OR b) (c OR d)", "(a OR b) AND (c OR d)"},
        {"\"late   flight\"~5", "\"late flight\"~5"},
        {"\xE2\x80\x9Clate flight\xE2\x80\x9D", "\"late flight\""},
        {"late-flight", "late-flight"},
        {"AT&T don't 3.5", "AT&T AND don't AND 3.5"},
        {"a NEAR b", "a NEAR/4 b"},
        {"(a OR b) NEAR/3f c", "(a OR b) ONEAR/3 c"},
        {"a ONEAR b", "a ONEAR/4 b"},
        {"near me", "near AND me"},
        {"a NEAR/2 b AND c", "(a NEAR/2 b) AND c"},
        {"(a NEAR b) NEAR/1 c", "(a NEAR/4 b) NEAR/1 c"},
        {"SENTENCE(a AND b)", "SENTENCE(a AND b)"},
        {"COUNT(a)>2 COUNT(b) <= 3 COUNT(c)<2 d COUNT(e)=1",
         "COUNT(a)>=3 AND COUNT(b)<=3 AND COUNT(c)<=1 AND d AND COUNT(e)=1"},
        {"cancel** col?r w\xC3\xB6rd~1", "cancel** AND col?r AND w\xC3\xB6rd~1"},
        {"{BT} {Big Blue}", "{BT} AND {Big Blue}"},
        {"raw:C++ raw:\"R & D\"", "raw:\"C++\" AND raw:\"R & D\""},
        {"#tag @name $BA hashtag:delay", "#tag AND @name AND $BA AND #delay"},
        {"title:late body:\"x y\" lead:(a OR b)", "title:late AND body:\"x y\" AND lead:(a OR b)"},
        {"language:EN type:reply", "lang:EN AND kind:reply"},
        {"lang:(en OR de)", "lang:en OR lang:de"},
        {"source:\"//a\"", "source:\"//a\""},
        {"followers:[10 TO *] rating:>3.5 views:=7 likes engagement:<=2",
         "followers:[10 TO *] AND rating:>3.5 AND views:7 AND likes AND engagement:<=2"},
        {"after:2026-11-22 before:2026-11-22T08:15:00+01:00",
         "after:2026-11-22 AND before:2026-11-22T07:15:00Z"},
        {"product:\"htc one\" author:@ann", "product:\"htc one\" AND author:ann"},
        {"sentiment:Negative verified:true", "sentiment:Negative AND verified:yes"},
        {"@@brand NEAR/2 late @@\"two words\"", "(@@brand NEAR/2 late) AND @@\"two words\""},
        {"<<< why >>> a AND <<< more >>> b <<< end >>>",
         "<<< why >>> a AND <<< more >>> b <<< end >>>"},
        {"<<< why >>> (NOT a AND b)", "NOT <<< why >>> a AND b"},
        {"SENTENCE(<<< why >>> (-a b)) OR title:(<<< why >>> (-a b))",
         "SENTENCE(NOT <<< why >>> a AND b) OR title:(NOT <<< why >>> a AND b)"},
        {"x OR <<< why >>> (NOT a AND b)", "x OR <<< why >>> (NOT a AND b)"},
        {"term^9 \"a b\"~3^2", "term^9 AND \"a b\"~3^2"},
        {"\"and\" OR \"or\"", "\"and\" OR \"or\""},
        {"12:30", "12:30"},
        {"\"how are you?\"", "\"how are you?\""},
    };
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_canonical(&b, cases[i][0], cases[i][1]);
    teardown(&b);
}

TEST(query_layout_breaks_long_lines)
{
    struct bench b;

    setup(&b);
    parse(&b, S("(apple OR iphone OR ipad) AND (broken OR (crack* AND screen)) AND NOT case"),
          false);
    buf_reset(&b.out);
    query_format(&b.query, 30, &b.out);
    CHECK_STR(buf_str(&b.out), "(apple OR iphone OR ipad)\n"
                               "AND (\n"
                               "  broken\n"
                               "  OR (crack* AND screen)\n"
                               ")\n"
                               "AND NOT case");
    teardown(&b);
}

/* Every mistake with its first place, a part of its message and its one-click text. */
TEST(query_mistakes_have_place_and_fix)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *message, *edit; /* edit: NULL = none asked for */
    } cases[] = {
        {"", 1, 1, "the query is empty", NULL},
        {"  \n ", 1, 1, "the query is empty", NULL},
        {"a AND b OR c", 1, 1, "AND and OR are mixed", "(a AND b) OR c"},
        {"a OR b -c", 1, 1, "AND and OR are mixed", "(a OR b) -c"},
        {"a b OR c d", 1, 1, "AND and OR are mixed", "(a b) OR (c d)"},
        {"a\nAND\nAND b", 3, 1, "before 'AND'", ""},
        {"a AND", 1, 3, "behind 'AND'", ""},
        {"OR a", 1, 1, "before 'OR'", ""},
        {"a NOT", 1, 3, "behind NOT", NULL},
        {"a NOT AND b", 1, 7, "before 'AND'", ""},
        {"not NEAR/3 b", 1, 5, "before 'NEAR/3'", ""},
        {"a NEAR", 1, 3, "behind NEAR", NULL},
        {"NEAR a", 1, 1, "before 'NEAR'", ""},
        {"a NEAR/x b", 1, 3, "a number of words", "NEAR/4"},
        {"a NEAR/1001 b", 1, 3, "a number of words", "NEAR/4"},
        {"a NEAR b NEAR c", 1, 10, "several NEAR", "(a NEAR b) NEAR c"},
        {"a NEAR (b AND c)", 1, 8, "AND cannot stand inside NEAR", NULL},
        {"a NEAR -b", 1, 8, "NOT cannot stand inside NEAR", NULL},
        {"a NEAR (b OR lang:en)", 1, 8, "a field cannot stand inside NEAR", NULL},
        {"a NEAR @@both", 1, 8, "AND cannot stand inside NEAR", NULL},
        {"(a", 1, 1, "not closed", ")"},
        {"a)", 1, 2, "closes nothing", ""},
        {"a () b", 1, 3, "empty brackets", NULL},
        {"\"late", 1, 1, "quotation mark is not closed", "\""},
        {"{late", 1, 1, "brace is not closed", NULL},
        {"a } b", 1, 3, "closes nothing", ""},
        {"{}", 1, 1, "no word in the braces", NULL},
        {"a <<< b", 1, 3, "comment is not closed", " >>>"},
        {"\"...\"", 1, 1, "there is no word", "raw:\"...\""},
        {"*phone", 1, 1, "begins with a wildcard", NULL},
        {"p*", 1, 1, "one letter before its wildcard", NULL},
        {"word~3", 1, 5, "from 0 to 2", "~1"},
        {"\"a b\"~2000", 1, 6, "from 0 to 1000", "~5"},
        {"late-flight~2", 1, 1, "expected quotes", "\"late-flight\""},
        {"(a OR b)~5", 1, 9, "belongs to a phrase or word", NULL},
        {"word^0", 1, 5, "1 to 1000", ""},
        {"foo:bar", 1, 1, "there is no field 'foo:'", NULL},
        {"autor:ann", 1, 1, "there is no field 'autor:'", "author"},
        {"title:", 1, 1, "directly behind title:", NULL},
        {"lang: en", 1, 1, "directly behind lang:", NULL},
        {"sentiment:bad", 1, 1, "positive, neutral or negative", NULL},
        {"followers:abc", 1, 1, "a number or [a TO b]", NULL},
        {"followers:[1 TO", 1, 1, "a number or [a TO b]", NULL},
        {"rating:[5 TO 3]", 1, 8, "ends before it begins", "[3 TO 5]"},
        {"after:2026-02-30", 1, 1, "a date", NULL},
        {"http://x.org/y", 1, 1, "a web address is no word", "links:x.org/y"},
        {"www.x.org", 1, 1, "a web address is no word", "links:x.org"},
        {"\"_www.x.org\"", 1, 3, "a web address is no word", "links:x.org"},
        {"after:(2026-01-01 {a})", 1, 19, "a date", NULL},
        {"followers:(})", 1, 12, "a number or [a TO b]", NULL},
        {"hashtag:\"ab c?\"", 1, 1, "is no hashtag", NULL},
        {"hashtag:www.x.org", 1, 1, "is no hashtag", NULL},
        {"hashtag:\"x*\"", 1, 9, "has one letter before its wildcard", NULL},
        {"hashtag:({)", 1, 10, "directly behind hashtag:", NULL},
        {"COUNT(a)", 1, 1, "behind COUNT", NULL},
        {"COUNT(a AND b)>2", 1, 6, "AND cannot stand inside COUNT", NULL},
        {"SENTENCE(lang:en)", 1, 9, "a field cannot stand inside SENTENCE", NULL},
        {"SENTENCE(-a)", 1, 1, "SENTENCE needs a word", NULL},
        {"@@nix", 1, 1, "no query named 'nix'", NULL},
        {"@@", 1, 1, "expected the name", NULL},
        {"a @@self", 1, 3, "comes back to itself", NULL},
        {"@@loop", 1, 1, "comes back to itself", NULL},
        {"@@bad", 1, 1, "@@bad has a mistake at 1:7", NULL},
        {"a && b", 1, 3, "'&&' is no operator", "AND"},
        {"a | b", 1, 3, "'|' is no operator", "OR"},
        {"a \xFF", 1, 3, "not valid UTF-8", NULL},
        {"\xC3\xA4\xC3\xA4 AND AND b", 1, 8, "before 'AND'", ""}, /* columns are characters */
        {"NOT a", 1, 1, "the query only excludes", NULL},
        {"a OR NOT b", 1, 6, "this alternative only excludes", NULL},
        {"COUNT(a)<3", 1, 1, "the query only excludes", NULL},
        {"raw:", 1, 1, "directly behind raw:", NULL},
        {"hashtag:\"a b\"", 1, 1, "no hashtag", NULL},
        {"x AND 東京?", 1, 7, "words of their own", "東京*"},
        {"東?京", 1, 1, "one letter before its wildcard", NULL},
        {"東京*タ", 1, 1, "words of their own", NULL},
        {"cancel*京", 1, 1, "words of their own", NULL},
        {"late–f*", 1, 6, "one letter before its wildcard", NULL},
    };
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        parse(&b, str_from_cstr(cases[i].text), true);
        const struct query_problem *first = b.problems.items;
        while (first < b.problems.items + b.problems.count && first->severity != QUERY_ERROR)
            first++;
        if (b.problems.error_count == 0 || first->line != cases[i].line ||
            first->column != cases[i].column ||
            str_find(first->message, str_from_cstr(cases[i].message)) >= first->message.len ||
            (cases[i].edit &&
             (!first->has_edit || !str_eq(first->edit_text, str_from_cstr(cases[i].edit))))) {
            print_error("case '%s'\n", cases[i].text);
            vec_each (struct query_problem, p, &b.problems) {
                buf_reset(&b.out);
                query_problem_print(p, &b.out);
                print_error(STR_F " [" STR_F "]\n", STR_A(buf_str(&b.out)), STR_A(p->edit_text));
            }
            fail();
        }
        CHECK(first->fix.len > 0 || first->message.len > 0);
    }
    teardown(&b);
}

TEST(query_reports_every_mistake)
{
    struct bench b;

    setup(&b);
    parse(&b, S("(a AND OR b) AND foo:x AND *y AND \"z"), false);
    CHECK_INT(b.problems.error_count, 4);
    teardown(&b);
}

/* The one-click fixes lead to a query without that mistake. */
TEST(query_edits_repair)
{
    static const char *const cases[] = {
        "a AND b OR c",    "a b OR c -d",     "(a OR b",       "a)",
        "\"late",          "a && b",          "autor:ann",     "word~9",
        "rating:[5 TO 3]", "a NEAR b NEAR c", "http://x.org/y"};
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str text = str_from_cstr(cases[i]);
        parse(&b, text, false);
        const struct query_problem *p = b.problems.items;
        while (!p->has_edit)
            p++;
        Str fixed =
            arena_printf(&b.arena, STR_F STR_F STR_F, (int)p->edit_from, text.ptr,
                         STR_A(p->edit_text), (int)(text.len - p->edit_to), text.ptr + p->edit_to);
        parse(&b, fixed, false);
        CHECK_INT(b.problems.error_count, 0);
    }
    teardown(&b);
}

TEST(query_lint_warns)
{
    static const char *const cases[][2] = {
        {"a AND NOT a", "asked for and excluded at once"},
        {"(a AND b) OR (b AND a)", "stands here twice"},
        {"a OR (a AND b)", "a dead branch"},
        {"a AND (a OR b)", "a dead branch"},
        {"source:x AND source:y", "contradicts another value"},
        {"a followers:>10 followers:<5", "contradicts another value"},
        {"ca* AND b", "a very broad prefix"},
        {"a lang:german", "no post can have lang:german"},
        {"a lang:(en OR deu)", "no post can have lang:deu"},
        {"a country:Germany", "no post can have country:Germany"},
        {"a country:XX", "no post can have country:XX"},
        {"a kind:foo", "no post can have kind:foo"},
        {"a minute:2000", "from 0 to 1439"},
        {"a rating:>7", "from 0 to 5"},
        {"a followers:<0", "a number from 0"},
        {"a site:*.example.co.uk", "no post can have site:*.example.co.uk"},
        {"a links:x.org/*/b", "* only at the end"},
        {"late near flight", "'near' in small letters is a word"},
        {"(delay OR delayed) AND NOT delay*", "asked for and excluded at once"},
        {"\"delayed flight\" AND NOT (train OR del*)", "asked for and excluded at once"},
        {"(delay OR flight) AND NOT delay*", "a dead branch: it is excluded anyway"},
        {"a lang:en lang:de", "contradicts another value"},
        {"a tld:de tld:co.uk", "contradicts another value"},
        {"abc~1", "so many edits"},
        {"followers:>5", "cost: expensive"},
        {"phone*", "cost: moderate"},
        {"phone", "cost: cheap"},
    };
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_found = false;
        parse(&b, str_from_cstr(cases[i][0]), true);
        vec_each (struct query_problem, p, &b.problems)
            is_found =
                is_found || str_find(p->message, str_from_cstr(cases[i][1])) < p->message.len;
        if (!is_found)
            print_error("no warning for '%s'\n", cases[i][0]);
        CHECK(is_found);
        CHECK_INT(b.problems.error_count, 0);
    }
    parse(&b, S("late AND flight AND NOT train"), true);
    CHECK_INT(b.problems.count, 1); /* the cost alone */
    teardown(&b);
}

/* --- sizes --- */

static Str repeat(struct arena *a, Str unit, size_t count, Str end)
{
    char *text = arena_new(a, char, unit.len *count + end.len + 1);

    for (size_t i = 0; i < count; i++)
        memcpy(text + i * unit.len, unit.ptr, unit.len);
    if (end.len > 0)
        memcpy(text + count * unit.len, end.ptr, end.len);
    return (Str){text, unit.len * count + end.len};
}

/* What is near to a mistake and none. */
TEST(query_lint_is_silent)
{
    static const char *const cases[] = {
        "a lang:en-GB",       "a lang:fil",        "a lang:en lang:en-gb", "a country:deu",
        "a type:Repost",      "a minute:1439",     "a rating:[4 TO 9]",    "a tld:co.uk tld:uk",
        "a url:x.org/*",      "a links:x.org/n*",  "delay* NOT delay",     "hotel near",
        "\"near\" to here",   "delay NOT delayed", "café NOT cafe",        "#delay NOT #delayed*",
        "a \"near by\" here", "東京* a",
    };
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        parse(&b, str_from_cstr(cases[i]), true);
        vec_each (struct query_problem, p, &b.problems)
            if (p->severity != QUERY_NOTE) {
                print_error("'%s': " STR_F "\n", cases[i], STR_A(p->message));
                fail();
            }
    }
    teardown(&b);
}

TEST(query_edits_say_what_was_meant)
{
    static const char *const cases[][2] = {
        {"x AND lang:(german OR en)", "x AND lang:(de OR en)"},
        {"x AND country:uk", "x AND country:GB"},
        {"x AND site:*.example.co.uk", "x AND site:example.co.uk"},
        {"x AND type:retweet", "x AND type:repost"},
        {"late near flight", "late NEAR flight"},
        {"a NEAR b NEAR/2 c ONEAR d", "((a NEAR b) NEAR/2 c) ONEAR d"},
        {"a OR b -c -d", "(a OR b) -c -d"},
        {"a OR b AND NOT c", "a OR (b AND NOT c)"},
        {"a OR b c", "a OR (b c)"},
    };
    struct bench b;

    setup(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str text = str_from_cstr(cases[i][0]);
        parse(&b, text, true);
        const struct query_problem *p = b.problems.items;
        while (p < b.problems.items + b.problems.count && !p->has_edit)
            p++;
        CHECK(p < b.problems.items + b.problems.count);
        Str fixed =
            arena_printf(&b.arena, STR_F STR_F STR_F, (int)p->edit_from, text.ptr,
                         STR_A(p->edit_text), (int)(text.len - p->edit_to), text.ptr + p->edit_to);
        CHECK_STR(fixed, cases[i][1]);
        parse(&b, fixed, true);
        CHECK_INT(b.problems.error_count, 0);
    }
    teardown(&b);
}

TEST(query_of_100000_characters)
{
    struct bench b;

    setup(&b);
    parse(&b, repeat(&b.arena, S("word OR "), 12500, S("last")), true);
    CHECK_INT(b.problems.error_count, 0);
    CHECK_INT(b.query.root->count, 12501);
    parse(&b, repeat(&b.arena, S("x"), QUERY_BYTES_MAX + 1, STR_NONE), false);
    CHECK_INT(b.problems.error_count, 1);
    teardown(&b);
}

TEST(query_depth_is_bounded)
{
    static const char *const openers[] = {"(",      "title:",  "SENTENCE(", "NOT (", "a NEAR (",
                                          "lang:(", "a NEAR ", "NOT ",      "-",     "COUNT("};
    struct bench b;

    setup(&b);
    parse(&b,
          arena_printf(&b.arena, STR_F "x" STR_F,
                       STR_A(repeat(&b.arena, S("("), QUERY_DEPTH_MAX, STR_NONE)),
                       STR_A(repeat(&b.arena, S(")"), QUERY_DEPTH_MAX, STR_NONE))),
          false);
    CHECK_INT(b.problems.error_count, 0);
    for (size_t i = 0; i < COUNT_OF(openers); i++)
        parse(&b, repeat(&b.arena, str_from_cstr(openers[i]), 20000, S("x")), true);
    teardown(&b);
}

/* n names that each use the next one twice grow as 2^n: refused, not computed. */
static bool find_doubling(void *context, Str name, Str *text)
{
    int64_t n = 0;

    CHECK(str_to_i64(name, &n));
    *text = arena_printf(context, "(@@%d a) OR @@%d", (int)n + 1, (int)n + 1);
    return true;
}

TEST(query_references_cannot_explode)
{
    struct bench b;

    setup(&b);
    struct query_resolver resolver = {find_doubling, &b.arena};
    struct err err = {0};
    CHECK(
        query_parse(&b.arena, b.words, S("@@1"), STR_NONE, &resolver, &b.query, &b.problems, &err));
    CHECK(b.problems.error_count > 0);
    teardown(&b);
}

TEST(query_parse_without_memory)
{
    struct tokenizer *words;
    struct err err = {0};

    CHECK(tokenizer_create(&words, &err));
    for (size_t cap = 64; cap < 1 << 16; cap += 331) {
        struct arena arena;
        struct query query;
        struct query_problems problems = {0};
        struct err why = {0};
        arena_init(&arena, cap);
        bool ok = query_parse(&arena, words,
                              S("<<< c >>> (a OR \"b c\"~3 OR d*) AND title:x AND lang:(en OR de) "
                                "AND NOT COUNT(e)>2 AND OR (f AND g OR h) AND #tag"),
                              STR_NONE, NULL, &query, &problems, &why);
        CHECK(ok == (why.code == ERR_NONE));
        query_problems_deinit(&problems);
        arena_deinit(&arena);
    }
    tokenizer_destroy(&words);
}

/* parse, format, parse, format: the same text. */
TEST(query_format_is_a_fixed_point)
{
    const struct sample_words words = {sample_vocabulary, COUNT_OF(sample_vocabulary)};
    struct random r = {.seed = 3};
    struct bench b;
    struct buf text;

    setup(&b);
    buf_init(&text, OUT_MAX);
    for (int i = 0; i < 3000; i++) {
        arena_reset(&b.arena);
        buf_reset(&text);
        sample_query(&r, &words, 1 + (unsigned)sample_below(&r, 3), false, &text);
        parse(&b, arena_str(&b.arena, buf_str(&text)), false);
        if (b.problems.error_count > 0)
            continue;
        Str once = arena_str(&b.arena, buf_str(&b.out));
        buf_reset(&b.out);
        query_format(&b.query, 40, &b.out);
        Str broken = arena_str(&b.arena, buf_str(&b.out));
        parse(&b, once, false);
        CHECK_INT(b.problems.error_count, 0);
        CHECK_STR(buf_str(&b.out), once.ptr);
        parse(&b, broken, false);
        if (!str_eq(buf_str(&b.out), once))
            print_error(STR_F "\n" STR_F "\n" STR_F "\n", STR_A(once), STR_A(broken),
                        STR_A(buf_str(&b.out)));
        CHECK(str_eq(buf_str(&b.out), once));
    }
    buf_deinit(&text);
    teardown(&b);
}

TEST(query_glob_and_fuzzy)
{
    CHECK(query_glob_matches(S("ca*"), S("cancel")));
    CHECK(query_glob_matches(S("ca*el"), S("cancel")));
    CHECK(!query_glob_matches(S("ca*x"), S("cancel")));
    CHECK(query_glob_matches(S("a*b*c"), S("axxbxbxc")));
    CHECK(query_glob_matches(S("col?r"), S("color")));
    CHECK(query_glob_matches(S("stra?e"), S("stra\xC3\x9F"
                                            "e")));
    CHECK(!query_glob_matches(S("col?r"), S("colour")));
    CHECK(query_fuzzy_matches(S("color"), S("colour"), 1));
    CHECK(query_fuzzy_matches(S("delay"), S("dealy"), 1));
    CHECK(!query_fuzzy_matches(S("delay"), S("daely"), 0));
    CHECK(query_fuzzy_matches(S("kitten"), S("sittin"), 2));
    CHECK(!query_fuzzy_matches(S("kitten"), S("sitting"), 2));
    CHECK(query_fuzzy_matches(S("z\xC3\xBCrich"), S("zurich"), 1));
    CHECK(query_fuzzy_matches(S("ab"), S("ba"), 1));
}

TEST(query_times)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"1970-01-01", 0},
                {"2026-11-22", INT64_C(1795305600000)},
                {"2026-11-22T08:15:00Z", INT64_C(1795335300000)},
                {"2026-11-22T08:15:00.250+02:00", INT64_C(1795328100250)},
                {"1969-12-31T23:59", -60000}};
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2026-01-01T25:00",
                                      "2026-01-01T10:00:00+9",
                                      "yesterday",
                                      "2026-01-01x"};
    int64_t ms;
    struct buf out;

    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        CHECK(query_time_parse(str_from_cstr(good[i].text), &ms));
        CHECK_INT(ms, good[i].ms);
        buf_reset(&out);
        query_time_print(ms, &out);
        CHECK(query_time_parse(buf_str(&out), &ms));
        CHECK_INT(ms, good[i].ms);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(!query_time_parse(str_from_cstr(bad[i]), &ms));
    buf_deinit(&out);
}

/* --- explanation --- */

TEST(query_explains_where)
{
    struct bench b;
    struct post_tokens tokens;
    struct err err = {0};
    struct query_explanation e;
    struct post post = {.id = S("1"),
                        .source = S("forum"),
                        .lang = S("en"),
                        .title = S("Late again"),
                        .text = S("My flight was LATE, late by C++ hours."),
                        .rating = NAN};

    setup(&b);
    CHECK(post_tokens_init(&tokens, &err));
    CHECK(post_tokens_fill(&tokens, &post, &err));
    parse(&b, S("late AND (flight NEAR/3 late) AND raw:\"C++\" AND lang:en NOT train"), false);
    CHECK(query_explain(&b.arena, &b.query, &post, &tokens, &e, &err));
    CHECK(e.matches);
    static const struct {
        enum query_place place;
        uint32_t from, to;
    } want[] = {{QUERY_PLACE_TITLE, 0, 4},  {QUERY_PLACE_BODY, 3, 9},   {QUERY_PLACE_BODY, 14, 18},
                {QUERY_PLACE_BODY, 14, 18}, {QUERY_PLACE_BODY, 20, 24}, {QUERY_PLACE_BODY, 20, 24},
                {QUERY_PLACE_BODY, 28, 31}, {QUERY_PLACE_MEMBER, 0, 0}};
    CHECK_INT(e.span_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        CHECK_INT(e.spans[i].place, want[i].place);
        CHECK_INT(e.spans[i].from, want[i].from);
        CHECK_INT(e.spans[i].to, want[i].to);
    }
    parse(&b, S("late AND boat AND NOT flight"), false);
    CHECK(query_explain(&b.arena, &b.query, &post, &tokens, &e, &err));
    CHECK(!e.matches);
    CHECK_INT(e.obstacle_count, 2);
    CHECK_STR(e.obstacles[0]->text, "boat");
    CHECK_INT(e.obstacles[1]->kind, QUERY_NOT);
    CHECK_INT(e.span_count, 1); /* where the excluded word stands */
    post_tokens_deinit(&tokens);
    teardown(&b);
}

/* The meaning of each form, one post at a time. */
TEST(query_meanings)
{
    static const struct {
        const char *query, *title, *text;
        bool matches;
    } cases[] = {
        {"cafe", "", "a caf\xC3\xA9 here", true},
        {"caf\xC3\xA9", "", "a cafe here", false},
        {"delay", "", "so much #delay", true},
        {"#delay", "", "so much delay", false},
        {"ann", "", "hi @Ann", true},
        {"STRASSE", "",
         "die Stra\xC3\x9F"
         "e",
         true},
        {"\"late flight\"", "", "late, flight", true},
        {"\"late flight\"", "late", "flight", false},
        {"\"late flight\"", "", "flight late", false},
        {"\"late flight\"~0", "", "flight late", true},
        {"\"late flight\"~1", "", "late x x flight", false},
        {"\"late flight\"~2", "", "late x x flight", true},
        {"\"a b c\"~2", "", "c x b x a", true},
        {"\"a b c\"~1", "", "c x b x a", false},
        {"\"very very\"~3", "", "very good", false},
        {"a NEAR/0 b", "", "b a", true},
        {"a NEAR/1 b", "", "b x x a", false},
        {"a ONEAR/1 b", "", "b a", false},
        {"a ONEAR/1 b", "", "a x b", true},
        {"SENTENCE(a AND b)", "", "A here. B there.", false},
        {"SENTENCE(a AND b)", "", "a and b there.", true},
        {"SENTENCE(a NOT b)", "", "A b. A c.", true},
        {"COUNT(a)>=3", "a", "a x a", true},
        {"COUNT(a)=2", "a", "a x a", false},
        {"count(a)>=3", "a", "a x a", true},
        {"sentence(a and b)", "", "A here. B there.", false},
        {"tld:co.uk", "", "x", true},
        {"tld:uk", "", "x", true},
        {"tld:example.co.uk", "", "x", false},
        {"late-flight", "", "a late flight", true},
        {"{BT}", "", "bt here", false},
        {"{BT}", "", "#BT here", true},
        {"raw:\"C++\"", "", "learn c++ now", true},
        {"raw:\"C++\"", "", "learn C now", false},
        {"raw:\"cat\"", "", "concatenate", false},
        {"title:late", "Late", "x", true},
        {"title:late", "x", "late", false},
        {"lead:late", "", "x y\n\nlate", false},
        {"lead:late", "", "late\n\nx", true},
        {"body:\"x late\"", "", "x\n\nlate", true},
        {"example", "", "see https://example.org/a", false},
        {"links:example.org", "", "see https://blog.example.org/a", true},
        {"late http*", "", "late https://x.org", false},
        {"\"late flight\"", "", "late https://x.org flight", true},
        {"don't", "", "don\xE2\x80\x99t", true},
        {"\xF0\x9F\x91\x8D", "", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", true},
        {"followers:>0", "", "x", false},
        {"x NOT followers:>0", "", "x", true},
        {"color~1", "", "colour", true},
        {"東京*", "", "東京タワー", true},
        {"東京*", "", "東京", true},
        {"東京*", "", "京東", false},
        {"東京タ*", "", "東京タワー", true},
        {"東京タ*", "", "東京都", false},
        {"東京タ?ー", "", "東京タワー", true},
        {"#東京*", "", "#東京タワー", true},
        {"\"今日 東京タ*\"", "", "今日 東京タワー", true},
        {"你好*", "", "你好世界", true},
        {"late–fli*", "", "late – flight", true},
        {"naïve’*", "", "naïve’s", true},
        {"author:\"ann klein\"", "", "x", true},
        {"author:\"Ann Kléin\"", "", "x", true},
        {"author:\"ann kleín\"", "", "x", false},
        {"author_like:klein", "", "x", true},
        {"author_like:kléi", "", "x", true},
        {"author_like:kleín", "", "x", false},
    };
    struct bench b;
    struct post_tokens tokens;
    struct err err = {0};

    setup(&b);
    CHECK(post_tokens_init(&tokens, &err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct post post = {.id = S("1"),
                            .source = S("forum"),
                            .title = str_from_cstr(cases[i].title),
                            .text = str_from_cstr(cases[i].text),
                            .url = S("https://news.example.co.uk/1"),
                            .rating = NAN};
        bool matches;
        post.author = (struct post_author){.name = S("Ann Kléin"), .followers = POST_UNKNOWN};
        CHECK(post_tokens_fill(&tokens, &post, &err));
        parse(&b, str_from_cstr(cases[i].query), false);
        CHECK_INT(b.problems.error_count, 0);
        CHECK(query_matches(&b.arena, &b.query, &post, &tokens, &matches, &err));
        if (matches != cases[i].matches)
            print_error("%s on '%s' / '%s'\n", cases[i].query, cases[i].title, cases[i].text);
        CHECK_INT(matches, cases[i].matches);
    }
    post_tokens_deinit(&tokens);
    teardown(&b);
}

/* --- docs/query-language.md: rows `query` | `matches` | `does not match` --- */

/* The text between the next two backquotes; *row moves behind it. */
static bool next_code(Str *row, Str *code)
{
    Str rest;

    return str_cut(*row, '`', code, &rest) && str_cut(rest, '`', code, row);
}

static bool matches_text(struct bench *b, struct post_tokens *tokens, Str query, Str text)
{
    struct post post = {.id = S("1"), .source = S("forum"), .lang = S("en"), .rating = NAN};
    struct err err = {0};
    bool matches;

    post.text = text;
    post.author.followers = 5;
    CHECK(post_tokens_fill(tokens, &post, &err));
    parse(b, query, true);
    CHECK_INT(b->problems.error_count, 0);
    CHECK(query_matches(&b->arena, &b->query, &post, tokens, &matches, &err));
    return matches;
}

TEST(query_documentation_holds)
{
    struct bench b;
    struct post_tokens tokens;
    struct err err = {0};
    Str text, row, query, good, bad;
    size_t rows = 0;

    setup(&b);
    CHECK(post_tokens_init(&tokens, &err));
    if (!file_read_all(&b.arena, S("docs/query-language.md"), MIB, &text, &err)) {
        print_message("skipped: docs/query-language.md is not here\n");
        text = STR_NONE;
    }
    while (text.len > 0) {
        (void)str_cut(text, '\n', &row, &text);
        if (!str_starts(row, S("| `")) || !next_code(&row, &query) || !next_code(&row, &good) ||
            !next_code(&row, &bad) || str_find_byte(row, '`') < row.len ||
            str_starts(query, S("title:")) || str_ends(query, S(":")))
            continue;
        rows++;
        if (!matches_text(&b, &tokens, query, good) || matches_text(&b, &tokens, query, bad)) {
            print_error("documented: " STR_F " on '" STR_F "', not on '" STR_F "'\n", STR_A(query),
                        STR_A(good), STR_A(bad));
            fail();
        }
    }
    CHECK(rows == 0 || rows > 25);
    post_tokens_deinit(&tokens);
    teardown(&b);
}

int main(void)
{
    return RUN(CASE(query_canonical_forms), CASE(query_layout_breaks_long_lines),
               CASE(query_mistakes_have_place_and_fix), CASE(query_reports_every_mistake),
               CASE(query_edits_repair), CASE(query_lint_warns), CASE(query_lint_is_silent),
               CASE(query_edits_say_what_was_meant), CASE(query_of_100000_characters),
               CASE(query_depth_is_bounded), CASE(query_references_cannot_explode),
               CASE(query_parse_without_memory), CASE(query_format_is_a_fixed_point),
               CASE(query_glob_and_fuzzy), CASE(query_times), CASE(query_explains_where),
               CASE(query_meanings), CASE(query_documentation_holds));
}
