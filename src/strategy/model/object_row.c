/* object_row.c - objects to and from rows: single values as columns, composite ones as JSON text.
 */
#include <math.h>

#include "db/db.h"
#include "strategy/model/object.h"

#define FIRST_PARAMETER 2 /* ?1 id, ?2 revision; field 1 is ?3 */
#define FIRST_COLUMN    1 /* 0 id, 1 revision; field 1 is column 2 */

static bool json_of(struct arena *arena, const struct field *field, const void *object, Str *out,
                    struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    field_write(&writer, field, object);
    return text_end(&text, arena, out, err);
}

static bool bind_field(struct stmt *stmt, struct arena *arena, int parameter,
                       const struct field *field, const void *object, struct err *err)
{
    const void *at = (const char *)object + field->offset;
    Str text = STR_NONE;

    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
        text = *(const Str *)at;
        stmt_bind_str(stmt, parameter, text.ptr ? text : S(""));
        return true;
    case FIELD_REF:
        text = *(const Str *)at;
        stmt_bind_str_or_null(stmt, parameter, text.len > 0 ? text : STR_NONE);
        return true;
    case FIELD_WORD:
        text = word_of(field->words, *(const int *)at);
        stmt_bind_str(stmt, parameter, text.ptr ? text : S(""));
        return true;
    case FIELD_NUMBER:
        stmt_bind_f64(stmt, parameter, *(const double *)at);
        return true;
    case FIELD_INTEGER:
        stmt_bind_i64(stmt, parameter, *(const int64_t *)at);
        return true;
    case FIELD_BOOL:
        stmt_bind_i64(stmt, parameter, *(const bool *)at);
        return true;
    case FIELD_RECORD:
        if (field_is_preset(field, object)) {
            stmt_bind_null(stmt, parameter);
            return true;
        }
        break;
    case FIELD_FLAGS:
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_THREE:
    case FIELD_RECORDS:
        break;
    }
    if (!json_of(arena, field, object, &text, err))
        return false;
    stmt_bind_str(stmt, parameter, text);
    return true;
}

bool object_bind(struct stmt *stmt, struct arena *arena, enum object_kind kind, const void *object,
                 int64_t revision, struct err *err)
{
    const struct record *record = &object_type(kind)->record;

    stmt_bind_str(stmt, 1, object_id(object));
    stmt_bind_i64(stmt, 2, revision);
    for (size_t i = 1; i < record->count; i++) {
        if (!bind_field(stmt, arena, FIRST_PARAMETER + (int)i, &record->fields[i], object, err))
            return false;
    }
    return true;
}

static bool load_json(struct arena *arena, const struct field *field, Str text, void *object,
                      struct err *err)
{
    struct document_faults faults = {0};
    struct fault_sink sink = {.arena = arena, .faults = &faults};
    const struct json *json = NULL;
    struct err why = {0};

    if (!json_parse(arena, text, &json, &why))
        return err_set(err, ERR_CORRUPT, "%s", why.msg);
    field_parse(&sink, field, json, object);
    if (!faults_ok(&sink, &why))
        return err_set(err, why.code == ERR_LIMIT ? ERR_LIMIT : ERR_CORRUPT, "%s", why.msg);
    return true;
}

static bool load_word(struct stmt *stmt, int column, const struct field *field, int *out,
                      struct err *err)
{
    Str word = stmt_str(stmt, column);

    if (word.len == 0)
        *out = 0;
    else if (!word_find(field->words, word, out))
        return err_set(err, ERR_CORRUPT, "unknown word '" STR_F "'", STR_A(word));
    return true;
}

static bool load_field(struct stmt *stmt, struct arena *arena, int column,
                       const struct field *field, void *object, struct err *err)
{
    void *at = (char *)object + field->offset;

    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_REF:
        return stmt_copy_str(stmt, column, arena, at, err);
    case FIELD_WORD:
        return load_word(stmt, column, field, at, err);
    case FIELD_NUMBER:
        *(double *)at = stmt_is_null(stmt, column) ? NAN : stmt_f64(stmt, column);
        return true;
    case FIELD_INTEGER:
        *(int64_t *)at = stmt_i64(stmt, column);
        return true;
    case FIELD_BOOL:
        *(bool *)at = stmt_i64(stmt, column) != 0;
        return true;
    case FIELD_RECORD:
        if (stmt_is_null(stmt, column))
            return true;
        break;
    case FIELD_FLAGS:
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_THREE:
    case FIELD_RECORDS:
        break;
    }
    return load_json(arena, field, stmt_str(stmt, column), object, err);
}

bool object_load(struct stmt *stmt, struct arena *arena, enum object_kind kind, void *object,
                 struct err *err)
{
    const struct record *record = &object_type(kind)->record;

    memset(object, 0, record->size);
    if (!stmt_copy_str(stmt, 0, arena, object, err))
        return false;
    object_set_revision(object, stmt_i64(stmt, 1));
    for (size_t i = 1; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        if (!load_field(stmt, arena, FIRST_COLUMN + (int)i, field, object, err))
            return err_wrap(err, "%s '" STR_F "', column %s", words_object_kind.words[kind],
                            STR_A(object_id(object)), field->name);
    }
    return true;
}
