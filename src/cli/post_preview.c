/* post_preview.c - `trimtab post preview`: what a file is taken for, before it is read. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "listen/decode/decode.h"

enum { NAME_WIDTH = 24, MEMBER_WIDTH = 18, VALUE_BYTES = 40 };

struct preview {
    struct decode_options options;
    Str path;
    bool is_json;
};

static const char command_name[] = "post preview";

/* At most VALUE_BYTES of a field, in one line. */
static void print_value(Str value)
{
    size_t len = value.len < VALUE_BYTES ? value.len : VALUE_BYTES;

    while (len > 0 && len < value.len && ((unsigned char)value.ptr[len] & 0xc0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        putchar((unsigned char)value.ptr[i] < 0x20 ? ' ' : value.ptr[i]);
    if (len < value.len)
        fputs("...", stdout);
}

static void print_columns(const struct decode_columns *columns)
{
    printf("%-*s %-*s %s\n", NAME_WIDTH, "column", MEMBER_WIDTH, "fills", "for instance");
    for (size_t i = 0; i < columns->count; i++) {
        const char *member = columns->members[i] ? columns->members[i] : "(kept beside)";
        printf("%-*.*s %-*s ", NAME_WIDTH, STR_A(columns->names[i]), MEMBER_WIDTH, member);
        for (size_t row = 0; row < columns->row_count; row++) {
            fputs(row > 0 ? " | " : "", stdout);
            print_value(columns->rows[row][i]);
        }
        putchar('\n');
    }
}

static bool print_columns_json(const struct decode_columns *columns, struct err *err)
{
    struct json_writer w;
    struct buf out;

    buf_init(&out, 64 * MIB);
    json_writer_init(&w, &out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "format", S("csv"));
    json_set_str(&w, "charset", str_from_cstr(charset_name(columns->charset)));
    json_set_array(&w, "columns");
    for (size_t i = 0; i < columns->count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "name", columns->names[i]);
        if (columns->members[i])
            json_set_str(&w, "fills", str_from_cstr(columns->members[i]));
        json_set_array(&w, "values");
        for (size_t row = 0; row < columns->row_count; row++)
            json_put_str(&w, columns->rows[row][i]);
        json_end_array(&w);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    buf_lit(&out, "\n");
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

/* The first block of the file, decoded. */
struct beginning {
    struct decode_input *in;
    struct decoder *decoder;
    struct decode_block block;
    struct decode_batch batch;
};

static bool beginning_open(struct beginning *b, const struct preview *p, struct arena *arena,
                           struct err *err)
{
    bool has_block = false;

    *b = (struct beginning){0};
    decode_block_init(&b->block);
    decode_batch_init(&b->batch);
    return decode_input_open(&b->in, p->path, &p->options, arena, err) &&
           decoder_create(&b->decoder, err) &&
           decode_input_next(b->in, &b->block, &has_block, err) &&
           (!has_block || decoder_run(b->decoder, &b->block, &b->batch, err));
}

static void beginning_close(struct beginning *b)
{
    decoder_destroy(&b->decoder);
    decode_input_close(&b->in);
    decode_block_deinit(&b->block);
    decode_batch_deinit(&b->batch);
}

/* How many of the first rows cannot be read, and why not the first of them. */
static void tell_unreadable(const struct decode_batch *batch)
{
    if (batch->rejects.count == 0)
        return;
    const struct decode_reject *first = &batch->rejects.items[0];
    fprintf(stderr, "%zu of the first %llu rows cannot be read; line %llu: " STR_F "\n",
            batch->rejects.count, (unsigned long long)batch->row_count,
            (unsigned long long)first->line, STR_A(first->reason));
}

/* Any other form: its name and the first posts as native. */
static bool print_posts(const struct beginning *b, struct err *err)
{
    struct buf out;

    buf_init(&out, 64 * MIB);
    fprintf(stderr, "format %s, %s\n", decode_format_name(decode_input_format(b->in)),
            charset_name(b->batch.charset));
    for (size_t i = 0; i < b->batch.posts.count && i < DECODE_SAMPLE_ROWS; i++) {
        post_write_native(&b->batch.posts.items[i].post, &out);
        buf_add_byte(&out, '\n');
    }
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

/* What lies behind the heading of CSV, and every other form. */
static bool print_beginning(const struct preview *p, bool is_csv, struct arena *arena,
                            struct err *err)
{
    struct beginning b;
    bool ok = beginning_open(&b, p, arena, err) && (is_csv || print_posts(&b, err));

    if (ok)
        tell_unreadable(&b.batch);
    beginning_close(&b);
    return ok;
}

static bool run(const struct preview *p, struct arena *arena, struct err *err)
{
    struct decode_columns columns;

    if (str_eq(p->path, S("-")))
        return err_set(err, ERR_USAGE, "standard input cannot be looked at twice: name a file");
    if (!decode_columns_read(p->path, &p->options, arena, &columns, err))
        return false;
    if (!columns.is_csv)
        return print_beginning(p, false, arena, err);
    if (p->is_json)
        return print_columns_json(&columns, err);
    fprintf(stderr, "format csv, %s\n", charset_name(columns.charset));
    print_columns(&columns);
    if (columns.date_order)
        fprintf(stderr, "dates like 01/02/2026 are read as %s, as %s\n", columns.date_order,
                columns.is_date_order_said ? "the mapping says" : "the first rows show");
    if (columns.is_date_order_open)
        fputs("the dates may be day or month first: say --map dates=dmy or --map dates=mdy\n",
              stderr);
    if (columns.has_text)
        return print_beginning(p, true, arena, err);
    fputs("no column holds the text of a post: name it with --map text=Column\n", stderr);
    return true;
}

int post_preview_command(int argc, char **argv)
{
    struct preview p = {0};
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_FLAG("--json", &p.is_json),
        CLI_TEXT("--map, --mapping", &p.options.mapping),
        CLI_FORMAT(&p.options.format),
        CLI_FILE("file", &p.path, true, "trimtab post preview survey.csv"),
    };

    arena_init(&arena, 64 * MIB);
    bool ok = cli_options_read(command_name, options, COUNT_OF(options), argc, argv, &err) &&
              run(&p, &arena, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report(command_name, &err);
}
