#include "strategy/decision/decision.h"

#include "db/db.h"
#include "format/digest.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "strategy/model/document.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"

#define LAST_GATE 7 /* gates 0 to 7 come before a decision */

enum { GATE_VERSIONS = 6 };

struct deciding {
    struct db *db;
    struct arena *arena;
    const struct method *method;
    const struct decision_order *order;
    struct change change;
    struct strategy_model model;
    const struct strategy_version *version;
    Str document;
    DigestHex hash;
    int64_t armed_count;
};

/* --- may it be taken? --------------------------------------------------------------------------
 */

static bool is_blank(Str text)
{
    return str_trim(text).len == 0;
}

static bool check_signature(const struct decision_order *order, struct err *err)
{
    if (!order->signature.is_management)
        return err_set(err, ERR_DENIED, "only the management role can decide on a strategy");
    if (!order->signature.is_password_checked)
        return err_set(err, ERR_DENIED, "a decision is signed with the password, asked for again");
    if (is_blank(order->signature.account))
        return err_set(err, ERR_INPUT, "a decision needs who signs it");
    if (is_blank(order->reason))
        return err_set(err, ERR_INPUT, "a decision needs its reason");
    if (is_blank(order->reopening))
        return err_set(err, ERR_INPUT, "a decision needs the conditions for taking it again");
    return true;
}

static bool check_version(struct deciding *work, struct err *err)
{
    Str id = work->order->version;

    work->version = model_version(&work->model, id);
    if (!work->version)
        return err_set(err, ERR_NOT_FOUND, "there is no version '" STR_F "'", STR_A(id));
    if (work->version->state >= VERSION_ADOPTED)
        return err_set(err, ERR_CONFLICT, "version '" STR_F "' is %s", STR_A(id),
                       words_version_state.words[work->version->state]);
    if (work->version->verdict == VERDICT_ABANDON)
        return err_set(err, ERR_CONFLICT, "version '" STR_F "' was abandoned", STR_A(id));
    if (work->version->simulation.id == 0 || work->version->simulation.is_stale)
        return err_set(err, ERR_CONFLICT,
                       "version '" STR_F "' is not simulated on the present "
                       "figures",
                       STR_A(id)) ||
               err_hint(err, "run the simulation, then decide");
    return true;
}

static bool check_gates(const struct deciding *work, struct err *err)
{
    const struct gate_facts facts = {0};
    const struct gate *gates = NULL;
    size_t count = 0;

    if (!gates_check(work->arena, &work->model, work->method, &facts, work->order->language, &gates,
                     &count, err))
        return false;
    for (size_t i = 0; i < count && i <= LAST_GATE; i++) {
        bool is_excepted = i == GATE_VERSIONS && !is_blank(work->order->single_version_reason);
        if (gates[i].state != GATE_OPEN || is_excepted)
            continue;
        return err_set(err, ERR_CONFLICT, "the gate of step %zu, " STR_F ", is open: " STR_F, i,
                       STR_A(gates[i].name), STR_A(gates[i].missing.items[0])) ||
               err_hint(err, "supply what is missing or waive the gate with a reason");
    }
    return true;
}

static bool is_candidate(const struct strategy_version *version)
{
    return version->state < VERSION_ADOPTED && version->verdict != VERDICT_ABANDON;
}

static const struct rejection *rejection_of(const struct decision_order *order, Str version)
{
    for (size_t i = 0; i < order->rejected_count; i++) {
        if (str_eq(order->rejected[i].version, version))
            return &order->rejected[i];
    }
    return NULL;
}

static bool check_rejections(const struct deciding *work, struct err *err)
{
    int64_t candidates = 0;

    for (size_t i = 0; i < work->model.versions.count; i++) {
        const struct strategy_version *version = &work->model.versions.items[i];
        candidates += is_candidate(version);
        if (!is_candidate(version) || version == work->version)
            continue;
        const struct rejection *rejection = rejection_of(work->order, version->id);
        if (!rejection || is_blank(rejection->reason))
            return err_set(err, ERR_INPUT, "version '" STR_F "' is rejected without a reason",
                           STR_A(version->id));
    }
    for (size_t i = 0; i < work->order->rejected_count; i++) {
        Str id = work->order->rejected[i].version;
        if (!model_version(&work->model, id) || str_eq(id, work->version->id))
            return err_set(err, ERR_INPUT, "'" STR_F "' is not a version to reject", STR_A(id));
    }
    if (candidates < work->method->steering.alternatives_minimum &&
        is_blank(work->order->single_version_reason))
        return err_set(err, ERR_CONFLICT, "a decision needs at least %lld versions to choose from",
                       (long long)work->method->steering.alternatives_minimum) ||
               err_hint(err, "find alternatives, or give the reason for the exception");
    return true;
}

/* --- taking it ---------------------------------------------------------------------------------
 */

static bool freeze(struct deciding *work, struct err *err)
{
    if (!document_write(work->arena, &work->model, &work->document, err))
        return false;
    work->hash = digest_sha256_hex(work->document);
    return true;
}

static bool set_state(struct deciding *work, const struct strategy_version *version,
                      enum version_state state, Str verb, Str reason, struct err *err)
{
    struct strategy_version next = *version;
    struct change change = work->change;

    next.state = state;
    change.reason = reason;
    return store_write_object(work->db, work->arena, &change, OBJECT_VERSION, version, &next, verb,
                              err);
}

/* What adopting one version makes of each. */
static enum version_state state_after(const struct strategy_version *version, Str adopted)
{
    if (str_eq(version->id, adopted))
        return VERSION_ADOPTED;
    if (version->state == VERSION_ADOPTED)
        return VERSION_SUPERSEDED;
    return is_candidate(version) ? VERSION_REJECTED : version->state;
}

void decision_apply_states(struct strategy_model *model, Str adopted)
{
    for (size_t i = 0; i < model->versions.count; i++)
        model->versions.items[i].state = state_after(&model->versions.items[i], adopted);
}

static bool set_states(struct deciding *work, struct err *err)
{
    for (size_t i = 0; i < work->model.versions.count; i++) {
        const struct strategy_version *version = &work->model.versions.items[i];
        enum version_state state = state_after(version, work->version->id);
        Str verb = state == VERSION_ADOPTED ? S("adopt") : S("supersede");
        Str reason = work->order->reason;
        if (state == version->state)
            continue;
        if (state == VERSION_REJECTED) {
            verb = S("reject");
            reason = rejection_of(work->order, version->id)->reason;
        }
        if (!set_state(work, version, state, verb, reason, err))
            return false;
    }
    return true;
}

static bool is_relied_on(const struct deciding *work, Str assumption)
{
    for (size_t i = 0; i < work->model.options.count; i++) {
        const struct strategy_option *option = &work->model.options.items[i];
        if (version_has(work->version, option->id) &&
            option_factor_if_false(option, assumption) < 1)
            return true;
    }
    return false;
}

static bool arm_assumptions(struct deciding *work, struct err *err)
{
    int64_t from_ms =
        work->order->armed_from_ms > 0 ? work->order->armed_from_ms : work->order->signature.at_ms;

    for (size_t i = 0; i < work->model.assumptions.count; i++) {
        const struct assumption *assumption = &work->model.assumptions.items[i];
        bool has_rule =
            assumption->has_rule && (assumption->query.len > 0 || assumption->rule.signal.len > 0);
        if (!has_rule || !is_relied_on(work, assumption->id))
            continue;
        work->armed_count++;
        if (assumption->armed_at_ms == 0 &&
            !assumption_arm(work->db, &work->change, assumption->id, from_ms, err))
            return false;
    }
    return true;
}

static bool rejected_json(struct deciding *work, Str *out, struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 16u * 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_array(&writer);
    for (size_t i = 0; i < work->order->rejected_count; i++) {
        json_begin_object(&writer);
        json_set_str(&writer, "version", work->order->rejected[i].version);
        json_set_str(&writer, "reason", work->order->rejected[i].reason);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    return text_end(&text, work->arena, out, err);
}

static Str or_empty(Str text)
{
    return text.ptr ? text : S("");
}

static bool insert(struct deciding *work, int64_t *id, struct err *err)
{
    const struct decision_order *order = work->order;
    struct stmt *stmt = NULL;
    Str rejected = STR_NONE;

    if (!rejected_json(work, &rejected, err) ||
        !db_query(work->db,
                  "INSERT INTO strategy_decision (version_id, version_name, reason, conditions, "
                  "resources_granted, reopening, single_version_reason, rejected, signed_by, "
                  "signed_name, signed_at_ms, simulation_id, document_sha256, document, "
                  "armed_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                  "?14, ?15)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, work->version->id);
    stmt_bind_str(stmt, 2, work->version->name);
    stmt_bind_str(stmt, 3, order->reason);
    stmt_bind_str(stmt, 4, or_empty(order->conditions));
    stmt_bind_str(stmt, 5, or_empty(order->resources_granted));
    stmt_bind_str(stmt, 6, order->reopening);
    stmt_bind_str(stmt, 7, or_empty(order->single_version_reason));
    stmt_bind_str(stmt, 8, rejected);
    stmt_bind_str(stmt, 9, order->signature.account);
    stmt_bind_str(stmt, 10, or_empty(order->signature.name));
    stmt_bind_i64(stmt, 11, order->signature.at_ms);
    stmt_bind_i64(stmt, 12, work->version->simulation.id);
    stmt_bind_str(stmt, 13, str_from_cstr(work->hash.text));
    stmt_bind_str(stmt, 14, work->document);
    stmt_bind_i64(stmt, 15, work->armed_count);
    if (!stmt_run(stmt, err))
        return false;
    *id = db_last_id(work->db);
    return true;
}

static bool supersede(struct deciding *work, int64_t id, struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(work->db,
                  "UPDATE strategy_decision SET superseded_by = ?1 "
                  "WHERE superseded_by IS NULL AND id <> ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_run(stmt, err);
}

static bool describe(struct deciding *work, Str *out, struct err *err)
{
    const struct decision_order *order = work->order;
    struct json_writer writer;
    struct buf text;
    Str rejected = STR_NONE;

    if (!rejected_json(work, &rejected, err))
        return false;
    buf_init(&text, 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_set_str(&writer, "version", work->version->id);
    json_set_str(&writer, "signed_name", order->signature.name);
    json_set_str(&writer, "conditions", order->conditions);
    json_set_str(&writer, "resources_granted", order->resources_granted);
    json_set_str(&writer, "reopening", order->reopening);
    json_set_str(&writer, "single_version_reason", order->single_version_reason);
    json_key(&writer, S("rejected"));
    json_put_raw(&writer, rejected);
    json_set_i64(&writer, "simulation", work->version->simulation.id);
    json_set_str(&writer, "document_sha256", str_from_cstr(work->hash.text));
    json_set_i64(&writer, "armed", work->armed_count);
    json_end_object(&writer);
    return text_end(&text, work->arena, out, err);
}

static bool append(struct deciding *work, int64_t id, struct err *err)
{
    struct ledger_entry entry = {.at_ms = work->change.at_ms,
                                 .actor = work->change.actor,
                                 .action = S("version.decide"),
                                 .object_kind = S("decision"),
                                 .object_id = arena_printf(work->arena, "%lld", (long long)id),
                                 .reason = work->order->reason};

    return describe(work, &entry.after_json, err) && ledger_append(work->db, &entry, err);
}

static bool decide(struct deciding *work, int64_t *id, struct err *err)
{
    return store_read(work->db, work->arena, &work->model, err) && check_version(work, err) &&
           check_rejections(work, err) && check_gates(work, err) && freeze(work, err) &&
           set_states(work, err) && arm_assumptions(work, err) && insert(work, id, err) &&
           supersede(work, *id, err) && append(work, *id, err);
}

bool decision_record(struct db *db, struct arena *arena, const struct method *method,
                     const struct decision_order *order, int64_t *id, struct err *err)
{
    struct deciding work = {.db = db,
                            .arena = arena,
                            .method = method,
                            .order = order,
                            .change = {.actor = order->signature.account,
                                       .reason = order->reason,
                                       .at_ms = order->signature.at_ms}};

    *id = 0;
    if (!check_signature(order, err) || !db_begin(db, err))
        return false;
    bool ok = decide(&work, id, err);
    if (!ok)
        *id = 0;
    if (!db_end(db, ok, err)) {
        *id = 0;
        return false;
    }
    return true;
}

/* --- reading -----------------------------------------------------------------------------------
 */

static bool read_rejected(struct arena *arena, Str text, struct decision *out, struct err *err)
{
    const struct json *array = NULL;

    if (!json_parse(arena, text, &array, err))
        return err_wrap(err, "stored decision");
    out->rejected.items = arena_try_alloc(arena, sizeof(struct rejection),
                                          _Alignof(struct rejection), json_len(array) + 1);
    if (!out->rejected.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(array); i++)
        out->rejected.items[out->rejected.count++] =
            (struct rejection){.version = json_str_or(json_at(array, i), "version", STR_NONE),
                               .reason = json_str_or(json_at(array, i), "reason", STR_NONE)};
    return true;
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct decision *out = item;
    Str rejected = STR_NONE;
    Str *const texts[] = {&out->version,
                          &out->version_name,
                          &out->reason,
                          &out->conditions,
                          &out->resources_granted,
                          &out->reopening,
                          &out->single_version_reason,
                          &rejected,
                          &out->signed_by,
                          &out->signed_name,
                          &out->model_hash,
                          &out->document};

    (void)context;
    *out = (struct decision){0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (!stmt_copy_str(stmt, (int)i + 1, arena, texts[i], err))
            return false;
    }
    out->id = stmt_i64(stmt, 0);
    out->signed_at_ms = stmt_i64(stmt, 13);
    out->simulation_id = stmt_i64(stmt, 14);
    out->armed_count = stmt_i64(stmt, 15);
    out->superseded_by = stmt_i64(stmt, 16);
    return read_rejected(arena, rejected, out, err);
}

static bool load_one(struct stmt *stmt, struct arena *arena, struct decision *out, struct err *err)
{
    bool has_row = false;

    *out = (struct decision){0};
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    bool ok = load(stmt, arena, NULL, out, err);
    stmt_reset(stmt);
    return ok;
}

#define DECISION_COLUMNS                                                                           \
    "SELECT id, version_id, version_name, reason, conditions, resources_granted, reopening, "      \
    "single_version_reason, rejected, signed_by, signed_name, document_sha256, document, "         \
    "signed_at_ms, simulation_id, armed_count, superseded_by FROM strategy_decision "

bool decision_current(struct db *db, struct arena *arena, struct decision *out, struct err *err)
{
    struct stmt *stmt = NULL;

    return db_query(db, DECISION_COLUMNS "WHERE superseded_by IS NULL ORDER BY id DESC LIMIT 1",
                    &stmt, err) &&
           load_one(stmt, arena, out, err);
}

bool decision_read(struct db *db, struct arena *arena, int64_t id, struct decision *out,
                   struct err *err)
{
    struct stmt *stmt = NULL;

    if (!db_query(db, DECISION_COLUMNS "WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!load_one(stmt, arena, out, err))
        return false;
    return out->id > 0 || err_set(err, ERR_NOT_FOUND, "there is no decision %lld", (long long)id);
}

bool decision_list(struct db *db, struct arena *arena, const struct decision **out, size_t *count,
                   struct err *err)
{
    struct stmt *stmt = NULL;
    struct any_list list = {0};

    *count = 0;
    *out = NULL;
    if (!db_query(db, DECISION_COLUMNS "ORDER BY id DESC LIMIT 200", &stmt, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof(struct decision), load, NULL, &list.items,
                             &list.count, err);
    *out = list.items;
    *count = list.count;
    return ok;
}

bool decision_model(struct arena *arena, const struct decision *decision,
                    struct strategy_model *out, struct err *err)
{
    struct document_faults faults;
    struct err why = {0};
    DigestHex hash = digest_sha256_hex(decision->document);

    if (!str_eq(str_from_cstr(hash.text), decision->model_hash))
        return err_set(err, ERR_CORRUPT, "the document of decision %lld was altered",
                       (long long)decision->id);
    if (!document_read(arena, decision->document, out, &faults, &why))
        return err_set(err, ERR_CORRUPT, "the document of decision %lld cannot be read: %s",
                       (long long)decision->id, why.msg);
    return true;
}
