/* label_command.c - `trimtab label`: draw samples, label them in a spreadsheet, measure the
 * machine.
 */
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/label/label_report.h"
#include "listen/label/label_table.h"
#include "listen/standing_query.h"
#include "os/clock.h"

#define DEFAULT_WORKSPACE "default"
#define TABLE_BYTES_MAX   (256 * MIB) /* of labels to be read: reject */

static const char *const mood_names[LABEL_MOODS] = {"negative", "neutral", "positive"};

/* What all the verbs take; each looks at its own. */
struct label_options {
    const char *command;
    Str workspace, data, who, name, file; /* name: of a query, or the number of a round */
    int64_t from_ms, to_ms, now_ms;
    uint64_t count, seed;
    enum label_design design;
    bool is_json;
    struct arena arena;
    struct workspace *opened;
    struct archive *archive;
};

static bool open_place(struct label_options *o, struct err *err)
{
    Str data;

    return data_dir_resolve(&o->arena, o->data, &data, err) &&
           workspace_open(&o->opened, data, o->workspace, err) &&
           archive_open(&o->archive, o->opened->posts_dir, ARCHIVE_READ, err);
}

static bool need_query(struct label_options *o, struct standing_query *query, struct err *err)
{
    return standing_query_find(&o->arena, o->opened->state, o->name, query, err);
}

static bool need_round(struct label_options *o, struct label_round *round, struct err *err)
{
    int64_t id;

    if (!str_to_i64(o->name, &id)) {
        err_set(err, ERR_USAGE, "'" STR_F "' is not the number of a labelling round",
                STR_A(o->name));
        return err_hint(err, "trimtab label list shows them");
    }
    return label_round_read(&o->arena, o->opened->state, id, round, err);
}

static bool need_who(const struct label_options *o, struct err *err)
{
    if (o->who.len > 0)
        return true;
    err_set(err, ERR_USAGE, "it has to be said who labelled");
    return err_hint(err, "--as ann");
}

/* ---- draw, list, close ----------------------------------------------------------------------- */

/* The whole archive when no window is said. */
static bool window_of(struct label_options *o, struct err *err)
{
    int64_t from_hour, to_hour;

    if (!archive_span(o->archive, &from_hour, &to_hour, err))
        return false;
    o->from_ms = o->from_ms != 0 ? o->from_ms : from_hour * HOUR_MS;
    o->to_ms = o->to_ms != 0 ? o->to_ms : to_hour * HOUR_MS;
    return to_hour > from_hour || err_set(err, ERR_NOT_FOUND, "no post is stored yet");
}

static bool draw(struct label_options *o, struct err *err)
{
    struct standing_query query;
    int64_t round;

    if (!need_query(o, &query, err) || !window_of(o, err))
        return false;
    const struct label_plan plan = {.query = query.id,
                                    .from_ms = o->from_ms,
                                    .to_ms = o->to_ms,
                                    .count = (size_t)o->count,
                                    .design = o->design,
                                    .seed = o->seed != 0 ? o->seed : (uint64_t)o->now_ms,
                                    .actor = o->who.len > 0 ? o->who : S("cli"),
                                    .now_ms = o->now_ms};
    if (!label_draw(o->opened->state, o->archive, &plan, &round, err))
        return false;
    printf("%lld\n", (long long)round);
    return true;
}

static void put_round(struct json_writer *w, const struct label_round *r)
{
    json_begin_object(w);
    json_set_i64(w, "round", r->id);
    json_set_i64(w, "query", r->query);
    json_set_str(w, "design", str_from_cstr(label_design_name(r->design)));
    json_set_str(w, "from", str_from_cstr(time_rfc3339(r->from_ms).text));
    json_set_str(w, "to", str_from_cstr(time_rfc3339(r->to_ms).text));
    json_set_i64(w, "drawn", r->drawn);
    json_set_i64(w, "erased", r->erased);
    json_set_i64(w, "judged", r->judged);
    json_set_i64(w, "labellers", r->labellers);
    json_set_str(w, "opened_by", r->opened_by);
    json_set_bool(w, "is_open", r->closed_at_ms == 0);
    json_end_object(w);
}

static bool list(struct label_options *o, struct err *err)
{
    struct standing_query query = {0};
    struct label_round *rounds;
    struct json_writer w;
    struct buf out;
    size_t count;

    if ((o->name.len > 0 && !need_query(o, &query, err)) ||
        !label_rounds(&o->arena, o->opened->state, query.id, &rounds, &count, err))
        return false;
    buf_init(&out, GIB);
    for (size_t i = 0; i < count; i++) {
        const struct label_round *r = &rounds[i];
        struct standing_query of;
        if (o->is_json) {
            json_writer_init(&w, &out, JSON_STYLE_COMPACT);
            put_round(&w, r);
            buf_lit(&out, "\n");
            continue;
        }
        if (!standing_query_read(&o->arena, o->opened->state, r->query, &of, err))
            break;
        buf_printf(&out, "%lld\t" STR_F "\t%s\t%lld\t%lld\t%s\t%.10s\t%.10s\n", (long long)r->id,
                   STR_A(of.name), label_design_name(r->design), (long long)r->judged,
                   (long long)r->drawn, r->closed_at_ms == 0 ? "open" : "closed",
                   time_rfc3339(r->from_ms).text, time_rfc3339(r->to_ms).text);
    }
    bool ok = err->code == ERR_NONE && cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

static bool close_round(struct label_options *o, struct err *err)
{
    struct label_reading reading;
    struct label_round round;

    return need_round(o, &round, err) && need_who(o, err) &&
           label_read_machine(o->opened->state, o->archive, round.query, o->now_ms, &reading,
                              err) &&
           label_close(o->opened->state, round.id, o->who, o->now_ms, err);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool export_table(struct label_options *o, struct err *err)
{
    struct label_round round;
    struct buf out;

    buf_init(&out, GIB);
    bool ok = need_round(o, &round, err) &&
              label_table_write(o->opened->state, o->archive, round.id, o->who, &out, err) &&
              cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

static void print_reject(void *context, uint64_t line, const char *reason)
{
    const struct label_options *o = context;

    cli_reject(o->file, line, str_from_cstr(reason));
}

static bool import_table(struct label_options *o, struct err *err)
{
    struct label_table_counts counts;
    struct label_round round;
    struct buf csv;

    buf_init(&csv, TABLE_BYTES_MAX);
    bool ok = need_round(o, &round, err) && need_who(o, err) && cli_read_all(o->file, &csv, err) &&
              label_table_read(o->opened->state, round.id, o->who, buf_str(&csv), o->now_ms,
                               print_reject, o, &counts, err);
    buf_deinit(&csv);
    if (!ok)
        return false;
    printf("rows %zu\njudged %zu\nempty %zu\nrejected %zu\n", counts.read, counts.judged,
           counts.empty, counts.rejected);
    o->count = counts.rejected > 0 ? UINT64_MAX : 0;
    return true;
}

/* ---- report ---------------------------------------------------------------------------------- */

struct shares {
    double counted[LABEL_MOODS];
    enum prevalence_answer answer;
    struct prevalence p;
};

static void put_interval(struct buf *out, const char *name, const struct confusion_share *s)
{
    if (isnan(s->value))
        buf_printf(out, "%s\t-\n", name);
    else
        buf_printf(out, "%s\t%.1f %%\t%.1f to %.1f\n", name, 100 * s->value, 100 * s->low,
                   100 * s->high);
}

static void put_matrix(struct buf *out, const struct confusion *c)
{
    buf_lit(out, "people \\ machine\tnegative\tneutral\tpositive\n");
    for (size_t t = 0; t < LABEL_MOODS; t++)
        buf_printf(out, "%s\t%u\t%u\t%u\n", mood_names[t], c->counts[3 * t], c->counts[3 * t + 1],
                   c->counts[3 * t + 2]);
}

static const char *answer_words(enum prevalence_answer answer)
{
    switch (answer) {
    case PREVALENCE_TOO_FEW:
        return "not enough labels to correct shares: at least 50 moods are needed";
    case PREVALENCE_CLASS_FEW:
        return "not enough labels of one mood to correct shares: at least 5 of each are needed; a "
               "stratified draw finds rare ones";
    case PREVALENCE_INDISTINCT:
        return "the machine's moods say too little about these posts to correct shares";
    case PREVALENCE_UNCOUNTED:
        return "no mention in the window";
    case PREVALENCE_GOOD:
        break;
    }
    return "";
}

static void put_shares(struct buf *out, const struct shares *s)
{
    double all = s->counted[0] + s->counted[1] + s->counted[2];

    if (s->answer != PREVALENCE_GOOD) {
        buf_printf(out, "%s\n", answer_words(s->answer));
        return;
    }
    buf_lit(out, "share\tcounted\tcorrected\t95 %\n");
    for (size_t c = 0; c < LABEL_MOODS; c++)
        buf_printf(out, "%s\t%.1f %%\t%.1f %%\t%.1f to %.1f\n", mood_names[c],
                   100 * s->counted[c] / all, 100 * s->p.shares[c].value, 100 * s->p.shares[c].low,
                   100 * s->p.shares[c].high);
    double moods = s->counted[0] + s->counted[2];
    buf_printf(out, "net sentiment\t%+.2f\t%+.2f\t%+.2f to %+.2f\n",
               moods > 0 ? (s->counted[2] - s->counted[0]) / moods : 0, s->p.net.value,
               s->p.net.low, s->p.net.high);
}

static void put_words(struct buf *out, const struct label_report *r, const struct shares *s)
{
    static const char *const recall[] = {"recall negative", "recall neutral", "recall positive"};
    static const char *const precision[] = {"precision negative", "precision neutral",
                                            "precision positive"};

    buf_printf(out,
               "drawn %zu, judged %zu, in the matrix %zu, off topic %zu, unsure %zu, disputed %zu, "
               "gone %zu\n",
               r->items, r->judged, r->usable, r->off_topic, r->unsure, r->disputed, r->gone);
    buf_printf(out, "moods made by " STR_F ", corrections %lld%s\n\n",
               STR_A(r->has_makers      ? S("several models")
                     : r->maker.len > 0 ? r->maker
                                        : S("an unnamed model")),
               (long long)r->corrections,
               r->is_current ? "" : " (a newer version waits for trimtab post rematch)");
    if (r->usable == 0)
        return;
    put_matrix(out, &r->confusion);
    buf_lit(out, "\n");
    put_interval(out, "accuracy", &r->confusion.accuracy);
    buf_printf(out, "always the most frequent\t%.1f %%\n", 100 * r->confusion.majority);
    put_interval(out, "average recall", &r->confusion.average_recall);
    for (size_t c = 0; c < LABEL_MOODS; c++)
        put_interval(out, recall[c], &r->confusion.recall[c]);
    for (size_t c = 0; c < LABEL_MOODS; c++)
        put_interval(out, precision[c], &r->confusion.precision[c]);
    put_interval(out, "relevance", &r->relevance);
    if (r->agreement.units > 0 && !isnan(r->agreement.alpha))
        buf_printf(out,
                   "agreement of people (Krippendorff's alpha)\t%.2f\t%.2f to %.2f\t%zu posts\n",
                   r->agreement.alpha, r->agreement.low, r->agreement.high, r->agreement.units);
    buf_lit(out, "\n");
    put_shares(out, s);
}

static bool report(struct label_options *o, struct err *err)
{
    struct standing_query query;
    struct label_reading reading;
    struct label_report r;
    struct shares s;
    struct json_writer w;
    struct buf out;

    if (!need_query(o, &query, err) || !window_of(o, err) ||
        !label_read_machine(o->opened->state, o->archive, query.id, o->now_ms, &reading, err) ||
        !label_report_read(&o->arena, o->opened->state, query.id, 0, &r, err) ||
        !label_count(o->archive, query.id, o->from_ms, o->to_ms, s.counted, err))
        return false;
    s.answer = label_shares(&r, s.counted, &s.p);
    buf_init(&out, GIB);
    if (o->is_json) {
        json_writer_init(&w, &out, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        json_set_str(&w, "query", query.name);
        label_report_put(&w, &r);
        label_shares_put(&w, s.answer, &s.p, s.counted);
        json_end_object(&w);
        buf_lit(&out, "\n");
    } else
        put_words(&out, &r, &s);
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

/* ---- commands -------------------------------------------------------------------------------- */

typedef bool label_verb(struct label_options *o, struct err *err);

static int run_verb(const char *command, label_verb *verb, int argc, char **argv)
{
    struct label_options o = {.command = command,
                              .workspace = S(DEFAULT_WORKSPACE),
                              .count = LABEL_GOAL,
                              .now_ms = clock_now_ms()};
    struct err err = {0};

    const struct cli_option options[] = {
        CLI_TEXT("--workspace", &o.workspace),
        CLI_PATH("--data", &o.data),
        CLI_TEXT("--as", &o.who),
        CLI_TIME("--from", &o.from_ms),
        CLI_TIME("--to", &o.to_ms),
        CLI_TIME("--now", &o.now_ms),
        CLI_WHOLE("--count", &o.count, 1, LABEL_SAMPLE_MAX),
        CLI_WHOLE("--seed", &o.seed, 0, INT64_MAX),
        CLI_CHOICE("--design", &o.design, "uniform or stratified"),
        CLI_FLAG("--json", &o.is_json),
        CLI_ARGUMENT("query or round", &o.name, verb != list, NULL),
        CLI_FILE("file of judgements", &o.file, true,
                 "trimtab label import 1 labelled.csv --as ann"),
    };

    arena_init(&o.arena, GIB);
    bool ok = cli_options_read(command, options, COUNT_OF(options) - (verb != import_table), argc,
                               argv, &err) &&
              open_place(&o, &err) && verb(&o, &err);
    archive_close(&o.archive);
    workspace_close(&o.opened);
    arena_deinit(&o.arena);
    if (!ok)
        return cli_report(command, &err);
    return o.count == UINT64_MAX ? CLI_REJECTED_ROWS : CLI_OK; /* import says so */
}

int label_draw_command(int argc, char **argv)
{
    return run_verb("label draw", draw, argc, argv);
}

int label_list_command(int argc, char **argv)
{
    return run_verb("label list", list, argc, argv);
}

int label_export_command(int argc, char **argv)
{
    return run_verb("label export", export_table, argc, argv);
}

int label_import_command(int argc, char **argv)
{
    return run_verb("label import", import_table, argc, argv);
}

int label_close_command(int argc, char **argv)
{
    return run_verb("label close", close_round, argc, argv);
}

int label_report_command(int argc, char **argv)
{
    return run_verb("label report", report, argc, argv);
}
