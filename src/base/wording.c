#include "base/wording.h"

#include <stdarg.h>

enum { KEPT_BYTES_MAX = 64 * 1024, PHRASE_BYTES = 4096 };

void wording_init(struct wording *w, size_t text_bytes_max)
{
    *w = (struct wording){.is_lost = false};
    buf_init(&w->text, text_bytes_max);
    buf_init(&w->kept, KEPT_BYTES_MAX);
}

void wording_deinit(struct wording *w)
{
    buf_deinit(&w->text);
    buf_deinit(&w->kept);
}

static void keep(struct wording *w, const char *format, Str values)
{
    char pattern[PHRASE_PATTERN_MAX];
    bool is_plain = str_find_byte(values, PHRASE_END) == values.len;

    if (!is_plain || !phrase_pattern(pattern, sizeof pattern, format)) {
        w->is_lost = true;
        return;
    }
    buf_add(&w->kept, str_from_cstr(pattern));
    buf_add_byte(&w->kept, PHRASE_VALUE_END);
    buf_add(&w->kept, values);
    buf_add_byte(&w->kept, PHRASE_END);
}

void wording_add(struct wording *w, const char *format, ...)
{
    char kept[PHRASE_BYTES];
    va_list args;

    va_start(args, format);
    buf_vprintf(&w->text, format, args);
    va_end(args);
    va_start(args, format);
    size_t len = phrase_keep(kept, sizeof kept, format, args);
    va_end(args);
    w->is_lost |= len == 0;
    buf_add(&w->kept, (Str){kept, len});
}

void wording_name(struct wording *w, Str name)
{
    buf_add(&w->text, name);
    for (size_t i = 0; i < name.len; i++)
        w->is_lost |= name.ptr[i] == PHRASE_VALUE_END || name.ptr[i] == PHRASE_END;
    buf_add_byte(&w->kept, PHRASE_VALUE_END); /* no pattern, one value */
    buf_add(&w->kept, name);
    buf_add_byte(&w->kept, PHRASE_VALUE_END);
    buf_add_byte(&w->kept, PHRASE_END);
}

void wording_add_error(struct wording *w, const struct err *err)
{
    struct phrase phrases[ERR_PHRASES_MAX];
    size_t count = err_phrases(err, phrases);

    buf_add(&w->text, str_from_cstr(err->msg));
    w->is_lost = w->is_lost || count == 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            keep(w, ": ", STR_NONE);
        keep(w, phrases[i].format, phrases[i].values);
    }
}

void wording_add_kept(struct wording *w, Str text, Str kept)
{
    buf_add(&w->text, text);
    buf_add(&w->kept, kept);
    w->is_lost |= kept.len == 0;
}

Str wording_kept(const struct wording *w)
{
    bool is_whole = !w->is_lost && !w->text.is_failed && !w->kept.is_failed;

    return is_whole ? buf_str(&w->kept) : S("");
}

bool wording_end(struct wording *w, struct arena *arena, Str *text, Str *kept)
{
    Str words = buf_str(&w->text);

    words.len = str_utf8_invalid_at(words);
    bool ok = arena_try_str(arena, words, text) && arena_try_str(arena, wording_kept(w), kept);
    wording_deinit(w);
    return ok;
}
