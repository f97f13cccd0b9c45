/* Streams: a thread each, which reads, cuts what comes into parcels, and begins anew after a cut.
 *
 * Mastodon: server-sent events. With every connection the pages behind the cursor are fetched
 * first, so a cut loses nothing the server still has. Where a server gives no stream, its pages are
 * polled and the stream is tried again now and then.
 *
 * Jetstream: one JSON event a message. The cursor is the time_us of the last event that was
 * written; a connection begins REWIND_US before it, because events may be reordered where a replay
 * meets the live stream. What comes twice is known by its identity.
 */
#include "base/limits.h"
#include "base/log.h"
#include "flow/listening_priv.h"
#include "format/json.h"
#include "format/time.h"
#include "os/clock.h"
#include "os/web_socket.h"

#define PARCEL_ROWS_MAX   256
#define PARCEL_BYTES_MAX  (4 * 1024 * 1024)
#define PARCEL_MS         200               /* an event waits at most so long for others */
#define PENDING_BYTES_MAX (8 * 1024 * 1024) /* of one server-sent event: the stream is cut */
#define SILENCE_MOST_MS   60000             /* Mastodon sends a heartbeat every 15 s */
#define SILENCE_LEAST_MS  2000
#define CONTACT_MOST_MS   15000                 /* quiet and alive: noted that often */
#define POLLING_MS        (10 * TIME_MINUTE_MS) /* before a stream that was refused is tried again */
#define REWIND_US         INT64_C(5000000)
#define JETSTREAM_KEPT_MS (36 * TIME_HOUR_MS) /* what Jetstream holds by default */

struct reader {
    struct stream_run *run;
    const struct source *source;
    struct source_fetcher fetcher;
    enum decode_format format;
    struct delivery *parcel; /* being filled */
    struct buf bytes;        /* of the parcel */
    struct buf pending;      /* Mastodon: the beginning of an event */
    Str cursor;              /* in the run's arena: of the last event handed on */
    char cursor_text[64];
    int64_t filled_ms;  /* when the parcel got its first event */
    int64_t contact_ms; /* when something was last handed on */
    int64_t failures;   /* connections in a row that failed */
    bool is_caught_up;  /* nothing was missed before this connection */
    bool is_first;      /* of this connection: closes a gap */
    bool has_reported;  /* why this connection ends */
};

static bool is_stopping(const struct reader *rd)
{
    return atomic_load(&rd->run->is_stopping);
}

static int64_t silence_ms(const struct source *s)
{
    int64_t ms = s->expected_ms > 0 ? s->expected_ms : SILENCE_MOST_MS;

    ms = ms < SILENCE_MOST_MS ? ms : SILENCE_MOST_MS;
    return ms > SILENCE_LEAST_MS ? ms : SILENCE_LEAST_MS;
}

/* ---- parcels --------------------------------------------------------------------------------- */

static void cursor_set(struct reader *rd, Str cursor)
{
    if (cursor.len >= sizeof rd->cursor_text)
        return;
    memmove(rd->cursor_text, cursor.ptr, cursor.len);
    rd->cursor = (Str){rd->cursor_text, cursor.len};
}

static struct delivery *delivery_begin(struct reader *rd)
{
    struct delivery *d = delivery_create();

    if (!d)
        return NULL;
    d->is_stream = true;
    d->source = (struct source){.id = rd->source->id,
                                .kind = rd->source->kind,
                                .name = arena_str(&d->arena, rd->source->name),
                                .expected_ms = rd->source->expected_ms};
    d->received_ms = clock_now_ms();
    d->caught.format = rd->format;
    return d;
}

/* Hands on what was collected, or only that the source is heard. */
static void hand_on(struct reader *rd)
{
    struct delivery *d = delivery_begin(rd);

    if (!d)
        return;
    d->rows = rd->parcel ? rd->parcel->rows : 0;
    if (rd->parcel)
        d->received_ms = rd->parcel->received_ms;
    delivery_destroy(&rd->parcel);
    d->caught.contact = (struct source_contact){.source = rd->source->id,
                                                .at_ms = clock_now_ms(),
                                                /* within a connection nothing is missed */
                                                .is_whole = !rd->is_first || rd->is_caught_up};
    if (rd->cursor.len > 0)
        d->caught.contact.cursor = arena_str(&d->arena, rd->cursor);
    if (arena_try_str(&d->arena, buf_str(&rd->bytes), &d->caught.body)) {
        rd->contact_ms = d->caught.contact.at_ms;
        rd->is_first = false;
        runner_stream_push(rd->run->runner, d);
    } else
        delivery_destroy(&d);
    buf_reset(&rd->bytes);
}

static void collect(struct reader *rd, Str event, int64_t rows)
{
    if (!rd->parcel && !(rd->parcel = delivery_begin(rd)))
        return;
    if (rd->parcel->rows == 0)
        rd->filled_ms = clock_now_ms();
    rd->parcel->rows += rows;
    buf_add(&rd->bytes, event);
    if (rd->parcel->rows >= PARCEL_ROWS_MAX || rd->bytes.len >= PARCEL_BYTES_MAX ||
        clock_now_ms() - rd->filled_ms >= PARCEL_MS)
        hand_on(rd);
}

static bool on_idle(void *context)
{
    struct reader *rd = context;
    int64_t now_ms = clock_now_ms(), every = silence_ms(rd->source) / 4;

    if (rd->bytes.len > 0 && now_ms - rd->filled_ms >= PARCEL_MS)
        hand_on(rd);
    else if (now_ms - rd->contact_ms >= (every < CONTACT_MOST_MS ? every : CONTACT_MOST_MS))
        hand_on(rd);
    return !is_stopping(rd);
}

/* A connection failed or ended: the source is told, and the next try waits. */
static void report(struct reader *rd, enum source_trouble trouble, Str message, Str retry_after)
{
    struct delivery *d = delivery_begin(rd);
    struct source told = *rd->source;

    told.health.failures = rd->failures++;
    int64_t now_ms = clock_now_ms(), wait = rd->fetcher.pace.least_ms;
    if (d) {
        source_contact_fail(&rd->fetcher, &told, trouble, arena_str(&d->arena, message),
                            retry_after, now_ms, &d->caught.contact);
        wait = d->caught.contact.next_try_ms - now_ms;
        runner_stream_push(rd->run->runner, d);
    }
    (void)wait_unless(&rd->run->is_stopping, wait);
}

/* ---- Mastodon -------------------------------------------------------------------------------- */

/* https://host/api/v1/timelines/public?local=true -> https://host/api/v1/streaming/public/local */
static Str streaming_url(struct arena *arena, Str address)
{
    Str path, query, timelines = S("/timelines/");
    size_t at = str_find(address, timelines);

    if (at == address.len)
        return address;
    (void)str_cut(str_sub(address, at + timelines.len, address.len), '?', &path, &query);
    Str base = str_sub(address, 0, at);
    if (str_starts(path, S("tag/")))
        return arena_printf(arena, STR_F "/streaming/hashtag?tag=" STR_F, STR_A(base),
                            STR_A(str_sub(path, 4, path.len)));
    bool is_local = str_find(query, S("local=true")) < query.len;
    bool is_remote = str_find(query, S("remote=true")) < query.len;
    return arena_printf(arena, STR_F "/streaming/" STR_F "%s", STR_A(base), STR_A(path),
                        is_local    ? "/local"
                        : is_remote ? "/remote"
                                    : "");
}

/* Pages behind the cursor, handed on as a parcel of their own. False: the contact was told. */
static bool catch_up(struct reader *rd)
{
    struct delivery *d = delivery_begin(rd);
    Str cursor = rd->cursor;

    if (!d)
        return false;
    rd->is_caught_up = cursor.len > 0;
    if (!source_mastodon_pages(&rd->fetcher, &d->arena, rd->source, rd->run->secret, d->received_ms,
                               &cursor, &d->caught)) {
        Str message = arena_str(&rd->run->arena, d->caught.contact.message);
        enum source_trouble trouble = d->caught.contact.trouble;
        delivery_destroy(&d);
        report(rd, trouble, message, STR_NONE);
        return false;
    }
    cursor_set(rd, cursor);
    d->rows = d->caught.body.len > 0 ? 1 : 0;
    d->caught.contact = (struct source_contact){.source = rd->source->id,
                                                .at_ms = d->received_ms,
                                                .is_whole = rd->is_caught_up,
                                                .cursor = arena_str(&d->arena, rd->cursor)};
    rd->contact_ms = d->received_ms;
    runner_stream_push(rd->run->runner, d);
    return true;
}

/* The id of a status in the data of an event; servers write it first. */
static Str status_id(Str event)
{
    Str mark = S("data: {\"id\":\"");
    size_t at = str_find(event, mark);

    if (at == event.len)
        return STR_NONE;
    Str rest = str_sub(event, at + mark.len, event.len);
    return str_sub(rest, 0, str_find_byte(rest, '"'));
}

static bool is_event(Str event, Str name)
{
    Str line, rest;

    (void)str_cut(event, '\n', &line, &rest);
    return str_starts(line, S("event:")) && str_eq(str_trim(str_sub(line, 6, line.len)), name);
}

/* Whole events of what is pending; comments keep the line alive and are no events. */
static void take_events(struct reader *rd)
{
    Str all = buf_str(&rd->pending), rest = all;
    size_t used = 0;

    for (;;) {
        size_t end = str_find(rest, S("\n\n"));
        if (end == rest.len)
            break;
        Str event = str_sub(rest, 0, end + 2);
        used += event.len;
        rest = str_sub(rest, event.len, rest.len);
        while (event.len > 0 && event.ptr[0] == ':') { /* a comment in front */
            Str comment;
            if (!str_cut(event, '\n', &comment, &event))
                event = STR_NONE;
        }
        if (is_event(event, S("update")) && status_id(event).len > 0)
            cursor_set(rd, source_mastodon_later(rd->cursor, status_id(event)));
        if (str_starts(event, S("event:")))
            collect(rd, event, 1);
    }
    buf_consume(&rd->pending, used);
}

static bool on_bytes(void *context, Str bytes)
{
    struct reader *rd = context;

    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != '\r')
            buf_add_byte(&rd->pending, bytes.ptr[i]);
    if (rd->pending.is_failed)
        return false;
    take_events(rd);
    rd->failures = 0;
    return on_idle(rd);
}

static bool on_open(void *context)
{
    struct reader *rd = context;

    rd->is_first = true;
    return true;
}

/* The stream is there and holds what comes from now on: what came before it is fetched. */
static bool on_event_stream(void *context)
{
    struct reader *rd = context;

    rd->is_first = true;
    rd->has_reported = !catch_up(rd);
    return !rd->has_reported;
}

/* True: the server gives no stream here, only pages. */
static bool read_events(struct reader *rd, struct http_client *http)
{
    struct arena arena;
    struct http_response response = {0};
    struct err err = {0};
    bool is_refused = false;

    arena_init(&arena, 4 * MIB);
    struct http_header token = {S("Authorization"),
                                arena_printf(&arena, "Bearer " STR_F, STR_A(rd->run->secret))};
    struct http_request request = {.url = streaming_url(&arena, rd->source->address),
                                   .accept = S("text/event-stream"),
                                   .headers = &token,
                                   .header_count = rd->run->secret.len > 0 ? 1 : 0,
                                   .body_bytes_max = MIB,
                                   .allows_private = rd->fetcher.allows_private,
                                   .cancel = &rd->run->is_stopping};
    struct http_stream stream = {.opened = on_event_stream,
                                 .bytes = on_bytes,
                                 .idle = on_idle,
                                 .context = rd,
                                 .silence_ms = (uint32_t)silence_ms(rd->source)};
    buf_reset(&rd->pending);
    rd->has_reported = false;
    bool ok = http_get_stream(http, &arena, &request, &stream, &response, &err);
    if (rd->bytes.len > 0)
        hand_on(rd);
    if (is_stopping(rd) || rd->has_reported)
        ;
    else if (!ok)
        report(rd, source_trouble_of_error(&err), str_from_cstr(err.msg), STR_NONE);
    else if (response.status == 200)
        report(rd, SOURCE_UNREACHABLE, S("the stream ended"), STR_NONE);
    else {
        is_refused = response.status >= 400 && response.status < 500 && response.status != 429;
        if (!is_refused)
            report(rd, source_trouble_of_status(response.status),
                   arena_printf(&arena, "the server answered with status %d", response.status),
                   response.retry_after);
    }
    arena_deinit(&arena);
    return is_refused;
}

static void read_mastodon(struct reader *rd)
{
    struct http_client *http = NULL, *pages = NULL;
    struct err err = {0};

    if (!http_client_create(&http, &err) || !http_client_create(&pages, &err))
        report(rd, SOURCE_OURS, str_from_cstr(err.msg), STR_NONE);
    rd->fetcher.http = pages;
    while (http && pages && !is_stopping(rd)) {
        if (!read_events(rd, http))
            continue;
        /* No stream here: its pages, a third of the expected interval apart. */
        int64_t until_ms = clock_now_ms() + POLLING_MS, every = silence_ms(rd->source) / 3;
        every = every > rd->fetcher.pace.least_ms ? every : rd->fetcher.pace.least_ms;
        do
            if (catch_up(rd))
                rd->failures = 0;
        while (clock_now_ms() < until_ms && wait_unless(&rd->run->is_stopping, every));
    }
    http_client_destroy(&http);
    http_client_destroy(&pages);
}

/* ---- Jetstream ------------------------------------------------------------------------------- */

static bool time_us_of(Str message, int64_t *out)
{
    Str mark = S("\"time_us\":");
    size_t at = str_find(message, mark), len = 0;
    Str rest = str_sub(message, at + mark.len, message.len);

    if (at == message.len)
        return false;
    while (len < rest.len && rest.ptr[len] >= '0' && rest.ptr[len] <= '9')
        len++;
    return str_to_i64(str_sub(rest, 0, len), out);
}

static bool on_message(void *context, Str message)
{
    struct reader *rd = context;
    int64_t time_us, known_us;
    char text[32];

    if (time_us_of(message, &time_us) &&
        (!str_to_i64(rd->cursor, &known_us) || time_us > known_us)) {
        snprintf(text, sizeof text, "%lld", (long long)time_us);
        cursor_set(rd, str_from_cstr(text));
    }
    rd->failures = 0;
    collect(rd, message, 1);
    if (rd->bytes.len > 0)
        buf_add_byte(&rd->bytes, '\n');
    return !is_stopping(rd);
}

static Str cursor_url(struct arena *arena, struct reader *rd)
{
    Str address = rd->source->address;
    int64_t known_us;

    rd->is_caught_up = false;
    if (!str_to_i64(rd->cursor, &known_us))
        return address;
    rd->is_caught_up = clock_now_ms() - known_us / 1000 < JETSTREAM_KEPT_MS;
    return arena_printf(arena, STR_F "%ccursor=%lld", STR_A(address),
                        str_find_byte(address, '?') < address.len ? '&' : '?',
                        (long long)(known_us > REWIND_US ? known_us - REWIND_US : 0));
}

static void read_jetstream(struct reader *rd)
{
    while (!is_stopping(rd)) {
        struct arena arena;
        struct err err = {0};
        arena_init(&arena, MIB);
        struct web_socket_options options = {.url = cursor_url(&arena, rd),
                                             .allows_private = rd->fetcher.allows_private,
                                             .silence_ms = (uint32_t)silence_ms(rd->source),
                                             .cancel = &rd->run->is_stopping};
        struct web_socket_handler handler = {
            .opened = on_open, .message = on_message, .idle = on_idle, .context = rd};
        bool ok = web_socket_run(&options, &handler, &err);
        if (rd->bytes.len > 0)
            hand_on(rd);
        if (!is_stopping(rd))
            report(rd, ok ? SOURCE_UNREACHABLE : source_trouble_of_error(&err),
                   ok ? S("the stream ended") : str_from_cstr(err.msg), STR_NONE);
        arena_deinit(&arena);
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

void stream_main(void *context)
{
    struct stream_run *run = context;
    struct listening *l = run->runner->listening;
    struct reader rd = {.run = run,
                        .source = &run->source,
                        .fetcher = {.pace = l->options.pace,
                                    .allows_private = l->options.allows_private,
                                    .cancel = &run->is_stopping},
                        .failures = run->source.health.failures,
                        .contact_ms = clock_now_ms()};

    buf_init(&rd.bytes, 2 * PARCEL_BYTES_MAX);
    buf_init(&rd.pending, PENDING_BYTES_MAX);
    cursor_set(&rd, run->source.health.cursor);
    if (!decode_format_from(run->source.format, &rd.format))
        rd.format = DECODE_AUTO;
    if (run->source.kind == SOURCE_MASTODON)
        read_mastodon(&rd);
    else
        read_jetstream(&rd);
    delivery_destroy(&rd.parcel);
    buf_deinit(&rd.bytes);
    buf_deinit(&rd.pending);
    atomic_store(&run->is_over, true);
}

static bool is_streamed(const struct source *s)
{
    return s->kind == SOURCE_MASTODON || s->kind == SOURCE_JETSTREAM;
}

static void stream_end(struct stream_run **p)
{
    struct stream_run *run = *p;

    if (!run)
        return;
    atomic_store(&run->is_stopping, true);
    thread_join(&run->thread);
    arena_deinit(&run->arena);
    mem_free(run);
    *p = NULL;
}

static void stream_begin(struct runner *r, int64_t source)
{
    struct stream_run *run = mem_try_alloc(1, sizeof *run);
    struct err err = {0};

    if (!run)
        return;
    run->runner = r;
    arena_init(&run->arena, MIB);
    bool ok = source_read(&run->arena, r->settings->state, source, &run->source, &err) &&
              source_secret_read(&run->arena, r->settings, run->source.name, &run->secret, &err) &&
              (vec_try_push(&r->streams, run) || err_set(&err, ERR_NO_MEMORY, "no memory"));
    if (ok && !thread_create(&run->thread, "listen.stream", stream_main, run, &err)) {
        r->streams.count--;
        ok = false;
    }
    if (ok) {
        r->listening->stream_count++;
        return;
    }
    log_err(LOG_WARN, "source.failed", &err);
    arena_deinit(&run->arena);
    mem_free(run);
}

static const struct source *find(const struct source *list, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return &list[i];
    return NULL;
}

/* Those whose source is off, gone or changed are told to stop; waiting for them is short, since
 * each looks at its flag several times a second. */
static void stop_stale(struct runner *r, const struct source *list, size_t count)
{
    for (size_t i = r->streams.count; i-- > 0;) {
        struct stream_run *run = r->streams.items[i];
        const struct source *s = find(list, count, run->source.id);
        if (s && s->is_on && s->revision == run->source.revision)
            continue;
        stream_end(&run);
        r->streams.items[i] = r->streams.items[--r->streams.count];
        r->listening->stream_count--;
    }
}

void streams_follow(struct runner *r, const struct source *list, size_t count)
{
    stop_stale(r, list, count);
    for (size_t i = 0; i < count; i++) {
        bool is_running = false;
        if (!list[i].is_on || !is_streamed(&list[i]))
            continue;
        for (size_t k = 0; k < r->streams.count; k++)
            is_running |= r->streams.items[k]->source.id == list[i].id;
        if (!is_running && r->listening->stream_count < LISTENING_STREAMS_MAX)
            stream_begin(r, list[i].id);
    }
}

void streams_stop(struct runner *r)
{
    for (size_t i = 0; i < r->streams.count; i++)
        atomic_store(&r->streams.items[i]->is_stopping, true);
    for (size_t i = 0; i < r->streams.count; i++) {
        stream_end(&r->streams.items[i]);
        r->listening->stream_count--;
    }
    r->streams.count = 0;
}
