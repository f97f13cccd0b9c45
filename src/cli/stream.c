#include "cli/stream.h"

#include <stdio.h>

#include "os/reader.h"

bool cli_flush(struct buf *out, struct err *err)
{
    if (!buf_ok(out, err))
        return false;
    bool ok = out->len == 0 || fwrite(out->ptr, 1, out->len, stdout) == out->len;
    ok = ok && fflush(stdout) == 0;
    buf_reset(out);
    return ok || err_set(err, ERR_IO, "could not write to standard output");
}

bool cli_read_all(Str path, struct buf *out, struct err *err)
{
    struct os_reader *reader = NULL;
    Str part = STR_NONE;
    bool ok = os_reader_open(&reader, path, err);

    while (ok && (ok = os_reader_read(reader, 1 << 16, &part, err)) && part.len > 0)
        buf_add(out, part);
    os_reader_close(&reader);
    return ok && buf_ok(out, err);
}

Str cli_file_name(Str path)
{
    return str_eq(path, S("-")) ? S("standard input") : path;
}

void cli_reject(Str path, uint64_t line, Str reason)
{
    Str name = cli_file_name(path);

    fprintf(stderr, STR_F ":%llu: " STR_F "\n", STR_A(name), (unsigned long long)line,
            STR_A(reason));
}
