#include "strategy/decision/version_input.h"

#include "strategy/model/object.h"

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

static bool chose(const struct strategy_model *model, Str version, Str option)
{
    const struct strategy_version *found = model_version(model, version);

    return found && version_has(found, option);
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
static bool rests_on(const struct strategy_model *model, Str version,
                     const struct document_change *change)
{
    struct looking_for looking = {.kind = change->kind, .id = change->id};
    const struct trail trail = {0};

    for (size_t i = 0; i < model->options.count && !looking.is_found; i++) {
        const struct strategy_option *option = &model->options.items[i];
        if (chose(model, version, option->id))
            object_each_reference(OBJECT_OPTION, option, &trail, on_reference, &looking);
    }
    return looking.is_found;
}

static bool is_input_object(const struct input_kind *input, const struct strategy_model *before,
                            const struct strategy_model *after, Str version,
                            const struct document_change *change)
{
    switch (input->of) {
    case OF_THE_STRATEGY:
        return true;
    case OF_AN_OPTION:
        return rests_on(before, version, change) || rests_on(after, version, change);
    case THE_OPTION:
        return chose(before, version, change->id) || chose(after, version, change->id);
    case THE_VERSION:
        return str_eq(change->id, version);
    }
    UNREACHABLE("a kind of input");
}

bool version_input_is(struct arena *arena, const struct strategy_model *before,
                      const struct strategy_model *after, Str version,
                      const struct document_change *change)
{
    const struct input_kind *input = input_kind(change->kind);

    if (!input || change->what == DOCUMENT_REORDERED ||
        !is_input_object(input, before, after, version, change))
        return false;
    return change->field.len == 0 || is_input_field(input, document_change_path(arena, change));
}
