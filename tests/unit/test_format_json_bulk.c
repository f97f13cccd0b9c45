#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "format/json_bulk.h"

static struct json_bulk *parser;

static JsonNode parse(const char *text)
{
    struct err err = {0};
    JsonNode root;

    if (!json_bulk_parse(parser, str_from_cstr(text), &root, &err))
        fail_msg("%s: %s", text, err.msg);
    return root;
}

static enum err_code refuse(Str text)
{
    struct err err = {0};
    JsonNode root;

    CHECK(!json_bulk_parse(parser, text, &root, &err));
    CHECK_INT(json_node_type(root), JSON_MISSING);
    return err.code;
}

TEST(json_bulk_reads_every_type)
{
    JsonNode root = parse("{\"a\":[1,-2,3.5,true,null,\"x\\u00e9\"],\"o\":{\"k\":\"v\"},"
                          "\"big\":18446744073709551615}");
    JsonNode list = json_node_get(root, S("a"));
    int64_t whole = 0;
    uint64_t large = 0;
    double real = 0;
    bool truth = false;
    Str text;

    CHECK_INT(json_node_type(root), JSON_OBJECT);
    CHECK_INT(json_node_count(root), 3);
    CHECK_INT(json_node_count(list), 6);
    CHECK(json_node_i64(json_node_at(list, 1), &whole) && whole == -2);
    CHECK(!json_node_u64(json_node_at(list, 1), &large));
    CHECK(json_node_f64(json_node_at(list, 0), &real) && real == 1);
    CHECK(json_node_f64(json_node_at(list, 2), &real) && real == 3.5);
    CHECK(!json_node_i64(json_node_at(list, 2), &whole));
    CHECK(json_node_bool(json_node_at(list, 3), &truth) && truth);
    CHECK_INT(json_node_type(json_node_at(list, 4)), JSON_NULL);
    CHECK(json_node_str(json_node_at(list, 5), &text));
    CHECK_STR(text, "x\xc3\xa9");
    CHECK(json_node_str(json_node_get(json_node_get(root, S("o")), S("k")), &text));
    CHECK_STR(text, "v");
    CHECK(json_node_u64(json_node_get(root, S("big")), &large) && large == UINT64_MAX);
    CHECK(!json_node_i64(json_node_get(root, S("big")), &whole));
}

TEST(json_bulk_getters_are_total)
{
    JsonNode missing = json_node_get(parse("[1]"), S("a"));
    JsonIter it = json_node_iter(missing);
    int64_t whole;
    Str text;

    CHECK_INT(json_node_type(missing), JSON_MISSING);
    CHECK_INT(json_node_type(json_node_get(missing, S("b"))), JSON_MISSING);
    CHECK_INT(json_node_type(json_node_at(missing, 0)), JSON_MISSING);
    CHECK_INT(json_node_type(json_node_at(parse("[1]"), 1)), JSON_MISSING);
    CHECK_INT(json_node_type(json_node_at(parse("{\"a\":1}"), 0)), JSON_MISSING);
    CHECK_INT(json_node_count(missing), 0);
    CHECK(!json_node_str(missing, &text) && !json_node_i64(missing, &whole));
    CHECK(!json_iter_next(&it));
}

TEST(json_bulk_iterates_in_document_order)
{
    JsonIter it = json_node_iter(parse("{\"z\":{\"deep\":[1,{}]},\"a\":[],\"m\":1.5}"));

    CHECK(json_iter_next(&it));
    CHECK_STR(it.key, "z");
    CHECK(json_iter_next(&it));
    CHECK_STR(it.key, "a");
    CHECK_INT(json_node_type(it.value), JSON_ARRAY);
    CHECK(json_iter_next(&it));
    CHECK_STR(it.key, "m");
    CHECK(!json_iter_next(&it));
    CHECK(!json_iter_next(&it));
}

TEST(json_bulk_writes_what_it_read)
{
    static const char *const texts[] = {"{\"a\":[1,-2,3.5,true,false,null,\"x\"],\"\":{}}",
                                        "[]",
                                        "\"\\n\\u0001\\\"\\\\\"",
                                        "18446744073709551615",
                                        "-9223372036854775808",
                                        "0.1",
                                        "1e+300"};
    struct buf out;

    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        buf_reset(&out);
        json_node_write(parse(texts[i]), &out);
        CHECK_STR(buf_str(&out), texts[i]);
    }
    buf_deinit(&out);
}

TEST(json_bulk_half_surrogates_read_as_replacement)
{
    Str text;
    JsonNode root = parse("[\"a\\ud83dz\", \"\\ude00\", \"\\ud83d\\ude00\", \"\\\\ud83d\"]");

    CHECK(json_node_str(json_node_at(root, 0), &text));
    CHECK_STR(text, "a\xef\xbf\xbdz");
    CHECK(json_node_str(json_node_at(root, 1), &text));
    CHECK_STR(text, "\xef\xbf\xbd");
    CHECK(json_node_str(json_node_at(root, 2), &text));
    CHECK_STR(text, "\xf0\x9f\x98\x80");
    CHECK(json_node_str(json_node_at(root, 3), &text));
    CHECK_STR(text, "\\ud83d");
}

TEST(json_bulk_refuses_with_the_right_code)
{
    CHECK_INT(refuse(S("")), ERR_INPUT);
    CHECK_INT(refuse(S("   ")), ERR_INPUT);
    CHECK_INT(refuse(S("{\"a\":1")), ERR_INPUT);
    CHECK_INT(refuse(S("{\"a\":1} x")), ERR_INPUT);
    CHECK_INT(refuse(S("[\"\\q\"]")), ERR_INPUT);
    CHECK_INT(refuse(S("[\"\xff\"]")), ERR_INPUT);
    CHECK_INT(refuse(S("[1e999]")), ERR_INPUT);
    CHECK_INT(refuse(S("[tru]")), ERR_INPUT);
}

TEST(json_bulk_limits_depth_and_length)
{
    char deep[2 * JSON_DEPTH_MAX + 8];
    size_t n = JSON_DEPTH_MAX;
    struct err fine = {0};
    JsonNode node;

    memset(deep, '[', n);
    deep[n] = '1';
    memset(deep + n + 1, ']', n);
    CHECK(json_bulk_parse(parser, (Str){deep, 2 * n + 1}, &node, &fine));
    n += 2;
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    CHECK_INT(refuse((Str){deep, 2 * n}), ERR_LIMIT);
    size_t size = INPUT_LINE_BYTES_MAX + 2;
    char *large = mem_alloc(size, 1);
    memset(large, ' ', size);
    large[0] = '1';
    CHECK_INT(refuse((Str){large, INPUT_LINE_BYTES_MAX + 1}), ERR_LIMIT);
    struct err err = {0};
    JsonNode root;
    CHECK(json_bulk_parse(parser, (Str){large, INPUT_LINE_BYTES_MAX}, &root, &err));
    CHECK_INT(json_node_type(root), JSON_NUMBER);
    mem_free(large);
    CHECK_INT(json_node_type(parse("{}")), JSON_OBJECT); /* buffers shrink again */
}

TEST(json_bulk_steady_state_allocates_nothing)
{
    long before;

    (void)parse("{\"warm\":\"up\"}");
    before = mem_live_blocks();
    for (int i = 0; i < 1000; i++)
        (void)parse("{\"text\":\"some text\",\"n\":[1,2,3]}");
    CHECK_INT(mem_live_blocks(), before);
}

int main(void)
{
    struct err err = {0};

    if (!json_bulk_create(&parser, &err))
        return 1;
    int failed =
        RUN(CASE(json_bulk_reads_every_type), CASE(json_bulk_getters_are_total),
            CASE(json_bulk_iterates_in_document_order), CASE(json_bulk_writes_what_it_read),
            CASE(json_bulk_half_surrogates_read_as_replacement),
            CASE(json_bulk_refuses_with_the_right_code), CASE(json_bulk_limits_depth_and_length),
            CASE(json_bulk_steady_state_allocates_nothing));
    json_bulk_destroy(&parser);
    return failed;
}
