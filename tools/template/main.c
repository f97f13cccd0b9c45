/* main.c - the template compiler's command line.
 *
 *     template --out STEM --icons DIR [--asset NAME ...] FILE.html ...     writes STEM.c and STEM.h
 *     template --pot FILE --icons DIR [--asset NAME ...] FILE.html ... SOURCE.c ...
 *
 * Problems are printed as path:line: error: message, one for each template; exit code 1.
 */
#include <stdarg.h>
#include <stdio.h>

#include "template.h"

struct arena memory;

static size_t problem_count;

struct job {
    const char *out, *pot;
    struct emit_options options;
    struct template_list templates;
    struct {
        VEC(const char *);
    } sources;
};

void refuse(struct template *t, size_t offset, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%zu: error: ", t->path, line_at(t->text, offset));
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    problem_count++;
    longjmp(t->give_up, 1);
}

size_t line_at(Str text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}

void put_c_string(struct buf *out, Str text)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte == '"' || byte == '\\')
            buf_printf(out, "\\%c", byte);
        else if (byte == '\n')
            buf_lit(out, "\\n");
        else if ((unsigned char)byte < 0x20 || byte == 0x7f)
            buf_printf(out, "\\%03o", (unsigned char)byte);
        else
            buf_add_byte(out, byte);
    }
    buf_add_byte(out, '"');
}

bool read_source(const char *path, Str *text)
{
    FILE *in = fopen(path, "rb");

    if (!in)
        return false;
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    bool ok = size >= 0 && size <= SOURCE_BYTES_MAX && fseek(in, 0, SEEK_SET) == 0;
    char *bytes = arena_new(&memory, char, ok ? (size_t)size + 1 : 1);
    size_t len = ok ? fread(bytes, 1, (size_t)size, in) : 0;
    ok = ok && !ferror(in);
    fclose(in);
    *text = (Str){bytes, len};
    return ok;
}

static bool write_file(const char *path, const struct buf *text)
{
    FILE *out = fopen(path, "wb");
    bool ok = out && !text->is_failed && fwrite(text->ptr, 1, text->len, out) == text->len;

    if (out && fclose(out) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "template: could not write '%s'\n", path);
    return ok;
}

static void load_template(struct job *job, const char *path)
{
    struct template *t = arena_new(&memory, struct template, 1);
    const char *slash = strrchr(path, '/');
    Str name = str_from_cstr(slash ? slash + 1 : path);

    t->path = path;
    t->name = str_sub(name, 0, name.len - strlen(".html"));
    if (!read_source(path, &t->text)) {
        fprintf(stderr, "template: could not read '%s'\n", path);
        problem_count++;
        return;
    }
    vec_push(&job->templates, t);
}

bool attempt(struct template *t, void (*step)(struct template *t, void *context), void *context)
{
    if (setjmp(t->give_up) != 0)
        return false;
    step(t, context);
    return true;
}

static void step_head(struct template *t, void *context)
{
    (void)context;
    declare_head(t);
}

static void step_resolve(struct template *t, void *context)
{
    declare_resolve(t, context);
}

struct emission {
    struct buf *out;
    const struct emit_options *options;
};

static void step_emit(struct template *t, void *context)
{
    const struct emission *emission = context;

    emit_template(emission->out, t, emission->options);
}

static bool attempt_all(struct job *job, void (*step)(struct template *t, void *context),
                        void *context)
{
    bool ok = problem_count == 0;

    for (size_t i = 0; ok && i < job->templates.count; i++)
        (void)attempt(job->templates.items[i], step, context);
    return ok;
}

static void compile(struct job *job, struct buf *code)
{
    struct emission emission = {code, &job->options};

    job->options.all = &job->templates;
    (void)(attempt_all(job, step_head, NULL) && attempt_all(job, step_resolve, &job->templates) &&
           attempt_all(job, step_emit, &emission));
}

static bool write_code(struct job *job, struct buf *body)
{
    struct buf header, code;
    const char *slash = strrchr(job->out, '/'), *stem = slash ? slash + 1 : job->out;

    buf_init(&header, 64 << 20);
    buf_init(&code, 64 << 20);
    buf_printf(&header,
               "/* Written by tools/template from ui/templates. */\n#ifndef GEN_TEMPLATES_H\n"
               "#define GEN_TEMPLATES_H\n\n#include \"web/render.h\"\n\n");
    declare_write(&header, &job->templates);
    buf_lit(&header, "\n#endif\n");
    buf_printf(&code, "/* Written by tools/template from ui/templates. */\n#include \"%s.h\"\n",
               stem);
    buf_add(&code, buf_str(body));
    bool ok = problem_count == 0 &&
              write_file(arena_printf(&memory, "%s.h%c", job->out, '\0').ptr, &header) &&
              write_file(arena_printf(&memory, "%s.c%c", job->out, '\0').ptr, &code);
    buf_deinit(&header);
    buf_deinit(&code);
    return ok;
}

static bool write_pot(struct job *job)
{
    struct buf pot;
    Str text;

    vec_each (const char *, path, &job->sources)
        if (read_source(*path, &text))
            message_scan_c(*path, text);
    buf_init(&pot, 16 << 20);
    message_write_pot(&pot);
    bool ok = write_file(job->pot, &pot);
    buf_deinit(&pot);
    return ok;
}

static bool read_arguments(struct job *job, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        Str word = str_from_cstr(argv[i]);
        if (str_starts(word, S("--")) && !next)
            return false;
        if (str_eq(word, S("--out")))
            job->out = argv[++i];
        else if (str_eq(word, S("--pot")))
            job->pot = argv[++i];
        else if (str_eq(word, S("--icons")))
            job->options.icons = argv[++i];
        else if (str_eq(word, S("--asset")))
            vec_push(&job->options.assets, str_from_cstr(argv[++i]));
        else if (str_ends(word, S(".html")))
            load_template(job, argv[i]);
        else
            vec_push(&job->sources, argv[i]);
    }
    return (job->out || job->pot) && job->options.icons;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    struct buf body;

    arena_init(&memory, (size_t)1 << 30);
    if (!read_arguments(&job, argc, argv)) {
        fputs("usage: template --out STEM | --pot FILE  --icons DIR [--asset NAME ...] FILE...\n",
              stderr);
        return 2;
    }
    buf_init(&body, 64 << 20);
    compile(&job, &body);
    if (problem_count == 0 &&
        ((job.out && !write_code(&job, &body)) || (job.pot && !write_pot(&job))))
        problem_count++;
    buf_deinit(&body);
    return problem_count > 0;
}
