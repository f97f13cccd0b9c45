/* decision_paper_json.c - the paper as data, for the API and the report. */
#include "format/json.h"
#include "strategy/decision/decision_paper.h"
#include "strategy/model/object.h"

static void write_three(struct json_writer *w, const char *key, const struct three_point *three)
{
    json_set_object(w, key);
    json_set_f64(w, "low", three->low);
    json_set_f64(w, "likely", three->likely);
    json_set_f64(w, "high", three->high);
    json_end_object(w);
}

static void write_lines(struct json_writer *w, const char *key, const struct benefit_line *lines,
                        size_t count)
{
    json_set_array(w, key);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_set_str(w, "id", lines[i].id);
        json_set_str(w, "label", lines[i].label);
        json_set_f64(w, "per_year", lines[i].per_year);
        json_set_f64(w, "share", lines[i].share);
        json_set_i64(w, "options", lines[i].options);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_positions(struct json_writer *w, const struct evaluation *e)
{
    json_set_array(w, "positions");
    for (size_t i = 0; i < e->positions.count; i++) {
        const struct position_line *line = &e->positions.items[i];
        json_begin_object(w);
        json_set_str(w, "topic", line->topic);
        json_set_str(w, "label", line->label);
        json_set_str(w, "priority", word_of(&words_priority, (int)line->priority));
        json_set_i64(w, "affinity", line->affinity);
        json_set_str(w, "position", word_of(&words_position, (int)line->position));
        json_set_str(w, "standing", word_of(&words_standing, (int)line->standing));
        json_set_str(w, "durability", word_of(&words_durability, (int)line->durability));
        json_set_bool(w, "is_worked", line->is_worked);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_risks(struct json_writer *w, const struct evaluation *e)
{
    json_set_array(w, "risks");
    for (size_t i = 0; i < e->risks.count; i++) {
        const struct risk_line *line = &e->risks.items[i];
        json_begin_object(w);
        json_set_str(w, "source", word_of(&words_risk_source, (int)line->source));
        json_set_str(w, "id", line->id);
        json_set_str(w, "label", line->label);
        json_set_i64(w, "probability", line->probability);
        json_set_i64(w, "effect", line->effect);
        json_set_f64(w, "at_stake", line->at_stake);
        json_set_str(w, "treatment", line->treatment);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_resources(struct json_writer *w, const struct evaluation *e)
{
    json_set_array(w, "resources");
    for (size_t i = 0; i < e->resources.count; i++) {
        const struct resource_line *line = &e->resources.items[i];
        json_begin_object(w);
        json_set_str(w, "resource", line->resource);
        json_set_f64(w, "demand", line->demand);
        if (line->has_limit)
            json_set_f64(w, "limit", line->limit);
        json_set_f64(w, "secured", line->secured);
        json_set_f64(w, "unsecured_share", line->unsecured_share);
        json_set_bool(w, "is_over", line->is_over);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_structure(struct json_writer *w, const struct evaluation *e)
{
    json_set_object(w, "structure");
    json_set_i64(w, "passed", e->structure_passed);
    json_set_i64(w, "failed", e->structure_failed);
    json_set_array(w, "rules");
    for (size_t i = 0; i < e->structure.count; i++) {
        json_begin_object(w);
        json_set_str(w, "rule", e->structure.items[i].rule->id);
        json_set_i64(w, "findings", e->structure.items[i].findings);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

void evaluation_json(struct json_writer *w, const struct evaluation *e)
{
    json_begin_object(w);
    json_set_str(w, "version", e->version);
    json_set_i64(w, "options", e->option_count);
    write_three(w, "benefit_per_year", &e->benefit_per_year);
    write_three(w, "effort", &e->effort);
    write_three(w, "running", &e->running);
    json_set_f64(w, "net_benefit", e->net_benefit);
    write_lines(w, "by_goal", e->by_goal.items, e->by_goal.count);
    write_lines(w, "by_block", e->by_block.items, e->by_block.count);
    write_positions(w, e);
    json_set_object(w, "ratings");
    json_set_object(w, "leading");
    for (size_t i = 0; i < COUNT_OF(e->leading); i++)
        json_set_i64(w, words_durability.words[i], e->leading[i]);
    json_end_object(w);
    json_set_i64(w, "equal", e->equal);
    json_set_i64(w, "weaker", e->weaker);
    json_set_i64(w, "unrated", e->unrated);
    json_end_object(w);
    write_risks(w, e);
    json_set_f64(w, "fragility", e->fragility);
    json_set_f64(w, "rests_on_any", e->rests_on_any);
    json_set_f64(w, "affinity", e->affinity);
    json_set_bool(w, "is_affinity_low", e->is_affinity_low);
    write_resources(w, e);
    json_set_f64(w, "money_unsecured_share", e->money_unsecured_share);
    json_set_f64(w, "people_unsecured_share", e->people_unsecured_share);
    json_set_i64(w, "blocks_covered", e->blocks_covered);
    json_set_i64(w, "goals_covered", e->goals_covered);
    json_set_i64(w, "goals_in_scope", e->goals_in_scope);
    write_structure(w, e);
    json_end_object(w);
}

static void write_simulated(struct json_writer *w, const struct simulated_version *s)
{
    if (!s) {
        json_set_null(w, "simulation");
        return;
    }
    json_set_object(w, "simulation");
    json_set_f64(w, "mean", s->mean);
    json_set_f64(w, "p5", s->p5);
    json_set_f64(w, "p10", s->p10);
    json_set_f64(w, "p50", s->p50);
    json_set_f64(w, "p90", s->p90);
    json_set_f64(w, "p95", s->p95);
    json_set_f64(w, "probability_of_loss", s->probability_of_loss);
    json_set_array(w, "curve");
    for (size_t i = 0; i < s->curve_count; i++)
        json_put_f64(w, s->curve[i]);
    json_end_array(w);
    json_end_object(w);
}

static void write_page(struct json_writer *w, const struct paper_version *page)
{
    json_begin_object(w);
    json_set_str(w, "id", page->version->id);
    json_set_str(w, "name", page->version->name);
    json_set_str(w, "focus", page->focus_name);
    json_set_str(w, "aim", page->focus_aim);
    json_set_str(w, "state", word_of(&words_version_state, (int)page->version->state));
    json_set_array(w, "options");
    for (size_t i = 0; i < page->options.count; i++) {
        const struct paper_option *line = &page->options.items[i];
        json_begin_object(w);
        json_set_str(w, "id", line->option->id);
        json_set_str(w, "name", line->option->name);
        json_set_str(w, "topic", line->topic_label);
        json_set_bool(w, "is_chosen", line->is_chosen);
        json_set_str(w, "reason", line->reason);
        json_end_object(w);
    }
    json_end_array(w);
    json_set_array(w, "assumptions");
    for (size_t i = 0; i < page->assumptions.count; i++) {
        const struct paper_assumption *line = &page->assumptions.items[i];
        json_begin_object(w);
        json_set_str(w, "id", line->assumption->id);
        json_set_str(w, "statement", line->assumption->statement);
        json_set_str(w, "rule", line->rule);
        json_set_i64(w, "certainty", line->assumption->certainty);
        json_set_f64(w, "probability", line->assumption->probability);
        json_set_f64(w, "benefit_share", line->benefit_share);
        json_set_f64(w, "mean_if_true", line->mean_if_true);
        json_set_f64(w, "mean_if_false", line->mean_if_false);
        json_end_object(w);
    }
    json_end_array(w);
    write_simulated(w, page->simulated);
    json_key(w, S("evaluation"));
    evaluation_json(w, page->evaluation);
    json_end_object(w);
}

static void write_comparison(struct json_writer *w, const struct comparison *c)
{
    json_set_array(w, "comparison");
    for (size_t i = 0; i < c->rows.count; i++) {
        json_begin_object(w);
        json_set_str(w, "key", c->rows.items[i].key);
        json_set_str(w, "label", c->rows.items[i].label);
        json_set_array(w, "values");
        for (size_t v = 0; v < c->version_count; v++)
            json_put_f64(w, c->rows.items[i].values[v]);
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
    json_set_array(w, "beats");
    for (size_t i = 0; i < c->beats.count; i++) {
        json_begin_object(w);
        json_set_str(w, "a", c->beats.items[i].a);
        json_set_str(w, "b", c->beats.items[i].b);
        json_set_f64(w, "probability", c->beats.items[i].probability);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_gates(struct json_writer *w, const struct decision_paper *paper)
{
    json_set_array(w, "gates");
    for (size_t i = 0; i < paper->gate_count; i++) {
        const struct gate *gate = &paper->gates[i];
        json_begin_object(w);
        json_set_i64(w, "step", gate->step);
        json_set_str(w, "name", gate->name);
        json_set_str(w, "state", word_of(&words_gate_state, (int)gate->state));
        if (gate->state == GATE_WAIVED)
            json_set_str(w, "waiver", gate->waiver_reason);
        json_set_array(w, "missing");
        for (size_t j = 0; j < gate->missing.count; j++)
            json_put_str(w, gate->missing.items[j]);
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_decision(struct json_writer *w, const struct decision *decision)
{
    if (decision->id == 0) {
        json_set_null(w, "decision");
        return;
    }
    json_set_object(w, "decision");
    json_set_i64(w, "id", decision->id);
    json_set_str(w, "version", decision->version);
    json_set_str(w, "reason", decision->reason);
    json_set_str(w, "conditions", decision->conditions);
    json_set_str(w, "resources_granted", decision->resources_granted);
    json_set_str(w, "reopening", decision->reopening);
    json_set_str(w, "signed_by", decision->signed_by);
    json_set_i64(w, "signed_at_ms", decision->signed_at_ms);
    json_set_str(w, "document_sha256", decision->model_hash);
    json_set_array(w, "rejected");
    for (size_t i = 0; i < decision->rejected.count; i++) {
        json_begin_object(w);
        json_set_str(w, "version", decision->rejected.items[i].version);
        json_set_str(w, "reason", decision->rejected.items[i].reason);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

bool decision_paper_json(struct arena *arena, const struct decision_paper *paper, Str *out,
                         struct err *err)
{
    struct json_writer w;
    struct buf text;

    buf_init(&text, 64u * 1024u * 1024u);
    json_writer_init(&w, &text, JSON_STYLE_PRETTY);
    json_begin_object(&w);
    json_set_str(&w, "title", paper->title);
    json_set_str(&w, "question", paper->question);
    json_set_array(&w, "versions");
    for (size_t i = 0; i < paper->versions.count; i++)
        write_page(&w, &paper->versions.items[i]);
    json_end_array(&w);
    write_comparison(&w, &paper->comparison);
    write_gates(&w, paper);
    json_set_array(&w, "limits");
    for (size_t i = 0; i < paper->limits_of_this.count; i++)
        json_put_str(&w, paper->limits_of_this.items[i]);
    json_end_array(&w);
    write_decision(&w, &paper->decision);
    json_end_object(&w);
    buf_add_byte(&text, '\n');
    return text_end(&text, arena, out, err);
}
