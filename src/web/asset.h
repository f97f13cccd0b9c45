/* asset.h - styles, scripts and pictures that travel inside the program.
 *
 * The build packs each file of the page kit three times: as it is, gzip and brotli. Its address
 * holds the start of its SHA-256, so a browser may keep it for a year and a new version is a new
 * address. The table is built once by assets_init() and constant after that; any thread may read.
 */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include "base/err.h"
#include "base/str.h"

struct asset {
    Str name;         /* "app.css" */
    Str url;          /* "/assets/app-1f2e3d4c5b.css" */
    Str plain;        /* the bytes */
    Str gzip, brotli; /* empty where packing did not make it smaller */
    Str etag;         /* quoted */
    const char *content_type;
};

bool assets_init(struct err *err) MUST_CHECK;

/* NULL: no such asset. */
const struct asset *asset_by_name(Str name);
const struct asset *asset_by_url(Str url);
/* The address of an asset that the template compiler has checked to exist. */
Str asset_url(Str name);

#endif
