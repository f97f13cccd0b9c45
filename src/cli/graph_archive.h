/* graph_archive.h - `graph influence` over the stored posts of a workspace: who is heard in the
 * topic of a query. */
#ifndef CLI_GRAPH_ARCHIVE_H
#define CLI_GRAPH_ARCHIVE_H

#include "base/err.h"
#include "base/str.h"

#define GRAPH_DAYS_DEFAULT 90

struct graph_archive_request {
    Str workspace, query, data; /* data may be empty */
    Str gexf;                   /* path, may be empty */
    int64_t days;               /* window up to the last stored post; 0: all */
    bool is_json;
};

bool graph_archive_run(const struct graph_archive_request *request, struct err *err) MUST_CHECK;

#endif
