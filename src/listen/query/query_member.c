#include "listen/query/query_member.h"

#include <math.h>
#include <string.h>

#include "listen/query/query_field.h"
#include "text/fold.h"

struct emitter {
    struct buf *scratch;
    bool (*emit)(void *context, Str key);
    void *context;
};

static bool emit_folded(const struct emitter *e, Str value)
{
    if (value.len == 0)
        return false;
    buf_reset(e->scratch);
    text_fold(value, FOLD_KEEP_ACCENTS, e->scratch);
    return !e->scratch->is_failed && e->emit(e->context, buf_str(e->scratch));
}

/* A name as it is written and, where that differs, without its accents: a term without any finds
 * both, one with accents only its own. */
static bool emit_name(const struct emitter *e, Str name)
{
    if (emit_folded(e, name))
        return true;
    bool is_ascii = true;
    for (size_t i = 0; i < name.len && is_ascii; i++)
        is_ascii = (unsigned char)name.ptr[i] < 0x80;
    if (is_ascii)
        return false;
    buf_reset(e->scratch);
    text_fold(name, FOLD_STRIP_ACCENTS, e->scratch);
    return !e->scratch->is_failed && e->emit(e->context, buf_str(e->scratch));
}

/* "a.b.c" gives "a.b.c", "b.c", "c". */
static bool emit_host_ends(const struct emitter *e, Str host)
{
    for (size_t at = 0; at < host.len;) {
        if (e->emit(e->context, str_sub(host, at, host.len)))
            return true;
        at += str_find_byte(str_sub(host, at, host.len), '.') + 1;
    }
    return false;
}

/* Host and subdomains, each with the path cut at every / and ?. */
static bool emit_link(const struct emitter *e, Str address)
{
    buf_reset(e->scratch);
    query_address_fold(address, e->scratch);
    if (e->scratch->is_failed)
        return false;
    Str whole = buf_str(e->scratch);
    size_t host = query_address_host(whole).len;
    for (size_t from = 0; from < host;) {
        for (size_t to = host; to <= whole.len; to++)
            if ((to == whole.len || to == host || whole.ptr[to] == '/' || whole.ptr[to] == '?') &&
                e->emit(e->context, str_sub(whole, from, to - from)))
                return true;
        from += str_find_byte(str_sub(whole, from, host - from), '.') + 1;
    }
    return false;
}

/* Calls fn for the named links and the addresses in title and text. */
static bool each_link(const struct emitter *e, const struct post *post,
                      const struct post_tokens *pt, bool (*fn)(const struct emitter *, Str))
{
    for (size_t i = 0; i < post->link_count; i++)
        if (fn(e, post->links[i]))
            return true;
    for (size_t i = 0; i < pt->title_count; i++)
        if (pt->title[i].kind == TOKEN_URL &&
            fn(e, str_sub(post->title, pt->title[i].from, pt->title[i].to - pt->title[i].from)))
            return true;
    for (size_t i = 0; i < pt->body_count; i++)
        if (pt->body[i].kind == TOKEN_URL &&
            fn(e, str_sub(post->text, pt->body[i].from, pt->body[i].to - pt->body[i].from)))
            return true;
    return false;
}

static bool emit_mentions(const struct emitter *e, const struct post *post,
                          const struct post_tokens *pt)
{
    for (size_t i = 0; i < post->mention_count; i++)
        if (emit_folded(e, post->mentions[i]))
            return true;
    for (size_t i = 0; i < pt->title_count; i++)
        if (pt->title[i].kind == TOKEN_MENTION &&
            e->emit(e->context, token_bare(&pt->title[i], pt->title[i].folded)))
            return true;
    for (size_t i = 0; i < pt->body_count; i++)
        if (pt->body[i].kind == TOKEN_MENTION &&
            e->emit(e->context, token_bare(&pt->body[i], pt->body[i].folded)))
            return true;
    return false;
}

static bool emit_lang(const struct emitter *e, Str lang)
{
    size_t primary = 0;

    while (primary < lang.len && lang.ptr[primary] != '-' && lang.ptr[primary] != '_')
        primary++;
    return emit_folded(e, lang) ||
           (primary < lang.len && emit_folded(e, str_sub(lang, 0, primary)));
}

static bool emit_url(const struct emitter *e, Str address)
{
    buf_reset(e->scratch);
    query_address_fold(address, e->scratch);
    return e->scratch->len > 0 && !e->scratch->is_failed &&
           e->emit(e->context, buf_str(e->scratch));
}

/* Labels below a country under which everybody registers: co.uk, com.au, gv.at. */
static bool is_shared_label(Str label)
{
    static const Str labels[] = {
        S_INIT("ac"),   S_INIT("asn"),  S_INIT("co"), S_INIT("com"), S_INIT("edu"), S_INIT("gob"),
        S_INIT("gov"),  S_INIT("govt"), S_INIT("gv"), S_INIT("id"),  S_INIT("ltd"), S_INIT("ne"),
        S_INIT("net"),  S_INIT("nom"),  S_INIT("or"), S_INIT("org"), S_INIT("plc"), S_INIT("go"),
        S_INIT("gouv"), S_INIT("nhs"),  S_INIT("me"), S_INIT("sch")};

    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (str_eq(label, labels[i]))
            return true;
    return false;
}

static size_t label_before(Str host, size_t end)
{
    while (end > 0 && host.ptr[end - 1] != '.')
        end--;
    return end;
}

/* "www.example.co.uk" gives "uk" and "co.uk". */
static bool emit_tld(const struct emitter *e, Str host)
{
    size_t top = label_before(host, host.len);

    if (top == 0)
        return false;
    if (e->emit(e->context, str_sub(host, top, host.len)))
        return true;
    size_t second = label_before(host, top - 1);
    return second > 0 && host.len - top == 2 &&
           is_shared_label(str_sub(host, second, top - 1 - second)) &&
           e->emit(e->context, str_sub(host, second, host.len));
}

static bool emit_site(const struct emitter *e, Str address, bool only_top)
{
    buf_reset(e->scratch);
    query_address_fold(query_address_host(address), e->scratch);
    Str host = buf_str(e->scratch);
    return only_top ? emit_tld(e, host) : emit_host_ends(e, host);
}

/* Skips a JSON string; *at stands on its opening quote. */
static Str json_string_at(Str json, size_t *at)
{
    size_t from = ++*at;

    while (*at < json.len && json.ptr[*at] != '"')
        *at += json.ptr[*at] == '\\' ? 2 : 1;
    size_t to = *at < json.len ? *at : json.len;
    *at = to + 1;
    return str_sub(json, from, to - from);
}

/* A text member of a JSON object as decoders keep it: valid, names without escapes. */
static Str extra_member(Str json, Str name)
{
    unsigned depth = 0;

    for (size_t at = 0; at < json.len;) {
        char c = json.ptr[at];
        if (c != '"') {
            depth += (unsigned)(c == '{' || c == '[');
            depth -= (unsigned)(c == '}' || c == ']');
            at++;
            continue;
        }
        Str text = json_string_at(json, &at);
        while (at < json.len && (json.ptr[at] == ' ' || json.ptr[at] == ':'))
            if (json.ptr[at++] == ':' && depth == 1 && str_eq(text, name)) {
                while (at < json.len && json.ptr[at] == ' ')
                    at++;
                return at < json.len && json.ptr[at] == '"' ? json_string_at(json, &at) : STR_NONE;
            }
    }
    return STR_NONE;
}

static bool emit_channel(const struct emitter *e, const struct post *post)
{
    static const char *const names[] = {"channel", "subreddit", "community", "group"};

    for (size_t i = 0; post->extra.len > 0 && i < COUNT_OF(names); i++)
        if (emit_folded(e, extra_member(post->extra, str_from_cstr(names[i]))))
            return true;
    return false;
}

static bool emit_polarity(const struct emitter *e, enum post_polarity polarity)
{
    static const char *const names[] = {"negative", "neutral", "positive"};

    return polarity != POST_POLARITY_UNKNOWN &&
           e->emit(e->context, str_from_cstr(names[(int)polarity + 1]));
}

bool query_member_is_keyed(enum query_field field, Str key)
{
    bool is_prefix = key.len > 0 && key.ptr[key.len - 1] == '*' &&
                     (field == QUERY_FIELD_URL || field == QUERY_FIELD_LINKS);

    return field < QUERY_FIELD_FOLLOWERS && field != QUERY_FIELD_AUTHOR_LIKE && !is_prefix;
}

bool query_member_keys(enum query_field field, const struct post *post,
                       const struct post_tokens *pt, struct buf *scratch,
                       bool (*emit)(void *context, Str key), void *context)
{
    const struct emitter e = {scratch, emit, context};

    switch (field) {
    case QUERY_FIELD_AUTHOR:
        return emit_folded(&e, post->author.id) || emit_name(&e, post->author.handle) ||
               emit_name(&e, post->author.name);
    case QUERY_FIELD_LANG:
        return emit_lang(&e, post_tokens_lang(pt, post));
    case QUERY_FIELD_SITE:
        return emit_site(&e, post->url, false);
    case QUERY_FIELD_TLD:
        return emit_site(&e, post->url, true);
    case QUERY_FIELD_URL:
        return emit_url(&e, post->url);
    case QUERY_FIELD_LINKS:
        return each_link(&e, post, pt, emit_link);
    case QUERY_FIELD_SOURCE:
        return emit_folded(&e, post->source);
    case QUERY_FIELD_CHANNEL:
        return emit_channel(&e, post);
    case QUERY_FIELD_KIND:
        return emit_folded(&e, post_kind(post));
    case QUERY_FIELD_COUNTRY:
        return emit_folded(&e, post->country);
    case QUERY_FIELD_DATASET:
        return emit_folded(&e, post->dataset);
    case QUERY_FIELD_THREAD:
        return emit_folded(&e, post->thread);
    case QUERY_FIELD_ID:
        return emit_folded(&e, post->id);
    case QUERY_FIELD_REPLY_TO:
        return emit_folded(&e, post->reply_to) || emit_folded(&e, post->reply_to_author);
    case QUERY_FIELD_PRODUCT:
        return emit_folded(&e, extra_member(post->extra, S("product")));
    case QUERY_FIELD_MENTION:
        return emit_mentions(&e, post, pt);
    case QUERY_FIELD_VERIFIED:
        return post->author.verified != POST_UNKNOWN &&
               emit(context, post->author.verified ? S("yes") : S("no"));
    case QUERY_FIELD_SENTIMENT:
        return emit_polarity(&e, pt->polarity);
    default:
        return false;
    }
}

/* --- tests --- */

struct needle {
    Str key;
    bool is_prefix;
};

static bool has_part(void *context, Str value)
{
    const struct needle *needle = context;

    if (needle->is_prefix)
        return str_starts(value, needle->key);
    return str_find(value, needle->key) < value.len;
}

/* links:x.org/ne* : the whole address or one of its subdomain ends begins so. */
static bool link_begins(const struct emitter *e, Str address)
{
    buf_reset(e->scratch);
    query_address_fold(address, e->scratch);
    Str whole = buf_str(e->scratch);
    size_t host = query_address_host(whole).len;
    for (size_t from = 0; from < host;) {
        if (e->emit(e->context, str_sub(whole, from, whole.len)))
            return true;
        from += str_find_byte(str_sub(whole, from, host - from), '.') + 1;
    }
    return false;
}

static bool in_range(double value, double low, double high)
{
    return value >= low && value <= high;
}

static bool known_in_range(int64_t value, double low, double high)
{
    return value != POST_UNKNOWN && in_range((double)value, low, high);
}

static bool engagement_in_range(const struct post_metrics *m, double low, double high)
{
    const int64_t parts[] = {m->likes, m->replies, m->reposts};
    double sum = 0;
    bool is_known = false;

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i] != POST_UNKNOWN) {
            sum += (double)parts[i];
            is_known = true;
        }
    return is_known && in_range(sum, low, high);
}

static double minute_of_day(int64_t ms)
{
    int64_t rest = ms % 86400000;
    int64_t minute = (rest < 0 ? rest + 86400000 : rest) / 60000;

    return (double)minute;
}

bool query_member_test(enum query_field field, Str key, double low, double high,
                       const struct post *post, const struct post_tokens *pt, struct buf *scratch)
{
    bool is_prefix = field != QUERY_FIELD_AUTHOR_LIKE;
    struct needle needle = {is_prefix ? str_sub(key, 0, key.len > 0 ? key.len - 1 : 0) : key,
                            is_prefix};
    const struct emitter e = {scratch, has_part, &needle};

    switch (field) {
    case QUERY_FIELD_AUTHOR_LIKE:
        return emit_name(&e, post->author.handle) || emit_name(&e, post->author.name);
    case QUERY_FIELD_URL:
        return emit_url(&e, post->url);
    case QUERY_FIELD_LINKS:
        return each_link(&e, post, pt, link_begins);
    case QUERY_FIELD_FOLLOWERS:
        return known_in_range(post->author.followers, low, high);
    case QUERY_FIELD_RATING:
        return !isnan(post->rating) && in_range(post->rating, low, high);
    case QUERY_FIELD_ENGAGEMENT:
        return engagement_in_range(&post->metrics, low, high);
    case QUERY_FIELD_VIEWS:
        return known_in_range(post->metrics.views, low, high);
    case QUERY_FIELD_MINUTE:
        return post->has_created_at && in_range(minute_of_day(post->created_at_ms), low, high);
    case QUERY_FIELD_TIME:
        return post->has_created_at && in_range((double)post->created_at_ms, low, high);
    default:
        return false;
    }
}

/* --- raw: --- */

/* Letters and digits; outside of ASCII everything but general punctuation and symbols. */
static bool is_letter(uint32_t rune)
{
    if (rune < 0x80)
        return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') ||
               (rune >= '0' && rune <= '9') || rune == '_';
    return !(rune <= 0xBF || rune == 0xD7 || rune == 0xF7 || (rune >= 0x2000 && rune <= 0x2BFF) ||
             (rune >= 0x3000 && rune <= 0x303F) || (rune >= 0xFE00 && rune <= 0xFE6F) ||
             (rune >= 0x1F000 && rune <= 0x1FAFF));
}

bool query_raw_is_cut_at(Str folded, size_t at)
{
    size_t before = at, after = at;

    if (at == 0 || at >= folded.len)
        return false;
    do
        before--;
    while (before > 0 && ((unsigned char)folded.ptr[before] & 0xC0) == 0x80);
    return is_letter(str_next_rune(folded, &before)) && is_letter(str_next_rune(folded, &after));
}

bool query_raw_stands_in(Str folded, Str key)
{
    for (size_t at = 0; at + key.len <= folded.len; at++) {
        at += str_find(str_sub(folded, at, folded.len), key);
        if (at + key.len > folded.len)
            return false;
        if (!query_raw_is_cut_at(folded, at) && !query_raw_is_cut_at(folded, at + key.len))
            return true;
    }
    return false;
}
