/* server_priv.h - what the files of the server share. */
#ifndef WEB_SERVER_PRIV_H
#define WEB_SERVER_PRIV_H

#include "people/contributor_token.h"
#include "people/login_limit.h"
#include "web/pool.h"
#include "web/server.h"

struct request;
struct method;
struct live_hub;
struct upload_jobs;
struct downloads;
struct operations;

uint64_t web_server_next_number(struct web_server *server);
struct pool *web_server_pool(struct web_server *server);
struct login_limit *web_server_login_limit(struct web_server *server);
/* Of contributors' links that are not valid: apart from log-ins, so that neither locks the other.
 */
struct login_limit *web_server_link_limit(struct web_server *server);
const struct contributor_key *web_server_contributor_key(const struct web_server *server);
const struct method *web_server_method(const struct web_server *server);
struct upload_jobs *web_server_jobs(struct web_server *server);
struct operations *web_server_operations(struct web_server *server);
struct downloads *web_server_downloads(struct web_server *server);
struct live_hub *web_server_hub(struct web_server *server);
bool web_server_is_https(const struct web_server *server);

/* Finds who asks, checks what the route demands, runs the handler, builds the error page. Never
 * fails: whatever happens, there is a response in *req afterwards. */
void route_answer(struct request *req);

#endif
