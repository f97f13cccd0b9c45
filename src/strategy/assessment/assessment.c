#include "strategy/assessment/assessment.h"

#include <math.h>
#include <string.h>

#include "strategy/model/object.h"

#define NORMAL_95 1.959963984540054 /* quantile of the two-sided 95 % interval */

const struct assessment *assessment_latest(const struct strategy_model *model)
{
    const struct assessment *latest = NULL;

    for (size_t i = 0; i < model->assessments.count; i++)
        if (!latest || model->assessments.items[i].year >= latest->year)
            latest = &model->assessments.items[i];
    return latest;
}

const struct assessment *assessment_before(const struct strategy_model *model,
                                           const struct assessment *assessment)
{
    const struct assessment *named = model_assessment(model, assessment->predecessor);
    const struct assessment *before = NULL;

    for (size_t i = 0; !named && i < model->assessments.count; i++) {
        const struct assessment *other = &model->assessments.items[i];
        if (other->year < assessment->year && other->frozen_on.len > 0 &&
            (!before || other->year >= before->year))
            before = other;
    }
    return named ? named : before;
}

const struct assessment_quadrant *assessment_quadrant_of(const struct strategy_model *model,
                                                         const struct assessment *assessment,
                                                         enum quadrant_kind quadrant)
{
    for (size_t i = 0; i < model->quadrants.count; i++) {
        const struct assessment_quadrant *item = &model->quadrants.items[i];
        if (item->quadrant == quadrant && str_eq(item->assessment, assessment->id))
            return item;
    }
    return NULL;
}

bool quadrant_is_complete(const struct strategy_model *model, const struct assessment *assessment,
                          enum quadrant_kind quadrant)
{
    const struct assessment_quadrant *found = assessment_quadrant_of(model, assessment, quadrant);

    return found && found->is_complete;
}

bool assessment_is_gathered(const struct strategy_model *model, const struct assessment *assessment)
{
    for (int q = 0; q < QUADRANT_COUNT; q++)
        if (!quadrant_is_complete(model, assessment, (enum quadrant_kind)q))
            return false;
    return true;
}

/* --- the parts of one assessment ----------------------------------------------------------------
 */

static bool keep_own(struct arena *arena, const struct strategy_model *model, enum object_kind kind,
                     Str assessment, struct strategy_model *out, struct err *err)
{
    struct object_list all = model_objects(model, kind);
    struct any_list own = {arena_try_alloc(arena, all.size, _Alignof(max_align_t), all.count + 1),
                           0};

    if (!own.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < all.count; i++) {
        const void *object = object_at(&all, i);
        if (kind == OBJECT_COMPANY || str_eq(object_assessment_of(kind, object), assessment))
            memcpy((char *)own.items + own.count++ * all.size, object, all.size);
    }
    model_set_list(out, kind, own);
    return true;
}

bool assessment_extract(struct arena *arena, const struct strategy_model *model,
                        const struct assessment *assessment, struct strategy_model *out,
                        struct err *err)
{
    *out = (struct strategy_model){0};
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        if (!keep_own(arena, model, (enum object_kind)kind, assessment->id, out, err))
            return false;
    return true;
}

/* --- figures ------------------------------------------------------------------------------------
 */

/* E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927. */
struct term_precision search_term_precision(const struct search_term *term)
{
    double n = (double)term->reviewed, z = NORMAL_95;

    if (term->reviewed <= 0)
        return (struct term_precision){NAN, NAN, NAN};
    double p = fmin(1, (double)term->relevant / n);
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return (struct term_precision){p, fmax(0, middle - half), fmin(1, middle + half)};
}

int64_t months_between(Str from, Str to)
{
    int64_t year[2] = {0}, month[2] = {0}, day[2] = {0};
    const Str dates[] = {from, to};

    for (int i = 0; i < 2; i++)
        if (!date_is_valid(dates[i]) || !str_to_i64(str_sub(dates[i], 0, 4), &year[i]) ||
            !str_to_i64(str_sub(dates[i], 5, 2), &month[i]) ||
            !str_to_i64(str_sub(dates[i], 8, 2), &day[i]))
            return 0;
    int64_t months = (year[1] - year[0]) * 12 + month[1] - month[0];
    if (months > 0 && day[1] < day[0])
        return months - 1;
    return months < 0 && day[1] > day[0] ? months + 1 : months;
}

/* --- this year beside last year -----------------------------------------------------------------
 */

static bool is_of(const struct finding *finding, const struct assessment *assessment,
                  enum quadrant_kind quadrant)
{
    return assessment && finding->quadrant == quadrant &&
           str_eq(finding->assessment, assessment->id);
}

static const struct finding *followed(const struct strategy_model *model, const struct finding *now,
                                      const struct assessment *before)
{
    if (now->follows.len > 0)
        return model_finding(model, now->follows);
    for (size_t i = 0; now->measure.len > 0 && i < model->findings.count; i++) {
        const struct finding *old = &model->findings.items[i];
        if (is_of(old, before, now->quadrant) && old->category == now->category &&
            str_eq(old->measure, now->measure))
            return old;
    }
    return NULL;
}

static bool is_followed(const struct finding_change *changes, size_t count,
                        const struct finding *old)
{
    for (size_t i = 0; i < count; i++)
        if (changes[i].before == old)
            return true;
    return false;
}

bool assessment_changes(struct arena *arena, const struct strategy_model *model,
                        const struct assessment *now, const struct assessment *before,
                        enum quadrant_kind quadrant, struct finding_change **out, size_t *count,
                        struct err *err)
{
    struct finding_change *changes =
        arena_try_new(arena, struct finding_change, model->findings.count + 1);
    size_t n = 0;

    if (!changes)
        return err_arena(err, arena);
    for (size_t i = 0; i < model->findings.count; i++) {
        const struct finding *finding = &model->findings.items[i];
        if (!is_of(finding, now, quadrant))
            continue;
        const struct finding *old = followed(model, finding, before);
        changes[n++] =
            (struct finding_change){finding, old, old ? finding->value - old->value : NAN};
    }
    size_t of_this_year = n;
    for (size_t i = 0; i < model->findings.count; i++) {
        const struct finding *old = &model->findings.items[i];
        if (is_of(old, before, quadrant) && !is_followed(changes, of_this_year, old))
            changes[n++] = (struct finding_change){NULL, old, NAN};
    }
    *out = changes;
    *count = n;
    return true;
}
