#include "people/permission.h"

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_NONE] = "none",
    [ROLE_VIEWER] = "viewer",
    [ROLE_REVIEWER] = "reviewer",
    [ROLE_AGENT] = "agent",
    [ROLE_DEPARTMENT] = "department",
    [ROLE_MANAGEMENT] = "management",
    [ROLE_STRATEGIST] = "strategist",
    [ROLE_ADMIN] = "admin",
};

static const char *const permission_names[PERMISSION_COUNT] = {
    [MAY_VIEW] = "view",
    [MAY_VIEW_LEDGER] = "view_ledger",
    [MAY_IMPORT] = "import",
    [MAY_EDIT_QUERIES] = "edit_queries",
    [MAY_EDIT_MODEL] = "edit_model",
    [MAY_DECIDE] = "decide",
    [MAY_STEER] = "steer",
    [MAY_REPORT] = "report",
    [MAY_HANDLE_CASES] = "handle_cases",
    [MAY_REVIEW] = "review",
    [MAY_ERASE] = "erase",
    [MAY_MANAGE] = "manage",
};

/* The table. Deciding is management's alone: an administrator runs the program, not the company. */
static const bool table[ROLE_COUNT][PERMISSION_COUNT] = {
    [ROLE_VIEWER] = {[MAY_VIEW] = true},
    [ROLE_REVIEWER] = {[MAY_VIEW] = true, [MAY_REVIEW] = true},
    [ROLE_AGENT] = {[MAY_VIEW] = true, [MAY_HANDLE_CASES] = true, [MAY_REVIEW] = true},
    [ROLE_DEPARTMENT] = {[MAY_VIEW] = true, [MAY_REPORT] = true, [MAY_REVIEW] = true},
    [ROLE_MANAGEMENT] = {[MAY_VIEW] = true,
                         [MAY_VIEW_LEDGER] = true,
                         [MAY_DECIDE] = true,
                         [MAY_STEER] = true,
                         [MAY_REPORT] = true,
                         [MAY_REVIEW] = true},
    [ROLE_STRATEGIST] = {[MAY_VIEW] = true,
                         [MAY_VIEW_LEDGER] = true,
                         [MAY_IMPORT] = true,
                         [MAY_EDIT_QUERIES] = true,
                         [MAY_EDIT_MODEL] = true,
                         [MAY_STEER] = true,
                         [MAY_REPORT] = true,
                         [MAY_REVIEW] = true},
    [ROLE_ADMIN] = {[MAY_VIEW] = true,
                    [MAY_VIEW_LEDGER] = true,
                    [MAY_IMPORT] = true,
                    [MAY_EDIT_QUERIES] = true,
                    [MAY_EDIT_MODEL] = true,
                    [MAY_STEER] = true,
                    [MAY_REPORT] = true,
                    [MAY_HANDLE_CASES] = true,
                    [MAY_REVIEW] = true,
                    [MAY_ERASE] = true,
                    [MAY_MANAGE] = true},
};

bool role_may(enum role role, enum permission permission)
{
    ASSERT(role < ROLE_COUNT && permission < PERMISSION_COUNT);
    return table[role][permission];
}

const char *role_name(enum role role)
{
    ASSERT(role < ROLE_COUNT);
    return role_names[role];
}

bool role_from(Str name, enum role *out)
{
    for (size_t i = ROLE_NONE + 1; i < ROLE_COUNT; i++)
        if (str_eq(name, str_from_cstr(role_names[i]))) {
            *out = (enum role)i;
            return true;
        }
    return false;
}

const char *permission_name(enum permission permission)
{
    ASSERT(permission < PERMISSION_COUNT);
    return permission_names[permission];
}

static const struct {
    enum scope scope;
    const char *name;
} scopes[] = {{SCOPE_READ, "read"}, {SCOPE_IMPORT, "import"}, {SCOPE_WRITE, "write"}};

unsigned permission_scope(enum permission permission)
{
    switch (permission) {
    case MAY_VIEW:
    case MAY_VIEW_LEDGER:
        return SCOPE_READ;
    case MAY_IMPORT:
        return SCOPE_IMPORT;
    case MAY_EDIT_QUERIES:
    case MAY_EDIT_MODEL:
    case MAY_STEER:
    case MAY_REPORT:
    case MAY_HANDLE_CASES:
    case MAY_REVIEW:
        return SCOPE_WRITE;
    case MAY_DECIDE:
    case MAY_ERASE:
    case MAY_MANAGE:
    case PERMISSION_COUNT:
        break;
    }
    return 0;
}

static unsigned scope_of(Str name)
{
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        if (str_eq(name, str_from_cstr(scopes[i].name)))
            return scopes[i].scope;
    return 0;
}

bool scopes_from(Str text, unsigned *out)
{
    unsigned found = 0;
    Str name;

    while (text.len > 0) {
        str_cut(text, ',', &name, &text);
        unsigned scope = scope_of(str_trim(name));
        if (scope == 0)
            return false;
        found |= scope;
    }
    if (found == 0)
        return false;
    *out = found;
    return true;
}

const char *scope_name(enum scope scope)
{
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        if (scopes[i].scope == scope)
            return scopes[i].name;
    return "all";
}
