/* assert.h - bugs are not errors: an assertion stays on in release and aborts.
 *
 * Use ASSERT for what the code guarantees itself; what input can violate is an error (err.h).
 * Thread-safe. Allocates nothing.
 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define ASSERT(claim) ((claim) ? (void)0 : assert_fail(#claim, __FILE__, __LINE__))
/* For a branch that cannot be reached. */
#define UNREACHABLE(why) assert_fail("unreachable: " why, __FILE__, __LINE__)

_Noreturn void assert_fail(const char *claim, const char *file, int line);

#endif
