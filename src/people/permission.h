/* permission.h - who may do what: roles, permissions, and the table between them.
 *
 * A person has at most one role per workspace. What a role may do is the table in permission.c, and
 * nothing else: code asks role_may(), never compares roles. Pure, any thread.
 */
#ifndef PEOPLE_PERMISSION_H
#define PEOPLE_PERMISSION_H

#include "base/str.h"

enum role {
    ROLE_NONE, /* no access */
    ROLE_VIEWER,
    ROLE_REVIEWER,
    ROLE_AGENT,
    ROLE_DEPARTMENT,
    ROLE_MANAGEMENT,
    ROLE_STRATEGIST,
    ROLE_ADMIN,
    ROLE_COUNT
};

enum permission {
    MAY_VIEW,         /* read everything but ledger and accounts */
    MAY_VIEW_LEDGER,  /* read and verify the ledger */
    MAY_IMPORT,       /* bring posts in, run and stop sources */
    MAY_EDIT_QUERIES, /* standing queries, competitors, labels */
    MAY_EDIT_MODEL,   /* business model, goals, potentials, topics, options, versions, ratings */
    MAY_DECIDE,       /* adopt or reject a strategy, reopen it */
    MAY_STEER,        /* assumptions, KPIs, programmes, reviews */
    MAY_REPORT,       /* department: results, benefits, process owners */
    MAY_HANDLE_CASES, /* inbox, cases, incidents */
    MAY_REVIEW,       /* approve content, comment on drafts */
    MAY_ERASE,        /* erasure and export of personal data */
    MAY_MANAGE,       /* roles, tokens, settings of the workspace */
    PERMISSION_COUNT
};

bool role_may(enum role role, enum permission permission);
const char *role_name(enum role role);                   /* "strategist" */
bool role_from(Str name, enum role *out) MUST_CHECK;     /* not "none" */
const char *permission_name(enum permission permission); /* "view", "edit_model" */

/* What an API token may be used for; a token never grants more than its owner's role. */
enum scope {
    SCOPE_READ = 1,   /* MAY_VIEW, MAY_VIEW_LEDGER */
    SCOPE_IMPORT = 2, /* MAY_IMPORT */
    SCOPE_WRITE = 4,  /* everything else but deciding, erasing and managing */
    SCOPE_ALL = 7
};
/* 0: no token may do it. */
unsigned permission_scope(enum permission permission);
/* "read,import"; ERR-free: false for an unknown word or none. */
bool scopes_from(Str text, unsigned *out) MUST_CHECK;
const char *scope_name(enum scope scope);

#endif
