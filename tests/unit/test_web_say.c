/* Messages of rooms in German: errors, stored wordings, values, and the sentence of an error page.
 */
#include "base/wording.h"
#include "strategy/model/model.h"
#include "unit/test.h"
#include "web/error_page.c"
#include "web/i18n.h"
#include "web/say.h"
#include "web/view/action_name.h"

static void begin(struct request *req)
{
    struct err err = {0};

    *req = (struct request){.number = 1};
    arena_init(&req->arena, MIB);
    CHECK(i18n_init(&err));
    req->env.language = i18n_find(S("de"));
    CHECK(req->env.language != NULL);
}

TEST(an_error_is_said_with_its_contexts)
{
    struct request req;
    struct err err = {0};

    begin(&req);
    err_set(&err, ERR_EXISTS, "%s '" STR_F "' exists already", "goal", STR_A(S("goal")));
    CHECK_STR(say_error(&req, &err), "Ziel „goal“ gibt es schon");
    err_wrap(&err, STR_F, STR_A(S("topics[0].name")));
    CHECK_STR(say_error(&req, &err), "topics[0].name: Ziel „goal“ gibt es schon");
    req.env.language = i18n_default();
    CHECK_STR(say_error(&req, &err), "topics[0].name: goal 'goal' exists already");
    arena_deinit(&req.arena);
}

TEST(a_format_of_values_alone_says_the_messages_in_it)
{
    struct request req;
    struct err err = {0}, outer = {0};

    begin(&req);
    err_set(&err, ERR_INPUT, "%s %s", "address:", "is not a web address");
    err_hint(&err, "%s", "It begins with https:// or http://.");
    CHECK_STR(say_error(&req, &err), "Adresse: ist keine Webadresse");
    CHECK_STR(say_hint(&req, &err), "Sie beginnt mit https:// oder http://.");
    err_pass(&outer, &err);
    CHECK_STR(say_error(&req, &outer), "Adresse: ist keine Webadresse");
    err_set(&err, ERR_INPUT, "@@" STR_F " has a mistake at %u:%u: " STR_F, STR_A(S("us")), 1U, 2U,
            STR_A(S("this bracket closes nothing")));
    CHECK_STR(say_error(&req, &err),
              "@@us hat einen Fehler bei 1:2: diese Klammer schließt nichts");
    err_set(&err, ERR_INPUT, "%s %s", "", "nobody translates this");
    CHECK_STR(say_error(&req, &err), " nobody translates this");
    arena_deinit(&req.arena);
}

TEST(a_fix_becomes_a_hint_with_its_phrase)
{
    struct request req;
    struct err err = {0};
    Str values = S("title\x1ftitle\x1f");

    begin(&req);
    err_set(&err, ERR_INPUT, "the query is wrong");
    err_hint_said(&err, S("write title:value, or title:\"a value\" with blanks"),
                  (struct phrase){"write %s:value, or %s:\"a value\" with blanks", values});
    CHECK_STR(str_from_cstr(err.hint), "write title:value, or title:\"a value\" with blanks");
    CHECK_STR(say_hint(&req, &err),
              "schreiben Sie title:wert, oder title:\"ein Wert\" mit Leerzeichen");
    err_hint(&err, "another");
    CHECK_STR(str_from_cstr(err.hint), "write title:value, or title:\"a value\" with blanks");
    arena_deinit(&req.arena);
}

TEST(words_and_numbers_are_the_readers)
{
    struct request req;

    begin(&req);
    CHECK_STR(say_word(&req, S("topic")), "Thema");
    CHECK_STR(say_word(&req, S("goal or topic")), "Ziel oder Thema");
    CHECK_STR(say_word(&req, S("this or that")), "dies oder that");
    CHECK_STR(say_word(&req, S("nobody's word")), "nobody's word");
    CHECK_STR(say_word(&req, S("-0.25")), "\u22120,25");
    CHECK_STR(say_word(&req, S("-3")), "\u22123");
    CHECK_STR(say_word(&req, S("-4.5 %")), "\u22124,5 %");
    CHECK_STR(say_word(&req, S("-")), "-");
    CHECK_STR(say_word(&req, S("-.5")), "-.5");
    CHECK_STR(say_word(&req, S("2026-11-22")), "2026-11-22");
    CHECK_STR(say_word(&req, S("29.6 %")), "29,6 %");
    CHECK_STR(say_word(&req, S("1.2.3")), "1.2.3");
    CHECK_STR(say_word(&req, S("5.")), "5.");
    CHECK_STR(say_word(&req, S("")), "");
    req.env.language = i18n_default();
    CHECK_STR(say_word(&req, S("-0.25")), "\u22120.25");
    CHECK_STR(say_word(&req, S("0.25")), "0.25");
    CHECK_STR(say_word(&req, S("goal or topic")), "goal or topic");
    arena_deinit(&req.arena);
}

TEST(a_stored_wording_is_said_again)
{
    struct request req;
    struct wording w;
    Str text, kept;

    begin(&req);
    wording_init(&w, 1000);
    wording_name(&w, S("topic"));
    wording_add(&w, ": ");
    wording_add(&w, "%s", "growth of mentions");
    wording_add(&w, " is %.4g, from %d posts", 0.5, 12);
    CHECK(wording_end(&w, &req.arena, &text, &kept));
    CHECK_STR(text, "topic: growth of mentions is 0.5, from 12 posts");
    CHECK_STR(say_kept(&req, kept, text), "topic: Wachstum der Treffer: 0,5, aus 12 Beiträgen");
    CHECK_STR(say_kept(&req, STR_NONE, text), "topic: growth of mentions is 0.5, from 12 posts");
    CHECK_STR(say_text(&req, S("new posts")), "neue Beiträge");
    CHECK_STR(say_text(&req, S("")), "");
    req.env.language = i18n_default();
    CHECK_STR(say_kept(&req, kept, text), "topic: growth of mentions is 0.5, from 12 posts");
    arena_deinit(&req.arena);
}

TEST(a_stored_number_below_zero_has_a_minus_sign)
{
    struct request req;
    struct wording w;
    Str text, kept;

    begin(&req);
    wording_init(&w, 1000);
    wording_add(&w, " is %.4g, from %d posts", -0.06, 12);
    CHECK(wording_end(&w, &req.arena, &text, &kept));
    CHECK_STR(text, " is -0.06, from 12 posts");
    CHECK_STR(say_kept(&req, kept, text), ": \u22120,06, aus 12 Beiträgen");
    req.env.language = i18n_default();
    CHECK_STR(say_kept(&req, kept, text), " is \u22120.06, from 12 posts");
    arena_deinit(&req.arena);
}

TEST(every_action_of_the_ledger_has_a_name)
{
    static const char *const verbs[] = {"create", "change", "remove", "import"};
    struct request req;
    Str action;

    begin(&req);
    for (size_t i = 0; action_name_nth(i, &action); i++) {
        req.env.language = i18n_default();
        Str english = action_name(&req, action);
        CHECK(!str_eq(english, action));
        req.env.language = i18n_find(S("de"));
        CHECK(!str_eq(action_name(&req, action), english));
    }
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        for (size_t i = 0; i < COUNT_OF(verbs); i++) {
            action = arena_printf(&req.arena, "%s.%s", words_object_kind.words[kind], verbs[i]);
            CHECK(!str_eq(action_name(&req, action), action));
        }
    CHECK_STR(action_name(&req, S("version.decide")), "Entschieden");
    CHECK_STR(action_name(&req, S("of.tomorrow")), "of.tomorrow");
    arena_deinit(&req.arena);
}

TEST(what_cannot_be_kept_leaves_the_text)
{
    struct arena arena;
    struct wording w;
    struct err err = {0};
    Str text, kept;

    arena_init(&arena, MIB);
    wording_init(&w, 1000);
    wording_name(&w, S("a\x1e"
                       "b"));
    CHECK(wording_end(&w, &arena, &text, &kept));
    CHECK_STR(text, "a\x1e"
                    "b");
    CHECK_STR(kept, "");
    wording_init(&w, 1000);
    wording_add(&w, "from %s", "x\x1fy");
    CHECK(wording_end(&w, &arena, &text, &kept));
    CHECK_STR(kept, "");
    err_set(&err, ERR_INPUT, "wrong");
    err_wrap(&err, "row %d", 3);
    wording_init(&w, 1000);
    wording_add_error(&w, &err);
    CHECK(wording_end(&w, &arena, &text, &kept));
    CHECK_STR(text, "row 3: wrong");
    CHECK_STR(kept, "row %1\x1f"
                    "3\x1f\x1e: \x1f\x1ewrong\x1f\x1e");
    arena_deinit(&arena);
}

TEST(sentences_begin_large_with_umlauts_too)
{
    struct arena arena;

    arena_init(&arena, MIB);
    CHECK_STR(sentence_of(&arena, S("über")), "Über.");
    CHECK_STR(sentence_of(&arena, S("ändern")), "Ändern.");
    CHECK_STR(sentence_of(&arena, S("not so")), "Not so.");
    CHECK_STR(sentence_of(&arena, S("÷ 2")), "÷ 2.");
    CHECK_STR(sentence_of(&arena, S("ÿ")), "ÿ.");
    CHECK_STR(sentence_of(&arena, S("„x“")), "„x“.");
    CHECK_STR(sentence_of(&arena, S("")), ".");
    arena_deinit(&arena);
}

int main(void)
{
    return RUN(
        CASE(an_error_is_said_with_its_contexts),
        CASE(a_format_of_values_alone_says_the_messages_in_it),
        CASE(a_fix_becomes_a_hint_with_its_phrase), CASE(words_and_numbers_are_the_readers),
        CASE(a_stored_wording_is_said_again), CASE(a_stored_number_below_zero_has_a_minus_sign),
        CASE(every_action_of_the_ledger_has_a_name), CASE(what_cannot_be_kept_leaves_the_text),
        CASE(sentences_begin_large_with_umlauts_too));
}
