/* emit.c - compiles the body of a template into C, in one pass.
 *
 * Literal text is collected and written as html_lit() calls; each byte moves the position machine.
 * At {if} and {each} the position is kept, so that all branches have to end in the same place.
 */
#include <ctype.h>

#include "template.h"

struct variable {
    Str name, code;
    struct type type;
    size_t loop; /* number of its loop */
};

struct block {
    enum { BLOCK_IF, BLOCK_EACH, BLOCK_WRAP } kind;
    size_t offset;
    struct position start, end;
    bool has_end, has_else;
    size_t variable_count;
    Str list; /* BLOCK_EACH: the array; BLOCK_WRAP: the call that closes it */
};

struct emit {
    struct buf *out;
    struct template *t;
    const struct emit_options *options;
    struct position position;
    struct buf literal;
    bool is_after_blank; /* the last literal byte in text was a blank */
    struct variable variables[BLOCK_DEPTH_MAX];
    size_t variable_count;
    struct block blocks[BLOCK_DEPTH_MAX];
    size_t block_count, loop_count;
    bool has_content;
};

static void flush(struct emit *e)
{
    Str rest = buf_str(&e->literal);

    while (rest.len > 0) {
        size_t len = rest.len > 400 ? 400 : rest.len;
        while (len < rest.len && ((unsigned char)rest.ptr[len] & 0xC0) == 0x80)
            len++; /* not inside a character */
        buf_lit(e->out, "    html_lit(h, ");
        put_c_string(e->out, str_sub(rest, 0, len));
        buf_lit(e->out, ");\n");
        rest = str_sub(rest, len, rest.len);
    }
    buf_reset(&e->literal);
}

static void literal_byte(struct emit *e, size_t offset, char byte)
{
    bool was_comment = e->position.place == PLACE_COMMENT;

    position_feed(&e->position, e->t, offset, byte);
    if (e->position.place == PLACE_COMMENT && !was_comment)
        buf_truncate(&e->literal, e->literal.len - 1); /* the '<' */
    if (was_comment || e->position.place == PLACE_COMMENT)
        return;
    bool is_blank = isspace((unsigned char)byte), keeps = position_keeps_blanks(&e->position);
    if (is_blank && !keeps && e->is_after_blank) {
        if (byte == '\n' && e->literal.len > 0 && e->literal.ptr[e->literal.len - 1] == ' ')
            e->literal.ptr[e->literal.len - 1] = '\n';
        return;
    }
    e->is_after_blank = is_blank && !keeps;
    buf_add_byte(&e->literal, byte);
}

/* ---- paths ---- */

static struct value loop_word(struct emit *e, struct scan *s, size_t offset)
{
    Str word = scan_need_name(s, "first, last or index");
    const struct variable *v = e->variable_count > 0 ? &e->variables[e->variable_count - 1] : NULL;
    struct value value = {.offset = offset, .type = {.kind = TYPE_BOOL}};

    if (!v)
        refuse(e->t, offset, "@" STR_F " outside of {each}", STR_A(word));
    if (str_eq(word, S("first")))
        value.code = arena_printf(&memory, "i%zu == 0", v->loop);
    else if (str_eq(word, S("last")))
        value.code = arena_printf(&memory, "i%zu + 1 == n%zu", v->loop, v->loop);
    else if (str_eq(word, S("index"))) {
        value.code = arena_printf(&memory, "((int64_t)i%zu + 1)", v->loop);
        value.type.kind = TYPE_INT;
    } else
        refuse(e->t, offset, "unknown '@" STR_F "': first, last or index", STR_A(word));
    return value;
}

static struct value root_value(struct emit *e, Str name, size_t offset)
{
    for (size_t i = e->variable_count; i-- > 0;)
        if (str_eq(e->variables[i].name, name))
            return (struct value){e->variables[i].type, e->variables[i].code, STR_NONE, offset};
    const struct field *field = declare_find(e->t->context, name);
    if (!field)
        refuse(e->t, offset, "unknown name '" STR_F "'", STR_A(name));
    return (struct value){field->type, arena_printf(&memory, "c->" STR_F, STR_A(name)), STR_NONE,
                          offset};
}

/* A path: name.name.name; behind an optional struct the arrow. */
static struct value read_path(struct emit *e, struct scan *s)
{
    size_t offset = s->at;

    if (scan_byte(s, '@'))
        return loop_word(e, s, offset);
    struct value v = root_value(e, scan_need_name(s, "a name"), offset);
    while (s->at < s->end && e->t->text.ptr[s->at] == '.') {
        s->at++;
        Str name = scan_need_name(s, "the name of a field");
        if (v.type.kind != TYPE_RECORD || v.type.is_array)
            refuse(e->t, offset, "'" STR_F "' has no fields", STR_A(v.code));
        const struct field *field = declare_find(v.type.record, name);
        if (!field)
            refuse(e->t, offset, "unknown name '" STR_F "' in " STR_F, STR_A(name),
                   STR_A(v.type.record->name));
        v.code = arena_printf(&memory, STR_F "%s" STR_F, STR_A(v.code),
                              v.type.is_optional ? "->" : ".", STR_A(name));
        v.type = field->type;
    }
    return v;
}

static struct value read_value(struct emit *e, struct scan *s)
{
    struct value v = read_path(e, s);

    if (s->at < s->end && e->t->text.ptr[s->at] == ':') {
        size_t from = ++s->at;
        while (s->at < s->end && !isspace((unsigned char)e->t->text.ptr[s->at]))
            s->at++;
        v.format = str_sub(e->t->text, from, s->at - from);
    }
    return v;
}

/* ---- conditions ---- */

static Str truth_of(struct emit *e, const struct value *v)
{
    Str code = v->code;

    if (v->type.is_array)
        return arena_printf(&memory, STR_F ".count > 0", STR_A(code));
    switch (v->type.kind) {
    case TYPE_BOOL:
        return code;
    case TYPE_INT:
    case TYPE_TIME:
        return arena_printf(&memory, STR_F " != 0", STR_A(code));
    case TYPE_DOUBLE:
        return arena_printf(&memory, "render_is_number(" STR_F ")", STR_A(code));
    case TYPE_HTML:
        return arena_printf(&memory, STR_F ".markup.len > 0", STR_A(code));
    case TYPE_STR:
    case TYPE_URL:
    case TYPE_JSON:
        return arena_printf(&memory, STR_F ".len > 0", STR_A(code));
    case TYPE_RECORD:
        if (!v->type.is_optional)
            refuse(e->t, v->offset, "a struct is always there: mark its type with ? to test it");
        return arena_printf(&memory, STR_F " != NULL", STR_A(code));
    }
    UNREACHABLE("every type has a truth");
}

static const char *read_operator(struct scan *s)
{
    static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};

    scan_blanks(s);
    Str rest = str_sub(s->t->text, s->at, s->end - s->at);
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (str_starts(rest, str_from_cstr(operators[i]))) {
            s->at += strlen(operators[i]);
            return operators[i];
        }
    return NULL;
}

static Str compare_text(struct emit *e, struct scan *s, const struct value *v, const char *operator)
{
    Str right;
    struct buf quoted;

    if (v->type.kind != TYPE_STR || v->type.is_array)
        refuse(e->t, v->offset, "only a Str is compared with a text");
    if (strcmp(operator, "==") != 0 && strcmp(operator, "!=") != 0)
        refuse(e->t, v->offset, "texts are compared with == or !=");
    right = scan_need_string(s);
    buf_init(&quoted, SOURCE_BYTES_MAX);
    put_c_string(&quoted, right);
    Str code =
        arena_printf(&memory, "%sstr_eq(" STR_F ", S(" STR_F "))", operator[0] == '!' ? "!" : "",
                     STR_A(v->code), STR_A(buf_str(&quoted)));
    buf_deinit(&quoted);
    return code;
}

static Str read_claim(struct emit *e, struct scan *s)
{
    if (scan_byte(s, '!')) {
        struct value v = read_path(e, s);
        return arena_printf(&memory, "!(" STR_F ")", STR_A(truth_of(e, &v)));
    }
    struct value v = read_path(e, s);
    const char *operator= read_operator(s);
    int64_t number;

    if (!operator)
        return truth_of(e, &v);
    if (scan_string_next(s))
        return compare_text(e, s, &v, operator);
    if (scan_number(s, &number)) {
        if (v.type.is_array ||
            (v.type.kind != TYPE_INT && v.type.kind != TYPE_DOUBLE && v.type.kind != TYPE_TIME))
            refuse(e->t, v.offset, "only int64, double and time are compared with a number");
        return arena_printf(&memory, STR_F " %s %lld", STR_A(v.code), operator,(long long) number);
    }
    struct value right = read_path(e, s);
    if (v.type.kind != right.type.kind || v.type.is_array || right.type.is_array)
        refuse(e->t, right.offset, "the two sides differ in type");
    if (v.type.kind == TYPE_STR)
        return arena_printf(&memory,
                            "%sstr_eq(" STR_F ", " STR_F ")", operator[0] == '!' ? "!" : "",
                            STR_A(v.code), STR_A(right.code));
    return arena_printf(&memory, STR_F " %s " STR_F, STR_A(v.code), operator, STR_A(right.code));
}

/* claim (&& claim)* (|| ...)*: && binds tighter, as in C. */
static Str read_condition(struct emit *e, struct scan *s)
{
    Str code = read_claim(e, s);

    for (;;) {
        bool is_and = scan_byte(s, '&');
        if (!is_and && !scan_byte(s, '|'))
            break;
        if (!scan_byte(s, is_and ? '&' : '|'))
            refuse(e->t, s->at, "expected '%s'", is_and ? "&&" : "||");
        Str next = read_claim(e, s);
        code = arena_printf(&memory, STR_F " %s " STR_F, STR_A(code), is_and ? "&&" : "||",
                            STR_A(next));
    }
    scan_finish(s);
    /* Brackets around the && parts are not needed by C, but -Wparentheses asks for them. */
    return str_find(code, S("||")) < code.len && str_find(code, S("&&")) < code.len
               ? (refuse(e->t, s->at, "&& and || in one condition: nest two {if}"), code)
               : code;
}

/* ---- blocks ---- */

static struct block *push_block(struct emit *e, size_t offset)
{
    if (e->block_count == BLOCK_DEPTH_MAX)
        refuse(e->t, offset, "blocks are nested deeper than %d", BLOCK_DEPTH_MAX);
    struct block *b = &e->blocks[e->block_count++];
    memset(b, 0, sizeof *b);
    b->offset = offset;
    b->start = e->position;
    b->variable_count = e->variable_count;
    return b;
}

static struct block *top_block(struct emit *e, size_t offset, const char *tag)
{
    if (e->block_count == 0)
        refuse(e->t, offset, "{%s} without its start", tag);
    return &e->blocks[e->block_count - 1];
}

static void join(struct emit *e, struct position *into, const struct position *other, size_t offset)
{
    if (!position_join(into, other))
        refuse(e->t, offset,
               "the branches end in different places (%s and %s, %zu and %zu elements deep)",
               position_name(into), position_name(other), into->depth, other->depth);
}

static void end_branch(struct emit *e, struct block *b, size_t offset)
{
    struct position here = e->position;

    if (b->has_end)
        join(e, &here, &b->end, offset);
    b->end = here;
    b->has_end = true;
    e->is_after_blank = false;
}

static void tag_if(struct emit *e, struct scan *s, size_t offset)
{
    Str condition = read_condition(e, s);

    push_block(e, offset)->kind = BLOCK_IF;
    buf_printf(e->out, "    if (" STR_F ") {\n", STR_A(condition));
}

static void tag_elif(struct emit *e, struct scan *s, size_t offset)
{
    struct block *b = top_block(e, offset, "elif");

    if (b->kind != BLOCK_IF || b->has_else)
        refuse(e->t, offset, "{elif} without {if}");
    end_branch(e, b, offset);
    e->position = b->start;
    Str condition = read_condition(e, s);
    buf_printf(e->out, "    } else if (" STR_F ") {\n", STR_A(condition));
}

static void tag_else(struct emit *e, struct scan *s, size_t offset)
{
    struct block *b = top_block(e, offset, "else");

    scan_finish(s);
    if (b->kind == BLOCK_WRAP || b->has_else)
        refuse(e->t, offset, "{else} without {if} or {each}");
    end_branch(e, b, offset);
    e->position = b->start;
    b->has_else = true;
    if (b->kind == BLOCK_IF) {
        buf_lit(e->out, "    } else {\n");
        return;
    }
    e->variable_count = b->variable_count;
    buf_printf(e->out, "    }\n    if (" STR_F ".count == 0) {\n", STR_A(b->list));
}

static void tag_end_if(struct emit *e, size_t offset)
{
    struct block *b = top_block(e, offset, "/if");

    if (b->kind != BLOCK_IF)
        refuse(e->t, offset, "{/if} closes {each}");
    end_branch(e, b, offset);
    if (!b->has_else)
        join(e, &b->end, &b->start, offset);
    e->position = b->end;
    e->block_count--;
    buf_lit(e->out, "    }\n");
}

static void tag_each(struct emit *e, struct scan *s, size_t offset)
{
    Str name = scan_need_name(s, "the name of the loop's variable");
    Str in = scan_need_name(s, "'in'");
    struct value list = read_path(e, s);
    size_t loop = ++e->loop_count;

    scan_finish(s);
    if (!str_eq(in, S("in")))
        refuse(e->t, offset, "expected {each NAME in LIST}");
    if (!list.type.is_array)
        refuse(e->t, list.offset, "'" STR_F "' is no array", STR_A(list.code));
    if (e->variable_count == BLOCK_DEPTH_MAX)
        refuse(e->t, offset, "loops are nested deeper than %d", BLOCK_DEPTH_MAX);
    struct block *b = push_block(e, offset);
    b->kind = BLOCK_EACH;
    b->list = list.code;
    struct type item = list.type;
    item.is_array = false;
    e->variables[e->variable_count++] = (struct variable){
        .name = name,
        .code = arena_printf(&memory, STR_F ".items[i%zu]", STR_A(list.code), loop),
        .type = item,
        .loop = loop,
    };
    buf_printf(e->out, "    for (size_t i%zu = 0, n%zu = " STR_F ".count; i%zu < n%zu; i%zu++) {\n",
               loop, loop, STR_A(list.code), loop, loop, loop);
}

static void tag_end_each(struct emit *e, size_t offset)
{
    struct block *b = top_block(e, offset, "/each");

    if (b->kind != BLOCK_EACH)
        refuse(e->t, offset, "{/each} closes {if}");
    end_branch(e, b, offset);
    join(e, &b->end, &b->start, offset);
    e->position = b->end;
    e->variable_count = b->variable_count;
    e->block_count--;
    buf_lit(e->out, "    }\n");
}

static void tag_sep(struct emit *e, struct scan *s, size_t offset)
{
    Str text = scan_need_string(s);

    scan_finish(s);
    if (e->variable_count == 0)
        refuse(e->t, offset, "{sep} outside of {each}");
    buf_printf(e->out, "    if (i%zu > 0)\n        html_lit(h, ",
               e->variables[e->variable_count - 1].loop);
    put_c_string(e->out, text);
    buf_lit(e->out, ");\n");
    for (size_t i = 0; i < text.len; i++)
        position_feed(&e->position, e->t, offset, text.ptr[i]);
}

/* ---- other templates ---- */

static const struct template *find_template(struct emit *e, Str name, size_t offset)
{
    vec_each (struct template *, t, e->options->all)
        if (str_eq((*t)->name, name))
            return *t;
    refuse(e->t, offset, "unknown template '" STR_F "'", STR_A(name));
}

static Str include_argument(struct emit *e, struct scan *s, const struct template *other,
                            size_t offset)
{
    struct value v = read_path(e, s);

    scan_finish(s);
    if (e->position.place != PLACE_TEXT)
        refuse(e->t, offset, "a template is included in element text, not in %s",
               position_name(&e->position));
    if (v.type.kind != TYPE_RECORD || v.type.is_array || v.type.record != other->context)
        refuse(e->t, v.offset, "'" STR_F "' is not the context of template '" STR_F "'",
               STR_A(v.code), STR_A(other->name));
    return arena_printf(&memory, "%s" STR_F, v.type.is_optional ? "" : "&", STR_A(v.code));
}

static void tag_include(struct emit *e, struct scan *s, size_t offset)
{
    const struct template *other = find_template(e, scan_need_name(s, "a template"), offset);

    if (other->is_wrapper)
        refuse(e->t, offset, "template '" STR_F "' wraps content: use {wrap}", STR_A(other->name));
    Str argument = include_argument(e, s, other, offset);
    buf_printf(e->out, "    " STR_F "(h, env, " STR_F ");\n", STR_A(other->context->c_name),
               STR_A(argument));
    e->is_after_blank = false;
}

static void tag_wrap(struct emit *e, struct scan *s, size_t offset)
{
    const struct template *other = find_template(e, scan_need_name(s, "a template"), offset);

    if (!other->is_wrapper)
        refuse(e->t, offset, "template '" STR_F "' has no {content}", STR_A(other->name));
    Str argument = include_argument(e, s, other, offset);
    struct block *b = push_block(e, offset);
    b->kind = BLOCK_WRAP;
    b->list = arena_printf(&memory, STR_F "_end(h, env, " STR_F ");", STR_A(other->context->c_name),
                           STR_A(argument));
    buf_printf(e->out, "    " STR_F "_begin(h, env, " STR_F ");\n", STR_A(other->context->c_name),
               STR_A(argument));
}

static void tag_end_wrap(struct emit *e, size_t offset)
{
    struct block *b = top_block(e, offset, "/wrap");

    if (b->kind != BLOCK_WRAP)
        refuse(e->t, offset, "{/wrap} closes another block");
    join(e, &e->position, &b->start, offset);
    buf_printf(e->out, "    " STR_F "\n", STR_A(b->list));
    e->block_count--;
}

static void begin_function(struct emit *e, const char *half)
{
    buf_printf(e->out,
               "\nvoid " STR_F
               "%s(struct html *h, const struct render_env *env, const struct " STR_F
               " *c)\n{\n    (void)env;\n    (void)c;\n",
               STR_A(e->t->context->c_name), half, STR_A(e->t->context->c_name));
}

static void tag_content(struct emit *e, struct scan *s, size_t offset)
{
    scan_finish(s);
    if (e->has_content || e->block_count > 0)
        refuse(e->t, offset, "{content} stands once and outside of {if} and {each}");
    if (e->position.place != PLACE_TEXT)
        refuse(e->t, offset, "{content} stands in element text");
    e->has_content = true;
    buf_lit(e->out, "}\n");
    begin_function(e, "_end");
}

/* ---- icons, assets, messages ---- */

/* <svg ...> of the icon set with our attributes and without its comment and its empty box. */
static void tag_icon(struct emit *e, struct scan *s, size_t offset)
{
    Str name = scan_need_string(s), text;
    Str folder = str_find_byte(name, '/') < name.len ? STR_NONE : S("outline/");
    Str path = arena_printf(&memory, "%s/" STR_F STR_F ".svg%c", e->options->icons, STR_A(folder),
                            STR_A(name), '\0');

    scan_finish(s);
    if (e->position.place != PLACE_TEXT)
        refuse(e->t, offset, "an icon stands in element text");
    if (!read_source(path.ptr, &text))
        refuse(e->t, offset, "unknown icon '" STR_F "'", STR_A(name));
    buf_printf(&e->literal, "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"%s>",
               folder.len > 0 ? "" : " data-filled=\"\"");
    size_t at = str_find(text, S("<svg"));
    at += str_find_byte(str_sub(text, at, text.len), '>') + 1;
    Str inside = str_sub(text, at, str_find(text, S("</svg>")) - at), line;
    while (inside.len > 0) {
        (void)str_cut(inside, '\n', &line, &inside);
        line = str_trim(line);
        if (line.len > 0 && str_find(line, S("M0 0h24v24H0z")) == line.len)
            buf_add(&e->literal, line);
    }
    buf_lit(&e->literal, "</svg>");
    e->is_after_blank = false;
}

static void tag_asset(struct emit *e, struct scan *s, size_t offset)
{
    Str name = scan_need_string(s);
    bool is_known = false;

    scan_finish(s);
    vec_each (Str, asset, &e->options->assets)
        is_known |= str_eq(*asset, name);
    if (!is_known)
        refuse(e->t, offset, "unknown asset '" STR_F "'", STR_A(name));
    if ((e->position.place != PLACE_VALUE_DOUBLE && e->position.place != PLACE_VALUE_SINGLE) ||
        e->position.attr_kind == ATTR_SPOKEN)
        refuse(e->t, offset, "{asset} stands in an attribute");
    buf_lit(e->out, "    render_asset(h, S(");
    put_c_string(e->out, name);
    buf_lit(e->out, "));\n");
    position_value(&e->position);
}

/* {_ "One" a b}   {_n count "%1 post" "%1 posts" b}   {_c "context" "One" a} */
static void tag_message(struct emit *e, struct scan *s, Str word, size_t offset)
{
    struct message m = {.offset = offset};

    if (str_eq(word, S("_n")))
        m.arguments[m.argument_count++] = read_value(e, s);
    if (str_eq(word, S("_c")))
        m.context = scan_need_string(s);
    m.single = scan_need_string(s);
    if (str_eq(word, S("_n"))) {
        m.plural = scan_need_string(s);
        if (m.arguments[0].type.kind != TYPE_INT || m.arguments[0].type.is_array)
            refuse(e->t, offset, "the number of a plural is an int64");
    }
    while (!scan_is_end(s)) {
        if (m.argument_count == ARGUMENTS_MAX)
            refuse(e->t, offset, "more than %d values in a message", ARGUMENTS_MAX);
        m.arguments[m.argument_count++] = read_value(e, s);
    }
    message_check(e->t, &m);
    message_emit(e->out, e->t, &e->position, &m);
    message_note(e->t->path, line_at(e->t->text, offset), m.context, m.single, m.plural);
    position_value(&e->position);
    e->is_after_blank = false;
}

static void tag_value(struct emit *e, struct scan *s)
{
    struct value v = read_value(e, s);

    scan_finish(s);
    value_emit(e->out, e->t, &e->position, &v);
    position_value(&e->position);
    e->is_after_blank = false;
}

static void tag_end(struct emit *e, struct scan *s, size_t offset)
{
    Str word = scan_need_name(s, "if, each or wrap");

    scan_finish(s);
    if (str_eq(word, S("if")))
        tag_end_if(e, offset);
    else if (str_eq(word, S("each")))
        tag_end_each(e, offset);
    else if (str_eq(word, S("wrap")))
        tag_end_wrap(e, offset);
    else
        refuse(e->t, offset, "unknown tag {/" STR_F "}", STR_A(word));
}

static const struct {
    const char *word;
    void (*compile)(struct emit *e, struct scan *s, size_t offset);
} tags[] = {
    {"if", tag_if},       {"elif", tag_elif},       {"else", tag_else}, {"each", tag_each},
    {"sep", tag_sep},     {"icon", tag_icon},       {"wrap", tag_wrap}, {"include", tag_include},
    {"asset", tag_asset}, {"content", tag_content},
};

static void compile_tag(struct emit *e, size_t from, size_t to)
{
    struct scan s = {e->t, from, to}, start = s;
    Str word;

    flush(e);
    if (scan_byte(&s, '/')) {
        tag_end(e, &s, from);
        return;
    }
    if (scan_name(&s, &word)) {
        for (size_t i = 0; i < COUNT_OF(tags); i++)
            if (str_eq(word, str_from_cstr(tags[i].word))) {
                tags[i].compile(e, &s, from);
                return;
            }
        if (str_eq(word, S("_")) || str_eq(word, S("_n")) || str_eq(word, S("_c"))) {
            tag_message(e, &s, word, from);
            return;
        }
    }
    tag_value(e, &start);
}

/* The end of a tag: the next '}' outside of double quotes. */
static size_t tag_end_at(struct template *t, size_t from)
{
    bool is_quoted = false;

    for (size_t i = from; i < t->text.len; i++) {
        if (t->text.ptr[i] == '"')
            is_quoted = !is_quoted;
        else if (t->text.ptr[i] == '}' && !is_quoted)
            return i;
    }
    refuse(t, from, "the tag does not end");
}

static bool opens_tag(Str text, size_t at)
{
    if (text.ptr[at] != '{' || at + 1 >= text.len)
        return false;
    char next = text.ptr[at + 1];
    return isalpha((unsigned char)next) || next == '_' || next == '/' || next == '@' || next == '#';
}

static void compile_body(struct emit *e)
{
    Str text = e->t->text;

    for (size_t at = e->t->body; at < text.len;) {
        if (!opens_tag(text, at)) {
            literal_byte(e, at, text.ptr[at]);
            at++;
        } else if (text.ptr[at + 1] == '#') {
            size_t end = at + str_find(str_sub(text, at, text.len), S("#}"));
            if (end == text.len)
                refuse(e->t, at, "the comment does not end");
            at = end + 2;
        } else {
            size_t end = tag_end_at(e->t, at + 1);
            compile_tag(e, at + 1, end);
            at = end + 1;
        }
    }
    flush(e);
}

void emit_template(struct buf *out, struct template *t, const struct emit_options *options)
{
    struct emit *e = arena_new(&memory, struct emit, 1);

    *e = (struct emit){.out = out, .t = t, .options = options, .is_after_blank = true};
    position_init(&e->position);
    buf_init(&e->literal, SOURCE_BYTES_MAX);
    begin_function(e, t->is_wrapper ? "_begin" : "");
    compile_body(e);
    if (e->block_count > 0)
        refuse(t, e->blocks[e->block_count - 1].offset, "the block does not end");
    if (e->position.place != PLACE_TEXT)
        refuse(t, t->text.len, "the template ends in %s", position_name(&e->position));
    if (e->position.depth > 0)
        refuse(t, t->text.len, "<%s> is not closed", e->position.elements[e->position.depth - 1]);
    buf_lit(out, "}\n");
    buf_deinit(&e->literal);
}
