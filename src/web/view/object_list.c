#include "web/view/object_list.h"

#include <string.h>

#include "strategy/model/object.h"
#include "web/render.h"

/* One object, its form, its JSON. */
struct row {
    struct request *req;
    const struct strategy_view *view;
    const struct object_form_spec *form;
    const struct json *json;
};

static bool row_open(struct request *req, const struct strategy_view *view, enum object_kind kind,
                     const void *object, struct row *out)
{
    struct err ignored = {0};
    Str text;

    *out = (struct row){
        .req = req, .view = view, .form = object_form_spec(word_of(&words_object_kind, (int)kind))};
    return out->form && store_object_json(&req->arena, kind, object, &text, &ignored) &&
           json_parse(&req->arena, text, &out->json, &ignored);
}

static const struct field_spec *field_of(const struct object_form_spec *form, Str member)
{
    for (const struct field_spec *f = form->fields; f->path; f++)
        if (str_eq(str_from_cstr(f->path), member))
            return f;
    return NULL;
}

static Str origin_label(const struct row *row, Str id)
{
    static const enum object_kind kinds[] = {OBJECT_ELEMENT, OBJECT_GOAL, OBJECT_COMPETITOR};

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (model_find(&row->view->model, kinds[i], id))
            return model_label(&row->view->model, kinds[i], id);
    return str_eq(id, S("market")) ? request_tr(row->req, TR("The market as a whole")) : id;
}

static Str word_label(const struct row *row, const struct field_spec *field, Str word)
{
    const struct method *method = row->view->method;
    enum method_language language = row->view->language;
    const struct potential *potential;
    const struct corporate_benefit *benefit;

    switch (field->kind) {
    case FORM_CHOICE:
    case FORM_WORDS:
        return strategy_name(row->view, field->list, word);
    case FORM_REF:
    case FORM_REFS:
        return word.len == 0 ? word : model_label(&row->view->model, field->refers_to, word);
    case FORM_ORIGINS:
    case FORM_TOPIC_ORIGINS:
        return origin_label(row, word);
    case FORM_POTENTIALS:
        potential = method_potential(method, word);
        return potential ? potential->name.in[language] : word;
    case FORM_BENEFITS:
    case FORM_BENEFIT:
        benefit = method_benefit(method, word);
        return benefit ? benefit->name.in[language] : word;
    default:
        return word;
    }
}

static Str joined(const struct row *row, const struct field_spec *field, const struct json *list)
{
    Str out = STR_NONE, item;

    for (size_t i = 0; i < json_len(list); i++)
        if (json_str(json_at(list, i), &item)) {
            item = word_label(row, field, item);
            out = out.len == 0
                      ? item
                      : arena_printf(&row->req->arena, STR_F ", " STR_F, STR_A(out), STR_A(item));
        }
    return out;
}

static Str number_text(struct request *req, double value)
{
    struct html h;

    html_init(&h, 64);
    render_real(&h, value);
    Str text = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return text;
}

static Str member_text(const struct row *row, Str member)
{
    const struct field_spec *field = field_of(row->form, member);
    const struct json *value = json_find(row->json, member);
    Str word = object_preset(&row->req->arena, row->form->kind, member);
    double real;

    ASSERT(field);
    if (json_type(value) == JSON_ARRAY && field->kind == FORM_TABLE)
        return number_text(row->req, (double)json_len(value));
    if (json_type(value) == JSON_ARRAY)
        return joined(row, field, value);
    if (json_f64(value, &real))
        return number_text(row->req, real);
    if (field->kind == FORM_BOOL) {
        bool is_true = json_type(value) == JSON_BOOL ? value->truth : word.len > 0;
        return is_true ? request_tr(row->req, TR("yes")) : STR_NONE;
    }
    (void)!json_str(value, &word);
    return word_label(row, field, word);
}

Str object_member_text(struct request *req, const struct strategy_view *view, enum object_kind kind,
                       const void *object, const char *member)
{
    struct row row;

    return row_open(req, view, kind, object, &row) ? member_text(&row, str_from_cstr(member))
                                                   : STR_NONE;
}

static bool is_number(const struct field_spec *field)
{
    return field->kind == FORM_NUMBER || field->kind == FORM_TABLE;
}

static size_t fill_columns(struct request *req, const struct object_form_spec *form,
                           const char *columns, struct tpl_object_list *out)
{
    Str rest = str_from_cstr(columns), member;
    struct tpl_object_list_column *items =
        arena_new(&req->arena, struct tpl_object_list_column, rest.len + 1);
    size_t count = 0;

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &member, &rest);
        const struct field_spec *field = field_of(form, member);
        ASSERT(field);
        items[count++] = (struct tpl_object_list_column){.label = request_tr(req, field->label),
                                                         .is_number = is_number(field)};
    }
    out->columns.items = items;
    out->columns.count = count;
    return count;
}

static void fill_row(const struct row *row, Str id, const char *columns, size_t count,
                     struct tpl_object_list_row *out)
{
    struct tpl_object_list_cell *cells =
        arena_new(&row->req->arena, struct tpl_object_list_cell, count);
    Str rest = str_from_cstr(columns), member;
    Str kind = word_of(&words_object_kind, (int)row->form->kind);

    for (size_t i = 0; i < count; i++) {
        (void)str_cut(rest, ' ', &member, &rest);
        Str text = member_text(row, member);
        cells[i] = (struct tpl_object_list_cell){
            .text = text.len > 0 ? text : S("–"),
            .is_number = is_number(field_of(row->form, member)),
        };
    }
    out->first = cells[0].text;
    out->cells.items = cells + 1;
    out->cells.count = count - 1;
    out->link = request_url(row->req, "edit/" STR_F "/" STR_F, STR_A(kind),
                            STR_A(request_part(row->req, id)));
}

void object_list_fill(struct request *req, const struct strategy_view *view,
                      const struct object_list_spec *spec, const char *by, Str value, Str add,
                      struct tpl_object_list *out)
{
    struct object_list list = model_objects(&view->model, spec->kind);
    const struct object_form_spec *form =
        object_form_spec(word_of(&words_object_kind, (int)spec->kind));
    struct tpl_object_list_row *rows =
        arena_new(&req->arena, struct tpl_object_list_row, list.count + 1);
    size_t count = fill_columns(req, form, spec->columns, out);
    struct row row;
    Str own;

    out->id = str_from_cstr(spec->id);
    out->title = request_tr(req, spec->title);
    out->none = request_tr(req, spec->none);
    out->add = add;
    for (size_t i = 0; i < list.count; i++) {
        const void *object = object_at(&list, i);
        if (!row_open(req, view, spec->kind, object, &row))
            continue;
        if (by && (!json_str(json_get(row.json, by), &own) || !str_eq(own, value)))
            continue;
        fill_row(&row, object_id(object), spec->columns, count, &rows[out->rows.count++]);
    }
    out->rows.items = rows;
}
