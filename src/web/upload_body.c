#include "web/upload_body.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <string.h>

#include "listen/upload.h"
#include "os/entropy.h"
#include "os/file.h"
#include "web/page.h"
#include "web/route.h"
#include "web/server_priv.h"

#define PROCESSOR_BYTES (64 * 1024)

struct upload_body {
    struct MHD_PostProcessor *processor;
    Str part, name; /* of the file; empty: none yet */
    int64_t size;
    struct param fields[UPLOAD_FIELDS_MAX];
    struct buf values[UPLOAD_FIELDS_MAX];
    size_t field_count;
    struct err problem;
};

static atomic_uint uploads_at_once; /* being received, of all servers of the process */

/* ---- fields ---------------------------------------------------------------------------------- */

static bool take_field(struct request *req, Str key, Str data, uint64_t at)
{
    struct upload_body *u = req->upload;

    if (at == 0) {
        if (u->field_count == UPLOAD_FIELDS_MAX)
            return true;
        buf_init(&u->values[u->field_count], UPLOAD_FIELD_BYTES_MAX);
        u->fields[u->field_count++].name = arena_str(&req->arena, key);
    }
    if (u->field_count > 0 && str_eq(u->fields[u->field_count - 1].name, key))
        buf_add(&u->values[u->field_count - 1], data);
    return true;
}

static void fill_form(struct request *req)
{
    struct upload_body *u = req->upload;

    for (size_t i = 0; i < u->field_count; i++)
        u->fields[i].value = buf_str(&u->values[i]);
    req->form = (struct params){u->fields, u->field_count};
}

/* ---- the file -------------------------------------------------------------------------------- */

/* The token of the header, or the field before the file. */
static bool check_token(struct request *req, struct err *err)
{
    Str given = request_header(req, "X-CSRF-Token");

    fill_form(req);
    if (given.len == 0)
        given = request_form(req, S("csrf"));
    if (req->is_by_token || page_csrf_matches(req, given))
        return true;
    return err_set(err, ERR_DENIED, "the form has expired") ||
           err_hint(err, "Go back, load the page again and repeat what you wanted to do.");
}

static bool begin_file(struct request *req, Str name, struct err *err)
{
    struct upload_body *u = req->upload;
    size_t base = name.len;

    if (u->part.len > 0)
        return err_set(err, ERR_USAGE, "the form holds more than one file") ||
               err_hint(err, "Send them one after the other.");
    while (base > 0 && name.ptr[base - 1] != '/' && name.ptr[base - 1] != '\\')
        base--;
    u->name = arena_str(&req->arena, str_sub(name, base, name.len));
    return check_token(req, err) &&
           upload_part_path(&req->arena, req->workspace, entropy_u64(), &u->part, err);
}

static bool take_file(struct request *req, Str name, Str data, uint64_t at, struct err *err)
{
    struct upload_body *u = req->upload;

    if (name.len == 0)
        return true; /* no file was chosen */
    if (at == 0 && !begin_file(req, name, err))
        return false;
    u->size += (int64_t)data.len;
    if ((uint64_t)u->size > UPLOAD_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the file is larger than %llu GiB",
                       (unsigned long long)(UPLOAD_BYTES_MAX / GIB)) ||
               err_hint(err, "Cut it, or put it into a watched folder.");
    return file_append(u->part, data, err);
}

static enum MHD_Result on_piece(void *context, enum MHD_ValueKind kind, const char *key,
                                const char *name, const char *type, const char *encoding,
                                const char *data, uint64_t at, size_t size)
{
    struct request *req = context;
    struct upload_body *u = req->upload;
    Str field = str_from_cstr(key);

    (void)kind, (void)type, (void)encoding;
    bool ok = name ? take_file(req, str_from_cstr(name), (Str){data, size}, at, &u->problem)
                   : take_field(req, field, (Str){data, size}, at);
    return ok ? MHD_YES : MHD_NO;
}

/* ---- the body -------------------------------------------------------------------------------- */

static bool begin(struct request *req, struct err *err)
{
    struct upload_body *u = req->upload;

    if (atomic_load(&uploads_at_once) > UPLOADS_AT_ONCE_MAX)
        return err_set(err, ERR_UNAVAILABLE, "too many files are being received") ||
               err_hint(err, "Try again in a moment.");
    if (!route_admit(req, err))
        return false;
    u->processor = MHD_create_post_processor(req->connection, PROCESSOR_BYTES, on_piece, req);
    return u->processor || err_set(err, ERR_INPUT, "files are taken as multipart/form-data") ||
           err_hint(err, "The form of the page sends them so; programs use the interface for "
                         "posts, or a watched folder.");
}

void upload_body_begin(struct request *req)
{
    if (!route_takes_upload(req))
        return;
    req->upload = arena_new(&req->arena, struct upload_body, 1);
    atomic_fetch_add(&uploads_at_once, 1);
    (void)!begin(req, &req->upload->problem);
}

void upload_body_take(struct request *req, Str data)
{
    struct upload_body *u = req->upload;

    if (u->problem.code != ERR_NONE)
        return; /* passes by */
    if (MHD_post_process(u->processor, data.ptr, data.len) == MHD_YES ||
        u->problem.code != ERR_NONE)
        return;
    (void)err_set(&u->problem, ERR_INPUT, "the form with the file is not well formed");
}

bool upload_body_finish(struct request *req, struct err *err)
{
    struct upload_body *u = req->upload;

    if (u->processor && MHD_destroy_post_processor(u->processor) != MHD_YES &&
        u->problem.code == ERR_NONE)
        (void)err_set(&u->problem, ERR_INPUT, "the form with the file ended too early");
    u->processor = NULL;
    fill_form(req);
    if (u->problem.code == ERR_NONE)
        return true;
    *err = u->problem;
    return false;
}

bool upload_body_file(const struct request *req, Str *part, Str *name, int64_t *size)
{
    if (!req->upload || req->upload->part.len == 0 || req->upload->size == 0)
        return false;
    *part = req->upload->part;
    *name = req->upload->name;
    *size = req->upload->size;
    return true;
}

void upload_body_close(struct request *req)
{
    struct upload_body *u = req->upload;
    struct err ignored = {0};

    if (!u)
        return;
    if (u->processor)
        (void)MHD_destroy_post_processor(u->processor);
    for (size_t i = 0; i < u->field_count; i++)
        buf_deinit(&u->values[i]);
    if (u->part.len > 0)
        (void)!file_remove(u->part, &ignored);
    atomic_fetch_sub(&uploads_at_once, 1);
    req->upload = NULL;
}
