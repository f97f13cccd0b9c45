/* routes.c - everything the server answers, in one table. */
#include "web/pages.h"
#include "web/route.h"

const struct route routes[] = {
    {HTTP_GET, "/", page_home, ROUTE_SIGNED_IN},
    {HTTP_GET, "/login", page_login, ROUTE_OPEN},
    {HTTP_POST, "/login", page_login_send, ROUTE_OPEN},
    {HTTP_POST, "/logout", page_logout, ROUTE_OPEN},
    {HTTP_POST, "/preferences", page_preferences, ROUTE_OPEN},
    {HTTP_GET, "/healthz", page_health, ROUTE_OPEN},
    {HTTP_GET, "/readyz", page_ready, ROUTE_OPEN},
    {HTTP_GET, "/w/{workspace}/ledger", page_ledger, MAY_VIEW_LEDGER},
};

const size_t route_count = COUNT_OF(routes);
