#include "quant/mip.h"

#include <math.h>

/* --- writing ------------------------------------------------------------------------------- */

/* 1 for coefficients of a usual size, else the power of two that brings `largest` into 1..2. */
static double scale_for(double largest)
{
    int exponent;

    if (!(largest > 0.0) || (largest >= 1e-2 && largest <= 1e7))
        return 1.0;
    frexp(largest, &exponent);
    return ldexp(1.0, 1 - exponent);
}

static double row_scale(const struct mip_row *row)
{
    double largest = 0.0;

    for (uint32_t i = 0; i < row->entry_count; i++)
        largest = fmax(largest, fabs(row->entries[i].coefficient));
    return scale_for(largest);
}

/* The value scale is a matter of the model alone, so that the reader can undo it. */
static double value_scale(const struct mip_model *model)
{
    double largest = 0.0;

    for (uint32_t i = 0; i < model->column_count; i++)
        largest = fmax(largest, fabs(model->values[i]));
    return scale_for(largest);
}

/* Entries sorted by column: MPS wants the matrix column by column. */
struct columns {
    size_t *starts; /* per column and one more */
    uint32_t *rows;
    double *coefficients;
};

static bool transpose(struct columns *c, struct arena *a, const struct mip_model *model,
                      struct err *err)
{
    size_t entries = 0;
    for (size_t r = 0; r < model->row_count; r++)
        entries += model->rows[r].entry_count;
    if (entries > MIP_ENTRIES_MAX)
        return err_set(err, ERR_LIMIT, "the model has %zu entries, at most %d are possible",
                       entries, MIP_ENTRIES_MAX);
    c->starts = arena_try_new(a, size_t, (size_t)model->column_count + 1);
    c->rows = arena_try_new(a, uint32_t, entries);
    c->coefficients = arena_try_new(a, double, entries);
    size_t *next = arena_try_new(a, size_t, model->column_count);
    if (!c->starts || !c->rows || !c->coefficients || !next)
        return err_arena(err, a);

    for (size_t r = 0; r < model->row_count; r++)
        for (uint32_t i = 0; i < model->rows[r].entry_count; i++)
            c->starts[model->rows[r].entries[i].column + 1]++;
    for (uint32_t i = 0; i < model->column_count; i++) {
        c->starts[i + 1] += c->starts[i];
        next[i] = c->starts[i];
    }
    for (size_t r = 0; r < model->row_count; r++) {
        double scale = row_scale(&model->rows[r]);
        for (uint32_t i = 0; i < model->rows[r].entry_count; i++) {
            const struct mip_entry *entry = &model->rows[r].entries[i];
            size_t at = next[entry->column]++;
            c->rows[at] = (uint32_t)r;
            c->coefficients[at] = entry->coefficient * scale;
        }
    }
    return true;
}

static void write_columns(struct buf *out, const struct mip_model *model, const struct columns *c)
{
    double scale = value_scale(model);

    buf_lit(out, "COLUMNS\n M0 'MARKER' 'INTORG'\n");
    for (uint32_t i = 0; i < model->column_count; i++) {
        buf_printf(out, " c%u obj %.17g\n", i, -model->values[i] * scale);
        for (size_t at = c->starts[i]; at < c->starts[i + 1]; at++)
            if (c->coefficients[at] < 0.0 || c->coefficients[at] > 0.0)
                buf_printf(out, " c%u r%u %.17g\n", i, c->rows[at], c->coefficients[at]);
    }
    buf_lit(out, " M1 'MARKER' 'INTEND'\n");
}

bool mip_write_mps(struct buf *out, const struct mip_model *model, struct err *err)
{
    static const char senses[] = {[MIP_AT_MOST] = 'L', [MIP_AT_LEAST] = 'G', [MIP_EQUAL] = 'E'};

    if (model->column_count > MIP_COLUMNS_MAX || model->row_count > MIP_ENTRIES_MAX)
        return err_set(err, ERR_LIMIT, "the model has %u columns and %zu rows, at most %d and %d",
                       model->column_count, model->row_count, MIP_COLUMNS_MAX, MIP_ENTRIES_MAX);
    struct arena scratch;
    struct columns columns = {0};
    arena_init(&scratch, 1024 * (size_t)1024 * 1024);
    bool ok = transpose(&columns, &scratch, model, err);
    if (ok) {
        buf_lit(out, "NAME trimtab FREE\nROWS\n N obj\n");
        for (size_t r = 0; r < model->row_count; r++)
            buf_printf(out, " %c r%zu\n", senses[model->rows[r].sense], r);
        write_columns(out, model, &columns);
        buf_lit(out, "RHS\n");
        for (size_t r = 0; r < model->row_count; r++)
            buf_printf(out, " RHS r%zu %.17g\n", r,
                       model->rows[r].limit * row_scale(&model->rows[r]));
        buf_lit(out, "BOUNDS\n");
        for (uint32_t i = 0; i < model->column_count; i++)
            buf_printf(out, " UP BND c%u 1\n", i);
        buf_lit(out, "ENDATA\n");
        ok = buf_ok(out, err);
    }
    arena_deinit(&scratch);
    return ok;
}

/* --- reading ------------------------------------------------------------------------------- */

static bool next_line(Str *rest, Str *line)
{
    if (rest->len == 0)
        return false;
    str_cut(*rest, '\n', line, rest);
    return true;
}

/* The next run of characters that are not blank; empty at the end. */
static Str next_word(Str *line)
{
    *line = str_trim(*line);
    size_t end = 0;
    while (end < line->len && line->ptr[end] != ' ' && line->ptr[end] != '\t')
        end++;
    Str word = str_sub(*line, 0, end);
    *line = str_sub(*line, end, line->len);
    return word;
}

/* "best possible -23460.465": eight digits, rounded. The last one wins. */
static void note_bound(Str line, double *best, bool *has_best)
{
    static const Str label = S_INIT("best possible ");
    size_t at = str_find(line, label);
    double value;

    if (at == line.len)
        return;
    Str rest = str_sub(line, at + label.len, line.len), word = next_word(&rest);
    while (word.len > 0 && (word.ptr[word.len - 1] == ')' || word.ptr[word.len - 1] == ','))
        word.len--;
    if (str_to_f64(word, &value) && fabs(value) < 1e40) {
        *best = value;
        *has_best = true;
    }
}

static bool is_status_line(Str line, enum mip_status *status)
{
    if (str_find(line, S(" - objective value ")) == line.len)
        return false;
    if (str_starts(line, S("Optimal")))
        *status = MIP_OPTIMAL;
    else if (str_starts(line, S("Infeasible")) || str_starts(line, S("Integer infeasible")))
        *status = MIP_INFEASIBLE;
    else if (str_starts(line, S("Stopped")) && str_find(line, S("no integer solution")) == line.len)
        *status = MIP_FEASIBLE;
    else
        *status = MIP_UNKNOWN;
    return true;
}

/* "[**] index c12 value reduced cost" */
static void read_column(Str line, const struct mip_model *model, bool *chosen)
{
    uint64_t index, column;
    double value;
    Str word = next_word(&line);

    if (str_eq(word, S("**")))
        word = next_word(&line);
    Str name = next_word(&line);
    if (str_to_u64(word, &index) && name.len > 1 && name.ptr[0] == 'c' &&
        str_to_u64(str_sub(name, 1, name.len), &column) && column < model->column_count &&
        str_to_f64(next_word(&line), &value))
        chosen[column] = value > 0.5;
}

bool mip_read_cbc(struct arena *a, Str output, const struct mip_model *model,
                  struct mip_answer *answer, struct err *err)
{
    bool *chosen = arena_try_new(a, bool, model->column_count);
    bool has_status = false;
    double best = 0.0;
    Str line;

    if (!chosen)
        return err_arena(err, a);
    *answer = (struct mip_answer){.status = MIP_UNKNOWN, .bound = (double)INFINITY};
    while (next_line(&output, &line)) {
        if (str_starts(line, S("Coin0008I")) && str_find(line, S("with 0 errors")) == line.len)
            return err_set(err, ERR_CORRUPT, "the solver could not read the model");
        if (!has_status) {
            note_bound(line, &best, &answer->has_bound);
            has_status = is_status_line(line, &answer->status);
        } else {
            read_column(line, model, chosen);
        }
    }
    if (!has_status)
        return err_set(err, ERR_CORRUPT, "the solver ended without a solution section");
    if (answer->has_bound) /* undo the rounding to eight digits in the safe direction */
        answer->bound = (-best + fabs(best) * 1e-7) / value_scale(model);
    if (answer->status == MIP_OPTIMAL || answer->status == MIP_FEASIBLE)
        answer->chosen = chosen;
    return true;
}

/* --- checking ------------------------------------------------------------------------------ */

bool mip_row_holds(const struct mip_row *row, const bool *chosen, double *excess)
{
    double sum = 0.0, lost = 0.0, scale = fabs(row->limit);

    for (uint32_t i = 0; i < row->entry_count; i++) {
        scale = fmax(scale, fabs(row->entries[i].coefficient));
        if (!chosen[row->entries[i].column])
            continue;
        double x = row->entries[i].coefficient, next = sum + x; /* Neumaier's sum */
        lost += fabs(sum) >= fabs(x) ? (sum - next) + x : (x - next) + sum;
        sum = next;
    }
    double over = (sum - row->limit) + lost;
    if (row->sense == MIP_AT_LEAST)
        over = -over;
    else if (row->sense == MIP_EQUAL)
        over = fabs(over);
    *excess = over > 0.0 && scale > 0.0 ? over / scale : 0.0;
    return *excess <= 1e-9;
}

double mip_value(const struct mip_model *model, const bool *chosen)
{
    double sum = 0.0, lost = 0.0;

    for (uint32_t i = 0; i < model->column_count; i++) {
        if (!chosen[i])
            continue;
        double x = model->values[i], next = sum + x;
        lost += fabs(sum) >= fabs(x) ? (sum - next) + x : (x - next) + sum;
        sum = next;
    }
    return sum + lost;
}
