#include "format/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "format/number.h"

/* A row is found first (its end depends on quotes), then split. Between calls the window holds raw
 * bytes not yet used; `scanned` of them are known to hold no row end.
 *
 *   state     byte       next
 *   START     "          QUOTED
 *   START     other      PLAIN (START again at a separator)
 *   PLAIN     separator  START
 *   QUOTED    "          CLOSING
 *   CLOSING   "          QUOTED  (a doubled quote)
 *   CLOSING   separator  START
 *   CLOSING   other      PLAIN   (text behind the closing quote)
 *   any but QUOTED: a line feed ends the row */
enum { TEXT_CHUNK_BYTES = 64 * 1024 };
enum state { STATE_START, STATE_PLAIN, STATE_QUOTED, STATE_CLOSING };

struct csv_reader {
    struct csv_options options;
    csv_more *more;
    void *context;
    struct buf window;
    size_t from; /* first byte of the row in the window */
    size_t scanned;
    enum state state;
    uint64_t line, lines_in_row; /* of the row; line feeds seen inside it */
    /* So many bytes from `from` on were searched in vain for a closing quote. Rows that begin there
     * may not span lines: else a hostile file would have each line searched to the limit. */
    size_t distrusted;
    bool is_end, is_failed;
    bool is_skipping; /* inside the rest of a rejected line */
    struct err failure;
    struct buf cells; /* unquoted fields */
    struct {
        VEC(Str);
    } fields;
};

bool csv_open(struct csv_reader **out, struct csv_options options, csv_more *more, void *context,
              struct err *err)
{
    struct csv_reader *r = mem_try_alloc(1, sizeof *r);

    *out = r;
    if (!r)
        return err_set(err, ERR_NO_MEMORY, "could not read CSV: no memory");
    r->options = options;
    if (r->options.separator == '\0')
        r->options.separator = ',';
    ASSERT(r->options.separator != '"' && r->options.separator != '\n');
    r->more = more;
    r->context = context;
    r->line = 1;
    buf_init(&r->window, 4 * INPUT_LINE_BYTES_MAX);
    buf_init(&r->cells, INPUT_LINE_BYTES_MAX + 1);
    return true;
}

void csv_close(struct csv_reader **r)
{
    if (!*r)
        return;
    buf_deinit(&(*r)->window);
    buf_deinit(&(*r)->cells);
    vec_deinit(&(*r)->fields);
    mem_free(*r);
    *r = NULL;
}

bool csv_more_text(void *context, Str *bytes, struct err *err)
{
    Str *text = context;

    (void)err;
    *bytes = str_sub(*text, 0, TEXT_CHUNK_BYTES);
    *text = str_sub(*text, bytes->len, text->len);
    return true;
}

uint64_t csv_line(const struct csv_reader *r)
{
    return r->line;
}

bool csv_is_final_error(const struct csv_reader *r)
{
    return r->is_failed;
}

static bool fill(struct csv_reader *r, struct err *err)
{
    Str bytes = STR_NONE;

    if (!r->is_failed && !r->more(r->context, &bytes, &r->failure)) {
        r->is_failed = true;
        ASSERT(r->failure.code != ERR_NONE);
    }
    if (r->is_failed) {
        *err = r->failure;
        return false;
    }
    r->is_end = bytes.len == 0;
    buf_consume(&r->window, r->from);
    r->from = 0;
    buf_add(&r->window, bytes);
    if (buf_ok(&r->window, &r->failure))
        return true;
    r->is_failed = true;
    *err = r->failure;
    return false;
}

static enum state step(const struct csv_reader *r, enum state state, char c)
{
    if (c == r->options.separator && state != STATE_QUOTED)
        return STATE_START;
    switch (state) {
    case STATE_START:
        return c == '"' && !r->options.is_plain ? STATE_QUOTED : STATE_PLAIN;
    case STATE_PLAIN:
        return STATE_PLAIN;
    case STATE_QUOTED:
        return c == '"' ? STATE_CLOSING : STATE_QUOTED;
    case STATE_CLOSING:
        return c == '"' ? STATE_QUOTED : STATE_PLAIN;
    }
    UNREACHABLE("all states are listed");
}

/* How many bytes at the front of `bytes` leave the state as it is: nearly all of them. Line feeds
 * count as such only inside quotes. */
static size_t run_length(const struct csv_reader *r, enum state state, Str bytes)
{
    size_t len = 0;

    if (state == STATE_QUOTED)
        return str_find_byte(bytes, '"');
    if (state == STATE_PLAIN)
        while (len < bytes.len && bytes.ptr[len] != '\n' && bytes.ptr[len] != r->options.separator)
            len++;
    return len;
}

static uint64_t count_feeds(Str bytes)
{
    uint64_t count = 0;

    for (size_t at = 0; (at += str_find_byte(str_sub(bytes, at, bytes.len), '\n')) < bytes.len;
         at++)
        count++;
    return count;
}

enum row_end { ROW_FOUND, ROW_NEEDS_MORE, ROW_TORN };

/* Goes on from `scanned`. ROW_FOUND: *len bytes from `from` are the row, its line feed included. */
static enum row_end find_end(struct csv_reader *r, size_t *len)
{
    Str held_bytes = str_sub(buf_str(&r->window), r->from, r->window.len);
    size_t held = held_bytes.len;
    const char *at = held_bytes.ptr;
    enum state state = r->state;

    for (size_t i = r->scanned; i < held; i++) {
        if (i >= r->distrusted) {
            Str run = str_sub(held_bytes, i, held);
            run.len = run_length(r, state, run);
            r->lines_in_row += state == STATE_QUOTED ? count_feeds(run) : 0;
            if ((i += run.len) == held)
                break;
        }
        if (at[i] == '\n' && state != STATE_QUOTED) {
            *len = i + 1;
            return ROW_FOUND;
        }
        if (i < r->distrusted && at[i] == '\n') {
            r->state = state;
            return ROW_TORN;
        }
        r->lines_in_row += at[i] == '\n';
        state = step(r, state, at[i]);
    }
    r->state = state;
    r->scanned = held;
    *len = held;
    if (held > INPUT_LINE_BYTES_MAX || (r->is_end && state == STATE_QUOTED))
        return ROW_TORN;
    return r->is_end ? ROW_FOUND : ROW_NEEDS_MORE;
}

/* The row took `len` bytes; the next one begins behind it. */
static void leave_row(struct csv_reader *r, size_t len)
{
    r->from += len;
    r->distrusted -= len < r->distrusted ? len : r->distrusted;
    r->scanned = 0;
    r->state = STATE_START;
}

static void add_field(struct csv_reader *r, size_t from)
{
    /* The buffer may still move: only the length is right so far. */
    vec_push(&r->fields, (Str){NULL, r->cells.len - from});
}

/* Unquotes the row into `cells`. */
static bool split(struct csv_reader *r, Str row)
{
    enum state state = STATE_START;
    size_t from = 0;

    vec_reset(&r->fields);
    buf_reset(&r->cells);
    for (size_t i = 0; i < row.len; i++) {
        Str run = str_sub(row, i, row.len);
        run.len = run_length(r, state, run);
        buf_add(&r->cells, run);
        if ((i += run.len) == row.len)
            break;
        char c = row.ptr[i];
        enum state next = step(r, state, c);
        if (next == STATE_START) {
            if (r->fields.count + 1 >= CSV_FIELDS_MAX)
                return false;
            add_field(r, from);
            from = r->cells.len;
        } else if (next == STATE_PLAIN || (next == STATE_QUOTED && state != STATE_START))
            buf_add_byte(&r->cells, c);
        state = next;
    }
    add_field(r, from);
    const char *at = r->cells.ptr ? r->cells.ptr : "";
    vec_each (Str, field, &r->fields) {
        field->ptr = at;
        at += field->len;
    }
    return !r->cells.is_failed;
}

/* Drops the rest of the line at `from`, as far as it is here. */
static void skip_line(struct csv_reader *r)
{
    Str held = str_sub(buf_str(&r->window), r->from, r->window.len);
    size_t at = str_find_byte(held, '\n');

    r->is_skipping = at == held.len;
    leave_row(r, at < held.len ? at + 1 : held.len);
}

/* Rejects the row that begins at `from`; reading goes on with the next line. */
static bool reject(struct csv_reader *r, struct err *err, enum err_code code, const char *why)
{
    skip_line(r);
    r->lines_in_row = 1;
    return err_set(err, code, "%s", why); /* its place: csv_line() */
}

static bool reject_torn(struct csv_reader *r, struct err *err)
{
    size_t held = r->window.len - r->from;

    /* Cut by the limit, a row over several lines may stand between two quoted fields. */
    if (r->state != STATE_QUOTED && r->lines_in_row == 0)
        return reject(r, err, ERR_LIMIT, "the row is too long");
    if (r->distrusted == 0)
        r->distrusted = held;
    return reject(r, err, ERR_INPUT, "a quote is opened and never closed");
}

/* Finds the row at `from`, reading more as needed. *len 0: the end. */
static bool find_row(struct csv_reader *r, size_t *len, struct err *err)
{
    r->lines_in_row = 0;
    r->scanned = 0;
    r->state = STATE_START;
    while (r->is_skipping && !r->is_end) {
        if (!fill(r, err))
            return false;
        skip_line(r);
    }
    for (;;) {
        switch (find_end(r, len)) {
        case ROW_FOUND:
            return true;
        case ROW_TORN:
            return reject_torn(r, err);
        case ROW_NEEDS_MORE:
            if (!fill(r, err))
                return false;
        }
    }
}

static Str without_line_end(Str row)
{
    if (str_ends(row, S("\n")))
        row.len--;
    if (str_ends(row, S("\r")))
        row.len--;
    return row;
}

size_t csv_whole_rows(Str bytes, char separator, uint64_t *lines)
{
    const struct csv_reader scan = {.options = {.separator = separator}};
    enum state state = STATE_START;
    size_t whole = 0;
    uint64_t count = 0;

    *lines = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        Str run = str_sub(bytes, i, bytes.len);
        run.len = run_length(&scan, state, run);
        count += state == STATE_QUOTED ? count_feeds(run) : 0;
        if ((i += run.len) == bytes.len)
            break;
        if (bytes.ptr[i] == '\n' && state != STATE_QUOTED) {
            whole = i + 1;
            *lines = ++count;
            state = STATE_START;
        } else
            state = step(&scan, state, bytes.ptr[i]);
    }
    return whole;
}

bool csv_next(struct csv_reader *r, struct csv_row *row, bool *has_row, struct err *err)
{
    size_t len = 0;
    Str text;

    *has_row = false;
    do {
        r->line += r->lines_in_row;
        if (!find_row(r, &len, err))
            return false;
        r->lines_in_row++; /* its own line feed */
        text = without_line_end(str_sub(buf_str(&r->window), r->from, len));
        if (len == 0)
            return true;
        if (text.len == 0)
            leave_row(r, len);
    } while (text.len == 0);
    if (text.len > INPUT_LINE_BYTES_MAX || !split(r, text))
        return reject(r, err, ERR_LIMIT, "the row is too long or has too many fields");
    leave_row(r, len);
    *row = (struct csv_row){r->fields.items, r->fields.count, r->line};
    *has_row = true;
    return true;
}

/* Sniffing: rows of the sample that have the same number of separators as the first one. */

struct census {
    size_t first, rows, same;
};

static void count_row(struct census *census, size_t separators)
{
    if (census->rows == 0)
        census->first = separators;
    census->rows++;
    census->same += separators == census->first;
}

static struct census count_separators(Str sample, char separator)
{
    struct csv_reader scan = {.options = {.separator = separator}};
    struct census census = {0};
    enum state state = STATE_START;
    size_t count = 0, row_from = 0;

    for (size_t i = 0; i < sample.len; i++) {
        char c = sample.ptr[i];
        if (c == '\n' && state != STATE_QUOTED) {
            if (without_line_end(str_sub(sample, row_from, i - row_from)).len > 0)
                count_row(&census, count);
            count = 0;
            row_from = i + 1;
            state = STATE_START;
            continue;
        }
        state = step(&scan, state, c);
        count += state == STATE_START;
    }
    if (census.rows == 0 && sample.len > row_from)
        count_row(&census, count); /* a single line; a cut last one else does not count */
    return census;
}

char csv_sniff(Str sample)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    double best = 0;
    char found = ',';

    for (size_t i = 0; i < sizeof candidates; i++) {
        struct census census = count_separators(sample, candidates[i]);
        if (census.first == 0)
            continue;
        double even = (double)census.same / (double)census.rows;
        /* Evenness first; among equals the one that makes more fields. */
        double score = even * even + 0.01 * (double)(census.first < 50 ? census.first : 50);
        if (score > best) {
            best = score;
            found = candidates[i];
        }
    }
    return found;
}

/* Writing */

void csv_writer_init(struct csv_writer *w, struct buf *out, char separator, bool is_formula_safe)
{
    *w =
        (struct csv_writer){.out = out, .separator = separator, .is_formula_safe = is_formula_safe};
}

static void separate(struct csv_writer *w)
{
    if (w->has_fields)
        buf_add_byte(w->out, w->separator);
    w->has_fields = true;
}

/* What spreadsheets take for a formula, but for plain numbers such as -5. */
static bool is_formula(Str value)
{
    double number;

    return value.len > 0 && value.ptr[0] != '\0' && memchr("=+-@\t\r\n|%", value.ptr[0], 9) &&
           !str_to_f64(value, &number);
}

void csv_put_str(struct csv_writer *w, Str value)
{
    bool has_guard = w->is_formula_safe && is_formula(value);
    /* A row of one empty field would else be an empty line. */
    bool is_quoted = has_guard || (value.len == 0 && !w->has_fields);

    separate(w);
    for (size_t i = 0; i < value.len && !is_quoted; i++)
        is_quoted = value.ptr[i] == '"' || value.ptr[i] == '\n' || value.ptr[i] == '\r' ||
                    value.ptr[i] == w->separator;
    if (value.len > 0 && (value.ptr[0] == ' ' || value.ptr[value.len - 1] == ' '))
        is_quoted = true;
    if (!is_quoted) {
        buf_add(w->out, value);
        return;
    }
    buf_add(w->out, has_guard ? S("\"'") : S("\""));
    for (Str head, rest = value; rest.len > 0;) {
        bool has_quote = str_cut(rest, '"', &head, &rest);
        buf_add(w->out, head);
        if (has_quote)
            buf_lit(w->out, "\"\"");
    }
    buf_add_byte(w->out, '"');
}

void csv_put_i64(struct csv_writer *w, int64_t value)
{
    separate(w);
    buf_printf(w->out, "%" PRId64, value);
}

void csv_put_f64(struct csv_writer *w, double value)
{
    char text[NUMBER_TEXT_SIZE];

    separate(w);
    if (isfinite(value))
        buf_add(w->out, (Str){text, number_shortest(text, value)});
}

void csv_end_row(struct csv_writer *w)
{
    buf_add_byte(w->out, '\n');
    w->has_fields = false;
}
