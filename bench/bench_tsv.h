/* bench_tsv.h - reads the labelled texts of the shared data (gzip, one heading line, tabs). */
#ifndef BENCH_TSV_H
#define BENCH_TSV_H

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/str.h"
#include "base/vec.h"

enum { TSV_LINE_BYTES = 1 << 20 };

struct tsv_row {
    char *line;
    Str id, label, text;
};
struct tsv {
    VEC(struct tsv_row);
};

static inline Str tsv_field(Str line, int column)
{
    Str head = line, tail = STR_NONE;

    for (int i = 0; i <= column; i++) {
        str_cut(line, '\t', &head, &tail);
        line = tail;
    }
    return head;
}

static inline int tsv_column(Str heading, const char *name)
{
    for (int i = 0; heading.len > 0; i++) {
        Str field;
        str_cut(heading, '\t', &field, &heading);
        if (str_eq(field, str_from_cstr(name)))
            return i;
    }
    return -1;
}

/* Columns `label_name` and `text`; false with a notice when the file is absent. */
static inline bool tsv_read(const char *file, const char *label_name, struct tsv *out)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    char path[512];

    snprintf(path, sizeof path, "%s/data/%s", shared ? shared : "../shared", file);
    gzFile in = gzopen(path, "rb");
    if (!in) {
        fprintf(stderr, "skip %s: absent\n", path);
        return false;
    }
    char *line = malloc(TSV_LINE_BYTES);
    int label = -1, text = -1;
    while (line && gzgets(in, line, TSV_LINE_BYTES)) {
        Str s = str_from_cstr(line);
        while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
            s.len--;
        if (text < 0) {
            label = tsv_column(s, label_name);
            text = tsv_column(s, "text");
            if (label < 0 || text < 0)
                break;
            continue;
        }
        struct tsv_row row = {.line = strndup(s.ptr, s.len)};
        s.ptr = row.line;
        row.id = tsv_field(s, 0);
        row.label = tsv_field(s, label);
        row.text = tsv_field(s, text);
        vec_push(out, row);
    }
    free(line);
    gzclose(in);
    return out->count > 0;
}

static inline void tsv_deinit(struct tsv *t)
{
    vec_each (struct tsv_row, row, t)
        free(row->line);
    vec_deinit(t);
}

#endif
