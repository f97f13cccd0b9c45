/* scan.c - names, strings and numbers inside the braces of a tag. */
#include "template.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_name_start(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_name_byte(char byte)
{
    return is_name_start(byte) || (byte >= '0' && byte <= '9');
}

void scan_blanks(struct scan *s)
{
    while (s->at < s->end && is_blank(s->t->text.ptr[s->at]))
        s->at++;
}

bool scan_is_end(struct scan *s)
{
    scan_blanks(s);
    return s->at >= s->end;
}

bool scan_byte(struct scan *s, char byte)
{
    scan_blanks(s);
    if (s->at >= s->end || s->t->text.ptr[s->at] != byte)
        return false;
    s->at++;
    return true;
}

bool scan_name(struct scan *s, Str *name)
{
    scan_blanks(s);
    size_t from = s->at;
    if (from >= s->end || !is_name_start(s->t->text.ptr[from]))
        return false;
    while (s->at < s->end && is_name_byte(s->t->text.ptr[s->at]))
        s->at++;
    *name = str_sub(s->t->text, from, s->at - from);
    return true;
}

Str scan_need_name(struct scan *s, const char *what)
{
    Str name;

    if (!scan_name(s, &name))
        refuse(s->t, s->at, "expected %s", what);
    return name;
}

bool scan_string_next(struct scan *s)
{
    scan_blanks(s);
    return s->at < s->end && s->t->text.ptr[s->at] == '"';
}

Str scan_need_string(struct scan *s)
{
    if (!scan_byte(s, '"'))
        refuse(s->t, s->at, "expected a text in double quotes");
    size_t from = s->at;
    while (s->at < s->end && s->t->text.ptr[s->at] != '"')
        s->at++;
    if (s->at >= s->end)
        refuse(s->t, from, "the text in double quotes does not end inside the tag");
    return str_sub(s->t->text, from, s->at++ - from);
}

bool scan_number(struct scan *s, int64_t *number)
{
    scan_blanks(s);
    size_t from = s->at, at = from;
    if (at < s->end && s->t->text.ptr[at] == '-')
        at++;
    while (at < s->end && s->t->text.ptr[at] >= '0' && s->t->text.ptr[at] <= '9')
        at++;
    if (!str_to_i64(str_sub(s->t->text, from, at - from), number))
        return false;
    s->at = at;
    return true;
}

void scan_finish(struct scan *s)
{
    if (!scan_is_end(s))
        refuse(s->t, s->at, "unexpected '" STR_F "' in the tag",
               STR_A(str_sub(s->t->text, s->at, s->end - s->at)));
}
