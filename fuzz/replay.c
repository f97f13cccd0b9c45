/* replay.c - runs a fuzz target over files: its corpus in ./check, a single finding by hand.
 *
 *     build/asan/fuzz/fuzz_json fuzz/corpus/json/...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_BYTES_MAX = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_BYTES_MAX);

    if (!in || !bytes) {
        fprintf(stderr, "replay: could not open '%s'\n", path);
        return 1;
    }
    size_t size = fread(bytes, 1, INPUT_BYTES_MAX, in);
    fclose(in);
    /* An exact block, so that the sanitizer sees every read past its end. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    for (size_t i = 0; i < size; i++)
        exact[i] = bytes[i];
    free(bytes);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    printf("replayed %d inputs\n", argc - 1);
    return argc > 1 ? failed : 1;
}
