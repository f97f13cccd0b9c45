#include "strategy/rating/rating_change.h"

#include "db/db.h"
#include "strategy/model/object.h"

#define SCRATCH_BYTES_MAX (64u * 1024u * 1024u)

/* A rating before and after, in words; and the object's own reason of it. */
struct step {
    const char *rating;
    Str from, to;
    const char *reason_name;
    Str old_reason, new_reason;
};

static Str word_or_none(const struct word_list *words, int value)
{
    Str word = word_of(words, value);

    return word.len > 0 ? word : S("none");
}

static Str affinity_word(int64_t affinity)
{
    static const char *const words[] = {"none", "0", "1", "2", "3", "4"};

    return affinity >= -1 && affinity <= 4 ? str_from_cstr(words[affinity + 1]) : S("?");
}

static bool check_step(const struct step *step, Str reason, struct err *err)
{
    bool is_explained = str_trim(reason).len > 0 || (str_trim(step->new_reason).len > 0 &&
                                                     !str_eq(step->old_reason, step->new_reason));

    if (str_eq(step->from, step->to) || is_explained)
        return true;
    return err_set(err, ERR_INPUT,
                   "reason: %s goes from " STR_F " to " STR_F ", and who changes a rating says why",
                   step->rating, STR_A(step->from), STR_A(step->to)) ||
           err_hint(
               err,
               "Give any sentence as the reason of this change or as new %s, or leave %s as it is.",
               step->reason_name, step->rating);
}

bool rating_names_cause(const struct topic *topic, struct err *err)
{
    if (topic->affinity < 0 || topic->affinity > 1 || str_trim(topic->low_cause).len > 0)
        return true;
    return err_set(err, ERR_INPUT, "low_cause: a low affinity needs its cause") ||
           err_hint(err, "Say whether users are not interested or nobody treats the topic.");
}

bool rating_names_holder(const struct topic *topic, struct err *err)
{
    if (topic->position != POSITION_OCCUPIED || str_trim(topic->holder).len > 0)
        return true;
    return err_set(err, ERR_INPUT, "holder: an occupied position needs its holder") ||
           err_hint(err, "Name the competitor that holds it, or leave the position open.");
}

static bool check_topic(const struct topic *before, const struct topic *after, Str reason,
                        struct err *err)
{
    const struct step steps[] = {
        {"affinity", affinity_word(before->affinity), affinity_word(after->affinity),
         "affinity_reason", before->affinity_reason, after->affinity_reason},
        {"standing", word_or_none(&words_standing, (int)before->standing),
         word_or_none(&words_standing, (int)after->standing), "position_reason",
         before->position_reason, after->position_reason},
        {"position", word_or_none(&words_position, (int)before->position),
         word_or_none(&words_position, (int)after->position), "position_reason",
         before->position_reason, after->position_reason},
        {"holder", before->holder.len > 0 ? before->holder : S("none"),
         after->holder.len > 0 ? after->holder : S("none"), "position_reason",
         before->position_reason, after->position_reason},
    };

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (!check_step(&steps[i], reason, err))
            return false;
    return (before->affinity == after->affinity || rating_names_cause(after, err)) &&
           (before->position == after->position || rating_names_holder(after, err));
}

static bool check_option(const struct strategy_option *before, const struct strategy_option *after,
                         Str reason, struct err *err)
{
    struct step step = {"rating",
                        word_or_none(&words_standing, (int)before->rating),
                        word_or_none(&words_standing, (int)after->rating),
                        "rating_reason",
                        before->rating_reason,
                        after->rating_reason};

    return check_step(&step, reason, err);
}

bool rating_change_check(enum object_kind kind, const void *before, const void *after, Str reason,
                         struct err *err)
{
    static const struct topic no_topic = {.affinity = -1};
    static const struct strategy_option no_option;

    if (kind == OBJECT_TOPIC)
        return check_topic(before ? before : &no_topic, after, reason, err);
    if (kind == OBJECT_OPTION)
        return check_option(before ? before : &no_option, after, reason, err);
    return true;
}

static const void *stored(const struct strategy_model *model, enum object_kind kind, Str id)
{
    if (kind == OBJECT_TOPIC)
        return model_topic(model, id);
    return kind == OBJECT_OPTION ? model_option(model, id) : NULL;
}

bool rating_change_put(struct db *db, const struct change *change, enum object_kind kind,
                       const void *object, struct err *err)
{
    struct strategy_model model;
    struct arena arena;

    if (kind != OBJECT_TOPIC && kind != OBJECT_OPTION)
        return store_put(db, change, kind, object, err);
    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) { /* a moved revision is the first thing to say, so the writing comes first */
        ok = store_read(db, &arena, &model, err) && store_put(db, change, kind, object, err) &&
             rating_change_check(kind, stored(&model, kind, object_id(object)), object,
                                 change->reason, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}
