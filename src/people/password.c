#include "people/password.h"

#include <sodium.h>

const struct password_cost password_cost_default = {.passes = 3, .memory_bytes = 64U << 20};
const struct password_cost password_cost_least = {.passes = crypto_pwhash_OPSLIMIT_MIN,
                                                  .memory_bytes = crypto_pwhash_MEMLIMIT_MIN};

enum { DIFFERENT_CHARACTERS_MIN = 5, CONTAINED_LOGIN_BYTES_MIN = 4 };

/* Stems that guessing starts from: refused when the password is made of them and little more. */
static const char *const common[] = {"password",   "passwort",   "trimtab",   "qwertyuiop",
                                     "qwertzuiop", "1q2w3e4r5t", "123456789", "987654321",
                                     "abcdefghij", "iloveyou",   "letmein",   "welcome",
                                     "willkommen", "geheim",     "changeme",  "administrator"};
/* What may remain beside such a stem before it is no longer that password with decoration. */
enum { DECORATION_BYTES_MAX = 5 };

static size_t count_characters(Str s)
{
    size_t count = 0;

    for (size_t at = 0; at < s.len; count++)
        (void)str_next_rune(s, &at);
    return count;
}

static size_t count_different_bytes(Str s)
{
    bool is_seen[256] = {false};
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        count += !is_seen[c];
        is_seen[c] = true;
    }
    return count;
}

static bool contains_nocase(Str s, Str needle)
{
    for (size_t i = 0; i + needle.len <= s.len; i++)
        if (str_eq_nocase(str_sub(s, i, needle.len), needle))
            return true;
    return false;
}

static bool is_common(Str password)
{
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        Str stem = str_from_cstr(common[i]);
        if (password.len <= 2 * stem.len + DECORATION_BYTES_MAX &&
            contains_nocase(password, stem) &&
            (password.len <= stem.len + DECORATION_BYTES_MAX ||
             contains_nocase(str_sub(password, stem.len, password.len), stem)))
            return true;
    }
    return false;
}

bool password_check(Str password, Str login, struct err *err)
{
    if (password.len > PASSWORD_BYTES_MAX)
        return err_set(err, ERR_INPUT, "the password has more than %d bytes", PASSWORD_BYTES_MAX);
    if (str_utf8_invalid_at(password) != password.len)
        return err_set(err, ERR_INPUT, "the password is not valid UTF-8");
    if (count_characters(password) < PASSWORD_CHARACTERS_MIN) {
        err_set(err, ERR_INPUT, "the password has fewer than %d characters",
                PASSWORD_CHARACTERS_MIN);
        return err_hint(err, "Several unrelated words make a good one.");
    }
    if (count_different_bytes(password) < DIFFERENT_CHARACTERS_MIN)
        return err_set(err, ERR_INPUT, "the password has fewer than %d different characters",
                       DIFFERENT_CHARACTERS_MIN);
    if (login.len >= CONTAINED_LOGIN_BYTES_MIN && contains_nocase(password, login))
        return err_set(err, ERR_INPUT, "the password contains the login");
    if (is_common(password)) {
        err_set(err, ERR_INPUT, "the password is one of the first that others would try");
        return err_hint(err, "Several unrelated words make a good one.");
    }
    return true;
}

bool password_hash(Str password, const struct password_cost *cost, char out[PASSWORD_HASH_BYTES],
                   struct err *err)
{
    _Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "length of a stored hash");
    ASSERT(sodium_init() >= 0 && password.len <= PASSWORD_BYTES_MAX);
    if (crypto_pwhash_str_alg(out, password.ptr ? password.ptr : "", password.len, cost->passes,
                              cost->memory_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0)
        return true;
    return err_set(err, ERR_NO_MEMORY, "no memory to hash the password");
}

bool password_matches(Str password, const char *hash)
{
    return password.len <= PASSWORD_BYTES_MAX &&
           crypto_pwhash_str_verify(hash, password.ptr ? password.ptr : "", password.len) == 0;
}

bool password_is_outdated(const char *hash, const struct password_cost *cost)
{
    return crypto_pwhash_str_needs_rehash(hash, cost->passes, cost->memory_bytes) != 0;
}

void password_generate(char out[PASSWORD_GENERATED_BYTES])
{
    /* Without those that are mistaken for one another: i l o 0 1. */
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    struct err ignored = {0};

    ASSERT(sodium_init() >= 0);
    do {
        for (int i = 0; i < PASSWORD_GENERATED_BYTES - 1; i++)
            out[i] = i % 6 == 5 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
        out[PASSWORD_GENERATED_BYTES - 1] = '\0';
    } while (!password_check(str_from_cstr(out), STR_NONE, &ignored));
}
