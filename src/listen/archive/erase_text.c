#include "listen/archive/erase_text.h"

#include <string.h>

#define GONE S("erased")

/* Shorter ids are numbers that stand for anything: only the author's own member is one. */
enum { ID_BYTES_MIN = 5 };

static bool is_one_of(const Str *items, size_t count, Str text)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].len > 0 && str_eq_nocase(items[i], text))
            return true;
    return false;
}

bool erase_is_person(const struct erase_person *p, Str text)
{
    Str bare = text.len > 1 && text.ptr[0] == '@' ? str_sub(text, 1, text.len) : text;

    return is_one_of(p->handles, p->handle_count, bare) ||
           (text.len >= ID_BYTES_MIN && is_one_of(p->ids, p->id_count, text)) ||
           is_one_of(p->names, p->name_count, text);
}

static bool is_word_byte(Str text, size_t at)
{
    unsigned char c = at < text.len ? (unsigned char)text.ptr[at] : ' ';

    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 0x80;
}

/* Does it stand here, with no letter behind it? */
static bool stands_at(Str text, size_t at, Str word)
{
    return word.len > 0 && at + word.len <= text.len &&
           str_eq_nocase(str_sub(text, at, word.len), word) && !is_word_byte(text, at + word.len);
}

static bool is_long_name(Str name)
{
    return str_find_byte(name, ' ') < name.len;
}

/* Length of what names the person at a place, 0: nothing does. */
static size_t named_at(const struct erase_person *p, Str text, size_t at)
{
    char before = at > 0 ? text.ptr[at - 1] : ' ';
    bool is_quoted = before == '"';

    for (size_t i = 0; i < p->handle_count; i++)
        if ((before == '@' || before == '/' || is_quoted) && stands_at(text, at, p->handles[i]))
            return p->handles[i].len;
    for (size_t i = 0; i < p->id_count; i++)
        if (p->ids[i].len >= ID_BYTES_MIN && (is_quoted || before == '/') &&
            stands_at(text, at, p->ids[i]))
            return p->ids[i].len;
    for (size_t i = 0; i < p->name_count; i++)
        if ((is_quoted || (is_long_name(p->names[i]) && !is_word_byte(text, at - 1))) &&
            stands_at(text, at, p->names[i]))
            return p->names[i].len;
    return 0;
}

void erase_from_text(const struct erase_person *p, Str text, struct buf *out, bool *changed)
{
    size_t kept = 0;

    *changed = false;
    for (size_t at = 0; at < text.len;) {
        size_t len = named_at(p, text, at);
        if (len == 0) {
            at++;
            continue;
        }
        buf_add(out, str_sub(text, kept, at - kept));
        buf_add(out, GONE);
        at += len;
        kept = at;
        *changed = true;
    }
    buf_add(out, str_sub(text, kept, text.len - kept));
}

bool erase_names_person(const struct erase_person *p, Str text)
{
    const Str *const lists[] = {p->handles, p->ids, p->names};
    const size_t counts[] = {p->handle_count, p->id_count, p->name_count};

    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t i = 0; i < counts[l]; i++)
            for (size_t at = 0;
                 (l != 1 || lists[l][i].len >= ID_BYTES_MIN) && at + lists[l][i].len <= text.len;
                 at++)
                if (!is_word_byte(text, at - 1) && stands_at(text, at, lists[l][i]))
                    return true;
    return false;
}
