#include "text/common_words.h"

#include "base/assert.h"

/* Between blanks. */
static const struct {
    Str lang, words;
} lists[COMMON_LANGUAGES] = {
    {S_INIT("en"),
     S_INIT(
         " the and you for that with this have are was but not they from what all will one can "
         "there out about who get when like just how your our his her its their them then than "
         "because been were had has did does doing done only other others another some such into "
         "over under again after before more most very too own same should now would could which "
         "while where why whom whose being both each few many much several nor off once here any "
         "these those she him himself herself itself myself yourself themselves ourselves it's "
         "don't i'm i've i'll i'd you're you've you'll he's she's we're we've they're they've "
         "that's there's what's here's let's isn't aren't wasn't weren't doesn't didn't haven't "
         "hasn't won't can't couldn't wouldn't shouldn't cannot may might must shall ought "
         "take takes taking took taken make makes making made gets getting got goes going went "
         "gone come comes coming came know knows knew known think thinks thought see sees seen "
         "saw look looks looking looked want wants wanted need needs needed say says said saying "
         "tell tells told give gives gave given giving try tried trying tries find finds found "
         "keep keeps kept let lets put puts use uses used using seem seems seemed mean means "
         "ask asked talk talking start started feel feels show shows "
         "really still also even ever never always already yet since until though although "
         "maybe perhaps quite rather almost enough else instead anyway actually probably "
         "usually often sometimes away back down around between during without within through "
         "against along across among toward towards upon above below near per via "
         "way ways thing things something anything nothing everything someone anyone everyone "
         "somebody anybody everybody nobody lot lots bit kind sort stuff today yesterday tomorrow "
         "time times day days year years long little big new old last next first second two "
         "three four five yes yeah okay please well sure right every either neither able "
         "people man guy guys ")},
    {S_INIT("de"),
     S_INIT(
         " der die das dem den des ein eine einen einem einer eines und oder aber nicht kein "
         "keine keinen keinem keiner ist sind war waren wird werden wurde wurden worden hat haben "
         "habe hast hatte hatten hätte hätten sein seid sei bin bist wäre wären gewesen werde "
         "würde würden kann kannst können könnt konnte konnten könnte könnten muss musst müssen "
         "musste mussten müsste soll sollen sollte sollten will willst wollen wollte wollten darf "
         "dürfen mag möchte möchten ich mich mir mein meine meinen meinem meiner meines dich dir "
         "dein deine deinen deinem deiner sie ihn ihm ihr ihre ihren ihrem ihrer ihres ihnen seine "
         "seinen seinem seiner wir uns unser unsere unseren unserem euch euer eure man sich wer "
         "was "
         "wen wem wessen welche welcher welches welchen diese dieser dieses diesem diesen jene "
         "jener jenes jede jeder jedes jeden jedem alle alles allen aller mit von vom für auf aus "
         "bei beim nach vor zum zur über unter durch gegen ohne zwischen neben hinter während "
         "wegen seit bis als wie wenn weil dass denn doch auch noch nur schon sehr mehr mal hier "
         "dort dann wann wieso warum weshalb immer nie wieder jetzt gerade eben halt einfach "
         "eigentlich vielleicht wohl bestimmt wirklich ganz gar etwas nichts viel viele vielen "
         "wenig wenige weniger meist sogar selbst selber trotzdem deshalb deswegen damit dafür "
         "davon daran darauf darin darüber dazu dabei dagegen daher wobei womit worüber somit "
         "also ausserdem jedoch obwohl sonst bald fast heute gestern morgen tag tage tagen jahr "
         "jahre jahren zeit mal neu neue neuen neuer neues erst erste ersten zwei drei vier fünf "
         "andere anderen anderer anderes zuerst zuletzt machen mache macht machte gemacht geht "
         "gehen ging gegangen gibt geben gab gegeben kommt kommen kam gekommen sagen sagt sagte "
         "gesagt sehen sieht sah lassen lässt nehmen nimmt finden findet fand stehen steht "
         "bleiben bleibt tun tut getan weiss wissen brauche braucht brauchen bitte danke nein ja "
         "leute fürs ins ans ums ")},
    {S_INIT("es"),
     S_INIT(
         " los las una uno unos unas del que con por para pero como más mas muy sin sobre entre "
         "hasta desde cuando donde porque pues aunque también tampoco todo toda todos todas esto "
         "esta este estos estas eso esa ese esos esas aquel aquella ser soy eres son era eran fue "
         "fueron sido está están estoy estaba hay han has haber hemos había tiene tienen tengo "
         "tener hace hacer hacen hecho puede pueden puedo poder quiere quiero voy vas vamos van "
         "ir dice decir sabe ver veo dar mis tus sus mío nos les ella ellos ellas nosotros usted "
         "ustedes quien qué cómo cuál cada otro otra otros otras mismo misma solo sólo así aquí "
         "ahí allí ahora hoy ayer ya siempre nunca nada algo nadie alguien mucho mucha muchos "
         "muchas poco antes después luego bien vez veces día días año años dos tres ")},
    {S_INIT("fr"),
     S_INIT(
         " les des une aux que qui quoi dont avec pour par pas plus dans sur sous sans entre mais "
         "donc car comme quand est sont était étaient été être suis sommes êtes avoir ont avait "
         "avez avons fait faire fais peut peux peuvent pouvoir veut veux vouloir doit faut aller "
         "vais vas vont dit dire voir ils elle elles nous vous lui leur leurs mon mes ton tes son "
         "ses notre nos votre vos cet cette ces ceux celle celui cela ça tout tous toute toutes "
         "même aussi très bien encore déjà jamais toujours rien quelque chose chaque autre autres "
         "peu beaucoup trop moins puis alors ainsi ici aujourd'hui hier demain depuis avant après "
         "pendant parce c'est j'ai n'est qu'il qu'on d'un d'une jour jours ans fois deux trois ")},
    {S_INIT("it"),
     S_INIT(
         " gli una uno del dello della dei degli delle dal dalla dai nel nella nei nelle sul sulla "
         "con per tra fra che chi cui come quando dove perché però anche ancora non più meno molto "
         "molti molta tanto poco tutto tutti tutta tutte questo questa questi queste quello quella "
         "quelli quelle sono sei era erano stato stata essere siamo siete avere hanno abbiamo "
         "aveva "
         "fare fatto può posso possono vuole voglio deve vado vai andare dire detto vedere dare "
         "mio "
         "mia miei tuo tua suo sua suoi nostro vostro loro lui lei noi voi ogni altro altra altri "
         "altre stesso solo sempre mai già ora adesso oggi ieri domani qui così dopo prima poi "
         "quindi senza niente nulla qualcosa giorno giorni anno anni volta volte due tre ")},
    {S_INIT("pt"),
     S_INIT(
         " uma uns umas dos das nos nas aos pelo pela que com por para mas como mais muito muita "
         "muitos sem sobre entre até desde quando onde porque pois também nem tudo todo toda todos "
         "todas isso isto esse essa esses este esta estes aquele aquela ser sou são era foi foram "
         "sido está estão estou estava tem têm tenho tinha ter faz fazer feito pode podem posso "
         "quer quero vou vai vamos vão dizer ver dar meu minha meus teu tua seu sua seus nosso "
         "ele ela eles elas você vocês nós quem qual cada outro outra outros mesmo mesma assim "
         "aqui ali agora hoje ontem sempre nunca nada algo alguém pouco antes depois bem vez vezes "
         "dia dias ano anos dois duas três não já ")}};

size_t common_words_list(Str lang)
{
    size_t i = 0;

    if (lang.len == 0 || str_eq(lang, S("und")))
        return COMMON_NOT_KNOWN;
    lang = str_sub(lang, 0, str_find_byte(lang, '-'));
    while (i < COMMON_LANGUAGES && !str_eq_nocase(lists[i].lang, lang))
        i++;
    return i;
}

static bool list_has(Str words, Str folded)
{
    if (folded.len == 0 || str_find_byte(folded, ' ') < folded.len)
        return false;
    for (size_t at; (at = str_find(words, folded)) < words.len;) {
        size_t end = at + folded.len; /* a blank stands before the first and behind the last word */
        if (words.ptr[at - 1] == ' ' && words.ptr[end] == ' ')
            return true;
        words = str_sub(words, end, words.len);
    }
    return false;
}

bool common_words_has(size_t list, Str folded)
{
    ASSERT(list < COMMON_LANGUAGES);
    return list_has(lists[list].words, folded);
}

/* U+00E0 to U+00FF without their accents; 0: the letter has none to lose. The lists hold no other
 * accented letters. */
static const char plain_letters[] = {'a', 'a', 'a', 'a', 'a', 'a', 0,   'c', 'e', 'e', 'e',
                                     'e', 'i', 'i', 'i', 'i', 0,   'n', 'o', 'o', 'o', 'o',
                                     'o', 0,   0,   'u', 'u', 'u', 'u', 'y', 0,   'y'};

/* Is `plain` the word without its accents? In place: this runs for every rising term. */
static bool is_without_accents(Str word, Str plain)
{
    size_t p = 0;

    for (size_t i = 0; i < word.len; i++, p++) {
        unsigned char c = (unsigned char)word.ptr[i];
        unsigned char low = i + 1 < word.len ? (unsigned char)word.ptr[i + 1] : 0;
        char letter = (char)c;
        if (c == 0xc3 && low >= 0xa0 && low <= 0xbf && plain_letters[low - 0xa0] != 0) {
            letter = plain_letters[low - 0xa0];
            i++;
        }
        if (p >= plain.len || plain.ptr[p] != letter)
            return false;
    }
    return p == plain.len;
}

static bool has_without_accents(size_t list, Str plain)
{
    Str rest = lists[list].words, word;

    if (plain.len == 0)
        return false;
    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &word, &rest);
        if (is_without_accents(word, plain))
            return true;
    }
    return false;
}

void common_count_add(struct common_count *count, size_t list)
{
    count->all++;
    if (list < COMMON_LANGUAGES)
        count->by_list[list]++;
    count->of_no_language += list == COMMON_NOT_KNOWN ? 1 : 0;
}

bool common_count_is_common(const struct common_count *count, Str word, enum fold_accents accents)
{
    uint64_t common = 0;
    bool is_any = false;

    for (size_t i = 0; i < COMMON_LANGUAGES; i++) {
        if (count->by_list[i] == 0 && (count->of_no_language == 0 || is_any))
            continue;
        bool has = accents == FOLD_STRIP_ACCENTS ? has_without_accents(i, word)
                                                 : common_words_has(i, word);
        common += has ? count->by_list[i] : 0;
        is_any |= has;
    }
    common += is_any ? count->of_no_language : 0;
    return 2 * common >= count->all;
}
