/* query_import_command.c - `trimtab query import`: a query of another system in our words. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/query_file.h"
#include "cli/stream.h"
#include "format/json.h"
#include "listen/query/query_import.h"

#define DIALECTS "brandwatch, meltwater or talkwalker"

static void print_losses(const struct query_import *import)
{
    struct buf line;

    buf_init(&line, 1 * MIB);
    for (size_t i = 0; i < import->count; i++) {
        buf_reset(&line);
        query_import_print(&import->losses[i], &line);
        fprintf(stderr, STR_F "\n", STR_A(buf_str(&line)));
    }
    buf_deinit(&line);
    size_t hidden = import->lost_count + import->approximate_count - import->count;
    if (hidden > 0)
        fprintf(stderr, "%zu further ones not shown\n", hidden);
}

static void put_loss(struct json_writer *w, Str text, const struct query_import_loss *loss)
{
    json_begin_object(w);
    json_set_str(w, "kind", loss->is_lost ? S("lost") : S("approximate"));
    json_set_i64(w, "line", loss->line);
    json_set_i64(w, "column", loss->column);
    json_set_i64(w, "from", loss->from);
    json_set_i64(w, "to", loss->to);
    json_set_str(w, "source", str_sub(text, loss->from, loss->to - loss->from));
    json_set_str(w, "message", loss->message);
    json_set_str(w, "effect", str_from_cstr(query_import_effect_words(loss->effect)));
    json_end_object(w);
}

static void put_json(Str text, enum query_dialect dialect, const struct query_import *import,
                     struct buf *out)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "dialect", str_from_cstr(query_dialect_name(dialect)));
    json_set_str(&w, "query", import->text);
    json_set_bool(&w, "is_usable", import->is_usable);
    json_set_i64(&w, "lost", (int64_t)import->lost_count);
    json_set_i64(&w, "approximate", (int64_t)import->approximate_count);
    json_set_array(&w, "losses");
    for (size_t i = 0; i < import->count; i++)
        put_loss(&w, text, &import->losses[i]);
    json_end_array(&w);
    json_end_object(&w);
}

static bool import_file(Str path, enum query_dialect dialect, bool is_json, bool *is_whole,
                        struct err *err)
{
    struct arena arena;
    struct tokenizer *words = NULL;
    struct query_import import;
    struct buf out;
    Str text;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    buf_init(&out, BATCH_ARENA_BYTES_MAX);
    bool ok = query_text_read(&arena, path, &text, err) && tokenizer_create(&words, err) &&
              query_import(&arena, words, text, dialect, &import, err);
    if (ok && is_json)
        put_json(text, dialect, &import, &out);
    else if (ok)
        buf_add(&out, import.text);
    if (ok && !is_json)
        print_losses(&import);
    buf_add(&out, ok && (is_json || import.text.len > 0) ? S("\n") : STR_NONE);
    ok = ok && cli_flush(&out, err);
    *is_whole = ok && import.lost_count == 0 && import.is_usable;
    tokenizer_destroy(&words);
    buf_deinit(&out);
    arena_deinit(&arena);
    return ok;
}

CLI_READER(read_dialect, query_dialect_from, enum query_dialect)

int query_import_command(int argc, char **argv)
{
    enum query_dialect dialect = QUERY_DIALECT_COUNT;
    struct err err = {0};
    Str path = STR_NONE;
    bool is_json = false, is_whole;
    const struct cli_option options[] = {
        CLI_FLAG("--json", &is_json),
        CLI_WORD("--dialect", &dialect, read_dialect, DIALECTS),
        CLI_FILE("file with the query", &path, true, "name a file, or - for standard input"),
    };

    bool ok = cli_options_read("query import", options, COUNT_OF(options), argc, argv, &err);
    if (ok && dialect == QUERY_DIALECT_COUNT)
        ok = err_set(&err, ERR_USAGE, "--dialect is missing") || err_hint(&err, DIALECTS);
    if (!ok || !import_file(path, dialect, is_json, &is_whole, &err))
        return cli_report("query import", &err);
    return is_whole ? CLI_OK : CLI_REJECTED_ROWS;
}
