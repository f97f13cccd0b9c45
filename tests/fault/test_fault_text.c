/* Every allocation of the tokenizer fails once: it reports, leaks nothing, and works afterwards. */
#include <string.h>

#include "base/fault.h"
#include "base/mem.h"
#include "text/tokenizer.h"
#include "unit/test.h"

static bool cut(struct tokenizer **t, Str text, size_t *count, struct err *err)
{
    const struct token *tokens;

    return (*t || tokenizer_create(t, err)) && tokenizer_run(*t, text, &tokens, count, err);
}

TEST(tokenizer_survives_every_failure)
{
    char text[6000];
    long before = mem_live_blocks();
    bool is_hit = true;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "\xc3\xa4 b"[i % 4];
    for (int n = 1; is_hit; n++) {
        struct tokenizer *t = NULL;
        struct err err = {0};
        size_t count = 0;
        fault_arm(n);
        bool ok = cut(&t, (Str){text, sizeof text}, &count, &err);
        is_hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(ok || err.code == ERR_NO_MEMORY);
        err = (struct err){0};
        CHECK(cut(&t, (Str){text, sizeof text}, &count, &err));
        CHECK_INT(count, 1501);
        tokenizer_destroy(&t);
        CHECK_INT(mem_live_blocks(), before);
    }
}

int main(void)
{
    return RUN(CASE(tokenizer_survives_every_failure));
}
