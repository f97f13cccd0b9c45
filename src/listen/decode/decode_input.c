/* A file cut into blocks of whole records, and what it holds recognised. */
#include <string.h>

#include "format/charset.h"
#include "format/csv.h"
#include "listen/decode/decode_cut.h"
#include "listen/decode/decode_priv.h"
#include "os/reader.h"

#define SNIFF_BYTES     (64 * 1024) /* looked at first; more only while no whole record is there */
#define SNIFF_TRIES_MAX 100         /* records */
#define MARK            S("\xef\xbb\xbf")
#define WEIGHED_ENOUGH  4096 /* characters beyond ASCII: no more are asked for the character set */
#define INPUT_PADDING   INPUT_PADDING_BYTES

/* ---- input: a file cut into blocks ----------------------------------------------------------- */

struct decode_input {
    struct os_reader *reader;
    struct charset_stream charset; /* between the reader and `rest` */
    struct decode_plan *plan;
    struct buf rest;      /* bytes read and not yet handed out */
    uint64_t ordinal;     /* of the next block */
    uint64_t line;        /* of the first byte of `rest` */
    struct value_cut cut; /* of `rest`, FRAMING_VALUES */
    bool is_at_end;       /* of the file */
    bool is_live;         /* as in the options */
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

static uint64_t count_lines(Str bytes)
{
    uint64_t lines = 0;

    for (size_t at = 0; (at += str_find_byte(str_sub(bytes, at, bytes.len), '\n')) < bytes.len;
         at++)
        lines++;
    return lines;
}

/* How many bytes of `rest` are whole records; 0 when there is no end of a record in it. */
static size_t whole_records(struct decode_input *in, uint64_t *lines)
{
    Str rest = buf_str(&in->rest);

    if (in->is_at_end) {
        *lines = count_lines(rest);
        return rest.len;
    }
    if (in->plan->framing == FRAMING_CSV)
        return csv_whole_rows(rest, in->plan->separator, lines);
    if (in->plan->framing == FRAMING_EVENTS)
        return event_cut_whole(rest, lines);
    if (in->plan->framing == FRAMING_VALUES) {
        struct value_found ignored;
        while (value_cut_next(&in->cut, rest, &ignored))
            continue;
        return value_cut_whole(&in->cut, lines);
    }
    const char *last = rest.len > 0 ? memrchr(rest.ptr, '\n', rest.len) : NULL;
    size_t whole = last ? (size_t)(last - rest.ptr) + 1 : 0;
    *lines = count_lines(str_sub(rest, 0, whole));
    return whole;
}

/* ---- recognising ----------------------------------------------------------------------------- */

static Str without_mark(Str text)
{
    return str_starts(text, MARK) ? str_sub(text, MARK.len, text.len) : text;
}

/* The form is told by the first object of a known one. */
static bool sniff_value(struct json_bulk *json, Str text, enum decode_format *out)
{
    struct err ignored = {0};
    JsonNode root;

    if (!json_bulk_parse(json, text, &root, &ignored))
        return false;
    if (json_node_type(root) == JSON_ARRAY)
        root = json_node_at(root, 0);
    if (json_node_type(root) != JSON_OBJECT)
        return false;
    for (int i = 0; i < DECODE_FORMAT_COUNT; i++) {
        if (decode_families[i].is_mine && decode_families[i].is_mine(root)) {
            *out = (enum decode_format)i;
            return true;
        }
    }
    return false;
}

static void sniff_lines(struct json_bulk *json, Str head, enum decode_format *out)
{
    Str line;

    for (int tries = 0; tries < SNIFF_TRIES_MAX && head.len > 0; tries++) {
        str_cut(head, '\n', &line, &head);
        line = str_trim(line);
        if (line.len > 0 && sniff_value(json, line, out))
            return;
    }
}

static void sniff_values(struct json_bulk *json, Str head, enum decode_format *out)
{
    struct value_cut cut = {0};
    struct value_found value;

    for (int tries = 0; tries < SNIFF_TRIES_MAX && value_cut_next(&cut, head, &value); tries++)
        if (value.is_object && sniff_value(json, value.text, out))
            return;
}

/* Names of events are Mastodon's alone; other streams of events are told by their data. */
static void sniff_events(struct json_bulk *json, Str head, struct buf *joined,
                         enum decode_format *out)
{
    struct event_cut cut = {0};
    struct event_found event;

    for (int tries = 0; tries < SNIFF_TRIES_MAX && event_cut_next(&cut, head, joined, &event);
         tries++) {
        if (sniff_value(json, event.data, out))
            return;
        if (str_eq(event.name, S("delete")) || str_eq(event.name, S("update")) ||
            str_eq(event.name, S("notification"))) {
            *out = DECODE_MASTODON;
            return;
        }
    }
}

bool sniff_json(Str head, enum decode_framing framing, enum decode_format *out, struct err *err)
{
    struct json_bulk *json = NULL;
    struct buf joined;

    *out = DECODE_AUTO;
    if (!json_bulk_create(&json, err))
        return false;
    buf_init(&joined, INPUT_LINE_BYTES_MAX);
    if (framing == FRAMING_VALUES)
        sniff_values(json, head, out);
    else if (framing == FRAMING_EVENTS)
        sniff_events(json, head, &joined, out);
    else
        sniff_lines(json, head, out);
    buf_deinit(&joined);
    json_bulk_destroy(&json);
    return true;
}

/* Brackets of a line that are still open at its end; strings are passed over. */
static size_t open_brackets(Str line)
{
    size_t depth = 0;
    bool is_string = false;

    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '['))
            depth++;
        else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return depth;
}

static bool holds_whole_object(Str text)
{
    struct value_cut cut = {0};
    struct value_found value;

    while (value_cut_next(&cut, text, &value))
        if (value.is_object)
            return true;
    return false;
}

/* The first line leaves a bracket open: it is a record that broke off, and the next line is one of
 * its own; or the value goes on there. */
static bool is_broken_record(Str text, Str next)
{
    str_cut(next, '\n', &next, &(Str){0});
    next = str_trim(next);
    return text.ptr[0] == '{' && str_starts(next, S("{")) && !str_ends(next, S(",")) &&
           !holds_whole_object(text);
}

/* Is a line a record, or does a record go over lines? */
static enum decode_framing json_framing(Str text)
{
    Str line, rest;

    if (str_starts(text, S("window.")))
        return FRAMING_VALUES;
    bool is_ended = str_cut(text, '\n', &line, &rest);
    if (!is_ended)
        return text.ptr[0] == '[' && open_brackets(line) > 0 ? FRAMING_VALUES : FRAMING_LINES;
    if (open_brackets(line) == 0)
        return FRAMING_LINES;
    return is_broken_record(text, str_trim(rest)) ? FRAMING_LINES : FRAMING_VALUES;
}

static bool is_json_feed(Str text)
{
    Str beginning = str_sub(text, 0, 1000);

    return str_find(beginning, S("jsonfeed.org/version")) < beginning.len;
}

/* How the file is cut. A mapping is only for CSV: it decides where the heading alone does not tell.
 * False: nothing known. */
static bool framing_of(Str text, enum decode_format format, bool has_mapping,
                       enum decode_framing *out)
{
    bool is_json = text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[');

    if (format == DECODE_FEED || format == DECODE_CSV)
        *out = format == DECODE_FEED ? FRAMING_DOCUMENT : FRAMING_CSV;
    else if (format == DECODE_AUTO && (str_starts(text, S("<")) || is_json_feed(text)))
        *out = FRAMING_DOCUMENT;
    else if (event_cut_looks_like(text))
        *out = FRAMING_EVENTS;
    else if (is_json || str_starts(text, S("window.")))
        *out = json_framing(text);
    else if (format == DECODE_AUTO && text.len > 0 && (has_mapping || csv_looks_like(text)))
        *out = FRAMING_CSV;
    else
        *out = FRAMING_LINES;
    return *out != FRAMING_LINES || is_json || text.len == 0 || format != DECODE_AUTO;
}

static bool refuse_unknown(const struct decode_input *in, struct err *err)
{
    Str path = in->plan->path;

    if (str_eq(path, S("-")))
        err_set(err, ERR_INPUT, "cannot tell the format of standard input");
    else
        err_set(err, ERR_INPUT, "cannot tell the format of '" STR_F "'", STR_A(path));
    return err_hint(err,
                    "JSON objects, one a line or in a list, an RSS or Atom document, or CSV with "
                    "a heading line; or say --format " DECODE_FORMAT_NAMES);
}

static bool input_fill(struct decode_input *in, size_t wanted, struct err *err);

/* A page of an answer may be long: reads on until one record is whole. */
static bool sniff_format(struct decode_input *in, Str head, struct err *err)
{
    enum decode_format format;

    if (!sniff_json(head, in->plan->framing, &format, err))
        return false;
    for (size_t wanted = 4 * SNIFF_BYTES;
         format == DECODE_AUTO && wanted <= INPUT_LINE_BYTES_MAX && !in->is_at_end; wanted *= 4) {
        uint64_t lines;
        if (whole_records(in, &lines) > 0)
            break;
        if (!input_fill(in, wanted, err) ||
            !sniff_json(str_trim(buf_str(&in->rest)), in->plan->framing, &format, err))
            return false;
    }
    in->plan->format = format == DECODE_AUTO ? DECODE_NATIVE : format;
    return true;
}

/* What is read: a file, or bytes that the caller keeps. */
struct origin {
    Str path;
    const Str *bytes; /* NULL: the file */
};

static bool reader_open(struct os_reader **out, const struct origin *origin, struct err *err)
{
    return origin->bytes ? os_reader_open_bytes(out, origin->path, *origin->bytes, err)
                         : os_reader_open(out, origin->path, err);
}

/* A file that breaks off is told when its rows are read. */
static bool weigh_file(const struct origin *origin, struct charset_weight *weight, struct err *err)
{
    struct os_reader *reader = NULL;
    struct err ignored = {0};
    Str part;

    if (!reader_open(&reader, origin, err))
        return false;
    while (os_reader_bytes_out(reader) < DECODE_CHARSET_BYTES_MAX &&
           weight->characters + weight->bad_bytes < WEIGHED_ENOUGH &&
           os_reader_read(reader, DECODE_BLOCK_BYTES, &part, &ignored)) {
        charset_weigh(weight, part);
        if (part.len > 0)
            continue;
        charset_weigh_end(weight);
        break;
    }
    os_reader_close(&reader);
    return true;
}

/* A file is read from its beginning; of a pipe nothing but its head can be looked at twice. */
static bool weigh(const struct origin *origin, bool is_pipe, Str head, enum charset *out,
                  struct err *err)
{
    struct charset_weight weight = {0};

    if (is_pipe)
        charset_weigh(&weight, head);
    else if (!weigh_file(origin, &weight, err))
        return false;
    if (is_pipe && head.len < SNIFF_BYTES)
        charset_weigh_end(&weight);
    *out = charset_weighed(&weight);
    return true;
}

/* The beginning of a file in UTF-8, without a byte order mark, and what it tells. */
struct head {
    struct buf bytes;
    Str text;
    enum charset charset;
    enum decode_framing framing;
    bool is_known; /* the framing */
};

static void head_deinit(struct head *head)
{
    buf_deinit(&head->bytes);
}

static bool head_convert(struct head *head, Str raw, struct err *err)
{
    struct charset_stream stream = {.charset = head->charset};

    buf_reset(&head->bytes);
    charset_add(&stream, raw, &head->bytes);
    head->text = without_mark(buf_str(&head->bytes));
    return buf_ok(&head->bytes, err);
}

/* Only rows of values are taken for Windows-1252: JSON is UTF-8, XML says what it is. */
static bool head_read(struct head *head, struct os_reader *reader, const struct origin *origin,
                      const struct decode_options *options, struct err *err)
{
    Str raw;
    bool has_mapping = options->mapping.len > 0;
    bool ok = options->is_live ? os_reader_peek_live(reader, SNIFF_BYTES, &raw, err)
                               : os_reader_peek(reader, SNIFF_BYTES, &raw, err);

    *head = (struct head){.charset = CHARSET_UTF_8};
    buf_init(&head->bytes, 3 * SNIFF_BYTES + 1);
    if (!ok)
        return false;
    bool has_mark = charset_of_mark(raw, &head->charset) || os_reader_had_mark(reader);
    if (!head_convert(head, raw, err))
        return false;
    head->is_known = framing_of(str_trim(head->text), options->format, has_mapping, &head->framing);
    if (has_mark || !head->is_known || head->framing != FRAMING_CSV)
        return true;
    bool is_pipe = os_reader_size_hint(reader) == 0;
    return weigh(origin, is_pipe, raw, &head->charset, err) && head_convert(head, raw, err);
}

static bool sniff(struct decode_input *in, const struct head *head, struct err *err)
{
    struct decode_plan *plan = in->plan;

    plan->framing = head->framing;
    if (!head->is_known)
        return refuse_unknown(in, err);
    if (plan->framing == FRAMING_DOCUMENT && head->charset != CHARSET_UTF_8) {
        err_set(err, ERR_INPUT, "the feed is in UTF-16, which is not read");
        return err_hint(err, "convert it to UTF-8");
    }
    if (plan->format != DECODE_AUTO)
        return true;
    if (plan->framing == FRAMING_DOCUMENT)
        plan->format = DECODE_FEED;
    else if (plan->framing == FRAMING_CSV)
        plan->format = DECODE_CSV;
    else
        return sniff_format(in, str_trim(head->text), err);
    return true;
}

static bool input_plan(struct decode_input *in, const struct head *head,
                       const struct decode_options *options, struct arena *memory, struct err *err)
{
    struct decode_plan *plan = in->plan;

    in->charset.charset = plan->charset = head->charset;
    if (!sniff(in, head, err))
        return false;
    plan->is_source_default = plan->source.len == 0;
    if (plan->is_source_default)
        plan->source = decode_families[plan->format].source;
    return plan->format != DECODE_CSV || csv_plan(plan, head->text, options->mapping, memory, err);
}

static bool input_begin(struct decode_input *in, const struct origin *origin,
                        const struct decode_options *options, struct arena *memory, struct err *err)
{
    struct head head;

    buf_init(&in->rest, DECODE_DOCUMENT_MAX + DECODE_BLOCK_BYTES + INPUT_PADDING);
    in->line = 1;
    in->is_live = options->is_live;
    bool ok = head_read(&head, in->reader, origin, options, err) &&
              input_plan(in, &head, options, memory, err);
    head_deinit(&head);
    return ok;
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool input_open(struct decode_input **out, const struct origin *origin,
                       const struct decode_options *options, struct arena *plan_memory,
                       struct err *err)
{
    struct decode_input *in = mem_try_alloc(1, sizeof *in);

    if (!in)
        return err_set(err, ERR_NO_MEMORY, "no memory for reading '" STR_F "'",
                       STR_A(origin->path));
    if (!reader_open(&in->reader, origin, err) ||
        !plan_copy(plan_memory, origin->path, options, &in->plan, err) ||
        !input_begin(in, origin, options, plan_memory, err)) {
        decode_input_close(&in);
        return false;
    }
    *out = in;
    return true;
}

bool decode_input_open(struct decode_input **out, Str path, const struct decode_options *options,
                       struct arena *plan_memory, struct err *err)
{
    return input_open(out, &(struct origin){.path = path}, options, plan_memory, err);
}

bool decode_input_open_bytes(struct decode_input **out, Str name, Str bytes,
                             const struct decode_options *options, struct arena *plan_memory,
                             struct err *err)
{
    return input_open(out, &(struct origin){name, &bytes}, options, plan_memory, err);
}

bool decode_columns_read(Str path, const struct decode_options *options, struct arena *memory,
                         struct decode_columns *out, struct err *err)
{
    struct os_reader *reader = NULL;
    struct origin origin = {.path = path};
    struct head head;

    *out = (struct decode_columns){0};
    if (!reader_open(&reader, &origin, err))
        return false;
    bool ok = head_read(&head, reader, &origin, options, err);
    if (ok && head.is_known && head.framing == FRAMING_CSV) {
        out->charset = head.charset;
        ok = csv_preview(out, head.text, options, path, memory, err);
    }
    head_deinit(&head);
    os_reader_close(&reader);
    return ok;
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

/* ---- cutting --------------------------------------------------------------------------------- */

bool decode_input_would_wait(const struct decode_input *in)
{
    return !in->is_at_end && os_reader_would_wait(in->reader);
}

static bool is_early_end(struct decode_input *in)
{
    uint64_t lines;

    return in->is_live && in->plan->framing != FRAMING_DOCUMENT && decode_input_would_wait(in) &&
           whole_records(in, &lines) > 0;
}

/* The one place where bytes come in: at most `most` more in UTF-8, but for the end of a character.
 * Where reading stops depends on the bytes alone, not on the pieces they come in. */
static bool input_read(struct decode_input *in, size_t most, struct err *err)
{
    Str part;
    bool is_first = in->ordinal == 0 && in->rest.len == 0 && in->line == 1;

    if (in->charset.charset != CHARSET_UTF_8)
        most = most < 6 ? 1 : most / 3; /* charset_add() */
    if (!os_reader_read(in->reader, most, &part, err))
        return false;
    in->is_at_end = part.len == 0;
    charset_add(&in->charset, part, &in->rest);
    if (in->is_at_end)
        charset_end(&in->charset, &in->rest);
    if (is_first && str_starts(buf_str(&in->rest), MARK))
        buf_consume(&in->rest, MARK.len);
    return buf_ok(&in->rest, err);
}

/* Reads until `rest` holds `wanted` bytes or the file ends; live input ends early. */
static bool input_fill(struct decode_input *in, size_t wanted, struct err *err)
{
    while (in->rest.len < wanted && !in->is_at_end && !is_early_end(in))
        if (!input_read(in, wanted - in->rest.len, err))
            return false;
    return true;
}

/* The block gets the buffer that was read into, and the little behind its last record moves to the
 * one it brought: a block is not copied. */
static bool block_take(struct decode_input *in, struct decode_block *block, size_t len,
                       uint64_t lines, struct err *err)
{
    struct buf full = in->rest;

    block->plan = in->plan;
    block->ordinal = in->ordinal++;
    block->first_line = in->line;
    block->too_long_line = 0;
    in->rest = block->bytes;
    buf_reset(&in->rest);
    buf_add(&in->rest, str_sub(buf_str(&full), len, full.len));
    buf_truncate(&full, len);
    block->bytes = full;
    char *padding = buf_reserve(&block->bytes, INPUT_PADDING);
    if (!padding)
        return buf_ok(&block->bytes, err);
    memset(padding, 0, INPUT_PADDING);
    in->cut = (struct value_cut){0};
    in->line += lines;
    return buf_ok(&in->rest, err);
}

/* Up to behind the next line end. */
static bool drop_line(struct decode_input *in, struct err *err)
{
    in->line++;
    for (;;) {
        size_t end = str_find_byte(buf_str(&in->rest), '\n');
        if (end < in->rest.len) {
            buf_consume(&in->rest, end + 1);
            return true;
        }
        buf_reset(&in->rest);
        if (in->is_at_end)
            return true;
        if (!input_fill(in, DECODE_BLOCK_BYTES, err))
            return false;
    }
}

/* Up to where the value ends: the cutter knows how deep inside it stands, so what it has looked at
 * may be forgotten. */
static bool drop_value(struct decode_input *in, struct err *err)
{
    struct value_found ended;

    while (!value_cut_next(&in->cut, buf_str(&in->rest), &ended)) {
        buf_consume(&in->rest, in->cut.at);
        in->cut.at = in->cut.from = 0;
        if (!input_read(in, DECODE_BLOCK_BYTES, err))
            return false;
        if (in->is_at_end) {
            buf_reset(&in->rest);
            return true;
        }
    }
    buf_consume(&in->rest, in->cut.at);
    in->line += in->cut.lines;
    return true;
}

/* A record that is too long is dropped, and a block of its own says so. */
static bool block_too_long(struct decode_input *in, struct decode_block *block, struct err *err)
{
    uint64_t line = in->line;

    if (!(in->plan->framing == FRAMING_VALUES ? drop_value(in, err) : drop_line(in, err)))
        return false;
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
    if (in->plan->framing == FRAMING_DOCUMENT)
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
