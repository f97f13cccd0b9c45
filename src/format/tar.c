#include "format/tar.h"

#include <stdio.h>
#include <string.h>

/* Offsets and lengths of the fields. */
enum {
    NAME_AT = 0,
    MODE_AT = 100,
    OWNER_AT = 108,
    GROUP_AT = 116,
    SIZE_AT = 124,
    TIME_AT = 136,
    SUM_AT = 148,
    KIND_AT = 156,
    MAGIC_AT = 257,
    FOLDER_AT = 345,
    SIZE_BYTES = 12
};

static bool put_name(Str name, char *out, struct err *err)
{
    size_t cut = 0;

    if (name.len > TAR_NAME_BYTES_MAX) {
        cut = name.len - TAR_NAME_BYTES_MAX - 1;
        while (cut < name.len && name.ptr[cut] != '/')
            cut++;
        if (cut == name.len || cut > TAR_FOLDER_BYTES_MAX)
            return err_set(err, ERR_LIMIT, "the name '" STR_F "' is too long for an archive",
                           STR_A(name));
        memcpy(out + FOLDER_AT, name.ptr, cut);
        cut++;
    }
    memcpy(out + NAME_AT, name.ptr + cut, name.len - cut);
    return true;
}

static void put_octal(char *out, int digits, uint64_t value)
{
    for (int i = digits; i-- > 0; value >>= 3)
        out[i] = (char)('0' + (value & 7));
}

static void put_size(char *out, uint64_t bytes)
{
    if (bytes >> 33 == 0) {
        put_octal(out, SIZE_BYTES - 1, bytes);
        return;
    }
    for (int i = SIZE_BYTES; i-- > 1; bytes >>= 8)
        out[i] = (char)(bytes & 0xff);
    out[0] = (char)0x80;
}

bool tar_head(Str name, uint64_t bytes, int64_t changed_s, char out[TAR_BLOCK_BYTES],
              struct err *err)
{
    unsigned sum = 0;

    memset(out, 0, TAR_BLOCK_BYTES);
    if (!put_name(name, out, err))
        return false;
    put_octal(out + MODE_AT, 7, 0600);
    put_octal(out + OWNER_AT, 7, 0);
    put_octal(out + GROUP_AT, 7, 0);
    put_size(out + SIZE_AT, bytes);
    put_octal(out + TIME_AT, 11, changed_s > 0 ? (uint64_t)changed_s : 0);
    out[KIND_AT] = '0';
    memcpy(out + MAGIC_AT, "ustar\00000", 8);
    memset(out + SUM_AT, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += (unsigned char)out[i];
    put_octal(out + SUM_AT, 6, sum);
    out[SUM_AT + 6] = '\0';
    return true;
}

size_t tar_padding(uint64_t bytes)
{
    return (size_t)(-bytes % TAR_BLOCK_BYTES);
}
