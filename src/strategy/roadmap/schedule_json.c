#include "strategy/roadmap/schedule_json.h"

#include <math.h>
#include <stdio.h>

#include "base/map.h"
#include "format/json.h"

#define PARTS      1000 /* of one: amounts are whole thousandths inside */
#define AMOUNT_MAX (SCHEDULE_AMOUNT_MAX / PARTS)

/* --- reading ------------------------------------------------------------------------------- */

struct reader {
    struct arena *arena;
    struct schedule_problem *problem;
    const struct json *root, *tasks;
    struct schedule_task *out;
    struct schedule_resource *resources;
    struct map task_ids, resource_ids; /* to indices */
    struct map loose;                  /* uses without a capacity, told once each */
    struct buf *notes;                 /* may be NULL */
};

static bool read_amount(const struct json *j, int64_t *out, struct err *err)
{
    double value = 0;

    if (!json_f64(j, &value))
        return json_refuse(j, err, "is not a number");
    if (!(value >= 0 && value <= (double)AMOUNT_MAX))
        return json_refuse(j, err, "is negative or beyond 1000000");
    *out = (int64_t)floor(value * PARTS + 0.5);
    if (fabs((double)*out - value * PARTS) > 1e-6)
        return json_refuse(j, err, "has more than three decimals") ||
               err_hint(err, "count in a smaller unit, hours instead of days for example");
    return true;
}

/* A member that may be left out; *out keeps its default then. */
static bool read_period(const struct json *object, const char *key, int32_t *out, struct err *err)
{
    int64_t value;

    if (!json_get(object, key))
        return true;
    if (!json_need_i64(object, key, 0, SCHEDULE_PERIOD_MAX, &value, err))
        return false;
    *out = (int32_t)value;
    return true;
}

static bool optional_container(const struct json *object, const char *key, enum json_type type,
                               const char *what, const struct json **out, struct err *err)
{
    *out = json_get(object, key);
    return !*out || json_type(*out) == type || json_refuse(*out, err, what);
}

/* {"from": 10, "capacity": 2} */
static bool read_step(const struct reader *r, const struct json *j, size_t index,
                      struct schedule_step *steps, struct err *err)
{
    static const char *const known[] = {"from", "capacity", NULL};

    if (json_type(j) != JSON_OBJECT)
        return json_refuse(j, err, "is not an object of from and capacity");
    json_note_unknown(j, known, r->notes);
    if (!json_get(j, "from") || !json_get(j, "capacity"))
        return json_refuse(j, err, "needs both from and capacity");
    if (!read_period(j, "from", &steps[index].from, err) ||
        !read_amount(json_get(j, "capacity"), &steps[index].capacity, err))
        return false;
    if (index == 0 ? steps[0].from != 0 : steps[index].from <= steps[index - 1].from)
        return json_refuse(json_get(j, "from"), err, "does not rise from 0 on") ||
               err_hint(err, "the first capacity begins with period 0, each further one later "
                             "than the one before");
    return true;
}

static bool read_resource(struct reader *r, size_t index, struct err *err)
{
    const struct json *all = json_get(r->root, "resources"), *j = json_at(all, index);
    struct schedule_resource *resource = &r->resources[index];
    size_t count = json_type(j) == JSON_ARRAY ? json_len(j) : 1;

    if (count == 0 || count > SCHEDULE_STEPS_MAX)
        return json_refuse(j, err, "does not have 1 to 1000 capacities");
    struct schedule_step *steps = arena_try_new(r->arena, struct schedule_step, count);
    if (!steps || !arena_try_str(r->arena, json_key_at(all, index), &resource->name))
        return err_arena(err, r->arena);
    resource->steps = steps;
    resource->step_count = count;
    if (json_type(j) != JSON_ARRAY)
        return read_amount(j, &steps[0].capacity, err);
    for (size_t i = 0; i < count; i++)
        if (!read_step(r, json_at(j, i), i, steps, err))
            return false;
    return true;
}

static bool read_resources(struct reader *r, struct err *err)
{
    const struct json *all;

    if (!optional_container(r->root, "resources", JSON_OBJECT,
                            "is not an object of resource and capacity", &all, err))
        return false;
    r->problem->resource_count = json_len(all);
    if (json_len(all) > SCHEDULE_RESOURCES_MAX)
        return err_set(err, ERR_LIMIT, "%zu resources, at most %d are possible", json_len(all),
                       SCHEDULE_RESOURCES_MAX);
    r->problem->resources = r->resources =
        arena_try_new(r->arena, struct schedule_resource, json_len(all));
    if (!r->resources)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(all); i++)
        if (!read_resource(r, i, err))
            return false;
    for (size_t i = 0; i < json_len(all); i++)
        if (!map_put(&r->resource_ids, r->resources[i].name, i))
            return err_set(err, ERR_NO_MEMORY, "no memory for %zu resources", json_len(all));
    return true;
}

static bool read_ids(struct reader *r, struct err *err)
{
    size_t count = json_len(r->tasks);

    if (count > SCHEDULE_TASKS_MAX)
        return err_set(err, ERR_LIMIT, "%zu tasks, at most %d are possible", count,
                       SCHEDULE_TASKS_MAX);
    r->problem->task_count = count;
    r->problem->tasks = r->out = arena_try_new(r->arena, struct schedule_task, count);
    if (!r->out)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < count; i++) {
        const struct json *j = json_at(r->tasks, i);
        bool is_new;
        if (json_type(j) != JSON_OBJECT)
            return json_refuse(j, err, "is not an object");
        if (!json_need_str(j, "id", &r->out[i].id, err))
            return false;
        if (r->out[i].id.len == 0)
            return json_refuse(json_get(j, "id"), err, "is empty");
        uint64_t *at = map_at(&r->task_ids, r->out[i].id, &is_new);
        if (!at)
            return err_set(err, ERR_NO_MEMORY, "no memory for %zu tasks", count);
        if (!is_new)
            return json_refuse(json_get(j, "id"), err, "names a task a second time") ||
                   err_hint(err, "every task needs an id of its own");
        *at = i;
    }
    return true;
}

/* "design" or {"task": "design", "lag": 2} */
static bool read_link(struct reader *r, const struct json *j, struct schedule_link *link,
                      struct err *err)
{
    static const char *const known[] = {"task", "lag", NULL};
    const struct json *name = j;
    int64_t lag = 0;
    Str id;

    if (json_type(j) == JSON_OBJECT) {
        json_note_unknown(j, known, r->notes);
        name = json_get(j, "task");
        if (!name)
            return json_refuse(j, err, "does not say which task");
        if (json_get(j, "lag") &&
            !json_need_i64(j, "lag", -SCHEDULE_DURATION_MAX, SCHEDULE_DURATION_MAX, &lag, err))
            return false;
    }
    if (!json_str(name, &id))
        return json_refuse(name, err, "is not the id of a task");
    const uint64_t *at = map_get(&r->task_ids, id);
    if (!at)
        return json_refuse(name, err, "names no task of this document");
    *link = (struct schedule_link){(uint32_t)*at, (int32_t)lag};
    return true;
}

static bool read_links(struct reader *r, const struct json *j, struct schedule_task *task,
                       struct err *err)
{
    const struct json *list;

    if (!optional_container(j, "after", JSON_ARRAY, "is not a list", &list, err))
        return err_hint(err, "write [\"...\"], with square brackets, also for one");
    struct schedule_link *links = arena_try_new(r->arena, struct schedule_link, json_len(list));
    if (!links)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(list); i++)
        if (!read_link(r, json_at(list, i), &links[i], err))
            return false;
    task->after = links;
    task->link_count = json_len(list);
    return true;
}

static bool note_loose(struct reader *r, Str name, struct err *err)
{
    bool is_new;

    if (!map_at(&r->loose, name, &is_new))
        return err_set(err, ERR_NO_MEMORY, "no memory for names of resources");
    if (is_new && r->notes)
        buf_printf(r->notes,
                   "resource '" STR_F "' has no capacity and does not restrict the schedule\n",
                   STR_A(name));
    return true;
}

static bool read_uses(struct reader *r, const struct json *j, struct schedule_task *task,
                      struct err *err)
{
    const struct json *all;

    if (!optional_container(j, "uses", JSON_OBJECT, "is not an object of resource and amount", &all,
                            err))
        return false;
    struct schedule_use *uses = arena_try_new(r->arena, struct schedule_use, json_len(all));
    if (!uses)
        return err_arena(err, r->arena);
    for (size_t i = 0; i < json_len(all); i++) {
        const uint64_t *at = map_get(&r->resource_ids, json_key_at(all, i));
        int64_t amount;
        if (!read_amount(json_at(all, i), &amount, err))
            return false;
        if (at)
            uses[task->use_count++] = (struct schedule_use){(uint32_t)*at, amount};
        else if (!note_loose(r, json_key_at(all, i), err))
            return false;
    }
    task->uses = uses;
    return true;
}

static bool read_task(struct reader *r, size_t index, struct err *err)
{
    static const char *const known[] = {"id",    "duration", "release", "deadline",
                                        "after", "uses",     NULL};
    const struct json *j = json_at(r->tasks, index);
    struct schedule_task *task = &r->out[index];
    int64_t duration;

    json_note_unknown(j, known, r->notes);
    if (!json_need_i64(j, "duration", 0, SCHEDULE_DURATION_MAX, &duration, err))
        return false;
    task->duration = (int32_t)duration;
    task->deadline = SCHEDULE_NO_DEADLINE;
    return read_period(j, "release", &task->release, err) &&
           read_period(j, "deadline", &task->deadline, err) && read_links(r, j, task, err) &&
           read_uses(r, j, task, err);
}

static bool read_problem(struct reader *r, struct err *err)
{
    static const char *const known[] = {"tasks", "resources", NULL};

    if (json_type(r->root) != JSON_OBJECT)
        return json_refuse(r->root, err, "is not an object with tasks and resources");
    json_note_unknown(r->root, known, r->notes);
    if (!json_need_array(r->root, "tasks", &r->tasks, err) || !read_ids(r, err) ||
        !read_resources(r, err))
        return false;
    for (size_t i = 0; i < r->problem->task_count; i++)
        if (!read_task(r, i, err))
            return false;
    return true;
}

bool schedule_read(struct arena *a, Str text, struct schedule_problem *problem, struct buf *notes,
                   struct err *err)
{
    struct reader r = {.arena = a, .problem = problem, .notes = notes};

    *problem = (struct schedule_problem){0};
    map_init(&r.task_ids, MAP_COPY_KEYS, 0);
    map_init(&r.resource_ids, MAP_COPY_KEYS, 0);
    map_init(&r.loose, MAP_COPY_KEYS, 0);
    bool ok = json_parse(a, text, &r.root, err) && read_problem(&r, err);
    map_deinit(&r.loose);
    map_deinit(&r.resource_ids);
    map_deinit(&r.task_ids);
    return ok;
}

/* --- why not ------------------------------------------------------------------------------- */

static void add_amount(struct buf *out, int64_t parts)
{
    buf_printf(out, "%lld", (long long)(parts / PARTS));
    if (parts % PARTS != 0) {
        char digits[8];
        int length = snprintf(digits, sizeof digits, ".%03d", (int)(parts % PARTS));
        while (digits[length - 1] == '0')
            length--;
        buf_add(out, (Str){digits, (size_t)length});
    }
}

static Str task_id(const struct schedule_problem *p, uint32_t task)
{
    return p->tasks[task].id;
}

enum { NAMED_MAX = 12 }; /* tasks in a sentence; the JSON form has all of them */

static void add_tasks(struct buf *out, const struct schedule_problem *p,
                      const struct schedule_conflict *c)
{
    for (size_t i = 0; i < c->task_count && i < NAMED_MAX; i++)
        buf_printf(out, "%s'" STR_F "'", i > 0 ? ", " : "", STR_A(task_id(p, c->tasks[i])));
    if (c->task_count > NAMED_MAX)
        buf_printf(out, " and %zu more", c->task_count - NAMED_MAX);
}

static void explain_cycle(struct buf *out, const struct schedule_problem *p,
                          const struct schedule_conflict *c)
{
    buf_lit(out, "tasks wait for each other in a circle: ");
    for (size_t i = 0; i < c->task_count && i < NAMED_MAX; i++)
        buf_printf(out, "'" STR_F "' after ", STR_A(task_id(p, c->tasks[i])));
    if (c->task_count > NAMED_MAX)
        buf_printf(out, "%zu more after ", c->task_count - NAMED_MAX);
    buf_printf(out, "'" STR_F "'", STR_A(task_id(p, c->tasks[0])));
}

static void explain_demand(struct buf *out, const struct schedule_problem *p,
                           const struct schedule_conflict *c)
{
    uint32_t t = c->tasks[0];

    buf_printf(out, "task '" STR_F "' needs ", STR_A(task_id(p, t)));
    if (c->resource == SCHEDULE_NO_RESOURCE) {
        buf_lit(out, "several resources together");
    } else {
        add_amount(out, c->needed);
        buf_printf(out, " of '" STR_F "'", STR_A(p->resources[c->resource].name));
    }
    buf_printf(out, " for %d period%s on end; from period %d", (int)p->tasks[t].duration,
               p->tasks[t].duration == 1 ? "" : "s", (int)c->from);
    if (c->until == SCHEDULE_NO_DEADLINE)
        buf_lit(out, " on");
    else
        buf_printf(out, " to its deadline %d", (int)c->until);
    if (c->resource == SCHEDULE_NO_RESOURCE) {
        buf_lit(out, " they are never there at once");
    } else {
        buf_lit(out, " there is at most ");
        add_amount(out, c->available);
        buf_printf(out, " for so long (from period %d on)", (int)c->period);
    }
}

static void explain_deadline(struct buf *out, const struct schedule_problem *p,
                             const struct schedule_conflict *c)
{
    uint32_t last = c->tasks[c->task_count - 1];

    buf_printf(out, "task '" STR_F "' finishes at %d at the earliest", STR_A(task_id(p, last)),
               (int)(c->starts[c->task_count - 1] + p->tasks[last].duration));
    if (c->until == SCHEDULE_NO_DEADLINE)
        buf_printf(out, ", when the last of '" STR_F "' has ended",
                   STR_A(p->resources[c->resource].name));
    else
        buf_printf(out, ", its deadline is %d", (int)c->until);
    buf_lit(out, "; what it rests on: ");
    size_t first = c->task_count > NAMED_MAX ? c->task_count - NAMED_MAX : 0;
    if (first > 0)
        buf_printf(out, "%zu more, then ", first);
    for (size_t i = first; i < c->task_count; i++) {
        uint32_t t = c->tasks[i];
        buf_printf(out, "%s'" STR_F "' %d to %d", i > first ? ", " : "", STR_A(task_id(p, t)),
                   (int)c->starts[i], (int)(c->starts[i] + p->tasks[t].duration));
        if (c->waits[i] != SCHEDULE_NO_RESOURCE)
            buf_printf(out, " (waits for '" STR_F "')", STR_A(p->resources[c->waits[i]].name));
    }
}

void schedule_explain(struct buf *out, const struct schedule_problem *p,
                      const struct schedule_conflict *c)
{
    switch (c->kind) {
    case SCHEDULE_CYCLE:
        explain_cycle(out, p, c);
        break;
    case SCHEDULE_DEMAND:
        explain_demand(out, p, c);
        break;
    case SCHEDULE_DEADLINE:
        explain_deadline(out, p, c);
        break;
    case SCHEDULE_OVERLOAD:
        buf_printf(out, "the periods %d to %d hold ", (int)c->from, (int)c->until - 1);
        add_amount(out, c->available);
        buf_printf(out, " of '" STR_F "' in all, and deadlines put at least ",
                   STR_A(p->resources[c->resource].name));
        add_amount(out, c->needed);
        buf_lit(out, " there, by tasks ");
        add_tasks(out, p, c);
        break;
    case SCHEDULE_DEADLINES:
        if (c->task_count == 0) {
            if (c->resource == SCHEDULE_NO_RESOURCE)
                buf_lit(out, "capacities end too early for all tasks that need them");
            else
                buf_printf(out, "'" STR_F "' ends too early for all tasks that need it",
                           STR_A(p->resources[c->resource].name));
            break;
        }
        buf_lit(out, "the deadlines of these tasks cannot all be kept: ");
        add_tasks(out, p, c);
        break;
    }
}

/* --- writing ------------------------------------------------------------------------------- */

static void set_amount(struct json_writer *w, const char *key, int64_t parts)
{
    json_set_f64(w, key, (double)parts / PARTS);
}

static void set_resource(struct json_writer *w, const char *key, const struct schedule_problem *p,
                         uint32_t resource)
{
    if (resource == SCHEDULE_NO_RESOURCE)
        json_set_null(w, key);
    else
        json_set_str(w, key, p->resources[resource].name);
}

static void set_until(struct json_writer *w, const char *key, int32_t until)
{
    if (until == SCHEDULE_NO_DEADLINE)
        json_set_null(w, key);
    else
        json_set_i64(w, key, until);
}

static void write_task(struct json_writer *w, const struct schedule_problem *p, uint32_t task,
                       int32_t start)
{
    json_set_str(w, "id", task_id(p, task));
    json_set_i64(w, "start", start);
    json_set_i64(w, "finish", start + p->tasks[task].duration);
}

static void write_chain(struct json_writer *w, const struct schedule_problem *p,
                        const struct schedule_conflict *c)
{
    json_set_array(w, "chain");
    for (size_t i = 0; i < c->task_count; i++) {
        json_begin_object(w);
        write_task(w, p, c->tasks[i], c->starts[i]);
        if (c->waits[i] != SCHEDULE_NO_RESOURCE)
            set_resource(w, "waits_for", p, c->waits[i]);
        json_end_object(w);
    }
    json_end_array(w);
    set_until(w, "deadline", c->until);
}

static void write_conflict(struct json_writer *w, const struct schedule_problem *p,
                           const struct schedule_conflict *c)
{
    static const char *const kinds[] = {"cycle", "demand", "deadline", "overload", "deadlines"};
    struct buf text;

    json_set_object(w, "conflict");
    json_set_str(w, "kind", str_from_cstr(kinds[c->kind]));
    if (c->kind == SCHEDULE_DEADLINE) {
        write_chain(w, p, c);
    } else {
        json_set_array(w, "tasks");
        for (size_t i = 0; i < c->task_count; i++)
            json_put_str(w, task_id(p, c->tasks[i]));
        json_end_array(w);
    }
    if (c->kind == SCHEDULE_DEADLINES && c->task_count == 0)
        set_resource(w, "resource", p, c->resource);
    if (c->kind == SCHEDULE_DEMAND || c->kind == SCHEDULE_OVERLOAD) {
        set_resource(w, "resource", p, c->resource);
        json_set_i64(w, "from", c->from);
        set_until(w, "until", c->until);
        if (c->resource != SCHEDULE_NO_RESOURCE) {
            set_amount(w, "needed", c->needed);
            set_amount(w, "available", c->available);
        }
    }
    if (c->kind == SCHEDULE_DEMAND && c->resource != SCHEDULE_NO_RESOURCE)
        json_set_i64(w, "period", c->period);
    buf_init(&text, 1 << 20);
    schedule_explain(&text, p, c);
    json_set_str(w, "text", buf_str(&text));
    buf_deinit(&text);
    json_end_object(w);
}

/* A task that has no place says null; one that misses its deadline says by how much. */
static void write_tasks(struct json_writer *w, const struct schedule_problem *p,
                        const struct schedule_answer *answer)
{
    json_set_array(w, "tasks");
    for (uint32_t t = 0; t < p->task_count; t++) {
        int32_t finish = answer->starts[t] + p->tasks[t].duration;
        json_begin_object(w);
        if (answer->status == SCHEDULE_LATE && finish > answer->end) {
            json_set_str(w, "id", task_id(p, t));
            json_set_null(w, "start");
            json_set_null(w, "finish");
        } else {
            write_task(w, p, t, answer->starts[t]);
            if (finish > p->tasks[t].deadline)
                json_set_i64(w, "late", finish - p->tasks[t].deadline);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

void schedule_write(struct buf *out, const struct schedule_problem *problem,
                    const struct schedule_answer *answer)
{
    static const char *const names[] = {"optimal", "feasible", "late", "infeasible"};
    bool is_late = answer->status == SCHEDULE_LATE;
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "status", str_from_cstr(names[answer->status]));
    if (answer->status == SCHEDULE_INFEASIBLE) {
        json_set_null(&w, "makespan");
        json_set_null(&w, "bound");
        json_set_null(&w, "gap");
        write_conflict(&w, problem, &answer->conflict);
    } else {
        if (is_late && answer->makespan > answer->end)
            json_set_null(&w, "makespan");
        else
            json_set_i64(&w, "makespan", answer->makespan);
        json_set_i64(&w, "bound", answer->bound);
        if (is_late)
            json_set_null(&w, "gap");
        else
            json_set_f64(&w, "gap", answer->gap);
        json_set_object(&w, "bounds");
        json_set_i64(&w, "critical_path", answer->critical_path);
        json_set_i64(&w, "resources", answer->resource_bound);
        json_end_object(&w);
        json_set_i64(&w, "schedules", (int64_t)answer->schedules);
        write_tasks(&w, problem, answer);
    }
    json_end_object(&w);
    buf_add_byte(out, '\n');
}
