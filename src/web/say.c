#include "web/say.h"

#include "web/i18n.h"

enum { PATTERN_BYTES_MAX = 512 };

static Str fill(struct request *req, Str pattern, Str values)
{
    size_t size = phrase_size(pattern, values);
    char *out = arena_new(&req->arena, char, size + 1);

    return (Str){out, phrase_fill(out, size, pattern, values)};
}

/* '%1' is a name that people gave; %1 without quotes may be a word of ours. */
static bool is_quoted(Str pattern, int number)
{
    char quoted[] = {'\'', '%', (char)('0' + number)};

    return str_find(pattern, (Str){quoted, sizeof quoted}) < pattern.len;
}

static Str say_values(struct request *req, Str pattern, Str values)
{
    Str said = STR_NONE, value;

    for (int number = 1; str_cut(values, PHRASE_VALUE_END, &value, &values); number++) {
        if (!is_quoted(pattern, number))
            value = i18n_text(req->env.language, S("value"), value);
        said = arena_printf(&req->arena, STR_F STR_F "%c", STR_A(said), STR_A(value),
                            PHRASE_VALUE_END);
    }
    return said;
}

/* False: the catalogue does not have it. */
static bool translate(struct request *req, struct phrase phrase, Str *out)
{
    char bytes[PATTERN_BYTES_MAX];

    if (!phrase.format || !phrase_pattern(bytes, sizeof bytes, phrase.format))
        return false;
    Str pattern = str_from_cstr(bytes);
    Str translated = i18n_text(req->env.language, STR_NONE, pattern);
    if (translated.ptr == pattern.ptr)
        return false;
    *out = fill(req, translated, say_values(req, pattern, phrase.values));
    return true;
}

Str say_phrase(struct request *req, struct phrase phrase, Str english)
{
    Str out;

    return translate(req, phrase, &out) ? out : english;
}

/* A format that is nothing but values ("%s: %s") says the same in every language. */
static Str say_part(struct request *req, struct phrase phrase)
{
    char pattern[PATTERN_BYTES_MAX];
    Str out;

    if (translate(req, phrase, &out))
        return out;
    if (!phrase_pattern(pattern, sizeof pattern, phrase.format))
        return STR_NONE;
    Str english = str_from_cstr(pattern);
    return fill(req, english, phrase.values);
}

Str say_error(struct request *req, const struct err *err)
{
    struct phrase phrases[ERR_PHRASES_MAX];
    size_t count = err_phrases(err, phrases);
    Str said = STR_NONE;

    if (count == 0 || req->env.language == i18n_default())
        return str_from_cstr(err->msg);
    for (size_t i = 0; i < count; i++) {
        Str part = say_part(req, phrases[i]);
        said =
            i == 0 ? part : arena_printf(&req->arena, STR_F ": " STR_F, STR_A(said), STR_A(part));
    }
    return said;
}

Str say_hint(struct request *req, const struct err *err)
{
    return say_phrase(req, err_hint_phrase(err), str_from_cstr(err->hint));
}
