/* object.h - the fields of every kind of object, as tables.
 *
 * One row per field says its name in documents, SQL and forms, its type, where it lies in the
 * struct, its range, its default and what it may refer to. Reading and writing JSON, checking,
 * storing, the ledger's before and after, and the search for references are then written once
 * (object_json.c, object_row.c, object_query.c, document.c) instead of once per kind. Adding a
 * field is one row in <step>_objects.c, one struct member in <step>_objects.h and one column in a
 * migration; test_strategy_object.c proves that table and columns agree.
 *
 * For this room only. Tables are constant; functions keep no state.
 */
#ifndef STRATEGY_OBJECT_H
#define STRATEGY_OBJECT_H

#include "base/buf.h"
#include "format/json.h"
#include "strategy/model/document.h"

enum field_type {
    FIELD_ID,      /* Str, checked by enum id_form */
    FIELD_TEXT,    /* Str */
    FIELD_DATE,    /* Str, YYYY-MM-DD or empty */
    FIELD_WORD,    /* enum, by `words` */
    FIELD_FLAGS,   /* unsigned, list of words; bit = index */
    FIELD_NUMBER,  /* double */
    FIELD_INTEGER, /* int64_t */
    FIELD_BOOL,    /* bool */
    FIELD_REF,     /* Str, id of a kind in `targets`, or empty */
    FIELD_REFS,    /* StrList of such ids */
    FIELD_TEXTS,   /* StrList */
    FIELD_THREE,   /* struct three_point */
    FIELD_RECORD,  /* struct, by `record`; presence in the bool at `presence` */
    FIELD_RECORDS  /* list of structs, by `record` */
};

enum id_form {
    ID_NAME,     /* strategy_id_is_valid() */
    ID_COMPANY,  /* always "company", not in documents */
    ID_RESOURCE, /* resource_id_is_valid() */
    ID_CODE,     /* as a name, with dots: codes of the catalogues */
    ID_GOAL,     /* the id of a goal */
    ID_STEP      /* "0" to "9" */
};

/* Beside the kinds: what a reference may also be. */
#define TARGET(kind)  (UINT64_C(1) << (kind))
#define TARGET_MARKET (UINT64_C(1) << 63) /* the word "market" */
_Static_assert(OBJECT_KIND_COUNT < 63, "a kind is a bit of `targets`");

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool is_required;
    double least, most, preset; /* numbers: bounds and default; words, bools: default */
    const char *preset_text;    /* texts: default, NULL: empty */
    const struct word_list *words;
    enum id_form form;
    uint64_t targets;
    const struct record *record;
    size_t presence;
};

struct record {
    const struct field *fields;
    size_t count, size;
};

struct object_type {
    struct record record; /* fields[0] is the id */
    const char *list;     /* member of the document */
    const char *table;    /* of the database */
    const char *order;    /* column that keeps the order of entry; NULL: "position" */
    size_t label_offset;  /* of the Str that names an object for people; 0: its id */
    size_t model_offset;  /* of its list in struct strategy_model */
};

const struct object_type *object_type(enum object_kind kind);

/* Every list of the model looks like this. */
struct any_list {
    void *items;
    size_t count;
};
struct any_list model_list(const struct strategy_model *model, enum object_kind kind);
void model_set_list(struct strategy_model *model, enum object_kind kind, struct any_list list);

/* The assessment an object is or belongs to; empty for every other kind. */
Str object_assessment_of(enum object_kind kind, const void *object);

/* Collects faults; out of memory stops it and is reported by faults_ok(). */
struct fault_sink {
    struct arena *arena;
    struct document_faults *faults;
    bool is_failed;
};
/* Where something stands in a document, as a chain on the stack: made into text only on a fault. */
struct trail {
    const struct trail *up; /* NULL: the document */
    const char *name;       /* of a member; NULL: an item */
    size_t index;           /* of an item */
};
void fault_at(struct fault_sink *sink, const struct trail *trail, const char *format, ...)
    PRINTF_LIKE(3, 4);
void fault_add(struct fault_sink *sink, Str path, const char *format, ...) PRINTF_LIKE(3, 4);
/* The first fault as an error; true when there is none. */
bool faults_ok(const struct fault_sink *sink, struct err *err) MUST_CHECK;

/* Reads one object; faults go to the sink. Absent members get their defaults. */
void object_parse(struct fault_sink *sink, enum object_kind kind, const struct json *json,
                  void *object);
/* Ranges, lengths, forms of ids, required members. `trail` is the object's. */
void object_check(struct fault_sink *sink, enum object_kind kind, const void *object,
                  const struct trail *trail);
/* As one JSON object, members at their default left out. */
void object_write(struct json_writer *writer, enum object_kind kind, const void *object);

bool date_is_valid(Str date); /* YYYY-MM-DD that exists, from 1900 on */

/* The default of a member as a form shows it: a word, "1" for true, a number. Empty: there is none,
 * or it stands for unknown (NaN, below zero). `path`: "size", and "options.is_chosen" for the
 * records of a list. */
Str object_preset(struct arena *arena, enum object_kind kind, Str path);

/* Parts of it, for the columns of a row. */
void field_write(struct json_writer *writer, const struct field *field, const void *object);
void field_parse(struct fault_sink *sink, const struct field *field, const struct json *json,
                 void *object);
bool field_is_preset(const struct field *field, const void *object);

/* Calls `on_reference` for every reference the object holds, nested records included. */
void object_each_reference(enum object_kind kind, const void *object, const struct trail *trail,
                           void (*on_reference)(void *user, const struct trail *trail, Str id,
                                                uint64_t targets),
                           void *user);

/* The statements of a kind, made from its fields. */
enum object_statement {
    OBJECT_SELECT, /* id, revision, then the fields in order; in the order of entry */
    OBJECT_INSERT, /* ?1 id, ?2 revision, then the fields in order */
    OBJECT_UPDATE, /* likewise, WHERE id = ?1 AND revision = ?2 - 1 */
    OBJECT_DELETE  /* ?1 id, ?2 revision */
};
struct db;
struct stmt;
bool object_query(struct db *db, enum object_kind kind, enum object_statement statement,
                  struct stmt **out, struct err *err) MUST_CHECK;
/* Binds ?1 id, ?2 revision and the fields from ?3 on. Composite values are written into the arena,
 * which has to outlive the statement's run. */
bool object_bind(struct stmt *stmt, struct arena *arena, enum object_kind kind, const void *object,
                 int64_t revision, struct err *err) MUST_CHECK;
/* Fills an object from a row of its `select`. ERR_CORRUPT when a column does not hold what the
 * table says. */
bool object_load(struct stmt *stmt, struct arena *arena, enum object_kind kind, void *object,
                 struct err *err) MUST_CHECK;

/* Ends a text under construction: checks it, copies it into the arena, frees the buffer. */
bool text_end(struct buf *text, struct arena *arena, Str *out, struct err *err) MUST_CHECK;

#endif
