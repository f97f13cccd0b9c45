#include "listen/measure/measure_dimension.h"

#include <stdio.h>
#include <string.h>

void measure_dimensions_reset(struct measure_dimensions *all)
{
    for (int kind = 0; kind < DAY_DIMENSION_COUNT; kind++) {
        vec_each (struct measure_dimension, d, &all->of[kind]) {
            vec_deinit(&d->points);
            vec_deinit(&d->silent);
        }
        vec_reset(&all->of[kind]);
    }
}

void measure_dimensions_deinit(struct measure_dimensions *all)
{
    measure_dimensions_reset(all);
    for (int kind = 0; kind < DAY_DIMENSION_COUNT; kind++)
        vec_deinit(&all->of[kind]);
}

void measure_dimension_key(char key[SIGNAL_KEY_BYTES_MAX], int64_t query,
                           enum day_dimension_kind kind, const char *name)
{
    snprintf(key, SIGNAL_KEY_BYTES_MAX, "query:%lld:%s:day:%s:%s", (long long)query,
             measure_info(MEASURE_MENTIONS)->key, day_dimension_name(kind), name);
}

static struct measure_dimension *find(struct measure_dimensions *all, enum day_dimension_kind kind,
                                      const char *name)
{
    vec_each (struct measure_dimension, d, &all->of[kind])
        if (strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

static bool add(struct measure_dimensions *all, enum day_dimension_kind kind, const char *name,
                int64_t today, bool is_stored, struct err *err)
{
    struct measure_dimension fresh = {.today = today, .is_stored = is_stored};

    if (all->of[kind].count >= MEASURE_DIMENSION_MAX)
        return true;
    snprintf(fresh.name, sizeof fresh.name, "%s", name);
    return vec_try_push(&all->of[kind], fresh) ||
           err_set(err, ERR_NO_MEMORY, "no memory for the points of a signal");
}

bool measure_dimensions_load(struct measure_dimensions *all, struct arena *scratch,
                             struct db *state, int64_t query, struct err *err)
{
    for (int kind = 0; kind < DAY_DIMENSION_COUNT; kind++) {
        char prefix[SIGNAL_KEY_BYTES_MAX], name[MEASURE_NAME_BYTES];
        struct signal *signals;
        size_t count;
        measure_dimension_key(prefix, query, (enum day_dimension_kind)kind, "");
        if (!signal_list(scratch, state, str_from_cstr(prefix), &signals, &count, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            Str key = str_sub(signals[i].key, strlen(prefix), signals[i].key.len);
            snprintf(name, sizeof name, STR_F, STR_A(key));
            if (!add(all, (enum day_dimension_kind)kind, name, 0, true, err))
                return false;
        }
    }
    return true;
}

static bool count_today(struct measure_dimensions *all, enum day_dimension_kind kind,
                        const struct measure_day *day, struct err *err)
{
    vec_each (const struct day_dimension, counted, &day->dimensions[kind]) {
        struct measure_dimension *known = find(all, kind, counted->name);
        if (known)
            known->today = counted->mentions;
        else if (!add(all, kind, counted->name, counted->mentions, false, err))
            return false;
    }
    return true;
}

static bool add_today(struct measure_dimension *d, int64_t start_ms, double coverage)
{
    struct signal_point point = {
        .start_ms = start_ms, .value = (double)d->today, .n = d->today, .coverage = coverage};

    if (d->today > 0)
        return vec_try_push(&d->points, point);
    return !d->is_stored || vec_try_push(&d->silent, start_ms);
}

bool measure_dimensions_add(struct measure_dimensions *all, const struct measure_day *day,
                            double heard, struct err *err)
{
    for (int kind = 0; kind < DAY_DIMENSION_COUNT; kind++) {
        double coverage = heard;
        if (kind == DAY_COUNTRY && day->sum.mentions > 0)
            coverage *= (double)day->with_country / (double)day->sum.mentions;
        if (!count_today(all, (enum day_dimension_kind)kind, day, err))
            return false;
        vec_each (struct measure_dimension, d, &all->of[kind]) {
            if (!add_today(d, day->day * DAY_MS, coverage))
                return err_set(err, ERR_NO_MEMORY, "no memory for the points of a signal");
            d->today = 0;
        }
    }
    return true;
}
