#include "strategy/rating/topic_rating.h"

#include <math.h>

#include "base/wording.h"
#include "db/db.h"
#include "format/json.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"
#include "strategy/rating/rating_change.h"
#include "strategy/steering/review.h"

#define SCRATCH_BYTES_MAX (64u * 1024u * 1024u)

/* --- the numbers as JSON -----------------------------------------------------------------------
 */

static void write_measured(struct json_writer *writer, const struct measured *number)
{
    json_set_bool(writer, "is_available", number->is_available);
    if (!number->is_available)
        return;
    json_set_f64(writer, "value", number->value);
    json_set_i64(writer, "sample", number->sample);
    json_set_i64(writer, "evidence", number->evidence);
}

static void write_affinity(struct json_writer *writer, const struct rating_rules *rules,
                           const struct topic_proposal *proposal)
{
    json_set_array(writer, "affinity");
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        const struct affinity_reason *reason = &proposal->affinity_reasons[i];
        json_begin_object(writer);
        json_set_str(writer, "criterion", rules->affinity[i].key);
        write_measured(writer, &reason->number);
        json_set_i64(writer, "score", reason->score);
        json_set_bool(writer, "is_too_few", reason->is_too_few);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static const char *const reason_words[] = {"voice", "engagement", "sentiment", "trend", "holder"};
static const struct word_list words_reason = {reason_words, COUNT_OF(reason_words)};

static void write_position(struct json_writer *writer, const struct position_reason *reason)
{
    json_begin_object(writer);
    json_set_str(writer, "kind", word_of(&words_reason, (int)reason->kind));
    if (reason->has_own) {
        json_set_f64(writer, "own", reason->own);
        json_set_i64(writer, "own_sample", reason->own_sample);
        json_set_i64(writer, "own_evidence", reason->own_evidence);
    }
    if (reason->has_rival) {
        json_set_f64(writer, "rival", reason->rival);
        json_set_i64(writer, "rival_sample", reason->rival_sample);
        json_set_i64(writer, "rival_evidence", reason->rival_evidence);
    }
    json_set_str(writer, "rival_name", reason->rival_name);
    json_end_object(writer);
}

static bool numbers_write(struct arena *arena, const struct rating_rules *rules,
                          const struct topic_proposal *proposal, Str *out, struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_set_str(&writer, "rules", proposal->rules_version);
    json_set_i64(&writer, "from_ms", proposal->from_ms);
    json_set_i64(&writer, "to_ms", proposal->to_ms);
    json_set_i64(&writer, "mentions", proposal->mentions);
    json_set_f64(&writer, "active_days", proposal->active_days);
    json_set_f64(&writer, "coverage", proposal->coverage);
    json_set_str(&writer, "holder", proposal->holder);
    write_affinity(&writer, rules, proposal);
    json_set_array(&writer, "position");
    for (size_t i = 0; i < proposal->position_reasons.count; i++)
        write_position(&writer, &proposal->position_reasons.items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    return text_end(&text, arena, out, err);
}

static void read_affinity(const struct json *array, struct topic_proposal *out)
{
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        const struct json *from = json_at(array, i);
        out->affinity_reasons[i] = (struct affinity_reason){
            .criterion = (enum affinity_criterion)i,
            .number = {.is_available = json_bool_or(from, "is_available", false),
                       .value = json_f64_or(from, "value", 0),
                       .sample = json_i64_or(from, "sample", 0),
                       .evidence = json_i64_or(from, "evidence", 0)},
            .score = json_i64_or(from, "score", -1),
            .is_too_few = json_bool_or(from, "is_too_few", false)};
    }
}

static bool read_position(const struct json *from, struct position_reason *out, struct err *err)
{
    int kind = 0;

    if (!word_find(&words_reason, json_str_or(from, "kind", STR_NONE), &kind))
        return err_set(err, ERR_CORRUPT, "a stored proposal has an unknown reason");
    *out = (struct position_reason){.kind = (enum position_reason_kind)kind,
                                    .has_own = json_get(from, "own") != NULL,
                                    .has_rival = json_get(from, "rival") != NULL,
                                    .own = json_f64_or(from, "own", 0),
                                    .rival = json_f64_or(from, "rival", 0),
                                    .own_sample = json_i64_or(from, "own_sample", 0),
                                    .rival_sample = json_i64_or(from, "rival_sample", 0),
                                    .own_evidence = json_i64_or(from, "own_evidence", 0),
                                    .rival_evidence = json_i64_or(from, "rival_evidence", 0),
                                    .rival_name = json_str_or(from, "rival_name", STR_NONE)};
    return true;
}

static bool numbers_read(struct arena *arena, Str text, struct topic_proposal *out, struct err *err)
{
    const struct json *root = NULL, *position = NULL;

    if (!json_parse(arena, text, &root, err))
        return err_wrap(err, "stored proposal");
    out->rules_version = json_str_or(root, "rules", STR_NONE);
    out->from_ms = json_i64_or(root, "from_ms", 0);
    out->to_ms = json_i64_or(root, "to_ms", 0);
    out->mentions = json_i64_or(root, "mentions", 0);
    out->active_days = json_f64_or(root, "active_days", 0);
    out->coverage = json_f64_or(root, "coverage", 0);
    out->holder = json_str_or(root, "holder", STR_NONE);
    read_affinity(json_get(root, "affinity"), out);
    position = json_get(root, "position");
    out->position_reasons.items =
        arena_try_new(arena, struct position_reason, json_len(position) + 1);
    if (!out->position_reasons.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(position); i++) {
        if (!read_position(json_at(position, i),
                           &out->position_reasons.items[out->position_reasons.count++], err))
            return false;
    }
    return true;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static bool insert(struct db *db, const struct topic_proposal *proposal, Str numbers, int64_t at_ms,
                   struct err *err)
{
    struct stmt *stmt = NULL;
    Str standing = word_of(&words_standing, (int)proposal->standing);
    Str position = word_of(&words_position, (int)proposal->position);

    if (!db_query(db,
                  "INSERT INTO strategy_proposal (topic_id, at_ms, affinity, standing, position, "
                  "numbers) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, proposal->topic);
    stmt_bind_i64(stmt, 2, at_ms);
    stmt_bind_i64(stmt, 3, proposal->affinity);
    stmt_bind_str(stmt, 4, standing.ptr ? standing : S(""));
    stmt_bind_str(stmt, 5, position.ptr ? position : S(""));
    stmt_bind_str(stmt, 6, numbers);
    return stmt_run(stmt, err);
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct topic_proposal *out = item;
    Str numbers = STR_NONE;
    int standing = 0, position = 0;

    (void)context;
    *out = (struct topic_proposal){.id = stmt_i64(stmt, 0), .at_ms = stmt_i64(stmt, 2)};
    if (!stmt_copy_str(stmt, 1, arena, &out->topic, err) ||
        !stmt_copy_str(stmt, 6, arena, &numbers, err))
        return false;
    out->affinity = stmt_i64(stmt, 3);
    if (stmt_str(stmt, 4).len > 0 && !word_find(&words_standing, stmt_str(stmt, 4), &standing))
        return err_set(err, ERR_CORRUPT, "a stored proposal has an unknown standing");
    if (stmt_str(stmt, 5).len > 0 && !word_find(&words_position, stmt_str(stmt, 5), &position))
        return err_set(err, ERR_CORRUPT, "a stored proposal has an unknown position");
    out->standing = (enum standing)standing;
    out->position = (enum position_state)position;
    return numbers_read(arena, numbers, out, err);
}

bool topic_rating_history(struct db *db, struct arena *arena, Str topic, int64_t limit,
                          const struct topic_proposal **out, size_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t most = limit > 0 && limit < 1000 ? (size_t)limit : 1000;
    struct any_list list = {0};

    *count = 0;
    *out = NULL;
    if (!db_query(db,
                  "SELECT id, topic_id, at_ms, affinity, standing, position, numbers "
                  "FROM strategy_proposal WHERE topic_id = ?1 ORDER BY id DESC LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, topic);
    stmt_bind_i64(stmt, 2, (int64_t)most);
    bool ok = stmt_load_rows(stmt, arena, sizeof(struct topic_proposal), load, NULL, &list.items,
                             &list.count, err);
    *out = list.items;
    *count = list.count;
    return ok;
}

bool store_attach_proposals(struct db *db, struct arena *arena, struct strategy_model *model,
                            struct err *err)
{
    for (size_t i = 0; i < model->topics.count; i++) {
        const struct topic_proposal *latest = NULL;
        size_t count = 0;
        if (!topic_rating_history(db, arena, model->topics.items[i].id, 1, &latest, &count, err))
            return false;
        model->topics.items[i].proposal = count > 0 ? latest : NULL;
    }
    return true;
}

/* --- proposing ---------------------------------------------------------------------------------
 */

static bool describe_drift(struct arena *arena, const struct topic *topic,
                           const struct topic_proposal *proposal, const struct rating_drift *drift,
                           struct review_note *note, struct err *err)
{
    struct wording text;

    wording_init(&text, 4096);
    wording_add(&text, "measured conversation of topic \"");
    wording_name(&text, topic->name);
    wording_add(&text, "\" differs from the rating:");
    if (drift->is_affinity)
        wording_add(&text, " affinity confirmed %lld, measured %lld;", (long long)topic->affinity,
                    (long long)proposal->affinity);
    if (drift->is_standing)
        wording_add(&text, " position confirmed %s, measured %s;",
                    words_standing.words[topic->standing],
                    words_standing.words[proposal->standing]);
    if (drift->is_position)
        wording_add(&text, " state confirmed %s, measured %s;",
                    words_position.words[topic->position],
                    words_position.words[proposal->position]);
    wording_add(&text, " %lld posts", (long long)proposal->mentions);
    return wording_end(&text, arena, &note->text, &note->text_kept) || err_arena(err, arena);
}

static bool open_drift_note(struct db *db, struct arena *arena, const struct change *change,
                            const struct topic *topic, const struct topic_proposal *proposal,
                            const struct rating_drift *drift, struct err *err)
{
    struct review_note note = {
        .kind = REVIEW_RATING_DRIFT,
        .object = OBJECT_TOPIC,
        .object_id = topic->id,
        .details = arena_printf(arena, "{\"proposal\":%lld}", (long long)proposal->id)};

    return describe_drift(arena, topic, proposal, drift, &note, err) &&
           review_open(db, change, &note, err);
}

static bool propose(struct db *db, struct arena *arena, const struct change *change,
                    const struct method *method, struct topic_proposal *proposal, bool *drifted,
                    struct err *err)
{
    struct strategy_model model;
    Str numbers = STR_NONE;

    if (!store_read(db, arena, &model, err))
        return false;
    const struct topic *topic = model_topic(&model, proposal->topic);
    if (!topic)
        return err_set(err, ERR_NOT_FOUND, "there is no topic '" STR_F "'", STR_A(proposal->topic));
    if (!numbers_write(arena, &method->rating, proposal, &numbers, err) ||
        !insert(db, proposal, numbers, change->at_ms, err))
        return false;
    proposal->id = db_last_id(db);
    proposal->at_ms = change->at_ms;
    struct rating_drift drift = rating_drift(&method->rating, topic, proposal);
    *drifted = drift.is_affinity || drift.is_standing || drift.is_position;
    return !*drifted || open_drift_note(db, arena, change, topic, proposal, &drift, err);
}

bool topic_rating_propose(struct db *db, const struct change *change, const struct method *method,
                          struct topic_proposal *proposal, bool *drifted, struct err *err)
{
    struct arena arena;

    *drifted = false;
    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = propose(db, &arena, change, method, proposal, drifted, err);
        ok = db_end(db, ok, err);
    }
    if (!ok)
        proposal->id = 0;
    arena_deinit(&arena);
    return ok;
}

/* --- deciding ----------------------------------------------------------------------------------
 */

/* Does the choice say something else than the latest proposal? */
static bool is_override(const struct topic *topic, const struct rating_choice *choice)
{
    const struct topic_proposal *proposal = topic->proposal;

    if (!proposal)
        return true;
    return (choice->affinity >= 0 && choice->affinity != proposal->affinity) ||
           (choice->standing != STANDING_UNSET && choice->standing != proposal->standing) ||
           (choice->position != POSITION_UNSET && choice->position != proposal->position) ||
           (choice->position == POSITION_OCCUPIED && !str_eq(choice->holder, proposal->holder));
}

static void add_evidence(StrList *list, Str item)
{
    if (item.len > 0 && !str_list_has(*list, item))
        list->items[list->count++] = item;
}

static void add_evidence_id(struct arena *arena, StrList *list, int64_t id)
{
    if (id > 0)
        add_evidence(list, arena_printf(arena, "%lld", (long long)id));
}

/* The topic's evidence with that of the proposal and the choice; the oldest give way at the limit.
 */
static bool join_evidence(struct arena *arena, const struct topic *topic,
                          const struct rating_choice *choice, StrList *out, struct err *err)
{
    const struct topic_proposal *proposal = topic->proposal;
    size_t added = proposal ? CRITERION_COUNT + 2 * proposal->position_reasons.count : 0;

    *out = (StrList){.items = arena_try_new(arena, Str, topic->evidence.count + added + 1)};
    if (!out->items)
        return err_arena(err, arena);
    for (size_t i = 0; i < topic->evidence.count; i++)
        add_evidence(out, topic->evidence.items[i]);
    for (size_t i = 0; proposal && i < CRITERION_COUNT; i++)
        add_evidence_id(arena, out, proposal->affinity_reasons[i].number.evidence);
    for (size_t i = 0; proposal && i < proposal->position_reasons.count; i++) {
        add_evidence_id(arena, out, proposal->position_reasons.items[i].own_evidence);
        add_evidence_id(arena, out, proposal->position_reasons.items[i].rival_evidence);
    }
    add_evidence(out, choice->evidence);
    if (out->count > STRATEGY_LIST_MAX) {
        out->items += out->count - STRATEGY_LIST_MAX;
        out->count = STRATEGY_LIST_MAX;
    }
    return true;
}

static bool check_choice(const struct change *change, const struct topic *topic,
                         const struct rating_choice *choice, struct err *err)
{
    if (choice->affinity > 4)
        return err_set(err, ERR_INPUT, "affinity must be from 0 to 4");
    if (is_override(topic, choice) && str_trim(change->reason).len == 0)
        return err_set(err, ERR_INPUT,
                       topic->proposal ? "a rating other than the proposal needs a reason"
                                       : "a rating without a proposal needs a reason");
    return true;
}

static bool decide(struct db *db, struct arena *arena, const struct change *change, Str id,
                   int64_t revision, const struct rating_choice *choice, struct err *err)
{
    struct strategy_model model;

    if (!store_read(db, arena, &model, err))
        return false;
    const struct topic *stored = model_topic(&model, id);
    if (!stored)
        return err_set(err, ERR_NOT_FOUND, "there is no topic '" STR_F "'", STR_A(id));
    if (!check_choice(change, stored, choice, err))
        return false;
    struct topic next = *stored;
    next.revision = revision;
    if (!join_evidence(arena, stored, choice, &next.evidence, err))
        return false;
    if (choice->affinity >= 0) {
        next.affinity = choice->affinity;
        next.affinity_reason = change->reason;
    }
    if (choice->standing != STANDING_UNSET || choice->position != POSITION_UNSET)
        next.position_reason = change->reason;
    if (choice->standing != STANDING_UNSET)
        next.standing = choice->standing;
    if (choice->position != POSITION_UNSET) {
        next.position = choice->position;
        next.holder = choice->position == POSITION_OCCUPIED ? choice->holder : STR_NONE;
    }
    if (choice->low_cause.len > 0)
        next.low_cause = choice->low_cause;
    if ((choice->affinity >= 0 && !rating_names_cause(&next, err)) ||
        (choice->position != POSITION_UNSET && !rating_names_holder(&next, err)))
        return false;
    return topic_put(db, change, &next, err);
}

bool topic_rating_decide(struct db *db, const struct change *change, Str topic, int64_t revision,
                         const struct rating_choice *choice, struct err *err)
{
    struct arena arena;

    arena_init(&arena, SCRATCH_BYTES_MAX);
    bool ok = db_begin(db, err);
    if (ok) {
        ok = decide(db, &arena, change, topic, revision, choice, err);
        ok = db_end(db, ok, err);
    }
    arena_deinit(&arena);
    return ok;
}
