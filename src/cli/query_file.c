#include "cli/query_file.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "cli/stream.h"
#include "os/reader.h"

#define QUERY_FILE_BYTES_MAX (4 * GIB) /* reject */

static void report_row(struct query_file *file, uint64_t line, const char *reason)
{
    cli_reject(file->path, line, str_from_cstr(reason));
    file->bad_row_count++;
}

static bool add_row(struct query_file *file, struct map *ids, Str row, uint64_t line,
                    struct arena *a, struct err *err)
{
    Str id, text;
    bool is_new;

    if (row.len > 0 && row.ptr[row.len - 1] == '\r')
        row.len--;
    if (str_trim(row).len == 0 || row.ptr[0] == '#')
        return true;
    if (!str_cut(row, '\t', &id, &text) || id.len == 0) {
        report_row(file, line, "expected an id, a tab and a query");
        return true;
    }
    uint64_t *first_line = map_at(ids, id, &is_new);
    if (first_line && !is_new) {
        char reason[120];
        snprintf(reason, sizeof reason, "the id was used before, in line %llu",
                 (unsigned long long)*first_line);
        report_row(file, line, reason);
        return true;
    }
    struct query_set_item item;
    if (!first_line || !arena_try_str(a, id, &item.id) || !arena_try_str(a, text, &item.text) ||
        !vec_try_push(&file->items, item) || !vec_try_push(&file->lines, line))
        return err_arena(err, a);
    *first_line = line;
    return true;
}

bool query_file_read(struct query_file *file, Str path, struct arena *a, struct err *err)
{
    struct os_reader *reader = NULL;
    struct map ids;
    struct buf rest; /* an unfinished last line */
    Str part, row;
    uint64_t line = 0;

    *file = (struct query_file){.path = path};
    map_init(&ids, MAP_COPY_KEYS, 0);
    buf_init(&rest, QUERY_FILE_BYTES_MAX);
    bool ok = os_reader_open(&reader, path, err);
    while (ok && (ok = os_reader_read(reader, 1 << 16, &part, err)) && part.len > 0) {
        buf_add(&rest, part);
        Str all = buf_str(&rest);
        size_t used = 0;
        for (size_t end;
             ok && (end = str_find_byte(str_sub(all, used, all.len), '\n')) < all.len - used;) {
            row = str_sub(all, used, end);
            ok = add_row(file, &ids, row, ++line, a, err);
            used += end + 1;
        }
        buf_consume(&rest, used);
        ok = ok && buf_ok(&rest, err);
    }
    ok = ok && (rest.len == 0 || add_row(file, &ids, buf_str(&rest), ++line, a, err));
    os_reader_close(&reader);
    map_deinit(&ids);
    buf_deinit(&rest);
    return ok || err_wrap(err, "queries");
}

void query_file_deinit(struct query_file *file)
{
    vec_deinit(&file->items);
    vec_deinit(&file->lines);
}

bool query_file_find(void *context, Str name, Str *text)
{
    const struct query_file *file = context;

    vec_each (struct query_set_item, item, &file->items) {
        if (str_eq(item->id, name)) {
            *text = item->text;
            return true;
        }
    }
    return false;
}

bool query_text_read(struct arena *a, Str path, Str *out, struct err *err)
{
    struct os_reader *reader = NULL;
    struct buf text;
    Str part;

    buf_init(&text, QUERY_BYTES_MAX + 1);
    bool ok = os_reader_open(&reader, path, err);
    while (ok && (ok = os_reader_read(reader, 1 << 16, &part, err)) && part.len > 0)
        buf_add(&text, part);
    ok = ok && buf_ok(&text, err);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    ok = ok && (arena_try_str(a, buf_str(&text), out) || err_arena(err, a));
    os_reader_close(&reader);
    buf_deinit(&text);
    return ok;
}
