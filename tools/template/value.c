/* value.c - picks the escaper for a typed value at a place, or refuses.
 *
 *     place              Str, url                int64, double            time        Html  Json
 *     text               html_text               render_int, _double      render_time yes   -
 *     title, textarea    html_text               render_int, _double      words       -     -
 *     attribute          html_attr               digits                   RFC 3339    -     -
 *     spoken attribute   html_attr               as in text               words       -     -
 *     URL, at the start  only url: html_url      -                        -           -     -
 *     URL, further on    percent-encoded         digits                   digits      -     -
 *     JSON island        JSON string             JSON number              number      -     yes
 */
#include "template.h"

static bool is_attribute(const struct position *p)
{
    return p->place == PLACE_VALUE_DOUBLE || p->place == PLACE_VALUE_SINGLE;
}

static const char *type_name(const struct value *v)
{
    static const char *const names[] = {"Str", "int64", "double", "bool",    "Html",
                                        "url", "time",  "Json",   "a struct"};

    return v->type.is_array ? "an array" : names[v->type.kind];
}

static _Noreturn void refuse_value(struct template *t, const struct position *p,
                                   const struct value *v, const char *why)
{
    refuse(t, v->offset, "%s cannot be written in %s%s%s%s%s", type_name(v), position_name(p),
           is_attribute(p) ? " '" : "", is_attribute(p) ? p->attr : "",
           is_attribute(p) ? "': " : ": ", why);
}

static void call(struct buf *out, const char *function, const struct value *v)
{
    buf_printf(out, "    %s(h, " STR_F ");\n", function, STR_A(v->code));
}

/* Number formats: [+][%][digits], k for short, raw for bare digits. */
struct number_format {
    bool has_sign, is_percent, is_short, is_raw;
    int decimals; /* -1: as many as needed */
};

static struct number_format parse_format(struct template *t, const struct value *v)
{
    struct number_format f = {.decimals = -1};
    Str rest = v->format;

    f.is_short = str_eq(rest, S("k"));
    f.is_raw = str_eq(rest, S("raw"));
    if (rest.len == 0 || f.is_short || f.is_raw)
        return f;
    if (rest.ptr[0] == '+') {
        f.has_sign = true;
        rest = str_sub(rest, 1, rest.len);
    }
    if (rest.len > 0 && rest.ptr[0] == '%') {
        f.is_percent = true;
        rest = str_sub(rest, 1, rest.len);
    }
    if (rest.len == 1 && rest.ptr[0] >= '0' && rest.ptr[0] <= '9')
        f.decimals = rest.ptr[0] - '0';
    else if (rest.len > 0)
        refuse(t, v->offset, "unknown number format '" STR_F "'", STR_A(v->format));
    return f;
}

static void put_number(struct buf *out, struct template *t, const struct value *v)
{
    struct number_format f = parse_format(t, v);

    if (f.is_raw)
        call(out, v->type.kind == TYPE_INT ? "render_digits" : "render_real", v);
    else if (v->type.kind == TYPE_INT && !f.is_percent && f.decimals < 0)
        buf_printf(out, "    render_int(h, env, " STR_F ", %s);\n", STR_A(v->code),
                   f.is_short   ? "RENDER_SHORT"
                   : f.has_sign ? "RENDER_SIGN"
                                : "0");
    else
        buf_printf(out, "    render_double(h, env, (double)(" STR_F "), %d, %s%s%s);\n",
                   STR_A(v->code), f.decimals, f.has_sign ? "RENDER_SIGN | " : "",
                   f.is_percent ? "RENDER_PERCENT | " : "", f.is_short ? "RENDER_SHORT" : "0");
}

static void put_time(struct buf *out, struct template *t, const struct value *v, bool is_element)
{
    static const char *const formats[][2] = {{"", "RENDER_MINUTE"},
                                             {"date", "RENDER_DATE"},
                                             {"hour", "RENDER_HOUR"},
                                             {"month", "RENDER_MONTH"},
                                             {"day", "RENDER_DAY"}};

    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_eq(v->format, str_from_cstr(formats[i][0]))) {
            buf_printf(out, "    %s(h, env, " STR_F ", %s);\n",
                       is_element ? "render_time" : "render_time_words", STR_A(v->code),
                       formats[i][1]);
            return;
        }
    refuse(t, v->offset, "unknown time format '" STR_F "'", STR_A(v->format));
}

/* Text that a person reads: element text, title, spoken attributes. */
static void emit_words(struct buf *out, struct template *t, const struct position *p,
                       const struct value *v)
{
    switch (v->type.kind) {
    case TYPE_STR:
    case TYPE_URL:
        call(out, is_attribute(p) ? "html_attr" : "html_text", v);
        break;
    case TYPE_INT:
    case TYPE_DOUBLE:
        put_number(out, t, v);
        break;
    case TYPE_TIME:
        put_time(out, t, v, p->place == PLACE_TEXT);
        break;
    case TYPE_HTML:
        if (p->place != PLACE_TEXT)
            refuse_value(t, p, v, "markup is only possible in element text");
        call(out, "html_put", v);
        break;
    case TYPE_BOOL:
        refuse_value(t, p, v, "use {if}");
    case TYPE_JSON:
        refuse_value(t, p, v, "JSON belongs into an island");
    case TYPE_RECORD:
        refuse_value(t, p, v, "name one of its fields");
    }
}

static void emit_attribute(struct buf *out, struct template *t, const struct position *p,
                           const struct value *v)
{
    switch (v->type.kind) {
    case TYPE_STR:
    case TYPE_URL:
        call(out, "html_attr", v);
        break;
    case TYPE_INT:
        call(out, "render_digits", v);
        break;
    case TYPE_DOUBLE:
        call(out, "render_real", v);
        break;
    case TYPE_TIME:
        call(out, "render_rfc3339", v);
        break;
    case TYPE_JSON:
        call(out, "html_attr", v);
        break;
    case TYPE_BOOL:
        buf_printf(out, "    html_text(h, (" STR_F ") ? S(\"true\") : S(\"false\"));\n",
                   STR_A(v->code));
        break;
    default:
        refuse_value(t, p, v, "there is no safe escaper");
    }
}

static void emit_url(struct buf *out, struct template *t, const struct position *p,
                     const struct value *v)
{
    if (p->is_value_start) {
        if (v->type.kind != TYPE_URL)
            refuse_value(t, p, v, "an address starts with literal text or a value of type url");
        call(out, "html_url", v);
        return;
    }
    if (v->type.kind == TYPE_STR || v->type.kind == TYPE_URL)
        call(out, "html_url_part", v);
    else if (v->type.kind == TYPE_INT || v->type.kind == TYPE_TIME)
        call(out, "render_digits", v);
    else
        refuse_value(t, p, v, "there is no safe escaper");
}

static void emit_island(struct buf *out, struct template *t, const struct position *p,
                        const struct value *v)
{
    switch (v->type.kind) {
    case TYPE_STR:
    case TYPE_URL:
        call(out, "render_json_str", v);
        break;
    case TYPE_INT:
    case TYPE_TIME:
        call(out, "render_digits", v);
        break;
    case TYPE_DOUBLE:
        call(out, "render_json_real", v);
        break;
    case TYPE_BOOL:
        buf_printf(out, "    html_text(h, (" STR_F ") ? S(\"true\") : S(\"false\"));\n",
                   STR_A(v->code));
        break;
    case TYPE_JSON:
        call(out, "render_json", v);
        break;
    default:
        refuse_value(t, p, v, "write its parts");
    }
}

void value_emit(struct buf *out, struct template *t, const struct position *p,
                const struct value *v)
{
    if (v->type.is_array)
        refuse_value(t, p, v, "use {each}");
    switch (p->place) {
    case PLACE_TEXT:
    case PLACE_PLAIN:
        emit_words(out, t, p, v);
        break;
    case PLACE_ISLAND:
        if (!p->is_json_script)
            refuse_value(t, p, v, "a script body is refused: scripts are static files");
        emit_island(out, t, p, v);
        break;
    case PLACE_VALUE_DOUBLE:
    case PLACE_VALUE_SINGLE:
        if (p->attr_kind == ATTR_URL)
            emit_url(out, t, p, v);
        else if (p->attr_kind == ATTR_SPOKEN)
            emit_words(out, t, p, v);
        else
            emit_attribute(out, t, p, v);
        break;
    case PLACE_BEFORE_VALUE:
        refuse(t, v->offset, "the value of '%s' is not quoted", p->attr);
    default:
        refuse_value(t, p, v, "there is no safe escaper");
    }
}
