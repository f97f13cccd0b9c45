#include "unit/test.h"

#include <string.h>

#include "base/embedded.h"
#include "base/limits.h"
#include "strategy/method/method.h"
#include "strategy/model/document.h"
#include "strategy/model/object.h"

static struct arena arena;

static void begin(void)
{
    arena_init(&arena, 256 * MIB);
}

static void end(void)
{
    arena_deinit(&arena);
}

/* What is written reads back to the same text, for every sample that is compiled in. */
TEST(samples_survive_a_round_trip)
{
    static const char *const paths[] = {"samples/halden/strategy.json",
                                        "samples/handsets-2013/strategy.json"};

    begin();
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct embedded_file *file = embedded_find(str_from_cstr(paths[i]));
        struct strategy_model first, second;
        struct document_faults faults;
        struct err err = {0};
        Str once, twice;
        CHECK(file != NULL);
        CHECK(document_read(&arena, file->bytes, &first, &faults, &err));
        CHECK(document_write(&arena, &first, &once, &err));
        CHECK(document_read(&arena, once, &second, &faults, &err));
        CHECK(document_write(&arena, &second, &twice, &err));
        CHECK(str_eq(once, twice));
        CHECK(first.options.count >= 8 && first.topics.count >= 8);
    }
    end();
}

/* Documents are written with ' for \" here. */
#define HEAD "{'format': 'trimtab-strategy', 'version': 1, 'company': {'name': 'A'}"

static Str doc(const char *text)
{
    Str copy = arena_str(&arena, str_from_cstr(text));
    char *bytes = arena_new(&arena, char, copy.len + 1);

    for (size_t i = 0; i < copy.len; i++)
        bytes[i] = copy.ptr[i] == '\'' ? '\"' : copy.ptr[i];
    return (Str){bytes, copy.len};
}

/* The text from a line and column on; columns count characters. */
static Str text_at(const char *document, uint32_t line, uint32_t column)
{
    Str rest = str_from_cstr(document), head;
    size_t at = 0;

    for (uint32_t i = 1; i < line; i++)
        (void)str_cut(rest, '\n', &head, &rest);
    for (uint32_t i = 1; i < column; i++)
        (void)str_next_rune(rest, &at);
    return str_sub(rest, at, rest.len);
}

TEST(faults_name_place_and_remedy)
{
    static const struct {
        const char *text;
        const char *at; /* what stands at line and column */
        const char *path, *message;
    } rows[] = {
        {"{'format': 'x', 'version': 1, 'company': {'name': 'A'}}", "'x'", "format",
         "must be 'trimtab-strategy'"},
        {HEAD ", 'topicz': []}", "[]}", "topicz", "is not a member of a strategy document"},
        {HEAD ",\n 'goals': {}}", "{}", "goals", "must be a list, not an object"},
        {HEAD ",\n 'goals': [{'id': 'a', 'text': 't', 'priority': 'D'}]}", "'D'",
         "goals[0].priority", "'D' is not one of A, B, C"},
        {HEAD ",\n 'goals': [{'id': 'a'}]}", "{'id'", "goals[0]", "lacks 'text'"},
        {HEAD ",\n 'goals': [{'id': 'A b', 'text': 't'}]}", "'A b'", "goals[0].id",
         "'A b' is not an id: a-z, 0-9 and '-', at most 64 bytes"},
        {HEAD ",\n 'goals': [{'id': 'a', 'text': 't', 'due': '2026-02-30'}]}", "'2026",
         "goals[0].due", "'2026-02-30' is not a date, YYYY-MM-DD"},
        {HEAD ",\n 'goals': [{'id': 'a', 'text': 't'},\n  {'id': 'a', 'text': 'u'}]}",
         "{'id': 'a', 'text': 'u'", "goals[1]", "the id 'a' is taken already"},
        {HEAD ",\n 'topics': [{'id': 't', 'name': 'T', 'parent': 'nowhere'}]}", "'nowhere'",
         "topics[0].parent", "there is no topic 'nowhere'"},
        {HEAD ",\n 'topics': [{'id': 't', 'name': 'T', 'parent': 't'}]}", "'t'}]}",
         "topics[0].parent", "refers to itself"},
        {HEAD ",\n 'topics': [{'id': 't', 'name': 'T', 'affinity': 5}]}", "5}",
         "topics[0].affinity", "must be from -1 to 4"},
        {HEAD ",\n 'topics': [{'id': 't', 'name': 'T', 'affinity': 2.5}]}", "2.5",
         "topics[0].affinity", "must be a whole number, not a number"},
        {HEAD ",\n 'drivers': [{'id': 'd', 'name': 'ü', 'sd': 'x'}]}", "'x'", "drivers[0].sd",
         "must be a number, not text"},
        {HEAD ",\n 'topics': [{'id': 't', 'name': 'T'}], 'options': [{'id': 'o', 'topic': 't',\n "
              "'kind': 'channel', 'name': 'O', 'benefit': {'low': 3, 'likely': 2, 'high': 1}}]}",
         "{'low'", "options[0].benefit", "must rise: low <= likely <= high"},
        {HEAD ",\n 'limits': [{'id': 'money/2027-Q1', 'amount': 1, 'secured': 2}]}", "2}]}",
         "limits[0].secured", "must not be larger than the amount"},
        {HEAD ",\n 'coverage': [{'id': 'gone'}]}", "'gone'", "coverage[0].id",
         "there is no goal 'gone'"},
        {HEAD ",\n 'waivers': [{'id': '12', 'reason': 'r'}]}", "'12'", "waivers[0].id",
         "'12' is not a step, '0' to '9'"},
    };

    begin();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct strategy_model model;
        struct document_faults faults;
        struct err err = {0};
        CHECK(!document_read(&arena, doc(rows[i].text), &model, &faults, &err));
        CHECK_INT(err.code, ERR_INPUT);
        CHECK_INT(faults.total, 1);
        CHECK_STR(faults.items[0].path, rows[i].path);
        CHECK_STR(faults.items[0].message, rows[i].message);
        CHECK(str_starts(text_at(rows[i].text, faults.items[0].line, faults.items[0].column),
                         str_from_cstr(rows[i].at)));
    }
    end();
}

TEST(all_faults_are_reported_not_only_the_first)
{
    static const char text[] =
        HEAD ", 'goals': [{'id': 1, 'text': 2, 'measure': 3}, [], {'id': 'g', 'tekst': 1}]}";
    struct strategy_model model;
    struct document_faults faults;
    struct err err = {0};

    begin();
    CHECK(!document_read(&arena, doc(text), &model, &faults, &err));
    CHECK_INT(faults.total, 6);
    CHECK_STR(str_from_cstr(err.hint), "and 5 more");
    end();
}

TEST(topics_cannot_form_a_ring)
{
    static const char text[] = HEAD ", 'topics': [{'id': 'a', 'name': 'A', 'parent': 'b'}, "
                                    "{'id': 'b', 'name': 'B', 'parent': 'a'}]}";
    struct strategy_model model;
    struct document_faults faults;
    struct err err = {0};

    begin();
    CHECK(!document_read(&arena, doc(text), &model, &faults, &err));
    CHECK_STR(faults.items[0].message, "its parents form a ring");
    end();
}

TEST(broken_json_names_line_and_column)
{
    struct strategy_model model;
    struct document_faults faults;
    struct err err = {0};

    begin();
    CHECK(!document_read(&arena, S("{\"format\":\n oops}"), &model, &faults, &err));
    CHECK(strstr(err.msg, "line 2") != NULL);
    end();
}

TEST(defaults_are_not_written)
{
    struct strategy_model model;
    struct document_faults faults;
    struct err err = {0};
    Str out;

    begin();
    CHECK(document_read(&arena, doc(HEAD "}"), &model, &faults, &err));
    CHECK_STR(model_company(&model)->currency, "EUR");
    CHECK_INT(model_company(&model)->months, 36);
    CHECK(document_write(&arena, &model, &out, &err));
    CHECK_STR(out, "{\n  \"format\": \"trimtab-strategy\",\n  \"version\": 1,\n  \"company\": {\n"
                   "    \"name\": \"A\"\n  }\n}\n");
    end();
}

TEST(ids_from_names)
{
    begin();
    CHECK_STR(strategy_id_from(&arena, S("Help first!")), "help-first");
    CHECK_STR(strategy_id_from(&arena, S("  Größe & Überfluss ")), "groesse-ueberfluss");
    CHECK_STR(strategy_id_from(&arena, S("***")), "object");
    CHECK(strategy_id_is_valid(strategy_id_from(
        &arena, S("a very long name that goes on and on and on until nobody wants to read it"))));
    CHECK(date_is_valid(S("2028-02-29")) && !date_is_valid(S("2027-02-29")));
    CHECK(!date_is_valid(S("2027-2-9")) && !date_is_valid(S("")));
    end();
}

/* Every word list names every value; every rule of the method has its checker; texts are there. */
TEST(the_method_is_complete)
{
    const struct method *method;
    struct err err = {0};

    begin();
    CHECK(method_read(&arena, &method, &err));
    CHECK_INT(method->gates.count, 10);
    for (size_t i = 0; i < method->rules.count; i++) {
        const struct check_rule *rule = &method->rules.items[i];
        for (size_t j = 0; j < i; j++)
            CHECK(!str_eq(rule->id, method->rules.items[j].id));
        for (int l = 0; l < METHOD_LANGUAGE_COUNT; l++)
            CHECK(rule->message.in[l].len > 0 && rule->fix.in[l].len > 0);
    }
    for (size_t g = 0; g < method->gates.count; g++)
        for (size_t i = 0; i < method->gates.items[g].rules.count; i++)
            CHECK(method_rule(method, method->gates.items[g].rules.items[i]) != NULL);
    static const struct {
        const char *list;
        const struct word_list *words;
    } lists[] = {{"block", &words_block},
                 {"direction", &words_direction},
                 {"constituency", &words_constituency},
                 {"lever", &words_lever},
                 {"standing", &words_standing},
                 {"position", &words_position},
                 {"format", &words_format},
                 {"option_kind", &words_option_kind},
                 {"durability", &words_durability},
                 {"version_state", &words_version_state},
                 {"verdict", &words_verdict},
                 {"assumption_state", &words_assumption_state},
                 {"condition_kind", &words_condition_kind},
                 {"object", &words_object_kind}};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (size_t w = 0; w < lists[i].words->count; w++) {
            Str word = word_of(lists[i].words, (int)w);
            if (word.len > 0)
                CHECK(!str_eq(method_word(method, str_from_cstr(lists[i].list), word, METHOD_DE),
                              word) ||
                      str_eq(word, S("Partner")));
        }
    }
    static const char *const texts[][2] = {
        {"activity_reach", "small"},          {"activity_reach", "medium"},
        {"activity_reach", "large"},          {"evidence_kind", "topic.affinity"},
        {"evidence_kind", "topic.position"},  {"evidence_kind", "topic.needs"},
        {"evidence_kind", "assumption.break"}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (int l = 0; l < METHOD_LANGUAGE_COUNT; l++)
            CHECK(!str_eq(method_word(method, str_from_cstr(texts[i][0]),
                                      str_from_cstr(texts[i][1]), (enum method_language)l),
                          str_from_cstr(texts[i][1])));
    CHECK_STR(method_word(method, S("activity_reach"), S("12,000 readers"), METHOD_DE),
              "12,000 readers");
    end();
}

int main(void)
{
    return RUN(CASE(samples_survive_a_round_trip), CASE(faults_name_place_and_remedy),
               CASE(all_faults_are_reported_not_only_the_first), CASE(topics_cannot_form_a_ring),
               CASE(broken_json_names_line_and_column), CASE(defaults_are_not_written),
               CASE(ids_from_names), CASE(the_method_is_complete));
}
