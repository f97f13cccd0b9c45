#include "listen/decode/decode_cut.h"

#include <string.h>

/* ---- JSON values ----------------------------------------------------------------------------- */

/* Inside an object, outside strings, only these bytes matter. */
static size_t skip_structure(Str bytes, size_t at)
{
    static const bool matters[256] = {
        ['"'] = true, ['\n'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true};

    while (at < bytes.len && !matters[(unsigned char)bytes.ptr[at]])
        at++;
    return at;
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (uint64_t)(value))

/* The top bit of a byte is set where, or above where, that byte of `word` is zero. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80);
}

static size_t skip_string(Str bytes, size_t at)
{
    static const bool matters[256] = {['"'] = true, ['\\'] = true, ['\n'] = true};

    for (; at + 8 <= bytes.len; at += 8) {
        uint64_t word;
        memcpy(&word, bytes.ptr + at, sizeof word);
        if (zero_bytes(word ^ EACH_BYTE('"')) | zero_bytes(word ^ EACH_BYTE('\\')) |
            zero_bytes(word ^ EACH_BYTE('\n')))
            break;
    }
    while (at < bytes.len && !matters[(unsigned char)bytes.ptr[at]])
        at++;
    return at;
}

/* False: the bytes ended. A line end inside a string, which JSON forbids, ends the string: so one
 * missing quote does not swallow the records behind it. */
static bool string_step(struct value_cut *cut, Str bytes, enum value_state behind)
{
    cut->at = skip_string(bytes, cut->at);
    if (cut->at >= bytes.len)
        return false;
    if (bytes.ptr[cut->at] == '\\') {
        if (cut->at + 1 >= bytes.len)
            return false; /* looked at again with its partner */
        cut->at += bytes.ptr[cut->at + 1] == '\n' ? 1 : 2;
        return true;
    }
    cut->state = behind;
    if (bytes.ptr[cut->at] == '"')
        cut->at++;
    return true;
}

static void between_step(struct value_cut *cut, Str bytes)
{
    char c = bytes.ptr[cut->at];

    if (c == '\n')
        cut->lines++;
    if (memchr("\n\r\t ,;[]", c, 8)) {
        cut->at++;
        return;
    }
    cut->from = cut->at;
    cut->from_line = cut->lines;
    cut->state = c == '{' ? VALUE_OBJECT : VALUE_STRAY;
    cut->depth = c == '{' ? 1 : 0;
    cut->at += c == '{' ? 1 : 0;
}

/* True: the object ended. */
static bool object_step(struct value_cut *cut, char c)
{
    cut->at++;
    if (c == '"')
        cut->state = VALUE_STRING;
    else if (c == '\n')
        cut->lines++;
    else if (c == '{' || c == '[')
        cut->depth++;
    else
        cut->depth--;
    return cut->depth == 0;
}

/* True: the stray ended; the byte that ends it is left. */
static bool stray_step(struct value_cut *cut, char c)
{
    if (memchr(",[]{\n", c, 5))
        return true;
    if (c == '"')
        cut->state = VALUE_STRAY_STRING;
    cut->at++;
    return false;
}

static bool found(struct value_cut *cut, Str bytes, bool is_object, struct value_found *out)
{
    out->text = str_sub(bytes, cut->from, cut->at - cut->from);
    out->line = cut->from_line;
    out->is_object = is_object;
    cut->state = VALUE_BETWEEN;
    return true;
}

bool value_cut_next(struct value_cut *cut, Str bytes, struct value_found *out)
{
    while (cut->at < bytes.len) {
        switch (cut->state) {
        case VALUE_BETWEEN:
            between_step(cut, bytes);
            break;
        case VALUE_OBJECT:
            cut->at = skip_structure(bytes, cut->at);
            if (cut->at < bytes.len && object_step(cut, bytes.ptr[cut->at]))
                return found(cut, bytes, true, out);
            break;
        case VALUE_STRAY:
            if (stray_step(cut, bytes.ptr[cut->at]))
                return found(cut, bytes, false, out);
            break;
        case VALUE_STRING:
            if (!string_step(cut, bytes, VALUE_OBJECT))
                return false;
            break;
        case VALUE_STRAY_STRING:
            if (!string_step(cut, bytes, VALUE_STRAY))
                return false;
            break;
        }
    }
    return false;
}

Str value_cut_rest(const struct value_cut *cut, Str bytes)
{
    return cut->state == VALUE_BETWEEN ? STR_NONE : str_sub(bytes, cut->from, bytes.len);
}

size_t value_cut_whole(const struct value_cut *cut, uint64_t *lines)
{
    bool is_between = cut->state == VALUE_BETWEEN;

    *lines = is_between ? cut->lines : cut->from_line;
    return is_between ? cut->at : cut->from;
}

/* ---- server-sent events ---------------------------------------------------------------------- */

static Str without_return(Str line)
{
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? str_sub(line, 0, line.len - 1) : line;
}

/* "data: x" gives "x" for the field "data": one blank behind the colon belongs to neither. */
static bool field_is(Str line, Str field, Str *value)
{
    if (!str_starts(line, field))
        return false;
    *value = str_sub(line, field.len, line.len);
    if (value->len == 0)
        return true;
    if (value->ptr[0] != ':')
        return false;
    size_t blank = value->len > 1 && value->ptr[1] == ' ' ? 2 : 1;
    *value = str_sub(*value, blank, value->len);
    return true;
}

static void add_data(struct event_found *out, Str value, size_t count, struct buf *joined)
{
    if (count == 0) {
        out->data = value;
        return;
    }
    if (count == 1) {
        buf_reset(joined);
        buf_add(joined, out->data);
    }
    buf_add_byte(joined, '\n');
    buf_add(joined, value);
    out->data = buf_str(joined);
}

bool event_cut_next(struct event_cut *cut, Str bytes, struct buf *joined, struct event_found *out)
{
    size_t data_count = 0;
    Str value;

    *out = (struct event_found){.line = cut->lines};
    while (cut->at < bytes.len) {
        Str rest = str_sub(bytes, cut->at, bytes.len);
        size_t end = str_find_byte(rest, '\n');
        Str line = without_return(str_sub(rest, 0, end));
        bool is_ended = end < rest.len;
        cut->at += is_ended ? end + 1 : end;
        cut->lines += is_ended ? 1 : 0;
        if (line.len == 0 && is_ended) {
            if (data_count > 0) {
                out->is_whole = true;
                return true;
            }
            *out = (struct event_found){.line = cut->lines};
        } else if (field_is(line, S("data"), &value)) {
            add_data(out, value, data_count++, joined);
        } else if (field_is(line, S("event"), &value)) {
            out->name = value;
        }
    }
    return data_count > 0;
}

size_t event_cut_whole(Str bytes, uint64_t *lines)
{
    size_t whole = 0;

    *lines = 0;
    for (size_t end = bytes.len; end > 0 && whole == 0;) {
        const char *last = memrchr(bytes.ptr, '\n', end);
        if (!last)
            break;
        end = (size_t)(last - bytes.ptr);
        size_t before = end > 0 && bytes.ptr[end - 1] == '\r' ? end - 1 : end;
        if (before == 0 || bytes.ptr[before - 1] == '\n')
            whole = end + 1;
    }
    for (size_t i = 0; i < whole; i++)
        *lines += bytes.ptr[i] == '\n' ? 1 : 0;
    return whole;
}

bool event_cut_looks_like(Str bytes)
{
    return str_starts(bytes, S("event:")) || str_starts(bytes, S("data:")) ||
           str_starts(bytes, S("retry:")) || str_starts(bytes, S(":"));
}
