/* From the tree of another dialect to a query of ours. Every leaf is translated and parsed on its
 * own, so that whatever our grammar refuses is found where it stands; what is left out is pruned,
 * and what its absence does to the whole follows from where it stood: an operand that AND asked for
 * makes the query wider, an alternative narrower, and the other way round below NOT. */
#include "listen/query/query_import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "listen/query/query_import_priv.h"

enum { SHOWN_BYTES = 60, TALKWALKER_REACH = 10 /* words between, for each word beside another */ };

static const struct {
    const char *name, *title;
} dialects[QUERY_DIALECT_COUNT] = {
    {"brandwatch", "Brandwatch"}, {"meltwater", "Meltwater"}, {"talkwalker", "Talkwalker"}};

bool query_dialect_from(Str name, enum query_dialect *out)
{
    for (size_t i = 0; i < COUNT_OF(dialects); i++)
        if (str_eq_nocase(name, str_from_cstr(dialects[i].name))) {
            *out = (enum query_dialect)i;
            return true;
        }
    return false;
}

const char *query_dialect_name(enum query_dialect dialect)
{
    ASSERT((size_t)dialect < COUNT_OF(dialects));
    return dialects[dialect].name;
}

const char *query_dialect_title(enum query_dialect dialect)
{
    ASSERT((size_t)dialect < COUNT_OF(dialects));
    return dialects[dialect].title;
}

const char *query_import_effect_words(enum query_import_effect effect)
{
    static const char *const words[] = {"", "finds more", "finds less", "finds others"};

    ASSERT((size_t)effect < COUNT_OF(words));
    return words[effect];
}

/* --- losses --- */

void import_fail(struct importer *m)
{
    if (!m->is_failed) {
        m->is_failed = true;
        (void)err_arena(m->err, m->arena);
    }
    m->at = m->text.len;
}

Str import_shown(Str text)
{
    size_t len = text.len < SHOWN_BYTES ? text.len : SHOWN_BYTES;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return str_sub(text, 0, len);
}

static struct query_import_loss *report(struct importer *m, bool is_lost,
                                        enum query_import_effect effect, size_t from, size_t to,
                                        const char *format, va_list args)
{
    struct query_import_loss *loss = arena_try_new(m->arena, struct query_import_loss, 1);
    char text[512];

    m->lost_count += is_lost;
    m->approximate_count += !is_lost;
    if (m->losses.count >= QUERY_IMPORT_LOSSES_MAX)
        return loss ? loss : &m->unseen;
    int len = vsnprintf(text, sizeof text, format, args);
    ASSERT(len >= 0);
    size_t size = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    while (size > 0 && size < (size_t)len && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--; /* never cut inside a character */
    if (!loss || !arena_try_str(m->arena, (Str){text, size}, &loss->message) ||
        !vec_try_push(&m->losses, loss)) {
        import_fail(m);
        return loss ? loss : &m->unseen;
    }
    loss->is_lost = is_lost;
    loss->effect = effect;
    loss->from = (uint32_t)from;
    loss->to = (uint32_t)to;
    return loss;
}

struct query_import_loss *import_report(struct importer *m, bool is_lost,
                                        enum query_import_effect effect, size_t from, size_t to,
                                        const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct query_import_loss *loss = report(m, is_lost, effect, from, to, format, args);
    va_end(args);
    return loss;
}

void import_lose(struct importer *m, struct foreign *node, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    node->loss = report(m, true, QUERY_IMPORT_SAME, node->from, node->to, format, args);
    va_end(args);
    node->kind = FOREIGN_NOTHING;
}

/* --- translating leaves --- */

/* Parses a fragment of ours. True: it is the translation of the leaf. */
static bool take_ours(struct importer *m, struct foreign *leaf, const struct buf *fragment)
{
    struct query_problems problems = {0};
    struct query query;
    Str text;

    if (fragment->is_failed || !arena_try_str(m->arena, buf_str(fragment), &text)) {
        import_fail(m);
        return false;
    }
    bool ok = query_parse(m->arena, m->words, text, STR_NONE, NULL, &query, &problems, m->err);
    m->is_failed = m->is_failed || !ok;
    bool is_good = ok && problems.error_count == 0;
    if (is_good) {
        leaf->ours = text;
        leaf->is_placed = query_find_unplaced(query.root) == NULL;
    }
    query_problems_deinit(&problems);
    return is_good;
}

static bool take_printed(struct importer *m, struct foreign *leaf, const char *before, Str text,
                         const char *after)
{
    struct buf fragment;

    buf_init(&fragment, QUERY_BYTES_MAX + 1024);
    buf_add(&fragment, str_from_cstr(before));
    buf_add(&fragment, text);
    buf_add(&fragment, str_from_cstr(after));
    if (leaf->boost > 0)
        buf_printf(&fragment, "^%u", leaf->boost);
    bool ok = take_ours(m, leaf, &fragment);
    buf_deinit(&fragment);
    return ok;
}

static bool contains(Str text, const char *signs)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\0' && strchr(signs, text.ptr[i]))
            return true;
    return false;
}

static void approximate(struct importer *m, const struct foreign *node,
                        enum query_import_effect effect, const char *what)
{
    (void)import_report(m, false, effect, node->from, node->to, "%s", what);
}

static bool is_reserved(Str word)
{
    return str_eq_nocase(word, S("and")) || str_eq_nocase(word, S("or")) ||
           str_eq_nocase(word, S("not")) || str_eq(word, S("NEAR")) || str_eq(word, S("ONEAR"));
}

static bool is_address(Str word)
{
    return str_find(word, S("://")) < word.len || str_starts(word, S("www."));
}

/* At least two letters, all of them capitals. */
static bool is_capitals(Str word)
{
    size_t letters = 0;

    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.ptr[i];
        if ((c >= 'a' && c <= 'z') || c >= 0x80)
            return false;
        letters += c >= 'A' && c <= 'Z';
    }
    return letters >= 2;
}

/* Words that Talkwalker takes as written without being told to. */
static bool settle_exact_word(struct importer *m, struct foreign *leaf, bool in_near)
{
    Str word = leaf->text;

    if (m->dialect != QUERY_DIALECT_TALKWALKER || contains(word, "*?\"") || leaf->has_tilde)
        return false;
    if (contains(str_sub(word, 1, word.len), "&+-") && !in_near &&
        take_printed(m, leaf, "raw:\"", word, "\""))
        return true;
    bool has_sigil = contains(str_sub(word, 0, 1), "#@$");
    if (has_sigil || !is_capitals(word) || !take_printed(m, leaf, "{", word, "}"))
        return false;
    approximate(m, leaf, QUERY_IMPORT_SAME,
                "Talkwalker takes a word in capitals as written; write it small for any case");
    return true;
}

static const char *word_tilde(struct importer *m, const struct foreign *leaf)
{
    if (!leaf->has_tilde)
        return "";
    if (m->dialect != QUERY_DIALECT_TALKWALKER) {
        (void)import_report(m, true, QUERY_IMPORT_NARROWER, leaf->from, leaf->to,
                            "~ behind a single word is left out");
        return "";
    }
    if (leaf->slop == FOREIGN_NO_SLOP)
        approximate(m, leaf, QUERY_IMPORT_NARROWER,
                    "split and hyphenated forms of the word are not looked for");
    if (leaf->slop > QUERY_FUZZY_MAX)
        approximate(m, leaf, QUERY_IMPORT_NARROWER, "at most two edits are allowed");
    return leaf->slop <= 0 ? "" : leaf->slop == 1 ? "~1" : "~2";
}

static bool settle_address(struct importer *m, struct foreign *leaf)
{
    struct buf folded;

    buf_init(&folded, leaf->text.len + 64);
    query_address_fold(leaf->text, &folded);
    bool ok = !folded.is_failed && take_printed(m, leaf, "links:\"", buf_str(&folded), "\"");
    buf_deinit(&folded);
    if (ok)
        approximate(m, leaf, QUERY_IMPORT_EITHER, "a web address is looked for among the links");
    return ok;
}

static void settle_word(struct importer *m, struct foreign *leaf, bool in_near)
{
    Str word = leaf->text;
    const char *tilde;

    if (is_address(word) && settle_address(m, leaf))
        return;
    if (settle_exact_word(m, leaf, in_near))
        return;
    tilde = word_tilde(m, leaf);
    if (is_reserved(word))
        approximate(m, leaf, QUERY_IMPORT_SAME,
                    "taken as a word: an operator is written in capitals");
    bool quotes = is_reserved(word) || (contains(word, ":~^[]<>+|&!") && !contains(word, "*?\""));
    if (!take_printed(m, leaf, quotes ? "\"" : "", word, quotes ? "\"" : tilde) &&
        !(*tilde != '\0' && take_printed(m, leaf, "", word, "")))
        import_lose(m, leaf,
                    contains(word, "*?") ? "'" STR_F "': a word begins with two letters "
                                           "at least, then a wildcard may follow"
                                         : "there is no word in '" STR_F "'",
                    STR_A(import_shown(word)));
}

static void report_slop(struct importer *m, const struct foreign *leaf)
{
    if (m->dialect == QUERY_DIALECT_TALKWALKER)
        approximate(m, leaf, QUERY_IMPORT_WIDER,
                    "~ counts jumps there and words between here: words in another order are "
                    "found a little further apart");
    else if (m->dialect == QUERY_DIALECT_MELTWATER)
        approximate(m, leaf, QUERY_IMPORT_EITHER, "~ behind a phrase is not documented there");
}

static void settle_phrase(struct importer *m, struct foreign *leaf)
{
    char slop[24] = "\"";

    if (leaf->has_tilde && leaf->slop != FOREIGN_NO_SLOP) {
        if (leaf->slop > QUERY_DISTANCE_MAX)
            approximate(m, leaf, QUERY_IMPORT_NARROWER, "at most 1000 words between");
        snprintf(slop, sizeof slop, "\"~%lld",
                 (long long)(leaf->slop > QUERY_DISTANCE_MAX ? QUERY_DISTANCE_MAX : leaf->slop));
        if (take_printed(m, leaf, "\"", leaf->text, slop)) {
            report_slop(m, leaf);
            return;
        }
    }
    if (!take_printed(m, leaf, "\"", leaf->text, "\""))
        import_lose(m, leaf,
                    "the phrase '" STR_F "' cannot be looked for: words begin with two "
                    "letters before a wildcard, at most %d of them",
                    STR_A(import_shown(leaf->text)), QUERY_PHRASE_MAX);
    else if (leaf->has_tilde)
        (void)import_report(m, true, QUERY_IMPORT_NARROWER, leaf->from, leaf->to,
                            "~ needs a phrase of two to %d words and a number; left out",
                            QUERY_SLOP_WORDS_MAX);
}

static void settle_case(struct importer *m, struct foreign *leaf, bool in_near)
{
    bool has_signs = contains(leaf->text, "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

    if (has_signs && !in_near && take_printed(m, leaf, "raw:\"", leaf->text, "\""))
        approximate(m, leaf, QUERY_IMPORT_WIDER, "signs are kept, capitals do not matter to raw:");
    else if (!take_printed(m, leaf, "{", leaf->text, "}"))
        import_lose(m, leaf, "'" STR_F "' cannot be looked for as written",
                    STR_A(import_shown(leaf->text)));
}

static void settle_raw(struct importer *m, struct foreign *leaf, bool in_near)
{
    if (in_near && take_printed(m, leaf, "\"", leaf->text, "\""))
        approximate(m, leaf, QUERY_IMPORT_WIDER, "signs do not count inside NEAR");
    else if (!take_printed(m, leaf, "raw:\"", leaf->text, "\""))
        import_lose(m, leaf, "'" STR_F "' cannot be looked for as written",
                    STR_A(import_shown(leaf->text)));
}

/* --- groups --- */

static void set_effect(struct foreign *node, enum query_import_effect effect)
{
    if (node->loss)
        node->loss->effect = effect;
    for (struct foreign *child = node->first; child; child = child->next)
        if (child->kind == FOREIGN_NOTHING)
            set_effect(child, effect);
}

/* Drops what is left out. A group of which nothing is left becomes NOTHING and keeps what it lost;
 * one operand stands for itself. */
static struct foreign *prune(struct foreign *group, bool is_positive)
{
    struct foreign **link = &group->first, *lost = NULL;
    bool widens = (group->kind != FOREIGN_OR) == is_positive;

    while (*link) {
        struct foreign *child = *link;
        if (child->kind != FOREIGN_NOTHING) {
            link = &child->next;
            continue;
        }
        set_effect(child, widens ? QUERY_IMPORT_WIDER : QUERY_IMPORT_NARROWER);
        *link = child->next;
        child->next = lost;
        lost = child;
        group->count--;
    }
    if (group->count == 0) {
        group->kind = FOREIGN_NOTHING;
        group->first = lost;
        return group;
    }
    if (group->count > 1 || group->kind == FOREIGN_NOT || group->kind == FOREIGN_FIELD)
        return group;
    struct foreign *only = group->first;
    if (only->comment.len == 0)
        only->comment = group->comment;
    only->next = group->next;
    return only;
}

static bool is_leaf(const struct foreign *node)
{
    return node->ours.len > 0 && node->kind != FOREIGN_FIELD;
}

static bool may_be_near(const struct foreign *node)
{
    if (is_leaf(node))
        return node->is_placed;
    if (node->kind != FOREIGN_OR && node->kind != FOREIGN_NEAR)
        return false;
    for (const struct foreign *child = node->first; child; child = child->next)
        if (!may_be_near(child))
            return false;
    return true;
}

static void settle_near(struct importer *m, struct foreign *near)
{
    bool is_good = true;

    for (struct foreign *child = near->first; child; child = child->next)
        is_good = is_good && (child->kind == FOREIGN_NOTHING || may_be_near(child));
    if (is_good && near->distance <= QUERY_DISTANCE_MAX)
        return;
    near->kind = FOREIGN_AND;
    if (is_good)
        (void)import_report(m, false, QUERY_IMPORT_WIDER, near->from, near->to,
                            "NEAR reaches at most %d words; read as AND", QUERY_DISTANCE_MAX);
    else
        (void)import_report(m, false, QUERY_IMPORT_EITHER, near->from, near->to,
                            "NEAR takes words, phrases and OR of them; read as AND");
}

static void give_boost(struct foreign *node, uint32_t boost)
{
    if (node->boost == 0)
        node->boost = boost;
    for (struct foreign *child = node->first; child; child = child->next)
        if (child->kind != FOREIGN_FIELD)
            give_boost(child, boost);
}

/* ((a) AND (b))~5: the operands near each other. */
static void apply_group_tilde(struct importer *m, struct foreign *group)
{
    bool is_near = m->dialect == QUERY_DIALECT_BRANDWATCH && group->kind == FOREIGN_AND &&
                   group->slop != FOREIGN_NO_SLOP;

    if (!is_near) {
        (void)import_report(m, true, QUERY_IMPORT_WIDER, group->from, group->to,
                            "~ behind a group is left out");
        return;
    }
    if (group->count > 2)
        approximate(m, group, QUERY_IMPORT_EITHER,
                    "~ over several groups: the first two belong together");
    while (group->count > 2) {
        struct foreign *pair =
            foreign_new(m, FOREIGN_NEAR, group->first->from, group->first->next->to);
        if (m->is_failed)
            return;
        pair->first = group->first;
        pair->distance = (uint64_t)group->slop;
        pair->count = 2;
        pair->next = group->first->next->next;
        group->first->next->next = NULL;
        group->first = pair;
        group->count--;
    }
    group->kind = FOREIGN_NEAR;
    group->distance = (uint64_t)group->slop;
}

/* Talkwalker: words side by side are near each other. True: the group became a leaf. */
static bool settle_beside(struct importer *m, struct foreign *group)
{
    struct buf words;
    bool ok = m->dialect == QUERY_DIALECT_TALKWALKER && group->is_beside;

    buf_init(&words, QUERY_BYTES_MAX);
    for (struct foreign *child = group->first; child && ok; child = child->next) {
        ok = child->kind == FOREIGN_WORD && !child->has_tilde && !contains(child->text, "*?") &&
             child->comment.len == 0 && !is_address(child->text);
        buf_add(&words, child == group->first ? STR_NONE : S(" "));
        buf_add(&words, child->text);
    }
    char slop[24];
    size_t reach = (group->count - 1) * TALKWALKER_REACH;
    snprintf(slop, sizeof slop, "\"~%zu", reach);
    ok = ok && reach <= QUERY_DISTANCE_MAX && !words.is_failed &&
         take_printed(m, group, "\"", buf_str(&words), slop);
    buf_deinit(&words);
    if (ok) {
        group->kind = FOREIGN_PHRASE;
        group->first = NULL;
        group->count = 0;
        (void)import_report(m, false, QUERY_IMPORT_EITHER, group->from, group->to,
                            "words side by side are near each other: at most %zu words between",
                            reach);
    } else if (m->dialect != QUERY_DIALECT_BRANDWATCH) {
        approximate(m, group,
                    m->dialect == QUERY_DIALECT_MELTWATER ? QUERY_IMPORT_EITHER
                                                          : QUERY_IMPORT_WIDER,
                    "what stands side by side is read as AND");
    }
    return ok;
}

/* --- the tree --- */

static void settle_value(struct importer *m, struct foreign *field, struct foreign *leaf)
{
    struct buf fragment;

    if (field->first == leaf)
        leaf->from = field->from; /* reported with its name */
    buf_init(&fragment, QUERY_BYTES_MAX + 1024);
    if (import_field_value(m, field, leaf, &fragment) && !take_ours(m, leaf, &fragment))
        import_lose(m, leaf, "'" STR_F ":' does not take '" STR_F "'",
                    STR_A(import_shown(field->text)), STR_A(import_shown(leaf->text)));
    buf_deinit(&fragment);
}

struct setting {
    bool is_positive, in_near;
    struct foreign *field; /* whose values the leaves are, or NULL */
};

static struct foreign *settle(struct importer *m, struct foreign *node, struct setting s);

static void settle_operands(struct importer *m, struct foreign *group, struct setting s)
{
    struct foreign **link = &group->first;

    while (*link && !m->is_failed) {
        struct foreign *next = (*link)->next;
        *link = settle(m, *link, s);
        (*link)->next = next;
        link = &(*link)->next;
    }
}

static void settle_leaf(struct importer *m, struct foreign *leaf, struct setting s)
{
    if (s.field)
        settle_value(m, s.field, leaf);
    else if (leaf->kind == FOREIGN_WORD)
        settle_word(m, leaf, s.in_near);
    else if (leaf->kind == FOREIGN_PHRASE)
        settle_phrase(m, leaf);
    else if (leaf->kind == FOREIGN_CASE)
        settle_case(m, leaf, s.in_near);
    else
        settle_raw(m, leaf, s.in_near);
}

/* A field of values becomes its values, each with the name; a field of text stays. */
static struct foreign *settle_field(struct importer *m, struct foreign *field, struct setting s)
{
    const char *scope = s.field ? NULL : import_field_scope(m, field);

    if (s.field) {
        import_lose(m, field, "a field inside the value of another");
        field->first = NULL;
        return field;
    }
    if (scope) {
        s.in_near = false;
        settle_operands(m, field, s);
        field->ours = str_from_cstr(scope);
        return prune(field, s.is_positive);
    }
    s.field = field;
    s.in_near = false;
    struct foreign *value = settle(m, field->first, s);
    if (value->comment.len == 0)
        value->comment = field->comment;
    return value;
}

static struct foreign *settle(struct importer *m, struct foreign *node, struct setting s)
{
    struct setting inner = s;

    if (node->boost > 0 && node->count > 0)
        give_boost(node, node->boost);
    if (node->has_tilde && node->is_bracketed)
        apply_group_tilde(m, node);
    switch (node->kind) {
    case FOREIGN_NOTHING:
        return node;
    case FOREIGN_WORD:
    case FOREIGN_PHRASE:
    case FOREIGN_CASE:
    case FOREIGN_RAW:
    case FOREIGN_RANGE:
        settle_leaf(m, node, s);
        return node;
    case FOREIGN_FIELD:
        return settle_field(m, node, s);
    case FOREIGN_NOT:
        inner.is_positive = !s.is_positive;
        inner.in_near = false;
        settle_operands(m, node, inner);
        return prune(node, s.is_positive);
    case FOREIGN_AND:
        if (node->has_beside && !s.field && settle_beside(m, node))
            return node;
        break;
    case FOREIGN_OR:
        break;
    case FOREIGN_NEAR:
        inner.in_near = s.field == NULL;
        break;
    }
    settle_operands(m, node, inner);
    if (node->kind == FOREIGN_NEAR)
        settle_near(m, node);
    return prune(node, s.is_positive);
}

/* --- writing --- */

static void write_node(const struct foreign *node, struct buf *out)
{
    const char *join = node->kind == FOREIGN_OR ? " OR " : " AND ";

    if (node->comment.len > 0) {
        buf_lit(out, "<<< ");
        buf_add(out, node->comment);
        buf_lit(out, " >>> ");
    }
    if (is_leaf(node)) {
        buf_add(out, node->ours);
        return;
    }
    if (node->kind == FOREIGN_NOT)
        buf_lit(out, "NOT ");
    if (node->kind == FOREIGN_FIELD) {
        buf_add(out, node->ours);
        buf_lit(out, ":");
    }
    buf_lit(out, "(");
    for (const struct foreign *child = node->first; child; child = child->next) {
        if (child != node->first && node->kind == FOREIGN_NEAR)
            buf_printf(out, " %sNEAR/%llu ", node->is_ordered ? "O" : "",
                       (unsigned long long)node->distance);
        else if (child != node->first)
            buf_add(out, str_from_cstr(join));
        write_node(child, out);
    }
    buf_lit(out, ")");
}

/* What our grammar still refuses, a query that only excludes above all. */
static bool check_whole(struct importer *m, struct query_import *out, const struct buf *written)
{
    struct query_problems problems = {0};
    struct query query;
    struct buf canonical;
    Str text;

    if (written->is_failed || !arena_try_str(m->arena, buf_str(written), &text))
        return err_arena(m->err, m->arena);
    if (!query_parse(m->arena, m->words, text, STR_NONE, NULL, &query, &problems, m->err)) {
        query_problems_deinit(&problems);
        return false;
    }
    query_check_negative(m->arena, &query, &problems);
    vec_each (struct query_problem, problem, &problems) {
        if (problem->severity == QUERY_ERROR)
            (void)import_report(m, true, QUERY_IMPORT_SAME, 0, m->text.len, STR_F,
                                STR_A(problem->message));
    }
    out->is_usable = problems.error_count == 0;
    query_problems_deinit(&problems);
    buf_init(&canonical, QUERY_BYTES_MAX * 4);
    query_format(&query, 0, &canonical);
    bool ok = !canonical.is_failed && arena_try_str(m->arena, buf_str(&canonical), &out->text);
    buf_deinit(&canonical);
    return ok || err_arena(m->err, m->arena);
}

static void find_places(Str text, struct query_import *out)
{
    size_t at = 0;
    uint32_t line = 1, column = 1;

    for (size_t i = 0; i < out->count; i++) { /* they stand in order */
        for (; at < out->losses[i].from && at < text.len; at++) {
            if (text.ptr[at] == '\n') {
                line++;
                column = 1;
            } else if (((unsigned char)text.ptr[at] & 0xC0) != 0x80) {
                column++;
            }
        }
        out->losses[i].line = line;
        out->losses[i].column = column;
    }
}

static int compare_losses(const void *a, const void *b)
{
    const struct query_import_loss *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to != y->to ? (x->to < y->to ? -1 : 1) : str_cmp(x->message, y->message);
}

static bool take_losses(struct importer *m, struct query_import *out)
{
    out->losses = arena_try_new(m->arena, struct query_import_loss, m->losses.count + 1);
    if (!out->losses)
        return err_arena(m->err, m->arena);
    for (size_t i = 0; i < m->losses.count; i++)
        out->losses[i] = *m->losses.items[i];
    out->count = m->losses.count;
    out->lost_count = m->lost_count;
    out->approximate_count = m->approximate_count;
    if (out->count > 1)
        qsort(out->losses, out->count, sizeof *out->losses, compare_losses);
    find_places(m->text, out);
    return true;
}

static bool translate(struct importer *m, struct query_import *out)
{
    struct foreign *root = import_read(m);
    struct buf written;

    if (!root && !m->is_failed)
        (void)import_report(m, true, QUERY_IMPORT_SAME, 0, m->text.len, "the query is empty");
    if (root && !m->is_failed)
        root = settle(m, root, (struct setting){.is_positive = true});
    if (m->is_failed)
        return false;
    if (root && root->kind != FOREIGN_NOTHING) {
        buf_init(&written, QUERY_BYTES_MAX * 4);
        write_node(root, &written);
        bool ok = check_whole(m, out, &written);
        buf_deinit(&written);
        if (!ok)
            return false;
    }
    return take_losses(m, out);
}

bool query_import(struct arena *a, struct tokenizer *words, Str text, enum query_dialect dialect,
                  struct query_import *out, struct err *err)
{
    struct importer m = {.arena = a, .words = words, .dialect = dialect, .text = text, .err = err};
    size_t bad = str_utf8_invalid_at(text);

    *out = (struct query_import){0};
    if (text.len > QUERY_BYTES_MAX)
        return err_set(err, ERR_INPUT, "the query has %zu bytes, more than %llu", text.len,
                       (unsigned long long)QUERY_BYTES_MAX);
    if (bad < text.len)
        return err_set(err, ERR_INPUT, "byte %zu of the query is not valid UTF-8", bad + 1);
    bool ok = translate(&m, out);
    vec_deinit(&m.losses);
    return ok;
}

void query_import_print(const struct query_import_loss *loss, struct buf *out)
{
    const char *effect = query_import_effect_words(loss->effect);

    buf_printf(out, "%u:%u: %s: ", loss->line, loss->column,
               loss->is_lost ? "lost" : "approximate");
    buf_add(out, loss->message);
    if (*effect != '\0')
        buf_printf(out, " (the query %s)", effect);
}
