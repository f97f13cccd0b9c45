/* alert_detector_priv.h - what the kinds of alert see of the past. */
#ifndef QUANT_ALERT_DETECTOR_PRIV_H
#define QUANT_ALERT_DETECTOR_PRIV_H

#include "quant/alert_detector.h"
#include "quant/spikes.h"

enum { SEASON_HOURS = 24, SEASON_WEEK = 7 * 24 };

struct alert_past {
    double value, n, coverage;
    double usual; /* what the season expected then; NaN: unknown */
    bool is_usable;
};

/* Counts of one place in the season, older ones with less weight. */
struct alert_slot {
    double sum, weight;
    uint32_t periods;
};

/* What was usual at such a time: a count as it can be expected, and how much it rests on. */
struct alert_usual {
    bool is_known, has_rhythm; /* rhythm: of this hour or day of the week, not a plain mean */
    double level;              /* posts of a period */
    double weight;             /* periods it is the mean of, about */
};

/* Of counts around what was usual: 1 is Poisson. */
struct alert_dispersion {
    double factor;
    uint64_t count;
};

struct alert_trend { /* forecast: level and slope of log(1 + x) over the season */
    double level, slope, variance;
    uint64_t count;
};

struct alert_detector {
    struct alert_settings settings; /* effective */
    struct spike_detector *spikes;  /* kind spike */
    struct alert_past ring[ALERT_HISTORY_PERIODS];
    uint64_t count; /* periods pushed */
    struct alert_slot of_day[SEASON_HOURS], of_week[SEASON_WEEK];
    double mean_sum, mean_weight; /* of all usable periods, fading */
    struct alert_dispersion around_rhythm, around_mean;
    struct alert_trend trend;
    bool was_across; /* crossing: on the good side since the last event */
    /* The machine. */
    uint64_t streak; /* periods over the mark in a row */
    int64_t streak_from_ms;
    enum alert_cause streak_cause;
    bool is_on, is_told;
    uint64_t last_loud; /* count at the last period that was not calm */
    int64_t from_ms;
    int severity, told_severity;
    enum alert_cause cause;
};

/* What a kind says of one period. */
struct alert_finding {
    bool is_known, is_over, is_calm; /* calm: below half the mark */
    double observed, expected, low, high;
    double z, entry;   /* entry > 0; over the mark needs |z| >= entry and what else the kind asks */
    double size;       /* as in struct alert_reading */
    double size_grade; /* 0 to 4.5: what it adds to the severity */
    int64_t from_ms;   /* where it began, when not with this period; 0: with it */
    enum alert_cause cause;
    double ahead, ahead_low, ahead_high;
};

/* The period `back` before the one at hand (1: the last one); NULL: none is kept. */
const struct alert_past *alert_past_at(const struct alert_detector *d, uint64_t back);
/* What is usual at a time; and without any season. */
struct alert_usual alert_usual_at(const struct alert_detector *d, int64_t start_ms);

/* Nothing of the detector has learned from the point yet. */
struct alert_finding alert_kind_look(struct alert_detector *d, const struct alert_point *point);
/* Behind it: the kind's own state. */
void alert_kind_learn(struct alert_detector *d, const struct alert_point *point,
                      const struct alert_usual *usual);

#endif
