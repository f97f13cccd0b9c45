/* declare.c - the typed context in a template's head, and its C structs.
 *
 *     {context}
 *       struct voice { Str name; double share; url link; }
 *       Str title;
 *       voice[] voices;
 *       pager? pager;        (the context of the template pager.html, by pointer)
 *     {/context}
 */
#include "template.h"

static const struct {
    const char *name, *c_name;
    enum type_kind kind;
} simple_types[] = {
    {"Str", "Str", TYPE_STR},          {"int64", "int64_t", TYPE_INT},
    {"double", "double", TYPE_DOUBLE}, {"bool", "bool", TYPE_BOOL},
    {"Html", "Html", TYPE_HTML},       {"url", "Str", TYPE_URL},
    {"time", "int64_t", TYPE_TIME},    {"Json", "Str", TYPE_JSON},
};

static const Str reserved[] = {S_INIT("if"),    S_INIT("elif"),    S_INIT("else"),
                               S_INIT("each"),  S_INIT("in"),      S_INIT("include"),
                               S_INIT("wrap"),  S_INIT("content"), S_INIT("icon"),
                               S_INIT("asset"), S_INIT("sep"),     S_INIT("context")};

const struct field *declare_find(const struct record *record, Str name)
{
    vec_each (struct field, field, &record->fields)
        if (str_eq(field->name, name))
            return field;
    return NULL;
}

static struct type read_type(struct scan *s, Str name)
{
    struct type type = {.name = name, .kind = TYPE_RECORD};

    for (size_t i = 0; i < COUNT_OF(simple_types); i++)
        if (str_eq(name, str_from_cstr(simple_types[i].name)))
            type.kind = simple_types[i].kind;
    if (scan_byte(s, '[')) {
        type.is_array = true;
        if (!scan_byte(s, ']'))
            refuse(s->t, s->at, "expected ']' behind the type '" STR_F "['", STR_A(name));
    } else if (scan_byte(s, '?')) {
        type.is_optional = true;
        if (type.kind != TYPE_RECORD)
            refuse(s->t, s->at, "only a struct can be optional, not '" STR_F "'", STR_A(name));
    }
    return type;
}

static void read_field(struct scan *s, struct record *record, Str type_name, size_t offset)
{
    struct field field = {.type = read_type(s, type_name), .offset = offset};

    field.name = scan_need_name(s, "the name of a field");
    for (size_t i = 0; i < COUNT_OF(reserved); i++)
        if (str_eq(field.name, reserved[i]))
            refuse(s->t, offset, "'" STR_F "' is a word of the language", STR_A(field.name));
    if (declare_find(record, field.name))
        refuse(s->t, offset, "field '" STR_F "' is declared twice", STR_A(field.name));
    if (!scan_byte(s, ';'))
        refuse(s->t, s->at, "expected ';' behind field '" STR_F "'", STR_A(field.name));
    vec_push(&record->fields, field);
}

static struct record *new_record(struct template *t, Str name, bool is_context)
{
    struct record *record = arena_new(&memory, struct record, 1);

    record->name = name;
    record->c_name =
        is_context ? arena_printf(&memory, "tpl_" STR_F, STR_A(name))
                   : arena_printf(&memory, "tpl_" STR_F "_" STR_F, STR_A(t->name), STR_A(name));
    return record;
}

static void read_struct(struct scan *s, struct template *t)
{
    struct record *record = new_record(t, scan_need_name(s, "the name of a struct"), false);

    vec_each (struct record *, other, &t->locals)
        if (str_eq((*other)->name, record->name))
            refuse(t, s->at, "struct '" STR_F "' is declared twice", STR_A(record->name));
    if (!scan_byte(s, '{'))
        refuse(t, s->at, "expected '{' behind struct '" STR_F "'", STR_A(record->name));
    while (!scan_byte(s, '}')) {
        size_t offset = s->at;
        read_field(s, record, scan_need_name(s, "a type or '}'"), offset);
    }
    vec_push(&t->locals, record);
}

void declare_head(struct template *t)
{
    static const Str open = S_INIT("{context}"), close = S_INIT("{/context}");
    size_t from = str_find(t->text, open), to = str_find(t->text, close);

    t->context = new_record(t, t->name, true);
    t->is_wrapper = str_find(t->text, S("{content}")) < t->text.len;
    if (from == t->text.len || to == t->text.len || to < from)
        refuse(t, 0, "the template has no {context} ... {/context} head");
    t->body = to + close.len;
    struct scan s = {t, from + open.len, to};
    while (!scan_is_end(&s)) {
        size_t offset = s.at;
        Str word = scan_need_name(&s, "a type or 'struct'");
        if (str_eq(word, S("struct")))
            read_struct(&s, t);
        else
            read_field(&s, t->context, word, offset);
    }
}

static struct record *find_record(struct template *t, const struct template_list *all, Str name)
{
    vec_each (struct record *, local, &t->locals)
        if (str_eq((*local)->name, name))
            return *local;
    vec_each (struct template *, other, all)
        if (str_eq((*other)->name, name))
            return (*other)->context;
    /* another template's struct: template_struct */
    vec_each (struct template *, other, all)
        vec_each (struct record *, local, &(*other)->locals) {
            Str full = arena_printf(&memory, STR_F "_" STR_F, STR_A((*other)->name),
                                    STR_A((*local)->name));
            if (str_eq(full, name))
                return *local;
        }
    return NULL;
}

static void resolve_record(struct template *t, const struct template_list *all,
                           struct record *record)
{
    vec_each (struct field, field, &record->fields) {
        if (field->type.kind != TYPE_RECORD)
            continue;
        field->type.record = find_record(t, all, field->type.name);
        if (!field->type.record)
            refuse(t, field->offset, "unknown type '" STR_F "' of field '" STR_F "'",
                   STR_A(field->type.name), STR_A(field->name));
    }
}

void declare_resolve(struct template *t, const struct template_list *all)
{
    resolve_record(t, all, t->context);
    vec_each (struct record *, local, &t->locals)
        resolve_record(t, all, *local);
}

static const char *c_type(const struct type *type)
{
    for (size_t i = 0; i < COUNT_OF(simple_types); i++)
        if (type->kind == simple_types[i].kind)
            return simple_types[i].c_name;
    UNREACHABLE("every simple type has a C name");
}

static void write_field(struct buf *out, const struct field *field)
{
    const struct type *type = &field->type;
    Str base = type->kind == TYPE_RECORD
                   ? arena_printf(&memory, "struct " STR_F, STR_A(type->record->c_name))
                   : str_from_cstr(c_type(type));

    if (type->is_array)
        buf_printf(out,
                   "    struct {\n        const " STR_F
                   " *items;\n        size_t count;\n    } " STR_F ";\n",
                   STR_A(base), STR_A(field->name));
    else if (type->is_optional)
        buf_printf(out, "    const " STR_F " *" STR_F ";\n", STR_A(base), STR_A(field->name));
    else
        buf_printf(out, "    " STR_F " " STR_F ";\n", STR_A(base), STR_A(field->name));
}

/* Depth first: what is embedded by value comes before what embeds it. */
static void write_record(struct buf *out, struct template *t, struct record *record)
{
    if (record->order == ORDER_DONE)
        return;
    if (record->order == ORDER_OPEN)
        refuse(t, 0, "struct '" STR_F "' contains itself by value (use [] or ?)",
               STR_A(record->name));
    record->order = ORDER_OPEN;
    vec_each (struct field, field, &record->fields)
        if (field->type.kind == TYPE_RECORD && !field->type.is_array && !field->type.is_optional)
            write_record(out, t, field->type.record);
    buf_printf(out, "struct " STR_F " {\n", STR_A(record->c_name));
    vec_each (struct field, field, &record->fields)
        write_field(out, field);
    if (record->fields.count == 0)
        buf_lit(out, "    char nothing; /* ISO C has no empty struct */\n");
    buf_lit(out, "};\n");
    record->order = ORDER_DONE;
}

static void write_prototype(struct buf *out, const struct template *t)
{
    static const char *const halves[] = {"_begin", "_end"};

    for (size_t i = 0; i < (t->is_wrapper ? 2 : 1); i++)
        buf_printf(out,
                   "void " STR_F
                   "%s(struct html *h, const struct render_env *env, const struct " STR_F " *c);\n",
                   STR_A(t->context->c_name), t->is_wrapper ? halves[i] : "",
                   STR_A(t->context->c_name));
}

static void write_template(struct template *t, void *context)
{
    struct buf *out = context;

    vec_each (struct record *, local, &t->locals)
        write_record(out, t, *local);
    write_record(out, t, t->context);
    write_prototype(out, t);
}

void declare_write(struct buf *out, struct template_list *all)
{
    vec_each (struct template *, t, all) {
        buf_printf(out, "struct " STR_F ";\n", STR_A((*t)->context->c_name));
        vec_each (struct record *, local, &(*t)->locals)
            buf_printf(out, "struct " STR_F ";\n", STR_A((*local)->c_name));
    }
    vec_each (struct template *, t, all) {
        buf_printf(out, "\n/* %s */\n", (*t)->path);
        (void)attempt(*t, write_template, out);
    }
}
