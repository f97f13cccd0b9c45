#include "base/embedded.h"

/* Index of the first file whose path is not below `path`. */
static size_t lower_bound(Str path)
{
    size_t low = 0, high = embedded_file_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(embedded_files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct embedded_file *embedded_find(Str path)
{
    size_t at = lower_bound(path);

    if (at == embedded_file_count || !str_eq(embedded_files[at].path, path))
        return NULL;
    return &embedded_files[at];
}

size_t embedded_list(Str prefix, const struct embedded_file **first)
{
    size_t from = lower_bound(prefix), to = from;

    while (to < embedded_file_count && str_starts(embedded_files[to].path, prefix))
        to++;
    *first = &embedded_files[from];
    return to - from;
}
