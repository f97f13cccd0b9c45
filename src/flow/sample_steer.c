/* After the decision: the posts that came later, day by day; what broke; the ledger. */
#include "flow/sample_priv.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "os/clock.h"
#include "os/file.h"
#include "strategy/steering/review.h"

enum { EVENTS_SHOWN_MAX = 20, STEP_ARENA_BYTES = 256 * 1024 * 1024 };

static bool import_step(struct sample *s, struct archive *archive, Str path, struct arena *a,
                        uint64_t *events, struct err *err)
{
    struct import_job job = {
        .workspace = s->workspace,
        .archive = archive,
        .paths = &path,
        .path_count = 1,
        .options = {.format = DECODE_AUTO},
        .worker_count = s->options->threads,
        .now_ms = s->options->now_ms,
        .actor = S("system"),
        .stop = s->options->stop,
    };
    struct steer_result result;

    if (!steer_import(a, s->method, &job, &result, err))
        return false;
    s->replayed_posts += result.import.counts.read;
    s->replayed_days++;
    *events += result.assumptions.events.count;
    return true;
}

static bool is_step(Str name)
{
    return str_starts(name, S("after-")) && str_ends(name, S(".jsonl"));
}

bool sample_replay(struct sample *s, struct err *err)
{
    struct archive *archive = NULL;
    struct dir_entry *entries;
    struct arena a;
    size_t count;
    uint64_t events = 0;
    uint64_t begun_ns = clock_monotonic_ns();
    bool ok;

    report_stage(&s->report, "Replay of what came afterwards, through the same import");
    if (!dir_list(s->arena, s->posts_dir, &entries, &count, err))
        return false;
    arena_init(&a, STEP_ARENA_BYTES);
    ok = archive_open(&archive, s->workspace->posts_dir, ARCHIVE_WRITE, err);
    for (size_t i = 0; ok && i < count; i++) {
        if (is_step(entries[i].name))
            ok = import_step(s, archive, path_join(s->arena, s->posts_dir, entries[i].name), &a,
                             &events, err);
        arena_reset(&a);
    }
    archive_close(&archive);
    arena_deinit(&a);
    if (!ok)
        return false;
    double seconds = (double)(clock_monotonic_ns() - begun_ns) / 1e9;
    report_line(&s->report, "replayed",
                "%s posts in %llu imports, %.1f s; assumptions looked at after each",
                report_count(s->arena, (double)s->replayed_posts),
                (unsigned long long)s->replayed_days, seconds);
    report_line(&s->report, "changes of state", "%llu", (unsigned long long)events);
    return sample_tell_spikes(s, s->cut_ms, INT64_MAX, err);
}

/* ---- what broke ---- */

static const struct assumption_event *first_break(const struct assumption_event *events,
                                                  size_t count)
{
    for (size_t i = count; i > 0; i--) /* newest first: the oldest break is the last one */
        if (events[i - 1].to == ASSUMPTION_BROKEN)
            return &events[i - 1];
    return NULL;
}

static void tell_event(struct sample *s, const struct assumption_event *event)
{
    report_line(&s->report, "broken", STR_F, STR_A(event->statement));
    report_more(&s->report,
                "%s: %.3g against the threshold %.3g, from %lld posts, coverage %.0f %%",
                time_date(event->at_ms).text, event->value, event->threshold,
                (long long)event->sample, 100 * event->coverage);
    report_more(&s->report, "signal " STR_F ", definition version %lld, evidence %lld, review %lld",
                STR_A(event->signal), (long long)event->definition_version,
                (long long)event->evidence, (long long)event->review_id);
}

static void tell_dependants(struct sample *s, const struct dependants *d)
{
    report_line(&s->report, "depends on it",
                "%zu options, %zu goals, %zu components; %.0f %% of the benefit rests on it",
                d->options.count, d->goals.count, d->components.count, 100 * d->benefit_share);
    for (size_t i = 0; i < d->options.count; i++)
        report_more(&s->report, STR_F ": %s a year, %s of it at stake",
                    STR_A(d->options.items[i].label),
                    report_count(s->arena, d->options.items[i].per_year),
                    report_count(s->arena, d->options.items[i].at_stake));
    report_line(&s->report, "proposed response", STR_F " " STR_F,
                STR_A(s->method->steering.response[d->response].in[METHOD_EN]),
                STR_A(d->response_reason));
}

/* The same model and seed with the assumption taken as false. */
static bool simulate_failed(struct sample *s, const struct strategy_model *model, Str version,
                            Str assumption, struct err *err)
{
    struct simulation_order order = {.threads = (int)s->options->threads,
                                     .program_version = s->options->program_version};
    struct change change = {S("system"), S(PHRASE("an assumption broke")), s->options->now_ms};
    struct simulation_result result;

    order.versions = (StrList){&version, 1};
    order.failed = (StrList){&assumption, 1};
    if (!simulation_run(s->arena, model, &order, &result, err) ||
        !simulation_store(s->workspace->state, &change, &order, &result, err))
        return false;
    const struct simulated_version *was = simulation_version(&s->simulated, version);
    const struct simulated_version *is = simulation_version(&result, version);
    if (!was || !is)
        return true;
    report_line(&s->report, "simulated with it false",
                "P50 %s instead of %s; loss %.1f %% instead of %.1f %%",
                report_count(s->arena, is->p50), report_count(s->arena, was->p50),
                100 * is->probability_of_loss, 100 * was->probability_of_loss);
    return true;
}

bool sample_tell_breaks(struct sample *s, struct err *err)
{
    struct db *db = s->workspace->state;
    const struct assumption_event *events;
    struct strategy_model *model = arena_new(s->arena, struct strategy_model, 1);
    struct decision decision;
    struct dependants dependants;
    size_t count;

    report_stage(&s->report, "Is the strategy still true?");
    if (!assumption_events(db, s->arena, STR_NONE, EVENTS_SHOWN_MAX, &events, &count, err) ||
        !store_read(db, s->arena, model, err) || !decision_current(db, s->arena, &decision, err))
        return false;
    const struct assumption_event *broken = first_break(events, count);
    if (!broken) {
        report_line(&s->report, "assumptions", "none broke in the replayed time");
        return true;
    }
    tell_event(s, broken);
    const struct strategy_version *version = model_version(model, decision.version);
    if (!assumption_dependants(s->arena, model, s->method, version, broken->assumption, &dependants,
                               err))
        return false;
    tell_dependants(s, &dependants);
    return simulate_failed(s, model, decision.version, broken->assumption, err);
}

bool sample_tell_ledger(struct sample *s, struct err *err)
{
    struct ledger_report report;

    report_stage(&s->report, "Ledger");
    if (!ledger_verify(s->workspace->state, NULL, &report, err))
        return false;
    if (report.first_bad_seq != 0)
        return err_set(err, ERR_CORRUPT, "the ledger is broken at entry %lld: %s",
                       (long long)report.first_bad_seq, report.what);
    report_line(&s->report, "verified", "%lld entries, the chain is sound; head %lld:%.16s",
                (long long)report.entries, (long long)report.head.seq, report.head.hash_hex);
    return true;
}
