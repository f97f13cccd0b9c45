/* What may stand where. Recursion is bounded by QUERY_DEPTH_MAX. */
#include "listen/query/query_priv.h"

const char *query_kind_words(const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_NOTHING:
        return "this";
    case QUERY_WORD:
        return "a word";
    case QUERY_PHRASE:
        return "a phrase";
    case QUERY_AND:
        return "AND";
    case QUERY_OR:
        return "OR";
    case QUERY_NOT:
        return "NOT";
    case QUERY_NEAR:
        return "NEAR";
    case QUERY_SENTENCE:
        return "SENTENCE";
    case QUERY_COUNT:
        return "COUNT";
    case QUERY_SCOPE:
    case QUERY_FIELD:
        return "a field";
    case QUERY_RAW:
        return "raw:";
    case QUERY_REFERENCE:
        return "@@name";
    }
    UNREACHABLE("every kind has words");
}

const struct query_node *query_find_unplaced(const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_NOTHING: /* reported where it was found */
    case QUERY_WORD:
    case QUERY_PHRASE:
        return NULL;
    case QUERY_OR:
    case QUERY_NEAR:
    case QUERY_REFERENCE:
        for (const struct query_node *child = node->first; child; child = child->next) {
            const struct query_node *bad = query_find_unplaced(child);
            if (bad)
                return bad;
        }
        return NULL;
    default:
        return node;
    }
}

const struct query_node *query_find_unsentenced(const struct query_node *node)
{
    switch (node->kind) {
    case QUERY_NOTHING:
    case QUERY_WORD:
    case QUERY_PHRASE:
    case QUERY_NEAR:
        return NULL;
    case QUERY_AND:
    case QUERY_OR:
    case QUERY_NOT:
    case QUERY_REFERENCE:
        for (const struct query_node *child = node->first; child; child = child->next) {
            const struct query_node *bad = query_find_unsentenced(child);
            if (bad)
                return bad;
        }
        return NULL;
    default:
        return node;
    }
}

bool query_is_negative(const struct query_node *node)
{
    bool all = true, any = false;

    switch (node->kind) {
    case QUERY_AND:
    case QUERY_OR:
        for (const struct query_node *child = node->first; child; child = child->next) {
            bool negative = query_is_negative(child);
            all = all && negative;
            any = any || negative;
        }
        return node->kind == QUERY_AND ? all : any;
    case QUERY_NOT:
        return !query_is_negative(node->first);
    case QUERY_SCOPE:
    case QUERY_SENTENCE:
    case QUERY_REFERENCE:
        return node->first && query_is_negative(node->first);
    case QUERY_COUNT:
        return node->compare == QUERY_AT_MOST || node->low <= 0;
    default:
        return false;
    }
}
