/* Every allocation of graph, ranks and communities fails once: it is told, nothing leaks, and what
 * was there before still answers. */
#include "base/fault.h"
#include "base/mem.h"
#include "quant/community.h"
#include "quant/rank.h"
#include "unit/test.h"

static bool grow_and_rank(struct graph *g, struct rank *r, uint32_t nodes, double weight,
                          struct err *err)
{
    for (uint32_t v = 0; v < nodes; v++) {
        struct graph_edge edge = {v, (v * 7 + 1) % nodes, v % 3 ? 1 : weight};
        if (!graph_add(g, &edge, err))
            return false;
    }
    return rank_update(r, err);
}

static bool run(bool is_directed, struct community_result *result, struct err *err)
{
    uint32_t of[700];
    struct graph *g = NULL;
    struct rank *r = NULL;
    bool ok = graph_create(&g, is_directed, err) && rank_create(&r, g, RANK_SETTINGS, err) &&
              grow_and_rank(g, r, 300, 1, err) && grow_and_rank(g, r, 310, 2, err) &&
              grow_and_rank(g, r, 700, 2, err) &&
              community_find(g, COMMUNITY_SETTINGS, of, result, err);

    rank_destroy(&r);
    graph_destroy(&g);
    return ok;
}

TEST(graph_survives_every_failure)
{
    long before = mem_live_blocks();

    for (int kind = 0; kind < 2; kind++) {
        bool is_hit = true;
        int n;
        for (n = 1; is_hit; n++) {
            struct community_result result = {0};
            struct err err = {0};
            fault_arm(n);
            bool ok = run(kind, &result, &err);
            is_hit = fault_disarm();
            CHECK(ok == !is_hit);
            CHECK(ok ? result.count > 1 : err.code == ERR_NO_MEMORY);
            CHECK_INT(mem_live_blocks(), before);
        }
        CHECK(n > 30);
    }
}

int main(void)
{
    return RUN(CASE(graph_survives_every_failure));
}
