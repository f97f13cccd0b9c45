/* JSON values into members of a post. */
#include "listen/decode/decode_priv.h"

#include <math.h>
#include <stdio.h>

#include "format/json_text.h"

bool node_text(struct decoder *d, JsonNode node, const char *what, size_t max_bytes, Str *out)
{
    Str text;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return json_node_str(node, &text) && row_text(d, what, text, max_bytes, out);
    default:
        return row_refuse(d, "%s is not a text", what);
    }
}

bool node_id(struct decoder *d, JsonNode node, const char *what, Str *out)
{
    int64_t number;
    uint64_t natural;

    if (json_node_type(node) != JSON_NUMBER)
        return node_text(d, node, what, DECODE_ID_BYTES_MAX, out);
    char digits[24];
    int len;
    if (json_node_i64(node, &number))
        len = snprintf(digits, sizeof digits, "%lld", (long long)number);
    else if (json_node_u64(node, &natural))
        len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)natural);
    else
        return row_refuse(d, "%s is neither a text nor a whole number", what);
    return row_text(d, what, (Str){digits, (size_t)len}, sizeof digits, out);
}

bool node_count(struct decoder *d, JsonNode node, const char *what, int64_t *out)
{
    double number;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_NUMBER:
        if (json_node_f64(node, &number) && isfinite(number) && number < 9e15) {
            *out = number > 0 ? (int64_t)number : 0;
            return true;
        }
        return row_refuse(d, "%s is out of range", what);
    default:
        return row_refuse(d, "%s is not a number", what);
    }
}

bool node_time(struct decoder *d, JsonNode node, struct post *post)
{
    double number;
    Str text;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_NUMBER:
        return json_node_f64(node, &number) && row_time_number(d, post, number);
    case JSON_STRING:
        return json_node_str(node, &text) && row_time_text(d, post, text);
    default:
        return row_refuse(d, "created_at is neither a text nor a number");
    }
}

bool node_flag(struct decoder *d, JsonNode node, const char *what, int8_t *out)
{
    bool is_set;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (!json_node_bool(node, &is_set))
        return row_refuse(d, "%s is neither true nor false", what);
    *out = is_set ? 1 : 0;
    return true;
}

bool node_texts(struct decoder *d, JsonNode node, const char *what, const Str **out, size_t *count)
{
    Str *texts;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (json_node_type(node) != JSON_ARRAY)
        return row_refuse(d, "%s is not a list", what);
    size_t wanted = json_node_count(node), n = 0;
    if (wanted == 0)
        return true;
    wanted = wanted < POST_LINKS_MAX ? wanted : POST_LINKS_MAX;
    if (!(texts = arena_try_new(&d->batch->arena, Str, wanted)))
        return row_exhausted(d);
    for (JsonIter it = json_node_iter(node); n < wanted && json_iter_next(&it);) {
        if (!node_text(d, it.value, what, DECODE_URL_BYTES_MAX, &texts[n]))
            return false;
        if (texts[n].len > 0)
            n++;
    }
    *out = texts;
    *count = n;
    return true;
}

Str node_str(JsonNode node)
{
    Str text;

    return json_node_str(node, &text) ? text : STR_NONE;
}

Str node_str_at(JsonNode object, Str key)
{
    return node_str(json_node_get(object, key));
}

bool node_has(JsonNode object, Str key)
{
    return json_node_type(json_node_get(object, key)) > JSON_NULL;
}

/* ---- tables of members ----------------------------------------------------------------------- */

const struct member *member_find(const struct member *table, size_t count, Str key)
{
    if (key.len == 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (table[i].key.len == key.len && table[i].key.ptr[0] == key.ptr[0] &&
            str_eq(table[i].key, key))
            return &table[i];
    return NULL;
}

static bool read_spare_id(struct decoder *d, const struct member *member, JsonNode node, Str *out)
{
    int64_t whole;

    if (out->len > 0 || (json_node_type(node) != JSON_STRING && !json_node_i64(node, &whole)))
        return true;
    return node_id(d, node, member->what, out);
}

static bool read_text(struct decoder *d, const struct member *member, JsonNode node, Str *out)
{
    Str text;

    if (member->kind == MEMBER_TEXT || !json_node_str(node, &text))
        return node_text(d, node, member->what, member->max_bytes, out);
    if (member->kind == MEMBER_HTML)
        return row_html(d, member->what, text, out);
    return row_markup(d, member->what, text, member->max_bytes, out);
}

bool member_read(struct decoder *d, const struct member *member, JsonNode node, struct post *post,
                 JsonNode *nodes)
{
    void *at = (char *)post + member->offset;
    const char *name = member->what;
    Str code = {0};

    switch (member->kind) {
    case MEMBER_ID:
        return node_id(d, node, name, at);
    case MEMBER_ID_SPARE:
        return read_spare_id(d, member, node, at);
    case MEMBER_TEXT:
    case MEMBER_MARKUP:
    case MEMBER_HTML:
        return read_text(d, member, node, at);
    case MEMBER_COUNT:
        return node_count(d, node, name, at);
    case MEMBER_FLAG:
        return node_flag(d, node, name, at);
    case MEMBER_TIME:
        return node_time(d, node, post);
    case MEMBER_LANG:
        return node_text(d, node, name, 40, &code) && row_lang(d, code, at);
    case MEMBER_COUNTRY:
        return node_text(d, node, name, 40, &code) && row_country(d, code, at);
    case MEMBER_NODE:
        nodes[member->max_bytes] = node;
        return true;
    }
    UNREACHABLE("kind of a member");
}

bool members_read(struct decoder *d, JsonNode object, const struct member *table, size_t count,
                  struct post *post, JsonNode *nodes, size_t wanted)
{
    for (size_t i = 0; i < wanted; i++)
        nodes[i] = (JsonNode){0};
    for (JsonIter it = json_node_iter(object); json_iter_next(&it);) {
        const struct member *member = member_find(table, count, it.key);
        if (member && !member_read(d, member, it.value, post, nodes))
            return false;
    }
    return true;
}

void extra_add(struct buf *extra, Str key, JsonNode value)
{
    buf_add_byte(extra, extra->len == 0 ? '{' : ',');
    json_text_str(extra, key);
    buf_add_byte(extra, ':');
    json_node_write(value, extra);
}

bool extra_keep(struct decoder *d, struct post *post)
{
    if (d->extra.len == 0)
        return true;
    buf_add_byte(&d->extra, '}');
    return row_text(d, "the row's further members", buf_str(&d->extra), INPUT_LINE_BYTES_MAX,
                    &post->extra);
}
