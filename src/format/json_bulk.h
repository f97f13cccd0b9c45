/* json_bulk.h - parse one JSON document after the other at full speed: lines of an import.
 *
 * simdjson's document parser behind a C interface; the only C++ of the program is json_bulk.cc. Use
 * json.h where a document is built, kept or comes singly. One parser per thread; it reuses its
 * buffers, so in steady state a line costs no allocation. Documents are at most
 * INPUT_LINE_BYTES_MAX long and JSON_DEPTH_MAX deep; text has to be valid UTF-8.
 *
 * A node is a small copyable value that points into the parser. Nodes and the text they give
 * (unescaped, valid UTF-8, may hold NUL) die at the next parse with the same parser. Every getter
 * is total: on a missing node or another type it answers false, so chains need no checks between:
 *
 *     if (json_node_str(json_node_get(json_node_get(root, S("user")), S("name")), &name)) ...
 *
 * One lenience: a \u escape of half a surrogate pair, which JSON allows and UTF-8 cannot say, reads
 * as U+FFFD.
 */
#ifndef FORMAT_JSON_BULK_H
#define FORMAT_JSON_BULK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "format/json_type.h"

struct json_bulk;

typedef struct {
    const void *document; /* NULL: missing */
    size_t index;
} JsonNode;

bool json_bulk_create(struct json_bulk **out, struct err *err) MUST_CHECK;
void json_bulk_destroy(struct json_bulk **p); /* NULL-safe */

/* ERR_INPUT for text that is not JSON, ERR_LIMIT beyond length or depth, ERR_NO_MEMORY. Copies the
 * text once. */
bool json_bulk_parse(struct json_bulk *p, Str text, JsonNode *root, struct err *err) MUST_CHECK;
/* The same without the copy: INPUT_PADDING_BYTES bytes behind the text must be readable. */
bool json_bulk_parse_padded(struct json_bulk *p, Str text, JsonNode *root,
                            struct err *err) MUST_CHECK;

enum json_type json_node_type(JsonNode node);
/* Member of an object (the first of that name), element of an array (counts up: O(index)). */
JsonNode json_node_get(JsonNode object, Str key);
JsonNode json_node_at(JsonNode array, size_t index);
size_t json_node_count(JsonNode container); /* members or elements; 0 for anything else */

bool json_node_str(JsonNode node, Str *out);
bool json_node_bool(JsonNode node, bool *out);
/* A number with neither fraction nor exponent that fits. */
bool json_node_i64(JsonNode node, int64_t *out);
bool json_node_u64(JsonNode node, uint64_t *out);
bool json_node_f64(JsonNode node, double *out); /* any number */

/* In document order:
 *     for (JsonIter it = json_node_iter(object); json_iter_next(&it);) use(it.key, it.value);
 * The key is empty for arrays. Anything but an object or array has no rounds. */
typedef struct {
    Str key;
    JsonNode value;
    const void *document;
    size_t next, end;
    bool is_object;
} JsonIter;

JsonIter json_node_iter(JsonNode container);
bool json_iter_next(JsonIter *it);

/* Appends the value as compact JSON: members in document order, numbers in the shortest form that
 * reads back the same. */
void json_node_write(JsonNode node, struct buf *out);

#endif
