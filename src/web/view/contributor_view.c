#include "web/view/contributor_view.h"

#include "web/i18n.h"

Str contributor_side_words(const struct request *req, enum contributor_side side)
{
    static const char *const words[SIDE_COUNT] = {[SIDE_CUSTOMER] = TR("Customer"),
                                                  [SIDE_PARTNER] = TR("Partner"),
                                                  [SIDE_INFLUENCER] = TR("Influencer"),
                                                  [SIDE_ADVISORY_BOARD] = TR("Advisory board")};

    return request_tr(req, words[side]);
}

Str contribution_kind_words(const struct request *req, enum contribution_kind kind)
{
    static const char *const words[CONTRIBUTION_KIND_COUNT] = {
        [CONTRIBUTION_COMMENT] = TR("Comment"),
        [CONTRIBUTION_VOTE] = TR("Vote"),
        [CONTRIBUTION_PROPOSAL] = TR("Proposal")};

    return request_tr(req, words[kind]);
}

Str disposition_words(const struct request *req, enum disposition disposition)
{
    static const char *const words[DISPOSITION_COUNT] = {
        [DISPOSITION_OPEN] = TR("not answered yet"),
        [DISPOSITION_ACCEPTED] = TR("accepted"),
        [DISPOSITION_CHANGED] = TR("taken up, changed"),
        [DISPOSITION_DECLINED] = TR("declined")};

    return request_tr(req, words[disposition]);
}

Str disposition_colour(enum disposition disposition)
{
    static const char *const words[DISPOSITION_COUNT] = {[DISPOSITION_OPEN] = "off",
                                                         [DISPOSITION_ACCEPTED] = "green",
                                                         [DISPOSITION_CHANGED] = "amber",
                                                         [DISPOSITION_DECLINED] = "red"};

    return str_from_cstr(words[disposition]);
}

Str contribution_object_words(const struct request *req, Str kind)
{
    static const struct {
        const char *kind, *words;
    } names[] = {{"version", TR("Version")},
                 {"topic", TR("Topic")},
                 {"option", TR("Option")},
                 {"need", TR("Need")}};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(kind, str_from_cstr(names[i].kind)))
            return request_tr(req, names[i].words);
    return kind;
}

Str contribution_about(const struct request *req, const struct strategy_model *model,
                       const struct contribution *c)
{
    int kind;

    if (c->object_id.len == 0)
        return contribution_object_words(req, c->object_kind);
    if (!word_find(&words_object_kind, c->object_kind, &kind))
        return c->object_id;
    return model_label(model, (enum object_kind)kind, c->object_id);
}

Str contribution_vote_words(const struct request *req, int64_t value)
{
    return request_tr(req, value > 0   ? TR("for it")
                           : value < 0 ? TR("against it")
                                       : TR("abstains"));
}
