/* edge_file.h - a file of edges between names: source,target[,weight], "source listens to target".
 *
 * Any os_reader input (gzip and zstd unpacked, - is standard input); separator comma, semicolon or
 * tab as the heading has it; quoted fields as in CSV, but no line break inside. Names may be any
 * UTF-8 text of 1 to EDGE_NAME_BYTES_MAX bytes. A row that is wrong is reported on standard error
 * as file:line: reason and left out.
 *
 * The graph and the names belong to the struct. One thread.
 */
#ifndef CLI_EDGE_FILE_H
#define CLI_EDGE_FILE_H

#include "base/map.h"
#include "base/vec.h"
#include "quant/graph.h"

#define EDGE_NAME_BYTES_MAX 1000 /* the row is rejected */

struct edge_file {
    struct graph *graph;
    struct arena name_bytes;
    struct {
        VEC(Str);
    } names; /* by node */
    struct {
        struct short_name *slots;
        size_t slot_count, count;
    } short_names;         /* of at most 7 bytes, which are their own key */
    struct map long_names; /* name -> node */
    uint64_t seed;
    uint64_t rows, rejected;
    bool has_weights;
};

/* ERR_INPUT: the heading; errors of reading. Free it either way. */
bool edge_file_read(struct edge_file *file, Str path, bool is_directed, struct err *err) MUST_CHECK;
void edge_file_deinit(struct edge_file *file);

/* Of a node; dies with the file. */
Str edge_file_name(const struct edge_file *file, size_t node);

#endif
