#include "strategy/decision/decision_replay.h"

#include "format/json.h"
#include "strategy/decision/version_input.h"
#include "strategy/model/object.h"

#define JSON_BYTES_OF_REPLAY_MAX (64u * 1024u * 1024u)

static bool read_decision(struct db *db, struct arena *arena, int64_t id, struct decision *out,
                          struct err *err)
{
    if (id > 0)
        return decision_read(db, arena, id, out, err);
    if (!decision_current(db, arena, out, err))
        return false;
    return out->id > 0 || err_set(err, ERR_NOT_FOUND, "nothing is decided yet");
}

/* Parts the changes, each part in their order. */
static bool part_changes(struct arena *arena, const struct strategy_model *frozen,
                         const struct strategy_model *today, const DocumentChanges *changes,
                         struct decision_replay *out, struct err *err)
{
    DocumentChanges *const parts[] = {&out->others, &out->inputs};
    struct version_inputs inputs;

    if (!version_inputs_find(arena, frozen, today, out->decision.version, &inputs, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i]->items = arena_try_new(arena, struct document_change, changes->count + 1);
        if (!parts[i]->items)
            return err_arena(err, arena);
    }
    for (size_t i = 0; i < changes->count; i++) {
        const struct document_change *change = &changes->items[i];
        bool is_input = version_input_is(&inputs, change);
        parts[is_input]->items[parts[is_input]->count++] = *change;
    }
    return true;
}

static bool list_changes(struct db *db, struct arena *arena, struct strategy_model *frozen,
                         struct decision_replay *out, struct err *err)
{
    struct strategy_model *today = arena_new(arena, struct strategy_model, 1);
    DocumentChanges changes;

    decision_apply_states(frozen, out->decision.version);
    return store_read(db, arena, today, err) &&
           document_difference(arena, frozen, today, &changes, err) &&
           part_changes(arena, frozen, today, &changes, out, err);
}

bool decision_replay(struct db *db, struct arena *arena, int64_t id, Str program_version,
                     int threads, struct decision_replay *out, struct err *err)
{
    struct strategy_model *frozen = arena_new(arena, struct strategy_model, 1);
    struct err *fault = &out->document_fault;

    *out = (struct decision_replay){.program_version = program_version};
    if (!read_decision(db, arena, id, &out->decision, err))
        return false;
    if (!decision_model(arena, &out->decision, frozen, fault)) {
        if (fault->code == ERR_CORRUPT)
            return true;
        *err = *fault;
        return false;
    }
    if (!simulation_prove(db, arena, out->decision.simulation_id, frozen, threads, &out->proof,
                          err))
        return false;
    out->is_proven = out->proof.fault == SIMULATION_PROVEN;
    return list_changes(db, arena, frozen, out, err);
}

/* --- as JSON -----------------------------------------------------------------------------------
 */

static void write_value(struct json_writer *w, const char *key, Str json)
{
    if (json.len == 0)
        return;
    json_key(w, str_from_cstr(key));
    json_put_raw(w, json);
}

static void write_changes(struct json_writer *w, const char *key, const DocumentChanges *changes)
{
    json_set_array(w, key);
    for (size_t i = 0; i < changes->count; i++) {
        const struct document_change *change = &changes->items[i];
        json_begin_object(w);
        json_set_str(w, "kind", word_of(&words_object_kind, (int)change->kind));
        json_set_str(w, "change", word_of(&words_document_change, (int)change->what));
        if (change->id.len > 0) {
            json_set_str(w, "id", change->id);
            json_set_str(w, "label", change->label);
        }
        if (change->field.len > 0)
            json_set_str(w, "field", change->field);
        write_value(w, "before", change->before);
        write_value(w, "after", change->after);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_proof(struct json_writer *w, const struct decision_replay *replay)
{
    const struct simulation_proof *proof = &replay->proof;

    json_set_object(w, "simulation");
    json_set_i64(w, "id", proof->id);
    json_set_i64(w, "trials", proof->trials);
    json_key(w, S("seed"));
    json_put_u64(w, proof->seed);
    json_set_str(w, "method", proof->method);
    json_set_str(w, "model_hash", proof->model_hash);
    json_set_str(w, "result_sha256_then", proof->result_then);
    if (proof->result_now.len > 0)
        json_set_str(w, "result_sha256_now", proof->result_now);
    json_set_str(w, "program_version_then", proof->program_version);
    json_set_str(w, "program_version_now", replay->program_version);
    if (proof->fault != SIMULATION_PROVEN) {
        json_set_str(w, "differs_in", word_of(&words_simulation_fault, (int)proof->fault));
        json_set_str(w, "member", proof->member);
        json_set_str(w, "stored", proof->stored);
        json_set_str(w, "now", proof->now);
    }
    json_end_object(w);
}

bool decision_replay_json(struct arena *arena, const struct decision_replay *replay, Str *out,
                          struct err *err)
{
    const struct decision *decision = &replay->decision;
    struct json_writer w;
    struct buf text;

    buf_init(&text, JSON_BYTES_OF_REPLAY_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "decision", decision->id);
    json_set_str(&w, "version", decision->version);
    json_set_str(&w, "version_name", decision->version_name);
    json_set_bool(&w, "is_proven", replay->is_proven);
    json_set_str(&w, "document_sha256", decision->model_hash);
    if (replay->document_fault.code != ERR_NONE)
        json_set_str(&w, "document_fault", str_from_cstr(replay->document_fault.msg));
    else
        write_proof(&w, replay);
    write_changes(&w, "inputs", &replay->inputs);
    write_changes(&w, "others", &replay->others);
    json_end_object(&w);
    return text_end(&text, arena, out, err);
}
