#include "listen/decode/decode_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/wording.h"
#include "format/html_to_text.h"
#include "format/time.h"
#include "listen/decode/references.h"
#include "listen/query/query_field.h"

static bool refuse(struct decoder *d, const char *format, va_list args)
{
    va_list again;

    if (d->reason[0] != '\0')
        return false;
    va_copy(again, args);
    vsnprintf(d->reason, sizeof d->reason, format, args);
    d->kept_len = phrase_keep(d->kept, sizeof d->kept, format, again);
    va_end(again);
    return false;
}

bool row_refuse(struct decoder *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)refuse(d, format, args);
    va_end(args);
    return false;
}

bool row_refuse_error(struct decoder *d, const struct err *why)
{
    struct wording w;

    if (d->reason[0] != '\0')
        return false;
    wording_init(&w, sizeof d->reason);
    wording_add_error(&w, why);
    row_refuse(d, "%s", why->msg);
    Str kept = wording_kept(&w);
    d->kept_len = kept.len <= sizeof d->kept ? kept.len : 0;
    if (d->kept_len > 0)
        memcpy(d->kept, kept.ptr, kept.len);
    wording_deinit(&w);
    return false;
}

bool row_ignore(struct decoder *d)
{
    d->is_ignored = true;
    return false;
}

bool row_exhausted(struct decoder *d)
{
    d->is_exhausted = true;
    return row_refuse(d, "no memory left");
}

bool row_text(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out)
{
    if (in.len > max_bytes)
        return row_refuse(d, "%s is longer than %zu bytes", what, max_bytes);
    if (in.len > 0 && memchr(in.ptr, '\0', in.len))
        return row_refuse(d, "%s holds a NUL", what);
    return arena_try_str(&d->batch->arena, in, out) || row_exhausted(d);
}

bool row_markup(struct decoder *d, const char *what, Str in, size_t max_bytes, Str *out)
{
    if (in.len == 0 || !memchr(in.ptr, '&', in.len))
        return row_text(d, what, in, max_bytes, out);
    buf_reset(&d->scratch);
    references_resolve(in, &d->scratch);
    return row_text(d, what, buf_str(&d->scratch), max_bytes, out);
}

/* ---- what is collected one by one ------------------------------------------------------------ */

static bool collect(struct decoder *d, Str in, size_t max_bytes, Str *list, size_t *count)
{
    if (in.len == 0 || in.len > max_bytes || *count == POST_LINKS_MAX)
        return true;
    for (size_t i = 0; i < *count; i++)
        if (list[i].len == in.len && str_eq(list[i], in))
            return true;
    return row_text(d, "an address", in, max_bytes, &list[*count]) && ++*count > 0;
}

bool row_link(struct decoder *d, Str address)
{
    return collect(d, address, DECODE_URL_BYTES_MAX, d->links, &d->link_count);
}

bool row_mention(struct decoder *d, Str handle)
{
    if (str_starts(handle, S("@")))
        handle = str_sub(handle, 1, handle.len);
    return collect(d, handle, DECODE_ID_BYTES_MAX, d->mentions, &d->mention_count);
}

static bool hand_over(struct decoder *d, const Str *list, size_t count, const Str **out,
                      size_t *out_count)
{
    if (count == 0)
        return true;
    Str *copy = arena_try_new(&d->batch->arena, Str, count);
    if (!copy)
        return row_exhausted(d);
    memcpy(copy, list, count * sizeof *copy);
    *out = copy;
    *out_count = count;
    return true;
}

/* Mentions and hashtags are links too, but lead to no page somebody recommends. A failure stays in
 * the decoder's reason. */
static void keep_html_link(void *context, Str href, Str classes)
{
    struct decoder *d = context;
    Str one;

    while (classes.len > 0) {
        str_cut(classes, ' ', &one, &classes);
        if (str_eq(one, S("mention")) || str_eq(one, S("hashtag")))
            return;
    }
    if (str_starts(href, S("http://")) || str_starts(href, S("https://")))
        (void)!row_link(d, href);
}

bool row_html(struct decoder *d, const char *what, Str html, Str *out)
{
    if (html.len > 8 * POST_TEXT_BYTES_MAX)
        return row_refuse(d, "%s is longer than %llu bytes", what, 8 * POST_TEXT_BYTES_MAX);
    buf_reset(&d->scratch);
    html_to_text(html, &d->scratch, keep_html_link, d);
    return d->reason[0] == '\0' &&
           row_text(d, what, buf_str(&d->scratch), POST_TEXT_BYTES_MAX, out);
}

bool row_source_of_host(struct decoder *d, Str address, struct post *post)
{
    Str host = query_address_host(address);

    return !d->plan->is_source_default || host.len == 0 ||
           row_text(d, "source", host, 200, &post->source);
}

/* ---- times and codes ------------------------------------------------------------------------- */

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

bool row_country(struct decoder *d, Str in, Str *out)
{
    if (in.len != 2)
        return in.len == 0 || row_refuse(d, "country is not a two-letter code");
    char code[2] = {(char)(in.ptr[0] & ~0x20), (char)(in.ptr[1] & ~0x20)};
    if (code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z')
        return row_refuse(d, "country is not a two-letter code");
    return row_text(d, "country", (Str){code, 2}, 2, out);
}

/* ---- the way of a row ---------------------------------------------------------------------- */

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
    d->kept_len = 0;
    d->link_count = d->mention_count = 0;
    d->is_ignored = false;
}

/* Some notices repeat what they take away. */
static void forget_content(struct decoder *d, struct post *post)
{
    struct post gone = *post;

    row_begin(d, post);
    post->event = POST_DELETE;
    post->id = gone.id;
    post->source = gone.source;
    post->kind = gone.kind;
    post->created_at_ms = gone.created_at_ms;
    post->has_created_at = gone.has_created_at;
    post->dataset = gone.dataset;
}

bool row_end(struct decoder *d, struct post *post)
{
    if (post->id.len == 0)
        return row_refuse(d, "no id");
    if (post->source.len == 0)
        return row_refuse(d, "no source");
    if (post->event == POST_DELETE) {
        forget_content(d, post);
        return true;
    }
    return hand_over(d, d->links, d->link_count, &post->links, &post->link_count) &&
           hand_over(d, d->mentions, d->mention_count, &post->mentions, &post->mention_count);
}

static bool copy_reason(struct decoder *d, struct decode_reject *reject)
{
    struct arena *a = &d->batch->arena;
    Str reason = str_from_cstr(d->reason), kept = {d->kept, d->kept_len};
    struct wording w;

    if (d->item == 0)
        return arena_try_str(a, reason, &reject->reason) && arena_try_str(a, kept, &reject->kept);
    wording_init(&w, DECODE_REASON_BYTES_MAX + 32);
    wording_add(&w, "item %llu: ", (unsigned long long)d->item);
    wording_add_kept(&w, reason, kept);
    return wording_end(&w, a, &reject->reason, &reject->kept);
}

/* The plan's strings outlive the batch; everything else was copied into it already. */
bool row_keep(struct decoder *d, bool is_good, const struct post *post, uint64_t line, Str raw)
{
    struct decode_batch *batch = d->batch;
    struct decode_reject reject = {.line = line, .item = d->item};

    if (!is_good && d->is_ignored && !d->is_exhausted) {
        batch->ignored_count++;
        return true;
    }
    batch->row_count++;
    if (is_good)
        return vec_try_push(&batch->posts, (struct decoded){.post = *post, .line = line});
    ASSERT(d->reason[0] != '\0');
    return !d->is_exhausted && copy_reason(d, &reject) &&
           arena_try_str(&batch->arena, raw, &reject.raw) && vec_try_push(&batch->rejects, reject);
}

/* A part of a record is written again, so that it can be mended and imported by itself. */
static Str raw_of(struct decoder *d, JsonNode node)
{
    if (d->item == 0)
        return d->raw;
    buf_reset(&d->extra);
    json_node_write(node, &d->extra);
    return buf_str(&d->extra);
}

bool row_decode(struct decoder *d, JsonNode node)
{
    const struct decode_family *family = &decode_families[d->plan->format];
    struct post post;

    row_begin(d, &post);
    bool is_good = json_node_type(node) == JSON_OBJECT ? family->post(d, node, &post)
                                                       : row_refuse(d, "not a JSON object");
    is_good = is_good && row_end(d, &post);
    return row_keep(d, is_good, &post, d->line, is_good ? STR_NONE : raw_of(d, node));
}

bool row_decode_each(struct decoder *d, JsonNode list)
{
    for (JsonIter it = json_node_iter(list); json_iter_next(&it);) {
        d->item++;
        if (!row_decode(d, it.value))
            return false;
    }
    return true;
}

bool row_keep_refused(struct decoder *d, const char *format, ...)
{
    struct post none;
    va_list args;

    row_begin(d, &none);
    va_start(args, format);
    (void)refuse(d, format, args);
    va_end(args);
    return row_keep(d, false, &none, d->line, d->raw);
}

bool row_keep_refused_error(struct decoder *d, const struct err *why)
{
    struct post none;

    row_begin(d, &none);
    row_refuse_error(d, why);
    return row_keep(d, false, &none, d->line, d->raw);
}

bool row_keep_ignored(struct decoder *d)
{
    d->batch->ignored_count++;
    return true;
}
