#include "web/view/change_view.h"

#include "web/view/object_form.h"

/* Where a path leads in a form: the field, and inside a table the column and the item. */
struct form_place {
    const struct field_spec *field, *column; /* NULL: none */
    Str key;                                 /* of the item, "0" or "staff"; empty: no item */
};

/* What pages of their own set, not forms: ratings and the way of a version. */
static const struct field_spec rated_fields[] = {
    {.path = "affinity", .label = TR("Affinity"), .kind = FORM_NUMBER},
    {.path = "standing", .label = TR("Standing"), .kind = FORM_CHOICE, .list = "standing"},
    {.path = "position", .label = TR("Position"), .kind = FORM_CHOICE, .list = "position"},
    {.path = "state", .label = TR("State"), .kind = FORM_CHOICE, .list = "version_state"},
    {.path = NULL},
};

static const struct field_spec *spec_named(const struct field_spec *fields, Str path)
{
    for (; fields && fields->path; fields++) {
        if (str_eq(str_from_cstr(fields->path), path))
            return fields;
    }
    return NULL;
}

static struct form_place place_of(const struct document_change *change)
{
    const struct object_form_spec *spec =
        object_form_spec(word_of(&words_object_kind, (int)change->kind));
    struct form_place place = {0};
    Str head, rest;

    if (!spec)
        return place;
    if (!str_cut(change->field, '[', &head, &rest)) {
        place.field = spec_named(spec->fields, change->field);
        if (!place.field)
            place.field = spec_named(rated_fields, change->field);
        return place;
    }
    place.field = spec_named(spec->fields, head);
    if (str_cut(rest, ']', &place.key, &rest) && place.field && str_starts(rest, S(".")))
        place.column = spec_named(place.field->columns, str_sub(rest, 1, rest.len));
    return place;
}

/* Items of a table go by an object, else by their place, counted from 1. */
static Str key_text(struct request *req, const struct strategy_view *view,
                    const struct form_place *place)
{
    const struct field_spec *first = place->field->columns;
    int64_t index;

    if (str_to_i64(place->key, &index))
        return arena_printf(&req->arena, "%lld", (long long)index + 1);
    return first && first->kind == FORM_REF
               ? model_label(&view->model, first->refers_to, place->key)
               : place->key;
}

Str change_view_field(struct request *req, const struct strategy_view *view,
                      const struct document_change *change)
{
    struct form_place place = place_of(change);

    if (!place.field)
        return STR_NONE;
    Str name = request_tr(req, place.field->label);
    if (place.key.len > 0)
        name = arena_printf(&req->arena, STR_F " · " STR_F, STR_A(name),
                            STR_A(key_text(req, view, &place)));
    if (place.column)
        name = arena_printf(&req->arena, STR_F " · " STR_F, STR_A(name),
                            STR_A(request_tr(req, place.column->label)));
    return name;
}

/* All digits that the number has: a proof does not round. */
static Str number_text(struct request *req, const struct json *value, Str json)
{
    Str whole, decimals;
    bool has_decimals = str_cut(json, '.', &whole, &decimals);

    for (size_t i = 0; i < json.len; i++) {
        if (json.ptr[i] == 'e' || json.ptr[i] == 'E')
            return json;
    }
    return render_double_str(&req->arena, req->env.language, value->real,
                             has_decimals ? (int)decimals.len : 0, 0);
}

static Str word_text(const struct strategy_view *view, const struct field_spec *field, Str text)
{
    switch (field->kind) {
    case FORM_CHOICE:
    case FORM_WORDS: {
        Str name = strategy_name(view, field->list, text);
        return name.len > 0 ? name : text;
    }
    case FORM_REF:
    case FORM_REFS:
        return model_label(&view->model, field->refers_to, text);
    default:
        return text;
    }
}

static Str value_text(struct request *req, const struct strategy_view *view,
                      const struct field_spec *field, const struct json *value, Str json)
{
    Str text, out = STR_NONE;

    if (json_str(value, &text))
        return field ? word_text(view, field, text) : text;
    if (json_type(value) == JSON_NUMBER)
        return number_text(req, value, json);
    if (json_type(value) == JSON_BOOL)
        return value->truth ? request_tr(req, TR("yes")) : request_tr(req, TR("no"));
    if (json_type(value) != JSON_ARRAY || !field || !json_str(json_at(value, 0), &text))
        return document_value_text(&req->arena, json, STR_NONE);
    for (size_t i = 0; i < json_len(value); i++) {
        (void)json_str(json_at(value, i), &text);
        text = word_text(view, field, text);
        out = i == 0 ? text : arena_printf(&req->arena, STR_F ", " STR_F, STR_A(out), STR_A(text));
    }
    return out;
}

Str change_view_value(struct request *req, const struct strategy_view *view,
                      const struct document_change *change, Str json)
{
    struct form_place place = place_of(change);
    const struct field_spec *field = place.key.len > 0 ? place.column : place.field;
    const struct json *value = NULL;
    struct err ignored = {0};

    if (json.len == 0 || !json_parse(&req->arena, json, &value, &ignored))
        return S("–");
    Str text = value_text(req, view, field, value, json);
    return text.len > 0 ? text : S("–");
}

Str change_view_address(struct request *req, const struct document_change *change)
{
    Str kind = word_of(&words_object_kind, (int)change->kind);

    if (change->id.len == 0 || change->what == DOCUMENT_REMOVED || !object_form_spec(kind))
        return STR_NONE;
    return request_url(req, "edit/" STR_F "/" STR_F, STR_A(kind),
                       STR_A(request_part(req, change->id)));
}
