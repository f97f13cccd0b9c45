#include <math.h>

#include "test.h"
#include "web/asset.h"
#include "web/render.h"
#include "web/route.h"

static struct arena arena;

static Str number(const char *language, double value, int decimals, unsigned flags)
{
    return render_double_str(&arena, i18n_find(str_from_cstr(language)), value, decimals, flags);
}

static int setup_all(void)
{
    struct err err = {0};

    arena_init(&arena, 1 << 20);
    return i18n_init(&err) && assets_init(&err) ? 0 : 1;
}

TEST(numbers_follow_the_language)
{
    CHECK_INT(setup_all(), 0);
    CHECK_STR(number("en", 1234567.5, 1, 0), "1,234,567.5");
    CHECK_STR(number("de", 1234567.5, 1, 0), "1.234.567,5");
    CHECK_STR(number("en", -0.04, 1, 0), "0.0");
    CHECK_STR(number("en", -12, 0, 0), "\u221212");
    CHECK_STR(number("de", 0.1234, 1, RENDER_PERCENT), "12,3\u202f%");
    CHECK_STR(number("en", 0.5, 2, RENDER_SIGN), "+0.50");
    CHECK_STR(number("en", 15300, -1, RENDER_SHORT), "15.3\u202fk");
    CHECK_STR(number("en", 999, -1, RENDER_SHORT), "999");
    CHECK_STR(number("en", (double)NAN, 1, 0), "\u2013");
}

TEST(language_is_negotiated)
{
    CHECK_STR(i18n_negotiate(S("de-DE,de;q=0.9,en;q=0.8"))->code, "de");
    CHECK_STR(i18n_negotiate(S("fr, en;q=0.5, de;q=0.7"))->code, "de");
    CHECK_STR(i18n_negotiate(S("de;q=0, en"))->code, "en");
    CHECK_STR(i18n_negotiate(S("de;q=abc"))->code, "en");
    CHECK_STR(i18n_negotiate(S(""))->code, "en");
    CHECK_STR(i18n_negotiate(S(";;,,=q"))->code, "en");
}

TEST(messages_are_found)
{
    const struct i18n_language *de = i18n_find(S("de")), *en = i18n_default();

    CHECK_STR(i18n_text(de, STR_NONE, S("Log in")), "Anmelden");
    CHECK_STR(i18n_text(en, STR_NONE, S("Log in")), "Log in");
    CHECK_STR(i18n_text(de, STR_NONE, S("not a message")), "not a message");
    CHECK_STR(i18n_text(de, S("verb"), S("Log in")), "Log in");
    CHECK_STR(i18n_plural(de, S("%1 post"), S("%1 posts"), 1), "%1 Beitrag");
    CHECK_STR(i18n_plural(de, S("%1 post"), S("%1 posts"), 0), "%1 Beiträge");
    CHECK_STR(i18n_plural(en, S("%1 post"), S("%1 posts"), 2), "%1 posts");
}

TEST(islands_cannot_be_left)
{
    struct html h;

    html_init(&h, 4096);
    render_json_str(&h, S("</script><!-- \"\\\n\x01"));
    CHECK(str_find(html_str(&h), S("</script")) == html_str(&h).len);
    CHECK(str_find(html_str(&h), S("\\\"\\\\\\u000a\\u0001")) < html_str(&h).len);
    html_deinit(&h);
}

TEST(assets_have_addresses)
{
    const struct asset *css = asset_by_name(S("app.css"));

    CHECK(css && css->brotli.len > 0 && css->brotli.len < css->plain.len);
    CHECK(str_starts(css->url, S("/assets/app-")) && str_ends(css->url, S(".css")));
    CHECK(asset_by_url(css->url) == css);
    CHECK(!asset_by_url(S("/assets/app.css")) && !asset_by_name(S("nothing")));
}

TEST(routes_match_segments)
{
    struct params captured;

    CHECK(route_match("/w/{workspace}/topics/{topic}", S("/w/halden/topics/a%2Fb"), &arena,
                      &captured));
    CHECK_STR(params_get(&captured, S("topic")), "a/b");
    CHECK(!route_match("/w/{workspace}/topics", S("/w/halden/topics/"), &arena, NULL));
    CHECK(!route_match("/w/{workspace}/topics", S("/w//topics"), &arena, NULL));
    CHECK(!route_match("/w/{workspace}", S("/w/%zz"), &arena, NULL));
    CHECK(route_match("/", S("/"), &arena, NULL));
}

TEST(every_route_can_be_reached)
{
    unsigned allowed;

    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];
        unsigned first = r->methods & (0u - r->methods);
        struct params captured;
        CHECK(r->handle != NULL && r->pattern[0] == '/');
        CHECK(route_find(str_from_cstr(r->pattern), (enum http_method)first, &arena, &captured,
                         &allowed) == r);
        CHECK((allowed & r->methods) == r->methods);
    }
    CHECK(!route_find(S("/login"), HTTP_PUT, &arena, NULL, &allowed));
    CHECK_INT(allowed, HTTP_GET | HTTP_POST);
    CHECK(!route_find(S("/nothing"), HTTP_PUT, &arena, NULL, &allowed) && allowed == 0);
    arena_deinit(&arena);
}

int main(void)
{
    return RUN(CASE(numbers_follow_the_language), CASE(language_is_negotiated),
               CASE(messages_are_found), CASE(islands_cannot_be_left), CASE(assets_have_addresses),
               CASE(routes_match_segments), CASE(every_route_can_be_reached));
}
