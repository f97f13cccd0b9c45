#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "format/time.h"

enum { ALLOWED_BYTES = 160 };

struct reading {
    const char *command;
    const struct cli_option *options;
    size_t count;
    struct cli_args args;
    size_t filled; /* options before it are positional and have their value, or are flags */
};

static bool is_flag(const struct cli_option *o)
{
    return o->name[0] == '-';
}

/* ---- words: the lists "a, b or c" of messages are the lists of what is allowed -----------------
 */

static bool next_word(Str *rest, Str *word)
{
    size_t comma = str_find(*rest, S(", ")), last = str_find(*rest, S(" or "));
    size_t end = comma < last ? comma : last;

    *word = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end + (comma < last ? 2 : 4), rest->len);
    return word->len > 0;
}

static bool choose(const struct cli_option *o, Str value)
{
    Str rest = str_from_cstr(o->words), word;

    for (unsigned i = 0; next_word(&rest, &word); i++)
        if (str_eq(word, value)) {
            *o->to.choice = i;
            return true;
        }
    return false;
}

/* ---- one value ------------------------------------------------------------------------------- */

static const char *allowed(const struct cli_option *o, char out[ALLOWED_BYTES])
{
    unsigned long long least = o->least, most = o->most;

    switch (o->kind) {
    case CLI_KIND_FLAG:
        return "";
    case CLI_KIND_TEXT:
        return "a text";
    case CLI_KIND_PATH:
    case CLI_KIND_PATHS:
        return "a path";
    case CLI_KIND_TIME:
        return "2026-11-22 or 2026-11-22T08:15:00Z";
    case CLI_KIND_CHOICE:
    case CLI_KIND_WORD:
        return o->words;
    case CLI_KIND_WHOLE:
        if (o->most >= INT64_MAX)
            snprintf(out, ALLOWED_BYTES, "a whole number from %llu on", least);
        else
            snprintf(out, ALLOWED_BYTES, "a whole number from %llu to %llu", least, most);
        return out;
    case CLI_KIND_REAL:
        if (isinf(o->real_least))
            snprintf(out, ALLOWED_BYTES, "a number");
        else if (isinf(o->real_most))
            snprintf(out, ALLOWED_BYTES, "a number from %.15g on", o->real_least);
        else
            snprintf(out, ALLOWED_BYTES, "a number from %.15g to %.15g", o->real_least,
                     o->real_most);
        return out;
    }
    UNREACHABLE("every kind says what it allows");
}

static bool take_whole(const struct cli_option *o, Str value)
{
    uint64_t n;

    if (!str_to_u64(value, &n) || n < o->least || n > o->most)
        return false;
    if (o->size == sizeof n)
        memcpy(o->to.whole, &n, sizeof n);
    else
        memcpy(o->to.whole, &(uint32_t){(uint32_t)n}, sizeof(uint32_t));
    return true;
}

static bool take_real(const struct cli_option *o, Str value)
{
    double number;

    if (!str_to_f64(value, &number) || !(number >= o->real_least && number <= o->real_most))
        return false;
    *o->to.real = number;
    return true;
}

/* False: the value is not of the option's kind. */
static bool take(const struct cli_option *o, Str value)
{
    switch (o->kind) {
    case CLI_KIND_FLAG:
        *o->to.flag = true;
        return true;
    case CLI_KIND_TEXT:
    case CLI_KIND_PATH:
        *o->to.text = value;
        return true;
    case CLI_KIND_PATHS:
        vec_push(o->to.paths, value);
        return true;
    case CLI_KIND_WHOLE:
        return take_whole(o, value);
    case CLI_KIND_REAL:
        return take_real(o, value);
    case CLI_KIND_TIME:
        return time_parse(value, o->to.time_ms);
    case CLI_KIND_CHOICE:
        return choose(o, value);
    case CLI_KIND_WORD:
        return o->read(value, o->to.word);
    }
    UNREACHABLE("every kind has its values");
}

/* `name`: as it was typed. */
static bool read_value(const struct cli_option *o, Str name, Str value, struct err *err)
{
    char text[ALLOWED_BYTES];
    bool is_path = o->kind == CLI_KIND_PATH || o->kind == CLI_KIND_PATHS;
    bool is_number = o->kind == CLI_KIND_WHOLE || o->kind == CLI_KIND_REAL;
    size_t bad = str_utf8_invalid_at(value);

    if (!is_path && bad < value.len)
        return err_set(err, ERR_USAGE, STR_F ": not valid UTF-8 at byte %zu", STR_A(name),
                       bad + 1) ||
               err_hint(err, "give it in UTF-8, the encoding of every text here");
    if (take(o, value))
        return true;
    if (is_number)
        return err_set(err, ERR_USAGE, STR_F " '" STR_F "' is not %s", STR_A(name), STR_A(value),
                       allowed(o, text));
    const char *fault = o->kind == CLI_KIND_TIME   ? "a time"
                        : o->kind == CLI_KIND_WORD ? "understood"
                                                   : "known";
    return err_set(err, ERR_USAGE, STR_F " '" STR_F "' is not %s", STR_A(name), STR_A(value),
                   fault) ||
           err_hint(err, "%s", allowed(o, text));
}

/* ---- flags ----------------------------------------------------------------------------------- */

/* The next spelling of "-q, --quiet". */
static bool next_spelling(Str *rest, Str *spelling)
{
    size_t end = str_find(*rest, S(", "));

    *spelling = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end + 2, rest->len);
    return spelling->len > 0;
}

static const struct cli_option *find_flag(const struct reading *r, Str flag)
{
    Str rest, spelling;

    for (size_t i = 0; i < r->count; i++) {
        rest = is_flag(&r->options[i]) ? str_from_cstr(r->options[i].name) : STR_NONE;
        while (next_spelling(&rest, &spelling))
            if (str_eq(spelling, flag))
                return &r->options[i];
    }
    return NULL;
}

/* The flag that was likely meant: a beginning of it, or one or two letters away. Empty: none. */
static Str suggest(const struct reading *r, Str flag)
{
    Str best = STR_NONE, rest, spelling;
    size_t best_distance = flag.len / 3;

    for (size_t i = 0; i < r->count; i++) {
        rest = is_flag(&r->options[i]) ? str_from_cstr(r->options[i].name) : STR_NONE;
        while (next_spelling(&rest, &spelling)) {
            bool is_beginning = flag.len > 4 && str_starts(spelling, flag);
            size_t distance = is_beginning ? 0 : str_distance_nocase(flag, spelling);
            if (spelling.len > 2 &&
                (distance < best_distance || (distance == best_distance && best.len == 0))) {
                best = spelling;
                best_distance = distance;
            }
        }
    }
    return best;
}

static bool unknown_flag(const struct reading *r, Str flag, struct err *err)
{
    Str meant = suggest(r, flag);

    err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(flag));
    return meant.len > 0 &&
           err_hint(err, "did you mean " STR_F "? see trimtab %s --help", STR_A(meant), r->command);
}

static bool lacks_value(const struct cli_option *o, Str flag, struct err *err)
{
    char text[ALLOWED_BYTES];
    bool is_any = o->kind == CLI_KIND_TEXT || o->kind == CLI_KIND_PATH;

    err_set(err, ERR_USAGE, "flag '" STR_F "' needs a value", STR_A(flag));
    return !is_any && err_hint(err, "%s", allowed(o, text));
}

static bool read_flag(struct reading *r, struct err *err)
{
    struct cli_args *args = &r->args;
    Str flag, value, name, ignored;
    bool has_value = str_cut(args->current, '=', &flag, &value);
    const struct cli_option *o = find_flag(r, flag);

    if (!o)
        return unknown_flag(r, flag, err);
    if (o->kind == CLI_KIND_FLAG && has_value)
        return err_set(err, ERR_USAGE, "flag '" STR_F "' takes no value", STR_A(flag));
    if (o->kind != CLI_KIND_FLAG && !has_value && args->at < args->count) {
        value = str_from_cstr(args->values[args->at]);
        str_cut(value, '=', &name, &ignored);
        has_value = !find_flag(r, name) && !str_eq(value, S("--"));
        args->at += has_value;
    }
    if (o->kind != CLI_KIND_FLAG && (!has_value || value.len == 0))
        return lacks_value(o, flag, err);
    return read_value(o, flag, value, err);
}

/* ---- positional arguments ---------------------------------------------------------------------
 */

static const struct cli_option *next_argument(struct reading *r)
{
    while (r->filled < r->count && is_flag(&r->options[r->filled]))
        r->filled++;
    return r->filled < r->count ? &r->options[r->filled] : NULL;
}

static bool lacks_argument(const struct cli_option *o, struct err *err)
{
    err_set(err, ERR_USAGE, "no %s is given", o->name);
    return o->remedy && err_hint(err, "%s", o->remedy);
}

static bool read_argument(struct reading *r, struct err *err)
{
    const struct cli_option *o = next_argument(r);

    if (!o)
        return err_set(err, ERR_USAGE, "one argument too many: '" STR_F "'",
                       STR_A(r->args.current)) ||
               err_hint(err,
                        "several words are one argument in quotation marks; see trimtab %s "
                        "--help",
                        r->command);
    if (r->args.current.len == 0 && o->is_needed)
        return lacks_argument(o, err);
    r->filled += o->kind != CLI_KIND_PATHS;
    return read_value(o, str_from_cstr(o->name), r->args.current, err);
}

static bool has_needed(struct reading *r, struct err *err)
{
    for (const struct cli_option *o; (o = next_argument(r)); r->filled++)
        if (o->is_needed && (o->kind != CLI_KIND_PATHS || o->to.paths->count == 0))
            return lacks_argument(o, err);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_table(const struct cli_option *options, size_t count)
{
    char text[ALLOWED_BYTES];

    for (size_t i = 0; i < count; i++)
        if (is_flag(&options[i]))
            printf("%s\t%s\n", options[i].name, allowed(&options[i], text));
}

bool cli_options_read(const char *command, const struct cli_option *options, size_t count, int argc,
                      char **argv, struct err *err)
{
    struct reading r = {.command = command,
                        .options = options,
                        .count = count,
                        .args = {.count = argc, .values = argv}};
    bool ok = true;

    if (argc == 1 && strcmp(argv[0], "--flags") == 0) {
        print_table(options, count);
        return false;
    }
    while (ok && cli_next(&r.args))
        ok = cli_is_flag(&r.args) ? read_flag(&r, err) : read_argument(&r, err);
    return (ok && has_needed(&r, err)) || err_hint(err, "see trimtab %s --help", command);
}

bool cli_read_format(Str word, void *to)
{
    return decode_format_from(word, to);
}
