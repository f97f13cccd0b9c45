/* json.h - JSON documents that are read whole, looked at freely, or written: bodies, settings,
 * models, reports. For lines of an import use json_bulk.h.
 *
 * Reading: json_parse() makes a tree in the caller's arena. Looking is total: a missing member or
 * another type answers false, NULL or the default, and NULL is a valid argument everywhere, so
 * chains need no checks. The json_need functions are for members that have to be there: their error
 * names the place ("options[3].cost.money") and what was expected. Members keep the order of the
 * document; a name given twice is refused, as are depth beyond JSON_DEPTH_MAX, invalid UTF-8, a NUL
 * in a name and numbers out of range.
 *
 * Writing: sticky, over a struct buf; commas, nesting and escapes are minded here. Calls in an
 * impossible order are bugs and abort. Pure; a tree may be read by any number of threads.
 */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "format/json_type.h"

#define JSON_BYTES_MAX (256 * 1024 * 1024) /* of one document: reject */

struct json {
    enum json_type type;
    bool truth;      /* JSON_BOOL */
    bool is_integer; /* JSON_NUMBER without fraction and exponent: `whole` holds it too */
    int64_t whole;
    double real;
    Str text; /* JSON_STRING, unescaped; also followed by a NUL */
    size_t count;
    struct json *items;        /* JSON_ARRAY, JSON_OBJECT: values in document order */
    const Str *keys;           /* JSON_OBJECT: names beside the items */
    const struct json *parent; /* NULL for the root */
};

/* ERR_INPUT names line and column. The tree does not point into `text`. */
bool json_parse(struct arena *a, Str text, const struct json **root, struct err *err) MUST_CHECK;

const struct json *json_get(const struct json *object, const char *key); /* NULL when absent */
const struct json *json_find(const struct json *object, Str key);
size_t json_len(const struct json *container); /* elements or members, else 0 */
const struct json *json_at(const struct json *container, size_t index); /* value, or NULL */
Str json_key_at(const struct json *object, size_t index);               /* name, or empty */
enum json_type json_type(const struct json *j);                         /* JSON_MISSING for NULL */
const char *json_type_name(const struct json *j); /* "nothing", "null", "text", "a number" ... */

/* False, *out untouched: another type. json_i64 takes integers only, json_f64 any number. */
bool json_str(const struct json *j, Str *out);
bool json_i64(const struct json *j, int64_t *out);
bool json_f64(const struct json *j, double *out);
bool json_bool(const struct json *j, bool *out);

/* Member of an object, or the default when it is absent, null or of another type. */
Str json_str_or(const struct json *object, const char *key, Str otherwise);
int64_t json_i64_or(const struct json *object, const char *key, int64_t otherwise);
double json_f64_or(const struct json *object, const char *key, double otherwise);
bool json_bool_or(const struct json *object, const char *key, bool otherwise);

/* Members that have to be there. ERR_INPUT with the place; bounds are inclusive. */
bool json_need_str(const struct json *object, const char *key, Str *out,
                   struct err *err) MUST_CHECK;
bool json_need_i64(const struct json *object, const char *key, int64_t least, int64_t most,
                   int64_t *out, struct err *err) MUST_CHECK;
bool json_need_f64(const struct json *object, const char *key, double least, double most,
                   double *out, struct err *err) MUST_CHECK;
bool json_need_bool(const struct json *object, const char *key, bool *out,
                    struct err *err) MUST_CHECK;
bool json_need_array(const struct json *object, const char *key, const struct json **out,
                     struct err *err) MUST_CHECK;
bool json_need_object(const struct json *object, const char *key, const struct json **out,
                      struct err *err) MUST_CHECK;

/* Where it stands, "options[3].cost.money"; the root is "the document". Cut to fit. */
struct json_place {
    char text[160];
};
struct json_place json_place(const struct json *j);
/* Sets ERR_INPUT "<place>: <what>": json_refuse(j, err, "is larger than its limit"). */
bool json_refuse(const struct json *j, struct err *err, const char *what);
/* A line in `notes` for each member that is not among `known` (ended by NULL). `notes` may be NULL.
 */
void json_note_unknown(const struct json *object, const char *const known[], struct buf *notes);

enum json_style { JSON_STYLE_COMPACT, JSON_STYLE_PRETTY };

struct json_writer {
    struct buf *out; /* the caller's; check buf_ok() at the end */
    enum json_style style;
    unsigned depth;       /* open containers, at most JSON_DEPTH_MAX */
    uint64_t is_object;   /* bit d: the container at depth d is an object */
    uint64_t has_members; /* bit d: it has at least one */
    bool is_key_pending;  /* a name was written, its value comes next */
};

void json_writer_init(struct json_writer *w, struct buf *out, enum json_style style);
bool json_writer_is_complete(const struct json_writer *w); /* every container is closed */

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, Str key);
void json_put_str(struct json_writer *w, Str value); /* invalid UTF-8 becomes U+FFFD */
void json_put_i64(struct json_writer *w, int64_t value);
void json_put_u64(struct json_writer *w, uint64_t value);
void json_put_f64(struct json_writer *w, double value); /* shortest; null when not finite */
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);
void json_put_raw(struct json_writer *w, Str json); /* valid JSON text, as it is */
void json_put_tree(struct json_writer *w, const struct json *j);

/* Name and value in one. */
void json_set_str(struct json_writer *w, const char *key, Str value);
void json_set_i64(struct json_writer *w, const char *key, int64_t value);
void json_set_f64(struct json_writer *w, const char *key, double value);
void json_set_bool(struct json_writer *w, const char *key, bool value);
void json_set_null(struct json_writer *w, const char *key);
void json_set_object(struct json_writer *w, const char *key); /* name, then begins */
void json_set_array(struct json_writer *w, const char *key);

#endif
