/* object_form.h - one form for every kind of object of the strategy, from a table of its fields.
 *
 * A field names the member of the object's JSON form (docs/strategy-document.md): "benefit.low".
 * The form shows the object's members, or what was typed and refused, and makes the JSON that
 * store_object_parse() reads; members without a field stay as they are. What the store refuses it
 * names by path, which marks the field.
 */
#ifndef WEB_OBJECT_FORM_H
#define WEB_OBJECT_FORM_H

#include "format/json.h"
#include "web/view/strategy_view.h"

enum field_kind {
    FORM_TEXT,
    FORM_LONG, /* several lines */
    FORM_NUMBER,
    FORM_DATE,
    FORM_BOOL,
    FORM_CHOICE,        /* one word of a list */
    FORM_WORDS,         /* several words of a list */
    FORM_REF,           /* id of an object of a kind */
    FORM_REFS,          /* several */
    FORM_ORIGINS,       /* several elements and goals, or the market */
    FORM_TOPIC_ORIGINS, /* and competitors */
    FORM_BENEFITS,      /* several entries of the method's catalogue of benefits */
    FORM_POTENTIALS,    /* ... of potentials */
    FORM_BENEFIT,       /* one entry of the catalogue of benefits */
    FORM_TEXTS,         /* list of texts, one a line */
    FORM_TABLE          /* list of small objects: the fields up to FORM_END are its columns */
};

struct field_spec {
    const char *path;  /* NULL ends a list */
    const char *label; /* wrapped in TR() */
    enum field_kind kind;
    const char *hint; /* wrapped in TR(), or NULL */
    const char *list; /* FORM_CHOICE, FORM_WORDS: name of the list in method/words.json */
    const struct word_list *words;    /* FORM_CHOICE, FORM_WORDS */
    enum object_kind refers_to;       /* FORM_REF, FORM_REFS */
    const struct field_spec *columns; /* FORM_TABLE */
    bool is_wide;
};

/* How a new object gets its id. */
enum form_id {
    FORM_ID_NAME,  /* made from its name */
    FORM_ID_TYPED, /* typed: the resource of a limit */
    FORM_ID_GIVEN, /* stands in the address: what it is about (a catalogue's code, a goal, a step)
                    */
    FORM_ID_FIXED  /* there is one only; documents do not name it */
};

struct object_form_spec {
    enum object_kind kind;
    const char *title_new, *title; /* wrapped in TR() */
    const char *home;              /* page that lists the kind: "options" */
    const char *current;           /* entry of the rail */
    int64_t step;
    const struct field_spec *fields;
    enum form_id id;
    const char *home_by; /* the member by which `home` is chosen: "version"; NULL: one for all */
};

enum { FORM_TABLE_ROWS_MAX = 60, FORM_TABLE_SPARE_ROWS = 3 };

/* NULL: the kind has no form. */
const struct object_form_spec *object_form_spec(Str kind_word);

/* Fills the template's fields from a JSON tree (NULL: empty), or from what was typed. */
void object_form_fill(struct request *req, const struct strategy_view *view,
                      const struct object_form_spec *spec, const struct json *object, bool is_typed,
                      Str bad_path, struct tpl_object *out);
/* The JSON of the object as typed; members of `base` (may be NULL) that no field covers are kept.
 */
bool object_form_json(struct request *req, const struct object_form_spec *spec,
                      const struct json *base, Str id, Str *out, struct err *err) MUST_CHECK;

#endif
