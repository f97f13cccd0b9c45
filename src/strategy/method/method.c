#include "strategy/method/method.h"

#include <math.h>

#include "base/embedded.h"
#include "format/json.h"
#include "strategy/rating/rating.h"
#include "strategy/steering/assumption.h"

#define LIST_MAX 10000 /* entries of one list of the method's files: chosen by us, not by input */

static bool need_text_here(const struct json *text, struct method_text *out, struct err *err)
{
    return json_need_str(text, "en", &out->in[METHOD_EN], err) &&
           json_need_str(text, "de", &out->in[METHOD_DE], err);
}

static bool need_text(const struct json *object, const char *key, struct method_text *out,
                      struct err *err)
{
    const struct json *text = NULL;

    return json_need_object(object, key, &text, err) && need_text_here(text, out, err);
}

/* The array `key` of a file and room for its items. */
static bool need_list(struct arena *arena, const struct json *root, const char *key, size_t size,
                      const struct json **array, void *out, struct err *err)
{
    struct {
        void *items;
        size_t count;
    } list;

    if (!json_need_array(root, key, array, err))
        return false;
    list.count = json_len(*array);
    if (list.count == 0 || list.count > LIST_MAX)
        return json_refuse(*array, err, "must have entries");
    list.items = arena_alloc(arena, size, _Alignof(max_align_t), list.count);
    memcpy(out, &list, sizeof list);
    return true;
}

/* --- potentials, benefits ----------------------------------------------------------------------
 */

static bool read_potentials(struct arena *arena, const struct json *root, struct method *out,
                            struct err *err)
{
    const struct json *array = NULL;

    if (!need_list(arena, root, "potentials", sizeof *out->potentials.items, &array,
                   &out->potentials, err))
        return false;
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *from = json_at(array, i);
        struct potential *to = &out->potentials.items[i];
        if (!json_need_str(from, "code", &to->code, err) ||
            !json_need_str(from, "kind", &to->kind, err) ||
            !need_text(from, "name", &to->name, err) ||
            !need_text(from, "effect", &to->effect, err) ||
            !need_text(from, "prerequisites", &to->prerequisites, err) ||
            !need_text(from, "quality", &to->quality, err) ||
            !need_text(from, "risks", &to->risks, err))
            return false;
    }
    return true;
}

static bool read_benefits(struct arena *arena, const struct json *root, struct method *out,
                          struct err *err)
{
    const struct json *array = NULL;

    if (!need_list(arena, root, "benefits", sizeof *out->benefits.items, &array, &out->benefits,
                   err))
        return false;
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *from = json_at(array, i);
        struct corporate_benefit *to = &out->benefits.items[i];
        if (!json_need_str(from, "code", &to->code, err) ||
            !need_text(from, "name", &to->name, err) ||
            !json_need_bool(from, "is_growth", &to->is_growth, err))
            return false;
    }
    return true;
}

/* --- ratings -----------------------------------------------------------------------------------
 */

static bool read_thresholds(const struct json *from, struct rating_criterion *to, struct err *err)
{
    const struct json *array = NULL;

    if (!json_need_array(from, "thresholds", &array, err))
        return false;
    if (json_len(array) != COUNT_OF(to->thresholds))
        return json_refuse(array, err, "must hold four numbers");
    for (size_t i = 0; i < COUNT_OF(to->thresholds); i++) {
        if (!json_f64(json_at(array, i), &to->thresholds[i]) ||
            (i > 0 && to->thresholds[i] <= to->thresholds[i - 1]))
            return json_refuse(array, err, "must hold four rising numbers");
    }
    return true;
}

static bool read_criteria(const struct json *root, struct rating_rules *out, struct err *err)
{
    static const char *const keys[CRITERION_COUNT] = {"volume", "authors", "response", "users",
                                                      "growth"};
    const struct json *array = NULL;

    if (!json_need_array(root, "affinity", &array, err))
        return false;
    if (json_len(array) != CRITERION_COUNT)
        return json_refuse(array, err, "must hold the five criteria");
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        const struct json *from = json_at(array, i);
        struct rating_criterion *to = &out->affinity[i];
        if (!json_need_str(from, "key", &to->key, err) ||
            !need_text(from, "name", &to->name, err) || !read_thresholds(from, to, err) ||
            !json_need_i64(from, "minimum_sample", 0, INT32_MAX, &to->minimum_sample, err) ||
            !need_text(from, "sentence", &to->sentence, err))
            return false;
        if (!str_eq(to->key, str_from_cstr(keys[i])))
            return json_refuse(from, err, "is not the criterion that belongs here");
    }
    return true;
}

static bool read_rating_limits(const struct json *root, struct rating_rules *out, struct err *err)
{
    const int64_t most = INT32_MAX;

    return json_need_str(root, "version", &out->version, err) &&
           json_need_i64(root, "minimum_mentions", 0, most, &out->minimum_mentions, err) &&
           json_need_f64(root, "minimum_active_days", 0, 366, &out->minimum_active_days, err) &&
           json_need_i64(root, "minimum_criteria", 1, 5, &out->minimum_criteria, err) &&
           json_need_f64(root, "minimum_coverage", 0, 1, &out->minimum_coverage, err) &&
           json_need_f64(root, "leading_ratio", 1, 100, &out->leading_ratio, err) &&
           json_need_f64(root, "holder_share", 0, 1, &out->holder_share, err) &&
           json_need_f64(root, "holder_ratio", 1, 100, &out->holder_ratio, err) &&
           json_need_f64(root, "sentiment_step", 0, 2, &out->sentiment_step, err) &&
           json_need_f64(root, "trend_note", 0, 1, &out->trend_note, err) &&
           json_need_i64(root, "position_minimum_mentions", 0, most,
                         &out->position_minimum_mentions, err) &&
           json_need_i64(root, "affinity_drift", 1, 4, &out->affinity_drift, err);
}

static bool read_ratings(struct arena *arena, const struct json *root, struct method *out,
                         struct err *err)
{
    struct rating_rules *rules = &out->rating;

    (void)arena;
    return read_rating_limits(root, rules, err) && read_criteria(root, rules, err) &&
           need_text(root, "not_enough", &rules->not_enough, err) &&
           need_text(root, "not_available", &rules->not_available, err) &&
           need_text(root, "too_few", &rules->too_few, err) &&
           need_text(root, "voice", &rules->voice, err) &&
           need_text(root, "engagement", &rules->engagement, err) &&
           need_text(root, "sentiment", &rules->sentiment, err) &&
           need_text(root, "trend", &rules->trend, err) &&
           need_text(root, "held_by", &rules->held_by, err) &&
           need_text(root, "ours", &rules->ours, err) &&
           need_text(root, "open_position", &rules->open_position, err);
}

/* --- presets, gates, rules, words --------------------------------------------------------------
 */

static bool read_weights(const struct json *root, struct choice_rules *out, struct err *err)
{
    const struct json *positions = NULL, *priorities = NULL;

    if (!json_need_object(root, "position_weights", &positions, err) ||
        !json_need_object(root, "priority_weights", &priorities, err) ||
        !json_need_f64(root, "equal_weight", 0, 100, &out->equal_weight, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(out->position_weights); i++) {
        if (!json_need_f64(positions, words_durability.words[i], 0, 100, &out->position_weights[i],
                           err))
            return false;
    }
    for (size_t i = PRIORITY_A; i <= PRIORITY_C; i++) {
        if (!json_need_f64(priorities, words_priority.words[i], 0, 100, &out->priority_weights[i],
                           err))
            return false;
    }
    out->priority_weights[PRIORITY_UNSET] = out->priority_weights[PRIORITY_C];
    return true;
}

static bool read_choice(const struct json *root, struct choice_rules *out, struct err *err)
{
    const struct json *reasons = NULL;

    return read_weights(root, out, err) && json_need_object(root, "reasons", &reasons, err) &&
           need_text(reasons, "must", &out->must, err) &&
           need_text(reasons, "needed", &out->needed, err) &&
           need_text(reasons, "covers", &out->covers, err) &&
           need_text(reasons, "money", &out->money, err) &&
           need_text(reasons, "position", &out->position, err) &&
           need_text(reasons, "must_not", &out->must_not, err) &&
           need_text(reasons, "excluded", &out->excluded, err) &&
           need_text(reasons, "requires", &out->requires_other, err) &&
           need_text(reasons, "no_value", &out->no_value, err) &&
           need_text(reasons, "limit", &out->limit, err) &&
           need_text(reasons, "other", &out->other, err);
}

static bool read_presets(struct arena *arena, const struct json *root, struct method *out,
                         struct err *err)
{
    static const char *const values[] = {"net_benefit", "positions", "secure_benefit", "growth"};
    const struct word_list words = {values, COUNT_OF(values)};
    const struct json *array = NULL;

    if (!need_list(arena, root, "presets", sizeof *out->presets.items, &array, &out->presets, err))
        return false;
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *from = json_at(array, i);
        struct focus_preset *to = &out->presets.items[i];
        Str value = STR_NONE;
        int found = 0;
        if (!json_need_str(from, "key", &to->key, err) ||
            !need_text(from, "name", &to->name, err) || !need_text(from, "aim", &to->aim, err) ||
            !json_need_str(from, "value", &value, err) ||
            !json_need_f64(from, "limit_factor", 0, 1, &to->limit_factor, err) ||
            !json_need_f64(from, "other_factor", 0, 1, &to->other_factor, err) ||
            !json_need_bool(from, "is_default", &to->is_default, err))
            return false;
        if (!word_find(&words, value, &found))
            return json_refuse(json_get(from, "value"), err, "is not a known value");
        to->value = (enum preset_value)found;
    }
    return read_choice(root, &out->choice, err);
}

static bool read_gate_rules(struct arena *arena, const struct json *from, StrList *out,
                            struct err *err)
{
    const struct json *array = NULL;

    if (!json_need_array(from, "rules", &array, err))
        return false;
    out->items = arena_new(arena, Str, json_len(array) + 1);
    for (size_t i = 0; i < json_len(array); i++) {
        if (!json_str(json_at(array, i), &out->items[out->count++]))
            return json_refuse(json_at(array, i), err, "must be the id of a rule");
    }
    return true;
}

static bool read_gates(struct arena *arena, const struct json *root, struct method *out,
                       struct err *err)
{
    const struct json *array = NULL;

    if (!need_list(arena, root, "gates", sizeof *out->gates.items, &array, &out->gates, err))
        return false;
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *from = json_at(array, i);
        struct gate_rule *to = &out->gates.items[i];
        if (!json_need_i64(from, "step", (int64_t)i, (int64_t)i, &to->step, err) ||
            !need_text(from, "name", &to->name, err) ||
            !need_text(from, "demand", &to->demand, err) ||
            !need_text(from, "missing", &to->missing, err) ||
            !read_gate_rules(arena, from, &to->rules, err))
            return false;
    }
    return true;
}

static bool read_rules(struct arena *arena, const struct json *root, struct method *out,
                       struct err *err)
{
    static const char *const severities[] = {"error", "warning", "note"};
    const struct word_list words = {severities, COUNT_OF(severities)};
    const struct json *array = NULL;

    if (!need_list(arena, root, "rules", sizeof *out->rules.items, &array, &out->rules, err))
        return false;
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *from = json_at(array, i);
        struct check_rule *to = &out->rules.items[i];
        Str severity = STR_NONE;
        int found = 0;
        if (!json_need_str(from, "id", &to->id, err) ||
            !json_need_str(from, "check", &to->check, err) ||
            !json_need_str(from, "severity", &severity, err) ||
            !need_text(from, "message", &to->message, err) ||
            !need_text(from, "explanation", &to->explanation, err) ||
            !need_text(from, "fix", &to->fix, err) || !json_need_str(from, "unit", &to->unit, err))
            return false;
        if (!word_find(&words, severity, &found))
            return json_refuse(json_get(from, "severity"), err, "is not error, warning or note");
        to->severity = (enum check_severity)found;
    }
    return true;
}

/* {"block": {"customer_segments": {"en": ..., "de": ...}, ...}, ...} */
static bool read_words(struct arena *arena, const struct json *root, struct method *out,
                       struct err *err)
{
    size_t count = 0;

    for (size_t l = 0; l < json_len(root); l++)
        count += json_len(json_at(root, l));
    if (count == 0 || count > LIST_MAX)
        return json_refuse(root, err, "must have lists of words");
    out->words.items = arena_new(arena, struct method_word, count);
    for (size_t l = 0; l < json_len(root); l++) {
        const struct json *list = json_at(root, l);
        for (size_t i = 0; i < json_len(list); i++) {
            struct method_word *to = &out->words.items[out->words.count++];
            to->list = json_key_at(root, l);
            to->word = json_key_at(list, i);
            if (!need_text_here(json_at(list, i), &to->text, err))
                return false;
        }
    }
    return true;
}

static bool read_steering(struct arena *arena, const struct json *root, struct method *out,
                          struct err *err)
{
    struct steering_rules *rules = &out->steering;
    const struct json *formats = NULL, *responses = NULL;

    (void)arena;
    if (!json_need_f64(root, "follow_up_share", 0, 1, &rules->follow_up_share, err) ||
        !json_need_i64(root, "follow_up_components", 1, 15, &rules->follow_up_components, err) ||
        !json_need_i64(root, "weak_certainty", 1, 4, &rules->weak_certainty, err) ||
        !json_need_f64(root, "low_affinity", 0, 4, &rules->low_affinity, err) ||
        !json_need_f64(root, "difference", 0, 1, &rules->difference, err) ||
        !json_need_i64(root, "alternatives_minimum", 1, 6, &rules->alternatives_minimum, err) ||
        !json_need_i64(root, "alternatives_recommended", 1, 6, &rules->alternatives_recommended,
                       err) ||
        !json_need_object(root, "format_affinity", &formats, err) ||
        !json_need_object(root, "responses", &responses, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(rules->format_affinity); i++) {
        const char *word = words_format.words[i] ? words_format.words[i] : "none";
        if (!json_need_i64(formats, word, 0, 4, &rules->format_affinity[i], err))
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(rules->response); i++) {
        if (!need_text(responses, words_response.words[i], &rules->response[i], err))
            return false;
    }
    return true;
}

/* --- the files ---------------------------------------------------------------------------------
 */

static const struct {
    const char *path;
    bool (*read)(struct arena *arena, const struct json *root, struct method *out, struct err *err);
} files[] = {
    {"method/potentials.json", read_potentials}, {"method/benefits.json", read_benefits},
    {"method/ratings.json", read_ratings},       {"method/presets.json", read_presets},
    {"method/gates.json", read_gates},           {"method/rules.json", read_rules},
    {"method/steering.json", read_steering},     {"method/words.json", read_words},
};

bool method_read(struct arena *arena, const struct method **out, struct err *err)
{
    struct method *method = arena_new(arena, struct method, 1);

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const struct embedded_file *file = embedded_find(str_from_cstr(files[i].path));
        const struct json *root = NULL;
        struct err why = {0};
        if (!file)
            return err_set(err, ERR_CORRUPT, "the program lacks '%s'", files[i].path);
        if (!json_parse(arena, file->bytes, &root, &why) ||
            !files[i].read(arena, root, method, &why))
            return err_set(err, ERR_CORRUPT, "%s: %s", files[i].path, why.msg);
    }
    *out = method;
    return true;
}

/* --- looking things up -------------------------------------------------------------------------
 */

#define FIND(list, member, wanted)                                                                 \
    for (size_t i = 0; i < (list).count; i++) {                                                    \
        if (str_eq((list).items[i].member, wanted))                                                \
            return &(list).items[i];                                                               \
    }                                                                                              \
    return NULL

const struct potential *method_potential(const struct method *method, Str code)
{
    FIND(method->potentials, code, code);
}

const struct corporate_benefit *method_benefit(const struct method *method, Str code)
{
    FIND(method->benefits, code, code);
}

const struct focus_preset *method_preset(const struct method *method, Str key)
{
    FIND(method->presets, key, key);
}

const struct check_rule *method_rule(const struct method *method, Str id)
{
    FIND(method->rules, id, id);
}

Str method_word(const struct method *method, Str list, Str word, enum method_language language)
{
    for (size_t i = 0; i < method->words.count; i++) {
        const struct method_word *entry = &method->words.items[i];
        if (str_eq(entry->word, word) && str_eq(entry->list, list))
            return entry->text.in[language];
    }
    return word;
}

/* --- texts -------------------------------------------------------------------------------------
 */

static const struct text_argument *argument_named(const struct text_argument *arguments,
                                                  size_t count, Str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(str_from_cstr(arguments[i].name), name))
            return &arguments[i];
    }
    return NULL;
}

/* Writes the filled text to `out` (NULL: only measures); returns its length. */
static size_t fill(char *out, Str text, const struct text_argument *arguments, size_t count)
{
    size_t len = 0;

    while (text.len > 0) {
        size_t brace = str_find_byte(text, '{');
        Str inside = str_sub(text, brace + 1, text.len);
        Str name = str_sub(inside, 0, str_find_byte(inside, '}'));
        const struct text_argument *found =
            brace < text.len ? argument_named(arguments, count, name) : NULL;
        /* What names nothing stays, its brace included. */
        Str before = str_sub(text, 0, found || brace == text.len ? brace : brace + 1);
        Str put[] = {before, found ? found->value : STR_NONE};
        for (size_t i = 0; i < COUNT_OF(put); i++) {
            if (out && put[i].len > 0)
                memcpy(out + len, put[i].ptr, put[i].len);
            len += put[i].len;
        }
        text =
            found ? str_sub(inside, name.len + 1, inside.len) : str_sub(text, before.len, text.len);
    }
    return len;
}

Str method_fill(struct arena *arena, Str text, const struct text_argument *arguments, size_t count)
{
    size_t len = fill(NULL, text, arguments, count);
    char *bytes = arena_new(arena, char, len + 1);

    return (Str){bytes, fill(bytes, text, arguments, count)};
}

/* Two spellings: 1,234.5 and 1.234,5; a minus sign in front. */
#define MINUS "\u2212"
Str method_number(struct arena *arena, double value, int decimals, enum method_language language)
{
    char group = language == METHOD_DE ? '.' : ',', point = language == METHOD_DE ? ',' : '.';
    char digits[400], out[600];
    size_t len = 0;

    if (!isfinite(value))
        return S("–");
    int total = snprintf(digits, sizeof digits, "%.*f", decimals, value);
    ASSERT(total > 0 && (size_t)total < sizeof digits);
    size_t from = digits[0] == '-' ? 1 : 0;
    size_t whole = (size_t)total - (decimals > 0 ? (size_t)decimals + 1 : 0) - from;
    bool is_zero = strspn(digits + from, "0.") == (size_t)total - from;
    if (from == 1 && !is_zero) {
        memcpy(out, MINUS, sizeof MINUS - 1);
        len = sizeof MINUS - 1;
    }
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            out[len++] = group;
        out[len++] = digits[from + i];
    }
    if (decimals > 0) {
        out[len++] = point;
        for (size_t i = from + whole + 1; i < (size_t)total; i++)
            out[len++] = digits[i];
    }
    return arena_str(arena, (Str){out, len});
}
