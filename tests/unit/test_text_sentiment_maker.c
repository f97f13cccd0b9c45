/* The maker of moods has one name: short, the same every time, with the number of the rules. */
#include "text/sentiment_maker.h"

#include <string.h>

#include "unit/test.h"

TEST(sentiment_maker_is_stable_and_short)
{
    char a[SENTIMENT_MAKER_BYTES], b[SENTIMENT_MAKER_BYTES], number[16];

    memset(a, 'x', sizeof a);
    sentiment_maker(a);
    sentiment_maker(b);
    CHECK(strcmp(a, b) == 0);
    snprintf(number, sizeof number, "trimtab-%d-", SENTIMENT_RULES_VERSION);
    CHECK(strncmp(a, number, strlen(number)) == 0);
    CHECK_INT(strlen(a), strlen(number) + 8);
}

int main(void)
{
    return RUN(CASE(sentiment_maker_is_stable_and_short));
}
