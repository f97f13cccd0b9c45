/* alert_command.c - trimtab alert: rules, what they would have raised, and what they raised. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/stream.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/alert/alert_json.h"
#include "listen/decode/decode.h"
#include "os/clock.h"
#include "os/file.h"

#define INCIDENTS_BYTES_MAX (16 * MIB) /* reject */
#define OUTPUT_BYTES_MAX    GIB        /* reject */

#define ALERT_KINDS "spike, hour, day, sigma, poisson, growth, absence, share, crossing or forecast"
#define KIND_UNSAID ALERT_KIND_COUNT

struct request {
    const char *command;
    int argc;
    char **argv;
    bool needs_name;
    struct cli_place place;
    struct workspace *workspace;
    struct alert_names names;
    Str data, slug, name, query, against, reason, note, rule_name, incidents;
    struct alert_rule rule; /* what flags say of it */
    enum alert_period period;
    int64_t from_ms, to_ms;
    uint32_t limit;
    bool is_json, is_off, is_open, has_periods, has_past;
};

/* ---- arguments ------------------------------------------------------------------------------- */

CLI_READER(read_kind, alert_kind_from, enum alert_kind)
CLI_READER(read_sensitivity, alert_sensitivity_from, enum alert_sensitivity)
CLI_READER(read_direction, alert_direction_from, enum alert_direction)

/* Zero is the default. */
static bool read_setting(Str word, void *to)
{
    double number = 0;
    bool ok = str_eq(word, S("default")) || str_to_f64(word, &number);

    if (ok)
        *(double *)to = number;
    return ok;
}

static bool read_count(Str word, void *to)
{
    int64_t n = 0;
    bool ok = str_eq(word, S("default")) || (str_to_i64(word, &n) && n >= 1 && n <= INT32_MAX);

    if (ok)
        *(int32_t *)to = (int32_t)n;
    return ok;
}

#define SETTING(flag, where) CLI_WORD(flag, where, read_setting, "a number, or default")
#define COUNT(flag, where)   CLI_WORD(flag, where, read_count, "a whole number from 1 on, or default")

/* Flags lie over what r->rule is already: read once more when a stored rule was put there. */
static bool read_options(struct request *r, struct err *err)
{
    struct alert_settings *s = &r->rule.settings;
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r->slug, &r->data),
        CLI_TEXT("--query", &r->query),
        CLI_WORD("--kind", &s->kind, read_kind, ALERT_KINDS),
        CLI_TEXT("--title", &r->rule.title),
        CLI_CHOICE("--period", &r->period, "auto, hour or day"),
        CLI_WORD("--sensitivity", &s->sensitivity, read_sensitivity, "low, medium or high"),
        CLI_WORD("--direction", &s->direction, read_direction, "fall, rise or either"),
        CLI_TEXT("--against", &r->against),
        CLI_TEXT("--reason", &r->reason),
        CLI_TEXT("--note", &r->note),
        CLI_TEXT("--rule", &r->rule_name),
        SETTING("--k", &s->k),
        SETTING("--floor", &s->floor),
        SETTING("--threshold", &s->threshold),
        COUNT("--window", &s->window),
        COUNT("--span", &s->span),
        COUNT("--persistence", &s->persistence),
        COUNT("--cool-down", &s->cool_down),
        COUNT("--severity", &s->severity_least),
        CLI_PATH("--incidents", &r->incidents),
        CLI_TIME("--from", &r->from_ms),
        CLI_TIME("--to", &r->to_ms),
        CLI_WHOLE("--limit", &r->limit, 1, INT32_MAX),
        CLI_FLAG("--json", &r->is_json),
        CLI_FLAG("--off", &r->is_off),
        CLI_FLAG("--stored", &r->has_past),
        CLI_FLAG("--open", &r->is_open),
        CLI_FLAG("--periods", &r->has_periods),
        CLI_ARGUMENT("alert rule", &r->name, r->needs_name, "see trimtab alert list"),
    };

    return cli_options_read(r->command, options, COUNT_OF(options), r->argc, r->argv, err);
}

static bool open_place(struct request *r, struct err *err)
{
    if (!cli_place_open(&r->place, r->data, CLI_PLACE_READ, err))
        return false;
    if (workspace_open(&r->workspace, r->place.data_dir, r->slug, err) &&
        alert_names_load(&r->place.arena, r->workspace->state, &r->names, err))
        return true;
    workspace_close(&r->workspace);
    cli_place_close(&r->place);
    return false;
}

/* The frame of every verb: arguments, workspace, work, exit code. */
static int run(const char *command, int argc, char **argv, bool needs_name,
               bool (*work)(struct request *r, struct err *err))
{
    struct request *r = &(struct request){.command = command,
                                          .argc = argc,
                                          .argv = argv,
                                          .needs_name = needs_name,
                                          .slug = S("default"),
                                          .limit = 100};
    struct err err = {0};

    r->rule.settings.kind = KIND_UNSAID;
    r->rule.settings.sensitivity = ALERT_MEDIUM;
    if (!read_options(r, &err) || !open_place(r, &err))
        return cli_report(command, &err);
    bool ok = work(r, &err);
    workspace_close(&r->workspace);
    cli_place_close(&r->place);
    return ok ? CLI_OK : cli_report(command, &err);
}

static bool read_parties(struct request *r, struct alert_rule *rule, struct err *err)
{
    Str rest = r->against, name;

    if (rest.len == 0)
        return true;
    rule->parties = arena_new(&r->place.arena, int64_t, SHARE_PARTIES_MAX + 2);
    rule->party_count = 0;
    while (rest.len > 0) {
        str_cut(rest, ',', &name, &rest);
        if (rule->party_count > SHARE_PARTIES_MAX)
            return err_set(err, ERR_USAGE, "--against names more than %d queries",
                           SHARE_PARTIES_MAX);
        if (!alert_query_find(&r->names, "--against", str_trim(name),
                              &rule->parties[rule->party_count++], err))
            return false;
    }
    return true;
}

/* The rule of flags alone. */
static bool read_rule(struct request *r, struct err *err)
{
    if (r->rule.settings.kind == KIND_UNSAID)
        r->rule.settings.kind = ALERT_POISSON;
    return (r->query.len == 0 ||
            alert_query_find(&r->names, "--query", r->query, &r->rule.query, err)) &&
           read_parties(r, &r->rule, err);
}

static bool find(struct request *r, struct alert_rule *out, struct err *err)
{
    return alert_rule_find(&r->place.arena, r->workspace->state, r->name, out, err);
}

/* The stored rule with the flags over it. Another kind begins with its own period. */
static bool read_over(struct request *r, struct err *err)
{
    bool has_kind = r->rule.settings.kind != KIND_UNSAID;

    if (!find(r, &r->rule, err))
        return false;
    r->period = has_kind                    ? ALERT_PERIOD_AUTO
                : r->rule.settings.is_daily ? ALERT_PERIOD_DAY
                                            : ALERT_PERIOD_HOUR;
    return read_options(r, err) && read_rule(r, err);
}

/* ---- printing -------------------------------------------------------------------------------- */

static bool print_rule(const struct request *r, const struct alert_rule *rule, struct err *err)
{
    struct json_writer w;
    struct buf line;

    buf_init(&line, MIB);
    if (r->is_json) {
        json_writer_init(&w, &line, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        alert_rule_put(&w, rule, &r->names);
        json_end_object(&w);
        buf_lit(&line, "\n");
    } else {
        Str query = alert_query_name(&r->names, rule->query);
        buf_printf(&line, STR_F "\t%s\t%s\t" STR_F "\t%s\t%s\t%lld\t" STR_F "\n", STR_A(rule->name),
                   rule->is_on ? "on" : "off", alert_kind_name(rule->settings.kind), STR_A(query),
                   rule->settings.is_daily ? "day" : "hour",
                   alert_sensitivity_name(rule->settings.sensitivity), (long long)rule->open_count,
                   STR_A(rule->title));
    }
    bool ok = cli_flush(&line, err);
    buf_deinit(&line);
    return ok;
}

static bool print_alert(const struct request *r, const struct alert *a, struct err *err)
{
    struct json_writer w;
    struct buf line;

    buf_init(&line, 8 * MIB);
    if (r->is_json) {
        json_writer_init(&w, &line, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        alert_put(&w, a, &r->names, false);
        json_end_object(&w);
        buf_lit(&line, "\n");
    } else {
        buf_printf(&line, "%lld\t%s\t" STR_F "\t", (long long)a->id, alert_state_name(a->state),
                   STR_A(a->rule_name));
        buf_printf(&line, "%s\t", time_rfc3339(a->start_ms).text);
        buf_printf(&line, "%s\t%d\t%.4g\t%.4g\t%s\t%s\n", time_rfc3339(a->told_ms).text,
                   a->severity, a->observed, a->expected, alert_cause_name(a->cause),
                   a->is_over ? "over" : "goes on");
    }
    bool ok = cli_flush(&line, err);
    buf_deinit(&line);
    return ok;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool raise_stored(const struct request *r, struct err *err)
{
    struct alert_found found;
    bool is_done;

    if (!alerts_find_stored(r->workspace->state, r->workspace->posts_dir, clock_now_ms(), &found,
                            &is_done, err))
        return false;
    if (is_done)
        fprintf(stderr, "%llu alerts of stored posts were raised: see trimtab alert raised\n",
                (unsigned long long)found.raised);
    else
        fprintf(stderr, "posts are being written: alerts of stored posts come with them\n");
    return true;
}

static bool add(struct request *r, struct err *err)
{
    struct alert_rule *rule = &r->rule;
    int64_t horizon_ms;

    bool has_past = r->has_past && !r->is_off;
    rule->name = r->name;
    rule->is_on = !r->is_off;
    if (!read_rule(r, err) ||
        !alert_horizon_end(r->workspace->state, r->workspace->posts_dir, clock_now_ms(),
                           &horizon_ms, err) ||
        !alert_rule_create(r->workspace->state, rule, r->period, has_past ? 0 : horizon_ms,
                           S("cli"), clock_now_ms(), err) ||
        (has_past && !raise_stored(r, err)))
        return false;
    if (r->is_json)
        return print_rule(r, rule, err);
    fprintf(stderr, "alert rule '" STR_F "' is %s\n", STR_A(rule->name),
            rule->is_on ? "on" : "off");
    return true;
}

static bool change(struct request *r, struct err *err)
{
    struct alert_rule *rule = &r->rule;
    int64_t horizon_ms;

    if (!read_over(r, err) ||
        !alert_horizon_end(r->workspace->state, r->workspace->posts_dir, clock_now_ms(),
                           &horizon_ms, err) ||
        !alert_rule_change(r->workspace->state, rule, r->period, horizon_ms, S("cli"), r->reason,
                           clock_now_ms(), err) ||
        !find(r, rule, err))
        return false;
    if (r->is_json)
        return print_rule(r, rule, err);
    fprintf(stderr, "alert rule '" STR_F "' is at version %d\n", STR_A(rule->name), rule->version);
    return true;
}

static bool list(struct request *r, struct err *err)
{
    struct alert_rule *rules;
    size_t count;

    if (!alert_rule_list(&r->place.arena, r->workspace->state, &rules, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!print_rule(r, &rules[i], err))
            return false;
    return true;
}

static bool set_switch(struct request *r, bool is_on, struct err *err)
{
    struct alert_rule rule;
    int64_t horizon_ms;

    return find(r, &rule, err) &&
           alert_horizon_end(r->workspace->state, r->workspace->posts_dir, clock_now_ms(),
                             &horizon_ms, err) &&
           alert_rule_switch(r->workspace->state, rule.id, is_on, horizon_ms, S("cli"), r->reason,
                             clock_now_ms(), err);
}

static bool on(struct request *r, struct err *err)
{
    return set_switch(r, true, err);
}

static bool off(struct request *r, struct err *err)
{
    return set_switch(r, false, err);
}

/* ---- test ------------------------------------------------------------------------------------ */

static bool read_incidents(struct request *r, struct alert_backtest_request *test, struct err *err)
{
    struct backtest_incident *incidents;
    Str text;

    if (r->incidents.len == 0)
        return true;
    if (!file_read_all(&r->place.arena, r->incidents, INCIDENTS_BYTES_MAX, &text, err) ||
        !backtest_incidents_read(&r->place.arena, r->incidents, text, &incidents,
                                 &test->incident_count, err))
        return false;
    test->incidents = incidents;
    return true;
}

/* The stored rule with the flags over it, or a rule of flags alone. */
static bool test_rule(struct request *r, struct err *err)
{
    r->rule.name = S("test");
    return (r->name.len > 0 ? read_over(r, err) : read_rule(r, err)) &&
           alert_rule_complete(r->workspace->state, &r->rule, r->period, err);
}

static void print_sums(const struct alert_backtest *b, const struct alert_backtest_request *test)
{
    const struct backtest *j = &b->judged;

    if (j->point_count == 0) {
        fputs("nothing is measured for this query yet: import posts first\n", stderr);
        return;
    }
    fprintf(stderr, "%lld posts in %zu %s, %s to ", (long long)j->hits, j->point_count,
            j->is_hourly ? "hours" : "days", time_rfc3339(j->from_ms).text);
    fprintf(stderr, "%s\n%zu alerts: %.2f a week (95 %%: %.2f to %.2f)\n",
            time_rfc3339(j->to_ms).text, j->alert_count, j->alerts_a_week, j->alerts_a_week_low,
            j->alerts_a_week_high);
    if (test->incident_count == 0)
        return;
    fprintf(stderr,
            "incidents: %zu of %zu noticed, median delay %lld min; %zu of %zu alerts belong "
            "to one\n",
            j->incidents_found, j->incidents_inside, (long long)(j->median_delay_ms / 60000),
            j->alerts_true, j->alert_count);
    if (!isnan(j->precision) && !isnan(j->recall))
        fprintf(stderr, "precision %.2f, recall %.2f\n", j->precision, j->recall);
}

static void put_test(struct buf *out, const struct request *r, const struct alert_backtest *b,
                     const struct alert_backtest_request *test)
{
    const struct backtest *j = &b->judged;

    for (size_t i = 0; i < j->point_count && r->has_periods; i++)
        buf_printf(out, "%s\t%.6g\t%.6g\t%.6g\t%.3f\n", time_rfc3339(j->points[i].start_ms).text,
                   j->points[i].hits, b->readings[i].expected, b->readings[i].high,
                   b->readings[i].score);
    for (size_t i = 0; i < j->alert_count && !r->has_periods; i++) {
        const struct backtest_alert *alert = &j->alerts[i];
        Str name = alert->incident >= 0 ? test->incidents[alert->incident].name : STR_NONE;
        buf_printf(out, "%s\t", time_rfc3339(alert->moment.start_ms).text);
        buf_printf(out, "%s\t%d\t%.4g\t%.4g\t%s\t" STR_F "\n", time_rfc3339(alert->told_ms).text,
                   alert->moment.severity, alert->moment.observed, alert->moment.expected,
                   alert_cause_name(b->events[i].cause), STR_A(name));
    }
}

static bool print_test(const struct request *r, const struct alert_rule *rule,
                       const struct alert_backtest *b, const struct alert_backtest_request *test,
                       struct err *err)
{
    struct json_writer w;
    struct buf out;

    buf_init(&out, OUTPUT_BYTES_MAX);
    if (r->is_json) {
        json_writer_init(&w, &out, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        json_set_object(&w, "rule");
        alert_rule_put(&w, rule, &r->names);
        json_end_object(&w);
        alert_backtest_put(&w, b, test);
        json_end_object(&w);
        buf_lit(&out, "\n");
    } else
        put_test(&out, r, b, test);
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    if (ok && !r->is_json)
        print_sums(b, test);
    return ok;
}

static bool test(struct request *r, struct err *err)
{
    bool is_open_end = r->from_ms != 0 && r->to_ms == 0;
    struct alert_backtest_request request = {.rule = &r->rule,
                                             .now_ms = clock_now_ms(),
                                             .from_ms = r->from_ms,
                                             .to_ms = is_open_end ? DECODE_TIME_MAX_MS : r->to_ms};
    struct alert_backtest *result = arena_new(&r->place.arena, struct alert_backtest, 1);
    struct archive *archive = NULL;

    bool ok =
        test_rule(r, err) && read_incidents(r, &request, err) &&
        archive_open(&archive, r->workspace->posts_dir, ARCHIVE_READ, err) &&
        alert_backtest_run(r->workspace->state, archive, &r->place.arena, &request, result, err) &&
        print_test(r, &r->rule, result, &request, err);
    archive_close(&archive);
    return ok;
}

/* ---- what was raised ------------------------------------------------------------------------- */

static bool raised(struct request *r, struct err *err)
{
    struct alert_filter filter = {.has_state = r->is_open, .state = ALERT_OPEN};
    struct alert_rule rule;
    struct alert *alerts;
    size_t count;

    filter.max = r->limit;
    if (r->rule_name.len > 0) {
        if (!alert_rule_find(&r->place.arena, r->workspace->state, r->rule_name, &rule, err))
            return false;
        filter.rule = rule.id;
    }
    if (!alert_list(&r->place.arena, r->workspace->state, &filter, &alerts, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!print_alert(r, &alerts[i], err))
            return false;
    return true;
}

static bool need_id(const struct request *r, int64_t *id, struct err *err)
{
    if (str_to_i64(r->name, id))
        return true;
    err_set(err, ERR_USAGE, "'" STR_F "' is not the number of an alert", STR_A(r->name));
    return err_hint(err, "see trimtab alert raised");
}

/* One line for each that makes the difference: its share now, before, and the lift. */
static void print_part(struct buf *out, const char *label, Str name, const struct json *part)
{
    buf_printf(out, "%s\t" STR_F "\t%lld\t%.1f %%\t%.1f %%\t%.2f\n", label, STR_A(name),
               (long long)json_i64_or(part, "n", 0), 100 * json_f64_or(part, "share", 0),
               100 * json_f64_or(part, "before_share", 0), json_f64_or(part, "lift", 0));
}

static void print_parts(struct buf *out, const char *label, const char *key,
                        const struct json *list)
{
    for (size_t i = 0; i < json_len(list); i++)
        print_part(out, label, json_str_or(json_at(list, i), key, STR_NONE), json_at(list, i));
}

static void print_parties(const struct request *r, struct buf *out, const struct json *list)
{
    for (size_t i = 0; i < json_len(list); i++)
        print_part(out, "party",
                   alert_query_name(&r->names, json_i64_or(json_at(list, i), "query", 0)),
                   json_at(list, i));
}

static void print_posts(struct buf *out, const struct json *list)
{
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *post = json_at(list, i);
        Str title = json_str_or(post, "title", STR_NONE);
        Str text = title.len > 0 ? title : json_str_or(post, "text", STR_NONE), line, rest;
        Str source = json_str_or(post, "source", STR_NONE);
        str_cut(text, '\n', &line, &rest);
        buf_printf(out, "post\t" STR_F "\t%lld\t" STR_F, STR_A(source),
                   (long long)json_i64_or(post, "engagement", 0), STR_A(line));
        if (json_i64_or(post, "copies", 0) > 0)
            buf_printf(out, "\tand %lld copies", (long long)json_i64_or(post, "copies", 0));
        buf_lit(out, "\n");
    }
}

static bool print_earlier(struct request *r, struct buf *out, const struct alert *a,
                          struct err *err)
{
    const struct json *likeness;
    struct alert earlier;

    if (a->earlier == 0)
        return true;
    if (!alert_read(&r->place.arena, r->workspace->state, a->earlier, &earlier, err) ||
        !json_parse(&r->place.arena, a->likeness, &likeness, err))
        return false;
    buf_printf(out, "earlier\t%lld\t%s\t%lld h\t%.4g\tlikeness %.2f: terms %.2f, sources %.2f,",
               (long long)earlier.id, time_rfc3339(earlier.start_ms).text,
               (long long)((earlier.end_ms - earlier.start_ms) / TIME_HOUR_MS), earlier.observed,
               json_f64_or(likeness, "all", 0), json_f64_or(likeness, "terms", 0),
               json_f64_or(likeness, "sources", 0));
    buf_printf(out, " size %.2f, length %.2f\n", json_f64_or(likeness, "size", 0),
               json_f64_or(likeness, "length", 0));
    return true;
}

static bool put_words(struct request *r, struct buf *out, const struct alert *a, struct err *err)
{
    const struct json *e;

    if (!json_parse(&r->place.arena, a->explanation, &e, err))
        return false;
    buf_printf(out, "rule\t" STR_F "\nkind\t%s\ncause\t%s\nstate\t%s\n", STR_A(a->rule_name),
               alert_kind_name(a->kind), alert_cause_name(a->cause), alert_state_name(a->state));
    buf_printf(out, "from\t%s\n", time_rfc3339(a->start_ms).text);
    buf_printf(out, "to\t%s%s\n", time_rfc3339(a->end_ms).text, a->is_over ? "" : " (goes on)");
    buf_printf(out, "severity\t%d\nobserved\t%.4g\nexpected\t%.4g\nsignificance\t%.1f\n",
               a->severity, a->observed, a->expected, a->significance);
    buf_printf(out, "mentions\t%lld (before: %lld in %lld hours)\n",
               (long long)json_i64_or(e, "n", 0),
               (long long)json_i64_or(json_get(e, "before"), "n", 0),
               (long long)json_i64_or(json_get(e, "before"), "hours", 0));
    print_parts(out, "term", "term", json_get(e, "terms"));
    print_parts(out, "author", "author", json_get(json_get(e, "authors"), "top"));
    print_parts(out, "source", "source", json_get(e, "sources"));
    print_parts(out, "mood", "mood", json_get(e, "moods"));
    print_parties(r, out, json_get(e, "parties"));
    print_posts(out, json_get(e, "posts"));
    return print_earlier(r, out, a, err);
}

static bool show(struct request *r, struct err *err)
{
    struct json_writer w;
    struct alert alert;
    struct buf out;
    int64_t id;

    if (!need_id(r, &id, err) || !alert_read(&r->place.arena, r->workspace->state, id, &alert, err))
        return false;
    buf_init(&out, 8 * MIB);
    bool ok = true;
    if (r->is_json) {
        json_writer_init(&w, &out, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        alert_put(&w, &alert, &r->names, true);
        json_end_object(&w);
        buf_lit(&out, "\n");
    } else
        ok = put_words(r, &out, &alert, err);
    ok = ok && cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

static bool acknowledge(struct request *r, struct err *err)
{
    int64_t id;

    return need_id(r, &id, err) &&
           alert_acknowledge(r->workspace->state, id, r->note, S("cli"), clock_now_ms(), err);
}

int alert_add_command(int argc, char **argv)
{
    return run("alert add", argc, argv, true, add);
}

int alert_change_command(int argc, char **argv)
{
    return run("alert change", argc, argv, true, change);
}

int alert_list_command(int argc, char **argv)
{
    return run("alert list", argc, argv, false, list);
}

int alert_on_command(int argc, char **argv)
{
    return run("alert on", argc, argv, true, on);
}

int alert_off_command(int argc, char **argv)
{
    return run("alert off", argc, argv, true, off);
}

int alert_test_command(int argc, char **argv)
{
    return run("alert test", argc, argv, false, test);
}

int alert_raised_command(int argc, char **argv)
{
    return run("alert raised", argc, argv, false, raised);
}

int alert_show_command(int argc, char **argv)
{
    return run("alert show", argc, argv, true, show);
}

int alert_acknowledge_command(int argc, char **argv)
{
    return run("alert acknowledge", argc, argv, true, acknowledge);
}
