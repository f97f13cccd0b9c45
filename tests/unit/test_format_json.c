#include "unit/test.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "format/json_difference.h"
#include "format/json_text.h"
#include "format/number.h"

static struct arena arena;
static struct err err;

static const struct json *parse(const char *text)
{
    const struct json *root;

    err_clear(&err);
    if (!json_parse(&arena, str_from_cstr(text), &root, &err))
        fail_msg("%s: %s", text, err.msg);
    return root;
}

static void refuse(Str text, enum err_code code, const char *part)
{
    const struct json *root;

    err_clear(&err);
    CHECK(!json_parse(&arena, text, &root, &err) && !root);
    CHECK_INT(err.code, code);
    if (!strstr(err.msg, part))
        fail_msg("'%s' does not say '%s'", err.msg, part);
}

TEST(json_reads_every_type)
{
    const struct json *root = parse("{\"z\":[1,-2.5,\"a\\u0000b\",true,null],\"a\":{}}");
    const struct json *list = json_get(root, "z");
    int64_t whole = 0;
    double real = 0;
    bool truth = false;
    Str text;

    CHECK_INT(json_len(root), 2);
    CHECK_STR(json_key_at(root, 0), "z");
    CHECK_STR(json_key_at(root, 1), "a");
    CHECK(json_i64(json_at(list, 0), &whole) && whole == 1);
    CHECK(json_f64(json_at(list, 0), &real) && real == 1);
    CHECK(!json_i64(json_at(list, 1), &whole));
    CHECK(json_f64(json_at(list, 1), &real) && real == -2.5);
    CHECK(json_str(json_at(list, 2), &text) && str_eq(text, S("a\0b")));
    CHECK(json_bool(json_at(list, 3), &truth) && truth);
    CHECK_INT(json_type(json_at(list, 4)), JSON_NULL);
    CHECK(json_at(list, 5) == NULL);
    CHECK(json_get(json_get(NULL, "x"), "y") == NULL);
    CHECK_INT(json_i64_or(root, "none", 7), 7);
    CHECK_STR(json_str_or(root, "z", S("d")), "d");
    CHECK(json_bool_or(root, "q", true));
    CHECK_NEAR(json_f64_or(NULL, "q", 0.5), 0.5, 0);
}

TEST(json_errors_name_line_and_column)
{
    refuse(S("{\n  \"a\": 1,\n  \"b\" 2\n}"), ERR_INPUT, "line 3, column 7");
    refuse(S(""), ERR_INPUT, "line 1");
    refuse(S("[1,2"), ERR_INPUT, "line 1");
    refuse(S("{\"a\":1,\"a\":2}"), ERR_INPUT, "duplicate");
    refuse(S("[1e30\0,2]"), ERR_INPUT, "NUL byte at offset 5");
    refuse(S("[1] []"), ERR_INPUT, "end of file expected");
    refuse(S("[\"\xff\"]"), ERR_INPUT, "decode byte 0xff");
    refuse(S("[1e999]"), ERR_INPUT, "overflow");
    refuse(S("[99999999999999999999]"), ERR_INPUT, "too big");
    refuse(S("{\"a\\u0000\":1}"), ERR_INPUT, "NUL");
}

TEST(json_limits_depth_and_memory)
{
    char deep[2 * JSON_DEPTH_MAX + 8];
    size_t n = JSON_DEPTH_MAX;
    struct arena small;
    const struct json *root;

    memset(deep, '[', n);
    memset(deep + n, ']', n);
    CHECK(json_parse(&arena, (Str){deep, 2 * n}, &root, &err));
    n++;
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    refuse((Str){deep, 2 * n}, ERR_LIMIT, "nested deeper");
    arena_init(&small, 512);
    err_clear(&err);
    CHECK(!json_parse(&small, S("[1,2,3,4,5,6,7,8,9,10,11,12]"), &root, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    arena_deinit(&small);
}

TEST(json_need_names_the_place)
{
    const struct json *root = parse("{\"options\":[{\"id\":\"a\"},{\"cost\":{\"money\":\"x\"}}]}");
    const struct json *second = json_at(json_get(root, "options"), 1);
    const struct json *list;
    double value;
    int64_t whole;
    Str text;

    CHECK(!json_need_str(second, "id", &text, &err));
    CHECK_STR(str_from_cstr(err.msg), "options[1]: member 'id' is missing (text)");
    err_clear(&err);
    CHECK(!json_need_f64(json_get(second, "cost"), "money", 0, 1, &value, &err));
    CHECK_STR(str_from_cstr(err.msg), "options[1].cost.money: has to be a number, is text");
    err_clear(&err);
    CHECK(!json_need_array(root, "limits", &list, &err));
    CHECK_STR(str_from_cstr(err.msg), "the document: member 'limits' is missing (a list)");
    err_clear(&err);
    CHECK(!json_need_i64(parse("{\"n\":12}"), "n", 1, 10, &whole, &err));
    CHECK_STR(str_from_cstr(err.msg), "n: has to be from 1 to 10, is 12");
    err_clear(&err);
    CHECK(!json_need_i64(parse("[]"), "n", 1, 10, &whole, &err));
    CHECK_STR(str_from_cstr(err.msg), "the document: has to be an object, is a list");
    CHECK(json_need_i64(parse("{\"n\":10}"), "n", 1, 10, &whole, &err) && whole == 10);
}

TEST(json_place_is_cut_to_fit)
{
    char text[1000] = "{\"";

    memset(text + 2, 'k', 300);
    memcpy(text + 302, "\":[1]}", 7);
    const struct json *one = json_at(json_at(parse(text), 0), 0);
    struct json_place place = json_place(one);
    CHECK_INT(strlen(place.text), sizeof place.text - 1);
    CHECK(str_ends(str_from_cstr(place.text), S("kkk[0]")));
}

static void check_difference(const char *a, const char *b, const char *place)
{
    const struct json *left = NULL, *right = NULL;
    struct json_difference found;

    CHECK(json_parse(&arena, str_from_cstr(a), &left, &err));
    CHECK(json_parse(&arena, str_from_cstr(b), &right, &err));
    CHECK(json_first_difference(left, right, &found) == (place != NULL));
    if (place)
        CHECK_STR(str_from_cstr(found.place.text), place);
    CHECK(json_first_difference(right, left, &found) == (place != NULL));
}

TEST(json_differences_have_a_place)
{
    check_difference("{\"a\":1,\"b\":[true,null]}", " {\"b\":[true,null], \"a\":1.0}", NULL);
    check_difference("{\"a\":1}", "{\"a\":1.5}", "a");
    check_difference("{\"a\":9007199254740993}", "{\"a\":9007199254740992}", "a");
    check_difference("{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "{\"a\":{\"b\":[1,{\"c\":\"y\"}]}}",
                     "a.b[1].c");
    check_difference("{\"a\":[1,2]}", "{\"a\":[1]}", "a[1]");
    check_difference("{\"a\":[1]}", "{\"a\":[1,2]}", "a[1]");
    check_difference("{\"a\":1}", "{\"a\":1,\"b\":null}", "b");
    check_difference("{\"a\":null}", "{\"a\":false}", "a");
    check_difference("{\"a\":true}", "{\"a\":false}", "a");
    check_difference("[]", "{}", "the document");
}

TEST(json_writer_minds_commas_and_nesting)
{
    struct json_writer w;
    struct buf out;

    buf_init(&out, 10000);
    json_writer_init(&w, &out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "text", S("a\"\\\n\x01\xc3\xbc\xff\xe2\x80\xa8"));
    json_set_array(&w, "list");
    json_put_i64(&w, INT64_MIN);
    json_put_f64(&w, 0.1);
    json_put_f64(&w, NAN);
    json_begin_object(&w);
    json_end_object(&w);
    json_put_raw(&w, S("{\"raw\":1}"));
    json_end_array(&w);
    json_set_bool(&w, "yes", true);
    json_set_null(&w, "no");
    CHECK(!json_writer_is_complete(&w));
    json_end_object(&w);
    CHECK(json_writer_is_complete(&w));
    CHECK_STR(buf_str(&out),
              "{\"text\":\"a\\\"\\\\\\n\\u0001\xc3\xbc\xef\xbf\xbd\\u2028\","
              "\"list\":[-9223372036854775808,0.1,null,{},{\"raw\":1}],\"yes\":true,\"no\":null}");
    const struct json *back = parse(out.ptr);
    buf_reset(&out);
    json_writer_init(&w, &out, JSON_STYLE_PRETTY);
    json_put_tree(&w, json_get(back, "list"));
    CHECK_STR(buf_str(&out), "[\n  -9223372036854775808,\n  0.1,\n  null,\n  {},\n  {\n    "
                             "\"raw\": 1\n  }\n]");
    buf_deinit(&out);
}

static void check_number(double value, const char *want)
{
    char text[NUMBER_TEXT_SIZE];

    CHECK_STR(((Str){text, number_shortest(text, value)}), want);
}

TEST(number_is_laid_out_for_json)
{
    check_number(0, "0");
    check_number(-0.0, "-0.0");
    check_number(1, "1");
    check_number(-1.5, "-1.5");
    check_number(100000, "100000");
    check_number(12345678901234568.0, "12345678901234568");
    check_number(1e17, "1e+17");
    check_number(123456789012345680000.0, "1.2345678901234568e+20");
    check_number(0.000001, "0.000001");
    check_number(0.0000001, "1e-7");
    check_number(1.25e-9, "1.25e-9");
    check_number(DBL_MAX, "1.7976931348623157e+308");
    check_number(DBL_MIN, "2.2250738585072014e-308");
    check_number(5e-324, "5e-324");
    check_number(0.1 + 0.2, "0.30000000000000004");
}

TEST(number_reads_back_the_same)
{
    struct random r = {.seed = 1};

    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_next(&r);
        double value, back;
        char text[NUMBER_TEXT_SIZE + 1];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        size_t len = number_shortest(text, value);
        CHECK(len < NUMBER_TEXT_SIZE);
        text[len] = '\0';
        back = strtod(text, NULL);
        CHECK(memcmp(&back, &value, sizeof value) == 0);
    }
}

TEST(figures_of_people_have_no_exponent)
{
    CHECK_INT(number_decimals(1410.3), 0);
    CHECK_INT(number_decimals(-144.52), 1);
    CHECK_INT(number_decimals(41.85), 1);
    CHECK_INT(number_decimals(9.62), 2);
    CHECK_INT(number_decimals(-0.0765), 3);
    CHECK_INT(number_decimals(32), 0);
}

int main(void)
{
    arena_init(&arena, 16 * MIB);
    int failed = RUN(CASE(json_reads_every_type), CASE(json_errors_name_line_and_column),
                     CASE(json_limits_depth_and_memory), CASE(json_need_names_the_place),
                     CASE(json_place_is_cut_to_fit), CASE(json_differences_have_a_place),
                     CASE(json_writer_minds_commas_and_nesting), CASE(number_is_laid_out_for_json),
                     CASE(number_reads_back_the_same), CASE(figures_of_people_have_no_exponent));
    arena_deinit(&arena);
    return failed;
}
