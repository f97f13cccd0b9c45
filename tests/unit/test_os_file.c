#include "unit/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/clock.h"
#include "os/file.h"

static char root[] = "/tmp/trimtab-file-XXXXXX";
static struct arena arena;
static struct err err;

static Str at(const char *name)
{
    return path_join(&arena, str_from_cstr(root), str_from_cstr(name));
}

static void check_fails(bool ok, enum err_code code)
{
    CHECK(!ok);
    CHECK_INT(err.code, code);
    err_clear(&err);
}

TEST(file_writes_and_reads_back)
{
    Str text;
    uint64_t size = 0;

    CHECK(file_write_atomic(at("a"), S("one\0two"), &err));
    CHECK(file_read_all(&arena, at("a"), 7, &text, &err));
    CHECK(str_eq(text, S("one\0two")));
    for (size_t i = 0; i < INPUT_PADDING_BYTES; i++)
        CHECK(text.ptr[text.len + i] == 0);
    CHECK(file_size(at("a"), &size, &err) && size == 7);
    check_fails(file_read_all(&arena, at("a"), 6, &text, &err), ERR_LIMIT);
    CHECK(file_write_atomic(at("a"), STR_NONE, &err));
    CHECK(file_read_all(&arena, at("a"), 0, &text, &err) && text.len == 0);
    CHECK(file_append(at("a"), S("x"), &err) && file_append(at("a"), S("y"), &err));
    CHECK(file_read_all(&arena, at("a"), 10, &text, &err));
    CHECK_STR(text, "xy");
    struct stat info;
    CHECK(stat(at("a").ptr, &info) == 0 && (info.st_mode & 0777) == 0600);
}

TEST(file_says_what_is_wrong)
{
    Str text;
    char longer[FILE_PATH_BYTES_MAX + 2];

    memset(longer, 'x', sizeof longer);
    check_fails(file_read_all(&arena, at("none"), 10, &text, &err), ERR_NOT_FOUND);
    check_fails(file_read_all(&arena, str_from_cstr(root), 10, &text, &err), ERR_USAGE);
    check_fails(file_read_all(&arena, S("a\0b"), 10, &text, &err), ERR_USAGE);
    check_fails(file_read_all(&arena, STR_NONE, 10, &text, &err), ERR_USAGE);
    check_fails(file_write_atomic((Str){longer, sizeof longer}, S("x"), &err), ERR_LIMIT);
    check_fails(file_write_atomic(at("none/x"), S("x"), &err), ERR_NOT_FOUND);
    CHECK(file_remove(at("none"), &err));
    CHECK(!file_exists(at("none")) && file_exists(str_from_cstr(root)));
}

TEST(directories_are_made_listed_and_removed)
{
    struct dir_entry *entries;
    size_t count;

    CHECK(dir_ensure(at("d/e/f"), &err) && dir_ensure(at("d/e/f"), &err));
    CHECK(dir_exists(at("d/e")) && !dir_exists(at("a")));
    CHECK(file_write_atomic(at("d/b"), S("22"), &err));
    CHECK(file_write_atomic(at("d/a"), S("1"), &err));
    CHECK(file_write_atomic(at("d/.hidden"), S("1"), &err));
    CHECK(symlink(root, at("d/e/link").ptr) == 0);
    CHECK(dir_list(&arena, at("d"), &entries, &count, &err));
    CHECK_INT(count, 3);
    CHECK_STR(entries[0].name, "a");
    CHECK_STR(entries[1].name, "b");
    CHECK_INT(entries[1].size, 2);
    CHECK(entries[2].is_dir);
    CHECK(entries[0].changed_ms > clock_now_ms() - 3600000);
    CHECK(file_rename(at("d/a"), at("d/z"), &err) && !file_exists(at("d/a")));
    check_fails(dir_ensure(at("d/b"), &err), ERR_EXISTS);
    check_fails(dir_list(&arena, at("none"), &entries, &count, &err), ERR_NOT_FOUND);
    CHECK(file_write_atomic(at("kept"), S("1"), &err));
    CHECK(dir_remove_all(at("d"), &err) && dir_remove_all(at("d"), &err));
    CHECK(!file_exists(at("d")) && file_exists(at("kept"))); /* the link was not followed */
}

TEST(paths_are_joined)
{
    CHECK_STR(path_join(&arena, S("a"), S("b")), "a/b");
    CHECK_STR(path_join(&arena, S("a/"), S("b")), "a/b");
    CHECK_STR(path_join(&arena, S("a"), S("/b")), "/b");
    CHECK_STR(path_join(&arena, STR_NONE, S("b")), "b");
    CHECK_STR(path_base(S("a/b.c")), "b.c");
    CHECK_STR(path_base(S("b")), "b");
    CHECK_STR(path_base(S("b/")), "");
}

TEST(clock_goes_on)
{
    uint64_t began = clock_monotonic_ns();

    CHECK(clock_now_ms() > INT64_C(1700000000000));
    clock_sleep_ms(3);
    CHECK(clock_seconds_since(began) >= 0.003);
#ifdef TRIMTAB_FAULTS
    clock_hold_ms(42);
    CHECK_INT(clock_now_ms(), 42);
    clock_hold_ms(INT64_MIN);
    CHECK(clock_now_ms() > 42);
#endif
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    arena_init(&arena, 16 * MIB);
    int failed = RUN(CASE(file_writes_and_reads_back), CASE(file_says_what_is_wrong),
                     CASE(directories_are_made_listed_and_removed), CASE(paths_are_joined),
                     CASE(clock_goes_on));
    if (!dir_remove_all(str_from_cstr(root), &err))
        failed++;
    arena_deinit(&arena);
    return failed;
}
