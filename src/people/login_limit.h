/* login_limit.h - slows down guessing of passwords.
 *
 * Counts failed log-ins of the last LOGIN_WINDOW_MS per login and per client address, in memory, at
 * most LOGIN_LIMIT_ENTRIES_MAX of them (the longest unused one gives way). Lives as long as the
 * server; a restart forgets. Guarded by its own mutex: any thread. Time is an argument.
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
/* Milliseconds to wait, 0: go on. */
int64_t login_limit_wait_ms(struct login_limit *limit, Str login, Str address, int64_t now_ms);
void login_limit_failed(struct login_limit *limit, Str login, Str address, int64_t now_ms);
/* A success forgets the failures of the login, not those of the address. */
void login_limit_succeeded(struct login_limit *limit, Str login);

#endif
