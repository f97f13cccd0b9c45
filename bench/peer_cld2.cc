/* What CLD2 (Debian: libcld2-dev) says of a text, in our codes: a peer of the language guess. */
#include <cstdio>
#include <cstring>

#include <cld2/public/compact_lang_det.h>

extern "C" const char *peer_cld2(const char *text, size_t len);

extern "C" const char *peer_cld2(const char *text, size_t len)
{
    static const char *const same[][2] = {{"no", "nb"}, {"iw", "he"}, {"jw", "jv"}, {"un", "und"},
                                          {"zh-Hant", "zh"}};
    bool is_reliable;
    const char *code = CLD2::LanguageCode(
        CLD2::DetectLanguage(text, static_cast<int>(len), true, &is_reliable));

    for (const auto &pair : same)
        if (std::strcmp(code, pair[0]) == 0)
            return pair[1];
    return code;
}
