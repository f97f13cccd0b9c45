/* contributor_view.h - words of contributors and contributions for both of their pages. */
#ifndef WEB_CONTRIBUTOR_VIEW_H
#define WEB_CONTRIBUTOR_VIEW_H

#include "people/contribution.h"
#include "strategy/model/model.h"
#include "web/request.h"

Str contributor_side_words(const struct request *req, enum contributor_side side);
Str contribution_kind_words(const struct request *req, enum contribution_kind kind);
Str disposition_words(const struct request *req, enum disposition disposition);
/* "green", "amber", "red", "off": of the badge. */
Str disposition_colour(enum disposition disposition);
/* "Topic", "Option", "Version", "Need"; what else is stored comes back as it is. */
Str contribution_object_words(const struct request *req, Str kind);
/* The name of the object: its id when it is gone. Of a proposal what is proposed. */
Str contribution_about(const struct request *req, const struct strategy_model *model,
                       const struct contribution *c);
/* "+1", "0", "-1" with a real minus sign. */
Str contribution_vote_words(const struct request *req, int64_t value);

#endif
