/* password.h - password rules and Argon2id hashes (RFC 9106), by libsodium.
 *
 * Rules follow NIST SP 800-63B: length counts, composition does not; common and guessable ones are
 * refused. Hashing takes PASSWORD_MEMORY_BYTES and about a fifth of a second on purpose.
 * Thread-safe.
 */
#ifndef PEOPLE_PASSWORD_H
#define PEOPLE_PASSWORD_H

#include "base/err.h"
#include "base/str.h"

enum {
    PASSWORD_CHARACTERS_MIN = 12,
    PASSWORD_BYTES_MAX = 1024,
    PASSWORD_HASH_BYTES = 128,    /* with the terminating NUL */
    PASSWORD_GENERATED_BYTES = 24 /* with the terminating NUL: 4 groups of 5, 98 bits */
};

/* Cost of one hash. The default is RFC 9106's second recommended choice with one lane. */
struct password_cost {
    unsigned passes;
    size_t memory_bytes;
};
extern const struct password_cost password_cost_default; /* 3 passes, 64 MiB */
extern const struct password_cost password_cost_least;   /* for tests */

/* ERR_INPUT says which rule: too short, too long, not UTF-8, a common password, one that contains
 * the login, too few different characters. */
bool password_check(Str password, Str login, struct err *err) MUST_CHECK;
/* ERR_NO_MEMORY. */
bool password_hash(Str password, const struct password_cost *cost, char out[PASSWORD_HASH_BYTES],
                   struct err *err) MUST_CHECK;
bool password_matches(Str password, const char *hash);
/* The hash was made with another cost: make a new one at the next log-in. */
bool password_is_outdated(const char *hash, const struct password_cost *cost);
/* A random one that obeys the rules: "k7mw2-..." */
void password_generate(char out[PASSWORD_GENERATED_BYTES]);

#endif
