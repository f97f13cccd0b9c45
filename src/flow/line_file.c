#include "flow/line_file.h"

#include "os/file.h"

enum { CHUNK_BYTES = 1 << 20, LINE_BYTES_MAX = 32 << 20 };

bool line_file_begin(struct line_file *file, struct arena *a, Str directory, Str name,
                     struct err *err)
{
    file->path = path_join(a, directory, name);
    if (file->pending.max_bytes == 0)
        buf_init(&file->pending, CHUNK_BYTES + LINE_BYTES_MAX);
    buf_reset(&file->pending);
    return file_remove(file->path, err);
}

static bool flush(struct line_file *file, struct err *err)
{
    bool ok = buf_ok(&file->pending, err) && file_append(file->path, buf_str(&file->pending), err);

    buf_reset(&file->pending);
    return ok;
}

bool line_file_add(struct line_file *file, Str line, struct err *err)
{
    ASSERT(file->path.len > 0);
    buf_add(&file->pending, line);
    buf_add_byte(&file->pending, '\n');
    return file->pending.len < CHUNK_BYTES || flush(file, err);
}

bool line_file_end(struct line_file *file, struct err *err)
{
    return file->path.len == 0 || file->pending.len == 0 || flush(file, err);
}

void line_file_deinit(struct line_file *file)
{
    buf_deinit(&file->pending);
}
