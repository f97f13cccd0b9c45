#include "strategy/decision/version_input.h"

#include "strategy/model/object.h"

#define PATH_BYTES_MAX 200 /* fields of fields: names of the tables */

/* What counts of a kind, as paths without keys; and which objects of it do. */
struct input_kind {
    enum object_kind kind;
    enum { OF_THE_STRATEGY, OF_AN_OPTION, THE_OPTION, THE_VERSION } of;
    const char *fields[16];
};

static const struct input_kind inputs[] = {
    {OBJECT_COMPANY, OF_THE_STRATEGY, {"months", "discount"}},
    {OBJECT_VERSION, THE_VERSION, {"options.option", "options.is_chosen"}},
    {OBJECT_OPTION,
     THE_OPTION,
     {"benefit", "ramp_months", "effort", "running", "costs", "prerequisites", "requires",
      "excludes", "must", "must_not", "rests_on", "reactions.probability", "reactions.loss",
      "reactions.after_months", "driver"}},
    {OBJECT_ASSUMPTION, OF_AN_OPTION, {"probability"}},
    {OBJECT_PREREQUISITE, OF_AN_OPTION, {"probability", "delay_months", "state"}},
    {OBJECT_DRIVER, OF_AN_OPTION, {"sd"}},
    {OBJECT_LIMIT, OF_THE_STRATEGY, {"amount", "secured"}},
    {OBJECT_COVERAGE, OF_THE_STRATEGY, {"at_least"}},
};

static const struct input_kind *input_kind(enum object_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        if (inputs[i].kind == kind)
            return &inputs[i];
    }
    return NULL;
}

/* True when one path is the other or leads to it: "benefit" and "benefit.high". */
static bool is_on_path(Str a, Str b)
{
    Str shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;

    return str_starts(longer, shorter) &&
           (longer.len == shorter.len || longer.ptr[shorter.len] == '.');
}

static bool is_input_field(const struct input_kind *input, Str path)
{
    for (size_t i = 0; i < COUNT_OF(input->fields) && input->fields[i]; i++) {
        if (is_on_path(path, str_from_cstr(input->fields[i])))
            return true;
    }
    return false;
}

static void take_chosen(const struct strategy_model *model, struct version_inputs *out)
{
    const struct strategy_version *version = model_version(model, out->version);

    for (size_t i = 0; version && i < model->options.count; i++) {
        if (version_has(version, model->options.items[i].id))
            out->options[out->option_count++] = &model->options.items[i];
    }
}

bool version_inputs_find(struct arena *arena, const struct strategy_model *before,
                         const struct strategy_model *after, Str version,
                         struct version_inputs *out, struct err *err)
{
    size_t most = before->options.count + after->options.count + 1;

    *out = (struct version_inputs){.version = version};
    out->options = arena_try_new(arena, const struct strategy_option *, most);
    if (!out->options)
        return err_arena(err, arena);
    take_chosen(before, out);
    take_chosen(after, out);
    return true;
}

static bool chose(const struct version_inputs *chosen, Str option)
{
    for (size_t i = 0; i < chosen->option_count; i++) {
        if (str_eq(chosen->options[i]->id, option))
            return true;
    }
    return false;
}

struct looking_for {
    enum object_kind kind;
    Str id;
    bool is_found;
};

static void on_reference(void *user, const struct trail *trail, Str id, uint64_t targets)
{
    struct looking_for *looking = user;

    (void)trail;
    if ((targets & TARGET(looking->kind)) && str_eq(id, looking->id))
        looking->is_found = true;
}

/* True when an option that the version chose refers to the object. */
static bool rests_on(const struct version_inputs *chosen, const struct document_change *change)
{
    struct looking_for looking = {.kind = change->kind, .id = change->id};
    const struct trail trail = {0};

    for (size_t i = 0; i < chosen->option_count && !looking.is_found; i++)
        object_each_reference(OBJECT_OPTION, chosen->options[i], &trail, on_reference, &looking);
    return looking.is_found;
}

static bool is_input_object(const struct input_kind *input, const struct version_inputs *chosen,
                            const struct document_change *change)
{
    switch (input->of) {
    case OF_THE_STRATEGY:
        return true;
    case OF_AN_OPTION:
        return rests_on(chosen, change);
    case THE_OPTION:
        return chose(chosen, change->id);
    case THE_VERSION:
        return str_eq(change->id, chosen->version);
    }
    UNREACHABLE("a kind of input");
}

bool version_input_is(const struct version_inputs *chosen, const struct document_change *change)
{
    const struct input_kind *input = input_kind(change->kind);
    char path[PATH_BYTES_MAX];

    if (!input || change->what == DOCUMENT_REORDERED || !is_input_object(input, chosen, change))
        return false;
    return change->field.len == 0 ||
           is_input_field(input, document_change_path(change, path, sizeof path));
}
