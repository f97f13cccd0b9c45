#include "strategy/choice/portfolio_json.h"

#include <math.h>

#include "base/map.h"
#include "format/json.h"

#define NUMBER_MAX 1e15 /* magnitude of values, costs and limits: reject */

struct reader {
    struct arena *arena;
    struct portfolio_problem *problem;
    const struct json *root, *options;
    struct map option_ids, resource_ids, goal_ids; /* to indices */
    struct buf *notes;                             /* may be NULL */
};

static bool check_number(const struct json *j, double least, double *out, struct err *err)
{
    if (!json_f64(j, out))
        return json_refuse(j, err, "is not a number");
    if (!(*out >= least && *out <= NUMBER_MAX))
        return json_refuse(j, err, least >= 0.0 ? "is negative or beyond 1e15" : "is beyond 1e15");
    return true;
}

/* Array member of an object; absent counts as empty. */
static bool optional_array(const struct json *object, const char *key, const struct json **out,
                           struct err *err)
{
    *out = json_get(object, key);
    if (*out && json_type(*out) != JSON_ARRAY)
        return json_refuse(*out, err, "is not a list") ||
               err_hint(err, "write [\"...\"], with square brackets, also for one");
    return true;
}

static bool add_name(struct map *m, Str name, uint64_t *index, struct err *err)
{
    bool is_new;
    uint64_t count = m->count, *value = map_at(m, name, &is_new);

    if (!value)
        return err_set(err, ERR_LIMIT, "too many different names");
    if (is_new)
        *value = count;
    *index = *value;
    return true;
}

/* Names of limits first, in their order, then of costs without a limit, then of goals. */
static bool collect_names(struct reader *r, struct err *err)
{
    const struct json *limits = json_get(r->root, "limits"), *cover = json_get(r->root, "cover");
    uint64_t index;

    for (size_t i = 0; i < json_len(limits); i++)
        if (!add_name(&r->resource_ids, json_key_at(limits, i), &index, err))
            return false;
    for (size_t i = 0; i < json_len(cover); i++)
        if (!add_name(&r->goal_ids, json_key_at(cover, i), &index, err))
            return false;
    for (size_t i = 0; i < json_len(r->options); i++) {
        const struct json *option = json_at(r->options, i), *cost = json_get(option, "cost"),
                          *goals;
        if (cost && json_type(cost) != JSON_OBJECT)
            return json_refuse(cost, err, "is not an object of resource and use");
        for (size_t k = 0; k < json_len(cost); k++)
            if (!add_name(&r->resource_ids, json_key_at(cost, k), &index, err))
                return false;
        if (!optional_array(option, "goals", &goals, err))
            return false;
        for (size_t k = 0; k < json_len(goals); k++) {
            Str name;
            if (!json_str(json_at(goals, k), &name))
                return json_refuse(json_at(goals, k), err, "is not the name of a goal");
            if (!add_name(&r->goal_ids, name, &index, err))
                return false;
        }
    }
    if (r->resource_ids.count > PORTFOLIO_RESOURCES_MAX ||
        r->resource_ids.count * json_len(r->options) > PORTFOLIO_COSTS_MAX)
        return err_set(err, ERR_LIMIT,
                       "%zu options with %zu resources; at most %d and %d, and %d "
                       "costs in all",
                       json_len(r->options), r->resource_ids.count, PORTFOLIO_OPTIONS_MAX,
                       PORTFOLIO_RESOURCES_MAX, PORTFOLIO_COSTS_MAX);
    return true;
}

static bool read_resources(struct reader *r, struct err *err)
{
    struct portfolio_problem *p = r->problem;
    const struct json *limits = json_get(r->root, "limits");

    p->resource_count = r->resource_ids.count;
    p->resources = arena_try_new(r->arena, struct portfolio_resource, p->resource_count);
    if (!p->resources)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < p->resource_count; i++) {
        struct portfolio_resource *resource = &p->resources[i];
        resource->limit = (double)INFINITY;
        resource->has_limit = i < json_len(limits);
        if (!arena_try_str(r->arena, r->resource_ids.entries[i].key, &resource->name))
            return err_arena(err, r->arena);
        if (resource->has_limit &&
            !check_number(json_at(limits, i), -NUMBER_MAX, &resource->limit, err))
            return false;
        if (!resource->has_limit && r->notes)
            buf_printf(r->notes, "cost '" STR_F "' has no limit and does not restrict the choice\n",
                       STR_A(resource->name));
    }
    return true;
}

static bool read_goals(struct reader *r, struct err *err)
{
    struct portfolio_problem *p = r->problem;
    const struct json *cover = json_get(r->root, "cover");

    p->goal_count = r->goal_ids.count;
    p->goals = arena_try_new(r->arena, struct portfolio_goal, p->goal_count);
    if (!p->goals)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < p->goal_count; i++) {
        int64_t wanted = 0;
        if (!arena_try_str(r->arena, r->goal_ids.entries[i].key, &p->goals[i].name))
            return err_arena(err, r->arena);
        if (i < json_len(cover) &&
            (!json_i64(json_at(cover, i), &wanted) || wanted < 0 || wanted > PORTFOLIO_OPTIONS_MAX))
            return json_refuse(json_at(cover, i), err, "is not a whole number from 0 to 10000");
        p->goals[i].at_least = (uint32_t)wanted;
    }
    return true;
}

static bool read_ids(struct reader *r, struct err *err)
{
    struct portfolio_problem *p = r->problem;

    p->option_count = json_len(r->options);
    if (p->option_count > PORTFOLIO_OPTIONS_MAX)
        return err_set(err, ERR_LIMIT, "%zu options, at most %d are possible", p->option_count,
                       PORTFOLIO_OPTIONS_MAX);
    p->options = arena_try_new(r->arena, struct portfolio_option, p->option_count);
    if (!p->options)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < p->option_count; i++) {
        const struct json *j = json_at(r->options, i);
        bool is_new;
        if (json_type(j) != JSON_OBJECT)
            return json_refuse(j, err, "is not an object");
        if (!json_need_str(j, "id", &p->options[i].id, err))
            return false;
        if (p->options[i].id.len == 0)
            return json_refuse(json_get(j, "id"), err, "is empty");
        uint64_t *at = map_at(&r->option_ids, p->options[i].id, &is_new);
        if (!at)
            return err_set(err, ERR_LIMIT, "too many options");
        if (!is_new)
            return json_refuse(json_get(j, "id"), err, "names an option a second time") ||
                   err_hint(err, "every option needs an id of its own");
        *at = i;
    }
    return true;
}

/* `requires` and `excludes`: ids of other options; one named twice counts once. */
static bool read_links(struct reader *r, const struct json *option, const char *key, size_t self,
                       const uint32_t **links, size_t *count, struct err *err)
{
    const struct json *list;
    if (!optional_array(option, key, &list, err))
        return false;
    uint32_t *found = arena_try_new(r->arena, uint32_t, json_len(list));
    if (!found)
        return err_arena(err, r->arena);
    size_t n = 0;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *j = json_at(list, i);
        Str id;
        if (!json_str(j, &id))
            return json_refuse(j, err, "is not the id of an option");
        const uint64_t *at = map_get(&r->option_ids, id);
        if (!at)
            return json_refuse(j, err, "names no option of this document");
        if (*at == self)
            return json_refuse(j, err, "names the option itself");
        bool is_known = false;
        for (size_t k = 0; k < n; k++)
            is_known |= found[k] == *at;
        if (!is_known)
            found[n++] = (uint32_t)*at;
    }
    *links = found;
    *count = n;
    return true;
}

static bool read_option_goals(struct reader *r, const struct json *option,
                              struct portfolio_option *out, struct err *err)
{
    const struct json *list = json_get(option, "goals");
    uint32_t *found = arena_try_new(r->arena, uint32_t, json_len(list));
    if (!found)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(list); i++) {
        Str name = STR_NONE;
        bool is_known = false, is_text = json_str(json_at(list, i), &name);
        ASSERT(is_text); /* collect_names() saw it */
        const uint64_t *at = map_get(&r->goal_ids, name);
        for (size_t k = 0; k < out->goal_count; k++)
            is_known |= found[k] == *at;
        if (!is_known)
            found[out->goal_count++] = (uint32_t)*at;
    }
    out->goals = found;
    return true;
}

static bool read_flag(const struct json *option, const char *key, bool *out, struct err *err)
{
    const struct json *j = json_get(option, key);

    return !j || json_bool(j, out) || json_refuse(j, err, "is neither true nor false");
}

static bool read_option(struct reader *r, size_t index, struct err *err)
{
    static const char *const known[] = {"id",   "value",    "cost",  "requires", "excludes",
                                        "must", "must_not", "goals", NULL};
    const struct json *j = json_at(r->options, index), *cost = json_get(j, "cost");
    struct portfolio_option *option = &r->problem->options[index];
    double *use = arena_try_new(r->arena, double, r->problem->resource_count);

    if (!use)
        return err_arena(err, r->arena);
    json_note_unknown(j, known, r->notes);
    if (!json_need_f64(j, "value", -NUMBER_MAX, NUMBER_MAX, &option->value, err))
        return false;
    for (size_t i = 0; i < json_len(cost); i++) {
        const uint64_t *at = map_get(&r->resource_ids, json_key_at(cost, i));
        if (!check_number(json_at(cost, i), 0.0, &use[*at], err))
            return false;
    }
    option->cost = use;
    return read_links(r, j, "requires", index, &option->requires, &option->require_count, err) &&
           read_links(r, j, "excludes", index, &option->excludes, &option->exclude_count, err) &&
           read_option_goals(r, j, option, err) && read_flag(j, "must", &option->is_must, err) &&
           read_flag(j, "must_not", &option->is_must_not, err);
}

static bool read_problem(struct reader *r, struct err *err)
{
    static const char *const known[] = {"options", "limits", "cover", NULL};
    const struct json *limits, *cover;

    if (json_type(r->root) != JSON_OBJECT)
        return json_refuse(r->root, err, "is not an object with options and limits");
    json_note_unknown(r->root, known, r->notes);
    if (!json_need_array(r->root, "options", &r->options, err) ||
        !json_need_object(r->root, "limits", &limits, err))
        return false;
    cover = json_get(r->root, "cover");
    if (cover && json_type(cover) != JSON_OBJECT)
        return json_refuse(cover, err, "is not an object of goal and count");
    if (!read_ids(r, err) || !collect_names(r, err) || !read_resources(r, err) ||
        !read_goals(r, err))
        return false;
    for (size_t i = 0; i < r->problem->option_count; i++)
        if (!read_option(r, i, err))
            return false;
    return true;
}

bool portfolio_read(struct arena *a, Str text, struct portfolio_problem *problem, struct buf *notes,
                    struct err *err)
{
    struct reader r = {.arena = a, .problem = problem, .notes = notes};

    *problem = (struct portfolio_problem){0};
    map_init(&r.option_ids, MAP_COPY_KEYS, 0);
    map_init(&r.resource_ids, MAP_COPY_KEYS, 0);
    map_init(&r.goal_ids, MAP_COPY_KEYS, 0);
    bool ok = json_parse(a, text, &r.root, err) && read_problem(&r, err);
    map_deinit(&r.option_ids);
    map_deinit(&r.resource_ids);
    map_deinit(&r.goal_ids);
    return ok;
}

/* --- writing ------------------------------------------------------------------------------- */

static void write_choice(struct json_writer *w, const struct portfolio_problem *p,
                         const struct portfolio_choice *c)
{
    static const char *const names[] = {"optimal", "feasible", "infeasible"};

    json_set_str(w, "status", str_from_cstr(names[c->status]));
    if (!c->chosen) {
        json_set_null(w, "chosen");
        json_set_null(w, "value");
        json_set_null(w, "bound");
        json_set_null(w, "gap");
        return;
    }
    json_set_array(w, "chosen");
    for (size_t i = 0; i < p->option_count; i++)
        if (c->chosen[i])
            json_put_str(w, p->options[i].id);
    json_end_array(w);
    json_set_f64(w, "value", c->value);
    json_set_f64(w, "bound", c->bound);
    json_set_f64(w, "gap", c->gap);
}

/* {"kind": "limit", "resource": ".."}, {"kind": "requires", "option": "..", "other": ".."} */
static void write_condition(struct json_writer *w, const struct portfolio_problem *p,
                            const struct portfolio_condition *c)
{
    static const char *const kinds[] = {"limit",    "cover",    "must",
                                        "must_not", "requires", "excludes"};

    json_begin_object(w);
    json_set_str(w, "kind", str_from_cstr(kinds[c->kind]));
    switch (c->kind) {
    case PORTFOLIO_LIMIT:
        json_set_str(w, "resource", p->resources[c->index].name);
        json_set_f64(w, "limit", p->resources[c->index].limit);
        break;
    case PORTFOLIO_COVER:
        json_set_str(w, "goal", p->goals[c->index].name);
        json_set_i64(w, "at_least", p->goals[c->index].at_least);
        break;
    case PORTFOLIO_MUST:
    case PORTFOLIO_MUST_NOT:
        json_set_str(w, "option", p->options[c->index].id);
        break;
    case PORTFOLIO_REQUIRES:
    case PORTFOLIO_EXCLUDES:
        json_set_str(w, "option", p->options[c->index].id);
        json_set_str(w, "other", p->options[c->other].id);
        break;
    }
    json_end_object(w);
}

void portfolio_write(struct buf *out, const struct portfolio_problem *problem,
                     const struct portfolio_answer *answer)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    write_choice(&w, problem, &answer->best);
    if (answer->best.status == PORTFOLIO_INFEASIBLE) {
        json_set_array(&w, "conflict");
        for (size_t i = 0; i < answer->conflict_count; i++)
            write_condition(&w, problem, &answer->conflict[i]);
        json_end_array(&w);
        json_set_bool(&w, "conflict_is_smallest", answer->is_conflict_smallest);
    }
    if (answer->alternatives) {
        json_set_array(&w, "alternatives");
        for (size_t i = 0; i < answer->alternative_count; i++) {
            json_begin_object(&w);
            write_choice(&w, problem, &answer->alternatives[i]);
            json_end_object(&w);
        }
        json_end_array(&w);
    }
    json_end_object(&w);
    buf_add_byte(out, '\n');
}
