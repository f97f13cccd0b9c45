/* The C++ library and simdjson behind json_bulk.h and number.h. No exception leaves this file and
 * none is thrown in it: it is compiled without them. */

#include <charconv>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>

/* The C headers of the base floor, read as C++. */
#define _Noreturn [[noreturn]]
extern "C" {
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/json_bulk.h"
#include "format/json_text.h"
#include "format/number.h"
}

using simdjson::error_code;
using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

static_assert(INPUT_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "lines need more padding");

/* simdjson wants one level more than it fills; so an empty container may stand at JSON_DEPTH_MAX
 * + 1. */
static constexpr size_t DEPTH = JSON_DEPTH_MAX + 1;
static constexpr size_t CAPACITY_MIN = 64 * 1024;
/* Above this the buffers, about 25 times a line's length, are given back after a long line. */
static constexpr size_t CAPACITY_KEPT = 1024 * 1024;

struct json_bulk {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> machine;
    document doc;
    struct buf copy; /* padded or repaired text */
    size_t capacity; /* bytes that machine and doc are ready for */
};

static bool grow(struct json_bulk *p, size_t wanted)
{
    size_t capacity = CAPACITY_MIN;

    while (capacity < wanted)
        capacity *= 2;
    if (p->capacity >= wanted && (p->capacity <= CAPACITY_KEPT || capacity > CAPACITY_KEPT))
        return true;
    p->capacity = 0;
    if (fault_hit() || p->doc.allocate(capacity) != simdjson::SUCCESS || fault_hit())
        return false;
    error_code code = p->machine
                          ? p->machine->allocate(capacity, DEPTH)
                          : simdjson::get_active_implementation()->create_dom_parser_implementation(
                                capacity, DEPTH, p->machine);
    if (code != simdjson::SUCCESS)
        return false;
    p->capacity = capacity;
    return true;
}

bool json_bulk_create(struct json_bulk **out, struct err *err)
{
    struct json_bulk *p = fault_hit() ? nullptr : new (std::nothrow) json_bulk();

    *out = nullptr;
    if (!p)
        return err_set(err, ERR_NO_MEMORY, "could not create a JSON parser: no memory");
    buf_init(&p->copy, INPUT_LINE_BYTES_MAX + INPUT_PADDING_BYTES);
    p->capacity = 0;
    if (!grow(p, CAPACITY_MIN)) {
        json_bulk_destroy(&p);
        return err_set(err, ERR_NO_MEMORY, "could not create a JSON parser: no memory");
    }
    *out = p;
    return true;
}

void json_bulk_destroy(struct json_bulk **p)
{
    if (!*p)
        return;
    buf_deinit(&(*p)->copy);
    delete *p;
    *p = nullptr;
}

static bool report(error_code code, struct err *err)
{
    switch (code) {
    case simdjson::EMPTY:
        return err_set(err, ERR_INPUT, "empty text is not JSON");
    case simdjson::DEPTH_ERROR:
        return err_set(
            err, ERR_LIMIT,
            "JSON is nested deeper than %d levels: give inner records lines of their own",
            JSON_DEPTH_MAX);
    case simdjson::CAPACITY:
        return err_set(err, ERR_LIMIT, "JSON text is longer than %llu bytes", INPUT_LINE_BYTES_MAX);
    case simdjson::MEMALLOC:
        return err_set(err, ERR_NO_MEMORY, "could not parse JSON: no memory");
    case simdjson::UTF8_ERROR:
        return err_set(err, ERR_INPUT, "JSON text is not valid UTF-8");
    case simdjson::STRING_ERROR:
        return err_set(err, ERR_INPUT, "JSON string holds an invalid escape");
    case simdjson::UNESCAPED_CHARS:
        return err_set(err, ERR_INPUT, "JSON string holds a raw control character");
    case simdjson::UNCLOSED_STRING:
        return err_set(err, ERR_INPUT, "JSON string is not closed");
    case simdjson::NUMBER_ERROR:
        return err_set(err, ERR_INPUT, "JSON number is malformed or out of range");
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return err_set(err, ERR_INPUT, "JSON word is not true, false or null");
    default:
        return err_set(err, ERR_INPUT, "text is not one JSON value (missing or extra , : [ ] { })");
    }
}

static error_code run(struct json_bulk *p, Str text)
{
    return p->machine->parse(reinterpret_cast<const uint8_t *>(text.ptr), text.len, p->doc);
}

/* A copy with padding; NULL when memory ran out. */
static bool copy_padded(struct json_bulk *p, Str *text)
{
    buf_reset(&p->copy);
    if (!buf_reserve(&p->copy, text->len + INPUT_PADDING_BYTES))
        return false;
    buf_add(&p->copy, *text);
    std::memset(p->copy.ptr + p->copy.len, 0, INPUT_PADDING_BYTES);
    *text = buf_str(&p->copy);
    return true;
}

bool json_bulk_parse_padded(struct json_bulk *p, Str text, JsonNode *root, struct err *err)
{
    *root = JsonNode{nullptr, 0};
    if (text.len > INPUT_LINE_BYTES_MAX)
        return report(simdjson::CAPACITY, err);
    if (text.len == 0)
        return report(simdjson::EMPTY, err);
    if (!grow(p, text.len))
        return report(simdjson::MEMALLOC, err);
    error_code code = run(p, text);
    if (code == simdjson::STRING_ERROR) {
        /* Rare: half of a surrogate pair. Put U+FFFD there in a copy and try once more. */
        bool is_copied = text.ptr == p->copy.ptr || copy_padded(p, &text);
        if (!is_copied)
            return report(simdjson::MEMALLOC, err);
        if (json_text_mend_surrogates(p->copy.ptr, text.len) > 0)
            code = run(p, text);
    }
    if (code != simdjson::SUCCESS)
        return report(code, err);
    *root = JsonNode{&p->doc, 1}; /* tape word 0 is the root's own mark */
    return true;
}

bool json_bulk_parse(struct json_bulk *p, Str text, JsonNode *root, struct err *err)
{
    *root = JsonNode{nullptr, 0};
    if (text.len > INPUT_LINE_BYTES_MAX)
        return report(simdjson::CAPACITY, err);
    if (!copy_padded(p, &text))
        return report(simdjson::MEMALLOC, err);
    return json_bulk_parse_padded(p, text, root, err);
}

static tape_ref ref(JsonNode node)
{
    return tape_ref(static_cast<const document *>(node.document), node.index);
}

enum json_type json_node_type(JsonNode node)
{
    if (!node.document)
        return JSON_MISSING;
    switch (ref(node).tape_ref_type()) {
    case tape_type::START_OBJECT:
        return JSON_OBJECT;
    case tape_type::START_ARRAY:
        return JSON_ARRAY;
    case tape_type::STRING:
        return JSON_STRING;
    case tape_type::INT64:
    case tape_type::UINT64:
    case tape_type::DOUBLE:
        return JSON_NUMBER;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
        return JSON_BOOL;
    case tape_type::NULL_VALUE:
        return JSON_NULL;
    default:
        UNREACHABLE("a node stands on a value");
    }
}

static Str text_at(tape_ref at)
{
    return Str{at.get_c_str(), at.get_string_length()};
}

JsonIter json_node_iter(JsonNode container)
{
    enum json_type type = json_node_type(container);
    JsonIter it = {};

    if (type != JSON_OBJECT && type != JSON_ARRAY)
        return it;
    it.document = container.document;
    it.next = container.index + 1;
    it.end = ref(container).matching_brace_index() - 1; /* one behind the closing word */
    it.is_object = type == JSON_OBJECT;
    return it;
}

bool json_iter_next(JsonIter *it)
{
    if (it->next >= it->end)
        return false;
    if (it->is_object) {
        it->key = text_at(ref(JsonNode{it->document, it->next}));
        it->next++;
    }
    it->value = JsonNode{it->document, it->next};
    it->next = ref(it->value).after_element();
    return true;
}

JsonNode json_node_get(JsonNode object, Str key)
{
    JsonIter it = json_node_iter(object);

    if (!it.is_object)
        return JsonNode{nullptr, 0};
    while (json_iter_next(&it))
        if (it.key.len == key.len && std::memcmp(it.key.ptr, key.ptr, key.len) == 0)
            return it.value;
    return JsonNode{nullptr, 0};
}

JsonNode json_node_at(JsonNode array, size_t index)
{
    JsonIter it = json_node_iter(array);

    if (it.is_object)
        return JsonNode{nullptr, 0};
    while (json_iter_next(&it))
        if (index-- == 0)
            return it.value;
    return JsonNode{nullptr, 0};
}

size_t json_node_count(JsonNode container)
{
    enum json_type type = json_node_type(container);

    return type == JSON_OBJECT || type == JSON_ARRAY ? ref(container).scope_count() : 0;
}

bool json_node_str(JsonNode node, Str *out)
{
    if (json_node_type(node) != JSON_STRING)
        return false;
    *out = text_at(ref(node));
    return true;
}

bool json_node_bool(JsonNode node, bool *out)
{
    if (json_node_type(node) != JSON_BOOL)
        return false;
    *out = ref(node).is_true();
    return true;
}

bool json_node_i64(JsonNode node, int64_t *out)
{
    if (!node.document || !ref(node).is_int64())
        return false;
    *out = ref(node).next_tape_value<int64_t>();
    return true;
}

bool json_node_u64(JsonNode node, uint64_t *out)
{
    int64_t value;

    if (node.document && ref(node).is_uint64()) {
        *out = ref(node).next_tape_value<uint64_t>();
        return true;
    }
    if (!json_node_i64(node, &value) || value < 0)
        return false;
    *out = static_cast<uint64_t>(value);
    return true;
}

bool json_node_f64(JsonNode node, double *out)
{
    if (json_node_type(node) != JSON_NUMBER)
        return false;
    tape_ref at = ref(node);
    if (at.is_double())
        *out = at.next_tape_value<double>();
    else if (at.is_int64())
        *out = static_cast<double>(at.next_tape_value<int64_t>());
    else
        *out = static_cast<double>(at.next_tape_value<uint64_t>());
    return true;
}

static void write_number(JsonNode node, struct buf *out)
{
    int64_t whole;
    uint64_t large;
    double real = 0;

    if (json_node_i64(node, &whole))
        json_text_i64(out, whole);
    else if (json_node_u64(node, &large))
        json_text_u64(out, large);
    else if (json_node_f64(node, &real))
        json_text_f64(out, real);
}

/* Recursion is bounded by JSON_DEPTH_MAX, which the parser enforces. */
static void write_members(JsonNode container, struct buf *out)
{
    JsonIter it = json_node_iter(container);
    bool is_object = it.is_object, is_first = true;

    buf_add_byte(out, is_object ? '{' : '[');
    while (json_iter_next(&it)) {
        if (!is_first)
            buf_add_byte(out, ',');
        is_first = false;
        if (is_object) {
            json_text_str(out, it.key);
            buf_add_byte(out, ':');
        }
        json_node_write(it.value, out);
    }
    buf_add_byte(out, is_object ? '}' : ']');
}

void json_node_write(JsonNode node, struct buf *out)
{
    bool truth = false;

    switch (json_node_type(node)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        write_members(node, out);
        break;
    case JSON_STRING:
        json_text_str(out, text_at(ref(node)));
        break;
    case JSON_NUMBER:
        write_number(node, out);
        break;
    case JSON_BOOL:
        (void)json_node_bool(node, &truth);
        buf_add(out, truth ? Str{"true", 4} : Str{"false", 5});
        break;
    case JSON_NULL:
    case JSON_MISSING:
        buf_add(out, Str{"null", 4});
        break;
    }
}

size_t number_shortest_digits(char digits[NUMBER_TEXT_SIZE], int *exponent, double value)
{
    char text[NUMBER_TEXT_SIZE];
    size_t count = 0;
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);

    ASSERT(end.ec == std::errc() && value > 0);
    const char *at = text; /* d[.ddd]e(+|-)dd */
    for (; *at != 'e'; at++)
        if (*at != '.')
            digits[count++] = *at;
    at++;
    bool is_negative = *at == '-';
    int power = 0;
    for (at++; at < end.ptr; at++)
        power = power * 10 + (*at - '0');
    *exponent = (is_negative ? -power : power) + 1;
    return count;
}
