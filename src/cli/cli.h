/* cli.h - the command line: trimtab NOUN VERB [flags] [arguments].
 *
 * Every command is one row of the table in cli.c, which feeds dispatch, help and completion. A
 * command gets its arguments after "NOUN VERB". Exit codes: 0 ok, 1 failure, 2 usage, 3 finished
 * with rejected rows. Data goes to standard output, words to standard error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"
#include "base/str.h"
#include "base/version.h"

enum cli_exit { CLI_OK = 0, CLI_FAILURE = 1, CLI_USAGE = 2, CLI_REJECTED_ROWS = 3 };

struct cli_command {
    const char *noun, *verb;
    int (*run)(int argc, char **argv); /* argv[0] is the first argument after the verb */
    const char *synopsis;              /* arguments as in the manual */
    const char *summary;               /* one line for the overview */
    const char *help;                  /* examples first, then flags and limits */
};

/* Serving is the pages' work, and cli/ does not know them: main.c hands the function in. It returns
 * when the program is told to stop (SIGINT, SIGTERM), or false when the address cannot be had. */
struct serve_options {
    Str listen;       /* "127.0.0.1:8080"; empty: the default */
    Str data_dir;     /* resolved */
    unsigned threads; /* 0: twice the processors */
    bool is_https;    /* a proxy in front speaks TLS */
    bool has_sources; /* sources are read as well */
    bool allows_private_sources;
    Str folder_root;       /* folders below it may be watched */
    int64_t poll_least_ms; /* 0: the default */
    int64_t measure_ms;    /* 0: the default */
};
typedef bool serve_function(const struct serve_options *options, struct err *err);

int cli_main(int argc, char **argv, serve_function *serve);
/* The program as it was called, for advice that can be typed in. */
const char *cli_program(void);
/* Calls what main.c handed in. */
bool cli_serve(const struct serve_options *options, struct err *err) MUST_CHECK;

/* Prints "trimtab NOUN VERB: message (hint)" to standard error; returns the exit code that belongs
 * to the error: usage and input mistakes and names of what is not there 2, everything else 1.
 * Without an error it prints nothing: cli_options_read() has answered already. */
int cli_report(const char *command, const struct err *err);

/* Walks the arguments of one command, one by one. What commands take they say as a table instead
 * (options.h), which stands on this.
 *
 *     struct cli_args args = {.count = argc, .values = argv};
 *     while (cli_next(&args))
 *         if (cli_flag(&args, "--count")) is_count = true;
 *         else if (cli_value(&args, "--threads", &text)) ...      ("--threads N" and "--threads=N")
 *
 * A value flag at the end without its value sets args.missing_value; "--" ends the flags.
 */
struct cli_args {
    int count;
    char **values;
    int at;
    Str current;
    bool is_past_flags;
    const char *missing_value; /* the flag that lacks its value; check after the loop */
};

bool cli_next(struct cli_args *args);
bool cli_flag(struct cli_args *args, const char *name);
bool cli_value(struct cli_args *args, const char *name, Str *value);
bool cli_is_flag(const struct cli_args *args);

#endif
