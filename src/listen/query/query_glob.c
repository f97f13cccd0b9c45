#include "listen/query/query_glob.h"

bool query_glob_matches(Str pattern, Str word)
{
    size_t p = 0, w = 0, star = SIZE_MAX, resume = 0;

    while (w < word.len) {
        size_t next = w;
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = ++p;
            resume = w;
            continue;
        }
        if (p < pattern.len && pattern.ptr[p] == '?') {
            (void)str_next_rune(word, &next);
            w = next;
            p++;
            continue;
        }
        if (p < pattern.len && pattern.ptr[p] == word.ptr[w]) {
            p++;
            w++;
            continue;
        }
        if (star == SIZE_MAX)
            return false;
        (void)str_next_rune(word, &resume); /* the * takes one character more */
        w = resume;
        p = star;
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

enum { FUZZY_RUNES_MAX = 128 };

static size_t to_runes(Str s, uint32_t runes[FUZZY_RUNES_MAX])
{
    size_t count = 0;

    for (size_t at = 0; at < s.len && count < FUZZY_RUNES_MAX;)
        runes[count++] = str_next_rune(s, &at);
    return count;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

bool query_fuzzy_matches(Str word, Str other, unsigned max)
{
    uint32_t a[FUZZY_RUNES_MAX], b[FUZZY_RUNES_MAX];
    unsigned rows[3][FUZZY_RUNES_MAX + 1];

    if (word.len > (other.len + max) * 4 || other.len > (word.len + max) * 4)
        return false;
    size_t n = to_runes(word, a), m = to_runes(other, b);
    if (n > m + max || m > n + max)
        return false;
    if (n == FUZZY_RUNES_MAX || m == FUZZY_RUNES_MAX)
        return str_eq(word, other);
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        unsigned best = row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                two[j - 2] + 1 < row[j])
                row[j] = two[j - 2] + 1;
            best = row[j] < best ? row[j] : best;
        }
        if (best > max && i > 1) { /* two rows above the limit cannot come back under it */
            bool above_too = true;
            for (size_t j = 0; j <= m && above_too; j++)
                above_too = above[j] > max;
            if (above_too)
                return false;
        }
    }
    return rows[n % 3][m] <= max;
}
