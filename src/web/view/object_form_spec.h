/* object_form_spec.h - how the forms are written down: for object_form_<step>.c and
 * object_form_spec.c.
 */
#ifndef WEB_OBJECT_FORM_SPEC_H
#define WEB_OBJECT_FORM_SPEC_H

#include "web/view/object_form.h"

#define CHOICE(path, label, name, hint)                                                            \
    {                                                                                              \
        path, label, FORM_CHOICE, hint, #name, &words_##name, 0, NULL, false                       \
    }
#define TEXT(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_TEXT, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define LONG(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_LONG, hint, NULL, NULL, 0, NULL, true                                    \
    }
#define NUMBER(path, label, hint)                                                                  \
    {                                                                                              \
        path, label, FORM_NUMBER, hint, NULL, NULL, 0, NULL, false                                 \
    }
#define TEXTS(path, label, hint)                                                                   \
    {                                                                                              \
        path, label, FORM_TEXTS, hint, NULL, NULL, 0, NULL, true                                   \
    }
#define DATE(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_DATE, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define BOOL(path, label, hint)                                                                    \
    {                                                                                              \
        path, label, FORM_BOOL, hint, NULL, NULL, 0, NULL, false                                   \
    }
#define REF(path, label, kind, hint)                                                               \
    {                                                                                              \
        path, label, FORM_REF, hint, NULL, NULL, kind, NULL, false                                 \
    }
#define REFS(path, label, kind, hint)                                                              \
    {                                                                                              \
        path, label, FORM_REFS, hint, NULL, NULL, kind, NULL, true                                 \
    }
#define ORIGINS(path, label, hint)                                                                 \
    {                                                                                              \
        path, label, FORM_ORIGINS, hint, NULL, NULL, OBJECT_ELEMENT, NULL, true                    \
    }
#define CATALOGUE(path, label, kind)                                                               \
    {                                                                                              \
        path, label, kind, NULL, NULL, NULL, 0, NULL, true                                         \
    }
#define CATALOGUE_ONE(path, label, kind)                                                           \
    {                                                                                              \
        path, label, kind, NULL, NULL, NULL, 0, NULL, false                                        \
    }
#define CHOICES(path, label, name, hint)                                                           \
    {                                                                                              \
        path, label, FORM_WORDS, hint, #name, &words_##name, 0, NULL, true                         \
    }
#define TABLE(path, label, cols, hint)                                                             \
    {                                                                                              \
        path, label, FORM_TABLE, hint, NULL, NULL, 0, cols, true                                   \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, false                                            \
    }

struct object_form_list {
    const struct object_form_spec *items;
    size_t count;
};
extern const struct object_form_list object_form_company, object_form_assessment, object_form_topic,
    object_form_option, object_form_version, object_form_condition, object_form_worksheet,
    object_form_goal, object_form_component;

#endif
