#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "format/compress.h"
#include "format/digest.h"

static void check_hex(Digest d, const char *want)
{
    CHECK_STR(str_from_cstr(digest_hex(d).text), want);
}

/* FIPS 180-4's examples. */
TEST(digest_sha256_of_known_texts)
{
    struct digest_state s;
    Digest back;

    check_hex(digest_sha256(STR_NONE),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_hex(digest_sha256(S("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_begin(&s);
    digest_add(&s, S("a"));
    digest_add(&s, STR_NONE);
    digest_add(&s, S("bc"));
    Digest d = digest_end(&s);
    CHECK(memcmp(d.bytes, digest_sha256(S("abc")).bytes, DIGEST_SIZE) == 0);
    CHECK(digest_from_hex(str_from_cstr(digest_hex(d).text), &back));
    CHECK(memcmp(&back, &d, sizeof d) == 0);
    CHECK(!digest_from_hex(S("ba78"), &back));
    char bad[] = "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(!digest_from_hex(str_from_cstr(bad), &back));
}

TEST(digest_frames_tell_pieces_apart)
{
    struct digest_state a, b;

    digest_begin(&a);
    digest_add_framed(&a, S("ab"));
    digest_add_framed(&a, S("c"));
    digest_begin(&b);
    digest_add_framed(&b, S("a"));
    digest_add_framed(&b, S("bc"));
    Digest da = digest_end(&a), db = digest_end(&b);
    CHECK(memcmp(&da, &db, sizeof da) != 0);
}

/* RFC 4231, cases 2 and 6 (key longer than a block). */
TEST(digest_hmac_of_known_texts)
{
    char key[131];

    check_hex(digest_hmac_sha256(S("Jefe"), S("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    check_hex(digest_hmac_sha256((Str){key, sizeof key},
                                 S("Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(digest_equal_compares)
{
    CHECK(digest_equal(S("abc"), S("abc")) && digest_equal(STR_NONE, STR_NONE));
    CHECK(!digest_equal(S("abc"), S("abd")) && !digest_equal(S("abc"), S("ab")));
}

TEST(digest_text_forms)
{
    static const Str bad[] = {S_INIT("Zg="), S_INIT("Z"),    S_INIT("Z g"),
                              S_INIT("Zh"),  S_INIT("+/+/"), S_INIT("Zg==")};
    struct buf out;

    buf_init(&out, 1000);
    digest_add_hex(&out, S("\x00\xff"));
    CHECK_STR(buf_str(&out), "00ff");
    buf_reset(&out);
    digest_add_base64url(&out, S("\xfb\xff\xfe"));
    digest_add_base64url(&out, S("f"));
    CHECK_STR(buf_str(&out), "-__-Zg");
    buf_reset(&out);
    digest_add_base64(&out, S("\xfb\xff\xfe"));
    digest_add_base64(&out, S("f"));
    CHECK_STR(buf_str(&out), "+//+Zg==");
    buf_reset(&out);
    CHECK(digest_read_base64url(&out, S("-__-")) && str_eq(buf_str(&out), S("\xfb\xff\xfe")));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(!digest_read_base64url(&out, bad[i]));
    CHECK_INT(out.len, 3);
    CHECK(digest_read_base64(&out, S("Zg==")) && out.len == 4);
    CHECK(!digest_read_base64(&out, S("Zg")));
    buf_deinit(&out);
}

static void check_gzip(Str text, enum compress_level level)
{
    struct buf packed, back;
    struct err err = {0};

    buf_init(&packed, 4 * MIB);
    buf_init(&back, 4 * MIB);
    CHECK(compress_gzip(&packed, text, level, &err));
    CHECK(compress_gunzip(&back, buf_str(&packed), text.len, &err));
    CHECK(str_eq(buf_str(&back), text));
    if (text.len > 0) {
        buf_reset(&back);
        CHECK(!compress_gunzip(&back, buf_str(&packed), text.len - 1, &err));
        CHECK_INT(err.code, ERR_LIMIT);
        err_clear(&err);
    }
    for (size_t cut = 0; cut < packed.len; cut += cut < 40 ? 1 : 1000) {
        buf_reset(&back);
        CHECK(!compress_gunzip(&back, str_sub(buf_str(&packed), 0, cut), MIB, &err));
        CHECK_INT(err.code, ERR_INPUT);
        err_clear(&err);
    }
    buf_deinit(&packed);
    buf_deinit(&back);
}

TEST(compress_gzip_and_back)
{
    struct buf text;

    buf_init(&text, MIB);
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%d,", i * 7919);
    check_gzip(buf_str(&text), COMPRESS_FAST);
    check_gzip(buf_str(&text), COMPRESS_BEST);
    check_gzip(STR_NONE, COMPRESS_FAST);
    buf_deinit(&text);
}

TEST(compress_brotli_shrinks_and_minds_its_room)
{
    struct buf text, packed, small;
    struct err err = {0};

    buf_init(&text, MIB);
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%d,", i % 100);
    buf_init(&packed, MIB);
    CHECK(compress_brotli(&packed, buf_str(&text), COMPRESS_BEST, &err));
    CHECK(packed.len > 0 && packed.len < text.len / 10);
    buf_reset(&packed);
    CHECK(compress_brotli(&packed, STR_NONE, COMPRESS_FAST, &err) && packed.len > 0);
    buf_init(&small, 10);
    CHECK(!compress_brotli(&small, buf_str(&text), COMPRESS_FAST, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    buf_reset(&small);
    err_clear(&err);
    CHECK(!compress_gzip(&small, buf_str(&text), COMPRESS_FAST, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    buf_deinit(&text);
    buf_deinit(&packed);
    buf_deinit(&small);
}

int main(void)
{
    return RUN(CASE(digest_sha256_of_known_texts), CASE(digest_frames_tell_pieces_apart),
               CASE(digest_hmac_of_known_texts), CASE(digest_equal_compares),
               CASE(digest_text_forms), CASE(compress_gzip_and_back),
               CASE(compress_brotli_shrinks_and_minds_its_room));
}
