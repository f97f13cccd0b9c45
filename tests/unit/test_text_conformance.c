/* The tokenizer against two public suites, where they are present: WordBreakTest.txt of Unicode
 * (package unicode-data) and extract.yml of twitter-text (shared data). Exceptions are listed with
 * their reason; an exception that passes is a failure too, so that the lists stay true. */
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

/* --- twitter-text -------------------------------------------------------------------------- */

struct yaml_strings {
    VEC(char *);
};

/* A double-quoted scalar at *at; escapes \n \t \" \\ \uXXXX \UXXXXXXXX. */
static char *read_quoted(const char **at)
{
    char *out = malloc(strlen(*at) + 1), *to = out;
    const char *p = *at + 1;

    for (; *p && *p != '"'; p++) {
        if (*p != '\\') {
            *to++ = *p;
            continue;
        }
        p++;
        if (*p == 'u' || *p == 'U') {
            char hex[9] = {0};
            size_t digits = *p == 'u' ? 4 : 8;
            memcpy(hex, p + 1, digits);
            to += str_put_rune(to, (uint32_t)strtoul(hex, NULL, 16));
            p += digits;
        } else {
            *to++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
        }
    }
    *to = '\0';
    *at = *p ? p + 1 : p;
    return out;
}

static char *read_scalar(const char *value)
{
    value += strspn(value, " ");
    if (*value == '"')
        return read_quoted(&value);
    size_t quote = *value == '\'';
    size_t len = strcspn(value + quote, quote ? "'" : "\n");
    return strndup(value + quote, len);
}

static void read_list(const char *value, struct yaml_strings *out)
{
    while ((value = strpbrk(value, "\"'"))) {
        if (*value == '"') {
            vec_push(out, read_quoted(&value));
        } else {
            size_t len = strcspn(value + 1, "'");
            vec_push(out, strndup(value + 1, len));
            value += len + 2;
        }
    }
}

static void free_strings(struct yaml_strings *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->items[i]);
    vec_deinit(s);
}

/* Do the tokens of the kind, without sigil, equal the expected strings? */
static bool extracts(struct tokenizer *t, const char *text, enum token_kind kind,
                     const struct yaml_strings *expected)
{
    struct err err = {0};
    const struct token *tokens;
    size_t count, at = 0;
    Str source = str_from_cstr(text);

    CHECK(tokenizer_run(t, source, &tokens, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (tokens[i].kind != kind)
            continue;
        Str body = str_sub(source, tokens[i].from, tokens[i].to - tokens[i].from);
        if (kind != TOKEN_URL) {
            size_t sigil = 0;
            (void)str_next_rune(body, &sigil);
            body = str_sub(body, sigil, body.len);
        }
        if (at >= expected->count || !str_eq(body, str_from_cstr(expected->items[at])))
            return false;
        at++;
    }
    return at == expected->count;
}

/* Cases we answer differently on purpose. */
static const struct {
    const char *description, *reason;
} exceptions[] = {
    {"Extract lone metion but not @user@user",
     "@user@domain is how the fediverse writes a mention; a whole domain is demanded"},
};

static bool is_exception(const char *description)
{
    for (size_t i = 0; i < COUNT_OF(exceptions); i++)
        if (strncmp(description, exceptions[i].description, strlen(exceptions[i].description)) == 0)
            return true;
    return false;
}

struct section {
    const char *name;
    enum token_kind kind;
    bool is_binding; /* addresses are reported only: ours need a scheme, www. or a path */
    int passed, excepted, failed;
};

static void check_case(struct tokenizer *t, struct section *section, const char *description,
                       const char *text, const struct yaml_strings *expected)
{
    bool ok = extracts(t, text, section->kind, expected);

    if (section->is_binding && ok == is_exception(description)) {
        print_error("%s: %s: '%s'\n", section->name, description, text);
        section->failed++;
    } else {
        section->passed += ok;
        section->excepted += !ok;
    }
}

static void run_section(struct tokenizer *t, FILE *in, struct section *section)
{
    char line[4096], heading[64];
    char *description = NULL, *text = NULL;
    bool is_inside = false;

    rewind(in);
    snprintf(heading, sizeof heading, "  %s:\n", section->name);
    while (fgets(line, sizeof line, in)) {
        const char *value;
        if (strncmp(line, "  ", 2) == 0 && line[2] != ' ')
            is_inside = strcmp(line, heading) == 0;
        if (!is_inside)
            continue;
        if ((value = strstr(line, "- description:"))) {
            free(description);
            description = read_scalar(value + strlen("- description:"));
        } else if ((value = strstr(line, " text:"))) {
            free(text);
            text = read_scalar(value + strlen(" text:"));
        } else if ((value = strstr(line, " expected:"))) {
            struct yaml_strings expected = {0};
            read_list(value, &expected);
            check_case(t, section, description, text, &expected);
            free_strings(&expected);
        }
    }
    free(description);
    free(text);
}

TEST(conformance_twitter_text)
{
    static struct section sections[] = {
        {"mentions", TOKEN_MENTION, true, 0, 0, 0},
        {"hashtags", TOKEN_HASHTAG, true, 0, 0, 0},
        {"hashtags_from_astral", TOKEN_HASHTAG, true, 0, 0, 0},
        {"cashtags", TOKEN_CASHTAG, true, 0, 0, 0},
        {"urls", TOKEN_URL, false, 0, 0, 0},
    };
    const char *shared = getenv("TRIMTAB_SHARED");
    char path[512];

    snprintf(path, sizeof path, "%s/data/conformance/twitter-text/extract.yml",
             shared ? shared : "../shared");
    FILE *in = fopen(path, "r");
    if (!in) {
        printf("skip conformance_twitter_text: %s is absent\n", path);
        return;
    }
    struct tokenizer *t = make();
    int failed = 0;
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        struct section *s = &sections[i];
        run_section(t, in, s);
        printf("note twitter-text %s: %d agree, %d differ on purpose, %d differ\n", s->name,
               s->passed, s->excepted, s->failed);
        failed += s->failed;
    }
    fclose(in);
    tokenizer_destroy(&t);
    CHECK_INT(failed, 0);
}

int main(void)
{
    return RUN(CASE(conformance_word_break), CASE(conformance_twitter_text));
}
