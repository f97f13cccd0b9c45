#include "format/digest.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct crypto_hash_sha256_state) <= sizeof(struct digest_state),
               "the state fits");
_Static_assert(crypto_hash_sha256_BYTES == DIGEST_SIZE, "SHA-256");

static const unsigned char *bytes_of(Str s)
{
    return s.ptr ? (const unsigned char *)s.ptr : (const unsigned char *)"";
}

static crypto_hash_sha256_state *state_of(struct digest_state *s)
{
    return (crypto_hash_sha256_state *)(void *)s->opaque;
}

Digest digest_sha256(Str bytes)
{
    Digest d;

    ASSERT(crypto_hash_sha256(d.bytes, bytes_of(bytes), bytes.len) == 0);
    return d;
}

DigestHex digest_hex(Digest d)
{
    DigestHex hex;

    sodium_bin2hex(hex.text, sizeof hex.text, d.bytes, sizeof d.bytes);
    return hex;
}

DigestHex digest_sha256_hex(Str bytes)
{
    return digest_hex(digest_sha256(bytes));
}

bool digest_from_hex(Str hex, Digest *out)
{
    Digest d;
    size_t len = 0;

    if (hex.len != DIGEST_HEX_SIZE ||
        sodium_hex2bin(d.bytes, sizeof d.bytes, hex.ptr, hex.len, NULL, &len, NULL) != 0 ||
        len != DIGEST_SIZE)
        return false;
    *out = d;
    return true;
}

void digest_begin(struct digest_state *s)
{
    *s = (struct digest_state){0};
    ASSERT(crypto_hash_sha256_init(state_of(s)) == 0);
}

void digest_add(struct digest_state *s, Str bytes)
{
    ASSERT(crypto_hash_sha256_update(state_of(s), bytes_of(bytes), bytes.len) == 0);
}

void digest_add_framed(struct digest_state *s, Str bytes)
{
    uint8_t length[8];

    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (uint8_t)((uint64_t)bytes.len >> (8 * i));
    digest_add(s, (Str){(const char *)length, sizeof length});
    digest_add(s, bytes);
}

Digest digest_end(struct digest_state *s)
{
    Digest d;

    ASSERT(crypto_hash_sha256_final(state_of(s), d.bytes) == 0);
    return d;
}

Digest digest_hmac_sha256(Str key, Str message)
{
    crypto_auth_hmacsha256_state state;
    Digest d;

    ASSERT(crypto_auth_hmacsha256_init(&state, bytes_of(key), key.len) == 0);
    ASSERT(crypto_auth_hmacsha256_update(&state, bytes_of(message), message.len) == 0);
    ASSERT(crypto_auth_hmacsha256_final(&state, d.bytes) == 0);
    sodium_memzero(&state, sizeof state);
    return d;
}

bool digest_equal(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void digest_add_hex(struct buf *out, Str bytes)
{
    char *room = bytes.len <= SIZE_MAX / 4 ? buf_reserve(out, bytes.len * 2) : NULL;

    if (!room) {
        out->is_failed = true;
        return;
    }
    sodium_bin2hex(room, bytes.len * 2 + 1, bytes_of(bytes), bytes.len);
    out->len += bytes.len * 2;
}

static void add_encoded(struct buf *out, Str bytes, int variant)
{
    size_t size = bytes.len <= SIZE_MAX / 4 ? sodium_base64_encoded_len(bytes.len, variant) : 0;
    char *room = size > 0 ? buf_reserve(out, size) : NULL; /* size counts the NUL */

    if (!room) {
        out->is_failed = true;
        return;
    }
    sodium_bin2base64(room, size, bytes_of(bytes), bytes.len, variant);
    out->len += strlen(room);
}

static bool read_encoded(struct buf *out, Str text, int variant)
{
    size_t len = 0;

    if (text.len == 0)
        return true;
    char *room = buf_reserve(out, text.len);
    if (!room || sodium_base642bin((unsigned char *)room, text.len, text.ptr, text.len, NULL, &len,
                                   NULL, variant) != 0) {
        if (room)
            buf_truncate(out, out->len);
        return false;
    }
    out->len += len;
    buf_truncate(out, out->len);
    return true;
}

void digest_add_base64url(struct buf *out, Str bytes)
{
    add_encoded(out, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void digest_add_base64(struct buf *out, Str bytes)
{
    add_encoded(out, bytes, sodium_base64_VARIANT_ORIGINAL);
}

bool digest_read_base64url(struct buf *out, Str text)
{
    return read_encoded(out, text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool digest_read_base64(struct buf *out, Str text)
{
    return read_encoded(out, text, sodium_base64_VARIANT_ORIGINAL);
}
