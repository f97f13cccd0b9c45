/* Words, phrases, {Case} and raw: from bytes to WORD and PHRASE nodes. */
#include <string.h>

#include "listen/query/query_priv.h"
#include "text/fold.h"

/* Words collected for one phrase. */
struct word_list {
    struct query_node *nodes[QUERY_PHRASE_MAX];
    size_t count;
    bool is_full; /* there were more */
};

/* How a stretch of text is read. */
struct word_source {
    size_t from;    /* of the stretch, in the query */
    bool is_quoted; /* a ? at the end of a word is punctuation */
    bool is_case;   /* no wildcards, compared as written */
};

size_t query_blank_at(Str text, size_t at)
{
    const unsigned char *s = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;

    if (s[0] <= ' ' || s[0] == 0x7F)
        return 1;
    if (left >= 2 && s[0] == 0xC2 && s[1] == 0xA0) /* no-break space */
        return 2;
    if (left >= 3 && s[0] == 0xE2 && s[1] == 0x80 && (s[2] <= 0x8A || s[2] == 0xAF))
        return 3; /* typographic spaces */
    if (left >= 3 && ((s[0] == 0xE3 && s[1] == 0x80 && s[2] == 0x80) ||
                      (s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF)))
        return 3; /* ideographic space, byte-order mark */
    return 0;
}

size_t query_quote_at(Str text, size_t at)
{
    const unsigned char *s = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;

    if (left == 0)
        return 0;
    if (s[0] == '"')
        return 1;
    if (left >= 2 && s[0] == 0xC2 && (s[1] == 0xAB || s[1] == 0xBB))
        return 2;
    return left >= 3 && s[0] == 0xE2 && s[1] == 0x80 && s[2] >= 0x9C && s[2] <= 0x9F ? 3 : 0;
}

size_t query_word_end(Str text, size_t at)
{
    for (; at < text.len; at++) {
        unsigned char c = (unsigned char)text.ptr[at];
        if (c == '(' || c == ')' || c == '{' || c == '}')
            break;
        if (c == '<' && str_starts(str_sub(text, at, 3), S("<<<")))
            break;
        if ((c <= ' ' || c == '"' || c >= 0x7F) &&
            (query_blank_at(text, at) > 0 || query_quote_at(text, at) > 0))
            break;
    }
    return at;
}

size_t query_rune_count(Str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* text_fold() into the arena. */
static Str fold_text(struct query_parser *p, Str s, enum fold_accents accents)
{
    struct buf folded;

    buf_init(&folded, s.len * FOLD_GROWTH_MAX + 64);
    text_fold(s, accents, &folded);
    Str out = folded.is_failed ? STR_NONE : query_copy(p, buf_str(&folded));
    if (folded.is_failed)
        query_fail_memory(p);
    buf_deinit(&folded);
    return out;
}

static void push(struct word_list *list, struct query_node *node)
{
    if (list->count < QUERY_PHRASE_MAX)
        list->nodes[list->count++] = node;
    else
        list->is_full = true;
}

static bool has_sigil(Str s)
{
    return s.len > 1 && (s.ptr[0] == '#' || s.ptr[0] == '@' || s.ptr[0] == '$');
}

static void refuse_address(struct query_parser *p, Str address, size_t from)
{
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, from + address.len,
                          "a web address is no word, expected links: or url: before it");
    struct buf fixed;

    buf_init(&fixed, address.len + 64);
    buf_lit(&fixed, "links:");
    query_address_fold(address, &fixed);
    if (!fixed.is_failed)
        query_problem_edit(p->arena, problem, from, from + address.len, buf_str(&fixed));
    buf_deinit(&fixed);
}

/* What the tokenizer takes for one where nothing stands before it: written alone, as the formatter
 * does, "_www.x.org" would be one too. */
static bool is_address(Str word)
{
    return str_find(word, S("://")) < word.len || str_eq_nocase(str_sub(word, 0, 4), S("www."));
}

/* The words of a stretch without wildcards. */
static void add_tokens(struct query_parser *p, Str stretch, const struct word_source *source,
                       struct word_list *list)
{
    const struct token *tokens;
    size_t count;

    if (!tokenizer_run(p->words, stretch, &tokens, &count, p->err)) {
        p->is_failed = true;
        p->at = p->text.len;
        return;
    }
    for (size_t i = 0; i < count && !list->is_full; i++) {
        const struct token *token = &tokens[i];
        Str written = str_sub(stretch, token->from, token->to - token->from);
        size_t from = source->from + token->from;
        if (token->kind == TOKEN_URL || is_address(written)) {
            refuse_address(p, written, from);
            push(list, query_new_node(p, QUERY_NOTHING, from, from + written.len));
            continue;
        }
        struct query_node *node = query_new_node(p, QUERY_WORD, from, from + written.len);
        if (p->is_failed)
            return;
        node->form = source->is_case ? QUERY_CASE : QUERY_EXACT;
        node->token = token->kind;
        node->is_quoted = source->is_quoted;
        node->is_sigil = token->kind == TOKEN_HASHTAG || token->kind == TOKEN_MENTION ||
                         token->kind == TOKEN_CASHTAG;
        node->is_accented = token->plain.ptr != token->folded.ptr;
        node->text = written;
        node->key = query_copy(p, token->folded);
        push(list, node);
    }
}

static size_t literal_letters(Str pattern)
{
    size_t at = has_sigil(pattern) ? 1 : 0, end = at;

    while (end < pattern.len && pattern.ptr[end] != '*' && pattern.ptr[end] != '?')
        end++;
    return query_rune_count(str_sub(pattern, at, end - at));
}

static void refuse_short(struct query_parser *p, struct query_node *node, Str pattern,
                         size_t letters)
{
    struct query_problem *problem = query_problem_add(
        p->arena, p->problems, p->text, QUERY_ERROR, node->from, node->to,
        letters == 0 ? "'" STR_F "' begins with a wildcard, expected two letters first"
        : letters < QUERY_PREFIX_MIN ? "'" STR_F
                                       "' has one letter before its wildcard, expected at least two"
                                     : "the word '" STR_F "' is too long",
        (int)(pattern.len < 60 ? pattern.len : 0), pattern.ptr);

    query_problem_fix(p->arena, problem,
                      "write the beginning of the word, or the words themselves");
    node->kind = QUERY_NOTHING;
}

/* Folds the letters, leaves * and ?, makes one * of several. `letters_min`: before the wildcard. */
static void add_wildcard(struct query_parser *p, Str pattern, const struct word_source *source,
                         size_t letters_min, struct word_list *list)
{
    size_t from = source->from, letters = literal_letters(pattern);
    struct query_node *node = query_new_node(p, QUERY_WORD, from, from + pattern.len);

    if (p->is_failed)
        return;
    push(list, node);
    if (letters < letters_min || pattern.len > QUERY_WORD_BYTES_MAX) {
        refuse_short(p, node, pattern, letters);
        return;
    }
    Str folded = fold_text(p, pattern, FOLD_KEEP_ACCENTS),
        plain = fold_text(p, pattern, FOLD_STRIP_ACCENTS);
    char *key = arena_try_new(p->arena, char, folded.len + 1);
    if (!key || p->is_failed) {
        query_fail_memory(p);
        return;
    }
    size_t len = 0;
    for (size_t i = 0; i < folded.len; i++)
        if (folded.ptr[i] != '*' || len == 0 || key[len - 1] != '*')
            key[len++] = folded.ptr[i];
    node->form = QUERY_PATTERN;
    node->text = pattern;
    node->key = (Str){key, len};
    node->is_quoted = source->is_quoted;
    node->is_sigil = has_sigil(node->key);
    node->is_accented = !str_eq(folded, plain);
}

/* The words of a pattern: where the last one begins, and whether it touches the one before. */
struct stem {
    size_t last_from;
    bool is_found, is_touching;
};

/* Cuts `text` into words and finds the one that takes in its byte `reach` - 1 and ends with it. */
static struct stem find_last_word(struct query_parser *p, Str text, size_t reach)
{
    const struct token *tokens;
    size_t count;
    struct stem stem = {0};

    if (!tokenizer_run(p->words, text, &tokens, &count, p->err)) {
        p->is_failed = true;
        p->at = p->text.len;
        return stem;
    }
    if (count == 0 || tokens[count - 1].to != text.len || tokens[count - 1].from >= reach)
        return stem;
    stem.is_found = true;
    stem.last_from = tokens[count - 1].from;
    stem.is_touching = count > 1 && tokens[count - 2].to == stem.last_from;
    return stem;
}

/* The pattern as a text in which `filler` stands for every wildcard. */
static Str fill_wildcards(struct query_parser *p, Str pattern, Str filler)
{
    struct buf filled;

    buf_init(&filled, pattern.len * (filler.len + 1) + 64);
    for (size_t i = 0; i < pattern.len; i++)
        buf_add(&filled,
                pattern.ptr[i] == '*' || pattern.ptr[i] == '?' ? filler : str_sub(pattern, i, 1));
    Str out = query_copy(p, buf_str(&filled));
    buf_deinit(&filled);
    return out;
}

/* Where the words of a pattern part. A wildcard continues the word before it where a further letter
 * would: that is tried with the last letter (kana) and with one of Latin. Where it would not, as
 * every Chinese character is a word of its own, a * at the end still stands for nothing. */
static struct stem find_stem(struct query_parser *p, Str pattern)
{
    size_t head = 0, last;

    while (pattern.ptr[head] != '*' && pattern.ptr[head] != '?')
        head++;
    for (last = head; last > 0 && ((unsigned char)pattern.ptr[last - 1] & 0xC0) == 0x80;)
        last--;
    last -= last > 0;
    struct stem stem =
        find_last_word(p, fill_wildcards(p, pattern, str_sub(pattern, last, head - last)), head);
    if (!stem.is_found && !p->is_failed)
        stem = find_last_word(p, fill_wildcards(p, pattern, S("a")), head);
    size_t end = pattern.len;
    while (end > head && pattern.ptr[end - 1] == '*')
        end--;
    if (!stem.is_found && !p->is_failed && end == head)
        stem = find_last_word(p, str_sub(pattern, 0, head), head);
    return stem;
}

static void refuse_wildcard(struct query_parser *p, Str pattern, size_t from,
                            struct word_list *list)
{
    size_t to = from + pattern.len, end = pattern.len;
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, to,
                          "no word is as '" STR_F "': the characters around the wildcard are words "
                          "of their own",
                          (int)(pattern.len < 60 ? pattern.len : 0), pattern.ptr);

    while (end > 0 && (pattern.ptr[end - 1] == '*' || pattern.ptr[end - 1] == '?'))
        end--;
    query_problem_fix(p->arena, problem, "write the characters themselves, with * at the end");
    if (str_find_byte(pattern, '?') >= end && str_find_byte(pattern, '*') >= end)
        query_problem_edit(p->arena, problem, from, to,
                           arena_printf(p->arena, STR_F "*", STR_A(str_sub(pattern, 0, end))));
    push(list, query_new_node(p, QUERY_NOTHING, from, to));
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* A word with a wildcard, or several of which the last has it: "東京タワ*" is 東, 京 and タワ*. */
static void add_pattern(struct query_parser *p, Str pattern, const struct word_source *source,
                        struct word_list *list)
{
    struct word_source last = *source;
    size_t letters = literal_letters(pattern);

    if (letters < QUERY_PREFIX_MIN || pattern.len > QUERY_WORD_BYTES_MAX || is_ascii(pattern)) {
        add_wildcard(p, pattern, source, QUERY_PREFIX_MIN, list);
        return;
    }
    struct stem stem = find_stem(p, pattern);
    if (p->is_failed)
        return;
    if (!stem.is_found) {
        refuse_wildcard(p, pattern, source->from, list);
        return;
    }
    if (has_sigil(pattern) && stem.last_from == 1) /* a sign that begins no tag, as alone */
        stem.last_from = 0;
    if (stem.last_from > 0)
        add_tokens(p, str_sub(pattern, 0, stem.last_from), source, list);
    last.from += stem.last_from;
    if (!p->is_failed)
        add_wildcard(p, str_sub(pattern, stem.last_from, pattern.len), &last,
                     stem.is_touching ? 1 : QUERY_PREFIX_MIN, list);
}

/* ASCII that separates words around a wildcard; everything else belongs to the word. */
static bool separates(char c)
{
    return strchr("!%&+,-./:;<=>[]\\^`|~$@#", c) && c != '\0';
}

static bool is_wild(Str s, size_t at, const struct word_source *source)
{
    if (s.ptr[at] == '*')
        return true;
    if (s.ptr[at] != '?')
        return false;
    if (!source->is_quoted)
        return true;
    while (at < s.len && (s.ptr[at] == '?' || s.ptr[at] == '!'))
        at++;
    return at < s.len && !separates(s.ptr[at]); /* "why?" is a question */
}

static bool has_wildcard(Str s, const struct word_source *source)
{
    if (!source->is_case)
        for (size_t i = 0; i < s.len; i++)
            if (is_wild(s, i, source))
                return true;
    return false;
}

/* One stretch without blanks. */
static void add_stretch(struct query_parser *p, Str stretch, const struct word_source *source,
                        struct word_list *list)
{
    struct word_source piece = *source;

    if (!has_wildcard(stretch, source)) {
        add_tokens(p, stretch, source, list);
        return;
    }
    for (size_t at = 0; at < stretch.len;) {
        size_t end = at;
        bool wild = false;
        while (end < stretch.len && (!separates(stretch.ptr[end]) ||
                                     (end == at && has_sigil(str_sub(stretch, at, stretch.len))))) {
            wild = wild || is_wild(stretch, end, source);
            end++;
        }
        Str part = str_sub(stretch, at, end - at);
        piece.from = source->from + at;
        while (wild && source->is_quoted && part.len > 0 && part.ptr[part.len - 1] == '?')
            part.len--;
        wild = wild && has_wildcard(part, source);
        if (wild && !p->is_failed)
            add_pattern(p, part, &piece, list);
        else if (part.len > 0 && !p->is_failed)
            add_tokens(p, part, &piece, list);
        at = end + 1;
    }
}

static void add_text(struct query_parser *p, Str text, const struct word_source *source,
                     struct word_list *list)
{
    for (size_t at = 0; at < text.len && !p->is_failed;) {
        size_t blank = query_blank_at(text, at);
        if (blank > 0) {
            at += blank;
            continue;
        }
        size_t end = at;
        while (end < text.len && query_blank_at(text, end) == 0)
            end++;
        struct word_source stretch = *source;
        stretch.from = source->from + at;
        add_stretch(p, str_sub(text, at, end - at), &stretch, list);
        at = end;
    }
}

/* Runs of blanks become one blank; the ends are trimmed. */
static Str collapse(struct query_parser *p, Str text)
{
    char *copy = arena_try_new(p->arena, char, text.len + 1);
    size_t len = 0;

    if (!copy) {
        query_fail_memory(p);
        return STR_NONE;
    }
    for (size_t at = 0; at < text.len;) {
        size_t blank = query_blank_at(text, at);
        if (blank == 0)
            copy[len++] = text.ptr[at++];
        else if (len > 0 && copy[len - 1] != ' ')
            copy[len++] = ' ';
        at += blank;
    }
    while (len > 0 && copy[len - 1] == ' ')
        len--;
    return (Str){copy, len};
}

/* One word stays a word, several are a phrase. */
static struct query_node *make_words(struct query_parser *p, const struct word_list *list, Str text,
                                     const struct word_source *source, size_t from, size_t to)
{
    if (p->is_failed || list->count == 0)
        return query_new_node(p, QUERY_NOTHING, from, to);
    if (list->is_full) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, to,
                              "the phrase has more than %d words", QUERY_PHRASE_MAX);
        query_problem_fix(p->arena, problem, "shorten it to the words that tell");
    }
    if (list->count == 1) {
        list->nodes[0]->from = (uint32_t)from;
        list->nodes[0]->to = (uint32_t)to;
        return list->nodes[0];
    }
    struct query_node *phrase = query_new_node(p, QUERY_PHRASE, from, to);
    if (p->is_failed)
        return phrase;
    phrase->text = collapse(p, text);
    phrase->is_quoted = source->is_quoted;
    phrase->form = source->is_case ? QUERY_CASE : QUERY_EXACT;
    for (size_t i = 0; i < list->count; i++) {
        if (list->nodes[i]->kind == QUERY_NOTHING)
            phrase->kind = QUERY_NOTHING; /* reported */
        list->nodes[i]->next = i + 1 < list->count ? list->nodes[i + 1] : NULL;
    }
    phrase->first = list->nodes[0];
    phrase->count = (uint32_t)list->count;
    if (phrase->kind == QUERY_NOTHING)
        phrase->first = NULL, phrase->count = 0;
    return phrase;
}

/* --- suffixes ~n and ^n --- */

/* Splits "word~1" into "word" and 1. False: there is no such suffix. */
static bool cut_suffix(Str *word, char mark, Str *digits)
{
    size_t at = word->len;

    while (at > 0 && word->ptr[at - 1] >= '0' && word->ptr[at - 1] <= '9')
        at--;
    if (at < 2 || word->ptr[at - 1] != mark)
        return false;
    *digits = str_sub(*word, at, word->len);
    word->len = at - 1;
    return true;
}

static void apply_boost(struct query_parser *p, struct query_node *node, Str digits, size_t at)
{
    uint64_t boost;

    if (str_to_u64(digits, &boost) && boost >= 1 && boost <= 1000) {
        if (node->kind == QUERY_WORD || node->kind == QUERY_PHRASE)
            node->boost = (uint32_t)boost;
        return;
    }
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at + 1,
                          "expected a number from 1 to 1000 behind ^");
    query_problem_edit(p->arena, problem, at, at + 1 + digits.len, STR_NONE);
}

static void apply_tilde(struct query_parser *p, struct query_node *node, Str digits, size_t at)
{
    bool is_word = node->kind == QUERY_WORD;
    uint64_t n, max = is_word ? QUERY_FUZZY_MAX : QUERY_DISTANCE_MAX;
    struct query_problem *problem;

    if (node->kind != QUERY_WORD && node->kind != QUERY_PHRASE)
        return;
    if (!str_to_u64(digits, &n) || n > max) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at + 1,
                                    "expected a number from 0 to %llu behind ~%s",
                                    (unsigned long long)max,
                                    is_word ? " (edits of one word)" : " (words between)");
        query_problem_edit(p->arena, problem, at, at + 1 + digits.len, is_word ? S("~1") : S("~5"));
    } else if (is_word &&
               (node->form != QUERY_EXACT || node->is_quoted || node->token == TOKEN_EMOJI)) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at + 1,
                                    "~ takes a plain word (edits) or a phrase of several words");
        query_problem_edit(p->arena, problem, at, at + 1 + digits.len, STR_NONE);
    } else if (!is_word && !node->is_quoted) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, node->from, at,
                                    "'" STR_F "' is a phrase of several words, expected quotes "
                                    "around it",
                                    STR_A(node->text));
        query_problem_edit(p->arena, problem, node->from, at,
                           arena_printf(p->arena, "\"" STR_F "\"", STR_A(node->text)));
    } else if (!is_word && node->count > QUERY_SLOP_WORDS_MAX) {
        problem = query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, at, at + 1,
                                    "a phrase with ~ has more than %d words", QUERY_SLOP_WORDS_MAX);
        query_problem_fix(p->arena, problem, "shorten it to the words that tell");
    } else if (is_word && n > 0) {
        node->form = QUERY_FUZZY;
        node->distance = (uint32_t)n;
    } else if (!is_word) {
        node->slop = (int32_t)n;
    }
}

/* ~n and ^n behind a closing quote or brace. */
void query_parse_suffixes(struct query_parser *p, struct query_node *node)
{
    while (p->at < p->text.len && !p->is_failed &&
           (p->text.ptr[p->at] == '~' || p->text.ptr[p->at] == '^')) {
        size_t mark = p->at, end = mark + 1;
        while (end < p->text.len && p->text.ptr[end] >= '0' && p->text.ptr[end] <= '9')
            end++;
        Str digits = str_sub(p->text, mark + 1, end - mark - 1);
        if (p->text.ptr[mark] == '~')
            apply_tilde(p, node, digits, mark);
        else
            apply_boost(p, node, digits, mark);
        p->at = end;
        node->to = (uint32_t)end;
    }
}

/* --- parts --- */

/* Characters that carry meaning and that words do not keep: C++, R&D. */
static void note_lost_signs(struct query_parser *p, Str word, size_t from)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\0' || !strchr("+&%=\\|<>", word.ptr[i]))
            continue;
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_NOTE, from, from + word.len,
            "signs such as %c are not part of a word and are passed over", word.ptr[i]);
        if (problem && p->arena)
            query_problem_edit(p->arena, problem, from, from + word.len,
                               arena_printf(p->arena, "raw:\"" STR_F "\"", STR_A(word)));
        return;
    }
}

static struct query_node *report_no_word(struct query_parser *p, Str text, size_t from, size_t to)
{
    struct query_problem *problem = query_problem_add(
        p->arena, p->problems, p->text, QUERY_ERROR, from, to, "there is no word in '" STR_F "'",
        (int)(text.len < 60 ? text.len : 0), text.ptr);

    if (text.len > 0 && str_trim(text).len > 0)
        query_problem_edit(p->arena, problem, from, to,
                           arena_printf(p->arena, "raw:\"" STR_F "\"", STR_A(text)));
    else
        query_problem_edit(p->arena, problem, from, to, STR_NONE);
    return query_new_node(p, QUERY_NOTHING, from, to);
}

struct query_node *query_parse_word(struct query_parser *p)
{
    size_t from = p->at, end = query_word_end(p->text, from);
    struct word_source source = {.from = from};
    struct word_list list = {.count = 0};
    Str boost = STR_NONE, tilde = STR_NONE;

    if (end == from) { /* a stray } */
        end = from + 1;
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, end,
                              "'%c' closes nothing", p->text.ptr[from]);
        query_problem_edit(p->arena, problem, from, end, STR_NONE);
        p->at = end;
        return query_new_node(p, QUERY_NOTHING, from, end);
    }
    Str word = str_sub(p->text, from, end - from);
    p->at = end;
    if (is_address(word)) {
        refuse_address(p, word, from);
        return query_new_node(p, QUERY_NOTHING, from, end);
    }
    bool has_boost = cut_suffix(&word, '^', &boost);
    bool has_tilde = cut_suffix(&word, '~', &tilde);
    has_boost = has_boost || cut_suffix(&word, '^', &boost);
    add_stretch(p, word, &source, &list);
    if (!p->is_failed && list.count == 0)
        return report_no_word(p, word, from, end);
    struct query_node *node = make_words(p, &list, word, &source, from, end);
    if (p->is_failed)
        return node;
    note_lost_signs(p, word, from);
    if (has_tilde)
        apply_tilde(p, node, tilde, (size_t)(tilde.ptr - p->text.ptr) - 1);
    if (has_boost)
        apply_boost(p, node, boost, (size_t)(boost.ptr - p->text.ptr) - 1);
    return node;
}

Str query_read_quoted(struct query_parser *p)
{
    size_t from = p->at, open = query_quote_at(p->text, from), at = from + open;
    bool is_plain = open == 1; /* "...": other quotation marks are just characters */

    for (; at < p->text.len; at++) {
        size_t quote = query_quote_at(p->text, at);
        if (quote == 1 || (quote > 0 && !is_plain)) {
            p->at = at + quote;
            return str_sub(p->text, from + open, at - from - open);
        }
    }
    struct query_problem *problem =
        query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, from + open,
                          "the quotation mark is not closed, expected \"");
    query_problem_edit(p->arena, problem, p->text.len, p->text.len, S("\""));
    query_problem_fix(p->arena, problem, "close it with \"");
    p->at = p->text.len;
    return str_sub(p->text, from + open, p->text.len);
}

struct query_node *query_parse_quoted(struct query_parser *p)
{
    size_t from = p->at;
    Str text = query_read_quoted(p);
    struct word_source source = {.from = (size_t)(text.ptr - p->text.ptr), .is_quoted = true};
    struct word_list list = {.count = 0};
    size_t to = p->at;

    add_text(p, text, &source, &list);
    if (!p->is_failed && list.count == 0)
        return report_no_word(p, text, from, to);
    struct query_node *node = make_words(p, &list, text, &source, from, to);
    query_parse_suffixes(p, node);
    return node;
}

struct query_node *query_parse_case(struct query_parser *p)
{
    size_t from = p->at, end = str_find_byte(str_sub(p->text, from, p->text.len), '}') + from;
    struct word_source source = {.from = from + 1, .is_quoted = true, .is_case = true};
    struct word_list list = {.count = 0};

    if (end >= p->text.len) {
        struct query_problem *problem =
            query_problem_add(p->arena, p->problems, p->text, QUERY_ERROR, from, from + 1,
                              "the brace is not closed, expected }");
        query_problem_fix(p->arena, problem, "close it with }");
        p->at = p->text.len;
        return query_new_node(p, QUERY_NOTHING, from, p->at);
    }
    Str text = str_sub(p->text, from + 1, end - from - 1);
    p->at = end + 1;
    if (text.len <= QUERY_WORD_BYTES_MAX)
        add_text(p, text, &source, &list);
    if (!p->is_failed && list.count == 0) {
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
            text.len > QUERY_WORD_BYTES_MAX ? "the text in braces is longer than %d bytes"
                                            : "there is no word in the braces (1 to %d bytes)",
            QUERY_WORD_BYTES_MAX);
        query_problem_fix(p->arena, problem, "write a word such as {BT}");
        return query_new_node(p, QUERY_NOTHING, from, p->at);
    }
    struct query_node *node = make_words(p, &list, text, &source, from, p->at);
    query_parse_suffixes(p, node);
    return node;
}

/* p->at stands behind "raw:". */
struct query_node *query_parse_raw(struct query_parser *p, size_t from)
{
    Str text;

    if (query_quote_at(p->text, p->at) > 0) {
        text = query_read_quoted(p);
    } else {
        size_t end = query_word_end(p->text, p->at);
        text = str_sub(p->text, p->at, end - p->at);
        p->at = end;
    }
    struct query_node *node = query_new_node(p, QUERY_RAW, from, p->at);
    if (p->is_failed)
        return node;
    if (str_trim(text).len == 0 || text.len > QUERY_WORD_BYTES_MAX) {
        struct query_problem *problem = query_problem_add(
            p->arena, p->problems, p->text, QUERY_ERROR, from, p->at,
            "expected 1 to %d bytes of text directly behind raw:", QUERY_WORD_BYTES_MAX);
        query_problem_fix(p->arena, problem, "write it in quotes: raw:\"C++\"");
        node->kind = QUERY_NOTHING;
        return node;
    }
    node->text = text;
    node->key = fold_text(p, text, FOLD_KEEP_ACCENTS);
    if (node->key.len == 0)
        node->kind = QUERY_NOTHING;
    return node;
}

struct query_node *query_make_tag(struct query_parser *p, Str tag, size_t from, size_t to)
{
    struct word_source source = {.from = from};
    struct word_list list = {.count = 0};
    Str bare = tag.len > 0 && tag.ptr[0] == '#' ? str_sub(tag, 1, tag.len) : tag;
    char *sigil = arena_try_new(p->arena, char, bare.len + 1);

    if (!sigil) {
        query_fail_memory(p);
        return query_new_node(p, QUERY_NOTHING, from, to);
    }
    sigil[0] = '#';
    if (bare.len > 0)
        memcpy(sigil + 1, bare.ptr, bare.len);
    Str whole = {sigil, bare.len + 1};
    size_t errors_before = p->problems->error_count;
    if (bare.len > 0) /* a slice of the query; the sigil stands before it, written or not */
        source.from = (size_t)(bare.ptr - p->text.ptr) - 1;
    if (bare.len > 0 && query_word_end(whole, 0) == whole.len) /* quotes may bring blanks */
        add_stretch(p, whole, &source, &list);
    struct query_node *node = make_words(p, &list, whole, &source, from, to);
    if (!p->is_failed && node->kind == QUERY_WORD && node->is_sigil)
        return node;
    if (p->problems->error_count > errors_before) /* said already, at its place */
        return query_new_node(p, QUERY_NOTHING, from, to);
    struct query_problem *problem = query_problem_add(
        p->arena, p->problems, p->text, QUERY_ERROR, from, to, "'" STR_F "' is no hashtag",
        (int)(bare.len < 60 ? bare.len : 0), bare.ptr);
    query_problem_fix(p->arena, problem, "write a tag of letters and digits such as #delay");
    return query_new_node(p, QUERY_NOTHING, from, to);
}
