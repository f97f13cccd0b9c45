/* One sentence of our own per language, scripts, silence, and limits. */
#include "text/language.c" /* reaches sum_rows() */

#include <string.h>

#include "base/buf.h"
#include "base/random.h"
#include "unit/test.h"

static const char *guess(const char *text)
{
    static struct language_guess g;

    g = language_guess(str_from_cstr(text));
    CHECK(g.confidence >= 0 && g.confidence <= 1);
    return g.code;
}

static const struct {
    const char *code, *text;
} cases[] = {
    {"en", "The flight was delayed again and nobody told us why."},
    {"de", "Der Flug war schon wieder verspätet und niemand hat etwas gesagt."},
    {"fr", "Le vol était encore en retard et personne ne nous a prévenus."},
    {"es", "El vuelo se retrasó otra vez y nadie nos avisó de nada."},
    {"it", "Il volo era di nuovo in ritardo e nessuno ci ha detto niente."},
    {"pt", "O voo atrasou outra vez e ninguém nos disse por quê."},
    {"nl", "De vlucht had weer vertraging en niemand heeft ons iets verteld."},
    {"pl", "Lot znowu był opóźniony i nikt nam nic nie powiedział."},
    {"cs", "Let měl zase zpoždění a nikdo nám nic neřekl."},
    {"sv", "Flyget var försenat igen och ingen berättade något för oss."},
    {"da", "Flyet var forsinket igen, og ingen fortalte os hvorfor."},
    {"fi", "Lento oli taas myöhässä, eikä kukaan kertonut meille mitään."},
    {"hu", "A járat megint késett, és senki nem mondott semmit."},
    {"ro", "Zborul a întârziat din nou și nimeni nu ne-a spus nimic."},
    {"tr", "Uçak yine gecikti ve kimse bize bir şey söylemedi."},
    {"ru", "Рейс снова задержали, и никто нам ничего не сказал."},
    {"uk", "Рейс знову затримали, і ніхто нам нічого не сказав."},
    {"bg", "Полетът отново закъсня и никой не ни каза нищо."},
    {"el", "Η πτήση καθυστέρησε πάλι και κανείς δεν μας είπε τίποτα."},
    {"ar", "تأخرت الرحلة مرة أخرى ولم يخبرنا أحد"},
    {"hi", "उड़ान फिर से देर से थी और किसी ने हमें नहीं बताया"},
    {"ja", "飛行機がまた遅れました。"},
    {"zh", "航班又延误了，没有人通知我们。"},
    {"ko", "비행기가 또 지연되었습니다."},
    {"th", "เที่ยวบินล่าช้าอีกแล้ว"},
    {"he", "הטיסה שוב התעכבה"},
    {"sk", "Let bol opäť oneskorený a nikto nám nič nepovedal, prečo to tak je."},
    {"hr", "Tko je od vas vidio što se dogodilo u tjednu kad je vlak kasnio?"},
    {"sr", "Лет је поново каснио и нико нам ништа није рекао."},
    {"sl", "Letalo je spet zamujalo in nihče nam ni ničesar povedal."},
    {"et", "Lend hilines jälle ja keegi ei öelnud meile midagi."},
    {"lv", "Lidojums atkal kavējās, un neviens mums neko nepateica."},
    {"lt", "Skrydis vėl vėlavo ir niekas mums nieko nepasakė."},
    {"ca", "El vol ha tornat a arribar tard i ningú no ens ha dit res."},
    {"eu", "Hegaldia berriro atzeratu da eta inork ez digu ezer esan."},
    {"gl", "O voo atrasouse outra vez e ninguén nos dixo nada."},
    {"af", "Die vlug was weer laat en niemand het vir ons gesê hoekom nie."},
    {"sq", "Fluturimi u vonua përsëri dhe askush nuk na tha asgjë."},
    {"id", "Penerbangannya terlambat lagi dan tidak ada yang memberi tahu kami kenapa."},
    {"tl", "Naantala na naman ang biyahe at walang nagsabi sa amin kung bakit."},
    {"vi", "Chuyến bay lại bị hoãn và không ai nói gì với chúng tôi."},
    {"sw", "Ndege imechelewa tena na hakuna aliyetuambia kwa nini."},
    {"is", "Fluginu seinkaði aftur og enginn sagði okkur neitt."},
    {"ga", "Bhí an eitilt déanach arís agus níor inis aon duine rud ar bith dúinn."},
    {"cy", "Roedd yr awyren yn hwyr eto ac ni ddywedodd neb ddim byd wrthym ni."},
    {"eo", "La flugo denove malfruis kaj neniu diris al ni ion ajn."},
    {"la", "Quod erat demonstrandum, sed nemo nobis quicquam dixit de itinere."},
    {"be", "Рэйс зноў затрымалі, і ніхто нам нічога не сказаў."},
    {"mk", "Летот повторно доцнеше и никој не ни кажа ништо."},
    {"kk", "Ұшақ тағы да кешікті, бізге ешкім ештеңе айтқан жоқ."},
    {"fa",
     "پرواز دوباره تأخیر داشت و هیچ‌کس به ما چیزی نگفت."},
    {"ur", "پرواز پھر تاخیر کا شکار ہوئی اور کسی نے ہمیں کچھ نہیں بتایا۔"},
    {"mr", "विमानाला पुन्हा उशीर झाला आणि कोणीही आम्हाला काही सांगितले नाही."},
    {"ne", "उडान फेरि ढिलो भयो र कसैले हामीलाई केही भनेन।"},
    {"bn", "ফ্লাইট আবার দেরি করেছে এবং কেউ আমাদের কিছু বলেনি।"},
    {"ta", "விமானம் மீண்டும் தாமதமாகியது."},
    {"ka", "ფრენა ისევ დაიგვიანა."},
    {"hy", "Թռիչքը կրկին ուշացավ։"},
};

TEST(language_sentences)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_STR(str_from_cstr(guess(cases[i].text)), cases[i].code);
}

TEST(language_unsure)
{
    static const char *const silent[] = {"",       "   ",           "12345 67", "@ann @bob",
                                         "!!! ??", "https://a.b/c", "x",        "\xf0\x9f\x98\x80"};

    for (size_t i = 0; i < COUNT_OF(silent); i++)
        CHECK_STR(str_from_cstr(guess(silent[i])), "und");
}

TEST(language_ignores_addresses_and_mentions)
{
    CHECK_STR(
        str_from_cstr(guess("@the_one @and_this https://the.and/of/that Guten Morgen zusammen")),
        "de");
}

/* What posts are full of besides language. */
TEST(language_reads_through_noise)
{
    static const struct {
        const char *noisy, *code;
    } posts[] = {
        {"DER ZUG IST SCHON WIEDER ZU SPÄT", "de"},
        {"RT @ann: der Zug ist schon wieder zu spät #DelayedAgain #FrustratedCustomer", "de"},
        {"sooooooo müüüüde, der Zug kommt einfach niiiiicht", "de"},
        {"www.the-best-of-the-web.com Der Zug kommt heute nicht &amp; morgen auch nicht", "de"},
        {"Поезд опять опоздал, спасибо Deutsche Bahn Customer Service", "ru"},
        {"\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1 le train est encore en retard \xf0\x9f\x98\xa1", "fr"},
        {"Chuye\xcc\x82\xcc\x81n bay la\xcc\xa3i bi\xcc\xa3 hoa\xcc\x83n",
         "vi"}, /* accents apart */
        {"#GutenMorgenDeutschland", "de"},
    };

    for (size_t i = 0; i < COUNT_OF(posts); i++)
        CHECK_STR(str_from_cstr(guess(posts[i].noisy)), posts[i].code);
}

/* Sums by groups of bytes in registers against one weight after the other. */
TEST(language_sums_are_those_of_single_rows)
{
    enum { ROWS_MAX = 3000 };
    static uint32_t rows[ROWS_MAX];
    struct random random = {.seed = 9};

    for (size_t m = 0; m < LANGUAGE_MODEL_COUNT; m++) {
        const struct model *model = &models[m];
        const uint8_t *table = table_of(model);
        const size_t width = (size_t)model->blocks * LANGUAGE_BLOCK;
        const size_t stride = stride_of(model->blocks);
        for (size_t count = 0; count < ROWS_MAX; count = 2 * count + 1) {
            int32_t fast[LANGUAGE_LATIN_LANES], plain[LANGUAGE_LATIN_LANES] = {0};
            for (size_t i = 0; i < count; i++)
                rows[i] = (uint32_t)random_below(&random, UINT64_C(1) << model->bits);
            sum_rows(table, model->blocks, rows, count, fast);
            for (size_t i = 0; i < count; i++)
                for (size_t lane = 0; lane < width; lane++)
                    plain[lane] += table[rows[i] * stride + lane] - LANGUAGE_WEIGHT_ZERO;
            for (size_t lane = 0; lane < width; lane++)
                CHECK(fast[lane] == plain[lane]);
        }
    }
    for (size_t i = 0; i < LANGUAGE_TABLE_BYTES; i++) /* four of them stay within a byte */
        ASSERT(language_weights[i] <= LANGUAGE_WEIGHT_ZERO + LANGUAGE_WEIGHT_MAX);
}

TEST(language_reads_a_bounded_part)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_lit(&text, "the flight was late again ");
    struct language_guess whole = language_guess(buf_str(&text));
    struct language_guess part = language_guess(str_sub(buf_str(&text), 0, 4096));
    CHECK(memcmp(whole.code, part.code, sizeof whole.code) == 0);
    CHECK_NEAR(whole.confidence, part.confidence, 1e-12);
    buf_reset(&text);
    for (int i = 0; i < 5000; i++)
        buf_lit(&text, "\xff' - ");
    CHECK_STR(str_from_cstr(language_guess(buf_str(&text)).code), "und");
    buf_reset(&text);
    for (int i = 0; i < 5000; i++)
        buf_lit(&text, "a'''' ");
    (void)language_guess(buf_str(&text));
    buf_deinit(&text);
}

/* Words that several languages have: nobody can be sure of them, and most are told so. */
TEST(language_is_as_sure_as_the_letters_allow)
{
    static const char *const words[] = {"ok", "in", "no", "bar", "men", "me", "si", "an", "on"};
    double sum = 0;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        double confidence = language_guess(str_from_cstr(words[i])).confidence;
        CHECK(confidence < 0.8);
        sum += confidence;
    }
    CHECK(sum / COUNT_OF(words) < 0.5);
    CHECK(language_guess(S("ok")).confidence <
          language_guess(S("ok ich komme dann morgen")).confidence);
    CHECK(language_guess(S("Der Zug war schon wieder zu sp\xc3\xa4t")).confidence > 0.99);
}

static const char *const syllables[] = {"ka", "le", "\xc3\xa9", "sch", "to", "na", "y", "x'"};

/* One to forty words; most of them come again and again, some are longer than what is kept. */
static void put_text(struct random *random, struct buf *text)
{
    /* Letters beyond 16 bits, of which two look like a boundary and like nothing when cut off. */
    static const char *const odd[] = {"\xf0\x90\x81\x9f", "\xf0\x90\x80\x80", "", "'", "_",
                                      "\xd0\xb6"};

    for (size_t words = 1 + random_below(random, 40); words > 0; words--) {
        struct random word = {.seed = random_below(random, random_below(random, 60000) + 1)};
        for (size_t n = 1 + random_below(&word, random_below(&word, 8) == 0 ? 9 : 4); n > 0; n--)
            buf_add(text, str_from_cstr(syllables[random_below(&word, COUNT_OF(syllables))]));
        if (random_below(&word, 20) == 0)
            buf_add(text, str_from_cstr(odd[random_below(&word, COUNT_OF(odd))]));
        buf_add_byte(text, random_below(&word, 30) == 0 ? '\'' : ' ');
    }
}

static void check_reading(struct language_reader *reader, Str text)
{
    struct language_guess read = language_read(reader, text), plain = language_guess(text);

    CHECK(memcmp(read.code, plain.code, sizeof read.code) == 0);
    CHECK(memcmp(&read.confidence, &plain.confidence, sizeof read.confidence) == 0);
}

/* Far more words than are kept, so that they push each other out. */
TEST(language_reads_the_same_with_words_remembered)
{
    struct language_reader *reader = NULL;
    struct random random = {.seed = 12};
    struct err err = {0};
    struct buf text;

    ASSERT(language_reader_create(&reader, &err));
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 20000; i++) {
        buf_reset(&text);
        put_text(&random, &text);
        check_reading(reader, buf_str(&text));
        /* A tag that is another word's: only the letters tell. */
        struct known_word *one = &reader->words[random_below(&random, KNOWN_WORDS)],
                          *two = &reader->words[random_below(&random, KNOWN_WORDS)], swapped = *one;
        *one = *two;
        *two = swapped;
    }
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNT_OF(cases); i++)
            check_reading(reader, str_from_cstr(cases[i].text));
    buf_deinit(&text);
    language_reader_destroy(&reader);
}

/* The words of a line are found again with their number of rows. */
TEST(language_words_have_the_rows_of_their_line)
{
    static uint32_t rows[FEATURES_MAX], alone[FEATURES_MAX];
    struct random random = {.seed = 4};
    struct line line;
    struct buf text;

    buf_init(&text, 1 << 20);
    for (int i = 0; i < 500; i++) {
        size_t count = 0;
        buf_reset(&text);
        put_text(&random, &text);
        read_line(buf_str(&text), &line);
        for (size_t from = 1, len; from < line.count; from += len + 1) {
            len = word_len(line.runes + from);
            size_t n = find_rows(line.runes + from, len + 1, &models[0], alone + count);
            CHECK(n == row_count_of(len));
            count += n;
        }
        CHECK(count == find_features(&line, &models[0], rows));
        CHECK(memcmp(rows, alone, count * sizeof rows[0]) == 0);
    }
    buf_deinit(&text);
}

int main(void)
{
    return RUN(CASE(language_sentences), CASE(language_unsure),
               CASE(language_ignores_addresses_and_mentions), CASE(language_reads_through_noise),
               CASE(language_sums_are_those_of_single_rows), CASE(language_reads_a_bounded_part),
               CASE(language_is_as_sure_as_the_letters_allow),
               CASE(language_reads_the_same_with_words_remembered),
               CASE(language_words_have_the_rows_of_their_line));
}
