/* The chain, its verification against every kind of tampering, listing. */
#include "unit/test.h"

#include <sqlite3.h>

#include "db/db_priv.h"
#include "db/migration.h"
#include "format/digest.h"
#include "ledger/ledger.h"
#include "unit/scratch.h"

enum { ENTRIES = 6 };

static struct ledger_entry sample(int64_t i)
{
    struct ledger_entry e = {.at_ms = 1700000000000 + i * 1000,
                             .actor = i % 2 ? S("ann") : S("bob"),
                             .action = i % 3 ? S("topic.rate") : S("version.decide"),
                             .object_kind = i % 3 ? S("topic") : S("version"),
                             .object_id = S("T7"),
                             .reason = S("more complaints than a year ago, \xc3\xa4hnlich"),
                             .after_json = S("{\"affinity\":3}")};

    if (i > 1)
        e.before_json = S("{\"affinity\":2}");
    return e;
}

static struct db *open_ledger(struct scratch *s, const char *name)
{
    struct err err = {0};
    struct db *db = NULL;

    CHECK(db_open(&db, scratch_path(s, name), DB_CREATE, &err));
    CHECK(db_migrate(db, S("schema/state/0101_"), &err));
    return db;
}

static struct db *filled(struct scratch *s, const char *name)
{
    struct err err = {0};
    struct db *db = open_ledger(s, name);

    CHECK(db_begin(db, &err));
    for (int64_t i = 1; i <= ENTRIES; i++) {
        struct ledger_entry e = sample(i);
        CHECK(ledger_append(db, &e, &err));
    }
    CHECK(db_commit(db, &err));
    return db;
}

static struct ledger_report verify(struct db *db, const struct ledger_head *anchor)
{
    struct ledger_report report;
    struct err err = {0};

    bool ok = ledger_verify(db, anchor, &report, &err);
    if (!ok)
        print_error("%s\n", err.msg);
    CHECK(ok);
    return report;
}

/* Behind the ledger's back, with the triggers out of the way. */
static void tamper(struct db *db, const char *sql)
{
    char *message = NULL;

    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL);
    CHECK(sqlite3_exec(db->handle,
                       "PRAGMA ignore_check_constraints = ON;"
                       "DROP TRIGGER IF EXISTS ledger_entry_is_never_changed;"
                       "DROP TRIGGER IF EXISTS ledger_entry_is_never_removed;",
                       NULL, NULL, NULL) == SQLITE_OK);
    if (sqlite3_exec(db->handle, sql, NULL, NULL, &message) != SQLITE_OK)
        print_error("%s: %s\n", sql, message);
    CHECK(!message);
}

/* The bytes of ledger.h, assembled here by hand: a change of the format must not go unnoticed. */
TEST(the_first_hash_is_the_documented_one)
{
    struct scratch s;
    struct err err = {0};
    struct ledger_head head;

    scratch_begin(&s);
    struct db *db = open_ledger(&s, "l.db");
    CHECK(ledger_head_read(db, &head, &err));
    CHECK_INT(head.seq, 0);
    CHECK_STR(str_from_cstr(head.hash_hex),
              "0000000000000000000000000000000000000000000000000000000000000000");
    CHECK(db_begin(db, &err));
    CHECK(ledger_append(db,
                        &(struct ledger_entry){.at_ms = -2,
                                               .actor = S("ann"),
                                               .action = S("a.b"),
                                               .object_kind = S("c"),
                                               .reason = S("why"),
                                               .after_json = S("{}")},
                        &err));
    CHECK(db_commit(db, &err));
    static const char bytes[] = "trimtab ledger 1\n"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\1"
                                "\377\377\377\377\377\377\377\376"
                                "\1\0\0\0\0\0\0\0\3ann"
                                "\1\0\0\0\0\0\0\0\3a.b"
                                "\1\0\0\0\0\0\0\0\1c"
                                "\1\0\0\0\0\0\0\0\0"
                                "\1\0\0\0\0\0\0\0\3why"
                                "\0"
                                "\1\0\0\0\0\0\0\0\2{}";
    DigestHex expected = digest_sha256_hex((Str){bytes, sizeof bytes - 1});
    CHECK(ledger_head_read(db, &head, &err));
    CHECK_INT(head.seq, 1);
    CHECK_STR(str_from_cstr(head.hash_hex), expected.text);
    db_close(&db);
    scratch_end(&s);
}

TEST(a_sound_chain_verifies)
{
    struct scratch s;

    scratch_begin(&s);
    struct db *empty = open_ledger(&s, "e.db"), *db = filled(&s, "l.db");
    CHECK_INT(verify(empty, NULL).fault, LEDGER_SOUND);
    struct ledger_report report = verify(db, NULL);
    CHECK_INT(report.fault, LEDGER_SOUND);
    CHECK_INT(report.entries, ENTRIES);
    CHECK_INT(report.first_bad_seq, 0);
    CHECK_INT(report.head.seq, ENTRIES);
    CHECK_INT(report.what[0], '\0');
    db_close(&empty);
    db_close(&db);
    scratch_end(&s);
}

TEST(an_entry_lives_and_dies_with_its_transaction)
{
    struct scratch s;
    struct err err = {0};
    struct ledger_head head;

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    struct ledger_entry e = sample(9);
    CHECK(db_begin(db, &err));
    CHECK(ledger_append(db, &e, &err));
    db_rollback(db);
    CHECK(ledger_head_read(db, &head, &err));
    CHECK_INT(head.seq, ENTRIES);
    CHECK_INT(verify(db, NULL).fault, LEDGER_SOUND);
    db_close(&db);
    scratch_end(&s);
}

TEST(wrong_entries_are_refused)
{
    static char long_text[LEDGER_NAME_BYTES_MAX + 1];
    struct scratch s;
    struct err err = {0};
    struct ledger_entry e;

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    CHECK(db_begin(db, &err));
    e = sample(1);
    e.actor = S("");
    CHECK(!ledger_append(db, &e, &err));
    CHECK_INT(err.code, ERR_INPUT);
    e = sample(1);
    e.reason = S("\xff");
    CHECK(!ledger_append(db, &e, &err));
    CHECK_INT(err.code, ERR_INPUT);
    memset(long_text, 'x', sizeof long_text);
    e = sample(1);
    e.object_id = (Str){long_text, sizeof long_text};
    CHECK(!ledger_append(db, &e, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    db_rollback(db);
    db_close(&db);
    scratch_end(&s);
}

TEST(the_database_itself_refuses_changes)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    CHECK(!db_run(db, "UPDATE ledger_entry SET reason = 'x' WHERE seq = 2", &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    CHECK(strstr(err.msg, "never changed"));
    CHECK(!db_run(db, "DELETE FROM ledger_entry", &err));
    CHECK(strstr(err.msg, "never removed"));
    db_close(&db);
    scratch_end(&s);
}

/* One altered byte in any column of any entry: found, at its entry, with the right explanation. */
TEST(one_altered_byte_is_found_and_located)
{
    static const struct {
        const char *change; /* of entry %d */
        enum ledger_fault fault;
    } cases[] = {
        {"UPDATE ledger_entry SET at_ms = at_ms + 1 WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET actor = 'anm' WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET action = action || ' ' WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET object_kind = 'tapic' WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET object_id = 'T8' WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET reason = replace(reason, 'm', 'n') WHERE seq = %d",
         LEDGER_CONTENT},
        {"UPDATE ledger_entry SET before_json = '{\"affinity\":1}' WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET after_json = NULL WHERE seq = %d", LEDGER_CONTENT},
        {"UPDATE ledger_entry SET after_json = '' WHERE seq = %d", LEDGER_CONTENT},
        /* a byte moved from one text to its neighbour */
        {"UPDATE ledger_entry SET object_kind = object_kind || 'T', object_id = '7' WHERE seq = %d",
         LEDGER_CONTENT},
        {"UPDATE ledger_entry SET hash = randomblob(32) WHERE seq = %d", LEDGER_HASH},
        {"UPDATE ledger_entry SET previous_hash = randomblob(32) WHERE seq = %d", LEDGER_LINK},
        {"UPDATE ledger_entry SET hash = x'00' WHERE seq = %d", LEDGER_FORM},
        {"UPDATE ledger_entry SET hash = randomblob(32), reason = 'x' WHERE seq = %d",
         LEDGER_ENTRY},
        {"DELETE FROM ledger_entry WHERE seq = %d", LEDGER_MISSING},
        {"UPDATE ledger_entry SET seq = 1000 WHERE seq = %d", LEDGER_MISSING},
    };
    struct scratch s;
    char name[40], sql[200];

    scratch_begin(&s);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int seq = 1; seq <= ENTRIES; seq++) {
            snprintf(name, sizeof name, "t%zu-%d.db", i, seq);
            struct db *db = filled(&s, name);
            snprintf(sql, sizeof sql, cases[i].change, seq);
            tamper(db, sql);
            struct ledger_report report = verify(db, NULL);
            if (report.fault != cases[i].fault || report.first_bad_seq != seq)
                print_error("%s: fault %d at %lld (%s)\n", sql, (int)report.fault,
                            (long long)report.first_bad_seq, report.what);
            CHECK_INT(report.fault, cases[i].fault);
            CHECK_INT(report.first_bad_seq, seq);
            CHECK(report.what[0] != '\0');
            CHECK(report.entries < seq);
            db_close(&db);
        }
    scratch_end(&s);
}

/* Somebody who knows the format and gives the altered entry a matching hash. */
TEST(a_rewritten_entry_is_given_away_by_its_successor)
{
    struct scratch s;
    struct err err = {0};
    struct ledger_head noted;

    scratch_begin(&s);
    for (int64_t seq = 1; seq <= ENTRIES; seq++) {
        struct scratch inner;
        scratch_begin(&inner);
        /* the same ledger with another entry `seq`, taken from a second chain */
        struct db *db = filled(&inner, "l.db"), *other = open_ledger(&inner, "o.db");
        CHECK(db_begin(other, &err));
        for (int64_t i = 1; i <= seq; i++) {
            struct ledger_entry e = sample(i);
            if (i == seq)
                e.reason = S("nothing to see");
            CHECK(ledger_append(other, &e, &err));
        }
        CHECK(db_commit(other, &err));
        db_close(&other);
        char sql[600];
        snprintf(sql, sizeof sql,
                 "ATTACH '%s/o.db' AS o; DELETE FROM ledger_entry WHERE seq = %lld;"
                 "INSERT INTO ledger_entry SELECT * FROM o.ledger_entry WHERE seq = %lld;",
                 inner.dir, (long long)seq, (long long)seq);
        tamper(db, sql);
        struct ledger_report report = verify(db, NULL);
        CHECK_INT(report.fault, seq < ENTRIES ? LEDGER_REWRITTEN : LEDGER_HEAD);
        CHECK_INT(report.first_bad_seq, seq);
        db_close(&db);
        scratch_end(&inner);
    }
    /* the whole tail rewritten, head included: only a head noted elsewhere tells */
    struct db *db = filled(&s, "l.db"), *other = open_ledger(&s, "o.db");
    CHECK(ledger_head_read(db, &noted, &err));
    CHECK(db_begin(other, &err));
    for (int64_t i = 1; i <= ENTRIES; i++) {
        struct ledger_entry e = sample(i);
        e.reason = S("a better story");
        CHECK(ledger_append(other, &e, &err));
    }
    CHECK(db_commit(other, &err));
    CHECK_INT(verify(other, NULL).fault, LEDGER_SOUND);
    CHECK_INT(verify(db, &noted).fault, LEDGER_SOUND);
    struct ledger_report report = verify(other, &noted);
    CHECK_INT(report.fault, LEDGER_ANCHOR);
    CHECK_INT(report.first_bad_seq, ENTRIES);
    db_close(&db);
    db_close(&other);
    scratch_end(&s);
}

TEST(a_cut_tail_shows_in_the_head)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    tamper(db, "DELETE FROM ledger_entry WHERE seq > 3");
    struct ledger_report report = verify(db, NULL);
    CHECK_INT(report.fault, LEDGER_MISSING);
    CHECK_INT(report.first_bad_seq, 4);
    tamper(db, "DELETE FROM ledger_head");
    report = verify(db, NULL);
    CHECK_INT(report.fault, LEDGER_HEAD);
    struct ledger_entry e = sample(1);
    CHECK(db_begin(db, &err));
    CHECK(!ledger_append(db, &e, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    db_rollback(db);
    db_close(&db);
    scratch_end(&s);
}

/* Everything that is read from the ledger, as one digest. */
static bool digest_contents(struct db *db, DigestHex *out)
{
    struct ledger_entry *entries;
    struct digest_state state;
    struct arena arena;
    struct err err = {0};
    size_t count;

    arena_init(&arena, 16 * MIB);
    digest_begin(&state);
    bool ok = ledger_list(&arena, db, &(struct ledger_filter){0}, &entries, &count, &err);
    for (size_t i = 0; ok && i < count; i++) {
        const struct ledger_entry *e = &entries[i];
        const Str texts[] = {e->actor,  e->action,      e->object_kind, e->object_id,
                             e->reason, e->before_json, e->after_json,  str_from_cstr(e->hash_hex)};
        digest_add(&state, (Str){(const char *)&e->seq, sizeof e->seq});
        digest_add(&state, (Str){(const char *)&e->at_ms, sizeof e->at_ms});
        for (size_t t = 0; t < COUNT_OF(texts); t++)
            digest_add_framed(&state, texts[t]);
    }
    *out = digest_hex(digest_end(&state));
    arena_deinit(&arena);
    return ok;
}

/* Flips one byte of the file at a time: what the ledger then shows is refused, found faulty, or
 * still the same. Never a different story that verifies. */
TEST(no_flipped_byte_of_the_file_tells_another_story)
{
    enum { STRIDE = 11 };
    struct scratch s;
    struct err err = {0};
    DigestHex original;
    Str bytes;
    size_t found = 0, refused = 0, same = 0;

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    CHECK(digest_contents(db, &original));
    CHECK(db_backup(db, scratch_path(&s, "b.db"), &err));
    db_close(&db);
    CHECK(file_read_all(&s.arena, scratch_path(&s, "b.db"), 4 * MIB, &bytes, &err));
    char *copy = arena_new(&s.arena, char, bytes.len);
    for (size_t at = 0; at < bytes.len; at += STRIDE) {
        Str path = scratch_path(&s, "f.db");
        struct ledger_report report;
        DigestHex now;
        memcpy(copy, bytes.ptr, bytes.len);
        copy[at] = (char)(copy[at] ^ 0x20);
        err_clear(&err);
        CHECK(file_remove(path, &err) && file_append(path, (Str){copy, bytes.len}, &err));
        bool ok = db_open(&db, path, DB_READ_ONLY, &err) && ledger_verify(db, NULL, &report, &err);
        if (!ok)
            refused++;
        else if (report.fault != LEDGER_SOUND)
            found++;
        else if (digest_contents(db, &now))
            CHECK_STR(str_from_cstr(now.text), original.text), same++;
        db_close(&db);
    }
    print_message("note  %zu found, %zu refused, %zu without effect\n", found, refused, same);
    CHECK(found > 10 && refused > 5);
    scratch_end(&s);
}

TEST(listing_filters_and_pages)
{
    struct scratch s;
    struct err err = {0};
    struct ledger_entry *entries;
    size_t count;

    scratch_begin(&s);
    struct db *db = filled(&s, "l.db");
    CHECK(ledger_list(&s.arena, db, &(struct ledger_filter){0}, &entries, &count, &err));
    CHECK_INT(count, ENTRIES);
    CHECK_INT(entries[0].seq, ENTRIES);
    CHECK_STR(entries[0].actor, "bob");
    CHECK_STR(entries[0].before_json, "{\"affinity\":2}");
    CHECK(!entries[ENTRIES - 1].before_json.ptr);
    CHECK_INT(strlen(entries[0].hash_hex), 64);
    CHECK(ledger_list(&s.arena, db, &(struct ledger_filter){.actor = S("ann")}, &entries, &count,
                      &err));
    CHECK_INT(count, 3);
    CHECK(ledger_list(&s.arena, db, &(struct ledger_filter){.action_prefix = S("version.")},
                      &entries, &count, &err));
    CHECK_INT(count, 2);
    CHECK(ledger_list(&s.arena, db,
                      &(struct ledger_filter){.object_kind = S("topic"),
                                              .object_id = S("T7"),
                                              .from_ms = 1700000002000,
                                              .to_ms = 1700000005000},
                      &entries, &count, &err));
    CHECK_INT(count, 2);
    CHECK_INT(entries[0].seq, 4);
    CHECK(
        ledger_list(&s.arena, db, &(struct ledger_filter){.count_max = 4}, &entries, &count, &err));
    CHECK_INT(count, 4);
    CHECK(ledger_list(&s.arena, db,
                      &(struct ledger_filter){.count_max = 4, .before_seq = entries[3].seq},
                      &entries, &count, &err));
    CHECK_INT(count, 2);
    CHECK_INT(entries[1].seq, 1);
    db_close(&db);
    scratch_end(&s);
}

TEST(heads_are_parsed)
{
    struct ledger_head head;
    struct err err = {0};

    CHECK(ledger_head_parse(
        S("12:00000000000000000000000000000000000000000000000000000000000000AB"), &head, &err));
    CHECK_INT(head.seq, 12);
    CHECK_STR(str_from_cstr(head.hash_hex),
              "00000000000000000000000000000000000000000000000000000000000000ab");
    CHECK(!ledger_head_parse(S("12"), &head, &err));
    CHECK_INT(err.code, ERR_USAGE);
    CHECK(!ledger_head_parse(S("0:00"), &head, &err));
}

int main(void)
{
    return RUN(
        CASE(the_first_hash_is_the_documented_one), CASE(a_sound_chain_verifies),
        CASE(an_entry_lives_and_dies_with_its_transaction), CASE(wrong_entries_are_refused),
        CASE(the_database_itself_refuses_changes), CASE(one_altered_byte_is_found_and_located),
        CASE(a_rewritten_entry_is_given_away_by_its_successor), CASE(a_cut_tail_shows_in_the_head),
        CASE(no_flipped_byte_of_the_file_tells_another_story), CASE(listing_filters_and_pages),
        CASE(heads_are_parsed));
}
