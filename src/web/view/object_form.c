#include "web/view/object_form.h"

#include <stdio.h>
#include <string.h>

#include "strategy/model/object.h"

/* ---- looking into the object, or into what was typed ---- */

struct source {
    struct request *req;
    const struct strategy_view *view;
    enum object_kind kind;
    const struct json *object;
    bool is_typed;
};

static const struct json *member_of(const struct json *object, Str path)
{
    Str head, rest;
    bool more = str_cut(path, '.', &head, &rest);
    const struct json *member = json_find(object, head);

    return more ? member_of(member, rest) : member;
}

static Str text_of(struct request *req, const struct json *j)
{
    Str text;
    double real;

    if (json_str(j, &text))
        return text;
    if (json_type(j) == JSON_BOOL)
        return j->truth ? S("1") : STR_NONE;
    if (!json_f64(j, &real))
        return STR_NONE;
    struct html h;
    html_init(&h, 64);
    render_real(&h, real);
    text = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return text;
}

static Str value_of(const struct source *s, Str path)
{
    if (s->is_typed)
        return request_form(s->req, path);
    const struct json *member = member_of(s->object, path);
    return member ? text_of(s->req, member) : object_preset(&s->req->arena, s->kind, path);
}

/* A list of texts as lines. */
static Str lines_of(const struct source *s, Str path)
{
    const struct json *list = member_of(s->object, path);
    Str out = STR_NONE, item;

    if (s->is_typed)
        return request_form(s->req, path);
    for (size_t i = 0; i < json_len(list); i++)
        if (json_str(json_at(list, i), &item))
            out = i == 0 ? item
                         : arena_printf(&s->req->arena, STR_F "\n" STR_F, STR_A(out), STR_A(item));
    return out;
}

static bool list_has(const struct source *s, Str path, Str item)
{
    Str value;

    if (s->is_typed) {
        for (size_t n = 0; params_nth(&s->req->form, path, n, &value); n++)
            if (str_eq(value, item))
                return true;
        return false;
    }
    const struct json *list = member_of(s->object, path);
    if (json_str(list, &value))
        return str_eq(value, item); /* preset by a link */
    for (size_t i = 0; i < json_len(list); i++)
        if (json_str(json_at(list, i), &value) && str_eq(value, item))
            return true;
    return false;
}

/* ---- choices ---- */

struct choices {
    struct tpl_field_choice *items;
    size_t count;
};

/* `value`: the one that is chosen, for a choice. */
static struct choices word_choices(const struct source *s, const struct field_spec *field,
                                   Str value, bool has_none)
{
    struct choices out = {
        arena_new(&s->req->arena, struct tpl_field_choice, field->words->count + 1), 0};
    Str path = str_from_cstr(field->path);

    if (has_none && word_of(field->words, 0).len == 0)
        out.items[out.count++] =
            (struct tpl_field_choice){.label = S("–"), .is_chosen = value.len == 0};
    for (size_t i = 0; i < field->words->count; i++) {
        Str word = word_of(field->words, (int)i);
        if (word.len == 0)
            continue;
        out.items[out.count++] = (struct tpl_field_choice){
            .value = word,
            .label = strategy_word(s->view, field->list, field->words, (int)i),
            .is_chosen = has_none ? str_eq(word, value) : list_has(s, path, word),
        };
        if (str_eq(str_from_cstr(field->list), S("priority")) ||
            out.items[out.count - 1].label.len == 0)
            out.items[out.count - 1].label = word;
    }
    return out;
}

static struct choices ref_choices(const struct source *s, const struct field_spec *field,
                                  Str chosen, bool has_none)
{
    struct object_list list = model_objects(&s->view->model, field->refers_to);
    struct choices out = {arena_new(&s->req->arena, struct tpl_field_choice, list.count + 1), 0};
    Str path = str_from_cstr(field->path);

    if (has_none)
        out.items[out.count++] =
            (struct tpl_field_choice){.label = S("–"), .is_chosen = chosen.len == 0};
    for (size_t i = 0; i < list.count; i++) {
        Str id = object_id(object_at(&list, i));
        out.items[out.count++] = (struct tpl_field_choice){
            .value = id,
            .label = model_label(&s->view->model, field->refers_to, id),
            .is_chosen = has_none ? str_eq(id, chosen) : list_has(s, path, id),
        };
    }
    return out;
}

static void add_choices(struct choices *to, struct choices more)
{
    for (size_t i = 0; i < more.count; i++)
        to->items[to->count++] = more.items[i];
}

static struct choices origin_choices(const struct source *s, const struct field_spec *field)
{
    static const enum object_kind kinds[] = {OBJECT_ELEMENT, OBJECT_GOAL, OBJECT_COMPETITOR};
    size_t kind_count = field->kind == FORM_TOPIC_ORIGINS ? 3 : 2, room = 1;
    struct choices found[COUNT_OF(kinds)], out = {0};
    struct field_spec of = *field;

    for (size_t k = 0; k < kind_count; k++) {
        of.refers_to = kinds[k];
        found[k] = ref_choices(s, &of, STR_NONE, false);
        room += found[k].count;
    }
    out.items = arena_new(&s->req->arena, struct tpl_field_choice, room);
    for (size_t k = 0; k < kind_count; k++)
        add_choices(&out, found[k]);
    out.items[out.count++] = (struct tpl_field_choice){
        .value = S("market"),
        .label = request_tr(s->req, TR("The market as a whole")),
        .is_chosen = list_has(s, str_from_cstr(field->path), S("market")),
    };
    return out;
}

static struct choices catalogue_choices(const struct source *s, const struct field_spec *field)
{
    const struct method *method = s->view->method;
    enum method_language language = s->view->language;
    Str path = str_from_cstr(field->path);
    bool is_benefit = field->kind != FORM_POTENTIALS, is_one = field->kind == FORM_BENEFIT;
    size_t count = is_benefit ? method->benefits.count : method->potentials.count;
    struct choices out = {arena_new(&s->req->arena, struct tpl_field_choice, count + 1), 0};
    Str chosen = is_one ? value_of(s, path) : STR_NONE;

    if (is_one)
        out.items[out.count++] =
            (struct tpl_field_choice){.label = S("–"), .is_chosen = chosen.len == 0};
    for (size_t i = 0; i < count; i++) {
        Str code = is_benefit ? method->benefits.items[i].code : method->potentials.items[i].code;
        out.items[out.count++] = (struct tpl_field_choice){
            .value = code,
            .label = is_benefit ? method->benefits.items[i].name.in[language]
                                : method->potentials.items[i].name.in[language],
            .is_chosen = is_one ? str_eq(code, chosen) : list_has(s, path, code),
        };
    }
    return out;
}

/* ---- fields ---- */

/* Is the value a list of texts, each a checkbox? */
static bool is_list(enum field_kind kind)
{
    return kind == FORM_REFS || kind == FORM_WORDS || kind == FORM_ORIGINS ||
           kind == FORM_TOPIC_ORIGINS || kind == FORM_BENEFITS || kind == FORM_POTENTIALS;
}

static Str kind_word(enum field_kind kind)
{
    static const char *const words[] = {[FORM_TEXT] = "text",
                                        [FORM_LONG] = "long",
                                        [FORM_NUMBER] = "number",
                                        [FORM_DATE] = "date",
                                        [FORM_BOOL] = "bool",
                                        [FORM_CHOICE] = "choice",
                                        [FORM_WORDS] = "checks",
                                        [FORM_REF] = "choice",
                                        [FORM_REFS] = "checks",
                                        [FORM_ORIGINS] = "checks",
                                        [FORM_TOPIC_ORIGINS] = "checks",
                                        [FORM_BENEFITS] = "checks",
                                        [FORM_POTENTIALS] = "checks",
                                        [FORM_BENEFIT] = "choice",
                                        [FORM_TEXTS] = "long",
                                        [FORM_TABLE] = "table"};

    return str_from_cstr(words[kind]);
}

/* "benefit.low" is inside "benefit". */
static bool is_inside(Str path, Str outer)
{
    return path.len > outer.len && str_starts(path, outer) && path.ptr[outer.len] == '.';
}

static struct tpl_field field_of(const struct source *s, const struct field_spec *spec, Str name,
                                 Str bad_path)
{
    struct tpl_field field = {
        .name = name,
        .label = request_tr(s->req, spec->label),
        .kind = kind_word(spec->kind),
        .hint = spec->hint ? request_tr(s->req, spec->hint) : STR_NONE,
        .is_wide = spec->is_wide,
        .is_first = str_ends(name, S(".low")), /* low, likely and high share a row */
        .is_bad = bad_path.len > 0 && (str_eq(bad_path, name) || is_inside(name, bad_path) ||
                                       (spec->kind == FORM_TABLE && str_starts(bad_path, name))),
    };
    struct choices choices = {0};

    if (spec->kind == FORM_TEXTS)
        field.value = lines_of(s, name);
    else if (!is_list(spec->kind) && spec->kind != FORM_TABLE)
        field.value = value_of(s, name);
    if (spec->kind == FORM_CHOICE || spec->kind == FORM_WORDS)
        choices = word_choices(s, spec, field.value, spec->kind == FORM_CHOICE);
    else if (spec->kind == FORM_ORIGINS || spec->kind == FORM_TOPIC_ORIGINS)
        choices = origin_choices(s, spec);
    else if (spec->kind == FORM_BENEFITS || spec->kind == FORM_POTENTIALS ||
             spec->kind == FORM_BENEFIT)
        choices = catalogue_choices(s, spec);
    else if (spec->kind == FORM_REF || spec->kind == FORM_REFS)
        choices = ref_choices(s, spec, field.value, spec->kind == FORM_REF);
    field.choices.items = choices.items;
    field.choices.count = choices.count;
    return field;
}

static Str cell_name(struct request *req, const char *table, size_t row, const char *column)
{
    return arena_printf(&req->arena, "%s.%zu.%s", table, row, column);
}

static size_t columns_of(const struct field_spec *columns)
{
    size_t count = 0;

    while (columns[count].path)
        count++;
    return count;
}

/* Rows typed so far: up to the last one whose first cell was sent. */
static size_t row_count(const struct source *s, const struct field_spec *spec)
{
    size_t count = 0;

    if (!s->is_typed)
        return json_len(member_of(s->object, str_from_cstr(spec->path)));
    for (size_t i = 0; i < FORM_TABLE_ROWS_MAX; i++)
        if (request_form(s->req, cell_name(s->req, spec->path, i, spec->columns[0].path)).len > 0)
            count = i + 1;
    return count;
}

static Str cell_value(const struct source *s, const struct field_spec *table,
                      const struct json *row, const struct field_spec *column, Str name)
{
    const struct json *member = json_get(row, column->path);
    struct arena *arena = &s->req->arena;

    if (s->is_typed)
        return request_form(s->req, name);
    return member ? text_of(s->req, member)
                  : object_preset(arena, s->kind,
                                  arena_printf(arena, "%s.%s", table->path, column->path));
}

static void fill_table(const struct source *s, const struct field_spec *spec,
                       struct tpl_field *field)
{
    size_t width = columns_of(spec->columns), rows = row_count(s, spec) + FORM_TABLE_SPARE_ROWS;
    struct tpl_field_row *items = arena_new(&s->req->arena, struct tpl_field_row, rows);
    struct tpl_field_column *columns = arena_new(&s->req->arena, struct tpl_field_column, width);
    const struct json *list = member_of(s->object, str_from_cstr(spec->path));

    for (size_t c = 0; c < width; c++)
        columns[c] = (struct tpl_field_column){request_tr(s->req, spec->columns[c].label)};
    for (size_t r = 0; r < rows; r++) {
        struct tpl_field_cell *cells = arena_new(&s->req->arena, struct tpl_field_cell, width);
        for (size_t c = 0; c < width; c++) {
            const struct field_spec *column = &spec->columns[c];
            Str name = cell_name(s->req, spec->path, r, column->path);
            Str value = cell_value(s, spec, json_at(list, r), column, name);
            cells[c] = (struct tpl_field_cell){.name = name,
                                               .value = value,
                                               .kind = kind_word(column->kind),
                                               .label = columns[c].label};
            if (column->kind == FORM_REF || column->kind == FORM_CHOICE) {
                struct choices choices = column->kind == FORM_REF
                                             ? ref_choices(s, column, value, true)
                                             : word_choices(s, column, value, true);
                cells[c].choices.items = choices.items;
                cells[c].choices.count = choices.count;
            }
        }
        items[r].cells.items = cells;
        items[r].cells.count = width;
    }
    field->columns.items = columns;
    field->columns.count = width;
    field->rows.items = items;
    field->rows.count = rows;
}

void object_form_fill(struct request *req, const struct strategy_view *view,
                      const struct object_form_spec *spec, const struct json *object, bool is_typed,
                      Str bad_path, struct tpl_object *out)
{
    struct source s = {req, view, spec->kind, object, is_typed};
    size_t count = columns_of(spec->fields);
    struct tpl_field *fields = arena_new(&req->arena, struct tpl_field, count + 1);

    for (size_t i = 0; i < count; i++) {
        fields[i] = field_of(&s, &spec->fields[i], str_from_cstr(spec->fields[i].path), bad_path);
        if (spec->fields[i].kind == FORM_TABLE)
            fill_table(&s, &spec->fields[i], &fields[i]);
    }
    out->fields.items = fields;
    out->fields.count = count;
}

/* ---- from the form to JSON ---- */

static bool put_value(struct json_writer *w, struct request *req, const struct field_spec *spec,
                      Str key, Str name, struct err *err)
{
    Str value = request_form(req, name);
    double real;

    if (spec->kind == FORM_BOOL) {
        json_key(w, key);
        json_put_bool(w, value.len > 0);
        return true;
    }
    if (value.len == 0)
        return true; /* absent: the default, or refused by name where it is needed */
    if (spec->kind != FORM_NUMBER) {
        json_key(w, key);
        json_put_str(w, value);
        return true;
    }
    if (!str_to_f64(value, &real))
        return err_set(err, ERR_INPUT, STR_F ": '" STR_F "' is no number", STR_A(name),
                       STR_A(value));
    json_key(w, key);
    json_put_f64(w, real);
    return true;
}

static void put_list(struct json_writer *w, struct request *req, Str path)
{
    Str value;

    json_key(w, path);
    json_begin_array(w);
    for (size_t n = 0; params_nth(&req->form, path, n, &value); n++)
        json_put_str(w, value);
    json_end_array(w);
}

static void put_lines(struct json_writer *w, struct request *req, Str path)
{
    Str rest = request_form(req, path), line;

    json_key(w, path);
    json_begin_array(w);
    while (rest.len > 0) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (str_trim(line).len > 0)
            json_put_str(w, str_trim(line));
    }
    json_end_array(w);
}

static bool put_table(struct json_writer *w, struct request *req, const struct field_spec *spec,
                      struct err *err)
{
    bool ok = true;

    json_key(w, str_from_cstr(spec->path));
    json_begin_array(w);
    for (size_t r = 0; ok && r < FORM_TABLE_ROWS_MAX; r++) {
        if (request_form(req, cell_name(req, spec->path, r, spec->columns[0].path)).len == 0)
            continue;
        json_begin_object(w);
        for (const struct field_spec *column = spec->columns; ok && column->path; column++)
            ok = put_value(w, req, column, str_from_cstr(column->path),
                           cell_name(req, spec->path, r, column->path), err);
        json_end_object(w);
    }
    json_end_array(w);
    return ok;
}

/* A form on another page shows some of the fields only, and says which: "text note". */
static bool is_shown(struct request *req, Str member)
{
    Str rest = request_form(req, S("shown")), word;

    if (rest.len == 0)
        return true;
    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &word, &rest);
        if (str_eq(word, member))
            return true;
    }
    return false;
}

static bool is_covered(struct request *req, const struct object_form_spec *spec, Str key)
{
    Str head, rest;

    for (const struct field_spec *f = spec->fields; f->path; f++) {
        (void)str_cut(str_from_cstr(f->path), '.', &head, &rest);
        if (str_eq(head, key))
            return is_shown(req, key);
    }
    return str_eq(key, S("id"));
}

/* Was anything typed into the fields of an inner object? One left blank stays at its default. */
static bool inner_is_typed(struct request *req, const struct field_spec *field, Str inner)
{
    Str head, rest;

    for (; field->path; field++) {
        Str path = str_from_cstr(field->path);
        if (str_cut(path, '.', &head, &rest) && str_eq(head, inner) &&
            request_form(req, path).len > 0)
            return true;
    }
    return false;
}

static bool put_field(struct json_writer *w, struct request *req, const struct field_spec *f,
                      Str key, struct err *err)
{
    if (f->kind == FORM_TABLE)
        return put_table(w, req, f, err);
    if (f->kind == FORM_TEXTS)
        put_lines(w, req, str_from_cstr(f->path));
    else if (is_list(f->kind))
        put_list(w, req, str_from_cstr(f->path));
    else
        return put_value(w, req, f, key, str_from_cstr(f->path), err);
    return true;
}

/* Members of an inner object stand side by side in the table: "benefit.low", "benefit.likely". */
static bool put_fields(struct json_writer *w, struct request *req,
                       const struct object_form_spec *spec, struct err *err)
{
    Str open = STR_NONE, head, rest;
    bool ok = true;

    for (const struct field_spec *f = spec->fields; ok && f->path; f++) {
        Str path = str_from_cstr(f->path);
        bool is_inner = str_cut(path, '.', &head, &rest);
        if (!is_shown(req, is_inner ? head : path))
            continue;
        if (open.len > 0 && (!is_inner || !str_eq(open, head))) {
            json_end_object(w);
            open = STR_NONE;
        }
        if (is_inner && open.len == 0) {
            if (!inner_is_typed(req, f, head))
                continue;
            json_key(w, head);
            json_begin_object(w);
            open = head;
        }
        ok = put_field(w, req, f, is_inner ? rest : path, err);
    }
    if (open.len > 0)
        json_end_object(w);
    return ok;
}

bool object_form_json(struct request *req, const struct object_form_spec *spec,
                      const struct json *base, Str id, Str *out, struct err *err)
{
    struct buf text;
    struct json_writer w;

    buf_init(&text, BODY_BYTES_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    if (spec->id != FORM_ID_FIXED)
        json_set_str(&w, "id", id);
    for (size_t i = 0; i < json_len(base); i++)
        if (!is_covered(req, spec, json_key_at(base, i))) {
            json_key(&w, json_key_at(base, i));
            json_put_tree(&w, json_at(base, i));
        }
    bool ok = put_fields(&w, req, spec, err);
    json_end_object(&w);
    ok = ok && buf_ok(&text, err) &&
         (arena_try_str(&req->arena, buf_str(&text), out) || err_arena(err, &req->arena));
    buf_deinit(&text);
    return ok;
}
