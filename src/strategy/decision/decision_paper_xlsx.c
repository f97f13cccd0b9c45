/* decision_paper_xlsx.c - the tables of the paper as a workbook, for those who calculate on. */
#include "format/xlsx.h"
#include "strategy/decision/decision_paper.h"

enum { FIXED_COLUMNS = 3 };

static const char *const units[] = {[UNIT_MONEY] = "money",
                                    [UNIT_SHARE] = "share",
                                    [UNIT_COUNT] = "count",
                                    [UNIT_AFFINITY] = "affinity",
                                    [UNIT_AMOUNT] = "amount"};
static const char *const betters[] = {
    [BETTER_MORE] = "more", [BETTER_LESS] = "less", [BETTER_NEITHER] = ""};

/* A heading: the fixed columns, then one a version. */
static bool versions_sheet(struct xlsx_writer *w, struct arena *arena, const char *name,
                           const struct xlsx_column fixed[FIXED_COLUMNS],
                           const struct comparison *c, struct err *err)
{
    size_t count = FIXED_COLUMNS + c->version_count;
    struct xlsx_column *columns = arena_try_new(arena, struct xlsx_column, count);

    if (!columns)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++) {
        columns[i] = i < FIXED_COLUMNS ? fixed[i] : (struct xlsx_column){"", 20};
        if (i >= FIXED_COLUMNS &&
            !str_to_cstr(arena, c->versions[i - FIXED_COLUMNS]->name, &columns[i].title, err))
            return false;
    }
    xlsx_sheet(w, str_from_cstr(name), columns, count);
    return true;
}

static bool put_comparison(struct xlsx_writer *w, struct arena *arena, const struct comparison *c,
                           struct err *err)
{
    static const struct xlsx_column fixed[FIXED_COLUMNS] = {
        {"criterion", 40}, {"unit", 10}, {"better", 8}};

    if (!versions_sheet(w, arena, "comparison", fixed, c, err))
        return false;
    for (size_t i = 0; i < c->rows.count; i++) {
        const struct comparison_row *row = &c->rows.items[i];
        xlsx_put_text(w, row->label);
        xlsx_put_text(w, str_from_cstr(units[row->unit]));
        xlsx_put_text(w, str_from_cstr(betters[row->better]));
        for (size_t v = 0; v < c->version_count; v++)
            xlsx_put_f64(w, row->values[v]);
        xlsx_end_row(w);
    }
    return true;
}

static bool put_options(struct xlsx_writer *w, struct arena *arena, const struct comparison *c,
                        struct err *err)
{
    static const struct xlsx_column fixed[FIXED_COLUMNS] = {
        {"option", 40}, {"topic", 20}, {"id", 20}};

    if (!versions_sheet(w, arena, "options", fixed, c, err))
        return false;
    for (size_t i = 0; i < c->options.count; i++) {
        const struct comparison_option *row = &c->options.items[i];
        xlsx_put_text(w, row->label);
        xlsx_put_text(w, row->topic);
        xlsx_put_text(w, row->option);
        for (size_t v = 0; v < c->version_count; v++)
            xlsx_put_i64(w, row->is_chosen[v]);
        xlsx_end_row(w);
    }
    return true;
}

static void put_assumptions(struct xlsx_writer *w, const struct decision_paper *paper)
{
    static const struct xlsx_column columns[] = {
        {"version", 20},     {"assumption", 50},    {"rule", 40},         {"certainty", 9},
        {"probability", 10}, {"benefit_share", 13}, {"mean_if_true", 14}, {"mean_if_false", 14}};

    xlsx_sheet(w, S("assumptions"), columns, COUNT_OF(columns));
    for (size_t v = 0; v < paper->versions.count; v++)
        for (size_t i = 0; i < paper->versions.items[v].assumptions.count; i++) {
            const struct paper_assumption *a = &paper->versions.items[v].assumptions.items[i];
            xlsx_put_text(w, paper->versions.items[v].version->name);
            xlsx_put_text(w, a->assumption->statement);
            xlsx_put_text(w, a->rule);
            xlsx_put_i64(w, a->assumption->certainty);
            xlsx_put_f64(w, a->assumption->probability);
            xlsx_put_f64(w, a->benefit_share);
            xlsx_put_f64(w, a->mean_if_true);
            xlsx_put_f64(w, a->mean_if_false);
            xlsx_end_row(w);
        }
}

static void put_gates(struct xlsx_writer *w, const struct decision_paper *paper)
{
    static const struct xlsx_column columns[] = {
        {"step", 6}, {"gate", 40}, {"state", 10}, {"missing", 60}, {"waiver", 40}};

    xlsx_sheet(w, S("gates"), columns, COUNT_OF(columns));
    for (size_t i = 0; i < paper->gate_count; i++) {
        const struct gate *gate = &paper->gates[i];
        for (size_t j = 0; j == 0 || j < gate->missing.count; j++) {
            xlsx_put_i64(w, gate->step);
            xlsx_put_text(w, gate->name);
            xlsx_put_text(w, word_of(&words_gate_state, (int)gate->state));
            xlsx_put_text(w, j < gate->missing.count ? gate->missing.items[j] : STR_NONE);
            xlsx_put_text(w, gate->state == GATE_WAIVED ? gate->waiver_reason : STR_NONE);
            xlsx_end_row(w);
        }
    }
}

bool decision_paper_xlsx(struct arena *arena, const struct decision_paper *paper, int fd,
                         Str scratch, struct err *err)
{
    int64_t made_ms = paper->decision.id != 0 ? paper->decision.signed_at_ms
                      : paper->simulation     ? paper->simulation->at_ms
                                              : 0;
    struct xlsx_writer *w = NULL;

    if (!xlsx_begin(&w, fd, scratch, err))
        return false;
    if (!put_comparison(w, arena, &paper->comparison, err) ||
        !put_options(w, arena, &paper->comparison, err)) {
        xlsx_abandon(&w);
        return false;
    }
    put_assumptions(w, paper);
    put_gates(w, paper);
    return xlsx_end(&w, made_ms, err);
}
