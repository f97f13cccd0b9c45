/* What differs between two strategies; and that every field the simulation reads is an input. */
#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "db/db.h"
#include "strategy/decision/version_input.h"
#include "strategy/model/document.h"
#include "strategy/model/document_difference.h"
#include "strategy/model/object.h"
#include "strategy/risk/simulation.h"
#include "unit/strategy_workspace.h"

static struct arena arena;

static void begin(void)
{
    arena_init(&arena, 512 * MIB);
}

static void end(void)
{
    arena_deinit(&arena);
}

static DocumentChanges difference(const struct strategy_model *before,
                                  const struct strategy_model *after)
{
    DocumentChanges out;
    struct err err = {0};

    CHECK(document_difference(&arena, before, after, &out, &err));
    return out;
}

static Str written(const struct strategy_model *model)
{
    Str out = STR_NONE;
    struct err err = {0};

    CHECK(document_write(&arena, model, &out, &err));
    return out;
}

/* --- every kind, every field -------------------------------------------------------------------
 */

static void *at(const struct field *field, void *object)
{
    return (char *)object + field->offset;
}

static void fill(const struct record *record, void *object);

static void set_list(const struct field *field, void *object, void *items, size_t count)
{
    const struct any_list list = {items, count};

    memcpy(at(field, object), &list, sizeof list);
}

/* A value that is not the field's default. */
static void fill_field(const struct field *field, void *object)
{
    void *item;

    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_REF:
        *(Str *)at(field, object) = arena_printf(&arena, "%s-1", field->name);
        return;
    case FIELD_WORD:
        *(int *)at(field, object) = (int)field->words->count - 1;
        return;
    case FIELD_FLAGS:
        *(unsigned *)at(field, object) = 1;
        return;
    case FIELD_NUMBER:
        *(double *)at(field, object) = 0.25;
        return;
    case FIELD_INTEGER:
        *(int64_t *)at(field, object) = 2;
        return;
    case FIELD_BOOL:
        *(bool *)at(field, object) = true;
        return;
    case FIELD_REFS:
    case FIELD_TEXTS:
        item = arena_new(&arena, Str, 1);
        *(Str *)item = S("listed");
        set_list(field, object, item, 1);
        return;
    case FIELD_THREE:
        *(struct three_point *)at(field, object) = (struct three_point){1, 2, 3};
        return;
    case FIELD_RECORD:
        fill(field->record, at(field, object));
        *(bool *)((char *)object + field->presence) = true;
        return;
    case FIELD_RECORDS:
        item = arena_alloc(&arena, field->record->size, _Alignof(max_align_t), 1);
        memset(item, 0, field->record->size);
        fill(field->record, item);
        set_list(field, object, item, 1);
        return;
    }
}

static void fill(const struct record *record, void *object)
{
    for (size_t i = 0; i < record->count; i++)
        fill_field(&record->fields[i], object);
}

/* The items of the list go by an id. */
static bool is_keyed(const struct field *field)
{
    return field->type == FIELD_RECORDS && (field->record->fields[0].type == FIELD_ID ||
                                            field->record->fields[0].type == FIELD_REF);
}

/* Another value still, of records in one member, counted round; *path grows by the names. */
static void change_field(const struct field *field, size_t member, void *object, Str *path);

static void change_member(const struct field *field, size_t member, void *record, Str *path)
{
    change_field(&field->record->fields[member % field->record->count], 0, record, path);
}

static void change_field(const struct field *field, size_t member, void *object, Str *path)
{
    struct any_list list;
    void *copy;

    *path = arena_printf(&arena, STR_F "%s", STR_A(*path), field->name);
    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_REF:
        *(Str *)at(field, object) = S("another");
        return;
    case FIELD_WORD:
        *(int *)at(field, object) = (int)field->words->count - 2;
        return;
    case FIELD_FLAGS:
        *(unsigned *)at(field, object) = 3;
        return;
    case FIELD_NUMBER:
        *(double *)at(field, object) = 0.75;
        return;
    case FIELD_INTEGER:
        *(int64_t *)at(field, object) = 3;
        return;
    case FIELD_BOOL:
        *(bool *)at(field, object) = !*(bool *)at(field, object);
        return;
    case FIELD_REFS:
    case FIELD_TEXTS:
        copy = arena_new(&arena, Str, 2);
        ((Str *)copy)[0] = S("listed");
        ((Str *)copy)[1] = S("also");
        set_list(field, object, copy, 2);
        return;
    case FIELD_THREE:
        ((struct three_point *)at(field, object))->high = 4;
        *path = arena_printf(&arena, STR_F ".high", STR_A(*path));
        return;
    case FIELD_RECORD:
        *path = arena_printf(&arena, STR_F ".", STR_A(*path));
        change_member(field, member, at(field, object), path);
        return;
    case FIELD_RECORDS:
        memcpy(&list, at(field, object), sizeof list);
        copy = arena_alloc(&arena, field->record->size, _Alignof(max_align_t), 1);
        memcpy(copy, list.items, field->record->size);
        set_list(field, object, copy, 1);
        *path = is_keyed(field) ? arena_printf(&arena, STR_F "[%s-1].", STR_A(*path),
                                               field->record->fields[0].name)
                                : arena_printf(&arena, STR_F "[0].", STR_A(*path));
        change_member(field, member, copy, path);
        return;
    }
}

/* How many ways a field can change in. */
static size_t members_of(const struct field *field)
{
    return field->type == FIELD_RECORD || field->type == FIELD_RECORDS ? field->record->count : 1;
}

static void *new_object(enum object_kind kind)
{
    const struct record *record = &object_type(kind)->record;
    void *object = arena_alloc(&arena, record->size, _Alignof(max_align_t), 1);

    memset(object, 0, record->size);
    fill(record, object);
    return object;
}

static void *copy_object(enum object_kind kind, const void *object)
{
    size_t size = object_type(kind)->record.size;

    return memcpy(arena_alloc(&arena, size, _Alignof(max_align_t), 1), object, size);
}

static struct strategy_model model_of(enum object_kind kind, void *object)
{
    struct strategy_model model = {0};

    model_set_list(&model, kind, (struct any_list){object, object ? 1 : 0});
    return model;
}

/* One field of an object is changed: the difference names it, and nothing else. */
static void check_field(enum object_kind kind, size_t index, size_t member)
{
    void *object = new_object(kind), *other = copy_object(kind, object);
    struct strategy_model before = model_of(kind, object), after = model_of(kind, other);
    Str path = STR_NONE;

    change_field(&object_type(kind)->record.fields[index], member, other, &path);
    DocumentChanges changes = difference(&before, &after);
    CHECK_INT(changes.count, 1);
    const struct document_change *change = &changes.items[0];
    CHECK_INT(change->kind, kind);
    CHECK_INT(change->what, DOCUMENT_CHANGED);
    CHECK(str_eq(change->id, object_id(object)));
    if (!str_eq(change->field, path))
        print_error("'" STR_F "' is named '" STR_F "'\n", STR_A(path), STR_A(change->field));
    CHECK(str_eq(change->field, path));
    CHECK(change->before.len > 0 && change->after.len > 0);
    CHECK(!str_eq(change->before, change->after));
    CHECK(!str_eq(written(&before), written(&after)));
}

TEST(every_field_of_every_kind_is_named)
{
    begin();
    for (int k = 0; k < OBJECT_KIND_COUNT; k++) {
        const struct record *record = &object_type((enum object_kind)k)->record;
        for (size_t i = 1; i < record->count; i++) {
            size_t first = is_keyed(&record->fields[i]) ? 1 : 0; /* another key is another item */
            for (size_t j = first; j < members_of(&record->fields[i]); j++)
                check_field((enum object_kind)k, i, j);
        }
    }
    end();
}

TEST(every_kind_is_added_and_removed)
{
    begin();
    for (int k = 0; k < OBJECT_KIND_COUNT; k++) {
        enum object_kind kind = (enum object_kind)k;
        void *object = new_object(kind);
        struct strategy_model full = model_of(kind, object), none = {0};
        DocumentChanges added = difference(&none, &full), removed = difference(&full, &none);
        CHECK_INT(added.count, 1);
        CHECK_INT(added.items[0].what, DOCUMENT_ADDED);
        CHECK_INT(removed.count, 1);
        CHECK_INT(removed.items[0].what, DOCUMENT_REMOVED);
        CHECK(str_eq(removed.items[0].id, object_id(object)) && removed.items[0].field.len == 0);
        CHECK(removed.items[0].label.len > 0);
        object_set_revision(object, 7);
        struct strategy_model same = model_of(kind, copy_object(kind, object));
        object_set_revision(object, 8);
        CHECK_INT(difference(&full, &same).count, 0);
    }
    end();
}

/* --- what a person reads -----------------------------------------------------------------------
 */

static struct strategy_model before, after;

static void begin_two(void)
{
    begin();
    strategy_model_make(&arena, &before);
    strategy_model_make(&arena, &after);
    CHECK_INT(difference(&before, &after).count, 0);
}

static struct strategy_option *option(const char *id)
{
    Str wanted = str_from_cstr(id);

    for (size_t i = 0; i < after.options.count; i++)
        if (str_eq(after.options.items[i].id, wanted))
            return &after.options.items[i];
    return NULL;
}

static void check_change(const struct document_change *change, const char *field, const char *was,
                         const char *is)
{
    CHECK_STR(change->field, field);
    CHECK_STR(change->before, was);
    CHECK_STR(change->after, is);
}

TEST(items_of_lists_go_by_what_they_are_about)
{
    begin_two();
    struct strategy_option *help = option("help");
    struct option_cost costs[] = {{S("people"), 3}, {S("money"), 55}};
    struct option_reaction reactions[] = {help->reactions.items[0], help->reactions.items[0]};
    help->costs.items = costs;
    help->costs.count = 2;
    reactions[0].loss = 0.5;
    help->reactions.items = reactions;
    help->reactions.count = 2; /* both of Kelvo: by place */
    help->prerequisites.count = 0;
    DocumentChanges changes = difference(&before, &after);
    CHECK_INT(changes.count, 5);
    check_change(&changes.items[0], "costs[people]", "", "{\"resource\":\"people\",\"amount\":3}");
    check_change(&changes.items[1], "costs[money].amount", "50", "55");
    check_change(&changes.items[2], "prerequisites", "[\"staff\"]", "[]");
    check_change(&changes.items[3], "reactions[0].loss", "0.3", "0.5");
    CHECK_STR(changes.items[4].field, "reactions[1]");
    CHECK_INT(changes.items[4].before.len, 0);
    char path[200];
    CHECK_STR(document_change_path(&changes.items[1], path, sizeof path), "costs.amount");
    CHECK_STR(document_change_path(&changes.items[1], path, 4), "cost");
    end();
}

TEST(a_part_can_come_and_go)
{
    begin_two();
    after.assumptions.items[0].has_rule = false;
    after.assumptions.items[0].rule.threshold = 99; /* of no rule */
    DocumentChanges changes = difference(&before, &after);
    CHECK_INT(changes.count, 1);
    CHECK_STR(changes.items[0].field, "rule");
    CHECK(changes.items[0].before.len > 0);
    CHECK_INT(changes.items[0].after.len, 0);
    before.assumptions.items[0].has_rule = false;
    CHECK_INT(difference(&before, &after).count, 0);
    end();
}

TEST(order_is_a_difference)
{
    begin_two();
    struct strategy_option first = after.options.items[0];
    struct strategy_version *one = &after.versions.items[0];
    struct version_option choice = one->options.items[0];
    after.options.items[0] = after.options.items[1];
    after.options.items[1] = first;
    one->options.items[0] = one->options.items[1];
    one->options.items[1] = choice;
    after.options.count--; /* and one is gone */
    DocumentChanges changes = difference(&before, &after);
    CHECK_INT(changes.count, 3);
    CHECK_INT(changes.items[0].what, DOCUMENT_REMOVED);
    CHECK_STR(changes.items[0].label, "Badges");
    CHECK_INT(changes.items[1].what, DOCUMENT_REORDERED);
    check_change(&changes.items[1], "", "[\"help\",\"forum\",\"school\"]",
                 "[\"forum\",\"help\",\"school\"]");
    CHECK_STR(changes.items[2].field, "options");
    CHECK_INT(changes.items[2].kind, OBJECT_VERSION);
    end();
}

TEST(values_read_like_words)
{
    begin();
    CHECK_STR(document_value_text(&arena, S("\"leading\""), S("none")), "leading");
    CHECK_STR(document_value_text(&arena, S("[\"a\",\"b\"]"), S("none")), "a, b");
    CHECK_STR(document_value_text(&arena, S("{\"low\":1,\"high\":2.5}"), S("none")),
              "low: 1, high: 2.5");
    CHECK_STR(document_value_text(&arena, S("1200000"), S("none")), "1200000");
    CHECK_STR(document_value_text(&arena, S("[]"), S("none")), "none");
    CHECK_STR(document_value_text(&arena, S("null"), S("none")), "none");
    CHECK_STR(document_value_text(&arena, STR_NONE, S("none")), "none");
    end();
}

/* --- inputs ------------------------------------------------------------------------------------
 */

static Str simulated(const struct strategy_model *model)
{
    static Str ids[] = {S_INIT("one")};
    Str out = STR_NONE;
    struct err err = {0};

    CHECK(simulation_model_json(&arena, model, (StrList){ids, 1}, (StrList){0}, &out, &err));
    return out;
}

static size_t inputs_of(const char *version)
{
    DocumentChanges changes = difference(&before, &after);
    struct version_inputs inputs;
    struct err err = {0};
    size_t count = 0;

    CHECK(version_inputs_find(&arena, &before, &after, str_from_cstr(version), &inputs, &err));
    for (size_t i = 0; i < changes.count; i++)
        count += version_input_is(&inputs, &changes.items[i]);
    return count;
}

/* One field of one object of today is another one: when the model of the simulation is, too, the
 * change has to count as an input. */
static size_t check_input(enum object_kind kind, void *object, size_t index, size_t member)
{
    size_t size = object_type(kind)->record.size;
    void *kept = copy_object(kind, object);
    Str path = STR_NONE;

    change_field(&object_type(kind)->record.fields[index], member, object, &path);
    bool is_input = inputs_of("one") > 0;
    bool is_read = !str_eq(simulated(&before), simulated(&after));
    if (is_read && !is_input)
        print_error("the simulation reads '" STR_F "' of " STR_F "\n", STR_A(path),
                    STR_A(word_of(&words_object_kind, (int)kind)));
    CHECK(!is_read || is_input);
    memcpy(object, kept, size);
    return is_read;
}

/* A list of one, so that a change of an item has something to change. */
static void have_items(enum object_kind kind, void *object)
{
    const struct record *record = &object_type(kind)->record;
    struct any_list list;

    for (size_t i = 0; i < record->count; i++) {
        if (record->fields[i].type != FIELD_RECORDS)
            continue;
        memcpy(&list, at(&record->fields[i], object), sizeof list);
        if (list.count == 0)
            fill_field(&record->fields[i], object);
    }
}

/* A kind of which the strategy has none gets one, on both sides. */
static void have_one(enum object_kind kind)
{
    if (model_list(&after, kind).count > 0)
        return;
    model_set_list(&before, kind, (struct any_list){new_object(kind), 1});
    model_set_list(&after, kind, (struct any_list){new_object(kind), 1});
}

/* Every field of every object of a kind. */
static size_t check_inputs(enum object_kind kind)
{
    const struct record *record = &object_type(kind)->record;
    have_one(kind);
    struct any_list was = model_list(&before, kind), is = model_list(&after, kind);
    size_t read = 0;

    for (size_t i = 0; i < is.count; i++) {
        void *object = (char *)is.items + i * record->size;
        have_items(kind, (char *)was.items + i * record->size);
        have_items(kind, object);
        for (size_t j = 1; j < record->count; j++)
            for (size_t k = 0; k < members_of(&record->fields[j]); k++)
                read += check_input(kind, object, j, k);
    }
    return read;
}

TEST(what_the_simulation_reads_is_an_input)
{
    size_t read = 0;

    begin_two();
    have_one(OBJECT_DRIVER); /* one that counts: those that no option names are read, and nothing */
    before.options.items[0].driver = object_id(before.drivers.items);
    option("help")->driver = object_id(after.drivers.items);
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        read += check_inputs((enum object_kind)kind);
    CHECK(read >= 25);
    end();
}

TEST(inputs_are_those_of_the_version)
{
    begin_two();
    option("school")->benefit.high = 101;
    CHECK_INT(inputs_of("one"), 0);
    CHECK_INT(inputs_of("two"), 1);
    option("help")->name = S("Help now");
    option("help")->reactions.items[0].answer = S("wait");
    CHECK_INT(inputs_of("one"), 0);
    option("help")->reactions.items[0].loss = 0.9;
    CHECK_INT(inputs_of("one"), 1);
    after.assumptions.items[0].probability = 0.1; /* what helping rests on */
    CHECK_INT(inputs_of("one"), 2);
    CHECK_INT(inputs_of("two"), 1);
    after.limits.items[0].amount = 90; /* bounds both */
    CHECK_INT(inputs_of("one"), 3);
    CHECK_INT(inputs_of("two"), 2);
    after.goals.items[0].text = S("Cheap service");
    after.limits.count = 0; /* taken away instead */
    CHECK_INT(inputs_of("one"), 3);
    after.versions.items[0].options.items[0].is_chosen = false;
    CHECK_INT(inputs_of("one"), 4);
    end();
}

int main(void)
{
    return RUN(CASE(every_field_of_every_kind_is_named), CASE(every_kind_is_added_and_removed),
               CASE(items_of_lists_go_by_what_they_are_about), CASE(a_part_can_come_and_go),
               CASE(order_is_a_difference), CASE(values_read_like_words),
               CASE(what_the_simulation_reads_is_an_input), CASE(inputs_are_those_of_the_version));
}
