/* correction_effect.h - what corrections would do, before they are saved.
 *
 * They are tried on the query's stored mentions of the last CORRECTION_EFFECT_DAYS days, at most
 * CORRECTION_EFFECT_POSTS of them, thinned evenly; nothing is written. Whether moods get better is
 * told by the labels of the half that is held back (label_report.h); the other half shows where the
 * machine errs.
 */
#ifndef LISTEN_CORRECTION_EFFECT_H
#define LISTEN_CORRECTION_EFFECT_H

#include "listen/label/label_report.h"
#include "listen/measure/correction.h"

enum {
    CORRECTION_EFFECT_DAYS = 60,
    CORRECTION_EFFECT_POSTS = 5000,
    CORRECTION_EXAMPLES_MAX = 5,
    CORRECTION_MISTAKES_MAX = 8
};

struct correction_effect {
    int64_t looked_at, changed;
    int64_t moved[LABEL_MOODS][LABEL_MOODS]; /* from the mood that is stored to the new one */
    struct archived_post examples[CORRECTION_EXAMPLES_MAX];    /* of the changed ones */
    enum post_polarity example_moods[CORRECTION_EXAMPLES_MAX]; /* new */
    size_t example_count;
    struct label_report before, after; /* on the labels held back */
};
/* Slices live in the arena. ERR_INPUT: a correction cannot be read. */
bool correction_effect(struct db *state, struct archive *a, struct arena *arena, int64_t query,
                       const struct correction *items, size_t count, struct correction_effect *out,
                       struct err *err) MUST_CHECK;

/* Labelled posts of the half that may be looked at whose mood the machine has wrong. */
struct correction_mistake {
    struct archived_post post;
    enum label_verdict people;
    enum post_polarity machine;
};
bool correction_mistakes(struct db *state, struct archive *a, struct arena *arena, int64_t query,
                         struct correction_mistake *out, size_t *count, struct err *err) MUST_CHECK;

#endif
