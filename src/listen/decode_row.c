#include "listen/decode_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "format/time.h"
#include "listen/references.h"

bool row_refuse(struct decoder *d, const char *format, ...)
{
    if (d->reason[0] != '\0')
        return false;
    va_list args;
    va_start(args, format);
    vsnprintf(d->reason, sizeof d->reason, format, args);
    va_end(args);
    return false;
}

bool row_text(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out)
{
    if (in.len > max_bytes)
        return row_refuse(d, "%s is longer than %zu bytes", what, max_bytes);
    if (in.len > 0 && memchr(in.ptr, '\0', in.len))
        return row_refuse(d, "%s holds a NUL", what);
    if (!arena_try_str(&d->batch->arena, in, out)) {
        d->is_exhausted = true;
        return row_refuse(d, "no memory left");
    }
    return true;
}

bool row_markup(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out)
{
    if (in.len == 0 || !memchr(in.ptr, '&', in.len))
        return row_text(d, what, in, max_bytes, out);
    buf_reset(&d->scratch);
    references_resolve(in, &d->scratch);
    return row_text(d, what, buf_str(&d->scratch), max_bytes, out);
}

bool row_time(struct decoder *d, struct post *post, int64_t ms)
{
    if (ms < DECODE_TIME_MIN_MS || ms >= DECODE_TIME_MAX_MS)
        return row_refuse(d, "created_at is outside 1990 to 2099");
    post->created_at_ms = ms;
    post->has_created_at = true;
    return true;
}

bool row_time_number(struct decoder *d, struct post *post, double value)
{
    int64_t ms;

    return time_from_epoch(value, &ms) ? row_time(d, post, ms)
                                       : row_refuse(d, "created_at is not a time");
}

bool row_time_text(struct decoder *d, struct post *post, Str text)
{
    int64_t ms;

    text = str_trim(text);
    if (text.len == 0)
        return true;
    if (time_parse(text, &ms))
        return row_time(d, post, ms);
    return row_refuse(d, "created_at is not a time: '%.*s'", (int)(text.len < 60 ? text.len : 60),
                      text.ptr);
}

bool row_lang(struct decoder *d, Str in, Str *out)
{
    char code[3];
    size_t len = 0;

    while (len < in.len && in.ptr[len] != '-' && in.ptr[len] != '_')
        len++;
    if (len < 2 || len > 3)
        return true;
    for (size_t i = 0; i < len; i++) {
        char c = (char)(in.ptr[i] | 0x20);
        if (c < 'a' || c > 'z')
            return true;
        code[i] = c;
    }
    Str lang = {code, len};
    if (str_eq(lang, S("und")))
        return true;
    return row_text(d, "lang", lang, sizeof code, out);
}

void row_begin(struct decoder *d, struct post *post)
{
    *post = (struct post){
        .source = d->plan->source,
        .dataset = d->plan->dataset,
        .kind = S("post"),
        .rating = NAN,
        .author = {.followers = POST_UNKNOWN, .verified = POST_UNKNOWN},
        .metrics = {POST_UNKNOWN, POST_UNKNOWN, POST_UNKNOWN, POST_UNKNOWN},
    };
    d->reason[0] = '\0';
}

bool row_end(struct decoder *d, const struct post *post)
{
    if (post->id.len == 0)
        return row_refuse(d, "no id");
    if (post->source.len == 0)
        return row_refuse(d, "no source");
    return true;
}

/* The plan's strings outlive the batch; everything else was copied into it already. */
bool row_keep(struct decoder *d, bool is_good, const struct post *post, uint64_t line, Str raw)
{
    struct decode_batch *batch = d->batch;
    struct decode_reject reject = {.line = line};

    batch->row_count++;
    if (is_good)
        return vec_try_push(&batch->posts, (struct decoded){.post = *post, .line = line});
    ASSERT(d->reason[0] != '\0');
    return !d->is_exhausted &&
           arena_try_str(&batch->arena, str_from_cstr(d->reason), &reject.reason) &&
           arena_try_str(&batch->arena, raw, &reject.raw) && vec_try_push(&batch->rejects, reject);
}
