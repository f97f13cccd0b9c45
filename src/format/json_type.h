/* json_type.h - the kinds of JSON values, for json.h and json_bulk.h. */
#ifndef FORMAT_JSON_TYPE_H
#define FORMAT_JSON_TYPE_H

enum json_type {
    JSON_MISSING, /* no such member: what a failed look-up gives */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

#endif
