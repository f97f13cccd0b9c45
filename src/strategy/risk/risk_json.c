#include "strategy/risk/risk_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "format/digest.h"
#include "format/json.h"

#define NUMBER_MAX     1e15 /* magnitude: reject */
#define CANONICAL_MAX  (256ULL * 1024 * 1024)
#define RISK_LINKS_MAX 10000 /* assumptions, drivers, goals, correlations of a model: reject */

struct reader {
    struct arena *arena;
    struct risk_model *model;
    struct map options, assumptions, drivers, versions; /* ids to indices */
    struct buf *notes;                                  /* may be NULL */
};

/* --- parts --------------------------------------------------------------------------------- */

static bool optional_array(const struct json *object, const char *key, size_t most,
                           const struct json **out, struct err *err)
{
    *out = json_get(object, key);
    if (*out && json_type(*out) != JSON_ARRAY)
        return json_refuse(*out, err, "is not a list");
    if (json_len(*out) > most)
        return json_refuse(*out, err, "is too long") || err_hint(err, "at most %zu entries", most);
    return true;
}

static bool optional_number(const struct json *object, const char *key, double least, double most,
                            double otherwise, double *out, struct err *err)
{
    *out = otherwise;
    return !json_get(object, key) || json_need_f64(object, key, least, most, out, err);
}

static bool read_ids(struct reader *r, const struct json *list, struct map *ids, struct err *err)
{
    (void)r;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *j = json_at(list, i);
        Str id;
        bool is_new;
        if (json_type(j) != JSON_OBJECT)
            return json_refuse(j, err, "is not an object");
        if (!json_need_str(j, "id", &id, err))
            return false;
        if (id.len == 0)
            return json_refuse(json_get(j, "id"), err, "is empty");
        uint64_t *at = map_at(ids, id, &is_new);
        if (!at)
            return err_set(err, ERR_LIMIT, "too many ids");
        if (!is_new)
            return json_refuse(json_get(j, "id"), err, "is used a second time") ||
                   err_hint(err, "every entry of the list needs an id of its own");
        *at = i;
    }
    return true;
}

static bool find_id(const struct map *ids, const struct json *j, const char *what, uint32_t *out,
                    struct err *err)
{
    Str id;
    if (!json_str(j, &id))
        return json_refuse(j, err, "is not an id");
    const uint64_t *at = map_get(ids, id);
    if (!at)
        return json_refuse(j, err, what);
    *out = (uint32_t)*at;
    return true;
}

static bool number_list(struct reader *r, const struct json *list, bool is_pairs, double **out,
                        size_t *count, struct err *err)
{
    size_t n = json_len(list), each = is_pairs ? 2 : 1;
    double *numbers = arena_try_new(r->arena, double, n *each);

    if (!numbers)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < n; i++) {
        const struct json *j = json_at(list, i);
        if (is_pairs && (json_type(j) != JSON_ARRAY || json_len(j) != 2))
            return json_refuse(j, err, "is not a pair [value, probability]");
        for (size_t k = 0; k < each; k++) {
            const struct json *number = is_pairs ? json_at(j, k) : j;
            if (!json_f64(number, &numbers[i * each + k]))
                return json_refuse(number, err, "is not a number");
            if (!(fabs(numbers[i * each + k]) <= NUMBER_MAX))
                return json_refuse(number, err, "is beyond 1e15");
        }
    }
    *out = numbers;
    *count = n * each;
    return true;
}

/* {"triangular": [80, 120, 200]}: one member, named after the kind. */
static bool read_distribution(struct reader *r, const struct json *j, struct distribution *out,
                              struct err *err)
{
    enum distribution_kind kind;
    double *parameters = NULL;
    size_t count = 0;

    if (json_type(j) != JSON_OBJECT || json_len(j) != 1 ||
        !distribution_kind_from(json_key_at(j, 0), &kind))
        return json_refuse(j, err, "is not a distribution") ||
               err_hint(err, "write one of {\"point\": [x]}, uniform [low, high], triangular or "
                             "pert [low, likely, high], normal [mean, sd], lognormal [mu, sigma], "
                             "discrete [[x, p], ...]");
    const struct json *list = json_at(j, 0);
    if (json_type(list) != JSON_ARRAY)
        return json_refuse(list, err, "is not a list of numbers");
    if (!number_list(r, list, kind == DISTRIBUTION_DISCRETE, &parameters, &count, err))
        return false;
    return distribution_init(out, r->arena, kind, parameters, count, err) ||
           err_wrap(err, "%s", json_place(j).text);
}

static bool optional_distribution(struct reader *r, const struct json *object, const char *key,
                                  struct distribution *out, struct err *err)
{
    const struct json *j = json_get(object, key);

    *out = (struct distribution){.kind = DISTRIBUTION_POINT};
    return !j || read_distribution(r, j, out, err);
}

/* --- options ------------------------------------------------------------------------------- */

static bool read_rests(struct reader *r, const struct json *j, struct risk_option *option,
                       struct err *err)
{
    static const char *const known[] = {"assumption", "if_false", NULL};
    const struct json *list;
    if (!optional_array(j, "rests_on", RISK_LINKS_MAX, &list, err))
        return false;
    struct risk_rest *rests = arena_try_new(r->arena, struct risk_rest, json_len(list));
    if (!rests)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *entry = json_at(list, i);
        Str id;
        json_note_unknown(entry, known, r->notes);
        if (!json_need_str(entry, "assumption", &id, err) ||
            !find_id(&r->assumptions, json_get(entry, "assumption"),
                     "names no assumption of this document", &rests[i].assumption, err) ||
            !json_need_f64(entry, "if_false", 0.0, 1.0, &rests[i].if_false, err))
            return false;
    }
    option->rests = rests;
    option->rest_count = json_len(list);
    return true;
}

static bool read_reactions(struct reader *r, const struct json *j, struct risk_option *option,
                           struct err *err)
{
    static const char *const known[] = {"probability", "loss", "after_months", NULL};
    const struct json *list;
    if (!optional_array(j, "reactions", RISK_LINKS_MAX, &list, err))
        return false;
    struct risk_reaction *reactions = arena_try_new(r->arena, struct risk_reaction, json_len(list));
    if (!reactions)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *entry = json_at(list, i);
        json_note_unknown(entry, known, r->notes);
        if (!json_need_f64(entry, "probability", 0.0, 1.0, &reactions[i].probability, err) ||
            !json_need_f64(entry, "loss", 0.0, 1.0, &reactions[i].loss, err) ||
            !optional_number(entry, "after_months", 0.0, RISK_MONTHS_MAX, 0.0,
                             &reactions[i].after_months, err))
            return false;
    }
    option->reactions = reactions;
    option->reaction_count = json_len(list);
    return true;
}

static bool read_option(struct reader *r, const struct json *j, struct risk_option *option,
                        struct err *err)
{
    static const char *const known[] = {"id",     "ramp_months", "benefit",   "effort", "running",
                                        "driver", "rests_on",    "reactions", NULL};
    const struct json *benefit, *driver = json_get(j, "driver");
    Str id;

    json_note_unknown(j, known, r->notes);
    if (!json_need_str(j, "id", &id, err) || !json_need_object(j, "benefit", &benefit, err))
        return false;
    if (!arena_try_str(r->arena, id, &option->id))
        return err_arena(err, r->arena);
    option->has_driver = driver != NULL;
    if (driver &&
        !find_id(&r->drivers, driver, "names no driver of this document", &option->driver, err))
        return false;
    return optional_number(j, "ramp_months", 0.0, RISK_MONTHS_MAX, 0.0, &option->ramp_months,
                           err) &&
           read_distribution(r, benefit, &option->benefit, err) &&
           optional_distribution(r, j, "effort", &option->effort, err) &&
           optional_distribution(r, j, "running", &option->running, err) &&
           read_rests(r, j, option, err) && read_reactions(r, j, option, err);
}

static bool read_options(struct reader *r, const struct json *list, struct err *err)
{
    struct risk_model *m = r->model;

    m->option_count = json_len(list);
    if (m->option_count > RISK_OPTIONS_MAX)
        return err_set(err, ERR_LIMIT, "%zu options, at most %d are possible", m->option_count,
                       RISK_OPTIONS_MAX);
    m->options = arena_try_new(r->arena, struct risk_option, m->option_count);
    if (!m->options)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->option_count; i++)
        if (!read_option(r, json_at(list, i), &m->options[i], err))
            return false;
    return true;
}

/* --- everything beside the options --------------------------------------------------------- */

static bool read_assumptions(struct reader *r, const struct json *list, struct err *err)
{
    static const char *const known[] = {"id", "probability", NULL};
    struct risk_model *m = r->model;

    m->assumption_count = json_len(list);
    m->assumptions = arena_try_new(r->arena, struct risk_assumption, m->assumption_count);
    if (!m->assumptions)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->assumption_count; i++) {
        const struct json *j = json_at(list, i);
        json_note_unknown(j, known, r->notes);
        if (!json_need_f64(j, "probability", 0.0, 1.0, &m->assumptions[i].probability, err))
            return false;
        if (!arena_try_str(r->arena, json_str_or(j, "id", STR_NONE), &m->assumptions[i].id))
            return err_arena(err, r->arena);
    }
    return true;
}

static bool read_drivers(struct reader *r, const struct json *list, struct err *err)
{
    static const char *const known[] = {"id", "is", NULL};
    struct risk_model *m = r->model;

    m->driver_count = json_len(list);
    m->drivers = arena_try_new(r->arena, struct risk_driver, m->driver_count);
    if (!m->drivers)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->driver_count; i++) {
        const struct json *j = json_at(list, i), *is;
        json_note_unknown(j, known, r->notes);
        if (!json_need_object(j, "is", &is, err) ||
            !read_distribution(r, is, &m->drivers[i].is, err))
            return false;
        if (!arena_try_str(r->arena, json_str_or(j, "id", STR_NONE), &m->drivers[i].id))
            return err_arena(err, r->arena);
    }
    return true;
}

/* "help-first.benefit", ".effort", ".running", or a driver's id. */
static bool read_input(const struct reader *r, const struct json *j, struct risk_input *out,
                       struct err *err)
{
    static const Str suffixes[] = {S_INIT(".benefit"), S_INIT(".effort"), S_INIT(".running")};
    static const enum risk_part parts[] = {RISK_BENEFIT, RISK_EFFORT, RISK_RUNNING};
    Str name;

    if (!json_str(j, &name))
        return json_refuse(j, err, "is not the name of an input");
    const uint64_t *at = map_get(&r->drivers, name);
    if (at) {
        *out = (struct risk_input){RISK_DRIVER, (uint32_t)*at};
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (!str_ends(name, suffixes[i]))
            continue;
        at = map_get(&r->options, str_sub(name, 0, name.len - suffixes[i].len));
        if (at) {
            *out = (struct risk_input){parts[i], (uint32_t)*at};
            return true;
        }
    }
    return json_refuse(j, err, "names no input of this document") ||
           err_hint(err, "write OPTION.benefit, OPTION.effort, OPTION.running or a driver's id");
}

static const struct distribution *input_distribution(const struct risk_model *m,
                                                     struct risk_input input)
{
    switch (input.part) {
    case RISK_BENEFIT:
        return &m->options[input.index].benefit;
    case RISK_EFFORT:
        return &m->options[input.index].effort;
    case RISK_RUNNING:
        return &m->options[input.index].running;
    case RISK_DRIVER:
        return &m->drivers[input.index].is;
    }
    UNREACHABLE("part of a correlation");
}

static bool read_correlation(struct reader *r, const struct json *j, struct risk_correlation *out,
                             struct err *err)
{
    static const char *const known[] = {"between", "rank", NULL};
    const struct json *between;

    json_note_unknown(j, known, r->notes);
    if (!json_need_array(j, "between", &between, err))
        return false;
    if (json_len(between) != 2)
        return json_refuse(between, err, "is not a pair of inputs");
    if (!read_input(r, json_at(between, 0), &out->first, err) ||
        !read_input(r, json_at(between, 1), &out->second, err) ||
        !json_need_f64(j, "rank", -1.0, 1.0, &out->rank, err))
        return false;
    if (out->first.part == out->second.part && out->first.index == out->second.index)
        return json_refuse(between, err, "names one input twice");
    const struct risk_input ends[] = {out->first, out->second};
    for (size_t i = 0; i < 2; i++)
        if (r->notes && input_distribution(r->model, ends[i])->kind == DISTRIBUTION_POINT)
            buf_printf(r->notes, "%s: a point cannot be correlated; the entry is ignored\n",
                       json_place(json_at(between, i)).text);
    return true;
}

static bool read_correlations(struct reader *r, const struct json *list, struct err *err)
{
    struct risk_model *m = r->model;

    m->correlation_count = json_len(list);
    m->correlations = arena_try_new(r->arena, struct risk_correlation, m->correlation_count);
    if (!m->correlations)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->correlation_count; i++)
        if (!read_correlation(r, json_at(list, i), &m->correlations[i], err))
            return false;
    return true;
}

static bool read_version(struct reader *r, const struct json *j, struct risk_version *version,
                         struct err *err)
{
    static const char *const known[] = {"id", "options", NULL};
    const struct json *list;

    json_note_unknown(j, known, r->notes);
    if (!json_need_array(j, "options", &list, err))
        return false;
    bool *is_in = arena_try_new(r->arena, bool, r->model->option_count);
    uint32_t *options = arena_try_new(r->arena, uint32_t, r->model->option_count);
    if (!is_in || !options ||
        !arena_try_str(r->arena, json_str_or(j, "id", STR_NONE), &version->id))
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        uint32_t option;
        if (!find_id(&r->options, json_at(list, i), "names no option of this document", &option,
                     err))
            return false;
        is_in[option] = true;
    }
    for (uint32_t i = 0; i < r->model->option_count; i++)
        if (is_in[i])
            options[version->option_count++] = i;
    version->options = options;
    return true;
}

static bool read_versions(struct reader *r, const struct json *list, struct err *err)
{
    struct risk_model *m = r->model;

    m->version_count = json_len(list);
    m->versions = arena_try_new(r->arena, struct risk_version, m->version_count);
    if (!m->versions)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->version_count; i++)
        if (!read_version(r, json_at(list, i), &m->versions[i], err))
            return false;
    return true;
}

static bool read_goals(struct reader *r, const struct json *list, struct err *err)
{
    static const char *const known[] = {"id", "version", "at_least", NULL};
    struct risk_model *m = r->model;

    m->goal_count = json_len(list);
    m->goals = arena_try_new(r->arena, struct risk_goal, m->goal_count);
    if (!m->goals)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < m->goal_count; i++) {
        const struct json *j = json_at(list, i), *version = json_get(j, "version");
        Str id;
        json_note_unknown(j, known, r->notes);
        if (json_type(j) != JSON_OBJECT)
            return json_refuse(j, err, "is not an object");
        if (!json_need_str(j, "id", &id, err) ||
            !json_need_f64(j, "at_least", -NUMBER_MAX, NUMBER_MAX, &m->goals[i].at_least, err))
            return false;
        if (!arena_try_str(r->arena, id, &m->goals[i].id))
            return err_arena(err, r->arena);
        m->goals[i].version = RISK_WHOLE;
        if (version && !find_id(&r->versions, version, "names no version of this document",
                                &m->goals[i].version, err))
            return false;
    }
    return true;
}

/* --- the model's hash: SHA-256 of the document without blanks, members sorted by name -------- */

static int compare_keys(const void *a, const void *b)
{
    const Str *x = *(const Str *const *)a, *y = *(const Str *const *)b;

    return str_cmp(*x, *y);
}

static void put_canonical(struct json_writer *w, struct arena *a, const struct json *j);

static void put_canonical_object(struct json_writer *w, struct arena *a, const struct json *j)
{
    size_t n = json_len(j);
    const Str **order = arena_try_new(a, const Str *, n);

    if (!order) {
        w->out->is_failed = true;
        json_put_null(w);
        return;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &j->keys[i];
    qsort(order, n, sizeof(const Str *), compare_keys);
    json_begin_object(w);
    for (size_t i = 0; i < n; i++) {
        json_key(w, *order[i]);
        put_canonical(w, a, json_at(j, (size_t)(order[i] - j->keys)));
    }
    json_end_object(w);
}

static void put_canonical(struct json_writer *w, struct arena *a, const struct json *j)
{
    double number;

    if (json_type(j) == JSON_OBJECT) {
        put_canonical_object(w, a, j);
    } else if (json_type(j) == JSON_ARRAY) {
        json_begin_array(w);
        for (size_t i = 0; i < json_len(j); i++)
            put_canonical(w, a, json_at(j, i));
        json_end_array(w);
    } else if (json_f64(j, &number)) {
        json_put_f64(w, number + 0.0); /* 5 and 5.0 are the same number, -0 is 0 */
    } else {
        json_put_tree(w, j);
    }
}

static bool hash_model(struct reader *r, const struct json *root, struct err *err)
{
    struct buf text;
    struct json_writer w;

    buf_init(&text, CANONICAL_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    put_canonical(&w, r->arena, root);
    bool ok = buf_ok(&text, err);
    if (ok) {
        DigestHex hex = digest_sha256_hex(buf_str(&text));
        memcpy(r->model->hash, hex.text, sizeof r->model->hash);
    }
    buf_deinit(&text);
    return ok;
}

/* --- the whole ----------------------------------------------------------------------------- */

static bool read_model(struct reader *r, const struct json *root, struct err *err)
{
    static const char *const known[] = {"months",      "discount",     "options",
                                        "assumptions", "drivers",      "versions",
                                        "goals",       "correlations", NULL};
    const struct json *options, *assumptions, *drivers, *correlations, *versions, *goals;
    int64_t months;

    if (json_type(root) != JSON_OBJECT)
        return json_refuse(root, err, "is not an object with months and options");
    json_note_unknown(root, known, r->notes);
    if (!json_need_i64(root, "months", 1, RISK_MONTHS_MAX, &months, err) ||
        !optional_number(root, "discount", -0.99, 100.0, 0.0, &r->model->discount, err) ||
        !json_need_array(root, "options", &options, err) ||
        !optional_array(root, "assumptions", RISK_LINKS_MAX, &assumptions, err) ||
        !optional_array(root, "drivers", RISK_LINKS_MAX, &drivers, err) ||
        !optional_array(root, "correlations", RISK_LINKS_MAX, &correlations, err) ||
        !optional_array(root, "versions", RISK_VERSIONS_MAX, &versions, err) ||
        !optional_array(root, "goals", RISK_LINKS_MAX, &goals, err))
        return false;
    r->model->months = (uint32_t)months;
    return read_ids(r, options, &r->options, err) &&
           read_ids(r, assumptions, &r->assumptions, err) &&
           read_ids(r, drivers, &r->drivers, err) && read_ids(r, versions, &r->versions, err) &&
           read_assumptions(r, assumptions, err) && read_drivers(r, drivers, err) &&
           read_options(r, options, err) && read_correlations(r, correlations, err) &&
           read_versions(r, versions, err) && read_goals(r, goals, err) && hash_model(r, root, err);
}

bool risk_model_read(struct arena *a, Str text, struct risk_model *model, struct buf *notes,
                     struct err *err)
{
    struct reader r = {.arena = a, .model = model, .notes = notes};
    const struct json *root;

    *model = (struct risk_model){0};
    map_init(&r.options, MAP_COPY_KEYS, 0);
    map_init(&r.assumptions, MAP_COPY_KEYS, 0);
    map_init(&r.drivers, MAP_COPY_KEYS, 0);
    map_init(&r.versions, MAP_COPY_KEYS, 0);
    bool ok = json_parse(a, text, &root, err) && read_model(&r, root, err);
    map_deinit(&r.options);
    map_deinit(&r.assumptions);
    map_deinit(&r.drivers);
    map_deinit(&r.versions);
    return ok;
}

/* --- writing ------------------------------------------------------------------------------- */

static void set_mean(struct json_writer *w, const char *key, double mean, uint32_t count)
{
    if (count > 0)
        json_set_f64(w, key, mean);
    else
        json_set_null(w, key);
}

static void write_histogram(struct json_writer *w, const struct stats_histogram *h)
{
    json_set_object(w, "histogram");
    json_set_f64(w, "low", h->low);
    json_set_f64(w, "width", h->width);
    json_set_array(w, "counts");
    for (size_t i = 0; i < h->bin_count; i++)
        json_put_u64(w, h->counts[i]);
    json_end_array(w);
    json_set_i64(w, "below", (int64_t)h->below);
    json_set_i64(w, "above", (int64_t)h->above);
    json_end_object(w);
}

static void write_bars(struct json_writer *w, const struct risk_outcome *o)
{
    static const char *const kinds[] = {"benefit", "effort",     "running",
                                        "driver",  "assumption", "reaction"};

    json_set_array(w, "tornado");
    for (size_t i = 0; i < o->bar_count; i++) {
        const struct risk_bar *bar = &o->bars[i];
        json_begin_object(w);
        json_set_str(w, "input", bar->input);
        json_set_str(w, "kind", str_from_cstr(kinds[bar->kind]));
        json_set_f64(w, "input_low", bar->input_low);
        json_set_f64(w, "input_high", bar->input_high);
        set_mean(w, "mean_if_low", bar->mean_if_low, bar->low_count);
        set_mean(w, "mean_if_high", bar->mean_if_high, bar->high_count);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_outcome(struct json_writer *w, const struct risk_model *m,
                          const struct risk_outcome *o, uint32_t version)
{
    static const char *const names[RISK_QUANTILES] = {"p5",  "p10", "p25", "p50",
                                                      "p75", "p90", "p95"};

    json_set_object(w, "net_benefit");
    json_set_f64(w, "mean", o->mean);
    json_set_f64(w, "sd", o->sd);
    for (size_t i = 0; i < RISK_QUANTILES; i++)
        json_set_f64(w, names[i], o->quantiles[i]);
    json_end_object(w);
    json_set_f64(w, "probability_of_loss", o->probability_of_loss);
    write_histogram(w, &o->histogram);
    json_set_array(w, "curve");
    for (size_t i = 0; i < RISK_CURVE_POINTS; i++)
        json_put_f64(w, o->curve[i]);
    json_end_array(w);
    write_bars(w, o);
    json_set_array(w, "assumptions");
    for (size_t i = 0; i < o->assumption_count; i++) {
        const struct risk_assumption_value *value = &o->assumptions[i];
        json_begin_object(w);
        json_set_str(w, "id", m->assumptions[value->assumption].id);
        set_mean(w, "mean_if_true", value->mean_if_true, value->true_count);
        set_mean(w, "mean_if_false", value->mean_if_false, value->false_count);
        json_end_object(w);
    }
    json_end_array(w);
    json_set_array(w, "goals");
    for (size_t i = 0; i < m->goal_count; i++) {
        if (m->goals[i].version != version)
            continue;
        json_begin_object(w);
        json_set_str(w, "id", m->goals[i].id);
        json_set_f64(w, "probability", o->goals[i]);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_beats(struct json_writer *w, const struct risk_model *m,
                        const struct risk_result *result)
{
    json_set_array(w, "beats");
    for (size_t a = 0; a < m->version_count; a++)
        for (size_t b = 0; b < m->version_count; b++) {
            if (a == b)
                continue;
            json_begin_object(w);
            json_set_str(w, "a", m->versions[a].id);
            json_set_str(w, "b", m->versions[b].id);
            json_set_f64(w, "probability", result->beats[a * m->version_count + b]);
            json_end_object(w);
        }
    json_end_array(w);
}

void risk_result_write(struct buf *out, const struct risk_model *model,
                       const struct risk_result *result)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "trials", result->settings.trials);
    json_key(&w, S("seed"));
    json_put_u64(&w, result->settings.seed);
    json_set_str(&w, "method", str_from_cstr(simulate_method_name(result->settings.method)));
    json_set_str(&w, "model_hash", str_from_cstr(model->hash));
    write_outcome(&w, model, &result->whole, RISK_WHOLE);
    json_set_array(&w, "versions");
    for (uint32_t i = 0; i < model->version_count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "id", model->versions[i].id);
        write_outcome(&w, model, &result->versions[i], i);
        json_end_object(&w);
    }
    json_end_array(&w);
    write_beats(&w, model, result);
    json_end_object(&w);
    buf_add_byte(out, '\n');
}
