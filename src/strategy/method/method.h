/* method.h - the method as data: catalogue, thresholds, focus presets, gates, rules and texts.
 *
 * The files of method/ (embedded in the program) say in English and German what this room computes
 * with: which potentials exist, at which measured value a criterion scores what, which focus wants
 * what, what the structural check asks. method_read() parses them once into an immutable struct;
 * the pure modules take it as an argument, so that a changed threshold is a changed file and never
 * a changed program. docs/method.md explains each file.
 *
 * Memory: everything belongs to the arena given to method_read(). Threads: immutable after reading,
 * any number may share it.
 */
#ifndef STRATEGY_METHOD_H
#define STRATEGY_METHOD_H

#include "base/buf.h"
#include "strategy/model/model.h"

enum method_language { METHOD_EN, METHOD_DE, METHOD_LANGUAGE_COUNT };

/* One text in the languages of the method; never empty. */
struct method_text {
    Str in[METHOD_LANGUAGE_COUNT];
};

/* One entry of the potential catalogue (method/potentials.json). */
struct potential {
    Str code; /* "impact.network-effect": stable */
    Str kind; /* impact, format, topic, user_benefit, participation, motivation, channel, resource,
                 reach */
    struct method_text name, effect, prerequisites, quality, risks;
};

/* What a company can gain (method/benefits.json). */
struct corporate_benefit {
    Str code;
    struct method_text name;
    bool is_growth; /* new customers, new revenue: what the growth focus counts in full */
};

/* Up to four rising thresholds: a value below the first scores 0, from the last on 4. */
struct rating_criterion {
    Str key; /* volume, authors, response, users, growth */
    struct method_text name;
    double thresholds[4];
    int64_t minimum_sample;      /* below it the criterion is left out */
    struct method_text sentence; /* reason with {value} {unit} {sample} {score} */
};

struct rating_rules {
    Str version;                         /* of the thresholds, stored with every proposal */
    struct rating_criterion affinity[5]; /* in the order of enum affinity_criterion (rating.h) */
    int64_t minimum_mentions;            /* for any rating */
    double minimum_active_days;
    int64_t minimum_criteria; /* available ones for a median */
    double minimum_coverage;  /* of the window, 0 to 1 */
    double leading_ratio;     /* own strength at least so many times the best rival: leading */
    double holder_share;      /* a holder has at least this share of the conversation */
    double holder_ratio;      /* and so many times the next */
    double sentiment_step;    /* net sentiment difference that moves a position by one */
    double trend_note;        /* a difference of trends from here on is named */
    int64_t position_minimum_mentions;
    int64_t affinity_drift; /* difference to a confirmed affinity that opens a review note */
    struct method_text not_enough, not_available, too_few;
    struct method_text voice, engagement, sentiment, trend, held_by, ours, open_position;
};

/* What an alternative looks for (method/presets.json). */
enum preset_value {
    PRESET_NET_BENEFIT,    /* expected discounted net benefit over the horizon */
    PRESET_POSITIONS,      /* leading and lasting positions, benefit as tie-break */
    PRESET_SECURE_BENEFIT, /* what is left with low benefit, high effort, weak assumptions failed,
                              reactions happened */
    PRESET_GROWTH          /* net benefit, of options that do not serve growth only a part */
};

struct focus_preset {
    Str key;
    struct method_text name, aim;
    enum preset_value value;
    double limit_factor; /* part of each limit that may be used, 0 to 1 */
    double other_factor; /* growth: what other options count */
    bool is_default;     /* among those sought when nothing else is asked for */
};

/* How the positions focus weighs, and the reasons alternatives give. */
struct choice_rules {
    double position_weights[4]; /* by enum durability, for options that could lead */
    double equal_weight;        /* for options that could draw level; weaker ones count nothing */
    double priority_weights[4]; /* by enum priority; unset as C */
    struct method_text must, needed, covers, money, position;                      /* why chosen */
    struct method_text must_not, excluded, requires_other, no_value, limit, other; /* why not */
};

/* The condition of going on after a step (method/gates.json). */
struct gate_rule {
    StrList rules;              /* ids of the check rules that have to be kept */
    struct method_text missing; /* what is said when a gate without rules is not met */
    int64_t step;               /* 0 to 9 */
    struct method_text name, demand;
};

enum check_severity { CHECK_ERROR, CHECK_WARNING, CHECK_NOTE };

/* One rule of the structural check (method/rules.json). */
struct check_rule {
    Str id;    /* "S014": stable, never reused */
    Str check; /* name of the checker in check.c */
    enum check_severity severity;
    struct method_text message; /* with {0} {1}: what was found */
    struct method_text explanation, fix;
    Str unit; /* course unit that teaches it */
};

/* Thresholds of steering (method/steering.json). */
struct steering_rules {
    double follow_up_share; /* share of benefit resting on what broke: from here a new strategy */
    int64_t follow_up_components; /* core components touched: from here a new strategy */
    int64_t weak_certainty;       /* assumptions at or below count as weak (fragility) */
    double low_affinity;          /* topics at or below: warn when the benefit rests on them */
    int64_t format_affinity[5];   /* minimum affinity per enum usage_format */
    double difference;            /* share of options in which alternatives differ at least */
    int64_t alternatives_minimum; /* before a decision */
    int64_t alternatives_recommended;
    struct method_text response[6]; /* by enum steering_response (assumption.h) */
};

struct method {
    STRATEGY_LIST(struct potential) potentials;
    STRATEGY_LIST(struct corporate_benefit) benefits;
    struct rating_rules rating;
    STRATEGY_LIST(struct focus_preset) presets;
    struct choice_rules choice;
    STRATEGY_LIST(struct gate_rule) gates;
    STRATEGY_LIST(struct check_rule) rules;
    struct steering_rules steering;
    /* Names of blocks, components, kinds ... for pages: method_word(). */
    STRATEGY_LIST(struct method_word) words;
};

struct method_word {
    Str list, word; /* "block", "customer_segments" */
    struct method_text text;
};

/* Parses the embedded files of method/. A fault names file and member: ERR_CORRUPT. */
bool method_read(struct arena *arena, const struct method **out, struct err *err) MUST_CHECK;

const struct potential *method_potential(const struct method *method, Str code);
const struct corporate_benefit *method_benefit(const struct method *method, Str code);
const struct focus_preset *method_preset(const struct method *method, Str key);
const struct check_rule *method_rule(const struct method *method, Str id);

/* The name of a word for people ("customer_segments" of list "block": "Kundensegmente"); the word
 * itself when the method does not name it. */
Str method_word(const struct method *method, Str list, Str word, enum method_language language);

/* Puts arguments into a text: {name} takes the value of that name; an unknown one stays. */
struct text_argument {
    const char *name;
    Str value;
};
Str method_fill(struct arena *arena, Str text, const struct text_argument *arguments, size_t count);
/* Numbers as people of the language read them: 1,234.5 and 1.234,5. */
Str method_number(struct arena *arena, double value, int decimals, enum method_language language);

#endif
