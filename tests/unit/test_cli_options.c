#include "cli/options.h"

#include <math.h>

#include "base/arena.h"
#include "test.h"

enum order { NEWEST, OLDEST, RELEVANT };

struct wanted {
    bool is_json, is_quiet;
    Str workspace, file, query;
    uint64_t limit;
    uint32_t days;
    double share;
    int64_t from_ms;
    enum order order;
    int letter;
    struct cli_paths paths;
};

static bool letter_from(Str word, int *out)
{
    if (word.len != 1)
        return false;
    *out = word.ptr[0];
    return true;
}

CLI_READER(read_letter, letter_from, int)

enum { WORDS_MAX = 32 };

/* As argv would be. */
static bool read_table(const struct cli_option *options, size_t count, struct err *err,
                       size_t word_count, const char *const *words)
{
    char *argv[WORDS_MAX + 1] = {NULL};

    CHECK(word_count <= WORDS_MAX);
    if (word_count > 0)
        memcpy(argv, words, word_count * sizeof *argv);
    return cli_options_read("post search", options, count, (int)word_count, argv, err);
}

#define WORDS(...)                                                                                 \
    COUNT_OF(((const char *[]){__VA_ARGS__})), (const char *[])                                    \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static bool read_all(struct wanted *w, struct err *err, size_t count, const char *const *words)
{
    const struct cli_option options[] = {
        CLI_FLAG("--json", &w->is_json),
        CLI_FLAG("-q, --quiet", &w->is_quiet),
        CLI_TEXT("--workspace", &w->workspace),
        CLI_PATH("-o, --output", &w->file),
        CLI_WHOLE("--limit", &w->limit, 1, 1000),
        CLI_WHOLE("--days", &w->days, 0, UINT32_MAX),
        CLI_REAL("--share", &w->share, 0, 1),
        CLI_TIME("--from", &w->from_ms),
        CLI_CHOICE("--order", &w->order, "newest, oldest or relevant"),
        CLI_WORD("--letter", &w->letter, read_letter, "one letter"),
        CLI_ARGUMENT("query", &w->query, true, "name one"),
        CLI_FILES("file", &w->paths, false, NULL),
    };

    *w = (struct wanted){.limit = 50, .days = 7};
    return read_table(options, COUNT_OF(options), err, count, words);
}

#define READ(w, err, ...) read_all((w), (err), WORDS(__VA_ARGS__))

/* A mistake: usage, with this message and this hint. */
static void refused(bool ok, const struct err *err, const char *message, const char *hint)
{
    CHECK(!ok);
    CHECK_INT(err->code, ERR_USAGE);
    assert_string_equal(err->msg, message);
    assert_string_equal(err->hint, hint);
}

#define REFUSED(message, hint, ...)                                                                \
    do {                                                                                           \
        struct wanted w_;                                                                          \
        struct err err_ = {0};                                                                     \
        bool ok_ = READ(&w_, &err_, __VA_ARGS__);                                                  \
        refused(ok_, &err_, message, hint);                                                        \
        vec_deinit(&w_.paths);                                                                     \
    } while (0)

#define HELP "see trimtab post search --help"

TEST(every_kind_is_read)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "--json", "--workspace", "acme", "-o", "a\377b", "--limit=1000",
               "--days=4294967295", "--share", "0.25", "--from", "2026-11-22", "--order",
               "relevant", "--letter=x", "late flight", "p1", "p2"));
    CHECK(w.is_json && !w.is_quiet);
    CHECK_STR(w.workspace, "acme");
    CHECK_STR(w.file, "a\377b");
    CHECK_INT(w.limit, 1000);
    CHECK_INT(w.days, UINT32_MAX);
    CHECK_NEAR(w.share, 0.25, 0);
    CHECK_INT(w.from_ms, INT64_C(1795305600000));
    CHECK_INT(w.order, RELEVANT);
    CHECK_INT(w.letter, 'x');
    CHECK_STR(w.query, "late flight");
    CHECK_INT(w.paths.count, 2);
    CHECK_STR(w.paths.items[1], "p2");
    vec_deinit(&w.paths);
}

TEST(what_is_not_given_stays)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "a"));
    CHECK_INT(w.limit, 50);
    CHECK_INT(w.days, 7);
    CHECK_INT(w.workspace.len, 0);
    CHECK_INT(w.paths.count, 0);
    CHECK_INT(err.code, ERR_NONE);
}

TEST(both_spellings_mean_the_same)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "-q", "a") && w.is_quiet);
    CHECK(READ(&w, &err, "--quiet", "a") && w.is_quiet);
    CHECK(READ(&w, &err, "--output=x", "a"));
    CHECK_STR(w.file, "x");
}

TEST(the_last_of_repeated_flags_counts)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "--limit", "3", "--limit=4", "--json", "--json", "a"));
    CHECK_INT(w.limit, 4);
    CHECK(w.is_json);
}

TEST(a_double_hyphen_ends_the_flags)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "--json", "--", "--limit", "--", "-"));
    CHECK(w.is_json);
    CHECK_STR(w.query, "--limit");
    CHECK_INT(w.paths.count, 2);
    CHECK_STR(w.paths.items[0], "--");
    vec_deinit(&w.paths);
}

TEST(standard_input_is_an_argument_and_nothing_is_none)
{
    struct wanted w;
    struct err err = {0};

    CHECK(READ(&w, &err, "-"));
    CHECK_STR(w.query, "-");
    REFUSED("no query is given", "name one", "");
    CHECK(READ(&w, &err, "a", ""));
    CHECK_INT(w.paths.count, 1);
    vec_deinit(&w.paths);
}

TEST(missing_values)
{
    REFUSED("flag '--limit' needs a value", "a whole number from 1 to 1000", "a", "--limit");
    REFUSED("flag '--workspace' needs a value", HELP, "a", "--workspace=");
    REFUSED("flag '--workspace' needs a value", HELP, "a", "--workspace", "");
    REFUSED("flag '--days' needs a value", "a whole number from 0 to 4294967295", "--days=", "a");
    REFUSED("flag '-o' needs a value", HELP, "a", "-o");
    REFUSED("flag '--order' needs a value", "newest, oldest or relevant", "--order=", "a");
    REFUSED("flag '--from' needs a value", "2026-11-22 or 2026-11-22T08:15:00Z", "--from", "--",
            "a");
    /* A flag is no value, unless it is said to be one. */
    REFUSED("flag '--workspace' needs a value", HELP, "--workspace", "--json", "a");
    REFUSED("flag '--workspace' needs a value", HELP, "--workspace", "--limit=3", "a");
    struct wanted w;
    struct err err = {0};
    CHECK(READ(&w, &err, "--workspace=--json", "a"));
    CHECK_STR(w.workspace, "--json");
    CHECK(READ(&w, &err, "--workspace", "-x", "a"));
    CHECK_STR(w.workspace, "-x");
}

TEST(values_out_of_range)
{
    REFUSED("--limit '0' is not a whole number from 1 to 1000", HELP, "--limit", "0", "a");
    REFUSED("--limit '1001' is not a whole number from 1 to 1000", HELP, "--limit=1001", "a");
    REFUSED("--limit '-1' is not a whole number from 1 to 1000", HELP, "--limit", "-1", "a");
    REFUSED("--limit '1.5' is not a whole number from 1 to 1000", HELP, "--limit", "1.5", "a");
    REFUSED("--limit '18446744073709551617' is not a whole number from 1 to 1000", HELP, "--limit",
            "18446744073709551617", "a");
    REFUSED("--days '4294967296' is not a whole number from 0 to 4294967295", HELP, "--days",
            "4294967296", "a");
    REFUSED("--share '1.01' is not a number from 0 to 1", HELP, "--share", "1.01", "a");
    REFUSED("--share 'nan' is not a number from 0 to 1", HELP, "--share", "nan", "a");
    REFUSED("--from 'yesterday' is not a time", "2026-11-22 or 2026-11-22T08:15:00Z", "--from",
            "yesterday", "a");
    REFUSED("--from '2026-02-30' is not a time", "2026-11-22 or 2026-11-22T08:15:00Z", "--from",
            "2026-02-30", "a");
}

TEST(words_that_are_not_allowed)
{
    REFUSED("--order 'new' is not known", "newest, oldest or relevant", "--order", "new", "a");
    REFUSED("--order 'newest, oldest' is not known", "newest, oldest or relevant", "--order",
            "newest, oldest", "a");
    REFUSED("--letter 'xy' is not understood", "one letter", "--letter", "xy", "a");
}

TEST(bounds_that_are_not_said)
{
    uint64_t seed = 1;
    int64_t number = 1;
    double least = 0, any = 0;
    struct err err = {0}, wrong = {0}, real = {0}, free = {0};
    const struct cli_option options[] = {
        CLI_WHOLE("--seed", &seed, 0, UINT64_MAX), CLI_WHOLE("--number", &number, 1, INT64_MAX),
        CLI_REAL("--least", &least, 2, INFINITY), CLI_REAL("--any", &any, -INFINITY, INFINITY)};

    CHECK(read_table(options, 4, &err,
                     WORDS("--seed=18446744073709551615", "--number=9223372036854775807",
                           "--least=1e300", "--any", "-1e300")));
    CHECK(seed == UINT64_MAX && number == INT64_MAX && least > 9e299 && any < -9e299);
    CHECK(!read_table(options, 4, &wrong, WORDS("--number=9223372036854775808")));
    assert_string_equal(wrong.msg,
                        "--number '9223372036854775808' is not a whole number from 1 on");
    CHECK(!read_table(options, 4, &real, WORDS("--least=1")));
    assert_string_equal(real.msg, "--least '1' is not a number from 2 on");
    CHECK(!read_table(options, 4, &free, WORDS("--any=much")));
    assert_string_equal(free.msg, "--any 'much' is not a number");
}

TEST(unknown_flags_and_what_was_meant)
{
    REFUSED("unknown flag '--limt'", "did you mean --limit? " HELP, "--limt", "3", "a");
    REFUSED("unknown flag '--LIMIT'", "did you mean --limit? " HELP, "--LIMIT=3", "a");
    REFUSED("unknown flag '--work'", "did you mean --workspace? " HELP, "--work=acme", "a");
    REFUSED("unknown flag '--ordre'", "did you mean --order? " HELP, "--ordre", "newest", "a");
    REFUSED("unknown flag '--colour'", HELP, "--colour", "a");
    REFUSED("unknown flag '-x'", HELP, "-x", "a");
    REFUSED("flag '--json' takes no value", HELP, "--json=yes", "a");
}

TEST(texts_are_utf8_and_paths_are_not)
{
    REFUSED("--workspace: not valid UTF-8 at byte 2",
            "give it in UTF-8, the encoding of every text here", "--workspace", "a\377", "a");
    REFUSED("query: not valid UTF-8 at byte 1", "give it in UTF-8, the encoding of every text here",
            "\300\200");
    struct wanted w;
    struct err err = {0};
    CHECK(READ(&w, &err, "B\303\244r", "\377"));
    CHECK_STR(w.query, "B\303\244r");
    CHECK_STR(w.paths.items[0], "\377");
    vec_deinit(&w.paths);
}

TEST(too_few_and_too_many_arguments)
{
    Str one = STR_NONE, two = STR_NONE;
    struct err err = {0}, many = {0};
    const struct cli_option options[] = {CLI_ARGUMENT("folder", &one, true, NULL),
                                         CLI_FILE("name", &two, false, NULL)};

    REFUSED("no query is given", "name one", "--json");
    CHECK(read_table(options, 2, &err, WORDS("a")));
    CHECK(!read_table(options, 2, &err, 0, NULL));
    assert_string_equal(err.msg, "no folder is given");
    assert_string_equal(err.hint, HELP);
    CHECK(!read_table(options, 2, &many, WORDS("a", "b", "c")));
    assert_string_equal(many.msg, "one argument too many: 'c'");
    CHECK_STR(one, "a");
    CHECK_STR(two, "b");
}

TEST(a_needed_list_wants_one)
{
    struct cli_paths paths = {0};
    const struct cli_option options[] = {CLI_FILES("file of posts", &paths, true, "or -")};
    struct err err = {0};

    CHECK(!read_table(options, 1, &err, 0, NULL));
    assert_string_equal(err.msg, "no file of posts is given");
    CHECK(read_table(options, 1, &(struct err){0}, WORDS("a")));
    vec_deinit(&paths);
}

/* A value may be longer than any message. */
TEST(long_values_fit_into_messages)
{
    static char flag[5000], value[5000];
    struct wanted w;
    struct err err = {0}, unknown = {0};

    memset(value, '7', sizeof value - 1);
    memset(flag, '-', sizeof flag - 1);
    CHECK(!READ(&w, &err, "--limit", value, "a"));
    CHECK_INT(err.code, ERR_USAGE);
    CHECK(!READ(&w, &unknown, flag, "a"));
    CHECK_INT(unknown.code, ERR_USAGE);
}

int main(void)
{
    return RUN(CASE(every_kind_is_read), CASE(what_is_not_given_stays),
               CASE(both_spellings_mean_the_same), CASE(the_last_of_repeated_flags_counts),
               CASE(a_double_hyphen_ends_the_flags),
               CASE(standard_input_is_an_argument_and_nothing_is_none), CASE(missing_values),
               CASE(values_out_of_range), CASE(words_that_are_not_allowed),
               CASE(bounds_that_are_not_said), CASE(unknown_flags_and_what_was_meant),
               CASE(texts_are_utf8_and_paths_are_not), CASE(too_few_and_too_many_arguments),
               CASE(a_needed_list_wants_one), CASE(long_values_fit_into_messages));
}
