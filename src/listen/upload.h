/* upload.h - files that people brought in: kept, looked at, imported, imported again.
 *
 * A file lies in <workspace>/files/uploads/<id> and has a row in state.db. Bringing one in and
 * removing one writes a ledger entry in the same transaction; the posts of a removed file stay.
 *
 *     waiting ─► importing ─► done ─► importing (again, with other queries)
 *                    └──────► failed, stopped ─► importing
 *
 * Threads: as the connection. Memory: what is read lives in the arena.
 */
#ifndef LISTEN_UPLOAD_H
#define LISTEN_UPLOAD_H

#include "ledger/workspace.h"
#include "listen/decode/decode.h"
#include "listen/import.h"

#define UPLOAD_BYTES_MAX      (2 * GIB)  /* one file: reject */
#define UPLOAD_KEPT_BYTES_MAX (16 * GIB) /* all of a workspace: reject */
#define UPLOAD_NAME_BYTES_MAX 200        /* cut */
#define UPLOAD_LOOK_POSTS     2000       /* rows that a look reads, at most a block */
#define UPLOAD_LOOK_REJECTS   5          /* of them told */
#define UPLOAD_HINTS          8          /* words that a look proposes to ask for */

enum upload_state { UPLOAD_WAITING, UPLOAD_IMPORTING, UPLOAD_DONE, UPLOAD_FAILED, UPLOAD_STOPPED };
const char *upload_state_name(enum upload_state state);

struct upload {
    int64_t id;
    Str name, source, mapping, problem, actor;
    int64_t size;
    enum upload_state state;
    int64_t import; /* 0: never */
    int64_t query_set;
    struct intake_counts counts; /* of the last import */
    double seconds;
    int64_t created_at_ms, finished_at_ms;
};

/* Needs name, size and source (empty: made of the name); sets the rest. `part` becomes the file of
 * the upload. ERR_LIMIT: more than may be kept. */
bool upload_add(struct workspace *w, Str part, struct upload *upload, Str actor, int64_t now_ms,
                struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool upload_read(struct arena *arena, struct db *state, int64_t id, struct upload *out,
                 struct err *err) MUST_CHECK;
/* The latest first. */
bool upload_list(struct arena *arena, struct db *state, struct upload **out, size_t *count,
                 struct err *err) MUST_CHECK;
/* Writes mapping, source, state, problem, import, counts and times. */
bool upload_write(struct db *state, const struct upload *upload, struct err *err) MUST_CHECK;
/* ERR_CONFLICT while it is imported. */
bool upload_remove(struct workspace *w, const struct upload *upload, Str actor, int64_t now_ms,
                   struct err *err) MUST_CHECK;
Str upload_path(struct arena *arena, const struct workspace *w, int64_t id);
/* Where a part may be written: <workspace>/files/uploads/part-<name>; the folder exists. */
bool upload_part_path(struct arena *arena, const struct workspace *w, uint64_t name, Str *out,
                      struct err *err) MUST_CHECK;

/* How its file is read: what is called .csv or .tsv is taken for it whatever its heading says. */
struct decode_options upload_options(const struct upload *upload);

/* What the beginning of the file holds, read with its mapping. */
struct upload_hint {
    Str text; /* as a query */
    int64_t posts;
};
struct upload_look {
    enum decode_format format;
    struct decode_columns columns;
    struct decode_batch batch; /* posts and rejects */
    bool is_whole;             /* nothing follows the rows looked at */
    struct upload_hint hints[UPLOAD_HINTS];
    size_t hint_count;
};
/* ERR_INPUT: not recognisable, with what is allowed; *look can be closed all the same. */
bool upload_look(struct arena *arena, const struct workspace *w, const struct upload *upload,
                 struct upload_look *look, struct err *err) MUST_CHECK;
void upload_look_close(struct upload_look *look);

#endif
