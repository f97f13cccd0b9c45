/* test_quant_cardinality.c - distinct counts against exact ones. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "quant/cardinality.h"

static struct err err;

static void add_range(struct cardinality *c, uint64_t seed, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        CHECK(cardinality_add(c, hash_u64(i, seed), &err));
}

/* Every count within 3 standard errors; over many seeds the mean error (bias) and the spread are
 * what theory says. */
TEST(estimate_is_within_three_sigma_from_one_to_a_million)
{
    enum { SEEDS = 12 };
    static const uint64_t points[] = {1,    2,    10,    100,   1000,   1024,   1025,   1500,
                                      3000, 7000, 15000, 40000, 100000, 300000, 1000000};
    enum { POINTS = sizeof points / sizeof *points };
    double square[POINTS] = {0}, bias[POINTS] = {0};

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct cardinality c = {0};
        uint64_t from = 0;
        for (size_t i = 0; i < POINTS; i++) {
            add_range(&c, seed, from, points[i]);
            from = points[i];
            double error = cardinality_estimate(&c) / (double)from - 1;
            CHECK_INT(cardinality_is_exact(&c), from <= CARDINALITY_EXACT_MAX);
            CHECK(from > CARDINALITY_EXACT_MAX || fabs(error) <= 0);
            CHECK(fabs(error) <= 3 * CARDINALITY_STANDARD_ERROR);
            square[i] += error * error / SEEDS;
            bias[i] += error / SEEDS;
        }
        cardinality_deinit(&c);
    }
    for (size_t i = 0; i < POINTS; i++) {
        CHECK(sqrt(square[i]) <= 1.5 * CARDINALITY_STANDARD_ERROR);
        CHECK(fabs(bias[i]) <= 3 * CARDINALITY_STANDARD_ERROR / sqrt(SEEDS));
    }
}

TEST(what_comes_again_counts_once)
{
    struct cardinality c = {0};

    for (int i = 0; i < 3; i++)
        add_range(&c, 7, 0, 700);
    CHECK_NEAR(cardinality_estimate(&c), 700, 0);
    add_range(&c, 7, 0, 5000);
    double once = cardinality_estimate(&c);
    add_range(&c, 7, 0, 5000);
    CHECK_NEAR(cardinality_estimate(&c), once, 0);
    cardinality_reset(&c);
    CHECK_NEAR(cardinality_estimate(&c), 0, 0);
    add_range(&c, 7, 0, 3);
    CHECK_NEAR(cardinality_estimate(&c), 3, 0);
    cardinality_deinit(&c);
}

static Str bytes_of(const struct cardinality *c, struct buf *buf)
{
    buf_reset(buf);
    cardinality_write(c, buf);
    CHECK(buf_ok(buf, &err));
    return buf_str(buf);
}

/* 24 hours that overlap, merged in any order, are the day: the same bytes. */
TEST(merged_parts_are_the_whole)
{
    static const uint64_t sizes[] = {10, 400, 2000, 30000}; /* a part; the whole is larger */
    struct buf a, b;

    buf_init(&a, 1 * MIB);
    buf_init(&b, 1 * MIB);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct cardinality whole = {0}, up = {0}, down = {0}, parts[24] = {0};
        for (uint64_t hour = 0; hour < 24; hour++) {
            uint64_t from = hour * sizes[s] / 2, size = hour % 5 == 0 ? 3 : sizes[s];
            add_range(&parts[hour], 3, from, from + size);
            add_range(&whole, 3, from, from + size);
        }
        for (int hour = 0; hour < 24; hour++) {
            CHECK(cardinality_merge(&up, &parts[hour], &err));
            CHECK(cardinality_merge(&down, &parts[23 - hour], &err));
        }
        CHECK(str_eq(bytes_of(&whole, &a), bytes_of(&up, &b)));
        CHECK(str_eq(bytes_of(&whole, &a), bytes_of(&down, &b)));
        for (int hour = 0; hour < 24; hour++)
            cardinality_deinit(&parts[hour]);
        cardinality_deinit(&whole);
        cardinality_deinit(&up);
        cardinality_deinit(&down);
    }
    buf_deinit(&a);
    buf_deinit(&b);
}

TEST(bytes_read_back_and_damage_is_noticed)
{
    static const uint64_t sizes[] = {0, 1, 1024, 1025, 100000};
    struct buf a, b;

    buf_init(&a, 1 * MIB);
    buf_init(&b, 1 * MIB);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct cardinality c = {0}, back = {0};
        add_range(&c, 5, 0, sizes[s]);
        Str bytes = bytes_of(&c, &a);
        CHECK_INT(bytes.len, sizes[s] <= CARDINALITY_EXACT_MAX ? 1 + 8 * sizes[s] : 12289);
        CHECK(cardinality_read(&back, bytes, &err));
        CHECK(str_eq(bytes, bytes_of(&back, &b)));
        CHECK_NEAR(cardinality_estimate(&back), cardinality_estimate(&c), 0);
        struct err damage = {0};
        CHECK(
            !cardinality_read(&back, (Str){bytes.ptr, bytes.len > 1 ? bytes.len - 1 : 0}, &damage));
        CHECK(damage.code == ERR_CORRUPT && cardinality_estimate(&back) <= 0);
        cardinality_deinit(&c);
        cardinality_deinit(&back);
    }
    struct cardinality c = {0};
    struct err damage = {0};
    CHECK(!cardinality_read(&c, S("\3"), &damage));
    damage = (struct err){0};
    CHECK(!cardinality_read(&c, S("\1BBBBBBBBAAAAAAAA"), &damage)); /* falling */
    char wild[12289];
    memset(wild, 0xff, sizeof wild); /* registers of 63 */
    wild[0] = 2;
    damage = (struct err){0};
    CHECK(!cardinality_read(&c, (Str){wild, sizeof wild}, &damage));
    cardinality_deinit(&c);
    buf_deinit(&a);
    buf_deinit(&b);
}

int main(void)
{
    return RUN(CASE(estimate_is_within_three_sigma_from_one_to_a_million),
               CASE(what_comes_again_counts_once), CASE(merged_parts_are_the_whole),
               CASE(bytes_read_back_and_damage_is_noticed));
}
