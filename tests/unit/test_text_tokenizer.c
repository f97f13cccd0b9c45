/* Tokens, their places and forms; the fast path against the rules. */
#include "text/tokenizer.c" /* reaches is_ascii_path_off */

#include "base/random.h"
#include "unit/test.h"

/* Tokens of `text` in short: "kind:folded" joined by blanks, the kind by its first letter, words
 * without. Valid until the next call. */
static char shown[4096];
static const char *show(struct tokenizer *t, const char *text)
{
    struct err err = {0};
    const struct token *tokens;
    size_t count, len = 0;

    CHECK(tokenizer_run(t, str_from_cstr(text), &tokens, &count, &err));
    shown[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *kind = token_kind_name(tokens[i].kind);
        int n = snprintf(shown + len, sizeof shown - len, "%s%.*s%s" STR_F, i > 0 ? " " : "",
                         tokens[i].kind == TOKEN_WORD ? 0 : 1, kind,
                         tokens[i].kind == TOKEN_WORD ? "" : ":", STR_A(tokens[i].folded));
        len += (size_t)n;
    }
    return shown;
}

static struct tokenizer *make(void)
{
    struct tokenizer *t = NULL;
    struct err err = {0};

    CHECK(tokenizer_create(&t, &err));
    return t;
}

static const struct {
    const char *text, *tokens;
} cases[] = {
    {"", ""},
    {"  \t\n", ""},
    {"Hello, World!", "hello world"},
    {"don't DON\xe2\x80\x99T", "don't don't"},
    {"late-flight", "late flight"},
    {"3.5 1,000 2019", "n:3.5 n:1,000 n:2019"},
    {"5g 4K iPhone5s", "5g 4k iphone5s"},
    {"12:30 RT:hello", "n:12 n:30 rt hello"},
    {"late.Never again", "late never again"},
    {"U.S.A. e.g. Amazon.com", "u.s.a e.g amazon.com"},
    {"_late_ foo_bar ___", "late foo_bar"},
    {"C++ & AT&T 100%", "c at t n:100"},
    {"#Delay #1st #1 a#b &#x", "h:#delay h:#1st n:1 a b x"},
    {"@Ann: @ann_b .@bob a@b", "m:@ann m:@ann_b m:@bob a b"},
    {"RT@user rt:@user2", "rt m:@user rt m:@user2"},
    {"@ann@mastodon.social, @ann.bsky.social.", "m:@ann@mastodon.social m:@ann.bsky.social"},
    {"$BA $BRK.A $5 $TOOLONGX a$b", "c:$ba c:$brk.a n:5 toolongx a b"},
    {"see https://t.co/AbC.", "see u:https://t.co/AbC"},
    {"(http://a.b/c(d)) www.Foo.com, bit.ly/x", "u:http://a.b/c(d) u:www.Foo.com u:bit.ly/x"},
    {"http:// ftp://x.y", "http ftp x.y"},
    {"and/or he/she", "and or he she"},
    {"Stra\xc3\x9f"
     "e \xc3\x84RGER",
     "strasse \xc3\xa4rger"},
    {"cafe\xcc\x81", "caf\xc3\xa9"},
    {"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1 \xe4\xba\xac"},
    {"\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4", "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4"},
    {"\xef\xbc\x83\xe6\x9d\xb1 \xef\xbc\xa0"
     "Ann",
     "h:#\xe6\x9d\xb1 m:@ann"},
    {"hi\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
     "ok",
     "hi e:\xf0\x9f\x98\x80 e:\xf0\x9f\x98\x80 ok"},
    {"1\xef\xb8\x8f\xe2\x83\xa3", "e:1\xe2\x83\xa3"},
    {"\xe2\x9d\xa4\xef\xb8\x8f \xc2\xa9 \xc2\xa9\xef\xb8\x8f", "e:\xe2\x9d\xa4 e:\xc2\xa9"},
    {"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab", "e:\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"},
    {"a\xff"
     "b \xc3",
     "a b"},
    {"\xc2\xad", ""}, /* a soft hyphen alone */
};

TEST(tokenizer_cases)
{
    struct tokenizer *t = make();

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_STR(str_from_cstr(show(t, cases[i].text)), cases[i].tokens);
    tokenizer_destroy(&t);
    CHECK(t == NULL);
    tokenizer_destroy(&t);
}

static const struct token *run(struct tokenizer *t, const char *text, size_t *count)
{
    struct err err = {0};
    const struct token *tokens;

    CHECK(tokenizer_run(t, str_from_cstr(text), &tokens, count, &err));
    return tokens;
}

TEST(tokenizer_places)
{
    struct tokenizer *t = make();
    size_t count;
    const struct token *k = run(t, "Late http://x.y flight. Dr. who? #Delay", &count);

    CHECK_INT(count, 6);
    CHECK_INT(k[0].position, 0);
    CHECK_INT(k[1].kind, TOKEN_URL);
    CHECK_INT(k[1].position, 1); /* an address takes no place */
    CHECK_INT(k[2].position, 1);
    CHECK_INT(k[2].sentence, 0);
    CHECK_INT(k[3].sentence, 1);
    CHECK_INT(k[4].sentence, 1); /* a small letter after the full stop */
    CHECK_INT(k[5].sentence, 2);
    CHECK_INT(k[5].from, 33);
    CHECK_INT(k[5].to, 39);
    tokenizer_destroy(&t);
}

TEST(tokenizer_sentences)
{
    struct tokenizer *t = make();
    size_t count;
    const struct token *k = run(t,
                                "One\ntwo. \"Three\" 3.5 u.s. Four\xe3\x80\x82"
                                "five... six",
                                &count);

    CHECK_INT(count, 8);
    static const uint32_t wanted[] = {0, 1, 2, 2, 2, 3, 4, 4};
    for (size_t i = 0; i < count; i++)
        CHECK_INT(k[i].sentence, wanted[i]);
    tokenizer_destroy(&t);
}

TEST(tokenizer_forms_and_hashes)
{
    struct tokenizer *t = make();
    size_t count;
    const struct token *k = run(t, "#Caf\xc3\xa9 cafe \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", &count);

    CHECK_INT(count, 3);
    CHECK_STR(k[0].folded, "#caf\xc3\xa9");
    CHECK_STR(k[0].plain, "#cafe");
    CHECK(k[0].plain.ptr != k[0].folded.ptr);
    CHECK(k[1].plain.ptr == k[1].folded.ptr);
    CHECK(k[0].hash_plain == k[1].hash_folded); /* hashes leave the sigil out */
    CHECK(k[0].hash_folded == token_hash(S("caf\xc3\xa9")));
    CHECK(token_hash_sigil(k[0].hash_plain, TOKEN_HASHTAG) != k[0].hash_plain);
    CHECK(token_hash_sigil(k[1].hash_plain, TOKEN_WORD) == k[1].hash_plain);
    CHECK_STR(token_bare(&k[0], k[0].plain), "cafe");
    CHECK_STR(k[2].plain, "\xf0\x9f\x91\x8d");
    tokenizer_destroy(&t);
}

TEST(tokenizer_long_words_are_cut)
{
    struct tokenizer *t = make();
    struct err err = {0};
    const struct token *k;
    size_t count;
    enum { LEN = 5000 };
    char *text = malloc(2 * LEN);

    memset(text, 'a', LEN);
    CHECK(tokenizer_run(t, (Str){text, LEN}, &k, &count, &err));
    CHECK_INT(count, 5);
    CHECK_INT(k[4].to, LEN);
    for (size_t i = 0; i < LEN; i++)
        memcpy(text + 2 * i, "\xc3\xa4", 2);
    CHECK(tokenizer_run(t, (Str){text, 2 * LEN}, &k, &count, &err));
    CHECK_INT(count, 10);
    CHECK_INT(k[9].to, 2 * LEN);
    CHECK(!tokenizer_run(t, (Str){text, (size_t)TOKENIZER_TEXT_BYTES_MAX + 1}, &k, &count, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    free(text);
    tokenizer_destroy(&t);
}

/* The fast path is a shortcut of the rules: random texts give the same both ways. */
TEST(tokenizer_fast_path_equals_rules)
{
    static const char alphabet[] = "aBc12.,:;'\"_-#@$!? \n/wht~(";
    struct tokenizer *fast = make(), *slow = make();
    struct random random = {.seed = 7};

    slow->is_ascii_path_off = true;
    for (int round = 0; round < 20000; round++) {
        char text[300];
        size_t most = round % 4 == 0 ? sizeof text - 2 : 40; /* over several words of bits */
        size_t len = 0, wanted = random_below(&random, most), a, b;
        while (len < wanted) {
            size_t i = random_below(&random, sizeof alphabet);
            bool is_run = round % 8 == 0 && random_below(&random, 20) == 0;
            if (i + 1 < sizeof alphabet)
                text[len++] = alphabet[i];
            else
                len += (size_t)snprintf(text + len, 3, "\xc3\xa9");
            for (size_t n = random_below(&random, 90); is_run && n > 0 && len < wanted; n--)
                text[len++] = 'x';
        }
        text[len] = '\0';
        const struct token *x = run(fast, text, &a), *y = run(slow, text, &b);
        if (a != b)
            print_error("'%s'\n", text);
        CHECK_INT(a, b);
        for (size_t i = 0; i < a; i++) {
            CHECK(str_eq(x[i].folded, y[i].folded));
            CHECK(x[i].from == y[i].from && x[i].to == y[i].to && x[i].kind == y[i].kind);
            CHECK(x[i].sentence == y[i].sentence && x[i].position == y[i].position);
            CHECK(x[i].hash_folded == y[i].hash_folded);
        }
    }
    tokenizer_destroy(&fast);
    tokenizer_destroy(&slow);
}

int main(void)
{
    return RUN(CASE(tokenizer_cases), CASE(tokenizer_places), CASE(tokenizer_sentences),
               CASE(tokenizer_forms_and_hashes), CASE(tokenizer_long_words_are_cut),
               CASE(tokenizer_fast_path_equals_rules));
}
