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
    {HTTP_GET, "/w/{workspace}/bridge", page_bridge, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/palette", page_palette, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/market", page_market, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/market/terms", page_market_terms, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/search", page_search, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/spikes/{spike}", page_spike, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/queries", page_queries, MAY_VIEW},
    {HTTP_POST, "/w/{workspace}/queries/check", page_query_check, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/queries/{query}", page_query, MAY_VIEW},
    {HTTP_POST, "/w/{workspace}/queries/{query}", page_query_send, MAY_VIEW},
    {HTTP_POST, "/w/{workspace}/queries/{query}/active", page_query_active_send, MAY_EDIT_QUERIES},
    {HTTP_GET, "/w/{workspace}/topics", page_topics, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/topics/{topic}", page_topic, MAY_VIEW},
    {HTTP_POST, "/w/{workspace}/topics/{topic}/rating", page_topic_rating_send, MAY_EDIT_MODEL},
    {HTTP_GET, "/w/{workspace}/evidence/{evidence}", page_evidence, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/edit/{kind}/{id}", page_object, MAY_VIEW},
    {HTTP_POST, "/w/{workspace}/edit/{kind}/{id}", page_object_send, MAY_EDIT_MODEL},
    {HTTP_POST, "/w/{workspace}/edit/{kind}/{id}/remove", page_object_remove_send, MAY_EDIT_MODEL},
    {HTTP_GET, "/w/{workspace}/model", page_model, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/potential", page_potential, MAY_VIEW},
    {HTTP_GET, "/w/{workspace}/ledger", page_ledger, MAY_VIEW_LEDGER},
};

const size_t route_count = COUNT_OF(routes);
