#include "flow/sample_run.h"

#include "base/log.h"
#include "flow/rate_topics.h"
#include "flow/sample_priv.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "os/claim.h"
#include "os/clock.h"
#include "os/file.h"
#include "signal/evidence.h"
#include "strategy/choice/evaluation.h"

enum { EXCERPT_BYTES = 96, POSTS_SHOWN = 3 };

static const struct sample_kind halden = {
    .slug = S_INIT("halden"),
    .name = S_INIT("Halden"),
    .folder = S_INIT("samples/halden"),
    .is_scripted = true,
    .rating_days = 56,
    .step_days = 1,
};

static const struct sample_kind handsets_2013 = {
    .slug = S_INIT("handsets-2013"),
    .name = S_INIT("HTC in 2013"),
    .folder = S_INIT("samples/handsets-2013"),
    .rating_days = 364,
    .step_days = 7,
};

/* ---- stages ---- */

static bool set_up(struct sample *s, struct err *err)
{
    struct import_counts counts;

    report_stage(&s->report, "Company");
    if (!sample_import_strategy(s->workspace->state, s->arena, sample_file(s, "strategy.json"),
                                s->options->now_ms, &counts, err))
        return false;
    report_line(&s->report, "workspace", STR_F " in " STR_F, STR_A(s->kind->name),
                STR_A(s->workspace->dir));
    report_line(&s->report, "strategy objects",
                "%lld: business model, goals, competitors, topics, options, conditions",
                (long long)counts.added);
    return sample_add_queries(s, err);
}

static void tell_one_rating(struct sample *s, const struct topic *topic)
{
    const struct topic_proposal *proposal = topic->proposal;

    report_line(&s->report, "one of them",
                STR_F ": affinity %lld, standing " STR_F ", position " STR_F STR_F,
                STR_A(topic->name), (long long)proposal->affinity,
                STR_A(word_of(&words_standing, (int)proposal->standing)),
                STR_A(word_of(&words_position, (int)proposal->position)),
                STR_A(proposal->holder.len > 0
                          ? arena_printf(s->arena, " by " STR_F, STR_A(proposal->holder))
                          : STR_NONE));
}

static bool tell_reasons(struct sample *s, const struct topic *topic, struct err *err)
{
    ReasonList reasons;

    if (!rating_affinity_lines(s->arena, &s->method->rating, topic->proposal, METHOD_EN, &reasons,
                               err))
        return false;
    for (size_t i = 0; i < reasons.count; i++)
        report_more(&s->report, STR_F, STR_A(reasons.items[i].text));
    return true;
}

/* Cut at a character's border, for one line of the report. */
static Str excerpt(Str text)
{
    size_t len = text.len < EXCERPT_BYTES ? text.len : EXCERPT_BYTES;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    len = str_find_byte(str_sub(text, 0, len), '\n');
    return str_sub(text, 0, len);
}

/* The posts that were kept behind the first number of the rating. */
static bool tell_posts(struct sample *s, const struct topic *topic, struct err *err)
{
    int64_t id = topic->proposal->affinity_reasons[CRITERION_VOLUME].number.evidence;
    struct evidence evidence;

    if (id == 0)
        return true;
    if (!evidence_read(s->arena, s->workspace->state, id, &evidence, err))
        return false;
    report_more(&s->report, "posts behind the first number (evidence %lld):", (long long)id);
    for (size_t i = 0; i < evidence.item_count && i < POSTS_SHOWN; i++) {
        const struct evidence_item *item = &evidence.items[i];
        report_more(&s->report, "  %s " STR_F " " STR_F ": \"" STR_F "\"",
                    time_date(item->created_at_ms).text, STR_A(item->source), STR_A(item->ref),
                    STR_A(excerpt(item->text)));
    }
    return true;
}

/* The most talked-about topic of priority A stands for all in the report. */
static const struct topic *example_topic(const struct strategy_model *model)
{
    const struct topic *best = NULL;

    for (size_t i = 0; i < model->topics.count; i++) {
        const struct topic *topic = &model->topics.items[i];
        if (topic->priority == PRIORITY_A && topic->proposal &&
            (!best || topic->proposal->mentions > best->proposal->mentions))
            best = topic;
    }
    return best;
}

/* Days without posts only because the script was cut are not measured. */
static int64_t rating_from(const struct sample *s)
{
    int64_t from_ms = s->cut_ms - s->kind->rating_days * TIME_DAY_MS;

    return s->script && s->script->start_ms > from_ms ? s->script->start_ms : from_ms;
}

static bool rate(struct sample *s, struct err *err)
{
    struct db *db = s->workspace->state;
    struct change change = {S(SAMPLE_STRATEGIST), S("before the decision"), s->options->now_ms};
    struct strategy_model *model = arena_new(s->arena, struct strategy_model, 1);
    struct confirmed_ratings confirmed;
    struct rate_counts counts;
    int64_t from_ms = rating_from(s);

    report_stage(&s->report, "Topics, rated on measured conversation");
    if (!rate_topics(s->arena, s->workspace, s->method, &change, STR_NONE, from_ms, s->cut_ms,
                     &counts, err) ||
        !store_read(db, s->arena, model, err))
        return false;
    report_line(&s->report, "rated", "%zu topics over %s to %s, %zu without enough data",
                counts.rated, time_date(from_ms).text, time_date(s->cut_ms).text,
                counts.not_enough);
    report_line(&s->report, "evidence", "%zu numbers, with %zu posts kept behind them",
                counts.evidence, counts.posts);
    const struct topic *example = example_topic(model);
    if (example) {
        tell_one_rating(s, example);
        if (!tell_reasons(s, example, err) || !tell_posts(s, example, err))
            return false;
    }
    if (!sample_confirm_ratings(db, s->arena, &s->plan, s->options->now_ms, &confirmed, err))
        return false;
    report_line(&s->report, "people", "%zu confirmed, %zu overridden with a reason",
                confirmed.confirmed, confirmed.overridden);
    return true;
}

static void tell_alternative(struct sample *s, const struct alternative *alternative)
{
    const struct simulated_version *simulated =
        simulation_version(&s->simulated, alternative->version.id);
    size_t chosen = 0;

    for (size_t i = 0; i < alternative->version.options.count; i++)
        chosen += alternative->version.options.items[i].is_chosen;
    if (alternative->status == ALTERNATIVE_INFEASIBLE || !simulated) {
        report_line(&s->report, "", STR_F ": cannot be met under the limits",
                    STR_A(alternative->preset->name.in[METHOD_EN]));
        return;
    }
    report_line(&s->report,
                arena_printf(s->arena, STR_F, STR_A(alternative->preset->name.in[METHOD_EN])).ptr,
                "%2zu options  P10 %11s  P50 %11s  P90 %11s  loss %4.1f %%  gap %.4f%s", chosen,
                report_count(s->arena, simulated->p10), report_count(s->arena, simulated->p50),
                report_count(s->arena, simulated->p90), 100 * simulated->probability_of_loss,
                alternative->gap,
                alternative->is_moved ? "  (next after the optimum, to differ)" : "");
}

static bool tell_resources(struct sample *s, const struct strategy_model *model,
                           const struct strategy_version *version, struct err *err)
{
    struct evaluation evaluation;
    Str text = STR_NONE;

    if (!evaluation_make(s->arena, model, s->method, version, &evaluation, err))
        return false;
    for (size_t i = 0; i < evaluation.resources.count; i++) {
        const struct resource_line *line = &evaluation.resources.items[i];
        text =
            arena_printf(s->arena, STR_F "%s" STR_F " %s/%s", STR_A(text), text.len > 0 ? ", " : "",
                         STR_A(line->resource), report_count(s->arena, line->demand),
                         report_count(s->arena, line->limit));
    }
    report_more(&s->report, STR_F, STR_A(text));
    return true;
}

/* The solver may run out of time with a good answer that it could not prove to be the best. */
static const char *proof_of(const struct sample *s)
{
    for (size_t i = 0; i < s->found.found.count; i++)
        if (s->found.found.items[i].status == ALTERNATIVE_FEASIBLE)
            return "not all proven optimal";
    return "exact";
}

static bool find_alternatives(struct sample *s, struct err *err)
{
    struct db *db = s->workspace->state;
    struct strategy_model *model = arena_new(s->arena, struct strategy_model, 1);
    int threads = s->options->threads > 0 ? (int)s->options->threads : 2;
    uint64_t begun_ns = clock_monotonic_ns();

    report_stage(&s->report, "Options and alternatives");
    if (!sample_find_versions(db, s->arena, s->method, threads, s->options->stop,
                              s->options->now_ms, &s->found, &s->simulated, err) ||
        !store_read(db, s->arena, model, err))
        return false;
    report_line(&s->report, "options", "%zu in %zu topics under %zu limits", model->options.count,
                model->topics.count, model->limits.count);
    report_line(
        &s->report, "alternatives",
        "%zu with different focus, %s; %s trials each, seed %llu (%.1f s)", s->found.found.count,
        proof_of(s), report_count(s->arena, (double)s->simulated.trials),
        (unsigned long long)s->simulated.seed, (double)(clock_monotonic_ns() - begun_ns) / 1e9);
    for (size_t i = 0; i < s->found.found.count; i++) {
        const struct alternative *alternative = &s->found.found.items[i];
        tell_alternative(s, alternative);
        const struct strategy_version *version = model_version(model, alternative->version.id);
        if (version && !tell_resources(s, model, version, err))
            return false;
    }
    report_line(&s->report, "model hash", "%.16s", s->simulated.model_hash.ptr);
    return true;
}

static bool decide(struct sample *s, struct err *err)
{
    struct db *db = s->workspace->state;
    struct decision decision;
    int64_t id;

    report_stage(&s->report, "Decision");
    if (!sample_decide(db, s->arena, s->method, &s->plan, &s->found, s->options->now_ms, s->cut_ms,
                       &id, err) ||
        !decision_read(db, s->arena, id, &decision, err))
        return false;
    report_line(&s->report, "adopted", STR_F ", signed by " STR_F, STR_A(decision.version_name),
                STR_A(decision.signed_name));
    report_line(&s->report, "because", STR_F, STR_A(decision.reason));
    report_line(&s->report, "rejected", "%zu versions, each with its reason",
                decision.rejected.count);
    report_line(&s->report, "armed", "%lld assumptions on live signals, from %s",
                (long long)decision.armed_count, time_date(s->cut_ms).text);
    return true;
}

typedef bool stage_function(struct sample *s, struct err *err);

static bool tell_spikes_before(struct sample *s, struct err *err)
{
    return sample_tell_spikes(s, INT64_MIN, s->cut_ms, err);
}

static stage_function *const stages[] = {
    sample_make_posts, set_up, sample_import_before, tell_spikes_before, rate,
    find_alternatives, decide, sample_replay,        sample_tell_breaks, sample_tell_ledger,
};

static bool go_the_way(struct sample *s, struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(stages); i++)
        if (!sample_goes_on(s, err) || !stages[i](s, err))
            return false;
    return sample_goes_on(s, err);
}

bool sample_goes_on(const struct sample *s, struct err *err)
{
    return !s->options->stop || !atomic_load(s->options->stop) ||
           err_set(err, ERR_CANCELLED, "the run was interrupted");
}

static bool run_new(struct arena *a, const struct sample_options *options,
                    const struct sample_kind *kind, struct err *err)
{
    struct sample *s = arena_new(a, struct sample, 1);

    *s = (struct sample){.arena = a, .options = options, .kind = kind};
    report_text_init(&s->report, options->write, options->context);
    bool ok = method_read(a, &s->method, err) &&
              sample_plan_load(a, sample_file(s, "decision.json"), &s->plan, err) &&
              workspace_open(&s->workspace, options->data_dir, kind->slug, err) &&
              go_the_way(s, err);
    workspace_close(&s->workspace);
    report_text_deinit(&s->report);
    return ok;
}

/* ---- the workspace: whole, half, or not there ---- */

static bool is_there(struct arena *a, struct db *system, Str slug, bool *found, struct err *err)
{
    struct workspace_entry *entries;
    size_t count;

    *found = false;
    if (!workspace_list(a, system, &entries, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        *found |= str_eq(entries[i].slug, slug);
    return true;
}

/* Did anybody but the run itself do something in what a stopped run left? */
static bool is_touched(struct arena *a, const struct sample_options *options, Str slug,
                       bool *is_touched, struct err *err)
{
    struct ledger_filter filter = {.count_max = LEDGER_LIST_COUNT_MAX};
    struct workspace *workspace = NULL;
    struct ledger_entry *entries;
    size_t count = 0;

    *is_touched = false;
    bool ok = workspace_open(&workspace, options->data_dir, slug, err);
    do {
        ok = ok && ledger_list(a, workspace->state, &filter, &entries, &count, err);
        for (size_t i = 0; ok && i < count; i++) {
            *is_touched |= !str_eq(entries[i].actor, S("system")) &&
                           !str_eq(entries[i].actor, S(SAMPLE_STRATEGIST)) &&
                           !str_eq(entries[i].actor, S(SAMPLE_MANAGEMENT));
            filter.before_seq = entries[i].seq;
        }
    } while (ok && !*is_touched && count == filter.count_max);
    workspace_close(&workspace);
    return ok;
}

static bool remove_half(struct db *system, const struct sample_options *options, Str slug,
                        struct err *err)
{
    return workspace_remove(system, options->data_dir, slug, S("system"),
                            S("the sample run that made it did not get through"), options->now_ms,
                            err);
}

/* What a killed run left is made anew; not so when people worked in it since. */
static bool clear_half(struct arena *a, struct db *system, const struct sample_options *options,
                       Str slug, struct err *err)
{
    bool is_ours;

    if (!is_touched(a, options, slug, &is_ours, err))
        return false;
    if (is_ours) {
        err_set(err, ERR_CONFLICT,
                "its workspace is there, but the run that made it was stopped, and people worked "
                "in it since");
        return err_hint(err, "choose another --data for a new run");
    }
    return remove_half(system, options, slug, err);
}

/* A workspace without a decision that no run claims: not made by this program's runs. */
static bool check_whole(struct arena *a, const struct sample_options *options, Str slug,
                        struct err *err)
{
    struct workspace *workspace = NULL;
    struct decision decision = {0};

    bool ok = workspace_open(&workspace, options->data_dir, slug, err) &&
              decision_current(workspace->state, a, &decision, err);
    if (ok && decision.id == 0) {
        ok = err_set(err, ERR_CONFLICT, "there is a workspace of that name without a decision");
        err_hint(err, "it is not the sample's; choose another --data");
    }
    workspace_close(&workspace);
    return ok;
}

/* What can be wrong with the order is found before a workspace is made for it. */
static bool check_options(struct arena *a, const struct sample_options *options,
                          const struct sample_kind *kind, struct err *err)
{
    struct decode_options decode = {.format = DECODE_AUTO};
    struct decode_input *in = NULL;
    struct market_script *script;
    struct sample s = {.arena = a, .options = options, .kind = kind};

    if (kind->is_scripted)
        return options->days == 0 ||
               (market_script_load(a, sample_file(&s, "market.json"), &script, err) &&
                market_script_cut(script, options->days, err));
    bool ok = decode_input_open(&in, options->posts, &decode, a, err);
    decode_input_close(&in);
    return ok;
}

/* A failure, an interrupt included, takes back what was made for the run; *is_settled is false when
 * that could not be done. */
static bool make_new(struct arena *a, struct db *system, const struct sample_options *options,
                     const struct sample_kind *kind, bool *is_settled, struct err *err)
{
    struct err ignored = {0};

    if (!workspace_create(system, options->data_dir, kind->slug, kind->name, S("system"),
                          options->now_ms, err))
        return false;
    if (run_new(a, options, kind, err))
        return true;
    *is_settled = remove_half(system, options, kind->slug, &ignored);
    if (!*is_settled)
        log_err(LOG_WARN, "sample.half_left", &ignored);
    return false;
}

/* The claim tells a run that was killed from a workspace that is whole. */
static bool make_or_find(struct arena *a, struct db *system, const struct sample_options *options,
                         const struct sample_kind *kind, bool *is_new, struct err *err)
{
    Str name = arena_printf(a, "sample-run-" STR_F, STR_A(kind->slug));
    struct claim *claim = NULL;
    bool was_left = false, is_known = false, is_settled = true;

    bool ok = claim_open(&claim, path_join(a, options->data_dir, name), &was_left, err) &&
              is_there(a, system, kind->slug, &is_known, err);
    if (ok && is_known && was_left) {
        ok = is_settled = clear_half(a, system, options, kind->slug, err);
        is_known = !ok;
    }
    *is_new = !is_known;
    if (ok)
        ok = is_known ? check_whole(a, options, kind->slug, err)
                      : make_new(a, system, options, kind, &is_settled, err);
    claim_close(&claim, is_settled);
    return ok;
}

bool sample_run(struct arena *a, const struct sample_options *options, struct sample_outcome *out,
                struct err *err)
{
    const struct sample_kind *kind = options->posts.len > 0 ? &handsets_2013 : &halden;
    struct db *system = NULL;

    *out = (struct sample_outcome){
        .slug = kind->slug, .login = S(SAMPLE_STRATEGIST), .management = S(SAMPLE_MANAGEMENT)};
    bool ok = check_options(a, options, kind, err) &&
              system_db_open(&system, options->data_dir, err) &&
              make_or_find(a, system, options, kind, &out->is_new, err) &&
              sample_make_accounts(a, system, out, options->now_ms, err);
    db_close(&system);
    return ok || err_wrap(err, "could not run sample '" STR_F "'", STR_A(kind->slug));
}
