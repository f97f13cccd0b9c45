#include "web/i18n.h"

#include <string.h>

#include "base/embedded.h"

enum { MO_MAGIC = (int)0x950412de, MO_HEADER_BYTES = 28 };

static struct i18n_language languages[] = {
    {S_INIT("en"), S_INIT("English"), S_INIT("."), S_INIT(","), false, S_INIT("")},
    {S_INIT("de"), S_INIT("Deutsch"), S_INIT(","), S_INIT("."), true, S_INIT("")},
};

static uint32_t word_at(Str bytes, size_t offset)
{
    uint32_t word;

    memcpy(&word, bytes.ptr + offset, sizeof word);
    return word;
}

/* The n-th string of the table that starts at `table`: length and offset, checked at init. */
static Str string_at(Str mo, size_t table, size_t index)
{
    return (Str){mo.ptr + word_at(mo, table + 8 * index + 4), word_at(mo, table + 8 * index)};
}

static bool is_table_inside(Str mo, size_t table, size_t count)
{
    if (table > mo.len || count > (mo.len - table) / 8)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t len = word_at(mo, table + 8 * i), at = word_at(mo, table + 8 * i + 4);
        if (at > mo.len || len >= mo.len - at)
            return false;
    }
    return true;
}

static bool load(struct i18n_language *language, struct err *err)
{
    char path[32];
    int len = snprintf(path, sizeof path, "ui/po/" STR_F ".mo", STR_A(language->code));
    const struct embedded_file *file = embedded_find((Str){path, (size_t)len});

    if (!file)
        return err_set(err, ERR_NOT_FOUND, "cannot find the message catalogue '%s'", path);
    Str mo = file->bytes;
    if (mo.len < MO_HEADER_BYTES || word_at(mo, 0) != (uint32_t)MO_MAGIC || word_at(mo, 4) != 0 ||
        !is_table_inside(mo, word_at(mo, 12), word_at(mo, 8)) ||
        !is_table_inside(mo, word_at(mo, 16), word_at(mo, 8)))
        return err_set(err, ERR_CORRUPT, "cannot read the message catalogue '%s'", path);
    language->catalogue = mo;
    return true;
}

bool i18n_init(struct err *err)
{
    for (size_t i = 1; i < COUNT_OF(languages); i++)
        if (!load(&languages[i], err))
            return false;
    return true;
}

size_t i18n_language_count(void)
{
    return COUNT_OF(languages);
}

const struct i18n_language *i18n_language_at(size_t index)
{
    ASSERT(index < COUNT_OF(languages));
    return &languages[index];
}

const struct i18n_language *i18n_default(void)
{
    return &languages[0];
}

const struct i18n_language *i18n_find(Str code)
{
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        if (str_eq_nocase(languages[i].code, code))
            return &languages[i];
    return NULL;
}

/* The q value in thousandths; 1000 when absent, 0 when malformed. */
static int quality_of(Str parameters)
{
    size_t at = str_find(parameters, S("q="));
    double q;

    if (at == parameters.len)
        return 1000;
    Str rest = str_sub(parameters, at + 2, parameters.len), value;
    (void)str_cut(rest, ';', &value, &rest);
    return str_to_f64(str_trim(value), &q) && q >= 0 && q <= 1 ? (int)(q * 1000) : 0;
}

const struct i18n_language *i18n_negotiate(Str accept_language)
{
    const struct i18n_language *best = i18n_default();
    int best_quality = 0;
    Str item, tag, parameters, primary, region;

    while (accept_language.len > 0) {
        (void)str_cut(accept_language, ',', &item, &accept_language);
        (void)str_cut(str_trim(item), ';', &tag, &parameters);
        (void)str_cut(str_trim(tag), '-', &primary, &region);
        const struct i18n_language *language = i18n_find(primary);
        int quality = quality_of(parameters);
        if (language && quality > best_quality) {
            best = language;
            best_quality = quality;
        }
    }
    return best;
}

/* Compares a catalogue's original (context EOT single NUL plural) with what is looked for. */
static int compare_key(Str original, Str context, Str message)
{
    Str key = str_sub(original, 0, str_find_byte(original, '\0'));

    if (context.len == 0)
        return str_cmp(key, message);
    int order = str_cmp(str_sub(key, 0, context.len), context);
    if (order != 0)
        return order;
    if (key.len <= context.len || key.ptr[context.len] != '\4')
        return key.len <= context.len ? -1 : (unsigned char)key.ptr[context.len] - 4;
    return str_cmp(str_sub(key, context.len + 1, key.len), message);
}

static Str find(Str mo, Str context, Str message)
{
    size_t low = 0, high = mo.len > 0 ? word_at(mo, 8) : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_key(string_at(mo, word_at(mo, 12), middle), context, message);
        if (order == 0)
            return string_at(mo, word_at(mo, 16), middle);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return STR_NONE;
}

Str i18n_text(const struct i18n_language *language, Str context, Str message)
{
    Str found = find(language->catalogue, context, message);

    return found.len > 0 ? str_sub(found, 0, str_find_byte(found, '\0')) : message;
}

Str i18n_plural(const struct i18n_language *language, Str single, Str plural, int64_t n)
{
    Str found = find(language->catalogue, STR_NONE, single), one, other;

    if (found.len == 0 || !str_cut(found, '\0', &one, &other))
        return n == 1 ? single : plural;
    return n == 1 ? one : other;
}
