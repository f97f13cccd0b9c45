/* store_fixed.c - what can no longer be changed: the adopted version, a frozen assessment. */
#include "strategy/model/store_priv.h"

static bool refuse_signed(const struct strategy_version *version, struct err *err)
{
    if (version->state < VERSION_ADOPTED)
        return true;
    return err_set(err, ERR_CONFLICT, "version '" STR_F "' is %s and cannot be changed",
                   STR_A(version->id), words_version_state.words[version->state]) ||
           err_hint(err, "copy it to a new version and change that");
}

static bool refuse_baseline(const struct strategy_model *stored, enum object_kind kind,
                            const void *object, struct err *err)
{
    const struct assessment *assessment =
        model_assessment(stored, object_assessment_of(kind, object));

    if (!assessment || assessment->frozen_on.len == 0)
        return true;
    return err_set(err, ERR_CONFLICT,
                   "assessment '" STR_F "' is the baseline of %lld since " STR_F
                   " and cannot be changed",
                   STR_A(assessment->id), (long long)assessment->year,
                   STR_A(assessment->frozen_on)) ||
           err_hint(err, "plan the next assessment and enter it there");
}

bool store_may_change(const struct strategy_model *stored, enum object_kind kind,
                      const void *before, const void *object, struct err *err)
{
    if (kind == OBJECT_VERSION && before && !refuse_signed(before, err))
        return false;
    return (!before || refuse_baseline(stored, kind, before, err)) &&
           (!object || refuse_baseline(stored, kind, object, err));
}

bool store_may_set(enum object_kind kind, const void *object, struct err *err)
{
    const struct strategy_version *version = object;
    const struct assessment *assessment = object;

    if (kind == OBJECT_VERSION && version->state >= VERSION_ADOPTED)
        return err_set(err, ERR_CONFLICT, "only a decision makes a version %s",
                       words_version_state.words[version->state]);
    if (kind == OBJECT_ASSESSMENT && assessment->frozen_on.len > 0)
        return err_set(err, ERR_CONFLICT, "only freezing makes an assessment a baseline") ||
               err_hint(err, "leave frozen_on empty");
    return true;
}
