/* template.h - the parts of the template compiler and what they hand one another.
 *
 * The compiler reads ui/templates/NAME.html and writes one C file and one header: for each template
 * a struct tpl_NAME (the typed context declared in the template's head) and a function
 * tpl_NAME(html, env, context). The language is described in tools/template/README.md.
 *
 * Order of work: all heads are read first (declare.c), types are resolved, then each body is
 * compiled in one pass (emit.c) while an HTML state machine (position.c) follows the literal text
 * and tells where a value would land; value.c picks the escaper for that place or refuses.
 * message.c collects what is to be translated. The compiler runs once and leaves freeing to the
 * end of its process.
 */
#ifndef TOOLS_TEMPLATE_TEMPLATE_H
#define TOOLS_TEMPLATE_TEMPLATE_H

#include <setjmp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

enum {
    SOURCE_BYTES_MAX = 1 << 20,
    ELEMENT_DEPTH_MAX = 64,
    NAME_BYTES_MAX = 48,
    BLOCK_DEPTH_MAX = 24,
    ARGUMENTS_MAX = 9,
};

extern struct arena memory; /* everything lives as long as the process */

/* ---- types and templates ---- */

enum type_kind {
    TYPE_STR,
    TYPE_INT,
    TYPE_DOUBLE,
    TYPE_BOOL,
    TYPE_HTML,
    TYPE_URL,
    TYPE_TIME,
    TYPE_JSON,
    TYPE_RECORD
};

struct type {
    enum type_kind kind;
    bool is_array, is_optional;
    struct record *record; /* TYPE_RECORD, after resolving */
    Str name;              /* as written */
};

struct field {
    Str name;
    struct type type;
    size_t offset; /* in the source, for messages */
};

struct record {
    Str name;   /* as written; of a context: the template's name */
    Str c_name; /* tpl_NAME or tpl_TEMPLATE_NAME */
    struct {
        VEC(struct field);
    } fields;
    enum { ORDER_NEW, ORDER_OPEN, ORDER_DONE } order;
};

struct template
{
    const char *path;
    Str name, text;
    struct record *context;
    struct {
        VEC(struct record *);
    } locals;
    size_t body; /* offset behind the head */
    bool is_wrapper;
    jmp_buf give_up; /* taken by refuse() */
};

struct template_list {
    VEC(struct template *);
};

/* Prints "path:line: error: message" and gives up this template. */
_Noreturn void refuse(struct template *t, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);

/* Runs one step on a template; false when the step gave up. */
bool attempt(struct template *t, void (*step)(struct template *t, void *context), void *context);

/* ---- declare.c ---- */
void declare_head(struct template *t);
void declare_resolve(struct template *t, const struct template_list *all);
const struct field *declare_find(const struct record *record, Str name);
/* Forward declarations, structs in an order that compiles, prototypes. */
void declare_write(struct buf *out, struct template_list *all);

/* ---- scan.c: the words inside a tag ---- */
struct scan {
    struct template *t;
    size_t at, end; /* offsets in t->text */
};

void scan_blanks(struct scan *s);
bool scan_is_end(struct scan *s);
bool scan_byte(struct scan *s, char byte); /* skips blanks, takes the byte if it is next */
bool scan_name(struct scan *s, Str *name); /* [a-z_][a-z0-9_]* */
Str scan_need_name(struct scan *s, const char *what);
Str scan_need_string(struct scan *s); /* "..." without escapes, quotes removed */
bool scan_string_next(struct scan *s);
bool scan_number(struct scan *s, int64_t *number);
void scan_finish(struct scan *s); /* refuses left-overs */

/* ---- position.c: where in the HTML the text stands ---- */
enum place {
    PLACE_TEXT,
    PLACE_TAG_OPEN,  /* behind '<' */
    PLACE_TAG_NAME,  /* <na|me */
    PLACE_IN_TAG,    /* between attributes */
    PLACE_ATTR_NAME, /* at|tr */
    PLACE_BEFORE_VALUE,
    PLACE_VALUE_DOUBLE, /* attr="|" */
    PLACE_VALUE_SINGLE,
    PLACE_COMMENT,
    PLACE_DECLARATION, /* <!doctype| */
    PLACE_PLAIN,       /* inside title and textarea: text without elements */
    PLACE_ISLAND       /* inside script type="application/json" */
};

enum attr_kind { ATTR_PLAIN, ATTR_SPOKEN, ATTR_URL };

struct position {
    enum place place;
    char tag[NAME_BYTES_MAX], attr[NAME_BYTES_MAX];
    size_t tag_len, attr_len;
    bool is_end_tag, is_self_closed, is_json_script, has_source;
    bool needs_blank;    /* in a tag: a block ended behind a name */
    bool is_value_start; /* nothing of the attribute's value has been written, perhaps */
    enum attr_kind attr_kind;
    char elements[ELEMENT_DEPTH_MAX][NAME_BYTES_MAX];
    size_t depth;
    size_t untranslated_from; /* depth at which translate="no" began; 0: nowhere */
    unsigned letters;         /* letters in a row of literal text */
};

void position_init(struct position *p);
void position_feed(struct position *p, struct template *t, size_t offset, char byte);
void position_value(struct position *p); /* a value was written here */
/* Joins two branches; false: they end in different places. */
bool position_join(struct position *into, const struct position *other) MUST_CHECK;
const char *position_name(const struct position *p);
bool position_keeps_blanks(const struct position *p);
bool position_is_in(const struct position *p, const char *element);

/* ---- value.c: from a path and a place to an escaper ---- */
struct value {
    struct type type;
    Str code;   /* a C expression */
    Str format; /* behind the colon, may be empty */
    size_t offset;
};

void value_emit(struct buf *out, struct template *t, const struct position *p,
                const struct value *v);

/* ---- message.c ---- */
struct message {
    Str context, single, plural; /* context and plural may be empty */
    struct value arguments[ARGUMENTS_MAX];
    size_t argument_count, offset;
};

void message_check(struct template *t, const struct message *m);
void message_emit(struct buf *out, struct template *t, const struct position *p,
                  const struct message *m);
void message_note(const char *path, size_t line, Str context, Str single, Str plural);
void message_scan_c(const char *path, Str text); /* TR("..."), TRN("...", "...") in C sources */
void message_write_pot(struct buf *out);

/* ---- emit.c ---- */
struct emit_options {
    const char *icons; /* folder of the SVG files */
    struct {
        VEC(Str);
    } assets; /* known names */
    const struct template_list *all;
};

void emit_template(struct buf *out, struct template *t, const struct emit_options *options);

/* ---- shared small things ---- */
size_t line_at(Str text, size_t offset);
bool read_source(const char *path, Str *text);
void put_c_string(struct buf *out, Str text); /* "..." with escapes */

#endif
