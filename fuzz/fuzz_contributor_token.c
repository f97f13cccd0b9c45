/* Any bytes as the token of a contributor's link. The first byte chooses: as they are, or as the
 * raw bytes of a token under a good encoding and, for the brave, a good signature of the rest.
 * Whatever is read writes back to the same text, and no other text reads as the same token. */
#include <string.h>

#include "format/digest.h"
#include "people/contributor_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct contributor_key key = {{7}};

static void check(Str text)
{
    struct contributor_token token = {.link = -5};
    struct err err = {0};
    struct buf back;

    if (!contributor_token_read(&key, text, &token, &err)) {
        ASSERT(err.code == ERR_DENIED && token.link == -5);
        return;
    }
    ASSERT(token.link > 0 && token.expires_at_ms >= 0);
    ASSERT(memchr(token.workspace, '\0', sizeof token.workspace));
    if (token.expires_at_ms == 0)
        return;
    buf_init(&back, 4096);
    contributor_token_write(&key, &token, &back);
    ASSERT(str_eq(buf_str(&back), text));
    buf_deinit(&back);
}

static void sign(struct buf *raw)
{
    struct buf message;

    buf_init(&message, 1 << 16);
    buf_lit(&message, "trimtab contributor 1\n");
    buf_add(&message, buf_str(raw));
    Digest mac =
        digest_hmac_sha256((Str){(const char *)key.bytes, sizeof key.bytes}, buf_str(&message));
    buf_add(raw, (Str){(const char *)mac.bytes, sizeof mac.bytes});
    buf_deinit(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf raw, text;

    if (size == 0 || size > 4096)
        return 0;
    Str rest = {(const char *)data + 1, size - 1};
    if (data[0] % 3 == 0) {
        check(rest);
        return 0;
    }
    buf_init(&raw, 1 << 14);
    buf_init(&text, 1 << 15);
    buf_add(&raw, rest);
    if (data[0] % 3 == 2)
        sign(&raw);
    digest_add_base64url(&text, buf_str(&raw));
    check(buf_str(&text));
    buf_deinit(&text);
    buf_deinit(&raw);
    return 0;
}
