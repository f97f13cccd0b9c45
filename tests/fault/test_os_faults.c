/* Every failure path of os/file and os/reader: the n-th fallible call fails, for each n. */
#include "unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/compress.h"
#include "os/file.h"
#include "os/http_client.h"
#include "os/process.h"
#include "os/queue.h"
#include "os/reader.h"

#ifdef TRIMTAB_FAULTS

static char dir[] = "/tmp/trimtab-faults-XXXXXX";

static Str in_dir(const char *name)
{
    static char path[200];
    int len = snprintf(path, sizeof path, "%s/%s", dir, name);

    return (Str){path, (size_t)len};
}

/* Runs the call until no fault is hit any more. `ok` and err have to agree, nothing may leak. */
static void walk(bool (*call)(struct err *err), void (*check)(bool ok))
{
    for (int n = 1;; n++) {
        struct err err = {0};
        long blocks = mem_live_blocks();
        fault_arm(n);
        bool ok = call(&err);
        bool hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        CHECK_INT(mem_live_blocks(), blocks);
        if (check)
            check(ok);
        CHECK(n < 10000);
        if (!hit) {
            CHECK(ok);
            break;
        }
    }
}

static Str read_file(struct arena *a, const char *name)
{
    struct err err = {0};
    Str text = STR_NONE;

    CHECK(file_read_all(a, in_dir(name), MIB, &text, &err));
    return text;
}

static bool write_new(struct err *err)
{
    return file_write_atomic(in_dir("f"), S("new"), err);
}

/* With "." and ".." and hidden ones. */
static int count_entries(void)
{
    DIR *d = opendir(dir);
    int count = 0;

    CHECK(d != NULL);
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

/* Old or new, never a mixture; a success is the new one. No temporary is left behind. */
static void check_old_or_new(bool ok)
{
    struct arena a;
    struct err err = {0};

    arena_init(&a, MIB);
    Str text = read_file(&a, "f");
    CHECK(str_eq(text, S("new")) || (!ok && str_eq(text, S("old"))));
    CHECK_INT(count_entries(), 3);
    CHECK(file_write_atomic(in_dir("f"), S("old"), &err));
    arena_deinit(&a);
}

TEST(file_write_atomic_survives_every_failure)
{
    struct err err = {0};

    CHECK(file_write_atomic(in_dir("f"), S("old"), &err));
    walk(write_new, check_old_or_new);
}

static bool read_it(struct err *err)
{
    struct arena a;
    Str text;

    arena_init(&a, MIB);
    bool ok = file_read_all(&a, in_dir("f"), 100, &text, err);
    CHECK(!ok || str_eq(text, S("old")));
    arena_deinit(&a);
    return ok;
}

static bool do_the_rest(struct err *err)
{
    struct arena a;
    struct dir_entry *entries;
    size_t count;
    uint64_t size;

    arena_init(&a, MIB);
    bool ok = dir_ensure(in_dir("a/b"), err) && file_append(in_dir("a/x"), S("1"), err) &&
              file_size(in_dir("a/x"), &size, err) &&
              dir_list(&a, in_dir("a"), &entries, &count, err);
    ok = ok && file_rename(in_dir("a/x"), in_dir("a/x"), err) && file_remove(in_dir("a/x"), err) &&
         dir_remove_all(in_dir("a"), err);
    arena_deinit(&a);
    return ok;
}

TEST(files_and_directories_survive_every_failure)
{
    walk(read_it, NULL);
    walk(do_the_rest, NULL);
}

TEST(the_reason_of_a_refused_directory_is_kept)
{
    struct err err = {0};

    fault_arm(1); /* making it; looking whether it is there then says ENOENT */
    CHECK(!dir_ensure(S("trimtab-absent"), &err));
    CHECK(fault_disarm());
    CHECK_INT(err.sys, EIO);
}

/* Reads all lines; what comes out is a prefix of the truth. */
static bool read_lines(Str path, struct err *err)
{
    struct os_reader *r;
    bool has_line = true, ok;
    int count = 0;
    Str line;

    ok = os_reader_open(&r, path, err);
    CHECK(ok == (r != NULL));
    while (ok && (ok = os_reader_line(r, &line, &has_line, err)) && has_line) {
        char want[16];
        snprintf(want, sizeof want, "line %d", count++);
        CHECK_STR(line, want);
    }
    CHECK(!ok || count == 20000);
    os_reader_close(&r);
    return ok;
}

static bool read_plain(struct err *err)
{
    return read_lines(in_dir("plain"), err);
}

static bool read_packed(struct err *err)
{
    return read_lines(in_dir("packed"), err);
}

TEST(reader_survives_every_failure)
{
    struct buf plain, packed;
    struct err err = {0};

    buf_init(&plain, MIB);
    buf_init(&packed, MIB);
    for (int i = 0; i < 20000; i++)
        buf_printf(&plain, "line %d\n", i);
    CHECK(compress_gzip(&packed, buf_str(&plain), COMPRESS_FAST, &err));
    CHECK(file_write_atomic(in_dir("plain"), buf_str(&plain), &err));
    CHECK(file_write_atomic(in_dir("packed"), buf_str(&packed), &err));
    buf_deinit(&plain);
    buf_deinit(&packed);
    walk(read_plain, NULL);
    walk(read_packed, NULL);
}

static bool run_cat(struct err *err)
{
    const char *const argv[] = {"cat", NULL};
    struct process_result result;
    struct arena a;

    arena_init(&a, MIB);
    bool ok = process_run(&a, argv, S("text"), 10000, NULL, &result, err);
    CHECK(!ok || str_eq(result.out, S("text")));
    arena_deinit(&a);
    return ok;
}

static bool make_queue(struct err *err)
{
    struct queue *q;
    bool ok = queue_create(&q, 4, QUEUE_BLOCK, err);

    CHECK(ok == (q != NULL));
    queue_destroy(&q);
    return ok;
}

static bool make_client(struct err *err)
{
    struct http_client *c;
    bool ok = http_client_create(&c, err);

    CHECK(ok == (c != NULL));
    http_client_destroy(&c);
    return ok;
}

TEST(processes_queues_and_clients_survive_every_failure)
{
    walk(run_cat, NULL);
    walk(make_queue, NULL);
    walk(make_client, NULL);
}

int main(void)
{
    struct err err = {0};

    if (!mkdtemp(dir))
        return 1;
    int failed =
        RUN(CASE(file_write_atomic_survives_every_failure),
            CASE(files_and_directories_survive_every_failure),
            CASE(the_reason_of_a_refused_directory_is_kept), CASE(reader_survives_every_failure),
            CASE(processes_queues_and_clients_survive_every_failure));
    if (!dir_remove_all(str_from_cstr(dir), &err))
        fprintf(stderr, "%s\n", err.msg);
    return failed;
}

#else
int main(void)
{
    puts("skipped: this profile has no fault hooks");
    return 0;
}
#endif
