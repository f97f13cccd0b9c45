/* digest.h - SHA-256, HMAC, text forms of bytes, comparison in constant time.
 *
 * libsodium inside. SHA-256: FIPS 180-4; HMAC: RFC 2104; base64url: RFC 4648 section 5, without
 * padding. Pure, thread-safe, nothing allocated. Passwords are hashed in people/, not here.
 */
#ifndef FORMAT_DIGEST_H
#define FORMAT_DIGEST_H

#include "base/buf.h"
#include "base/str.h"

#define DIGEST_SIZE     32 /* bytes */
#define DIGEST_HEX_SIZE 64 /* digits, without NUL */

typedef struct {
    uint8_t bytes[DIGEST_SIZE];
} Digest;

typedef struct {
    char text[DIGEST_HEX_SIZE + 1]; /* lower case, NUL-terminated */
} DigestHex;

Digest digest_sha256(Str bytes);
DigestHex digest_hex(Digest d);
DigestHex digest_sha256_hex(Str bytes);
/* 64 hexadecimal digits of either case. */
bool digest_from_hex(Str hex, Digest *out) MUST_CHECK;

/* Over pieces: begin, any number of add, end. Holds no resource. */
struct digest_state {
    _Alignas(8) uint8_t opaque[128];
};

void digest_begin(struct digest_state *s);
void digest_add(struct digest_state *s, Str bytes);
/* Adds the length as 8 bytes first, so that ("ab","c") and ("a","bc") differ. */
void digest_add_framed(struct digest_state *s, Str bytes);
Digest digest_end(struct digest_state *s);

/* Keys of any length. */
Digest digest_hmac_sha256(Str key, Str message);

/* Takes the same time wherever the first difference is; the lengths are not secret. */
bool digest_equal(Str a, Str b);

void digest_add_hex(struct buf *out, Str bytes);       /* lower case */
void digest_add_base64url(struct buf *out, Str bytes); /* without padding */
void digest_add_base64(struct buf *out, Str bytes);    /* with padding, RFC 4648 section 4 */
/* Strict: no blanks, no padding, no leftover bits. False leaves *out as it was. */
bool digest_read_base64url(struct buf *out, Str text) MUST_CHECK;
/* For HTTP Basic and the like: strict, padding required. */
bool digest_read_base64(struct buf *out, Str text) MUST_CHECK;

#endif
