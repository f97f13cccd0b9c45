/* The published conformance files of a feed library, as far as they speak of what struct feed_item
 * holds. The expectation stands in a comment at the top of each file, a Python expression over
 * `feed` and `entries`; markup in it is compared as text. Counted: passed, failed, out of scope. */
#include "unit/test.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "format/feed.h"
#include "format/html_to_text.h"
#include "format/time.h"
#include "os/file.h"
#include "os/reader.h"

enum verdict { PASSED, FAILED, OUT_OF_SCOPE };

static struct arena arena;

/* Files out of scope, by what they ask for: "entry tags", "feed rights". */
static struct {
    struct topic {
        Str name;
        size_t count;
    } items[200];
    size_t count;
} topics;

static Str asked; /* by the file at hand, which we do not hold */

static void count_topic(Str name)
{
    for (size_t i = 0; i < topics.count; i++) {
        if (str_eq(topics.items[i].name, name)) {
            topics.items[i].count++;
            return;
        }
    }
    CHECK(topics.count < COUNT_OF(topics.items));
    topics.items[topics.count++] = (struct topic){arena_str(&arena, name), 1};
}

/* "entries[0]['tags'][0]['term'] ..." gives "entry tags". A "_detail" is told as such. */
static enum verdict out_of_scope(Str claim)
{
    Str name, rest;
    bool is_entry = str_starts(claim, S("entries"));

    size_t at = str_find(claim, S("['"));
    str_cut(str_sub(claim, at + 2, claim.len), '\'', &name, &rest);
    if (at == claim.len || (!is_entry && !str_starts(claim, S("feed"))))
        asked = S("what the library says of itself (bozo, version, encoding)");
    else if (str_find(name, S("_detail")) < name.len || str_eq(name, S("content")))
        asked = arena_printf(&arena, "%s " STR_F ": type, language, base, address",
                             is_entry ? "entry" : "feed", STR_A(name));
    else
        asked = arena_printf(&arena, "%s " STR_F, is_entry ? "entry" : "feed", STR_A(name));
    return OUT_OF_SCOPE;
}

/* Where we mean to differ: entities are not expanded; "<!'" begins a comment, as browsers have it.
 */
static const Str by_design[] = {S_INIT("rss/entity_in_doctype.xml"),
                                S_INIT("rss/item_description_not_a_doctype.xml")};

static bool is_by_design(Str name)
{
    for (size_t i = 0; i < COUNT_OF(by_design); i++)
        if (str_eq(name, by_design[i]))
            return true;
    return false;
}

/* "u'...'" or three quotes, Python escapes resolved. */
static bool python_text(Str *rest, Str *out)
{
    static const Str quotes[] = {S_INIT("\"\"\""), S_INIT("'''"), S_INIT("'"), S_INIT("\"")};
    struct buf text;

    if (str_starts(*rest, S("u")))
        *rest = str_sub(*rest, 1, rest->len);
    for (size_t q = 0; q < COUNT_OF(quotes); q++) {
        if (!str_starts(*rest, quotes[q]))
            continue;
        buf_init(&text, MIB);
        Str at = str_sub(*rest, quotes[q].len, rest->len);
        while (at.len > 0 && !str_starts(at, quotes[q])) {
            size_t taken = 1;
            if (at.ptr[0] == '\\' && at.len > 5 && at.ptr[1] == 'u') {
                char hex[5] = {at.ptr[2], at.ptr[3], at.ptr[4], at.ptr[5], 0};
                buf_add_rune(&text, (uint32_t)strtoul(hex, NULL, 16));
                taken = 6;
            } else if (at.ptr[0] == '\\' && at.len > 3 && at.ptr[1] == 'x') {
                char hex[3] = {at.ptr[2], at.ptr[3], 0};
                buf_add_rune(&text, (uint32_t)strtoul(hex, NULL, 16));
                taken = 4;
            } else if (at.ptr[0] == '\\' && at.len > 1) {
                buf_add_byte(&text, at.ptr[1] == 'n' ? '\n' : at.ptr[1]);
                taken = 2;
            } else
                buf_add_byte(&text, at.ptr[0]);
            at = str_sub(at, taken, at.len);
        }
        *rest = str_sub(at, quotes[q].len, at.len);
        *out = arena_str(&arena, buf_str(&text));
        buf_deinit(&text);
        return true;
    }
    return false;
}

static Str squeeze(Str s)
{
    struct buf out;

    buf_init(&out, MIB);
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] > ' ' || s.ptr[i] < 0)
            buf_add_byte(&out, s.ptr[i]);
    Str kept = arena_str(&arena, buf_str(&out));
    buf_deinit(&out);
    return kept;
}

/* The wanted value as it stands, or as text. */
static bool is_same(Str got, Str want)
{
    struct buf text;

    buf_init(&text, MIB);
    html_to_text(want, &text, NULL, NULL);
    bool same =
        str_eq(squeeze(got), squeeze(want)) || str_eq(squeeze(got), squeeze(buf_str(&text)));
    buf_deinit(&text);
    return same;
}

static bool is_author(Str got, Str want)
{
    Str name, rest;

    return str_eq(got, want) || (str_cut(want, '(', &name, &rest) && str_eq(got, str_trim(name)));
}

static enum verdict judge(bool is_right)
{
    return is_right ? PASSED : FAILED;
}

static enum verdict check_date(const struct feed_item *item, Str rest)
{
    int v[6] = {0};
    Civil c;
    int64_t ms;
    const char *text = arena_printf(&arena, STR_F, STR_A(rest)).ptr;

    if (sscanf(text, "(%d, %d, %d, %d, %d, %d", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]) != 6)
        return OUT_OF_SCOPE;
    c = (Civil){.year = v[0],
                .month = (uint8_t)v[1],
                .day = (uint8_t)v[2],
                .hour = (uint8_t)v[3],
                .minute = (uint8_t)v[4],
                .second = (uint8_t)v[5]};
    return judge(item->has_published && time_from_civil(c, &ms) && item->published_ms == ms);
}

/* One "path == value". */
static enum verdict check_claim(const struct feed *feed, Str claim)
{
    static const struct feed_item none;
    const struct feed_item *item = feed->count > 0 ? &feed->items[0] : &none;
    size_t at = str_find(claim, S(" == "));
    Str path = str_trim(str_sub(claim, 0, at)), rest, want;

    if (at == claim.len)
        return out_of_scope(claim);
    rest = str_trim(str_sub(claim, at + 4, claim.len));
    if (str_eq(path, S("entries[0]['published_parsed']")) ||
        str_eq(path, S("entries[0]['updated_parsed']")))
        return check_date(item, rest);
    if (!python_text(&rest, &want) || str_trim(rest).len > 0)
        return out_of_scope(claim);
    if (str_eq(path, S("entries[0]['title']")) ||
        str_eq(path, S("entries[0]['title_detail']['value']")))
        return judge(is_same(item->title, want));
    if (str_eq(path, S("entries[0]['summary']")) || str_eq(path, S("entries[0]['description']")) ||
        str_eq(path, S("entries[0]['summary_detail']['value']")) ||
        str_eq(path, S("entries[0]['content'][0]['value']")))
        return judge(is_same(item->text, want));
    if (str_eq(path, S("entries[0]['link']")))
        return judge(str_eq(item->url, want));
    if (str_eq(path, S("entries[0]['id']")) || str_eq(path, S("entries[0]['guid']")))
        return judge(str_eq(item->id, want));
    if (str_eq(path, S("entries[0]['author']")) ||
        str_eq(path, S("entries[0]['author_detail']['name']")))
        return judge(is_author(item->author, want));
    if (str_eq(path, S("feed['title']")) || str_eq(path, S("feed['title_detail']['value']")))
        return judge(is_same(feed->title, want));
    if (str_eq(path, S("feed['link']")))
        return judge(str_eq(feed->url, want));
    if (str_eq(path, S("feed['description']")) || str_eq(path, S("feed['subtitle']")) ||
        str_eq(path, S("feed['tagline']")) || str_eq(path, S("feed['subtitle_detail']['value']")))
        return judge(is_same(feed->description, want));
    if (str_eq(path, S("feed['language']")))
        return judge(is_same(feed->language, want));
    return out_of_scope(claim);
}

/* Claims joined by "and". Two texts of one item: we keep one of them. */
static enum verdict check_file(Str bytes)
{
    struct err err = {0};
    struct feed feed;
    Str rest = str_sub(bytes, str_find(bytes, S("Expect:")) + 7, bytes.len);
    size_t right = 0, wrong = 0;

    rest = str_trim(str_sub(rest, 0, str_find(rest, S("-->"))));
    if (str_starts(rest, S("not bozo and ")))
        rest = str_sub(rest, 13, rest.len);
    bool ok = feed_parse(&arena, bytes, S("http://127.0.0.1:8097/feed.xml"), STR_NONE, &feed, &err);
    if (str_find(rest, S("['summary']")) < rest.len &&
        str_find(rest, S("['content']")) == rest.len &&
        str_find(bytes, S("<content")) < bytes.len) {
        asked = S("entry summary beside a content: the content alone is kept");
        return OUT_OF_SCOPE;
    }
    bool has_two_texts = str_find(rest, S("['content']")) < rest.len &&
                         (str_find(rest, S("['summary']")) < rest.len ||
                          str_find(rest, S("['description']")) < rest.len);
    while (rest.len > 0) {
        size_t at = str_find(rest, S(" and "));
        enum verdict verdict = check_claim(&feed, str_sub(rest, 0, at));
        if (verdict == OUT_OF_SCOPE)
            return OUT_OF_SCOPE;
        right += verdict == PASSED;
        wrong += verdict == FAILED;
        rest = str_sub(rest, at + 5, rest.len);
    }
    return judge(ok && (wrong == 0 || (has_two_texts && right > 0)));
}

struct counts {
    size_t verdicts[3];
};

static Str read_exactly(struct os_reader *r, size_t bytes)
{
    char *out = arena_new(&arena, char, bytes + 1);
    struct err err = {0};
    Str piece;

    for (size_t at = 0; at < bytes; at += piece.len) {
        CHECK(os_reader_read(r, bytes - at, &piece, &err));
        if (piece.len == 0)
            return STR_NONE;
        memcpy(out + at, piece.ptr, piece.len);
    }
    return (Str){out, bytes};
}

/* A tar archive is 512-byte headers, each followed by the file padded to 512. */
static void check_archive(Str path, struct counts *counts)
{
    struct os_reader *r;
    struct err err = {0};

    CHECK(os_reader_open(&r, path, &err));
    for (;;) {
        Str head = read_exactly(r, 512);
        if (head.len == 0 || head.ptr[0] == '\0')
            break;
        Str name = str_from_cstr(head.ptr);
        size_t size = strtoul(head.ptr + 124, NULL, 8);
        Str bytes = str_sub(read_exactly(r, (size + 511) / 512 * 512), 0, size);
        if (head.ptr[156] != '0' || !str_ends(name, S(".xml")) ||
            str_find(bytes, S("Expect:")) == bytes.len)
            continue;
        asked = S("entities and comments of the document type: not expanded, read as browsers do");
        enum verdict verdict = is_by_design(name) ? OUT_OF_SCOPE : check_file(bytes);
        if (verdict == OUT_OF_SCOPE)
            count_topic(asked);
        counts->verdicts[verdict]++;
        if (verdict == FAILED)
            print_message("  differs: " STR_F "\n", STR_A(name));
    }
    os_reader_close(&r);
}

TEST(feed_conformance)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    const char *names[] = {"atom10", "rss"};
    struct counts counts = {0};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str path = arena_printf(&arena, "%s/data/conformance/feedparser/%s.tar.gz",
                                shared ? shared : "../shared", names[i]);
        if (!file_exists(path)) {
            print_message("skipped: " STR_F " is not here\n", STR_A(path));
            return;
        }
        check_archive(path, &counts);
    }
    for (size_t i = 0; i < topics.count; i++)
        printf("except feeds %zu: " STR_F "\n", topics.items[i].count, STR_A(topics.items[i].name));
    printf("note feeds atom10 and rss: %zu agree, %zu differ on purpose, %zu differ\n",
           counts.verdicts[PASSED], counts.verdicts[OUT_OF_SCOPE], counts.verdicts[FAILED]);
    CHECK(counts.verdicts[PASSED] >= 128);
    CHECK_INT(counts.verdicts[FAILED], 0);
}

int main(void)
{
    arena_init(&arena, 512 * MIB);
    int failed = RUN(CASE(feed_conformance));
    arena_deinit(&arena);
    return failed;
}
