#include "web/view/action_name.h"

struct action {
    const char *action, *name;
};

/* Names stand beside the object: "Decided · Version A". */
static const struct action actions[] = {
    {"account.create", TR("Account created")},
    {"account.disable", TR("Account closed")},
    {"account.enable", TR("Account opened again")},
    {"account.password", TR("Password set")},
    {"account.role", TR("Role given")},
    {"account.token_create", TR("Access token made")},
    {"account.token_revoke", TR("Access token revoked")},
    {"alert.acknowledge", TR("Alert acknowledged")},
    {"alert_rule.change", TR("Alert rule changed")},
    {"alert_rule.create", TR("Alert rule created")},
    {"alert_rule.off", TR("Alert rule switched off")},
    {"alert_rule.on", TR("Alert rule switched on")},
    {"assumption.arm", TR("Watch begun")},
    {"assumption.disarm", TR("Watch ended")},
    {"assumption.state", TR("State changed")},
    {"author.erase", TR("Author erased")},
    {"contribution.answer", TR("Contribution answered")},
    {"contribution.send", TR("Contribution received")},
    {"contributor.agree", TR("Agreement signed")},
    {"contributor.erase", TR("Contributor erased")},
    {"contributor.invite", TR("Contributor invited")},
    {"contributor.revoke", TR("Link withdrawn")},
    {"import.finish", TR("Posts imported")},
    {"label_round.close", TR("Labelling finished")},
    {"label_round.discard", TR("Labelling discarded")},
    {"posts.export", TR("Posts exported")},
    {"posts.rematch", TR("Posts matched again")},
    {"query.activate", TR("Query activated")},
    {"query.change", TR("Query changed")},
    {"query.correct", TR("Mood corrected")},
    {"query.create", TR("Query created")},
    {"query.pause", TR("Query paused")},
    {"query.remove", TR("Query removed")},
    {"review.add", TR("Review continued")},
    {"review.close", TR("Review closed")},
    {"review.open", TR("Review opened")},
    {"simulation.run", TR("Risk simulated")},
    {"source.change", TR("Source changed")},
    {"source.create", TR("Source created")},
    {"source.expire", TR("Old posts removed")},
    {"source.off", TR("Source switched off")},
    {"source.on", TR("Source switched on")},
    {"source.remove", TR("Source removed")},
    {"upload.add", TR("File uploaded")},
    {"upload.remove", TR("Uploaded file removed")},
    {"version.decide", TR("Decided")},
    {"view.change", TR("View changed")},
    {"view.create", TR("View saved")},
    {"view.remove", TR("View removed")},
    {"workspace.backup", TR("Backup made")},
    {"workspace.backup_download", TR("Backup downloaded")},
    {"workspace.backup_remove", TR("Backup removed")},
    {"workspace.create", TR("Workspace created")},
    {"workspace.remove", TR("Workspace removed")},
    {"workspace.restore", TR("Workspace restored")},
};

/* What the store of the model does to objects of every kind. */
static const struct action verbs[] = {
    {".create", TR("Created")},
    {".change", TR("Changed")},
    {".remove", TR("Removed")},
    {".import", TR("Imported")},
};

Str action_name(struct request *req, Str action)
{
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (str_eq(action, str_from_cstr(actions[i].action)))
            return request_tr(req, actions[i].name);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (str_ends(action, str_from_cstr(verbs[i].action)))
            return request_tr(req, verbs[i].name);
    return action;
}

bool action_name_nth(size_t n, Str *action)
{
    if (n >= COUNT_OF(actions))
        return false;
    *action = str_from_cstr(actions[n].action);
    return true;
}
