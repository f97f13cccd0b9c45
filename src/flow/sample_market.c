/* The market half of a sample run: posts, queries, import, spikes against what was planted. */
#include "base/embedded.h"
#include "flow/market_simulator.h"
#include "flow/sample_priv.h"
#include "flow/split_posts.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/standing_query.h"
#include "os/file.h"

enum { TRUTH_BYTES_MAX = 16 * 1024 * 1024, SPIKES_SHOWN_MAX = 100000 };

Str sample_file(const struct sample *s, const char *name)
{
    Str path = arena_printf(s->arena, STR_F "/%s", STR_A(s->kind->folder), name);
    const struct embedded_file *file = embedded_find(path);

    ASSERT(file != NULL);
    return file->bytes;
}

static bool simulate_posts(struct sample *s, struct err *err)
{
    const struct market_script *script;

    if (!market_script_load(s->arena, sample_file(s, "market.json"), &s->script, err) ||
        (s->options->days > 0 && !market_script_cut(s->script, s->options->days, err)) ||
        !market_simulate_to_directory(s->script, s->options->seed, s->posts_dir, s->options->stop,
                                      err))
        return false;
    script = s->script;
    s->cut_ms = script->start_ms + (int64_t)script->decision_day * TIME_DAY_MS;
    report_line(
        &s->report, "scripted market",
        "%zu brands, %zu topics, %zu people, %zu planted events, %zu days from %s, seed %llu",
        script->brand_count, script->topic_count, script->people, script->event_count, script->days,
        time_date(script->start_ms).text, (unsigned long long)s->options->seed);
    return true;
}

static bool split_real_posts(struct sample *s, struct err *err)
{
    struct split_plan plan = {s->options->posts, s->posts_dir, s->plan.decision_at_ms,
                              s->kind->step_days, s->options->stop};
    struct split_counts counts;

    if (!split_posts(&plan, &counts, err))
        return false;
    s->cut_ms = counts.cut_ms;
    report_line(&s->report, "real posts", "%s to %s from " STR_F, time_date(counts.first_ms).text,
                time_date(counts.last_ms).text, STR_A(path_base(s->options->posts)));
    report_line(&s->report, "cut at the decision",
                "%s: %s posts before, %s after it, %s rows left out", time_date(counts.cut_ms).text,
                report_count(s->arena, (double)counts.before),
                report_count(s->arena, (double)counts.after),
                report_count(s->arena, (double)counts.left_out));
    return true;
}

bool sample_make_posts(struct sample *s, struct err *err)
{
    report_stage(&s->report, "Posts");
    s->posts_dir = path_join(s->arena, s->workspace->files_dir, S("sample-posts"));
    return s->kind->is_scripted ? simulate_posts(s, err) : split_real_posts(s, err);
}

/* Lines of "name TAB query"; '#' begins a comment. */
bool sample_add_queries(struct sample *s, struct err *err)
{
    Str rest = sample_file(s, "queries.tsv"), line, name, text;
    size_t count = 0;

    while (rest.len > 0) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_cut(line, '\t', &name, &text))
            return err_set(err, ERR_CORRUPT, "queries.tsv: no tab in '" STR_F "'", STR_A(line));
        struct standing_query query = {
            .name = name, .title = name, .text = text, .is_active = true};
        if (!standing_query_create(s->workspace->state, &query, S(SAMPLE_STRATEGIST),
                                   s->options->now_ms, err))
            return err_wrap(err, "query '" STR_F "'", STR_A(name));
        count++;
    }
    report_line(&s->report, "saved queries", "%zu, compiled into one set", count);
    return true;
}

static void tell_import(struct sample *s, const struct steer_result *result, int64_t signals,
                        int64_t points)
{
    const struct intake_counts *counts = &result->import.counts;
    double seconds = result->import.seconds > 0 ? result->import.seconds : 1e-9;
    struct arena *a = s->arena;

    report_line(&s->report, "read", "%s posts, %s new, %s updated, %s duplicates, %s rejected",
                report_count(a, (double)counts->read), report_count(a, (double)counts->added),
                report_count(a, (double)counts->updated),
                report_count(a, (double)counts->duplicate),
                report_count(a, (double)counts->rejected));
    report_line(&s->report, "matched", "%s posts (%.1f %% of those read)",
                report_count(a, (double)counts->matched),
                counts->read > 0 ? 100.0 * (double)counts->matched / (double)counts->read : 0);
    report_line(&s->report, "rate",
                "%s posts/s with archive, full text, language, sentiment, sums (%.2f s)",
                report_count(a, (double)counts->read / seconds), seconds);
    report_line(&s->report, "signals", "%lld, with %s points", (long long)signals,
                report_count(a, (double)points));
}

static const struct {
    uint32_t facet;
    const char *name;
} facet_names[] = {
    {POST_HAS_AUTHOR, "authors"},        {POST_HAS_FOLLOWERS, "followers"},
    {POST_HAS_REPLY, "replies"},         {POST_HAS_REPOST, "reposts"},
    {POST_HAS_ENGAGEMENT, "engagement"}, {POST_HAS_REPLY_COUNT, "reply counts"},
};

/* A source says what it can say; the rest is not available, never zero. */
static bool tell_sources(struct sample *s, struct err *err)
{
    struct archive *archive = NULL;
    const struct archive_source *sources;

    if (!archive_open(&archive, s->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    if (!archive_sources_load(archive, err)) {
        archive_close(&archive);
        return false;
    }
    size_t count = archive_sources(archive, &sources);
    for (size_t i = 0; i < count; i++) {
        Str known = STR_NONE, missing = STR_NONE;
        for (size_t f = 0; f < COUNT_OF(facet_names); f++) {
            Str *list = sources[i].facets & facet_names[f].facet ? &known : &missing;
            *list = arena_printf(s->arena, STR_F "%s%s", STR_A(*list), list->len > 0 ? ", " : "",
                                 facet_names[f].name);
        }
        report_line(&s->report, i == 0 ? "sources" : "",
                    STR_F " has " STR_F "; not available: " STR_F, STR_A(sources[i].name),
                    STR_A(known.len > 0 ? known : S("text alone")),
                    STR_A(missing.len > 0 ? missing : S("nothing")));
    }
    archive_close(&archive);
    return true;
}

static void tell_reject(void *context, const struct import_reject *reject)
{
    struct sample *s = context;

    report_line(&s->report, "rejected", STR_F ":%llu: " STR_F, STR_A(path_base(reject->path)),
                (unsigned long long)reject->line, STR_A(reject->reason));
}

bool sample_import_before(struct sample *s, struct err *err)
{
    Str path = path_join(s->arena, s->posts_dir, S("posts.jsonl"));
    struct import_job job = {
        .workspace = s->workspace,
        .paths = &path,
        .path_count = 1,
        .options = {.format = DECODE_AUTO},
        .worker_count = s->options->threads,
        .now_ms = s->options->now_ms,
        .actor = S(SAMPLE_STRATEGIST),
        .stop = s->options->stop,
        .rejected = tell_reject,
        .context = s,
    };
    struct steer_result result;
    int64_t signals, points;

    report_stage(&s->report, "From posts to signals");
    if (!steer_import(s->arena, s->method, &job, &result, err) ||
        !signal_count(s->workspace->state, S("query:"), &signals, &points, err))
        return false;
    s->before = result.import;
    tell_import(s, &result, signals, points);
    return tell_sources(s, err);
}

/* ---- spikes ---- */

struct planted {
    Str id, title, topic;
    int64_t first_ms, last_ms, top_ms, posts;
};

static bool read_planted(struct sample *s, struct planted **out, size_t *count, struct err *err)
{
    const struct json *root;
    Str text;

    *count = 0;
    if (!s->kind->is_scripted)
        return true;
    if (!file_read_all(s->arena, path_join(s->arena, s->posts_dir, S("truth.json")),
                       TRUTH_BYTES_MAX, &text, err) ||
        !json_parse(s->arena, text, &root, err))
        return false;
    const struct json *events = json_get(root, "events");
    *out = arena_new(s->arena, struct planted, json_len(events) + 1);
    for (size_t i = 0; i < json_len(events); i++) {
        const struct json *event = json_at(events, i);
        struct planted *p = &(*out)[(*count)++];
        *p = (struct planted){.id = json_str_or(event, "id", STR_NONE),
                              .title = json_str_or(event, "title", STR_NONE),
                              .topic = json_str_or(event, "topic", STR_NONE),
                              .posts = json_i64_or(event, "posts", 0)};
        if (!time_parse_iso(json_str_or(event, "first", STR_NONE), &p->first_ms) ||
            !time_parse_iso(json_str_or(event, "last", STR_NONE), &p->last_ms) ||
            !time_parse_iso(json_str_or(event, "top_hour", STR_NONE), &p->top_ms))
            return err_set(err, ERR_CORRUPT, "truth.json: event %zu has no times", i);
    }
    return true;
}

/* The first spike of the event's topic that overlaps the event up to its end. */
static const struct spike *find_spike(const struct planted *event, int64_t query,
                                      const struct spike *spikes, size_t count)
{
    const struct spike *first = NULL;

    for (size_t i = 0; i < count; i++)
        if (spikes[i].query == query && spikes[i].end_ms > event->first_ms &&
            spikes[i].start_ms <= event->last_ms &&
            (!first || spikes[i].start_ms < first->start_ms))
            first = &spikes[i];
    return first;
}

static bool tell_planted(struct sample *s, const struct planted *event, const struct spike *spikes,
                         size_t count, size_t *found, struct err *err)
{
    struct standing_query query;
    Str name = arena_printf(s->arena, "topic-" STR_F, STR_A(event->topic));

    if (!standing_query_find(s->arena, s->workspace->state, name, &query, err))
        return false;
    const struct spike *spike = find_spike(event, query.id, spikes, count);
    if (!spike) {
        report_more(&s->report, "missed  " STR_F " (%lld posts)", STR_A(event->title),
                    (long long)event->posts);
        return true;
    }
    /* A spike begins with its hour or day, which may lie before the first post of the event. */
    int64_t late_ms = spike->start_ms > event->first_ms ? spike->start_ms - event->first_ms : 0;
    ++*found;
    report_more(&s->report,
                "found   " STR_F
                ": severity %d, %.0f observed, %.0f expected, %.1f h after it began",
                STR_A(event->title), spike->severity, spike->observed, spike->expected,
                (double)late_ms / (double)TIME_HOUR_MS);
    return true;
}

static bool is_explained(const struct spike *spike, const struct planted *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (spike->end_ms > events[i].first_ms &&
            spike->start_ms <= events[i].last_ms + TIME_DAY_MS)
            return true;
    return false;
}

bool sample_tell_spikes(struct sample *s, int64_t from_ms, int64_t to_ms, struct err *err)
{
    struct spike *spikes;
    struct planted *events = NULL;
    size_t count, event_count, planted = 0, found = 0, unexplained = 0;

    if (!spikes_list(s->arena, s->workspace->state, 0, from_ms, to_ms, SPIKES_SHOWN_MAX, &spikes,
                     &count, err) ||
        !read_planted(s, &events, &event_count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        unexplained += !is_explained(&spikes[i], events, event_count);
    if (!s->kind->is_scripted) {
        report_line(&s->report, "spikes", "%zu over all queries", count);
        for (size_t i = 0; i < count && i < 3; i++)
            report_more(&s->report, "%s  severity %d, %.0f observed, %.0f expected",
                        time_date(spikes[i].start_ms).text, spikes[i].severity, spikes[i].observed,
                        spikes[i].expected);
        return true;
    }
    report_line(&s->report, "spikes", "%zu alerts over all queries; %zu at no planted event", count,
                unexplained);
    for (size_t i = 0; i < event_count; i++) {
        if (events[i].first_ms < from_ms || events[i].first_ms >= to_ms)
            continue;
        planted++;
        if (!tell_planted(s, &events[i], spikes, count, &found, err))
            return false;
    }
    report_line(&s->report, "planted events", "%zu of %zu found", found, planted);
    return true;
}
