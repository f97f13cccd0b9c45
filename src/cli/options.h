/* options.h - what a command takes, as a table, and the one parser of it.
 *
 *     const struct cli_option options[] = {
 *         CLI_TEXT("--workspace", &r.workspace),
 *         CLI_FLAG("-q, --quiet", &r.is_quiet),
 *         CLI_WHOLE("--limit", &r.limit, 1, SEARCH_PAGE_MAX),
 *         CLI_CHOICE("--order", &r.order, "newest, oldest or relevant"),
 *         CLI_ARGUMENT("query", &r.query, true, "trimtab post search 'late OR delayed'"),
 *     };
 *     if (!cli_options_read("post search", options, COUNT_OF(options), argc, argv, &err))
 *         return cli_report("post search", &err);
 *
 * The command sets its defaults before; only what is given is written. Names that begin with '-'
 * are flags, several spellings with ", " between; other names are positional arguments, filled in
 * the order of the table. "--flag value" and "--flag=value" are the same; "--" ends the flags; a
 * flag that is given twice counts as the last time. A value that is itself a flag of the table has
 * to be written with '='. Texts must be UTF-8, paths may be any bytes; neither is empty, but for a
 * positional argument that is not needed.
 *
 * Every mistake is ERR_USAGE: what was wrong, what is allowed, and where to read on. With the one
 * argument --flags the table is printed instead, a flag and its values a line, for shell completion
 * and to hold it against the help: false with no error set then (cli_report() takes that as done).
 *
 * Values point into argv. Not thread-safe beside others that write to standard output.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/err.h"
#include "base/vec.h"
#include "listen/decode/decode.h"

enum cli_kind {
    CLI_KIND_FLAG,   /* true when given */
    CLI_KIND_TEXT,   /* UTF-8 */
    CLI_KIND_PATH,   /* any bytes */
    CLI_KIND_PATHS,  /* each time one more */
    CLI_KIND_WHOLE,  /* decimal, of 4 or 8 bytes */
    CLI_KIND_REAL,   /* decimal, finite */
    CLI_KIND_TIME,   /* day or moment, in ms UTC */
    CLI_KIND_CHOICE, /* which of `words`, from 0 */
    CLI_KIND_WORD    /* what `read` knows */
};

struct cli_paths {
    VEC(Str); /* vec_deinit() is the caller's */
};

/* False: not one of the words that are allowed; *to is then untouched. */
typedef bool cli_word_reader(Str word, void *to);

struct cli_option {
    const char *name;
    enum cli_kind kind;
    bool is_needed; /* positional: missing is a mistake */
    union {
        bool *flag;
        Str *text;
        struct cli_paths *paths;
        void *whole; /* of `size` bytes */
        double *real;
        int64_t *time_ms;
        unsigned *choice; /* an enum whose values follow `words` */
        void *word;
    } to;
    size_t size;
    uint64_t least, most;         /* whole; most >= INT64_MAX: not said */
    double real_least, real_most; /* INFINITY: not said */
    const char *words;            /* choice, word: "newest, oldest or relevant" */
    cli_word_reader *read;
    const char *remedy; /* positional: the hint when it is missing */
};

#define CLI_OPTION_(spelling, KIND, ...)                                                           \
    {                                                                                              \
        .name = (spelling), .kind = CLI_KIND_##KIND, __VA_ARGS__                                   \
    }
#define CLI_FLAG(spelling, where) CLI_OPTION_(spelling, FLAG, .to.flag = (where))
#define CLI_TEXT(spelling, where) CLI_OPTION_(spelling, TEXT, .to.text = (where))
#define CLI_PATH(spelling, where) CLI_OPTION_(spelling, PATH, .to.text = (where))
#define CLI_TIME(spelling, where) CLI_OPTION_(spelling, TIME, .to.time_ms = (where))
/* `where` points to an integer of 32 or 64 bits that holds least to most. */
#define CLI_WHOLE(spelling, where, from, upto)                                                     \
    CLI_OPTION_(                                                                                   \
        spelling, WHOLE, .to.whole = (where),                                                      \
        .size = _Generic((where), int32_t * : 4, uint32_t * : 4, int64_t * : 8, uint64_t * : 8),   \
        .least = (from), .most = (upto))
#define CLI_REAL(spelling, where, from, upto)                                                      \
    CLI_OPTION_(spelling, REAL, .to.real = (where), .real_least = (from), .real_most = (upto))
#define CLI_CHOICE(spelling, where, allowed)                                                       \
    CLI_OPTION_(spelling, CHOICE, .to.choice = (where), .words = (allowed))
#define CLI_WORD(spelling, where, reader, allowed)                                                 \
    CLI_OPTION_(spelling, WORD, .to.word = (where), .read = (reader), .words = (allowed))
/* A cli_word_reader of a room's own `name_from(Str, T *)`. */
#define CLI_READER(reader, from, T)                                                                \
    static bool reader(Str word, void *to)                                                         \
    {                                                                                              \
        return from(word, (T *)to);                                                                \
    }

/* Where a command works. */
#define CLI_WORKSPACE(workspace, data) CLI_TEXT("--workspace", workspace), CLI_PATH("--data", data)
/* --format of posts, into an enum decode_format. */
#define CLI_FORMAT(where) CLI_WORD("--format", where, cli_read_format, CLI_FORMAT_WORDS)
#define CLI_FORMAT_WORDS  "auto, " DECODE_FORMAT_NAMES
bool cli_read_format(Str word, void *to);

/* Positional: `what` is the noun of messages, `advice` the hint when a needed one is missing. */
#define CLI_ARGUMENT(what, where, needed, advice)                                                  \
    CLI_OPTION_(what, TEXT, .to.text = (where), .is_needed = (needed), .remedy = (advice))
#define CLI_FILE(what, where, needed, advice)                                                      \
    CLI_OPTION_(what, PATH, .to.text = (where), .is_needed = (needed), .remedy = (advice))
#define CLI_FILES(what, where, needed, advice)                                                     \
    CLI_OPTION_(what, PATHS, .to.paths = (where), .is_needed = (needed), .remedy = (advice))
#define CLI_ARGUMENT_CHOICE(what, where, allowed)                                                  \
    CLI_OPTION_(what, CHOICE, .to.choice = (where), .words = (allowed), .is_needed = true,         \
                .remedy = (allowed))

bool cli_options_read(const char *command, const struct cli_option *options, size_t count, int argc,
                      char **argv, struct err *err) MUST_CHECK;

#endif
