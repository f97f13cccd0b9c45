/* ledger_verify.c - checks the ledger of a Trimtab database without any of Trimtab's code.
 *
 *     ledger_verify state.db [SEQ:HASH]
 *
 * Written from the comment in src/ledger/ledger.h, for auditors: read it, compile it, run it on a
 * copy or a backup. Needs SQLite and libsodium. SEQ:HASH is a head noted earlier (on a decision
 * paper, say); the entry of that number must have that hash. Exit code 0: the chain is sound,
 * 1: it is not (standard output says where), 2: it cannot be read.
 */
#include <sodium.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { HASH = 32, TEXT_FIRST = 2, TEXT_LAST = 8, PREVIOUS = 9, STORED = 10 };

static const char *const columns[] = {"seq",    "at_ms",       "actor",
                                      "action", "object_kind", "object_id",
                                      "reason", "before_json", "after_json"};

static void add_number(crypto_hash_sha256_state *state, uint64_t value)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    crypto_hash_sha256_update(state, bytes, sizeof bytes);
}

static void hash_entry(sqlite3_stmt *row, unsigned char out[HASH])
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)"trimtab ledger 1\n", 17);
    crypto_hash_sha256_update(&state, sqlite3_column_blob(row, PREVIOUS), HASH);
    add_number(&state, (uint64_t)sqlite3_column_int64(row, 0));
    add_number(&state, (uint64_t)sqlite3_column_int64(row, 1));
    for (int i = TEXT_FIRST; i <= TEXT_LAST; i++) {
        unsigned char is_present = sqlite3_column_type(row, i) != SQLITE_NULL;
        crypto_hash_sha256_update(&state, &is_present, 1);
        if (!is_present)
            continue;
        const void *text = sqlite3_column_blob(row, i);
        uint64_t len = (uint64_t)sqlite3_column_bytes(row, i);
        add_number(&state, len);
        if (len > 0)
            crypto_hash_sha256_update(&state, text, len);
    }
    crypto_hash_sha256_final(&state, out);
}

static int bad(long long seq, const char *what)
{
    printf("entry %lld: %s\n", seq, what);
    return 1;
}

/* Types are looked at as stored: nothing may be converted on the way into the hash. */
static int check_form(sqlite3_stmt *row, long long seq)
{
    char what[100];

    for (int i = 1; i <= TEXT_LAST; i++) {
        int type = sqlite3_column_type(row, i), wanted = i == 1 ? SQLITE_INTEGER : SQLITE_TEXT;
        if (type == wanted || (i >= TEXT_LAST - 1 && type == SQLITE_NULL))
            continue;
        snprintf(what, sizeof what, "%s has the wrong type", columns[i]);
        return bad(seq, what);
    }
    for (int i = PREVIOUS; i <= STORED; i++)
        if (sqlite3_column_type(row, i) != SQLITE_BLOB || sqlite3_column_bytes(row, i) != HASH)
            return bad(seq, "a hash has the wrong length");
    return 0;
}

static int walk(sqlite3_stmt *row, const char *anchor, long long *seq, unsigned char last[HASH])
{
    unsigned char computed[HASH];
    char head[120], hex[2 * HASH + 1];
    int is_anchor_seen = anchor == NULL, code;

    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        if (sqlite3_column_int64(row, 0) != *seq + 1)
            return bad(*seq + 1, "it is missing");
        if (check_form(row, ++*seq))
            return 1;
        if (memcmp(sqlite3_column_blob(row, PREVIOUS), last, HASH) != 0)
            return bad(*seq, "it does not follow the entry before it");
        hash_entry(row, computed);
        if (memcmp(sqlite3_column_blob(row, STORED), computed, HASH) != 0)
            return bad(*seq, "its hash is not the hash of its content");
        memcpy(last, computed, HASH);
        sodium_bin2hex(hex, sizeof hex, computed, HASH);
        snprintf(head, sizeof head, "%lld:%s", *seq, hex);
        if (anchor && strcmp(head, anchor) == 0)
            is_anchor_seen = 1;
    }
    if (code != SQLITE_DONE)
        return 2;
    return is_anchor_seen ? 0 : bad(*seq, "the chain does not hold the head that was given");
}

int main(int argc, char **argv)
{
    unsigned char last[HASH] = {0};
    char hex[2 * HASH + 1];
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL, *head = NULL;
    long long seq = 0;

    if (argc < 2 || argc > 3 || sodium_init() < 0) {
        fprintf(stderr, "usage: ledger_verify DATABASE [SEQ:HASH]\n");
        return 2;
    }
    int result = 2;
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db,
                           "SELECT seq, at_ms, actor, action, object_kind, object_id, reason,"
                           " before_json, after_json, previous_hash, hash FROM ledger_entry"
                           " ORDER BY seq",
                           -1, &row, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT seq, hash FROM ledger_head", -1, &head, NULL) == SQLITE_OK)
        result = walk(row, argc == 3 ? argv[2] : NULL, &seq, last);
    if (result == 0 && (sqlite3_step(head) != SQLITE_ROW || sqlite3_column_int64(head, 0) != seq ||
                        sqlite3_column_bytes(head, 1) != HASH ||
                        memcmp(sqlite3_column_blob(head, 1), last, HASH) != 0))
        result = bad(seq, "the head record names another one as the last");
    if (result == 0)
        printf("%lld entries are sound, head %lld:%s\n", seq, seq,
               sodium_bin2hex(hex, sizeof hex, last, HASH));
    if (result == 2)
        fprintf(stderr, "cannot read the ledger of %s: %s\n", argv[1], sqlite3_errmsg(db));
    sqlite3_finalize(head);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return result;
}
