/* The fields of the three dialects. One table says for each field what becomes of it; a field that
 * is in no row and is none of ours is left out. */
#include <string.h>

#include "listen/query/query_import_priv.h"

enum {
    BW = 1 << QUERY_DIALECT_BRANDWATCH,
    MW = 1 << QUERY_DIALECT_MELTWATER,
    TW = 1 << QUERY_DIALECT_TALKWALKER
};

enum action {
    ACT_SCOPE,   /* its value is text */
    ACT_VALUE,   /* the value as it is */
    ACT_HOST,    /* the host of an address */
    ACT_ADDRESS, /* scheme and www. dropped */
    ACT_PREFIX,  /* an address and what begins with it */
    ACT_RAW,     /* as written, signs included */
    ACT_KIND,    /* COMMENT, REPLY, RETWEET, QUOTE; others are left out */
    ACT_SOURCE,  /* SOCIALMEDIA_TWITTER: the part behind the last _ in small letters */
    ACT_LOSE,
};

struct foreign_field {
    unsigned dialects;
    const char *name;
    enum action action;
    const char *ours;
    enum query_import_effect effect; /* with a note: it is approximate */
    const char *note;                /* or NULL: the same meaning */
};

#define SAME       QUERY_IMPORT_SAME
#define WIDER      QUERY_IMPORT_WIDER
#define EITHER     QUERY_IMPORT_EITHER
#define NO_GENDER  "gender is not inferred"
#define NO_PLACE   "places are known by country only"
#define NO_PICTURE "pictures are not looked at"

static const struct foreign_field fields[] = {
    {BW | MW | TW, "title", ACT_SCOPE, "title", SAME, NULL},
    {MW, "ingress", ACT_SCOPE, "lead", SAME, NULL},
    {TW, "content", ACT_SCOPE, "body", SAME, NULL},
    {BW, "raw", ACT_RAW, "raw", WIDER, "capitals do not matter to raw:"},
    {BW | TW, "author", ACT_VALUE, "author", SAME, NULL},
    {BW, "blogName", ACT_VALUE, "author", EITHER, "a blog is known by its author"},
    {BW, "weblogTitle", ACT_VALUE, "author", SAME, NULL},
    {BW, "authorFollowers", ACT_VALUE, "followers", SAME, NULL},
    {BW, "authorVerified", ACT_VALUE, "verified", SAME, NULL},
    {BW, "authorVerifiedType", ACT_LOSE, NULL, SAME, "kinds of verification are not told apart"},
    {BW, "authorGender", ACT_LOSE, NULL, SAME, NO_GENDER},
    {TW, "gender", ACT_LOSE, NULL, SAME, NO_GENDER},
    {BW | TW, "site", ACT_HOST, "site", SAME, NULL},
    {TW, "domainurl", ACT_HOST, "site", SAME, NULL},
    {BW | TW, "url", ACT_PREFIX, "url", SAME, NULL},
    {BW, "links", ACT_ADDRESS, "links", SAME, NULL},
    {BW, "topLevelDomain", ACT_VALUE, "tld", SAME, NULL},
    {BW, "subreddit", ACT_VALUE, "channel", SAME, NULL},
    {BW, "channelId", ACT_VALUE, "channel", EITHER, "channels are known by name, not by number"},
    {TW, "sourcetype", ACT_SOURCE, "source", EITHER, "sources are known by the names given here"},
    {BW, "language", ACT_VALUE, "lang", SAME, NULL},
    {TW, "lang", ACT_VALUE, "lang", SAME, NULL},
    {BW, "country", ACT_VALUE, "country", SAME, NULL},
    {TW, "sourcecountry", ACT_VALUE, "country", SAME, NULL},
    {BW, "continent", ACT_LOSE, NULL, SAME, NO_PLACE},
    {BW, "region", ACT_LOSE, NULL, SAME, NO_PLACE},
    {BW, "city", ACT_LOSE, NULL, SAME, NO_PLACE},
    {BW, "latitude", ACT_LOSE, NULL, SAME, NO_PLACE},
    {BW, "longitude", ACT_LOSE, NULL, SAME, NO_PLACE},
    {BW, "engagementType", ACT_KIND, "kind", SAME, NULL},
    {BW, "engagingWith", ACT_VALUE, "replyto", QUERY_IMPORT_NARROWER, "only replies are found"},
    {BW, "engagingWithGuid", ACT_VALUE, "replyto", QUERY_IMPORT_NARROWER, "only replies are found"},
    {BW, "parentPostId", ACT_VALUE, "replyto", QUERY_IMPORT_NARROWER, "only replies are found"},
    {BW, "rootPostId", ACT_VALUE, "thread", EITHER, "answers are found, reposts are not"},
    {BW, "guid", ACT_VALUE, "id", SAME, NULL},
    {BW, "hashtags", ACT_VALUE, "hashtag", SAME, NULL},
    {BW, "tags", ACT_VALUE, "hashtag", EITHER, "tags are looked for as hashtags"},
    {BW, "at_mentions", ACT_VALUE, "mention", SAME, NULL},
    {TW, "mention", ACT_VALUE, "mention", SAME, NULL},
    {BW, "rating", ACT_VALUE, "rating", SAME, NULL},
    {BW, "itemReview", ACT_VALUE, "product", SAME, NULL},
    {BW, "minuteOfDay", ACT_VALUE, "minute", SAME, NULL},
    {BW, "pubType", ACT_VALUE, "dataset", SAME, NULL},
    {BW, "brandIds", ACT_LOSE, NULL, SAME, NO_PICTURE},
    {BW, "objects", ACT_LOSE, NULL, SAME, NO_PICTURE},
    {BW, "imageType", ACT_LOSE, NULL, SAME, NO_PICTURE},
    {BW, "publisherSubType", ACT_LOSE, NULL, SAME, NO_PICTURE},
    {TW, "is", ACT_LOSE, NULL, SAME, "reposts are asked for by kind:repost"},
    {TW, "engagement", ACT_VALUE, "engagement", EITHER,
     "engagement is likes, replies and reposts here"},
};

static const struct foreign_field *find_field(const struct importer *m, Str name)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if ((fields[i].dialects & 1u << m->dialect) &&
            str_eq_nocase(name, str_from_cstr(fields[i].name)))
            return &fields[i];
    return NULL;
}

const char *import_field_scope(struct importer *m, const struct foreign *field)
{
    const struct foreign_field *row = find_field(m, field->text);

    return row && row->action == ACT_SCOPE ? row->ours : NULL;
}

/* In quotes where it would not be read whole without; a quote inside has no way to be said. */
static void put_value(struct buf *out, Str value)
{
    bool is_plain =
        value.len > 0 && query_word_end(value, 0) == value.len && !str_starts(value, S("//"));

    buf_add(out, is_plain ? STR_NONE : S("\""));
    buf_add(out, value);
    buf_add(out, is_plain ? STR_NONE : S("\""));
}

static void put_small(struct buf *out, Str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        buf_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static void put_address(struct buf *out, Str address)
{
    struct buf folded;

    buf_init(&folded, address.len + 64);
    query_address_fold(address, &folded);
    put_value(out, buf_str(&folded));
    buf_deinit(&folded);
}

static bool put_kind(struct importer *m, struct foreign *leaf, struct buf *out)
{
    static const char *const same[] = {"COMMENT", "REPLY", "QUOTE"};

    for (size_t i = 0; i < COUNT_OF(same); i++)
        if (str_eq_nocase(leaf->text, str_from_cstr(same[i]))) {
            put_small(out, leaf->text);
            return true;
        }
    if (str_eq_nocase(leaf->text, S("RETWEET"))) {
        buf_lit(out, "repost");
        return true;
    }
    import_lose(m, leaf, "there is no kind of post '" STR_F "'", STR_A(import_shown(leaf->text)));
    return false;
}

static bool put_source(struct importer *m, struct foreign *leaf, struct buf *out)
{
    size_t at = leaf->text.len;

    while (at > 0 && leaf->text.ptr[at - 1] != '_')
        at--;
    if (!str_starts(leaf->text, S("SOCIALMEDIA_")) || at == leaf->text.len) {
        import_lose(m, leaf, "there is no source type '" STR_F "'",
                    STR_A(import_shown(leaf->text)));
        return false;
    }
    put_small(out, str_sub(leaf->text, at, leaf->text.len));
    return true;
}

static bool put_by_action(struct importer *m, enum action action, struct foreign *leaf,
                          struct buf *out)
{
    switch (action) {
    case ACT_KIND:
        return put_kind(m, leaf, out);
    case ACT_SOURCE:
        return put_source(m, leaf, out);
    case ACT_RAW:
        buf_lit(out, "\"");
        buf_add(out, leaf->text);
        buf_lit(out, "\"");
        return true;
    case ACT_HOST:
        put_address(out, query_address_host(leaf->text));
        return true;
    case ACT_ADDRESS:
        put_address(out, leaf->text);
        return true;
    case ACT_PREFIX:
        put_address(out, leaf->text);
        if (out->len > 0 && out->ptr[out->len - 1] != '*' && out->ptr[out->len - 1] != '"')
            buf_lit(out, "*");
        return true;
    default:
        if (leaf->kind == FOREIGN_RANGE)
            buf_add(out, leaf->text);
        else
            put_value(out, leaf->text);
        return true;
    }
}

bool import_field_value(struct importer *m, const struct foreign *field, struct foreign *leaf,
                        struct buf *out)
{
    const struct foreign_field *row = find_field(m, field->text);
    Str name = import_shown(field->text);

    if (!row && !query_field_find(field->text)) {
        import_lose(m, leaf, "the field '" STR_F ":' has no counterpart", STR_A(name));
        return false;
    }
    if (row && row->action == ACT_LOSE) {
        import_lose(m, leaf, "'" STR_F ":': %s", STR_A(name), row->note);
        return false;
    }
    Str ours = row ? str_from_cstr(row->ours) : field->text;
    if (str_find_byte(leaf->text, '*') < leaf->text.len && !str_eq(ours, S("url")) &&
        !str_eq(ours, S("links"))) {
        import_lose(m, leaf, "'" STR_F ":' takes no wildcard here", STR_A(name));
        return false;
    }
    buf_add(out, ours);
    buf_lit(out, ":");
    if (!put_by_action(m, row ? row->action : ACT_VALUE, leaf, out))
        return false;
    if (row && row->note)
        import_report(m, false, row->effect, field->from, leaf->to,
                      "'" STR_F ":' becomes %s:, but %s", STR_A(name), row->ours, row->note);
    else if (!row)
        import_report(m, false, EITHER, field->from, leaf->to,
                      "'" STR_F ":' is not documented for %s and taken as ours", STR_A(name),
                      query_dialect_title(m->dialect));
    return true;
}
