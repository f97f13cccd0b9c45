/* json_difference.h - where two JSON trees first differ.
 *
 * Members of objects are matched by name, whatever their order; numbers are the same when their
 * shortest texts are. Pure, nothing allocated, thread-safe.
 */
#ifndef FORMAT_JSON_DIFFERENCE_H
#define FORMAT_JSON_DIFFERENCE_H

#include "format/json.h"

struct json_difference {
    const struct json *a, *b; /* the two values; NULL: that side has none */
    struct json_place place;  /* "versions[0].net_benefit.p50" */
};

/* False: the trees hold the same. The first difference is the first in the order of `a`; of what
 * only `b` has, after all that is in the same container of `a`. */
bool json_first_difference(const struct json *a, const struct json *b, struct json_difference *out);

#endif
