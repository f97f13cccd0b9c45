/* api_strategy.c - the strategy's objects, ratings, decision and reviews over the API. */
#include <microhttpd.h>

#include "base/version.h"
#include "ledger/ledger.h"
#include "strategy/decision/decision_replay.h"
#include "strategy/model/document.h"
#include "strategy/rating/rating_change.h"
#include "strategy/rating/topic_rating.h"
#include "web/api/api.h"
#include "web/view/paper_view.h"
#include "web/view/strategy_view.h"

bool api_strategy(struct request *req, struct err *err)
{
    struct strategy_model model;
    Str text;

    if (!store_read(req->workspace->state, &req->arena, &model, err) ||
        !document_write(&req->arena, &model, &text, err))
        return false;
    req->content_type = S("application/json");
    buf_add(&req->html.out, text);
    return true;
}

static bool kind_of(struct request *req, enum object_kind *kind, struct err *err)
{
    int value = 0;
    Str word = request_capture(req, S("kind"));

    if (!word_find(&words_object_kind, word, &value))
        return err_set(err, ERR_NOT_FOUND, "there is no kind of object '" STR_F "'", STR_A(word));
    *kind = (enum object_kind)value;
    return true;
}

static bool put_object(struct request *req, struct json_writer *w, enum object_kind kind,
                       const void *object, struct err *err)
{
    Str text;

    if (!store_object_json(&req->arena, kind, object, &text, err))
        return false;
    json_begin_object(w);
    json_set_i64(w, "revision", object_revision(object));
    json_key(w, S("object"));
    json_put_raw(w, text);
    json_end_object(w);
    return true;
}

bool api_objects(struct request *req, struct err *err)
{
    struct strategy_model model;
    struct object_list list;
    struct json_writer w;
    enum object_kind kind;

    if (!kind_of(req, &kind, err) || !store_read(req->workspace->state, &req->arena, &model, err))
        return false;
    list = model_objects(&model, kind);
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < list.count; i++)
        if (!put_object(req, &w, kind, object_at(&list, i), err))
            return false;
    json_end_array(&w);
    return api_end(req, &w);
}

static bool read_object(struct request *req, enum object_kind *kind, const void **object,
                        struct err *err)
{
    struct strategy_model model;
    Str id = request_capture(req, S("id"));

    if (!kind_of(req, kind, err) || !store_read(req->workspace->state, &req->arena, &model, err))
        return false;
    *object = model_find(&model, *kind, id);
    return *object || err_set(err, ERR_NOT_FOUND, "there is no such object '" STR_F "'", STR_A(id));
}

bool api_object(struct request *req, struct err *err)
{
    enum object_kind kind;
    const void *object;
    struct json_writer w;
    Str text;

    if (!read_object(req, &kind, &object, err) ||
        !store_object_json(&req->arena, kind, object, &text, err))
        return false;
    api_begin(req, &w);
    json_set_i64(&w, "revision", object_revision(object));
    json_key(&w, S("object"));
    json_put_raw(&w, text);
    return api_end(req, &w);
}

/* The text of a value as it was sent, as large as a body may be. */
static bool text_of(struct request *req, const struct json *value, Str *out, struct err *err)
{
    struct json_writer w;
    struct buf text;

    buf_init(&text, BODY_BYTES_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_put_tree(&w, value);
    bool ok = buf_ok(&text, err) &&
              (arena_try_str(&req->arena, buf_str(&text), out) || err_arena(err, &req->arena));
    buf_deinit(&text);
    return ok;
}

/* {"revision": 0 creates, "object": {...}, "reason": ""} */
bool api_object_put(struct request *req, struct err *err)
{
    struct change change;
    const struct json *body;
    enum object_kind kind;
    Str json;

    if (!kind_of(req, &kind, err) || !api_body(req, &body, err))
        return false;
    const struct json *given = json_get(body, "object");
    Str id = json_str_or(given, "id", STR_NONE);
    if (!str_eq(id, request_capture(req, S("id"))))
        return err_set(err, ERR_INPUT, "object.id: has to be the id of the address");
    void *object = arena_alloc(&req->arena, store_object_size(kind), 16, 1);
    if (!text_of(req, given, &json, err) ||
        !store_object_parse(&req->arena, kind, json, object, err))
        return false;
    object_set_revision(object, json_i64_or(body, "revision", 0));
    change = strategy_change(req, json_str_or(body, "reason", STR_NONE));
    return rating_change_put(req->workspace->state, &change, kind, object, err) &&
           api_object(req, err);
}

bool api_object_remove(struct request *req, struct err *err)
{
    struct change change = strategy_change(req, request_query(req, S("reason")));
    enum object_kind kind;
    const void *object;

    if (!read_object(req, &kind, &object, err) ||
        !store_remove(req->workspace->state, &change, kind, request_capture(req, S("id")),
                      request_query_i64(req, S("revision"), object_revision(object), 0, INT64_MAX),
                      err))
        return false;
    req->status = MHD_HTTP_NO_CONTENT;
    return true;
}

/* {"revision", "affinity", "standing", "position", "holder", "low_cause", "reason"} */
bool api_topic_rating(struct request *req, struct err *err)
{
    struct rating_choice choice = {.affinity = -1};
    struct change change;
    const struct json *body;
    struct json_writer w;
    int standing = 0, position = 0;

    if (!api_body(req, &body, err))
        return false;
    Str standing_text = json_str_or(body, "standing", STR_NONE),
        position_text = json_str_or(body, "position", STR_NONE);
    if (standing_text.len > 0 && !word_find(&words_standing, standing_text, &standing))
        return err_set(err, ERR_INPUT, "standing: has to be leading, equal or weaker");
    if (position_text.len > 0 && !word_find(&words_position, position_text, &position))
        return err_set(err, ERR_INPUT, "position: has to be open, occupied or ours");
    choice.affinity = json_i64_or(body, "affinity", -1);
    choice.standing = (enum standing)standing;
    choice.position = (enum position_state)position;
    choice.holder = json_str_or(body, "holder", STR_NONE);
    choice.low_cause = json_str_or(body, "low_cause", STR_NONE);
    change = strategy_change(req, json_str_or(body, "reason", STR_NONE));
    if (!topic_rating_decide(req->workspace->state, &change, request_capture(req, S("topic")),
                             json_i64_or(body, "revision", 0), &choice, err))
        return false;
    api_begin(req, &w);
    json_set_bool(&w, "is_saved", true);
    return api_end(req, &w);
}

bool api_decision(struct request *req, struct err *err)
{
    struct decision d;
    struct json_writer w;

    if (!decision_current(req->workspace->state, &req->arena, &d, err))
        return false;
    if (d.id == 0)
        return err_set(err, ERR_NOT_FOUND, "no decision is in force");
    api_begin(req, &w);
    json_set_i64(&w, "id", d.id);
    json_set_str(&w, "version", d.version);
    json_set_str(&w, "version_name", d.version_name);
    json_set_str(&w, "reason", d.reason);
    json_set_str(&w, "conditions", d.conditions);
    json_set_str(&w, "reopening", d.reopening);
    json_set_str(&w, "signed_by", d.signed_name);
    api_set_time(req, &w, "signed_at", d.signed_at_ms);
    json_set_str(&w, "model_hash", d.model_hash);
    json_set_i64(&w, "armed", d.armed_count);
    json_set_array(&w, "rejected");
    for (size_t i = 0; i < d.rejected.count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "version", d.rejected.items[i].version);
        json_set_str(&w, "reason", d.rejected.items[i].reason);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

/* {"ledger_head", "paper": as decision_paper_json()} */
bool api_decision_paper(struct request *req, struct err *err)
{
    struct paper_view *view = arena_new(&req->arena, struct paper_view, 1);
    struct ledger_head head;
    const struct json *paper;
    struct json_writer w;
    Str text;

    if (!paper_view_read(req, view, err) || !ledger_head_read(req->workspace->state, &head, err) ||
        !decision_paper_json(&req->arena, &view->paper, &text, err) ||
        !json_parse(&req->arena, text, &paper, err))
        return false;
    api_begin(req, &w);
    json_set_str(&w, "ledger_head",
                 arena_printf(&req->arena, "%lld:%s", (long long)head.seq, head.hash_hex));
    json_key(&w, S("paper"));
    json_put_tree(&w, paper);
    return api_end(req, &w);
}

/* As decision_replay_json(). */
bool api_decision_replay(struct request *req, struct err *err)
{
    struct decision_replay *replay = arena_new(&req->arena, struct decision_replay, 1);
    int64_t id = request_query_i64(req, S("decision"), 0, 0, INT64_MAX);
    Str text;

    if (!decision_replay(req->workspace->state, &req->arena, id, S(TRIMTAB_VERSION), 1, replay,
                         err) ||
        !decision_replay_json(&req->arena, replay, &text, err))
        return false;
    req->content_type = S("application/json");
    buf_add(&req->html.out, text);
    return true;
}

bool api_reviews(struct request *req, struct err *err)
{
    const struct review_note *notes;
    struct json_writer w;
    size_t count;

    if (!review_list(req->workspace->state, &req->arena,
                     str_eq(request_query(req, S("open")), S("true")), 200, &notes, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_i64(&w, "id", notes[i].id);
        json_set_str(&w, "kind", word_of(&words_review_kind, (int)notes[i].kind));
        json_set_str(&w, "object_id", notes[i].object_id);
        json_set_str(&w, "text", notes[i].text);
        json_set_str(&w, "proposal", notes[i].proposal);
        api_set_time(req, &w, "opened_at", notes[i].opened_at_ms);
        json_set_bool(&w, "is_open", notes[i].closed_at_ms == 0);
        json_set_str(&w, "resolution", notes[i].resolution);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}
