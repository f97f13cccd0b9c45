/* One sentence of our own per language, scripts, silence, and limits. */
#include "text/language.h"

#include <string.h>

#include "base/buf.h"
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
    CHECK_STR(
        str_from_cstr(guess("این یک جمله فارسی است که گفته می‌شود")),
        "und"); /* Persian */
}

TEST(language_ignores_addresses_and_mentions)
{
    CHECK_STR(
        str_from_cstr(guess("@the_one @and_this https://the.and/of/that Guten Morgen zusammen")),
        "de");
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

/* Single words of held-out texts: those of two to four letters are right in 55 of 100. */
TEST(language_is_as_sure_as_the_letters_allow)
{
    static const char *const words[] = {"ok", "der", "in", "no", "bar", "men", "me", "si"};
    double sum = 0;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        double confidence = language_guess(str_from_cstr(words[i])).confidence;
        CHECK(confidence < 0.6);
        sum += confidence;
    }
    CHECK(sum / COUNT_OF(words) < 0.45);
    CHECK(language_guess(S("ok")).confidence <
          language_guess(S("ok ich komme dann morgen")).confidence);
    CHECK(language_guess(S("Der Zug war schon wieder zu sp\xc3\xa4t")).confidence > 0.99);
}

int main(void)
{
    return RUN(CASE(language_sentences), CASE(language_unsure),
               CASE(language_ignores_addresses_and_mentions), CASE(language_reads_a_bounded_part),
               CASE(language_is_as_sure_as_the_letters_allow));
}
