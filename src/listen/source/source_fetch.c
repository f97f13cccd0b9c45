#include "listen/source/source_fetch.h"

#include <string.h>

#include "base/limits.h"
#include "format/json.h"
#include "format/time.h"

/* ---- what went wrong ------------------------------------------------------------------------- */

enum source_trouble source_trouble_of_status(int status)
{
    switch (status) {
    case 200:
    case 304:
        return SOURCE_WELL;
    case 401:
    case 403:
        return SOURCE_REFUSED;
    case 404:
        return SOURCE_NOT_FOUND;
    case 410:
        return SOURCE_GONE;
    case 429:
        return SOURCE_RATE_LIMITED;
    default:
        return SOURCE_SERVER_ERROR;
    }
}

enum source_trouble source_trouble_of_error(const struct err *err)
{
    switch (err->code) {
    case ERR_DENIED:
        return SOURCE_NOT_PUBLIC;
    case ERR_LIMIT:
        return SOURCE_TOO_LARGE;
    case ERR_USAGE:
    case ERR_INPUT:
        return SOURCE_NOT_UNDERSTOOD;
    case ERR_IO:
    case ERR_CANCELLED:
        return SOURCE_UNREACHABLE;
    default:
        return SOURCE_OURS;
    }
}

/* Seconds, or a date; 0 when it says nothing. */
static int64_t retry_wait(Str retry_after, int64_t now_ms)
{
    int64_t seconds, at_ms, wait = 0;

    if (str_to_i64(retry_after, &seconds) && seconds > 0)
        wait =
            seconds < SOURCE_RETRY_AFTER_MAX_MS / 1000 ? seconds * 1000 : SOURCE_RETRY_AFTER_MAX_MS;
    else if (time_parse_rfc822(retry_after, &at_ms) && at_ms > now_ms)
        wait = at_ms - now_ms;
    return wait < SOURCE_RETRY_AFTER_MAX_MS ? wait : SOURCE_RETRY_AFTER_MAX_MS;
}

void source_contact_fail(const struct source_fetcher *fetcher, const struct source *source,
                         enum source_trouble trouble, Str message, Str retry_after, int64_t now_ms,
                         struct source_contact *out)
{
    int64_t wait = source_backoff_wait(&fetcher->pace, source->id, source->health.failures + 1);
    int64_t asked = retry_wait(retry_after, now_ms);

    *out = (struct source_contact){.source = source->id,
                                   .at_ms = now_ms,
                                   .trouble = trouble,
                                   .message = message,
                                   .is_final = trouble == SOURCE_GONE,
                                   .next_try_ms = now_ms + (asked > wait ? asked : wait)};
}

static void fail_error(struct source_fetcher *f, struct arena *arena, const struct source *s,
                       const struct err *err, int64_t now_ms, struct source_catch *out)
{
    source_contact_fail(f, s, source_trouble_of_error(err), arena_printf(arena, "%s", err->msg),
                        STR_NONE, now_ms, &out->contact);
}

static void fail_status(struct source_fetcher *f, struct arena *arena, const struct source *s,
                        const struct http_response *response, int64_t now_ms,
                        struct source_catch *out)
{
    source_contact_fail(f, s, source_trouble_of_status(response->status),
                        arena_printf(arena, "the server answered with status %d", response->status),
                        response->retry_after, now_ms, &out->contact);
}

/* ---- feeds ----------------------------------------------------------------------------------- */

static void look_at_feed(struct source_fetcher *f, struct arena *arena, const struct source *s,
                         int64_t now_ms, struct source_catch *out)
{
    struct http_request request = {.url =
                                       s->health.moved_to.len > 0 ? s->health.moved_to : s->address,
                                   .etag = s->health.etag,
                                   .last_modified = s->health.last_modified,
                                   .accept = S("application/atom+xml, application/rss+xml, "
                                               "application/feed+json, application/xml;q=0.9, "
                                               "application/json;q=0.8, */*;q=0.5"),
                                   .body_bytes_max = SOURCE_BODY_BYTES_MAX,
                                   .timeout_ms = SOURCE_POLL_TIMEOUT_MS,
                                   .allows_private = f->allows_private,
                                   .cancel = f->cancel};
    struct http_response response;
    struct err err = {0};

    if (!http_get(f->http, arena, &request, &response, &err)) {
        fail_error(f, arena, s, &err, now_ms, out);
        return;
    }
    if (response.status != 200 && response.status != 304) {
        fail_status(f, arena, s, &response, now_ms, out);
        return;
    }
    out->format = DECODE_FEED;
    out->decides_whole = response.status == 200;
    out->contact = (struct source_contact){.source = s->id, .at_ms = now_ms, .is_whole = true};
    if (response.status == 304)
        return;
    out->body = response.body;
    out->contact.etag = response.etag.len > 0 ? response.etag : S("");
    out->contact.last_modified = response.last_modified.len > 0 ? response.last_modified : S("");
    if (response.is_moved && response.final_url.len <= SOURCE_ADDRESS_BYTES_MAX)
        out->contact.moved_to = response.final_url;
}

/* ---- Mastodon's pages ------------------------------------------------------------------------ */

Str source_mastodon_later(Str a, Str b)
{
    if (a.len != b.len)
        return a.len > b.len ? a : b;
    return str_cmp(a, b) >= 0 ? a : b;
}

struct page {
    struct http_response response;
    size_t count;
    Str last; /* largest id */
};

/* False: the contact says why. */
static bool page_read(struct source_fetcher *f, struct arena *arena, const struct source *s,
                      const struct page *page, int64_t now_ms, struct source_catch *out, Str *last,
                      size_t *count)
{
    const struct json *root;
    struct err err = {0};
    Str id;

    if (page->response.status != 200) {
        fail_status(f, arena, s, &page->response, now_ms, out);
        return false;
    }
    if (!json_parse(arena, page->response.body, &root, &err)) {
        fail_error(f, arena, s, &err, now_ms, out);
        return false;
    }
    if (json_type(root) != JSON_ARRAY) {
        source_contact_fail(f, s, SOURCE_NOT_UNDERSTOOD, S("the answer is no list of posts"),
                            STR_NONE, now_ms, &out->contact);
        return false;
    }
    *count = json_len(root);
    for (size_t i = 0; i < *count; i++)
        if (json_str(json_get(json_at(root, i), "id"), &id))
            *last = source_mastodon_later(*last, id);
    return true;
}

static Str page_url(struct arena *arena, const struct source *s, Str cursor)
{
    bool has_query = str_find_byte(s->address, '?') < s->address.len;
    Str url = arena_printf(arena, STR_F "%climit=%d", STR_A(s->address), has_query ? '&' : '?',
                           SOURCE_PAGE_POSTS);

    return cursor.len == 0 ? url
                           : arena_printf(arena, STR_F "&min_id=" STR_F, STR_A(url), STR_A(cursor));
}

static bool page_get(struct source_fetcher *f, struct arena *arena, const struct source *s,
                     Str secret, Str cursor, int64_t now_ms, struct page *page,
                     struct source_catch *out)
{
    struct http_header token = {S("Authorization"),
                                arena_printf(arena, "Bearer " STR_F, STR_A(secret))};
    struct http_request request = {.url = page_url(arena, s, cursor),
                                   .accept = S("application/json"),
                                   .headers = &token,
                                   .header_count = secret.len > 0 ? 1 : 0,
                                   .body_bytes_max = SOURCE_BODY_BYTES_MAX,
                                   .timeout_ms = SOURCE_POLL_TIMEOUT_MS,
                                   .allows_private = f->allows_private,
                                   .cancel = f->cancel};
    struct err err = {0};

    if (http_get(f->http, arena, &request, &page->response, &err))
        return true;
    fail_error(f, arena, s, &err, now_ms, out);
    return false;
}

bool source_mastodon_pages(struct source_fetcher *f, struct arena *arena, const struct source *s,
                           Str secret, int64_t now_ms, Str *cursor, struct source_catch *out)
{
    struct buf joined;
    bool ok = true, is_more = true;

    buf_init(&joined, (size_t)SOURCE_PAGES_MAX * SOURCE_BODY_BYTES_MAX);
    for (int i = 0; i < SOURCE_PAGES_MAX && is_more && ok; i++) {
        struct page page = {0};
        Str last = *cursor;
        ok = page_get(f, arena, s, secret, *cursor, now_ms, &page, out) &&
             page_read(f, arena, s, &page, now_ms, out, &last, &page.count);
        if (!ok)
            break;
        if (page.count > 0) {
            buf_add(&joined, page.response.body);
            buf_add_byte(&joined, '\n');
        }
        /* Without a cursor there is no way back: the newest page is the beginning. A server that
         * does not know min_id gives the same page again. */
        is_more = cursor->len > 0 && page.count > 0 && !str_eq(last, *cursor);
        *cursor = last;
    }
    out->format = DECODE_AUTO;
    (void)!decode_format_from(S("mastodon"), &out->format);
    if (ok && !arena_try_str(arena, buf_str(&joined), &out->body)) {
        source_contact_fail(f, s, SOURCE_TOO_LARGE, S("the pages are larger than memory allows"),
                            STR_NONE, now_ms, &out->contact);
        ok = false;
    }
    buf_deinit(&joined);
    return ok;
}

static void look_at_timeline(struct source_fetcher *f, struct arena *arena, const struct source *s,
                             Str secret, int64_t now_ms, struct source_catch *out)
{
    Str cursor = s->health.cursor;

    if (!source_mastodon_pages(f, arena, s, secret, now_ms, &cursor, out))
        return;
    out->contact = (struct source_contact){.source = s->id,
                                           .at_ms = now_ms,
                                           .is_whole = s->health.cursor.len > 0,
                                           .cursor = cursor.len > 0 ? cursor : S("")};
}

void source_look(struct source_fetcher *fetcher, struct arena *arena, const struct source *source,
                 Str secret, int64_t now_ms, struct source_catch *out)
{
    *out = (struct source_catch){0};
    if (source->kind == SOURCE_FEED)
        look_at_feed(fetcher, arena, source, now_ms, out);
    else if (source->kind == SOURCE_MASTODON)
        look_at_timeline(fetcher, arena, source, secret, now_ms, out);
    else
        UNREACHABLE("a source that is not polled");
    if (out->contact.trouble == SOURCE_WELL && out->body.len == 0)
        source_catch_settle(fetcher, source, &(struct live_counts){0}, out);
}

/* ---- what came of it ------------------------------------------------------------------------- */

void source_catch_settle(const struct source_fetcher *fetcher, const struct source *source,
                         const struct live_counts *counts, struct source_catch *c)
{
    const struct intake_counts *posts = &counts->posts;
    struct source_contact *contact = &c->contact;
    bool is_first = source->health.last_good_ms == 0;

    if (posts->rejected > 0 && posts->rejected == posts->read) {
        source_contact_fail(fetcher, source, SOURCE_NOT_UNDERSTOOD,
                            str_from_cstr(counts->first_reject), STR_NONE, contact->at_ms, contact);
        contact->read = contact->rejected = (int64_t)posts->rejected;
        return;
    }
    contact->read = (int64_t)posts->read;
    contact->added = (int64_t)posts->added;
    contact->rejected = (int64_t)posts->rejected;
    if (posts->rejected > 0) /* perhaps it broke off: ask for the whole again */
        contact->etag = contact->last_modified = STR_NONE;
    /* A feed that still holds what we know has lost nothing since. */
    if (c->decides_whole)
        contact->is_whole = is_first || posts->duplicate + posts->updated > 0 || posts->added == 0;
    contact->interval_ms = source_interval_next(&fetcher->pace, source->health.interval_ms,
                                                source->expected_ms, contact->added);
    contact->next_try_ms = contact->at_ms + source_poll_wait(&fetcher->pace, source->id,
                                                             contact->at_ms, contact->interval_ms);
}

void source_catch_refuse(const struct source_fetcher *fetcher, struct arena *arena,
                         const struct source *source, const struct err *why, struct source_catch *c)
{
    enum source_trouble trouble = why->code == ERR_INPUT ? SOURCE_NOT_UNDERSTOOD : SOURCE_OURS;

    source_contact_fail(fetcher, source, trouble, arena_printf(arena, "%s", why->msg), STR_NONE,
                        c->contact.at_ms, &c->contact);
}
