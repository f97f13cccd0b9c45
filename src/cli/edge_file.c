#include "cli/edge_file.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "format/csv.h"
#include "os/entropy.h"
#include "os/reader.h"

enum { COLUMNS_MAX = 3 };

struct edge_reader {
    struct edge_file *file;
    struct os_reader *reader;
    const char *name; /* for messages */
    char separator;
    size_t columns; /* of the heading */
};

static void reject(struct edge_reader *r, const char *reason)
{
    fprintf(stderr, "%s:%llu: %s\n", r->name, (unsigned long long)os_reader_line_number(r->reader),
            reason);
    r->file->rejected++;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The fields of a line without quotes: how many there are, at most COLUMNS_MAX of them stored. */
static size_t split_plain(Str line, char separator, Str fields[COLUMNS_MAX])
{
    size_t count = 0;

    for (;;) {
        const char *end = memchr(line.ptr, separator, line.len);
        size_t len = end ? (size_t)(end - line.ptr) : line.len;
        if (count < COLUMNS_MAX)
            fields[count] = (Str){line.ptr, len};
        count++;
        if (!end)
            return count;
        line = (Str){end + 1, line.len - len - 1};
    }
}

/* A line with quotes, by the rules of CSV. The fields live in `arena`. */
static bool split_quoted(Str line, char separator, struct arena *arena, Str fields[COLUMNS_MAX],
                         size_t *count, struct err *err)
{
    struct csv_reader *csv;
    struct csv_row row;
    bool has_row;

    bool ok =
        csv_open(&csv, (struct csv_options){.separator = separator}, csv_more_text, &line, err) &&
        csv_next(csv, &row, &has_row, err);
    if (ok) {
        ASSERT(has_row); /* the line has at least a quote */
        *count = row.count;
        for (size_t i = 0; ok && i < row.count && i < COLUMNS_MAX; i++)
            ok = arena_try_str(arena, row.fields[i], &fields[i]) || err_arena(err, arena);
    }
    csv_close(&csv);
    return ok;
}

static bool split(struct edge_reader *r, Str line, struct arena *arena, Str fields[COLUMNS_MAX],
                  size_t *count, struct err *err)
{
    if (memchr(line.ptr, '"', line.len) != NULL)
        return split_quoted(line, r->separator, arena, fields, count, err);
    *count = split_plain(line, r->separator, fields);
    return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Most ids are short numbers or handles: up to 7 bytes are packed with their length into one word,
 * so that looking one up is one probe and no comparison of bytes elsewhere. */
struct short_name {
    uint64_t key; /* 0: free */
    uint32_t node;
};

enum { SHORT_NAME_BYTES_MAX = 7, SHORT_SLOTS_AT_FIRST = 1024 };

/* Of 1 to 7 bytes: little-endian bytes below, length on top. Loads of fixed size that may overlap,
 * since a copy of variable size would be a call. */
static uint64_t short_key(Str name)
{
    uint64_t word;
    uint32_t first, last;

    if (name.len >= 4) {
        memcpy(&first, name.ptr, 4);
        memcpy(&last, name.ptr + name.len - 4, 4);
        word = first | (uint64_t)last << 8 * (name.len - 4);
    } else {
        word = (unsigned char)name.ptr[0] |
               (uint64_t)(unsigned char)name.ptr[name.len / 2] << 8 * (name.len / 2) |
               (uint64_t)(unsigned char)name.ptr[name.len - 1] << 8 * (name.len - 1);
    }
    return word | (uint64_t)name.len << 56;
}

/* Where the key is, or belongs. */
static struct short_name *short_slot(const struct edge_file *file, uint64_t key)
{
    size_t mask = file->short_names.slot_count - 1;
    size_t at = (size_t)hash_u64(key, file->seed) & mask;

    while (file->short_names.slots[at].key != 0 && file->short_names.slots[at].key != key)
        at = (at + 1) & mask;
    return &file->short_names.slots[at];
}

/* Half of the slots stay free. */
static bool short_names_reserve(struct edge_file *file)
{
    struct short_name *old = file->short_names.slots;
    size_t old_count = file->short_names.slot_count;

    if ((file->short_names.count + 1) * 2 <= old_count)
        return true;
    size_t count = old_count == 0 ? SHORT_SLOTS_AT_FIRST : 2 * old_count;
    struct short_name *slots = mem_try_alloc(count, sizeof *slots);
    if (!slots)
        return false;
    file->short_names.slots = slots;
    file->short_names.slot_count = count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].key != 0)
            *short_slot(file, old[i].key) = old[i];
    mem_free(old);
    return true;
}

/* NULL: the name will do. */
static const char *name_problem(Str name)
{
    if (name.len == 0)
        return "a name is empty (write source,target)";
    if (name.len > EDGE_NAME_BYTES_MAX)
        return "a name is longer than 1000 bytes";
    if (str_utf8_invalid_at(name) < name.len)
        return "a name is not valid UTF-8 (save the file as UTF-8)";
    return NULL;
}

/* Both names of a row are looked at before either is taken, so that a rejected row leaves no node
 * behind. */
static bool name_find(const struct edge_file *file, Str name, uint32_t *node, const char **problem)
{
    *problem = NULL;
    if (name.len > 0 && name.len <= SHORT_NAME_BYTES_MAX) {
        const struct short_name *known = short_slot(file, short_key(name));
        *node = known->node;
        if (known->key != 0)
            return true;
    } else {
        const uint64_t *known = map_get(&file->long_names, name);
        if (known) {
            *node = (uint32_t)*known;
            return true;
        }
    }
    *problem = name_problem(name);
    return false;
}

static bool name_take(struct edge_file *file, Str name, uint32_t *node, struct err *err)
{
    bool is_taken;

    *node = (uint32_t)file->names.count;
    if (file->names.count >= GRAPH_NODES_MAX)
        return err_set(err, ERR_LIMIT, "a graph has at most %u names", (unsigned)GRAPH_NODES_MAX);
    if (!arena_try_str(&file->name_bytes, name, &name) || !vec_try_push(&file->names, name))
        return err_set(err, ERR_NO_MEMORY, "the file has more names than fit into memory");
    if (name.len <= SHORT_NAME_BYTES_MAX) {
        is_taken = short_names_reserve(file);
        if (is_taken) {
            *short_slot(file, short_key(name)) = (struct short_name){short_key(name), *node};
            file->short_names.count++;
        }
    } else
        is_taken = map_put(&file->long_names, name, *node);
    return is_taken || err_set(err, ERR_NO_MEMORY, "the file has more names than fit into memory");
}

static bool take_row(struct edge_reader *r, const Str *fields, size_t count, struct err *err)
{
    struct graph_edge edge = {.weight = 1};
    const char *problem;

    if (count != r->columns) {
        reject(r, r->columns == 2 ? "the row has not 2 fields (write source,target)"
                                  : "the row has not 3 fields (write source,target,weight)");
        return true;
    }
    if (count == 3 && (!str_to_f64(str_trim(fields[2]), &edge.weight) ||
                       !(edge.weight >= GRAPH_WEIGHT_MIN && edge.weight <= GRAPH_WEIGHT_MAX))) {
        reject(r, "the weight is not a number from 1e-9 to 1e12");
        return true;
    }
    bool has_source = name_find(r->file, fields[0], &edge.source, &problem);
    bool has_target = false;
    if (!problem)
        has_target = name_find(r->file, fields[1], &edge.target, &problem);
    if (problem) {
        reject(r, problem);
        return true;
    }
    if (!has_source && !name_take(r->file, fields[0], &edge.source, err))
        return false;
    if (!has_target && !(str_eq(fields[0], fields[1]) && (edge.target = edge.source, true)) &&
        !name_take(r->file, fields[1], &edge.target, err))
        return false;
    r->file->rows++;
    return graph_add(r->file->graph, &edge, err);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool is_heading(const Str *fields, size_t count)
{
    return count >= 2 && count <= COLUMNS_MAX && str_eq_nocase(str_trim(fields[0]), S("source")) &&
           str_eq_nocase(str_trim(fields[1]), S("target")) &&
           (count == 2 || str_eq_nocase(str_trim(fields[2]), S("weight")));
}

static bool take_heading(struct edge_reader *r, Str line, struct arena *arena, struct err *err)
{
    static const char separators[] = {',', ';', '\t'};
    Str fields[COLUMNS_MAX];

    for (size_t i = 0; i < sizeof separators; i++) {
        struct err problem = {0};
        size_t count;
        r->separator = separators[i];
        if (!split(r, line, arena, fields, &count, &problem) || !is_heading(fields, count))
            continue;
        r->columns = count;
        r->file->has_weights = count == 3;
        return true;
    }
    return err_set(err, ERR_INPUT,
                   "line 1: the heading is not source,target or "
                   "source,target,weight") ||
           err_hint(err, "the first line names the columns; source listens to target");
}

static bool take_line(struct edge_reader *r, Str line, struct arena *arena, struct err *err)
{
    Str fields[COLUMNS_MAX];
    struct err problem = {0};
    size_t count;

    if (str_trim(line).len == 0)
        return true;
    if (!split(r, line, arena, fields, &count, &problem)) {
        if (problem.code == ERR_NO_MEMORY) {
            *err = problem;
            return false;
        }
        reject(r, problem.msg);
        return true;
    }
    return take_row(r, fields, count, err);
}

static bool read_lines(struct edge_reader *r, struct arena *arena, struct err *err)
{
    bool has_line = true;

    while (has_line) {
        Str line;
        struct err problem = {0};
        if (!os_reader_line(r->reader, &line, &has_line, &problem)) {
            if (problem.code != ERR_LIMIT || r->columns == 0) {
                *err = problem;
                return false;
            }
            reject(r, problem.msg);
        } else if (has_line && r->columns == 0) {
            if (!take_heading(r, line, arena, err))
                return false;
        } else if (has_line) {
            if (!take_line(r, line, arena, err))
                return false;
            if (arena->used_bytes > 0)
                arena_reset(arena);
        }
    }
    return r->columns > 0 || err_set(err, ERR_INPUT, "the file is empty") ||
           err_hint(err, "the first line has to be source,target");
}

bool edge_file_read(struct edge_file *file, Str path, bool is_directed, struct err *err)
{
    struct edge_reader r = {.file = file,
                            .name = str_eq(path, S("-")) ? "standard input" : path.ptr};
    struct arena arena;

    *file = (struct edge_file){.seed = entropy_u64()};
    map_init(&file->long_names, MAP_BORROW_KEYS, file->seed);
    arena_init(&file->name_bytes, MAP_KEY_BYTES_MAX);
    arena_init(&arena, INPUT_LINE_BYTES_MAX * 2);
    bool ok =
        (short_names_reserve(file) || err_set(err, ERR_NO_MEMORY, "no memory for names")) &&
        graph_create(&file->graph, is_directed, err) && os_reader_open(&r.reader, path, err) &&
        (read_lines(&r, &arena, err) || (err->code == ERR_INPUT && err_wrap(err, "%s", r.name)));
    os_reader_close(&r.reader);
    arena_deinit(&arena);
    return ok;
}

void edge_file_deinit(struct edge_file *file)
{
    graph_destroy(&file->graph);
    map_deinit(&file->long_names);
    vec_deinit(&file->names);
    mem_free(file->short_names.slots);
    arena_deinit(&file->name_bytes);
}

Str edge_file_name(const struct edge_file *file, size_t node)
{
    ASSERT(node < file->names.count);
    return file->names.items[node];
}
