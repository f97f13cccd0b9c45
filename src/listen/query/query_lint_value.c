/* Values that no post can have: codes that are none, numbers out of bounds, wildcards where none is
 * read. A warning each, with the value that was meant where that can be told. */
#include <math.h>
#include <string.h>

#include "listen/post.h"
#include "listen/query/query_country.h"
#include "listen/query/query_priv.h"

/* ISO 639-1, in order. */
static const char languages[] =
    "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfo"
    "frfygagdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblg"
    "lilnloltlulvmgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnvnyocojomorospapipl"
    "psptqurmrnrorurwsascsdsesgshsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevi"
    "vowawoxhyiyozazhzu";

/* What is written for a code: names in English and German, codes of three letters. */
static const struct {
    const char *code, *spellings;
} language_spellings[] = {
    {"ar", "arabic arabisch ara"},
    {"cs", "czech tschechisch ces cze"},
    {"da", "danish daenisch dan"},
    {"de", "german deutsch deu ger"},
    {"el", "greek griechisch ell gre"},
    {"en", "english englisch eng"},
    {"es", "spanish spanisch spa"},
    {"fi", "finnish finnisch fin"},
    {"fr", "french franzoesisch fra fre"},
    {"he", "hebrew hebraeisch heb"},
    {"hi", "hindi hin"},
    {"hu", "hungarian ungarisch hun"},
    {"id", "indonesian indonesisch ind"},
    {"it", "italian italienisch ita"},
    {"ja", "japanese japanisch jpn"},
    {"ko", "korean koreanisch kor"},
    {"nl", "dutch niederlaendisch nld dut"},
    {"no", "norwegian norwegisch nor"},
    {"pl", "polish polnisch pol"},
    {"pt", "portuguese portugiesisch por"},
    {"ro", "romanian rumaenisch ron rum"},
    {"ru", "russian russisch rus"},
    {"sv", "swedish schwedisch swe"},
    {"th", "thai tha"},
    {"tr", "turkish tuerkisch tur"},
    {"uk", "ukrainian ukrainisch ukr"},
    {"vi", "vietnamese vietnamesisch vie"},
    {"zh", "chinese chinesisch zho chi"},
};

static const struct {
    const char *code, *spellings;
} country_spellings[] = {
    {"AT", "austria oesterreich"},
    {"AU", "australia australien"},
    {"BE", "belgium belgien"},
    {"BR", "brazil brasilien"},
    {"CA", "canada kanada"},
    {"CH", "switzerland schweiz"},
    {"CN", "china"},
    {"CZ", "czechia tschechien"},
    {"DE", "germany deutschland"},
    {"DK", "denmark daenemark"},
    {"ES", "spain spanien"},
    {"FI", "finland finnland"},
    {"FR", "france frankreich"},
    {"GB", "uk england britain"},
    {"GR", "greece griechenland"},
    {"HU", "hungary ungarn"},
    {"IE", "ireland irland"},
    {"IN", "india indien"},
    {"IT", "italy italien"},
    {"JP", "japan"},
    {"KR", "korea"},
    {"MX", "mexico mexiko"},
    {"NL", "netherlands holland niederlande"},
    {"NO", "norway norwegen"},
    {"PL", "poland polen"},
    {"PT", "portugal"},
    {"RU", "russia russland"},
    {"SE", "sweden schweden"},
    {"TR", "turkey tuerkei"},
    {"UA", "ukraine"},
    {"US", "america"},
};

static bool is_among(Str word, const char *list)
{
    Str head, rest = str_from_cstr(list);

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &head, &rest);
        if (str_eq_nocase(head, word))
            return true;
    }
    return false;
}

static Str language_meant(Str word)
{
    for (size_t i = 0; i < COUNT_OF(language_spellings); i++)
        if (is_among(word, language_spellings[i].spellings))
            return str_from_cstr(language_spellings[i].code);
    return STR_NONE;
}

static Str country_meant(Str word)
{
    for (size_t i = 0; i < COUNT_OF(country_spellings); i++)
        if (is_among(word, country_spellings[i].spellings))
            return str_from_cstr(country_spellings[i].code);
    return STR_NONE;
}

/* The warning at the value itself. `meant`, where it is not empty, is what to write instead. */
static void warn(struct arena *a, const struct query *query, const struct query_node *node,
                 struct query_problems *problems, const char *name, const char *expects, Str meant)
{
    size_t at = (size_t)(node->text.ptr - query->text.ptr);
    bool is_slice = node->text.ptr >= query->text.ptr && at + node->text.len <= query->text.len;
    struct query_problem *problem = query_problem_add(
        a, problems, query->text, QUERY_WARNING, node->from, node->to,
        "no post can have %s:" STR_F ", expected %s", name,
        (int)(node->text.len < 60 ? node->text.len : 60), node->text.ptr, expects);

    if (meant.len == 0) {
        query_problem_fix(a, problem, "write a value that posts have");
        return;
    }
    query_problem_fix(a, problem, "write %s:" STR_F, name, STR_A(meant));
    if (is_slice)
        query_problem_edit(a, problem, at, at + node->text.len, meant);
}

/* Two letters of ISO 639-1, or three that no code of two stands for; a region may follow. */
static bool is_language(Str key)
{
    size_t len = 0;

    while (len < key.len && key.ptr[len] >= 'a' && key.ptr[len] <= 'z')
        len++;
    Str primary = str_sub(key, 0, len);
    if (len < key.len && key.ptr[len] != '-' && key.ptr[len] != '_')
        return false;
    if (len == 2)
        for (size_t i = 0; i + 1 < sizeof languages; i += 2)
            if (memcmp(primary.ptr, languages + i, 2) == 0)
                return true;
    return len == 3 && language_meant(primary).len == 0;
}

struct bounds {
    double low, high;
    const char *expects;
};

static struct bounds bounds_of(enum query_field field)
{
    if (field == QUERY_FIELD_RATING)
        return (struct bounds){0, 5, PHRASE("a number from 0 to 5")};
    if (field == QUERY_FIELD_MINUTE)
        return (struct bounds){0, 1439, PHRASE("a minute of the day from 0 to 1439")};
    return (struct bounds){0, INFINITY, PHRASE("a number from 0")};
}

/* A host is found with its subdomains, so *. before it is left out. */
static Str without_stars(Str host)
{
    while (host.len > 0 && (host.ptr[0] == '*' || host.ptr[0] == '.'))
        host = str_sub(host, 1, host.len);
    while (host.len > 0 && (host.ptr[host.len - 1] == '*' || host.ptr[host.len - 1] == '.'))
        host.len--;
    return str_find_byte(host, '*') < host.len ? STR_NONE : host;
}

void query_lint_value(struct arena *a, const struct query *query, const struct query_node *node,
                      struct query_problems *problems)
{
    const struct query_field_info *info = query_field_row(node->field);
    size_t star = str_find_byte(node->key, '*');
    char alpha2[2];

    if (info->value == QUERY_VALUE_NUMBER) {
        struct bounds bounds = bounds_of(node->field);
        if (node->low > bounds.high || node->high < bounds.low)
            warn(a, query, node, problems, info->name, bounds.expects, STR_NONE);
    } else if (node->field == QUERY_FIELD_LANG && !is_language(node->key)) {
        warn(a, query, node, problems, info->name, info->expects, language_meant(node->key));
    } else if (node->field == QUERY_FIELD_COUNTRY && !query_country_is_known(node->key) &&
               !query_country_alpha2(node->key, alpha2)) {
        warn(a, query, node, problems, info->name, info->expects, country_meant(node->key));
    } else if (node->field == QUERY_FIELD_KIND && !post_kind_is_known(node->key)) {
        warn(a, query, node, problems, info->name, info->expects,
             is_among(node->key, "retweet boost share") ? S("repost") : STR_NONE);
    } else if ((node->field == QUERY_FIELD_SITE || node->field == QUERY_FIELD_TLD) &&
               star < node->key.len) {
        warn(a, query, node, problems, info->name, info->expects, without_stars(node->key));
    } else if ((node->field == QUERY_FIELD_URL || node->field == QUERY_FIELD_LINKS) &&
               star + 1 < node->key.len) {
        warn(a, query, node, problems, info->name, PHRASE("* only at the end of an address"),
             node->field == QUERY_FIELD_LINKS ? without_stars(node->key) : STR_NONE);
    }
}
