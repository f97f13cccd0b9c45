#include "listen/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "listen/decode_priv.h"
#include "os/reader.h"

#define SNIFF_BYTES          (64 * 1024)
#define INPUT_PADDING        64 /* readable bytes behind a block, as the JSON parser wants */
#define DECODE_BATCH_ROW_MAX (1 << 20)

static const char *const format_names[DECODE_FORMAT_COUNT] = {
    [DECODE_AUTO] = "auto",       [DECODE_NATIVE] = "native", [DECODE_REDDIT] = "reddit",
    [DECODE_TWITTER] = "twitter", [DECODE_FEED] = "feed",     [DECODE_CSV] = "csv",
};

/* The source of posts that name none. */
static const char *const format_sources[DECODE_FORMAT_COUNT] = {
    [DECODE_AUTO] = "import",     [DECODE_NATIVE] = "import", [DECODE_REDDIT] = "reddit",
    [DECODE_TWITTER] = "twitter", [DECODE_FEED] = "feed",     [DECODE_CSV] = "import",
};

bool decode_format_from(Str name, enum decode_format *out)
{
    for (int i = 0; i < DECODE_FORMAT_COUNT; i++) {
        if (str_eq(name, str_from_cstr(format_names[i]))) {
            *out = (enum decode_format)i;
            return true;
        }
    }
    return false;
}

/* ---- input: a file cut into blocks ----------------------------------------------------------- */

struct decode_input {
    struct os_reader *reader;
    struct decode_plan *plan;
    struct buf rest;     /* bytes read and not yet handed out */
    uint64_t ordinal;    /* of the next block */
    uint64_t line;       /* of the first byte of `rest` */
    bool is_at_end;      /* of the file */
    bool is_heading_due; /* CSV: the heading is still in front */
    bool is_live;        /* as in the options */
};

void decode_block_init(struct decode_block *block)
{
    *block = (struct decode_block){0};
    buf_init(&block->bytes, DECODE_DOCUMENT_MAX + DECODE_BLOCK_BYTES + INPUT_PADDING);
}

void decode_block_deinit(struct decode_block *block)
{
    buf_deinit(&block->bytes);
}

static bool plan_copy(struct arena *memory, Str path, const struct decode_options *options,
                      struct decode_plan **out, struct err *err)
{
    struct decode_plan *plan = arena_try_new(memory, struct decode_plan, 1);
    Str source = options->source;

    if (!plan || !arena_try_str(memory, path, &plan->path) ||
        !arena_try_str(memory, options->dataset, &plan->dataset))
        return err_arena(err, memory);
    plan->format = options->format;
    if (source.len > 0 && !arena_try_str(memory, source, &plan->source))
        return err_arena(err, memory);
    *out = plan;
    return true;
}

/* A mapping is only for CSV: it decides where the heading alone does not tell. */
static bool sniff(struct decode_input *in, Str head, bool has_mapping, struct err *err)
{
    Str text = str_trim(head);

    if (text.len >= 2 &&
        (memcmp(text.ptr, "\xff\xfe", 2) == 0 || memcmp(text.ptr, "\xfe\xff", 2) == 0)) {
        err_set(err, ERR_INPUT, "the file is in UTF-16, which is not read");
        return err_hint(err, "convert it to UTF-8");
    }
    if (str_starts(text, S("\xef\xbb\xbf")))
        text = str_trim(str_sub(text, 3, text.len));
    if (text.len == 0) {
        in->plan->format = DECODE_NATIVE; /* no rows at all */
        return true;
    }
    Str beginning = str_sub(text, 0, 1000);
    if (str_find(beginning, S("jsonfeed.org/version")) < beginning.len) {
        in->plan->format = DECODE_FEED;
        return true;
    }
    if (text.ptr[0] == '{') {
        struct json_bulk *json = NULL;
        if (!json_bulk_create(&json, err))
            return false;
        enum decode_format format = sniff_json(json, text);
        json_bulk_destroy(&json);
        in->plan->format = format == DECODE_AUTO ? DECODE_NATIVE : format;
        return true;
    }
    if (text.ptr[0] == '<')
        in->plan->format = DECODE_FEED;
    else if (text.ptr[0] != '[' && (has_mapping || csv_looks_like(text)))
        in->plan->format = DECODE_CSV;
    if (in->plan->format != DECODE_AUTO)
        return true;
    Str path = in->plan->path;
    if (str_eq(path, S("-")))
        err_set(err, ERR_INPUT, "cannot tell the format of standard input");
    else
        err_set(err, ERR_INPUT, "cannot tell the format of '" STR_F "'", STR_A(path));
    return err_hint(err, "one JSON object a line, an RSS or Atom document, or CSV with a heading "
                         "line; or say --format native, reddit, twitter, feed or csv");
}

static bool input_begin(struct decode_input *in, const struct decode_options *options,
                        struct arena *memory, struct err *err)
{
    struct decode_plan *plan = in->plan;
    Str head;

    buf_init(&in->rest, DECODE_DOCUMENT_MAX + DECODE_BLOCK_BYTES + INPUT_PADDING);
    in->line = 1;
    in->is_live = options->is_live;
    bool ok = in->is_live ? os_reader_peek_live(in->reader, SNIFF_BYTES, &head, err)
                          : os_reader_peek(in->reader, SNIFF_BYTES, &head, err);
    if (!ok || (plan->format == DECODE_AUTO && !sniff(in, head, options->mapping.len > 0, err)))
        return false;
    if (str_starts(head, S("\xef\xbb\xbf")))
        head = str_sub(head, 3, head.len);
    plan->is_source_default = plan->source.len == 0;
    if (plan->is_source_default)
        plan->source = str_from_cstr(format_sources[plan->format]);
    in->is_heading_due = plan->format == DECODE_CSV;
    return plan->format != DECODE_CSV || csv_plan(plan, head, options->mapping, memory, err);
}

static bool input_create(struct decode_input **out, struct os_reader *reader, Str path,
                         const struct decode_options *options, struct arena *plan_memory,
                         struct err *err)
{
    struct decode_input *in = mem_try_alloc(1, sizeof *in);

    if (!in) {
        os_reader_close(&reader);
        return err_set(err, ERR_NO_MEMORY, "no memory for reading '" STR_F "'", STR_A(path));
    }
    in->reader = reader;
    if (!plan_copy(plan_memory, path, options, &in->plan, err) ||
        !input_begin(in, options, plan_memory, err)) {
        decode_input_close(&in);
        return false;
    }
    *out = in;
    return true;
}

bool decode_input_open(struct decode_input **out, Str path, const struct decode_options *options,
                       struct arena *plan_memory, struct err *err)
{
    struct os_reader *reader = NULL;

    return os_reader_open(&reader, path, err) &&
           input_create(out, reader, path, options, plan_memory, err);
}

bool decode_input_open_bytes(struct decode_input **out, Str name, Str bytes,
                             const struct decode_options *options, struct arena *plan_memory,
                             struct err *err)
{
    struct os_reader *reader = NULL;

    return os_reader_open_bytes(&reader, name, bytes, err) &&
           input_create(out, reader, name, options, plan_memory, err);
}

void decode_input_close(struct decode_input **p)
{
    struct decode_input *in = *p;

    if (!in)
        return;
    os_reader_close(&in->reader);
    buf_deinit(&in->rest);
    mem_free(in);
    *p = NULL;
}

static uint64_t count_lines(Str bytes)
{
    uint64_t lines = 0;

    for (const char *at = bytes.ptr, *end = bytes.ptr + bytes.len;
         at < end && (at = memchr(at, '\n', (size_t)(end - at)));) {
        lines++;
        at++;
    }
    return lines;
}

/* How many bytes of `rest` are whole records; 0 when there is no end of a record in it. */
static size_t whole_records(const struct decode_input *in, uint64_t *lines)
{
    Str rest = buf_str(&in->rest);

    if (in->is_at_end) {
        *lines = count_lines(rest);
        return rest.len;
    }
    if (in->plan->format == DECODE_CSV)
        return csv_whole_records(rest, lines);
    const char *last = rest.len > 0 ? memrchr(rest.ptr, '\n', rest.len) : NULL;
    size_t whole = last ? (size_t)(last - rest.ptr) + 1 : 0;
    *lines = count_lines(str_sub(rest, 0, whole));
    return whole;
}

bool decode_input_would_wait(const struct decode_input *in)
{
    return !in->is_at_end && os_reader_would_wait(in->reader);
}

static bool is_early_end(const struct decode_input *in)
{
    uint64_t lines;

    return in->is_live && in->plan->format != DECODE_FEED && decode_input_would_wait(in) &&
           whole_records(in, &lines) > 0;
}

/* Reads until `rest` holds `wanted` bytes or the file ends; live input ends early. */
static bool input_fill(struct decode_input *in, size_t wanted, struct err *err)
{
    while (in->rest.len < wanted && !in->is_at_end && !is_early_end(in)) {
        Str part;
        bool is_first = in->ordinal == 0 && in->rest.len == 0 && in->line == 1;
        if (!os_reader_read(in->reader, wanted - in->rest.len, &part, err))
            return false;
        in->is_at_end = part.len == 0;
        buf_add(&in->rest, part);
        if (is_first && in->rest.len >= 3 && str_starts(buf_str(&in->rest), S("\xef\xbb\xbf")))
            buf_consume(&in->rest, 3);
        if (in->rest.is_failed)
            return buf_ok(&in->rest, err);
    }
    return true;
}

static bool block_take(struct decode_input *in, struct decode_block *block, size_t len,
                       uint64_t lines, struct err *err)
{
    block->plan = in->plan;
    block->ordinal = in->ordinal++;
    block->first_line = in->line;
    block->too_long_line = 0;
    buf_reset(&block->bytes);
    buf_add(&block->bytes, str_sub(buf_str(&in->rest), 0, len));
    char *padding = buf_reserve(&block->bytes, INPUT_PADDING);
    if (!padding)
        return buf_ok(&block->bytes, err);
    memset(padding, 0, INPUT_PADDING);
    buf_consume(&in->rest, len);
    in->line += lines;
    return true;
}

/* A record without end: drop it up to the next line end and say so in a block of its own. */
static bool block_too_long(struct decode_input *in, struct decode_block *block, struct err *err)
{
    uint64_t line = in->line;

    for (;;) {
        size_t end = str_find_byte(buf_str(&in->rest), '\n');
        if (end < in->rest.len) {
            buf_consume(&in->rest, end + 1);
            break;
        }
        buf_reset(&in->rest);
        if (in->is_at_end)
            break;
        if (!input_fill(in, DECODE_BLOCK_BYTES, err))
            return false;
    }
    in->line++;
    if (!block_take(in, block, 0, 0, err))
        return false;
    block->too_long_line = line;
    return true;
}

static bool document_next(struct decode_input *in, struct decode_block *block, bool *has_block,
                          struct err *err)
{
    if (!input_fill(in, DECODE_DOCUMENT_MAX + 1, err))
        return false;
    if (in->rest.len > DECODE_DOCUMENT_MAX)
        return err_set(err, ERR_LIMIT, "'" STR_F "' is longer than %d bytes", STR_A(in->plan->path),
                       DECODE_DOCUMENT_MAX);
    *has_block = in->rest.len > 0;
    return !*has_block || block_take(in, block, in->rest.len, count_lines(buf_str(&in->rest)), err);
}

bool decode_input_next(struct decode_input *in, struct decode_block *block, bool *has_block,
                       struct err *err)
{
    *has_block = false;
    if (in->plan->format == DECODE_FEED)
        return document_next(in, block, has_block, err);
    for (size_t wanted = DECODE_BLOCK_BYTES;; wanted += DECODE_BLOCK_BYTES) {
        uint64_t lines = 0;
        if (!input_fill(in, wanted, err))
            return false;
        if (in->rest.len == 0)
            return true;
        size_t whole = whole_records(in, &lines);
        *has_block = true;
        if (whole > 0)
            return block_take(in, block, whole, lines, err);
        if (in->rest.len > INPUT_LINE_BYTES_MAX)
            return block_too_long(in, block, err);
    }
}

enum decode_format decode_input_format(const struct decode_input *in)
{
    return in->plan->format;
}

uint64_t decode_input_bytes_in(const struct decode_input *in)
{
    return os_reader_bytes_in(in->reader);
}

Str decode_plan_path(const struct decode_plan *plan)
{
    return plan->path;
}

/* ---- decoder: a block into a batch ----------------------------------------------------------- */

void decode_batch_init(struct decode_batch *batch)
{
    *batch = (struct decode_batch){0};
    arena_init(&batch->arena, BATCH_ARENA_BYTES_MAX);
}

void decode_batch_deinit(struct decode_batch *batch)
{
    vec_deinit(&batch->posts);
    vec_deinit(&batch->rejects);
    arena_deinit(&batch->arena);
}

bool decoder_create(struct decoder **out, struct err *err)
{
    struct decoder *d = mem_try_alloc(1, sizeof *d);

    if (!d)
        return err_set(err, ERR_NO_MEMORY, "no memory for a decoder");
    buf_init(&d->scratch, 4 * DECODE_DOCUMENT_MAX);
    buf_init(&d->extra, 8 * INPUT_LINE_BYTES_MAX);
    if (!json_bulk_create(&d->json, err)) {
        decoder_destroy(&d);
        return false;
    }
    *out = d;
    return true;
}

void decoder_destroy(struct decoder **p)
{
    struct decoder *d = *p;

    if (!d)
        return;
    json_bulk_destroy(&d->json);
    buf_deinit(&d->scratch);
    buf_deinit(&d->extra);
    mem_free(d);
    *p = NULL;
}

/* `line` is followed by readable bytes: the rest of the block and its padding. */
static bool decode_line(struct decoder *d, Str line, struct post *post)
{
    struct err problem = {0};
    JsonNode root;

    if (!json_bulk_parse_padded(d->json, line, &root, &problem))
        return row_refuse(d, "%s", problem.msg);
    if (json_node_type(root) != JSON_OBJECT)
        return row_refuse(d, "not a JSON object");
    switch (d->plan->format) {
    case DECODE_NATIVE:
        return decode_native(d, root, post);
    case DECODE_REDDIT:
        return decode_reddit(d, root, post);
    case DECODE_TWITTER:
        return decode_twitter(d, root, post);
    default:
        UNREACHABLE("not a format of lines");
    }
}

static bool lines_run(struct decoder *d, const struct decode_block *block, struct err *err)
{
    Str rest = buf_str(&block->bytes), line;
    struct post post;

    for (uint64_t number = block->first_line; rest.len > 0; number++) {
        str_cut(rest, '\n', &line, &rest);
        if (str_trim(line).len == 0)
            continue;
        row_begin(d, &post);
        bool is_good = decode_line(d, line, &post) && row_end(d, &post);
        if (!row_keep(d, is_good, &post, number, line))
            return err_arena(err, &d->batch->arena);
    }
    return true;
}

bool decoder_run(struct decoder *d, const struct decode_block *block, struct decode_batch *batch,
                 struct err *err)
{
    arena_reset(&batch->arena);
    vec_reset(&batch->posts);
    vec_reset(&batch->rejects);
    batch->row_count = 0;
    d->plan = block->plan;
    d->batch = batch;
    d->is_exhausted = false;
    if (block->too_long_line > 0) {
        struct post none;
        row_begin(d, &none);
        row_refuse(d, "the line is longer than %llu bytes", INPUT_LINE_BYTES_MAX);
        return row_keep(d, false, NULL, block->too_long_line, STR_NONE) ||
               err_arena(err, &batch->arena);
    }
    if (block->plan->format == DECODE_FEED)
        return feed_run(d, block, err);
    if (block->plan->format == DECODE_CSV)
        return csv_run(d, block, err);
    return lines_run(d, block, err);
}
