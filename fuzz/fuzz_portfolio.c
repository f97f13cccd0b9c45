/* fuzz_portfolio.c - the model of `risk choose`: reading any bytes is an answer or an error, and
 * what was read can be written as a solver's model. */
#include <stddef.h>
#include <stdint.h>

#include "quant/mip.h"
#include "strategy/choice/portfolio_json.h"
#include "strategy/choice/portfolio_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf notes, text;
    struct portfolio_problem problem;
    struct portfolio_condition *conditions;
    struct err err = {0};

    arena_init(&arena, (size_t)256 << 20);
    buf_init(&notes, 1 << 20);
    buf_init(&text, 64 << 20);
    if (portfolio_read(&arena, (Str){(const char *)data, size}, &problem, &notes, &err)) {
        size_t count = portfolio_conditions(&arena, &problem, &conditions);
        bool *none = arena_try_new(&arena, bool, problem.option_count + 1);
        for (size_t i = 0; conditions && none && i < count && i < 1000; i++) {
            struct mip_row row;
            double excess;
            if (portfolio_condition_row(&arena, &problem, &conditions[i], &row, &err))
                (void)mip_row_holds(&row, none, &excess);
            (void)portfolio_holds(&problem, &conditions[i], none);
        }
        struct portfolio_answer answer = {.best.status = PORTFOLIO_INFEASIBLE,
                                          .conflict = conditions,
                                          .conflict_count = conditions ? count : 0};
        portfolio_write(&text, &problem, &answer);
    } else {
        ASSERT(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    buf_deinit(&text);
    buf_deinit(&notes);
    arena_deinit(&arena);
    return 0;
}
