/* Every rule of method/rules.json has a strategy that breaks it and one that keeps it.
 *
 * rules/base.json is a small whole strategy that breaks no rule. The other files of rules/ hold, by
 * rule, the least change that breaks it and the nearest one that keeps it; rules/README.md says how
 * a pair is written. Every changed document goes through the reader and the check that the program
 * runs, and all of its findings have to be the expected ones, not only those of the rule.
 */
#include "unit/test.h"

#include "format/json.h"
#include "strategy/method/check.c"
#include "unit/strategy_workspace.h"

#define RULES_DIR "tests/unit/rules"
#define TODAY     "2030-09-01" /* of examples that name no other */

static struct arena arena;
static const struct method *method;
static const struct json *base;
static unsigned failures;

/* One entry under "break" or "keep" of a rule. */
struct example {
    const struct check_rule *rule;
    const struct json *json;
    bool is_broken;
};

static void fail_example(const struct example *e, Str what)
{
    print_error(STR_F " %s, \"" STR_F "\": " STR_F "\n", STR_A(e->rule->id),
                e->is_broken ? "break" : "keep", STR_A(json_str_or(e->json, "why", S("?"))),
                STR_A(what));
    failures++;
}

static const struct json *read_json(Str name)
{
    Str path = path_join(&arena, S(RULES_DIR), name), text;
    const struct json *root = NULL;
    struct err err = {0};

    if (!file_read_all(&arena, path, MIB, &text, &err) || !json_parse(&arena, text, &root, &err))
        print_error(STR_F ": %s\n", STR_A(path), err.msg);
    CHECK(root != NULL);
    return root;
}

static void begin(void)
{
    struct err err = {0};

    arena_init(&arena, 256 * MIB);
    failures = 0;
    CHECK(method_read(&arena, &method, &err));
    base = read_json(S("base.json"));
}

static void end(void)
{
    arena_deinit(&arena);
    CHECK_INT(failures, 0);
}

/* --- the document of an example ----------------------------------------------------------------
 *
 * A merge patch (RFC 7396: null removes, objects merge, the rest replaces) that also reaches into
 * lists of objects: there its members are ids.
 */

/* A list that the base lacks. */
static const struct json no_objects = {.type = JSON_ARRAY};

static void put_patched(struct json_writer *w, const struct json *old, const struct json *patch);

static bool is_removed(const struct json *patch, Str key)
{
    return json_type(json_find(patch, key)) == JSON_NULL;
}

static void put_patched_members(struct json_writer *w, const struct json *old,
                                const struct json *patch)
{
    for (size_t i = 0; i < json_len(old); i++) {
        Str key = json_key_at(old, i);
        if (is_removed(patch, key))
            continue;
        json_key(w, key);
        put_patched(w, json_at(old, i), json_find(patch, key));
    }
    for (size_t i = 0; i < json_len(patch); i++) {
        Str key = json_key_at(patch, i);
        if (json_find(old, key) || is_removed(patch, key))
            continue;
        json_key(w, key);
        put_patched(w, old == base ? &no_objects : NULL, json_at(patch, i));
    }
}

static const struct json *item_by_id(const struct json *list, Str id)
{
    for (size_t i = 0; i < json_len(list); i++) {
        if (str_eq(json_str_or(json_at(list, i), "id", STR_NONE), id))
            return json_at(list, i);
    }
    return NULL;
}

static void put_patched_list(struct json_writer *w, const struct json *old,
                             const struct json *patch)
{
    json_begin_array(w);
    for (size_t i = 0; i < json_len(old); i++) {
        Str id = json_str_or(json_at(old, i), "id", STR_NONE);
        if (!is_removed(patch, id))
            put_patched(w, json_at(old, i), json_find(patch, id));
    }
    for (size_t i = 0; i < json_len(patch); i++) {
        Str id = json_key_at(patch, i);
        if (item_by_id(old, id) || is_removed(patch, id))
            continue;
        json_begin_object(w);
        json_set_str(w, "id", id);
        put_patched_members(w, NULL, json_at(patch, i));
        json_end_object(w);
    }
    json_end_array(w);
}

/* Without `patch` the value stays; without `old` it is new. */
static void put_patched(struct json_writer *w, const struct json *old, const struct json *patch)
{
    if (!patch) {
        json_put_tree(w, old);
    } else if (json_type(patch) == JSON_OBJECT && json_type(old) == JSON_ARRAY) {
        put_patched_list(w, old, patch);
    } else if (json_type(patch) == JSON_OBJECT && json_type(old) == JSON_OBJECT) {
        json_begin_object(w);
        put_patched_members(w, old, patch);
        json_end_object(w);
    } else {
        json_put_tree(w, patch);
    }
}

static Str document_of(const struct json *patch)
{
    struct err err = {0};
    struct json_writer w;
    struct buf text;

    buf_init(&text, DOCUMENT_BYTES_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    put_patched(&w, base, patch);
    CHECK(buf_ok(&text, &err));
    Str kept = arena_str(&arena, buf_str(&text));
    buf_deinit(&text);
    return kept;
}

/* --- what the program knows beside the document ------------------------------------------------
 */

static void set_never_simulated(void *version)
{
    ((struct strategy_version *)version)->simulation = (struct simulation_summary){0};
}

static void set_stale(void *version)
{
    ((struct strategy_version *)version)->simulation.is_stale = true;
}

static void set_broken(void *assumption)
{
    ((struct assumption *)assumption)->state = ASSUMPTION_BROKEN;
}

static void set_at_risk(void *assumption)
{
    ((struct assumption *)assumption)->state = ASSUMPTION_AT_RISK;
}

/* "facts": {"<name>": [<ids>]}. Without any, every version is simulated on its present figures. */
static const struct fact {
    const char *name;
    enum object_kind kind;
    void (*set)(void *object);
} facts[] = {
    {"never_simulated", OBJECT_VERSION, set_never_simulated},
    {"simulation_is_stale", OBJECT_VERSION, set_stale},
    {"assumption_is_broken", OBJECT_ASSUMPTION, set_broken},
    {"assumption_is_at_risk", OBJECT_ASSUMPTION, set_at_risk},
};

static const struct fact *fact_named(Str name)
{
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (str_eq(name, str_from_cstr(facts[i].name)))
            return &facts[i];
    }
    return NULL;
}

static void set_facts(const struct example *e, struct strategy_model *model)
{
    const struct json *wanted = json_get(e->json, "facts");

    for (size_t i = 0; i < model->versions.count; i++)
        model->versions.items[i].simulation.id = 1;
    for (size_t i = 0; i < json_len(wanted); i++) {
        const struct fact *fact = fact_named(json_key_at(wanted, i));
        if (!fact) {
            fail_example(e, arena_printf(&arena, "'" STR_F "' is not one of facts[]",
                                         STR_A(json_key_at(wanted, i))));
            continue;
        }
        for (size_t j = 0; j < json_len(json_at(wanted, i)); j++) {
            Str id = json_at(json_at(wanted, i), j)->text;
            void *object = (void *)(uintptr_t)model_find(model, fact->kind, id);
            if (object)
                fact->set(object);
            else
                fail_example(
                    e, arena_printf(&arena, "there is no " STR_F " to state a fact of", STR_A(id)));
        }
    }
}

/* --- what is found ------------------------------------------------------------------------------
 */

/* A place for an argument: {0}. */
static bool has_gap(Str text)
{
    return str_find_byte(text, '{') < text.len;
}

/* "S004 goal service", and of the rule in question ": has no date". */
static Str finding_text(const struct example *e, const struct check_finding *finding)
{
    Str head =
        arena_printf(&arena, STR_F " " STR_F " " STR_F, STR_A(finding->rule->id),
                     STR_A(word_of(&words_object_kind, (int)finding->kind)), STR_A(finding->id));

    if (finding->rule != e->rule || !has_gap(e->rule->message.in[METHOD_EN]))
        return head;
    return arena_printf(&arena, STR_F ": " STR_F, STR_A(head), STR_A(finding->message));
}

static StrList expected_findings(const struct example *e)
{
    const struct json *finds = json_get(e->json, "finds"), *also = json_get(e->json, "also");
    StrList list = {.items = arena_new(&arena, Str, json_len(finds) + json_len(also) + 1)};

    for (size_t i = 0; i < json_len(finds); i++)
        list.items[list.count++] = arena_printf(&arena, STR_F " " STR_F, STR_A(e->rule->id),
                                                STR_A(json_at(finds, i)->text));
    for (size_t i = 0; i < json_len(also); i++)
        list.items[list.count++] = json_at(also, i)->text;
    return list;
}

static bool take(StrList *list, Str text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i], text)) {
            list->items[i] = list->items[--list->count];
            return true;
        }
    }
    return false;
}

/* What kind of thing it is about, as the place begins. */
static Str place_head(const struct check_finding *finding, enum method_language language)
{
    if (finding->kind == OBJECT_COMPANY)
        return language == METHOD_DE ? S("Strategie") : S("strategy");
    return method_word(method, S("object"), word_of(&words_object_kind, (int)finding->kind),
                       language);
}

/* Findings are about things that exist, and their texts are whole. */
static void check_texts(const struct example *e, const struct strategy_model *model,
                        const struct check_finding *finding, enum method_language language)
{
    bool is_there = model_find(model, finding->kind, finding->id) ||
                    (finding->kind == OBJECT_POTENTIAL && method_potential(method, finding->id));

    if (!is_there)
        fail_example(e,
                     arena_printf(&arena, "there is no '" STR_F "' to report", STR_A(finding->id)));
    if (!str_starts(finding->place, place_head(finding, language)) || has_gap(finding->message))
        fail_example(e, arena_printf(&arena, "says '" STR_F ": " STR_F "'", STR_A(finding->place),
                                     STR_A(finding->message)));
}

static void compare(const struct example *e, const struct check_report *report)
{
    StrList expected = expected_findings(e);

    for (size_t i = 0; i < report->findings.count; i++) {
        Str text = finding_text(e, &report->findings.items[i]);
        if (!take(&expected, text))
            fail_example(e, arena_printf(&arena, "found '" STR_F "'", STR_A(text)));
    }
    for (size_t i = 0; i < expected.count; i++)
        fail_example(e, arena_printf(&arena, "did not find '" STR_F "'", STR_A(expected.items[i])));
}

static bool read_example(const struct example *e, struct strategy_model *model)
{
    struct document_faults faults;
    struct err err = {0};

    if (!document_read(&arena, document_of(json_get(e->json, "patch")), model, &faults, &err)) {
        fail_example(e, str_from_cstr(err.msg));
        return false;
    }
    set_facts(e, model);
    return true;
}

/* "refused": the reader does not let such a document in, so that the rule has nothing to find. */
static void run_refused(const struct example *e, Str expected)
{
    struct strategy_model model;
    struct document_faults faults;
    struct err err = {0};

    if (document_read(&arena, document_of(json_get(e->json, "patch")), &model, &faults, &err))
        fail_example(e, S("is not refused"));
    else if (faults.total != 1 || !str_eq(faults.items[0].message, expected))
        fail_example(e, arena_printf(&arena, "is refused with '%s'", err.msg));
}

static void run_example(const struct example *e)
{
    const struct check_scope scope = {.today = json_str_or(e->json, "today", S(TODAY)),
                                      .version = json_str_or(e->json, "version", STR_NONE)};
    Str refused = json_str_or(e->json, "refused", STR_NONE);
    struct strategy_model model;
    struct check_report report;
    struct err err = {0};

    if (e->is_broken != (refused.len > 0 || json_len(json_get(e->json, "finds")) > 0))
        fail_example(e, S("'finds' belongs to what breaks the rule, and only there"));
    if (json_len(json_get(e->json, "patch")) + json_len(json_get(e->json, "facts")) == 0)
        fail_example(e, S("changes nothing"));
    if (refused.len > 0)
        run_refused(e, refused);
    if (refused.len > 0 || !read_example(e, &model))
        return;
    for (int language = METHOD_LANGUAGE_COUNT - 1; language >= 0; language--) {
        CHECK(strategy_check(&arena, &model, method, &scope, (enum method_language)language,
                             &report, &err));
        for (size_t i = 0; i < report.findings.count; i++)
            check_texts(e, &model, &report.findings.items[i], (enum method_language)language);
    }
    compare(e, &report); /* English: the last one */
}

/* --- the tests ----------------------------------------------------------------------------------
 */

/* Calls `visit` for every rule that a file of rules/ has examples of. */
static void each_pair(void (*visit)(Str rule, const struct json *pair))
{
    struct dir_entry *files;
    struct err err = {0};
    size_t count;

    CHECK(dir_list(&arena, S(RULES_DIR), &files, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(files[i].name, S(".json")) || str_eq(files[i].name, S("base.json")))
            continue;
        const struct json *pairs = read_json(files[i].name);
        for (size_t j = 0; j < json_len(pairs); j++)
            visit(json_key_at(pairs, j), json_at(pairs, j));
    }
}

static void run_pair(Str rule, const struct json *pair)
{
    static const char *const sides[] = {"keep", "break"};

    for (int side = 0; side < 2; side++) {
        const struct json *examples = json_get(pair, sides[side]);
        for (size_t i = 0; i < json_len(examples); i++)
            run_example(&(struct example){.rule = method_rule(method, rule),
                                          .json = json_at(examples, i),
                                          .is_broken = side == 1});
    }
}

static StrList unpaired; /* ids of rules */

static void count_pair(Str rule, const struct json *pair)
{
    bool is_whole = json_len(json_get(pair, "break")) > 0 && json_len(json_get(pair, "keep")) > 0;

    if (is_whole && take(&unpaired, rule))
        return;
    print_error(STR_F ": %s\n", STR_A(rule),
                is_whole ? "is no rule, or has a pair already" : "lacks 'break' or 'keep'");
    failures++;
}

TEST(every_rule_has_a_pair)
{
    begin();
    unpaired.items = arena_new(&arena, Str, method->rules.count);
    unpaired.count = 0;
    for (size_t i = 0; i < method->rules.count; i++)
        unpaired.items[unpaired.count++] = method->rules.items[i].id;
    each_pair(count_pair);
    for (size_t i = 0; i < unpaired.count; i++)
        print_error(STR_F " has no pair in " RULES_DIR "; README.md there says how to add one\n",
                    STR_A(unpaired.items[i]));
    failures += (unsigned)unpaired.count;
    end();
}

TEST(pairs_break_and_keep_their_rules)
{
    begin();
    each_pair(run_pair);
    end();
}

/* The check of a document, of the store it was imported to, and with nothing to complain about. */
TEST(base_breaks_no_rule)
{
    const struct check_scope scope = {.today = S(TODAY)};
    struct import_counts counts;
    struct strategy_model model;
    struct check_report report;
    struct scratch scratch;
    struct err err = {0};
    struct db *db;

    begin();
    scratch_begin(&scratch);
    CHECK(read_example(&(struct example){.rule = &method->rules.items[0]}, &model));
    CHECK(db_open(&db, scratch_path(&scratch, "state.db"), DB_CREATE, &err));
    CHECK(db_migrate(db, S("schema/state/"), &err));
    CHECK(store_import(db, &strategy_change, &model, IMPORT_EMPTY, &counts, &err));
    CHECK(store_read(db, &arena, &model, &err));
    for (size_t i = 0; i < model.versions.count; i++)
        model.versions.items[i].simulation.id = 1;
    CHECK(strategy_check(&arena, &model, method, &scope, METHOD_EN, &report, &err));
    for (size_t i = 0; i < report.findings.count; i++)
        print_error(STR_F " " STR_F ": " STR_F "\n", STR_A(report.findings.items[i].rule->id),
                    STR_A(report.findings.items[i].place), STR_A(report.findings.items[i].message));
    failures += (unsigned)report.findings.count;
    CHECK_INT(report.rules_run, method->rules.count);
    db_close(&db);
    scratch_end(&scratch);
    end();
}

/* A checker that no rule names would never run. */
TEST(every_checker_belongs_to_a_rule)
{
    begin();
    for (size_t l = 0; l < COUNT_OF(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            size_t rules = 0;
            for (size_t j = 0; j < method->rules.count; j++)
                rules +=
                    str_eq(method->rules.items[j].check, str_from_cstr(lists[l]->items[i].name));
            if (rules != 1)
                print_error("%s belongs to %zu rules\n", lists[l]->items[i].name, rules);
            failures += rules != 1;
        }
    }
    end();
}

int main(void)
{
    return RUN(CASE(every_rule_has_a_pair), CASE(every_checker_belongs_to_a_rule),
               CASE(base_breaks_no_rule), CASE(pairs_break_and_keep_their_rules));
}
