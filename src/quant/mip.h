/* mip.h - a pure 0/1 programme as text: written for a solver, its answer read back.
 *
 * Maximise the sum of values over binary columns under linear rows. The text is free MPS with
 * numbers of 17 digits, so the solver gets exactly the numbers meant. Rows are scaled by powers of
 * two to a largest coefficient near one (which changes no bit of the mantissas): the solver's
 * absolute tolerances then mean the same for budgets in euros and in millions.
 *
 * Pure: no process is run here (strategy/portfolio does). The model's memory is the caller's arena.
 */
#ifndef QUANT_MIP_H
#define QUANT_MIP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define MIP_COLUMNS_MAX 100000   /* reject */
#define MIP_ENTRIES_MAX 20000000 /* reject */

enum mip_sense { MIP_AT_MOST, MIP_AT_LEAST, MIP_EQUAL };

struct mip_entry {
    uint32_t column;
    double coefficient;
};

struct mip_row {
    enum mip_sense sense;
    double limit;
    uint32_t entry_count;
    const struct mip_entry *entries; /* each column at most once */
};

struct mip_model {
    uint32_t column_count;
    const double *values; /* per column */
    size_t row_count;
    const struct mip_row *rows;
};

/* The model as free MPS, to be minimised (values are negated), columns c0.., rows r0... */
bool mip_write_mps(struct buf *out, const struct mip_model *model, struct err *err) MUST_CHECK;

enum mip_status {
    MIP_OPTIMAL,    /* proven */
    MIP_FEASIBLE,   /* stopped early with an answer */
    MIP_INFEASIBLE, /* proven that there is none */
    MIP_UNKNOWN     /* stopped early without an answer */
};

struct mip_answer {
    enum mip_status status;
    bool *chosen; /* per column, caller's arena; NULL without an answer */
    double bound; /* what the solver proved no answer can exceed; INFINITY when it says nothing */
    bool has_bound;
};

/* Reads the log and the solution that `cbc ... -printing all -solve -solution -` writes to standard
 * output. ERR_CORRUPT: the text is not such an output. */
bool mip_read_cbc(struct arena *a, Str output, const struct mip_model *model,
                  struct mip_answer *answer, struct err *err) MUST_CHECK;

/* Does `chosen` obey the row, in our own arithmetic? *excess: by how much it fails, relative to the
 * larger of |limit| and the largest coefficient. */
bool mip_row_holds(const struct mip_row *row, const bool *chosen, double *excess);
/* Sum of the values of the chosen columns. */
double mip_value(const struct mip_model *model, const bool *chosen);

#endif
