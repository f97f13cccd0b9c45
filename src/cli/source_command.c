/* source_command.c - trimtab source: where posts come from while the program serves. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "format/json.h"
#include "format/opml.h"
#include "format/time.h"
#include "listen/source/live.h"
#include "listen/source/source.h"
#include "listen/source/source_fetch.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/file.h"

struct request {
    struct cli_place place;
    struct workspace *workspace;
    struct source wanted;
    Str data, slug, name, reason;
    bool is_json, is_off, reads_secret, makes_secret, allows_private;
    int code; /* when the work went well */
};

static bool open_place(struct request *r, struct err *err)
{
    return cli_place_open(&r->place, r->data, CLI_PLACE_READ, err) &&
           (workspace_open(&r->workspace, r->place.data_dir, r->slug, err) ||
            (cli_place_close(&r->place), false));
}

/* ---- printing -------------------------------------------------------------------------------- */

static const char *moment(int64_t ms, char out[32])
{
    snprintf(out, 32, "%s", ms == 0 ? "never" : time_rfc3339(ms).text);
    return out;
}

static void json_moment(struct json_writer *w, const char *key, int64_t ms)
{
    if (ms == 0)
        json_set_null(w, key);
    else
        json_set_str(w, key, str_from_cstr(time_rfc3339(ms).text));
}

static const char *state_of(const struct source *s)
{
    if (!s->is_on)
        return "off";
    if (s->health.trouble != SOURCE_WELL)
        return source_trouble_name(s->health.trouble);
    return s->gap_open_ms != 0 ? "silent" : s->health.last_good_ms == 0 ? "waiting" : "well";
}

static void put_source(struct json_writer *w, const struct request *r, const struct source *s)
{
    const struct source_health *h = &s->health;

    json_begin_object(w);
    json_set_str(w, "name", s->name);
    json_set_str(w, "kind", str_from_cstr(source_kind_name(s->kind)));
    json_set_str(w, "title", s->title);
    json_set_str(w, "address", s->address);
    json_set_str(w, "format", s->format);
    json_set_f64(w, "expected_seconds", (double)s->expected_ms / 1000);
    json_set_i64(w, "retention_days", s->retention_days);
    json_set_str(w, "legal_note", s->legal_note);
    json_set_bool(w, "is_on", s->is_on);
    json_set_bool(w, "has_secret", source_secret_exists(r->workspace, s->name));
    json_set_str(w, "state", str_from_cstr(state_of(s)));
    json_set_str(w, "message", h->message);
    json_moment(w, "last_try_at", h->last_try_ms);
    json_moment(w, "last_good_at", h->last_good_ms);
    json_moment(w, "last_post_at", h->last_post_ms);
    json_moment(w, "next_try_at", h->next_try_ms);
    json_set_i64(w, "failures", h->failures);
    json_set_i64(w, "posts_read", h->posts_read);
    json_set_i64(w, "posts_new", h->posts_new);
    json_set_i64(w, "posts_rejected", h->posts_rejected);
    json_set_i64(w, "posts_lost", h->posts_lost);
    json_set_str(w, "cursor", h->cursor);
    json_set_str(w, "moved_to", h->moved_to);
    json_end_object(w);
}

static void print_json(const struct request *r, const struct source *s)
{
    struct json_writer w;
    struct buf line;

    buf_init(&line, MIB);
    json_writer_init(&w, &line, JSON_STYLE_COMPACT);
    put_source(&w, r, s);
    printf(STR_F "\n", STR_A(buf_str(&line)));
    buf_deinit(&line);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static bool read_secret(struct request *r, Str *out, struct err *err)
{
    char text[SOURCE_SECRET_BYTES_MAX + 2];
    size_t len = fread(text, 1, sizeof text, stdin);

    if (len > SOURCE_SECRET_BYTES_MAX || str_trim((Str){text, len}).len == 0)
        return err_set(err, ERR_USAGE, "standard input holds no secret of 1 to %d bytes",
                       SOURCE_SECRET_BYTES_MAX);
    *out = arena_str(&r->place.arena, str_trim((Str){text, len}));
    return true;
}

/* Made or read; a made one is printed once. */
static bool keep_secret(struct request *r, Str name, struct err *err)
{
    Str secret;

    if (r->reads_secret)
        return read_secret(r, &secret, err) && source_secret_write(r->workspace, name, secret, err);
    if (!r->makes_secret)
        return true;
    if (!source_secret_make(&r->place.arena, r->workspace, name, &secret, err))
        return false;
    printf(STR_F "\n", STR_A(secret));
    fprintf(stderr, "this is the secret of '" STR_F "'; it is not shown again\n", STR_A(name));
    return true;
}

static bool add(struct request *r, struct err *err)
{
    struct source *s = &r->wanted;

    s->name = r->name;
    s->is_on = !r->is_off;
    r->makes_secret |= s->kind == SOURCE_WEBHOOK && !r->reads_secret;
    if (!source_create(r->workspace->state, s, S("cli"), clock_now_ms(), err) ||
        !keep_secret(r, s->name, err))
        return false;
    fprintf(stderr, "source '" STR_F "' is %s\n", STR_A(s->name), s->is_on ? "on" : "off");
    return true;
}

static bool list(struct request *r, struct err *err)
{
    struct source *sources;
    size_t count;
    char heard[32];

    if (!source_list(&r->place.arena, r->workspace->state, &sources, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (r->is_json)
            print_json(r, &sources[i]);
        else
            printf(STR_F "\t%s\t%s\t%s\t%lld\t" STR_F "\n", STR_A(sources[i].name),
                   source_kind_name(sources[i].kind), state_of(&sources[i]),
                   moment(sources[i].health.last_good_ms, heard),
                   (long long)sources[i].health.posts_new, STR_A(sources[i].address));
    }
    return true;
}

static bool print_gaps(struct request *r, const struct source *s, struct err *err)
{
    struct source_gap *gaps;
    size_t count;
    char from[32], to[32];

    if (!source_gaps(&r->place.arena, r->workspace->state, s->id, 20, &gaps, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        printf("gap\t%s\t%s\t%s\t%s\n", moment(gaps[i].from_ms, from),
               gaps[i].to_ms == 0 ? "open" : moment(gaps[i].to_ms, to),
               source_trouble_name(gaps[i].cause),
               gaps[i].is_filled  ? "filled"
               : gaps[i].lost > 0 ? "partly lost"
                                  : "lost");
    return true;
}

static bool show(struct request *r, struct err *err)
{
    struct source s;
    char text[32];

    if (!source_find(&r->place.arena, r->workspace->state, r->name, &s, err))
        return false;
    if (r->is_json) {
        print_json(r, &s);
        return true;
    }
    const struct source_health *h = &s.health;
    printf("name\t" STR_F "\nkind\t%s\ntitle\t" STR_F "\naddress\t" STR_F "\nstate\t%s\n",
           STR_A(s.name), source_kind_name(s.kind), STR_A(s.title), STR_A(s.address), state_of(&s));
    if (h->trouble != SOURCE_WELL)
        printf("trouble\t%s\nmessage\t" STR_F "\nadvice\t%s\n", source_trouble_text(h->trouble),
               STR_A(h->message), source_trouble_advice(h->trouble));
    printf("last heard\t%s\n", moment(h->last_good_ms, text));
    printf("next look\t%s\n", moment(h->next_try_ms, text));
    printf("expected\t%lld min\nretention\t%lld days\n",
           (long long)(s.expected_ms / TIME_MINUTE_MS), (long long)s.retention_days);
    printf("posts\tread %lld, new %lld, rejected %lld, lost %lld\n", (long long)h->posts_read,
           (long long)h->posts_new, (long long)h->posts_rejected, (long long)h->posts_lost);
    printf("secret\t%s\n", source_secret_exists(r->workspace, s.name) ? "kept" : "none");
    if (s.legal_note.len > 0)
        printf("legal note\t" STR_F "\n", STR_A(s.legal_note));
    return print_gaps(r, &s, err);
}

static bool set_switch(struct request *r, bool is_on, struct err *err)
{
    struct source s;

    return source_find(&r->place.arena, r->workspace->state, r->name, &s, err) &&
           keep_secret(r, s.name, err) &&
           source_switch(r->workspace->state, s.id, is_on, S("cli"), r->reason, clock_now_ms(),
                         err);
}

static bool on(struct request *r, struct err *err)
{
    return set_switch(r, true, err);
}

static bool off(struct request *r, struct err *err)
{
    return set_switch(r, false, err);
}

static bool remove_source(struct request *r, struct err *err)
{
    struct source s;

    return source_find(&r->place.arena, r->workspace->state, r->name, &s, err) &&
           source_remove(r->workspace->state, s.id, S("cli"), clock_now_ms(), err) &&
           source_secret_write(r->workspace, s.name, S(""), err);
}

/* ---- poll: once, here and now ---------------------------------------------------------------- */

static bool poll_take(struct request *r, struct live *live, struct source_fetcher *fetcher,
                      const struct source *s, struct source_catch *c, struct live_counts *counts,
                      struct err *err)
{
    struct live_parcel parcel = {
        .bytes = c->body, .name = s->name, .format = c->format, .now_ms = c->contact.at_ms};
    struct err why = {0};

    if (c->body.len == 0)
        return true;
    if (live_take(live, &parcel, counts, &why))
        source_catch_settle(fetcher, s, counts, c);
    else if (why.code == ERR_INPUT)
        source_catch_refuse(fetcher, &r->place.arena, s, &why, c);
    else {
        *err = why;
        return false;
    }
    return true;
}

static bool poll_report(const struct request *r, const struct source_contact *c,
                        const struct live_counts *counts, struct err *err)
{
    const struct intake_counts *p = &counts->posts;

    if (c->trouble != SOURCE_WELL) {
        err_set(err, ERR_IO, STR_F, STR_A(c->message));
        return err_hint(err, "%s", source_trouble_advice(c->trouble));
    }
    if (r->is_json)
        printf("{\"read\":%llu,\"new\":%llu,\"updated\":%llu,\"duplicate\":%llu,\"rejected\":%llu,"
               "\"matched\":%llu}\n",
               (unsigned long long)p->read, (unsigned long long)p->added,
               (unsigned long long)p->updated, (unsigned long long)p->duplicate,
               (unsigned long long)p->rejected, (unsigned long long)p->matched);
    else
        printf("read %llu\nnew %llu\nupdated %llu\nduplicate %llu\nrejected %llu\nmatched %llu\n",
               (unsigned long long)p->read, (unsigned long long)p->added,
               (unsigned long long)p->updated, (unsigned long long)p->duplicate,
               (unsigned long long)p->rejected, (unsigned long long)p->matched);
    return true;
}

static bool poll(struct request *r, struct err *err)
{
    struct source_fetcher fetcher = {.pace = {SOURCE_POLL_LEAST_MS, entropy_u64()},
                                     .allows_private = r->allows_private};
    struct source_catch caught;
    struct live_counts counts = {0};
    struct live *live = NULL;
    struct query_set_holder queries;
    struct source s;
    Str secret;

    if (!source_find(&r->place.arena, r->workspace->state, r->name, &s, err) ||
        !source_secret_read(&r->place.arena, r->workspace, s.name, &secret, err))
        return false;
    if (s.kind != SOURCE_FEED && s.kind != SOURCE_MASTODON) {
        err_set(err, ERR_USAGE, "a source of kind '%s' cannot be polled", source_kind_name(s.kind));
        return err_hint(err, "trimtab serve listens to it");
    }
    query_set_holder_init(&queries);
    bool ok = http_client_create(&fetcher.http, err) &&
              standing_set_publish(&queries, r->workspace->state, err) &&
              live_open(&live, r->workspace, &queries, err);
    if (ok) {
        source_look(&fetcher, &r->place.arena, &s, secret, clock_now_ms(), &caught);
        ok = poll_take(r, live, &fetcher, &s, &caught, &counts, err) &&
             source_record(r->workspace->state, &caught.contact, err) &&
             poll_report(r, &caught.contact, &counts, err);
    }
    live_close(&live);
    query_set_holder_deinit(&queries);
    http_client_destroy(&fetcher.http);
    return ok;
}

/* ---- OPML ------------------------------------------------------------------------------------ */

/* A name from a title or an address: a-z 0-9 and single hyphens. */
static void name_of(Str text, char out[SOURCE_NAME_BYTES_MAX + 1])
{
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < SOURCE_NAME_BYTES_MAX - 6; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_plain || (len > 0 && out[len - 1] != '-'))
            out[len++] = is_plain ? c : '-';
    }
    while (len > 0 && out[len - 1] == '-')
        len--;
    if (len == 0)
        len = (size_t)snprintf(out, SOURCE_NAME_BYTES_MAX, "feed");
    out[len] = '\0';
}

static bool is_taken(const struct source *list, size_t count, Str name, Str address)
{
    for (size_t i = 0; i < count; i++)
        if ((name.len > 0 && str_eq(list[i].name, name)) ||
            (address.len > 0 && str_eq(list[i].address, address)))
            return true;
    return false;
}

/* The wanted name, or it with a number behind. */
static bool feed_create(struct request *r, const struct opml_feed *feed, Str wanted,
                        struct err *err)
{
    for (int i = 1; i < 1000; i++) {
        Str name = i == 1 ? wanted : arena_printf(&r->place.arena, STR_F "-%d", STR_A(wanted), i);
        struct source s = {.name = name,
                           .kind = SOURCE_FEED,
                           .title = str_sub(feed->title, 0, SOURCE_TITLE_BYTES_MAX),
                           .address = feed->url,
                           .expected_ms = -1,
                           .legal_note = r->wanted.legal_note,
                           .is_on = !r->is_off};
        if (str_utf8_invalid_at(s.title) < s.title.len) /* cut within a character */
            s.title.len = str_utf8_invalid_at(s.title);
        if (source_create(r->workspace->state, &s, S("cli"), clock_now_ms(), err))
            return true;
        if (err->code != ERR_EXISTS)
            return false;
        err_clear(err);
    }
    return err_set(err, ERR_EXISTS, "no name is left for '" STR_F "'", STR_A(wanted));
}

static bool import_opml(struct request *r, struct err *err)
{
    struct source *known;
    struct opml list;
    size_t known_count, added = 0, passed = 0;
    char name[SOURCE_NAME_BYTES_MAX + 1];
    Str bytes;

    if (!file_read_all(&r->place.arena, r->name, OPML_BYTES_MAX, &bytes, err) ||
        !opml_parse(&r->place.arena, bytes, &list, err) ||
        !source_list(&r->place.arena, r->workspace->state, &known, &known_count, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct opml_feed *feed = &list.feeds[i];
        struct err one = {0};
        if (is_taken(known, known_count, STR_NONE, feed->url)) {
            passed++;
            continue;
        }
        name_of(feed->title.len > 0 ? feed->title : feed->url, name);
        if (feed_create(r, feed, str_from_cstr(name), &one))
            added++;
        else if (one.code == ERR_INPUT) {
            fprintf(stderr, STR_F ": %s\n", STR_A(feed->url), one.msg);
            list.refused_count++;
        } else {
            *err = one;
            return false;
        }
    }
    printf("added %zu\nknown %zu\nrefused %zu\n", added, passed, list.refused_count);
    r->code = list.refused_count > 0 || list.is_truncated ? CLI_REJECTED_ROWS : CLI_OK;
    return true;
}

static bool export_opml(struct request *r, struct err *err)
{
    struct source *sources;
    size_t count;
    struct buf out;

    if (!source_list(&r->place.arena, r->workspace->state, &sources, &count, err))
        return false;
    struct opml list = {.title = r->workspace->name,
                        .feeds = arena_new(&r->place.arena, struct opml_feed, count + 1)};
    for (size_t i = 0; i < count; i++)
        if (sources[i].kind == SOURCE_FEED)
            list.feeds[list.count++] =
                (struct opml_feed){.url = sources[i].address, .title = sources[i].title};
    buf_init(&out, OPML_BYTES_MAX);
    opml_write(&list, clock_now_ms(), &out);
    bool ok = buf_ok(&out, err);
    if (ok)
        printf(STR_F, STR_A(buf_str(&out)));
    buf_deinit(&out);
    return ok;
}

/* "90", "15m", "6h", "2d": minutes when no unit stands behind. */
static bool read_interval(Str text, void *to)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {
        {'s', TIME_SECOND_MS}, {'m', TIME_MINUTE_MS}, {'h', TIME_HOUR_MS}, {'d', TIME_DAY_MS}};
    int64_t unit_ms = TIME_MINUTE_MS, count;

    for (size_t i = 0; text.len > 0 && i < COUNT_OF(units); i++) {
        if (text.ptr[text.len - 1] != units[i].unit)
            continue;
        unit_ms = units[i].ms;
        text.len--;
        break;
    }
    if (str_to_i64(text, &count) && count >= 0 && count <= SOURCE_DAYS_MAX * INT64_C(86400)) {
        *(int64_t *)to = count * unit_ms;
        return true;
    }
    return false;
}

CLI_READER(read_kind, source_kind_from, enum source_kind)

/* The frame of every verb: arguments, workspace, work, exit code. `words`: 0 none, 1 the name, 2 an
 * address too. */
static int run(const char *command, int argc, char **argv, size_t words,
               bool (*work)(struct request *r, struct err *err))
{
    struct request *r = &(struct request){.slug = S("default")};
    struct source *s = &r->wanted;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r->slug, &r->data),
        CLI_WORD("--kind", &s->kind, read_kind, "feed, mastodon, jetstream, webhook or folder"),
        CLI_TEXT("--title", &s->title),
        CLI_TEXT("--address", &s->address),
        CLI_TEXT("--format", &s->format),
        CLI_WORD("--expected", &s->expected_ms, read_interval, "90s, 15m, 6h, 2d; 0 for none"),
        CLI_WHOLE("--retention", &s->retention_days, 0, SOURCE_DAYS_MAX),
        CLI_TEXT("--note", &s->legal_note),
        CLI_TEXT("--reason", &r->reason),
        CLI_FLAG("--json", &r->is_json),
        CLI_FLAG("--off", &r->is_off),
        CLI_FLAG("--secret-stdin", &r->reads_secret),
        CLI_FLAG("--make-secret", &r->makes_secret),
        CLI_FLAG("--allow-private", &r->allows_private),
        CLI_FILE(work == import_opml ? "OPML list" : "source", &r->name, true,
                 work == import_opml ? NULL : "see trimtab source list"),
        CLI_ARGUMENT("address", &s->address, false, NULL),
    };

    s->kind = SOURCE_FEED;
    s->expected_ms = -1;
    if (!cli_options_read(command, options, COUNT_OF(options) - 2 + words, argc, argv, &err) ||
        !open_place(r, &err))
        return cli_report(command, &err);
    bool ok = work(r, &err);
    workspace_close(&r->workspace);
    cli_place_close(&r->place);
    return ok ? r->code : cli_report(command, &err);
}

int source_import_opml_command(int argc, char **argv)
{
    return run("source import-opml", argc, argv, 1, import_opml);
}

int source_export_opml_command(int argc, char **argv)
{
    return run("source export-opml", argc, argv, 0, export_opml);
}

int source_add_command(int argc, char **argv)
{
    return run("source add", argc, argv, 2, add);
}

int source_list_command(int argc, char **argv)
{
    return run("source list", argc, argv, 0, list);
}

int source_show_command(int argc, char **argv)
{
    return run("source show", argc, argv, 1, show);
}

int source_on_command(int argc, char **argv)
{
    return run("source on", argc, argv, 1, on);
}

int source_off_command(int argc, char **argv)
{
    return run("source off", argc, argv, 1, off);
}

int source_remove_command(int argc, char **argv)
{
    return run("source remove", argc, argv, 1, remove_source);
}

int source_poll_command(int argc, char **argv)
{
    return run("source poll", argc, argv, 1, poll);
}
