/* db_priv.h - what the files of this room share. Nobody outside of it includes this. */
#ifndef DB_DB_PRIV_H
#define DB_DB_PRIV_H

#include <sqlite3.h>

#include "base/map.h"
#include "base/vec.h"
#include "db/db.h"

enum {
    DB_MAGIC = 0x7472696d,
    STMT_MAGIC = 0x73746d74,
    /* Every text is a literal of the program, so these bound a mistake, not a workload. */
    DB_STATEMENTS_MAX = 4096,
    DB_STATEMENTS_OF_ONE_TEXT_MAX = 64, /* in use at once: more means that none is ever reset */
    DB_NESTING_MAX = 32
};

struct stmt {
    uint32_t magic;
    struct db *db;
    sqlite3_stmt *handle;
    struct stmt *next;  /* of the same text */
    bool is_taken;      /* between db_query() or a bind and the reset */
    bool is_running;    /* stepped, not yet reset */
    int bind_code;      /* first failure of a bind, SQLITE_OK if none */
    int bind_parameter; /* where it failed */
};

/* The transaction a connection has open for writing, for the messages of those who wait. */
struct writer {
    struct db *db;     /* NULL: not entered */
    const char *site;  /* "ledger.c:120" */
    uint64_t since_ns; /* monotonic */
    struct writer *next;
};

/* Where a literal's statement is, by its address: most texts are asked for thousands of times. */
struct text_place {
    const char *sql; /* NULL: free */
    size_t len;
    size_t index; /* into statements */
};

enum { DB_TEXT_PLACES = 128 }; /* a power of two; two texts on one place take turns */

struct db {
    uint32_t magic;
    sqlite3 *handle;
    struct arena memory; /* path */
    Str path;
    struct map texts; /* SQL text -> index into statements */
    struct text_place places[DB_TEXT_PLACES];
    struct {
        VEC(struct stmt *);
    } statements;      /* the first of each text; further ones hang behind it */
    int depth;         /* open transactions, 0 = none */
    bool is_writing;   /* the outermost has write intent */
    bool is_doomed;    /* an inner part was rolled back */
    bool is_full;      /* the disk was, at the last write */
    bool is_read_only; /* opened so */
    struct writer writer;
    int64_t busy_wait_ms;   /* DB_BUSY_WAIT_MS; shorter in tests */
    int64_t blocked_log_ms; /* DB_BLOCKED_LOG_MS; shorter in tests */
    uint64_t busy_since_ns; /* of the present wait */
    bool is_blocked_logged; /* in the present wait */
    uint64_t statement_count;
};

/* Translates an engine code; the engine's own text is taken from the connection. Returns false. */
bool db_fail(struct db *db, int code, struct err *err);
/* SQL that is not a literal of the program: an embedded migration. May hold several statements. */
bool db_script(struct db *db, Str sql, struct err *err) MUST_CHECK;

/* statement.c */
void statements_deinit(struct db *db);

/* writer.c: who writes to which file at the moment, across the threads of this process. */
void writer_enter(struct db *db, const char *site);
void writer_leave(struct db *db);
/* Somebody else's open transaction on the same file; false: not one of this process. */
bool writer_find(const struct db *db, const char **site, int64_t *held_ms);
/* The engine's busy callback; context is the struct db. */
int writer_wait(void *context, int attempt);

#endif
