#include "people/contributor.h"

#include <string.h>

#include "format/digest.h"
#include "format/time.h"
#include "os/entropy.h"

enum { TOUCH_MS = 60 * 1000 };

static const char *const side_names[SIDE_COUNT] = {[SIDE_CUSTOMER] = "customer",
                                                   [SIDE_PARTNER] = "partner",
                                                   [SIDE_INFLUENCER] = "influencer",
                                                   [SIDE_ADVISORY_BOARD] = "advisory_board"};

static const struct {
    enum contributor_right right;
    const char *name;
} rights[] = {{RIGHT_COMMENT, "comment"}, {RIGHT_VOTE, "vote"}, {RIGHT_PROPOSE, "propose"}};

const char *contributor_side_name(enum contributor_side side)
{
    ASSERT(side < SIDE_COUNT);
    return side_names[side];
}

bool contributor_side_from(Str name, enum contributor_side *out)
{
    for (size_t i = 0; i < SIDE_COUNT; i++)
        if (str_eq(name, str_from_cstr(side_names[i]))) {
            *out = (enum contributor_side)i;
            return true;
        }
    return false;
}

const char *contributor_right_name(enum contributor_right right)
{
    for (size_t i = 0; i < COUNT_OF(rights); i++)
        if (rights[i].right == right)
            return rights[i].name;
    return "";
}

static unsigned right_of(Str name)
{
    for (size_t i = 0; i < COUNT_OF(rights); i++)
        if (str_eq(name, str_from_cstr(rights[i].name)))
            return rights[i].right;
    return 0;
}

bool contributor_rights_from(Str text, unsigned *out)
{
    unsigned found = 0;
    Str name;

    while (text.len > 0) {
        (void)str_cut(text, ',', &name, &text);
        unsigned right = right_of(str_trim(name));
        if (right == 0)
            return false;
        found |= right;
    }
    if (found != 0)
        *out = found;
    return found != 0;
}

/* ---- the key ---- */

static bool key_find(struct db *system, struct contributor_key *out, bool *is_found,
                     struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "SELECT key FROM contributor_key WHERE id = 1", &stmt, err) ||
        !stmt_step(stmt, is_found, err))
        return false;
    if (!*is_found)
        return true;
    Str key = stmt_blob(stmt, 0);
    bool ok = key.len == sizeof out->bytes;
    if (ok)
        memcpy(out->bytes, key.ptr, key.len);
    stmt_reset(stmt);
    return ok || err_set(err, ERR_CORRUPT, "the key of contributors' links is damaged");
}

static bool key_make(struct db *system, int64_t now_ms, struct err *err)
{
    struct contributor_key key;
    struct stmt *stmt;

    entropy_fill(key.bytes, sizeof key.bytes);
    if (!db_query(system,
                  "INSERT INTO contributor_key (id, key, created_at_ms) VALUES (1, ?1, ?2)"
                  " ON CONFLICT (id) DO NOTHING",
                  &stmt, err))
        return false;
    stmt_bind_blob(stmt, 1, (Str){(const char *)key.bytes, sizeof key.bytes});
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool contributor_key_read(struct db *system, int64_t now_ms, struct contributor_key *out,
                          struct err *err)
{
    bool is_found;

    if (!key_find(system, out, &is_found, err))
        return false;
    /* Two processes may make it at once: the first one wins, both read it. */
    return is_found || (key_make(system, now_ms, err) && key_find(system, out, &is_found, err) &&
                        (is_found || err_set(err, ERR_DB, "could not make the key of links")));
}

/* ---- creating ---- */

static bool check_text(Str text, const char *field, bool is_needed, size_t most, struct err *err)
{
    if (is_needed && str_trim(text).len == 0)
        return err_set(err, ERR_INPUT, "%s: is missing", field);
    if (text.len > most)
        return err_set(err, ERR_INPUT, "%s: is longer than %d bytes", field, (int)most);
    return str_utf8_invalid_at(text) == text.len ||
           err_set(err, ERR_INPUT, "%s: is not UTF-8", field);
}

static bool check_wanted(const struct contributor *w, int64_t now_ms, struct err *err)
{
    if (!check_text(w->name, "name", true, CONTRIBUTOR_NAME_BYTES_MAX, err) ||
        !check_text(w->organisation, "organisation", false, CONTRIBUTOR_NAME_BYTES_MAX, err) ||
        !check_text(w->contact, "contact", false, CONTRIBUTOR_NAME_BYTES_MAX, err) ||
        !check_text(w->agreement, "agreement", true, CONTRIBUTOR_AGREEMENT_BYTES_MAX, err))
        return false;
    if (w->rights == 0 || (w->rights & ~(unsigned)RIGHT_ALL) != 0)
        return err_set(err, ERR_INPUT, "rights: none is given") ||
               err_hint(err, "comment, vote, propose or several with commas");
    if (w->object_count > CONTRIBUTOR_OBJECTS_MAX)
        return err_set(err, ERR_INPUT, "objects: are more than %d", CONTRIBUTOR_OBJECTS_MAX);
    if (w->object_count == 0 && !(w->rights & RIGHT_PROPOSE))
        return err_set(err, ERR_INPUT, "objects: none is chosen") ||
               err_hint(err, "Without one there is nothing to comment or to vote on.");
    if (w->expires_at_ms <= now_ms ||
        w->expires_at_ms > now_ms + CONTRIBUTOR_DAYS_MAX * TIME_DAY_MS)
        return err_set(err, ERR_INPUT, "days: are not between 1 and %d", CONTRIBUTOR_DAYS_MAX);
    return true;
}

static bool check_count(struct db *state, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    return db_query(state, "SELECT count(*) FROM contributor", &stmt, err) &&
           stmt_one_i64(stmt, &count, err) &&
           (count < CONTRIBUTORS_MAX ||
            err_set(err, ERR_LIMIT, "there are %d contributors already", CONTRIBUTORS_MAX));
}

static Digest secret_hash(const struct contributor_token *token)
{
    return digest_sha256((Str){(const char *)token->secret, sizeof token->secret});
}

static bool insert(struct db *state, const struct contributor *w, const Digest *hash,
                   int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO contributor (name, organisation, contact, side, rights, secret_hash,"
                  " agreement, created_by, created_at_ms, expires_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, str_trim(w->name));
    stmt_bind_str(stmt, 2, str_trim(w->organisation));
    stmt_bind_str(stmt, 3, str_trim(w->contact));
    stmt_bind_str(stmt, 4, str_from_cstr(contributor_side_name(w->side)));
    stmt_bind_i64(stmt, 5, (int64_t)w->rights);
    stmt_bind_blob(stmt, 6, (Str){(const char *)hash->bytes, DIGEST_SIZE});
    stmt_bind_str(stmt, 7, w->agreement);
    stmt_bind_str(stmt, 8, w->created_by);
    stmt_bind_i64(stmt, 9, now_ms);
    stmt_bind_i64(stmt, 10, w->expires_at_ms);
    return stmt_run(stmt, err);
}

static bool insert_object(struct db *state, int64_t id, const struct contributor_object *object,
                          size_t position, struct err *err)
{
    struct err inner = {0};
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO contributor_object (contributor_id, kind, object_id, position)"
                  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, object->kind);
    stmt_bind_str(stmt, 3, object->id);
    stmt_bind_i64(stmt, 4, (int64_t)position);
    if (stmt_run(stmt, &inner))
        return true;
    if (inner.code == ERR_INPUT)
        return err_set(err, ERR_INPUT, "objects: '" STR_F "' cannot be shown to contributors",
                       STR_A(object->kind)) ||
               err_hint(err, "version:ID, topic:ID or option:ID");
    *err = inner;
    return false;
}

bool contributor_create(struct db *state, struct contributor *wanted, int64_t now_ms,
                        struct contributor_token *token, struct err *err)
{
    if (!check_wanted(wanted, now_ms, err) || !db_begin(state, err))
        return false;
    entropy_fill(token->secret, sizeof token->secret);
    Digest hash = secret_hash(token);
    bool ok = check_count(state, err) && insert(state, wanted, &hash, now_ms, err);
    wanted->id = ok ? db_last_id(state) : 0;
    wanted->created_at_ms = now_ms;
    for (size_t i = 0; ok && i < wanted->object_count; i++)
        ok = insert_object(state, wanted->id, &wanted->objects[i], i, err);
    token->link = wanted->id;
    token->expires_at_ms = wanted->expires_at_ms;
    return db_end(state, ok, err);
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "id, name, organisation, contact, side, rights, agreement, agreed_at_ms, agreed_by,"           \
    " created_by, created_at_ms, expires_at_ms, revoked_at_ms, erased_at_ms, last_used_ms"

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct contributor *out = item;

    (void)context;
    *out = (struct contributor){.id = stmt_i64(stmt, 0),
                                .rights = (unsigned)stmt_i64(stmt, 5),
                                .agreed_at_ms = stmt_i64(stmt, 7),
                                .created_at_ms = stmt_i64(stmt, 10),
                                .expires_at_ms = stmt_i64(stmt, 11),
                                .revoked_at_ms = stmt_i64(stmt, 12),
                                .erased_at_ms = stmt_i64(stmt, 13),
                                .last_used_ms = stmt_i64(stmt, 14)};
    if (!contributor_side_from(stmt_str(stmt, 4), &out->side))
        return err_set(err, ERR_CORRUPT, "the side of a contributor is unknown");
    return stmt_copy_str(stmt, 1, arena, &out->name, err) &&
           stmt_copy_str(stmt, 2, arena, &out->organisation, err) &&
           stmt_copy_str(stmt, 3, arena, &out->contact, err) &&
           stmt_copy_str(stmt, 6, arena, &out->agreement, err) &&
           stmt_copy_str(stmt, 8, arena, &out->agreed_by, err) &&
           stmt_copy_str(stmt, 9, arena, &out->created_by, err);
}

static bool load_object(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                        struct err *err)
{
    struct contributor_object *out = item;

    (void)context;
    return stmt_copy_str(stmt, 0, arena, &out->kind, err) &&
           stmt_copy_str(stmt, 1, arena, &out->id, err);
}

static bool read_objects(struct arena *arena, struct db *state, struct contributor *c,
                         struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT kind, object_id FROM contributor_object WHERE contributor_id = ?1"
                  " ORDER BY position, kind, object_id",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, c->id);
    bool ok = stmt_load_rows(stmt, arena, sizeof *c->objects, load_object, NULL, &rows,
                             &c->object_count, err);
    c->objects = ok ? rows : NULL;
    return ok;
}

bool contributor_read(struct arena *arena, struct db *state, int64_t id, struct contributor *out,
                      struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    if (!db_query(state, "SELECT " COLUMNS " FROM contributor WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    if (!is_found)
        return err_set(err, ERR_NOT_FOUND, "there is no contributor %lld", (long long)id);
    return read_objects(arena, state, out, err);
}

bool contributor_list(struct arena *arena, struct db *state, struct contributor **out,
                      size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state, "SELECT " COLUMNS " FROM contributor ORDER BY id DESC", &stmt, err) ||
        !stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err))
        return false;
    *out = rows;
    for (size_t i = 0; i < *count; i++)
        if (!read_objects(arena, state, &(*out)[i], err))
            return false;
    return true;
}

/* An unknown link costs a comparison as well. */
static bool secret_matches(struct db *state, const struct contributor_token *token, bool *matches,
                           struct err *err)
{
    static const char none[DIGEST_SIZE];
    Digest hash = secret_hash(token);
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state, "SELECT secret_hash FROM contributor WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, token->link);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    Str stored = has_row ? stmt_blob(stmt, 0) : (Str){none, sizeof none};
    *matches = digest_equal(stored, (Str){(const char *)hash.bytes, DIGEST_SIZE}) && has_row;
    if (has_row)
        stmt_reset(stmt);
    return true;
}

static bool touch(struct db *state, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "UPDATE contributor SET last_used_ms = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

/* False, with the remedy of all refusals. */
static bool refuse(struct err *err)
{
    return err_hint(err, "Ask the person who invited you for a new one.");
}

bool contributor_open(struct arena *arena, struct db *state, const struct contributor_token *token,
                      int64_t now_ms, struct contributor *out, struct err *err)
{
    struct err ignored = {0};
    bool matches;

    if (!secret_matches(state, token, &matches, err))
        return false;
    if (!matches)
        return err_set(err, ERR_DENIED, "the link is not valid") || refuse(err);
    if (!contributor_read(arena, state, token->link, out, err))
        return false;
    if (out->revoked_at_ms != 0)
        return err_set(err, ERR_DENIED, "the link was withdrawn") || refuse(err);
    if (now_ms >= out->expires_at_ms || now_ms >= token->expires_at_ms)
        return err_set(err, ERR_DENIED, "the link has expired") || refuse(err);
    /* Noting the use is a courtesy: reading goes on when it cannot be written. */
    if (now_ms - out->last_used_ms >= TOUCH_MS && touch(state, out->id, now_ms, &ignored))
        out->last_used_ms = now_ms;
    return true;
}

bool contributor_may(const struct contributor *contributor, enum contributor_right right)
{
    return (contributor->rights & (unsigned)right) != 0;
}

bool contributor_sees(const struct contributor *contributor, Str kind, Str id)
{
    for (size_t i = 0; i < contributor->object_count; i++)
        if (str_eq(contributor->objects[i].kind, kind) && str_eq(contributor->objects[i].id, id))
            return true;
    return false;
}

/* ---- changing ---- */

bool contributor_agree(struct db *state, int64_t id, Str name, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!check_text(name, "signature", true, CONTRIBUTOR_NAME_BYTES_MAX, err) ||
        !db_query(state,
                  "UPDATE contributor SET agreed_at_ms = ?2, agreed_by = ?3"
                  " WHERE id = ?1 AND agreed_at_ms IS NULL AND erased_at_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    stmt_bind_str(stmt, 3, str_trim(name));
    return stmt_run(stmt, err);
}

bool contributor_revoke(struct db *state, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;
    int64_t known;

    if (!db_query(state, "SELECT count(*) FROM contributor WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_one_i64(stmt, &known, err))
        return false;
    if (known == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no contributor %lld", (long long)id);
    if (!db_query(state,
                  "UPDATE contributor SET revoked_at_ms = ?2 WHERE id = ?1"
                  " AND revoked_at_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    return db_changes(state) > 0 ||
           err_set(err, ERR_CONFLICT, "the link of contributor %lld is withdrawn already",
                   (long long)id);
}

static bool erase_texts(struct db *state, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "UPDATE contribution SET text = '' WHERE contributor_id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_run(stmt, err);
}

bool contributor_erase(struct db *state, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(state, err))
        return false;
    bool ok = db_query(state,
                       "UPDATE contributor SET name = '', organisation = '', contact = '',"
                       " agreed_by = '', secret_hash = NULL, erased_at_ms = ?2,"
                       " revoked_at_ms = coalesce(revoked_at_ms, ?2) WHERE id = ?1",
                       &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, id);
        stmt_bind_i64(stmt, 2, now_ms);
        ok = stmt_run(stmt, err);
    }
    if (ok && db_changes(state) == 0)
        ok = err_set(err, ERR_NOT_FOUND, "there is no contributor %lld", (long long)id);
    return db_end(state, ok && erase_texts(state, id, err), err);
}
