#include "web/say.h"

#include "web/i18n.h"

static bool is_native(const struct request *req)
{
    return req->env.language == i18n_default();
}

static Str fill(struct request *req, Str pattern, Str values)
{
    size_t size = phrase_size(pattern, values);
    char *out = arena_new(&req->arena, char, size + 1);

    return (Str){out, phrase_fill(out, size, pattern, values)};
}

/* ---- values ---- */

/* '%1' is a name that people gave; %1 without quotes may be a word of ours. */
static bool is_quoted(Str pattern, int number)
{
    char quoted[] = {'\'', '%', (char)('0' + number)};

    return str_find(pattern, (Str){quoted, sizeof quoted}) < pattern.len;
}

/* False: the catalogue does not have it. (Its entry of the empty text is its header.) */
static bool look_up(struct request *req, Str context, Str english, Str *out)
{
    *out = english.len > 0 ? i18n_text(req->env.language, context, english) : english;
    return out->ptr != english.ptr;
}

/* "0.25", "-3", "29.6 %": printf's point becomes the reader's, its hyphen a minus sign; other
 * figures read the same everywhere. */
static Str say_number(struct request *req, Str text)
{
    bool is_share = str_ends(text, S(" %"));
    Str value = str_sub(text, 0, text.len - (is_share ? 2 : 0));
    size_t digits = 0, points = 0, at = str_find_byte(value, '.');

    for (size_t i = 0; i < value.len; i++) {
        digits += value.ptr[i] >= '0' && value.ptr[i] <= '9';
        points += value.ptr[i] == '.';
    }
    bool is_signed = value.len > 0 && value.ptr[0] == '-';
    if (points > 1 || points + is_signed == 0 || at == is_signed || at + 1 == value.len ||
        digits + points + is_signed != value.len)
        return text;
    return arena_printf(&req->arena, "%s" STR_F STR_F STR_F, is_signed ? "\u2212" : "",
                        STR_A(str_sub(text, is_signed, at - is_signed)),
                        STR_A(points > 0 ? req->env.language->decimal : STR_NONE),
                        STR_A(str_sub(text, at + points, text.len)));
}

/* "goal or topic": words of ours that a room joined. */
static Str say_choice(struct request *req, Str value)
{
    size_t at = str_find(value, S(" or "));
    Str head, tail, joint = i18n_text(req->env.language, S("value"), S("or"));

    if (at == value.len || !look_up(req, S("value"), str_sub(value, 0, at), &head))
        return value;
    tail = say_word(req, str_sub(value, at + 4, value.len));
    return arena_printf(&req->arena, STR_F " " STR_F " " STR_F, STR_A(head), STR_A(joint),
                        STR_A(tail));
}

Str say_word(struct request *req, Str english)
{
    Str out;

    if (look_up(req, S("value"), english, &out))
        return out;
    out = say_number(req, english);
    return out.ptr != english.ptr ? out : say_choice(req, english);
}

static bool has_blank(Str value)
{
    return str_find_byte(value, ' ') < value.len;
}

/* A value of several words may be a whole message of ours, as in "@@%1 has a mistake at %2:%3: %4".
 */
static Str say_values(struct request *req, Str pattern, Str values, bool are_messages)
{
    Str said = STR_NONE, value;

    for (int number = 1; str_cut(values, PHRASE_VALUE_END, &value, &values); number++) {
        bool is_name = is_quoted(pattern, number);
        bool may_be_message = are_messages || (!is_name && has_blank(value));
        Str message;
        if (may_be_message && look_up(req, STR_NONE, value, &message))
            value = message;
        else if (!is_name)
            value = say_word(req, value);
        said = arena_printf(&req->arena, STR_F STR_F "%c", STR_A(said), STR_A(value),
                            PHRASE_VALUE_END);
    }
    return said;
}

/* ---- phrases ---- */

static bool has_letters(Str pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if ((pattern.ptr[i] | 0x20) >= 'a' && (pattern.ptr[i] | 0x20) <= 'z')
            return true;
    return false;
}

/* A pattern that is nothing but values ("%1: %2") is the same in every language, and its values may
 * be whole messages. False: the catalogue does not have it; *out is English. */
static bool say_pattern(struct request *req, Str pattern, Str values, Str *out)
{
    bool is_joint = !has_letters(pattern);
    Str translated = pattern, rest;

    if (pattern.len == 0) { /* a name: its one value as it is */
        (void)str_cut(values, PHRASE_VALUE_END, out, &rest);
        return true;
    }
    bool is_known = is_joint || is_native(req) || look_up(req, STR_NONE, pattern, &translated);

    *out = fill(req, translated, is_known ? say_values(req, pattern, values, is_joint) : values);
    return is_known;
}

static bool say_format(struct request *req, struct phrase phrase, Str *out)
{
    char pattern[PHRASE_PATTERN_MAX];

    *out = STR_NONE;
    return phrase.format && phrase_pattern(pattern, sizeof pattern, phrase.format) &&
           say_pattern(req, str_from_cstr(pattern), phrase.values, out);
}

Str say_phrase(struct request *req, struct phrase phrase, Str english)
{
    Str out;

    return !is_native(req) && say_format(req, phrase, &out) ? out : english;
}

Str say_kept(struct request *req, Str kept, Str english)
{
    Str said = STR_NONE, pattern, values, part;

    if (kept.len == 0)
        return english;
    while (phrase_take(&kept, &pattern, &values)) {
        (void)say_pattern(req, pattern, values, &part);
        said = arena_printf(&req->arena, STR_F STR_F, STR_A(said), STR_A(part));
    }
    return said;
}

Str say_text(struct request *req, Str english)
{
    Str out = english;

    if (!is_native(req) && english.len > 0)
        (void)look_up(req, STR_NONE, english, &out);
    return out;
}

Str say_error(struct request *req, const struct err *err)
{
    struct phrase phrases[ERR_PHRASES_MAX];
    size_t count = err_phrases(err, phrases);
    Str said = STR_NONE, part;

    if (count == 0 || is_native(req))
        return str_from_cstr(err->msg);
    for (size_t i = 0; i < count; i++) {
        (void)say_format(req, phrases[i], &part);
        said =
            i == 0 ? part : arena_printf(&req->arena, STR_F ": " STR_F, STR_A(said), STR_A(part));
    }
    return said;
}

Str say_hint(struct request *req, const struct err *err)
{
    return say_phrase(req, err_hint_phrase(err), str_from_cstr(err->hint));
}
