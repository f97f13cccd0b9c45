/* fuzz_schedule.c - the model of `risk schedule`: reading any bytes is an answer or an error, and
 * what was read can be scheduled, checked and written. */
#include <stddef.h>
#include <stdint.h>

#include "strategy/roadmap/schedule_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf notes, text;
    struct schedule_problem problem;
    struct schedule_answer answer;
    const struct schedule_settings settings = {.schedules = 30, .seed = 1};
    struct err err = {0};

    arena_init(&arena, (size_t)256 << 20);
    buf_init(&notes, 1 << 20);
    buf_init(&text, 64 << 20);
    if (schedule_read(&arena, (Str){(const char *)data, size}, &problem, &notes, &err) &&
        schedule_solve(&arena, &problem, &settings, &answer, &err)) {
        if (answer.status == SCHEDULE_OPTIMAL || answer.status == SCHEDULE_FEASIBLE)
            ASSERT(answer.bound <= answer.makespan &&
                   schedule_holds(&problem, answer.starts, false));
        schedule_write(&text, &problem, &answer);
    } else {
        ASSERT(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    buf_deinit(&text);
    buf_deinit(&notes);
    arena_deinit(&arena);
    return 0;
}
