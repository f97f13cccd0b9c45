/* embed.c - writes the C file that compiles a list of files into the program.
 *
 *     embed OUT.c FILE...            the file is known under its path
 *     embed OUT.c NAME=FILE ...      ... or under another name
 *
 * The bytes come in through the assembler's .incbin, which costs the compiler nothing; the table
 * holds name, length and SHA-256, sorted by name for the binary search in src/base/embedded.c.
 * Reads at most FILE_BYTES_MAX a file; any problem stops the build with the file's name.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

struct entry {
    const char *name, *path;
};

static _Noreturn void fail(const char *what, const char *path)
{
    fprintf(stderr, "embed: %s '%s'\n", what, path);
    exit(1);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static struct entry split(char *argument)
{
    char *equals = strchr(argument, '=');

    if (!equals)
        return (struct entry){argument, argument};
    *equals = '\0';
    return (struct entry){argument, equals + 1};
}

static size_t read_file(const char *path, unsigned char **bytes)
{
    FILE *in = fopen(path, "rb");
    size_t len;

    if (!in)
        fail("could not open", path);
    *bytes = malloc(FILE_BYTES_MAX);
    if (!*bytes)
        fail("no memory for", path);
    len = fread(*bytes, 1, FILE_BYTES_MAX, in);
    if (ferror(in) || len == FILE_BYTES_MAX)
        fail("could not read, or too large:", path);
    fclose(in);
    return len;
}

static void write_bytes(FILE *out, size_t index, const char *path)
{
    fprintf(out,
            "__asm__(\".section .rodata\\n.balign 16\\nembedded_bytes_%zu:\\n\"\n"
            "        \".incbin \\\"%s\\\"\\n.byte 0\\n.previous\\n\");\n"
            "extern const char embedded_bytes_%zu[];\n",
            index, path, index);
}

static void write_row(FILE *out, size_t index, const struct entry *entry)
{
    unsigned char *bytes, digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    size_t len = read_file(entry->path, &bytes);

    crypto_hash_sha256(digest, bytes, len);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    fprintf(out, "    {S_INIT(\"%s\"), {embedded_bytes_%zu, %zu}, \"%s\"},\n", entry->name, index,
            len, hex);
    free(bytes);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: embed OUT.c [NAME=]FILE...\n", stderr);
        return 2;
    }
    size_t count = (size_t)argc - 2;
    struct entry *entries = calloc(count + 1, sizeof *entries);
    FILE *out = fopen(argv[1], "w");

    if (!entries || !out)
        fail("could not write", argv[1]);
    for (size_t i = 0; i < count; i++)
        entries[i] = split(argv[i + 2]);
    qsort(entries, count, sizeof *entries, by_name);
    fputs("/* Written by tools/embed.c. */\n#include \"base/embedded.h\"\n\n", out);
    for (size_t i = 0; i < count; i++)
        write_bytes(out, i, entries[i].path);
    fputs("\nconst struct embedded_file embedded_files[] = {\n", out);
    for (size_t i = 0; i < count; i++)
        write_row(out, i, &entries[i]);
    fprintf(out,
            "    {S_INIT(\"\"), {\"\", 0}, \"\"},\n};\nconst size_t embedded_file_count = %zu;\n",
            count);
    free(entries);
    return fclose(out) == 0 ? 0 : 1;
}
