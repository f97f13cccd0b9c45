/* phrases.c - the catalogue's template of the messages that rooms word with printf formats.
 *
 *     phrases OUT.pot WORDS.txt SOURCE.c ...
 *
 * Finds the calls of the table below (PHRASE marks a literal that stands elsewhere), reads the
 * format among their arguments, and writes each pattern (base/phrase.h) once, with the files that
 * use it. A format that is not a literal, or that is nothing but values, is passed over. WORDS.txt
 * lists words that are put in as values ("goal" in "%1 '%2' exists already"); they are written with
 * the context "value".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/phrase.h"
#include "base/vec.h"

enum { SOURCE_BYTES_MAX = 4 << 20, PATTERN_BYTES_MAX = 1024, POT_BYTES_MAX = 16 << 20 };

static const struct worded_call {
    const char *name;
    int format;   /* which argument, from 0 */
    bool is_text; /* no format: percent signs mean themselves */
} calls[] = {
    {"err_set", 2, false},      {"err_set_sys", 3, false},       {"err_wrap", 1, false},
    {"err_hint", 1, false},     {"query_problem_add", 6, false}, {"query_problem_fix", 2, false},
    {"lint_warn", 2, true},     {"lint_warn", 3, true},          {"source_refuse", 2, true},
    {"source_refuse", 3, true}, {"alert_refuse", 2, true},       {"alert_refuse", 3, true},
    {"row_refuse", 1, false},   {"row_keep_refused", 1, false},  {"fault_at", 2, false},
    {"fault_add", 2, false},    {"wording_add", 1, false},       {"PHRASE", 0, true},
};

struct entry {
    Str pattern;
    bool is_word;
    struct {
        VEC(const char *);
    } files;
};

static struct arena memory;
static struct {
    VEC(struct entry *);
} entries;

static void note(const char *file, Str pattern, bool is_word)
{
    struct entry *entry = NULL;

    vec_each (struct entry *, other, &entries)
        if (str_eq((*other)->pattern, pattern) && (*other)->is_word == is_word)
            entry = *other;
    if (!entry) {
        entry = arena_new(&memory, struct entry, 1);
        entry->pattern = arena_str(&memory, pattern);
        entry->is_word = is_word;
        vec_push(&entries, entry);
    }
    if (entry->files.count == 0 || entry->files.items[entry->files.count - 1] != file)
        vec_push(&entry->files, file);
}

/* ---- reading C ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the quoted literal that starts at `at`. */
static size_t skip_quoted(Str text, size_t at)
{
    char quote = text.ptr[at++];

    while (at < text.len && text.ptr[at] != quote)
        at += text.ptr[at] == '\\' ? 2 : 1;
    return at + 1;
}

static size_t skip_blank(Str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\n' || text.ptr[at] == '\t'))
        at++;
    return at;
}

/* Behind the comma that ends the argument at `at`; text.len when it is the last one. */
static size_t skip_argument(Str text, size_t at)
{
    int depth = 0;

    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"' || c == '\'') {
            at = skip_quoted(text, at);
            continue;
        }
        depth += (c == '(' || c == '{' || c == '[') - (c == ')' || c == '}' || c == ']');
        if (depth < 0)
            return text.len;
        at++;
        if (depth == 0 && c == ',')
            return at;
    }
    return text.len;
}

static char escaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

static size_t add_literal(struct buf *format, Str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        if (text.ptr[at] == '\\' && at + 1 < text.len)
            buf_add_byte(format, escaped(text.ptr[++at]));
        else
            buf_add_byte(format, text.ptr[at]);
    return at + 1;
}

/* A macro between literals: the conversion it stands for. */
static size_t add_macro(struct buf *format, Str text, size_t at)
{
    size_t from = at;

    while (at < text.len && is_word_byte(text.ptr[at]))
        at++;
    Str word = str_sub(text, from, at - from);
    if (str_eq(word, S("STR_F")))
        buf_lit(format, "%.*s");
    else if (str_starts(word, S("PRI")))
        buf_lit(format, "d"); /* the % stands in the literal before it */
    else
        buf_reset(format);
    return at;
}

/* Literals and the macros between them, joined; empty: the argument is something else. */
static void read_format(struct buf *format, Str text, size_t at)
{
    for (at = skip_blank(text, at); at < text.len; at = skip_blank(text, at)) {
        size_t before = format->len;
        if (text.ptr[at] == '"')
            at = add_literal(format, text, at);
        else if (is_word_byte(text.ptr[at])) {
            at = add_macro(format, text, at);
            if (format->len <= before)
                return;
        } else
            return;
    }
}

static bool has_letters(const char *pattern)
{
    for (; *pattern; pattern++)
        if ((*pattern >= 'a' && *pattern <= 'z') || (*pattern >= 'A' && *pattern <= 'Z'))
            return true;
    return false;
}

/* A text is taken as it is, a format as its pattern. */
static void read_call(const char *file, Str text, size_t at, int argument, bool is_text)
{
    char pattern[PATTERN_BYTES_MAX];
    struct buf format;

    while (argument-- > 0)
        at = skip_argument(text, at);
    buf_init(&format, PATTERN_BYTES_MAX);
    read_format(&format, text, at);
    buf_add_byte(&format, '\0');
    bool is_pattern = is_text ? format.len <= sizeof pattern
                              : phrase_pattern(pattern, sizeof pattern, format.ptr);
    if (is_text && is_pattern)
        memcpy(pattern, format.ptr, format.len);
    if (!format.is_failed && is_pattern && has_letters(pattern))
        note(file, str_from_cstr(pattern), false);
    buf_deinit(&format);
}

static void scan(const char *file, Str text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t from = at;
        if (text.ptr[at] == '"' || text.ptr[at] == '\'') {
            at = skip_quoted(text, at);
            continue;
        }
        while (at < text.len && is_word_byte(text.ptr[at]))
            at++;
        Str word = str_sub(text, from, at - from);
        for (size_t i = 0; word.len > 0 && i < COUNT_OF(calls); i++)
            if (str_eq(word, str_from_cstr(calls[i].name)) && at < text.len && text.ptr[at] == '(')
                read_call(file, text, at + 1, calls[i].format, calls[i].is_text);
        if (at == from)
            at++;
    }
}

/* Comments become blanks, so that an apostrophe in one is no literal. */
static void blank_comments(char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        if (text[at] == '"' || text[at] == '\'') {
            at = skip_quoted((Str){text, len}, at);
            continue;
        }
        bool is_block = at + 1 < len && text[at] == '/' && text[at + 1] == '*';
        bool is_line = at + 1 < len && text[at] == '/' && text[at + 1] == '/';
        if (!is_block && !is_line) {
            at++;
            continue;
        }
        Str end = is_block ? S("*/") : S("\n");
        size_t to = at + 2 + str_find((Str){text + at + 2, len - at - 2}, end) + (is_block ? 2 : 0);
        for (to = to < len ? to : len; at < to; at++)
            text[at] = ' ';
    }
}

static bool read_file(const char *path, Str *text)
{
    FILE *in = fopen(path, "rb");

    if (!in)
        return false;
    char *bytes = arena_new(&memory, char, SOURCE_BYTES_MAX);
    size_t len = fread(bytes, 1, SOURCE_BYTES_MAX, in);
    bool ok = !ferror(in) && len < SOURCE_BYTES_MAX;
    fclose(in);
    *text = (Str){bytes, len};
    return ok;
}

static bool read_source(const char *path)
{
    Str text;

    if (!read_file(path, &text))
        return false;
    blank_comments((char *)text.ptr, text.len);
    scan(path, text);
    return true;
}

static bool read_words(const char *path)
{
    Str text, line;

    if (!read_file(path, &text))
        return false;
    while (text.len > 0) {
        (void)str_cut(text, '\n', &line, &text);
        if (line.len > 0 && line.ptr[0] != '#')
            note(path, line, true);
    }
    return true;
}

/* ---- writing ---- */

static int by_pattern(const void *a, const void *b)
{
    const struct entry *left = *(struct entry *const *)a, *right = *(struct entry *const *)b;

    return left->is_word != right->is_word ? left->is_word - right->is_word
                                           : str_cmp(left->pattern, right->pattern);
}

static void put_quoted(struct buf *out, Str text)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_add_byte(out, '\\');
        if (text.ptr[i] == '\n')
            buf_lit(out, "\\n");
        else
            buf_add_byte(out, text.ptr[i]);
    }
    buf_lit(out, "\"\n");
}

static void write_entry(struct buf *out, const struct entry *entry)
{
    buf_lit(out, "\n#:");
    vec_each (const char *, file, &entry->files)
        buf_printf(out, " %s", *file);
    buf_lit(out, "\n");
    if (str_find_byte(entry->pattern, '%') < entry->pattern.len)
        buf_lit(out, "#, qt-format\n");
    if (entry->is_word)
        buf_lit(out, "msgctxt \"value\"\n");
    buf_lit(out, "msgid ");
    put_quoted(out, entry->pattern);
    buf_lit(out, "msgstr \"\"\n");
}

static bool write_pot(const char *path)
{
    struct buf out;

    buf_init(&out, POT_BYTES_MAX);
    buf_lit(&out, "# Messages of the rooms below the pages. Written by tools/phrases (make pot).\n"
                  "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                  "\"Content-Transfer-Encoding: 8bit\\n\"\n"
                  "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n");
    if (entries.count > 0)
        qsort(entries.items, entries.count, sizeof *entries.items, by_pattern);
    vec_each (struct entry *, entry, &entries)
        write_entry(&out, *entry);
    FILE *file = fopen(path, "wb");
    bool ok = file && !out.is_failed && fwrite(out.ptr, 1, out.len, file) == out.len;
    if (file && fclose(file) != 0)
        ok = false;
    buf_deinit(&out);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: phrases OUT.pot WORDS.txt SOURCE.c ...\n", stderr);
        return 2;
    }
    arena_init(&memory, (size_t)8 << 30);
    for (int i = 2; i < argc; i++)
        if (!(i == 2 ? read_words(argv[i]) : read_source(argv[i]))) {
            fprintf(stderr, "phrases: could not read '%s'\n", argv[i]);
            return 1;
        }
    if (!write_pot(argv[1])) {
        fprintf(stderr, "phrases: could not write '%s'\n", argv[1]);
        return 1;
    }
    return 0;
}
