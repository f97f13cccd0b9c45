/* message.c - what is to be translated: {_ "..."} in templates, TR("...") in C sources.
 *
 * Placeholders are %1 to %9, as in Qt, so that msgfmt --check compares them between languages.
 */
#include <stdlib.h>

#include "template.h"

struct entry {
    Str context, single, plural;
    struct {
        VEC(Str);
    } places;
};

static struct {
    VEC(struct entry *);
} entries;

void message_note(const char *path, size_t line, Str context, Str single, Str plural)
{
    struct entry *entry = NULL;
    Str place = arena_printf(&memory, "%s:%zu", path, line);

    vec_each (struct entry *, other, &entries)
        if (str_eq((*other)->single, single) && str_eq((*other)->context, context))
            entry = *other;
    if (!entry) {
        entry = arena_new(&memory, struct entry, 1);
        *entry = (struct entry){.context = context, .single = single};
        vec_push(&entries, entry);
    }
    if (plural.len > 0)
        entry->plural = plural;
    vec_push(&entry->places, place);
}

static size_t placeholder(Str text, size_t at)
{
    if (at + 1 < text.len && text.ptr[at] == '%' && text.ptr[at + 1] >= '1' &&
        text.ptr[at + 1] <= '9')
        return (size_t)(text.ptr[at + 1] - '0');
    return 0;
}

static unsigned placeholder_set(Str text)
{
    unsigned set = 0;

    for (size_t i = 0; i < text.len; i++)
        if (placeholder(text, i) > 0)
            set |= 1U << placeholder(text, i);
    return set;
}

void message_check(struct template *t, const struct message *m)
{
    unsigned expected = ((1U << m->argument_count) - 1) << 1;
    unsigned found = placeholder_set(m->plural.len > 0 ? m->plural : m->single);

    if (m->single.len == 0)
        refuse(t, m->offset, "an empty message");
    if (found != expected)
        refuse(t, m->offset, "the message's placeholders and its %zu value%s do not agree",
               m->argument_count, m->argument_count == 1 ? "" : "s");
    if ((placeholder_set(m->single) & ~expected) != 0)
        refuse(t, m->offset, "the singular uses a placeholder without a value");
}

static const char *mode_of(struct template *t, const struct position *p, const struct message *m)
{
    if (p->place == PLACE_TEXT || p->place == PLACE_PLAIN)
        return "RENDER_IN_TEXT";
    if (p->place == PLACE_ISLAND && p->is_json_script && m->argument_count == 0)
        return "RENDER_IN_JSON";
    if ((p->place == PLACE_VALUE_DOUBLE || p->place == PLACE_VALUE_SINGLE) &&
        p->attr_kind != ATTR_URL)
        return "RENDER_IN_ATTR";
    refuse(t, m->offset, "a message cannot be written in %s", position_name(p));
}

static void put_slice(struct buf *out, Str text)
{
    if (text.len == 0) {
        buf_lit(out, "STR_NONE");
        return;
    }
    buf_lit(out, "S(");
    put_c_string(out, text);
    buf_lit(out, ")");
}

void message_emit(struct buf *out, struct template *t, const struct position *p,
                  const struct message *m)
{
    const char *mode = mode_of(t, p, m);
    struct position spoken = *p;

    spoken.attr_kind = spoken.attr_kind == ATTR_PLAIN ? ATTR_SPOKEN : spoken.attr_kind;
    buf_lit(out, "    {\n    struct render_message m = render_message(env, ");
    put_slice(out, m->context);
    buf_lit(out, ", ");
    put_slice(out, m->single);
    buf_lit(out, ", ");
    put_slice(out, m->plural);
    if (m->plural.len > 0)
        buf_printf(out, ", (int64_t)(" STR_F "), %s);\n", STR_A(m->arguments[0].code), mode);
    else
        buf_printf(out, ", 1, %s);\n", mode);
    if (m->argument_count == 0) {
        buf_lit(out, "    render_message_next(h, &m);\n    }\n");
        return;
    }
    buf_lit(out, "    for (int a; (a = render_message_next(h, &m)) != 0;) {\n    switch (a) {\n");
    for (size_t i = 0; i < m->argument_count; i++) {
        buf_printf(out, "    case %zu:\n", i + 1);
        value_emit(out, t, &spoken, &m->arguments[i]);
        buf_lit(out, "    break;\n");
    }
    buf_lit(out, "    default:\n    break;\n    }\n    }\n    }\n");
}

/* ---- C sources ---- */

static size_t c_string(Str text, size_t at, Str *out)
{
    struct buf joined;

    buf_init(&joined, SOURCE_BYTES_MAX);
    for (;;) {
        while (at < text.len && strchr(" \n\t", text.ptr[at]))
            at++;
        if (at >= text.len || text.ptr[at] != '"')
            break;
        for (at++; at < text.len && text.ptr[at] != '"'; at++) {
            if (text.ptr[at] == '\\' && at + 1 < text.len)
                at++;
            buf_add_byte(&joined, text.ptr[at]);
        }
        at++;
    }
    *out = arena_str(&memory, buf_str(&joined));
    buf_deinit(&joined);
    return at;
}

static void scan_call(const char *path, Str text, const char *word, bool has_plural)
{
    size_t from = 0;
    Str needle = str_from_cstr(word);

    for (;;) {
        size_t at = from + str_find(str_sub(text, from, text.len), needle);
        if (at >= text.len)
            return;
        from = at + needle.len;
        bool is_word = at == 0 || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", text.ptr[at - 1]);
        Str single, plural = STR_NONE;
        size_t behind = c_string(text, from, &single);
        if (!is_word || single.len == 0)
            continue;
        if (has_plural && behind < text.len && text.ptr[behind] == ',')
            c_string(text, behind + 1, &plural);
        message_note(path, line_at(text, at), STR_NONE, single, plural);
    }
}

void message_scan_c(const char *path, Str text)
{
    scan_call(path, text, "TR(", false);
    scan_call(path, text, "TRN(", true);
}

/* ---- the catalogue's template ---- */

static int by_text(const void *a, const void *b)
{
    const struct entry *left = *(struct entry *const *)a, *right = *(struct entry *const *)b;
    int order = str_cmp(left->single, right->single);

    return order != 0 ? order : str_cmp(left->context, right->context);
}

static void write_entry(struct buf *out, const struct entry *entry)
{
    buf_lit(out, "\n#:");
    vec_each (Str, place, &entry->places) {
        Str file, line;
        (void)str_cut(*place, ':', &file, &line); /* lines change with every edit: files only */
        if (place == entry->places.items || !str_starts(place[-1], file))
            buf_printf(out, " " STR_F, STR_A(file));
    }
    buf_lit(out, "\n");
    if (placeholder_set(entry->plural.len > 0 ? entry->plural : entry->single) != 0)
        buf_lit(out, "#, qt-format\n");
    if (entry->context.len > 0) {
        buf_lit(out, "msgctxt ");
        put_c_string(out, entry->context);
        buf_lit(out, "\n");
    }
    buf_lit(out, "msgid ");
    put_c_string(out, entry->single);
    if (entry->plural.len > 0) {
        buf_lit(out, "\nmsgid_plural ");
        put_c_string(out, entry->plural);
        buf_lit(out, "\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n");
    } else
        buf_lit(out, "\nmsgstr \"\"\n");
}

void message_write_pot(struct buf *out)
{
    buf_lit(out, "# Messages of Trimtab's pages. Written by the template compiler (make pot).\n"
                 "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                 "\"Content-Transfer-Encoding: 8bit\\n\"\n"
                 "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n");
    if (entries.count > 0)
        qsort(entries.items, entries.count, sizeof *entries.items, by_text);
    vec_each (struct entry *, entry, &entries)
        write_entry(out, *entry);
}
