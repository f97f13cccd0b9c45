/* Every call of a workbook that can fail fails once: it is told, nothing leaks, no file stays. */
#include <dirent.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/xlsx.h"
#include "os/scratch_file.h"
#include "unit/scratch.h"
#include "unit/test.h"

static const struct xlsx_column columns[] = {{"what", 20}};

static bool run(Str folder, struct buf *bytes, struct err *err)
{
    struct scratch_file file = {0};
    struct xlsx_writer *w = NULL;
    bool ok = scratch_open(&file, folder, err) && xlsx_begin(&w, file.fd, folder, err);

    if (ok) {
        xlsx_sheet(w, S("one"), columns, 1);
        xlsx_put_text(w, S("a text"));
        xlsx_put_link(w, S("https://x.org/"));
        xlsx_end_row(w);
        ok = xlsx_end(&w, 1000, err) && scratch_read(&file, 0, 100000, bytes, err);
    }
    xlsx_abandon(&w);
    scratch_close(&file);
    return ok;
}

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

TEST(a_workbook_survives_every_failure)
{
    struct scratch place;
    bool is_hit = true;
    int n;

    scratch_begin(&place);
    long before = mem_live_blocks();
    int open_before = descriptors();
    for (n = 1; is_hit; n++) {
        struct buf bytes;
        struct err err = {0};
        buf_init(&bytes, MIB);
        fault_arm(n);
        bool ok = run(str_from_cstr(place.dir), &bytes, &err);
        is_hit = fault_disarm();
        CHECK(ok == !is_hit);
        CHECK(ok ? bytes.len > 1000
                 : err.code == ERR_NO_MEMORY || err.code == ERR_IO || err.code == ERR_LIMIT);
        buf_deinit(&bytes);
        CHECK_INT(mem_live_blocks(), before);
        CHECK_INT(descriptors(), open_before);
    }
    CHECK(n > 6);
    scratch_end(&place);
}

/* The real thing: rows and the workbook on a full device. */
TEST(a_full_disk_is_told)
{
    struct scratch place;
    struct xlsx_writer *w;
    struct err err = {0};
    FILE *full = fopen("/dev/full", "r+");

    scratch_begin(&place);
    CHECK(full != NULL);
    CHECK(xlsx_begin(&w, fileno(full), str_from_cstr(place.dir), &err));
    xlsx_sheet(w, S("one"), columns, 1);
    CHECK(!xlsx_end(&w, 1000, &err));
    CHECK_INT(err.code, ERR_IO);
    fclose(full);
    scratch_end(&place);
}

int main(void)
{
    return RUN(CASE(a_workbook_survives_every_failure), CASE(a_full_disk_is_told));
}
