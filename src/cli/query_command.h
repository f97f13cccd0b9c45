/* query_command.h - what the files of `trimtab query ...` share. */
#ifndef CLI_QUERY_COMMAND_H
#define CLI_QUERY_COMMAND_H

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/query_file.h"
#include "listen/decode/decode.h"

struct query_match_options {
    const Str *paths; /* of posts; "-" = standard input */
    size_t path_count;
    size_t thread_count;
    bool is_count, is_json;
    struct decode_options decode;
};

/* Returns the exit code. */
int query_match_run(const struct query_match_options *options, struct query_file *queries);

/* Appends a JSON string with its quotes. */
void query_command_json_str(struct buf *out, Str text);

#endif
