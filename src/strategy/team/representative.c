#include "strategy/team/representative.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "format/digest.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"

enum { LEDGER_TEXT_BYTES_MAX = 64 * 1024 };

/* ---- the ledger ---- */

struct record {
    struct ledger_entry entry;
    struct buf after;
    struct json_writer w;
    char id[24];
};

static void record_begin(struct record *r, Str actor, int64_t at_ms, const char *action,
                         const char *kind, int64_t id)
{
    int len = snprintf(r->id, sizeof r->id, "%lld", (long long)id);

    ASSERT(len > 0);
    r->entry = (struct ledger_entry){.at_ms = at_ms,
                                     .actor = actor,
                                     .action = str_from_cstr(action),
                                     .object_kind = str_from_cstr(kind),
                                     .object_id = {r->id, (size_t)len}};
    buf_init(&r->after, LEDGER_TEXT_BYTES_MAX);
    json_writer_init(&r->w, &r->after, JSON_STYLE_COMPACT);
    json_begin_object(&r->w);
}

static bool record_end(struct record *r, struct db *db, struct err *err)
{
    json_end_object(&r->w);
    r->entry.after_json = buf_str(&r->after);
    bool ok = buf_ok(&r->after, err) && ledger_append(db, &r->entry, err);
    buf_deinit(&r->after);
    return ok;
}

/* Ends the transaction with its entry, or without both. */
static bool finish(struct record *r, struct db *db, bool ok, struct err *err)
{
    if (ok)
        ok = record_end(r, db, err);
    else
        buf_deinit(&r->after);
    return db_end(db, ok, err);
}

struct actor {
    char text[40];
};

static struct actor actor_of(const struct contributor *by)
{
    struct actor a;

    (void)snprintf(a.text, sizeof a.text, "contributor:%lld", (long long)by->id);
    return a;
}

/* ---- inviting and ending ---- */

static bool check_objects(struct db *db, const struct contributor *wanted, struct err *err)
{
    struct strategy_model model;
    struct arena arena;
    bool ok = true;

    arena_init(&arena, GIB);
    ok = store_read(db, &arena, &model, err);
    for (size_t i = 0; ok && i < wanted->object_count; i++) {
        const struct contributor_object *o = &wanted->objects[i];
        int kind;
        if (!word_find(&words_object_kind, o->kind, &kind) ||
            !model_find(&model, (enum object_kind)kind, o->id))
            ok = err_set(err, ERR_INPUT, "objects: there is no " STR_F " '" STR_F "'",
                         STR_A(o->kind), STR_A(o->id)) ||
                 err_hint(err, "version:ID, topic:ID or option:ID");
    }
    arena_deinit(&arena);
    return ok;
}

static void put_invitation(struct json_writer *w, const struct contributor *c)
{
    static const enum contributor_right all[] = {RIGHT_COMMENT, RIGHT_VOTE, RIGHT_PROPOSE};

    json_set_str(w, "side", str_from_cstr(contributor_side_name(c->side)));
    json_key(w, S("rights"));
    json_begin_array(w);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (contributor_may(c, all[i]))
            json_put_str(w, str_from_cstr(contributor_right_name(all[i])));
    json_end_array(w);
    json_set_str(w, "expires_at", str_from_cstr(time_rfc3339(c->expires_at_ms).text));
    json_key(w, S("objects"));
    json_begin_array(w);
    for (size_t i = 0; i < c->object_count; i++) {
        json_begin_object(w);
        json_set_str(w, "kind", c->objects[i].kind);
        json_set_str(w, "id", c->objects[i].id);
        json_end_object(w);
    }
    json_end_array(w);
}

bool representative_invite(struct db *db, const struct change *change,
                           const struct contributor_key *key, Str workspace,
                           struct contributor *wanted, struct buf *token, struct err *err)
{
    struct contributor_token link = {.link = 0};
    struct record r = {.id = ""};

    ASSERT(workspace.len > 0 && workspace.len <= CONTRIBUTOR_WORKSPACE_BYTES_MAX);
    memcpy(link.workspace, workspace.ptr, workspace.len);
    wanted->created_by = change->actor;
    if (!db_begin(db, err))
        return false;
    bool ok =
        check_objects(db, wanted, err) && contributor_create(db, wanted, change->at_ms, &link, err);
    record_begin(&r, change->actor, change->at_ms, "contributor.invite", "contributor", wanted->id);
    put_invitation(&r.w, wanted);
    if (!finish(&r, db, ok, err))
        return false;
    contributor_token_write(key, &link, token);
    return true;
}

bool representative_revoke(struct db *db, const struct change *change, int64_t id, struct err *err)
{
    struct record r = {.id = ""};

    if (!db_begin(db, err))
        return false;
    record_begin(&r, change->actor, change->at_ms, "contributor.revoke", "contributor", id);
    r.entry.reason = change->reason;
    return finish(&r, db, contributor_revoke(db, id, change->at_ms, err), err);
}

bool representative_erase(struct db *db, const struct change *change, int64_t id, struct err *err)
{
    struct record r = {.id = ""};

    if (!db_begin(db, err))
        return false;
    record_begin(&r, change->actor, change->at_ms, "contributor.erase", "contributor", id);
    r.entry.reason = change->reason;
    return finish(&r, db, contributor_erase(db, id, change->at_ms, err), err);
}

/* ---- by the person ---- */

bool representative_agree(struct db *db, const struct contributor *by, Str name, int64_t now_ms,
                          struct err *err)
{
    struct actor actor = actor_of(by);
    struct record r = {.id = ""};

    if (by->agreed_at_ms != 0)
        return true;
    if (!db_begin(db, err))
        return false;
    record_begin(&r, str_from_cstr(actor.text), now_ms, "contributor.agree", "contributor", by->id);
    json_set_str(&r.w, "agreement_sha256", str_from_cstr(digest_sha256_hex(by->agreement).text));
    return finish(&r, db, contributor_agree(db, by->id, name, now_ms, err), err);
}

/* The object as it is now: its revision has to be the one that was shown. */
static bool check_object(struct db *db, const struct contribution *c, struct err *err)
{
    struct strategy_model model;
    struct arena arena;
    int kind = 0;

    if (c->kind == CONTRIBUTION_PROPOSAL)
        return true;
    arena_init(&arena, GIB);
    bool ok = store_read(db, &arena, &model, err);
    if (ok) {
        const void *object = word_find(&words_object_kind, c->object_kind, &kind)
                                 ? model_find(&model, (enum object_kind)kind, c->object_id)
                                 : NULL;
        if (!object)
            ok = err_set(err, ERR_NOT_FOUND, "what this is about was removed meanwhile");
        else if (object_revision(object) != c->object_revision)
            ok = err_set(err, ERR_CONFLICT, "what this is about was changed meanwhile") ||
                 err_hint(err, "Load the page again and look at it.");
    }
    arena_deinit(&arena);
    return ok;
}

static void put_contribution(struct json_writer *w, const struct contribution *c)
{
    json_set_str(w, "kind", str_from_cstr(contribution_kind_name(c->kind)));
    json_set_str(w, "object_kind", c->object_kind);
    json_set_str(w, "object", c->object_id);
    json_set_i64(w, "object_revision", c->object_revision);
    if (c->kind == CONTRIBUTION_VOTE)
        json_set_i64(w, "value", c->value);
    json_set_i64(w, "revision", c->revision);
}

bool representative_send(struct db *db, const struct contributor *by, struct contribution *c,
                         Str once, int64_t now_ms, struct err *err)
{
    struct actor actor = actor_of(by);
    struct record r = {.id = ""};

    if (!db_begin(db, err))
        return false;
    bool ok = contribution_add(db, by, c, once, now_ms, err) && check_object(db, c, err);
    record_begin(&r, str_from_cstr(actor.text), now_ms, "contribution.send", "contribution", c->id);
    put_contribution(&r.w, c);
    return finish(&r, db, ok, err);
}

/* ---- answering ---- */

static bool check_entry(struct db *db, int64_t seq, struct err *err)
{
    struct ledger_head head;

    if (seq == 0)
        return true;
    if (!ledger_head_read(db, &head, err))
        return false;
    return (seq > 0 && seq <= head.seq) ||
           err_set(err, ERR_INPUT, "entry: the ledger has no entry %lld", (long long)seq);
}

bool representative_answer(struct db *db, const struct change *change,
                           const struct contribution *answer, struct err *err)
{
    struct contribution full = *answer;
    struct record r = {.id = ""};

    full.reason = change->reason;
    full.disposed_by = change->actor;
    if (!db_begin(db, err))
        return false;
    bool ok = check_entry(db, full.effect_entry, err) &&
              contribution_dispose(db, &full, change->at_ms, err);
    record_begin(&r, change->actor, change->at_ms, "contribution.answer", "contribution", full.id);
    r.entry.reason = change->reason;
    json_set_str(&r.w, "disposition", str_from_cstr(disposition_name(full.disposition)));
    json_set_str(&r.w, "effect", full.effect);
    if (full.effect_entry > 0)
        json_set_i64(&r.w, "effect_entry", full.effect_entry);
    return finish(&r, db, ok, err);
}

bool representative_approval(struct db *db, Str version, int64_t revision, struct approval *out,
                             struct err *err)
{
    struct vote_count v;

    if (!contribution_votes(db, S("version"), version, revision, &v, err))
        return false;
    *out = (struct approval){.customers = v.approve[SIDE_CUSTOMER],
                             .partners = v.approve[SIDE_PARTNER],
                             .others = v.approve[SIDE_INFLUENCER] + v.approve[SIDE_ADVISORY_BOARD],
                             .outdated = v.outdated};
    for (size_t i = 0; i < SIDE_COUNT; i++)
        out->refusals += v.refuse[i];
    out->is_met = out->customers > 0 && out->partners > 0;
    return true;
}
