#include "listen/source/source_hook.h"

#include <stdio.h>

#include "base/limits.h"
#include "format/digest.h"
#include "format/time.h"

/* ---- the signature --------------------------------------------------------------------------- */

static bool is_signed(Str secret, const struct hook_request *q)
{
    static const Str prefix = S_INIT("sha256=");
    int64_t seconds;
    struct buf text, wanted;

    if (secret.len == 0 || !str_to_i64(q->timestamp, &seconds) || seconds < 0 ||
        seconds > TIME_MAX_MS / 1000 || !str_starts(q->signature, prefix))
        return false;
    int64_t off_ms = q->now_ms - seconds * 1000;
    if (off_ms > HOOK_TOLERANCE_MS || off_ms < -HOOK_TOLERANCE_MS)
        return false;
    buf_init(&text, q->timestamp.len + q->body.len + 2);
    buf_init(&wanted, KIB);
    buf_add(&text, q->timestamp);
    buf_lit(&text, ".");
    buf_add(&text, q->body);
    Digest mac = digest_hmac_sha256(secret, buf_str(&text));
    digest_add_hex(&wanted, (Str){(const char *)mac.bytes, sizeof mac.bytes});
    bool ok = !text.is_failed &&
              digest_equal(buf_str(&wanted), str_sub(q->signature, prefix.len, q->signature.len));
    buf_deinit(&text);
    buf_deinit(&wanted);
    return ok;
}

/* ---- the posts ------------------------------------------------------------------------------- */

static bool count_batch(void *context, const struct decode_batch *batch, struct err *err)
{
    struct hook_answer *answer = context;

    (void)err;
    answer->posts += (int64_t)batch->posts.count;
    answer->rejected += (int64_t)batch->rejects.count;
    if (answer->first_reject[0] == '\0' && batch->rejects.count > 0)
        snprintf(answer->first_reject, sizeof answer->first_reject, "line %llu: " STR_F,
                 (unsigned long long)batch->rejects.items[0].line,
                 STR_A(str_sub(batch->rejects.items[0].reason, 0, 200)));
    return true;
}

static bool count_posts(const struct source *source, Str body, struct hook_answer *answer,
                        struct err *err)
{
    struct decode_options options = {.source = source->name, .dataset = source->name};

    return decode_format_from(source->format, &options.format) &&
           decode_walk_bytes(source->name, body, &options, count_batch, answer, err);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static bool delivery_find(struct db *db, int64_t source, Str key, DigestHex digest, bool *is_known,
                          bool *is_same, struct err *err)
{
    struct stmt *stmt;

    *is_known = *is_same = false;
    if (!db_query(db, "SELECT digest FROM hook_delivery WHERE source = ?1 AND key = ?2", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_str(stmt, 2, key);
    if (!stmt_step(stmt, is_known, err))
        return false;
    if (*is_known) {
        *is_same = str_eq(stmt_str(stmt, 0), str_from_cstr(digest.text));
        stmt_reset(stmt);
    }
    return true;
}

static bool waiting_bytes(struct db *db, int64_t *bytes, struct err *err)
{
    struct stmt *stmt;

    return db_query(
               db,
               "SELECT coalesce(sum(length(body)), 0) FROM hook_delivery WHERE body IS NOT NULL",
               &stmt, err) &&
           stmt_one_i64(stmt, bytes, err);
}

static bool delivery_insert(struct db *db, int64_t source, const struct hook_request *q,
                            DigestHex digest, const struct hook_answer *answer, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO hook_delivery (source, key, digest, received_at_ms, posts,"
                  " rejected, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, source);
    stmt_bind_str(stmt, 2, q->key);
    stmt_bind_str(stmt, 3, str_from_cstr(digest.text));
    stmt_bind_i64(stmt, 4, q->now_ms);
    stmt_bind_i64(stmt, 5, answer->posts);
    stmt_bind_i64(stmt, 6, answer->rejected);
    stmt_bind_blob(stmt, 7, q->body);
    return stmt_run(stmt, err);
}

static bool decide(struct hook_answer *answer, enum hook_verdict verdict, const char *message)
{
    answer->verdict = verdict;
    answer->message = message;
    return true;
}

/* Inside a transaction, so that two deliveries of one key meet here one after the other. */
static bool keep(struct db *db, const struct source *source, const struct hook_request *q,
                 DigestHex digest, struct hook_answer *answer, struct err *err)
{
    bool is_known, is_same;
    int64_t bytes;

    if (!delivery_find(db, source->id, q->key, digest, &is_known, &is_same, err))
        return false;
    if (is_known)
        return is_same ? decide(answer, HOOK_KNOWN, "This delivery was taken before.")
                       : decide(answer, HOOK_CONFLICT,
                                "The idempotency key was used for another body.");
    if (!waiting_bytes(db, &bytes, err))
        return false;
    if (bytes + (int64_t)q->body.len > HOOK_WAITING_BYTES_MAX)
        return decide(answer, HOOK_FULL, "Too much waits to be stored; send it again later.");
    return delivery_insert(db, source->id, q, digest, answer, err) &&
           decide(answer, HOOK_TAKEN, "Taken.");
}

bool hook_receive(struct db *db, const struct source *source, Str secret,
                  const struct hook_request *request, struct hook_answer *answer, struct err *err)
{
    struct err unreadable = {0};

    *answer = (struct hook_answer){0};
    if (!is_signed(secret, request))
        return decide(answer, HOOK_UNSIGNED,
                      "The signature is wrong, or the timestamp is more than 5 minutes off.");
    if (!source->is_on)
        return decide(answer, HOOK_CONFLICT, "The source is switched off.");
    if (request->key.len == 0 || request->key.len > HOOK_KEY_BYTES_MAX ||
        str_utf8_invalid_at(request->key) < request->key.len)
        return decide(answer, HOOK_UNREADABLE,
                      "Send an Idempotency-Key of 1 to 200 bytes, another one for every delivery.");
    if (!count_posts(source, request->body, answer, &unreadable)) {
        if (unreadable.code != ERR_INPUT && unreadable.code != ERR_LIMIT) {
            *err = unreadable;
            return false;
        }
        snprintf(answer->first_reject, sizeof answer->first_reject, "%.250s", unreadable.msg);
        answer->posts = 0;
    }
    if (answer->posts == 0)
        return decide(answer, HOOK_UNREADABLE, "No post in it can be read.");
    DigestHex digest = digest_sha256_hex(request->body);
    if (!db_begin(db, err))
        return false;
    return db_end(db, keep(db, source, request, digest, answer, err), err);
}

/* ---- taking ---------------------------------------------------------------------------------- */

bool hook_waiting(struct arena *arena, struct db *db, struct hook_delivery *out, bool *has_one,
                  struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "SELECT source, key, received_at_ms, body FROM hook_delivery"
                  " WHERE body IS NOT NULL ORDER BY received_at_ms LIMIT 1",
                  &stmt, err) ||
        !stmt_step(stmt, has_one, err) || !*has_one)
        return err->code == ERR_NONE;
    *out = (struct hook_delivery){.source = stmt_i64(stmt, 0), .received_ms = stmt_i64(stmt, 2)};
    bool ok = stmt_copy_str(stmt, 1, arena, &out->key, err) &&
              (arena_try_str(arena, stmt_blob(stmt, 3), &out->body) || err_arena(err, arena));
    stmt_reset(stmt);
    return ok;
}

bool hook_done(struct db *db, const struct hook_delivery *delivery, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(db, err))
        return false;
    bool ok = db_query(db, "UPDATE hook_delivery SET body = NULL WHERE source = ?1 AND key = ?2",
                       &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, delivery->source);
        stmt_bind_str(stmt, 2, delivery->key);
        ok = stmt_run(stmt, err);
    }
    if (ok && (ok = db_query(db,
                             "DELETE FROM hook_delivery WHERE body IS NULL AND source = ?1 AND"
                             " received_at_ms < ?2",
                             &stmt, err))) {
        stmt_bind_i64(stmt, 1, delivery->source);
        stmt_bind_i64(stmt, 2, now_ms - HOOK_KEY_DAYS * TIME_DAY_MS);
        ok = stmt_run(stmt, err);
    }
    return db_end(db, ok, err);
}
