/* psplib.h - published projects with scarce resources, for the bench and the test of the scheduler.
 *
 * A gzipped tar archive of files in Patterson's form (README of the data): tasks, resources;
 * capacities; then per task its duration, its uses, the number of successors and these, from 1. The
 * archive is sought below $TRIMTAB_SHARED, else ../shared.
 */
#ifndef BENCH_PSPLIB_H
#define BENCH_PSPLIB_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "os/reader.h"
#include "quant/schedule.h"

/* False: the archive is not there. */
static inline bool psplib_load(struct arena *a, const char *name, struct buf *tar)
{
    const char *root = getenv("TRIMTAB_SHARED");
    Str path = arena_printf(a, "%s/data/portfolio/%s", root ? root : "../shared", name);
    struct os_reader *reader = NULL;
    struct err err = {0};
    Str part = STR_NONE;

    if (!os_reader_open(&reader, path, &err))
        return false;
    while (os_reader_read(reader, 1 << 16, &part, &err) && part.len > 0)
        buf_add(tar, part);
    os_reader_close(&reader);
    return err.code == ERR_NONE;
}

/* The next regular file of the archive. */
static inline bool psplib_next(Str *tar, Str *content)
{
    while (tar->len >= 512 && tar->ptr[0] != '\0') {
        size_t size = (size_t)strtoul(tar->ptr + 124, NULL, 8), room = (size + 511) / 512 * 512;
        bool is_file = tar->ptr[156] == '0' || tar->ptr[156] == '\0';
        *content = str_sub(*tar, 512, 512 + size);
        *tar = str_sub(*tar, 512 + room, tar->len);
        if (is_file)
            return true;
    }
    return false;
}

static inline int64_t psplib_whole(Str *rest)
{
    int64_t value = 0;
    size_t end = 0;

    *rest = str_trim(*rest);
    while (end < rest->len && rest->ptr[end] > ' ')
        end++;
    if (!str_to_i64(str_sub(*rest, 0, end), &value)) {
        fprintf(stderr, "psplib: '" STR_F "' is not a number\n", (int)end, rest->ptr);
        exit(1);
    }
    *rest = str_sub(*rest, end, rest->len);
    return value;
}

static inline void psplib_read_task(struct arena *a, struct schedule_problem *p, uint32_t index,
                                    struct schedule_task *tasks, struct schedule_link *links,
                                    Str *text)
{
    struct schedule_task *task = &tasks[index];
    struct schedule_use *uses = arena_new(a, struct schedule_use, p->resource_count);

    task->duration = (int32_t)psplib_whole(text);
    for (uint32_t r = 0; r < p->resource_count; r++)
        uses[r] = (struct schedule_use){r, psplib_whole(text)};
    task->uses = uses;
    task->use_count = p->resource_count;
    for (int64_t k = psplib_whole(text); k > 0; k--) {
        size_t after = (size_t)psplib_whole(text) - 1;
        links[after * p->task_count + tasks[after].link_count++] = (struct schedule_link){index, 0};
    }
}

static inline struct schedule_problem psplib_read(struct arena *a, Str text)
{
    struct schedule_problem p = {.task_count = (size_t)psplib_whole(&text)};
    p.resource_count = (size_t)psplib_whole(&text);
    struct schedule_task *tasks = arena_new(a, struct schedule_task, p.task_count);
    struct schedule_resource *resources = arena_new(a, struct schedule_resource, p.resource_count);
    struct schedule_link *links = arena_new(a, struct schedule_link, p.task_count * p.task_count);

    for (size_t r = 0; r < p.resource_count; r++) {
        struct schedule_step *step = arena_new(a, struct schedule_step, 1);
        step->capacity = psplib_whole(&text);
        resources[r] = (struct schedule_resource){arena_printf(a, "R%zu", r + 1), 1, step};
    }
    for (size_t i = 0; i < p.task_count; i++)
        tasks[i] = (struct schedule_task){.id = arena_printf(a, "%03zu", i + 1),
                                          .deadline = SCHEDULE_NO_DEADLINE,
                                          .after = links + i * p.task_count};
    for (uint32_t i = 0; i < p.task_count; i++)
        psplib_read_task(a, &p, i, tasks, links, &text);
    p.tasks = tasks;
    p.resources = resources;
    return p;
}

#endif
