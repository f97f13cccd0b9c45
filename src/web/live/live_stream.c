#include "web/live/live_stream.h"

#include <microhttpd.h>

#include "web/live/live_hub.h"
#include "web/server_priv.h"

#define STREAM_BLOCK_BYTES 4096 /* asked of the hub at a time */

static void pause_line(void *context)
{
    struct request *req = context;

    MHD_suspend_connection(req->connection);
}

static void wake_line(void *context)
{
    struct request *req = context;

    MHD_resume_connection(req->connection);
}

bool page_live(struct request *req, struct err *err)
{
    struct live_line line = {pause_line, wake_line, req};
    struct live_pass pass = {req->workspace->slug, req->account.id, req->session_token};
    Str since = request_header(req, "Last-Event-ID");

    if (req->is_by_token)
        return err_set(err, ERR_USAGE, "live events are for pages; keys ask the interface again");
    if (since.len == 0)
        since = request_query(req, S("since"));
    req->content_type = S("text/event-stream; charset=utf-8");
    request_set_header(req, "Cache-Control", S("no-store"));
    request_set_header(req, "X-Accel-Buffering", S("no")); /* proxies pass it on as it comes */
    if (!req->is_head &&
        !live_client_open(&req->live, web_server_hub(req->server), &pass, &line, since, err))
        return false;
    pool_workspace_release(web_server_pool(req->server), &req->workspace);
    pool_system_release(web_server_pool(req->server), &req->system);
    return true;
}

static ssize_t read_stream(void *context, uint64_t at, char *out, size_t room)
{
    struct request *req = context;
    size_t got;

    (void)at;
    switch (live_client_read(req->live, out, room, &got)) {
    case LIVE_BYTES:
        return (ssize_t)got;
    case LIVE_PAUSED:
        return 0;
    default:
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
}

struct MHD_Response *live_stream_response(struct request *req)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, req, NULL);

    if (response) /* nothing else is asked on the line: do not hold it until it idles out */
        (void)MHD_add_response_header(response, "Connection", "close");
    return response;
}

Str live_stream_since(struct request *req)
{
    char id[LIVE_ID_SIZE];

    live_hub_latest(web_server_hub(req->server), id);
    return arena_str(&req->arena, str_from_cstr(id));
}
