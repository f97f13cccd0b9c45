/* brotli.c - packs one file for embedding: brotli IN OUT. Quality 11, text mode, one window. */
#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };

int main(int argc, char **argv)
{
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
    unsigned char *bytes = malloc(FILE_BYTES_MAX);

    if (!in || !bytes) {
        fputs("usage: brotli IN OUT\n", stderr);
        return 2;
    }
    size_t len = fread(bytes, 1, FILE_BYTES_MAX, in);
    size_t packed_len = BrotliEncoderMaxCompressedSize(len);
    unsigned char *packed = malloc(packed_len);
    FILE *out = fopen(argv[2], "wb");
    int ok = !ferror(in) && len < FILE_BYTES_MAX && packed && out &&
             BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_TEXT,
                                   len, bytes, &packed_len, packed) &&
             fwrite(packed, 1, packed_len, out) == packed_len;

    if (out && fclose(out) != 0)
        ok = 0;
    if (!ok)
        fprintf(stderr, "brotli: could not pack '%s'\n", argv[1]);
    fclose(in);
    free(packed);
    free(bytes);
    return !ok;
}
