/* ledger.h - the hash-chained record of every decision and change.
 *
 * An entry is appended in the transaction of the change it records, so neither exists without the
 * other. Each entry carries the hash of its predecessor; who alters, removes, inserts or reorders
 * an entry breaks the chain, and ledger_verify() says where. What a chain alone cannot show is a
 * tail cut off together with its head record, or a chain rewritten from some entry on: for that the
 * head (number and hash) is printed on decision papers and given to ledger_verify() as an anchor.
 * The same table lies in system.db (accounts, workspaces) and in every state.db.
 *
 * Entries hold no text or name of post authors (they refer to evidence by id), so that erasing a
 * person never needs a change here.
 *
 * Hash, byte by byte. SHA-256 over the concatenation of
 *
 *     bytes  what
 *        17  the ASCII text "trimtab ledger 1" and one line feed (0x0a)
 *        32  hash of the entry before; 32 zero bytes for the first entry
 *         8  seq, unsigned, most significant byte first; the first entry has 1
 *         8  at_ms, milliseconds since 1970-01-01T00:00:00Z, two's complement, most significant
 *            byte first
 *     then for each of actor, action, object_kind, object_id, reason, before_json, after_json, in
 *     this order:
 *         1  0x00 absent (SQL NULL; nothing more follows for this text) or 0x01 present
 *         8  length in bytes, unsigned, most significant byte first
 *       len  the bytes as stored (UTF-8), without terminator
 *
 * Only before_json and after_json may be absent. The stored hash is the raw 32 bytes. The program
 * tools/ledger_verify.c computes the same from this comment, sharing no code with the product.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "db/db.h"

enum {
    LEDGER_HASH_BYTES = 32,
    LEDGER_HEX_BYTES = 64,
    LEDGER_NAME_BYTES_MAX = 200,         /* actor, action, object_kind, object_id: reject */
    LEDGER_REASON_BYTES_MAX = 64 * 1024, /* reject */
    LEDGER_JSON_BYTES_MAX = 1024 * 1024, /* before, after: reject */
    LEDGER_LIST_COUNT_MAX = 10000        /* entries a page: clamped */
};

struct ledger_entry {
    int64_t seq;     /* from 1 without gaps; set by the ledger */
    int64_t at_ms;   /* UTC */
    Str actor;       /* login, "token:<name>", "system", never empty */
    Str action;      /* "topic.rate", "version.decide": object.verb, never empty */
    Str object_kind; /* "topic", never empty */
    Str object_id;   /* may be empty */
    Str reason;      /* what the person gave; may be empty */
    Str before_json; /* NULL pointer: absent */
    Str after_json;  /* NULL pointer: absent */
    char hash_hex[LEDGER_HEX_BYTES + 1]; /* set by the ledger */
};

/* Appends inside the caller's transaction (db_begin); outside of one is a bug. seq and hash_hex of
 * `entry` are ignored. ERR_INPUT: an empty required text or invalid UTF-8. ERR_LIMIT: too long. */
bool ledger_append(struct db *db, const struct ledger_entry *entry, struct err *err) MUST_CHECK;

/* Number and hash of the last entry; 0 and 64 zeros when there is none. */
struct ledger_head {
    int64_t seq;
    char hash_hex[LEDGER_HEX_BYTES + 1];
};
bool ledger_head_read(struct db *db, struct ledger_head *out, struct err *err) MUST_CHECK;

enum ledger_fault {
    LEDGER_SOUND,
    LEDGER_MISSING,   /* a number is skipped, or entries before the head are gone */
    LEDGER_CONTENT,   /* content does not give the stored hash; the successor confirms the hash */
    LEDGER_HASH,      /* the stored hash was altered; content and successor agree */
    LEDGER_LINK,      /* the stored hash of the predecessor was altered; the rest agrees */
    LEDGER_REWRITTEN, /* entry and hash agree, but the successor or the head expects others */
    LEDGER_ENTRY,     /* content does not give the stored hash, and nothing tells which is wrong */
    LEDGER_FORM,      /* a column has the wrong type or length */
    LEDGER_HEAD,      /* the entries are sound but the head record is absent or differs */
    LEDGER_ANCHOR     /* the chain is sound but is not the one of the anchor */
};

struct ledger_report {
    int64_t entries; /* confirmed by their successor or the head; all of them when sound */
    enum ledger_fault fault;
    int64_t first_bad_seq; /* 0 when sound */
    char what[200];        /* a sentence; empty when sound */
    const char *why;       /* the same without the entry's number, for pages; NULL when sound */
    struct ledger_head head;
};

/* Walks the whole chain on one snapshot. Returns true when the walk itself succeeded, also when it
 * found a fault: look at report->fault. `anchor` (may be NULL) is a head noted earlier: the entry
 * of that number must have that hash. */
bool ledger_verify(struct db *db, const struct ledger_head *anchor, struct ledger_report *report,
                   struct err *err) MUST_CHECK;
/* "SEQ:64 hex digits", as printed. ERR_USAGE. */
bool ledger_head_parse(Str text, struct ledger_head *out, struct err *err) MUST_CHECK;

/* Empty texts and zeros do not filter. */
struct ledger_filter {
    Str actor, object_kind, object_id;
    Str action_prefix;      /* "topic." or a whole action */
    int64_t from_ms, to_ms; /* from <= at < to */
    int64_t before_seq;     /* for the next page: the last seq of this one */
    size_t count_max;       /* 0: 100 */
};

/* Newest first; texts live in the arena. */
bool ledger_list(struct arena *arena, struct db *db, const struct ledger_filter *filter,
                 struct ledger_entry **out, size_t *count, struct err *err) MUST_CHECK;

#endif
