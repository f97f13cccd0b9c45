#include "people/login_limit.h"

#include "base/hash.h"
#include "base/mem.h"
#include "os/thread.h"

#include <sodium.h>

/* A small set-associative table: the key's hash picks a set of WAYS entries. A full set gives up
 * the entry whose window began first. Nobody can aim for a set: the seed is drawn at the start.
 *
 * An entry is one fixed window: `attempts` since `since_ms`; over after LOGIN_WINDOW_MS. */
enum { WAYS = 8, SETS = LOGIN_LIMIT_ENTRIES_MAX / WAYS };

struct entry {
    uint64_t key; /* 0: free */
    int64_t since_ms;
    int attempts; /* failed or under way */
};

struct login_limit {
    struct mutex mutex;
    uint64_t seed;
    struct entry entries[SETS][WAYS]; /* guarded by mutex */
};

struct login_limit *login_limit_create(void)
{
    struct login_limit *limit = mem_alloc(1, sizeof *limit);

    ASSERT(sodium_init() >= 0);
    randombytes_buf(&limit->seed, sizeof limit->seed);
    mutex_init(&limit->mutex);
    return limit;
}

void login_limit_destroy(struct login_limit **limit)
{
    if (!*limit)
        return;
    mutex_deinit(&(*limit)->mutex);
    mem_free(*limit);
    *limit = NULL;
}

enum key_kind { KEY_LOGIN = 1, KEY_ADDRESS };

static uint64_t key_of(const struct login_limit *limit, enum key_kind kind, Str text)
{
    uint64_t key = hash_combine(hash_bytes(text, limit->seed), (uint64_t)kind);

    return key != 0 ? key : 1;
}

static struct entry *find(struct login_limit *limit, uint64_t key)
{
    struct entry *set = limit->entries[key % SETS];

    ASSERT(mutex_held(&limit->mutex));
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

static int64_t wait_of(struct login_limit *limit, uint64_t key, int attempts_max, int64_t now_ms)
{
    const struct entry *entry = find(limit, key);

    if (!entry || entry->attempts < attempts_max)
        return 0;
    int64_t left_ms = entry->since_ms + LOGIN_WINDOW_MS - now_ms;
    return left_ms > 0 ? left_ms : 0;
}

static struct entry *take(struct login_limit *limit, uint64_t key)
{
    struct entry *set = limit->entries[key % SETS], *oldest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == 0)
            return &set[i];
        if (set[i].since_ms < oldest->since_ms)
            oldest = &set[i];
    }
    return oldest;
}

static void count(struct login_limit *limit, uint64_t key, int64_t now_ms)
{
    struct entry *entry = find(limit, key);

    if (!entry || now_ms - entry->since_ms >= LOGIN_WINDOW_MS) {
        if (!entry)
            entry = take(limit, key);
        *entry = (struct entry){.key = key, .since_ms = now_ms};
    }
    entry->attempts++;
}

int64_t login_limit_begin(struct login_limit *limit, Str login, Str address, int64_t now_ms)
{
    uint64_t by_login = key_of(limit, KEY_LOGIN, login),
             by_address = key_of(limit, KEY_ADDRESS, address);

    mutex_lock(&limit->mutex);
    int64_t a = wait_of(limit, by_login, LOGIN_FAILURES_PER_LOGIN_MAX, now_ms);
    int64_t b = wait_of(limit, by_address, LOGIN_FAILURES_PER_ADDRESS_MAX, now_ms);
    if (a == 0 && b == 0) {
        count(limit, by_login, now_ms);
        count(limit, by_address, now_ms);
    }
    mutex_unlock(&limit->mutex);
    return a > b ? a : b;
}

/* The entry may have given way to another one meanwhile, or its window begun anew. */
static void take_back(struct login_limit *limit, uint64_t key)
{
    struct entry *entry = find(limit, key);

    if (entry && entry->attempts > 0)
        entry->attempts--;
}

void login_limit_succeeded(struct login_limit *limit, Str login, Str address)
{
    mutex_lock(&limit->mutex);
    struct entry *entry = find(limit, key_of(limit, KEY_LOGIN, login));
    if (entry)
        *entry = (struct entry){0};
    take_back(limit, key_of(limit, KEY_ADDRESS, address));
    mutex_unlock(&limit->mutex);
}

void login_limit_cancel(struct login_limit *limit, Str login, Str address)
{
    mutex_lock(&limit->mutex);
    take_back(limit, key_of(limit, KEY_LOGIN, login));
    take_back(limit, key_of(limit, KEY_ADDRESS, address));
    mutex_unlock(&limit->mutex);
}
