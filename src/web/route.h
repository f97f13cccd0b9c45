/* route.h - the explicit table of everything the server answers.
 *
 * Patterns consist of literal segments and {names}; the first row that fits wins. A row says which
 * permission the person or token needs. A pattern with {workspace} lends the handler that
 * workspace. Every row of the API is described in docs/openapi.json; a test compares the two.
 */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/request.h"

enum { ROUTE_OPEN = -2, ROUTE_SIGNED_IN = -1 }; /* else an enum permission */

struct route {
    unsigned methods; /* of enum http_method */
    const char *pattern;
    bool (*handle)(struct request *req, struct err *err);
    int access;
};

extern const struct route routes[];
extern const size_t route_count;

/* Does the path fit? It is compared as received, so an encoded slash stays inside its segment.
 * Captures are decoded; they go to *captured when it is not NULL. */
bool route_match(const char *pattern, Str path, struct arena *arena, struct params *captured);
/* Before the body: does its route take a file, and may who asks send one? The databases of the
 * request are open afterwards, whatever the answer. */
bool route_takes_upload(struct request *req);
bool route_admit(struct request *req, struct err *err) MUST_CHECK;
/* The first row that fits path and method. *allowed: all methods of the path (enum http_method), 0:
 * nothing is there; it tells 405 from 404. */
const struct route *route_find(Str path, enum http_method method, struct arena *arena,
                               struct params *captured, unsigned *allowed);

#endif
