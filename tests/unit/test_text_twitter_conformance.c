/* The tokenizer against extract.yml of twitter-text (shared data), where it is present: every
 * section, with places in code points where a case gives them. A case that we answer differently is
 * named with its reason; one that is named and agrees is a failure too, so that the list stays
 * true. */
#include "unit/test.h"

#include <string.h>

#include "base/vec.h"
#include "text/tokenizer.h"

/* ---- the part of YAML that the file uses ----------------------------------------------------- */

struct expected {
    char *text, *slug; /* slug: "/list", of a mention */
    long from, to;     /* code points; -1 = not said */
};

struct yaml_case {
    char *text;
    struct {
        VEC(struct expected);
    } expected;
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

static void add_expected(struct yaml_case *c, char *text)
{
    struct expected one = {text, NULL, -1, -1};

    vec_push(&c->expected, one);
}

/* ["a", "b"], "a", or nothing. */
static void read_flow(struct yaml_case *c, const char *value)
{
    while ((value = strpbrk(value, "\"'"))) {
        if (*value == '"') {
            add_expected(c, read_quoted(&value));
        } else {
            size_t len = strcspn(value + 1, "'");
            add_expected(c, strndup(value + 1, len));
            value += len + 2;
        }
    }
}

static const char *value_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);

    return at ? at + strlen(key) : NULL;
}

/* Members of the mappings below "expected:". */
static void read_member(struct yaml_case *c, const char *line)
{
    static const char *const keys[] = {"- screen_name: ", "- url: ", "- hashtag: ", "- cashtag: "};
    const char *value;

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if ((value = value_of(line, keys[i])))
            add_expected(c, read_scalar(value));
    if (c->expected.count == 0)
        return;
    struct expected *last = &c->expected.items[c->expected.count - 1];
    if ((value = value_of(line, " list_slug: ")))
        last->slug = read_scalar(value);
    if ((value = value_of(line, " indices: ")) &&
        sscanf(value, "[%ld, %ld]", &last->from, &last->to) != 2)
        fail_msg("indices are not two numbers");
}

static void case_free(struct yaml_case *c)
{
    free(c->text);
    vec_each (struct expected, it, &c->expected) {
        free(it->text);
        free(it->slug);
    }
    vec_deinit(&c->expected);
    *c = (struct yaml_case){0};
}

/* ---- what we answer -------------------------------------------------------------------------- */

static long code_points(Str text, size_t end)
{
    long count = 0;

    for (size_t at = 0; at < end; count++)
        (void)str_next_rune(text, &at);
    return count;
}

static Str without_sigil(Str body, enum token_kind kind)
{
    size_t sigil = 0;

    if (kind == TOKEN_URL)
        return body;
    (void)str_next_rune(body, &sigil);
    return str_sub(body, sigil, body.len);
}

static bool agrees_one(Str source, const struct token *token, const struct expected *expected)
{
    Str body = str_sub(source, token->from, token->to - token->from);

    if (!str_eq(without_sigil(body, token->kind), str_from_cstr(expected->text)) ||
        (expected->slug && expected->slug[0] != '\0'))
        return false;
    return expected->from < 0 || (code_points(source, token->from) == expected->from &&
                                  code_points(source, token->to) == expected->to);
}

/* The tokens of the kind are the expected ones, in their order. */
static bool agrees(const struct token *tokens, size_t count, enum token_kind kind, Str source,
                   const struct yaml_case *c)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        if (tokens[i].kind != kind)
            continue;
        if (at >= c->expected.count || !agrees_one(source, &tokens[i], &c->expected.items[at]))
            return false;
        at++;
    }
    return at == c->expected.count;
}

/* A reply begins with a mention, blanks aside. */
static bool agrees_reply(const struct token *tokens, size_t count, Str source,
                         const struct yaml_case *c)
{
    bool is_reply = count > 0 && tokens[0].kind == TOKEN_MENTION;

    for (size_t at = 0; is_reply && at < tokens[0].from;) {
        uint32_t rune = str_next_rune(source, &at);
        is_reply = rune == ' ' || rune == 0x3000;
    }
    if (!is_reply)
        return c->expected.count == 0;
    return c->expected.count == 1 && agrees_one(source, &tokens[0], &c->expected.items[0]);
}

/* ---- what we answer differently, by section and number of the case ----------------------------
 */

enum reason {
    BECAUSE_FEDIVERSE,
    BECAUSE_LIST,
    BECAUSE_BARE,
    BECAUSE_HOST,
    BECAUSE_VALID,
    BECAUSE_TCO,
    BECAUSE_BEFORE,
    BECAUSE_END,
    BECAUSE_HANGUL,
};

static const char *const reasons[] = {
    [BECAUSE_FEDIVERSE] =
        "@user@host is how the fediverse writes a mention; a host with a dot is demanded",
    [BECAUSE_LIST] = "@user/list is read as the mention of its owner and a word behind it",
    [BECAUSE_BARE] = "a name with dots alone (no scheme, www. or path) is a word: sentences "
                     "without a blank are frequent",
    [BECAUSE_HOST] = "a host beyond ASCII is not recognised",
    [BECAUSE_VALID] = "hosts are not checked against the rules and lists of names: what has a "
                      "scheme is an address",
    [BECAUSE_TCO] = "the shortener of one platform has no rules of its own",
    [BECAUSE_BEFORE] = "what stands before an address does not forbid it",
    [BECAUSE_END] = "the en dash and the vertical bar end an address",
    [BECAUSE_HANGUL] = "letters of any script written with blanks go on with a path, Hangul too",
};

static const struct departure {
    const char *section;
    int number; /* from 1 */
    enum reason reason;
} departures[] = {
    {"mentions", 10, BECAUSE_FEDIVERSE},
    {"mentions_or_lists_with_indices", 2, BECAUSE_LIST},
    {"mentions_or_lists_with_indices", 3, BECAUSE_LIST},
    {"mentions_or_lists_with_indices", 4, BECAUSE_LIST},
    {"urls", 2, BECAUSE_HOST},
    {"urls", 3, BECAUSE_HOST},
    {"urls", 17, BECAUSE_HOST},
    {"urls", 23, BECAUSE_VALID},
    {"urls", 24, BECAUSE_VALID},
    {"urls", 27, BECAUSE_VALID},
    {"urls", 29, BECAUSE_BARE},
    {"urls", 30, BECAUSE_BARE},
    {"urls", 35, BECAUSE_END},
    {"urls", 37, BECAUSE_HANGUL},
    {"urls", 38, BECAUSE_BARE},
    {"urls", 39, BECAUSE_HANGUL},
    {"urls", 41, BECAUSE_HOST},
    {"urls", 42, BECAUSE_BARE},
    {"urls", 43, BECAUSE_VALID},
    {"urls", 44, BECAUSE_VALID},
    {"urls", 46, BECAUSE_BARE},
    {"urls", 47, BECAUSE_BARE},
    {"urls", 55, BECAUSE_VALID},
    {"urls", 56, BECAUSE_VALID},
    {"urls", 57, BECAUSE_VALID},
    {"urls", 58, BECAUSE_VALID},
    {"urls", 59, BECAUSE_VALID},
    {"urls", 60, BECAUSE_VALID},
    {"urls", 61, BECAUSE_VALID},
    {"urls", 62, BECAUSE_VALID},
    {"urls", 63, BECAUSE_VALID},
    {"urls", 64, BECAUSE_VALID},
    {"urls", 65, BECAUSE_VALID},
    {"urls", 66, BECAUSE_VALID},
    {"urls", 69, BECAUSE_END},
    {"urls", 73, BECAUSE_BARE},
    {"urls", 80, BECAUSE_BEFORE},
    {"urls", 81, BECAUSE_TCO},
    {"urls", 82, BECAUSE_TCO},
    {"urls", 85, BECAUSE_TCO},
    {"urls", 86, BECAUSE_BARE},
    {"urls", 87, BECAUSE_BARE},
    {"urls", 88, BECAUSE_BEFORE},
    {"urls_with_indices", 4, BECAUSE_BARE},
    {"urls_with_indices", 5, BECAUSE_HANGUL},
    {"urls_with_indices", 6, BECAUSE_TCO},
    {"urls_with_indices", 10, BECAUSE_HOST},
    {"urls_with_directional_markers", 1, BECAUSE_BARE},
    {"urls_with_directional_markers", 2, BECAUSE_BARE},
};

static const struct departure *departure_of(const char *section, int number)
{
    for (size_t i = 0; i < COUNT_OF(departures); i++)
        if (departures[i].number == number && strcmp(departures[i].section, section) == 0)
            return &departures[i];
    return NULL;
}

/* ---- the sections ---------------------------------------------------------------------------- */

struct section {
    const char *name;
    enum token_kind kind;
    int count, agree, named, failed;
};

static void run_case(struct tokenizer *t, struct section *section, const struct yaml_case *c)
{
    const struct token *tokens;
    size_t count;
    struct err err = {0};
    Str source = str_from_cstr(c->text);

    section->count++;
    CHECK(tokenizer_run(t, source, &tokens, &count, &err));
    bool is_same = strcmp(section->name, "replies") == 0
                       ? agrees_reply(tokens, count, source, c)
                       : agrees(tokens, count, section->kind, source, c);
    const struct departure *departure = departure_of(section->name, section->count);
    if (is_same == (departure == NULL)) {
        section->agree += is_same;
        section->named += !is_same;
        if (departure)
            printf("except twitter-text %s %d: %s\n", section->name, section->count,
                   reasons[departure->reason]);
        return;
    }
    print_error("%s %d %s: '%s'\n", section->name, section->count,
                is_same ? "is named and agrees" : "differs", c->text);
    section->failed++;
}

/* One pass over the file for one section. A case ends where the next begins. */
static void run_section(struct tokenizer *t, FILE *in, struct section *section)
{
    char line[8192], heading[64];
    struct yaml_case c = {0};
    bool is_inside = false;

    rewind(in);
    snprintf(heading, sizeof heading, "  %s:\n", section->name);
    while (fgets(line, sizeof line, in)) {
        const char *value;
        bool is_heading = strncmp(line, "  ", 2) == 0 && line[2] != ' ';
        if (is_inside && c.text && (is_heading || strstr(line, "- description:"))) {
            run_case(t, section, &c);
            case_free(&c);
        }
        if (is_heading)
            is_inside = strcmp(line, heading) == 0;
        if (!is_inside)
            continue;
        if ((value = value_of(line, "      text:")))
            c.text = read_scalar(value);
        else if ((value = value_of(line, "      expected:")))
            read_flow(&c, value);
        else if (c.text)
            read_member(&c, line);
    }
    if (c.text)
        run_case(t, section, &c);
    case_free(&c);
}

TEST(conformance_twitter_text)
{
    static struct section sections[] = {
        {.name = "mentions", .kind = TOKEN_MENTION},
        {.name = "mentions_with_indices", .kind = TOKEN_MENTION},
        {.name = "mentions_or_lists_with_indices", .kind = TOKEN_MENTION},
        {.name = "replies", .kind = TOKEN_MENTION},
        {.name = "hashtags", .kind = TOKEN_HASHTAG},
        {.name = "hashtags_from_astral", .kind = TOKEN_HASHTAG},
        {.name = "hashtags_with_indices", .kind = TOKEN_HASHTAG},
        {.name = "cashtags", .kind = TOKEN_CASHTAG},
        {.name = "cashtags_with_indices", .kind = TOKEN_CASHTAG},
        {.name = "urls", .kind = TOKEN_URL},
        {.name = "urls_with_indices", .kind = TOKEN_URL},
        {.name = "urls_with_directional_markers", .kind = TOKEN_URL},
        {.name = "tco_urls_with_params", .kind = TOKEN_URL},
    };
    const char *shared = getenv("TRIMTAB_SHARED");
    struct tokenizer *t = NULL;
    struct err err = {0};
    char path[512];
    int failed = 0, count = 0;

    snprintf(path, sizeof path, "%s/data/conformance/twitter-text/extract.yml",
             shared ? shared : "../shared");
    FILE *in = fopen(path, "r");
    if (!in) {
        printf("skip conformance_twitter_text: %s is absent\n", path);
        return;
    }
    CHECK(tokenizer_create(&t, &err));
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        struct section *s = &sections[i];
        run_section(t, in, s);
        printf("note twitter-text %s: %d agree, %d differ on purpose, %d differ\n", s->name,
               s->agree, s->named, s->failed);
        failed += s->failed;
        count += s->count;
    }
    fclose(in);
    tokenizer_destroy(&t);
    CHECK_INT(count, 238);
    CHECK_INT(failed, 0);
}

int main(void)
{
    return RUN(CASE(conformance_twitter_text));
}
