#include "test.h"
#include "web/params.h"

static struct params parse(struct arena *a, const char *text, bool *ok)
{
    struct params params;
    struct err err = {0};

    *ok = params_parse(a, str_from_cstr(text), &params, &err);
    CHECK(*ok == (err.code == ERR_NONE));
    return params;
}

TEST(params_decode_names_and_values)
{
    struct arena a;
    bool ok;

    arena_init(&a, 1 << 20);
    struct params p = parse(&a, "q=a+b%20c&%C3%BC=%E2%82%AC&empty=&bare&q=2", &ok);
    CHECK(ok);
    CHECK_INT(p.count, 5);
    CHECK_STR(params_get(&p, S("q")), "a b c");
    CHECK_STR(params_get(&p, S("ü")), "€");
    CHECK(params_has(&p, S("bare")) && params_get(&p, S("bare")).len == 0);
    CHECK(!params_has(&p, S("none")));
    Str second;
    CHECK(params_nth(&p, S("q"), 1, &second));
    CHECK_STR(second, "2");
    CHECK(!params_nth(&p, S("q"), 2, &second));
    arena_deinit(&a);
}

TEST(params_drop_carriage_returns)
{
    struct arena a;
    bool ok;

    arena_init(&a, 1 << 20);
    struct params p = parse(&a, "t=one%0D%0Atwo", &ok);
    CHECK_STR(params_get(&p, S("t")), "one\ntwo");
    arena_deinit(&a);
}

TEST(params_refuse_what_is_no_text)
{
    static const char *const bad[] = {"a=%",   "a=%4",  "a=%zz", "a=%00",
                                      "a=%FF", "a=%C3", "%1B=1", "a=%7F"};
    struct arena a;
    bool ok;

    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        parse(&a, bad[i], &ok);
        CHECK(!ok);
    }
    arena_deinit(&a);
}

TEST(params_refuse_too_many)
{
    static char text[2 * (PARAM_COUNT_MAX + 2)];
    struct arena a;
    bool ok;

    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 2 == 0 ? 'a' : '&';
    parse(&a, text, &ok);
    CHECK(!ok);
    parse(&a, "", &ok);
    CHECK(ok);
    arena_deinit(&a);
}

TEST(cookies_are_found_behind_empty_ones)
{
    CHECK_STR(params_cookie(S("a=1; b=2"), S("b")), "2");
    CHECK_STR(params_cookie(S("a=1;b=\"2\" ;c"), S("b")), "2");
    CHECK_STR(params_cookie(S("b=; ;=x; bb=3; b=4"), S("b")), "4");
    CHECK_STR(params_cookie(S("b=x=y"), S("b")), "x=y");
    CHECK_INT(params_cookie(S("ab=1; B=2; b"), S("b")).len, 0);
    CHECK_INT(params_cookie(S(""), S("b")).len, 0);
}

int main(void)
{
    return RUN(CASE(params_decode_names_and_values), CASE(params_drop_carriage_returns),
               CASE(params_refuse_what_is_no_text), CASE(params_refuse_too_many),
               CASE(cookies_are_found_behind_empty_ones));
}
