#include "people/contribution.h"

static const char *const kind_names[CONTRIBUTION_KIND_COUNT] = {[CONTRIBUTION_COMMENT] = "comment",
                                                                [CONTRIBUTION_VOTE] = "vote",
                                                                [CONTRIBUTION_PROPOSAL] =
                                                                    "proposal"};
static const enum contributor_right kind_rights[CONTRIBUTION_KIND_COUNT] = {
    [CONTRIBUTION_COMMENT] = RIGHT_COMMENT,
    [CONTRIBUTION_VOTE] = RIGHT_VOTE,
    [CONTRIBUTION_PROPOSAL] = RIGHT_PROPOSE};
static const char *const disposition_names[DISPOSITION_COUNT] = {
    [DISPOSITION_OPEN] = "open",
    [DISPOSITION_ACCEPTED] = "accepted",
    [DISPOSITION_CHANGED] = "changed",
    [DISPOSITION_DECLINED] = "declined"};

const char *contribution_kind_name(enum contribution_kind kind)
{
    ASSERT(kind < CONTRIBUTION_KIND_COUNT);
    return kind_names[kind];
}

bool contribution_kind_from(Str name, enum contribution_kind *out)
{
    for (size_t i = 0; i < CONTRIBUTION_KIND_COUNT; i++)
        if (str_eq(name, str_from_cstr(kind_names[i]))) {
            *out = (enum contribution_kind)i;
            return true;
        }
    return false;
}

const char *disposition_name(enum disposition disposition)
{
    ASSERT(disposition < DISPOSITION_COUNT);
    return disposition_names[disposition];
}

bool disposition_from(Str name, enum disposition *out)
{
    for (size_t i = DISPOSITION_OPEN + 1; i < DISPOSITION_COUNT; i++)
        if (str_eq(name, str_from_cstr(disposition_names[i]))) {
            *out = (enum disposition)i;
            return true;
        }
    return false;
}

bool contribution_is_overdue(const struct contribution *c, int64_t now_ms)
{
    return c->disposition == DISPOSITION_OPEN && c->due_at_ms <= now_ms;
}

/* ---- writing ---- */

static bool check_text(Str text, bool is_needed, struct err *err)
{
    if (is_needed && str_trim(text).len == 0)
        return err_set(err, ERR_INPUT, "text: is missing");
    if (text.len > CONTRIBUTION_TEXT_BYTES_MAX)
        return err_set(err, ERR_INPUT, "text: is longer than %d bytes",
                       CONTRIBUTION_TEXT_BYTES_MAX);
    return str_utf8_invalid_at(text) == text.len || err_set(err, ERR_INPUT, "text: is not UTF-8");
}

static bool is_proposable(Str what)
{
    return str_eq(what, S("topic")) || str_eq(what, S("option")) || str_eq(what, S("need"));
}

static bool check(const struct contributor *by, const struct contribution *c, struct err *err)
{
    bool is_proposal = c->kind == CONTRIBUTION_PROPOSAL;

    if (!contributor_may(by, kind_rights[c->kind]))
        return err_set(err, ERR_DENIED, "the link does not give the right to '%s'",
                       contributor_right_name(kind_rights[c->kind]));
    if (is_proposal && !is_proposable(c->object_kind))
        return err_set(err, ERR_INPUT, "what: is none of topic, option and need");
    if (!is_proposal && !contributor_sees(by, c->object_kind, c->object_id))
        return err_set(err, ERR_DENIED, "the link does not show this");
    if (c->kind == CONTRIBUTION_VOTE && (c->value < -1 || c->value > 1))
        return err_set(err, ERR_INPUT, "vote: is none of 1, 0 and -1");
    return check_text(c->text, c->kind != CONTRIBUTION_VOTE, err);
}

struct standing {
    bool is_agreed, is_over;
    int64_t window_from_ms, window_count, sent_count;
};

static bool read_standing(struct db *state, int64_t id, int64_t now_ms, struct standing *out,
                          struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state,
                  "SELECT agreed_at_ms, revoked_at_ms, expires_at_ms, window_from_ms, window_count,"
                  " sent_count FROM contributor WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "there is no contributor %lld", (long long)id);
    *out = (struct standing){.is_agreed = !stmt_is_null(stmt, 0),
                             .is_over = !stmt_is_null(stmt, 1) || stmt_i64(stmt, 2) <= now_ms,
                             .window_from_ms = stmt_i64(stmt, 3),
                             .window_count = stmt_i64(stmt, 4),
                             .sent_count = stmt_i64(stmt, 5)};
    stmt_reset(stmt);
    return true;
}

/* As the link stands inside this transaction; also counts what is sent. */
static bool admit(struct db *state, int64_t id, int64_t now_ms, struct err *err)
{
    struct standing s = {.is_over = true};
    struct stmt *stmt;

    if (!read_standing(state, id, now_ms, &s, err))
        return false;
    if (s.is_over)
        return err_set(err, ERR_DENIED, "the link has ended");
    if (!s.is_agreed)
        return err_set(err, ERR_DENIED, "the agreement is not signed");
    if (s.sent_count >= CONTRIBUTIONS_PER_LINK_MAX)
        return err_set(err, ERR_LIMIT, "%d contributions came by this link already",
                       CONTRIBUTIONS_PER_LINK_MAX);
    bool is_new = now_ms - s.window_from_ms >= CONTRIBUTION_WINDOW_MS;
    if (!is_new && s.window_count >= CONTRIBUTIONS_PER_WINDOW_MAX)
        return err_set(err, ERR_BUSY, "too many contributions in a short time") ||
               err_hint(err, "Go on in %d minutes.", CONTRIBUTION_WINDOW_MS / 60000);
    if (!db_query(state,
                  "UPDATE contributor SET window_from_ms = ?2, window_count = ?3,"
                  " sent_count = sent_count + 1 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, is_new ? now_ms : s.window_from_ms);
    stmt_bind_i64(stmt, 3, is_new ? 1 : s.window_count + 1);
    return stmt_run(stmt, err);
}

static bool insert(struct db *state, struct contribution *c, Str once, struct err *err)
{
    struct err inner = {0};
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO contribution (contributor_id, kind, object_kind, object_id,"
                  " object_revision, value, text, once, created_at_ms, changed_at_ms, due_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, c->contributor_id);
    stmt_bind_str(stmt, 2, str_from_cstr(kind_names[c->kind]));
    stmt_bind_str(stmt, 3, c->object_kind);
    stmt_bind_str(stmt, 4, c->object_id);
    stmt_bind_i64(stmt, 5, c->object_revision);
    stmt_bind_i64(stmt, 6, c->value);
    stmt_bind_str(stmt, 7, c->text);
    if (once.len > 0)
        stmt_bind_str(stmt, 8, once);
    stmt_bind_i64(stmt, 9, c->changed_at_ms);
    stmt_bind_i64(stmt, 10, c->due_at_ms);
    if (stmt_run(stmt, &inner)) {
        c->id = db_last_id(state);
        c->revision = 1;
        return true;
    }
    if (inner.code == ERR_EXISTS)
        return c->kind == CONTRIBUTION_VOTE
                   ? err_set(err, ERR_CONFLICT, "the vote was changed meanwhile")
                   : err_set(err, ERR_EXISTS, "this was sent already");
    *err = inner;
    return false;
}

/* The revision in the condition is what keeps an old form from undoing a later vote. */
static bool change_vote(struct db *state, struct contribution *c, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "UPDATE contribution SET value = ?4, text = ?5, object_revision = ?6,"
                  " revision = revision + 1, changed_at_ms = ?7, due_at_ms = ?8,"
                  " disposition = NULL, reason = '', effect = '', effect_entry = NULL,"
                  " disposed_by = '', disposed_at_ms = NULL"
                  " WHERE contributor_id = ?1 AND object_kind = ?2 AND object_id = ?3"
                  " AND kind = 'vote' AND revision = ?9 RETURNING id",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, c->contributor_id);
    stmt_bind_str(stmt, 2, c->object_kind);
    stmt_bind_str(stmt, 3, c->object_id);
    stmt_bind_i64(stmt, 4, c->value);
    stmt_bind_str(stmt, 5, c->text);
    stmt_bind_i64(stmt, 6, c->object_revision);
    stmt_bind_i64(stmt, 7, c->changed_at_ms);
    stmt_bind_i64(stmt, 8, c->due_at_ms);
    stmt_bind_i64(stmt, 9, c->revision);
    bool has_row;
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_CONFLICT, "the vote was changed meanwhile") ||
               err_hint(err, "Load the page again and look at it.");
    c->id = stmt_i64(stmt, 0);
    c->revision++;
    stmt_reset(stmt);
    return true;
}

bool contribution_add(struct db *state, const struct contributor *by, struct contribution *c,
                      Str once, int64_t now_ms, struct err *err)
{
    bool is_vote = c->kind == CONTRIBUTION_VOTE;

    ASSERT(db_is_writing(state) && c->kind < CONTRIBUTION_KIND_COUNT);
    if (!is_vote && (once.len == 0 || once.len > CONTRIBUTION_ONCE_BYTES_MAX))
        return err_set(err, ERR_INPUT, "the form is incomplete") ||
               err_hint(err, "Load the page again and repeat it.");
    if (!admit(state, by->id, now_ms, err) || !check(by, c, err))
        return false;
    c->contributor_id = by->id;
    c->created_at_ms = c->changed_at_ms = now_ms;
    c->due_at_ms = now_ms + CONTRIBUTION_DUE_MS;
    return is_vote && c->revision > 0 ? change_vote(state, c, err)
                                      : insert(state, c, is_vote ? STR_NONE : once, err);
}

bool contribution_dispose(struct db *state, const struct contribution *answer, int64_t now_ms,
                          struct err *err)
{
    bool has_effect = answer->disposition != DISPOSITION_DECLINED;
    struct stmt *stmt;

    ASSERT(answer->disposition > DISPOSITION_OPEN && answer->disposition < DISPOSITION_COUNT);
    if (str_trim(answer->reason).len == 0)
        return err_set(err, ERR_INPUT, "reason: is missing");
    if (has_effect && str_trim(answer->effect).len == 0)
        return err_set(err, ERR_INPUT, "effect: is missing") ||
               err_hint(err, "Say what it changed.");
    if (answer->reason.len > CONTRIBUTION_TEXT_BYTES_MAX ||
        answer->effect.len > CONTRIBUTION_TEXT_BYTES_MAX)
        return err_set(err, ERR_INPUT, "reason or effect: is longer than %d bytes",
                       CONTRIBUTION_TEXT_BYTES_MAX);
    if (!db_query(state,
                  "UPDATE contribution SET disposition = ?3, reason = ?4, effect = ?5,"
                  " effect_entry = ?6, disposed_by = ?7, disposed_at_ms = ?8"
                  " WHERE id = ?1 AND revision = ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, answer->id);
    stmt_bind_i64(stmt, 2, answer->revision);
    stmt_bind_str(stmt, 3, str_from_cstr(disposition_names[answer->disposition]));
    stmt_bind_str(stmt, 4, str_trim(answer->reason));
    stmt_bind_str(stmt, 5, str_trim(answer->effect));
    if (answer->effect_entry > 0)
        stmt_bind_i64(stmt, 6, answer->effect_entry);
    stmt_bind_str(stmt, 7, answer->disposed_by);
    stmt_bind_i64(stmt, 8, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    return db_changes(state) > 0 ||
           err_set(err, ERR_CONFLICT, "the contribution was changed meanwhile") ||
           err_hint(err, "Load the page again and look at it.");
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "id, contributor_id, kind, object_kind, object_id, object_revision, value, text, revision,"    \
    " created_at_ms, changed_at_ms, due_at_ms, coalesce(disposition, ''), reason, effect,"         \
    " effect_entry, disposed_by, disposed_at_ms"

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct contribution *out = item;
    Str disposition = stmt_str(stmt, 12);

    (void)context;
    *out = (struct contribution){.id = stmt_i64(stmt, 0),
                                 .contributor_id = stmt_i64(stmt, 1),
                                 .object_revision = stmt_i64(stmt, 5),
                                 .value = stmt_i64(stmt, 6),
                                 .revision = stmt_i64(stmt, 8),
                                 .created_at_ms = stmt_i64(stmt, 9),
                                 .changed_at_ms = stmt_i64(stmt, 10),
                                 .due_at_ms = stmt_i64(stmt, 11),
                                 .effect_entry = stmt_i64(stmt, 15),
                                 .disposed_at_ms = stmt_i64(stmt, 17)};
    if (!contribution_kind_from(stmt_str(stmt, 2), &out->kind) ||
        (disposition.len > 0 && !disposition_from(disposition, &out->disposition)))
        return err_set(err, ERR_CORRUPT, "a contribution has an unknown kind or disposition");
    return stmt_copy_str(stmt, 3, arena, &out->object_kind, err) &&
           stmt_copy_str(stmt, 4, arena, &out->object_id, err) &&
           stmt_copy_str(stmt, 7, arena, &out->text, err) &&
           stmt_copy_str(stmt, 13, arena, &out->reason, err) &&
           stmt_copy_str(stmt, 14, arena, &out->effect, err) &&
           stmt_copy_str(stmt, 16, arena, &out->disposed_by, err);
}

bool contribution_read(struct arena *arena, struct db *state, int64_t id, struct contribution *out,
                       struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    if (!db_query(state, "SELECT " COLUMNS " FROM contribution WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_load_one(stmt, arena, load, NULL, out, &is_found, err) &&
           (is_found ||
            err_set(err, ERR_NOT_FOUND, "there is no contribution %lld", (long long)id));
}

bool contribution_list(struct arena *arena, struct db *state,
                       const struct contribution_filter *filter, struct contribution **out,
                       size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT " COLUMNS " FROM contribution"
                  " WHERE (?1 = 0 OR contributor_id = ?1) AND (?2 = 0 OR disposition IS NULL)"
                  " AND (?3 = 0 OR due_at_ms <= ?3)"
                  " ORDER BY disposition IS NOT NULL,"
                  " CASE WHEN disposition IS NULL THEN due_at_ms ELSE -changed_at_ms END, id"
                  " LIMIT ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, filter->contributor_id);
    stmt_bind_i64(stmt, 2, filter->only_open);
    stmt_bind_i64(stmt, 3, filter->due_before_ms);
    stmt_bind_i64(stmt, 4, CONTRIBUTION_LIST_MAX);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

static void count_vote(struct stmt *stmt, enum contributor_side side, struct vote_count *out)
{
    int64_t value = stmt_i64(stmt, 1), count = stmt_i64(stmt, 3);

    if (stmt_i64(stmt, 2) == 0)
        out->outdated += count;
    else if (value > 0)
        out->approve[side] += count;
    else if (value < 0)
        out->refuse[side] += count;
    else
        out->abstain[side] += count;
}

bool contribution_votes(struct db *state, Str object_kind, Str object_id, int64_t object_revision,
                        struct vote_count *out, struct err *err)
{
    struct stmt *stmt;
    enum contributor_side side;
    bool has_row, ok;

    *out = (struct vote_count){.outdated = 0};
    if (!db_query(state,
                  "SELECT p.side, c.value, c.object_revision = ?3, count(*)"
                  " FROM contribution c JOIN contributor p ON p.id = c.contributor_id"
                  " WHERE c.kind = 'vote' AND c.object_kind = ?1 AND c.object_id = ?2"
                  " AND c.disposition IS NOT 'declined' GROUP BY 1, 2, 3",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, object_kind);
    stmt_bind_str(stmt, 2, object_id);
    stmt_bind_i64(stmt, 3, object_revision);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        if (!contributor_side_from(stmt_str(stmt, 0), &side)) {
            stmt_reset(stmt);
            return err_set(err, ERR_CORRUPT, "the side of a contributor is unknown");
        }
        count_vote(stmt, side, out);
    }
    return ok;
}
