/* login_limit.h - slows down guessing of passwords.
 *
 * Counts log-ins of the last LOGIN_WINDOW_MS that failed or are under way, per login and per client
 * address, in memory, at most LOGIN_LIMIT_ENTRIES_MAX of them (the longest unused one gives way).
 * An attempt counts before its password is looked at, so guesses that arrive together cannot all
 * slip through; what did not fail is taken back afterwards. Lives as long as the server; a restart
 * forgets. Guarded by its own mutex: any thread. Time is an argument.
 */
#ifndef PEOPLE_LOGIN_LIMIT_H
#define PEOPLE_LOGIN_LIMIT_H

#include "base/str.h"

enum {
    LOGIN_WINDOW_MS = 15 * 60 * 1000,
    LOGIN_FAILURES_PER_LOGIN_MAX = 10,
    LOGIN_FAILURES_PER_ADDRESS_MAX = 30,
    LOGIN_LIMIT_ENTRIES_MAX = 8192
};

struct login_limit;

struct login_limit *login_limit_create(void);
void login_limit_destroy(struct login_limit **limit); /* NULL-safe */
/* Counts an attempt and answers 0: go on. Or milliseconds to wait, and counts nothing. An attempt
 * that neither of the following two ends has failed. */
int64_t login_limit_begin(struct login_limit *limit, Str login, Str address,
                          int64_t now_ms) MUST_CHECK;
/* The attempt does not count; neither do the earlier failures of the login. Those of the address
 * stay. */
void login_limit_succeeded(struct login_limit *limit, Str login, Str address);
/* The attempt does not count: the password could not be compared. */
void login_limit_cancel(struct login_limit *limit, Str login, Str address);

#endif
