/* limits.h - every limit that more than one module obeys: name, unit, policy when reached.
 *
 * A limit of one module stands in that module. Change one here and the documentation page limits.md
 * in docs follows.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB (1024ULL)
#define MIB (1024ULL * KIB)
#define GIB (1024ULL * MIB)

/* Containers */
#define MAP_ENTRIES_MAX   (UINT32_C(1) << 30) /* reject */
#define MAP_KEY_BYTES_MAX (4 * GIB)           /* reject */

/* Input */
#define INPUT_LINE_BYTES_MAX (16 * MIB) /* one record of a line format: the row is rejected */
#define INPUT_PADDING_BYTES  64         /* readable bytes behind a line, for wide loads */
#define JSON_DEPTH_MAX       64         /* nested values: the row is rejected */
#define POST_TEXT_BYTES_MAX  (1 * MIB)  /* the row is rejected */
#define POST_LINKS_MAX       100        /* further links are dropped */
#define INFLATE_RATIO_MAX    1000 /* decompressed / compressed bytes after the first MiB: stop */

/* Queries */
#define QUERY_BYTES_MAX     (1 * MIB) /* reject; 100,000 characters are promised */
#define QUERY_DEPTH_MAX     200       /* nested brackets: reject with position */
#define QUERY_SET_COUNT_MAX 1000000   /* reject */

/* Work in memory */
#define REQUEST_ARENA_BYTES_MAX (64 * MIB) /* of one HTTP request: 413 */
#define REQUEST_ARENA_KEEP_BACK (16 * MIB) /* of it, for the answer after input took the rest */
#define BATCH_ARENA_BYTES_MAX   (512 * MIB)
#define BODY_BYTES_MAX          (8 * MIB) /* HTTP request body: 413 */

#endif
