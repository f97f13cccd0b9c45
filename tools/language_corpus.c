/* language_corpus.c - the texts that the language model learns from, out of unpacked packages.
 *
 *     language_corpus DIRECTORY > corpus.tsv      (made by tools/language_sources)
 *
 * Walks DIRECTORY and writes `code TAB source TAB text` lines, each text of a language once:
 *
 *   *.mo                    message catalogues; source "game", "office" or "desk" by their path
 *   i18n/<tag>.json         messages of MediaWiki and its extensions; source "wiki"
 *   annotations/<tag>/...   names of emoji and what they are looked for by (CLDR); source "emoji"
 *   <tag>.words             word lists of Tesseract; source "words"
 *   declaration/<tag>.html  the declaration of human rights; source "rights"
 *
 * Mark-up, place holders and keyboard marks are cut out; a translation that equals its original is
 * left out. Scripts are not looked at: the trainer takes what fits a language.
 */
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

enum { TEXT_BYTES_MAX = 400, WORDS_PER_LANGUAGE = 60000, SEEN_BITS = 24 };

/* Tags of the packages that are not the code itself. Others longer than three bytes, and those
 * marked "", are left out. */
static const struct {
    const char *tag, *code;
} tags[] = {
    {"en_GB", "en"},
    {"en_US", "en"},
    {"pt_BR", "pt"},
    {"pt-br", "pt"},
    {"pt_PT", "pt"},
    {"pt-PT", "pt"},
    {"nb_NO", "nb"},
    {"no", "nb"},
    {"nn", "nb"},
    {"sr@latin", "sr"},
    {"sr_RS", "sr"},
    {"sr-ec", "sr"},
    {"sr-el", "sr"},
    {"sr-Latn", "sr"},
    {"zh_CN", "zh"},
    {"zh_TW", "zh"},
    {"zh-hans", "zh"},
    {"zh-hant", "zh"},
    {"zh-Hant", "zh"},
    {"pa_IN", "pa"},
    {"bn_IN", "bn"},
    {"kmr@latin", "ku"},
    {"kmr", "ku"},
    {"ku-latn", "ku"},
    {"fil", "tl"},
    {"es_419", "es"},
    {"es-419", "es"},
    {"es-MX", "es"},
    {"ca@valencia", "ca"},
    {"uz-latn", "uz"},
    {"kk-cyrl", "kk"},
    {"tt-cyrl", "tt"},
    {"tg-cyrl", "tg"},
    {"ug-arab", "ug"},
    {"be-tarask", "be"},
    {"hi-Latn", "hi"},
    {"als", ""},
    {"sh-latn", ""},
    {"sw-KE", "sw"},
    {"fr-CA", "fr"},
    {"de-formal", "de"},
    {"nl-informal", "nl"},
    {"hu-formal", "hu"},
    {"es-formal", "es"},
    {"qqq", ""},
    /* words of Tesseract, by ISO 639-2; declarations by ISO 639-3 */
    {"afr", "af"},
    {"amh", "am"},
    {"ara", "ar"},
    {"arb", "ar"},
    {"asm", "as"},
    {"aze", "az"},
    {"azj_latn", "az"},
    {"bel", "be"},
    {"ben", "bn"},
    {"bos", "bs"},
    {"bos_latn", "bs"},
    {"bul", "bg"},
    {"cat", "ca"},
    {"ces", "cs"},
    {"cym", "cy"},
    {"dan", "da"},
    {"deu", "de"},
    {"deu_1996", "de"},
    {"eng", "en"},
    {"epo", "eo"},
    {"est", "et"},
    {"eus", "eu"},
    {"fas", "fa"},
    {"pes_1", "fa"},
    {"fin", "fi"},
    {"fra", "fr"},
    {"gle", "ga"},
    {"glg", "gl"},
    {"heb", "he"},
    {"hin", "hi"},
    {"hrv", "hr"},
    {"hun", "hu"},
    {"ind", "id"},
    {"isl", "is"},
    {"ita", "it"},
    {"jav", "jv"},
    {"kaz", "kk"},
    {"kir", "ky"},
    {"lat", "la"},
    {"lav", "lv"},
    {"lit", "lt"},
    {"ltz", "lb"},
    {"mar", "mr"},
    {"mkd", "mk"},
    {"mlt", "mt"},
    {"mon", "mn"},
    {"khk", "mn"},
    {"msa", "ms"},
    {"mly_latn", "ms"},
    {"nep", "ne"},
    {"nld", "nl"},
    {"nor", "nb"},
    {"nob", "nb"},
    {"nno", "nb"},
    {"pol", "pl"},
    {"por", "pt"},
    {"por_PT", "pt"},
    {"por_BR", "pt"},
    {"pus", "ps"},
    {"pbu", "ps"},
    {"ron", "ro"},
    {"ron_2006", "ro"},
    {"rus", "ru"},
    {"slk", "sk"},
    {"slv", "sl"},
    {"snd", "sd"},
    {"som", "so"},
    {"spa", "es"},
    {"sqi", "sq"},
    {"srp", "sr"},
    {"srp_latn", "sr"},
    {"srp_cyrl", "sr"},
    {"swa", "sw"},
    {"swh", "sw"},
    {"swe", "sv"},
    {"tat", "tt"},
    {"tgk", "tg"},
    {"tgl", "tl"},
    {"tir", "ti"},
    {"tur", "tr"},
    {"uig", "ug"},
    {"uig_arab", "ug"},
    {"ukr", "uk"},
    {"urd", "ur"},
    {"uzb", "uz"},
    {"uzn_latn", "uz"},
    {"vie", "vi"},
    {"yid", "yi"},
    {"ydd", "yi"},
    {"yor", "yo"},
};

static uint64_t *seen; /* hashes of (code, text) that were written */
static const char *out_code, *out_source;

static const char *code_of(Str tag, char room[4])
{
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (str_eq(str_from_cstr(tags[i].tag), tag))
            return tags[i].code[0] ? tags[i].code : NULL;
    if (tag.len < 2 || tag.len > 3)
        return NULL;
    memcpy(room, tag.ptr, tag.len);
    room[tag.len] = '\0';
    return room;
}

static bool is_new(Str text)
{
    uint64_t hash = hash_bytes(text, hash_bytes(str_from_cstr(out_code), 1)) | 1;
    size_t at = hash >> (64 - SEEN_BITS);

    while (seen[at] != 0 && seen[at] != hash)
        at = (at + 1) & ((1u << SEEN_BITS) - 1);
    if (seen[at] == hash)
        return false;
    seen[at] = hash;
    return true;
}

/* --- cleaning -------------------------------------------------------------------------------- */

static size_t skip_to(Str in, size_t at, const char *end)
{
    size_t len = strlen(end);

    for (size_t i = at; i + len <= in.len; i++)
        if (memcmp(in.ptr + i, end, len) == 0)
            return i + len;
    return in.len;
}

/* Offset behind the mark-up or place holder at `at`, or `at`. */
static size_t skip_markup(Str in, size_t at)
{
    Str rest = str_sub(in, at, in.len);

    if (str_starts(rest, S("{{")))
        return skip_to(in, at, "}}");
    if (str_starts(rest, S("http://")) || str_starts(rest, S("https://")))
        return skip_to(in, at, " ");
    switch (rest.ptr[0]) {
    case '<':
        return skip_to(in, at, ">");
    case '{':
        return skip_to(in, at, "}");
    case '$':
    case '%': {
        size_t to = at + 1;
        if (to < in.len && in.ptr[to] == '(')
            to = skip_to(in, to, ")");
        while (to < in.len && (unsigned char)in.ptr[to] > ' ' && (unsigned char)in.ptr[to] < 0x80 &&
               !strchr(",.:;)\"'", in.ptr[to]))
            to++;
        return to;
    }
    case '&': {
        size_t to = skip_to(in, at, ";");
        return to - at <= 7 ? to : at + 1;
    }
    case '_':
    case '~':
    case '\\':
        return at + 1;
    default:
        return at;
    }
}

/* One line without mark-up; a link "[[page|words]]" keeps its words. Returns the length. */
static size_t clean(Str in, char *out)
{
    size_t len = 0;

    for (size_t at = 0; at < in.len && len < TEXT_BYTES_MAX;) {
        size_t behind = skip_markup(in, at);
        if (behind > at) {
            bool is_mark = behind == at + 1 && strchr("_~&\\", in.ptr[at]);
            if (!is_mark && len > 0 && out[len - 1] != ' ')
                out[len++] = ' ';
            at = behind;
            continue;
        }
        char byte = in.ptr[at++];
        if (byte == '|' || byte == '[' || byte == ']' || (unsigned char)byte <= ' ')
            byte = ' ';
        if (byte == '\'' && at < in.len && in.ptr[at] == '\'')
            continue;
        if (byte != ' ' || (len > 0 && out[len - 1] != ' '))
            out[len++] = byte;
    }
    while (len > 0 && ((unsigned char)out[len - 1] & 0xc0) == 0x80 && len >= TEXT_BYTES_MAX - 4)
        len--;
    return len;
}

static void put(Str text)
{
    char line[TEXT_BYTES_MAX + 8];
    Str cleaned = str_trim((Str){line, clean(text, line)});

    if (cleaned.len >= 3 && str_utf8_invalid_at(cleaned) == cleaned.len && is_new(cleaned))
        printf("%s\t%s\t" STR_F "\n", out_code, out_source, STR_A(cleaned));
}

/* --- formats --------------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    char *bytes = NULL;

    *size = 0;
    if (!in)
        return NULL;
    fseek(in, 0, SEEK_END);
    long end = ftell(in);
    rewind(in);
    if (end > 0 && (bytes = malloc((size_t)end + 1)) != NULL) {
        *size = fread(bytes, 1, (size_t)end, in);
        bytes[*size] = '\0';
    }
    fclose(in);
    return bytes;
}

static uint32_t word_at(const char *bytes, size_t at)
{
    uint32_t word;

    memcpy(&word, bytes + at, sizeof word);
    return word;
}

/* GNU message catalogue: magic, revision, count, offsets of two tables of (length, offset). A
 * message may hold several forms, parted by NUL, and a context before 0x04. */
static void read_catalogue(const char *bytes, size_t size)
{
    if (size < 28 || word_at(bytes, 0) != 0x950412de)
        return;
    uint32_t count = word_at(bytes, 8), from = word_at(bytes, 12), to = word_at(bytes, 16);
    for (size_t i = 0; i < count && to + 8 * i + 8 <= size && from + 8 * i + 8 <= size; i++) {
        size_t id_len = word_at(bytes, from + 8 * i), id_at = word_at(bytes, from + 8 * i + 4);
        size_t len = word_at(bytes, to + 8 * i), at = word_at(bytes, to + 8 * i + 4);
        if (id_len == 0 || id_at + id_len > size || at + len > size)
            continue;
        Str id = {bytes + id_at, id_len}, text = {bytes + at, len}, head;
        const char *context = memchr(id.ptr, 4, id.len);
        if (context)
            id = str_sub(id, (size_t)(context - id.ptr) + 1, id.len);
        if (str_eq(id, text))
            continue;
        while (text.len > 0) {
            (void)str_cut(text, '\0', &head, &text);
            put(head);
        }
        if (strcmp(out_code, "de") == 0) { /* the originals are English */
            (void)str_cut(id, '\0', &head, &id);
            out_code = "en";
            put(head);
            out_code = "de";
        }
    }
}

static void put_strings(const json_t *node)
{
    const char *key;
    json_t *child;
    size_t i;

    if (json_is_string(node))
        put(str_from_cstr(json_string_value(node)));
    json_array_foreach(node, i, child) put_strings(child);
    json_object_foreach((json_t *)(uintptr_t)node, key, child) if (key[0] != '@')
        put_strings(child);
}

static void read_json(const char *bytes, size_t size)
{
    json_t *root = json_loadb(bytes, size, 0, NULL);

    put_strings(root);
    json_decref(root);
}

static bool is_plain_word(Str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (strchr("0123456789@./:&+", word.ptr[i]))
            return false;
    return true;
}

/* Sorted by their letters: taken evenly over the whole list. */
static void read_words(const char *bytes, size_t size)
{
    Str rest = {bytes, size}, word;
    size_t count = 0, at = 0;

    for (size_t i = 0; i < size; i++)
        count += bytes[i] == '\n';
    size_t every = count / WORDS_PER_LANGUAGE + 1;
    while (rest.len > 0) {
        (void)str_cut(rest, '\n', &word, &rest);
        if (at++ % every == 0 && is_plain_word(word))
            put(word);
    }
}

static void read_paragraphs(const char *bytes, size_t size)
{
    Str rest = {bytes, size};
    const char *p;

    while ((p = strstr(rest.ptr, "<p>")) != NULL) {
        const char *end = strstr(p, "</p>");
        if (!end)
            break;
        put((Str){p + 3, (size_t)(end - p - 3)});
        rest.ptr = end;
    }
}

/* --- walking --------------------------------------------------------------------------------- */

/* The path element `back` steps from the end (0: the file), without what follows its last dot. */
static Str element(Str path, int back, bool cut_ending)
{
    size_t end = path.len;

    for (; back > 0; back--)
        while (end > 0 && path.ptr[--end] != '/')
            continue;
    size_t from = end;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    Str e = str_sub(path, from, end - from);
    if (cut_ending)
        while (e.len > 0 && e.ptr[--e.len] != '.')
            continue;
    return e;
}

typedef void (*reader_fn)(const char *bytes, size_t size);

/* How to read a file, by its path; *tag becomes the language's. NULL: not at all. */
static reader_fn reader_of(Str path, Str *tag)
{
    *tag = element(path, 0, true);
    if (str_ends(path, S(".mo"))) {
        *tag = element(path, 2, false);
        out_source = strstr(path.ptr, "/libreoffice/") ? "office"
                     : strstr(path.ptr, "/games/")     ? "game"
                                                       : "desk";
        return read_catalogue;
    }
    if (str_ends(path, S(".json")) && str_eq(element(path, 1, false), S("i18n"))) {
        out_source = "wiki";
        return read_json;
    }
    if (str_ends(path, S("/annotations.json"))) {
        *tag = element(path, 1, false);
        out_source = "emoji";
        return read_json;
    }
    if (str_ends(path, S(".words"))) {
        out_source = "words";
        return read_words;
    }
    if (str_ends(path, S(".html")) && str_eq(element(path, 1, false), S("declaration"))) {
        out_source = "rights";
        return read_paragraphs;
    }
    return NULL;
}

static void visit(const char *name)
{
    Str path = str_from_cstr(name), tag;
    char room[4];
    size_t size;

    reader_fn read = reader_of(path, &tag);
    if (!read || !(out_code = code_of(tag, room)))
        return;
    char *bytes = read_file(name, &size);
    if (bytes)
        read(bytes, size);
    free(bytes);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: language_corpus DIRECTORY\n");
        return 2;
    }
    seen = mem_alloc((size_t)1 << SEEN_BITS, sizeof *seen);
    FTS *walk = fts_open((char *[]){argv[1], NULL}, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; walk && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F)
            visit(entry->fts_path);
    bool ok = walk && fts_close(walk) == 0;
    if (!ok)
        fprintf(stderr, "language_corpus: could not walk '%s'\n", argv[1]);
    mem_free(seen);
    return fflush(stdout) == 0 && ok ? 0 : 1;
}
