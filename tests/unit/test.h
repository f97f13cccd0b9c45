/* test.h - the few words that unit tests use, over cmocka.
 *
 *     TEST(str_cut_absent_separator) { ... CHECK(!str_cut(...)); }
 *     int main(void) { return RUN(CASE(str_cut_absent_separator)); }
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"

#define TEST(name)                  static void test_##name(void **state __attribute__((unused)))
#define CASE(name)                  cmocka_unit_test_setup(test_##name, NULL)
#define CHECK(claim)                assert_true(claim)
#define CHECK_INT(a, b)             assert_int_equal((a), (b))
#define CHECK_STR(a, b)             test_check_str((a), str_from_cstr(b), __FILE__, __LINE__)
#define CHECK_NEAR(a, b, tolerance) test_check_near((a), (b), (tolerance), __FILE__, __LINE__)
#define RUN(...)                                                                                   \
    test_run((const struct CMUnitTest[]){__VA_ARGS__},                                             \
             sizeof((const struct CMUnitTest[]){__VA_ARGS__}) / sizeof(struct CMUnitTest))

static inline void test_check_str(Str a, Str b, const char *file, int line)
{
    if (!str_eq(a, b)) {
        print_error("\"" STR_F "\" is not \"" STR_F "\"\n", STR_A(a), STR_A(b));
        _fail(file, line);
    }
}

static inline void test_check_near(double a, double b, double tolerance, const char *file, int line)
{
    double difference = a > b ? a - b : b - a;
    if (!(difference <= tolerance)) {
        print_error("%.17g is not within %g of %.17g\n", a, tolerance, b);
        _fail(file, line);
    }
}

static inline int test_run(const struct CMUnitTest *tests, size_t count)
{
    return _cmocka_run_group_tests("", tests, count, NULL, NULL);
}

#endif
