#include "web/view/strategy_view.h"

#include "web/server_priv.h"

static enum method_language language_of(struct request *req)
{
    return str_eq(req->env.language->code, S("de")) ? METHOD_DE : METHOD_EN;
}

bool strategy_view_read(struct request *req, struct strategy_view *out, struct err *err)
{
    struct db *db = req->workspace->state;
    struct gate_facts facts;
    const struct review_note *notes;
    size_t note_count;

    *out = (struct strategy_view){
        .method = web_server_method(req->server),
        .language = language_of(req),
    };
    if (!store_read(db, &req->arena, &out->model, err) ||
        !decision_current(db, &req->arena, &out->decision, err) ||
        !review_list(db, &req->arena, true, 100, &notes, &note_count, err))
        return false;
    facts.has_decision = out->decision.id != 0;
    out->open_reviews = (int64_t)note_count;
    return gates_check(&req->arena, &out->model, out->method, &facts, out->language, &out->gates,
                       &out->gate_count, err);
}

Str strategy_step_address(struct request *req, int64_t step)
{
    static const char *const pages[] = {"setup",    "model",   "assessment", "potential",
                                        "topics",   "options", "versions",   "versions/compare",
                                        "decision", "steering"};

    return request_url(req, "%s", pages[step]);
}

static Str gate_hint(struct request *req, const struct gate *gate)
{
    if (gate->state == GATE_WAIVED)
        return gate->waiver_reason;
    if (gate->state == GATE_MET || gate->missing.count == 0)
        return gate->demand;
    return arena_printf(&req->arena, STR_F " " STR_F, STR_A(gate->demand),
                        STR_A(gate->missing.items[0]));
}

void strategy_steps(struct request *req, const struct strategy_view *view, int64_t step,
                    struct page_head *head)
{
    struct tpl_frame_step *items =
        arena_new(&req->arena, struct tpl_frame_step, view->gate_count + 1);

    for (size_t i = 0; i < view->gate_count; i++) {
        const struct gate *gate = &view->gates[i];
        items[i] = (struct tpl_frame_step){
            .number = gate->step,
            .name = gate->name,
            .state = word_of(&words_gate_state, (int)gate->state),
            .link = gate->step >= 0 && gate->step <= 9 ? strategy_step_address(req, gate->step)
                                                       : STR_NONE,
            .is_current = gate->step == step,
            .hint = gate_hint(req, gate),
        };
    }
    head->steps = items;
    head->step_count = view->gate_count;
    head->notice_count = view->open_reviews;
}

Str strategy_word(const struct strategy_view *view, const char *list, const struct word_list *words,
                  int value)
{
    return strategy_name(view, list, word_of(words, value));
}

Str strategy_name(const struct strategy_view *view, const char *list, Str word)
{
    return word.len == 0 ? word
                         : method_word(view->method, str_from_cstr(list), word, view->language);
}

Str strategy_kind_name(struct request *req, Str kind)
{
    int value;

    return word_find(&words_object_kind, kind, &value)
               ? method_word(web_server_method(req->server), S("object"), kind, language_of(req))
               : STR_NONE;
}

Str strategy_affinity(struct request *req, const struct strategy_view *view, int64_t affinity)
{
    if (affinity < 0)
        return request_tr(req, TR("not rated"));
    Str digit = arena_printf(&req->arena, "%d", (int)affinity);
    return arena_printf(&req->arena, STR_F " · " STR_F, STR_A(digit),
                        STR_A(method_word(view->method, S("affinity"), digit, view->language)));
}

Str strategy_money(struct request *req, const struct strategy_view *view, double amount)
{
    const struct company *company = model_company(&view->model);
    Str number = render_double_str(&req->arena, req->env.language, amount, 0, 0);

    return arena_printf(&req->arena, STR_F "\u00a0" STR_F, STR_A(number),
                        STR_A(company ? company->currency : S("EUR")));
}

struct change strategy_change(struct request *req, Str reason)
{
    return (struct change){.actor = request_actor(req), .reason = reason, .at_ms = req->now_ms};
}
