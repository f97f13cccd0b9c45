/* Heads of archives, held against the standard's fields and against tar itself. */
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "format/tar.h"
#include "os/file.h"
#include "os/process.h"
#include "unit/scratch.h"

static void add_file(struct buf *out, const char *name, Str bytes)
{
    char head[TAR_BLOCK_BYTES];
    static const char zeros[TAR_BLOCK_BYTES];
    struct err err = {0};

    CHECK(tar_head(str_from_cstr(name), bytes.len, 1790000000, head, &err));
    buf_add(out, (Str){head, sizeof head});
    buf_add(out, bytes);
    buf_add(out, (Str){zeros, tar_padding(bytes.len)});
}

TEST(the_program_tar_reads_names_sizes_and_bytes)
{
    static const char zeros[2 * TAR_BLOCK_BYTES];
    char folder[160];
    struct scratch place;
    struct arena arena;
    struct buf out;
    struct err err = {0};
    struct process_result result;

    scratch_begin(&place);
    arena_init(&arena, 16 * MIB);
    buf_init(&out, MIB);
    memset(folder, 'd', sizeof folder);
    memcpy(folder + 120, "/in/file.txt", 13);
    add_file(&out, "a/b.txt", S("hello"));
    add_file(&out, folder, S(""));
    buf_add(&out, (Str){zeros, sizeof zeros});
    Str path = arena_printf(&arena, "%s/a.tar", place.dir);
    CHECK(file_write_atomic(path, buf_str(&out), &err));
    const char *argv[] = {"tar", "-xOf", arena_printf(&arena, STR_F "%c", STR_A(path), 0).ptr,
                          "a/b.txt", NULL};
    CHECK(process_run(&arena, argv, STR_NONE, 20000, NULL, &result, &err));
    CHECK_INT(result.exit_code, 0);
    CHECK_STR(result.out, "hello");
    const char *list[] = {"tar", "-tf", argv[2], NULL};
    CHECK(process_run(&arena, list, STR_NONE, 20000, NULL, &result, &err));
    CHECK(str_find(result.out, S("/in/file.txt\n")) < result.out.len);
    buf_deinit(&out);
    arena_deinit(&arena);
    scratch_end(&place);
}

TEST(large_sizes_are_in_base_256_and_long_names_refused)
{
    char head[TAR_BLOCK_BYTES], name[200];
    struct err err = {0};

    CHECK(tar_head(S("x"), UINT64_C(8) * GIB, 0, head, &err));
    CHECK((unsigned char)head[124] == 0x80 && head[131] == 2 && head[135] == 0);
    CHECK(tar_head(S("x"), UINT64_C(8) * GIB - 1, 0, head, &err));
    CHECK(memcmp(head + 124, "77777777777", 12) == 0);
    memset(name, 'n', sizeof name);
    CHECK(!tar_head((Str){name, 150}, 1, 0, head, &err));
    CHECK(err.code == ERR_LIMIT);
    CHECK(tar_padding(0) == 0 && tar_padding(1) == 511 && tar_padding(512) == 0);
}

int main(void)
{
    return RUN(CASE(the_program_tar_reads_names_sizes_and_bytes),
               CASE(large_sizes_are_in_base_256_and_long_names_refused));
}
