/* Arena, buffer, vector, map: growth, caps, failure of every allocation. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/vec.h"
#include "test.h"

TEST(arena_gives_aligned_zeroed_memory)
{
    struct arena a;

    arena_init(&a, 1 << 20);
    for (size_t i = 1; i < 200; i++) {
        char *byte = arena_new(&a, char, i);
        uint64_t *word = arena_new(&a, uint64_t, 3);
        CHECK_INT((uintptr_t)word % _Alignof(uint64_t), 0);
        CHECK(byte[i - 1] == 0 && word[2] == 0);
        byte[i - 1] = 'x';
        word[2] = i;
    }
    arena_reset(&a);
    CHECK_INT(a.used_bytes, 0);
    CHECK(arena_new(&a, char, 100)[99] == 0);
    arena_deinit(&a);
    CHECK_INT(mem_live_blocks(), 0);
}

/* A batch as large as the one before finds its memory; one that was needed once is given back. */
TEST(arena_reset_keeps_what_is_used_again)
{
#if defined(TRIMTAB_FAULTS) && !defined(__SANITIZE_ADDRESS__)
    struct arena a;
    long blocks = 0;

    arena_init(&a, (size_t)64 << 20);
    for (int round = 0; round < 9; round++) {
        arena_reset(&a);
        for (size_t i = 1; i < 2000; i++)
            memset(arena_new(&a, char, i % 700), 0xEE, i % 700);
        CHECK(round < 5 || mem_live_blocks() == blocks);
        blocks = mem_live_blocks();
    }
    CHECK(arena_new(&a, char, ARENA_SPARE_BYTES_MAX + 1) != NULL);
    CHECK_INT(mem_live_blocks(), blocks + 1);
    arena_reset(&a); /* too large to be kept */
    CHECK_INT(mem_live_blocks(), blocks);
    arena_reset(&a); /* and what was not used */
    CHECK(mem_live_blocks() < blocks);
    arena_deinit(&a);
#endif
}

TEST(arena_try_alloc_stops_at_the_cap)
{
    struct arena a;
    struct err err = {0};

    arena_init(&a, 1000);
    CHECK(arena_try_new(&a, char, 600) != NULL);
    CHECK(arena_try_new(&a, char, 600) == NULL);
    CHECK(arena_try_new(&a, uint64_t, SIZE_MAX / 4) == NULL);
    CHECK(!err_arena(&err, &a) && err.code == ERR_LIMIT);
    arena_deinit(&a);
}

/* Input may fill all but what is kept back; the program can still allocate. */
TEST(arena_keeps_room_back_for_the_answer)
{
    struct arena a;

    arena_init(&a, 1000);
    arena_keep_back(&a, 400);
    CHECK(arena_try_new(&a, char, 601) == NULL);
    CHECK(arena_try_new(&a, char, 590) != NULL);
    CHECK(arena_try_new(&a, char, 100) == NULL);
    CHECK(arena_new(&a, char, 300) != NULL);
    arena_deinit(&a);
    CHECK_INT(a.kept_back_bytes, 400);
}

static int closed;

static void note_close(void *object)
{
    closed = closed * 10 + *(int *)object;
}

TEST(arena_runs_cleanups_newest_first)
{
    struct arena a;
    int one = 1, two = 2;

    arena_init(&a, 1 << 16);
    arena_on_reset(&a, note_close, &one);
    arena_on_reset(&a, note_close, &two);
    arena_reset(&a);
    CHECK_INT(closed, 21);
    arena_deinit(&a);
    CHECK_INT(closed, 21);
}

TEST(cstr_refuses_nul)
{
    struct arena a;
    struct err err = {0};
    const char *text = NULL;

    arena_init(&a, 1 << 16);
    CHECK(!str_to_cstr(&a, (Str){"a\0b", 3}, &text, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err_clear(&err);
    CHECK(str_to_cstr(&a, S("abc"), &text, &err));
    CHECK_STR(str_from_cstr(text), "abc");
    arena_deinit(&a);
}

TEST(buf_is_sticky_at_its_maximum)
{
    struct buf b;
    struct err err = {0};

    buf_init(&b, 10);
    buf_lit(&b, "12345");
    buf_printf(&b, "%d", 678);
    buf_lit(&b, "too long");
    buf_lit(&b, "9");
    CHECK_STR(buf_str(&b), "12345678");
    CHECK(!buf_ok(&b, &err) && err.code == ERR_LIMIT);
    buf_reset(&b);
    err_clear(&err);
    buf_add_rune(&b, 0x20AC);
    CHECK(buf_ok(&b, &err));
    CHECK_STR(buf_str(&b), "\xe2\x82\xac");
    buf_consume(&b, 1);
    CHECK_INT(b.len, 2);
    buf_truncate(&b, 0);
    CHECK_INT(b.len, 0);
    buf_deinit(&b);
    CHECK_INT(mem_live_blocks(), 0);
}

TEST(vec_grows_and_iterates)
{
    struct {
        VEC(int);
    } v = {0};
    int sum = 0;

    vec_each (int, item, &v)
        sum += *item;
    for (int i = 0; i < 1000; i++)
        vec_push(&v, i);
    vec_each (int, item, &v)
        sum += *item;
    CHECK_INT(sum, 499500);
    vec_deinit(&v);
    CHECK_INT(mem_live_blocks(), 0);
}

TEST(map_keeps_what_is_put_in_insertion_order)
{
    struct map m;
    char key[32];

    map_init(&m, MAP_COPY_KEYS, 99);
    CHECK(map_get(&m, S("absent")) == NULL);
    for (int i = 0; i < 5000; i++) {
        int len = snprintf(key, sizeof key, "key %d", i * 7919 % 5000);
        CHECK(map_put(&m, (Str){key, (size_t)len}, (uint64_t)i));
    }
    CHECK_INT(m.count, 5000);
    for (int i = 0; i < 5000; i++) {
        int len = snprintf(key, sizeof key, "key %d", i * 7919 % 5000);
        CHECK_INT(*map_get(&m, (Str){key, (size_t)len}), i);
        CHECK_INT(m.entries[i].value, i);
    }
    CHECK(map_put(&m, S("key 0"), 77) && *map_get(&m, S("key 0")) == 77);
    map_reset(&m);
    CHECK(map_get(&m, S("key 0")) == NULL);
    map_deinit(&m);
    CHECK_INT(mem_live_blocks(), 0);
}

#ifdef TRIMTAB_FAULTS
static bool fill_map(struct map *m)
{
    char key[16];

    for (int i = 0; i < 60; i++) {
        int len = snprintf(key, sizeof key, "%d", i);
        if (!map_put(m, (Str){key, (size_t)len}, (uint64_t)i))
            return false;
    }
    return true;
}

TEST(map_survives_every_failed_allocation)
{
    for (int n = 1;; n++) {
        struct map m;
        map_init(&m, MAP_COPY_KEYS, 1);
        fault_arm(n);
        bool ok = fill_map(&m);
        bool hit = fault_disarm();
        CHECK(ok == !hit);
        for (size_t i = 0; i < m.count; i++)
            CHECK_INT(*map_get(&m, m.entries[i].key), m.entries[i].value);
        map_deinit(&m);
        CHECK_INT(mem_live_blocks(), 0);
        if (!hit)
            break;
    }
}
#endif

int main(void)
{
    return RUN(CASE(arena_gives_aligned_zeroed_memory), CASE(arena_reset_keeps_what_is_used_again),
               CASE(arena_try_alloc_stops_at_the_cap), CASE(arena_keeps_room_back_for_the_answer),
               CASE(arena_runs_cleanups_newest_first), CASE(cstr_refuses_nul),
               CASE(buf_is_sticky_at_its_maximum), CASE(vec_grows_and_iterates),
#ifdef TRIMTAB_FAULTS
               CASE(map_survives_every_failed_allocation),
#endif
               CASE(map_keeps_what_is_put_in_insertion_order));
}
