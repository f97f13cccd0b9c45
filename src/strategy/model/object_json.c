/* object_json.c - objects from JSON, to JSON, and checked: one function per type of field. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "strategy/model/object.h"

/* Where a field lies. The structs are the model's own, so the casts are to their true types. */
static void *field_at(const struct field *field, void *object)
{
    return (char *)object + field->offset;
}

static const void *field_in(const struct field *field, const void *object)
{
    return (const char *)object + field->offset;
}

static Str field_text(const struct field *field, const void *object)
{
    return *(const Str *)field_in(field, object);
}

static struct any_list field_list(const struct field *field, const void *object)
{
    struct any_list list;

    memcpy(&list, field_in(field, object), sizeof list);
    return list;
}

static int field_word(const struct field *field, const void *object)
{
    return *(const int *)field_in(field, object);
}

/* --- faults ------------------------------------------------------------------------------------
 */

static void add_fault(struct fault_sink *sink, Str path, const char *format, va_list arguments)
{
    struct document_faults *faults = sink->faults;
    struct document_fault fault = {0};

    faults->total++;
    if (faults->count == DOCUMENT_FAULTS_MAX || sink->is_failed)
        return;
    if (!faults->items)
        faults->items = arena_try_new(sink->arena, struct document_fault, DOCUMENT_FAULTS_MAX);
    bool is_said = arena_try_phrase(sink->arena, &fault.message, &fault.phrase, format, arguments);
    if (!faults->items || !is_said || !arena_try_str(sink->arena, path, &fault.path))
        sink->is_failed = true;
    else
        faults->items[faults->count++] = fault;
}

void fault_add(struct fault_sink *sink, Str path, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_fault(sink, path, format, arguments);
    va_end(arguments);
}

bool faults_ok(const struct fault_sink *sink, struct err *err)
{
    const struct document_faults *faults = sink->faults;

    if (sink->is_failed)
        return err_arena(err, sink->arena);
    if (faults->total == 0)
        return true;
    const struct document_fault *first = &faults->items[0];
    err_set_phrase(err, ERR_INPUT, first->message, first->phrase);
    if (first->path.len > 0)
        err_wrap(err, STR_F, STR_A(first->path));
    if (faults->total > 1)
        err_hint(err, "and %zu more", faults->total - 1);
    return false;
}

static Str place_of(const struct json *json, struct json_place *place)
{
    *place = json_place(json);
    return str_from_cstr(place->text);
}

bool text_end(struct buf *text, struct arena *arena, Str *out, struct err *err)
{
    bool ok =
        buf_ok(text, err) && (arena_try_str(arena, buf_str(text), out) || err_arena(err, arena));

    buf_deinit(text);
    return ok;
}

/* --- parsing -----------------------------------------------------------------------------------
 */

static void wrong_type(struct fault_sink *sink, const struct json *json, const char *wanted)
{
    struct json_place place;

    fault_add(sink, place_of(json, &place), "must be %s, not %s", wanted, json_type_name(json));
}

static void *list_new(struct fault_sink *sink, const struct json *json, size_t size)
{
    struct json_place place;

    if (json_type(json) != JSON_ARRAY) {
        wrong_type(sink, json, "a list");
        return NULL;
    }
    if (json_len(json) > STRATEGY_LIST_MAX) {
        fault_add(sink, place_of(json, &place), "has %zu items, at most %d are allowed",
                  json_len(json), STRATEGY_LIST_MAX);
        return NULL;
    }
    void *items = arena_try_alloc(sink->arena, size, _Alignof(max_align_t), json_len(json) + 1);
    if (!items)
        sink->is_failed = true;
    return items;
}

static void parse_text(struct fault_sink *sink, const struct json *json, Str *out)
{
    if (json_type(json) != JSON_STRING)
        wrong_type(sink, json, "a text");
    else
        *out = json->text; /* the tree lies in the same arena */
}

static void words_say(const struct word_list *words, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < words->count && len < size; i++) {
        if (words->words[i])
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "",
                                    words->words[i]);
    }
}

static bool parse_word(struct fault_sink *sink, const struct word_list *words,
                       const struct json *json, int *out)
{
    struct json_place place;
    char allowed[300];
    Str word = STR_NONE;

    if (json_str(json, &word) && word_find(words, word, out))
        return true;
    words_say(words, allowed, sizeof allowed);
    if (json_type(json) != JSON_STRING)
        wrong_type(sink, json, "a word");
    else
        fault_add(sink, place_of(json, &place), "'" STR_F "' is not one of %s",
                  STR_A(str_sub(word, 0, 40)), allowed);
    return false;
}

static void parse_flags(struct fault_sink *sink, const struct field *field, const struct json *json,
                        unsigned *out)
{
    if (json_type(json) != JSON_ARRAY) {
        wrong_type(sink, json, "a list");
        return;
    }
    for (size_t i = 0; i < json_len(json); i++) {
        int bit = 0;
        if (parse_word(sink, field->words, json_at(json, i), &bit))
            *out |= 1u << bit;
    }
}

static void parse_texts(struct fault_sink *sink, const struct json *json, StrList *out)
{
    Str *items = list_new(sink, json, sizeof *items);

    if (!items)
        return;
    *out = (StrList){.items = items, .count = json_len(json)};
    for (size_t i = 0; i < out->count; i++)
        parse_text(sink, json_at(json, i), &out->items[i]);
}

static void parse_number(struct fault_sink *sink, const struct json *json, double *out)
{
    if (!json_f64(json, out))
        wrong_type(sink, json, "a number");
}

static void parse_three(struct fault_sink *sink, const struct json *json, struct three_point *out)
{
    static const char *const names[] = {"low", "likely", "high"};
    double *const places[] = {&out->low, &out->likely, &out->high};
    struct json_place place;

    if (json_type(json) != JSON_OBJECT) {
        wrong_type(sink, json, "an object with low, likely and high");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct json *member = json_get(json, names[i]);
        if (member)
            parse_number(sink, member, places[i]);
        else
            fault_add(sink, place_of(json, &place), "lacks '%s'", names[i]);
    }
    if (json_len(json) > COUNT_OF(names))
        fault_add(sink, place_of(json, &place), "has members other than low, likely and high");
}

static void parse_record(struct fault_sink *sink, const struct record *record,
                         const struct json *json, void *object);

static void parse_records(struct fault_sink *sink, const struct field *field,
                          const struct json *json, void *object)
{
    struct any_list list = {.items = list_new(sink, json, field->record->size)};

    if (!list.items)
        return;
    list.count = json_len(json);
    for (size_t i = 0; i < list.count; i++)
        parse_record(sink, field->record, json_at(json, i),
                     (char *)list.items + i * field->record->size);
    memcpy(field_at(field, object), &list, sizeof list);
}

void field_parse(struct fault_sink *sink, const struct field *field, const struct json *json,
                 void *object)
{
    void *at = field_at(field, object);

    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_REF:
        parse_text(sink, json, at);
        return;
    case FIELD_WORD:
        (void)parse_word(sink, field->words, json, at);
        return;
    case FIELD_FLAGS:
        parse_flags(sink, field, json, at);
        return;
    case FIELD_NUMBER:
        parse_number(sink, json, at);
        return;
    case FIELD_INTEGER:
        if (!json_i64(json, at))
            wrong_type(sink, json, "a whole number");
        return;
    case FIELD_BOOL:
        if (!json_bool(json, at))
            wrong_type(sink, json, "true or false");
        return;
    case FIELD_REFS:
    case FIELD_TEXTS:
        parse_texts(sink, json, at);
        return;
    case FIELD_THREE:
        parse_three(sink, json, at);
        return;
    case FIELD_RECORD:
        parse_record(sink, field->record, json, at);
        *(bool *)((char *)object + field->presence) = true;
        return;
    case FIELD_RECORDS:
        parse_records(sink, field, json, object);
        return;
    }
    UNREACHABLE("a type of field");
}

static void preset_field(const struct field *field, void *object)
{
    void *at = field_at(field, object);

    switch (field->type) {
    case FIELD_NUMBER:
        *(double *)at = field->preset;
        return;
    case FIELD_INTEGER:
        *(int64_t *)at = (int64_t)field->preset;
        return;
    case FIELD_BOOL:
        *(bool *)at = field->preset > 0;
        return;
    case FIELD_WORD:
        *(int *)at = (int)field->preset;
        return;
    case FIELD_TEXT:
        *(Str *)at = str_from_cstr(field->preset_text);
        return;
    case FIELD_ID:
        if (field->form == ID_COMPANY)
            *(Str *)at = S("company");
        return;
    case FIELD_DATE:
    case FIELD_REF:
    case FIELD_FLAGS:
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_THREE:
    case FIELD_RECORD:
    case FIELD_RECORDS:
        return; /* zero is their default */
    }
}

static bool is_in_documents(const struct field *field)
{
    return field->type != FIELD_ID || field->form != ID_COMPANY;
}

static const struct field *field_named(const struct record *record, Str name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (str_eq(name, str_from_cstr(record->fields[i].name)))
            return is_in_documents(&record->fields[i]) ? &record->fields[i] : NULL;
    }
    return NULL;
}

static void parse_record(struct fault_sink *sink, const struct record *record,
                         const struct json *json, void *object)
{
    struct json_place place;

    for (size_t i = 0; i < record->count; i++)
        preset_field(&record->fields[i], object);
    if (json_type(json) != JSON_OBJECT) {
        wrong_type(sink, json, "an object");
        return;
    }
    for (size_t i = 0; i < json_len(json); i++) {
        const struct field *field = field_named(record, json_key_at(json, i));
        if (field)
            field_parse(sink, field, json_at(json, i), object);
        else
            fault_add(sink, place_of(json_at(json, i), &place), "is not a member of this object");
    }
    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        if (field->is_required && is_in_documents(field) &&
            !json_find(json, str_from_cstr(field->name)))
            fault_add(sink, place_of(json, &place), "lacks '%s'", field->name);
    }
}

void object_parse(struct fault_sink *sink, enum object_kind kind, const struct json *json,
                  void *object)
{
    const struct record *record = &object_type(kind)->record;

    memset(object, 0, record->size);
    parse_record(sink, record, json, object);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

bool field_is_preset(const struct field *field, const void *object)
{
    const void *at = field_in(field, object);

    switch (field->type) {
    case FIELD_ID:
    case FIELD_DATE:
    case FIELD_REF:
        return field_text(field, object).len == 0;
    case FIELD_TEXT:
        return str_eq(field_text(field, object), str_from_cstr(field->preset_text));
    case FIELD_WORD:
        return field_word(field, object) == (int)field->preset;
    case FIELD_FLAGS:
        return *(const unsigned *)at == 0;
    case FIELD_NUMBER:
        return same_number(*(const double *)at, field->preset);
    case FIELD_INTEGER:
        return *(const int64_t *)at == (int64_t)field->preset;
    case FIELD_BOOL:
        return *(const bool *)at == (field->preset > 0);
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        return field_list(field, object).count == 0;
    case FIELD_THREE: {
        const struct three_point *three = at;
        return same_number(three->low, 0) && same_number(three->likely, 0) &&
               same_number(three->high, 0);
    }
    case FIELD_RECORD:
        return !*(const bool *)((const char *)object + field->presence);
    }
    UNREACHABLE("a type of field");
}

static void write_record(struct json_writer *writer, const struct record *record,
                         const void *object)
{
    json_begin_object(writer);
    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        if (!is_in_documents(field) || (field_is_preset(field, object) && !field->is_required))
            continue;
        json_key(writer, str_from_cstr(field->name));
        field_write(writer, field, object);
    }
    json_end_object(writer);
}

static void write_flags(struct json_writer *writer, const struct field *field, unsigned flags)
{
    json_begin_array(writer);
    for (size_t i = 0; i < field->words->count; i++) {
        if (flags & (1u << i))
            json_put_str(writer, word_of(field->words, (int)i));
    }
    json_end_array(writer);
}

static void write_list(struct json_writer *writer, const struct field *field, const void *object)
{
    struct any_list list = field_list(field, object);
    const Str *texts = list.items;

    json_begin_array(writer);
    for (size_t i = 0; i < list.count; i++) {
        if (field->type == FIELD_RECORDS)
            write_record(writer, field->record, (const char *)list.items + i * field->record->size);
        else
            json_put_str(writer, texts[i]);
    }
    json_end_array(writer);
}

static void write_three(struct json_writer *writer, const struct three_point *three)
{
    json_begin_object(writer);
    json_set_f64(writer, "low", three->low);
    json_set_f64(writer, "likely", three->likely);
    json_set_f64(writer, "high", three->high);
    json_end_object(writer);
}

void field_write(struct json_writer *writer, const struct field *field, const void *object)
{
    const void *at = field_in(field, object);

    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_REF:
        json_put_str(writer, field_text(field, object));
        return;
    case FIELD_WORD:
        json_put_str(writer, word_of(field->words, field_word(field, object)));
        return;
    case FIELD_FLAGS:
        write_flags(writer, field, *(const unsigned *)at);
        return;
    case FIELD_NUMBER:
        json_put_f64(writer, *(const double *)at);
        return;
    case FIELD_INTEGER:
        json_put_i64(writer, *(const int64_t *)at);
        return;
    case FIELD_BOOL:
        json_put_bool(writer, *(const bool *)at);
        return;
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        write_list(writer, field, object);
        return;
    case FIELD_THREE:
        write_three(writer, at);
        return;
    case FIELD_RECORD:
        write_record(writer, field->record, at);
        return;
    }
}

void object_write(struct json_writer *writer, enum object_kind kind, const void *object)
{
    write_record(writer, &object_type(kind)->record, object);
}

/* --- checking ----------------------------------------------------------------------------------
 */

static void trail_write(const struct trail *trail, struct buf *out)
{
    if (trail->up)
        trail_write(trail->up, out);
    if (trail->name)
        buf_printf(out, "%s%s", out->len > 0 ? "." : "", trail->name);
    else if (trail->up)
        buf_printf(out, "[%zu]", trail->index);
}

void fault_at(struct fault_sink *sink, const struct trail *trail, const char *format, ...)
{
    struct buf path;
    va_list arguments;

    buf_init(&path, 400);
    trail_write(trail, &path);
    va_start(arguments, format);
    add_fault(sink, buf_str(&path), format, arguments);
    va_end(arguments);
    buf_deinit(&path);
}

static bool is_code(Str code)
{
    bool is_good = code.len > 0 && code.len <= STRATEGY_ID_BYTES_MAX;

    for (size_t i = 0; i < code.len && is_good; i++) {
        char byte = code.ptr[i];
        is_good = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                  byte == '.';
    }
    return is_good;
}

static void check_id(struct fault_sink *sink, enum id_form form, Str id, const struct trail *trail)
{
    Str shown = str_sub(id, 0, 80);

    switch (form) {
    case ID_NAME:
    case ID_GOAL:
        if (!strategy_id_is_valid(id))
            fault_at(sink, trail, "'" STR_F "' is not an id: a-z, 0-9 and '-', at most %d bytes",
                     STR_A(shown), STRATEGY_ID_BYTES_MAX);
        return;
    case ID_RESOURCE:
        if (!resource_id_is_valid(id))
            fault_at(sink, trail,
                     "'" STR_F "' is not a resource: letters, digits and / - _ . as in "
                     "money/2027-Q1",
                     STR_A(shown));
        return;
    case ID_CODE:
        if (!is_code(id))
            fault_at(sink, trail, "'" STR_F "' is not a code of the catalogue", STR_A(shown));
        return;
    case ID_STEP:
        if (id.len != 1 || id.ptr[0] < '0' || id.ptr[0] > '9')
            fault_at(sink, trail, "'" STR_F "' is not a step, '0' to '9'", STR_A(shown));
        return;
    case ID_COMPANY:
        if (!str_eq(id, S("company")))
            fault_at(sink, trail, "the company's id is always 'company'");
        return;
    }
}

bool date_is_valid(Str date)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;

    if (date.len != 10 || date.ptr[4] != '-' || date.ptr[7] != '-' ||
        !str_to_i64(str_sub(date, 0, 4), &year) || !str_to_i64(str_sub(date, 5, 2), &month) ||
        !str_to_i64(str_sub(date, 8, 2), &day))
        return false;
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day != 29 || is_leap);
}

static void check_text(struct fault_sink *sink, const struct field *field, Str text,
                       const struct trail *trail)
{
    if (text.len > STRATEGY_TEXT_BYTES_MAX)
        fault_at(sink, trail, "has %zu bytes, at most %d are allowed", text.len,
                 STRATEGY_TEXT_BYTES_MAX);
    else if (str_utf8_invalid_at(text) < text.len)
        fault_at(sink, trail, "is not valid UTF-8");
    else if (field->is_required && str_trim(text).len == 0)
        fault_at(sink, trail, "must not be empty");
}

static void check_number(struct fault_sink *sink, const struct field *field, double value,
                         const struct trail *trail)
{
    if (isnan(value) && isnan(field->preset))
        return;
    if (!(value >= field->least && value <= field->most))
        fault_at(sink, trail, "must be from %g to %g", field->least, field->most);
}

static void check_three(struct fault_sink *sink, const struct three_point *three,
                        const struct trail *trail)
{
    bool is_finite = isfinite(three->low) && isfinite(three->likely) && isfinite(three->high);

    if (!is_finite || three->low < 0 || three->high > 1e15)
        fault_at(sink, trail, "must be from 0 to 1e+15");
    else if (three->low > three->likely || three->likely > three->high)
        fault_at(sink, trail, "must rise: low <= likely <= high");
}

static void check_record(struct fault_sink *sink, const struct record *record, const void *object,
                         const struct trail *trail);

static void check_list(struct fault_sink *sink, const struct field *field, const void *object,
                       const struct trail *trail)
{
    struct any_list list = field_list(field, object);
    const Str *texts = list.items;

    if (list.count > STRATEGY_LIST_MAX)
        fault_at(sink, trail, "has %zu items, at most %d are allowed", list.count,
                 STRATEGY_LIST_MAX);
    for (size_t i = 0; i < list.count && i < STRATEGY_LIST_MAX; i++) {
        struct trail item = {.up = trail, .index = i};
        if (field->type == FIELD_RECORDS) {
            check_record(sink, field->record, (const char *)list.items + i * field->record->size,
                         &item);
            continue;
        }
        check_text(sink, &(struct field){.is_required = true}, texts[i], &item);
        for (size_t j = 0; j < i; j++) {
            if (str_eq(texts[i], texts[j]))
                fault_at(sink, &item, "'" STR_F "' is listed twice", STR_A(texts[i]));
        }
    }
}

static void check_date(struct fault_sink *sink, const struct field *field, Str date,
                       const struct trail *trail)
{
    if ((date.len > 0 || field->is_required) && !date_is_valid(date))
        fault_at(sink, trail, "'" STR_F "' is not a date, YYYY-MM-DD", STR_A(str_sub(date, 0, 40)));
}

static void check_word(struct fault_sink *sink, const struct field *field, int value,
                       const struct trail *trail)
{
    bool is_known = value >= 0 && (size_t)value < field->words->count;

    if (!is_known || (field->is_required && !field->words->words[value]))
        fault_at(sink, trail, "has no known value");
}

static void check_field(struct fault_sink *sink, const struct field *field, const void *object,
                        const struct trail *trail)
{
    const void *at = field_in(field, object);

    switch (field->type) {
    case FIELD_ID:
        check_id(sink, field->form, field_text(field, object), trail);
        return;
    case FIELD_TEXT:
    case FIELD_REF:
        check_text(sink, field, field_text(field, object), trail);
        return;
    case FIELD_DATE:
        check_date(sink, field, field_text(field, object), trail);
        return;
    case FIELD_WORD:
        check_word(sink, field, field_word(field, object), trail);
        return;
    case FIELD_FLAGS:
        if (*(const unsigned *)at >> field->words->count != 0 ||
            (field->is_required && *(const unsigned *)at == 0))
            fault_at(sink, trail, "must name at least one kind");
        return;
    case FIELD_NUMBER:
        check_number(sink, field, *(const double *)at, trail);
        return;
    case FIELD_INTEGER:
        check_number(sink, field, (double)*(const int64_t *)at, trail);
        return;
    case FIELD_BOOL:
        return;
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        check_list(sink, field, object, trail);
        return;
    case FIELD_THREE:
        check_three(sink, at, trail);
        return;
    case FIELD_RECORD:
        if (!field_is_preset(field, object))
            check_record(sink, field->record, at, trail);
        return;
    }
}

static void check_record(struct fault_sink *sink, const struct record *record, const void *object,
                         const struct trail *trail)
{
    for (size_t i = 0; i < record->count; i++) {
        struct trail member = {.up = trail, .name = record->fields[i].name};
        check_field(sink, &record->fields[i], object, &member);
    }
}

void object_check(struct fault_sink *sink, enum object_kind kind, const void *object,
                  const struct trail *trail)
{
    check_record(sink, &object_type(kind)->record, object, trail);
}

/* --- references --------------------------------------------------------------------------------
 */

struct reference_walk {
    void (*on_reference)(void *user, const struct trail *trail, Str id, uint64_t targets);
    void *user;
};

static void walk_record(const struct reference_walk *walk, const struct record *record,
                        const void *object, const struct trail *trail);

static void walk_list(const struct reference_walk *walk, const struct field *field,
                      const void *object, const struct trail *trail)
{
    struct any_list list = field_list(field, object);
    const Str *ids = list.items;

    for (size_t i = 0; i < list.count; i++) {
        struct trail item = {.up = trail, .index = i};
        if (field->type == FIELD_REFS)
            walk->on_reference(walk->user, &item, ids[i], field->targets);
        else
            walk_record(walk, field->record, (const char *)list.items + i * field->record->size,
                        &item);
    }
}

static void walk_record(const struct reference_walk *walk, const struct record *record,
                        const void *object, const struct trail *trail)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        struct trail member = {.up = trail, .name = field->name};
        if (field->type == FIELD_REF && field_text(field, object).len > 0)
            walk->on_reference(walk->user, &member, field_text(field, object), field->targets);
        else if (field->type == FIELD_ID && field->form == ID_GOAL)
            walk->on_reference(walk->user, &member, field_text(field, object), TARGET(OBJECT_GOAL));
        else if (field->type == FIELD_REFS || field->type == FIELD_RECORDS)
            walk_list(walk, field, object, &member);
    }
}

void object_each_reference(enum object_kind kind, const void *object, const struct trail *trail,
                           void (*on_reference)(void *user, const struct trail *trail, Str id,
                                                uint64_t targets),
                           void *user)
{
    struct reference_walk walk = {.on_reference = on_reference, .user = user};

    walk_record(&walk, &object_type(kind)->record, object, trail);
}
