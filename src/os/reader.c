#include "os/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/mem.h"

/* Data flow, left to right; the packed side is skipped for plain input:
 *
 *   fd or memory --read--> packed[packed_from..packed_to) --unpack--> window[from..to) --> caller
 *
 * The window grows until it holds the longest line, then stays. */

enum packing { PACKING_UNKNOWN, PACKING_PLAIN, PACKING_GZIP, PACKING_ZSTD };

#define CHUNK_BYTES      (256 * KIB)
#define WINDOW_BYTES_MAX (INPUT_LINE_BYTES_MAX + 2 * CHUNK_BYTES)
#define GZIP_WINDOW_BITS (15 + 16) /* zlib: gzip header expected */
#define ZSTD_WINDOW_LOG  27        /* 128 MiB, zstd's own default for strangers */
#define MAGIC_BYTES      4
#define NAME_BYTES_MAX   4000

struct os_reader {
    int fd;     /* -1: memory */
    Str memory; /* not yet read part */
    char *name;
    uint64_t size_hint, bytes_in, bytes_out, bytes_unpacked, line_number;

    enum packing packing;
    bool has_inflate, is_member_done; /* gzip: the current member ended */
    z_stream inflate;
    ZSTD_DStream *zstd;
    bool is_frame_open; /* zstd: inside a frame */
    bool has_pending;   /* the unpacker filled all room: it may hold more without more input */
    unsigned char *packed;
    size_t packed_from, packed_to;
    bool is_source_end;

    char *window;
    size_t from, to, capacity;
    size_t scanned; /* bytes behind `from` known to hold no line feed */
    bool is_end;    /* nothing comes behind `to` */
    bool is_begun;  /* the byte order mark was dealt with */
    bool had_mark;

    struct err failure; /* final, returned again */
};

/* zlib's memory goes through the accounted heap. */
static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_try_alloc(count, size);
}

static void zlib_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

static bool reader_create(struct os_reader **out, Str name, struct err *err)
{
    struct os_reader *r = mem_try_alloc(1, sizeof *r);

    *out = NULL;
    if (r) {
        r->fd = -1;
        r->name = mem_try_alloc(name.len + 1, 1);
        r->packed = mem_try_alloc(CHUNK_BYTES, 1);
    }
    if (!r || !r->name || !r->packed) {
        os_reader_close(&r);
        return err_set(err, ERR_NO_MEMORY, "could not open '" STR_F "': no memory", STR_A(name));
    }
    if (name.len > 0)
        memcpy(r->name, name.ptr, name.len);
    *out = r;
    return true;
}

static bool open_file(struct os_reader *r, struct err *err)
{
    struct stat info;

    r->fd = fault_hit() ? (errno = EIO, -1) : open(r->name, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return err_set_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
                           "could not open '%s': %s", r->name, strerror(errno)) ||
               err_hint(err, "check the path; it is relative to the working directory");
    if (fstat(r->fd, &info) != 0)
        return err_set_sys(err, ERR_IO, errno, "could not look at '%s': %s", r->name,
                           strerror(errno));
    if (S_ISDIR(info.st_mode))
        return err_set(err, ERR_USAGE, "'%s' is a directory, not a file", r->name) ||
               err_hint(err, "name a file in it");
    if (S_ISREG(info.st_mode)) {
        r->size_hint = (uint64_t)info.st_size;
        (void)posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return true;
}

bool os_reader_open(struct os_reader **out, Str path, struct err *err)
{
    *out = NULL;
    if (path.len == 0 || path.len > NAME_BYTES_MAX || memchr(path.ptr, '\0', path.len))
        return err_set(err, ERR_USAGE, "a path has 1 to %d bytes and no NUL", NAME_BYTES_MAX);
    if (!reader_create(out, path, err))
        return false;
    if (str_eq(path, S("-"))) {
        (*out)->fd = STDIN_FILENO;
        return true;
    }
    if (open_file(*out, err))
        return true;
    os_reader_close(out);
    return false;
}

bool os_reader_open_bytes(struct os_reader **out, Str name, Str bytes, struct err *err)
{
    if (!reader_create(out, str_sub(name, 0, NAME_BYTES_MAX), err))
        return false;
    (*out)->memory = bytes;
    (*out)->size_hint = bytes.len;
    return true;
}

void os_reader_close(struct os_reader **out)
{
    struct os_reader *r = *out;

    if (!r)
        return;
    if (r->fd > STDIN_FILENO)
        close(r->fd);
    if (r->has_inflate)
        inflateEnd(&r->inflate);
    ZSTD_freeDStream(r->zstd);
    mem_free(r->name);
    mem_free(r->packed);
    mem_free(r->window);
    mem_free(r);
    *out = NULL;
}

/* One read of the source into `out`; 0 bytes sets is_source_end. */
static bool read_source(struct os_reader *r, void *out, size_t bytes, size_t *count,
                        struct err *err)
{
    ssize_t n;

    if (fault_hit())
        return err_set_sys(err, ERR_IO, EIO, "could not read '%s': %s", r->name, strerror(EIO));
    if (r->fd < 0) {
        Str next = str_sub(r->memory, 0, bytes);
        if (next.len > 0)
            memcpy(out, next.ptr, next.len);
        r->memory = str_sub(r->memory, next.len, r->memory.len);
        n = (ssize_t)next.len;
    } else {
        do
            n = read(r->fd, out, bytes);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return err_set_sys(err, ERR_IO, errno, "could not read '%s': %s", r->name,
                               strerror(errno));
    }
    r->is_source_end = n == 0;
    r->bytes_in += (uint64_t)n;
    *count = (size_t)n;
    return true;
}

/* More packed bytes behind those not yet used, which move to the front. */
static bool fill_packed(struct os_reader *r, struct err *err)
{
    size_t count, kept = r->packed_to - r->packed_from;

    memmove(r->packed, r->packed + r->packed_from, kept);
    r->packed_from = 0;
    r->packed_to = kept;
    if (!read_source(r, r->packed + kept, CHUNK_BYTES - kept, &count, err))
        return false;
    r->packed_to += count;
    return true;
}

static bool begin_gzip(struct os_reader *r, struct err *err)
{
    r->inflate = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
    if (inflateInit2(&r->inflate, GZIP_WINDOW_BITS) != Z_OK)
        return err_set(err, ERR_NO_MEMORY, "could not unpack '%s': no memory", r->name);
    r->has_inflate = true;
    r->packing = PACKING_GZIP;
    return true;
}

static bool begin_zstd(struct os_reader *r, struct err *err)
{
    r->zstd = fault_hit() ? NULL : ZSTD_createDStream();
    if (!r->zstd || ZSTD_isError(ZSTD_initDStream(r->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
        return err_set(err, ERR_NO_MEMORY, "could not unpack '%s': no memory", r->name);
    r->packing = PACKING_ZSTD;
    return true;
}

static bool is_gzip(const unsigned char *at, size_t len)
{
    return len >= 3 && at[0] == 0x1f && at[1] == 0x8b && at[2] == 8; /* RFC 1952 */
}

static bool is_zstd(const unsigned char *at, size_t len)
{
    return len >= 4 && at[0] == 0x28 && at[1] == 0xb5 && at[2] == 0x2f && at[3] == 0xfd; /* 8878 */
}

static bool recognise(struct os_reader *r, struct err *err)
{
    while (r->packed_to < MAGIC_BYTES && !r->is_source_end)
        if (!fill_packed(r, err))
            return false;
    if (is_gzip(r->packed, r->packed_to))
        return begin_gzip(r, err);
    if (is_zstd(r->packed, r->packed_to))
        return begin_zstd(r, err);
    r->packing = PACKING_PLAIN;
    return true;
}

static bool bad_archive(struct os_reader *r, const char *why, struct err *err)
{
    return err_set(err, ERR_INPUT, "cannot unpack '%s': %s (after %llu unpacked bytes)", r->name,
                   why, (unsigned long long)r->bytes_unpacked);
}

/* Behind a gzip member: another one, padding of zeros, or the end. */
static bool next_member(struct os_reader *r, struct err *err)
{
    for (;;) {
        while (r->packed_from < r->packed_to && r->packed[r->packed_from] == 0)
            r->packed_from++;
        size_t len = r->packed_to - r->packed_from;
        if (is_gzip(r->packed + r->packed_from, len)) {
            r->is_member_done = false;
            return inflateReset(&r->inflate) == Z_OK || bad_archive(r, "no memory", err);
        }
        if (len >= 3 || (len > 0 && r->is_source_end))
            return bad_archive(r, "something that is not gzip follows", err);
        if (r->is_source_end) {
            r->is_end = true;
            return true;
        }
        if (!fill_packed(r, err))
            return false;
    }
}

static bool unpack_gzip(struct os_reader *r, size_t room, size_t *count, struct err *err)
{
    if (r->is_member_done)
        return next_member(r, err);
    if (r->packed_from == r->packed_to && !r->has_pending && !fill_packed(r, err))
        return false;
    if (r->packed_from == r->packed_to && !r->has_pending)
        return bad_archive(r, "the file ends too early", err);
    r->inflate.next_in = r->packed + r->packed_from;
    r->inflate.avail_in = (unsigned)(r->packed_to - r->packed_from);
    r->inflate.next_out = (unsigned char *)r->window + r->to;
    r->inflate.avail_out = (unsigned)room;
    int code = inflate(&r->inflate, Z_NO_FLUSH);
    r->packed_from = r->packed_to - r->inflate.avail_in;
    *count = room - r->inflate.avail_out;
    r->has_pending = *count == room;
    r->is_member_done = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return err_set(err, ERR_NO_MEMORY, "could not unpack '%s': no memory", r->name);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return bad_archive(r, r->inflate.msg ? r->inflate.msg : "damaged gzip data", err);
    return true;
}

static bool unpack_zstd(struct os_reader *r, size_t room, size_t *count, struct err *err)
{
    if (r->packed_from == r->packed_to && !r->has_pending && !fill_packed(r, err))
        return false;
    if (r->packed_from == r->packed_to && !r->has_pending) {
        if (r->is_frame_open)
            return bad_archive(r, "the file ends too early", err);
        r->is_end = true;
        return true;
    }
    ZSTD_inBuffer in = {r->packed + r->packed_from, r->packed_to - r->packed_from, 0};
    ZSTD_outBuffer out = {r->window + r->to, room, 0};
    size_t code = ZSTD_decompressStream(r->zstd, &out, &in);
    if (ZSTD_isError(code))
        return bad_archive(r, ZSTD_getErrorName(code), err);
    r->has_pending = out.pos == room && code != 0;
    r->is_frame_open = code != 0;
    r->packed_from += in.pos;
    *count = out.pos;
    return true;
}

static bool pass_plain(struct os_reader *r, size_t room, size_t *count, struct err *err)
{
    size_t kept = r->packed_to - r->packed_from;

    if (kept > 0) {
        *count = kept < room ? kept : room;
        memcpy(r->window + r->to, r->packed + r->packed_from, *count);
        r->packed_from += *count;
        return true;
    }
    if (!r->is_source_end && !read_source(r, r->window + r->to, room, count, err))
        return false;
    r->is_end = r->is_source_end;
    return true;
}

/* At least CHUNK_BYTES free behind `to`, padding not counted. */
static bool make_room(struct os_reader *r, struct err *err)
{
    size_t held = r->to - r->from;

    if (r->from > 0 && (held == 0 || r->capacity - r->to < CHUNK_BYTES + INPUT_PADDING_BYTES)) {
        memmove(r->window, r->window + r->from, held);
        r->from = 0;
        r->to = held;
    }
    if (r->capacity - r->to >= CHUNK_BYTES + INPUT_PADDING_BYTES)
        return true;
    size_t capacity = r->capacity * 2;
    if (capacity < held + 2 * CHUNK_BYTES)
        capacity = held + 2 * CHUNK_BYTES;
    ASSERT(capacity <= 2 * WINDOW_BYTES_MAX);
    char *window = mem_try_realloc(r->window, capacity, 1);
    if (!window)
        return err_set(err, ERR_NO_MEMORY, "could not read '%s': no memory", r->name);
    memset(window + r->capacity, 0, capacity - r->capacity); /* padding never reads as garbage */
    r->window = window;
    r->capacity = capacity;
    return true;
}

static bool check_ratio(struct os_reader *r, struct err *err)
{
    uint64_t packed = r->bytes_in - (r->packed_to - r->packed_from);

    if (r->packing == PACKING_PLAIN || r->bytes_unpacked <= MIB ||
        r->bytes_unpacked / INFLATE_RATIO_MAX <= packed)
        return true;
    return err_set(err, ERR_INPUT, "cannot unpack '%s': it grows to more than %d times its size",
                   r->name, INFLATE_RATIO_MAX);
}

static bool fill_once(struct os_reader *r, struct err *err)
{
    size_t count = 0;
    bool ok = true;

    if (r->packing == PACKING_UNKNOWN && !recognise(r, err))
        return false;
    if (!make_room(r, err))
        return false;
    size_t room = r->capacity - r->to - INPUT_PADDING_BYTES;
    if (room > UINT32_MAX)
        room = UINT32_MAX;
    switch (r->packing) {
    case PACKING_GZIP:
        ok = unpack_gzip(r, room, &count, err);
        break;
    case PACKING_ZSTD:
        ok = unpack_zstd(r, room, &count, err);
        break;
    case PACKING_PLAIN:
    case PACKING_UNKNOWN:
        ok = pass_plain(r, room, &count, err);
        break;
    }
    r->to += count;
    r->bytes_unpacked += count;
    return ok && check_ratio(r, err);
}

/* Adds to the window, or finds the end. A failure is kept: it is final. */
static bool fill(struct os_reader *r, struct err *err)
{
    size_t before = r->to - r->from;

    if (r->failure.code == ERR_NONE)
        while (!r->is_end && r->to - r->from == before)
            if (!fill_once(r, &r->failure))
                break;
    if (r->failure.code == ERR_NONE)
        return true;
    *err = r->failure;
    return false;
}

/* Drops the byte order mark once, at the start. */
static bool begin(struct os_reader *r, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (r->is_begun)
        return true;
    while (r->to - r->from < 3 && !r->is_end)
        if (!fill(r, err))
            return false;
    r->had_mark = r->to - r->from >= 3 && memcmp(r->window + r->from, mark, 3) == 0;
    if (r->had_mark)
        r->from += 3;
    r->is_begun = true;
    return true;
}

static Str take(struct os_reader *r, size_t bytes)
{
    Str out = {r->window + r->from, bytes};

    r->from += bytes;
    r->bytes_out += bytes;
    r->scanned = 0;
    return out;
}

/* Throws away what is left of an overlong line. */
static bool skip_line(struct os_reader *r, struct err *err)
{
    for (;;) {
        size_t held = r->to - r->from;
        char *feed = held > 0 ? memchr(r->window + r->from, '\n', held) : NULL;
        (void)take(r, feed ? (size_t)(feed - (r->window + r->from)) + 1 : held);
        if (feed || r->is_end)
            return true;
        if (!fill(r, err))
            return false;
    }
}

static bool too_long(struct os_reader *r, struct err *err)
{
    if (!skip_line(r, err))
        return false;
    return err_set(err, ERR_LIMIT, "line %llu of '%s' is longer than %llu bytes",
                   (unsigned long long)r->line_number, r->name, INPUT_LINE_BYTES_MAX);
}

bool os_reader_line(struct os_reader *r, Str *line, bool *has_line, struct err *err)
{
    char *feed = NULL;

    *line = STR_NONE;
    *has_line = false;
    if (!begin(r, err))
        return false;
    for (;;) {
        size_t held = r->to - r->from, fresh = held - r->scanned;
        feed = fresh > 0 ? memchr(r->window + r->from + r->scanned, '\n', fresh) : NULL;
        if (feed || r->is_end || held > INPUT_LINE_BYTES_MAX + 1)
            break;
        r->scanned = held;
        if (!fill(r, err))
            return false;
    }
    size_t len = feed ? (size_t)(feed - (r->window + r->from)) : r->to - r->from;
    if (!feed && len == 0)
        return true;
    r->line_number++;
    Str text = {r->window + r->from, len};
    if (feed && str_ends(text, S("\r")))
        text.len--;
    if (text.len > INPUT_LINE_BYTES_MAX)
        return too_long(r, err);
    (void)take(r, len + (feed ? 1 : 0));
    *line = text;
    *has_line = true;
    return true;
}

bool os_reader_read(struct os_reader *r, size_t max_bytes, Str *out, struct err *err)
{
    ASSERT(max_bytes > 0);
    *out = STR_NONE;
    if (!begin(r, err))
        return false;
    if (r->from == r->to && !r->is_end && !fill(r, err))
        return false;
    size_t held = r->to - r->from;
    if (held > 0)
        *out = take(r, held < max_bytes ? held : max_bytes);
    return true;
}

bool os_reader_peek(struct os_reader *r, size_t bytes, Str *out, struct err *err)
{
    ASSERT(bytes <= OS_READER_PEEK_BYTES_MAX);
    *out = STR_NONE;
    if (!begin(r, err))
        return false;
    while (r->to - r->from < bytes && !r->is_end)
        if (!fill(r, err))
            return false;
    if (r->to > r->from)
        *out = str_sub((Str){r->window + r->from, r->to - r->from}, 0, bytes);
    return true;
}

static bool holds_line(const struct os_reader *r)
{
    return r->to > r->from && memchr(r->window + r->from, '\n', r->to - r->from);
}

/* All that has arrived is unpacked, and reading on would wait. */
static bool is_source_idle(const struct os_reader *r)
{
    struct pollfd source = {.fd = r->fd, .events = POLLIN};

    return r->fd >= 0 && !r->is_source_end && r->packed_from == r->packed_to && !r->has_pending &&
           poll(&source, 1, 0) == 0;
}

bool os_reader_peek_live(struct os_reader *r, size_t bytes, Str *out, struct err *err)
{
    if (!begin(r, err))
        return false;
    while (r->to - r->from < bytes && !r->is_end && !(holds_line(r) && is_source_idle(r)))
        if (!fill(r, err))
            return false;
    return os_reader_peek(r, r->to - r->from < bytes ? r->to - r->from : bytes, out, err);
}

bool os_reader_would_wait(const struct os_reader *r)
{
    return !r->is_end && r->failure.code == ERR_NONE && !holds_line(r) && is_source_idle(r);
}

uint64_t os_reader_line_number(const struct os_reader *r)
{
    return r->line_number;
}

uint64_t os_reader_bytes_in(const struct os_reader *r)
{
    return r->bytes_in;
}

uint64_t os_reader_bytes_out(const struct os_reader *r)
{
    return r->bytes_out;
}

bool os_reader_had_mark(const struct os_reader *r)
{
    return r->had_mark;
}

uint64_t os_reader_size_hint(const struct os_reader *r)
{
    return r->size_hint;
}

Str os_reader_name(const struct os_reader *r)
{
    return str_from_cstr(r->name);
}
