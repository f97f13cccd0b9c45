/* The tokenizer against WordBreakTest.txt of Unicode (package unicode-data), where it is present.
 */
#include "base/vec.h"
#include "text/tokenizer.h"
#include "text/unicode_priv.h"

#include "unit/test.h"

static struct tokenizer *make(void)
{
    struct tokenizer *t = NULL;
    struct err err = {0};

    CHECK(tokenizer_create(&t, &err));
    return t;
}

/* --- WordBreakTest.txt --------------------------------------------------------------------- */

struct segment {
    size_t from, to;
    bool is_word; /* holds a letter, a digit or a pictograph */
};

struct sample {
    char text[256];
    size_t len;
    struct segment segments[64];
    size_t count;
    bool has_exception; /* a colon, low line, flag or joiner: departures of src/text/README.md */
};

static bool parse_sample(char *line, struct sample *s)
{
    *s = (struct sample){0};
    line[strcspn(line, "#")] = '\0';
    for (char *save = NULL, *word = strtok_r(line, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save)) {
        if (strcmp(word, "\xc3\xb7") == 0) { /* division sign: a boundary */
            if (s->count > 0)
                s->segments[s->count - 1].to = s->len;
            s->segments[s->count++] = (struct segment){.from = s->len};
        } else if (strcmp(word, "\xc3\x97") != 0) {
            uint32_t rune = (uint32_t)strtoul(word, NULL, 16);
            uint8_t property = unicode_property(rune);
            enum word_break wb = unicode_word_break(rune);
            s->len += str_put_rune(s->text + s->len, rune);
            s->has_exception |=
                rune == ':' || rune == '_' || rune == 0x00ad || rune == 0x200d || wb == WB_REGIONAL;
            s->segments[s->count - 1].is_word |= (property & UNICODE_PICTOGRAPH) ||
                                                 wb == WB_NUMERIC || wb == WB_ALETTER ||
                                                 wb == WB_HEBREW || wb == WB_KATAKANA ||
                                                 (wb == WB_OTHER && (property & UNICODE_LETTER));
        }
    }
    if (s->count > 0)
        s->count--; /* the last boundary opens nothing */
    return s->len > 0;
}

static bool agrees(struct tokenizer *t, const struct sample *s)
{
    struct err err = {0};
    const struct token *tokens;
    size_t count, at = 0;

    CHECK(tokenizer_run(t, (Str){s->text, s->len}, &tokens, &count, &err));
    for (size_t i = 0; i < s->count; i++) {
        if (!s->segments[i].is_word)
            continue;
        if (at == count || tokens[at].from != s->segments[i].from ||
            tokens[at].to != s->segments[i].to)
            return false;
        at++;
    }
    return at == count;
}

TEST(conformance_word_break)
{
    FILE *in = fopen("/usr/share/unicode/auxiliary/WordBreakTest.txt", "r");
    struct tokenizer *t = make();
    struct sample sample;
    char line[2048];
    int passed = 0, failed = 0, excepted = 0;

    if (!in) {
        printf("skip conformance_word_break: package unicode-data is not installed\n");
        tokenizer_destroy(&t);
        return;
    }
    while (fgets(line, sizeof line, in)) {
        char copy[sizeof line];
        memcpy(copy, line, sizeof copy);
        if (!parse_sample(copy, &sample))
            continue;
        bool ok = agrees(t, &sample);
        passed += ok;
        excepted += !ok && sample.has_exception;
        if (!ok && !sample.has_exception && failed++ < 20)
            print_error("%s", line);
    }
    fclose(in);
    printf("note WordBreakTest: %d agree, %d named departures, %d differ\n", passed, excepted,
           failed);
    CHECK_INT(failed, 0);
    tokenizer_destroy(&t);
}

int main(void)
{
    return RUN(CASE(conformance_word_break));
}
