#include "listen/decode/decode.h"

#include <stdio.h>
#include <string.h>

#include "listen/decode/decode_cut.h"
#include "listen/decode/decode_priv.h"

/* The formats. Their order is that of recognising: what could be taken for another stands behind
 * it, and native, which asks for least, is asked last. */
const struct decode_family decode_families[DECODE_FORMAT_COUNT] = {
    [DECODE_AUTO] = {.name = "auto", .source = S_INIT("import")},
    [DECODE_TWITTER] = {.name = "twitter",
                        .source = S_INIT("twitter"),
                        .is_mine = twitter_is_mine,
                        .post = decode_twitter,
                        .record = twitter_record},
    [DECODE_MASTODON] = {.name = "mastodon",
                         .source = S_INIT("mastodon"),
                         .is_mine = mastodon_is_mine,
                         .post = decode_mastodon,
                         .record = mastodon_record,
                         .event = mastodon_event},
    [DECODE_BLUESKY] = {.name = "bluesky",
                        .source = S_INIT("bluesky"),
                        .is_mine = bluesky_is_mine,
                        .post = decode_bluesky,
                        .record = bluesky_record},
    [DECODE_REDDIT] = {.name = "reddit",
                       .source = S_INIT("reddit"),
                       .is_mine = reddit_is_mine,
                       .post = decode_reddit,
                       .record = reddit_record},
    [DECODE_HACKERNEWS] = {.name = "hackernews",
                           .source = S_INIT("hackernews"),
                           .is_mine = hackernews_is_mine,
                           .post = decode_hackernews,
                           .record = hackernews_record},
    [DECODE_ACTIVITY] = {.name = "activitystreams",
                         .source = S_INIT("activitystreams"),
                         .is_mine = activity_is_mine,
                         .post = decode_activity,
                         .record = activity_record},
    [DECODE_FEED] = {.name = "feed", .source = S_INIT("feed")},
    [DECODE_CSV] = {.name = "csv", .source = S_INIT("import")},
    [DECODE_NATIVE] = {.name = "native",
                       .source = S_INIT("import"),
                       .is_mine = native_is_mine,
                       .post = decode_native},
};

bool decode_format_from(Str name, enum decode_format *out)
{
    for (int i = 0; i < DECODE_FORMAT_COUNT; i++) {
        if (str_eq(name, str_from_cstr(decode_families[i].name))) {
            *out = (enum decode_format)i;
            return true;
        }
    }
    return false;
}

const char *decode_format_name(enum decode_format format)
{
    ASSERT(format < DECODE_FORMAT_COUNT);
    return decode_families[format].name;
}

/* ---- decoder: a block into a batch ----------------------------------------------------------- */

void decode_batch_init(struct decode_batch *batch)
{
    *batch = (struct decode_batch){0};
    arena_init(&batch->arena, BATCH_ARENA_BYTES_MAX);
}

void decode_batch_deinit(struct decode_batch *batch)
{
    vec_deinit(&batch->posts);
    vec_deinit(&batch->rejects);
    arena_deinit(&batch->arena);
}

bool decoder_create(struct decoder **out, struct err *err)
{
    struct decoder *d = mem_try_alloc(1, sizeof *d);

    if (!d)
        return err_set(err, ERR_NO_MEMORY, "no memory for a decoder");
    buf_init(&d->scratch, 4 * DECODE_DOCUMENT_MAX);
    buf_init(&d->extra, 8 * INPUT_LINE_BYTES_MAX);
    buf_init(&d->joined, 2 * INPUT_LINE_BYTES_MAX);
    map_init(&d->row_counts, MAP_COPY_KEYS, 0);
    if (!json_bulk_create(&d->json, err)) {
        decoder_destroy(&d);
        return false;
    }
    *out = d;
    return true;
}

void decoder_destroy(struct decoder **p)
{
    struct decoder *d = *p;

    if (!d)
        return;
    json_bulk_destroy(&d->json);
    json_bulk_destroy(&d->inner);
    page_index_destroy(&d->index);
    buf_deinit(&d->scratch);
    buf_deinit(&d->extra);
    buf_deinit(&d->joined);
    map_deinit(&d->row_counts);
    mem_free(d);
    *p = NULL;
}

/* An object is a record of the family; of a list each element is one. */
static bool root_run(struct decoder *d, JsonNode root)
{
    const struct decode_family *family = &decode_families[d->plan->format];

    if (json_node_type(root) == JSON_ARRAY) {
        for (JsonIter it = json_node_iter(root); json_iter_next(&it);) {
            d->item++;
            if (json_node_type(it.value) == JSON_ARRAY ? !row_decode(d, it.value)
                                                       : !root_run(d, it.value))
                return false;
        }
        return true;
    }
    return json_node_type(root) == JSON_OBJECT && family->record ? family->record(d, root)
                                                                 : row_decode(d, root);
}

/* The bytes of one record, behind which INPUT_PADDING_BYTES more can be read. */
static bool record_run(struct decoder *d, Str raw, uint64_t line)
{
    struct err problem = {0};
    JsonNode root;

    d->line = line;
    d->raw = raw;
    d->item = 0;
    page_index_clear(d->index); /* its nodes belong to the record before */
    if (!json_bulk_parse_padded(d->json, raw, &root, &problem))
        return row_keep_refused_error(d, &problem);
    return root_run(d, root);
}

static bool lines_run(struct decoder *d, const struct decode_block *block)
{
    Str rest = buf_str(&block->bytes), line;

    for (uint64_t number = block->first_line; rest.len > 0; number++) {
        str_cut(rest, '\n', &line, &rest);
        if (str_trim(line).len > 0 && !record_run(d, line, number))
            return false;
    }
    return true;
}

/* An archive's script begins with "window.YTD.tweets.part0 = ". */
static bool stray_run(struct decoder *d, Str stray, uint64_t line)
{
    stray = str_trim(stray);
    if (str_starts(stray, S("window.")) && str_ends(stray, S("=")))
        return true;
    d->line = line;
    d->raw = stray;
    d->item = 0;
    return row_keep_refused(d, "not a JSON object");
}

static bool values_run(struct decoder *d, const struct decode_block *block)
{
    Str bytes = buf_str(&block->bytes);
    struct value_cut cut = {0};
    struct value_found value;

    while (value_cut_next(&cut, bytes, &value)) {
        uint64_t line = block->first_line + value.line;
        if (value.is_object ? !record_run(d, value.text, line) : !stray_run(d, value.text, line))
            return false;
    }
    Str rest = value_cut_rest(&cut, bytes);
    if (rest.len == 0)
        return true;
    d->line = block->first_line + cut.from_line;
    d->raw = rest;
    d->item = 0;
    return row_keep_refused(d, cut.state == VALUE_STRAY || cut.state == VALUE_STRAY_STRING
                                   ? PHRASE("not a JSON object")
                                   : PHRASE("the file breaks off inside this value"));
}

/* The JSON parser wants padding behind what was joined from several lines. */
static bool event_data_pad(struct decoder *d, const struct event_found *event, Str *data)
{
    *data = event->data;
    if (d->joined.len == 0 || data->ptr != d->joined.ptr)
        return true;
    char *padding = buf_reserve(&d->joined, INPUT_PADDING_BYTES);
    if (!padding)
        return row_exhausted(d);
    memset(padding, 0, INPUT_PADDING_BYTES);
    *data = buf_str(&d->joined);
    return true;
}

static bool events_run(struct decoder *d, const struct decode_block *block)
{
    const struct decode_family *family = &decode_families[d->plan->format];
    Str bytes = buf_str(&block->bytes), data;
    struct event_cut cut = {0};
    struct event_found event;

    buf_reset(&d->joined);
    while (event_cut_next(&cut, bytes, &d->joined, &event)) {
        bool is_done = false;
        d->line = block->first_line + event.line;
        d->item = 0;
        if (!event_data_pad(d, &event, &data))
            return false;
        d->raw = data;
        if (!event.is_whole)
            return row_keep_refused(d, "the stream breaks off inside this event");
        if (family->event && !family->event(d, event.name, data, &is_done))
            return false;
        if (!is_done && !record_run(d, data, d->line))
            return false;
        buf_reset(&d->joined);
    }
    return true;
}

static bool too_long_run(struct decoder *d, const struct decode_block *block)
{
    d->line = block->too_long_line;
    d->raw = STR_NONE;
    d->item = 0;
    return block->plan->framing == FRAMING_VALUES
               ? row_keep_refused(d,
                                  "the value is longer than %llu bytes: split it into records of "
                                  "their own",
                                  INPUT_LINE_BYTES_MAX)
               : row_keep_refused(d,
                                  "the line is longer than %llu bytes: split it into records of "
                                  "their own",
                                  INPUT_LINE_BYTES_MAX);
}

bool decoder_run(struct decoder *d, const struct decode_block *block, struct decode_batch *batch,
                 struct err *err)
{
    arena_reset(&batch->arena);
    vec_reset(&batch->posts);
    vec_reset(&batch->rejects);
    batch->row_count = batch->ignored_count = 0;
    batch->cursor_us = 0;
    batch->charset = block->plan->charset;
    d->plan = block->plan;
    d->batch = batch;
    d->is_exhausted = false;
    if (block->too_long_line > 0)
        return too_long_run(d, block) || err_arena(err, &batch->arena);
    switch (block->plan->framing) {
    case FRAMING_LINES:
        return lines_run(d, block) || err_arena(err, &batch->arena);
    case FRAMING_VALUES:
        return values_run(d, block) || err_arena(err, &batch->arena);
    case FRAMING_EVENTS:
        return events_run(d, block) || err_arena(err, &batch->arena);
    case FRAMING_CSV:
        return csv_run(d, block, err);
    case FRAMING_DOCUMENT:
        return feed_run(d, block, err);
    }
    UNREACHABLE("framing");
}
