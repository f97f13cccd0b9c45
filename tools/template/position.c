/* position.c - an HTML state machine over the literal text of a template.
 *
 * It follows a strict subset of the HTML tokenizer: attribute values are quoted, elements are
 * closed, comments do not nest. Strictness is the point: what the machine does not understand with
 * certainty is refused at build time, so that the escaper chosen for a value is right in every
 * browser.
 *
 *     TEXT -'<'-> TAG_OPEN -letter-> TAG_NAME -blank-> IN_TAG -letter-> ATTR_NAME -'='->
 *     BEFORE_VALUE -quote-> VALUE -quote-> IN_TAG -'>'-> TEXT | PLAIN | ISLAND
 */
#include <ctype.h>

#include "template.h"

static const char *const void_elements[] = {"area",  "base", "br",   "col",    "embed", "hr", "img",
                                            "input", "link", "meta", "source", "track", "wbr"};
static const char *const url_attributes[] = {"href",   "src",      "action",    "formaction",
                                             "poster", "cite",     "hx-get",    "hx-post",
                                             "hx-put", "hx-patch", "hx-delete", "hx-push-url"};
static const char *const spoken_attributes[] = {
    "title",          "alt",   "placeholder", "aria-label", "aria-description",
    "aria-valuetext", "label", "content",     "hx-confirm", "data-text"};
static const char *const refused_attributes[] = {"style",   "srcdoc",     "srcset", "hx-vals",
                                                 "hx-vars", "hx-headers", "ping"};

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}
#define IS_ONE_OF(word, list) is_one_of((word), (list), COUNT_OF(list))

void position_init(struct position *p)
{
    memset(p, 0, sizeof *p);
}

bool position_is_in(const struct position *p, const char *element)
{
    for (size_t i = 0; i < p->depth; i++)
        if (strcmp(p->elements[i], element) == 0)
            return true;
    return false;
}

bool position_keeps_blanks(const struct position *p)
{
    return p->place != PLACE_TEXT || position_is_in(p, "pre") || position_is_in(p, "textarea");
}

static void push_element(struct position *p, struct template *t, size_t offset)
{
    if (p->depth == ELEMENT_DEPTH_MAX)
        refuse(t, offset, "elements are nested deeper than %d", ELEMENT_DEPTH_MAX);
    memcpy(p->elements[p->depth++], p->tag, sizeof p->tag);
}

static void pop_element(struct position *p, struct template *t, size_t offset)
{
    if (p->depth == 0)
        refuse(t, offset, "</%s> closes nothing", p->tag);
    if (strcmp(p->elements[p->depth - 1], p->tag) != 0)
        refuse(t, offset, "</%s> closes <%s>", p->tag, p->elements[p->depth - 1]);
    p->depth--;
    memset(p->elements[p->depth], 0, sizeof p->elements[p->depth]);
    if (p->depth < p->untranslated_from)
        p->untranslated_from = 0;
}

static enum place place_inside(const struct position *p, struct template *t, size_t offset)
{
    if (strcmp(p->tag, "style") == 0)
        refuse(t, offset, "<style> is refused: styles are static files");
    if (strcmp(p->tag, "title") == 0 || strcmp(p->tag, "textarea") == 0)
        return PLACE_PLAIN;
    if (strcmp(p->tag, "script") == 0)
        return PLACE_ISLAND;
    return PLACE_TEXT;
}

static void close_tag(struct position *p, struct template *t, size_t offset)
{
    p->place = PLACE_TEXT;
    p->letters = 0;
    if (p->is_end_tag) {
        pop_element(p, t, offset);
        return;
    }
    if (IS_ONE_OF(p->tag, void_elements) || p->is_self_closed) {
        if (p->untranslated_from > p->depth)
            p->untranslated_from = 0;
        return;
    }
    push_element(p, t, offset);
    if (!p->untranslated_from &&
        (strcmp(p->tag, "code") == 0 || strcmp(p->tag, "kbd") == 0 || strcmp(p->tag, "svg") == 0))
        p->untranslated_from = p->depth;
    p->place = place_inside(p, t, offset);
}

static void classify_attribute(struct position *p, struct template *t, size_t offset)
{
    const char *name = p->attr;

    if (strncmp(name, "on", 2) == 0 || strncmp(name, "hx-on", 5) == 0)
        refuse(t, offset, "event handler '%s' is refused: scripts are static files", name);
    if (IS_ONE_OF(name, refused_attributes))
        refuse(t, offset, "attribute '%s' is refused: there is no safe escaper for it", name);
    p->attr_kind = IS_ONE_OF(name, url_attributes)      ? ATTR_URL
                   : IS_ONE_OF(name, spoken_attributes) ? ATTR_SPOKEN
                                                        : ATTR_PLAIN;
}

static void name_byte(char *name, size_t *len, char byte, struct template *t, size_t offset)
{
    if (*len + 1 >= NAME_BYTES_MAX)
        refuse(t, offset, "name longer than %d bytes", NAME_BYTES_MAX - 1);
    name[(*len)++] = (char)tolower((unsigned char)byte);
    name[*len] = '\0';
}

static bool is_literal_translatable(const struct position *p)
{
    return !p->untranslated_from &&
           (p->place == PLACE_TEXT || p->place == PLACE_PLAIN ||
            (p->attr_kind == ATTR_SPOKEN && strcmp(p->attr, "content") != 0 &&
             (p->place == PLACE_VALUE_DOUBLE || p->place == PLACE_VALUE_SINGLE)));
}

/* Words that a reader sees belong into {_ "..."}: three letters in a row are a word. */
static void watch_letters(struct position *p, struct template *t, size_t offset, char byte)
{
    if (!is_literal_translatable(p))
        return;
    bool is_letter = isalpha((unsigned char)byte) || (unsigned char)byte >= 0xC3;
    bool is_entity = p->letters == 0 && byte == '&';

    if (is_entity)
        p->letters = 100; /* up to the semicolon */
    else if (p->letters >= 100)
        p->letters = byte == ';' ? 0 : p->letters;
    else
        p->letters = is_letter ? p->letters + 1 : 0;
    if (p->letters == 3)
        refuse(t, offset, "text for readers belongs into {_ \"...\"} (or under translate=\"no\")");
}

static void feed_text(struct position *p, struct template *t, size_t offset, char byte)
{
    if (byte == '<') {
        p->place = PLACE_TAG_OPEN;
        p->tag_len = p->attr_len = 0;
        p->is_end_tag = p->is_self_closed = p->is_json_script = p->has_source = false;
        memset(p->tag, 0, sizeof p->tag);
        memset(p->attr, 0, sizeof p->attr);
        return;
    }
    watch_letters(p, t, offset, byte);
}

static void feed_tag_open(struct position *p, struct template *t, size_t offset, char byte)
{
    if (byte == '!')
        p->place =
            str_starts(str_sub(t->text, offset, 3), S("!--")) ? PLACE_COMMENT : PLACE_DECLARATION;
    else if (byte == '/' && !p->is_end_tag)
        p->is_end_tag = true;
    else if (isalpha((unsigned char)byte)) {
        name_byte(p->tag, &p->tag_len, byte, t, offset);
        p->place = PLACE_TAG_NAME;
    } else
        refuse(t, offset, "'<' that opens no tag: write &lt;");
}

static void start_in_tag(struct position *p, struct template *t, size_t offset, char byte)
{
    p->place = PLACE_IN_TAG;
    if (byte == '>')
        close_tag(p, t, offset);
    else if (byte == '/')
        p->is_self_closed = true;
}

static void feed_in_tag(struct position *p, struct template *t, size_t offset, char byte)
{
    bool needs_blank = p->needs_blank;

    p->needs_blank = false;
    if (isspace((unsigned char)byte))
        return;
    if (byte == '>' || byte == '/') {
        start_in_tag(p, t, offset, byte);
        return;
    }
    if (needs_blank)
        refuse(t, offset, "a blank is missing in <%s> behind the block", p->tag);
    if (!isalpha((unsigned char)byte) && byte != ':' && byte != '@')
        refuse(t, offset, "unexpected '%c' in <%s>", byte, p->tag);
    p->attr_len = 0;
    memset(p->attr, 0, sizeof p->attr);
    name_byte(p->attr, &p->attr_len, byte, t, offset);
    p->place = PLACE_ATTR_NAME;
}

static void feed_attr_name(struct position *p, struct template *t, size_t offset, char byte)
{
    if (byte == '=') {
        classify_attribute(p, t, offset);
        p->place = PLACE_BEFORE_VALUE;
    } else if (isspace((unsigned char)byte) || byte == '>' || byte == '/') {
        classify_attribute(p, t, offset);
        start_in_tag(p, t, offset, byte);
    } else
        name_byte(p->attr, &p->attr_len, byte, t, offset);
}

static void note_literal_value(struct position *p, struct template *t, size_t offset)
{
    Str value = str_sub(t->text, offset + 1, 24);

    if (strcmp(p->tag, "script") == 0 && strcmp(p->attr, "type") == 0)
        p->is_json_script = str_starts(value, S("application/json"));
    if (strcmp(p->attr, "src") == 0)
        p->has_source = true;
    if (strcmp(p->attr, "translate") == 0 && str_starts(value, S("no")) && !p->untranslated_from)
        p->untranslated_from = p->depth + 1;
}

static void feed_before_value(struct position *p, struct template *t, size_t offset, char byte)
{
    if (byte != '"' && byte != '\'')
        refuse(t, offset, "the value of '%s' is not quoted", p->attr);
    p->place = byte == '"' ? PLACE_VALUE_DOUBLE : PLACE_VALUE_SINGLE;
    p->is_value_start = true;
    p->letters = 0;
    note_literal_value(p, t, offset);
}

static void feed_value(struct position *p, struct template *t, size_t offset, char byte, char quote)
{
    if (byte == quote) {
        p->place = PLACE_IN_TAG;
        return;
    }
    p->is_value_start = false;
    watch_letters(p, t, offset, byte);
}

static bool ends_element(const struct position *p, struct template *t, size_t offset)
{
    Str rest = str_sub(t->text, offset, 2 + p->tag_len);

    return rest.len == 2 + p->tag_len && str_starts(rest, S("</")) &&
           str_eq_nocase(str_sub(rest, 2, p->tag_len), (Str){p->tag, p->tag_len});
}

static void feed_raw(struct position *p, struct template *t, size_t offset, char byte)
{
    if (byte == '<' && ends_element(p, t, offset)) {
        feed_text(p, t, offset, byte);
        return;
    }
    if (p->place == PLACE_ISLAND && !p->is_json_script && !isspace((unsigned char)byte))
        refuse(t, offset, "a script body is refused: scripts are static files");
    if (p->place == PLACE_PLAIN)
        watch_letters(p, t, offset, byte);
}

void position_feed(struct position *p, struct template *t, size_t offset, char byte)
{
    switch (p->place) {
    case PLACE_TEXT:
        feed_text(p, t, offset, byte);
        break;
    case PLACE_TAG_OPEN:
        feed_tag_open(p, t, offset, byte);
        break;
    case PLACE_TAG_NAME:
        if (isspace((unsigned char)byte) || byte == '>' || byte == '/')
            start_in_tag(p, t, offset, byte);
        else
            name_byte(p->tag, &p->tag_len, byte, t, offset);
        break;
    case PLACE_IN_TAG:
        feed_in_tag(p, t, offset, byte);
        break;
    case PLACE_ATTR_NAME:
        feed_attr_name(p, t, offset, byte);
        break;
    case PLACE_BEFORE_VALUE:
        feed_before_value(p, t, offset, byte);
        break;
    case PLACE_VALUE_DOUBLE:
        feed_value(p, t, offset, byte, '"');
        break;
    case PLACE_VALUE_SINGLE:
        feed_value(p, t, offset, byte, '\'');
        break;
    case PLACE_COMMENT:
        if (byte == '>' && offset >= 2 && str_eq(str_sub(t->text, offset - 2, 2), S("--")))
            p->place = PLACE_TEXT;
        break;
    case PLACE_DECLARATION:
        if (byte == '>')
            p->place = PLACE_TEXT;
        break;
    case PLACE_PLAIN:
    case PLACE_ISLAND:
        feed_raw(p, t, offset, byte);
        break;
    }
}

void position_value(struct position *p)
{
    p->is_value_start = false;
    p->letters = 0;
}

/* Inside a tag, a name may end where a block ends: what follows then has to be a blank. */
static bool is_in_tag(const struct position *p)
{
    return p->place == PLACE_TAG_NAME || p->place == PLACE_IN_TAG || p->place == PLACE_ATTR_NAME;
}

static bool position_is_same(const struct position *a, const struct position *b)
{
    return (a->place == b->place || (is_in_tag(a) && is_in_tag(b))) && a->depth == b->depth &&
           memcmp(a->elements, b->elements, sizeof a->elements) == 0 &&
           (a->place != PLACE_VALUE_DOUBLE || strcmp(a->attr, b->attr) == 0) &&
           (a->place == PLACE_TEXT || strcmp(a->tag, b->tag) == 0);
}

bool position_join(struct position *into, const struct position *other)
{
    if (!position_is_same(into, other))
        return false;
    into->is_value_start |= other->is_value_start;
    if (into->place != other->place) {
        into->place = PLACE_IN_TAG;
        into->needs_blank = true;
    }
    into->needs_blank |= other->needs_blank;
    return true;
}

const char *position_name(const struct position *p)
{
    static const char *const names[] = {"text",
                                        "a tag that opens",
                                        "the name of a tag",
                                        "a tag between attributes",
                                        "an attribute's name",
                                        "an unquoted attribute",
                                        "an attribute",
                                        "an attribute",
                                        "a comment",
                                        "a declaration",
                                        "plain text",
                                        "a JSON island"};

    return names[p->place];
}
