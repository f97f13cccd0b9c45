/* Agreement and confusion: worked examples of the literature, then what must hold. */
#include "quant/agreement.h"
#include "quant/confusion.h"

#include <math.h>

#include "base/random.h"
#include "unit/test.h"

/* Krippendorff (2011), section C: two and more observers, nominal data with missing values, alpha
 * 0.743. Rows are units, columns the classes 1 to 5. */
TEST(agreement_gives_the_published_alpha)
{
    const uint32_t counts[][5] = {{3, 0, 0, 0, 0}, {0, 3, 1, 0, 0}, {0, 0, 4, 0, 0},
                                  {0, 0, 4, 0, 0}, {0, 4, 0, 0, 0}, {1, 1, 1, 1, 0},
                                  {0, 0, 0, 4, 0}, {3, 1, 0, 0, 0}, {0, 4, 0, 0, 0},
                                  {0, 0, 0, 0, 3}, {2, 0, 0, 0, 0}, {0, 0, 1, 0, 0}};
    struct agreement a;

    CHECK(agreement_of(5, &counts[0][0], 12, 7, &a));
    CHECK_INT(a.units, 11); /* the last one was judged by one observer */
    CHECK_NEAR(a.alpha, 0.743, 0.0005);
    CHECK(a.low < a.alpha && a.alpha < a.high);
    CHECK(a.low >= -1 && a.high <= 1);
}

/* Two observers, 10 units, binary, 60 % agreement: alpha 0.095 (the same paper, section A). */
TEST(agreement_of_two_by_chance_is_about_none)
{
    const uint32_t counts[][2] = {{1, 1}, {1, 1}, {2, 0}, {2, 0}, {2, 0},
                                  {2, 0}, {1, 1}, {1, 1}, {2, 0}, {0, 2}};
    struct agreement a;

    CHECK(agreement_of(2, &counts[0][0], 10, 7, &a));
    CHECK_NEAR(a.alpha, 0.095, 0.0005);
    CHECK_NEAR(a.agree, 0.6, 1e-12);
}

TEST(agreement_needs_two_people_and_two_classes)
{
    const uint32_t alone[][3] = {{1, 0, 0}, {0, 1, 0}}, same[][3] = {{2, 0, 0}, {3, 0, 0}};
    struct agreement a;

    CHECK(!agreement_of(3, &alone[0][0], 2, 7, &a));
    CHECK_INT(a.units, 0);
    CHECK(isnan(a.alpha));
    CHECK(agreement_of(3, &same[0][0], 2, 7, &a));
    CHECK_NEAR(a.agree, 1, 0);
    CHECK(isnan(a.alpha) && isnan(a.low) && isnan(a.high));
}

/* Wilson's interval as tabulated: 81 of 263 gives 0.2553 to 0.3662 (Newcombe 1998, method 3). */
TEST(confusion_share_is_wilsons)
{
    struct confusion_share s = confusion_share(81.0 / 263, 263), none = confusion_share(0, 0);

    CHECK_NEAR(s.low, 0.2553, 0.00005);
    CHECK_NEAR(s.high, 0.3662, 0.00005);
    CHECK(isnan(none.value) && isnan(none.low));
    s = confusion_share(1, 5);
    CHECK_NEAR(s.high, 1, 1e-12);
    CHECK(s.low > 0.5 && s.low < 0.6);
}

TEST(confusion_counts_what_was_made_of_what)
{
    const struct confusion_item items[] = {{0, 0, 1}, {0, 0, 1}, {0, 1, 1}, {1, 1, 1}, {2, 0, 1}};
    struct confusion c;

    confusion_of(3, items, COUNT_OF(items), &c);
    CHECK_INT(c.counts[0], 2);
    CHECK_INT(c.counts[1], 1);
    CHECK_INT(c.counts[6], 1);
    CHECK_NEAR(c.accuracy.value, 0.6, 1e-12);
    CHECK_NEAR(c.recall[0].value, 2.0 / 3, 1e-12);
    CHECK_NEAR(c.precision[0].value, 2.0 / 3, 1e-12);
    CHECK_NEAR(c.recall[2].value, 0, 0);
    CHECK(isnan(c.precision[2].value));
    CHECK_NEAR(c.average_recall.value, (2.0 / 3 + 1 + 0) / 3, 1e-12);
    CHECK_NEAR(c.majority, 0.6, 1e-12);
    CHECK_NEAR(c.effective[0], 2, 1e-12);
}

/* Half of the items stand for nine times as many: shares follow, certainty does not. */
TEST(confusion_weighs_and_counts_less)
{
    const struct confusion_item items[] = {{0, 0, 9}, {0, 1, 1}, {1, 1, 9}, {1, 0, 1}};
    struct confusion c;

    confusion_of(2, items, COUNT_OF(items), &c);
    CHECK_NEAR(c.accuracy.value, 0.9, 1e-12);
    CHECK_NEAR(c.accuracy.n, 400.0 / 164, 1e-9);
    CHECK_NEAR(c.recall[0].value, 0.9, 1e-12);
    CHECK_NEAR(c.effective[0] + c.effective[1], 100.0 / 82, 1e-9);
}

int main(void)
{
    return RUN(
        CASE(agreement_gives_the_published_alpha), CASE(agreement_of_two_by_chance_is_about_none),
        CASE(agreement_needs_two_people_and_two_classes), CASE(confusion_share_is_wilsons),
        CASE(confusion_counts_what_was_made_of_what), CASE(confusion_weighs_and_counts_less));
}
